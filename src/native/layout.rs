//! The memory of calls whose arguments are structs with pointers inside, and of the calls about
//! descriptors, readiness and processes. The rules of what is reported are in `exec.rs`.

use super::exec::{
    Args, LONGEST_NAME, Odd, POLLFD, int_of, is_tcp, report as write_down, without_hidden,
};
use super::memory::{FAULT, Region};
use super::thread;
use crate::abi::constants::MSG_TRUNC;
use crate::abi::{
    Errno, IovIn, IovOut, MsgIn, MsgOut, Reply, SigAction, Syscall, UserIn, UserOut, nested,
};
use nix::errno::Errno as Sys;
use std::os::fd::RawFd;

/// Size of `struct epoll_event`, which is packed on x86-64.
const EPOLL_EVENT: u64 = 12;
/// More control data than any socket gives at once.
const LONGEST_CONTROL: u64 = 1 << 20;
/// Size of `struct msghdr`, and where its parts lie that the kernel writes.
const MSGHDR: usize = 56;
const AT_NAMELEN: usize = 8;
const AT_CONTROLLEN: usize = 40;
const AT_FLAGS: usize = 48;

/// What pointers inside structs lead to.
#[derive(Default)]
pub(super) struct Nested {
    name: Option<Region>,
    control: Option<Region>,
    /// With the length that the program said.
    iov: Vec<(Option<Region>, u64)>,
    /// The array of struct iovec.
    vector: Option<Region>,
}

/// Whether the call names a hidden descriptor, which must look closed: `hidden` and all above it.
pub(super) fn names_hidden(call: &Syscall, hidden: RawFd) -> bool {
    let is_hidden = |fd: i32| fd >= hidden;
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
            .vector(1, iov.as_deref(), Args::out_piece)?
            .value(2, *iovcnt),
        Syscall::Writev { iov, iovcnt, .. } => args
            .vector(1, iov.as_deref(), Args::in_piece)?
            .value(2, *iovcnt),
        Syscall::Sendmsg { msg, flags, .. } => args.message_in(msg.as_ref())?.value(2, *flags),
        Syscall::Recvmsg { msg, flags, .. } => args.message_out(msg.as_ref())?.value(2, *flags),
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
        Syscall::EpollCreate1 { flags } => args.value(0, *flags),
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
                Syscall::Dup { .. } | Syscall::Getpid | Syscall::Gettid
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
        let (mask, address) = piece(mask)?;
        let bytes = [address as u64, SIGSET as u64]
            .map(u64::to_le_bytes)
            .concat();
        args.nested.name = mask;
        args = args.input(5, &UserIn::Bytes(bytes))?;
    }
    Ok(Some(args))
}

/// Size of the kernel's `sigset_t`.
const SIGSET: i32 = 8;

/// Memory to read from and its address.
fn piece(given: &UserIn) -> nix::Result<(Option<Region>, usize)> {
    Ok(match given {
        UserIn::Bytes(bytes) => {
            let region = Region::holding(bytes)?;
            let address = region.address();
            (Some(region), address)
        }
        UserIn::Fault => (None, FAULT),
    })
}

/// Memory to write to and its address.
fn room(given: UserOut, asked: u64) -> nix::Result<(Option<Region>, usize)> {
    Ok(match given {
        UserOut::Capacity(bytes) => {
            let region = Region::zeroed(bytes.min(asked))?;
            let address = region.address();
            (Some(region), address)
        }
        UserOut::Fault => (None, FAULT),
    })
}

type Piece = (Option<Region>, usize, u64);

impl Args {
    fn in_piece((memory, len): &IovIn) -> nix::Result<Piece> {
        piece(memory).map(|(region, address)| (region, address, *len))
    }

    fn out_piece((memory, len): &IovOut) -> nix::Result<Piece> {
        room(*memory, *len).map(|(region, address)| (region, address, *len))
    }

