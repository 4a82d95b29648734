//! Byte-addressed memory in 4 KiB pages that are copied when written.
//!
//! An address is `generation << 48 | slot << 28 | offset`: the slot of its object, which incarnation
//! of the slot, and where in the object, 64 MiB up so that a pointer that runs off its object's front
//! still names the object. So pointers are plain 64-bit numbers, survive `memcpy` and casts, and
//! still say what they may touch.
//!
//! Bounds: an object has at most [`MAX_OBJECT`] bytes, the heap [`MAX_HEAP`], static objects
//! [`MAX_STATIC`] together; there are at most 2²⁰ slots, and a slot is given up after 65,535
//! incarnations, so that a stale pointer never becomes valid again.

mod access;
mod stack;
mod stored;

pub(crate) use stack::Stack;

use crate::program::c::flat::by_number;
use std::rc::Rc;

/// The largest object, in bytes.
pub(crate) const MAX_OBJECT: u64 = 48 << 20;
/// The most that `malloc()` gives out at a time.
pub(crate) const MAX_HEAP: u64 = 64 << 20;
/// The most that static variables and string literals take together.
pub(crate) const MAX_STATIC: u64 = 32 << 20;
/// The most blocks that the heap has at a time.
pub(crate) const MAX_BLOCKS: u32 = 1 << 18;
const MAX_SLOTS: usize = 1 << 20;
/// Fresh slots are preferred up to here: the longer a slot rests, the better a message can name it.
const RESTING: usize = 1 << 12;

const PAGE: usize = 4096;
const BIAS: u64 = 0x400_0000;
const OFFSET_MASK: u64 = 0xfff_ffff;

const STATIC: u32 = 0;
const STACK: u32 = 1;
const HEAP: u32 = 2;

/// The slot that stands for code: addresses of functions.
pub(crate) const CODE_SLOT: u32 = 1;

by_number! {
    /// What kind of object, and whether it lives.
    pub(crate) enum Life {
        Static,
        /// A string literal or a constant: must not be written.
        ReadOnly,
        Local,
        Heap,
        Code,
        /// A local whose block or function has ended.
        DeadLocal,
        Freed,
        /// A slot never used, or given up.
        Empty,
    }
}

/// One object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// Place in the store: segment in the upper two bits.
    base: u32,
    pub(crate) size: u32,
    generation: u16,
    pub(crate) life: Life,
    /// For the machine: which variable, or the instruction that allocated it.
    pub(crate) tag: u32,
    pub(crate) tag2: u32,
}

/// Why an access is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadAccess {
    Null,
    /// No object is there.
    Wild,
    /// The object is gone and its slot has been taken by another.
    Gone,
    /// The object of that slot is dead or freed.
    Dead(u32),
    /// `offset` and on: not all of it inside the object.
    Outside {
        slot: u32,
        offset: i64,
        size: u64,
    },
    ReadOnly(u32),
    Code,
    /// The byte at `offset` was never written.
    Unwritten {
        slot: u32,
        offset: u32,
    },
}

#[derive(Clone, PartialEq, Eq)]
struct Page {
    bytes: [u8; PAGE],
    written: [u64; PAGE / 64],
}

/// All objects and their bytes.
#[derive(PartialEq, Eq)]
pub(crate) struct Memory {
    pages: [Vec<Rc<Page>>; 3],
    /// Bytes in use of each segment.
    tops: [u32; 3],
    objects: Vec<Object>,
    /// Of the current thread, if that is not the first.
    stack: Stack,
    spare_locals: Vec<u32>,
    /// Of which the first `taken` have been taken.
    spare_blocks: Vec<u32>,
    taken: usize,
    /// Free parts of the heap segment by place, neighbours merged: start, length.
    holes: Vec<(u32, u32)>,
    /// Bytes and blocks that the heap has given out.
    pub(crate) heap_used: u64,
    pub(crate) blocks: u32,
    blank: Rc<Page>,
    zeroed: Rc<Page>,
}

impl Clone for Memory {
    fn clone(&self) -> Memory {
        let [first, second, third] = &self.pages;
        Memory {
            pages: [shared(first), shared(second), shared(third)],
            tops: self.tops,
            objects: self.objects.clone(),
            stack: self.stack.clone(),
            spare_locals: self.spare_locals.clone(),
            spare_blocks: self.spare_blocks.clone(),
            taken: self.taken,
            holes: self.holes.clone(),
            heap_used: self.heap_used,
            blocks: self.blocks,
            blank: self.blank.clone(),
            zeroed: self.zeroed.clone(),
        }
    }
}

