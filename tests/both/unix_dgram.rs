//! AF_UNIX, SOCK_DGRAM.

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

/// Descriptor 3 of the first, bound to `\0a`, and 3 of the second, connected to it.
fn connected(both: &mut Both) -> [Task; 2] {
    let [a, b] = both.tasks();
    both.gives(a, unix(SOCK_DGRAM), Ok(3));
    both.gives(a, bind_un(3, b"\0a"), Ok(0));
    both.gives(b, unix(SOCK_DGRAM), Ok(3));
    both.gives(b, connect_un(3, b"\0a"), Ok(0));
    [a, b]
}

#[test]
fn a_message_tells_its_sender_by_the_name_that_it_has_when_it_is_read() {
    let mut both = Both::new();
    let [a, b] = connected(&mut both);
    both.gives(b, send(3, b"one"), Ok(3));
    both.gives(b, sendto_un(3, b"two", b"\0a"), Ok(3));
    let reply = both.gives(a, recv_named(3, 9), Ok(3));
    assert_eq!(
        (reply.written(4), reply.written(5)),
        (None, Some(&[0; 4][..]))
    );
    both.gives(b, bind_un(3, b"\0b"), Ok(0));
    let reply = both.gives(a, recv_named(3, 9), Ok(3));
    assert_eq!(reply.written(4), Some(&un(b"\0b")[..]));
    both.gives(a, sendto_un(3, b"answer", b"\0b"), Ok(6));
    both.gives_bytes(b, recv(3, 9), b"answer");
    both.gives(b, send(3, b"last"), Ok(4));
    both.gives(b, close(3), Ok(0));
    let reply = both.gives(a, recv_named(3, 9), Ok(4));
    assert_eq!(reply.written(4), Some(&un(b"\0b")[..]));
}

#[test]
fn a_message_that_does_not_fit_is_cut() {
    let mut both = Both::new();
    let [a, b] = connected(&mut both);
    both.gives(b, send(3, b"abcdef"), Ok(6));
    both.gives_bytes(a, recv(3, 2), b"ab");
    both.gives(b, send(3, b"abcdef"), Ok(6));
    both.gives(a, recv_flags(3, 2, MSG_TRUNC), Ok(6));
    both.gives(a, recv_now(3, 2), Err(EAGAIN));
    both.gives(b, send(3, b""), Ok(0));
    both.polls(a, &[(3, ANY)], 0, &[READABLE | WRITABLE]);
    both.gives(a, recv(3, 2), Ok(0));
    both.gives(b, send(3, b"lost"), Ok(4));
    both.gives(a, recv_raw(3, UserOut::Fault, 9, 0), Err(EFAULT));
    both.gives(a, recv_now(3, 2), Err(EAGAIN));
    both.sleeps(a, recv(3, 9));
    both.gives(b, send(3, b"woken"), Ok(5));
    both.woke_with_bytes(a, b"woken");
}

#[test]
fn arguments_are_checked_in_their_order() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, unix(SOCK_DGRAM), Ok(3));
    both.polls(task, &[(3, ANY)], 0, &[WRITABLE]);
    both.gives(task, send(3, b"x"), Err(ENOTCONN));
    both.gives(task, send_flags(3, b"x", MSG_OOB), Err(EOPNOTSUPP));
    both.gives(task, send(3, &[0; 212_961]), Err(EMSGSIZE));
    both.gives(task, send_raw(3, UserIn::Fault, 9, 0), Err(EFAULT));
    both.gives(task, sendto_un(3, b"x", b"\0nobody"), Err(ECONNREFUSED));
    both.gives(task, sendto_un(3, b"x", b"no.sock"), Err(ENOENT));
    both.gives(task, sendto_un(3, b"x", b""), Err(EINVAL));
    both.gives(
        task,
        sendto(3, b"x", UserIn::Bytes(vec![0; 16]), 16),
        Err(EINVAL),
    );
    both.gives(
        task,
        sendto(3, b"x", UserIn::Bytes(Vec::new()), 0),
        Err(ENOTCONN),
    );
    both.gives(
        task,
        sendto_un(3, &[0; 212_961], b"\0nobody"),
        Err(EMSGSIZE),
    );
    both.gives(
        task,
        sendto_un(3, &[0; 212_960], b"\0nobody"),
        Err(ECONNREFUSED),
    );
    both.gives(task, recv_now(3, 9), Err(EAGAIN));
    both.gives(task, recv_flags(3, 9, MSG_OOB), Err(EOPNOTSUPP));
    both.gives(task, listen(3, 1), Err(EOPNOTSUPP));
    both.gives(task, accept(3), Err(EOPNOTSUPP));
    both.gives(task, connect_raw(3, UserIn::Bytes(vec![1]), 1), Err(EINVAL));
    both.gives(task, connect_un(3, b""), Err(EINVAL));
    both.gives(task, getpeername(3), Err(ENOTCONN));
    both.gives(task, disconnect(3), Ok(0));
}

