//! Opening: SYN, SYN,ACK, and what the two sides agree on.

use crate::abi::Inet;
use crate::base::trace_hash::TraceHash;
use crate::base::{ChoiceKind, Fifo, Seq, SockId, SortedMap, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::option::Opt;
use crate::kernel::port::FourTuple;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Last, Socket};
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::burst;
use crate::kernel::tcp::chrono::Chrono;
use crate::kernel::tcp::congestion::Congestion;
use crate::kernel::tcp::connection::{
    AckSchedule, Connection, Counts, Receiver, Sender, Timestamps, timestamp,
};
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::receive_buffer::{self, Pace};
use crate::kernel::tcp::recovery::Recovery;
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::sack::Rack;
use crate::kernel::tcp::settings::Settings;
use crate::kernel::tcp::state::{State, SynReceived, SynSent};
use crate::packet::{Flags, Segment, TcpOptions};
use serde::Serialize;
use std::net::IpAddr;

/// TCP_MAX_WSCALE (RFC 7323 §2.3).
const MAX_WINDOW_SCALE: u32 = 14;
/// TCP_MSS_DEFAULT (RFC 9293 §3.7.1) without the option, over IPv4 and IPv6.
pub(crate) const MSS_DEFAULT: u32 = 536;
const MSS_DEFAULT_V6: u32 = 1_220;
/// Octets of option space that timestamps take in every segment.
const TIMESTAMP_SPACE: u32 = 12;

/// What a program's options make of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Octets of receive buffer that the window may take.
    space: u32,
    /// `sk_rcvbuf`.
    buffer: u32,
    /// SO_SNDBUF, if it was set.
    send_buffer: Option<u32>,
    /// TCP_MAXSEG, if it was set.
    user_mss: Option<u32>,
    notsent_lowat: u32,
    /// SO_RCVBUF or TCP_WINDOW_CLAMP limit the window for good.
    clamp: Option<u32>,
    /// ECN is accepted.
    ecn: bool,
    settings: Settings,
}

/// `tcp_notsent_lowat()`: TCP_NOTSENT_LOWAT, if it was set, or the host's.
pub(crate) fn notsent_lowat(socket: &Socket, sysctl: &Sysctl) -> u32 {
    match socket.options.get(Opt::NotsentLowat) as u32 {
        0 => sysctl.tcp_notsent_lowat,
        set => set,
    }
}

impl Limits {
    pub(crate) fn of(socket: &Socket, sysctl: &Sysctl) -> Limits {
        let set = |opt| socket.options.is_set(opt).map(|value| value as u32);
        let space = socket.receive_space(sysctl);
        let clamp = set(Opt::WindowClamp).filter(|clamp| *clamp > 0);
        let locked = set(Opt::RcvBuf).map(|_| space);
        Limits {
            space,
            buffer: socket.receive_buffer(sysctl),
            send_buffer: set(Opt::SndBuf),
            user_mss: set(Opt::MaxSeg),
            notsent_lowat: notsent_lowat(socket, sysctl),
            clamp: clamp.into_iter().chain(locked).min(),
            ecn: sysctl.tcp_ecn != 0,
            settings: Settings::of(&socket.options, sysctl),
        }
    }

    /// The MSS that our SYN offers.
    fn offered_mss(&self, ends: &Ends) -> u32 {
        u32::from(ends.path.advmss).min(self.user_mss.unwrap_or(u32::MAX))
    }

    /// `tcp_select_initial_window()`: whole segments, as many as the receive buffer has room for.
    fn first_window(&self, mss: u32) -> u32 {
        if self.space > mss {
            self.space - self.space % mss
        } else {
            self.space
        }
    }

    /// The shift count that is offered: the largest receive buffer must fit.
    fn window_scale(&self, sysctl: &Sysctl) -> u8 {
        let most = sysctl.tcp_rmem.2.max(sysctl.rmem_max).max(self.space);
        let most = most.min(self.clamp.unwrap_or(u32::MAX));
        let bits = most.max(1).ilog2();
        bits.saturating_sub(15).min(MAX_WINDOW_SCALE) as u8
    }
}

/// What a peer takes that does not say.
fn default_mss(to: IpAddr) -> u32 {
    match to {
        IpAddr::V4(_) => MSS_DEFAULT,
        IpAddr::V6(_) => MSS_DEFAULT_V6,
    }
}

/// What this side chooses for a connection before it knows the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ours {
    /// Our initial sequence number.
    pub iss: Seq,
    /// The shift count for our windows that we offer.
    pub wscale: u8,
    /// The MSS that we offer, octets.
    pub mss: u16,
    /// Added to the milliseconds of virtual time to make TSval.
    pub timestamp_offset: u32,
    /// The sysctls tcp_timestamps, tcp_window_scaling and tcp_sack: what we offer and accept.
    pub timestamps: bool,
    /// See `timestamps`.
    pub scaling: bool,
    /// See `timestamps`.
    pub sack: bool,
}

