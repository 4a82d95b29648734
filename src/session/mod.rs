//! Stepping through a run, forward and back, and changing its future.
//!
//! A session has two worlds. The *frontier* runs ahead, in slices that the caller grants with
//! [`Session::advance`], and writes the log. The *cursor* is the world that is looked at. Because a
//! world is a function of its programs, seed and decisions, any moment is found again by taking the
//! last keyframe before it and running on: that is how the cursor goes back.
//!
//! **Architecture invariant:** a session draws nothing and waits for nothing. Every operation does a
//! bounded amount of work; what is left is done by further calls of [`Session::advance`].

mod build;
mod keyframes;
pub mod log;
mod travel;
pub mod view;

pub use crate::words::Lang;

use crate::base::Tid;
use crate::base::trace_hash::TraceHash;
use crate::kernel::EventKind;
use crate::program::c::Machine;
use crate::program::{Diagnostic, Inspect};
use crate::scenario::{Bookmark, Compiled, Recorded, Scenario};
use crate::sim::World;
use keyframes::Keyframes;
use log::Log;
use std::rc::Rc;
use travel::{Goal, Wanted};

/// Ticks that a step or a seek may take before it hands control back.
const SLICE: u64 = 400_000;
/// The frontier stays at most so many ticks ahead of the cursor: a program that never ends must not
/// run, and be remembered, for ever.
const AHEAD: u64 = 20_000_000;
/// So many events are remembered; the frontier stops there.
const MAX_EVENTS: u32 = 400_000;

/// How far one step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Until the selected task reaches another source line or frame, or blocks.
    Line,
    /// To the next entry into a call, sleep in it, return from it or end of a process, of any task.
    Syscall,
    /// To the next sending, arrival or loss of a packet.
    Packet,
    /// To the next event.
    Event,
}

/// A world and how much work led to it.
#[derive(Clone, Debug)]
struct At<P> {
    world: World<P>,
    tick: u64,
}

/// A run that can be looked at from any moment.
pub struct Session<P> {
    frontier: At<P>,
    cursor: At<P>,
    /// Events told so far.
    event: u32,
    /// The first event of the step that led here.
    step_from: u32,
    goal: Option<Goal<P>>,
    log: Log,
    keyframes: Keyframes<P>,
    programs: Vec<ProgramInfo>,
    recorded: Option<Recorded>,
    bookmarks: Vec<Bookmark>,
}

/// What is known of a program besides its state.
#[derive(Clone, Debug)]
pub struct ProgramInfo {
    /// Its name.
    pub name: String,
    /// Its source files. They do not change during a run, and all its views share them.
    pub files: Rc<[view::SourceView]>,
}

impl Session<Machine> {
    /// A session at the beginning of a scenario.
    ///
    /// Errors: the index of the first program that does not compile, and what is wrong with it.
    pub fn open(scenario: &Scenario) -> Result<Session<Machine>, (usize, Vec<Diagnostic>)> {
        let compiled = scenario.compile()?;
        Ok(Session::of(scenario, &compiled))
    }

    /// A session for a scenario whose programs are compiled.
    pub fn of(scenario: &Scenario, compiled: &Compiled) -> Session<Machine> {
        let mut programs = Vec::new();
        for program in &scenario.programs {
            programs.push(ProgramInfo {
                name: program.name.clone(),
                files: view::SourceView::of(&program.files),
            });
        }
        let world = scenario.world(compiled);
        let mut session = Session::new(world, programs, scenario.recorded.clone());
        session.bookmarks = scenario.bookmarks.clone();
        session
    }
}

impl<P: Inspect> Session<P> {
    /// A session at the beginning of a run. `programs` belong to the tasks of the world, in order;
    /// `recorded` is what `compare` found for this very run on real Linux.
    pub fn new(
        world: World<P>,
        programs: Vec<ProgramInfo>,
        recorded: Option<Recorded>,
    ) -> Session<P> {
        let mut start = At { world, tick: 0 };
        let mut log = Log::default();
        log.record(&mut start.world, 0);
        let event = log.len();
        Session {
            frontier: start.clone(),
            cursor: start.clone(),
            event,
            step_from: event,
            goal: None,
            log,
            keyframes: Keyframes::new(start),
            programs,
            recorded,
            bookmarks: Vec::new(),
        }
    }

    /// Does at most about `budget` ticks of what is left to do: first the step or seek under way,
    /// then running ahead. Returns whether there is more.
    pub fn advance(&mut self, budget: u64) -> bool {
        self.pursue(budget);
        if self.goal.is_none() {
            self.explore(budget);
        }
        self.goal.is_some() || self.may_explore()
    }

    /// Whether a step or seek is still under way.
    pub fn is_busy(&self) -> bool {
        self.goal.is_some()
    }

    /// One step forward. The selected process decides whose lines count.
    pub fn step(&mut self, kind: StepKind, process: u32) {
        let goal = match (kind, self.task(process)) {
            (StepKind::Line, Some(task)) => Goal::Line {
                task,
                from: Box::new(self.cursor.clone()),
            },
            (StepKind::Line, None) => return,
            (StepKind::Syscall | StepKind::Packet | StepKind::Event, _) => {
                Goal::Next(Wanted::Stop(kind))
            }
        };
        self.begin(goal, self.event);
    }

