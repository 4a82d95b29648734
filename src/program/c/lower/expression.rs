//! Expressions into values (C11 6.5).

use super::place::{LValue, Place, memory};
use super::*;
use crate::program::c::ast::{BinaryOp, Designator, ExprKind, TypeName, UnaryOp};
use crate::program::c::literal::{Precision, Suffix};

impl Lower<'_> {
    /// The value of an expression; `want` is a register in which it would be welcome.
    pub(super) fn rvalue(&mut self, id: ExprId, want: Option<Reg>) -> Parsed<Value> {
        let unit = self.unit;
        let expr = unit.expr(id);
        let span = expr.span;
        self.worked(span)?;
        match &expr.kind {
            ExprKind::Int(value, suffix) => Ok(self.integer(*value, *suffix)),
            ExprKind::Float { value, precision } => Ok(Value {
                val: Val::Const(value.to_bits()),
                ty: match precision {
                    Precision::Single => Ty::FLOAT,
                    Precision::Double => Ty::DOUBLE,
                    Precision::Long => Ty::LONG_DOUBLE,
                },
            }),
            ExprKind::Char(value, encoding) => {
                let ty = Ty::int(match encoding {
                    Encoding::Bytes | Encoding::Wide => Int::Int,
                    Encoding::Utf16 => Int::UShort,
                    Encoding::Utf32 => Int::UInt,
                });
                Ok(Value {
                    val: Val::Const(*value as u64),
                    ty,
                })
            }
            ExprKind::Name(name) => {
                if let Some(Entity::Constant(value, ty)) = self.find(*name) {
                    return Ok(Value {
                        val: Val::Const(value as u64),
                        ty,
                    });
                }
                let place = self.lvalue(id)?;
                self.at(span, |l| l.load(place, want))
            }
            ExprKind::Str(..)
            | ExprKind::Index(..)
            | ExprKind::Member { .. }
            | ExprKind::Compound(..)
            | ExprKind::Unary(UnaryOp::Deref, _) => {
                let place = self.lvalue(id)?;
                self.at(span, |l| l.load(place, want))
            }
            ExprKind::Unary(UnaryOp::AddressOf, of) => self.address_of(*of, want),
            ExprKind::Unary(op, of) => self.unary(*op, *of, span, want),
            ExprKind::Binary(BinaryOp::LogAnd | BinaryOp::LogOr, ..) => self.logical(id, want),
            ExprKind::Binary(op, a, b) => {
                let mark = self.f.top;
                let left = self.rvalue(*a, None)?;
                let right = self.rvalue(*b, None)?;
                // The result takes the place of the first intermediate value: an instruction reads
                // its operands before it writes.
                let above = self.f.top;
                self.f.top = mark;
                let d = self.temp();
                self.f.top = self.f.top.max(above);
                let value = self.binary(*op, left, right, span, want.or(Some(d)))?;
                self.f.top = mark;
                Ok(self.keep(value, mark))
            }
            ExprKind::Assign(op, left, right) => self.assign(*op, *left, *right, span),
            ExprKind::Step { prefix, up, of } => self.step(*prefix, *up, *of, span, true),
            ExprKind::Cond(cond, yes, no) => self.conditional(*cond, *yes, *no, span, want),
            ExprKind::Comma(left, right) => {
                self.discard(*left)?;
                self.rvalue(*right, want)
            }
            ExprKind::Call(callee, args) => self.call(*callee, args, span, want, true),
            ExprKind::Cast(ty, of) => self.cast(ty, *of, span, want),
            ExprKind::SizeofExpr(of) => {
                let mut ty = self.type_of(*of)?;
                if matches!(self.types.kind(ty), Kind::Vla(..)) {
                    // Now with the code that finds its length.
                    ty = self.lvalue(*of)?.ty;
                }
                self.size_value(ty, span)
            }
            ExprKind::SizeofType(name) => {
                let ty = self.type_name(name)?;
                self.size_value(ty, span)
            }
            ExprKind::AlignofType(name) => {
                let ty = self.type_name(name)?;
                let val = Val::Const(self.types.align(ty));
                let ty = Ty::int(Int::ULong);
                Ok(Value { val, ty })
            }
            ExprKind::AlignofExpr(of) => {
                let ty = self.type_of(*of)?;
                let val = Val::Const(self.types.align(ty));
                let ty = Ty::int(Int::ULong);
                Ok(Value { val, ty })
            }
            ExprKind::Generic(of, choices) => {
                let chosen = self.generic_choice(*of, choices, span)?;
                self.rvalue(chosen, want)
            }
            ExprKind::TypesCompatible(a, b) => {
                let (a, b) = (self.type_name(a)?, self.type_name(b)?);
                let (a, b) = (self.types.without_const(a), self.types.without_const(b));
                let val = Val::Const(u64::from(a == b));
                let ty = Ty::INT;
                Ok(Value { val, ty })
            }
            ExprKind::Block(items) => self.statement_expression(items, true, span),
            ExprKind::Offsetof(name, path) => self.offsetof(name, path, span),
            ExprKind::VaArg(list, ty) => self.va_arg(*list, ty, span, want),
        }
    }

    /// After intermediate values were given back: the result's register counts as taken.
    fn keep(&mut self, value: Value, mark: u32) -> Value {
        if let Val::Reg(reg) = value.val
            && u32::from(reg) >= mark
        {
            self.f.top = self.f.top.max(u32::from(reg) + 1);
        }
        value
    }

    /// An expression for its effects.
    pub(super) fn discard(&mut self, id: ExprId) -> Parsed<()> {
        let unit = self.unit;
        let expr = unit.expr(id);
        match &expr.kind {
            ExprKind::Step { prefix, up, of } => {
                self.step(*prefix, *up, *of, expr.span, false)?;
            }
            ExprKind::Call(callee, args) => {
                self.call(*callee, args, expr.span, None, false)?;
            }
            ExprKind::Comma(left, right) => {
                self.discard(*left)?;
                self.discard(*right)?;
            }
            ExprKind::Cast(name, of) => {
                let ty = self.type_name(name)?;
                match self.types.kind(ty) {
                    Kind::Void => self.discard(*of)?,
                    _ => {
                        self.rvalue(id, None)?;
                    }
                }
            }
            ExprKind::Block(items) => {
                self.statement_expression(items, false, expr.span)?;
            }
            // Naming an object is no reading of it: `(void)x` of an unset x is harmless.
            ExprKind::Name(_) => {
                self.without_code(|l| l.rvalue(id, None))?;
            }
            ExprKind::Cond(cond, Some(yes), no) => {
                let (is_no, end) = (self.label(), self.label());
                self.branch(*cond, false, is_no)?;
                let sure = self.f.sure.clone();
                self.discard(*yes)?;
                self.jump(end);
                let after = std::mem::replace(&mut self.f.sure, sure);
                self.set_label(is_no);
                self.discard(*no)?;
                self.set_label(end);
                self.meet(&after);
            }
            _ => {
                self.rvalue(id, None)?;
            }
        }
        Ok(())
    }

    fn integer(&mut self, value: u64, suffix: Suffix) -> Value {
        // C11 6.4.4.1: the first type of the list that holds the value.
        let candidates: [(Int, u8, bool); 4] = [
            (Int::Int, 0, false),
            (Int::UInt, 0, true),
            (
                if suffix.long == 2 {
                    Int::LLong
                } else {
                    Int::Long
                },
                2,
                false,
            ),
            (
                if suffix.long == 2 {
                    Int::ULLong
                } else {
                    Int::ULong
                },
                2,
                true,
            ),
        ];
        let chosen = candidates.into_iter().find(|(int, long, unsigned)| {
            let largest = match int {
                Int::Int => i32::MAX as u64,
                Int::UInt => u64::from(u32::MAX),
                Int::Long | Int::LLong => i64::MAX as u64,
                _ => u64::MAX,
            };
            value <= largest
                && *long >= suffix.long.min(2)
                && (*unsigned || !suffix.unsigned)
                && (!*unsigned || suffix.unsigned || !suffix.decimal)
        });
        let int = chosen.map_or(Int::ULong, |(int, ..)| int);
        let ty = Ty::int(int);
        Value {
            val: Val::Const(int.fit(value)),
            ty,
        }
    }

    fn address_of(&mut self, of: ExprId, want: Option<Reg>) -> Parsed<Value> {
        let unit = self.unit;
        let span = self.span(of);
        // `&*p` and `&a[i]` read nothing.
        let LValue { place, ty } = self.lvalue(of)?;
        match place {
            Place::Memory { addr, off } => {
                let val = self.address(addr, off, want);
                let ty = self.types.pointer(ty);
                Ok(Value { val, ty })
            }
            Place::Bits { .. } => self.error(span, "a bit-field has no address"),
            Place::Var(_) => {
                // The parser notes every `&name`; this is reached by nothing it lets through.
                let _ = unit;
                self.error(span, "the address of this variable cannot be taken here")
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, of: ExprId, span: Span, want: Option<Reg>) -> Parsed<Value> {
        let value = self.rvalue(of, None)?;
        if op == UnaryOp::Not {
            if !self.types.is_scalar(value.ty) {
                return self.error_ty(span, "a `{}` is neither true nor false", value.ty);
            }
            let val = match self.types.is_float(value.ty) {
                true => {
                    let truth = self.unary_op(ir::Un::BoolF, value.val, None);
                    self.unary_op(ir::Un::Not, truth, want)
                }
                false => self.unary_op(ir::Un::Not, value.val, want),
            };
            let ty = Ty::INT;
            return Ok(Value { val, ty });
        }
        if self.types.is_float(value.ty) && op != UnaryOp::BitNot {
            let val = match op {
                UnaryOp::Minus => self.unary_op(ir::Un::NegF, value.val, want),
                _ => value.val,
            };
            return Ok(Value { val, ty: value.ty });
        }
        let value = self.promote(value);
        if self.types.as_int(value.ty).is_none() {
            return self.error_ty(span, "this operator cannot be used with `{}`", value.ty);
        }
        let zero = Value {
            val: Val::Const(0),
            ty: value.ty,
        };
        match op {
            UnaryOp::Minus => self.binary(BinaryOp::Sub, zero, value, span, want),
            UnaryOp::BitNot => {
                let ones = Value {
                    val: Val::Const(u64::MAX),
                    ty: value.ty,
                };
                let flipped = self.binary(BinaryOp::Xor, value, ones, span, None)?;
                let ty = value.ty;
                Ok(match self.types.as_int(ty) {
                    Some(Int::UInt) => {
                        let val = self.unary_op(ir::Un::U32, flipped.val, want);
                        Value { val, ty }
                    }
                    _ => flipped,
                })
            }
            UnaryOp::Plus | UnaryOp::Not | UnaryOp::Deref | UnaryOp::AddressOf => Ok(value),
        }
    }

    /// The value of an expression without its code: its type, and its value if that is known.
    pub(super) fn type_of_value(&mut self, id: ExprId) -> Parsed<Value> {
        self.without_code(|l| {
            let unit = l.unit;
            match &unit.expr(id).kind {
                ExprKind::Call(callee, args) => {
                    l.call(*callee, args, unit.expr(id).span, None, false)
                }
                _ => l.rvalue(id, None),
            }
        })
        .map(|(value, _)| value)
    }

    /// The type of an expression, arrays staying arrays.
    pub(super) fn type_of(&mut self, id: ExprId) -> Parsed<Ty> {
        let unit = self.unit;
        let is_place = matches!(
            unit.expr(id).kind,
            ExprKind::Name(_)
                | ExprKind::Str(..)
                | ExprKind::Index(..)
                | ExprKind::Member { .. }
                | ExprKind::Compound(..)
                | ExprKind::Unary(UnaryOp::Deref, _)
        );
        let constant = match &unit.expr(id).kind {
            ExprKind::Name(name) => matches!(self.find(*name), Some(Entity::Constant(..))),
            _ => false,
        };
        if is_place && !constant {
            return self
                .without_code(|l| l.lvalue(id))
                .map(|(place, _)| place.ty);
        }
        self.type_of_value(id).map(|value| value.ty)
    }

    fn size_value(&mut self, ty: Ty, span: Span) -> Parsed<Value> {
        let Some(val) = self.size_of(ty) else {
            return self.error_ty(span, "the size of `{}` is not known: it is incomplete", ty);
        };
        let ty = Ty::int(Int::ULong);
        Ok(Value { val, ty })
    }

    fn cast(
        &mut self,
        name: &TypeName,
        of: ExprId,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let ty = self.type_name(name)?;
        if matches!(self.types.kind(ty), Kind::Void) {
            self.discard(of)?;
            return Ok(Value {
                val: Val::Const(0),
                ty,
            });
        }
        let value = self.rvalue(of, want)?;
        let ty = self.types.without_const(ty);
        if value.ty == ty {
            return Ok(value);
        }
        let pointer_and_float = (self.types.pointee(ty).is_some() && self.types.is_float(value.ty))
            || (self.types.is_float(ty) && self.types.pointee(value.ty).is_some());
        if !self.types.is_scalar(ty) || !self.types.is_scalar(value.ty) || pointer_and_float {
            let (from, to) = (self.text(value.ty), self.text(ty));
            return self.error(span, format!("a `{from}` cannot be cast to `{to}`"));
        }
        Ok(self.convert(value, ty, want))
    }

    fn offsetof(&mut self, name: &TypeName, path: &[Designator], span: Span) -> Parsed<Value> {
        let mut ty = self.type_name(name)?;
        let mut offset = 0u64;
        for step in path {
            match step {
                Designator::Field(name, at) => {
                    let member = self.names.shared(*name);
                    match self.types.member(ty, &member) {
                        Some((_, _, Some(_))) => {
                            return self.error(*at, "a bit-field has no offset in bytes");
                        }
                        Some((by, of, None)) => {
                            offset = offset.wrapping_add(by);
                            ty = of;
                        }
                        None => {
                            let text = self.text(ty);
                            return self.error(*at, format!("`{text}` has no member `{member}`"));
                        }
                    }
                }
                Designator::Index(index) | Designator::Range(index, _) => {
                    let i = self.const_int(*index)?;
                    let Kind::Array(of, _) = *self.types.kind(ty) else {
                        return self.error(span, "an index needs an array");
                    };
                    let size = self.types.size(of).unwrap_or(0);
                    offset = offset.wrapping_add((i as u64).wrapping_mul(size));
                    ty = of;
                }
            }
        }
        let ty = Ty::int(Int::ULong);
        Ok(Value {
            val: Val::Const(offset),
            ty,
        })
    }

    /// Which value `_Generic` chooses for the type of `of` (C11 6.5.1.1).
    pub(super) fn generic_choice(
        &mut self,
        of: ExprId,
        choices: &[(Option<Rc<TypeName>>, ExprId)],
        span: Span,
    ) -> Parsed<ExprId> {
        let ty = self.type_of_value(of)?.ty;
        let ty = self.types.without_const(ty);
        let mut default = None;
        for (name, value) in choices {
            match name {
                Some(name) if self.type_name(name)? == ty => return Ok(*value),
                Some(_) => {}
                None => default = Some(*value),
            }
        }
        match default {
            Some(value) => Ok(value),
            None => self.error_ty(span, "_Generic has no choice for `{}`", ty),
        }
    }

    /// A compound literal: an unnamed object of the block, or of the program outside of functions.
    pub(super) fn compound_literal(
        &mut self,
        ty: Ty,
        init: &crate::program::c::ast::Init,
        span: Span,
    ) -> Parsed<LValue> {
        if matches!(self.types.kind(ty), Kind::Vla(..)) {
            return self.error(
                span,
                "an array of variable length cannot have initial values",
            );
        }
        let ty = self.complete_by(ty, init, span)?;
        if !self.f.active {
            let index = self.static_object(None, ty, span)?;
            self.static_init(index, init)?;
            return Ok(memory(Val::Const(self.statics[index].address), 0, ty));
        }
        self.f.span = span;
        let (local, reg) = self.frame_object(ty, None, false)?;
        self.emit(Ins::Born { local });
        self.local_init(memory(Val::Reg(reg), 0, ty), init, span)?;
        Ok(memory(Val::Reg(reg), 0, ty))
    }
}
