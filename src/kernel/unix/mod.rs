//! AF_UNIX: `net/unix/af_unix.c`, unix(7).
//!
//! Nothing travels: what one socket sends is in the other's receive queue when the call returns. A socket
//! that was closed is gone, and its id is never given again; who still refers to it (a peer, a node of the file
//! system, a message that it sent) finds out by that.

mod connection;
mod datagram;
mod message;
pub mod names;
mod pair;
mod peer_wait;
mod release;
mod rights;
mod stream;

use crate::abi::constants::{
    FIONREAD, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM,
    SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM, TIOCOUTQ,
};
use crate::abi::{Errno, NotModelled};
use crate::base::{Fifo, FileId, Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::socket::{Family, Protocol, Socket};
use crate::kernel::syscall::Stop;
use crate::kernel::task::Capabilities;
use serde::Serialize;

/// SO_SNDBUF as a socket begins (net.core.wmem_default), in octets of memory.
const SEND_BUFFER: u32 = 212_992;
/// net.unix.max_dgram_qlen: beyond so many messages, a queue takes none of strangers.
const QUEUE_LENGTH: u32 = 10;

/// The type of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// SOCK_STREAM.
    Stream,
    /// SOCK_DGRAM.
    Datagram,
    /// SOCK_SEQPACKET.
    Seqpacket,
}

/// How far a socket is (`sk_state`, of which AF_UNIX uses three).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum State {
    /// TCP_CLOSE.
    Unconnected,
    /// TCP_LISTEN.
    Listening,
    /// TCP_ESTABLISHED.
    Connected,
}

impl State {
    /// As ss(8) prints it.
    pub fn name(self) -> &'static str {
        match self {
            State::Unconnected => "UNCONN",
            State::Listening => "LISTEN",
            State::Connected => "ESTAB",
        }
    }
}

/// Who a process is, for SO_PEERCRED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cred {
    /// The process.
    pub pid: Pid,
    /// Root, or else nobody: user and group 65534.
    pub root: bool,
}

/// Something sent and not read yet (a `struct sk_buff`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Who sent it.
    pub from: SockId,
    /// The name of that socket.
    pub name: Option<Vec<u8>>,
    /// What was sent.
    pub data: Vec<u8>,
    /// So many octets of a stream's piece have been read.
    pub read: u32,
    /// Octets of memory that count against the sender's SO_SNDBUF until all of it is read.
    pub truesize: u32,
    /// SCM_RIGHTS: the open files that come with it. It holds a reference to each.
    pub rights: Vec<FileId>,
}

/// An AF_UNIX socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unix {
    /// Its type.
    pub kind: Kind,
    /// How far it is.
    pub state: State,
    /// Its name, `sun_path` as getsockname(2) tells it: a path with its NUL, or an abstract name, which begins with
    /// NUL.
    pub name: Option<Vec<u8>>,
    /// The other end. It may be gone.
    pub peer: Option<SockId>,
    /// When it asked to be told of the next read of its peer's full queue (`peer_wake`), by the count of `Kernel::sleeps`.
    pub peer_wake: Option<u64>,
    /// The name of a peer that is gone.
    pub peer_name: Option<Vec<u8>>,
    /// So many connections or messages may wait and one more still be taken (`sk_max_ack_backlog`).
    pub backlog: u32,
    /// connect(2) made it, with its listener's name; it cannot be found by that.
    pub accepted: bool,
    /// A listener's connections, oldest first.
    pub accept_queue: Fifo<SockId>,
    /// What can be read.
    pub queue: Fifo<Message>,
    /// Octets of memory that what it sent and nobody has read yet takes (`sk_wmem_alloc`).
    pub sent_memory: u32,
    /// SO_PEERCRED.
    pub peer_cred: Option<Cred>,
}

impl Unix {
    fn new(kind: Kind) -> Unix {
        Unix {
            kind,
            state: State::Unconnected,
            name: None,
            peer: None,
            peer_wake: None,
            peer_name: None,
            backlog: QUEUE_LENGTH,
            accepted: false,
            accept_queue: Fifo::default(),
            queue: Fifo::default(),
            sent_memory: 0,
            peer_cred: None,
        }
    }

