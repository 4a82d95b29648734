//! UDP: what is refused, and errors that come back.

use crate::common::calls::*;
use crate::harness::{Both, Task};

#[track_caller]
fn socket_at(both: &mut Both, fd: u64) -> Task {
    let task = both.task();
    for fd in 3..=fd {
        both.gives(task, udp(), Ok(fd));
    }
    task
}

/// A socket that is connected to a port where nobody is.
#[track_caller]
fn refused(both: &mut Both) -> Task {
    let task = socket_at(both, 3);
    both.gives(task, connect(3, "127.0.0.1:9"), Ok(0));
    both.gives(task, send(3, b"x"), Ok(1));
    task
}

fn so_error(fd: i32) -> Syscall {
    getsockopt(fd, SOL_SOCKET, SO_ERROR)
}

#[track_caller]
fn pending(both: &mut Both, task: Task, errno: i32) {
    let reply = both.gives(task, so_error(3), Ok(0));
    assert_eq!(option_in(&reply), Some(errno));
}

#[test]
fn port_unreachable_reaches_a_connected_socket_once() {
    let mut both = Both::datagrams();
    let task = refused(&mut both);
    both.gives(task, send(3, b"x"), Err(ECONNREFUSED));
    both.gives(task, send(3, b"x"), Ok(1));
    let all = POLLIN | POLLOUT;
    both.polls(task, &[(3, all)], 0, &[POLLOUT | POLLERR]);
    both.gives(task, recv_flags(3, 1, MSG_PEEK), Err(ECONNREFUSED));
    both.gives(task, recv_now(3, 1), Err(EAGAIN));
    both.gives(task, send(3, b""), Ok(0));
    pending(&mut both, task, 111);
    pending(&mut both, task, 0);
    // Who sleeps in recv(2) is told.
    let [task, other] = both.tasks();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(task, connect(3, "127.0.0.1:9"), Ok(0));
    both.gives(other, udp(), Ok(3));
    both.sleeps(task, recv(3, 1));
    both.gives(other, send_to(3, b"x", "127.0.0.1:8080"), Ok(1));
    both.still_sleeps(task);
}

#[test]
fn an_unconnected_socket_is_not_told() {
    let mut both = Both::datagrams();
    let task = socket_at(&mut both, 3);
    for _ in 0..2 {
        both.gives(task, send_to(3, b"x", "127.0.0.1:9"), Ok(1));
    }
    both.gives(task, recv_now(3, 1), Err(EAGAIN));
    pending(&mut both, task, 0);
    // Nor a connected one about a datagram for somebody else.
    both.gives(task, connect(3, "127.0.0.1:10"), Ok(0));
    both.gives(task, send_to(3, b"x", "127.0.0.1:9"), Ok(1));
    pending(&mut both, task, 0);
}

#[test]
fn the_error_comes_before_datagrams_that_wait() {
    let mut both = Both::datagrams();
    let [server, client] = both.tasks();
    both.gives(server, udp(), Ok(3));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, udp(), Ok(3));
    both.gives(client, bind(3, "127.0.0.1:9090"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, send_to(3, b"data", "127.0.0.1:9090"), Ok(4));
    both.gives(server, close(3), Ok(0));
    both.gives(client, send(3, b"x"), Ok(1));
    both.polls(client, &[(3, POLLIN)], 0, &[POLLIN | POLLERR]);
    both.gives(client, recv_now(3, 9), Err(ECONNREFUSED));
    both.gives_bytes(client, recv_now(3, 9), b"data");
}

#[test]
fn the_error_waits_for_a_call_that_gets_so_far() {
    let mut both = Both::datagrams();
    let big = vec![b'x'; 65_508];
    let calls = [
        (connect(3, "127.0.0.1:10"), Ok(0)),
        (disconnect(3), Ok(0)),
        (send(3, &big), Err(EMSGSIZE)),
        (send_flags(3, b"x", MSG_OOB), Err(EOPNOTSUPP)),
        (send_to(3, b"x", "10.0.0.1:9"), Err(ENETUNREACH)),
    ];
    for (call, result) in calls {
        let task = refused(&mut both);
        both.gives(task, call, result);
        pending(&mut both, task, 111);
    }
    // Before EPIPE and EFAULT.
    let task = refused(&mut both);
    both.gives(task, shutdown(3, SHUT_WR), Ok(0));
    both.gives(task, send(3, b"x"), Err(ECONNREFUSED));
    both.gives(task, send(3, b"x"), Err(EPIPE));
    let task = refused(&mut both);
    both.gives(task, send_raw(3, UserIn::Fault, 5, 0), Err(ECONNREFUSED));
    both.gives(task, send_raw(3, UserIn::Fault, 5, 0), Err(EFAULT));
}

