//! Ending, sleeping, errno and what else belongs to the process.

use super::{After, Clock, Flow, Halt, Invocation, Lib, Then, ask, int_result};
use crate::abi::{Syscall, UserIn};
use crate::program::c::machine::Machine;

pub(super) fn exit(m: &mut Machine, call: &Invocation) -> Flow {
    let status = m.int(call, 0);
    match call.lib {
        Lib::Finish => m.exit_flow(status),
        _ => ask(Syscall::ExitGroup { status }, After::Never),
    }
}

impl Machine {
    /// exit(): streams are flushed, then the process ends.
    pub(crate) fn exit_flow(&mut self, status: i32) -> Flow {
        match self.flush(1, Then::Exit(status)) {
            Some(flow) => flow,
            None => ask(Syscall::ExitGroup { status }, After::Never),
        }
    }
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

/// Fills a `va_list` with where the variable arguments lie.
pub(super) fn va_start(m: &mut Machine, call: &Invocation) -> Flow {
    let list = m.arg(call, 0);
    let area = m.varargs();
    if area == 0 {
        return m.usage("va_start() in a function whose parameters do not end in `...`");
    }
    let mut bytes = vec![0; 8];
    bytes.extend_from_slice(&area.to_le_bytes());
    bytes.extend_from_slice(&area.to_le_bytes());
    m.put(list, &bytes)?;
    Ok(0)
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

/// The host's name, cut off as glibc does it.
pub(super) fn gethostname(m: &mut Machine, call: &Invocation) -> Flow {
    const NAME: &[u8] = b"localhost\0";
    let (at, len) = (m.arg(call, 0), m.arg(call, 1) as usize);
    m.put(at, &NAME[..len.min(NAME.len())])?;
    if len < NAME.len() {
        m.set_errno(crate::abi::Errno::ENAMETOOLONG.number());
        return int_result(-1);
    }
    int_result(0)
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
