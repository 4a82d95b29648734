//! A scenario with its programs compiled, as bytes: what the page opens without a compiler.

use crate::kernel::task::Capabilities;
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
use crate::program::c;
use crate::program::c::Image;
use crate::program::c::flat::{Flat, Flatten, Reader, flatten};
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::lesson::{Block, BlockKind, InLanguages, Lesson, Section};
use crate::scenario::{Bookmark, Compiled, ProgramSource, Recorded, Scenario};
use crate::sim::WorldConfig;
use crate::sim::network::{Neighbours, Stub};
use std::rc::Rc;

/// What a compiler is asked: the files of each program.
pub type Sources = Vec<Vec<SourceFile>>;

/// What it answers: for each program its image, or what is wrong with it.
pub type Built = Vec<Result<Rc<Image>, Vec<Diagnostic>>>;

/// What a compiler can be asked.
#[derive(Debug)]
pub enum Question {
    /// To compile programs; the answer is [`Built`].
    Programs(Sources),
    /// To make a scenario of a folder: its files by their paths in it. The answer is [`Opened`].
    Folder(Vec<(String, Vec<u8>)>),
}

/// What became of a folder: a scenario that can run, or what is wrong.
pub type Opened = Result<Packed, Vec<Refused>>;

/// A program of a folder of which something is wrong, or `scenario.toml` and what stands beside it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// The program's name; empty if it is about the folder as a whole.
    pub name: String,
    /// Its files.
    pub files: Vec<SourceFile>,
    /// What is wrong with it; nothing if the problem is with another one.
    pub problems: Vec<Diagnostic>,
}

/// A scenario ready to run. `static/scenarios/NAME/packed` is one; `./dev pack` writes them, and a test compares
/// them with what they were made from.
///
/// ```
/// use sockscope::scenario::{Packed, Scenario};
/// let packed = Packed::of(Scenario::builtin("first-life").unwrap()).unwrap();
/// let (scenario, _) = Packed::from_bytes(&packed.to_bytes()).unwrap().open();
/// assert_eq!(scenario.programs[1].name, "client");
/// ```
#[derive(Debug)]
pub struct Packed {
    scenario: Scenario,
    images: Vec<Rc<Image>>,
}

impl Packed {
    /// Compiles a scenario's programs.
    ///
    /// Errors: the index of the first program that does not compile, and what is wrong with it.
    pub fn of(scenario: Scenario) -> Result<Packed, (usize, Vec<Diagnostic>)> {
        let images = scenario.compile()?.images;
        Ok(Packed { scenario, images })
    }

    /// Makes a scenario of a folder's files, ready to run.
    #[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
    pub fn of_folder(files: Vec<(String, Vec<u8>)>) -> Opened {
        let scenario = super::folder::read(files).map_err(|wrong| {
            vec![Refused {
                name: String::new(),
                files: wrong.files,
                problems: wrong.problems,
            }]
        })?;
        let options = c::Options::default();
        let built = scenario.programs.iter().map(|program| {
            let image = c::compile(&program.files, &options);
            let refused = |problems| Refused {
                name: program.name.clone(),
                files: program.files.clone(),
                problems,
            };
            image.map_err(refused)
        });
        let built: Vec<Result<Rc<Image>, Refused>> = built.collect();
        if built.iter().all(Result::is_ok) {
            let images = built.into_iter().flatten().collect();
            return Ok(Packed { scenario, images });
        }
        let programs = scenario.programs.into_iter().zip(built);
        let refused = programs.map(|(program, built)| match built {
            Ok(_) => Refused {
                name: program.name,
                files: program.files,
                problems: Vec::new(),
            },
            Err(refused) => refused,
        });
        Err(refused.collect())
    }

    /// The scenario and its programs.
    pub fn open(self) -> (Scenario, Compiled) {
        (self.scenario, self.images.into())
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        write(self)
    }

    /// From bytes; `None` if they are none, or were written by another version of Sockscope.
    pub fn from_bytes(bytes: &[u8]) -> Option<Packed> {
        read(bytes)
    }
}

/// What is stored or sent as bytes, which name the version of what they hold.
pub fn write<T: Flatten>(value: &T) -> Vec<u8> {
    let mut flat = Flat::default();
    value.put(&mut flat);
    flat.into_bytes(VERSION)
}

/// What [`write`] wrote; `None` if another version did.
pub fn read<T: Flatten>(bytes: &[u8]) -> Option<T> {
    Reader::new(bytes, VERSION)?.value()
}

