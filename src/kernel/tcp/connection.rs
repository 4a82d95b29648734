//! What a synchronised connection consists of: a sender, a receiver and what was agreed.

use crate::base::{Fifo, Seq, SockId, SortedMap, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::tcp::chrono::Chrono;
use crate::kernel::tcp::congestion::Congestion;
use crate::kernel::tcp::receive_buffer::{Held, Pace};
use crate::kernel::tcp::recovery::Recovery;
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::sack::Rack;
use crate::kernel::tcp::settings::Settings;
use serde::Serialize;
use std::rc::Rc;
use std::time::Duration;

/// The send and receive machinery of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// The sending side.
    pub snd: Sender,
    /// The receiving side.
    pub rcv: Receiver,
    /// Round trips, and the retransmission timeout that follows from them.
    pub rtt: Rtt,
    /// How much may be under way.
    pub congestion: Congestion,
    /// RFC 7323 timestamps, if both sides agreed on them.
    pub timestamps: Option<Timestamps>,
    /// The largest segment that the peer takes, as its SYN said (`mss_clamp`).
    pub peer_mss: u32,
    /// Octets of data in a full segment to the peer (`mss_cache`).
    pub mss: u32,
    /// When the oldest outstanding segment goes out again, or a closed window is probed.
    pub retransmit: Option<Deadline>,
    /// When a delayed acknowledgement is due.
    pub delayed_ack: Option<Time>,
    /// When a silent peer is asked whether it is there.
    pub keepalive: Option<Time>,
    /// What the program has set.
    pub settings: Settings,
    /// What TCP_INFO counts.
    pub counts: Counts,
}

/// What a buffer of the write queue takes besides its octets (`tcp_stream_alloc_skb()`; measured on Linux 6.18).
pub(crate) const BUFFER_OVERHEAD: u32 = 832;

/// A running timer that the sender needs: what it is for and when it runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// [`TimerKind::Retransmit`], [`TimerKind::LossProbe`] or [`TimerKind::ZeroWindowProbe`].
    pub kind: TimerKind,
    /// When.
    pub at: Time,
}

/// Counters of one connection, with the names of `struct tcp_info` (RFC 4898).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Counts {
    pub segs_in: u32,
    pub segs_out: u32,
    pub data_segs_in: u32,
    pub data_segs_out: u32,
    pub bytes_sent: u64,
    pub bytes_retrans: u64,
    pub total_retrans: u32,
    pub delivered: u32,
    /// Our SYN was acknowledged by a segment that counts: the open was active.
    pub active: bool,
    /// Both sides said that they understand SACK.
    pub sack: bool,
}

/// Timestamps of RFC 7323.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timestamps {
    /// Added to the milliseconds of virtual time to make TSval.
    pub offset: u32,
    /// TS.Recent: the latest TSval of the peer.
    pub recent: u32,
}

/// A piece of the stream as it will be, or was, sent: Linux's `sk_buff` on the write queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chunk {
    /// Sequence number of its first octet.
    pub seq: Seq,
    /// The octets.
    pub data: Rc<[u8]>,
    /// PSH goes with it.
    pub push: bool,
    /// FIN goes with it.
    pub fin: bool,
    /// When it was last sent.
    pub sent_at: Time,
    /// How often it was sent again.
    pub retransmitted: u32,
    /// A timeout took it for lost, and it was not sent again yet (TCPCB_LOST).
    pub lost: bool,
    /// A block says that it has arrived (TCPCB_SACKED_ACKED).
    pub sacked: bool,
    /// It begins a buffer (`sk_buff`); others lie behind it in the same.
    pub starts: bool,
    /// Nothing may be joined to it (MSG_EOR).
    pub eor: bool,
}

impl Chunk {
    /// Octets of sequence space.
    pub fn len(&self) -> u32 {
        self.data.len() as u32 + u32::from(self.fin)
    }

    /// Whether it takes no sequence space.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One that was never sent.
    pub(crate) fn new(seq: Seq, data: Rc<[u8]>, starts: bool) -> Chunk {
        Chunk {
            seq,
            data,
            push: false,
            fin: false,
            sent_at: Time::ZERO,
            retransmitted: 0,
            lost: false,
            sacked: false,
            starts,
            eor: false,
        }
    }

    /// The sequence number after it.
    pub fn end(&self) -> Seq {
        self.seq + self.len()
    }
}

