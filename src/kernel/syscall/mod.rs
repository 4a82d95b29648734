//! System calls: arguments are checked here in Linux's order, the work is delegated.
//!
//! Each call answers with a [`Progress`]: done, waiting, or cut off. A call that waits is taken up
//! again by [`Kernel::retry`] with what it had kept.

pub(crate) mod address;
mod batch;
mod bind;
mod connect;
mod data;
mod descriptors;
mod epoll;
mod file_io;
mod limits;
pub(crate) mod message;
mod names;
mod option_acts;
mod option_rules;
mod options;
mod pipe;
mod process;
mod readiness;
mod setup;
mod signals;
mod thread;

use crate::abi::{Errno, NotModelled, Reply, Syscall};
use crate::base::{FileId, Pid, SockId, Tid, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::file::{FileKind, OpenFile, PipeEnd};
use crate::kernel::task::{AddrOut, Blocked, Ended, Progress};
use std::rc::Rc;

pub(crate) use address::bytes_to_user;
pub(crate) use message::{CMSGHDR, Message, Received, control_pieces, received};
pub(crate) use setup::new_socket;

/// Why a call ends before its work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// With an error for the program.
    Errno(Errno),
    /// It waits, or what comes of it stands already.
    Progress(Box<Progress>),
}

impl Stop {
    /// Whether the call has to wait.
    pub(crate) fn waits(&self) -> bool {
        matches!(self, Stop::Progress(progress) if matches!(**progress, Progress::Waiting(_)))
    }
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Stop {
        Stop::Errno(errno)
    }
}

impl From<NotModelled> for Stop {
    fn from(what: NotModelled) -> Stop {
        Progress::NotModelled(what).into()
    }
}

impl From<Progress> for Stop {
    fn from(progress: Progress) -> Stop {
        Stop::Progress(Box::new(progress))
    }
}

impl From<Blocked> for Stop {
    fn from(blocked: Blocked) -> Stop {
        Rc::new(blocked).into()
    }
}

impl From<Rc<Blocked>> for Stop {
    fn from(blocked: Rc<Blocked>) -> Stop {
        Progress::Waiting(blocked).into()
    }
}

/// What a call answers: a value, or a reason to stop.
pub(crate) type Answer = Result<Reply, Stop>;

