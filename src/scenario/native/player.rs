//! A task on the real kernel.

use crate::abi::{Clocks, Syscall, Thread};
use crate::kernel::task::Ended;
use crate::native::{Puppet, Settled};
use std::collections::VecDeque;

/// A task: the program that it runs, and its puppet.
pub(in crate::scenario) struct Player {
    /// Which of the programs: those that were listed come first, then those that fork(2) made.
    pub(in crate::scenario) process: usize,
    pub(in crate::scenario) thread: Thread,
    /// Where the program was listed that it stems from.
    pub(in crate::scenario) listed: usize,
    pub(in crate::scenario) puppet: Puppet,
    pub(in crate::scenario) call: Option<Syscall>,
    /// The call slept, as far as was seen.
    pub(in crate::scenario) slept: bool,
    pub(in crate::scenario) answer: Option<Settled>,
    pub(in crate::scenario) end: Option<Ended>,
    /// How many had ended before it.
    pub(in crate::scenario) after: usize,
    /// A call that it has come to before it was asked for.
    pub(in crate::scenario) early: Option<Syscall>,
    /// Instructions since its last call.
    pub(in crate::scenario) silent: u64,
    /// Short turns that it has had at the end of one, inside of a library function.
    pub(in crate::scenario) over: u64,
    /// What it is told when it looks at a clock, if that is not the real time.
    pub(in crate::scenario) foretold: VecDeque<Clocks>,
}

impl Player {
    pub(in crate::scenario) fn new(
        process: usize,
        thread: Thread,
        listed: usize,
        puppet: Puppet,
    ) -> Player {
        Player {
            process,
            thread,
            listed,
            puppet,
            call: None,
            slept: false,
            answer: None,
            end: None,
            after: 0,
            early: None,
            silent: 0,
            over: 0,
            foretold: VecDeque::new(),
        }
    }
}
