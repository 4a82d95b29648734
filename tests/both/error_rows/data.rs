//! Rows about data: send(2), sendto(2), sendmsg(2), recv(2), recvmsg(2).

use super::*;
use crate::rights::{piece, rights, with_control};

#[test]
fn send_and_sendmsg_of_datagrams() {
    let (mut both, task) = datagrams();
    let large = vec![0; 128 * 1024];
    let vast = || UserIn::Bytes(large.clone());
    let to = || address("127.0.0.1:7000");
    let bad = || Some(UserIn::Fault);
    let no_vector = MsgIn {
        iov: None,
        ..msg_in(b"x")
    };
    let no_header = Syscall::Sendmsg {
        fd: 4,
        msg: None,
        flags: 0,
    };
    let fault = MsgIn {
        iov: Some(vec![(UserIn::Fault, 1)]),
        ..msg_in(b"x")
    };
    let oob = Syscall::Sendmsg {
        fd: 4,
        msg: Some(msg_in(b"x")),
        flags: MSG_OOB,
    };
    rows(
        &mut both,
        task,
        [
            ("bad fd", send(BAD, b"x"), Err(EBADF)),
            ("not a socket", send(0, b"x"), Err(ENOTSOCK)),
            ("memory", send_raw(4, UserIn::Fault, 1, 0), Err(EFAULT)),
            ("128 KiB", send_raw(4, vast(), 131_072, 0), Err(EMSGSIZE)),
            ("urgent", send_flags(4, b"x", MSG_OOB), Err(EOPNOTSUPP)),
            ("sendto, bad fd", sendto(BAD, b"x", to(), 16), Err(EBADF)),
            (
                "sendto, no socket",
                sendto(0, b"x", to(), 16),
                Err(ENOTSOCK),
            ),
            ("sendto, length -1", sendto(4, b"x", to(), -1), Err(EINVAL)),
            (
                "sendto, address",
                sendto(4, b"x", UserIn::Fault, 16),
                Err(EFAULT),
            ),
            (
                "sendto, 128 KiB",
                sendto(4, &large, to(), 16),
                Err(EMSGSIZE),
            ),
            ("sendmsg, bad fd", sendmsg(BAD, msg_in(b"x")), Err(EBADF)),
            (
                "sendmsg, no socket",
                sendmsg(0, msg_in(b"x")),
                Err(ENOTSOCK),
            ),
            (
                "sendmsg, length 1",
                sendmsg(4, name_of(Some(to()), 1)),
                Err(EINVAL),
            ),
            (
                "sendmsg, address",
                sendmsg(4, name_of(bad(), 16)),
                Err(EFAULT),
            ),
            (
                "sendmsg, 128 KiB",
                sendmsg(4, msg_in(&large)),
                Err(EMSGSIZE),
            ),
            ("sendmsg, memory", sendmsg(4, fault), Err(EFAULT)),
            ("sendmsg, urgent", oob, Err(EOPNOTSUPP)),
            ("sendmsg, no vector", sendmsg(4, no_vector), Err(EFAULT)),
            ("sendmsg, no header", no_header, Err(EFAULT)),
            (
                "and all is well",
                sendmsg(4, name_of(Some(to()), 16)),
                Ok(1),
            ),
        ],
    );
}

#[test]
fn send_and_sendmsg_of_tcp() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let to = || address("127.0.0.1:8080");
    rows(
        &mut both,
        client,
        [
            ("another", socket(), Ok(4)),
            ("ignored name", sendmsg(3, name_of(Some(to()), 16)), Ok(1)),
            ("ignored address", sendto(3, b"x", to(), 16), Ok(1)),
            ("unconnected", sendto(4, b"x", to(), 16), Err(EPIPE)),
            (
                "unconnected",
                sendmsg(4, name_of(Some(to()), 16)),
                Err(EPIPE),
            ),
            ("shut", shutdown(3, SHUT_WR), Ok(0)),
            ("after it", send_quiet(3, b"x"), Err(EPIPE)),
            ("after it", sendto(3, b"x", to(), 16), Err(EPIPE)),
            ("after it", sendmsg(3, msg_in(b"x")), Err(EPIPE)),
        ],
    );
}

