//! What the fuzzer has found, one test for each kind.

use crate::common::calls::*;
use crate::harness::Both;
use crate::rights::with_control;
use sockscope::kernel::TcpState::*;

#[test]
fn an_ipv4_wildcard_conflicts_with_a_dual_stack_wildcard_that_has_connected() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(
        task,
        socket_of(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0),
        Ok(3),
    );
    both.gives(task, bind(3, "[::]:9001"), Ok(0));
    both.gives(task, connect(3, "[::1]:9002"), Err(EINPROGRESS));
    both.gives(task, socket(), Ok(4));
    both.gives(task, bind(4, "0.0.0.0:9001"), Err(EADDRINUSE));
    both.gives(task, bind(4, "127.0.0.1:9001"), Ok(0));
}

#[test]
fn a_mapped_peer_without_a_port_takes_no_datagrams() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    both.gives(task, connect(3, "[::ffff:127.0.0.1]:0"), Ok(0));
    both.gives(task, send(3, b"x"), Err(EINVAL));
}

#[test]
fn a_udp_peer_without_a_port_is_anybody_at_that_address() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:9001"), Ok(0));
    both.gives(task, connect(3, "127.0.0.1:0"), Ok(0));
    both.gives(task, send_to(3, b"x", "127.0.0.1:9002"), Ok(1));
    both.gives(task, send_to(3, b"x", "127.0.0.1:9002"), Err(ECONNREFUSED));
    both.gives(task, udp(), Ok(4));
    both.gives(task, send_to(4, b"hello", "127.0.0.1:9001"), Ok(5));
    both.gives(task, recv_now(3, 9), Ok(5));
}

#[test]
fn an_address_that_does_not_fit_into_the_memory_is_a_fault() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    let short = getsockname_raw(3, UserOut::Capacity(5), int(128));
    both.gives(task, short, Err(EFAULT));
    let said = getsockname_raw(3, UserOut::Capacity(5), int(5));
    both.gives(task, said, Ok(0));
}

#[test]
fn a_connection_of_a_listener_without_an_address_forgets_its_own_with_the_peer() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, bind(3, "0.0.0.0:9001"), Ok(0));
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, socket(), Ok(4));
    both.gives(task, connect(4, "127.0.0.1:9001"), Ok(0));
    both.gives(task, accept(3), Ok(5));
    both.gives(task, disconnect(5), Ok(0));
    both.names(task, getsockname(5), "0.0.0.0:9001");
}

#[test]
fn a_port_that_was_bound_after_a_refused_connect_outlives_the_report_of_it() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, nonblocking(), Ok(3));
    both.gives(task, connect(3, "127.0.0.1:9001"), Err(EINPROGRESS));
    both.gives(task, bind(3, "127.0.0.2:0"), Ok(0));
    both.gives(task, connect(3, "127.0.0.1:9002"), Err(ECONNREFUSED));
    both.gives(task, bind(3, "0.0.0.0:9003"), Err(EINVAL));
}

#[test]
fn af_unix_sockets_share_no_port_and_read_the_defaults_of_their_own_options() {
    const SO_PASSRIGHTS: i32 = 83;
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket_of(AF_UNIX, SOCK_STREAM, 0), Ok(3));
    let on = || (int(1), 4);
    for (option, expected) in [(SO_REUSEPORT, Err(EOPNOTSUPP)), (SO_PASSRIGHTS, Ok(0))] {
        let (value, len) = on();
        let set = setsockopt(3, SOL_SOCKET, option, value, len);
        both.gives(task, set, expected);
    }
    for option in [SO_PASSCRED, SO_PASSRIGHTS] {
        both.gives(task, getsockopt(3, SOL_SOCKET, option), Ok(0));
    }
}

#[test]
fn ip_protocol_tells_the_port_that_the_socket_owns() {
    const IP_PROTOCOL: i32 = 52;
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:9001"), Ok(0));
    both.gives(task, socket(), Ok(4));
    both.gives(task, connect(4, "127.0.0.1:9002"), Err(ECONNREFUSED));
    for (fd, expected) in [(3, 9_001), (4, 0)] {
        let reply = both.gives(task, getsockopt(fd, IPPROTO_IP, IP_PROTOCOL), Ok(0));
        assert_eq!(option_in(&reply), Some(expected));
    }
}

