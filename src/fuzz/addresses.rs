//! Addresses that are worth a try.

use super::names::Names;
use crate::abi::{UserIn, sockaddr};
use crate::kernel::socket::Family;
use fastrand::Rng;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Few, so that cases meet themselves.
const PORTS: [u16; 3] = [5_001, 5_002, 5_003];

const V4: [Ipv4Addr; 4] = [
    Ipv4Addr::LOCALHOST,
    Ipv4Addr::LOCALHOST,
    Ipv4Addr::new(127, 0, 0, 2),
    Ipv4Addr::UNSPECIFIED,
];
const V6: [Ipv6Addr; 4] = [
    Ipv6Addr::LOCALHOST,
    Ipv6Addr::LOCALHOST,
    Ipv6Addr::UNSPECIFIED,
    Ipv4Addr::LOCALHOST.to_ipv6_mapped(),
];

/// An address for a socket of that family, seldom of the other one.
pub(super) fn pick(
    rng: &mut Rng,
    names: &Names,
    (family, datagrams): (Family, bool),
) -> SocketAddr {
    let other = rng.u8(..20) == 0;
    let six = (family == Family::Inet6) != other;
    let ip: IpAddr = if six {
        V6[rng.usize(..V6.len())].into()
    } else {
        V4[rng.usize(..V4.len())].into()
    };
    SocketAddr::new(ip, port(rng, &names.all(datagrams)))
}

/// The address of somebody who is bound to `at`, for a socket of that family.
pub(super) fn to(at: SocketAddr, family: Family) -> SocketAddr {
    let ip = match (at.ip(), family) {
        (ip, Family::Inet) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        (ip, Family::Inet6) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        (IpAddr::V4(v4), Family::Inet6) => v4.to_ipv6_mapped().into(),
        (ip, Family::Inet | Family::Inet6) => ip,
    };
    SocketAddr::new(ip, at.port())
}

fn port(rng: &mut Rng, known: &[u16]) -> u16 {
    match rng.u8(..16) {
        0 => 0,
        1 => 80,
        2..=5 if !known.is_empty() => known[rng.usize(..known.len())],
        _ => PORTS[rng.usize(..PORTS.len())],
    }
}

/// An address as a program passes it, with its length, which is seldom wrong.
pub(super) fn passed(rng: &mut Rng, addr: SocketAddr) -> (UserIn, i32) {
    let mut bytes = sockaddr::encode(addr);
    let len = bytes.len() as i32;
    match rng.u8(..40) {
        0 => {
            let short = rng.usize(..bytes.len());
            bytes.truncate(short);
            (UserIn::Bytes(bytes), short as i32)
        }
        1 => (UserIn::Fault, len),
        2 => (UserIn::Bytes(bytes), [-1, 0, 129][rng.usize(..3)]),
        3 => {
            bytes[0] = [0, 1, 99][rng.usize(..3)];
            (UserIn::Bytes(bytes), len)
        }
        _ => (UserIn::Bytes(bytes), len),
    }
}

/// Names of AF_UNIX sockets, as `sun_path`; few, so that cases meet themselves.
const PATHS: [&[u8]; 8] = [
    b"a\0",
    b"a",
    b"b\0",
    b"./a\0",
    b"/tmp/a\0",
    b"\0one",
    b"\0two",
    b"\0#0000",
];

/// An AF_UNIX address, seldom a strange one. The empty name asks the kernel for one.
pub(super) fn unix(rng: &mut Rng) -> (UserIn, i32) {
    let path: &[u8] = match rng.u8(..24) {
        0 => b"",
        1 => b"a/\0",
        2 => b"no/a\0",
        3 => b"\0",
        _ => PATHS[rng.usize(..PATHS.len())],
    };
    let mut bytes = vec![1, 0];
    bytes.extend(path);
    let len = bytes.len() as i32;
    match rng.u8(..40) {
        0 => (UserIn::Bytes(bytes[..1].to_vec()), 1),
        1 => (UserIn::Fault, len),
        2 => {
            bytes[0] = [0, 2, 99][rng.usize(..3)];
            (UserIn::Bytes(bytes), len)
        }
        3 => {
            bytes.resize(111, b'x');
            (UserIn::Bytes(bytes), 111)
        }
        _ => (UserIn::Bytes(bytes), len),
    }
}
