//! The states of a TCP endpoint (RFC 9293 §3.3.2). A state owns only what exists in it.

use crate::base::{Fifo, Seq, SockId, Time};
use crate::kernel::event::{TcpState, TimerKind};
use crate::kernel::tcp::connection::Connection;
use crate::kernel::tcp::open::Ours;
use crate::packet::TcpOptions;
use serde::Serialize;

/// Where a TCP endpoint is in its life, with the fields that this state has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum State {
    /// Not connected: not yet, or not any more.
    Closed,
    /// Waits for connection requests.
    Listen(Listen),
    /// Our SYN is out.
    SynSent(Box<SynSent>),
    /// A SYN has arrived and our SYN,ACK is out.
    SynReceived(Box<SynReceived>),
    /// Data can flow both ways.
    Established(Box<Connection>),
    /// We have closed; our FIN is not acknowledged yet.
    FinWait1(Box<Connection>),
    /// We have closed and the peer knows; it may still send.
    FinWait2(Box<Connection>),
    /// The peer has closed; we may still send.
    CloseWait(Box<Connection>),
    /// Both have closed at once; our FIN is not acknowledged yet.
    Closing(Box<Connection>),
    /// The peer closed first, then we; our FIN is not acknowledged yet.
    LastAck(Box<Connection>),
    /// Both have closed; old segments are dying out.
    TimeWait(TimeWait),
}

/// LISTEN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listen {
    /// The second argument of listen(2), limited by somaxconn. `backlog + 1` connections can wait.
    pub backlog: u32,
    /// Half-open requests, oldest first.
    pub syn_queue: Vec<SockId>,
    /// Connections that wait for accept(2), oldest first.
    pub accept_queue: Fifo<SockId>,
    /// Until when acknowledgements may answer SYN cookies.
    pub cookies_until: Option<Time>,
}

impl Listen {
    /// `sk_acceptq_is_full()`: Linux compares with `>`, so that one more fits than was asked for.
    pub fn accept_queue_full(&self) -> bool {
        self.accept_queue.len() as u64 > u64::from(self.backlog)
    }
}

/// SYN-SENT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SynSent {
    /// What we chose for the connection.
    pub ours: Ours,
    /// The window that our SYN advertises, octets.
    pub rcv_wnd: u32,
    /// When the first SYN went out.
    pub first_sent: Time,
    /// When the latest SYN went out.
    pub sent_at: Time,
    /// How many SYNs were sent again.
    pub retries: u32,
    /// When the next one is due.
    pub deadline: Time,
}

/// SYN-RECEIVED: on the passive side a request in a listener's SYN queue, otherwise one half of a
/// simultaneous open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SynReceived {
    /// The listener, if the open was passive.
    pub listener: Option<SockId>,
    /// What we chose for the connection.
    pub ours: Ours,
    /// The peer's.
    pub irs: Seq,
    /// The options of the peer's SYN.
    pub peer: TcpOptions,
    /// The peer's SYN offered ECN, and so does our SYN,ACK.
    pub ecn: bool,
    /// The window of the peer's SYN, octets (never scaled, RFC 7323 §2.2).
    pub snd_wnd: u32,
    /// The window that our SYN,ACK advertises, octets.
    pub rcv_wnd: u32,
    /// When the latest SYN,ACK went out.
    pub sent_at: Time,
    /// How many were sent again.
    pub retries: u32,
    /// When the next one is due.
    pub deadline: Time,
    /// When a segment out of order was last answered.
    pub last_refusal: Option<Time>,
    /// The final ACK came, but the accept queue was full.
    pub acked: bool,
}

