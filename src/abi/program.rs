//! What runs above the boundary.

use crate::abi::{Delivery, Reply, Syscall};
use std::rc::Rc;
use std::time::Duration;

/// A thread of a program: 0 is the one that it begins with.
pub type Thread = u32;

/// A process's program: something that computes until it needs the kernel.
///
/// It can have several threads, which share all that it is but where each of them stands. Whoever drives it says
/// with [`Program::switch`] which one is meant from then on; a program that never asks for clone3(2) has thread 0
/// alone and need not know of any of this.
///
/// The C machine is one; tests use scripted ones. Both kernels drive it through this face alone.
/// `Clone` and `Eq` are what makes stepping back possible and checkable; a clone must be cheap.
pub trait Program: Clone + Eq {
    /// Computes until it needs the kernel, faults or has executed `budget` instructions, whichever
    /// comes first. With `stop_at_line` it also stops where another source line or frame begins.
    /// Must not be called again after [`Stop::Syscall`] until [`Program::resume`] was, nor after
    /// [`Stop::Fault`].
    fn run(&mut self, budget: u64, stop_at_line: bool) -> Ran;

    /// Gives it the answer to the system call that it stopped at.
    fn resume(&mut self, reply: &Reply);

    /// What the clocks show, after [`Stop::Clock`].
    fn tell(&mut self, clocks: Clocks) {
        let _ = clocks;
    }

    /// From now on that thread runs and is given answers.
    fn switch(&mut self, thread: Thread) {
        let _ = thread;
    }

    /// The thread that runs and is given answers.
    fn current(&self) -> Thread {
        0
    }

    /// Whether the current thread is in the middle of something that no other thread of the program should see, as
    /// locks keep it on Linux: inside of a library function. Its turn then lasts a little longer.
    fn is_inside(&self) -> bool {
        false
    }

    /// The current thread has ended in the call that it made.
    fn end(&mut self) {}

    /// clone3(2) has made the task that the current thread has asked for and is not told of yet; gives the number of
    /// its thread, which is ready to run.
    fn begin(&mut self) -> Thread {
        0
    }

    /// This is the copy of the program that fork(2) has made: of its threads the current one is there.
    fn forget_others(&mut self) {}
    /// These handlers run before it goes on, the last of them first. With `again` the system call that it stopped at
    /// was interrupted and has no answer: it is made again when they have returned. A program without handlers is
    /// never told.
    fn handle(&mut self, handlers: &[Delivery], again: bool) {
        let _ = (handlers, again);
    }
}

/// What the clocks show, which a program reads without a system call (vdso(7)). Nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// CLOCK_REALTIME, since 1970.
    pub realtime: u64,
    /// CLOCK_MONOTONIC.
    pub monotonic: u64,
}

impl Clocks {
    /// When a simulated run begins: 2026-01-01 00:00:00 UTC, on a host that has been up for 1000 seconds.
    const BEGIN: Clocks = Clocks {
        realtime: 1_767_225_600_000_000_000,
        monotonic: 1_000_000_000_000,
    };

    /// So long after the beginning of a simulated run.
    pub fn simulated(since: Duration) -> Clocks {
        let nanos = since.as_nanos() as u64;
        Clocks {
            realtime: Clocks::BEGIN.realtime + nanos,
            monotonic: Clocks::BEGIN.monotonic + nanos,
        }
    }
}

/// How far a program came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Instructions executed, at most the budget. A stop costs nothing by itself.
    pub used: u64,
    /// Why it stopped.
    pub stop: Stop,
}

/// Why a program stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The budget is used up.
    Budget,
    /// Another source line or frame begins (only if asked for).
    Line,
    /// It enters the kernel. The end of a program is a call of exit_group(2), too.
    Syscall(Rc<Syscall>),
    /// It looks at a clock: it is told with [`Program::tell`], and then goes on as after [`Stop::Budget`].
    Clock,
    /// It did something undefined, or passed one of the machine's bounds; the program knows what
    /// and where. It cannot go on.
    Fault,
}
