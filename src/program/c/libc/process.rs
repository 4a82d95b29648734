//! Ending, sleeping, errno and what else belongs to the process.

use super::{After, Flow, Invocation, Lib, ask, int_result};
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

pub(super) fn abort(m: &mut Machine, _: &Invocation) -> Flow {
    m.usage("abort() was called")
}

pub(super) fn assert_fail(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    m.usage(&format!(
        "assertion failed: {}",
        String::from_utf8_lossy(&text)
    ))
}

pub(super) fn errno_location(m: &mut Machine, _: &Invocation) -> Flow {
    Ok(m.errno_address())
}

pub(super) fn sleep(m: &mut Machine, call: &Invocation) -> Flow {
    let (seconds, nanos) = match call.lib {
        Lib::Sleep => (m.arg(call, 0) & 0xffff_ffff, 0),
        Lib::Usleep => {
            let micros = m.arg(call, 0) & 0xffff_ffff;
            (micros / 1_000_000, micros % 1_000_000 * 1000)
        }
        _ => {
            let at = m.arg(call, 0);
            let req = m.user_in(at, 16)?;
            let outs = Vec::new();
            return ask(Syscall::Nanosleep { req }, After::Result { outs });
        }
    };
    let mut bytes = seconds.to_le_bytes().to_vec();
    bytes.extend_from_slice(&nanos.to_le_bytes());
    // sleep(0) enters the kernel, too.
    ask(
        Syscall::Nanosleep {
            req: UserIn::Bytes(bytes),
        },
        After::Ignore,
    )
}

pub(super) fn getpid(m: &mut Machine, _: &Invocation) -> Flow {
    int_result(m.pid() as i32)
}

/// Without asking the kernel: the machine was told.
pub(super) fn isatty(m: &mut Machine, call: &Invocation) -> Flow {
    let yes = m.int(call, 0) == 1 && m.lib_state().tty;
    if !yes {
        m.set_errno(crate::abi::Errno::ENOTTY.number());
    }
    int_result(i32::from(yes))
}

/// The environment is empty.
pub(super) fn getenv(_: &mut Machine, _: &Invocation) -> Flow {
    Ok(0)
}
