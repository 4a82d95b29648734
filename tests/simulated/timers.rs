//! When things happen that nobody does: retransmissions, probes, delays and ends of waiting.

use crate::common::calls::*;
use crate::common::host::{Fate, Host, Outcome, segment};
use sockscope::base::{Tid, Time};
use sockscope::kernel::TcpState::*;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::packet::Flags;
use std::time::Duration;

/// Milliseconds from `start` at which segments of that kind were sent, to the nearest ten.
fn times(host: &Host, start: Time, kind: &str) -> Vec<u64> {
    let sent = host.sent_at().into_iter();
    let of_kind = sent.filter(|(_, text)| text == kind);
    of_kind
        .map(|(at, _)| (at.since(start).as_millis() as u64 + 5) / 10 * 10)
        .collect()
}

fn passed(host: &Host, start: Time) -> u64 {
    host.now.since(start).as_millis() as u64
}

const fn seconds<const N: usize>(seconds: [u64; N]) -> [u64; N] {
    let mut millis = seconds;
    let mut i = 0;
    while i < N {
        millis[i] *= 1_000;
        i += 1;
    }
    millis
}

/// A task that waits in connect(2), to nobody.
fn connecting(sysctl: Sysctl) -> (Host, Tid) {
    let mut host = Host::new(1, sysctl);
    let client = host.task();
    host.ok(client, &socket());
    host.cut();
    let asleep = host.call(client, &connect(3, "127.0.0.1:8080"));
    assert_eq!(asleep, Outcome::Asleep);
    (host, client)
}

#[test]
fn a_syn_without_answer_is_sent_eleven_times_and_given_up_after_131_seconds() {
    // Measured on Linux 6.18.
    let (mut host, client) = connecting(Sysctl::default());
    let reply = host.wait(client).reply();
    assert_eq!(reply.result, Err(ETIMEDOUT));
    let sent = times(&host, Time::ZERO, "SYN");
    assert_eq!(sent, seconds([0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]));
    assert_eq!(passed(&host, Time::ZERO), 131_000);
    assert_eq!(host.states(), []);
    // The socket can try again.
    host.heal();
    assert_eq!(
        host.result(client, &connect(3, "127.0.0.1:8080")),
        Err(ECONNREFUSED)
    );
}

#[test]
fn fewer_syn_retries_give_up_sooner() {
    let sysctl = Sysctl {
        tcp_syn_retries: 2,
        ..Sysctl::default()
    };
    let (mut host, client) = connecting(sysctl);
    assert_eq!(host.wait(client).reply().result, Err(ETIMEDOUT));
    assert_eq!(times(&host, Time::ZERO, "SYN"), seconds([0, 1, 2, 3, 4, 5]));
    assert_eq!(passed(&host, Time::ZERO), 7_000);
}

#[test]
fn a_syn_is_sent_until_somebody_listens_again() {
    let (mut host, client) = connecting(Sysctl::default());
    host.pass(Duration::from_millis(2_500));
    host.fate = Box::new(|_| Fate::Arrives);
    host.listener(1);
    assert_eq!(host.wait(client).reply().result, Ok(0));
    assert_eq!(passed(&host, Time::ZERO), 3_000);
}

#[test]
fn a_syn_ack_without_answer_is_sent_six_times_and_the_request_forgotten() {
    let mut host = Host::default();
    let server = host.listener(5);
    let client = host.task();
    host.ok(client, &nonblocking());
    let mut first = true;
    host.fate = Box::new(move |_| {
        if std::mem::take(&mut first) {
            Fate::Arrives
        } else {
            Fate::Lost
        }
    });
    let start = host.now;
    host.call(client, &connect(3, "127.0.0.1:8080"));
    assert_eq!(host.states(), [Listen, SynSent, SynReceived]);
    host.pass(Duration::from_secs(62));
    assert_eq!(host.states(), [Listen, SynSent, SynReceived]);
    host.pass(Duration::from_secs(2));
    assert_eq!(host.states(), [Listen, SynSent]);
    let sent = times(&host, start, "SYN,ACK");
    assert_eq!(sent, seconds([0, 1, 3, 7, 15, 31]));
    assert_eq!(host.result(server, &getpeername(3)), Err(ENOTCONN));
}

#[test]
fn a_request_that_outlives_its_listener_ends_with_its_timer_in_silence() {
    let mut host = Host::default();
    let server = host.listener(5);
    let client = host.task();
    host.ok(client, &nonblocking());
    let mut first = true;
    host.fate = Box::new(move |_| match std::mem::take(&mut first) {
        true => Fate::Arrives,
        false => Fate::Lost,
    });
    host.call(client, &connect(3, "127.0.0.1:8080"));
    host.ok(server, &close(3));
    host.pass(Duration::from_millis(999));
    assert_eq!(host.states(), [SynSent, SynReceived]);
    let sent = host.sent().len();
    host.pass(Duration::from_millis(2));
    assert_eq!(host.states(), [SynSent]);
    // What was sent is the client's next SYN.
    assert_eq!(host.sent().len(), sent + 1);
}

