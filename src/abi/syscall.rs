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

impl UserOut {
    /// Octets that can be written.
    pub fn room(self) -> u64 {
        match self {
            UserOut::Capacity(room) => room,
            UserOut::Fault => 0,
        }
    }
}

/// One `struct iovec` to read from: the memory, and its length as the program said it.
pub type IovIn = (UserIn, u64);

/// One `struct iovec` to write to.
pub type IovOut = (UserOut, u64);

/// A `struct msghdr` for sendmsg(2), with what its pointers lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // The fields carry the names of the manual page.
pub struct MsgIn {
    pub name: Option<UserIn>,
    pub namelen: i32,
    /// `None`: the array itself cannot be read.
    pub iov: Option<Vec<IovIn>>,
    pub control: Option<UserIn>,
    pub controllen: u64,
}

/// A `struct msghdr` for recvmsg(2), with what its pointers lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // The fields carry the names of the manual page.
pub struct MsgOut {
    pub name: Option<UserOut>,
    pub namelen: i32,
    /// `None`: the array itself cannot be read.
    pub iov: Option<Vec<IovOut>>,
    pub control: Option<UserOut>,
    pub controllen: u64,
}

/// Where a [`Reply`](crate::abi::Reply) writes what lies behind pointers inside structs: argument numbers that no
/// register has.
pub mod nested {
    /// `msg_namelen` of recvmsg(2): 4 bytes.
    pub const MSG_NAMELEN: u8 = 16;
    /// `msg_name`.
    pub const MSG_NAME: u8 = 17;
    /// `msg_control`.
    pub const MSG_CONTROL: u8 = 18;
    /// `msg_controllen`: 8 bytes.
    pub const MSG_CONTROLLEN: u8 = 19;
    /// `msg_flags`: 4 bytes.
    pub const MSG_FLAGS: u8 = 20;
    /// `msg_len` of sendmmsg(2) and recvmmsg(2): 4 bytes. The first write of each message; what else was written for
    /// the message follows, up to the next of these ([`Reply::message`](crate::abi::Reply::message)).
    pub const MSG_LEN: u8 = 21;
    /// The first struct iovec of readv(2) and recvmsg(2). What is read is one write here, in one piece across all of
    /// them.
    pub const IOV: u8 = 32;
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
    /// nanosleep(2); `req` holds a struct timespec of 16 bytes; `rem` takes one.
    Nanosleep { req: UserIn, rem: Option<UserOut> },
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
    /// readv(2); `iov: None` if the array cannot be read.
    Readv {
        fd: i32,
        iov: Option<Vec<IovOut>>,
        iovcnt: i32,
    },
    /// writev(2)
    Writev {
        fd: i32,
        iov: Option<Vec<IovIn>>,
        iovcnt: i32,
    },
    /// sendmsg(2); `msg: None` if the struct cannot be read.
    Sendmsg {
        fd: i32,
        msg: Option<MsgIn>,
        flags: i32,
    },
    /// recvmsg(2)
    Recvmsg {
        fd: i32,
        msg: Option<MsgOut>,
        flags: i32,
    },
    /// sendmmsg(2); `msgvec` has as many of the `vlen` structs as can be read, which can be written, too. More than
    /// UIO_MAXIOV (1024) are never looked at.
    Sendmmsg {
        fd: i32,
        msgvec: Vec<MsgIn>,
        vlen: u32,
        flags: i32,
    },
    /// recvmmsg(2); `msgvec` as for sendmmsg(2), without its limit. `timeout` holds a struct timespec, which is
    /// written, too.
    Recvmmsg {
        fd: i32,
        msgvec: Vec<MsgOut>,
        vlen: u32,
        flags: i32,
        timeout: Option<UserIn>,
    },
    /// socketpair(2); `sv` takes two ints.
    Socketpair {
        domain: i32,
        ty: i32,
        protocol: i32,
        sv: UserOut,
    },
    /// pipe(2); `pipefd` takes two ints.
    Pipe { pipefd: UserOut },
    /// pipe2(2)
    Pipe2 { pipefd: UserOut, flags: i32 },
    /// dup(2)
    Dup { fd: i32 },
    /// dup2(2)
    Dup2 { fd: i32, newfd: i32 },
    /// dup3(2)
    Dup3 { fd: i32, newfd: i32, flags: i32 },
    /// fcntl(2), with an integer as third argument.
    Fcntl { fd: i32, cmd: i32, arg: u64 },
    /// ioctl(2) with a pointer to an int, which is read, written or both; memory that can be read can be written.
    Ioctl { fd: i32, request: u64, argp: UserIn },
    /// select(2); sets and timeout are read and written. A set holds at least `(nfds + 63) / 64` words of 8 bytes.
    Select {
        nfds: i32,
        readfds: Option<UserIn>,
        writefds: Option<UserIn>,
        exceptfds: Option<UserIn>,
        timeout: Option<UserIn>,
    },
    /// pselect6(2); `timeout` is a struct timespec; `sigmask` the 8 bytes of a signal set.
    Pselect6 {
        nfds: i32,
        readfds: Option<UserIn>,
        writefds: Option<UserIn>,
        exceptfds: Option<UserIn>,
        timeout: Option<UserIn>,
        sigmask: Option<UserIn>,
    },
    /// ppoll(2)
    Ppoll {
        fds: UserIn,
        nfds: u32,
        timeout: Option<UserIn>,
        sigmask: Option<UserIn>,
    },
    /// epoll_create(2)
    EpollCreate { size: i32 },
    /// epoll_create1(2)
    EpollCreate1 { flags: i32 },
    /// epoll_ctl(2); `event` holds a struct epoll_event of 12 bytes.
    EpollCtl {
        epfd: i32,
        op: i32,
        fd: i32,
        event: Option<UserIn>,
    },
    /// epoll_wait(2); `events` takes `maxevents` structs epoll_event of 12 bytes; `timeout` is in milliseconds.
    EpollWait {
        epfd: i32,
        events: UserOut,
        maxevents: i32,
        timeout: i32,
    },
    /// epoll_pwait(2); `sigmask` as for pselect6(2).
    EpollPwait {
        epfd: i32,
        events: UserOut,
        maxevents: i32,
        timeout: i32,
        sigmask: Option<UserIn>,
    },
    /// fork(2): the child is a copy of the process with the calling task alone; it is answered 0.
    Fork,
    /// wait4(2); `status` takes an int.
    Wait4 {
        pid: i32,
        status: Option<UserOut>,
        options: i32,
    },
    /// openat(2), as open() makes it; `pathname` as for unlink(2).
    Openat {
        dirfd: i32,
        pathname: UserIn,
        flags: i32,
        mode: i32,
    },
    /// getppid(2), getuid(2) and others.
    Identity { of: Id },
    /// unlink(2); `pathname` holds the string with its NUL, as far as it can be read.
    Unlink { pathname: UserIn },
    /// kill(2)
    Kill { pid: i32, sig: i32 },
    /// getpid(2)
    Getpid,
    /// clone3(2) as pthread_create(3) makes it: another task of the process, which shares all of it. `child_tid` is the
    /// address that the kernel clears and wakes when the task ends; the program clears it itself.
    Clone3 { flags: u64, child_tid: u64 },
    /// exit(2): this task ends; the process, if it was the last.
    Exit { status: i32 },
    /// gettid(2)
    Gettid,
    /// futex(2): `word` is what the kernel finds at `uaddr`.
    Futex {
        uaddr: u64,
        word: UserIn,
        op: i32,
        val: u32,
        timeout: Option<UserIn>,
    },
    /// rt_sigaction(2); `oldact` takes a `struct kernel_sigaction` of 32 bytes. A handler without SA_RESTORER, which
    /// the C library always sets, is never run: it counts as one that does nothing.
    RtSigaction {
        sig: i32,
        action: Option<SigAction>,
        oldact: Option<UserOut>,
    },
    /// rt_sigprocmask(2); sets of 8 bytes.
    RtSigprocmask {
        how: i32,
        set: Option<UserIn>,
        oldset: Option<UserOut>,
    },
    /// rt_sigpending(2); `set` takes 8 bytes.
    RtSigpending { set: UserOut },
    /// rt_sigsuspend(2); `mask` holds 8 bytes.
    RtSigsuspend { mask: UserIn },
    /// rt_sigreturn(2): a handler has ended. `mask` is what its frame holds ([`Delivery::mask`](crate::abi::Delivery)).
    RtSigreturn { mask: u64 },
    /// pause(2)
    Pause,
    /// alarm(2)
    Alarm { seconds: u32 },
    /// setitimer(2); structs itimerval of 32 bytes.
    Setitimer {
        which: i32,
        new: Option<UserIn>,
        old: Option<UserOut>,
    },
    /// execve(2); `program` is what lies at the path: the number of one of the programs that are there, none if there
    /// is no such file. Where it succeeds, the program that called it is gone.
    Execve {
        pathname: UserIn,
        argv: Vec<Vec<u8>>,
        program: Option<u32>,
    },
}

