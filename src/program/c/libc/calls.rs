//! System calls nearly as they are: descriptors, readiness, messages in pieces, processes.

use super::{After, Flow, Invocation, Lib, Step, ask};
use crate::abi::{Id, MsgIn, MsgOut, SigAction, Syscall, UserIn, UserOut, nested};
use crate::program::c::machine::Machine;

/// UIO_MAXIOV: the kernel looks at no longer array.
const MOST_PIECES: u64 = 1024;
/// Size of the kernel's `sigset_t`.
pub(super) const SIGSET: u64 = 8;

/// Address and length of a `struct iovec`.
type Piece = (u64, u64);
type Pieces = Vec<Piece>;

/// Where what the kernel writes for an argument goes.
type Out = (u8, u64);

impl Machine {
    /// What a pointer leads to that may be NULL.
    pub(super) fn maybe_in(&mut self, at: u64, size: u64) -> Step<Option<UserIn>> {
        match at {
            0 => Ok(None),
            _ => self.user_in(at, size).map(Some),
        }
    }

    /// A word that the program must have written.
    fn word(&self, at: u64, size: u32) -> Step<u64> {
        match self.memory().load(at, size) {
            Ok(value) => Ok(value),
            Err(bad) => self.access_fault(bad, at, size.into(), false),
        }
    }

    /// An array of struct iovec; `None` if it cannot be read. One that the kernel refuses for its length is not read.
    fn pieces(&self, at: u64, count: u64) -> Step<Option<Pieces>> {
        if count > MOST_PIECES {
            return Ok(Some(vec![(0, 0); MOST_PIECES as usize + 1]));
        }
        if count > 0 && !self.memory().is_object(at) {
            return Ok(None);
        }
        let mut pieces = Pieces::new();
        for place in (0..count).map(|i| at + 16 * i) {
            pieces.push((self.word(place, 8)?, self.word(place + 8, 8)?));
        }
        Ok(Some(pieces))
    }

    fn pieces_in(&mut self, pieces: Option<&Pieces>) -> Step<Option<Vec<(UserIn, u64)>>> {
        let Some(pieces) = pieces else {
            return Ok(None);
        };
        let mut all = Vec::with_capacity(pieces.len());
        for (at, len) in pieces {
            let memory = match len {
                0 => UserIn::Bytes(Vec::new()),
                _ => self.user_in(*at, *len)?,
            };
            all.push((memory, *len));
        }
        Ok(Some(all))
    }

    fn pieces_out(&self, pieces: Option<&Pieces>) -> Option<Vec<(UserOut, u64)>> {
        let out = |(at, len): &(u64, u64)| match len {
            0 => (UserOut::Capacity(0), 0),
            _ => (self.user_out(*at, *len), *len),
        };
        pieces.map(|pieces| pieces.iter().map(out).collect())
    }

    /// The parts of a struct msghdr: name, its length, pieces, control data, its length. `None` if it cannot be read.
    fn message(&self, at: u64) -> Step<Option<Header>> {
        if !self.memory().is_object(at) {
            return Ok(None);
        }
        let name = self.word(at, 8)?;
        let control = self.word(at + 32, 8)?;
        // A length without its pointer is often left unwritten.
        let namelen = match name {
            0 => self.memory().load(at + 8, 4).unwrap_or(0),
            _ => self.word(at + 8, 4)?,
        };
        let controllen = match control {
            0 => self.memory().load(at + 40, 8).unwrap_or(0),
            _ => self.word(at + 40, 8)?,
        };
        let pieces = self.pieces(self.word(at + 16, 8)?, self.word(at + 24, 8)?)?;
        Ok(Some(Header {
            at,
            name,
            namelen: namelen as i32,
            pieces,
            control,
            controllen,
        }))
    }

    /// A struct msghdr for sending.
    pub(super) fn message_in(&mut self, at: u64) -> Step<Option<MsgIn>> {
        let Some(header) = self.message(at)? else {
            return Ok(None);
        };
        let name = match header.name {
            0 => None,
            at => Some(self.address_in(at, header.namelen)?),
        };
        Ok(Some(MsgIn {
            name,
            namelen: header.namelen,
            iov: self.pieces_in(header.pieces.as_ref())?,
            control: self.maybe_in(header.control, header.controllen.min(1 << 20))?,
            controllen: header.controllen,
        }))
    }