#[test]
fn msg_more_holds_back_on_tcp_until_more_or_less_comes() {
    for way in 0..3 {
        let mut both = Both::new();
        let [server, client] = both.pair();
        let send = |data: &[u8], flags| match way {
            0 => send_flags(3, data, flags),
            1 => Syscall::Sendto {
                fd: 3,
                buf: UserIn::Bytes(data.to_vec()),
                len: data.len() as u64,
                flags,
                addr: Some(address("127.0.0.1:8080")),
                addrlen: 16,
            },
            _ => Syscall::Sendmsg {
                fd: 3,
                msg: Some(msg_in(data)),
                flags,
            },
        };
        both.gives(client, send(b"abc", MSG_MORE), Ok(3));
        both.gives(server, recv_now(4, 9), Err(EAGAIN));
        both.gives(client, send(b"def", MSG_MORE), Ok(3));
        both.gives(server, recv_now(4, 9), Err(EAGAIN));
        both.gives(client, send(b"g", 0), Ok(1));
        both.gives_bytes(server, recv_now(4, 9), b"abcdefg");
    }
}

#[test]
fn receiving_from_tcp() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, send(4, b"abcdef"), Ok(6));
    let from = |len| recvfrom(3, 1, 0, UserOut::Capacity(16), int(len));
    let named = MsgOut {
        name: Some(UserOut::Capacity(16)),
        namelen: -1,
        ..msg_out(1)
    };
    let memory = MsgOut {
        iov: Some(vec![(UserOut::Fault, 1)]),
        ..msg_out(1)
    };
    let no_vector = MsgOut {
        iov: None,
        ..msg_out(1)
    };
    let long = MsgOut {
        iov: Some(rooms(&[1; 1025])),
        ..msg_out(1)
    };
    let oob = |msg| recvmsg_flags(3, msg, MSG_OOB);
    rows(
        &mut both,
        client,
        [
            ("bad fd", recv(BAD, 1), Err(EBADF)),
            ("not a socket", recv(0, 1), Err(ENOTSOCK)),
            ("memory", recv_raw(3, UserOut::Fault, 1, 0), Err(EFAULT)),
            ("urgent", recv_flags(3, 1, MSG_OOB), Err(EINVAL)),
            ("errors", recv_flags(3, 1, MSG_ERRQUEUE), Err(EAGAIN)),
            ("length -1", from(-1), Err(EINVAL)),
            (
                "nobody's address",
                recvfrom(3, 1, 0, UserOut::Fault, int(16)),
                Ok(1),
            ),
            ("recvmsg, bad fd", recvmsg(BAD, msg_out(1)), Err(EBADF)),
            ("recvmsg, no socket", recvmsg(0, msg_out(1)), Err(ENOTSOCK)),
            ("recvmsg, length -1", recvmsg(3, named), Err(EINVAL)),
            ("recvmsg, memory", recvmsg(3, memory), Err(EFAULT)),
            ("recvmsg, no vector", recvmsg(3, no_vector), Err(EFAULT)),
            ("recvmsg, too many", recvmsg(3, long), Err(EMSGSIZE)),
            ("recvmsg, urgent", oob(msg_out(1)), Err(EINVAL)),
            (
                "recvmsg, errors",
                recvmsg_flags(3, msg_out(1), MSG_ERRQUEUE),
                Err(EAGAIN),
            ),
        ],
    );
}

