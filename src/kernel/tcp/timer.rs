//! What happens when a timer of an endpoint runs out (`tcp_timer.c`).

use crate::abi::Errno;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::close;
use crate::kernel::tcp::congestion::CongestionControl;
use crate::kernel::tcp::connection::{Connection, Deadline};
use crate::kernel::tcp::open;
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::recv;
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::state::State;
use std::time::Duration;

/// One timer of one endpoint has run out.
pub(crate) fn expire(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    kind: TimerKind,
    sysctl: &Sysctl,
) {
    let unread = socket.receive_queue.len() as u32;
    match &mut socket.tcp {
        State::Closed | State::Listen(_) => {}
        State::SynSent(_) => syn_timeout(socket, ends, cx, sysctl),
        State::SynReceived(_) => syn_ack_timeout(socket, ends, cx, sysctl),
        State::TimeWait(wait) => {
            let because = if wait.fin_wait_2 {
                Rule::OrphanTimeout
            } else {
                Rule::TimeWaitOver
            };
            expired(cx, ends, kind, 0);
            socket.transition(cx, ends.sock, State::Closed, because);
        }
        State::Established(c)
        | State::FinWait1(c)
        | State::FinWait2(c)
        | State::CloseWait(c)
        | State::Closing(c)
        | State::LastAck(c) => match kind {
            TimerKind::DelayedAck => {
                c.delayed_ack = None;
                expired(cx, ends, kind, 0);
                recv::delayed_ack_due(c, ends, unread, cx);
            }
            TimerKind::Retransmit => {
                c.retransmit = None;
                retransmit(socket, ends, cx, sysctl);
            }
            TimerKind::ZeroWindowProbe => {
                c.retransmit = None;
                probe(socket, ends, cx, sysctl);
            }
            TimerKind::TimeWait => {}
        },
    }
}

fn expired(cx: &mut Cx, ends: &Ends, timer: TimerKind, attempt: u32) {
    cx.emit(EventKind::TimerExpired {
        sock: ends.sock,
        timer,
        attempt,
    });
}

/// No answer to our SYN. Linux sends the first few a second apart, then doubles; it gives up when
/// the time is over that doubling alone would have taken (`tcp_model_timeout()`).
fn syn_timeout(socket: &mut Socket, ends: &Ends, cx: &mut Cx, sysctl: &Sysctl) {
    let State::SynSent(s) = &mut socket.tcp else {
        return;
    };
    let attempt = s.retries + 1;
    expired(cx, ends, TimerKind::Retransmit, attempt);
    let bound = model_timeout(sysctl.tcp_syn_retries, Rtt::INITIAL_RTO);
    if s.retries > 0 && cx.now.since(s.first_sent) >= bound {
        give_up(socket, ends, cx);
        return;
    }
    s.retries = attempt;
    s.sent_at = cx.now;
    let doublings = attempt.saturating_sub(sysctl.tcp_syn_linear_timeouts);
    s.deadline = cx.now + Rtt::default().rto(doublings);
    let (s, deadline) = (s.clone(), s.deadline);
    cx.emit(EventKind::TimerSet {
        sock: ends.sock,
        timer: TimerKind::Retransmit,
        deadline,
    });
    open::send_syn(ends, cx, &s, Rule::RetransmissionTimeout);
}

/// No answer to our SYN,ACK (`reqsk_timer_handler()`): again after 1, 2, 4 … seconds.
fn syn_ack_timeout(socket: &mut Socket, ends: &Ends, cx: &mut Cx, sysctl: &Sysctl) {
    let State::SynReceived(s) = &mut socket.tcp else {
        return;
    };
    let attempt = s.retries + 1;
    expired(cx, ends, TimerKind::Retransmit, attempt);
    if s.retries >= sysctl.tcp_synack_retries {
        give_up(socket, ends, cx);
        return;
    }
    s.retries = attempt;
    s.sent_at = cx.now;
    s.deadline = cx.now + Rtt::default().rto(attempt);
    let s = s.clone();
    super::segment_arrives::arm_syn_ack(cx, ends, &s);
    open::send_syn_ack(ends, cx, &s, Rule::RetransmissionTimeout);
}

