//! Arguments of the calls on data, options and readiness: which error comes first.

use crate::arguments::{CLOSED, any, check, check_on};
use crate::common::calls::*;
use crate::harness::Both;

#[test]
fn buffers_beyond_the_address_space_come_before_or_after_the_descriptor() {
    let huge = [u64::MAX, 1 << 63, 0x7fff_ffff_f001];
    let mut both = Both::new();
    let [_, client] = both.pair();
    for len in huge {
        check_on(
            &mut both,
            client,
            [
                (send_raw(CLOSED, UserIn::Bytes(vec![1]), len, 0), Err(EBADF)),
                (recv_raw(CLOSED, UserOut::Capacity(1), len, 0), Err(EBADF)),
                (send_raw(3, UserIn::Bytes(vec![1]), len, 0), Err(EFAULT)),
                (
                    recv_raw(3, UserOut::Capacity(1), len, MSG_DONTWAIT),
                    Err(EAGAIN),
                ),
            ],
        );
    }
    let (buf, count) = (UserOut::Capacity(1), u64::MAX);
    both.gives(
        client,
        Syscall::Read {
            fd: CLOSED,
            buf,
            count,
        },
        Err(EBADF),
    );
    both.gives(client, Syscall::Read { fd: 3, buf, count }, Err(EFAULT));
    let count = 0x7fff_ffff_ffff;
    both.gives(client, Syscall::Read { fd: 3, buf, count }, Err(EFAULT));
    let buf = UserIn::Bytes(vec![1]);
    let write = |fd, count| Syscall::Write {
        fd,
        buf: buf.clone(),
        count,
    };
    both.gives(client, write(CLOSED, u64::MAX), Err(EBADF));
    both.gives(client, write(3, u64::MAX), Err(EFAULT));
    both.gives(client, write(3, 0x7fff_ffff_ffff), Err(EFAULT));
}

#[test]
fn send_checks_the_connection_before_the_buffer() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let fault = |fd, len| send_raw(fd, UserIn::Fault, len, MSG_NOSIGNAL);
    both.gives(client, socket(), Ok(4));
    check_on(
        &mut both,
        client,
        [
            (send_quiet(4, b"x"), Err(EPIPE)),
            (fault(4, 5), Err(EPIPE)),
            (fault(3, 5), Err(EFAULT)),
            (fault(3, 0), Ok(0)),
            (send(3, b""), Ok(0)),
            // A stream ignores the address, once it could be read.
            (sendto(3, b"ab", address("192.0.2.1:1"), 16), Ok(2)),
            (sendto(3, b"ab", with_family("192.0.2.1:1", 99), 16), Ok(2)),
            (sendto(3, b"ab", UserIn::Fault, 0), Ok(2)),
            (sendto(3, b"ab", UserIn::Fault, 16), Err(EFAULT)),
            (sendto(3, b"ab", UserIn::Fault, -1), Err(EINVAL)),
            (sendto(3, b"ab", any(), 129), Err(EINVAL)),
            (sendto(4, b"ab", UserIn::Fault, 16), Err(EFAULT)),
            (sendto(4, b"ab", address("127.0.0.1:8080"), 16), Err(EPIPE)),
            (shutdown(3, SHUT_WR), Ok(0)),
            (fault(3, 5), Err(EPIPE)),
            (send_quiet(3, b""), Err(EPIPE)),
        ],
    );
    both.kills(client, send(3, b"x"), 13);
}

#[test]
fn write_to_an_unconnected_socket_kills_and_a_listener_too() {
    let mut both = Both::new();
    let [a, b, c] = both.tasks();
    both.gives(a, socket(), Ok(3));
    both.kills(a, write(3, b"x"), 13);
    both.listens(b, "127.0.0.1:8080", 1);
    both.gives(b, send_quiet(3, b"x"), Err(EPIPE));
    both.gives(b, send_raw(3, UserIn::Fault, 0, MSG_NOSIGNAL), Err(EPIPE));
    both.kills(b, write(3, b"x"), 13);
    both.gives(c, socket(), Ok(3));
    both.kills(c, write(3, b""), 13);
}

