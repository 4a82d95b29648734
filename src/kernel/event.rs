//! Every observable change, as data.
//!
//! The page draws from the kernel's state and marks what changed by these; explanations, traces and
//! comparisons hang on them. An event names things by id and says which [`Rule`] decided it where there was something to decide; it holds
//! no text and fits into 64 bytes, because a long run has millions of them.

mod head;
mod names;

pub use head::{Carries, Head};

use crate::abi::{Errno, NotModelled};
use crate::base::{FileId, HostId, PacketId, Pid, SockId, Tid, Time};
use crate::kernel::rule::Rule;
use serde::Serialize;
use std::net::Ipv4Addr;

/// Something changed, at some time, on some host, perhaps on behalf of some task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Virtual time.
    pub at: Time,
    /// The host whose kernel changed.
    pub host: HostId,
    /// The task on whose behalf the kernel acted, if it was a task's call.
    pub task: Option<Tid>,
    /// What changed.
    pub kind: EventKind,
}

/// The name of a TCP state, as RFC 9293 §3.3.2 spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)]
pub enum TcpState {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

/// The timers of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum TimerKind {
    /// The oldest unacknowledged segment goes out again (RFC 6298).
    Retransmit,
    /// The last segment under way is asked for, before the retransmission timer runs out (RFC 8985 §7).
    LossProbe,
    /// Segments that were overtaken are late enough to count as lost (RFC 8985 §6).
    Reordering,
    /// An acknowledgement that was put off is sent at last (RFC 9293 §3.8.6.3).
    DelayedAck,
    /// The closed window is probed (RFC 9293 §3.8.6.1).
    ZeroWindowProbe,
    /// A silent peer is asked whether it is there (RFC 9293 §3.8.4).
    KeepAlive,
    /// TIME-WAIT ends (2·MSL), or an orphan in FIN-WAIT-2 is given up.
    TimeWait,
}

/// What a task sleeps on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum WaitFor {
    /// accept(2): the accept queue is empty.
    Connection,
    /// connect(2): the handshake is under way.
    Handshake,
    /// recv(2): the receive queue is empty.
    Data,
    /// send(2): the send buffer is full.
    SendSpace,
    /// A send call of AF_UNIX: too much of what was sent is unread.
    PeerRoom,
    /// connect(2) of AF_UNIX: the accept queue is full.
    AcceptRoom,
    /// poll(2): no descriptor is ready.
    AnyOf,
    /// nanosleep(2).
    Time,
    /// read(2) or write(2): the pipe is empty or full.
    Pipe,
    /// wait4(2): no child has ended.
    Child,
    /// futex(2): another thread has to say so.
    Futex,
    /// pause(2), sigsuspend(2): no handler has run.
    Signal,
    /// close(2) with SO_LINGER: data and FIN are not acknowledged yet.
    Closing,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // The fields are named by what they hold; the variants say the rest.
