//! Processes: forking them on both kernels, and their numbers, which are the simulated kernel's in calls
//! and replies.

use super::{BOUND, Both, Task, outcome};
use crate::common::calls::*;
use crate::common::host::Outcome;

impl Both {
    /// fork(2): the child.
    #[track_caller]
    pub(crate) fn fork(&mut self, task: Task) -> Task {
        self.begins(task, &Syscall::Fork)
    }

    #[track_caller]
    fn begins(&mut self, task: Task, call: &Syscall) -> Task {
        let ours = self.host.call(self.tids[task.0], call);
        let (_, child) = self.host.forked.pop().expect("there is another task");
        assert_eq!(ours.reply().result, Ok(child.0.into()));
        self.tids.push(child);
        if let Some(stage) = &mut self.stage {
            stage.start(self.puppets[task.0], call).expect("it begins");
            let settled = stage.settle(self.puppets[task.0], BOUND);
            let reply = outcome(settled.expect("it settles")).reply();
            assert!(reply.result.is_ok(), "{reply:?}");
            let (_, child) = stage.take_forked().pop().expect("there is another puppet");
            self.puppets.push(child);
        }
        Task(self.tids.len() - 1)
    }

    /// clone3(2) as pthread_create(3) makes it: the new task. `clear_tid`: where its end is told; 0: nowhere.
    #[track_caller]
    pub(crate) fn thread(&mut self, task: Task, clear_tid: u64) -> Task {
        self.begins(
            task,
            &Syscall::Clone3 {
                flags: 0x3d_0f00,
                child_tid: clear_tid,
            },
        )
    }

    /// Waits until a process that was ended by a signal is gone on the real kernel, too: kill(2) does not
    /// wait for that.
    pub(crate) fn gone(&mut self, task: Task) {
        let Some(stage) = &mut self.stage else { return };
        let until = std::time::Instant::now() + BOUND;
        while std::time::Instant::now() < until {
            let settled = stage.settle(self.puppets[task.0], std::time::Duration::ZERO);
            if matches!(settled, Ok(sockscope::native::Settled::Ended(_))) {
                return;
            }
        }
        panic!("{task:?} has not ended");
    }

    /// The number of a task's process.
    pub(crate) fn pid(&self, task: Task) -> u32 {
        self.tids[task.0].0
    }

    /// The pairs of numbers: here, there.
    fn pids(&self) -> Vec<(i32, i32)> {
        let Some(stage) = &self.stage else {
            return Vec::new();
        };
        let pairs = self.tids.iter().zip(&self.puppets);
        pairs
            .map(|(tid, puppet)| (tid.0 as i32, stage.pid(*puppet).expect("a puppet")))
            .collect()
    }

    pub(super) fn native_pids(&self, mut call: Syscall) -> Syscall {
        if let Syscall::Kill { pid, .. } | Syscall::Wait4 { pid, .. } = &mut call {
            let found = self.pids().into_iter().find(|(here, _)| here == pid);
            *pid = found.map_or(*pid, |(_, there)| there);
        }
        call
    }

    pub(super) fn simulated_pids(&self, call: &Syscall, mut outcome: Outcome) -> Outcome {
        if let (Syscall::Getpid | Syscall::Gettid | Syscall::Wait4 { .. }, Outcome::Returned(reply)) =
            (call, &mut outcome)
            && let Ok(pid) = &mut reply.result
        {
            let found = self
                .pids()
                .into_iter()
                .find(|(_, there)| *there as u64 == *pid);
            *pid = found.map_or(*pid, |(here, _)| here as u64);
        }
        outcome
    }
}
