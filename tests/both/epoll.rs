//! epoll(7).

use crate::common::calls::*;
use crate::harness::{Both, Task};

const MOD: i32 = EPOLL_CTL_MOD;
const DEL: i32 = EPOLL_CTL_DEL;

/// epoll_wait(2) with room for `max` must find these events at once.
#[track_caller]
fn finds(both: &mut Both, task: Task, epfd: i32, max: i32, found: &[(i32, i32)]) {
    let reply = both.gives(task, epoll_wait(epfd, max, 0), Ok(found.len() as u64));
    assert_eq!(events_in(&reply), found);
}

/// A connected pair whose client watches descriptor 3 from descriptor 4.
fn watching(events: i32) -> (Both, Task, Task) {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, epoll_create(), Ok(4));
    both.gives(client, epoll_add(4, 3, events), Ok(0));
    (both, server, client)
}

#[test]
fn level_triggered_is_told_as_long_as_it_is_so() {
    let (mut both, server, client) = watching(EPOLLIN);
    finds(&mut both, client, 4, 9, &[]);
    both.gives(server, send(4, b"ab"), Ok(2));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    both.gives(client, recv(3, 1), Ok(1));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    both.gives(client, recv(3, 1), Ok(1));
    finds(&mut both, client, 4, 9, &[]);
}

#[test]
fn edge_triggered_is_told_once_for_each_arrival() {
    let (mut both, server, client) = watching(EPOLLIN | EPOLLET);
    both.gives(server, send(4, b"a"), Ok(1));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    finds(&mut both, client, 4, 9, &[]);
    both.gives(server, send(4, b"b"), Ok(1));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    finds(&mut both, client, 4, 9, &[]);
    both.gives(client, recv(3, 1), Ok(1));
    finds(&mut both, client, 4, 9, &[]);
    both.gives(server, close(4), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
}

#[test]
fn an_edge_on_add_and_on_modify_counts_what_is_so_already() {
    let (mut both, server, client) = watching(EPOLLOUT | EPOLLET);
    finds(&mut both, client, 4, 9, &[(3, EPOLLOUT)]);
    finds(&mut both, client, 4, 9, &[]);
    both.gives(client, epoll_ctl(4, MOD, 3, EPOLLOUT | EPOLLET), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLOUT)]);
    both.gives(client, epoll_ctl(4, MOD, 3, EPOLLIN | EPOLLET), Ok(0));
    finds(&mut both, client, 4, 9, &[]);
    // Data says something, but writability was not said.
    both.gives(client, epoll_ctl(4, MOD, 3, EPOLLOUT | EPOLLET), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLOUT)]);
    both.gives(server, send(4, b"a"), Ok(1));
    finds(&mut both, client, 4, 9, &[]);
}

#[test]
fn datagrams_are_edges_for_the_receiver_and_for_the_sender() {
    let mut both = Both::datagrams();
    let [server, client] = both.tasks();
    both.gives(server, udp(), Ok(3));
    both.gives(server, bind(3, "127.0.0.1:9001"), Ok(0));
    both.gives(client, udp(), Ok(3));
    for task in [server, client] {
        both.gives(task, epoll_create(), Ok(4));
        let added = epoll_add(4, 3, EPOLLIN | EPOLLOUT | EPOLLET);
        both.gives(task, added, Ok(0));
        finds(&mut both, task, 4, 1, &[(3, EPOLLOUT)]);
        finds(&mut both, task, 4, 1, &[]);
    }
    for data in [&b"x"[..], b""] {
        both.gives(
            client,
            send_to(3, data, "127.0.0.1:9001"),
            Ok(data.len() as u64),
        );
        finds(&mut both, server, 4, 1, &[(3, EPOLLIN | EPOLLOUT)]);
        finds(&mut both, server, 4, 1, &[]);
        finds(&mut both, client, 4, 1, &[(3, EPOLLOUT)]);
        finds(&mut both, client, 4, 1, &[]);
    }
    both.sleeps(server, epoll_wait(4, 1, -1));
    both.gives(client, send_to(3, b"y", "127.0.0.1:9001"), Ok(1));
    both.woke(server, Ok(1));
    both.gives(
        client,
        setsockopt(3, IPPROTO_IP, IP_RECVERR, int(1), 4),
        Ok(0),
    );
    both.gives(client, send_to(3, b"z", "127.0.0.1:9002"), Ok(1));
    finds(&mut both, client, 4, 1, &[(3, EPOLLOUT | EPOLLERR)]);
    finds(&mut both, client, 4, 1, &[]);
}

