//! The C machine: C11 as socket programs use it, compiled and run in Sockscope itself.
//!
//! [`compile`] turns source files into an [`Image`] or says what is wrong with them; a [`Machine`]
//! runs an image as a [`Program`](crate::abi::Program). The program's memory is bytes behind
//! pointers that know their object; whatever C leaves undefined and bites learners stops the machine
//! at its line with a [`Diagnostic`].
//!
//! The way through: text → `lex` → `preprocess` → `parse` → `ast` → `lower` → `ir` →
//! `machine`, with the C library as built-in functions in `libc`.
//!
//! **Architecture invariant:** a machine is a value. It reads no clock, no file, no randomness; two
//! machines with the same image, configuration and replies are equal after the same instructions, on
//! every target. How it is driven (budgets, stops at lines) changes nothing that can be observed.

mod arith;
mod ast;
mod decimal;
pub(crate) mod flat;
mod headers;
mod index;
mod instruction;
pub(crate) mod ir;
mod lex;
mod libc;
mod library;
mod literal;
mod look;
mod lower;
pub(crate) mod machine;
mod parse;
mod preprocess;
mod stored;
mod token;
mod types;

pub use ir::Image;
pub use machine::{Config, Frame, Local, Location, Machine, Programs};

use crate::program::source::MAX_FILE;
use crate::program::{Diagnostic, Severity, SourceFile, Span};
use std::ops::Range;
use std::rc::Rc;

/// How to compile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Compile all of the library's C, used or not: to see that it compiles.
    pub whole_library: bool,
}

/// Compiles the C files among `files` into one program; the others (headers, and C files that another
/// includes) are there to be included. Spans in diagnostics count in `files`; after success in [`Image::files`], which begins
/// with the same files.
///
/// Errors: everything that is wrong, up to twenty problems, in source order within a phase; warnings
/// of a program that compiles are in [`Image::warnings`].
///
/// ```
/// use sockscope::program::{SourceFile, c};
/// let file = SourceFile::new("a.c", "int main(void) { retrun 0; }");
/// let problems = c::compile(&[file], &c::Options::default()).unwrap_err();
/// assert_eq!(problems.len(), 1);
/// ```
pub fn compile(files: &[SourceFile], options: &Options) -> Result<Rc<Image>, Vec<Diagnostic>> {
    for (i, file) in files.iter().enumerate() {
        if file.text.len() > MAX_FILE {
            let span = Span::new(i as u32, 0, 0);
            return Err(vec![Diagnostic::error(
                span,
                format!("{} is larger than 4 MiB", file.name),
            )]);
        }
    }
    let sources: Vec<u32> = (0..files.len())
        .filter(|i| files[*i].name.ends_with(".c") || files.len() == 1)
        .map(|i| i as u32)
        .collect();
    let mut problems = Vec::new();
    let mut names = token::Interner::default();
    parse::intern_keywords(&mut names);
    let mut all = files.to_vec();
    let mut preprocessed = Vec::new();
    for file in sources {
        let tokens = preprocess::Preprocessor::new(&mut all, &mut names, &mut problems).run(file);
        // What was cut off at a bound would only give false problems.
        preprocessed.extend(tokens.map(|tokens| (file, tokens)));
    }
    let mut units = Vec::new();
    let mut named = Named::default();
    for (file, tokens) in &preprocessed {
        let others = preprocessed.iter().filter(|(other, _)| other != file);
        if others
            .clone()
            .any(|(_, other)| other.included.contains(file))
        {
            continue;
        }
        named.note(&tokens.tokens, &names, 0..files.len());
        units.push(parse::parse(tokens, &mut names, &mut problems));
    }
    let failed = |problems: &[Diagnostic]| problems.iter().any(|p| p.severity == Severity::Error);
    if failed(&problems) {
        return Err(tidy(problems, files.len()));
    }
    let visible = all.len();
    let library = library_unit(
        &mut all,
        &mut names,
        &mut problems,
        named,
        options.whole_library,
    );
    let sources = lower::Sources {
        units: &units,
        library: &library,
        files: &all,
        visible,
        whole: options.whole_library,
    };
    let image = lower::lower(&sources, &mut names, &mut problems);
    match image {
        Ok(mut image) if !failed(&problems) => {
            image.warnings = tidy(problems, files.len());
            // Nobody is shown the headers' text and the library's: what is stored need not carry it.
            for file in image.files.iter_mut().skip(files.len()) {
                file.text = "".into();
            }
            Ok(Rc::new(image))
        }
        _ => Err(tidy(problems, files.len())),
    }
}

/// The names that stand in some files, and whether a floating-point constant does.
#[derive(Default)]
struct Named(index::ByName, bool);

/// What gives a floating-point number besides its types, its constants and <math.h>.
const REALS: [&str; 13] = [
    "double",
    "float",
    "atof",
    "strtod",
    "strtof",
    "strtold",
    "drand48",
    "erand48",
    "difftime",
    "__builtin_inf",
    "__builtin_huge_val",
    "__builtin_nan",
    "__builtin_sqrt",
];

impl Named {
    /// Notes the names among tokens that come from one of these files.
    fn note(&mut self, tokens: &[token::Token], names: &token::Interner, files: Range<usize>) {
        for token in tokens
            .iter()
            .filter(|t| files.contains(&(t.span.file as usize)))
        {
            match token.kind {
                token::Tok::Ident => self.0.set(token.sym, Some(0)),
                token::Tok::Num => self.1 |= is_real(names.name(token.sym)),
                _ => {}
            }
        }
    }
}

/// Whether a preprocessing number is a floating-point constant (C11 6.4.4.2).
fn is_real(number: &str) -> bool {
    let hexadecimal = number.starts_with("0x") || number.starts_with("0X");
    let exponent = if hexadecimal { ['p', 'P'] } else { ['e', 'E'] };
    number.contains('.') || number.contains(exponent)
}

/// The library's files that define something which the program, or one of them, names: as one unit, so that what
/// they share has one type.
fn library_unit(
    files: &mut Vec<SourceFile>,
    names: &mut token::Interner,
    problems: &mut Vec<Diagnostic>,
    named: Named,
    whole: bool,
) -> ast::Unit {
    let mut is_named = |name: &str| named.0.get(names.sym(name)).is_some();
    let stops = is_named("__builtin_trap") || is_named("__builtin_unreachable");
    let reals = whole
        || named.1
        || files.iter().any(|file| file.name == "<math.h>")
        || REALS.iter().any(|name| is_named(name));
    let wanted = |name: &str| {
        let by_the_compiler = name == library::EXIT || (stops && name == "abort");
        by_the_compiler || is_named(name) || is_named(&["__builtin_", name].concat())
    };
    let all = library::reached(wanted, reals, whole);
    let all = ["#define _GNU_SOURCE\n", &all].concat();
    let file = files.len() as u32;
    files.push(SourceFile::new("<library>", all));
    match preprocess::Preprocessor::new(files, names, problems).run(file) {
        Some(tokens) => parse::parse(&tokens, names, problems),
        None => ast::Unit::default(),
    }
}

/// At most twenty problems, each place once, and none in files that the caller does not have.
fn tidy(problems: Vec<Diagnostic>, files: usize) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for mut problem in problems {
        problem.labels.retain(|l| (l.span.file as usize) < files);
        let again = kept
            .iter()
            .any(|k| k.span == problem.span && k.message == problem.message);
        let system = problem.span.file as usize >= files && problem.severity == Severity::Warning;
        if !again && !system && kept.len() < parse::MAX_PROBLEMS {
            kept.push(problem);
        }
    }
    kept
}
