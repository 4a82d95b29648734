//! Statements (C11 6.8).

use super::emit::Label;
use super::*;
use crate::program::c::ast::{Stmt, StmtKind};

/// Where `break`, `continue` and `case` lead.
pub(in crate::program::c) struct Target {
    end: Label,
    next: Option<Label>,
    switch: Option<Switch>,
    /// Blocks open outside of it.
    blocks: usize,
}

struct Switch {
    cases: Vec<(i64, i64, Label)>,
    default: Option<Label>,
    ty: Ty,
    /// What was surely assigned before it.
    sure: Vec<bool>,
}

/// A label of the function and where it was first named.
#[derive(Clone, Copy)]
pub(in crate::program::c) struct GotoLabel {
    label: Label,
    defined: bool,
    at: Span,
}

impl Lower<'_> {
    pub(super) fn statement(&mut self, statement: &Stmt) -> Parsed<()> {
        let span = statement.span;
        match &statement.kind {
            StmtKind::Empty => Ok(()),
            StmtKind::Expr(expr) => {
                self.begin_statement(span);
                self.discard(*expr)
            }
            StmtKind::Decl(decl) => self.local_declaration(decl),
            StmtKind::Block(items) => self.block(items),
            StmtKind::Seq(items) => self.statements(items),
            StmtKind::If(arms, otherwise) => self.if_chain(arms, otherwise.as_deref()),
            StmtKind::While(cond, body) => self.while_loop(*cond, body),
            StmtKind::DoWhile(body, cond) => self.do_loop(body, *cond),
            StmtKind::For {
                init,
                cond,
                step,
                body,
            } => self.for_loop(init.as_deref(), *cond, *step, body),
            StmtKind::Switch(of, body) => self.switch(*of, body, span),
            StmtKind::Case(low, high) => self.case(*low, *high, span),
            StmtKind::Default => self.default(span),
            StmtKind::Label(name) => self.goto_label(*name, span),
            StmtKind::Goto(name) => {
                self.begin_statement(span);
                let label = self.goto_target(*name, span);
                self.jump(label);
                self.unreachable();
                Ok(())
            }
            StmtKind::Break => {
                self.begin_statement(span);
                match self.f.targets.last().map(|t| (t.end, t.blocks)) {
                    Some((end, blocks)) => self.leave(blocks, end),
                    None => self.error(span, "`break` outside of a loop or switch"),
                }
            }
            StmtKind::Continue => {
                self.begin_statement(span);
                let target = self.f.targets.iter().rev().find(|t| t.next.is_some());
                match target.and_then(|t| Some((t.next?, t.blocks))) {
                    Some((next, blocks)) => self.leave(blocks, next),
                    None => self.error(span, "`continue` outside of a loop"),
                }
            }
            StmtKind::Return(value) => self.return_statement(*value, span),
        }
    }

    /// Statements one after another; one that fails does not hide the next.
    pub(super) fn statements(&mut self, items: &[Stmt]) -> Parsed<()> {
        for item in items {
            if self.full() {
                return Err(Reported);
            }
            let _ = self.statement(item);
        }
        Ok(())
    }

    pub(super) fn block(&mut self, items: &[Stmt]) -> Parsed<()> {
        self.open_block();
        let result = self.statements(items);
        self.close_block();
        result
    }

    /// Jumps out of blocks: their variables' lives end.
    fn leave(&mut self, blocks: usize, to: Label) -> Parsed<()> {
        let inner: Vec<u16> = self
            .f
            .blocks
            .iter()
            .skip(blocks)
            .flatten()
            .copied()
            .collect();
        for local in inner {
            self.emit(Ins::Dead { local });
        }
        let outermost = self.f.saved.iter().skip(blocks).find_map(|s| *s);
        self.cut_stack(outermost);
        self.jump(to);
        self.unreachable();
        Ok(())
    }

    /// Nothing comes here: whatever joins later decides alone what is sure.
    fn unreachable(&mut self) {
        self.f.sure.fill(true);
    }

    fn if_chain(&mut self, arms: &[(ExprId, Stmt)], otherwise: Option<&Stmt>) -> Parsed<()> {
        let end = self.label();
        let mut ends: Option<Vec<bool>> = None;
        for (cond, body) in arms {
            let no = self.label();
            self.begin_statement(self.span(*cond));
            // What is wrong with a condition does not hide what is wrong in its branch.
            let _ = self.branch(*cond, false, no);
            let sure = self.f.sure.clone();
            self.scoped_statement(body);
            self.jump(end);
            let after = std::mem::replace(&mut self.f.sure, sure);
            match &mut ends {
                Some(all) => {
                    for (i, s) in all.iter_mut().enumerate() {
                        *s &= after.get(i).copied().unwrap_or(true);
                    }
                }
                None => ends = Some(after),
            }
            self.set_label(no);
        }
        if let Some(body) = otherwise {
            self.scoped_statement(body);
        }
        self.set_label(end);
        self.meet(&ends.unwrap_or_default());
        Ok(())
    }

    /// A statement that is the body of another: its declarations are its own.
    fn scoped_statement(&mut self, body: &Stmt) {
        self.open_block();
        let _ = self.statement(body);
        self.close_block();
    }

    fn enter_loop(&mut self, next: Label, end: Label) {
        let blocks = self.f.blocks.len();
        self.f.targets.push(Target {
            end,
            next: Some(next),
            switch: None,
            blocks,
        });
        self.f.loops += 1;
    }

    fn leave_loop(&mut self, sure: Vec<bool>) {
        self.f.targets.pop();
        self.f.loops -= 1;
        // A `break` may come from before any assignment in the body.
        let now = self.f.sure.len();
        self.f.sure = sure;
        self.f.sure.resize(now, false);
    }

    fn while_loop(&mut self, cond: ExprId, body: &Stmt) -> Parsed<()> {
        let (top, end) = (self.label(), self.label());
        self.set_label(top);
        self.begin_statement(self.span(cond));
        let sure = self.f.sure.clone();
        let failed = self.branch(cond, false, end);
        self.enter_loop(top, end);
        self.scoped_statement(body);
        self.jump(top);
        self.leave_loop(sure);
        self.set_label(end);
        failed
    }

    fn do_loop(&mut self, body: &Stmt, cond: ExprId) -> Parsed<()> {
        let (top, next, end) = (self.label(), self.label(), self.label());
        let sure = self.f.sure.clone();
        self.set_label(top);
        self.enter_loop(next, end);
        self.scoped_statement(body);
        self.set_label(next);
        self.f.sure.clone_from(&sure);
        let now = self.f.vars.len();
        self.f.sure.resize(now, false);
        self.begin_statement(self.span(cond));
        let failed = self.branch(cond, true, top);
        self.leave_loop(sure);
        self.set_label(end);
        failed
    }

    /// The condition stands below the body: one jump a round.
    fn for_loop(
        &mut self,
        init: Option<&Stmt>,
        cond: Option<ExprId>,
        step: Option<ExprId>,
        body: &Stmt,
    ) -> Parsed<()> {
        let (top, next, check, end) = (self.label(), self.label(), self.label(), self.label());
        self.open_block();
        let mut failed = false;
        if let Some(init) = init {
            failed |= self.statement(init).is_err();
        }
        let sure = self.f.sure.clone();
        if cond.is_some() {
            self.jump(check);
        }
        self.set_label(top);
        self.enter_loop(next, end);
        self.scoped_statement(body);
        self.set_label(next);
        self.f.sure.clone_from(&sure);
        let now = self.f.vars.len();
        self.f.sure.resize(now, false);
        if let Some(step) = step {
            self.begin_statement(self.span(step));
            failed |= self.discard(step).is_err();
        }
        self.set_label(check);
        self.f.sure.clone_from(&sure);
        self.f.sure.resize(now, false);
        match cond {
            Some(cond) => {
                self.begin_statement(self.span(cond));
                failed |= self.branch(cond, true, top).is_err();
            }
            None => self.jump(top),
        }
        self.leave_loop(sure);
        self.set_label(end);
        self.close_block();
        if failed { Err(Reported) } else { Ok(()) }
    }

    // ---- switch ----

    fn switch(&mut self, of: ExprId, body: &Stmt, span: Span) -> Parsed<()> {
        self.begin_statement(self.span(of));
        let value = self.rvalue(of, None)?;
        let value = self.promote(value);
        if self.types.as_int(value.ty).is_none() {
            return self.error_ty(span, "switch needs an integer, this is `{}`", value.ty);
        }
        let reg = self.fixed();
        self.move_to(value.val, reg);
        let (dispatch, end) = (self.label(), self.label());
        self.jump(dispatch);
        let sure = self.f.sure.clone();
        let blocks = self.f.blocks.len();
        let switch = Switch {
            cases: Vec::new(),
            default: None,
            ty: value.ty,
            sure: sure.clone(),
        };
        self.f.targets.push(Target {
            end,
            next: None,
            switch: Some(switch),
            blocks,
        });
        self.unreachable();
        self.scoped_statement(body);
        self.jump(end);
        self.set_label(dispatch);
        let target = self.f.targets.pop();
        if let Some(switch) = target.and_then(|t| t.switch) {
            self.f.top = self.f.fixed;
            self.f.span = self.span(of);
            self.dispatch(reg, &switch, end)?;
        }
        let now = self.f.vars.len();
        self.f.sure = sure;
        self.f.sure.resize(now, false);
        self.set_label(end);
        Ok(())
    }

    fn dispatch(&mut self, reg: Reg, switch: &Switch, end: Label) -> Parsed<()> {
        for (low, high, label) in &switch.cases {
            self.f.top = self.f.fixed;
            let b = self.temp();
            self.load_const(b, *low as u64);
            if low == high {
                self.emit(Ins::JumpEq {
                    a: reg,
                    b,
                    to: label.0,
                });
            } else {
                let over = self.label();
                self.emit(Ins::JumpLt {
                    a: reg,
                    b,
                    to: over.0,
                });
                self.load_const(b, *high as u64);
                self.emit(Ins::JumpLe {
                    a: reg,
                    b,
                    to: label.0,
                });
                self.set_label(over);
            }
        }
        self.jump(switch.default.unwrap_or(end));
        Ok(())
    }

    fn case(&mut self, low: ExprId, high: Option<ExprId>, span: Span) -> Parsed<()> {
        let first = self.const_int(low)?;
        let last = match high {
            Some(high) => self.const_int(high)?,
            None => first,
        };
        let label = self.label();
        self.set_label(label);
        let Some(at) = self.f.targets.iter().rposition(|t| t.switch.is_some()) else {
            return self.error(span, "`case` outside of a switch");
        };
        let ty = self.f.targets[at].switch.as_ref().map(|s| s.ty);
        let int = ty.and_then(|ty| self.types.as_int(ty)).unwrap_or(Int::Int);
        let (first, last) = (int.fit(first as u64) as i64, int.fit(last as u64) as i64);
        let Some(switch) = self.f.targets[at].switch.as_mut() else {
            return Ok(());
        };
        let twice = switch
            .cases
            .iter()
            .any(|(a, b, _)| first <= *b && *a <= last);
        switch.cases.push((first, last, label));
        let sure = switch.sure.clone();
        self.join_case(sure);
        if twice {
            return self.error(span, format!("this case, {first}, is there twice"));
        }
        Ok(())
    }

    fn default(&mut self, span: Span) -> Parsed<()> {
        let label = self.label();
        self.set_label(label);
        let target = self
            .f
            .targets
            .iter_mut()
            .rev()
            .find_map(|t| t.switch.as_mut());
        let Some(switch) = target else {
            return self.error(span, "`default` outside of a switch");
        };
        let twice = switch.default.replace(label).is_some();
        let sure = switch.sure.clone();
        self.join_case(sure);
        if twice {
            return self.error(span, "`default` is there twice");
        }
        Ok(())
    }

    fn join_case(&mut self, sure: Vec<bool>) {
        let now = self.f.vars.len();
        self.f.sure = sure;
        self.f.sure.resize(now, false);
    }

    // ---- goto ----

    fn goto_target(&mut self, name: Sym, at: Span) -> Label {
        let known = self.goto_number(name, at);
        self.f.gotos[known].1.label
    }

    /// Index of a label in the function's list of them, new or known.
    fn goto_number(&mut self, name: Sym, at: Span) -> usize {
        let hash = hash(&[u64::from(name.0)]);
        if let Some(known) = self.f.gotos_at.find(hash, &|_| true) {
            return known as usize;
        }
        let label = self.label();
        let number = self.f.gotos.len();
        self.f.gotos_at.add(hash, number as u32);
        let goto = GotoLabel {
            label,
            defined: false,
            at,
        };
        self.f.gotos.push((name, goto));
        number
    }

    fn goto_label(&mut self, name: Sym, span: Span) -> Parsed<()> {
        let known = self.goto_number(name, span);
        let known = &mut self.f.gotos[known].1;
        let twice = std::mem::replace(&mut known.defined, true);
        let label = known.label;
        self.set_label(label);
        // Control may come from anywhere: only parameters are sure.
        let params = self.f.sure_params;
        for sure in self.f.sure.iter_mut().skip(params) {
            *sure = false;
        }
        if twice {
            return self.error_name(span, "the label `{}` is there twice", name);
        }
        Ok(())
    }

    pub(super) fn check_labels(&mut self) {
        let mut missing = std::mem::take(&mut self.f.gotos);
        missing.retain(|(_, l)| !l.defined);
        // In the order in which their names are met in the program.
        while let Some(at) = (0..missing.len()).min_by_key(|at| missing[*at].0.0)
            && !self.full_of_problems()
        {
            let (name, GotoLabel { at, .. }) = missing.swap_remove(at);
            let name = self.names.name(name).to_owned();
            self.warn(Diagnostic::error(
                at,
                format!("there is no label `{name}` in this function"),
            ));
        }
    }

    // ---- return ----

    fn return_statement(&mut self, value: Option<ExprId>, span: Span) -> Parsed<()> {
        self.begin_statement(span);
        let result = self.f.result;
        let void = result.is_none_or(|ty| matches!(self.types.kind(ty), Kind::Void));
        match (value, result) {
            (Some(value), Some(ty)) if !void => {
                let got = self.rvalue(value, None)?;
                let at = self.span(value);
                let got = self.assignable(got, ty, at, "the function's result", None)?;
                match self.f.hidden {
                    Some(hidden) => {
                        let size = self.types.size(ty).unwrap_or(0) as u32;
                        let b = self.in_reg(got.val);
                        self.emit(Ins::Copy { a: hidden, b, size });
                        self.move_to(Val::Reg(hidden), 0);
                    }
                    None => self.move_to(got.val, 0),
                }
                self.emit(Ins::Return);
            }
            (Some(value), _) => {
                let got = self.type_of_value(value)?;
                if !matches!(self.types.kind(got.ty), Kind::Void) {
                    let at = self.span(value);
                    self.warn(Diagnostic::warning(at, "a void function returns a value"));
                }
                self.discard(value)?;
                self.emit(Ins::Return);
            }
            (None, _) => {
                self.emit(if void {
                    Ins::Return
                } else {
                    Ins::ReturnNothing
                });
            }
        }
        self.unreachable();
        Ok(())
    }
}
