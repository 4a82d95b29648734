//! The C library as built-in functions.
//!
//! A function either stays in user space and is done at once, or hands out one [`Syscall`] at a time
//! together with what to do with the reply ([`After`]). A function that needs its input first fills a
//! buffer and is then called again ([`Then::Again`]).

mod calls;
mod format;
mod inet;
mod memory;
mod number;
mod print;
mod process;
mod socket;
mod stdio;
mod string;
mod thread;

use super::ir::{ArgKind, Site};
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
    CmsgNxthdr "__cmsg_nxthdr" calls::cmsg_nxthdr,
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
    EpollCtl "epoll_ctl" calls::epoll_ctl,
    EpollWait "epoll_wait" calls::epoll_wait,
    Fork "fork" calls::numbers,
    Vfork "vfork" calls::numbers,
    Wait "wait" calls::wait,
    Waitpid "waitpid" calls::wait,
    Wait3 "wait3" calls::wait,
    Wait4 "wait4" calls::wait,
    Kill "kill" calls::numbers,
    Getpid "getpid" calls::numbers,
    Getppid "getppid" calls::numbers,
    Getuid "getuid" calls::numbers,
    Geteuid "geteuid" calls::numbers,
    Getgid "getgid" calls::numbers,
    Getegid "getegid" calls::numbers,
    Gethostname "gethostname" process::gethostname,
    Htons "htons" inet::swap16,
    Ntohs "ntohs" inet::swap16,
    Htonl "htonl" inet::swap32,
    Ntohl "ntohl" inet::swap32,
    Printf "printf" print::printf,
    Fprintf "fprintf" print::printf,
    Dprintf "dprintf" print::printf,
    Sprintf "sprintf" print::sprintf,
    Snprintf "snprintf" print::sprintf,
    Vprintf "vprintf" print::printf,
    Vfprintf "vfprintf" print::printf,
    Vsprintf "vsprintf" print::sprintf,
    Vsnprintf "vsnprintf" print::sprintf,
    Puts "puts" print::puts,
    Putchar "putchar" print::putc,
    Putc "putc" print::putc,
    Fputc "fputc" print::putc,
    Fputs "fputs" print::puts,
    Fwrite "fwrite" print::fwrite,
    Perror "perror" print::perror,
    Fflush "fflush" print::fflush,
    Setvbuf "setvbuf" print::setvbuf,
    Setbuf "setbuf" print::setvbuf,
    Fgets "fgets" stdio::fgets,
    Getchar "getchar" stdio::getc,
    Fgetc "fgetc" stdio::getc,
    Getc "getc" stdio::getc,
    Ungetc "ungetc" stdio::ungetc,
    Feof "feof" stdio::status,
    Ferror "ferror" stdio::status,
    Clearerr "clearerr" stdio::status,
    Fileno "fileno" stdio::status,
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
    Strerror "strerror" string::strerror,
    Finish "__sockscope_finish" process::exit,
    UExit "_exit" process::exit,
    BigExit "_Exit" process::exit,
    Abort "abort" process::abort,
    AssertFail "__assert_fail" process::assert_fail,
    ErrnoLocation "__errno_location" process::errno_location,
    VaStart "__builtin_va_start" process::va_start,
    Alloca "alloca" memory::alloca,
    BuiltinAlloca "__builtin_alloca" memory::alloca,
    StackSave "__builtin_stack_save" memory::stack,
    StackRestore "__builtin_stack_restore" memory::stack,
    Sleep "sleep" process::sleep,
    Usleep "usleep" process::sleep,
    Nanosleep "nanosleep" process::sleep,
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
    /// As `Result`, but the function's result is 0 whatever the reply.
    Ignore,
    /// These bytes of a stream are being written, one write(2) each; then `then`.
    Written {
        fd: i32,
        rest: Vec<Vec<u8>>,
        then: Then,
    },
    /// A stream's buffer is being filled; then the call is made again.
    Filled { stream: u8 },
    /// A number, or an error as a negative one; `errno` stays as it is.
    Raw,
    /// As `Raw`; and another thread begins with a call of the function at `start`, and is given `this`.
    Thread { start: u64, this: u64 },
    /// It is no call: that clock is looked at.
    Clock(Clock),
    /// Nothing comes back from it.
    Never,
}

/// What follows when everything is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Return(u64),
    Exit(i32),
    Again,
}

/// What the library remembers between calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LibState {
    pub(crate) streams: [stdio::Stream; 3],
    /// What each thread has for itself.
    pub(crate) own: Own,
    /// argv[0].
    pub(crate) name: u64,
    tty: bool,
}

/// What the library remembers for a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Own {
    /// Bytes taken so far by a function that is called again.
    pub(crate) partial: Vec<u8>,
    /// Something was flushed already by a function that is called again.
    pub(crate) flushed: bool,
    /// strerror()'s buffer.
    error: u64,
}

impl LibState {
    pub(crate) fn new(config: &Config) -> LibState {
        LibState {
            streams: stdio::Stream::standard(config.stdout_is_tty),
            own: Own::default(),
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
            After::Ignore | After::Clock(_) => 0,
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
            After::Written { fd, rest, then } => {
                self.written(fd, rest, then, reply);
                return;
            }
            After::Filled { stream } => {
                self.filled(stream, reply);
                return;
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
        Ok(match reply.result {
            Ok(value) => value,
            Err(errno) => {
                self.set_errno(errno.number());
                u64::MAX
            }
        })
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

/// An argument of a variable list, as printf() takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    pub(crate) value: u64,
    pub(crate) kind: ArgKind,
}

/// A successful result of type int.
pub(crate) fn int_result(value: i32) -> Flow {
    Ok(value as u64)
}
