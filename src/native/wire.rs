//! What this process, the supervisor and the puppets say to each other, and how it is framed.
//!
//! The *link* to the supervisor keeps message boundaries (SOCK_SEQPACKET) and carries descriptors.
//! A puppet's *control* socket is a byte stream with a length before each message, because a call or
//! a reply can carry more bytes than a socket takes as one message.

use super::End;
use crate::abi::{Delivery, Reply, Syscall};
use nix::cmsg_space;
use nix::errno::Errno as Sys;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, UnixCredentials, recv, recvmsg, send, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// To the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToSupervisor {
    /// Make a puppet. Four descriptors come with it: control, and its fds 0, 1 and 2.
    Spawn(Birth),
}

/// What a puppet is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Birth {
    /// Its place in the shared counters.
    pub(super) slot: u32,
    /// Whether it keeps the stage's privileges.
    pub(super) root: bool,
    /// What it keeps otherwise.
    pub(super) capabilities: u64,
    /// Its RLIMIT_NOFILE.
    pub(super) descriptors: u64,
}

/// From the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromSupervisor {
    /// The place is set up. Descriptors: sock_diag and, if `capture` is well, the capture socket.
    Ready {
        capture: Result<(), Unable>,
        /// The settings that could not be made.
        sysctls: Vec<String>,
    },
    /// The place cannot be set up this way.
    Failed(Unable),
    /// A puppet was forked; its pid in the stage's PID namespace.
    Spawned { pid: i32 },
    /// A puppet could not be forked.
    NotSpawned(Unable),
    /// A child has ended and was reaped.
    Ended { pid: i32, end: End },
}

/// To a puppet.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToPuppet {
    /// Execute this call.
    Call { seq: u64, call: Syscall },
    /// Fork; the copy counts in that slot.
    Fork { seq: u64, slot: u32 },
    /// Make a thread, which counts in that slot; when it leaves, it wakes who waits there.
    Thread { seq: u64, slot: u32, clear_tid: u64 },
}

/// From a puppet.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromPuppet {
    /// It is ready for calls. The kernel attaches its real pid.
    Hello,
    /// It could not become what it was to be, or could not lay out a call's memory.
    Unable(Unable),
    /// The call has returned.
    Returned { seq: u64, reply: Reply },
    /// The same, or the call is to be made again; and signals have come.
    Signalled {
        seq: u64,
        reply: Option<Reply>,
        handlers: Vec<Delivery>,
    },
    /// The call has returned with an error number that is none.
    Strange { seq: u64, errno: i32 },
}

/// Something that a helper process could not do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Unable {
    pub(super) doing: String,
    pub(super) errno: i32,
}

impl Unable {
    /// For `map_err`: names what was being done.
    pub(super) fn when(doing: &'static str) -> impl FnOnce(Sys) -> Unable {
        move |errno| Unable {
            doing: doing.to_owned(),
            errno: errno as i32,
        }
    }
}

impl From<Unable> for super::Error {
    fn from(unable: Unable) -> super::Error {
        super::Error::System {
            doing: unable.doing,
            errno: unable.errno,
        }
    }
}

/// The longest message: the largest buffer and what surrounds it.
const LONGEST: usize = (super::memory::LARGEST as usize) + (1 << 16);

/// Messages on the link are small: a few numbers and a phrase.
const LONGEST_ON_LINK: usize = 4096;

fn encoded<T: Serialize>(message: &T) -> nix::Result<Vec<u8>> {
    postcard::to_allocvec(message).map_err(|_| Sys::EBADMSG)
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> nix::Result<T> {
    postcard::from_bytes(bytes).map_err(|_| Sys::EBADMSG)
}

/// Sends one message, with descriptors, over the link.
pub(super) fn send_on_link<T: Serialize>(
    link: BorrowedFd<'_>,
    message: &T,
    descriptors: &[RawFd],
) -> nix::Result<()> {
    let bytes = encoded(message)?;
    let rights = [ControlMessage::ScmRights(descriptors)];
    let control = if descriptors.is_empty() {
        &rights[..0]
    } else {
        &rights[..]
    };
    let iov = [IoSlice::new(&bytes)];
    retry(|| {
        sendmsg::<()>(
            link.as_raw_fd(),
            &iov,
            control,
            MsgFlags::MSG_NOSIGNAL,
            None,
        )
    })?;
    Ok(())
}

/// Receives one message from the link; `None` when the other side is gone.
pub(super) fn receive_on_link<T: DeserializeOwned>(
    link: BorrowedFd<'_>,
    flags: MsgFlags,
) -> nix::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut bytes = [0; LONGEST_ON_LINK];
    let mut space = cmsg_space!([RawFd; 4]);
    let mut iov = [IoSliceMut::new(&mut bytes)];
    let flags = flags | MsgFlags::MSG_CMSG_CLOEXEC;
    let received = loop {
        match recvmsg::<()>(link.as_raw_fd(), &mut iov, Some(&mut space), flags) {
            Err(Sys::EINTR) => continue,
            other => break other?,
        }
    };
    let mut descriptors = Vec::new();
    for message in received.cmsgs()? {
        if let ControlMessageOwned::ScmRights(raw) = message {
            // SAFETY: the kernel has just installed these descriptors; nobody else knows them.
            descriptors.extend(raw.iter().map(|fd| unsafe { OwnedFd::from_raw_fd(*fd) }));
        }
    }
    let length = received.bytes;
    if length == 0 {
        return Ok(None);
    }
    Ok(Some((decoded(&bytes[..length])?, descriptors)))
}

