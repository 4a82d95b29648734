//! States that calls on a quiet loopback never show: segments held on the wire, crossing, lost.

use crate::common::calls::*;
use crate::common::host::{Fate, Host, Outcome, segment};
use sockscope::base::Tid;
use sockscope::kernel::TcpState::{self, *};
use sockscope::kernel::event::EventKind;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::kernel::{Kernel, Rule};
use sockscope::packet::Flags;
use std::time::Duration;

/// From state to state, as the events say.
fn transitions(host: &Host) -> Vec<(TcpState, TcpState)> {
    let transition = |kind: &EventKind| match kind {
        EventKind::StateChanged { from, to, .. } => Some((*from, *to)),
        _ => None,
    };
    let kinds = host.events.iter().map(|event| &event.kind);
    kinds.filter_map(transition).collect()
}

fn has_rule(host: &Host, rule: Rule) -> bool {
    let text = format!("{:?}", host.events);
    text.contains(&format!("because: {rule:?}"))
}

fn listener_queues(kernel: &Kernel) -> (usize, usize) {
    let mut listeners = kernel.sockets().iter().filter_map(|(_, s)| s.tcp.listen());
    let listen = listeners.next().expect("a listener");
    (listen.syn_queue.len(), listen.accept_queue.len())
}

#[test]
fn the_handshake_segment_by_segment() {
    let mut host = Host::default();
    host.listener(5);
    let client = host.task();
    host.ok(client, &socket());
    host.hold();
    assert_eq!(
        host.call(client, &connect(3, "127.0.0.1:8080")),
        Outcome::Asleep
    );
    assert_eq!(host.states(), [Listen, SynSent]);
    host.arrive(0);
    assert_eq!(host.states(), [Listen, SynSent, SynReceived]);
    assert_eq!(listener_queues(&host.kernel), (1, 0));
    host.arrive(0);
    assert_eq!(host.states(), [Listen, SynReceived, Established]);
    assert_eq!(
        host.wait(client).reply().result,
        Ok(0),
        "before the ACK arrives"
    );
    host.arrive(0);
    assert_eq!(host.states(), [Listen, Established, Established]);
    assert_eq!(listener_queues(&host.kernel), (0, 1));
    assert_eq!(host.sent(), ["SYN", "SYN,ACK", "ACK"]);
}

#[test]
fn a_lost_final_ack_leaves_a_request_that_data_completes() {
    let mut host = Host::default();
    let server = host.listener(5);
    let client = host.task();
    host.ok(client, &socket());
    host.fate = Box::new(|packet| match segment(packet).flags == Flags::ACK {
        true => Fate::Lost,
        false => Fate::Arrives,
    });
    host.ok(client, &connect(3, "127.0.0.1:8080"));
    assert_eq!(host.states(), [Listen, SynReceived, Established]);
    assert_eq!(host.call(server, &accept(3)), Outcome::Asleep);
    host.fate = Box::new(|_| Fate::Arrives);
    host.ok(client, &send(3, b"data"));
    assert_eq!(host.wait(server).reply().result, Ok(4));
    assert_eq!(
        host.reply(server, &recv(4, 9)).written(1),
        Some(&b"data"[..])
    );
}

#[test]
fn a_lost_final_ack_is_asked_for_again_after_a_second() {
    let mut host = Host::default();
    let server = host.listener(5);
    let client = host.task();
    host.ok(client, &socket());
    let mut lost = false;
    host.fate = Box::new(move |packet| {
        if segment(packet).flags == Flags::ACK && !std::mem::replace(&mut lost, true) {
            Fate::Lost
        } else {
            Fate::Arrives
        }
    });
    host.ok(client, &connect(3, "127.0.0.1:8080"));
    assert_eq!(host.call(server, &accept(3)), Outcome::Asleep);
    assert_eq!(host.wait(server).reply().result, Ok(4));
    assert_eq!(host.sent(), ["SYN", "SYN,ACK", "ACK", "SYN,ACK", "ACK"]);
    assert_eq!(host.now.millis(), 1_000);
}

