//! What the operators do to 64-bit registers: once for the machine and for constant folding.

use super::ir::{Op, Un};

/// Arithmetic that C leaves undefined and that x86-64 answers with a signal or with nonsense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undefined {
    DivisionByZero,
    /// The least integer divided by −1.
    DivisionOverflow,
    /// Shifted by that many bits.
    Shift(i64),
}

/// `a op b`.
#[inline(always)]
pub(crate) fn binary(op: Op, a: u64, b: u64) -> Result<u64, Undefined> {
    let (fa, fb) = (f64::from_bits(a), f64::from_bits(b));
    Ok(match op {
        Op::Add32 => (a as i32).wrapping_add(b as i32) as u64,
        Op::AddU32 => u64::from((a as u32).wrapping_add(b as u32)),
        Op::Add64 => a.wrapping_add(b),
        Op::Sub32 => (a as i32).wrapping_sub(b as i32) as u64,
        Op::SubU32 => u64::from((a as u32).wrapping_sub(b as u32)),
        Op::Sub64 => a.wrapping_sub(b),
        Op::Mul32 => (a as i32).wrapping_mul(b as i32) as u64,
        Op::MulU32 => u64::from((a as u32).wrapping_mul(b as u32)),
        Op::Mul64 => a.wrapping_mul(b),
        Op::And => a & b,
        Op::Or => a | b,
        Op::Xor => a ^ b,
        Op::Shl32 => ((a as i32) << count(b, 32)?) as u64,
        Op::ShlU32 => u64::from((a as u32) << count(b, 32)?),
        Op::Shl64 => a << count(b, 64)?,
        Op::Shr32 => ((a as i32) >> count(b, 32)?) as u64,
        Op::ShrU32 => u64::from((a as u32) >> count(b, 32)?),
        Op::Shr64 => ((a as i64) >> count(b, 64)?) as u64,
        Op::ShrU64 => a >> count(b, 64)?,
        Op::Div32 => divide(a, b, i64::from(i32::MIN))? as u64,
        Op::Div64 => divide(a, b, i64::MIN)? as u64,
        Op::Rem32 => {
            divide(a, b, i64::from(i32::MIN))?;
            (a as i64).wrapping_rem(b as i64) as u64
        }
        Op::Rem64 => {
            divide(a, b, i64::MIN)?;
            (a as i64).wrapping_rem(b as i64) as u64
        }
        Op::DivU => a.checked_div(b).ok_or(Undefined::DivisionByZero)?,
        Op::RemU => a.checked_rem(b).ok_or(Undefined::DivisionByZero)?,
        Op::Lt => u64::from((a as i64) < b as i64),
        Op::Le => u64::from(a as i64 <= b as i64),
        Op::LtU => u64::from(a < b),
        Op::LeU => u64::from(a <= b),
        Op::Eq => u64::from(a == b),
        Op::Ne => u64::from(a != b),
        Op::AddF => (fa + fb).to_bits(),
        Op::SubF => (fa - fb).to_bits(),
        Op::MulF => (fa * fb).to_bits(),
        Op::DivF => quiet(fa / fb),
        Op::LtF => u64::from(fa < fb),
        Op::LeF => u64::from(fa <= fb),
        Op::EqF => u64::from(fa == fb),
        Op::NeF => u64::from(fa != fb),
    })
}

/// `op a`.
#[inline(always)]
pub(crate) fn unary(op: Un, a: u64) -> u64 {
    let f = f64::from_bits(a);
    match op {
        Un::Neg64 => a.wrapping_neg(),
        Un::NegF => (-f).to_bits(),
        Un::Not => u64::from(a == 0),
        Un::Bool => u64::from(a != 0),
        Un::BoolF => u64::from(f != 0.0),
        Un::S8 => a as i8 as u64,
        Un::U8 => u64::from(a as u8),
        Un::S16 => a as i16 as u64,
        Un::U16 => u64::from(a as u16),
        Un::S32 => a as i32 as u64,
        Un::U32 => u64::from(a as u32),
        Un::IntToF => (a as i64 as f64).to_bits(),
        Un::UIntToF => (a as f64).to_bits(),
        // What x86-64's cvttsd2si gives for a value that does not fit.
        Un::FToInt => {
            if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&f) {
                f as i64 as u64
            } else {
                i64::MIN as u64
            }
        }
        Un::FToUInt => {
            if f < 9_223_372_036_854_775_808.0 {
                f as i64 as u64
            } else {
                f as u64
            }
        }
        Un::RoundF => f64::from(f as f32).to_bits(),
    }
}

fn count(b: u64, width: u64) -> Result<u32, Undefined> {
    if b < width {
        Ok(b as u32)
    } else {
        Err(Undefined::Shift(b as i64))
    }
}

fn divide(a: u64, b: u64, least: i64) -> Result<i64, Undefined> {
    let (a, b) = (a as i64, b as i64);
    if b == 0 {
        return Err(Undefined::DivisionByZero);
    }
    if b == -1 && a == least {
        return Err(Undefined::DivisionOverflow);
    }
    Ok(a.wrapping_div(b))
}

/// NaN has one bit pattern here: which one a processor makes is not the same everywhere.
fn quiet(f: f64) -> u64 {
    if f.is_nan() {
        // The x86-64 default: negative, quiet.
        0xfff8_0000_0000_0000
    } else {
        f.to_bits()
    }
}
