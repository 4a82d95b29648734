//! System calls: arguments are checked here in Linux's order, the work is delegated.
//!
//! Each call answers with a [`Progress`]: done, waiting, or cut off. A call that waits is taken up
//! again by [`Kernel::retry`] with what it had kept.

mod address;
mod bind;
mod connect;
mod data;
mod names;
mod options;
mod readiness;
mod setup;

use crate::abi::{Errno, NotModelled, Reply, Syscall};
use crate::base::{FileId, Pid, SockId, Tid, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::file::{FileKind, OpenFile, Stdio};
use crate::kernel::rule::Rule;
use crate::kernel::task::{AddrOut, Blocked, Ended, Progress, Receive};

/// Why a call ends before its work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// With an error for the program.
    Errno(Errno),
    /// It cannot be answered truthfully.
    NotModelled(NotModelled),
    /// The answer, or a reason to wait, stands already.
    Progress(Box<Progress>),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Stop {
        Stop::Errno(errno)
    }
}

impl From<NotModelled> for Stop {
    fn from(what: NotModelled) -> Stop {
        Stop::NotModelled(what)
    }
}

impl From<Progress> for Stop {
    fn from(progress: Progress) -> Stop {
        Stop::Progress(Box::new(progress))
    }
}

/// What a call answers: a value, or a reason to stop.
pub(crate) type Answer = Result<Reply, Stop>;

/// The one place where an answer becomes what the task is told.
fn finish(answer: Answer) -> Progress {
    match answer {
        Ok(reply) => Progress::Done(reply),
        Err(Stop::Errno(errno)) => Progress::Done(Reply::error(errno)),
        Err(Stop::NotModelled(what)) => Progress::NotModelled(what),
        Err(Stop::Progress(progress)) => *progress,
    }
}

/// A descriptor that was looked up (`sockfd_lookup_light()`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) file: FileId,
    pub(crate) sock: SockId,
    pub(crate) nonblocking: bool,
}

impl Kernel {
    /// Begins a call.
    pub(crate) fn dispatch(&mut self, cx: &mut Cx, tid: Tid, call: &Syscall) -> Progress {
        let Some(pid) = self.tasks.get(tid).map(|task| task.pid) else {
            return Progress::Done(Reply::error(Errno::ESRCH));
        };
        finish(self.begin(cx, pid, call))
    }

    fn begin(&mut self, cx: &mut Cx, pid: Pid, call: &Syscall) -> Answer {
        match call {
            Syscall::Read { fd, buf, count } => self.sys_read(cx, pid, *fd, *buf, *count),
            Syscall::Write { fd, buf, count } => self.sys_write(cx, pid, *fd, buf, *count),
            Syscall::Close { fd } => self.sys_close(cx, pid, *fd),
            Syscall::Poll { fds, nfds, timeout } => self.sys_poll(cx, pid, fds, *nfds, *timeout),
            Syscall::Nanosleep { req } => self.sys_nanosleep(cx, req),
            Syscall::Socket {
                domain,
                ty,
                protocol,
            } => self.sys_socket(cx, pid, *domain, *ty, *protocol),
            Syscall::Connect { fd, addr, addrlen } => {
                self.sys_connect(cx, pid, *fd, addr, *addrlen)
            }
            Syscall::Accept { fd, addr, addrlen } => {
                self.sys_accept(cx, pid, *fd, AddrOut::new(*addr, addrlen, 1), 0)
            }
            Syscall::Accept4 {
                fd,
                addr,
                addrlen,
                flags,
            } => self.sys_accept(cx, pid, *fd, AddrOut::new(*addr, addrlen, 1), *flags),
            Syscall::Sendto {
                fd,
                buf,
                len,
                flags,
                addr,
                addrlen,
            } => self.sys_sendto(cx, pid, *fd, (buf, *len), *flags, (addr.as_ref(), *addrlen)),
            Syscall::Recvfrom {
                fd,
                buf,
                len,
                flags,
                addr,
                addrlen,
            } => {
                let from = AddrOut::new(*addr, addrlen, 4);
                self.sys_recvfrom(cx, pid, *fd, (*buf, *len), *flags, from)
            }
            Syscall::Shutdown { fd, how } => self.sys_shutdown(cx, pid, *fd, *how),
            Syscall::Bind { fd, addr, addrlen } => self.sys_bind(cx, pid, *fd, addr, *addrlen),
            Syscall::Listen { fd, backlog } => self.sys_listen(cx, pid, *fd, *backlog),
            Syscall::Getsockname { fd, addr, addrlen } => {
                self.sys_getsockname(pid, *fd, *addr, addrlen)
            }
            Syscall::Getpeername { fd, addr, addrlen } => {
                self.sys_getpeername(pid, *fd, *addr, addrlen)
            }
            Syscall::Setsockopt {
                fd,
                level,
                optname,
                optval,
                optlen,
            } => self.sys_setsockopt(cx, pid, *fd, (*level, *optname), optval, *optlen),
            Syscall::Getsockopt {
                fd,
                level,
                optname,
                optval,
                optlen,
            } => self.sys_getsockopt(cx, pid, *fd, (*level, *optname), *optval, optlen),
            Syscall::ExitGroup { status } => {
                Err(Progress::Ending(Ended::Exited(*status as u8)).into())
            }
        }
    }

