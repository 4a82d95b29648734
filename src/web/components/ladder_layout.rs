//! Where everything of the ladder diagram stands: time runs down, one lifeline per end, a slanted arrow per
//! segment. A pure function of the view and the pane's width; `tests/ladder.rs` takes it in as a module of its own.

use crate::base::sorted::sort_by_key;
use crate::session::view::{EndView, SegmentView, TurnView, View};

/// A vertical line: an end of one talk, or a process with all of its ends.
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
    /// It is the state's beginning: its name is written.
    pub named: bool,
    /// Where its name is written: the first line's ground.
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
/// A state begins so far below the row before it.
const TURN: i32 = 6;
/// Pauses from this on are worth a row: 1 ms.
const LONG: u64 = 1_000_000;

/// What happens at a moment; numbers are indices.
#[derive(Clone, Copy)]
enum Row {
    /// A segment leaves.
    Leaves(usize),
    /// A segment arrives.
    Arrives(usize),
    /// An end gets into another state.
    Turns(usize),
}

/// A moment on the wire: the number of its event, its time, what happens.
struct Moment {
    event: u32,
    time: u64,
    row: Row,
}

/// A state of a lifeline, from `y` on.
struct Spell<'a> {
    lifeline: usize,
    state: &'a str,
    y: i32,
}

/// Height of a state's name, which is broken after its first hyphen.
fn label_height(state: &str) -> i32 {
    if state.bytes().any(|b| b == b'-') {
        30
    } else {
        17
    }
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
    let lifelines = lifelines(view, talk, width);
    let mut moments = moments(&view.ladder, shown);
    let mut spells = Vec::new();
    if let Some(talk) = talk {
        for (lifeline, line) in lifelines.iter().enumerate() {
            states(view, talk, line.ports[0], |turn, state| {
                if let Some(turn) = turn {
                    moments.push(Moment {
                        event: turn.event,
                        time: turn.time,
                        row: Row::Turns(spells.len()),
                    });
                }
                spells.push(Spell {
                    lifeline,
                    state,
                    y: HEAD + 2,
                });
            });
        }
    }
    sort_by_key(&mut moments, |moment| moment.event);
    let cursor = view.cursor.event;
    let mut y = HEAD + 2;
    // Where the name of a lifeline's last state ends: the next state begins below it.
    let mut free = vec![y + label_height(""); lifelines.len()];
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
        match moment.row {
            Row::Leaves(segment) => {
                y += LEAVE;
                left_at[segment] = Some(y);
            }
            Row::Arrives(segment) => {
                y += FALL;
                arrived_at[segment] = Some(y);
            }
            Row::Turns(at) => {
                let spell = &mut spells[at];
                let free = &mut free[spell.lifeline];
                spell.y = (y + TURN).max(*free);
                *free = spell.y + label_height(spell.state);
                y = spell.y - TURN;
            }
        }
        // What a listener did long before is no pause of this talk.
        if before.is_some() || !matches!(moment.row, Row::Turns(_)) {
            before = Some(moment.time);
        }
    }
    let now = now.unwrap_or(y + under_way + NOW / 2);
    let lowest = free.into_iter().fold(y.max(now), i32::max);
    let mut laid = Ladder {
        height: lowest + 30,
        lifelines,
        stretches: Vec::new(),
        arrows: Vec::new(),
        pauses,
        now,
    };
    draw_arrows(view, talk, &mut laid, &left_at, &arrived_at);
    draw_stretches(&mut laid, &spells);
    laid
}

fn moments(ladder: &[SegmentView], shown: impl Fn(&SegmentView) -> bool) -> Vec<Moment> {
    let mut moments = Vec::with_capacity(ladder.len() * 2);
    for (segment, told) in ladder.iter().enumerate().filter(|(_, told)| shown(told)) {
        moments.push(Moment {
            event: told.sent_event,
            time: told.sent,
            row: Row::Leaves(segment),
        });
        if let Some(event) = told.arrived_event {
            moments.push(Moment {
                event,
                time: told.delivered.unwrap_or(told.sent),
                row: Row::Arrives(segment),
            });
        }
    }
    moments
}

