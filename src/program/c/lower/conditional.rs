//! `?:` (C11 6.5.15).

use super::*;

impl Lower<'_> {
    pub(super) fn conditional(
        &mut self,
        cond: ExprId,
        yes: Option<ExprId>,
        no: ExprId,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let before = self.f.code.len();
        let asked = self.rvalue(cond, None)?;
        let truth = self.truth(asked, span, None)?;
        if let (Val::Const(known), true) = (truth, self.f.code.len() == before) {
            return self.known_conditional(known != 0, asked, yes, no, span, want);
        }
        let d = self.target(want);
        let (is_no, end) = (self.label(), self.label());
        // GNU's `a ?: b` needs the value besides the truth of it.
        if yes.is_none() {
            self.move_to(asked.val, d);
        }
        self.jump_if(truth, false, is_no);
        let sure = self.f.sure.clone();
        let a = match yes {
            Some(yes) => {
                let a = self.rvalue(yes, Some(d))?;
                self.move_to(a.val, d);
                a
            }
            None => asked,
        };
        // Room for the conversion to the type that is known only after the other branch.
        let room = [self.emit(Ins::Nop), self.emit(Ins::Nop)];
        self.jump(end);
        let after = std::mem::replace(&mut self.f.sure, sure);
        self.set_label(is_no);
        let b = self.rvalue(no, Some(d))?;
        let ty = self.conditional_type(a, b, span)?;
        if self.types.is_scalar(ty) {
            let b = self.convert(b, ty, Some(d));
            self.move_to(b.val, d);
            self.convert_in_room(
                Value {
                    val: Val::Reg(d),
                    ty: a.ty,
                },
                ty,
                d,
                room,
            );
        } else {
            self.move_to(b.val, d);
        }
        self.set_label(end);
        self.meet(&after);
        Ok(Value {
            val: Val::Reg(d),
            ty,
        })
    }

    fn known_conditional(
        &mut self,
        known: bool,
        asked: Value,
        yes: Option<ExprId>,
        no: ExprId,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let (taken, other) = match (known, yes) {
            (true, Some(yes)) => (self.rvalue(yes, want)?, self.type_of_value(no)?),
            (true, None) => (asked, self.type_of_value(no)?),
            (false, Some(yes)) => (self.rvalue(no, want)?, self.type_of_value(yes)?),
            (false, None) => (self.rvalue(no, want)?, asked),
        };
        let ty = match known {
            true => self.conditional_type(taken, other, span)?,
            false => self.conditional_type(other, taken, span)?,
        };
        Ok(
            match self.types.is_scalar(ty) && self.types.is_scalar(taken.ty) {
                true => self.convert(taken, ty, want),
                false => Value { val: taken.val, ty },
            },
        )
    }

    /// Converts a register's value by instructions that were left room for earlier.
    fn convert_in_room(&mut self, value: Value, to: Ty, d: Reg, room: [usize; 2]) {
        let before = self.f.code.len();
        let start = std::mem::take(&mut self.f.pending_start);
        let converted = self.convert(value, to, Some(d));
        self.move_to(converted.val, d);
        let made: Vec<Ins> = self.f.code.drain(before..).collect();
        self.f.spans.truncate(before);
        self.f.starts.truncate(before);
        self.f.pending_start = start;
        for (at, ins) in room.into_iter().zip(made) {
            self.f.code[at] = ins;
        }
    }

    fn conditional_type(&mut self, a: Value, b: Value, span: Span) -> Parsed<Ty> {
        let void = |l: &Self, ty| matches!(l.types.kind(ty), Kind::Void);
        if self.types.is_arithmetic(a.ty) && self.types.is_arithmetic(b.ty) {
            return Ok(self.common(a.ty, b.ty));
        }
        if void(self, a.ty) || void(self, b.ty) {
            return Ok(Ty::VOID);
        }
        match (self.types.pointee(a.ty), self.types.pointee(b.ty)) {
            // A null pointer constant takes the other's type.
            (Some(pa), Some(pb)) => Ok(if b.val == Val::Const(0) && void(self, pb) {
                a.ty
            } else if (a.val == Val::Const(0) && void(self, pa))
                || !void(self, pa) && void(self, pb)
            {
                b.ty
            } else {
                a.ty
            }),
            (Some(_), None) if self.types.as_int(b.ty).is_some() => Ok(a.ty),
            (None, Some(_)) if self.types.as_int(a.ty).is_some() => Ok(b.ty),
            _ if a.ty == b.ty => Ok(a.ty),
            _ => {
                let (a, b) = (self.text(a.ty), self.text(b.ty));
                self.error(span, format!("?: gives a `{a}` here and a `{b}` there"))
            }
        }
    }
}