#[test]
fn recv_checks_the_connection_before_the_buffer() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let fault = |fd, len, flags| recv_raw(fd, UserOut::Fault, len, flags);
    both.gives(client, socket(), Ok(4));
    check_on(
        &mut both,
        client,
        [
            (recv(4, 5), Err(ENOTCONN)),
            (recv(4, 0), Err(ENOTCONN)),
            (read(4, 5), Err(ENOTCONN)),
            (read(4, 0), Ok(0)),
            (fault(4, 5, 0), Err(ENOTCONN)),
            (recv_flags(4, 5, MSG_OOB), Err(EINVAL)),
            (recv_flags(3, 5, MSG_OOB), Err(EINVAL)),
            (recv_flags(3, 5, MSG_ERRQUEUE), Err(EAGAIN)),
            (recv_flags(4, 5, MSG_ERRQUEUE), Err(EAGAIN)),
            (recv_now(3, 5), Err(EAGAIN)),
            (recv_now(3, 0), Err(EAGAIN)),
            (fault(3, 5, MSG_DONTWAIT), Err(EAGAIN)),
            (read(3, 0), Ok(0)),
        ],
    );
    both.gives(server, recv(3, 5), Err(ENOTCONN));
    both.gives(server, send(4, b"0123456789"), Ok(10));
    check_on(
        &mut both,
        client,
        [
            (fault(3, 5, 0), Err(EFAULT)),
            (fault(3, 0, 0), Ok(0)),
            (recv(3, 0), Ok(0)),
        ],
    );
    both.gives_bytes(client, recv_raw(3, UserOut::Capacity(2), 2, 0), b"01");
    // A stream tells no address; its length says so.
    let from = |addr, addrlen| recvfrom(3, 2, 0, addr, addrlen);
    both.gives_bytes(client, from(UserOut::Capacity(16), int(16)), b"23");
    both.gives_bytes(client, from(UserOut::Fault, int(16)), b"45");
    both.gives(client, from(UserOut::Capacity(16), int(-1)), Err(EINVAL));
    both.gives(
        client,
        from(UserOut::Capacity(16), UserIn::Fault),
        Err(EFAULT),
    );
    both.gives(client, recv_now(3, 5), Err(EAGAIN));
}

#[test]
fn shutdown_checks_how_before_the_state() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, shutdown(3, -1), Err(EINVAL));
    both.gives(client, shutdown(3, 3), Err(EINVAL));
    both.gives(client, shutdown(3, i32::MAX), Err(EINVAL));
    both.gives(client, socket(), Ok(4));
    both.gives(client, shutdown(4, 3), Err(EINVAL));
    both.gives(client, shutdown(4, SHUT_RDWR), Err(ENOTCONN));
    both.gives(client, shutdown(4, SHUT_RD), Err(ENOTCONN));
    both.gives(server, shutdown(3, 9), Err(EINVAL));
    both.gives(server, shutdown(3, SHUT_WR), Ok(0));
    both.gives(client, socket(), Ok(5));
    both.gives(client, connect(5, "127.0.0.1:8080"), Ok(0));
    both.gives(server, shutdown(3, SHUT_RD), Ok(0));
    both.gives(client, recv(5, 1), Err(ECONNRESET));
    both.gives(server, accept(3), Err(EINVAL));
    both.gives(client, connect(4, "127.0.0.1:8080"), Err(ECONNREFUSED));
    // The connection at descriptor 4 still has the port, without SO_REUSEADDR.
    both.gives(server, listen(3, 1), Err(EADDRINUSE));
    both.gives(server, close(4), Ok(0));
    both.gives(client, connect(4, "127.0.0.1:8080"), Err(ECONNREFUSED));
}

#[test]
fn setsockopt_checks_length_level_option_and_memory() {
    let reuse = |value, len| setsockopt(3, SOL_SOCKET, SO_REUSEADDR, value, len);
    let set = |level, name, len| setsockopt(3, level, name, int(1), len);
    check([
        (socket(), Ok(3)),
        (reuse(int(1), 4), Ok(0)),
        (reuse(int(-7), 4), Ok(0)),
        (reuse(UserIn::Bytes(vec![1; 64]), 64), Ok(0)),
        (reuse(int(0), 4), Ok(0)),
        (reuse(int(1), 3), Err(EINVAL)),
        (reuse(int(1), 0), Err(EINVAL)),
        (reuse(int(1), -1), Err(EINVAL)),
        (reuse(UserIn::Fault, 4), Err(EFAULT)),
        (reuse(UserIn::Fault, 3), Err(EINVAL)),
        (reuse(UserIn::Bytes(vec![1, 0]), 4), Err(EFAULT)),
        (set(500, 1, 4), Err(ENOPROTOOPT)),
        (set(500, 1, -1), Err(EINVAL)),
        (set(IPPROTO_UDP, SO_REUSEADDR, 4), Err(ENOPROTOOPT)),
        (set(IPPROTO_IP, -1, 4), Err(ENOPROTOOPT)),
        (set(IPPROTO_TCP, -1, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, -1, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, 9999, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, -1, 3), Err(EINVAL)),
        (set(SOL_SOCKET, SO_ERROR, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, SO_TYPE, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, SO_ACCEPTCONN, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, SO_DOMAIN, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, SO_PROTOCOL, 4), Err(ENOPROTOOPT)),
        (set(SOL_SOCKET, SO_TYPE, 3), Err(EINVAL)),
        (set(IPPROTO_TCP, -1, 3), Err(EINVAL)),
        (set(IPPROTO_IP, -1, 0), Err(ENOPROTOOPT)),
        (set(IPPROTO_IPV6, IPV6_V6ONLY, 4), Err(ENOPROTOOPT)),
        (
            setsockopt(3, SOL_SOCKET, SO_TYPE, UserIn::Fault, 4),
            Err(EFAULT),
        ),
    ]);
}

