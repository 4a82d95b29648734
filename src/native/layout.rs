//! The memory of calls with vectors and messages, and of the calls about descriptors, readiness and processes. The rules of what is reported are in `exec.rs`.

use super::exec::{Args, POLLFD, report as write_down, without_hidden};
use super::memory::FAULT;
use super::messages::{self, Nested};
use super::puppet::HEADROOM;
use super::thread;
use crate::abi::{Reply, Syscall, UserIn, nested};
use nix::errno::Errno as Sys;
use std::os::fd::RawFd;

/// Size of `struct epoll_event`, which is packed on x86-64.
const EPOLL_EVENT: u64 = 12;

/// Whether the call names a hidden descriptor, which must look closed: `hidden` and those just above it.
pub(super) fn names_hidden(call: &Syscall, hidden: RawFd) -> bool {
    let is_hidden = |fd: i32| (0..HEADROOM as i32).contains(&fd.wrapping_sub(hidden));
    match call {
        Syscall::Dup2 { fd, newfd } | Syscall::Dup3 { fd, newfd, .. } => {
            is_hidden(*fd) || is_hidden(*newfd)
        }
        Syscall::EpollCtl { epfd, fd, .. } => is_hidden(*epfd) || is_hidden(*fd),
        other => other.fd().is_some_and(is_hidden),
    }
}

/// Registers and memory of the calls that this module knows; none is needed for any other.
pub(super) fn lay_out(call: &Syscall, args: Args, hidden: RawFd) -> nix::Result<Args> {
    if let Some(args) = lay_out_sets(call, hidden)? {
        return Ok(args);
    }
    Ok(match call {
        Syscall::Readv { iov, iovcnt, .. } => args
            .vector(1, iov.as_deref(), messages::out_piece)?
            .value(2, *iovcnt),
        Syscall::Writev { iov, iovcnt, .. } => args
            .vector(1, iov.as_deref(), messages::in_piece)?
            .value(2, *iovcnt),
        Syscall::Sendmsg { msg, flags, .. } => {
            let header = |msg| Nested::message_in(msg, hidden);
            args.message(msg.as_ref().map(header))?.value(2, *flags)
        }
        Syscall::Recvmsg { msg, flags, .. } => {
            let header = Nested::message_out;
            args.message(msg.as_ref().map(header))?.value(2, *flags)
        }
        Syscall::Sendmmsg {
            msgvec,
            vlen,
            flags,
            ..
        } => {
            let headers = msgvec.iter().map(|msg| Nested::message_in(msg, hidden));
            args.messages(headers)?.value(2, *vlen).value(3, *flags)
        }
        Syscall::Recvmmsg {
            msgvec,
            vlen,
            flags,
            timeout,
            ..
        } => {
            let args = args.messages(msgvec.iter().map(Nested::message_out))?;
            let args = args.value(2, *vlen).value(3, *flags);
            args.maybe_input(4, timeout.as_ref())?
        }
        Syscall::Socketpair {
            domain,
            ty,
            protocol,
            sv,
        } => {
            let args = args.value(0, *domain).value(1, *ty).value(2, *protocol);
            args.output(3, *sv, 8)?
        }
        Syscall::Pipe { pipefd } => args.output(0, *pipefd, 8)?,
        Syscall::Pipe2 { pipefd, flags } => args.output(0, *pipefd, 8)?.value(1, *flags),
        Syscall::Dup2 { newfd, .. } => args.value(1, *newfd),
        Syscall::Dup3 { newfd, flags, .. } => args.value(1, *newfd).value(2, *flags),
        Syscall::Fcntl { cmd, arg, .. } => args.value(1, *cmd).count(2, *arg),
        Syscall::Ioctl { request, argp, .. } => args.count(1, *request).input(2, argp)?,
        Syscall::EpollCreate { size: only } | Syscall::EpollCreate1 { flags: only } => {
            args.value(0, *only)
        }
        Syscall::EpollCtl { op, fd, event, .. } => {
            let args = args.value(1, *op).value(2, *fd);
            args.maybe_input(3, event.as_ref())?
        }
        Syscall::EpollWait {
            events,
            maxevents,
            timeout,
            ..
        } => {
            let asked = u64::try_from(*maxevents).unwrap_or(0) * EPOLL_EVENT;
            let args = args.output(1, *events, asked)?;
            args.value(2, *maxevents).value(3, *timeout)
        }
        Syscall::EpollPwait {
            events,
            maxevents,
            timeout,
            sigmask,
            ..
        } => {
            let asked = u64::try_from(*maxevents).unwrap_or(0) * EPOLL_EVENT;
            let args = args.output(1, *events, asked)?;
            let args = args.value(2, *maxevents).value(3, *timeout);
            args.maybe_input(4, sigmask.as_ref())?.value(5, SIGSET)
        }
        Syscall::Wait4 {
            pid,
            status,
            options,
        } => {
            let args = args.value(0, *pid).value(2, *options);
            match status {
                Some(status) => args.output(1, *status, 4)?,
                None => args,
            }
        }
        Syscall::Openat {
            dirfd,
            pathname,
            flags,
            mode,
        } => {
            let args = args.value(0, *dirfd).input(1, pathname)?;
            args.value(2, *flags).value(3, *mode)
        }
        Syscall::RtSigprocmask { how, set, oldset } => {
            let args = args.value(0, *how).maybe_input(1, set.as_ref())?;
            match oldset {
                Some(old) => args.output(2, *old, SIGSET as u64)?,
                None => args,
            }
            .value(3, SIGSET)
        }
        Syscall::RtSigpending { set } => args.output(0, *set, SIGSET as u64)?.value(1, SIGSET),
        Syscall::RtSigsuspend { mask } => args.input(0, mask)?.value(1, SIGSET),
        Syscall::Alarm { seconds } => args.value(0, *seconds),
        Syscall::Setitimer { which, new, old } => {
            let args = args.value(0, *which).maybe_input(1, new.as_ref())?;
            match old {
                Some(old) => args.output(2, *old, 32)?,
                None => args,
            }
        }
        Syscall::Kill { pid, sig } => args.value(0, *pid).value(1, *sig),
        Syscall::Futex {
            uaddr,
            word,
            op,
            val,
            timeout,
        } => {
            let wakes = *op & 1 != 0;
            let address = match word {
                UserIn::Bytes(_) if wakes => thread::word(*uaddr, None),
                UserIn::Bytes(now) => thread::word(*uaddr, Some(now)),
                UserIn::Fault => FAULT + (*uaddr % 4) as usize,
            };
            let args = args.value(0, address as i64).value(1, *op).value(2, *val);
            args.maybe_input(3, timeout.as_ref())?
        }
        // Orders of their own: see `fork.rs` and `thread.rs`.
        Syscall::Fork | Syscall::Clone3 { .. } | Syscall::Exit { .. } => {
            return Err(Sys::ENOSYS);
        }
        other => {
            debug_assert!(matches!(
                other,
                Syscall::Dup { .. }
                    | Syscall::Getpid
                    | Syscall::Gettid
                    | Syscall::Identity { .. }
                    | Syscall::Pause
            ));
            args
        }
    })
}

