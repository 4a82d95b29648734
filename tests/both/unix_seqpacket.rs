//! AF_UNIX, SOCK_SEQPACKET: a connection that keeps messages apart.

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

fn pair(both: &mut Both) -> Task {
    let task = both.task();
    both.gives(task, socketpair(SOCK_SEQPACKET), Ok(0));
    task
}

#[test]
fn messages_keep_their_boundaries_even_empty_ones() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, send(3, b"abc"), Ok(3));
    both.gives(task, send(3, b""), Ok(0));
    both.gives(task, send(3, b"de"), Ok(2));
    both.gives(task, recv_flags(4, 2, MSG_TRUNC | MSG_PEEK), Ok(3));
    both.gives_bytes(task, recv_flags(4, 9, MSG_PEEK), b"abc");
    both.gives_bytes(task, recv(4, 2), b"ab");
    both.gives_bytes(task, recv(4, 9), b"");
    both.gives_bytes(task, recv_flags(4, 9, MSG_WAITALL), b"de");
    both.gives(task, recv_now(4, 9), Err(EAGAIN));
    both.gives(task, writev(3, &[b"on", b"e"]), Ok(3));
    let reply = both.gives(task, recvmsg(4, msg_out(2)), Ok(2));
    assert_eq!(
        reply.written(nested::MSG_FLAGS),
        Some(&MSG_TRUNC.to_le_bytes()[..])
    );
}

#[test]
fn arguments_are_checked_in_their_order() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, send(3, &[0; 212_961]), Err(EMSGSIZE));
    both.gives(task, send_raw(3, UserIn::Fault, 9, 0), Err(EFAULT));
    // An address means nothing.
    both.gives(task, sendto_un(3, b"x", b"\0nobody"), Ok(1));
    both.gives(task, recv_raw(4, UserOut::Fault, 1, 0), Err(EFAULT));
    both.gives(task, recv_now(4, 9), Err(EAGAIN));
    both.gives(task, send_flags(3, b"x", MSG_OOB), Err(EOPNOTSUPP));
    both.gives(task, recv_flags(3, 1, MSG_OOB), Err(EOPNOTSUPP));
    both.gives(task, unix(SOCK_SEQPACKET), Ok(5));
    both.gives(task, send(5, b"x"), Err(ENOTCONN));
    both.gives(task, sendto_un(5, b"x", b"\0nobody"), Err(ENOTCONN));
    both.gives(task, recv(5, 1), Err(ENOTCONN));
    both.gives(task, listen(5, 1), Err(EINVAL));
    both.polls(task, &[(5, ANY)], 0, &[WRITABLE | POLLHUP]);
}

#[test]
fn the_end_is_told_and_sending_fails_without_a_signal() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, shutdown(3, SHUT_WR), Ok(0));
    both.gives(task, recv_now(4, 9), Ok(0));
    both.gives(task, recv(4, 9), Ok(0));
    both.gives(task, send(3, b"x"), Err(EPIPE));
    both.gives(task, close(4), Ok(0));
    both.gives(task, send(3, b"x"), Err(EPIPE));
    both.gives(task, recv(3, 1), Ok(0));
    both.polls(
        task,
        &[(3, ANY)],
        0,
        &[READABLE | WRITABLE | POLLHUP | POLLRDHUP],
    );
}

#[test]
fn unread_messages_reset_the_connection() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, send(3, b"x"), Ok(1));
    both.gives(task, send(4, b"still there"), Ok(11));
    both.gives(task, close(4), Ok(0));
    both.polls(
        task,
        &[(3, ANY)],
        0,
        &[READABLE | WRITABLE | POLLHUP | POLLRDHUP | POLLERR],
    );
    // The error comes before what is queued.
    both.gives(task, recv(3, 99), Err(ECONNRESET));
    both.gives_bytes(task, recv(3, 99), b"still there");
    both.gives(task, recv(3, 99), Ok(0));
}

#[test]
fn a_listener_that_is_closed_resets_what_it_had_not_accepted() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, unix(SOCK_SEQPACKET), Ok(3));
    both.gives(server, bind_un(3, b"\0lc"), Ok(0));
    both.gives(server, listen(3, 3), Ok(0));
    both.gives(client, unix(SOCK_SEQPACKET), Ok(3));
    both.gives(client, connect_un(3, b"\0lc"), Ok(0));
    both.gives(server, close(3), Ok(0));
    both.gives(client, send(3, b"x"), Err(ECONNRESET));
    both.gives(client, send(3, b"x"), Err(EPIPE));
    both.gives(client, recv(3, 1), Ok(0));
}

#[test]
fn a_full_queue_holds_as_many_messages_as_linux_counts() {
    let mut both = Both::new();
    let [writer, other] = both.tasks();
    both.gives(writer, unix(SOCK_SEQPACKET), Ok(3));
    both.gives(writer, bind_un(3, b"\0fq"), Ok(0));
    both.gives(writer, listen(3, 3), Ok(0));
    both.gives(other, unix(SOCK_SEQPACKET), Ok(3));
    both.gives(other, connect_un(3, b"\0fq"), Ok(0));
    both.gives(writer, accept(3), Ok(4));
    for _ in 0..278 {
        both.gives(writer, send_now(4, b"x"), Ok(1));
    }
    both.gives(writer, send_now(4, b"x"), Err(EAGAIN));
    both.polls(writer, &[(4, POLLOUT)], 0, &[0]);
    both.sleeps(writer, send(4, b"last"));
    // It is woken when three quarters of its memory are free.
    for _ in 0..208 {
        both.gives(other, recv(3, 1), Ok(1));
        both.still_sleeps(writer);
    }
    both.gives(other, recv(3, 1), Ok(1));
    both.woke(writer, Ok(4));
}
