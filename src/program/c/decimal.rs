//! Decimal text into floating-point numbers by plain long division, rounded once.
//!
//! The standard library does the same faster, with a table of powers that is larger than everything
//! else that the page needs for numbers.

/// Digits beyond these can only break a tie.
const MAX_DIGITS: i64 = 800;

/// The number that digits with a point and an exponent spell, as the nearest `double`, or the nearest
/// `float` if `single`; `None` if the text is anything else.
pub(crate) fn parse(text: &[u8], single: bool) -> Option<f64> {
    let (negative, text) = signed(text);
    let mut number = Vec::new();
    let (mut kept, mut exponent, mut i) = (0i64, 0i64, 0);
    let (mut seen, mut point, mut more) = (false, false, false);
    while let Some(byte) = text.get(i) {
        match byte {
            b'0'..=b'9' if kept < MAX_DIGITS => {
                multiply(&mut number, 10, u32::from(byte - b'0'));
                kept += i64::from(!number.is_empty());
                exponent -= i64::from(point);
                seen = true;
            }
            b'0'..=b'9' => {
                more |= *byte != b'0';
                exponent += i64::from(!point);
            }
            b'.' if !point => point = true,
            _ => break,
        }
        i += 1;
    }
    if !seen {
        return None;
    }
    if let Some(letter) = text.get(i) {
        let (down, digits) = signed(&text[i + 1..]);
        if !matches!(letter, b'e' | b'E') || digits.is_empty() {
            return None;
        }
        let mut power = 0i64;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            power = (power * 10 + i64::from(digit - b'0')).min(1 << 40);
        }
        exponent += if down { -power } else { power };
    }
    if more {
        multiply(&mut number, 10, 1);
        (kept, exponent) = (kept + 1, exponent - 1);
    }
    let size = match kept + exponent {
        _ if number.is_empty() => 0.0,
        i64::MIN..-340 => 0.0,
        -340..=320 => nearest(number, exponent, single),
        _ => f64::INFINITY,
    };
    Some(if negative { -size } else { size })
}

fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// `number * 10^exponent`
fn nearest(mut number: Vec<u32>, exponent: i64, single: bool) -> f64 {
    let mut below = vec![1];
    let mut powers = exponent.unsigned_abs() as u32;
    while powers > 0 {
        let step = powers.min(9);
        let side = if exponent > 0 {
            &mut number
        } else {
            &mut below
        };
        multiply(side, 10u32.pow(step), 0);
        powers -= step;
    }
    let (bits, least) = if single { (24, -149) } else { (53, -1074) };
    // The unit of the last place, as a power of two, and how many units there are.
    let mut unit = (length(&number) - length(&below) - bits).max(least);
    let units = loop {
        let (mut rest, mut by) = (number.clone(), below.clone());
        shift(&mut rest, -unit);
        shift(&mut by, unit);
        shift(&mut by, bits + 1);
        let mut units = 0u64;
        for _ in 0..bits + 2 {
            units <<= 1;
            if !less(&rest, &by) {
                subtract(&mut rest, &by);
                units += 1;
            }
            shift(&mut rest, 1);
        }
        if units >> bits == 0 {
            // What is left is twice the remainder: half a unit and more rounds up, a tie to even.
            let up = less(&by, &rest) || (units & 1 == 1 && rest == by);
            break units + u64::from(up);
        }
        unit += 1;
    };
    let power = match unit {
        // Beyond every double, and so is the product.
        972.. => return f64::INFINITY,
        -1022.. => ((unit + 1023) as u64) << 52,
        _ => 1 << (unit + 1074),
    };
    let value = units as f64 * f64::from_bits(power);
    if single {
        f64::from(value as f32)
    } else {
        value
    }
}

// ---- long numbers: words, the least first, the last not zero ----

fn multiply(number: &mut Vec<u32>, by: u32, plus: u32) {
    let mut carry = u64::from(plus);
    for word in number.iter_mut() {
        carry += u64::from(*word) * u64::from(by);
        *word = carry as u32;
        carry >>= 32;
    }
    if carry > 0 {
        number.push(carry as u32);
    }
}

/// Shifts to the left; by a negative number of bits not at all.
fn shift(number: &mut Vec<u32>, by: i64) {
    if by > 0 {
        multiply(number, 1 << (by % 32), 0);
        if !number.is_empty() && by >= 32 {
            let words = vec![0; (by / 32) as usize];
            *number = [words, std::mem::take(number)].concat();
        }
    }
}

fn less(a: &[u32], b: &[u32]) -> bool {
    match a.len() == b.len() {
        true => a.iter().rev().lt(b.iter().rev()),
        false => a.len() < b.len(),
    }
}

/// `a - b`, which must not be negative.
fn subtract(a: &mut Vec<u32>, b: &[u32]) {
    let mut borrow = false;
    for (i, word) in a.iter_mut().enumerate() {
        let (one, under) = word.overflowing_sub(b.get(i).copied().unwrap_or(0));
        let (two, again) = one.overflowing_sub(u32::from(borrow));
        *word = two;
        borrow = under | again;
    }
    while a.last() == Some(&0) {
        a.pop();
    }
}

/// How many bits it has.
fn length(number: &[u32]) -> i64 {
    let top = number.last().map_or(0, |word| word.leading_zeros());
    32 * number.len() as i64 - i64::from(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let double = text.parse::<f64>().ok().map(f64::to_bits);
        let single = text.parse::<f32>().ok().map(|f| f64::from(f).to_bits());
        let bits = |single| parse(text.as_bytes(), single).map(f64::to_bits);
        assert_eq!((bits(false), bits(true)), (double, single), "{text}");
    }

    #[test]
    fn it_is_what_the_standard_library_makes_of_it() {
        for text in [
            "",
            ".",
            "-",
            "1e",
            "1e+",
            "1.2.3",
            "1x",
            "e5",
            "1e5x",
            "0",
            "-0",
            "+0.0e9",
            "5.",
            ".5",
            "1.1",
            "0.1",
            "16777217",
            "9007199254740993",
            "9007199254740992.9999",
            "1e308",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
            "1e309",
            "1e99999999999999999999",
            "4.9406564584124654e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1e-400",
            "3.4028235e38",
            "3.4028236e38",
            "1.401298464324817e-45",
            "7.006492321624085e-46",
            "1.00000017881393421514957253748434595763683319091796875001",
            "0.000000000000000000000000000001e30",
            "123456789012345678901234567890",
        ] {
            check(text);
        }
        check(&format!("1{}e-{}", "0".repeat(900), 900));
        check(&format!("0.{}1", "0".repeat(1200)));
        check(&format!("9007199254740993.{}1", "0".repeat(1200)));
        check(&format!("9007199254740992{}e-1200", "9".repeat(1200)));
        let mut state = 1u64;
        for _ in 0..3000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let value = f64::from_bits(state ^ (state >> 31)).abs();
            if value.is_finite() {
                check(&format!("{value:e}"));
                check(&format!("{:e}", (value as f32).min(f32::MAX)));
                check(&format!(
                    "{}.{}e{}",
                    state >> 50,
                    state >> 3,
                    (state % 650) as i64 - 330
                ));
            }
        }
    }
}
