//! Text into preprocessing tokens (C11 5.1.1.2, phases 2 and 3).

use super::token::{Interner, P, Sym, Tok, Token};
use crate::program::{Diagnostic, Span};

/// All tokens of a text; an `Eof` ends them. Problems go to `problems`; the rest is still lexed.
pub(crate) fn lex(
    file: u32,
    text: &str,
    names: &mut Interner,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Token> {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        text,
        at: 0,
        file,
        names,
        problems,
        spelling: Vec::new(),
    };
    let mut tokens = Vec::new();
    let mut first = true;
    loop {
        let (newline, space) = lexer.skip_space();
        first |= newline;
        let token = lexer.token(first, space || newline);
        tokens.push(token);
        if token.kind == Tok::Eof {
            return tokens;
        }
        first = false;
    }
}

/// Other spellings of punctuators (C11 6.4.6), longest first.
const DIGRAPHS: &[(&str, P)] = &[
    ("%:%:", P::HashHash),
    ("%:", P::Hash),
    ("<:", P::LBracket),
    (":>", P::RBracket),
    ("<%", P::LBrace),
    ("%>", P::RBrace),
];

struct Lexer<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    file: u32,
    names: &'a mut Interner,
    problems: &'a mut Vec<Diagnostic>,
    /// The token being read, without line continuations.
    spelling: Vec<u8>,
}

