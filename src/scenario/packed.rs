//! A scenario with its programs compiled, as bytes: what the page opens without a compiler.

use crate::program::c::Image;
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::{Compiled, ProgramSource, Recorded, Scenario};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What a compiler is asked: the files of each program.
pub type Sources = Vec<Vec<SourceFile>>;

/// What it answers: for each program its image, or what is wrong with it.
pub type Built = Vec<Result<Rc<Image>, Vec<Diagnostic>>>;

/// A scenario that comes with Sockscope, ready to run. `static/scenarios/NAME/packed` is one;
/// `./dev pack` writes them, and a test compares them with what they were made from.
///
/// ```
/// use sockscope::scenario::{Packed, Scenario};
/// let packed = Packed::of(Scenario::builtin("first-life").unwrap()).unwrap();
/// let (scenario, _) = Packed::from_bytes(&packed.to_bytes()).unwrap().open();
/// assert_eq!(scenario.programs[1].name, "client");
/// ```
#[derive(Debug, Serialize, Deserialize)]
pub struct Packed {
    programs: Vec<ProgramSource>,
    images: Vec<Rc<Image>>,
    recorded: Option<Recorded>,
}

impl Packed {
    /// Compiles a scenario's programs. Its world is the default one, which is not stored.
    ///
    /// Errors: the index of the first program that does not compile, and what is wrong with it.
    pub fn of(scenario: Scenario) -> Result<Packed, (usize, Vec<Diagnostic>)> {
        let images = scenario.compile()?.images;
        Ok(Packed {
            programs: scenario.programs,
            images,
            recorded: scenario.recorded,
        })
    }

    /// The scenario and its programs.
    pub fn open(self) -> (Scenario, Compiled) {
        let scenario = Scenario {
            programs: self.programs,
            recorded: self.recorded,
            ..Scenario::default()
        };
        (scenario, self.images.into())
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

/// Sources or what was built from them as bytes, which name the version of what they hold.
pub fn write<T: Serialize>(value: &T) -> Vec<u8> {
    // What is written has no maps and no types that the format lacks.
    postcard::to_allocvec(&(VERSION, value)).unwrap_or_default()
}

/// What [`write`] wrote; `None` if another version did.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (version, rest) = postcard::take_from_bytes::<u32>(bytes).ok()?;
    if version != VERSION {
        return None;
    }
    postcard::from_bytes(rest).ok()
}

/// Tells the forms of stored programs apart: a hash (FNV-1a) of the source that says what they are.
const VERSION: u32 = {
    let hash = fnv(0x811c_9dc5, include_bytes!("packed.rs"));
    let hash = fnv(hash, include_bytes!("../program/c/ir.rs"));
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