#[test]
fn eleven_messages_of_a_stranger_fit() {
    let mut both = Both::new();
    let [a, b] = connected(&mut both);
    let c = both.task();
    both.gives(c, unix(SOCK_DGRAM), Ok(3));
    for _ in 0..11 {
        both.gives(b, send_now(3, b"x"), Ok(1));
    }
    both.gives(b, send_now(3, b"x"), Err(EAGAIN));
    both.gives(c, sendto_un(3, b"y", b"\0a"), Err(EAGAIN));
    both.polls(b, &[(3, ANY)], 0, &[0]);
    both.polls(c, &[(3, ANY)], 0, &[WRITABLE]);
    both.sleeps(b, send(3, b"waits"));
    both.sleeps(c, poll(&[(3, POLLIN)], -1));
    both.gives(a, recv(3, 9), Ok(1));
    both.woke(b, Ok(5));
    both.sleeps(b, poll(&[(3, POLLOUT)], -1));
    both.gives(a, recv(3, 9), Ok(1));
    both.woke(b, Ok(1));
}

#[test]
fn who_is_connected_takes_from_its_peer_alone() {
    let mut both = Both::new();
    let [a, b] = connected(&mut both);
    let c = both.task();
    both.gives(b, bind_un(3, b"\0b"), Ok(0));
    both.gives(a, connect_un(3, b"\0b"), Ok(0));
    both.gives(c, unix(SOCK_DGRAM), Ok(3));
    both.gives(c, sendto_un(3, b"y", b"\0a"), Err(EPERM));
    both.gives(c, connect_un(3, b"\0a"), Err(EPERM));
    // Between the two, only memory counts.
    for _ in 0..278 {
        both.gives(b, send_now(3, b"x"), Ok(1));
    }
    both.gives(b, send_now(3, b"x"), Err(EAGAIN));
    both.gives(a, send(3, b"back"), Ok(4));
    // Turning away throws away what is queued, and the other one learns that.
    both.gives(a, disconnect(3), Ok(0));
    both.polls(b, &[(3, ANY)], 0, &[READABLE | WRITABLE | POLLERR]);
    both.gives(b, recv(3, 9), Err(ECONNRESET));
    both.gives_bytes(b, recv(3, 9), b"back");
    both.gives(a, recv_now(3, 9), Err(EAGAIN));
    both.gives(b, send(3, b"z"), Ok(1));
    both.gives_bytes(a, recv(3, 9), b"z");
    both.gives(a, send(3, b"x"), Err(ENOTCONN));
    both.gives(c, sendto_un(3, b"y", b"\0a"), Ok(1));
}

#[test]
fn a_peer_that_is_gone_is_noticed_by_sending() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_DGRAM), Ok(0));
    both.gives(task, send(3, b"x"), Ok(1));
    both.gives(task, close(4), Ok(0));
    both.polls(task, &[(3, ANY)], 0, &[WRITABLE]);
    both.gives(task, recv_now(3, 1), Err(EAGAIN));
    both.gives(task, getpeername(3), Ok(0));
    both.gives(task, send(3, b"x"), Err(ECONNREFUSED));
    both.gives(task, getpeername(3), Err(ENOTCONN));
    both.gives(task, send(3, b"x"), Err(ENOTCONN));
}

#[test]
fn who_waits_for_room_learns_that_the_peer_is_gone() {
    let mut both = Both::new();
    let [a, b] = connected(&mut both);
    for _ in 0..11 {
        both.gives(b, send(3, b"x"), Ok(1));
    }
    both.sleeps(b, send(3, b"waits"));
    both.gives(a, close(3), Ok(0));
    both.woke(b, Err(ECONNREFUSED));
}

#[test]
fn shutdown_is_ones_own_affair() {
    let mut both = Both::new();
    let [a, b] = connected(&mut both);
    both.gives(a, shutdown(3, SHUT_RD), Ok(0));
    both.gives(b, send(3, b"x"), Err(EPIPE));
    both.polls(b, &[(3, ANY)], 0, &[WRITABLE]);
    both.gives(a, recv_now(3, 1), Err(EAGAIN));
    both.gives(a, recv(3, 1), Ok(0));
    both.polls(a, &[(3, ANY)], 0, &[READABLE | WRITABLE | POLLRDHUP]);
    both.gives(b, shutdown(3, SHUT_WR), Ok(0));
    both.gives(b, send(3, b"x"), Err(EPIPE));
    both.gives(b, sendto_un(3, b"x", b"\0nobody"), Err(EPIPE));
    both.gives(b, shutdown(3, 3), Err(EINVAL));
}

#[test]
fn a_socket_can_send_to_itself_without_limit_of_messages() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, unix(SOCK_DGRAM), Ok(3));
    both.gives(task, bind_un(3, b"self.sock"), Ok(0));
    for _ in 0..13 {
        both.gives(task, sendto_un(3, b"x", b"self.sock"), Ok(1));
    }
    both.gives(task, connect_un(3, b"self.sock"), Ok(0));
    both.gives(task, send(3, b"me"), Ok(2));
    both.polls(task, &[(3, ANY)], 0, &[READABLE | WRITABLE]);
    both.gives(task, close(3), Ok(0));
}
