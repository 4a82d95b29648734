//! The keys of the texts: one `match` over events for all languages, without a wildcard.

use crate::abi::constants::{SO_REUSEADDR, SOL_SOCKET};
use crate::kernel::event::{Carries, EventKind, Head, TcpState, TimerKind, WaitFor};
use crate::kernel::rule::Rule;
use crate::packet::Flags;
use crate::words::Key;

/// By rule. Rules cannot be without a key; the tests see to their texts.
const RULES: [Key; Rule::NAMES.len()] = Key::of_all("rule", Rule::NAMES);

/// A rule's sentence, and its source.
pub(super) fn rule(rule: Rule) -> Key {
    RULES[rule as usize]
}

/// An event's text: its name and, where it is told in several ways, a variant.
pub(super) fn event(kind: &EventKind) -> Key {
    let key = Key::new("event.").then(kind.name());
    match variant(kind) {
        Some(variant) => key.then(".").then(variant),
        None => key,
    }
}

/// The short form of the text with that key.
pub(super) fn short(text: Key) -> Key {
    text.then(".short")
}

/// In which of several ways an event is told.
fn variant(kind: &EventKind) -> Option<&'static str> {
    match *kind {
        EventKind::ProcessKilled { signal, .. } => (signal == 13).then_some("sigpipe"),
        EventKind::SyscallReturned { ret, .. } => (ret < 0).then_some("failed"),
        EventKind::TaskSlept { on, .. } => Some(on.name()),
        EventKind::TaskWoke { on, because, .. } => Some(match (on, because) {
            (_, Rule::Interrupted) => "interrupted",
            (_, Rule::TimeUp) => "timeUp",
            (WaitFor::Time, _) => WaitFor::AnyOf.name(),
            _ => on.name(),
        }),
        EventKind::ConsoleRead { len, .. } => (len == 0).then_some("end"),
        EventKind::FileOpened { sock, .. } | EventKind::FileReleased { sock, .. } => {
            sock.map(|_| "socket")
        }
        // 0, 1 and 2 are taken from the beginning.
        EventKind::DescriptorInstalled { fd, .. } => (fd < 3).then_some("again"),
        EventKind::DescriptorClosed { refs_left, .. } => (refs_left == 0).then_some("last"),
        EventKind::SocketCreated { because, .. } => match because {
            Rule::DatagramSocket => Some("datagram"),
            Rule::SynToListener => Some("request"),
            Rule::UnixConnect => Some("unix"),
            Rule::SocketpairCall => Some("pair"),
            Rule::BothClosed => Some("timeWait"),
            _ => None,
        },
        EventKind::NonblockingSet {
            nonblocking: on, ..
        }
        | EventKind::CloexecSet { on, .. } => on.then_some("on"),
        EventKind::EpollInterest { events, .. } => (events == 0).then_some("none"),
        EventKind::OptionSet {
            level,
            optname,
            value,
            ..
        } => ((level, optname) == (SOL_SOCKET, SO_REUSEADDR) && value > 0).then_some("reuseaddr"),
        EventKind::StateChanged { to, .. } => (to == TcpState::Closed).then_some("closed"),
        EventKind::Shutdown {
            receive,
            send,
            because,
            ..
        } => Some(match (receive, send, because) {
            (_, _, Rule::UnixShutdown | Rule::UnixPeerShut | Rule::UnixPeerClosed) => {
                unix_shut(receive, send)
            }
            (false, _, Rule::DatagramShutdown) => "datagramSend",
            (true, false, Rule::DatagramShutdown) => "datagramReceive",
            (true, true, _) => "both",
            (true, false, Rule::PeerFin) => "fin",
            (true, false, _) => "receive",
            (false, ..) => "send",
        }),
        EventKind::PortBound { port: 0, .. } => Some("later"),
        EventKind::PortBound { because, .. } => match because {
            Rule::InheritedPort => Some("inherited"),
            Rule::BothClosed => Some("timeWait"),
            _ => None,
        },
        EventKind::PortReleased { because, .. } => match because {
            Rule::LastClose => Some("close"),
            Rule::DatagramDisconnect => Some("disconnect"),
            _ => None,
        },
        EventKind::DatagramHeld { len, queued, .. } => (len > queued).then_some("lost"),
        EventKind::DataDiscarded { because, .. } => (because == Rule::LastClose).then_some("close"),
        EventKind::PortConflict { because, .. } => (because == Rule::TupleTaken).then_some("tuple"),
        EventKind::PortSearch { because, .. } => match because {
            Rule::ConnectEphemeral => Some("connect"),
            Rule::UdpEphemeral => Some("udp"),
            _ => None,
        },
        EventKind::PortChosen { port, because, .. } => match (port, because) {
            (0, Rule::ConnectEphemeral) => Some("noneToConnect"),
            (0, Rule::UdpEphemeral) => Some("noneForUdp"),
            (0, _) => Some("none"),
            _ => None,
        },
        EventKind::AddressesSet { because, .. } => match because {
            Rule::ActiveOpen => Some("connect"),
            Rule::DatagramConnect => Some("datagram"),
            _ => None,
        },
        EventKind::SegmentSent { head, because, .. } => sent(head, because),
        EventKind::SegmentDelivered {
            sock: None, head, ..
        } => Some(match head.carries {
            Carries::Tcp => "nobody",
            Carries::Udp => "nobodyUdp",
            _ => "kernel",
        }),
        EventKind::SegmentDelivered { head, .. } => contents(head),
        EventKind::SegmentLost { head, .. } => (head.carries != Carries::Tcp).then_some("datagram"),
        EventKind::SegmentIgnored { sock, because, .. } => match (sock, because) {
            (_, Rule::IcmpStray) => Some("icmpStray"),
            (_, Rule::NotUnicast) => Some("notUnicast"),
            (Some(_), Rule::IcmpNotTold | Rule::IcmpSoftError) => Some("icmpNotTold"),
            (None, _) => Some("stray"),
            _ => None,
        },
        EventKind::DatagramRead { len, copied, .. } => (copied < len).then_some("cut"),
        EventKind::NameBound { because, .. } => (because == Rule::Autobind).then_some("autobind"),
        EventKind::TimerSet { timer, .. } | EventKind::TimerExpired { timer, .. } => {
            Some(timer.name())
        }
        EventKind::TimerStopped { timer, .. } => {
            matches!(timer, TimerKind::Retransmit | TimerKind::DelayedAck).then(|| timer.name())
        }
        EventKind::ProcessStarted { .. }
        | EventKind::ProcessExited { .. }
        | EventKind::SyscallEntered { .. }
        | EventKind::ConsoleWrote { .. }
        | EventKind::PipeWrote { .. }
        | EventKind::PipeRead { .. }
        | EventKind::EpollReady { .. }
        | EventKind::ProcessForked { .. }
        | EventKind::ProcessReaped { .. }
        | EventKind::ThreadStarted { .. }
        | EventKind::ThreadEnded { .. }
        | EventKind::SignalSent { .. }
        | EventKind::SignalWaits { .. }
        | EventKind::HandlerRuns { .. }
        | EventKind::ProgramReplaced { .. }
        | EventKind::SocketDestroyed { .. }
        | EventKind::SocketOrphaned { .. }
        | EventKind::ErrorNoted { .. }
        | EventKind::ErrorConsumed { .. }
        | EventKind::BacklogSet { .. }
        | EventKind::RequestQueued { .. }
        | EventKind::RequestDropped { .. }
        | EventKind::AcceptQueued { .. }
        | EventKind::AcceptDequeued { .. }
        | EventKind::ListenOverflow { .. }
        | EventKind::DataQueued { .. }
        | EventKind::DataAcked { .. }
        | EventKind::DataArrived { .. }
        | EventKind::DataOutOfOrder { .. }
        | EventKind::DataRead { .. }
        | EventKind::UrgentNoted { .. }
        | EventKind::UrgentArrived { .. }
        | EventKind::UrgentRead { .. }
        | EventKind::DatagramQueued { .. }
        | EventKind::DatagramDropped { .. }
        | EventKind::ErrorQueued { .. }
        | EventKind::PeerForgotten { .. }
        | EventKind::RttMeasured { .. }
        | EventKind::NameTaken { .. }
        | EventKind::NodeRemoved { .. }
        | EventKind::UnixListening { .. }
        | EventKind::Paired { .. }
        | EventKind::Unpaired { .. }
        | EventKind::MessageQueued { .. }
        | EventKind::DescriptorsSent { .. }
        | EventKind::DescriptorsDropped { .. }
        | EventKind::GroupJoined { .. }
        | EventKind::GroupLeft { .. }
        | EventKind::FamilyChanged { .. }
        | EventKind::NotModelled { .. } => None,
    }
}

