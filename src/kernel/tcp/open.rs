//! Opening: SYN, SYN,ACK, and what the two sides agree on.

use crate::base::{ChoiceKind, Seq, SockId, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::congestion::Congestion;
use crate::kernel::tcp::connection::{
    AckSchedule, Connection, Receiver, Sender, Timestamps, timestamp,
};
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::state::{State, SynReceived, SynSent};
use crate::packet::{Flags, Segment, TcpOptions};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// The shift count that Linux offers when tcp_rmem allows 32 MiB.
const WINDOW_SCALE: u8 = 10;
/// TCP_MSS_DEFAULT (RFC 9293 §3.7.1) without the option, over IPv4 and IPv6.
const MSS_DEFAULT: u32 = 536;
const MSS_DEFAULT_V6: u32 = 1_220;
/// Octets of option space that timestamps take in every segment.
const TIMESTAMP_SPACE: u32 = 12;

/// The largest segment that the loopback device carries (MTU 65536, but 65535 is the most that an
/// IPv4 header can say).
pub(crate) fn advertised_mss(to: IpAddr) -> u32 {
    match to {
        IpAddr::V4(_) => 65_495,
        IpAddr::V6(_) => 65_476,
    }
}

/// An initial sequence number: a clock of 64 ns ticks plus something that cannot be guessed
/// (RFC 9293 §3.4.1, `secure_tcp_seq()`).
pub(crate) fn initial_sequence(cx: &mut Cx) -> Seq {
    let secret = cx.choose(ChoiceKind::InitialSequence, u32::MAX);
    Seq(secret.wrapping_add((cx.now.nanos() >> 6) as u32))
}

/// The options of our SYN.
fn syn_options(cx: &Cx, ends: &Ends, iss: Seq) -> TcpOptions {
    TcpOptions {
        mss: Some(advertised_mss(ends.remote.ip()) as u16),
        window_scale: Some(WINDOW_SCALE),
        sack_permitted: true,
        timestamps: Some((timestamp(cx.now, iss.0), 0)),
    }
}

/// `tcp_connect()`: CLOSED → SYN-SENT.
pub(crate) fn active_open(socket: &mut Socket, sock: SockId, cx: &mut Cx) {
    let ends = Ends::of(sock, socket);
    let iss = initial_sequence(cx);
    // tcp_select_initial_window() rounds the first window down to whole segments.
    let rcv_wnd = advertised_mss(ends.remote.ip());
    let deadline = cx.now + Rtt::INITIAL_RTO;
    let state = SynSent {
        iss,
        rcv_wnd,
        first_sent: cx.now,
        sent_at: cx.now,
        retries: 0,
        deadline,
    };
    socket.transition(cx, sock, State::SynSent(Box::new(state)), Rule::ActiveOpen);
    cx.emit(EventKind::TimerSet {
        sock,
        timer: TimerKind::Retransmit,
        deadline,
    });
    send_syn(&ends, cx, iss, rcv_wnd, Rule::ActiveOpen);
}

/// A SYN, the first or another.
pub(crate) fn send_syn(ends: &Ends, cx: &mut Cx, iss: Seq, rcv_wnd: u32, because: Rule) {
    let mut syn = ends.segment(Flags::SYN, iss, Seq(0), clamp_window(rcv_wnd));
    syn.options = syn_options(cx, ends, iss);
    ends.transmit(cx, syn, because);
}

/// A SYN,ACK, the first or another. It offers only what the peer's SYN offered.
pub(crate) fn send_syn_ack(ends: &Ends, cx: &mut Cx, s: &SynReceived, because: Rule) {
    let flags = Flags::SYN | Flags::ACK;
    let mut segment = ends.segment(flags, s.iss, s.irs + 1, clamp_window(s.rcv_wnd));
    let mut options = syn_options(cx, ends, s.iss);
    options.sack_permitted &= s.peer.sack_permitted;
    options.window_scale = options
        .window_scale
        .filter(|_| s.peer.window_scale.is_some());
    options.timestamps = match (options.timestamps, s.peer.timestamps) {
        (Some((ours, _)), Some((theirs, _))) => Some((ours, theirs)),
        _ => None,
    };
    segment.options = options;
    ends.transmit(cx, segment, because);
}

/// What a listener remembers of a SYN (`tcp_conn_request()`), and what a SYN-SENT endpoint does of a
/// SYN that crosses its own.
pub(crate) fn syn_received(
    cx: &mut Cx,
    ends: &Ends,
    syn: &Segment,
    listener: Option<SockId>,
    iss: Seq,
) -> SynReceived {
    let with_timestamps = if syn.options.timestamps.is_some() {
        TIMESTAMP_SPACE
    } else {
        0
    };
    SynReceived {
        listener,
        iss,
        irs: syn.seq,
        peer: syn.options,
        snd_wnd: u32::from(syn.window),
        rcv_wnd: advertised_mss(ends.remote.ip()) - with_timestamps,
        sent_at: cx.now,
        retries: 0,
        deadline: cx.now + Rtt::INITIAL_RTO,
        acked: false,
    }
}

/// The window field of a SYN is never scaled (RFC 7323 §2.2).
fn clamp_window(octets: u32) -> u16 {
    octets.min(u32::from(u16::MAX)) as u16
}

/// What the handshake agreed on, as one side knows it.
pub(crate) struct Agreed {
    pub(crate) iss: Seq,
    pub(crate) irs: Seq,
    pub(crate) peer: TcpOptions,
    /// The peer's window, octets.
    pub(crate) snd_wnd: u32,
    /// The window that we advertised last, octets.
    pub(crate) rcv_wnd: u32,
    /// Sequence number of the segment that brought `snd_wnd`.
    pub(crate) wl1: Seq,
    pub(crate) sent_at: Time,
    pub(crate) retries: u32,
}

/// Makes the send and receive machinery when the handshake is complete on this side
/// (`tcp_finish_connect()`, `tcp_create_openreq_child()`).
pub(crate) fn establish(a: &Agreed, ends: &Ends, sysctl: &Sysctl, now: Time) -> Connection {
    let timestamps = a.peer.timestamps.map(|(recent, _)| Timestamps {
        offset: a.iss.0,
        recent,
    });
    let scaling = a.peer.window_scale;
    let mut rtt = Rtt::default();
    if a.retries == 0 {
        rtt.measure(now.since(a.sent_at));
    }
    let mut c = Connection {
        snd: Sender {
            iss: a.iss,
            una: a.iss + 1,
            nxt: a.iss + 1,
            write_seq: a.iss + 1,
            wnd: a.snd_wnd,
            max_window: a.snd_wnd,
            wl1: a.wl1,
            wscale: scaling.unwrap_or(0).min(14),
            in_flight: VecDeque::new(),
            unsent: VecDeque::new(),
            pushed_seq: a.iss + 1,
            small_end: a.iss + 1,
            buffer: 0,
            last_sent: now,
            timeouts: 0,
            timeouts_since: now,
            fin_queued: false,
        },
        rcv: Receiver {
            irs: a.irs,
            nxt: a.irs + 1,
            wup: a.irs + 1,
            wnd: a.rcv_wnd,
            wscale: scaling.map_or(0, |_| WINDOW_SCALE),
            space: sysctl.tcp_rmem_default / 2,
            out_of_order: BTreeMap::new(),
            ack: AckSchedule {
                last_received: now,
                ..AckSchedule::default()
            },
        },
        rtt,
        congestion: Congestion::default(),
        timestamps,
        mss: 0,
        retransmit: None,
        delayed_ack: None,
    };
    sync_mss(&mut c, ends, a.peer.mss);
    c.rcv.ack.rcv_mss = c.mss.min(c.rcv.wnd / 2).clamp(88, MSS_DEFAULT);
    c.snd.buffer = send_buffer(a.peer.mss.map_or(MSS_DEFAULT, u32::from), sysctl);
    c
}

/// `tcp_sync_mss()`: a segment is no larger than the peer takes, the device carries and half of the
/// largest window that the peer ever offered.
pub(crate) fn sync_mss(c: &mut Connection, ends: &Ends, peer_mss: Option<u16>) {
    let default = if ends.remote.is_ipv4() {
        MSS_DEFAULT
    } else {
        MSS_DEFAULT_V6
    };
    let clamp = peer_mss
        .map_or(default, u32::from)
        .min(advertised_mss(ends.remote.ip()));
    let options = if c.timestamps.is_some() {
        TIMESTAMP_SPACE
    } else {
        0
    };
    c.mss = bound_to_half_window(clamp.saturating_sub(options).max(48), c.snd.max_window);
}

/// `tcp_bound_to_half_wnd()`.
fn bound_to_half_window(mss: u32, max_window: u32) -> u32 {
    if max_window > MSS_DEFAULT {
        mss.min(max_window / 2)
    } else {
        mss
    }
}

/// `tcp_sndbuf_expand()`: room for thirty segments as the allocator rounds them (measured on
/// Linux 6.18: 3939840 for loopback), within tcp_wmem.
fn send_buffer(peer_mss: u32, sysctl: &Sysctl) -> u32 {
    let overhead = 320 + 256;
    let segment = (peer_mss + overhead).next_power_of_two() + 256;
    (30 * segment).clamp(sysctl.tcp_wmem.0, sysctl.tcp_wmem.1)
}
