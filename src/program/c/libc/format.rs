//! printf's format strings.

use super::{Passed, Step};
use crate::program::c::decimal::Decimal;
use crate::program::c::ir::ArgKind;
use crate::program::c::machine::Machine;

/// The most bytes that one call may print.
const MAX_OUTPUT: usize = 1 << 20;

/// The arguments still to be printed.
pub(super) struct Arguments {
    list: Vec<Passed>,
    next: usize,
}

impl Arguments {
    pub(super) fn new(list: Vec<Passed>) -> Arguments {
        Arguments { list, next: 0 }
    }
}

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

pub(super) fn kind_text(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Int => "int",
        ArgKind::UInt => "unsigned int",
        ArgKind::Long => "long",
        ArgKind::ULong => "unsigned long",
        ArgKind::Double => "double",
        ArgKind::Pointer => "pointer",
    }
}

fn article(kind: ArgKind) -> String {
    let text = kind_text(kind);
    let article = if text.starts_with(['i', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {text}")
}

/// What the call prints, in the pieces in which glibc hands them to the stream.
pub(super) fn format(
    m: &mut Machine,
    name: &str,
    format: &[u8],
    mut args: Arguments,
) -> Step<Vec<Vec<u8>>> {
    let mut pieces = Vec::new();
    let (mut total, mut i) = (0, 0);
    while i < format.len() {
        let end = format[i..]
            .iter()
            .position(|b| *b == b'%')
            .map_or(format.len(), |n| i + n);
        if end > i {
            pieces.push(format[i..end].to_vec());
            total += end - i;
            i = end;
            continue;
        }
        let (spec, conversion, after) = parse(m, name, format, i, &mut args)?;
        i = after;
        let piece = convert(m, name, &spec, conversion, &mut args)?;
        total += piece.len();
        if total > MAX_OUTPUT {
            return m.usage(&format!("{name}() of more than 1 MiB"));
        }
        pieces.push(piece);
    }
    Ok(pieces)
}

/// Reads the specification that begins at `start`; `*` takes its argument.
fn parse(
    m: &mut Machine,
    name: &str,
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
        let width = integer(m, name, "*", Length::Int, args)? as i32;
        spec.minus |= width < 0;
        spec.width = width.unsigned_abs() as usize;
        i += 1;
    } else {
        (spec.width, i) = digits(i);
    }
    if at(i) == b'.' {
        if at(i + 1) == b'*' {
            let n = integer(m, name, ".*", Length::Int, args)? as i32;
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
        return m.usage(&format!("{name}() of more than 1 MiB"));
    }
    let end = (i + 1).min(format.len());
    spec.text = String::from_utf8_lossy(&format[start..end]).into_owned();
    Ok((spec, at(i), i + 1))
}

fn next(m: &Machine, name: &str, spec: &str, args: &mut Arguments) -> Step<Passed> {
    match args.list.get(args.next) {
        Some(passed) => {
            args.next += 1;
            Ok(*passed)
        }
        None => m.usage(&format!(
            "{name}(): `{spec}` has no argument: only {} passed after the format",
            match args.list.len() {
                0 => "none is".to_owned(),
                1 => "one is".to_owned(),
                n => format!("{n} are"),
            }
        )),
    }
}

fn wrong<T>(m: &Machine, name: &str, spec: &str, wants: &str, has: ArgKind) -> Step<T> {
    m.usage(&format!(
        "{name}(): `{spec}` wants {wants}, but {} is passed",
        article(has)
    ))
}

/// An integer argument, extended by its own sign.
fn integer(m: &Machine, name: &str, spec: &str, length: Length, args: &mut Arguments) -> Step<u64> {
    let passed = next(m, name, spec, args)?;
    let long = length == Length::Long;
    match passed.kind {
        // The upper half of a register is what nobody promises: for a value that is not negative
        // it is zero in practice, else it is garbage.
        ArgKind::Int if long && (passed.value as i32) < 0 => {
            wrong(m, name, spec, "a long", passed.kind)
        }
        ArgKind::Int | ArgKind::UInt | ArgKind::Long | ArgKind::ULong => Ok(passed.value),
        ArgKind::Pointer if long => Ok(passed.value),
        ArgKind::Pointer | ArgKind::Double => {
            let wants = if long { "a long" } else { "an int" };
            wrong(m, name, spec, wants, passed.kind)
        }
    }
}

fn convert(
    m: &mut Machine,
    name: &str,
    spec: &Spec,
    conversion: u8,
    args: &mut Arguments,
) -> Step<Vec<u8>> {
    let text = spec.text.as_str();
    Ok(match conversion {
        b'%' => b"%".to_vec(),
        b'd' | b'i' => {
            let value = integer(m, name, text, spec.length, args)?;
            signed(spec, value)
        }
        b'u' | b'x' | b'X' | b'o' => {
            let value = integer(m, name, text, spec.length, args)?;
            unsigned(spec, conversion, value)
        }
        b'c' => {
            let value = integer(m, name, text, Length::Int, args)?;
            pad(spec, vec![value as u8])
        }
        b's' => {
            let passed = next(m, name, text, args)?;
            if passed.kind != ArgKind::Pointer {
                return wrong(m, name, text, "a pointer to a string", passed.kind);
            }
            pad(spec, string(m, spec, passed.value)?)
        }
        b'p' => {
            let passed = next(m, name, text, args)?;
            if matches!(passed.kind, ArgKind::Int | ArgKind::UInt | ArgKind::Double) {
                return wrong(m, name, text, "a pointer", passed.kind);
            }
            let shown = match passed.value {
                0 => "(nil)".to_owned(),
                value => format!("{value:#x}"),
            };
            pad(spec, shown.into_bytes())
        }
        b'f' | b'F' | b'e' | b'E' | b'g' | b'G' => {
            let passed = next(m, name, text, args)?;
            if passed.kind != ArgKind::Double {
                return wrong(m, name, text, "a double", passed.kind);
            }
            float(spec, conversion, f64::from_bits(passed.value))
        }
        b'm' => pad(spec, m.errno_text().into_bytes()),
        0 => return m.usage(&format!("{name}(): the format ends inside `{text}`")),
        _ => return m.usage(&format!("{name}(): `{text}` is not known here")),
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
    let mut digits = decimal(spec, conversion.to_ascii_lowercase(), size);
    if upper {
        digits.make_ascii_uppercase();
    }
    let length = sign.len() + digits.len();
    if spec.zero && !spec.minus && length < spec.width {
        digits.insert_str(0, &"0".repeat(spec.width - length));
    }
    pad(spec, format!("{sign}{digits}").into_bytes())
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
