//! The C library as built-in functions.
//!
//! A function either stays in user space and is done at once, or hands out one [`Syscall`] together
//! with what to do with the reply ([`After`]). What takes several is C (`super::library`).

mod calls;
mod inet;
mod memory;
mod message;
mod process;
mod string;
mod thread;
mod variadic;

use super::ir::Site;
use super::machine::memory::BadAccess;
use super::machine::{Config, Machine};
use crate::abi::{Reply, Syscall};
use crate::program::Diagnostic;
use message::Out;
use std::rc::Rc;
pub(crate) use variadic::kind_of;

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
    Socket "socket" calls::plain,
    Socketpair "socketpair" calls::plain,
    Unlink "unlink" calls::plain,
    Bind "bind" calls::plain,
    Listen "listen" calls::plain,
    Accept "accept" calls::plain,
    Accept4 "accept4" calls::plain,
    Connect "connect" calls::plain,
    Send "send" calls::plain,
    Sendto "sendto" calls::plain,
    Recv "recv" calls::plain,
    Recvfrom "recvfrom" calls::plain,
    Shutdown "shutdown" calls::plain,
    Getsockname "getsockname" calls::plain,
    Getpeername "getpeername" calls::plain,
    Setsockopt "setsockopt" calls::plain,
    Getsockopt "getsockopt" calls::plain,
    Poll "poll" calls::plain,
    Read "read" calls::plain,
    Write "write" calls::plain,
    Close "close" calls::plain,
    Readv "readv" message::vector,
    Writev "writev" message::vector,
    Sendmsg "sendmsg" message::messages,
    Recvmsg "recvmsg" message::messages,
    Dup "dup" calls::plain,
    Dup2 "dup2" calls::plain,
    Dup3 "dup3" calls::plain,
    Fcntl "fcntl" calls::plain,
    Ioctl "ioctl" calls::plain,
    Open "open" calls::open,
    Pipe "pipe" calls::plain,
    Pipe2 "pipe2" calls::plain,
    Select "select" calls::plain,
    Pselect "pselect" calls::plain,
    Ppoll "ppoll" calls::plain,
    EpollCreate1 "epoll_create1" calls::plain,
    EpollCreate "epoll_create" calls::plain,
    EpollCtl "epoll_ctl" calls::plain,
    EpollWait "epoll_wait" calls::plain,
    EpollPwait "epoll_pwait" calls::plain,
    Sendmmsg "sendmmsg" message::messages,
    Recvmmsg "recvmmsg" message::messages,
    Pause "pause" calls::plain,
    Alarm "alarm" calls::plain,
    Setitimer "setitimer" calls::plain,
    RtSigaction "__sockscope_sigaction" calls::plain,
    Sigprocmask "sigprocmask" calls::plain,
    Sigpending "sigpending" calls::plain,
    Sigsuspend "sigsuspend" calls::plain,
    Execve "__sockscope_execve" process::execve,
    Fork "fork" calls::plain,
    Wait4 "wait4" calls::wait,
    Kill "kill" calls::kill,
    Getpid "getpid" calls::plain,
    Getppid "getppid" calls::plain,
    Getuid "getuid" calls::plain,
    Geteuid "geteuid" calls::plain,
    Getgid "getgid" calls::plain,
    Getegid "getegid" calls::plain,
    Htons "htons" inet::swap,
    Ntohs "ntohs" inet::swap,
    Htonl "htonl" inet::swap,
    Ntohl "ntohl" inet::swap,
    Room "__sockscope_room" memory::room,
    Fault "__sockscope_fault" process::fault,
    Getfl "__sockscope_getfl" calls::plain,
    Memset "memset" memory::memset,
    Memcpy "memcpy" memory::memcpy,
    Memmove "memmove" memory::memcpy,
    Memcmp "memcmp" memory::memcmp,
    Malloc "malloc" memory::malloc,
    Calloc "calloc" memory::malloc,
    Free "free" memory::free,
    Strlen "strlen" string::strlen,
    Message "__sockscope_message" string::message_of,
    UExit "_exit" process::exit,
    BigExit "_Exit" process::exit,
    AssertFail "__assert_fail" process::fault,
    ErrnoLocation "__errno_location" process::errno_location,
    VaStart "__builtin_va_start" variadic::va_start,
    Alloca "alloca" memory::alloca,
    BuiltinAlloca "__builtin_alloca" memory::alloca,
    StackSave "__builtin_stack_save" memory::stack,
    StackRestore "__builtin_stack_restore" memory::stack,
    Nanosleep "nanosleep" calls::plain,
    Gettid "gettid" calls::plain,
    Clone "__sockscope_clone" thread::clone,
    ThreadExit "__sockscope_leave" thread::exit,
    ThreadSelf "__sockscope_self" thread::this,
    Futex "__sockscope_futex" calls::plain,
    Add "__sockscope_add" thread::atomic,
    Swap "__sockscope_swap" thread::atomic,
    Cas "__sockscope_cas" thread::atomic,
    Isatty "isatty" process::isatty,
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
    Syscall(Rc<Syscall>, After),
    Fault(Diagnostic),
}

