//! Where locals lie: the first thread's in a segment of their own, those of other threads in pieces of the heap's, so
//! that each can grow without a bound being set aside for it.

use super::*;

/// A piece of a thread's stack has at least so many bytes.
const PIECE: u32 = 64 << 10;
/// Behind what the heap may take.
const MAX_STACKS: u64 = 512 << 20;

/// A further thread's stack; the first one's has no pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    /// Start and length in the heap's segment.
    pieces: Vec<(u32, u32)>,
    top: u32,
    /// Objects whose size was not known before: alloca()'s and variable-length arrays.
    dynamic: Vec<Dynamic>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dynamic {
    at: u64,
    /// How many pieces there are with it, and where it lies in the last of them.
    place: (usize, u32),
    size: u32,
}

impl Memory {
    /// The current thread's stack, to put another one's in its place.
    pub(crate) fn stack(&mut self) -> &mut Stack {
        &mut self.stack
    }

    /// A stack for another thread.
    pub(crate) fn new_stack(&mut self) -> Option<Stack> {
        let start = self.heap_place(PIECE, 2 * MAX_HEAP + MAX_STACKS)?;
        Some(Stack {
            pieces: vec![(start, PIECE)],
            top: start,
            dynamic: Vec::new(),
        })
    }

    /// Gives the current thread's stack back.
    pub(crate) fn drop_stack(&mut self) {
        for (start, length) in std::mem::take(&mut self.stack).pieces {
            self.give_back(start, length);
        }
    }

    /// A place for a local of the current thread.
    #[inline]
    pub(super) fn stack_place(&mut self, size: u32) -> Option<u32> {
        let Some((start, length)) = self.stack.pieces.last() else {
            let base = STACK << 30 | self.tops[1];
            self.tops[1] += size;
            return Some(base);
        };
        if self.stack.top + size > start + length {
            let length = size.max(PIECE);
            let start = self.heap_place(length, 2 * MAX_HEAP + MAX_STACKS)?;
            self.stack.pieces.push((start, length));
            self.stack.top = start;
        }
        let place = self.stack.top;
        self.stack.top += size;
        Some(HEAP << 30 | place)
    }

    /// How far the stack goes, to come back to.
    pub(crate) fn stack_top(&self) -> u32 {
        match self.stack.pieces.is_empty() {
            true => self.tops[1],
            false => self.stack.top,
        }
    }

    /// A local that lives until the stack's top is set below it.
    pub(crate) fn push_dynamic(&mut self, size: u32, tag: u32, tag2: u32) -> Option<u64> {
        let at = self.push_local(size, tag, tag2)?;
        let base = self.objects.get(slot_of(at) as usize)?.base & 0x3fff_ffff;
        let place = (self.stack.pieces.len(), base);
        self.stack.dynamic.push(Dynamic { at, place, size });
        Some(at)
    }

    /// Bytes of all such locals of the current thread.
    pub(crate) fn dynamic_bytes(&self) -> u64 {
        self.stack.dynamic.iter().map(|d| u64::from(d.size)).sum()
    }

    /// What is dynamic above it dies.
    pub(crate) fn set_stack_top(&mut self, top: u32) {
        self.cut_pieces(top);
        let end = (self.stack.pieces.len(), top);
        while let Some(last) = self.stack.dynamic.pop_if(|d| d.place >= end) {
            self.pop_local(last.at);
        }
    }

    fn cut_pieces(&mut self, top: u32) {
        if self.stack.pieces.is_empty() {
            self.tops[1] = top;
            return;
        }
        while self.stack.pieces.len() > 1
            && let Some((start, length)) = self.stack.pieces.last().copied()
            && !(start..=start + length).contains(&top)
        {
            self.stack.pieces.pop();
            self.give_back(start, length);
        }
        self.stack.top = top;
    }
}
