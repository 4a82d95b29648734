//! fcntl(2) and ioctl(2) on sockets.

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

#[test]
fn status_flags_belong_to_the_open_file() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    both.gives(task, fcntl(3, F_GETFL, 0), Ok(2));
    both.gives(task, fcntl(3, F_SETFL, O_NONBLOCK | O_WRONLY), Ok(0));
    both.gives(task, fcntl(3, F_GETFL, 0), Ok(0o4002));
    both.gives(task, dup(3), Ok(4));
    both.gives(task, fcntl(4, F_SETFL, O_APPEND | O_CLOEXEC), Ok(0));
    both.gives(task, fcntl(3, F_GETFL, 0), Ok(0o2002));
    both.gives(task, fcntl(3, F_SETFL, O_NOATIME), Ok(0));
    both.gives(task, fcntl(3, F_GETFL, 0), Ok(0o1000002));
    both.gives(task, fcntl(3, F_SETFL, O_DIRECT), Err(EINVAL));
    both.gives(task, nonblocking(), Ok(5));
    both.gives(task, fcntl(5, F_GETFL, 0), Ok(0o4002));
    both.gives(task, fcntl(0, F_GETFL, 0), Ok(0));
    both.gives(task, fcntl(1, F_GETFL, 0), Ok(1));
    both.gives(task, epoll_create(), Ok(6));
    both.gives(task, fcntl(6, F_GETFL, 0), Ok(2));
}

#[test]
fn close_on_exec_belongs_to_the_descriptor() {
    let mut both = Both::new();
    let task = both.task();
    let cloexec = SOCK_STREAM | SOCK_CLOEXEC;
    both.gives(task, socket_of(AF_INET, cloexec, 0), Ok(3));
    both.gives(task, fcntl(3, F_GETFD, 0), Ok(1));
    both.gives(task, fcntl(3, F_DUPFD, 0), Ok(4));
    both.gives(task, fcntl(4, F_GETFD, 0), Ok(0));
    both.gives(task, fcntl(4, F_SETFD, 3), Ok(0));
    both.gives(task, fcntl(4, F_GETFD, 0), Ok(1));
    both.gives(task, fcntl(4, F_SETFD, 2), Ok(0));
    both.gives(task, fcntl(4, F_GETFD, 0), Ok(0));
    both.gives(task, fcntl(3, F_DUPFD_CLOEXEC, 20), Ok(20));
    both.gives(task, fcntl(20, F_GETFD, 0), Ok(1));
    both.gives(task, fcntl(3, F_DUPFD, 20), Ok(21));
    both.gives(task, fcntl(3, F_DUPFD, -1), Err(EINVAL));
    both.gives(task, fcntl(9, F_DUPFD, -1), Err(EBADF));
    both.gives(task, fcntl(3, 999, 0), Err(EINVAL));
    both.gives(task, fcntl(9, F_GETFL, 0), Err(EBADF));
}

#[test]
fn accept4_sets_exactly_what_was_asked() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(server, fcntl(3, F_SETFL, O_NONBLOCK), Ok(0));
    let all = [0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK];
    for (fd, flags) in (4..).zip(all) {
        both.gives(client, socket(), Ok(fd - 1));
        both.gives(client, connect(fd as i32 - 1, "127.0.0.1:8080"), Ok(0));
        both.gives(server, accept4(3, flags), Ok(fd));
        let fd = fd as i32;
        both.gives(
            server,
            fcntl(fd, F_GETFD, 0),
            Ok(u64::from(flags & SOCK_CLOEXEC != 0)),
        );
        both.gives(
            server,
            fcntl(fd, F_GETFL, 0),
            Ok(2 | (flags & SOCK_NONBLOCK) as u64),
        );
    }
}

#[test]
fn fionbio_is_o_nonblock() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, ioctl(3, FIONBIO, int(1)), Ok(0));
    both.gives(client, fcntl(3, F_GETFL, 0), Ok(0o4002));
    both.gives(client, recv(3, 1), Err(EAGAIN));
    both.gives(client, ioctl(3, FIONBIO, int(0)), Ok(0));
    both.gives(client, fcntl(3, F_GETFL, 0), Ok(2));
    both.gives(client, ioctl(3, FIONBIO, UserIn::Fault), Err(EFAULT));
    both.gives(client, ioctl(9, FIONBIO, UserIn::Fault), Err(EBADF));
    both.gives(server, ioctl(0, FIONBIO, int(0)), Ok(0));
}

#[test]
fn counts_tell_what_waits_in_the_queues() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let mut counts = |task, fd, request, expected: i32| {
        let reply = both.gives(task, ioctl(fd, request, int(-7)), Ok(0));
        assert_eq!(ioctl_in(&reply), Some(expected), "{request}");
        let _ = both.gives(task, ioctl(fd, request, UserIn::Fault), Err(EFAULT));
    };
    counts(client, 3, FIONREAD, 0);
    counts(client, 3, TIOCOUTQ, 0);
    counts(client, 3, SIOCOUTQNSD, 0);
    counts(client, 3, SIOCATMARK, 0);
    both.gives(server, send(4, b"hello"), Ok(5));
    let reply = both.gives(client, ioctl(3, FIONREAD, int(0)), Ok(0));
    assert_eq!(ioctl_in(&reply), Some(5));
    both.gives(server, close(4), Ok(0));
    let reply = both.gives(client, ioctl(3, FIONREAD, int(0)), Ok(0));
    assert_eq!(ioctl_in(&reply), Some(5), "the end is no octet");
    both.gives_bytes(client, recv(3, 9), b"hello");
    let reply = both.gives(client, ioctl(3, FIONREAD, int(1)), Ok(0));
    assert_eq!(ioctl_in(&reply), Some(0));
}