/// The one place where an answer becomes what the task is told.
fn finish(answer: Answer) -> Progress {
    match answer {
        Ok(reply) => Progress::Done(reply),
        Err(Stop::Errno(errno)) => Progress::Done(Reply::error(errno)),
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

impl Found {
    /// What a call that sleeps has found: it is not non-blocking, or it would not sleep.
    pub(crate) fn waiting(file: FileId, sock: SockId) -> Found {
        Found {
            file,
            sock,
            nonblocking: false,
        }
    }
}

impl Kernel {
    /// Begins a call.
    pub(crate) fn dispatch(&mut self, cx: &mut Cx, tid: Tid, call: &Rc<Syscall>) -> Progress {
        let Some(pid) = self.tasks.get(tid).map(|task| task.pid) else {
            return Progress::Done(Reply::error(Errno::ESRCH));
        };
        #[cfg(not(target_arch = "wasm32"))]
        if self.planted.is_some() {
            let (call, afterwards) = self.twist(pid, call);
            let progress = finish(self.begin(cx, pid, &Rc::new(call)));
            self.untwist(afterwards);
            return progress;
        }
        finish(self.begin(cx, pid, call))
    }

    fn begin(&mut self, cx: &mut Cx, pid: Pid, call: &Rc<Syscall>) -> Answer {
        match &**call {
            Syscall::Read { fd, buf, count } => self.sys_read(cx, pid, *fd, *buf, *count),
            Syscall::Write { fd, buf, count } => self.sys_write(cx, pid, *fd, buf, *count),
            Syscall::Close { fd } => self.sys_close(cx, pid, *fd),
            Syscall::Poll { fds, nfds, timeout } => self.sys_poll(cx, pid, fds, *nfds, *timeout),
            Syscall::Nanosleep { req, rem } => self.sys_nanosleep(cx, req, *rem),
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
            Syscall::Socketpair {
                domain,
                ty,
                protocol,
                sv,
            } => self.sys_socketpair(cx, pid, (*domain, *ty, *protocol), *sv),
            Syscall::Unlink { pathname } => self.sys_unlink(cx, pid, pathname),
            Syscall::Readv { fd, iov, iovcnt } => {
                self.sys_readv(cx, pid, *fd, iov.as_deref(), *iovcnt)
            }
            Syscall::Writev { fd, iov, iovcnt } => {
                self.sys_writev(cx, pid, *fd, iov.as_deref(), *iovcnt)
            }
            Syscall::Sendmsg { fd, msg, flags } => {
                self.sys_sendmsg(cx, pid, *fd, msg.as_ref(), *flags)
            }
            Syscall::Recvmsg { fd, msg, flags } => {
                self.sys_recvmsg(cx, pid, *fd, msg.as_ref(), *flags)
            }
            Syscall::Sendmmsg {
                fd, vlen, flags, ..
            } => self.sys_mmsg(cx, pid, *fd, call, (*vlen, *flags), None),
            Syscall::Recvmmsg {
                fd,
                vlen,
                flags,
                timeout,
                ..
            } => {
                let until = readiness::deadline_of(cx, timeout.as_ref(), 1)?;
                self.sys_mmsg(cx, pid, *fd, call, (*vlen, *flags), until)
            }
            Syscall::Pipe { pipefd } => self.sys_pipe2(cx, pid, *pipefd, 0),
            Syscall::Pipe2 { pipefd, flags } => self.sys_pipe2(cx, pid, *pipefd, *flags),
            Syscall::Dup { fd } => self.sys_dup(cx, pid, *fd),
            Syscall::Dup2 { fd, newfd } => self.sys_dup2(cx, pid, *fd, *newfd),
            Syscall::Dup3 { fd, newfd, flags } => self.sys_dup3(cx, pid, *fd, *newfd, *flags),
            Syscall::Fcntl { fd, cmd, arg } => self.sys_fcntl(cx, pid, *fd, *cmd, *arg),
            Syscall::Ioctl { fd, request, argp } => self.sys_ioctl(cx, pid, *fd, *request, argp),
            Syscall::Select {
                nfds,
                readfds,
                writefds,
                exceptfds,
                timeout,
            } => {
                let sets = [readfds, writefds, exceptfds].map(Option::as_ref);
                self.sys_select(cx, pid, *nfds, sets, timeout.as_ref())
            }
            Syscall::Pselect6 {
                nfds,
                readfds,
                writefds,
                exceptfds,
                timeout,
                sigmask,
            } => {
                let sets = [readfds, writefds, exceptfds].map(Option::as_ref);
                let waits = (timeout.as_ref(), sigmask.as_ref());
                self.sys_pselect6(cx, pid, *nfds, sets, waits)
            }
            Syscall::Ppoll {
                fds,
                nfds,
                timeout,
                sigmask,
            } => self.sys_ppoll(cx, pid, (fds, *nfds), timeout.as_ref(), sigmask.as_ref()),
            Syscall::EpollCreate { size } if *size <= 0 => Err(Errno::EINVAL.into()),
            Syscall::EpollCreate { .. } => self.sys_epoll_create1(cx, pid, 0),
            Syscall::EpollCreate1 { flags } => self.sys_epoll_create1(cx, pid, *flags),
            Syscall::EpollCtl {
                epfd,
                op,
                fd,
                event,
            } => self.sys_epoll_ctl(cx, pid, (*epfd, *op, *fd), event.as_ref()),
            Syscall::EpollWait {
                epfd,
                events,
                maxevents,
                timeout,
            } => self.sys_epoll_wait(cx, pid, *epfd, *events, (*maxevents, *timeout)),
            Syscall::EpollPwait {
                epfd,
                events,
                maxevents,
                timeout,
                sigmask,
            } => {
                self.bring_mask(cx, sigmask.as_ref())?;
                self.sys_epoll_wait(cx, pid, *epfd, *events, (*maxevents, *timeout))
            }
            Syscall::Fork => match cx.task {
                Some(tid) => self.sys_fork(cx, tid, pid),
                None => Err(Errno::ESRCH.into()),
            },
            Syscall::Wait4 {
                pid: child,
                status,
                options,
            } => self.sys_wait4(cx, pid, *child, *status, *options),
            Syscall::Kill { pid: target, sig } => self.sys_kill(cx, pid, *target, *sig),
            Syscall::Getpid => Ok(Reply::ok(pid.0.into())),
            Syscall::Identity { of } => self.sys_identity(pid, *of),
            Syscall::Openat {
                pathname, flags, ..
            } => self.sys_openat(cx, pid, pathname, *flags),
            Syscall::Clone3 { flags, child_tid } => self.sys_clone3(cx, pid, *flags, *child_tid),
            Syscall::Exit { status } => self.sys_exit(pid, *status),
            Syscall::Gettid => Ok(Reply::ok(cx.task.map_or(0, |tid| tid.0.into()))),
            Syscall::Futex {
                uaddr,
                word,
                op,
                val,
                timeout,
            } => self.sys_futex(cx, pid, (*uaddr, word), (*op, *val), timeout.as_ref()),
            Syscall::RtSigaction {
                sig,
                action,
                oldact,
            } => self.sys_rt_sigaction(pid, *sig, *action, *oldact),
            Syscall::RtSigprocmask { how, set, oldset } => {
                self.sys_rt_sigprocmask(cx, *how, set.as_ref(), *oldset)
            }
            Syscall::RtSigpending { set } => self.sys_rt_sigpending(cx, pid, *set),
            Syscall::RtSigsuspend { mask } => self.sys_rt_sigsuspend(cx, mask),
            Syscall::RtSigreturn { mask } => self.sys_rt_sigreturn(cx, *mask),
            Syscall::Pause => Err(Blocked::Signal.into()),
            Syscall::Alarm { seconds } => self.sys_alarm(cx, pid, *seconds),
            Syscall::Setitimer { which, new, old } => {
                self.sys_setitimer(cx, pid, *which, (new.as_ref(), *old))
            }
            Syscall::Execve {
                pathname, program, ..
            } => self.sys_execve(cx, pid, pathname, *program),
        }
    }

    /// Takes a call up again that had to wait.
    pub(crate) fn retry(&mut self, cx: &mut Cx, tid: Tid, blocked: &Rc<Blocked>) -> Progress {
        let Some(pid) = self.tasks.get(tid).map(|task| task.pid) else {
            return Progress::Done(Reply::error(Errno::ESRCH));
        };
        let progress = finish(self.go_on(cx, pid, blocked));
        self.pass_on(cx, tid, blocked, &progress);
        if !matches!(progress, Progress::Waiting(_)) {
            cx.effects.next_in_line |= blocked.queue().is_some();
        }
        progress
    }

    fn go_on(&mut self, cx: &mut Cx, pid: Pid, blocked: &Rc<Blocked>) -> Answer {
        match **blocked {
            Blocked::Accept {
                file,
                sock,
                reserved,
                wants_peer,
                flags,
            } => self.accept_now(cx, pid, (file, sock), reserved, wants_peer, flags),
            Blocked::Connect { file, sock } => self.connect_result(cx, file, sock, false),
            // tcp_recvmsg_locked() looks again only as long as something is wanted.
            Blocked::Receive { sock, want, .. }
                if want.len == 0 && self.sockets.get(sock).is_some_and(|s| s.is_tcp()) =>
            {
                self.tcp_received(sock, Vec::new(), want)
            }
            Blocked::Receive {
                file,
                sock,
                want,
                ref got,
            } => self.receive(cx, file, sock, want, got.clone()),
            Blocked::Send {
                file,
                sock,
                ref data,
                sent,
                flags,
                ..
            } => self.send(cx, file, sock, data.clone(), sent, flags),
            Blocked::UnixSend {
                file,
                sock,
                on,
                ref out,
            } => self.unix_send_on(cx, Found::waiting(file, sock), on, (**out).clone()),
            Blocked::UnixConnect {
                file,
                sock,
                ref addr,
                ..
            } => self.connect_to_listener(cx, pid, Found::waiting(file, sock), addr.clone()),
            Blocked::Poll {
                ref fds,
                ref files,
                deadline,
                ref answer,
            } => self.poll_now(
                cx,
                pid,
                fds.clone(),
                files.clone(),
                deadline,
                answer.clone(),
            ),
            Blocked::Epoll {
                file,
                room,
                maxevents,
                deadline,
            } => self.epoll_now(cx, file, room, maxevents, deadline),
            Blocked::PipeRead { file, pipe, want } => self.read_pipe(cx, file, pipe, want),
            Blocked::PipeWrite {
                file,
                pipe,
                ref data,
                fault,
                sent,
            } => {
                let message = Message {
                    data: data.clone(),
                    fault,
                    ..Message::default()
                };
                self.write_pipe(cx, pid, (file, pipe), message, sent)
            }
            Blocked::Child { pid: child, status } => self.wait_now(cx, pid, child, status),
            Blocked::Sleep { deadline, .. } if deadline > cx.now => Err(blocked.clone().into()),
            Blocked::Sleep { .. } | Blocked::Linger { .. } => Ok(Reply::ok(0)),
            // Woken for a signal: what comes of it is seen when it would sleep again.
            Blocked::Signal => Err(Blocked::Signal.into()),
            Blocked::Batch(ref batch) => match &batch.inner {
                Some(inner) => {
                    let answer = self.go_on(cx, pid, inner);
                    self.message_done(cx, (**batch).clone(), answer)
                }
                None => self.next_message(cx, (**batch).clone()),
            },
            // Who is woken by another is answered at once; this one's time is up, or a signal has come.
            Blocked::Futex { deadline, .. } if deadline.is_none_or(|at| at > cx.now) => {
                Err(blocked.clone().into())
            }
            Blocked::Futex { .. } => Err(Errno::ETIMEDOUT.into()),
        }
    }

    /// Whether a call that waits would get further now.
    pub(crate) fn is_ready(&self, tid: Tid, blocked: &Blocked, now: Time) -> bool {
        if blocked.deadline().is_some_and(|at| at <= now) {
            return true;
        }
        let socket = |sock: &SockId| self.sockets.get(*sock);
        match blocked.heart() {
            Blocked::Accept { sock, .. } => {
                socket(sock).is_none_or(|s| s.waiting().is_none_or(|n| n > 0))
            }
            Blocked::Connect { sock, .. } => socket(sock).is_none_or(connect::is_decided),
            Blocked::Receive { sock, want, .. } => {
                socket(sock).is_none_or(|s| data::can_receive(s, want))
            }
            Blocked::Send { sock, flush, .. } => *flush || socket(sock).is_none_or(data::can_send),
            Blocked::UnixSend { sock, on, .. } | Blocked::UnixConnect { sock, on, .. } => {
                self.unix_has_room(*sock, *on)
            }
            Blocked::Poll { fds, answer, .. } => {
                let pid = self.tasks.get(tid).map(|t| t.pid);
                pid.is_some_and(|pid| self.any_ready(pid, fds, answer))
            }
            Blocked::Epoll { file, .. } => self.epoll_has_events(*file),
            Blocked::PipeRead { pipe, .. } => {
                let pipe = self.pipes.get(*pipe);
                pipe.is_none_or(|p| p.readiness(PipeEnd::Read) != 0)
            }
            Blocked::PipeWrite { pipe, .. } => {
                let pipe = self.pipes.get(*pipe);
                pipe.is_none_or(|p| p.readiness(PipeEnd::Write) != 0)
            }
            Blocked::Child { pid: child, .. } => {
                let pid = self.tasks.get(tid).map(|t| t.pid);
                pid.is_some_and(|pid| self.child_has_ended(pid, *child))
            }
            Blocked::Sleep { .. } | Blocked::Futex { .. } | Blocked::Signal => false,
            Blocked::Linger { sock, .. } => !self.is_closing(*sock),
            Blocked::Batch(_) => true,
        }
    }

    /// The open file of a descriptor, or EBADF.
    pub(crate) fn file(&self, pid: Pid, fd: i32) -> Result<(FileId, OpenFile), Errno> {
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
            FileKind::Stdio(_) | FileKind::Pipe(..) | FileKind::Epoll | FileKind::Null(_) => {
                Err(Errno::ENOTSOCK)
            }
        }
    }
}
