//! Structs, unions, enumerations and attributes (C11 6.7.2.1, 6.7.2.2).

use super::*;
use crate::program::c::ast::{Field, TypeSpec};

impl Parser<'_> {
    /// `__attribute__((…))`: says whether it holds `packed`; everything else is passed over.
    pub(super) fn attributes(&mut self) -> Parsed<bool> {
        let mut packed = false;
        while matches!(self.keyword(), Some(Kw::Attribute | Kw::Attribute2)) {
            self.bump();
            self.expect(P::LParen, "after __attribute__")?;
            let mut depth = 1u32;
            while depth > 0 {
                let token = self.bump();
                match token.kind {
                    Tok::P(P::LParen) => depth += 1,
                    Tok::P(P::RParen) => depth -= 1,
                    Tok::Eof => return self.error(token.span, "__attribute__ is not closed"),
                    Tok::Ident => {
                        let name = self.names.name(token.sym);
                        packed |= matches!(name, "packed" | "__packed__");
                        if matches!(name, "aligned" | "__aligned__") {
                            return self
                                .error(token.span, "the attribute `aligned` is not known here");
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(packed)
    }

    pub(super) fn record(&mut self) -> Parsed<TypeSpec> {
        let union = self.keyword() == Some(Kw::Union);
        let start = self.bump().span;
        let mut packed = self.attributes()?;
        let tag = self.name().map(|(sym, _)| sym);
        if !self.eat(P::LBrace) {
            if tag.is_none() {
                return self.error(start, "a struct or union needs a name or a { list }");
            }
            return Ok(TypeSpec::Record {
                union,
                tag,
                fields: None,
                packed,
            });
        }
        let mut fields = Vec::new();
        while !self.at(P::RBrace) {
            if self.eat(P::Semi) {
                continue;
            }
            let specs = self.specs(false)?;
            let mut declarators = Vec::new();
            while !self.at(P::Semi) {
                let declarator = if self.at(P::Colon) {
                    Declarator {
                        span: self.token().span,
                        ..Declarator::default()
                    }
                } else {
                    self.declarator(true)?
                };
                let width = match self.eat(P::Colon) {
                    true => Some(self.conditional()?),
                    false => None,
                };
                self.attributes()?;
                declarators.push((declarator, width));
                if !self.eat(P::Comma) {
                    break;
                }
            }
            self.expect(P::Semi, "after the member")?;
            fields.push(Field { specs, declarators });
        }
        self.bump();
        packed |= self.attributes()?;
        Ok(TypeSpec::Record {
            union,
            tag,
            fields: Some(fields),
            packed,
        })
    }

    pub(super) fn enumeration(&mut self) -> Parsed<TypeSpec> {
        let start = self.bump().span;
        self.attributes()?;
        let tag = self.name().map(|(sym, _)| sym);
        if !self.eat(P::LBrace) {
            if tag.is_none() {
                return self.error(start, "an enum needs a name or a { list }");
            }
            return Ok(TypeSpec::Enum { tag, items: None });
        }
        let mut items = Vec::new();
        while !self.at(P::RBrace) {
            let Some((name, span)) = self.name() else {
                return self.expected(self.token().span, "a name");
            };
            let value = match self.eat(P::Eq) {
                true => Some(self.conditional()?),
                false => None,
            };
            self.declare(name, false);
            items.push((name, value, span));
            if !self.eat(P::Comma) {
                break;
            }
        }
        self.expect(P::RBrace, "after the enumerators")?;
        self.attributes()?;
        Ok(TypeSpec::Enum {
            tag,
            items: Some(items),
        })
    }

    pub(super) fn typeof_spec(&mut self) -> Parsed<TypeSpec> {
        self.bump();
        self.expect(P::LParen, "after typeof")?;
        let spec = if self.starts_type(self.token()) {
            TypeSpec::TypeofType(Box::new(self.type_name()?))
        } else {
            TypeSpec::TypeofExpr(self.expression()?)
        };
        self.expect(P::RParen, "after typeof's operand")?;
        Ok(spec)
    }
}
