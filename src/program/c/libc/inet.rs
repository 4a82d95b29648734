//! <arpa/inet.h>: byte order and addresses as text.

use super::{Flow, Invocation, int_result};
use crate::abi::Errno;
use crate::abi::constants::{AF_INET, AF_INET6};
use crate::program::c::machine::Machine;
use crate::program::c::machine::memory::Life;
use std::net::{Ipv4Addr, Ipv6Addr};

/// htons() and ntohs(): the two bytes change places.
pub(super) fn swap16(m: &mut Machine, call: &Invocation) -> Flow {
    Ok(u64::from((m.arg(call, 0) as u16).swap_bytes()))
}

/// htonl() and ntohl().
pub(super) fn swap32(m: &mut Machine, call: &Invocation) -> Flow {
    Ok(u64::from((m.arg(call, 0) as u32).swap_bytes()))
}

/// Takes a number off the front of a text: at least one digit of that base. Far too large ones are
/// cut.
fn digits(text: &mut &[u8], base: u32) -> Option<u64> {
    let mut number = None;
    while let [first, rest @ ..] = text
        && let Some(digit) = char::from(*first).to_digit(base)
    {
        let more = number.unwrap_or(0) * u64::from(base) + u64::from(digit);
        number = Some(more.min(1 << 40));
        *text = rest;
    }
    number
}

/// What inet_aton() takes: one to four numbers, decimal, octal or hexadecimal, the last of which
/// fills what the others leave; white space may follow.
fn parse_v4(mut text: &[u8]) -> Option<u32> {
    let mut value = 0;
    for i in 0..4 {
        let base = match text {
            [b'0', b'x' | b'X', rest @ ..] => {
                text = rest;
                16
            }
            [b'0', ..] => 8,
            _ => 10,
        };
        let number = digits(&mut text, base)?;
        match text {
            [b'.', rest @ ..] if number <= 255 => {
                text = rest;
                value |= (number as u32) << (24 - 8 * i);
            }
            [next, ..] if !next.is_ascii_whitespace() => return None,
            _ => {
                let room = u32::MAX >> (8 * i);
                return (number <= u64::from(room)).then_some(value | number as u32);
            }
        }
    }
    None
}

/// Takes four decimal numbers without leading zeros off the front.
fn dotted(text: &mut &[u8]) -> Option<[u8; 4]> {
    let mut ip = [0; 4];
    for (i, byte) in ip.iter_mut().enumerate() {
        if i > 0 {
            *text = text.strip_prefix(b".")?;
        }
        if matches!(text, [b'0', b'0'..=b'9', ..]) {
            return None;
        }
        *byte = u8::try_from(digits(text, 10)?).ok()?;
    }
    Some(ip)
}

/// What inet_pton() takes for IPv6 (RFC 4291, 2.2).
fn parse_v6(mut text: &[u8]) -> Option<Vec<u8>> {
    let (mut ip, mut gap) = (Vec::new(), None);
    if let Some(rest) = text.strip_prefix(b"::") {
        (text, gap) = (rest, Some(0));
    }
    while !text.is_empty() {
        let mut rest = text;
        if let Some(v4) = dotted(&mut rest) {
            text = rest;
            ip.extend(v4);
            break;
        }
        rest = text;
        let group = digits(&mut rest, 16)?;
        if text.len() - rest.len() > 4 {
            return None;
        }
        text = rest;
        ip.extend((group as u16).to_be_bytes());
        if let Some(rest) = text.strip_prefix(b"::") {
            if gap.replace(ip.len()).is_some() {
                return None;
            }
            text = rest;
        } else if let [b':', rest @ ..] = text
            && !rest.is_empty()
        {
            text = rest;
        } else {
            break;
        }
    }
    // `::` stands for at least one group of zeros.
    if let Some(gap) = gap
        && ip.len() < 16
    {
        let zeros = vec![0; 16 - ip.len()];
        ip.splice(gap..gap, zeros);
    } else if gap.is_some() {
        return None;
    }
    (ip.len() == 16 && text.is_empty()).then_some(ip)
}

pub(super) fn inet_addr(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    Ok(u64::from(parse_v4(&text).map_or(u32::MAX, u32::to_be)))
}

pub(super) fn inet_aton(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    match parse_v4(&text) {
        Some(value) => {
            m.put(m.arg(call, 1), &value.to_be_bytes())?;
            int_result(1)
        }
        None => int_result(0),
    }
}

