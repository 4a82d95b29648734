//! From the syntax tree to instructions: types, checks and code in one walk.
//!
//! A problem abandons the statement (or declaration) that it is in and nothing else, so that each
//! problem is said once.

mod block;
mod branch;
mod builtin;
mod byte_order;
mod call;
mod conditional;
mod convert;
mod declare;
mod designator;
mod emit;
mod expression;
mod function;
mod init;
mod layout;
mod library;
mod link;
mod operator;
mod place;
mod scan;
mod specs;
mod statement;
mod string;
mod variable_length;

use super::ast::{ExprId, External, Unit};
use super::index::{ByName, Index, Scopes, hash, hash_bytes};
use super::ir::{self, Image, Ins, Reg, Site, Static};
use super::libc::{self, Lib};
use super::literal::Encoding;
use super::machine::memory::{Life, Memory};
use super::parse::{MAX_PROBLEMS, Parsed, Reported, report};
use super::token::{Interner, Sym};
use super::types::{Int, Kind, Ty, Types};
use crate::program::{Diagnostic, SourceFile, Span};
use std::borrow::Cow;
use std::rc::Rc;

/// The most instructions of a program.
pub(crate) const MAX_CODE: usize = 4_000_000;
/// How many expressions are looked at before a program is called too large.
const MAX_WORK: u32 = 16_000_000;

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entity {
    /// A variable of the function: index in [`Fun::vars`].
    Local(usize),
    /// A static object: index in `statics`.
    Static(usize),
    Function(u32),
    Constant(i64, Ty),
    Typedef(Ty),
    /// A parameter of a prototype: only its type is known.
    Parameter(Ty),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Tag {
    Record(Ty, bool),
    Enum(Ty),
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Val {
    Const(u64),
    Reg(Reg),
}

/// A value: of a struct or union the address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) val: Val,
    pub(super) ty: Ty,
}

/// The function being compiled.
#[derive(Default)]
pub(super) struct Fun {
    pub(super) code: Vec<Ins>,
    pub(super) spans: Vec<Span>,
    pub(super) starts: Vec<u32>,
    pub(super) labels: Vec<Option<u32>>,
    /// Where a label stands last: instructions before it must stay apart from those after it.
    pub(super) last_label: usize,
    pub(super) vars: Vec<ir::Variable>,
    /// For each variable how many scopes were open where it was declared.
    pub(super) depths: Vec<u32>,
    /// For each variable whether it surely has a value here.
    pub(super) sure: Vec<bool>,
    pub(super) locals: Vec<ir::Local>,
    /// Of each variable-length array type the register with its size in bytes.
    pub(super) lengths: Vec<Reg>,
    /// Variables of which is known whether they hold a number as the program counts, not as the
    /// network does.
    pub(super) orders: Vec<(usize, bool)>,
    /// Objects of such types, as indices in `locals`.
    pub(super) dynamic: Vec<u16>,
    /// For each scope open inside the function where the stack ended when its first variable-length
    /// array was made.
    pub(super) saved: Vec<Option<Reg>>,
    /// Registers of variables so far, then those of intermediate values.
    pub(super) fixed: u32,
    pub(super) top: u32,
    pub(super) most: u32,
    /// Registers of the arguments, and protected ones given out.
    pub(super) arguments: u32,
    pub(super) protected: u32,
    pub(super) addressed: Vec<Sym>,
    pub(super) has_labels: bool,
    pub(super) loops: u32,
    pub(super) result: Option<Ty>,
    pub(super) hidden: Option<Reg>,
    pub(super) pending_start: u32,
    /// The statement being compiled, as `pending_start` counts.
    pub(super) statement: u32,
    pub(super) targets: Vec<statement::Target>,
    pub(super) gotos: Vec<(Sym, statement::GotoLabel)>,
    pub(super) gotos_at: Index,
    pub(super) sure_params: usize,
    /// Scopes open inside the function: the memory variables of each.
    pub(super) blocks: Vec<Vec<u16>>,
    pub(super) span: Span,
    pub(super) active: bool,
}

pub(super) struct Lower<'a> {
    pub(super) names: &'a mut Interner,
    pub(super) problems: &'a mut Vec<Diagnostic>,
    pub(super) files: &'a [SourceFile],
    pub(super) unit: &'a Unit,
    pub(super) types: Types,
    pub(super) code: Vec<Ins>,
    pub(super) spans: Vec<Span>,
    pub(super) starts: Vec<u32>,
    pub(super) statements: Vec<ir::Statement>,
    pub(super) wide: Vec<u64>,
    pub(super) wide_at: Index,
    pub(super) sites: Vec<Site>,
    pub(super) functions: Vec<ir::Function>,
    /// For each function where it is named first, if it is.
    pub(super) used_functions: Vec<Option<Span>>,
    pub(super) statics: Vec<Static>,
    pub(super) defined: Vec<bool>,
    pub(super) memory: Memory,
    /// String literals: bytes, size of a character, address.
    pub(super) strings: Vec<(Rc<[u8]>, u64, u64)>,
    pub(super) strings_at: Index,
    /// What names and tags stand for: numbers in the two lists after them.
    pub(super) scopes: Scopes,
    pub(super) tag_scopes: Scopes,
    pub(super) entities: Vec<Entity>,
    pub(super) tags: Vec<Tag>,
    /// Functions and variables with external linkage, over all translation units.
    pub(super) linked: ByName,
    /// Functions that are defined somewhere in the program.
    pub(super) later: ByName,
    /// Variables that are named and declared elsewhere, perhaps.
    pub(super) used_outside: Vec<(Sym, Span)>,
    /// Functions called before anything declared them.
    pub(super) implicit: Vec<u32>,
    /// Built-in functions that the compiler itself calls.
    pub(super) helpers: ByName,
    /// In how many parameter lists that are not those of the function being compiled.
    pub(super) prototypes: u32,
    /// Expressions looked at so far.
    work: u32,
    /// Names about which something has been said already: nothing more is.
    pub(super) said: ByName,
    pub(super) f: Fun,
    /// A unit of the library is being compiled.
    pub(super) in_library: bool,
    /// What names stand for in the library that the program has defined as something else.
    pub(super) linked_inside: ByName,
    /// Variables that have only been declared so far: another unit, or the library, defines them.
    pub(super) outside: ByName,
    /// How many files the program has.
    pub(super) visible: u32,
    pub(super) lines: Vec<Vec<u32>>,
}

