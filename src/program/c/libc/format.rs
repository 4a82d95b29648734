//! printf's format strings.

use super::variadic::{Arguments, wrong};
use super::{Flow, Invocation, Step};
use crate::program::c::decimal::Decimal;
use crate::program::c::ir::ArgKind;
use crate::program::c::machine::Machine;

/// The most bytes that one conversion may print.
const MAX_OUTPUT: usize = 1 << 20;

/// How wide an integer the conversion says it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Char,
    Short,
    Int,
    Long,
}

/// One conversion specification.
struct Spec {
    minus: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    length: Length,
    text: String,
}

/// The next of the pieces in which glibc hands a format's output to the stream: text between
/// conversions, or a conversion. The first argument has five words: where the rest of the format is, where the
/// piece is found, room for it and its size, bytes printed before. Gives the length, −1 at the format's end; what
/// needs more room stays to be done.
pub(super) fn piece(m: &mut Machine, call: &Invocation) -> Flow {
    let (at, list) = (m.arg(call, 0), m.arg(call, 1));
    let mut words = [0; 5];
    for (word, bytes) in words.iter_mut().zip(m.take(at, 40)?.chunks(8)) {
        *word = bytes
            .iter()
            .rfold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    let [format_at, _, room, size, total] = words;
    let format = m.c_string(format_at)?;
    if format.is_empty() {
        return Ok(u64::MAX);
    }
    let percent = format.iter().position(|b| *b == b'%');
    let (text, length, next) = match percent.unwrap_or(format.len()) {
        0 => {
            let mut args = Arguments::of(m, list)?;
            let (spec, conversion, after) = parse(m, &format, 0, &mut args)?;
            let bytes = convert(m, &spec, conversion, &mut args, total)?;
            if bytes.len() as u64 > size {
                (0, bytes.len(), 0)
            } else {
                args.done(m)?;
                m.put(room, &bytes)?;
                (room, bytes.len(), after)
            }
        }
        literal => (format_at, literal, literal),
    };
    let words = [format_at + next as u64, text].map(u64::to_le_bytes);
    m.put(at, &words.concat())?;
    Ok(length as u64)
}

/// Reads the specification that begins at `start`; `*` takes its argument.
fn parse(
    m: &mut Machine,
    format: &[u8],
    start: usize,
    args: &mut Arguments,
) -> Step<(Spec, u8, usize)> {
    let mut i = start + 1;
    let mut spec = Spec {
        minus: false,
        plus: false,
        space: false,
        alternate: false,
        zero: false,
        width: 0,
        precision: None,
        length: Length::Int,
        text: String::new(),
    };
    let at = |i: usize| format.get(i).copied().unwrap_or(0);
    loop {
        match at(i) {
            b'-' => spec.minus = true,
            b'+' => spec.plus = true,
            b' ' => spec.space = true,
            b'#' => spec.alternate = true,
            b'0' => spec.zero = true,
            _ => break,
        }
        i += 1;
    }
    let digits = |mut i: usize| {
        let mut n = 0usize;
        while at(i).is_ascii_digit() {
            n = n
                .saturating_mul(10)
                .saturating_add(usize::from(at(i) - b'0'));
            i += 1;
        }
        (n, i)
    };
    if at(i) == b'*' {
        let width = integer(m, "*", Length::Int, args)? as i32;
        spec.minus |= width < 0;
        spec.width = width.unsigned_abs() as usize;
        i += 1;
    } else {
        (spec.width, i) = digits(i);
    }
    if at(i) == b'.' {
        if at(i + 1) == b'*' {
            let n = integer(m, ".*", Length::Int, args)? as i32;
            spec.precision = usize::try_from(n).ok();
            i += 2;
        } else {
            let (n, next) = digits(i + 1);
            spec.precision = Some(n);
            i = next;
        }
    }
    (spec.length, i) = match (at(i), at(i + 1)) {
        (b'h', b'h') => (Length::Char, i + 2),
        (b'h', _) => (Length::Short, i + 1),
        (b'l', b'l') => (Length::Long, i + 2),
        (b'l' | b'z' | b'j' | b't' | b'q', _) => (Length::Long, i + 1),
        // A long double has the values of a double.
        (b'L', _) => (Length::Int, i + 1),
        _ => (Length::Int, i),
    };
    if spec.width > MAX_OUTPUT || spec.precision.is_some_and(|p| p > MAX_OUTPUT) {
        return m.usage("more than 1 MiB for one conversion");
    }
    let end = (i + 1).min(format.len());
    spec.text = String::from_utf8_lossy(&format[start..end]).into_owned();
    Ok((spec, at(i), i + 1))
}

/// An integer argument, extended by its own sign.
fn integer(m: &Machine, spec: &str, length: Length, args: &mut Arguments) -> Step<u64> {
    let passed = args.for_conversion(m, spec)?;
    let long = length == Length::Long;
    match passed.kind {
        // The upper half of a register is what nobody promises: for a value that is not negative
        // it is zero in practice, else it is garbage.
        ArgKind::Int if long && (passed.value as i32) < 0 => wrong(m, spec, "a long", passed.kind),
        ArgKind::Int | ArgKind::UInt | ArgKind::Long | ArgKind::ULong => Ok(passed.value),
        ArgKind::Pointer if long => Ok(passed.value),
        ArgKind::Pointer | ArgKind::Double => {
            let wants = if long { "a long" } else { "an int" };
            wrong(m, spec, wants, passed.kind)
        }
    }
}

fn convert(
    m: &mut Machine,
    spec: &Spec,
    conversion: u8,
    args: &mut Arguments,
    total: u64,
) -> Step<Vec<u8>> {
    let text = spec.text.as_str();
    Ok(match conversion {
        b'%' => b"%".to_vec(),
        b'd' | b'i' => {
            let value = integer(m, text, spec.length, args)?;
            signed(spec, value)
        }
        b'u' | b'x' | b'X' | b'o' => {
            let value = integer(m, text, spec.length, args)?;
            unsigned(spec, conversion, value)
        }
        b'c' => {
            let value = integer(m, text, Length::Int, args)?;
            pad(spec, vec![value as u8])
        }
        b's' => {
            let passed = args.for_conversion(m, text)?;
            if passed.kind != ArgKind::Pointer {
                return wrong(m, text, "a pointer to a string", passed.kind);
            }
            pad(spec, string(m, spec, passed.value)?)
        }
        b'p' => {
            let passed = args.for_conversion(m, text)?;
            if matches!(passed.kind, ArgKind::Int | ArgKind::UInt | ArgKind::Double) {
                return wrong(m, text, "a pointer", passed.kind);
            }
            let shown = match passed.value {
                0 => "(nil)".to_owned(),
                value => format!("{value:#x}"),
            };
            pad(spec, shown.into_bytes())
        }
        b'n' => {
            let passed = args.for_conversion(m, text)?;
            if passed.kind != ArgKind::Pointer {
                return wrong(m, text, "a pointer", passed.kind);
            }
            let size = match spec.length {
                Length::Char => 1,
                Length::Short => 2,
                Length::Int => 4,
                Length::Long => 8,
            };
            m.put(passed.value, &total.to_le_bytes()[..size])?;
            Vec::new()
        }
        b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
            let passed = args.for_conversion(m, text)?;
            if passed.kind != ArgKind::Double {
                return wrong(m, text, "a double", passed.kind);
            }
            float(spec, conversion, f64::from_bits(passed.value))
        }
        b'm' => pad(spec, m.errno_text().into_bytes()),
        0 => return m.usage(&format!("the format ends inside `{text}`")),
        _ => return m.usage(&format!("`{text}` is not known here")),
    })
}

