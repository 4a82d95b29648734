//! Directives: `#include`, `#define`, `#if` and the others (C11 6.10.1 to 6.10.6).

use super::*;
use crate::program::c::token::P;
use crate::program::source::{beside, nearest};

const DIRECTIVES: [&str; 17] = [
    "include",
    "define",
    "undef",
    "if",
    "ifdef",
    "ifndef",
    "elif",
    "elifdef",
    "elifndef",
    "else",
    "endif",
    "error",
    "warning",
    "pragma",
    "line",
    "ident",
    "include_next",
];

impl Preprocessor<'_> {
    /// Carries out the directive whose `#` has just been read.
    pub(super) fn directive(&mut self, hash: Token) {
        let line = self.rest_of_line();
        let Some(name) = line.first().copied() else {
            return;
        };
        let rest = &line[1..];
        let word = self.names.shared(name.sym);
        match word.as_ref() {
            "include" | "include_next" => self.include(name, rest),
            "define" => self.define(name, rest),
            "undef" => match rest.first() {
                Some(target) if target.kind == Tok::Ident => {
                    self.macros.set(target.sym, None);
                }
                _ => self.error(name.span, "#undef needs the name of a macro"),
            },
            "if" => {
                let yes = self.condition(name, rest);
                self.begin_group(hash, yes);
            }
            "ifdef" | "ifndef" => {
                let defined = match rest.first() {
                    Some(target) if target.kind == Tok::Ident => self.is_defined(target.sym),
                    _ => {
                        self.error(name.span, format!("#{word} needs the name of a macro"));
                        false
                    }
                };
                self.begin_group(hash, defined == (word.as_ref() == "ifdef"));
            }
            "elif" | "elifdef" | "elifndef" | "else" => self.next_group(name, &word),
            "endif" => {
                if self
                    .readings
                    .last_mut()
                    .is_none_or(|r| r.groups.pop().is_none())
                {
                    self.error(name.span, "#endif without #if");
                }
            }
            "error" | "warning" => {
                let text: Vec<&str> = rest.iter().map(|t| self.names.name(t.sym)).collect();
                let message = format!("#{word} {}", text.join(" "));
                let span = rest.last().map_or(name.span, |t| name.span.to(t.span));
                self.forget(span.start, span.end);
                self.problems.push(match word.as_ref() {
                    "error" => Diagnostic::error(span, message),
                    _ => Diagnostic::warning(span, message),
                });
            }
            "pragma" => self.pragma(name, rest),
            "line" => self.line(name, rest),
            // What `gcc -E` leaves of a `#line`.
            _ if name.kind == Tok::Num => self.line(name, &line),
            // A comment for the object file.
            "ident" | "sccs" => {}
            _ => {
                let mut problem =
                    Diagnostic::error(name.span, format!("there is no directive #{word}"));
                if let Some(near) = nearest(&word, DIRECTIVES.into_iter()) {
                    problem = problem.help(format!("did you mean #{near}?"));
                }
                self.problems.push(problem);
            }
        }
    }

    pub(super) fn is_defined(&self, name: Sym) -> bool {
        self.macros.get(name).is_some()
            || matches!(
                self.names.name(name),
                "__FILE__"
                    | "__LINE__"
                    | "__BASE_FILE__"
                    | "__INCLUDE_LEVEL__"
                    | "__COUNTER__"
                    | "__DATE__"
                    | "__TIME__"
                    | "__TIMESTAMP__"
                    | "_Pragma"
                    | "__has_include"
                    | "__has_include_next"
                    | "__has_attribute"
                    | "__has_c_attribute"
                    | "__has_builtin"
            )
    }

    /// `#line number "file"`: what `__LINE__` and `__FILE__` say from the next line on. Messages keep
    /// to the real lines.
    fn line(&mut self, name: Token, line: &[Token]) {
        let expanded = self.expand_list(line);
        let number = expanded.first().filter(|t| t.kind == Tok::Num);
        let Some(number) = number.and_then(|t| self.names.name(t.sym).parse::<u32>().ok()) else {
            self.error(name.span, "#line needs a number");
            return;
        };
        let own = expanded.get(1).filter(|t| t.kind == Tok::Str);
        let own = own.map(|t| self.names.name(t.sym).trim_matches('"').to_owned());
        let file = name.span.file;
        let end = line.last().map_or(name.span.end, |t| t.span.end);
        let text = &self.files[file as usize];
        let next = i64::from(text.position(end).line) + 1;
        let before = self.renumbered.iter().rev().find(|r| r.file == file);
        let called = own.or_else(|| before.and_then(|r| r.name.clone()));
        self.renumbered.push(Renumbered {
            file,
            from: end,
            by: i64::from(number) - next,
            name: called,
        });
    }

    // ---- #if ----

    fn begin_group(&mut self, hash: Token, yes: bool) {
        if let Some(reading) = self.readings.last_mut() {
            reading.groups.push(Group {
                at: hash.span,
                taken: yes,
                last: false,
            });
        }
        if !yes {
            self.skip_group();
        }
    }

    /// At `#elif` or `#else` after a branch that was taken: the rest is skipped.
    fn next_group(&mut self, name: Token, word: &str) {
        match self.readings.last_mut().and_then(|r| r.groups.last_mut()) {
            None => self.error(name.span, format!("#{word} without #if")),
            Some(group) if group.last => {
                self.error(name.span, format!("#{word} after #else"));
            }
            Some(group) => {
                group.last = word == "else";
                self.skip_group();
            }
        }
    }

    /// Skips lines until a branch of the innermost `#if` is to be taken, or its `#endif`.
    fn skip_group(&mut self) {
        let from = self.here().start;
        self.skip_lines();
        self.forget(from, self.here().start);
    }

    fn skip_lines(&mut self) {
        let mut depth = 0u32;
        loop {
            let Some(reading) = self.readings.last_mut() else {
                return;
            };
            let token = reading.tokens[reading.next];
            if token.kind == Tok::Eof {
                return;
            }
            reading.next += 1;
            if !(token.first && token.is(P::Hash)) {
                continue;
            }
            let line = self.rest_of_line();
            let Some(name) = line.first().copied() else {
                continue;
            };
            match self.names.shared(name.sym).as_ref() {
                "if" | "ifdef" | "ifndef" => depth += 1,
                "endif" if depth > 0 => depth -= 1,
                "endif" => {
                    if let Some(reading) = self.readings.last_mut() {
                        reading.groups.pop();
                    }
                    return;
                }
                word @ ("elif" | "elifdef" | "elifndef" | "else")
                    if depth == 0 && self.branch(name, word, &line[1..]) =>
                {
                    return;
                }
                _ => {}
            }
        }
    }

    /// Whether the branch that begins here is taken.
    fn branch(&mut self, name: Token, word: &str, condition: &[Token]) -> bool {
        let Some(group) = self.readings.last_mut().and_then(|r| r.groups.last_mut()) else {
            return true;
        };
        if group.last {
            self.error(name.span, format!("#{word} after #else"));
            return false;
        }
        group.last = word == "else";
        if group.taken {
            return false;
        }
        let yes = match word {
            "else" => true,
            "elif" => self.condition(name, condition),
            _ => {
                let target = condition.first().filter(|t| t.kind == Tok::Ident);
                let defined = target.is_some_and(|t| self.is_defined(t.sym));
                defined == (word == "elifdef")
            }
        };
        if let Some(group) = self.readings.last_mut().and_then(|r| r.groups.last_mut()) {
            group.taken = yes;
        }
        yes
    }

    // ---- #define ----

    fn define(&mut self, name: Token, line: &[Token]) {
        let Some(target) = line.first().filter(|t| t.kind == Tok::Ident).copied() else {
            self.error(name.span, "#define needs a name");
            return;
        };
        let function_like = line.get(1).is_some_and(|t| t.is(P::LParen) && !t.space);
        let (params, variadic, body) = if function_like {
            match self.parameters(target, &line[2..]) {
                Some((params, variadic, used)) => (Some(params), variadic, &line[2 + used..]),
                None => return,
            }
        } else {
            (None, false, &line[1..])
        };
        let at = line.last().map_or(target.span, |t| target.span.to(t.span));
        let definition = Macro {
            params,
            variadic,
            body: body.to_vec(),
            at,
        };
        for end in [definition.body.first(), definition.body.last()] {
            if end.is_some_and(|t| t.is(P::HashHash)) {
                self.error(target.span, "## cannot stand at an end of a macro");
                return;
            }
        }
        if let Some(old) = self.find_macro(target.sym).cloned() {
            let same = old.params == definition.params
                && old.body.len() == definition.body.len()
                && old
                    .body
                    .iter()
                    .zip(&definition.body)
                    .all(|(a, b)| a.sym == b.sym);
            if !same {
                let text = self.names.name(target.sym);
                self.problems.push(
                    Diagnostic::warning(target.span, format!("macro `{text}` is defined anew"))
                        .label(old.at, "the definition before"),
                );
            }
        }
        self.set_macro(target.sym, definition);
    }

    /// The parameter list, whether it is variadic and how many tokens it took.
    fn parameters(&mut self, target: Token, line: &[Token]) -> Option<(Vec<Sym>, bool, usize)> {
        let (mut params, mut i) = (Vec::new(), 0);
        if line.first().is_some_and(|t| t.is(P::RParen)) {
            return Some((params, false, 1));
        }
        loop {
            let mut variadic = false;
            match line.get(i).map(|t| (t.kind, t.sym)) {
                Some((Tok::Ident, sym)) => {
                    params.push(sym);
                    i += 1;
                    if line.get(i).is_some_and(|t| t.is(P::Dots)) {
                        variadic = true;
                        i += 1;
                    }
                }
                Some((Tok::P(P::Dots), _)) => {
                    params.push(self.names.sym("__VA_ARGS__"));
                    variadic = true;
                    i += 1;
                }
                _ => break,
            }
            match line.get(i).map(|t| t.kind) {
                Some(Tok::P(P::RParen)) => return Some((params, variadic, i + 1)),
                Some(Tok::P(P::Comma)) if !variadic => i += 1,
                _ => break,
            }
        }
        self.error(target.span, "the parameter list of this macro is malformed");
        None
    }

    // ---- #include, #pragma ----

    fn include(&mut self, name: Token, line: &[Token]) {
        let expanded;
        let line = match line.first() {
            Some(t) if t.kind == Tok::Ident => {
                expanded = self.expand_list(line);
                expanded.as_slice()
            }
            _ => line,
        };
        let span = line.last().map_or(name.span, |t| line[0].span.to(t.span));
        let Some((system, wanted)) = self.header_name(line) else {
            self.error(name.span, "#include needs <header> or \"file\"");
            return;
        };
        if self.readings.len() >= MAX_INCLUDES {
            self.stop(span, "files include each other more than 64 deep");
            return;
        }
        if !system && let Some(file) = self.own_file(&wanted) {
            if !self.once.contains(&file) {
                self.own.push(file);
                self.open(file);
            }
        } else if let Some(text) = headers::text(&wanted) {
            self.system_header(&wanted, text);
        } else {
            self.unknown_header(span, &wanted, system);
        }
    }

    /// A file of the program: beside the file that asks for it, or by its whole name.
    pub(super) fn own_file(&self, wanted: &str) -> Option<u32> {
        let asking = self.readings.last().map_or(0, |r| r.file) as usize;
        let is = |name: &str| {
            let found = self.files.iter().position(|f| f.name == name)?;
            (!self.files[found].name.starts_with('<')).then_some(found as u32)
        };
        is(&beside(&self.files[asking].name, wanted)).or_else(|| is(&beside("", wanted)))
    }

    fn system_header(&mut self, name: &str, text: &'static str) {
        if self.included.iter().any(|n| n == name) {
            return;
        }
        self.included.push(name.to_owned());
        let shown = format!("<{name}>");
        let file = match self.files.iter().position(|f| f.name == shown) {
            Some(file) => file,
            None => {
                self.files.push(SourceFile::new(shown, text));
                self.files.len() - 1
            }
        };
        self.open(file as u32);
    }

    fn unknown_header(&mut self, span: Span, wanted: &str, system: bool) {
        let mut problem = if system {
            let what = match headers::missing::has_header(wanted) {
                true => "is on Linux, but not here",
                false => "is not known here",
            };
            Diagnostic::error(span, format!("the header <{wanted}> {what}"))
        } else {
            Diagnostic::error(
                span,
                format!("there is no file \"{wanted}\" in this program"),
            )
        };
        let own = self.files.iter().map(|f| f.name.as_str());
        let near = if system {
            nearest(wanted, headers::names())
        } else {
            nearest(wanted, own.filter(|n| !n.starts_with('<')))
        };
        if let Some(near) = near {
            problem = problem.help(match system {
                true => format!("did you mean <{near}>?"),
                false => format!("did you mean \"{near}\"?"),
            });
        } else if system {
            let all: Vec<&str> = headers::names().collect();
            problem = problem.help(format!("known are {}", all.join(", ")));
        }
        self.problems.push(problem);
    }

    fn pragma(&mut self, name: Token, line: &[Token]) {
        let words: Vec<&str> = line.iter().map(|t| self.names.name(t.sym)).collect();
        match words.as_slice() {
            // Only in the headers that come with Sockscope: the numbers stand in `abi::constants`.
            ["sockscope", "constants", groups @ ..] => {
                let groups: Vec<String> = groups.iter().map(|g| (*g).to_owned()).collect();
                for group in groups {
                    for (name, value) in headers::constants(&group) {
                        let unsigned = if value < 0 {
                            [&(value as u32).to_string(), "U"].concat()
                        } else {
                            value.to_string()
                        };
                        self.predefine(name, &unsigned);
                    }
                }
            }
            ["once", ..] => {
                if let Some(reading) = self.readings.last() {
                    self.once.push(reading.file);
                }
            }
            ["pack", "(", words @ .., ")"] => {
                let now = self.packs.last().map_or(0, |p| p.1);
                match pack(words, now, &mut self.pack_stack) {
                    Some(value) => self.packs.push((self.made, value)),
                    None => self.error(
                        name.span,
                        "#pragma pack takes 1, 2, 4, 8 or 16, push or pop",
                    ),
                }
            }
            // C11 6.10.6: a pragma that is not known is ignored.
            _ => {}
        }
    }

    /// `_Pragma("…")`, whose name has just been read: the directive inside the string.
    pub(super) fn pragma_operator(&mut self, token: Token) {
        let inside = self.operand_in_parentheses();
        match inside.get(1).filter(|t| t.kind == Tok::Str) {
            Some(string) => {
                let text = self.names.name(string.sym);
                let text = text[1..text.len() - 1].replace("\\\"", "\"");
                let mut line = lex(token.span.file, &text, self.names, self.problems);
                line.pop();
                self.pragma(token, &line);
            }
            None => self.error(token.span, "_Pragma needs a string in parentheses"),
        }
    }
}

/// What `#pragma pack` with those words makes of the value before; 0 is none.
fn pack(words: &[&str], now: u8, stack: &mut Vec<u8>) -> Option<u8> {
    let value = |word: &str| {
        word.parse()
            .ok()
            .filter(|n| [0, 1, 2, 4, 8, 16].contains(n))
    };
    match words {
        [] => Some(0),
        ["push"] => {
            stack.push(now);
            Some(now)
        }
        ["push", ",", rest @ ..] => {
            stack.push(now);
            let last = rest.last()?;
            Some(value(last).unwrap_or(now))
        }
        ["pop", ..] => Some(stack.pop().unwrap_or(0)),
        [n] => value(n),
        _ => None,
    }
}