/// Tells the forms of stored programs apart: a hash (FNV-1a) of the source that says what they are.
const VERSION: u32 = {
    let hash = fnv(0x811c_9dc5, include_bytes!("packed.rs"));
    let hash = fnv(hash, include_bytes!("../program/c/flat.rs"));
    let hash = fnv(hash, include_bytes!("../program/c/ir.rs"));
    let hash = fnv(hash, include_bytes!("../program/c/instruction.rs"));
    let hash = fnv(
        hash,
        include_bytes!("../program/c/machine/memory/stored.rs"),
    );
    let hash = fnv(hash, include_bytes!("../program/c/types.rs"));
    fnv(hash, include_bytes!("../program/c/stored.rs"))
};

const fn fnv(mut hash: u32, bytes: &[u8]) -> u32 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

flatten! {
    Packed { scenario images }
    Refused { name files problems }
    ProgramSource { name files args stdin capabilities after held nofile }
    Capabilities { net_admin net_bind_service net_raw }
    Bookmark { program call nth at_return label }
    Recorded { kernel calls }
    Lesson { title summary sections }
    Section { title hidden blocks }
    Block { kind texts }
}

impl Flatten for Question {
    fn put(&self, flat: &mut Flat) {
        match self {
            Question::Programs(sources) => {
                false.put(flat);
                sources.put(flat);
            }
            Question::Folder(files) => {
                true.put(flat);
                files.put(flat);
            }
        }
    }

    fn get(from: &mut Reader) -> Question {
        match bool::get(from) {
            false => Question::Programs(Flatten::get(from)),
            true => Question::Folder(Flatten::get(from)),
        }
    }
}

/// All but its record: what the page shows of it are the marks.
impl Flatten for Scenario {
    fn put(&self, flat: &mut Flat) {
        self.programs.put(flat);
        self.world.put(flat);
        self.root.put(flat);
        self.tty.put(flat);
        self.recorded.put(flat);
        self.bookmarks.put(flat);
        self.not_live.put(flat);
        self.lesson.put(flat);
    }

    fn get(from: &mut Reader) -> Scenario {
        Scenario {
            programs: Flatten::get(from),
            world: Flatten::get(from),
            root: Flatten::get(from),
            tty: Flatten::get(from),
            recorded: Flatten::get(from),
            bookmarks: Flatten::get(from),
            not_live: Flatten::get(from),
            lesson: Flatten::get(from),
            sources: 0,
            #[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
            record: None,
        }
    }
}

impl<T: Flatten> Flatten for InLanguages<T> {
    fn put(&self, flat: &mut Flat) {
        self.en.put(flat);
        self.ko.put(flat);
    }

    fn get(from: &mut Reader) -> InLanguages<T> {
        InLanguages {
            en: T::get(from),
            ko: T::get(from),
        }
    }
}

impl Flatten for BlockKind {
    fn put(&self, flat: &mut Flat) {
        flat.number(*self as u64);
    }

    fn get(from: &mut Reader) -> BlockKind {
        match from.number() {
            1 => BlockKind::List,
            2 => BlockKind::Code,
            _ => BlockKind::Paragraph,
        }
    }
}

/// What a folder can say of the world: no other hosts.
impl Flatten for WorldConfig {
    fn put(&self, flat: &mut Flat) {
        self.seed.put(flat);
        let decisions = self
            .decisions
            .iter()
            .map(|(index, option)| (*index, *option));
        decisions.collect::<Vec<_>>().put(flat);
        self.sysctl.changes().put(flat);
        self.link.lose.put(flat);
        self.network.stubs.put(flat);
    }

    fn get(from: &mut Reader) -> WorldConfig {
        let seed = from.number();
        let mut world = WorldConfig {
            seed,
            ..WorldConfig::default()
        };
        for (index, option) in Vec::<(u32, u32)>::get(from) {
            world.decisions.insert(index, option);
        }
        for change in Vec::get(from) {
            world.sysctl.change(change);
        }
        world.link.lose = Flatten::get(from);
        world.network.stubs = Flatten::get(from);
        world
    }
}

impl Flatten for Stub {
    fn put(&self, flat: &mut Flat) {
        u32::from(self.address).put(flat);
        self.prefix.put(flat);
        (self.neighbours == Neighbours::Silent).put(flat);
    }

    fn get(from: &mut Reader) -> Stub {
        Stub {
            address: u32::get(from).into(),
            prefix: Flatten::get(from),
            neighbours: if bool::get(from) {
                Neighbours::Silent
            } else {
                Neighbours::None
            },
        }
    }
}
