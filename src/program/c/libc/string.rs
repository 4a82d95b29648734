//! <string.h> and <strings.h>: C strings.

use super::{Flow, Invocation, Lib, Step, int_result};
use crate::abi::Errno;
use crate::program::c::machine::Machine;
use crate::program::c::machine::memory::Life;

pub(super) fn strlen(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    Ok(text.len() as u64)
}

/// At most `most` bytes of a string, reading no further.
fn bounded(m: &mut Machine, at: u64, most: u64) -> Step<Vec<u8>> {
    match m.memory().string_within(at, most) {
        Ok(bytes) => {
            m.owe(bytes.len() as u64);
            Ok(bytes)
        }
        Err(bad) => m.access_fault(bad, at, 1, false),
    }
}

/// strcpy() and strncpy().
pub(super) fn strcpy(m: &mut Machine, call: &Invocation) -> Flow {
    let (to, from) = (m.arg(call, 0), m.arg(call, 1));
    let bytes = match call.lib {
        Lib::Strncpy => {
            let n = m.arg(call, 2);
            let mut bytes = bounded(m, from, n)?;
            // The rest is filled with zeros, as far as the object could possibly go.
            let most = m.memory().room(to).saturating_add(1);
            bytes.resize(n.min(most) as usize, 0);
            bytes
        }
        _ => {
            let mut bytes = m.c_string(from)?;
            bytes.push(0);
            bytes
        }
    };
    m.put(to, &bytes)?;
    Ok(to)
}

/// strcmp() and strncmp().
pub(super) fn strcmp(m: &mut Machine, call: &Invocation) -> Flow {
    let most = match call.lib {
        Lib::Strncmp => m.arg(call, 2),
        _ => u64::MAX,
    };
    let (a, b) = (m.arg(call, 0), m.arg(call, 1));
    let mut i = 0;
    // It stops at the first difference and reads no further.
    while i < most {
        let (x, y) = match (
            m.memory().load(a.wrapping_add(i), 1),
            m.memory().load(b.wrapping_add(i), 1),
        ) {
            (Ok(x), Ok(y)) => (x as u8, y as u8),
            (Err(bad), _) => return m.access_fault(bad, a.wrapping_add(i), 1, false),
            (_, Err(bad)) => return m.access_fault(bad, b.wrapping_add(i), 1, false),
        };
        if x != y || x == 0 {
            m.owe(i);
            return int_result(i32::from(x) - i32::from(y));
        }
        i += 1;
    }
    m.owe(i);
    int_result(0)
}

/// `char *__sockscope_message(int errnum)`: what strerror() says of an error, as a constant of its own; NULL if there is no such error.
pub(super) fn message_of(m: &mut Machine, call: &Invocation) -> Flow {
    let number = m.int(call, 0);
    let text = match Errno::from_number(number) {
        Some(errno) => errno.message(),
        None if number == 0 => "Success",
        None => return Ok(0),
    };
    let text = [text.as_bytes(), b"\0"].concat();
    let size = text.len() as u64;
    let at = m.memory_mut().add_static(size, Life::ReadOnly, u32::MAX);
    if let Some(at) = at {
        let _ = m.memory_mut().initialise(at, &text);
    }
    Ok(at.unwrap_or(0))
}
