//! UDP: addresses, ports, datagrams whole, cut and lost.

use crate::common::calls::*;
use crate::harness::{Both, Task};

/// A bound socket on descriptor 3 of the first task, an unbound one on 3 of the second.
fn pair(both: &mut Both, at: &str) -> [Task; 2] {
    let [server, client] = both.tasks();
    both.gives(server, udp(), Ok(3));
    both.gives(server, bind(3, at), Ok(0));
    both.gives(client, udp(), Ok(3));
    [server, client]
}

/// The next datagram must be this, from that sender.
#[track_caller]
fn receives(both: &mut Both, task: Task, data: &[u8], from: &str) {
    let reply = both.gives(task, recv_from(3, 100), Ok(data.len() as u64));
    assert_eq!(reply.written(1).unwrap_or_default(), data);
    assert_eq!(sender_in(&reply), from.parse().ok());
}

#[test]
fn an_echo_of_three_messages() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.1:8080");
    for message in [&b"hello"[..], b"", b"world"] {
        both.sleeps(
            server,
            recvfrom(3, 100, 0, UserOut::Capacity(128), int(128)),
        );
        let sent = send_to(3, message, "127.0.0.1:8080");
        both.gives(client, sent, Ok(message.len() as u64));
        let reply = both.woke(server, Ok(message.len() as u64));
        assert_eq!(reply.written(1).unwrap_or_default(), message);
        assert_eq!(sender_in(&reply), "127.0.0.1:40000".parse().ok());
        both.gives(
            server,
            send_to(3, message, "127.0.0.1:40000"),
            Ok(message.len() as u64),
        );
        receives(&mut both, client, message, "127.0.0.1:8080");
    }
    both.names(client, getsockname(3), "0.0.0.0:40000");
    both.gives(client, getpeername(3), Err(ENOTCONN));
}

#[test]
fn datagrams_stay_whole_and_the_rest_of_a_cut_one_is_lost() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.1:8080");
    for message in [&b"hello"[..], b"", b"world", b"again", b"last"] {
        both.gives(
            client,
            send_to(3, message, "127.0.0.1:8080"),
            Ok(message.len() as u64),
        );
    }
    both.polls(server, &[(3, POLLIN | POLLOUT)], 0, &[POLLIN | POLLOUT]);
    both.gives_bytes(server, recv_flags(3, 2, MSG_PEEK), b"he");
    both.gives(server, recv_flags(3, 2, MSG_PEEK | MSG_TRUNC), Ok(5));
    both.gives_bytes(server, recv_now(3, 2), b"he");
    both.gives_bytes(server, recv_now(3, 2), b"");
    both.gives(server, recv_flags(3, 2, MSG_TRUNC), Ok(5));
    both.gives(server, recv_now(3, 0), Ok(0));
    both.gives(server, read(3, 0), Ok(0));
    both.gives_bytes(server, read(3, 100), b"last");
    both.gives(server, recv_now(3, 100), Err(EAGAIN));
    both.polls(server, &[(3, POLLIN | POLLOUT)], 0, &[POLLOUT]);
}

#[test]
fn connect_names_the_peer_and_sends_nothing() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.1:8080");
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.1:40000");
    both.names(client, getpeername(3), "127.0.0.1:8080");
    both.gives(server, recv_now(3, 100), Err(EAGAIN));
    both.gives(client, write(3, b"hello"), Ok(5));
    receives(&mut both, server, b"hello", "127.0.0.1:40000");
    both.gives(client, write(3, b""), Ok(0));
    both.gives_bytes(server, recv_now(3, 5), b"");
    // A peer may be named in sendto(2) all the same, and connect(2) may be called again.
    let other = both.task();
    both.gives(other, udp(), Ok(3));
    both.gives(other, bind(3, "127.0.0.7:9090"), Ok(0));
    both.gives(client, send_to(3, b"hi", "127.0.0.7:9090"), Ok(2));
    receives(&mut both, other, b"hi", "127.0.0.1:40000");
    both.gives(client, connect(3, "127.0.0.7:9090"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.1:40000");
    both.names(client, getpeername(3), "127.0.0.7:9090");
    // What a stranger sends does not reach a connected socket.
    both.gives(server, send_to(3, b"stranger", "127.0.0.1:40000"), Ok(8));
    both.gives(client, recv_now(3, 100), Err(EAGAIN));
    both.gives(other, send_to(3, b"peer", "127.0.0.1:40000"), Ok(4));
    receives(&mut both, client, b"peer", "127.0.0.7:9090");
}

#[test]
fn disconnect_forgets_what_connect_and_the_kernel_chose() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.1:8080");
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, disconnect(3), Ok(0));
    both.names(client, getsockname(3), "0.0.0.0:0");
    both.gives(client, getpeername(3), Err(ENOTCONN));
    both.gives(client, send(3, b"x"), Err(EDESTADDRREQ));
    // What the program named stays.
    both.gives(server, connect(3, "127.0.0.1:9"), Ok(0));
    both.gives(server, disconnect(3), Ok(0));
    both.names(server, getsockname(3), "127.0.0.1:8080");
    for (at, then) in [
        ("0.0.0.0:8081", "0.0.0.0:8081"),
        ("127.0.0.5:0", "127.0.0.5:0"),
    ] {
        let task = both.task();
        both.gives(task, udp(), Ok(3));
        both.gives(task, bind(3, at), Ok(0));
        both.gives(task, connect(3, "127.0.0.1:9"), Ok(0));
        both.gives(task, disconnect(3), Ok(0));
        both.names(task, getsockname(3), then);
    }
    // A fresh socket is disconnected already, and gets no port by that.
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, disconnect(3), Ok(0));
    both.names(task, getsockname(3), "0.0.0.0:0");
    both.gives(task, bind(3, "127.0.0.1:9000"), Ok(0));
}

