//! Answers to segments that are out of order come seldom, so that two hosts that are at odds do not answer each other
//! for ever (`tcp_oow_rate_limited()`).

use crate::base::Time;
use crate::kernel::cx::Cx;
use crate::kernel::rule::Rule;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::connection::Connection;
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::segment_arrives::ignored;
use crate::packet::{Flags, Packet, Segment};
use std::time::Duration;

/// Whether the last such answer is too recent for another one; if not, this one is the last.
pub(crate) fn limited(last: &mut Option<Time>, now: Time, sysctl: &Sysctl) -> bool {
    let least = Duration::from_millis(sysctl.tcp_invalid_ratelimit.into());
    let soon = last.is_some_and(|last| now.since(last) < least);
    if !soon {
        *last = Some(now);
    }
    soon
}

/// The same for a segment that a retransmission can be: one with data or a FIN is always answered.
pub(crate) fn limits(
    last: &mut Option<Time>,
    now: Time,
    segment: &Segment,
    sysctl: &Sysctl,
) -> bool {
    let plain = segment.is_empty() || segment.has(Flags::SYN);
    plain && limited(last, now, sysctl)
}

/// `tcp_send_dupack()`, `tcp_send_challenge_ack()`: drops a segment, and says what is expected instead.
pub(crate) fn refuse(
    c: &mut Connection,
    ends: &Ends,
    unread: u32,
    cx: &mut Cx,
    (packet, segment): (&Packet, &Segment),
    because: Rule,
    sysctl: &Sysctl,
) {
    let last = &mut c.rcv.last_refusal;
    let challenge = matches!(because, Rule::ChallengeAck | Rule::UnacceptableAck);
    let soon = if challenge {
        limited(last, cx.now, sysctl)
    } else {
        limits(last, cx.now, segment, sysctl)
    };
    if soon {
        ignored(cx, packet, ends, Rule::AnsweredLately);
    } else {
        ignored(cx, packet, ends, because);
        output::send_ack(c, ends, unread, cx, because);
    }
}
