//! Opening, closing and resetting, state by state.

use crate::common::calls::*;
use crate::harness::Both;
use sockscope::kernel::TcpState::*;

#[test]
fn a_connection_stands_before_accept_and_closes_from_the_clients_side() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.states(&[Listen]);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.states(&[Listen, Established, Established]);
    both.gives(client, send(3, b"early"), Ok(5));
    both.gives(server, accept(3), Ok(4));
    both.gives_bytes(server, recv(4, 100), b"early");
    both.gives(client, close(3), Ok(0));
    both.states(&[Listen, FinWait2, CloseWait]);
    both.gives(server, recv(4, 100), Ok(0));
    both.gives(server, recv(4, 100), Ok(0));
    both.gives(server, close(4), Ok(0));
    both.states(&[Listen, TimeWait]);
}

#[test]
fn the_server_may_close_first() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, close(4), Ok(0));
    both.states(&[Listen, FinWait2, CloseWait]);
    both.gives(client, recv(3, 100), Ok(0));
    both.names(client, getpeername(3), "127.0.0.1:8080");
    both.gives(client, close(3), Ok(0));
    both.states(&[Listen, TimeWait]);
}

#[test]
fn half_close_lets_the_other_side_go_on_sending() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.states(&[Listen, FinWait2, CloseWait]);
    both.gives(client, send_quiet(3, b"x"), Err(EPIPE));
    both.gives(server, recv(4, 10), Ok(0));
    both.gives(server, send(4, b"still"), Ok(5));
    both.gives_bytes(client, recv(3, 10), b"still");
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.gives(server, close(4), Ok(0));
    both.gives(client, recv(3, 10), Ok(0));
    both.states(&[Listen, TimeWait]);
    // The program's socket is closed; the connection waits without it.
    both.gives(client, getpeername(3), Err(ENOTCONN));
    both.gives(client, shutdown(3, SHUT_RD), Err(ENOTCONN));
    both.gives(client, recv(3, 10), Ok(0));
    both.gives(client, send_quiet(3, b"x"), Err(EPIPE));
    both.gives(client, close(3), Ok(0));
    both.states(&[Listen, TimeWait]);
}

#[test]
fn shutting_the_receiving_side_stops_nothing_on_the_wire() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, shutdown(3, SHUT_RD), Ok(0));
    both.gives(client, recv(3, 10), Ok(0));
    both.states(&[Listen, Established, Established]);
    both.gives(server, send(4, b"hey"), Ok(3));
    both.gives_bytes(client, recv(3, 10), b"hey");
    both.gives(client, recv(3, 10), Ok(0));
    both.gives(client, send(3, b"ok"), Ok(2));
    both.gives_bytes(server, recv(4, 10), b"ok");
    both.gives(client, shutdown(3, SHUT_RDWR), Ok(0));
    both.gives(server, recv(4, 10), Ok(0));
}

#[test]
fn shutdown_wakes_those_who_wait() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(server, recv(4, 10));
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.woke(server, Ok(0));
    both.sleeps(client, recv(3, 10));
    both.gives(server, shutdown(4, SHUT_RDWR), Ok(0));
    both.woke(client, Ok(0));
    both.states(&[Listen, TimeWait]);
}

#[test]
fn both_sides_shut_and_then_close() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, shutdown(3, SHUT_RDWR), Ok(0));
    both.gives(server, shutdown(4, SHUT_RDWR), Ok(0));
    both.states(&[Listen, TimeWait]);
    both.gives(server, shutdown(4, SHUT_RDWR), Err(ENOTCONN));
    both.gives(client, shutdown(3, SHUT_RDWR), Err(ENOTCONN));
    both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    both.gives(client, close(3), Ok(0));
    both.gives(server, close(4), Ok(0));
}

#[test]
fn a_socket_can_connect_to_itself() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(task, connect(3, "127.0.0.1:8080"), Ok(0));
    both.states(&[Established]);
    both.names(task, getpeername(3), "127.0.0.1:8080");
    both.gives(task, send(3, b"me"), Ok(2));
    both.gives_bytes(task, recv(3, 9), b"me");
    both.gives(task, shutdown(3, SHUT_WR), Ok(0));
    both.gives(task, recv(3, 9), Ok(0));
    both.states(&[Closed, TimeWait]);
    both.gives(task, close(3), Ok(0));
    both.states(&[TimeWait]);
}

#[test]
fn a_closed_port_refuses_and_the_socket_may_try_again() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    both.gives(client, recv(3, 1), Err(ENOTCONN));
    both.gives(client, send_quiet(3, b"x"), Err(EPIPE));
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EISCONN));
}

#[test]
fn a_listener_takes_its_own_address_only() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.2:8080"), Err(ECONNREFUSED));
    both.gives(client, connect(3, "0.0.0.0:8080"), Ok(0));
    both.names(client, getpeername(3), "127.0.0.1:8080");
    both.gives(client, socket6(), Ok(4));
    both.gives(client, connect(4, "[::1]:8080"), Err(ECONNREFUSED));
    both.gives(client, socket6(), Ok(5));
    both.gives(client, connect(5, "[::ffff:127.0.0.1]:8080"), Ok(0));
    both.names(client, getpeername(5), "[::ffff:127.0.0.1]:8080");
}

