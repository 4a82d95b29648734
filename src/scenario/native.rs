//! A run on this machine's Linux: the programs compute here, their calls are made by puppets.

use super::{Observer, Outcome};
use crate::abi::{Program, Reply, Stop, Syscall};
use crate::base::Time;
use crate::kernel::file::Stdio;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::task::Capabilities;
use crate::kernel::task::Ended;
use crate::native::{
    DeviceConfig, End, Error, Puppet, PuppetSpec, Settled, Stage, StageConfig, Stream,
};
use crate::program::c::Machine;
use crate::scenario::{Compiled, ProgramSource, Scenario};
use crate::sim::network::Neighbours;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What one grant may take before the kernel must have answered or put the task to sleep.
const SETTLE: Duration = Duration::from_secs(10);
/// The same when the program listed last has ended: the others wait for nothing.
const LEFT_OVER: Duration = Duration::from_secs(1);
/// A run that makes no system call for so many instructions is cut off, as in the simulation.
const SILENT_INSTRUCTIONS: u64 = 400_000_000;

/// A program and its puppet.
pub(super) struct Player<P> {
    pub(super) program: P,
    pub(super) puppet: Puppet,
    pub(super) call: Option<Syscall>,
    /// The call slept, as far as was seen.
    pub(super) slept: bool,
    pub(super) answer: Option<Settled>,
    pub(super) end: Option<Ended>,
    told: usize,
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

impl<P: Program> Cast<P> {
    pub(super) fn new(mut stage: Stage, programs: Vec<(P, PuppetSpec)>) -> Result<Cast<P>, Error> {
        let mut players = Vec::with_capacity(programs.len());
        for (program, spec) in programs {
            let puppet = stage.spawn(&spec)?;
            players.push(Player {
                program,
                puppet,
                call: None,
                slept: false,
                answer: None,
                end: None,
                told: 0,
            });
        }
        Ok(Cast { stage, players })
    }

    /// Lets a program compute until it makes a call.
    pub(super) fn compute(&mut self, who: usize) -> Move {
        let ran = self.players[who].program.run(SILENT_INSTRUCTIONS, false);
        match ran.stop {
            Stop::Syscall(call) => Move::Call(Rc::unwrap_or_clone(call)),
            Stop::Fault => Move::Fault,
            Stop::Budget | Stop::Line => Move::CutOff(format!(
                "{SILENT_INSTRUCTIONS} instructions without a system call"
            )),
        }
    }

