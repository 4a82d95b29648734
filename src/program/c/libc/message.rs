//! Calls with memory in pieces: vectors, and messages with what belongs to them.

use super::{After, Flow, Invocation, Lib, Step, ask};
use crate::abi::{IovIn, IovOut, MsgIn, MsgOut, Syscall, UserIn, UserOut, nested};
use crate::program::c::machine::Machine;

/// UIO_MAXIOV: the kernel looks at no longer array.
const MOST_PIECES: u64 = 1024;

/// Where so many bytes go of what the kernel writes for the argument of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Out {
    pub(super) arg: u8,
    pub(super) at: u64,
    pub(super) len: u64,
}

/// Where all goes that it writes for an argument.
pub(super) fn whole(arg: u8, at: u64) -> Out {
    let len = u64::MAX;
    Out { arg, at, len }
}

/// An array of struct iovec. `None` if it cannot be read.
type Pieces = Option<Vec<Out>>;

/// A struct msghdr as the program filled it in.
struct Header {
    at: u64,
    name: u64,
    namelen: i32,
    pieces: Pieces,
    control: u64,
    controllen: u64,
}

impl Header {
    /// Where the parts of a reply go.
    fn outs(&self) -> Vec<Out> {
        let parts = [
            (nested::MSG_NAMELEN, self.at + 8),
            (nested::MSG_NAME, self.name),
            (nested::MSG_CONTROL, self.control),
            (nested::MSG_CONTROLLEN, self.at + 40),
            (nested::MSG_FLAGS, self.at + 48),
        ];
        let mut outs = self.pieces.clone().unwrap_or_default();
        for (arg, at) in parts {
            outs.push(whole(arg, at));
        }
        outs
    }
}

impl Machine {
    /// A word that the program must have written.
    pub(super) fn word(&self, at: u64, size: u32) -> Step<u64> {
        match self.memory().load(at, size) {
            Ok(value) => Ok(value),
            Err(bad) => self.access_fault(bad, at, size.into(), false),
        }
    }

    /// The length of what a pointer leads to. One without its pointer is often left unwritten.
    fn length_of(&self, pointer: u64, at: u64, size: u32) -> Step<u64> {
        match pointer {
            0 => Ok(self.memory().load(at, size).unwrap_or(0)),
            _ => self.word(at, size),
        }
    }

    /// An array of struct iovec. One that the kernel refuses for its length is not read.
    fn pieces(&self, at: u64, count: u64) -> Step<Pieces> {
        let arg = nested::IOV;
        if count > MOST_PIECES {
            let none = Out { arg, at: 0, len: 0 };
            return Ok(Some(vec![none; MOST_PIECES as usize + 1]));
        }
        if count > 0 && !self.memory().is_object(at) {
            return Ok(None);
        }
        let mut pieces = Vec::new();
        for i in 0..count {
            let place = at + 16 * i;
            let (at, len) = (self.word(place, 8)?, self.word(place + 8, 8)?);
            pieces.push(Out { arg, at, len });
        }
        Ok(Some(pieces))
    }

