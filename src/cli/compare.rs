//! `sockscope compare`.

use super::arguments::CompareOptions;
use super::output::{to_stderr, to_stdout};
use super::{Refusal, load};
use crate::native::{Isolation, Stage, StageConfig};
use crate::scenario::compare::{Comparison, Divergence, Impossible};
use crate::scenario::{Outcome, Scenario, compare as both};
use std::fmt::Write;

/// Runs programs on both kernels: 0 if they did the same, 1 if not.
pub(super) fn compare(options: &CompareOptions) -> Result<u8, Refusal> {
    let scenario = load::scenario(&options.programs)?;
    let compiled = load::compile(&scenario)?;
    let stage =
        Stage::open(&StageConfig::default()).map_err(|error| Refusal::new(error.to_string()))?;
    if let Isolation::PlainLoopback { reason } = stage.isolation() {
        to_stderr(format!("sockscope: no network namespace of its own: {reason}\n").as_bytes());
    }
    let comparison = both::compare(&scenario, &compiled, stage).map_err(|why| match why {
        Impossible::Native(error) => Refusal::new(error.to_string()),
        Impossible::Simulated(outcome) => {
            Refusal::new(format!("cannot compare: {}", say(&outcome)))
        }
    })?;
    if let Some(path) = &options.record {
        std::fs::write(path, record(&comparison))
            .map_err(|error| Refusal::new(format!("{}: {error}", path.display())))?;
    }
    to_stdout(report(&scenario, &comparison).as_bytes());
    Ok(u8::from(comparison.divergence.is_some()))
}

fn say(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Fault { .. } => "a program does something undefined; `run` shows where".to_owned(),
        Outcome::NotModelled { what, .. } => what.to_string(),
        Outcome::CutOff { why, .. } => format!("the run was cut off after {why}"),
        Outcome::Ended(_) | Outcome::Stuck { .. } => "the run ended".to_owned(),
    }
}

/// One line if equal; otherwise the first difference, side by side.
fn report(scenario: &Scenario, comparison: &Comparison) -> String {
    let calls: usize = comparison.calls.iter().map(Vec::len).sum();
    let mut text = String::new();
    match &comparison.divergence {
        None => {
            let segments = match comparison.segments {
                Some(count) => format!(", {count} segments"),
                None => ", segments not seen".to_owned(),
            };
            let _ = writeln!(
                text,
                "equal on Linux {}: {calls} calls{segments}",
                comparison.kernel
            );
        }
        Some(divergence) => {
            let _ = writeln!(
                text,
                "different on Linux {} at call {calls}",
                comparison.kernel
            );
            text.push_str(&side_by_side(scenario, divergence));
        }
    }
    text
}

fn side_by_side(scenario: &Scenario, divergence: &Divergence) -> String {
    let name = |who: usize| match scenario.programs.get(who) {
        Some(program) => program.name.as_str(),
        None => "a child or thread",
    };
    let who = divergence.who.map_or("", name);
    let mut text = format!(
        "{}{}{}\n",
        who,
        if who.is_empty() { "" } else { ": " },
        divergence.what
    );
    let left: Vec<&str> = divergence.simulated.lines().collect();
    let right: Vec<&str> = divergence.native.lines().collect();
    let width = left
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0)
        .max(9);
    let _ = writeln!(text, "  {:<width$} | Linux", "simulated");
    for at in 0..left.len().max(right.len()) {
        let cell = |lines: &[&str]| (*lines.get(at).unwrap_or(&"")).to_owned();
        let (l, r) = (cell(&left), cell(&right));
        let mark = if l == r { ' ' } else { '≠' };
        let _ = writeln!(text, "{mark} {l:<width$} | {r}");
    }
    text
}

/// The form that [`crate::scenario::Recorded`] reads.
fn record(comparison: &Comparison) -> String {
    let mut text = format!("linux {}\n", comparison.kernel);
    for (program, calls) in comparison.calls.iter().enumerate() {
        for (call, equal) in calls {
            let outcome = if *equal { "equal" } else { "different" };
            let _ = writeln!(text, "{program} {call} {outcome}");
        }
    }
    text
}