/// A direction of an AF_UNIX socket is shut: no segment tells the peer, the kernel does.
fn unix_shut(receive: bool, send: bool) -> &'static str {
    match (receive, send) {
        (true, true) => "unixBoth",
        (true, false) => "unixReceive",
        (false, _) => "unixSend",
    }
}

/// A segment that leaves is told by what it carries and by why it leaves.
fn sent(head: Head, because: Rule) -> Option<&'static str> {
    match (contents(head), because) {
        (contents, _) if head.carries != Carries::Tcp => contents,
        (Some("rst"), _) => Some("rst"),
        (_, Rule::RetransmissionTimeout | Rule::FastRetransmit) => Some("again"),
        (None, Rule::SynAckToActive) => Some("handshake"),
        (contents, _) => contents,
    }
}

/// What a packet is for; `None` for a mere acknowledgement.
fn contents(head: Head) -> Option<&'static str> {
    match head.carries {
        Carries::Tcp => {}
        Carries::Udp => return Some("datagram"),
        Carries::Error(_) => return Some("icmpError"),
        Carries::EchoRequest | Carries::EchoReply | Carries::Icmp => return Some("icmp"),
    }
    let has = |bits| head.flags.has(bits);
    if has(Flags::RST) {
        Some("rst")
    } else if has(Flags::SYN | Flags::ACK) {
        Some("synAck")
    } else if has(Flags::SYN) {
        Some("syn")
    } else if has(Flags::FIN) {
        Some("fin")
    } else {
        (head.len > 0).then_some("data")
    }
}