/// What is compiled.
pub(super) struct Sources<'a> {
    pub(super) units: &'a [Unit],
    /// What of the library the program may need.
    pub(super) library: &'a Unit,
    pub(super) files: &'a [SourceFile],
    /// How many of the files the program has: those behind them are the library's.
    pub(super) visible: usize,
    /// Everything of that is compiled.
    pub(super) whole: bool,
}

/// Compiles parsed translation units and links them.
pub(super) fn lower(
    sources: &Sources,
    names: &mut Interner,
    problems: &mut Vec<Diagnostic>,
) -> Parsed<Image> {
    let empty = Unit::default();
    let Sources { units, files, .. } = *sources;
    let mut memory = Memory::new();
    let errno = memory
        .add_static(4, Life::Static, u32::MAX)
        .ok_or(Reported)?;
    let mut this = Lower {
        names,
        problems,
        files,
        unit: units.first().unwrap_or(&empty),
        types: Types::new(),
        code: Vec::new(),
        spans: Vec::new(),
        starts: Vec::new(),
        statements: Vec::new(),
        wide: Vec::new(),
        wide_at: Index::default(),
        sites: Vec::new(),
        functions: Vec::new(),
        used_functions: Vec::new(),
        statics: Vec::new(),
        defined: Vec::new(),
        memory,
        strings: Vec::new(),
        strings_at: Index::default(),
        scopes: Scopes::default(),
        tag_scopes: Scopes::default(),
        entities: Vec::new(),
        tags: Vec::new(),
        linked: ByName::default(),
        later: ByName::default(),
        helpers: ByName::default(),
        implicit: Vec::new(),
        used_outside: Vec::new(),
        prototypes: 0,
        work: 0,
        said: Default::default(),
        f: Fun::default(),
        in_library: false,
        linked_inside: ByName::default(),
        outside: ByName::default(),
        visible: sources.visible as u32,
        lines: files.iter().map(line_starts).collect(),
    };
    for unit in units {
        for item in &unit.items {
            if let External::Function(function) = item
                && let Some(name) = function.declarator.name
            {
                this.later.set(name, Some(0));
            }
        }
    }
    for unit in units {
        this.unit = unit;
        this.scopes = Scopes::default();
        this.tag_scopes = Scopes::default();
        this.translation_unit();
    }
    let exit = this.library(sources);
    let main = this.link()?;
    this.hide_library();
    Ok(Image {
        files: files[..sources.visible].to_vec(),
        warnings: Vec::new(),
        types: this.types,
        code: this.code.into_iter().map(Into::into).collect(),
        spans: this.spans,
        starts: this.starts,
        statements: this.statements,
        wide: this.wide,
        sites: this.sites,
        functions: this.functions,
        statics: this.statics,
        memory: this.memory,
        main,
        exit,
        errno,
    })
}

