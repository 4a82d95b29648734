//! Sending: from the write queue to segments (`tcp_output.c`).

use crate::abi::Inet;
use crate::base::{Seq, SockId, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::route::Path;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::tcp::burst::{self, Held};
use crate::kernel::tcp::chrono::{self, Limit};
use crate::kernel::tcp::congestion::CongestionControl;
use crate::kernel::tcp::connection::{Chunk, Connection, Deadline};
use crate::kernel::tcp::recovery::{self, Phase};
use crate::kernel::tcp::urgent;
use crate::kernel::tcp::write_queue::{
    append, collapse, fill_head, mark_push, split_head, tail_room,
};
use crate::packet::{Flags, Segment, TcpOptions};
use std::net::SocketAddr;
use std::rc::Rc;

/// The two ends of a connection, as its own side sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) sock: SockId,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) path: Path,
}

impl Ends {
    /// Of a socket that has a peer.
    pub(crate) fn of(sock: SockId, socket: &Socket) -> Ends {
        let remote = socket
            .remote
            .expect("a socket past CLOSED and LISTEN has a peer");
        Ends {
            sock,
            local: socket.local,
            remote,
            path: socket
                .path
                .unwrap_or_else(|| Path::loopback(remote.address())),
        }
    }

    /// A segment from here to there, without data or options.
    pub(crate) fn segment(&self, flags: Flags, seq: Seq, ack: Seq, window: u16) -> Segment {
        Segment {
            src_port: self.local.port_number(),
            dst_port: self.remote.port_number(),
            seq,
            ack,
            flags,
            window,
            urgent: 0,
            options: TcpOptions::default(),
            payload: Rc::from([]),
        }
    }

    /// Hands it to IP.
    pub(crate) fn transmit(&self, cx: &mut Cx, segment: Segment, because: Rule) {
        cx.transmit(
            Some(self.sock),
            (self.local.address(), self.remote.address()),
            segment,
            because,
        );
    }
}

/// Whether Nagle's algorithm may hold a small segment back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nagle {
    /// As the socket is set.
    Apply,
    /// More will follow (MSG_MORE): a small segment waits for it.
    Cork,
    /// The buffer is full or the stream ends: what there is goes out (TCP_NAGLE_PUSH).
    Push,
}

/// After so many new buffers in one call, what has arrived meanwhile is looked at (`sk_flush_backlog()`).
const FLUSH_AFTER: u32 = 16;

/// `tcp_sendmsg_locked()`: appends what fits into the write queue and sends what may go; `sent`: of the same call, octets
/// are in the queue already. Returns how many octets were taken, and whether the call only makes a pause for
/// acknowledgements; otherwise fewer than all means that the send buffer is full.
pub(crate) fn write(
    c: &mut Connection,
    ends: &Ends,
    unread: u32,
    cx: &mut Cx,
    (data, sent): (&[u8], bool),
    (more, eor, oob): (bool, bool, bool),
) -> (u32, bool) {
    let goal = burst::size_goal(c);
    let (mut taken, mut buffers) = (0, 0);
    while (taken as usize) < data.len() {
        let tail = tail_room(c, goal);
        if tail == 0 && !c.snd.has_room() {
            break;
        }
        let room = if tail == 0 { goal } else { tail };
        let rest = &data[taken as usize..];
        let rest = &rest[..rest.len().min(room as usize)];
        if tail == 0 {
            if buffers == FLUSH_AFTER {
                return (taken, true);
            }
            buffers += 1;
            restart_after_idle(c, ends, cx.now);
        }
        append(c, rest, tail == 0);
        c.snd.chrono.start(Limit::Busy, cx.now);
        let len = rest.len() as u32;
        taken += len;
        cx.emit(EventKind::DataQueued {
            sock: ends.sock,
            len,
            queued: c.snd.queued(),
        });
        if len < room || taken as usize == data.len() {
            break;
        }
        if oob {
            continue;
        }
        // forced_push(): more than half the peer's largest window has gone without PSH.
        if c.snd.write_seq - c.snd.pushed_seq > c.snd.max_window / 2 {
            mark_push(c);
            push_pending(c, ends, unread, cx, Nagle::Push);
        } else if c.snd.unsent.iter().filter(|chunk| chunk.starts).count() == 1 {
            push_one(c, ends, unread, cx);
        }
    }
    if taken > 0 || sent {
        let nagle = match (taken as usize == data.len(), more) {
            (true, true) => Nagle::Cork,
            (true, false) => Nagle::Apply,
            (false, _) => Nagle::Push,
        };
        c.snd.no_space |= (taken as usize) < data.len();
        if let (true, true, Some(tail)) = (eor, nagle != Nagle::Push, c.snd.unsent.back_mut()) {
            tail.eor = true;
        }
        if nagle != Nagle::Cork || c.snd.write_seq - c.snd.pushed_seq > c.snd.max_window / 2 {
            mark_push(c);
        }
        // tcp_mark_urg()
        if oob {
            c.snd.up = c.snd.write_seq;
        }
        push_pending(c, ends, unread, cx, nagle);
    }
    (taken, false)
}

