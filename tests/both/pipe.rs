//! pipe(2).

use crate::common::calls::*;
use crate::harness::{Both, Task};

/// Descriptors 3 (to read) and 4 (to write).
fn piped(flags: i32) -> (Both, Task) {
    let mut both = Both::new();
    let task = both.task();
    let reply = both.gives(task, pipe2(flags), Ok(0));
    assert_eq!(ends_in(&reply), [3, 4]);
    (both, task)
}

#[test]
fn what_goes_in_comes_out_and_the_end_follows_the_last_writer() {
    let (mut both, task) = piped(0);
    both.gives(task, write(4, b"hello"), Ok(5));
    both.gives(task, writev(4, &[b", ", b"world"]), Ok(7));
    let reply = both.gives(task, ioctl(3, FIONREAD, int(0)), Ok(0));
    assert_eq!(ioctl_in(&reply), Some(12));
    both.gives_bytes(task, read(3, 7), b"hello, ");
    both.gives(task, dup(4), Ok(5));
    both.gives(task, close(4), Ok(0));
    both.gives_bytes(task, read(3, 99), b"world");
    both.gives(task, close(5), Ok(0));
    both.gives(task, read(3, 99), Ok(0));
}

#[test]
fn each_end_has_one_direction_and_is_no_socket() {
    let (mut both, task) = piped(0);
    both.gives(task, write(3, b"x"), Err(EBADF));
    both.gives(task, read(4, 1), Err(EBADF));
    both.gives(task, writev(3, &[b"x"]), Err(EBADF));
    both.gives(task, readv(4, &[1]), Err(EBADF));
    both.gives(task, send(4, b"x"), Err(ENOTSOCK));
    both.gives(task, recv(3, 1), Err(ENOTSOCK));
    both.gives(task, accept(3), Err(ENOTSOCK));
    both.gives(task, connect(3, "127.0.0.1:9"), Err(ENOTSOCK));
    both.gives(task, fcntl(3, F_GETFL, 0), Ok(0));
    both.gives(task, fcntl(4, F_GETFL, 0), Ok(1));
    both.gives(task, read(3, 0), Ok(0));
    both.gives(task, write(4, b""), Ok(0));
    both.gives(task, read(1, 1), Err(EBADF));
    both.gives(task, write(0, b"x"), Err(EBADF));
    both.gives(task, ioctl(3, TIOCOUTQ, int(0)), Err(ENOTTY));
}

#[test]
fn flags_and_memory_are_checked() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, pipe2(1), Err(EINVAL));
    let fault = UserOut::Fault;
    both.gives(task, Syscall::Pipe { pipefd: fault }, Err(EFAULT));
    let bad = Syscall::Pipe2 {
        pipefd: fault,
        flags: 1,
    };
    both.gives(task, bad, Err(EINVAL));
    both.gives(task, pipe2(O_CLOEXEC | O_NONBLOCK), Ok(0));
    for fd in [3, 4] {
        both.gives(task, fcntl(fd, F_GETFD, 0), Ok(1));
    }
    both.gives(task, fcntl(3, F_GETFL, 0), Ok(0o4000));
    both.gives(task, read(3, 1), Err(EAGAIN));
    both.gives(task, fcntl(3, F_SETFL, 0), Ok(0));
    both.gives(task, fcntl(4, F_GETFL, 0), Ok(0o4001));
}

#[test]
fn a_pipe_holds_sixteen_pages() {
    let (mut both, task) = piped(O_NONBLOCK);
    both.gives(task, write(4, &[1; 70_000]), Ok(65_536));
    both.gives(task, write(4, b"x"), Err(EAGAIN));
    both.gives(task, read(3, 1), Ok(1));
    both.gives(task, write(4, b"x"), Err(EAGAIN));
    both.gives(task, read(3, 4_095), Ok(4_095));
    // Up to PIPE_BUF all or nothing; beyond it what there is room for.
    both.gives(task, write(4, &[2; 4_097]), Ok(4_096));
    both.gives(task, read(3, 4_096), Ok(4_096));
    both.gives(task, write(4, b"ab"), Ok(2));
    both.gives(task, write(4, &[3; 4_096]), Err(EAGAIN));
    both.gives(task, write(4, &[3; 4_094]), Ok(4_094));
    both.gives(task, write(4, b"x"), Err(EAGAIN));
}

#[test]
fn packets_stay_apart() {
    let (mut both, task) = piped(O_DIRECT);
    both.gives(task, write(4, b"abc"), Ok(3));
    both.gives(task, write(4, b"de"), Ok(2));
    both.gives_bytes(task, read(3, 2), b"ab");
    both.gives_bytes(task, read(3, 9), b"de");
    both.gives(task, fcntl(4, F_GETFL, 0), Ok(0o40001));
}

#[test]
fn without_a_reader_writing_fails() {
    let (mut both, task) = piped(0);
    both.gives(task, sigaction(SIGPIPE, 1, 0), Ok(0));
    both.gives(task, close(3), Ok(0));
    both.gives(task, write(4, b"x"), Err(EPIPE));
    both.gives(task, write(4, b""), Ok(0));
    both.polls(task, &[(4, POLLOUT)], 0, &[POLLOUT | POLLERR]);
    both.gives(task, sigaction(SIGPIPE, 0, 0), Ok(0));
    both.kills(task, write(4, b"x"), SIGPIPE);
}

#[test]
fn readiness_of_both_ends() {
    let (mut both, task) = piped(O_NONBLOCK);
    let all = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI | POLLRDHUP;
    let writable = POLLOUT | POLLWRNORM;
    let readable = POLLIN | POLLRDNORM;
    both.polls(task, &[(3, all), (4, all)], 0, &[0, writable]);
    both.gives(task, write(4, &[0; 65_536]), Ok(65_536));
    both.polls(task, &[(3, all), (4, all)], 0, &[readable, 0]);
    both.gives(task, read(3, 4_096), Ok(4_096));
    both.polls(task, &[(3, all), (4, all)], 0, &[readable, writable]);
    both.gives(task, close(4), Ok(0));
    both.polls(task, &[(3, all)], 0, &[readable | POLLHUP]);
    both.gives(task, read(3, 65_536), Ok(61_440));
    both.polls(task, &[(3, all)], 0, &[POLLHUP]);
}

#[test]
fn unreadable_memory_is_told() {
    let (mut both, task) = piped(O_NONBLOCK);
    let bad = Syscall::Write {
        fd: 4,
        buf: UserIn::Fault,
        count: 3,
    };
    both.gives(task, bad, Err(EFAULT));
    both.gives(task, write(4, b"abc"), Ok(3));
    let bad = Syscall::Read {
        fd: 3,
        buf: UserOut::Fault,
        count: 3,
    };
    both.gives(task, bad, Err(EFAULT));
    both.gives_bytes(task, read(3, 9), b"abc");
}
