//! Processes and tasks, as far as the network part of a kernel knows them.

use crate::abi::{NotModelled, Reply, SigAction, SigInfo, Syscall, UserWrite, nested};
use crate::base::{Fifo, FileId, Pid, PipeId, SockId, SortedMap, Time};
use crate::kernel::event::WaitFor;
use crate::kernel::fd::FdTable;
use crate::kernel::signal::Timer;
use serde::Serialize;
use std::rc::Rc;

/// A process: a descriptor table and rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Process {
    /// Its descriptors.
    pub fds: FdTable,
    /// Its capabilities.
    pub capabilities: Capabilities,
    /// What it can still read from standard input.
    pub stdin: Fifo<u8>,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
    /// The process that forked it and may wait for it.
    pub parent: Option<Pid>,
    /// What it wants done about signals; SIG_DFL where nothing is said.
    pub actions: SortedMap<i32, SigAction>,
    /// Signals that were sent and not taken yet, and where each came from.
    pub pending: SortedMap<i32, SigInfo>,
    /// alarm(2), setitimer(2).
    pub timer: Option<Timer>,
}

impl Process {
    /// What is to be done about a signal.
    pub fn action(&self, signal: i32) -> SigAction {
        self.actions.get(&signal).copied().unwrap_or_default()
    }
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
    /// When it went to sleep, among all that did: its place in wait queues.
    pub slept: u64,
    /// CLONE_CHILD_CLEARTID: where others wait for its end; 0: nowhere.
    pub clear_tid: u64,
    /// The signals that it blocks; bit 0 is signal 1.
    pub mask: u64,
    /// The mask that holds again when the call is over that brought another.
    pub saved_mask: Option<u64>,
}

impl Task {
    /// A task in user space.
    pub fn new(pid: Pid) -> Task {
        Task {
            pid,
            state: TaskState::User,
            slept: 0,
            clear_tid: 0,
            mask: 0,
            saved_mask: None,
        }
    }

    /// Whether it has ended. Asked like this, nothing compares whole calls.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, TaskState::Ended)
    }
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
    /// The call with its arguments.
    pub asked: Rc<Syscall>,
    /// How far it is.
    pub progress: Progress,
    /// SO_RCVTIMEO or SO_SNDTIMEO ends the waiting.
    pub until: Option<Time>,
}

/// How far a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Progress {
    /// It was entered; nothing has been done yet.
    Entered(Rc<Syscall>),
    /// The answer stands; it is given as soon as the packets that the call sent have been delivered.
    Done(Reply),
    /// It has to wait; not asleep yet, since the packets that it sent may bring what it waits for.
    Waiting(Rc<Blocked>),
    /// It sleeps.
    Asleep(Rc<Blocked>),
    /// It was woken and will look again when it is scheduled.
    Woken(Rc<Blocked>),
    /// A signal has interrupted it, and it is made again when the handler has returned.
    Again,
    /// The process ends.
    Ending(Ended),
    /// The task ends, the process does not.
    Leaving(u8),
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
    /// write(2), send(2), sendto(2): `sent` octets of `data` are in the send queue; `flush`: the call goes on as soon as
    /// what it has sent was delivered.
    Send {
        file: FileId,
        sock: SockId,
        data: Vec<u8>,
        sent: u64,
        flush: bool,
        flags: i32,
    },
    /// Any send call of AF_UNIX: there is no room at `on`, which is the socket itself or the one that it sends to.
    UnixSend {
        file: FileId,
        sock: SockId,
        on: SockId,
        out: Box<Outgoing>,
    },
    /// connect(2) of AF_UNIX: the accept queue of `on` is full.
    UnixConnect {
        file: FileId,
        sock: SockId,
        on: SockId,
        addr: Vec<u8>,
    },
    /// poll(2), ppoll(2), select(2), pselect6(2).
    Poll {
        fds: Vec<PollFd>,
        files: Vec<FileId>,
        deadline: Option<Time>,
        answer: PollAnswer,
    },
    /// epoll_wait(2): `room` octets of `events` can be written.
    Epoll {
        file: FileId,
        room: u64,
        maxevents: u32,
        deadline: Option<Time>,
    },
    /// read(2) and readv(2) on a pipe.
    PipeRead {
        file: FileId,
        pipe: PipeId,
        want: Receive,
    },
    /// write(2) and writev(2) on a pipe: `sent` octets of `data` are in it; `fault`: what comes behind
    /// `data` cannot be read.
    PipeWrite {
        file: FileId,
        pipe: PipeId,
        data: Vec<u8>,
        fault: bool,
        sent: u64,
    },
    /// wait4(2): `status` says whether the int can be written, if one is asked for.
    Child { pid: i32, status: Option<bool> },
    /// nanosleep(2); `rem`: what is left is told.
    Sleep { deadline: Time, rem: bool },
    /// futex(2): FUTEX_WAIT.
    Futex { uaddr: u64, deadline: Option<Time> },
    /// pause(2), rt_sigsuspend(2): until a handler runs.
    Signal,
    /// close(2) with SO_LINGER, of a socket that no program holds any more.
    Linger { sock: SockId, deadline: Time },
    /// sendmmsg(2), recvmmsg(2).
    Batch(Box<Batch>),
}