impl Lexer<'_> {
    /// Steps over backslash-newline: to the rest of the compiler those never existed.
    fn splice(&mut self) {
        while self.bytes.get(self.at) == Some(&b'\\') {
            let mut end = self.at + 1;
            while matches!(self.bytes.get(end), Some(b' ' | b'\t' | b'\r')) {
                end += 1;
            }
            if self.bytes.get(end) != Some(&b'\n') {
                return;
            }
            self.at = end + 1;
        }
    }

    fn peek(&mut self) -> u8 {
        self.splice();
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn at_end(&mut self) -> bool {
        self.splice();
        self.at >= self.bytes.len()
    }

    /// The byte after the next one.
    fn peek2(&mut self) -> u8 {
        self.splice();
        let saved = self.at;
        self.at += 1;
        let byte = self.peek();
        self.at = saved;
        byte
    }

    fn bump(&mut self) {
        let byte = self.peek();
        self.spelling.push(byte);
        self.at += 1;
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(
            self.file,
            start as u32,
            self.at.min(self.bytes.len()) as u32,
        )
    }

    /// White space and comments. Says whether a line ended and whether there was any.
    fn skip_space(&mut self) -> (bool, bool) {
        let (mut newline, begin) = (false, self.at);
        while !self.at_end() {
            match self.peek() {
                b'\n' => {
                    newline = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'/' if self.peek2() == b'/' => {
                    while !self.at_end() && self.peek() != b'\n' {
                        self.at += 1;
                    }
                }
                b'/' if self.peek2() == b'*' => self.block_comment(),
                _ => break,
            }
        }
        (newline, self.at != begin)
    }

    fn block_comment(&mut self) {
        let start = self.at;
        self.peek2();
        self.at += 1;
        self.peek();
        self.at += 1;
        loop {
            if self.at_end() {
                let span = Span::new(self.file, start as u32, start as u32 + 2);
                self.problems.push(
                    Diagnostic::error(span, "this comment never ends").help("close it with */"),
                );
                return;
            }
            if self.peek() == b'*' && self.peek2() == b'/' {
                self.at += 1;
                self.peek();
                self.at += 1;
                return;
            }
            self.at += 1;
        }
    }

    fn token(&mut self, first: bool, space: bool) -> Token {
        self.splice();
        self.spelling.clear();
        let start = self.at;
        let kind = if self.at_end() {
            Tok::Eof
        } else {
            self.kind(start)
        };
        let span = self.span_from(start);
        let sym = self.intern();
        Token {
            kind,
            sym,
            span,
            first,
            space,
            painted: false,
        }
    }

    fn intern(&mut self) -> Sym {
        // A continuation inside a multi-byte character is the only way to get invalid text here.
        let text = String::from_utf8_lossy(&self.spelling);
        self.names.sym(&text)
    }

    fn kind(&mut self, start: usize) -> Tok {
        let byte = self.peek();
        match byte {
            b'L' | b'u' | b'U' if matches!(self.peek2(), b'"' | b'\'') => {
                self.bump();
                let quote = self.peek();
                self.quoted(quote, start)
            }
            b'u' if self.starts_with(b"u8\"") => {
                self.bump();
                self.bump();
                self.quoted(b'"', start)
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => {
                self.word();
                Tok::Ident
            }
            b'0'..=b'9' => {
                self.number();
                Tok::Num
            }
            b'.' if self.peek2().is_ascii_digit() => {
                self.number();
                Tok::Num
            }
            b'"' | b'\'' => self.quoted(byte, start),
            0x80.. => self.non_ascii(start),
            _ => self.punct(start),
        }
    }

    fn word(&mut self) {
        while matches!(self.peek(), b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'0'..=b'9' | 0x80..)
            && !self.at_end()
        {
            self.bump();
        }
    }

    fn number(&mut self) {
        loop {
            match self.peek() {
                b'e' | b'E' | b'p' | b'P' if matches!(self.peek2(), b'+' | b'-') => {
                    self.bump();
                    self.bump();
                }
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.' => self.bump(),
                _ => return,
            }
        }
    }

    fn quoted(&mut self, quote: u8, start: usize) -> Tok {
        self.bump();
        loop {
            if self.at_end() || self.peek() == b'\n' {
                let what = if quote == b'"' {
                    "string"
                } else {
                    "character constant"
                };
                let span = self.span_from(start);
                self.problems.push(
                    Diagnostic::error(span, format!("this {what} does not end on its line"))
                        .help(format!("close it with {}", quote as char)),
                );
                self.spelling.push(quote);
                break;
            }
            let byte = self.peek();
            self.bump();
            if byte == quote {
                break;
            }
            if byte == b'\\' && !self.at_end() && self.peek() != b'\n' {
                self.bump();
            }
        }
        if quote == b'"' { Tok::Str } else { Tok::Char }
    }

    /// Letters of other scripts may stand in names (C11 6.4.2.1); anything else is no token.
    fn non_ascii(&mut self, start: usize) -> Tok {
        let c = self.text[self.at..].chars().next().unwrap_or('\u{fffd}');
        if c.is_alphabetic() {
            self.word();
            return Tok::Ident;
        }
        for _ in 0..c.len_utf8() {
            self.bump();
        }
        let span = self.span_from(start);
        self.problems.push(
            Diagnostic::error(span, format!("C has no use for the character `{c}`"))
                .help("it may have come along with a copy from a web page"),
        );
        Tok::Other
    }

    fn punct(&mut self, start: usize) -> Tok {
        for (text, p) in DIGRAPHS {
            if self.starts_with(text.as_bytes()) {
                for _ in 0..text.len() {
                    self.bump();
                }
                return Tok::P(*p);
            }
        }
        for (text, p) in P::ALL {
            if self.starts_with(text.as_bytes()) {
                for _ in 0..text.len() {
                    self.bump();
                }
                return Tok::P(*p);
            }
        }
        let byte = self.peek();
        self.bump();
        let span = self.span_from(start);
        // Inside a macro's text or a skipped group a stray backslash is harmless; elsewhere the
        // parser stumbles over it. What no source should hold is said here.
        if byte != b'\\' && byte != b'@' && byte != b'`' {
            self.problems.push(Diagnostic::error(
                span,
                format!("C has no use for the byte {byte:#04x}"),
            ));
        }
        Tok::Other
    }

    fn starts_with(&mut self, text: &[u8]) -> bool {
        let saved = self.at;
        let mut same = true;
        for byte in text {
            if self.peek() != *byte {
                same = false;
                break;
            }
            self.at += 1;
        }
        self.at = saved;
        same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(text: &str) -> (Vec<String>, usize) {
        let (mut names, mut problems) = (Interner::default(), Vec::new());
        let tokens = lex(0, text, &mut names, &mut problems);
        let words = tokens
            .iter()
            .map(|t| names.name(t.sym).to_owned())
            .collect();
        (words, problems.len())
    }

    #[test]
    fn longest_match_and_continuations() {
        let (words, problems) =
            spellings("a+++b /*x*/ >>=\\\n 0x1p-3 fo\\\no \"가\\\"\" '\\n' // e");
        let expected = [
            "a",
            "++",
            "+",
            "b",
            ">>=",
            "0x1p-3",
            "foo",
            "\"가\\\"\"",
            "'\\n'",
            "",
        ];
        assert_eq!((words, problems), (expected.map(String::from).to_vec(), 0));
    }

    #[test]
    fn what_never_ends_is_named_once() {
        for text in ["\"abc\nint", "'a\n", "/* x", "\u{201c}"] {
            assert_eq!(spellings(text).1, 1, "{text}");
        }
    }
}
