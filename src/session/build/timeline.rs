//! The whole run as lanes.

use super::Source;
use crate::base::Tid;
use crate::kernel::EventKind;
use crate::program::Inspect;
use crate::session::log::CallEnd;
use crate::session::view::{LaneView, SpanView, TickView, TimelineView};

/// So many marks a lane has; more are thinned evenly.
const MARKS_MAX: usize = 400;

impl<P: Inspect> Source<'_, P> {
    pub(super) fn timeline(&self) -> TimelineView {
        let mut lanes = Vec::new();
        for (process, task) in (0..).zip(self.world.order()) {
            lanes.push(self.lane(process, *task));
        }
        let mut segments = Vec::new();
        for travel in &self.log.travels {
            let owner = travel.from.0.and_then(|sock| self.owner(sock));
            segments.push(TickView {
                event: travel.sent.1,
                label: travel.head.flags.to_string(),
                process: owner.and_then(|task| self.index(task)),
                failed: travel.lost,
            });
        }
        TimelineView {
            event: self.event,
            events: self.log.len(),
            lanes,
            segments: thin(segments),
        }
    }

    fn lane(&self, process: u32, task: Tid) -> LaneView {
        let mut calls = Vec::new();
        for call in &self.log.calls {
            if call.task == task {
                let failed =
                    matches!(&call.ended, Some((_, CallEnd::Returned(r))) if r.result.is_err());
                calls.push(TickView {
                    event: call.entered,
                    label: call.syscall.name().to_owned(),
                    process: Some(process),
                    failed,
                });
            }
        }
        LaneView {
            process,
            calls: thin(calls),
            sleeps: thin(self.sleeps(task)),
        }
    }

    fn sleeps(&self, task: Tid) -> Vec<SpanView> {
        let mut spans = Vec::new();
        let mut since: Option<u32> = None;
        let mut call = "";
        for (number, logged) in (1..).zip(&self.log.events) {
            if logged.event.task != Some(task) {
                continue;
            }
            match logged.event.kind {
                EventKind::SyscallEntered { call: name, .. } => call = name,
                EventKind::TaskSlept { .. } => since = Some(number),
                EventKind::TaskWoke { .. } | EventKind::ProcessKilled { .. } => {
                    let span = |from| SpanView {
                        from,
                        to: number,
                        label: call,
                    };
                    spans.extend(since.take().map(span));
                }
                _ => {}
            }
        }
        let end = self.log.len();
        spans.extend(since.map(|from| SpanView {
            from,
            to: end,
            label: call,
        }));
        spans
    }
}

/// Every nth, so that no more than the most are left.
fn thin<T>(mut all: Vec<T>) -> Vec<T> {
    let step = all.len().div_ceil(MARKS_MAX);
    if step > 1 {
        let mut kept = 0;
        for at in (0..all.len()).step_by(step) {
            all.swap(kept, at);
            kept += 1;
        }
        all.truncate(kept);
    }
    all
}
