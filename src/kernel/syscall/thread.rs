//! clone3(2) for threads, exit(2), futex(2): several tasks in one process.

use super::Answer;
use super::readiness::deadline_of;
use crate::abi::constants::{FUTEX_PRIVATE_FLAG, FUTEX_WAIT, FUTEX_WAKE};
use crate::abi::{Errno, NotModelled, Reply, UserIn};
use crate::base::sorted::forget;
use crate::base::sorted::sort_by_key;
use crate::base::{Pid, Tid};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::task::{Blocked, Ended, InCall, Progress, Task, TaskState};

/// CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|
/// CLONE_CHILD_CLEARTID: what pthread_create(3) asks for.
const PTHREAD: u64 = 0x3d_0f00;
/// More tasks a process cannot have. On Linux RLIMIT_NPROC and memory set the bound, with the same error.
const MOST_TASKS: usize = 512;

impl Kernel {
    /// clone3(2) as pthread_create(3) makes it: `copy_process()` with CLONE_THREAD. The new task is in user space.
    pub(super) fn sys_clone3(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        flags: u64,
        child_tid: u64,
    ) -> Answer {
        if flags != PTHREAD {
            return Err(NotModelled::Call { call: "clone3" }.into());
        }
        if self.living(pid).len() >= MOST_TASKS {
            return Err(Errno::EAGAIN.into());
        }
        let Some(parent) = cx.task else {
            return Err(Errno::ESRCH.into());
        };
        let tid = Tid(self.next_number());
        let mask = self.tasks.get(parent).map_or(0, |task| task.mask);
        self.tasks.put(
            tid,
            Task {
                clear_tid: child_tid,
                mask,
                ..Task::new(pid)
            },
        );
        cx.effects.forked.push((parent, tid));
        cx.emit(EventKind::ThreadStarted { pid, tid });
        Ok(Reply::ok(tid.0.into()))
    }

    /// The number that the next task gets: those of processes and of their further threads are one sequence.
    pub(super) fn next_number(&self) -> u32 {
        self.tasks.iter().next_back().map_or(100, |(tid, _)| tid.0) + 1
    }

    /// The tasks of a process that have not ended.
    pub(crate) fn living(&self, pid: Pid) -> Vec<Tid> {
        let mut living = Vec::new();
        for (tid, task) in self.tasks.iter() {
            if task.pid == pid && !task.has_ended() {
                living.push(tid);
            }
        }
        living
    }

    /// exit(2): `do_exit()` of one task. With the last one the process ends, and its status is that one's
    /// (`synchronize_group_exit()`).
    pub(super) fn sys_exit(&mut self, pid: Pid, status: i32) -> Answer {
        Err(match self.living(pid).len() {
            1 => Progress::Ending(Ended::Exited(status as u8)),
            _ => Progress::Leaving(status as u8),
        }
        .into())
    }

    /// The end of one task of several: `mm_release()` wakes who waits for it at CLONE_CHILD_CLEARTID's address.
    pub(crate) fn end_task(&mut self, cx: &mut Cx, tid: Tid) {
        let Some(task) = self.tasks.get_mut(tid) else {
            return;
        };
        task.state = TaskState::Ended;
        let (pid, clear_tid) = (task.pid, task.clear_tid);
        cx.emit(EventKind::ThreadEnded { pid, tid });
        self.wake_futex(cx, pid, clear_tid, 1, Rule::ThreadEnd);
    }

    /// exit_group(2) in a process of several tasks: the others end where they are (`zap_other_threads()`). Returns
    /// whether there was one.
    pub(crate) fn end_others(&mut self, cx: &mut Cx, tid: Tid, ended: Ended) -> bool {
        let Some(pid) = self.tasks.get(tid).map(|task| task.pid) else {
            return false;
        };
        let mut others = self.living(pid);
        forget(&mut others, tid);
        for other in &others {
            cx.effects
                .ended
                .push((*other, ended, self.is_in_call(*other)));
            cx.emit(EventKind::ThreadEnded { pid, tid: *other });
            self.stop_task(cx, *other);
        }
        !others.is_empty()
    }

    /// futex(2): FUTEX_WAIT and FUTEX_WAKE, which is what locks and conditions are made of.
    pub(super) fn sys_futex(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        (uaddr, word): (u64, &UserIn),
        (op, val): (i32, u32),
        timeout: Option<&UserIn>,
    ) -> Answer {
        match op & !FUTEX_PRIVATE_FLAG {
            FUTEX_WAIT => {
                let deadline = deadline_of(cx, timeout, 1)?;
                if uaddr % 4 != 0 {
                    return Err(Errno::EINVAL.into());
                }
                let UserIn::Bytes(bytes) = word else {
                    return Err(Errno::EFAULT.into());
                };
                if bytes.first_chunk() != Some(&val.to_le_bytes()) {
                    return Err(Errno::EAGAIN.into());
                }
                Err(Blocked::Futex { uaddr, deadline }.into())
            }
            FUTEX_WAKE if uaddr % 4 != 0 => Err(Errno::EINVAL.into()),
            FUTEX_WAKE => {
                let woken = self.wake_futex(cx, pid, uaddr, val as i32, Rule::FutexWake);
                Ok(Reply::ok(woken))
            }
            _ => Err(NotModelled::Call { call: "futex" }.into()),
        }
    }

    /// Wakes at most `most` (at least one) of the tasks that wait at an address, first come first served; gives how many. One
    /// whose time is up and that has not run yet is woken in this way, too (`futex_unqueue()`).
    fn wake_futex(&mut self, cx: &mut Cx, pid: Pid, at: u64, most: i32, because: Rule) -> u64 {
        let mut waiters = Vec::new();
        for (tid, task) in self.tasks.iter() {
            if let TaskState::InCall(InCall {
                progress: Progress::Asleep(blocked) | Progress::Woken(blocked),
                ..
            }) = &task.state
                && task.pid == pid
                && matches!(**blocked, Blocked::Futex { uaddr, .. } if uaddr == at)
            {
                waiters.push((task.slept, tid));
            }
        }
        sort_by_key(&mut waiters, |waiter| *waiter);
        waiters.truncate(most.max(1) as usize);
        for (_, tid) in &waiters {
            self.wake_task(cx, *tid, because);
            if let Some(Task {
                state: TaskState::InCall(in_call),
                ..
            }) = self.tasks.get_mut(*tid)
            {
                in_call.progress = Progress::Done(Reply::ok(0));
            }
        }
        waiters.len() as u64
    }
}
