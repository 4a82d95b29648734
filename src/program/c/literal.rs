//! Values of numbers, characters and strings as written (C11 6.4.4, 6.4.5).

/// A suffix of an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suffix {
    pub(crate) unsigned: bool,
    /// How many `l`: 0, 1 or 2.
    pub(crate) long: u8,
    /// Written in base 10: then the type is not unsigned unless it says so.
    pub(crate) decimal: bool,
}

/// Which floating type a constant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Single,
    Double,
    /// `long double`, whose values are those of `double` here.
    Long,
}

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int { value: u64, suffix: Suffix },
    Float { value: f64, precision: Precision },
}

/// What the characters of a string are (C11 6.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// No prefix, or `u8`.
    Bytes,
    /// `u`
    Utf16,
    /// `U`
    Utf32,
    /// `L`: `wchar_t`, which is an int.
    Wide,
}

impl Encoding {
    /// Bytes of one character.
    pub(crate) fn size(self) -> usize {
        match self {
            Encoding::Bytes => 1,
            Encoding::Utf16 => 2,
            Encoding::Utf32 | Encoding::Wide => 4,
        }
    }

    /// The prefix before the opening quote, and what follows it.
    pub(crate) fn of(text: &str) -> (Encoding, &str) {
        let at = text.find(['"', '\'']).unwrap_or(0);
        let encoding = match &text[..at] {
            "L" => Encoding::Wide,
            "u" => Encoding::Utf16,
            "U" => Encoding::Utf32,
            _ => Encoding::Bytes,
        };
        (encoding, &text[at..])
    }
}

/// Reads a preprocessing number.
pub(crate) fn number(text: &str) -> Result<Number, String> {
    let lower = text.to_ascii_lowercase();
    let hex = lower.starts_with("0x");
    if lower.ends_with(['i', 'j']) {
        return Err("complex numbers are not known here".to_owned());
    }
    let floating =
        lower.contains('.') || (!hex && lower.contains('e')) || (hex && lower.contains('p'));
    if floating {
        return float(&lower, hex);
    }
    let (digits, radix) = match (hex, lower.strip_prefix("0b")) {
        (true, _) => (&lower[2..], 16),
        (_, Some(rest)) => (rest, 2),
        _ if lower.len() > 1 && lower.starts_with('0') => (&lower[1..], 8),
        _ => (lower.as_str(), 10),
    };
    let end = digits
        .find(|c: char| !c.is_digit(radix))
        .unwrap_or(digits.len());
    let (unsigned, long) = match &digits[end..] {
        "" => (false, 0),
        "u" => (true, 0),
        "l" => (false, 1),
        "ul" | "lu" => (true, 1),
        "ll" => (false, 2),
        "ull" | "llu" => (true, 2),
        _ if radix == 8 && digits.starts_with(['8', '9']) => {
            return Err(format!(
                "`{text}` begins with 0, so it is octal, and has a digit above 7"
            ));
        }
        rest => return Err(format!("`{rest}` is no suffix of an integer")),
    };
    if end == 0 && radix != 8 {
        return Err(format!("`{text}` has no digits"));
    }
    let mut value: u64 = 0;
    for digit in digits[..end].chars().filter_map(|c| c.to_digit(radix)) {
        value = value
            .checked_mul(u64::from(radix))
            .and_then(|v| v.checked_add(u64::from(digit)))
            .ok_or_else(|| format!("`{text}` is too large for any integer type"))?;
    }
    Ok(Number::Int {
        value,
        suffix: Suffix {
            unsigned,
            long,
            decimal: radix == 10,
        },
    })
}

fn float(lower: &str, hex: bool) -> Result<Number, String> {
    let (digits, precision) = match lower.as_bytes().last() {
        Some(b'f') if !hex || lower.contains('p') => (&lower[..lower.len() - 1], Precision::Single),
        Some(b'l') => (&lower[..lower.len() - 1], Precision::Long),
        _ => (lower, Precision::Double),
    };
    let single = precision == Precision::Single;
    // Rounded once, from the text: (double)1.1f is not 1.1.
    let value = match hex {
        true => hexadecimal(digits, single),
        false => super::decimal::parse(digits.as_bytes(), single),
    };
    match value {
        Some(value) => Ok(Number::Float { value, precision }),
        None if lower.ends_with(['i', 'j']) => Err("complex numbers are not known here".to_owned()),
        None => Err(format!("`{lower}` is not a number")),
    }
}

