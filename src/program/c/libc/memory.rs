//! Bytes and blocks: the `mem` functions, malloc and free.

use super::{Flow, Invocation, Lib, int_result};
use crate::abi::Errno;
use crate::program::c::machine::Machine;
use crate::program::c::machine::memory::BadAccess;

pub(super) fn memset(m: &mut Machine, call: &Invocation) -> Flow {
    let at = m.arg(call, 0);
    let (value, size) = (m.arg(call, 1) as u8, m.arg(call, 2));
    m.owe(size.min(1 << 26));
    match m.memory_mut().set(at, value, size) {
        Ok(()) => Ok(at),
        Err(_) if size == 0 => Ok(at),
        Err(bad) => m.access_fault(bad, at, size, true),
    }
}

pub(super) fn memcpy(m: &mut Machine, call: &Invocation) -> Flow {
    let (to, from) = (m.arg(call, 0), m.arg(call, 1));
    let size = m.arg(call, 2);
    if size == 0 {
        return Ok(to);
    }
    if call.lib == Lib::Memcpy && to.abs_diff(from) < size && to != from {
        return m.usage("memcpy() between places that overlap; memmove() is for that");
    }
    m.owe(size.min(1 << 26));
    if let Err(bad) = m.memory().read_check(from, size) {
        return m.access_fault(bad, from, size, false);
    }
    match m.memory_mut().copy(to, from, size) {
        Ok(()) => Ok(to),
        Err(bad) => m.access_fault(bad, to, size, true),
    }
}

pub(super) fn memcmp(m: &mut Machine, call: &Invocation) -> Flow {
    let (a, b, size) = (m.arg(call, 0), m.arg(call, 1), m.arg(call, 2));
    if size == 0 {
        return int_result(0);
    }
    m.owe(size.min(1 << 26));
    let left = m.take(a, size)?;
    let right = m.take(b, size)?;
    let differ = left.iter().zip(&right).find(|(x, y)| x != y);
    int_result(differ.map_or(0, |(x, y)| i32::from(*x) - i32::from(*y)))
}

/// A new block, or NULL and ENOMEM.
pub(super) fn malloc(m: &mut Machine, call: &Invocation) -> Flow {
    let zero = call.lib == Lib::Calloc;
    let size = match zero {
        true => m.arg(call, 0).saturating_mul(m.arg(call, 1)),
        false => m.arg(call, 0),
    };
    let tag = m.instruction();
    let at = m.memory_mut().allocate(size, zero, tag);
    if at.is_none() {
        m.set_errno(Errno::ENOMEM.number());
    }
    Ok(at.unwrap_or(0))
}

/// `size_t __sockscope_room(const void *at)`: how many bytes there are from there to the end of its object.
pub(super) fn room(m: &mut Machine, call: &Invocation) -> Flow {
    Ok(m.memory().room(m.arg(call, 0)))
}

pub(super) fn free(m: &mut Machine, call: &Invocation) -> Flow {
    let at = m.arg(call, 0);
    if at == 0 {
        return Ok(0);
    }
    if m.memory().is_block(at) {
        let _ = m.memory_mut().release(at);
        return Ok(0);
    }
    m.usage(match m.memory().read_check(at, 0) {
        Err(BadAccess::Dead(_) | BadAccess::Gone) => {
            "free() of a block that has been freed already"
        }
        _ => "free() of a pointer that did not come from malloc()",
    })
}

/// `alloca(size)`; the compiler makes variable-length arrays of it, and then also says which object of
/// the function it is.
pub(super) fn alloca(m: &mut Machine, call: &Invocation) -> Flow {
    let (size, local) = (m.arg(call, 0), m.arg(call, 1));
    let array = call.site.args > 1;
    if array && size as i64 <= 0 && size != 0 {
        return m.usage("the length of this array is negative");
    }
    let local = if array { local as u32 } else { u32::MAX };
    match m.grow_stack(size.min(1 << 30), local) {
        Some(at) => Ok(at),
        None => {
            let size = size.to_string();
            let what = [
                "stack overflow: ",
                &size,
                " bytes more do not fit the stack of 8 MiB",
            ];
            m.usage(&what.concat())
        }
    }
}

/// Where the stack ends, to come back to when a block with a variable-length array ends.
pub(super) fn stack(m: &mut Machine, call: &Invocation) -> Flow {
    if call.lib == Lib::StackSave {
        return Ok(m.memory().stack_top().into());
    }
    let top = m.arg(call, 0) as u32;
    m.memory_mut().set_stack_top(top);
    Ok(0)
}
