//! Keepalive (RFC 9293 §3.8.4, `tcp_keepalive_timer()`): a peer that has been silent for long is asked
//! whether it is still there.

use crate::abi::Errno;
use crate::base::Time;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::tcp::close;
use crate::kernel::tcp::connection::{Connection, tell_timer};
use crate::kernel::tcp::output::{self, Ends};
use std::time::Duration;

/// `keepalive_time_elapsed()`: how long nothing has come from the peer.
fn silence(c: &Connection, now: Time) -> Duration {
    let data = now.since(c.rcv.ack.last_received);
    data.min(now.since(c.snd.last_ack))
}

/// Starts, moves or stops the timer after the options have changed (`tcp_set_keepalive()`,
/// `tcp_sock_set_keepidle_locked()`).
pub(crate) fn update(c: &mut Connection, ends: &Ends, cx: &mut Cx) {
    let due = c
        .settings
        .keepalive
        .map(|idle| cx.now + idle.saturating_sub(silence(c, cx.now)));
    set(c, ends, cx, due);
}

fn set(c: &mut Connection, ends: &Ends, cx: &mut Cx, due: Option<Time>) {
    tell_timer(cx, ends.sock, TimerKind::KeepAlive, (c.keepalive, due));
    c.keepalive = due;
}

/// The timer has run out. Probes go on until the peer answers or the count is full; then the
/// connection is reset.
pub(crate) fn expire(socket: &mut Socket, ends: &Ends, cx: &mut Cx) {
    let unread = socket.receive_queue.len() as u32;
    let Some(c) = socket.tcp.connection_mut() else {
        return;
    };
    c.keepalive = None;
    let Some(idle) = c.settings.keepalive else {
        return;
    };
    let busy = !c.snd.in_flight.is_empty() || !c.snd.unsent.is_empty();
    let silence = silence(c, cx.now);
    // "It is alive without keepalive": data is under way, which has a timer of its own.
    let again = if busy {
        idle
    } else if silence < idle {
        idle - silence
    } else {
        cx.emit(EventKind::TimerExpired {
            sock: ends.sock,
            timer: TimerKind::KeepAlive,
            attempt: c.snd.probes + 1,
        });
        let over = match c.settings.user_timeout {
            Some(limit) => silence >= limit && c.snd.probes > 0,
            None => c.snd.probes >= c.settings.keepalive_probes,
        };
        if over {
            let because = Rule::KeepAlive;
            output::send_reset(c, ends, cx, because);
            socket.note_error(cx, ends.sock, Errno::ETIMEDOUT, because);
            close::done(socket, ends.sock, cx, because);
            return;
        }
        output::send_probe_segment(c, ends, unread, cx, Rule::KeepAlive);
        c.snd.probes += 1;
        c.settings.keepalive_interval
    };
    let due = Some(cx.now + again);
    set(c, ends, cx, due);
}