/// select(2), pselect6(2), ppoll(2).
fn lay_out_sets(call: &Syscall, hidden: RawFd) -> nix::Result<Option<Args>> {
    let args = Args::default();
    let (nfds, sets, timeout, sigmask) = match call {
        Syscall::Select {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
        } => (*nfds, [readfds, writefds, exceptfds], timeout, None),
        Syscall::Pselect6 {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
            sigmask,
        } => (
            *nfds,
            [readfds, writefds, exceptfds],
            timeout,
            sigmask.as_ref(),
        ),
        Syscall::Ppoll {
            fds,
            nfds,
            timeout,
            sigmask,
        } => {
            let args = args.input(0, &without_hidden(fds, hidden))?.value(1, *nfds);
            let args = args.maybe_input(2, timeout.as_ref())?;
            let args = args.maybe_input(3, sigmask.as_ref())?;
            return Ok(Some(args.value(4, SIGSET)));
        }
        _ => return Ok(None),
    };
    let mut args = args.value(0, nfds);
    for (arg, set) in (1..).zip(sets) {
        args = args.maybe_input(arg, set.as_ref())?;
    }
    args = args.maybe_input(4, timeout.as_ref())?;
    if let Some(mask) = sigmask {
        // A struct of the mask's address and its size.
        let (mask, address) = messages::piece(mask)?;
        let bytes = [address as u64, SIGSET as u64]
            .map(u64::to_le_bytes)
            .concat();
        args.nested.hold(mask);
        args = args.input(5, &UserIn::Bytes(bytes))?;
    }
    Ok(Some(args))
}

/// Size of the kernel's `sigset_t`.
const SIGSET: i32 = 8;

/// What a call of this module wrote when it succeeded.
pub(super) fn report(call: &Syscall, args: &Args, returned: u64, reply: &mut Reply) {
    match call {
        Syscall::Readv { .. } => write_down(reply, nested::IOV, args.nested.gathered(returned)),
        Syscall::Recvmsg { .. } | Syscall::Sendmmsg { .. } | Syscall::Recvmmsg { .. } => {
            messages::report(call, args, returned, reply);
        }
        Syscall::Ioctl { argp, .. } => {
            let now = args.bytes(2, 4);
            if !matches!(argp, UserIn::Bytes(given) if given.starts_with(&now)) {
                write_down(reply, 2, now);
            }
        }
        Syscall::Select { nfds, timeout, .. } => {
            report_sets(args, *nfds, reply);
            if timeout.is_some() {
                write_down(reply, 4, args.bytes(4, 16));
            }
        }
        Syscall::Pselect6 { nfds, .. } => report_sets(args, *nfds, reply),
        Syscall::Ppoll { nfds, .. } => {
            write_down(reply, 0, args.bytes(0, u64::from(*nfds) * POLLFD as u64));
        }
        Syscall::EpollWait { .. } | Syscall::EpollPwait { .. } => {
            write_down(reply, 1, args.bytes(1, returned * EPOLL_EVENT));
        }
        Syscall::Pipe { .. } | Syscall::Pipe2 { .. } => write_down(reply, 0, args.bytes(0, 8)),
        Syscall::Socketpair { .. } => write_down(reply, 3, args.bytes(3, 8)),
        Syscall::Wait4 { .. } if returned > 0 => write_down(reply, 1, args.bytes(1, 4)),
        Syscall::RtSigprocmask { .. } => write_down(reply, 2, args.bytes(2, 8)),
        Syscall::RtSigpending { .. } => write_down(reply, 0, args.bytes(0, 8)),
        Syscall::Setitimer { .. } => write_down(reply, 2, args.bytes(2, 32)),
        _ => {}
    }
}

/// The sets that were given, as whole words of 64 bits.
fn report_sets(args: &Args, nfds: i32, reply: &mut Reply) {
    let bytes = u64::try_from(nfds).unwrap_or(0).div_ceil(64) * 8;
    for arg in 1..4 {
        write_down(reply, arg, args.bytes(usize::from(arg), bytes));
    }
}
