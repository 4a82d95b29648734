//! Where everything of the ladder diagram stands: time runs down, one lifeline per process, a slanted arrow per
//! segment. A pure function of the view and the pane's width.

use crate::base::sorted::sort_by_key;
use crate::web::model::{EndView, SegmentView, View};

/// A vertical line: one process's end of the wire.
pub(crate) struct Lifeline {
    /// Index of the process; `None` for ends that belong to none.
    pub process: Option<u32>,
    pub x: i32,
    /// Its ports, in the order of their first segments.
    pub ports: Vec<u16>,
}

/// A stretch of a lifeline in one state.
pub(crate) struct Stretch<'a> {
    pub lifeline: usize,
    pub top: i32,
    pub bottom: i32,
    pub state: &'a str,
    /// Its state differs from the one above: its name is written.
    pub named: bool,
    /// Where its name is written.
    pub label: i32,
    pub future: bool,
}

/// A segment's arrow.
pub(crate) struct Arrow {
    /// Index into `View::ladder`.
    pub segment: usize,
    pub from: (i32, i32),
    pub to: (i32, i32),
}

/// Time that passed between two rows, where it is worth saying.
pub(crate) struct Pause {
    pub y: i32,
    pub nanoseconds: u64,
}

/// The whole diagram.
pub(crate) struct Ladder<'a> {
    pub height: i32,
    pub lifelines: Vec<Lifeline>,
    pub stretches: Vec<Stretch<'a>>,
    pub arrows: Vec<Arrow>,
    pub pauses: Vec<Pause>,
    /// Where the cursor is.
    pub now: i32,
}

/// Height of the lifelines' names.
pub(crate) const HEAD: i32 = 40;
/// Room for a state's name beside the outer lifelines.
const SIDE: i32 = 100;
/// Before a segment leaves, there is room for its label; on its way it falls by so much.
const LEAVE: i32 = 25;
const FALL: i32 = 15;
/// Room for the line that says "now", and above it for what is on its way.
const NOW: i32 = 22;
const UNDER_WAY: i32 = 16;
/// Height of a state's name.
const LABEL: i32 = 26;
/// Pauses from this on are worth a row: 1 ms.
const LONG: u64 = 1_000_000;

/// A moment on the wire: the event, its time, which segment left or arrived.
struct Moment {
    event: u32,
    time: u64,
    segment: usize,
    leaves: bool,
}

/// Two ports that talk to each other, the lower one first: on one host, a connection.
pub(crate) type Talk = (u16, u16);

/// The talk that a segment belongs to.
pub(crate) fn talk_of(segment: &SegmentView) -> Talk {
    let (from, to) = (segment.from.port, segment.to.port);
    (from.min(to), from.max(to))
}

/// All talks of a run, in the order of their first segments.
pub(crate) fn talks(ladder: &[SegmentView]) -> Vec<Talk> {
    let mut found = Vec::new();
    for talk in ladder.iter().map(talk_of) {
        if !found.contains(&talk) {
            found.push(talk);
        }
    }
    found
}

/// The talk of the present: of the last segment that was sent, or of the first that will be.
pub(crate) fn present_talk(ladder: &[SegmentView]) -> Option<Talk> {
    let sent = ladder.iter().rev().find(|segment| !segment.future);
    sent.or(ladder.first()).map(talk_of)
}

/// Lays the ladder of `view` out for a pane of this width: one talk, with the states of its ends; or all of them
/// without states, as a process may have many sockets in many states.
pub(crate) fn ladder(view: &View, talk: Option<Talk>, width: i32) -> Ladder<'_> {
    let shown = |segment: &SegmentView| talk.is_none_or(|talk| talk_of(segment) == talk);
    let lifelines = lifelines(view, shown, width);
    let mut moments = moments(&view.ladder);
    moments.retain(|moment| shown(&view.ladder[moment.segment]));
    sort_by_key(&mut moments, |moment| (moment.event, !moment.leaves));
    let cursor = view.cursor.event;
    let mut y = HEAD + 2;
    let mut now = None;
    let under_way = if view.ladder.iter().any(|told| told.in_flight && shown(told)) {
        UNDER_WAY
    } else {
        0
    };
    let mut pauses = Vec::new();
    let mut before: Option<u64> = None;
    let mut left_at = vec![None; view.ladder.len()];
    let mut arrived_at = vec![None; view.ladder.len()];
    for moment in &moments {
        if moment.event > cursor && now.is_none() {
            y += under_way;
            now = Some(y + NOW / 2);
            y += NOW;
        }
        let passed = before.map_or(0, |time| moment.time.saturating_sub(time));
        if passed >= LONG {
            y += 22;
            pauses.push(Pause {
                y: y - 2,
                nanoseconds: passed,
            });
        }
        before = Some(moment.time);
        if moment.leaves {
            y += LEAVE;
            left_at[moment.segment] = Some(y);
        } else {
            y += FALL;
            arrived_at[moment.segment] = Some(y);
        }
    }
    let now = now.unwrap_or(y + under_way + NOW / 2);
    let mut laid = Ladder {
        height: y.max(now) + 30,
        lifelines,
        stretches: Vec::new(),
        arrows: Vec::new(),
        pauses,
        now,
    };
    draw_arrows(view, &mut laid, &left_at, &arrived_at);
    if talk.is_some() {
        draw_stretches(view, &mut laid, &left_at, &arrived_at);
    }
    laid
}

