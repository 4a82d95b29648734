//! What Linux does and this kernel does not: the run is cut off, and says why.

use crate::common::calls::*;
use crate::common::host::{Host, Outcome};
use sockscope::base::Tid;
use sockscope::kernel::event::EventKind;
use sockscope::kernel::sysctl::Sysctl;

fn host() -> (Host, Tid) {
    let mut host = Host::new(1, Sysctl::default());
    let task = host.task();
    (host, task)
}

/// The calls succeed, and the next is cut off.
#[track_caller]
fn refused(mut host: Host, task: Tid, before: &[Syscall], last: &Syscall) {
    for call in before {
        host.ok(task, call);
    }
    let outcome = host.call(task, last);
    assert!(matches!(outcome, Outcome::NotModelled(_)), "{outcome:?}");
}

fn fork(host: &mut Host, task: Tid) -> Tid {
    host.ok(task, &Syscall::Fork);
    host.forked.pop().expect("a child").1
}

/// An IPv6 socket at port 7000 that talks to IPv4.
fn mapped(options: &[Syscall]) -> Vec<Syscall> {
    let connected = [bind(3, "[::]:7000"), connect(3, "[::ffff:127.0.0.1]:9")];
    [&[udp6()], options, &connected].concat()
}

fn form() -> Syscall {
    flag(3, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET)
}

fn two_of_one(flags: i32) -> Syscall {
    Syscall::Recvmmsg {
        fd: 3,
        msgvec: vec![msg_out(9)],
        vlen: 2,
        flags,
        timeout: None,
    }
}

#[test]
fn a_udp_socket_does_not_change_its_family_while_another_task_reads() {
    let (mut host, task) = host();
    for call in mapped(&[]) {
        host.ok(task, &call);
    }
    let other = fork(&mut host, task);
    assert_eq!(host.call(other, &recv(3, 9)), Outcome::Asleep);
    refused(host, task, &[], &form());
}

#[test]
fn a_udp_socket_with_a_datagram_of_ipv6_does_not_change_its_family() {
    let (host, task) = host();
    let before = [
        udp6(),
        bind(3, "[::]:7000"),
        send_to(3, b"x", "[::1]:7000"),
        connect(3, "[::ffff:127.0.0.1]:9"),
    ];
    refused(host, task, &before, &form());
}

#[test]
fn a_udp_socket_with_an_error_of_ipv6_does_not_change_its_family() {
    let (host, task) = host();
    let before = [
        udp6(),
        flag(3, IPPROTO_IPV6, IPV6_RECVERR, 1),
        bind(3, "[::]:7000"),
        send_to(3, b"x", "[::1]:9"),
        getsockopt(3, SOL_SOCKET, SO_ERROR),
        connect(3, "[::ffff:127.0.0.1]:9"),
    ];
    refused(host, task, &before, &form());
}

#[test]
fn a_udp_socket_that_shares_its_port_does_not_change_its_family() {
    let (host, task) = host();
    let share = |fd| flag(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    let mut before = mapped(&[share(3)]);
    before.extend([udp6(), share(4)]);
    let (mut alone, other) = self::host();
    for call in &before {
        alone.ok(other, call);
    }
    alone.ok(other, &form());
    before.push(bind(4, "[::]:7000"));
    refused(host, task, &before, &form());
}

#[test]
fn recvmmsg_that_fails_while_another_task_sleeps_on_the_socket_is_refused() {
    let (mut host, task) = host();
    host.ok(task, &udp());
    host.ok(task, &bind(3, "127.0.0.1:7000"));
    let other = fork(&mut host, task);
    assert_eq!(host.call(other, &poll(&[(3, 0)], -1)), Outcome::Asleep);
    let before = [send_to(3, b"x", "127.0.0.1:7000")];
    refused(host, task, &before, &two_of_one(0));
}

#[test]
fn a_datagram_for_a_group_or_for_everybody_is_refused_where_linux_finds_the_way() {
    let group = "239.1.1.1:9";
    for last in [
        send_to(3, b"x", group),
        connect(3, group),
        send_to(3, b"x", "255.255.255.255:9"),
        send_to(3, b"x", "127.255.255.255:9"),
    ] {
        let (host, task) = host();
        let broadcast = flag(3, SOL_SOCKET, SO_BROADCAST, 1);
        refused(
            host,
            task,
            &[udp(), broadcast, bind(3, "127.0.0.1:7000")],
            &last,
        );
    }
}

/// Not a refusal, but nothing that a program could see either.
#[test]
fn the_last_descriptor_that_is_closed_takes_the_socket_out_of_its_groups() {
    let (mut host, task) = host();
    let group = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 239, 1, 1, 1];
    let mut bytes = group.to_vec();
    bytes.resize(136, 0);
    host.ok(task, &udp());
    let join = setsockopt(3, IPPROTO_IP, MCAST_JOIN_GROUP, UserIn::Bytes(bytes), 136);
    host.ok(task, &join);
    host.ok(task, &dup(3));
    host.ok(task, &close(3));
    let left = |host: &Host| {
        let mut kinds = host.events.iter().map(|event| &event.kind);
        kinds.any(|kind| matches!(kind, EventKind::GroupLeft { .. }))
    };
    assert!(!left(&host));
    host.ok(task, &close(4));
    assert!(left(&host));
}
