//! Tokens to a script: options, times, system calls. Packets are in [`super::parse_packet`].

use super::lex::{self, Kind, Problem, Token};
use super::parse_packet;
use super::script::{Action, Call, Event, Expr, Field, Micros, Script, When};

/// Reads a script.
pub(super) fn script(text: &str) -> Result<Script, Problem> {
    let mut parser = Parser {
        tokens: lex::tokens(text)?,
        at: 0,
    };
    let mut script = Script::default();
    while let Some(Kind::Option(name, value)) = parser.peek().cloned() {
        let line = parser.line();
        script.options.push((line, name, value));
        parser.at += 1;
    }
    if let Some(Kind::Command(command)) = parser.peek().cloned() {
        script.init = Some((parser.line(), command));
        parser.at += 1;
    }
    while parser.peek().is_some() {
        if let Some(Kind::Command(_)) = parser.peek() {
            // The clean-up command: this host ends with the script.
            parser.at += 1;
            if parser.peek().is_some() {
                return Err(parser.problem("an event after the command that cleans up"));
            }
            break;
        }
        script.events.push(parser.event()?);
    }
    Ok(script)
}

/// A place in the tokens.
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> Option<&Kind> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|t| &t.kind)
    }

    /// The line of the next token, or of the last.
    pub(super) fn line(&self) -> u32 {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(1, |t| t.line)
    }

    pub(super) fn problem(&self, what: impl Into<String>) -> Problem {
        let (line, what) = (self.line(), what.into());
        Problem { line, what }
    }

    /// Says that something else was expected than what comes next.
    pub(super) fn expected<T>(&self, what: &str) -> Result<T, Problem> {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Kind::Symbol(c)) => format!("'{c}'"),
            Some(Kind::Word(w)) => w.clone(),
            Some(Kind::Int(n) | Kind::Hex(n)) => n.to_string(),
            Some(Kind::Decimal(d)) => d.clone(),
            Some(Kind::Ellipsis) => "...".to_owned(),
            Some(Kind::Text(_)) => "a string".to_owned(),
            Some(Kind::Command(_)) => "a command".to_owned(),
            Some(Kind::Code(_)) => "code".to_owned(),
            Some(Kind::Option(name, _)) => format!("--{name}"),
        };
        Err(self.problem(format!("syntax: {what} expected, {found} found")))
    }

    pub(super) fn next(&mut self) -> Option<Kind> {
        let kind = self.peek().cloned();
        self.at += usize::from(kind.is_some());
        kind
    }

    pub(super) fn take_symbol(&mut self, symbol: char) -> bool {
        let found = self.peek() == Some(&Kind::Symbol(symbol));
        self.at += usize::from(found);
        found
    }

    pub(super) fn symbol(&mut self, symbol: char) -> Result<(), Problem> {
        if self.take_symbol(symbol) {
            Ok(())
        } else {
            self.expected(&format!("'{symbol}'"))
        }
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Kind::Word(w)) if w == word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn word(&mut self, what: &str) -> Result<String, Problem> {
        match self.peek().cloned() {
            Some(Kind::Word(word)) => {
                self.at += 1;
                Ok(word)
            }
            _ => self.expected(what),
        }
    }

    /// A whole number within `T`.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, what: &str) -> Result<T, Problem> {
        match self.peek() {
            Some(Kind::Int(n) | Kind::Hex(n)) => match T::try_from(*n) {
                Ok(number) => {
                    self.at += 1;
                    Ok(number)
                }
                Err(_) => Err(self.problem(format!("{what} out of range: {n}"))),
            },
            _ => self.expected(what),
        }
    }

    fn event(&mut self) -> Result<Event, Problem> {
        let line = self.line();
        let when = self.when()?;
        let action = self.action()?;
        let outbound = matches!(action, Action::Outbound(_));
        let ranged = matches!(when, When::Any | When::Between(..) | When::AfterBetween(..));
        if ranged && !outbound {
            let what = "a range of times for something that is no outbound packet".to_owned();
            return Err(Problem { line, what });
        }
        Ok(Event { line, when, action })
    }

    fn when(&mut self) -> Result<When, Problem> {
        if self.take_symbol('*') {
            return Ok(When::Any);
        }
        let relative = self.take_symbol('+');
        let from = self.time()?;
        if !self.take_symbol('~') {
            return Ok(if relative {
                When::After(from)
            } else {
                When::At(from)
            });
        }
        if relative {
            self.symbol('+')?;
        }
        let to = self.time()?;
        if to < from {
            return Err(self.problem("a range of times that goes backwards"));
        }
        Ok(if relative {
            When::AfterBetween(from, to)
        } else {
            When::Between(from, to)
        })
    }

    /// Seconds, to microseconds.
    fn time(&mut self) -> Result<Micros, Problem> {
        const SECOND: Micros = 1_000_000;
        let micros = match self.peek() {
            Some(Kind::Int(seconds)) => seconds.checked_mul(SECOND),
            Some(Kind::Decimal(text)) => decimal(text),
            _ => return self.expected("a time"),
        };
        match micros {
            Some(micros) if micros >= 0 => {
                self.at += 1;
                Ok(micros)
            }
            _ => Err(self.problem("a time out of range")),
        }
    }

    fn action(&mut self) -> Result<Action, Problem> {
        match self.peek().cloned() {
            Some(Kind::Symbol('<')) => {
                self.at += 1;
                Ok(Action::Inbound(parse_packet::wire(self)?))
            }
            Some(Kind::Symbol('>')) => {
                self.at += 1;
                Ok(Action::Outbound(parse_packet::wire(self)?))
            }
            Some(Kind::Command(command)) => {
                self.at += 1;
                Ok(Action::Command(command))
            }
            Some(Kind::Code(code)) => {
                self.at += 1;
                Ok(Action::Code(code))
            }
            Some(Kind::Word(_) | Kind::Ellipsis) => Ok(Action::Call(self.call()?)),
            _ => self.expected("a packet, a system call, a command or code"),
        }
    }

    fn call(&mut self) -> Result<Call, Problem> {
        let end = match self.peek() {
            Some(Kind::Ellipsis) => {
                self.at += 1;
                Some(self.time()?)
            }
            _ => None,
        };
        let name = self.word("a system call")?;
        self.symbol('(')?;
        let args = self.list(')')?;
        self.symbol('=')?;
        let result = self.expression()?;
        let errno = match self.peek() {
            Some(Kind::Word(word)) if word.starts_with('E') => {
                let errno = word.clone();
                self.at += 1;
                Some(errno)
            }
            _ => None,
        };
        if self.take_symbol('(') {
            self.note()?;
        }
        Ok(Call {
            end,
            name,
            args,
            result,
            errno,
        })
    }

    /// What stands in parentheses behind a result is for people.
    fn note(&mut self) -> Result<(), Problem> {
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                Some(Kind::Symbol('(')) => depth += 1,
                Some(Kind::Symbol(')')) => depth -= 1,
                Some(_) => {}
                None => return self.expected("')'"),
            }
        }
        Ok(())
    }

    /// Expressions up to and with `end`.
    fn list(&mut self, end: char) -> Result<Vec<Expr>, Problem> {
        let mut list = Vec::new();
        if self.take_symbol(end) {
            return Ok(list);
        }
        loop {
            list.push(self.expression()?);
            if self.take_symbol(end) {
                return Ok(list);
            }
            self.symbol(',')?;
        }
    }

    fn expression(&mut self) -> Result<Expr, Problem> {
        let mut left = self.operand()?;
        while self.take_symbol('|') {
            left = Expr::Or(Box::new(left), Box::new(self.operand()?));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, Problem> {
        let Some(kind) = self.peek().cloned() else {
            return self.expected("an argument");
        };
        let expr = match kind {
            Kind::Ellipsis => Expr::Ellipsis,
            Kind::Int(n) | Kind::Hex(n) => Expr::Int(n),
            Kind::Text(mut text) => {
                self.at += 1;
                while let Some(Kind::Text(more)) = self.peek() {
                    text.extend_from_slice(more);
                    self.at += 1;
                }
                // `"abc"...`: how it begins.
                self.at += usize::from(self.peek() == Some(&Kind::Ellipsis));
                return Ok(Expr::Text(text));
            }
            Kind::Word(name) => {
                self.at += 1;
                return Ok(if self.take_symbol('(') {
                    Expr::Apply(name, self.list(')')?)
                } else {
                    Expr::Word(name)
                });
            }
            Kind::Symbol('[') => {
                self.at += 1;
                return Ok(Expr::List(self.list(']')?));
            }
            Kind::Symbol('{') => {
                self.at += 1;
                return Ok(Expr::Struct(self.fields()?));
            }
            Kind::Symbol(_)
            | Kind::Option(..)
            | Kind::Decimal(_)
            | Kind::Command(_)
            | Kind::Code(_) => return self.expected("an argument"),
        };
        self.at += 1;
        Ok(expr)
    }

    /// `a, name=b, name(n)=c}`
    fn fields(&mut self) -> Result<Vec<Field>, Problem> {
        let mut fields = Vec::new();
        loop {
            let mut value = self.expression()?;
            let mut name = String::new();
            if self.take_symbol('=') {
                name = match value {
                    Expr::Word(name) | Expr::Apply(name, _) => name,
                    _ => return self.expected("a member's name before '='"),
                };
                value = self.expression()?;
            }
            fields.push(Field { name, value });
            if self.take_symbol('}') {
                return Ok(fields);
            }
            self.symbol(',')?;
        }
    }
}

/// Seconds with a point, to microseconds; what is finer is cut off.
fn decimal(text: &str) -> Option<Micros> {
    let (whole, fraction) = text.split_once('.')?;
    let seconds: Micros = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros: Micros = digits.parse().ok()?;
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

#[cfg(test)]
mod tests {
    use super::super::script::{Tcp, TcpOption, Wire};
    use super::*;

    #[test]
    fn a_script_of_every_kind_of_event() {
        let text = "--tolerance_usecs=10000\n`../common/defaults.sh`\n\
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n\
            +.1...0.2 connect(3, ..., ...) = -1 ECONNREFUSED (Connection refused)\n\
            +0~+.01 > S 0:0(0) <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 8>\n\
            * > R. 0:0(0) ack 1 win 0 <...>\n\
            0.5 %{ assert tcpi_state == 1 }%\n`/tmp/restore.sh`";
        let script = script(text).expect("parses");
        assert_eq!(
            script.options,
            [(1, "tolerance_usecs".into(), "10000".into())]
        );
        assert_eq!(script.init, Some((2, "../common/defaults.sh".into())));
        assert_eq!(script.events.len(), 5);
        assert_eq!(script.events[2].when, When::AfterBetween(0, 10_000));
        let Action::Outbound(Wire::Tcp(syn)) = &script.events[2].action else {
            panic!("a segment");
        };
        let options = syn.options.as_ref().expect("options");
        assert_eq!(options[2], TcpOption::Timestamps(1, 0));
        let reset = Action::Outbound(Wire::Tcp(Tcp {
            flags: 0x14,
            ack: 1,
            window: Some(0),
            options: None,
            ..Tcp::default()
        }));
        assert_eq!(script.events[3].action, reset);
        let Action::Call(connect) = &script.events[1].action else {
            panic!("a call");
        };
        assert_eq!(connect.end, Some(200_000));
        assert_eq!(connect.errno.as_deref(), Some("ECONNREFUSED"));
    }

    #[test]
    fn structs_and_lists_as_arguments() {
        let text = "0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 2000}], msg_flags=0}, MSG_PEEK|MSG_TRUNC) = 2000";
        let script = script(text).expect("parses");
        let Action::Call(call) = &script.events[0].action else {
            panic!("a call");
        };
        let Expr::Struct(fields) = &call.args[1] else {
            panic!("a struct");
        };
        let names: Vec<_> = fields.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["msg_name", "msg_iov", "msg_flags"]);
        assert!(matches!(call.args[2], Expr::Or(..)));
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let problem = script("0 socket(...) = 3\n+0 > S 0:5(4)").expect_err("no");
        assert_eq!(problem.line, 2);
    }
}
