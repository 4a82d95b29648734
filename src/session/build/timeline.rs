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
        let lanes = self.world.order().iter().enumerate();
        TimelineView {
            event: self.event,
            events: self.log.len(),
            lanes: lanes
                .map(|(at, task)| self.lane(at as u32, *task))
                .collect(),
            segments: thin(
                self.log
                    .travels
                    .iter()
                    .map(|travel| TickView {
                        event: travel.sent.1,
                        label: travel.head.flags.to_string(),
                        process: travel
                            .from
                            .0
                            .and_then(|sock| self.owner(sock))
                            .and_then(|task| self.index(task)),
                        failed: travel.lost,
                    })
                    .collect(),
            ),
        }
    }

    fn lane(&self, process: u32, task: Tid) -> LaneView {
        let mine = self.log.calls.iter().filter(|call| call.task == task);
        let calls = mine.map(|call| TickView {
            event: call.entered,
            label: call.syscall.name().to_owned(),
            process: Some(process),
            failed: matches!(&call.ended, Some((_, CallEnd::Returned(r))) if r.result.is_err()),
        });
        LaneView {
            process,
            calls: thin(calls.collect()),
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
        let mut at = 0;
        all.retain(|_| {
            at += 1;
            (at - 1) % step == 0
        });
    }
    all
}
