//! MUSTs of RFC 9293 about windows, retransmissions and acknowledgements.

use crate::common::calls::*;
use crate::common::host::{Fate, Host, Outcome, segment};
use sockscope::base::{Tid, Time};
use sockscope::kernel::TcpState::*;
use sockscope::kernel::event::EventKind;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::packet::{Body, Flags};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Milliseconds from `start` at which segments with `octets` of data were sent, to the nearest ten.
fn times(host: &Host, start: Time, octets: u32) -> Vec<u64> {
    let sent = host.events.iter().filter_map(|event| match event.kind {
        EventKind::SegmentSent { head, .. }
            if head.len == octets && !head.flags.has(Flags::SYN) =>
        {
            Some(event.at)
        }
        _ => None,
    });
    let since = |at: Time| (at.since(start).as_millis() as u64 + 5) / 10 * 10;
    sent.map(since).collect()
}

/// A writer that sleeps because the reader does not read.
fn blocked_writer() -> (Host, Tid, Tid) {
    let mut host = Host::default();
    let (server, client) = host.pair();
    let asleep = host.call(client, &send(3, &vec![1; 8 << 20]));
    assert_eq!(asleep, Outcome::Asleep);
    (host, server, client)
}

/// `tcpi_snd_ssthresh`, `tcpi_snd_cwnd`.
fn window(host: &mut Host, client: Tid) -> (u32, u32) {
    let info = (IPPROTO_TCP, TCP_INFO);
    let reply = host.reply(
        client,
        &getsockopt_raw(3, info, UserOut::Capacity(280), int(280)),
    );
    let bytes = reply.written(3).expect("TCP_INFO");
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    (word(76), word(80))
}

#[test]
fn must_1_a_window_above_32767_is_no_negative_one() {
    let sysctl = Sysctl {
        tcp_window_scaling: false,
        ..Sysctl::default()
    };
    let mut host = Host::new(0, sysctl);
    let (_, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, &[1; 50_000]));
    let under_way = host.wire.iter().map(|p| segment(p).payload.len());
    assert_eq!(under_way.sum::<usize>(), 50_000);
}

#[test]
fn must_34_a_window_that_shrinks_is_endured() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    for _ in 0..3 {
        host.ok(client, &send(3, b"x"));
        host.ok(server, &recv(4, 1));
        host.ok(server, &send(4, b"y"));
        host.ok(client, &recv(3, 1));
    }
    host.hold();
    host.ok(client, &send(3, b"abc"));
    host.arrive(0);
    host.ok(server, &send(4, b"z"));
    let mut answer = host.wire.pop_back().expect("an answer");
    host.wire.clear();
    let Body::Tcp(shrunk) = &mut answer.body else {
        panic!("no segment");
    };
    shrunk.window = 0;
    host.carry(&answer, false);
    // Nothing goes out any more, until a probe is answered with the window as it is.
    host.ok(client, &send(3, b"def"));
    assert!(host.wire.iter().all(|p| segment(p).payload.is_empty()));
    host.heal();
    host.pass(SECOND);
    assert_eq!(host.ok(server, &recv(4, 9)), 6);
    assert_eq!(host.states(), [Listen, Established, Established]);
}

#[test]
fn must_35_and_36_a_closed_window_is_probed_after_the_timeout_and_then_half_as_often() {
    let (mut host, _, _) = blocked_writer();
    host.pass(Duration::from_millis(33));
    let start = host.now;
    host.events.clear();
    host.pass(7 * SECOND);
    // The delayed acknowledgement that closes the window comes first.
    // A probe and its answer are one moment; some probes are not answered (tcp_invalid_ratelimit).
    let mut probes = times(&host, start, 0);
    probes.dedup();
    let between: Vec<u64> = probes.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(between[0], 200, "{probes:?}");
    assert!(between.len() >= 5, "{probes:?}");
    for two in between.windows(2) {
        assert!(two[1].abs_diff(two[0] * 2) <= 20, "{probes:?}");
    }
}

#[test]
fn must_37_a_window_may_stay_closed_as_long_as_probes_are_answered() {
    let (mut host, server, client) = blocked_writer();
    host.pass(3_600 * SECOND);
    assert_eq!(host.states(), [Listen, Established, Established]);
    host.ok(server, &recv(4, 8 << 20));
    host.pass(200 * SECOND);
    host.ok(server, &recv(4, 8 << 20));
    assert!(!host.back.contains_key(&client) || host.back[&client] != Outcome::Asleep);
    assert_eq!(host.states(), [Listen, Established, Established]);
}

/// A connection without timestamps and tail loss probes whose first data segment is lost so many times.
fn losing(times: u32) -> (Host, Tid, Tid) {
    let sysctl = Sysctl {
        tcp_timestamps: 0,
        tcp_early_retrans: 0,
        ..Sysctl::default()
    };
    let mut host = Host::new(0, sysctl);
    let (server, client) = host.pair();
    let mut left = times;
    host.fate = Box::new(move |packet| {
        if segment(packet).payload.is_empty() || left == 0 {
            return Fate::Arrives;
        }
        left -= 1;
        Fate::Lost
    });
    (host, server, client)
}

fn measured(host: &Host) -> usize {
    let measured = |kind: &EventKind| matches!(kind, EventKind::RttMeasured { .. });
    host.events.iter().filter(|e| measured(&e.kind)).count()
}

