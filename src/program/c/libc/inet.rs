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

/// What inet_aton() takes: one to four numbers, decimal, octal or hexadecimal, the last of which
/// fills what the others leave; white space may follow.
fn parse_v4(text: &[u8]) -> Option<u32> {
    let end = text
        .iter()
        .position(|b| b.is_ascii_whitespace())
        .unwrap_or(text.len());
    let text = std::str::from_utf8(&text[..end]).ok()?;
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() > 4 {
        return None;
    }
    let mut value: u32 = 0;
    for (i, part) in parts.iter().enumerate() {
        let lower = part.to_ascii_lowercase();
        let number = match lower.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16),
            None if lower.len() > 1 && lower.starts_with('0') => u32::from_str_radix(&lower, 8),
            None if lower.starts_with('+') => return None,
            None => lower.parse(),
        }
        .ok()?;
        let last = i + 1 == parts.len();
        let most = if last { u32::MAX >> (8 * i) } else { 255 };
        if number > most {
            return None;
        }
        value |= if last { number } else { number << (24 - 8 * i) };
    }
    Some(value)
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
    if m.lib_state().ntoa == 0 {
        let at = m.memory_mut().add_static(18, Life::Static, u32::MAX);
        m.lib_state_mut().ntoa = at.unwrap_or(0);
    }
    let at = m.lib_state().ntoa;
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
    let text = String::from_utf8_lossy(&text);
    let bytes = match family {
        // Exactly four decimal numbers, no leading zeros: what Rust takes, too.
        AF_INET => text.parse::<Ipv4Addr>().ok().map(|ip| ip.octets().to_vec()),
        _ => text.parse::<Ipv6Addr>().ok().map(|ip| ip.octets().to_vec()),
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