    /// Lays out an array of struct iovec; gives its address.
    fn pieces<T>(
        &mut self,
        iov: Option<&[T]>,
        one: impl Fn(&T) -> nix::Result<Piece>,
    ) -> nix::Result<usize> {
        let Some(iov) = iov else { return Ok(FAULT) };
        let mut bytes = Vec::with_capacity(iov.len() * 16);
        for entry in iov {
            let (region, address, len) = one(entry)?;
            bytes.extend((address as u64).to_le_bytes());
            bytes.extend(len.to_le_bytes());
            self.nested.iov.push((region, len));
        }
        let region = Region::holding(&bytes)?;
        let address = region.address();
        self.nested.vector = Some(region);
        Ok(address)
    }

    fn vector<T>(
        mut self,
        arg: usize,
        iov: Option<&[T]>,
        one: impl Fn(&T) -> nix::Result<Piece>,
    ) -> nix::Result<Args> {
        self.raw[arg] = self.pieces(iov, one)? as i64;
        Ok(self)
    }

    fn message_in(mut self, msg: Option<&MsgIn>) -> nix::Result<Args> {
        let Some(msg) = msg else {
            return self.input(1, &UserIn::Fault);
        };
        let iov = self.pieces(msg.iov.as_deref(), Args::in_piece)?;
        let iovlen = msg.iov.as_ref().map_or(1, Vec::len);
        let (name, name_at) = msg.name.as_ref().map_or(Ok((None, 0)), piece)?;
        let (control, control_at) = msg.control.as_ref().map_or(Ok((None, 0)), piece)?;
        (self.nested.name, self.nested.control) = (name, control);
        self.header(
            (name_at, msg.namelen),
            (iov, iovlen),
            (control_at, msg.controllen),
        )
    }

    fn message_out(mut self, msg: Option<&MsgOut>) -> nix::Result<Args> {
        let Some(msg) = msg else {
            return self.input(1, &UserIn::Fault);
        };
        let iov = self.pieces(msg.iov.as_deref(), Args::out_piece)?;
        let iovlen = msg.iov.as_ref().map_or(1, Vec::len);
        let name = msg.name.map(|name| room(name, LONGEST_NAME));
        let (name, name_at) = name.unwrap_or(Ok((None, 0)))?;
        let asked = msg.controllen.min(LONGEST_CONTROL);
        let control = msg.control.map(|control| room(control, asked));
        let (control, control_at) = control.unwrap_or(Ok((None, 0)))?;
        (self.nested.name, self.nested.control) = (name, control);
        self.header(
            (name_at, msg.namelen),
            (iov, iovlen),
            (control_at, msg.controllen),
        )
    }

    /// `struct msghdr` at argument 1.
    fn header(
        self,
        (name, namelen): (usize, i32),
        (iov, iovlen): (usize, usize),
        (control, controllen): (usize, u64),
    ) -> nix::Result<Args> {
        let mut bytes = Vec::with_capacity(MSGHDR);
        bytes.extend((name as u64).to_le_bytes());
        bytes.extend(u64::from(namelen as u32).to_le_bytes());
        for word in [iov as u64, iovlen as u64, control as u64, controllen, 0] {
            bytes.extend(word.to_le_bytes());
        }
        self.input(1, &UserIn::Bytes(bytes))
    }

    /// The first bytes of all pieces together.
    fn gathered(&self, count: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (region, len) in &self.nested.iov {
            let left = count.saturating_sub(bytes.len() as u64);
            if let Some(region) = region {
                bytes.extend(region.bytes(left.min(*len)));
            }
        }
        bytes
    }
}