#[test]
fn the_segment_size_of_a_connection_outlives_it() {
    let mut both = Both::new();
    let task = both.task();
    for (fd, address, expected) in [(3, "127.0.0.1:9001", 524), (4, "[::1]:9001", 1_208)] {
        let domain = [AF_INET, AF_INET6][usize::from(fd == 4)];
        both.gives(task, socket_of(domain, SOCK_STREAM, 0), Ok(fd as u64));
        both.gives(task, connect(fd, address), Err(ECONNREFUSED));
        let reply = both.gives(task, getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG), Ok(0));
        assert_eq!(option_in(&reply), Some(expected));
    }
    both.gives(task, socket(), Ok(5));
    let small = setsockopt(5, IPPROTO_TCP, TCP_MAXSEG, int(1_000), 4);
    both.gives(task, small, Ok(0));
    both.gives(task, connect(5, "127.0.0.1:9001"), Err(ECONNREFUSED));
    both.gives(task, socket(), Ok(6));
    both.gives(task, bind(6, "127.0.0.1:9001"), Ok(0));
    both.gives(task, listen(6, 1), Ok(0));
    both.gives(task, socket(), Ok(7));
    both.gives(task, connect(7, "127.0.0.1:9001"), Ok(0));
    both.gives(task, disconnect(7), Ok(0));
    for (fd, expected) in [(5, 988), (7, 32_741)] {
        let reply = both.gives(task, getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG), Ok(0));
        assert_eq!(option_in(&reply), Some(expected));
    }
}

#[test]
fn disconnecting_forgets_segment_size_window_clamp_and_ping_pong() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    let options = [
        (TCP_MAXSEG, 1_000, 536),
        (TCP_WINDOW_CLAMP, 5_000, 0),
        (TCP_QUICKACK, 0, 1),
        (TCP_SYNCNT, 3, 3),
    ];
    for (optname, value, _) in options {
        let set = setsockopt(3, IPPROTO_TCP, optname, int(value), 4);
        both.gives(task, set, Ok(0));
    }
    both.gives(task, disconnect(3), Ok(0));
    for (optname, _, expected) in options {
        let reply = both.gives(task, getsockopt(3, IPPROTO_TCP, optname), Ok(0));
        assert_eq!(option_in(&reply), Some(expected));
    }
}

#[test]
fn the_length_of_an_option_is_told_before_its_value_turns_out_to_fit_nowhere() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket6(), Ok(3));
    let levels = [
        (SOL_SOCKET, SO_TYPE, None),
        (IPPROTO_TCP, TCP_NODELAY, Some(4)),
        (IPPROTO_IP, IP_TTL, Some(4)),
        (IPPROTO_IPV6, IPV6_V6ONLY, Some(4)),
    ];
    for (level, optname, expected) in levels {
        let call = Syscall::Getsockopt {
            fd: 3,
            level,
            optname,
            optval: UserOut::Fault,
            optlen: int(8),
        };
        let reply = both.gives(task, call, Err(EFAULT));
        let told = reply.written(4).map(|bytes| bytes.to_vec());
        assert_eq!(told, expected.map(|len: u32| len.to_le_bytes().to_vec()));
    }
}

#[test]
fn a_message_for_nobody_does_not_find_a_mapped_peer() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    both.gives(task, connect(3, "[::ffff:127.0.0.1]:9001"), Ok(0));
    let nobody = Syscall::Sendto {
        fd: 3,
        buf: UserIn::Bytes(b"abc".to_vec()),
        len: 3,
        flags: 0,
        addr: Some(UserIn::Bytes(vec![0; 28])),
        addrlen: 28,
    };
    both.gives(task, nobody, Err(ENETUNREACH));
    both.gives(task, send(3, b"abc"), Ok(3));
}

#[test]
fn data_after_both_directions_are_shut_resets_the_connection() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, shutdown(4, SHUT_RDWR), Ok(0));
    both.states(&[Listen, FinWait2, CloseWait]);
    both.gives(client, send(3, b"late"), Ok(4));
    both.states(&[Listen]);
    both.gives(server, recv(4, 9), Err(ECONNRESET));
    both.kills(client, send(3, b"later"), SIGPIPE);
}

#[test]
fn data_after_only_reading_is_shut_is_taken() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, shutdown(4, SHUT_RD), Ok(0));
    both.gives(client, send(3, b"late"), Ok(4));
    both.gives_bytes(server, recv(4, 9), b"late");
    both.gives_bytes(server, recv(4, 9), b"");
}

#[test]
fn an_option_of_ip_that_cannot_be_set_is_not_read_for() {
    const IP_PROTOCOL: i32 = 52;
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    for optname in [IP_PROTOCOL, IP_MTU] {
        let set = setsockopt(3, IPPROTO_IP, optname, UserIn::Fault, 4);
        both.gives(task, set, Err(ENOPROTOOPT));
    }
}

