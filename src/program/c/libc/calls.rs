//! System calls nearly as they are: what each argument is, and the call that is made of them.

use super::message::{Out, whole};
use super::{After, Flow, Invocation, Lib, Step, ask};
use crate::abi::constants::{F_GETFL, FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE};
use crate::abi::sockaddr::SOCKADDR_STORAGE_LEN;
use crate::abi::{Id, SigAction, Syscall, UserIn, UserOut};
use crate::base::octets;
use crate::program::c::machine::Machine;

/// openat(2): from the directory that the process is in.
const AT_FDCWD: i32 = -100;

/// What an argument of a system call is.
#[derive(Clone, Copy)]
enum Kind {
    /// A number.
    Number,
    /// A pointer to a string, which the kernel reads with its NUL.
    Path,
    /// A pointer to so many bytes that the kernel reads.
    In(u8),
    /// A pointer to so many bytes that it writes.
    Out(u8),
    /// A pointer to so many bytes that it reads and writes.
    Both(u8),
    /// A pointer to what it reads; the next argument is its length, a `size_t`.
    Bytes,
    /// The same for what it writes.
    Room,
    /// The value of a socket option; the next argument is its length, an int.
    Value,
    /// The address of a socket, likewise.
    Address,
    /// A pointer to what it writes; the next argument points to the length, an int.
    Answer,
    /// That length, which it reads and writes.
    Length,
    /// The same, which it looks at only if the argument before is not NULL.
    MaybeLength,
    /// The array of poll(2), as long as the next argument says.
    Polled,
    /// A set of so many descriptors as the first argument says.
    Set,
    /// Room for events of epoll(7), as many as the next argument says.
    Events,
}

/// The arguments of a call, and what the kernel finds where they point.
#[derive(Default)]
struct Arguments {
    numbers: [u64; 6],
    memory: [Option<UserIn>; 6],
    room: [Option<UserOut>; 6],
    /// Where what it writes goes.
    outs: Vec<Out>,
}

impl Arguments {
    fn int(&self, i: usize) -> i32 {
        self.numbers[i] as i32
    }

    /// What the kernel reads by an argument that may be NULL.
    #[inline(never)]
    fn maybe(&mut self, i: usize) -> Option<UserIn> {
        self.memory[i].take()
    }

    /// What it reads by one that must not be.
    #[inline(never)]
    fn memory(&mut self, i: usize) -> UserIn {
        self.maybe(i).unwrap_or(UserIn::Fault)
    }

    /// What it finds for writing by an argument that must not be NULL.
    #[inline(never)]
    fn room(&self, i: usize) -> UserOut {
        self.room[i].unwrap_or(UserOut::Fault)
    }
}

impl Machine {
    /// What the kernel finds for reading where a pointer points. Short of `size` it is an error of
    /// the program that the kernel would not see: it is said here.
    pub(super) fn user_in(&mut self, at: u64, size: u64) -> Step<UserIn> {
        if !self.memory().is_object(at) {
            return Ok(UserIn::Fault);
        }
        self.owe(size.min(1 << 26));
        // Bytes that were never written go as they are: the kernel reads padding, too.
        match self.memory().read(at, size, false) {
            Ok(bytes) => Ok(UserIn::Bytes(bytes)),
            Err(bad) => self.access_fault(bad, at, size, false),
        }
    }

    /// What the kernel finds for writing where a pointer points: so much of `size` as it may take.
    pub(super) fn user_out(&self, at: u64, size: u64) -> UserOut {
        match self.memory().is_writable(at) {
            true => UserOut::Capacity(size),
            false => UserOut::Fault,
        }
    }

    /// A string that the kernel reads, with its NUL.
    pub(super) fn path(&mut self, at: u64) -> Step<UserIn> {
        if !self.memory().is_object(at) {
            return Ok(UserIn::Fault);
        }
        let mut path = self.c_string(at)?;
        path.push(0);
        Ok(UserIn::Bytes(path))
    }

    /// An address that the kernel reads. It looks at the length first, and refuses more than the longest one has.
    pub(super) fn address_in(&mut self, at: u64, length: i32) -> Step<UserIn> {
        self.user_in(at, address_length(length))
    }

