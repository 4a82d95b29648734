//! Expressions (C11 6.5).

use super::*;
use crate::program::c::ast::{BinaryOp, Designator, Init, UnaryOp};
use crate::program::c::literal;
use std::rc::Rc;

impl Parser<'_> {
    /// An expression, commas included.
    pub(super) fn expression(&mut self) -> Parsed<ExprId> {
        let mut left = self.assignment()?;
        while self.eat(P::Comma) {
            let right = self.assignment()?;
            let span = self.span_of(left).to(self.span_of(right));
            left = self.add(ExprKind::Comma(left, right), span, &[left, right])?;
        }
        Ok(left)
    }

    /// An assignment expression. Chains of `=` and `?:` lean right: each costs one level.
    pub(super) fn assignment(&mut self) -> Parsed<ExprId> {
        let left = self.conditional()?;
        let op = match self.token().kind {
            Tok::P(P::Eq) => None,
            Tok::P(P::MulEq) => Some(BinaryOp::Mul),
            Tok::P(P::DivEq) => Some(BinaryOp::Div),
            Tok::P(P::ModEq) => Some(BinaryOp::Rem),
            Tok::P(P::AddEq) => Some(BinaryOp::Add),
            Tok::P(P::SubEq) => Some(BinaryOp::Sub),
            Tok::P(P::ShlEq) => Some(BinaryOp::Shl),
            Tok::P(P::ShrEq) => Some(BinaryOp::Shr),
            Tok::P(P::AndEq) => Some(BinaryOp::And),
            Tok::P(P::XorEq) => Some(BinaryOp::Xor),
            Tok::P(P::OrEq) => Some(BinaryOp::Or),
            _ => return Ok(left),
        };
        self.bump();
        let right = self.deeper(|p| p.assignment())?;
        let span = self.span_of(left).to(self.span_of(right));
        self.add(ExprKind::Assign(op, left, right), span, &[left, right])
    }

    pub(super) fn conditional(&mut self) -> Parsed<ExprId> {
        let cond = self.binary(0)?;
        if !self.eat(P::Question) {
            return Ok(cond);
        }
        let yes = match self.at(P::Colon) {
            true => None,
            false => Some(self.deeper(|p| p.expression())?),
        };
        self.expect(P::Colon, "after the middle of ?:")?;
        let no = self.deeper(|p| p.conditional())?;
        let span = self.span_of(cond).to(self.span_of(no));
        let below = [cond, yes.unwrap_or(cond), no];
        self.add(ExprKind::Cond(cond, yes, no), span, &below)
    }

    fn binary(&mut self, least: u8) -> Parsed<ExprId> {
        let mut left = self.unary()?;
        loop {
            let Tok::P(p) = self.token().kind else {
                return Ok(left);
            };
            let Some((op, strength)) = operator(p).filter(|(_, s)| *s > least) else {
                return Ok(left);
            };
            self.bump();
            let right = self.binary(strength)?;
            let span = self.span_of(left).to(self.span_of(right));
            left = self.add(ExprKind::Binary(op, left, right), span, &[left, right])?;
        }
    }

    fn unary(&mut self) -> Parsed<ExprId> {
        let token = self.token();
        let op = match token.kind {
            Tok::P(P::Plus) => UnaryOp::Plus,
            Tok::P(P::Minus) => UnaryOp::Minus,
            Tok::P(P::Bang) => UnaryOp::Not,
            Tok::P(P::Tilde) => UnaryOp::BitNot,
            Tok::P(P::Star) => UnaryOp::Deref,
            Tok::P(P::And) => UnaryOp::AddressOf,
            Tok::P(P::Inc | P::Dec) => {
                self.bump();
                let of = self.deeper(|p| p.unary())?;
                let span = token.span.to(self.span_of(of));
                let up = token.is(P::Inc);
                return self.add(
                    ExprKind::Step {
                        prefix: true,
                        up,
                        of,
                    },
                    span,
                    &[of],
                );
            }
            Tok::P(P::AndAnd) => {
                return self.fail(
                    Diagnostic::error(token.span, "the address of a label is not known here")
                        .help("GNU's `&&label` and `goto *` can be a switch"),
                );
            }
            Tok::P(P::LParen)
                if self.starts_type(self.ahead(1))
                    && self.keyword_of(self.ahead(1)) != Some(Kw::Extension) =>
            {
                return self.cast();
            }
            Tok::Ident => {
                return match self.keyword() {
                    Some(Kw::Sizeof | Kw::Alignof | Kw::Alignof2 | Kw::Alignof3) => self.sizeof(),
                    Some(Kw::Extension) => {
                        self.bump();
                        self.deeper(|p| p.unary())
                    }
                    _ => self.postfix(),
                };
            }
            _ => return self.postfix(),
        };
        self.bump();
        let of = self.deeper(|p| p.unary())?;
        let span = token.span.to(self.span_of(of));
        if op == UnaryOp::AddressOf {
            self.note_address(of);
        }
        self.add(ExprKind::Unary(op, of), span, &[of])
    }

    /// Remembers the variable whose address is taken: it must live in memory.
    fn note_address(&mut self, of: ExprId) {
        if let ExprKind::Name(name) = self.unit.expr(of).kind
            && !self.addressed.contains(&name)
        {
            self.addressed.push(name);
        }
    }

    fn cast(&mut self) -> Parsed<ExprId> {
        let start = self.bump().span;
        let ty = Rc::new(self.deeper(|p| p.type_name())?);
        self.expect(P::RParen, "after the type")?;
        if self.at(P::LBrace) {
            let (init, below) = self.braced(|p| p.initializer())?;
            let span = start.to(self.last_span());
            let literal = self.add(ExprKind::Compound(ty, Rc::new(init)), span, &below)?;
            return self.postfix_of(literal);
        }
        let of = self.deeper(|p| p.unary())?;
        let span = start.to(self.span_of(of));
        self.add(ExprKind::Cast(ty, of), span, &[of])
    }

    /// Parses something with expressions inside, and says which is the highest of them.
    fn braced(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Parsed<Init>,
    ) -> Parsed<(Init, Vec<ExprId>)> {
        let before = self.unit.exprs.len();
        let init = parse(self)?;
        let highest = (before..self.unit.exprs.len()).max_by_key(|i| self.unit.exprs[*i].height);
        Ok((
            init,
            highest.map(|i| ExprId(i as u32)).into_iter().collect(),
        ))
    }

    fn sizeof(&mut self) -> Parsed<ExprId> {
        let align = self.keyword() != Some(Kw::Sizeof);
        let start = self.bump().span;
        if self.at(P::LParen) && self.starts_type(self.ahead(1)) {
            self.bump();
            let ty = Rc::new(self.deeper(|p| p.type_name())?);
            let end = self.expect(P::RParen, "after the type")?;
            let span = start.to(end);
            if self.at(P::LBrace) && !align {
                let (init, below) = self.braced(|p| p.initializer())?;
                let literal = self.add(ExprKind::Compound(ty, Rc::new(init)), span, &below)?;
                let of = self.postfix_of(literal)?;
                return self.add(ExprKind::SizeofExpr(of), span, &[of]);
            }
            let kind = match align {
                true => ExprKind::AlignofType(ty),
                false => ExprKind::SizeofType(ty),
            };
            return self.add(kind, span, &[]);
        }
        let of = self.deeper(|p| p.unary())?;
        let span = start.to(self.span_of(of));
        let kind = match align {
            true => ExprKind::AlignofExpr(of),
            false => ExprKind::SizeofExpr(of),
        };
        self.add(kind, span, &[of])
    }

    fn postfix(&mut self) -> Parsed<ExprId> {
        let primary = self.primary()?;
        self.postfix_of(primary)
    }

    fn postfix_of(&mut self, mut left: ExprId) -> Parsed<ExprId> {
        loop {
            let token = self.token();
            let start = self.span_of(left);
            left = match token.kind {
                Tok::P(P::LBracket) => {
                    self.bump();
                    let index = self.deeper(|p| p.expression())?;
                    let end = self.expect(P::RBracket, "after the index")?;
                    self.add(ExprKind::Index(left, index), start.to(end), &[left, index])?
                }
                Tok::P(P::LParen) => {
                    self.bump();
                    let args = self.deeper(|p| p.arguments())?;
                    let end = self.expect(P::RParen, "after the arguments")?;
                    let mut below = args.clone();
                    below.push(left);
                    self.add(ExprKind::Call(left, args), start.to(end), &below)?
                }
                Tok::P(P::Dot | P::Arrow) => {
                    self.bump();
                    let Some((name, end)) = self.name() else {
                        return self.expected(self.token().span, "a member's name");
                    };
                    let arrow = token.is(P::Arrow);
                    let kind = ExprKind::Member {
                        of: left,
                        name,
                        arrow,
                    };
                    self.add(kind, start.to(end), &[left])?
                }
                Tok::P(P::Inc | P::Dec) => {
                    self.bump();
                    let up = token.is(P::Inc);
                    let kind = ExprKind::Step {
                        prefix: false,
                        up,
                        of: left,
                    };
                    self.add(kind, start.to(token.span), &[left])?
                }
                _ => return Ok(left),
            };
        }
    }

    fn arguments(&mut self) -> Parsed<Vec<ExprId>> {
        let mut args = Vec::new();
        if self.at(P::RParen) {
            return Ok(args);
        }
        loop {
            args.push(self.assignment()?);
            if args.len() > 127 {
                return self.error(self.token().span, "more than 127 arguments");
            }
            if !self.eat(P::Comma) {
                return Ok(args);
            }
        }
    }

    fn primary(&mut self) -> Parsed<ExprId> {
        let token = self.token();
        match token.kind {
            Tok::Num => self.number(token),
            Tok::Char => {
                self.bump();
                self.known_escapes(token);
                let text = self.names.name(token.sym);
                let (encoding, _) = literal::Encoding::of(text);
                match literal::character(text) {
                    Ok(value) => self.add(ExprKind::Char(value, encoding), token.span, &[]),
                    Err(message) => self.error(token.span, message),
                }
            }
            Tok::Str => {
                let (bytes, encoding, span) = self.string()?;
                self.add(ExprKind::Str(bytes, encoding), span, &[])
            }
            Tok::P(P::LParen) => {
                self.bump();
                if self.at(P::LBrace) {
                    return self.statement_expression(token.span);
                }
                let inner = self.deeper(|p| p.expression())?;
                let end = self.expect(P::RParen, "after the expression")?;
                let _ = end;
                Ok(inner)
            }
            Tok::Ident => self.identifier(token),
            _ => self.expected(token.span, "an expression"),
        }
    }

    fn number(&mut self, token: Token) -> Parsed<ExprId> {
        self.bump();
        match literal::number(self.names.name(token.sym)) {
            Ok(literal::Number::Int { value, suffix }) => {
                self.add(ExprKind::Int(value, suffix), token.span, &[])
            }
            Ok(literal::Number::Float { value, precision }) => {
                self.add(ExprKind::Float { value, precision }, token.span, &[])
            }
            Err(message) => self.error(token.span, message),
        }
    }

    /// gcc warns of an escape that C does not have.
    fn known_escapes(&mut self, token: Token) {
        if let Some(c) = literal::unknown_escape(self.names.name(token.sym)) {
            let message = format!("there is no escape \\{c}: it stands for {c}");
            self.problems
                .push(Diagnostic::warning(token.span, message).help("write \\\\ for a backslash"));
        }
    }

    /// One or more string literals side by side: their bytes together.
    pub(super) fn string(&mut self) -> Parsed<(Rc<[u8]>, literal::Encoding, Span)> {
        let start = self.token().span;
        let mut bytes = Vec::new();
        if self.token().kind != Tok::Str {
            return self.expected(start, "a string");
        }
        // A prefix of one of them is that of all.
        let mut encoding = literal::Encoding::Bytes;
        let mut at = self.next;
        while self.tokens[at].kind == Tok::Str {
            let (own, _) = literal::Encoding::of(self.names.name(self.tokens[at].sym));
            if encoding == literal::Encoding::Bytes {
                encoding = own;
            } else if own != encoding && own != literal::Encoding::Bytes {
                let span = self.tokens[at].span;
                return self.error(span, "strings of different kinds cannot be joined");
            }
            at += 1;
        }
        while self.token().kind == Tok::Str {
            let token = self.bump();
            self.known_escapes(token);
            let text = self.names.name(token.sym);
            let (own, quoted) = literal::Encoding::of(text);
            let part = match (own, encoding) {
                (literal::Encoding::Bytes, literal::Encoding::Bytes) => literal::unquote(quoted),
                (_, literal::Encoding::Bytes | literal::Encoding::Wide) => {
                    literal::unquote(&format!("L{quoted}"))
                }
                (_, literal::Encoding::Utf16) => literal::unquote(&format!("u{quoted}")),
                (_, literal::Encoding::Utf32) => literal::unquote(&format!("U{quoted}")),
            };
            match part {
                Ok(part) => bytes.extend(part),
                Err(message) => return self.error(token.span, message),
            }
        }
        Ok((bytes.into(), encoding, start.to(self.last_span())))
    }

    /// `({ … })`, whose parenthesis has been read.
    fn statement_expression(&mut self, start: Span) -> Parsed<ExprId> {
        if self.function.is_none() {
            return self.error(start, "a statement expression needs a function around it");
        }
        self.bump();
        let before = self.unit.exprs.len();
        self.scopes.open();
        let items = self.deeper(|p| p.deeper(|p| p.block_items()));
        self.scopes.close();
        let items = items?;
        self.expect(P::RBrace, "at the end of the block")?;
        let end = self.expect(P::RParen, "after the statement expression")?;
        let highest = (before..self.unit.exprs.len()).max_by_key(|i| self.unit.exprs[*i].height);
        let below: Vec<ExprId> = highest.map(|i| ExprId(i as u32)).into_iter().collect();
        self.add(ExprKind::Block(items.into()), start.to(end), &below)
    }

    /// `_Generic(of, type: value, default: value)`
    fn generic(&mut self, token: Token) -> Parsed<ExprId> {
        self.bump();
        self.expect(P::LParen, "after _Generic")?;
        let of = self.deeper(|p| p.assignment())?;
        let (mut choices, mut below) = (Vec::new(), vec![of]);
        while self.eat(P::Comma) {
            let ty = match self.eat_keyword(Kw::Default) {
                true => None,
                false => Some(Rc::new(self.deeper(|p| p.type_name())?)),
            };
            self.expect(P::Colon, "after the type")?;
            let value = self.deeper(|p| p.assignment())?;
            below.push(value);
            choices.push((ty, value));
        }
        let end = self.expect(P::RParen, "after the choices")?;
        self.add(ExprKind::Generic(of, choices), token.span.to(end), &below)
    }

    /// `__builtin_types_compatible_p(type, type)`
    fn types_compatible(&mut self, token: Token) -> Parsed<ExprId> {
        self.bump();
        self.expect(P::LParen, "after __builtin_types_compatible_p")?;
        let a = Rc::new(self.deeper(|p| p.type_name())?);
        self.expect(P::Comma, "after the type")?;
        let b = Rc::new(self.deeper(|p| p.type_name())?);
        let end = self.expect(P::RParen, "after the types")?;
        self.add(ExprKind::TypesCompatible(a, b), token.span.to(end), &[])
    }

    fn identifier(&mut self, token: Token) -> Parsed<ExprId> {
        match self.keyword() {
            None => {
                self.bump();
                if matches!(
                    self.names.name(token.sym),
                    "__func__" | "__FUNCTION__" | "__PRETTY_FUNCTION__"
                ) && let Some(function) = self.function
                {
                    let bytes = self.names.name(function).as_bytes().into();
                    let encoding = literal::Encoding::Bytes;
                    return self.add(ExprKind::Str(bytes, encoding), token.span, &[]);
                }
                self.add(ExprKind::Name(token.sym), token.span, &[])
            }
            Some(Kw::VaArg) => {
                self.bump();
                self.expect(P::LParen, "after va_arg")?;
                let list = self.deeper(|p| p.assignment())?;
                self.expect(P::Comma, "after the argument list")?;
                let ty = Rc::new(self.deeper(|p| p.type_name())?);
                let end = self.expect(P::RParen, "after the type")?;
                self.note_address(list);
                self.add(ExprKind::VaArg(list, ty), token.span.to(end), &[list])
            }
            Some(Kw::Offsetof) => self.offsetof(token),
            Some(Kw::Sizeof | Kw::Alignof | Kw::Alignof2 | Kw::Alignof3) => self.sizeof(),
            Some(Kw::Generic) => self.generic(token),
            Some(Kw::TypesCompatible) => self.types_compatible(token),
            Some(_) => self.expected(token.span, "an expression"),
        }
    }

    fn offsetof(&mut self, token: Token) -> Parsed<ExprId> {
        self.bump();
        self.expect(P::LParen, "after offsetof")?;
        let ty = Rc::new(self.deeper(|p| p.type_name())?);
        self.expect(P::Comma, "after the type")?;
        let mut path = Vec::new();
        loop {
            match self.name() {
                Some((name, span)) => path.push(Designator::Field(name, span)),
                None => {
                    return self.expected(self.token().span, "a member's name");
                }
            }
            while self.eat(P::LBracket) {
                let index = self.deeper(|p| p.conditional())?;
                path.push(Designator::Index(index));
                self.expect(P::RBracket, "after the index")?;
            }
            if path.len() > 32 || !self.eat(P::Dot) {
                break;
            }
        }
        let end = self.expect(P::RParen, "after the member")?;
        self.add(ExprKind::Offsetof(ty, path), token.span.to(end), &[])
    }
}

/// A binary operator and how strongly it binds.
fn operator(p: P) -> Option<(BinaryOp, u8)> {
    Some(match p {
        P::OrOr => (BinaryOp::LogOr, 1),
        P::AndAnd => (BinaryOp::LogAnd, 2),
        P::Or => (BinaryOp::Or, 3),
        P::Caret => (BinaryOp::Xor, 4),
        P::And => (BinaryOp::And, 5),
        P::EqEq => (BinaryOp::Eq, 6),
        P::Ne => (BinaryOp::Ne, 6),
        P::Lt => (BinaryOp::Lt, 7),
        P::Le => (BinaryOp::Le, 7),
        P::Gt => (BinaryOp::Gt, 7),
        P::Ge => (BinaryOp::Ge, 7),
        P::Shl => (BinaryOp::Shl, 8),
        P::Shr => (BinaryOp::Shr, 8),
        P::Plus => (BinaryOp::Add, 9),
        P::Minus => (BinaryOp::Sub, 9),
        P::Star => (BinaryOp::Mul, 10),
        P::Slash => (BinaryOp::Div, 10),
        P::Percent => (BinaryOp::Rem, 10),
        _ => return None,
    })
}
