//! Who may own which port, and which port the kernel chooses.

use crate::common::calls::*;
use crate::harness::{Both, Task};

const IN_USE: Result<u64, Errno> = Err(EADDRINUSE);

/// A socket with or without SO_REUSEADDR, bound, perhaps listening.
struct Owner {
    at: &'static str,
    reuse: bool,
    listens: bool,
}

fn plain(at: &'static str) -> Owner {
    Owner {
        at,
        reuse: false,
        listens: false,
    }
}

fn reusing(at: &'static str) -> Owner {
    Owner {
        reuse: true,
        ..plain(at)
    }
}

fn listening(at: &'static str) -> Owner {
    Owner {
        listens: true,
        ..reusing(at)
    }
}

/// Makes the owner's socket; what bind(2) and listen(2) must answer.
#[track_caller]
fn own(both: &mut Both, task: Task, fd: u64, owner: &Owner, expected: Result<u64, Errno>) {
    let make = if owner.at.starts_with('[') {
        socket6()
    } else {
        socket()
    };
    both.gives(task, make, Ok(fd));
    let fd = fd as i32;
    if owner.reuse {
        both.gives(task, reuseaddr(fd), Ok(0));
    }
    both.gives(task, bind(fd, owner.at), expected);
    if owner.listens && expected.is_ok() {
        both.gives(task, listen(fd, 1), Ok(0));
    }
}

#[test]
fn a_second_owner_of_a_port() {
    let free = Ok(0);
    let rows = [
        (plain("127.0.0.1:9000"), plain("127.0.0.1:9000"), IN_USE),
        (plain("0.0.0.0:9000"), plain("127.0.0.1:9000"), IN_USE),
        (plain("127.0.0.1:9000"), plain("0.0.0.0:9000"), IN_USE),
        (plain("127.0.0.1:9000"), plain("127.0.0.2:9000"), free),
        (plain("127.0.0.1:9000"), plain("127.0.0.1:9001"), free),
        (reusing("127.0.0.1:9000"), reusing("127.0.0.1:9000"), free),
        (reusing("0.0.0.0:9000"), reusing("127.0.0.1:9000"), free),
        (reusing("127.0.0.1:9000"), plain("127.0.0.1:9000"), IN_USE),
        (plain("127.0.0.1:9000"), reusing("127.0.0.1:9000"), IN_USE),
        (
            listening("127.0.0.1:9000"),
            reusing("127.0.0.1:9000"),
            IN_USE,
        ),
        (listening("0.0.0.0:9000"), reusing("127.0.0.1:9000"), IN_USE),
        (listening("127.0.0.1:9000"), reusing("0.0.0.0:9000"), IN_USE),
        (listening("127.0.0.1:9000"), reusing("127.0.0.2:9000"), free),
        // IPv6 sockets take IPv4 as well, unless IPV6_V6ONLY is set.
        (plain("[::]:9000"), plain("0.0.0.0:9000"), IN_USE),
        (plain("0.0.0.0:9000"), plain("[::]:9000"), IN_USE),
        (plain("[::]:9000"), plain("127.0.0.1:9000"), IN_USE),
        (plain("127.0.0.1:9000"), plain("[::]:9000"), IN_USE),
        (plain("[::1]:9000"), plain("127.0.0.1:9000"), free),
        (plain("[::1]:9000"), plain("0.0.0.0:9000"), free),
        (plain("0.0.0.0:9000"), plain("[::1]:9000"), free),
        (plain("[::1]:9000"), plain("[::]:9000"), IN_USE),
        (plain("[::]:9000"), plain("[::1]:9000"), IN_USE),
        (reusing("[::]:9000"), reusing("0.0.0.0:9000"), free),
        (listening("[::]:9000"), reusing("0.0.0.0:9000"), IN_USE),
        (
            plain("[::ffff:127.0.0.1]:9000"),
            plain("127.0.0.1:9000"),
            IN_USE,
        ),
        (
            plain("[::ffff:127.0.0.1]:9000"),
            plain("127.0.0.2:9000"),
            free,
        ),
        (
            plain("[::ffff:127.0.0.1]:9000"),
            plain("0.0.0.0:9000"),
            IN_USE,
        ),
        (plain("[::ffff:127.0.0.1]:9000"), plain("[::1]:9000"), free),
        (plain("[::ffff:0.0.0.0]:9000"), plain("[::1]:9000"), free),
        (
            plain("[::ffff:0.0.0.0]:9000"),
            plain("127.0.0.1:9000"),
            IN_USE,
        ),
    ];
    let mut both = Both::new();
    for (first, second, expected) in rows {
        let task = both.task();
        own(&mut both, task, 3, &first, Ok(0));
        own(&mut both, task, 4, &second, expected);
        // Both at once, then after the first has gone.
        both.gives(task, close(3), Ok(0));
        if expected.is_err() {
            both.gives(task, bind(4, second.at), Ok(0));
        }
        both.gives(task, close(4), Ok(0));
    }
}