fn line_starts(file: &SourceFile) -> Vec<u32> {
    let newlines = file.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
    std::iter::once(0)
        .chain(newlines.map(|(i, _)| i as u32 + 1))
        .collect()
}

/// The message with a text in the place of `{}`.
fn filled(message: &str, text: &str) -> String {
    let (before, after) = message.split_once('{').unwrap_or((message, "}"));
    [before, text, &after[1..]].concat()
}

impl<'a> Lower<'a> {
    fn translation_unit(&mut self) {
        let unit = self.unit;
        for item in &unit.items {
            if self.full() {
                return;
            }
            // What failed has been reported.
            let _ = match item {
                External::Decl(decl) => self.external_declaration(decl),
                External::Function(function) => self.function_definition(function),
                External::StaticAssert(condition, message) => {
                    self.static_assert(*condition, message.as_deref())
                }
            };
        }
    }

    /// Nothing that is reported now is noted any more.
    pub(super) fn full_of_problems(&self) -> bool {
        self.problems.len() >= 2 * MAX_PROBLEMS
    }

    fn full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    fn static_assert(&mut self, condition: ExprId, message: Option<&[u8]>) -> Parsed<()> {
        let (value, span) = (self.const_int(condition)?, self.span(condition));
        if value != 0 {
            return Ok(());
        }
        let said = message.map_or(String::new(), |m| {
            format!(": {}", String::from_utf8_lossy(m))
        });
        self.error(span, format!("static assertion failed{said}"))
    }

    // ---- small helpers ----

    /// One more expression is looked at. A type inside an expression inside a type … is looked at more
    /// than once; there is an end to it.
    pub(super) fn worked(&mut self, span: Span) -> Parsed<()> {
        self.work += 1;
        if self.work < MAX_WORK {
            return Ok(());
        }
        if self.work == MAX_WORK {
            self.report(span, "the program is too large".into());
        }
        Err(Reported)
    }

    pub(super) fn span(&self, id: ExprId) -> Span {
        self.unit.expr(id).span
    }

    pub(super) fn fail<T>(&mut self, problem: Diagnostic) -> Parsed<T> {
        self.warn(problem);
        Err(Reported)
    }

    pub(super) fn error<T>(
        &mut self,
        span: Span,
        message: impl Into<Cow<'static, str>>,
    ) -> Parsed<T> {
        self.report(span, message.into());
        Err(Reported)
    }

    /// An error whose message has a type's text in the place of `{}`.
    pub(super) fn error_ty<T>(&mut self, span: Span, message: &str, ty: Ty) -> Parsed<T> {
        self.report_ty(span, message, ty);
        Err(Reported)
    }

    /// An error whose message has a name in the place of `{}`.
    pub(super) fn error_name<T>(&mut self, span: Span, message: &str, name: Sym) -> Parsed<T> {
        self.report_name(span, message, name);
        Err(Reported)
    }

    #[cold]
    #[inline(never)]
    fn report_ty(&mut self, span: Span, message: &str, ty: Ty) {
        let text = self.text(ty);
        self.report(span, filled(message, &text).into());
    }

