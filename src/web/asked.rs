//! What `window.sockscope.load` takes, besides the name of a built-in scenario.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

/// Programs to run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// The programs, started in this order.
    pub programs: Vec<AskedProgram>,
    /// The seed of everything random.
    pub seed: u64,
}

/// One program of [`Asked`].
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub(crate) struct AskedFile {
    /// `client.c`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Reads what a script hands over, or says what is wrong with it.
pub(crate) fn read(scenario: &JsValue) -> Result<Asked, String> {
    let mut programs = Vec::new();
    for program in list(scenario, "programs")? {
        let mut files = Vec::new();
        for file in list(&program, "files")? {
            files.push(AskedFile {
                name: text(&file, "name")?.ok_or_else(|| wrong("name"))?,
                text: text(&file, "text")?.ok_or_else(|| wrong("text"))?,
            });
        }
        let mut args = Vec::new();
        for arg in list(&program, "args")? {
            args.push(arg.as_string().ok_or_else(|| wrong("args"))?);
        }
        if files.is_empty() {
            return Err(wrong("files"));
        }
        programs.push(AskedProgram {
            name: text(&program, "name")?.unwrap_or_default(),
            files,
            args,
            stdin: text(&program, "stdin")?.unwrap_or_default(),
        });
    }
    if programs.is_empty() {
        return Err(wrong("programs"));
    }
    let seed = match field(scenario, "seed") {
        Some(seed) => seed.as_f64().ok_or_else(|| wrong("seed"))? as u64,
        None => 0,
    };
    Ok(Asked { programs, seed })
}

fn wrong(name: &str) -> String {
    [
        "\"",
        name,
        "\" is missing, or not what a scenario has there",
    ]
    .concat()
}

/// A property that is there.
fn field(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

fn text(of: &JsValue, name: &str) -> Result<Option<String>, String> {
    let value = field(of, name);
    value
        .map(|value| value.as_string().ok_or_else(|| wrong(name)))
        .transpose()
}

/// The elements of a list; none if there is no list.
fn list(of: &JsValue, name: &str) -> Result<Array, String> {
    match field(of, name) {
        Some(value) if Array::is_array(&value) => Ok(value.into()),
        Some(_) => Err(wrong(name)),
        None => Ok(Array::new()),
    }
}