/// `0x1.8p3`: its value rounded to nearest, ties to even.
fn hexadecimal(lower: &str, single: bool) -> Option<f64> {
    let (digits, exponent) = lower.strip_prefix("0x")?.split_once('p')?;
    let written: i64 = exponent.parse::<i32>().ok()?.into();
    let (mut value, mut scale, mut point, mut any) = (0u64, 0i64, false, false);
    for c in digits.chars() {
        if c == '.' && !point {
            point = true;
            continue;
        }
        let digit = u64::from(c.to_digit(16)?);
        any = true;
        if value >> 58 == 0 {
            value = value << 4 | digit;
            scale -= if point { 4 } else { 0 };
        } else {
            // What does not fit only says that there was more.
            value |= u64::from(digit != 0);
            scale += if point { 0 } else { 4 };
        }
    }
    if !any {
        return None;
    }
    if value == 0 {
        return Some(0.0);
    }
    let scale = scale.saturating_add(written);
    let (precision, least, most) = match single {
        true => (24, -149, 127),
        false => (53, -1074, 1023),
    };
    let top = 63 - i64::from(value.leading_zeros()) + scale;
    let last = (top - (precision - 1)).max(least);
    let cut = last - scale;
    let mut whole = match cut {
        ..=0 => value << (-cut).min(63),
        1..=63 => {
            let (rest, half) = (value & ((1 << cut) - 1), 1u64 << (cut - 1));
            let whole = value >> cut;
            whole + u64::from(rest > half || (rest == half && whole & 1 == 1))
        }
        _ => u64::from(cut == 64 && value > 1 << 63),
    } as f64;
    if top > most + 1 {
        return Some(f64::INFINITY);
    }
    // Exact steps: a power of two is too small for one when the number is subnormal.
    let mut by = last;
    while by != 0 {
        let step = by.clamp(-1000, 1000);
        whole *= f64::from_bits(((1023 + step) as u64) << 52);
        by -= step;
    }
    let infinite = single && whole > f64::from(f32::MAX);
    Some(if infinite { f64::INFINITY } else { whole })
}

/// The value of a character constant with its quotes.
pub(crate) fn character(text: &str) -> Result<i32, String> {
    let (encoding, _) = Encoding::of(text);
    let bytes = unquote(text)?;
    if encoding != Encoding::Bytes {
        let size = encoding.size();
        let last = bytes.chunks(size).last();
        let last = last.ok_or_else(|| "this character constant is empty".to_owned())?;
        return Ok(last.iter().rev().fold(0, |v, b| v << 8 | i32::from(*b)));
    }
    match bytes.as_slice() {
        [] => Err("this character constant is empty".to_owned()),
        [one] => Ok(i32::from(*one as i8)),
        // gcc's value of a multi-character constant: the last four bytes in big-endian order.
        [..] => Ok(bytes
            .iter()
            .fold(0i32, |value, byte| value << 8 | i32::from(*byte))),
    }
}

/// An escape in a string or character constant that C does not have; gcc takes the character itself.
pub(crate) fn unknown_escape(text: &str) -> Option<char> {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\\' {
            let escape = rest.next()?;
            if !"ntrabfve\\'\"?xuU01234567".contains(escape) {
                return Some(escape);
            }
        }
    }
    None
}

