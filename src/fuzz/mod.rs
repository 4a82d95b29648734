//! Random sequences of system calls, on both kernels, in lockstep.
//!
//! A [`Case`] is a list of calls by a few processes. It is generated against the simulated kernel, whose
//! state says what is worth trying next (a half-closed connection, a full accept queue, a pending error),
//! then executed on both kernels one call at a time and compared after each: what the call returned and
//! wrote, who sleeps, who was woken with what, and which sockets there are in which states. The first
//! difference is a [`Divergence`]; it is shrunk to the shortest sequence that still shows it.
//!
//! ```no_run
//! use sockscope::fuzz::{Bounds, Fuzzer};
//! let mut fuzzer = Fuzzer::new(1, Bounds { cases: 100, ..Bounds::default() });
//! while let Some(verdict) = fuzzer.next_case().expect("the real kernel is there") {
//!     if let Some(found) = verdict.divergence { println!("{found}"); }
//! }
//! ```
//!
//! The same seed gives the same cases: generation looks at the simulated kernel alone. Most cases begin in a
//! situation that chance would seldom reach (`openings.rs`): a connection that is half closed or reset, a full queue, an
//! error that nobody has asked for; calls are drawn from there.
//!
//! # What is left out
//!
//! - Time: no case lasts long enough for a retransmission. At each call, a delayed acknowledgement may or may not
//!   have been sent: all that may have become of that is followed, and what Linux says must be true of one. A
//!   difference that does not come back when the case is run again is counted as unstable, not as a divergence.
//! - How much a buffer takes: no case fills one with data, or asks for SO_RCVBUF and SO_SNDBUF.
//! - Who a process is: SO_PEERCRED, F_SETOWN, fork(2) and what waits for processes.
//! - Waiting with a limit: calls look once or wait for good; SO_RCVTIMEO and SO_LINGER with seconds are not set.
//! - What descriptors 0 to 2 are ready for: puppets have other files there.
//! - Calls that the simulated kernel answers with "not modelled": the generator takes them back.

mod addresses;
mod coverage;
mod generate;
mod lockstep;
mod names;
mod openings;
mod real;
mod report;
mod requests;
mod shrink;
mod simulated;

pub use coverage::{Coverage, Met};
pub use lockstep::Divergence;
pub use report::Kept;

use crate::abi::Syscall;
use crate::kernel::planted::Planted;
use crate::native::Error;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

/// One call by one of a case's processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op {
    /// The process, counted from 0.
    pub task: usize,
    /// What it asks of the kernel. Ports that a kernel chose are named in the order in which they
    /// showed: 40000, 40002 … for even ones, 50001, 50003 … for odd ones.
    pub call: Syscall,
}

/// A sequence of calls that starts on fresh kernels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Decides what the simulated kernel chooses by itself.
    pub seed: u64,
    /// For each process, whether it has root's capabilities.
    pub tasks: Vec<bool>,
    /// What they do, in order. A call of a process that sleeps or has ended is passed over.
    pub ops: Vec<Op>,
}

/// How much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// At most so many cases.
    pub cases: u64,
    /// At most so many calls in each.
    pub steps: usize,
    /// No case begins later than this.
    pub time: Option<Duration>,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            cases: 1_000,
            steps: 24,
            time: None,
        }
    }
}

/// What became of one case.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The shortest sequence that shows a difference, and the difference, if there is one.
    pub divergence: Option<Kept>,
    /// A difference that was not there when the case was run again.
    pub unstable: Option<Kept>,
}

/// Generates cases and runs them.
pub struct Fuzzer {
    seed: u64,
    bounds: Bounds,
    began: Instant,
    done: u64,
    planted: Option<Planted>,
    coverage: Coverage,
    /// Of cases that have been run and not been asked for yet.
    verdicts: VecDeque<Verdict>,
}

/// So many cases are run at once: most of a case is waiting for processes and namespaces.
const AT_ONCE: u64 = 8;

/// A difference must show in each of so many runs.
const RUNS: usize = 3;

impl Fuzzer {
    /// Begins with the first case of that seed.
    pub fn new(seed: u64, bounds: Bounds) -> Fuzzer {
        Fuzzer {
            seed,
            bounds,
            began: Instant::now(),
            done: 0,
            planted: None,
            coverage: Coverage::default(),
            verdicts: VecDeque::new(),
        }
    }

    /// With a bug in the simulated kernel, which is to be found.
    pub fn with_planted(mut self, bug: Planted) -> Fuzzer {
        self.planted = Some(bug);
        self
    }

    /// What the cases so far have reached.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Runs the next case; `None` when there is no more to do.
    ///
    /// Errors: the real kernel, or what stands around it, refused.
    pub fn next_case(&mut self) -> Result<Option<Verdict>, Error> {
        if let Some(verdict) = self.verdicts.pop_front() {
            return Ok(Some(verdict));
        }
        let late = (self.bounds.time).is_some_and(|most| self.began.elapsed() >= most);
        let most = self.bounds.cases - self.done;
        if most == 0 || late {
            return Ok(None);
        }
        let numbers = self.done..self.done + most.min(AT_ONCE);
        self.done = numbers.end;
        let cases: Vec<Case> = numbers.map(|number| self.generate(number)).collect();
        let planted = self.planted;
        let judged: Vec<Result<Verdict, Error>> = thread::scope(|scope| {
            let begin = |case| scope.spawn(move || judge(case, planted));
            let begun: Vec<_> = cases.into_iter().map(begin).collect();
            let ended = begun.into_iter().map(|thread| thread.join());
            ended
                .map(|end| end.unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        });
        for verdict in judged {
            self.verdicts.push_back(verdict?);
        }
        Ok(self.verdicts.pop_front())
    }

    /// The case of that number.
    fn generate(&mut self, number: u64) -> Case {
        let _told = Told(self.seed, number);
        generate::case(
            self.seed,
            number,
            self.bounds.steps,
            self.planted,
            &mut self.coverage,
        )
    }
}

/// Runs one case, and again if it shows a difference.
fn judge(case: Case, planted: Option<Planted>) -> Result<Verdict, Error> {
    let mut verdict = Verdict {
        divergence: None,
        unstable: None,
    };
    let Some(mut found) = lockstep::run(&case, planted)? else {
        return Ok(verdict);
    };
    for _ in 1..RUNS {
        match lockstep::run(&case, planted)? {
            Some(again) => found = again,
            None => {
                let divergence = found;
                verdict.unstable = Some(Kept { case, divergence });
                return Ok(verdict);
            }
        }
    }
    verdict.divergence = Some(shrink::shrink(case, found, planted)?);
    Ok(verdict)
}

/// Runs one case on both kernels.
///
/// Errors: the real kernel, or what stands around it, refused.
pub fn replay(case: &Case) -> Result<Option<Divergence>, Error> {
    lockstep::run(case, None)
}

/// Tells which case the simulated kernel did not survive.
struct Told(u64, u64);

impl Drop for Told {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("seed {}: generating case {} panicked", self.0, self.1);
        }
    }
}
