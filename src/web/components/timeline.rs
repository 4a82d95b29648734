//! The whole run as lanes, and the cursor in it: a slider.

use crate::web::components::ladder::rule;
use crate::web::components::panel::Room;
use crate::web::drive::Store;
use crate::web::el::{El, On, el, plot};
use crate::web::i18n::{Text, event_of};
use crate::web::model::{Scene, SpanView, View};
use crate::web::store::Action;
use crate::web::words::duration;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent, PointerEvent};
use yew::NodeRef;

/// Height of a lane; with many processes they are closer together.
const LANE: i32 = 18;
const NARROW_LANE: i32 = 15;
/// The lanes begin and end so far from the slider's edges, for the knob.
const MARGIN: i32 = 8;

/// So near to a bookmark, in its lane, the pointer means the bookmark.
const MAGNET: i32 = 12;

/// What the pointer is drawn to, above that height.
struct Magnets {
    below: i32,
    events: Vec<u32>,
}

/// Where events stand.
#[derive(Clone, Copy)]
struct Scale {
    width: i32,
    events: u32,
    now: u32,
}

impl Scale {
    fn x(&self, event: u32) -> i32 {
        let room = i64::from(self.width - 2 * MARGIN);
        MARGIN + (i64::from(event) * room / i64::from(self.events)) as i32
    }
}

/// The lanes and the slider.
pub(crate) fn timeline(scene: &Scene, room: &Room) -> El {
    let Scene {
        lang, view, store, ..
    } = scene;
    let line = &view.timeline;
    let scale = Scale {
        width: room.width.max(80),
        events: line.events.max(1),
        now: line.event,
    };
    // Bookmarks have a lane of their own, above the processes and the wire.
    let marked = i32::from(!view.bookmarks.is_empty());
    let lanes = line.lanes.len() as i32 + 1 + marked;
    let lane_height = if lanes > 5 { NARROW_LANE } else { LANE };
    let height = lanes * lane_height + 13;
    let now = scale.x(line.event.min(scale.events));
    let lane_line = |y: i32| rule("line.lane-line", (MARGIN, y), (scale.width - MARGIN, y));

    let names = view.processes.iter().map(|process| {
        el("span.lane-name")
            .key(process.index)
            .set("data-index", process.index)
            .child(&process.name)
    });
    let drawn = line.lanes.iter().enumerate().map(|(at, lane)| {
        let y = lane_height * (at as i32 + marked) + lane_height / 2 + 1;
        let sleeps = lane.sleeps.iter().enumerate();
        let calls = lane.calls.iter().map(|call| {
            el("circle")
                .set("r", "3.5")
                .key(call.event)
                .set("cx", scale.x(call.event))
                .set("cy", y)
                .flag("data-failed", call.failed)
                .flag("data-future", call.event > line.event)
                .child(el("title").child(&call.label))
        });
        el("g.lane")
            .key(lane.process)
            .set("data-lane", view.name_of(Some(lane.process)))
            .set("data-index", lane.process)
            .child(lane_line(y))
            .list(sleeps.map(|(key, sleep)| sleep_bar(key, sleep, y, &scale)))
            .list(calls)
    });
    let wire_y = lane_height * (lanes - 1) + lane_height / 2 + 1;
    // As on the ladder: who opens the conversation is at the left.
    let opener = view.ladder.first().and_then(|segment| segment.from.process);
    let segments = line.segments.iter().map(|segment| {
        let (x, y) = (scale.x(segment.event), wire_y - 5);
        let head = if segment.process == opener {
            plot("M# #l8 5l-8 5z", &[x - 4, y])
        } else {
            plot("M# #l-8 5l8 5z", &[x + 4, y])
        };
        el("path")
            .key(segment.event)
            .set("d", head)
            .set("data-index", segment.process)
            .flag("data-failed", segment.failed)
            .flag("data-future", segment.event > line.event)
            .child(el("title").child(&segment.label))
    });
    let svg = el("svg")
        .flag("aria-hidden", true)
        .set("width", scale.width)
        .set("height", height)
        .list(marks(view, &scale, lane_height))
        .list(drawn)
        .child(lane_line(wire_y))
        .list(segments)
        .child(rule("line.cursor", (now, 0), (now, height - 6)))
        .child(
            el("circle.knob")
                .set("r", "5.5")
                .set("cx", now)
                .set("cy", height - 6),
        );
    let cursor = &view.cursor;
    let here = view.bookmarks.iter();
    let here = here.filter(|bookmark| bookmark.event == Some(cursor.event));
    let here = here.map(|bookmark| el("b").key(&*bookmark.label).child(&bookmark.label));
    let place = event_of(*lang, cursor.event, cursor.events, cursor.complete);
    let time = duration(cursor.time);
    let track = el("div.track")
        .node(room.node)
        .set("tabindex", "0")
        .set("role", "slider")
        .set("aria-label", (*lang, Text::Timeline))
        .set("aria-valuemin", "0")
        .set("aria-valuemax", line.events)
        .set("aria-valuenow", line.event)
        .set("aria-valuetext", [place.as_str(), ", ", &time].concat())
        .set("data-control", "scrubber")
        .flag("data-cursor", true)
        .set("data-event", cursor.event)
        .set("data-events", cursor.events)
        .flag("data-complete", cursor.complete)
        .set("data-time", cursor.time.to_string())
        .flag("data-at-end", cursor.at_end)
        .flag("data-at-start", cursor.at_start)
        .child(svg);
    let mut events = Vec::new();
    for bookmark in &view.bookmarks {
        events.extend(bookmark.event);
    }
    let magnets = Magnets {
        below: lane_height * marked,
        events,
    };
    let track = slides(track, room.node, store, scale, magnets);
    let lane_names = el("div.lane-names")
        .flag("aria-hidden", true)
        .child((marked > 0).then(|| el("span.lane-name").child((*lang, Text::Bookmarks))))
        .list(names)
        .child(el("span.lane-name").child((*lang, Text::WireLane)));
    el("div.timeline")
        .px("--lanes", height)
        .px("--lane", lane_height)
        .child(lane_names)
        .child(track)
        .child(
            el("p.place")
                .child(el("span").child(place))
                .list(here)
                .child(el("span").child(["t = ", &time].concat())),
        )
}

