//! select(2), pselect6(2), ppoll(2).

use crate::common::calls::*;
use crate::harness::{Both, Task};

#[track_caller]
fn selects(both: &mut Both, task: Task, call: Syscall, found: [&[i32]; 3]) {
    let count = found.iter().map(|set| set.len() as u64).sum();
    let reply = both.gives(task, call, Ok(count));
    assert_eq!(sets_in(&reply), found.map(<[i32]>::to_vec));
}

#[test]
fn bits_stay_for_what_is_ready_and_are_counted_in_each_set() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    selects(
        &mut both,
        client,
        select(4, &[3], &[3], &[3], 0),
        [&[], &[3], &[]],
    );
    both.gives(server, send(4, b"x"), Ok(1));
    selects(
        &mut both,
        client,
        select(4, &[3], &[3], &[3], 0),
        [&[3], &[3], &[]],
    );
    selects(
        &mut both,
        client,
        select(3, &[], &[], &[], 0),
        [&[], &[], &[]],
    );
    selects(
        &mut both,
        server,
        select(5, &[3, 4], &[3], &[], 0),
        [&[], &[], &[]],
    );
    both.gives(server, close(4), Ok(0));
    selects(
        &mut both,
        client,
        select(70, &[3], &[], &[], -1),
        [&[3], &[], &[]],
    );
    both.gives(client, socket(), Ok(4));
    // Hung up: readable, and writable as well.
    selects(
        &mut both,
        client,
        select(5, &[4], &[4], &[4], 0),
        [&[4], &[4], &[]],
    );
    selects(
        &mut both,
        client,
        select(2, &[], &[1], &[], 0),
        [&[], &[1], &[]],
    );
}

#[test]
fn whoever_selects_is_woken_and_told_the_time_that_is_left() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(client, select(4, &[3], &[], &[], 10_000));
    both.gives(server, send(4, b"x"), Ok(1));
    let reply = both.woke(client, Ok(1));
    assert_eq!(sets_in(&reply)[0], [3]);
    both.gives_bytes(client, recv(3, 1), b"x");
    both.sleeps(client, select(4, &[3], &[], &[], 30));
    let reply = both.comes_back(client, Ok(0));
    assert_eq!(sets_in(&reply)[0], [0; 0]);
    both.sleeps(client, select(4, &[], &[], &[3], 30));
    both.comes_back(client, Ok(0));
}

#[test]
fn arguments_are_checked_in_linuxs_order() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    let raw = |nfds, readfds: Option<UserIn>, timeout: Option<UserIn>| Syscall::Select {
        nfds,
        readfds,
        writefds: None,
        exceptfds: None,
        timeout,
    };
    let zero = || Some(two_words(0, 0));
    both.gives(task, raw(-1, None, zero()), Err(EINVAL));
    both.gives(task, raw(-1, None, Some(UserIn::Fault)), Err(EFAULT));
    both.gives(task, raw(4, Some(UserIn::Fault), zero()), Err(EFAULT));
    both.gives(task, raw(4, None, Some(two_words(-1, 0))), Err(EINVAL));
    both.gives(task, raw(-1, None, Some(two_words(0, -1))), Err(EINVAL));
    both.sleeps(task, raw(4, None, Some(two_words(0, 30_000))));
    both.comes_back(task, Ok(0));
    both.gives(
        task,
        raw(4, fd_set(4, &[3]), Some(two_words(0, 1_000_001))),
        Ok(1),
    );
    both.gives(task, raw(0, Some(UserIn::Fault), zero()), Ok(0));
    both.gives(task, select(10, &[3, 9], &[], &[], 0), Err(EBADF));
    both.gives(task, select(10, &[], &[9], &[], 0), Err(EBADF));
    both.gives(task, select(10, &[], &[], &[9], 0), Err(EBADF));
    both.gives(task, select(1024, &[1000], &[], &[], 0), Err(EBADF));
    let reply = both.gives(task, select(9, &[3], &[], &[], 0), Ok(1));
    assert_eq!(reply.written(1).map(<[u8]>::len), Some(8));
}

#[test]
fn pselect6_takes_nanoseconds_and_a_mask() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    let call = |nfds, timeout: Option<UserIn>, sigmask: Option<UserIn>| Syscall::Pselect6 {
        nfds,
        readfds: fd_set(4, &[3]),
        writefds: None,
        exceptfds: None,
        timeout,
        sigmask,
    };
    both.gives(task, call(4, Some(two_words(0, 999_999_999)), None), Ok(1));
    both.gives(
        task,
        call(4, Some(two_words(0, 1_000_000_000)), None),
        Err(EINVAL),
    );
    both.gives(task, call(4, Some(UserIn::Fault), None), Err(EFAULT));
    both.gives(task, call(4, None, Some(UserIn::Bytes(vec![0; 8]))), Ok(1));
    both.gives(task, call(4, None, Some(UserIn::Fault)), Err(EFAULT));
    both.gives(task, call(-1, None, Some(UserIn::Fault)), Err(EFAULT));
    both.gives(task, call(-1, None, None), Err(EINVAL));
}

#[test]
fn ppoll_is_poll_with_nanoseconds() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let call = |fds: &[(i32, i32)], timeout: Option<UserIn>, sigmask: Option<UserIn>| {
        let Syscall::Poll { fds, nfds, .. } = poll(fds, 0) else {
            unreachable!()
        };
        Syscall::Ppoll {
            fds,
            nfds,
            timeout,
            sigmask,
        }
    };
    let reply = both.gives(
        client,
        call(&[(3, POLLOUT), (-1, 0), (9, 0)], None, None),
        Ok(2),
    );
    assert_eq!(revents(&reply), [POLLOUT, 0, POLLNVAL]);
    both.gives(
        client,
        call(&[(3, POLLIN)], Some(two_words(0, -1)), None),
        Err(EINVAL),
    );
    both.gives(
        client,
        call(&[(3, POLLIN)], Some(UserIn::Fault), None),
        Err(EFAULT),
    );
    both.gives(
        client,
        call(
            &[(3, POLLIN)],
            Some(two_words(0, 0)),
            Some(UserIn::Bytes(vec![0; 8])),
        ),
        Ok(0),
    );
    both.gives(
        client,
        call(&[(3, POLLIN)], Some(two_words(0, 0)), Some(UserIn::Fault)),
        Err(EFAULT),
    );
    both.sleeps(client, call(&[(3, POLLIN)], None, None));
    both.gives(server, send(4, b"x"), Ok(1));
    both.woke(client, Ok(1));
    both.sleeps(
        server,
        call(&[(4, POLLIN)], Some(two_words(0, 20_000_000)), None),
    );
    both.comes_back(server, Ok(0));
}
