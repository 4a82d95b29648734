//! Function definitions (C11 6.9.1).

use super::place::memory;
use super::*;
use crate::program::c::ast::{self, Layer, Storage};
use crate::program::c::ir::{Body, Code, Variable};
use crate::program::c::types::Signature;

impl Lower<'_> {
    pub(super) fn function_definition(&mut self, function: &ast::Function) -> Parsed<()> {
        let declarator = &function.declarator;
        let base = self.spec_type(&function.specs)?;
        let ty = self.declared_type(base, declarator)?;
        let Some(name) = declarator.name else {
            return self.error(declarator.span, "a function needs a name");
        };
        let Some(signature) = self.types.signature(ty) else {
            return self.error(declarator.span, "this is no function");
        };
        let index = self.declare_function(name, ty, function.specs.storage, declarator.span)?;
        if matches!(self.functions[index as usize].body, Body::Code(_)) {
            let (text, at) = (self.names.shared(name), self.functions[index as usize].at);
            return self.fail(
                Diagnostic::error(
                    declarator.span,
                    format!("the function `{text}` is defined twice"),
                )
                .label(at, "the other definition"),
            );
        }
        let record = self.types.record(signature.result).is_some();
        self.f = Fun {
            addressed: function.addressed.clone(),
            has_labels: function.labels,
            result: Some(signature.result),
            span: declarator.span,
            active: true,
            ..Fun::default()
        };
        self.open_scope();
        self.f.blocks.push(Vec::new());
        self.f.saved.push(None);
        let result = self.body(
            function,
            &signature,
            record,
            self.names.name(name) == "main",
        );
        self.close_scope();
        let regs = self.f.most + self.f.protected + 1;
        if self.f.most.max(self.f.protected) >= u32::from(emit::PROTECTED) {
            self.f = Fun::default();
            return self.error(
                declarator.span,
                "the function needs more than 32,767 registers",
            );
        }
        for var in &mut self.f.vars {
            var.to = var.to.min(self.f.code.len() as u32);
        }
        let (start, end) = self.finish_code();
        let f = std::mem::take(&mut self.f);
        let objects: u32 = f.locals.iter().map(|l| l.size.next_multiple_of(16)).sum();
        self.functions[index as usize].at = declarator.span;
        self.functions[index as usize].ty = ty;
        self.functions[index as usize].library = self.in_library;
        self.functions[index as usize].body = Body::Code(Code {
            start,
            end,
            regs,
            params: signature.params.len() as u16 + u16::from(record),
            variadic: signature.variadic,
            locals: f.locals,
            variables: match self.in_library {
                true => Vec::new(),
                false => f.vars,
            },
            // Return address, saved frame pointer, and what gcc -O0 would spill.
            frame: 16u32.saturating_add(8 * regs).saturating_add(objects),
        });
        result
    }

    fn body(
        &mut self,
        function: &ast::Function,
        signature: &Signature,
        record: bool,
        is_main: bool,
    ) -> Parsed<()> {
        // Arguments arrive in the first registers; register 0 also takes the result.
        let count = signature.params.len() as u32 + u32::from(record);
        self.f.fixed = count.max(1);
        self.f.arguments = count.max(1);
        self.f.top = self.f.fixed;
        self.f.most = self.f.fixed;
        if record {
            // Register 0 is needed for the result's address only at the return.
            let hidden = self.protected();
            self.move_to(Val::Reg(0), hidden);
            self.f.hidden = Some(hidden);
        }
        let mut params: &[(ast::Specs, ast::Declarator)] = &[];
        if let Some(Layer::Function(list)) = function.declarator.layers.first() {
            params = &list.list;
        }
        for (i, (specs, declarator)) in params.iter().enumerate() {
            let Some(mut ty) = signature.params.get(i).copied() else {
                continue;
            };
            if self.is_variable(ty) {
                // `int a[n][m]`: now the parameters before it have their values.
                self.f.span = declarator.span;
                ty = self.parameter_type(specs, declarator)?;
            }
            self.parameter(declarator, ty, i as u32 + u32::from(record))?;
        }
        self.f.sure_params = self.f.vars.len();
        let result = self.statements(&function.body);
        self.check_labels();
        self.begin_statement(function.end);
        let void = matches!(self.types.kind(signature.result), Kind::Void);
        if is_main {
            // C11 5.1.2.2.3: main's end returns 0.
            self.load_const(0, 0);
        }
        self.emit(if void || is_main {
            Ins::Return
        } else {
            Ins::ReturnNothing
        });
        result
    }

    fn parameter(&mut self, declarator: &ast::Declarator, ty: Ty, reg: u32) -> Parsed<()> {
        let Some(name) = declarator.name else {
            return self.fail(
                Diagnostic::error(declarator.span, "this parameter has no name")
                    .help("a definition names its parameters"),
            );
        };
        if self.types.size(ty).is_none() {
            return self.error_ty(
                declarator.span,
                "the parameter's type `{}` is incomplete",
                ty,
            );
        }
        let in_memory = self.f.addressed.contains(&name) || self.types.record(ty).is_some();
        let index = self.f.vars.len();
        let own = reg as Reg;
        if in_memory {
            self.f.span = declarator.span;
            let (_, address) = self.frame_object(ty, Some(index as u16), true)?;
            self.add_variable(name, ty, declarator.span, address, true);
            self.store(memory(Val::Reg(address), 0, ty), Val::Reg(own))?;
        } else {
            self.add_variable(name, ty, declarator.span, own, false);
        }
        self.f.sure[index] = true;
        Ok(())
    }

    /// A new variable of the function in the innermost scope.
    pub(super) fn add_variable(
        &mut self,
        name: Sym,
        ty: Ty,
        at: Span,
        reg: Reg,
        in_memory: bool,
    ) -> usize {
        let index = self.f.vars.len();
        self.f.vars.push(Variable {
            name: self.names.shared(name),
            ty,
            at,
            reg,
            in_memory,
            note: None,
            from: self.f.code.len() as u32,
            to: u32::MAX,
        });
        self.f.depths.push(self.scopes.depth() as u32);
        self.f.sure.push(in_memory);
        self.bind(name, Entity::Local(index));
        index
    }

    /// The function of that name, new or declared before with the same type.
    pub(super) fn declare_function(
        &mut self,
        name: Sym,
        ty: Ty,
        storage: Storage,
        at: Span,
    ) -> Parsed<u32> {
        let here = self.find_first(name);
        let internal = storage == Storage::Static;
        let known = match here {
            Some(Entity::Function(index)) => Some((index, true)),
            Some(_) => {
                return self.error_name(at, "`{}` is declared as something else already", name);
            }
            None if internal => None,
            None => match self.linked_entity(name) {
                Some(Entity::Function(index)) => Some((index, false)),
                // Another file of the program need not know this header's names.
                Some(_) if self.is_in_header(at) => None,
                Some(_) => {
                    return self.error_name(at, "`{}` is a variable in another file", name);
                }
                None => None,
            },
        };
        let index = match known {
            Some((index, same_file)) => {
                let old = self.functions[index as usize].ty;
                // A call before the declaration took it for `int f()`. gcc lets void pass.
                let void = self
                    .types
                    .signature(ty)
                    .is_some_and(|s| s.result == Ty::VOID);
                let known = !(void && self.implicit.contains(&index));
                if same_file && known && !self.types.compatible(old, ty) {
                    let (text, was) = (self.names.name(name).to_owned(), self.text(old));
                    let first = self.functions[index as usize].at;
                    return self.fail(
                        Diagnostic::error(
                            at,
                            format!("`{text}` is declared with another type: it was `{was}`"),
                        )
                        .label(first, "declared here before"),
                    );
                }
                // Another file's structs are other types than this one's.
                if !same_file || self.types.signature(old).is_some_and(|s| s.unspecified) {
                    self.functions[index as usize].ty = ty;
                }
                index
            }
            None => self.add_function(name, ty, at),
        };
        self.bind_first(name, Entity::Function(index));
        if self.scopes.depth() > 1 {
            self.bind(name, Entity::Function(index));
        }
        if !internal {
            self.link_name(name, Entity::Function(index));
        }
        Ok(index)
    }
}
