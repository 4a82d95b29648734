//! Numbers as people read them, and texts with marks in them.

use crate::web::el::{El, el};

/// `21 µs`, `1.50 s`: three digits, none after the point that say nothing.
pub(crate) fn duration(nanoseconds: u64) -> String {
    match nanoseconds {
        0 => "0 s".into(),
        1..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => scaled(nanoseconds, 1_000, "µs"),
        1_000_000..1_000_000_000 => scaled(nanoseconds, 1_000_000, "ms"),
        _ => scaled(nanoseconds, 1_000_000_000, "s"),
    }
}

fn scaled(value: u64, unit: u64, name: &str) -> String {
    // To the nearest: 59.999 s are a minute.
    let step = match value / unit {
        100.. => unit,
        10.. => unit / 10,
        _ => unit / 100,
    };
    let steps = (value + step / 2) / step;
    let (whole, rest) = (steps * step / unit, steps % (unit / step));
    match (rest, unit / step) {
        (0, _) => format!("{whole} {name}"),
        (_, 10) => format!("{whole}.{rest} {name}"),
        _ => format!("{whole}.{rest:02} {name}"),
    }
}

/// `14 B`, `128 KiB`.
pub(crate) fn octets(count: u32) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} KiB", count / 1024),
        _ => format!("{} MiB", count / (1024 * 1024)),
    }
}

/// `28,232`.
pub(crate) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut said = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// Goes on with a list of things that stand apart.
pub(crate) fn list_on(list: &mut String, apart: &str, thing: &str) {
    if !list.is_empty() {
        list.push_str(apart);
    }
    list.push_str(thing);
}

/// How a part of a text is set.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Set {
    Plain,
    Strong,
    Code,
}

/// The parts of a text with `**strong**` and `` `code` ``.
pub(crate) fn parts(text: &str) -> Vec<(Set, &str)> {
    let mut parts = Vec::new();
    let (mut set, mut begin, mut at) = (Set::Plain, 0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let next = match (set, rest[0]) {
            (Set::Code, b'`') => Some((Set::Plain, 1)),
            (Set::Plain, b'`') => Some((Set::Code, 1)),
            (Set::Strong, _) if rest.starts_with(b"**") => Some((Set::Plain, 2)),
            (Set::Plain, _) if rest.starts_with(b"**") => Some((Set::Strong, 2)),
            _ => None,
        };
        match next {
            Some((next, len)) => {
                parts.push((set, &text[begin..at]));
                (set, begin) = (next, at + len);
                at = begin;
            }
            None => at += 1,
        }
    }
    parts.push((set, &text[begin..]));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

/// A text as an element.
pub(crate) fn rich(tag: &'static str, text: &str) -> El {
    let parts = parts(text).into_iter().enumerate();
    el(tag).list(parts.map(|(at, (set, part))| {
        let tag = match set {
            Set::Plain => "span",
            Set::Strong => "b",
            Set::Code => "code",
        };
        el(tag).key(at).child(part)
    }))
}
