//! Rows about options, shutdown(2), ioctl(2), epoll(7).

use super::*;

#[test]
fn options_of_tcp() {
    let mut both = Both::new();
    let task = both.task();
    let set = |level, name| setsockopt(3, level, name, int(1), 4);
    let get = |level, name| getsockopt(3, level, name);
    let oob = (SOL_SOCKET, SO_OOBINLINE);
    let inline = |value, len| setsockopt(3, oob.0, oob.1, value, len);
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            (
                "set, bad fd",
                setsockopt(BAD, oob.0, oob.1, int(1), 4),
                Err(EBADF),
            ),
            (
                "set, no socket",
                setsockopt(0, oob.0, oob.1, int(1), 4),
                Err(ENOTSOCK),
            ),
            ("set, memory", inline(UserIn::Fault, 4), Err(EFAULT)),
            ("set, length 0", inline(int(1), 0), Err(EINVAL)),
            ("set, level 500", set(500, SO_OOBINLINE), Err(ENOPROTOOPT)),
            (
                "set, level udp",
                set(IPPROTO_UDP, SO_OOBINLINE),
                Err(ENOPROTOOPT),
            ),
            ("set, ip -1", set(IPPROTO_IP, -1), Err(ENOPROTOOPT)),
            ("set, tcp -1", set(IPPROTO_TCP, -1), Err(ENOPROTOOPT)),
            ("get, bad fd", getsockopt(BAD, oob.0, oob.1), Err(EBADF)),
            ("get, no socket", getsockopt(0, oob.0, oob.1), Err(ENOTSOCK)),
            (
                "get, memory",
                getsockopt_raw(3, oob, UserOut::Fault, int(4)),
                Err(EFAULT),
            ),
            (
                "get, length",
                getsockopt_raw(3, oob, WORD, UserIn::Fault),
                Err(EFAULT),
            ),
            ("get, level 500", get(500, SO_OOBINLINE), Err(EOPNOTSUPP)),
            (
                "get, level udp",
                get(IPPROTO_UDP, SO_OOBINLINE),
                Err(EOPNOTSUPP),
            ),
            ("get, ip -1", get(IPPROTO_IP, -1), Err(ENOPROTOOPT)),
            ("get, tcp -1", get(IPPROTO_TCP, -1), Err(ENOPROTOOPT)),
            (
                "get, length -1",
                getsockopt_raw(3, oob, WORD, int(-1)),
                Err(EINVAL),
            ),
        ],
    );
}

#[test]
fn a_negative_buffer_size_by_force_is_the_smallest() {
    let mut both = Both::new();
    let root = both.root();
    both.gives(root, socket(), Ok(3));
    for (force, name) in [(SO_SNDBUFFORCE, SO_SNDBUF), (SO_RCVBUFFORCE, SO_RCVBUF)] {
        let call = setsockopt(3, SOL_SOCKET, force, int(-256), 4);
        rows(&mut both, root, [("negative", call, Ok(0))]);
        let reply = both.gives(root, getsockopt(3, SOL_SOCKET, name), Ok(0));
        assert!(option_in(&reply).is_some_and(|size| size > 0), "{reply:?}");
    }
}

#[test]
fn shutdown_of_a_unix_stream() {
    let again = Err(EAGAIN);
    for (how, receives, sends) in [
        (SHUT_RD, Ok(0), Ok(1)),
        (SHUT_WR, again, Err(EPIPE)),
        (SHUT_RDWR, Ok(0), Err(EPIPE)),
    ] {
        let mut both = Both::new();
        let task = both.task();
        rows(
            &mut both,
            task,
            [
                ("pair", socketpair(SOCK_STREAM), Ok(0)),
                ("shut", shutdown(3, how), Ok(0)),
                ("receive", recv_now(3, 1), receives),
                ("send", send_quiet(3, b"x"), sends),
            ],
        );
    }
    let mut both = Both::new();
    let task = both.task();
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            ("bad fd", shutdown(BAD, SHUT_RD), Err(EBADF)),
            ("-1", shutdown(3, -1), Err(EINVAL)),
            ("unconnected", shutdown(3, 2), Err(ENOTCONN)),
            ("no socket", shutdown(0, SHUT_RD), Err(ENOTSOCK)),
        ],
    );
}

#[test]
fn requests_of_ioctl() {
    const SIOCGIFCONF: i32 = 0x8912;
    const SIOCGIFFLAGS: i32 = 0x8913;
    const SIOCSIFFLAGS: i32 = 0x8914;
    let mut both = Both::new();
    let task = both.task();
    let fault = |fd, request| ioctl(fd, request, UserIn::Fault);
    rows(
        &mut both,
        task,
        [
            ("tcp", socket(), Ok(3)),
            ("udp", udp(), Ok(4)),
            ("bad fd", ioctl(BAD, SIOCATMARK, int(0)), Err(EBADF)),
            ("pipe", pipe(), Ok(0)),
            ("not a socket", ioctl(5, SIOCATMARK, int(0)), Err(ENOTTY)),
            ("memory", fault(3, SIOCATMARK), Err(EFAULT)),
            ("mark", ioctl(3, SIOCATMARK, int(0)), Ok(0)),
            (
                "udp has none",
                ioctl(4, SIOCATMARK, UserIn::Bytes(vec![0; 40])),
                Err(ENOTTY),
            ),
            (
                "too short to be another",
                ioctl(4, SIOCATMARK, int(0)),
                Err(EFAULT),
            ),
            ("udp, memory", fault(4, FIONREAD), Err(EFAULT)),
            ("udp", ioctl(4, FIONREAD, int(7)), Ok(0)),
            ("udp", ioctl(4, TIOCOUTQ, int(7)), Ok(0)),
            ("devices, memory", fault(3, SIOCGIFCONF), Err(EFAULT)),
            ("flags, memory", fault(3, SIOCGIFFLAGS), Err(EFAULT)),
            ("new flags, memory", fault(3, SIOCSIFFLAGS), Err(EFAULT)),
        ],
    );
}