#[test]
fn over_ipv6_port_unreachable_is_the_same() {
    let mut both = Both::datagrams();
    for to in ["[::1]:9", "[::ffff:127.0.0.1]:9"] {
        let task = both.task();
        both.gives(task, udp6(), Ok(3));
        both.gives(task, connect(3, to), Ok(0));
        both.gives(task, send(3, b"x"), Ok(1));
        pending(&mut both, task, 111);
    }
}

#[test]
fn sendto_checks_its_destination() {
    let mut both = Both::datagrams();
    let to = "127.0.0.1:9";
    for (call, result) in [
        (send(3, b"x"), Err(EDESTADDRREQ)),
        (write(3, b""), Err(EDESTADDRREQ)),
        (send_to(3, b"x", "127.0.0.1:0"), Err(EINVAL)),
        (sendto(3, b"x", address(to), 15), Err(EINVAL)),
        (sendto(3, b"x", address(to), 1), Err(EINVAL)),
        (sendto(3, b"x", address(to), 0), Err(EINVAL)),
        (sendto(3, b"x", address(to), -1), Err(EINVAL)),
        (sendto(3, b"x", address(to), 129), Err(EINVAL)),
        (sendto(3, b"x", UserIn::Fault, 16), Err(EFAULT)),
        (
            sendto(3, b"x", with_family(to, AF_INET6), 16),
            Err(EAFNOSUPPORT),
        ),
        (sendto(3, b"x", with_family(to, AF_UNSPEC), 16), Ok(1)),
        (send_to(3, b"x", "10.0.0.1:9"), Err(ENETUNREACH)),
        (send_to(3, b"x", "255.255.255.255:9"), Err(ENETUNREACH)),
        (send_to(3, b"x", "127.255.255.255:9"), Err(EACCES)),
        (send_flags(3, b"x", MSG_OOB), Err(EOPNOTSUPP)),
        (send_flags(3, &[0; 65_536], MSG_OOB), Err(EMSGSIZE)),
        (send_raw(3, UserIn::Fault, 5, 0), Err(EDESTADDRREQ)),
    ] {
        let task = socket_at(&mut both, 3);
        both.gives(task, call, result);
    }
    // The port is taken even then.
    let task = socket_at(&mut both, 3);
    both.gives(task, send_to(3, b"x", "127.0.0.1:0"), Err(EINVAL));
    both.gives(task, bind(3, "127.0.0.1:8080"), Err(EINVAL));
    // But not by an address that cannot be read.
    let task = socket_at(&mut both, 3);
    both.gives(task, sendto(3, b"x", UserIn::Fault, 16), Err(EFAULT));
    both.gives(task, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(task, sendto(4, b"x", UserIn::Fault, 16), Err(EBADF));
    both.gives(task, sendto(1, b"x", address(to), 16), Err(ENOTSOCK));
}

#[test]
fn sendto_on_ipv6_checks_in_its_own_order() {
    let mut both = Both::datagrams();
    let (to, v4) = ("[::1]:9", "127.0.0.1:9");
    for (call, result) in [
        (send(3, b"x"), Err(EDESTADDRREQ)),
        (sendto(3, b"x", address(to), 1), Err(EINVAL)),
        (sendto(3, b"x", address(to), 2), Err(EINVAL)),
        (sendto(3, b"x", address(to), 23), Err(EINVAL)),
        (sendto(3, b"x", address(to), 24), Ok(1)),
        (sendto(3, b"x", address(v4), 15), Err(EINVAL)),
        (sendto(3, b"x", address(v4), 16), Ok(1)),
        (
            sendto(3, b"x", with_family(to, AF_UNSPEC), 2),
            Err(EDESTADDRREQ),
        ),
        (sendto(3, b"x", with_family(to, 5), 28), Err(EINVAL)),
        (send_to(3, b"x", "[::1]:0"), Err(EINVAL)),
        (send_to(3, b"x", "[::ffff:127.0.0.1]:0"), Err(EINVAL)),
        (send_to(3, b"x", "[::]:9"), Ok(1)),
        (send_to(3, b"x", "[fd00::1]:9"), Err(ENETUNREACH)),
        (send_to(3, b"x", "[::ffff:10.0.0.1]:9"), Err(ENETUNREACH)),
        (send_to(3, b"x", "[ff02::1]:9"), Err(ENETUNREACH)),
    ] {
        let task = both.task();
        both.gives(task, udp6(), Ok(3));
        both.gives(task, call, result);
        both.gives(task, bind(3, "[::1]:8080"), Err(EINVAL));
    }
    // Urgent data is refused over IPv4 only.
    let oob = |to: &str| Syscall::Sendto {
        fd: 3,
        buf: UserIn::Bytes(b"x".to_vec()),
        len: 1,
        flags: MSG_OOB,
        addr: Some(address(to)),
        addrlen: 28,
    };
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    both.gives(task, oob("[::1]:9"), Ok(1));
    both.gives(task, oob("[::ffff:127.0.0.1]:9"), Err(EOPNOTSUPP));
}

#[test]
fn connect_takes_a_port_before_it_looks_at_the_address() {
    let mut both = Both::datagrams();
    let to = "127.0.0.1:9";
    for (call, result) in [
        (connect_raw(3, address(to), 15), Err(EINVAL)),
        (connect_raw(3, with_family(to, 7), 16), Err(EAFNOSUPPORT)),
        (connect(3, "10.0.0.1:9"), Err(ENETUNREACH)),
        (connect(3, "255.255.255.255:9"), Err(ENETUNREACH)),
        (connect(3, "224.0.0.1:9"), Err(ENETUNREACH)),
        (connect(3, "127.255.255.255:9"), Err(EACCES)),
    ] {
        let task = socket_at(&mut both, 3);
        both.gives(task, call, result);
        both.gives(task, getpeername(3), Err(ENOTCONN));
        both.gives(task, bind(3, "127.0.0.1:8080"), Err(EINVAL));
    }
    // Too short for a family, and nothing has been done.
    for len in [0, 1] {
        let task = socket_at(&mut both, 3);
        both.gives(task, connect_raw(3, address(to), len), Err(EINVAL));
        both.gives(task, bind(3, "127.0.0.1:0"), Ok(0));
    }
    for (to, result) in [
        ("[ff02::1]:9", Err(EINVAL)),
        ("[fe80::1]:9", Err(EINVAL)),
        ("[fd00::1]:9", Err(ENETUNREACH)),
        ("[::ffff:10.0.0.1]:9", Err(ENETUNREACH)),
        ("10.0.0.1:9", Err(ENETUNREACH)),
    ] {
        let task = both.task();
        both.gives(task, udp6(), Ok(3));
        both.gives(task, connect(3, to), result);
    }
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    both.gives(task, connect_raw(3, address("[::1]:9"), 23), Err(EINVAL));
    both.gives(
        task,
        connect_raw(3, with_family("[::1]:9", 5), 28),
        Err(EAFNOSUPPORT),
    );
    both.gives(task, connect_raw(3, address(to), 15), Err(EINVAL));
    // A failed second connect(2) leaves the first.
    let task = socket_at(&mut both, 3);
    both.gives(task, connect(3, to), Ok(0));
    both.gives(task, connect(3, "10.0.0.1:9"), Err(ENETUNREACH));
    both.names(task, getpeername(3), to);
}

#[test]
fn port_0_is_a_peer_that_is_none() {
    let mut both = Both::datagrams();
    let task = socket_at(&mut both, 3);
    both.gives(task, connect(3, "127.0.0.1:0"), Ok(0));
    both.names(task, getsockname(3), "127.0.0.1:40000");
    both.gives(task, getpeername(3), Err(ENOTCONN));
    both.gives(task, send(3, b"x"), Ok(1));
    both.gives(task, send(3, b"x"), Err(ECONNREFUSED));
}

#[test]
fn a_buffer_that_cannot_be_written_loses_the_datagram() {
    let mut both = Both::datagrams();
    let [server, client] = both.tasks();
    both.gives(server, udp(), Ok(3));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, udp(), Ok(3));
    let sent = send_to(3, b"hey", "127.0.0.1:8080");
    let bad = |flags| recv_raw(3, UserOut::Fault, 3, flags);
    both.gives(client, sent.clone(), Ok(3));
    both.gives(server, bad(0), Err(EFAULT));
    both.gives(server, recv_now(3, 9), Err(EAGAIN));
    both.gives(client, sent.clone(), Ok(3));
    both.gives(server, bad(MSG_PEEK), Err(EFAULT));
    both.gives_bytes(server, recv_now(3, 9), b"hey");
    both.gives(client, sent.clone(), Ok(3));
    both.gives(server, recv_raw(3, UserOut::Fault, 0, 0), Ok(0));
    both.gives(server, recv_now(3, 9), Err(EAGAIN));
    both.gives(client, send_to(3, b"", "127.0.0.1:8080"), Ok(0));
    both.gives(server, bad(0), Ok(0));
    // So does an address length that makes no sense; a short one cuts the address.
    both.gives(client, sent.clone(), Ok(3));
    let name = UserOut::Capacity(16);
    both.gives(server, recvfrom(3, 9, 0, name, int(-1)), Err(EINVAL));
    both.gives(server, recv_now(3, 9), Err(EAGAIN));
    both.gives(client, sent.clone(), Ok(3));
    both.gives(
        server,
        recvfrom(3, 9, 0, UserOut::Fault, int(16)),
        Err(EFAULT),
    );
    both.gives(server, recv_now(3, 9), Err(EAGAIN));
    both.gives(client, sent, Ok(3));
    let reply = both.gives(server, recvfrom(3, 9, 0, name, int(4)), Ok(3));
    assert_eq!(reply.written(5), Some(&16u32.to_le_bytes()[..]));
    assert_eq!(reply.written(4).map(<[u8]>::len), Some(4));
}