/// The bytes of a string or character constant with its quotes, escapes carried out, no NUL added;
/// with a prefix, its characters in the machine's byte order.
pub(crate) fn unquote(text: &str) -> Result<Vec<u8>, String> {
    let (encoding, text) = Encoding::of(text);
    let inner = text
        .get(1..text.len().saturating_sub(1))
        .unwrap_or_default();
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            push(&mut out, c, encoding);
            continue;
        }
        let Some(escape) = rest.next() else {
            return Err("a backslash stands at the end".to_owned());
        };
        let value = match escape {
            'n' => 10,
            't' => 9,
            'r' => 13,
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'v' => 11,
            'e' | 'E' => 27,
            'x' => {
                let digits = run_of(&mut rest, usize::MAX, 16);
                match u64::from_str_radix(digits, 16) {
                    Ok(value) if value >> (8 * encoding.size()) == 0 => value,
                    _ if encoding == Encoding::Bytes => {
                        return Err("\\x needs one or two hexadecimal digits".to_owned());
                    }
                    _ => return Err("this escape is no character's number".to_owned()),
                }
            }
            '0'..='7' => {
                let more = run_of(&mut rest, 2, 8);
                let value = u64::from_str_radix(more, 8).unwrap_or(0);
                let first = u64::from(escape) - u64::from('0');
                let value = first * 8u64.pow(more.len() as u32) + value;
                if value > 255 && encoding == Encoding::Bytes {
                    return Err("this octal escape is larger than a byte".to_owned());
                }
                value
            }
            'u' | 'U' => {
                let want = if escape == 'u' { 4 } else { 8 };
                let digits = run_of(&mut rest, want, 16);
                let value = u32::from_str_radix(digits, 16).ok();
                match value.and_then(char::from_u32) {
                    Some(c) if digits.len() == want => push(&mut out, c, encoding),
                    _ => return Err("this is no character's number".to_owned()),
                }
                continue;
            }
            other => {
                push(&mut out, other, encoding);
                continue;
            }
        };
        out.extend_from_slice(&value.to_le_bytes()[..encoding.size()]);
    }
    Ok(out)
}

/// One character in that encoding.
fn push(out: &mut Vec<u8>, c: char, encoding: Encoding) {
    match encoding {
        Encoding::Bytes => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        Encoding::Utf16 => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(&unit.to_le_bytes());
            }
        }
        Encoding::Utf32 | Encoding::Wide => out.extend_from_slice(&u32::from(c).to_le_bytes()),
    }
}

/// Takes at most `most` digits of that radix.
fn run_of<'a>(rest: &mut std::str::Chars<'a>, most: usize, radix: u32) -> &'a str {
    let text = rest.as_str();
    let end = text
        .char_indices()
        .find(|(i, c)| *i >= most || !c.is_digit(radix))
        .map_or(text.len(), |(i, _)| i);
    *rest = text[end..].chars();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_value_written() {
        let int = |text| match number(text) {
            Ok(Number::Int { value, .. }) => Some(value),
            _ => None,
        };
        assert_eq!(int("0"), Some(0));
        assert_eq!(int("017"), Some(15));
        assert_eq!(int("0xFFul"), Some(255));
        assert_eq!(int("18446744073709551615u"), Some(u64::MAX));
        for bad in ["09", "0x", "1z", "18446744073709551616", "1__", "0b2"] {
            assert!(number(bad).is_err(), "{bad}");
        }
        assert_eq!(
            number("1.5e3"),
            Ok(Number::Float {
                value: 1500.0,
                precision: Precision::Double
            })
        );
        let float = |text| match number(text) {
            Ok(Number::Float { value, .. }) => Some(value),
            _ => None,
        };
        assert_eq!(float("0x1.8p3"), Some(12.0));
        assert_eq!(float("0x.1p4f"), Some(1.0));
        assert_eq!(float("0x1p-1074"), Some(f64::from_bits(1)));
        assert_eq!(float("0x1.00000000000008p0"), Some(1.0));
        assert_eq!(float("0x1.000000000000080001p0"), Some(1.0 + f64::EPSILON));
        assert_eq!(float("0x1p5000"), Some(f64::INFINITY));
        assert_eq!(float("0x1.fffffffp127f"), Some(f64::INFINITY));
        assert_eq!(float("0x0p0"), Some(0.0));
        assert_eq!(float("2.5L"), Some(2.5));
        assert!(number("0x1.8").is_err() && number("0xp1").is_err() && number("1.0i").is_err());
    }

    #[test]
    fn escapes() {
        assert_eq!(unquote(r#""a\n\x41\101\0""#), Ok(b"a\nAA\0".to_vec()));
        assert_eq!(character(r"'\377'"), Ok(-1));
        assert_eq!(character("'ab'"), Ok(0x6162));
        assert_eq!(unquote(r#""\q""#), Ok(b"q".to_vec()));
        assert_eq!(unknown_escape(r#""\\q\n""#), None);
        assert_eq!(unknown_escape(r#""\q""#), Some('q'));
        assert_eq!(unquote(r#"u"a\u00e9""#), Ok(vec![0x61, 0, 0xe9, 0]));
        assert_eq!(character(r"L'\x1234'"), Ok(0x1234));
    }
}
