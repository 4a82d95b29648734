//! Signals of a program whose handlers run elsewhere.
//!
//! A puppet installs a handler of its own ([`note`]) with the program's flags and mask. It notes the signal, and
//! leaves the thread's mask as it is inside the handler: so it stays until the program's handler, which runs in
//! the C machine, has returned and rt_sigreturn(2) puts the old one back.
//!
//! Signals with such a handler are let in during calls alone ([`call`]); between two calls they are blocked. The
//! kernel says by itself what an interrupted call comes to: it leaves EINTR or what was done so far as the result, or,
//! where the call is to be made again after the handler, it sets the instruction pointer back to the system call
//! instruction. [`note`] finds that and takes it on to the end of the call instead, with [`AGAIN`] as its result; it
//! does the same where the signal came before the instruction was executed, so that none is missed.

use crate::abi::{Delivery, Errno, Reply, SigAction, SigInfo, Syscall};
use nix::errno::Errno as Sys;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// What a call gives that is to be made again: ERESTARTSYS, which the kernel never shows.
pub(super) const AGAIN: i64 = -512;
/// Signals from 1 to 64.
const SIGNALS: usize = 65;
/// As many as can be noted in one call: each is blocked once it has come, unless SA_NODEFER is set.
const MOST: usize = 64;
const SIGSET: libc::size_t = 8;

struct Action {
    handler: AtomicU64,
    flags: AtomicU64,
    mask: AtomicU64,
}

/// What the program wants done about each signal.
static ACTIONS: [Action; SIGNALS] = [const {
    Action {
        handler: AtomicU64::new(0),
        flags: AtomicU64::new(0),
        mask: AtomicU64::new(0),
    }
}; SIGNALS];
/// The signals that are noted.
static HANDLED: AtomicU64 = AtomicU64::new(0);

const NONE: Delivery = Delivery {
    signal: 0,
    handler: 0,
    wants_info: false,
    mask: 0,
    info: SigInfo {
        code: 0,
        pid: 0,
        uid: 0,
        status: 0,
    },
};

thread_local! {
    static NOTED: [Cell<Delivery>; MOST] = const { [const { Cell::new(NONE) }; MOST] };
    /// How many were noted since the last call.
    static COUNT: Cell<u64> = const { Cell::new(0) };
    /// The mask as the program knows it.
    static MASK: Cell<u64> = const { Cell::new(0) };
}

fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// The thread's mask: sets it, and gives what it was.
fn set_mask(how: libc::c_int, set: u64) -> u64 {
    let mut old = 0u64;
    let (number, size) = (libc::SYS_rt_sigprocmask, SIGSET);
    // SAFETY: both pointers lead to the 8 bytes that the kernel reads and writes.
    unsafe { libc::syscall(number, how, &raw const set, &raw mut old, size) };
    old
}

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    // rdi: the number; rsi: six arguments; rdx: how many signals were noted.
    ".globl sockscope_call_begin",
    ".globl sockscope_call_instruction",
    ".globl sockscope_call_end",
    ".globl sockscope_call",
    "sockscope_call:",
    "mov rax, rdi",
    "mov rcx, rsi",
    "sockscope_call_begin:",
    "cmp qword ptr [rdx], 0",
    "jne 2f",
    "mov rdi, [rcx]",
    "mov rsi, [rcx + 8]",
    "mov rdx, [rcx + 16]",
    "mov r10, [rcx + 24]",
    "mov r8, [rcx + 32]",
    "mov r9, [rcx + 40]",
    "sockscope_call_instruction:",
    "syscall",
    "sockscope_call_end:",
    "ret",
    "2:",
    "mov rax, -512",
    "ret",
);

#[cfg(target_arch = "x86_64")]
unsafe extern "C" {
    fn sockscope_call(number: i64, args: *const libc::c_long, noted: *const u64) -> i64;
    fn sockscope_call_begin();
    fn sockscope_call_instruction();
    fn sockscope_call_end();
}

/// Makes a call: a result, or an error number below 0, or [`AGAIN`].
#[cfg(target_arch = "x86_64")]
fn instruction(number: libc::c_long, args: &[libc::c_long; 6]) -> i64 {
    COUNT.with(|count| {
        // SAFETY: what the arguments lead to is the caller's to promise; the counter lives as long as the thread.
        unsafe { sockscope_call(number, args.as_ptr(), count.as_ptr()) }
    })
}

