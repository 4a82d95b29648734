//! Floating-point numbers from text, and their digits.

use super::{Flow, Invocation};
use crate::program::c::decimal::{self, Decimal};
use crate::program::c::machine::Machine;

/// `double __sockscope_decimal(const char *text, size_t length, int single)`: the number that so many characters say.
pub(super) fn decimal(m: &mut Machine, call: &Invocation) -> Flow {
    let text = m.take(m.arg(call, 0), m.arg(call, 1))?;
    let single = m.int(call, 2) != 0;
    Ok(decimal::parse(&text, single).unwrap_or(0.0).to_bits())
}

/// `long __sockscope_digits(double number, long count, int behind, char *digits)`: the digits of a finite number that is
/// not negative, rounded to so many (so many behind the point, if `behind`) and without zeros at their end. Gives how many
/// of them stand before the point.
pub(super) fn digits(m: &mut Machine, call: &Invocation) -> Flow {
    let mut number = Decimal::exact(f64::from_bits(m.arg(call, 0)));
    let count = m.arg(call, 1) as i64;
    number.round(match m.int(call, 2) {
        0 => count,
        _ => count + number.point(),
    });
    let (digits, point) = (number.digits(), number.point());
    let text = [digits, b"\0"].concat();
    m.put(m.arg(call, 3), &text)?;
    Ok(point as u64)
}