#[test]
fn getsockopt_checks_length_level_option_and_memory() {
    let mut both = Both::new();
    let task = both.task();
    let room = UserOut::Capacity(64);
    let reuse = (SOL_SOCKET, SO_REUSEADDR);
    let get = |level, name| getsockopt_raw(3, (level, name), room, int(4));
    check_on(
        &mut both,
        task,
        [
            (socket(), Ok(3)),
            (socket6(), Ok(4)),
            (getsockopt_raw(3, reuse, room, int(64)), Ok(0)),
            (getsockopt_raw(3, reuse, room, int(3)), Ok(0)),
            (getsockopt_raw(3, reuse, room, int(1)), Ok(0)),
            (getsockopt_raw(3, reuse, room, int(0)), Ok(0)),
            (getsockopt_raw(3, reuse, UserOut::Fault, int(0)), Ok(0)),
            (getsockopt_raw(3, reuse, room, int(-1)), Err(EINVAL)),
            (getsockopt_raw(3, reuse, room, UserIn::Fault), Err(EFAULT)),
            (
                getsockopt_raw(3, reuse, UserOut::Fault, int(4)),
                Err(EFAULT),
            ),
            (
                getsockopt_raw(3, reuse, UserOut::Fault, int(9)),
                Err(EFAULT),
            ),
            (get(500, 1), Err(EOPNOTSUPP)),
            (get(IPPROTO_UDP, 1), Err(EOPNOTSUPP)),
            (get(IPPROTO_IP, -1), Err(ENOPROTOOPT)),
            (get(IPPROTO_TCP, -1), Err(ENOPROTOOPT)),
            (get(SOL_SOCKET, -1), Err(ENOPROTOOPT)),
            (get(IPPROTO_IPV6, IPV6_V6ONLY), Err(EOPNOTSUPP)),
            (get(SOL_SOCKET, 9999), Err(ENOPROTOOPT)),
            (
                getsockopt_raw(3, (SOL_SOCKET, 9999), room, int(-1)),
                Err(EINVAL),
            ),
            (
                getsockopt_raw(3, (500, 9999), UserOut::Fault, UserIn::Fault),
                Err(EOPNOTSUPP),
            ),
        ],
    );
    for (name, value) in [
        (SO_ERROR, 0),
        (SO_TYPE, SOCK_STREAM),
        (SO_ACCEPTCONN, 0),
        (SO_DOMAIN, AF_INET),
        (SO_PROTOCOL, IPPROTO_TCP),
        (SO_REUSEADDR, 0),
    ] {
        let reply = both.gives(task, getsockopt(3, SOL_SOCKET, name), Ok(0));
        assert_eq!(option_in(&reply), Some(value), "{name}");
    }
    both.gives(task, reuseaddr(3), Ok(0));
    both.gives(task, listen(3, 1), Ok(0));
    for name in [SO_REUSEADDR, SO_ACCEPTCONN] {
        let reply = both.gives(task, getsockopt(3, SOL_SOCKET, name), Ok(0));
        assert_eq!(option_in(&reply), Some(1), "{name}");
    }
    let reply = both.gives(task, getsockopt(4, SOL_SOCKET, SO_DOMAIN), Ok(0));
    assert_eq!(option_in(&reply), Some(AF_INET6));
}

#[test]
fn poll_and_nanosleep_check_counts_and_memory() {
    check([
        (poll_raw(UserIn::Fault, 0, 0), Ok(0)),
        (poll_raw(UserIn::Fault, 1, 0), Err(EFAULT)),
        (poll_raw(UserIn::Bytes(vec![0; 7]), 1, 0), Err(EFAULT)),
        (poll_raw(UserIn::Fault, 1025, 0), Err(EINVAL)),
        (poll_raw(UserIn::Fault, u32::MAX, -1), Err(EINVAL)),
        (poll_raw(UserIn::Fault, 1024, 0), Err(EFAULT)),
        (poll(&[], 0), Ok(0)),
        (poll(&[], -0), Ok(0)),
        (
            Syscall::Nanosleep {
                req: UserIn::Fault,
                rem: None,
            },
            Err(EFAULT),
        ),
        (
            Syscall::Nanosleep {
                req: UserIn::Bytes(vec![0; 15]),
                rem: None,
            },
            Err(EFAULT),
        ),
        (sleep_raw(-1, 0), Err(EINVAL)),
        (sleep_raw(0, -1), Err(EINVAL)),
        (sleep_raw(0, 1_000_000_000), Err(EINVAL)),
        (sleep_raw(i64::MIN, 5), Err(EINVAL)),
    ]);
}

#[test]
fn a_fault_is_not_met_before_the_handshake_is_over() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 0);
    for fd in [3, 4] {
        both.gives(client, nonblocking(), Ok(fd));
        let begun = connect(fd as i32, "127.0.0.1:8080");
        both.gives(client, begun, Err(EINPROGRESS));
    }
    for (fd, expected) in [(3, EFAULT), (4, EAGAIN)] {
        let faulty = Syscall::Sendto {
            fd,
            buf: UserIn::Fault,
            len: 3,
            flags: MSG_NOSIGNAL,
            addr: None,
            addrlen: 0,
        };
        both.gives(client, faulty, Err(expected));
    }
}