    /// SO_TYPE.
    pub fn type_number(&self) -> i32 {
        match self.kind {
            Kind::Stream => SOCK_STREAM,
            Kind::Datagram => SOCK_DGRAM,
            Kind::Seqpacket => SOCK_SEQPACKET,
        }
    }

    /// SO_PEERCRED: `struct ucred`, whose process is 0 and whose user and group are −1 without a peer.
    pub(crate) fn ucred(&self) -> Vec<u8> {
        const NOBODY: u32 = 65_534;
        let (pid, id) = match self.peer_cred {
            Some(Cred { pid, root: true }) => (pid.0, 0),
            Some(Cred { pid, root: false }) => (pid.0, NOBODY),
            None => (0, u32::MAX),
        };
        [pid, id, id].map(u32::to_le_bytes).concat()
    }

    /// Octets that can be read.
    pub fn unread(&self) -> u32 {
        self.queue
            .iter()
            .map(|m| m.data.len() as u32 - m.read)
            .sum()
    }

    /// `unix_ioctl()`. Errors: EINVAL for what a listener has to read, EOPNOTSUPP for the mark of messages.
    pub(crate) fn count(&self, request: i32) -> Result<i32, Errno> {
        match (request, self.kind) {
            (FIONREAD, _) if self.state == State::Listening => Err(Errno::EINVAL),
            (FIONREAD, Kind::Datagram) => Ok(self.queue.front().map_or(0, |m| m.data.len() as i32)),
            (FIONREAD, Kind::Stream | Kind::Seqpacket) => Ok(self.unread() as i32),
            (TIOCOUTQ, _) => Ok(self.sent_memory as i32),
            // SIOCATMARK: a connection that waits for accept(2) counts as a buffer of no octets, which is at the mark.
            (_, Kind::Stream) => Ok(i32::from(!self.accept_queue.is_empty())),
            (_, Kind::Datagram | Kind::Seqpacket) => Err(Errno::EOPNOTSUPP),
        }
    }

    /// How many more connections or messages of strangers the queue takes.
    pub(crate) fn room(&self) -> usize {
        let waiting = match self.state {
            State::Listening => self.accept_queue.len(),
            State::Unconnected | State::Connected => self.queue.len(),
        };
        (self.backlog as usize + 1).saturating_sub(waiting)
    }

    /// `unix_recvq_full()`.
    fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// `unix_writable()`: at most a quarter of the buffer is in use. A task that sleeps for room is not woken before.
    fn is_writable(&self) -> bool {
        self.state != State::Listening && (self.sent_memory + 1) * 4 <= SEND_BUFFER
    }

    fn is_connection_based(&self) -> bool {
        self.kind != Kind::Datagram
    }
}

impl Socket {
    /// A fresh AF_UNIX socket.
    pub(crate) fn new_unix(kind: Kind) -> Socket {
        Socket {
            // Means nothing here.
            protocol: Protocol::Unix(Box::new(Unix::new(kind))),
            ..Socket::new(Family::Inet)
        }
    }

    /// What is AF_UNIX about it, if it is.
    pub fn unix(&self) -> Option<&Unix> {
        match &self.protocol {
            Protocol::Unix(unix) => Some(unix),
            Protocol::Tcp | Protocol::Udp(_) | Protocol::Raw(_) => None,
        }
    }

    pub(crate) fn unix_mut(&mut self) -> Option<&mut Unix> {
        match &mut self.protocol {
            Protocol::Unix(unix) => Some(unix),
            Protocol::Tcp | Protocol::Udp(_) | Protocol::Raw(_) => None,
        }
    }
}

/// `unix_create()`: the type of a new socket.
pub(crate) fn kind_of(ty: i32, protocol: i32) -> Result<Kind, Errno> {
    if protocol != 0 && protocol != crate::abi::constants::AF_UNIX {
        return Err(Errno::EPROTONOSUPPORT);
    }
    match ty {
        SOCK_STREAM => Ok(Kind::Stream),
        SOCK_DGRAM | SOCK_RAW => Ok(Kind::Datagram),
        SOCK_SEQPACKET => Ok(Kind::Seqpacket),
        _ => Err(Errno::ESOCKTNOSUPPORT),
    }
}

