//! TCP_INFO (`tcp_get_info()`): the 280 bytes of `struct tcp_info` as Linux 6.18 lays it out. What is
//! not counted here is 0; ARCHITECTURE.md says which fields these are.

use crate::base::Time;
use crate::base::time::micros;
use crate::kernel::event::{TcpState, TimerKind};
use crate::kernel::option::Opt;
use crate::kernel::socket::Socket;
use crate::kernel::tcp::State;
use crate::kernel::tcp::congestion::CongestionControl;
use crate::kernel::tcp::connection::Connection;
use crate::kernel::tcp::recovery::Phase;

/// sizeof(struct tcp_info).
pub(crate) const LEN: usize = 280;
/// TCPI_OPT_TIMESTAMPS, TCPI_OPT_SACK, TCPI_OPT_WSCALE.
const TIMESTAMPS: u8 = 1;
const SACK: u8 = 2;
const WINDOW_SCALE: u8 = 4;
/// TCP_INFINITE_SSTHRESH.
const NO_THRESHOLD: u32 = 0x7fff_ffff;
/// A socket that was never connected: timeouts of a second, segments of 536 octets.
const FRESH_RTO: u32 = 1_000_000;
const FRESH_MSS: u32 = 536;

/// Linux's number of a state.
fn number(state: TcpState) -> u8 {
    match state {
        TcpState::Established => 1,
        TcpState::SynSent => 2,
        TcpState::SynReceived => 3,
        TcpState::FinWait1 => 4,
        TcpState::FinWait2 => 5,
        TcpState::TimeWait => 6,
        TcpState::Closed => 7,
        TcpState::CloseWait => 8,
        TcpState::LastAck => 9,
        TcpState::Listen => 10,
        TcpState::Closing => 11,
    }
}

struct Bytes([u8; LEN]);

impl Bytes {
    fn word(&mut self, at: usize, value: u32) {
        self.0[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    fn long(&mut self, at: usize, value: u64) {
        self.0[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
}

/// The struct, of any socket.
pub(crate) fn info(socket: &Socket, now: Time) -> Vec<u8> {
    let mut out = Bytes([0; LEN]);
    out.0[0] = number(socket.state());
    match &socket.tcp {
        // "Report meaningful fields for all TCP states, including listeners": the queue and its limit.
        State::Listen(listen) => {
            out.word(24, listen.accept_queue.len() as u32);
            out.word(28, listen.backlog);
            out.word(80, 10);
            out.word(88, 3);
        }
        State::Closed | State::SynSent(_) | State::SynReceived(_) | State::TimeWait(_) => {
            out.word(8, FRESH_RTO);
            out.word(16, FRESH_MSS);
            out.word(76, NO_THRESHOLD);
            out.word(72, FRESH_RTO / 4);
            out.word(80, 10);
            out.word(88, 3);
        }
        State::Established(c)
        | State::FinWait1(c)
        | State::FinWait2(c)
        | State::CloseWait(c)
        | State::Closing(c)
        | State::LastAck(c) => connection(&mut out, c, socket, now),
    }
    out.0.to_vec()
}

fn connection(out: &mut Bytes, c: &Connection, socket: &Socket, now: Time) {
    // TCPCB_LOST stays where the retransmission is under way.
    let repairs = c.snd.recovery.phase >= Phase::Recovery;
    let chunks = c.snd.in_flight.iter().filter(|chunk| !chunk.sacked);
    let lost = chunks.filter(|chunk| chunk.lost || (repairs && chunk.retransmitted > 0));
    let lost = lost.count() as u32;
    let again = c
        .snd
        .in_flight
        .iter()
        .filter(|chunk| chunk.retransmitted > 0 && !chunk.sacked);
    let probing = c
        .retransmit
        .is_some_and(|d| d.kind == TimerKind::ZeroWindowProbe);
    out.0[1] = c.snd.recovery.phase as u8;
    out.word(28, c.snd.recovery.sacked);
    out.0[2] = if probing {
        0
    } else {
        c.snd.timeouts.min(255) as u8
    };
    out.0[3] = c.snd.probes.min(255) as u8;
    out.0[4] = c.snd.timeouts.min(255) as u8;
    let scaled = c.snd.wscale > 0 || c.rcv.wscale > 0;
    let agreed = [
        (c.timestamps.is_some(), TIMESTAMPS),
        (c.counts.sack, SACK),
        (scaled, WINDOW_SCALE),
    ];
    out.0[5] = agreed.iter().map(|(on, bit)| u8::from(*on) * bit).sum();
    out.0[6] = c.snd.wscale | (c.rcv.wscale << 4);
    // tcpi_delivery_rate_app_limited: nothing waits to be sent.
    out.0[7] = u8::from(c.snd.unsent.is_empty());
    // Linux keeps the timeout in jiffies of 4 ms.
    out.word(8, micros(c.rtt.rto(c.snd.timeouts)).next_multiple_of(4_000));
    out.word(12, micros(c.rcv.ack.ato));
    out.word(16, c.mss);
    out.word(20, c.rcv.ack.rcv_mss);
    out.word(24, c.snd.in_flight.len() as u32);
    out.word(32, lost);
    out.word(36, again.filter(|chunk| !chunk.lost).count() as u32);
    let since = |then: Time| now.since(then).as_millis() as u32;
    out.word(44, since(c.snd.last_sent));
    out.word(52, since(c.rcv.ack.last_received));
    out.word(56, since(c.snd.last_ack));
    let path = socket.path;
    let largest = if socket.local.is_ipv4() {
        65_535
    } else {
        u32::MAX
    };
    out.word(60, path.map_or(0, |path| path.mtu.min(largest)));
    out.word(64, c.rcv.ssthresh);
    out.word(92, c.rcv.pace.rtt >> 3);
    out.word(96, c.rcv.pace.space);
    let (srtt, rttvar) = c.rtt.reported();
    out.word(68, srtt);
    out.word(72, rttvar);
    out.word(76, c.congestion.threshold().min(NO_THRESHOLD));
    out.word(80, c.congestion.window());
    let options = if c.timestamps.is_some() { 12 } else { 0 };
    let user_mss = socket.options.is_set(Opt::MaxSeg);
    let user_mss = user_mss.map_or(u32::MAX, |mss| mss as u32);
    let advmss = path.map_or(0, |path| u32::from(path.advmss).min(user_mss));
    out.word(84, advmss.saturating_sub(options));
    out.word(88, 3);
    let counts = &c.counts;
    out.word(100, counts.total_retrans);
    let acked = c.snd.una - c.snd.iss;
    out.long(120, acked.saturating_sub(u32::from(!counts.active)).into());
    out.long(128, u64::from((c.rcv.nxt - c.rcv.irs).saturating_sub(1)));
    out.word(136, counts.segs_out);
    out.word(140, counts.segs_in);
    out.word(152, counts.data_segs_in);
    out.word(156, counts.data_segs_out);
    for (nth, time) in c.snd.chrono.times(now).into_iter().enumerate() {
        out.long(168 + 8 * nth, micros(time).into());
    }
    out.word(192, counts.delivered);
    out.long(200, counts.bytes_sent);
    out.long(208, counts.bytes_retrans);
    out.word(144, c.snd.write_seq - c.snd.nxt);
    out.word(148, micros(c.rtt.least()));
    out.word(228, c.snd.wnd);
    out.word(232, c.rcv.window());
}