/// Its one static buffer is overwritten by the next call, as in C.
pub(super) fn inet_ntoa(m: &mut Machine, call: &Invocation) -> Flow {
    // A struct is passed by its address here.
    let at = m.arg(call, 0);
    let bytes = m.take(at, 4)?;
    let mut text = Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3])
        .to_string()
        .into_bytes();
    text.push(0);
    if m.lib_state().own.ntoa == 0 {
        let at = m.memory_mut().add_static(18, Life::Static, u32::MAX);
        m.lib_state_mut().own.ntoa = at.unwrap_or(0);
    }
    let at = m.lib_state().own.ntoa;
    m.put(at, &text)?;
    Ok(at)
}

pub(super) fn inet_pton(m: &mut Machine, call: &Invocation) -> Flow {
    let family = m.int(call, 0);
    if family != AF_INET && family != AF_INET6 {
        m.set_errno(Errno::EAFNOSUPPORT.number());
        return int_result(-1);
    }
    let text = m.c_string(m.arg(call, 1))?;
    let mut text = text.as_slice();
    let bytes = match family {
        AF_INET => dotted(&mut text)
            .filter(|_| text.is_empty())
            .map(|ip| ip.to_vec()),
        _ => parse_v6(text),
    };
    match bytes {
        Some(bytes) => {
            m.put(m.arg(call, 2), &bytes)?;
            int_result(1)
        }
        None => int_result(0),
    }
}

pub(super) fn inet_ntop(m: &mut Machine, call: &Invocation) -> Flow {
    let (family, at, to, size) = (
        m.int(call, 0),
        m.arg(call, 1),
        m.arg(call, 2),
        m.arg(call, 3),
    );
    let length = match family {
        AF_INET => 4,
        AF_INET6 => 16,
        _ => {
            m.set_errno(Errno::EAFNOSUPPORT.number());
            return Ok(0);
        }
    };
    let bytes = m.take(at, length)?;
    let mut text = match (bytes.first_chunk::<4>(), bytes.first_chunk::<16>()) {
        (_, Some(v6)) => v6_text(Ipv6Addr::from(*v6)),
        (Some(v4), None) => Ipv4Addr::from(*v4).to_string(),
        (None, None) => String::new(),
    }
    .into_bytes();
    text.push(0);
    if text.len() as u64 > (size & 0xffff_ffff) {
        m.set_errno(Errno::ENOSPC.number());
        return Ok(0);
    }
    m.put(to, &text)?;
    Ok(to)
}

/// glibc writes `::1.2.3.4` for addresses that Rust writes in hexadecimal.
fn v6_text(ip: Ipv6Addr) -> String {
    let s = ip.segments();
    let compatible = s[..6].iter().all(|n| *n == 0) && s[6] != 0;
    if compatible {
        let [.., a, b, c, d] = ip.octets();
        return format!("::{a}.{b}.{c}.{d}");
    }
    ip.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inet_pton_takes_what_the_standard_library_takes() {
        for text in [
            "::",
            "::1",
            "1::",
            "1::2",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7::",
            "fe80::1:2",
            "::1:2:3:4:5:6:7:8",
            "1::2::3",
            "1:::2",
            ":1",
            "1:",
            "",
            ":",
            "12345::",
            "abcd:EF01::",
            "g::",
            "::127.0.0.1",
            "::ffff:1.2.3.4",
            "1:2:3:4:5:6:1.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "::1.2.3",
            "::01.2.3.4",
            "::1.2.3.256",
            "1.2.3.4",
            "::1.2.3.4:5",
            "::1 ",
            "::%1",
            "0::0",
            "00001::",
        ] {
            let theirs = text.parse::<Ipv6Addr>().ok().map(|ip| ip.octets().to_vec());
            assert_eq!(parse_v6(text.as_bytes()), theirs, "{text}");
        }
        for text in [
            "1.2.3.4",
            "0.0.0.0",
            "255.255.255.255",
            "256.0.0.1",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "1.2.3.4 ",
            "1..2.3",
            "",
            ".",
            "a.b.c.d",
            "-1.2.3.4",
            "99999999999999999999.1.1.1",
        ] {
            let mut rest = text.as_bytes();
            let ours = dotted(&mut rest).filter(|_| rest.is_empty());
            let theirs = text.parse::<Ipv4Addr>().ok().map(|ip| ip.octets());
            assert_eq!(ours, theirs, "{text}");
        }
    }

    #[test]
    fn inet_aton_takes_what_glibc_takes() {
        assert_eq!(parse_v4(b"127.0.0.1"), Some(0x7f00_0001));
        assert_eq!(parse_v4(b"127.1"), Some(0x7f00_0001));
        assert_eq!(parse_v4(b"0x7f.0.0.010 x"), Some(0x7f00_0008));
        assert_eq!(parse_v4(b"4294967295"), Some(u32::MAX));
        for bad in ["256.0.0.1", "1.2.3.4.5", "1.2.3.", "", "a", "08"] {
            assert_eq!(parse_v4(bad.as_bytes()), None, "{bad}");
        }
    }
}
