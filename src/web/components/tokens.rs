//! C source in pieces for colouring: keywords, strings, comments, calls, numbers. Nothing is rejected here; what
//! a program means is the C machine's business.

/// What a piece of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Names, operators, blanks.
    Plain,
    Keyword,
    Text,
    Number,
    Comment,
    /// A name before an opening parenthesis.
    Call,
    Directive,
}

impl Class {
    /// The CSS class; `None` for what is not coloured.
    pub(crate) fn css(self) -> Option<&'static str> {
        match self {
            Class::Plain => None,
            Class::Keyword => Some("tk-keyword"),
            Class::Text => Some("tk-text"),
            Class::Number => Some("tk-number"),
            Class::Comment => Some("tk-comment"),
            Class::Call => Some("tk-call"),
            Class::Directive => Some("tk-directive"),
        }
    }
}

const KEYWORDS: &[&str] = &[
    "auto",
    "break",
    "case",
    "char",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extern",
    "float",
    "for",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "register",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "struct",
    "switch",
    "typedef",
    "union",
    "unsigned",
    "void",
    "volatile",
    "while",
    "ssize_t",
    "size_t",
    "socklen_t",
    "NULL",
];

/// The pieces of every line.
pub(crate) fn lines(source: &str) -> Vec<Vec<(Class, &str)>> {
    let mut in_comment = false;
    let mut lines = Vec::new();
    for line in source.lines() {
        lines.push(pieces(line, &mut in_comment));
    }
    lines
}

fn pieces<'a>(line: &'a str, in_comment: &mut bool) -> Vec<(Class, &'a str)> {
    let mut found: Vec<(Class, &str)> = Vec::new();
    let mut rest = line;
    if !*in_comment && line.trim_start().starts_with('#') {
        return directive(line);
    }
    while !rest.is_empty() {
        let (class, length) = first_piece(rest, in_comment);
        found.push((class, &rest[..length]));
        rest = &rest[length..];
    }
    found
}

/// `#include <stdio.h>`: the word, and the rest as text.
fn directive(line: &str) -> Vec<(Class, &str)> {
    let word = line.trim_start().trim_start_matches('#').trim_start();
    let before = line.len() - word.len();
    let end = before + run(word, |c| c.is_ascii_alphabetic());
    let (head, tail) = line.split_at(end);
    let class = if head.ends_with("include") {
        Class::Text
    } else {
        Class::Plain
    };
    vec![(Class::Directive, head), (class, tail)]
}

/// The class and the length in bytes, at least one character, of what `rest` begins with.
fn first_piece(rest: &str, in_comment: &mut bool) -> (Class, usize) {
    if *in_comment || rest.starts_with("/*") {
        let from = if *in_comment { 0 } else { 2 };
        let mut pairs = rest.as_bytes()[from..].windows(2);
        return match pairs.position(|pair| pair == b"*/") {
            Some(at) => {
                *in_comment = false;
                (Class::Comment, from + at + 2)
            }
            None => {
                *in_comment = true;
                (Class::Comment, rest.len())
            }
        };
    }
    if rest.starts_with("//") {
        return (Class::Comment, rest.len());
    }
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '"' | '\'' => (Class::Text, quoted(rest, first)),
        '0'..='9' => (
            Class::Number,
            run(rest, |c| c.is_ascii_alphanumeric() || c == '.'),
        ),
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = run(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            let name = &rest[..length];
            if KEYWORDS.contains(&name) {
                (Class::Keyword, length)
            } else if rest[length..].trim_start().starts_with('(') {
                (Class::Call, length)
            } else {
                (Class::Plain, length)
            }
        }
        _ => {
            // At least the first character, which may be a lone slash.
            let length = first.len_utf8();
            let between =
                |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '"' | '\'' | '/');
            (Class::Plain, length + run(&rest[length..], between))
        }
    }
}

/// How many bytes of a text belong together.
fn run(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}
