//! Numbers from text, absolute values and pseudo-random numbers.

use super::{Flow, Invocation, Lib, int_result};
use crate::abi::Errno;
use crate::program::c::decimal;
use crate::program::c::machine::Machine;

/// atoi(), strtol() and their relatives.
pub(super) fn strtol(m: &mut Machine, call: &Invocation) -> Flow {
    let at = m.arg(call, 0);
    let text = m.c_string(at)?;
    let simple = matches!(call.lib, Lib::Atoi | Lib::Atol | Lib::Atoll);
    let base = if simple { 10 } else { m.int(call, 2) };
    if base != 0 && !(2..=36).contains(&base) {
        m.set_errno(Errno::EINVAL.number());
        return Ok(0);
    }
    let unsigned = matches!(call.lib, Lib::Strtoul | Lib::Strtoull);
    let read = integer(&text, base as u32);
    let (value, over) = read.value(unsigned);
    if over {
        m.set_errno(Errno::ERANGE.number());
    }
    if !simple && m.arg(call, 1) != 0 {
        let end = at + read.end as u64;
        m.put(m.arg(call, 1), &end.to_le_bytes())?;
    }
    match call.lib {
        Lib::Atoi => int_result(value as i32),
        _ => Ok(value),
    }
}

/// An integer read from text.
struct Read {
    negative: bool,
    /// `None` if it does not fit 64 bits.
    size: Option<u64>,
    end: usize,
}

impl Read {
    /// The value as `strtol()` or `strtoul()` gives it, and whether it was cut.
    fn value(&self, unsigned: bool) -> (u64, bool) {
        match (unsigned, self.negative, self.size) {
            (true, false, Some(n)) => (n, false),
            (true, true, Some(n)) => (n.wrapping_neg(), false),
            (true, _, None) => (u64::MAX, true),
            (false, false, Some(n)) if n <= i64::MAX as u64 => (n, false),
            (false, true, Some(n)) if n <= 1 << 63 => (n.wrapping_neg(), false),
            (false, false, _) => (i64::MAX as u64, true),
            (false, true, _) => (i64::MIN as u64, true),
        }
    }
}

fn integer(text: &[u8], base: u32) -> Read {
    let at = |i: usize| text.get(i).copied().unwrap_or(0);
    let mut i = 0;
    while matches!(at(i), b' ' | 9..=13) {
        i += 1;
    }
    let negative = at(i) == b'-';
    i += usize::from(matches!(at(i), b'-' | b'+'));
    let hex = at(i) == b'0' && matches!(at(i + 1), b'x' | b'X') && at(i + 2).is_ascii_hexdigit();
    let base = match (base, hex) {
        (0 | 16, true) => {
            i += 2;
            16
        }
        (0, false) if at(i) == b'0' => 8,
        (0, false) => 10,
        _ => base,
    };
    let (start, mut size) = (i, Some(0u64));
    while let Some(digit) = (at(i) as char).to_digit(base) {
        size = size
            .and_then(|n| n.checked_mul(u64::from(base)))
            .and_then(|n| n.checked_add(u64::from(digit)));
        i += 1;
    }
    let end = if i > start { i } else { 0 };
    Read {
        negative,
        size,
        end,
    }
}

/// atof(), strtod() and strtof().
pub(super) fn strtod(m: &mut Machine, call: &Invocation) -> Flow {
    let at = m.arg(call, 0);
    let text = m.c_string(at)?;
    let space = text
        .iter()
        .take_while(|b| matches!(b, b' ' | 9..=13))
        .count();
    let rest = &text[space..];
    let single = call.lib == Lib::Strtof;
    let (value, length) = match special(rest) {
        Some(known) => known,
        None => {
            let length = float_length(rest);
            let value = decimal::parse(&rest[..length], single);
            (value.unwrap_or(0.0), length)
        }
    };
    if call.lib != Lib::Atof && m.arg(call, 1) != 0 {
        let end = if length > 0 {
            at + (space + length) as u64
        } else {
            at
        };
        m.put(m.arg(call, 1), &end.to_le_bytes())?;
    }
    Ok(value.to_bits())
}

/// `inf`, `nan` and hexadecimal numbers at the start, and their length.
fn special(text: &[u8]) -> Option<(f64, usize)> {
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let rest = text[sign..].to_ascii_lowercase();
    let (size, length) = if rest.starts_with(b"infinity") {
        (f64::INFINITY, 8)
    } else if rest.starts_with(b"inf") {
        (f64::INFINITY, 3)
    } else if rest.starts_with(b"nan") {
        (f64::NAN, 3)
    } else {
        hexadecimal(rest.strip_prefix(b"0x")?)?
    };
    let value = if text.starts_with(b"-") { -size } else { size };
    Some((value, sign + length))
}