#[test]
fn three_owners_and_a_listener_among_those_that_share() {
    let mut both = Both::new();
    let task = both.task();
    for fd in [3, 4, 5] {
        own(&mut both, task, fd, &reusing("127.0.0.1:9000"), Ok(0));
    }
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, listen(4, 1), IN_USE);
    both.gives(task, close(3), Ok(0));
    both.gives(task, listen(4, 1), Ok(0));
    own(&mut both, task, 3, &reusing("127.0.0.1:9000"), IN_USE);
    // SO_REUSEADDR may go once the port is had; it counts again for the next one.
    both.gives(
        task,
        setsockopt(5, SOL_SOCKET, SO_REUSEADDR, int(0), 4),
        Ok(0),
    );
    both.gives(task, close(4), Ok(0));
    both.gives(task, bind(3, "127.0.0.1:9000"), IN_USE);
}

#[test]
fn a_socket_is_bound_once() {
    let mut both = Both::new();
    let task = both.task();
    own(&mut both, task, 3, &plain("127.0.0.1:9000"), Ok(0));
    both.gives(task, bind(3, "127.0.0.1:9000"), Err(EINVAL));
    both.gives(task, bind(3, "127.0.0.1:9001"), Err(EINVAL));
    both.gives(task, bind(3, "0.0.0.0:0"), Err(EINVAL));
    both.names(task, getsockname(3), "127.0.0.1:9000");
    both.gives(task, socket(), Ok(4));
    both.gives(task, bind(4, "127.0.0.1:9000"), IN_USE);
    both.names(task, getsockname(4), "0.0.0.0:0");
    both.gives(task, bind(4, "127.0.0.1:9001"), Ok(0));
}

#[test]
fn ports_below_1024_need_a_capability() {
    let mut both = Both::new();
    let (user, root) = (both.task(), both.root());
    for task in [user, root] {
        both.gives(task, socket(), Ok(3));
    }
    for port in [1, 80, 443, 1023] {
        let at = format!("127.0.0.1:{port}");
        both.gives(user, bind(3, &at), Err(EACCES));
    }
    both.gives(root, bind(3, "127.0.0.1:80"), Ok(0));
    // The right comes before the conflict.
    both.gives(user, bind(3, "127.0.0.1:80"), Err(EACCES));
    both.gives(user, bind(3, "127.0.0.1:1024"), Ok(0));
}

#[test]
fn the_first_unprivileged_port_can_be_set() {
    let mut both = Both::with(&[("net/ipv4/ip_unprivileged_port_start", "80")]);
    let task = both.task();
    own(&mut both, task, 3, &plain("127.0.0.1:79"), Err(EACCES));
    both.gives(task, bind(3, "127.0.0.1:80"), Ok(0));
}

