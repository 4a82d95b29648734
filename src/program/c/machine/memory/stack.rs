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
        })
    }

    /// Gives the current thread's stack back.
    pub(crate) fn drop_stack(&mut self) {
        for (start, length) in std::mem::take(&mut self.stack).pieces {
            self.give_back(start, length);
        }
    }

    /// A place for a local of the current thread.
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

    pub(crate) fn set_stack_top(&mut self, top: u32) {
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
