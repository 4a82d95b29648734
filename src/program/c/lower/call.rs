//! Calls (C11 6.5.2.2).

use super::*;
use crate::program::c::ast::{ExprKind, TypeName};
use crate::program::c::ir::ArgKind;
use crate::program::c::types::Signature;

/// What was passed where the prototype says `...`.
type Passed = (ArgKind, Ty);

/// What is called.
enum Callee {
    Function(u32),
    Pointer(Val),
}

impl Lower<'_> {
    pub(super) fn call(
        &mut self,
        callee: ExprId,
        args: &[ExprId],
        span: Span,
        want: Option<Reg>,
        used: bool,
    ) -> Parsed<Value> {
        let unit = self.unit;
        let mut direct = None;
        if let ExprKind::Name(name) = unit.expr(callee).kind {
            if self.find(name).is_none()
                && let Some(value) = self.builtin(name, args, span, want)?
            {
                return Ok(value);
            }
            if self.find(name).is_none() {
                self.implicit_function(name, unit.expr(callee).span)?;
            }
            if let Some(Entity::Function(index)) = self.find(name) {
                self.use_function(index, unit.expr(callee).span);
                direct = Some(index);
            }
        }
        let (target, ty) = match direct {
            Some(index) => (Callee::Function(index), self.functions[index as usize].ty),
            None => {
                let value = self.rvalue(callee, None)?;
                (Callee::Pointer(value.val), value.ty)
            }
        };
        let Some(signature) = self.types.signature(ty) else {
            return self.error_ty(span, "this is no function: its type is `{}`", ty);
        };
        self.check_count(&signature, &target, args.len(), span)?;
        let record = self.types.record(signature.result).is_some();
        if let Callee::Pointer(Val::Reg(reg)) = target {
            // Arguments must not overwrite the pointer.
            self.f.top = self.f.top.max(u32::from(reg) + 1);
        }
        let (regs, passed) = self.arguments(&signature, args, record, span)?;
        if let Some(index) = direct {
            self.check_scan(index, args, &passed);
        }
        let kinds = passed.iter().map(|(kind, _)| *kind).collect();
        self.at(span, |l| {
            l.emit_call(target, ty, &signature, regs, kinds, want, used)
        })
    }

    /// A call of that function.
    pub(super) fn call_function(
        &mut self,
        function: u32,
        args: &[ExprId],
        span: Span,
    ) -> Parsed<Value> {
        let target = Callee::Function(function);
        let ty = self.functions[function as usize].ty;
        let Some(signature) = self.types.signature(ty) else {
            return self.error_ty(span, "this is no function: its type is `{}`", ty);
        };
        self.check_count(&signature, &target, args.len(), span)?;
        let (regs, passed) = self.arguments(&signature, args, false, span)?;
        let kinds = passed.iter().map(|(kind, _)| *kind).collect();
        self.at(span, |l| {
            l.emit_call(target, ty, &signature, regs, kinds, None, true)
        })
    }

    fn check_count(
        &mut self,
        signature: &Signature,
        target: &Callee,
        given: usize,
        span: Span,
    ) -> Parsed<()> {
        let takes = signature.params.len();
        if signature.unspecified || given == takes || (signature.variadic && given > takes) {
            return Ok(());
        }
        let (name, at) = match target {
            Callee::Function(index) => {
                let function = &self.functions[*index as usize];
                (format!("`{}`", function.name), Some(function.at))
            }
            Callee::Pointer(_) => ("this function".to_owned(), None),
        };
        let least = if signature.variadic { "at least " } else { "" };
        let s = if takes == 1 { "" } else { "s" };
        let mut problem = Diagnostic::error(
            span,
            format!("{name} takes {least}{takes} argument{s}, {given} given"),
        );
        if let Some(at) = at {
            problem = problem.label(at, "declared here");
        }
        self.fail(problem)
    }

    /// Evaluates the arguments into neighbouring registers, the last one first: C leaves the order
    /// open, and this is gcc's on x86-64.
    fn arguments(
        &mut self,
        signature: &Signature,
        args: &[ExprId],
        record: bool,
        span: Span,
    ) -> Parsed<(Vec<Reg>, Vec<Passed>)> {
        let regs: Vec<Reg> = (0..args.len() + usize::from(record))
            .map(|_| self.temp())
            .collect();
        let above = self.f.top;
        let mut kinds = Vec::new();
        let mut failed = false;
        for (i, arg) in args.iter().enumerate().rev() {
            let d = regs[i + usize::from(record)];
            // One wrong argument does not hide the next.
            match self.argument(signature, i, *arg, d) {
                Ok(Some(kind)) => kinds.push(kind),
                Ok(None) => {}
                Err(Reported) => failed = true,
            }
            self.f.top = above;
        }
        kinds.reverse();
        if record {
            // The caller makes room for a struct; its address is the first argument.
            self.f.span = span;
            let (local, reg) = self.frame_object(signature.result, None, false)?;
            self.emit(Ins::Born { local });
            self.move_to(Val::Reg(reg), regs[0]);
        }
        if failed {
            Err(Reported)
        } else {
            Ok((regs, kinds))
        }
    }

    /// One argument into its register; its kind and type if the prototype says nothing of it.
    fn argument(
        &mut self,
        signature: &Signature,
        i: usize,
        arg: ExprId,
        d: Reg,
    ) -> Parsed<Option<Passed>> {
        let value = self.rvalue(arg, Some(d))?;
        let at = self.span(arg);
        let (value, kind) = match signature.params.get(i) {
            Some(ty) => (
                self.assignable(value, *ty, at, "a parameter", Some(d))?,
                None,
            ),
            None => {
                let value = self.default_promotion(value, at, Some(d))?;
                (value, Some((self.arg_kind(value.ty), value.ty)))
            }
        };
        self.at(at, |l| l.move_to(value.val, d));
        Ok(kind)
    }

    /// The default argument promotions (C11 6.5.2.2).
    fn default_promotion(&mut self, value: Value, at: Span, want: Option<Reg>) -> Parsed<Value> {
        match self.types.kind(value.ty) {
            Kind::Float => {
                let double = Ty::DOUBLE;
                Ok(self.convert(value, double, want))
            }
            Kind::Int(_) => Ok(self.promote(value)),
            Kind::Double | Kind::LongDouble | Kind::Pointer(_) => Ok(value),
            Kind::Void => self.error(at, "this has no value: its type is void"),
            _ => self.error_ty(
                at,
                "a `{}` cannot be passed where the prototype says `...`",
                value.ty,
            ),
        }
    }

    fn arg_kind(&self, ty: Ty) -> ArgKind {
        match self.types.kind(ty) {
            Kind::Int(int) => match (int.size() == 8, int.signed()) {
                (true, true) => ArgKind::Long,
                (true, false) => ArgKind::ULong,
                (false, true) => ArgKind::Int,
                (false, false) => ArgKind::UInt,
            },
            Kind::Float | Kind::Double | Kind::LongDouble => ArgKind::Double,
            _ => ArgKind::Pointer,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn emit_call(
        &mut self,
        target: Callee,
        ty: Ty,
        signature: &Signature,
        regs: Vec<Reg>,
        kinds: Vec<ArgKind>,
        want: Option<Reg>,
        used: bool,
    ) -> Parsed<Value> {
        let pointer = match target {
            Callee::Pointer(val) => Some(self.in_reg(val)),
            Callee::Function(_) => None,
        };
        // The callee's registers begin where the arguments lie: everything from there on is its own.
        let first = regs
            .first()
            .copied()
            .map_or_else(|| self.f.top.max(self.f.fixed), u32::from);
        let neighbours = regs
            .iter()
            .enumerate()
            .all(|(i, r)| u32::from(*r) == first + i as u32);
        let above = pointer.is_some_and(|p| u32::from(p) >= first);
        let base = if neighbours && first >= self.f.fixed && !above {
            first
        } else {
            let base = self.f.top.max(self.f.fixed);
            for (i, reg) in regs.iter().enumerate() {
                let d = (base + i as u32).min(u32::from(Reg::MAX)) as Reg;
                self.emit(Ins::Move { d, a: *reg });
            }
            base
        };
        self.f.top = base + (regs.len() as u32).max(1);
        self.f.most = self.f.most.max(self.f.top);
        let base = base.min(u32::from(Reg::MAX)) as Reg;
        let site = self.sites.len() as u32;
        let void = matches!(self.types.kind(signature.result), Kind::Void);
        self.sites.push(Site {
            args: regs.len() as u16,
            kinds,
            used: used && !void,
            signature: pointer.map(|_| ty),
        });
        match (target, pointer) {
            (Callee::Function(func), _) => self.emit(Ins::Call { func, base, site }),
            (Callee::Pointer(_), a) => self.emit(Ins::CallPtr {
                a: a.unwrap_or(base),
                base,
                site,
            }),
        };
        self.f.top = u32::from(base) + 1;
        let val = match want {
            Some(d) if used && !void && self.types.is_scalar(signature.result) => {
                self.move_to(Val::Reg(base), d);
                Val::Reg(d)
            }
            _ => Val::Reg(base),
        };
        Ok(Value {
            val,
            ty: signature.result,
        })
    }

    /// A call of a function of the library that the compiler itself makes; its result.
    pub(super) fn call_library(&mut self, name: &str, args: &[Val]) -> Parsed<Reg> {
        let name = self.names.sym(name);
        let function = match self.helpers.get(name) {
            Some(function) => function,
            None => {
                let ty = self.old_function(Ty::int(Int::ULong));
                let function = self.add_function(name, ty, self.f.span);
                self.helpers.set(name, Some(function));
                function
            }
        };
        let base = self.temp();
        for (i, arg) in args.iter().enumerate() {
            let d = if i == 0 { base } else { self.temp() };
            self.move_to(*arg, d);
        }
        let site = self.sites.len() as u32;
        self.sites.push(Site {
            args: args.len() as u16,
            kinds: Vec::new(),
            used: true,
            signature: None,
        });
        let func = function;
        self.emit(Ins::Call { func, base, site });
        self.f.top = u32::from(base) + 1;
        Ok(base)
    }

    /// A call of a function that nobody declared: gcc warns and takes it for `int name()`, and so
    /// does this, if the library has it. Where that assumption would cut a pointer, it is an error.
    pub(super) fn implicit_function(&mut self, name: Sym, span: Span) -> Parsed<()> {
        let text = self.names.shared(name);
        if self.later.get(name).is_some() {
            let message = format!("the function `{text}` is used before it is declared");
            self.warn(
                Diagnostic::warning(span, message)
                    .help("declare it above, or move its definition up"),
            );
            let ty = self.old_function(Ty::INT);
            let index = match self.linked_entity(name) {
                Some(Entity::Function(index)) => index,
                _ => self.add_function(name, ty, span),
            };
            self.implicit.push(index);
            self.bind_first(name, Entity::Function(index));
            self.link_name(name, Entity::Function(index));
            return Ok(());
        }
        let library = super::super::library::names().any(|n| n == &*text);
        if self.lib(name).is_none() && !library {
            let defined_elsewhere = self.linked_entity(name);
            if let Some(entity @ Entity::Function(_)) = defined_elsewhere {
                self.warn(
                    Diagnostic::warning(span, format!("`{text}` is not declared in this file"))
                        .help("declare it in a header that both files include"),
                );
                self.bind(name, entity);
                return Ok(());
            }
            self.unknown_function(span, &text, "is not known");
            return Err(Reported);
        }
        let header = super::super::headers::home_of(&text).unwrap_or("the right header");
        let help = match super::super::headers::is_gnu(&text) {
            true => "add `#define _GNU_SOURCE` before the first #include".to_owned(),
            false => format!("add #include <{header}>"),
        };
        let message = format!("the function `{text}` is used without a declaration");
        let Some(result) = self.implicit_result(&text) else {
            return self.fail(
                Diagnostic::error(
                    span,
                    format!("{message}: its result would be taken for an int, which cuts a pointer in half"),
                )
                .help(help),
            );
        };
        self.warn(Diagnostic::warning(span, message).help(help));
        let ty = self.old_function(result);
        let index = match self.linked_entity(name) {
            Some(Entity::Function(index)) => index,
            _ => self.add_function(name, ty, span),
        };
        self.bind_first(name, Entity::Function(index));
        self.link_name(name, Entity::Function(index));
        Ok(())
    }

    /// `result f()`: a function of which nothing is said of its parameters.
    fn old_function(&mut self, result: Ty) -> Ty {
        self.types.function(Signature {
            result,
            params: Vec::new(),
            variadic: false,
            unspecified: true,
        })
    }

    /// What an undeclared library function gives back, or `None` where `int` would be wrong.
    fn implicit_result(&mut self, name: &str) -> Option<Ty> {
        let head = super::super::headers::result_of(name)?;
        let pointer = head.ends_with('*');
        // gcc knows these by itself and takes their real type.
        let builtin = name.starts_with("str")
            && !matches!(name, "strtok" | "strtok_r" | "strerror")
            || name.starts_with("mem")
            || matches!(
                name,
                "alloca" | "malloc" | "calloc" | "realloc" | "index" | "rindex"
            );
        Some(match (head, pointer) {
            ("void", false) => Ty::VOID,
            ("size_t", false) if builtin => Ty::int(Int::ULong),
            (_, true) if builtin => {
                let void = Ty::VOID;
                let char = Ty::int(Int::Char);
                let to = if head.starts_with("void") { void } else { char };
                self.types.pointer(to)
            }
            (_, true) => return None,
            ("double" | "float", _) => return None,
            ("uint16_t", _) => Ty::int(Int::UShort),
            ("uint32_t" | "in_addr_t" | "unsigned int", _) => Ty::int(Int::UInt),
            _ => Ty::INT,
        })
    }

    /// `va_arg(list, type)`
    pub(super) fn va_arg(
        &mut self,
        list: ExprId,
        name: &TypeName,
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Value> {
        let ty = self.type_name(name)?;
        let list = self.rvalue(list, None)?;
        let tag = self
            .types
            .pointee(list.ty)
            .and_then(|t| self.types.record(t))
            .and_then(|r| r.tag.clone());
        if tag.as_deref() != Some("__va_list_tag") {
            return self.error(span, "va_arg needs a va_list");
        }
        let narrow = self.types.as_int(ty).is_some_and(|i| i.promoted() != i)
            || matches!(self.types.kind(ty), Kind::Float);
        if narrow || !self.types.is_scalar(ty) {
            return self.error_ty(span, "a `{}` is never passed as a variable argument", ty);
        }
        let kind = self.arg_kind(ty);
        let a = self.in_reg(list.val);
        let d = self.target(want);
        self.at(span, |l| l.emit(Ins::VaArg { d, a, kind }));
        let ty = self.types.without_const(ty);
        Ok(Value {
            val: Val::Reg(d),
            ty,
        })
    }
}
