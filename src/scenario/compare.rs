//! The same programs on both kernels, in lockstep, and where they part.
//!
//! The simulation runs first and fixes the order: which task enters the kernel when, and when its
//! call returns. The real kernel is then granted the same calls in the same order, one at a time; the
//! next is granted when the call has returned or the kernel says that its task sleeps in it.
//!
//! Equal means, call by call: the same call with the same arguments, asleep or not, the same result,
//! error and bytes; after each grant the same sockets in the same states; in the end the same output,
//! the same ends, and the same segments. Ephemeral ports count as equal if one renaming, which keeps
//! their parity, serves the whole run, and so do packets that a raw socket receives, whatever their
//! identification. Pure acknowledgements are left out of the segments: the real kernel sends some of
//! them 40 ms late, by a clock that does not wait for us, which may also repeat a FIN; and a state counts
//! as equal if it is what the simulation says now or what it says when those timers have run.

mod ports;
mod rows;
mod segments;

use super::native::{self, Cast, Move, Told};
use super::simulate;
use super::{Observer, Outcome, Scenario};
use crate::abi::{Clocks, Program, Reply, Syscall};
use crate::base::{Tid, Time};
use crate::export::strace;
use crate::kernel::file::Stdio;
use crate::kernel::task::Ended;
use crate::native::{Error, Settled, Stage};
use crate::program::c::Machine;
use crate::scenario::Compiled;
pub use crate::scenario::record::Divergence;
use crate::sim::{CallPhase, TaskPhase, World};
use ports::Renaming;
use rows::Row;
use std::time::Duration;

/// How long the real kernel may take to wake a task that the simulation has woken.
const WAKE: Duration = Duration::from_secs(10);

/// What a call says that gives way to a handler.
const AGAIN: &str = "made again after a handler";

/// What a comparison found.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The release of the real kernel.
    pub kernel: String,
    /// For each program the calls that were compared, and whether each was equal.
    pub calls: Vec<Vec<(String, bool)>>,
    /// Segments that were compared; `None` if they could not be seen.
    pub segments: Option<usize>,
    /// The first difference.
    pub divergence: Option<Divergence>,
    /// How the simulated run went.
    pub outcome: Outcome,
}

/// Why a comparison could not be made.
#[derive(Debug)]
pub enum Impossible {
    /// The simulated run did not come to an end that can be compared.
    Simulated(Outcome),
    /// The real kernel, or what stands around it, refused.
    Native(Error),
}

impl From<Error> for Impossible {
    fn from(error: Error) -> Impossible {
        Impossible::Native(error)
    }
}

/// What the simulation did, in order.
#[derive(Clone, Debug)]
enum Note {
    Entered {
        who: usize,
        call: Syscall,
    },
    /// The call that was entered last has returned or sleeps; these are the sockets now, and when
    /// the timers of delayed acknowledgements have run.
    Settled {
        who: usize,
        asleep: bool,
        rows: Vec<Row>,
        later: Vec<Row>,
    },
    Returned {
        who: usize,
        reply: Reply,
    },
    Restarts {
        who: usize,
    },
    Ended {
        who: usize,
        end: Ended,
    },
    /// A task computed without coming to a call. Threads share memory: it matters who computes when.
    Computed {
        who: usize,
        instructions: u64,
    },
    /// It will look at a clock, and is told the simulation's time: what programs do of it is the same then.
    Clock {
        who: usize,
        clocks: Clocks,
    },
}

