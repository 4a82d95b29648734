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

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int { value: u64, suffix: Suffix },
    Float { value: f64, single: bool },
}

/// Reads a preprocessing number.
pub(crate) fn number(text: &str) -> Result<Number, String> {
    let lower = text.to_ascii_lowercase();
    let hex = lower.starts_with("0x");
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
    if hex {
        return Err("hexadecimal floating constants are not known here".to_owned());
    }
    if lower.ends_with('l') {
        return Err("`long double` is not known here; leave the suffix away".to_owned());
    }
    let single = lower.ends_with('f');
    let digits = lower.strip_suffix('f').unwrap_or(lower);
    // Rounded once, from the text: (double)1.1f is not 1.1.
    match super::decimal::parse(digits.as_bytes(), single) {
        Some(value) => Ok(Number::Float { value, single }),
        None => Err(format!("`{lower}` is not a number")),
    }
}

/// The value of a character constant with its quotes.
pub(crate) fn character(text: &str) -> Result<i32, String> {
    let bytes = unquote(text)?;
    match bytes.as_slice() {
        [] => Err("this character constant is empty".to_owned()),
        [one] => Ok(i32::from(*one as i8)),
        // gcc's value of a multi-character constant: the bytes in big-endian order.
        [..] if bytes.len() <= 4 => Ok(bytes
            .iter()
            .fold(0i32, |value, byte| value << 8 | i32::from(*byte))),
        [..] => Err("this character constant has more than four bytes".to_owned()),
    }
}

/// The bytes of a string or character constant with its quotes, escapes carried out, no NUL added.
pub(crate) fn unquote(text: &str) -> Result<Vec<u8>, String> {
    let bytes = text.as_bytes();
    let inner = bytes
        .get(1..bytes.len().saturating_sub(1))
        .unwrap_or_default();
    let mut out = Vec::with_capacity(inner.len());
    let mut i = 0;
    while i < inner.len() {
        if inner[i] != b'\\' {
            out.push(inner[i]);
            i += 1;
            continue;
        }
        i += 1;
        let Some(escape) = inner.get(i).copied() else {
            return Err("a backslash stands at the end".to_owned());
        };
        i += 1;
        let simple = match escape {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'v' => 11,
            b'e' => 27,
            b'\\' | b'\'' | b'"' | b'?' => escape,
            b'x' => {
                let end = span_of(inner, i, usize::MAX, |b| b.is_ascii_hexdigit());
                let value = radix(&inner[i..end], 16).filter(|v| *v < 256 && end > i);
                i = end;
                match value {
                    Some(value) => value as u8,
                    None => return Err("\\x needs one or two hexadecimal digits".to_owned()),
                }
            }
            b'0'..=b'7' => {
                let end = span_of(inner, i - 1, 3, |b| (b'0'..=b'7').contains(&b));
                let value = radix(&inner[i - 1..end], 8).filter(|v| *v < 256);
                i = end;
                match value {
                    Some(value) => value as u8,
                    None => return Err("this octal escape is larger than a byte".to_owned()),
                }
            }
            b'u' | b'U' => {
                let want = if escape == b'u' { 4 } else { 8 };
                let end = span_of(inner, i, want, |b| b.is_ascii_hexdigit());
                let value = radix(&inner[i..end], 16).and_then(char::from_u32);
                let complete = end - i == want;
                i = end;
                match value.filter(|_| complete) {
                    Some(c) => {
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        continue;
                    }
                    None => return Err("this is no character's number".to_owned()),
                }
            }
            other => {
                return Err(format!("there is no escape \\{}", char::from(other)));
            }
        };
        out.push(simple);
    }
    Ok(out)
}

fn span_of(bytes: &[u8], from: usize, most: usize, is: impl Fn(u8) -> bool) -> usize {
    let mut end = from;
    while end - from < most && bytes.get(end).is_some_and(|b| is(*b)) {
        end += 1;
    }
    end
}

fn radix(digits: &[u8], radix: u32) -> Option<u32> {
    digits.iter().try_fold(0u32, |value, digit| {
        let digit = (*digit as char).to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })
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
                single: false
            })
        );
    }

    #[test]
    fn escapes() {
        assert_eq!(unquote(r#""a\n\x41\101\0""#), Ok(b"a\nAA\0".to_vec()));
        assert_eq!(character(r"'\377'"), Ok(-1));
        assert_eq!(character("'ab'"), Ok(0x6162));
        assert!(unquote(r#""\q""#).is_err());
    }
}
