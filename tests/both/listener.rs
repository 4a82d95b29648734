//! The passive side: queues, backlog, accept.

use crate::common::calls::*;
use crate::harness::{Both, Task};
use sockscope::kernel::TcpState::*;
use std::time::Duration;

/// Connections from the client's descriptors, one after the other.
#[track_caller]
fn connections(both: &mut Both, client: Task, fds: std::ops::Range<u64>) {
    for fd in fds {
        both.gives(client, socket(), Ok(fd));
        both.gives(client, connect(fd as i32, "127.0.0.1:8080"), Ok(0));
    }
}

#[test]
fn accept_sleeps_until_a_connection_is_there() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.sleeps(server, accept_named(3));
    connections(&mut both, client, 3..4);
    let reply = both.woke(server, Ok(4));
    both.expect_name(&reply, "127.0.0.1:40000");
    both.names(server, getsockname(4), "127.0.0.1:8080");
    both.sleeps(server, accept_named(3));
    connections(&mut both, client, 4..5);
    both.woke(server, Ok(5));
    both.names(server, getsockname(5), "127.0.0.1:8080");
    both.names(server, getpeername(5), "127.0.0.1:40002");
    both.gives(server, getpeername(3), Err(ENOTCONN));
}

#[test]
fn connections_are_accepted_in_the_order_in_which_they_stood() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    connections(&mut both, client, 3..7);
    for fd in [5, 3, 6, 4] {
        both.gives(client, send(fd, &[b'0' + fd as u8]), Ok(1));
    }
    for fd in 4..8 {
        both.gives(server, accept(3), Ok(fd));
        both.gives_bytes(server, recv(fd as i32, 9), &[b'0' + fd as u8 - 1]);
    }
}

#[test]
fn a_backlog_of_n_holds_n_plus_one() {
    for backlog in [0, 1, 3] {
        let mut both = Both::new();
        let [server, client, late] = both.tasks();
        both.listens(server, "127.0.0.1:8080", backlog);
        connections(&mut both, client, 3..4 + backlog as u64);
        both.gives(late, socket(), Ok(3));
        both.sleeps(late, connect(3, "127.0.0.1:8080"));
        // Its SYN comes again after a second.
        both.gives(server, accept(3), Ok(4));
        both.still_sleeps(late);
        both.comes_back(late, Ok(0));
        both.gives(server, accept(3), Ok(5));
    }
}

#[test]
fn the_backlog_can_be_changed_and_somaxconn_limits_it() {
    let mut both = Both::with(&[("net/core/somaxconn", "1")]);
    let [server, client, late] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 0);
    both.gives(server, listen(3, -1), Ok(0));
    connections(&mut both, client, 3..5);
    both.gives(late, nonblocking(), Ok(3));
    both.gives(late, connect(3, "127.0.0.1:8080"), Err(EINPROGRESS));
    both.gives(late, connect(3, "127.0.0.1:8080"), Err(EALREADY));
    both.polls(late, &[(3, POLLIN | POLLOUT)], 0, &[0]);
    both.states(&[
        Listen,
        Established,
        Established,
        Established,
        Established,
        SynSent,
    ]);
    both.gives(late, close(3), Ok(0));
    both.states(&[Listen, Established, Established, Established, Established]);
}

#[test]
fn two_who_wait_are_served_in_turn() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.sleeps(server, poll_one(3));
    connections(&mut both, client, 3..4);
    both.woke(server, Ok(1));
    both.gives(server, accept(3), Ok(4));
    both.gives(server, poll(&[(3, POLLIN)], 0), Ok(0));
}

fn poll_one(fd: i32) -> Syscall {
    poll(&[(fd, POLLIN)], 10_000)
}

#[test]
fn accept_flags_are_the_new_sockets_own() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, nonblocking(), Ok(3));
    both.gives(server, accept(3), Err(EINVAL));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(server, accept(3), Err(EAGAIN));
    connections(&mut both, client, 3..6);
    both.gives(server, accept(3), Ok(4));
    // Not inherited: this one waits.
    both.gives(server, accept4(3, SOCK_NONBLOCK), Ok(5));
    both.gives(server, recv(5, 1), Err(EAGAIN));
    both.gives(server, accept4(3, SOCK_NONBLOCK | SOCK_CLOEXEC), Ok(6));
    both.gives(server, recv(6, 1), Err(EAGAIN));
    both.gives(server, accept(3), Err(EAGAIN));
    both.sleeps(server, recv(4, 1));
    both.gives(client, send(3, b"x"), Ok(1));
    both.woke_with_bytes(server, b"x");
}

#[test]
fn options_are_inherited() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, socket(), Ok(3));
    both.gives(server, reuseaddr(3), Ok(0));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    connections(&mut both, client, 3..4);
    both.gives(server, accept(3), Ok(4));
    let reply = both.gives(server, getsockopt(4, SOL_SOCKET, SO_REUSEADDR), Ok(0));
    assert_eq!(option_in(&reply), Some(1));
    let reply = both.gives(server, getsockopt(4, SOL_SOCKET, SO_ACCEPTCONN), Ok(0));
    assert_eq!(option_in(&reply), Some(0));
}

