//! A run on the simulated kernel.

use super::{Observer, Outcome};
use crate::abi::{Clocks, Program, Syscall, Thread};
use crate::base::{Pid, Tid};
use crate::kernel::task::Ended as ProcessEnd;
use crate::scenario::record::{Recorder, Track};
use crate::scenario::{Compiled, Scenario};
use crate::sim::{CallNote, CallPhase, Ended, Happened, World};
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
pub fn tracks(scenario: &Scenario, compiled: &Compiled) -> (Outcome, Vec<Track>) {
    let mut recorder = Recorder::new(scenario.cast().count(), None);
    let outcome = run(&mut scenario.world(compiled), &mut recorder);
    (outcome, recorder.tracks())
}

/// The same; after each step `look` sees the world and the calls that began or ended in it.
pub(super) fn run_with<P: Program>(
    world: &mut World<P>,
    observer: &mut dyn Observer,
    look: &mut dyn FnMut(&World<P>, Seen),
) -> Outcome {
    let listed = world.order().len();
    let mut open: Vec<Option<Rc<Syscall>>> = vec![None; listed];
    let (mut silent, mut calls) = (0, 0);
    loop {
        let computing = world.current();
        let stepped = world.step(1_000_000, None);
        silent += stepped.ticks;
        world.take_events();
        world.take_choices();
        while open.len() < world.order().len() {
            let (program, copy, thread) = birth(world, world.order()[open.len()]);
            observer.born(program, copy, thread);
            open.push(None);
        }
        for output in world.take_console() {
            let program = world.listed(Tid(output.pid.0)).unwrap_or(0) as usize;
            observer.output(program, output.stream, &output.bytes);
        }
        let notes = world.take_calls();
        let clocks = (stepped.happened == Happened::Clock).then(|| world.clocks());
        let computed = clocks.is_some() || stepped.happened == Happened::Computed;
        let computed = computed.then_some(stepped.ticks);
        let computed = computing.zip(computed);
        look(
            world,
            Seen {
                notes: &notes,
                computed,
                clocks,
            },
        );
        let who = |task: Tid| place(world, task).unwrap_or(0);
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
                CallPhase::Restarts => {
                    if let Some(call) = open[at].take() {
                        observer.restarts(at, note.at, &call);
                    }
                }
                CallPhase::Never(end) => observer.ended(at, note.at, end),
            }
        }
        if let Some(ended) = world.ended() {
            return outcome(world, ended, listed);
        }
        let running = world.current().map(who);
        // Who waits for an alarm in a loop has to be left some time.
        let alarm = world.hosts().iter().any(|host| host.has_alarm());
        let most = SILENT_INSTRUCTIONS * if alarm { 10 } else { 1 };
        if silent > most {
            let why = format!("{most} instructions without a system call");
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

/// What one step showed.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))] // Only comparison looks.
pub(super) struct Seen<'a> {
    /// Calls that began or ended.
    pub(super) notes: &'a [CallNote],
    /// Who computed without coming to a call, and for how many instructions.
    pub(super) computed: Option<(Tid, u64)>,
    /// It looked at a clock at the end of that, and was told this.
    pub(super) clocks: Option<Clocks>,
}

/// The number of a task.
pub(super) fn place<P: Program>(world: &World<P>, task: Tid) -> Option<usize> {
    world.order().iter().position(|tid| *tid == task)
}

/// What a task is that came to be in the run, as [`Observer::born`] is told.
fn birth<P: Program>(world: &World<P>, task: Tid) -> (usize, Option<u32>, Thread) {
    let (process, thread) = world.thread(task).unwrap_or((Pid(task.0), 0));
    let listed = world.listed(task).unwrap_or(0);
    let first = world.order()[listed as usize];
    let copy = (process.0 != first.0).then_some(process.0);
    (listed as usize, copy, thread)
}

fn outcome<P: Program>(world: &World<P>, ended: &Ended, listed: usize) -> Outcome {
    let who = |task: Tid| place(world, task);
    let end = |task: &Tid| {
        let kernel = world
            .hosts()
            .iter()
            .find(|host| host.tasks().contains(*task))?;
        kernel.processes().get(Pid(task.0))?.ended
    };
    let ends: Vec<Option<ProcessEnd>> = world.order()[..listed].iter().map(end).collect();
    match ended {
        Ended::AllEnded => Outcome::Ended(ends.into_iter().flatten().collect()),
        Ended::Stuck { tasks } => {
            let waiting: Vec<usize> = tasks.iter().filter_map(|task| who(*task)).collect();
            let process = |task: &Tid| world.thread(*task).map(|(process, _)| process.0);
            let waits = |at: usize| {
                tasks
                    .iter()
                    .any(|t| process(t) == Some(world.order()[at].0))
            };
            let by_itself = |(at, end)| if waits(at) { None } else { end };
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
