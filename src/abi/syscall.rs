//! System calls as values.

use serde::{Deserialize, Serialize};

/// What the kernel finds where a system call's pointer argument points, for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserIn {
    /// These bytes can be read.
    Bytes(Vec<u8>),
    /// Nothing can be read there: `copy_from_user()` fails and the call answers EFAULT.
    Fault,
}

/// What the kernel finds where a system call's pointer argument points, for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserOut {
    /// So many bytes can be written there; writing one more answers EFAULT.
    Capacity(u64),
    /// Nothing can be written there: `copy_to_user()` fails and the call answers EFAULT.
    Fault,
}

/// One system call of Linux on x86-64, with its arguments in the kernel's order.
///
/// These are the kernel's calls, not the C library's functions: `send()` arrives as
/// [`Syscall::Sendto`] without an address and `recv()` as [`Syscall::Recvfrom`] without one, as
/// `strace` shows it. An optional pointer that is `NULL` is `None`; `NULL` where the kernel needs
/// memory is a `Fault`. Lengths are what the program said, not how many bytes there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // The fields carry the names of the manual pages' arguments.
pub enum Syscall {
    /// read(2)
    Read { fd: i32, buf: UserOut, count: u64 },
    /// write(2); `buf` holds at most `count` bytes.
    Write { fd: i32, buf: UserIn, count: u64 },
    /// close(2)
    Close { fd: i32 },
    /// poll(2); `fds` holds `nfds` structs pollfd of 8 bytes; `timeout` is in milliseconds.
    Poll {
        fds: UserIn,
        nfds: u32,
        timeout: i32,
    },
    /// nanosleep(2); `req` holds a struct timespec of 16 bytes.
    Nanosleep { req: UserIn },
    /// socket(2)
    Socket { domain: i32, ty: i32, protocol: i32 },
    /// connect(2); `addrlen` as the kernel takes it, a signed int.
    Connect { fd: i32, addr: UserIn, addrlen: i32 },
    /// accept(2); `addrlen` holds an int of 4 bytes and is looked at only if `addr` is given.
    Accept {
        fd: i32,
        addr: Option<UserOut>,
        addrlen: UserIn,
    },
    /// accept4(2)
    Accept4 {
        fd: i32,
        addr: Option<UserOut>,
        addrlen: UserIn,
        flags: i32,
    },
    /// sendto(2), and send(2) with no address; `buf` holds at most `len` bytes.
    Sendto {
        fd: i32,
        buf: UserIn,
        len: u64,
        flags: i32,
        addr: Option<UserIn>,
        addrlen: i32,
    },
    /// recvfrom(2), and recv(2) with no address.
    Recvfrom {
        fd: i32,
        buf: UserOut,
        len: u64,
        flags: i32,
        addr: Option<UserOut>,
        addrlen: UserIn,
    },
    /// shutdown(2)
    Shutdown { fd: i32, how: i32 },
    /// bind(2)
    Bind { fd: i32, addr: UserIn, addrlen: i32 },
    /// listen(2)
    Listen { fd: i32, backlog: i32 },
    /// getsockname(2); `addrlen` holds an int of 4 bytes.
    Getsockname {
        fd: i32,
        addr: UserOut,
        addrlen: UserIn,
    },
    /// getpeername(2); `addrlen` holds an int of 4 bytes.
    Getpeername {
        fd: i32,
        addr: UserOut,
        addrlen: UserIn,
    },
    /// setsockopt(2)
    Setsockopt {
        fd: i32,
        level: i32,
        optname: i32,
        optval: UserIn,
        optlen: i32,
    },
    /// getsockopt(2); `optlen` holds an int of 4 bytes.
    Getsockopt {
        fd: i32,
        level: i32,
        optname: i32,
        optval: UserOut,
        optlen: UserIn,
    },
    /// exit_group(2): the process ends; its descriptors are closed.
    ExitGroup { status: i32 },
}

impl Syscall {
    /// The kernel's name for the call.
    pub fn name(&self) -> &'static str {
        match self {
            Syscall::Read { .. } => "read",
            Syscall::Write { .. } => "write",
            Syscall::Close { .. } => "close",
            Syscall::Poll { .. } => "poll",
            Syscall::Nanosleep { .. } => "nanosleep",
            Syscall::Socket { .. } => "socket",
            Syscall::Connect { .. } => "connect",
            Syscall::Accept { .. } => "accept",
            Syscall::Accept4 { .. } => "accept4",
            Syscall::Sendto { .. } => "sendto",
            Syscall::Recvfrom { .. } => "recvfrom",
            Syscall::Shutdown { .. } => "shutdown",
            Syscall::Bind { .. } => "bind",
            Syscall::Listen { .. } => "listen",
            Syscall::Getsockname { .. } => "getsockname",
            Syscall::Getpeername { .. } => "getpeername",
            Syscall::Setsockopt { .. } => "setsockopt",
            Syscall::Getsockopt { .. } => "getsockopt",
            Syscall::ExitGroup { .. } => "exit_group",
        }
    }

    /// The descriptor that the call is about, if it is about one.
    pub fn fd(&self) -> Option<i32> {
        match self {
            Syscall::Read { fd, .. }
            | Syscall::Write { fd, .. }
            | Syscall::Close { fd }
            | Syscall::Connect { fd, .. }
            | Syscall::Accept { fd, .. }
            | Syscall::Accept4 { fd, .. }
            | Syscall::Sendto { fd, .. }
            | Syscall::Recvfrom { fd, .. }
            | Syscall::Shutdown { fd, .. }
            | Syscall::Bind { fd, .. }
            | Syscall::Listen { fd, .. }
            | Syscall::Getsockname { fd, .. }
            | Syscall::Getpeername { fd, .. }
            | Syscall::Setsockopt { fd, .. }
            | Syscall::Getsockopt { fd, .. } => Some(*fd),
            Syscall::Poll { .. }
            | Syscall::Nanosleep { .. }
            | Syscall::Socket { .. }
            | Syscall::ExitGroup { .. } => None,
        }
    }
}
