//! A copy-on-write table of things with ids.

use crate::base::SortedMap;
use serde::{Serialize, Serializer};
use std::rc::Rc;

/// Things of one kind, by id. Cloning costs a reference count for each: a thing is copied only when it is
/// changed while a clone exists. That is what makes `World: Clone` cheap and time travel affordable.
///
/// Ids are handed out in ascending order and never again, so an event that names one stays true.
/// Iteration is in id order on every target.
///
/// ```
/// use sockscope::base::{Arena, SockId};
/// let mut table: Arena<SockId, String> = Arena::default();
/// let id = table.insert("listener".into());
/// let snapshot = table.clone();
/// table.get_mut(id).unwrap().push('!');
/// assert_eq!(snapshot.get(id).unwrap(), "listener");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arena<K, T> {
    things: SortedMap<K, Rc<T>>,
    next: u32,
}

impl<K: Ord, T> Default for Arena<K, T> {
    fn default() -> Self {
        Arena {
            things: SortedMap::default(),
            next: 1,
        }
    }
}

impl<K: Ord + Copy + From<u32>, T: Clone> Arena<K, T> {
    /// Adds a thing and says which id it got.
    pub fn insert(&mut self, thing: T) -> K {
        let id = K::from(self.next);
        self.next += 1;
        self.things.insert(id, Rc::new(thing));
        id
    }
}

impl<K: Ord + Copy, T: Clone> Arena<K, T> {
    /// Puts a thing in under an id that its owner chose (a pid, for example).
    pub fn put(&mut self, id: K, thing: T) {
        self.things.insert(id, Rc::new(thing));
    }

    /// The thing of that id, if it still exists.
    pub fn get(&self, id: K) -> Option<&T> {
        self.things.get(&id).map(Rc::as_ref)
    }

    /// The thing of that id, to change.
    pub fn get_mut(&mut self, id: K) -> Option<&mut T> {
        let thing = self.things.get_mut(&id)?;
        // As `Rc::make_mut`, which also knows weak references, at some length.
        if Rc::get_mut(thing).is_none() {
            *thing = Rc::new(T::clone(thing));
        }
        Rc::get_mut(thing)
    }

    /// Takes the thing out; its id is not given again.
    pub fn remove(&mut self, id: K) -> Option<Rc<T>> {
        self.things.remove(&id)
    }

    /// Whether that id still exists.
    pub fn contains(&self, id: K) -> bool {
        self.things.contains_key(&id)
    }

    /// Everything, in id order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &T)> {
        self.things.iter().map(|(id, thing)| (*id, thing.as_ref()))
    }

    /// All ids, ascending.
    #[inline(never)]
    pub fn ids(&self) -> Vec<K> {
        let mut ids = Vec::new();
        for (id, _) in self.things.iter() {
            ids.push(*id);
        }
        ids
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.things.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }
}

impl<K: Ord + Copy + Serialize, T: Clone + Serialize> Serialize for Arena<K, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SockId;

    #[test]
    fn a_removed_id_is_not_given_again() {
        let mut arena: Arena<SockId, u8> = Arena::default();
        let first = arena.insert(1);
        assert_eq!(arena.remove(first).as_deref(), Some(&1));
        assert_ne!(arena.insert(2), first);
        assert_eq!(arena.get(first), None);
    }

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let mut arena: Arena<SockId, u8> = Arena::default();
        let id = arena.insert(1);
        let before = arena.clone();
        *arena.get_mut(id).unwrap() = 2;
        arena.insert(3);
        assert_eq!((before.get(id), before.len()), (Some(&1), 1));
        assert_ne!(before, arena);
    }
}