/// TIME-WAIT, and an orphan's FIN-WAIT-2, which Linux keeps in the same small form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TimeWait {
    /// Whether the peer's FIN is still to come (Linux's substate FIN_WAIT2).
    pub fin_wait_2: bool,
    /// What we would send next.
    pub snd_nxt: Seq,
    /// What we expect next.
    pub rcv_nxt: Seq,
    /// The window to advertise, as on the wire.
    pub window: u16,
    /// The latest TSval of the peer, if timestamps are in use, and our offset.
    pub timestamps: Option<(u32, u32)>,
    /// When a segment out of order was last answered.
    pub last_refusal: Option<Time>,
    /// When it ends.
    pub deadline: Time,
}

impl State {
    /// The name of the state.
    #[inline(never)]
    pub fn name(&self) -> TcpState {
        match self {
            State::Closed => TcpState::Closed,
            State::Listen(_) => TcpState::Listen,
            State::SynSent(_) => TcpState::SynSent,
            State::SynReceived(_) => TcpState::SynReceived,
            State::Established(_) => TcpState::Established,
            State::FinWait1(_) => TcpState::FinWait1,
            State::FinWait2(_) => TcpState::FinWait2,
            State::CloseWait(_) => TcpState::CloseWait,
            State::Closing(_) => TcpState::Closing,
            State::LastAck(_) => TcpState::LastAck,
            State::TimeWait(t) if t.fin_wait_2 => TcpState::FinWait2,
            State::TimeWait(_) => TcpState::TimeWait,
        }
    }

    /// The send and receive machinery, in the states that have it.
    pub fn connection(&self) -> Option<&Connection> {
        match self {
            State::Established(c)
            | State::FinWait1(c)
            | State::FinWait2(c)
            | State::CloseWait(c)
            | State::Closing(c)
            | State::LastAck(c) => Some(c),
            State::Closed
            | State::Listen(_)
            | State::SynSent(_)
            | State::SynReceived(_)
            | State::TimeWait(_) => None,
        }
    }

    /// The same, to change.
    pub fn connection_mut(&mut self) -> Option<&mut Connection> {
        match self {
            State::Established(c)
            | State::FinWait1(c)
            | State::FinWait2(c)
            | State::CloseWait(c)
            | State::Closing(c)
            | State::LastAck(c) => Some(c),
            State::Closed
            | State::Listen(_)
            | State::SynSent(_)
            | State::SynReceived(_)
            | State::TimeWait(_) => None,
        }
    }

    /// Takes the machinery out, to put it into the next state.
    pub(crate) fn into_connection(self) -> Option<Box<Connection>> {
        match self {
            State::Established(c)
            | State::FinWait1(c)
            | State::FinWait2(c)
            | State::CloseWait(c)
            | State::Closing(c)
            | State::LastAck(c) => Some(c),
            State::Closed
            | State::Listen(_)
            | State::SynSent(_)
            | State::SynReceived(_)
            | State::TimeWait(_) => None,
        }
    }

    /// The listener's queues, in LISTEN.
    pub fn listen(&self) -> Option<&Listen> {
        if let State::Listen(listen) = self {
            Some(listen)
        } else {
            None
        }
    }

    /// The same, to change.
    pub(crate) fn listen_mut(&mut self) -> Option<&mut Listen> {
        if let State::Listen(listen) = self {
            Some(listen)
        } else {
            None
        }
    }

    /// Whether segments for this endpoint's four addresses go to it alone.
    pub fn has_tuple(&self) -> bool {
        !matches!(self, State::Closed | State::Listen(_))
    }

    /// Every timer that is running, with the time it runs out.
    pub fn timers(&self) -> Vec<(TimerKind, Time)> {
        match self {
            State::Closed | State::Listen(_) => Vec::new(),
            State::SynSent(s) => vec![(TimerKind::Retransmit, s.deadline)],
            State::SynReceived(s) => vec![(TimerKind::Retransmit, s.deadline)],
            State::TimeWait(t) => vec![(TimerKind::TimeWait, t.deadline)],
            State::Established(c)
            | State::FinWait1(c)
            | State::FinWait2(c)
            | State::CloseWait(c)
            | State::Closing(c)
            | State::LastAck(c) => c.timers(),
        }
    }
}