/// What a host keeps secret, so that sequence numbers cannot be guessed. It is drawn when the first
/// connection needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Secret(Option<u32>);

impl Secret {
    /// Draws the secret, if that has not been done.
    pub(crate) fn draw(&mut self, cx: &mut Cx) {
        self.0
            .get_or_insert_with(|| cx.choose(ChoiceKind::InitialSequence, u32::MAX));
    }

    /// 32 bits that depend on the secret and on what is added.
    pub(crate) fn hash(&self, of: &dyn Fn(&mut TraceHash)) -> u32 {
        let mut hash = TraceHash::default();
        hash.add(&self.0.unwrap_or(0));
        of(&mut hash);
        let value = hash.value();
        (value ^ (value >> 32)) as u32
    }

    /// `reciprocal_scale()` of a hash of four addresses: one of `among`, always the same for the same addresses.
    pub(crate) fn spread(&self, tuple: FourTuple, among: u32) -> u32 {
        let mut hash = TraceHash::default();
        hash.add(&self.0);
        hash.add(&tuple);
        let value = hash.value();
        let mixed = (value ^ (value >> 32)) & 0xffff_ffff;
        ((mixed * u64::from(among)) >> 32) as u32
    }

    /// An initial sequence number is a clock of 64 ns ticks plus a hash of the four addresses, and the
    /// offset of the timestamps a hash of two (RFC 9293 §3.4.1, `secure_tcp_seq_and_ts_off()`): a new
    /// connection between the same addresses has later ones than the old.
    pub(crate) fn ours(
        &mut self,
        cx: &mut Cx,
        ends: &Ends,
        limits: &Limits,
        sysctl: &Sysctl,
    ) -> Ours {
        self.draw(cx);
        let tuple = self.hash(&|h| h.add(&(ends.local, ends.remote)));
        Ours {
            iss: Seq(tuple.wrapping_add((cx.now.nanos() >> 6) as u32)),
            wscale: limits.window_scale(sysctl),
            mss: limits.offered_mss(ends) as u16,
            timestamp_offset: match sysctl.tcp_timestamps {
                1 => self.hash(&|h| h.add(&(ends.local.address(), ends.remote.address()))),
                _ => 0,
            },
            timestamps: sysctl.tcp_timestamps != 0,
            scaling: sysctl.tcp_window_scaling,
            sack: sysctl.tcp_sack,
        }
    }
}

/// The options of our SYN.
fn syn_options(cx: &Cx, ours: &Ours) -> TcpOptions {
    TcpOptions {
        sack: Default::default(),
        mss: Some(ours.mss),
        window_scale: ours.scaling.then_some(ours.wscale),
        sack_permitted: ours.sack,
        timestamps: ours
            .timestamps
            .then(|| (timestamp(cx.now, ours.timestamp_offset), 0)),
    }
}

/// `tcp_connect()`: CLOSED → SYN-SENT.
pub(crate) fn active_open(
    socket: &mut Socket,
    sock: SockId,
    cx: &mut Cx,
    secret: &mut Secret,
    sysctl: &Sysctl,
) {
    let ends = Ends::of(sock, socket);
    let limits = Limits::of(socket, sysctl);
    let ours = secret.ours(cx, &ends, &limits, sysctl);
    let rcv_wnd = limits.first_window(ours.mss.into());
    let deadline = cx.now + Rtt::INITIAL_RTO;
    let state = SynSent {
        ours,
        rcv_wnd,
        first_sent: cx.now,
        sent_at: cx.now,
        retries: 0,
        deadline,
    };
    let state = Box::new(state);
    // tcp_connect_init(): until the peer says more.
    let assumed = limits
        .user_mss
        .unwrap_or(default_mss(ends.remote.address()));
    socket.last = Last {
        mss: mss_to_send(assumed, &ends, ours.timestamps),
        ..Last::default()
    };
    socket.transition(cx, sock, State::SynSent(state.clone()), Rule::ActiveOpen);
    cx.emit(EventKind::TimerSet {
        sock,
        timer: TimerKind::Retransmit,
        deadline,
    });
    send_syn(&ends, cx, &state, Rule::ActiveOpen);
}

/// A SYN, the first or another.
pub(crate) fn send_syn(ends: &Ends, cx: &mut Cx, s: &SynSent, because: Rule) {
    let mut syn = ends.segment(Flags::SYN, s.ours.iss, Seq(0), clamp_window(s.rcv_wnd));
    syn.options = syn_options(cx, &s.ours);
    ends.transmit(cx, syn, because);
}

