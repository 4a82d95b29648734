//! The parser: recursive descent for declarations and statements, precedence climbing for
//! expressions (C11 6.5 to 6.9).
//!
//! Bounds: brackets, blocks, declarators and unary operators nest at most [`MAX_NESTING`] deep, an
//! expression is at most [`MAX_HEIGHT`] operators high. Beyond that it is one diagnostic.

mod declaration;
mod expression;
mod initializer;
mod parameters;
mod record;
mod statement;

use super::ast::{Declarator, Expr, ExprId, ExprKind, External, Function, Storage, Unit};
use super::index::Scopes;
use super::preprocess::Preprocessed;
use super::token::{Interner, P, Sym, Tok, Token};
use crate::program::{Diagnostic, Span};
use std::borrow::Cow;

/// The deepest nesting of brackets, blocks, declarators, initialisers and unary operators.
pub(crate) const MAX_NESTING: u32 = 200;
/// The highest expression: a chain of so many operators.
pub(crate) const MAX_HEIGHT: u16 = 400;
/// More problems than this are not reported.
pub(crate) const MAX_PROBLEMS: usize = 20;

/// It has been reported already: the caller gives up what it was doing and says nothing.
#[derive(Debug)]
pub(crate) struct Reported;

/// The result of a step that may have failed and reported.
pub(crate) type Parsed<T> = Result<T, Reported>;

macro_rules! keywords {
    ($($name:ident $text:literal,)*) => {
        /// A keyword; its number is that of its spelling.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kw { $($name,)* }

        const KEYWORDS: &[(&str, Kw)] = &[$(($text, Kw::$name),)*];
    };
}

keywords! {
    Auto "auto", Break "break", Case "case", Char "char", Const "const", Continue "continue",
    Default "default", Do "do", Double "double", Else "else", Enum "enum", Extern "extern",
    Float "float", For "for", Goto "goto", If "if", Inline "inline", Int "int", Long "long",
    Register "register", Restrict "restrict", Return "return", Short "short", Signed "signed",
    Sizeof "sizeof", Static "static", Struct "struct", Switch "switch", Typedef "typedef",
    Union "union", Unsigned "unsigned", Void "void", Volatile "volatile", While "while",
    Alignof "_Alignof", Bool "_Bool", Noreturn "_Noreturn", StaticAssert "_Static_assert",
    Alignas "_Alignas", Atomic "_Atomic", Complex "_Complex", Generic "_Generic",
    ThreadLocal "_Thread_local", Attribute "__attribute__", Attribute2 "__attribute",
    Extension "__extension__", Inline2 "__inline", Inline3 "__inline__",
    Restrict2 "__restrict", Restrict3 "__restrict__", Const2 "__const", Volatile2 "__volatile__",
    Signed2 "__signed__", Typeof "typeof", Typeof2 "__typeof__", Asm "asm", Asm2 "__asm__",
    VaArg "__builtin_va_arg", Offsetof "__builtin_offsetof",
    Alignof2 "__alignof__", Alignof3 "__alignof", Const3 "__const__", Volatile3 "__volatile",
    Signed3 "__signed", Typeof3 "__typeof", Asm3 "__asm", AutoType "__auto_type",
    ThreadLocal2 "__thread", TypesCompatible "__builtin_types_compatible_p", Int128 "__int128",
}

/// Gives the keywords the first numbers. Must come before anything else is interned.
pub(crate) fn intern_keywords(names: &mut Interner) {
    for (text, _) in KEYWORDS {
        names.sym(text);
    }
}

/// Parses a translation unit. After a problem the rest is still read for further ones.
pub(crate) fn parse(
    source: &Preprocessed,
    names: &mut Interner,
    problems: &mut Vec<Diagnostic>,
) -> Unit {
    let mut parser = Parser {
        tokens: &source.tokens,
        packs: &source.packs,
        next: 0,
        names,
        problems,
        unit: Unit::default(),
        scopes: Scopes::default(),
        nesting: 0,
        addressed: Vec::new(),
        labels: false,
        function: None,
        fatal: false,
    };
    while !parser.at_eof() && !parser.fatal {
        let before = parser.next;
        if parser.external().is_err() {
            parser.skip_external(before);
        }
    }
    parser.unit
}

pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    packs: &'a [(usize, u8)],
    next: usize,
    names: &'a mut Interner,
    problems: &'a mut Vec<Diagnostic>,
    unit: Unit,
    /// For each ordinary name whether it is a typedef, innermost scope last.
    scopes: Scopes,
    nesting: u32,
    addressed: Vec<Sym>,
    labels: bool,
    /// The function being defined, for `__func__`.
    function: Option<Sym>,
    /// Nothing sensible can follow.
    fatal: bool,
}

impl Parser<'_> {
    fn token(&self) -> Token {
        self.tokens[self.next]
    }

    fn ahead(&self, n: usize) -> Token {
        self.tokens[(self.next + n).min(self.tokens.len() - 1)]
    }

    fn at_eof(&self) -> bool {
        self.token().kind == Tok::Eof
    }

    fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != Tok::Eof {
            self.next += 1;
        }
        token
    }

    fn at(&self, p: P) -> bool {
        self.token().is(p)
    }

    fn eat(&mut self, p: P) -> bool {
        let found = self.at(p);
        if found {
            self.next += 1;
        }
        found
    }

    /// The keyword that a token is.
    fn keyword_of(&self, token: Token) -> Option<Kw> {
        match token.kind {
            Tok::Ident => KEYWORDS.get(token.sym.0 as usize).map(|(_, kw)| *kw),
            _ => None,
        }
    }

    fn keyword(&self) -> Option<Kw> {
        self.keyword_of(self.token())
    }

    fn eat_keyword(&mut self, kw: Kw) -> bool {
        let found = self.keyword() == Some(kw);
        if found {
            self.next += 1;
        }
        found
    }

    /// A name that is no keyword.
    fn name(&mut self) -> Option<(Sym, Span)> {
        let token = self.token();
        if token.kind == Tok::Ident && self.keyword().is_none() {
            self.next += 1;
            return Some((token.sym, token.span));
        }
        None
    }

    /// The span of the token read last.
    fn last_span(&self) -> Span {
        self.tokens[self.next.saturating_sub(1)].span
    }

    fn fail<T>(&mut self, problem: Diagnostic) -> Parsed<T> {
        self.problems.push(problem);
        Err(Reported)
    }

    fn error<T>(&mut self, span: Span, message: impl Into<Cow<'static, str>>) -> Parsed<T> {
        report(self.problems, span, message.into());
        Err(Reported)
    }

    /// Something else should stand where the next token is.
    fn expected<T>(&mut self, span: Span, what: &str) -> Parsed<T> {
        self.report_expected(span, what);
        Err(Reported)
    }

    #[cold]
    #[inline(never)]
    fn report_expected(&mut self, span: Span, what: &str) {
        let message = format!("expected {what} before {}", self.shown());
        report(self.problems, span, message.into());
    }

    /// How the next token is shown in a message.
    fn shown(&self) -> String {
        let token = self.token();
        match token.kind {
            Tok::Eof => "the end of the file".to_owned(),
            _ => format!("`{}`", shorten(self.names.name(token.sym))),
        }
    }

    /// Requires a punctuator; `after` says what it should follow.
    fn expect(&mut self, p: P, after: &str) -> Parsed<Span> {
        if self.at(p) {
            return Ok(self.bump().span);
        }
        // What is missing at a line's end is missing there, not at the next line's start.
        let token = self.token();
        let previous = self.last_span();
        let message = format!("expected `{}` {after} before {}", p.text(), self.shown());
        let (span, help) = if token.first && matches!(p, P::Semi | P::RParen | P::RBracket) {
            let end = Span::new(previous.file, previous.end.saturating_sub(1), previous.end);
            (end, format!("add `{}` here", p.text()))
        } else {
            (token.span, format!("add `{}`", p.text()))
        };
        self.fail(Diagnostic::error(span, message).help(help))
    }

    /// Goes one level deeper, if that is still allowed.
    fn deeper<T>(&mut self, step: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.enter()?;
        let result = step(self);
        self.nesting -= 1;
        result
    }

    #[inline(never)]
    fn enter(&mut self) -> Parsed<()> {
        if self.nesting >= MAX_NESTING {
            self.fatal = true;
            let span = self.token().span;
            return self.error(span, format!("nested more than {MAX_NESTING} deep"));
        }
        self.nesting += 1;
        Ok(())
    }

    fn add(&mut self, kind: ExprKind, span: Span, below: &[ExprId]) -> Parsed<ExprId> {
        let height = 1 + below
            .iter()
            .map(|id| self.unit.expr(*id).height)
            .max()
            .unwrap_or(0);
        if height > MAX_HEIGHT {
            self.fatal = true;
            return self.error(
                span,
                format!("an expression of more than {MAX_HEIGHT} operators on end"),
            );
        }
        let id = ExprId(self.unit.exprs.len() as u32);
        self.unit.exprs.push(Expr { kind, span, height });
        Ok(id)
    }

    fn span_of(&self, id: ExprId) -> Span {
        self.unit.expr(id).span
    }

    // ---- scopes ----

    fn declare(&mut self, name: Sym, typedef: bool) {
        self.scopes.bind(name, u32::from(typedef));
    }

    fn is_typedef(&self, name: Sym) -> bool {
        self.scopes.find(name) == Some(1)
    }

    // ---- external declarations ----

    fn external(&mut self) -> Parsed<()> {
        if self.eat(P::Semi) {
            return Ok(());
        }
        if self.keyword() == Some(Kw::StaticAssert) {
            let (condition, message) = self.static_assert()?;
            self.unit
                .items
                .push(External::StaticAssert(condition, message));
            return Ok(());
        }
        let specs = self.specs(true)?;
        if self.eat(P::Semi) {
            let items = Vec::new();
            self.unit
                .items
                .push(External::Decl(super::ast::Decl { specs, items }));
            return Ok(());
        }
        let mut declarator = self.declarator(false)?;
        let is_function = matches!(
            declarator.layers.first(),
            Some(super::ast::Layer::Function(params)) if params.names.is_empty()
        );
        if is_function && self.at(P::LBrace) && specs.storage != Storage::Typedef {
            return self.function_definition(specs, declarator);
        }
        if let Some(super::ast::Layer::Function(params)) = declarator.layers.first_mut()
            && !params.names.is_empty()
            && !self.at(P::Semi)
            && !self.at(P::Comma)
        {
            let names = std::mem::take(&mut params.names);
            params.list = self.old_parameters(names)?;
            return self.function_definition(specs, declarator);
        }
        if is_function && self.starts_type(self.token()) && !self.at(P::Semi) {
            let span = self.token().span;
            return self.fail(
                Diagnostic::error(
                    span,
                    format!("expected `;` or a function body before {}", self.shown()),
                )
                .help("write the parameters' types inside the parentheses"),
            );
        }
        let decl = self.declaration_from(specs, declarator)?;
        self.unit.items.push(External::Decl(decl));
        Ok(())
    }

    fn function_definition(
        &mut self,
        specs: super::ast::Specs,
        declarator: Declarator,
    ) -> Parsed<()> {
        if let Some(name) = declarator.name {
            self.declare(name, false);
        }
        self.function = declarator.name;
        self.addressed.clear();
        self.labels = false;
        self.scopes.open();
        if let Some(super::ast::Layer::Function(params)) = declarator.layers.first() {
            for (_, param) in &params.list {
                if let Some(name) = param.name {
                    self.scopes.bind(name, 0);
                }
            }
        }
        self.bump();
        let body = self.block_items();
        self.scopes.close();
        self.function = None;
        let body = body?;
        let end = self.expect(P::RBrace, "at the end of the function")?;
        let function = Function {
            specs,
            declarator,
            body,
            end,
            addressed: std::mem::take(&mut self.addressed),
            labels: self.labels,
        };
        self.unit.items.push(External::Function(Box::new(function)));
        Ok(())
    }

    /// After a problem outside of functions: to the next token that can begin a declaration.
    fn skip_external(&mut self, before: usize) {
        self.scopes.close_to(1);
        self.nesting = 0;
        if self.problems.len() >= MAX_PROBLEMS {
            self.fatal = true;
        }
        if self.next == before {
            self.bump();
        }
        let mut depth = 0i32;
        while !self.at_eof() {
            let token = self.token();
            // Programs are written so that only declarations begin in the first column.
            if depth <= 0 && token.first && self.starts_type(token) {
                return;
            }
            self.bump();
            match token.kind {
                Tok::P(P::LBrace) => depth += 1,
                Tok::P(P::RBrace) => {
                    depth -= 1;
                    if depth <= 0 {
                        self.eat(P::Semi);
                        return;
                    }
                }
                Tok::P(P::Semi) if depth <= 0 => return,
                _ => {}
            }
        }
    }
}

/// One more problem, the common kind: an error with nothing besides.
#[cold]
#[inline(never)]
pub(crate) fn report(problems: &mut Vec<Diagnostic>, span: Span, message: Cow<'static, str>) {
    problems.push(Diagnostic::error(span, message));
}

/// At most 40 characters of a spelling.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(37).collect();
    short.push('…');
    short
}
