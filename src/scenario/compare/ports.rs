//! Ephemeral ports up to one consistent renaming.

use super::rows::Row;
use crate::abi::{Reply, SockAddr, Syscall, UserIn, calls_on_descriptors, nested};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The default ephemeral range: ports that the kernel chooses by itself.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// Which real port stands for which simulated one. Grows while both runs go on; a port is never
/// renamed twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Renaming {
    to_native: BTreeMap<u16, u16>,
    taken: BTreeMap<u16, u16>,
    /// Names of AF_UNIX, simulated and real.
    chosen: Vec<(Vec<u8>, Vec<u8>)>,
    /// Numbers of processes and threads, simulated and real.
    tasks: Vec<(u64, u64)>,
}

impl Renaming {
    /// Whether two ports are the same up to the renaming; learns a new pair if neither is known.
    pub(super) fn same_port(&mut self, simulated: u16, native: u16) -> bool {
        self.same(simulated, native, true)
    }

    /// The same; UDP's ports are even or odd by chance.
    fn same(&mut self, simulated: u16, native: u16, parity: bool) -> bool {
        match (self.to_native.get(&simulated), self.taken.get(&native)) {
            (Some(known), _) => *known == native,
            (None, Some(_)) => false,
            (None, None) => {
                let ephemeral = EPHEMERAL.contains(&simulated) && EPHEMERAL.contains(&native);
                let renames = ephemeral && (!parity || simulated % 2 == native % 2);
                if renames {
                    self.to_native.insert(simulated, native);
                    self.taken.insert(native, simulated);
                }
                renames || simulated == native
            }
        }
    }

    /// The real port for a simulated one.
    pub(super) fn port(&self, simulated: u16) -> u16 {
        self.to_native.get(&simulated).copied().unwrap_or(simulated)
    }

    /// A simulated address with its real port.
    pub(super) fn address(&self, simulated: SocketAddr) -> SocketAddr {
        SocketAddr::new(simulated.ip(), self.port(simulated.port()))
    }

    /// Simulated rows with their real ports, sorted.
    pub(super) fn rows(&self, simulated: &[Row]) -> Vec<Row> {
        let rename = |row: &Row| Row {
            local: self.address(row.local),
            remote: self.address(row.remote),
            ..row.clone()
        };
        let mut rows: Vec<Row> = simulated.iter().map(rename).collect();
        rows.sort();
        rows
    }

    /// Learns the ports that have appeared since the last grant: one call chooses at most one, so if
    /// each side has exactly one new one, they are the same.
    pub(super) fn learn(&mut self, simulated: &[Row], native: &[Row]) {
        let ports = |rows: &[Row], known: &BTreeMap<u16, u16>| {
            let all = rows
                .iter()
                .flat_map(|row| [row.local.port(), row.remote.port()]);
            let mut new: Vec<u16> = all
                .filter(|p| EPHEMERAL.contains(p) && !known.contains_key(p))
                .collect();
            new.sort_unstable();
            new.dedup();
            new
        };
        let udp = native.iter().any(|row| row.udp);
        let new = (
            ports(simulated, &self.to_native),
            ports(native, &self.taken),
        );
        if let ([simulated], [native]) = (new.0.as_slice(), new.1.as_slice()) {
            self.same(*simulated, *native, !udp);
        }
    }

    /// Names of AF_UNIX that the kernel chose: a NUL and five hexadecimal digits.
    fn same_chosen(&mut self, simulated: &[u8], native: &[u8]) -> bool {
        let chosen = |bytes: &[u8]| {
            bytes.len() == 8
                && bytes[..3] == [1, 0, 0]
                && bytes[3..].iter().all(u8::is_ascii_hexdigit)
        };
        let known = self
            .chosen
            .iter()
            .find(|(a, b)| a == simulated || b == native);
        match known {
            Some((a, b)) => a == simulated && b == native,
            None if chosen(simulated) && chosen(native) => {
                self.chosen.push((simulated.to_vec(), native.to_vec()));
                true
            }
            None => simulated == native,
        }
    }

    fn same_address(&mut self, simulated: &[u8], native: &[u8]) -> bool {
        match (SockAddr::decode(simulated), SockAddr::decode(native)) {
            (SockAddr::Inet(a), SockAddr::Inet(b)) => {
                a.ip() == b.ip() && self.same_port(a.port(), b.port())
            }
            _ => self.same_chosen(simulated, native),
        }
    }