/// `tcp_slow_start_after_idle_check()` (RFC 5681 §4.1): a window that was not used for a timeout says nothing any more.
pub(crate) fn restart_after_idle(c: &mut Connection, ends: &Ends, now: Time) {
    let idle = now.since(c.snd.last_sent);
    // Nothing is under way: what backed off is the probe of a window, not this.
    let rto = c.rtt.rto(0);
    if c.settings.slow_start_after_idle && c.snd.in_flight.is_empty() && idle > rto {
        let timeouts = (idle.as_nanos() as u64 - 1) / (rto.as_nanos() as u64).max(1);
        let timeouts = u32::try_from(timeouts).unwrap_or(u32::MAX);
        c.congestion.on_idle(timeouts, ends.path.initial_window);
    }
}

/// `tcp_send_fin()`: the FIN rides on the last chunk that was not sent, or goes alone.
pub(crate) fn send_fin(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    match c.snd.unsent.back_mut() {
        Some(tail) => tail.fin = true,
        None => {
            let mut fin = Chunk::new(c.snd.write_seq, Rc::from([]), true);
            fin.fin = true;
            c.snd.unsent.push_back(fin);
        }
    }
    c.snd.write_seq += 1;
    c.snd.fin_queued = true;
    c.snd.chrono.start(Limit::Busy, cx.now);
    push_pending(c, ends, unread, cx, Nagle::Push);
}

/// `tcp_write_xmit()`: sends as long as the congestion window, the peer's window and Nagle allow.
pub(crate) fn push_pending(
    c: &mut Connection,
    ends: &Ends,
    unread: u32,
    cx: &mut Cx,
    nagle: Nagle,
) {
    retransmit_lost(c, ends, unread, cx);
    let mut sent = false;
    let held = loop {
        match burst::next(c, nagle, false, cx.now) {
            Ok(len) => send_burst(c, ends, unread, cx, len, Rule::WindowOpen),
            Err(held) => break held,
        }
        sent = true;
    };
    xmit_done(c, ends.sock, cx, sent, held);
}

/// `tcp_push_one()`: the only buffer is full; as much of it goes out as makes one burst.
fn push_one(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    retransmit_lost(c, ends, unread, cx);
    match burst::next(c, Nagle::Push, true, cx.now) {
        Ok(len) => {
            send_burst(c, ends, unread, cx, len, Rule::WindowOpen);
            xmit_done(c, ends.sock, cx, true, Held::Empty);
        }
        Err(held) => xmit_done(c, ends.sock, cx, false, held),
    }
}

/// The end of `tcp_write_xmit()`.
fn xmit_done(c: &mut Connection, sock: SockId, cx: &mut Cx, sent: bool, held: Held) {
    let limited = held == Held::Congestion || c.snd.pipe() >= c.congestion.window();
    if sent || (limited && held != Held::Empty) {
        validate_cwnd(c, limited);
        // tcp_cwnd_validate(): neither window holds anything back, but the program could not write more.
        if !is_cwnd_limited(c) && c.snd.no_space && c.snd.unsent.is_empty() && !c.snd.fin_queued {
            c.snd.chrono.start(Limit::SendBuffer, cx.now);
        }
    }
    match held {
        Held::Window => c.snd.chrono.start(Limit::ReceiveWindow, cx.now),
        Held::Empty | Held::Congestion | Held::Small => {
            chrono::stop(&mut c.snd, Limit::ReceiveWindow, cx.now);
        }
    }
    if sent {
        data_sent(c, cx.now);
    }
    // One loss probe for each tail.
    let probing = c.retransmit.is_some_and(|d| d.kind == TimerKind::LossProbe);
    let to = match recovery::probe_deadline(c, cx.now, false) {
        _ if !sent => None,
        None if probing => recovery::timeout_of_head(c, cx.now),
        to => to,
    };
    match to {
        Some(to) => c.set_retransmit(cx, sock, Some(to)),
        None => rearm(c, sock, cx),
    }
}

