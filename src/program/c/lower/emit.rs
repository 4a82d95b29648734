//! Instructions, registers and labels of the function being compiled.

use super::*;

/// The first number of a protected register while a function is compiled.
pub(super) const PROTECTED: Reg = 1 << 15;

/// A jump target inside the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(pub(super) u32);

/// What [`Lower::without_code`] comes back to.
struct Before {
    code: usize,
    locals: usize,
    sites: usize,
    top: u32,
    fixed: u32,
    start: u32,
    sure: Vec<bool>,
    notes: Vec<Option<Reg>>,
}

impl Lower<'_> {
    pub(super) fn emit(&mut self, ins: Ins) -> usize {
        if self.f.code.len() >= MAX_CODE {
            if self.f.code.len() == MAX_CODE {
                self.problems
                    .push(Diagnostic::error(self.f.span, "the program is too large"));
            }
            self.f.code.push(Ins::Nop);
            self.f.code.truncate(MAX_CODE + 1);
            self.f.spans.resize(self.f.code.len(), self.f.span);
            self.f.starts.resize(self.f.code.len(), 0);
            return MAX_CODE;
        }
        self.f.code.push(ins);
        self.f.spans.push(self.f.span);
        self.f
            .starts
            .push(std::mem::take(&mut self.f.pending_start));
        self.f.code.len() - 1
    }

    /// Emits for a place other than the current one.
    pub(super) fn at<T>(&mut self, span: Span, step: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.f.span, span);
        let result = step(self);
        self.f.span = before;
        result
    }

    /// The next instruction begins a statement.
    pub(super) fn begin_statement(&mut self, span: Span) {
        if !self.in_library {
            let line = self.line(span);
            self.statements.push(ir::Statement { span, line });
            self.f.pending_start = self.statements.len() as u32;
        }
        self.f.span = span;
        self.f.top = self.f.fixed;
    }

    pub(super) fn label(&mut self) -> Label {
        self.f.labels.push(None);
        Label(self.f.labels.len() as u32 - 1)
    }

    pub(super) fn set_label(&mut self, label: Label) {
        self.f.labels[label.0 as usize] = Some(self.f.code.len() as u32);
        self.f.last_label = self.f.code.len();
    }

    pub(super) fn jump(&mut self, label: Label) {
        self.emit(Ins::Jump { to: label.0 });
    }

    // ---- registers ----

    /// A register for an intermediate value.
    pub(super) fn temp(&mut self) -> Reg {
        // Registers of variables may have been given out above since.
        let reg = self.f.top.max(self.f.fixed);
        self.f.top = reg + 1;
        self.f.most = self.f.most.max(self.f.top);
        reg.min(u32::from(Reg::MAX)) as Reg
    }

    /// A register that stays for the rest of the function.
    pub(super) fn fixed(&mut self) -> Reg {
        // Intermediate values above keep their place: this is called between statements only, or
        // takes a place above them.
        let reg = self.f.top.max(self.f.fixed);
        self.f.fixed = reg + 1;
        self.f.top = reg + 1;
        self.f.most = self.f.most.max(self.f.top);
        reg.min(u32::from(Reg::MAX)) as Reg
    }

    /// A register below those of every call made in the function, wherever its code stands: for what
    /// must outlive calls that come earlier in the text, as in a loop. Numbered from the upper half;
    /// [`Lower::finish_code`] moves them down.
    pub(super) fn protected(&mut self) -> Reg {
        let reg = PROTECTED.saturating_add(self.f.protected.min(u32::from(PROTECTED)) as Reg);
        self.f.protected += 1;
        reg
    }

    /// The value in some register.
    pub(super) fn in_reg(&mut self, val: Val) -> Reg {
        match val {
            Val::Reg(reg) => reg,
            Val::Const(value) => {
                let d = self.temp();
                self.load_const(d, value);
                d
            }
        }
    }

    pub(super) fn load_const(&mut self, d: Reg, value: u64) {
        match i32::try_from(value as i64) {
            Ok(v) => self.emit(Ins::Const { d, v }),
            Err(_) => {
                let hash = hash(&[value]);
                let is = |k: u32| self.wide[k as usize] == value;
                let k = match self.wide_at.find(hash, &is) {
                    Some(k) => k,
                    None => {
                        let k = self.wide.len() as u32;
                        self.wide.push(value);
                        self.wide_at.add(hash, k);
                        k
                    }
                };
                self.emit(Ins::Wide { d, k })
            }
        };
    }

    /// The value in that very register.
    pub(super) fn move_to(&mut self, val: Val, d: Reg) {
        match val {
            Val::Reg(a) if a == d => {}
            Val::Reg(a) => {
                self.emit(Ins::Move { d, a });
            }
            Val::Const(value) => self.load_const(d, value),
        }
    }

    /// Where to put a result: where it is wanted, or in a new register.
    pub(super) fn target(&mut self, want: Option<Reg>) -> Reg {
        match want {
            Some(reg) => reg,
            None => self.temp(),
        }
    }

    /// An object of the frame: a memory variable or a temporary; gives its index and address register.
    pub(super) fn frame_object(
        &mut self,
        ty: Ty,
        var: Option<u16>,
        early: bool,
    ) -> Parsed<(u16, Reg)> {
        let size = self.types.size(ty).unwrap_or(0);
        if size > 8 << 20 {
            let text = self.text(ty);
            return self.error(
                self.f.span,
                format!("an object of {size} bytes (`{text}`) does not fit the stack of 8 MiB"),
            );
        }
        if self.f.locals.len() >= usize::from(u16::MAX) {
            return self.error(self.f.span, "the function has more than 65,535 objects");
        }
        let reg = self.protected();
        self.f.locals.push(ir::Local {
            reg,
            size: size as u32,
            align: self.types.align(ty) as u32,
            var,
            early,
        });
        Ok((self.f.locals.len() as u16 - 1, reg))
    }

    // ---- constants ----

    /// Runs a step whose code is thrown away; says what it gave and whether it made any.
    pub(super) fn without_code<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<(T, bool)> {
        let before = self.before();
        let result = step(self);
        let made = self.back_to(before);
        result.map(|value| (value, made))
    }

    #[inline(never)]
    fn before(&self) -> Before {
        let f = &self.f;
        Before {
            code: f.code.len(),
            locals: f.locals.len(),
            sites: self.sites.len(),
            top: f.top,
            fixed: f.fixed,
            start: f.pending_start,
            sure: f.sure.clone(),
            notes: f.vars.iter().map(|v| v.note).collect(),
        }
    }

    /// Throws away what was made since; says whether any code was.
    #[inline(never)]
    fn back_to(&mut self, before: Before) -> bool {
        let f = &mut self.f;
        let made = f.code.len() != before.code;
        f.code.truncate(before.code);
        f.spans.truncate(before.code);
        f.starts.truncate(before.code);
        f.locals.truncate(before.locals);
        f.sure = before.sure;
        f.top = before.top;
        f.fixed = before.fixed;
        f.pending_start = before.start;
        for (var, note) in f.vars.iter_mut().zip(before.notes) {
            var.note = note;
        }
        self.sites.truncate(before.sites);
        made
    }

    /// An integer constant expression.
    pub(super) fn const_int(&mut self, id: ExprId) -> Parsed<i64> {
        let span = self.span(id);
        let (value, made) = self.without_code(|l| l.rvalue(id, None))?;
        match value.val {
            Val::Const(bits) if !made && self.types.as_int(value.ty).is_some() => Ok(bits as i64),
            _ => self.error(span, "this is not an integer constant"),
        }
    }

    // ---- the end of a function ----

    /// Drops notes that nobody reads, resolves labels and appends the function to the program.
    /// Gives its first instruction and one past its last.
    pub(super) fn finish_code(&mut self) -> (u32, u32) {
        let start = self.code.len() as u32;
        let noted: Vec<bool> = self.f.vars.iter().map(|v| v.note.is_some()).collect();
        let keeps = |ins: &Ins| match ins {
            Ins::Nop => false,
            Ins::Mark { d, .. } => noted.get(usize::from(*d)).copied().unwrap_or(false),
            _ => true,
        };
        let mut place = Vec::with_capacity(self.f.code.len() + 1);
        let mut next = start;
        for ins in &self.f.code {
            place.push(next);
            next += u32::from(keeps(ins));
        }
        place.push(next);
        let resolve = |label: u32, labels: &[Option<u32>]| {
            let at = labels.get(label as usize).copied().flatten();
            at.map_or(start, |at| place[at as usize])
        };
        let mut pending = 0;
        for (i, ins) in self.f.code.iter().enumerate() {
            pending = match self.f.starts[i] {
                0 => pending,
                own => own,
            };
            if !keeps(ins) {
                continue;
            }
            let mut ins = *ins;
            if let Ins::Mark { d, .. } = &mut ins {
                let var = usize::from(*d);
                *d = self.f.vars.get(var).and_then(|v| v.note).unwrap_or(0);
            }
            if let Some(to) = target_of(&mut ins) {
                *to = resolve(*to, &self.f.labels);
            }
            self.code.push(ins);
            self.spans.push(self.f.spans[i]);
            self.starts.push(std::mem::take(&mut pending));
        }
        let moved = |reg: Reg| self.f.moved(reg);
        for ins in &mut self.code[start as usize..] {
            rename(ins, &self.f);
        }
        let moved_vars: Vec<(Reg, Option<Reg>)> = self
            .f
            .vars
            .iter()
            .map(|v| (moved(v.reg), v.note.map(moved)))
            .collect();
        let moved_locals: Vec<Reg> = self.f.locals.iter().map(|l| moved(l.reg)).collect();
        for (var, (reg, note)) in self.f.vars.iter_mut().zip(moved_vars) {
            (var.reg, var.note) = (reg, note);
        }
        for (local, reg) in self.f.locals.iter_mut().zip(moved_locals) {
            local.reg = reg;
        }
        for var in &mut self.f.vars {
            var.from = place[(var.from as usize).min(place.len() - 1)];
            var.to = place[(var.to as usize).min(place.len() - 1)];
        }
        (start, next)
    }
}