    /// One step back: to the stop of the same kind before.
    pub fn back(&mut self, kind: StepKind, process: u32) {
        let goal = match (kind, self.task(process)) {
            (StepKind::Line, Some(task)) => self.line_back(task, self.cursor.tick, false),
            (StepKind::Line, None) => return,
            (StepKind::Syscall | StepKind::Packet | StepKind::Event, _) => {
                Goal::Event(self.stop_before(kind, self.event))
            }
        };
        let from = match &goal {
            Goal::Event(event) if kind != StepKind::Line => self.stop_before(kind, *event),
            _ => self.event,
        };
        self.begin(goal, from);
    }

    /// To the moment after an event; 0 is the beginning, anything beyond the end is the end.
    pub fn seek(&mut self, event: u32) {
        let event = event.clamp(self.first(), self.log.len());
        self.begin(Goal::Event(event), event.saturating_sub(1));
    }

    /// To the beginning.
    pub fn reset(&mut self) {
        self.seek(0);
    }

    /// To the moment at which the next timer runs out.
    pub fn next_timer(&mut self) {
        self.begin(Goal::Next(Wanted::Timer), self.event);
    }

    /// Lets another process run next, where the scheduler has a choice: the run has another future
    /// from here on. Nothing happens where there is no such choice.
    pub fn choose(&mut self, process: u32) {
        let Some((index, ready)) = self.cursor.world.open_choice() else {
            return;
        };
        let Some(task) = self.task(process) else {
            return;
        };
        let Some(option) = ready.iter().position(|tid| *tid == task) else {
            return;
        };
        self.decide(index, option as u32);
    }

    /// Loses the packet that is about to arrive: what then?
    pub fn lose_packet(&mut self) {
        if let Some(index) = self.cursor.world.packet_choice() {
            self.decide(index, 1);
        }
    }

    /// Gives one choice another outcome and forgets the future that was known.
    fn decide(&mut self, index: u32, option: u32) {
        self.cursor.world.decide(index, option);
        self.frontier = self.cursor.clone();
        self.log.truncate(self.cursor.tick);
        self.keyframes.truncate(self.cursor.tick);
        self.keyframes.force(&self.cursor);
        self.recorded = None;
        self.explore(SLICE);
    }

    /// The number of the event at the cursor.
    pub fn event(&self) -> u32 {
        self.event
    }

    /// The world at the cursor.
    pub fn world(&self) -> &World<P> {
        &self.cursor.world
    }

    /// The log, as far as the run is known.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// A hash of everything that happened so far, the same on every target for the same run.
    pub fn trace_hash(&self) -> u64 {
        let mut hash = TraceHash::default();
        for logged in &self.log.events {
            hash.add(&logged.tick);
            hash.add(&logged.event);
        }
        hash.value()
    }

    /// Whether the whole run is known.
    pub fn is_complete(&self) -> bool {
        self.frontier.world.is_over()
    }

    fn task(&self, process: u32) -> Option<Tid> {
        self.cursor.world.order().get(process as usize).copied()
    }

    /// Events that had happened when the run began: processes started.
    fn first(&self) -> u32 {
        self.log.events_by(0)
    }

    fn begin(&mut self, goal: Goal<P>, step_from: u32) {
        self.step_from = step_from;
        self.goal = Some(goal);
        self.pursue(SLICE);
    }

    /// The number of the next event that is wanted, if it is known.
    fn next_wanted(&self, wanted: Wanted) -> Option<u32> {
        let rest = &self.log.events[self.event as usize..];
        let found = rest.iter().position(|logged| wanted.is(&logged.event.kind));
        found.map(|at| self.event + at as u32 + 1)
    }

    /// The last stop before an event, or the beginning.
    fn stop_before(&self, kind: StepKind, event: u32) -> u32 {
        let before = &self.log.events[..event.saturating_sub(1) as usize];
        let found = before.iter().rposition(|l| is_stop(kind, &l.event.kind));
        found
            .map_or(self.first(), |at| at as u32 + 1)
            .max(self.first())
    }

    fn may_explore(&self) -> bool {
        !self.frontier.world.is_over()
            && self.frontier.tick < self.cursor.tick + AHEAD
            && self.log.len() < MAX_EVENTS
    }
}

/// Whether an event is a stop of that kind.
fn is_stop(kind: StepKind, event: &EventKind) -> bool {
    match kind {
        StepKind::Event | StepKind::Line => true,
        StepKind::Syscall => matches!(
            event,
            EventKind::SyscallEntered { .. }
                | EventKind::SyscallReturned { .. }
                | EventKind::TaskSlept { .. }
                | EventKind::ProcessExited { .. }
                | EventKind::ProcessKilled { .. }
        ),
        StepKind::Packet => matches!(
            event,
            EventKind::SegmentSent { .. }
                | EventKind::SegmentDelivered { .. }
                | EventKind::SegmentLost { .. }
        ),
    }
}