#[test]
fn any_address_is_this_host() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.5:8080");
    both.gives(client, connect(3, "0.0.0.0:9"), Ok(0));
    both.names(client, getpeername(3), "127.0.0.1:9");
    // A bound socket reaches its own address so.
    let own = both.task();
    both.gives(own, udp(), Ok(3));
    both.gives(own, bind(3, "127.0.0.5:9090"), Ok(0));
    both.gives(own, send_to(3, b"x", "0.0.0.0:8080"), Ok(1));
    receives(&mut both, server, b"x", "127.0.0.5:9090");
    both.gives(own, connect(3, "0.0.0.0:8080"), Ok(0));
    both.names(own, getpeername(3), "127.0.0.5:8080");
    let tcp = both.task();
    both.listens(tcp, "127.0.0.5:8080", 1);
    both.gives(tcp, socket(), Ok(4));
    both.gives(tcp, bind(4, "127.0.0.5:7070"), Ok(0));
    both.gives(tcp, connect(4, "0.0.0.0:8080"), Ok(0));
    both.names(tcp, getpeername(4), "127.0.0.5:8080");
}

#[test]
fn the_receive_buffer_counts_memory_and_drops_what_does_not_fit() {
    for (len, fits) in [(1, 256), (300, 166), (1_000, 92), (3_000, 48), (60_000, 3)] {
        let mut both = Both::datagrams();
        let [server, client] = pair(&mut both, "127.0.0.1:8080");
        let message = vec![b'x'; len];
        let received = both.each(|call| {
            for _ in 0..fits + 20 {
                call(client, &send_to(3, &message, "127.0.0.1:8080"));
            }
            let mut received = 0;
            while call(server, &recv_now(3, 1)).reply().result.is_ok() {
                received += 1;
            }
            received
        });
        assert_eq!(received, fits, "of {len} octets");
    }
}

#[test]
fn memory_of_taken_datagrams_is_given_back_in_quarters() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.1:8080");
    let counts = both.each(|call| {
        let fill = |call: &mut dyn FnMut(Task, &Syscall) -> _, take: usize| {
            for _ in 0..300 {
                call(client, &send_to(3, b"x", "127.0.0.1:8080"));
            }
            for _ in 0..take {
                call(server, &recv_now(3, 1));
            }
        };
        fill(call, 63);
        fill(call, 1);
        fill(call, 30);
        let mut left = 0;
        while call(server, &recv_now(3, 1)).reply().result.is_ok() {
            left += 1;
        }
        left
    });
    assert_eq!(counts, 256 - 63 - 1 + 64 - 30);
}

#[test]
fn the_largest_datagram() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.1:8080");
    let data = vec![b'x'; 65_536];
    let to = "127.0.0.1:8080";
    both.gives(client, send_to(3, &data[..65_507], to), Ok(65_507));
    both.gives(server, recv_flags(3, 10, MSG_TRUNC), Ok(65_507));
    both.gives(client, send_to(3, &data[..65_508], to), Err(EMSGSIZE));
    both.gives(client, send_to(3, &data, to), Err(EMSGSIZE));
    // Beyond 16 bits that comes before anything about the destination; below, after it.
    both.gives(client, send(3, &data), Err(EMSGSIZE));
    both.gives(client, send(3, &data[..65_508]), Err(EDESTADDRREQ));
    both.gives(
        client,
        send_to(3, &data[..65_508], "10.0.0.1:9"),
        Err(ENETUNREACH),
    );
    let [server, client] = both.tasks();
    both.gives(server, udp6(), Ok(3));
    both.gives(server, bind(3, "[::1]:8080"), Ok(0));
    both.gives(client, udp6(), Ok(3));
    let to = "[::1]:8080";
    both.gives(client, send_to(3, &data[..65_527], to), Ok(65_527));
    both.gives(server, recv_flags(3, 10, MSG_TRUNC), Ok(65_527));
    both.gives(client, send_to(3, &data[..65_528], to), Err(EMSGSIZE));
}

