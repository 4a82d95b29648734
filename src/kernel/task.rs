//! Processes and tasks, as far as the network part of a kernel knows them.

use crate::abi::{NotModelled, Reply, Syscall, nested};
use crate::base::{FileId, Pid, SockId, Time};
use crate::kernel::event::WaitFor;
use crate::kernel::fd::FdTable;
use serde::Serialize;
use std::collections::VecDeque;

/// A process: a descriptor table and rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Process {
    /// Its descriptors.
    pub fds: FdTable,
    /// Its capabilities.
    pub capabilities: Capabilities,
    /// What it can still read from standard input.
    pub stdin: VecDeque<u8>,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
}

/// The capabilities that matter to sockets (capabilities(7)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// CAP_NET_ADMIN: options that concern others.
    pub net_admin: bool,
    /// CAP_NET_BIND_SERVICE: bind(2) to a privileged port.
    pub net_bind_service: bool,
    /// CAP_NET_RAW: raw sockets.
    pub net_raw: bool,
}

impl Capabilities {
    /// What root has.
    pub const ROOT: Capabilities = Capabilities {
        net_admin: true,
        net_bind_service: true,
        net_raw: true,
    };
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Ended {
    /// By exit_group(2); the low eight bits of its argument.
    Exited(u8),
    /// By a signal.
    Killed(u8),
}

impl Ended {
    /// SIGPIPE: a write to a stream that nobody will read (signal(7)).
    pub const SIGPIPE: u8 = 13;
}

/// A task: what enters system calls and sleeps in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its process.
    pub pid: Pid,
    /// What it does.
    pub state: TaskState,
}

/// What a task does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum TaskState {
    /// Computes, or could.
    User,
    /// Is inside a system call.
    InCall(InCall),
    /// Has ended.
    Ended,
}

/// A system call under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InCall {
    /// The kernel's name for the call.
    pub call: &'static str,
    /// The descriptor it names, or −1.
    pub fd: i32,
    /// How far it is.
    pub progress: Progress,
    /// SO_RCVTIMEO or SO_SNDTIMEO ends the waiting.
    pub until: Option<Time>,
}

/// How far a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Progress {
    /// It was entered; nothing has been done yet.
    Entered(Syscall),
    /// The answer stands; it is given as soon as the packets that the call sent have been delivered.
    Done(Reply),
    /// It has to wait; not asleep yet, since the packets that it sent may bring what it waits for.
    Waiting(Blocked),
    /// It sleeps.
    Asleep(Blocked),
    /// It was woken and will look again when it is scheduled.
    Woken(Blocked),
    /// The process ends.
    Ending(Ended),
    /// It needs something that is not modelled.
    NotModelled(NotModelled),
}

/// A call that has to wait, with all it needs to go on. It holds a reference to its file, so that
/// close(2) by another task does not pull the file away (`fdget()`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // The fields are the arguments of the calls.
pub enum Blocked {
    /// accept(2): `reserved` is the number that the connection will get.
    Accept {
        file: FileId,
        sock: SockId,
        reserved: i32,
        wants_peer: Option<AddrOut>,
        flags: i32,
    },
    /// connect(2).
    Connect { file: FileId, sock: SockId },
    /// read(2), recv(2), recvfrom(2): what was received so far is `got`.
    Receive {
        file: FileId,
        sock: SockId,
        want: Receive,
        got: Vec<u8>,
    },
    /// write(2), send(2), sendto(2): `sent` octets of `data` are in the send queue.
    Send {
        file: FileId,
        sock: SockId,
        data: Vec<u8>,
        sent: u64,
        flags: i32,
    },
    /// poll(2).
    Poll {
        fds: Vec<PollFd>,
        files: Vec<FileId>,
        deadline: Option<Time>,
    },
    /// nanosleep(2).
    Sleep { deadline: Time },
    /// close(2) with SO_LINGER, of a socket that no program holds any more.
    Linger { sock: SockId, deadline: Time },
}

impl Blocked {
    /// What the task sleeps on.
    pub fn waits_for(&self) -> (WaitFor, Option<SockId>) {
        match self {
            Blocked::Accept { sock, .. } => (WaitFor::Connection, Some(*sock)),
            Blocked::Connect { sock, .. } => (WaitFor::Handshake, Some(*sock)),
            Blocked::Receive { sock, .. } => (WaitFor::Data, Some(*sock)),
            Blocked::Send { sock, .. } => (WaitFor::SendSpace, Some(*sock)),
            Blocked::Poll { .. } => (WaitFor::AnyOf, None),
            Blocked::Sleep { .. } => (WaitFor::Time, None),
            Blocked::Linger { sock, .. } => (WaitFor::Closing, Some(*sock)),
        }
    }

    /// When it stops waiting by itself.
    pub fn deadline(&self) -> Option<Time> {
        match self {
            Blocked::Poll { deadline, .. } => *deadline,
            Blocked::Sleep { deadline } | Blocked::Linger { deadline, .. } => Some(*deadline),
            Blocked::Accept { .. }
            | Blocked::Connect { .. }
            | Blocked::Receive { .. }
            | Blocked::Send { .. } => None,
        }
    }

    /// The files that it holds.
    pub(crate) fn files(&self) -> Vec<FileId> {
        match self {
            Blocked::Accept { file, .. }
            | Blocked::Connect { file, .. }
            | Blocked::Receive { file, .. }
            | Blocked::Send { file, .. } => vec![*file],
            Blocked::Poll { files, .. } => files.clone(),
            Blocked::Sleep { .. } | Blocked::Linger { .. } => Vec::new(),
        }
    }
}

/// A value-result address argument: where to write, and how much room the program says there is.
/// `None` stands for memory that cannot be accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AddrOut {
    /// Whether the address can be written.
    pub writable: bool,
    /// What the program put into `*addrlen`, if that can be read.
    pub len: Option<i32>,
    /// The number of the `addr` argument; `addrlen` is the next one, or `msg_namelen`.
    pub arg: u8,
}

impl AddrOut {
    /// The number under which the length is written.
    pub fn len_arg(&self) -> u8 {
        match self.arg {
            nested::MSG_NAME => nested::MSG_NAMELEN,
            arg => arg + 1,
        }
    }
}

/// What a receive call wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Receive {
    /// At most so many octets.
    pub len: u64,
    /// MSG_* flags, with MSG_DONTWAIT for O_NONBLOCK.
    pub flags: i32,
    /// So many octets of the buffers can be written; the next one cannot, if `len` is more.
    pub room: u64,
    /// The number of the `buf` argument.
    pub arg: u8,
    /// Where the sender's address goes. A stream tells none; only its length, 0, is written.
    pub from: Option<AddrOut>,
    /// Where control data goes; only recvmsg(2) has it, and tells `msg_flags`, too.
    pub control: Option<ControlOut>,
}

/// Room for control data (`msg_control`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ControlOut {
    /// The pointer is not NULL.
    pub given: bool,
    /// All of it can be written.
    pub writable: bool,
    /// `msg_controllen` as the program said it.
    pub len: u64,
}

/// One `struct pollfd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PollFd {
    /// The descriptor; negative ones are skipped.
    pub fd: i32,
    /// What the program asks for.
    pub events: i16,
    /// What is so.
    pub revents: i16,
}