/// A string argument: reads no more of it than the precision allows.
fn string(m: &mut Machine, spec: &Spec, at: u64) -> Step<Vec<u8>> {
    if at == 0 {
        // glibc's courtesy, where there is room for it.
        let room = spec.precision.is_none_or(|p| p >= 6);
        return Ok(if room { b"(null)".to_vec() } else { Vec::new() });
    }
    let most = spec.precision.map_or(u64::MAX, |p| p as u64);
    match m.memory().string_within(at, most) {
        Ok(bytes) => {
            m.owe(bytes.len() as u64);
            Ok(bytes)
        }
        Err(bad) => m.access_fault(bad, at, 1, false),
    }
}

fn signed(spec: &Spec, value: u64) -> Vec<u8> {
    let value = match spec.length {
        Length::Char => i64::from(value as i8),
        Length::Short => i64::from(value as i16),
        Length::Int => i64::from(value as i32),
        Length::Long => value as i64,
    };
    let sign = match (value < 0, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    number(spec, sign, value.unsigned_abs().to_string(), value == 0)
}

fn unsigned(spec: &Spec, conversion: u8, value: u64) -> Vec<u8> {
    let value = match spec.length {
        Length::Char => u64::from(value as u8),
        Length::Short => u64::from(value as u16),
        Length::Int => u64::from(value as u32),
        Length::Long => value,
    };
    let (digits, prefix) = match conversion {
        b'x' => (format!("{value:x}"), "0x"),
        b'X' => (format!("{value:X}"), "0X"),
        b'o' => (format!("{value:o}"), ""),
        _ => (value.to_string(), ""),
    };
    let mut digits = digits;
    let prefix = if spec.alternate && value != 0 {
        prefix
    } else {
        ""
    };
    if spec.alternate
        && conversion == b'o'
        && !digits.starts_with('0')
        && spec.precision.is_none_or(|p| p <= digits.len())
    {
        digits.insert(0, '0');
    }
    let vanishes = value == 0 && !(spec.alternate && conversion == b'o');
    number(spec, prefix, digits, vanishes)
}

/// Digits with precision, sign or prefix, and width.
fn number(spec: &Spec, prefix: &str, mut digits: String, zero: bool) -> Vec<u8> {
    match spec.precision {
        Some(0) if zero => digits.clear(),
        Some(p) if digits.len() < p => digits.insert_str(0, &"0".repeat(p - digits.len())),
        _ => {}
    }
    let length = prefix.len() + digits.len();
    if spec.zero && !spec.minus && spec.precision.is_none() && length < spec.width {
        digits.insert_str(0, &"0".repeat(spec.width - length));
    }
    pad(spec, format!("{prefix}{digits}").into_bytes())
}

fn pad(spec: &Spec, mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() < spec.width {
        let fill = vec![b' '; spec.width - bytes.len()];
        if spec.minus {
            bytes.extend(fill);
        } else {
            bytes.splice(0..0, fill);
        }
    }
    bytes
}

fn float(spec: &Spec, conversion: u8, value: f64) -> Vec<u8> {
    let upper = conversion.is_ascii_uppercase();
    let sign = match (value.is_sign_negative(), spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let size = value.abs();
    if !size.is_finite() {
        let text = match (size.is_nan(), upper) {
            (true, false) => "nan",
            (true, true) => "NAN",
            (false, false) => "inf",
            (false, true) => "INF",
        };
        return pad(spec, format!("{sign}{text}").into_bytes());
    }
    let mut digits = match conversion.to_ascii_lowercase() {
        b'a' => hexadecimal(spec, size),
        lower => decimal(spec, lower, size),
    };
    if upper {
        digits.make_ascii_uppercase();
    }
    let length = sign.len() + digits.len();
    if spec.zero && !spec.minus && length < spec.width {
        let after = if matches!(conversion, b'a' | b'A') {
            2
        } else {
            0
        };
        digits.insert_str(after, &"0".repeat(spec.width - length));
    }
    pad(spec, format!("{sign}{digits}").into_bytes())
}

/// A finite number as `a` writes it.
fn hexadecimal(spec: &Spec, size: f64) -> String {
    let bits = size.to_bits();
    let (mut mantissa, power) = match (bits & ((1 << 52) - 1), bits >> 52) {
        (0, 0) => (0, 0),
        (fraction, 0) => (fraction, -1022),
        (fraction, power) => (fraction | 1 << 52, power as i32 - 1023),
    };
    let mut count = 13;
    match spec.precision {
        Some(p) if p < 13 => {
            // To the nearest, ties to even.
            let cut = 4 * (13 - p);
            let half = 1 << (cut - 1);
            mantissa += half - 1 + (mantissa >> cut & 1);
            mantissa = mantissa >> cut << cut;
            count = p;
        }
        Some(p) => count = p,
        None => {
            while count > 0 && mantissa >> (4 * (13 - count)) & 15 == 0 {
                count -= 1;
            }
        }
    }
    let mut digits = format!("{:013x}", mantissa & ((1 << 52) - 1));
    while digits.len() < count {
        digits.push('0');
    }
    let point = if count > 0 || spec.alternate { "." } else { "" };
    let (lead, digits) = (mantissa >> 52, &digits[..count]);
    format!("0x{lead}{point}{digits}p{power:+}")
}

/// A finite number as `f`, `e` or `g` writes it.
fn decimal(spec: &Spec, conversion: u8, size: f64) -> String {
    let mut precision = spec.precision.unwrap_or(6);
    let mut number = Decimal::exact(size);
    let mut scientific = conversion == b'e';
    match conversion {
        b'f' => number.round_after_point(precision),
        b'e' => number.round(precision as i64 + 1),
        _ => {
            // So many digits in all, the point where it is shorter.
            let digits = precision.max(1) as i64;
            number.round(digits);
            scientific = !(-4..digits).contains(&number.power());
            let before = if scientific { 0 } else { number.power() };
            precision = (digits - 1 - before) as usize;
        }
    }
    let power = number.power();
    if scientific {
        number.scientific();
    }
    let mut text = number.fixed(precision);
    if conversion == b'g' && !spec.alternate && precision > 0 {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if spec.alternate && precision == 0 {
        text.push('.');
    }
    if scientific {
        let sign = if power < 0 { '-' } else { '+' };
        text.push_str(&format!("e{sign}{:02}", power.abs()));
    }
    text
}
