//! A run on this machine's Linux: the programs compute here, their calls are made by puppets.

mod player;

use super::{Observer, Outcome};
use crate::abi::{Clocks, Program, Reply, Stop, Syscall, Thread};
use crate::base::Time;
use crate::kernel::file::Stdio;
use crate::kernel::task::Ended;
use crate::native::{End, Error, Puppet, PuppetSpec, Settled, Stage, Stream};
pub use crate::scenario::roles::{Play, roles, stage_config};
use player::Player;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What one grant may take before the kernel must have answered or put the task to sleep.
const SETTLE: Duration = Duration::from_secs(10);
/// The same when the program listed last has ended: the others wait for nothing.
const LEFT_OVER: Duration = Duration::from_secs(1);
/// A run that makes no system call for so many instructions is cut off, as in the simulation.
const SILENT_INSTRUCTIONS: u64 = 400_000_000;

/// After so many instructions without a call the kernel is asked for signals.
const DEAF: u64 = 4_000_000;
/// Instructions after which another task that is ready gets its turn, as in the simulation.
const SLICE: u64 = 20_000;
/// Inside of a library function it waits, for so many short turns at most.
const LONGEST: u64 = 5000;
const SHORT: u64 = 4;

/// What a program was told.
pub(super) enum Told {
    /// The answer to its call.
    Answer(Syscall, Reply),
    /// Its call is made again when handlers have run.
    Again(Syscall),
    /// Nothing: its task has ended.
    Ended,
}

/// What a program did when it was let run.
#[derive(Debug)]
pub(super) enum Move {
    Call(Syscall),
    /// It has used up what it may compute at a time.
    Slice,
    Fault,
    CutOff(String),
}

/// Programs on the real kernel, one call at a time.
pub(super) struct Cast<P> {
    pub(super) stage: Stage,
    programs: Vec<P>,
    pub(super) players: Vec<Player>,
    /// How much of each listed program's output has been told.
    told: Vec<usize>,
    /// Players that have come to be and that nobody has been told of.
    born: Vec<usize>,
    began: Instant,
}

impl<P: Program> Cast<P> {
    pub(super) fn new(mut stage: Stage, programs: Vec<(P, PuppetSpec)>) -> Result<Cast<P>, Error> {
        let mut players = Vec::with_capacity(programs.len());
        let mut machines = Vec::with_capacity(programs.len());
        for (at, (program, spec)) in programs.into_iter().enumerate() {
            players.push(Player::new(at, 0, at, stage.spawn(&spec)?));
            machines.push(program);
        }
        Ok(Cast {
            stage,
            told: vec![0; machines.len()],
            programs: machines,
            players,
            born: Vec::new(),
            began: Instant::now(),
        })
    }

    /// How many programs were listed.
    pub(super) fn listed(&self) -> usize {
        self.told.len()
    }

    /// A player's program, to run that thread of it.
    fn running(&mut self, who: usize) -> &mut P {
        let player = &self.players[who];
        let program = &mut self.programs[player.process];
        program.switch(player.thread);
        program
    }

    /// The program of each player, with its thread as the current one.
    fn into_programs(self) -> Vec<P> {
        let program = |player: &Player| {
            let mut program = self.programs[player.process].clone();
            program.switch(player.thread);
            program
        };
        let programs = self.players.iter().map(program).collect();
        self.stage.end();
        programs
    }

    /// Lets a program compute until it makes a call, for so many instructions at most.
    pub(super) fn compute(&mut self, who: usize, budget: u64) -> Result<Move, Error> {
        if let Some(call) = self.players[who].early.take() {
            return Ok(Move::Call(call));
        }
        let before = self.players[who].silent;
        if before > 0 && before / DEAF != (before + budget) / DEAF {
            self.hear_signals(who)?;
            if self.players[who].answer.is_some() {
                return Ok(Move::Slice);
            }
        }
        let mut left = budget;
        let stop = loop {
            let ran = self.running(who).run(left, false);
            left -= ran.used;
            self.players[who].silent += ran.used;
            if ran.stop != Stop::Clock {
                break ran.stop;
            }
            let clocks = self.clocks(who);
            self.running(who).tell(clocks);
        };
        let player = &mut self.players[who];
        Ok(match stop {
            Stop::Syscall(call) => {
                player.silent = 0;
                Move::Call(Rc::unwrap_or_clone(call))
            }
            Stop::Fault => Move::Fault,
            Stop::Budget | Stop::Line | Stop::Clock if player.silent < SILENT_INSTRUCTIONS => {
                Move::Slice
            }
            Stop::Budget | Stop::Line | Stop::Clock => Move::CutOff(format!(
                "{SILENT_INSTRUCTIONS} instructions without a system call"
            )),
        })
    }

