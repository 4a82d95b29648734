//! How long calls wait, and how a close(2) goes: SO_RCVTIMEO, SO_SNDTIMEO, SO_LINGER, SO_RCVLOWAT; what
//! TCP_CORK, MSG_MORE and TCP_NODELAY hold back.

use crate::common::calls::*;
use crate::harness::{Both, Task};
use sockscope::kernel::event::TcpState;

fn limit(fd: i32, name: i32, seconds: i64, micros: i64) -> Syscall {
    let value = [seconds.to_le_bytes(), micros.to_le_bytes()].concat();
    setsockopt(fd, SOL_SOCKET, name, UserIn::Bytes(value), 16)
}

fn linger(fd: i32, seconds: i32) -> Syscall {
    let value = [1_i32.to_le_bytes(), seconds.to_le_bytes()].concat();
    setsockopt(fd, SOL_SOCKET, SO_LINGER, UserIn::Bytes(value), 8)
}

/// The call sleeps and then comes back with EAGAIN, or another error, by itself.
#[track_caller]
fn gives_up(both: &mut Both, task: Task, call: Syscall, with: Errno) {
    both.sleeps(task, call);
    both.comes_back(task, Err(with));
}

#[test]
fn recv_and_accept_end_after_so_rcvtimeo() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, limit(3, SO_RCVTIMEO, 0, 50_000), Ok(0));
    gives_up(&mut both, client, recv(3, 5), EAGAIN);
    both.gives(server, limit(3, SO_RCVTIMEO, 0, 50_000), Ok(0));
    gives_up(&mut both, server, accept(3), EAGAIN);
    // The next call waits anew, and what comes in time is taken.
    both.sleeps(client, recv(3, 5));
    both.gives(server, send(4, b"hey"), Ok(3));
    both.woke_with_bytes(client, b"hey");
}

#[test]
fn a_negative_so_rcvtimeo_does_not_wait_at_all() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    both.gives(client, limit(3, SO_RCVTIMEO, -1, 0), Ok(0));
    both.gives(client, recv(3, 5), Err(EAGAIN));
}

#[test]
fn msg_waitall_gives_what_came_before_so_rcvtimeo() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, limit(3, SO_RCVTIMEO, 0, 100_000), Ok(0));
    both.sleeps(client, recv_flags(3, 5, MSG_WAITALL));
    both.gives(server, send(4, b"abc"), Ok(3));
    both.comes_back(client, Ok(3));
}

#[test]
fn so_rcvlowat_makes_recv_and_poll_wait_for_more() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, flag(3, SOL_SOCKET, SO_RCVLOWAT, 4), Ok(0));
    both.gives(server, send(4, b"ab"), Ok(2));
    both.polls(client, &[(3, POLLIN)], 0, &[0]);
    both.sleeps(client, recv(3, 5));
    both.gives(server, send(4, b"cd"), Ok(2));
    // The call has taken the first two, and two alone do not wake it.
    both.still_sleeps(client);
    both.gives(server, send(4, b"efgh"), Ok(4));
    both.woke_with_bytes(client, b"abcde");
    both.polls(client, &[(3, POLLIN)], 0, &[0]);
    both.gives(server, send(4, b"i"), Ok(1));
    both.polls(client, &[(3, POLLIN)], 0, &[POLLIN]);
    // Less than that is enough if nobody waits.
    both.gives_bytes(client, recv(3, 2), b"fg");
    both.gives_bytes(client, recv_now(3, 9), b"hi");
}

#[test]
fn so_linger_of_no_time_resets() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, linger(3, 0), Ok(0));
    both.gives(client, close(3), Ok(0));
    both.gives(server, recv(4, 5), Err(ECONNRESET));
    both.states(&[TcpState::Listen]);
}

#[test]
fn so_linger_is_over_as_soon_as_the_peer_has_everything() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, linger(3, 5), Ok(0));
    both.gives(client, send(3, b"bye"), Ok(3));
    let outcome = both.call(client, &close(3));
    if outcome == crate::common::host::Outcome::Asleep {
        both.comes_back(client, Ok(0));
    }
    both.gives_bytes(server, recv(4, 5), b"bye");
    both.gives(server, recv(4, 5), Ok(0));
}

#[test]
fn an_orphan_with_tcp_linger2_below_0_does_not_stay_in_fin_wait_2() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, flag(3, IPPROTO_TCP, TCP_LINGER2, -1), Ok(0));
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.states(&[TcpState::Listen, TcpState::CloseWait, TcpState::FinWait2]);
    both.gives(client, close(3), Ok(0));
    both.gives(server, recv(4, 5), Ok(0));
    both.states(&[TcpState::Listen]);
}

#[test]
fn tcp_cork_holds_a_small_segment_until_it_is_taken_off() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, flag(3, IPPROTO_TCP, TCP_CORK, 1), Ok(0));
    both.gives(client, send(3, b"ab"), Ok(2));
    both.gives(client, send(3, b"cd"), Ok(2));
    both.gives(server, recv_now(4, 9), Err(EAGAIN));
    both.gives(client, flag(3, IPPROTO_TCP, TCP_CORK, 0), Ok(0));
    both.gives_bytes(server, recv_now(4, 9), b"abcd");
    // It goes out after 200 ms anyway.
    both.gives(client, flag(3, IPPROTO_TCP, TCP_CORK, 1), Ok(0));
    both.gives(client, send(3, b"ef"), Ok(2));
    both.sleeps(server, recv(4, 9));
    both.comes_back(server, Ok(2));
}

#[test]
fn tcp_nodelay_pushes_what_a_cork_would_hold_only_without_it() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send_flags(3, b"ab", MSG_MORE), Ok(2));
    both.gives(server, recv_now(4, 9), Err(EAGAIN));
    both.gives(client, flag(3, IPPROTO_TCP, TCP_NODELAY, 1), Ok(0));
    both.gives_bytes(server, recv_now(4, 9), b"ab");
    both.gives(client, send_flags(3, b"cd", MSG_MORE), Ok(2));
    both.gives(client, send(3, b"ef"), Ok(2));
    both.gives_bytes(server, recv_now(4, 9), b"cdef");
}

#[test]
fn tcp_defer_accept_waits_for_data() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, socket(), Ok(3));
    both.gives(server, flag(3, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5), Ok(0));
    both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, listen(3, 5), Ok(0));
    both.gives(client, socket(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.polls(server, &[(3, POLLIN)], 0, &[0]);
    both.gives(client, send(3, b"now"), Ok(3));
    both.polls(server, &[(3, POLLIN)], 0, &[POLLIN]);
    both.gives(server, accept(3), Ok(4));
    both.gives_bytes(server, recv(4, 9), b"now");
}

#[test]
fn keepalive_gives_up_when_nobody_answers() {
    // The peer answers here, so that both kernels keep the connection.
    let mut both = Both::new();
    let [server, client] = both.pair();
    for (name, value) in [(TCP_KEEPIDLE, 1), (TCP_KEEPINTVL, 1), (TCP_KEEPCNT, 1)] {
        both.gives(client, flag(3, IPPROTO_TCP, name, value), Ok(0));
    }
    both.gives(client, flag(3, SOL_SOCKET, SO_KEEPALIVE, 1), Ok(0));
    both.gives(client, limit(3, SO_RCVTIMEO, 2, 500_000), Ok(0));
    gives_up(&mut both, client, recv(3, 5), EAGAIN);
    both.gives(server, send(4, b"x"), Ok(1));
    both.gives_bytes(client, recv(3, 5), b"x");
}
