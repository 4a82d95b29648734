//! Instructions, registers and labels of the function being compiled.

use super::*;

/// The first number of a protected register while a function is compiled.
pub(super) const PROTECTED: Reg = 1 << 15;

/// A jump target inside the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(pub(super) u32);

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
        let line = self.line(span);
        self.statements.push(ir::Statement { span, line });
        self.f.pending_start = self.statements.len() as u32;
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
        let f = &self.f;
        let (code, top, locals) = (f.code.len(), f.top, f.locals.len());
        let (fixed, start, sure) = (f.fixed, f.pending_start, f.sure.clone());
        let sites = self.sites.len();
        let notes: Vec<Option<Reg>> = f.vars.iter().map(|v| v.note).collect();
        let result = step(self);
        let made = self.f.code.len() != code;
        self.f.code.truncate(code);
        self.f.spans.truncate(code);
        self.f.starts.truncate(code);
        self.f.locals.truncate(locals);
        self.f.sure = sure;
        self.f.top = top;
        self.f.fixed = fixed;
        self.f.pending_start = start;
        for (var, note) in self.f.vars.iter_mut().zip(notes) {
            var.note = note;
        }
        self.sites.truncate(sites);
        result.map(|value| (value, made))
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
            *ins = with_registers(*ins, &moved);
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

/// The instruction with its registers renamed.
fn with_registers(ins: Ins, moved: &impl Fn(Reg) -> Reg) -> Ins {
    macro_rules! renamed {
        ($($name:ident { $($reg:ident),* ; $($other:ident),* })*) => {
            match ins {
                $(Ins::$name { $($reg,)* $($other),* } => {
                    Ins::$name { $($reg: moved($reg),)* $($other),* }
                })*
                Ins::Nop => Ins::Nop,
                Ins::Return => Ins::Return,
                Ins::ReturnNothing => Ins::ReturnNothing,
            }
        };
    }
    renamed! {
        Const { d; v }
        Wide { d; k }
        Move { d, a; }
        Add32 { d, a, b; }
        Sub32 { d, a, b; }
        Mul32 { d, a, b; }
        Add64 { d, a, b; }
        Xor { d, a, b; }
        And { d, a, b; }
        AddI32 { d, a; v }
        AddI64 { d, a; v }
        Index { d, a, b; v }
        Bin { d, a, b; op }
        Un { d, a; op }
        Jump { ; to }
        JumpIfZero { a; to }
        JumpIfNot { a; to }
        JumpLt { a, b; to }
        JumpLe { a, b; to }
        JumpLtU { a, b; to }
        JumpLeU { a, b; to }
        JumpEq { a, b; to }
        JumpNe { a, b; to }
        Load { d, a; mem, off }
        Store { a, b; mem, off }
        LoadBits { d, a; mem, signed, shift, width }
        StoreBits { a, b; mem, shift, width }
        Copy { a, b; size }
        Zero { a; off, size }
        Born { ; local }
        Dead { ; local }
        Mark { d; yes }
        Check { a; var }
        Call { base; func, site }
        CallPtr { a, base; site }
        VaArg { d, a; kind }
    }
}
