//! Situations that chance alone would seldom come to: most cases begin with the calls that lead to one.

use crate::abi::constants::{
    AF_INET, AF_INET6, AF_UNIX, IP_RECVERR, IPPROTO_IP, MSG_DONTWAIT, MSG_NOSIGNAL, SHUT_RD,
    SHUT_WR, SO_LINGER, SO_REUSEADDR, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_SEQPACKET, SOCK_STREAM,
    SOL_SOCKET,
};
use crate::abi::{Syscall, UserIn, UserOut, sockaddr};
use fastrand::Rng;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Calls of the first two processes, which have nothing open yet.
pub(super) type Opening = Vec<(usize, Syscall)>;

/// Names of AF_UNIX sockets.
const A: &[u8] = b"\x01\0a\0";
const B: &[u8] = b"\x01\0\0two";

/// How many of 16 new sockets are TCP, UDP and AF_UNIX decides of what kind it is.
pub(super) fn pick(rng: &mut Rng, [tcp, udp, _]: [u8; 3]) -> Opening {
    if rng.u8(..4) == 0 {
        return Vec::new();
    }
    let drawn = rng.u8(..16);
    if drawn < tcp {
        connection(rng)
    } else if drawn < tcp + udp {
        datagrams(rng)
    } else {
        local(rng)
    }
}

/// A listener with descriptor 3 of the first process and a client with descriptor 3 of the second; mostly accepted
/// as descriptor 4; then closed, shut and reset.
fn connection(rng: &mut Rng) -> Opening {
    let (domain, at) = inet(rng, 5_001);
    let sleepy = |rng: &mut Rng| [0, SOCK_NONBLOCK][rng.usize(..2)];
    let mut calls = vec![(0, socket(domain, SOCK_STREAM | sleepy(rng)))];
    if rng.bool() {
        calls.push((0, set(3, SOL_SOCKET, SO_REUSEADDR, &[1])));
    }
    calls.push((0, bind(3, &at)));
    let backlog = [0, 0, 1, 5][rng.usize(..4)];
    calls.push((0, Syscall::Listen { fd: 3, backlog }));
    for fd in 3..4 + rng.i32(..2) {
        let ty = SOCK_STREAM | sleepy(rng);
        calls.push((1, socket(domain, ty)));
        calls.push((1, connect(fd, &at)));
    }
    if rng.u8(..4) > 0 {
        let (addr, addrlen) = (None, UserIn::Fault);
        calls.push((
            0,
            Syscall::Accept {
                fd: 3,
                addr,
                addrlen,
            },
        ));
    }
    for _ in 0..rng.u8(..5) {
        let (task, fd) = [(0, 4), (1, 3)][rng.usize(..2)];
        match rng.u8(..8) {
            0 | 1 => calls.push((task, send(fd))),
            2 | 3 => calls.push((task, shutdown(fd, SHUT_WR))),
            4 => calls.push((task, shutdown(fd, SHUT_RD))),
            5 => calls.push((task, Syscall::Close { fd })),
            6 => calls.extend([
                (task, set(fd, SOL_SOCKET, SO_LINGER, &[1, 0])),
                (task, Syscall::Close { fd }),
            ]),
            _ => calls.push((0, Syscall::Close { fd: 3 })),
        }
    }
    calls
}

/// Two UDP sockets with descriptor 3 that may have each other as peers; messages, and ICMP errors about them.
fn datagrams(rng: &mut Rng) -> Opening {
    let (domain, first) = inet(rng, 5_001);
    let second = SocketAddr::new(first.ip(), 5_002);
    let (first, second) = (sockaddr::encode(first), sockaddr::encode(second));
    let mut calls = Vec::new();
    for task in [0, 1] {
        calls.push((task, socket(domain, SOCK_DGRAM)));
        let (own, peer) = [(&first, &second), (&second, &first)][task];
        if task == 0 || rng.bool() {
            calls.push((task, bind_bytes(3, own)));
        }
        if rng.u8(..4) == 0 {
            calls.push((task, set(3, IPPROTO_IP, IP_RECVERR, &[1])));
        }
        if rng.u8(..3) > 0 {
            calls.push((task, connect_bytes(3, peer)));
        }
    }
    for _ in 0..rng.u8(..5) {
        let task = rng.usize(..2);
        calls.push((
            task,
            match rng.u8(..6) {
                0 => Syscall::Close { fd: 3 },
                1 => shutdown(3, [SHUT_RD, SHUT_WR][rng.usize(..2)]),
                _ => send(3),
            },
        ));
    }
    calls
}