#[test]
fn the_kernel_chooses_odd_ports_for_bind_and_even_ones_for_connect() {
    let mut both = Both::new();
    let task = both.task();
    own(&mut both, task, 3, &plain("127.0.0.1:9000"), Ok(0));
    both.gives(task, listen(3, 9), Ok(0));
    for fd in 4..8 {
        own(&mut both, task, fd, &plain("127.0.0.1:0"), Ok(0));
    }
    for (fd, name) in [(4, "127.0.0.1:50001"), (5, "127.0.0.1:50003")] {
        both.names(task, getsockname(fd), name);
    }
    for fd in 8..12 {
        both.gives(task, socket(), Ok(fd));
        both.gives(task, connect(fd as i32, "127.0.0.1:9000"), Ok(0));
    }
    for (fd, name) in [(8, "127.0.0.1:40000"), (9, "127.0.0.1:40002")] {
        both.names(task, getsockname(fd), name);
    }
    own(&mut both, task, 12, &reusing("127.0.0.1:0"), Ok(0));
    both.names(task, getsockname(12), "127.0.0.1:50005");
    both.gives(task, socket(), Ok(13));
    both.gives(task, listen(13, 1), Ok(0));
    both.names(task, getsockname(13), "0.0.0.0:50007");
    both.gives(task, socket6(), Ok(14));
    both.gives(task, listen(14, 1), Ok(0));
    both.names(task, getsockname(14), "[::]:50009");
}

const FOUR: [(&str, &str); 1] = [("net/ipv4/ip_local_port_range", "40000 40003")];

#[test]
fn connect_runs_out_of_ports_for_one_destination() {
    let mut both = Both::with(&FOUR);
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9000", 10);
    own(&mut both, server, 4, &plain("127.0.0.1:9001"), Ok(0));
    both.gives(server, listen(4, 10), Ok(0));
    for (fd, parity) in [(3, 0), (4, 0), (5, 1), (6, 1)] {
        both.gives(client, socket(), Ok(fd));
        both.gives(client, connect(fd as i32, "127.0.0.1:9000"), Ok(0));
        let reply = both.gives(client, getsockname(fd as i32), Ok(0));
        assert_eq!(name_in(&reply).port() % 2, parity, "even ones first");
    }
    both.gives(client, socket(), Ok(7));
    both.gives(client, connect(7, "127.0.0.1:9000"), Err(EADDRNOTAVAIL));
    both.names(client, getsockname(7), "0.0.0.0:0");
    // Another destination, or another address of the same, may have the same ports.
    both.gives(client, connect(7, "127.0.0.1:9001"), Ok(0));
    both.gives(client, socket(), Ok(8));
    both.gives(client, bind(8, "127.0.0.1:0"), IN_USE);
    both.names(client, getsockname(8), "0.0.0.0:0");
    both.gives(client, listen(8, 1), IN_USE);
}

#[test]
fn bind_runs_out_of_ports_and_connect_avoids_those() {
    let mut both = Both::with(&FOUR);
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9000", 10);
    for (fd, parity) in [(3, 1), (4, 1), (5, 0)] {
        own(&mut both, client, fd, &plain("127.0.0.1:0"), Ok(0));
        let reply = both.gives(client, getsockname(fd as i32), Ok(0));
        assert_eq!(name_in(&reply).port() % 2, parity, "odd ones first");
    }
    both.gives(client, socket(), Ok(6));
    both.gives(client, connect(6, "127.0.0.1:9000"), Ok(0));
    both.gives(client, socket(), Ok(7));
    both.gives(client, connect(7, "127.0.0.1:9000"), Err(EADDRNOTAVAIL));
    both.gives(client, bind(7, "127.0.0.1:0"), IN_USE);
    // Another address has its own ports, for bind(2) at least.
    both.gives(client, bind(7, "127.0.0.2:0"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
    both.gives(client, close(6), Ok(0));
}

#[test]
fn the_kernel_chooses_no_port_that_somebody_has_not_even_to_share() {
    let mut both = Both::with(&FOUR);
    let task = both.task();
    for fd in 3..8 {
        let expected = if fd < 7 { Ok(0) } else { IN_USE };
        own(&mut both, task, fd, &reusing("127.0.0.1:0"), expected);
    }
    for fd in 3..7 {
        both.gives(task, listen(fd, 1), Ok(0));
    }
}

#[test]
fn reuseaddr_counts_as_it_is_when_another_comes() {
    let mut both = Both::new();
    let task = both.task();
    let set = |fd, value| setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, int(value), 4);
    own(&mut both, task, 3, &reusing("127.0.0.1:9000"), Ok(0));
    both.gives(task, set(3, 0), Ok(0));
    own(&mut both, task, 4, &reusing("127.0.0.1:9000"), IN_USE);
    own(&mut both, task, 5, &plain("127.0.0.1:9001"), Ok(0));
    both.gives(task, set(5, 1), Ok(0));
    own(&mut both, task, 6, &reusing("127.0.0.1:9001"), Ok(0));
    own(&mut both, task, 7, &plain("127.0.0.1:9001"), IN_USE);
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, listen(5, 1), Ok(0));
}

