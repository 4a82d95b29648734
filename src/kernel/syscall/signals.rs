//! rt_sigaction(2), rt_sigprocmask(2) and what else concerns a process's own signals; kill(2), alarm(2).

use super::Answer;
use crate::abi::constants::{
    ITIMER_REAL, SI_USER, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGKILL, SIGSTOP,
};
use crate::abi::{Errno, NotModelled, Reply, SigAction, SigInfo, UserIn, UserOut};
use crate::base::Pid;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::signal::{Effect, SIGNALS, Timer, UNBLOCKABLE, bit, effect};
use crate::kernel::task::{Blocked, Process, Progress, Task};
use std::time::Duration;

/// A set of signals.
fn set_of(given: &UserIn) -> Result<u64, Errno> {
    match given {
        UserIn::Bytes(bytes) => bytes.first_chunk().map(|b| u64::from_le_bytes(*b)),
        UserIn::Fault => None,
    }
    .ok_or(Errno::EFAULT)
}

/// A value that is written if it is wanted.
fn told(arg: u8, wanted: Option<UserOut>, bytes: Vec<u8>) -> Answer {
    match wanted {
        None => Ok(Reply::ok(0)),
        Some(out) if out.room() >= bytes.len() as u64 => Ok(Reply::ok(0).with_write(arg, bytes)),
        Some(_) => Err(Errno::EFAULT.into()),
    }
}

/// A struct timeval.
fn time_of(bytes: &[u8]) -> Result<Duration, Errno> {
    let word = |at: usize| bytes.get(at..at + 8)?.first_chunk();
    let (Some(seconds), Some(micros)) = (word(0), word(8)) else {
        return Err(Errno::EFAULT);
    };
    let micros = u32::try_from(i64::from_le_bytes(*micros)).ok();
    let micros = micros.filter(|n| *n < 1_000_000).ok_or(Errno::EINVAL)?;
    let seconds = u64::try_from(i64::from_le_bytes(*seconds)).map_err(|_| Errno::EINVAL)?;
    Ok(Duration::new(seconds, micros * 1000))
}

impl Kernel {
    fn own_task(&mut self, cx: &Cx) -> Result<&mut Task, Errno> {
        let task = cx.task.and_then(|tid| self.tasks.get_mut(tid));
        task.ok_or(Errno::ESRCH)
    }

    /// kill(2) for one process.
    pub(super) fn sys_kill(&mut self, cx: &mut Cx, pid: Pid, target: i32, signal: i32) -> Answer {
        // Process groups, and everybody.
        if target <= 0 {
            return Err(NotModelled::Call { call: "kill" }.into());
        }
        let target = Pid(target as u32);
        let process = self.processes.get(target);
        // A process that has ended is there until its parent has asked for it.
        let process = process.filter(|p| p.ended.is_none() || p.parent.is_some());
        let process = process.ok_or(Errno::ESRCH)?;
        if !(0..=SIGNALS).contains(&signal) {
            return Err(Errno::EINVAL.into());
        }
        let sender = self.processes.get(pid).ok_or(Errno::ESRCH)?;
        if process.capabilities.net_raw && !sender.capabilities.net_raw {
            return Err(Errno::EPERM.into());
        }
        if signal == 0 || process.ended.is_some() {
            return Ok(Reply::ok(0));
        }
        if let Effect::NotModelled = effect(process, signal) {
            return Err(NotModelled::Call { call: "kill" }.into());
        }
        cx.emit(EventKind::SignalSent {
            pid: target,
            signal: signal as u8,
        });
        let info = SigInfo {
            code: SI_USER,
            pid: pid.0 as i32,
            uid: sender.uid(),
            status: 0,
        };
        if target == pid {
            return match self.raise(cx, pid, signal, info) {
                Some(ended) => Err(Progress::Ending(ended).into()),
                None => Ok(Reply::ok(0)),
            };
        }
        self.send_signal(cx, target, signal, info);
        Ok(Reply::ok(0))
    }

    /// rt_sigaction(2): `do_sigaction()`.
    pub(super) fn sys_rt_sigaction(
        &mut self,
        pid: Pid,
        signal: i32,
        action: Option<SigAction>,
        old: Option<UserOut>,
    ) -> Answer {
        let fixed = signal == SIGKILL || signal == SIGSTOP;
        if !(1..=SIGNALS).contains(&signal) || (fixed && action.is_some()) {
            return Err(Errno::EINVAL.into());
        }
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let before = process.action(signal);
        if let Some(mut action) = action {
            action.mask &= !UNBLOCKABLE;
            process.actions.insert(signal, action);
            // What is ignored now does not wait any longer.
            if let Effect::Nothing = effect(process, signal) {
                process.pending.remove(&signal);
            }
        }
        told(2, old, before.encode())
    }

    /// rt_sigprocmask(2).
    pub(super) fn sys_rt_sigprocmask(
        &mut self,
        cx: &Cx,
        how: i32,
        set: Option<&UserIn>,
        old: Option<UserOut>,
    ) -> Answer {
        let task = self.own_task(cx)?;
        let before = task.mask;
        if let Some(set) = set {
            let set = set_of(set)? & !UNBLOCKABLE;
            task.mask = match how {
                SIG_BLOCK => before | set,
                SIG_UNBLOCK => before & !set,
                SIG_SETMASK => set,
                _ => return Err(Errno::EINVAL.into()),
            };
        }
        told(2, old, before.to_le_bytes().to_vec())
    }

