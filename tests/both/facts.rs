//! What was measured of TCP on Linux 6.18 and no other test here shows.

use crate::common::Bench;
use crate::common::calls::*;
use crate::harness::Both;
use sockscope::base::Time;
use sockscope::kernel::TcpState::*;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::kernel::task::Capabilities;
use sockscope::sim::WorldConfig;
use sockscope::sim::network::{Link, Network};
use std::time::{Duration, Instant};

#[test]
fn tcp_and_udp_have_ports_of_their_own() {
    let mut both = Both::new();
    let task = both.task();
    both.listens(task, "127.0.0.1:9000", 1);
    both.gives(task, udp(), Ok(4));
    both.gives(task, bind(4, "127.0.0.1:9000"), Ok(0));
    both.names(task, getsockname(4), "127.0.0.1:9000");
}

#[test]
fn of_two_that_share_a_port_one_may_listen() {
    let mut both = Both::new();
    let task = both.task();
    for fd in [3, 4] {
        both.gives(task, socket(), Ok(fd));
        both.gives(task, reuseaddr(fd as i32), Ok(0));
        both.gives(task, bind(fd as i32, "127.0.0.1:9000"), Ok(0));
    }
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, listen(4, 1), Err(EADDRINUSE));
    // The second is still bound.
    both.states(&[Closed, Listen]);
}

#[test]
fn with_ip_bind_address_no_port_connect_chooses_the_port() {
    let mut both = Both::with(&[("net/ipv4/ip_local_port_range", "40000 40003")]);
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9000", 5);
    both.gives(client, socket(), Ok(3));
    let (level, name) = (IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    both.gives(client, setsockopt(3, level, name, int(1), 4), Ok(0));
    both.gives(client, bind(3, "127.0.0.2:0"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.2:0");
    both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.2:40000");
}

#[test]
fn a_network_without_route_cannot_be_reached() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, connect(3, "10.9.0.1:80"), Err(ENETUNREACH));
    both.names(task, getsockname(3), "0.0.0.0:0");
}

#[test]
fn a_socket_connected_to_itself_keeps_the_servers_port() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(client, socket(), Ok(3));
    both.gives(client, bind(3, "127.0.0.1:45678"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:45678"), Ok(0));
    both.gives(server, socket(), Ok(3));
    both.gives(server, bind(3, "127.0.0.1:45678"), Err(EADDRINUSE));
}

#[test]
fn a_listener_for_ipv6_only_does_not_answer_ipv4() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, socket6(), Ok(3));
    let (level, name) = (IPPROTO_IPV6, IPV6_V6ONLY);
    both.gives(server, setsockopt(3, level, name, int(1), 4), Ok(0));
    both.gives(server, bind(3, "[::]:8080"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.gives(client, socket6(), Ok(4));
    both.gives(client, connect(4, "[::1]:8080"), Ok(0));
}

#[test]
fn every_connection_that_the_server_does_not_close_stays_in_close_wait() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9600", 5);
    for nth in 0..3 {
        both.gives(client, socket(), Ok(3));
        both.gives(client, connect(3, "127.0.0.1:9600"), Ok(0));
        both.gives(server, accept(3), Ok(4 + nth));
        both.gives(client, close(3), Ok(0));
    }
    let (orphan, forgotten) = (FinWait2, CloseWait);
    both.states(&[
        Listen, orphan, forgotten, orphan, forgotten, orphan, forgotten,
    ]);
}

#[test]
fn accept_without_a_free_descriptor_leaves_the_connection_in_the_queue() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    for fd in 4..1024 {
        both.gives(server, dup(3), Ok(fd));
    }
    both.gives(server, accept(3), Err(EMFILE));
    both.gives(server, socket(), Err(EMFILE));
    both.states(&[Listen, Established, Established]);
    both.gives(server, close(9), Ok(0));
    both.gives(server, accept(3), Ok(9));
}

#[test]
fn after_a_write_to_a_closed_peer_reading_ends_and_so_error_is_epipe() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, close(4), Ok(0));
    both.gives(client, send(3, b"x"), Ok(1));
    both.gives(client, recv(3, 10), Ok(0));
    let reply = both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(option_in(&reply), Some(EPIPE.number()));
    both.gives(client, send_quiet(3, b"y"), Err(EPIPE));
}

#[test]
fn with_ip_freebind_an_address_that_nobody_has_can_be_bound() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, bind(3, "10.1.2.3:9000"), Err(EADDRNOTAVAIL));
    let (level, name) = (IPPROTO_IP, IP_FREEBIND);
    both.gives(task, setsockopt(3, level, name, int(1), 4), Ok(0));
    both.gives(task, bind(3, "10.1.2.3:9000"), Ok(0));
    both.names(task, getsockname(3), "10.1.2.3:9000");
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, socket6(), Ok(4));
    both.gives(task, bind(4, "[2001:db8::1]:9000"), Err(EADDRNOTAVAIL));
    both.gives(task, setsockopt(4, level, name, int(1), 4), Ok(0));
    both.gives(task, bind(4, "[2001:db8::1]:9000"), Ok(0));
}

