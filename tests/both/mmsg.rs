//! sendmmsg(2), recvmmsg(2): several messages in one call.

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

/// Two UDP sockets that are connected to each other, at 3 and 4.
fn two() -> (Both, Task) {
    let mut both = Both::datagrams();
    let task = both.task();
    for (fd, port) in [(3, 7000), (4, 7001)] {
        both.gives(task, udp(), Ok(fd));
        both.gives(task, bind(fd as i32, &format!("127.0.0.1:{port}")), Ok(0));
    }
    both.gives(task, connect(3, "127.0.0.1:7001"), Ok(0));
    both.gives(task, connect(4, "127.0.0.1:7000"), Ok(0));
    (both, task)
}

fn named(len: u64) -> MsgOut {
    MsgOut {
        name: Some(UserOut::Capacity(128)),
        namelen: 128,
        ..msg_out(len)
    }
}

#[test]
fn several_datagrams_go_and_come_with_their_senders_and_flags() {
    let (mut both, task) = two();
    let three = [msg_in(b"one"), msg_in(b""), msg_in(b"three")];
    let reply = both.gives(task, sendmmsg(3, &three), Ok(3));
    assert_eq!(reply.message(2).map(|m| m.result), Some(Ok(5)));
    let call = recvmmsg(4, &[named(9), named(9), named(2)], 0);
    let reply = both.gives(task, call, Ok(3));
    assert_eq!(messages_in(&reply), [&b"one"[..], b"", b"th"]);
    let cut = reply.message(2).unwrap();
    assert_eq!(cut.written(nested::MSG_FLAGS), Some(&[32, 0, 0, 0][..]));
    both.gives(task, sendmmsg(3, &[]), Ok(0));
    both.gives(task, recvmmsg(4, &[], 0), Ok(0));
}

#[test]
fn every_message_is_sent_to_its_own_address() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:7000"), Ok(0));
    both.gives(task, udp(), Ok(4));
    both.gives(task, bind(4, "127.0.0.1:7001"), Ok(0));
    both.gives(task, udp(), Ok(5));
    let to = |addr: &str| MsgIn {
        name: Some(address(addr)),
        namelen: 16,
        ..msg_in(b"x")
    };
    let call = sendmmsg(
        5,
        &[to("127.0.0.1:7000"), to("127.0.0.1:7001"), msg_in(b"x")],
    );
    both.gives(task, call, Ok(2));
    both.gives_bytes(task, recv_now(3, 9), b"x");
    let reply = both.gives(
        task,
        recvmmsg(4, &[named(9), named(9)], MSG_DONTWAIT),
        Ok(1),
    );
    assert!(
        reply
            .message(0)
            .unwrap()
            .written(nested::MSG_NAME)
            .is_some()
    );
    both.gives(task, sendmmsg(5, &[msg_in(b"x")]), Err(EDESTADDRREQ));
}

#[test]
fn what_the_first_message_brings_back_stops_the_second() {
    let (mut both, task) = two();
    both.gives(task, close(4), Ok(0));
    // The ICMP error is there before the second is sent.
    both.gives(
        task,
        sendmmsg(3, &[msg_in(b"a"), msg_in(b"b"), msg_in(b"c")]),
        Ok(1),
    );
    both.gives(task, send(3, b"a"), Ok(1));
    // The error comes before the vector, and nothing else is looked at.
    both.gives(task, recvmmsg(3, &[], 0), Err(ECONNREFUSED));
    both.gives(task, recvmmsg(3, &[], 0), Ok(0));
}

