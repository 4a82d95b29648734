//! Short names for calls, and for the parts of their replies.
#![allow(dead_code, unused_imports, missing_docs, unreachable_pub)]

pub use sockscope::abi::constants::*;
pub use sockscope::abi::{
    Errno, Errno::*, MsgIn, MsgOut, Reply, SigAction, SockAddr, Syscall, UserIn, UserOut, nested,
    sockaddr,
};
use std::net::SocketAddr;

pub fn socket() -> Syscall {
    socket_of(AF_INET, SOCK_STREAM, 0)
}

pub fn socket6() -> Syscall {
    socket_of(AF_INET6, SOCK_STREAM, 0)
}

pub fn nonblocking() -> Syscall {
    socket_of(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)
}

pub fn socket_of(domain: i32, ty: i32, protocol: i32) -> Syscall {
    Syscall::Socket {
        domain,
        ty,
        protocol,
    }
}

pub fn address(text: &str) -> UserIn {
    UserIn::Bytes(address_bytes(text))
}

pub fn address_bytes(text: &str) -> Vec<u8> {
    sockaddr::encode(text.parse().expect("a socket address"))
}

/// The same bytes with another family field.
pub fn with_family(text: &str, family: i32) -> UserIn {
    let mut bytes = address_bytes(text);
    bytes[..2].copy_from_slice(&(family as u16).to_le_bytes());
    UserIn::Bytes(bytes)
}

fn length(text: &str) -> i32 {
    address_bytes(text).len() as i32
}

pub fn bind(fd: i32, to: &str) -> Syscall {
    bind_raw(fd, address(to), length(to))
}

pub fn bind_raw(fd: i32, addr: UserIn, addrlen: i32) -> Syscall {
    Syscall::Bind { fd, addr, addrlen }
}

pub fn listen(fd: i32, backlog: i32) -> Syscall {
    Syscall::Listen { fd, backlog }
}

pub fn connect(fd: i32, to: &str) -> Syscall {
    connect_raw(fd, address(to), length(to))
}

pub fn connect_raw(fd: i32, addr: UserIn, addrlen: i32) -> Syscall {
    Syscall::Connect { fd, addr, addrlen }
}

/// connect(2) with AF_UNSPEC.
pub fn disconnect(fd: i32) -> Syscall {
    connect_raw(fd, UserIn::Bytes(vec![0; 16]), 16)
}

pub fn accept(fd: i32) -> Syscall {
    Syscall::Accept {
        fd,
        addr: None,
        addrlen: UserIn::Fault,
    }
}

pub fn accept_named(fd: i32) -> Syscall {
    accept_raw(fd, UserOut::Capacity(128), int(128))
}

pub fn accept_raw(fd: i32, addr: UserOut, addrlen: UserIn) -> Syscall {
    let addr = Some(addr);
    Syscall::Accept { fd, addr, addrlen }
}

pub fn accept4(fd: i32, flags: i32) -> Syscall {
    Syscall::Accept4 {
        fd,
        addr: None,
        addrlen: UserIn::Fault,
        flags,
    }
}

pub fn send(fd: i32, data: &[u8]) -> Syscall {
    send_flags(fd, data, 0)
}

pub fn send_flags(fd: i32, data: &[u8], flags: i32) -> Syscall {
    send_raw(fd, UserIn::Bytes(data.to_vec()), data.len() as u64, flags)
}

pub fn send_raw(fd: i32, buf: UserIn, len: u64, flags: i32) -> Syscall {
    Syscall::Sendto {
        fd,
        buf,
        len,
        flags,
        addr: None,
        addrlen: 0,
    }
}

pub fn sendto(fd: i32, data: &[u8], addr: UserIn, addrlen: i32) -> Syscall {
    Syscall::Sendto {
        fd,
        buf: UserIn::Bytes(data.to_vec()),
        len: data.len() as u64,
        flags: MSG_NOSIGNAL,
        addr: Some(addr),
        addrlen,
    }
}

pub fn udp() -> Syscall {
    socket_of(AF_INET, SOCK_DGRAM, 0)
}

pub fn udp6() -> Syscall {
    socket_of(AF_INET6, SOCK_DGRAM, 0)
}

/// sendto(2) with an address.
pub fn send_to(fd: i32, data: &[u8], to: &str) -> Syscall {
    sendto(fd, data, address(to), length(to))
}

/// recvfrom(2) that does not wait and wants to know the sender.
pub fn recv_from(fd: i32, len: u64) -> Syscall {
    recvfrom(fd, len, MSG_DONTWAIT, UserOut::Capacity(128), int(128))
}

