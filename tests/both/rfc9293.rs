//! The MUSTs of RFC 9293 that a program meets at its calls. Each test carries the requirement's label; those about
//! segments and time are in `tests/simulated/rfc9293*.rs`.

use crate::common::calls::*;
use crate::harness::{Both, Task};
use sockscope::kernel::TcpState::*;

#[track_caller]
fn option(both: &mut Both, task: Task, fd: i32, (level, name): (i32, i32)) -> Option<i32> {
    option_in(&both.gives(task, getsockopt(fd, level, name), Ok(0)))
}

fn set(fd: i32, (level, name): (i32, i32), value: i32) -> Syscall {
    setsockopt(fd, level, name, int(value), 4)
}

#[test]
fn must_12_and_47_an_aborted_connection_is_told_once() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, disconnect(3), Ok(0));
    let reset = Some(ECONNRESET.number());
    assert_eq!(option(&mut both, server, 4, (SOL_SOCKET, SO_ERROR)), reset);
    both.gives(server, recv(4, 1), Ok(0));
}

#[test]
fn must_41_a_passive_open_leaves_other_connections_alone() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, socket(), Ok(4));
    both.gives(client, bind(4, "127.0.0.1:8080"), Err(EADDRINUSE));
    both.gives(client, bind(4, "127.0.0.2:8080"), Ok(0));
    both.gives(client, listen(4, 1), Ok(0));
    both.gives(server, listen(3, 1), Ok(0));
    both.gives(client, send(3, b"x"), Ok(1));
    both.gives_bytes(server, recv(4, 1), b"x");
    both.gives(client, close(4), Ok(0));
    both.gives(server, send(4, b"y"), Ok(1));
    both.gives_bytes(client, recv(3, 1), b"y");
    both.states(&[Listen, Established, Established]);
}

#[test]
fn must_43_and_45_the_local_address_of_an_open_can_be_named_and_is_then_the_source() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, bind(3, "127.0.0.5:0"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    let reply = both.gives(server, accept_named(3), Ok(4));
    both.expect_name(&reply, "127.0.0.5:50001");
}

#[test]
fn must_44_without_a_local_address_the_route_gives_one() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "0.0.0.0:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.9:8080"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.1:40000");
    let reply = both.gives(server, accept_named(3), Ok(4));
    both.expect_name(&reply, "127.0.0.1:40000");
    both.names(server, getsockname(4), "127.0.0.9:8080");
}

#[test]
fn must_46_an_open_to_a_broadcast_or_multicast_address_is_refused() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, socket6(), Ok(4));
    for to in ["224.0.0.1:80", "255.255.255.255:80", "127.255.255.255:80"] {
        both.row(to);
        both.gives(task, connect(3, to), Err(ENETUNREACH));
    }
    both.gives(task, connect(4, "[ff02::1]:80"), Err(ENETUNREACH));
    both.states(&[]);
}

#[test]
fn must_48_the_diffserv_field_can_be_named() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let tos = (IPPROTO_IP, IP_TOS);
    assert_eq!(option(&mut both, client, 3, tos), Some(0));
    both.gives(client, set(3, tos, 0xb8), Ok(0));
    assert_eq!(option(&mut both, client, 3, tos), Some(0xb8));
}

#[test]
fn must_49_the_time_to_live_can_be_named() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let ttl = (IPPROTO_IP, IP_TTL);
    assert_eq!(option(&mut both, client, 3, ttl), Some(64));
    both.gives(client, set(3, ttl, 3), Ok(0));
    assert_eq!(option(&mut both, client, 3, ttl), Some(3));
    both.gives(client, set(3, ttl, 256), Err(EINVAL));
}

#[test]
fn must_24_25_27_and_28_keepalive_is_off_at_two_hours_and_both_can_be_changed() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let on = (SOL_SOCKET, SO_KEEPALIVE);
    for (name, default, other) in [
        (on, 0, 1),
        ((IPPROTO_TCP, TCP_KEEPIDLE), 7_200, 10),
        ((IPPROTO_TCP, TCP_KEEPINTVL), 75, 3),
        ((IPPROTO_TCP, TCP_KEEPCNT), 9, 4),
    ] {
        assert_eq!(option(&mut both, client, 3, name), Some(default));
        both.gives(client, set(3, name, other), Ok(0));
        assert_eq!(option(&mut both, client, 3, name), Some(other));
    }
}
