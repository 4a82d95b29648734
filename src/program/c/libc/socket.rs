//! System calls nearly as they are: sockets, read, write, close, poll.

use super::{After, Flow, Invocation, Lib, Step, ask};
use crate::abi::{Syscall, UserIn, UserOut};
use crate::program::c::machine::Machine;

impl Machine {
    /// What the kernel finds for reading where a pointer points. Short of `size` it is an error of
    /// the program that the kernel would not see: it is said here.
    pub(super) fn user_in(&mut self, at: u64, size: u64) -> Step<UserIn> {
        if !self.memory().is_object(at) {
            return Ok(UserIn::Fault);
        }
        self.owe(size.min(1 << 26));
        // Bytes that were never written go as they are: the kernel reads padding, too.
        match self.memory().read(at, size, false) {
            Ok(bytes) => Ok(UserIn::Bytes(bytes)),
            Err(bad) => self.access_fault(bad, at, size, false),
        }
    }

    /// What the kernel finds for writing where a pointer points: so much of `size` as it may take.
    pub(super) fn user_out(&self, at: u64, size: u64) -> UserOut {
        match self.memory().is_writable(at) {
            true => UserOut::Capacity(size),
            false => UserOut::Fault,
        }
    }

    /// A string that the kernel reads, with its NUL.
    pub(super) fn path(&mut self, at: u64) -> Step<UserIn> {
        Ok(match self.memory().is_object(at) {
            true => UserIn::Bytes([self.c_string(at)?, vec![0]].concat()),
            false => UserIn::Fault,
        })
    }

    /// An address that the kernel reads: at most what the longest one has.
    pub(super) fn address_in(&mut self, at: u64, length: i32) -> Step<UserIn> {
        // The kernel looks at the length first and refuses more than sockaddr_storage or less than 0.
        match u64::try_from(length) {
            Ok(length) if length <= crate::abi::sockaddr::SOCKADDR_STORAGE_LEN as u64 => {
                self.user_in(at, length)
            }
            _ => Ok(UserIn::Bytes(Vec::new())),
        }
    }

    /// The array of poll(2). RLIMIT_NOFILE bounds what the kernel reads.
    pub(super) fn poll_array(&mut self, at: u64, nfds: u64) -> Step<(UserIn, u32)> {
        let nfds = u32::try_from(nfds).unwrap_or(u32::MAX);
        let fds = match nfds {
            0..=4096 => self.user_in(at, u64::from(nfds) * 8)?,
            _ => UserIn::Bytes(Vec::new()),
        };
        Ok((fds, nfds))
    }

    /// The `addrlen` that an address argument comes with: the int, and the room it speaks of.
    fn length_argument(&mut self, at: u64) -> Step<(UserIn, u64)> {
        if !self.memory().is_object(at) {
            return Ok((UserIn::Fault, 0));
        }
        match self.memory().read(at, 4, true) {
            Ok(bytes) => {
                let value = bytes.iter().rev().fold(0u64, |v, b| v << 8 | u64::from(*b));
                Ok((UserIn::Bytes(bytes), value))
            }
            Err(bad) => self.access_fault(bad, at, 4, false),
        }
    }
}

fn plain(call: Syscall) -> Flow {
    ask(call, After::Result { outs: Vec::new() })
}

pub(super) fn socket(m: &mut Machine, c: &Invocation) -> Flow {
    plain(Syscall::Socket {
        domain: m.int(c, 0),
        ty: m.int(c, 1),
        protocol: m.int(c, 2),
    })
}

pub(super) fn socketpair(m: &mut Machine, c: &Invocation) -> Flow {
    let at = m.arg(c, 3);
    let (domain, ty, protocol) = (m.int(c, 0), m.int(c, 1), m.int(c, 2));
    let sv = m.user_out(at, 8);
    ask(
        Syscall::Socketpair {
            domain,
            ty,
            protocol,
            sv,
        },
        After::Result {
            outs: vec![(3, at)],
        },
    )
}

pub(super) fn unlink(m: &mut Machine, c: &Invocation) -> Flow {
    let pathname = m.path(m.arg(c, 0))?;
    plain(Syscall::Unlink { pathname })
}

pub(super) fn bind(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, addrlen) = (m.int(c, 0), m.arg(c, 1), m.int(c, 2));
    let addr = m.address_in(at, addrlen)?;
    plain(Syscall::Bind { fd, addr, addrlen })
}

pub(super) fn connect(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, addrlen) = (m.int(c, 0), m.arg(c, 1), m.int(c, 2));
    let addr = m.address_in(at, addrlen)?;
    plain(Syscall::Connect { fd, addr, addrlen })
}

pub(super) fn listen(m: &mut Machine, c: &Invocation) -> Flow {
    plain(Syscall::Listen {
        fd: m.int(c, 0),
        backlog: m.int(c, 1),
    })
}

