//! From file names to a scenario.

use super::Refusal;
use super::arguments::Programs;
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::{Compiled, ProgramSource, Scenario};
use crate::sim::WorldConfig;
use std::collections::BTreeMap;
use std::path::Path;

/// No file that is read is larger.
const MAX_FILE: u64 = 4 << 20;

/// Reads the programs and what they are given.
pub(super) fn scenario(options: &Programs) -> Result<Scenario, Refusal> {
    let mut programs = Vec::with_capacity(options.programs.len());
    for paths in &options.programs {
        programs.push(program(paths)?);
    }
    for (name, value) in pairs(&options.args, "--args")? {
        let words = words(&value)
            .ok_or_else(|| Refusal::new(format!("--args {name}: a quote is not closed")))?;
        named(&mut programs, &name, "--args")?.args = words;
    }
    for (name, path) in pairs(&options.stdin, "--stdin")? {
        let bytes = read(Path::new(&path))?;
        named(&mut programs, &name, "--stdin")?.stdin = bytes;
    }
    Ok(Scenario {
        programs,
        world: WorldConfig {
            seed: options.seed,
            ..WorldConfig::default()
        },
        root: options.root,
        tty: options.tty,
        recorded: None,
    })
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

/// A program that was stopped, with the place.
pub(super) fn fault(name: &str, diagnostic: &Diagnostic, files: &[SourceFile]) -> Refusal {
    Refusal::new(format!("{name} was stopped\n{}", diagnostic.render(files)))
}

fn program(paths: &str) -> Result<ProgramSource, Refusal> {
    let mut files = Vec::new();
    for path in paths.split(',') {
        let path = Path::new(path);
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let file = SourceFile::from_bytes(name, files.len() as u32, read(path)?)
            .map_err(|problem| Refusal::new(problem.message))?;
        files.push(file);
    }
    let first = paths.split(',').next().unwrap_or_default();
    let stem = Path::new(first).file_stem();
    let name = stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok(ProgramSource {
        name,
        files,
        ..ProgramSource::default()
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
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
