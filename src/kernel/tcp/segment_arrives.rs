//! SEGMENT ARRIVES (RFC 9293 §3.10.7), in the RFC's order, for an endpoint that knows its peer.
//! What a listener does with a segment (§3.10.7.2) is in [`crate::kernel::listener`].

use crate::abi::Errno;
use crate::base::Seq;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState, TimerKind};
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::ack;
use crate::kernel::tcp::close;
use crate::kernel::tcp::connection::{BUFFER_OVERHEAD, Connection};
use crate::kernel::tcp::limit;
use crate::kernel::tcp::open::{self, Agreed, Limits};
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::recv;
use crate::kernel::tcp::state::{State, SynReceived, TimeWait};
use crate::kernel::tcp::urgent;
use crate::packet::{Flags, Packet, Segment};
use std::rc::Rc;
use std::time::Duration;

/// TCP_TIMEOUT_MIN: two jiffies, with CONFIG_HZ=250.
const TIMEOUT_MIN: Duration = Duration::from_millis(8);

/// What remains to be done outside the endpoint.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum After {
    /// Nothing: the endpoint says it all.
    Nothing,
    /// A program still holds the socket, so a TIME-WAIT of its own takes the connection over.
    Split(TimeWait),
}

/// §3.10.7.1: no endpoint. Everything but a reset is answered with a reset (`tcp_v4_send_reset()`).
pub(crate) fn no_endpoint(cx: &mut Cx, packet: &Packet, segment: &Segment, because: Rule) {
    if segment.has(Flags::RST) {
        cx.emit(EventKind::SegmentIgnored {
            packet: packet.id,
            sock: None,
            because: Rule::NoSuchPort,
        });
        return;
    }
    let (flags, seq, ack) = if segment.has(Flags::ACK) {
        (Flags::RST, segment.ack, Seq(0))
    } else {
        (Flags::RST | Flags::ACK, Seq(0), segment.end())
    };
    let reply = Segment {
        src_port: segment.dst_port,
        dst_port: segment.src_port,
        seq,
        ack,
        flags,
        window: 0,
        urgent: 0,
        options: Default::default(),
        payload: Rc::from([]),
    };
    cx.transmit(None, (packet.dst, packet.src), reply, because);
}

/// An endpoint with a peer: SYN-SENT and every later state.
pub(crate) fn segment_arrives(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    packet: &Packet,
    segment: &Segment,
    sysctl: &Sysctl,
) -> After {
    match &socket.tcp {
        State::Closed | State::Listen(_) => {
            no_endpoint(cx, packet, segment, Rule::NoSuchPort);
            After::Nothing
        }
        State::SynSent(_) => {
            syn_sent(socket, ends, cx, packet, segment, sysctl);
            After::Nothing
        }
        State::SynReceived(_) => {
            simultaneous(socket, ends, cx, packet, segment, sysctl);
            After::Nothing
        }
        State::TimeWait(_) => {
            super::time_wait::segment_arrives(socket, ends, cx, packet, segment, sysctl);
            After::Nothing
        }
        State::Established(_)
        | State::FinWait1(_)
        | State::FinWait2(_)
        | State::CloseWait(_)
        | State::Closing(_)
        | State::LastAck(_) => synchronised(socket, ends, cx, packet, segment, sysctl),
    }
}