#[test]
fn a_listener_of_both_families_shows_ipv4_peers_as_mapped() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, socket6(), Ok(3));
    both.gives(server, bind(3, "[::]:8080"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.3:8080"), Ok(0));
    both.gives(client, socket6(), Ok(4));
    both.gives(client, connect(4, "[::1]:8080"), Ok(0));
    let reply = both.gives(server, accept_named(3), Ok(4));
    both.expect_name(&reply, "[::ffff:127.0.0.1]:40000");
    both.names(server, getsockname(4), "[::ffff:127.0.0.3]:8080");
    let reply = both.gives(server, accept_named(3), Ok(5));
    both.expect_name(&reply, "[::1]:40002");
    both.gives(client, send(4, b"six"), Ok(3));
    both.gives_bytes(server, recv(5, 9), b"six");
    both.gives(client, send(3, b"four"), Ok(4));
    both.gives_bytes(server, recv(4, 9), b"four");
}

#[test]
fn unread_data_turns_close_into_a_reset() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send(3, b"unread"), Ok(6));
    both.gives(server, close(4), Ok(0));
    both.states(&[Listen]);
    both.gives(client, recv(3, 9), Err(ECONNRESET));
    both.gives(client, recv(3, 9), Ok(0));
    both.gives(client, send_quiet(3, b"x"), Err(EPIPE));
    both.gives(client, getpeername(3), Err(ENOTCONN));
    both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
}

#[test]
fn a_reset_is_told_once_by_whichever_call_comes_first() {
    for first in 0..4 {
        let mut both = Both::new();
        let [server, client] = both.pair();
        both.gives(client, send(3, b"unread"), Ok(6));
        both.gives(server, close(4), Ok(0));
        match first {
            0 => {
                both.gives(client, send(3, b"x"), Err(ECONNRESET));
            }
            1 => {
                let reply = both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
                assert_eq!(option_in(&reply), Some(ECONNRESET.number()));
            }
            2 => {
                both.gives(client, write(3, b""), Err(ECONNRESET));
                both.gives(client, read(3, 9), Ok(0));
            }
            _ => {
                both.gives(client, connect(3, "127.0.0.1:8080"), Err(EISCONN));
                both.gives(client, recv(3, 9), Err(ECONNRESET));
            }
        }
        both.gives(client, recv_now(3, 9), Ok(0));
        both.kills(client, send(3, b"x"), 13);
    }
}

#[test]
fn data_received_before_the_reset_can_still_be_read() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, send(4, b"data!"), Ok(5));
    both.gives(client, send(3, b"unread"), Ok(6));
    both.gives(server, close(4), Ok(0));
    both.gives_bytes(client, recv(3, 3), b"dat");
    both.gives_bytes(client, recv(3, 9), b"a!");
    both.gives(client, recv(3, 9), Err(ECONNRESET));
    both.gives(client, recv(3, 9), Ok(0));
}

#[test]
fn a_sleeping_reader_is_told_of_a_reset() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send(3, b"unread"), Ok(6));
    both.sleeps(client, recv(3, 9));
    both.gives(server, close(4), Ok(0));
    both.woke(client, Err(ECONNRESET));
}

#[test]
fn sending_to_a_closed_peer_succeeds_once_and_then_is_a_broken_pipe() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, close(4), Ok(0));
    both.gives(client, recv(3, 9), Ok(0));
    both.gives(client, send(3, b"1"), Ok(1));
    both.states(&[Listen]);
    both.gives(client, recv(3, 9), Ok(0));
    let reply = both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(option_in(&reply), Some(EPIPE.number()));
    both.gives(client, recv(3, 9), Ok(0));
    both.kills(client, send(3, b"2"), 13);
}

#[test]
fn writing_twice_to_a_closed_peer_kills() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, close(4), Ok(0));
    both.gives(client, write(3, b"1"), Ok(1));
    both.kills(client, write(3, b"2"), 13);
    both.states(&[Listen]);
}

#[test]
fn closing_a_listener_resets_what_waits_in_its_queue() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    for fd in [3, 4] {
        both.gives(client, socket(), Ok(fd));
        both.gives(client, connect(fd as i32, "127.0.0.1:8080"), Ok(0));
    }
    both.sleeps(client, recv(3, 9));
    both.gives(server, close(3), Ok(0));
    both.woke(client, Err(ECONNRESET));
    both.gives(client, send_quiet(4, b"x"), Err(ECONNRESET));
    both.gives(client, socket(), Ok(5));
    both.gives(client, connect(5, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.states(&[]);
}

#[test]
fn a_connection_that_was_reset_before_accept_is_accepted_all_the_same() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    // connect(2) with AF_UNSPEC aborts the connection.
    both.gives(client, disconnect(3), Ok(0));
    both.names(client, getsockname(3), "0.0.0.0:40000");
    both.gives(client, getpeername(3), Err(ENOTCONN));
    let reply = both.gives(server, accept_named(3), Ok(4));
    both.expect_name(&reply, "127.0.0.1:40000");
    both.gives(server, getpeername(4), Err(ENOTCONN));
    both.gives(server, recv(4, 9), Err(ECONNRESET));
    both.gives(server, recv(4, 9), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, accept(3), Ok(5));
    both.gives(client, send(3, b"again"), Ok(5));
    both.gives_bytes(server, recv(5, 9), b"again");
}

