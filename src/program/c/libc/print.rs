//! <stdio.h>: the functions that print.

use super::format::{self, Arguments};
use super::stdio::{BLOCK, Buffering, write_out};
use super::{Flow, Invocation, Lib, Then, int_result};
use crate::program::c::machine::Machine;

/// printf() and its family that prints.
pub(super) fn printf(m: &mut Machine, call: &Invocation) -> Flow {
    let (list, at) = match call.lib {
        Lib::Printf => (false, 0),
        Lib::Vprintf => (true, 0),
        Lib::Vfprintf => (true, 1),
        _ => (false, 1),
    };
    let format = m.c_string(m.arg(call, at))?;
    let passed = match list {
        true => m.listed(m.arg(call, at + 1))?,
        false => m.passed(call, at + 1),
    };
    let pieces = format::format(m, call.lib.name(), &format, Arguments::new(passed))?;
    let total = pieces.iter().map(Vec::len).sum::<usize>() as u64;
    match call.lib {
        Lib::Printf | Lib::Vprintf => m.print(1, &pieces, total),
        Lib::Dprintf => {
            let bytes = pieces.concat();
            match bytes.is_empty() {
                true => Ok(0),
                false => write_out(m.int(call, 0), vec![bytes], Then::Return(total)),
            }
        }
        _ => {
            let stream = m.stream(m.arg(call, 0))?;
            m.print(stream, &pieces, total)
        }
    }
}

/// sprintf() and snprintf(), with `...` or a list.
pub(super) fn sprintf(m: &mut Machine, call: &Invocation) -> Flow {
    let sized = matches!(call.lib, Lib::Snprintf | Lib::Vsnprintf);
    let at = 1 + usize::from(sized);
    let format = m.c_string(m.arg(call, at))?;
    let passed = match call.lib {
        Lib::Vsprintf | Lib::Vsnprintf => m.listed(m.arg(call, at + 1))?,
        _ => m.passed(call, at + 1),
    };
    let pieces = format::format(m, call.lib.name(), &format, Arguments::new(passed))?;
    let mut bytes = pieces.concat();
    let total = bytes.len() as u64;
    if sized {
        let size = m.arg(call, 1);
        if size == 0 {
            return Ok(total);
        }
        bytes.truncate((size - 1).min(total) as usize);
    }
    bytes.push(0);
    m.put(m.arg(call, 0), &bytes)?;
    Ok(total)
}

pub(super) fn puts(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    match call.lib {
        Lib::Puts => {
            let total = text.len() as u64 + 1;
            m.print(1, &[text, b"\n".to_vec()], total)
        }
        _ => {
            let stream = m.stream(m.arg(call, 1))?;
            m.print(stream, &[text], 1)
        }
    }
}

pub(super) fn putc(m: &mut Machine, call: &Invocation) -> Flow {
    let byte = m.arg(call, 0) as u8;
    let stream = match call.lib {
        Lib::Putchar => 1,
        _ => m.stream(m.arg(call, 1))?,
    };
    m.print(stream, &[vec![byte]], u64::from(byte))
}

pub(super) fn fwrite(m: &mut Machine, call: &Invocation) -> Flow {
    let (at, size, count) = (m.arg(call, 0), m.arg(call, 1), m.arg(call, 2));
    let stream = m.stream(m.arg(call, 3))?;
    let total = size.saturating_mul(count);
    if total == 0 {
        return Ok(0);
    }
    match m.memory().read(at, total, true) {
        Ok(bytes) => m.print(stream, &[bytes], count),
        Err(bad) => m.access_fault(bad, at, total, false),
    }
}

/// One write(2) of the whole line to descriptor 2.
pub(super) fn perror(m: &mut Machine, call: &Invocation) -> Flow {
    let mut line = match m.arg(call, 0) {
        0 => Vec::new(),
        at => m.c_string(at)?,
    };
    if !line.is_empty() {
        line.extend_from_slice(b": ");
    }
    line.extend_from_slice(m.errno_text().as_bytes());
    line.push(b'\n');
    write_out(2, vec![line], Then::Return(0))
}

pub(super) fn fflush(m: &mut Machine, call: &Invocation) -> Flow {
    let stream = match m.arg(call, 0) {
        0 => 1,
        at => m.stream(at)?,
    };
    m.flush(stream, Then::Return(0)).unwrap_or(Ok(0))
}

pub(super) fn setvbuf(m: &mut Machine, call: &Invocation) -> Flow {
    let stream = m.stream(m.arg(call, 0))?;
    let mode = match call.lib {
        Lib::Setbuf if m.arg(call, 1) == 0 => 2,
        Lib::Setbuf => 0,
        _ => m.int(call, 2),
    };
    let (size, block) = (m.arg(call, 3), BLOCK as u64);
    let stream = &mut m.lib_state_mut().streams[stream];
    stream.buffering = match mode {
        0 => Buffering::Full,
        1 => Buffering::Line,
        2 => Buffering::None,
        _ => return int_result(-1),
    };
    stream.size = if size == 0 || call.lib == Lib::Setbuf {
        block
    } else {
        size.min(1 << 20)
    } as u32;
    int_result(0)
}