#[test]
fn af_unix_tells_the_sender_that_its_message_was_read() {
    for ty in [SOCK_STREAM, SOCK_DGRAM] {
        let mut both = Both::new();
        let task = both.task();
        let (domain, protocol, sv) = (AF_UNIX, 0, UserOut::Capacity(8));
        let pair = Syscall::Socketpair {
            domain,
            ty,
            protocol,
            sv,
        };
        both.gives(task, pair, Ok(0));
        both.gives(task, epoll_create(), Ok(5));
        let added = epoll_add(5, 3, EPOLLIN | EPOLLOUT | EPOLLET);
        both.gives(task, added, Ok(0));
        finds(&mut both, task, 5, 1, &[(3, EPOLLOUT)]);
        both.gives(task, send(3, b"x"), Ok(1));
        finds(&mut both, task, 5, 1, &[]);
        both.gives_bytes(task, recv(4, 9), b"x");
        finds(&mut both, task, 5, 1, &[(3, EPOLLOUT)]);
        finds(&mut both, task, 5, 1, &[]);
        both.gives(task, send(4, b"y"), Ok(1));
        finds(&mut both, task, 5, 1, &[(3, EPOLLIN | EPOLLOUT)]);
    }
}

#[test]
fn data_on_an_edge_tells_writability_as_well() {
    let (mut both, server, client) = watching(EPOLLIN | EPOLLOUT | EPOLLET);
    finds(&mut both, client, 4, 9, &[(3, EPOLLOUT)]);
    both.gives(server, send(4, b"a"), Ok(1));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN | EPOLLOUT)]);
}

#[test]
fn one_shot_is_told_once_until_it_is_modified() {
    let (mut both, server, client) = watching(EPOLLIN | EPOLLONESHOT);
    both.gives(server, send(4, b"a"), Ok(1));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    both.gives(server, send(4, b"b"), Ok(1));
    finds(&mut both, client, 4, 9, &[]);
    both.gives(client, epoll_ctl(4, MOD, 3, EPOLLIN | EPOLLONESHOT), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    both.gives(server, close(4), Ok(0));
    finds(&mut both, client, 4, 9, &[]);
    both.gives(client, epoll_add(4, 3, EPOLLIN), Err(EEXIST));
}

#[test]
fn the_end_of_the_stream_and_resets_are_told() {
    let (mut both, server, client) = watching(EPOLLRDHUP);
    both.gives(server, shutdown(4, SHUT_WR), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLRDHUP)]);
    both.gives(client, send(3, b"x"), Ok(1));
    both.gives(server, close(4), Ok(0));
    let over = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    finds(&mut both, client, 4, 9, &[(3, over)]);
    both.gives(client, epoll_ctl(4, MOD, 3, 0), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLERR | EPOLLHUP)]);
}

#[test]
fn a_listener_and_a_handshake_are_watched() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(server, epoll_create(), Ok(4));
    both.gives(server, epoll_add(4, 3, EPOLLIN), Ok(0));
    both.sleeps(server, epoll_wait(4, 9, -1));
    both.gives(client, nonblocking(), Ok(3));
    both.gives(client, epoll_create(), Ok(4));
    both.gives(client, epoll_add(4, 3, EPOLLIN | EPOLLOUT | EPOLLET), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLOUT | EPOLLHUP)]);
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EINPROGRESS));
    finds(&mut both, client, 4, 9, &[(3, EPOLLOUT)]);
    let reply = both.woke(server, Ok(1));
    assert_eq!(events_in(&reply), [(3, EPOLLIN)]);
}