#[test]
fn epoll_in_numbers() {
    let mut both = Both::new();
    let task = both.task();
    rows(&mut both, task, [("epoll", epoll_create(), Ok(3))]);
    for fd in 4..7 {
        both.gives(task, udp(), Ok(fd));
        both.gives(task, epoll_add(3, fd as i32, EPOLLOUT), Ok(0));
    }
    rows(
        &mut both,
        task,
        [
            ("size 0", Syscall::EpollCreate { size: 0 }, Err(EINVAL)),
            ("size -1", Syscall::EpollCreate { size: -1 }, Err(EINVAL)),
            ("as many as asked for", epoll_wait(3, 2, 0), Ok(2)),
            ("twice", epoll_add(3, 4, EPOLLOUT), Err(EEXIST)),
            ("itself", epoll_add(3, 3, EPOLLIN), Err(EINVAL)),
            ("bad instance", epoll_add(BAD, 4, EPOLLIN), Err(EBADF)),
            ("bad fd", epoll_add(3, BAD, EPOLLIN), Err(EBADF)),
            (
                "no such operation",
                epoll_ctl(3, 9, 4, EPOLLIN),
                Err(EINVAL),
            ),
            ("maxevents 0", epoll_wait(3, 0, 0), Err(EINVAL)),
        ],
    );
    for fd in 7..1_024 {
        both.gives(task, dup(3), Ok(fd));
    }
    rows(
        &mut both,
        task,
        [
            ("epoll at the limit", epoll_create(), Err(EMFILE)),
            ("dup at the limit", dup(3), Err(EMFILE)),
            ("fcntl at the limit", fcntl(3, F_DUPFD, 9), Err(EMFILE)),
            ("pipe at the limit", pipe(), Err(EMFILE)),
        ],
    );
}

/// What is no socket, and of the files that poll(2) finds always ready and epoll(7) does not take.
#[test]
fn the_null_device_takes_no_call_of_sockets_and_is_not_watched() {
    let mut both = Both::new();
    let task = both.task();
    let open = |flags| Syscall::Openat {
        dirfd: -100,
        pathname: UserIn::Bytes(b"/dev/null\0".to_vec()),
        flags,
        mode: 0,
    };
    let name = || UserOut::Capacity(16);
    rows(
        &mut both,
        task,
        [
            ("to write", open(O_WRONLY), Ok(3)),
            ("to read", open(0), Ok(4)),
            ("epoll", epoll_create(), Ok(5)),
            ("bind", bind(3, "127.0.0.1:8080"), Err(ENOTSOCK)),
            ("listen", listen(3, 1), Err(ENOTSOCK)),
            ("connect", connect(3, "127.0.0.1:8080"), Err(ENOTSOCK)),
            ("accept", accept(3), Err(ENOTSOCK)),
            ("accept4", accept4(4, SOCK_CLOEXEC), Err(ENOTSOCK)),
            ("send", send(3, b"x"), Err(ENOTSOCK)),
            ("sendto", send_to(3, b"x", "127.0.0.1:8080"), Err(ENOTSOCK)),
            ("sendmsg", sendmsg(3, msg_in(b"x")), Err(ENOTSOCK)),
            ("recv", recv(4, 1), Err(ENOTSOCK)),
            ("recvfrom", recv_from(4, 1), Err(ENOTSOCK)),
            ("recvmsg", recvmsg(4, msg_out(1)), Err(ENOTSOCK)),
            ("shutdown", shutdown(3, SHUT_WR), Err(ENOTSOCK)),
            (
                "its name",
                getsockname_raw(3, name(), int(16)),
                Err(ENOTSOCK),
            ),
            (
                "its peer",
                getpeername_raw(3, name(), int(16)),
                Err(ENOTSOCK),
            ),
            ("set", flag(3, SOL_SOCKET, SO_OOBINLINE, 1), Err(ENOTSOCK)),
            ("get", getsockopt(3, SOL_SOCKET, SO_ERROR), Err(ENOTSOCK)),
            ("at mark", ioctl(3, SIOCATMARK, int(0)), Err(ENOTTY)),
            ("write", write(3, b"abc"), Ok(3)),
            ("read what is for writing", read(3, 9), Err(EBADF)),
            ("read", read(4, 9), Ok(0)),
            ("write what is for reading", write(4, b"abc"), Err(EBADF)),
            ("poll", poll(&[(3, POLLIN | POLLOUT)], 0), Ok(1)),
            ("watch", epoll_add(5, 3, EPOLLOUT), Err(EPERM)),
            ("watch less", epoll_ctl(5, EPOLL_CTL_DEL, 3, 0), Err(EPERM)),
            ("as instance", epoll_add(3, 5, EPOLLIN), Err(EINVAL)),
            ("as both", epoll_add(3, 4, EPOLLIN), Err(EPERM)),
            ("wait", epoll_wait(3, 1, 0), Err(EINVAL)),
            ("close", close(3), Ok(0)),
            ("close again", close(3), Err(EBADF)),
        ],
    );
}
