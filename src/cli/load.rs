//! From file names to a scenario.

use super::Refusal;
use super::arguments::Programs;
use super::includes::with_included;
use crate::program::source::nearest;
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::{Compiled, ProgramSource, Scenario, folder, library};
use crate::sim::WorldConfig;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// No file that is read is larger.
const MAX_FILE: u64 = 4 << 20;

/// No folder that is read has more files, or folders inside folders.
const MAX_ENTRIES: usize = 1_000;

/// Reads the scenario, or the programs, and what they are given besides.
pub(super) fn scenario(options: &Programs) -> Result<Scenario, Refusal> {
    let mut scenario = match &options.programs[..] {
        [one] if Path::new(one).is_dir() => {
            let files = folder_files(Path::new(one))?;
            from_folder(one, files)?
        }
        [one] if !Path::new(one).exists() && library::files(one).is_some() => {
            from_folder(one, library::files(one).unwrap_or_default())?
        }
        [one] if !one.contains(['/', '.', ',']) && !Path::new(one).exists() => {
            return Err(no_such(one));
        }
        several => from_programs(several, &options.include)?,
    };
    let programs = &mut scenario.programs;
    for (name, value) in pairs(&options.args, "--args")? {
        let words = words(&value)
            .ok_or_else(|| Refusal::new(format!("--args {name}: a quote is not closed")))?;
        named(programs, &name, "--args")?.args = words;
    }
    for (name, path) in pairs(&options.stdin, "--stdin")? {
        let bytes = read(Path::new(&path))?;
        named(programs, &name, "--stdin")?.stdin = bytes;
    }
    if let Some(seed) = options.seed {
        scenario.world.seed = seed;
    }
    scenario.root |= options.root;
    scenario.tty |= options.tty;
    Ok(scenario)
}

fn from_folder(name: &str, files: Vec<(String, Vec<u8>)>) -> Result<Scenario, Refusal> {
    folder::read(files).map_err(|wrong| Refusal::new(format!("{name}:\n{}", wrong.render())))
}

fn from_programs(paths: &[String], folders: &[PathBuf]) -> Result<Scenario, Refusal> {
    let programs: Result<Vec<ProgramSource>, Refusal> =
        paths.iter().map(|paths| program(paths, folders)).collect();
    Ok(Scenario {
        programs: programs?,
        world: WorldConfig {
            seed: 1,
            ..WorldConfig::default()
        },
        ..Scenario::default()
    })
}

/// Neither a file nor a folder nor a name of the library.
fn no_such(name: &str) -> Refusal {
    let groups = library::built_in();
    let names = groups.iter().flat_map(|group| &group.names);
    let near = nearest(name, names.map(String::as_str));
    let hint = match near {
        Some(near) => format!("did you mean {near}?"),
        None => "`sockscope list` names the scenarios that come with it".to_owned(),
    };
    Refusal::new(format!("{name}: no such file, folder or scenario; {hint}"))
}

/// The files of a folder that a scenario may be made of, by their paths in it.
pub(super) fn folder_files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let refuse = |path: &Path, why: String| Refusal::new(format!("{}: {why}", path.display()));
    let mut files = Vec::new();
    let (mut folders, mut entries) = (vec![folder.to_owned()], 0);
    while let Some(inside) = folders.pop() {
        let listed = std::fs::read_dir(&inside).map_err(|e| refuse(&inside, e.to_string()))?;
        for entry in listed {
            let path = entry.map_err(|e| refuse(&inside, e.to_string()))?.path();
            entries += 1;
            if entries > MAX_ENTRIES {
                return Err(refuse(folder, format!("more than {MAX_ENTRIES} entries")));
            }
            let name = path.strip_prefix(folder).unwrap_or(&path);
            let name = name.to_string_lossy().into_owned();
            // A link to a folder may lead in circles; `.git` and the like are nobody's sources.
            if path.is_dir() && !path.is_symlink() && !name.starts_with('.') {
                folders.push(path);
            } else if folder::means_something(&name) && path.is_file() {
                files.push((name, read(&path)?));
            }
        }
    }
    Ok(files)
}

