//! Conditions: jumps instead of values (C11 6.5.13, 6.5.14).

use super::emit::Label;
use super::*;
use crate::program::c::ast::{BinaryOp, ExprKind, UnaryOp};
use crate::program::c::ir::Op;

impl Lower<'_> {
    /// Jumps to `label` if the condition's truth is `when`; else goes on.
    pub(super) fn branch(&mut self, id: ExprId, when: bool, label: Label) -> Parsed<()> {
        let unit = self.unit;
        let expr = unit.expr(id);
        match &expr.kind {
            ExprKind::Unary(UnaryOp::Not, of) => self.branch(*of, !when, label),
            ExprKind::Binary(op @ (BinaryOp::LogAnd | BinaryOp::LogOr), a, b) => {
                // What decides alone: a false one for &&, a true one for ||.
                let decides = *op == BinaryOp::LogOr;
                if decides == when {
                    self.branch(*a, when, label)?;
                    let sure = self.f.sure.clone();
                    self.branch(*b, when, label)?;
                    self.f.sure = sure;
                } else {
                    let out = self.label();
                    self.branch(*a, decides, out)?;
                    let sure = self.f.sure.clone();
                    self.branch(*b, when, label)?;
                    self.f.sure = sure;
                    self.set_label(out);
                }
                Ok(())
            }
            _ => {
                let value = self.rvalue(id, None)?;
                if !self.types.is_scalar(value.ty) {
                    return self.error_ty(expr.span, "a `{}` is neither true nor false", value.ty);
                }
                let val = match self.types.is_float(value.ty) {
                    true => self.unary_op(ir::Un::BoolF, value.val, None),
                    false => value.val,
                };
                self.at(expr.span, |l| l.jump_if(val, when, label));
                Ok(())
            }
        }
    }

    /// Jumps if the value's truth is `when`. A comparison made just before becomes part of the jump.
    pub(super) fn jump_if(&mut self, val: Val, when: bool, label: Label) {
        let a = match val {
            Val::Const(value) => {
                if (value != 0) == when {
                    self.jump(label);
                }
                return;
            }
            Val::Reg(reg) => reg,
        };
        let to = label.0;
        let last = self.f.code.last().copied();
        let apart = self.f.last_label == self.f.code.len();
        let fused = match last {
            Some(Ins::Bin { op, d, a: x, b: y })
                if d == a && !apart && u32::from(a) >= self.f.fixed =>
            {
                fuse(op, x, y, when, to)
            }
            Some(Ins::Un {
                op: ir::Un::Bool,
                d,
                a: x,
            }) if d == a && !apart && u32::from(a) >= self.f.fixed => Some(plain(x, when, to)),
            Some(Ins::Un {
                op: ir::Un::Not,
                d,
                a: x,
            }) if d == a && !apart && u32::from(a) >= self.f.fixed => Some(plain(x, !when, to)),
            _ => None,
        };
        match fused {
            Some(ins) => {
                self.f.code.pop();
                let span = self.f.spans.pop().unwrap_or(self.f.span);
                self.f.pending_start = match self.f.starts.pop() {
                    Some(start) if start != 0 => start,
                    _ => self.f.pending_start,
                };
                self.at(span, |l| l.emit(ins));
            }
            None => {
                self.emit(plain(a, when, to));
            }
        }
    }

    /// `&&` and `||` as a value.
    pub(super) fn logical(&mut self, id: ExprId, want: Option<Reg>) -> Parsed<Value> {
        let unit = self.unit;
        let expr = unit.expr(id);
        let ty = Ty::INT;
        let ExprKind::Binary(op, a, b) = &expr.kind else {
            return self.error(expr.span, "this is no && or ||");
        };
        let decides = *op == BinaryOp::LogOr;
        let before = self.f.code.len();
        let left = self.rvalue(*a, None)?;
        let left = self.truth(left, expr.span, None)?;
        if let (Val::Const(known), true) = (left, self.f.code.len() == before) {
            if (known != 0) == decides {
                return Ok(Value {
                    val: Val::Const(known),
                    ty,
                });
            }
            let right = self.rvalue(*b, None)?;
            let val = self.truth(right, expr.span, want)?;
            return Ok(Value { val, ty });
        }
        let (short, end) = (self.label(), self.label());
        self.jump_if(left, decides, short);
        let sure = self.f.sure.clone();
        let d = match want {
            // The right side may still read the variable that the result goes to.
            Some(_) | None => self.temp(),
        };
        let right = self.rvalue(*b, None)?;
        let right = self.truth(right, expr.span, Some(d))?;
        self.move_to(right, d);
        self.jump(end);
        self.set_label(short);
        self.load_const(d, u64::from(decides));
        self.set_label(end);
        self.f.sure = sure;
        Ok(Value {
            val: Val::Reg(d),
            ty,
        })
    }

    /// Where two ways come together: only what both assigned is sure.
    pub(super) fn meet(&mut self, other: &[bool]) {
        for (i, sure) in self.f.sure.iter_mut().enumerate() {
            *sure &= other.get(i).copied().unwrap_or(true);
        }
    }
}

fn plain(a: Reg, when: bool, to: u32) -> Ins {
    match when {
        true => Ins::JumpIfNot { a, to },
        false => Ins::JumpIfZero { a, to },
    }
}

/// A comparison and the jump on it as one instruction.
fn fuse(op: Op, a: Reg, b: Reg, when: bool, to: u32) -> Option<Ins> {
    Some(match (op, when) {
        (Op::Lt, true) => Ins::JumpLt { a, b, to },
        (Op::Lt, false) => Ins::JumpLe { a: b, b: a, to },
        (Op::Le, true) => Ins::JumpLe { a, b, to },
        (Op::Le, false) => Ins::JumpLt { a: b, b: a, to },
        (Op::LtU, true) => Ins::JumpLtU { a, b, to },
        (Op::LtU, false) => Ins::JumpLeU { a: b, b: a, to },
        (Op::LeU, true) => Ins::JumpLeU { a, b, to },
        (Op::LeU, false) => Ins::JumpLtU { a: b, b: a, to },
        (Op::Eq, true) | (Op::Ne, false) => Ins::JumpEq { a, b, to },
        (Op::Ne, true) | (Op::Eq, false) => Ins::JumpNe { a, b, to },
        _ => return None,
    })
}