    /// Whether two calls are the same up to the renaming.
    pub(super) fn same_call(&mut self, simulated: &Syscall, native: &Syscall) -> bool {
        if simulated == native {
            return true;
        }
        match (simulated, native) {
            (
                Syscall::Connect {
                    fd,
                    addr: UserIn::Bytes(a),
                    addrlen,
                },
                Syscall::Connect {
                    fd: native_fd,
                    addr: UserIn::Bytes(b),
                    addrlen: native_len,
                },
            )
            | (
                Syscall::Bind {
                    fd,
                    addr: UserIn::Bytes(a),
                    addrlen,
                },
                Syscall::Bind {
                    fd: native_fd,
                    addr: UserIn::Bytes(b),
                    addrlen: native_len,
                },
            ) => fd == native_fd && addrlen == native_len && self.same_address(a, b),
            (
                Syscall::Sendto {
                    addr: Some(UserIn::Bytes(a)),
                    ..
                },
                Syscall::Sendto {
                    addr: Some(UserIn::Bytes(b)),
                    ..
                },
            ) => self.same_address(a, b) && without_address(simulated) == without_address(native),
            (Syscall::Sendmsg { msg: Some(a), .. }, Syscall::Sendmsg { msg: Some(b), .. }) => {
                matches!((&a.name, &b.name), (Some(UserIn::Bytes(a)), Some(UserIn::Bytes(b))) if self.same_address(a, b))
                    && without_address(simulated) == without_address(native)
            }
            (Syscall::Sendmmsg { msgvec: a, .. }, Syscall::Sendmmsg { msgvec: b, .. }) => {
                let mut pairs = a.iter().zip(b);
                pairs.all(|(a, b)| {
                    let names = (&a.name, &b.name);
                    matches!(names, (Some(UserIn::Bytes(a)), Some(UserIn::Bytes(b))) if self.same_address(a, b))
                        || a.name == b.name
                }) && without_address(simulated) == without_address(native)
            }
            (
                Syscall::Kill { pid: a, sig },
                Syscall::Kill {
                    pid: b,
                    sig: native_sig,
                },
            ) => sig == native_sig && self.tasks.contains(&(*a as u64, *b as u64)),
            (
                Syscall::Wait4 {
                    pid: a, options, ..
                },
                Syscall::Wait4 {
                    pid: b,
                    options: native_options,
                    ..
                },
            ) => options == native_options && self.tasks.contains(&(*a as u64, *b as u64)),
            // What a program writes may tell a port that it was given.
            (
                Syscall::Write {
                    fd,
                    buf: UserIn::Bytes(a),
                    ..
                },
                Syscall::Write {
                    fd: native_fd,
                    buf: UserIn::Bytes(b),
                    ..
                },
            ) => fd == native_fd && self.text(a) == *b,
            _ => false,
        }
    }

    /// Whether two replies are the same up to the renaming.
    pub(super) fn same_reply(&mut self, call: &Syscall, simulated: &Reply, native: &Reply) -> bool {
        let result = match (tells_task(call), simulated.result, native.result) {
            (true, Ok(a), Ok(b)) if a != 0 && b != 0 => self.same_task(a, b),
            (_, a, b) => a == b,
        };
        if !result || simulated.writes.len() != native.writes.len() {
            return false;
        }
        let pairs = simulated.writes.iter().zip(&native.writes);
        pairs.into_iter().all(|(a, b)| {
            let address = writes_address(call, a.arg);
            a.arg == b.arg
                && (a.bytes == b.bytes
                    || tells_time(call, a.arg)
                    || same_packet(&a.bytes, &b.bytes)
                    || (address && self.same_address(&a.bytes, &b.bytes))
                    || (a.arg == 3 && same_value(call, &a.bytes, &b.bytes)))
        })
    }

    /// Whether two tasks have those numbers.
    fn same_task(&mut self, simulated: u64, native: u64) -> bool {
        let mut known = self.tasks.iter();
        match known.find(|(a, b)| *a == simulated || *b == native) {
            Some(known) => *known == (simulated, native),
            None => {
                self.tasks.push((simulated, native));
                true
            }
        }
    }

    /// Bytes with every known port's digits replaced, where they stand alone.
    pub(super) fn text(&self, simulated: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(simulated.len());
        let mut digits = 0;
        for (at, byte) in simulated.iter().enumerate() {
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            out.push(*byte);
            let ends = simulated
                .get(at + 1)
                .is_none_or(|next| !next.is_ascii_digit());
            if digits == 0 || !ends {
                continue;
            }
            let start = out.len() - digits;
            let number = std::str::from_utf8(&out[start..])
                .ok()
                .and_then(|n| n.parse().ok());
            if let Some(native) = number.and_then(|port: u16| self.to_native.get(&port)) {
                out.truncate(start);
                out.extend(native.to_string().bytes());
            }
        }
        out
    }
}

/// A call without the address that it sends to.
fn without_address(call: &Syscall) -> Syscall {
    let mut call = call.clone();
    if let Syscall::Sendto { addr, .. } = &mut call {
        *addr = None;
    } else if let Syscall::Sendmsg { msg: Some(msg), .. } = &mut call {
        msg.name = None;
    } else if let Syscall::Sendmmsg { msgvec, .. } = &mut call {
        msgvec.iter_mut().for_each(|msg| msg.name = None);
    }
    call
}

