//! Signals (`kernel/signal.c`): sent, pending, delivered when a task goes back to user space. The handler itself is
//! the program's to run: it is told by a [`Delivery`].

use crate::abi::constants::{
    SA_NODEFER, SA_RESETHAND, SA_RESTART, SA_RESTORER, SA_SIGINFO, SI_KERNEL, SIGALRM, SIGCHLD,
    SIGCONT, SIGKILL, SIGSTOP, SIGURG, SIGWINCH,
};
use crate::abi::{Delivery, Errno, Reply, SigInfo};
use crate::base::{Choices, Pid, Tid, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::syscall::message;
use crate::kernel::task::{Blocked, Ended, Process, Progress, TaskState};
use crate::kernel::{Alarm, Kernel};
use std::time::Duration;

/// The highest signal.
pub(crate) const SIGNALS: i32 = 64;
pub(crate) const SIG_DFL: u64 = 0;
pub(crate) const SIG_IGN: u64 = 1;
/// What no mask holds back.
pub(crate) const UNBLOCKABLE: u64 = bit(SIGKILL) | bit(SIGSTOP);

/// The place of a signal in a set.
pub(crate) const fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// What a signal does to a process.
pub(crate) enum Effect {
    Nothing,
    Handler,
    Ends,
    NotModelled,
}

pub(crate) fn effect(process: &Process, signal: i32) -> Effect {
    match process.action(signal).handler {
        SIG_DFL => match signal {
            SIGCHLD | SIGCONT | SIGURG | SIGWINCH => Effect::Nothing,
            SIGSTOP..=22 => Effect::NotModelled,
            _ => Effect::Ends,
        },
        SIG_IGN => Effect::Nothing,
        _ => Effect::Handler,
    }
}

/// ITIMER_REAL of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Timer {
    /// When it runs out.
    pub at: Time,
    /// How long after that again; zero: not at all.
    pub every: Duration,
}

impl Kernel {
    /// A signal for a process (`__send_signal_locked()`, `complete_signal()`): it ends the process, waits until a task
    /// goes back to user space, or does nothing.
    pub(crate) fn send_signal(&mut self, cx: &mut Cx, pid: Pid, signal: i32, info: SigInfo) {
        let Some(process) = self.processes.get(pid).filter(|p| p.ended.is_none()) else {
            return;
        };
        let mut tasks = Vec::new();
        // The first that does not block it.
        let mut taker = None;
        for (tid, task) in self.tasks.iter() {
            if task.pid == pid && !task.has_ended() {
                tasks.push(tid);
                if task.mask & bit(signal) == 0 {
                    taker = taker.or(Some(tid));
                }
            }
        }
        match (effect(process, signal), taker) {
            // sig_ignored(): what is blocked might be wanted later.
            (Effect::Nothing | Effect::NotModelled, Some(_)) => return,
            (Effect::Ends, Some(_)) => {
                let ended = Ended::Killed(signal as u8);
                for tid in &tasks {
                    let in_call = self.is_in_call(*tid);
                    cx.effects.ended.push((*tid, ended, in_call));
                }
                if let Some(tid) = tasks.first() {
                    self.end_process(cx, *tid, ended);
                }
                return;
            }
            (Effect::Handler, Some(_)) | (_, None) => {}
        }
        if let Some(process) = self.processes.get_mut(pid)
            && !process.pending.contains_key(&signal)
        {
            process.pending.insert(signal, info);
        }
        match taker {
            Some(tid) => self.wake_task(cx, tid, Rule::Interrupted),
            None => {
                let signal = signal as u8;
                cx.emit(EventKind::SignalWaits { pid, signal });
                self.wake_ready(cx, Rule::Interrupted);
            }
        }
    }

