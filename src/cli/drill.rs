//! `sockscope drill`: packetdrill scripts.

use super::Refusal;
use super::arguments::{DrillOptions, Ip};
use super::output::{to_stderr, to_stdout};
use crate::drill::{self, Variant, Verdict};
use std::path::{Path, PathBuf};

/// A script failed; none failed, and one is not supported.
const FAILED: u8 = 1;
const SKIPPED: u8 = 3;

/// Runs every script, says how each went, and counts.
pub(super) fn drill(options: &DrillOptions) -> Result<u8, Refusal> {
    let variant = match options.variant {
        Ip::Ipv4 => Variant::Ipv4,
        Ip::Ipv6 => Variant::Ipv6,
        Ip::Ipv4Mapped => Variant::Ipv4Mapped,
    };
    let mut scripts = Vec::new();
    for path in &options.paths {
        find(path, &mut scripts)?;
    }
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for path in scripts {
        let shown = path.display();
        let text =
            std::fs::read(&path).map_err(|error| Refusal::new(format!("{shown}: {error}")))?;
        let text = String::from_utf8_lossy(&text);
        if options.trace {
            to_stderr(format!("{shown}\n").as_bytes());
        }
        let mut trace = |event: &str| {
            if options.trace {
                to_stderr(format!("{event}\n").as_bytes());
            }
        };
        let verdict = match only_for(&path, variant) {
            Some(what) => Verdict::Unsupported { line: 1, what },
            None => drill::run(&text, variant, &mut trace),
        };
        let said = match verdict {
            Verdict::Passed => {
                passed += 1;
                format!("ok {shown}\n")
            }
            Verdict::Failed {
                line,
                expected,
                got,
            } => {
                failed += 1;
                format!("FAIL {shown}:{line}: expected {expected}, got {got}\n")
            }
            Verdict::Unsupported { line, what } => {
                skipped += 1;
                format!("unsupported {shown}:{line}: {what}\n")
            }
        };
        to_stdout(said.as_bytes());
    }
    let count = format!("{passed} passed, {failed} failed, {skipped} skipped\n");
    to_stdout(count.as_bytes());
    Ok(match (failed, skipped) {
        (0, 0) => 0,
        (0, _) => SKIPPED,
        _ => FAILED,
    })
}

/// packetdrill's suite names scripts for one version of IP so.
fn only_for(path: &Path, variant: Variant) -> Option<String> {
    let stem = path.file_stem()?.to_string_lossy();
    let version = match variant {
        Variant::Ipv4 if stem.ends_with("v6") => 6,
        Variant::Ipv6 | Variant::Ipv4Mapped if stem.ends_with("v4") => 4,
        Variant::Ipv4Mapped if stem.ends_with("v6") => 6,
        Variant::Ipv4 | Variant::Ipv6 | Variant::Ipv4Mapped => return None,
    };
    Some(format!("a script for IPv{version} alone"))
}

/// A script, or every *.pkt below a folder, in the order of their names.
fn find(path: &Path, scripts: &mut Vec<PathBuf>) -> Result<(), Refusal> {
    if !path.is_dir() {
        scripts.push(path.to_owned());
        return Ok(());
    }
    let unreadable = |error| Refusal::new(format!("{}: {error}", path.display()));
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for entry in entries {
        // A link to a folder may lead in circles.
        let folder = entry.is_dir() && !entry.is_symlink();
        if folder || entry.extension().is_some_and(|e| e == "pkt") && !entry.is_dir() {
            find(&entry, scripts)?;
        }
    }
    Ok(())
}
