//! Structs, unions, enumerations and attributes (C11 6.7.2.1, 6.7.2.2).

use super::*;
use crate::program::c::ast::{Aligned, Attributes, Field, TypeSpec};

impl Parser<'_> {
    /// `__attribute__((…))`: what matters goes into `found`, what is harmless is passed over.
    pub(super) fn attributes(&mut self, found: &mut Attributes) -> Parsed<()> {
        while matches!(self.keyword(), Some(Kw::Attribute | Kw::Attribute2)) {
            self.bump();
            self.expect(P::LParen, "after __attribute__")?;
            self.expect(P::LParen, "after __attribute__(")?;
            while !self.at(P::RParen) {
                if self.eat(P::Comma) {
                    continue;
                }
                self.attribute(found)?;
            }
            self.expect(P::RParen, "after the attributes")?;
            self.expect(P::RParen, "after the attributes")?;
        }
        Ok(())
    }

    fn attribute(&mut self, found: &mut Attributes) -> Parsed<()> {
        let token = self.bump();
        if token.kind != Tok::Ident {
            return self.error(token.span, "an attribute's name is missing");
        }
        let name = self.names.name(token.sym);
        let name = name
            .strip_prefix("__")
            .and_then(|n| n.strip_suffix("__"))
            .unwrap_or(name);
        match name {
            "packed" => found.packed = true,
            "aligned" if self.at(P::LParen) => {
                self.bump();
                let to = self.deeper(|p| p.conditional())?;
                found.aligned.push(Aligned::To(to));
                self.expect(P::RParen, "after the alignment")?;
                return Ok(());
            }
            "aligned" => found.aligned.push(Aligned::Most),
            // These change what the program does.
            "cleanup"
            | "constructor"
            | "destructor"
            | "vector_size"
            | "mode"
            | "alias"
            | "ifunc"
            | "scalar_storage_order"
            | "ms_struct" => {
                let message = format!("the attribute `{name}` is not known here");
                return self.error(token.span, message);
            }
            _ => {}
        }
        if !self.at(P::LParen) {
            return Ok(());
        }
        let mut depth = 0u32;
        loop {
            let token = self.bump();
            match token.kind {
                Tok::P(P::LParen) => depth += 1,
                Tok::P(P::RParen) => depth -= 1,
                Tok::Eof => return self.error(token.span, "__attribute__ is not closed"),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    pub(super) fn record(&mut self) -> Parsed<TypeSpec> {
        let union = self.keyword() == Some(Kw::Union);
        let start = self.bump().span;
        let mut attributes = Attributes::default();
        self.attributes(&mut attributes)?;
        let tag = self.name().map(|(sym, _)| sym);
        let at = self.packs.partition_point(|(from, _)| *from <= self.next);
        let pack = at.checked_sub(1).map_or(0, |i| self.packs[i].1);
        if !self.eat(P::LBrace) {
            if tag.is_none() {
                return self.error(start, "a struct or union needs a name or a { list }");
            }
            return Ok(TypeSpec::Record {
                union,
                tag,
                fields: None,
                attributes,
                pack,
            });
        }
        let mut fields = Vec::new();
        while !self.at(P::RBrace) {
            if self.eat(P::Semi) {
                continue;
            }
            if self.keyword() == Some(Kw::StaticAssert) {
                let (condition, message) = self.static_assert()?;
                let item = External::StaticAssert(condition, message);
                self.unit.items.push(item);
                continue;
            }
            let specs = self.specs(false)?;
            let mut declarators = Vec::new();
            while !self.at(P::Semi) {
                let mut declarator = if self.at(P::Colon) {
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
                self.attributes(&mut declarator.attributes)?;
                declarators.push((declarator, width));
                if !self.eat(P::Comma) {
                    break;
                }
            }
            self.expect(P::Semi, "after the member")?;
            fields.push(Field { specs, declarators });
        }
        self.bump();
        self.attributes(&mut attributes)?;
        Ok(TypeSpec::Record {
            union,
            tag,
            fields: Some(fields),
            attributes,
            pack,
        })
    }

    pub(super) fn enumeration(&mut self) -> Parsed<TypeSpec> {
        let start = self.bump().span;
        let mut attributes = Attributes::default();
        self.attributes(&mut attributes)?;
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
            self.attributes(&mut attributes)?;
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
        self.attributes(&mut attributes)?;
        if attributes.packed {
            return self.error(start, "a packed enum is not known here");
        }
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
