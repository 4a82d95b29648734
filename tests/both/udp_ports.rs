//! UDP: who may have a port, and who gets what arrives there.

use crate::common::calls::*;
use crate::harness::{Both, Task};

#[test]
fn ports_are_shared_when_both_sockets_say_so() {
    for (first, second, opted, result) in [
        ("127.0.0.1:8080", "127.0.0.1:8080", 0, Err(EADDRINUSE)),
        ("0.0.0.0:8080", "127.0.0.1:8080", 0, Err(EADDRINUSE)),
        ("127.0.0.1:8080", "127.0.0.2:8080", 0, Ok(0)),
        ("127.0.0.1:8080", "127.0.0.1:8080", 1, Err(EADDRINUSE)),
        ("127.0.0.1:8080", "127.0.0.1:8080", 2, Ok(0)),
        ("[::]:8080", "0.0.0.0:8080", 0, Err(EADDRINUSE)),
        ("0.0.0.0:8080", "[::]:8080", 0, Err(EADDRINUSE)),
        ("0.0.0.0:8080", "[::1]:8080", 0, Ok(0)),
        ("[::]:8080", "[::1]:8080", 0, Err(EADDRINUSE)),
        ("[::1]:8080", "[::]:8080", 0, Err(EADDRINUSE)),
        ("[::ffff:0.0.0.0]:8080", "0.0.0.0:8080", 0, Err(EADDRINUSE)),
        ("[::ffff:0.0.0.0]:8080", "[::1]:8080", 0, Ok(0)),
        ("[::ffff:0.0.0.0]:8080", "[::]:8080", 0, Err(EADDRINUSE)),
    ] {
        let mut both = Both::datagrams();
        let task = both.task();
        for (fd, at, opted) in [(3, first, opted > 0), (4, second, opted > 1)] {
            let domain = if at.starts_with('[') {
                AF_INET6
            } else {
                AF_INET
            };
            both.gives(task, socket_of(domain, SOCK_DGRAM, 0), Ok(fd as u64));
            if opted {
                both.gives(task, reuseaddr(fd), Ok(0));
            }
            let expected = if fd == 3 { Ok(0) } else { result };
            both.gives(task, bind(fd, at), expected);
        }
        // TCP's ports are others.
        let tcp = both.task();
        both.listens(tcp, "127.0.0.1:8080", 1);
    }
}

#[test]
fn when_the_range_is_used_up_each_call_says_so_in_its_own_way() {
    let range = [("net/ipv4/ip_local_port_range", "40000 40002")];
    let mut both = Both::datagrams_with(&range);
    let task = both.task();
    for fd in 3..6 {
        both.gives(task, udp(), Ok(fd));
        both.gives(task, bind(fd as i32, "127.0.0.1:0"), Ok(0));
    }
    both.gives(task, udp(), Ok(6));
    both.gives(task, bind(6, "127.0.0.1:0"), Err(EADDRINUSE));
    both.gives(task, send_to(6, b"x", "127.0.0.1:9"), Err(EAGAIN));
    both.gives(task, connect(6, "127.0.0.1:9"), Err(EAGAIN));
    both.gives(task, send(6, b"x"), Err(EAGAIN));
    both.gives(task, bind(6, "127.0.0.2:0"), Ok(0));
}

/// Which of the descriptors 3, 4 … of the task gets a datagram.
#[track_caller]
fn who(both: &mut Both, from: Task, to: &str, task: Task, fds: std::ops::Range<i32>) -> Vec<i32> {
    both.gives(from, send_to(3, b"x", to), Ok(1));
    fds.filter(|fd| {
        let outcome = both.call(task, &recv_now(*fd, 1));
        outcome.reply().result.is_ok()
    })
    .collect()
}

#[test]
fn the_most_specific_socket_gets_the_datagram() {
    let mut both = Both::datagrams();
    let [task, client, stranger] = both.tasks();
    for (fd, at) in [
        (3, "127.0.0.1:8080"),
        (4, "127.0.0.1:8080"),
        (5, "0.0.0.0:8080"),
        (6, "[::]:8080"),
    ] {
        let domain = if at.starts_with('[') {
            AF_INET6
        } else {
            AF_INET
        };
        both.gives(task, socket_of(domain, SOCK_DGRAM, 0), Ok(fd as u64));
        both.gives(task, reuseaddr(fd), Ok(0));
        both.gives(task, bind(fd, at), Ok(0));
    }
    for (task, at) in [(client, "127.0.0.1:9090"), (stranger, "127.0.0.1:9091")] {
        both.gives(task, udp(), Ok(3));
        both.gives(task, bind(3, at), Ok(0));
    }
    let to = "127.0.0.1:8080";
    // Of equals the last that was bound, to just this address before any, IPv4 before dual.
    assert_eq!(who(&mut both, client, to, task, 3..7), [4]);
    assert_eq!(who(&mut both, client, "127.0.0.2:8080", task, 3..7), [5]);
    both.gives(task, connect(3, "127.0.0.1:9090"), Ok(0));
    assert_eq!(who(&mut both, client, to, task, 3..7), [3]);
    assert_eq!(who(&mut both, stranger, to, task, 3..7), [4]);
    both.gives(task, connect(4, "127.0.0.1:9090"), Ok(0));
    assert_eq!(who(&mut both, client, to, task, 3..7), [4]);
    assert_eq!(who(&mut both, stranger, to, task, 3..7), [5]);
    both.gives(task, disconnect(3), Ok(0));
    assert_eq!(who(&mut both, stranger, to, task, 3..7), [3]);
}