/// A call with many messages, between two of them or in one that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// sendmmsg(2) or recvmmsg(2), with the messages, as many as can be read.
    pub call: Rc<Syscall>,
    /// How many there are to be.
    pub vlen: u32,
    /// MSG_* flags.
    pub flags: i32,
    /// The call's file.
    pub file: FileId,
    /// Its socket.
    pub sock: SockId,
    /// So many messages were sent or received.
    pub done: u32,
    /// What was written for them.
    pub writes: Vec<UserWrite>,
    /// recvmmsg(2) looks for no other message from then on.
    pub until: Option<Time>,
    /// What the next message waits for; `None`: it was not tried yet, so that what the last one sent can be
    /// delivered before.
    pub inner: Option<Rc<Blocked>>,
}

impl Blocked {
    /// What the call itself waits for, or the one of its messages that waits.
    pub(crate) fn heart(&self) -> &Blocked {
        match self {
            Blocked::Batch(batch) => batch.inner.as_deref().unwrap_or(self),
            other => other,
        }
    }

    /// Between two messages.
    pub(crate) fn is_between(&self) -> bool {
        matches!(self, Blocked::Batch(batch) if batch.inner.is_none())
    }

    /// Whether the call waits exclusively, and for what: of several only as many are woken as find
    /// something, first come first served. Whoever waits otherwise is woken with all others.
    pub(crate) fn queue(&self) -> Option<Queue> {
        match self.heart() {
            Blocked::Accept { sock, .. } => Some(Queue::Accept(*sock)),
            Blocked::Epoll { file, .. } => Some(Queue::Epoll(*file)),
            Blocked::PipeRead { file, .. } | Blocked::PipeWrite { file, .. } => {
                Some(Queue::Pipe(*file))
            }
            // unix_wait_for_peer() stands in the other one's line, sock_alloc_send_pskb() in one's own.
            Blocked::UnixSend { sock, on, .. } if sock == on => None,
            Blocked::UnixSend { on, .. } | Blocked::UnixConnect { on, .. } => {
                Some(Queue::Room(*on))
            }
            Blocked::Connect { .. }
            | Blocked::Receive { .. }
            | Blocked::Send { .. }
            | Blocked::Poll { .. }
            | Blocked::Sleep { .. }
            | Blocked::Futex { .. }
            | Blocked::Linger { .. }
            | Blocked::Batch(_)
            | Blocked::Signal
            | Blocked::Child { .. } => None,
        }
    }

