//! IPV6_ADDRFORM: an AF_INET6 socket with an IPv4 peer becomes an AF_INET socket.

use crate::common::calls::*;
use crate::harness::{Both, Task};

const SERVER: &str = "127.0.0.1:8080";
const MAPPED: &str = "[::ffff:127.0.0.1]:8080";
const UDP_CORK: i32 = 1;

fn form(fd: i32, family: i32) -> Syscall {
    flag(fd, IPPROTO_IPV6, IPV6_ADDRFORM, family)
}

fn get_form(fd: i32) -> Syscall {
    getsockopt(fd, IPPROTO_IPV6, IPV6_ADDRFORM)
}

fn domain(fd: i32) -> Syscall {
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN)
}

/// A dual-stack listener at descriptor 3, an IPv4 client at 4 and its connection at 5.
fn accepted() -> (Both, Task) {
    let mut both = Both::new();
    let task = both.task();
    both.all(
        task,
        [
            (socket6(), Ok(3)),
            (bind(3, "[::]:8080"), Ok(0)),
            (listen(3, 5), Ok(0)),
            (socket(), Ok(4)),
            (connect(4, SERVER), Ok(0)),
            (accept(3), Ok(5)),
        ],
    );
    (both, task)
}

#[test]
fn a_child_that_became_an_ipv4_socket_listens_and_accepts_as_one() {
    let (mut both, task) = accepted();
    both.all(
        task,
        [
            (form(5, AF_INET), Ok(0)),
            (domain(5), Ok(0)),
            (getsockname(5), Ok(0)),
            (getpeername(5), Ok(0)),
            (disconnect(5), Ok(0)),
            (getsockname(5), Ok(0)),
            (bind(5, "[::1]:8081"), Err(EAFNOSUPPORT)),
            (bind(5, "127.0.0.1:8081"), Ok(0)),
            (listen(5, 1), Ok(0)),
            (getsockname(5), Ok(0)),
            (socket(), Ok(6)),
            (connect(6, "127.0.0.1:8081"), Ok(0)),
            (accept_named(5), Ok(7)),
            (domain(7), Ok(0)),
            (getsockname(7), Ok(0)),
            (form(7, AF_INET), Err(ENOPROTOOPT)),
            (send(6, b"hello"), Ok(5)),
            (recv(7, 9), Ok(5)),
            (close(5), Ok(0)),
            (close(7), Ok(0)),
            (recv(6, 9), Ok(0)),
            // The listener that it came from is what it was.
            (domain(3), Ok(0)),
            (socket6(), Ok(5)),
            (connect(5, "[::1]:8080"), Ok(0)),
            (accept_named(3), Ok(7)),
            (domain(7), Ok(0)),
        ],
    );
}

#[test]
fn either_end_that_changes_its_family_goes_on_with_its_connection() {
    let (mut both, task) = accepted();
    both.all(
        task,
        [
            (socket6(), Ok(6)),
            (connect(6, MAPPED), Ok(0)),
            (accept(3), Ok(7)),
            (send(6, b"before"), Ok(6)),
            (form(6, AF_INET), Ok(0)),
            (form(7, AF_INET), Ok(0)),
            (send(7, b"after"), Ok(5)),
            (recv(7, 20), Ok(6)),
            (recv(6, 20), Ok(5)),
            (getpeername(6), Ok(0)),
            (getpeername(7), Ok(0)),
            (getsockopt(6, IPPROTO_TCP, TCP_MAXSEG), Ok(0)),
            (shutdown(6, SHUT_WR), Ok(0)),
            (recv(7, 20), Ok(0)),
            (close(7), Ok(0)),
            (recv(6, 20), Ok(0)),
        ],
    );
}

#[test]
fn only_an_established_connection_over_ipv4_changes() {
    let (mut both, task) = accepted();
    both.all(
        task,
        [
            (form(3, AF_INET), Err(ENOTCONN)),
            (get_form(3), Err(ENOTCONN)),
            (form(4, AF_INET), Err(ENOPROTOOPT)),
            (get_form(4), Err(EOPNOTSUPP)),
            (get_form(5), Ok(0)),
            (form(5, AF_INET6), Err(EINVAL)),
            (form(5, AF_UNSPEC), Err(EINVAL)),
            (
                setsockopt(5, IPPROTO_IPV6, IPV6_ADDRFORM, int(AF_INET), 3),
                Err(EINVAL),
            ),
            (
                setsockopt(5, IPPROTO_IPV6, IPV6_ADDRFORM, UserIn::Fault, 4),
                Err(EFAULT),
            ),
            (socket6(), Ok(6)),
            (form(6, AF_INET), Err(ENOTCONN)),
            (form(6, AF_INET6), Err(EINVAL)),
            (connect(6, "[::1]:8080"), Ok(0)),
            (get_form(6), Ok(0)),
            (form(6, AF_INET), Err(EADDRNOTAVAIL)),
            // With the peer's FIN it is CLOSE-WAIT.
            (close(4), Ok(0)),
            (form(5, AF_INET), Err(ENOTCONN)),
            (get_form(5), Err(ENOTCONN)),
        ],
    );
}