/// §3.10.7.3: SYN-SENT (`tcp_rcv_synsent_state_process()`).
fn syn_sent(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    packet: &Packet,
    segment: &Segment,
    sysctl: &Sysctl,
) {
    let State::SynSent(s) = &socket.tcp else {
        return;
    };
    let s = s.clone();
    // First, check the ACK bit: an acknowledgement of anything but our SYN draws a reset.
    if segment.has(Flags::ACK) && segment.ack != s.ours.iss + 1 {
        // The other side holds an old connection and drops it now: Linux asks again at once.
        if s.retries == 0
            && !segment.has(Flags::RST)
            && let State::SynSent(s) = &mut socket.tcp
        {
            let deadline = cx.now + TIMEOUT_MIN;
            s.deadline = deadline;
            let (sock, timer) = (ends.sock, TimerKind::Retransmit);
            cx.emit(EventKind::TimerSet {
                sock,
                timer,
                deadline,
            });
        }
        no_endpoint(cx, packet, segment, Rule::UnacceptableAck);
        return;
    }
    // Second, check the RST bit.
    if segment.has(Flags::RST) {
        if segment.has(Flags::ACK) {
            close::reset_received(socket, ends, cx);
        } else {
            ignored(cx, packet, ends, Rule::UnacceptableAck);
        }
        return;
    }
    // Fourth, check the SYN bit.
    if !segment.has(Flags::SYN) {
        ignored(cx, packet, ends, Rule::NothingToDo);
        return;
    }
    cx.emit(EventKind::TimerStopped {
        sock: ends.sock,
        timer: TimerKind::Retransmit,
    });
    if !segment.has(Flags::ACK) {
        // "Otherwise, enter SYN-RECEIVED": the SYNs crossed.
        let limits = Limits::of(socket, sysctl);
        let crossed = open::syn_received(cx, segment, None, s.ours, &limits);
        open::send_syn_ack(ends, cx, &crossed, Rule::SimultaneousOpen);
        arm_syn_ack(cx, ends, &crossed);
        let state = State::SynReceived(Box::new(crossed));
        socket.transition(cx, ends.sock, state, Rule::SimultaneousOpen);
        return;
    }
    let agreed = Agreed {
        ours: s.ours,
        irs: segment.seq,
        peer: segment.options,
        snd_wnd: u32::from(segment.window),
        rcv_wnd: s.rcv_wnd,
        wl1: segment.seq,
        sent_at: s.sent_at,
        retries: s.retries,
    };
    let limits = Limits::of(socket, sysctl);
    let mut c = open::establish(&agreed, ends, &limits, sysctl, cx.now);
    c.counts.active = true;
    c.counts.segs_out = 1 + s.retries;
    rtt_known(&c, ends, cx, s.retries);
    // "Save one ACK. Data will be ready after several ticks, if write_pending is set."
    let options = &socket.options;
    if options.get(Opt::QuickAck) == 0 || options.on(Opt::DeferAccept) {
        recv::delay_handshake_ack(&mut c, ends, cx);
        socket.options.unset(Opt::QuickAck);
    } else {
        output::send_ack(&mut c, ends, 0, cx, Rule::SynAckToActive);
    }
    socket.transition(
        cx,
        ends.sock,
        State::Established(Box::new(c)),
        Rule::SynAckToActive,
    );
}

/// Says what was measured, if something was.
fn rtt_known(c: &Connection, ends: &Ends, cx: &mut Cx, retries: u32) {
    if let (0, Some(rtt)) = (retries, c.rtt.smoothed()) {
        ack::emit_rtt(cx, ends.sock, rtt, c);
    }
}

/// Starts the timer of a SYN,ACK.
pub(crate) fn arm_syn_ack(cx: &mut Cx, ends: &Ends, s: &SynReceived) {
    let timer = TimerKind::Retransmit;
    cx.emit(EventKind::TimerSet {
        sock: ends.sock,
        timer,
        deadline: s.deadline,
    });
}

