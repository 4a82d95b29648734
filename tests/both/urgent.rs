//! Urgent data: MSG_OOB, SO_OOBINLINE, SIOCATMARK, POLLPRI.

use crate::common::calls::*;
use crate::harness::{Both, Task};
use sockscope::kernel::TcpState::{CloseWait, Established, FinWait2, Listen};

/// SIOCATMARK.
fn at_mark(both: &mut Both, task: Task, fd: i32) -> bool {
    let reply = both.gives(task, ioctl(fd, SIOCATMARK, int(-1)), Ok(0));
    ioctl_in(&reply) == Some(1)
}

fn to_read(both: &mut Both, task: Task, fd: i32) -> Option<i32> {
    let reply = both.gives(task, ioctl(fd, FIONREAD, int(-1)), Ok(0));
    ioctl_in(&reply)
}

fn inline(fd: i32) -> Syscall {
    setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, int(1), 4)
}

/// poll(2) for everything that can be read.
fn ready(both: &mut Both, task: Task, fd: i32) -> i32 {
    let asked = POLLIN | POLLPRI | POLLRDNORM | POLLRDBAND;
    let reply = both.call(task, &poll(&[(fd, asked)], 0)).reply();
    revents(&reply).first().copied().unwrap_or(0)
}

const OOB: i32 = MSG_OOB;

#[test]
fn without_urgent_data_there_is_none_to_take() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, recv_flags(4, 1, OOB), Err(EINVAL));
    both.gives(client, send(3, b"abc"), Ok(3));
    both.gives(server, recv_flags(4, 1, OOB), Err(EINVAL));
    assert!(!at_mark(&mut both, server, 4));
    both.gives(server, recv_flags(3, 1, OOB), Err(ENOTCONN));
}

#[test]
fn the_last_octet_sent_is_urgent_and_not_in_the_stream() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send(3, b"ab"), Ok(2));
    both.gives(client, send_flags(3, b"cX", OOB), Ok(2));
    both.gives(client, send(3, b"de"), Ok(2));
    assert_eq!(to_read(&mut both, server, 4), Some(3));
    assert_eq!(ready(&mut both, server, 4), POLLIN | POLLPRI | POLLRDNORM);
    assert!(!at_mark(&mut both, server, 4));
    both.gives_bytes(server, recv_flags(4, 1, OOB | MSG_PEEK), b"X");
    both.gives_bytes(server, recv_flags(4, 9, OOB), b"X");
    both.gives(server, recv_flags(4, 1, OOB), Err(EINVAL));
    assert_eq!(ready(&mut both, server, 4), POLLIN | POLLRDNORM);
    both.gives_bytes(server, recv(4, 100), b"abc");
    assert!(at_mark(&mut both, server, 4));
    assert_eq!(to_read(&mut both, server, 4), Some(0));
    both.gives_bytes(server, recv(4, 100), b"de");
    assert!(!at_mark(&mut both, server, 4));
}

#[test]
fn whoever_does_not_take_it_never_sees_it() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"X", OOB), Ok(1));
    assert!(at_mark(&mut both, server, 4));
    assert_eq!(ready(&mut both, server, 4), POLLPRI);
    both.gives(server, recv_now(4, 10), Err(EAGAIN));
    both.gives(server, recv_flags(4, 1, OOB), Err(EINVAL));
    both.gives(client, send(3, b"next"), Ok(4));
    both.gives_bytes(server, recv(4, 10), b"next");
}

#[test]
fn in_line_it_is_an_octet_of_the_stream_that_reading_stops_before() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, inline(4), Ok(0));
    both.gives(client, send_flags(3, b"abX", OOB), Ok(3));
    both.gives(client, send(3, b"cd"), Ok(2));
    both.gives(server, recv_flags(4, 1, OOB), Err(EINVAL));
    assert_eq!(to_read(&mut both, server, 4), Some(5));
    both.gives_bytes(server, recv(4, 100), b"ab");
    assert!(at_mark(&mut both, server, 4));
    assert_eq!(ready(&mut both, server, 4), POLLIN | POLLPRI | POLLRDNORM);
    both.gives_bytes(server, recv(4, 100), b"Xcd");
    assert!(!at_mark(&mut both, server, 4));
}

#[test]
fn a_second_mark_takes_the_place_of_the_first() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"aX", OOB), Ok(2));
    both.gives(client, send_flags(3, b"bY", OOB), Ok(2));
    both.gives_bytes(server, recv_flags(4, 1, OOB), b"Y");
    both.gives_bytes(server, recv(4, 100), b"aXb");
    both.gives(server, recv_now(4, 100), Err(EAGAIN));
}

#[test]
fn after_the_last_octet_read_was_urgent_the_next_mark_leaves_it_out() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"aX", OOB), Ok(2));
    both.gives_bytes(server, recv(4, 100), b"a");
    both.gives_bytes(server, recv_flags(4, 1, OOB), b"X");
    both.gives(client, send_flags(3, b"bY", OOB), Ok(2));
    both.gives_bytes(server, recv(4, 100), b"b");
    both.gives_bytes(server, recv_flags(4, 1, OOB), b"Y");
}

#[test]
fn peeking_and_waitall_stop_at_the_mark() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"abX", OOB), Ok(3));
    both.gives(client, send(3, b"cd"), Ok(2));
    both.gives_bytes(server, recv_flags(4, 100, MSG_PEEK), b"ab");
    both.gives_bytes(server, recv_flags(4, 5, MSG_WAITALL), b"ab");
    both.gives_bytes(server, recv_flags(4, 100, MSG_PEEK), b"cd");
    assert!(at_mark(&mut both, server, 4));
    both.gives_bytes(server, recv_flags(4, 2, MSG_WAITALL), b"cd");
}

#[test]
fn a_reader_who_sleeps_is_not_given_the_urgent_octet() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(server, recv(4, 100));
    both.gives(client, send_flags(3, b"X", OOB), Ok(1));
    both.still_sleeps(server);
    both.gives(client, send(3, b"a"), Ok(1));
    both.woke_with_bytes(server, b"a");
}

#[test]
fn poll_wakes_for_urgent_data_alone() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(server, poll(&[(4, POLLPRI)], -1));
    both.gives(client, send(3, b"a"), Ok(1));
    both.still_sleeps(server);
    both.gives(client, send_flags(3, b"X", OOB), Ok(1));
    let reply = both.woke(server, Ok(1));
    assert_eq!(revents(&reply), [POLLPRI]);
}

#[test]
fn what_stands_at_the_mark_outlives_the_peers_close() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"aX", OOB), Ok(2));
    both.gives(client, close(3), Ok(0));
    both.states(&[Listen, FinWait2, CloseWait]);
    both.gives_bytes(server, recv(4, 100), b"a");
    both.gives_bytes(server, recv_flags(4, 1, OOB), b"X");
    both.gives(server, recv_flags(4, 1, OOB), Err(EINVAL));
    both.gives(server, recv(4, 100), Ok(0));
}

#[test]
fn recvmsg_says_that_it_was_urgent() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"X", OOB), Ok(1));
    let reply = both.gives(server, recvmsg_flags(4, msg_out(8), OOB), Ok(1));
    let flags = reply.written(nested::MSG_FLAGS).map(<[u8]>::to_vec);
    assert_eq!(flags, Some(OOB.to_le_bytes().to_vec()));
    both.states(&[Listen, Established, Established]);
}
