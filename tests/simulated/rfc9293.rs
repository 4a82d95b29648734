//! The MUSTs of RFC 9293 about the life of a connection and its timers that nothing else here is named
//! after. Each test carries the requirement's label.

use crate::common::calls::*;
use crate::common::host::{Host, Outcome, segment};
use sockscope::base::{Tid, Time};
use sockscope::kernel::TcpState::*;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::packet::Flags;
use std::time::Duration;

fn set(host: &mut Host, task: Tid, fd: i32, level: i32, name: i32, value: i32) {
    host.ok(task, &setsockopt(fd, level, name, int(value), 4));
}

/// Seconds after which segments without data, SYN, FIN or RST were sent.
fn acks(host: &Host, start: Time) -> Vec<u64> {
    let sent = host.sent_at().into_iter().filter(|(_, text)| text == "ACK");
    sent.map(|(at, _)| (at.since(start) + Duration::from_millis(500)).as_secs())
        .collect()
}

/// A connection whose client asks for keepalive after 10 s, every 3 s, 4 times.
fn kept_alive() -> (Host, Tid, Tid, Time) {
    let mut host = Host::default();
    let (server, client) = host.pair();
    for (name, value) in [(TCP_KEEPIDLE, 10), (TCP_KEEPINTVL, 3), (TCP_KEEPCNT, 4)] {
        set(&mut host, client, 3, IPPROTO_TCP, name, value);
    }
    set(&mut host, client, 3, SOL_SOCKET, SO_KEEPALIVE, 1);
    let start = host.now;
    (host, server, client, start)
}

#[test]
fn must_10_simultaneous_open_is_supported() {
    let mut host = Host::default();
    let [a, b] = [host.task(), host.task()];
    host.ok(a, &socket_of(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    host.ok(b, &socket_of(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    host.ok(a, &bind(3, "127.0.0.1:5001"));
    host.ok(b, &bind(3, "127.0.0.1:5002"));
    host.hold();
    let _ = host.result(a, &connect(3, "127.0.0.1:5002"));
    let _ = host.result(b, &connect(3, "127.0.0.1:5001"));
    host.heal();
    assert_eq!(host.states(), [Established, Established]);
}

#[test]
fn must_13_time_wait_lasts_two_maximum_segment_lifetimes() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.ok(client, &close(3));
    host.ok(server, &close(4));
    host.pass(Duration::from_secs(59));
    assert!(host.states().contains(&TimeWait));
    host.pass(Duration::from_secs(2));
    assert!(!host.states().contains(&TimeWait));
}

#[test]
fn must_17_an_application_can_disable_nagles_algorithm() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    set(&mut host, client, 3, IPPROTO_TCP, TCP_NODELAY, 1);
    host.cut();
    for _ in 0..3 {
        host.ok(client, &send(3, b"x"));
    }
    let data = host
        .sent()
        .iter()
        .filter(|text| text.contains(" 1"))
        .count();
    assert_eq!(data, 3);
}

#[test]
fn must_20_and_21_the_application_sets_how_long_data_is_retransmitted() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    set(&mut host, client, 3, IPPROTO_TCP, TCP_USER_TIMEOUT, 5_000);
    host.cut();
    host.ok(client, &send(3, b"x"));
    let start = host.now;
    let asleep = host.call(client, &recv(3, 1));
    assert_eq!(asleep, Outcome::Asleep);
    assert_eq!(host.wait(client).reply().result, Err(ETIMEDOUT));
    // From the timer's first retransmission, 400 ms after the data and 200 ms after the loss probe, to the tick.
    let passed = host.now.since(start).as_millis();
    assert!((5_390..5_430).contains(&passed), "{passed}");
}

#[test]
fn must_21_tcp_syncnt_sets_how_often_a_syn_is_sent() {
    let mut host = Host::default();
    let client = host.task();
    host.ok(client, &socket());
    set(&mut host, client, 3, IPPROTO_TCP, TCP_SYNCNT, 1);
    host.cut();
    let _ = host.call(client, &connect(3, "127.0.0.1:8080"));
    assert_eq!(host.wait(client).reply().result, Err(ETIMEDOUT));
    assert_eq!(host.now.since(Time::ZERO).as_secs(), 3);
}

#[test]
fn must_24_and_26_keepalive_probes_are_sent_on_request_and_only_after_silence() {
    let (mut host, _, _, start) = kept_alive();
    host.events.clear();
    host.pass(Duration::from_secs(35));
    // A probe every ten seconds, and its answer.
    assert_eq!(acks(&host, start), [10, 10, 20, 20, 30, 30]);
}

#[test]
fn must_25_keepalive_is_off_by_default() {
    let mut host = Host::default();
    let _ = host.pair();
    assert!(host.kernel.next_deadline().is_none());
    host.pass(Duration::from_secs(20_000));
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn must_28_keepalive_waits_two_hours_unless_told_otherwise() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    set(&mut host, client, 3, SOL_SOCKET, SO_KEEPALIVE, 1);
    let start = host.now;
    host.pass(Duration::from_secs(7_201));
    assert_eq!(acks(&host, start), [7_200, 7_200]);
}

#[test]
fn must_29_one_probe_without_an_answer_proves_nothing() {
    let (mut host, _, client, start) = kept_alive();
    host.cut();
    let asleep = host.call(client, &recv(3, 1));
    assert_eq!(asleep, Outcome::Asleep);
    assert_eq!(host.wait(client).reply().result, Err(ETIMEDOUT));
    // Four probes three seconds apart, and three seconds after the last the end: with a reset.
    assert_eq!(acks(&host, start), [10, 13, 16, 19]);
    assert_eq!((host.now.since(start).as_millis() + 500) / 1_000, 22);
    assert_eq!(host.sent().last().map(String::as_str), Some("RST,ACK"));
}

#[test]
fn must_40_an_acknowledgement_is_delayed_by_less_than_half_a_second() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    for _ in 0..40 {
        host.ok(client, &send(3, b"x"));
        host.ok(server, &recv(4, 1));
        host.ok(server, &send(4, b"y"));
        host.ok(client, &recv(3, 1));
        host.pass(Duration::from_millis(499));
        assert_eq!(host.kernel.next_deadline(), None, "something waits longer");
    }
}

