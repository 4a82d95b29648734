//! Lvalues: where a value lies, reading and writing it.

use super::*;
use crate::program::c::ast::{ExprKind, UnaryOp};
use crate::program::c::ir::Mem;
use crate::program::c::types::unit_of;

#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// A variable in a register.
    Var(usize),
    Memory {
        addr: Val,
        off: i64,
    },
    Bits {
        addr: Val,
        off: i64,
        mem: Mem,
        signed: bool,
        shift: u8,
        width: u8,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct LValue {
    pub(super) place: Place,
    pub(super) ty: Ty,
}

impl Lower<'_> {
    pub(super) fn lvalue(&mut self, id: ExprId) -> Parsed<LValue> {
        let unit = self.unit;
        let expr = unit.expr(id);
        self.worked(expr.span)?;
        match &expr.kind {
            ExprKind::Name(name) => self.named(*name, expr.span),
            ExprKind::Str(bytes, encoding) => {
                let (at, ty) = self.string_literal(bytes, *encoding, expr.span)?;
                Ok(memory(Val::Const(at), 0, ty))
            }
            ExprKind::Unary(UnaryOp::Deref, of) => {
                let pointer = self.rvalue(*of, None)?;
                self.pointed(pointer, expr.span)
            }
            ExprKind::Index(a, b) => self.element(*a, *b, expr.span),
            ExprKind::Member { of, name, arrow } => self.member(*of, *name, *arrow, expr.span),
            ExprKind::Generic(of, choices) => {
                let chosen = self.generic_choice(*of, choices, expr.span)?;
                self.lvalue(chosen)
            }
            ExprKind::Compound(ty, init) => {
                let ty = self.type_name(ty)?;
                self.compound_literal(ty, init, expr.span)
            }
            _ => {
                let value = self.rvalue(id, None)?;
                if self.types.record(value.ty).is_some() {
                    // A struct that a function returned: it can be read, not assigned to.
                    let ty = self.types.with_const(value.ty);
                    return Ok(memory(value.val, 0, ty));
                }
                self.error(
                    expr.span,
                    "this is a value, not an object that could be changed or pointed to",
                )
            }
        }
    }

    fn named(&mut self, name: Sym, span: Span) -> Parsed<LValue> {
        match self.find(name) {
            Some(Entity::Local(index)) => {
                let var = &self.f.vars[index];
                let (ty, reg) = (var.ty, var.reg);
                Ok(match var.in_memory {
                    true => memory(Val::Reg(reg), 0, ty),
                    false => LValue {
                        place: Place::Var(index),
                        ty,
                    },
                })
            }
            Some(Entity::Static(index)) => {
                if self.outside.get(name).is_some() && !self.in_library {
                    self.used_outside.push((name, span));
                }
                let object = &self.statics[index];
                Ok(memory(Val::Const(object.address), 0, object.ty))
            }
            Some(Entity::Function(index)) => {
                self.use_function(index, span);
                let ty = self.functions[index as usize].ty;
                let at = super::super::machine::memory::function_address(index);
                Ok(memory(Val::Const(at), 0, ty))
            }
            // Inside of a prototype, where nothing is evaluated.
            Some(Entity::Parameter(ty)) => Ok(memory(Val::Reg(0), 0, ty)),
            Some(Entity::Constant(..)) => {
                self.error_name(span, "`{}` is a constant, not a variable", name)
            }
            Some(Entity::Typedef(_)) => {
                self.error_name(span, "`{}` is a type, not a variable", name)
            }
            None => self.unknown_name(name, span),
        }
    }

    pub(super) fn unknown_name<T>(&mut self, name: Sym, span: Span) -> Parsed<T> {
        if self.said.get(name).is_some() {
            return Err(Reported);
        }
        self.said.set(name, Some(0));
        let text = self.names.name(name).to_owned();
        let mut problem = Diagnostic::error(span, format!("`{text}` is not declared"));
        if let Some(header) = super::super::headers::home_of(&text) {
            problem = problem.help(format!("add #include <{header}>"));
        } else {
            let known = self.scopes.names();
            let names = known.iter().map(|(n, _)| self.names.name(*n));
            if let Some(near) = crate::program::source::nearest(&text, names) {
                problem = problem.help(format!("did you mean `{near}`?"));
            }
        }
        self.fail(problem)
    }

    pub(super) fn pointed(&mut self, pointer: Value, span: Span) -> Parsed<LValue> {
        let Some(to) = self.types.pointee(pointer.ty) else {
            return self.error_ty(span, "`*` needs a pointer, this is `{}`", pointer.ty);
        };
        Ok(memory(pointer.val, 0, to))
    }

    fn element(&mut self, a: ExprId, b: ExprId, span: Span) -> Parsed<LValue> {
        let mark = self.f.top;
        let mut base = self.rvalue(a, None)?;
        let mut index = self.rvalue(b, None)?;
        if self.types.pointee(base.ty).is_none() {
            std::mem::swap(&mut base, &mut index);
        }
        let Some(of) = self.types.pointee(base.ty) else {
            return self.error_ty(
                span,
                "`[]` needs an array or a pointer, this is `{}`",
                index.ty,
            );
        };
        if self.types.as_int(index.ty).is_none() {
            return self.error_ty(span, "an index must be an integer, this is `{}`", index.ty);
        }
        let Some(size) = self.size_of(of) else {
            return self.error_ty(span, "the elements' type `{}` is incomplete", of);
        };
        if let (Val::Const(i), Val::Const(size)) = (index.val, size) {
            return Ok(memory(base.val, (i as i64).wrapping_mul(size as i64), of));
        }
        self.f.top = mark.max(self.f.top);
        let address = self.offset_by_size(base.val, index.val, size, None)?;
        Ok(memory(address, 0, of))
    }

    /// `base + index * size` for a size that may be known only when the program runs.
    pub(super) fn offset_by_size(
        &mut self,
        base: Val,
        index: Val,
        size: Val,
        want: Option<Reg>,
    ) -> Parsed<Val> {
        match size {
            Val::Const(size) => Ok(self.offset_by(base, index, size, want)),
            Val::Reg(_) => {
                let by = self.binary_op(ir::Op::Mul64, index, size, None)?;
                self.binary_op(ir::Op::Add64, base, by, want)
            }
        }
    }

    /// `base + index * size`
    pub(super) fn offset_by(&mut self, base: Val, index: Val, size: u64, want: Option<Reg>) -> Val {
        if let (Val::Const(a), Val::Const(b)) = (base, index) {
            return Val::Const(a.wrapping_add(b.wrapping_mul(size)));
        }
        if let Val::Const(b) = index
            && let Ok(v) = i32::try_from((b as i64).wrapping_mul(size as i64))
        {
            let a = self.in_reg(base);
            let d = self.target(want);
            self.emit(Ins::AddI64 { d, a, v });
            return Val::Reg(d);
        }
        let (a, b) = (self.in_reg(base), self.in_reg(index));
        let d = self.target(want);
        // Types are smaller than 48 MiB.
        self.emit(Ins::Index {
            d,
            a,
            b,
            v: size as i32,
        });
        Val::Reg(d)
    }

    fn member(&mut self, of: ExprId, name: Sym, arrow: bool, span: Span) -> Parsed<LValue> {
        let base = match arrow {
            true => {
                let pointer = self.rvalue(of, None)?;
                match self.types.pointee(pointer.ty) {
                    Some(to) => memory(pointer.val, 0, to),
                    None => {
                        let text = self.text(pointer.ty);
                        return self.fail(
                            Diagnostic::error(
                                span,
                                format!("`->` needs a pointer, this is `{text}`"),
                            )
                            .help("use `.` with a struct itself"),
                        );
                    }
                }
            }
            false => self.lvalue(of)?,
        };
        let member = self.names.shared(name);
        let Some(record) = self.types.record(base.ty) else {
            let text = self.text(base.ty);
            let mut problem =
                Diagnostic::error(span, format!("`{text}` has no members, so no `{member}`"));
            if self.types.pointee(base.ty).is_some() {
                problem = problem.help("use `->` with a pointer to a struct");
            }
            return self.fail(problem);
        };
        if !record.complete {
            return self.error_ty(span, "`{}` is not defined, only named", base.ty);
        }
        let names: Vec<Rc<str>> = record
            .members
            .iter()
            .filter_map(|m| m.name.clone())
            .collect();
        let Some((offset, ty, bits)) = self.types.member(base.ty, &member) else {
            let text = self.text(base.ty);
            let near = crate::program::source::nearest(&member, names.iter().map(|n| n.as_ref()));
            let problem = Diagnostic::error(span, format!("`{text}` has no member `{member}`"));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its members are {}", names.join(", ")),
            };
            return self.fail(problem.help(help));
        };
        let ty = match self.types.is_const(base.ty) {
            true => self.types.with_const(ty),
            false => ty,
        };
        let Place::Memory { addr, off } = base.place else {
            return self.error(span, "this struct is not in memory");
        };
        let off = off + offset as i64;
        let place = match (bits, self.types.as_int(ty)) {
            (Some((shift, width)), Some(int)) => Place::Bits {
                addr,
                off,
                mem: mem_of_bits(shift, width),
                signed: int.signed(),
                shift,
                width,
            },
            _ => Place::Memory { addr, off },
        };
        Ok(LValue { place, ty })
    }

    // ---- reading and writing ----

    /// How a scalar type lies in memory.
    pub(super) fn mem(&self, ty: Ty) -> Mem {
        match self.types.kind(ty) {
            Kind::Int(int) => mem_of_int(*int),
            Kind::Float => Mem::F32,
            _ => Mem::W64,
        }
    }

    /// The address as one value.
    pub(super) fn address(&mut self, addr: Val, off: i64, want: Option<Reg>) -> Val {
        match (addr, off) {
            (_, 0) => addr,
            (Val::Const(a), _) => Val::Const(a.wrapping_add(off as u64)),
            (Val::Reg(_), _) => self.offset_by(addr, Val::Const(off as u64), 1, want),
        }
    }

    /// Address register and displacement for a load or store.
    fn reach(&mut self, addr: Val, off: i64) -> (Reg, i32) {
        if let (Val::Reg(a), Ok(off)) = (addr, i32::try_from(off)) {
            return (a, off);
        }
        let val = self.address(addr, off, None);
        (self.in_reg(val), 0)
    }

    /// The value of an lvalue; arrays and functions become pointers, structs their address.
    pub(super) fn load(&mut self, lvalue: LValue, want: Option<Reg>) -> Parsed<Value> {
        let ty = self.types.without_const(lvalue.ty);
        match lvalue.place {
            Place::Var(index) => {
                self.check_assigned(index);
                Ok(Value {
                    val: Val::Reg(self.f.vars[index].reg),
                    ty,
                })
            }
            Place::Memory { addr, off } => match *self.types.kind(lvalue.ty) {
                Kind::Array(of, _) | Kind::Vla(of, _) => {
                    let val = self.address(addr, off, want);
                    let ty = self.types.pointer(of);
                    Ok(Value { val, ty })
                }
                Kind::Function(_) => {
                    let ty = self.types.pointer(ty);
                    Ok(Value { val: addr, ty })
                }
                Kind::Record(_) => {
                    let val = self.address(addr, off, want);
                    Ok(Value { val, ty })
                }
                Kind::Void => self.error(self.f.span, "a value of type void cannot be used"),
                Kind::Int(_) | Kind::Float | Kind::Double | Kind::LongDouble | Kind::Pointer(_) => {
                    let (a, off) = self.reach(addr, off);
                    let (mem, d) = (self.mem(ty), self.target(want));
                    self.emit(Ins::Load { mem, d, a, off });
                    Ok(Value {
                        val: Val::Reg(d),
                        ty,
                    })
                }
            },
            Place::Bits {
                addr,
                off,
                mem,
                signed,
                shift,
                width,
            } => {
                let val = self.address(addr, off, None);
                let (a, d) = (self.in_reg(val), self.target(want));
                self.emit(Ins::LoadBits {
                    mem,
                    signed,
                    shift,
                    width,
                    d,
                    a,
                });
                // A narrow bit-field promotes to int even if it is unsigned (C11 6.3.1.1).
                let ty = if width < 32 { Ty::INT } else { ty };
                Ok(Value {
                    val: Val::Reg(d),
                    ty,
                })
            }
        }
    }

    /// A variable that may have no value yet is checked when it is read.
    fn check_assigned(&mut self, index: usize) {
        if self.f.sure.get(index).copied().unwrap_or(true) {
            return;
        }
        let a = match self.f.vars[index].note {
            Some(note) => note,
            None => {
                let note = self.protected();
                self.f.vars[index].note = Some(note);
                note
            }
        };
        self.emit(Ins::Check {
            a,
            var: index as u16,
        });
    }

    /// Notes that a variable has a value now.
    pub(super) fn assigned(&mut self, index: usize, yes: bool) {
        if index >= self.f.sure_params {
            self.emit(Ins::Mark {
                d: index as u16,
                yes,
            });
            if let Some(sure) = self.f.sure.get_mut(index) {
                *sure = yes;
            }
        }
    }

    /// Writes a converted value; of a struct, copies it.
    pub(super) fn store(&mut self, to: LValue, value: Val) -> Parsed<()> {
        match to.place {
            Place::Var(index) => {
                let reg = self.f.vars[index].reg;
                self.move_to(value, reg);
                self.assigned(index, true);
            }
            Place::Memory { addr, off } => {
                if self.types.record(to.ty).is_some() {
                    let size = self.types.size(to.ty).unwrap_or(0) as u32;
                    let target = self.address(addr, off, None);
                    let (a, b) = (self.in_reg(target), self.in_reg(value));
                    self.emit(Ins::Copy { a, b, size });
                    return Ok(());
                }
                let b = self.in_reg(value);
                let (a, off) = self.reach(addr, off);
                let mem = self.mem(to.ty);
                self.emit(Ins::Store { mem, a, b, off });
            }
            Place::Bits {
                addr,
                off,
                mem,
                shift,
                width,
                ..
            } => {
                let b = self.in_reg(value);
                let val = self.address(addr, off, None);
                let a = self.in_reg(val);
                self.emit(Ins::StoreBits {
                    mem,
                    shift,
                    width,
                    a,
                    b,
                });
            }
        }
        Ok(())
    }

    /// What may be assigned to.
    pub(super) fn modifiable(&mut self, to: LValue, id: ExprId) -> Parsed<()> {
        let span = self.span(id);
        if self.types.is_const(to.ty) {
            let what = self
                .files
                .get(span.file as usize)
                .map_or("", |f| f.slice(span))
                .to_owned();
            return self.error(span, format!("`{what}` is const: it cannot be changed"));
        }
        match self.types.kind(to.ty) {
            Kind::Array(..) | Kind::Vla(..) => self.fail(
                Diagnostic::error(span, "an array cannot be assigned to as a whole")
                    .help("copy into it with strcpy() or memcpy()"),
            ),
            Kind::Function(_) => self.error(span, "a function cannot be assigned to"),
            Kind::Void => self.error(span, "an object of type void cannot be assigned to"),
            _ => Ok(()),
        }
    }
}

pub(super) fn memory(addr: Val, off: i64, ty: Ty) -> LValue {
    LValue {
        place: Place::Memory { addr, off },
        ty,
    }
}

/// The unit of a bit-field.
pub(super) fn mem_of_bits(shift: u8, width: u8) -> Mem {
    match unit_of(shift, width) {
        1 => Mem::U8,
        2 => Mem::U16,
        4 => Mem::U32,
        _ => Mem::W64,
    }
}

fn mem_of_int(int: Int) -> Mem {
    match int {
        Int::Bool | Int::UChar => Mem::U8,
        Int::Char | Int::SChar => Mem::S8,
        Int::Short => Mem::S16,
        Int::UShort => Mem::U16,
        Int::Int => Mem::S32,
        Int::UInt => Mem::U32,
        Int::Long | Int::ULong | Int::LLong | Int::ULLong => Mem::W64,
    }
}