#[test]
fn a_connection_that_was_closed_before_accept_still_has_its_data() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, send(3, b"bye"), Ok(3));
    both.gives(client, close(3), Ok(0));
    both.states(&[Listen, FinWait2, CloseWait]);
    both.gives(server, accept(3), Ok(4));
    both.gives_bytes(server, recv(4, 9), b"bye");
    both.gives(server, recv(4, 9), Ok(0));
    both.gives(server, send(4, b"late"), Ok(4));
    both.states(&[Listen]);
    both.gives(server, send_quiet(4, b"x"), Err(EPIPE));
}

#[test]
fn the_end_of_a_process_closes_its_descriptors() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(client, recv(3, 9));
    let outcome = both.call(server, &exit());
    assert_eq!(outcome, crate::common::host::Outcome::Exited(0));
    both.woke(client, Ok(0));
    both.states(&[FinWait2, CloseWait]);
    both.gives(client, close(3), Ok(0));
    both.states(&[TimeWait]);
}

#[test]
fn disconnecting_a_connection_resets_the_peer_and_frees_the_socket() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(server, recv(4, 9));
    both.gives(client, disconnect(3), Ok(0));
    both.woke(server, Err(ECONNRESET));
    // So is the socket itself.
    both.gives(client, recv(3, 1), Err(ECONNRESET));
    both.gives(client, recv(3, 1), Err(ENOTCONN));
    both.gives(client, listen(3, 1), Ok(0));
    both.gives(client, disconnect(3), Ok(0));
    both.gives(client, accept(3), Err(EINVAL));
    both.states(&[Listen]);
}

#[test]
fn nonblocking_connect_answers_at_once_and_the_result_is_told_later() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, nonblocking(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EINPROGRESS));
    both.polls(client, &[(3, POLLOUT)], 0, &[POLLOUT]);
    both.gives(client, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    // SS_CONNECTING ends with the call that is told: 0 once, then EISCONN.
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EISCONN));
    both.gives(client, nonblocking(), Ok(4));
    both.gives(client, connect(4, "127.0.0.1:1"), Err(EINPROGRESS));
    both.polls(client, &[(4, POLLOUT)], 0, &[POLLOUT | POLLERR | POLLHUP]);
    let reply = both.gives(client, getsockopt(4, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(option_in(&reply), Some(ECONNREFUSED.number()));
    both.gives(client, connect(4, "127.0.0.1:8080"), Err(ECONNABORTED));
    both.gives(client, connect(4, "127.0.0.1:8080"), Err(EINPROGRESS));
    both.gives(client, nonblocking(), Ok(5));
    both.gives(client, connect(5, "127.0.0.1:1"), Err(EINPROGRESS));
    both.gives(client, connect(5, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.gives(client, nonblocking(), Ok(6));
    both.gives(client, connect(6, "127.0.0.1:1"), Err(EINPROGRESS));
    both.gives(client, recv(6, 1), Err(ECONNREFUSED));
    both.gives(client, recv(6, 1), Ok(0));
    both.gives(client, send_quiet(6, b"x"), Err(EPIPE));
    both.gives(client, listen(6, 1), Err(EINVAL));
}

#[test]
fn a_new_connection_takes_over_from_time_wait() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    for _ in 0..3 {
        both.gives(client, socket(), Ok(3));
        both.gives(client, reuseaddr(3), Ok(0));
        both.gives(client, bind(3, "127.0.0.1:9001"), Ok(0));
        both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
        both.gives(server, accept(3), Ok(4));
        both.gives(client, send(3, b"x"), Ok(1));
        both.gives_bytes(server, recv(4, 9), b"x");
        both.gives(server, close(4), Ok(0));
        both.gives(client, recv(3, 9), Ok(0));
        both.gives(client, close(3), Ok(0));
        both.states(&[Listen, TimeWait]);
    }
}

#[test]
fn a_clients_own_time_wait_gives_way_to_the_same_client() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, reuseaddr(3), Ok(0));
    both.gives(client, bind(3, "127.0.0.1:9001"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, accept(3), Ok(4));
    both.gives(client, close(3), Ok(0));
    both.gives(server, recv(4, 9), Ok(0));
    both.gives(server, close(4), Ok(0));
    both.states(&[Listen, TimeWait]);
    both.gives(client, socket(), Ok(3));
    both.gives(client, bind(3, "127.0.0.1:9001"), Err(EADDRINUSE));
    both.gives(client, reuseaddr(3), Ok(0));
    both.gives(client, bind(3, "127.0.0.1:9001"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.states(&[Established, Established, Listen]);
}