/// Once for the three lists.
#[inline(never)]
fn shared(pages: &[Rc<Page>]) -> Vec<Rc<Page>> {
    pages.to_vec()
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} objects)", self.objects.len())
    }
}

/// The address of byte `offset` of a slot's incarnation.
fn address(slot: u32, generation: u16, offset: u64) -> u64 {
    u64::from(generation) << 48 | u64::from(slot) << 28 | (BIAS + offset)
}

/// The address of the function of that number.
pub(crate) fn function_address(index: u32) -> u64 {
    address(CODE_SLOT, 0, u64::from(index) * 16)
}

/// The number of the function at that address.
pub(crate) fn function_at(at: u64) -> Option<u32> {
    let offset = (at & OFFSET_MASK).checked_sub(BIAS)?;
    let right = at >> 28 == u64::from(CODE_SLOT) && offset % 16 == 0;
    right.then_some((offset / 16) as u32)
}

fn slot_of(at: u64) -> u32 {
    ((at >> 28) & 0xf_ffff) as u32
}

fn offset_of(at: u64) -> i64 {
    (at & OFFSET_MASK) as i64 - BIAS as i64
}

fn round(n: u32) -> u32 {
    (n.max(1) + 15) & !15
}

impl Memory {
    pub(crate) fn new() -> Memory {
        let empty = Object {
            base: 0,
            size: 0,
            generation: 0,
            life: Life::Empty,
            tag: 0,
            tag2: 0,
        };
        let code = Object {
            life: Life::Code,
            size: MAX_OBJECT as u32,
            ..empty
        };
        Memory {
            pages: [Vec::new(), Vec::new(), Vec::new()],
            tops: [0; 3],
            objects: vec![empty, code],
            stack: Stack::default(),
            spare_locals: Vec::new(),
            spare_blocks: Vec::new(),
            taken: 0,
            holes: Vec::new(),
            heap_used: 0,
            blocks: 0,
            blank: Rc::new(Page {
                bytes: [0; PAGE],
                written: [0; PAGE / 64],
            }),
            zeroed: Rc::new(Page {
                bytes: [0; PAGE],
                written: [u64::MAX; PAGE / 64],
            }),
        }
    }

    // ---- objects ----

    /// A static object of zero bytes; `None` if there is no room.
    pub(crate) fn add_static(&mut self, size: u64, life: Life, tag: u32) -> Option<u64> {
        if size > MAX_OBJECT || u64::from(self.tops[0]) + size + 16 > MAX_STATIC {
            return None;
        }
        let base = STATIC << 30 | self.tops[0];
        self.tops[0] += round(size as u32);
        let object = Object {
            base,
            size: size as u32,
            generation: 0,
            life,
            tag,
            tag2: 0,
        };
        let slot = self.objects.len() as u32;
        if self.objects.len() >= MAX_SLOTS / 2 {
            return None;
        }
        self.objects.push(object);
        self.cover(base, size as u32);
        self.fill(base, size as u32, true);
        Some(address(slot, 0, 0))
    }

    /// Changes the size of a static object whose array was declared without length before.
    pub(crate) fn resize_static(&mut self, at: u64, size: u64) -> bool {
        if size > MAX_OBJECT || u64::from(self.tops[0]) + size + 16 > MAX_STATIC {
            return false;
        }
        let base = STATIC << 30 | self.tops[0];
        self.tops[0] += round(size as u32);
        if let Some(object) = self.objects.get_mut(slot_of(at) as usize) {
            object.base = base;
            object.size = size as u32;
        }
        self.cover(base, size as u32);
        self.fill(base, size as u32, true);
        true
    }

    /// A local on the stack, nothing in it written.
    pub(crate) fn push_local(&mut self, size: u32, tag: u32, tag2: u32) -> Option<u64> {
        let base = self.stack_place(round(size))?;
        self.cover(base, size);
        self.fill(base, size, false);
        let slot = self.spare_locals.pop();
        self.place(
            slot,
            Object {
                base,
                size,
                generation: 0,
                life: Life::Local,
                tag,
                tag2,
            },
        )
    }

    /// Begins the life of a local's memory anew, as another object.
    pub(crate) fn reborn(&mut self, at: u64) -> Option<u64> {
        let object = *self.objects.get(slot_of(at) as usize)?;
        let same = object.generation == (at >> 48) as u16;
        if !same {
            return None;
        }
        self.fill(object.base, object.size, false);
        let slot = self.retire(slot_of(at), Life::DeadLocal);
        let slot = slot.or_else(|| self.spare_locals.pop());
        self.place(
            slot,
            Object {
                life: Life::Local,
                ..object
            },
        )
    }