/// Compiles, or says what is wrong as a compiler does.
pub(super) fn compile(scenario: &Scenario) -> Result<Compiled, Refusal> {
    scenario.compile().map_err(|(at, problems)| {
        let files = &scenario.programs[at].files;
        let rendered: Vec<String> = problems.iter().map(|p| p.render(files)).collect();
        Refusal::new(format!(
            "{} does not compile\n{}",
            scenario.programs[at].name,
            rendered.join("\n")
        ))
    })
}

/// The stage that a scenario asks for; a world that this machine cannot make is refused.
#[cfg(target_os = "linux")]
pub(super) fn stage(
    scenario: &Scenario,
    longest_wait: std::time::Duration,
) -> Result<crate::native::Stage, Refusal> {
    let mut config = crate::scenario::native::stage_config(scenario);
    config.longest_wait = longest_wait;
    let stage = crate::native::Stage::open(&config);
    let stage = stage.map_err(|error| Refusal::new(error.to_string()))?;
    let refused = stage.refused_sysctls();
    let ours = crate::native::StageConfig::default().sysctls;
    let refused = refused
        .iter()
        .filter(|name| ours.iter().all(|(n, _)| n != *name));
    let refused: Vec<String> = refused.map(|name| name.replace('/', ".")).collect();
    if !refused.is_empty() {
        let what = format!("this machine does not let a run set {}", refused.join(", "));
        return Err(Refusal::new(what));
    }
    Ok(stage)
}

/// A program that was stopped, with the place.
pub(super) fn fault(name: &str, diagnostic: &Diagnostic, files: &[SourceFile]) -> Refusal {
    Refusal::new(format!("{name} was stopped\n{}", diagnostic.render(files)))
}

fn program(paths: &str, folders: &[PathBuf]) -> Result<ProgramSource, Refusal> {
    let files = with_included(paths, folders)?;
    let first = paths.split(',').next().unwrap_or_default();
    let stem = Path::new(first).file_stem();
    let name = stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok(ProgramSource {
        name,
        files,
        ..ProgramSource::default()
    })
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    let refuse = |why: String| Refusal::new(format!("{}: {why}", path.display()));
    let meta = std::fs::metadata(path).map_err(|e| refuse(e.to_string()))?;
    if !meta.is_file() {
        return Err(refuse("not a regular file".to_owned()));
    }
    if meta.len() > MAX_FILE {
        return Err(refuse("larger than 4 MiB".to_owned()));
    }
    std::fs::read(path).map_err(|e| refuse(e.to_string()))
}

/// `NAME=VALUE` arguments.
fn pairs(given: &[String], option: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let mut pairs = BTreeMap::new();
    for pair in given {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Refusal::new(format!("{option} wants NAME=VALUE, not {pair}")))?;
        pairs.insert(name.to_owned(), value.to_owned());
    }
    Ok(pairs)
}

fn named<'a>(
    programs: &'a mut [ProgramSource],
    name: &str,
    option: &str,
) -> Result<&'a mut ProgramSource, Refusal> {
    let known: Vec<String> = programs.iter().map(|p| p.name.clone()).collect();
    programs
        .iter_mut()
        .find(|program| program.name == name)
        .ok_or_else(|| {
            Refusal::new(format!(
                "{option}: no program is called {name} (there is {})",
                known.join(", ")
            ))
        })
}

/// Words as a shell separates them: blanks, single and double quotes, backslash. `None` if a quote
/// is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_separated_as_a_shell_does() {
        let split = |text| words(text).unwrap();
        assert_eq!(split("127.0.0.1  80"), ["127.0.0.1", "80"]);
        assert_eq!(
            split(r#"-m 'two words' "a \"b\"" '' c\ d"#),
            ["-m", "two words", "a \"b\"", "", "c d"]
        );
        assert_eq!(words("'open"), None);
    }
}
