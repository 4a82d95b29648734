//! On the way to a goal: the frontier ahead, the cursor to an event, to the next line, to the line
//! before.

use super::{At, SLICE, Session, StepKind, is_stop};
use crate::base::Tid;
use crate::kernel::{EventKind, Rule};
use crate::program::Inspect;
use crate::sim::{Happened, TaskPhase, World};

/// What the cursor is on its way to.
#[derive(Clone, Debug)]
pub(super) enum Goal<P> {
    /// That event.
    Event(u32),
    /// The next event that is wanted; it may not be known yet.
    Next(Wanted),
    /// The next line of a task, from where the cursor stood.
    Line { task: Tid, from: Box<At<P>> },
    /// The line before.
    LineBack(Box<LineBack<P>>),
}

/// What kind of event a step goes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    /// A stop of that kind.
    Stop(StepKind),
    /// A timer runs out.
    Timer,
}

impl Wanted {
    /// Whether an event is it.
    pub(super) fn is(self, event: &EventKind) -> bool {
        match self {
            Wanted::Stop(kind) => is_stop(kind, event),
            Wanted::Timer => match event {
                EventKind::TimerExpired { .. } => true,
                EventKind::TaskWoke { because, .. } => *because == Rule::TimeUp,
                _ => false,
            },
        }
    }
}

/// The search for the last line that a task reached before a moment: one stretch from a keyframe on
/// after the other, backwards.
#[derive(Clone, Debug)]
pub(super) struct LineBack<P> {
    task: Tid,
    at: At<P>,
    /// Where the stretch began.
    keyframe: u64,
    /// Where it ends: at the cursor, or at the keyframe of the stretch before.
    until: u64,
    /// A stop at the very end counts, unless that is the cursor.
    inclusive: bool,
    /// The last stop found so far.
    best: Option<u64>,
}

impl<P: Inspect> Session<P> {
    /// Runs the frontier ahead.
    pub(super) fn explore(&mut self, budget: u64) {
        let target = self.frontier.tick + budget;
        while self.frontier.tick < target && self.may_explore() {
            let At { world, tick } = &mut self.frontier;
            *tick += world.step(target - *tick, None).ticks;
            self.log.record(world, *tick);
            self.keyframes.offer(&self.frontier, self.log.len());
        }
    }

    /// Goes on towards the goal of the cursor.
    pub(super) fn pursue(&mut self, budget: u64) {
        let Some(goal) = self.goal.take() else { return };
        match goal {
            Goal::Event(event) => self.pursue_event(event, budget),
            Goal::Next(wanted) => self.pursue_next(wanted, budget),
            Goal::Line { task, from } => self.pursue_line(task, from, budget),
            Goal::LineBack(search) => self.pursue_line_back(search, budget),
        }
    }

    fn pursue_event(&mut self, event: u32, budget: u64) {
        let tick = match event
            .checked_sub(1)
            .and_then(|at| self.log.events.get(at as usize))
        {
            // After the last event the run may still have gone on, to a fault for example.
            Some(_) if event == self.log.len() && self.is_complete() => self.frontier.tick,
            Some(logged) => logged.tick,
            None => 0,
        };
        if tick < self.cursor.tick || event <= self.first() {
            self.cursor = self.keyframes.before(tick).clone();
        } else if let Some(closer) = self.keyframes.between(self.cursor.tick, tick) {
            self.cursor = closer.clone();
        }
        let reached = run_to(&mut self.cursor, tick, budget);
        if reached {
            self.event = event;
        } else {
            self.goal = Some(Goal::Event(event));
        }
    }

    /// Looks for the next event of a kind, and runs the frontier ahead while it is not known.
    fn pursue_next(&mut self, wanted: Wanted, budget: u64) {
        let mut found = self.next_wanted(wanted);
        if found.is_none() && self.may_explore() {
            self.explore(budget);
            found = self.next_wanted(wanted);
        }
        match (found, wanted) {
            (Some(event), _) => self.pursue_event(event, budget),
            (None, _) if self.may_explore() => self.goal = Some(Goal::Next(wanted)),
            // Nothing more of that kind: the end is a stop, too.
            (None, Wanted::Stop(_)) => self.pursue_event(self.log.len(), budget),
            (None, Wanted::Timer) => {}
        }
    }

