//! fork(2), wait4(2), signals: processes that share descriptors, and several who wait for one thing.

use crate::common::calls::*;
use crate::harness::Both;
use sockscope::kernel::event::TcpState;

fn status_in(reply: &Reply) -> Option<i32> {
    let bytes = reply.written(1)?.first_chunk::<4>()?;
    Some(i32::from_le_bytes(*bytes))
}

#[test]
fn a_child_shares_the_connection_until_both_have_closed_it() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let child = both.fork(server);
    both.gives(server, close(4), Ok(0));
    both.gives(client, send(3, b"hello"), Ok(5));
    both.gives_bytes(child, recv(4, 9), b"hello");
    both.gives(child, fcntl(3, F_SETFL, O_NONBLOCK), Ok(0));
    both.gives(server, accept(3), Err(EAGAIN));
    both.gives(child, fcntl(3, F_SETFD, 1), Ok(0));
    both.gives(server, fcntl(3, F_GETFD, 0), Ok(0));
    both.gives(server, socket(), Ok(4));
    both.gives(child, socket(), Ok(5));
    both.gives(client, recv_now(3, 1), Err(EAGAIN));
    both.gives(child, close(4), Ok(0));
    both.gives(client, recv(3, 1), Ok(0));
    both.states(&[TcpState::Listen, TcpState::FinWait2, TcpState::CloseWait]);
}

#[test]
fn exit_closes_only_the_childs_descriptors() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let child = both.fork(server);
    both.call(child, &exit());
    both.gives(server, send(4, b"x"), Ok(1));
    both.gives_bytes(client, recv(3, 9), b"x");
    let pid = both.pid(child);
    let reply = both.gives(server, wait4(-1, 0), Ok(pid.into()));
    assert_eq!(status_in(&reply), Some(0));
    both.gives(server, wait4(-1, 0), Err(ECHILD));
}

#[test]
fn a_parent_waits_for_its_child() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, wait4(-1, 0), Err(ECHILD));
    let child = both.fork(task);
    let pid = both.pid(child);
    both.gives(task, wait4(-1, WNOHANG), Ok(0));
    both.gives(task, wait4(pid as i32, WNOHANG), Ok(0));
    both.gives(task, wait4(1, WNOHANG), Err(ECHILD));
    both.gives(task, wait4(-1, 0x100), Err(EINVAL));
    both.gives(task, wait4(i32::MIN, 0), Err(ESRCH));
    both.sleeps(task, wait4(-1, 0));
    both.call(child, &Syscall::ExitGroup { status: 0x203 });
    let reply = both.woke(task, Ok(pid.into()));
    assert_eq!(status_in(&reply), Some(3 << 8));
}

#[test]
fn a_signal_ends_a_process_and_its_parent_is_told() {
    let mut both = Both::new();
    let task = both.task();
    let child = both.fork(task);
    let pid = both.pid(child);
    both.gives(task, kill(pid, 0), Ok(0));
    both.gives(task, kill(pid, 65), Err(EINVAL));
    both.gives(task, kill(pid, -1), Err(EINVAL));
    both.gives(task, kill(pid, SIGCHLD), Ok(0));
    both.gives(task, kill(pid, SIGTERM), Ok(0));
    both.gone(child);
    let reply = both.gives(task, wait4(pid as i32, 0), Ok(pid.into()));
    assert_eq!(status_in(&reply), Some(SIGTERM));
    both.gives(task, kill(pid, 0), Err(ESRCH));
    both.gives(task, kill(999_999, 0), Err(ESRCH));
    let own = both.pid(task);
    both.kills(task, kill(own, SIGUSR1), SIGUSR1);
}

#[test]
fn children_nobody_wants_to_know_of_leave_nothing() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, sigaction(SIGCHLD, 1, 0), Ok(0));
    let child = both.fork(task);
    both.call(child, &exit());
    both.gives(task, wait4(-1, 0), Err(ECHILD));
}

#[test]
fn a_handler_interrupts_a_sleeping_call_unless_it_begins_again() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let child = both.fork(client);
    let pid = both.pid(client);
    both.gives(client, sigaction(SIGUSR1, 4096, 0), Ok(0));
    both.sleeps(client, recv(3, 9));
    both.gives(child, kill(pid, SIGUSR1), Ok(0));
    both.woke(client, Err(EINTR));
    both.gives(client, sigaction(SIGUSR1, 4096, SA_RESTART), Ok(0));
    both.sleeps(client, recv(3, 9));
    both.gives(child, kill(pid, SIGUSR1), Ok(0));
    both.still_sleeps(client);
}

#[test]
fn waits_for_readiness_never_begin_again() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let child = both.fork(client);
    let pid = both.pid(client);
    both.gives(client, sigaction(SIGUSR1, 4096, SA_RESTART), Ok(0));
    both.gives(client, epoll_create(), Ok(4));
    for call in [
        poll(&[(3, POLLIN)], -1),
        select(4, &[3], &[], &[], -1),
        epoll_wait(4, 1, -1),
        sleep(20_000),
    ] {
        both.sleeps(client, call);
        both.gives(child, kill(pid, SIGUSR1), Ok(0));
        both.woke(client, Err(EINTR));
    }
    both.gives(client, sigaction(SIGUSR1, 1, 0), Ok(0));
    both.sleeps(client, poll(&[(3, POLLIN)], -1));
    both.gives(child, kill(pid, SIGUSR1), Ok(0));
    both.still_sleeps(client);
}

