//! The rows of the tables of errors that suites for real kernels hold these calls against, call by call: what the
//! situation is, the call, what it must answer. `errors_calls` has the first of them; what a whole test of another file
//! shows is not said again: epoll(7) in `epoll` and `processes`, select(2) in `select`, options in `arguments_data`,
//! accept4(2) in `fcntl`, credentials in `unix_stream`, urgent data in `urgent`.
//!
//! What no row here can show: descriptors of kinds that no modelled call makes (regular files, directories, devices,
//! eventfd(2), signalfd(2), timerfd(2), inotify(7), O_PATH), so EPERM of epoll_ctl(2); sendmmsg(2), recvmmsg(2),
//! epoll_create(2), epoll_pwait(2), which are not modelled; SCTP and UDP-Lite; multicast groups; IPV6_ADDRFORM; packet
//! sockets, netfilter and TLS (regressions of other subsystems); descriptors in messages (SCM_RIGHTS), which are not
//! modelled.

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

type Row<'a> = (&'a str, Syscall, Result<u64, Errno>);

/// Makes the calls in order; what fails is named by its row.
#[track_caller]
fn rows<'a>(both: &mut Both, task: Task, rows: impl IntoIterator<Item = Row<'a>>) {
    for (what, call, expected) in rows {
        both.row(what);
        both.gives(task, call, expected);
    }
}

const BAD: i32 = 400;
const WORD: UserOut = UserOut::Capacity(64);

fn name_of(bytes: Option<UserIn>, namelen: i32) -> MsgIn {
    MsgIn {
        name: bytes,
        namelen,
        ..msg_in(b"x")
    }
}

/// A UDP socket at descriptor 3 of the task, and one that is connected to it at 4.
fn datagrams() -> (Both, Task) {
    let mut both = Both::datagrams();
    let task = both.task();
    rows(
        &mut both,
        task,
        [
            ("socket", udp(), Ok(3)),
            ("its address", bind(3, "127.0.0.1:7000"), Ok(0)),
            ("another", udp(), Ok(4)),
            ("its peer", connect(4, "127.0.0.1:7000"), Ok(0)),
        ],
    );
    (both, task)
}

#[test]
fn accept_of_what_is_no_listener() {
    let mut both = Both::new();
    let task = both.task();
    let room = UserOut::Capacity(16);
    let named = |fd, addr, len| accept_raw(fd, addr, int(len));
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            ("udp", udp(), Ok(4)),
            ("unix", unix(SOCK_DGRAM), Ok(5)),
            ("epoll", epoll_create(), Ok(6)),
            ("pipe", pipe(), Ok(0)),
            ("bound", bind(3, "0.0.0.0:0"), Ok(0)),
            ("bad fd", named(BAD, room, 16), Err(EBADF)),
            ("-1", named(-1, room, 16), Err(EBADF)),
            ("address faults", named(3, UserOut::Fault, 16), Err(EINVAL)),
            ("length 1", named(3, room, 1), Err(EINVAL)),
            ("not listening", named(3, room, 16), Err(EINVAL)),
            ("udp", named(4, room, 16), Err(EOPNOTSUPP)),
            ("unix datagrams", named(5, room, 16), Err(EOPNOTSUPP)),
            ("epoll", named(6, room, 16), Err(ENOTSOCK)),
            ("pipe, read", named(7, room, 16), Err(ENOTSOCK)),
            ("pipe, write", named(8, room, 16), Err(ENOTSOCK)),
            ("standard input", named(0, room, 16), Err(ENOTSOCK)),
        ],
    );
}

