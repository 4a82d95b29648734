//! One typed call becomes one real system call, and what it wrote becomes a [`Reply`].
//!
//! # Which writes a reply reports
//!
//! Both kernels give replies of the same shape, so the rules are stated here once. Writes stand in
//! the order of the arguments; a write of no bytes is not reported.
//!
//! | call | on success | after an error |
//! |---|---|---|
//! | read | 1: as many bytes as were returned | – |
//! | recvfrom | 1: as many bytes as were returned, but no more than `len`, and none if TCP discarded them (MSG_TRUNC); with an address: 4 and 5 as a name | 5 as a name |
//! | accept, accept4 | with an address: 1 and 2 as a name | 2 as a name |
//! | getsockname, getpeername | 1 and 2 as a name | 2 as a name |
//! | getsockopt | 3: as many bytes as the length word now says; 4: the length word | 4 if it changed |
//! | poll | 0: all `nfds` structs as they are now | – |
//! | readv | 32: as many bytes as were returned, in one piece | – |
//! | recvmsg | with a name: 16, 17 as a name; 18: as many bytes as the length word at 19 says; 19; 20; 32: as recvfrom's 1 | 16 if it changed |
//! | sendmmsg, recvmmsg | for each message: 21, then as sendmsg or recvmsg; 4: the timeout if recvmmsg was given one and returned a message | – |
//! | ioctl | 2: the int, if it changed | – |
//! | select, pselect6 | 1, 2, 3: the sets that were given, whole words; 4: the timeout if select(2) was given one | – |
//! | ppoll | 0: as poll | – |
//! | epoll_wait, epoll_pwait | 1: as many structs as were returned | – |
//! | pipe, pipe2 | 0: two ints | – |
//! | socketpair | 3: two ints | 3 if they were written |
//! | wait4 | 1: the int, if a child was reaped | – |
//! | nanosleep | – | 1: what is left, after EINTR |
//! | rt_sigaction, rt_sigprocmask, setitimer | 2: what was before, if it is asked for | – |
//! | rt_sigpending | 0: the set | – |
//! | any other | – | – |
//!
//! *As a name*: the length word is reported whole (4 bytes, the name's full length); of the name as
//! many bytes as both the length given and the full length allow. After an error the length word is
//! reported only if its value has changed, because a word that was overwritten with itself cannot be
//! told from one that was left alone. Data buffers are not reported after an error: how much of
//! them was filled before the fault is not part of any promise of the kernel.

use super::layout;
use super::memory::{FAULT, Region};
use super::messages::{self, Nested};
use super::shared::Slot;
use super::signals;
use crate::abi::constants::{AF_INET, AF_INET6, MSG_TRUNC, SOCK_STREAM};
use crate::abi::{Errno, Id, Reply, Syscall, UserIn, UserOut, UserWrite, calls_on_descriptors};
use nix::errno::Errno as Sys;
use std::os::fd::RawFd;

/// Names are at most a `struct sockaddr_storage` long.
pub(super) const LONGEST_NAME: u64 = crate::abi::sockaddr::SOCKADDR_STORAGE_LEN as u64;
/// No option that sockets report is longer.
const LONGEST_OPTION: u64 = 1 << 16;
/// Size of `struct pollfd`; its `fd` is the first four bytes.
pub(super) const POLLFD: usize = 8;

/// Why a call was not executed, or its answer cannot be said.
pub(super) enum Odd {
    /// No memory for its arguments.
    Memory(Sys),
    /// An error number that Linux does not document for programs.
    Errno(i32),
}

/// Executes a call. Descriptor `hidden` and all above it look closed to it.
pub(super) fn execute(call: &Syscall, hidden: RawFd, slot: &Slot, seq: u64) -> Result<Done, Odd> {
    if layout::names_hidden(call, hidden) {
        return Ok(Done::Reply(Reply::error(Errno::EBADF)));
    }
    if let Syscall::Openat { pathname, .. } = call
        && matches!(pathname, UserIn::Bytes(path) if path != b"/dev/null\0")
    {
        // No program is to reach this machine's files.
        return Err(Odd::Errno(libc::EACCES));
    }
    if let Some(reply) = signals::own_call(call, hidden) {
        return Ok(Done::Reply(reply));
    }
    let args = lay_out(call, hidden).map_err(Odd::Memory)?;
    slot.enter(seq);
    // The kernel checks every argument. Each pointer among them is NULL, an address that is
    // never mapped, or the start of a region of `args` that lives until this function ends, with an
    // inaccessible page behind it; so the kernel can write into no Rust object.
    let returned = signals::call(number(call), &args.raw);
    slot.leave(seq);
    if returned == signals::AGAIN {
        return Ok(Done::Again);
    }
    if returned >= 0 {
        let mut reply = Reply::ok(returned as u64);
        report_success(call, &args, returned as u64, &mut reply);
        return Ok(Done::Reply(reply));
    }
    let errno = -returned as i32;
    let errno = Errno::from_number(errno).ok_or(Odd::Errno(errno))?;
    let mut reply = Reply::error(errno);
    report_error(call, &args, &mut reply);
    Ok(Done::Reply(reply))
}