/// Tells the states of one end of a talk in their order, each with the turn that led to it; the first one has none.
/// Nothing is told of an end that is none of TCP's.
///
/// An end is a port, and not a socket: until there is a connection it is its listener, and a TIME-WAIT may be a socket
/// of its own.
fn states<'a>(
    view: &'a View,
    talk: Talk,
    port: u16,
    mut tell: impl FnMut(Option<&'a TurnView>, &'a str),
) {
    let peer = if port == talk.0 { talk.1 } else { talk.0 };
    let mut first: Option<(u32, &str)> = None;
    for told in view.ladder.iter().filter(|told| talk_of(told) == talk) {
        let arrived = told.arrived_event.filter(|_| !told.lost);
        for (end, event) in [(&told.from, Some(told.sent_event)), (&told.to, arrived)] {
            if let Some(event) = event
                && end.port == port
                && !end.state.is_empty()
                && first.is_none_or(|(before, _)| event < before)
            {
                first = Some((event, end.state));
            }
        }
    }
    let Some((met, mut state)) = first else {
        return;
    };
    let mut sock = None;
    let mut connected = false;
    let mut told = false;
    for turn in view.turns.iter().filter(|turn| turn.port == port) {
        let mine = turn.peer == peer;
        if !mine && (turn.peer != 0 || connected)
            || turn.state == "CLOSED" && sock.is_some_and(|sock| sock != turn.sock)
        {
            continue;
        }
        connected |= mine;
        sock = Some(turn.sock);
        if !told {
            told = true;
            if turn.event < met {
                state = turn.before;
            }
            tell(None, state);
        }
        if turn.state != state {
            state = turn.state;
            tell(Some(turn), state);
        }
    }
    if !told {
        tell(None, state);
    }
}

/// Whether an end of a segment is on a lifeline.
fn is_on(line: &Lifeline, end: &EndView, talk: Option<Talk>) -> bool {
    match talk {
        Some(_) => line.ports.contains(&end.port),
        None => line.process == end.process,
    }
}

/// The lifelines, in the order in which they first send: who opens the conversation is at the left.
fn lifelines(view: &View, talk: Option<Talk>, width: i32) -> Vec<Lifeline> {
    let mut found: Vec<Lifeline> = Vec::new();
    for segment in &view.ladder {
        if talk.is_some_and(|talk| talk_of(segment) != talk) {
            continue;
        }
        for end in [&segment.from, &segment.to] {
            let at = found
                .iter()
                .position(|line| is_on(line, end, talk))
                .unwrap_or_else(|| {
                    found.push(Lifeline {
                        process: end.process,
                        x: 0,
                        ports: Vec::new(),
                    });
                    found.len() - 1
                });
            let line = &mut found[at];
            // What was lost on its way names nobody.
            line.process = line.process.or(end.process);
            if !line.ports.contains(&end.port) {
                line.ports.push(end.port);
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

fn x_of(laid: &Ladder, end: &EndView, talk: Option<Talk>) -> i32 {
    laid.lifelines
        .iter()
        .find(|line| is_on(line, end, talk))
        .map_or(0, |line| line.x)
}

fn draw_arrows(
    view: &View,
    talk: Option<Talk>,
    laid: &mut Ladder,
    left_at: &[Option<i32>],
    arrived_at: &[Option<i32>],
) {
    for (segment, told) in view.ladder.iter().enumerate() {
        let Some(from_y) = left_at[segment] else {
            continue;
        };
        let (from, to) = (x_of(laid, &told.from, talk), x_of(laid, &told.to, talk));
        let to_y = arrived_at[segment].unwrap_or(from_y + FALL);
        laid.arrows.push(Arrow {
            segment,
            from: (from, from_y),
            to: (to, to_y),
        });
    }
}

/// Colours the lifelines: each state until the next one, cut where the present is.
fn draw_stretches<'a>(laid: &mut Ladder<'a>, spells: &[Spell<'a>]) {
    for (at, spell) in spells.iter().enumerate() {
        let next = spells.get(at + 1);
        let end = next
            .filter(|next| next.lifeline == spell.lifeline)
            .map_or(laid.height - 16, |next| next.y);
        let cut = laid.now.clamp(spell.y, end);
        for (top, bottom, future) in [(spell.y, cut, false), (cut, end, true)] {
            if top < bottom {
                laid.stretches.push(Stretch {
                    lifeline: spell.lifeline,
                    top,
                    bottom,
                    state: spell.state,
                    named: top == spell.y,
                    label: top + 10,
                    future,
                });
            }
        }
    }
}
