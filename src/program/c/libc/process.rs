//! Ending, sleeping, errno and what else belongs to the process.

use super::{After, Clock, Flow, Halt, Invocation, Lib, ask, int_result};
use crate::abi::{Syscall, UserIn};
use crate::program::c::machine::Machine;

/// _exit(): nothing is flushed.
pub(super) fn exit(m: &mut Machine, call: &Invocation) -> Flow {
    let status = m.int(call, 0);
    ask(Syscall::ExitGroup { status }, After::Never)
}

/// What a function of the library that is C finds wrong with a call of it; what assert() does.
pub(super) fn fault(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    let before = match call.lib {
        Lib::AssertFail => "assertion failed: ",
        _ => "",
    };
    m.usage(&[before, &String::from_utf8_lossy(&text)].concat())
}

pub(super) fn errno_location(m: &mut Machine, _: &Invocation) -> Flow {
    Ok(m.errno_address())
}

/// `int __sockscope_execve(const char *pathname, char *const argv[])`: another program of those that were given.
pub(super) fn execve(m: &mut Machine, call: &Invocation) -> Flow {
    let (path, mut at) = (m.arg(call, 0), m.arg(call, 1));
    let pathname = m.path(path)?;
    let mut argv = Vec::new();
    while at != 0 {
        let arg = m.word(at, 8)?;
        if arg == 0 {
            break;
        }
        argv.push(m.c_string(arg)?);
        at += 8;
    }
    let program = match &pathname {
        UserIn::Bytes(path) => m.program_at(&path[..path.len() - 1]),
        UserIn::Fault => None,
    };
    let call = Syscall::Execve {
        pathname,
        argv,
        program,
    };
    ask(call, After::Executed)
}

/// Without asking the kernel: the machine was told.
pub(super) fn isatty(m: &mut Machine, call: &Invocation) -> Flow {
    let yes = m.int(call, 0) == 1 && m.lib_state().tty;
    if !yes {
        m.set_errno(crate::abi::Errno::ENOTTY.number());
    }
    int_result(i32::from(yes))
}

/// `char *__sockscope_program(void)`: argv[0].
pub(super) fn program(m: &mut Machine, _: &Invocation) -> Flow {
    Ok(m.lib_state().name)
}

/// `long __sockscope_clock(int clock)`: nanoseconds; -1 if there is no clock of that number (time.h).
pub(super) fn clock(m: &mut Machine, call: &Invocation) -> Flow {
    Err(Box::new(Halt::Clock(match m.int(call, 0) {
        0 | 5 | 8 | 11 => Clock::Realtime,
        1 | 4 | 6 | 7 | 9 => Clock::Monotonic,
        2 => Clock::Cpu,
        3 => return m.usage("the clock of a thread's own CPU time is not modelled"),
        _ => return Ok(u64::MAX),
    })))
}