#[test]
fn the_ready_list_is_fair() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, epoll_create(), Ok(3));
    for at in [4, 6, 8, 10] {
        both.gives(task, pipe(), Ok(0));
        both.gives(task, epoll_add(3, at, EPOLLIN), Ok(0));
    }
    for to in [9, 5, 11, 7] {
        both.gives(task, write(to, b"x"), Ok(1));
    }
    finds(&mut both, task, 3, 3, &[(8, 1), (4, 1), (10, 1)]);
    finds(&mut both, task, 3, 3, &[(6, 1), (8, 1), (4, 1)]);
    finds(&mut both, task, 3, 9, &[(10, 1), (6, 1), (8, 1), (4, 1)]);
    both.gives(task, read(4, 1), Ok(1));
    finds(&mut both, task, 3, 2, &[(10, 1), (6, 1)]);
    finds(&mut both, task, 3, 9, &[(8, 1), (10, 1), (6, 1)]);
}

#[test]
fn an_item_ends_with_its_open_file_and_not_with_its_descriptor() {
    let (mut both, server, client) = watching(EPOLLIN);
    both.gives(client, dup(3), Ok(5));
    both.gives(client, close(3), Ok(0));
    both.gives(server, send(4, b"a"), Ok(1));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    both.gives(client, epoll_ctl(4, DEL, 3, 0), Err(EBADF));
    both.gives(client, epoll_ctl(4, DEL, 5, 0), Err(ENOENT));
    // The same file under another number is another item.
    both.gives(client, epoll_add(4, 5, EPOLLIN), Ok(0));
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN), (5, EPOLLIN)]);
    both.gives(client, close(5), Ok(0));
    finds(&mut both, client, 4, 9, &[]);
}

#[test]
fn operations_are_checked_in_linuxs_order() {
    let (mut both, _, client) = watching(EPOLLIN);
    let raw = |epfd, op, fd, event| Syscall::EpollCtl {
        epfd,
        op,
        fd,
        event,
    };
    let add = EPOLL_CTL_ADD;
    both.gives(client, raw(9, add, 9, None), Err(EFAULT));
    both.gives(client, raw(9, add, 9, Some(UserIn::Fault)), Err(EFAULT));
    both.gives(client, raw(9, 77, 9, None), Err(EFAULT));
    both.gives(client, raw(9, DEL, 3, None), Err(EBADF));
    both.gives(client, raw(4, DEL, 9, None), Err(EBADF));
    both.gives(client, epoll_add(3, 4, 0), Err(EINVAL));
    both.gives(client, epoll_add(4, 4, 0), Err(EINVAL));
    both.gives(client, epoll_ctl(4, 77, 3, 0), Err(EINVAL));
    both.gives(client, epoll_ctl(4, 77, 1, 0), Err(EINVAL));
    both.gives(client, epoll_add(4, 3, 0), Err(EEXIST));
    both.gives(client, epoll_ctl(4, MOD, 1, 0), Err(ENOENT));
    both.gives(client, epoll_ctl(4, DEL, 1, 0), Err(ENOENT));
    both.gives(client, epoll_ctl(4, MOD, 3, EPOLLEXCLUSIVE), Err(EINVAL));
    both.gives(
        client,
        epoll_add(4, 1, EPOLLEXCLUSIVE | EPOLLPRI),
        Err(EINVAL),
    );
    both.gives(client, epoll_add(4, 1, EPOLLEXCLUSIVE | EPOLLOUT), Ok(0));
    both.gives(client, epoll_ctl(4, MOD, 1, EPOLLOUT), Err(EINVAL));
    both.gives(client, raw(4, DEL, 3, None), Ok(0));
    both.gives(client, raw(4, DEL, 3, None), Err(ENOENT));
    both.gives(client, Syscall::EpollCreate1 { flags: 1 }, Err(EINVAL));
    both.gives(client, Syscall::EpollCreate1 { flags: O_CLOEXEC }, Ok(5));
    both.gives(client, fcntl(5, F_GETFD, 0), Ok(1));
    both.gives(client, read(4, 1), Err(EINVAL));
    both.gives(client, write(4, b"x"), Err(EINVAL));
    both.gives(client, send(4, b"x"), Err(ENOTSOCK));
}