impl Kernel {
    pub(crate) fn is_unix(&self, sock: SockId) -> bool {
        self.unix(sock).is_some()
    }

    pub(crate) fn unix(&self, sock: SockId) -> Option<&Unix> {
        self.sockets.get(sock)?.unix()
    }

    fn unix_mut(&mut self, sock: SockId) -> Option<&mut Unix> {
        self.sockets.get_mut(sock)?.unix_mut()
    }

    /// The process whose call this is.
    fn caller(&self, cx: &Cx) -> Result<Pid, Errno> {
        let task = cx.task.and_then(|tid| self.tasks.get(tid));
        Ok(task.ok_or(Errno::ESRCH)?.pid)
    }

    fn cred_of(&self, pid: Pid) -> Cred {
        let process = self.processes.get(pid);
        let root = process.is_some_and(|p| p.capabilities == Capabilities::ROOT);
        Cred { pid, root }
    }

    /// `unix_poll()`, `unix_dgram_poll()`.
    pub(crate) fn unix_readiness(&self, sock: SockId, socket: &Socket, unix: &Unix) -> i32 {
        const READABLE: i32 = POLLIN | POLLRDNORM;
        let mut mask = 0;
        if socket.error.is_some() {
            mask |= POLLERR;
        }
        if socket.receive_shutdown {
            mask |= POLLRDHUP | READABLE;
        }
        let closed = unix.is_connection_based() && unix.state == State::Unconnected;
        if closed || (socket.receive_shutdown && socket.send_shutdown) {
            mask |= POLLHUP;
        }
        if !unix.queue.is_empty() || !unix.accept_queue.is_empty() {
            mask |= READABLE;
        }
        let peer_full = unix.kind != Kind::Stream
            && unix.peer.is_some_and(|peer| self.peer_is_full(sock, peer));
        if unix.is_writable() && !peer_full {
            mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
        }
        mask
    }

    /// Whether a call that sleeps in receiving would get further.
    pub(crate) fn unix_can_receive(socket: &Socket, unix: &Unix) -> bool {
        !unix.queue.is_empty() || socket.error.is_some() || socket.receive_shutdown
    }

    /// Whether a call that sleeps until there is room would get further. `sock` waits for `on`: itself, or the one
    /// that it sends to or connects to.
    pub(crate) fn unix_has_room(&self, sock: SockId, on: SockId) -> bool {
        let Some((socket, unix)) = self.sockets.get(on).and_then(|s| Some((s, s.unix()?))) else {
            return true;
        };
        if on == sock {
            unix.is_writable() || socket.error.is_some() || socket.send_shutdown
        } else {
            !unix.is_full()
        }
    }

    /// Checks what must hold between two entries.
    pub(crate) fn check_unix(&self, sock: SockId, unix: &Unix) -> Result<(), String> {
        let queues = self.sockets.iter().filter_map(|(_, s)| s.unix());
        let sent = queues.flat_map(|u| &u.queue).filter(|m| m.from == sock);
        let memory: u32 = sent.map(|m| m.truesize).sum();
        if memory != unix.sent_memory {
            let counted = unix.sent_memory;
            return Err(format!(
                "{sock:?} counts {counted} octets, {memory} are queued"
            ));
        }
        let gone = |s: &&SockId| !self.sockets.contains(**s);
        match unix.accept_queue.iter().find(gone) {
            Some(gone) => Err(format!("{gone:?} is queued and gone")),
            None => Ok(()),
        }
    }
}

/// Flags of send(2) that change nothing for AF_UNIX are taken; others are not modelled.
fn check_flags(flags: i32, known: i32) -> Result<(), Stop> {
    if flags & !known != 0 {
        return Err(NotModelled::MessageFlags { flags }.into());
    }
    Ok(())
}

/// A pair of sockets is said to belong together.
fn paired(sock: SockId, peer: SockId, because: crate::kernel::Rule) -> EventKind {
    EventKind::Paired {
        sock,
        peer,
        because,
    }
}