/// The jump target inside an instruction.
pub(super) fn target_of(ins: &mut Ins) -> Option<&mut u32> {
    match ins {
        Ins::Jump { to }
        | Ins::JumpIfZero { to, .. }
        | Ins::JumpIfNot { to, .. }
        | Ins::JumpLt { to, .. }
        | Ins::JumpLe { to, .. }
        | Ins::JumpLtU { to, .. }
        | Ins::JumpLeU { to, .. }
        | Ins::JumpEq { to, .. }
        | Ins::JumpNe { to, .. } => Some(to),
        _ => None,
    }
}

impl Fun {
    /// Where a register ends up: arguments first, then the protected ones, then the others.
    fn moved(&self, reg: Reg) -> Reg {
        let (reg, args) = (u32::from(reg), self.arguments);
        let to = if reg >= u32::from(PROTECTED) {
            args + (reg - u32::from(PROTECTED))
        } else if reg < args {
            reg
        } else {
            reg + self.protected
        };
        to.min(u32::from(Reg::MAX)) as Reg
    }
}

/// Renames an instruction's registers.
fn rename(ins: &mut Ins, f: &Fun) {
    let (x, y, z) = match ins {
        Ins::Add32 { d, a, b }
        | Ins::Sub32 { d, a, b }
        | Ins::Mul32 { d, a, b }
        | Ins::Add64 { d, a, b }
        | Ins::Xor { d, a, b }
        | Ins::And { d, a, b }
        | Ins::Index { d, a, b, v: _ }
        | Ins::Bin { d, a, b, op: _ } => (Some(d), Some(a), Some(b)),
        Ins::Move { d: x, a: y }
        | Ins::AddI32 { d: x, a: y, v: _ }
        | Ins::AddI64 { d: x, a: y, v: _ }
        | Ins::Un { d: x, a: y, op: _ }
        | Ins::JumpLt { a: x, b: y, to: _ }
        | Ins::JumpLe { a: x, b: y, to: _ }
        | Ins::JumpLtU { a: x, b: y, to: _ }
        | Ins::JumpLeU { a: x, b: y, to: _ }
        | Ins::JumpEq { a: x, b: y, to: _ }
        | Ins::JumpNe { a: x, b: y, to: _ }
        | Ins::Load { d: x, a: y, .. }
        | Ins::Store { a: x, b: y, .. }
        | Ins::LoadBits { d: x, a: y, .. }
        | Ins::StoreBits { a: x, b: y, .. }
        | Ins::Copy {
            a: x,
            b: y,
            size: _,
        }
        | Ins::CallPtr { a: x, base: y, .. }
        | Ins::VaArg {
            d: x,
            a: y,
            kind: _,
        } => (Some(x), Some(y), None),
        Ins::Const { d: x, v: _ }
        | Ins::Wide { d: x, k: _ }
        | Ins::JumpIfZero { a: x, to: _ }
        | Ins::JumpIfNot { a: x, to: _ }
        | Ins::Zero { a: x, .. }
        | Ins::Mark { d: x, yes: _ }
        | Ins::Check { a: x, var: _ }
        | Ins::Call { base: x, .. } => (Some(x), None, None),
        Ins::Jump { to: _ }
        | Ins::Born { local: _ }
        | Ins::Dead { local: _ }
        | Ins::Nop
        | Ins::Return
        | Ins::ReturnNothing => (None, None, None),
    };
    for reg in [x, y, z].into_iter().flatten() {
        *reg = f.moved(*reg);
    }
}
