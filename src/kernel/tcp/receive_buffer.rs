//! The receive buffer and the window that follows from it (`tcp_input.c`: "Buffer size and advertised window tuning").
//! A buffer counts octets of memory, a window octets of data; their ratio is that of the segments that arrive.

use crate::base::{Seq, Time};
use crate::kernel::tcp::connection::{BUFFER_OVERHEAD, Connection, Receiver};
use crate::packet::Segment;
use serde::Serialize;

/// TCP_RMEM_TO_WIN_SCALE.
const RATIO_SHIFT: u32 = 8;
/// TCP_DEFAULT_SCALING_RATIO: half of the memory is for data, until segments have come.
pub(crate) const DEFAULT_RATIO: u8 = 128;
/// TCP_INIT_CWND.
const FIRST_BURST: u32 = 10;
/// CONFIG_MAX_SKB_FRAGS: so many pieces of pages make a buffer.
const MOST_PIECES: u32 = 17;
/// SKB_FRAG_PAGE_ORDER: what a program writes is copied into pages of so many octets, one after the other.
const PAGE: u32 = 32_768;
/// SOCK_MIN_RCVBUF / 2.
const LEAST_CLAMP: u32 = 1_152;
/// Smaller segments do not let the window grow.
const LEAST_GROWING: u32 = 128;

/// A buffer of the receive queue (`sk_buff`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The sequence number behind the segment that it began as.
    pub first: Seq,
    /// The sequence number behind its last octet.
    pub end: Seq,
    /// `truesize`: octets of memory.
    pub memory: u32,
    /// Of how many pieces of pages it consists.
    pub pieces: u32,
}

/// What the receive buffer is sized by: how much the program reads in a round trip (`rcvq_space`, `rcv_rtt_est`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Octets that were read in a round trip, at most (`rcvq_space.space`).
    pub space: u32,
    /// What the program had read when the present measurement began, and when that was.
    since: (Seq, Time),
    /// The round trip as the receiver knows it, in eighths of a microsecond; 0: not measured yet.
    pub rtt: u32,
    /// When RCV.NXT gets here, a window has been filled since then.
    window: Option<(Seq, Time)>,
    /// The timestamp that was echoed last.
    echoed: u32,
}

impl Pace {
    /// As a connection begins.
    pub(crate) fn new(copied: Seq, now: Time) -> Pace {
        Pace {
            space: 0,
            since: (copied, now),
            rtt: 0,
            window: None,
            echoed: 0,
        }
    }
}

impl Receiver {
    /// `tcp_win_from_space()`: octets of data that so much memory holds.
    pub fn data_in(&self, memory: u32) -> u32 {
        ((u64::from(memory) * u64::from(self.ratio)) >> RATIO_SHIFT) as u32
    }

    /// `tcp_space_from_win()`.
    fn memory_for(&self, data: u32) -> u32 {
        let memory = (u64::from(data) << RATIO_SHIFT) / u64::from(self.ratio.max(1));
        memory.min(u64::from(u32::MAX)) as u32
    }

    /// `tcp_full_space()`: octets of data that the whole receive buffer holds.
    pub fn full_space(&self) -> u32 {
        self.data_in(self.buffer)
    }

    /// `sk_rmem_alloc`: octets of memory in use, with `unread` octets in the receive queue. A buffer is free when all of
    /// it has been read.
    pub fn memory(&self, unread: u32) -> u32 {
        let end = self.held.back().map_or(self.nxt, |held| held.end);
        let read = end - unread;
        let kept = self.held.iter().rev().take_while(|h| h.end.after(read));
        let early = self.out_of_order.len() as u32 * BUFFER_OVERHEAD + self.out_of_order_len();
        kept.map(|held| held.memory).sum::<u32>() + early
    }

    /// `tcp_space()`: octets of data that still go in.
    pub(crate) fn free_space(&self, unread: u32) -> u32 {
        let used = self.memory(unread) + self.backlog;
        self.data_in(self.buffer.saturating_sub(used))
    }