/// What a call of this module wrote when it succeeded.
pub(super) fn report(call: &Syscall, args: &Args, returned: u64, reply: &mut Reply) {
    match call {
        Syscall::Readv { .. } => write_down(reply, nested::IOV, args.gathered(returned)),
        Syscall::Recvmsg { fd, msg, flags } => {
            report_message(args, msg.as_ref(), reply);
            if flags & MSG_TRUNC == 0 || !is_tcp(*fd) {
                write_down(reply, nested::IOV, args.gathered(returned));
            }
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
        Syscall::EpollWait { .. } => write_down(reply, 1, args.bytes(1, returned * EPOLL_EVENT)),
        Syscall::Pipe { .. } | Syscall::Pipe2 { .. } => write_down(reply, 0, args.bytes(0, 8)),
        Syscall::Socketpair { .. } => write_down(reply, 3, args.bytes(3, 8)),
        Syscall::Wait4 { .. } if returned > 0 => write_down(reply, 1, args.bytes(1, 4)),
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

/// `struct msghdr` as it is now, and what it leads to.
fn report_message(args: &Args, msg: Option<&MsgOut>, reply: &mut Reply) {
    let header = args.bytes(1, MSGHDR as u64);
    let (Some(msg), MSGHDR) = (msg, header.len()) else {
        return;
    };
    let part = |at: usize, len: usize| header[at..at + len].to_vec();
    if msg.name.is_some() {
        let full = int_of(&part(AT_NAMELEN, 4)).unwrap_or(0);
        let written = full.min(msg.namelen).max(0) as u64;
        write_down(reply, nested::MSG_NAMELEN, part(AT_NAMELEN, 4));
        if let Some(name) = &args.nested.name {
            write_down(reply, nested::MSG_NAME, name.bytes(written));
        }
    }
    if let Some(control) = &args.nested.control {
        let length = int_of(&part(AT_CONTROLLEN, 4)).unwrap_or(0).max(0);
        write_down(reply, nested::MSG_CONTROL, control.bytes(length as u64));
    }
    write_down(reply, nested::MSG_CONTROLLEN, part(AT_CONTROLLEN, 8));
    write_down(reply, nested::MSG_FLAGS, part(AT_FLAGS, 4));
}

/// The length of the name is written before the name.
pub(super) fn report_message_error(call: &Syscall, args: &Args, reply: &mut Reply) {
    if let Syscall::Recvmsg { msg: Some(msg), .. } = call {
        let header = args.bytes(1, MSGHDR as u64);
        let now = header.get(AT_NAMELEN..AT_NAMELEN + 4).unwrap_or_default();
        if !now.is_empty() && now != msg.namelen.to_le_bytes() {
            write_down(reply, nested::MSG_NAMELEN, now.to_vec());
        }
    }
}

/// rt_sigaction(2). The program runs its handlers itself: here stands one that does nothing, so that
/// calls are interrupted as they should be.
pub(super) fn sigaction(sig: i32, action: Option<SigAction>) -> Result<Reply, Odd> {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: all zeros is a valid sigaction: SIG_DFL, no flags, an empty mask.
    let mut wanted: libc::sigaction = unsafe { std::mem::zeroed() };
    if let Some(action) = action {
        wanted.sa_sigaction = match action.handler {
            0 => libc::SIG_DFL,
            1 => libc::SIG_IGN,
            _ => nothing as extern "C" fn(libc::c_int) as usize,
        };
        // Nothing else of the program's flags means anything to a handler that does nothing.
        wanted.sa_flags =
            action.flags & (libc::SA_RESTART | libc::SA_NOCLDWAIT | libc::SA_NOCLDSTOP);
    }
    let new = match action {
        Some(_) => &raw const wanted,
        None => std::ptr::null(),
    };
    // SAFETY: `new` is NULL or points at a sigaction whose handler touches nothing.
    let result = unsafe { libc::sigaction(sig, new, std::ptr::null_mut()) };
    if result == 0 {
        return Ok(Reply::ok(0));
    }
    let errno = Sys::last_raw();
    let errno = Errno::from_number(errno).ok_or(Odd::Errno(errno))?;
    Ok(Reply::error(errno))
}
