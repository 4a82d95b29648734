//! Conversions (C11 6.3) and what may be assigned to what (6.5.16.1).

use super::*;
use crate::program::c::arith;
use crate::program::c::ir::Un;

impl Lower<'_> {
    /// One operand, one result; folded where the operand is known.
    pub(super) fn unary_op(&mut self, op: Un, val: Val, want: Option<Reg>) -> Val {
        match val {
            Val::Const(bits) => Val::Const(arith::unary(op, bits)),
            Val::Reg(a) => {
                let d = self.target(want);
                self.emit(Ins::Un { op, d, a });
                Val::Reg(d)
            }
        }
    }

    /// The value as another scalar type, without asking whether that is wise.
    pub(super) fn convert(&mut self, value: Value, to: Ty, want: Option<Reg>) -> Value {
        let from_kind = *self.types.kind(value.ty);
        let to_kind = *self.types.kind(to);
        let val = value.val;
        let val = match (from_kind, to_kind) {
            (Kind::Int(from), Kind::Int(to)) => self.int_to_int(val, from, to, want),
            (Kind::Int(from), Kind::Pointer(_)) => self.int_to_int(val, from, Int::ULong, want),
            (Kind::Pointer(_), Kind::Int(to)) => self.int_to_int(val, Int::ULong, to, want),
            (Kind::Int(from), Kind::Double | Kind::LongDouble) => {
                self.unary_op(int_to_float(from), val, want)
            }
            (Kind::Int(from), Kind::Float) => {
                let double = self.unary_op(int_to_float(from), val, None);
                self.unary_op(Un::RoundF, double, want)
            }
            (Kind::Double | Kind::LongDouble, Kind::Float) => self.unary_op(Un::RoundF, val, want),
            (Kind::Float | Kind::Double | Kind::LongDouble, Kind::Int(Int::Bool)) => {
                self.unary_op(Un::BoolF, val, want)
            }
            (Kind::Float | Kind::Double | Kind::LongDouble, Kind::Int(to)) => {
                let op = match to {
                    Int::ULong | Int::ULLong => Un::FToUInt,
                    _ => Un::FToInt,
                };
                let wide = self.unary_op(op, val, None);
                self.int_to_int(wide, Int::Long, to, want)
            }
            _ => val,
        };
        Value { val, ty: to }
    }

    fn int_to_int(&mut self, val: Val, from: Int, to: Int, want: Option<Reg>) -> Val {
        // Registers hold values extended by their own sign: widening costs nothing.
        let fits = from == to
            || to.size() == 8
            || (from.size() == to.size() && from.signed() == to.signed())
            || (from.size() < to.size() && (!from.signed() || to.signed()));
        if to == Int::Bool && from != Int::Bool {
            return self.unary_op(Un::Bool, val, want);
        }
        if fits {
            return val;
        }
        let op = match (to.size(), to.signed()) {
            (1, true) => Un::S8,
            (1, false) => Un::U8,
            (2, true) => Un::S16,
            (2, false) => Un::U16,
            (_, true) => Un::S32,
            (_, false) => Un::U32,
        };
        self.unary_op(op, val, want)
    }

    /// The value as assigned to an object of that type. `what` says to what, for the message.
    pub(super) fn assignable(
        &mut self,
        value: Value,
        to: Ty,
        span: Span,
        what: &str,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let to = self.types.without_const(to);
        let (a, b) = (*self.types.kind(value.ty), *self.types.kind(to));
        let arithmetic = |k: &Kind| {
            matches!(
                k,
                Kind::Int(_) | Kind::Float | Kind::Double | Kind::LongDouble
            )
        };
        match (&a, &b) {
            (from, target) if arithmetic(from) && arithmetic(target) => {}
            (Kind::Pointer(_), Kind::Int(Int::Bool)) => {}
            (Kind::Pointer(from), Kind::Pointer(target)) => {
                if !self.types.compatible_pointers(value.ty, to) {
                    self.mismatch(value.ty, to, span, what, "of another type");
                } else if self.types.is_const(*from) && !self.types.is_const(*target) {
                    self.mismatch(value.ty, to, span, what, "which drops const");
                }
            }
            (Kind::Int(_), Kind::Pointer(_)) => {
                if value.val != Val::Const(0) {
                    self.mismatch(value.ty, to, span, what, "without a cast");
                }
            }
            (Kind::Pointer(_), Kind::Int(_)) => {
                self.mismatch(value.ty, to, span, what, "without a cast");
            }
            (Kind::Record(_), Kind::Record(_)) if self.same_record(value.ty, to) => {
                return Ok(Value {
                    val: value.val,
                    ty: to,
                });
            }
            (Kind::Void, _) => {
                return self.error(span, "this has no value: its type is void");
            }
            _ => {
                let (from, to) = (self.text(value.ty), self.text(to));
                return self.error(
                    span,
                    format!("{what} of type `{to}` cannot take a `{from}`"),
                );
            }
        }
        Ok(self.convert(value, to, want))
    }

    /// The same struct, or one of the same name from another file of the program.
    fn same_record(&self, a: Ty, b: Ty) -> bool {
        let key = |ty| {
            let record = self.types.record(ty)?;
            Some((record.tag.clone()?, record.size, record.members.len()))
        };
        a == b || (key(a).is_some() && key(a) == key(b))
    }

    fn mismatch(&mut self, from: Ty, to: Ty, span: Span, what: &str, how: &str) {
        let (from, to) = (self.text(from), self.text(to));
        self.warn(Diagnostic::warning(
            span,
            format!("{what} of type `{to}` is given a `{from}` {how}"),
        ));
    }

    /// The usual arithmetic conversions of two operands (C11 6.3.1.8): their common type.
    pub(super) fn common(&mut self, a: Ty, b: Ty) -> Ty {
        let kind = match (self.types.kind(a), self.types.kind(b)) {
            (Kind::LongDouble, _) | (_, Kind::LongDouble) => Kind::LongDouble,
            (Kind::Double, _) | (_, Kind::Double) => Kind::Double,
            (Kind::Float, _) | (_, Kind::Float) => Kind::Float,
            (Kind::Int(a), Kind::Int(b)) => Kind::Int(a.common(*b)),
            _ => Kind::Int(Int::Int),
        };
        self.types.plain(kind)
    }

    /// The integer promotions.
    pub(super) fn promote(&mut self, value: Value) -> Value {
        match self.types.as_int(value.ty) {
            Some(int) => {
                let ty = Ty::int(int.promoted());
                Value { val: value.val, ty }
            }
            None => value,
        }
    }

    /// The value as 0 or 1.
    pub(super) fn truth(&mut self, value: Value, span: Span, want: Option<Reg>) -> Parsed<Val> {
        if !self.types.is_scalar(value.ty) {
            return self.error_ty(span, "a `{}` is neither true nor false", value.ty);
        }
        let op = if self.types.is_float(value.ty) {
            Un::BoolF
        } else {
            Un::Bool
        };
        Ok(self.unary_op(op, value.val, want))
    }
}

fn int_to_float(from: Int) -> Un {
    match from {
        Int::ULong | Int::ULLong => Un::UIntToF,
        _ => Un::IntToF,
    }
}
