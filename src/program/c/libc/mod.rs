//! The C library as built-in functions.
//!
//! A function either stays in user space and is done at once, or hands out one [`Syscall`] together
//! with what to do with the reply ([`After`]). What takes several is C (`super::library`).

mod calls;
mod format;
mod inet;
mod memory;
mod number;
mod process;
mod socket;
mod string;
mod thread;
mod variadic;

use super::ir::Site;
use super::machine::memory::BadAccess;
use super::machine::{Config, Machine};
use crate::abi::{Reply, Syscall, nested};
use crate::program::Diagnostic;

macro_rules! library {
    ($($name:ident $text:literal $handler:path,)*) => {
        /// A function of the library.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(non_camel_case_types)]
        pub(crate) enum Lib { $($name,)* }

        /// Every function in the order of [`LIBRARY`].
        const ALL: &[Lib] = &[$(Lib::$name,)*];

        const LIBRARY: &[(&str, fn(&mut Machine, &Invocation) -> Flow)] = &[$(($text, $handler),)*];
    };
}

library! {
    Socket "socket" socket::socket,
    Socketpair "socketpair" socket::socketpair,
    Unlink "unlink" socket::unlink,
    Bind "bind" socket::bind,
    Listen "listen" socket::listen,
    Accept "accept" socket::accept,
    Accept4 "accept4" socket::accept,
    Connect "connect" socket::connect,
    Send "send" socket::send,
    Sendto "sendto" socket::send,
    Recv "recv" socket::recv,
    Recvfrom "recvfrom" socket::recv,
    Shutdown "shutdown" socket::shutdown,
    Getsockname "getsockname" socket::getsockname,
    Getpeername "getpeername" socket::getsockname,
    Setsockopt "setsockopt" socket::setsockopt,
    Getsockopt "getsockopt" socket::getsockopt,
    Poll "poll" socket::poll,
    Read "read" socket::read,
    Write "write" socket::write,
    Close "close" socket::close,
    Readv "readv" calls::vector,
    Writev "writev" calls::vector,
    Sendmsg "sendmsg" calls::sendmsg,
    Recvmsg "recvmsg" calls::recvmsg,
    Dup "dup" calls::numbers,
    Dup2 "dup2" calls::numbers,
    Dup3 "dup3" calls::numbers,
    Fcntl "fcntl" calls::numbers,
    Ioctl "ioctl" calls::ioctl,
    Open "open" calls::open,
    Pipe "pipe" calls::pipe,
    Pipe2 "pipe2" calls::pipe,
    Select "select" calls::select,
    Pselect "pselect" calls::select,
    Ppoll "ppoll" calls::ppoll,
    EpollCreate1 "epoll_create1" calls::numbers,
    EpollCreate "epoll_create" calls::numbers,
    EpollCtl "epoll_ctl" calls::epoll_ctl,
    EpollWait "epoll_wait" calls::epoll_wait,
    EpollPwait "epoll_pwait" calls::epoll_wait,
    Sendmmsg "sendmmsg" calls::sendmmsg,
    Recvmmsg "recvmmsg" calls::recvmmsg,
    Pause "pause" calls::numbers,
    Alarm "alarm" calls::numbers,
    Setitimer "setitimer" calls::setitimer,
    RtSigaction "__sockscope_sigaction" calls::sigaction,
    Sigprocmask "sigprocmask" calls::sigprocmask,
    Sigpending "sigpending" calls::sigpending,
    Sigsuspend "sigsuspend" calls::sigsuspend,
    Execve "execve" process::execve,
    System "system" process::refused,
    Popen "popen" process::refused,
    Fork "fork" calls::numbers,
    Wait4 "wait4" calls::wait,
    Kill "kill" calls::numbers,
    Getpid "getpid" calls::numbers,
    Getppid "getppid" calls::numbers,
    Getuid "getuid" calls::numbers,
    Geteuid "geteuid" calls::numbers,
    Getgid "getgid" calls::numbers,
    Getegid "getegid" calls::numbers,
    Htons "htons" inet::swap16,
    Ntohs "ntohs" inet::swap16,
    Htonl "htonl" inet::swap32,
    Ntohl "ntohl" inet::swap32,
    Piece "__sockscope_piece" format::piece,
    Target "__sockscope_target" variadic::target,
    Fault "__sockscope_fault" process::fault,
    Getfl "__sockscope_getfl" socket::getfl,
    Memset "memset" memory::memset,
    Memcpy "memcpy" memory::memcpy,
    Memmove "memmove" memory::memcpy,
    Memcmp "memcmp" memory::memcmp,
    Malloc "malloc" memory::malloc,
    Calloc "calloc" memory::malloc,
    Realloc "realloc" memory::realloc,
    Free "free" memory::free,
    Strlen "strlen" string::strlen,
    Strcpy "strcpy" string::strcpy,
    Strncpy "strncpy" string::strcpy,
    Strcmp "strcmp" string::strcmp,
    Strncmp "strncmp" string::strcmp,
    Message "__sockscope_message" string::message_of,
    UExit "_exit" process::exit,
    BigExit "_Exit" process::exit,
    AssertFail "__assert_fail" process::assert_fail,
    ErrnoLocation "__errno_location" process::errno_location,
    VaStart "__builtin_va_start" variadic::va_start,
    Alloca "alloca" memory::alloca,
    BuiltinAlloca "__builtin_alloca" memory::alloca,
    StackSave "__builtin_stack_save" memory::stack,
    StackRestore "__builtin_stack_restore" memory::stack,
    Nanosleep "nanosleep" process::nanosleep,
    Gettid "gettid" thread::gettid,
    Clone "__sockscope_clone" thread::clone,
    ThreadExit "__sockscope_leave" thread::exit,
    ThreadSelf "__sockscope_self" thread::this,
    Futex "__sockscope_futex" thread::futex,
    Add "__sockscope_add" thread::add,
    Swap "__sockscope_swap" thread::swap,
    Cas "__sockscope_cas" thread::cas,
    Wrong "__sockscope_wrong" thread::wrong,
    Isatty "isatty" process::isatty,
    Decimal "__sockscope_decimal" number::decimal,
    ProgramName "__sockscope_program" process::program,
    ClockNow "__sockscope_clock" process::clock,
}

