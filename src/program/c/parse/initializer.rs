//! Initialisers and static assertions (C11 6.7.9, 6.7.10).

use super::*;
use crate::program::c::ast::{Designator, Init};
use std::rc::Rc;

impl Parser<'_> {
    pub(super) fn initializer(&mut self) -> Parsed<Init> {
        if !self.at(P::LBrace) {
            return Ok(Init::Expr(self.assignment()?));
        }
        self.deeper(|p| p.initializer_list())
    }

    fn initializer_list(&mut self) -> Parsed<Init> {
        let start = self.bump().span;
        let mut items = Vec::new();
        while !self.at(P::RBrace) {
            let mut designators = Vec::new();
            loop {
                if self.eat(P::Dot) {
                    match self.name() {
                        Some((name, span)) => designators.push(Designator::Field(name, span)),
                        None => {
                            return self.expected(self.token().span, "a member's name");
                        }
                    }
                } else if self.eat(P::LBracket) {
                    let first = self.conditional()?;
                    designators.push(match self.eat(P::Dots) {
                        true => Designator::Range(first, self.conditional()?),
                        false => Designator::Index(first),
                    });
                    self.expect(P::RBracket, "after the index")?;
                } else {
                    break;
                }
                if designators.len() > 32 {
                    return self.error(self.token().span, "more than 32 designators on end");
                }
            }
            // GNU's old way: `{ name: value }`.
            if designators.is_empty()
                && self.ahead(1).is(P::Colon)
                && let Some((name, span)) = self.name()
            {
                self.bump();
                designators.push(Designator::Field(name, span));
            } else if !designators.is_empty() {
                self.expect(P::Eq, "after the designator")?;
            }
            let value = self.initializer()?;
            items.push((designators, value));
            if !self.eat(P::Comma) {
                break;
            }
        }
        let end = self.expect(P::RBrace, "after the initialiser")?;
        Ok(Init::List(items, start.to(end)))
    }

    /// `_Static_assert(condition, "message");`
    pub(super) fn static_assert(&mut self) -> Parsed<(ExprId, Option<Rc<[u8]>>)> {
        self.bump();
        self.expect(P::LParen, "after _Static_assert")?;
        let condition = self.conditional()?;
        let mut message = None;
        if self.eat(P::Comma) {
            message = Some(self.string()?.0);
        }
        self.expect(P::RParen, "after the message")?;
        self.expect(P::Semi, "after _Static_assert")?;
        Ok((condition, message))
    }
}
