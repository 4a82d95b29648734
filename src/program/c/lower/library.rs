//! What the library adds to a program: of its C files what is reached.

use super::*;
use crate::program::c::ast::{Declarator, Function, Layer, Storage};
use crate::program::c::{ir::Body, library};

/// A function of the library: the unit that it stands in, and its definition.
type Definition<'a> = (usize, &'a Function);

impl<'a> Lower<'a> {
    /// Adds what the program uses and does not define. Gives the function that main's end calls.
    pub(super) fn library(&mut self, sources: &Sources<'a>) -> u32 {
        let units = sources.library;
        self.in_library = true;
        // Of each unit whose declarations have been read what names stand for in it.
        let mut open: Vec<Option<[Scopes; 2]>> = units.iter().map(|_| None).collect();
        // Functions whose declarations have been read, but not yet what they do.
        let mut known: Vec<(u32, Definition<'a>)> = Vec::new();
        let mut again = true;
        while std::mem::take(&mut again) {
            for (at, unit) in units.iter().enumerate() {
                if open[at].is_none() && (sources.whole || self.is_wanted(unit)) {
                    self.unit = unit;
                    self.scopes = Scopes::default();
                    self.tag_scopes = Scopes::default();
                    self.read_unit(at, unit, &mut known);
                    open[at] = Some([&mut self.scopes, &mut self.tag_scopes].map(std::mem::take));
                    again = true;
                }
            }
            let mut i = 0;
            while let Some((index, (at, function))) = known.get(i).copied() {
                let wanted = sources.whole || self.is_missing(index) || self.is_exit(index);
                let Some([scopes, tags]) = open[at].as_mut().filter(|_| wanted) else {
                    i += 1;
                    continue;
                };
                known.swap_remove(i);
                self.unit = &units[at];
                std::mem::swap(&mut self.scopes, scopes);
                std::mem::swap(&mut self.tag_scopes, tags);
                // What failed has been reported.
                let _ = self.function_definition(function);
                std::mem::swap(&mut self.scopes, scopes);
                std::mem::swap(&mut self.tag_scopes, tags);
                again = true;
            }
        }
        let exit = self
            .functions
            .iter()
            .position(|f| &*f.name == library::EXIT);
        self.in_library = false;
        exit.unwrap_or(0) as u32
    }

    /// The declarations of a unit, those of its functions' definitions among them.
    fn read_unit(&mut self, at: usize, unit: &'a Unit, known: &mut Vec<(u32, Definition<'a>)>) {
        for item in &unit.items {
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
                        known.push((index, (at, function)));
                    }
                }
                External::StaticAssert(..) => {}
            }
        }
    }

    /// Whether a unit defines something that is used and defined nowhere.
    fn is_wanted(&self, unit: &Unit) -> bool {
        let wanted = |declarator: &Declarator, storage| {
            let Some(name) = declarator.name.filter(|_| storage == Storage::None) else {
                return false;
            };
            let linked = self.linked_inside.get(name).or(self.linked.get(name));
            match self.entity(linked) {
                Some(Entity::Function(index)) => self.is_missing(index),
                Some(Entity::Static(_)) => self.outside.get(name).is_some(),
                _ => self.names.name(name) == library::EXIT,
            }
        };
        unit.items.iter().any(|item| match item {
            External::Function(f) => wanted(&f.declarator, f.specs.storage),
            External::Decl(decl) => decl.items.iter().any(|(declarator, _)| {
                let function = matches!(declarator.layers.first(), Some(Layer::Function(_)));
                !function && wanted(declarator, decl.specs.storage)
            }),
            External::StaticAssert(..) => false,
        })
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
    }
}
