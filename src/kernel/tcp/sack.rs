//! Selective acknowledgements that arrive (RFC 2018), and what their times say about losses: RACK (RFC 8985) as
//! `tcp_sacktag_write_queue()` and `tcp_rack_detect_loss()` do it.
//!
//! The reordering window does not adapt (`tcp_rack_update_reo_wnd()`), and D-SACK undoes nothing.

use crate::base::{Seq, Time};
use crate::kernel::event::TimerKind;
use crate::kernel::tcp::connection::{Chunk, Connection, Deadline};
use crate::kernel::tcp::recovery::Phase;
use crate::packet::Segment;
use serde::Serialize;
use std::time::Duration;

/// TCP_TIMEOUT_MIN_US.
const MARGIN: Duration = Duration::from_millis(2);

/// The latest sent of all segments that are known to have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rack {
    /// Blocks have come: segments are marked one by one, in place of counting duplicates.
    pub(crate) blocks: bool,
    /// When it was sent (`rack.mstamp`), and where it ends.
    sent_at: Time,
    end: Seq,
    /// How long it took.
    rtt: Duration,
}

impl Rack {
    pub(crate) fn new(una: Seq) -> Rack {
        Rack {
            blocks: false,
            sent_at: Time::ZERO,
            end: una,
            rtt: Duration::ZERO,
        }
    }

    /// `tcp_rack_advance()`. A retransmission that was answered sooner than ever was not what was answered.
    pub(crate) fn advance(&mut self, chunk: &Chunk, now: Time, least: Duration) {
        let rtt = now.since(chunk.sent_at);
        if chunk.retransmitted > 0 && rtt < least {
            return;
        }
        self.rtt = rtt;
        if self.sent_before(chunk) {
            (self.sent_at, self.end) = (chunk.sent_at, chunk.end());
        }
    }

    /// `tcp_skb_sent_after()`: whether the segment was sent after the latest that arrived.
    fn sent_before(&self, chunk: &Chunk) -> bool {
        chunk.sent_at > self.sent_at
            || (chunk.sent_at == self.sent_at && chunk.end().after(self.end))
    }
}

/// Marks what the blocks say has arrived. Returns how many segments that are new, and the round trip of the first.
pub(crate) fn mark(c: &mut Connection, segment: &Segment, now: Time) -> (u32, Option<Duration>) {
    let (mut marked, mut rtt) = (0, None);
    if !c.counts.sack {
        return (0, None);
    }
    let least = c.rtt.least();
    for (from, to) in segment.options.sack.iter().flatten() {
        // tcp_is_sackblock_valid(), tcp_check_dsack(): a block below SEG.ACK tells of a duplicate.
        if !to.after(*from) || to.after(c.snd.nxt) || from.before(segment.ack) {
            continue;
        }
        c.snd.rack.blocks = true;
        for chunk in &mut c.snd.in_flight {
            if chunk.sacked || chunk.seq.before(*from) || chunk.end().after(*to) {
                continue;
            }
            (chunk.sacked, chunk.lost) = (true, false);
            c.snd.rack.advance(chunk, now, least);
            if chunk.retransmitted == 0 {
                rtt.get_or_insert(now.since(chunk.sent_at));
            }
            marked += 1;
        }
    }
    count(c);
    (marked, rtt)
}

/// `sacked_out`
pub(crate) fn count(c: &mut Connection) {
    if c.snd.rack.blocks {
        let sacked = c.snd.in_flight.iter().filter(|chunk| chunk.sacked);
        c.snd.recovery.sacked = sacked.count() as u32;
    }
}

/// `tcp_rack_detect_loss()`: what was sent before something that has arrived is lost when it is later than that by
/// the reordering window. Says how long to wait for those that are not.
pub(crate) fn detect_loss(c: &mut Connection, now: Time) -> Option<Duration> {
    let r = &c.snd.recovery;
    let certain = r.phase >= Phase::Recovery || r.sacked >= r.reordering;
    // tcp_rack_reo_wnd()
    let smoothed = c.rtt.smoothed().unwrap_or_default();
    let window = if certain {
        Duration::ZERO
    } else {
        (c.rtt.least() / 4).min(smoothed)
    };
    let (rack, mut wait) = (c.snd.rack, None);
    for chunk in &mut c.snd.in_flight {
        if chunk.sacked || chunk.lost || rack.sent_before(chunk) || chunk.end() == rack.end {
            continue;
        }
        let due = chunk.sent_at + rack.rtt + window;
        if due > now {
            wait = wait.max(Some(due.since(now)));
        } else {
            chunk.lost = true;
        }
    }
    wait
}

/// When those are looked at again (ICSK_TIME_REO_TIMEOUT).
pub(crate) fn deadline(now: Time, wait: Duration) -> Deadline {
    Deadline {
        kind: TimerKind::Reordering,
        at: now + wait + MARGIN,
    }
}
