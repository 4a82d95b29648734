//! Closing, in every way: FIN from either side, reset, orphans.

use crate::base::SockId;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::connection::Connection;
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::segment_arrives::{After, reset_errno};
use crate::kernel::tcp::state::{State, TimeWait};
use crate::packet::Flags;
use std::time::Duration;

/// TCP_TIMEWAIT_LEN: 2·MSL on Linux, which no sysctl changes.
pub(crate) const TIME_WAIT: Duration = Duration::from_secs(60);

/// Moves the machinery from one state to the next (`new_state[]` of `tcp_close_state()`, and
/// `tcp_fin()`); no event but the transition's.
fn advance(
    socket: &mut Socket,
    sock: SockId,
    cx: &mut Cx,
    because: Rule,
    to: fn(Box<Connection>) -> State,
) {
    if let Some(c) = socket.tcp.clone().into_connection() {
        socket.transition(cx, sock, to(c), because);
    }
}

/// `tcp_close_state()` and `tcp_send_fin()`: the program will send no more.
pub(crate) fn send_fin(socket: &mut Socket, ends: &Ends, cx: &mut Cx, because: Rule) {
    let unread = socket.receive_queue.len() as u32;
    match &socket.tcp {
        State::Established(_) => advance(socket, ends.sock, cx, because, State::FinWait1),
        State::CloseWait(_) => advance(socket, ends.sock, cx, because, State::LastAck),
        State::Closed
        | State::Listen(_)
        | State::SynSent(_)
        | State::SynReceived(_)
        | State::FinWait1(_)
        | State::FinWait2(_)
        | State::Closing(_)
        | State::LastAck(_)
        | State::TimeWait(_) => return,
    }
    if let Some(c) = socket.tcp.connection_mut() {
        output::send_fin(c, ends, unread, cx);
    }
}

/// `tcp_fin()`: the peer will send no more.
pub(crate) fn fin_received(socket: &mut Socket, ends: &Ends, cx: &mut Cx) -> After {
    let unread = socket.receive_queue.len() as u32;
    socket.shut(cx, ends.sock, true, false, Rule::PeerFin);
    socket.done = true;
    if let Some(c) = socket.tcp.connection_mut() {
        c.rcv.ack.scheduled = true;
    }
    match &socket.tcp {
        State::Established(_) => {
            advance(socket, ends.sock, cx, Rule::PeerFin, State::CloseWait);
            // "Move to CLOSE_WAIT": the program is expected to close soon, so the ACK may wait.
            if let Some(c) = socket.tcp.connection_mut() {
                c.rcv.ack.pingpong = true;
            }
            After::Nothing
        }
        State::FinWait1(_) => {
            if let Some(c) = socket.tcp.connection_mut() {
                output::send_ack(c, ends, unread, cx, Rule::PeerFin);
            }
            advance(socket, ends.sock, cx, Rule::PeerFin, State::Closing);
            After::Nothing
        }
        State::FinWait2(_) => {
            if let Some(c) = socket.tcp.connection_mut() {
                output::send_ack(c, ends, unread, cx, Rule::PeerFin);
            }
            enter_time_wait(socket, ends, cx)
        }
        State::Closed
        | State::Listen(_)
        | State::SynSent(_)
        | State::SynReceived(_)
        | State::CloseWait(_)
        | State::Closing(_)
        | State::LastAck(_)
        | State::TimeWait(_) => After::Nothing,
    }
}

/// `tcp_time_wait()`: both sides have closed. If a program still holds the socket, or can still accept it, the
/// waiting is done by an endpoint of its own and the program's socket is CLOSED.
pub(crate) fn enter_time_wait(socket: &mut Socket, ends: &Ends, cx: &mut Cx) -> After {
    let Some(wait) = small_form(socket, cx, false, TIME_WAIT) else {
        return After::Nothing;
    };
    if !socket.is_orphan() {
        done(socket, ends.sock, cx, Rule::BothClosed);
        return After::Split(wait);
    }
    let deadline = wait.deadline;
    socket.transition(cx, ends.sock, State::TimeWait(wait), Rule::BothClosed);
    arm(cx, ends.sock, deadline);
    After::Nothing
}

