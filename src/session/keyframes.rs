//! Worlds kept along the way, so that going back does not mean starting over.

use super::At;
use crate::base::SortedMap;

/// Ticks or events between two keyframes at first.
const TICKS: u64 = 50_000;
const EVENTS: u32 = 64;
/// So many keyframes are kept; then every second one goes and the distance doubles.
const MOST: usize = 64;

/// Keyframes by tick. The first is the beginning and always stays.
#[derive(Clone, Debug)]
pub(super) struct Keyframes<P> {
    frames: SortedMap<u64, At<P>>,
    ticks: u64,
    events: u32,
    last: (u64, u32),
}

impl<P: Clone> Keyframes<P> {
    pub(super) fn new(start: At<P>) -> Self {
        let frames = SortedMap::from_iter([(start.tick, start)]);
        Keyframes {
            frames,
            ticks: TICKS,
            events: EVENTS,
            last: (0, 0),
        }
    }

    /// Keeps a copy of the frontier if enough work was done since the last.
    pub(super) fn offer(&mut self, at: &At<P>, events: u32) {
        if at.tick < self.last.0 + self.ticks && events < self.last.1 + self.events {
            return;
        }
        self.last = (at.tick, events);
        self.force(at);
        if self.frames.len() > MOST {
            let mut keep = false;
            self.frames.retain(|tick, _| {
                keep = !keep || *tick == 0;
                keep
            });
            self.ticks *= 2;
            self.events *= 2;
        }
    }

    /// Keeps a copy in any case.
    pub(super) fn force(&mut self, at: &At<P>) {
        self.frames.insert(at.tick, at.clone());
    }

    /// The last keyframe not after a tick.
    pub(super) fn before(&self, tick: u64) -> &At<P> {
        let (_, at) = self
            .frames
            .last_up_to(&tick)
            .expect("the beginning is kept");
        at
    }

    /// A keyframe nearer to `to` than `from` is, if there is one.
    pub(super) fn between(&self, from: u64, to: u64) -> Option<&At<P>> {
        if from >= to {
            return None;
        }
        let (tick, at) = self.frames.last_up_to(&to)?;
        (*tick > from).then_some(at)
    }

    /// Forgets keyframes after a tick.
    pub(super) fn truncate(&mut self, tick: u64) {
        self.frames.retain(|at, _| *at <= tick);
        self.last = (self.last.0.min(tick), 0);
    }
}
