//! Receiving: data into the receive queue, and when to acknowledge it (`tcp_input.c`).

use crate::base::{Fifo, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::tcp::connection::{Connection, Early};
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::receive_buffer;
use crate::kernel::tcp::rtt::Rtt;
use crate::packet::{Flags, Segment};
use std::rc::Rc;
use std::time::Duration;

/// TCP_ATO_MIN, TCP_DELACK_MIN: the delay of an acknowledgement starts here.
const DELAY_MIN: Duration = Duration::from_millis(40);
/// TCP_DELACK_MAX.
const DELAY_MAX: Duration = Duration::from_millis(200);
/// A jiffy, with CONFIG_HZ=250.
pub(crate) const TICK: Duration = Duration::from_millis(4);
/// TCP_MSS_DEFAULT and TCP_MIN_MSS: a segment of that size can be a full one.
const MSS_DEFAULT: u32 = 536;
const MSS_LEAST: u32 = 88;
/// TCP_MAX_QUICKACKS.
const MAX_QUICKACKS: u32 = 16;
/// So many pieces beyond gaps are kept; the rest is dropped and comes again.
const MAX_EARLY_PIECES: usize = 1_024;

/// `tcp_data_queue()`: takes the data and the FIN of an acceptable segment. Returns whether the
/// peer's FIN was reached.
pub(crate) fn data_queue(socket: &mut Socket, ends: &Ends, cx: &mut Cx, segment: &Segment) -> bool {
    let Socket {
        tcp, receive_queue, ..
    } = socket;
    let Some(c) = tcp.connection_mut() else {
        return false;
    };
    if segment.is_empty() {
        return false;
    }
    let unread = receive_queue.len() as u32;
    receive_buffer::measure_rtt(c, segment, unread, cx.now);
    let (sock, nxt) = (ends.sock, c.rcv.nxt);
    let packet_end = segment.end();
    // "Segments that are wholly old are answered at once: the peer did not get our ACK."
    if !packet_end.after(nxt) {
        c.rcv.ack.scheduled = true;
        enter_quickack(c);
        return false;
    }
    if !segment.seq.before(nxt + c.rcv.window()) {
        c.rcv.ack.scheduled = true;
        enter_quickack(c);
        return false;
    }
    let fin = segment.has(Flags::FIN);
    if !receive_buffer::takes(c, unread) && unread > 0 && !segment.payload.is_empty() {
        c.rcv.ack.scheduled = true;
        c.rcv.ack.no_memory = true;
        return false;
    }
    if segment.seq.after(nxt) {
        keep_early(
            c,
            ends,
            cx,
            segment.seq.0,
            Early {
                data: segment.payload.clone(),
                fin,
            },
        );
        if c.counts.sack {
            let len = segment.payload.len() as u32;
            let advmss = u32::from(ends.path.advmss);
            receive_buffer::grow_window(c, len, advmss, unread, false);
        }
        return false;
    }
    let skip = ((nxt - segment.seq) as usize).min(segment.payload.len());
    let mut fin_reached = take(c, receive_queue, sock, cx, &segment.payload[skip..], fin);
    if !segment.payload.is_empty() {
        event_data_recv(c, ends, cx.now, segment, receive_queue.len() as u32);
    }
    while !fin_reached {
        let Some((data, fin)) = next_early(c) else {
            break;
        };
        fin_reached = take(c, receive_queue, sock, cx, &data, fin);
        // Filling a gap is acknowledged at once (RFC 5681 §4.2).
        enter_quickack(c);
    }
    if fin_reached {
        c.rcv.out_of_order.clear();
    }
    fin_reached
}

/// Appends octets that are next in order.
fn take(
    c: &mut Connection,
    queue: &mut Fifo<u8>,
    sock: crate::base::SockId,
    cx: &mut Cx,
    data: &[u8],
    fin: bool,
) -> bool {
    let len = data.len() as u32;
    if len > 0 {
        queue.extend_from_slice(data);
        c.rcv.nxt += len;
        c.rcv.hold(len);
        cx.emit(EventKind::DataArrived {
            sock,
            len,
            queued: queue.len() as u32,
        });
    }
    if fin {
        c.rcv.nxt += 1;
    }
    fin
}

/// `tcp_data_queue_ofo()`: keeps data beyond a gap and asks for what is missing, at once.
fn keep_early(c: &mut Connection, ends: &Ends, cx: &mut Cx, seq: u32, early: Early) {
    c.rcv.ack.scheduled = true;
    enter_quickack(c);
    let len = early.data.len() as u32;
    let longer = c
        .rcv
        .out_of_order
        .get(&seq)
        .is_none_or(|old| (old.data.len() as u32) < len);
    if longer && c.rcv.out_of_order.len() < MAX_EARLY_PIECES {
        c.rcv.out_of_order.insert(seq, early);
        cx.emit(EventKind::DataOutOfOrder {
            sock: ends.sock,
            len,
        });
    }
}

/// The piece beyond the gap that has become next in order, without what is already there.
fn next_early(c: &mut Connection) -> Option<(Rc<[u8]>, bool)> {
    let nxt = c.rcv.nxt;
    loop {
        let seq = c
            .rcv
            .out_of_order
            .iter()
            .map(|(s, _)| crate::base::Seq(*s))
            .find(|s| !s.after(nxt))?;
        let early = c.rcv.out_of_order.remove(&seq.0)?;
        let end = seq + early.data.len() as u32 + u32::from(early.fin);
        if end.after(nxt) {
            let skip = ((nxt - seq) as usize).min(early.data.len());
            return Some((Rc::from(&early.data[skip..]), early.fin));
        }
    }
}

/// `tcp_event_data_recv()`: the spacing of arrivals sets the delay of acknowledgements.
fn event_data_recv(c: &mut Connection, ends: &Ends, now: Time, segment: &Segment, unread: u32) {
    measure_rcv_mss(c, ends, segment);
    receive_buffer::measure_window(c, now);
    c.rcv.ack.scheduled = true;
    let gap = now.since(c.rcv.ack.last_received);
    let rto = c.rtt.rto(0);
    if c.rcv.ack.ato.is_zero() {
        // The first data: acknowledge at once for a while, so that the peer's window grows.
        raise_quickack(c);
        c.rcv.ack.ato = DELAY_MIN;
    } else if gap <= DELAY_MIN / 2 {
        c.rcv.ack.ato = c.rcv.ack.ato / 2 + DELAY_MIN / 2;
    } else if gap < c.rcv.ack.ato {
        c.rcv.ack.ato = (c.rcv.ack.ato / 2 + gap).min(rto);
    } else if gap > rto {
        raise_quickack(c);
    }
    c.rcv.ack.last_received = now;
    let (len, advmss) = (segment.payload.len() as u32, ends.path.advmss.into());
    receive_buffer::grow_window(c, len, advmss, unread, true);
}

/// `tcp_measure_rcv_mss()`: the largest segment counts; a smaller one if it comes twice and can be a full one.
fn measure_rcv_mss(c: &mut Connection, ends: &Ends, segment: &Segment) {
    let len = segment.payload.len() as u32;
    let before = std::mem::take(&mut c.rcv.ack.last_size);
    if len >= c.rcv.ack.rcv_mss {
        if len != c.rcv.ack.rcv_mss {
            c.rcv.measure_ratio(len);
        }
        let ack = &mut c.rcv.ack;
        ack.rcv_mss = len.min(u32::from(ends.path.advmss));
        ack.pushed = ack.pushed.max(u8::from(segment.has(Flags::PSH)));
        return;
    }
    let ack = &mut c.rcv.ack;
    let with_options = len + if c.timestamps.is_some() { 12 } else { 0 };
    let ends_write = segment.has(Flags::PSH) || segment.has(Flags::FIN) || segment.has(Flags::URG);
    if with_options >= MSS_DEFAULT || (with_options >= MSS_LEAST && !ends_write) {
        ack.last_size = len;
        if len == before {
            ack.rcv_mss = len;
            return;
        }
    }
    ack.pushed = (ack.pushed + 1).min(2);
}

/// `tcp_incr_quickack()`.
fn raise_quickack(c: &mut Connection) {
    let by_window = c.rcv.wnd / (2 * c.rcv.ack.rcv_mss.max(1));
    let quick = if by_window == 0 {
        2
    } else {
        by_window.min(MAX_QUICKACKS)
    };
    c.rcv.ack.quick = c.rcv.ack.quick.max(quick);
}

/// `tcp_enter_quickack_mode()`.
fn enter_quickack(c: &mut Connection) {
    raise_quickack(c);
    c.rcv.ack.pingpong = false;
    c.rcv.ack.ato = DELAY_MIN;
}

/// `tcp_ack_snd_check()`: acknowledges now, or sets the timer.
pub(crate) fn ack_send_check(
    c: &mut Connection,
    ends: &Ends,
    (unread, low_water): (u32, u32),
    cx: &mut Cx,
) {
    if !c.rcv.ack.scheduled {
        return;
    }
    let full_segment = c.rcv.nxt - c.rcv.wup > c.rcv.ack.rcv_mss
        && (unread < low_water || output::window_to_offer(c, unread) >= c.rcv.wnd);
    let quick = c.rcv.ack.quick > 0 && !c.rcv.ack.pingpong;
    let at_once = c.rcv.ack.no_memory || !c.rcv.out_of_order.is_empty();
    if quick || full_segment || at_once {
        output::send_ack(c, ends, unread, cx, Rule::QuickAck);
    } else {
        delay_ack(c, ends, cx);
    }
}

/// `tcp_send_delayed_ack()`. Before any data there is no delay to go by, and the acknowledgement goes
/// out at the next tick of the clock.
fn delay_ack(c: &mut Connection, ends: &Ends, cx: &mut Cx) {
    let mut delay = c.rcv.ack.ato;
    if delay > DELAY_MIN {
        let most = if c.rcv.ack.pingpong || c.rcv.ack.pushed > 0 {
            DELAY_MAX
        } else {
            DELAY_MAX / 2
        };
        let by_rtt = c.rtt.smoothed().map_or(most, |rtt| rtt.max(DELAY_MIN));
        delay = delay.min(most).min(by_rtt);
    }
    let due = cx.now + delay.clamp(TICK, DELAY_MAX);
    let due = c.delayed_ack.map_or(due, |running| running.min(due));
    c.set_delayed_ack(cx, ends.sock, Some(due));
}

/// `tcp_delack_timer_handler()`.
pub(crate) fn delayed_ack_due(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    if !c.rcv.ack.scheduled {
        return;
    }
    if c.rcv.ack.pingpong {
        // The application did not answer in time: no ping-pong after all.
        c.rcv.ack.pingpong = false;
        c.rcv.ack.ato = DELAY_MIN;
    } else {
        c.rcv.ack.ato = (c.rcv.ack.ato * 2).min(Rtt::MAX_RTO);
    }
    output::send_ack(c, ends, unread, cx, Rule::DelayedAckDue);
}

/// The program wants the last segment of the handshake to ride on data: it waits as long as an
/// acknowledgement can (`tcp_rcv_synsent_state_process()`).
pub(crate) fn delay_handshake_ack(c: &mut Connection, ends: &Ends, cx: &mut Cx) {
    c.rcv.ack.scheduled = true;
    enter_quickack(c);
    c.set_delayed_ack(cx, ends.sock, Some(cx.now + DELAY_MAX));
}

/// Sends an acknowledgement that is owed.
pub(crate) fn push_ack(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    output::send_ack(c, ends, unread, cx, Rule::QuickAck);
}

/// `tcp_cleanup_rbuf()`: the program has read `copied` octets; tell the peer if that helps it.
pub(crate) fn cleanup_rbuf(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx, copied: u32) {
    receive_buffer::adjust_space(c, unread);
    c.rcv.release(unread);
    let ack = &c.rcv.ack;
    let emptied = copied > 0 && unread == 0;
    let pushed = ack.pushed == 2 || (ack.pushed == 1 && !ack.pingpong);
    let owed = ack.scheduled && (c.rcv.nxt - c.rcv.wup > ack.rcv_mss || (emptied && pushed));
    let left = c.rcv.window();
    let opens = copied > 0 && 2 * left <= c.rcv.clamp && {
        let offer = output::window_to_offer(c, unread);
        offer > 0 && offer >= 2 * left
    };
    if owed || opens {
        output::send_ack(c, ends, unread, cx, Rule::WindowUpdate);
    }
}