/// SYN-RECEIVED after a simultaneous open: the other side's SYN,ACK or ACK completes it.
fn simultaneous(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    packet: &Packet,
    segment: &Segment,
    sysctl: &Sysctl,
) {
    let State::SynReceived(s) = &socket.tcp else {
        return;
    };
    let s = s.clone();
    if segment.has(Flags::RST) {
        if segment.seq == s.irs + 1 {
            close::reset_received(socket, ends, cx);
        } else {
            ignored(cx, packet, ends, Rule::OutsideWindow);
        }
        return;
    }
    if !segment.has(Flags::ACK) || segment.ack != s.ours.iss + 1 {
        ignored(cx, packet, ends, Rule::UnacceptableAck);
        return;
    }
    cx.emit(EventKind::TimerStopped {
        sock: ends.sock,
        timer: TimerKind::Retransmit,
    });
    let limits = Limits::of(socket, sysctl);
    let mut c = complete(&s, ends, cx, segment, &limits, sysctl);
    if segment.has(Flags::SYN) {
        // The peer's SYN,ACK repeats the SYN that we have: it is old and is acknowledged.
        output::send_ack(&mut c, ends, 0, cx, Rule::OutsideWindow);
    }
    socket.transition(
        cx,
        ends.sock,
        State::Established(Box::new(c)),
        Rule::HandshakeDone,
    );
    if socket.send_shutdown {
        // shutdown(2) came before the handshake: the FIN was put off until now.
        close::send_fin(socket, ends, cx, Rule::ShutdownCall);
    }
}

/// SYN-RECEIVED → ESTABLISHED: what the segment that acknowledges our SYN brings.
pub(crate) fn complete(
    s: &SynReceived,
    ends: &Ends,
    cx: &mut Cx,
    segment: &Segment,
    limits: &Limits,
    sysctl: &Sysctl,
) -> Connection {
    let shift = if segment.has(Flags::SYN) || !s.ours.scaling {
        0
    } else {
        s.peer.window_scale.unwrap_or(0).min(14)
    };
    // tcp_check_req() takes the timestamp of the segment, too.
    let mut peer = s.peer;
    if let (Some(first), Some(latest)) = (&mut peer.timestamps, segment.options.timestamps) {
        *first = latest;
    }
    let agreed = Agreed {
        ours: s.ours,
        irs: s.irs,
        peer,
        snd_wnd: u32::from(segment.window) << shift,
        rcv_wnd: s.rcv_wnd,
        wl1: segment.seq,
        sent_at: s.sent_at,
        retries: s.retries,
    };
    let c = open::establish(&agreed, ends, limits, sysctl, cx.now);
    rtt_known(&c, ends, cx, s.retries);
    c
}

/// §3.10.7.4: ESTABLISHED and every later state but TIME-WAIT.
pub(crate) fn synchronised(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    packet: &Packet,
    segment: &Segment,
    sysctl: &Sysctl,
) -> After {
    let unread = socket.receive_queue.len() as u32;
    let orphan = socket.is_orphan() && socket.state() != TcpState::Closed;
    // First, check sequence number; second, RST; fourth, SYN (tcp_validate_incoming()).
    match acceptable(socket, ends, cx, (packet, segment), unread, sysctl) {
        Verdict::Go => {}
        Verdict::Discard => return After::Nothing,
        Verdict::Reset => {
            close::reset_received(socket, ends, cx);
            return After::Nothing;
        }
    }
    // Fifth, check the ACK field: "if the ACK bit is off, drop the segment and return".
    if !segment.has(Flags::ACK) {
        ignored(cx, packet, ends, Rule::NothingToDo);
        return After::Nothing;
    }
    let Some(c) = socket.tcp.connection_mut() else {
        return After::Nothing;
    };
    let una = c.snd.una;
    if !ack::ack(c, ends, unread, cx, segment) {
        // "If the ACK acks something not yet sent, then send an ACK, drop the segment, and return."
        let because = Rule::UnacceptableAck;
        limit::refuse(c, ends, unread, cx, (packet, segment), because, sysctl);
        return After::Nothing;
    }
    // "Something worked...": what ICMP said is forgotten.
    if !segment.ack.before(una) {
        socket.soft_error = None;
    }
    let before = socket.state();
    let after = our_fin_acked(socket, ends, cx);
    // TCP_LINGER2 below 0: an orphan does not stay in FIN-WAIT-2.
    let leaves = socket.options.is_set(Opt::Linger2) == Some(-1);
    if orphan && leaves && before == TcpState::FinWait1 && socket.state() == TcpState::FinWait2 {
        no_endpoint(cx, packet, segment, Rule::OrphanTimeout);
        close::done(socket, ends.sock, cx, Rule::OrphanTimeout);
        return After::Nothing;
    }
    if after != After::Nothing || socket.tcp.connection().is_none() {
        return after;
    }
    // Sixth, check the URG bit; seventh, process the segment text; eighth, check the FIN bit.
    urgent::arrives(socket, ends, cx, segment, sysctl.tcp_stdurg);
    text_and_fin(socket, ends, cx, packet, segment, orphan.then_some(sysctl))
}

