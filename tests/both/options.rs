//! Every option of setsockopt(2) and getsockopt(2), by number: defaults, ranges, lengths, errors.
//! `sockscope::kernel::option` says which are modelled; the others are left out here.

use crate::common::calls::*;
use crate::common::host::Outcome;
use crate::harness::{Both, Task};
use sockscope::kernel::option::{Modelled, modelled};

/// Every number that an option has on any level, and some that none has.
const NUMBERS: std::ops::RangeInclusive<i32> = -1..=131;

const VALUES: [i32; 16] = [
    -2,
    -1,
    0,
    1,
    2,
    7,
    87,
    88,
    255,
    256,
    32_767,
    32_768,
    65_535,
    100_000,
    8_000_000,
    i32::MAX,
];

const LEVELS: [i32; 5] = [
    SOL_SOCKET,
    IPPROTO_IP,
    IPPROTO_IPV6,
    IPPROTO_TCP,
    IPPROTO_UDP,
];

/// TCP_INFO has a test of its own; number 52 of IPPROTO_IP is a port, which each kernel chooses.
const LEFT_OUT: [(i32, i32); 2] = [(IPPROTO_TCP, TCP_INFO), (IPPROTO_IP, 52)];

/// Every option of every level that can be asked without leaving the model.
fn known() -> impl Iterator<Item = (i32, i32, Option<Modelled>)> {
    LEVELS
        .into_iter()
        .flat_map(|level| NUMBERS.map(move |name| (level, name, modelled(level, name, true))))
        .filter(|(level, name, how)| {
            *how != Some(Modelled::Not) && !LEFT_OUT.contains(&(*level, *name))
        })
}

fn get(fd: i32, option: (i32, i32), len: i32) -> Syscall {
    getsockopt_raw(fd, option, UserOut::Capacity(64), int(len))
}

/// Reads an option in every length.
fn read(both: &mut Both, task: Task, fd: i32, option: (i32, i32)) {
    for len in [64, 4, 3, 1, 0, -1] {
        both.call(task, &get(fd, option, len));
    }
    both.call(task, &getsockopt_raw(fd, option, UserOut::Fault, int(4)));
}

/// Sets an option to a value, and reads it.
fn set(both: &mut Both, task: Task, fd: i32, (level, name): (i32, i32), value: UserIn, len: i32) {
    let set = setsockopt(fd, level, name, value, len);
    if let Outcome::Returned(reply) = both.call(task, &set)
        && reply.result.is_ok()
    {
        both.call(task, &get(fd, (level, name), 64));
    }
}

/// Sets an option in every way.
fn change(both: &mut Both, task: Task, fd: i32, option: (i32, i32), how: Option<Modelled>) {
    let values = match how {
        Some(Modelled::OnlyDefault(value)) => vec![value],
        Some(Modelled::Fully) => VALUES.to_vec(),
        Some(Modelled::Not) | None => vec![1],
    };
    for value in &values {
        set(both, task, fd, option, int(*value), 4);
    }
    if matches!(how, Some(Modelled::OnlyDefault(value)) if value != 0) {
        return;
    }
    let value = values[values.len() / 2].min(100);
    let value = if values.len() == 1 { values[0] } else { value };
    let mut bytes = value.to_le_bytes().to_vec();
    bytes.resize(16, 0);
    for len in [-1, 0, 1, 3, 8, 16] {
        let some = bytes[..len.max(0) as usize].to_vec();
        set(both, task, fd, option, UserIn::Bytes(some), len);
    }
    for len in [-1, 0, 4] {
        set(both, task, fd, option, UserIn::Fault, len);
    }
}

fn sweep(root: bool, family: i32) {
    let mut both = Both::new();
    let task = if root { both.root() } else { both.task() };
    for (level, name, how) in known() {
        both.gives(task, socket_of(family, SOCK_STREAM, 0), Ok(3));
        read(&mut both, task, 3, (level, name));
        // IP_TTL 0 of a length 0 and others of IPPROTO_IPV6 take NULL for 0.
        change(&mut both, task, 3, (level, name), how);
        both.gives(task, close(3), Ok(0));
    }
}

#[test]
fn every_option_of_a_fresh_socket() {
    sweep(false, AF_INET);
}

#[test]
fn every_option_of_a_fresh_ipv6_socket() {
    sweep(false, AF_INET6);
}

#[test]
fn every_option_as_root() {
    sweep(true, AF_INET);
}