/// What a process can ask about itself and that never fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Id {
    /// getppid(2)
    Ppid,
    /// getuid(2)
    Uid,
    /// geteuid(2)
    Euid,
    /// getgid(2)
    Gid,
    /// getegid(2)
    Egid,
}

impl Id {
    /// The kernel's name for the call.
    pub fn name(self) -> &'static str {
        ["getppid", "getuid", "geteuid", "getgid", "getegid"][self as usize]
    }
}

/// What a process wants done about a signal (`struct sigaction`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigAction {
    /// SIG_DFL (0), SIG_IGN (1), or the address of a function.
    pub handler: u64,
    /// SA_RESTART and others.
    pub flags: i32,
    /// What else is blocked while the handler runs; bit 0 is signal 1.
    pub mask: u64,
}

impl SigAction {
    /// As the kernel lays it out: handler, flags, restorer, mask.
    pub fn encode(&self) -> Vec<u8> {
        let words = [self.handler, u64::from(self.flags as u32), 0, self.mask];
        words.map(u64::to_le_bytes).concat()
    }
}

/// A handler that is to run before the task goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which signal.
    pub signal: i32,
    /// The address of the function.
    pub handler: u64,
    /// It was installed with SA_SIGINFO.
    pub wants_info: bool,
    /// The mask that holds again when it has returned.
    pub mask: u64,
    /// Where the signal came from.
    pub info: SigInfo,
}

