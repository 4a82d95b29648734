//! The real kernel, one call at a time, through puppets.

use super::simulated::Answer;
use crate::abi::Syscall;
use crate::native::{End, Error, Puppet, PuppetSpec, Settled, SocketRow, Stage, StageConfig};
use std::time::Duration;

/// Longer than any call takes that does not sleep, on a slow machine.
const BOUND: Duration = Duration::from_secs(20);

/// A stage with one puppet for each process of a case.
pub(super) struct Real {
    stage: Stage,
    puppets: Vec<Puppet>,
}

impl Real {
    pub(super) fn open(tasks: &[bool]) -> Result<Real, Error> {
        let mut stage = Stage::open(&StageConfig::default())?;
        let mut puppets = Vec::with_capacity(tasks.len());
        for root in tasks {
            let spec = PuppetSpec {
                root: *root,
                ..PuppetSpec::default()
            };
            puppets.push(stage.spawn(&spec)?);
        }
        Ok(Real { stage, puppets })
    }

    pub(super) fn call(&mut self, task: usize, call: &Syscall) -> Result<Answer, Error> {
        self.stage.start(self.puppets[task], call)?;
        self.settle(task)
    }

    /// How far the call of a task is that slept when it was last asked for.
    pub(super) fn settle(&mut self, task: usize) -> Result<Answer, Error> {
        Ok(match self.stage.settle(self.puppets[task], BOUND)? {
            Settled::Returned(reply)
            | Settled::Handlers {
                reply: Some(reply), ..
            } => Answer::Returned(reply),
            Settled::Asleep => Answer::Asleep,
            Settled::Ended(End::Exited { status }) => Answer::Exited(status),
            Settled::Ended(End::Killed { signal }) => Answer::Killed(signal),
            // No case has handlers that run.
            Settled::StillRunning | Settled::Handlers { reply: None, .. } => {
                return Err(Error::NoAnswer {
                    waiting_for: "a system call's return",
                });
            }
        })
    }

    pub(super) fn sockets(&mut self) -> Result<Vec<SocketRow>, Error> {
        self.stage.sockets()
    }
}
