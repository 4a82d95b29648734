//! Parameters of functions (C11 6.7.6.3), and as K&R declared them (6.9.1).

use super::*;
use crate::program::c::ast::{Attributes, Basic, Params, Specs, TypeSpec};

impl Parser<'_> {
    pub(super) fn parameters(&mut self) -> Parsed<Params> {
        let mut params = Params {
            list: Vec::new(),
            variadic: false,
            unspecified: false,
            names: Vec::new(),
        };
        if self.eat(P::RParen) {
            params.unspecified = true;
            return Ok(params);
        }
        if self.keyword() == Some(Kw::Void) && self.ahead(1).is(P::RParen) {
            self.next += 2;
            return Ok(params);
        }
        // K&R's way: names alone; their types may follow.
        let first = self.token();
        if first.kind == Tok::Ident
            && !self.starts_type(first)
            && self.keyword().is_none()
            && matches!(self.ahead(1).kind, Tok::P(P::Comma | P::RParen))
        {
            params.unspecified = true;
            while let Some(name) = self.name() {
                params.names.push(name);
                if !self.eat(P::Comma) {
                    break;
                }
            }
            self.expect(P::RParen, "after the parameters")?;
            return Ok(params);
        }
        self.scopes.open();
        let result = self.parameter_list(&mut params);
        self.scopes.close();
        result?;
        Ok(params)
    }

    pub(super) fn parameter_list(&mut self, params: &mut Params) -> Parsed<()> {
        loop {
            if self.eat(P::Dots) {
                params.variadic = true;
                break;
            }
            let specs = self.specs(false)?;
            let declarator = self.declarator(true)?;
            if let Some(name) = declarator.name {
                self.declare(name, false);
            }
            params.list.push((specs, declarator));
            if params.list.len() > 127 {
                return self.error(self.token().span, "more than 127 parameters");
            }
            if !self.eat(P::Comma) {
                break;
            }
        }
        self.expect(P::RParen, "after the parameters")?;
        Ok(())
    }

    /// K&R's declarations of parameters between the list of their names and the body; what is not
    /// declared is an int.
    pub(super) fn old_parameters(
        &mut self,
        names: Vec<(Sym, Span)>,
    ) -> Parsed<Vec<(Specs, Declarator)>> {
        let mut given: Vec<(Specs, Declarator)> = Vec::new();
        while !self.at(P::LBrace) && self.starts_type(self.token()) {
            let from = self.next;
            loop {
                // The specifiers once for each declarator, as each parameter has its own.
                let here = self.next;
                self.next = from;
                let specs = self.specs(false)?;
                if here > self.next {
                    self.next = here;
                }
                let declarator = self.declarator(false)?;
                let (name, span) = (declarator.name, declarator.span);
                if !names.iter().any(|(n, _)| Some(*n) == name) {
                    return self.error(span, "this is not among the function's parameters");
                }
                given.push((specs, declarator));
                if !self.eat(P::Comma) {
                    break;
                }
            }
            self.expect(P::Semi, "after the declaration of a parameter")?;
        }
        let mut list = Vec::new();
        for (name, span) in names {
            if list.len() > 126 {
                return self.error(span, "more than 127 parameters");
            }
            let known = given.iter().position(|(_, d)| d.name == Some(name));
            list.push(match known {
                Some(at) => given.swap_remove(at),
                None => {
                    let text = self.names.name(name).to_owned();
                    self.problems.push(
                        Diagnostic::warning(span, format!("`{text}` has no type: int is assumed"))
                            .help("write `int` before it"),
                    );
                    let specs = Specs {
                        storage: Storage::None,
                        constant: false,
                        attributes: Attributes::default(),
                        base: TypeSpec::Basic(Basic::Int),
                        span,
                    };
                    let declarator = Declarator {
                        name: Some(name),
                        span,
                        ..Declarator::default()
                    };
                    (specs, declarator)
                }
            });
        }
        if !self.at(P::LBrace) {
            return self.expected(self.token().span, "the function's body");
        }
        Ok(list)
    }
}
