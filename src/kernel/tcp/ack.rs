//! Acknowledgements that arrive (`tcp_ack()`).

use crate::base::time::micros;
use crate::base::{Seq, SockId, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::tcp::chrono::{self, Limit};
use crate::kernel::tcp::connection::{Chunk, Connection, timestamp};
use crate::kernel::tcp::open;
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::recovery;
use crate::kernel::tcp::sack;
use crate::packet::Segment;
use std::time::Duration;

/// Takes the acknowledgement and the window of a segment. Returns false if it acknowledges what was
/// never sent.
pub(crate) fn ack(
    c: &mut Connection,
    ends: &Ends,
    unread: u32,
    cx: &mut Cx,
    segment: &Segment,
) -> bool {
    if segment.ack.after(c.snd.nxt) {
        return false;
    }
    if segment.ack.before(c.snd.una) {
        // An old acknowledgement: nothing new in it.
        return true;
    }
    // tcp_replace_ts_recent(): only once it is sure that the segment is no old one.
    if let (Some(ours), Some((tsval, _))) = (&mut c.timestamps, segment.options.timestamps)
        && !segment.seq.after(c.rcv.wup)
    {
        ours.recent = tsval;
    }
    c.snd.probes = 0;
    c.snd.probing_since = None;
    c.snd.last_ack = cx.now;
    let outstanding = !c.snd.in_flight.is_empty();
    let mut answer = recovery::Answer {
        acked: 0,
        fresh: 0,
        marked: 0,
        advanced: segment.ack.after(c.snd.una),
        data: !segment.is_empty(),
        window: update_window(c, ends, segment, cx.now),
        limited: output::is_cwnd_limited(c),
    };
    let (marked, rtt) = sack::mark(c, segment, cx.now);
    answer.marked = marked;
    c.counts.delivered += marked;
    if answer.advanced {
        (answer.acked, answer.fresh) = clean_queue(c, ends, cx, segment);
        sack::count(c);
    }
    if let Some(rtt) = rtt.filter(|_| answer.fresh == 0) {
        c.rtt.measure(rtt);
        emit_rtt(cx, ends.sock, rtt, c);
    }
    let mut wait = None;
    if outstanding {
        wait = recovery::answered(c, &answer, cx.now);
    }
    if let Some(wait) = wait {
        let deadline = sack::deadline(cx.now, wait);
        c.set_retransmit(cx, ends.sock, Some(deadline));
    } else if answer.advanced {
        output::restart_timer(c, ends.sock, cx);
    }
    ack_probe(c, ends, cx);
    output::push_pending(c, ends, unread, cx, output::Nagle::Apply);
    true
}

/// `tcp_ack_probe()`: the answer to a probe says that the window has opened, or that it has not.
fn ack_probe(c: &mut Connection, ends: &Ends, cx: &mut Cx) {
    let (Some(head), true) = (c.snd.unsent.front(), c.snd.in_flight.is_empty()) else {
        return;
    };
    if !(head.seq + head.len().min(c.mss)).after(c.snd.window_end()) {
        c.snd.timeouts = 0;
        c.set_retransmit(cx, ends.sock, None);
    }
}

/// `tcp_ack_update_window()`: the window of a segment that is not older than the last that set it.
fn update_window(c: &mut Connection, ends: &Ends, segment: &Segment, now: Time) -> bool {
    let window = u32::from(segment.window) << c.snd.wscale;
    let newer = segment.ack.after(c.snd.una)
        || segment.seq.after(c.snd.wl1)
        || (segment.seq == c.snd.wl1 && (window > c.snd.wnd || window == 0));
    if !newer {
        return false;
    }
    c.snd.wl1 = segment.seq;
    if c.snd.wnd != window && !c.snd.unsent.is_empty() {
        output::restart_after_idle(c, ends, now);
    }
    c.snd.wnd = window;
    if window > c.snd.max_window {
        c.snd.max_window = window;
        open::sync_mss(c, ends);
    }
    true
}

/// `tcp_clean_rtx_queue()`: drops what is acknowledged and measures the round trip. Returns how many segments were
/// acknowledged, and how many of them no SACK block had told of.
fn clean_queue(c: &mut Connection, ends: &Ends, cx: &mut Cx, segment: &Segment) -> (u32, u32) {
    let acked = segment.ack - c.snd.una;
    let (mut chunks, mut fresh, mut fin, mut measured, mut again) = (0, 0, false, None, false);
    let least = c.rtt.least();
    while let Some(head) = c.snd.in_flight.front_mut() {
        if head.end().after(segment.ack) {
            trim(head, segment.ack);
            break;
        }
        // Karn: only segments that were sent once tell the round trip; one that had to wait for
        // another copy of an earlier one tells too much.
        if !head.sacked {
            measured = Some(cx.now.since(head.sent_at));
            again |= head.retransmitted > 0;
            fresh += 1;
            c.snd.rack.advance(head, cx.now, least);
        }
        chunks += 1;
        fin |= head.fin;
        let starts = head.starts;
        c.snd.in_flight.pop_front();
        // The rest of a buffer keeps what the buffer takes by itself.
        if let Some(next) = c.snd.in_flight.front_mut() {
            next.starts |= starts;
        }
    }
    if again {
        measured = by_timestamp(c, cx, segment);
    }
    if !c.snd.up.after(segment.ack) {
        c.snd.up = segment.ack;
    }
    c.snd.una = segment.ack;
    c.snd.timeouts = 0;
    c.snd.retransmitting_since = None;
    chrono::stop(&mut c.snd, Limit::Busy, cx.now);
    if let Some(rtt) = measured {
        c.rtt.measure(rtt);
        emit_rtt(cx, ends.sock, rtt, c);
    }
    c.counts.delivered += fresh;
    let len = acked - u32::from(fin);
    if len > 0 {
        cx.emit(EventKind::DataAcked {
            sock: ends.sock,
            len,
            queued: c.snd.queued(),
        });
    }
    (chunks, fresh)
}

/// Cuts the acknowledged octets off a segment that is acknowledged in part.
fn trim(head: &mut Chunk, ack: Seq) {
    if ack.after(head.seq) {
        let cut = ((ack - head.seq) as usize).min(head.data.len());
        head.data = head.data[cut..].into();
        head.seq = ack;
    }
}

/// A timestamp echoed tells which of several copies was answered (RFC 7323 §4).
fn by_timestamp(c: &Connection, cx: &Cx, segment: &Segment) -> Option<Duration> {
    let (ours, (_, echoed)) = (c.timestamps?, segment.options.timestamps?);
    let millis = timestamp(cx.now, ours.offset).wrapping_sub(echoed);
    (millis < 1 << 20).then(|| Duration::from_millis(u64::from(millis)))
}

/// Says what was measured.
pub(crate) fn emit_rtt(cx: &mut Cx, sock: SockId, rtt: Duration, c: &Connection) {
    cx.emit(EventKind::RttMeasured {
        sock,
        rtt: micros(rtt),
        rto: micros(c.rtt.rto(0)),
    });
}
