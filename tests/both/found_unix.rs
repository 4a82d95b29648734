//! What the fuzzer has found about AF_UNIX, one test for each kind.

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};
use crate::rights::rights;
use crate::unix_stream::connected;

#[test]
fn an_empty_message_of_a_closed_seqpacket_socket_is_not_missed() {
    let mut both = Both::new();
    let task = both.task();
    for (fd, message, error) in [(3, &b""[..], 0), (5, b"x", ECONNRESET.number())] {
        both.gives(task, socketpair(SOCK_SEQPACKET), Ok(0));
        both.gives(task, send(fd + 1, message), Ok(message.len() as u64));
        both.gives(task, close(fd), Ok(0));
        let reply = both.gives(task, getsockopt(fd + 1, SOL_SOCKET, SO_ERROR), Ok(0));
        assert_eq!(option_in(&reply), Some(error));
        both.gives(task, dup2(fd + 1, fd), Ok(fd as u64));
    }
}

#[test]
fn a_message_that_could_not_be_sent_gives_its_memory_back() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket_of(AF_UNIX, SOCK_DGRAM, 0), Ok(3));
    both.gives(task, epoll_create(), Ok(4));
    let added = epoll_add(4, 3, EPOLLOUT | EPOLLET);
    both.gives(task, added, Ok(0));
    for found in [1, 0] {
        both.gives(task, epoll_wait(4, 1, 0), Ok(found));
    }
    both.gives(task, send(3, b"x"), Err(ENOTCONN));
    for found in [1, 0] {
        both.gives(task, epoll_wait(4, 1, 0), Ok(found));
    }
}

#[test]
fn a_seqpacket_socket_without_a_peer_does_not_look_at_the_descriptors() {
    let mut both = Both::new();
    let task = both.task();
    for (ty, expected) in [
        (SOCK_SEQPACKET, ENOTCONN),
        (SOCK_DGRAM, EBADF),
        (SOCK_STREAM, EBADF),
    ] {
        both.gives(task, socket_of(AF_UNIX, ty, 0), Ok(3));
        both.gives(task, sendmsg(3, rights(b"x", &[77])), Err(expected));
        both.gives(task, close(3), Ok(0));
    }
}

#[test]
fn a_datagram_that_waits_for_a_peer_that_goes_ends_the_connection_whatever_its_address() {
    let mut both = Both::new();
    let (receiver, sender) = (both.task(), both.task());
    both.gives(receiver, socket_of(AF_UNIX, SOCK_DGRAM, 0), Ok(3));
    both.gives(receiver, bind_un(3, b"a"), Ok(0));
    both.gives(sender, socket_of(AF_UNIX, SOCK_DGRAM, 0), Ok(3));
    both.gives(sender, connect_un(3, b"a"), Ok(0));
    for _ in 0..11 {
        both.gives(sender, send(3, b"hello"), Ok(5));
    }
    both.sleeps(sender, sendto_flags(3, b"hello", b"a", 0));
    both.gives(receiver, close(3), Ok(0));
    both.woke(sender, Err(ECONNREFUSED));
    both.gives(sender, getpeername(3), Err(ENOTCONN));
}

#[test]
fn of_several_empty_messages_one_is_missed() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_SEQPACKET), Ok(0));
    for _ in 0..2 {
        both.gives(task, send(4, b""), Ok(0));
    }
    both.gives(task, close(3), Ok(0));
    both.gives(task, recv(4, 9), Err(ECONNRESET));
}

#[test]
fn a_message_to_nobody_gives_its_memory_back() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_DGRAM), Ok(0));
    both.gives(task, epoll_create(), Ok(5));
    let added = epoll_add(5, 3, EPOLLIN | EPOLLOUT | EPOLLET);
    both.gives(task, added, Ok(0));
    both.gives(task, epoll_wait(5, 1, 0), Ok(1));
    both.gives(task, sendto_un(3, b"x", b"\0one"), Err(ECONNREFUSED));
    for found in [1, 0] {
        both.gives(task, epoll_wait(5, 1, 0), Ok(found));
    }
}

