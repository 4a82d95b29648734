//! AF_UNIX, SOCK_STREAM.

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

const SIGPIPE: i32 = 13;

/// Descriptors 3 and 4 of one task.
fn pair(both: &mut Both) -> Task {
    let task = both.task();
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    task
}

/// A listener at `s.sock` on descriptor 3.
fn listener(both: &mut Both, server: Task, backlog: i32) {
    both.gives(server, unix(SOCK_STREAM), Ok(3));
    both.gives(server, bind_un(3, b"s.sock"), Ok(0));
    both.gives(server, listen(3, backlog), Ok(0));
}

/// A connection: descriptor 4 of the server, whose listener is 3, and 3 of the client.
pub(crate) fn connected(both: &mut Both) -> [Task; 2] {
    let [server, client] = both.tasks();
    listener(both, server, 5);
    both.gives(client, unix(SOCK_STREAM), Ok(3));
    both.gives(client, connect_un(3, b"s.sock"), Ok(0));
    both.gives(server, accept(3), Ok(4));
    [server, client]
}

#[test]
fn a_connection_stands_before_accept() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    listener(&mut both, server, 5);
    both.polls(server, &[(3, ANY)], 0, &[0]);
    both.gives(client, unix(SOCK_STREAM), Ok(3));
    both.gives(client, bind_un(3, b"\0client"), Ok(0));
    both.gives(client, connect_un(3, b"s.sock"), Ok(0));
    both.polls(server, &[(3, ANY)], 0, &[READABLE]);
    both.polls(client, &[(3, ANY)], 0, &[WRITABLE]);
    both.gives(client, send(3, b"early"), Ok(5));
    let reply = both.gives(server, accept_named(3), Ok(4));
    assert_eq!(reply.written(1), Some(&un(b"\0client")[..]));
    let reply = both.gives(server, getsockname(4), Ok(0));
    assert_eq!(reply.written(1), Some(&un(b"s.sock\0")[..]));
    both.gives_bytes(server, recv(4, 99), b"early");
    // A stream tells the sender, too.
    both.gives(server, send(4, b"back"), Ok(4));
    let reply = both.gives(client, recv_named(3, 99), Ok(4));
    assert_eq!(reply.written(4), Some(&un(b"s.sock\0")[..]));
    both.gives(client, connect_un(3, b"s.sock"), Err(EISCONN));
    both.gives(client, connect_un(3, b"no.sock"), Err(ENOENT));
    both.gives(client, listen(3, 1), Err(EINVAL));
    both.gives(server, connect_un(3, b"s.sock"), Err(EINVAL));
    for (task, fd, accepts) in [(server, 3, 1), (server, 4, 0), (client, 3, 0)] {
        let reply = both.gives(task, getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN), Ok(0));
        assert_eq!(option_in(&reply), Some(accepts));
    }
}

#[test]
fn accept_sleeps_until_somebody_connects() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    listener(&mut both, server, 5);
    both.sleeps(server, accept_named(3));
    both.gives(client, unix(SOCK_STREAM), Ok(3));
    both.gives(client, connect_un(3, b"s.sock"), Ok(0));
    let reply = both.woke(server, Ok(4));
    // The client has no name.
    assert_eq!(reply.written(1), Some(&[1, 0][..]));
}