/// `tcp_retransmit_timer()`: RFC 6298 §5.4 to §5.6.
fn retransmit(socket: &mut Socket, ends: &Ends, cx: &mut Cx, sysctl: &Sysctl) {
    let unread = socket.receive_queue.len() as u32;
    let orphan = socket.file.is_none();
    let Some(c) = socket.tcp.connection_mut() else {
        return;
    };
    expired(cx, ends, TimerKind::Retransmit, c.snd.timeouts + 1);
    // tcp_write_timeout(), retransmits_timed_out(): counted from the first retransmission.
    let bound = model_timeout(retries(c, orphan, sysctl), Rtt::MIN_RTO);
    let since = *c.snd.retransmitting_since.get_or_insert(cx.now);
    if since != cx.now && cx.now.since(since) >= bound {
        give_up(socket, ends, cx);
        return;
    }
    resend_oldest(c, ends, unread, cx);
    back_off(c, ends, cx, TimerKind::Retransmit);
}

/// `tcp_probe_timer()`. A closed window may stay closed for ever as long as the probes are answered
/// (RFC 9293 §3.8.6.1, MUST-37).
fn probe(socket: &mut Socket, ends: &Ends, cx: &mut Cx, sysctl: &Sysctl) {
    let unread = socket.receive_queue.len() as u32;
    let orphan = socket.file.is_none();
    let Some(c) = socket.tcp.connection_mut() else {
        return;
    };
    let kind = TimerKind::ZeroWindowProbe;
    expired(cx, ends, kind, c.snd.probes + 1);
    let most = retries(c, orphan, sysctl);
    let waited_long = orphan && c.rtt.rto(c.snd.timeouts) >= Rtt::MAX_RTO;
    if c.snd.probes >= most || (waited_long && c.snd.timeouts >= most) {
        give_up(socket, ends, cx);
        return;
    }
    c.snd.probes += 1;
    output::send_probe(c, ends, unread, cx);
    // What was sent may have been data.
    let kind = if c.snd.in_flight.is_empty() {
        kind
    } else {
        TimerKind::Retransmit
    };
    back_off(c, ends, cx, kind);
}

/// How often Linux tries: tcp_retries2, or `tcp_orphan_retries()` where no program waits.
fn retries(c: &Connection, orphan: bool, sysctl: &Sysctl) -> u32 {
    let alive = c.rtt.rto(c.snd.timeouts) < Rtt::MAX_RTO;
    match (orphan, sysctl.tcp_orphan_retries) {
        (false, _) => sysctl.tcp_retries2,
        (true, 0) if alive => 8,
        (true, retries) => retries,
    }
}

/// RFC 6298 §5.5: "The host MUST set RTO <- RTO * 2".
fn back_off(c: &mut Connection, ends: &Ends, cx: &mut Cx, kind: TimerKind) {
    c.snd.timeouts += 1;
    let at = cx.now + c.rtt.rto(c.snd.timeouts);
    c.set_retransmit(cx, ends.sock, Some(Deadline { kind, at }));
}

/// `tcp_enter_loss()` and RFC 6298 §5.4: the earliest segment that has not been acknowledged goes out
/// again; the others count as lost, too, and follow as the congestion window opens.
fn resend_oldest(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    let in_flight = c.snd.in_flight.len() as u32;
    if c.snd.timeouts == 0 {
        c.congestion.on_timeout(in_flight);
    }
    for chunk in &mut c.snd.in_flight {
        chunk.lost = true;
    }
    let Some(head) = c.snd.in_flight.front_mut() else {
        return;
    };
    head.lost = false;
    head.retransmitted += 1;
    head.sent_at = cx.now;
    let head = head.clone();
    output::send_chunk(c, ends, unread, cx, &head, Rule::RetransmissionTimeout);
}

/// `tcp_write_err()`: nobody answers.
fn give_up(socket: &mut Socket, ends: &Ends, cx: &mut Cx) {
    let because = Rule::RetriesExhausted;
    let errno = socket.soft_error.unwrap_or(Errno::ETIMEDOUT);
    socket.note_error(cx, ends.sock, errno, because);
    close::done(socket, ends.sock, cx, because);
}

/// `tcp_model_timeout()`: how long `retries` doublings of `base` take, with TCP_RTO_MAX at most
/// between two.
fn model_timeout(retries: u32, base: Duration) -> Duration {
    let mut total = Duration::ZERO;
    let mut interval = base;
    for _ in 0..=retries {
        total += interval;
        interval = (interval * 2).min(Rtt::MAX_RTO);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_syn_retries_take_127_seconds_and_fifteen_data_retries_924_6() {
        assert_eq!(model_timeout(6, Rtt::INITIAL_RTO), Duration::from_secs(127));
        assert_eq!(
            model_timeout(15, Rtt::MIN_RTO),
            Duration::from_millis(924_600)
        );
    }
}