#[test]
fn a_final_ack_that_meets_a_full_accept_queue_is_ignored() {
    let mut host = Host::default();
    let server = host.listener(1);
    let client = host.task();
    host.ok(client, &socket());
    host.ok(client, &connect(3, "127.0.0.1:8080"));
    // Two more handshakes at once, for one place.
    host.hold();
    for fd in [4, 5] {
        host.ok(client, &nonblocking());
        host.call(client, &connect(fd, "127.0.0.1:8080"));
    }
    host.arrive(0);
    host.arrive(0);
    assert_eq!(listener_queues(&host.kernel), (2, 1));
    host.events.clear();
    host.heal();
    assert_eq!(listener_queues(&host.kernel), (1, 2));
    assert!(has_rule(&host, Rule::AcceptQueueFull));
    assert_eq!(host.kernel.counters().listen_overflows, 1);
    // The client believes that it is connected.
    assert_eq!(host.result(client, &send(5, b"early")), Ok(5));
    host.ok(server, &accept(3));
    // Whatever comes again first completes the handshake.
    host.pass(Duration::from_secs(2));
    assert_eq!(listener_queues(&host.kernel), (0, 2));
    host.ok(server, &accept(3));
    assert_eq!(host.ok(server, &accept(3)), 6);
    assert_eq!(
        host.reply(server, &recv(6, 9)).written(1),
        Some(&b"early"[..])
    );
}

#[test]
fn both_sides_may_open_at_once() {
    let mut host = Host::default();
    let (a, b) = (host.task(), host.task());
    for (task, own) in [(a, "127.0.0.1:9001"), (b, "127.0.0.1:9002")] {
        host.ok(task, &socket());
        host.ok(task, &bind(3, own));
    }
    host.hold();
    assert_eq!(host.call(a, &connect(3, "127.0.0.1:9002")), Outcome::Asleep);
    assert_eq!(host.call(b, &connect(3, "127.0.0.1:9001")), Outcome::Asleep);
    assert_eq!(host.states(), [SynSent, SynSent]);
    host.arrive(0);
    host.arrive(0);
    assert_eq!(host.states(), [SynReceived, SynReceived]);
    host.heal();
    assert_eq!(host.states(), [Established, Established]);
    assert_eq!(host.wait(a).reply().result, Ok(0));
    assert_eq!(host.wait(b).reply().result, Ok(0));
    assert_eq!(host.sent()[..4], ["SYN", "SYN", "SYN,ACK", "SYN,ACK"]);
    host.ok(a, &send(3, b"hi"));
    assert_eq!(host.reply(b, &recv(3, 9)).written(1), Some(&b"hi"[..]));
    host.ok(b, &send(3, b"ho"));
    assert_eq!(host.reply(a, &recv(3, 9)).written(1), Some(&b"ho"[..]));
    assert!(has_rule(&host, Rule::SimultaneousOpen));
}

#[test]
fn a_simultaneous_open_survives_any_lost_segment() {
    for lose in 0..6 {
        let mut host = Host::default();
        let (a, b) = (host.task(), host.task());
        for (task, own) in [(a, "127.0.0.1:9001"), (b, "127.0.0.1:9002")] {
            host.ok(task, &socket());
            host.ok(task, &bind(3, own));
        }
        host.hold();
        host.call(a, &connect(3, "127.0.0.1:9002"));
        host.call(b, &connect(3, "127.0.0.1:9001"));
        let mut nth = 0;
        host.fate = Box::new(move |_| {
            nth += 1;
            if nth == lose + 1 {
                Fate::Lost
            } else {
                Fate::Arrives
            }
        });
        host.settle();
        assert_eq!(host.wait(a).reply().result, Ok(0), "{lose}");
        assert_eq!(host.wait(b).reply().result, Ok(0), "{lose}");
        host.ok(a, &send(3, b"hi"));
        host.pass(Duration::from_secs(5));
        assert_eq!(host.reply(b, &recv(3, 9)).written(1), Some(&b"hi"[..]));
        assert_eq!(host.states(), [Established, Established]);
    }
}

