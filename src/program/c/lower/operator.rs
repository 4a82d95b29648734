//! Binary operators, assignment and steps (C11 6.5.5 to 6.5.16).

use super::place::{LValue, Place};
use super::*;
use crate::program::c::arith::{self, Undefined};
use crate::program::c::ast::BinaryOp;
use crate::program::c::ir::Op;

impl Lower<'_> {
    /// An instruction of two operands; folded where both are known.
    pub(super) fn binary_op(&mut self, op: Op, a: Val, b: Val, want: Option<Reg>) -> Parsed<Val> {
        if let (Val::Const(a), Val::Const(b)) = (a, b) {
            match arith::binary(op, a, b) {
                Ok(value) => return Ok(Val::Const(value)),
                // It stops the program only if it is ever reached: then the machine says so.
                Err(undefined) => {
                    let message = match undefined {
                        Undefined::DivisionByZero => "division by zero",
                        Undefined::DivisionOverflow => "the quotient does not fit the type",
                        Undefined::Shift(_) => "the shift count does not fit the type",
                    };
                    self.warn(Diagnostic::warning(self.f.span, message));
                }
            }
        }
        if let Val::Const(v) = b
            && let Ok(v) = i32::try_from(v as i64)
        {
            let folded = match op {
                Op::Add32 => Some((true, v)),
                Op::Sub32 => v.checked_neg().map(|v| (true, v)),
                Op::Add64 => Some((false, v)),
                Op::Sub64 => v.checked_neg().map(|v| (false, v)),
                _ => None,
            };
            if let Some((narrow, v)) = folded {
                let a = self.in_reg(a);
                let d = self.target(want);
                self.emit(match narrow {
                    true => Ins::AddI32 { d, a, v },
                    false => Ins::AddI64 { d, a, v },
                });
                return Ok(Val::Reg(d));
            }
        }
        let (a, b) = (self.in_reg(a), self.in_reg(b));
        let d = self.target(want);
        self.emit(match op {
            Op::Add32 => Ins::Add32 { d, a, b },
            Op::Sub32 => Ins::Sub32 { d, a, b },
            Op::Mul32 => Ins::Mul32 { d, a, b },
            Op::Add64 => Ins::Add64 { d, a, b },
            Op::Xor => Ins::Xor { d, a, b },
            Op::And => Ins::And { d, a, b },
            _ => Ins::Bin { op, d, a, b },
        });
        Ok(Val::Reg(d))
    }

    /// `a op b` for every operator but `&&` and `||`.
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        a: Value,
        b: Value,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let (pa, pb) = (self.types.pointee(a.ty), self.types.pointee(b.ty));
        if pa.is_some() || pb.is_some() {
            return self.pointer_binary(op, a, b, span, want);
        }
        if !self.types.is_arithmetic(a.ty) || !self.types.is_arithmetic(b.ty) {
            return self.no_operator(op, a.ty, b.ty, span);
        }
        if matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
            return self.shift(op, a, b, span, want);
        }
        let ty = self.common(a.ty, b.ty);
        let (a, b) = (self.convert(a, ty, None), self.convert(b, ty, None));
        if self.types.is_float(ty) {
            return self.float_binary(op, a, b, span, want);
        }
        let int = self.types.as_int(ty).unwrap_or(Int::Int);
        let (narrow, signed) = (int.size() == 4, int.signed());
        let pick = |s32, u32, w64| match (narrow, signed) {
            (true, true) => s32,
            (true, false) => u32,
            (false, _) => w64,
        };
        let by_sign = |s, u| if signed { s } else { u };
        let (code, swap, truth) = match op {
            BinaryOp::Add => (pick(Op::Add32, Op::AddU32, Op::Add64), false, false),
            BinaryOp::Sub => (pick(Op::Sub32, Op::SubU32, Op::Sub64), false, false),
            BinaryOp::Mul => (pick(Op::Mul32, Op::MulU32, Op::Mul64), false, false),
            BinaryOp::Div if signed => (pick(Op::Div32, Op::DivU, Op::Div64), false, false),
            BinaryOp::Div => (Op::DivU, false, false),
            BinaryOp::Rem if signed => (pick(Op::Rem32, Op::RemU, Op::Rem64), false, false),
            BinaryOp::Rem => (Op::RemU, false, false),
            BinaryOp::And => (Op::And, false, false),
            BinaryOp::Xor => (Op::Xor, false, false),
            BinaryOp::Or => (Op::Or, false, false),
            BinaryOp::Lt => (by_sign(Op::Lt, Op::LtU), false, true),
            BinaryOp::Le => (by_sign(Op::Le, Op::LeU), false, true),
            BinaryOp::Gt => (by_sign(Op::Lt, Op::LtU), true, true),
            BinaryOp::Ge => (by_sign(Op::Le, Op::LeU), true, true),
            BinaryOp::Eq => (Op::Eq, false, true),
            BinaryOp::Ne => (Op::Ne, false, true),
            BinaryOp::Shl | BinaryOp::Shr | BinaryOp::LogAnd | BinaryOp::LogOr => {
                return self.no_operator(op, a.ty, b.ty, span);
            }
        };
        let (x, y) = if swap { (b.val, a.val) } else { (a.val, b.val) };
        let val = self.at(span, |l| l.binary_op(code, x, y, want))?;
        let ty = if truth { Ty::INT } else { ty };
        Ok(Value { val, ty })
    }

    fn no_operator<T>(&mut self, op: BinaryOp, a: Ty, b: Ty, span: Span) -> Parsed<T> {
        let (a, b) = (self.text(a), self.text(b));
        self.error(
            span,
            format!("`{}` cannot be used with `{a}` and `{b}`", op.text()),
        )
    }

    fn shift(
        &mut self,
        op: BinaryOp,
        a: Value,
        b: Value,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let (a, b) = (self.promote(a), self.promote(b));
        let (Some(int), Some(_)) = (self.types.as_int(a.ty), self.types.as_int(b.ty)) else {
            return self.no_operator(op, a.ty, b.ty, span);
        };
        let left = op == BinaryOp::Shl;
        let code = match (int.size() == 4, int.signed(), left) {
            (true, true, true) => Op::Shl32,
            (true, false, true) => Op::ShlU32,
            (false, _, true) => Op::Shl64,
            (true, true, false) => Op::Shr32,
            (true, false, false) => Op::ShrU32,
            (false, true, false) => Op::Shr64,
            (false, false, false) => Op::ShrU64,
        };
        let val = self.at(span, |l| l.binary_op(code, a.val, b.val, want))?;
        Ok(Value { val, ty: a.ty })
    }

    fn float_binary(
        &mut self,
        op: BinaryOp,
        a: Value,
        b: Value,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let (code, swap, truth) = match op {
            BinaryOp::Add => (Op::AddF, false, false),
            BinaryOp::Sub => (Op::SubF, false, false),
            BinaryOp::Mul => (Op::MulF, false, false),
            BinaryOp::Div => (Op::DivF, false, false),
            BinaryOp::Lt => (Op::LtF, false, true),
            BinaryOp::Le => (Op::LeF, false, true),
            BinaryOp::Gt => (Op::LtF, true, true),
            BinaryOp::Ge => (Op::LeF, true, true),
            BinaryOp::Eq => (Op::EqF, false, true),
            BinaryOp::Ne => (Op::NeF, false, true),
            BinaryOp::Rem
            | BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::And
            | BinaryOp::Xor
            | BinaryOp::Or
            | BinaryOp::LogAnd
            | BinaryOp::LogOr => return self.no_operator(op, a.ty, b.ty, span),
        };
        let (x, y) = if swap { (b.val, a.val) } else { (a.val, b.val) };
        let single = matches!(self.types.kind(a.ty), Kind::Float) && !truth;
        let val = self.binary_op(code, x, y, if single { None } else { want })?;
        let val = match single {
            true => self.unary_op(ir::Un::RoundF, val, want),
            false => val,
        };
        let ty = if truth { Ty::INT } else { a.ty };
        Ok(Value { val, ty })
    }

    fn pointer_binary(
        &mut self,
        op: BinaryOp,
        a: Value,
        b: Value,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let (pa, pb) = (self.types.pointee(a.ty), self.types.pointee(b.ty));
        let (ia, ib) = (self.types.as_int(a.ty), self.types.as_int(b.ty));
        match op {
            BinaryOp::Add if pa.is_some() && ib.is_some() => {
                self.advance(a, b.val, false, span, want)
            }
            BinaryOp::Add if pb.is_some() && ia.is_some() => {
                self.advance(b, a.val, false, span, want)
            }
            BinaryOp::Sub if pa.is_some() && ib.is_some() => {
                self.advance(a, b.val, true, span, want)
            }
            BinaryOp::Sub if pa.is_some() && pb.is_some() => {
                let size = match pa.and_then(|t| self.size_of(t)) {
                    None | Some(Val::Const(0)) => Val::Const(1),
                    Some(size) => size,
                };
                let bytes = self.binary_op(Op::Sub64, a.val, b.val, None)?;
                let val = self.binary_op(Op::Div64, bytes, size, want)?;
                let ty = Ty::int(Int::Long);
                Ok(Value { val, ty })
            }
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => {
                let both = pa.is_some() && pb.is_some();
                let zero = a.val == Val::Const(0) || b.val == Val::Const(0);
                let comparable = both && self.types.compatible_pointers(a.ty, b.ty);
                if !comparable && !zero {
                    if !both && ia.is_none() && ib.is_none() {
                        return self.no_operator(op, a.ty, b.ty, span);
                    }
                    let (a, b) = (self.text(a.ty), self.text(b.ty));
                    self.warn(Diagnostic::warning(
                        span,
                        format!("`{a}` is compared with `{b}`"),
                    ));
                }
                let word = Ty::int(Int::ULong);
                let (x, y) = (
                    self.convert(a, word, None).val,
                    self.convert(b, word, None).val,
                );
                let (code, x, y) = match op {
                    BinaryOp::Eq => (Op::Eq, x, y),
                    BinaryOp::Ne => (Op::Ne, x, y),
                    BinaryOp::Lt => (Op::LtU, x, y),
                    BinaryOp::Le => (Op::LeU, x, y),
                    BinaryOp::Gt => (Op::LtU, y, x),
                    _ => (Op::LeU, y, x),
                };
                let val = self.binary_op(code, x, y, want)?;
                let ty = Ty::INT;
                Ok(Value { val, ty })
            }
            _ => self.no_operator(op, a.ty, b.ty, span),
        }
    }

    /// Pointer plus or minus an integer.
    fn advance(
        &mut self,
        pointer: Value,
        by: Val,
        back: bool,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let to = self.types.pointee(pointer.ty);
        let Some(size) = to.and_then(|t| self.size_of(t)) else {
            return self.error_ty(span, "`{}` points to an incomplete type", pointer.ty);
        };
        let by = match (back, by) {
            (false, _) => by,
            (true, _) => self.unary_op(ir::Un::Neg64, by, None),
        };
        let val = self.offset_by_size(pointer.val, by, size, want)?;
        Ok(Value {
            val,
            ty: pointer.ty,
        })
    }

    // ---- assignment ----

    /// `to = value` and `to op= value`; gives the value assigned.
    pub(super) fn assign(
        &mut self,
        op: Option<BinaryOp>,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> Parsed<Value> {
        if let Some(op) = op {
            return self.compound_assign(op, left, right, span);
        }
        let target = self.lvalue(left)?;
        self.modifiable(target, left)?;
        self.check_byte_order(left, right);
        let want = self.wanted_by(target);
        let value = self.rvalue(right, want)?;
        let at = self.span(right);
        let value = self.assignable(value, target.ty, at, "an object", want)?;
        self.at(span, |l| l.store(target, value.val))?;
        Ok(self.stored(target, value))
    }

    /// The value of an assignment: what the object holds now.
    fn stored(&mut self, target: LValue, value: Value) -> Value {
        match target.place {
            Place::Var(index) => Value {
                val: Val::Reg(self.f.vars[index].reg),
                ty: value.ty,
            },
            Place::Bits { signed, width, .. } => {
                let shift = Val::Const(64 - u64::from(width));
                let up = self.binary_op(Op::Shl64, value.val, shift, None);
                let down = if signed { Op::Shr64 } else { Op::ShrU64 };
                let cut = up.and_then(|up| self.binary_op(down, up, shift, None));
                Value {
                    val: cut.unwrap_or(value.val),
                    ty: value.ty,
                }
            }
            Place::Memory { .. } => value,
        }
    }

    /// The register in which a value for that place is best made.
    pub(super) fn wanted_by(&self, target: LValue) -> Option<Reg> {
        match target.place {
            Place::Var(index) => Some(self.f.vars[index].reg),
            Place::Memory { .. } | Place::Bits { .. } => None,
        }
    }

    fn compound_assign(
        &mut self,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> Parsed<Value> {
        // gcc evaluates the right side first if that does more than give a value.
        let first = match self.has_effects(right) {
            true => {
                let by = self.rvalue(right, None)?;
                let kept = self.temp();
                self.move_to(by.val, kept);
                Some(Value {
                    val: Val::Reg(kept),
                    ty: by.ty,
                })
            }
            false => None,
        };
        let target = self.lvalue(left)?;
        self.modifiable(target, left)?;
        let by = match first {
            Some(by) => by,
            None => self.rvalue(right, None)?,
        };
        let old = self.at(span, |l| l.load(target, None))?;
        let want = self.wanted_by(target);
        let same = self.types.as_int(old.ty).is_some_and(|i| i.promoted() == i);
        let value = self.binary(op, old, by, span, if same { want } else { None })?;
        let value = self.assignable(value, target.ty, span, "an object", want)?;
        self.at(span, |l| l.store(target, value.val))?;
        Ok(self.stored(target, value))
    }

    /// Whether an expression may change something: a call, an assignment or a step in it.
    fn has_effects(&self, id: ExprId) -> bool {
        use crate::program::c::ast::ExprKind;
        match &self.unit.expr(id).kind {
            ExprKind::Call(..)
            | ExprKind::Assign(..)
            | ExprKind::Step { .. }
            | ExprKind::VaArg(..)
            | ExprKind::Block(_)
            | ExprKind::Compound(..) => true,
            ExprKind::Unary(_, a) | ExprKind::Cast(_, a) | ExprKind::Member { of: a, .. } => {
                self.has_effects(*a)
            }
            ExprKind::Binary(_, a, b) | ExprKind::Comma(a, b) | ExprKind::Index(a, b) => {
                self.has_effects(*a) || self.has_effects(*b)
            }
            ExprKind::Cond(a, b, c) => {
                self.has_effects(*a)
                    || b.is_some_and(|b| self.has_effects(b))
                    || self.has_effects(*c)
            }
            ExprKind::Generic(_, choices) => choices.iter().any(|(_, id)| self.has_effects(*id)),
            ExprKind::Int(..)
            | ExprKind::Float { .. }
            | ExprKind::Char(..)
            | ExprKind::Str(..)
            | ExprKind::Name(_)
            | ExprKind::SizeofExpr(_)
            | ExprKind::SizeofType(_)
            | ExprKind::AlignofExpr(_)
            | ExprKind::AlignofType(_)
            | ExprKind::TypesCompatible(..)
            | ExprKind::Offsetof(..) => false,
        }
    }

    /// `++` and `--`. Without `used` the old value is not kept.
    pub(super) fn step(
        &mut self,
        prefix: bool,
        up: bool,
        of: ExprId,
        span: Span,
        used: bool,
    ) -> Parsed<Value> {
        let target = self.lvalue(of)?;
        self.modifiable(target, of)?;
        if !self.types.is_scalar(target.ty) {
            return self.error_ty(span, "`{}` cannot be counted up or down", target.ty);
        }
        let mut old = self.at(span, |l| l.load(target, None))?;
        if used && !prefix && matches!(target.place, Place::Var(_)) {
            let d = self.temp();
            self.move_to(old.val, d);
            old.val = Val::Reg(d);
        }
        let int = Ty::INT;
        let one = Value {
            val: Val::Const(1),
            ty: int,
        };
        let op = if up { BinaryOp::Add } else { BinaryOp::Sub };
        let want = match self.types.as_int(old.ty) {
            Some(int) if int.promoted() != int => None,
            _ => self.wanted_by(target),
        };
        let source = match target.place {
            Place::Var(index) => Value {
                val: Val::Reg(self.f.vars[index].reg),
                ty: old.ty,
            },
            Place::Memory { .. } | Place::Bits { .. } => old,
        };
        let new = self.binary(op, source, one, span, want)?;
        let new = self.convert(new, old.ty, self.wanted_by(target));
        self.at(span, |l| l.store(target, new.val))?;
        Ok(if prefix {
            self.stored(target, new)
        } else {
            old
        })
    }
}
