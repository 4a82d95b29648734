//! `sockscope fuzz`.

use super::Refusal;
use super::arguments::FuzzOptions;
use super::output::{to_stderr, to_stdout};
use crate::fuzz::{self, Bounds, Case, Fuzzer, Kept};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs cases: 0 if both kernels agreed in all, 1 if not.
pub(super) fn fuzz(options: &FuzzOptions) -> Result<u8, Refusal> {
    if let Some(path) = &options.replay {
        return replay(path);
    }
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    to_stdout(format!("seed {seed}\n").as_bytes());
    let bounds = Bounds {
        cases: options.cases,
        steps: options.steps,
        time: options.time.map(Duration::from_secs),
    };
    let mut fuzzer = Fuzzer::new(seed, bounds);
    let bar = ProgressBar::new(options.cases);
    let style = "{bar:30} {pos}/{len} cases, {per_sec}, {eta} left, {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let began = Instant::now();
    let (mut agreed, mut diverged, mut unstable) = (0_u64, 0_u64, 0_u64);
    while let Some(verdict) = fuzzer.next_case().map_err(refused)? {
        let coverage = fuzzer.coverage();
        bar.set_message(format!(
            "{} kinds of calls, {} of segments",
            coverage.calls.len(),
            coverage.segments.len()
        ));
        bar.inc(1);
        let what = if let Some(found) = verdict.divergence {
            diverged += 1;
            Some((found, "diverged; the shortest sequence that shows it"))
        } else {
            agreed += 1;
            unstable += u64::from(verdict.unstable.is_some());
            verdict
                .unstable
                .map(|found| (found, "differed once and not when run again"))
        };
        if let Some((found, what)) = what {
            let number = agreed + diverged;
            let name = format!("seed-{seed}-case-{number}");
            bar.suspend(|| {
                to_stdout(format!("case {number} {what}:\n{found}\n").as_bytes());
                keep(&found, &name, options.keep.as_deref())
            })?;
        }
    }
    bar.finish_and_clear();
    let cases = agreed + diverged;
    let per_second = cases as f64 / began.elapsed().as_secs_f64().max(0.001);
    let coverage = fuzzer.coverage();
    let mut text = format!("{cases} cases, {per_second:.0} a second; reached {coverage}\n");
    if unstable > 0 {
        text.push_str(&format!(
            "{unstable} differed once and not when run again (timing)\n"
        ));
    }
    text.push_str(&format!("{agreed} agreed, {diverged} diverged\n"));
    to_stdout(text.as_bytes());
    Ok(u8::from(diverged > 0))
}

fn keep(found: &Kept, name: &str, folder: Option<&Path>) -> Result<(), Refusal> {
    if let Some(folder) = folder {
        let path = found
            .write(folder, name)
            .map_err(|error| Refusal::new(format!("{}: {error}", folder.display())))?;
        to_stdout(format!("kept as {}\n", path.display()).as_bytes());
    }
    Ok(())
}

fn replay(path: &Path) -> Result<u8, Refusal> {
    let wrong = |why: String| Refusal::new(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let case = Case::from_json(&text).map_err(wrong)?;
    match fuzz::replay(&case).map_err(refused)? {
        None => {
            to_stdout(b"1 agreed, 0 diverged\n");
            Ok(0)
        }
        Some(divergence) => {
            to_stderr(format!("{}\n", Kept { case, divergence }).as_bytes());
            to_stdout(b"0 agreed, 1 diverged\n");
            Ok(1)
        }
    }
}

fn refused(error: crate::native::Error) -> Refusal {
    Refusal::new(error.to_string())
}