pub enum EventKind {
    /// A process began to exist, with its descriptors 0, 1 and 2.
    ProcessStarted { pid: Pid },
    /// A process ended by itself; its descriptors are about to be closed.
    ProcessExited { pid: Pid, status: i32 },
    /// A process was ended by a signal; its descriptors are about to be closed.
    ProcessKilled { pid: Pid, signal: u8 },
    /// The task entered the kernel. The call itself is the task's; `fd` is −1 if it names none.
    SyscallEntered { call: &'static str, fd: i32 },
    /// The call returned: a value, or a negative error number.
    SyscallReturned {
        call: &'static str,
        fd: i32,
        ret: i64,
    },
    /// The call cannot go on: the task sleeps.
    TaskSlept { on: WaitFor, sock: Option<SockId> },
    /// What the task waited for may have come: it can run again.
    TaskWoke {
        on: WaitFor,
        sock: Option<SockId>,
        because: Rule,
    },
    /// Bytes went to a descriptor that is not a socket (1 and 2: the terminal or a pipe).
    ConsoleWrote { fd: i32, len: u32 },
    /// Bytes came from a descriptor that is not a socket; 0 is the end of input.
    ConsoleRead { fd: i32, len: u32 },

    /// An open file description came into being; for a socket, if it is one.
    FileOpened { file: FileId, sock: Option<SockId> },
    /// The last descriptor of an open file description is gone.
    FileReleased { file: FileId, sock: Option<SockId> },
    /// A descriptor refers to a file now.
    DescriptorInstalled { pid: Pid, fd: i32, file: FileId },
    /// A descriptor number is free again; the file has `refs_left` references.
    DescriptorClosed {
        pid: Pid,
        fd: i32,
        file: FileId,
        refs_left: u32,
    },

    /// O_NONBLOCK of an open file description was changed.
    NonblockingSet { file: FileId, nonblocking: bool },
    /// FD_CLOEXEC of a descriptor was set or cleared.
    CloexecSet { pid: Pid, fd: i32, on: bool },
    /// A message that joined the queue of `sock` carries descriptors (SCM_RIGHTS).
    DescriptorsSent { sock: SockId, count: u32 },
    /// Descriptors that a message in the queue of `sock` carried get no number in any process.
    DescriptorsDropped {
        sock: SockId,
        count: u32,
        because: Rule,
    },
    /// Octets went into a pipe; `queued` are in it now. `file` is the end.
    PipeWrote { file: FileId, len: u32, queued: u32 },
    /// Octets were taken out of a pipe; `queued` are still in it.
    PipeRead { file: FileId, len: u32, queued: u32 },
    /// The interest list of an epoll instance changed: `events` is what is waited for, 0 if the descriptor
    /// is no longer in the list.
    EpollInterest {
        epoll: FileId,
        fd: i32,
        events: u32,
        because: Rule,
    },
    /// A descriptor joined the ready list of an epoll instance.
    EpollReady {
        epoll: FileId,
        fd: i32,
        because: Rule,
    },
    /// fork(2): a process began as a copy of another.
    ProcessForked { parent: Pid, child: Pid },
    /// wait4(2): a process was told how its child ended.
    ProcessReaped { pid: Pid, child: Pid },
    /// clone3(2): a process has another thread.
    ThreadStarted { pid: Pid, tid: Tid },
    /// A thread ended, its process did not or is about to.
    ThreadEnded { pid: Pid, tid: Tid },
    /// A signal was sent to a process.
    SignalSent { pid: Pid, signal: u8 },
    /// A signal waits, since the process blocks it.
    SignalWaits { pid: Pid, signal: u8 },
    /// A process has taken a signal: its handler runs before anything else.
    HandlerRuns { pid: Pid, signal: u8 },
    /// execve(2): another program runs in the process.
    ProgramReplaced { pid: Pid, program: u32 },

    /// A socket came into being.
    SocketCreated { sock: SockId, because: Rule },
    /// A socket is gone.
    SocketDestroyed { sock: SockId, because: Rule },
    /// No descriptor refers to the socket any more, but TCP is not done with it.
    SocketOrphaned { sock: SockId },
    /// An option was set.
    OptionSet {
        sock: SockId,
        level: i32,
        optname: i32,
        value: i32,
    },
    /// A socket belongs to a group of multicast from now on.
    GroupJoined { sock: SockId, group: Ipv4Addr },
    /// A socket does not belong to a group of multicast any more.
    GroupLeft { sock: SockId, group: Ipv4Addr },
    /// An AF_INET6 socket became an AF_INET one (IPV6_ADDRFORM).
    FamilyChanged { sock: SockId },
    /// A socket's TCP state changed.
    StateChanged {
        sock: SockId,
        from: TcpState,
        to: TcpState,
        because: Rule,
    },
    /// A pending error was noted for the program (`sk_err`).
    ErrorNoted {
        sock: SockId,
        errno: Errno,
        because: Rule,
    },
    /// The program was told the pending error; it is no longer pending.
    ErrorConsumed { sock: SockId, errno: Errno },
    /// One direction, or both, was shut.
    Shutdown {
        sock: SockId,
        receive: bool,
        send: bool,
        because: Rule,
    },

    /// The socket owns a port now; 0: only its address was bound.
    PortBound {
        sock: SockId,
        port: u16,
        because: Rule,
    },
    /// The socket no longer owns the port.
    PortReleased {
        sock: SockId,
        port: u16,
        because: Rule,
    },
    /// A port could not be had because another socket has it.
    PortConflict {
        sock: SockId,
        port: u16,
        with: SockId,
        because: Rule,
    },
    /// A search through the ephemeral range began at `first`.
    PortSearch {
        sock: SockId,
        first: u16,
        low: u16,
        high: u16,
        because: Rule,
    },
    /// The search ended after `tried` candidates; port 0 if it found none.
    PortChosen {
        sock: SockId,
        port: u16,
        tried: u32,
        because: Rule,
    },
    /// The addresses of a connection are fixed from now on.
    AddressesSet {
        sock: SockId,
        local_port: u16,
        remote_port: u16,
        because: Rule,
    },

    /// A listener was told how many connections may wait; `backlog` after the limit of somaxconn.
    BacklogSet { sock: SockId, backlog: u32 },
    /// A half-open request joined the SYN queue.
    RequestQueued {
        listener: SockId,
        request: SockId,
        len: u32,
    },
    /// A half-open request left the SYN queue without becoming a connection.
    RequestDropped {
        listener: SockId,
        request: SockId,
        because: Rule,
    },
    /// A connection joined the accept queue: it waits for accept(2).
    AcceptQueued {
        listener: SockId,
        sock: SockId,
        len: u32,
    },
    /// accept(2) took a connection from the accept queue.
    AcceptDequeued {
        listener: SockId,
        sock: SockId,
        len: u32,
    },
    /// A listener ignored a segment because a queue is full.
    ListenOverflow { listener: SockId, because: Rule },

    /// A segment left. `sock` is the endpoint that sent it, if one exists.
    SegmentSent {
        packet: PacketId,
        sock: Option<SockId>,
        head: Head,
        because: Rule,
    },
    /// A segment reached this host and the endpoint it is for, if one exists.
    SegmentDelivered {
        packet: PacketId,
        sock: Option<SockId>,
        head: Head,
    },
    /// A segment was lost on the way.
    SegmentLost {
        packet: PacketId,
        head: Head,
        because: Rule,
    },
    /// A segment arrived and changed nothing, or only drew an acknowledgement.
    SegmentIgnored {
        packet: PacketId,
        sock: Option<SockId>,
        because: Rule,
    },

    /// Data joined the send queue; `queued` octets are in it now.
    DataQueued { sock: SockId, len: u32, queued: u32 },
    /// The peer has acknowledged data; `queued` octets are still in the send queue.
    DataAcked { sock: SockId, len: u32, queued: u32 },
    /// Data joined the receive queue; `queued` octets are in it now.
    DataArrived { sock: SockId, len: u32, queued: u32 },
    /// Data that came too early is kept until the gap before it is filled.
    DataOutOfOrder { sock: SockId, len: u32 },
    /// The program took data from the receive queue; `queued` octets are still in it.
    DataRead { sock: SockId, len: u32, queued: u32 },
    /// The peer says that urgent data comes, after `len` octets of the stream.
    UrgentNoted { sock: SockId, len: u32 },
    /// The urgent octet is here, after `len` octets of the stream.
    UrgentArrived { sock: SockId, len: u32 },
    /// The program took the urgent octet.
    UrgentRead { sock: SockId },
    /// Data that no program can read any more was thrown away.
    DataDiscarded {
        sock: SockId,
        len: u32,
        because: Rule,
    },
    /// A datagram joined the receive queue, as the last of `queued`.
    DatagramQueued { sock: SockId, len: u32, queued: u32 },
    /// The program took a datagram of `len` octets from the receive queue and got `copied` of them; `queued`
    /// datagrams are left.
    DatagramRead {
        sock: SockId,
        len: u32,
        copied: u32,
        queued: u32,
    },
    /// Data waits with its sender until more has come for the same datagram, of `queued` octets now. None of them: a call
    /// has failed and took the `len` octets that waited with it.
    DatagramHeld { sock: SockId, len: u32, queued: u32 },
    /// A datagram was thrown away at its receiver.
    DatagramDropped {
        sock: SockId,
        len: u32,
        because: Rule,
    },
    /// An error joined the error queue, as the last of `queued`.
    ErrorQueued {
        sock: SockId,
        errno: Errno,
        queued: u32,
    },
    /// A datagram socket has no peer any more.
    PeerForgotten { sock: SockId, because: Rule },
    /// A round trip was measured; both in microseconds.
    RttMeasured { sock: SockId, rtt: u32, rto: u32 },

    /// An AF_UNIX socket has a name now.
    NameBound { sock: SockId, because: Rule },
    /// A name could not be had: another socket has it, or a node of the file system, which a socket made that may be
    /// gone.
    NameTaken {
        sock: SockId,
        with: Option<SockId>,
        because: Rule,
    },
    /// A node was removed from the file system; the socket that made it may be gone.
    NodeRemoved { sock: SockId },
    /// An AF_UNIX socket listens; so many connections and one more may wait.
    UnixListening { sock: SockId, backlog: u32 },
    /// An AF_UNIX socket has a peer now.
    Paired {
        sock: SockId,
        peer: SockId,
        because: Rule,
    },
    /// It has it no more.
    Unpaired {
        sock: SockId,
        peer: SockId,
        because: Rule,
    },
    /// What was sent joined the receive queue of an AF_UNIX socket: `queued` octets in `messages` pieces are in it.
    MessageQueued {
        sock: SockId,
        len: u32,
        queued: u32,
        messages: u32,
    },

    /// A timer was set.
    TimerSet {
        sock: SockId,
        timer: TimerKind,
        deadline: Time,
    },
    /// A timer was stopped before it ran out.
    TimerStopped { sock: SockId, timer: TimerKind },
    /// A timer ran out.
    TimerExpired {
        sock: SockId,
        timer: TimerKind,
        attempt: u32,
    },

    /// The run is cut off: Linux would do something here that is not modelled.
    NotModelled { what: NotModelled },
}

impl EventKind {
    /// The socket that the event is about, if it is about one.
    pub fn sock(&self) -> Option<SockId> {
        match *self {
            EventKind::ProcessStarted { .. }
            | EventKind::ProcessExited { .. }
            | EventKind::ProcessKilled { .. }
            | EventKind::SyscallEntered { .. }
            | EventKind::SyscallReturned { .. }
            | EventKind::ConsoleWrote { .. }
            | EventKind::ConsoleRead { .. }
            | EventKind::DescriptorInstalled { .. }
            | EventKind::DescriptorClosed { .. }
            | EventKind::NonblockingSet { .. }
            | EventKind::CloexecSet { .. }
            | EventKind::PipeWrote { .. }
            | EventKind::PipeRead { .. }
            | EventKind::EpollInterest { .. }
            | EventKind::EpollReady { .. }
            | EventKind::ProcessForked { .. }
            | EventKind::ProcessReaped { .. }
            | EventKind::ThreadStarted { .. }
            | EventKind::ThreadEnded { .. }
            | EventKind::SignalSent { .. }
            | EventKind::SignalWaits { .. }
            | EventKind::HandlerRuns { .. }
            | EventKind::ProgramReplaced { .. }
            | EventKind::NotModelled { .. } => None,
            EventKind::FileOpened { sock, .. }
            | EventKind::TaskSlept { sock, .. }
            | EventKind::TaskWoke { sock, .. }
            | EventKind::FileReleased { sock, .. }
            | EventKind::SegmentSent { sock, .. }
            | EventKind::SegmentDelivered { sock, .. }
            | EventKind::SegmentIgnored { sock, .. } => sock,
            EventKind::SegmentLost { .. } => None,
            EventKind::RequestQueued { listener, .. }
            | EventKind::RequestDropped { listener, .. }
            | EventKind::AcceptQueued { listener, .. }
            | EventKind::AcceptDequeued { listener, .. }
            | EventKind::ListenOverflow { listener, .. } => Some(listener),
            EventKind::SocketCreated { sock, .. }
            | EventKind::SocketDestroyed { sock, .. }
            | EventKind::SocketOrphaned { sock }
            | EventKind::OptionSet { sock, .. }
            | EventKind::GroupJoined { sock, .. }
            | EventKind::GroupLeft { sock, .. }
            | EventKind::FamilyChanged { sock }
            | EventKind::StateChanged { sock, .. }
            | EventKind::ErrorNoted { sock, .. }
            | EventKind::ErrorConsumed { sock, .. }
            | EventKind::Shutdown { sock, .. }
            | EventKind::PortBound { sock, .. }
            | EventKind::PortReleased { sock, .. }
            | EventKind::PortConflict { sock, .. }
            | EventKind::PortSearch { sock, .. }
            | EventKind::PortChosen { sock, .. }
            | EventKind::AddressesSet { sock, .. }
            | EventKind::BacklogSet { sock, .. }
            | EventKind::DataQueued { sock, .. }
            | EventKind::DataAcked { sock, .. }
            | EventKind::DataArrived { sock, .. }
            | EventKind::DataOutOfOrder { sock, .. }
            | EventKind::DataRead { sock, .. }
            | EventKind::UrgentNoted { sock, .. }
            | EventKind::UrgentArrived { sock, .. }
            | EventKind::UrgentRead { sock }
            | EventKind::DataDiscarded { sock, .. }
            | EventKind::DatagramQueued { sock, .. }
            | EventKind::DatagramRead { sock, .. }
            | EventKind::DatagramHeld { sock, .. }
            | EventKind::DatagramDropped { sock, .. }
            | EventKind::ErrorQueued { sock, .. }
            | EventKind::PeerForgotten { sock, .. }
            | EventKind::RttMeasured { sock, .. }
            | EventKind::NameBound { sock, .. }
            | EventKind::NameTaken { sock, .. }
            | EventKind::NodeRemoved { sock }
            | EventKind::UnixListening { sock, .. }
            | EventKind::Paired { sock, .. }
            | EventKind::Unpaired { sock, .. }
            | EventKind::MessageQueued { sock, .. }
            | EventKind::DescriptorsSent { sock, .. }
            | EventKind::DescriptorsDropped { sock, .. }
            | EventKind::TimerSet { sock, .. }
            | EventKind::TimerStopped { sock, .. }
            | EventKind::TimerExpired { sock, .. } => Some(sock),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_fits_into_64_bytes() {
        assert!(size_of::<Event>() <= 64, "{}", size_of::<Event>());
    }
}