    #[cold]
    #[inline(never)]
    fn report_name(&mut self, span: Span, message: &str, name: Sym) {
        let message = filled(message, self.names.name(name));
        self.report(span, message.into());
    }

    #[cold]
    #[inline(never)]
    fn report(&mut self, span: Span, message: Cow<'static, str>) {
        if !self.full_of_problems() {
            report(self.problems, span, message);
        }
    }

    #[inline(never)]
    pub(super) fn warn(&mut self, problem: Diagnostic) {
        if !self.full_of_problems() {
            self.problems.push(problem);
        }
    }

    pub(super) fn text(&self, ty: Ty) -> String {
        self.types.text(ty)
    }

    pub(super) fn find(&self, name: Sym) -> Option<Entity> {
        self.entity(self.scopes.find(name))
    }

    pub(super) fn find_tag(&self, name: Sym) -> Option<Tag> {
        self.tags.get(self.tag_scopes.find(name)? as usize).copied()
    }

    pub(super) fn bind_tag(&mut self, name: Sym, tag: Tag) {
        self.tag_scopes.bind(name, self.tags.len() as u32);
        self.tags.push(tag);
    }

    /// What a name stands for in the file's scope.
    pub(super) fn find_first(&self, name: Sym) -> Option<Entity> {
        self.entity(self.scopes.find_first(name))
    }

    /// What a name with external linkage stands for in all files.
    pub(super) fn linked_entity(&self, name: Sym) -> Option<Entity> {
        let all = self.entity(self.linked.get(name));
        match self.in_library {
            true => self.linked_inside(name, all),
            false => all,
        }
    }

    /// Whether a place is in a system header.
    pub(super) fn is_in_header(&self, at: Span) -> bool {
        let file = self.files.get(at.file as usize);
        file.is_some_and(|file| file.name.starts_with('<'))
    }

    /// Links a name, unless it is linked.
    pub(super) fn link_name(&mut self, name: Sym, entity: Entity) {
        let linked = match self.in_library {
            true => &mut self.linked_inside,
            false => &mut self.linked,
        };
        if linked.get(name).is_none() {
            linked.set(name, Some(self.entities.len() as u32));
            self.entities.push(entity);
        }
    }

    fn entity(&self, number: Option<u32>) -> Option<Entity> {
        self.entities.get(number? as usize).copied()
    }

    pub(super) fn open_scope(&mut self) {
        self.scopes.open();
        self.tag_scopes.open();
    }

    pub(super) fn close_scope(&mut self) {
        self.scopes.close();
        self.tag_scopes.close();
    }

    /// Notes that a function is named there.
    pub(super) fn use_function(&mut self, index: u32, span: Span) {
        self.used_functions[index as usize].get_or_insert(span);
    }

    pub(super) fn bind(&mut self, name: Sym, entity: Entity) {
        self.scopes.bind(name, self.entities.len() as u32);
        self.entities.push(entity);
    }

    /// Binds a name in the file's scope.
    pub(super) fn bind_first(&mut self, name: Sym, entity: Entity) {
        self.scopes.bind_first(name, self.entities.len() as u32);
        self.entities.push(entity);
    }

    /// The library function of that name.
    pub(super) fn lib(&self, name: Sym) -> Option<Lib> {
        let name = self.names.name(name);
        let hidden = !self.in_library && name.starts_with(super::library::INTERNAL);
        libc::find(name).filter(|_| !hidden)
    }

    /// Line of a place, from 1.
    pub(super) fn line(&self, span: Span) -> u32 {
        self.lines.get(span.file as usize).map_or(0, |starts| {
            starts.partition_point(|s| *s <= span.start) as u32
        })
    }

    /// A new function without a body.
    pub(super) fn add_function(&mut self, name: Sym, ty: Ty, at: Span) -> u32 {
        let body = match self.lib(name) {
            Some(lib) => ir::Body::Lib(lib),
            None => ir::Body::Missing,
        };
        let name = self.names.shared(name);
        self.used_functions.push(None);
        self.functions.push(ir::Function {
            name,
            ty,
            at,
            library: false,
            body,
        });
        self.functions.len() as u32 - 1
    }
}
