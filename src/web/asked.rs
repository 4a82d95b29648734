//! What `window.sockscope.load` is asked to load.

use crate::program::SourceFile;
use crate::scenario::{ProgramSource, Scenario};
use crate::sim::WorldConfig;
use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

/// Reads `{ programs: [{ name, files: [{ name, text }], args, stdin }], seed }`, of which only the programs and
/// their files are not to be left out; or says what is wrong with it.
pub(crate) fn read(from: &JsValue) -> Result<Scenario, String> {
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
    for of in list(from, "programs", None)? {
        programs.push(program(&of)?);
    }
    if programs.is_empty() || programs.iter().any(|program| program.files.is_empty()) {
        return Err("a scenario needs a program, and a program a file".into());
    }
    Ok(Scenario {
        programs,
        world: WorldConfig {
            seed: number as u64,
            ..WorldConfig::default()
        },
        ..Scenario::default()
    })
}

fn program(from: &JsValue) -> Result<ProgramSource, String> {
    let mut files = Vec::new();
    for file in list(from, "files", None)? {
        files.push(SourceFile::new(
            text(&file, "name", None)?,
            text(&file, "text", None)?,
        ));
    }
    let mut args = Vec::new();
    for arg in list(from, "args", Some(Vec::new()))? {
        args.push(arg.as_string().ok_or_else(|| wrong("args", "texts"))?);
    }
    let first = files.first().map_or("", |file| file.name.as_str());
    let stem = first.rsplit_once('.').map_or(first, |(stem, _)| stem);
    let name = text(from, "name", Some(""))?;
    Ok(ProgramSource {
        name: if name.is_empty() {
            stem.to_owned()
        } else {
            name
        },
        files,
        args,
        stdin: text(from, "stdin", Some(""))?.into_bytes(),
        ..ProgramSource::default()
    })
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