#[test]
fn dispositions_are_checked() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, sigaction(SIGKILL, 1, 0), Err(EINVAL));
    both.gives(task, sigaction(SIGSTOP, 1, 0), Err(EINVAL));
    both.gives(task, sigaction(0, 1, 0), Err(EINVAL));
    both.gives(task, sigaction(65, 1, 0), Err(EINVAL));
    let ask = |sig| Syscall::RtSigaction {
        sig,
        action: None,
        oldact: None,
    };
    both.gives(task, ask(SIGKILL), Ok(0));
    both.gives(task, ask(SIGTERM), Ok(0));
}

#[test]
fn sigpipe_that_is_ignored_or_handled_leaves_epipe() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    for handler in [1, 4096] {
        both.gives(client, sigaction(SIGPIPE, handler, 0), Ok(0));
        both.gives(client, write(3, b"x"), Err(EPIPE));
        both.gives(client, writev(3, &[b"x"]), Err(EPIPE));
    }
    both.gives(client, sigaction(SIGPIPE, 0, 0), Ok(0));
    both.kills(client, write(3, b"x"), SIGPIPE);
}

#[test]
fn of_several_in_accept_the_first_comes_first() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    let first = both.fork(server);
    let second = both.fork(server);
    both.sleeps(second, accept(3));
    both.sleeps(first, accept(3));
    both.sleeps(server, accept(3));
    for (fd, task) in [(3, second), (4, first), (5, server)] {
        both.gives(client, socket(), Ok(fd));
        both.gives(client, connect(fd as i32, "127.0.0.1:8080"), Ok(0));
        both.woke(task, Ok(4));
    }
}

#[test]
fn everybody_who_polls_is_woken() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let child = both.fork(client);
    both.sleeps(client, poll(&[(3, POLLIN)], -1));
    both.sleeps(child, poll(&[(3, POLLIN)], -1));
    both.gives(server, send(4, b"x"), Ok(1));
    both.woke(client, Ok(1));
    both.woke(child, Ok(1));
}

#[test]
fn level_triggered_wakes_all_who_wait_and_edge_triggered_the_last() {
    for (events, both_wake) in [(EPOLLIN, true), (EPOLLIN | EPOLLET, false)] {
        let mut both = Both::new();
        let [server, client] = both.pair();
        both.gives(client, epoll_create(), Ok(4));
        both.gives(client, epoll_add(4, 3, events), Ok(0));
        let child = both.fork(client);
        both.sleeps(client, epoll_wait(4, 9, -1));
        both.sleeps(child, epoll_wait(4, 9, -1));
        both.gives(server, send(4, b"x"), Ok(1));
        both.woke(child, Ok(1));
        if both_wake {
            both.woke(client, Ok(1));
        } else {
            both.still_sleeps(client);
        }
    }
}

#[test]
fn of_several_exclusive_instances_one_is_told() {
    for (exclusive, all) in [(EPOLLEXCLUSIVE, false), (0, true)] {
        let mut both = Both::new();
        let [server, client] = both.tasks();
        both.listens(server, "127.0.0.1:8080", 5);
        let child = both.fork(server);
        for task in [server, child] {
            both.gives(task, epoll_create(), Ok(4));
            both.gives(task, epoll_add(4, 3, EPOLLIN | exclusive), Ok(0));
            both.sleeps(task, epoll_wait(4, 9, -1));
        }
        both.gives(client, socket(), Ok(3));
        both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
        both.woke(server, Ok(1));
        if all {
            both.woke(child, Ok(1));
        } else {
            both.still_sleeps(child);
        }
    }
}

#[test]
fn a_pipe_joins_two_processes() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, pipe(), Ok(0));
    let child = both.fork(task);
    both.gives(task, close(3), Ok(0));
    both.gives(child, close(4), Ok(0));
    both.sleeps(child, read(3, 9));
    both.gives(task, write(4, b"hello"), Ok(5));
    both.woke_with_bytes(child, b"hello");
    both.gives(task, write(4, &[7; 65_536]), Ok(65_536));
    both.sleeps(task, write(4, b"more"));
    both.gives(child, read(3, 4_000), Ok(4_000));
    both.still_sleeps(task);
    both.gives(child, read(3, 4_000), Ok(4_000));
    both.woke(task, Ok(4));
    both.gives(task, close(4), Ok(0));
    both.gives(child, read(3, 70_000), Ok(57_540));
    both.gives(child, read(3, 9), Ok(0));
}

#[test]
fn closing_the_reader_ends_a_writer_that_sleeps() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, pipe(), Ok(0));
    let child = both.fork(task);
    both.gives(task, sigaction(SIGPIPE, 1, 0), Ok(0));
    both.gives(task, close(3), Ok(0));
    both.sleeps(task, write(4, &[7; 70_000]));
    both.gives(child, close(3), Ok(0));
    both.woke(task, Ok(65_536));
    both.gives(task, write(4, b"x"), Err(EPIPE));
}

/// Both ends of a connection in one process: the end that is closed first gets TIME-WAIT, and it has the higher number.
#[test]
fn a_process_that_ends_closes_its_last_descriptor_first() {
    let mut both = Both::new();
    let [task, other] = both.tasks();
    both.listens(task, "127.0.0.1:5001", 5);
    both.gives(task, socket(), Ok(4));
    both.gives(task, connect(4, "127.0.0.1:5001"), Ok(0));
    both.gives(task, accept(3), Ok(5));
    both.call(task, &exit());
    both.states(&[TcpState::TimeWait]);
    // The listener's port is the one that is in TIME-WAIT.
    both.gives(other, socket(), Ok(3));
    both.gives(other, bind(3, "127.0.0.1:5001"), Err(EADDRINUSE));
}
