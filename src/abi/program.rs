//! What runs above the boundary.

use crate::abi::{Delivery, Reply, Syscall};
use std::rc::Rc;

/// A program's task: something that computes until it needs the kernel.
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

    /// These handlers run before it goes on, the last of them first. With `again` the system call that it stopped at
    /// was interrupted and has no answer: it is made again when they have returned. A program without handlers is
    /// never told.
    fn handle(&mut self, handlers: &[Delivery], again: bool) {
        let _ = (handlers, again);
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
    /// It did something undefined, or passed one of the machine's bounds; the program knows what
    /// and where. It cannot go on.
    Fault,
}
