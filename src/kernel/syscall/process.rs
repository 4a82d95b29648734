//! fork(2), wait4(2), kill(2), rt_sigaction(2): processes as far as descriptors and sleeping calls need
//! them.

use super::Answer;
use crate::abi::constants::{
    SA_NOCLDWAIT, SA_RESTART, SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGURG, WNOHANG,
};
use crate::abi::{Errno, Id, NotModelled, Reply, SigAction, UserOut};
use crate::base::{Pid, Tid};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::task::{Blocked, Ended, InCall, Process, Progress, Task, TaskState};

/// The highest signal.
const SIGNALS: i32 = 64;
const SIG_DFL: u64 = 0;
const SIG_IGN: u64 = 1;
/// SIGWINCH: like SIGCHLD and SIGURG it does nothing unless a handler is there.
const SIGWINCH: i32 = 28;
/// WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WALL, __WCLONE.
const WAIT_OPTIONS: u32 = 0xe000_000b;

/// What a signal does to a process.
enum Effect {
    Nothing,
    Handler { restarts: bool },
    Ends,
    NotModelled,
}

fn effect(process: &Process, signal: i32) -> Effect {
    let action = process.action(signal);
    match action.handler {
        SIG_DFL => match signal {
            SIGCHLD | SIGCONT | SIGURG | SIGWINCH => Effect::Nothing,
            SIGSTOP..=22 => Effect::NotModelled,
            _ => Effect::Ends,
        },
        SIG_IGN => Effect::Nothing,
        _ => Effect::Handler {
            restarts: action.flags & SA_RESTART != 0,
        },
    }
}

impl Kernel {
    /// fork(2): `copy_process()`. The child has a copy of the descriptor table, which shares the open file
    /// descriptions, and one task, which is in user space.
    pub(super) fn sys_fork(&mut self, cx: &mut Cx, tid: Tid, pid: Pid) -> Answer {
        let number = self.next_number();
        let (child, new_tid) = (Pid(number), Tid(number));
        let mut process = self.processes.get(pid).ok_or(Errno::ESRCH)?.clone();
        process.fds.forget_reserved();
        process.parent = Some(pid);
        process.status = 0;
        process.stdin.clear();
        let files: Vec<_> = process.fds.iter().filter_map(|(_, d)| d.file).collect();
        self.processes.put(child, process);
        for file in files {
            self.hold(file);
        }
        self.tasks.put(new_tid, Task::new(child));
        cx.effects.forked.push((tid, new_tid));
        cx.emit(EventKind::ProcessForked { parent: pid, child });
        Ok(Reply::ok(child.0.into()))
    }

    /// wait4(2) for one child or any: `kernel_wait4()`.
    pub(super) fn sys_wait4(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        child: i32,
        status: Option<UserOut>,
        options: i32,
    ) -> Answer {
        if options as u32 & !WAIT_OPTIONS != 0 {
            return Err(Errno::EINVAL.into());
        }
        if child == i32::MIN {
            return Err(Errno::ESRCH.into());
        }
        // Process groups; what stops and continues.
        if child == 0 || child < -1 || options & !WNOHANG != 0 {
            return Err(NotModelled::Call { call: "wait4" }.into());
        }
        let status = status.map(|out| matches!(out, UserOut::Capacity(room) if room >= 4));
        match self.wait_now(cx, pid, child, status) {
            Err(stop) if options & WNOHANG != 0 && stop.waits() => Ok(Reply::ok(0)),
            other => other,
        }
    }

    /// Reaps a child that has ended, or waits for one.
    pub(super) fn wait_now(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        child: i32,
        status: Option<bool>,
    ) -> Answer {
        let mut waits = false;
        let mut found = None;
        for (id, process) in self.children(pid, child) {
            waits = true;
            if let Some(ended) = process.ended {
                found = Some((id, ended));
                break;
            }
        }
        let Some((id, ended)) = found else {
            return if waits {
                Err(Blocked::Child { pid: child, status }.into())
            } else {
                Err(Errno::ECHILD.into())
            };
        };
        if let Some(process) = self.processes.get_mut(id) {
            process.parent = None;
        }
        cx.emit(EventKind::ProcessReaped { pid, child: id });
        let word = match ended {
            Ended::Exited(status) => i32::from(status) << 8,
            Ended::Killed(signal) => i32::from(signal),
        };
        let reply = Reply::ok(id.0.into());
        match status {
            None => Ok(reply),
            Some(true) => Ok(reply.with_write(1, word.to_le_bytes().to_vec())),
            // The child is gone all the same.
            Some(false) => Err(Errno::EFAULT.into()),
        }
    }

    fn children(&self, pid: Pid, child: i32) -> impl Iterator<Item = (Pid, &Process)> {
        let all = self.processes.iter();
        all.filter(move |(id, p)| p.parent == Some(pid) && (child == -1 || id.0 as i32 == child))
    }

    /// Whether wait4(2) would get further now.
    pub(super) fn child_has_ended(&self, pid: Pid, child: i32) -> bool {
        let mut children = self.children(pid, child).peekable();
        children.peek().is_none() || children.any(|(_, process)| process.ended.is_some())
    }