    /// A struct msghdr for receiving, and where what is received goes.
    pub(super) fn message_out(&mut self, at: u64) -> Step<Option<(MsgOut, Header)>> {
        let Some(header) = self.message(at)? else {
            return Ok(None);
        };
        let room = |at: u64, size: u64| (at != 0).then(|| self.user_out(at, size));
        let message = MsgOut {
            name: room(header.name, header.namelen.max(0) as u64),
            namelen: header.namelen,
            iov: self.pieces_out(header.pieces.as_ref()),
            control: room(header.control, header.controllen),
            controllen: header.controllen,
        };
        Ok(Some((message, header)))
    }
}

/// A struct msghdr as the program filled it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(super) at: u64,
    name: u64,
    namelen: i32,
    pieces: Option<Pieces>,
    control: u64,
    controllen: u64,
}

impl Header {
    /// Where the parts of a reply go.
    pub(super) fn outs(&self) -> ([Out; 5], &[Piece]) {
        let outs = [
            (nested::MSG_NAMELEN, self.at + 8),
            (nested::MSG_NAME, self.name),
            (nested::MSG_CONTROL, self.control),
            (nested::MSG_CONTROLLEN, self.at + 40),
            (nested::MSG_FLAGS, self.at + 48),
        ];
        (outs, self.pieces.as_deref().unwrap_or_default())
    }
}

fn plain(call: Syscall) -> Flow {
    ask(call, After::Result { outs: Vec::new() })
}

fn writing(call: Syscall, arg: u8, at: u64) -> Flow {
    let outs = vec![(arg, at)];
    ask(call, After::Result { outs })
}

/// readv() and writev().
pub(super) fn vector(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, iovcnt) = (m.int(c, 0), m.arg(c, 1), m.int(c, 2));
    let pieces = m.pieces(at, iovcnt.max(0) as u64)?;
    if let Lib::Writev = c.lib {
        let iov = m.pieces_in(pieces.as_ref())?;
        return plain(Syscall::Writev { fd, iov, iovcnt });
    }
    let iov = m.pieces_out(pieces.as_ref());
    let after = After::Scattered {
        outs: Vec::new(),
        pieces: pieces.unwrap_or_default(),
    };
    ask(Syscall::Readv { fd, iov, iovcnt }, after)
}

pub(super) fn sendmsg(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, flags) = (m.int(c, 0), m.int(c, 2));
    let msg = m.message_in(m.arg(c, 1))?;
    plain(Syscall::Sendmsg { fd, msg, flags })
}

pub(super) fn recvmsg(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, flags) = (m.int(c, 0), m.int(c, 2));
    let (msg, after) = match m.message_out(m.arg(c, 1))? {
        Some((msg, header)) => {
            let (outs, pieces) = header.outs();
            let (outs, pieces) = (outs.to_vec(), pieces.to_vec());
            (Some(msg), After::Scattered { outs, pieces })
        }
        None => (None, After::Result { outs: Vec::new() }),
    };
    ask(Syscall::Recvmsg { fd, msg, flags }, after)
}

/// The messages of sendmmsg() and recvmmsg(): as many as the kernel looks at.
fn batch<T>(
    m: &mut Machine,
    c: &Invocation,
    one: impl Fn(&mut Machine, u64) -> Step<Option<T>>,
) -> Step<Vec<T>> {
    let (at, vlen) = (m.arg(c, 1), m.arg(c, 2) & 0xffff_ffff);
    let mut all = Vec::new();
    for place in 0..vlen.min(MOST_PIECES) {
        match one(m, at.wrapping_add(64 * place))? {
            Some(message) => all.push(message),
            None => break,
        }
    }
    Ok(all)
}

pub(super) fn sendmmsg(m: &mut Machine, c: &Invocation) -> Flow {
    let both = batch(m, c, |m, at| {
        let header = m.message(at)?;
        Ok(m.message_in(at)?.zip(header))
    })?;
    let (msgvec, headers) = both.into_iter().unzip();
    let call = Syscall::Sendmmsg {
        fd: m.int(c, 0),
        msgvec,
        vlen: m.int(c, 2) as u32,
        flags: m.int(c, 3),
    };
    ask(call, After::Messages { headers })
}