#[test]
fn there_is_no_urgent_data_and_no_error_to_take() {
    let mut both = Both::datagrams();
    let task = socket_at(&mut both, 3);
    both.gives(task, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(task, recv_flags(3, 9, MSG_ERRQUEUE), Err(EAGAIN));
    both.gives(task, recv_flags(3, 9, MSG_OOB | MSG_DONTWAIT), Err(EAGAIN));
    both.gives(task, send_to(3, b"hey", "127.0.0.1:8080"), Ok(3));
    both.gives_bytes(task, recv_flags(3, 9, MSG_OOB), b"hey");
    both.gives(task, recv_now(1, 9), Err(ENOTSOCK));
    both.gives(task, recv_now(9, 9), Err(EBADF));
}

/// What recvmsg(2) took from the error queue: data, address, control data, flags.
#[track_caller]
fn takes_error(both: &mut Both, task: Task, len: u64, data: &[u8]) -> Reply {
    let mut msg = msg_out(len);
    msg.name = Some(UserOut::Capacity(128));
    msg.namelen = 128;
    msg.control = Some(UserOut::Capacity(128));
    msg.controllen = 128;
    let call = recvmsg_flags(3, msg, MSG_ERRQUEUE);
    let reply = both.gives(task, call, Ok(data.len() as u64));
    assert_eq!(reply.written(nested::IOV).unwrap_or_default(), data);
    reply
}

#[test]
fn with_ip_recverr_the_error_queue_tells_which_datagram_failed() {
    let mut both = Both::datagrams();
    let task = socket_at(&mut both, 3);
    both.gives(task, flag(3, IPPROTO_IP, IP_RECVERR, 1), Ok(0));
    both.gives(task, send_to(3, b"first", "127.0.0.1:9"), Ok(5));
    // Even without a peer the error is pending; it comes before what is to be sent.
    both.polls(task, &[(3, POLLIN)], 0, &[POLLERR]);
    both.gives(
        task,
        send_to(3, b"second", "127.0.0.2:10"),
        Err(ECONNREFUSED),
    );
    both.gives(task, send_to(3, b"second", "127.0.0.2:10"), Ok(6));
    both.gives(task, recv_now(3, 9), Err(ECONNREFUSED));
    both.gives(task, recv_now(3, 9), Err(EAGAIN));
    both.polls(task, &[(3, POLLIN)], 0, &[POLLERR]);
    let reply = takes_error(&mut both, task, 100, b"first");
    let flags = reply.written(nested::MSG_FLAGS).map(<[u8]>::to_vec);
    assert_eq!(flags, Some(MSG_ERRQUEUE.to_le_bytes().to_vec()));
    // The next entry's error is pending again.
    pending(&mut both, task, 111);
    let reply = takes_error(&mut both, task, 3, b"sec");
    let flags = reply.written(nested::MSG_FLAGS).map(<[u8]>::to_vec);
    assert_eq!(
        flags,
        Some((MSG_ERRQUEUE | MSG_TRUNC).to_le_bytes().to_vec())
    );
    both.gives(task, recv_flags(3, 9, MSG_ERRQUEUE), Err(EAGAIN));
    pending(&mut both, task, 0);
    both.polls(task, &[(3, POLLIN)], 0, &[0]);
    // An error quotes so much of a long datagram; and one that is too long is an error of this host.
    both.gives(task, send_to(3, &[b'x'; 1_000], "127.0.0.1:9"), Ok(1_000));
    takes_error(&mut both, task, 2_000, &[b'x'; 520]);
    both.gives(
        task,
        send_to(3, &[b'x'; 65_508], "127.0.0.1:9"),
        Err(EMSGSIZE),
    );
    pending(&mut both, task, 0);
    takes_error(&mut both, task, 100, b"");
    // Who wants no errors any more loses those that wait.
    both.gives(task, send_to(3, b"x", "127.0.0.1:9"), Ok(1));
    both.gives(task, flag(3, IPPROTO_IP, IP_RECVERR, 0), Ok(0));
    both.gives(task, recv_flags(3, 9, MSG_ERRQUEUE), Err(EAGAIN));
}

#[test]
fn ipv6_recverr_is_for_ipv6_and_ip_recverr_for_ipv4() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    both.gives(task, flag(3, IPPROTO_IPV6, IPV6_RECVERR, 1), Ok(0));
    both.gives(task, send_to(3, b"four", "[::ffff:127.0.0.1]:9"), Ok(4));
    both.gives(task, recv_flags(3, 9, MSG_ERRQUEUE), Err(EAGAIN));
    both.gives(task, send_to(3, &[b'x'; 2_000], "[::1]:9"), Ok(2_000));
    takes_error(&mut both, task, 3_000, &[b'x'; 1_184]);
    both.gives(task, flag(3, IPPROTO_IP, IP_RECVERR, 1), Ok(0));
    both.gives(task, send_to(3, b"four", "[::ffff:127.0.0.1]:9"), Ok(4));
    takes_error(&mut both, task, 100, b"four");
}

