//! The controlling expression of `#if` (C11 6.10.1): integers of 64 bits, signed and unsigned.

use crate::program::c::literal;
use crate::program::c::token::{Interner, P, Tok, Token};
use crate::program::{Diagnostic, Span};

/// The deepest nesting of parentheses and operators in `#if`.
const MAX_DEPTH: u32 = 64;

/// Whether the expression is not zero.
pub(super) fn evaluate(
    tokens: &[Token],
    names: &Interner,
    at: Span,
) -> Result<bool, Box<Diagnostic>> {
    let mut reader = Reader {
        tokens,
        next: 0,
        names,
        at,
        dead: 0,
    };
    let (value, _) = reader.binary(0, 0)?;
    if reader.next < tokens.len() {
        return Err(reader.problem("this does not belong to the expression"));
    }
    Ok(value != 0)
}

struct Reader<'a> {
    tokens: &'a [Token],
    next: usize,
    names: &'a Interner,
    at: Span,
    /// In how many operands that do not count: there a division by zero is harmless.
    dead: u32,
}

/// A value and whether it is unsigned.
type Value = (i64, bool);

impl Reader<'_> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.next).copied()
    }

    fn problem(&self, message: &str) -> Box<Diagnostic> {
        let span = self.peek().map_or(self.at, |t| t.span);
        Box::new(Diagnostic::error(span, format!("in #if: {message}")))
    }

    fn eat(&mut self, p: P) -> bool {
        let found = self.peek().is_some_and(|t| t.is(p));
        self.next += usize::from(found);
        found
    }

    fn unary(&mut self, depth: u32) -> Result<Value, Box<Diagnostic>> {
        if depth > MAX_DEPTH {
            return Err(self.problem("nested more than 64 deep"));
        }
        let Some(token) = self.peek() else {
            return Err(self.problem("an operand is missing"));
        };
        self.next += 1;
        match token.kind {
            // What is still a name after macro expansion is 0.
            Tok::Ident => Ok((0, false)),
            Tok::Num => match literal::number(self.names.name(token.sym)) {
                Ok(literal::Number::Int { value, suffix }) => {
                    Ok((value as i64, suffix.unsigned || value > i64::MAX as u64))
                }
                _ => {
                    self.next -= 1;
                    Err(self.problem("this is not an integer"))
                }
            },
            Tok::Char => match literal::character(self.names.name(token.sym)) {
                Ok(value) => Ok((i64::from(value), false)),
                Err(message) => {
                    self.next -= 1;
                    Err(self.problem(&message))
                }
            },
            Tok::P(P::LParen) => {
                let value = self.binary(0, depth + 1)?;
                if !self.eat(P::RParen) {
                    return Err(self.problem("a closing ) is missing"));
                }
                Ok(value)
            }
            Tok::P(P::Minus) => self.unary(depth + 1).map(|(v, u)| (v.wrapping_neg(), u)),
            Tok::P(P::Plus) => self.unary(depth + 1),
            Tok::P(P::Tilde) => self.unary(depth + 1).map(|(v, u)| (!v, u)),
            Tok::P(P::Bang) => self
                .unary(depth + 1)
                .map(|(v, _)| (i64::from(v == 0), false)),
            _ => {
                self.next -= 1;
                Err(self.problem("an operand is missing"))
            }
        }
    }

    /// An operand; `dead`: its value does not count.
    fn operand(&mut self, dead: bool, least: u8, depth: u32) -> Result<Value, Box<Diagnostic>> {
        self.dead += u32::from(dead);
        let value = self.binary(least, depth);
        self.dead -= u32::from(dead);
        value
    }

    fn binary(&mut self, least: u8, depth: u32) -> Result<Value, Box<Diagnostic>> {
        let mut left = self.unary(depth)?;
        loop {
            let Some(Tok::P(op)) = self.peek().map(|t| t.kind) else {
                return Ok(left);
            };
            if op == P::Question && least == 0 {
                self.next += 1;
                let yes = self.operand(left.0 == 0, 0, depth + 1)?;
                if !self.eat(P::Colon) {
                    return Err(self.problem("a : is missing"));
                }
                let no = self.operand(left.0 != 0, 0, depth + 1)?;
                return Ok(if left.0 != 0 { yes } else { no });
            }
            let Some(strength) = strength(op).filter(|s| *s > least) else {
                return Ok(left);
            };
            self.next += 1;
            let decided = match op {
                P::AndAnd => left.0 == 0,
                P::OrOr => left.0 != 0,
                _ => false,
            };
            let right = self.operand(decided, strength, depth + 1)?;
            left = match apply(op, left, right) {
                Some(value) => value,
                None if self.dead > 0 => (0, false),
                None => {
                    self.next -= 1;
                    return Err(self.problem("division by zero"));
                }
            };
        }
    }
}

fn strength(op: P) -> Option<u8> {
    Some(match op {
        P::OrOr => 1,
        P::AndAnd => 2,
        P::Or => 3,
        P::Caret => 4,
        P::And => 5,
        P::EqEq | P::Ne => 6,
        P::Lt | P::Le | P::Gt | P::Ge => 7,
        P::Shl | P::Shr => 8,
        P::Plus | P::Minus => 9,
        P::Star | P::Slash | P::Percent => 10,
        _ => return None,
    })
}

/// `None` if it divides by zero.
fn apply(op: P, (a, au): Value, (b, bu): Value) -> Option<Value> {
    let unsigned = au || bu;
    let order = if unsigned {
        (a as u64).cmp(&(b as u64))
    } else {
        a.cmp(&b)
    };
    let truth = |yes: bool| (i64::from(yes), false);
    Some(match op {
        P::OrOr => truth(a != 0 || b != 0),
        P::AndAnd => truth(a != 0 && b != 0),
        P::Or => (a | b, unsigned),
        P::Caret => (a ^ b, unsigned),
        P::And => (a & b, unsigned),
        P::EqEq => truth(a == b),
        P::Ne => truth(a != b),
        P::Lt => truth(order.is_lt()),
        P::Le => truth(order.is_le()),
        P::Gt => truth(order.is_gt()),
        P::Ge => truth(order.is_ge()),
        P::Shl => (a.wrapping_shl(b as u32), au),
        P::Shr if au => (((a as u64).wrapping_shr(b as u32)) as i64, au),
        P::Shr => (a.wrapping_shr(b as u32), au),
        P::Plus => (a.wrapping_add(b), unsigned),
        P::Minus => (a.wrapping_sub(b), unsigned),
        P::Star => (a.wrapping_mul(b), unsigned),
        P::Slash | P::Percent if b == 0 => return None,
        P::Slash if unsigned => ((a as u64 / b as u64) as i64, true),
        P::Slash => (a.wrapping_div(b), false),
        P::Percent if unsigned => ((a as u64 % b as u64) as i64, true),
        P::Percent => (a.wrapping_rem(b), false),
        _ => return None,
    })
}