#[test]
fn both_sides_may_close_at_once() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.hold();
    host.ok(server, &close(4));
    host.ok(client, &close(3));
    assert_eq!(host.states(), [Listen, FinWait1, FinWait1]);
    host.arrive(0);
    host.arrive(0);
    assert_eq!(host.states(), [Listen, Closing, Closing]);
    host.heal();
    assert_eq!(host.states(), [Listen, TimeWait, TimeWait]);
    assert_eq!(host.sent(), ["FIN,ACK", "FIN,ACK", "ACK", "ACK"]);
    host.run_out();
    assert_eq!(host.states(), [Listen]);
}

#[test]
fn last_ack_waits_for_the_acknowledgement_of_the_second_end() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.ok(client, &close(3));
    host.pass(Duration::from_millis(50));
    host.hold();
    host.ok(server, &close(4));
    assert_eq!(host.states(), [Listen, FinWait2, LastAck]);
    host.arrive(0);
    assert_eq!(host.states(), [Listen, LastAck, TimeWait]);
    host.arrive(0);
    assert_eq!(host.states(), [Listen, TimeWait]);
}

/// One host that goes through every state.
#[test]
fn every_state_of_rfc_9293_is_reached() {
    let mut seen = Vec::new();
    let (mut host, mut crossing) = (Host::default(), Host::default());
    let (server, client) = host.pair();
    seen.extend(transitions(&host));
    host.ok(server, &close(4));
    host.pass(Duration::from_millis(50));
    host.ok(client, &close(3));
    host.run_out();
    seen.extend(transitions(&host));
    let server = crossing.listener(1);
    let client = crossing.task();
    crossing.ok(client, &socket());
    crossing.ok(client, &connect(3, "127.0.0.1:8080"));
    crossing.ok(server, &accept(3));
    crossing.hold();
    crossing.ok(server, &close(4));
    crossing.ok(client, &close(3));
    crossing.heal();
    crossing.run_out();
    seen.extend(transitions(&crossing));
    let all = [
        Closed,
        Listen,
        SynSent,
        SynReceived,
        Established,
        FinWait1,
        FinWait2,
        CloseWait,
        Closing,
        LastAck,
        TimeWait,
    ];
    for state in all {
        assert!(seen.iter().any(|(_, to)| *to == state), "{state:?}");
    }
}

#[test]
fn a_reset_in_the_window_but_not_at_its_edge_is_challenged() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, b"x"));
    let mut forged = host.wire.pop_front().expect("it was sent");
    let sockscope::packet::Body::Tcp(reset) = &mut forged.body else {
        panic!("a segment")
    };
    reset.flags = Flags::RST;
    reset.payload = std::rc::Rc::from([]);
    reset.seq += 5;
    host.heal();
    host.events.clear();
    host.carry(&forged, false);
    assert_eq!(host.sent(), ["ACK"]);
    assert!(has_rule(&host, Rule::ChallengeAck));
    host.settle();
    assert_eq!(host.states(), [Listen, Established, Established]);
    // A SYN in the window proves nothing either.
    let sockscope::packet::Body::Tcp(syn) = &mut forged.body else {
        panic!("a segment")
    };
    syn.flags = Flags::SYN;
    host.carry(&forged, false);
    host.settle();
    assert_eq!(host.states(), [Listen, Established, Established]);
    // Exactly the next number does.
    let sockscope::packet::Body::Tcp(reset) = &mut forged.body else {
        panic!("a segment")
    };
    reset.flags = Flags::RST;
    reset.seq = reset.seq - 5;
    host.carry(&forged, false);
    assert_eq!(host.result(server, &recv(4, 1)), Err(ECONNRESET));
    assert_eq!(host.result(client, &send(3, b"y")), Ok(1));
}