pub(super) fn accept(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, length_at, flags) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2), m.int(c, 3));
    let (addr, addrlen) = match at {
        0 => (None, UserIn::Fault),
        _ => {
            let (addrlen, room) = m.length_argument(length_at)?;
            (Some(m.user_out(at, room)), addrlen)
        }
    };
    let call = match c.lib {
        Lib::Accept4 => Syscall::Accept4 {
            fd,
            addr,
            addrlen,
            flags,
        },
        _ => Syscall::Accept { fd, addr, addrlen },
    };
    ask(
        call,
        After::Result {
            outs: vec![(1, at), (2, length_at)],
        },
    )
}

pub(super) fn getsockname(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, length_at) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2));
    let (addrlen, room) = m.length_argument(length_at)?;
    let addr = m.user_out(at, room);
    let call = match c.lib {
        Lib::Getpeername => Syscall::Getpeername { fd, addr, addrlen },
        _ => Syscall::Getsockname { fd, addr, addrlen },
    };
    ask(
        call,
        After::Result {
            outs: vec![(1, at), (2, length_at)],
        },
    )
}

/// send() is sendto() without an address.
pub(super) fn send(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, len, flags) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2), m.int(c, 3));
    let buf = m.user_in(at, len)?;
    let (to, addrlen) = match c.lib {
        Lib::Sendto => (m.arg(c, 4), m.int(c, 5)),
        _ => (0, 0),
    };
    let addr = match to {
        0 => None,
        _ => Some(m.address_in(to, addrlen)?),
    };
    plain(Syscall::Sendto {
        fd,
        buf,
        len,
        flags,
        addr,
        addrlen,
    })
}

/// recv() is recvfrom() without an address.
pub(super) fn recv(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, len, flags) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2), m.int(c, 3));
    let buf = m.user_out(at, len);
    let (from, length_at) = match c.lib {
        Lib::Recvfrom => (m.arg(c, 4), m.arg(c, 5)),
        _ => (0, 0),
    };
    let (addr, addrlen) = match from {
        0 => (None, UserIn::Fault),
        _ => {
            let (addrlen, room) = m.length_argument(length_at)?;
            (Some(m.user_out(from, room)), addrlen)
        }
    };
    let outs = vec![(1, at), (4, from), (5, length_at)];
    ask(
        Syscall::Recvfrom {
            fd,
            buf,
            len,
            flags,
            addr,
            addrlen,
        },
        After::Result { outs },
    )
}

pub(super) fn shutdown(m: &mut Machine, c: &Invocation) -> Flow {
    plain(Syscall::Shutdown {
        fd: m.int(c, 0),
        how: m.int(c, 1),
    })
}

pub(super) fn setsockopt(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, level, optname) = (m.int(c, 0), m.int(c, 1), m.int(c, 2));
    let (at, optlen) = (m.arg(c, 3), m.int(c, 4));
    let optval = match u64::try_from(optlen) {
        Ok(length) if length > 0 => m.user_in(at, length.min(1 << 16))?,
        _ if m.memory().is_object(at) => UserIn::Bytes(Vec::new()),
        _ => UserIn::Fault,
    };
    plain(Syscall::Setsockopt {
        fd,
        level,
        optname,
        optval,
        optlen,
    })
}

pub(super) fn getsockopt(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, level, optname) = (m.int(c, 0), m.int(c, 1), m.int(c, 2));
    let (at, length_at) = (m.arg(c, 3), m.arg(c, 4));
    let (optlen, room) = m.length_argument(length_at)?;
    let optval = m.user_out(at, room);
    ask(
        Syscall::Getsockopt {
            fd,
            level,
            optname,
            optval,
            optlen,
        },
        After::Result {
            outs: vec![(3, at), (4, length_at)],
        },
    )
}

pub(super) fn poll(m: &mut Machine, c: &Invocation) -> Flow {
    let (at, nfds, timeout) = (m.arg(c, 0), m.arg(c, 1), m.int(c, 2));
    let (fds, nfds) = m.poll_array(at, nfds)?;
    ask(
        Syscall::Poll { fds, nfds, timeout },
        After::Result {
            outs: vec![(0, at)],
        },
    )
}

pub(super) fn read(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, count) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2));
    let buf = m.user_out(at, count);
    ask(
        Syscall::Read { fd, buf, count },
        After::Result {
            outs: vec![(1, at)],
        },
    )
}

pub(super) fn write(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, count) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2));
    let buf = m.user_in(at, count)?;
    plain(Syscall::Write { fd, buf, count })
}

/// What fdopen() asks: F_GETFL.
pub(super) fn getfl(m: &mut Machine, c: &Invocation) -> Flow {
    let fd = m.int(c, 0);
    plain(Syscall::Fcntl { fd, cmd: 3, arg: 0 })
}

pub(super) fn close(m: &mut Machine, c: &Invocation) -> Flow {
    plain(Syscall::Close { fd: m.int(c, 0) })
}