#[test]
fn the_first_life_of_a_socket() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, socket(), Ok(3));
    both.names(server, getsockname(3), "0.0.0.0:0");
    both.gives(server, getpeername(3), Err(ENOTCONN));
    both.states(&[]);
    both.gives(server, bind(3, "0.0.0.0:8080"), Ok(0));
    both.names(server, getsockname(3), "0.0.0.0:8080");
    both.states(&[Closed]);
    both.gives(server, listen(3, 5), Ok(0));
    both.queues(&[(Listen, 0, 5)]);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.1:40000");
    both.gives(client, send(3, b"early"), Ok(5));
    both.queues(&[(Listen, 1, 5), (Established, 0, 0), (Established, 5, 0)]);
    both.gives(server, accept(3), Ok(4));
    both.names(server, getsockname(4), "127.0.0.1:8080");
    both.names(server, getpeername(4), "127.0.0.1:40000");
    both.queues(&[(Listen, 0, 5), (Established, 0, 0), (Established, 5, 0)]);
    both.gives_bytes(server, recv(4, 9), b"early");
    both.gives(client, socket(), Ok(4));
    both.gives(client, connect(4, "127.0.0.1:8080"), Ok(0));
    both.gives(server, accept(3), Ok(5));
    both.names(server, getsockname(5), "127.0.0.1:8080");
    both.names(server, getpeername(5), "127.0.0.1:40002");
}

#[test]
fn the_kernel_gives_every_bind_an_odd_port() {
    let mut both = Both::new();
    let task = both.task();
    for fd in 3..9 {
        both.gives(task, socket(), Ok(fd));
        both.gives(task, bind(fd as i32, "0.0.0.0:0"), Ok(0));
        let reply = both.gives(task, getsockname(fd as i32), Ok(0));
        assert_eq!(name_in(&reply).port() % 2, 1);
    }
}

#[test]
fn listen_after_a_bind_that_failed_takes_a_port_of_its_own() {
    let reuse_port = setsockopt(4, SOL_SOCKET, SO_REUSEPORT, int(1), 4);
    for option in [None, Some(reuse_port), Some(reuseaddr(4))] {
        let mut both = Both::new();
        let task = both.task();
        both.listens(task, "127.0.0.1:9000", 1);
        both.gives(task, socket(), Ok(4));
        if let Some(option) = option {
            both.gives(task, option, Ok(0));
        }
        both.gives(task, bind(4, "127.0.0.1:9000"), Err(EADDRINUSE));
        both.gives(task, listen(4, 1), Ok(0));
        both.names(task, getsockname(4), "0.0.0.0:50001");
        both.states(&[Listen, Listen]);
    }
}

#[test]
fn what_does_not_fit_into_the_accept_queue_is_counted() {
    let mut both = Both::new();
    let task = both.task();
    let mut counted = 0;
    for (nth, backlog) in [(0, 0), (1, 1), (2, 3)] {
        let at = format!("127.0.0.{}:9000", nth + 1);
        let fits = backlog as usize + 1;
        both.listens(task, &at, backlog);
        let began = Instant::now();
        for fd in 4..12 {
            both.gives(task, nonblocking(), Ok(fd));
            both.gives(task, connect(fd as i32, &at), Err(EINPROGRESS));
        }
        // The SYNs come again after a second.
        counted += 8 - fits as u64;
        let (ours, theirs) = both.listen_counters();
        let in_time = began.elapsed() < Duration::from_millis(900);
        assert_eq!(ours, [counted; 2]);
        if let Some(theirs) = theirs.filter(|_| in_time) {
            assert_eq!(theirs, [counted; 2], "on Linux");
        }
        let mut queues = vec![(Listen, fits as u32, backlog as u32)];
        queues.extend(vec![(Established, 0, 0); 2 * fits]);
        queues.extend(vec![(SynSent, 0, 1); 8 - fits]);
        both.queues(&queues);
        for fd in 3..12 {
            both.gives(task, close(fd), Ok(0));
        }
    }
}

#[test]
fn an_end_that_nobody_reads_counts_in_the_receive_queue() {
    let mut both = Both::new();
    let [_server, client] = both.pair();
    both.gives(client, close(3), Ok(0));
    both.states(&[Listen, FinWait2, CloseWait]);
    both.queues(&[(Listen, 0, 5), (FinWait2, 0, 0), (CloseWait, 1, 0)]);
}

