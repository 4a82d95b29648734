//! Descriptors in messages: SCM_RIGHTS. `net/core/scm.c`, `net/unix/garbage.c`.
//!
//! What travels is a reference to an open file description, taken when the message is sent. It is nobody's descriptor
//! until somebody receives it, and it keeps the description alive meanwhile.

use crate::abi::constants::{
    MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_PEEK, SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET,
};
use crate::abi::{Errno, NotModelled};
use crate::base::{FileId, Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::fd::LIMIT;
use crate::kernel::file::FileKind;
use crate::kernel::rule::Rule;
use crate::kernel::syscall::{CMSGHDR, Received, Stop, control_pieces};
use crate::kernel::task::Receive;

/// SCM_MAX_FD: a message carries no more.
const MAX_FD: usize = 253;

impl Kernel {
    /// `__scm_send()`: the files that control data names, in its order. Control data of other levels is passed over.
    /// Errors: EINVAL for what is malformed, unknown or too much, EBADF for what is not open.
    pub(super) fn rights_in(&self, pid: Pid, control: &[u8]) -> Result<Vec<FileId>, Stop> {
        let mut rights = Vec::new();
        for piece in control_pieces(control) {
            let (level, ty, data) = piece?;
            if level != SOL_SOCKET {
                continue;
            }
            match ty {
                SCM_RIGHTS => {
                    let (fds, _) = data.as_chunks::<4>();
                    if rights.len() + fds.len() > MAX_FD {
                        return Err(Errno::EINVAL.into());
                    }
                    for fd in fds {
                        rights.push(self.file(pid, i32::from_le_bytes(*fd))?.0);
                    }
                }
                SCM_CREDENTIALS => {
                    let what = "SCM_CREDENTIALS";
                    return Err(NotModelled::Protocol { what }.into());
                }
                _ => return Err(Errno::EINVAL.into()),
            }
        }
        Ok(rights)
    }

    /// `unix_attach_fds()`: an ordinary user has no more descriptors in flight than a process may have open. Users are
    /// not told apart here, so who would be refused is not known.
    pub(super) fn check_in_flight(&self, rights: &[FileId]) -> Result<(), Stop> {
        if !rights.is_empty() && self.in_flight().len() > LIMIT as usize {
            let what = "so many descriptors in flight";
            return Err(NotModelled::Protocol { what }.into());
        }
        Ok(())
    }

    /// Every file that a message carries, as often as one does.
    fn in_flight(&self) -> Vec<FileId> {
        let mut files = Vec::new();
        for unix in self.sockets.iter().filter_map(|(_, s)| s.unix()) {
            for message in &unix.queue {
                files.extend_from_slice(&message.rights);
            }
        }
        files
    }

    /// A message that carries them has joined the queue of `sock`.
    pub(super) fn send_rights(&mut self, cx: &mut Cx, sock: SockId, rights: &[FileId]) {
        for file in rights {
            self.hold(*file);
        }
        if !rights.is_empty() {
            let count = rights.len() as u32;
            cx.emit(EventKind::DescriptorsSent { sock, count });
        }
    }

    /// `scm_detach_fds()`: the lowest free numbers for what came with a message, as far as there is room for them in
    /// the control data. Who only looks gets descriptors all the same.
    pub(super) fn take_rights(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        rights: Vec<FileId>,
        want: &Receive,
        got: &mut Received,
    ) {
        let out = want.control.filter(|out| out.given && out.writable);
        let room = out.map_or(0, |out| (out.len as usize).saturating_sub(CMSGHDR) / 4);
        let mut numbers = Vec::new();
        let pid = self.caller(cx).unwrap_or(Pid(0));
        for file in rights.iter().take(room) {
            let Some(process) = self.processes.get_mut(pid) else {
                break;
            };
            // EMFILE: those that follow are lost.
            let Ok(fd) = process
                .fds
                .install(*file, want.flags & MSG_CMSG_CLOEXEC != 0)
            else {
                break;
            };
            self.hold(*file);
            let file = *file;
            cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
            numbers.extend_from_slice(&fd.to_le_bytes());
        }
        if !numbers.is_empty() {
            got.put_control(want, SOL_SOCKET, SCM_RIGHTS, &numbers);
        }
        let count = (rights.len() - numbers.len() / 4) as u32;
        if count > 0 {
            got.flags |= MSG_CTRUNC;
        }
        if want.flags & MSG_PEEK == 0 {
            if count > 0 {
                let because = Rule::ControlTruncated;
                cx.emit(EventKind::DescriptorsDropped {
                    sock,
                    count,
                    because,
                });
            }
            Kernel::let_rights_go(cx, &rights);
        }
    }

    /// Messages of `sock` that nobody will read are gone, and with them what they carried.
    pub(super) fn drop_rights(cx: &mut Cx, sock: SockId, rights: &[FileId], because: Rule) {
        if rights.is_empty() {
            return;
        }
        let count = rights.len() as u32;
        cx.emit(EventKind::DescriptorsDropped {
            sock,
            count,
            because,
        });
        Kernel::let_rights_go(cx, rights);
    }

    /// `__scm_destroy()`: the references are given back when the entry into the kernel ends (`task_work_run()`, which
    /// begins with the last): a socket that is closed then may carry others in its queue.
    fn let_rights_go(cx: &mut Cx, rights: &[FileId]) {
        cx.effects.dropped.extend(rights.iter().rev());
    }

    /// Gives back references of messages that are gone, until none of them is the last of a socket with such messages.
    pub(crate) fn settle_rights(&mut self, cx: &mut Cx) {
        loop {
            let mut dropped = std::mem::take(&mut cx.effects.dropped);
            if dropped.is_empty() {
                if !std::mem::take(&mut cx.effects.collect) {
                    return;
                }
                self.collect_unreachable(cx);
            }
            while let Some(file) = dropped.pop() {
                self.release_file(cx, file, Rule::LastClose);
            }
        }
    }

    /// `unix_gc()`, which runs when an AF_UNIX socket is closed: sockets that are only in flight, in the queues of each
    /// other, can be received by nobody.
    fn collect_unreachable(&mut self, cx: &mut Cx) {
        let flying = self.in_flight();
        if flying.is_empty() {
            return;
        }
        let flies = |file: FileId| flying.iter().filter(|f| **f == file).count() as u32;
        let held = |file: FileId| self.files.get(file).is_some_and(|f| f.refs > flies(file));
        let mut open = Vec::new();
        let mut alive = Vec::new();
        for (id, socket) in self.sockets.iter() {
            if let (Some(_), Some(file)) = (socket.unix(), socket.file) {
                open.push(id);
                if held(file) {
                    alive.push(id);
                }
            }
        }
        let mut at = 0;
        while let Some(sock) = alive.get(at) {
            at += 1;
            for queue in self.queues_of(*sock) {
                let messages = self.unix(queue).into_iter().flat_map(|u| &u.queue);
                for file in messages.flat_map(|m| &m.rights) {
                    if let Some(FileKind::Socket(sock)) = self.files.get(*file).map(|f| f.kind)
                        && !alive.contains(&sock)
                    {
                        alive.push(sock);
                    }
                }
            }
        }
        for sock in open {
            if !alive.contains(&sock) {
                for queue in self.queues_of(sock) {
                    self.purge(cx, queue, Rule::Unreachable);
                }
            }
        }
    }

    /// Whose queues are read by whoever has the socket: its own, and those of connections that wait for accept(2).
    fn queues_of(&self, sock: SockId) -> Vec<SockId> {
        let waiting = self.unix(sock).map(|unix| &unix.accept_queue[..]);
        [&[sock], waiting.unwrap_or_default()].concat()
    }
}