/// The sender that recvfrom(2) told.
pub fn sender_in(reply: &Reply) -> Option<SocketAddr> {
    match SockAddr::decode(reply.written(4)?) {
        SockAddr::Inet(addr) => Some(addr),
        other => panic!("{other:?} in {reply:?}"),
    }
}

/// send(2) without SIGPIPE.
pub fn send_quiet(fd: i32, data: &[u8]) -> Syscall {
    send_flags(fd, data, MSG_NOSIGNAL)
}

pub fn recv(fd: i32, len: u64) -> Syscall {
    recv_flags(fd, len, 0)
}

pub fn recv_flags(fd: i32, len: u64, flags: i32) -> Syscall {
    recv_raw(fd, UserOut::Capacity(len), len, flags)
}

/// recv(2) with MSG_DONTWAIT.
pub fn recv_now(fd: i32, len: u64) -> Syscall {
    recv_flags(fd, len, MSG_DONTWAIT)
}

pub fn recv_raw(fd: i32, buf: UserOut, len: u64, flags: i32) -> Syscall {
    Syscall::Recvfrom {
        fd,
        buf,
        len,
        flags,
        addr: None,
        addrlen: UserIn::Fault,
    }
}

pub fn recvfrom(fd: i32, len: u64, flags: i32, addr: UserOut, addrlen: UserIn) -> Syscall {
    Syscall::Recvfrom {
        fd,
        buf: UserOut::Capacity(len),
        len,
        flags,
        addr: Some(addr),
        addrlen,
    }
}

pub fn read(fd: i32, count: u64) -> Syscall {
    let buf = UserOut::Capacity(count);
    Syscall::Read { fd, buf, count }
}

pub fn write(fd: i32, data: &[u8]) -> Syscall {
    let (buf, count) = (UserIn::Bytes(data.to_vec()), data.len() as u64);
    Syscall::Write { fd, buf, count }
}

pub fn close(fd: i32) -> Syscall {
    Syscall::Close { fd }
}

pub fn exit() -> Syscall {
    Syscall::ExitGroup { status: 0 }
}

pub fn shutdown(fd: i32, how: i32) -> Syscall {
    Syscall::Shutdown { fd, how }
}

pub fn sleep(millis: u64) -> Syscall {
    sleep_raw((millis / 1_000) as i64, (millis % 1_000 * 1_000_000) as i64)
}

pub fn sleep_raw(seconds: i64, nanos: i64) -> Syscall {
    let mut req = seconds.to_le_bytes().to_vec();
    req.extend(nanos.to_le_bytes());
    Syscall::Nanosleep {
        req: UserIn::Bytes(req),
        rem: None,
    }
}

pub fn int(value: i32) -> UserIn {
    UserIn::Bytes(value.to_le_bytes().to_vec())
}

pub fn reuseaddr(fd: i32) -> Syscall {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, int(1), 4)
}

/// setsockopt(2) with an int.
pub fn flag(fd: i32, level: i32, name: i32, value: i32) -> Syscall {
    setsockopt(fd, level, name, int(value), 4)
}

pub fn setsockopt(fd: i32, level: i32, optname: i32, optval: UserIn, optlen: i32) -> Syscall {
    Syscall::Setsockopt {
        fd,
        level,
        optname,
        optval,
        optlen,
    }
}

pub fn getsockopt(fd: i32, level: i32, optname: i32) -> Syscall {
    getsockopt_raw(fd, (level, optname), UserOut::Capacity(4), int(4))
}

pub fn getsockopt_raw(
    fd: i32,
    (level, optname): (i32, i32),
    optval: UserOut,
    optlen: UserIn,
) -> Syscall {
    Syscall::Getsockopt {
        fd,
        level,
        optname,
        optval,
        optlen,
    }
}

pub fn getsockname(fd: i32) -> Syscall {
    getsockname_raw(fd, UserOut::Capacity(128), int(128))
}

pub fn getsockname_raw(fd: i32, addr: UserOut, addrlen: UserIn) -> Syscall {
    Syscall::Getsockname { fd, addr, addrlen }
}

pub fn getpeername(fd: i32) -> Syscall {
    getpeername_raw(fd, UserOut::Capacity(128), int(128))
}

pub fn getpeername_raw(fd: i32, addr: UserOut, addrlen: UserIn) -> Syscall {
    Syscall::Getpeername { fd, addr, addrlen }
}

/// poll(2) of descriptors with the events asked for.
pub fn poll(fds: &[(i32, i32)], timeout: i32) -> Syscall {
    let mut bytes = Vec::new();
    for (fd, events) in fds {
        bytes.extend(fd.to_le_bytes());
        bytes.extend((*events as i16).to_le_bytes());
        bytes.extend([0, 0]);
    }
    let nfds = fds.len() as u32;
    poll_raw(UserIn::Bytes(bytes), nfds, timeout)
}