#[test]
fn credentials_are_those_of_connecting_and_of_listening() {
    let mut both = Both::new();
    let (server, client) = (both.root(), both.task());
    both.gives(server, unix(SOCK_STREAM), Ok(3));
    both.gives(server, bind_un(3, b"\0creds"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, unix(SOCK_STREAM), Ok(3));
    both.gives(client, connect_un(3, b"\0creds"), Ok(0));
    both.gives(server, accept(3), Ok(4));
    let cred = |fd| {
        getsockopt_raw(
            fd,
            (SOL_SOCKET, SO_PEERCRED),
            UserOut::Capacity(12),
            int(12),
        )
    };
    both.gives(server, cred(3), Ok(0));
    both.gives(client, cred(3), Ok(0));
    let reply = both.gives(server, cred(4), Ok(0));
    assert_eq!(
        reply.written(3).map(|b| &b[4..8]),
        Some(&[254, 255, 0, 0][..])
    );
}

#[test]
fn a_full_accept_queue_lets_connect_sleep() {
    let mut both = Both::new();
    let [server, first, second, third] = both.tasks();
    listener(&mut both, server, 0);
    for task in [first, second, third] {
        both.gives(task, unix(SOCK_STREAM), Ok(3));
    }
    both.gives(first, connect_un(3, b"s.sock"), Ok(0));
    both.sleeps(second, connect_un(3, b"s.sock"));
    both.gives(third, unix(SOCK_STREAM | SOCK_NONBLOCK), Ok(4));
    both.gives(third, connect_un(4, b"s.sock"), Err(EAGAIN));
    both.gives(server, accept(3), Ok(4));
    both.woke(second, Ok(0));
    both.gives(third, connect_un(4, b"s.sock"), Err(EAGAIN));
    // A larger backlog makes room, too; one more than it says.
    both.sleeps(third, connect_un(3, b"s.sock"));
    both.gives(server, listen(3, 1), Ok(0));
    both.woke(third, Ok(0));
    both.gives(third, connect_un(4, b"s.sock"), Err(EAGAIN));
}

#[test]
fn a_listener_that_is_closed_refuses_who_waits_and_resets_who_was_queued() {
    let mut both = Both::new();
    let [server, queued, waiting] = both.tasks();
    listener(&mut both, server, 0);
    both.gives(queued, unix(SOCK_STREAM), Ok(3));
    both.gives(queued, connect_un(3, b"s.sock"), Ok(0));
    both.gives(waiting, unix(SOCK_STREAM), Ok(3));
    both.sleeps(waiting, connect_un(3, b"s.sock"));
    both.gives(server, close(3), Ok(0));
    both.woke(waiting, Err(ECONNREFUSED));
    both.polls(
        queued,
        &[(3, ANY)],
        0,
        &[READABLE | WRITABLE | POLLHUP | POLLRDHUP | POLLERR],
    );
    both.gives(queued, send_quiet(3, b"x"), Err(EPIPE));
    both.gives(queued, recv(3, 1), Err(ECONNRESET));
    both.gives(queued, recv(3, 1), Ok(0));
    let reply = both.gives(queued, getpeername(3), Ok(0));
    assert_eq!(reply.written(1), Some(&un(b"s.sock\0")[..]));
    both.gives(waiting, connect_un(3, b"s.sock"), Err(ECONNREFUSED));
}

#[test]
fn a_listener_that_is_shut_takes_nobody() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    listener(&mut both, server, 5);
    both.gives(client, unix(SOCK_STREAM), Ok(3));
    both.gives(client, connect_un(3, b"s.sock"), Ok(0));
    both.gives(server, shutdown(3, SHUT_RD), Ok(0));
    both.polls(server, &[(3, ANY)], 0, &[READABLE | POLLRDHUP]);
    both.gives(client, unix(SOCK_STREAM), Ok(4));
    both.gives(client, connect_un(4, b"s.sock"), Err(ECONNREFUSED));
    both.gives(server, accept(3), Ok(4));
    both.gives(server, accept(3), Err(EINVAL));
}

#[test]
fn shutting_a_listener_wakes_accept() {
    let mut both = Both::new();
    let task = both.task();
    listener(&mut both, task, 5);
    both.gives(task, accept4(3, 7), Err(EINVAL));
    both.gives(task, unix(SOCK_STREAM | SOCK_NONBLOCK), Ok(4));
    both.gives(task, bind_un(4, b"\0nb"), Ok(0));
    both.gives(task, listen(4, 1), Ok(0));
    both.gives(task, accept(4), Err(EAGAIN));
    both.gives(task, shutdown(4, SHUT_RDWR), Ok(0));
    both.gives(task, accept(4), Err(EAGAIN));
}

