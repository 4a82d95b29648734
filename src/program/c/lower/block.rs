//! Blocks, and GNU's blocks that have a value.

use super::*;
use crate::program::c::ast::{Stmt, StmtKind};

impl Lower<'_> {
    /// GNU's `({ … })`: a block whose last statement gives the value.
    pub(super) fn statement_expression(
        &mut self,
        items: &[Stmt],
        used: bool,
        span: Span,
    ) -> Parsed<Value> {
        if !self.f.active {
            return self.error(span, "a statement expression needs a function around it");
        }
        let d = self.temp();
        // What the expression around holds stays below.
        let (fixed, outer) = (self.f.fixed, self.f.statement);
        self.f.fixed = self.f.top.max(fixed);
        let nothing = Value {
            val: Val::Const(0),
            ty: Ty::VOID,
        };
        self.open_block();
        let value = match items.split_last() {
            Some((last, before)) => {
                let done = self.statements(before);
                match (&last.kind, used) {
                    (StmtKind::Expr(value), true) if done.is_ok() => {
                        self.begin_statement(last.span);
                        self.kept_value(*value, d)
                    }
                    _ => self.statement(last).map(|()| nothing),
                }
            }
            None => Ok(nothing),
        };
        self.close_block();
        self.f.fixed = fixed;
        self.f.top = self.f.top.max(u32::from(d) + 1);
        self.f.span = span;
        self.f.statement = outer;
        self.f.pending_start = outer;
        value
    }

    /// The value of an expression where the block's end does not touch it.
    fn kept_value(&mut self, id: ExprId, d: Reg) -> Parsed<Value> {
        let value = self.rvalue(id, Some(d))?;
        if self.types.record(value.ty).is_some() {
            let size = self.types.size(value.ty).unwrap_or(0) as u32;
            let (local, a) = self.frame_object(value.ty, None, false)?;
            let b = self.in_reg(value.val);
            self.emit(Ins::Born { local });
            self.emit(Ins::Copy { a, b, size });
            self.move_to(Val::Reg(a), d);
        } else if !matches!(self.types.kind(value.ty), Kind::Void) {
            self.move_to(value.val, d);
        }
        Ok(Value {
            val: Val::Reg(d),
            ty: value.ty,
        })
    }

    pub(super) fn open_block(&mut self) {
        self.open_scope();
        self.f.blocks.push(Vec::new());
        self.f.saved.push(None);
    }

    pub(super) fn close_block(&mut self) {
        self.close_scope();
        let end = self.f.code.len() as u32;
        for local in self.f.blocks.pop().unwrap_or_default() {
            self.emit(Ins::Dead { local });
        }
        let saved = self.f.saved.pop().flatten();
        self.cut_stack(saved);
        // Variables of the block end here.
        let open = self.scopes.depth() as u32;
        for (var, depth) in self.f.vars.iter_mut().zip(&self.f.depths) {
            if *depth > open && var.to == u32::MAX {
                var.to = end;
            }
        }
    }
}