#[test]
fn bind_listen_and_socket() {
    let mut both = Both::new();
    let task = both.task();
    let sun = UserIn::Bytes(un(b"somewhere\0"));
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            (
                "length 3",
                bind_raw(3, address("0.0.0.0:0"), 3),
                Err(EINVAL),
            ),
            ("not a socket", bind(1, "0.0.0.0:0"), Err(ENOTSOCK)),
            ("sockaddr_un", bind_raw(3, sun, 110), Err(EFAULT)),
            ("-1", bind(-1, "0.0.0.0:0"), Err(EBADF)),
            ("of others", bind(3, "10.255.254.253:0"), Err(EADDRNOTAVAIL)),
            ("port 463", bind(3, "0.0.0.0:463"), Err(EACCES)),
            ("any", bind(3, "0.0.0.0:0"), Ok(0)),
            ("udp", udp(), Ok(4)),
            ("listen, udp", listen(4, 1), Err(EOPNOTSUPP)),
            ("listen, bad fd", listen(BAD, 1), Err(EBADF)),
            ("listen, no socket", listen(1, 1), Err(ENOTSOCK)),
            ("family 0", socket_of(0, SOCK_STREAM, 0), Err(EAFNOSUPPORT)),
            ("type 75", socket_of(AF_INET, 75, 0), Err(EINVAL)),
            ("unix datagrams", unix(SOCK_DGRAM), Ok(5)),
            ("udp by number", socket_of(AF_INET, SOCK_DGRAM, 17), Ok(6)),
            ("tcp by number", socket_of(AF_INET, SOCK_STREAM, 6), Ok(7)),
        ],
    );
    for (ty, protocol) in [
        (SOCK_RAW, 0),
        (SOCK_STREAM, 17),
        (SOCK_DGRAM, 6),
        (SOCK_STREAM, 1),
    ] {
        let refused = Err(EPROTONOSUPPORT);
        let call = socket_of(AF_INET, ty, protocol);
        rows(&mut both, task, [("socket", call, refused)]);
        let pair = socketpair_of(AF_INET, ty, protocol, UserOut::Capacity(8));
        rows(&mut both, task, [("socketpair", pair, refused)]);
    }
    let pair = |domain, ty, protocol| socketpair_of(domain, ty, protocol, UserOut::Capacity(8));
    let nowhere = socketpair_of(AF_UNIX, SOCK_STREAM, 0, UserOut::Fault);
    rows(
        &mut both,
        task,
        [
            ("pair, family 0", pair(0, SOCK_STREAM, 0), Err(EAFNOSUPPORT)),
            ("pair, type 75", pair(AF_INET, 75, 0), Err(EINVAL)),
            ("pair, udp", pair(AF_INET, SOCK_DGRAM, 17), Err(EOPNOTSUPP)),
            ("pair, tcp", pair(AF_INET, SOCK_STREAM, 6), Err(EOPNOTSUPP)),
            ("pair, memory", nowhere, Err(EFAULT)),
            ("pair, unix", pair(AF_UNIX, SOCK_DGRAM, 0), Ok(0)),
        ],
    );
}

#[test]
fn bind_of_paths() {
    let mut both = Both::new();
    let task = both.task();
    rows(
        &mut both,
        task,
        [
            ("unix", unix(SOCK_STREAM), Ok(3)),
            ("another", unix(SOCK_STREAM), Ok(4)),
            ("bound", bind_un(3, b"one.sock\0"), Ok(0)),
            ("bound socket", bind_un(3, b"two.sock\0"), Err(EINVAL)),
            ("which made no node", unlink("two.sock"), Err(ENOENT)),
            ("taken path", bind_un(4, b"one.sock\0"), Err(EADDRINUSE)),
            ("no directory", bind_un(4, b"one.sock/x\0"), Err(ENOTDIR)),
            ("nothing there", bind_un(4, b"none/x\0"), Err(ENOENT)),
            ("free path", bind_un(4, b"two.sock\0"), Ok(0)),
        ],
    );
}

#[test]
fn connect_of_paths() {
    let mut both = Both::new();
    let [owner, other] = both.tasks();
    rows(
        &mut both,
        owner,
        [
            ("unix", unix(SOCK_STREAM), Ok(3)),
            ("bound", bind_un(3, b"/tmp/rows.sock\0"), Ok(0)),
            ("listening", listen(3, 1), Ok(0)),
        ],
    );
    let root = both.root();
    rows(
        &mut both,
        root,
        [
            ("unix", unix(SOCK_STREAM), Ok(3)),
            ("bound", bind_un(3, b"/tmp/root.sock\0"), Ok(0)),
            ("listening", listen(3, 1), Ok(0)),
        ],
    );
    rows(
        &mut both,
        other,
        [
            ("datagrams", unix(SOCK_DGRAM), Ok(3)),
            (
                "to a stream",
                connect_un(3, b"/tmp/rows.sock\0"),
                Err(EPROTOTYPE),
            ),
            ("a stream", unix(SOCK_STREAM), Ok(4)),
            (
                "not writable",
                connect_un(4, b"/tmp/root.sock\0"),
                Err(EACCES),
            ),
            ("a stream to it", connect_un(4, b"/tmp/rows.sock\0"), Ok(0)),
        ],
    );
}

