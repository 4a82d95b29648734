//! Arrays, and those whose length is known only when their declaration is reached (C11 6.7.6.2).

use super::place::memory;
use super::*;
use crate::program::c::ast::{Init, Length};
use crate::program::c::ir::Op;
use crate::program::c::machine::memory::MAX_OBJECT;

/// The number of a variable-length array type in a prototype: nobody knows its size.
const SOME_LENGTH: u32 = u32::MAX;

impl Lower<'_> {
    /// The type of an array of `of`.
    pub(super) fn array(&mut self, of: Ty, length: Length, span: Span) -> Parsed<Ty> {
        if matches!(self.types.kind(of), Kind::Function(_) | Kind::Void) {
            return self.error_ty(span, "an array cannot have elements of type `{}`", of);
        }
        let variable = matches!(self.types.kind(of), Kind::Vla(..));
        let size = self.types.size(of);
        if size.is_none() && !variable {
            return self.error_ty(span, "the elements' type `{}` is incomplete", of);
        }
        let expr = match length {
            Length::None if variable => {
                return self.error(span, "this array's length is missing");
            }
            Length::None => return Ok(self.types.plain(Kind::Array(of, None))),
            Length::Some if self.prototypes == 0 => {
                return self.error(span, "`[*]` has its place in a prototype");
            }
            Length::Some => return Ok(self.types.plain(Kind::Vla(of, SOME_LENGTH))),
            Length::Expr(expr) => expr,
        };
        let at = self.span(expr);
        let live = self.f.active && self.prototypes == 0;
        let (value, made) = match live {
            true => {
                let before = self.f.code.len();
                let value = self.at(at, |l| l.rvalue(expr, None))?;
                (value, self.f.code.len() != before)
            }
            false => self.without_code(|l| l.rvalue(expr, None))?,
        };
        let Some(int) = self.types.as_int(value.ty) else {
            return self.error(at, "an array's length is an integer");
        };
        if let (Val::Const(bits), false, Some(size)) = (value.val, made, size) {
            if int.signed() && (bits as i64) < 0 {
                return self.error(at, format!("the length {} is negative", bits as i64));
            }
            if bits.checked_mul(size.max(1)).is_none_or(|n| n > MAX_OBJECT) {
                return self.error(at, "this array is larger than 48 MiB");
            }
            return Ok(self.types.plain(Kind::Array(of, Some(bits as u32))));
        }
        if self.prototypes > 0 {
            return Ok(self.types.plain(Kind::Vla(of, SOME_LENGTH)));
        }
        if !live {
            return self.fail(
                Diagnostic::error(at, "the length of an array must be a constant here").help(
                    "only inside a function may it be computed; an enum or a #define is a constant",
                ),
            );
        }
        let size = self.size_of(of).unwrap_or(Val::Const(1));
        let bytes = self.at(at, |l| l.binary_op(Op::Mul64, value.val, size, None))?;
        let kept = self.protected();
        self.move_to(bytes, kept);
        let id = self.f.lengths.len() as u32;
        self.f.lengths.push(kept);
        Ok(self.types.plain(Kind::Vla(of, id)))
    }

    /// A type's size as a value.
    pub(super) fn size_of(&self, ty: Ty) -> Option<Val> {
        match self.types.kind(ty) {
            Kind::Vla(_, id) => {
                let kept = self.f.lengths.get(*id as usize);
                kept.map(|reg| Val::Reg(*reg))
            }
            _ => self.types.size(ty).map(Val::Const),
        }
    }

    /// Whether there is a variable-length array in a type as a prototype has it.
    pub(super) fn is_variable(&self, ty: Ty) -> bool {
        match self.types.kind(ty) {
            Kind::Vla(_, id) => *id == SOME_LENGTH,
            Kind::Pointer(of) | Kind::Array(of, _) => self.is_variable(*of),
            _ => false,
        }
    }

    /// A variable of such a type: room on the stack until its block ends.
    pub(super) fn variable_length(
        &mut self,
        name: Sym,
        ty: Ty,
        at: Span,
        init: Option<&Init>,
    ) -> Parsed<()> {
        if init.is_some_and(|init| !matches!(init, Init::List(items, _) if items.is_empty())) {
            return self.fail(
                Diagnostic::error(at, "an array of variable length cannot have initial values")
                    .help("fill it in a loop or with memset()"),
            );
        }
        self.begin_statement(at);
        if let Some(None) = self.f.saved.last() {
            let top = self.call_library("__builtin_stack_save", &[])?;
            let kept = self.protected();
            self.move_to(Val::Reg(top), kept);
            if let Some(saved) = self.f.saved.last_mut() {
                *saved = Some(kept);
            }
        }
        let index = self.f.vars.len() as u16;
        // The frame makes nothing for it: its register there stays 0.
        let (local, _) = self.frame_object(Ty::VOID, Some(index), false)?;
        self.f.dynamic.push(local);
        let size = self.size_of(ty).unwrap_or(Val::Const(0));
        let made = self.call_library("__builtin_alloca", &[size, Val::Const(local.into())])?;
        let address = self.protected();
        self.move_to(Val::Reg(made), address);
        self.add_variable(name, ty, at, address, true);
        if init.is_some() {
            let place = memory(Val::Reg(address), 0, ty);
            self.zero_all(place.ty, Val::Reg(address))?;
        }
        Ok(())
    }

    fn zero_all(&mut self, ty: Ty, address: Val) -> Parsed<()> {
        let size = self.size_of(ty).unwrap_or(Val::Const(0));
        self.call_library("memset", &[address, Val::Const(0), size])?;
        Ok(())
    }

    /// The block of variable-length arrays ends.
    pub(super) fn cut_stack(&mut self, saved: Option<Reg>) {
        if let Some(top) = saved {
            // It fails only when there is no more room for code, and then that has been said.
            let _ = self.call_library("__builtin_stack_restore", &[Val::Reg(top)]);
        }
    }
}
