//! Decimal text into floating-point numbers and back, exactly, with numbers of any length.
//!
//! The standard library does the same faster, with tables of powers and several algorithms that are
//! larger than everything else that the page needs for numbers.

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

// ---- floating-point numbers into text ----

/// A decimal number: `0.` and its digits, times ten to the power of `point`. Behind the last digit are
/// zeros; zero has no digits.
#[derive(Clone)]
pub(crate) struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// The size of a finite number, with all its digits.
    pub(crate) fn exact(value: f64) -> Decimal {
        let bits = value.to_bits();
        let power = (bits >> 52 & 0x7ff) as i64;
        let units = bits & ((1 << 52) - 1) | u64::from(power > 0) << 52;
        // `units * 2^power` is `units * 5^-power / 10^-power`.
        let power = power.max(1) - 1075;
        let mut number = vec![units as u32, (units >> 32) as u32];
        trim(&mut number);
        shift(&mut number, power);
        for _ in power..0 {
            multiply(&mut number, 5, 0);
        }
        let mut digits = Vec::new();
        while !number.is_empty() {
            let mut nine = divide(&mut number, 1_000_000_000);
            for _ in 0..9 {
                digits.push(b'0' + (nine % 10) as u8);
                nine /= 10;
            }
        }
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        digits.reverse();
        let point = match digits.is_empty() {
            true => 0,
            false => digits.len() as i64 + power.min(0),
        };
        Decimal { digits, point }
    }

    /// The fewest digits that give the same `double` (or `float`, if `single`) again, in plain
    /// notation.
    pub(crate) fn shortest(value: f64, single: bool) -> String {
        if value.is_nan() {
            return "NaN".to_owned();
        }
        let sign = if value.is_sign_negative() { "-" } else { "" };
        if value.is_infinite() {
            return [sign, "inf"].concat();
        }
        let most = if single { 9 } else { 17 };
        let exact = Decimal::exact(value);
        let mut text = String::new();
        for count in 1..=most {
            let mut number = exact.clone();
            number.round(count);
            let places = (number.digits.len() as i64 - number.point).max(0);
            text = number.fixed(places as usize);
            if parse(text.as_bytes(), single) == Some(value.abs()) {
                break;
            }
        }
        [sign, &text].concat()
    }

    /// Keeps so many digits. A tie goes to the even one.
    pub(crate) fn round(&mut self, digits: i64) {
        let Ok(keep) = usize::try_from(digits) else {
            // The first digit is further down: less than half.
            self.digits.clear();
            return;
        };
        let Some((last, more)) = self.digits.get(keep..).and_then(<[u8]>::split_first) else {
            return;
        };
        let tie = *last == b'5' && more.iter().all(|digit| *digit == b'0');
        let odd = keep > 0 && self.digits[keep - 1] & 1 == 1;
        let up = *last >= b'5' && (!tie || odd);
        self.digits.truncate(keep);
        if up {
            while self.digits.last() == Some(&b'9') {
                self.digits.pop();
            }
            match self.digits.last_mut() {
                Some(digit) => *digit += 1,
                None => {
                    self.digits.push(b'1');
                    self.point += 1;
                }
            }
        }
    }

    /// In plain notation with so many digits after the point.
    pub(crate) fn fixed(&self, places: usize) -> String {
        let digit = |at: i64| {
            let digit = usize::try_from(at).ok().and_then(|at| self.digits.get(at));
            digit.map_or('0', |digit| char::from(*digit))
        };
        let mut text = String::new();
        // At least one digit stands before the point.
        for at in (self.point - 1).min(0)..self.point {
            text.push(digit(at));
        }
        if places > 0 {
            text.push('.');
            for place in 0..places as i64 {
                text.push(digit(self.point + place));
            }
        }
        text
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
    trim(a);
}

/// Divides; gives the remainder.
fn divide(number: &mut Vec<u32>, by: u32) -> u32 {
    let mut rest = 0;
    for word in number.iter_mut().rev() {
        let both = rest << 32 | u64::from(*word);
        *word = (both / u64::from(by)) as u32;
        rest = both % u64::from(by);
    }
    trim(number);
    rest as u32
}

fn trim(number: &mut Vec<u32>) {
    while number.last() == Some(&0) {
        number.pop();
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

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        let write = |value: f64| {
            for places in [0, 1, 2, 6, 17, 40] {
                let mut number = Decimal::exact(value);
                number.round(number.point + places as i64);
                assert_eq!(number.fixed(places), format!("{value:.places$}"));
                let mut number = Decimal::exact(value);
                number.round(places as i64 + 1);
                let power = (number.point - 1) * i64::from(!number.digits.is_empty());
                number.point = 1;
                let text = format!("{}e{power}", number.fixed(places));
                assert_eq!(text, format!("{value:.places$e}"));
            }
            // Of two that are equally near either will do.
            let short = Decimal::shortest(value, false);
            assert_eq!(short.parse(), Ok(value));
            assert_eq!(short.len(), value.to_string().len());
            let single = (value as f32).min(f32::MAX);
            let short = Decimal::shortest(single.into(), true);
            assert_eq!(short.parse(), Ok(single));
            assert_eq!(short.len(), single.to_string().len());
        };
        for value in [
            0.0,
            0.5,
            1.5,
            2.5,
            0.05,
            0.25,
            0.35,
            0.45,
            0.95,
            0.96,
            9.5,
            9.96,
            99.5,
            1.0,
            10.0,
            0.1,
            1e22,
            1e23,
            123_456_789.0,
            5e-324,
            f64::MAX,
            f64::MIN_POSITIVE,
            0.3,
            1e-5,
            1e300,
        ] {
            write(value);
        }
        let mut state = 1u64;
        for _ in 0..2000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let value = f64::from_bits(state ^ (state >> 31)).abs();
            if value.is_finite() {
                write(value);
            }
            write((state >> 40) as f64 / 1000.0);
        }
        assert_eq!(Decimal::shortest(-0.0, false), "-0");
    }

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