/// What a call came to.
pub(super) enum Done {
    Reply(Reply),
    /// A signal came, and it is to be made again when the handler has run.
    Again,
}

/// The number of the call on this machine's kernel.
fn number(call: &Syscall) -> libc::c_long {
    match call {
        Syscall::Read { .. } => libc::SYS_read,
        Syscall::Write { .. } => libc::SYS_write,
        Syscall::Close { .. } => libc::SYS_close,
        Syscall::Poll { .. } => libc::SYS_poll,
        Syscall::Nanosleep { .. } => libc::SYS_nanosleep,
        Syscall::Socket { .. } => libc::SYS_socket,
        Syscall::Connect { .. } => libc::SYS_connect,
        Syscall::Accept { .. } => libc::SYS_accept,
        Syscall::Accept4 { .. } => libc::SYS_accept4,
        Syscall::Sendto { .. } => libc::SYS_sendto,
        Syscall::Recvfrom { .. } => libc::SYS_recvfrom,
        Syscall::Shutdown { .. } => libc::SYS_shutdown,
        Syscall::Bind { .. } => libc::SYS_bind,
        Syscall::Listen { .. } => libc::SYS_listen,
        Syscall::Getsockname { .. } => libc::SYS_getsockname,
        Syscall::Getpeername { .. } => libc::SYS_getpeername,
        Syscall::Setsockopt { .. } => libc::SYS_setsockopt,
        Syscall::Getsockopt { .. } => libc::SYS_getsockopt,
        Syscall::ExitGroup { .. } => libc::SYS_exit_group,
        Syscall::Readv { .. } => libc::SYS_readv,
        Syscall::Writev { .. } => libc::SYS_writev,
        Syscall::Sendmsg { .. } => libc::SYS_sendmsg,
        Syscall::Recvmsg { .. } => libc::SYS_recvmsg,
        Syscall::Sendmmsg { .. } => libc::SYS_sendmmsg,
        Syscall::Recvmmsg { .. } => libc::SYS_recvmmsg,
        Syscall::Socketpair { .. } => libc::SYS_socketpair,
        Syscall::Pipe { .. } => libc::SYS_pipe,
        Syscall::Pipe2 { .. } => libc::SYS_pipe2,
        Syscall::Dup { .. } => libc::SYS_dup,
        Syscall::Dup2 { .. } => libc::SYS_dup2,
        Syscall::Dup3 { .. } => libc::SYS_dup3,
        Syscall::Fcntl { .. } => libc::SYS_fcntl,
        Syscall::Ioctl { .. } => libc::SYS_ioctl,
        Syscall::Select { .. } => libc::SYS_select,
        Syscall::Pselect6 { .. } => libc::SYS_pselect6,
        Syscall::Ppoll { .. } => libc::SYS_ppoll,
        Syscall::EpollCreate { .. } => libc::SYS_epoll_create,
        Syscall::EpollCreate1 { .. } => libc::SYS_epoll_create1,
        Syscall::EpollCtl { .. } => libc::SYS_epoll_ctl,
        Syscall::EpollWait { .. } => libc::SYS_epoll_wait,
        Syscall::EpollPwait { .. } => libc::SYS_epoll_pwait,
        Syscall::Fork => libc::SYS_fork,
        Syscall::Wait4 { .. } => libc::SYS_wait4,
        Syscall::Unlink { .. } => libc::SYS_unlink,
        Syscall::Kill { .. } => libc::SYS_kill,
        Syscall::Getpid => libc::SYS_getpid,
        Syscall::RtSigaction { .. } => libc::SYS_rt_sigaction,
        Syscall::RtSigprocmask { .. } => libc::SYS_rt_sigprocmask,
        Syscall::RtSigpending { .. } => libc::SYS_rt_sigpending,
        Syscall::RtSigsuspend { .. } => libc::SYS_rt_sigsuspend,
        Syscall::RtSigreturn { .. } => libc::SYS_rt_sigreturn,
        Syscall::Pause => libc::SYS_pause,
        Syscall::Alarm { .. } => libc::SYS_alarm,
        Syscall::Setitimer { .. } => libc::SYS_setitimer,
        Syscall::Execve { .. } => libc::SYS_execve,
        Syscall::Openat { .. } => libc::SYS_openat,
        Syscall::Identity { of: Id::Ppid } => libc::SYS_getppid,
        Syscall::Identity { of: Id::Uid } => libc::SYS_getuid,
        Syscall::Identity { of: Id::Euid } => libc::SYS_geteuid,
        Syscall::Identity { of: Id::Gid } => libc::SYS_getgid,
        Syscall::Identity { of: Id::Egid } => libc::SYS_getegid,
        Syscall::Clone3 { .. } => libc::SYS_clone3,
        Syscall::Exit { .. } => libc::SYS_exit,
        Syscall::Gettid => libc::SYS_gettid,
        Syscall::Futex { .. } => libc::SYS_futex,
    }
}

