//! What is run: programs in C with what they are given, and how the world around them is set.

use crate::kernel::task::Capabilities;
use crate::program::c::{self, Config, Image, Machine};
use crate::program::{Diagnostic, SourceFile};
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
use crate::scenario::record::Record;
use crate::scenario::{InLanguages, Lesson, Recorded};
use crate::sim::{ProgramSpec, World, WorldConfig};
use std::rc::Rc;

/// One program of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramSource {
    /// Its name: the stem of its first file.
    pub name: String,
    /// Its files, C files first.
    pub files: Vec<SourceFile>,
    /// Its arguments, without its own name.
    pub args: Vec<String>,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
    /// Its capabilities besides those that [`Scenario::root`] gives to all.
    pub capabilities: Capabilities,
    /// It starts when the program of that index has ended; at the beginning if there is none.
    pub after: Option<u32>,
    /// It does not start at all: it is there for execvp(3). Such programs stand behind all others.
    pub held: bool,
    /// Its RLIMIT_NOFILE, if it is not the usual one.
    pub nofile: Option<u32>,
}

/// A moment of the run that is worth a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bookmark {
    /// The index of the program.
    pub program: u32,
    /// A system call of it, by its name.
    pub call: String,
    /// The how-many-th call of that name, from 1.
    pub nth: u32,
    /// When that call returns; otherwise when it is entered.
    pub at_return: bool,
    /// What is to be seen there.
    pub label: InLanguages<String>,
}

/// Programs and the world around them.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// The programs, in the order in which they are started.
    pub programs: Vec<ProgramSource>,
    /// Seed, decisions, settings, link rules.
    pub world: WorldConfig,
    /// They run with the capabilities of root.
    pub root: bool,
    /// Their standard output is a terminal.
    pub tty: bool,
    /// What was found when this very scenario was compared with real Linux.
    pub recorded: Option<Recorded>,
    /// Moments worth a look.
    pub bookmarks: Vec<Bookmark>,
    /// Why a run on real Linux takes too long to be compared each time, if it does.
    pub not_live: Option<String>,
    /// What `recorded.txt` holds. The page has no use for it.
    #[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
    pub record: Option<Record>,
    /// A hash of its programs and of the world, but for bookmarks: that of a record is to be the same.
    pub sources: u32,
    /// What it teaches.
    pub lesson: InLanguages<Option<Lesson>>,
}

/// Programs that compiled.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(super) images: Vec<Rc<Image>>,
}

impl Compiled {
    /// What the compiler said of programs that nevertheless run: the index of the program, its files, and what.
    pub fn warnings(&self) -> impl Iterator<Item = (usize, &[SourceFile], &Diagnostic)> {
        let images = self.images.iter().enumerate();
        images.flat_map(|(at, image)| image.warnings().iter().map(move |w| (at, image.files(), w)))
    }
}

impl From<Vec<Rc<Image>>> for Compiled {
    /// The images of a scenario's programs, in their order.
    fn from(images: Vec<Rc<Image>>) -> Compiled {
        Compiled { images }
    }
}

impl Scenario {
    /// Compiles every program. The page has no compiler: it opens a [`Packed`](crate::scenario::Packed)
    /// scenario, or asks its worker.
    ///
    /// Errors: the index of the first program that does not compile, and what is wrong with it.
    pub fn compile(&self) -> Result<Compiled, (usize, Vec<Diagnostic>)> {
        let mut images = Vec::with_capacity(self.programs.len());
        for (at, program) in self.programs.iter().enumerate() {
            let options = c::Options::default();
            images.push(c::compile(&program.files, &options).map_err(|problems| (at, problems))?);
        }
        Ok(images.into())
    }

    /// The programs that run: all but those that are there for execvp(3).
    pub fn cast(&self) -> impl Iterator<Item = &ProgramSource> {
        self.programs.iter().filter(|program| !program.held)
    }

    /// The capabilities of a program.
    pub fn capabilities(&self, of: &ProgramSource) -> Capabilities {
        if self.root {
            Capabilities::ROOT
        } else {
            of.capabilities
        }
    }

    /// Fresh machines of the programs that run, about to run `main`.
    pub fn machines(&self, compiled: &Compiled) -> Vec<Machine> {
        let mut programs = Vec::new();
        for (program, image) in self.programs.iter().zip(&compiled.images) {
            programs.push((program.name.clone(), image.clone()));
        }
        let programs = Rc::new(programs);
        let mut machines = Vec::new();
        for (program, image) in self.cast().zip(&compiled.images) {
            let config = Config {
                args: [std::slice::from_ref(&program.name), &program.args[..]].concat(),
                stdout_is_tty: self.tty,
                programs: programs.clone(),
            };
            machines.push(Machine::new(image.clone(), &config));
        }
        machines
    }

    /// The simulated world at the beginning of the run.
    pub fn world(&self, compiled: &Compiled) -> World<Machine> {
        let mut specs = Vec::new();
        for (program, source) in self.machines(compiled).into_iter().zip(self.cast()) {
            specs.push(ProgramSpec {
                program,
                stdin: source.stdin.clone(),
                capabilities: self.capabilities(source),
                after: source.after,
                nofile: source.nofile,
            });
        }
        World::new(specs, &self.world)
    }
}
