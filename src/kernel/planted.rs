//! Bugs that can be planted in the kernel, to see whether what looks for bugs finds them.
//!
//! Each twists a call before it is dispatched, or its result afterwards, so that the kernel proper knows
//! nothing of them. The page is built without this module.

use crate::abi::constants::{EPOLLONESHOT, SO_ERROR, SO_REUSEADDR, SOCK_NONBLOCK, SOL_SOCKET};
use crate::abi::{Errno, Syscall, UserIn};
use crate::base::{Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::file::{FileKind, OpenFile};
use crate::kernel::socket::{PortClaim, Protocol, Socket};
use crate::kernel::unix::Kind;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// SO_REUSEADDR cannot be switched on.
    ReuseaddrIgnored,
    /// connect(2) takes the ephemeral ports one after the other, whatever their parity.
    EphemeralAscending,
    /// close(2) with unread data sends a FIN.
    NoResetOnUnread,
    /// listen(2)'s backlog is the number of connections that can wait, not one less.
    BacklogExact,
    /// accept(2) gives the new descriptor the listener's O_NONBLOCK.
    AcceptInheritsNonblock,
    /// Reading SO_ERROR leaves the error pending.
    ErrorKept,
    /// epoll_ctl(2) drops EPOLLONESHOT.
    OneshotIgnored,
    /// Datagrams of AF_UNIX lose their last octet when they are sent.
    UnixDatagramShort,
}

impl Planted {
    /// Every bug.
    pub const ALL: [Planted; 8] = [
        Planted::ReuseaddrIgnored,
        Planted::EphemeralAscending,
        Planted::NoResetOnUnread,
        Planted::BacklogExact,
        Planted::AcceptInheritsNonblock,
        Planted::ErrorKept,
        Planted::OneshotIgnored,
        Planted::UnixDatagramShort,
    ];
}

/// What a twisted call leaves to be done when it has been dispatched.
pub(crate) type Afterwards = Option<(SockId, Errno)>;

impl Kernel {
    /// Plants a bug, or none.
    pub fn plant(&mut self, bug: Option<Planted>) {
        self.planted = bug;
    }

    /// What the planted bug makes of a call.
    pub(crate) fn twist(&mut self, pid: Pid, call: &Syscall) -> (Syscall, Afterwards) {
        let mut call = call.clone();
        if let (
            Some(Planted::OneshotIgnored),
            Syscall::EpollCtl {
                event: Some(UserIn::Bytes(event)),
                ..
            },
        ) = (self.planted, &mut call)
            && let Some(last) = event.get_mut(3)
        {
            *last &= !(EPOLLONESHOT >> 24) as u8;
        }
        let on = call.fd().and_then(|fd| self.planted_on(pid, fd));
        let (Some(bug), Some((open, sock))) = (self.planted, on) else {
            return (call, None);
        };
        match (bug, &mut call) {
            (
                Planted::ReuseaddrIgnored,
                Syscall::Setsockopt {
                    level: SOL_SOCKET,
                    optname: SO_REUSEADDR,
                    optval: UserIn::Bytes(value),
                    ..
                },
            ) => value.fill(0),
            (
                Planted::BacklogExact,
                Syscall::Listen {
                    backlog: n @ 1.., ..
                },
            ) => *n -= 1,
            (Planted::AcceptInheritsNonblock, Syscall::Accept4 { flags, .. })
                if open.nonblocking =>
            {
                *flags |= SOCK_NONBLOCK;
            }
            (Planted::AcceptInheritsNonblock, Syscall::Accept { fd, addr, addrlen })
                if open.nonblocking =>
            {
                call = Syscall::Accept4 {
                    fd: *fd,
                    addr: *addr,
                    addrlen: addrlen.clone(),
                    flags: SOCK_NONBLOCK,
                };
            }
            (Planted::NoResetOnUnread, Syscall::Close { .. }) if open.refs == 1 => {
                if let Some(socket) = self.sockets.get_mut(sock) {
                    socket.receive_queue.clear();
                }
            }
            (
                Planted::ErrorKept,
                Syscall::Getsockopt {
                    level: SOL_SOCKET,
                    optname: SO_ERROR,
                    ..
                },
            ) => {
                let error = self.sockets.get(sock).and_then(|socket| socket.error);
                return (call, error.map(|errno| (sock, errno)));
            }
            (
                Planted::UnixDatagramShort,
                Syscall::Sendto {
                    buf: UserIn::Bytes(data),
                    len,
                    ..
                },
            ) if self.is_unix_datagram(sock) => {
                if data.pop().is_some() {
                    *len -= 1;
                }
            }
            (Planted::EphemeralAscending, Syscall::Connect { addrlen: 16.., .. }) => {
                self.take_lowest(sock);
            }
            (
                Planted::ReuseaddrIgnored
                | Planted::BacklogExact
                | Planted::AcceptInheritsNonblock
                | Planted::NoResetOnUnread
                | Planted::ErrorKept
                | Planted::EphemeralAscending
                | Planted::OneshotIgnored
                | Planted::UnixDatagramShort,
                _,
            ) => {}
        }
        (call, None)
    }

    /// Undoes what the call should have done.
    pub(crate) fn untwist(&mut self, afterwards: Afterwards) {
        if let Some((sock, errno)) = afterwards
            && let Some(socket) = self.sockets.get_mut(sock)
        {
            socket.error = Some(errno);
        }
    }

    fn planted_on(&self, pid: Pid, fd: i32) -> Option<(OpenFile, SockId)> {
        let file = self.processes.get(pid)?.fds.get(fd)?;
        let open = *self.files.get(file)?;
        match open.kind {
            FileKind::Socket(sock) => Some((open, sock)),
            FileKind::Stdio(_) | FileKind::Pipe(..) | FileKind::Epoll | FileKind::Null(_) => None,
        }
    }

    fn is_unix_datagram(&self, sock: SockId) -> bool {
        let unix = self.sockets.get(sock).and_then(Socket::unix);
        unix.is_some_and(|unix| unix.kind == Kind::Datagram)
    }

    /// Claims the lowest free port of the ephemeral range for a socket that has none.
    fn take_lowest(&mut self, sock: SockId) {
        let (low, high) = self.sysctl.ip_local_port_range;
        let Some(port) = (low..=high).find(|port| self.ports.bucket(*port).is_none()) else {
            return;
        };
        let fresh = |s: &&mut Socket| s.port.is_none() && s.protocol == Protocol::Tcp;
        let Some(socket) = self.sockets.get_mut(sock).filter(fresh) else {
            return;
        };
        let claim = PortClaim {
            port,
            named: false,
            by_connect: true,
        };
        socket.port = Some(claim);
        socket.local.set_port(port);
        self.ports.claim(claim, sock);
    }
}