#[test]
fn control_data_of_a_unix_pair() {
    let mut both = Both::new();
    let task = both.task();
    let with = |control: UserIn, controllen| {
        sendmsg(
            3,
            MsgIn {
                control: Some(control),
                controllen,
                ..msg_in(b"x")
            },
        )
    };
    let control = |bytes: &[u8]| sendmsg(3, with_control(b"x", bytes));
    let large = MsgOut {
        control: Some(UserOut::Capacity(131_072)),
        controllen: 131_072,
        ..msg_out(1)
    };
    // Descriptors: what is sent of them comes with the data.
    let fds = |fds: &[i32]| sendmsg(3, rights(b"x", fds));
    let mut two = piece(SOL_SOCKET, SCM_RIGHTS, &[0; 4 * 200]);
    two.extend(piece(SOL_SOCKET, SCM_RIGHTS, &[0; 4 * 53]));
    let mut bad_then_long = piece(SOL_SOCKET, SCM_RIGHTS, &99_i32.to_le_bytes());
    bad_then_long.extend(piece(SOL_SOCKET, 99, &[]));
    // A header whose length is larger than all of it, of SCM_RIGHTS.
    let mut long = 100_u64.to_le_bytes().to_vec();
    long.extend([1, 0, 0, 0, 1, 0, 0, 0]);
    rows(
        &mut both,
        task,
        [
            ("pair", socketpair(SOCK_STREAM), Ok(0)),
            ("pointer", with(UserIn::Fault, 16), Err(EFAULT)),
            ("cut off", with(UserIn::Bytes(vec![0; 15]), 15), Ok(1)),
            (
                "longer than it is",
                with(UserIn::Bytes(long), 16),
                Err(EINVAL),
            ),
            ("room for 128 KiB", recvmsg(4, large.clone()), Ok(1)),
            ("length of 4", with(UserIn::Bytes(vec![1; 4]), 4), Ok(1)),
            ("room for none", recvmsg(4, msg_out(1)), Ok(1)),
            ("a descriptor", fds(&[0]), Ok(1)),
            ("room for 128 KiB", recvmsg(4, large), Ok(1)),
            ("it came", close(5), Ok(0)),
            ("a bad one", fds(&[0, BAD]), Err(EBADF)),
            ("a negative one", fds(&[-1]), Err(EBADF)),
            ("none", fds(&[]), Ok(1)),
            ("SCM_MAX_FD", fds(&[0; 253]), Ok(1)),
            ("one more", fds(&[0; 254]), Err(EINVAL)),
            ("in two pieces", control(&two), Ok(1)),
            (
                "half of one",
                control(&piece(SOL_SOCKET, SCM_RIGHTS, &[9; 3])),
                Ok(1),
            ),
            (
                "unknown",
                control(&piece(SOL_SOCKET, 99, &[9; 4])),
                Err(EINVAL),
            ),
            (
                "of another level",
                control(&piece(IPPROTO_IP, 99, &[9; 4])),
                Ok(1),
            ),
            (
                "the first error counts",
                control(&bad_then_long),
                Err(EBADF),
            ),
            ("and none was kept", dup(0), Ok(5)),
        ],
    );
}

#[test]
fn sendmmsg_and_recvmmsg() {
    let (mut both, task) = datagrams();
    let one = |fd| sendmmsg(fd, &[msg_in(b"x")]);
    let unreadable = Syscall::Sendmmsg {
        fd: 4,
        msgvec: Vec::new(),
        vlen: 1,
        flags: 0,
    };
    let receive = |fd, msgvec, timeout| Syscall::Recvmmsg {
        fd,
        msgvec,
        vlen: 1,
        flags: 0,
        timeout,
    };
    let room = || vec![msg_out(9)];
    let time = |seconds, nanos| Some(two_words(seconds, nanos));
    rows(
        &mut both,
        task,
        [
            ("sendmmsg, bad fd", one(BAD), Err(EBADF)),
            ("sendmmsg, no socket", one(0), Err(ENOTSOCK)),
            ("sendmmsg, bad vector", unreadable, Err(EFAULT)),
            ("sendmmsg", one(4), Ok(1)),
            ("recvmmsg, bad fd", receive(BAD, room(), None), Err(EBADF)),
            (
                "recvmmsg, no socket",
                receive(0, room(), None),
                Err(ENOTSOCK),
            ),
            (
                "recvmmsg, bad vector",
                receive(3, Vec::new(), None),
                Err(EFAULT),
            ),
            (
                "recvmmsg, seconds",
                receive(3, room(), time(-1, 0)),
                Err(EINVAL),
            ),
            (
                "recvmmsg, nanoseconds",
                receive(3, room(), time(1, 1_000_000_001)),
                Err(EINVAL),
            ),
            (
                "recvmmsg, time before the descriptor",
                receive(BAD, room(), time(-1, 0)),
                Err(EINVAL),
            ),
            (
                "recvmmsg, bad time",
                receive(BAD, room(), Some(UserIn::Fault)),
                Err(EFAULT),
            ),
            ("recvmmsg", receive(3, room(), time(1, 0)), Ok(1)),
        ],
    );
}
