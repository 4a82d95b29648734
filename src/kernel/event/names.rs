//! What events and their parts are called: in traces, in the page and by the keys of texts.

use super::{EventKind, TcpState, TimerKind, WaitFor};

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

impl TimerKind {
    /// `retransmit` and so on.
    pub fn name(self) -> &'static str {
        match self {
            TimerKind::Retransmit => "retransmit",
            TimerKind::LossProbe => "lossProbe",
            TimerKind::Reordering => "reordering",
            TimerKind::DelayedAck => "delayedAck",
            TimerKind::ZeroWindowProbe => "zeroWindowProbe",
            TimerKind::KeepAlive => "keepAlive",
            TimerKind::TimeWait => "timeWait",
        }
    }
}

impl WaitFor {
    /// `sendSpace` and so on.
    pub fn name(self) -> &'static str {
        match self {
            WaitFor::Connection => "connection",
            WaitFor::Handshake => "handshake",
            WaitFor::Data => "data",
            WaitFor::SendSpace => "sendSpace",
            WaitFor::PeerRoom => "peerRoom",
            WaitFor::AcceptRoom => "acceptRoom",
            WaitFor::AnyOf => "anyOf",
            WaitFor::Time => "time",
            WaitFor::Pipe => "pipe",
            WaitFor::Child => "child",
            WaitFor::Futex => "futex",
            WaitFor::Signal => "signal",
            WaitFor::Closing => "closing",
        }
    }
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
            EventKind::NonblockingSet { .. } => "NonblockingSet",
            EventKind::CloexecSet { .. } => "CloexecSet",
            EventKind::PipeWrote { .. } => "PipeWrote",
            EventKind::PipeRead { .. } => "PipeRead",
            EventKind::EpollInterest { .. } => "EpollInterest",
            EventKind::EpollReady { .. } => "EpollReady",
            EventKind::ProcessForked { .. } => "ProcessForked",
            EventKind::ProcessReaped { .. } => "ProcessReaped",
            EventKind::ThreadStarted { .. } => "ThreadStarted",
            EventKind::ThreadEnded { .. } => "ThreadEnded",
            EventKind::SignalSent { .. } => "SignalSent",
            EventKind::SignalWaits { .. } => "SignalWaits",
            EventKind::HandlerRuns { .. } => "HandlerRuns",
            EventKind::ProgramReplaced { .. } => "ProgramReplaced",
            EventKind::SocketCreated { .. } => "SocketCreated",
            EventKind::SocketDestroyed { .. } => "SocketDestroyed",
            EventKind::SocketOrphaned { .. } => "SocketOrphaned",
            EventKind::OptionSet { .. } => "OptionSet",
            EventKind::GroupJoined { .. } => "GroupJoined",
            EventKind::GroupLeft { .. } => "GroupLeft",
            EventKind::FamilyChanged { .. } => "FamilyChanged",
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
            EventKind::UrgentNoted { .. } => "UrgentNoted",
            EventKind::UrgentArrived { .. } => "UrgentArrived",
            EventKind::UrgentRead { .. } => "UrgentRead",
            EventKind::DataDiscarded { .. } => "DataDiscarded",
            EventKind::DatagramQueued { .. } => "DatagramQueued",
            EventKind::DatagramRead { .. } => "DatagramRead",
            EventKind::DatagramHeld { .. } => "DatagramHeld",
            EventKind::DatagramDropped { .. } => "DatagramDropped",
            EventKind::ErrorQueued { .. } => "ErrorQueued",
            EventKind::PeerForgotten { .. } => "PeerForgotten",
            EventKind::RttMeasured { .. } => "RttMeasured",
            EventKind::NameBound { .. } => "NameBound",
            EventKind::NameTaken { .. } => "NameTaken",
            EventKind::NodeRemoved { .. } => "NodeRemoved",
            EventKind::UnixListening { .. } => "UnixListening",
            EventKind::Paired { .. } => "Paired",
            EventKind::Unpaired { .. } => "Unpaired",
            EventKind::MessageQueued { .. } => "MessageQueued",
            EventKind::DescriptorsSent { .. } => "DescriptorsSent",
            EventKind::DescriptorsDropped { .. } => "DescriptorsDropped",
            EventKind::TimerSet { .. } => "TimerSet",
            EventKind::TimerStopped { .. } => "TimerStopped",
            EventKind::TimerExpired { .. } => "TimerExpired",
            EventKind::NotModelled { .. } => "NotModelled",
        }
    }
}