#[test]
fn a_blind_acknowledgement_of_nothing_is_ignored() {
    let mut host = Host::default();
    let (_, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, b"x"));
    let mut forged = host.wire.pop_front().expect("it was sent");
    let sockscope::packet::Body::Tcp(ack) = &mut forged.body else {
        panic!("a segment")
    };
    ack.ack += 1_000_000;
    host.carry(&forged, false);
    host.heal();
    assert_eq!(host.states(), [Listen, Established, Established]);
    host.pass(Duration::from_secs(1));
    assert_eq!(host.sent().iter().filter(|s| *s == "PSH,ACK 1").count(), 2);
}

#[test]
fn closing_while_connecting_leaves_nothing() {
    let mut host = Host::default();
    let server = host.listener(5);
    let client = host.task();
    host.ok(client, &nonblocking());
    host.hold();
    assert_eq!(
        host.result(client, &connect(3, "127.0.0.1:8080")),
        Err(EINPROGRESS)
    );
    host.ok(client, &close(3));
    assert_eq!(host.states(), [Listen]);
    host.heal();
    // The SYN,ACK finds nobody: a reset ends the request.
    assert_eq!(host.sent(), ["SYN", "SYN,ACK", "RST"]);
    assert_eq!(host.states(), [Listen]);
    assert_eq!(listener_queues(&host.kernel), (0, 0));
    host.ok(server, &close(3));
    assert!(host.kernel.sockets().is_empty());
}

#[test]
fn an_end_that_overtakes_data_waits_for_it() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, b"first"));
    host.ok(client, &close(3));
    assert_eq!(host.wire.len(), 2);
    host.arrive(1);
    assert_eq!(host.states(), [Listen, Established, FinWait1]);
    host.arrive(0);
    assert_eq!(host.states(), [Listen, FinWait1, CloseWait]);
    host.heal();
    assert_eq!(
        host.reply(server, &recv(4, 9)).written(1),
        Some(&b"first"[..])
    );
    assert_eq!(host.result(server, &recv(4, 9)), Ok(0));
}

#[test]
fn data_for_a_closed_socket_is_reset() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, b"late"));
    host.ok(server, &close(4));
    host.heal();
    assert!(host.sent().contains(&"RST".to_owned()), "{:?}", host.sent());
    host.run_out();
    assert_eq!(host.states(), [Listen]);
    assert_eq!(
        host.result(client, &recv(3, 1)),
        Ok(0),
        "the end came first"
    );
}

#[test]
fn a_new_syn_takes_over_from_time_wait() {
    let mut host = Host::default();
    let (server, client) = (host.listener(5), host.task());
    for round in 0..3 {
        host.ok(client, &socket());
        host.ok(client, &reuseaddr(3));
        host.ok(client, &bind(3, "127.0.0.1:9001"));
        host.ok(client, &connect(3, "127.0.0.1:8080"));
        host.ok(server, &accept(3));
        host.ok(client, &send(3, b"x"));
        assert_eq!(host.result(server, &recv(4, 9)), Ok(1), "{round}");
        host.ok(server, &close(4));
        assert_eq!(host.result(client, &recv(3, 9)), Ok(0));
        host.ok(client, &close(3));
        assert_eq!(host.states(), [Listen, TimeWait]);
        host.pass(Duration::from_secs(1));
    }
    assert!(has_rule(&host, Rule::SynInTimeWait));
}

/// Descriptors of one socket in two tasks need fork(2) or threads, which nothing makes yet; what a
/// call that sleeps holds is seen when its process is killed.
#[test]
fn a_process_that_is_killed_in_accept_leaves_nothing() {
    let mut host = Host::default();
    let server = host.listener(5);
    assert_eq!(host.call(server, &accept(3)), Outcome::Asleep);
    host.kill(server);
    assert!(host.kernel.files().iter().all(|(_, f)| f.refs > 0));
    assert!(host.kernel.sockets().is_empty());
    assert_eq!(host.kernel.ports().iter().count(), 0);
    let client: Tid = host.task();
    host.ok(client, &socket());
    assert_eq!(
        host.result(client, &connect(3, "127.0.0.1:8080")),
        Err(ECONNREFUSED)
    );
}