    /// The arguments of a call, each of its kind. NULL is none of what it could point to.
    fn call_arguments(&mut self, c: &Invocation, all: &mut Arguments) -> Step<()> {
        for (i, kind) in kinds(c.lib).iter().enumerate() {
            let (at, next) = (self.arg(c, i), self.arg(c, i + 1));
            all.numbers[i] = at;
            let size = match *kind {
                Kind::Number => continue,
                Kind::MaybeLength if all.numbers[i - 1] == 0 => continue,
                _ if at == 0 => continue,
                Kind::Path => {
                    all.memory[i] = Some(self.path(at)?);
                    continue;
                }
                Kind::In(size) | Kind::Out(size) | Kind::Both(size) => size.into(),
                Kind::Bytes | Kind::Room => next,
                Kind::Value => (next as i32).clamp(0, 1 << 16) as u64,
                Kind::Address => address_length(next as i32),
                Kind::Answer => self.length_at(next)?,
                Kind::Length | Kind::MaybeLength => 4,
                // RLIMIT_NOFILE bounds what the kernel reads.
                Kind::Polled => 8 * if next > 4096 { 0 } else { next },
                Kind::Set => (all.int(0).clamp(0, 1 << 16) as u64).div_ceil(64) * 8,
                Kind::Events => (next as i32).max(0) as u64 * 12,
            };
            if !matches!(
                kind,
                Kind::Out(_) | Kind::Room | Kind::Answer | Kind::Events
            ) {
                all.memory[i] = Some(self.user_in(at, size)?);
            } else {
                all.room[i] = Some(self.user_out(at, size));
            }
            if !matches!(
                kind,
                Kind::In(_) | Kind::Bytes | Kind::Value | Kind::Address
            ) {
                all.outs.push(whole(i as u8, at));
            }
        }
        Ok(())
    }

    /// The int to which an `addrlen` points, which the program must have written.
    fn length_at(&self, at: u64) -> Step<u64> {
        match self.memory().is_object(at) {
            true => self.word(at, 4),
            false => Ok(0),
        }
    }
}

/// What the kernel reads of an address that is said to be so long.
fn address_length(length: i32) -> u64 {
    match length as usize <= SOCKADDR_STORAGE_LEN {
        true => length as u64,
        false => 0,
    }
}

/// A line for each function: the kinds of its arguments, and the call that it makes of them.
macro_rules! calls {
    ($a:ident: $($($lib:ident)|+ [$($kind:ident $(($size:expr))?),*] $call:expr;)*) => {
        fn kinds(lib: Lib) -> &'static [Kind] {
            match lib {
                $($(Lib::$lib)|+ => &[$(Kind::$kind $(($size))?),*],)*
                _ => &[],
            }
        }

        fn call_of(lib: Lib, $a: &mut Arguments) -> Syscall {
            match lib {
                $($(Lib::$lib)|+ => $call,)*
                _ => Syscall::Getpid,
            }
        }
    };
}