#[test]
fn waiting_checks_its_arguments() {
    let (mut both, _, client) = watching(EPOLLOUT);
    let raw = |epfd, maxevents, events| Syscall::EpollWait {
        epfd,
        events,
        maxevents,
        timeout: 0,
    };
    both.gives(client, epoll_wait(9, 1, 0), Err(EBADF));
    both.gives(client, epoll_wait(9, 0, 0), Err(EBADF));
    both.gives(client, epoll_wait(3, 1, 0), Err(EINVAL));
    both.gives(client, epoll_wait(4, 0, 0), Err(EINVAL));
    both.gives(client, epoll_wait(4, -1, 0), Err(EINVAL));
    both.gives(client, raw(4, i32::MAX, UserOut::Capacity(12)), Err(EINVAL));
    both.gives(client, raw(4, 1, UserOut::Fault), Err(EFAULT));
    finds(&mut both, client, 4, 1, &[(3, EPOLLOUT)]);
    both.gives(client, raw(3, 1, UserOut::Fault), Err(EINVAL));
}

#[test]
fn a_timeout_ends_the_wait_and_data_does() {
    let (mut both, server, client) = watching(EPOLLIN);
    both.sleeps(client, epoll_wait(4, 9, 30));
    both.comes_back(client, Ok(0));
    both.sleeps(client, epoll_wait(4, 9, -1));
    both.gives(server, send(4, b"x"), Ok(1));
    let reply = both.woke(client, Ok(1));
    assert_eq!(events_in(&reply), [(3, EPOLLIN)]);
}

#[test]
fn instances_are_watched_and_polled_themselves() {
    let (mut both, server, client) = watching(EPOLLIN);
    both.gives(client, epoll_create(), Ok(5));
    both.gives(client, epoll_add(5, 4, EPOLLIN), Ok(0));
    finds(&mut both, client, 5, 9, &[]);
    both.polls(client, &[(4, POLLIN), (5, POLLIN)], 0, &[0, 0]);
    both.sleeps(client, epoll_wait(5, 9, -1));
    both.gives(server, send(4, b"x"), Ok(1));
    let reply = both.woke(client, Ok(1));
    assert_eq!(events_in(&reply), [(4, EPOLLIN)]);
    both.polls(
        client,
        &[(4, POLLIN | POLLOUT), (5, POLLIN)],
        0,
        &[POLLIN, POLLIN],
    );
    finds(&mut both, client, 4, 9, &[(3, EPOLLIN)]);
    both.gives(client, recv(3, 1), Ok(1));
    finds(&mut both, client, 5, 9, &[]);
}

#[test]
fn circles_and_deep_nesting_are_refused() {
    let mut both = Both::new();
    let task = both.task();
    for fd in 3..10 {
        both.gives(task, epoll_create(), Ok(fd));
    }
    both.gives(task, epoll_add(3, 4, EPOLLIN), Ok(0));
    both.gives(task, epoll_add(4, 3, EPOLLIN), Err(ELOOP));
    both.gives(task, epoll_add(4, 5, EPOLLIN), Ok(0));
    both.gives(task, epoll_add(5, 3, EPOLLIN), Err(ELOOP));
    both.gives(task, epoll_add(5, 6, EPOLLIN), Ok(0));
    both.gives(task, epoll_add(6, 7, EPOLLIN), Ok(0));
    both.gives(task, epoll_add(7, 8, EPOLLIN), Err(ELOOP));
    both.gives(task, epoll_add(9, 3, EPOLLIN), Err(ELOOP));
    both.gives(task, epoll_add(9, 4, EPOLLIN), Ok(0));
}