#[test]
fn a_client_that_is_gone_can_still_be_accepted() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    listener(&mut both, server, 5);
    both.gives(client, unix(SOCK_STREAM), Ok(3));
    both.gives(client, bind_un(3, b"c.sock"), Ok(0));
    both.gives(client, connect_un(3, b"s.sock"), Ok(0));
    both.gives(client, send(3, b"bye"), Ok(3));
    both.gives(client, close(3), Ok(0));
    let reply = both.gives(server, accept_named(3), Ok(4));
    assert_eq!(reply.written(1), Some(&un(b"c.sock\0")[..]));
    let reply = both.gives(server, recv_named(4, 9), Ok(3));
    assert_eq!(reply.written(4), Some(&un(b"c.sock\0")[..]));
    both.gives(server, recv(4, 9), Ok(0));
    both.kills(server, send(4, b"x"), SIGPIPE);
}

#[test]
fn octets_are_read_across_the_pieces_in_which_they_were_sent() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, send(3, b"abc"), Ok(3));
    both.gives(task, send(3, b"def"), Ok(3));
    both.gives(task, send(3, b""), Ok(0));
    both.gives_bytes(task, recv_flags(4, 5, MSG_PEEK), b"abcde");
    both.gives_bytes(task, recv(4, 2), b"ab");
    both.gives_bytes(task, recv_flags(4, 9, MSG_PEEK | MSG_WAITALL), b"cdef");
    both.gives(task, recv_now(4, 0), Ok(0));
    both.gives_bytes(task, recv_flags(4, 9, MSG_TRUNC), b"cdef");
    both.gives(task, recv_now(4, 9), Err(EAGAIN));
    both.gives(task, recv_now(4, 0), Err(EAGAIN));
    both.gives(task, read(4, 0), Ok(0));
    both.gives(task, writev(3, &[b"g", b"h"]), Ok(2));
    let reply = both.gives(task, recvmsg(4, msg_out(9)), Ok(2));
    assert_eq!(reply.written(nested::IOV), Some(&b"gh"[..]));
}

#[test]
fn waitall_collects_until_the_end() {
    let mut both = Both::new();
    let [server, client] = connected(&mut both);
    both.sleeps(server, recv_flags(4, 6, MSG_WAITALL));
    both.gives(client, send(3, b"ab"), Ok(2));
    both.still_sleeps(server);
    both.gives(client, send(3, b"cdefgh"), Ok(6));
    both.woke_with_bytes(server, b"abcdef");
    both.sleeps(server, recv_flags(4, 6, MSG_WAITALL));
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.woke_with_bytes(server, b"gh");
    both.gives(server, recv(4, 6), Ok(0));
}

#[test]
fn arguments_are_checked_in_their_order() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, sendto_un(3, b"x", b"\0nobody"), Err(EISCONN));
    both.gives(task, sendto(3, b"x", UserIn::Bytes(Vec::new()), 0), Ok(1));
    both.gives_bytes(task, recv(4, 9), b"x");
    both.gives(task, send_raw(3, UserIn::Fault, 3, 0), Err(EFAULT));
    both.gives(task, send_raw(3, UserIn::Fault, 0, 0), Ok(0));
    both.gives(task, send_flags(3, b"", MSG_OOB), Err(EOPNOTSUPP));
    both.gives(task, recv_flags(3, 1, MSG_OOB), Err(EINVAL));
    both.gives(task, send(3, b"kept"), Ok(4));
    both.gives(task, recv_raw(4, UserOut::Fault, 2, 0), Err(EFAULT));
    both.gives_bytes(task, recv_flags(4, 9, MSG_ERRQUEUE), b"kept");
    both.gives(task, shutdown(3, 3), Err(EINVAL));
    both.gives(task, unix(SOCK_STREAM), Ok(5));
    both.polls(task, &[(5, ANY)], 0, &[WRITABLE | POLLHUP]);
    both.gives(task, send(5, b"x"), Err(ENOTCONN));
    both.gives(task, sendto_un(5, b"x", b"\0nobody"), Err(EOPNOTSUPP));
    both.gives(task, recv(5, 1), Err(EINVAL));
    both.gives(task, listen(5, 1), Err(EINVAL));
    both.gives(task, accept(5), Err(EINVAL));
    both.gives(task, getpeername(5), Err(ENOTCONN));
    both.gives(task, shutdown(5, SHUT_RD), Ok(0));
}