#[test]
fn a_full_queue_may_reset_instead() {
    let mut both = Both::with(&[("net/ipv4/tcp_abort_on_overflow", "1")]);
    let [server, client, late] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 0);
    connections(&mut both, client, 3..4);
    both.gives(late, nonblocking(), Ok(3));
    // The SYN itself is still dropped: the queue is looked at before.
    both.gives(late, connect(3, "127.0.0.1:8080"), Err(EINPROGRESS));
    both.gives(late, connect(3, "127.0.0.1:8080"), Err(EALREADY));
}

#[test]
fn a_listener_that_stops_wakes_who_waits_to_accept() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    connections(&mut both, client, 3..4);
    both.gives(server, shutdown(3, SHUT_RDWR), Ok(0));
    both.gives(server, accept(3), Err(EINVAL));
    both.gives(client, recv(3, 1), Err(ECONNRESET));
    both.gives(server, getsockopt(3, SOL_SOCKET, SO_ACCEPTCONN), Ok(0));
    both.names(server, getsockname(3), "127.0.0.1:8080");
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, socket(), Ok(4));
    both.gives(client, connect(4, "127.0.0.1:8080"), Ok(0));
}

#[test]
fn a_connection_that_never_gets_a_place_times_out() {
    let mut both = Both::with(&[
        ("net/ipv4/tcp_syn_retries", "1"),
        ("net/ipv4/tcp_syn_linear_timeouts", "0"),
    ]);
    let [server, client, late] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 0);
    connections(&mut both, client, 3..4);
    both.gives(late, socket(), Ok(3));
    both.sleeps(late, connect(3, "127.0.0.1:8080"));
    both.comes_back(late, Err(ETIMEDOUT));
    both.names(late, getsockname(3), "0.0.0.0:40000");
    both.gives(late, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
}

#[test]
fn while_connecting_there_is_no_peer_and_no_data() {
    let mut both = Both::new();
    let [server, client, late, other] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 0);
    connections(&mut both, client, 3..4);
    for task in [late, other] {
        both.gives(task, nonblocking(), Ok(3));
        both.gives(task, connect(3, "127.0.0.1:8080"), Err(EINPROGRESS));
    }
    both.gives(late, getpeername(3), Err(ENOTCONN));
    both.gives(late, recv(3, 1), Err(EAGAIN));
    both.gives(late, send(3, b"x"), Err(EAGAIN));
    both.gives(late, listen(3, 1), Err(EINVAL));
    both.gives(late, bind(3, "127.0.0.1:9000"), Err(EINVAL));
    both.gives(late, accept(3), Err(EINVAL));
    both.gives(late, connect(3, "127.0.0.1:1"), Err(EALREADY));
    both.gives(late, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    both.gives(late, shutdown(3, SHUT_WR), Ok(0));
    both.gives(late, recv(3, 1), Err(ECONNRESET));
    both.gives(late, recv(3, 1), Err(ENOTCONN));
    both.gives(late, connect(3, "127.0.0.1:1"), Err(EINPROGRESS));
    both.gives(other, disconnect(3), Ok(0));
    both.gives(other, send_quiet(3, b"x"), Err(ECONNRESET));
    both.gives(other, getpeername(3), Err(ENOTCONN));
}

/// SYN,ACK is sent again after a second.
const SYN_ACK_TIMEOUT: Duration = Duration::from_secs(1);

/// A listener whose only request waits for data (TCP_DEFER_ACCEPT).
fn with_a_request(both: &mut Both) -> [Task; 2] {
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(server, flag(3, IPPROTO_TCP, TCP_DEFER_ACCEPT, 9), Ok(0));
    connections(both, client, 3..4);
    both.states(&[Listen, Established, SynReceived]);
    [server, client]
}

#[test]
fn a_request_stays_behind_when_its_listener_goes_until_a_segment_comes_for_it() {
    Both::within(SYN_ACK_TIMEOUT, |both| {
        let [server, client] = with_a_request(both);
        both.gives(server, close(3), Ok(0));
        both.states(&[Established, SynReceived]);
        both.gives(client, send(3, b"hello"), Ok(5));
        both.states(&[]);
        both.gives(client, recv(3, 9), Err(ECONNRESET));
    });
}

#[test]
fn a_request_goes_on_when_its_listener_listens_again() {
    Both::within(SYN_ACK_TIMEOUT, |both| {
        let [server, client] = with_a_request(both);
        both.gives(server, shutdown(3, SHUT_RD), Ok(0));
        both.states(&[Closed, SynReceived, Established]);
        both.gives(server, listen(3, 5), Ok(0));
        both.gives(client, send(3, b"hello"), Ok(5));
        both.states(&[Listen, Established, Established]);
        both.gives(server, accept(3), Ok(4));
    });
}
