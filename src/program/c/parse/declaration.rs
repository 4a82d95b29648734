//! Declarations (C11 6.7).

use super::*;
use crate::program::c::ast::{
    Aligned, Attributes, Basic, Decl, Layer, Length, Specs, TypeName, TypeSpec,
};
use std::rc::Rc;

/// How often each type specifier was written.
#[derive(Default)]
struct Count {
    void: u8,
    boolean: u8,
    char: u8,
    short: u8,
    int: u8,
    long: u8,
    float: u8,
    double: u8,
    signed: u8,
    unsigned: u8,
}

impl Count {
    /// The type that the specifiers spell, in any order (C11 6.7.2).
    fn basic(&self) -> Result<Basic, &'static str> {
        let Count {
            void,
            boolean,
            char,
            short,
            int,
            long,
            float,
            double,
            signed,
            unsigned,
        } = *self;
        if void + boolean + float + double + char > 1
            || (signed > 0 && unsigned > 0)
            || int > 1
            || short > 1
            || long > 2
            || (void + boolean + float + double > 0 && int + short + signed + unsigned > 0)
            || (char > 0 && int + short + long > 0)
            || (short > 0 && long > 0)
            || (long > 0 && void + boolean + float > 0)
            || (long > 1 && double > 0)
        {
            return Err("these type specifiers do not go together");
        }
        Ok(if void > 0 {
            Basic::Void
        } else if boolean > 0 {
            Basic::Bool
        } else if float > 0 {
            Basic::Float
        } else if double > 0 {
            match long {
                0 => Basic::Double,
                _ => Basic::LongDouble,
            }
        } else {
            match (char > 0, short > 0, long, unsigned > 0) {
                (true, _, _, true) => Basic::UChar,
                (true, ..) if signed > 0 => Basic::SChar,
                (true, ..) => Basic::Char,
                (_, true, _, true) => Basic::UShort,
                (_, true, ..) => Basic::Short,
                (_, _, 0, true) => Basic::UInt,
                (_, _, 0, _) => Basic::Int,
                (_, _, 1, true) => Basic::ULong,
                (_, _, 1, _) => Basic::Long,
                (_, _, _, true) => Basic::ULongLong,
                _ => Basic::LongLong,
            }
        })
    }
}