/// `tcp_v4_reqsk_send_ack()`: says what a half-open request expects.
pub(crate) fn send_request_ack(ends: &Ends, cx: &mut Cx, s: &SynReceived, because: Rule) {
    let shift = s.peer.window_scale.filter(|_| s.ours.scaling);
    let shift = shift.map_or(0, |_| s.ours.wscale);
    let window = clamp_window(s.rcv_wnd) >> shift;
    let mut segment = ends.segment(Flags::ACK, s.ours.iss + 1, s.irs + 1, window);
    let ours = timestamp(cx.now, s.ours.timestamp_offset);
    let theirs = s.peer.timestamps.filter(|_| s.ours.timestamps);
    segment.options.timestamps = theirs.map(|(theirs, _)| (ours, theirs));
    ends.transmit(cx, segment, because);
}

/// The SYN,ACK of a cookie: the lowest bits of its TSval hold `options` (`cookie_init_timestamp()`).
pub(crate) fn send_cookie_syn_ack(
    ends: &Ends,
    cx: &mut Cx,
    s: &SynReceived,
    options: u32,
    bits: u32,
) {
    let mut segment = syn_ack(ends, cx, s);
    if let Some((value, _)) = &mut segment.options.timestamps {
        let clock = value.wrapping_sub(s.ours.timestamp_offset);
        let mut marked = clock >> bits << bits | options;
        if marked > clock {
            marked = marked.wrapping_sub(1 << bits);
        }
        *value = marked.wrapping_add(s.ours.timestamp_offset);
    }
    ends.transmit(cx, segment, Rule::SynCookie);
}

/// A SYN,ACK, the first or another.
pub(crate) fn send_syn_ack(ends: &Ends, cx: &mut Cx, s: &SynReceived, because: Rule) {
    let segment = syn_ack(ends, cx, s);
    ends.transmit(cx, segment, because);
}

/// A SYN,ACK. A listener's offers only what the peer's SYN offered.
fn syn_ack(ends: &Ends, cx: &Cx, s: &SynReceived) -> Segment {
    let mut flags = Flags::SYN | Flags::ACK;
    if s.ecn {
        flags = flags | Flags::ECE;
    }
    let mut segment = ends.segment(flags, s.ours.iss, s.irs + 1, clamp_window(s.rcv_wnd));
    let mut options = syn_options(cx, &s.ours);
    if let (Some((_, echo)), Some((theirs, _))) = (&mut options.timestamps, s.peer.timestamps) {
        *echo = theirs;
    }
    // Where SYNs crossed, our own goes out again with an ACK (tcp_send_synack()), as it was.
    if s.listener.is_some() {
        options.sack_permitted &= s.peer.sack_permitted;
        options.window_scale = options
            .window_scale
            .filter(|_| s.peer.window_scale.is_some());
        options.timestamps = options.timestamps.filter(|_| s.peer.timestamps.is_some());
    }
    segment.options = options;
    segment
}

/// What a listener remembers of a SYN (`tcp_conn_request()`), and what a SYN-SENT endpoint does of a
/// SYN that crosses its own.
pub(crate) fn syn_received(
    cx: &mut Cx,
    syn: &Segment,
    listener: Option<SockId>,
    ours: Ours,
    limits: &Limits,
) -> SynReceived {
    let with_timestamps = if ours.timestamps && syn.options.timestamps.is_some() {
        TIMESTAMP_SPACE
    } else {
        0
    };
    SynReceived {
        listener,
        ours,
        irs: syn.seq,
        peer: syn.options,
        // tcp_ecn_create_request()
        ecn: limits.ecn && listener.is_some() && syn.has(Flags::ECE | Flags::CWR),
        snd_wnd: u32::from(syn.window),
        rcv_wnd: limits.first_window(u32::from(ours.mss) - with_timestamps),
        sent_at: cx.now,
        retries: 0,
        deadline: cx.now + Rtt::INITIAL_RTO,
        last_refusal: None,
        acked: false,
    }
}

/// The window field of a SYN is never scaled (RFC 7323 §2.2).
fn clamp_window(octets: u32) -> u16 {
    octets.min(u32::from(u16::MAX)) as u16
}