#[test]
fn a_receive_call_for_nothing_that_slept_tells_no_error() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(server, recv(4, 0));
    both.gives(client, disconnect(3), Ok(0));
    both.woke(server, Ok(0));
    both.gives(server, recv(4, 9), Err(ECONNRESET));
}

#[test]
fn a_connection_that_waits_for_accept_is_no_orphan() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, socket(), Ok(3));
    both.gives(server, shutdown(3, SHUT_WR), Err(ENOTCONN));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, listen(3, 1), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    for _ in 0..2 {
        both.gives(client, send(3, b"hello"), Ok(5));
        both.states(&[Listen, FinWait2, CloseWait]);
    }
    both.gives(client, close(3), Ok(0));
    both.states(&[Listen, TimeWait]);
    both.gives(server, accept(3), Ok(4));
    both.gives_bytes(server, recv(4, 20), b"hellohello");
    both.gives_bytes(server, recv(4, 20), b"");
}

#[test]
fn udp_has_no_coverage_of_checksums_and_says_so() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    for optname in [10, 11] {
        let reply = both.gives(task, getsockopt(3, IPPROTO_UDP, optname), Ok(0));
        assert_eq!(option_in(&reply), Some(0));
        let set = setsockopt(3, IPPROTO_UDP, optname, int(8), 4);
        both.gives(task, set, Err(ENOPROTOOPT));
    }
}

#[test]
fn urgent_datagrams_over_ipv4_are_refused_before_the_port_is_looked_at() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    for (address, expected) in [("[::ffff:127.0.0.1]:0", EOPNOTSUPP), ("[::1]:0", EINVAL)] {
        let mut urgent = send_to(3, b"x", address);
        if let Syscall::Sendto { flags, .. } = &mut urgent {
            *flags |= MSG_OOB;
        }
        both.gives(task, urgent, Err(expected));
    }
}

#[test]
fn a_datagram_that_could_not_be_read_gives_its_memory_back() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, connect(3, "127.0.0.1:5002"), Ok(0));
    both.gives(task, epoll_create(), Ok(4));
    let added = epoll_add(4, 3, EPOLLOUT | EPOLLET);
    both.gives(task, added, Ok(0));
    for more in [0, MSG_MORE, MSG_MORE] {
        for found in [1, 0] {
            both.gives(task, epoll_wait(4, 1, 0), Ok(found));
        }
        let mut unreadable = send(3, b"x");
        if let Syscall::Sendto { buf, flags, .. } = &mut unreadable {
            (*buf, *flags) = (UserIn::Fault, more);
        }
        both.gives(task, unreadable, Err(EFAULT));
    }
    both.gives(task, epoll_wait(4, 1, 0), Ok(1));
    // What is held back has its memory still; what is added to it and cannot be read ends it.
    let mut held = send(3, b"held");
    if let Syscall::Sendto { flags, .. } = &mut held {
        *flags = MSG_MORE;
    }
    both.gives(task, held, Ok(4));
    both.gives(task, epoll_wait(4, 1, 0), Ok(0));
    let mut unreadable = send(3, b"x");
    if let Syscall::Sendto { buf, .. } = &mut unreadable {
        *buf = UserIn::Fault;
    }
    both.gives(task, unreadable, Err(EFAULT));
    both.gives(task, epoll_wait(4, 1, 0), Ok(1));
}

#[test]
fn a_stream_without_a_peer_does_not_look_at_the_control_data() {
    let mut both = Both::new();
    let task = both.task();
    let broken = || {
        with_control(
            b"x",
            &[20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        )
    };
    both.gives(task, socket(), Ok(3));
    both.gives(task, sendmsg(3, broken()), Err(EPIPE));
    both.gives(task, bind(3, "127.0.0.1:9001"), Ok(0));
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, sendmsg(3, broken()), Err(EPIPE));
    both.gives(task, socket(), Ok(4));
    both.gives(task, connect(4, "127.0.0.1:9001"), Ok(0));
    both.gives(task, sendmsg(4, broken()), Err(EINVAL));
    both.gives(task, shutdown(4, SHUT_WR), Ok(0));
    both.gives(task, sendmsg(4, broken()), Err(EPIPE));
}