    /// `tcp_init_buffer_space()`: room for one segment is kept back, if there is room for more than two.
    pub(crate) fn begin(&mut self, advmss: u32) {
        let full = self.full_space();
        self.clamp = self.clamp.min(full);
        if self.clamp > 2 * advmss && self.clamp + advmss > full {
            self.clamp = (2 * advmss).max(full.saturating_sub(advmss));
        }
        self.ssthresh = self.ssthresh.min(self.clamp);
        let most = FIRST_BURST * advmss;
        self.pace.space = self.ssthresh.min(self.wnd).min(most);
    }

    /// `tcp_set_window_clamp()`.
    pub(crate) fn set_clamp(&mut self, clamp: u32) {
        let (old, new) = (self.clamp, clamp.max(LEAST_CLAMP));
        self.clamp = new;
        if new < old {
            self.ssthresh = self.ssthresh.min(new);
        } else if new > old {
            self.ssthresh = self.ssthresh.max(self.wnd.min(new));
        }
    }

    /// `tcp_measure_rcv_mss()`: segments of another size have another share of data in their memory.
    pub(crate) fn measure_ratio(&mut self, len: u32) {
        let ratio = (len << RATIO_SHIFT) / (len + BUFFER_OVERHEAD);
        let ratio = ratio.clamp(1, u8::MAX.into()) as u8;
        if ratio != self.ratio {
            self.ratio = ratio;
            self.set_clamp(self.full_space());
            self.pace.space = self.pace.space.min(self.clamp);
        }
    }

    /// `tcp_queue_rcv()`: so many octets come to the queue, up to RCV.NXT. A buffer takes those of the next as long as
    /// nobody else holds it.
    pub(crate) fn hold(&mut self, len: u32) {
        let end = self.nxt;
        let (first, last) = ((end - len) - self.irs - 1, end - self.irs - 2);
        let pieces = last / PAGE - first / PAGE + 1;
        let shared = self.shared_from;
        if let Some(tail) = self.held.back_mut()
            && tail.pieces + pieces <= MOST_PIECES
            && shared.is_none_or(|from| !tail.first.after(from))
        {
            tail.end = end;
            tail.memory += len;
            tail.pieces += pieces;
            return;
        }
        let memory = len + BUFFER_OVERHEAD;
        self.held.push_back(Held {
            first: end,
            end,
            memory,
            pieces,
        });
    }

    /// Frees the buffers that have been read, but for `unread` octets.
    pub(crate) fn release(&mut self, unread: u32) {
        let Some(end) = self.held.back().map(|held| held.end) else {
            return;
        };
        while self
            .held
            .front()
            .is_some_and(|h| !h.end.after(end - unread))
        {
            self.held.pop_front();
        }
    }
}

/// `tcp_try_rmem_schedule()`: whether there is memory for another segment. A buffer that the program has not set grows to
/// what is in it (`tcp_clamp_window()`).
pub(crate) fn takes(c: &mut Connection, unread: u32) -> bool {
    let used = c.rcv.memory(unread);
    if used <= c.rcv.buffer {
        return true;
    }
    c.rcv.ack.quick = 0;
    if !c.settings.buffer_locked {
        c.rcv.buffer = c.rcv.buffer.max(used.min(c.settings.buffer_most));
    }
    used <= c.rcv.buffer
}

/// `tcp_grow_window()`: the window grows with what arrives, as far as there is room. `adjust`: what a buffer takes by
/// itself does not count, since segments in order are joined.
pub(crate) fn grow_window(c: &mut Connection, len: u32, advmss: u32, unread: u32, adjust: bool) {
    let room = c.rcv.clamp.min(c.rcv.free_space(unread));
    let room = room.saturating_sub(c.rcv.ssthresh);
    if len < LEAST_GROWING || room == 0 {
        return;
    }
    let memory = if adjust { len } else { len + BUFFER_OVERHEAD };
    let mut step = 2 * advmss;
    if c.rcv.data_in(memory) > len {
        // __tcp_grow_window(): the smaller the window, the more may be lost.
        let mut memory = c.rcv.data_in(memory) / 2;
        let mut window = c.rcv.data_in(c.settings.buffer_most) / 2;
        while memory > len && c.rcv.ssthresh <= window {
            memory /= 2;
            window /= 2;
        }
        if c.rcv.ssthresh > window {
            return;
        }
        step = 2 * c.rcv.ack.rcv_mss;
    }
    c.rcv.ssthresh += room.min(step.max(2 * len));
    c.rcv.ack.quick |= 1;
}

