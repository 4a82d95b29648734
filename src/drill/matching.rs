//! Whether a packet is the one that a script expects, and how packets are written down.

use super::script::{Tcp, TcpOption};
use crate::packet::Flags;
use std::fmt::Write;

/// The first difference between what was expected and what went out, if there is one.
pub(super) fn differs(expected: &Tcp, actual: &Tcp) -> bool {
    let window = expected.window.is_some() && expected.window != actual.window;
    expected.flags != actual.flags
        || expected.seq != actual.seq
        || expected.ack != actual.ack
        || expected.len != actual.len
        || expected.urgent != actual.urgent
        || window
        || !options_match(expected, actual)
}

/// Kinds in the same order and the same values; of timestamps the time is compared elsewhere.
fn options_match(expected: &Tcp, actual: &Tcp) -> bool {
    let (Some(expected), Some(actual)) = (&expected.options, &actual.options) else {
        return true;
    };
    expected.len() == actual.len()
        && expected.iter().zip(actual).all(|pair| match pair {
            (TcpOption::Timestamps(..), TcpOption::Timestamps(..)) => true,
            (expected, actual) => expected == actual,
        })
}

/// Whether `next` goes on where `last` ended, so that both can be one packet that was cut on its way. `left` octets
/// are missing.
pub(super) fn continues(last: &Tcp, next: &Tcp, left: u32) -> bool {
    let ends = Flags::PSH.0 | Flags::FIN.0 | Flags::CWR.0;
    next.flags & !ends == last.flags & !ends
        && next.seq == last.seq.wrapping_add(last.len)
        && next.ack == last.ack
        && next.window == last.window
        && options_match(last, next)
        && (next.len >= left || next.len == last.len)
}

/// Several packets as the one that they were cut from: the head of the last, the number of the first.
pub(super) fn joined(first: &Tcp, last: &Tcp, len: u32) -> Tcp {
    Tcp {
        seq: first.seq,
        len,
        ..last.clone()
    }
}

/// A segment as scripts write it. The window is left out where the other side of a comparison has none.
pub(super) fn written(tcp: &Tcp, window: bool) -> String {
    let mut text = String::new();
    let names = [
        (Flags::SYN.0, 'S'),
        (Flags::FIN.0, 'F'),
        (Flags::RST.0, 'R'),
        (Flags::PSH.0, 'P'),
        (Flags::URG.0, 'U'),
        (Flags::ECE.0, 'E'),
        (Flags::CWR.0, 'W'),
        (Flags::ACK.0, '.'),
    ];
    text.extend(
        names
            .iter()
            .filter(|(bit, _)| tcp.flags & bit != 0)
            .map(|(_, name)| name),
    );
    if tcp.flags == 0 {
        text.push('-');
    }
    let end = tcp.seq.wrapping_add(tcp.len);
    let _ = write!(text, " {}:{end}({})", tcp.seq, tcp.len);
    if tcp.flags & Flags::ACK.0 != 0 {
        let _ = write!(text, " ack {}", tcp.ack);
    }
    if let Some(octets) = tcp.window.filter(|_| window) {
        let _ = write!(text, " win {octets}");
    }
    if tcp.urgent != 0 {
        let _ = write!(text, " urg {}", tcp.urgent);
    }
    match &tcp.options {
        None => text.push_str(" <...>"),
        Some(options) if options.is_empty() => {}
        Some(options) => {
            let list: Vec<String> = options.iter().map(option).collect();
            let _ = write!(text, " <{}>", list.join(","));
        }
    }
    text
}

fn option(option: &TcpOption) -> String {
    match option {
        TcpOption::Nop => "nop".to_owned(),
        TcpOption::Eol => "eol".to_owned(),
        TcpOption::Mss(mss) => format!("mss {mss}"),
        TcpOption::WindowScale(shift) => format!("wscale {shift}"),
        TcpOption::SackPermitted => "sackOK".to_owned(),
        TcpOption::Sack(blocks) => {
            let blocks: Vec<String> = blocks.iter().map(|(a, b)| format!("{a}:{b}")).collect();
            format!("sack {}", blocks.join(" "))
        }
        TcpOption::Timestamps(val, ecr) => format!("TS val {val} ecr {ecr}"),
        TcpOption::Other(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(seq: u32, len: u32, flags: u8) -> Tcp {
        Tcp {
            flags,
            seq,
            len,
            ack: 1,
            window: Some(257),
            options: Some(vec![]),
            ..Tcp::default()
        }
    }

    #[test]
    fn a_window_is_compared_only_where_it_is_written() {
        let actual = data(1, 10, 0x10);
        let mut expected = Tcp {
            window: None,
            ..actual.clone()
        };
        assert!(!differs(&expected, &actual));
        expected.window = Some(1);
        assert!(differs(&expected, &actual));
        expected.window = None;
        expected.flags |= Flags::PSH.0;
        assert!(differs(&expected, &actual));
    }

    #[test]
    fn pieces_of_equal_length_go_on_until_the_last() {
        let (first, next) = (data(1, 1_000, 0x10), data(1_001, 1_000, 0x18));
        assert!(continues(&first, &next, 5_000));
        assert!(!continues(&first, &data(1_001, 500, 0x18), 5_000));
        assert!(continues(&first, &data(1_001, 500, 0x18), 500));
        assert!(!continues(&first, &data(2_001, 1_000, 0x10), 5_000));
        let whole = joined(&first, &next, 2_000);
        assert_eq!(written(&whole, true), "P. 1:2001(2000) ack 1 win 257");
    }

    #[test]
    fn options_keep_their_order() {
        let mut syn = data(0, 0, 2);
        syn.options = Some(vec![TcpOption::Mss(1_460), TcpOption::SackPermitted]);
        let mut other = syn.clone();
        other.options.as_mut().expect("some").reverse();
        assert!(differs(&syn, &other));
        assert_eq!(written(&syn, false), "S 0:0(0) <mss 1460,sackOK>");
    }
}
