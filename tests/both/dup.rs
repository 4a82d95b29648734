//! dup(2), dup2(2), dup3(2): descriptors that share an open file description.

use crate::common::calls::*;
use crate::harness::Both;
use sockscope::kernel::event::TcpState;

#[test]
fn a_duplicate_is_the_lowest_free_number_and_shares_everything() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, dup(3), Ok(4));
    both.gives(client, dup(1), Ok(5));
    both.gives(client, close(4), Ok(0));
    both.gives(client, dup(3), Ok(4));
    both.gives(client, fcntl(4, F_SETFL, O_NONBLOCK), Ok(0));
    both.gives(client, recv(3, 1), Err(EAGAIN));
    both.gives(client, fcntl(3, F_SETFL, 0), Ok(0));
    both.gives(client, send(4, b"x"), Ok(1));
    both.gives_bytes(server, recv(4, 9), b"x");
    both.gives(client, dup(9), Err(EBADF));
    both.gives(client, dup(-1), Err(EBADF));
}

#[test]
fn a_connection_ends_with_its_last_descriptor() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, dup(3), Ok(4));
    both.gives(client, close(3), Ok(0));
    both.gives(server, recv_now(4, 1), Err(EAGAIN));
    both.states(&[
        TcpState::Listen,
        TcpState::Established,
        TcpState::Established,
    ]);
    both.gives(client, close(4), Ok(0));
    both.gives(server, recv(4, 1), Ok(0));
    both.states(&[TcpState::Listen, TcpState::FinWait2, TcpState::CloseWait]);
}

#[test]
fn shutdown_ends_it_for_every_descriptor() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, dup(3), Ok(4));
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.gives(server, recv(4, 1), Ok(0));
    both.gives(client, send_quiet(4, b"x"), Err(EPIPE));
}

#[test]
fn dup2_replaces_what_the_number_referred_to() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, socket(), Ok(4));
    both.gives(client, dup2(4, 3), Ok(3));
    both.gives(server, recv(4, 1), Ok(0));
    both.gives(client, send_quiet(3, b"x"), Err(EPIPE));
    both.gives(client, dup2(3, 500), Ok(500));
    both.gives(client, close(3), Ok(0));
    both.gives(client, close(4), Ok(0));
    both.gives(client, bind(500, "127.0.0.1:9"), Err(EACCES));
    both.gives(client, dup2(500, 500), Ok(500));
    both.gives(client, dup2(9, 9), Err(EBADF));
    both.gives(client, dup2(500, -1), Err(EBADF));
    both.gives(client, dup2(500, 1024), Err(EBADF));
    both.gives(client, dup2(9, 1024), Err(EBADF));
    both.gives(client, dup2(500, 1023), Ok(1023));
}

#[test]
fn dup3_sets_close_on_exec_and_refuses_one_number() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, dup3(3, 5, O_CLOEXEC), Ok(5));
    both.gives(task, fcntl(5, F_GETFD, 0), Ok(1));
    both.gives(task, fcntl(3, F_GETFD, 0), Ok(0));
    both.gives(task, dup(5), Ok(4));
    both.gives(task, fcntl(4, F_GETFD, 0), Ok(0));
    both.gives(task, dup3(3, 3, 0), Err(EINVAL));
    both.gives(task, dup3(9, 9, 0), Err(EINVAL));
    both.gives(task, dup3(3, 6, O_NONBLOCK), Err(EINVAL));
    both.gives(task, dup3(9, 6, 0), Err(EBADF));
    both.gives(task, dup3(3, 1024, 0), Err(EBADF));
    both.gives(task, dup3(3, -1, 0), Err(EBADF));
    both.gives(task, dup3(3, 5, 0), Ok(5));
    both.gives(task, fcntl(5, F_GETFD, 0), Ok(0));
}

#[test]
fn the_number_limit_stops_duplicates() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    for fd in 4..1024 {
        both.gives(task, dup(3), Ok(fd));
    }
    both.gives(task, dup(3), Err(EMFILE));
    both.gives(task, fcntl(3, F_DUPFD, 5), Err(EMFILE));
    both.gives(task, fcntl(3, F_DUPFD, 1024), Err(EINVAL));
    both.gives(task, dup2(3, 700), Ok(700));
    both.gives(task, pipe(), Err(EMFILE));
    both.gives(task, close(800), Ok(0));
    both.gives(task, pipe(), Err(EMFILE));
    both.gives(task, epoll_create(), Ok(800));
    both.gives(task, epoll_create(), Err(EMFILE));
}
