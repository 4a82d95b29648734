//! Source text, places in it, and what is said about them.

use std::rc::Rc;

/// One file of a program: its name as `#include` and diagnostics say it, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The name, with `/` between folders.
    pub name: String,
    /// The whole text.
    pub text: Rc<str>,
}

/// A place in a source: bytes `start..end` of the file with that index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Index into the files of the compilation.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program cannot be run, or cannot go on.
    Error,
    /// It runs, but probably not as meant.
    Warning,
}

/// A second place that belongs to a diagnostic, and what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One problem of a program: what, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What, in one sentence without a full stop.
    pub message: String,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

/// A position as editors count it: lines from 1, columns in characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (not bytes), from 1.
    pub column: u32,
}

/// The most characters of a line that a message quotes.
const MAX_QUOTED: usize = 160;

/// The longest source file that is taken, in bytes.
pub const MAX_FILE: usize = 4 << 20;

/// The name of a file that `asking` calls `wanted`: its path as seen from there, without `.` and, where that is
/// possible, without `..`.
///
/// ```
/// use sockscope::program::source::beside;
/// assert_eq!(beside("server/main.c", "../lib/./net.h"), "lib/net.h");
/// assert_eq!(beside("main.c", "../config.h"), "../config.h");
/// ```
pub fn beside(asking: &str, wanted: &str) -> String {
    let folder = asking.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(wanted.split('/')) {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            (part, _) => parts.push(part),
        }
    }
    parts.join("/")
}

/// What stands in quotes behind `#include` in a text, in order. Lines that a condition leaves out count as well.
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
pub(crate) fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let directive = line.trim_start().strip_prefix('#')?.trim_start();
        let wanted = directive.strip_prefix("include")?.trim_start();
        let (name, _) = wanted.strip_prefix('"')?.split_once('"')?;
        Some(name).filter(|name| !name.is_empty())
    })
}

impl SourceFile {
    /// A file from text.
    pub fn new(name: impl Into<String>, text: impl Into<Rc<str>>) -> SourceFile {
        SourceFile {
            name: name.into(),
            text: text.into(),
        }
    }

    /// A file from bytes. Bytes that are no UTF-8 are an error that names the first of them; the
    /// span counts in the text up to there, and `file` is the index that the file would have had.
    pub fn from_bytes(
        name: impl Into<String>,
        file: u32,
        bytes: Vec<u8>,
    ) -> Result<SourceFile, Box<Diagnostic>> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(SourceFile::new(name, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let line = 1 + bytes[..at].iter().filter(|b| **b == b'\n').count();
                let span = Span::new(file, at as u32, at as u32 + 1);
                Err(Box::new(
                    Diagnostic::error(
                        span,
                        format!(
                            "{}: byte {:#04x} on line {line} is not UTF-8 text",
                            name.into(),
                            bytes[at]
                        ),
                    )
                    .help("save the file as UTF-8"),
                ))
            }
        }
    }

    /// Line and column of a byte offset; beyond the end counts as the end.
    ///
    /// ```
    /// use sockscope::program::SourceFile;
    /// let file = SourceFile::new("a.c", "int x;\n/* 포트 */ int y;\n");
    /// let at = file.position(file.text.find("int y").unwrap() as u32);
    /// assert_eq!((at.line, at.column), (2, 10)); // characters, not bytes
    /// ```
    pub fn position(&self, offset: u32) -> Position {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        Position {
            line: 1 + before.bytes().filter(|b| *b == b'\n').count() as u32,
            column: 1 + before[start..].chars().count() as u32,
        }
    }

    /// The text of a line (from 1), without its end; empty beyond the last.
    pub fn line(&self, line: u32) -> &str {
        self.text
            .lines()
            .nth(line.saturating_sub(1) as usize)
            .unwrap_or("")
    }

    /// Writes where a span begins: `file:line:column: `.
    fn push_place(&self, span: Span, out: &mut String) {
        let at = self.position(span.start);
        out.push_str(&self.name);
        for number in [at.line, at.column] {
            out.push(':');
            out.push_str(&number.to_string());
        }
        out.push_str(": ");
    }

    /// Writes the line where a span begins, and marks under it what of the span is on it.
    fn push_quoted(&self, span: Span, out: &mut String) {
        let at = self.position(span.start);
        let (whole, column) = (self.line(at.line), at.column as usize - 1);
        // Of an overlong line the part around the place.
        let skip = match whole.chars().count() > MAX_QUOTED {
            true => (column + 1).saturating_sub(MAX_QUOTED / 2),
            false => 0,
        };
        let (mut line, mut pad, mut left) = (String::new(), String::new(), 0);
        for (i, c) in whole.chars().enumerate() {
            if i < skip || i >= skip + MAX_QUOTED {
                continue;
            }
            line.push(c);
            if i >= column {
                left += 1;
            } else {
                pad.push(if c == '\t' { '\t' } else { ' ' });
            }
        }
        let marked = self.slice(span).lines().next().unwrap_or(" ");
        for _ in 0..marked.chars().count().clamp(1, left.max(1)) {
            pad.push('^');
        }
        for text in [&line, &pad] {
            out.push_str("    ");
            out.push_str(text);
            out.push('\n');
        }
    }

    /// The text of a span; empty if it is not inside this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }
}