/// Runs a scenario on both kernels and compares.
///
/// Errors: [`Impossible`].
pub fn compare(
    scenario: &Scenario,
    compiled: &Compiled,
    stage: Stage,
) -> Result<Comparison, Impossible> {
    let mut world = scenario.world(compiled);
    let simulated = record(&mut world);
    match &simulated.outcome {
        Outcome::Ended(_) | Outcome::Stuck { .. } => {}
        Outcome::Fault { .. } | Outcome::NotModelled { .. } | Outcome::CutOff { .. } => {
            return Err(Impossible::Simulated(simulated.outcome));
        }
    }
    let machines = native::roles(scenario, compiled);
    let count = machines.len();
    let cast = Cast::new(stage, machines)?;
    let kernel = cast.stage.kernel_release();
    let mut pair = Pair {
        cast,
        renaming: Renaming::default(),
        calls: vec![Vec::new(); count],
        divergence: None,
        output: vec![[Vec::new(), Vec::new()]; count],
    };
    pair.play(&simulated)?;
    let segments = match pair.divergence {
        None => pair.finish(&simulated)?,
        Some(_) => None,
    };
    let (calls, divergence) = (pair.calls, pair.divergence);
    pair.cast.stage.end();
    Ok(Comparison {
        kernel,
        calls,
        segments,
        divergence,
        outcome: simulated.outcome,
    })
}

/// A simulated run, with all that the comparison needs.
struct Recording {
    notes: Vec<Note>,
    outcome: Outcome,
    output: Vec<[Vec<u8>; 2]>,
    segments: Vec<segments::Seen>,
}

/// Collects output while the simulation runs.
struct Sink(Vec<[Vec<u8>; 2]>);

impl Observer for Sink {
    fn entered(&mut self, _: usize, _: Time, _: &Syscall) {}
    fn returned(&mut self, _: usize, _: Time, _: &Syscall, _: &Reply) {}
    fn output(&mut self, who: usize, stream: Stdio, bytes: &[u8]) {
        self.0[who][usize::from(stream == Stdio::Error)].extend(bytes);
    }
    fn ended(&mut self, _: usize, _: Time, _: Ended) {}
}

/// Runs the simulation and writes down what happens, in order.
fn record<P: Program>(world: &mut World<P>) -> Recording {
    let mut sink = Sink(vec![[Vec::new(), Vec::new()]; world.order().len()]);
    let (mut notes, mut segments) = (Vec::new(), Vec::new());
    let mut granted: Option<usize> = None;
    let outcome = simulate::run_with(world, &mut sink, &mut |world, seen| {
        let who = |task: Tid| simulate::place(world, task).unwrap_or(0);
        segments.extend(segments::new_on_wire(world));
        if let Some((task, instructions)) = seen.computed {
            let who = who(task);
            notes.extend(seen.clocks.map(|clocks| Note::Clock { who, clocks }));
            computed(&mut notes, who, instructions);
        }
        for note in seen.notes {
            let at = who(note.task);
            match &note.phase {
                CallPhase::Entered(call) => {
                    notes.push(Note::Entered {
                        who: at,
                        call: Syscall::clone(call),
                    });
                    granted = Some(at);
                }
                CallPhase::Returned(reply) => {
                    settled(&mut notes, &mut granted, at, false, world);
                    notes.push(Note::Returned {
                        who: at,
                        reply: reply.clone(),
                    });
                }
                CallPhase::Restarts => {
                    settled(&mut notes, &mut granted, at, false, world);
                    notes.push(Note::Restarts { who: at });
                }
                CallPhase::Never(end) => {
                    settled(&mut notes, &mut granted, at, false, world);
                    notes.push(Note::Ended { who: at, end: *end });
                }
            }
        }
        let asleep = |at: &usize| world.phase(world.order()[*at]) == Some(TaskPhase::Asleep);
        if let Some(at) = granted.filter(asleep) {
            settled(&mut notes, &mut granted, at, true, world);
        }
    });
    Recording {
        notes,
        outcome,
        output: sink.0,
        segments,
    }
}

/// Adds to the note before, if that is about the same task.
fn computed(notes: &mut Vec<Note>, by: usize, more: u64) {
    match notes.last_mut() {
        Some(Note::Computed { who, instructions }) if *who == by => *instructions += more,
        _ => notes.push(Note::Computed {
            who: by,
            instructions: more,
        }),
    }
}