    /// rt_sigpending(2): what waits and is blocked.
    pub(super) fn sys_rt_sigpending(&mut self, cx: &Cx, pid: Pid, set: UserOut) -> Answer {
        let mask = self.own_task(cx)?.mask;
        let process = self.processes.get(pid).ok_or(Errno::ESRCH)?;
        let pending = process.pending.iter();
        let pending = pending.fold(0, |all, (signal, _)| all | bit(*signal)) & mask;
        told(0, Some(set), pending.to_le_bytes().to_vec())
    }

    /// rt_sigsuspend(2).
    pub(super) fn sys_rt_sigsuspend(&mut self, cx: &Cx, mask: &UserIn) -> Answer {
        self.mask_for_call(cx, set_of(mask)?);
        Err(Blocked::Signal.into())
    }

    /// A mask that a call brings for its time.
    pub(super) fn bring_mask(&mut self, cx: &Cx, mask: Option<&UserIn>) -> Result<(), Errno> {
        if let Some(mask) = mask {
            let mask = set_of(mask)?;
            self.mask_for_call(cx, mask);
        }
        Ok(())
    }

    /// rt_sigreturn(2).
    pub(super) fn sys_rt_sigreturn(&mut self, cx: &Cx, mask: u64) -> Answer {
        self.own_task(cx)?.mask = mask & !UNBLOCKABLE;
        Ok(Reply::ok(0))
    }

    /// alarm(2): `alarm_setitimer()`. What was left is told in whole seconds, and never as 0.
    pub(super) fn sys_alarm(&mut self, cx: &Cx, pid: Pid, seconds: u32) -> Answer {
        const MOST: u32 = i32::MAX as u32;
        let timer = (seconds > 0).then(|| Timer {
            at: cx.now + Duration::from_secs(seconds.min(MOST).into()),
            every: Duration::ZERO,
        });
        let left = self.set_timer(pid, timer);
        let left = left.map_or(Duration::ZERO, |old| old.at.since(cx.now));
        let rounds_up = left.subsec_millis() >= 500 || (left.as_secs() == 0 && !left.is_zero());
        Ok(Reply::ok(left.as_secs() + u64::from(rounds_up)))
    }

    /// setitimer(2); without a new value the timer stops ("misfeature").
    pub(super) fn sys_setitimer(
        &mut self,
        cx: &Cx,
        pid: Pid,
        which: i32,
        (new, old): (Option<&UserIn>, Option<UserOut>),
    ) -> Answer {
        if !(0..=2).contains(&which) {
            return Err(Errno::EINVAL.into());
        }
        if which != ITIMER_REAL {
            return Err(NotModelled::Call { call: "setitimer" }.into());
        }
        let timer = match new {
            None => None,
            Some(UserIn::Fault) => return Err(Errno::EFAULT.into()),
            Some(UserIn::Bytes(bytes)) => {
                let every = time_of(bytes)?;
                let first = time_of(bytes.get(16..).unwrap_or_default())?;
                let at = cx.now + first;
                (!first.is_zero()).then_some(Timer { at, every })
            }
        };
        let before = self.set_timer(pid, timer);
        let words = before.map_or([0; 4], |old| {
            let left = old.at.since(cx.now);
            let words = |time: Duration| [time.as_secs(), u64::from(time.subsec_micros())];
            let ([a, b], [c, d]) = (words(old.every), words(left));
            [a, b, c, d]
        });
        told(2, old, words.map(u64::to_le_bytes).concat())
    }

    /// execve(2), as far as the kernel has a part in it (`begin_new_exec()`): descriptors with FD_CLOEXEC are closed,
    /// signals that are handled go back to their default. The program itself is replaced by whoever runs it.
    pub(super) fn sys_execve(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        pathname: &UserIn,
        program: Option<u32>,
    ) -> Answer {
        if *pathname == UserIn::Fault {
            return Err(Errno::EFAULT.into());
        }
        let program = program.ok_or(Errno::ENOENT)?;
        // de_thread()
        if self.living(pid).len() > 1 {
            return Err(NotModelled::Call { call: "execve" }.into());
        }
        cx.emit(EventKind::ProgramReplaced { pid, program });
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        process.forget_handlers();
        let mut closed = Vec::new();
        for (fd, descriptor) in process.fds.iter() {
            if descriptor.close_on_exec {
                closed.push(fd);
            }
        }
        for fd in closed {
            self.close_descriptor(cx, pid, fd, crate::kernel::rule::Rule::CloseOnExec);
        }
        Ok(Reply::ok(0))
    }
}

impl Process {
    /// `flush_signal_handlers()`: what is ignored stays ignored.
    fn forget_handlers(&mut self) {
        self.actions
            .retain(|_, action| action.handler == crate::kernel::signal::SIG_IGN);
    }

    /// Its user, real and effective.
    pub(crate) fn uid(&self) -> u32 {
        const ORDINARY: u32 = 65_534;
        if self.capabilities.net_admin {
            0
        } else {
            ORDINARY
        }
    }
}