/// The same where nothing is known of the machine's registers: a call that begins again does so before the handler.
#[cfg(not(target_arch = "x86_64"))]
fn instruction(number: libc::c_long, a: &[libc::c_long; 6]) -> i64 {
    // SAFETY: what the arguments lead to is the caller's to promise.
    let returned = unsafe { libc::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]) };
    match returned {
        -1 => -i64::from(Sys::last_raw()),
        returned => returned,
    }
}

/// Makes a call in which the program's signals come. What its arguments lead to must be memory of the caller.
pub(super) fn call(number: libc::c_long, args: &[libc::c_long; 6]) -> i64 {
    let mask = MASK.get();
    set_mask(libc::SIG_SETMASK, mask);
    let returned = instruction(number, args);
    // What the call itself has sent to this thread has come by now.
    MASK.set(set_mask(libc::SIG_BLOCK, HANDLED.load(SeqCst)));
    returned
}

/// The signals that the last call brought, those whose handler is to run last first.
pub(super) fn noted() -> Vec<Delivery> {
    let count = COUNT.replace(0) as usize;
    NOTED.with(|noted| {
        noted[..count.min(MOST)]
            .iter()
            .rev()
            .map(Cell::get)
            .collect()
    })
}

/// The handler of every signal that the program handles.
extern "C" fn note(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let Some(action) = ACTIONS.get(signal as usize) else {
        return;
    };
    let (handler, flags) = (
        action.handler.load(SeqCst),
        action.flags.load(SeqCst) as i32,
    );
    if flags & libc::SA_RESETHAND != 0 {
        action.handler.store(0, SeqCst);
        HANDLED.fetch_and(!bit(signal), SeqCst);
    }
    // SAFETY: the kernel gives a handler with SA_SIGINFO both structs; nobody else refers to them.
    let (info, context) = unsafe { (&*info, &mut *context.cast::<libc::ucontext_t>()) };
    // SAFETY: the fields are there, whatever they mean for this signal.
    let told = unsafe {
        SigInfo {
            code: info.si_code,
            pid: info.si_pid(),
            uid: info.si_uid(),
            status: info.si_status(),
        }
    };
    let child = signal == libc::SIGCHLD;
    let sent = child || info.si_code <= 0;
    let mask = (&raw mut context.uc_sigmask).cast::<u64>();
    let delivery = Delivery {
        signal,
        handler,
        wants_info: flags & libc::SA_SIGINFO != 0,
        // SAFETY: the kernel's set is the first 8 bytes of the C library's.
        mask: unsafe { *mask },
        info: SigInfo {
            code: told.code,
            pid: if sent { told.pid } else { 0 },
            uid: if sent { told.uid } else { 0 },
            status: if child { told.status } else { 0 },
        },
    };
    let count = COUNT.get();
    NOTED.with(|noted| {
        if let Some(place) = noted.get(count as usize) {
            place.set(delivery);
        }
    });
    COUNT.set(count + 1);
    // What is blocked in here stays blocked until the program's handler has returned.
    // SAFETY: as above.
    unsafe { *mask = set_mask(libc::SIG_BLOCK, 0) };
    #[cfg(target_arch = "x86_64")]
    {
        let registers = &mut context.uc_mcontext.gregs;
        let at = registers[libc::REG_RIP as usize];
        let begin = sockscope_call_begin as *const () as i64;
        let instruction = sockscope_call_instruction as *const () as i64;
        if (begin..=instruction).contains(&at) {
            registers[libc::REG_RIP as usize] = sockscope_call_end as *const () as i64;
            registers[libc::REG_RAX as usize] = AGAIN;
        }
    }
}