/// What the handshake agreed on, as one side knows it.
pub(crate) struct Agreed {
    pub(crate) ours: Ours,
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
pub(crate) fn establish(
    a: &Agreed,
    ends: &Ends,
    limits: &Limits,
    sysctl: &Sysctl,
    now: Time,
) -> Connection {
    let agreed = a.peer.timestamps.filter(|_| a.ours.timestamps);
    let timestamps = agreed.map(|(recent, _)| Timestamps {
        offset: a.ours.timestamp_offset,
        recent,
    });
    let scaling = a.peer.window_scale.filter(|_| a.ours.scaling);
    let wscale = scaling.map_or(0, |_| a.ours.wscale);
    // tcp_select_initial_window(): no more than the field can say.
    let clamp = limits.clamp.unwrap_or(u32::MAX);
    let clamp = clamp.min(u32::from(u16::MAX) << wscale);
    let mut rtt = Rtt::default();
    if a.retries == 0 {
        rtt.measure(now.since(a.sent_at));
    }
    let mut c = Connection {
        snd: Sender {
            iss: a.ours.iss,
            una: a.ours.iss + 1,
            nxt: a.ours.iss + 1,
            up: a.ours.iss + 1,
            write_seq: a.ours.iss + 1,
            wnd: a.snd_wnd,
            max_window: a.snd_wnd,
            wl1: a.wl1,
            wscale: scaling.unwrap_or(0).min(14),
            in_flight: Fifo::default(),
            unsent: Fifo::default(),
            pushed_seq: a.ours.iss + 1,
            small_end: a.ours.iss + 1,
            buffer: 0,
            notsent_lowat: limits.notsent_lowat,
            min_burst: sysctl.tcp_min_tso_segs,
            cwnd_limited: false,
            max_in_flight: 0,
            usage_end: a.ours.iss + 1,
            last_sent: now,
            last_ack: now,
            probing_since: None,
            timeouts: 0,
            retransmitting_since: None,
            probes: 0,
            fin_queued: false,
            recovery: Recovery::new(a.ours.iss + 1, sysctl.tcp_reordering),
            rack: Rack::new(a.ours.iss + 1),
            no_space: false,
            chrono: Chrono::default(),
        },
        rcv: Receiver {
            irs: a.irs,
            nxt: a.irs + 1,
            wup: a.irs + 1,
            wnd: a.rcv_wnd,
            wscale,
            buffer: limits.buffer,
            ratio: receive_buffer::DEFAULT_RATIO,
            clamp,
            ssthresh: a.rcv_wnd,
            held: Fifo::default(),
            backlog: 0,
            shared_from: None,
            pace: Pace::new(a.irs + 1, now),
            out_of_order: SortedMap::default(),
            last_refusal: None,
            ack: AckSchedule {
                last_received: now,
                ..AckSchedule::default()
            },
        },
        rtt,
        congestion: Congestion::new(ends.path.initial_window),
        timestamps,
        peer_mss: a
            .peer
            .mss
            .map_or(default_mss(ends.remote.address()), u32::from)
            .min(limits.user_mss.unwrap_or(u32::MAX)),
        mss: 0,
        retransmit: None,
        delayed_ack: None,
        keepalive: limits.settings.keepalive.map(|idle| now + idle),
        settings: limits.settings,
        counts: Counts {
            segs_in: 1,
            delivered: 1,
            sack: a.peer.sack_permitted && a.ours.sack,
            ..Counts::default()
        },
    };
    sync_mss(&mut c, ends);
    c.rcv.begin(ends.path.advmss.into());
    c.rcv.ack.rcv_mss = c.mss.min(c.rcv.wnd / 2).clamp(88, MSS_DEFAULT);
    c.snd.buffer = limits
        .send_buffer
        .unwrap_or_else(|| send_buffer(c.peer_mss, sysctl));
    c
}

/// `tcp_sync_mss()`: a segment is no larger than the peer takes, the device carries and half of the
/// largest window that the peer ever offered.
pub(crate) fn sync_mss(c: &mut Connection, ends: &Ends) {
    let most = mss_to_send(c.peer_mss, ends, c.timestamps.is_some());
    c.mss = burst::bound_to_half_window(most, c.snd.max_window);
}

/// `tcp_mtu_to_mss()`: octets of data in a segment to a peer that takes so many with options.
fn mss_to_send(peer: u32, ends: &Ends, timestamps: bool) -> u32 {
    let clamp = peer.min(ends.path.mss(ends.remote.address()));
    clamp
        .saturating_sub(u32::from(timestamps) * TIMESTAMP_SPACE)
        .max(48)
}

/// `tcp_sndbuf_expand()`: room for twice the congestion window in segments as the allocator rounds them
/// (measured on Linux 6.18: 2626560 for loopback), within tcp_wmem.
pub(crate) fn send_buffer(peer_mss: u32, sysctl: &Sysctl) -> u32 {
    let overhead = 320 + 256;
    let segment = (peer_mss + overhead).next_power_of_two() + 256;
    (20 * segment).clamp(sysctl.tcp_wmem.1, sysctl.tcp_wmem.2)
}