/// Sends one message over a control socket; waits while it is full.
pub(super) fn send_framed<T: Serialize>(control: BorrowedFd<'_>, message: &T) -> nix::Result<()> {
    send_framed_with(control, message, None)
}

/// The same with a descriptor.
pub(super) fn send_framed_with<T: Serialize>(
    control: BorrowedFd<'_>,
    message: &T,
    descriptor: Option<RawFd>,
) -> nix::Result<()> {
    let payload = encoded(message)?;
    let length = u32::try_from(payload.len()).map_err(|_| Sys::EMSGSIZE)?;
    let mut frame = Vec::with_capacity(payload.len() + 4);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&payload);
    let mut rest = &frame[..];
    if let Some(descriptor) = descriptor {
        let descriptor = [descriptor];
        let rights = [ControlMessage::ScmRights(&descriptor)];
        let (iov, flags) = ([IoSlice::new(rest)], MsgFlags::MSG_NOSIGNAL);
        let sent = retry(|| sendmsg::<()>(control.as_raw_fd(), &iov, &rights, flags, None))?;
        rest = &rest[sent..];
    }
    while !rest.is_empty() {
        let sent = retry(|| send(control.as_raw_fd(), rest, MsgFlags::MSG_NOSIGNAL))?;
        rest = &rest[sent..];
    }
    Ok(())
}

/// Receives one message from a control socket; waits for it. `None` when the other side is gone.
pub(super) fn receive_framed<T: DeserializeOwned>(
    control: BorrowedFd<'_>,
) -> nix::Result<Option<T>> {
    let mut length = [0; 4];
    if !fill(control, &mut length)? {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(Sys::EMSGSIZE);
    }
    let mut payload = vec![0; length];
    if !fill(control, &mut payload)? {
        return Ok(None);
    }
    decoded(&payload).map(Some)
}

/// Fills the buffer; `false` when the other side is gone.
fn fill(control: BorrowedFd<'_>, mut buffer: &mut [u8]) -> nix::Result<bool> {
    while !buffer.is_empty() {
        match retry(|| recv(control.as_raw_fd(), buffer, MsgFlags::empty()))? {
            0 => return Ok(false),
            got => buffer = &mut buffer[got..],
        }
    }
    Ok(true)
}

/// Messages as they arrive in pieces, on the side that must not wait for the rest.
#[derive(Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// Descriptors that came along.
    pub(super) rights: Vec<OwnedFd>,
}

/// What one look at a control socket gave.
pub(super) struct Arrival {
    /// How many bytes; `None` at the end of the stream.
    pub(super) got: Option<usize>,
    /// The sender's pid as this process sees it, if the kernel attached it.
    pub(super) sender: Option<i32>,
}

impl Inbox {
    /// Takes what is there, without waiting.
    pub(super) fn take_from(&mut self, control: BorrowedFd<'_>) -> nix::Result<Arrival> {
        let mut chunk = [0; 1 << 14];
        let mut space = cmsg_space!(UnixCredentials, [RawFd; 1]);
        let mut iov = [IoSliceMut::new(&mut chunk)];
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
        let received = match recvmsg::<()>(control.as_raw_fd(), &mut iov, Some(&mut space), flags) {
            // A puppet that dies with an order unread resets the stream: its end all the same.
            Err(Sys::ECONNRESET) => {
                return Ok(Arrival {
                    got: None,
                    sender: None,
                });
            }
            other => other?,
        };
        let mut sender = None;
        for message in received.cmsgs()? {
            if let ControlMessageOwned::ScmCredentials(credentials) = message {
                sender = Some(credentials.pid());
            } else if let ControlMessageOwned::ScmRights(raw) = message {
                // SAFETY: the kernel has just installed these descriptors; nobody else knows them.
                let owned = raw.iter().map(|fd| unsafe { OwnedFd::from_raw_fd(*fd) });
                self.rights.extend(owned);
            }
        }
        let got = received.bytes;
        self.bytes.extend_from_slice(&chunk[..got]);
        Ok(Arrival {
            got: (got > 0).then_some(got),
            sender,
        })
    }

    /// The next whole message, if it has arrived.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> nix::Result<Option<T>> {
        let Some(length) = self.bytes.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length) as usize;
        if length > LONGEST {
            return Err(Sys::EMSGSIZE);
        }
        let Some(payload) = self.bytes.get(4..4 + length) else {
            return Ok(None);
        };
        let message = decoded(payload)?;
        self.bytes.drain(..4 + length);
        Ok(Some(message))
    }
}

/// Repeats what a signal interrupted.
pub(super) fn retry<T>(mut call: impl FnMut() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(Sys::EINTR) => continue,
            other => return other,
        }
    }
}