#[test]
fn every_option_of_a_listener_and_of_connections() {
    for address in ["127.0.0.1:8080", "[::1]:8080"] {
        let mut both = Both::new();
        let [server, client] = both.tasks();
        let new = if address.starts_with('[') {
            socket6()
        } else {
            socket()
        };
        both.gives(server, new.clone(), Ok(3));
        both.gives(server, bind(3, address), Ok(0));
        both.gives(server, listen(3, 5), Ok(0));
        both.gives(client, new, Ok(3));
        both.gives(client, connect(3, address), Ok(0));
        both.gives(server, accept(3), Ok(4));
        for (level, name, how) in known() {
            for (task, fd) in [(server, 3), (server, 4), (client, 3)] {
                read(&mut both, task, fd, (level, name));
                if how == Some(Modelled::Fully) {
                    for value in [0, 1] {
                        set(&mut both, task, fd, (level, name), int(value), 4);
                    }
                }
            }
        }
    }
}

#[test]
fn linger_and_timeouts_are_structs_and_are_inherited() {
    let pair = |a: i64, b: i64| [a.to_le_bytes(), b.to_le_bytes()].concat();
    let lingers: [(i32, i32); 5] = [(1, 9), (7, 0), (0, 5), (1, -1), (-3, i32::MAX)];
    let times = [
        (1, 3_000),
        (0, 1),
        (0, 0),
        (-1, 5),
        (0, 1_000_000),
        (0, -1),
        (i64::MAX, 0),
        (100_000_000_000, 999_999),
    ];
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    for (on, seconds) in lingers {
        let value = [on.to_le_bytes(), seconds.to_le_bytes()].concat();
        set(
            &mut both,
            task,
            3,
            (SOL_SOCKET, SO_LINGER),
            UserIn::Bytes(value),
            8,
        );
    }
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
        for (seconds, micros) in times {
            let value = UserIn::Bytes(pair(seconds, micros));
            set(&mut both, task, 3, (SOL_SOCKET, option), value, 16);
        }
    }
}

/// Options that are set on a listener, and what a connection has of them.
#[test]
fn a_connection_has_the_options_of_its_listener() {
    let options = [
        (SOL_SOCKET, SO_REUSEADDR, 1),
        (SOL_SOCKET, SO_KEEPALIVE, 1),
        (SOL_SOCKET, SO_OOBINLINE, 1),
        (SOL_SOCKET, SO_PRIORITY, 3),
        (SOL_SOCKET, SO_REUSEPORT, 1),
        (SOL_SOCKET, SO_RCVLOWAT, 7),
        (SOL_SOCKET, SO_SNDBUF, 30_000),
        (SOL_SOCKET, SO_RCVBUF, 40_000),
        (SOL_SOCKET, SO_BUSY_POLL, 9),
        (IPPROTO_IP, IP_TOS, 0x20),
        (IPPROTO_IP, IP_TTL, 77),
        (IPPROTO_TCP, TCP_NODELAY, 1),
        (IPPROTO_TCP, TCP_MAXSEG, 1_000),
        (IPPROTO_TCP, TCP_KEEPIDLE, 100),
        (IPPROTO_TCP, TCP_KEEPINTVL, 20),
        (IPPROTO_TCP, TCP_KEEPCNT, 4),
        (IPPROTO_TCP, TCP_SYNCNT, 3),
        (IPPROTO_TCP, TCP_LINGER2, 17),
        (IPPROTO_TCP, TCP_QUICKACK, 0),
        (IPPROTO_TCP, TCP_USER_TIMEOUT, 5_000),
        (IPPROTO_TCP, TCP_NOTSENT_LOWAT, 9_999),
        (IPPROTO_TCP, TCP_INQ, 1),
        (IPPROTO_TCP, TCP_WINDOW_CLAMP, 50_000),
        (IPPROTO_TCP, TCP_CORK, 1),
    ];
    for (level, name, value) in options {
        let mut both = Both::new();
        let [server, client] = both.tasks();
        both.gives(server, socket(), Ok(3));
        let on = |fd| setsockopt(fd, level, name, int(value), 4);
        both.gives(server, on(3), Ok(0));
        both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
        both.gives(server, listen(3, 5), Ok(0));
        both.gives(client, socket(), Ok(3));
        // With it the end of the handshake waits, too, and accept(2) with it.
        if name != TCP_QUICKACK || level != IPPROTO_TCP {
            both.gives(client, on(3), Ok(0));
        }
        both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
        both.gives(server, accept(3), Ok(4));
        for (task, fd) in [(server, 3), (server, 4), (client, 3)] {
            both.gives(task, getsockopt(fd, level, name), Ok(0));
        }
    }
}

#[test]
fn ports_are_shared_by_so_reuseport() {
    let reuse_port = |fd| setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, int(1), 4);
    let mut both = Both::new();
    let [a, b, c] = both.tasks();
    for task in [a, b] {
        both.gives(task, socket(), Ok(3));
        both.gives(task, reuse_port(3), Ok(0));
        both.gives(task, bind(3, "127.0.0.1:8080"), Ok(0));
        both.gives(task, listen(3, 5), Ok(0));
    }
    both.gives(c, socket(), Ok(3));
    both.gives(c, bind(3, "127.0.0.1:8080"), Err(EADDRINUSE));
    both.gives(c, reuseaddr(3), Ok(0));
    both.gives(c, bind(3, "0.0.0.0:8080"), Err(EADDRINUSE));
    both.gives(c, reuse_port(3), Ok(0));
    both.gives(c, bind(3, "0.0.0.0:8080"), Ok(0));
    both.gives(c, listen(3, 5), Ok(0));
    both.gives(c, socket(), Ok(4));
    both.gives(c, connect(4, "127.0.0.1:8080"), Ok(0));
    // The exact address wins over the wildcard; which of the two is a matter of a hash.
    both.polls(c, &[(3, POLLIN)], 0, &[0]);
}

