//! `sockscope run`.

use super::arguments::{On, RunOptions, Trace};
use super::trace::Tracer;
use super::{Refusal, load};
use crate::program::c::Machine;
use crate::scenario::record::{Record, Recorder};
use crate::scenario::{Compiled, Observer, Outcome, Scenario, simulate};

/// No status above this is the programs': larger ones are clamped.
const MAX_STATUS: i32 = 100;

/// Runs programs; the exit status is that of the last one.
pub(super) fn run(options: &RunOptions) -> Result<u8, Refusal> {
    let scenario = load::scenario(&options.programs)?;
    let compiled = load::compile(&scenario)?;
    if options.trace == Trace::Strace {
        for (_, files, warning) in compiled.warnings() {
            super::output::to_stderr(warning.render(files).as_bytes());
        }
    }
    let names: Vec<String> = scenario.cast().map(|p| p.name.clone()).collect();
    let mut tracer = Tracer::new(options.trace, names.clone());
    let mut recorder = Recorder::new(names.len(), Some(&mut tracer));
    let (outcome, machines, kernel) = match options.on {
        On::Sim => {
            let mut world = scenario.world(&compiled);
            let outcome = simulate::run(&mut world, &mut recorder);
            let tasks = world.order().to_vec();
            let machines = tasks
                .iter()
                .filter_map(|task| Some(world.thread_program(*task)?.into_owned()))
                .collect();
            (outcome, machines, "simulated".to_owned())
        }
        On::Native => native(&scenario, &compiled, options.patience, &mut recorder)?,
    };
    let record = Record {
        kernel,
        sources: Some(scenario.sources).filter(|_| scenario.sources != 0),
        programs: recorder.tracks(),
    };
    tracer.console.finish();
    let status = finish(&tracer.names, &outcome, &machines)?;
    if let Some(path) = &options.record {
        std::fs::write(path, record.to_string())
            .map_err(|error| Refusal::new(format!("{}: {error}", path.display())))?;
    }
    Ok(status)
}

/// How the run went, the programs, and the kernel's release.
type Ran = (Outcome, Vec<Machine>, String);

#[cfg(target_os = "linux")]
fn native(
    scenario: &Scenario,
    compiled: &Compiled,
    patience: u64,
    observer: &mut dyn Observer,
) -> Result<Ran, Refusal> {
    use crate::scenario::native::{Play, roles, run};
    let patience = std::time::Duration::from_secs(patience);
    let stage = load::stage(scenario, patience)?;
    let kernel = stage.kernel_release();
    let play = Play::of(scenario, patience);
    let ran = run(stage, roles(scenario, compiled), &play, observer);
    let (outcome, machines) = ran.map_err(|error| Refusal::new(error.to_string()))?;
    Ok((outcome, machines, kernel))
}

#[cfg(not(target_os = "linux"))]
fn native(_: &Scenario, _: &Compiled, _: u64, _: &mut dyn Observer) -> Result<Ran, Refusal> {
    Err(Refusal::new("--on native needs Linux"))
}

/// The exit status, or why there is none.
fn finish(names: &[String], outcome: &Outcome, machines: &[Machine]) -> Result<u8, Refusal> {
    let name = |who: usize| names.get(who).map_or("a process", String::as_str);
    let place = |who: usize| {
        let location = machines.get(who).and_then(Machine::location);
        location.map_or_else(String::new, |at| {
            let file = machines[who].image().files.get(at.file as usize);
            let file = file.map_or("?", |file| file.name.as_str());
            format!(
                " at {file}:{}:{} in {}()",
                at.line, at.columns.0, at.function
            )
        })
    };
    match outcome {
        Outcome::Ended(_) => {}
        Outcome::Stuck { waiting, .. } => {
            for who in waiting {
                let text = format!(
                    "sockscope: {} was ended: it waits for ever{}\n",
                    name(*who),
                    place(*who)
                );
                super::output::to_stderr(text.as_bytes());
            }
        }
        Outcome::Fault { who } => {
            let fault = machines.get(*who).and_then(Machine::fault);
            let files = machines.get(*who).map_or(&[][..], |m| &m.image().files);
            return Err(match fault {
                Some(diagnostic) => load::fault(name(*who), diagnostic, files),
                None => Refusal::new(format!("{} was stopped", name(*who))),
            });
        }
        Outcome::NotModelled { who, what } => {
            let by = who.map_or_else(String::new, |who| format!(" ({}{})", name(who), place(who)));
            return Err(Refusal::new(format!("{what}{by}")));
        }
        Outcome::CutOff { who, why } => {
            let by = who.map_or_else(String::new, |who| format!(": {}{}", name(who), place(who)));
            return Err(Refusal::new(format!("the run was cut off after {why}{by}")));
        }
    }
    match outcome.status() {
        // A signal, as a shell tells it.
        Some(status) if outcome.is_signal() => Ok(status.clamp(0, 255) as u8),
        Some(status) => Ok(status.clamp(0, MAX_STATUS) as u8),
        None => Err(Refusal::new(
            "the program listed last did not end by itself",
        )),
    }
}