    /// Takes a call up again that had to wait.
    pub(crate) fn retry(&mut self, cx: &mut Cx, tid: Tid, blocked: Blocked) -> Progress {
        let Some(pid) = self.tasks.get(tid).map(|task| task.pid) else {
            return Progress::Done(Reply::error(Errno::ESRCH));
        };
        let progress = finish(self.go_on(cx, pid, blocked.clone()));
        // A call that goes on waiting keeps what it holds; any other lets go.
        if !matches!(progress, Progress::Waiting(_)) {
            self.let_go(cx, tid, &blocked);
        }
        progress
    }

    fn go_on(&mut self, cx: &mut Cx, pid: Pid, blocked: Blocked) -> Answer {
        match blocked {
            Blocked::Accept {
                file,
                sock,
                reserved,
                wants_peer,
                flags,
            } => self.accept_now(cx, pid, (file, sock), reserved, wants_peer, flags),
            Blocked::Connect { file, sock } => self.connect_result(cx, file, sock, false),
            Blocked::Receive {
                file,
                sock,
                want,
                got,
            } => self.receive(cx, file, sock, want, got),
            Blocked::Send {
                file,
                sock,
                data,
                sent,
                flags,
            } => self.send(cx, file, sock, data, sent, flags),
            Blocked::Poll {
                fds,
                files,
                deadline,
            } => self.poll_now(cx, pid, fds, files, deadline),
            Blocked::Sleep { .. } => Ok(Reply::ok(0)),
        }
    }

    /// Whether a call that waits would get further now.
    pub(crate) fn is_ready(&self, tid: Tid, blocked: &Blocked, now: Time) -> bool {
        if blocked.deadline().is_some_and(|at| at <= now) {
            return true;
        }
        let socket = |sock: &SockId| self.sockets.get(*sock);
        match blocked {
            Blocked::Accept { sock, .. } => socket(sock)
                .is_none_or(|s| s.tcp.listen().is_none_or(|l| !l.accept_queue.is_empty())),
            Blocked::Connect { sock, .. } => socket(sock).is_none_or(connect::is_decided),
            Blocked::Receive { sock, .. } => socket(sock).is_none_or(data::can_receive),
            Blocked::Send { sock, .. } => socket(sock).is_none_or(data::can_send),
            Blocked::Poll { fds, .. } => {
                let pid = self.tasks.get(tid).map(|t| t.pid);
                pid.is_some_and(|pid| self.any_ready(pid, fds))
            }
            Blocked::Sleep { .. } => false,
        }
    }