#[test]
fn requests_are_refused_by_what_the_file_is() {
    let mut both = Both::new();
    let [server, _] = both.pair();
    both.gives(server, ioctl(3, FIONREAD, int(0)), Err(EINVAL));
    both.gives(server, ioctl(3, TIOCOUTQ, int(0)), Err(EINVAL));
    both.gives(server, ioctl(3, FIONREAD, UserIn::Fault), Err(EINVAL));
    both.gives(server, ioctl(9, FIONREAD, int(0)), Err(EBADF));
    both.gives(server, ioctl(9, SIOCATMARK, int(0)), Err(EBADF));
    both.gives(server, ioctl(0, SIOCATMARK, int(0)), Err(ENOTTY));
    both.gives(server, ioctl(0, TIOCOUTQ, int(0)), Err(ENOTTY));
    both.gives(server, ioctl(3, 0x1234, int(0)), Err(ENOTTY));
    both.gives(server, socket(), Ok(5));
    both.gives(server, ioctl(5, FIONREAD, int(0)), Ok(0));
    both.gives(server, epoll_create(), Ok(6));
    both.gives(server, ioctl(6, FIONREAD, int(0)), Err(EINVAL));
}

#[test]
fn of_datagrams_the_next_one_is_counted() {
    let mut both = Both::datagrams();
    let [server, client] = both.tasks();
    both.gives(server, udp(), Ok(3));
    both.gives(server, bind(3, "127.0.0.1:9000"), Ok(0));
    both.gives(client, udp(), Ok(3));
    counts(&mut both, server, 3, 0, 0);
    both.gives(client, send_to(3, b"abc", "127.0.0.1:9000"), Ok(3));
    both.gives(client, send_to(3, b"defgh", "127.0.0.1:9000"), Ok(5));
    counts(&mut both, server, 3, 3, 0);
    counts(&mut both, client, 3, 0, 0);
    both.gives_bytes(server, recv(3, 2), b"ab");
    counts(&mut both, server, 3, 5, 0);
}

#[test]
fn of_af_unix_what_is_sent_and_not_read_is_counted_with_its_memory() {
    let kinds = [
        (SOCK_STREAM, 8, 1_536, 6, 1_536),
        (SOCK_DGRAM, 3, 1_536, 5, 768),
        (SOCK_SEQPACKET, 8, 1_536, 5, 768),
    ];
    for (ty, unread, sent, left, memory) in kinds {
        let mut both = Both::datagrams();
        let task = both.task();
        both.gives(task, socketpair(ty), Ok(0));
        both.gives(task, send(3, b"abc"), Ok(3));
        both.gives(task, send(3, b"defgh"), Ok(5));
        counts(&mut both, task, 4, unread, 0);
        counts(&mut both, task, 3, 0, sent);
        both.gives_bytes(task, recv(4, 2), b"ab");
        counts(&mut both, task, 4, left, 0);
        counts(&mut both, task, 3, 0, memory);
        let mark = if ty == SOCK_STREAM {
            Ok(0)
        } else {
            Err(EOPNOTSUPP)
        };
        both.gives(task, ioctl(4, SIOCATMARK, int(0)), mark);
    }
}

/// FIONREAD and TIOCOUTQ.
fn counts(both: &mut Both, task: Task, fd: i32, unread: i32, sent: i32) {
    for (request, expected) in [(FIONREAD, unread), (TIOCOUTQ, sent)] {
        let reply = both.gives(task, ioctl(fd, request, int(-7)), Ok(0));
        assert_eq!(ioctl_in(&reply), Some(expected), "{request}");
    }
}

#[test]
fn counts_of_datagrams_and_of_unix_sockets() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:7000"), Ok(0));
    both.gives(task, connect(3, "127.0.0.1:7000"), Ok(0));
    for (fd, ty) in [(4, SOCK_STREAM), (6, SOCK_DGRAM), (8, SOCK_SEQPACKET)] {
        let reply = both.gives(task, socketpair(ty), Ok(0));
        assert_eq!(reply.written(3), Some(&[fd, 0, 0, 0, fd + 1, 0, 0, 0][..]));
    }
    // Sent by one descriptor, read from the other: a stream and records count all, datagrams the next one.
    let ifreq = || UserIn::Bytes(vec![0; 40]);
    for (from, to, waiting) in [(3, 3, 3), (4, 5, 5), (6, 7, 3), (8, 9, 5)] {
        both.row(&format!("{from} to {to}"));
        both.gives(task, send(from, b"abc"), Ok(3));
        both.gives(task, send(from, b"de"), Ok(2));
        let reply = both.gives(task, ioctl(to, FIONREAD, int(-7)), Ok(0));
        assert_eq!(ioctl_in(&reply), Some(waiting));
        both.gives(task, ioctl(from, TIOCOUTQ, int(-7)), Ok(0));
        both.gives(task, ioctl(from, SIOCOUTQNSD, ifreq()), Err(ENOTTY));
        both.gives(task, ioctl(to, FIONREAD, UserIn::Fault), Err(EFAULT));
        both.gives_bytes(task, recv(to, 1), b"a");
        both.gives(task, ioctl(to, FIONREAD, int(-7)), Ok(0));
        both.gives(task, ioctl(from, TIOCOUTQ, int(-7)), Ok(0));
    }
    both.gives(task, unix(SOCK_STREAM), Ok(10));
    both.gives(task, bind_un(10, b"\0listener"), Ok(0));
    both.gives(task, listen(10, 1), Ok(0));
    both.gives(task, ioctl(10, FIONREAD, int(0)), Err(EINVAL));
    both.gives(task, ioctl(10, TIOCOUTQ, int(7)), Ok(0));
}