    /// A signal that a task gets for what it does in a call. `Some`: its process ends.
    pub(crate) fn raise(&mut self, cx: &Cx, pid: Pid, signal: i32, info: SigInfo) -> Option<Ended> {
        let mask = cx
            .task
            .and_then(|tid| self.tasks.get(tid))
            .map_or(0, |t| t.mask);
        let process = self.processes.get_mut(pid)?;
        let blocked = mask & bit(signal) != 0;
        match effect(process, signal) {
            Effect::Ends | Effect::NotModelled if !blocked => Some(Ended::Killed(signal as u8)),
            Effect::Nothing if !blocked => None,
            Effect::Ends | Effect::NotModelled | Effect::Nothing | Effect::Handler => {
                if !process.pending.contains_key(&signal) {
                    process.pending.insert(signal, info);
                }
                None
            }
        }
    }

    /// The signal that a task would get on its way to user space: the lowest first (`next_signal()`).
    pub(crate) fn next_signal(&self, tid: Tid) -> Option<i32> {
        let task = self.tasks.get(tid)?;
        let process = self.processes.get(task.pid)?;
        let mut pending = process.pending.iter().map(|(signal, _)| *signal);
        pending.find(|signal| {
            task.mask & bit(*signal) == 0 && !matches!(effect(process, *signal), Effect::Nothing)
        })
    }

    /// `exit_to_user_mode_loop()`: which handlers the task runs before it goes on. `interrupted`: the call that it was
    /// in ends for a signal; then a mask that the call brought holds until the handler has begun.
    pub(crate) fn take_signals(
        &mut self,
        tid: Tid,
        interrupted: bool,
    ) -> Result<Vec<Delivery>, Ended> {
        if !interrupted {
            self.restore_mask(tid);
        }
        let mut all = Vec::new();
        while let Some(signal) = self.next_signal(tid) {
            let Some(task) = self.tasks.get_mut(tid) else {
                break;
            };
            let Some(process) = self.processes.get_mut(task.pid) else {
                break;
            };
            let info = process.pending.remove(&signal).unwrap_or_default();
            if !matches!(effect(process, signal), Effect::Handler) {
                return Err(Ended::Killed(signal as u8));
            }
            let action = process.action(signal);
            if action.flags & SA_RESETHAND != 0
                && let Some(kept) = process.actions.get_mut(&signal)
            {
                kept.handler = SIG_DFL;
            }
            if action.flags & SA_RESTORER == 0 {
                continue;
            }
            all.push(Delivery {
                signal,
                handler: action.handler,
                wants_info: action.flags & SA_SIGINFO != 0,
                mask: task.saved_mask.take().unwrap_or(task.mask),
                info,
            });
            let own = if action.flags & SA_NODEFER != 0 {
                0
            } else {
                bit(signal)
            };
            task.mask |= (action.mask | own) & !UNBLOCKABLE;
        }
        self.restore_mask(tid);
        Ok(all)
    }

    /// `restore_saved_sigmask()`.
    fn restore_mask(&mut self, tid: Tid) {
        if let Some(task) = self.tasks.get_mut(tid)
            && let Some(mask) = task.saved_mask.take()
        {
            task.mask = mask;
        }
    }

    /// A mask that holds for one call (`set_user_sigmask()`).
    pub(crate) fn mask_for_call(&mut self, cx: &Cx, mask: u64) {
        if let Some(task) = cx.task.and_then(|tid| self.tasks.get_mut(tid)) {
            task.saved_mask = Some(task.mask);
            task.mask = mask & !UNBLOCKABLE;
        }
    }

    /// The handlers that a task in user space runs before it goes on.
    pub fn handlers_to_run(&mut self, tid: Tid, now: Time, choices: &mut Choices) -> Vec<Delivery> {
        let computes = self
            .tasks
            .get(tid)
            .is_some_and(|task| matches!(task.state, TaskState::User));
        if !computes || self.next_signal(tid).is_none() {
            return Vec::new();
        }
        self.enter(Some(tid), now, choices, |kernel, cx| {
            // What would end the process did so when it was sent.
            let all = kernel.take_signals(tid, false).unwrap_or_default();
            kernel.tell_handlers(cx, tid, &all);
            all
        })
    }

    pub(crate) fn tell_handlers(&self, cx: &mut Cx, tid: Tid, all: &[Delivery]) {
        let Some(pid) = self.tasks.get(tid).map(|task| task.pid) else {
            return;
        };
        for delivery in all {
            let signal = delivery.signal as u8;
            cx.emit(EventKind::HandlerRuns { pid, signal });
        }
    }