pub fn poll_raw(fds: UserIn, nfds: u32, timeout: i32) -> Syscall {
    Syscall::Poll { fds, nfds, timeout }
}

/// What poll(2) wrote into each `revents`.
pub fn revents(reply: &Reply) -> Vec<i32> {
    let bytes = reply.written(0).unwrap_or_default();
    let revents = |entry: &[u8]| i32::from(i16::from_le_bytes([entry[6], entry[7]]));
    bytes.chunks_exact(8).map(revents).collect()
}

/// The int that getsockopt(2) wrote.
pub fn option_in(reply: &Reply) -> Option<i32> {
    let bytes = reply.written(3)?.first_chunk::<4>()?;
    Some(i32::from_le_bytes(*bytes))
}

/// The address that a name call wrote at argument 1.
pub fn name_in(reply: &Reply) -> SocketAddr {
    match SockAddr::decode(reply.written(1).unwrap_or_default()) {
        SockAddr::Inet(addr) => addr,
        other => panic!("{other:?} in {reply:?}"),
    }
}

/// Pieces to read from, all readable.
pub fn pieces(parts: &[&[u8]]) -> Vec<(UserIn, u64)> {
    let piece = |part: &&[u8]| (UserIn::Bytes(part.to_vec()), part.len() as u64);
    parts.iter().map(piece).collect()
}

/// Room of these lengths.
pub fn rooms(lengths: &[u64]) -> Vec<(UserOut, u64)> {
    let room = |len: &u64| (UserOut::Capacity(*len), *len);
    lengths.iter().map(room).collect()
}

pub fn writev(fd: i32, parts: &[&[u8]]) -> Syscall {
    writev_raw(fd, Some(pieces(parts)), parts.len() as i32)
}

pub fn writev_raw(fd: i32, iov: Option<Vec<(UserIn, u64)>>, iovcnt: i32) -> Syscall {
    Syscall::Writev { fd, iov, iovcnt }
}

pub fn readv(fd: i32, lengths: &[u64]) -> Syscall {
    readv_raw(fd, Some(rooms(lengths)), lengths.len() as i32)
}

pub fn readv_raw(fd: i32, iov: Option<Vec<(UserOut, u64)>>, iovcnt: i32) -> Syscall {
    Syscall::Readv { fd, iov, iovcnt }
}

/// A message of one buffer without name and control data.
pub fn msg_in(data: &[u8]) -> MsgIn {
    MsgIn {
        name: None,
        namelen: 0,
        iov: Some(pieces(&[data])),
        control: None,
        controllen: 0,
    }
}

pub fn msg_out(len: u64) -> MsgOut {
    MsgOut {
        name: None,
        namelen: 0,
        iov: Some(rooms(&[len])),
        control: None,
        controllen: 0,
    }
}

pub fn sendmsg(fd: i32, msg: MsgIn) -> Syscall {
    let (msg, flags) = (Some(msg), MSG_NOSIGNAL);
    Syscall::Sendmsg { fd, msg, flags }
}

pub fn recvmsg(fd: i32, msg: MsgOut) -> Syscall {
    recvmsg_flags(fd, msg, 0)
}

pub fn recvmsg_flags(fd: i32, msg: MsgOut, flags: i32) -> Syscall {
    let msg = Some(msg);
    Syscall::Recvmsg { fd, msg, flags }
}

pub fn sendmmsg(fd: i32, msgvec: &[MsgIn]) -> Syscall {
    Syscall::Sendmmsg {
        fd,
        msgvec: msgvec.to_vec(),
        vlen: msgvec.len() as u32,
        flags: MSG_NOSIGNAL,
    }
}

pub fn recvmmsg(fd: i32, msgvec: &[MsgOut], flags: i32) -> Syscall {
    recvmmsg_until(fd, msgvec, flags, None)
}

pub fn recvmmsg_until(fd: i32, msgvec: &[MsgOut], flags: i32, timeout: Option<UserIn>) -> Syscall {
    Syscall::Recvmmsg {
        fd,
        msgvec: msgvec.to_vec(),
        vlen: msgvec.len() as u32,
        flags,
        timeout,
    }
}

/// The data of each message that recvmmsg(2) wrote.
pub fn messages_in(reply: &Reply) -> Vec<Vec<u8>> {
    let messages = (0..).map_while(|at| reply.message(at));
    let data = |message: Reply| message.written(nested::IOV).unwrap_or_default().to_vec();
    messages.map(data).collect()
}

pub fn dup(fd: i32) -> Syscall {
    Syscall::Dup { fd }
}

pub fn dup2(fd: i32, newfd: i32) -> Syscall {
    Syscall::Dup2 { fd, newfd }
}

