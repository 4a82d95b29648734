//! A short queue.

use crate::base::sorted::forget;
use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// First in, first out, in one piece of memory: the front is at index 0.
///
/// The queues of a simulated host are short. A [`VecDeque`](std::collections::VecDeque) takes the front in constant
/// time; here that moves what is behind it, and in return a queue is a slice to whoever looks into it. A ring is
/// two, and the page has to carry the difference wherever one is searched, counted or copied.
///
/// ```
/// use sockscope::base::Fifo;
/// let mut waiting = Fifo::default();
/// waiting.push_back("first");
/// waiting.push_back("second");
/// assert_eq!(waiting.pop_front(), Some("first"));
/// assert_eq!(*waiting, ["second"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fifo<T> {
    items: Vec<T>,
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Fifo { items: Vec::new() }
    }
}

impl<T> Fifo<T> {
    /// Adds one behind all others.
    pub fn push_back(&mut self, item: T) {
        self.items.push(item);
    }

    /// Takes the first.
    pub fn pop_front(&mut self) -> Option<T> {
        self.remove(0)
    }

    /// The first.
    pub fn front(&self) -> Option<&T> {
        self.items.first()
    }

    /// The first, to change.
    pub fn front_mut(&mut self) -> Option<&mut T> {
        self.items.first_mut()
    }

    /// The last.
    pub fn back(&self) -> Option<&T> {
        self.items.last()
    }

    /// The last, to change.
    pub fn back_mut(&mut self) -> Option<&mut T> {
        self.items.last_mut()
    }

    /// Puts one at an index, which is at most the length.
    pub fn insert(&mut self, at: usize, item: T) {
        self.items.insert(at, item);
    }

    /// Takes the one at an index, if there is one.
    pub fn remove(&mut self, at: usize) -> Option<T> {
        (at < self.items.len()).then(|| self.items.remove(at))
    }

    /// Takes the first `len`, or all if there are fewer.
    pub fn take_front(&mut self, len: usize) -> Vec<T> {
        let rest = self.items.split_off(len.min(self.items.len()));
        std::mem::replace(&mut self.items, rest)
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.items.clear();
    }
}

impl<T: Copy + PartialEq> Fifo<T> {
    /// Takes one out, wherever it stands.
    pub fn forget(&mut self, gone: T) {
        forget(&mut self.items, gone);
    }
}

impl<T: Clone> Fifo<T> {
    /// Adds copies of some behind all others.
    pub fn extend_from_slice(&mut self, items: &[T]) {
        self.items.extend_from_slice(items);
    }
}

impl<T> Deref for Fifo<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> DerefMut for Fifo<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<T> From<Vec<T>> for Fifo<T> {
    fn from(items: Vec<T>) -> Self {
        Fifo { items }
    }
}

impl<T> Extend<T> for Fifo<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.items.extend(items);
    }
}

impl<T> IntoIterator for Fifo<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Fifo<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Fifo<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter_mut()
    }
}
