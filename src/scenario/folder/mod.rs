//! From the files of a folder to a scenario. No file system in here: the command line, the page's compiler and the
//! tests bring the files.
//!
//! `static/scenarios/FORMAT.md` describes what a folder holds.

mod lesson;
mod settings;
mod table;

use crate::program::source::{beside, quoted};
use crate::program::{Diagnostic, SourceFile, Span};
use crate::scenario::record::Record;
use crate::scenario::{Lesson, ProgramSource, Scenario};

/// No folder has more files.
const MAX_FILES: usize = 200;

/// What is wrong with a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The files that the problems are about.
    pub files: Vec<SourceFile>,
    /// The problems, at least one.
    pub problems: Vec<Diagnostic>,
}

impl Wrong {
    /// All of it, as a compiler prints it.
    pub fn render(&self) -> String {
        let problems = self.problems.iter();
        problems.map(|p| p.render(&self.files)).collect()
    }
}

/// Reads a folder: its files by their paths in it (`/` between folders), in any order.
///
/// Errors: all that is wrong with it. Whether its programs compile is not looked at.
///
/// ```
/// use sockscope::scenario::folder;
/// let toml = "[[program]]\nname = \"a\"\narg = [\"80\"]\n";
/// let files = [("scenario.toml", toml), ("a.c", "int main(void) { return 0; }\n")];
/// let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
/// let wrong = folder::read(files.into()).unwrap_err();
/// assert!(wrong.render().starts_with("scenario.toml:3:1: error: no setting is called `arg`\n"));
/// assert!(wrong.render().contains("did you mean `args`?"));
/// ```
pub fn read(files: Vec<(String, Vec<u8>)>) -> Result<Scenario, Wrong> {
    let mut folder = Folder::default();
    folder.take(files);
    let mut scenario = match folder.find("scenario.toml") {
        Some(index) => folder.with_settings(index),
        None => folder.without_settings(),
    };
    scenario.record = folder.record();
    scenario.sources = folder.sources();
    // What was recorded of other sources says nothing about these.
    let record = scenario.record.as_ref();
    let record = record.filter(|record| record.sources == Some(scenario.sources));
    scenario.recorded = record.and_then(Record::marks);
    scenario.lesson.en = folder.lesson("lesson.en.md");
    scenario.lesson.ko = folder.lesson("lesson.ko.md");
    if folder.problems.is_empty() {
        Ok(scenario)
    } else {
        folder.problems.sort_by_key(|p| p.span);
        Err(Wrong {
            files: folder.files,
            problems: folder.problems,
        })
    }
}

/// The files that mean something, and what is wrong with them.
#[derive(Default)]
struct Folder {
    files: Vec<SourceFile>,
    problems: Vec<Diagnostic>,
}

impl Folder {
    fn take(&mut self, mut files: Vec<(String, Vec<u8>)>) {
        files.sort();
        files.retain(|(name, _)| means_something(name));
        if files.len() > MAX_FILES {
            self.wrong(format!("more than {MAX_FILES} files"));
            files.truncate(MAX_FILES);
        }
        for (name, bytes) in files {
            match SourceFile::from_bytes(name, 0, bytes) {
                Ok(file) => self.files.push(file),
                // There is no text that could be quoted.
                Err(problem) => self.wrong(problem.message),
            }
        }
    }

    /// Something about the folder as a whole.
    fn wrong(&mut self, what: impl Into<String>) {
        let nowhere = Span::new(u32::MAX, 0, 0);
        self.problems.push(Diagnostic::error(nowhere, what));
    }

    fn find(&self, name: &str) -> Option<u32> {
        let at = self.files.iter().position(|file| file.name == name);
        at.map(|at| at as u32)
    }

    fn with_settings(&mut self, index: u32) -> Scenario {
        let file = self.files[index as usize].clone();
        settings::read(index, &file, &self.files, &mut self.problems)
    }

    /// One program for each C file that defines `main`; those that wait for others (`bind`, `listen`) first, each in the
    /// order of their names. The other C files belong to all.
    fn without_settings(&mut self) -> Scenario {
        let c_files = || self.files.iter().filter(|file| file.name.ends_with(".c"));
        let shared: Vec<&SourceFile> = c_files().filter(|f| !defines_main(&f.text)).collect();
        let mut mains: Vec<&SourceFile> = c_files().filter(|f| defines_main(&f.text)).collect();
        mains.sort_by_key(|file| {
            !["bind", "listen"]
                .iter()
                .any(|call| calls(&file.text, call))
        });
        let program = |file: &&SourceFile| {
            let mut files = vec![SourceFile::clone(file)];
            files.extend(shared.iter().copied().cloned());
            ProgramSource {
                name: stem(&file.name).to_owned(),
                files: with_included(files, &self.files),
                ..ProgramSource::default()
            }
        };
        let programs: Vec<ProgramSource> = mains.iter().map(program).collect();
        if programs.is_empty() {
            self.wrong("no program: neither scenario.toml nor a C file that defines main");
        }
        Scenario {
            programs,
            world: settings::world(),
            ..Scenario::default()
        }
    }