    /// The open file of a descriptor, or EBADF.
    fn file(&self, pid: Pid, fd: i32) -> Result<(FileId, OpenFile), Errno> {
        let process = self.processes.get(pid).ok_or(Errno::ESRCH)?;
        let file = process.fds.get(fd).ok_or(Errno::EBADF)?;
        let open = self.files.get(file).ok_or(Errno::EBADF)?;
        Ok((file, *open))
    }

    /// The socket of a descriptor: EBADF if it is not open, ENOTSOCK if it is something else.
    fn lookup(&self, pid: Pid, fd: i32) -> Result<Found, Errno> {
        let (file, open) = self.file(pid, fd)?;
        match open.kind {
            FileKind::Socket(sock) => Ok(Found {
                file,
                sock,
                nonblocking: open.nonblocking,
            }),
            FileKind::Stdio(_) => Err(Errno::ENOTSOCK),
        }
    }

    fn sys_close(&mut self, cx: &mut Cx, pid: Pid, fd: i32) -> Answer {
        if self.close_descriptor(cx, pid, fd, Rule::LastClose) {
            Ok(Reply::ok(0))
        } else {
            Err(Errno::EBADF.into())
        }
    }

    fn sys_read(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        buf: crate::abi::UserOut,
        count: u64,
    ) -> Answer {
        let (file, open) = self.file(pid, fd)?;
        data::check_range(count)?;
        let writable = buf != crate::abi::UserOut::Fault;
        match open.kind {
            FileKind::Socket(sock) => {
                // sock_read_iter(): "Match SYS5 behaviour".
                if count == 0 {
                    return Ok(Reply::ok(0));
                }
                let flags = if open.nonblocking {
                    crate::abi::constants::MSG_DONTWAIT
                } else {
                    0
                };
                self.receive(
                    cx,
                    file,
                    sock,
                    Receive {
                        len: count,
                        flags,
                        writable,
                        arg: 1,
                        from: None,
                    },
                    Vec::new(),
                )
            }
            FileKind::Stdio(Stdio::Input) => self.read_stdin(cx, pid, fd, count, writable),
            FileKind::Stdio(Stdio::Output | Stdio::Error) => {
                Err(NotModelled::CallOnFile { call: "read", fd }.into())
            }
        }
    }

    fn read_stdin(&mut self, cx: &mut Cx, pid: Pid, fd: i32, count: u64, writable: bool) -> Answer {
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let len = process
            .stdin
            .len()
            .min(usize::try_from(count).unwrap_or(usize::MAX));
        if len > 0 && !writable {
            return Err(Errno::EFAULT.into());
        }
        let bytes: Vec<u8> = process.stdin.drain(..len).collect();
        cx.emit(crate::kernel::EventKind::ConsoleRead {
            fd,
            len: len as u32,
        });
        let reply = Reply::ok(len as u64);
        Ok(if len > 0 {
            reply.with_write(1, bytes)
        } else {
            reply
        })
    }

    fn sys_write(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        buf: &crate::abi::UserIn,
        count: u64,
    ) -> Answer {
        let (file, open) = self.file(pid, fd)?;
        data::check_range(count)?;
        match open.kind {
            FileKind::Socket(sock) => {
                let flags = if open.nonblocking {
                    crate::abi::constants::MSG_DONTWAIT
                } else {
                    0
                };
                let found = Found {
                    file,
                    sock,
                    nonblocking: open.nonblocking,
                };
                self.send_checked(cx, found, (buf, count), flags)
            }
            FileKind::Stdio(stream @ (Stdio::Output | Stdio::Error)) => {
                let crate::abi::UserIn::Bytes(bytes) = buf else {
                    return if count == 0 {
                        Ok(Reply::ok(0))
                    } else {
                        Err(Errno::EFAULT.into())
                    };
                };
                cx.emit(crate::kernel::EventKind::ConsoleWrote {
                    fd,
                    len: bytes.len() as u32,
                });
                cx.console(pid, stream, bytes);
                Ok(Reply::ok(bytes.len() as u64))
            }
            FileKind::Stdio(Stdio::Input) => {
                Err(NotModelled::CallOnFile { call: "write", fd }.into())
            }
        }
    }
}
