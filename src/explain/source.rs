//! Where to look an event up: what its rule says, or the mechanism.

use super::keys;
use crate::kernel::event::{Carries, EventKind};
use crate::kernel::rule::Rule;
use crate::words::{Key, Sheet};

/// The source of an event.
pub(super) fn of(kind: &EventKind) -> &'static str {
    let find = |key| Sheet::Sources.find(key);
    find(key(kind)).unwrap_or_default()
}

fn key(kind: &EventKind) -> Key {
    match kind {
        EventKind::TaskWoke { because, .. }
        | EventKind::SocketCreated { because, .. }
        | EventKind::StateChanged { because, .. }
        | EventKind::ErrorNoted { because, .. }
        | EventKind::Shutdown { because, .. }
        | EventKind::PortConflict { because, .. }
        | EventKind::PortSearch { because, .. }
        | EventKind::PortChosen { because, .. }
        | EventKind::AddressesSet { because, .. }
        | EventKind::RequestDropped { because, .. }
        | EventKind::ListenOverflow { because, .. }
        | EventKind::SegmentSent { because, .. }
        | EventKind::SegmentLost { because, .. }
        | EventKind::SegmentIgnored { because, .. }
        | EventKind::NameTaken { because, .. }
        | EventKind::Paired { because, .. }
        | EventKind::Unpaired { because, .. }
        | EventKind::DatagramDropped { because, .. }
        | EventKind::PeerForgotten { because, .. }
        | EventKind::DescriptorsDropped { because, .. }
        | EventKind::DataDiscarded { because, .. } => keys::rule(*because),
        EventKind::PortBound { because, .. } if *because != Rule::AskedFor => keys::rule(*because),
        EventKind::SyscallReturned { ret: ..0, .. } => Key::new("event.SyscallReturned.failed"),
        EventKind::SyscallEntered { call, .. } | EventKind::SyscallReturned { call, .. } => {
            page(call)
        }
        EventKind::TaskSlept { on, .. } => Key::new("waits.").then(on.name()),
        EventKind::TimerSet { timer, .. }
        | EventKind::TimerStopped { timer, .. }
        | EventKind::TimerExpired { timer, .. } => Key::new("timer.").then(timer.name()),
        EventKind::SegmentDelivered { head, .. } if head.carries == Carries::Udp => {
            Key::new("event.SegmentDelivered.datagram")
        }
        EventKind::SegmentDelivered { head, .. } if head.carries != Carries::Tcp => {
            Key::new("event.SegmentDelivered.icmp")
        }
        EventKind::PortBound { .. }
        | EventKind::PortReleased { .. }
        | EventKind::SocketDestroyed { .. }
        | EventKind::ProcessStarted { .. }
        | EventKind::ProcessExited { .. }
        | EventKind::ProcessKilled { .. }
        | EventKind::ConsoleWrote { .. }
        | EventKind::ConsoleRead { .. }
        | EventKind::FileOpened { .. }
        | EventKind::FileReleased { .. }
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
        | EventKind::SocketOrphaned { .. }
        | EventKind::OptionSet { .. }
        | EventKind::GroupJoined { .. }
        | EventKind::GroupLeft { .. }
        | EventKind::FamilyChanged { .. }
        | EventKind::ErrorConsumed { .. }
        | EventKind::BacklogSet { .. }
        | EventKind::RequestQueued { .. }
        | EventKind::AcceptQueued { .. }
        | EventKind::AcceptDequeued { .. }
        | EventKind::SegmentDelivered { .. }
        | EventKind::DataQueued { .. }
        | EventKind::DataAcked { .. }
        | EventKind::DataArrived { .. }
        | EventKind::DataOutOfOrder { .. }
        | EventKind::DataRead { .. }
        | EventKind::UrgentNoted { .. }
        | EventKind::UrgentArrived { .. }
        | EventKind::UrgentRead { .. }
        | EventKind::DatagramQueued { .. }
        | EventKind::DatagramRead { .. }
        | EventKind::DatagramHeld { .. }
        | EventKind::ErrorQueued { .. }
        | EventKind::RttMeasured { .. }
        | EventKind::NameBound { .. }
        | EventKind::NodeRemoved { .. }
        | EventKind::UnixListening { .. }
        | EventKind::MessageQueued { .. }
        | EventKind::DescriptorsSent { .. }
        | EventKind::NotModelled { .. } => Key::new("event.").then(kind.name()),
    }
}

/// The manual page of a call, with the kernel's entry.
fn page(call: &str) -> Key {
    let key = Key::new("call.").then(call);
    match Sheet::Sources.find(key) {
        Some(_) => key,
        None => Key::new("call.other"),
    }
}
