//! A small ordered map.

use serde::{Serialize, Serializer};

/// A map that keeps its entries sorted in one vector. Iteration is in key order on every target.
///
/// The maps of a simulated host are small, and most of them grow at the end, because ids ascend. There
/// this is as fast as a tree; and it is a tenth of a tree's code, which the page has to carry once for
/// every kind of entry. Inserting in the middle of n entries moves up to n of them.
///
/// ```
/// use sockscope::base::SortedMap;
/// let mut ports = SortedMap::default();
/// ports.insert(12345u16, "server");
/// ports.insert(80, "web");
/// assert_eq!(ports.iter().next(), Some((&80, &"web")));
/// assert_eq!(ports.remove(&80), Some("web"));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
}

impl<K: Clone, V: Clone> Clone for SortedMap<K, V> {
    /// Not inlined: for all arenas it is the same code.
    #[inline(never)]
    fn clone(&self) -> Self {
        SortedMap {
            entries: self.entries.clone(),
        }
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        SortedMap {
            entries: Vec::new(),
        }
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Where a key is, or would be. Not inlined: for all maps by an id it is the same code.
    #[inline(never)]
    fn find(&self, key: &K) -> Result<usize, usize> {
        match self.entries.last() {
            None => return Err(0),
            Some((last, _)) if last < key => return Err(self.entries.len()),
            Some(_) => {}
        }
        self.entries.binary_search_by(|(k, _)| k.cmp(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.entries[at].1)
    }

    /// The value of a key, to change.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|at| &mut self.entries[at].1)
    }

    /// Whether there is a value for the key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Sets the value of a key and gives back the one that it had.
    #[inline(never)]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a value out.
    #[inline(never)]
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|at| self.entries.remove(at).1)
    }

    /// The value of a key, made first if there is none.
    pub fn get_or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = match self.find(&key) {
            Ok(at) => at,
            Err(at) => {
                self.entries.insert(at, (key, value));
                at
            }
        };
        &mut self.entries[at].1
    }

    /// Everything, by ascending key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The last entry whose key is not above `key`.
    pub fn last_up_to(&self, key: &K) -> Option<(&K, &V)> {
        let end = self.find(key).map_or_else(|at| at, |at| at + 1);
        self.entries[..end].last().map(|(key, value)| (key, value))
    }

    /// Keeps the entries for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.entries.retain(|(key, value)| keep(key, value));
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = SortedMap::default();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K: Serialize, V: Serialize> Serialize for SortedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries.iter().map(|(key, value)| (key, value)))
    }
}

/// Sorts by a key, stably: for what is short or nearly in order. The standard library's sorts would take kilobytes of
/// the page for every type that is sorted.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && key(&items[at - 1]) > key(&items[at]) {
            items.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Takes one out of a list of ids, wherever it stands: for all ids it is the same code.
#[inline(never)]
pub(crate) fn forget<T: Copy + PartialEq>(items: &mut Vec<T>, gone: T) {
    while let Some(at) = items.iter().position(|item| *item == gone) {
        items.remove(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn does_what_a_tree_does(steps in prop::collection::vec((0u8..20, any::<bool>()), 0..60)) {
            let (mut ours, mut tree) = (SortedMap::default(), BTreeMap::new());
            for (n, (key, insert)) in steps.into_iter().enumerate() {
                if insert {
                    prop_assert_eq!(ours.insert(key, n), tree.insert(key, n));
                } else {
                    prop_assert_eq!(ours.remove(&key), tree.remove(&key));
                }
                prop_assert_eq!(ours.last_up_to(&key), tree.range(..=key).next_back());
            }
            prop_assert!(ours.iter().eq(tree.iter()));
        }
    }
}
