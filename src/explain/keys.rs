//! The keys of the texts: one `match` over events for all languages, without a wildcard.

use crate::abi::constants::{SO_REUSEADDR, SOL_SOCKET};
use crate::kernel::event::{EventKind, Head, TcpState, TimerKind, WaitFor};
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
            (_, Rule::TimeUp) => "timeUp",
            (WaitFor::Time, _) => WaitFor::AnyOf.name(),
            _ => on.name(),
        }),
        EventKind::ConsoleRead { len, .. } => (len == 0).then_some("end"),
        EventKind::FileReleased { sock, .. } => sock.map(|_| "socket"),
        // 0, 1 and 2 are taken from the beginning.
        EventKind::DescriptorInstalled { fd, .. } => (fd < 3).then_some("again"),
        EventKind::DescriptorClosed { refs_left, .. } => (refs_left == 0).then_some("last"),
        EventKind::SocketCreated { because, .. } => match because {
            Rule::SynToListener => Some("request"),
            Rule::BothClosed => Some("timeWait"),
            _ => None,
        },
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
            (true, true, _) => "both",
            (true, false, Rule::PeerFin) => "fin",
            (true, false, _) => "receive",
            (false, ..) => "send",
        }),
        EventKind::PortBound { because, .. } => match because {
            Rule::InheritedPort => Some("inherited"),
            Rule::BothClosed => Some("timeWait"),
            _ => None,
        },
        EventKind::PortReleased { because, .. } | EventKind::DataDiscarded { because, .. } => {
            (because == Rule::LastClose).then_some("close")
        }
        EventKind::PortConflict { because, .. } => (because == Rule::TupleTaken).then_some("tuple"),
        EventKind::PortSearch { because, .. } => {
            (because == Rule::ConnectEphemeral).then_some("connect")
        }
        EventKind::PortChosen { port, because, .. } => match (port, because) {
            (0, Rule::ConnectEphemeral) => Some("noneToConnect"),
            (0, _) => Some("none"),
            _ => None,
        },
        EventKind::AddressesSet { because, .. } => {
            (because == Rule::ActiveOpen).then_some("connect")
        }
        EventKind::SegmentSent { head, because, .. } => sent(head, because),
        EventKind::SegmentDelivered { sock: None, .. } => Some("nobody"),
        EventKind::SegmentDelivered { head, .. } => contents(head),
        EventKind::SegmentIgnored { sock, .. } => sock.is_none().then_some("stray"),
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
        | EventKind::FileOpened { .. }
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
        | EventKind::SegmentLost { .. }
        | EventKind::DataQueued { .. }
        | EventKind::DataAcked { .. }
        | EventKind::DataArrived { .. }
        | EventKind::DataOutOfOrder { .. }
        | EventKind::DataRead { .. }
        | EventKind::RttMeasured { .. }
        | EventKind::NotModelled { .. } => None,
    }
}

/// A segment that leaves is told by what it carries and by why it leaves.
fn sent(head: Head, because: Rule) -> Option<&'static str> {
    match (contents(head), because) {
        (Some("rst"), _) => Some("rst"),
        (_, Rule::RetransmissionTimeout) => Some("again"),
        (None, Rule::SynAckToActive) => Some("handshake"),
        (contents, _) => contents,
    }
}

/// What a segment is for; `None` for a mere acknowledgement.
fn contents(head: Head) -> Option<&'static str> {
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