#[test]
fn connect_chooses_no_port_that_a_bind_shares() {
    for owner in [plain("127.0.0.2:40000"), reusing("127.0.0.2:40000")] {
        let mut both = Both::with(&[("net/ipv4/ip_local_port_range", "40000 40001")]);
        let [server, client] = both.tasks();
        both.listens(server, "0.0.0.0:9000", 10);
        both.gives(client, socket(), Ok(3));
        both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
        both.names(client, getsockname(3), "127.0.0.1:40000");
        own(&mut both, client, 4, &owner, Ok(0));
        both.gives(client, socket(), Ok(5));
        both.gives(client, connect(5, "127.0.0.3:9000"), Ok(0));
        both.names(client, getsockname(5), "127.0.0.1:50001");
        // The bind(2) has left no trace.
        both.gives(client, close(4), Ok(0));
        both.gives(client, socket(), Ok(4));
        both.gives(client, connect(4, "127.0.0.4:9000"), Ok(0));
        both.names(client, getsockname(4), "127.0.0.1:40000");
    }
}

#[test]
fn ipv4_wildcard_on_an_ipv6_socket_takes_ipv4_only() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    own(&mut both, server, 3, &plain("[::ffff:0.0.0.0]:9000"), Ok(0));
    both.gives(server, listen(3, 4), Ok(0));
    both.names(server, getsockname(3), "[::ffff:0.0.0.0]:9000");
    both.gives(client, socket6(), Ok(3));
    both.gives(client, connect(3, "[::1]:9000"), Err(ECONNREFUSED));
    both.gives(client, socket(), Ok(4));
    both.gives(client, connect(4, "127.0.0.1:9000"), Ok(0));
    both.gives(server, accept_named(3), Ok(4));
    both.names(server, getpeername(4), "[::ffff:127.0.0.1]:40000");
}

#[test]
fn a_client_may_name_its_port() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9000", 10);
    own(&mut both, client, 3, &reusing("127.0.0.1:9001"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
    own(&mut both, client, 4, &reusing("127.0.0.1:9001"), Ok(0));
    // The four addresses together must be new.
    both.gives(client, connect(4, "127.0.0.1:9000"), Err(EADDRNOTAVAIL));
    both.names(client, getsockname(4), "127.0.0.1:9001");
    both.gives(client, connect(4, "127.0.0.1:9003"), Err(ECONNREFUSED));
    both.gives(client, close(4), Ok(0));
    // A bound port is kept after a failure, address and all.
    own(&mut both, client, 4, &plain("127.0.0.1:9002"), Ok(0));
    both.gives(client, connect(4, "127.0.0.1:1"), Err(ECONNREFUSED));
    both.names(client, getsockname(4), "127.0.0.1:9002");
    own(&mut both, server, 4, &plain("127.0.0.1:9002"), IN_USE);
    both.gives(client, connect(4, "127.0.0.1:9000"), Ok(0));
    both.gives(server, accept_named(3), Ok(5));
    both.gives(server, accept_named(3), Ok(6));
    both.names(server, getpeername(5), "127.0.0.1:9001");
    both.names(server, getpeername(6), "127.0.0.1:9002");
}

#[test]
fn a_refused_socket_forgets_its_address_and_shows_the_port() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:9000"), Err(ECONNREFUSED));
    both.names(client, getsockname(3), "0.0.0.0:40000");
    both.gives(client, getpeername(3), Err(ENOTCONN));
    both.listens(server, "127.0.0.1:9000", 1);
    both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
    both.gives(client, getsockname(3), Ok(0));
    both.gives(client, socket(), Ok(4));
    both.gives(client, connect(4, "127.0.0.1:1"), Err(ECONNREFUSED));
    both.gives(client, bind(4, "127.0.0.1:9003"), Ok(0));
    both.names(client, getsockname(4), "127.0.0.1:9003");
    both.gives(client, connect(4, "127.0.0.1:9000"), Ok(0));
}