#[test]
fn a_listener_for_whom_a_connection_waits_is_at_the_mark() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    both.gives(task, bind_un(3, b"\0one"), Ok(0));
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, unix(SOCK_STREAM), Ok(4));
    for (call, descriptor, mark) in [
        (getsockname(3), 0, 0),
        (connect_un(4, b"\0one"), 0, 1),
        (accept(3), 5, 0),
    ] {
        both.gives(task, call, Ok(descriptor));
        let reply = both.gives(task, ioctl(3, SIOCATMARK, int(7)), Ok(0));
        assert_eq!(ioctl_in(&reply), Some(mark));
    }
}

#[test]
fn shutdown_is_told_even_if_it_changes_nothing() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    both.gives(task, socket(), Ok(5));
    both.gives(task, bind(5, "127.0.0.1:8080"), Ok(0));
    both.gives(task, listen(5, 1), Ok(0));
    both.gives(task, socket(), Ok(6));
    both.gives(task, connect(6, "127.0.0.1:8080"), Ok(0));
    both.gives(task, socket(), Ok(7));
    both.gives(task, epoll_create(), Ok(8));
    for (fd, how, told, result) in [
        (3, SHUT_RD, 3, Ok(0)),
        (3, SHUT_RDWR, 4, Ok(0)),
        (5, SHUT_WR, 5, Ok(0)),
        (6, SHUT_WR, 6, Ok(0)),
        (7, SHUT_RD, 7, Err(ENOTCONN)),
    ] {
        let added = epoll_add(8, told, EPOLLIN | EPOLLOUT | EPOLLET);
        both.gives(task, added, Ok(0));
        both.gives(task, epoll_wait(8, 1, 0), Ok(1));
        for _ in 0..2 {
            both.gives(task, shutdown(fd, how), result);
            both.gives(task, epoll_wait(8, 1, 0), Ok(1));
        }
        // The acknowledgement of the FIN is an edge, too, and comes at the real kernel's next tick.
        if fd != 6 {
            both.gives(task, epoll_wait(8, 1, 0), Ok(0));
        }
        let deleted = epoll_ctl(8, EPOLL_CTL_DEL, told, 0);
        both.gives(task, deleted, Ok(0));
    }
}

#[test]
fn a_datagram_socket_that_changes_its_peer_is_writable_anew() {
    let mut both = Both::new();
    let task = both.task();
    for (fd, name) in [(3, b"\0a"), (4, b"\0b")] {
        both.gives(task, unix(SOCK_DGRAM), Ok(fd));
        both.gives(task, bind_un(fd as i32, name), Ok(0));
    }
    both.gives(task, unix(SOCK_DGRAM), Ok(5));
    both.gives(task, epoll_create(), Ok(6));
    let added = epoll_add(6, 5, EPOLLOUT | EPOLLET);
    both.gives(task, added, Ok(0));
    both.gives(task, epoll_wait(6, 1, 0), Ok(1));
    for (change, told) in [
        (connect_un(5, b"\0a"), 0),
        (connect_un(5, b"\0a"), 1),
        (connect_un(5, b"\0b"), 1),
        (disconnect(5), 1),
        (disconnect(5), 0),
    ] {
        both.gives(task, change, Ok(0));
        both.gives(task, epoll_wait(6, 1, 0), Ok(told));
    }
}

/// A receiver at `a` with one message too many for its queue, and as many senders that wait; those have the names `b` and `c`.
fn full_queue<const N: usize>(both: &mut Both) -> (Task, [Task; N]) {
    let receiver = both.task();
    both.gives(receiver, unix(SOCK_DGRAM), Ok(3));
    both.gives(receiver, bind_un(3, b"a"), Ok(0));
    let senders = [(); N].map(|()| both.task());
    for (sender, name) in senders.into_iter().zip([b"b", b"c"]) {
        both.gives(sender, unix(SOCK_DGRAM), Ok(3));
        both.gives(sender, bind_un(3, name), Ok(0));
        both.gives(sender, connect_un(3, b"a"), Ok(0));
    }
    for _ in 0..11 {
        both.gives(senders[0], send(3, b"hello"), Ok(5));
    }
    for sender in senders {
        both.sleeps(sender, send(3, b"waits"));
    }
    // Nobody waits for room in a queue of one's own.
    both.gives(receiver, sendto_un(3, b"own", b"a"), Ok(3));
    (receiver, senders)
}

