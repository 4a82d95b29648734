//! Running programs: on the simulated kernel, on the real one, and on both side by side.
//!
//! **Architecture invariant:** a runner knows no terminal and no page. It tells an [`Observer`] what
//! happens, in order, and says at the end how it went.

#[cfg(target_os = "linux")]
pub mod compare;
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
pub mod folder;
pub mod lesson;
#[cfg(not(target_arch = "wasm32"))]
pub mod library;
#[cfg(target_os = "linux")]
pub mod native;
mod packed;
mod program;
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
pub mod record;
mod recorded;
#[cfg(target_os = "linux")]
mod roles;
#[cfg(not(target_arch = "wasm32"))]
pub mod simulate;

pub use crate::program::c::flat::{Flat, Flatten, Reader};
pub use lesson::{InLanguages, Lesson};
pub use packed::{Built, Opened, Packed, Question, Refused, Sources, read, write};
pub use program::{Bookmark, Compiled, ProgramSource, Scenario};
pub use recorded::Recorded;

use crate::abi::{NotModelled, Reply, Syscall, Thread};
use crate::base::Time;
use crate::kernel::file::Stdio;
use crate::kernel::task::Ended;

/// Is told what happens in a run. Tasks are numbered from 0: those with which the programs begin, in the order in
/// which they were listed, then those that fork(2) and clone3(2) make, in the order in which they come to be. Times
/// count from the beginning of the run.
pub trait Observer {
    /// The next task came to be. It stems from the program that was listed there; `copy` is the number of its process,
    /// if that is not the program's first.
    fn born(&mut self, listed: usize, copy: Option<u32>, thread: Thread) {
        let _ = (listed, copy, thread);
    }
    /// A task entered the kernel.
    fn entered(&mut self, who: usize, at: Time, call: &Syscall);
    /// The call returned.
    fn returned(&mut self, who: usize, at: Time, call: &Syscall, reply: &Reply);
    /// The call was interrupted; it is made again when a handler has run.
    fn restarts(&mut self, who: usize, at: Time, call: &Syscall) {
        let _ = (who, at, call);
    }
    /// A program, or what stems from it, wrote to its standard output or error; `who`: where it was listed.
    fn output(&mut self, who: usize, stream: Stdio, bytes: &[u8]);
    /// A task ended.
    fn ended(&mut self, who: usize, at: Time, end: Ended);
}

/// What a task is called: after its program, if that has more than one.
pub fn task_name(program: &str, copy: Option<u32>, thread: Thread) -> String {
    let thread = match thread {
        0 => None,
        thread => Some(["thread ", &(thread + 1).to_string()].concat()),
    };
    let copy = copy.map(|pid| pid.to_string());
    let between = if copy.is_some() { ", " } else { "" };
    match (copy.unwrap_or_default(), thread) {
        (copy, None) if copy.is_empty() => program.to_owned(),
        (copy, None) => [program, " (", &copy, ")"].concat(),
        (copy, Some(thread)) => [program, " (", &copy, between, &thread, ")"].concat(),
    }
}

/// How a run went. Tasks are numbered as for an [`Observer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every process ended; those of the programs, as they were listed, each like this.
    Ended(Vec<Ended>),
    /// These tasks wait for something that will never come; how programs ended.
    Stuck {
        /// The tasks that wait.
        waiting: Vec<usize>,
        /// How each program ended, as they were listed, if it did by itself.
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
