//! Finding losses before the retransmission timer does: duplicate acknowledgements (RFC 5681, RFC 6582) and tail
//! loss probes (RFC 8985 §7), as `tcp_fastretrans_alert()` and `tcp_send_loss_probe()` do it.
//!
//! No kernel here sends SACK blocks: until one comes (a peer of other make, [`sack`]), duplicates are counted as
//! Linux counts them on connections without SACK. Windows that were reduced without need are not restored (`tcp_try_undo_recovery()`), and F-RTO is not done.

use crate::base::{Seq, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::TimerKind;
use crate::kernel::rule::Rule;
use crate::kernel::tcp::congestion::CongestionControl;
use crate::kernel::tcp::connection::{Connection, Deadline};
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::sack;
use serde::Serialize;
use std::time::Duration;

/// TCP_TIMEOUT_MIN_US: what a loss probe waits beyond two round trips.
const PROBE_MARGIN: Duration = Duration::from_millis(2);
/// net.ipv4.tcp_max_reordering.
const MAX_REORDERING: u32 = 300;

/// `enum tcp_ca_state`, with Linux's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Phase {
    /// Nothing unusual.
    Open,
    /// Duplicates came, too few to mean a loss.
    Disorder,
    /// The window is being reduced without a retransmission.
    Cwr,
    /// Fast retransmit and fast recovery.
    Recovery,
    /// The retransmission timer ran out.
    Loss,
}

/// What the sender knows about losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// `icsk_ca_state`.
    pub phase: Phase,
    /// SND.NXT when the phase began (`high_seq`).
    pub high_seq: Seq,
    /// Segments that duplicates say have arrived (`sacked_out`).
    pub sacked: u32,
    /// So many duplicates mean a loss (`reordering`).
    pub(crate) reordering: u32,
    /// When fast recovery began.
    since: Time,
    /// Proportional rate reduction (RFC 6937): the window before it, and what arrived and went out since.
    prior_window: u32,
    delivered: u32,
    sent: u32,
    /// A loss probe is out: SND.NXT then (`tlp_high_seq`), and whether it was a retransmission.
    probe: Option<(Seq, bool)>,
}

impl Recovery {
    pub(crate) fn new(una: Seq, reordering: u32) -> Recovery {
        Recovery {
            phase: Phase::Open,
            high_seq: una,
            sacked: 0,
            reordering,
            since: Time::ZERO,
            prior_window: 0,
            delivered: 0,
            sent: 0,
            probe: None,
        }
    }

    /// `tcp_in_cwnd_reduction()`.
    fn reducing(&self) -> bool {
        matches!(self.phase, Phase::Cwr | Phase::Recovery)
    }

    /// Something went out (`prr_out`).
    pub(crate) fn count_sent(&mut self, segments: u32) {
        if self.reducing() {
            self.sent += segments;
        }
    }

    /// `tcp_enter_loss()`.
    pub(crate) fn timed_out(&mut self, nxt: Seq) {
        self.phase = Phase::Loss;
        self.high_seq = nxt;
        self.sacked = 0;
        self.probe = None;
    }
}

/// What an acknowledgement was, when something was under way before it.
pub(crate) struct Answer {
    /// Segments that it acknowledged, and how many of these are news.
    pub(crate) acked: u32,
    pub(crate) fresh: u32,
    /// Segments that its SACK blocks tell of for the first time.
    pub(crate) marked: u32,
    /// SND.UNA moved.
    pub(crate) advanced: bool,
    /// It has data or a FIN.
    pub(crate) data: bool,
    /// It set the window.
    pub(crate) window: bool,
    /// The congestion window was in use.
    pub(crate) limited: bool,
}

/// `tcp_process_tlp_ack()`, `tcp_fastretrans_alert()` and `tcp_cong_control()`. Says how long to wait for segments that
/// were overtaken.
pub(crate) fn answered(c: &mut Connection, a: &Answer, now: Time) -> Option<Duration> {
    let before = c.snd.recovery.sacked;
    let blocks = c.snd.rack.blocks;
    let mut delivered = a.fresh + a.marked;
    let mut wait = None;
    if a.acked > 0 && !blocks {
        // tcp_remove_reno_sacks(): one acknowledges the hole, the others eat duplicates.
        delivered = a.acked.saturating_sub(before).max(1);
        c.snd.recovery.sacked = before.saturating_sub(a.acked - 1);
        check_reordering(c, a.acked);
    }
    probe_answered(c, a);
    let duplicate = !(a.advanced || a.data || a.window);
    if duplicate || a.marked > 0 || c.snd.recovery.phase != Phase::Open {
        let before = c.snd.recovery.sacked;
        wait = alert(c, a.advanced, duplicate, now);
        delivered += c.snd.recovery.sacked.saturating_sub(before);
    }
    if c.snd.recovery.reducing() {
        reduce(c, delivered, a.advanced);
    } else if a.acked > 0 {
        c.congestion.on_ack(delivered, a.limited);
    }
    wait
}