pub fn dup3(fd: i32, newfd: i32, flags: i32) -> Syscall {
    Syscall::Dup3 { fd, newfd, flags }
}

pub fn fcntl(fd: i32, cmd: i32, arg: i32) -> Syscall {
    let arg = arg as u64;
    Syscall::Fcntl { fd, cmd, arg }
}

pub fn ioctl(fd: i32, request: i32, argp: UserIn) -> Syscall {
    let request = request as u64;
    Syscall::Ioctl { fd, request, argp }
}

/// What ioctl(2) wrote.
pub fn ioctl_in(reply: &Reply) -> Option<i32> {
    let bytes = reply.written(2)?.first_chunk::<4>()?;
    Some(i32::from_le_bytes(*bytes))
}

pub fn pipe() -> Syscall {
    pipe2(0)
}

pub fn pipe2(flags: i32) -> Syscall {
    let pipefd = UserOut::Capacity(8);
    Syscall::Pipe2 { pipefd, flags }
}

/// The two descriptors that pipe2(2) wrote.
pub fn ends_in(reply: &Reply) -> Vec<i32> {
    let bytes = reply.written(0).unwrap_or_default();
    let int = |b: &[u8]| i32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    bytes.chunks_exact(4).map(int).collect()
}

/// A set of descriptors, whole words up to `nfds`.
pub fn fd_set(nfds: i32, fds: &[i32]) -> Option<UserIn> {
    let mut bytes = vec![0u8; (nfds.max(0) as usize).div_ceil(64) * 8];
    for fd in fds {
        bytes[*fd as usize / 8] |= 1 << (fd % 8);
    }
    Some(UserIn::Bytes(bytes))
}

/// select(2) with a timeout in milliseconds; negative waits for ever.
pub fn select(nfds: i32, read: &[i32], write: &[i32], except: &[i32], timeout: i64) -> Syscall {
    Syscall::Select {
        nfds,
        readfds: fd_set(nfds, read),
        writefds: fd_set(nfds, write),
        exceptfds: fd_set(nfds, except),
        timeout: (timeout >= 0).then(|| two_words(timeout / 1_000, timeout % 1_000 * 1_000)),
    }
}

pub fn two_words(first: i64, second: i64) -> UserIn {
    let mut bytes = first.to_le_bytes().to_vec();
    bytes.extend(second.to_le_bytes());
    UserIn::Bytes(bytes)
}

/// The descriptors in the three sets that select(2) wrote.
pub fn sets_in(reply: &Reply) -> [Vec<i32>; 3] {
    [1, 2, 3].map(|arg| {
        let set = reply.written(arg).unwrap_or_default();
        let bits = 0..set.len() as i32 * 8;
        bits.filter(|fd| set[*fd as usize / 8] >> (fd % 8) & 1 == 1)
            .collect()
    })
}

pub fn epoll_create() -> Syscall {
    Syscall::EpollCreate1 { flags: 0 }
}

/// epoll_ctl(2); the data of the event is the descriptor.
pub fn epoll_ctl(epfd: i32, op: i32, fd: i32, events: i32) -> Syscall {
    let mut bytes = events.to_le_bytes().to_vec();
    bytes.extend((fd as u64).to_le_bytes());
    let event = Some(UserIn::Bytes(bytes));
    Syscall::EpollCtl {
        epfd,
        op,
        fd,
        event,
    }
}

pub fn epoll_add(epfd: i32, fd: i32, events: i32) -> Syscall {
    epoll_ctl(epfd, EPOLL_CTL_ADD, fd, events)
}

pub fn epoll_wait(epfd: i32, maxevents: i32, timeout: i32) -> Syscall {
    let events = UserOut::Capacity(maxevents.max(0) as u64 * 12);
    Syscall::EpollWait {
        epfd,
        events,
        maxevents,
        timeout,
    }
}

/// The events that epoll_wait(2) wrote: data and events.
pub fn events_in(reply: &Reply) -> Vec<(i32, i32)> {
    let bytes = reply.written(1).unwrap_or_default();
    let int = |b: &[u8]| i32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    bytes
        .chunks_exact(12)
        .map(|e| (int(&e[4..]), int(e)))
        .collect()
}

pub fn sigaction(sig: i32, handler: u64, flags: i32) -> Syscall {
    let action = Some(SigAction {
        handler,
        flags,
        ..SigAction::default()
    });
    Syscall::RtSigaction {
        sig,
        action,
        oldact: None,
    }
}

pub fn kill(pid: u32, sig: i32) -> Syscall {
    let pid = pid as i32;
    Syscall::Kill { pid, sig }
}

pub fn wait4(pid: i32, options: i32) -> Syscall {
    let status = Some(UserOut::Capacity(4));
    Syscall::Wait4 {
        pid,
        status,
        options,
    }
}
