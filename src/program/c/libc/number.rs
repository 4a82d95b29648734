//! Numbers from text.

use super::{Flow, Invocation};
use crate::program::c::decimal;
use crate::program::c::machine::Machine;

/// `double __sockscope_decimal(const char *text, size_t length, int single)`: the number that so many characters say.
pub(super) fn decimal(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.take(m.arg(call, 0), m.arg(call, 1))?;
    let single = m.int(call, 2) != 0;
    Ok(decimal::parse(&text, single).unwrap_or(0.0).to_bits())
}