/// Where a signal came from (`siginfo_t`), as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigInfo {
    /// SI_USER, SI_KERNEL, CLD_EXITED, …
    pub code: i32,
    /// Who sent it, or which child it is about.
    pub pid: i32,
    /// Whose process that is.
    pub uid: u32,
    /// How the child ended: its status or the signal.
    pub status: i32,
}

/// The pattern of the calls that make, copy, set and watch descriptors, and of those about processes: whoever
/// does nothing special for one of them has a module of its own for them all. A new call belongs here, or the
/// compiler names the matches that lack it.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! calls_on_descriptors {
    () => {
        $crate::abi::Syscall::Pipe { .. }
            | $crate::abi::Syscall::Pipe2 { .. }
            | $crate::abi::Syscall::Dup { .. }
            | $crate::abi::Syscall::Dup2 { .. }
            | $crate::abi::Syscall::Dup3 { .. }
            | $crate::abi::Syscall::Fcntl { .. }
            | $crate::abi::Syscall::Ioctl { .. }
            | $crate::abi::Syscall::Select { .. }
            | $crate::abi::Syscall::Pselect6 { .. }
            | $crate::abi::Syscall::Ppoll { .. }
            | $crate::abi::Syscall::EpollCreate { .. }
            | $crate::abi::Syscall::EpollCreate1 { .. }
            | $crate::abi::Syscall::EpollCtl { .. }
            | $crate::abi::Syscall::EpollWait { .. }
            | $crate::abi::Syscall::EpollPwait { .. }
            | $crate::abi::Syscall::Fork
            | $crate::abi::Syscall::Wait4 { .. }
            | $crate::abi::Syscall::Kill { .. }
            | $crate::abi::Syscall::Getpid
            | $crate::abi::Syscall::RtSigaction { .. }
            | $crate::abi::Syscall::RtSigprocmask { .. }
            | $crate::abi::Syscall::RtSigpending { .. }
            | $crate::abi::Syscall::RtSigsuspend { .. }
            | $crate::abi::Syscall::RtSigreturn { .. }
            | $crate::abi::Syscall::Pause
            | $crate::abi::Syscall::Alarm { .. }
            | $crate::abi::Syscall::Setitimer { .. }
            | $crate::abi::Syscall::Execve { .. }
            | $crate::abi::Syscall::Openat { .. }
            | $crate::abi::Syscall::Identity { .. }
            | $crate::abi::Syscall::Clone3 { .. }
            | $crate::abi::Syscall::Exit { .. }
            | $crate::abi::Syscall::Gettid
            | $crate::abi::Syscall::Futex { .. }
    };
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use calls_on_descriptors;