/// The sending side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sender {
    /// Our initial sequence number.
    pub iss: Seq,
    /// SND.UNA: the oldest octet not acknowledged.
    pub una: Seq,
    /// SND.NXT: the next octet to send.
    pub nxt: Seq,
    /// SND.UP: where the urgent data ends, behind its last octet; SND.UNA if there is none (`snd_up`).
    pub up: Seq,
    /// The next octet that the program will write (`write_seq`).
    pub write_seq: Seq,
    /// SND.WND, octets.
    pub wnd: u32,
    /// The largest window that the peer ever offered.
    pub max_window: u32,
    /// SND.WL1: sequence number of the segment that last updated the window.
    pub wl1: Seq,
    /// Shift count for the peer's windows.
    pub wscale: u8,
    /// Sent and not acknowledged, oldest first.
    pub in_flight: Fifo<Chunk>,
    /// Not sent yet, oldest first.
    pub unsent: Fifo<Chunk>,
    /// Everything up to here was marked PSH (`pushed_seq`).
    pub pushed_seq: Seq,
    /// The end of the last small segment sent (`snd_sml`, Minshall's variant of Nagle).
    pub small_end: Seq,
    /// `sk_sndbuf`: octets that the queue may hold, with what its buffers take by themselves.
    pub buffer: u32,
    /// tcp_notsent_lowat: with so many octets that were not sent, the queue counts as full.
    pub notsent_lowat: u32,
    /// tcp_min_tso_segs: segments that go out together at least, if there are so many.
    pub min_burst: u32,
    /// The congestion window held something back in the present round trip (`is_cwnd_limited`).
    pub cwnd_limited: bool,
    /// The most segments that were under way in it (`max_packets_out`).
    pub max_in_flight: u32,
    /// Where it ends (`cwnd_usage_seq`).
    pub usage_end: Seq,
    /// When data was last sent.
    pub last_sent: Time,
    /// When an acknowledgement last came (`rcv_tstamp`).
    pub last_ack: Time,
    /// When the first of the present probes went out (`icsk_probes_tstamp`).
    pub probing_since: Option<Time>,
    /// How often in a row the retransmission or probe timer ran out (`icsk_backoff`).
    pub timeouts: u32,
    /// Probes of a closed window that no acknowledgement has answered (`icsk_probes_out`).
    pub probes: u32,
    /// When the first retransmission since the last progress went out (`retrans_stamp`).
    pub retransmitting_since: Option<Time>,
    /// The FIN is on the queue, or sent.
    pub fin_queued: bool,
    /// What is known about losses.
    pub recovery: Recovery,
    /// The latest sent of what has arrived.
    pub rack: Rack,
    /// A call found the queue full and waits for room (SOCK_NOSPACE).
    pub no_space: bool,
    /// What sending waited for, and how long.
    pub chrono: Chrono,
}

impl Sender {
    /// Octets of data in the queue, sent or not.
    pub fn queued(&self) -> u32 {
        let control = u32::from(self.fin_queued && self.una != self.write_seq);
        (self.write_seq - self.una).saturating_sub(control)
    }

    /// Segments that may still be under way (`tcp_packets_in_flight()`).
    pub fn pipe(&self) -> u32 {
        let out = self.in_flight.iter().filter(|chunk| !chunk.lost).count() as u32;
        out.saturating_sub(self.recovery.sacked)
    }

    /// The sequence number that the peer's window ends at.
    pub fn window_end(&self) -> Seq {
        self.una + self.wnd
    }

    /// `sk_wmem_queued`: octets that the queue takes, with its buffers.
    pub fn memory(&self) -> u32 {
        let chunks = self.in_flight.iter().chain(&self.unsent);
        chunks
            .map(|chunk| chunk.data.len() as u32 + if chunk.starts { BUFFER_OVERHEAD } else { 0 })
            .sum()
    }

    /// Octets that wait to be sent for the first time.
    pub(crate) fn not_sent(&self) -> u32 {
        self.write_seq - self.nxt
    }

    /// `sk_stream_memory_free()`.
    pub fn has_room(&self) -> bool {
        self.memory() < self.buffer && self.not_sent() < self.notsent_lowat
    }

    /// `sk_stream_is_writeable()`: at least a third of the buffer is free. Who waits for room is woken then.
    pub fn writable(&self) -> bool {
        let used = self.memory();
        self.buffer.saturating_sub(used) >= used / 2
            && few_not_sent(self.not_sent(), self.notsent_lowat)
    }
}

/// `tcp_stream_memory_free()`, as poll(2) asks it: less than half of `lowat` waits to be sent.
pub(crate) fn few_not_sent(not_sent: u32, lowat: u32) -> bool {
    (not_sent << 1) < lowat
}