#[test]
fn bind_refuses_addresses_of_others_and_a_second_name() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "10.0.0.1:8080"), Err(EADDRNOTAVAIL));
    both.gives(task, bind(3, "127.0.0.1:80"), Err(EACCES));
    both.gives(
        task,
        bind_raw(3, address("127.0.0.1:8080"), 15),
        Err(EINVAL),
    );
    both.gives(
        task,
        bind_raw(3, with_family("127.0.0.1:8080", 1), 16),
        Err(EAFNOSUPPORT),
    );
    both.gives(task, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(task, bind(3, "127.0.0.1:8081"), Err(EINVAL));
    both.gives(task, udp(), Ok(4));
    both.gives(task, connect(4, "127.0.0.1:9"), Ok(0));
    both.gives(task, bind(4, "127.0.0.1:8082"), Err(EINVAL));
    both.gives(task, udp6(), Ok(5));
    both.gives(task, bind(5, "[ff02::1]:8080"), Err(EINVAL));
    both.gives(task, bind(5, "[fe80::1]:8080"), Err(EINVAL));
}

#[test]
fn dual_stack() {
    let mut both = Both::datagrams();
    let [server, client, client6] = both.tasks();
    both.gives(server, udp6(), Ok(3));
    both.gives(server, bind(3, "[::]:8080"), Ok(0));
    both.gives(client, udp(), Ok(3));
    both.gives(client6, udp6(), Ok(3));
    both.gives(client, send_to(3, b"four", "127.0.0.1:8080"), Ok(4));
    receives(&mut both, server, b"four", "[::ffff:127.0.0.1]:40000");
    both.gives(
        server,
        send_to(3, b"back", "[::ffff:127.0.0.1]:40000"),
        Ok(4),
    );
    receives(&mut both, client, b"back", "127.0.0.1:8080");
    both.gives(client6, send_to(3, b"six", "[::1]:8080"), Ok(3));
    receives(&mut both, server, b"six", "[::1]:40002");
    // An AF_INET6 socket of UDP takes IPv4 addresses as they are.
    both.gives(client6, send_to(3, b"plain", "127.0.0.1:8080"), Ok(5));
    receives(&mut both, server, b"plain", "[::ffff:127.0.0.1]:40002");
    both.gives(client6, connect(3, "127.0.0.1:8080"), Ok(0));
    both.names(client6, getpeername(3), "[::ffff:127.0.0.1]:8080");
    both.names(client6, getsockname(3), "[::ffff:127.0.0.1]:40002");
    both.gives(client6, send_to(3, b"x", "[::1]:8080"), Err(EAFNOSUPPORT));
    both.gives(client6, connect(3, "[::1]:8080"), Err(EAFNOSUPPORT));
    both.gives(client6, disconnect(3), Ok(0));
    both.names(client6, getsockname(3), "[::]:0");
    both.gives(client6, connect(3, "[::]:8080"), Ok(0));
    both.names(client6, getpeername(3), "[::1]:8080");
    both.gives(
        client6,
        send_to(3, b"mapped", "[::ffff:127.0.0.1]:8080"),
        Ok(6),
    );
    receives(&mut both, server, b"mapped", "[::ffff:127.0.0.1]:40004");
    // AF_UNSPEC names nobody; the peer gets it.
    both.gives(
        client6,
        sendto(3, b"u", with_family("[::1]:9", 0), 28),
        Ok(1),
    );
    receives(&mut both, server, b"u", "[::1]:40004");
}

#[test]
fn a_source_of_one_family_does_not_reach_the_other() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    both.gives(task, bind(3, "[::1]:8080"), Ok(0));
    both.gives(
        task,
        send_to(3, b"x", "[::ffff:127.0.0.1]:9"),
        Err(ENETUNREACH),
    );
    both.gives(task, connect(3, "[::ffff:127.0.0.1]:9"), Err(ENETUNREACH));
    both.gives(task, udp6(), Ok(4));
    both.gives(task, bind(4, "[::ffff:127.0.0.5]:8080"), Ok(0));
    both.gives(task, send_to(4, b"x", "[::1]:9"), Err(EAFNOSUPPORT));
    both.gives(task, connect(4, "[::1]:9"), Err(EAFNOSUPPORT));
    both.gives(task, connect(4, "[::]:9"), Ok(0));
    both.names(task, getpeername(4), "[::ffff:127.0.0.1]:9");
}