/// The bookmarks' numbers, each with its label if that has room up to the next one.
fn marks<'a>(
    view: &'a View,
    scale: &Scale,
    lane_height: i32,
) -> impl Iterator<Item = El> + use<'a> {
    let mut drawn = Vec::new();
    for (at, bookmark) in view.bookmarks.iter().enumerate() {
        if let Some(event) = bookmark.event {
            drawn.push((scale.x(event), at));
        }
    }
    let y = lane_height / 2 + 1;
    let all = drawn.clone();
    let end_of = move |x: i32| {
        let later = all.iter().filter(|(other, _)| *other > x);
        later.map(|(other, _)| *other - 10).min()
    };
    let width = scale.width;
    drawn.into_iter().map(move |(x, at)| {
        let bookmark = &view.bookmarks[at];
        let end = end_of(x).unwrap_or(width);
        // As wide as the widest letters are.
        let wide = |c: char| if c.is_ascii() { 7 } else { 12 };
        let width: i32 = bookmark.label.chars().map(wide).sum();
        let label = (x + 10 + width <= end).then(|| {
            el("text")
                .set("x", x + 10)
                .set("y", y + 4)
                .child(&bookmark.label)
        });
        el("g.bookmark-mark")
            .key(at)
            .set("data-mark-of", at as u32 + 1)
            .flag("data-current", bookmark.event == Some(view.cursor.event))
            .child(el("title").child(&bookmark.label))
            .child(el("circle").set("r", "7.5").set("cx", x).set("cy", y))
            .child(
                el("text.number")
                    .set("x", x)
                    .set("y", y + 4)
                    .child(at as u32 + 1),
            )
            .child(label)
    })
}

