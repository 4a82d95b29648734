//! Rows about sockets and their names: socket(2), bind(2), listen(2), accept(2), connect(2), getsockname(2).

use super::*;

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