    /// Ends a local's life.
    pub(crate) fn end_local(&mut self, at: u64) {
        let slot = slot_of(at) as usize;
        if let Some(object) = self.objects.get_mut(slot)
            && object.generation == (at >> 48) as u16
            && object.life == Life::Local
        {
            object.life = Life::DeadLocal;
        }
    }

    /// Ends a local's life and gives its slot back.
    pub(crate) fn pop_local(&mut self, at: u64) {
        self.end_local(at);
        let slot = slot_of(at);
        if self
            .objects
            .get(slot as usize)
            .is_some_and(|o| o.generation == (at >> 48) as u16)
        {
            self.spare_locals.push(slot);
        }
    }

    /// A block on the heap; `None` where `malloc()` returns NULL.
    pub(crate) fn allocate(&mut self, size: u64, zero: bool, tag: u32) -> Option<u64> {
        if size > MAX_OBJECT || self.heap_used + size > MAX_HEAP || self.blocks >= MAX_BLOCKS {
            return None;
        }
        let size = size as u32;
        let base = HEAP << 30 | self.heap_place(round(size), 2 * MAX_HEAP)?;
        self.cover(base, size);
        self.fill(base, size, zero);
        let slot = if self.objects.len() > RESTING {
            self.spare_block()
        } else {
            None
        };
        let object = Object {
            base,
            size,
            generation: 0,
            life: Life::Heap,
            tag,
            tag2: 0,
        };
        let at = self.place(slot, object)?;
        self.heap_used += u64::from(round(size));
        self.blocks += 1;
        Some(at)
    }

    /// The slot that has rested longest.
    fn spare_block(&mut self) -> Option<u32> {
        let slot = *self.spare_blocks.get(self.taken)?;
        self.taken += 1;
        if 2 * self.taken > self.spare_blocks.len() {
            self.spare_blocks.copy_within(self.taken.., 0);
            let left = self.spare_blocks.len() - self.taken;
            self.spare_blocks.truncate(left);
            self.taken = 0;
        }
        Some(slot)
    }

    fn heap_place(&mut self, size: u32, bound: u64) -> Option<u32> {
        if let Some(i) = self.holes.iter().position(|(_, length)| *length >= size) {
            let (start, length) = self.holes[i];
            if length == size {
                self.holes.remove(i);
            } else {
                self.holes[i] = (start + size, length - size);
            }
            return Some(start);
        }
        let start = self.tops[2];
        // Fragmentation may need more room than is given out; twice as much is enough or it fails.
        if u64::from(start) + u64::from(size) > bound {
            return None;
        }
        self.tops[2] += size;
        Some(start)
    }

    /// `free()` of a block's first byte.
    pub(crate) fn release(&mut self, at: u64) -> Result<(), BadAccess> {
        let slot = self.check(at, 0)?;
        let object = self.objects[slot as usize];
        if object.life != Life::Heap || offset_of(at) != 0 {
            return Err(BadAccess::Wild);
        }
        let length = round(object.size);
        self.give_back(object.base & 0x3fff_ffff, length);
        self.heap_used -= u64::from(length);
        self.blocks -= 1;
        self.objects[slot as usize].life = Life::Freed;
        if object.generation < u16::MAX {
            self.spare_blocks.push(slot);
        }
        Ok(())
    }

    /// That part of the heap's segment is free.
    fn give_back(&mut self, start: u32, length: u32) {
        let i = self.holes.partition_point(|(s, _)| *s < start);
        self.holes.insert(i, (start, length));
        if i + 1 < self.holes.len() && self.holes[i].0 + self.holes[i].1 == self.holes[i + 1].0 {
            self.holes[i].1 += self.holes[i + 1].1;
            self.holes.remove(i + 1);
        }
        if i > 0 && self.holes[i - 1].0 + self.holes[i - 1].1 == self.holes[i].0 {
            self.holes[i - 1].1 += self.holes[i].1;
            self.holes.remove(i);
        }
    }

    /// Marks the end of a slot's incarnation; gives the slot back if it may be used again.
    fn retire(&mut self, slot: u32, life: Life) -> Option<u32> {
        let object = &mut self.objects[slot as usize];
        object.life = life;
        (object.generation < u16::MAX).then_some(slot)
    }

