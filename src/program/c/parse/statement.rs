//! Statements (C11 6.8).

use super::*;
use crate::program::c::ast::{Attributes, Decl, Stmt, StmtKind};

impl Parser<'_> {
    /// What stands between braces; the closing one is left. After a problem the rest of the
    /// statement is skipped, so that each problem is reported once.
    pub(super) fn block_items(&mut self) -> Parsed<Vec<Stmt>> {
        let mut items = Vec::new();
        let mut failed = false;
        while !self.at(P::RBrace) && !self.at_eof() {
            let (before, nesting, scopes) = (self.next, self.nesting, self.scopes.depth());
            match self.block_item() {
                Ok(item) => items.push(item),
                Err(Reported) => {
                    if self.fatal || self.problems.len() >= MAX_PROBLEMS {
                        self.fatal = true;
                        return Err(Reported);
                    }
                    failed = true;
                    self.nesting = nesting;
                    self.scopes.close_to(scopes);
                    self.skip_statement(before);
                }
            }
        }
        let _ = failed; // The problems are in the list already; the items are not used then.
        Ok(items)
    }

    fn skip_statement(&mut self, before: usize) {
        let mut depth = 0u32;
        // What was read so far may have opened braces.
        for token in &self.tokens[before..self.next] {
            match token.kind {
                Tok::P(P::LBrace) => depth += 1,
                Tok::P(P::RBrace) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        while !self.at_eof() {
            let token = self.token();
            let boundary = token.first
                && (self.starts_type(token)
                    || matches!(
                        self.keyword(),
                        Some(Kw::If | Kw::For | Kw::While | Kw::Do | Kw::Switch | Kw::Return)
                    ));
            if depth == 0 && boundary && self.next > before {
                return;
            }
            match token.kind {
                Tok::P(P::LBrace) => depth += 1,
                Tok::P(P::RBrace) if depth == 0 => return,
                Tok::P(P::RBrace) => {
                    depth -= 1;
                    if depth == 0 {
                        self.bump();
                        return;
                    }
                }
                Tok::P(P::Semi) if depth == 0 => {
                    self.bump();
                    return;
                }
                _ => {}
            }
            self.bump();
        }
    }

    fn block_item(&mut self) -> Parsed<Stmt> {
        let start = self.token().span;
        if self.keyword() == Some(Kw::StaticAssert) {
            let (condition, message) = self.static_assert()?;
            self.unit
                .items
                .push(External::StaticAssert(condition, message));
            return Ok(Stmt {
                kind: StmtKind::Empty,
                span: start,
            });
        }
        let is_label = self.ahead(1).is(P::Colon);
        // `__attribute__((fallthrough));` stands alone; `__extension__ (…)` begins an expression.
        if matches!(self.keyword(), Some(Kw::Attribute | Kw::Attribute2)) {
            let before = self.next;
            self.attributes(&mut Attributes::default())?;
            if self.eat(P::Semi) {
                let kind = StmtKind::Empty;
                return Ok(Stmt { kind, span: start });
            }
            self.next = before;
        }
        let is_label =
            is_label || (self.keyword() == Some(Kw::Extension) && self.ahead(1).is(P::LParen));
        if self.starts_type(self.token()) && !is_label {
            let decl: Decl = self.declaration()?;
            let span = start.to(self.last_span());
            return Ok(Stmt {
                kind: StmtKind::Decl(decl),
                span,
            });
        }
        // `unknown_t x;` and `unknown_t *p;`: a declaration with a type that is not known.
        if self.token().kind == Tok::Ident
            && self.keyword().is_none()
            && self.ahead(1).kind == Tok::Ident
            && self.keyword_of(self.ahead(1)).is_none()
        {
            return self.specs(false).map(|_| Stmt {
                kind: StmtKind::Empty,
                span: start,
            });
        }
        self.deeper(|p| p.statement())
    }

    fn scoped<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.scopes.open();
        let result = parse(self);
        self.scopes.close();
        result
    }

    /// A statement that is the body of another.
    fn body(&mut self) -> Parsed<Box<Stmt>> {
        if self.starts_type(self.token()) && !self.ahead(1).is(P::Colon) {
            let span = self.token().span;
            return self.fail(
                Diagnostic::error(span, "a declaration cannot stand here by itself")
                    .help("put it into braces"),
            );
        }
        Ok(Box::new(self.deeper(|p| p.scoped(Self::statement))?))
    }

    pub(super) fn statement(&mut self) -> Parsed<Stmt> {
        let labels = self.labels_before()?;
        let start = self.token().span;
        // A label may stand at a block's end.
        let kind = if !labels.is_empty() && self.at(P::RBrace) {
            StmtKind::Empty
        } else if !labels.is_empty() && self.starts_type(self.token()) {
            // C11 wants a statement after a label; compilers of today take a declaration.
            StmtKind::Decl(self.declaration()?)
        } else {
            self.unlabelled()?
        };
        let statement = Stmt {
            kind,
            span: start.to(self.last_span()),
        };
        if labels.is_empty() {
            return Ok(statement);
        }
        let span = labels[0].span.to(statement.span);
        let mut all = labels;
        all.push(statement);
        Ok(Stmt {
            kind: StmtKind::Seq(all),
            span,
        })
    }

    fn labels_before(&mut self) -> Parsed<Vec<Stmt>> {
        let mut labels = Vec::new();
        loop {
            let token = self.token();
            let kind = match self.keyword() {
                Some(Kw::Case) => {
                    self.bump();
                    let low = self.conditional()?;
                    let high = match self.eat(P::Dots) {
                        true => Some(self.conditional()?),
                        false => None,
                    };
                    self.expect(P::Colon, "after the case")?;
                    StmtKind::Case(low, high)
                }
                Some(Kw::Default) => {
                    self.bump();
                    self.expect(P::Colon, "after default")?;
                    StmtKind::Default
                }
                None if token.kind == Tok::Ident && self.ahead(1).is(P::Colon) => {
                    self.next += 2;
                    self.labels = true;
                    self.attributes(&mut Attributes::default())?;
                    StmtKind::Label(token.sym)
                }
                _ => return Ok(labels),
            };
            let span = token.span.to(self.last_span());
            labels.push(Stmt { kind, span });
        }
    }

    fn unlabelled(&mut self) -> Parsed<StmtKind> {
        if self.eat(P::Semi) {
            return Ok(StmtKind::Empty);
        }
        if self.eat(P::LBrace) {
            let items = self.scoped(Self::block_items)?;
            self.expect(P::RBrace, "at the end of the block")?;
            return Ok(StmtKind::Block(items));
        }
        let token = self.token();
        match self.keyword() {
            Some(Kw::If) => self.if_chain(),
            Some(Kw::While) => {
                self.bump();
                let cond = self.parenthesised("while")?;
                Ok(StmtKind::While(cond, self.body()?))
            }
            Some(Kw::Do) => {
                self.bump();
                let body = self.body()?;
                if !self.eat_keyword(Kw::While) {
                    return self.expected(self.token().span, "`while`");
                }
                let cond = self.parenthesised("while")?;
                self.expect(P::Semi, "after do … while")?;
                Ok(StmtKind::DoWhile(body, cond))
            }
            Some(Kw::For) => self.scoped(Self::for_loop),
            Some(Kw::Switch) => {
                self.bump();
                let of = self.parenthesised("switch")?;
                Ok(StmtKind::Switch(of, self.body()?))
            }
            Some(Kw::Goto) => {
                self.bump();
                if self.at(P::Star) {
                    return self.fail(
                        Diagnostic::error(token.span, "a computed goto is not known here")
                            .help("GNU's `&&label` and `goto *` can be a switch"),
                    );
                }
                let Some((name, _)) = self.name() else {
                    return self.expected(self.token().span, "a label");
                };
                self.expect(P::Semi, "after goto")?;
                Ok(StmtKind::Goto(name))
            }
            Some(Kw::Break) => {
                self.bump();
                self.expect(P::Semi, "after break")?;
                Ok(StmtKind::Break)
            }
            Some(Kw::Continue) => {
                self.bump();
                self.expect(P::Semi, "after continue")?;
                Ok(StmtKind::Continue)
            }
            Some(Kw::Return) => {
                self.bump();
                let value = match self.at(P::Semi) {
                    true => None,
                    false => Some(self.expression()?),
                };
                self.expect(P::Semi, "after return")?;
                Ok(StmtKind::Return(value))
            }
            Some(Kw::Else) => self.error(token.span, "`else` without `if`"),
            Some(Kw::Asm | Kw::Asm2 | Kw::Asm3) => {
                self.error(token.span, "assembly is not known here")
            }
            _ => {
                let expr = self.expression()?;
                self.expect(P::Semi, "after the expression")?;
                Ok(StmtKind::Expr(expr))
            }
        }
    }

    fn parenthesised(&mut self, word: &str) -> Parsed<ExprId> {
        self.expect(P::LParen, &format!("after {word}"))?;
        let expr = self.expression()?;
        self.expect(P::RParen, "after the condition")?;
        Ok(expr)
    }

    fn if_chain(&mut self) -> Parsed<StmtKind> {
        let mut arms = Vec::new();
        loop {
            self.bump();
            let cond = self.parenthesised("if")?;
            let body = self.body()?;
            arms.push((cond, *body));
            if !self.eat_keyword(Kw::Else) {
                return Ok(StmtKind::If(arms, None));
            }
            if self.keyword() != Some(Kw::If) {
                return Ok(StmtKind::If(arms, Some(self.body()?)));
            }
        }
    }

    fn for_loop(&mut self) -> Parsed<StmtKind> {
        self.bump();
        self.expect(P::LParen, "after for")?;
        let start = self.token().span;
        let init = if self.eat(P::Semi) {
            None
        } else {
            let kind = if self.starts_type(self.token()) {
                StmtKind::Decl(self.declaration()?)
            } else {
                let expr = self.expression()?;
                self.expect(P::Semi, "after the loop's start")?;
                StmtKind::Expr(expr)
            };
            let span = start.to(self.last_span());
            Some(Box::new(Stmt { kind, span }))
        };
        let cond = match self.at(P::Semi) {
            true => None,
            false => Some(self.expression()?),
        };
        self.expect(P::Semi, "after the loop's condition")?;
        let step = match self.at(P::RParen) {
            true => None,
            false => Some(self.expression()?),
        };
        self.expect(P::RParen, "after the loop's step")?;
        let body = self.body()?;
        Ok(StmtKind::For {
            init,
            cond,
            step,
            body,
        })
    }
}
