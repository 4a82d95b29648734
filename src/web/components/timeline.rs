//! The whole run as lanes, and the cursor in it: a slider.

use crate::web::hooks::use_size;
use crate::web::i18n::{Text, event_of, say};
use crate::web::model::{Lang, Shared, flag};
use crate::web::words::duration;
use web_sys::{Element, HtmlElement, PointerEvent};
use yew::prelude::*;

/// What [`Timeline`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct TimelineProps {
    pub lang: Lang,
    pub view: Shared,
    pub on_seek: Callback<u32>,
}

/// Height of a lane; with many processes they are closer together.
const LANE: i32 = 18;
const NARROW_LANE: i32 = 15;
/// The lanes begin and end so far from the slider's edges, for the knob.
const MARGIN: i32 = 8;

/// The lanes and the slider.
#[function_component]
pub(crate) fn Timeline(props: &TimelineProps) -> Html {
    let TimelineProps {
        lang,
        view,
        on_seek,
    } = props;
    let track = use_node_ref();
    let dragging = use_mut_ref(|| false);
    let (measured, _) = use_size(track.clone());
    let width = measured.max(80);
    let line = &view.timeline;
    let events = line.events.max(1);
    let x = |event: u32| {
        MARGIN + (i64::from(event) * i64::from(width - 2 * MARGIN) / i64::from(events)) as i32
    };
    let lanes = line.lanes.len() as i32 + 1;
    let lane_height = if lanes > 4 { NARROW_LANE } else { LANE };
    let height = lanes * lane_height + 13;
    let now = x(line.event.min(events));

    let seek_to = {
        let (track, on_seek) = (track.clone(), on_seek.clone());
        let current = line.event;
        move |event: &PointerEvent| {
            let Some(track) = track.cast::<Element>() else {
                return;
            };
            let bounds = track.get_bounding_client_rect();
            let along = (f64::from(event.client_x()) - bounds.left() - f64::from(MARGIN))
                / (bounds.width() - f64::from(2 * MARGIN)).max(1.0);
            let target = (along.clamp(0.0, 1.0) * f64::from(events)).round() as u32;
            if target != current {
                on_seek.emit(target);
            }
        }
    };
    let on_down = {
        let (dragging, seek_to, track) = (dragging.clone(), seek_to.clone(), track.clone());
        Callback::from(move |event: PointerEvent| {
            *dragging.borrow_mut() = true;
            if let Some(track) = track.cast::<HtmlElement>() {
                // Without the capture a drag ends at the slider's edge, which is no harm.
                let _ = track.set_pointer_capture(event.pointer_id());
                let _ = track.focus();
            }
            event.prevent_default();
            seek_to(&event);
        })
    };
    let on_move = {
        let dragging = dragging.clone();
        Callback::from(move |event: PointerEvent| {
            if *dragging.borrow() {
                seek_to(&event);
            }
        })
    };
    let on_up = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = false);
    let on_key = slider_keys(line.event, events, on_seek.clone());

    let names = view.processes.iter().map(|process| html! {
        <span key={process.index} class="lane-name" data-index={process.index.to_string()}>{ &process.name }</span>
    });
    let drawn = line.lanes.iter().enumerate().map(|(at, lane)| {
        let y = lane_height * at as i32 + lane_height / 2 + 1;
        let sleeps = lane.sleeps.iter().enumerate().map(|(key, sleep)| sleep_bar(key, sleep, y, line.event, &x));
        let calls = lane.calls.iter().map(|call| html! {
            <circle key={call.event} cx={x(call.event).to_string()} cy={y.to_string()} r="3.5"
                data-failed={flag(call.failed)} data-future={flag(call.event > line.event)}>
                <title>{ &call.label }</title>
            </circle>
        });
        html! {
            <g key={lane.process} class="lane" data-lane={view.name_of(Some(lane.process)).to_owned()} data-index={lane.process.to_string()}>
                <line class="lane-line" x1={MARGIN.to_string()} x2={(width - MARGIN).to_string()} y1={y.to_string()} y2={y.to_string()} />
                { for sleeps }
                { for calls }
            </g>
        }
    });
    let wire_y = lane_height * (lanes - 1) + lane_height / 2 + 1;
    // As on the ladder: who opens the conversation is at the left.
    let opener = view.ladder.first().and_then(|segment| segment.from.process);
    let segments = line.segments.iter().map(|segment| {
        let (at, y) = (x(segment.event), wire_y);
        let d = if segment.process == opener {
            format!("M{} {}l8 5l-8 5z", at - 4, y - 5)
        } else {
            format!("M{} {}l-8 5l8 5z", at + 4, y - 5)
        };
        html! {
            <path key={segment.event} {d} data-index={segment.process.map(|index| index.to_string())}
                data-failed={flag(segment.failed)} data-future={flag(segment.event > line.event)}>
                <title>{ &segment.label }</title>
            </path>
        }
    });
    let cursor = &view.cursor;
    let place = event_of(*lang, cursor.event, cursor.events, cursor.complete);
    let spoken = format!("{place}, {}", duration(cursor.time));
    html! {
        <div class="timeline" style={format!("--lanes:{height}px;--lane:{lane_height}px")}>
            <div class="lane-names" aria-hidden="true">
                { for names }
                <span key="wire" class="lane-name">{ say(*lang, Text::WireLane) }</span>
            </div>
            <div class="track" ref={track} tabindex="0" role="slider" aria-label={say(*lang, Text::Timeline)}
                aria-valuemin="0" aria-valuemax={line.events.to_string()} aria-valuenow={line.event.to_string()} aria-valuetext={spoken}
                data-control="scrubber" data-cursor="true" data-event={cursor.event.to_string()} data-events={cursor.events.to_string()}
                data-complete={flag(cursor.complete)} data-time={cursor.time.to_string()} data-at-end={flag(cursor.at_end)} data-at-start={flag(cursor.at_start)}
                onpointerdown={on_down} onpointermove={on_move} onpointerup={on_up.clone()} onpointercancel={on_up} onkeydown={on_key}>
                <svg width={width.to_string()} height={height.to_string()} aria-hidden="true">
                    { for drawn }
                    <line class="lane-line" x1={MARGIN.to_string()} x2={(width - MARGIN).to_string()} y1={wire_y.to_string()} y2={wire_y.to_string()} />
                    { for segments }
                    <line class="cursor" x1={now.to_string()} x2={now.to_string()} y1="0" y2={(height - 6).to_string()} />
                    <circle class="knob" cx={now.to_string()} cy={(height - 6).to_string()} r="5.5" />
                </svg>
            </div>
            <p class="place"><span>{ place }</span><span>{ format!("t = {}", duration(cursor.time)) }</span></p>
        </div>
    }
}