/// The call granted last has come to rest.
fn settled<P: Program>(
    notes: &mut Vec<Note>,
    granted: &mut Option<usize>,
    who: usize,
    asleep: bool,
    world: &World<P>,
) {
    if granted.take_if(|at| *at == who).is_some() {
        let (rows, later) = (rows::simulated(world), rows::simulated(&rows::later(world)));
        notes.push(Note::Settled {
            who,
            asleep,
            rows,
            later,
        });
    }
}

/// Both runs, as far as they have come.
struct Pair {
    cast: Cast<Machine>,
    renaming: Renaming,
    calls: Vec<Vec<(String, bool)>>,
    divergence: Option<Divergence>,
    output: Vec<[Vec<u8>; 2]>,
}

impl Pair {
    /// Follows the order of the simulation until the end or the first difference.
    fn play(&mut self, simulated: &Recording) -> Result<(), Error> {
        for note in &simulated.notes {
            match note {
                Note::Entered { who, call } => self.grant(*who, call)?,
                Note::Settled {
                    who,
                    asleep,
                    rows,
                    later,
                } => {
                    self.settled(*who, *asleep, rows, later)?;
                }
                Note::Returned { who, reply } => self.returned(*who, Some(reply), None)?,
                Note::Restarts { who } => self.returned(*who, None, None)?,
                Note::Ended { who, end } => self.returned(*who, None, Some(*end))?,
                Note::Computed { who, instructions } => {
                    self.cast.compute_for(*who, *instructions)?;
                }
                Note::Clock { who, clocks } => self.cast.foretell(*who, *clocks),
            }
            if self.divergence.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn differ(&mut self, who: Option<usize>, what: &str, simulated: String, native: String) {
        self.divergence.get_or_insert(Divergence {
            who,
            what: what.to_owned(),
            simulated,
            native,
        });
    }

    fn grant(&mut self, who: usize, call: &Syscall) -> Result<(), Error> {
        let native = match self.cast.compute_on(who)? {
            Move::Call(native) => native,
            Move::Fault => {
                let (sim, nat) = (strace::entered(call), "the program faulted".to_owned());
                self.differ(Some(who), "the next call", sim, nat);
                return Ok(());
            }
            Move::CutOff(why) => {
                self.differ(Some(who), "the next call", strace::entered(call), why);
                return Ok(());
            }
            Move::Slice => return Ok(()),
        };
        self.calls[who].push((call.name().to_owned(), true));
        if !self.renaming.same_call(call, &native) {
            self.mark(who);
            let (sim, nat) = (strace::entered(call), strace::entered(&native));
            self.differ(Some(who), "the next call", sim, nat);
        }
        self.cast.grant(who, native)?;
        for _ in self.cast.take_born() {
            self.calls.push(Vec::new());
        }
        Ok(())
    }

    fn mark(&mut self, who: usize) {
        if let Some(last) = self.calls[who].last_mut() {
            last.1 = false;
        }
    }

    fn settled(
        &mut self,
        who: usize,
        asleep: bool,
        rows: &[Row],
        later: &[Row],
    ) -> Result<(), Error> {
        let player = &self.cast.players[who];
        let native_asleep = player.answer.is_none();
        let name = player.call.as_ref().map_or("?", Syscall::name).to_owned();
        if asleep != native_asleep {
            let say = |asleep| {
                if asleep {
                    "the task sleeps"
                } else {
                    "the call returned"
                }
            };
            self.mark(who);
            let what = format!("how {name}() goes on");
            self.differ(
                Some(who),
                &what,
                say(asleep).to_owned(),
                say(native_asleep).to_owned(),
            );
            return Ok(());
        }
        let mut native = self.native_rows()?;
        self.renaming.learn(rows, &native);
        let expected = [self.renaming.rows(rows), self.renaming.rows(later)];
        if !rows::agree(&expected, &native) {
            // The kernel lists one socket after the other while its timers run: one that is just becoming a
            // TIME-WAIT can be missing. What differs differs at a second look, too.
            native = self.native_rows()?;
        }
        if !rows::agree(&expected, &native) {
            self.mark(who);
            let what = format!("the sockets after {name}()");
            self.differ(
                Some(who),
                &what,
                rows::text(&expected[0]),
                rows::text(&native),
            );
        }
        Ok(())
    }

    fn native_rows(&mut self) -> Result<Vec<Row>, Error> {
        let stage = &mut self.cast.stage;
        Ok(rows::native(&stage.sockets()?, &stage.udp_sockets()?))
    }

    /// A call has returned in the simulation, or its process has ended in it.
    fn returned(
        &mut self,
        who: usize,
        reply: Option<&Reply>,
        end: Option<Ended>,
    ) -> Result<(), Error> {
        let began = std::time::Instant::now();
        while self.cast.players[who].answer.is_none() && began.elapsed() < WAKE {
            self.cast.wait(WAKE.saturating_sub(began.elapsed()))?;
        }
        let call = self.cast.players[who].call.clone();
        let text = |reply: &Reply| {
            call.as_ref()
                .map_or(String::new(), |c| strace::line(c, Some(reply)))
        };
        let simulated = match (reply, end) {
            (Some(reply), _) => text(reply),
            (None, Some(end)) => format!("{end:?}"),
            (None, None) => AGAIN.to_owned(),
        };
        let killed_by_us = end == Some(Ended::Killed(9));
        let native = match self.cast.players[who].answer.clone() {
            Some(Settled::Returned(native)) => text(&native),
            Some(Settled::Handlers { reply, .. }) => {
                reply.as_ref().map_or_else(|| AGAIN.to_owned(), text)
            }
            Some(Settled::Ended(native)) => format!("{native:?}"),
            Some(Settled::Asleep | Settled::StillRunning) | None if killed_by_us => return Ok(()),
            Some(Settled::Asleep | Settled::StillRunning) | None => {
                "the task still sleeps".to_owned()
            }
        };
        let answered = self.cast.resume(who);
        self.collect(who)?;
        let same = match (&answered, reply, end) {
            (Some(Told::Answer(call, native)), Some(reply), _) => {
                self.renaming.same_reply(call, reply, native)
            }
            (Some(Told::Again(_)), None, None) => true,
            (Some(Told::Ended), None, Some(end)) => self.cast.players[who].end == Some(end),
            (Some(Told::Answer(..) | Told::Again(_) | Told::Ended) | None, _, _) => false,
        };
        if !same {
            self.mark(who);
            self.differ(Some(who), "the result of a call", simulated, native);
        }
        Ok(())
    }

    fn collect(&mut self, who: usize) -> Result<(), Error> {
        let listed = self.cast.players[who].listed;
        for (stream, bytes) in self.cast.fresh_output(listed)? {
            self.output[listed][usize::from(stream == Stdio::Error)].extend(bytes);
        }
        Ok(())
    }

    /// What is compared at the end: output and segments. Returns how many segments were compared.
    fn finish(&mut self, simulated: &Recording) -> Result<Option<usize>, Error> {
        for who in 0..self.output.len() {
            self.collect(who)?;
            for (stream, name) in ["standard output", "standard error"]
                .into_iter()
                .enumerate()
            {
                let (sim, nat) = (&simulated.output[who][stream], &self.output[who][stream]);
                if sim != nat {
                    let (sim, nat) = (
                        sim.escape_ascii().to_string(),
                        nat.escape_ascii().to_string(),
                    );
                    self.differ(Some(who), name, sim, nat);
                }
            }
        }
        let captured = match self.cast.stage.segments() {
            Ok(captured) => captured,
            Err(Error::NoCapture { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        let compared = segments::compare(&simulated.segments, &captured, &mut self.renaming);
        match compared {
            Ok(count) => Ok(Some(count)),
            Err((sim, nat)) => {
                self.differ(None, "the segments on the wire", sim, nat);
                Ok(None)
            }
        }
    }
}