    /// Runs a copy of the cursor on to the next line; it must not pass what is logged.
    fn pursue_line(&mut self, task: Tid, mut from: Box<At<P>>, budget: u64) {
        let mut left = budget;
        loop {
            if from.tick >= self.frontier.tick && self.may_explore() {
                self.explore(left.max(1));
            }
            let limit = self.frontier.tick;
            let (used, stop) = line_step(&mut from, task, limit, left);
            left = left.saturating_sub(used.max(1));
            let over = from.world.is_over() || (from.tick >= limit && !self.may_explore());
            if stop || over {
                self.arrive(*from);
                return;
            }
            if left == 0 {
                self.goal = Some(Goal::Line { task, from });
                return;
            }
        }
    }

    fn arrive(&mut self, at: At<P>) {
        self.event = self.log.events_by(at.tick);
        self.cursor = at;
    }

    pub(super) fn line_back(&self, task: Tid, until: u64, inclusive: bool) -> Goal<P> {
        let at = self.keyframes.before(until.saturating_sub(1)).clone();
        let keyframe = at.tick;
        let search = LineBack {
            task,
            at,
            keyframe,
            until,
            inclusive,
            best: None,
        };
        Goal::LineBack(Box::new(search))
    }

    fn pursue_line_back(&mut self, mut search: Box<LineBack<P>>, budget: u64) {
        let LineBack {
            task,
            until,
            inclusive,
            ..
        } = *search;
        let at = &mut search.at;
        let mut left = budget;
        while left > 0 && at.tick < until && !at.world.is_over() {
            let (used, stop) = line_step(at, task, until, left);
            left = left.saturating_sub(used.max(1));
            if stop && (at.tick < until || inclusive) {
                search.best = Some(at.tick);
            }
        }
        if at.tick < until && !at.world.is_over() {
            self.goal = Some(Goal::LineBack(search));
        } else if let Some(tick) = search.best {
            let mut found = self.keyframes.before(tick).clone();
            // At most one stretch between keyframes, which was just run.
            run_to(&mut found, tick, u64::MAX);
            self.arrive(found);
        } else if search.keyframe > 0 {
            self.goal = Some(self.line_back(task, search.keyframe, true));
        } else {
            self.pursue_event(self.first(), SLICE);
        }
    }
}

/// Runs a world to a tick; false if the budget ended before.
fn run_to<P: Inspect>(at: &mut At<P>, tick: u64, budget: u64) -> bool {
    let stop = at.tick.saturating_add(budget);
    while at.tick < tick && at.tick < stop && !at.world.is_over() {
        at.tick += at.world.step(tick.min(stop) - at.tick, None).ticks;
        drain(&mut at.world);
    }
    at.tick >= tick || at.world.is_over()
}

/// One attempt at reaching the next line of a task. Returns the ticks used and whether this is a stop.
fn line_step<P: Inspect>(at: &mut At<P>, task: Tid, limit: u64, budget: u64) -> (u64, bool) {
    let room = limit.saturating_sub(at.tick).min(budget);
    if room == 0 {
        return (0, false);
    }
    let before = at.world.phase(task);
    let stepped = at.world.step(room, Some(task));
    at.tick += stepped.ticks;
    drain(&mut at.world);
    let after = at.world.phase(task);
    let blocked = matches!(after, Some(TaskPhase::Asleep | TaskPhase::Ended)) && after != before;
    (stepped.ticks, stepped.happened == Happened::Line || blocked)
}

/// What a replayed world says was logged when the frontier did it.
fn drain<P: Inspect>(world: &mut World<P>) {
    world.take_events();
    world.take_calls();
    world.take_console();
    world.take_choices();
}
