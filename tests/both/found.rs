//! What the fuzzer has found, one test for each kind.

use crate::common::calls::*;
use crate::harness::Both;

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
fn an_empty_message_of_a_closed_seqpacket_socket_is_not_missed() {
    let mut both = Both::new();
    let task = both.task();
    for (fd, message, error) in [(3, &b""[..], 0), (5, b"x", ECONNRESET.number())] {
        let sv = UserOut::Capacity(8);
        let pair = Syscall::Socketpair {
            domain: AF_UNIX,
            ty: SOCK_SEQPACKET,
            protocol: 0,
            sv,
        };
        both.gives(task, pair, Ok(0));
        both.gives(task, send(fd + 1, message), Ok(message.len() as u64));
        both.gives(task, close(fd), Ok(0));
        let reply = both.gives(task, getsockopt(fd + 1, SOL_SOCKET, SO_ERROR), Ok(0));
        assert_eq!(option_in(&reply), Some(error));
        both.gives(task, dup2(fd + 1, fd), Ok(fd as u64));
    }
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
