//! clone3(2) for threads, exit(2), futex(2): tasks that share all of a process.

use crate::common::calls::*;
use crate::common::host::Outcome;
use crate::harness::{Both, Task};
use sockscope::kernel::event::TcpState;

/// Anywhere: the memory is the program's.
const WORD: u64 = 0x1_0000;

fn wait_until(at: u64, is: i32, val: u32, timeout: Option<(i64, i64)>) -> Syscall {
    let timeout = timeout.map(|(s, n)| UserIn::Bytes([s.to_le_bytes(), n.to_le_bytes()].concat()));
    let word = UserIn::Bytes(is.to_le_bytes().to_vec());
    Syscall::Futex {
        uaddr: at,
        word,
        op: FUTEX_WAIT_PRIVATE,
        val,
        timeout,
    }
}

fn wait(at: u64) -> Syscall {
    wait_until(at, 1, 1, None)
}

fn wake(at: u64, most: u32) -> Syscall {
    Syscall::Futex {
        uaddr: at,
        word: UserIn::Bytes(Vec::new()),
        op: FUTEX_WAKE_PRIVATE,
        val: most,
        timeout: None,
    }
}

fn leave(status: i32) -> Syscall {
    Syscall::Exit { status }
}

fn three(both: &mut Both) -> [Task; 3] {
    let first = both.task();
    [first, both.thread(first, 0), both.thread(first, 0)]
}

#[test]
fn threads_share_descriptors_and_the_number_of_their_process() {
    let mut both = Both::new();
    let first = both.task();
    let second = both.thread(first, 0);
    both.gives(second, socket(), Ok(3));
    both.gives(first, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(first, listen(3, 5), Ok(0));
    both.gives(second, close(3), Ok(0));
    both.gives(first, listen(3, 5), Err(EBADF));
    let (pid, tid) = (both.pid(first), both.pid(second));
    both.gives(second, Syscall::Getpid, Ok(pid.into()));
    both.gives(second, Syscall::Gettid, Ok(tid.into()));
    both.gives(first, Syscall::Gettid, Ok(pid.into()));
    let third = both.thread(second, 0);
    both.gives(third, socket(), Ok(3));
}

#[test]
fn futex_checks_its_arguments() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, wait_until(WORD, 1, 2, None), Err(EAGAIN));
    both.gives(task, wait_until(WORD + 1, 1, 1, None), Err(EINVAL));
    both.gives(task, wake(WORD + 2, 1), Err(EINVAL));
    both.gives(
        task,
        wait_until(WORD, 1, 1, Some((0, 1_000_000_000))),
        Err(EINVAL),
    );
    both.gives(task, wait_until(WORD, 1, 1, Some((-1, 0))), Err(EINVAL));
    both.gives(task, wait_until(WORD + 1, 1, 2, Some((0, -1))), Err(EINVAL));
    both.gives(task, wake(WORD, 1), Ok(0));
    let nowhere = |timeout| Syscall::Futex {
        uaddr: 8,
        word: UserIn::Fault,
        op: FUTEX_WAIT_PRIVATE,
        val: 0,
        timeout,
    };
    both.gives(task, nowhere(None), Err(EFAULT));
    both.gives(task, nowhere(Some(UserIn::Fault)), Err(EFAULT));
    both.gives(task, wait_until(WORD, 1, 1, Some((0, 0))), Err(ETIMEDOUT));
    both.sleeps(task, wait_until(WORD, 1, 1, Some((0, 20_000_000))));
    both.comes_back(task, Err(ETIMEDOUT));
}

#[test]
fn who_waits_longest_is_woken_first() {
    let mut both = Both::new();
    let [a, b, c] = three(&mut both);
    let d = both.thread(a, 0);
    both.sleeps(b, wait(WORD));
    both.sleeps(a, wait(WORD));
    both.sleeps(d, wait(WORD));
    both.gives(c, wake(WORD + 4, 9), Ok(0));
    both.gives(c, wake(WORD, 1), Ok(1));
    both.woke(b, Ok(0));
    both.still_sleeps(a);
    both.still_sleeps(d);
    both.sleeps(b, wait(WORD));
    both.gives(c, wake(WORD, 2), Ok(2));
    both.woke(a, Ok(0));
    both.woke(d, Ok(0));
    both.still_sleeps(b);
    both.gives(c, wake(WORD, 0), Ok(1));
    both.woke(b, Ok(0));
    // Another process has another memory.
    let other = both.task();
    both.sleeps(a, wait(WORD));
    both.gives(other, wake(WORD, 9), Ok(0));
    both.gives(c, wake(WORD, i32::MAX as u32), Ok(1));
    both.woke(a, Ok(0));
}

