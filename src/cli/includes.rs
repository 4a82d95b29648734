//! The files that a program's files include: a compiler finds them on the disk, and so does `run`.

use super::Refusal;
use super::load::read;
use crate::program::SourceFile;
use crate::program::source::{beside, quoted};
use std::path::{Path, PathBuf};

/// No program has more files.
const MAX_FILES: usize = 200;

/// The files of one program: those that were named, then those that they include in quotes, looked for as a
/// compiler does: beside the file that asks, then in each of `folders` (`-I`). What is not found is left out; the
/// compiler says so, if the line counts.
///
/// Each gets the name under which the preprocessor will look for it: its path as seen from the file that asked.
pub(super) fn with_included(paths: &str, folders: &[PathBuf]) -> Result<Vec<SourceFile>, Refusal> {
    let mut found: Vec<(PathBuf, SourceFile)> = Vec::new();
    for path in paths.split(',') {
        let path = Path::new(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = source(path, name.into_owned(), found.len())?;
        found.push((path.to_owned(), file));
    }
    let mut at = 0;
    while let Some((asking, file)) = found.get(at).cloned() {
        at += 1;
        for wanted in quoted(&file.text) {
            let near = asking.with_file_name(wanted);
            let name = beside(&file.name, wanted);
            let far = folders.iter().map(|folder| folder.join(wanted));
            let far = far.map(|path| (path, beside("", wanted)));
            let place = std::iter::once((near, name))
                .chain(far)
                .find(|(path, _)| path.is_file());
            let Some((path, name)) = place else {
                continue;
            };
            if found.iter().any(|(_, known)| known.name == name) {
                continue;
            }
            if found.len() == MAX_FILES {
                return Err(Refusal::new(format!(
                    "{paths}: more than {MAX_FILES} files"
                )));
            }
            let file = source(&path, name, found.len())?;
            found.push((path, file));
        }
    }
    Ok(found.into_iter().map(|(_, file)| file).collect())
}

fn source(path: &Path, name: String, index: usize) -> Result<SourceFile, Refusal> {
    SourceFile::from_bytes(name, index as u32, read(path)?)
        .map_err(|problem| Refusal::new(problem.message))
}
