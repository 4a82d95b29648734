//! A run on this machine's Linux: the programs compute here, their calls are made by puppets.

use super::{Observer, Outcome};
use crate::abi::{Program, Reply, Stop, Syscall};
use crate::base::Time;
use crate::kernel::file::Stdio;
use crate::kernel::task::Ended;
use crate::native::{End, Error, Puppet, PuppetSpec, Settled, Stage, Stream};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What one grant may take before the kernel must have answered or put the task to sleep.
const SETTLE: Duration = Duration::from_secs(10);
/// A run in which every program sleeps for so long is cut off.
const ALL_ASLEEP: Duration = Duration::from_secs(30);
/// The same when the program listed last has ended: the others wait for nothing.
const LEFT_OVER: Duration = Duration::from_secs(1);
/// A run that makes no system call for so many instructions is cut off, as in the simulation.
const SILENT_INSTRUCTIONS: u64 = 400_000_000;
/// After so many it is asked for signals.
const SLICE: u64 = 4_000_000;

/// A program and its puppet.
pub(super) struct Player<P> {
    pub(super) program: P,
    pub(super) puppet: Puppet,
    pub(super) call: Option<Syscall>,
    /// The call slept, as far as was seen.
    pub(super) slept: bool,
    pub(super) answer: Option<Settled>,
    pub(super) end: Option<Ended>,
    /// The listed program that it was forked from, or itself: its output is found there.
    pub(super) root: usize,
    told: usize,
}

/// What a program was told.
pub(super) enum Told {
    /// The answer to its call.
    Answer(Syscall, Reply),
    /// Its call is made again when handlers have run.
    Again(Syscall),
    /// Nothing: its process has ended.
    Ended,
}

/// What a program did when it was let run.
#[derive(Debug)]
pub(super) enum Move {
    Call(Syscall),
    Fault,
    CutOff(String),
}

/// Programs on the real kernel, one call at a time.
pub(super) struct Cast<P> {
    pub(super) stage: Stage,
    pub(super) players: Vec<Player<P>>,
}

impl<P> Player<P> {
    fn new(program: P, puppet: Puppet, root: usize) -> Player<P> {
        Player {
            program,
            puppet,
            call: None,
            slept: false,
            answer: None,
            end: None,
            root,
            told: 0,
        }
    }
}

impl<P: Program> Cast<P> {
    pub(super) fn new(mut stage: Stage, programs: Vec<(P, PuppetSpec)>) -> Result<Cast<P>, Error> {
        let mut players = Vec::with_capacity(programs.len());
        for (at, (program, spec)) in programs.into_iter().enumerate() {
            let puppet = stage.spawn(&spec)?;
            players.push(Player::new(program, puppet, at));
        }
        Ok(Cast { stage, players })
    }

    /// Lets a program compute until it makes a call.
    pub(super) fn compute(&mut self, who: usize) -> Result<Move, Error> {
        let ran = self.players[who].program.run(SLICE, false);
        match ran.stop {
            Stop::Syscall(call) => return Ok(Move::Call(Rc::unwrap_or_clone(call))),
            Stop::Fault => return Ok(Move::Fault),
            Stop::Budget | Stop::Line => {}
        }
        // It computes for long: now and then it has to hear of signals.
        for _ in 1..SILENT_INSTRUCTIONS / SLICE {
            self.hear_signals(who)?;
            if self.players[who].answer.is_some() {
                return Ok(Move::Call(Syscall::Getpid));
            }
            let ran = self.players[who].program.run(SLICE, false);
            match ran.stop {
                Stop::Syscall(call) => return Ok(Move::Call(Rc::unwrap_or_clone(call))),
                Stop::Fault => return Ok(Move::Fault),
                Stop::Budget | Stop::Line => {}
            }
        }
        let why = format!("{SILENT_INSTRUCTIONS} instructions without a system call");
        Ok(Move::CutOff(why))
    }

    /// Signals that have come for a program that computes; its end, if one of them ended it, is its answer.
    fn hear_signals(&mut self, who: usize) -> Result<(), Error> {
        let puppet = self.players[who].puppet;
        let settled = match self.stage.start(puppet, &Syscall::Getpid) {
            Ok(()) | Err(Error::AlreadyEnded) => self.stage.settle(puppet, SETTLE)?,
            Err(other) => return Err(other),
        };
        match settled {
            Settled::Handlers { handlers, .. } => {
                self.players[who].program.handle(&handlers, false);
            }
            Settled::Ended(_) => self.players[who].answer = Some(settled),
            Settled::Returned(_) | Settled::Asleep | Settled::StillRunning => {}
        }
        Ok(())
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
        let player = &mut self.players[who];
        let (reply, handlers) = match player.answer.take()? {
            Settled::Returned(reply) => (Some(reply), Vec::new()),
            Settled::Handlers { reply, handlers } => (reply, handlers),
            Settled::Ended(end) => {
                player.call = None;
                player.end = Some(ended(end));
                return Some(Told::Ended);
            }
            Settled::Asleep | Settled::StillRunning => return None,
        };
        let call = player.call.take()?;
        if let (Syscall::Fork, Some(reply)) = (&call, &reply)
            && reply.result.is_ok()
        {
            self.adopt(who);
        }
        let player = &mut self.players[who];
        if let Some(reply) = &reply {
            player.program.resume(reply);
        }
        player.program.handle(&handlers, reply.is_none());
        Some(match reply {
            Some(reply) => Told::Answer(call, reply),
            None => Told::Again(call),
        })
    }