/// A message there and back between what `server` bound and `client`.
fn echo(both: &mut Both, server: (Task, i32), client: (Task, i32)) {
    both.gives(client.0, send(client.1, b"there"), Ok(5));
    both.gives_bytes(server.0, recv(server.1, 9), b"there");
    both.gives(server.0, send(server.1, b"and back"), Ok(8));
    both.gives_bytes(client.0, recv(client.1, 9), b"and back");
}

#[test]
fn bound_connected_and_used_over_every_family() {
    for (at, named, to) in [
        ("127.0.0.1:0", "127.0.0.1:50001", "127.0.0.1:50001"),
        ("0.0.0.0:0", "0.0.0.0:50001", "127.0.0.1:50001"),
        ("[::1]:0", "[::1]:50001", "[::1]:50001"),
        ("[::]:0", "[::]:50001", "[::1]:50001"),
        ("[::]:0", "[::]:50001", "127.0.0.1:50001"),
    ] {
        let mut both = Both::new();
        let [server, client] = both.tasks();
        let of = |text: &str| {
            if text.starts_with('[') {
                socket6()
            } else {
                socket()
            }
        };
        rows(
            &mut both,
            server,
            [
                (at, of(at), Ok(3)),
                (at, bind(3, at), Ok(0)),
                (at, listen(3, 1), Ok(0)),
            ],
        );
        both.names(server, getsockname(3), named);
        rows(
            &mut both,
            client,
            [(to, of(to), Ok(3)), (to, connect(3, to), Ok(0))],
        );
        both.gives(server, accept(3), Ok(4));
        echo(&mut both, (server, 4), (client, 3));
    }
    for (at, to) in [
        ("127.0.0.1:7000", "127.0.0.1:7000"),
        ("0.0.0.0:7000", "127.0.0.1:7000"),
        ("[::1]:7000", "[::1]:7000"),
        ("[::]:7000", "[::1]:7000"),
        ("[::]:7000", "127.0.0.1:7000"),
    ] {
        let mut both = Both::datagrams();
        let [server, client] = both.tasks();
        let of = |text: &str| if text.starts_with('[') { udp6() } else { udp() };
        rows(
            &mut both,
            server,
            [(at, of(at), Ok(3)), (at, bind(3, at), Ok(0))],
        );
        rows(
            &mut both,
            client,
            [(to, of(to), Ok(3)), (to, connect(3, to), Ok(0))],
        );
        both.names(client, getsockname(3), &to.replace("7000", "40000"));
        let back = if to.starts_with('1') && at.starts_with('[') {
            "[::ffff:127.0.0.1]:40000".to_string()
        } else {
            to.replace("7000", "40000")
        };
        both.gives(server, connect(3, &back), Ok(0));
        echo(&mut both, (server, 3), (client, 3));
    }
    for name in [&b"\0rows"[..], b"rows.sock\0"] {
        let mut both = Both::new();
        let [server, client] = both.tasks();
        rows(
            &mut both,
            server,
            [
                ("unix", unix(SOCK_STREAM), Ok(3)),
                ("unix", bind_un(3, name), Ok(0)),
                ("unix", listen(3, 1), Ok(0)),
            ],
        );
        both.gives(client, unix(SOCK_STREAM), Ok(3));
        both.gives(client, connect_un(3, name), Ok(0));
        both.gives(server, accept(3), Ok(4));
        echo(&mut both, (server, 4), (client, 3));
    }
}

#[test]
fn connect_of_tcp() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let peer = || address("127.0.0.1:8080");
    rows(
        &mut both,
        client,
        [
            ("-1", connect(-1, "127.0.0.1:8080"), Err(EBADF)),
            ("memory", connect_raw(3, UserIn::Fault, 16), Err(EFAULT)),
            ("connected", connect(3, "127.0.0.1:8080"), Err(EISCONN)),
            ("not a socket", connect(1, "127.0.0.1:8080"), Err(ENOTSOCK)),
            ("another", socket(), Ok(4)),
            ("length 3", connect_raw(4, peer(), 3), Err(EINVAL)),
            ("any address", connect(4, "0.0.0.0:9"), Err(ECONNREFUSED)),
            (
                "family 47",
                connect_raw(4, with_family("127.0.0.1:8080", 47), 16),
                Err(EAFNOSUPPORT),
            ),
        ],
    );
}

