//! Declarations of objects, functions and types (C11 6.7, 6.9.2).

use super::place::{LValue, Place, memory};
use super::*;
use crate::program::c::ast::{Decl, Declarator, Init, Storage, TypeSpec};

impl Lower<'_> {
    /// A declaration outside of functions.
    pub(super) fn external_declaration(&mut self, decl: &Decl) -> Parsed<()> {
        let base = self.base_type(decl);
        let base = match base {
            Ok(base) => base,
            Err(Reported) => {
                for (declarator, _) in &decl.items {
                    self.note_failure(Err(Reported), declarator);
                }
                return Err(Reported);
            }
        };
        for (declarator, init) in &decl.items {
            // One bad declarator does not hide the next.
            let done = self.external_item(base, decl.specs.storage, declarator, init.as_ref());
            self.note_failure(done, declarator);
        }
        Ok(())
    }

    /// The type that the specifiers name; for `__auto_type` that of the initial value.
    fn base_type(&mut self, decl: &Decl) -> Parsed<Ty> {
        let span = decl.specs.span;
        self.alignment(&decl.specs.attributes, span)?;
        if !matches!(decl.specs.base, TypeSpec::Auto) {
            return self.spec_type(&decl.specs);
        }
        match decl.items.as_slice() {
            [(declarator, Some(Init::Expr(value)))] if declarator.layers.is_empty() => {
                let ty = self.type_of_value(*value)?.ty;
                let ty = self.types.without_const(ty);
                Ok(match decl.specs.constant {
                    true => self.types.with_const(ty),
                    false => ty,
                })
            }
            _ => self.spec_type(&decl.specs),
        }
    }

    /// A name whose declaration failed must not be reported as undeclared later.
    fn note_failure(&mut self, done: Parsed<()>, declarator: &Declarator) {
        if let (Err(Reported), Some(name)) = (done, declarator.name) {
            self.said.set(name, Some(0));
        }
    }

    fn external_item(
        &mut self,
        base: Ty,
        storage: Storage,
        declarator: &Declarator,
        init: Option<&Init>,
    ) -> Parsed<()> {
        let ty = self.declared_type(base, declarator)?;
        let (Some(name), at) = (declarator.name, declarator.span) else {
            return self.error(declarator.span, "this declares nothing");
        };
        if storage == Storage::Typedef {
            self.bind(name, Entity::Typedef(ty));
            return Ok(());
        }
        if matches!(self.types.kind(ty), Kind::Function(_)) {
            if init.is_some() {
                return self.error(at, "a function cannot have an initialiser");
            }
            self.declare_function(name, ty, storage, at)?;
            return Ok(());
        }
        self.static_variable(name, ty, storage, at, init)
    }

    /// A variable of the whole program or file.
    fn static_variable(
        &mut self,
        name: Sym,
        ty: Ty,
        storage: Storage,
        at: Span,
        init: Option<&Init>,
    ) -> Parsed<()> {
        let ty = match init {
            Some(init) => self.complete_by(ty, init, at)?,
            None => ty,
        };
        if matches!(self.types.kind(ty), Kind::Void) {
            return self.error(at, "a variable cannot have type void");
        }
        let here = self.find_first(name);
        let known = match (here, storage) {
            (Some(entity), _) => Some(entity),
            (None, Storage::Static) => None,
            (None, _) => self.linked_entity(name),
        };
        let index = match known {
            Some(Entity::Static(index)) => {
                let old = self.statics[index].ty;
                if here.is_some() && !self.types.compatible(old, ty) {
                    let (text, was) = (self.names.name(name).to_owned(), self.text(old));
                    return self.error(
                        at,
                        format!("`{text}` is declared with another type: it was `{was}`"),
                    );
                }
                let known = self.types.size(ty).is_some();
                if known && self.types.size(old).is_none() {
                    self.complete_static(index, ty, at)?;
                } else if known && here.is_none() {
                    // Another file's structs are other types than this one's.
                    self.statics[index].ty = ty;
                }
                index
            }
            // Only another file's header knows a function of that name.
            Some(Entity::Function(other))
                if here.is_none() && self.is_in_header(self.functions[other as usize].at) =>
            {
                self.linked.set(name, None);
                let text = self.names.shared(name);
                self.static_object(Some(text), ty, at)?
            }
            Some(_) => {
                return self.error_name(at, "`{}` is declared as something else already", name);
            }
            None => {
                let text = self.names.shared(name);
                self.static_object(Some(text), ty, at)?
            }
        };
        self.bind_first(name, Entity::Static(index));
        self.bind(name, Entity::Static(index));
        if storage != Storage::Static {
            self.link_name(name, Entity::Static(index));
        }
        if storage == Storage::Extern && init.is_none() {
            if known.is_none() {
                self.outside.set(name, Some(0));
            }
            return Ok(());
        }
        if storage != Storage::Static {
            self.outside.set(name, None);
        }
        if let Some(init) = init {
            if std::mem::replace(&mut self.defined[index], true) {
                return self.error_name(at, "`{}` is defined twice", name);
            }
            self.static_init(index, init)?;
        }
        Ok(())
    }

    /// A new static object of zero bytes. Incomplete types get no bytes yet.
    pub(super) fn static_object(
        &mut self,
        name: Option<Rc<str>>,
        ty: Ty,
        at: Span,
    ) -> Parsed<usize> {
        let size = self.types.size(ty).unwrap_or(0);
        let life = if self.types.is_const(ty) {
            Life::ReadOnly
        } else {
            Life::Static
        };
        let tag = self.statics.len() as u32;
        let Some(address) = self.memory.add_static(size, life, tag) else {
            return self.error(at, "the program's static data take more than 32 MiB");
        };
        self.statics.push(Static {
            name,
            ty,
            at,
            size: size as u32,
            address,
        });
        self.defined.push(false);
        Ok(self.statics.len() - 1)
    }

    fn complete_static(&mut self, index: usize, ty: Ty, at: Span) -> Parsed<()> {
        let size = self.types.size(ty).unwrap_or(0);
        let address = self.statics[index].address;
        if !self.memory.resize_static(address, size) {
            return self.error(at, "the program's static data take more than 32 MiB");
        }
        self.statics[index].ty = ty;
        self.statics[index].size = size as u32;
        Ok(())
    }

    // ---- inside functions ----

    pub(super) fn local_declaration(&mut self, decl: &Decl) -> Parsed<()> {
        let base = self.base_type(decl);
        let base = match base {
            Ok(base) => base,
            Err(Reported) => {
                for (declarator, _) in &decl.items {
                    self.note_failure(Err(Reported), declarator);
                }
                return Err(Reported);
            }
        };
        for (declarator, init) in &decl.items {
            let _ = self.alignment(&declarator.attributes, declarator.span);
            let done = self.local_item(base, decl.specs.storage, declarator, init.as_ref());
            self.note_failure(done, declarator);
        }
        Ok(())
    }

    fn local_item(
        &mut self,
        base: Ty,
        storage: Storage,
        declarator: &Declarator,
        init: Option<&Init>,
    ) -> Parsed<()> {
        let declared = self.declared_type(base, declarator);
        let (Some(name), at) = (declarator.name, declarator.span) else {
            return self.error(declarator.span, "this declares nothing");
        };
        let twice = self.scopes.find_last(name).is_some();
        if twice && storage != Storage::Extern && storage != Storage::Typedef {
            return self.error_name(at, "`{}` is declared twice in this block", name);
        }
        let ty = declared?;
        match storage {
            Storage::Typedef => {
                self.bind(name, Entity::Typedef(ty));
                return Ok(());
            }
            _ if matches!(self.types.kind(ty), Kind::Function(_)) => {
                self.declare_function(name, ty, storage, at)?;
                return Ok(());
            }
            Storage::Extern => return self.static_variable(name, ty, storage, at, init),
            Storage::Static => return self.static_local(name, ty, at, init),
            Storage::None | Storage::Auto => {}
        }
        if matches!(self.types.kind(ty), Kind::Vla(..)) {
            return self.variable_length(name, ty, at, init);
        }
        let ty = match init {
            Some(init) => self.complete_by(ty, init, at)?,
            None => ty,
        };
        if matches!(self.types.kind(ty), Kind::Void) || self.types.size(ty).is_none() {
            let (text, name) = (self.text(ty), self.names.name(name).to_owned());
            return self.error(at, format!("`{name}` has the incomplete type `{text}`"));
        }
        self.automatic(name, ty, at, init)
    }

    /// `static` inside a function: its initial value is set before the program starts.
    fn static_local(&mut self, name: Sym, ty: Ty, at: Span, init: Option<&Init>) -> Parsed<()> {
        let ty = match init {
            Some(init) => self.complete_by(ty, init, at)?,
            None => ty,
        };
        if self.types.size(ty).is_none() || matches!(self.types.kind(ty), Kind::Void) {
            return self.error_ty(at, "the type `{}` is incomplete", ty);
        }
        let text = self.names.shared(name);
        let index = self.static_object(Some(text), ty, at)?;
        self.bind(name, Entity::Static(index));
        match init {
            Some(init) => self.static_init(index, init),
            None => Ok(()),
        }
    }

    fn automatic(&mut self, name: Sym, ty: Ty, at: Span, init: Option<&Init>) -> Parsed<()> {
        let scalar = self.types.is_scalar(ty);
        let in_memory = !scalar || self.f.addressed.contains(&name);
        if let Some(init) = init {
            let span = match init {
                Init::Expr(expr) => at.to(self.span(*expr)),
                Init::List(_, span) => at.to(*span),
            };
            self.begin_statement(span);
        } else {
            self.f.span = at;
        }
        let place = if in_memory {
            let index = self.f.vars.len() as u16;
            let again = self.f.loops > 0 || self.f.has_labels;
            let (local, reg) = self.frame_object(ty, Some(index), true)?;
            if again {
                // Each time round it is another object.
                self.emit(Ins::Born { local });
            }
            // Variables of the function's own block die with the frame.
            if self.f.blocks.len() > 1
                && let Some(block) = self.f.blocks.last_mut()
            {
                block.push(local);
            }
            self.add_variable(name, ty, at, reg, true);
            memory(Val::Reg(reg), 0, ty)
        } else {
            let reg = self.fixed();
            let index = self.add_variable(name, ty, at, reg, false);
            if init.is_none() {
                self.emit(Ins::Mark {
                    d: index as u16,
                    yes: false,
                });
            }
            LValue {
                place: Place::Var(index),
                ty,
            }
        };
        if let Some(Init::Expr(value)) = init {
            self.note_order(name, *value);
        }
        match init {
            Some(init) => self.local_init(place, init, at),
            None => Ok(()),
        }
    }
}
