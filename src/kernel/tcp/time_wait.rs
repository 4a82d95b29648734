//! Segments for a TIME-WAIT, or for an orphan's FIN-WAIT-2 (`tcp_timewait_state_process()`).

use crate::base::Seq;
use crate::kernel::cx::Cx;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::close::{self, TIME_WAIT};
use crate::kernel::tcp::connection::timestamp;
use crate::kernel::tcp::limit;
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::segment_arrives::{ignored, no_endpoint};
use crate::kernel::tcp::state::{State, TimeWait};
use crate::packet::{Flags, Packet, Segment};

/// A segment for a small endpoint. A SYN that may begin a new connection was handed to the listener
/// before this is asked; see [`takes_over`].
pub(crate) fn segment_arrives(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    packet: &Packet,
    segment: &Segment,
    sysctl: &Sysctl,
) {
    let State::TimeWait(wait) = &socket.tcp else {
        return;
    };
    let mut wait = *wait;
    let old_timestamp = has_old_timestamp(&wait, segment);
    let window_end = wait.rcv_nxt + u32::from(wait.window);
    let outside = segment.end().before(wait.rcv_nxt) || segment.seq.after(window_end);
    if segment.has(Flags::RST) {
        // A reset in the window ends TIME-WAIT, unless RFC 1337 is followed.
        let stays = sysctl.tcp_rfc1337 && !wait.fin_wait_2;
        if old_timestamp || outside || segment.seq != wait.rcv_nxt || stays {
            ignored(cx, packet, ends, Rule::InTimeWait);
        } else {
            socket.transition(cx, ends.sock, State::Closed, Rule::PeerReset);
        }
        return;
    }
    if wait.fin_wait_2 {
        fin_wait_2(
            socket,
            ends,
            cx,
            packet,
            segment,
            wait,
            (outside || old_timestamp, sysctl),
        );
        return;
    }
    if !old_timestamp && segment.seq == wait.rcv_nxt && segment.is_empty() {
        ignored(cx, packet, ends, Rule::InTimeWait);
        return;
    }
    // "The only thing that can arrive is a retransmission of the remote FIN. Acknowledge it, and
    // restart the 2 MSL timeout."
    if segment.has(Flags::ACK) {
        wait.deadline = cx.now + TIME_WAIT;
        close::arm(cx, ends.sock, wait.deadline);
    }
    again(socket, ends, cx, (packet, segment), wait, sysctl);
}

/// `tcp_timewait_check_oow_rate_limit()`: says again what is expected, unless that was said just now.
fn again(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    (packet, segment): (&Packet, &Segment),
    mut wait: TimeWait,
    sysctl: &Sysctl,
) {
    if limit::limits(&mut wait.last_refusal, cx.now, segment, sysctl) {
        ignored(cx, packet, ends, Rule::AnsweredLately);
    } else {
        if wait.fin_wait_2 {
            ignored(cx, packet, ends, Rule::OutsideWindow);
        }
        send_ack(ends, cx, &wait);
    }
    socket.tcp = State::TimeWait(wait);
}

/// The orphan's FIN-WAIT-2: only the peer's FIN is of use; data comes too late.
fn fin_wait_2(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    packet: &Packet,
    segment: &Segment,
    mut wait: TimeWait,
    (unusable, sysctl): (bool, &Sysctl),
) {
    if unusable {
        again(socket, ends, cx, (packet, segment), wait, sysctl);
        return;
    }
    if !segment.has(Flags::ACK) || !segment.end().after(wait.rcv_nxt) || segment.is_empty() {
        ignored(cx, packet, ends, Rule::NothingToDo);
        return;
    }
    if !segment.has(Flags::FIN) || segment.end() != wait.rcv_nxt + 1 {
        no_endpoint(cx, packet, segment, Rule::DataAfterClose);
        socket.transition(cx, ends.sock, State::Closed, Rule::DataAfterClose);
        return;
    }
    wait.fin_wait_2 = false;
    wait.rcv_nxt = segment.end();
    wait.deadline = cx.now + TIME_WAIT;
    if let (Some((recent, _)), Some((tsval, _))) =
        (&mut wait.timestamps, segment.options.timestamps)
    {
        *recent = tsval;
    }
    send_ack(ends, cx, &wait);
    close::arm(cx, ends.sock, wait.deadline);
    socket.transition(cx, ends.sock, State::TimeWait(wait), Rule::BothClosed);
}

/// Whether a SYN may take the addresses over (RFC 9293 §3.6.1, MAY-2): its numbers or its timestamp
/// are newer than everything that the old connection saw.
pub(crate) fn takes_over(wait: &TimeWait, segment: &Segment) -> bool {
    let newer_numbers = segment.seq.after(wait.rcv_nxt);
    let newer_timestamp = match (wait.timestamps, segment.options.timestamps) {
        (Some((recent, _)), Some((tsval, _))) => Seq(recent).before(Seq(tsval)),
        _ => false,
    };
    !wait.fin_wait_2
        && segment.has(Flags::SYN)
        && !segment.has(Flags::RST)
        && !segment.has(Flags::ACK)
        && !has_old_timestamp(wait, segment)
        && (newer_numbers || newer_timestamp)
}

/// PAWS (RFC 7323 §5).
fn has_old_timestamp(wait: &TimeWait, segment: &Segment) -> bool {
    match (wait.timestamps, segment.options.timestamps) {
        (Some((recent, _)), Some((tsval, _))) => Seq(tsval).before(Seq(recent)),
        _ => false,
    }
}

/// `tcp_v4_timewait_ack()`.
fn send_ack(ends: &Ends, cx: &mut Cx, wait: &TimeWait) {
    let mut segment = ends.segment(Flags::ACK, wait.snd_nxt, wait.rcv_nxt, wait.window);
    segment.options.timestamps = wait
        .timestamps
        .map(|(recent, offset)| (timestamp(cx.now, offset), recent));
    ends.transmit(cx, segment, Rule::InTimeWait);
}
