//! The rows of the tables of errors that suites for real kernels hold these calls against, each on both
//! kernels. What other files say in more detail is not said again here.

use crate::common::calls::*;
use crate::harness::{Both, Task};

/// Descriptor 3: a TCP socket bound to any address; 4: the end of a pipe, which is no socket.
fn bench() -> (Both, Task) {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, bind(3, "0.0.0.0:0"), Ok(0));
    both.gives(task, pipe(), Ok(0));
    (both, task)
}

const CLOSED: i32 = 400;
const NO_SOCKET: i32 = 5;

#[test]
fn accept() {
    let (mut both, task) = bench();
    let raw = |fd, addr, len| accept_raw(fd, addr, int(len));
    let room = UserOut::Capacity(16);
    both.gives(task, raw(CLOSED, room, 16), Err(EBADF));
    both.gives(task, raw(3, UserOut::Fault, 16), Err(EINVAL));
    both.gives(task, raw(3, room, 1), Err(EINVAL));
    both.gives(task, raw(3, room, 16), Err(EINVAL));
    both.gives(task, epoll_create(), Ok(6));
    for fd in [0, 1, 4, NO_SOCKET, 6] {
        both.gives(task, raw(fd, room, 16), Err(ENOTSOCK));
    }
}

#[test]
fn bind_and_listen() {
    let (mut both, task) = bench();
    both.gives(task, socket(), Ok(6));
    both.gives(task, bind_raw(6, address("0.0.0.0:0"), 3), Err(EINVAL));
    both.gives(task, bind(NO_SOCKET, "0.0.0.0:0"), Err(ENOTSOCK));
    let unix = with_family("0.0.0.0:0", AF_UNIX);
    both.gives(task, bind_raw(6, unix, 16), Err(EAFNOSUPPORT));
    both.gives(task, bind(6, "10.255.254.253:0"), Err(EADDRNOTAVAIL));
    both.gives(task, bind(-1, "0.0.0.0:0"), Err(EBADF));
    both.gives(task, bind(6, "0.0.0.0:463"), Err(EACCES));
    both.gives(task, bind(6, "0.0.0.0:0"), Ok(0));
    both.gives(task, listen(CLOSED, 1), Err(EBADF));
    both.gives(task, listen(NO_SOCKET, 1), Err(ENOTSOCK));
}

#[test]
fn connect_calls() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    both.gives(client, connect(-1, "127.0.0.1:8080"), Err(EBADF));
    both.gives(client, connect_raw(3, UserIn::Fault, 16), Err(EFAULT));
    both.gives(client, connect(0, "127.0.0.1:8080"), Err(ENOTSOCK));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EISCONN));
    both.gives(client, socket(), Ok(4));
    both.gives(
        client,
        connect_raw(4, address("127.0.0.1:8080"), 3),
        Err(EINVAL),
    );
    both.gives(client, connect(4, "0.0.0.0:9"), Err(ECONNREFUSED));
    let family = with_family("127.0.0.1:8080", 47);
    both.gives(client, connect_raw(4, family, 16), Err(EAFNOSUPPORT));
}

#[test]
fn socket_kinds() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket_of(0, SOCK_STREAM, 0), Err(EAFNOSUPPORT));
    both.gives(task, socket_of(AF_INET, 75, 0), Err(EINVAL));
    both.gives(task, socket_of(AF_INET, SOCK_STREAM, 6), Ok(3));
    both.gives(task, socket_of(AF_INET, SOCK_RAW, 0), Err(EPROTONOSUPPORT));
    both.gives(
        task,
        socket_of(AF_INET, SOCK_STREAM, 17),
        Err(EPROTONOSUPPORT),
    );
    both.gives(
        task,
        socket_of(AF_INET, SOCK_DGRAM, 6),
        Err(EPROTONOSUPPORT),
    );
    both.gives(
        task,
        socket_of(AF_INET, SOCK_STREAM, 1),
        Err(EPROTONOSUPPORT),
    );
    let flags = [0, SOCK_CLOEXEC, SOCK_NONBLOCK];
    for (fd, flags) in (4..).zip(flags) {
        both.gives(task, socket_of(AF_INET, SOCK_STREAM | flags, 0), Ok(fd));
        let (cloexec, nonblock) = (flags & SOCK_CLOEXEC != 0, flags & SOCK_NONBLOCK);
        both.gives(task, fcntl(fd as i32, F_GETFD, 0), Ok(cloexec.into()));
        both.gives(task, fcntl(fd as i32, F_GETFL, 0), Ok(2 | nonblock as u64));
    }
}