/// `tcp_process_tlp_ack()`.
fn probe_answered(c: &mut Connection, a: &Answer) {
    let Some((high, again)) = c.snd.recovery.probe else {
        return;
    };
    let una = c.snd.una;
    if una.before(high) {
        return;
    }
    if !again {
        c.snd.recovery.probe = None;
    } else if una.after(high) {
        // The probe repaired a loss: it counts like any other.
        begin_reduction(c);
        let threshold = c.congestion.threshold();
        c.congestion.set_window(threshold);
        keep_open(c);
    } else if !(a.advanced || a.data || a.window) {
        c.snd.recovery.probe = None;
    }
}

/// `tcp_fastretrans_alert()`.
fn alert(c: &mut Connection, advanced: bool, duplicate: bool, now: Time) -> Option<Duration> {
    let una = c.snd.una;
    let r = &mut c.snd.recovery;
    let over = r.phase != Phase::Open && !una.before(r.high_seq);
    // "Hold old state until something above high_seq is ACKed": RFC 6582 without SACK.
    let held = una == r.high_seq && !c.counts.sack;
    if over {
        match r.phase {
            Phase::Cwr if una != r.high_seq => end_reduction(c),
            Phase::Recovery => {
                r.sacked = 0;
                if held {
                    return None;
                }
                end_reduction(c);
            }
            Phase::Loss if held => return None,
            Phase::Loss => r.phase = Phase::Open,
            Phase::Open | Phase::Disorder | Phase::Cwr => {}
        }
    }
    // tcp_identify_packet_loss()
    let blocks = c.snd.rack.blocks;
    let wait = blocks.then(|| sack::detect_loss(c, now)).flatten();
    match c.snd.recovery.phase {
        Phase::Recovery | Phase::Loss if blocks => {}
        Phase::Recovery => {
            if duplicate {
                count_duplicate(c);
            }
            if advanced {
                mark_head_lost(c);
            }
        }
        Phase::Loss => {
            if duplicate && c.snd.nxt.after(c.snd.recovery.high_seq) {
                count_duplicate(c);
            } else if advanced {
                c.snd.recovery.sacked = 0;
            }
        }
        Phase::Open | Phase::Disorder | Phase::Cwr => {
            if advanced && !blocks {
                c.snd.recovery.sacked = 0;
            }
            if duplicate && !blocks {
                count_duplicate(c);
            }
            if c.snd.recovery.sacked >= c.snd.recovery.reordering && !blocks {
                mark_head_lost(c);
            }
            if c.snd.in_flight.iter().any(|chunk| chunk.lost) {
                enter_recovery(c, now);
            } else {
                keep_open(c);
            }
        }
    }
    wait
}

/// `tcp_enter_recovery()`.
fn enter_recovery(c: &mut Connection, now: Time) {
    if !c.snd.recovery.reducing() {
        begin_reduction(c);
    }
    c.snd.recovery.phase = Phase::Recovery;
    c.snd.recovery.since = now;
}

/// `tcp_rack_reo_timeout()`: whoever was overtaken and has not come by now is lost.
pub(crate) fn overtaken(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    let lost = |c: &Connection| c.snd.in_flight.iter().filter(|chunk| chunk.lost).count();
    let before = lost(c);
    sack::detect_loss(c, cx.now);
    if lost(c) > before {
        if c.snd.recovery.phase != Phase::Recovery {
            enter_recovery(c, cx.now);
            reduce(c, 1, false);
        }
        output::push_pending(c, ends, unread, cx, output::Nagle::Apply);
    }
    output::rearm(c, ends.sock, cx);
}

/// `tcp_add_reno_sack()`.
fn count_duplicate(c: &mut Connection) {
    c.snd.recovery.sacked += 1;
    check_reordering(c, 0);
}

/// `tcp_check_reno_reordering()`: more duplicates than segments that can have caused them show that the network
/// reorders.
fn check_reordering(c: &mut Connection, acked: u32) {
    let out = c.snd.in_flight.len() as u32;
    let lost = c.snd.in_flight.iter();
    let lost = lost.filter(|chunk| chunk.lost || chunk.retransmitted > 0);
    let holes = (lost.count() as u32).max(1).min(out);
    if c.snd.recovery.sacked + holes > out {
        c.snd.recovery.sacked = out - holes;
        c.snd.recovery.reordering = (out + acked).clamp(c.snd.recovery.reordering, MAX_REORDERING);
    }
}

/// `tcp_newreno_mark_lost()`: the first segment that was not acknowledged.
fn mark_head_lost(c: &mut Connection) {
    let r = &c.snd.recovery;
    let (recovering, since) = (r.phase == Phase::Recovery, r.since);
    if let Some(head) = c.snd.in_flight.front_mut() {
        head.lost |= !(recovering && head.retransmitted > 0 && head.sent_at >= since);
    }
}

