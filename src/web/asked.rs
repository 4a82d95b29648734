//! What `window.sockscope.load` is asked to load.

use crate::program::SourceFile;
use crate::scenario::{ProgramSource, Scenario, Sources};
use crate::sim::WorldConfig;
use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

/// What is asked for, besides the name of a built-in scenario.
#[derive(Default)]
pub(crate) struct Asked {
    /// The programs, started in this order.
    pub programs: Vec<AskedProgram>,
    /// The seed of everything random.
    pub seed: u64,
}

/// One program of [`Asked`].
pub(crate) struct AskedProgram {
    /// Its name; without one, the stem of its first file.
    pub name: String,
    /// Its source files.
    pub files: Vec<AskedFile>,
    /// Its arguments, without the program's name.
    pub args: Vec<String>,
    /// What it can read from standard input.
    pub stdin: String,
}

/// One file of [`AskedProgram`].
pub(crate) struct AskedFile {
    /// `client.c`.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Asked {
    /// Reads `{ programs: [{ name, files: [{ name, text }], args, stdin }], seed }`, of which only the programs and
    /// their files are not to be left out; or says what is wrong with it.
    pub(crate) fn read(from: &JsValue) -> Result<Asked, String> {
        let seed = field(from, "seed");
        let number = if seed.is_undefined() {
            0.0
        } else {
            seed.as_f64().unwrap_or(-1.0)
        };
        if number < 0.0 || number.fract() != 0.0 {
            return Err(wrong("seed", "a number that can count"));
        }
        let mut programs = Vec::new();
        for program in list(from, "programs", None)? {
            programs.push(AskedProgram::read(&program)?);
        }
        Ok(Asked {
            programs,
            seed: number as u64,
        })
    }

    /// What there is to compile.
    pub(crate) fn sources(&self) -> Sources {
        let programs = self.programs.iter();
        programs.map(AskedProgram::sources).collect()
    }

    /// The programs, in a world as it is by default.
    pub(crate) fn scenario(&self) -> Scenario {
        let programs = self.programs.iter().map(|program| ProgramSource {
            name: program.name.clone(),
            files: program.sources(),
            args: program.args.clone(),
            stdin: program.stdin.clone().into_bytes(),
            ..ProgramSource::default()
        });
        Scenario {
            programs: programs.collect(),
            world: WorldConfig {
                seed: self.seed,
                ..WorldConfig::default()
            },
            ..Scenario::default()
        }
    }
}

impl AskedProgram {
    fn sources(&self) -> Vec<SourceFile> {
        let files = self.files.iter();
        files
            .map(|file| SourceFile::new(file.name.clone(), file.text.clone()))
            .collect()
    }

    fn read(from: &JsValue) -> Result<AskedProgram, String> {
        let mut files = Vec::new();
        for file in list(from, "files", None)? {
            files.push(AskedFile {
                name: text(&file, "name", None)?,
                text: text(&file, "text", None)?,
            });
        }
        let mut args = Vec::new();
        for arg in list(from, "args", Some(Vec::new()))? {
            args.push(arg.as_string().ok_or_else(|| wrong("args", "texts"))?);
        }
        let first = files.first().map_or("", |file| file.name.as_str());
        let stem = first.rsplit_once('.').map_or(first, |(stem, _)| stem);
        let name = text(from, "name", Some(""))?;
        Ok(AskedProgram {
            name: if name.is_empty() {
                stem.to_owned()
            } else {
                name
            },
            files,
            args,
            stdin: text(from, "stdin", Some(""))?,
        })
    }
}

/// A field; undefined where there is none.
fn field(of: &JsValue, name: &str) -> JsValue {
    // It fails for what has no fields.
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(of: &JsValue, name: &str, otherwise: Option<&str>) -> Result<String, String> {
    let value = field(of, name);
    match (value.as_string(), otherwise) {
        (Some(text), _) => Ok(text),
        (None, Some(text)) if value.is_undefined() => Ok(text.to_owned()),
        (None, _) => Err(wrong(name, "a text")),
    }
}

fn list(of: &JsValue, name: &str, otherwise: Option<Vec<JsValue>>) -> Result<Vec<JsValue>, String> {
    let value = field(of, name);
    match otherwise {
        _ if Array::is_array(&value) => Ok(Array::from(&value).to_vec()),
        Some(list) if value.is_undefined() => Ok(list),
        _ => Err(wrong(name, "a list")),
    }
}

fn wrong(name: &str, expected: &str) -> String {
    ["`", name, "` has to be ", expected].concat()
}