calls! { a:
    Socket [Number, Number, Number]
        Syscall::Socket { domain: a.int(0), ty: a.int(1), protocol: a.int(2) };
    Socketpair [Number, Number, Number, Out(8)]
        Syscall::Socketpair { domain: a.int(0), ty: a.int(1), protocol: a.int(2), sv: a.room(3) };
    Unlink [Path]
        Syscall::Unlink { pathname: a.memory(0) };
    Bind [Number, Address, Number]
        Syscall::Bind { fd: a.int(0), addr: a.memory(1), addrlen: a.int(2) };
    Connect [Number, Address, Number]
        Syscall::Connect { fd: a.int(0), addr: a.memory(1), addrlen: a.int(2) };
    Listen [Number, Number]
        Syscall::Listen { fd: a.int(0), backlog: a.int(1) };
    Accept [Number, Answer, MaybeLength]
        Syscall::Accept { fd: a.int(0), addr: a.room[1], addrlen: a.memory(2) };
    Accept4 [Number, Answer, MaybeLength, Number]
        Syscall::Accept4 { fd: a.int(0), addr: a.room[1], addrlen: a.memory(2), flags: a.int(3) };
    Getsockname [Number, Answer, Length]
        Syscall::Getsockname { fd: a.int(0), addr: a.room(1), addrlen: a.memory(2) };
    Getpeername [Number, Answer, Length]
        Syscall::Getpeername { fd: a.int(0), addr: a.room(1), addrlen: a.memory(2) };
    // send() and recv() have no last two arguments, which are 0 then.
    Send | Sendto [Number, Bytes, Number, Number, Address, Number]
        Syscall::Sendto {
            fd: a.int(0),
            buf: a.memory(1),
            len: a.numbers[2],
            flags: a.int(3),
            addr: a.maybe(4),
            addrlen: a.int(5),
        };
    Recv | Recvfrom [Number, Room, Number, Number, Answer, MaybeLength]
        Syscall::Recvfrom {
            fd: a.int(0),
            buf: a.room(1),
            len: a.numbers[2],
            flags: a.int(3),
            addr: a.room[4],
            addrlen: a.memory(5),
        };
    Shutdown [Number, Number]
        Syscall::Shutdown { fd: a.int(0), how: a.int(1) };
    Setsockopt [Number, Number, Number, Value, Number]
        Syscall::Setsockopt {
            fd: a.int(0),
            level: a.int(1),
            optname: a.int(2),
            optval: a.memory(3),
            optlen: a.int(4),
        };
    Getsockopt [Number, Number, Number, Answer, Length]
        Syscall::Getsockopt {
            fd: a.int(0),
            level: a.int(1),
            optname: a.int(2),
            optval: a.room(3),
            optlen: a.memory(4),
        };
    Poll [Polled, Number, Number]
        Syscall::Poll { fds: a.memory(0), nfds: a.numbers[1].min(u32::MAX.into()) as u32, timeout: a.int(2) };
    Ppoll [Polled, Number, In(16), In(8)]
        Syscall::Ppoll {
            fds: a.memory(0),
            nfds: a.numbers[1].min(u32::MAX.into()) as u32,
            timeout: a.maybe(2),
            sigmask: a.maybe(3),
        };
    Read [Number, Room, Number]
        Syscall::Read { fd: a.int(0), buf: a.room(1), count: a.numbers[2] };
    Write [Number, Bytes, Number]
        Syscall::Write { fd: a.int(0), buf: a.memory(1), count: a.numbers[2] };
    Close [Number]
        Syscall::Close { fd: a.int(0) };
    Dup [Number]
        Syscall::Dup { fd: a.int(0) };
    Dup2 [Number, Number]
        Syscall::Dup2 { fd: a.int(0), newfd: a.int(1) };
    Dup3 [Number, Number, Number]
        Syscall::Dup3 { fd: a.int(0), newfd: a.int(1), flags: a.int(2) };
    Fcntl [Number, Number, Number]
        Syscall::Fcntl { fd: a.int(0), cmd: a.int(1), arg: a.numbers[2] };
    // What fdopen() asks.
    Getfl [Number]
        Syscall::Fcntl { fd: a.int(0), cmd: F_GETFL, arg: 0 };
    Ioctl [Number, Number, Both(4)]
        Syscall::Ioctl { fd: a.int(0), request: a.numbers[1], argp: a.memory(2) };
    Open [Path, Number, Number]
        Syscall::Openat { dirfd: AT_FDCWD, pathname: a.memory(0), flags: a.int(1), mode: a.int(2) };
    Pipe [Out(8)]
        Syscall::Pipe { pipefd: a.room(0) };
    Pipe2 [Out(8), Number]
        Syscall::Pipe2 { pipefd: a.room(0), flags: a.int(1) };
    Select [Number, Set, Set, Set, Both(16)]
        Syscall::Select {
            nfds: a.int(0),
            readfds: a.maybe(1),
            writefds: a.maybe(2),
            exceptfds: a.maybe(3),
            timeout: a.maybe(4),
        };
    Pselect [Number, Set, Set, Set, Both(16), In(8)]
        Syscall::Pselect6 {
            nfds: a.int(0),
            readfds: a.maybe(1),
            writefds: a.maybe(2),
            exceptfds: a.maybe(3),
            timeout: a.maybe(4),
            sigmask: a.maybe(5),
        };
    EpollCreate [Number]
        Syscall::EpollCreate { size: a.int(0) };
    EpollCreate1 [Number]
        Syscall::EpollCreate1 { flags: a.int(0) };
    EpollCtl [Number, Number, Number, In(12)]
        Syscall::EpollCtl { epfd: a.int(0), op: a.int(1), fd: a.int(2), event: a.maybe(3) };
    EpollWait [Number, Events, Number, Number]
        Syscall::EpollWait { epfd: a.int(0), events: a.room(1), maxevents: a.int(2), timeout: a.int(3) };
    EpollPwait [Number, Events, Number, Number, In(8)]
        Syscall::EpollPwait {
            epfd: a.int(0),
            events: a.room(1),
            maxevents: a.int(2),
            timeout: a.int(3),
            sigmask: a.maybe(4),
        };
    RtSigaction [Number, In(32), Out(32)]
        Syscall::RtSigaction { sig: a.int(0), action: action(a.maybe(1)), oldact: a.room[2] };
    Sigprocmask [Number, In(8), Out(8)]
        Syscall::RtSigprocmask { how: a.int(0), set: a.maybe(1), oldset: a.room[2] };
    Sigpending [Out(8)]
        Syscall::RtSigpending { set: a.room(0) };
    Sigsuspend [In(8)]
        Syscall::RtSigsuspend { mask: a.memory(0) };
    Pause []
        Syscall::Pause;
    Alarm [Number]
        Syscall::Alarm { seconds: a.int(0) as u32 };
    Setitimer [Number, In(32), Out(32)]
        Syscall::Setitimer { which: a.int(0), new: a.maybe(1), old: a.room[2] };
    Nanosleep [In(16), Out(16)]
        Syscall::Nanosleep { req: a.memory(0), rem: a.room[1] };
    Fork []
        Syscall::Fork;
    Wait4 [Number, Out(4), Number]
        Syscall::Wait4 { pid: a.int(0), status: a.room[1], options: a.int(2) };
    Kill [Number, Number]
        Syscall::Kill { pid: a.int(0), sig: a.int(1) };
    Getppid []
        Syscall::Identity { of: Id::Ppid };
    Getuid []
        Syscall::Identity { of: Id::Uid };
    Geteuid []
        Syscall::Identity { of: Id::Euid };
    Getgid []
        Syscall::Identity { of: Id::Gid };
    Getegid []
        Syscall::Identity { of: Id::Egid };
    Gettid []
        Syscall::Gettid;
    Futex [In(4), Number, Number, In(16)]
        futex(a);
}