    fn place(&mut self, slot: Option<u32>, mut object: Object) -> Option<u64> {
        if let Some(slot) = slot {
            let old = self.objects[slot as usize];
            if old.generation < u16::MAX {
                object.generation = old.generation + 1;
                self.objects[slot as usize] = object;
                return Some(address(slot, object.generation, 0));
            }
        }
        if self.objects.len() >= MAX_SLOTS {
            return None;
        }
        object.generation = 0;
        self.objects.push(object);
        Some(address(self.objects.len() as u32 - 1, 0, 0))
    }

    /// The object that an address belongs to, dead ones included, and the offset in it.
    pub(crate) fn object(&self, at: u64) -> Option<(&Object, i64)> {
        let object = self.objects.get(slot_of(at) as usize)?;
        (object.generation == (at >> 48) as u16 && object.life != Life::Empty)
            .then_some((object, offset_of(at)))
    }

    /// The object in a slot.
    pub(crate) fn in_slot(&self, slot: u32) -> Option<&Object> {
        self.objects.get(slot as usize)
    }

    /// How many bytes there are from `at` to the end of its object; 0 if nothing is there.
    pub(crate) fn room(&self, at: u64) -> u64 {
        match self.object(at) {
            Some((object, offset))
                if matches!(
                    object.life,
                    Life::Static | Life::ReadOnly | Life::Local | Life::Heap
                ) && offset >= 0
                    && offset <= i64::from(object.size) =>
            {
                u64::from(object.size) - offset as u64
            }
            _ => 0,
        }
    }

    /// Whether the address lies in (or just behind) something that the program may read.
    pub(crate) fn is_object(&self, at: u64) -> bool {
        self.object(at).is_some_and(|(object, offset)| {
            matches!(
                object.life,
                Life::Static | Life::ReadOnly | Life::Local | Life::Heap
            ) && offset >= 0
                && offset <= i64::from(object.size)
        })
    }

    /// The same for writing.
    pub(crate) fn is_writable(&self, at: u64) -> bool {
        self.is_object(at)
            && self
                .object(at)
                .is_some_and(|(o, _)| o.life != Life::ReadOnly)
    }

    /// Whether the address is that of a block which `malloc()` gave and nobody freed.
    pub(crate) fn is_block(&self, at: u64) -> bool {
        self.object(at)
            .is_some_and(|(o, offset)| o.life == Life::Heap && offset == 0)
    }

    /// Whether `size` bytes could be read there.
    pub(crate) fn read_check(&self, at: u64, size: u64) -> Result<(), BadAccess> {
        self.check(at, size).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_pointer_never_becomes_valid_again() {
        let mut memory = Memory::new();
        let mut old = memory.push_local(4, 0, 0).unwrap();
        for _ in 0..70_000 {
            memory.pop_local(old);
            memory.set_stack_top(0);
            let new = memory.push_local(4, 0, 0).unwrap();
            assert!(memory.store(old, 4, 1).is_err());
            assert!(memory.store(new, 4, 1).is_ok());
            old = new;
        }
        assert!(memory.objects.len() < 6);
    }

    #[test]
    fn heap_blocks_are_merged_and_reused() {
        let mut memory = Memory::new();
        for _ in 0..10_000 {
            let a = memory.allocate(1000, false, 0).unwrap();
            let b = memory.allocate(3000, true, 0).unwrap();
            assert_eq!(
                memory.load(a, 1),
                Err(BadAccess::Unwritten {
                    slot: slot_of(a),
                    offset: 0
                })
            );
            assert_eq!(memory.load(b + 2992, 8), Ok(0));
            memory.release(a).unwrap();
            memory.release(b).unwrap();
            assert!(memory.release(a).is_err());
        }
        assert!(memory.tops[2] < 10_000 && memory.heap_used == 0);
    }

    #[test]
    fn access_across_pages_and_copies_keep_what_is_unwritten() {
        let mut memory = Memory::new();
        let a = memory.allocate(10_000, false, 0).unwrap();
        memory.store(a + 4093, 8, 0x0102_0304_0506_0708).unwrap();
        assert_eq!(memory.load(a + 4093, 8), Ok(0x0102_0304_0506_0708));
        let b = memory.allocate(10_000, false, 0).unwrap();
        memory.copy(b, a, 10_000).unwrap();
        assert_eq!(memory.load(b + 4093, 8), Ok(0x0102_0304_0506_0708));
        assert!(matches!(
            memory.load(b + 4092, 1),
            Err(BadAccess::Unwritten { offset: 4092, .. })
        ));
    }
}