#[test]
fn data_without_acknowledgement_is_sent_again_after_200_ms_and_then_half_as_often() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    host.cut();
    let start = host.now;
    host.ok(client, &send(3, b"lost"));
    assert_eq!(host.call(client, &recv(3, 9)), Outcome::Asleep);
    host.pass(Duration::from_secs(30));
    let sent = times(&host, start, "PSH,ACK 4");
    // Measured on Linux 6.18: a loss probe, then the timer.
    assert_eq!(
        sent,
        [0, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600]
    );
    host.heal();
    assert_eq!(host.states(), [Listen, Established, Established]);
    host.pass(Duration::from_secs(22));
    // The next copy arrived: nothing is outstanding.
    let sent = times(&host, start, "PSH,ACK 4");
    assert_eq!(sent.len(), 10);
}

#[test]
fn data_is_given_up_after_fifteen_doublings() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    host.cut();
    let start = host.now;
    host.ok(client, &send(3, b"lost"));
    assert_eq!(host.call(client, &recv(3, 9)), Outcome::Asleep);
    let reply = host.wait(client).reply();
    assert_eq!(reply.result, Err(ETIMEDOUT));
    // tcp_model_timeout(15) is 924.6 s, counted from the timer's first retransmission, at 0.4 s: what runs out
    // at 924.8 s is a little too early, the next comes 120 s later.
    let sent = times(&host, start, "PSH,ACK 4");
    assert_eq!(sent.len(), 18);
    assert_eq!(passed(&host, start) / 1_000, 1_044);
    assert_eq!(host.result(client, &recv(3, 9)), Ok(0));
    assert_eq!(host.result(client, &send_quiet(3, b"x")), Err(EPIPE));
    assert_eq!(
        host.states(),
        [Listen, Established],
        "the peer knows nothing"
    );
}

#[test]
fn an_orphan_gives_up_after_eight_doublings() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    host.cut();
    let start = host.now;
    host.ok(client, &close(3));
    assert_eq!(host.states(), [Listen, Established, FinWait1]);
    while host.states().contains(&FinWait1) {
        assert!(host.next_timer());
    }
    // tcp_orphan_retries(): tcp_model_timeout(8) is 102.2 s after the first retransmission.
    assert_eq!(passed(&host, start) / 1_000, 204);
    assert_eq!(host.states(), [Listen, Established]);
}

#[test]
fn the_acknowledgement_of_an_end_without_data_waits_for_the_next_tick() {
    let mut host = Host::default();
    let (server, _) = host.pair();
    host.ok(server, &close(4));
    assert_eq!(host.sent(), ["FIN,ACK"]);
    assert_eq!(host.states(), [Listen, FinWait1, CloseWait]);
    host.pass(Duration::from_millis(3));
    assert_eq!(host.sent(), ["FIN,ACK"]);
    host.pass(Duration::from_millis(2));
    assert_eq!(host.sent(), ["FIN,ACK", "ACK"]);
    assert_eq!(host.states(), [Listen, FinWait2, CloseWait]);
}

#[test]
fn the_first_data_is_acknowledged_at_once_and_an_answer_later_carries_it() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.ok(client, &send(3, b"ask"));
    assert_eq!(host.sent(), ["PSH,ACK 3", "ACK"]);
    host.ok(server, &recv(4, 9));
    host.ok(server, &send(4, b"reply"));
    host.ok(client, &recv(3, 9));
    host.events.clear();
    // The conversation is a ping-pong now.
    host.ok(client, &send(3, b"again"));
    assert_eq!(host.sent(), ["PSH,ACK 5"]);
    host.ok(server, &recv(4, 9));
    host.ok(server, &send(4, b"reply"));
    assert_eq!(host.sent(), ["PSH,ACK 5", "PSH,ACK 5"]);
    host.pass(Duration::from_millis(41));
    assert_eq!(host.sent(), ["PSH,ACK 5", "PSH,ACK 5", "ACK"]);
}

#[test]
fn nagle_holds_a_small_segment_back_while_another_is_out() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, b"a"));
    host.ok(client, &send(3, b"b"));
    host.ok(client, &send(3, b"c"));
    assert_eq!(host.sent(), ["PSH,ACK 1"]);
    host.heal();
    assert_eq!(host.sent(), ["PSH,ACK 1", "ACK", "PSH,ACK 2", "ACK"]);
}

#[test]
fn an_end_is_not_held_back() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, b"a"));
    host.ok(client, &send(3, b"b"));
    host.ok(client, &close(3));
    assert_eq!(host.sent(), ["PSH,ACK 1", "FIN,PSH,ACK 1"]);
}

/// A writer that sleeps because the reader does not read.
fn blocked_writer() -> (Host, Tid, Tid, usize) {
    let mut host = Host::default();
    let (server, client) = host.pair();
    let len = 8 << 20;
    assert_eq!(host.call(client, &send(3, &vec![1; len])), Outcome::Asleep);
    (host, server, client, len)
}

