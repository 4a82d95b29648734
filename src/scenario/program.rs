//! What is run: programs in C with what they are given, and how the world around them is set.

use crate::kernel::task::Capabilities;
use crate::program::c::{self, Config, Image, Machine};
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::Recorded;
use crate::sim::{ProgramSpec, World, WorldConfig};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// One program of a scenario.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProgramSource {
    /// Its name: the stem of its first file.
    pub name: String,
    /// Its files, C files first.
    pub files: Vec<SourceFile>,
    /// Its arguments, without its own name.
    pub args: Vec<String>,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
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
}

/// Programs that compiled.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(super) images: Vec<Rc<Image>>,
}

impl From<Vec<Rc<Image>>> for Compiled {
    /// The images of a scenario's programs, in their order.
    fn from(images: Vec<Rc<Image>>) -> Compiled {
        Compiled { images }
    }
}

impl Scenario {
    /// The scenarios that come with Sockscope, by name.
    pub const BUILT_IN: &'static [&'static str] = &["first-life"];

    /// A scenario that comes with Sockscope.
    pub fn builtin(name: &str) -> Option<Scenario> {
        let file = |name: &str, text: &str| ProgramSource {
            name: name.to_owned(),
            files: vec![SourceFile::new(format!("{name}.c"), text)],
            ..ProgramSource::default()
        };
        match name {
            "first-life" => Some(Scenario {
                programs: vec![
                    file(
                        "server",
                        include_str!("../../static/scenarios/first-life/server.c"),
                    ),
                    file(
                        "client",
                        include_str!("../../static/scenarios/first-life/client.c"),
                    ),
                ],
                recorded: Recorded::parse(include_str!(
                    "../../static/scenarios/first-life/recorded.txt"
                )),
                ..Scenario::default()
            }),
            _ => None,
        }
    }

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

    /// The capabilities of every program.
    pub fn capabilities(&self) -> Capabilities {
        if self.root {
            Capabilities::ROOT
        } else {
            Capabilities::default()
        }
    }

    /// Fresh machines, about to run `main`.
    pub fn machines(&self, compiled: &Compiled) -> Vec<Machine> {
        let names = self.programs.iter().map(|program| program.name.clone());
        let programs = Rc::new(names.zip(compiled.images.iter().cloned()).collect());
        let machine = |(program, image): (&ProgramSource, &Rc<Image>)| {
            let args = std::iter::once(program.name.clone()).chain(program.args.iter().cloned());
            let config = Config {
                args: args.collect(),
                stdout_is_tty: self.tty,
                programs: Rc::clone(&programs),
            };
            Machine::new(image.clone(), &config)
        };
        self.programs
            .iter()
            .zip(&compiled.images)
            .map(machine)
            .collect()
    }

    /// The simulated world at the beginning of the run.
    pub fn world(&self, compiled: &Compiled) -> World<Machine> {
        let capabilities = self.capabilities();
        let specs = self.machines(compiled).into_iter().zip(&self.programs);
        let specs = specs.map(|(program, source)| ProgramSpec {
            program,
            stdin: source.stdin.clone(),
            capabilities,
        });
        World::new(specs.collect(), &self.world)
    }
}