    /// What the task sleeps on.
    pub fn waits_for(&self) -> (WaitFor, Option<SockId>) {
        match self.heart() {
            Blocked::Accept { sock, .. } => (WaitFor::Connection, Some(*sock)),
            Blocked::Connect { sock, .. } => (WaitFor::Handshake, Some(*sock)),
            Blocked::Receive { sock, .. } => (WaitFor::Data, Some(*sock)),
            Blocked::Send { sock, .. } => (WaitFor::SendSpace, Some(*sock)),
            Blocked::Poll { .. } | Blocked::Epoll { .. } => (WaitFor::AnyOf, None),
            Blocked::PipeRead { .. } | Blocked::PipeWrite { .. } => (WaitFor::Pipe, None),
            Blocked::Child { .. } => (WaitFor::Child, None),
            Blocked::UnixSend { on, .. } => (WaitFor::PeerRoom, Some(*on)),
            Blocked::UnixConnect { on, .. } => (WaitFor::AcceptRoom, Some(*on)),
            Blocked::Sleep { .. } => (WaitFor::Time, None),
            Blocked::Futex { .. } => (WaitFor::Futex, None),
            Blocked::Linger { sock, .. } => (WaitFor::Closing, Some(*sock)),
            Blocked::Signal => (WaitFor::Signal, None),
            // Never asleep: see `is_ready()`.
            Blocked::Batch(_) => (WaitFor::Time, None),
        }
    }

    /// When it stops waiting by itself.
    pub fn deadline(&self) -> Option<Time> {
        match self {
            Blocked::Poll { deadline, .. }
            | Blocked::Epoll { deadline, .. }
            | Blocked::Futex { deadline, .. } => *deadline,
            Blocked::Sleep { deadline, .. } | Blocked::Linger { deadline, .. } => Some(*deadline),
            Blocked::Accept { .. }
            | Blocked::Connect { .. }
            | Blocked::Receive { .. }
            | Blocked::Send { .. }
            | Blocked::PipeRead { .. }
            | Blocked::PipeWrite { .. }
            | Blocked::Child { .. }
            | Blocked::UnixSend { .. }
            | Blocked::UnixConnect { .. }
            | Blocked::Signal
            | Blocked::Batch(_) => None,
        }
    }

    /// The files that it holds.
    pub(crate) fn files(&self) -> Vec<FileId> {
        match self {
            Blocked::Accept { file, .. }
            | Blocked::Connect { file, .. }
            | Blocked::Receive { file, .. }
            | Blocked::Send { file, .. }
            | Blocked::Epoll { file, .. }
            | Blocked::PipeRead { file, .. }
            | Blocked::PipeWrite { file, .. }
            | Blocked::UnixConnect { file, .. } => vec![*file],
            Blocked::Poll { files, .. } => files.clone(),
            Blocked::UnixSend { file, out, .. } => [&[*file], &out.rights[..]].concat(),
            Blocked::Batch(batch) => match &batch.inner {
                Some(inner) => inner.files(),
                None => vec![batch.file],
            },
            Blocked::Sleep { .. }
            | Blocked::Futex { .. }
            | Blocked::Signal
            | Blocked::Child { .. }
            | Blocked::Linger { .. } => Vec::new(),
        }
    }
}

/// What a send call of AF_UNIX sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// The data, as far as it can be read.
    pub data: Vec<u8>,
    /// Reading it ends in a fault.
    pub fault: bool,
    /// Octets of it that were sent.
    pub sent: u64,
    /// SCM_RIGHTS: the open files that go with the first of them.
    pub rights: Vec<FileId>,
    /// The address, if it has one.
    pub to: Option<Vec<u8>>,
    /// MSG_* flags, with MSG_DONTWAIT for O_NONBLOCK.
    pub flags: i32,
}

/// A value-result address argument: where to write, and how much room the program says there is.
/// `None` stands for memory that cannot be accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AddrOut {
    /// Octets of the address that can be written.
    pub room: u64,
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
    /// The last that it has taken came from a peer that had no name then (`unix_copy_addr()`).
    pub unnamed: bool,
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

/// What exclusive waiters wait in line for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Queue {
    /// Connections of a listener.
    Accept(SockId),
    /// Room in the queue of an AF_UNIX socket.
    Room(SockId),
    /// Events of an epoll instance.
    Epoll(FileId),
    /// One end of a pipe.
    Pipe(FileId),
}

/// In which form a call that waits for several descriptors is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum PollAnswer {
    /// poll(2): an array of struct pollfd.
    Array,
    /// select(2): the sets that were given, each as long as it was read. `timeout`: the time that is
    /// left is written back.
    #[allow(missing_docs)] // Said above.
    Sets {
        sets: [Option<Vec<u8>>; 3],
        timeout: bool,
    },
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