#[test]
fn shutdown_shuts_the_peer_the_other_way_round() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, send(3, b"in time"), Ok(7));
    both.gives(task, shutdown(3, SHUT_WR), Ok(0));
    both.polls(task, &[(4, ANY)], 0, &[READABLE | WRITABLE | POLLRDHUP]);
    both.gives_bytes(task, recv(4, 9), b"in time");
    both.gives(task, recv(4, 9), Ok(0));
    both.gives(task, send_quiet(3, b"x"), Err(EPIPE));
    both.gives(task, send_quiet(3, b""), Err(EPIPE));
    both.gives(task, send(4, b"back"), Ok(4));
    both.gives(task, shutdown(3, SHUT_RD), Ok(0));
    both.gives(task, send_quiet(4, b"x"), Err(EPIPE));
    both.gives_bytes(task, recv(3, 9), b"back");
    both.gives(task, recv_now(3, 9), Ok(0));
    let all = READABLE | WRITABLE | POLLRDHUP | POLLHUP;
    both.polls(task, &[(3, ANY), (4, ANY)], 0, &[all, all]);
}

#[test]
fn close_is_the_end_or_a_reset() {
    let mut both = Both::new();
    let task = pair(&mut both);
    both.gives(task, send(4, b"rest"), Ok(4));
    both.gives(task, close(4), Ok(0));
    both.polls(
        task,
        &[(3, ANY)],
        0,
        &[READABLE | WRITABLE | POLLHUP | POLLRDHUP],
    );
    both.gives_bytes(task, recv(3, 9), b"rest");
    both.gives(task, recv(3, 9), Ok(0));
    both.gives(task, getpeername(3), Ok(0));
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    both.gives(task, send(4, b"unread"), Ok(6));
    both.gives(task, close(5), Ok(0));
    both.gives(task, send_quiet(4, b"x"), Err(EPIPE));
    let reply = both.gives(task, getsockopt(4, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(option_in(&reply), Some(ECONNRESET.number()));
    both.gives(task, recv(4, 9), Ok(0));
    both.kills(task, send(4, b"x"), SIGPIPE);
}

#[test]
fn who_sleeps_in_recv_learns_the_end() {
    let mut both = Both::new();
    let [server, client] = connected(&mut both);
    both.sleeps(server, recv(4, 9));
    both.call(client, &exit());
    both.woke(server, Ok(0));
}

#[test]
fn a_full_queue_takes_as_many_pieces_as_linux_counts() {
    let mut both = Both::new();
    let [server, client] = connected(&mut both);
    for _ in 0..278 {
        both.gives(client, send_now(3, b"x"), Ok(1));
    }
    both.gives(client, send_now(3, b"x"), Err(EAGAIN));
    both.polls(client, &[(3, POLLOUT)], 0, &[0]);
    both.sleeps(client, send(3, b"waits"));
    both.gives(server, recv(4, 208), Ok(208));
    both.still_sleeps(client);
    both.gives(server, recv(4, 1), Ok(1));
    both.woke(client, Ok(5));
    both.gives(server, recv(4, 999), Ok(74));
    // 212 KiB and more at once: what does not fit is not sent.
    both.gives(client, send_now(3, &[7; 400_000]), Ok(219_264));
    both.polls(client, &[(3, POLLOUT)], 0, &[0]);
    both.gives(client, send_now(3, &[7; 10]), Err(EAGAIN));
}

#[test]
fn a_sender_that_sleeps_is_told_without_a_signal() {
    let mut both = Both::new();
    let [server, client] = connected(&mut both);
    while both
        .each(|call| call(client, &send_now(3, &[0; 1000])))
        .reply()
        .result
        == Ok(1000)
    {}
    both.sleeps(client, send(3, b"x"));
    both.gives(server, shutdown(4, SHUT_RD), Ok(0));
    both.woke(client, Err(EPIPE));
    both.kills(client, send(3, b"x"), SIGPIPE);
}

#[test]
fn a_sender_that_sleeps_is_told_of_a_reset() {
    let mut both = Both::new();
    let [server, client] = connected(&mut both);
    for _ in 0..93 {
        both.gives(client, send(3, &[0; 1000]), Ok(1000));
    }
    both.sleeps(client, send(3, b"x"));
    both.gives(server, close(4), Ok(0));
    both.woke(client, Err(ECONNRESET));
}
