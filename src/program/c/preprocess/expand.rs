//! Macro expansion (C11 6.10.3).

use super::*;
use crate::program::c::token::P;

impl Preprocessor<'_> {
    /// The next token after macro expansion.
    pub(super) fn expanded(&mut self) -> Token {
        loop {
            let mut token = self.next();
            if token.kind != Tok::Ident || token.painted {
                return token;
            }
            if let Some(token) = self.builtin_macro(token) {
                return token;
            }
            if self.in_condition
                && let Some(token) = self.condition_word(token)
            {
                return token;
            }
            if self.names.name(token.sym) == "_Pragma" {
                self.pragma_operator(token);
                continue;
            }
            let Some(definition) = self.find_macro(token.sym).cloned() else {
                return token;
            };
            if self.busy.get(token.sym).is_some_and(|n| n > 0) {
                token.painted = true;
                return token;
            }
            if !self.expand(token, &definition) {
                return token;
            }
        }
    }

    /// Expands every macro in a list of tokens by itself.
    pub(super) fn expand_list(&mut self, tokens: &[Token]) -> Vec<Token> {
        if self.argument_depth >= MAX_ARGUMENT_DEPTH {
            let span = tokens.first().map_or_else(|| self.here(), |t| t.span);
            self.stop(
                span,
                "macro calls are nested more than 64 deep in their arguments",
            );
            return Vec::new();
        }
        self.argument_depth += 1;
        let contexts = std::mem::take(&mut self.contexts);
        let closed = std::mem::replace(&mut self.closed, true);
        self.push(tokens.to_vec(), None);
        let mut out = Vec::new();
        loop {
            let token = self.expanded();
            if token.kind == Tok::Eof {
                break;
            }
            out.push(token);
        }
        while !self.contexts.is_empty() {
            self.pop_context();
        }
        self.contexts = contexts;
        self.closed = closed;
        self.argument_depth -= 1;
        out
    }

    fn push(&mut self, tokens: Vec<Token>, from: Option<Sym>) {
        if let Some(name) = from {
            let count = self.busy.get(name).unwrap_or(0);
            self.busy.set(name, Some(count + 1));
        }
        self.contexts.push(Context {
            tokens: tokens.into(),
            next: 0,
            from,
        });
    }

    /// `__FILE__` and its like, whose value depends on the place.
    fn builtin_macro(&mut self, mut token: Token) -> Option<Token> {
        let file = token.span.file as usize;
        let renumbered = self
            .renumbered
            .iter()
            .rfind(|r| r.file == token.span.file && r.from <= token.span.start);
        let quoted = |name: &str| {
            let text = name.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{text}\"")
        };
        let (kind, text) = match self.names.name(token.sym) {
            "__FILE__" => {
                let own = self.files.get(file).map_or("", |f| f.name.as_str());
                let given = renumbered.and_then(|r| r.name.as_deref());
                (Tok::Str, quoted(given.unwrap_or(own)))
            }
            "__BASE_FILE__" => {
                let first = self.readings.first().map_or(0, |r| r.file as usize);
                let own = self.files.get(first).map_or("", |f| f.name.as_str());
                (Tok::Str, quoted(own))
            }
            "__LINE__" => {
                let line = self
                    .files
                    .get(file)
                    .map_or(0, |f| f.position(token.span.start).line);
                let line = i64::from(line) + renumbered.map_or(0, |r| r.by);
                (Tok::Num, line.to_string())
            }
            "__INCLUDE_LEVEL__" => {
                let level = self.readings.len().saturating_sub(1);
                (Tok::Num, level.to_string())
            }
            "__COUNTER__" => {
                self.counter += 1;
                (Tok::Num, (self.counter - 1).to_string())
            }
            // The same on every run and every machine: there is no wall clock here.
            "__DATE__" => (Tok::Str, "\"Jan  1 1970\"".to_owned()),
            "__TIME__" => (Tok::Str, "\"00:00:00\"".to_owned()),
            "__TIMESTAMP__" => (Tok::Str, "\"Thu Jan  1 00:00:00 1970\"".to_owned()),
            _ => return None,
        };
        token.kind = kind;
        token.sym = self.names.sym(&text);
        Some(token)
    }

    /// Whether the next token is an opening parenthesis: only then a function-like macro is called.
    fn paren_follows(&mut self) -> bool {
        loop {
            if let Some(context) = self.contexts.last() {
                if let Some(token) = context.tokens.get(context.next) {
                    return token.is(P::LParen);
                }
                self.pop_context();
                continue;
            }
            if self.closed {
                return false;
            }
            return self
                .readings
                .last()
                .and_then(|r| r.tokens.get(r.next))
                .is_some_and(|t| t.is(P::LParen));
        }
    }

    /// Puts the expansion in front of what is read next; false if the macro is not called here.
    fn expand(&mut self, name: Token, definition: &Rc<Macro>) -> bool {
        let mut body = match &definition.params {
            None => {
                let paste = definition.body.iter().any(|t| t.is(P::HashHash));
                if paste {
                    self.substitute(name, definition, &[])
                } else {
                    definition.body.clone()
                }
            }
            Some(params) => {
                if !self.paren_follows() {
                    return false;
                }
                let Some(args) = self.arguments(name, params.len(), definition.variadic) else {
                    return true;
                };
                self.substitute(name, definition, &args)
            }
        };
        for token in &mut body {
            if token.span.file == definition.at.file
                && definition.at.start <= token.span.start
                && token.span.end <= definition.at.end
                || definition.at == Span::default()
            {
                token.span = name.span;
            }
            token.first = false;
        }
        if let Some(head) = body.first_mut() {
            head.space = name.space;
        }
        self.push(body, Some(name.sym));
        true
    }

    /// The arguments of a macro call. On a mismatch: a diagnostic and `None`.
    fn arguments(&mut self, name: Token, params: usize, variadic: bool) -> Option<Vec<Vec<Token>>> {
        self.next();
        let (mut args, mut current, mut depth) = (Vec::new(), Vec::new(), 1u32);
        loop {
            let token = self.next();
            match token.kind {
                Tok::Eof => {
                    let text = self.names.name(name.sym).to_owned();
                    self.error(
                        name.span,
                        format!("the call of macro `{text}` has no closing )"),
                    );
                    return None;
                }
                Tok::P(P::LParen) => depth += 1,
                Tok::P(P::RParen) if depth == 1 => break,
                Tok::P(P::RParen) => depth -= 1,
                Tok::P(P::Comma) if depth == 1 && !(variadic && args.len() + 1 >= params) => {
                    args.push(std::mem::take(&mut current));
                    continue;
                }
                _ => {}
            }
            current.push(token);
        }
        if !(args.is_empty() && current.is_empty() && params == 0) {
            args.push(current);
        }
        if variadic && args.len() + 1 == params {
            args.push(Vec::new());
        }
        if args.len() != params {
            let text = self.names.name(name.sym).to_owned();
            let message = format!(
                "macro `{text}` takes {params} argument{}, {} given",
                if params == 1 { "" } else { "s" },
                args.len()
            );
            self.error(name.span, message);
            return None;
        }
        Some(args)
    }

    /// The body with arguments in place of parameters, `#` and `##` carried out.
    fn substitute(&mut self, name: Token, definition: &Macro, args: &[Vec<Token>]) -> Vec<Token> {
        let none = Vec::new();
        let params = definition.params.as_ref().unwrap_or(&none);
        let mut ready: Vec<Option<Vec<Token>>> = vec![None; args.len()];
        let body = &self.options_taken(definition, args, &mut ready);
        let find = |t: &Token| match t.kind {
            Tok::Ident => params.iter().position(|p| *p == t.sym),
            _ => None,
        };
        let mut out: Vec<Token> = Vec::new();
        let mut i = 0;
        // The space before an argument that was empty.
        let mut gap = false;
        while i < body.len() {
            let mut token = body[i];
            token.space |= std::mem::take(&mut gap);
            if out.len() > MAX_TOKENS {
                self.stop(
                    name.span,
                    "macro expansion makes more than a million tokens",
                );
                return Vec::new();
            }
            if token.is(P::Hash)
                && definition.params.is_some()
                && let Some(param) = body.get(i + 1).and_then(find)
            {
                out.push(self.stringize(token, &args[param]));
                i += 2;
                continue;
            }
            if token.is(P::HashHash) && !out.is_empty() && i + 1 < body.len() {
                let right = body[i + 1];
                i += 2;
                match find(&right) {
                    Some(param) => {
                        // GNU: `, ## __VA_ARGS__` drops the comma when there are no arguments.
                        let last = definition.variadic && param + 1 == params.len();
                        let comma = out.last().is_some_and(|t| t.is(P::Comma));
                        if last && comma {
                            if args[param].is_empty() {
                                out.pop();
                            } else {
                                out.extend(self.ready(&mut ready, args, param));
                            }
                            continue;
                        }
                        let mut rest = args[param].iter().copied();
                        if let Some(first) = rest.next() {
                            self.paste(&mut out, first, name.span);
                        }
                        out.extend(rest);
                    }
                    None => self.paste(&mut out, right, name.span),
                }
                continue;
            }
            i += 1;
            match find(&token) {
                Some(param) => {
                    let pasted = body.get(i).is_some_and(|t| t.is(P::HashHash));
                    let from = out.len();
                    if pasted {
                        if args[param].is_empty() {
                            // A placemarker: what follows ## stands alone.
                            i += 1;
                            continue;
                        }
                        out.extend_from_slice(&args[param]);
                    } else {
                        out.extend(self.ready(&mut ready, args, param));
                    }
                    match out.get_mut(from) {
                        Some(head) => head.space = token.space,
                        None => gap = token.space,
                    }
                }
                None => out.push(token),
            }
        }
        out
    }

    /// The body with each `__VA_OPT__(…)` replaced: by what is inside if there are variable
    /// arguments, else by nothing.
    fn options_taken(
        &mut self,
        definition: &Macro,
        args: &[Vec<Token>],
        ready: &mut [Option<Vec<Token>>],
    ) -> Vec<Token> {
        let option = self.names.sym("__VA_OPT__");
        let is_option = |t: &Token| t.kind == Tok::Ident && t.sym == option;
        let body = &definition.body;
        if !definition.variadic || args.is_empty() || !body.iter().any(is_option) {
            return body.clone();
        }
        let given = !self.ready(ready, args, args.len() - 1).is_empty();
        let (mut out, mut i): (Vec<Token>, usize) = (Vec::new(), 0);
        let mut gap = false;
        while let Some(token) = body.get(i) {
            i += 1;
            let token = &Token {
                space: token.space | std::mem::take(&mut gap),
                ..*token
            };
            if !is_option(token) || !body.get(i).is_some_and(|t| t.is(P::LParen)) {
                out.push(*token);
                continue;
            }
            let (from, mut depth) = (i + 1, 0u32);
            while let Some(token) = body.get(i) {
                i += 1;
                match token.kind {
                    Tok::P(P::LParen) => depth += 1,
                    Tok::P(P::RParen) => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            let inside = body.get(from..i - 1).unwrap_or_default();
            let begin = out.len();
            if given {
                out.extend_from_slice(inside);
            }
            match out.get_mut(begin) {
                Some(head) => head.space |= token.space,
                None => gap |= token.space,
            }
            // A placemarker: what is next to ## stands alone.
            if !given || inside.is_empty() {
                if out.last().is_some_and(|t| t.is(P::HashHash)) {
                    out.pop();
                } else if body.get(i).is_some_and(|t| t.is(P::HashHash)) {
                    i += 1;
                }
            }
        }
        out
    }

    /// The argument with its own macros expanded, once per call.
    fn ready(
        &mut self,
        ready: &mut [Option<Vec<Token>>],
        args: &[Vec<Token>],
        param: usize,
    ) -> Vec<Token> {
        if ready[param].is_none() {
            ready[param] = Some(self.expand_list(&args[param]));
        }
        ready[param].clone().unwrap_or_default()
    }

    fn stringize(&mut self, hash: Token, arg: &[Token]) -> Token {
        let mut text = String::from("\"");
        for (i, token) in arg.iter().enumerate() {
            if i > 0 && (token.space || token.first) {
                text.push(' ');
            }
            let spelling = self.names.name(token.sym);
            if matches!(token.kind, Tok::Str | Tok::Char) {
                for c in spelling.chars() {
                    if c == '"' || c == '\\' {
                        text.push('\\');
                    }
                    text.push(c);
                }
            } else {
                text.push_str(spelling);
            }
            if text.len() > MAX_SPELLING {
                self.stop(token.span, "a macro makes a string of more than 64 KiB");
                break;
            }
        }
        text.push('"');
        Token {
            kind: Tok::Str,
            sym: self.names.sym(&text),
            ..hash
        }
    }

    /// `##`: joins the last token of `out` with `right`.
    fn paste(&mut self, out: &mut Vec<Token>, right: Token, at: Span) {
        let Some(left) = out.pop() else {
            out.push(right);
            return;
        };
        let text = format!(
            "{}{}",
            self.names.name(left.sym),
            self.names.name(right.sym)
        );
        if text.len() > MAX_SPELLING {
            self.stop(at, "a macro makes a token of more than 64 KiB");
            return;
        }
        let mut unheard = Vec::new();
        let made = lex(at.file, &text, self.names, &mut unheard);
        match made.as_slice() {
            [one, end] if end.kind == Tok::Eof && unheard.is_empty() => out.push(Token {
                span: left.span,
                space: left.space,
                first: false,
                ..*one
            }),
            _ => {
                let message = format!("`##` makes `{text}`, which is not one token");
                self.error(at, message);
            }
        }
    }
}
