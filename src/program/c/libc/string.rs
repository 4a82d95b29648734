//! <string.h> and <strings.h>: C strings.

use super::{Flow, Invocation};
use crate::abi::Errno;
use crate::program::c::machine::Machine;
use crate::program::c::machine::memory::Life;

pub(super) fn strlen(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.c_string(m.arg(call, 0))?;
    Ok(text.len() as u64)
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
