//! fork(2), wait4(2), and what a process can ask about itself.

use super::Answer;
use crate::abi::constants::{CLD_EXITED, CLD_KILLED, SA_NOCLDWAIT, SIGCHLD, WNOHANG};
use crate::abi::{Errno, Id, NotModelled, Reply, SigAction, SigInfo, UserOut};
use crate::base::{Pid, Tid};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::signal::SIG_IGN;
use crate::kernel::task::{Blocked, Ended, Process, Task};

/// WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WALL, __WCLONE.
const WAIT_OPTIONS: u32 = 0xe000_000b;

impl Kernel {
    /// fork(2): `copy_process()`. The child has a copy of the descriptor table, which shares the open file
    /// descriptions, and one task, which is in user space.
    pub(super) fn sys_fork(&mut self, cx: &mut Cx, tid: Tid, pid: Pid) -> Answer {
        let number = self.next_number();
        let (child, new_tid) = (Pid(number), Tid(number));
        let mut process = self.processes.get(pid).ok_or(Errno::ESRCH)?.clone();
        process.fds.forget_reserved();
        process.parent = Some(pid);
        process.stdin.clear();
        process.pending = Default::default();
        process.timer = None;
        let mut files = Vec::new();
        for (_, descriptor) in process.fds.iter() {
            files.extend(descriptor.file);
        }
        self.processes.put(child, process);
        for file in files {
            self.hold(file);
        }
        let mask = self.tasks.get(tid).map_or(0, |task| task.mask);
        let task = Task {
            mask,
            ..Task::new(child)
        };
        self.tasks.put(new_tid, task);
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
        let child = self.processes.get(pid);
        let (code, status) = match child.and_then(|p| p.ended) {
            Some(Ended::Killed(signal)) => (CLD_KILLED, signal),
            Some(Ended::Exited(status)) => (CLD_EXITED, status),
            None => (CLD_EXITED, 0),
        };
        let info = SigInfo {
            code,
            pid: pid.0 as i32,
            uid: child.map_or(0, Process::uid),
            status: status.into(),
        };
        self.send_signal(cx, parent, SIGCHLD, info);
    }

    /// getppid(2), getuid(2) and others. Who has lost its parent is init's child.
    pub(super) fn sys_identity(&self, pid: Pid, of: Id) -> Answer {
        const INIT: u32 = 1;
        let process = self.processes.get(pid).ok_or(Errno::ESRCH)?;
        Ok(Reply::ok(u64::from(match of {
            Id::Ppid => process.parent.map_or(INIT, |pid| pid.0),
            Id::Uid | Id::Euid | Id::Gid | Id::Egid => process.uid(),
        })))
    }
}