/// What to do with a segment after looking at its numbers.
enum Verdict {
    Go,
    Discard,
    Reset,
}

/// `tcp_validate_incoming()`.
fn acceptable(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    (packet, segment): (&Packet, &Segment),
    unread: u32,
    sysctl: &Sysctl,
) -> Verdict {
    let Some(c) = socket.tcp.connection_mut() else {
        return Verdict::Discard;
    };
    // tcp_segs_in()
    c.counts.segs_in += 1;
    c.counts.data_segs_in += u32::from(!segment.payload.is_empty());
    let in_order = segment.seq == c.rcv.nxt;
    let rst = segment.has(Flags::RST);
    // RFC 7323 §5.3: an old timestamp shows an old duplicate.
    let old = match (c.timestamps, segment.options.timestamps) {
        (Some(ours), Some((tsval, _))) => Seq(tsval).before(Seq(ours.recent)) && !rst,
        _ => false,
    };
    let window_end = c.rcv.nxt + c.rcv.window();
    let outside = segment.end().before(c.rcv.wup) || segment.seq.after(window_end);
    // A SYN proves nothing, wherever it lies (RFC 5961 §4.2).
    let syn = segment.has(Flags::SYN) && !rst;
    let mut refuse = |cx: &mut Cx, because| {
        let because = if syn { Rule::ChallengeAck } else { because };
        limit::refuse(c, ends, unread, cx, (packet, segment), because, sysctl);
        Verdict::Discard
    };
    if old {
        return refuse(cx, Rule::OldTimestamp);
    }
    // tcp_sequence()
    if outside && rst {
        ignored(cx, packet, ends, Rule::OutsideWindow);
        return Verdict::Discard;
    }
    if outside {
        return refuse(cx, Rule::OutsideWindow);
    }
    // RFC 5961 §3.2 and §4.2: only the expected number proves that a reset is genuine; a SYN in the
    // window proves nothing.
    if rst && in_order {
        return Verdict::Reset;
    }
    if rst || syn {
        return refuse(cx, Rule::ChallengeAck);
    }
    Verdict::Go
}

/// The states that wait for the acknowledgement of our FIN.
fn our_fin_acked(socket: &mut Socket, ends: &Ends, cx: &mut Cx) -> After {
    let Some(c) = socket.tcp.connection() else {
        return After::Nothing;
    };
    if c.snd.una != c.snd.write_seq {
        return After::Nothing;
    }
    match std::mem::replace(&mut socket.tcp, State::Closed) {
        State::FinWait1(c) => {
            // The state was taken out to move its machinery; put it back for the event to be true.
            socket.tcp = State::FinWait1(c.clone());
            socket.transition(cx, ends.sock, State::FinWait2(c), Rule::FinAcked);
            After::Nothing
        }
        State::Closing(c) => {
            socket.tcp = State::Closing(c);
            close::enter_time_wait(socket, ends, cx)
        }
        State::LastAck(c) => {
            socket.tcp = State::LastAck(c);
            socket.transition(cx, ends.sock, State::Closed, Rule::FinAcked);
            After::Nothing
        }
        other => {
            socket.tcp = other;
            After::Nothing
        }
    }
}