pub(super) fn recvmmsg(m: &mut Machine, c: &Invocation) -> Flow {
    let (msgvec, headers) = batch(m, c, Machine::message_out)?.into_iter().unzip();
    let timeout = m.maybe_in(m.arg(c, 4), 16)?;
    let call = Syscall::Recvmmsg {
        fd: m.int(c, 0),
        msgvec,
        vlen: m.int(c, 2) as u32,
        flags: m.int(c, 3),
        timeout,
    };
    ask(call, After::Messages { headers })
}

/// The kernel's own struct sigaction, for the library's sigaction().
pub(super) fn sigaction(m: &mut Machine, c: &Invocation) -> Flow {
    let (sig, at, old) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2));
    let word = |bytes: &[u8], at: usize| {
        let word = bytes.get(at..at + 8).and_then(|b| b.first_chunk());
        word.map_or(0, |b| u64::from_le_bytes(*b))
    };
    let action = match m.maybe_in(at, 32)? {
        Some(UserIn::Bytes(bytes)) => Some(SigAction {
            handler: word(&bytes, 0),
            flags: word(&bytes, 8) as i32,
            mask: word(&bytes, 24),
        }),
        Some(UserIn::Fault) | None => None,
    };
    let oldact = (old != 0).then(|| m.user_out(old, 32));
    let call = Syscall::RtSigaction {
        sig,
        action,
        oldact,
    };
    writing(call, 2, old)
}

pub(super) fn sigprocmask(m: &mut Machine, c: &Invocation) -> Flow {
    let old = m.arg(c, 2);
    let call = Syscall::RtSigprocmask {
        how: m.int(c, 0),
        set: m.maybe_in(m.arg(c, 1), SIGSET)?,
        oldset: (old != 0).then(|| m.user_out(old, SIGSET)),
    };
    writing(call, 2, old)
}

pub(super) fn sigpending(m: &mut Machine, c: &Invocation) -> Flow {
    let at = m.arg(c, 0);
    let set = m.user_out(at, SIGSET);
    writing(Syscall::RtSigpending { set }, 0, at)
}

pub(super) fn sigsuspend(m: &mut Machine, c: &Invocation) -> Flow {
    let mask = m.user_in(m.arg(c, 0), SIGSET)?;
    plain(Syscall::RtSigsuspend { mask })
}

pub(super) fn setitimer(m: &mut Machine, c: &Invocation) -> Flow {
    let old = m.arg(c, 2);
    let call = Syscall::Setitimer {
        which: m.int(c, 0),
        new: m.maybe_in(m.arg(c, 1), 32)?,
        old: (old != 0).then(|| m.user_out(old, 32)),
    };
    writing(call, 2, old)
}

/// Calls with numbers alone.
pub(super) fn numbers(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, second, third) = (m.int(c, 0), m.int(c, 1), m.int(c, 2));
    plain(match c.lib {
        Lib::Dup => Syscall::Dup { fd },
        Lib::Dup2 => Syscall::Dup2 { fd, newfd: second },
        Lib::Dup3 => Syscall::Dup3 {
            fd,
            newfd: second,
            flags: third,
        },
        Lib::Fcntl => Syscall::Fcntl {
            fd,
            cmd: second,
            arg: m.arg(c, 2),
        },
        Lib::EpollCreate1 => Syscall::EpollCreate1 { flags: fd },
        Lib::Kill if fd <= 0 => {
            return m.usage("kill() of a process group is not modelled: name one process");
        }
        Lib::Kill => Syscall::Kill {
            pid: fd,
            sig: second,
        },
        Lib::Getppid => Syscall::Identity { of: Id::Ppid },
        Lib::Getuid => Syscall::Identity { of: Id::Uid },
        Lib::Geteuid => Syscall::Identity { of: Id::Euid },
        Lib::Getgid => Syscall::Identity { of: Id::Gid },
        Lib::Getegid => Syscall::Identity { of: Id::Egid },
        Lib::Fork => Syscall::Fork,
        Lib::Pause => Syscall::Pause,
        Lib::Alarm => Syscall::Alarm { seconds: fd as u32 },
        Lib::EpollCreate => Syscall::EpollCreate { size: fd },
        _ => Syscall::Getpid,
    })
}

/// pipe() and pipe2().
pub(super) fn pipe(m: &mut Machine, c: &Invocation) -> Flow {
    let (at, flags) = (m.arg(c, 0), m.int(c, 1));
    let pipefd = m.user_out(at, 8);
    let call = match c.lib {
        Lib::Pipe2 => Syscall::Pipe2 { pipefd, flags },
        _ => Syscall::Pipe { pipefd },
    };
    writing(call, 0, at)
}

