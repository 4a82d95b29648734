//! A run on the simulated kernel.

use super::{Observer, Outcome};
use crate::abi::{Program, Syscall};
use crate::base::Tid;
use crate::kernel::task::Ended as ProcessEnd;
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
use crate::scenario::record::{Recorder, Track};
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
use crate::scenario::{Compiled, Scenario};
use crate::sim::{CallNote, CallPhase, Ended, World};
use std::rc::Rc;

/// A run that makes no system call for so many instructions is cut off.
const SILENT_INSTRUCTIONS: u64 = 400_000_000;
/// A run that makes more system calls is cut off.
const CALLS: u64 = 2_000_000;

/// Runs a world until its programs have ended or a bound is passed.
pub fn run<P: Program>(world: &mut World<P>, observer: &mut dyn Observer) -> Outcome {
    run_with(world, observer, &mut |_, _| {})
}

/// Runs a scenario and writes down what its programs do.
#[cfg(any(not(target_arch = "wasm32"), feature = "compiler"))]
pub fn tracks(scenario: &Scenario, compiled: &Compiled) -> (Outcome, Vec<Track>) {
    let mut recorder = Recorder::new(scenario.cast().count(), None);
    let outcome = run(&mut scenario.world(compiled), &mut recorder);
    (outcome, recorder.tracks())
}

/// The same; after each step `look` sees the world and the calls that began or ended in it.
pub(super) fn run_with<P: Program>(
    world: &mut World<P>,
    observer: &mut dyn Observer,
    look: &mut dyn FnMut(&World<P>, &[CallNote]),
) -> Outcome {
    let order = world.order().to_vec();
    let who = |task: Tid| order.iter().position(|tid| *tid == task).unwrap_or(0);
    let mut open: Vec<Option<Rc<Syscall>>> = vec![None; order.len()];
    let (mut silent, mut calls) = (0, 0);
    loop {
        let stepped = world.step(1_000_000, None);
        silent += stepped.ticks;
        world.take_events();
        world.take_choices();
        for output in world.take_console() {
            observer.output(who(Tid(output.pid.0)), output.stream, &output.bytes);
        }
        let notes = world.take_calls();
        look(world, &notes);
        for note in notes {
            let at = who(note.task);
            match note.phase {
                CallPhase::Entered(call) => {
                    (silent, calls) = (0, calls + 1);
                    observer.entered(at, note.at, &call);
                    open[at] = Some(call);
                }
                CallPhase::Returned(reply) => {
                    if let Some(call) = open[at].take() {
                        observer.returned(at, note.at, &call, &reply);
                    }
                }
                CallPhase::Never(end) => observer.ended(at, note.at, end),
            }
        }
        if let Some(ended) = world.ended() {
            return outcome(world, ended, &order);
        }
        let running = world.current().map(who);
        if silent > SILENT_INSTRUCTIONS {
            let why = format!("{SILENT_INSTRUCTIONS} instructions without a system call");
            return Outcome::CutOff { who: running, why };
        }
        if calls > CALLS {
            return Outcome::CutOff {
                who: running,
                why: format!("{CALLS} system calls"),
            };
        }
    }
}

fn outcome<P: Program>(world: &World<P>, ended: &Ended, order: &[Tid]) -> Outcome {
    let who = |task: Tid| order.iter().position(|tid| *tid == task);
    let ends: Vec<Option<ProcessEnd>> = order.iter().map(|task| world.end_of(*task)).collect();
    match ended {
        Ended::AllEnded => Outcome::Ended(ends.into_iter().flatten().collect()),
        Ended::Stuck { tasks } => {
            let waiting: Vec<usize> = tasks.iter().filter_map(|task| who(*task)).collect();
            let by_itself = |(at, end)| if waiting.contains(&at) { None } else { end };
            let ends = ends.into_iter().enumerate().map(by_itself).collect();
            Outcome::Stuck { waiting, ends }
        }
        Ended::Fault { task } => Outcome::Fault {
            who: who(*task).unwrap_or(0),
        },
        Ended::NotModelled { task, what } => Outcome::NotModelled {
            who: task.and_then(who),
            what: *what,
        },
    }
}
