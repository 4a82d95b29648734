//! Byte order.

use super::{Flow, Invocation, Lib};
use crate::program::c::machine::Machine;

/// htons(), htonl() and back: the bytes change places.
pub(super) fn swap(m: &mut Machine, call: &Invocation) -> Flow {
    let value = (m.arg(call, 0) as u32).swap_bytes();
    Ok(match call.lib {
        Lib::Htons | Lib::Ntohs => value >> 16,
        _ => value,
    }
    .into())
}