/// `tcp_cwnd_validate()`: notes how much of the congestion window was used in this round trip.
fn validate_cwnd(c: &mut Connection, limited: bool) {
    let out = c.snd.in_flight.len() as u32;
    let more = !c.snd.cwnd_limited && out > c.snd.max_in_flight;
    if !c.snd.una.before(c.snd.usage_end) || limited || more {
        c.snd.cwnd_limited = limited;
        c.snd.max_in_flight = out;
        c.snd.usage_end = c.snd.nxt;
    }
}

/// `tcp_is_cwnd_limited()`: whether the congestion window was used enough to grow.
pub(crate) fn is_cwnd_limited(c: &Connection) -> bool {
    let half_used = c.congestion.window() < 2 * c.snd.max_in_flight;
    c.snd.cwnd_limited || (c.congestion.in_slow_start() && half_used)
}

/// `tcp_xmit_retransmit_queue()`: what a timeout took for lost goes out again, oldest first, as the
/// congestion window allows.
fn retransmit_lost(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    while c.snd.pipe() < c.congestion.window() {
        let mut chunks = c.snd.in_flight.iter_mut().enumerate();
        let Some((nth, chunk)) = chunks.find(|(_, chunk)| chunk.lost) else {
            return;
        };
        chunk.lost = false;
        chunk.retransmitted += 1;
        chunk.sent_at = cx.now;
        collapse(c, nth);
        let chunk = c.snd.in_flight[nth].clone();
        c.snd.recovery.count_sent(1);
        c.snd.retransmitting_since.get_or_insert(cx.now);
        let because = match c.snd.recovery.phase {
            Phase::Recovery => Rule::FastRetransmit,
            Phase::Open | Phase::Disorder | Phase::Cwr | Phase::Loss => Rule::RetransmissionTimeout,
        };
        send_chunk(c, ends, unread, cx, &chunk, because);
        if nth == 0 {
            let at = cx.now + c.rtt.rto(c.snd.timeouts);
            let kind = TimerKind::Retransmit;
            c.set_retransmit(cx, ends.sock, Some(Deadline { kind, at }));
        }
    }
}

/// Sends so many octets of the unsent chunks, and a FIN behind them, together (`tcp_event_new_data_sent()`).
fn send_burst(
    c: &mut Connection,
    ends: &Ends,
    unread: u32,
    cx: &mut Cx,
    octets: u32,
    because: Rule,
) {
    let (mss, mut left, mut starts) = (c.mss, octets, true);
    loop {
        fill_head(c, left.min(mss));
        split_head(c, left);
        let Some(mut chunk) = c.snd.unsent.pop_front() else {
            return;
        };
        let len = chunk.data.len() as u32;
        left -= len.min(left);
        chunk.sent_at = cx.now;
        chunk.starts = starts;
        starts = false;
        if left == 0 && (octets == 0 || !octets.is_multiple_of(mss)) {
            c.snd.small_end = chunk.end();
        }
        c.snd.nxt = chunk.end();
        c.snd.recovery.count_sent(1);
        // tcp_grow_skb(): the burst is one buffer, and what cuts it leaves PSH to its last segment.
        chunk.push &= left == 0;
        let push = chunk.push;
        // __tcp_transmit_skb(): a burst of several segments ends with PSH, which is not kept for retransmissions.
        chunk.push |= left == 0 && octets > mss;
        send_chunk(c, ends, unread, cx, &chunk, because);
        chunk.push = push;
        c.snd.in_flight.push_back(chunk);
        if left == 0 {
            break;
        }
    }
    if let Some(next) = c.snd.unsent.front_mut() {
        next.starts = true;
    }
}