#[test]
fn recvmmsg_waits_for_all_or_with_msg_waitforone_for_the_first() {
    let mut both = Both::datagrams();
    let [reader, writer] = both.tasks();
    both.gives(reader, udp(), Ok(3));
    both.gives(reader, bind(3, "127.0.0.1:7000"), Ok(0));
    both.gives(writer, udp(), Ok(3));
    both.gives(writer, connect(3, "127.0.0.1:7000"), Ok(0));
    both.sleeps(reader, recvmmsg(3, &[msg_out(9), msg_out(9)], 0));
    both.gives(writer, send(3, b"a"), Ok(1));
    both.still_sleeps(reader);
    both.gives(writer, send(3, b"b"), Ok(1));
    let reply = both.woke(reader, Ok(2));
    assert_eq!(messages_in(&reply), [b"a", b"b"]);
    both.sleeps(
        reader,
        recvmmsg(3, &[msg_out(9), msg_out(9)], MSG_WAITFORONE),
    );
    both.gives(writer, send(3, b"c"), Ok(1));
    both.woke(reader, Ok(1));
    both.gives(
        reader,
        recvmmsg(3, &[msg_out(9)], MSG_DONTWAIT),
        Err(EAGAIN),
    );
}

#[test]
fn the_time_of_recvmmsg_is_looked_at_after_each_message_only() {
    let mut both = Both::datagrams();
    let [reader, writer] = both.tasks();
    both.gives(reader, udp(), Ok(3));
    both.gives(reader, bind(3, "127.0.0.1:7000"), Ok(0));
    both.gives(writer, udp(), Ok(3));
    both.gives(writer, connect(3, "127.0.0.1:7000"), Ok(0));
    both.gives(writer, sendmmsg(3, &[msg_in(b"a"), msg_in(b"b")]), Ok(2));
    let no_time = || Some(two_words(0, 0));
    let many = [msg_out(9), msg_out(9), msg_out(9)];
    both.gives(reader, recvmmsg_until(3, &many, 0, no_time()), Ok(1));
    both.gives(
        reader,
        recvmmsg_until(3, &many[..1], 0, Some(two_words(9, 0))),
        Ok(1),
    );
    // Nobody wakes it when the time is over.
    both.sleeps(
        reader,
        recvmmsg_until(3, &many, 0, Some(two_words(0, 50_000_000))),
    );
    both.sleeps(writer, sleep(100));
    both.comes_back(writer, Ok(0));
    both.still_sleeps(reader);
    both.gives(writer, send(3, b"c"), Ok(1));
    both.woke(reader, Ok(1));
}

#[test]
fn so_rcvtimeo_holds_for_each_message() {
    let (mut both, task) = two();
    both.gives(
        task,
        setsockopt(4, SOL_SOCKET, SO_RCVTIMEO, two_words(0, 50_000), 16),
        Ok(0),
    );
    both.gives(task, send(3, b"a"), Ok(1));
    both.sleeps(task, recvmmsg(4, &[msg_out(9), msg_out(9)], 0));
    both.comes_back(task, Ok(1));
    both.sleeps(task, recvmmsg(4, &[msg_out(9), msg_out(9)], 0));
    both.comes_back(task, Err(EAGAIN));
}

#[test]
fn an_error_after_the_first_message_is_kept_for_the_next_call() {
    let (mut both, task) = two();
    both.gives(task, sendmmsg(3, &[msg_in(b"a"), msg_in(b"b")]), Ok(2));
    let fault = MsgOut {
        iov: Some(vec![(UserOut::Fault, 9)]),
        ..msg_out(9)
    };
    both.gives(task, recvmmsg(4, &[msg_out(9), fault], 0), Ok(1));
    both.polls(task, &[(4, POLLIN)], 0, &[POLLERR]);
    both.gives(task, recvmmsg(4, &[msg_out(9)], 0), Err(EFAULT));
    both.gives(task, recvmmsg(4, &[msg_out(9)], MSG_DONTWAIT), Err(EAGAIN));
}

#[test]
fn what_cannot_be_read_of_the_vector_is_a_fault_when_its_turn_comes() {
    let (mut both, task) = two();
    let more = |fd, msgvec: &[MsgIn], vlen| Syscall::Sendmmsg {
        fd,
        msgvec: msgvec.to_vec(),
        vlen,
        flags: 0,
    };
    both.gives(task, more(3, &[msg_in(b"a")], 2), Ok(1));
    both.gives(task, more(3, &[], 2), Err(EFAULT));
    both.gives(task, more(3, &[], 0), Ok(0));
    both.gives(task, more(9, &[], 0), Err(EBADF));
    both.gives(task, more(1, &[], 0), Err(ENOTSOCK));
    let many: Vec<MsgIn> = (0..1025).map(|_| msg_in(b"")).collect();
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    both.gives(task, more(5, &many, 1025), Ok(1024));
}