    /// A hash (FNV-1a) of all that decides what the programs do.
    fn sources(&self) -> u32 {
        let mut hash = 0x811c_9dc5_u32;
        let mut add = |text: &str| {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
        };
        for file in &self.files {
            if file.name.ends_with(".c") || file.name.ends_with(".h") {
                add(&file.name);
                add(&file.text);
            } else if file.name == "scenario.toml" {
                let mut counts = true;
                for line in file.text.lines().map(str::trim) {
                    if line.starts_with('[') {
                        counts = line != "[[bookmark]]" && line != "[compare]";
                    }
                    if counts && !line.is_empty() && !line.starts_with('#') {
                        add(line);
                    }
                }
            }
        }
        hash
    }

    fn record(&mut self) -> Option<Record> {
        let index = self.find("recorded.txt")?;
        let recorded = Record::parse(&self.files[index as usize].text);
        if recorded.is_none() {
            let what = "not a record: `sockscope compare NAME --record recorded.txt` writes one";
            self.problems
                .push(Diagnostic::error(Span::new(index, 0, 1), what));
        }
        recorded
    }

    fn lesson(&mut self, name: &str) -> Option<Lesson> {
        let index = self.find(name)?;
        let file = &self.files[index as usize];
        Some(lesson::read(index, file, &mut self.problems))
    }
}

/// Whether a scenario may be made of a file of that name: others are left alone.
pub fn means_something(name: &str) -> bool {
    let known = [
        "scenario.toml",
        "recorded.txt",
        "lesson.en.md",
        "lesson.ko.md",
    ];
    known.contains(&name) || name.ends_with(".c") || name.ends_with(".h")
}

/// `server` of `src/server.c`.
fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// The files of a program and, of the folder, those that they include: beside the file that asks, else by their whole
/// name, as the preprocessor looks for them.
fn with_included(mut files: Vec<SourceFile>, folder: &[SourceFile]) -> Vec<SourceFile> {
    let mut at = 0;
    while let Some(file) = files.get(at) {
        let (asking, text) = (file.name.clone(), file.text.clone());
        for wanted in quoted(&text) {
            let named = |name: String| folder.iter().find(|file| file.name == name);
            let found = named(beside(&asking, wanted)).or_else(|| named(beside("", wanted)));
            if let Some(found) = found
                && !files.iter().any(|file| file.name == found.name)
            {
                files.push(found.clone());
            }
        }
        at += 1;
    }
    files
}

/// `util.h` of `src/util.h`.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether a C file defines `main`: names it outside of braces, before a parenthesis.
fn defines_main(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut found = false;
    words(text, |word, next| match word {
        "{" => depth += 1,
        "}" => depth -= 1,
        "main" => found |= depth == 0 && next == Some('('),
        _ => {}
    });
    found
}

/// Whether a C file calls a function.
fn calls(text: &str, function: &str) -> bool {
    let mut found = false;
    words(text, |word, next| {
        found |= word == function && next == Some('(');
    });
    found
}

/// Names and braces of a C file, each with the next character that is no blank; comments, texts and directives are
/// left out.
fn words(text: &str, mut word: impl FnMut(&str, Option<char>)) {
    let mut rest = text;
    let mut line_begins = true;
    while let Some(c) = rest.chars().next() {
        let skip_to = |end: &str, from: usize| {
            let found = rest[from..].find(end);
            found.map_or(rest.len(), |at| from + at + end.len())
        };
        let length = if rest.starts_with("/*") {
            skip_to("*/", 2)
        } else if rest.starts_with("//") || (c == '#' && line_begins) {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '"' || c == '\'' {
            let mut escaped = false;
            let end = rest[1..].find(|d: char| {
                let ends = !escaped && (d == c || d == '\n');
                escaped = !escaped && d == '\\';
                ends
            });
            end.map_or(rest.len(), |at| at + 2)
        } else if c.is_alphanumeric() || c == '_' {
            let end = rest.find(|d: char| !d.is_alphanumeric() && d != '_');
            let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
            word(name, behind.trim_start().chars().next());
            name.len()
        } else {
            if c == '{' || c == '}' {
                word(&rest[..1], None);
            }
            c.len_utf8()
        };
        line_begins = c == '\n' || (line_begins && c.is_whitespace());
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_defines_main_is_told_from_one_that_names_it() {
        for (text, defines) in [
            ("int main(void)\n{\n}", true),
            ("int\nmain (argc, argv)", true),
            ("/* main( */ void f(void) { main(); }", false),
            ("char *s = \"main(\"; // main(\n#define M main(", false),
            ("int domain(int x);", false),
            ("char c = '\"'; int main() {}", true),
            ("char *s = \"\\\\\"; int main() {}", true),
        ] {
            assert_eq!(defines_main(text), defines, "{text}");
        }
    }
}
