//! Tables: numbers found by what they stand for.
//!
//! Plain numbers in plain vectors, so that one copy of the code serves every table of the compiler.

use super::token::Sym;

/// Numbers found again by a hash of what they stand for. The order of what is in it is nowhere seen.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Index {
    /// Hash and 1 + number; a power of two of them, at most half in use.
    slots: Vec<(u64, u32)>,
    used: usize,
}

/// Nothing is there.
const NONE: u32 = u32::MAX;

impl Index {
    /// The number with that hash of which `is` holds.
    pub(crate) fn find(&self, hash: u64, is: &dyn Fn(u32) -> bool) -> Option<u32> {
        let mut at = hash as usize;
        while let Some((own, number)) = self.slots.get(at & self.slots.len().wrapping_sub(1)) {
            if *number == 0 {
                break;
            }
            if *own == hash && is(number - 1) {
                return Some(number - 1);
            }
            at = at.wrapping_add(1);
        }
        None
    }

    /// Adds a number that is not in it.
    #[inline(never)]
    pub(crate) fn add(&mut self, hash: u64, number: u32) {
        if 2 * self.used >= self.slots.len() {
            let room = (2 * self.slots.len()).max(16);
            let old = std::mem::replace(&mut self.slots, vec![(0, 0); room]);
            for (hash, number) in old {
                if number != 0 {
                    self.put(hash, number);
                }
            }
        }
        self.used += 1;
        self.put(hash, number + 1);
    }

    fn put(&mut self, hash: u64, number: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (hash, number);
    }
}

/// A hash of words, the same on every target.
pub(crate) fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0, |hash, word| mix(hash, *word))
}

/// A hash of bytes, the same on every target.
#[inline(never)]
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |hash, byte| mix(hash, u64::from(*byte)))
}

fn mix(hash: u64, word: u64) -> u64 {
    let mixed = (hash ^ word)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

/// A number for some of the names.
#[derive(Debug, Default)]
pub(crate) struct ByName(Vec<u32>);

impl ByName {
    /// The name's number.
    pub(crate) fn get(&self, name: Sym) -> Option<u32> {
        let number = self.0.get(name.0 as usize).copied();
        number.filter(|number| *number != NONE)
    }

    /// Gives the name a number, or takes it away.
    #[inline(never)]
    pub(crate) fn set(&mut self, name: Sym, number: Option<u32>) {
        let at = name.0 as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, NONE);
        }
        self.0[at] = number.unwrap_or(NONE);
    }
}

/// Numbers of names in nested scopes. The outermost is always open.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    outermost: ByName,
    /// For each name 1 + the innermost of its bindings below.
    inner: ByName,
    bindings: Vec<Binding>,
    /// For each inner scope how many bindings there were when it was opened.
    open: Vec<u32>,
}

#[derive(Debug)]
struct Binding {
    name: Sym,
    number: u32,
    depth: u32,
    /// What the name was bound to before, in [`Scopes::inner`]'s terms.
    hidden: Option<u32>,
}

impl Scopes {
    /// How many scopes are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len() + 1
    }

    pub(crate) fn open(&mut self) {
        self.open.push(self.bindings.len() as u32);
    }

    /// Closes scopes until only so many are open.
    pub(crate) fn close_to(&mut self, depth: usize) {
        while self.depth() > depth.max(1) {
            let first = self.open.pop().unwrap_or(0) as usize;
            while self.bindings.len() > first {
                if let Some(binding) = self.bindings.pop() {
                    self.inner.set(binding.name, binding.hidden);
                }
            }
        }
    }

    /// Closes the innermost scope.
    pub(crate) fn close(&mut self) {
        self.close_to(self.open.len());
    }

    fn binding(&self, name: Sym) -> Option<&Binding> {
        self.bindings.get(self.inner.get(name)? as usize)
    }

    /// The name's number, from the innermost scope that has one.
    pub(crate) fn find(&self, name: Sym) -> Option<u32> {
        match self.binding(name) {
            Some(binding) => Some(binding.number),
            None => self.outermost.get(name),
        }
    }

    /// The name's number in the innermost scope alone.
    pub(crate) fn find_last(&self, name: Sym) -> Option<u32> {
        if self.open.is_empty() {
            return self.outermost.get(name);
        }
        let binding = self.binding(name)?;
        (binding.depth as usize == self.open.len()).then_some(binding.number)
    }

    /// The name's number in the outermost scope.
    pub(crate) fn find_first(&self, name: Sym) -> Option<u32> {
        self.outermost.get(name)
    }

    /// Gives a name a number in the outermost scope.
    pub(crate) fn bind_first(&mut self, name: Sym, number: u32) {
        self.outermost.set(name, Some(number));
    }

    /// Gives a name a number in the innermost scope.
    #[inline(never)]
    pub(crate) fn bind(&mut self, name: Sym, number: u32) {
        if self.open.is_empty() {
            return self.bind_first(name, number);
        }
        let (hidden, depth) = (self.inner.get(name), self.open.len() as u32);
        let same = hidden.and_then(|at| self.bindings.get_mut(at as usize));
        if let Some(binding) = same.filter(|b| b.depth == depth) {
            binding.number = number;
            return;
        }
        self.inner.set(name, Some(self.bindings.len() as u32));
        self.bindings.push(Binding {
            name,
            number,
            depth,
            hidden,
        });
    }

    /// Every name that stands for something here, with its number.
    pub(crate) fn names(&self) -> Vec<(Sym, u32)> {
        let mut names: Vec<(Sym, u32)> = Vec::new();
        for binding in &self.bindings {
            names.push((binding.name, binding.number));
        }
        for (name, number) in self.outermost.0.iter().enumerate() {
            if *number != NONE {
                names.push((Sym(name as u32), *number));
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_bindings_hide_outer_ones_until_closed() {
        let (mut scopes, x, y) = (Scopes::default(), Sym(3), Sym(70));
        scopes.bind(x, 1);
        scopes.open();
        assert_eq!((scopes.find(x), scopes.find_last(x)), (Some(1), None));
        scopes.bind(x, 2);
        scopes.bind(x, 4);
        scopes.bind_first(y, 5);
        scopes.open();
        scopes.bind(y, 6);
        assert_eq!((scopes.find(x), scopes.find_last(x)), (Some(4), None));
        assert_eq!((scopes.find(y), scopes.find_first(y)), (Some(6), Some(5)));
        scopes.close_to(1);
        assert_eq!((scopes.find(x), scopes.find(y)), (Some(1), Some(5)));
        assert_eq!((scopes.names(), scopes.depth()), (vec![(x, 1), (y, 5)], 1));
    }

    #[test]
    fn numbers_are_found_by_hash_and_question() {
        let mut index = Index::default();
        for n in 0..1000 {
            index.add(hash(&[u64::from(n / 2)]), n);
        }
        for n in 0..1000 {
            let hash = hash(&[u64::from(n / 2)]);
            assert_eq!(index.find(hash, &|m| m == n), Some(n));
        }
        assert_eq!(index.find(hash(&[5000]), &|_| true), None);
    }
}