#[test]
fn names() {
    let (mut both, task) = bench();
    let room = UserOut::Capacity(16);
    for call in [getsockname_raw, getpeername_raw] {
        both.gives(task, call(CLOSED, room, int(16)), Err(EBADF));
        both.gives(task, call(NO_SOCKET, room, int(16)), Err(ENOTSOCK));
    }
    both.gives(
        task,
        getsockname_raw(3, UserOut::Fault, int(16)),
        Err(EFAULT),
    );
    both.gives(task, getsockname_raw(3, room, UserIn::Fault), Err(EFAULT));
    both.gives(task, getsockname_raw(3, room, int(-1)), Err(EINVAL));
    both.gives(task, getpeername(3), Err(ENOTCONN));
}

#[test]
fn sending() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    both.gives(client, send(CLOSED, b"x"), Err(EBADF));
    both.gives(client, send(0, b"x"), Err(ENOTSOCK));
    both.gives(client, send_raw(3, UserIn::Fault, 1, 0), Err(EFAULT));
    let garbage = UserIn::Bytes(vec![0xff; 16]);
    both.gives(client, sendto(3, b"x", garbage, 16), Ok(1));
    both.gives(client, socket(), Ok(4));
    both.gives(
        client,
        sendto(4, b"x", address("127.0.0.1:9"), 16),
        Err(EPIPE),
    );
    both.gives(client, sendmsg(4, msg_in(b"x")), Err(EPIPE));
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.gives(client, sigaction(SIGPIPE, 1, 0), Ok(0));
    both.gives(client, send(3, b"x"), Err(EPIPE));
    both.gives(
        client,
        sendto(3, b"x", address("127.0.0.1:9"), 16),
        Err(EPIPE),
    );
    both.gives(client, sendmsg(3, msg_in(b"x")), Err(EPIPE));
}

#[test]
fn receiving() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, recv(CLOSED, 1), Err(EBADF));
    both.gives(client, recv(0, 1), Err(ENOTSOCK));
    both.gives(client, recv_flags(3, 1, MSG_OOB), Err(EINVAL));
    both.gives(client, recv_flags(3, 1, MSG_ERRQUEUE), Err(EAGAIN));
    both.gives(server, send(4, b"abc"), Ok(3));
    both.gives(client, recv_raw(3, UserOut::Fault, 1, 0), Err(EFAULT));
    both.gives(client, recvfrom(3, 1, 0, UserOut::Fault, int(16)), Ok(1));
    both.gives(
        client,
        recvfrom(3, 1, 0, UserOut::Capacity(16), int(-1)),
        Err(EINVAL),
    );
    both.gives(client, recvmsg_flags(3, msg_out(1), MSG_OOB), Err(EINVAL));
    both.gives(
        client,
        recvmsg_flags(3, msg_out(1), MSG_ERRQUEUE),
        Err(EAGAIN),
    );
}

#[test]
fn shutting() {
    let (mut both, task) = bench();
    both.gives(task, shutdown(CLOSED, 0), Err(EBADF));
    both.gives(task, shutdown(3, -1), Err(EINVAL));
    both.gives(task, shutdown(3, 2), Err(ENOTCONN));
    both.gives(task, shutdown(NO_SOCKET, 0), Err(ENOTSOCK));
    both.gives(task, close(-1), Err(EBADF));
    both.gives(task, close(3), Ok(0));
    both.gives(task, close(3), Err(EBADF));
    both.gives(task, dup(-1), Err(EBADF));
    both.gives(task, dup(1500), Err(EBADF));
}

#[test]
fn polling_a_pipe() {
    let (mut both, task) = bench();
    both.polls(task, &[(4, POLLIN), (5, POLLOUT)], -1, &[0, POLLOUT]);
    both.gives(task, write(5, b"x"), Ok(1));
    both.polls(
        task,
        &[(4, POLLIN), (CLOSED, POLLIN)],
        -1,
        &[POLLIN, POLLNVAL],
    );
    both.gives(task, close(5), Ok(0));
    both.gives(task, read(4, 1), Ok(1));
    both.polls(task, &[(4, POLLIN)], -1, &[POLLHUP]);
    both.gives(task, poll_raw(UserIn::Fault, 1, 0), Err(EFAULT));
    both.gives(task, poll_raw(UserIn::Fault, 1_025, 0), Err(EINVAL));
}