pub(super) fn ioctl(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, request, at) = (m.int(c, 0), m.arg(c, 1), m.arg(c, 2));
    let argp = m.user_in(at, 4)?;
    writing(Syscall::Ioctl { fd, request, argp }, 2, at)
}

/// open(): of all files there is one.
pub(super) fn open(m: &mut Machine, c: &Invocation) -> Flow {
    const AT_FDCWD: i32 = -100;
    let (at, flags) = (m.arg(c, 0), m.int(c, 1));
    let pathname = m.path(at)?;
    if let UserIn::Bytes(path) = &pathname
        && path != b"/dev/null\0"
    {
        let path = String::from_utf8_lossy(&path[..path.len() - 1]).into_owned();
        return m.usage(&format!(
            "open() of {path:?} is not modelled: there are no files but /dev/null"
        ));
    }
    plain(Syscall::Openat {
        dirfd: AT_FDCWD,
        pathname,
        flags,
        mode: m.int(c, 2),
    })
}

/// select() and pselect().
pub(super) fn select(m: &mut Machine, c: &Invocation) -> Flow {
    let nfds = m.int(c, 0);
    let size = (nfds.clamp(0, 1 << 16) as u64).div_ceil(64) * 8;
    let at = |i| m.arg(c, i);
    let outs = vec![(1, at(1)), (2, at(2)), (3, at(3)), (4, at(4))];
    let (time, mask) = (at(4), m.arg(c, 5));
    let readfds = m.maybe_in(m.arg(c, 1), size)?;
    let writefds = m.maybe_in(m.arg(c, 2), size)?;
    let exceptfds = m.maybe_in(m.arg(c, 3), size)?;
    let timeout = m.maybe_in(time, 16)?;
    let call = match c.lib {
        Lib::Pselect => Syscall::Pselect6 {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
            sigmask: m.maybe_in(mask, SIGSET)?,
        },
        _ => Syscall::Select {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
        },
    };
    ask(call, After::Result { outs })
}

pub(super) fn ppoll(m: &mut Machine, c: &Invocation) -> Flow {
    let (at, nfds) = (m.arg(c, 0), m.arg(c, 1));
    let (fds, nfds) = m.poll_array(at, nfds)?;
    let timeout = m.maybe_in(m.arg(c, 2), 16)?;
    let sigmask = m.maybe_in(m.arg(c, 3), SIGSET)?;
    let call = Syscall::Ppoll {
        fds,
        nfds,
        timeout,
        sigmask,
    };
    writing(call, 0, at)
}

pub(super) fn epoll_ctl(m: &mut Machine, c: &Invocation) -> Flow {
    let event = m.maybe_in(m.arg(c, 3), 12)?;
    plain(Syscall::EpollCtl {
        epfd: m.int(c, 0),
        op: m.int(c, 1),
        fd: m.int(c, 2),
        event,
    })
}

pub(super) fn epoll_wait(m: &mut Machine, c: &Invocation) -> Flow {
    let (at, maxevents) = (m.arg(c, 1), m.int(c, 2));
    let (epfd, timeout) = (m.int(c, 0), m.int(c, 3));
    let events = m.user_out(at, maxevents.max(0) as u64 * 12);
    let call = match c.lib {
        Lib::EpollPwait => Syscall::EpollPwait {
            epfd,
            events,
            maxevents,
            timeout,
            sigmask: m.maybe_in(m.arg(c, 4), SIGSET)?,
        },
        _ => Syscall::EpollWait {
            epfd,
            events,
            maxevents,
            timeout,
        },
    };
    writing(call, 1, at)
}

/// wait4(), of which wait() and others are made.
pub(super) fn wait(m: &mut Machine, c: &Invocation) -> Flow {
    let (pid, at, options) = (m.int(c, 0), m.arg(c, 1), m.int(c, 2));
    if m.arg(c, 3) != 0 {
        return m.usage("what resources a process used is not modelled: pass NULL as `rusage`");
    }
    let status = (at != 0).then(|| m.user_out(at, 4));
    let call = Syscall::Wait4 {
        pid,
        status,
        options,
    };
    writing(call, 1, at)
}
