//! What happens when a timer of an endpoint runs out (`tcp_timer.c`).

use crate::abi::Errno;
use crate::base::Time;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::close;
use crate::kernel::tcp::congestion::CongestionControl;
use crate::kernel::tcp::connection::{Connection, Deadline};
use crate::kernel::tcp::keepalive;
use crate::kernel::tcp::open;
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::recovery;
use crate::kernel::tcp::recv;
use crate::kernel::tcp::recv::TICK;
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::sack;
use crate::kernel::tcp::settings::Settings;
use crate::kernel::tcp::state::State;
use crate::kernel::tcp::write_queue;
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
            TimerKind::LossProbe => {
                c.retransmit = None;
                expired(cx, ends, kind, 1);
                recovery::send_probe(c, ends, unread, cx);
            }
            TimerKind::Reordering => {
                c.retransmit = None;
                expired(cx, ends, kind, 1);
                recovery::overtaken(c, ends, unread, cx);
            }
            TimerKind::ZeroWindowProbe => {
                c.retransmit = None;
                probe(socket, ends, cx, sysctl);
            }
            TimerKind::KeepAlive => keepalive::expire(socket, ends, cx),
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
    let tries = socket.options.is_set(Opt::SynCnt);
    let tries = tries.map_or(sysctl.tcp_syn_retries, |n| n as u32);
    let user = Settings::of(&socket.options, sysctl).user_timeout;
    let State::SynSent(s) = &mut socket.tcp else {
        return;
    };
    let attempt = s.retries + 1;
    expired(cx, ends, TimerKind::Retransmit, attempt);
    let bound = user.unwrap_or_else(|| model_timeout(tries, Rtt::INITIAL_RTO));
    let counted_out = s.retries >= tries + sysctl.tcp_syn_linear_timeouts;
    if counted_out || cx.now.since(s.first_sent) >= bound {
        give_up(socket, ends, cx, user);
        return;
    }
    s.retries = attempt;
    s.sent_at = cx.now;
    let doublings = attempt.saturating_sub(sysctl.tcp_syn_linear_timeouts);
    let left = user.map(|limit| s.first_sent + limit);
    s.deadline = clamp_to_user_timeout(cx.now, cx.now + Rtt::default().rto(doublings), left);
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
    let defer = socket.options.get(Opt::DeferAccept) as u32;
    let State::SynReceived(s) = &mut socket.tcp else {
        return;
    };
    let attempt = s.retries + 1;
    expired(cx, ends, TimerKind::Retransmit, attempt);
    // syn_ack_recalc(): with TCP_DEFER_ACCEPT a request whose handshake is complete waits longer.
    let deferred = s.acked && attempt <= defer;
    if s.retries >= sysctl.tcp_synack_retries && !(deferred && s.retries < defer) {
        give_up(socket, ends, cx, None);
        return;
    }
    s.retries = attempt;
    if deferred && defer > 0 && attempt < defer {
        s.deadline = cx.now + Rtt::default().rto(attempt);
        let s = s.clone();
        super::segment_arrives::arm_syn_ack(cx, ends, &s);
        return;
    }
    s.sent_at = cx.now;
    s.deadline = cx.now + Rtt::default().rto(attempt);
    let s = s.clone();
    super::segment_arrives::arm_syn_ack(cx, ends, &s);
    open::send_syn_ack(ends, cx, &s, Rule::RetransmissionTimeout);
}

/// `tcp_retransmit_timer()`: RFC 6298 §5.4 to §5.6.
fn retransmit(socket: &mut Socket, ends: &Ends, cx: &mut Cx, sysctl: &Sysctl) {
    let unread = socket.receive_queue.len() as u32;
    let orphan = socket.is_orphan();
    let Some(c) = socket.tcp.connection_mut() else {
        return;
    };
    expired(cx, ends, TimerKind::Retransmit, c.snd.timeouts + 1);
    // tcp_write_timeout(), retransmits_timed_out(): counted from the first retransmission.
    let user = c.settings.user_timeout;
    let model = model_timeout(retries(c, orphan, sysctl), Rtt::MIN_RTO);
    let bound = user.unwrap_or(model);
    let since = *c.snd.retransmitting_since.get_or_insert(cx.now);
    if since != cx.now && cx.now.since(since) >= bound {
        give_up(socket, ends, cx, user);
        return;
    }
    resend_oldest(c, ends, unread, cx);
    back_off(c, ends, cx, TimerKind::Retransmit);
}

