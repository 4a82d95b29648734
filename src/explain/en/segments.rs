//! Segments that leave and the timers behind them, in English.

use crate::explain::Template;
use crate::kernel::event::{Carries, Head, TimerKind};
use crate::kernel::rule::Rule;
use crate::packet::Flags;

/// A segment left: told by its flags and by why it left.
pub(super) fn sent(head: Head, because: Rule) -> Template {
    match head.carries {
        Carries::Tcp => {}
        Carries::Udp => {
            return (
                "**{from}** sends a **datagram of {len} bytes** to port {toport} of {to}. It goes out once and is forgotten: no connection, no acknowledgement, no second try.",
                "{from} → {to}: UDP, {len} bytes",
            );
        }
        Carries::Error(_) => {
            return (
                "The kernel answers with **{flags}** and quotes the beginning of the packet that it is about. {why}",
                "{flags} → {to}",
            );
        }
        Carries::EchoRequest | Carries::EchoReply | Carries::Icmp => {
            return (
                "**{flags}** to {to}: the message of ping(8). {why}",
                "{flags} → {to}",
            );
        }
    }
    let has = |bits| head.flags.has(bits);
    if has(Flags::RST) {
        return (
            "**RST** to {to}: on this side the connection does not exist, or exists no more. {why}",
            "{from} → {to}: RST",
        );
    }
    if matches!(because, Rule::RetransmissionTimeout | Rule::FastRetransmit) {
        return (
            "**{from}** sends **{flags}** to {to} **again**. {why}",
            "{from} → {to}: {flags}, again",
        );
    }
    if has(Flags::SYN | Flags::ACK) {
        return (
            "**{from}** answers **SYN,ACK**, the second of three: “I heard your SYN, and this is my own initial number.” {why}",
            "{from} → {to}: SYN,ACK",
        );
    }
    if has(Flags::SYN) {
        return (
            "**{from}** sends **SYN** to port {toport}, the first of three segments: it asks for a connection and says from which number it counts its bytes.",
            "{from} → {to}: SYN",
        );
    }
    if has(Flags::FIN) {
        return (
            "**{from}** sends **FIN** (number {fin}): no more data will come from it. It counts like one byte, so it is acknowledged. Each direction is closed by a FIN of its own.",
            "{from} → {to}: FIN",
        );
    }
    if head.len > 0 {
        return (
            "**{from}** sends **{len} bytes**, numbers {seq} to {last}, to {to}; like every segment it also acknowledges (ACK {ack}). {why}",
            "{from} → {to}: {len} bytes",
        );
    }
    if because == Rule::SynAckToActive {
        return (
            "**{from}** sends **ACK**, the third of three. {why}",
            "{from} → {to}: ACK, handshake done",
        );
    }
    (
        "**{from}** sends **ACK {ack}**: everything before has arrived, {ack} is expected next. {why}",
        "{from} → {to}: ACK {ack}",
    )
}

/// A segment reached an endpoint.
pub(super) fn delivered(head: Head) -> Template {
    match head.carries {
        Carries::Tcp => {}
        Carries::Udp => {
            return (
                "A **datagram of {len} bytes** from {from} reaches {sock}. The kernel looks for a socket that is connected to this sender first, then for one bound to this address, then for one bound to all.",
                "{from} → {to}: {flags} arrives",
            );
        }
        Carries::Error(_) => {
            return (
                "**{flags}** arrives. The packet it quotes was sent by {sock}, so that is the socket that it concerns.",
                "{flags} arrives",
            );
        }
        Carries::EchoRequest | Carries::EchoReply | Carries::Icmp => {
            return ("**{flags}** reaches {sock}.", "{flags} arrives");
        }
    }
    let has = |bits| head.flags.has(bits);
    let text = if has(Flags::RST) {
        "**RST** from {from} reaches {sock}. It ends the connection at once if its number is the expected one."
    } else if has(Flags::SYN | Flags::ACK) {
        "**SYN,ACK** from {from} reaches {sock}. The kernel checks that it acknowledges exactly the SYN that went out."
    } else if has(Flags::SYN) {
        "**SYN** from {from} reaches {sock}. The kernel looks for a connection with exactly these addresses and ports first, and only then for a listener on the port."
    } else if has(Flags::FIN) {
        "**FIN** from {from} (number {fin}) reaches {sock}: the end of what {from} sends."
    } else if head.len > 0 {
        "**{len} bytes** (numbers {seq} to {last}) from {from} reach {sock}. The kernel compares the numbers with the one it expects next."
    } else {
        "**ACK {ack}** from {from} reaches {sock}: everything before that number has arrived there."
    };
    (text, "{from} → {to}: {flags} arrives")
}

/// A timer was set.
pub(super) fn timer_set(timer: TimerKind) -> Template {
    match timer {
        TimerKind::Retransmit => (
            "{Sock} sets its **retransmission timer** to {span}: without an acknowledgement by then, the oldest segment is sent again.",
            "retransmission timer: {span}",
        ),
        TimerKind::LossProbe => (
            "{Sock} sets its **loss probe timer** to {span}: if the last segment is not acknowledged by then, one more segment asks for it before the retransmission timer would.",
            "loss probe in {span}",
        ),
        TimerKind::DelayedAck => (
            "{Sock} **puts its ACK off** for {span} at most: if the program answers soon, the data carries it and a segment is saved.",
            "ACK put off for {span}",
        ),
        TimerKind::ZeroWindowProbe => (
            "Nothing is under way and the peer's window has no room: in {span} {sock} asks again, since the news of an open window could get lost.",
            "window probe in {span}",
        ),
        TimerKind::KeepAlive => (
            "If nothing comes from the peer for {span}, {sock} asks with a **keepalive probe** whether it is still there.",
            "keepalive in {span}",
        ),
        TimerKind::TimeWait => (
            "A timer of **{span}** runs for {sock}. After TIME-WAIT the port is free again; an orphan still in FIN-WAIT-2 gives up then.",
            "TIME-WAIT timer: {span}",
        ),
    }
}

/// A timer ran out.
pub(super) fn timer_expired(timer: TimerKind) -> Template {
    match timer {
        TimerKind::Retransmit => (
            "The **retransmission timer** of {sock} runs out (try {attempt}): no acknowledgement came. The segment goes out again, at growing intervals, until the kernel gives up.",
            "retransmission timer runs out ({attempt})",
        ),
        TimerKind::LossProbe => (
            "The **loss probe timer** of {sock} runs out: the end of what is under way may be lost. A new segment, or the last one again, makes the peer answer.",
            "loss probe",
        ),
        TimerKind::DelayedAck => (
            "The **delayed-ACK timer** of {sock} runs out: no data went out that could have carried the ACK, so it goes alone.",
            "delayed-ACK timer runs out",
        ),
        TimerKind::ZeroWindowProbe => (
            "The **window probe** of {sock} is due (try {attempt}): it asks the peer whether there is room by now.",
            "window probe due ({attempt})",
        ),
        TimerKind::KeepAlive => (
            "The **keepalive timer** of {sock} runs out (probe {attempt}): the peer has been silent; a segment without new data makes it answer.",
            "keepalive probe ({attempt})",
        ),
        TimerKind::TimeWait => (
            "The **TIME-WAIT timer** of {sock} runs out: the kernel forgets the connection.",
            "TIME-WAIT timer runs out",
        ),
    }
}