#[test]
fn names_of_a_unix_pair() {
    let mut both = Both::new();
    let task = both.task();
    let peer = |addr, len| getpeername_raw(3, addr, len);
    let own = |addr, len| getsockname_raw(3, addr, len);
    rows(
        &mut both,
        task,
        [
            ("pair", socketpair(SOCK_STREAM), Ok(0)),
            ("peer, length -1", peer(WORD, int(-1)), Err(EINVAL)),
            ("peer, address", peer(UserOut::Fault, int(16)), Err(EFAULT)),
            ("peer, length", peer(WORD, UserIn::Fault), Err(EFAULT)),
            ("peer", peer(WORD, int(64)), Ok(0)),
            ("own, length -1", own(WORD, int(-1)), Err(EINVAL)),
            ("own, address", own(UserOut::Fault, int(16)), Err(EFAULT)),
            ("own, length", own(WORD, UserIn::Fault), Err(EFAULT)),
            ("bad fd", getpeername(BAD), Err(EBADF)),
            ("no socket", getpeername(1), Err(ENOTSOCK)),
            ("tcp", socket(), Ok(5)),
            ("bound", bind(5, "0.0.0.0:0"), Ok(0)),
            ("not connected", getpeername(5), Err(ENOTCONN)),
        ],
    );
}

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
fn options_of_tcp() {
    let mut both = Both::new();
    let task = both.task();
    let set = |level, name| setsockopt(3, level, name, int(1), 4);
    let get = |level, name| getsockopt(3, level, name);
    let oob = (SOL_SOCKET, SO_OOBINLINE);
    let inline = |value, len| setsockopt(3, oob.0, oob.1, value, len);
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            (
                "set, bad fd",
                setsockopt(BAD, oob.0, oob.1, int(1), 4),
                Err(EBADF),
            ),
            (
                "set, no socket",
                setsockopt(0, oob.0, oob.1, int(1), 4),
                Err(ENOTSOCK),
            ),
            ("set, memory", inline(UserIn::Fault, 4), Err(EFAULT)),
            ("set, length 0", inline(int(1), 0), Err(EINVAL)),
            ("set, level 500", set(500, SO_OOBINLINE), Err(ENOPROTOOPT)),
            (
                "set, level udp",
                set(IPPROTO_UDP, SO_OOBINLINE),
                Err(ENOPROTOOPT),
            ),
            ("set, ip -1", set(IPPROTO_IP, -1), Err(ENOPROTOOPT)),
            ("set, tcp -1", set(IPPROTO_TCP, -1), Err(ENOPROTOOPT)),
            ("get, bad fd", getsockopt(BAD, oob.0, oob.1), Err(EBADF)),
            ("get, no socket", getsockopt(0, oob.0, oob.1), Err(ENOTSOCK)),
            (
                "get, memory",
                getsockopt_raw(3, oob, UserOut::Fault, int(4)),
                Err(EFAULT),
            ),
            (
                "get, length",
                getsockopt_raw(3, oob, WORD, UserIn::Fault),
                Err(EFAULT),
            ),
            ("get, level 500", get(500, SO_OOBINLINE), Err(EOPNOTSUPP)),
            (
                "get, level udp",
                get(IPPROTO_UDP, SO_OOBINLINE),
                Err(EOPNOTSUPP),
            ),
            ("get, ip -1", get(IPPROTO_IP, -1), Err(ENOPROTOOPT)),
            ("get, tcp -1", get(IPPROTO_TCP, -1), Err(ENOPROTOOPT)),
            (
                "get, length -1",
                getsockopt_raw(3, oob, WORD, int(-1)),
                Err(EINVAL),
            ),
        ],
    );
}

#[test]
fn a_negative_buffer_size_by_force_is_the_smallest() {
    let mut both = Both::new();
    let root = both.root();
    both.gives(root, socket(), Ok(3));
    for (force, name) in [(SO_SNDBUFFORCE, SO_SNDBUF), (SO_RCVBUFFORCE, SO_RCVBUF)] {
        let call = setsockopt(3, SOL_SOCKET, force, int(-256), 4);
        rows(&mut both, root, [("negative", call, Ok(0))]);
        let reply = both.gives(root, getsockopt(3, SOL_SOCKET, name), Ok(0));
        assert!(option_in(&reply).is_some_and(|size| size > 0), "{reply:?}");
    }
}