#[test]
fn of_eight_connections_backlog_n_lets_n_plus_one_stand_and_counts_the_rest() {
    for (backlog, standing) in [(0, 1), (1, 2), (3, 4)] {
        let mut host = Host::default();
        let _ = host.listener(backlog);
        let client = host.task();
        for fd in 3..11 {
            host.ok(client, &nonblocking());
            let result = host.result(client, &connect(fd, "127.0.0.1:8080"));
            assert_eq!(result, Err(EINPROGRESS));
        }
        let count = |state| host.states().iter().filter(|s| **s == state).count();
        // Both ends of what stands.
        assert_eq!(count(Established), 2 * standing);
        assert_eq!(count(SynSent), 8 - standing);
        let counters = host.kernel.counters();
        assert_eq!(counters.listen_overflows, 8 - standing as u64);
        assert_eq!(counters.listen_drops, 8 - standing as u64);
    }
}

#[test]
fn with_a_full_syn_queue_a_cookie_answers_and_its_acknowledgement_makes_the_connection() {
    let mut host = Host::default();
    let server = host.listener(1);
    let clients = [host.task(), host.task(), host.task()];
    // No SYN,ACK arrives: requests pile up.
    host.fate = Box::new(|packet| match segment(packet).has(Flags::ACK) {
        true => Fate::Lost,
        false => Fate::Arrives,
    });
    for client in &clients[..2] {
        host.ok(*client, &nonblocking());
        let _ = host.result(*client, &connect(3, "127.0.0.1:8080"));
    }
    assert_eq!(listener_queues(&host.kernel), (2, 0));
    host.heal();
    host.ok(clients[2], &nonblocking());
    let _ = host.result(clients[2], &connect(3, "127.0.0.1:8080"));
    let counters = host.kernel.counters();
    assert_eq!((counters.syncookies_sent, counters.syncookies_recv), (1, 1));
    assert!(has_rule(&host, Rule::SynCookie) && has_rule(&host, Rule::CookieReturned));
    assert_eq!(listener_queues(&host.kernel), (2, 1));
    host.ok(server, &accept(3));
    host.ok(clients[2], &send(3, b"kept nowhere"));
    assert_eq!(host.ok(server, &recv(4, 100)), 12);
}

#[test]
fn without_cookies_a_full_syn_queue_drops_and_a_cookie_of_nobody_is_reset() {
    let sysctl = Sysctl {
        tcp_syncookies: 0,
        ..Sysctl::default()
    };
    let mut host = Host::new(1, sysctl);
    let _ = host.listener(0);
    let clients = [host.task(), host.task()];
    host.fate = Box::new(|packet| match segment(packet).has(Flags::ACK) {
        true => Fate::Lost,
        false => Fate::Arrives,
    });
    for client in clients {
        host.ok(client, &nonblocking());
        let _ = host.result(client, &connect(3, "127.0.0.1:8080"));
    }
    assert_eq!(listener_queues(&host.kernel), (1, 0));
    assert_eq!(host.kernel.counters().listen_drops, 1);
    assert_eq!(host.kernel.counters().syncookies_sent, 0);
}

/// Linux goes on with IPv4's operations, and the SYN gets lost.
#[test]
fn a_socket_that_had_a_connection_over_ipv4_cannot_go_on_with_ipv6() {
    for next in [connect(3, "[::1]:9"), listen(3, 1)] {
        let mut host = Host::new(1, Sysctl::default());
        let task = host.task();
        host.ok(task, &socket_of(AF_INET6, SOCK_STREAM, 0));
        for _ in 0..2 {
            let mapped = connect(3, "[::ffff:127.0.0.1]:9");
            assert_eq!(host.result(task, &mapped), Err(ECONNREFUSED));
        }
        let outcome = host.call(task, &next);
        assert!(matches!(outcome, Outcome::NotModelled(_)), "{outcome:?}");
    }
}
