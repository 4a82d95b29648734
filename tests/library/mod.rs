//! The library of scenarios as it lies in `static/scenarios`, not as the program carries it.

use sockscope::scenario::library::{Group, groups};
use sockscope::scenario::{Scenario, folder};
use std::path::{Path, PathBuf};

/// `static/scenarios`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("static/scenarios")
}

/// What `library.txt` lists.
pub(crate) fn listed() -> Vec<Group> {
    let list = std::fs::read_to_string(root().join("library.txt"));
    groups(&list.expect("static/scenarios/library.txt"))
}

/// The names, in order.
pub(crate) fn names() -> Vec<String> {
    listed().into_iter().flat_map(|group| group.names).collect()
}

/// The folders there are, by name. One that is not listed is in the making: it is held to what is true, not to be whole.
pub(crate) fn folders() -> Vec<String> {
    let there = std::fs::read_dir(root())
        .expect("static/scenarios")
        .flatten();
    let folders = there.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The files of a folder that mean something.
pub(crate) fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let folder = root().join(name);
    let mut folders = vec![folder.clone()];
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(inside).expect("a folder").flatten() {
            let path = entry.path();
            let inside = path
                .strip_prefix(&folder)
                .expect("inside")
                .to_string_lossy();
            if path.is_dir() {
                folders.push(path);
            } else if folder::means_something(&inside) {
                let bytes = std::fs::read(&path).expect("a file");
                files.push((inside.into_owned(), bytes));
            }
        }
    }
    files.sort();
    files
}

/// The scenario, or a panic with what is wrong with its folder.
#[track_caller]
pub(crate) fn scenario(name: &str) -> Scenario {
    folder::read(files(name)).unwrap_or_else(|wrong| panic!("{name}:\n{}", wrong.render()))
}