#[test]
fn a_closed_window_is_probed_for_ever_as_long_as_the_peer_answers() {
    let (mut host, server, client, len) = blocked_writer();
    host.pass(Duration::from_secs(1));
    host.events.clear();
    host.pass(Duration::from_secs(3_600 * 24));
    assert_eq!(host.states(), [Listen, Established, Established]);
    let sent = host.sent();
    assert!(sent.iter().all(|s| s == "ACK"), "a probe and its answer");
    assert!(
        (1_400..1_500).contains(&sent.len()),
        "one in two minutes: {}",
        sent.len()
    );
    let mut got = 0;
    while got < len {
        match host.call(server, &recv(4, 1 << 20)) {
            Outcome::Returned(reply) => got += reply.result.unwrap() as usize,
            Outcome::Asleep => got += host.wait(server).reply().result.unwrap() as usize,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(host.wait(client).reply().result, Ok(len as u64));
}

#[test]
fn a_closed_window_is_given_up_after_fifteen_probes_without_answer() {
    let (mut host, _, client, _) = blocked_writer();
    host.pass(Duration::from_millis(250));
    host.cut();
    host.events.clear();
    let outcome = host.wait(client).reply();
    // Octets that are in the buffer already count as sent.
    assert!(outcome.result.is_ok_and(|n| n > 0), "{outcome:?}");
    assert_eq!(host.sent().len(), 15);
    assert_eq!(host.result(client, &send_quiet(3, b"x")), Err(ETIMEDOUT));
    assert_eq!(host.result(client, &send_quiet(3, b"x")), Err(EPIPE));
}

#[test]
fn time_wait_lasts_sixty_seconds() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.ok(server, &close(4));
    host.ok(client, &close(3));
    let start = host.now;
    assert_eq!(host.states(), [Listen, TimeWait]);
    host.pass(Duration::from_millis(59_990));
    assert_eq!(host.states(), [Listen, TimeWait]);
    host.pass(Duration::from_millis(20));
    assert_eq!(host.states(), [Listen]);
    assert_eq!(passed(&host, start) / 1_000, 60);
    assert!(!host.next_timer());
}

#[test]
fn a_last_acknowledgement_that_is_lost_restarts_time_wait() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.ok(server, &close(4));
    host.pass(Duration::from_millis(50));
    // The client's FIN arrives, the answer does not.
    host.fate = Box::new(|packet| {
        let pure_ack = segment(packet).flags == Flags::ACK;
        if pure_ack { Fate::Lost } else { Fate::Arrives }
    });
    host.ok(client, &close(3));
    assert_eq!(host.states(), [Listen, TimeWait, LastAck].sorted());
    host.fate = Box::new(|_| Fate::Arrives);
    let start = host.now;
    host.pass(Duration::from_millis(300));
    assert_eq!(host.states(), [Listen, TimeWait]);
    host.run_out();
    assert_eq!(host.states(), [Listen]);
    assert_eq!(passed(&host, start), 60_200);
}

trait Sorted {
    fn sorted(self) -> Self;
}

impl<T: Ord, const N: usize> Sorted for [T; N] {
    fn sorted(mut self) -> Self {
        self.sort();
        self
    }
}

#[test]
fn an_orphan_waits_for_the_peers_end_as_long_as_tcp_fin_timeout_says() {
    for timeout in [10, 60] {
        let sysctl = Sysctl {
            tcp_fin_timeout: Duration::from_secs(timeout),
            ..Sysctl::default()
        };
        let mut host = Host::new(1, sysctl);
        let (server, client) = host.pair();
        host.ok(client, &close(3));
        host.pass(Duration::from_millis(45));
        assert_eq!(host.states(), [Listen, FinWait2, CloseWait]);
        let start = host.now;
        host.run_out();
        assert_eq!(host.states(), [Listen, CloseWait]);
        let waited = passed(&host, start);
        assert!((timeout * 1_000 - 50..=timeout * 1_000).contains(&waited));
        // The peer finds nobody there any more.
        assert_eq!(host.result(server, &send(4, b"late")), Ok(4));
        assert_eq!(host.result(server, &send_quiet(4, b"late")), Err(EPIPE));
        assert_eq!(host.states(), [Listen]);
    }
}

#[test]
fn a_program_that_half_closes_waits_for_ever() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    host.ok(client, &shutdown(3, SHUT_WR));
    host.run_out();
    host.pass(Duration::from_secs(3_600));
    assert_eq!(host.states(), [Listen, FinWait2, CloseWait]);
}

#[test]
fn poll_and_nanosleep_take_the_time_that_they_are_given() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    let start = host.now;
    assert_eq!(
        host.call(client, &poll(&[(3, POLLIN)], 1_500)),
        Outcome::Asleep
    );
    assert_eq!(host.call(server, &sleep(700)), Outcome::Asleep);
    assert_eq!(host.wait(server).reply().result, Ok(0));
    assert_eq!(passed(&host, start), 700);
    assert_eq!(host.wait(client).reply().result, Ok(0));
    assert_eq!(passed(&host, start), 1_500);
}