#[test]
fn shutdown_of_a_unix_stream() {
    let again = Err(EAGAIN);
    for (how, receives, sends) in [
        (SHUT_RD, Ok(0), Ok(1)),
        (SHUT_WR, again, Err(EPIPE)),
        (SHUT_RDWR, Ok(0), Err(EPIPE)),
    ] {
        let mut both = Both::new();
        let task = both.task();
        rows(
            &mut both,
            task,
            [
                ("pair", socketpair(SOCK_STREAM), Ok(0)),
                ("shut", shutdown(3, how), Ok(0)),
                ("receive", recv_now(3, 1), receives),
                ("send", send_quiet(3, b"x"), sends),
            ],
        );
    }
    let mut both = Both::new();
    let task = both.task();
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            ("bad fd", shutdown(BAD, SHUT_RD), Err(EBADF)),
            ("-1", shutdown(3, -1), Err(EINVAL)),
            ("unconnected", shutdown(3, 2), Err(ENOTCONN)),
            ("no socket", shutdown(0, SHUT_RD), Err(ENOTSOCK)),
        ],
    );
}

#[test]
fn requests_of_ioctl() {
    const SIOCGIFCONF: i32 = 0x8912;
    const SIOCGIFFLAGS: i32 = 0x8913;
    const SIOCSIFFLAGS: i32 = 0x8914;
    let mut both = Both::new();
    let task = both.task();
    let fault = |fd, request| ioctl(fd, request, UserIn::Fault);
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            ("udp", udp(), Ok(4)),
            ("bad fd", ioctl(BAD, SIOCATMARK, int(0)), Err(EBADF)),
            ("pipe", pipe(), Ok(0)),
            ("not a socket", ioctl(5, SIOCATMARK, int(0)), Err(ENOTTY)),
            ("memory", fault(3, SIOCATMARK), Err(EFAULT)),
            ("mark", ioctl(3, SIOCATMARK, int(0)), Ok(0)),
            (
                "udp has none",
                ioctl(4, SIOCATMARK, UserIn::Bytes(vec![0; 40])),
                Err(ENOTTY),
            ),
            (
                "too short to be another",
                ioctl(4, SIOCATMARK, int(0)),
                Err(EFAULT),
            ),
            ("udp, memory", fault(4, FIONREAD), Err(EFAULT)),
            ("udp", ioctl(4, FIONREAD, int(7)), Ok(0)),
            ("udp", ioctl(4, TIOCOUTQ, int(7)), Ok(0)),
            ("devices, memory", fault(3, SIOCGIFCONF), Err(EFAULT)),
            ("flags, memory", fault(3, SIOCGIFFLAGS), Err(EFAULT)),
            ("new flags, memory", fault(3, SIOCSIFFLAGS), Err(EFAULT)),
        ],
    );
}

#[test]
fn epoll_in_numbers() {
    let mut both = Both::new();
    let task = both.task();
    rows(&mut both, task, [("epoll", epoll_create(), Ok(3))]);
    for fd in 4..7 {
        both.gives(task, udp(), Ok(fd));
        both.gives(task, epoll_add(3, fd as i32, EPOLLOUT), Ok(0));
    }
    rows(
        &mut both,
        task,
        [
            ("as many as asked for", epoll_wait(3, 2, 0), Ok(2)),
            ("twice", epoll_add(3, 4, EPOLLOUT), Err(EEXIST)),
            ("itself", epoll_add(3, 3, EPOLLIN), Err(EINVAL)),
            ("bad instance", epoll_add(BAD, 4, EPOLLIN), Err(EBADF)),
            ("bad fd", epoll_add(3, BAD, EPOLLIN), Err(EBADF)),
            (
                "no such operation",
                epoll_ctl(3, 9, 4, EPOLLIN),
                Err(EINVAL),
            ),
            ("maxevents 0", epoll_wait(3, 0, 0), Err(EINVAL)),
        ],
    );
    for fd in 7..1_024 {
        both.gives(task, dup(3), Ok(fd));
    }
    rows(
        &mut both,
        task,
        [
            ("epoll at the limit", epoll_create(), Err(EMFILE)),
            ("dup at the limit", dup(3), Err(EMFILE)),
            ("fcntl at the limit", fcntl(3, F_DUPFD, 9), Err(EMFILE)),
            ("pipe at the limit", pipe(), Err(EMFILE)),
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
    let large = MsgOut {
        control: Some(UserOut::Capacity(131_072)),
        controllen: 131_072,
        ..msg_out(1)
    };
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
            ("room for 128 KiB", recvmsg(4, large), Ok(1)),
        ],
    );
}
