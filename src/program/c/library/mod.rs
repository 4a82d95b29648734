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

macro_rules! library {
    ($($file:literal,)*) => {
        /// The files: name and text.
        pub(crate) const FILES: &[(&str, &str)] = &[$(($file, include_str!($file)),)*];
    };
}

library! {
    "character.c",
    "environment.c",
    "exec.c",
    "exit.c",
    "hosts.c",
    "inet.c",
    "interface.c",
    "lock.c",
    "math.c",
    "message.c",
    "number.c",
    "options.c",
    "print.c",
    "process.c",
    "random.c",
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
}

/// What begins the names of functions that only the library may call.
pub(crate) const INTERNAL: &str = "__sockscope_";

/// The function of the library that main's end calls.
pub(crate) const EXIT: &str = "__sockscope_exit";

/// The functions and variables with external linkage that a file defines.
pub(crate) fn definitions(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter_map(definition)
}

/// The words of a file: what it names is among them.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
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