/// AF_UNIX: a pair, a connection, or two named sockets for datagrams of which one's queue is full.
fn local(rng: &mut Rng) -> Opening {
    let ty = [SOCK_STREAM, SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM][rng.usize(..4)];
    let mut calls = Vec::new();
    let ends = if rng.u8(..3) == 0 {
        let (domain, protocol, sv) = (AF_UNIX, 0, UserOut::Capacity(8));
        calls.push((
            0,
            Syscall::Socketpair {
                domain,
                ty,
                protocol,
                sv,
            },
        ));
        [(0, 3), (0, 4)]
    } else {
        calls.extend([
            (0, socket(AF_UNIX, ty)),
            (0, bind_bytes(3, A)),
            (1, socket(AF_UNIX, ty)),
        ]);
        if rng.bool() {
            calls.push((1, bind_bytes(3, B)));
        }
        if ty != SOCK_DGRAM {
            let backlog = rng.i32(0..2);
            calls.push((0, Syscall::Listen { fd: 3, backlog }));
        }
        calls.push((1, connect_bytes(3, A)));
        if ty != SOCK_DGRAM && rng.u8(..4) > 0 {
            let (addr, addrlen) = (None, UserIn::Fault);
            calls.push((
                0,
                Syscall::Accept {
                    fd: 3,
                    addr,
                    addrlen,
                },
            ));
        }
        [(0, if ty == SOCK_DGRAM { 3 } else { 4 }), (1, 3)]
    };
    for _ in 0..rng.u8(..4) {
        let (task, fd) = ends[rng.usize(..2)];
        match rng.u8(..8) {
            0 => calls.push((task, Syscall::Close { fd })),
            1 | 2 => calls.push((task, shutdown(fd, [SHUT_RD, SHUT_WR][rng.usize(..2)]))),
            // net.unix.max_dgram_qlen is 10.
            3 if ty == SOCK_DGRAM => calls.extend((0..11).map(|_| (task, send(fd)))),
            _ => calls.push((task, send(fd))),
        }
    }
    calls
}

/// The domain of a socket and an address of this host.
fn inet(rng: &mut Rng, port: u16) -> (i32, SocketAddr) {
    let (domain, ip): (i32, IpAddr) = match rng.u8(..8) {
        0 => (AF_INET6, Ipv6Addr::LOCALHOST.into()),
        1 => (AF_INET6, Ipv4Addr::LOCALHOST.to_ipv6_mapped().into()),
        _ => (AF_INET, Ipv4Addr::LOCALHOST.into()),
    };
    (domain, SocketAddr::new(ip, port))
}

fn socket(domain: i32, ty: i32) -> Syscall {
    let protocol = 0;
    Syscall::Socket {
        domain,
        ty,
        protocol,
    }
}

fn bind(fd: i32, at: &SocketAddr) -> Syscall {
    bind_bytes(fd, &sockaddr::encode(*at))
}

fn bind_bytes(fd: i32, at: &[u8]) -> Syscall {
    let (addr, addrlen) = (UserIn::Bytes(at.to_vec()), at.len() as i32);
    Syscall::Bind { fd, addr, addrlen }
}

fn connect(fd: i32, to: &SocketAddr) -> Syscall {
    connect_bytes(fd, &sockaddr::encode(*to))
}

fn connect_bytes(fd: i32, to: &[u8]) -> Syscall {
    let (addr, addrlen) = (UserIn::Bytes(to.to_vec()), to.len() as i32);
    Syscall::Connect { fd, addr, addrlen }
}

fn set(fd: i32, level: i32, optname: i32, ints: &[i32]) -> Syscall {
    let bytes: Vec<u8> = ints.iter().flat_map(|int| int.to_le_bytes()).collect();
    let optlen = bytes.len() as i32;
    let optval = UserIn::Bytes(bytes);
    Syscall::Setsockopt {
        fd,
        level,
        optname,
        optval,
        optlen,
    }
}

fn shutdown(fd: i32, how: i32) -> Syscall {
    Syscall::Shutdown { fd, how }
}

fn send(fd: i32) -> Syscall {
    Syscall::Sendto {
        fd,
        buf: UserIn::Bytes(b"hello".to_vec()),
        len: 5,
        flags: MSG_DONTWAIT | MSG_NOSIGNAL,
        addr: None,
        addrlen: 0,
    }
}
