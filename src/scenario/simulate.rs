//! A run on the simulated kernel.

use super::{Observer, Outcome};
use crate::abi::{Program, Syscall};
use crate::base::Tid;
use crate::kernel::task::Ended as ProcessEnd;
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

/// The same; after each step `look` sees the world and the calls that began or ended in it.
pub(super) fn run_with<P: Program>(
    world: &mut World<P>,
    observer: &mut dyn Observer,
    look: &mut dyn FnMut(&World<P>, &[CallNote]),
) -> Outcome {
    let listed = world.order().len();
    let mut open: Vec<Option<Rc<Syscall>>> = vec![None; listed];
    let (mut silent, mut calls) = (0, 0);
    loop {
        let stepped = world.step(1_000_000, None);
        silent += stepped.ticks;
        world.take_events();
        world.take_choices();
        for at in open.len()..world.order().len() {
            open.push(None);
            let tid = world.order()[at];
            let parent = world.hosts().iter().find_map(|host| {
                let pid = host.tasks().get(tid)?.pid;
                host.processes().get(pid)?.parent
            });
            let parent = parent.map_or(0, |pid| number_of(world, Tid(pid.0)));
            observer.forked(parent, at, tid.0);
        }
        let console = world.take_console();
        let notes = world.take_calls();
        look(world, &notes);
        let who = |task: Tid| number_of(world, task);
        for output in console {
            observer.output(who(Tid(output.pid.0)), output.stream, &output.bytes);
        }
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

/// A task's place among the programs and what they forked.
pub(super) fn number_of<P: Program>(world: &World<P>, task: Tid) -> usize {
    let mut order = world.order().iter();
    order.position(|tid| *tid == task).unwrap_or(0)
}

fn outcome<P: Program>(world: &World<P>, ended: &Ended, listed: usize) -> Outcome {
    let order = world.order();
    let who = |task: Tid| order.iter().position(|tid| *tid == task);
    let of_listed = order.iter().take(listed);
    let ends: Vec<Option<ProcessEnd>> = of_listed.map(|task| world.end_of(*task)).collect();
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