#[test]
fn a_read_wakes_the_peer_that_waits_also_while_the_queue_stays_full() {
    let mut both = Both::new();
    let (receiver, [sender]) = full_queue(&mut both);
    both.gives(receiver, connect_un(3, b"b"), Ok(0));
    both.still_sleeps(sender);
    both.gives(receiver, recv(3, 9), Ok(5));
    both.woke(sender, Ok(5));
}

#[test]
fn a_sender_that_waits_learns_at_the_next_read_that_the_receiver_has_another_peer() {
    let mut both = Both::new();
    let (receiver, [sender]) = full_queue(&mut both);
    both.gives(receiver, connect_un(3, b"a"), Ok(0));
    both.still_sleeps(sender);
    both.gives(receiver, recv_flags(3, 9, MSG_PEEK), Ok(5));
    both.woke(sender, Err(EPERM));
}

/// A sender that watches for room with an edge, after a stranger has filled the queue. It has a message to read, which it
/// was told of.
fn watches(both: &mut Both) -> [Task; 3] {
    let [receiver, stranger, sender] = both.tasks();
    for (task, name) in [(receiver, b"a"), (stranger, b"b"), (sender, b"c")] {
        both.gives(task, unix(SOCK_DGRAM), Ok(3));
        both.gives(task, bind_un(3, name), Ok(0));
    }
    for task in [stranger, sender] {
        both.gives(task, connect_un(3, b"a"), Ok(0));
    }
    both.gives(receiver, sendto_un(3, b"hello", b"c"), Ok(5));
    for _ in 0..11 {
        both.gives(stranger, send(3, b"hello"), Ok(5));
    }
    both.gives(sender, epoll_create(), Ok(4));
    both.gives(sender, epoll_add(4, 3, EPOLLIN | EPOLLOUT | EPOLLET), Ok(0));
    told(both, sender, &[EPOLLIN]);
    told(both, sender, &[]);
    [receiver, stranger, sender]
}

/// What epoll_wait(2) tells.
#[track_caller]
fn told(both: &mut Both, task: Task, events: &[i32]) {
    let reply = both.gives(task, epoll_wait(4, 1, 0), Ok(events.len() as u64));
    let told = reply.written(1).and_then(|bytes| bytes.first_chunk());
    assert_eq!(
        told.map(|bytes| i32::from_le_bytes(*bytes)),
        events.first().copied()
    );
}

#[test]
fn who_found_a_queue_full_is_told_of_the_next_read() {
    let mut both = Both::new();
    let [receiver, stranger, sender] = watches(&mut both);
    both.gives(receiver, recv(3, 9), Ok(5));
    told(&mut both, sender, &[EPOLLIN | EPOLLOUT]);
    // Nobody has found it full since.
    both.gives(receiver, recv(3, 9), Ok(5));
    told(&mut both, sender, &[]);
    for _ in 0..2 {
        both.gives(stranger, send(3, b"hello"), Ok(5));
    }
    both.gives(receiver, recv(3, 9), Ok(5));
    told(&mut both, sender, &[]);
    both.gives(stranger, send(3, b"hello"), Ok(5));
    both.gives(sender, send_now(3, b"hello"), Err(EAGAIN));
    both.gives(receiver, recv(3, 9), Ok(5));
    told(&mut both, sender, &[EPOLLIN | EPOLLOUT]);
}

#[test]
fn who_is_told_in_vain_sees_what_else_is_there_and_asks_anew() {
    let mut both = Both::new();
    let [receiver, _, sender] = watches(&mut both);
    for _ in 0..2 {
        both.gives(receiver, recv_flags(3, 9, MSG_PEEK), Ok(5));
        told(&mut both, sender, &[EPOLLIN]);
        told(&mut both, sender, &[]);
    }
    both.gives(receiver, close(3), Ok(0));
    told(&mut both, sender, &[EPOLLIN | EPOLLOUT]);
}