    /// What comes of a call that cannot go on waiting because of a signal: what it has done so far or EINTR, unless
    /// the handler was installed with SA_RESTART and the call is one of those that begin again (signal(7)).
    pub(crate) fn interrupted(
        &mut self,
        cx: &mut Cx,
        tid: Tid,
        blocked: &Blocked,
        until: Option<Time>,
    ) -> Progress {
        let (partial, again) = match blocked.heart() {
            Blocked::Accept { .. }
            | Blocked::Connect { .. }
            | Blocked::UnixConnect { .. }
            | Blocked::Child { .. }
            | Blocked::PipeRead { .. } => (None, true),
            Blocked::UnixSend { out, .. } => ((out.sent > 0).then(|| Reply::ok(out.sent)), true),
            Blocked::Receive { got, want, .. } if !got.is_empty() => {
                let got = message::Received::octets(got.clone());
                (message::received(got, want).ok(), true)
            }
            Blocked::Receive { .. } => (None, true),
            Blocked::Send { sent, .. } | Blocked::PipeWrite { sent, .. } => {
                ((*sent > 0).then(|| Reply::ok(*sent)), true)
            }
            Blocked::Linger { .. } => (Some(Reply::ok(0)), true),
            Blocked::Futex { deadline, .. } => (None, deadline.is_none()),
            Blocked::Sleep { deadline, rem } => {
                let left = deadline.since(cx.now);
                let words = [left.as_secs(), u64::from(left.subsec_nanos())];
                let reply = Reply::error(Errno::EINTR);
                let rem = rem.then(|| words.map(u64::to_le_bytes).concat());
                let told = rem.map(|rem| reply.with_write(1, rem));
                (told, false)
            }
            Blocked::Poll { .. } | Blocked::Epoll { .. } | Blocked::Batch(_) | Blocked::Signal => {
                (None, false)
            }
        };
        let answer = if let Blocked::Batch(batch) = blocked {
            self.interrupted_batch(cx, batch, partial)
        } else {
            partial.map(Progress::Done)
        };
        if let Some(answer) = answer {
            return answer;
        }
        let flags = self.next_signal(tid).zip(self.tasks.get(tid));
        let flags = flags.and_then(|(signal, task)| {
            let process = self.processes.get(task.pid)?;
            Some(process.action(signal).flags)
        });
        // sock_intr_errno(): what has a time limit does not begin again.
        match flags {
            Some(flags) if again && until.is_none() && flags & SA_RESTART != 0 => Progress::Again,
            _ => Progress::Done(Reply::error(Errno::EINTR)),
        }
    }

    /// `do_setitimer()` for ITIMER_REAL; gives what was set before.
    pub(crate) fn set_timer(&mut self, pid: Pid, timer: Option<Timer>) -> Option<Timer> {
        let process = self.processes.get_mut(pid)?;
        let old = std::mem::replace(&mut process.timer, timer);
        if let Some(old) = old {
            self.alarms.remove(&(old.at, Alarm::Timer(pid)));
        }
        if let Some(timer) = timer {
            self.alarms.insert((timer.at, Alarm::Timer(pid)), ());
        }
        old
    }

    /// Whether a process has set an alarm that is still to come.
    pub fn has_alarm(&self) -> bool {
        self.processes.iter().any(|(_, p)| p.timer.is_some())
    }

    /// `it_real_fn()`
    pub(crate) fn timer_ran_out(&mut self, cx: &mut Cx, pid: Pid) {
        let timer = self.processes.get(pid).and_then(|p| p.timer);
        let next = timer.filter(|timer| !timer.every.is_zero());
        let next = next.map(|timer| Timer {
            at: timer.at + timer.every,
            ..timer
        });
        self.set_timer(pid, next);
        let signal = SIGALRM;
        cx.emit(EventKind::SignalSent {
            pid,
            signal: signal as u8,
        });
        let info = SigInfo {
            code: SI_KERNEL,
            ..SigInfo::default()
        };
        self.send_signal(cx, pid, signal, info);
    }
}