impl Lib {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        LIBRARY[self as usize].0
    }
}

/// The function of that name.
pub(crate) fn find(name: &str) -> Option<Lib> {
    ALL.iter().copied().find(|lib| lib.name() == name)
}

/// Every function that a program may name.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let all = LIBRARY.iter().map(|(name, _)| *name);
    all.filter(|name| !name.starts_with("__"))
}

/// A call of a library function.
pub(crate) struct Invocation<'a> {
    pub(crate) lib: Lib,
    /// Register (of all) of the first argument.
    pub(crate) base: usize,
    pub(crate) site: &'a Site,
}

/// What a call came to: its result, or why there is none yet.
pub(crate) type Flow = Step<u64>;

/// What a part of a call came to.
pub(crate) type Step<T> = Result<T, Box<Halt>>;

/// Why a call has no result yet.
pub(crate) enum Halt {
    /// A clock is looked at.
    Clock(Clock),
    Syscall(Syscall, After),
    Fault(Diagnostic),
}

/// The kernel is needed.
#[inline(never)]
fn ask(call: Syscall, after: After) -> Flow {
    Err(Box::new(Halt::Syscall(call, after)))
}

/// What clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    Realtime,
    Monotonic,
    /// How long the process has computed.
    Cpu,
}

/// What to do with a system call's reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// It is the function's result: −1 and `errno`, or the value. Where the kernel's argument of
    /// that number points is where its bytes go.
    Result { outs: Vec<(u8, u64)> },
    /// As `Result`; what a vector takes goes to these pieces, each an address and a length.
    Scattered {
        outs: Vec<(u8, u64)>,
        pieces: Vec<(u64, u64)>,
    },
    /// A number, or an error as a negative one; `errno` stays as it is.
    Raw,
    /// As `Raw`; and another thread begins with a call of the function at `start`, and is given `this`.
    Thread { start: u64, this: u64 },
    /// It is no call: that clock is looked at.
    Clock(Clock),
    /// Nothing comes back from it.
    Never,
    /// What was done with each message goes there: a struct msghdr, and `msg_len` behind it.
    Messages { headers: Vec<calls::Header> },
    /// A handler has returned.
    Handler,
    /// Another program runs from now on, if it is there.
    Executed {
        program: Option<u32>,
        args: Vec<String>,
    },
}

/// What the library remembers between calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LibState {
    /// argv[0].
    pub(crate) name: u64,
    pub(crate) tty: bool,
}

impl LibState {
    pub(crate) fn new(config: &Config) -> LibState {
        LibState {
            name: 0,
            tty: config.stdout_is_tty,
        }
    }
}

impl Machine {
    /// Calls a library function.
    pub(crate) fn invoke(&mut self, call: &Invocation) -> Flow {
        LIBRARY[call.lib as usize].1(self, call)
    }

    /// The reply to the system call of a library function has come.
    pub(crate) fn returned(&mut self, after: After, reply: &Reply) {
        let value = match after {
            After::Never => {
                self.end();
                return;
            }
            After::Clock(_) => 0,
            After::Raw | After::Thread { .. } => reply.returned() as u64,
            After::Result { outs } => match self.take_result(&outs, &[], reply) {
                Ok(value) => value,
                Err(problem) => {
                    self.fail_with(*problem);
                    return;
                }
            },
            After::Scattered { outs, pieces } => match self.take_result(&outs, &pieces, reply) {
                Ok(value) => value,
                Err(problem) => {
                    self.fail_with(*problem);
                    return;
                }
            },
            After::Handler => {
                self.handler_left();
                return;
            }
            After::Executed { program, args } => match (reply.result, program) {
                (Ok(_), Some(program)) => {
                    self.become_program(program, args);
                    return;
                }
                _ => self.take_error(reply),
            },
            After::Messages { headers } => {
                let mut taken = Ok(());
                for (place, header) in headers.iter().enumerate() {
                    if let Some(message) = reply.message(place) {
                        let len = message.result.unwrap_or(0) as u32;
                        let (outs, pieces) = header.outs();
                        taken = taken
                            .and_then(|()| self.take_result(&outs, pieces, &message).map(drop))
                            .and_then(|()| self.take_write(header.at + 56, &len.to_le_bytes()));
                    }
                }
                if let Err(problem) = taken {
                    self.fail_with(*problem);
                    return;
                }
                self.take_error(reply)
            }
        };
        self.finish_call(value);
    }