/// `long __sockscope_futex(int *at, int wakes, int value, const struct timespec *timeout)`: waits as long as `*at` is
/// `value`, or wakes so many.
fn futex(a: &mut Arguments) -> Syscall {
    let (op, word) = match a.int(1) {
        0 => (FUTEX_WAIT_PRIVATE, a.memory(0)),
        _ => (FUTEX_WAKE_PRIVATE, UserIn::Bytes(Vec::new())),
    };
    Syscall::Futex {
        uaddr: a.numbers[0],
        word,
        op,
        val: a.int(2) as u32,
        timeout: a.maybe(3),
    }
}

/// The kernel's own struct sigaction.
fn action(memory: Option<UserIn>) -> Option<SigAction> {
    let Some(UserIn::Bytes(bytes)) = memory else {
        return None;
    };
    let word = |at| u64::from_le_bytes(octets(&bytes, at));
    Some(SigAction {
        handler: word(0),
        flags: word(8) as i32,
        mask: word(24),
    })
}

/// A function that is one call of the kernel's.
pub(super) fn plain(m: &mut Machine, c: &Invocation) -> Flow {
    let mut arguments = Arguments::default();
    m.call_arguments(c, &mut arguments)?;
    let call = call_of(c.lib, &mut arguments);
    let outs = arguments.outs;
    let after = match c.lib {
        Lib::Futex | Lib::Gettid => After::Raw,
        _ => After::Result { outs },
    };
    ask(call, after)
}

pub(super) fn kill(m: &mut Machine, c: &Invocation) -> Flow {
    if m.int(c, 0) <= 0 {
        return m.usage("kill() of a process group is not modelled: name one process");
    }
    plain(m, c)
}

/// open(): of all files there is one.
pub(super) fn open(m: &mut Machine, c: &Invocation) -> Flow {
    if let UserIn::Bytes(path) = m.path(m.arg(c, 0))?
        && path != b"/dev/null\0"
    {
        let path = String::from_utf8_lossy(&path[..path.len() - 1]);
        let why = "\" is not modelled: there are no files but /dev/null";
        return m.usage(&["open() of \"", &path, why].concat());
    }
    plain(m, c)
}

/// wait4(), of which wait() and others are made.
pub(super) fn wait(m: &mut Machine, c: &Invocation) -> Flow {
    if m.arg(c, 3) != 0 {
        return m.usage("what resources a process used is not modelled: pass NULL as `rusage`");
    }
    plain(m, c)
}