/// `tcp_event_data_sent()`: an answer within the delay of an acknowledgement makes the connection a
/// ping-pong, in which acknowledgements ride on data.
fn data_sent(c: &mut Connection, now: Time) {
    c.snd.last_sent = now;
    let ack = &mut c.rcv.ack;
    if now.since(ack.last_received) < ack.ato {
        ack.pingpong = true;
    }
}

/// Sends one chunk, for the first time or again. Every segment carries an acknowledgement, so none
/// is owed afterwards.
pub(crate) fn send_chunk(
    c: &mut Connection,
    ends: &Ends,
    unread: u32,
    cx: &mut Cx,
    chunk: &Chunk,
    because: Rule,
) {
    let mut flags = Flags::ACK;
    if chunk.push && !chunk.data.is_empty() {
        flags = flags | Flags::PSH;
    }
    if chunk.fin {
        flags = flags | Flags::FIN;
    }
    let window = advertise_window(c, unread);
    let mut segment = ends.segment(flags, chunk.seq, c.rcv.nxt, window);
    segment.options.timestamps = c.timestamp_option(cx.now);
    segment.payload = chunk.data.clone();
    urgent::point(c, &mut segment);
    count_sent(c, chunk);
    ack_sent(c, ends.sock, cx);
    ends.transmit(cx, segment, because);
}

/// What TCP_INFO tells of segments with data or FIN.
fn count_sent(c: &mut Connection, chunk: &Chunk) {
    let len = chunk.data.len() as u64;
    let counts = &mut c.counts;
    counts.segs_out += 1;
    counts.data_segs_out += u32::from(len > 0);
    counts.bytes_sent += len;
    if chunk.retransmitted > 0 {
        counts.bytes_retrans += len;
        counts.total_retrans += 1;
    }
}

/// `tcp_send_ack()`: an acknowledgement without data.
pub(crate) fn send_ack(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx, because: Rule) {
    let window = advertise_window(c, unread);
    let mut segment = ends.segment(Flags::ACK, c.snd.nxt, c.rcv.nxt, window);
    segment.options.timestamps = c.timestamp_option(cx.now);
    urgent::point(c, &mut segment);
    c.counts.segs_out += 1;
    ack_sent(c, ends.sock, cx);
    ends.transmit(cx, segment, because);
}

/// `tcp_write_wakeup()`: as much as the window takes, if that is less than a segment; otherwise an
/// octet's worth of old sequence space, which must be acknowledged.
pub(crate) fn send_probe(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    let window_end = c.snd.window_end();
    if let Some(head) = c.snd.unsent.front()
        && head.seq.before(window_end)
    {
        let fits = (window_end - head.seq)
            .min(head.data.len() as u32)
            .min(c.mss);
        split_head(c, fits);
        if let Some(head) = c.snd.unsent.front_mut() {
            head.push |= !head.data.is_empty();
        }
        // Only tcp_write_xmit() notes small segments for Nagle's algorithm.
        let small_end = c.snd.small_end;
        send_burst(c, ends, unread, cx, fits, Rule::ZeroWindow);
        c.snd.small_end = small_end;
        return;
    }
    send_probe_segment(c, ends, unread, cx, Rule::ZeroWindow);
}

/// `tcp_xmit_probe_skb()`: old sequence space, which must be acknowledged.
pub(crate) fn send_probe_segment(
    c: &mut Connection,
    ends: &Ends,
    unread: u32,
    cx: &mut Cx,
    because: Rule,
) {
    let window = advertise_window(c, unread);
    let mut segment = ends.segment(Flags::ACK, c.snd.una - 1, c.rcv.nxt, window);
    segment.options.timestamps = c.timestamp_option(cx.now);
    urgent::point(c, &mut segment);
    c.counts.segs_out += 1;
    ends.transmit(cx, segment, because);
}

/// `tcp_send_active_reset()`: tells the peer that the connection is gone.
pub(crate) fn send_reset(c: &Connection, ends: &Ends, cx: &mut Cx, because: Rule) {
    let mut segment = ends.segment(Flags::RST | Flags::ACK, c.snd.nxt, c.rcv.nxt, 0);
    segment.options.timestamps = c.timestamp_option(cx.now);
    ends.transmit(cx, segment, because);
}

/// `tcp_event_ack_sent()`.
fn ack_sent(c: &mut Connection, sock: SockId, cx: &mut Cx) {
    let ack = &mut c.rcv.ack;
    ack.quick = ack.quick.saturating_sub(1);
    ack.scheduled = false;
    ack.no_memory = false;
    ack.pushed = 0;
    c.set_delayed_ack(cx, sock, None);
}