#[test]
fn settings_have_linuxs_defaults() {
    let expected = [
        ("net.ipv4.tcp_fin_timeout", "60"),
        ("net.ipv4.tcp_tw_reuse", "2"),
        ("net.ipv4.tcp_synack_retries", "5"),
        ("net.ipv4.tcp_abort_on_overflow", "0"),
        ("net.core.somaxconn", "4096"),
        ("net.ipv4.tcp_syncookies", "1"),
        ("net.ipv4.tcp_retries2", "15"),
        ("net.ipv4.ip_unprivileged_port_start", "1024"),
        ("net.ipv4.ip_local_port_range", "32768\t60999"),
    ];
    let sysctl = Sysctl::default();
    for (name, value) in expected {
        assert_eq!(sysctl.get(name).as_deref(), Ok(value), "{name}");
    }
    // These follow from the machine's memory, or from what its administrator set.
    let of_machine = ["mem", "max_syn_backlog", "max_orphans", "max_tw_buckets"];
    let mut both = Both::new();
    let _puppet = both.task();
    for name in Sysctl::NAMES {
        if of_machine.iter().any(|own| name.contains(own)) {
            continue;
        }
        let Some(theirs) = both.in_network(&format!("sysctl -n {name}")) else {
            continue;
        };
        assert_eq!(sysctl.get(name).as_deref(), Ok(theirs.trim()), "{name}");
    }
}

/// The host of these tests has 10.9.0.1 on a link. Nobody has 10.9.0.77; what is sent to 10.9.0.9 is lost.
const LINK: [&str; 6] = [
    "ip link set lo up",
    "ip link add v0 type veth peer name v1",
    "ip addr add 10.9.0.1/24 dev v0",
    "ip link set v0 up",
    "ip link set v1 up",
    "ip neigh add 10.9.0.9 lladdr 02:00:00:00:00:09 dev v0 nud permanent",
];

fn lossy() -> WorldConfig {
    let ip = |last| std::net::IpAddr::from([10, 9, 0, last]);
    let link = Link {
        loss: 1_000,
        ..Link::new((0, ip(1)), (1, ip(9)), 24)
    };
    WorldConfig {
        network: Network {
            places: vec![0, 0],
            links: vec![link],
            ..Network::default()
        },
        ..WorldConfig::default()
    }
}

/// connect(2) answers this on both kernels. Linux's timers are those of its wheel: up to an eighth late.
fn connects(to: &str, expected: Errno, milliseconds: u64) {
    let retries = setsockopt(3, IPPROTO_TCP, TCP_SYNCNT, int(2), 4);
    let calls = vec![socket(), retries, connect(3, to), getsockname(3)];
    let bench = Bench::with(vec![calls.clone()], &lossy(), Capabilities::default());
    let bench = bench.until(|b| b.replies(0).len() == 3);
    assert_eq!(bench.results(0)[2], Err(expected));
    let time = (bench.now() - Time::ZERO).as_millis() as u64;
    assert!(time.abs_diff(milliseconds) <= 4, "{time} ms");
    let mut both = Both::new();
    let task = both.task();
    if LINK
        .iter()
        .any(|command| both.in_network(command).is_none())
    {
        return;
    }
    for call in &calls[..2] {
        let _ = both.on_linux(task, call);
    }
    let Some((reply, took)) = both.on_linux(task, &calls[2]) else {
        return;
    };
    assert_eq!(reply.result, Err(expected), "on Linux");
    let took = took.as_millis() as u64;
    assert!(took + 4 >= milliseconds, "{took} ms on Linux");
    let load = 500;
    assert!(took <= milliseconds * 9 / 8 + load, "{took} ms on Linux");
}

#[test]
fn a_neighbour_that_does_not_answer_is_an_unreachable_host_after_three_seconds() {
    connects("10.9.0.77:80", EHOSTUNREACH, 3_000);
}

#[test]
fn silence_is_a_timeout_after_seven_seconds_with_two_retries() {
    connects("10.9.0.9:80", ETIMEDOUT, 7_000);
}

#[test]
fn a_listener_on_loopback_does_not_answer_for_other_addresses_of_the_host() {
    let addresses = ["10.9.0.1:8080", "127.0.0.2:8080", "0.0.0.0:8080"];
    let expected = [Err(ECONNREFUSED), Err(ECONNREFUSED), Ok(0)];
    let mut calls = vec![socket(), bind(3, "127.0.0.1:8080"), listen(3, 5), socket()];
    calls.extend(addresses.map(|to| connect(4, to)));
    let bench = Bench::with(vec![calls.clone()], &lossy(), Capabilities::default()).run();
    assert_eq!(bench.results(0)[4..7], expected);
    let mut both = Both::new();
    let task = both.task();
    if LINK
        .iter()
        .any(|command| both.in_network(command).is_none())
    {
        return;
    }
    let replies = calls.iter().map(|call| both.on_linux(task, call));
    let results: Vec<_> = replies.flatten().map(|(reply, _)| reply.result).collect();
    assert_eq!(results[4..7], expected, "on Linux");
}