    /// What a program has forked joins the others: a copy that was answered 0.
    fn adopt(&mut self, who: usize) {
        for (parent, child) in self.stage.take_forked() {
            let player = &self.players[who];
            if player.puppet == parent {
                let mut program = player.program.clone();
                program.resume(&Reply::ok(0));
                let child = Player::new(program, child, player.root);
                self.players.push(child);
            }
        }
    }

    /// Output that has not been told yet.
    pub(super) fn fresh_output(&mut self, who: usize) -> Result<Vec<(Stdio, Vec<u8>)>, Error> {
        let root = self.players[who].root;
        let player = &mut self.players[root];
        self.stage.drain_output(player.puppet)?;
        let chunks = self.stage.output(player.puppet)?;
        let fresh = chunks[player.told..]
            .iter()
            .map(|chunk| {
                let stream = match chunk.stream {
                    Stream::Stdout => Stdio::Output,
                    Stream::Stderr => Stdio::Error,
                };
                (stream, chunk.bytes.clone())
            })
            .collect();
        player.told = chunks.len();
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
    observer: &mut dyn Observer,
) -> Result<(Outcome, Vec<P>), Error> {
    let mut cast = Cast::new(stage, programs)?;
    let outcome = Turns {
        began: Instant::now(),
        observer,
    }
    .play(&mut cast)?;
    let programs = cast
        .players
        .into_iter()
        .map(|player| player.program)
        .collect();
    cast.stage.end();
    Ok((outcome, programs))
}

struct Turns<'a> {
    began: Instant,
    observer: &'a mut dyn Observer,
}

impl Turns<'_> {
    fn now(&self) -> Time {
        Time::ZERO + self.began.elapsed()
    }

    fn play<P: Program>(&mut self, cast: &mut Cast<P>) -> Result<Outcome, Error> {
        let listed = cast.players.len();
        let mut ready: std::collections::VecDeque<usize> = (0..listed).collect();
        loop {
            let Some(who) = ready.pop_front() else {
                if cast.players.iter().all(|p| p.end.is_some()) {
                    for who in 0..listed {
                        self.tell_output(cast, who)?;
                    }
                    let ends = cast.players[..listed].iter().filter_map(|p| p.end);
                    return Ok(Outcome::Ended(ends.collect()));
                }
                let last_ended = cast.players[..listed]
                    .last()
                    .is_some_and(|p| p.end.is_some());
                let bound = if last_ended { LEFT_OVER } else { ALL_ASLEEP };
                if !cast.wait(bound)? {
                    return Ok(stuck(cast, listed, last_ended, bound));
                }
                self.collect(cast, &mut ready)?;
                continue;
            };
            if let Some(outcome) = self.turn(cast, who, &mut ready)? {
                return Ok(outcome);
            }
        }
    }

    /// One program runs until it sleeps or ends.
    fn turn<P: Program>(
        &mut self,
        cast: &mut Cast<P>,
        who: usize,
        ready: &mut std::collections::VecDeque<usize>,
    ) -> Result<Option<Outcome>, Error> {
        loop {
            if cast.players[who].answer.is_some() && !self.deliver(cast, who, ready)? {
                return Ok(None);
            }
            match cast.compute(who)? {
                Move::Fault => return Ok(Some(Outcome::Fault { who })),
                Move::CutOff(why) => {
                    return Ok(Some(Outcome::CutOff {
                        who: Some(who),
                        why,
                    }));
                }
                Move::Call(_) if cast.players[who].answer.is_some() => {}
                Move::Call(call) => {
                    self.observer.entered(who, self.now(), &call);
                    cast.grant(who, call)?;
                }
            }
            self.collect(cast, ready)?;
            ready.retain(|other| *other != who);
            if cast.players[who].answer.is_none() {
                return Ok(None);
            }
        }
    }

    /// Tells an answer; false if the program has ended.
    fn deliver<P: Program>(
        &mut self,
        cast: &mut Cast<P>,
        who: usize,
        ready: &mut std::collections::VecDeque<usize>,
    ) -> Result<bool, Error> {
        let before = cast.players.len();
        let answered = cast.resume(who);
        self.tell_output(cast, who)?;
        let at = self.now();
        match answered {
            Some(Told::Answer(call, reply)) => {
                for child in before..cast.players.len() {
                    let pid = reply.result.unwrap_or(0) as u32;
                    self.observer.forked(who, child, pid);
                    ready.push_back(child);
                }
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

    /// Tells what a program and its descendants have written.
    fn tell_output<P: Program>(&mut self, cast: &mut Cast<P>, who: usize) -> Result<(), Error> {
        let root = cast.players[who].root;
        for (stream, bytes) in cast.fresh_output(who)? {
            self.observer.output(root, stream, &bytes);
        }
        Ok(())
    }

    /// Finds out who else has an answer now.
    fn collect<P: Program>(
        &mut self,
        cast: &mut Cast<P>,
        ready: &mut std::collections::VecDeque<usize>,
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
fn stuck<P>(cast: &Cast<P>, listed: usize, last_ended: bool, bound: Duration) -> Outcome {
    if !last_ended {
        let why = format!("every program slept for {} s", bound.as_secs());
        return Outcome::CutOff { who: None, why };
    }
    let ends: Vec<Option<Ended>> = cast.players[..listed].iter().map(|p| p.end).collect();
    let waits = |who: &usize| cast.players[*who].end.is_none();
    let waiting = (0..cast.players.len()).filter(waits).collect();
    Outcome::Stuck { waiting, ends }
}