/// `tcp_select_window()`: what the window field says. A window once offered is never taken back.
fn advertise_window(c: &mut Connection, unread: u32) -> u16 {
    if c.rcv.ack.no_memory {
        c.rcv.wnd = 0;
        c.rcv.wup = c.rcv.nxt;
        return 0;
    }
    let mut wanted = window_to_offer(c, unread);
    if c.rcv.wscale == 0 {
        // Without a shift, whole segments of the peer's, and only if that is news.
        let (last, segment) = (c.rcv.wnd, c.rcv.ack.rcv_mss.max(1));
        if last + segment <= wanted || last > wanted {
            wanted -= wanted % segment;
        } else {
            wanted = last;
        }
    }
    let wanted = wanted.max(c.rcv.window());
    let unit = 1 << c.rcv.wscale;
    let rounded = wanted.div_ceil(unit) * unit;
    // What the field cannot say counts as offered all the same.
    c.rcv.wnd = rounded;
    c.rcv.wup = c.rcv.nxt;
    (rounded >> c.rcv.wscale).min(u16::MAX.into()) as u16
}

/// `__tcp_select_window()`: the free space, or nothing while that is less than a segment
/// (RFC 9293 §3.8.6.2.2).
pub(crate) fn window_to_offer(c: &mut Connection, unread: u32) -> u32 {
    let (mut free, allowed, unit) = (
        c.rcv.free_space(unread),
        c.rcv.full_space(),
        1 << c.rcv.wscale,
    );
    let full = c.rcv.clamp.min(allowed);
    let segment = c.rcv.ack.rcv_mss.min(full);
    if free < full / 2 {
        c.rcv.ack.quick = 0;
        free -= free % unit;
        if free < allowed / 16 || free < segment {
            return 0;
        }
    }
    // What the field can say: rounded up, so that rounding does not take back what was offered.
    free.min(c.rcv.ssthresh).next_multiple_of(unit)
}

/// The new segment of a loss probe: one beyond the congestion window, if there is one and the peer's window takes it.
pub(crate) fn send_new_probe(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) -> bool {
    let Some(head) = c.snd.unsent.front() else {
        return false;
    };
    let len = (head.data.len() as u32).min(c.mss);
    let fin = head.fin && len == head.data.len() as u32;
    if (head.seq + len + u32::from(fin)).after(c.snd.window_end()) {
        return false;
    }
    send_burst(c, ends, unread, cx, len, Rule::TailLossProbe);
    true
}

/// `tcp_rearm_rto()` and `tcp_check_probe_timer()`: the retransmission timer runs while something is
/// under way, the probe timer while nothing is and something waits for the window.
pub(crate) fn rearm(c: &mut Connection, sock: SockId, cx: &mut Cx) {
    let timeout = c.rtt.rto(c.snd.timeouts);
    let running = c.retransmit.map(|d| match d.kind {
        TimerKind::LossProbe | TimerKind::Reordering => TimerKind::Retransmit,
        kind => kind,
    });
    let kind = if !c.snd.in_flight.is_empty() {
        Some(TimerKind::Retransmit)
    } else if !c.snd.unsent.is_empty() {
        Some(TimerKind::ZeroWindowProbe)
    } else {
        None
    };
    if kind != running {
        let at = cx.now + timeout;
        c.set_retransmit(cx, sock, kind.map(|kind| Deadline { kind, at }));
    }
}

/// Restarts the timer from now (RFC 6298 §5.3).
pub(crate) fn restart_timer(c: &mut Connection, sock: SockId, cx: &mut Cx) {
    if let Some(running) = c.retransmit {
        let at = cx.now + c.rtt.rto(c.snd.timeouts);
        if let Some(probe) = recovery::probe_deadline(c, cx.now, true) {
            c.set_retransmit(cx, sock, Some(probe));
            return;
        }
        let kind = if c.snd.in_flight.is_empty() {
            running.kind
        } else {
            TimerKind::Retransmit
        };
        let running = Deadline { kind, ..running };
        c.set_retransmit(cx, sock, Some(Deadline { at, ..running }));
    }
    rearm(c, sock, cx);
}