#[test]
fn a_wildcard_that_was_connected_is_the_newest_after_it() {
    let mut both = Both::datagrams();
    let [task, client] = both.tasks();
    both.gives(client, udp(), Ok(3));
    for fd in [3, 4] {
        both.gives(task, udp(), Ok(fd as u64));
        both.gives(task, reuseaddr(fd), Ok(0));
        both.gives(task, bind(fd, "0.0.0.0:8080"), Ok(0));
    }
    let to = "127.0.0.1:8080";
    assert_eq!(who(&mut both, client, to, task, 3..5), [4]);
    both.gives(task, connect(3, "127.0.0.1:9"), Ok(0));
    both.gives(task, disconnect(3), Ok(0));
    assert_eq!(who(&mut both, client, to, task, 3..5), [3]);
}

#[test]
fn so_reuseport_shares_a_port_and_spreads_conversations() {
    let mut both = Both::datagrams();
    let [task, client] = both.tasks();
    let share = |fd, optname| setsockopt(fd, SOL_SOCKET, optname, int(1), 4);
    for fd in 3..6 {
        both.gives(task, udp(), Ok(fd as u64));
        both.gives(task, share(fd, SO_REUSEPORT), Ok(0));
        both.gives(task, bind(fd, "127.0.0.1:8080"), Ok(0));
    }
    // One says SO_REUSEADDR, the others SO_REUSEPORT: that does not match.
    both.gives(task, udp(), Ok(6));
    both.gives(task, share(6, SO_REUSEADDR), Ok(0));
    both.gives(task, bind(6, "127.0.0.1:8080"), Err(EADDRINUSE));
    // A conversation stays with one socket; several are spread.
    let spread = both.each(|call| {
        let mut used = [false; 3];
        for round in 0..40 {
            call(client, &udp());
            let mut got = Vec::new();
            for _ in 0..3 {
                call(client, &send_to(3, b"x", "127.0.0.1:8080"));
                for fd in 3..6 {
                    if call(task, &recv_now(fd, 1)).reply().result.is_ok() {
                        got.push(fd);
                    }
                }
            }
            assert!(
                got.len() == 3 && got.iter().all(|fd| *fd == got[0]),
                "{round}: {got:?}"
            );
            used[got[0] as usize - 3] = true;
            call(client, &close(3));
        }
        used
    });
    assert_eq!(spread, [true; 3]);
}

#[test]
fn ipv6_v6only_leaves_ipv4_to_others() {
    let mut both = Both::datagrams();
    let [task, client] = both.tasks();
    both.gives(task, udp6(), Ok(3));
    both.gives(
        task,
        setsockopt(3, IPPROTO_IPV6, IPV6_V6ONLY, int(1), 4),
        Ok(0),
    );
    both.gives(task, bind(3, "[::]:8080"), Ok(0));
    both.gives(task, udp(), Ok(4));
    both.gives(task, bind(4, "0.0.0.0:8080"), Ok(0));
    both.gives(client, udp(), Ok(3));
    assert_eq!(who(&mut both, client, "127.0.0.1:8080", task, 3..5), [4]);
    both.gives(task, close(4), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, send(3, b"x"), Ok(1));
    both.gives(client, recv_now(3, 1), Err(ECONNREFUSED));
    for to in ["127.0.0.1:9", "[::ffff:127.0.0.1]:9"] {
        both.gives(task, send_to(3, b"x", to), Err(ENETUNREACH));
    }
    both.gives(task, connect(3, "127.0.0.1:9"), Err(EAFNOSUPPORT));
    both.gives(task, connect(3, "[::ffff:127.0.0.1]:9"), Err(ENETUNREACH));
    both.gives(task, udp6(), Ok(4));
    both.gives(
        task,
        setsockopt(4, IPPROTO_IPV6, IPV6_V6ONLY, int(1), 4),
        Ok(0),
    );
    both.gives(task, bind(4, "[::ffff:127.0.0.1]:8081"), Err(EINVAL));
}
