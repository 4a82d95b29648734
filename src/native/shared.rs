//! One shared page in which puppets publish how far they are in a system call.
//!
//! A puppet that waits for its next order sleeps, too. Two counters per puppet tell that sleep from
//! the one inside the call: `entered` is set right before the system call instruction and `left`
//! right after it. Whoever finds `entered` equal to the call's number, *then* finds the task
//! sleeping, and *then* finds `left` still behind, knows that it slept inside that call.

use nix::errno::Errno as Sys;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many puppets can live at a time.
pub(super) const SLOTS: usize = 1024;

/// One puppet's counters.
#[repr(C)]
pub(super) struct Slot {
    entered: AtomicU64,
    left: AtomicU64,
}

impl Slot {
    /// The puppet is about to execute call number `seq`.
    pub(super) fn enter(&self, seq: u64) {
        self.entered.store(seq, Ordering::SeqCst);
    }

    /// Call number `seq` has returned.
    pub(super) fn leave(&self, seq: u64) {
        self.left.store(seq, Ordering::SeqCst);
    }

    pub(super) fn has_entered(&self, seq: u64) -> bool {
        self.entered.load(Ordering::SeqCst) == seq
    }

    pub(super) fn has_left(&self, seq: u64) -> bool {
        self.left.load(Ordering::SeqCst) == seq
    }
}

/// The counters of a stage's puppets, shared with every process that is forked from here on.
pub(super) struct Counters {
    slots: NonNull<Slot>,
}

// SAFETY: the page holds nothing but atomics and lives as long as the value.
unsafe impl Send for Counters {}
// SAFETY: as above.
unsafe impl Sync for Counters {}

const LENGTH: usize = SLOTS * size_of::<Slot>();

impl Counters {
    pub(super) fn new() -> nix::Result<Counters> {
        // SAFETY: an anonymous mapping at an address of the kernel's choice touches no memory of ours.
        let page = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                LENGTH,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if page == libc::MAP_FAILED {
            return Err(Sys::last());
        }
        let slots = NonNull::new(page.cast()).ok_or(Sys::ENOMEM)?;
        Ok(Counters { slots })
    }

    /// The same counters for another thread.
    ///
    /// # Safety
    /// `self` must not be dropped before the last use of what this gives: it owns the mapping.
    pub(super) unsafe fn shared(&self) -> ManuallyDrop<Counters> {
        ManuallyDrop::new(Counters { slots: self.slots })
    }

    /// The counters of one slot. Panics if there is no such slot: numbers are given out here only.
    pub(super) fn slot(&self, index: usize) -> &Slot {
        assert!(index < SLOTS, "slots are handed out below the bound");
        // SAFETY: the mapping holds SLOTS slots, aligned to a page; all bit patterns (it begins as
        // zeros) are valid atomics, and it is unmapped only when `self` is dropped.
        unsafe { self.slots.add(index).as_ref() }
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        // SAFETY: exactly the mapping made in `new`; no reference outlives `self`.
        unsafe { libc::munmap(self.slots.as_ptr().cast(), LENGTH) };
    }
}
