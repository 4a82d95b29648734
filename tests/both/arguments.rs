//! Arguments: which error comes first, call by call.

use crate::common::calls::*;
use crate::harness::{Both, Task};

/// A descriptor that is open and no socket, one that is not open, and one that cannot be.
const FILE: i32 = 1;
pub(crate) const CLOSED: i32 = 9;

fn ten(len: i32) -> UserIn {
    UserIn::Bytes(vec![7; len as usize])
}

pub(crate) fn any() -> UserIn {
    address("0.0.0.0:0")
}

/// Calls and answers, in order, by one task.
pub(crate) fn check(calls: impl IntoIterator<Item = (Syscall, Result<u64, Errno>)>) {
    let mut both = Both::new();
    let task = both.task();
    check_on(&mut both, task, calls);
}

pub(crate) fn check_on(
    both: &mut Both,
    task: Task,
    calls: impl IntoIterator<Item = (Syscall, Result<u64, Errno>)>,
) {
    for (call, expected) in calls {
        both.gives(task, call, expected);
    }
}

#[test]
fn socket_checks_type_flags_then_family_then_type_then_protocol() {
    check([
        (socket_of(AF_INET, SOCK_STREAM, IPPROTO_TCP), Ok(3)),
        (socket_of(AF_INET6, SOCK_STREAM, IPPROTO_TCP), Ok(4)),
        (
            socket_of(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
            Ok(5),
        ),
        (socket_of(0, SOCK_STREAM, 0), Err(EAFNOSUPPORT)),
        (socket_of(-1, SOCK_STREAM, 0), Err(EAFNOSUPPORT)),
        (socket_of(46, SOCK_STREAM, 0), Err(EAFNOSUPPORT)),
        (socket_of(1000, 15, 0), Err(EAFNOSUPPORT)),
        (socket_of(AF_INET, 75, 0), Err(EINVAL)),
        (socket_of(0, 75, 0), Err(EINVAL)),
        (socket_of(AF_INET, 0, 0), Err(ESOCKTNOSUPPORT)),
        (socket_of(AF_INET, 11, 0), Err(EINVAL)),
        (socket_of(AF_INET, 15, 0), Err(EINVAL)),
        (socket_of(AF_INET, -1, 0), Err(EINVAL)),
        (socket_of(AF_INET, 7, 0), Err(ESOCKTNOSUPPORT)),
        (socket_of(AF_INET, SOCK_SEQPACKET, 0), Err(ESOCKTNOSUPPORT)),
        (socket_of(AF_INET, SOCK_STREAM | 0x1000, 0), Err(EINVAL)),
        (
            socket_of(AF_INET, SOCK_STREAM, IPPROTO_UDP),
            Err(EPROTONOSUPPORT),
        ),
        (
            socket_of(AF_INET, SOCK_DGRAM, IPPROTO_TCP),
            Err(EPROTONOSUPPORT),
        ),
        (
            socket_of(AF_INET, SOCK_STREAM, IPPROTO_ICMP),
            Err(EPROTONOSUPPORT),
        ),
        (socket_of(AF_INET, SOCK_RAW, 0), Err(EPROTONOSUPPORT)),
        (socket_of(AF_INET, SOCK_STREAM, -1), Err(EINVAL)),
        (socket_of(AF_INET, SOCK_STREAM, 1000), Err(EINVAL)),
        (socket_of(AF_INET, SOCK_STREAM, 263), Err(EINVAL)),
        (socket_of(AF_INET, 7, 263), Err(EINVAL)),
        (socket_of(AF_INET, SOCK_STREAM, 200), Err(EPROTONOSUPPORT)),
        (socket_of(AF_INET6, SOCK_STREAM, 1), Err(EPROTONOSUPPORT)),
        (socket_of(AF_INET6, SOCK_RAW, 0), Err(EPROTONOSUPPORT)),
    ]);
}

#[test]
fn a_bad_descriptor_comes_before_everything_and_a_file_before_the_rest() {
    let fault = || UserIn::Fault;
    let each = |fd: i32| {
        [
            bind_raw(fd, fault(), -1),
            connect_raw(fd, fault(), -1),
            listen(fd, 1),
            accept_raw(fd, UserOut::Fault, fault()),
            shutdown(fd, 99),
            getsockname_raw(fd, UserOut::Fault, fault()),
            getpeername_raw(fd, UserOut::Fault, fault()),
            setsockopt(fd, 500, -1, fault(), -1),
            getsockopt_raw(fd, (500, -1), UserOut::Fault, fault()),
            send_raw(fd, fault(), 5, 0),
            recv_raw(fd, UserOut::Fault, 5, 0),
            sendto(fd, b"x", fault(), -1),
            recvfrom(fd, 5, 0, UserOut::Fault, int(-1)),
        ]
    };
    for fd in [CLOSED, -1, i32::MAX, i32::MIN] {
        check(each(fd).map(|call| (call, Err(EBADF))));
    }
    check(each(FILE).map(|call| {
        let connect = matches!(call, Syscall::Connect { .. });
        (call, Err(if connect { EINVAL } else { ENOTSOCK }))
    }));
    check([
        (accept4(CLOSED, 1), Err(EBADF)),
        (accept4(FILE, 1), Err(EINVAL)),
        (accept4(FILE, 0), Err(ENOTSOCK)),
        (close(CLOSED), Err(EBADF)),
        (close(-1), Err(EBADF)),
        (read(CLOSED, 5), Err(EBADF)),
        (write(CLOSED, b"x"), Err(EBADF)),
        (close(0), Ok(0)),
        (close(0), Err(EBADF)),
    ]);
}

#[test]
fn bind_checks_length_memory_family_address_and_state() {
    check([
        (socket(), Ok(3)),
        (bind_raw(3, any(), -1), Err(EINVAL)),
        (bind_raw(3, UserIn::Fault, -1), Err(EINVAL)),
        (bind_raw(3, ten(200), 129), Err(EINVAL)),
        (bind_raw(3, UserIn::Fault, 129), Err(EINVAL)),
        (bind_raw(3, UserIn::Fault, 16), Err(EFAULT)),
        (bind_raw(3, UserIn::Fault, 3), Err(EFAULT)),
        (bind_raw(3, UserIn::Fault, 0), Err(EINVAL)),
        (bind_raw(3, any(), 0), Err(EINVAL)),
        (bind_raw(3, any(), 1), Err(EINVAL)),
        (bind_raw(3, any(), 3), Err(EINVAL)),
        (bind_raw(3, any(), 15), Err(EINVAL)),
        (
            bind_raw(3, with_family("127.0.0.1:0", AF_UNIX), 15),
            Err(EINVAL),
        ),
        (
            bind_raw(3, with_family("127.0.0.1:0", AF_UNIX), 16),
            Err(EAFNOSUPPORT),
        ),
        (
            bind_raw(3, with_family("127.0.0.1:0", AF_UNSPEC), 16),
            Err(EAFNOSUPPORT),
        ),
        (
            bind_raw(3, with_family("127.0.0.1:0", 300), 16),
            Err(EAFNOSUPPORT),
        ),
        (bind(3, "[::1]:0"), Err(EAFNOSUPPORT)),
        (bind(3, "10.255.254.253:0"), Err(EADDRNOTAVAIL)),
        (bind(3, "10.255.254.253:80"), Err(EADDRNOTAVAIL)),
        (bind(3, "127.0.0.1:80"), Err(EACCES)),
        (bind(3, "127.0.0.1:1023"), Err(EACCES)),
        (bind(3, "127.255.255.254:4000"), Ok(0)),
        (bind(3, "127.0.0.1:4001"), Err(EINVAL)),
        (bind(3, "127.0.0.1:80"), Err(EACCES)),
        (bind(3, "10.255.254.253:0"), Err(EADDRNOTAVAIL)),
        (socket(), Ok(4)),
        (
            bind_raw(4, with_family("0.0.0.0:4002", AF_UNSPEC), 16),
            Ok(0),
        ),
        (socket(), Ok(5)),
        (bind_raw(5, any(), 16), Ok(0)),
        (socket(), Ok(6)),
        // More room than an address needs, up to sockaddr_storage.
        (bind_raw(6, longer("127.0.0.1:4003"), 128), Ok(0)),
        // Addresses of nobody in particular are taken.
        (socket(), Ok(7)),
        (bind(7, "255.255.255.255:4000"), Ok(0)),
        (socket(), Ok(8)),
        (bind(8, "224.0.0.1:4000"), Ok(0)),
        (listen(8, 1), Ok(0)),
    ]);
}

fn longer(text: &str) -> UserIn {
    let mut bytes = address_bytes(text);
    bytes.resize(128, 0);
    UserIn::Bytes(bytes)
}

#[test]
fn bind_on_ipv6_checks_in_its_own_order() {
    let v6 = |text: &str, len: i32| bind_raw(3, address(text), len);
    check([
        (socket6(), Ok(3)),
        (v6("[::1]:4000", 23), Err(EINVAL)),
        (bind(3, "127.0.0.1:4000"), Err(EINVAL)),
        (
            bind_raw(3, with_family("[::1]:4000", AF_INET), 28),
            Err(EAFNOSUPPORT),
        ),
        (
            bind_raw(3, with_family("[::]:4000", AF_UNSPEC), 28),
            Err(EAFNOSUPPORT),
        ),
        (v6("[2001:db8::1]:80", 28), Err(EACCES)),
        (v6("[2001:db8::1]:4000", 28), Err(EADDRNOTAVAIL)),
        (v6("[ff02::1]:4000", 28), Err(EINVAL)),
        (v6("[ff02::1]:80", 28), Err(EINVAL)),
        (v6("[::ffff:10.255.254.253]:4000", 28), Err(EADDRNOTAVAIL)),
        (v6("[fe80::1]:4000", 28), Err(EINVAL)),
        (v6("[::1]:4000", 24), Ok(0)),
        (v6("[::1]:4001", 28), Err(EINVAL)),
        (v6("[::1]:80", 28), Err(EACCES)),
        (v6("[2001:db8::1]:4000", 28), Err(EINVAL)),
        (socket6(), Ok(4)),
        (bind_raw(4, address("[::ffff:127.0.0.1]:4000"), 28), Ok(0)),
        (socket6(), Ok(5)),
        (
            bind_raw(5, address("[::ffff:127.0.0.1]:4000"), 28),
            Err(EADDRINUSE),
        ),
        (bind(5, "[fe80::1%1]:4000"), Err(EADDRNOTAVAIL)),
        (bind(5, "[fe80::1%7]:4000"), Err(ENODEV)),
    ]);
}

#[test]
fn connect_checks_length_memory_state_and_family() {
    let raw = |addr, len| connect_raw(3, addr, len);
    check([
        (socket(), Ok(3)),
        (raw(any(), -1), Err(EINVAL)),
        (raw(UserIn::Fault, 129), Err(EINVAL)),
        (raw(UserIn::Fault, 16), Err(EFAULT)),
        (raw(UserIn::Fault, 3), Err(EFAULT)),
        (raw(any(), 0), Err(EINVAL)),
        (raw(any(), 1), Err(EINVAL)),
        (raw(address("127.0.0.1:1"), 3), Err(EINVAL)),
        (raw(address("127.0.0.1:1"), 15), Err(EINVAL)),
        (raw(with_family("127.0.0.1:1", 47), 16), Err(EAFNOSUPPORT)),
        (raw(with_family("127.0.0.1:1", 47), 2), Err(EINVAL)),
        (connect(3, "[::1]:1"), Err(EAFNOSUPPORT)),
        (connect(3, "127.0.0.1:1"), Err(ECONNREFUSED)),
        (connect(3, "0.0.0.0:1"), Err(ECONNREFUSED)),
        (connect(3, "127.0.0.1:0"), Err(ECONNREFUSED)),
        (connect(3, "192.0.2.1:1"), Err(ENETUNREACH)),
        (connect(3, "255.255.255.255:1"), Err(ENETUNREACH)),
        (connect(3, "224.0.0.1:1"), Err(ENETUNREACH)),
        // AF_UNSPEC dissolves nothing here, and needs no more than a family.
        (raw(UserIn::Bytes(vec![0, 0]), 2), Ok(0)),
        (disconnect(3), Ok(0)),
        (socket6(), Ok(4)),
        (connect_raw(4, address("[::1]:1"), 23), Err(EINVAL)),
        (connect_raw(4, address("[::1]:1"), 24), Err(ECONNREFUSED)),
        (connect(4, "[::ffff:127.0.0.1]:1"), Err(ECONNREFUSED)),
        (socket6(), Ok(5)),
        (connect(5, "[::]:1"), Err(ECONNREFUSED)),
        (connect(4, "[2001:db8::1]:1"), Err(ENETUNREACH)),
        (connect(4, "[ff02::1]:1"), Err(ENETUNREACH)),
        (
            connect_raw(4, with_family("[::1]:1", AF_INET), 28),
            Err(EAFNOSUPPORT),
        ),
        (connect_raw(4, address("127.0.0.1:1"), 16), Err(EINVAL)),
    ]);
}

#[test]
fn connect_on_a_connected_or_listening_socket() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EISCONN));
    both.gives(client, connect(3, "127.0.0.1:1"), Err(EISCONN));
    both.gives(
        client,
        connect_raw(3, address("127.0.0.1:1"), 3),
        Err(EISCONN),
    );
    both.gives(client, connect_raw(3, UserIn::Fault, 16), Err(EFAULT));
    both.gives(server, connect(4, "127.0.0.1:1"), Err(EISCONN));
    both.gives(server, connect(3, "127.0.0.1:8080"), Err(EISCONN));
}