/// An orphan that waits for the peer's FIN: Linux keeps little of it and gives up after
/// tcp_fin_timeout (`tcp_fin_time()`: not sooner than 3.5 times the retransmission timeout).
pub(crate) fn orphan_in_fin_wait_2(socket: &mut Socket, ends: &Ends, cx: &mut Cx, sysctl: &Sysctl) {
    let State::FinWait2(c) = &socket.tcp else {
        return;
    };
    let stay = c.settings.fin_timeout.unwrap_or(sysctl.tcp_fin_timeout);
    let length = stay.max(c.rtt.rto(0) * 7 / 2);
    let Some(wait) = small_form(socket, cx, true, length) else {
        return;
    };
    let deadline = wait.deadline;
    // Still FIN-WAIT-2 by name: no event but the timer's.
    socket.tcp = State::TimeWait(wait);
    arm(cx, ends.sock, deadline);
}

/// What TIME-WAIT needs of a connection (`struct inet_timewait_sock`).
fn small_form(socket: &Socket, cx: &Cx, fin_wait_2: bool, length: Duration) -> Option<TimeWait> {
    let c = socket.tcp.connection()?;
    Some(TimeWait {
        last_refusal: None,
        fin_wait_2,
        snd_nxt: c.snd.nxt,
        rcv_nxt: c.rcv.nxt,
        window: (c.rcv.window() >> c.rcv.wscale) as u16,
        timestamps: c.timestamps.map(|t| (t.recent, t.offset)),
        deadline: cx.now + length,
    })
}

/// Says when the wait ends.
pub(crate) fn arm(cx: &mut Cx, sock: SockId, deadline: crate::base::Time) {
    cx.emit(EventKind::TimerSet {
        sock,
        timer: TimerKind::TimeWait,
        deadline,
    });
}

/// `tcp_reset()`: the peer says that the connection does not exist.
pub(crate) fn reset_received(socket: &mut Socket, ends: &Ends, cx: &mut Cx) {
    let Some((errno, because)) = reset_errno(&socket.tcp) else {
        return;
    };
    socket.note_error(cx, ends.sock, errno, because);
    done(socket, ends.sock, cx, because);
}

/// `tcp_need_reset()`: whether the peer would wait for us for ever. An abort in the other states sends
/// nothing, except where our FIN is not out yet (`tcp_disconnect()`).
pub(crate) fn needs_reset(socket: &Socket) -> bool {
    match &socket.tcp {
        State::SynReceived(_)
        | State::Established(_)
        | State::FinWait1(_)
        | State::FinWait2(_)
        | State::CloseWait(_) => true,
        State::Closing(c) | State::LastAck(c) => c.snd.nxt != c.snd.write_seq,
        State::Closed | State::Listen(_) | State::SynSent(_) | State::TimeWait(_) => false,
    }
}

/// `tcp_send_active_reset()`: tells the peer that the connection is gone.
pub(crate) fn send_reset(socket: &Socket, sock: SockId, cx: &mut Cx, because: Rule) {
    let ends = Ends::of(sock, socket);
    match &socket.tcp {
        State::SynReceived(s) => {
            let flags = Flags::RST | Flags::ACK;
            let segment = ends.segment(flags, s.ours.iss + 1, s.irs + 1, 0);
            ends.transmit(cx, segment, because);
        }
        State::Established(c)
        | State::FinWait1(c)
        | State::FinWait2(c)
        | State::CloseWait(c)
        | State::Closing(c)
        | State::LastAck(c) => output::send_reset(c, &ends, cx, because),
        State::Closed | State::Listen(_) | State::SynSent(_) | State::TimeWait(_) => {}
    }
}

/// `tcp_done()`: the connection is over. What was received stays readable.
pub(crate) fn done(socket: &mut Socket, sock: SockId, cx: &mut Cx, because: Rule) {
    socket.transition(cx, sock, State::Closed, because);
    socket.shut(cx, sock, true, true, because);
}