    fn take_result(
        &mut self,
        outs: &[(u8, u64)],
        pieces: &[(u64, u64)],
        reply: &Reply,
    ) -> Result<u64, Box<Diagnostic>> {
        for write in &reply.writes {
            let mut bytes = write.bytes.as_slice();
            if write.arg == nested::IOV {
                for (at, len) in pieces {
                    let (head, rest) = bytes.split_at(bytes.len().min(*len as usize));
                    self.take_write(*at, head)?;
                    bytes = rest;
                }
            } else if let Some((_, at)) = outs.iter().find(|(arg, _)| *arg == write.arg) {
                self.take_write(*at, bytes)?;
                // The name of an AF_UNIX socket need not end in NUL (unix(7)), and many programs print it all the
                // same: what lies behind it is zero here if nothing was written there.
                let end = at + bytes.len() as u64;
                if write.arg != 3
                    && bytes.starts_with(&[1, 0])
                    && self.memory().read(end, 1, false).is_ok()
                    && self.memory().read(end, 1, true).is_err()
                {
                    self.take_write(end, &[0])?;
                }
            }
        }
        Ok(self.take_error(reply))
    }

    /// A reply's value, or −1 and `errno`.
    fn take_error(&mut self, reply: &Reply) -> u64 {
        match reply.result {
            Ok(value) => value,
            Err(errno) => {
                self.set_errno(errno.number());
                u64::MAX
            }
        }
    }

    /// What the kernel wrote to `at`.
    fn take_write(&mut self, at: u64, bytes: &[u8]) -> Result<(), Box<Diagnostic>> {
        let size = bytes.len() as u64;
        if size > 0 {
            let wrote = self.memory_mut().write(at, bytes);
            wrote.map_err(|bad| Box::new(self.bad_access(bad, at, size, true)))?;
            self.owe(size);
        }
        Ok(())
    }

    /// Argument `i` of a call.
    pub(crate) fn arg(&self, call: &Invocation, i: usize) -> u64 {
        if i < usize::from(call.site.args) {
            self.register(call.base + i)
        } else {
            0
        }
    }

    /// Argument `i` as an int.
    pub(crate) fn int(&self, call: &Invocation, i: usize) -> i32 {
        self.arg(call, i) as i32
    }

    pub(crate) fn access_fault<T>(
        &self,
        bad: BadAccess,
        at: u64,
        size: u64,
        write: bool,
    ) -> Step<T> {
        Err(self.access_halt(bad, at, size, write))
    }

    #[cold]
    #[inline(never)]
    fn access_halt(&self, bad: BadAccess, at: u64, size: u64, write: bool) -> Box<Halt> {
        Box::new(Halt::Fault(self.bad_access(bad, at, size, write)))
    }

    pub(crate) fn usage<T>(&self, message: &str) -> Step<T> {
        Err(self.usage_halt(message))
    }

    #[cold]
    #[inline(never)]
    fn usage_halt(&self, message: &str) -> Box<Halt> {
        Box::new(Halt::Fault(self.problem(message)))
    }

    /// Bytes that the function reads, all of which must have been written; the fault otherwise.
    pub(crate) fn take(&self, at: u64, size: u64) -> Step<Vec<u8>> {
        match self.memory().read(at, size, true) {
            Ok(bytes) => Ok(bytes),
            Err(bad) => self.access_fault(bad, at, size, false),
        }
    }

    /// A C string that must be readable; the fault otherwise.
    pub(crate) fn c_string(&mut self, at: u64) -> Step<Vec<u8>> {
        match self.memory().string(at) {
            Ok(bytes) => {
                self.owe(bytes.len() as u64);
                Ok(bytes)
            }
            Err(bad) => self.access_fault(bad, at, 1, false),
        }
    }

    /// Writes bytes that the function promises to write; the fault otherwise.
    pub(crate) fn put(&mut self, at: u64, bytes: &[u8]) -> Step<()> {
        self.owe(bytes.len() as u64);
        match self.memory_mut().write(at, bytes) {
            Ok(()) => Ok(()),
            Err(bad) => self.access_fault(bad, at, bytes.len() as u64, true),
        }
    }
}

/// A successful result of type int.
pub(crate) fn int_result(value: i32) -> Flow {
    Ok(value as u64)
}