/// A sleep, its past and its future part.
fn sleep_bar(key: usize, sleep: &SpanView, y: i32, scale: &Scale) -> El {
    let part = |from: u32, to: u32, is_future: bool| {
        (from < to).then(|| {
            el("rect")
                .set("height", "8")
                .set("rx", "4")
                .set("x", scale.x(from))
                .set("y", y - 4)
                .set("width", (scale.x(to) - scale.x(from)).max(3))
                .flag("data-future", is_future)
                .child(el("title").child(sleep.label))
        })
    };
    el("g.sleep")
        .key(key)
        .child(part(sleep.from, sleep.to.min(scale.now), false))
        .child(part(sleep.from.max(scale.now), sleep.to, true))
}

/// Lets a track be dragged, and moved by the keys of a slider.
fn slides(track: El, node: &NodeRef, store: &Store, scale: Scale, magnets: Magnets) -> El {
    let slide = {
        let (node, store) = (node.clone(), store.clone());
        Rc::new(move |event: Event| {
            let Some(track) = node.get() else {
                return;
            };
            let target = if event.type_() == "keydown" {
                keyed(event.unchecked_ref(), scale)
            } else {
                dragged(
                    track.unchecked_ref(),
                    event.unchecked_ref(),
                    scale,
                    &magnets,
                )
            };
            if let Some(target) = target {
                event.prevent_default();
                if target != scale.now {
                    store.act(Action::Seek(target));
                }
            }
        })
    };
    track
        .on(On::PointerDown, slide.clone())
        .on(On::PointerMove, slide.clone())
        .on(On::KeyDown, slide)
}

/// Where the pointer is, if it was pressed on the track.
fn dragged(
    track: &HtmlElement,
    pointer: &PointerEvent,
    scale: Scale,
    magnets: &Magnets,
) -> Option<u32> {
    if pointer.type_() == "pointerdown" {
        // Without the capture nothing is dragged, which is no harm.
        let _ = track.set_pointer_capture(pointer.pointer_id());
        let _ = track.focus();
    } else if !track.has_pointer_capture(pointer.pointer_id()) {
        return None;
    }
    let bounds = track.get_bounding_client_rect();
    let along = (f64::from(pointer.client_x()) - bounds.left() - f64::from(MARGIN))
        / (bounds.width() - f64::from(2 * MARGIN)).max(1.0);
    let event = (along.clamp(0.0, 1.0) * f64::from(scale.events)).round() as u32;
    let x = scale.x(event);
    let nearest = magnets
        .events
        .iter()
        .min_by_key(|mark| (scale.x(**mark) - x).abs());
    match nearest {
        Some(mark)
            if f64::from(pointer.client_y()) < bounds.top() + f64::from(magnets.below)
                && (scale.x(*mark) - x).abs() < MAGNET =>
        {
            Some(*mark)
        }
        _ => Some(event),
    }
}

/// Where a key leads. What a slider takes does not reach the page, which has its own meaning for it.
fn keyed(key: &KeyboardEvent, scale: Scale) -> Option<u32> {
    if key.ctrl_key() || key.alt_key() || key.meta_key() {
        return None;
    }
    let Scale { events, now, .. } = scale;
    let page = (events / 10).max(1);
    let target = match key.key().as_str() {
        "ArrowRight" | "ArrowUp" => now.saturating_add(1).min(events),
        "ArrowLeft" | "ArrowDown" => now.saturating_sub(1),
        "PageUp" => now.saturating_add(page).min(events),
        "PageDown" => now.saturating_sub(page),
        "Home" => 0,
        "End" => events,
        _ => return None,
    };
    key.stop_propagation();
    Some(target)
}
