//! What <pthread.h> and <semaphore.h> need of the machine; the rest of them is C (`library/`).

use super::{After, Flow, Invocation, ask};
use crate::abi::constants::{FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE};
use crate::abi::{Syscall, UserIn};
use crate::program::c::machine::Machine;

/// CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|
/// CLONE_CHILD_CLEARTID.
const PTHREAD: u64 = 0x3d_0f00;

/// `long __clone(void (*start)(void *), void *this, int *alive)`: another thread, which calls `start(this)`. The end of it
/// wakes who waits at `alive`.
pub(super) fn clone(m: &mut Machine, c: &Invocation) -> Flow {
    let (start, this, child_tid) = (m.arg(c, 0), m.arg(c, 1), m.arg(c, 2));
    let flags = PTHREAD;
    ask(
        Syscall::Clone3 { flags, child_tid },
        After::Thread { start, this },
    )
}

/// `void __thread_exit(int *alive)`: the thread ends, and `*alive` is 0.
pub(super) fn exit(m: &mut Machine, c: &Invocation) -> Flow {
    let alive = m.arg(c, 0);
    if alive != 0 {
        m.put(alive, &[0; 4])?;
    }
    ask(Syscall::Exit { status: 0 }, After::Never)
}

/// `void *__thread_self(void)`: what the thread's function was given; NULL in the first thread.
pub(super) fn this(m: &mut Machine, _: &Invocation) -> Flow {
    Ok(m.this())
}

pub(super) fn gettid(_: &mut Machine, _: &Invocation) -> Flow {
    ask(Syscall::Gettid, After::Raw)
}

/// `long __futex(int *at, int wakes, int value, const struct timespec *timeout)`: waits as long as `*at` is `value`, or wakes
/// so many.
pub(super) fn futex(m: &mut Machine, c: &Invocation) -> Flow {
    let (uaddr, wakes, val) = (m.arg(c, 0), m.int(c, 1) != 0, m.int(c, 2) as u32);
    let word = match wakes {
        true => UserIn::Bytes(Vec::new()),
        false => m.user_in(uaddr, 4)?,
    };
    let timeout = match m.arg(c, 3) {
        0 => None,
        at => Some(m.user_in(at, 16)?),
    };
    let op = match wakes {
        true => FUTEX_WAKE_PRIVATE,
        false => FUTEX_WAIT_PRIVATE,
    };
    let call = Syscall::Futex {
        uaddr,
        word,
        op,
        val,
        timeout,
    };
    ask(call, After::Raw)
}