#[test]
fn an_error_that_follows_one_taken_from_the_queue_is_told_again() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    let keeps = setsockopt(3, IPPROTO_IP, IP_RECVERR, int(1), 4);
    both.gives(task, keeps, Ok(0));
    both.gives(task, connect(3, "127.0.0.1:9"), Ok(0));
    both.gives(task, send(3, b"x"), Ok(1));
    for _ in 0..2 {
        both.gives(task, send(3, b"x"), Err(ECONNREFUSED));
        both.gives(task, send(3, b"x"), Ok(1));
    }
    both.gives(task, epoll_create(), Ok(4));
    both.gives(task, epoll_add(4, 3, EPOLLET), Ok(0));
    for found in [1, 0] {
        both.gives(task, epoll_wait(4, 1, 0), Ok(found));
    }
    // Three errors are queued: after the third is taken there is none to tell of.
    for found in [1, 1, 0] {
        both.gives(task, recv_flags(3, 9, MSG_ERRQUEUE), Ok(1));
        both.gives(task, epoll_wait(4, 1, 0), Ok(found));
    }
}

#[test]
fn a_port_that_was_bound_after_a_refused_connect_outlives_shutdown() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, nonblocking(), Ok(3));
    both.gives(task, connect(3, "127.0.0.1:9001"), Err(EINPROGRESS));
    both.gives(task, bind(3, "127.0.0.2:0"), Ok(0));
    both.gives(task, shutdown(3, SHUT_RDWR), Err(ENOTCONN));
    both.gives(task, bind(3, "0.0.0.0:9003"), Err(EINVAL));
}

#[test]
fn a_receive_call_for_nothing_that_slept_returns_whatever_wakes_it() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let other = both.fork(client);
    both.sleeps(other, recv(3, 0));
    both.gives(client, send(3, b"x"), Ok(1));
    both.still_sleeps(other);
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.woke(other, Ok(0));
}

#[test]
fn who_only_looks_passes_over_the_urgent_octet() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"ab", MSG_OOB), Ok(2));
    both.gives_bytes(server, recv(4, 9), b"a");
    let looks = recv_flags(4, 9, MSG_PEEK | MSG_DONTWAIT);
    both.gives(server, looks, Err(EAGAIN));
    both.sleeps(server, recv_flags(4, 9, MSG_PEEK));
    both.gives(client, send(3, b"c"), Ok(1));
    both.woke(server, Ok(1));
    both.gives_bytes(server, recv(4, 9), b"c");
}

#[test]
fn a_disconnected_ipv6_socket_goes_on_hearing_its_last_peer_alone_over_ipv6() {
    for (peer, from, heard) in [
        ("[::ffff:127.0.0.1]:5009", "[::1]:0", false),
        ("[::ffff:127.0.0.2]:5009", "127.0.0.1:0", true),
        ("[::1]:5009", "[::1]:0", true),
        ("[::1]:5009", "127.0.0.1:0", true),
    ] {
        let mut both = Both::new();
        let task = both.task();
        let (sender, to) = match from.starts_with('[') {
            true => (udp6(), "[::1]:5001"),
            false => (udp(), "127.0.0.1:5001"),
        };
        both.gives(task, udp6(), Ok(3));
        both.gives(task, bind(3, "[::]:5001"), Ok(0));
        both.gives(task, connect(3, peer), Ok(0));
        both.gives(task, connect_raw(3, UserIn::Bytes(vec![0; 16]), 16), Ok(0));
        both.gives(task, sender, Ok(4));
        both.gives(task, bind(4, from), Ok(0));
        both.gives(task, send_to(4, b"x", to), Ok(1));
        let expected = if heard { Ok(1) } else { Err(EAGAIN) };
        both.gives(task, recv_flags(3, 9, MSG_DONTWAIT), expected);
    }
}

#[test]
fn what_a_disconnected_socket_could_have_under_way_counts_as_not_sent() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let lowat = |value| flag(3, IPPROTO_TCP, TCP_NOTSENT_LOWAT, value);
    let writable = |both: &mut Both, bound, found| {
        both.gives(client, lowat(bound), Ok(0));
        both.polls(client, &[(3, POLLOUT)], 0, &[found]);
    };
    both.gives(client, disconnect(3), Ok(0));
    let reply = both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(option_in(&reply), Some(ECONNRESET.number()));
    // The largest window that the peer offered, and 2; poll(2) counts it twice.
    for gap in [65_485, 130_970] {
        writable(&mut both, 2 * gap, POLLHUP);
        writable(&mut both, 2 * gap + 1, POLLOUT | POLLHUP);
        both.gives(client, disconnect(3), Ok(0));
    }
    for _ in 0..2 {
        both.gives(client, connect(3, "127.0.0.1:9"), Err(ECONNREFUSED));
        writable(&mut both, 4, POLLHUP);
        writable(&mut both, 5, POLLOUT | POLLHUP);
    }
    both.gives(client, disconnect(3), Ok(0));
    writable(&mut both, 8, POLLHUP);
    writable(&mut both, 0, POLLOUT | POLLHUP);
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    writable(&mut both, 1, POLLOUT);
}

