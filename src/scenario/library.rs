//! The scenarios that come with Sockscope. The program carries their folders.

use super::folder::{self, Wrong};
use crate::scenario::Scenario;
use include_dir::{Dir, include_dir};

static FOLDERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static/scenarios");

/// A group of the library, with the names of its scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// In English.
    pub en: String,
    /// In Korean.
    pub ko: String,
    /// Its scenarios, in order.
    pub names: Vec<String>,
}

/// Reads `library.txt`: a name on each line; `# ENGLISH | KOREAN` opens a group.
///
/// ```
/// use sockscope::scenario::library;
/// let groups = library::groups("# Life | 일생\nfirst-life\n\n# Errors | 오류\n");
/// assert_eq!(groups[0].names, ["first-life"]);
/// assert_eq!(groups[1].ko, "오류");
/// ```
pub fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix('#') {
            let (en, ko) = title.split_once('|').unwrap_or((title, title));
            groups.push(Group {
                en: en.trim().to_owned(),
                ko: ko.trim().to_owned(),
                names: Vec::new(),
            });
        } else {
            if groups.is_empty() {
                groups.push(Group::default());
            }
            if let Some(group) = groups.last_mut() {
                group.names.push(line.to_owned());
            }
        }
    }
    groups
}

/// The groups of the scenarios that come with Sockscope.
pub fn built_in() -> Vec<Group> {
    let list = FOLDERS.get_file("library.txt");
    let list = list.and_then(|file| file.contents_utf8());
    groups(list.unwrap_or_default())
}

/// The files of a scenario that comes with Sockscope.
pub fn files(name: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let folder = FOLDERS.get_dir(name)?;
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(inside) = folders.pop() {
        folders.extend(inside.dirs());
        for file in inside.files() {
            let path = file.path().strip_prefix(folder.path()).ok()?;
            let path = path.to_string_lossy().replace('\\', "/");
            files.push((path, file.contents().to_vec()));
        }
    }
    Some(files)
}

impl Scenario {
    /// A scenario that comes with Sockscope.
    ///
    /// Errors: what is wrong with its folder, which the tests do not let pass.
    pub fn library(name: &str) -> Option<Result<Scenario, Wrong>> {
        files(name).map(folder::read)
    }

    /// The same, if there is nothing wrong with it.
    pub fn builtin(name: &str) -> Option<Scenario> {
        Scenario::library(name)?.ok()
    }
}