fn moments(ladder: &[SegmentView]) -> Vec<Moment> {
    let mut moments = Vec::with_capacity(ladder.len() * 2);
    for (segment, told) in ladder.iter().enumerate() {
        moments.push(Moment {
            event: told.sent_event,
            time: told.sent,
            segment,
            leaves: true,
        });
        if let Some(event) = told.arrived_event {
            let time = told.delivered.unwrap_or(told.sent);
            moments.push(Moment {
                event,
                time,
                segment,
                leaves: false,
            });
        }
    }
    moments
}

/// One lifeline per process, in the order in which they first send: who opens the conversation is at the left.
fn lifelines(view: &View, shown: impl Fn(&SegmentView) -> bool, width: i32) -> Vec<Lifeline> {
    let mut found: Vec<Lifeline> = Vec::new();
    for segment in view.ladder.iter().filter(|segment| shown(segment)) {
        for end in [&segment.from, &segment.to] {
            let at = found
                .iter()
                .position(|line| line.process == end.process)
                .unwrap_or_else(|| {
                    found.push(Lifeline {
                        process: end.process,
                        x: 0,
                        ports: Vec::new(),
                    });
                    found.len() - 1
                });
            if !found[at].ports.contains(&end.port) {
                found[at].ports.push(end.port);
            }
        }
    }
    let room = (width - 2 * SIDE).max(60);
    let last = found.len().saturating_sub(1).max(1) as i32;
    let alone = found.len() == 1;
    for (at, line) in found.iter_mut().enumerate() {
        line.x = if alone {
            width / 2
        } else {
            SIDE + room * at as i32 / last
        };
    }
    found
}

fn x_of(laid: &Ladder, end: &EndView) -> i32 {
    laid.lifelines
        .iter()
        .find(|line| line.process == end.process)
        .map_or(0, |line| line.x)
}

fn draw_arrows(
    view: &View,
    laid: &mut Ladder,
    left_at: &[Option<i32>],
    arrived_at: &[Option<i32>],
) {
    for (segment, told) in view.ladder.iter().enumerate() {
        let Some(from_y) = left_at[segment] else {
            continue;
        };
        let (from, to) = (x_of(laid, &told.from), x_of(laid, &told.to));
        let to_y = arrived_at[segment].unwrap_or(from_y + FALL);
        laid.arrows.push(Arrow {
            segment,
            from: (from, from_y),
            to: (to, to_y),
        });
    }
}

/// Where a lifeline met a segment, and in which state it was then.
struct Met<'a> {
    y: i32,
    state: &'a str,
    sock: Option<u32>,
    future: bool,
}

fn met<'a>(
    view: &'a View,
    process: Option<u32>,
    left_at: &[Option<i32>],
    arrived_at: &[Option<i32>],
) -> Vec<Met<'a>> {
    let mut met = Vec::new();
    for (segment, told) in view.ladder.iter().enumerate() {
        let arrives_later = told
            .arrived_event
            .is_none_or(|event| event > view.cursor.event);
        let ends = [
            (&told.from, left_at[segment], told.future),
            (
                &told.to,
                arrived_at[segment].filter(|_| !told.lost),
                arrives_later,
            ),
        ];
        for (end, y, future) in ends {
            if let Some(y) = y
                && end.process == process
                && !end.state.is_empty()
            {
                met.push(Met {
                    y,
                    state: end.state,
                    sock: end.sock,
                    future,
                });
            }
        }
    }
    sort_by_key(&mut met, |met| met.y);
    met
}

/// Colours the lifelines. What is known are the states at the ends of segments, and the one now; between two that
/// differ the colour changes half-way.
fn draw_stretches<'a>(
    view: &'a View,
    laid: &mut Ladder<'a>,
    left_at: &[Option<i32>],
    arrived_at: &[Option<i32>],
) {
    for lifeline in 0..laid.lifelines.len() {
        let mut met = met(view, laid.lifelines[lifeline].process, left_at, arrived_at);
        let past = met.iter().take_while(|met| !met.future).count();
        if let Some(last) = past.checked_sub(1).map(|at| &met[at]) {
            let socket = view
                .sockets
                .iter()
                .find(|socket| Some(socket.sock) == last.sock);
            let present = Met {
                y: laid.now.max(last.y),
                state: socket.map_or("CLOSED", |socket| socket.state),
                sock: last.sock,
                future: false,
            };
            met.insert(past, present);
        }
        let mut push = |top: i32, bottom: i32, state: &'a str, future: bool| {
            let before = laid
                .stretches
                .last_mut()
                .filter(|before| before.lifeline == lifeline);
            let (named, label) = match before {
                Some(before) if before.state == state && before.future == future => {
                    before.bottom = bottom;
                    return;
                }
                // A name takes two lines at the most; the next one stands below it.
                Some(before) => (before.state != state, (top + 10).max(before.label + LABEL)),
                None => (true, top + 10),
            };
            let label = if named { label } else { label - LABEL };
            laid.stretches.push(Stretch {
                lifeline,
                top,
                bottom,
                state,
                named,
                label,
                future,
            });
        };
        for pair in met.windows(2) {
            let [from, to] = pair else { continue };
            if from.state == to.state {
                push(from.y, to.y, from.state, to.future);
            } else {
                let middle = (from.y + to.y) / 2;
                push(from.y, middle, from.state, to.future);
                push(middle, to.y, to.state, to.future);
            }
        }
        if let Some(last) = met.last()
            && last.y < laid.height - 16
        {
            push(
                last.y,
                laid.height - 16,
                last.state,
                last.future || last.y >= laid.now,
            );
        }
    }
}