/// `tcp_rcv_rtt_measure_ts()`: the round trip by echoed timestamps.
pub(crate) fn measure_rtt(c: &mut Connection, segment: &Segment, unread: u32, now: Time) {
    let whole = segment.payload.len() as u32 >= c.rcv.ack.rcv_mss;
    if let (Some(_), Some((_, echoed))) = (c.timestamps, segment.options.timestamps)
        && echoed != c.rcv.pace.echoed
    {
        c.rcv.pace.echoed = echoed;
        let ours = c.timestamp_option(now).map_or(echoed, |(ours, _)| ours);
        let millis = ours.wrapping_sub(echoed);
        if whole && (1..1 << 20).contains(&millis) {
            update_rtt(&mut c.rcv.pace, millis * 1_000, unread == 0);
        }
    }
}

/// `tcp_rcv_rtt_update()`: only a smaller sample counts, unless it is exact.
fn update_rtt(pace: &mut Pace, micros: u32, exact: bool) {
    let (old, new) = (pace.rtt, micros.saturating_mul(8));
    if old == 0 || new < old {
        pace.rtt = new;
    } else if exact {
        pace.rtt = old - (old >> 3) + micros;
    }
}

/// `tcp_rcv_rtt_measure()`: how long it takes to fill a window.
pub(crate) fn measure_window(c: &mut Connection, now: Time) {
    let (nxt, wnd) = (c.rcv.nxt, c.rcv.wnd);
    let pace = &mut c.rcv.pace;
    match pace.window {
        Some((end, _)) if nxt.before(end) => return,
        Some((_, then)) => {
            let micros = now.since(then).as_micros().clamp(1, 1 << 28);
            update_rtt(pace, micros as u32, false);
        }
        None => {}
    }
    pace.window = Some((nxt + wnd, now));
}

/// `tcp_rcv_space_adjust()`: who reads more in a round trip than ever before gets a larger buffer (dynamic right-sizing).
pub(crate) fn adjust_space(c: &mut Connection, unread: u32) {
    let now = c
        .rcv
        .ack
        .last_received
        .max(c.snd.last_sent)
        .max(c.snd.last_ack);
    let end = c.rcv.held.back().map_or(c.rcv.nxt, |held| held.end);
    let (copied, rcv) = (end - unread, &mut c.rcv);
    let (seq, then) = rcv.pace.since;
    let elapsed = now.since(then).as_micros();
    if rcv.pace.rtt == 0 || elapsed < u128::from(rcv.pace.rtt >> 3) {
        return;
    }
    let (read, old) = ((copied - seq).saturating_sub(unread), rcv.pace.space);
    if read > old {
        rcv.pace.space = read;
        if c.settings.moderate && !c.settings.buffer_locked {
            // tcp_rcvbuf_grow(): "DRS is always one RTT late", and the sender may double its rate.
            let (late, more) = (u64::from(read) * 2, u64::from(read - old));
            let window = late + late * more / u64::from(old.max(1)) * 2;
            let beyond = rcv.out_of_order.iter().next_back();
            let beyond = beyond.map_or(0, |(at, early)| {
                Seq(*at) + early.data.len() as u32 - rcv.nxt
            });
            let window = (window + u64::from(beyond)).min(u32::MAX.into()) as u32;
            let buffer = rcv.memory_for(window).min(c.settings.buffer_most);
            if buffer > rcv.buffer {
                rcv.buffer = buffer;
                rcv.clamp = rcv.full_space();
            }
        }
    }
    rcv.pace.since = (copied, now);
}