impl Parser<'_> {
    /// Whether a declaration or type name begins with that token.
    pub(super) fn starts_type(&self, token: Token) -> bool {
        match self.keyword_of(token) {
            Some(kw) => matches!(
                kw,
                Kw::Auto
                    | Kw::Char
                    | Kw::Const
                    | Kw::Double
                    | Kw::Enum
                    | Kw::Extern
                    | Kw::Float
                    | Kw::Inline
                    | Kw::Int
                    | Kw::Long
                    | Kw::Register
                    | Kw::Restrict
                    | Kw::Short
                    | Kw::Signed
                    | Kw::Static
                    | Kw::Struct
                    | Kw::Typedef
                    | Kw::Union
                    | Kw::Unsigned
                    | Kw::Void
                    | Kw::Volatile
                    | Kw::Bool
                    | Kw::Noreturn
                    | Kw::Alignas
                    | Kw::Atomic
                    | Kw::Complex
                    | Kw::ThreadLocal
                    | Kw::Attribute
                    | Kw::Attribute2
                    | Kw::Extension
                    | Kw::Inline2
                    | Kw::Inline3
                    | Kw::Restrict2
                    | Kw::Restrict3
                    | Kw::Const2
                    | Kw::Const3
                    | Kw::Volatile2
                    | Kw::Volatile3
                    | Kw::Signed2
                    | Kw::Signed3
                    | Kw::Typeof
                    | Kw::Typeof2
                    | Kw::Typeof3
                    | Kw::AutoType
                    | Kw::ThreadLocal2
                    | Kw::Int128
                    | Kw::StaticAssert
            ),
            None => token.kind == Tok::Ident && self.is_typedef(token.sym),
        }
    }

    /// Declaration specifiers. `outer`: outside of functions, where a missing type before a function
    /// is C89's implicit int.
    pub(super) fn specs(&mut self, outer: bool) -> Parsed<Specs> {
        let start = self.token().span;
        let (mut storage, mut constant) = (Storage::None, false);
        let mut count = Count::default();
        let mut attributes = Attributes::default();
        let mut basics = 0u32;
        let mut other: Option<TypeSpec> = None;
        loop {
            let token = self.token();
            let Some(kw) = self.keyword() else {
                if token.kind == Tok::Ident
                    && basics == 0
                    && other.is_none()
                    && self.is_typedef(token.sym)
                {
                    self.bump();
                    other = Some(TypeSpec::Typedef(token.sym));
                    continue;
                }
                break;
            };
            let slot = match kw {
                Kw::Typedef | Kw::Extern | Kw::Static | Kw::Auto | Kw::Register => {
                    self.bump();
                    let new = match kw {
                        Kw::Typedef => Storage::Typedef,
                        Kw::Extern => Storage::Extern,
                        Kw::Static => Storage::Static,
                        _ => Storage::Auto,
                    };
                    if storage != Storage::None {
                        return self.error(token.span, "two storage classes in one declaration");
                    }
                    storage = new;
                    continue;
                }
                Kw::Const | Kw::Const2 | Kw::Const3 => {
                    constant = true;
                    self.bump();
                    continue;
                }
                Kw::Inline | Kw::Inline2 | Kw::Inline3 => {
                    self.bump();
                    continue;
                }
                Kw::Volatile
                | Kw::Volatile2
                | Kw::Volatile3
                | Kw::Restrict
                | Kw::Restrict2
                | Kw::Restrict3
                | Kw::Noreturn
                | Kw::Extension => {
                    self.bump();
                    continue;
                }
                Kw::Attribute | Kw::Attribute2 => {
                    self.attributes(&mut attributes)?;
                    continue;
                }
                Kw::Alignas => {
                    self.bump();
                    self.expect(P::LParen, "after _Alignas")?;
                    let aligned = match self.starts_type(self.token()) {
                        true => Aligned::As(Rc::new(self.deeper(|p| p.type_name())?)),
                        false => Aligned::To(self.deeper(|p| p.conditional())?),
                    };
                    self.expect(P::RParen, "after the alignment")?;
                    attributes.aligned.push(aligned);
                    continue;
                }
                Kw::AutoType => {
                    self.bump();
                    other = Some(self.only(other.is_some(), TypeSpec::Auto, token.span)?);
                    continue;
                }
                Kw::Struct | Kw::Union => {
                    let record = self.deeper(|p| p.record())?;
                    other = Some(self.only(other.is_some(), record, token.span)?);
                    continue;
                }
                Kw::Enum => {
                    let items = self.enumeration()?;
                    other = Some(self.only(other.is_some(), items, token.span)?);
                    continue;
                }
                Kw::Typeof | Kw::Typeof2 | Kw::Typeof3 => {
                    let spec = self.deeper(|p| p.typeof_spec())?;
                    other = Some(self.only(other.is_some(), spec, token.span)?);
                    continue;
                }
                Kw::Atomic | Kw::Complex | Kw::ThreadLocal | Kw::ThreadLocal2 | Kw::Int128 => {
                    let text = self.names.name(token.sym).to_owned();
                    return self.error(token.span, format!("`{text}` is not known here"));
                }
                Kw::Void => &mut count.void,
                Kw::Bool => &mut count.boolean,
                Kw::Char => &mut count.char,
                Kw::Short => &mut count.short,
                Kw::Int => &mut count.int,
                Kw::Long => &mut count.long,
                Kw::Float => &mut count.float,
                Kw::Double => &mut count.double,
                Kw::Signed | Kw::Signed2 | Kw::Signed3 => &mut count.signed,
                Kw::Unsigned => &mut count.unsigned,
                _ => break,
            };
            *slot = slot.saturating_add(1);
            basics += 1;
            if basics > 5 {
                return self.error(token.span, "these type specifiers do not go together");
            }
            self.bump();
        }
        let span = if self.last_span().file == start.file && self.last_span().end >= start.end {
            start.to(self.last_span())
        } else {
            start
        };
        let base = match (other, basics) {
            (Some(other), 0) => other,
            (Some(_), _) => {
                return self.error(span, "these type specifiers do not go together");
            }
            (None, 0) => self.missing_type(outer, start, storage != Storage::None || constant)?,
            (None, _) => match count.basic() {
                Ok(basic) => TypeSpec::Basic(basic),
                Err(message) => return self.error(span, message),
            },
        };
        Ok(Specs {
            storage,
            constant,
            attributes,
            base,
            span,
        })
    }

    fn only(&mut self, second: bool, spec: TypeSpec, span: Span) -> Parsed<TypeSpec> {
        if second {
            return self.error(span, "these type specifiers do not go together");
        }
        Ok(spec)
    }

    /// A declaration without a type: C89's implicit int where gcc takes it, else a problem.
    fn missing_type(&mut self, outer: bool, start: Span, some: bool) -> Parsed<TypeSpec> {
        let token = self.token();
        let named = token.kind == Tok::Ident && self.keyword().is_none();
        if named && (self.ahead(1).kind == Tok::Ident || (!some && self.ahead(1).is(P::Star))) {
            let name = self.names.name(token.sym).to_owned();
            let mut all = self.scopes.names();
            all.retain(|(_, typedef)| *typedef == 1);
            let known = all.iter().map(|(n, _)| self.names.name(*n));
            let near = crate::program::source::nearest(&name, known).map(str::to_owned);
            let mut problem = Diagnostic::error(token.span, format!("unknown type `{name}`"));
            if let Some(near) = near {
                problem = problem.help(format!("did you mean `{near}`?"));
            } else if let Some(header) = crate::program::c::headers::home_of_type(&name) {
                problem = problem.help(format!("add #include <{header}>"));
            }
            return self.fail(problem);
        }
        if named && (some || (outer && self.ahead(1).is(P::LParen))) {
            let name = self.names.name(token.sym).to_owned();
            self.problems.push(
                Diagnostic::warning(token.span, format!("`{name}` has no type: int is assumed"))
                    .help("write `int` before it"),
            );
            return Ok(TypeSpec::Basic(Basic::Int));
        }
        self.expected(start, "a declaration")
    }

    /// A type name: specifiers and a declarator without a name.
    pub(super) fn type_name(&mut self) -> Parsed<TypeName> {
        let specs = self.specs(false)?;
        let declarator = self.declarator(true)?;
        if let Some(name) = declarator.name {
            let name = self.names.name(name).to_owned();
            return self.error(declarator.span, format!("`{name}` has no place in a type"));
        }
        Ok(TypeName { specs, declarator })
    }

    /// A declarator; with `nameless` the name may be missing.
    pub(super) fn declarator(&mut self, nameless: bool) -> Parsed<Declarator> {
        let mut pointers = Vec::new();
        let start = self.token().span;
        while self.eat(P::Star) {
            let mut constant = false;
            loop {
                match self.keyword() {
                    Some(Kw::Const | Kw::Const2 | Kw::Const3) => constant = true,
                    Some(
                        Kw::Volatile
                        | Kw::Volatile2
                        | Kw::Volatile3
                        | Kw::Restrict
                        | Kw::Restrict2
                        | Kw::Restrict3,
                    ) => {}
                    Some(Kw::Attribute | Kw::Attribute2) => {
                        self.attributes(&mut Attributes::default())?;
                        continue;
                    }
                    _ => break,
                }
                self.bump();
            }
            pointers.push(Layer::Pointer { constant });
            if pointers.len() > MAX_NESTING as usize {
                self.fatal = true;
                return self.error(start, format!("nested more than {MAX_NESTING} deep"));
            }
        }
        let mut attributes = Attributes::default();
        self.attributes(&mut attributes)?;
        let mut declarator = Declarator {
            span: self.token().span,
            ..Declarator::default()
        };
        if let Some((name, span)) = self.name() {
            declarator.name = Some(name);
            declarator.span = span;
        } else if self.at(P::LParen) && self.inner_declarator_follows() {
            self.bump();
            declarator = self.deeper(|p| p.declarator(nameless))?;
            self.expect(P::RParen, "after the declarator")?;
        } else if !nameless {
            return self.expected(self.token().span, "a name");
        }
        loop {
            if declarator.layers.len() > MAX_NESTING as usize {
                self.fatal = true;
                return self.error(start, format!("nested more than {MAX_NESTING} deep"));
            }
            if self.eat(P::LBracket) {
                while matches!(
                    self.keyword(),
                    Some(
                        Kw::Static
                            | Kw::Const
                            | Kw::Restrict
                            | Kw::Restrict2
                            | Kw::Restrict3
                            | Kw::Volatile
                    )
                ) {
                    self.bump();
                }
                let length = if self.at(P::RBracket) {
                    Length::None
                } else if self.at(P::Star) && self.ahead(1).is(P::RBracket) {
                    self.bump();
                    Length::Some
                } else {
                    Length::Expr(self.deeper(|p| p.assignment())?)
                };
                self.expect(P::RBracket, "after the array's length")?;
                declarator.layers.push(Layer::Array(length));
            } else if self.eat(P::LParen) {
                let params = self.deeper(|p| p.parameters())?;
                declarator.layers.push(Layer::Function(params));
            } else {
                break;
            }
        }
        if matches!(self.keyword(), Some(Kw::Asm | Kw::Asm2 | Kw::Asm3)) {
            return self.error(self.token().span, "assembly is not known here");
        }
        self.attributes(&mut attributes)?;
        declarator.attributes.packed |= attributes.packed;
        declarator.attributes.aligned.extend(attributes.aligned);
        declarator.layers.extend(pointers.into_iter().rev());
        Ok(declarator)
    }

    /// After `(` where a name may be missing: is it a declarator in parentheses, or parameters?
    fn inner_declarator_follows(&self) -> bool {
        let after = self.ahead(1);
        match after.kind {
            Tok::P(P::Star | P::LParen | P::LBracket | P::Caret) => true,
            Tok::Ident
                if matches!(self.keyword_of(after), Some(Kw::Attribute | Kw::Attribute2)) =>
            {
                true
            }
            Tok::Ident => !self.starts_type(after) && self.keyword_of(after).is_none(),
            _ => false,
        }
    }

    /// The rest of a declaration whose specifiers and first declarator are read.
    pub(super) fn declaration_from(&mut self, specs: Specs, first: Declarator) -> Parsed<Decl> {
        let mut items = Vec::new();
        let mut declarator = first;
        loop {
            if let Some(name) = declarator.name {
                self.declare(name, specs.storage == Storage::Typedef);
            }
            let init = match self.eat(P::Eq) {
                true => Some(self.initializer()?),
                false => None,
            };
            items.push((declarator, init));
            if !self.eat(P::Comma) {
                break;
            }
            declarator = self.declarator(false)?;
        }
        self.expect(P::Semi, "after the declaration")?;
        Ok(Decl { specs, items })
    }

    /// A declaration inside a function.
    pub(super) fn declaration(&mut self) -> Parsed<Decl> {
        let specs = self.specs(false)?;
        if self.eat(P::Semi) {
            return Ok(Decl {
                specs,
                items: Vec::new(),
            });
        }
        let first = self.declarator(false)?;
        if self.at(P::LBrace) {
            let span = self.token().span;
            return self.fail(
                Diagnostic::error(span, "a function cannot be defined inside another here")
                    .help("GNU's nested functions are not known; move it out of this function"),
            );
        }
        self.declaration_from(specs, first)
    }
}
