//! What the library adds to a program: of its C files what is reached.

use super::*;
use crate::program::c::ast::Function;
use crate::program::c::{ir::Body, library};

impl<'a> Lower<'a> {
    /// Adds what the program uses and does not define. Gives the function that main's end calls.
    pub(super) fn library(&mut self, sources: &Sources<'a>) -> u32 {
        self.in_library = true;
        self.unit = sources.library;
        self.scopes = Scopes::default();
        self.tag_scopes = Scopes::default();
        let mut known = self.library_declarations();
        let mut at = 0;
        while let Some((index, function)) = known.get(at).copied() {
            if sources.whole || self.is_missing(index) || self.is_exit(index) {
                known.swap_remove(at);
                // What failed has been reported. What it names may come before it.
                let _ = self.function_definition(function);
                at = 0;
            } else {
                at += 1;
            }
        }
        let mut functions = self.functions.iter();
        let exit = functions.position(|f| f.library && &*f.name == library::EXIT);
        self.in_library = false;
        exit.unwrap_or(0) as u32
    }

    /// Reads all declarations; gives the functions that are defined.
    fn library_declarations(&mut self) -> Vec<(u32, &'a Function)> {
        let mut known = Vec::new();
        for item in &self.unit.items {
            match item {
                External::Decl(decl) => {
                    let _ = self.external_declaration(decl);
                }
                External::Function(function) => {
                    let ty = self.spec_type(&function.specs);
                    let ty = ty.and_then(|base| self.declared_type(base, &function.declarator));
                    let (Ok(ty), Some(name)) = (ty, function.declarator.name) else {
                        continue;
                    };
                    let (storage, span) = (function.specs.storage, function.declarator.span);
                    if let Ok(index) = self.declare_function(name, ty, storage, span) {
                        known.push((index, &**function));
                    }
                }
                External::StaticAssert(..) => {}
            }
        }
        known
    }

    fn is_exit(&self, index: u32) -> bool {
        let function = &self.functions[index as usize];
        &*function.name == library::EXIT && function.body == Body::Missing
    }

    /// Whether a function is named, but defined nowhere. What is the library's own the program cannot name.
    fn is_missing(&self, index: u32) -> bool {
        let function = &self.functions[index as usize];
        let used = self.used_functions[index as usize];
        function.body == Body::Missing
            && used.is_some_and(|span| {
                span.file >= self.visible || !function.name.starts_with(library::INTERNAL)
            })
    }

    /// What a name stands for in the library: what the program has defined itself stays the program's.
    pub(super) fn linked_inside(&self, name: Sym, all: Option<Entity>) -> Option<Entity> {
        if let Some(own) = self.linked_inside.get(name) {
            return self.entity(Some(own));
        }
        if self.names.name(name).starts_with(library::INTERNAL) {
            return None;
        }
        all.filter(|entity| match entity {
            Entity::Function(index) => {
                let function = &self.functions[*index as usize];
                function.library || !matches!(function.body, Body::Code(_))
            }
            Entity::Static(_) => self.outside.get(name).is_some(),
            Entity::Local(_) | Entity::Constant(..) | Entity::Typedef(_) | Entity::Parameter(_) => {
                false
            }
        })
    }

    /// Takes away the places of what comes from the library's files: the program does not have them.
    pub(super) fn hide_library(&mut self) {
        let visible = self.visible;
        let nowhere = Span::new(visible, 0, 0);
        let spans = self.spans.iter_mut();
        let functions = self.functions.iter_mut().map(|f| &mut f.at);
        let statics = self.statics.iter_mut().map(|s| &mut s.at);
        for span in spans.chain(functions).chain(statics) {
            if span.file >= visible {
                *span = nowhere;
            }
        }
        // The library's code is the last: what has no places has none to store.
        let own = self.spans.iter().rposition(|span| *span != nowhere);
        let end = own.map_or(0, |last| last + 1);
        self.spans.truncate(end);
        self.starts.truncate(end);
    }
}