#[test]
fn a_new_type_of_service_decides_the_priority() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, udp(), Ok(4));
    for (fd, service, priority) in [
        (3, 55, 6),
        (3, 52, 3),
        (3, 8, 2),
        (3, 8 + 256, 2),
        (3, 3, 0),
        (3, 3, 3),
        (4, 3, 0),
        (4, 0x1e, 4),
        (4, 0x1e, 3),
        (4, -1, 4),
        (4, -1, 4),
    ] {
        both.gives(task, flag(fd, SOL_SOCKET, SO_PRIORITY, 3), Ok(0));
        both.gives(task, flag(fd, IPPROTO_IP, IP_TOS, service), Ok(0));
        let reply = both.gives(task, getsockopt(fd, SOL_SOCKET, SO_PRIORITY), Ok(0));
        assert_eq!(option_in(&reply), Some(priority), "{service}");
    }
}

#[test]
fn a_stream_that_is_disconnected_is_told_anew_whatever_it_was() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, nonblocking(), Ok(3));
    both.gives(task, epoll_create(), Ok(4));
    both.gives(task, epoll_add(4, 3, EPOLLOUT | EPOLLET), Ok(0));
    for (call, result) in [
        (disconnect(3), Ok(0)),
        (disconnect(3), Ok(0)),
        (connect(3, "127.0.0.1:9001"), Err(EINPROGRESS)),
        (connect(3, "127.0.0.1:9001"), Err(ECONNREFUSED)),
        (bind(3, "127.0.0.1:8080"), Ok(0)),
        (listen(3, 1), Ok(0)),
    ] {
        both.gives(task, call.clone(), result);
        let told = !matches!(call, Syscall::Bind { .. } | Syscall::Listen { .. });
        both.gives(task, epoll_wait(4, 1, 0), Ok(told.into()));
        both.gives(task, epoll_wait(4, 1, 0), Ok(0));
    }
    both.gives(task, shutdown(3, SHUT_RD), Ok(0));
    both.gives(task, epoll_wait(4, 1, 0), Ok(1));
}

#[test]
fn the_error_that_recvmmsg_leaves_for_the_next_call_wakes_nobody() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:9001"), Ok(0));
    both.gives(task, epoll_create(), Ok(4));
    both.gives(task, epoll_add(4, 3, EPOLLIN | EPOLLET), Ok(0));
    both.gives(task, send_to(3, b"x", "127.0.0.1:9001"), Ok(1));
    both.gives(task, epoll_wait(4, 1, 0), Ok(1));
    let two_of_one = Syscall::Recvmmsg {
        fd: 3,
        msgvec: vec![msg_out(9)],
        vlen: 2,
        flags: 0,
        timeout: None,
    };
    both.gives(task, two_of_one, Ok(1));
    both.gives(task, epoll_wait(4, 1, 0), Ok(0));
    both.gives(task, send_to(3, b"x", "127.0.0.1:9001"), Err(EFAULT));
    both.gives(task, send_to(3, b"x", "127.0.0.1:9001"), Ok(1));
    both.gives(task, epoll_wait(4, 1, 0), Ok(1));
}

#[test]
fn who_is_bound_to_mapped_0_0_0_0_keeps_the_address_that_a_connection_gave() {
    let mapped = "[::ffff:127.0.0.1]:9001";
    for (ty, port) in [(SOCK_STREAM, "9002"), (SOCK_DGRAM, "9003")] {
        let mut both = Both::datagrams();
        let [server, task] = both.tasks();
        both.gives(server, socket_of(AF_INET, ty, 0), Ok(3));
        both.gives(server, bind(3, "127.0.0.1:9001"), Ok(0));
        if ty == SOCK_STREAM {
            both.gives(server, listen(3, 1), Ok(0));
        }
        both.gives(task, socket_of(AF_INET6, ty, 0), Ok(3));
        let any = format!("[::ffff:0.0.0.0]:{port}");
        both.gives(task, bind(3, &any), Ok(0));
        both.names(task, getsockname(3), &any);
        both.gives(task, connect(3, mapped), Ok(0));
        both.gives(task, disconnect(3), Ok(0));
        let own = format!("[::ffff:127.0.0.1]:{port}");
        both.names(task, getsockname(3), &own);
    }
}
