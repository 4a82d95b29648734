//! What a world is made of, and what it tells.

use crate::abi::{NotModelled, Reply, Syscall};
use crate::base::{SortedMap, Tid, Time};
use crate::kernel::sysctl::Sysctl;
use crate::kernel::task::{Capabilities, Ended as ProcessEnd};
use crate::sim::link::LinkRules;
use crate::sim::network::Network;
use std::rc::Rc;

/// What a world is made of besides its programs.
#[derive(Clone, Debug, Default)]
pub struct WorldConfig {
    /// The seed of everything random.
    pub seed: u64,
    /// Choices that the user decided, by index.
    pub decisions: SortedMap<u32, u32>,
    /// The host's settings.
    pub sysctl: Sysctl,
    /// What happens on the loopback device.
    pub link: LinkRules,
    /// Other hosts, and how they are linked.
    pub network: Network,
}

/// A program to start.
#[derive(Clone, Debug)]
pub struct ProgramSpec<P> {
    /// The program, ready to run.
    pub program: P,
    /// What it can read from standard input.
    pub stdin: Vec<u8>,
    /// Its capabilities.
    pub capabilities: Capabilities,
    /// It starts when the program of that index has ended; at the beginning if there is none.
    pub after: Option<u32>,
    /// Its RLIMIT_NOFILE, if it is not the usual one.
    pub nofile: Option<u32>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every task has ended.
    AllEnded,
    /// Those tasks wait for something that will never come; they were ended.
    Stuck {
        /// The tasks, ascending.
        tasks: Vec<Tid>,
    },
    /// A program did something that the machine does not let pass; the program knows what.
    Fault {
        /// Whose.
        task: Tid,
    },
    /// A program asked for something that the simulated kernel does not model.
    NotModelled {
        /// Which one.
        task: Option<Tid>,
        /// For what.
        what: NotModelled,
    },
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A program computed.
    Computed,
    /// The task reached another source line (only if that was asked for).
    Line,
    /// A program computed, and looked at a clock ([`World::clocks`](super::World::clocks)).
    Clock,
    /// A kernel was entered, by a call, a packet or a timer, or a task was chosen.
    Kernel,
    /// Nothing: all is over.
    Nothing,
}

/// How far a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// Ticks: one for each instruction, one for everything else.
    pub ticks: u64,
    /// What it did.
    pub happened: Happened,
}

/// Where a task is, as the scheduler sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskPhase {
    /// Waits for another program to end before it starts.
    NotStarted,
    /// Has the processor, in user space.
    Running,
    /// Is ready to run.
    Ready,
    /// Is inside a call and has the processor.
    InCall,
    /// Sleeps in a call.
    Asleep,
    /// Has ended.
    Ended,
}

/// A call's beginning or end, for the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallNote {
    /// Whose call.
    pub task: Tid,
    /// When.
    pub at: Time,
    /// Beginning or end.
    pub phase: CallPhase,
}

/// A call's beginning or end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallPhase {
    /// It was entered.
    Entered(Rc<Syscall>),
    /// It returned.
    Returned(Reply),
    /// A handler runs first; then the call is made again.
    Restarts,
    /// It never will: the process ended in it, or by it.
    Never(ProcessEnd),
}
