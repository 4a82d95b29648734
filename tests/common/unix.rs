//! Calls with AF_UNIX addresses. A name is `sun_path`: a path, or an abstract name that begins with NUL.

use super::calls::*;

/// A `struct sockaddr_un` as long as its name.
pub fn un(name: &[u8]) -> Vec<u8> {
    [&(AF_UNIX as u16).to_le_bytes(), name].concat()
}

fn arg(name: &[u8]) -> (UserIn, i32) {
    let bytes = un(name);
    let len = bytes.len() as i32;
    (UserIn::Bytes(bytes), len)
}

pub fn unix(ty: i32) -> Syscall {
    socket_of(AF_UNIX, ty, 0)
}

pub fn bind_un(fd: i32, name: &[u8]) -> Syscall {
    let (addr, len) = arg(name);
    bind_raw(fd, addr, len)
}

pub fn connect_un(fd: i32, name: &[u8]) -> Syscall {
    let (addr, len) = arg(name);
    connect_raw(fd, addr, len)
}

/// sendto(2) with MSG_DONTWAIT.
pub fn sendto_un(fd: i32, data: &[u8], name: &[u8]) -> Syscall {
    sendto_flags(fd, data, name, MSG_DONTWAIT)
}

pub fn sendto_flags(fd: i32, data: &[u8], name: &[u8], flags: i32) -> Syscall {
    let (addr, addrlen) = arg(name);
    Syscall::Sendto {
        fd,
        buf: UserIn::Bytes(data.to_vec()),
        len: data.len() as u64,
        flags,
        addr: Some(addr),
        addrlen,
    }
}

pub fn recv_named(fd: i32, len: u64) -> Syscall {
    recvfrom(fd, len, 0, UserOut::Capacity(128), int(128))
}

pub fn send_now(fd: i32, data: &[u8]) -> Syscall {
    send_flags(fd, data, MSG_DONTWAIT)
}

pub fn socketpair(ty: i32) -> Syscall {
    socketpair_of(AF_UNIX, ty, 0, UserOut::Capacity(8))
}

pub fn socketpair_of(domain: i32, ty: i32, protocol: i32, sv: UserOut) -> Syscall {
    Syscall::Socketpair {
        domain,
        ty,
        protocol,
        sv,
    }
}

/// unlink(2) of a path.
pub fn unlink(path: &str) -> Syscall {
    let bytes = [path.as_bytes(), &[0]].concat();
    Syscall::Unlink {
        pathname: UserIn::Bytes(bytes),
    }
}

/// All that poll(2) may find.
pub const ANY: i32 = POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM | POLLWRBAND | POLLRDHUP;
pub const READABLE: i32 = POLLIN | POLLRDNORM;
pub const WRITABLE: i32 = POLLOUT | POLLWRNORM | POLLWRBAND;
