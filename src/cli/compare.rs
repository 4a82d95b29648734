//! `sockscope compare`.

use super::arguments::CompareOptions;
use super::output::{to_stderr, to_stdout};
use super::{Refusal, load};
use crate::native::{Isolation, StageConfig};
use crate::scenario::compare::{Comparison, Divergence, Impossible};
use crate::scenario::record::{Record, Told, Track, hold};
use crate::scenario::{Compiled, Outcome, Scenario, compare as both, simulate};
use std::fmt::Write;

/// Runs programs on both kernels: 0 if they did the same, 1 if not.
pub(super) fn compare(options: &CompareOptions) -> Result<u8, Refusal> {
    let scenario = load::scenario(&options.programs)?;
    let compiled = load::compile(&scenario)?;
    if let Some(why) = scenario.not_live.as_ref().filter(|_| !options.live) {
        return against_record(&scenario, &compiled, why);
    }
    let stage = load::stage(&scenario, StageConfig::default().longest_wait)?;
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
        std::fs::write(path, record(&scenario, &comparison))
            .map_err(|error| Refusal::new(format!("{}: {error}", path.display())))?;
    }
    to_stdout(report(&scenario, &comparison).as_bytes());
    Ok(u8::from(comparison.divergence.is_some()))
}

fn say(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Fault { .. } => "a program was stopped; `run` shows where".to_owned(),
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

/// The form that [`crate::scenario::record`] reads.
fn record(scenario: &Scenario, comparison: &Comparison) -> String {
    let track = |calls: &Vec<(String, bool)>| {
        let told = calls
            .iter()
            .map(|(call, equal)| (call.clone(), Told::Compared(*equal)));
        Track {
            calls: told.collect(),
            ..Track::default()
        }
    };
    let record = Record {
        kernel: comparison.kernel.clone(),
        sources: Some(scenario.sources).filter(|_| scenario.sources != 0),
        programs: comparison.calls.iter().map(track).collect(),
    };
    record.to_string()
}

/// Holds a simulated run against what real Linux did when it was recorded.
fn against_record(scenario: &Scenario, compiled: &Compiled, why: &str) -> Result<u8, Refusal> {
    let Some(record) = scenario.record.as_ref().filter(|record| record.is_run()) else {
        let what = format!(
            "not to be compared live ({why}), and there is no record of a run: write it with `sockscope run NAME --on native --patience SECONDS --record recorded.txt`"
        );
        return Err(Refusal::new(what));
    };
    if record.sources != Some(scenario.sources) {
        to_stderr(b"sockscope: recorded.txt is of other sources than these\n");
    }
    let (outcome, tracks) = simulate::tracks(scenario, compiled);
    if !matches!(outcome, Outcome::Ended(_) | Outcome::Stuck { .. }) {
        return Err(Refusal::new(format!("cannot compare: {}", say(&outcome))));
    }
    let (recorded, divergence) = hold(record, &tracks);
    let (calls, _) = recorded.counts();
    let text = match &divergence {
        None => format!(
            "equal to what was recorded on Linux {}: {calls} calls ({why})\n",
            record.kernel
        ),
        Some(divergence) => format!(
            "different from what was recorded on Linux {}\n{}",
            record.kernel,
            side_by_side(scenario, divergence)
        ),
    };
    to_stdout(text.as_bytes());
    Ok(u8::from(divergence.is_some()))
}