#[test]
fn ipv6_only_sockets_leave_ipv4_alone() {
    let only = |fd, value| setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, int(value), 4);
    let mut both = Both::new();
    let [a, b, c] = both.tasks();
    both.gives(a, socket6(), Ok(3));
    both.gives(a, only(3, 1), Ok(0));
    both.gives(a, bind(3, "[::ffff:127.0.0.1]:8080"), Err(EINVAL));
    both.gives(a, bind(3, "[::]:8080"), Ok(0));
    both.gives(a, only(3, 0), Err(EINVAL));
    both.gives(a, listen(3, 5), Ok(0));
    both.gives(b, socket6(), Ok(3));
    both.gives(b, connect(3, "[::1]:8080"), Ok(0));
    both.gives(b, socket(), Ok(4));
    both.gives(b, connect(4, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.gives(b, socket6(), Ok(5));
    both.gives(b, only(5, 1), Ok(0));
    both.gives(b, connect(5, "[::ffff:127.0.0.1]:8080"), Err(ENETUNREACH));
    both.gives(c, socket(), Ok(3));
    both.gives(c, bind(3, "0.0.0.0:8080"), Ok(0));
    both.gives(c, listen(3, 5), Ok(0));
    both.gives(b, socket(), Ok(6));
    both.gives(b, connect(6, "127.0.0.1:8080"), Ok(0));
    both.gives(c, socket6(), Ok(4));
    both.gives(c, bind(4, "[::]:8080"), Err(EADDRINUSE));
}

/// Fields of `struct tcp_info` that hold no time and no rate.
#[test]
fn tcp_info_tells_the_same_of_states_counts_and_sizes() {
    let fields = [
        0, 2, 3, 4, 5, 6, 16, 20, 24, 28, 32, 36, 60, 64, 76, 80, 84, 88, 96, 100, 120, 128, 136,
        140, 144, 152, 156, 192, 200, 208, 228,
    ];
    let mut both = Both::new();
    let [server, client] = both.tasks();
    let look = |both: &mut Both, task: Task, fd: i32| {
        both.each(|call| {
            let option = (IPPROTO_TCP, TCP_INFO);
            let get = getsockopt_raw(fd, option, UserOut::Capacity(300), int(300));
            let Outcome::Returned(reply) = call(task, &get) else {
                return Vec::new();
            };
            let bytes = reply.written(3).unwrap_or_default().to_vec();
            let word = |at: usize| {
                let width = if at < 8 { 1 } else { 4 };
                (at, bytes[at..at + width].to_vec())
            };
            let mut seen: Vec<_> = fields.map(word).to_vec();
            seen.push((bytes.len(), Vec::new()));
            seen
        });
    };
    both.gives(server, socket(), Ok(3));
    look(&mut both, server, 3);
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    look(&mut both, server, 3);
    both.gives(server, accept(3), Ok(4));
    look(&mut both, client, 3);
    look(&mut both, server, 4);
    both.gives(client, send(3, b"hello"), Ok(5));
    both.gives_bytes(server, recv(4, 9), b"hello");
    look(&mut both, client, 3);
    look(&mut both, server, 4);
}

#[test]
fn a_level_that_the_socket_does_not_have_is_refused_and_udp_has_that_of_udp_lite() {
    for (family, ty) in [
        (AF_INET, SOCK_STREAM),
        (AF_INET, SOCK_DGRAM),
        (AF_INET6, SOCK_STREAM),
        (AF_INET6, SOCK_DGRAM),
    ] {
        let mut both = Both::new();
        let task = both.task();
        both.gives(task, socket_of(family, ty, 0), Ok(3));
        for level in [-1, 2, 6, 17, 41, 58, 99, 132, 136, 255, 263, 282, 500] {
            for name in [-1, 131] {
                both.call(task, &get(3, (level, name), 4));
                both.call(task, &setsockopt(3, level, name, int(1), 4));
            }
        }
        let lite = flag(3, IPPROTO_UDPLITE, 1, 1);
        let expected = if ty == SOCK_DGRAM {
            Ok(0)
        } else {
            Err(ENOPROTOOPT)
        };
        both.gives(task, lite, expected);
        both.call(task, &get(3, (IPPROTO_UDP, 1), 4));
        both.call(task, &get(3, (IPPROTO_UDPLITE, 1), 4));
    }
}