/// The seventh and eighth step.
fn text_and_fin(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    packet: &Packet,
    segment: &Segment,
    orphan: Option<&Sysctl>,
) -> After {
    let Some(c) = socket.tcp.connection() else {
        return After::Nothing;
    };
    // Who has closed, or shut both directions, cannot read: data is answered with a reset (RFC 9293 §3.6.1).
    let closing = match &socket.tcp {
        State::FinWait1(_) | State::FinWait2(_) => true,
        State::CloseWait(_) | State::Closing(_) | State::LastAck(_) => {
            segment.seq.before(c.rcv.nxt)
        }
        State::Closed
        | State::Listen(_)
        | State::SynSent(_)
        | State::SynReceived(_)
        | State::Established(_)
        | State::TimeWait(_) => false,
    };
    let fin_len = u32::from(segment.has(Flags::FIN));
    let new_data = !segment.payload.is_empty() && (segment.end() - fin_len).after(c.rcv.nxt);
    if closing && socket.receive_shutdown && new_data {
        no_endpoint(cx, packet, segment, Rule::DataAfterClose);
        if let (None, Some((errno, _))) = (orphan, reset_errno(&socket.tcp)) {
            socket.note_error(cx, ends.sock, errno, Rule::DataAfterClose);
        }
        close::done(socket, ends.sock, cx, Rule::DataAfterClose);
        return After::Nothing;
    }
    let before = (c.rcv.nxt, c.rcv.out_of_order.len());
    // Who is connected to itself takes it in at the end of the call that sends it, when it counts twice.
    if ends.local == ends.remote
        && !segment.payload.is_empty()
        && let Some(c) = socket.tcp.connection_mut()
    {
        c.rcv.backlog = segment.payload.len() as u32 + BUFFER_OVERHEAD;
    }
    let fin = recv::data_queue(socket, ends, cx, segment);
    if let Some(c) = socket.tcp.connection()
        && (c.rcv.nxt, c.rcv.out_of_order.len()) == before
        && !segment.is_empty()
    {
        let because = match c.rcv.ack.no_memory {
            true => Rule::NoReceiveMemory,
            false => Rule::OutsideWindow,
        };
        ignored(cx, packet, ends, because);
    }
    let after = if fin {
        close::fin_received(socket, ends, cx)
    } else {
        After::Nothing
    };
    let unread = socket.receive_queue.len() as u32;
    if let Some(c) = socket.tcp.connection_mut() {
        output::push_pending(c, ends, unread, cx, output::Nagle::Apply);
        let low_water = socket.options.get(Opt::RcvLowat) as u32;
        recv::ack_send_check(c, ends, (unread, low_water), cx);
        c.rcv.backlog = 0;
    }
    if let Some(sysctl) = orphan {
        close::orphan_in_fin_wait_2(socket, ends, cx, sysctl);
    }
    after
}

/// Says that a segment changed nothing.
pub(crate) fn ignored(cx: &mut Cx, packet: &Packet, ends: &Ends, because: Rule) {
    cx.emit(EventKind::SegmentIgnored {
        packet: packet.id,
        sock: Some(ends.sock),
        because,
    });
}

/// The error that a reset means in each state (`tcp_reset()`).
pub(crate) fn reset_errno(state: &State) -> Option<(Errno, Rule)> {
    match state {
        State::SynSent(_) => Some((Errno::ECONNREFUSED, Rule::PeerRefused)),
        State::CloseWait(_) => Some((Errno::EPIPE, Rule::PeerReset)),
        State::Closed => None,
        State::Listen(_)
        | State::SynReceived(_)
        | State::Established(_)
        | State::FinWait1(_)
        | State::FinWait2(_)
        | State::Closing(_)
        | State::LastAck(_)
        | State::TimeWait(_) => Some((Errno::ECONNRESET, Rule::PeerReset)),
    }
}
