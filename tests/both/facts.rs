//! What was measured of TCP on Linux 6.18 and no other test here shows.

use crate::common::calls::*;
use crate::harness::Both;
use sockscope::kernel::TcpState::*;

#[test]
fn tcp_and_udp_have_ports_of_their_own() {
    let mut both = Both::new();
    let task = both.task();
    both.listens(task, "127.0.0.1:9000", 1);
    both.gives(task, udp(), Ok(4));
    both.gives(task, bind(4, "127.0.0.1:9000"), Ok(0));
    both.names(task, getsockname(4), "127.0.0.1:9000");
}

#[test]
fn of_two_that_share_a_port_one_may_listen() {
    let mut both = Both::new();
    let task = both.task();
    for fd in [3, 4] {
        both.gives(task, socket(), Ok(fd));
        both.gives(task, reuseaddr(fd as i32), Ok(0));
        both.gives(task, bind(fd as i32, "127.0.0.1:9000"), Ok(0));
    }
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, listen(4, 1), Err(EADDRINUSE));
    // The second is still bound.
    both.states(&[Closed, Listen]);
}

#[test]
fn with_ip_bind_address_no_port_connect_chooses_the_port() {
    let mut both = Both::with(&[("net/ipv4/ip_local_port_range", "40000 40003")]);
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9000", 5);
    both.gives(client, socket(), Ok(3));
    let (level, name) = (IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    both.gives(client, setsockopt(3, level, name, int(1), 4), Ok(0));
    both.gives(client, bind(3, "127.0.0.2:0"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.2:0");
    both.gives(client, connect(3, "127.0.0.1:9000"), Ok(0));
    both.names(client, getsockname(3), "127.0.0.2:40000");
}

#[test]
fn a_network_without_route_cannot_be_reached() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, connect(3, "10.9.0.1:80"), Err(ENETUNREACH));
    both.names(task, getsockname(3), "0.0.0.0:0");
}

#[test]
fn a_socket_connected_to_itself_keeps_the_servers_port() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(client, socket(), Ok(3));
    both.gives(client, bind(3, "127.0.0.1:45678"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:45678"), Ok(0));
    both.gives(server, socket(), Ok(3));
    both.gives(server, bind(3, "127.0.0.1:45678"), Err(EADDRINUSE));
}

#[test]
fn a_listener_for_ipv6_only_does_not_answer_ipv4() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, socket6(), Ok(3));
    let (level, name) = (IPPROTO_IPV6, IPV6_V6ONLY);
    both.gives(server, setsockopt(3, level, name, int(1), 4), Ok(0));
    both.gives(server, bind(3, "[::]:8080"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.gives(client, socket6(), Ok(4));
    both.gives(client, connect(4, "[::1]:8080"), Ok(0));
}

#[test]
fn every_connection_that_the_server_does_not_close_stays_in_close_wait() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:9600", 5);
    for nth in 0..3 {
        both.gives(client, socket(), Ok(3));
        both.gives(client, connect(3, "127.0.0.1:9600"), Ok(0));
        both.gives(server, accept(3), Ok(4 + nth));
        both.gives(client, close(3), Ok(0));
    }
    let (orphan, forgotten) = (FinWait2, CloseWait);
    both.states(&[
        Listen, orphan, forgotten, orphan, forgotten, orphan, forgotten,
    ]);
}

#[test]
fn accept_without_a_free_descriptor_leaves_the_connection_in_the_queue() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    for fd in 4..1024 {
        both.gives(server, dup(3), Ok(fd));
    }
    both.gives(server, accept(3), Err(EMFILE));
    both.gives(server, socket(), Err(EMFILE));
    both.states(&[Listen, Established, Established]);
    both.gives(server, close(9), Ok(0));
    both.gives(server, accept(3), Ok(9));
}

#[test]
fn must_46_no_connection_is_opened_to_a_group_or_to_everybody() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, connect(3, "224.0.0.1:80"), Err(ENETUNREACH));
    both.gives(task, connect(3, "255.255.255.255:80"), Err(ENETUNREACH));
    both.gives(task, socket6(), Ok(4));
    both.gives(task, connect(4, "[ff02::1]:80"), Err(ENETUNREACH));
}

#[test]
fn after_a_write_to_a_closed_peer_reading_ends_and_so_error_is_epipe() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, close(4), Ok(0));
    both.gives(client, send(3, b"x"), Ok(1));
    both.gives(client, recv(3, 10), Ok(0));
    let reply = both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(option_in(&reply), Some(EPIPE.number()));
    both.gives(client, send_quiet(3, b"y"), Err(EPIPE));
}

#[test]
fn with_ip_freebind_an_address_that_nobody_has_can_be_bound() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, bind(3, "10.1.2.3:9000"), Err(EADDRNOTAVAIL));
    let (level, name) = (IPPROTO_IP, IP_FREEBIND);
    both.gives(task, setsockopt(3, level, name, int(1), 4), Ok(0));
    both.gives(task, bind(3, "10.1.2.3:9000"), Ok(0));
    both.names(task, getsockname(3), "10.1.2.3:9000");
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, socket6(), Ok(4));
    both.gives(task, bind(4, "[2001:db8::1]:9000"), Err(EADDRNOTAVAIL));
    both.gives(task, setsockopt(4, level, name, int(1), 4), Ok(0));
    both.gives(task, bind(4, "[2001:db8::1]:9000"), Ok(0));
}
