//! What <pthread.h> and <semaphore.h> need of the machine; the rest of them is C (`library/`).

use super::{After, Flow, Invocation, Lib, ask, int_result};
use crate::abi::Syscall;
use crate::program::c::machine::Machine;

/// CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|
/// CLONE_CHILD_CLEARTID.
const PTHREAD: u64 = 0x3d_0f00;

/// `long __sockscope_clone(void (*start)(void *), void *this, int *alive)`: another thread, which calls `start(this)`. The end of it
/// wakes who waits at `alive`.
pub(super) fn clone(m: &mut Machine, c: &Invocation) -> Flow {
    let (start, this, child_tid) = (m.arg(c, 0), m.arg(c, 1), m.arg(c, 2));
    let flags = PTHREAD;
    ask(
        Syscall::Clone3 { flags, child_tid },
        After::Thread { start, this },
    )
}

/// `void __sockscope_leave(int *alive)`: the thread ends, and `*alive` is 0.
pub(super) fn exit(m: &mut Machine, c: &Invocation) -> Flow {
    let alive = m.arg(c, 0);
    if alive != 0 {
        m.put(alive, &[0; 4])?;
    }
    ask(Syscall::Exit { status: 0 }, After::Never)
}

/// `void *__sockscope_self(void)`: what the thread's function was given; NULL in the first thread.
pub(super) fn this(m: &mut Machine, _: &Invocation) -> Flow {
    Ok(m.this())
}

/// Changes an int in one step, between which and itself no other thread has its turn.
///
/// - `int __sockscope_add(int *at, int value)`: gives the sum.
/// - `int __sockscope_swap(int *at, int value)`: gives what was there.
/// - `int __sockscope_cas(int *at, int old, int value)`: puts the value where `old` is; gives what was there.
pub(super) fn atomic(m: &mut Machine, c: &Invocation) -> Flow {
    let (at, value) = (m.arg(c, 0), m.int(c, 1));
    let found = m.word(at, 4)? as i32;
    let new = match c.lib {
        Lib::Add => found.wrapping_add(value),
        Lib::Cas if found == value => m.int(c, 2),
        Lib::Cas => found,
        _ => value,
    };
    m.put(at, &new.to_le_bytes())?;
    int_result(if c.lib == Lib::Add { new } else { found })
}