/// The argument registers and the memory that they point at.
#[derive(Default)]
pub(super) struct Args {
    pub(super) raw: [libc::c_long; 6],
    pub(super) memory: [Option<Region>; 6],
    /// What pointers inside structs lead to.
    pub(super) nested: Nested,
    /// The same for each of several messages.
    pub(super) messages: Vec<Nested>,
}

impl Args {
    pub(super) fn value(mut self, arg: usize, value: impl Into<i64>) -> Args {
        self.raw[arg] = value.into();
        self
    }

    /// A length: all 64 bits as the program gave them.
    pub(super) fn count(mut self, arg: usize, count: u64) -> Args {
        self.raw[arg] = count as i64;
        self
    }

    pub(super) fn input(mut self, arg: usize, given: &UserIn) -> nix::Result<Args> {
        match given {
            UserIn::Bytes(bytes) => self.place(arg, Region::holding(bytes)?),
            UserIn::Fault => self.raw[arg] = FAULT as i64,
        }
        Ok(self)
    }

    pub(super) fn maybe_input(self, arg: usize, given: Option<&UserIn>) -> nix::Result<Args> {
        match given {
            Some(given) => self.input(arg, given),
            None => Ok(self),
        }
    }

    /// Memory to write to; the kernel is asked for `asked` bytes at most, so more is not needed.
    pub(super) fn output(mut self, arg: usize, given: UserOut, asked: u64) -> nix::Result<Args> {
        match given {
            UserOut::Capacity(bytes) => self.place(arg, Region::zeroed(bytes.min(asked))?),
            UserOut::Fault => self.raw[arg] = FAULT as i64,
        }
        Ok(self)
    }

    fn maybe_name(self, arg: usize, given: Option<UserOut>) -> nix::Result<Args> {
        match given {
            Some(given) => self.output(arg, given, LONGEST_NAME),
            None => Ok(self),
        }
    }

    pub(super) fn place(&mut self, arg: usize, region: Region) {
        self.raw[arg] = region.address() as i64;
        self.memory[arg] = Some(region);
    }

    /// The first bytes of what argument `arg` points at, as they are now.
    pub(super) fn bytes(&self, arg: usize, count: u64) -> Vec<u8> {
        self.memory[arg]
            .as_ref()
            .map_or_else(Vec::new, |region| region.bytes(count))
    }

    /// The int that argument `arg` points at, as it is now.
    pub(super) fn word(&self, arg: usize) -> Option<i32> {
        int_of(&self.bytes(arg, 4))
    }
}

pub(super) fn int_of(bytes: &[u8]) -> Option<i32> {
    bytes.first_chunk::<4>().map(|b| i32::from_le_bytes(*b))
}

