//! What a system call gives back.

use crate::abi::{Errno, nested};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The answer to a [`Syscall`](crate::abi::Syscall): what it returns and what it wrote into the
/// program's memory.
///
/// ```
/// use sockscope::abi::{Errno, Reply};
/// assert_eq!(Reply::ok(3).returned(), 3);
/// assert_eq!(Reply::error(Errno::EBADF).returned(), -9);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The value returned, or the error that the C library puts into `errno` before it returns −1.
    pub result: Result<u64, Errno>,
    /// What `copy_to_user()` wrote, in order.
    pub writes: Vec<UserWrite>,
}

/// Bytes that the kernel wrote where a pointer argument points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserWrite {
    /// Which argument of the call, counted from 0 in the kernel's order: `buf` of
    /// `recvfrom(fd, buf, …)` is 1.
    pub arg: u8,
    /// The bytes, from the address that the argument names.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Success with that value.
    pub fn ok(value: u64) -> Reply {
        Reply {
            result: Ok(value),
            writes: Vec::new(),
        }
    }

    /// Failure with that error.
    pub fn error(errno: Errno) -> Reply {
        Reply {
            result: Err(errno),
            writes: Vec::new(),
        }
    }

    /// The same reply with one more write.
    pub fn with_write(mut self, arg: u8, bytes: Vec<u8>) -> Reply {
        self.writes.push(UserWrite { arg, bytes });
        self
    }

    /// What sendmmsg(2) or recvmmsg(2) did with the message at that place, as sendmsg(2) or recvmsg(2) answers.
    pub fn message(&self, place: usize) -> Option<Reply> {
        let begins = |write: &UserWrite| write.arg == nested::MSG_LEN;
        let mut messages = self.writes.chunk_by(|_, next| !begins(next));
        let writes = messages.nth(place)?;
        let len = writes[0]
            .bytes
            .first_chunk::<4>()
            .filter(|_| begins(&writes[0]))?;
        Some(Reply {
            result: Ok(u32::from_le_bytes(*len).into()),
            writes: writes[1..].to_vec(),
        })
    }

    /// The value in the return register: negative is an error number, as on Linux.
    pub fn returned(&self) -> i64 {
        match self.result {
            Ok(value) => value as i64,
            Err(errno) => -i64::from(errno.number()),
        }
    }

    /// The bytes written where argument `arg` points, if any were.
    pub fn written(&self, arg: u8) -> Option<&[u8]> {
        self.writes
            .iter()
            .find(|w| w.arg == arg)
            .map(|w| w.bytes.as_slice())
    }
}

/// Something that Linux does and the simulated kernel does not: the run is cut off here, because an
/// invented answer would be a wrong lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)] // The fields carry the names of the manual pages' arguments.
pub enum NotModelled {
    /// A system call.
    Call { call: &'static str },
    /// An address family that Linux has and this kernel lacks.
    Family { domain: i32 },
    /// A socket type or protocol that Linux has and this kernel lacks.
    Type { domain: i32, ty: i32, protocol: i32 },
    /// A socket option.
    Option { level: i32, optname: i32 },
    /// Flags of a send or receive call.
    MessageFlags { flags: i32 },
    /// A call with a descriptor for which Linux gives it a meaning that is missing here.
    CallOnFile { call: &'static str, fd: i32 },
    /// Something inside a protocol.
    Protocol { what: &'static str },
}

impl fmt::Display for NotModelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::abi::constants as c;
        match *self {
            NotModelled::Call { call } => write!(f, "{call}() is not modelled"),
            NotModelled::Family { domain } => {
                write!(f, "address family {} is not modelled", c::family(domain))
            }
            NotModelled::Type {
                domain,
                ty,
                protocol,
            } => write!(
                f,
                "socket({}, {}, {protocol}) is not modelled",
                c::family(domain),
                c::socket_type(ty),
            ),
            NotModelled::Option { level, optname } => {
                write!(
                    f,
                    "socket option {} is not modelled",
                    c::socket_option(level, optname)
                )
            }
            NotModelled::MessageFlags { flags } => {
                write!(
                    f,
                    "message flags {} are not modelled",
                    c::message_flags(flags)
                )
            }
            NotModelled::CallOnFile { call, fd } => {
                write!(f, "this use of {call}() on descriptor {fd} is not modelled")
            }
            NotModelled::Protocol { what } => {
                write!(f, "{what} is not modelled")
            }
        }
    }
}
