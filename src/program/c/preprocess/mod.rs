//! The preprocessor (C11 6.10): files in, one token sequence without directives out.
//!
//! Bounds: [`MAX_TOKENS`] tokens of output and four times as many moved on the way (a macro bomb
//! ends there with a diagnostic), [`MAX_INCLUDES`] files deep, [`MAX_ARGUMENT_DEPTH`] macro calls
//! nested in each other's arguments, [`MAX_SPELLING`] bytes to one token.

mod condition;
mod directive;
mod expand;
mod expression;

use super::headers;
use super::index::ByName;
use super::lex::lex;
use super::parse::report;
use super::token::{Interner, P, Sym, Tok, Token};
use crate::program::{Diagnostic, SourceFile, Span};
use std::borrow::Cow;
use std::rc::Rc;

/// The most tokens that a translation unit may have.
pub(crate) const MAX_TOKENS: usize = 1_000_000;
/// The deepest nesting of `#include`.
pub(crate) const MAX_INCLUDES: usize = 64;
/// The deepest nesting of macro calls in macro arguments.
pub(crate) const MAX_ARGUMENT_DEPTH: u32 = 64;
/// The longest spelling that `#` and `##` may make.
pub(crate) const MAX_SPELLING: usize = 1 << 16;

/// A macro's definition.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Macro {
    /// Parameter names, if it is function-like.
    params: Option<Vec<Sym>>,
    /// The last parameter takes all remaining arguments.
    variadic: bool,
    body: Vec<Token>,
    at: Span,
}

/// Tokens waiting to be read again: a macro's expansion or a pushed-back token.
struct Context {
    tokens: Rc<[Token]>,
    next: usize,
    /// The macro that is not expanded again while this is being read.
    from: Option<Sym>,
}

/// A file being read.
struct Reading {
    file: u32,
    tokens: Rc<[Token]>,
    next: usize,
    /// Open `#if` groups.
    groups: Vec<Group>,
    /// What the lexer stumbled over. It counts unless it is skipped.
    stumbled: Vec<Diagnostic>,
}

/// An open `#if`.
struct Group {
    at: Span,
    /// A branch has been taken already.
    taken: bool,
    /// `#else` has been seen.
    last: bool,
}

/// A `#line`: lines of `file` from byte `from` on are `by` further down, and in a file of that name.
pub(super) struct Renumbered {
    file: u32,
    from: u32,
    by: i64,
    name: Option<String>,
}

/// What comes out of the preprocessor.
pub(crate) struct Preprocessed {
    /// Without directives; `Eof` last.
    pub(crate) tokens: Vec<Token>,
    /// `#pragma pack`: from which token on which value holds; 0 for none.
    pub(crate) packs: Vec<(usize, u8)>,
    /// The files of the program that were included.
    pub(crate) included: Vec<u32>,
}

/// The preprocessor of one translation unit.
pub(crate) struct Preprocessor<'a> {
    pub(super) files: &'a mut Vec<SourceFile>,
    pub(super) names: &'a mut Interner,
    pub(super) problems: &'a mut Vec<Diagnostic>,
    /// Of each macro's name the number of its definition.
    macros: ByName,
    definitions: Vec<Rc<Macro>>,
    /// In how many expansions being read a macro is not expanded again.
    busy: ByName,
    contexts: Vec<Context>,
    readings: Vec<Reading>,
    /// Headers that were included.
    included: Vec<String>,
    /// Files of the program that were included.
    own: Vec<u32>,
    /// Files that said `#pragma once`.
    once: Vec<u32>,
    /// What `#line` said: in which file, from where on.
    renumbered: Vec<Renumbered>,
    /// `#pragma pack`: from which token of the output on which value holds; 0 for none.
    packs: Vec<(usize, u8)>,
    /// Values put aside by `#pragma pack(push)`.
    pack_stack: Vec<u8>,
    /// Tokens put out so far.
    made: usize,
    /// The line of an `#if` is being expanded: `defined` has its meaning.
    in_condition: bool,
    /// No more tokens come from files: a macro's argument is being expanded by itself.
    closed: bool,
    argument_depth: u32,
    moved: usize,
    stopped: bool,
    counter: u32,
}

impl<'a> Preprocessor<'a> {
    /// A preprocessor with the predefined macros.
    pub(crate) fn new(
        files: &'a mut Vec<SourceFile>,
        names: &'a mut Interner,
        problems: &'a mut Vec<Diagnostic>,
    ) -> Self {
        let mut this = Preprocessor {
            files,
            names,
            problems,
            macros: ByName::default(),
            definitions: Vec::new(),
            busy: ByName::default(),
            contexts: Vec::new(),
            readings: Vec::new(),
            included: Vec::new(),
            own: Vec::new(),
            once: Vec::new(),
            renumbered: Vec::new(),
            packs: Vec::new(),
            pack_stack: Vec::new(),
            made: 0,
            in_condition: false,
            closed: false,
            argument_depth: 0,
            moved: 0,
            stopped: false,
            counter: 0,
        };
        for (name, value) in headers::PREDEFINED {
            this.predefine(name, value);
        }
        this
    }