/// The number behind `0x`, and the length with that.
fn hexadecimal(text: &[u8]) -> Option<(f64, usize)> {
    let at = |i: usize| text.get(i).copied().unwrap_or(0);
    let (mut i, mut number, mut power, mut point, mut seen) = (0, 0u64, 0i32, false, false);
    loop {
        match (at(i) as char).to_digit(16) {
            Some(digit) if number >> 60 == 0 => {
                number = number << 4 | u64::from(digit);
                power -= if point { 4 } else { 0 };
            }
            Some(digit) => {
                // Only whether it is above a tie counts.
                number |= u64::from(digit != 0);
                power += if point { 0 } else { 4 };
            }
            None if at(i) == b'.' && !point => {
                point = true;
                i += 1;
                continue;
            }
            None => break,
        }
        seen = true;
        i += 1;
    }
    if at(i) == b'p' {
        let sign = usize::from(matches!(at(i + 1), b'-' | b'+'));
        let (mut j, mut exponent) = (i + 1 + sign, 0i32);
        while at(j).is_ascii_digit() {
            exponent = (10 * exponent + i32::from(at(j) - b'0')).min(100_000);
            j += 1;
        }
        if j > i + 1 + sign {
            power += if at(i + 1) == b'-' {
                -exponent
            } else {
                exponent
            };
            i = j;
        }
    }
    let mut value = number as f64;
    let step = if power < 0 { 0.5 } else { 2.0 };
    for _ in 0..power.unsigned_abs().min(5000) {
        value *= step;
    }
    seen.then_some((value, i + 2))
}

/// How many bytes at the start make a decimal number.
fn float_length(text: &[u8]) -> usize {
    let at = |i: usize| text.get(i).copied().unwrap_or(0);
    let mut i = usize::from(matches!(at(0), b'-' | b'+'));
    let start = i;
    while at(i).is_ascii_digit() {
        i += 1;
    }
    let mut digits = i - start;
    if at(i) == b'.' {
        let fraction = i + 1;
        let mut j = fraction;
        while at(j).is_ascii_digit() {
            j += 1;
        }
        digits += j - fraction;
        if digits > 0 {
            i = j;
        }
    }
    if digits == 0 {
        return 0;
    }
    if matches!(at(i), b'e' | b'E') {
        let sign = usize::from(matches!(at(i + 1), b'-' | b'+'));
        let mut j = i + 1 + sign;
        while at(j).is_ascii_digit() {
            j += 1;
        }
        if j > i + 1 + sign {
            i = j;
        }
    }
    i
}

pub(super) fn abs(m: &mut Machine, call: &Invocation) -> Flow {
    match call.lib {
        Lib::Labs => Ok((m.arg(call, 0) as i64).wrapping_abs() as u64),
        _ => int_result(m.int(call, 0).wrapping_abs()),
    }
}

/// The additive feedback generator of glibc's random() (TYPE_3): r[i] = r[i−3] + r[i−31].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rand {
    /// The last 31 values; empty until first used.
    last: Vec<u32>,
    next: u32,
}

impl Default for Rand {
    /// As if seeded with 1.
    fn default() -> Self {
        Rand {
            last: Vec::new(),
            next: 0,
        }
    }
}

impl Rand {
    fn seed(seed: u32) -> Rand {
        let mut word = if seed == 0 { 1 } else { seed as i32 };
        let mut last = vec![word as u32];
        for _ in 1..31 {
            // Schrage's method for 16807 · word mod 2³¹ − 1, as random_r.c has it.
            let (hi, lo) = (word / 127_773, word % 127_773);
            word = 16_807i32
                .wrapping_mul(lo)
                .wrapping_sub(2_836i32.wrapping_mul(hi));
            if word < 0 {
                word = word.wrapping_add(i32::MAX);
            }
            last.push(word as u32);
        }
        // The front pointer starts three behind the rear one.
        let mut rand = Rand { last, next: 3 };
        for _ in 0..310 {
            rand.step();
        }
        rand
    }

    fn step(&mut self) -> u32 {
        let i = self.next as usize;
        // r[i−31] stands where the new value goes; r[i−3] is 28 places further.
        let value = self.last[i].wrapping_add(self.last[(i + 28) % 31]);
        self.last[i] = value;
        self.next = (self.next + 1) % 31;
        value >> 1
    }
}

pub(super) fn rand(m: &mut Machine, call: &Invocation) -> Flow {
    if call.lib == Lib::Srand {
        m.lib_state_mut().rand = Rand::seed(m.arg(call, 0) as u32);
        return Ok(0);
    }
    let rand = &mut m.lib_state_mut().rand;
    if rand.last.is_empty() {
        *rand = Rand::seed(1);
    }
    int_result(rand.step() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rand_is_that_of_glibc() {
        let mut rand = Rand::seed(1);
        let first = [rand.step(), rand.step(), rand.step()];
        assert_eq!(first, [1_804_289_383, 846_930_886, 1_681_692_777]);
    }

    #[test]
    fn integers_end_where_strtol_ends() {
        let read = |text: &str, base| {
            let read = integer(text.as_bytes(), base);
            (read.value(false).0 as i64, read.end)
        };
        assert_eq!(read("  -42x", 10), (-42, 5));
        assert_eq!(read("0x1fg", 0), (31, 4));
        assert_eq!(read("0x", 16), (0, 1));
        assert_eq!(read("077", 0), (63, 3));
        assert_eq!(read("99999999999999999999", 10), (i64::MAX, 20));
        assert_eq!(read("abc", 10), (0, 0));
    }
}