#[test]
fn a_look_for_room_by_poll_is_told_to_those_who_watch() {
    let mut both = Both::new();
    let [receiver, _, sender] = watches(&mut both);
    both.gives(receiver, recv_flags(3, 9, MSG_PEEK), Ok(5));
    // What is readable alone asks for nothing.
    both.polls(sender, &[(3, POLLIN)], 0, &[POLLIN]);
    both.gives(receiver, recv_flags(3, 9, MSG_PEEK), Ok(5));
    told(&mut both, sender, &[EPOLLIN]);
    both.gives(receiver, recv_flags(3, 9, MSG_PEEK), Ok(5));
    told(&mut both, sender, &[EPOLLIN]);
}

#[test]
fn who_is_woken_while_the_queue_stays_full_goes_to_the_end_of_the_line() {
    let mut both = Both::new();
    let (receiver, [first, second]) = full_queue(&mut both);
    both.gives(receiver, recv(3, 9), Ok(5));
    both.still_sleeps(first);
    both.still_sleeps(second);
    both.gives(receiver, recv(3, 9), Ok(5));
    both.woke(second, Ok(5));
    both.still_sleeps(first);
    both.gives(receiver, recv(3, 9), Ok(5));
    both.woke(first, Ok(5));
}

#[test]
fn so_rcvlowat_makes_a_stream_wait_but_not_poll() {
    let mut both = Both::new();
    let [reader, writer] = connected(&mut both);
    both.gives(reader, flag(4, SOL_SOCKET, SO_RCVLOWAT, 4), Ok(0));
    both.gives(writer, send(3, b"ab"), Ok(2));
    both.polls(reader, &[(4, POLLIN)], 0, &[POLLIN]);
    both.gives_bytes(reader, recv_flags(4, 9, MSG_PEEK), b"ab");
    both.sleeps(reader, recv(4, 9));
    both.gives(writer, send(3, b"c"), Ok(1));
    both.still_sleeps(reader);
    both.gives(writer, send(3, b"de"), Ok(2));
    both.woke_with_bytes(reader, b"abcde");
    both.gives(writer, send(3, b"fg"), Ok(2));
    both.gives_bytes(reader, recv(4, 1), b"f");
    both.gives_bytes(reader, recv_now(4, 9), b"g");
    both.sleeps(reader, recv(4, 9));
    both.gives(writer, send(3, b"h"), Ok(1));
    both.gives(writer, close(3), Ok(0));
    both.woke_with_bytes(reader, b"h");
}

#[test]
fn the_senders_name_is_looked_up_with_each_piece_of_a_stream() {
    for (more, named) in [(false, &b""[..]), (true, &un(b"b\0"))] {
        let mut both = Both::new();
        let [reader, writer] = connected(&mut both);
        both.gives(writer, send(3, b"hello"), Ok(5));
        let all = recvfrom(4, 99, MSG_WAITALL, UserOut::Capacity(128), int(128));
        both.sleeps(reader, all);
        both.gives(writer, bind_un(3, b"b"), Ok(0));
        if more {
            both.gives(writer, send(3, b"more"), Ok(4));
        }
        both.gives(writer, shutdown(3, SHUT_WR), Ok(0));
        let reply = both.woke(reader, Ok(if more { 9 } else { 5 }));
        assert_eq!(reply.written(4).unwrap_or_default(), named);
    }
}

#[test]
fn a_datagram_tells_the_name_that_its_sender_has_when_it_is_read() {
    let mut both = Both::new();
    let (receiver, sender) = (both.task(), both.task());
    both.gives(receiver, unix(SOCK_DGRAM), Ok(3));
    both.gives(receiver, bind_un(3, b"a"), Ok(0));
    both.gives(sender, unix(SOCK_DGRAM), Ok(3));
    for _ in 0..2 {
        both.gives(sender, sendto_un(3, b"hello", b"a"), Ok(5));
    }
    let reply = both.gives(receiver, recv_named(3, 9), Ok(5));
    assert_eq!(reply.written(4).unwrap_or_default(), b"");
    both.gives(sender, bind_un(3, b"b"), Ok(0));
    let reply = both.gives(receiver, recv_named(3, 9), Ok(5));
    assert_eq!(reply.written(4).unwrap_or_default(), un(b"b\0"));
}
