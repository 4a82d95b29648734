//! Every observable change, as data.
//!
//! The page draws from the kernel's state and marks what changed by these; explanations, traces and
//! comparisons hang on them. An event names things by id and says which [`Rule`] decided it where there was something to decide; it holds
//! no text and fits into 64 bytes, because a long run has millions of them.

use crate::abi::{Errno, NotModelled};
use crate::base::{FileId, HostId, PacketId, Pid, Seq, SockId, Tid, Time};
use crate::kernel::rule::Rule;
use crate::packet::{Flags, Segment};
use serde::Serialize;

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

impl TcpState {
    /// `SYN-RECEIVED` and so on.
    pub fn name(self) -> &'static str {
        match self {
            TcpState::Closed => "CLOSED",
            TcpState::Listen => "LISTEN",
            TcpState::SynSent => "SYN-SENT",
            TcpState::SynReceived => "SYN-RECEIVED",
            TcpState::Established => "ESTABLISHED",
            TcpState::FinWait1 => "FIN-WAIT-1",
            TcpState::FinWait2 => "FIN-WAIT-2",
            TcpState::CloseWait => "CLOSE-WAIT",
            TcpState::Closing => "CLOSING",
            TcpState::LastAck => "LAST-ACK",
            TcpState::TimeWait => "TIME-WAIT",
        }
    }
}

/// The timers of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum TimerKind {
    /// The oldest unacknowledged segment goes out again (RFC 6298).
    Retransmit,
    /// An acknowledgement that was put off is sent at last (RFC 9293 §3.8.6.3).
    DelayedAck,
    /// The closed window is probed (RFC 9293 §3.8.6.1).
    ZeroWindowProbe,
    /// TIME-WAIT ends (2·MSL), or an orphan in FIN-WAIT-2 is given up.
    TimeWait,
}

impl TimerKind {
    /// `retransmit` and so on.
    pub fn name(self) -> &'static str {
        match self {
            TimerKind::Retransmit => "retransmit",
            TimerKind::DelayedAck => "delayedAck",
            TimerKind::ZeroWindowProbe => "zeroWindowProbe",
            TimerKind::TimeWait => "timeWait",
        }
    }
}

/// The header fields of a segment that a picture of it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Control bits.
    pub flags: Flags,
    /// SEG.SEQ.
    pub seq: Seq,
    /// SEG.ACK.
    pub ack: Seq,
    /// Octets of data.
    pub len: u32,
    /// SEG.WND as on the wire.
    pub window: u16,
}

impl From<&Segment> for Head {
    fn from(segment: &Segment) -> Head {
        Head {
            flags: segment.flags,
            seq: segment.seq,
            ack: segment.ack,
            len: segment.payload.len() as u32,
            window: segment.window,
        }
    }
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
    /// poll(2): no descriptor is ready.
    AnyOf,
    /// nanosleep(2).
    Time,
}

impl WaitFor {
    /// `sendSpace` and so on.
    pub fn name(self) -> &'static str {
        match self {
            WaitFor::Connection => "connection",
            WaitFor::Handshake => "handshake",
            WaitFor::Data => "data",
            WaitFor::SendSpace => "sendSpace",
            WaitFor::AnyOf => "anyOf",
            WaitFor::Time => "time",
        }
    }
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

    /// An open file description came into being, for a socket.
    FileOpened { file: FileId, sock: SockId },
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

    /// The socket owns a port now.
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
    /// Data that no program can read any more was thrown away.
    DataDiscarded {
        sock: SockId,
        len: u32,
        because: Rule,
    },
    /// A round trip was measured; both in microseconds.
    RttMeasured { sock: SockId, rtt: u32, rto: u32 },

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
    /// `SegmentSent` and so on: the variant's name.
    pub fn name(&self) -> &'static str {
        match self {
            EventKind::ProcessStarted { .. } => "ProcessStarted",
            EventKind::ProcessExited { .. } => "ProcessExited",
            EventKind::ProcessKilled { .. } => "ProcessKilled",
            EventKind::SyscallEntered { .. } => "SyscallEntered",
            EventKind::SyscallReturned { .. } => "SyscallReturned",
            EventKind::TaskSlept { .. } => "TaskSlept",
            EventKind::TaskWoke { .. } => "TaskWoke",
            EventKind::ConsoleWrote { .. } => "ConsoleWrote",
            EventKind::ConsoleRead { .. } => "ConsoleRead",
            EventKind::FileOpened { .. } => "FileOpened",
            EventKind::FileReleased { .. } => "FileReleased",
            EventKind::DescriptorInstalled { .. } => "DescriptorInstalled",
            EventKind::DescriptorClosed { .. } => "DescriptorClosed",
            EventKind::SocketCreated { .. } => "SocketCreated",
            EventKind::SocketDestroyed { .. } => "SocketDestroyed",
            EventKind::SocketOrphaned { .. } => "SocketOrphaned",
            EventKind::OptionSet { .. } => "OptionSet",
            EventKind::StateChanged { .. } => "StateChanged",
            EventKind::ErrorNoted { .. } => "ErrorNoted",
            EventKind::ErrorConsumed { .. } => "ErrorConsumed",
            EventKind::Shutdown { .. } => "Shutdown",
            EventKind::PortBound { .. } => "PortBound",
            EventKind::PortReleased { .. } => "PortReleased",
            EventKind::PortConflict { .. } => "PortConflict",
            EventKind::PortSearch { .. } => "PortSearch",
            EventKind::PortChosen { .. } => "PortChosen",
            EventKind::AddressesSet { .. } => "AddressesSet",
            EventKind::BacklogSet { .. } => "BacklogSet",
            EventKind::RequestQueued { .. } => "RequestQueued",
            EventKind::RequestDropped { .. } => "RequestDropped",
            EventKind::AcceptQueued { .. } => "AcceptQueued",
            EventKind::AcceptDequeued { .. } => "AcceptDequeued",
            EventKind::ListenOverflow { .. } => "ListenOverflow",
            EventKind::SegmentSent { .. } => "SegmentSent",
            EventKind::SegmentDelivered { .. } => "SegmentDelivered",
            EventKind::SegmentLost { .. } => "SegmentLost",
            EventKind::SegmentIgnored { .. } => "SegmentIgnored",
            EventKind::DataQueued { .. } => "DataQueued",
            EventKind::DataAcked { .. } => "DataAcked",
            EventKind::DataArrived { .. } => "DataArrived",
            EventKind::DataOutOfOrder { .. } => "DataOutOfOrder",
            EventKind::DataRead { .. } => "DataRead",
            EventKind::DataDiscarded { .. } => "DataDiscarded",
            EventKind::RttMeasured { .. } => "RttMeasured",
            EventKind::TimerSet { .. } => "TimerSet",
            EventKind::TimerStopped { .. } => "TimerStopped",
            EventKind::TimerExpired { .. } => "TimerExpired",
            EventKind::NotModelled { .. } => "NotModelled",
        }
    }

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
            | EventKind::NotModelled { .. } => None,
            EventKind::TaskSlept { sock, .. }
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
            EventKind::FileOpened { sock, .. }
            | EventKind::SocketCreated { sock, .. }
            | EventKind::SocketDestroyed { sock, .. }
            | EventKind::SocketOrphaned { sock }
            | EventKind::OptionSet { sock, .. }
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
            | EventKind::DataDiscarded { sock, .. }
            | EventKind::RttMeasured { sock, .. }
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
