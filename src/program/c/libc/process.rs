//! Ending, sleeping, errno and what else belongs to the process.

use super::{After, Clock, Flow, Halt, Invocation, ask, int_result};
use crate::abi::{Syscall, UserIn};
use crate::program::c::machine::Machine;

/// _exit(): nothing is flushed.
pub(super) fn exit(m: &mut Machine, call: &Invocation) -> Flow {
    let status = m.int(call, 0);
    ask(Syscall::ExitGroup { status }, After::Never)
}

/// What a function of the library that is C finds wrong with a call of it.
pub(super) fn fault(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    m.usage(&String::from_utf8_lossy(&text))
}

pub(super) fn assert_fail(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    m.usage(&["assertion failed: ", &String::from_utf8_lossy(&text)].concat())
}

pub(super) fn errno_location(m: &mut Machine, _: &Invocation) -> Flow {
    Ok(m.errno_address())
}

/// execve(): another program of those that were given.
pub(super) fn execve(m: &mut Machine, call: &Invocation) -> Flow {
    let (path, mut at, environment) = (m.arg(call, 0), m.arg(call, 1), m.arg(call, 2));
    if environment != 0 && m.memory().load(environment, 8) != Ok(0) {
        return m
            .usage("an environment for another program is not modelled: pass one that is empty");
    }
    let pathname = m.path(path)?;
    let (mut argv, mut args) = (Vec::new(), Vec::new());
    while at != 0 {
        let arg = m.word(at, 8)?;
        if arg == 0 {
            break;
        }
        let arg = m.c_string(arg)?;
        args.push(String::from_utf8_lossy(&arg).into_owned());
        argv.push(arg);
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
    ask(call, After::Executed { program, args })
}

/// system() and popen() run a shell.
pub(super) fn refused(m: &mut Machine, call: &Invocation) -> Flow {
    let name = call.lib.name();
    let what = "() is not modelled: there is no shell (fork() and execv() run another program)";
    m.usage(&[name, what].concat())
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
