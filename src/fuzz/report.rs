//! Divergences for people, and in a form that can be run again.

use super::{Case, Divergence};
use crate::export::strace;
use std::fmt;
use std::path::{Path, PathBuf};

/// A sequence that shows a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The sequence.
    pub case: Case,
    /// The difference at its end.
    pub divergence: Divergence,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = self
            .case
            .tasks
            .iter()
            .map(|root| ["user", "root"][usize::from(*root)]);
        writeln!(f, "processes: {}", root.collect::<Vec<_>>().join(", "))?;
        for (at, op) in self.case.ops.iter().enumerate() {
            let call = strace::line(&op.call, None);
            let call = call.trim_end_matches(" <unfinished ...>");
            writeln!(f, "{at:>4}  [{}] {call})", op.task)?;
        }
        write!(f, "{}", self.divergence)
    }
}

impl Kept {
    /// Writes the sequence into a folder: `NAME.txt` to read, `NAME.json` to run again with `--replay`.
    ///
    /// Errors: those of writing files.
    pub fn write(&self, folder: &Path, name: &str) -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{name}.json"));
        let json = serde_json::to_string_pretty(&self.case).map_err(std::io::Error::other)?;
        std::fs::write(&path, json)?;
        std::fs::write(folder.join(format!("{name}.txt")), format!("{self}\n"))?;
        Ok(path)
    }
}

impl Case {
    /// Reads what [`Kept::write`] wrote as JSON.
    ///
    /// Errors: what is wrong with the text, with its line.
    pub fn from_json(text: &str) -> Result<Case, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}