#[test]
fn must_18_a_retransmitted_segment_measures_no_round_trip() {
    let (mut host, server, client) = losing(1);
    host.ok(client, &send(3, b"abc"));
    host.pass(SECOND);
    assert_eq!(times(&host, Time::ZERO, 3).len(), 2);
    assert_eq!(host.ok(server, &recv(4, 9)), 3);
    assert_eq!(measured(&host), 0);
    host.ok(client, &send(3, b"abc"));
    host.pass(SECOND);
    assert_eq!(measured(&host), 1);
}

#[test]
fn must_19_the_timeout_doubles_and_the_window_starts_again_from_one_segment() {
    let (mut host, server, client) = losing(4);
    let start = host.now;
    host.ok(client, &send(3, b"abc"));
    assert_eq!(window(&mut host, client).1, 10);
    host.pass(Duration::from_millis(1_500));
    assert_eq!(window(&mut host, client).1, 1);
    host.pass(2 * SECOND);
    assert_eq!(times(&host, start, 3), [0, 200, 600, 1_400, 3_000]);
    assert_eq!(host.ok(server, &recv(4, 9)), 3);
    // Slow start: each segment that is acknowledged adds one, up to half of what was; then congestion avoidance.
    let (threshold, begin) = window(&mut host, client);
    assert!((2..=5).contains(&threshold), "{threshold}");
    for _ in 0..40 {
        host.ok(client, &send(3, &vec![1; 65_483 * 4]));
        let mut left = 65_483 * 4;
        while left > 0 {
            left -= match host.call(server, &recv(4, left)) {
                Outcome::Returned(reply) => reply.result.expect("data"),
                Outcome::Asleep => host.wait(server).reply().result.expect("data"),
                other => panic!("{other:?}"),
            };
        }
    }
    let (_, end) = window(&mut host, client);
    assert!(end > begin && end < begin + 40, "{begin} to {end}");
}

#[test]
fn must_22_a_syn_is_retransmitted_and_given_up_like_data() {
    let sysctl = Sysctl {
        tcp_syn_linear_timeouts: 0,
        ..Sysctl::default()
    };
    let mut host = Host::new(0, sysctl);
    let client = host.task();
    host.ok(client, &socket());
    host.cut();
    let asleep = host.call(client, &connect(3, "127.0.0.1:8080"));
    assert_eq!(asleep, Outcome::Asleep);
    assert_eq!(host.wait(client).reply().result, Err(ETIMEDOUT));
    let sent = host.sent_at();
    let at: Vec<u64> = sent
        .iter()
        .map(|(at, _)| (at.millis() + 5) / 1_000)
        .collect();
    // R2 is six doublings, 127 s: MUST-23 asks for 180.
    assert_eq!(at, [0, 1, 3, 7, 15, 31, 63]);
    assert_eq!((host.now.millis() + 5) / 1_000, 127);
}

#[test]
fn must_27_the_idle_time_before_a_keepalive_probe_can_be_set() {
    for idle in [1, 20] {
        let mut host = Host::default();
        let (_, client) = host.pair();
        let set = |level, name, value| setsockopt(3, level, name, int(value), 4);
        host.ok(client, &set(IPPROTO_TCP, TCP_KEEPIDLE, idle));
        host.ok(client, &set(SOL_SOCKET, SO_KEEPALIVE, 1));
        let start = host.now;
        host.events.clear();
        host.pass(SECOND * idle as u32 + SECOND / 2);
        let expected = idle as u64 * 1_000;
        assert_eq!(times(&host, start, 0), [expected, expected]);
    }
}

#[test]
fn must_39_a_window_opens_by_whole_segments_or_half_the_buffer() {
    let (mut host, server, _) = blocked_writer();
    host.pass(Duration::from_millis(100));
    host.events.clear();
    // One octet read is no reason to tell.
    host.ok(server, &recv(4, 1));
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn must_58_and_59_one_acknowledgement_is_for_all_that_has_come() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.ok(client, &setsockopt(3, IPPROTO_TCP, TCP_NODELAY, int(1), 4));
    for _ in 0..3 {
        host.ok(client, &send(3, b"x"));
        host.ok(server, &recv(4, 1));
        host.ok(server, &send(4, b"y"));
        host.ok(client, &recv(3, 1));
    }
    host.pass(SECOND);
    host.events.clear();
    for _ in 0..3 {
        host.ok(client, &send(3, b"x"));
    }
    host.pass(SECOND);
    let sent = host.sent();
    assert_eq!(
        sent.iter().filter(|text| *text == "ACK").count(),
        1,
        "{sent:?}"
    );
}

#[test]
fn must_60_and_61_the_last_segment_of_a_send_is_pushed() {
    let mut host = Host::default();
    let server = host.listener(5);
    let client = host.task();
    host.ok(client, &socket());
    host.ok(
        client,
        &setsockopt(3, IPPROTO_TCP, TCP_MAXSEG, int(1_000), 4),
    );
    host.ok(client, &connect(3, "127.0.0.1:8080"));
    host.ok(server, &accept(3));
    host.events.clear();
    host.ok(client, &send(3, &[1; 2_500]));
    let data: Vec<String> = host
        .sent()
        .into_iter()
        .filter(|t| t.contains(' '))
        .collect();
    assert_eq!(data.last().map(String::as_str), Some("PSH,ACK 524"));
}
