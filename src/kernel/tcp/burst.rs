//! How much is handed to the device at once (`tcp_write_xmit()`, `tcp_tso_autosize()`). Linux sends several segments
//! as one large packet, which the device cuts: they leave together, and the last one carries PSH.

use crate::base::Time;
use crate::kernel::tcp::congestion::CongestionControl;
use crate::kernel::tcp::connection::Connection;
use crate::kernel::tcp::output::Nagle;
use crate::kernel::tcp::write_queue;
use std::time::Duration;

/// GSO_LEGACY_MAX_SIZE without room for headers, octets.
const LARGEST: u32 = 65_536 - 321;
/// `tcp_tso_rtt_log`: above so many octets' worth of round trip the size halves.
const RTT_LOG: u32 = 9;
/// `sk_pacing_shift`: a burst is about a millisecond's worth of the pacing rate.
const PACING_SHIFT: u32 = 10;
/// net.ipv4.tcp_pacing_ss_ratio and tcp_pacing_ca_ratio, per cent.
const SLOW_START_RATIO: u64 = 200;
const AVOIDANCE_RATIO: u64 = 120;
/// net.ipv4.tcp_tso_win_divisor.
const WINDOW_DIVISOR: u32 = 3;
/// A write that long ago is not about to be followed by another.
const RECENT: Duration = Duration::from_millis(1);

/// What holds the next segment back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Nothing waits.
    Empty,
    /// The congestion window.
    Congestion,
    /// The peer's window.
    Window,
    /// Nagle's algorithm, or the wish for a larger burst.
    Small,
}

/// `tcp_xmit_size_goal()`: octets that are collected in one buffer of the write queue.
pub(crate) fn size_goal(c: &Connection) -> u32 {
    let most = bound_to_half_window(LARGEST, c.snd.max_window);
    (most / c.mss.max(1) * c.mss).max(c.mss)
}

/// `tcp_bound_to_half_wnd()`: a peer with a small window is not sent half of it at once.
pub(crate) fn bound_to_half_window(octets: u32, max_window: u32) -> u32 {
    if max_window > super::open::MSS_DEFAULT {
        octets.min(max_window / 2)
    } else {
        octets
    }
}

/// `tcp_tso_segs()`: segments in a burst, by the pacing rate.
fn most_segments(c: &Connection) -> u32 {
    let mss = c.mss.max(1);
    let window = u64::from(c.congestion.window().max(c.snd.in_flight.len() as u32));
    let ratio = if c.congestion.in_early_slow_start() {
        SLOW_START_RATIO
    } else {
        AVOIDANCE_RATIO
    };
    let octets = match c.rtt.smoothed() {
        None => u64::MAX,
        Some(rtt) => {
            let rate = u64::from(mss) * window * ratio * 10_000;
            (rate / (rtt.as_micros() as u64).max(1)) >> PACING_SHIFT
        }
    };
    let shift = u32::try_from(c.rtt.least().as_micros() >> RTT_LOG).unwrap_or(u32::MAX);
    let near = LARGEST.checked_shr(shift).unwrap_or(0);
    let octets = octets.saturating_add(near.into()).min(LARGEST.into()) as u32;
    (octets / mss).max(c.snd.min_burst)
}

/// How many octets may go out as one burst now (0: a FIN alone), or what holds them back. `one` is
/// `tcp_push_one()`.
pub(crate) fn next(c: &mut Connection, nagle: Nagle, one: bool, now: Time) -> Result<u32, Held> {
    if c.snd.unsent.is_empty() {
        return Err(Held::Empty);
    }
    let mss = c.mss.max(1);
    // tcp_cwnd_test(): at most half the window at once.
    let cwnd = c.congestion.window();
    let under_way = c.snd.pipe();
    if under_way >= cwnd {
        return Err(Held::Congestion);
    }
    let most = most_segments(c);
    let quota = (cwnd / 2).max(1).min(cwnd - under_way).min(most);
    write_queue::grow_head(c, quota * mss);
    let c = &*c;
    let head = c.snd.unsent.front().ok_or(Held::Empty)?;
    let len = write_queue::head_len(c);
    let last = len as usize == queued(c);
    // tcp_snd_wnd_test(): the segment, or its first MSS, must fit whole. That is also the sender's
    // avoidance of silly windows (RFC 9293 §3.8.6.2.1).
    let window_end = c.snd.window_end();
    let fin = last && c.snd.unsent.back().is_some_and(|tail| tail.fin);
    let first = if len > mss { mss } else { len + u32::from(fin) };
    if (head.seq + first).after(window_end) {
        return Err(Held::Window);
    }
    if len <= mss {
        // tcp_nagle_test(): only the last, small segment waits, and only while a small one is out; what is urgent never.
        let calm = c.snd.up == c.snd.una;
        let held = last && !head.fin && calm && nagle_holds(c, nagle, len < mss);
        return if held { Err(Held::Small) } else { Ok(len) };
    }
    let window = window_end - head.seq;
    if !one && let Some(held) = defers(c, (len, last), window, (cwnd - under_way, most), now) {
        return Err(held);
    }
    // tcp_mss_split_point()
    let most = quota * mss;
    if most <= window && !last {
        return Ok(most.min(len));
    }
    let needed = len.min(window);
    if most <= needed {
        return Ok(most);
    }
    let partial = needed % mss;
    Ok(if nagle_holds(c, nagle, partial != 0) {
        needed - partial
    } else {
        needed
    })
}

/// `tcp_nagle_check()`.
fn nagle_holds(c: &Connection, nagle: Nagle, small: bool) -> bool {
    let small_one_out = c.snd.small_end.after(c.snd.una) && !c.snd.small_end.after(c.snd.nxt);
    let by_nagle = !c.settings.nodelay && !c.snd.in_flight.is_empty() && small_one_out;
    small
        && match nagle {
            Nagle::Push => false,
            Nagle::Cork => true,
            Nagle::Apply => c.settings.cork || by_nagle,
        }
}

fn queued(c: &Connection) -> usize {
    c.snd.unsent.iter().map(|chunk| chunk.data.len()).sum()
}

/// `tcp_tso_should_defer()`: whether it is better to wait for an acknowledgement, which lets more go at
/// once.
fn defers(
    c: &Connection,
    (len, last): (u32, bool),
    send_window: u32,
    (segments, most): (u32, u32),
    now: Time,
) -> Option<Held> {
    if now.since(c.snd.last_sent) > RECENT {
        return None;
    }
    let congestion_window = segments * c.mss;
    let limit = send_window.min(congestion_window);
    let part = c.snd.wnd.min(c.congestion.window() * c.mss) / WINDOW_DIVISOR;
    if limit >= most * c.mss || (!last && limit >= len) || limit >= part {
        return None;
    }
    let head = c.snd.in_flight.front()?;
    let half = c.rtt.smoothed().unwrap_or_default() / 2;
    if now.since(head.sent_at) < half {
        return None;
    }
    if congestion_window < send_window {
        if congestion_window <= len {
            return Some(Held::Congestion);
        }
    } else if send_window <= len {
        return Some(Held::Window);
    }
    let ends = c.snd.unsent.back().is_some_and(|tail| tail.fin || tail.eor);
    if ends { None } else { Some(Held::Small) }
}
