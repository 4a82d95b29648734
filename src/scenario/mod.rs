//! Running programs: on the simulated kernel, on the real one, and on both side by side.
//!
//! **Architecture invariant:** a runner knows no terminal and no page. It tells an [`Observer`] what
//! happens, in order, and says at the end how it went.

#[cfg(target_os = "linux")]
pub mod compare;
#[cfg(target_os = "linux")]
pub mod native;
mod packed;
mod program;
mod recorded;
pub mod simulate;

pub use packed::{Built, Packed, Sources, read, write};
pub use program::{Compiled, ProgramSource, Scenario};
pub use recorded::Recorded;

use crate::abi::{NotModelled, Reply, Syscall};
use crate::base::Time;
use crate::kernel::file::Stdio;
use crate::kernel::task::Ended;

/// Is told what happens in a run. Programs are numbered from 0 in the order in which they were listed, then what
/// they fork in the order in which it begins; times count from the beginning of the run.
pub trait Observer {
    /// A program entered the kernel.
    fn entered(&mut self, who: usize, at: Time, call: &Syscall);
    /// The call returned.
    fn returned(&mut self, who: usize, at: Time, call: &Syscall, reply: &Reply);
    /// The call was interrupted; it is made again when a handler has run.
    fn restarts(&mut self, who: usize, at: Time, call: &Syscall) {
        let _ = (who, at, call);
    }
    /// A program forked; the child is number `child` from now on, and its process has the number `pid`.
    fn forked(&mut self, parent: usize, child: usize, pid: u32) {
        let _ = (parent, child, pid);
    }
    /// A program, or one of those that it forked, wrote to its standard output or error.
    fn output(&mut self, who: usize, stream: Stdio, bytes: &[u8]);
    /// A program ended.
    fn ended(&mut self, who: usize, at: Time, end: Ended);
}

/// How a run went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every program ended, and what they forked, too; how those that were listed ended.
    Ended(Vec<Ended>),
    /// These programs wait for something that will never come; how those that were listed ended.
    Stuck {
        /// The programs that wait.
        waiting: Vec<usize>,
        /// How each ended, if it did by itself.
        ends: Vec<Option<Ended>>,
    },
    /// A program did something that the C machine does not let pass. It knows what and where.
    Fault {
        /// Which program.
        who: usize,
    },
    /// A program asked for something that the simulated kernel does not model.
    NotModelled {
        /// Which program, if it was one's call.
        who: Option<usize>,
        /// For what.
        what: NotModelled,
    },
    /// The run passed one of Sockscope's bounds.
    CutOff {
        /// Which program was running.
        who: Option<usize>,
        /// Which bound.
        why: String,
    },
}

impl Outcome {
    /// The exit status of the program listed last, if it ended by itself: as a shell reports it.
    pub fn status(&self) -> Option<i32> {
        self.last().map(|end| match end {
            Ended::Exited(status) => i32::from(status),
            Ended::Killed(signal) => 128 + i32::from(signal),
        })
    }

    /// Whether a signal ended the program listed last.
    pub fn is_signal(&self) -> bool {
        matches!(self.last(), Some(Ended::Killed(_)))
    }

    fn last(&self) -> Option<Ended> {
        match self {
            Outcome::Ended(ends) => ends.last().copied(),
            Outcome::Stuck { ends, .. } => ends.last().copied().flatten(),
            Outcome::Fault { .. } | Outcome::NotModelled { .. } | Outcome::CutOff { .. } => None,
        }
    }
}