#[test]
fn accept_checks_descriptor_flags_state_and_address_last() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    let (fault, room) = (UserOut::Fault, UserOut::Capacity(16));
    both.gives(server, socket(), Ok(3));
    both.gives(server, accept(3), Err(EINVAL));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, accept(3), Err(EINVAL));
    both.gives(server, accept_raw(3, fault, UserIn::Fault), Err(EINVAL));
    both.gives(server, accept4(3, 1), Err(EINVAL));
    both.gives(server, listen(3, 8), Ok(0));
    both.gives(server, accept4(3, MSG_DONTWAIT), Err(EINVAL));
    for fd in 3..10 {
        both.gives(client, socket(), Ok(fd));
        both.gives(client, connect(fd as i32, "127.0.0.1:8080"), Ok(0));
    }
    // Each of these takes a connection off the queue and loses it.
    both.gives(server, accept_raw(3, fault, UserIn::Fault), Err(EFAULT));
    both.gives(client, recv(3, 1), Ok(0));
    both.gives(server, accept_raw(3, room, UserIn::Fault), Err(EFAULT));
    both.gives(server, accept_raw(3, fault, int(16)), Err(EFAULT));
    both.gives(server, accept_raw(3, room, int(-1)), Err(EINVAL));
    both.gives(server, accept_raw(3, fault, int(0)), Ok(4));
    both.gives(server, accept_raw(3, UserOut::Capacity(5), int(5)), Ok(5));
    both.gives(server, accept_named(3), Ok(6));
    both.gives(server, accept_raw(6, room, int(16)), Err(EINVAL));
}