/// A sleep, its past and its future part.
fn sleep_bar(
    key: usize,
    sleep: &crate::web::model::SpanView,
    y: i32,
    now: u32,
    x: &impl Fn(u32) -> i32,
) -> Html {
    let past = (sleep.from < now).then(|| (sleep.from, sleep.to.min(now)));
    let future = (sleep.to > now).then(|| (sleep.from.max(now), sleep.to));
    let part = |(from, to): (u32, u32), is_future: bool| {
        html! {
            <rect x={x(from).to_string()} y={(y - 4).to_string()} width={(x(to) - x(from)).max(3).to_string()} height="8" rx="4" data-future={flag(is_future)}>
                <title>{ &sleep.label }</title>
            </rect>
        }
    };
    html! {
        <g {key} class="sleep">
            { past.map(|span| part(span, false)).unwrap_or_default() }
            { future.map(|span| part(span, true)).unwrap_or_default() }
        </g>
    }
}

/// The keys of a slider; they do not reach the page, which has its own meaning for them.
fn slider_keys(event: u32, events: u32, on_seek: Callback<u32>) -> Callback<KeyboardEvent> {
    Callback::from(move |key: KeyboardEvent| {
        if key.ctrl_key() || key.alt_key() || key.meta_key() {
            return;
        }
        let page = (events / 10).max(1);
        let target = match key.key().as_str() {
            "ArrowRight" | "ArrowUp" => event.saturating_add(1).min(events),
            "ArrowLeft" | "ArrowDown" => event.saturating_sub(1),
            "PageUp" => event.saturating_add(page).min(events),
            "PageDown" => event.saturating_sub(page),
            "Home" => 0,
            "End" => events,
            _ => return,
        };
        key.prevent_default();
        key.stop_propagation();
        on_seek.emit(target);
    })
}
