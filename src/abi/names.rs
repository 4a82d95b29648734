//! What the calls are called, and the descriptors that they are about.

use crate::abi::Syscall;

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
            Syscall::Readv { .. } => "readv",
            Syscall::Writev { .. } => "writev",
            Syscall::Sendmsg { .. } => "sendmsg",
            Syscall::Recvmsg { .. } => "recvmsg",
            Syscall::Sendmmsg { .. } => "sendmmsg",
            Syscall::Recvmmsg { .. } => "recvmmsg",
            Syscall::Socketpair { .. } => "socketpair",
            Syscall::Pipe { .. } => "pipe",
            Syscall::Pipe2 { .. } => "pipe2",
            Syscall::Dup { .. } => "dup",
            Syscall::Dup2 { .. } => "dup2",
            Syscall::Dup3 { .. } => "dup3",
            Syscall::Fcntl { .. } => "fcntl",
            Syscall::Ioctl { .. } => "ioctl",
            Syscall::Select { .. } => "select",
            Syscall::Pselect6 { .. } => "pselect6",
            Syscall::Ppoll { .. } => "ppoll",
            Syscall::EpollCreate { .. } => "epoll_create",
            Syscall::EpollCreate1 { .. } => "epoll_create1",
            Syscall::EpollCtl { .. } => "epoll_ctl",
            Syscall::EpollWait { .. } => "epoll_wait",
            Syscall::EpollPwait { .. } => "epoll_pwait",
            Syscall::Fork => "fork",
            Syscall::Wait4 { .. } => "wait4",
            Syscall::Unlink { .. } => "unlink",
            Syscall::Kill { .. } => "kill",
            Syscall::Getpid => "getpid",
            Syscall::RtSigaction { .. } => "rt_sigaction",
            Syscall::Clone3 { .. } => "clone3",
            Syscall::Exit { .. } => "exit",
            Syscall::Gettid => "gettid",
            Syscall::Futex { .. } => "futex",
            Syscall::RtSigprocmask { .. } => "rt_sigprocmask",
            Syscall::RtSigpending { .. } => "rt_sigpending",
            Syscall::RtSigsuspend { .. } => "rt_sigsuspend",
            Syscall::RtSigreturn { .. } => "rt_sigreturn",
            Syscall::Pause => "pause",
            Syscall::Alarm { .. } => "alarm",
            Syscall::Setitimer { .. } => "setitimer",
            Syscall::Execve { .. } => "execve",
            Syscall::Openat { .. } => "openat",
            Syscall::Identity { of } => of.name(),
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
            | Syscall::Getsockopt { fd, .. }
            | Syscall::Readv { fd, .. }
            | Syscall::Writev { fd, .. }
            | Syscall::Sendmsg { fd, .. }
            | Syscall::Recvmsg { fd, .. }
            | Syscall::Sendmmsg { fd, .. }
            | Syscall::Recvmmsg { fd, .. }
            | Syscall::Dup { fd }
            | Syscall::Dup2 { fd, .. }
            | Syscall::Dup3 { fd, .. }
            | Syscall::Fcntl { fd, .. }
            | Syscall::Ioctl { fd, .. }
            | Syscall::EpollCtl { epfd: fd, .. }
            | Syscall::EpollWait { epfd: fd, .. }
            | Syscall::EpollPwait { epfd: fd, .. } => Some(*fd),
            Syscall::Poll { .. }
            | Syscall::Nanosleep { .. }
            | Syscall::Socket { .. }
            | Syscall::ExitGroup { .. }
            | Syscall::Socketpair { .. }
            | Syscall::Pipe { .. }
            | Syscall::Pipe2 { .. }
            | Syscall::Select { .. }
            | Syscall::Pselect6 { .. }
            | Syscall::Ppoll { .. }
            | Syscall::EpollCreate { .. }
            | Syscall::EpollCreate1 { .. }
            | Syscall::Fork
            | Syscall::Wait4 { .. }
            | Syscall::Unlink { .. }
            | Syscall::Kill { .. }
            | Syscall::Getpid
            | Syscall::Clone3 { .. }
            | Syscall::Exit { .. }
            | Syscall::Gettid
            | Syscall::Futex { .. }
            | Syscall::Openat { .. }
            | Syscall::Identity { .. }
            | Syscall::RtSigprocmask { .. }
            | Syscall::RtSigpending { .. }
            | Syscall::RtSigsuspend { .. }
            | Syscall::RtSigreturn { .. }
            | Syscall::Pause
            | Syscall::Alarm { .. }
            | Syscall::Setitimer { .. }
            | Syscall::Execve { .. }
            | Syscall::RtSigaction { .. } => None,
        }
    }
}