    /// The tokens of a translation unit; `None` after giving up at a bound.
    pub(crate) fn run(mut self, file: u32) -> Option<Preprocessed> {
        self.open(file);
        let mut out = Vec::new();
        loop {
            let token = self.expanded();
            if out.len() >= MAX_TOKENS {
                self.stop(token.span, "the program has more than a million tokens");
            }
            out.push(token);
            self.made = out.len();
            if token.kind == Tok::Eof {
                return (!self.stopped).then_some(Preprocessed {
                    tokens: out,
                    packs: self.packs,
                    included: self.own,
                });
            }
        }
    }

    fn error(&mut self, span: Span, message: impl Into<Cow<'static, str>>) {
        report(self.problems, span, message.into());
    }

    /// Gives up: from here on there are no more tokens.
    fn stop(&mut self, span: Span, message: &'static str) {
        if !self.stopped {
            self.stopped = true;
            self.error(span, message);
        }
    }

    fn open(&mut self, file: u32) {
        let text = self.files[file as usize].text.clone();
        let mut stumbled = Vec::new();
        let tokens = lex(file, &text, self.names, &mut stumbled).into();
        self.readings.push(Reading {
            file,
            tokens,
            next: 0,
            groups: Vec::new(),
            stumbled,
        });
    }

    /// `#define name value` before the first line.
    fn predefine(&mut self, name: &str, value: &str) {
        let sym = self.names.sym(name);
        let mut body = lex(0, value, self.names, &mut Vec::new());
        body.pop();
        for token in &mut body {
            (token.span, token.first) = (Span::default(), false);
        }
        let definition = Macro {
            params: None,
            variadic: false,
            body,
            at: Span::default(),
        };
        self.set_macro(sym, definition);
    }

    fn set_macro(&mut self, name: Sym, definition: Macro) {
        self.macros.set(name, Some(self.definitions.len() as u32));
        self.definitions.push(Rc::new(definition));
    }

    fn find_macro(&self, name: Sym) -> Option<&Rc<Macro>> {
        self.definitions.get(self.macros.get(name)? as usize)
    }

    /// The next token before macro expansion; directives are carried out on the way.
    fn next(&mut self) -> Token {
        loop {
            self.moved += 1;
            if self.moved > 4 * MAX_TOKENS {
                let span = self.here();
                self.stop(span, "macro expansion makes more than a million tokens");
            }
            if self.stopped {
                return self.eof();
            }
            if let Some(context) = self.contexts.last_mut() {
                if let Some(token) = context.tokens.get(context.next) {
                    context.next += 1;
                    return *token;
                }
                self.pop_context();
                continue;
            }
            if self.closed {
                return self.eof();
            }
            let Some(reading) = self.readings.last_mut() else {
                return self.eof();
            };
            let token = reading.tokens[reading.next];
            if token.kind == Tok::Eof {
                self.close_file();
                if self.readings.is_empty() {
                    return token;
                }
                continue;
            }
            reading.next += 1;
            if token.first && token.is(P::Hash) {
                self.directive(token);
                continue;
            }
            return token;
        }
    }

    fn close_file(&mut self) {
        if let Some(reading) = self.readings.pop() {
            self.problems.extend(reading.stumbled);
            for group in reading.groups {
                self.problems
                    .push(Diagnostic::error(group.at, "this #if has no #endif").help("add #endif"));
            }
        }
    }

    /// Nothing between those places of the file counts: apostrophes and quotes may stand alone there.
    fn forget(&mut self, from: u32, to: u32) {
        if let Some(reading) = self.readings.last_mut() {
            let inside = |d: &Diagnostic| from <= d.span.start && d.span.start < to;
            reading.stumbled.retain(|d| !inside(d));
        }
    }

    fn pop_context(&mut self) {
        if let Some(Context {
            from: Some(name), ..
        }) = self.contexts.pop()
            && let Some(count) = self.busy.get(name)
        {
            self.busy.set(name, Some(count.saturating_sub(1)));
        }
    }

    /// Where the reading is.
    fn here(&self) -> Span {
        self.readings
            .last()
            .and_then(|r| r.tokens.get(r.next))
            .map_or(Span::default(), |t| t.span)
    }

    fn eof(&mut self) -> Token {
        Token {
            kind: Tok::Eof,
            sym: self.names.sym(""),
            span: self.here(),
            first: true,
            space: true,
            painted: false,
        }
    }

    /// The rest of the directive's line.
    fn rest_of_line(&mut self) -> Vec<Token> {
        let mut line = Vec::new();
        if let Some(reading) = self.readings.last_mut() {
            loop {
                let token = reading.tokens[reading.next];
                if token.first || token.kind == Tok::Eof {
                    break;
                }
                line.push(token);
                reading.next += 1;
            }
        }
        line
    }
}
