//! Byte order.

use super::{Flow, Invocation};
use crate::program::c::machine::Machine;

/// htons() and ntohs(): the two bytes change places.
pub(super) fn swap16(m: &mut Machine, call: &Invocation) -> Flow {
    Ok(u64::from((m.arg(call, 0) as u16).swap_bytes()))
}

/// htonl() and ntohl().
pub(super) fn swap32(m: &mut Machine, call: &Invocation) -> Flow {
    Ok(u64::from((m.arg(call, 0) as u32).swap_bytes()))
}