    /// Signals that have come for a program that computes; its end, if one of them ended it, is its answer.
    fn hear_signals(&mut self, who: usize) -> Result<(), Error> {
        let puppet = self.players[who].puppet;
        let settled = match self.stage.start(puppet, &Syscall::Getpid) {
            Ok(()) | Err(Error::AlreadyEnded) => self.stage.settle(puppet, SETTLE)?,
            Err(other) => return Err(other),
        };
        match settled {
            Settled::Handlers { handlers, .. } => self.running(who).handle(&handlers, false),
            Settled::Ended(_) => self.players[who].answer = Some(settled),
            Settled::Returned(_) | Settled::Asleep | Settled::StillRunning => {}
        }
        Ok(())
    }

    /// Whether a turn that is over goes on for a little: a library function is not interrupted by another thread.
    fn goes_on(&mut self, who: usize) -> bool {
        let inside = self.running(who).is_inside();
        let player = &mut self.players[who];
        player.over = if inside { player.over + 1 } else { 0 };
        !player.over.is_multiple_of(LONGEST)
    }

    /// What a player's program is told when it looks at a clock.
    fn clocks(&mut self, who: usize) -> Clocks {
        self.players[who].foretold.pop_front().unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            Clocks {
                realtime: since.map_or(0, |since| since.as_nanos() as u64),
                ..Clocks::simulated(self.began.elapsed())
            }
        })
    }

    /// A player will look at a clock, and is told this.
    pub(super) fn foretell(&mut self, who: usize, clocks: Clocks) {
        self.players[who].foretold.push_back(clocks);
    }

    /// The same until it makes a call.
    pub(super) fn compute_on(&mut self, who: usize) -> Result<Move, Error> {
        loop {
            match self.compute(who, DEAF)? {
                Move::Slice if self.players[who].answer.is_none() => {}
                other => return Ok(other),
            }
        }
    }

    /// Lets a program compute for exactly so many instructions; what call it makes is kept.
    pub(super) fn compute_for(&mut self, who: usize, instructions: u64) -> Result<(), Error> {
        if let Move::Call(call) = self.compute(who, instructions)? {
            self.players[who].early = Some(call);
        }
        Ok(())
    }

    /// Players that have come to be since this was asked last.
    pub(super) fn take_born(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.born)
    }

    /// What a player that was born is: where its program was listed, the number of its process if that is a copy, and
    /// its thread.
    pub(super) fn birth(&self, who: usize) -> (usize, Option<u32>, Thread) {
        let player = &self.players[who];
        let first = self.players.iter().find(|p| p.process == player.process);
        let pid = first.and_then(|first| self.stage.pid(first.puppet).ok());
        let copy = player.process >= self.listed();
        let copy = pid.filter(|_| copy).map(|pid| pid as u32);
        (player.listed, copy, player.thread)
    }

    /// Takes over the puppets that fork(2) and clone3(2) have made.
    fn take_over(&mut self) {
        for (parent, puppet) in self.stage.take_forked() {
            let Some(who) = self.players.iter().position(|p| p.puppet == parent) else {
                continue;
            };
            let thread = matches!(self.players[who].call, Some(Syscall::Clone3 { .. }));
            let (process, listed) = (self.players[who].process, self.players[who].listed);
            let player = if thread {
                let thread = self.running(who).begin();
                Player::new(process, thread, listed, puppet)
            } else {
                let mut program = self.running(who).clone();
                program.forget_others();
                program.resume(&Reply::ok(0));
                self.programs.push(program);
                let thread = self.players[who].thread;
                Player::new(self.programs.len() - 1, thread, listed, puppet)
            };
            self.born.push(self.players.len());
            self.players.push(player);
        }
    }

    /// How a listed program's process ended, once all its tasks have.
    pub(super) fn end_of(&self, listed: usize) -> Option<Ended> {
        let mine = || self.players.iter().filter(|p| p.process == listed);
        if mine().any(|p| p.end.is_none()) {
            return None;
        }
        mine().max_by_key(|p| p.after)?.end
    }

    /// Grants a call and waits until the kernel has answered or put the task to sleep.
    pub(super) fn grant(&mut self, who: usize, call: Syscall) -> Result<(), Error> {
        let player = &mut self.players[who];
        // A signal may have ended it while it computed.
        match self.stage.start(player.puppet, &call) {
            Ok(()) | Err(Error::AlreadyEnded) => {}
            Err(other) => return Err(other),
        }
        player.call = Some(call);
        player.slept = false;
        let settled = self.stage.settle(player.puppet, SETTLE)?;
        self.take(who, settled)
    }

    /// Looks at a call that is under way again, without waiting.
    pub(super) fn look(&mut self, who: usize) -> Result<(), Error> {
        let player = &self.players[who];
        if player.call.is_none() || player.answer.is_some() || player.end.is_some() {
            return Ok(());
        }
        let settled = self.stage.settle(player.puppet, SETTLE)?;
        self.take(who, settled)
    }

    fn take(&mut self, who: usize, settled: Settled) -> Result<(), Error> {
        let player = &mut self.players[who];
        match settled {
            Settled::Asleep => player.slept = true,
            Settled::StillRunning => {
                return Err(Error::NoAnswer {
                    waiting_for: "the kernel to answer or to sleep",
                });
            }
            Settled::Returned(_) | Settled::Handlers { .. } | Settled::Ended(_) => {
                player.answer = Some(settled);
            }
        }
        self.take_over();
        Ok(())
    }

    /// Waits until one of the sleepers has an answer; false if none has within the bound.
    pub(super) fn wait(&mut self, bound: Duration) -> Result<bool, Error> {
        let asleep: Vec<Puppet> = self
            .players
            .iter()
            .filter(|p| p.call.is_some() && p.answer.is_none() && p.end.is_none())
            .map(|p| p.puppet)
            .collect();
        let Some((puppet, settled)) = self.stage.wait(&asleep, bound)? else {
            return Ok(false);
        };
        let who = self
            .players
            .iter()
            .position(|p| p.puppet == puppet)
            .unwrap_or(0);
        self.take(who, settled)?;
        Ok(true)
    }

    /// Gives a program the answer to its call; `None` if there is none yet.
    pub(super) fn resume(&mut self, who: usize) -> Option<Told> {
        match self.players[who].answer.take()? {
            Settled::Returned(reply) => {
                self.running(who).resume(&reply);
                Some(Told::Answer(self.players[who].call.take()?, reply))
            }
            Settled::Handlers { reply, handlers } => {
                let program = self.running(who);
                if let Some(reply) = &reply {
                    program.resume(reply);
                }
                program.handle(&handlers, reply.is_none());
                let call = self.players[who].call.take()?;
                Some(match reply {
                    Some(reply) => Told::Answer(call, reply),
                    None => Told::Again(call),
                })
            }
            Settled::Ended(end) => {
                let after = self.players.iter().filter(|p| p.end.is_some()).count();
                let player = &mut self.players[who];
                player.after = after;
                player.call = None;
                player.end = Some(ended(end));
                self.running(who).end();
                Some(Told::Ended)
            }
            Settled::Asleep | Settled::StillRunning => None,
        }
    }

    /// Output of a listed program, and of what stems from it, that has not been told yet.
    pub(super) fn fresh_output(&mut self, listed: usize) -> Result<Vec<(Stdio, Vec<u8>)>, Error> {
        let puppet = self.players[listed].puppet;
        self.stage.drain_output(puppet)?;
        let chunks = self.stage.output(puppet)?;
        let fresh = chunks[self.told[listed]..]
            .iter()
            .map(|chunk| {
                let stream = match chunk.stream {
                    Stream::Stdout => Stdio::Output,
                    Stream::Stderr => Stdio::Error,
                };
                (stream, chunk.bytes.clone())
            })
            .collect();
        self.told[listed] = chunks.len();
        Ok(fresh)
    }
}

