//! Descriptor numbers.

use crate::common::calls::*;
use crate::harness::Both;

#[test]
fn the_lowest_free_number_is_taken() {
    let mut both = Both::new();
    let task = both.task();
    for fd in 3..7 {
        both.gives(task, socket(), Ok(fd));
    }
    both.gives(task, close(5), Ok(0));
    both.gives(task, close(3), Ok(0));
    for fd in [3, 5, 7] {
        both.gives(task, socket(), Ok(fd));
    }
    both.gives(task, close(0), Ok(0));
    both.gives(task, socket(), Ok(0));
    both.gives(task, bind(0, "127.0.0.1:8080"), Ok(0));
    both.gives(task, listen(0, 1), Ok(0));
}

#[test]
fn the_number_limit_is_1024_and_a_connection_stays_queued() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    for fd in 4..1024 {
        both.gives(server, socket(), Ok(fd));
    }
    both.gives(server, socket(), Err(EMFILE));
    both.gives(server, accept(3), Err(EMFILE));
    both.gives(server, accept4(3, 7), Err(EINVAL));
    both.gives(server, accept(9), Err(EMFILE));
    both.gives(server, socket_of(AF_INET, 75, 0), Err(EINVAL));
    both.gives(server, close(700), Ok(0));
    both.gives(server, accept(3), Ok(700));
    both.gives(client, send(3, b"kept"), Ok(4));
    both.gives_bytes(server, recv(700, 9), b"kept");
}

#[test]
fn a_call_that_fails_takes_no_number() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, accept(3), Err(EINVAL));
    both.gives(task, accept(1), Err(ENOTSOCK));
    both.gives(task, socket(), Ok(4));
    both.gives(task, nonblocking(), Ok(5));
    both.gives(task, listen(5, 1), Ok(0));
    both.gives(task, accept(5), Err(EAGAIN));
    both.gives(task, socket(), Ok(6));
}

#[test]
fn a_closed_descriptor_is_closed_for_every_call() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, close(3), Ok(0));
    both.gives(client, close(3), Err(EBADF));
    both.gives(client, recv(3, 1), Err(EBADF));
    both.gives(client, send(3, b"x"), Err(EBADF));
    both.polls(client, &[(3, POLLIN)], 0, &[POLLNVAL]);
    both.gives(server, recv(4, 1), Ok(0));
}