    fn pieces_in(&mut self, pieces: &Pieces) -> Step<Option<Vec<IovIn>>> {
        let Some(pieces) = pieces else {
            return Ok(None);
        };
        let mut all = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let memory = match piece.len {
                0 => UserIn::Bytes(Vec::new()),
                len => self.user_in(piece.at, len)?,
            };
            all.push((memory, piece.len));
        }
        Ok(Some(all))
    }

    fn pieces_out(&self, pieces: &Pieces) -> Option<Vec<IovOut>> {
        let mut all = Vec::new();
        for piece in pieces.as_ref()? {
            let room = match piece.len {
                0 => UserOut::Capacity(0),
                len => self.user_out(piece.at, len),
            };
            all.push((room, piece.len));
        }
        Some(all)
    }

    /// A struct msghdr. `None` if it cannot be read.
    fn message(&self, at: u64) -> Step<Option<Header>> {
        if !self.memory().is_object(at) {
            return Ok(None);
        }
        let name = self.word(at, 8)?;
        let control = self.word(at + 32, 8)?;
        Ok(Some(Header {
            at,
            name,
            namelen: self.length_of(name, at + 8, 4)? as i32,
            pieces: self.pieces(self.word(at + 16, 8)?, self.word(at + 24, 8)?)?,
            control,
            controllen: self.length_of(control, at + 40, 8)?,
        }))
    }

    /// A message for sending.
    #[inline(never)]
    fn message_in(&mut self, header: &Header) -> Step<MsgIn> {
        let name = match header.name {
            0 => None,
            at => Some(self.address_in(at, header.namelen)?),
        };
        let iov = self.pieces_in(&header.pieces)?;
        let control = match header.control {
            0 => None,
            at => Some(self.user_in(at, header.controllen.min(1 << 20))?),
        };
        Ok(MsgIn {
            name,
            namelen: header.namelen,
            iov,
            control,
            controllen: header.controllen,
        })
    }

    /// A message for receiving.
    #[inline(never)]
    fn message_out(&self, header: &Header) -> MsgOut {
        let room = |at: u64, size: u64| (at != 0).then(|| self.user_out(at, size));
        MsgOut {
            name: room(header.name, header.namelen.max(0) as u64),
            namelen: header.namelen,
            iov: self.pieces_out(&header.pieces),
            control: room(header.control, header.controllen),
            controllen: header.controllen,
        }
    }

    /// The messages of sendmmsg() and recvmmsg(): as many as the kernel looks at.
    fn messages(&self, at: u64, vlen: u32) -> Step<Vec<Header>> {
        let mut all = Vec::new();
        for place in 0..u64::from(vlen).min(MOST_PIECES) {
            match self.message(at.wrapping_add(64 * place))? {
                Some(header) => all.push(header),
                None => break,
            }
        }
        Ok(all)
    }
}

/// readv() and writev().
pub(super) fn vector(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, iovcnt) = (m.int(c, 0), m.arg(c, 1), m.int(c, 2));
    let pieces = m.pieces(at, iovcnt.max(0) as u64)?;
    let call = match c.lib {
        Lib::Writev => {
            let iov = m.pieces_in(&pieces)?;
            Syscall::Writev { fd, iov, iovcnt }
        }
        _ => {
            let iov = m.pieces_out(&pieces);
            Syscall::Readv { fd, iov, iovcnt }
        }
    };
    let outs = pieces.unwrap_or_default();
    ask(call, After::Result { outs })
}

/// sendmsg() and recvmsg().
pub(super) fn one(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, flags) = (m.int(c, 0), m.int(c, 2));
    let header = m.message(m.arg(c, 1))?;
    let call = match c.lib {
        Lib::Sendmsg => {
            let msg = match &header {
                Some(header) => Some(m.message_in(header)?),
                None => None,
            };
            Syscall::Sendmsg { fd, msg, flags }
        }
        _ => {
            let msg = header.as_ref().map(|header| m.message_out(header));
            Syscall::Recvmsg { fd, msg, flags }
        }
    };
    let outs = header.map_or_else(Vec::new, |header| header.outs());
    ask(call, After::Result { outs })
}

/// sendmmsg() and recvmmsg().
pub(super) fn several(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, vlen, flags) = (m.int(c, 0), m.int(c, 2) as u32, m.int(c, 3));
    let headers = m.messages(m.arg(c, 1), vlen)?;
    let call = match c.lib {
        Lib::Sendmmsg => {
            let mut msgvec = Vec::new();
            for header in &headers {
                msgvec.push(m.message_in(header)?);
            }
            Syscall::Sendmmsg {
                fd,
                msgvec,
                vlen,
                flags,
            }
        }
        _ => {
            let mut msgvec = Vec::new();
            for header in &headers {
                msgvec.push(m.message_out(header));
            }
            let timeout = match m.arg(c, 4) {
                0 => None,
                at => Some(m.user_in(at, 16)?),
            };
            Syscall::Recvmmsg {
                fd,
                msgvec,
                vlen,
                flags,
                timeout,
            }
        }
    };
    let mut outs = Vec::new();
    for header in &headers {
        outs.push((header.at + 56, header.outs()));
    }
    ask(call, After::Messages { outs })
}