#[test]
fn shutdown_ends_waiting_and_sending_and_tells_nobody() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "127.0.0.1:8080");
    // Without a peer the call fails; the directions are shut all the same.
    both.gives(client, shutdown(3, SHUT_RDWR), Err(ENOTCONN));
    both.gives(client, shutdown(3, 3), Err(EINVAL));
    both.gives(client, send_to(3, b"x", "127.0.0.1:8080"), Err(EPIPE));
    both.gives(client, recv(3, 1), Ok(0));
    both.gives(client, recv_now(3, 1), Err(EAGAIN));
    let all = POLLIN | POLLOUT | POLLHUP | POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLWRBAND;
    both.polls(client, &[(3, all)], 0, &[all]);
    // Datagrams still arrive.
    both.gives(server, connect(3, "127.0.0.1:40000"), Ok(0));
    both.gives(server, shutdown(3, SHUT_RD), Ok(0));
    let other = both.task();
    both.gives(other, udp(), Ok(3));
    both.gives(server, disconnect(3), Ok(0));
    both.gives(other, send_to(3, b"hey", "127.0.0.1:8080"), Ok(3));
    both.gives_bytes(server, recv(3, 9), b"hey");
    // Who waits is woken.
    let waiting = both.task();
    both.gives(waiting, udp(), Ok(3));
    both.gives(waiting, connect(3, "127.0.0.1:9"), Ok(0));
    both.gives(waiting, shutdown(3, SHUT_WR), Ok(0));
    both.gives(waiting, send(3, b"x"), Err(EPIPE));
    both.sleeps(waiting, recv(3, 1));
}

#[test]
fn calls_of_streams_do_not_exist() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, listen(3, 1), Err(EOPNOTSUPP));
    both.gives(task, accept(3), Err(EOPNOTSUPP));
    both.gives(task, socket_of(AF_INET, SOCK_DGRAM, IPPROTO_UDP), Ok(4));
    both.gives(
        task,
        socket_of(AF_INET, SOCK_DGRAM, IPPROTO_TCP),
        Err(EPROTONOSUPPORT),
    );
    both.gives(
        task,
        socket_of(AF_INET, SOCK_STREAM, IPPROTO_UDP),
        Err(EPROTONOSUPPORT),
    );
}

#[test]
fn a_small_receive_buffer_takes_one_datagram_of_any_size() {
    for (size, len, fits) in [(1, 1, 2), (1, 3_000, 1), (1, 60_000, 1), (3_000, 1, 7)] {
        let mut both = Both::datagrams();
        let [server, client] = pair(&mut both, "127.0.0.1:8080");
        let smaller = setsockopt(3, SOL_SOCKET, SO_RCVBUF, int(size), 4);
        both.gives(server, smaller, Ok(0));
        for _ in 0..fits + 2 {
            both.gives(
                client,
                send_to(3, &vec![b'x'; len], "127.0.0.1:8080"),
                Ok(len as u64),
            );
        }
        for _ in 0..fits {
            both.gives(server, recv_now(3, 1), Ok(1));
        }
        both.gives(server, recv_now(3, 1), Err(EAGAIN));
    }
}

#[test]
fn ip_pktinfo_tells_the_address_that_was_sent_to() {
    let mut both = Both::datagrams();
    let [server, client] = pair(&mut both, "0.0.0.0:8080");
    both.gives(
        server,
        setsockopt(3, IPPROTO_IP, IP_PKTINFO, int(1), 4),
        Ok(0),
    );
    both.gives(client, send_to(3, b"hello", "127.0.0.9:8080"), Ok(5));
    let mut msg = msg_out(2);
    msg.control = Some(UserOut::Capacity(64));
    msg.controllen = 64;
    let reply = both.gives(server, recvmsg(3, msg), Ok(2));
    let told = reply.written(nested::MSG_CONTROL).unwrap_or_default();
    assert_eq!(told.get(20..28), Some(&[127, 0, 0, 9, 127, 0, 0, 9][..]));
    let flags = reply.written(nested::MSG_FLAGS).map(<[u8]>::to_vec);
    assert_eq!(flags, Some(MSG_TRUNC.to_le_bytes().to_vec()));
}