#[test]
fn a_stream_takes_a_part_of_a_message_and_no_other() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, sendmmsg(3, &[msg_in(b"ab"), msg_in(b"cde")]), Ok(2));
    let reply = both.gives(server, recvmmsg(4, &[msg_out(1), msg_out(9)], 0), Ok(2));
    assert_eq!(messages_in(&reply), [&b"a"[..], b"bcde"]);
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    // The end of the stream is a message each time.
    both.gives(server, recvmmsg(4, &[msg_out(1), msg_out(9)], 0), Ok(2));
    both.gives(client, socketpair(SOCK_STREAM | SOCK_NONBLOCK), Ok(0));
    let large = vec![0; 400_000];
    let call = || sendmmsg(4, &[msg_in(&large), msg_in(b"x")]);
    let reply = both.gives(client, call(), Ok(1));
    let first = reply.message(0).unwrap().result;
    assert!(first.is_ok_and(|len| len < 400_000), "{first:?}");
    both.gives(client, call(), Err(EAGAIN));
}

#[test]
fn sendmmsg_sleeps_in_a_message_and_goes_on() {
    let mut both = Both::new();
    let task = both.task();
    let other = both.task();
    both.gives(task, socket_of(AF_UNIX, SOCK_DGRAM, 0), Ok(3));
    both.gives(task, bind_un(3, b"a"), Ok(0));
    both.gives(other, socket_of(AF_UNIX, SOCK_DGRAM, 0), Ok(3));
    both.gives(other, connect_un(3, b"a"), Ok(0));
    let many: Vec<MsgIn> = (0..13).map(|at| msg_in(&[at])).collect();
    both.sleeps(other, sendmmsg(3, &many));
    both.gives_bytes(task, recv(3, 9), &[0]);
    both.still_sleeps(other);
    both.gives_bytes(task, recv(3, 9), &[1]);
    both.woke(other, Ok(13));
    // A handler ends it with what was sent.
    both.gives(other, sigaction(SIGUSR1, 4096, SA_RESTART), Ok(0));
    both.sleeps(other, sendmmsg(3, &many));
    both.gives_bytes(task, recv(3, 9), &[2]);
    let pid = both.pid(other);
    both.gives(task, kill(pid, SIGUSR1), Ok(0));
    both.woke(other, Ok(1));
}

#[test]
fn epoll_create_and_epoll_pwait() {
    let mut both = Both::new();
    let task = both.task();
    let create = |size| Syscall::EpollCreate { size };
    both.gives(task, create(0), Err(EINVAL));
    both.gives(task, create(-1), Err(EINVAL));
    both.gives(task, create(1), Ok(3));
    both.gives(task, fcntl(3, F_GETFD, 0), Ok(0));
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    both.gives(task, epoll_add(3, 4, EPOLLIN), Ok(0));
    let pwait = |epfd, maxevents, sigmask| Syscall::EpollPwait {
        epfd,
        events: UserOut::Capacity(12),
        maxevents,
        timeout: 0,
        sigmask,
    };
    both.gives(task, pwait(3, 1, None), Ok(0));
    both.gives(task, send(5, b"x"), Ok(1));
    let reply = both.gives(task, pwait(3, 1, Some(UserIn::Bytes(vec![0; 8]))), Ok(1));
    assert_eq!(events_in(&reply), [(4, EPOLLIN)]);
    both.gives(task, pwait(3, 0, None), Err(EINVAL));
    both.gives(task, pwait(9, 1, None), Err(EBADF));
    both.gives(task, pwait(9, 1, Some(UserIn::Fault)), Err(EFAULT));
}