fn lay_out(call: &Syscall, hidden: RawFd) -> nix::Result<Args> {
    let args = match call.fd() {
        Some(fd) => Args::default().value(0, fd),
        None => Args::default(),
    };
    Ok(match call {
        Syscall::Read { buf, count, .. } => args.output(1, *buf, *count)?.count(2, *count),
        Syscall::Write { buf, count, .. } => args.input(1, buf)?.count(2, *count),
        Syscall::Close { .. } => args,
        Syscall::Poll { fds, nfds, timeout } => {
            let args = args.input(0, &without_hidden(fds, hidden))?;
            args.value(1, *nfds).value(2, *timeout)
        }
        Syscall::Nanosleep { req, rem } => {
            let args = args.input(0, req)?;
            match rem {
                Some(rem) => args.output(1, *rem, 16)?,
                None => args,
            }
        }
        Syscall::Socket {
            domain,
            ty,
            protocol,
        } => args.value(0, *domain).value(1, *ty).value(2, *protocol),
        Syscall::Connect { addr, addrlen, .. } | Syscall::Bind { addr, addrlen, .. } => {
            args.input(1, addr)?.value(2, *addrlen)
        }
        Syscall::Accept { addr, addrlen, .. } => args.maybe_name(1, *addr)?.input(2, addrlen)?,
        Syscall::Accept4 {
            addr,
            addrlen,
            flags,
            ..
        } => {
            let args = args.maybe_name(1, *addr)?.input(2, addrlen)?;
            args.value(3, *flags)
        }
        Syscall::Sendto { .. } | Syscall::Recvfrom { .. } => lay_out_message(call, args)?,
        Syscall::Shutdown { how, .. } => args.value(1, *how),
        Syscall::Listen { backlog, .. } => args.value(1, *backlog),
        Syscall::Getsockname { addr, addrlen, .. } | Syscall::Getpeername { addr, addrlen, .. } => {
            args.maybe_name(1, Some(*addr))?.input(2, addrlen)?
        }
        Syscall::Setsockopt {
            level,
            optname,
            optval,
            optlen,
            ..
        } => {
            let args = args.value(1, *level).value(2, *optname);
            args.input(3, optval)?.value(4, *optlen)
        }
        Syscall::Getsockopt {
            level,
            optname,
            optval,
            optlen,
            ..
        } => {
            let args = args.value(1, *level).value(2, *optname);
            args.output(3, *optval, LONGEST_OPTION)?.input(4, optlen)?
        }
        Syscall::ExitGroup { status } => args.value(0, *status),
        Syscall::Unlink { pathname } => args.input(0, pathname)?,
        Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Recvmsg { .. }
        | Syscall::Sendmmsg { .. }
        | Syscall::Recvmmsg { .. }
        | Syscall::Socketpair { .. }
        | calls_on_descriptors!() => layout::lay_out(call, args, hidden)?,
    })
}

/// The rest of sendto(2) and recvfrom(2); any other call needs no more.
fn lay_out_message(call: &Syscall, args: Args) -> nix::Result<Args> {
    if let Syscall::Sendto {
        buf,
        len,
        flags,
        addr,
        addrlen,
        ..
    } = call
    {
        let args = args.input(1, buf)?.count(2, *len).value(3, *flags);
        return Ok(args.maybe_input(4, addr.as_ref())?.value(5, *addrlen));
    }
    if let Syscall::Recvfrom {
        buf,
        len,
        flags,
        addr,
        addrlen,
        ..
    } = call
    {
        let args = args.output(1, *buf, *len)?.count(2, *len);
        return args
            .value(3, *flags)
            .maybe_name(4, *addr)?
            .input(5, addrlen);
    }
    Ok(args)
}

/// poll(2) answers POLLNVAL for a hidden descriptor: another one stands in for it that is closed
/// for certain, because no descriptor is negative in the table and −1 would merely be skipped.
pub(super) fn without_hidden(fds: &UserIn, hidden: RawFd) -> UserIn {
    let UserIn::Bytes(bytes) = fds else {
        return UserIn::Fault;
    };
    let mut bytes = bytes.clone();
    for entry in bytes.chunks_exact_mut(POLLFD) {
        if int_of(entry).is_some_and(|fd| fd >= hidden) {
            entry[..4].copy_from_slice(&i32::MAX.to_le_bytes());
        }
    }
    UserIn::Bytes(bytes)
}

pub(super) fn report(reply: &mut Reply, arg: u8, bytes: Vec<u8>) {
    if !bytes.is_empty() {
        reply.writes.push(UserWrite { arg, bytes });
    }
}