/// The kernel is needed.
#[inline(never)]
fn ask(call: Syscall, after: After) -> Flow {
    Err(Box::new(Halt::Syscall(call.into(), after)))
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
    /// It is the function's result: −1 and `errno`, or the value. What the kernel writes goes there.
    Result { outs: Vec<Out> },
    /// A number, or an error as a negative one; `errno` stays as it is.
    Raw,
    /// As `Raw`; and another thread begins with a call of the function at `start`, and is given `this`.
    Thread { start: u64, this: u64 },
    /// It is no call: that clock is looked at.
    Clock(Clock),
    /// Nothing comes back from it.
    Never,
    /// As `Result`, of several messages: how long each is goes there, and the rest where its parts are.
    Messages { outs: Vec<(u64, Vec<Out>)> },
    /// A handler has returned.
    Handler,
    /// Another program runs from now on, if it is there.
    Executed,
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
    pub(crate) fn returned(&mut self, after: &After, reply: &Reply) {
        let value = match after {
            After::Never => {
                self.end();
                return;
            }
            After::Handler => {
                self.handler_left();
                return;
            }
            After::Executed => {
                if reply.result.is_ok() && self.become_program().is_some() {
                    return;
                }
                self.take_error(reply)
            }
            After::Clock(_) => 0,
            After::Raw | After::Thread { .. } => reply.returned() as u64,
            After::Result { .. } | After::Messages { .. } => {
                if let Err(problem) = self.take_writes(after, reply) {
                    self.fail_with(*problem);
                    return;
                }
                self.take_error(reply)
            }
        };
        self.finish_call(value);
    }

    /// What the kernel wrote.
    fn take_writes(&mut self, after: &After, reply: &Reply) -> Result<(), Box<Diagnostic>> {
        match after {
            After::Result { outs } => self.take_result(outs, reply)?,
            After::Messages { outs } => {
                for (place, (at, outs)) in outs.iter().enumerate() {
                    if let Some(message) = reply.message(place) {
                        let len = message.result.unwrap_or(0) as u32;
                        self.take_result(outs, &message)?;
                        self.take_write(*at, &len.to_le_bytes())?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_result(&mut self, outs: &[Out], reply: &Reply) -> Result<(), Box<Diagnostic>> {
        for write in &reply.writes {
            let mut rest = write.bytes.as_slice();
            for out in outs.iter().filter(|out| out.arg == write.arg) {
                let (bytes, more) = rest.split_at(rest.len().min(out.len as usize));
                rest = more;
                self.take_write(out.at, bytes)?;
                // The name of an AF_UNIX socket need not end in NUL (unix(7)), and many programs print it all the
                // same: what lies behind it is zero here if nothing was written there.
                let end = out.at.wrapping_add(bytes.len() as u64);
                if write.arg != 3
                    && out.len == u64::MAX
                    && bytes.starts_with(&[1, 0])
                    && self.memory().read(end, 1, false).is_ok()
                    && self.memory().read(end, 1, true).is_err()
                {
                    self.take_write(end, &[0])?;
                }
            }
        }
        Ok(())
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
