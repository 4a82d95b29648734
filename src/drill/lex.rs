//! Script text to tokens.

/// A token with its line, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) line: u32,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// `--name=value`, as it stands.
    Option(String, String),
    /// Letters, digits and underscores that are no number.
    Word(String),
    Int(i64),
    Hex(i64),
    /// A number with a point, as it is written.
    Decimal(String),
    Text(Vec<u8>),
    /// In back-quotes.
    Command(String),
    /// In `%{` and `}%`.
    Code(String),
    Ellipsis,
    Symbol(char),
}

/// What cannot be read, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: u32,
    pub(super) what: String,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut lexer = Lexer {
        rest: text,
        line: 1,
        tokens: Vec::new(),
    };
    while lexer.next()? {}
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn push(&mut self, line: u32, kind: Kind) {
        self.tokens.push(Token { line, kind });
    }

    /// Takes so many bytes of the rest.
    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(len);
        self.line += taken.matches('\n').count() as u32;
        self.rest = rest;
        taken
    }

    /// Takes up to and with `end`, and gives what is before it.
    fn until(&mut self, end: &str, what: &str) -> Result<&'a str, Problem> {
        let Some(at) = self.rest.find(end) else {
            let what = format!("{what} without end");
            let line = self.line;
            return Err(Problem { line, what });
        };
        let taken = self.take(at);
        self.take(end.len());
        Ok(taken)
    }

    fn next(&mut self) -> Result<bool, Problem> {
        let line = self.line;
        let Some(first) = self.rest.chars().next() else {
            return Ok(false);
        };
        if first.is_ascii_whitespace() {
            self.take(1);
        } else if self.rest.starts_with("//") {
            let len = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take(len);
        } else if self.rest.starts_with("/*") {
            self.take(2);
            self.until("*/", "comment")?;
        } else if self.rest.starts_with("%{") {
            self.take(2);
            let code = self.until("}%", "code")?.to_owned();
            self.push(line, Kind::Code(code));
        } else if self.rest.starts_with("...") {
            self.take(3);
            self.push(line, Kind::Ellipsis);
        } else if self.rest.starts_with("--") {
            self.option();
        } else if first == '"' {
            self.take(1);
            let text = self.quoted('"', "string")?;
            self.push(line, Kind::Text(unescape(&text)));
        } else if first == '`' {
            self.take(1);
            let text = self.quoted('`', "command")?;
            self.push(line, Kind::Command(text));
        } else if !self.number_or_word()? {
            self.take(first.len_utf8());
            self.push(line, Kind::Symbol(first));
        }
        Ok(true)
    }

    /// `--name`, `--name=value`; a value in quotes may hold blanks.
    fn option(&mut self) {
        let line = self.line;
        let mut quote = None;
        let end = self.rest.find(|c: char| {
            if quote == Some(c) {
                quote = None;
            } else if quote.is_none() && matches!(c, '"' | '`') {
                quote = Some(c);
            }
            quote.is_none() && c.is_ascii_whitespace()
        });
        let text = self.take(end.unwrap_or(self.rest.len()));
        let (name, value) = text[2..].split_once('=').unwrap_or((&text[2..], ""));
        self.push(line, Kind::Option(name.to_owned(), value.to_owned()));
    }

    /// The text up to an unescaped quote.
    fn quoted(&mut self, quote: char, what: &str) -> Result<String, Problem> {
        let mut escaped = false;
        let end = self.rest.find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(end) = end else {
            let what = format!("{what} without end");
            let line = self.line;
            return Err(Problem { line, what });
        };
        let text = self.take(end).to_owned();
        self.take(1);
        Ok(text)
    }

    /// The longest of: a number with a point, a whole number, a hexadecimal one, a word.
    fn number_or_word(&mut self) -> Result<bool, Problem> {
        let line = self.line;
        let bytes = self.rest.as_bytes();
        let sign = usize::from(bytes[0] == b'-');
        let digits = |from: usize| {
            bytes[from..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count()
        };
        let whole = digits(sign);
        let point = sign + whole;
        let fraction = if bytes.get(point) == Some(&b'.') {
            digits(point + 1)
        } else {
            0
        };
        let word = bytes
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
            .count();
        if fraction > 0 {
            let text = self.take(point + 1 + fraction).to_owned();
            self.push(line, Kind::Decimal(text));
        } else if whole > 0 && word <= point {
            let text = self.take(point);
            let number = text.parse().map_err(|_| Problem {
                line,
                what: format!("the number {text}"),
            })?;
            self.push(line, Kind::Int(number));
        } else if word > 0 {
            let text = self.take(word);
            let hex = text
                .strip_prefix("0x")
                .and_then(|digits| u64::from_str_radix(digits, 16).ok());
            self.push(
                line,
                match hex {
                    Some(value) => Kind::Hex(value as i64),
                    None => Kind::Word(text.to_owned()),
                },
            );
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// C's escapes in a string.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut chars = text.bytes().peekable();
    while let Some(c) = chars.next() {
        if c != b'\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'0') => out.push(0),
            Some(b'x') => {
                let mut value = 0u8;
                for _ in 0..2 {
                    let digit = chars.peek().and_then(|c| char::from(*c).to_digit(16));
                    let Some(digit) = digit else { break };
                    value = value << 4 | digit as u8;
                    chars.next();
                }
                out.push(value);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let tokens = tokens(text).expect("lexes");
        tokens.into_iter().map(|t| t.kind).collect()
    }

    #[test]
    fn a_blocking_time_is_two_numbers_around_an_ellipsis() {
        let expected = vec![
            Kind::Symbol('+'),
            Kind::Decimal(".1".into()),
            Kind::Ellipsis,
            Kind::Decimal("0.200".into()),
        ];
        assert_eq!(kinds("+.1...0.200"), expected);
        let expected = vec![Kind::Int(0), Kind::Ellipsis, Kind::Decimal("0.3".into())];
        assert_eq!(kinds("0...0.3"), expected);
    }

    #[test]
    fn words_hexadecimal_and_comments() {
        let expected = vec![
            Kind::Word("wscale".into()),
            Kind::Int(-1),
            Kind::Hex(255),
            Kind::Word("1a2b".into()),
            Kind::Symbol('.'),
        ];
        assert_eq!(kinds("wscale -1 0xff // x\n 1a2b /* y\n*/ ."), expected);
    }

    #[test]
    fn commands_and_code_keep_their_lines() {
        let tokens = tokens("\n`a\nb`\n%{ assert x }%").expect("lexes");
        assert_eq!(tokens[0].line, 2);
        assert_eq!(tokens[1].line, 4);
        assert_eq!(tokens[1].kind, Kind::Code(" assert x ".into()));
    }

    #[test]
    fn an_open_quote_is_a_problem_at_its_line() {
        assert_eq!(tokens("\n`x").expect_err("no end").line, 2);
    }
}