#[test]
fn the_end_of_a_thread_wakes_who_waits_for_it() {
    let mut both = Both::new();
    let first = both.task();
    let second = both.thread(first, WORD);
    both.gives(second, socket(), Ok(3));
    both.sleeps(first, wait(WORD));
    assert_eq!(both.call(second, &leave(5)), Outcome::Exited(5));
    both.woke(first, Ok(0));
    // What it opened stays open.
    both.gives(first, socket(), Ok(4));
}

#[test]
fn with_the_last_thread_the_process_ends() {
    let mut both = Both::new();
    let parent = both.task();
    let first = both.fork(parent);
    let pid = both.pid(first);
    let second = both.thread(first, 0);
    assert_eq!(both.call(first, &leave(5)), Outcome::Exited(5));
    both.gives(parent, wait4(-1, WNOHANG), Ok(0));
    both.sleeps(parent, wait4(-1, 0));
    both.gives(second, Syscall::Getpid, Ok(pid.into()));
    // The status is the last thread's (since Linux 5.18).
    both.call(second, &leave(9));
    let reply = both.woke(parent, Ok(pid.into()));
    assert_eq!(reply.written(1), Some(&[0, 9, 0, 0][..]));
}

#[test]
fn exit_group_ends_threads_that_sleep() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let second = both.thread(server, 0);
    let third = both.thread(server, 0);
    both.sleeps(second, recv(4, 9));
    both.sleeps(third, wait(WORD));
    assert_eq!(
        both.call(server, &Syscall::ExitGroup { status: 3 }),
        Outcome::Exited(3)
    );
    both.gives(client, recv(3, 1), Ok(0));
    both.states(&[TcpState::FinWait2, TcpState::CloseWait]);
}

#[test]
fn a_call_that_sleeps_holds_the_file_that_another_thread_closes() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let second = both.thread(server, 0);
    both.sleeps(second, accept(3));
    both.gives(server, close(3), Ok(0));
    both.still_sleeps(second);
    both.gives(client, socket(), Ok(4));
    both.gives(client, connect(4, "127.0.0.1:8080"), Ok(0));
    both.woke(second, Ok(5));
    both.gives(client, socket(), Ok(5));
    both.gives(client, connect(5, "127.0.0.1:8080"), Err(ECONNREFUSED));
    both.sleeps(second, recv(4, 9));
    both.gives(server, close(4), Ok(0));
    both.gives(client, send(3, b"still"), Ok(5));
    both.woke_with_bytes(second, b"still");
    both.gives(second, recv(4, 9), Err(EBADF));
    both.gives(client, recv(3, 1), Ok(0));
}

#[test]
fn shutdown_by_another_thread_wakes_who_accepts() {
    let mut both = Both::new();
    let first = both.task();
    both.gives(first, socket(), Ok(3));
    both.gives(first, bind(3, "127.0.0.1:8080"), Ok(0));
    both.gives(first, listen(3, 5), Ok(0));
    let second = both.thread(first, 0);
    both.sleeps(second, accept(3));
    both.gives(first, shutdown(3, 2), Ok(0));
    both.woke(second, Err(EINVAL));
}

#[test]
fn a_fork_copies_the_thread_that_calls_it() {
    let mut both = Both::new();
    let [first, second, third] = three(&mut both);
    both.sleeps(third, wait(WORD));
    let child = both.fork(second);
    let pid = both.pid(child);
    both.gives(child, Syscall::Getpid, Ok(pid.into()));
    both.gives(child, wake(WORD, 9), Ok(0));
    both.still_sleeps(third);
    let of_child = both.thread(child, WORD);
    both.sleeps(child, wait(WORD));
    both.call(of_child, &leave(0));
    both.woke(child, Ok(0));
    both.still_sleeps(third);
    both.call(child, &Syscall::ExitGroup { status: 0 });
    both.gives(first, wait4(-1, 0), Ok(pid.into()));
}