#[test]
fn with_an_error_that_came_over_ipv4_come_its_address_and_time_to_live() {
    for (family, to, told) in [
        (AF_INET, "127.0.0.2:9", true),
        (AF_INET6, "[::ffff:127.0.0.2]:9", true),
        (AF_INET6, "[::1]:9", false),
    ] {
        let mut both = Both::datagrams();
        let task = both.task();
        both.gives(task, socket_of(family, SOCK_DGRAM, 0), Ok(3));
        both.gives(task, flag(3, IPPROTO_IP, IP_RECVERR, 1), Ok(0));
        if family == AF_INET6 {
            both.gives(task, flag(3, IPPROTO_IPV6, IPV6_RECVERR, 1), Ok(0));
        }
        for opt in [IP_PKTINFO, IP_RECVTTL] {
            both.gives(task, flag(3, IPPROTO_IP, opt, 1), Ok(0));
        }
        both.gives(task, send_to(3, b"abc", to), Ok(3));
        let reply = takes_error(&mut both, task, 9, b"abc");
        let control = reply.written(nested::MSG_CONTROL).unwrap_or_default();
        // struct in_pktinfo: the device, no address to answer from, the address at which the error came; then the TTL.
        let info = [1, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1];
        assert_eq!(control.get(16..28) == Some(&info[..]), told);
        assert_eq!(control.get(48..52) == Some(&[64, 0, 0, 0][..]), told);
    }
}

#[test]
fn a_bound_socket_sends_to_everybody_only_with_so_broadcast() {
    for at in ["127.0.0.1:7000", "0.0.0.0:7000"] {
        let mut both = Both::datagrams();
        let task = both.task();
        let named = !at.starts_with('0');
        let errno = if named { EACCES } else { ENETUNREACH };
        both.gives(task, udp(), Ok(3));
        both.gives(task, bind(3, at), Ok(0));
        both.gives(task, send_to(3, b"x", "255.255.255.255:9"), Err(errno));
        both.gives(task, connect(3, "255.255.255.255:9"), Err(errno));
    }
}