/// Whether a call gives the number of a process or thread, which the kernel chose.
fn tells_task(call: &Syscall) -> bool {
    matches!(
        call,
        Syscall::Fork
            | Syscall::Clone3 { .. }
            | Syscall::Getpid
            | Syscall::Gettid
            | Syscall::Wait4 { .. }
    )
}

/// Whether an argument is the time that is left, which real clocks tell otherwise.
fn tells_time(call: &Syscall, arg: u8) -> bool {
    matches!(call, Syscall::Select { .. } | Syscall::Recvmmsg { .. }) && arg == 4
}

/// Whether both are IPv4 packets, as raw sockets receive them, that differ in their identification alone: the kernel
/// counts it from a number drawn by chance.
fn same_packet(simulated: &[u8], native: &[u8]) -> bool {
    // The header up to the addresses, without identification and checksum.
    let (identification, checksum) = (4..6, 10..12);
    let header = |bytes: &[u8]| {
        let words = bytes.get(..20)?.chunks(2);
        let sum: u32 = words
            .map(|w| u32::from(u16::from_be_bytes([w[0], w[1]])))
            .sum();
        let sound = bytes[0] == 0x45 && (sum & 0xffff) + (sum >> 16) == 0xffff;
        let mut rest = bytes.to_vec();
        rest[identification.clone()].fill(0);
        rest[checksum.clone()].fill(0);
        sound.then_some(rest)
    };
    header(simulated).is_some_and(|rest| header(native) == Some(rest))
}

/// Values of options that need not be the same: SO_PEERCRED has the number of a process, TCP_INFO times behind the state,
/// the counts and the options that its first octets tell.
fn same_value(call: &Syscall, simulated: &[u8], native: &[u8]) -> bool {
    use crate::abi::constants::{IPPROTO_TCP, SO_PEERCRED, SOL_SOCKET, TCP_INFO};
    let Syscall::Getsockopt { level, optname, .. } = call else {
        return false;
    };
    let counts = match (*level, *optname) {
        (SOL_SOCKET, SO_PEERCRED) => 4..simulated.len(),
        (IPPROTO_TCP, TCP_INFO) => 0..simulated.len().min(7),
        _ => return false,
    };
    simulated.len() == native.len() && simulated.get(counts.clone()) == native.get(counts)
}

/// Whether an argument of a call is a socket address that the kernel writes.
fn writes_address(call: &Syscall, arg: u8) -> bool {
    match call {
        Syscall::Accept { .. }
        | Syscall::Accept4 { .. }
        | Syscall::Getsockname { .. }
        | Syscall::Getpeername { .. } => arg == 1,
        Syscall::Recvfrom { .. } => arg == 4,
        Syscall::Recvmsg { .. } | Syscall::Recvmmsg { .. } => arg == nested::MSG_NAME,
        Syscall::Read { .. }
        | Syscall::Write { .. }
        | Syscall::Close { .. }
        | Syscall::Poll { .. }
        | Syscall::Nanosleep { .. }
        | Syscall::Socket { .. }
        | Syscall::Connect { .. }
        | Syscall::Sendto { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Setsockopt { .. }
        | Syscall::Getsockopt { .. }
        | Syscall::ExitGroup { .. }
        | Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Sendmmsg { .. }
        | Syscall::Socketpair { .. }
        | Syscall::Unlink { .. }
        | calls_on_descriptors!() => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_renamed_once_and_keeps_its_parity() {
        let mut r = Renaming::default();
        assert!(r.same_port(40_000, 50_002));
        assert!(r.same_port(40_000, 50_002));
        assert!(!r.same_port(40_000, 50_004), "already renamed");
        assert!(!r.same_port(40_002, 50_002), "already taken");
        assert!(!r.same_port(40_004, 50_005), "other parity");
        assert!(r.same_port(80, 80) && !r.same_port(80, 81));
    }

    #[test]
    fn packets_that_differ_in_their_identification_alone_are_the_same() {
        let simulated = b"E\0\0\x24\0\x01\x40\0\x40\x01\x3c\xd6\x7f\0\0\x01\x7f\0\0\x01echo";
        let mut native = *b"E\0\0\x24\xcf\xca\x40\0\x40\x01\x6d\x0c\x7f\0\0\x01\x7f\0\0\x01echo";
        assert!(same_packet(simulated, &native));
        assert!(!same_packet(simulated, &native[..23]));
        native[20] = b'E';
        assert!(!same_packet(simulated, &native), "other data");
        native[20..].copy_from_slice(b"echo");
        native[5] = 0;
        assert!(!same_packet(simulated, &native), "no sound header");
        assert!(!same_packet(b"data", b"date"));
    }

    #[test]
    fn output_that_tells_a_port_is_renamed_where_the_number_stands_alone() {
        let mut r = Renaming::default();
        r.same_port(40_000, 50_002);
        assert_eq!(
            r.text(b"from 127.0.0.1:40000, 140000"),
            b"from 127.0.0.1:50002, 140000"
        );
    }
}