/// A server whose side has closed first: TIME-WAIT on its port.
fn time_wait(both: &mut Both, reuse: bool) -> [Task; 2] {
    let [server, client] = both.tasks();
    let owner = Owner {
        reuse,
        ..plain("127.0.0.1:9100")
    };
    own(both, server, 3, &owner, Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:9100"), Ok(0));
    both.gives(server, accept(3), Ok(4));
    both.gives(server, close(4), Ok(0));
    both.gives(client, recv(3, 1), Ok(0));
    both.gives(client, close(3), Ok(0));
    both.gives(server, close(3), Ok(0));
    both.states(&[sockscope::kernel::TcpState::TimeWait]);
    [server, client]
}

#[test]
fn a_time_wait_keeps_the_port_unless_both_reuse_it() {
    for (before, after, expected) in [
        (false, false, IN_USE),
        (false, true, IN_USE),
        (true, false, IN_USE),
        (true, true, Ok(0)),
    ] {
        let mut both = Both::new();
        let [server, client] = time_wait(&mut both, before);
        let owner = Owner {
            reuse: after,
            ..plain("127.0.0.1:9100")
        };
        own(&mut both, server, 3, &owner, expected);
        if expected.is_ok() {
            both.gives(server, listen(3, 5), Ok(0));
            both.gives(client, socket(), Ok(3));
            both.gives(client, connect(3, "127.0.0.1:9100"), Ok(0));
            both.gives(server, accept(3), Ok(4));
        }
    }
}

#[test]
fn a_time_wait_on_the_clients_side_does_not_keep_the_servers_port() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, close(3), Ok(0));
    both.gives(server, recv(4, 1), Ok(0));
    both.gives(server, close(4), Ok(0));
    both.gives(server, close(3), Ok(0));
    both.states(&[sockscope::kernel::TcpState::TimeWait]);
    both.listens(server, "127.0.0.1:8080", 5);
}

#[test]
fn a_connection_keeps_its_listeners_port() {
    let mut both = Both::new();
    let [server, _client] = both.pair();
    both.gives(server, close(3), Ok(0));
    own(&mut both, server, 3, &plain("127.0.0.1:8080"), IN_USE);
    both.gives(server, reuseaddr(3), Ok(0));
    // The accepted connection inherited that SO_REUSEADDR was not set.
    both.gives(server, bind(3, "127.0.0.1:8080"), IN_USE);
    both.gives(server, reuseaddr(4), Ok(0));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, listen(3, 1), Ok(0));
}

#[test]
fn bind_does_not_take_a_port_that_a_connection_chose() {
    let mut both = Both::new();
    let [_server, client] = both.pair();
    both.names(client, getsockname(3), "127.0.0.1:40000");
    own(&mut both, client, 4, &plain("127.0.0.1:40000"), IN_USE);
    both.gives(client, reuseaddr(4), Ok(0));
    both.gives(client, bind(4, "127.0.0.1:40000"), IN_USE);
    both.gives(client, bind(4, "127.0.0.2:40000"), Ok(0));
    both.gives(client, close(3), Ok(0));
}

#[test]
fn a_port_in_time_wait_is_chosen_again_after_a_second() {
    let mut both = Both::with(&[("net/ipv4/ip_local_port_range", "40000 40000")]);
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9000", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
    both.gives(server, accept(3), Ok(4));
    both.gives(client, close(3), Ok(0));
    both.gives(server, recv(4, 1), Ok(0));
    both.gives(server, close(4), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:9000"), Err(EADDRNOTAVAIL));
    both.sleeps(server, sleep(2_100));
    both.comes_back(server, Ok(0));
    both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.1:40000");
}