#[test]
fn listen_takes_any_backlog_but_only_an_unconnected_socket() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, listen(3, -1), Ok(0));
    both.gives(server, listen(3, i32::MIN), Ok(0));
    both.gives(server, listen(3, i32::MAX), Ok(0));
    both.gives(server, listen(4, 1), Err(EINVAL));
    both.gives(client, listen(3, 1), Err(EINVAL));
    both.gives(client, socket(), Ok(4));
    both.gives(client, listen(4, 0), Ok(0));
    both.names(client, getsockname(4), "0.0.0.0:50001");
}

#[test]
fn names_check_length_word_then_length_then_address() {
    let (fault, room) = (UserOut::Fault, UserOut::Capacity(128));
    let mut both = Both::new();
    let [server, client] = both.pair();
    for call in [getsockname_raw, getpeername_raw] {
        check_on(
            &mut both,
            client,
            [
                (call(3, room, UserIn::Fault), Err(EFAULT)),
                (call(3, fault, UserIn::Fault), Err(EFAULT)),
                (call(3, fault, int(-1)), Err(EINVAL)),
                (call(3, room, int(-1)), Err(EINVAL)),
                (call(3, room, int(i32::MIN)), Err(EINVAL)),
                (call(3, fault, int(16)), Err(EFAULT)),
                (call(3, fault, int(100)), Err(EFAULT)),
                (call(3, fault, int(1)), Err(EFAULT)),
                (call(3, fault, int(0)), Ok(0)),
                (call(3, room, int(0)), Ok(0)),
                (call(3, room, int(1)), Ok(0)),
                (call(3, room, int(7)), Ok(0)),
                (call(3, room, int(16)), Ok(0)),
                (call(3, room, int(128)), Ok(0)),
                (call(3, room, int(i32::MAX)), Ok(0)),
                (call(3, room, UserIn::Bytes(vec![16])), Err(EFAULT)),
            ],
        );
    }
    both.names(client, getpeername(3), "127.0.0.1:8080");
    both.names(client, getsockname(3), "127.0.0.1:40000");
    both.names(server, getpeername(4), "127.0.0.1:40000");
    both.names(server, getsockname(4), "127.0.0.1:8080");
    both.gives(server, getpeername(3), Err(ENOTCONN));
    both.gives(
        server,
        getpeername_raw(3, fault, UserIn::Fault),
        Err(ENOTCONN),
    );
    both.gives(server, getpeername_raw(3, fault, int(-1)), Err(ENOTCONN));
    both.gives(server, socket(), Ok(5));
    both.names(server, getsockname(5), "0.0.0.0:0");
    both.gives(server, socket6(), Ok(6));
    both.names(server, getsockname(6), "[::]:0");
    both.gives(server, getpeername(6), Err(ENOTCONN));
}