#[test]
fn must_42_several_passive_opens_wait_on_one_port_at_different_addresses() {
    let mut host = Host::default();
    let server = host.task();
    for (fd, at) in [(3, "127.0.0.1:80"), (4, "127.0.0.2:80")] {
        host.kernel
            .sysctl
            .set("net.ipv4.ip_unprivileged_port_start", "0")
            .unwrap();
        host.ok(server, &socket());
        host.ok(server, &bind(fd, at));
        host.ok(server, &listen(fd, 1));
    }
    assert_eq!(host.states(), [Listen, Listen]);
}

#[test]
fn must_12_and_47_an_aborted_connection_is_told_to_the_application() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    let asleep = host.call(server, &recv(4, 1));
    assert_eq!(asleep, Outcome::Asleep);
    let reset = [1_i32.to_le_bytes(), 0_i32.to_le_bytes()].concat();
    let linger = setsockopt(3, SOL_SOCKET, SO_LINGER, UserIn::Bytes(reset), 8);
    host.ok(client, &linger);
    host.ok(client, &close(3));
    assert_eq!(host.wait(server).reply().result, Err(ECONNRESET));
}

#[test]
fn must_14_and_65_the_mss_option_is_sent_with_a_syn_and_with_nothing_else() {
    let mut host = Host::default();
    let server = host.listener(5);
    let client = host.task();
    host.ok(client, &socket());
    set(&mut host, client, 3, IPPROTO_TCP, TCP_MAXSEG, 1_000);
    host.fate = Box::new(|packet| {
        let segment = segment(packet);
        assert_eq!(segment.options.mss.is_some(), segment.has(Flags::SYN));
        crate::common::host::Fate::Arrives
    });
    host.ok(client, &connect(3, "127.0.0.1:8080"));
    host.ok(server, &accept(3));
    host.ok(client, &send(3, &[7; 2_500]));
    let mss = host.reply(server, &getsockopt(4, IPPROTO_TCP, TCP_MAXSEG));
    // What the peer offered, without the room for timestamps.
    assert_eq!(option_in(&mss), Some(988));
}

#[test]
fn tcp_linger2_and_tcp_fin_timeout_end_an_orphans_fin_wait_2() {
    let mut host = Host::new(1, Sysctl::default());
    let (_, client) = host.pair();
    set(&mut host, client, 3, IPPROTO_TCP, TCP_LINGER2, 5);
    host.ok(client, &close(3));
    host.pass(Duration::from_millis(4_900));
    assert!(host.states().contains(&FinWait2));
    host.pass(Duration::from_millis(300));
    assert!(!host.states().contains(&FinWait2));
}

#[test]
fn tcp_defer_accept_gives_the_last_syn_ack_a_chance_and_then_accepts() {
    let mut host = Host::default();
    let server = host.task();
    host.ok(server, &socket());
    set(&mut host, server, 3, IPPROTO_TCP, TCP_DEFER_ACCEPT, 3);
    host.ok(server, &bind(3, "127.0.0.1:8080"));
    host.ok(server, &listen(3, 5));
    let client = host.task();
    host.ok(client, &socket());
    host.ok(client, &connect(3, "127.0.0.1:8080"));
    assert_eq!(host.states(), [Listen, SynReceived, Established]);
    let start = host.now;
    let asleep = host.call(server, &accept(3));
    assert_eq!(asleep, Outcome::Asleep);
    assert_eq!(host.wait(server).reply().result, Ok(4));
    assert_eq!((host.now.since(start).as_millis() + 500) / 1_000, 3);
}

#[test]
fn must_66_urg_and_rst_count_even_when_the_window_is_closed() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.ok(
        client,
        &setsockopt(3, SOL_SOCKET, SO_SNDBUF, int(1 << 20), 4),
    );
    while host
        .result(client, &send_flags(3, &[0; 10_000], MSG_DONTWAIT))
        .is_ok()
    {}
    host.ok(server, &setsockopt(4, SOL_SOCKET, SO_OOBINLINE, int(1), 4));
    host.ok(
        client,
        &setsockopt(3, SOL_SOCKET, SO_SNDBUF, int(4 << 20), 4),
    );
    host.ok(client, &send_flags(3, b"!", MSG_OOB | MSG_DONTWAIT));
    host.pass(Duration::from_secs(300));
    // The mark is known, although there is no room for its octet.
    let sock = host
        .kernel
        .sockets()
        .iter()
        .find(|(_, s)| s.urgent.is_some());
    assert!(sock.is_some_and(|(_, s)| s.urgent.is_some_and(|u| u.ahead > 0)));
    host.ok(
        client,
        &setsockopt(3, SOL_SOCKET, SO_LINGER, two_ints(1, 0), 8),
    );
    host.ok(client, &close(3));
    host.settle();
    assert_eq!(host.states(), [Listen]);
}

fn two_ints(first: i32, second: i32) -> UserIn {
    UserIn::Bytes([first.to_le_bytes(), second.to_le_bytes()].concat())
}
