//! Readiness.

use crate::common::calls::*;
use crate::harness::Both;

/// Everything that can be asked for.
const ALL: i32 = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLWRNORM | POLLRDHUP;
const READABLE: i32 = POLLIN | POLLRDNORM;
const WRITABLE: i32 = POLLOUT | POLLWRNORM;

#[test]
fn a_fresh_socket_is_writable_and_hung_up() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.polls(task, &[(3, ALL)], 0, &[WRITABLE | POLLHUP]);
    both.polls(task, &[(3, POLLIN)], 0, &[POLLHUP]);
    both.polls(task, &[(3, 0)], -1, &[POLLHUP]);
    both.gives(task, bind(3, "127.0.0.1:8080"), Ok(0));
    both.polls(task, &[(3, ALL)], 0, &[WRITABLE | POLLHUP]);
}

#[test]
fn a_listener_is_readable_when_a_connection_waits() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.polls(server, &[(3, ALL)], 0, &[0]);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.polls(server, &[(3, ALL)], 0, &[READABLE]);
    both.polls(client, &[(3, ALL)], 0, &[WRITABLE]);
    both.gives(server, accept(3), Ok(4));
    both.polls(server, &[(3, ALL), (4, ALL)], 0, &[0, WRITABLE]);
}

#[test]
fn data_makes_readable_and_an_end_makes_readable_for_good() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, send(4, b"x"), Ok(1));
    both.polls(client, &[(3, ALL)], 0, &[READABLE | WRITABLE]);
    both.polls(client, &[(3, POLLIN)], -1, &[POLLIN]);
    both.gives_bytes(client, recv(3, 9), b"x");
    both.polls(client, &[(3, POLLIN)], 0, &[0]);
    both.gives(server, shutdown(4, SHUT_WR), Ok(0));
    let ended = READABLE | WRITABLE | POLLRDHUP;
    both.polls(client, &[(3, ALL)], 0, &[ended]);
    both.gives(client, recv(3, 9), Ok(0));
    both.polls(client, &[(3, ALL)], 0, &[ended]);
    both.polls(server, &[(4, ALL)], 0, &[WRITABLE]);
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.polls(client, &[(3, ALL)], 0, &[ended | POLLHUP]);
    both.polls(server, &[(4, ALL)], 0, &[ended | POLLHUP]);
}

#[test]
fn a_shut_receiving_side_is_readable() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, shutdown(3, SHUT_RD), Ok(0));
    both.polls(client, &[(3, ALL)], 0, &[READABLE | WRITABLE | POLLRDHUP]);
    both.polls(server, &[(4, ALL)], 0, &[WRITABLE]);
}

#[test]
fn a_reset_is_an_error_until_it_is_told() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send(3, b"unread"), Ok(6));
    both.gives(server, close(4), Ok(0));
    let over = READABLE | WRITABLE | POLLRDHUP | POLLHUP;
    both.polls(client, &[(3, ALL)], 0, &[over | POLLERR]);
    both.polls(client, &[(3, 0)], -1, &[POLLERR | POLLHUP]);
    both.gives(client, recv(3, 9), Err(ECONNRESET));
    both.polls(client, &[(3, ALL)], 0, &[over]);
}

#[test]
fn negative_descriptors_are_skipped_and_closed_ones_are_not() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.polls(task, &[(-1, ALL), (-3, ALL)], 0, &[0, 0]);
    both.polls(
        task,
        &[(-1, ALL), (9, ALL), (3, POLLIN), (9, 0)],
        -1,
        &[0, POLLNVAL, POLLHUP, POLLNVAL],
    );
    both.polls(
        task,
        &[(3, 0), (3, POLLOUT)],
        0,
        &[POLLHUP, POLLHUP | POLLOUT],
    );
    both.polls(task, &[(1, ALL)], 0, &[WRITABLE]);
}

#[test]
fn a_timeout_ends_the_wait_with_nothing_found() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(client, poll(&[(3, POLLIN)], 30));
    let reply = both.comes_back(client, Ok(0));
    assert_eq!(revents(&reply), [0]);
    both.sleeps(client, poll(&[], 30));
    both.comes_back(client, Ok(0));
    both.sleeps(server, sleep(30));
    both.comes_back(server, Ok(0));
    both.gives(server, sleep(0), Ok(0));
}

#[test]
fn whoever_polls_is_woken_by_what_was_asked_for_only() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(client, poll(&[(3, POLLIN), (-1, 0)], 10_000));
    both.gives(server, send(4, b"x"), Ok(1));
    let reply = both.woke(client, Ok(1));
    assert_eq!(revents(&reply), [POLLIN, 0]);
    both.gives_bytes(client, recv(3, 9), b"x");
    both.sleeps(client, poll(&[(3, POLLRDHUP)], 10_000));
    both.gives(server, send(4, b"y"), Ok(1));
    both.still_sleeps(client);
    both.gives(server, close(4), Ok(0));
    let reply = both.woke(client, Ok(1));
    assert_eq!(revents(&reply), [POLLRDHUP]);
}

#[test]
fn a_refused_connection_is_an_error_and_hung_up() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, nonblocking(), Ok(3));
    both.gives(task, connect(3, "127.0.0.1:1"), Err(EINPROGRESS));
    let over = READABLE | WRITABLE | POLLRDHUP | POLLHUP;
    both.polls(task, &[(3, ALL)], 0, &[over | POLLERR]);
    both.gives(task, connect(3, "127.0.0.1:1"), Err(ECONNREFUSED));
    both.polls(task, &[(3, ALL)], 0, &[WRITABLE | POLLHUP]);
    both.gives(task, socket(), Ok(4));
    both.gives(task, connect(4, "127.0.0.1:1"), Err(ECONNREFUSED));
    both.polls(task, &[(4, ALL)], 0, &[WRITABLE | POLLHUP]);
}