/// The receiving side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receiver {
    /// The peer's initial sequence number.
    pub irs: Seq,
    /// RCV.NXT: the next octet expected.
    pub nxt: Seq,
    /// RCV.NXT when the window was last advertised (`rcv_wup`).
    pub wup: Seq,
    /// The window last advertised, octets.
    pub wnd: u32,
    /// Shift count for our windows.
    pub wscale: u8,
    /// `sk_rcvbuf`: octets of memory that the receive queue may take.
    pub buffer: u32,
    /// Of 256 octets of memory, those that hold data (`scaling_ratio`).
    pub ratio: u8,
    /// `window_clamp`: the largest window that is ever offered.
    pub clamp: u32,
    /// `rcv_ssthresh`: no more than this is offered now, however much is free.
    pub ssthresh: u32,
    /// The memory of the receive queue.
    pub held: Fifo<Held>,
    /// Octets of memory of what arrived during a call and is being taken in (`sk_backlog.len`).
    pub backlog: u32,
    /// From here on, what has arrived is still in the queue of a sender on this host, too.
    pub shared_from: Option<Seq>,
    /// How fast the program reads.
    pub pace: Pace,
    /// Data that came too early, by sequence number.
    pub out_of_order: SortedMap<u32, Early>,
    /// When a segment out of order was last answered (`last_oow_ack_time`).
    pub last_refusal: Option<Time>,
    /// When to acknowledge.
    pub ack: AckSchedule,
}

/// Data beyond a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Early {
    /// The octets.
    pub data: Rc<[u8]>,
    /// FIN came with them.
    pub fin: bool,
}

impl Receiver {
    /// What is left of the window last advertised (`tcp_receive_window()`).
    pub fn window(&self) -> u32 {
        let used = self.nxt - self.wup;
        self.wnd.saturating_sub(used)
    }

    /// Octets that wait beyond a gap.
    pub fn out_of_order_len(&self) -> u32 {
        self.out_of_order
            .iter()
            .map(|(_, early)| early.data.len() as u32)
            .sum()
    }
}

/// Linux's engine of delayed acknowledgements (`icsk_ack`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AckSchedule {
    /// An acknowledgement is owed.
    pub scheduled: bool,
    /// There was no memory for a segment: the window is closed, and that is said at once (ICSK_ACK_NOMEM).
    pub no_memory: bool,
    /// The end of a write, or a small segment, arrived: once (1) or again (2) since the last acknowledgement.
    pub pushed: u8,
    /// So many more acknowledgements are sent at once (`quick`).
    pub quick: u32,
    /// The application answers what it gets: acknowledgements can ride on the answers.
    pub pingpong: bool,
    /// The delay, adapted to the spacing of arrivals; zero before the first data.
    pub ato: Duration,
    /// When data last arrived.
    pub last_received: Time,
    /// The size of the peer's segments, estimated (`rcv_mss`).
    pub rcv_mss: u32,
    /// The size of the last segment, if it was smaller than that and yet can be a full one (`last_seg_size`).
    pub last_size: u32,
}

impl Connection {
    /// Timers that are running.
    pub fn timers(&self) -> Vec<(TimerKind, Time)> {
        let mut timers = Vec::new();
        for timer in [
            self.retransmit.map(|d| (d.kind, d.at)),
            self.delayed_ack.map(|at| (TimerKind::DelayedAck, at)),
            self.keepalive.map(|at| (TimerKind::KeepAlive, at)),
        ] {
            timers.extend(timer);
        }
        timers
    }

    /// TSval for a segment sent now, and TSecr.
    pub fn timestamp_option(&self, now: Time) -> Option<(u32, u32)> {
        self.timestamps
            .map(|t| (timestamp(now, t.offset), t.recent))
    }

    /// Sets, moves or stops the retransmission or probe timer.
    pub(crate) fn set_retransmit(&mut self, cx: &mut Cx, sock: SockId, to: Option<Deadline>) {
        match (self.retransmit, to) {
            (old, new) if old == new => {}
            (Some(old), None) => cx.emit(EventKind::TimerStopped {
                sock,
                timer: old.kind,
            }),
            (_, Some(new)) => {
                cx.emit(EventKind::TimerSet {
                    sock,
                    timer: new.kind,
                    deadline: new.at,
                });
            }
            (None, None) => {}
        }
        self.retransmit = to;
    }

    /// Sets, moves or stops the timer of the delayed acknowledgement.
    pub(crate) fn set_delayed_ack(&mut self, cx: &mut Cx, sock: SockId, to: Option<Time>) {
        tell_timer(cx, sock, TimerKind::DelayedAck, (self.delayed_ack, to));
        self.delayed_ack = to;
    }
}

/// The value of the timestamp clock, which ticks once a millisecond.
pub(crate) fn timestamp(now: Time, offset: u32) -> u32 {
    (now.millis() as u32).wrapping_add(offset)
}

/// Tells that a timer is set, moved or stopped, if it is: from when it was due to when it is.
pub(crate) fn tell_timer(
    cx: &mut Cx,
    sock: SockId,
    timer: TimerKind,
    (old, new): (Option<Time>, Option<Time>),
) {
    if old == new {
        return;
    }
    cx.emit(match new {
        Some(deadline) => EventKind::TimerSet {
            sock,
            timer,
            deadline,
        },
        None => EventKind::TimerStopped { sock, timer },
    });
}