fn report_success(call: &Syscall, args: &Args, returned: u64, reply: &mut Reply) {
    match call {
        Syscall::Read { count, .. } => report(reply, 1, args.bytes(1, returned.min(*count))),
        Syscall::Recvfrom {
            fd,
            len,
            flags,
            addr,
            addrlen,
            ..
        } => {
            if flags & MSG_TRUNC == 0 || !is_tcp(*fd) {
                report(reply, 1, args.bytes(1, returned.min(*len)));
            }
            if addr.is_some() {
                report_name(args, 4, addrlen, reply);
            }
        }
        Syscall::Accept { addr, addrlen, .. } | Syscall::Accept4 { addr, addrlen, .. } => {
            if addr.is_some() {
                report_name(args, 1, addrlen, reply);
            }
        }
        Syscall::Getsockname { addrlen, .. } | Syscall::Getpeername { addrlen, .. } => {
            report_name(args, 1, addrlen, reply);
        }
        Syscall::Getsockopt { .. } => {
            let length = args.word(4).unwrap_or(0).max(0);
            report(reply, 3, args.bytes(3, length as u64));
            report(reply, 4, args.bytes(4, 4));
        }
        Syscall::Poll { fds, nfds, .. } => {
            let mut now = args.bytes(0, u64::from(*nfds) * POLLFD as u64);
            if let UserIn::Bytes(given) = fds {
                // The kernel writes `revents` only; this undoes the stand-in for the hidden one.
                let pairs = now.chunks_exact_mut(POLLFD).zip(given.chunks_exact(POLLFD));
                for (now, given) in pairs {
                    now[..4].copy_from_slice(&given[..4]);
                }
            }
            report(reply, 0, now);
        }
        Syscall::Write { .. }
        | Syscall::Close { .. }
        | Syscall::Nanosleep { .. }
        | Syscall::Socket { .. }
        | Syscall::Connect { .. }
        | Syscall::Sendto { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Setsockopt { .. }
        | Syscall::ExitGroup { .. } => {}
        Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Recvmsg { .. }
        | Syscall::Sendmmsg { .. }
        | Syscall::Recvmmsg { .. }
        | Syscall::Socketpair { .. }
        | Syscall::Unlink { .. }
        | calls_on_descriptors!() => layout::report(call, args, returned, reply),
    }
}

/// A name at argument `arg` and its length word right behind it: `move_addr_to_user()`.
fn report_name(args: &Args, arg: u8, length_given: &UserIn, reply: &mut Reply) {
    let length_arg = usize::from(arg) + 1;
    let full = args.word(length_arg).unwrap_or(0);
    let given = match length_given {
        UserIn::Bytes(bytes) => int_of(bytes).unwrap_or(0),
        UserIn::Fault => 0,
    };
    let written = full.min(given).max(0) as u64;
    report(reply, arg, args.bytes(usize::from(arg), written));
    report(reply, arg + 1, args.bytes(length_arg, 4));
}

fn report_error(call: &Syscall, args: &Args, reply: &mut Reply) {
    let (arg, given) = match call {
        Syscall::Accept { addrlen, .. }
        | Syscall::Accept4 { addrlen, .. }
        | Syscall::Getsockname { addrlen, .. }
        | Syscall::Getpeername { addrlen, .. } => (2, addrlen),
        Syscall::Recvfrom { addrlen, .. } => (5, addrlen),
        Syscall::Getsockopt { optlen, .. } => (4, optlen),
        Syscall::Nanosleep { .. } => {
            if reply.result == Err(Errno::EINTR) {
                report(reply, 1, args.bytes(1, 16));
            }
            return;
        }
        Syscall::Socketpair { .. } => {
            // The numbers are written before anything else can fail; two of them are never both 0.
            let written = args.bytes(3, 8);
            if written.iter().any(|b| *b != 0) {
                report(reply, 3, written);
            }
            return;
        }
        Syscall::Read { .. }
        | Syscall::Write { .. }
        | Syscall::Close { .. }
        | Syscall::Poll { .. }
        | Syscall::Socket { .. }
        | Syscall::Connect { .. }
        | Syscall::Sendto { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Setsockopt { .. }
        | Syscall::ExitGroup { .. }
        | Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Sendmmsg { .. }
        | Syscall::Recvmmsg { .. }
        | Syscall::Unlink { .. }
        | calls_on_descriptors!() => return,
        Syscall::Recvmsg { .. } => return messages::report_error(call, args, reply),
    };
    let UserIn::Bytes(given) = given else { return };
    let now = args.bytes(arg, 4);
    if given.len() >= 4 && now != given[..4] {
        report(reply, arg as u8, now);
    }
}

/// Whether the descriptor is a TCP socket: `tcp_recvmsg()` copies nothing under MSG_TRUNC, every
/// other kind of socket copies what fits.
pub(super) fn is_tcp(fd: RawFd) -> bool {
    let is_inet = matches!(
        own_option(fd, libc::SO_DOMAIN),
        Some(domain) if domain == AF_INET || domain == AF_INET6
    );
    is_inet && own_option(fd, libc::SO_TYPE) == Some(SOCK_STREAM)
}

/// An option that reading does not change.
fn own_option(fd: RawFd, name: libc::c_int) -> Option<i32> {
    let mut value: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` and `length` are valid for writing and `length` is the size of `value`.
    let result = unsafe {
        libc::getsockopt(
            fd,
            libc::SOL_SOCKET,
            name,
            (&raw mut value).cast(),
            &raw mut length,
        )
    };
    (result == 0).then_some(value)
}