    /// Grants a call and waits until the kernel has answered or put the task to sleep.
    pub(super) fn grant(&mut self, who: usize, call: Syscall) -> Result<(), Error> {
        let player = &mut self.players[who];
        self.stage.start(player.puppet, &call)?;
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
            Settled::Returned(_) | Settled::Ended(_) => player.answer = Some(settled),
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

    /// Gives a program the answer to its call; `None` if its process has ended instead.
    pub(super) fn resume(&mut self, who: usize) -> Option<(Syscall, Reply)> {
        let player = &mut self.players[who];
        match player.answer.take()? {
            Settled::Returned(reply) => {
                player.program.resume(&reply);
                Some((player.call.take()?, reply))
            }
            Settled::Ended(end) => {
                player.call = None;
                player.end = Some(ended(end));
                None
            }
            Settled::Asleep | Settled::StillRunning => None,
        }
    }

    /// Output that has not been told yet.
    pub(super) fn fresh_output(&mut self, who: usize) -> Result<Vec<(Stdio, Vec<u8>)>, Error> {
        let player = &mut self.players[who];
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

/// The stage that a scenario asks for. A network that is shared is not asked to change.
pub fn stage_config(scenario: &Scenario) -> StageConfig {
    let mut config = StageConfig::default();
    let world = &scenario.world;
    for (setting, _) in world.sysctl.changes() {
        let name = Sysctl::NAMES[setting as usize];
        // A name of the list has a value.
        let value = world.sysctl.get(name).unwrap_or_default();
        config.sysctls.push((name.replace('.', "/"), value));
    }
    let devices = world.network.stubs.iter().map(|stub| DeviceConfig {
        address: stub.address,
        prefix: stub.prefix,
        silent: stub.neighbours == Neighbours::Silent,
    });
    config.devices = devices.collect();
    config
}

/// The programs of a scenario that run, and what their puppets are to be.
pub fn roles(scenario: &Scenario, compiled: &Compiled) -> Vec<(Machine, PuppetSpec)> {
    let machines = scenario.machines(compiled).into_iter();
    let spec = |source: &ProgramSource| PuppetSpec {
        stdin: source.stdin.clone(),
        root: scenario.root,
        tty: scenario.tty,
        capabilities: numbers(source.capabilities),
        descriptors: source.nofile.map(u64::from),
    };
    machines.zip(scenario.cast().map(spec)).collect()
}

/// As linux/capability.h numbers them.
fn numbers(capabilities: Capabilities) -> u64 {
    let Capabilities {
        net_admin,
        net_bind_service,
        net_raw,
    } = capabilities;
    u64::from(net_bind_service) << 10 | u64::from(net_admin) << 12 | u64::from(net_raw) << 13
}

/// How a run goes besides its programs.
#[derive(Clone, Debug)]
pub struct Play {
    /// For each program the index of the one after whose end it starts; at the beginning without one.
    pub after: Vec<Option<u32>>,
    /// A run in which every program sleeps for so long is cut off.
    pub patience: Duration,
}

impl Play {
    /// As a scenario says.
    pub fn of(scenario: &Scenario, patience: Duration) -> Play {
        Play {
            after: scenario.cast().map(|program| program.after).collect(),
            patience,
        }
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
        play,
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
    play: &'a Play,
    observer: &'a mut dyn Observer,
}

impl Turns<'_> {
    /// The programs that start when that one has ended, or at the beginning.
    fn starting(&self, ended: Option<usize>) -> impl Iterator<Item = usize> {
        let after = self.play.after.iter().enumerate();
        let now = move |(_, after): &(usize, &Option<u32>)| after.map(|at| at as usize) == ended;
        after.filter(now).map(|(at, _)| at)
    }

    fn now(&self) -> Time {
        Time::ZERO + self.began.elapsed()
    }

    fn play<P: Program>(&mut self, cast: &mut Cast<P>) -> Result<Outcome, Error> {
        let mut ready: std::collections::VecDeque<usize> = self.starting(None).collect();
        loop {
            let Some(who) = ready.pop_front() else {
                if cast.players.iter().all(|p| p.end.is_some()) {
                    let ends = cast.players.iter().filter_map(|p| p.end).collect();
                    return Ok(Outcome::Ended(ends));
                }
                let last_ended = cast.players.last().is_some_and(|p| p.end.is_some());
                let bound = if last_ended {
                    LEFT_OVER
                } else {
                    self.play.patience
                };
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

    /// One program runs until it sleeps or ends.
    fn turn<P: Program>(
        &mut self,
        cast: &mut Cast<P>,
        who: usize,
        ready: &mut std::collections::VecDeque<usize>,
    ) -> Result<Option<Outcome>, Error> {
        loop {
            if cast.players[who].answer.is_some() && !self.deliver(cast, who)? {
                ready.extend(self.starting(Some(who)));
                return Ok(None);
            }
            match cast.compute(who) {
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
        for (stream, bytes) in cast.fresh_output(who)? {
            self.observer.output(who, stream, &bytes);
        }
        let at = self.now();
        if let Some((call, reply)) = answered {
            self.observer.returned(who, at, &call, &reply);
            return Ok(true);
        }
        if let Some(end) = cast.players[who].end {
            self.observer.ended(who, at, end);
        }
        Ok(false)
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
fn stuck<P>(cast: &Cast<P>, last_ended: bool, bound: Duration) -> Outcome {
    if !last_ended {
        let why = format!("every program slept for {} s", bound.as_secs());
        return Outcome::CutOff { who: None, why };
    }
    let ends: Vec<Option<Ended>> = cast.players.iter().map(|p| p.end).collect();
    let waiting = (0..ends.len()).filter(|who| ends[*who].is_none()).collect();
    Outcome::Stuck { waiting, ends }
}