#[test]
fn a_child_that_changes_its_family_loses_what_only_ipv6_has() {
    let (mut both, task) = accepted();
    let level = |name, value| flag(5, IPPROTO_IPV6, name, value);
    both.all(
        task,
        [
            (level(IPV6_UNICAST_HOPS, 9), Ok(0)),
            (flag(5, IPPROTO_IP, IP_TTL, 7), Ok(0)),
            (getsockopt(5, IPPROTO_IP, IP_MULTICAST_ALL), Ok(0)),
            (form(5, AF_INET), Ok(0)),
            (level(IPV6_UNICAST_HOPS, 9), Err(ENOPROTOOPT)),
            (
                getsockopt(5, IPPROTO_IPV6, IPV6_UNICAST_HOPS),
                Err(EOPNOTSUPP),
            ),
            (get_form(5), Err(EOPNOTSUPP)),
            (getsockopt(5, IPPROTO_IP, IP_TTL), Ok(0)),
            // Which ip(7) has another default for each family of.
            (getsockopt(5, IPPROTO_IP, IP_MULTICAST_ALL), Ok(0)),
        ],
    );
}

/// A UDP socket of IPv6 at descriptor 3, whose peer is the IPv4 socket at 4.
fn datagrams() -> (Both, Task) {
    let mut both = Both::datagrams();
    let task = both.task();
    both.all(
        task,
        [
            (udp6(), Ok(3)),
            (bind(3, "[::]:7000"), Ok(0)),
            (udp(), Ok(4)),
            (bind(4, "127.0.0.1:8080"), Ok(0)),
            (form(3, AF_INET), Err(ENOTCONN)),
            (connect(3, MAPPED), Ok(0)),
        ],
    );
    (both, task)
}

#[test]
fn a_udp_socket_with_an_ipv4_peer_changes() {
    let (mut both, task) = datagrams();
    both.all(
        task,
        [
            (send_to(4, b"before", "127.0.0.1:7000"), Ok(6)),
            (get_form(3), Ok(0)),
            (form(3, AF_INET), Ok(0)),
            (domain(3), Ok(0)),
            (getsockname(3), Ok(0)),
            (getpeername(3), Ok(0)),
            (recv_from(3, 20), Ok(6)),
            (send(3, b"out"), Ok(3)),
            (recv_from(4, 20), Ok(3)),
            (connect(3, MAPPED), Err(EAFNOSUPPORT)),
            (disconnect(3), Ok(0)),
            (getsockname(3), Ok(0)),
            (send_to(4, b"again", "127.0.0.2:7000"), Ok(5)),
            (recv_from(3, 20), Ok(5)),
            (udp6(), Ok(5)),
            // It leaves the port to IPv6.
            (flag(5, IPPROTO_IPV6, IPV6_V6ONLY, 1), Ok(0)),
            (bind(5, "[::]:7000"), Ok(0)),
            (udp(), Ok(6)),
            (bind(6, "127.0.0.1:7000"), Err(EADDRINUSE)),
        ],
    );
}

#[test]
fn a_udp_socket_with_data_held_back_for_ipv6_does_not_change() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.all(
        task,
        [
            (udp6(), Ok(3)),
            (connect(3, "[::1]:7000"), Ok(0)),
            (form(3, AF_INET), Err(EADDRNOTAVAIL)),
            (flag(3, IPPROTO_UDP, UDP_CORK, 1), Ok(0)),
            (send(3, b"x"), Ok(1)),
            (form(3, AF_INET), Err(EBUSY)),
            (udp6(), Ok(4)),
            (connect(4, MAPPED), Ok(0)),
            (flag(4, IPPROTO_UDP, UDP_CORK, 1), Ok(0)),
            (send(4, b"x"), Ok(1)),
            (form(4, AF_INET), Ok(0)),
            (send(4, b"y"), Ok(1)),
        ],
    );
}
