//! The part of the C library that is C itself: what needs the machine no more than any C program does.
//!
//! A file comes into a program if the program names something that the file defines, and of the file only what is
//! reached. What the program defines itself wins, as with a linker, but what the library calls inside stays the
//! library's. These files alone see the built-in functions whose names begin with `__sockscope_`.
//!
//! The files that are needed are one translation unit: what is static has a name of its own in all of them.
//!
//! A definition begins on a line of its own, without indentation, which ends in `{` (a function) or names an object
//! and ends in `;`, `{` or `=`: so its name is found without parsing the file.

use std::collections::BTreeSet;

macro_rules! library {
    ($($file:literal,)*) => {
        /// The files: name and text.
        pub(crate) const FILES: &[(&str, &str)] = &[$(($file, include_str!($file)),)*];
    };
}

library! {
    "argument.c",
    "character.c",
    "decimal.c",
    "environment.c",
    "exec.c",
    "exit.c",
    "hosts.c",
    "inet.c",
    "interface.c",
    "lock.c",
    "math.c",
    "memory.c",
    "message.c",
    "number.c",
    "options.c",
    "print.c",
    "process.c",
    "random.c",
    "real.c",
    "scan.c",
    "semaphore.c",
    "services.c",
    "signal.c",
    "sort.c",
    "stdio.c",
    "string.c",
    "system.c",
    "thread.c",
    "time.c",
    "whole.c",
}

/// What begins the names of functions that only the library may call.
pub(crate) const INTERNAL: &str = "__sockscope_";

/// The function of the library that main's end calls.
pub(crate) const EXIT: &str = "__sockscope_exit";

/// The functions and variables with external linkage that a file defines.
pub(crate) fn definitions(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter_map(definition)
}

/// The words of a text: what it names is among them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// What a file says at its outermost level: a directive, a comment, a declaration or a definition.
struct Item {
    text: &'static str,
    /// The name with external linkage that it defines.
    external: Option<&'static str>,
    /// The names for which it is needed; what is needed always has none.
    gives: Vec<&'static str>,
    needed: bool,
}

/// The text of a definition begins without indentation and ends with a line that ends in `;` or `}`, when all braces
/// are closed.
fn items(text: &'static str) -> Vec<Item> {
    let (mut items, mut start, mut end, mut depth) = (Vec::new(), 0, 0, 0);
    for line in text.split_inclusive('\n') {
        end += line.len();
        let whole = &text[start..end];
        depth += line.matches('{').count();
        depth = depth.saturating_sub(line.matches('}').count());
        let (first, last) = (whole.trim_start(), line.trim_end());
        let closed = match first.as_bytes() {
            [b'#', ..] => !last.ends_with('\\'),
            [b'/', b'*', ..] => last.ends_with("*/"),
            _ => depth == 0 && last.ends_with([';', '}']),
        };
        if closed || first.is_empty() {
            items.push(item(whole));
            (start, depth) = (end, 0);
        }
    }
    items
}

fn item(text: &'static str) -> Item {
    let plain = text.trim_start();
    let external = plain.lines().next().and_then(definition);
    let head = &plain[..plain.find(['{', '=']).unwrap_or(plain.len())];
    let mut heads = words(head).filter(|word| !word.is_empty());
    let types = [
        "static", "const", "struct", "union", "char", "int", "long", "short", "unsigned", "double",
        "void", "FILE", "size_t",
    ];
    let gives = match (heads.next(), head.find('(')) {
        _ if plain.starts_with("/*") => Vec::new(),
        (Some("define"), _) if plain.starts_with('#') => heads.take(1).collect(),
        _ if plain.starts_with('#') => Vec::new(),
        (Some("typedef" | "extern"), _) => Vec::new(),
        (_, Some(open)) if plain.contains('{') => words(&head[..open]).last().into_iter().collect(),
        (Some("struct" | "union" | "enum"), None) | (_, Some(_)) => Vec::new(),
        _ => words(head)
            .filter(|word| !word.is_empty() && !types.contains(word))
            .collect(),
    };
    Item {
        text,
        external,
        needed: gives.is_empty(),
        gives,
    }
}

/// The file that a program with floating-point numbers does without, and the one that all others do without: they define
/// the same.
const WITHOUT: [&str; 2] = ["whole.c", "real.c"];

/// What of the files is reached from definitions of which `wanted` says that they are: as one text. With `reals` the
/// program may have floating-point numbers; `whole` takes what is not reached, too.
pub(crate) fn reached(mut wanted: impl FnMut(&str) -> bool, reals: bool, whole: bool) -> String {
    let without = WITHOUT[usize::from(!reals)];
    let files = FILES.iter().filter(|(name, _)| *name != without);
    let mut files: Vec<Vec<Item>> = files.map(|(_, text)| items(text)).collect();
    let mut everywhere = BTreeSet::new();
    let external = files.iter().flatten().filter_map(|item| item.external);
    everywhere.extend(external.filter(|name| wanted(name)));
    // What is static is named in its file alone.
    let mut inside = vec![BTreeSet::new(); files.len()];
    let mut again = true;
    while std::mem::take(&mut again) {
        for (items, inside) in files.iter_mut().zip(&mut inside) {
            for item in items.iter_mut().filter(|item| !item.needed) {
                let mut names = item.gives.iter().chain(&item.external);
                let outside = item.external.is_some_and(|name| everywhere.contains(name));
                if whole || outside || names.any(|name| inside.contains(name)) {
                    item.needed = true;
                    inside.extend(words(item.text));
                    everywhere.extend(words(item.text));
                    again = true;
                }
            }
        }
    }
    let used = |items: &&Vec<Item>| {
        items
            .iter()
            .any(|item| item.needed && !item.gives.is_empty())
    };
    let texts = files.iter().filter(used).flatten();
    let texts = texts.filter(|item| item.needed);
    texts.map(|item| item.text).collect()
}

fn definition(line: &'static str) -> Option<&'static str> {
    let letter = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let first = line.split([' ', '*']).next()?;
    let other = ["static", "typedef", "extern"];
    if !first.bytes().next().as_ref().is_some_and(letter) || other.contains(&first) {
        return None;
    }
    let tag = ["struct", "union", "enum"].contains(&first);
    let head = match (line.find('('), line.find([';', '=', '['])) {
        (Some(open), _) if line.ends_with('{') => &line[..open],
        (None, Some(end)) if line.contains(' ') && !tag => line[..end].trim_end(),
        _ => return None,
    };
    let start = head.bytes().rposition(|b| !letter(&b))? + 1;
    (start < head.len()).then(|| &head[start..])
}

/// The file that defines a function or variable of that name.
#[cfg(test)]
pub(crate) fn home(name: &str) -> Option<usize> {
    let defines = |text| definitions(text).any(|own| own == name);
    FILES.iter().position(|(_, text)| defines(text))
}

/// Every function or variable that a program may name.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let all = FILES.iter().flat_map(|(_, text)| definitions(text));
    all.filter(|name| !name.starts_with("__"))
}

#[cfg(test)]
mod tests {
    use super::reached;

    #[test]
    fn only_a_program_with_floating_point_numbers_reaches_what_prints_and_reads_them() {
        for name in ["printf", "scanf"] {
            let of = |reals| reached(|wanted| wanted == name, reals, false);
            assert!(of(true).contains("big_multiply"), "{name}");
            assert!(!of(false).contains("big_multiply"), "{name}");
        }
    }
}