/// `tcp_probe_timer()`. A closed window may stay closed for ever as long as the probes are answered
/// (RFC 9293 §3.8.6.1, MUST-37).
fn probe(socket: &mut Socket, ends: &Ends, cx: &mut Cx, sysctl: &Sysctl) {
    let unread = socket.receive_queue.len() as u32;
    let orphan = socket.is_orphan();
    let Some(c) = socket.tcp.connection_mut() else {
        return;
    };
    let kind = TimerKind::ZeroWindowProbe;
    expired(cx, ends, kind, c.snd.probes + 1);
    let most = retries(c, orphan, sysctl);
    let waited_long = orphan && c.rtt.rto(c.snd.timeouts) >= Rtt::MAX_RTO;
    let user = c.settings.user_timeout;
    let since = *c.snd.probing_since.get_or_insert(cx.now);
    let out_of_time = user.is_some_and(|limit| cx.now.since(since) >= limit);
    if c.snd.probes >= most || (waited_long && c.snd.timeouts >= most) || out_of_time {
        give_up(socket, ends, cx, user.filter(|_| out_of_time));
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
    let since = if kind == TimerKind::ZeroWindowProbe {
        c.snd.probing_since
    } else {
        c.snd.retransmitting_since
    };
    let left = c.settings.user_timeout.zip(since);
    let left = left.map(|(limit, since)| since + limit);
    let at = clamp_to_user_timeout(cx.now, cx.now + c.rtt.rto(c.snd.timeouts), left);
    c.set_retransmit(cx, ends.sock, Some(Deadline { kind, at }));
}

/// `tcp_enter_loss()` and RFC 6298 §5.4: the earliest segment that has not been acknowledged goes out
/// again; the others count as lost, too, and follow as the congestion window opens.
fn resend_oldest(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    if c.snd.timeouts == 0 {
        c.congestion.on_timeout();
    }
    // tcp_timeout_mark_lost(): a peer that had the first one, and has not acknowledged it, has dropped it.
    let reneged = c.snd.in_flight.front().is_some_and(|head| head.sacked);
    for chunk in &mut c.snd.in_flight {
        chunk.sacked &= !reneged;
        chunk.lost = !chunk.sacked;
    }
    let Some(head) = c.snd.in_flight.front_mut() else {
        return;
    };
    head.lost = false;
    head.retransmitted += 1;
    head.sent_at = cx.now;
    write_queue::collapse(c, 0);
    c.snd.recovery.timed_out(c.snd.nxt);
    sack::count(c);
    let head = c.snd.in_flight[0].clone();
    output::send_chunk(c, ends, unread, cx, &head, Rule::RetransmissionTimeout);
}

/// `tcp_write_err()`: nobody answers.
fn give_up(socket: &mut Socket, ends: &Ends, cx: &mut Cx, user: Option<Duration>) {
    let because = match user {
        Some(_) => Rule::UserTimeout,
        None => Rule::RetriesExhausted,
    };
    let errno = socket.soft_error.unwrap_or(Errno::ETIMEDOUT);
    socket.note_error(cx, ends.sock, errno, because);
    close::done(socket, ends.sock, cx, because);
}

/// `tcp_clamp_rto_to_user_timeout()`: TCP_USER_TIMEOUT is kept to the tick.
fn clamp_to_user_timeout(now: Time, at: Time, limit: Option<Time>) -> Time {
    limit.map_or(at, |limit| at.min(limit.max(now + TICK)))
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