/// rt_sigaction(2).
fn action(sig: i32, new: Option<SigAction>) -> i64 {
    extern "C" fn nothing(_: libc::c_int) {}
    const RUN: i32 = 0x0400_0000; // SA_RESTORER
    // SAFETY: all zeros is a valid sigaction: SIG_DFL, no flags, an empty mask.
    let mut wanted: libc::sigaction = unsafe { std::mem::zeroed() };
    let runs = new.is_some_and(|new| new.handler > 1 && new.flags & RUN != 0);
    if let Some(new) = new {
        wanted.sa_sigaction = match new.handler {
            0 => libc::SIG_DFL,
            1 => libc::SIG_IGN,
            _ if runs => note as *const () as usize,
            _ => nothing as *const () as usize,
        };
        let mut flags = libc::SA_RESTART | libc::SA_NOCLDWAIT | libc::SA_NOCLDSTOP;
        if runs {
            flags |= libc::SA_NODEFER | libc::SA_RESETHAND;
            // SAFETY: the kernel's set is the first 8 bytes of the C library's.
            unsafe { *(&raw mut wanted.sa_mask).cast::<u64>() = new.mask };
        }
        wanted.sa_flags = new.flags & flags | if runs { libc::SA_SIGINFO } else { 0 };
    }
    let given = match new {
        Some(_) => &raw const wanted,
        None => std::ptr::null(),
    };
    // SAFETY: `given` is NULL or points at a sigaction whose handler touches nothing but this module's statics.
    let result = unsafe { libc::sigaction(sig, given, std::ptr::null_mut()) };
    if result != 0 {
        return -i64::from(Sys::last_raw());
    }
    if let (Some(new), Some(action)) = (new, ACTIONS.get(sig as usize)) {
        action.handler.store(new.handler, SeqCst);
        action.flags.store(u64::from(new.flags as u32), SeqCst);
        action.mask.store(new.mask, SeqCst);
        if runs {
            HANDLED.fetch_or(bit(sig), SeqCst);
        } else {
            HANDLED.fetch_and(!bit(sig), SeqCst);
        }
    }
    0
}

/// What is to be done about a signal, as it was said.
fn current(sig: i32) -> SigAction {
    let Some(action) = ACTIONS.get(sig as usize) else {
        return SigAction::default();
    };
    SigAction {
        handler: action.handler.load(SeqCst),
        flags: action.flags.load(SeqCst) as i32,
        mask: action.mask.load(SeqCst),
    }
}

/// The calls that this module makes itself; `None` for any other.
pub(super) fn own_call(request: &Syscall, hidden: i32) -> Option<Reply> {
    let result = match request {
        Syscall::RtSigaction {
            sig,
            action: new,
            oldact,
        } => {
            let before = current(*sig);
            let result = action(*sig, *new);
            look();
            match oldact {
                Some(out) if result == 0 && out.room() >= 32 => {
                    return Some(Reply::ok(0).with_write(2, before.encode()));
                }
                Some(_) if result == 0 => -i64::from(libc::EFAULT),
                Some(_) | None => result,
            }
        }
        Syscall::RtSigreturn { mask } => {
            MASK.set(*mask);
            look();
            0
        }
        Syscall::Execve { program: None, .. } => -i64::from(libc::ENOENT),
        Syscall::Execve { .. } => {
            execute(hidden);
            0
        }
        _ => return None,
    };
    Some(match Errno::from_number(-result as i32) {
        Some(errno) if result < 0 => Reply::error(errno),
        Some(_) | None => Reply::ok(result as u64),
    })
}

/// Lets signals in that have come meanwhile.
pub(super) fn look() {
    set_mask(libc::SIG_SETMASK, MASK.get());
    MASK.set(set_mask(libc::SIG_BLOCK, HANDLED.load(SeqCst)));
}

/// What execve(2) does besides running another program: closes descriptors, forgets handlers.
fn execute(hidden: i32) {
    for sig in 1..SIGNALS as i32 {
        if current(sig).handler > 1 {
            action(sig, Some(SigAction::default()));
        }
    }
    let marked = |fd: &i32| {
        // SAFETY: asks for a flag of a number.
        let flags = unsafe { libc::fcntl(*fd, libc::F_GETFD) };
        *fd != hidden && flags >= 0 && flags & libc::FD_CLOEXEC != 0
    };
    for fd in (0..hidden).filter(marked) {
        // SAFETY: the program's descriptor; no object of ours uses it.
        unsafe { libc::close(fd) };
    }
    look();
}
