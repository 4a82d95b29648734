//! Segments and lanes: what is drawn along time.

use serde::Serialize;

/// A segment on the wire or on the ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentView {
    /// Packet id.
    pub packet: u32,
    /// The endpoint that sent it.
    pub from: EndView,
    /// The endpoint that it is for.
    pub to: EndView,
    /// `tcp`, `udp` or `icmp`. Numbers and window are TCP's.
    pub protocol: String,
    /// `SYN,ACK`, `UDP`, `ICMP port unreachable`.
    pub flags: String,
    /// Relative sequence number.
    pub seq: u32,
    /// Relative acknowledgement number, if ACK is set.
    pub ack: Option<u32>,
    /// Octets of data.
    pub len: u32,
    /// The window as on the wire.
    pub window: u16,
    /// Virtual time at which it was sent, nanoseconds.
    pub sent: u64,
    /// Virtual time at which it arrived.
    pub delivered: Option<u64>,
    /// Number of the event that sent it.
    pub sent_event: u32,
    /// Number of the event that delivered or lost it.
    pub arrived_event: Option<u32>,
    /// It was lost.
    pub lost: bool,
    /// It had been sent before.
    pub retransmission: bool,
    /// At the cursor it has been sent and has not arrived.
    pub in_flight: bool,
    /// At the cursor it has not been sent yet.
    pub future: bool,
}

/// One end of a segment's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndView {
    /// Index of the process it belongs to, if one does.
    pub process: Option<u32>,
    /// Its socket, if it has one.
    pub sock: Option<u32>,
    /// Port.
    pub port: u16,
    /// The state of that end when the segment left it or reached it.
    pub state: &'static str,
}

/// A change of a TCP endpoint's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnView {
    /// Number of the event.
    pub event: u32,
    /// Virtual time, nanoseconds.
    pub time: u64,
    /// The socket. A TIME-WAIT that a program still holds by a descriptor is another one than the connection was.
    pub sock: u32,
    /// Local port.
    pub port: u16,
    /// The peer's port; 0 for a listener.
    pub peer: u16,
    /// The state before.
    pub before: &'static str,
    /// The state from then on.
    pub state: &'static str,
}

/// The whole run as lanes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimelineView {
    /// Event number of the cursor: everything after it is the future.
    pub event: u32,
    /// Events of the run.
    pub events: u32,
    /// One lane per process, in order.
    pub lanes: Vec<LaneView>,
    /// Segments, by the event that sent them (at most 400, thinned evenly).
    pub segments: Vec<TickView>,
}

/// A process's lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneView {
    /// Index of the process.
    pub process: u32,
    /// System calls, by the event that entered them (at most 400).
    pub calls: Vec<TickView>,
    /// Sleep, from event to event (at most 400).
    pub sleeps: Vec<SpanView>,
}

/// Something at one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TickView {
    /// Event number.
    pub event: u32,
    /// `socket`, `SYN,ACK`.
    pub label: String,
    /// For segments: the index of the process that sent it.
    pub process: Option<u32>,
    /// For calls: it failed; for segments: it was lost.
    pub failed: bool,
}

/// Something between two events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpanView {
    /// From this event.
    pub from: u32,
    /// To this event.
    pub to: u32,
    /// What it sleeps in: `accept`.
    pub label: &'static str,
}