/// `tcp_try_keep_open()`.
fn keep_open(c: &mut Connection) {
    let r = &c.snd.recovery;
    if r.phase == Phase::Cwr && c.snd.una == r.high_seq {
        return;
    }
    let chunks = &mut c.snd.in_flight.iter();
    let disorder = r.sacked > 0 || chunks.any(|chunk| chunk.lost || chunk.retransmitted > 0);
    let phase = if disorder {
        Phase::Disorder
    } else {
        Phase::Open
    };
    if r.phase != phase {
        c.snd.recovery.phase = phase;
        c.snd.recovery.high_seq = c.snd.nxt;
    }
}

/// `tcp_init_cwnd_reduction()`.
fn begin_reduction(c: &mut Connection) {
    let r = &mut c.snd.recovery;
    r.high_seq = c.snd.nxt;
    r.probe = None;
    r.prior_window = c.congestion.window();
    (r.delivered, r.sent) = (0, 0);
    c.congestion.on_loss();
}

/// `tcp_end_cwnd_reduction()`.
fn end_reduction(c: &mut Connection) {
    c.snd.recovery.phase = Phase::Open;
    c.congestion.set_window(c.congestion.threshold());
}

/// `tcp_cwnd_reduction()`: the window shrinks in proportion to what arrives (RFC 6937).
fn reduce(c: &mut Connection, delivered: u32, advanced: bool) {
    if delivered == 0 {
        return;
    }
    let (pipe, threshold) = (c.snd.pipe(), c.congestion.threshold());
    let lost = c.snd.in_flight.iter().any(|chunk| chunk.lost);
    let r = &mut c.snd.recovery;
    r.delivered += delivered;
    let send = if pipe > threshold {
        let part = u64::from(threshold) * u64::from(r.delivered);
        let part = part.div_ceil(r.prior_window.max(1).into()) as u32;
        part.saturating_sub(r.sent)
    } else {
        let send = r.delivered.saturating_sub(r.sent).max(delivered);
        (threshold - pipe).min(send + u32::from(advanced && !lost))
    };
    // Entering fast recovery sends one in any case.
    let send = send.max(u32::from(r.sent == 0));
    c.congestion.set_window(pipe + send);
}

/// `tcp_schedule_loss_probe()`: when the last segment under way is asked for, if it is. `advancing`: the
/// retransmission timer would begin anew.
pub(crate) fn probe_deadline(c: &Connection, now: Time, advancing: bool) -> Option<Deadline> {
    let head = c.snd.in_flight.front()?;
    let calm = matches!(c.snd.recovery.phase, Phase::Open | Phase::Cwr);
    if !(c.settings.loss_probes && c.counts.sack && calm) {
        return None;
    }
    let wait = match c.rtt.smoothed() {
        None => Rtt::INITIAL_RTO,
        // The peer may delay the acknowledgement of a single segment.
        Some(rtt) if c.snd.in_flight.len() == 1 => 2 * rtt + Rtt::MIN_RTO,
        Some(rtt) => 2 * rtt + PROBE_MARGIN,
    };
    let rto = c.rtt.rto(c.snd.timeouts);
    let timeout = if advancing { now } else { head.sent_at } + rto;
    let at = now + wait;
    let at = if timeout > now { at.min(timeout) } else { at };
    Some(Deadline {
        kind: TimerKind::LossProbe,
        at,
    })
}

/// `tcp_rearm_rto()` where a loss probe was due instead: the time that has passed counts.
pub(crate) fn timeout_of_head(c: &Connection, now: Time) -> Option<Deadline> {
    let head = c.snd.in_flight.front()?;
    let at = head.sent_at + c.rtt.rto(c.snd.timeouts);
    Some(Deadline {
        kind: TimerKind::Retransmit,
        at: at.max(now + Duration::from_micros(1)),
    })
}

/// `tcp_send_loss_probe()`: a new segment if there is one that the peer's window takes, or the last one again.
pub(crate) fn send_probe(c: &mut Connection, ends: &Ends, unread: u32, cx: &mut Cx) {
    if c.snd.recovery.probe.is_some() {
        let deadline = timeout_of_head(c, cx.now);
        c.set_retransmit(cx, ends.sock, deadline);
        return;
    }
    let again = !output::send_new_probe(c, ends, unread, cx);
    if again {
        let Some(last) = c.snd.in_flight.back_mut() else {
            return;
        };
        last.retransmitted += 1;
        last.sent_at = cx.now;
        let last = last.clone();
        output::send_chunk(c, ends, unread, cx, &last, Rule::TailLossProbe);
    }
    c.snd.recovery.probe = Some((c.snd.nxt, again));
    let deadline = Deadline {
        kind: TimerKind::Retransmit,
        at: cx.now + c.rtt.rto(c.snd.timeouts),
    };
    c.set_retransmit(cx, ends.sock, Some(deadline));
}
