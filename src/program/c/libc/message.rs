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

/// What an array of struct iovec says: what the kernel reads, or where it writes. `None` if it cannot be read.
#[derive(Default)]
struct Pieces {
    ins: Option<Vec<IovIn>>,
    rooms: Option<Vec<IovOut>>,
    outs: Vec<Out>,
}

/// Messages: for sending or for receiving, and where the parts of a reply go: how long each is, and all else.
#[derive(Default)]
struct Messages {
    ins: Vec<MsgIn>,
    rooms: Vec<MsgOut>,
    outs: Vec<(u64, Vec<Out>)>,
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

    /// An array of struct iovec, for sending or for receiving.
    fn pieces(&mut self, at: u64, count: u64, send: bool) -> Step<Pieces> {
        if (1..=MOST_PIECES).contains(&count) && !self.memory().is_object(at) {
            return Ok(Pieces::default());
        }
        let (mut ins, mut rooms, mut outs) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..count.min(MOST_PIECES + 1) {
            let arg = nested::IOV;
            let mut out = Out { arg, at: 0, len: 0 };
            // One that the kernel refuses for its length is not read.
            if count <= MOST_PIECES {
                let place = at + 16 * i;
                (out.at, out.len) = (self.word(place, 8)?, self.word(place + 8, 8)?);
            }
            outs.push(out);
            if send {
                let memory = match out.len {
                    0 => UserIn::Bytes(Vec::new()),
                    len => self.user_in(out.at, len)?,
                };
                ins.push((memory, out.len));
            } else {
                let room = match out.len {
                    0 => UserOut::Capacity(0),
                    len => self.user_out(out.at, len),
                };
                rooms.push((room, out.len));
            }
        }
        let (ins, rooms) = (Some(ins), Some(rooms));
        Ok(Pieces { ins, rooms, outs })
    }

    /// A struct msghdr as the program filled it in. Gives whether it can be read.
    fn message(&mut self, at: u64, send: bool, all: &mut Messages) -> Step<bool> {
        if !self.memory().is_object(at) {
            return Ok(false);
        }
        let (name, control) = (self.word(at, 8)?, self.word(at + 32, 8)?);
        let namelen = self.length_of(name, at + 8, 4)? as i32;
        let pieces = self.pieces(self.word(at + 16, 8)?, self.word(at + 24, 8)?, send)?;
        let controllen = self.length_of(control, at + 40, 8)?;
        if send {
            all.ins.push(MsgIn {
                name: match name {
                    0 => None,
                    at => Some(self.address_in(at, namelen)?),
                },
                namelen,
                iov: pieces.ins,
                control: match control {
                    0 => None,
                    at => Some(self.user_in(at, controllen.min(1 << 20))?),
                },
                controllen,
            });
        } else {
            let room = |at: u64, size: u64| (at != 0).then(|| self.user_out(at, size));
            all.rooms.push(MsgOut {
                name: room(name, namelen.max(0) as u64),
                namelen,
                iov: pieces.rooms,
                control: room(control, controllen),
                controllen,
            });
        }
        let mut outs = pieces.outs;
        for (arg, at) in [
            (nested::MSG_NAMELEN, at + 8),
            (nested::MSG_NAME, name),
            (nested::MSG_CONTROL, control),
            (nested::MSG_CONTROLLEN, at + 40),
            (nested::MSG_FLAGS, at + 48),
        ] {
            outs.push(whole(arg, at));
        }
        all.outs.push((at + 56, outs));
        Ok(true)
    }
}

/// readv() and writev().
pub(super) fn vector(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, iovcnt) = (m.int(c, 0), m.arg(c, 1), m.int(c, 2));
    let send = c.lib == Lib::Writev;
    let pieces = m.pieces(at, iovcnt.max(0) as u64, send)?;
    let (iov, outs) = (pieces.rooms, pieces.outs);
    let call = match send {
        true => Syscall::Writev {
            fd,
            iov: pieces.ins,
            iovcnt,
        },
        false => Syscall::Readv { fd, iov, iovcnt },
    };
    ask(call, After::Result { outs })
}

/// sendmsg() and recvmsg(); sendmmsg() and recvmmsg(), of whose messages the kernel looks at so many.
pub(super) fn messages(m: &mut Machine, c: &Invocation) -> Flow {
    let (fd, at, vlen) = (m.int(c, 0), m.arg(c, 1), m.int(c, 2) as u32);
    let send = matches!(c.lib, Lib::Sendmsg | Lib::Sendmmsg);
    let several = matches!(c.lib, Lib::Sendmmsg | Lib::Recvmmsg);
    let most = if several { vlen } else { 1 };
    let mut all = Messages::default();
    for place in 0..u64::from(most).min(MOST_PIECES) {
        if !m.message(at.wrapping_add(64 * place), send, &mut all)? {
            break;
        }
    }
    if !several {
        let flags = vlen as i32;
        let call = match send {
            true => Syscall::Sendmsg {
                fd,
                msg: all.ins.pop(),
                flags,
            },
            false => Syscall::Recvmsg {
                fd,
                msg: all.rooms.pop(),
                flags,
            },
        };
        let outs = all.outs.pop().map_or_else(Vec::new, |(_, outs)| outs);
        return ask(call, After::Result { outs });
    }
    let (flags, outs) = (m.int(c, 3), all.outs);
    let call = match send {
        true => Syscall::Sendmmsg {
            fd,
            msgvec: all.ins,
            vlen,
            flags,
        },
        false => Syscall::Recvmmsg {
            fd,
            msgvec: all.rooms,
            vlen,
            flags,
            timeout: match m.arg(c, 4) {
                0 => None,
                at => Some(m.user_in(at, 16)?),
            },
        },
    };
    ask(call, After::Messages { outs })
}