impl Span {
    /// Bytes `start..end` of that file.
    pub fn new(file: u32, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }

    /// From the start of this to the end of `other`; this alone if they are in different files.
    pub fn to(self, other: Span) -> Span {
        if self.file == other.file && other.end >= self.start {
            Span::new(self.file, self.start, other.end)
        } else {
            self
        }
    }
}

impl Diagnostic {
    /// An error there.
    pub fn error(span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            span,
            message: message.into(),
            labels: Vec::new(),
            help: None,
        }
    }

    /// A warning there.
    pub fn warning(span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(span, message)
        }
    }

    /// The same with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same with one more place.
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// `file:line:column: error: message`, the line quoted and marked, and the help: plain text.
    pub fn render(&self, files: &[SourceFile]) -> String {
        let mut out = String::new();
        let file = files.get(self.span.file as usize);
        if let Some(file) = file {
            file.push_place(self.span, &mut out);
        }
        out.push_str(match self.severity {
            Severity::Error => "error: ",
            Severity::Warning => "warning: ",
        });
        out.push_str(&self.message);
        out.push('\n');
        if let Some(file) = file {
            file.push_quoted(self.span, &mut out);
        }
        for label in &self.labels {
            if let Some(file) = files.get(label.span.file as usize) {
                out.push_str("  ");
                file.push_place(label.span, &mut out);
                out.push_str(&label.message);
                out.push('\n');
            }
        }
        if let Some(help) = &self.help {
            out.push_str("  help: ");
            out.push_str(help);
            out.push('\n');
        }
        out
    }
}

/// The candidate nearest to a misspelt name, if one is near enough to be meant.
///
/// ```
/// use sockscope::program::source::nearest;
/// assert_eq!(nearest("conect", ["accept", "connect"].into_iter()), Some("connect"));
/// assert_eq!(nearest("frobnicate", ["accept", "connect"].into_iter()), None);
/// ```
pub fn nearest<'a>(name: &str, mut candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(name, &mut candidates)
}

/// One copy for all iterators.
#[inline(never)]
fn nearest_of<'a>(name: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let limit = 1 + name.len() / 4;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len() > 64 {
            continue;
        }
        let distance = edit_distance(name.as_bytes(), candidate.as_bytes());
        let near = distance <= limit && distance < candidate.len();
        if near && best.is_none_or(|best| (distance, candidate) < best) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let width = b.len() + 1;
    let mut rows = vec![0; width * (a.len() + 1)];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            let cost = if i == 0 || j == 0 {
                i + j
            } else {
                let differ = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (rows[(i - 1) * width + j] + 1)
                    .min(rows[i * width + j - 1] + 1)
                    .min(rows[(i - 1) * width + j - 1] + differ);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[(i - 2) * width + j - 2] + 1);
                }
                best
            };
            rows[i * width + j] = cost;
        }
    }
    rows[width * a.len() + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_utf8_names_byte_and_line() {
        let error = SourceFile::from_bytes("x.c", 0, b"int x;\n\xff".to_vec()).unwrap_err();
        assert!(error.message.contains("0xff on line 2"), "{error:?}");
    }

    #[test]
    fn positions_count_characters_and_survive_any_offset() {
        let file = SourceFile::new("a.c", "가나\n다");
        for offset in 0..20 {
            let at = file.position(offset);
            assert!(at.line <= 2 && at.column <= 3);
        }
        assert_eq!(file.position(3).column, 2);
    }

    #[test]
    fn rendering_quotes_and_marks() {
        let file = SourceFile::new("a.c", "\tfoo(1);\n");
        let d = Diagnostic::error(Span::new(0, 1, 4), "no function foo").help("declare it");
        assert_eq!(
            d.render(&[file]),
            "a.c:1:2: error: no function foo\n    \tfoo(1);\n    \t^^^\n  help: declare it\n"
        );
    }
}