fn ended(end: End) -> Ended {
    match end {
        End::Exited { status } => Ended::Exited(status as u8),
        End::Killed { signal } => Ended::Killed(signal as u8),
    }
}

/// Runs programs on the real kernel. They take turns in the order of the simulation's scheduler: one
/// runs until it sleeps, then the one that has been ready longest.
pub fn run<P: Program>(
    stage: Stage,
    programs: Vec<(P, PuppetSpec)>,
    play: &Play,
    observer: &mut dyn Observer,
) -> Result<(Outcome, Vec<P>), Error> {
    let mut cast = Cast::new(stage, programs)?;
    let outcome = Turns {
        began: Instant::now(),
        patience: play.patience,
        later: play.after.iter().copied().enumerate().collect(),
        observer,
    }
    .play(&mut cast)?;
    Ok((outcome, cast.into_programs()))
}

struct Turns<'a> {
    began: Instant,
    patience: Duration,
    /// Programs that have not started, and after which one each does.
    later: Vec<(usize, Option<u32>)>,
    observer: &'a mut dyn Observer,
}

impl Turns<'_> {
    /// The programs that start now: at the beginning, or because the one after which they do has ended.
    fn starting<P: Program>(&mut self, cast: &Cast<P>) -> Vec<usize> {
        let ended = |at: u32| cast.end_of(at as usize).is_some();
        let now = |(_, after): &(usize, Option<u32>)| after.is_none_or(ended);
        let starting = self.later.iter().filter(|later| now(later));
        let starting = starting.map(|(at, _)| *at).collect();
        self.later.retain(|later| !now(later));
        starting
    }

    fn now(&self) -> Time {
        Time::ZERO + self.began.elapsed()
    }

    fn play<P: Program>(&mut self, cast: &mut Cast<P>) -> Result<Outcome, Error> {
        let mut ready: VecDeque<usize> = self.starting(cast).into();
        loop {
            let Some(who) = ready.pop_front() else {
                if cast.players.iter().all(|p| p.end.is_some()) {
                    for listed in 0..cast.listed() {
                        self.tell_output(cast, listed)?;
                    }
                    let ends = (0..cast.listed()).filter_map(|at| cast.end_of(at));
                    return Ok(Outcome::Ended(ends.collect()));
                }
                let last_ended = cast.end_of(cast.listed() - 1).is_some();
                let bound = if last_ended { LEFT_OVER } else { self.patience };
                if !cast.wait(bound)? {
                    return Ok(stuck(cast, last_ended, bound));
                }
                self.collect(cast, &mut ready)?;
                continue;
            };
            if let Some(outcome) = self.turn(cast, who, &mut ready)? {
                return Ok(outcome);
            }
        }
    }

    /// One task runs until it sleeps or ends, or has computed for so long that it is another one's turn.
    fn turn<P: Program>(
        &mut self,
        cast: &mut Cast<P>,
        who: usize,
        ready: &mut VecDeque<usize>,
    ) -> Result<Option<Outcome>, Error> {
        loop {
            if cast.players[who].answer.is_some() && !self.deliver(cast, who)? {
                ready.extend(self.starting(cast));
                return Ok(None);
            }
            let slice = if cast.players[who].over > 0 {
                SHORT
            } else {
                SLICE
            };
            match cast.compute(who, slice)? {
                Move::Slice if ready.is_empty() || cast.goes_on(who) => continue,
                Move::Slice => {
                    ready.push_back(who);
                    return Ok(None);
                }
                Move::Fault => return Ok(Some(Outcome::Fault { who })),
                Move::CutOff(why) => {
                    return Ok(Some(Outcome::CutOff {
                        who: Some(who),
                        why,
                    }));
                }
                Move::Call(call) => {
                    self.observer.entered(who, self.now(), &call);
                    cast.grant(who, call)?;
                }
            }
            for born in cast.take_born() {
                let (listed, copy, thread) = cast.birth(born);
                self.observer.born(listed, copy, thread);
                ready.push_back(born);
            }
            self.collect(cast, ready)?;
            ready.retain(|other| *other != who);
            if cast.players[who].answer.is_none() {
                return Ok(None);
            }
        }
    }

    /// Tells an answer; false if the program has ended.
    fn deliver<P: Program>(&mut self, cast: &mut Cast<P>, who: usize) -> Result<bool, Error> {
        let answered = cast.resume(who);
        self.tell_output(cast, cast.players[who].listed)?;
        let at = self.now();
        match answered {
            Some(Told::Answer(call, reply)) => {
                self.observer.returned(who, at, &call, &reply);
                return Ok(true);
            }
            Some(Told::Again(call)) => {
                self.observer.restarts(who, at, &call);
                return Ok(true);
            }
            Some(Told::Ended) | None => {}
        }
        if let Some(end) = cast.players[who].end {
            self.observer.ended(who, at, end);
        }
        Ok(false)
    }

    /// Tells what a program and what stems from it have written.
    fn tell_output<P: Program>(&mut self, cast: &mut Cast<P>, listed: usize) -> Result<(), Error> {
        for (stream, bytes) in cast.fresh_output(listed)? {
            self.observer.output(listed, stream, &bytes);
        }
        Ok(())
    }

    /// Finds out who else has an answer now.
    fn collect<P: Program>(
        &mut self,
        cast: &mut Cast<P>,
        ready: &mut VecDeque<usize>,
    ) -> Result<(), Error> {
        for who in 0..cast.players.len() {
            cast.look(who)?;
            if cast.players[who].answer.is_some() && !ready.contains(&who) {
                ready.push_back(who);
            }
        }
        Ok(())
    }
}

/// Everybody sleeps and nobody will wake.
fn stuck<P: Program>(cast: &Cast<P>, last_ended: bool, bound: Duration) -> Outcome {
    if !last_ended {
        let why = format!("every program slept for {} s", bound.as_secs());
        return Outcome::CutOff { who: None, why };
    }
    let ends = (0..cast.listed()).map(|at| cast.end_of(at)).collect();
    let waits = |who: &usize| cast.players[*who].end.is_none();
    let waiting = (0..cast.players.len()).filter(waits).collect();
    Outcome::Stuck { waiting, ends }
}