    /// `exit_notify()`: children are nobody's from now on, and the parent hears of the end.
    pub(crate) fn tell_family(&mut self, cx: &mut Cx, pid: Pid) {
        for id in self.processes.ids() {
            if let Some(process) = self.processes.get_mut(id)
                && process.parent == Some(pid)
            {
                process.parent = None;
            }
        }
        let Some(parent) = self.processes.get(pid).and_then(|p| p.parent) else {
            return;
        };
        let action = self.processes.get(parent).map(|p| p.action(SIGCHLD));
        let ignored = |a: SigAction| a.handler == SIG_IGN || a.flags & SA_NOCLDWAIT != 0;
        if action.is_some_and(ignored)
            && let Some(process) = self.processes.get_mut(pid)
        {
            process.parent = None;
        }
        self.wake_ready(cx, Rule::ChildEnded);
        self.signal(cx, parent, SIGCHLD);
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
        if target == pid {
            return match self.raise(cx, pid, signal) {
                Some(ended) => Err(Progress::Ending(ended).into()),
                None => Ok(Reply::ok(0)),
            };
        }
        self.signal(cx, target, signal);
        Ok(Reply::ok(0))
    }

    /// A signal that a process gets for what it does itself. `Some`: it ends.
    pub(super) fn raise(&mut self, _: &mut Cx, pid: Pid, signal: i32) -> Option<Ended> {
        let process = self.processes.get(pid)?;
        match effect(process, signal) {
            Effect::Ends | Effect::NotModelled => Some(Ended::Killed(signal as u8)),
            Effect::Nothing | Effect::Handler { .. } => None,
        }
    }

    /// A signal from outside: it ends the process, interrupts a call that sleeps, or does nothing.
    fn signal(&mut self, cx: &mut Cx, pid: Pid, signal: i32) {
        let Some(process) = self.processes.get(pid).filter(|p| p.ended.is_none()) else {
            return;
        };
        let tids: Vec<Tid> = self.living(pid).collect();
        match effect(process, signal) {
            Effect::Nothing | Effect::NotModelled => {}
            Effect::Ends => {
                let ended = Ended::Killed(signal as u8);
                let in_call = |tid: &Tid| (*tid, ended, self.is_in_call(*tid));
                cx.effects.ended.extend(tids.iter().map(in_call));
                if let Some(tid) = tids.first() {
                    self.end_process(cx, *tid, ended);
                }
            }
            // The handler runs in the first task.
            Effect::Handler { restarts } => {
                if let Some(tid) = tids.first() {
                    self.interrupt(cx, *tid, restarts);
                }
            }
        }
    }

    /// A handler runs: a call that sleeps ends with what it has done so far or EINTR, unless the handler
    /// was installed with SA_RESTART and the call is one of those that begin again (signal(7)).
    fn interrupt(&mut self, cx: &mut Cx, tid: Tid, restarts: bool) {
        let Some(Task {
            state:
                TaskState::InCall(InCall {
                    progress: Progress::Asleep(blocked),
                    ..
                }),
            ..
        }) = self.tasks.get(tid)
        else {
            return;
        };
        let blocked = blocked.clone();
        let (partial, again) = match blocked.heart() {
            Blocked::Accept { .. }
            | Blocked::Connect { .. }
            | Blocked::UnixConnect { .. }
            | Blocked::Child { .. } => (None, true),
            Blocked::UnixSend { out, .. } => ((out.sent > 0).then(|| Reply::ok(out.sent)), true),
            Blocked::PipeRead { .. } => (None, true),
            Blocked::Receive { got, want, .. } if !got.is_empty() => {
                let got = super::message::Received::octets(got.clone());
                (super::message::received(got, want).ok(), true)
            }
            Blocked::Receive { .. } => (None, true),
            Blocked::Send { sent, .. } | Blocked::PipeWrite { sent, .. } => {
                ((*sent > 0).then(|| Reply::ok(*sent)), true)
            }
            Blocked::Linger { .. } => (Some(Reply::ok(0)), true),
            Blocked::Futex { deadline, .. } => (None, deadline.is_none()),
            Blocked::Poll { .. }
            | Blocked::Epoll { .. }
            | Blocked::Sleep { .. }
            | Blocked::Batch(_) => (None, false),
        };
        let answer = if let Blocked::Batch(batch) = &*blocked {
            self.interrupted_batch(cx, batch, partial)
        } else {
            partial.map(Progress::Done)
        };
        if answer.is_none() && restarts && again {
            return;
        }
        self.wake_task(cx, tid, Rule::Interrupted);
        self.let_go(cx, tid, &blocked);
        if let Some(Task {
            state: TaskState::InCall(in_call),
            ..
        }) = self.tasks.get_mut(tid)
        {
            in_call.progress = answer.unwrap_or(Progress::Done(Reply::error(Errno::EINTR)));
        }
    }

    /// getppid(2), getuid(2) and others. Who has lost its parent is init's child.
    pub(super) fn sys_identity(&self, pid: Pid, of: Id) -> Answer {
        const INIT: u32 = 1;
        const ORDINARY: u32 = 65_534;
        let process = self.processes.get(pid).ok_or(Errno::ESRCH)?;
        let root = process.capabilities.net_admin;
        Ok(Reply::ok(u64::from(match of {
            Id::Ppid => process.parent.map_or(INIT, |pid| pid.0),
            Id::Uid | Id::Euid | Id::Gid | Id::Egid if root => 0,
            Id::Uid | Id::Euid | Id::Gid | Id::Egid => ORDINARY,
        })))
    }

    /// rt_sigaction(2).
    pub(super) fn sys_rt_sigaction(
        &mut self,
        pid: Pid,
        signal: i32,
        action: Option<SigAction>,
    ) -> Answer {
        let fixed = signal == SIGKILL || signal == SIGSTOP;
        if !(1..=SIGNALS).contains(&signal) || (fixed && action.is_some()) {
            return Err(Errno::EINVAL.into());
        }
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        if let Some(action) = action {
            process.actions.insert(signal, action);
        }
        Ok(Reply::ok(0))
    }
}
