//! The ladder diagram: what was on the wire, what is, and what will be.

use crate::web::components::ladder_layout::{
    Arrow, HEAD, Ladder as Laid, Stretch, Talk, ladder, present_talk, talk_of, talks,
};
use crate::web::hooks::{keep_in_sight, use_size};
use crate::web::i18n::{Text, say};
use crate::web::model::{EndView, Lang, SegmentView, Shared, flag};
use crate::web::words::{duration, octets};
use web_sys::{HtmlElement, HtmlSelectElement};
use yew::prelude::*;

/// What [`Ladder`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct LadderProps {
    pub lang: Lang,
    pub view: Shared,
    pub on_seek: Callback<u32>,
}

/// Whose segments are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pick {
    /// Those of the connection that the present is about.
    Present,
    /// Those of one connection.
    One(Talk),
    /// All.
    All,
}

/// The ladder diagram.
#[function_component]
pub(crate) fn Ladder(props: &LadderProps) -> Html {
    let LadderProps {
        lang,
        view,
        on_seek,
    } = props;
    let pane = use_node_ref();
    let (measured, _) = use_size(pane.clone());
    let width = if measured > 0 { measured } else { 340 };
    let pick = use_state_eq(|| Pick::Present);
    let all = talks(&view.ladder);
    let shown = match *pick {
        Pick::All => None,
        Pick::One(talk) if all.contains(&talk) => Some(talk),
        Pick::Present | Pick::One(_) => present_talk(&view.ladder),
    };
    let laid = ladder(view, shown, width);
    {
        let pane = pane.clone();
        use_effect_with((laid.now, laid.height), move |(now, _)| {
            if let Some(pane) = pane.cast::<HtmlElement>() {
                keep_in_sight(&pane, now - 60, now + 20);
            }
        });
    }
    let empty = view.ladder.is_empty();
    let from = laid.lifelines.iter().map(|line| line.x).min().unwrap_or(0) - 5;
    let to = laid
        .lifelines
        .iter()
        .map(|line| line.x)
        .max()
        .unwrap_or(width)
        + 12;
    let heads = laid.lifelines.iter().enumerate().map(|(at, line)| {
        let ports = line.ports.iter().take(3).map(u16::to_string).collect::<Vec<_>>().join(", ");
        let name = match line.process {
            Some(_) => view.name_of(line.process),
            None => say(*lang, Text::NobodyThere),
        };
        html! {
            <g key={at} data-lifeline={name.to_owned()} data-index={line.process.map(|index| index.to_string())}>
                <line class="lifeline" x1={line.x.to_string()} x2={line.x.to_string()} y1={HEAD.to_string()} y2={(laid.height - 16).to_string()} />
                <text class="lifeline-name" x={line.x.to_string()} y="16" text-anchor="middle">{ name.to_owned() }</text>
                <text class="lifeline-port" x={line.x.to_string()} y="32" text-anchor="middle">{ ports }</text>
            </g>
        }
    });
    let stretches = laid
        .stretches
        .iter()
        .enumerate()
        .map(|(at, stretch)| state_bar(at, stretch, &laid));
    let arrows = laid.arrows.iter().filter_map(|arrow| {
        Some(segment(
            *lang,
            arrow,
            view.ladder.get(arrow.segment)?,
            &laid,
            on_seek,
        ))
    });
    let pauses = laid.pauses.iter().map(|pause| html! {
        <text key={pause.y} class="pause" x={(width / 2).to_string()} y={pause.y.to_string()} text-anchor="middle">{ "⋮ " }{ duration(pause.nanoseconds) }</text>
    });
    html! {
        <section class="panel wire" data-pane="wire" data-segments={view.ladder.len().to_string()} aria-label={say(*lang, Text::OnTheWire)}>
            <header class="panel-head">
                <h2>{ say(*lang, Text::OnTheWire) }</h2>
                <span class="chip" hidden={all.len() > 1}>{ "lo · 127.0.0.1" }</span>
                { picker(*lang, view, &all, *pick, shown, &pick.setter()) }
            </header>
            <div class="ladder" ref={pane} tabindex="0">
                if empty {
                    <p class="hint">{ say(*lang, Text::NothingSent) }</p>
                } else {
                    <svg width={width.to_string()} height={laid.height.to_string()} role="img" aria-label={say(*lang, Text::OnTheWire)}>
                        { for heads }
                        { for stretches }
                        { for arrows }
                        { for pauses }
                        <line class="now-line" x1={from.to_string()} x2={to.to_string()} y1={laid.now.to_string()} y2={laid.now.to_string()} />
                        <text class="now-text" x={(width / 2).to_string()} y={(laid.now + 4).to_string()} text-anchor="middle">
                            { format!("{} · {}", say(*lang, Text::Now), duration(view.cursor.time)) }
                        </text>
                    </svg>
                }
            </div>
        </section>
    }
}

/// Which connection to show, where there are several.
fn picker(
    lang: Lang,
    view: &Shared,
    all: &[Talk],
    pick: Pick,
    shown: Option<Talk>,
    set: &UseStateSetter<Pick>,
) -> Html {
    if all.len() < 2 {
        return html! { <span hidden=true></span> };
    }
    let choose = {
        let (set, all) = (set.clone(), all.to_vec());
        move |event: Event| {
            let chosen = event
                .target_dyn_into::<HtmlSelectElement>()
                .map_or(0, |select| select.selected_index());
            set.set(match usize::try_from(chosen) {
                Ok(0) | Err(_) => Pick::Present,
                Ok(1) => Pick::All,
                Ok(at) => all
                    .get(at - 2)
                    .map_or(Pick::Present, |talk| Pick::One(*talk)),
            });
        }
    };
    let name = |talk: &Talk| {
        let segment = view.ladder.iter().find(|segment| talk_of(segment) == *talk);
        segment.map_or_else(String::new, |segment| {
            let end = |end: &EndView| format!("{} {}", view.name_of(end.process), end.port);
            format!("{} – {}", end(&segment.from), end(&segment.to))
        })
    };
    let present = format!(
        "{}{}",
        say(lang, Text::PresentTalk),
        shown
            .filter(|_| pick == Pick::Present)
            .map_or_else(String::new, |talk| format!(": {}", name(&talk)))
    );
    let options = all.iter().map(|talk| {
        html! {
            <option key={talk.1} selected={pick == Pick::One(*talk)}>{ name(talk) }</option>
        }
    });
    html! {
        <select class="talks" data-control="talk" aria-label={say(lang, Text::Talk)} onchange={choose}>
            <option key="present" selected={pick == Pick::Present}>{ present }</option>
            <option key="all" selected={pick == Pick::All}>{ say(lang, Text::AllTalks) }</option>
            { for options }
        </select>
    }
}

fn state_bar(at: usize, stretch: &Stretch, laid: &Laid) -> Html {
    let line = &laid.lifelines[stretch.lifeline];
    let last = stretch.lifeline + 1 == laid.lifelines.len();
    // Names stand outside of the picture's middle, where the arrows are.
    let (x, anchor) = if last && laid.lifelines.len() > 1 {
        (line.x + 10, "start")
    } else {
        (line.x - 10, "end")
    };
    html! {
        <g key={at} class="stretch" data-state={stretch.state.clone()} data-future={flag(stretch.future)}>
            <rect x={(line.x - 4).to_string()} y={stretch.top.to_string()} width="8" height={(stretch.bottom - stretch.top).max(2).to_string()} rx="2" />
            if stretch.named {
                <text y={stretch.label.to_string()} text-anchor={anchor}>{ for state_lines(&stretch.state, x) }</text>
            }
        </g>
    }
}

/// A state's name, broken after its first hyphen: `SYN-` over `RECEIVED`.
fn state_lines(state: &str, x: i32) -> impl Iterator<Item = Html> {
    let (first, second) = match state.find('-') {
        Some(at) => state.split_at(at + 1),
        None => (state, ""),
    };
    [(first, "0"), (second, "13")]
        .into_iter()
        .filter(|(line, _)| !line.is_empty())
        .map(move |(line, dy)| {
            html! { <tspan key={dy} x={x.to_string()} {dy}>{ line }</tspan> }
        })
}

fn segment(
    lang: Lang,
    arrow: &Arrow,
    told: &SegmentView,
    laid: &Laid,
    on_seek: &Callback<u32>,
) -> Html {
    let (x1, y1) = arrow.from;
    let (x2, y2) = arrow.to;
    let right = if x2 >= x1 { 1 } else { -1 };
    // From edge to edge of the lifelines' bars; what is on its way or lost ends in the middle.
    let (from, mut to) = ((x1 + 5 * right, y1), (x2 - 6 * right, y2));
    if told.in_flight || told.lost {
        to = ((from.0 + 2 * to.0) / 3, (y1 + 2 * y2) / 3);
        if told.in_flight {
            to.1 = to.1.min(laid.now - 14).max(y1);
        }
    }
    let way = format!("M{} {}L{} {}", from.0, from.1, to.0, to.1);
    let end = if told.lost {
        let (x, y) = to;
        html! { <path class="segment-lost" d={format!("M{} {}l8 8m0-8l-8 8", x - 4, y - 4)} /> }
    } else if told.in_flight {
        html! { <circle cx={to.0.to_string()} cy={to.1.to_string()} r="5" /> }
    } else {
        html! { <path class="segment-head" d={head(from, to)} /> }
    };
    let seek = {
        let (on_seek, event) = (on_seek.clone(), told.sent_event);
        move |_: MouseEvent| on_seek.emit(event)
    };
    let middle = ((x1 + x2) / 2).to_string();
    let above = (if told.in_flight {
        y1 - 5
    } else {
        (y1 + y2) / 2 - 8
    })
    .to_string();
    html! {
        <g key={told.packet} class="segment" data-segment={told.packet.to_string()} data-flags={told.flags.clone()}
            data-from={told.from.process.map(|index| index.to_string())} data-len={told.len.to_string()}
            data-lost={flag(told.lost)} data-future={flag(told.future)} data-in-flight={flag(told.in_flight)}
            data-state={told.in_flight.then(|| told.from.state.clone())} onclick={seek}>
            <title>{ title(told) }</title>
            <path class="segment-way" d={way} />
            { end }
            <text x={middle} y={above} text-anchor="middle">
                <tspan class="segment-flags">{ &told.flags }</tspan>
                <tspan class="segment-numbers" dx="6">{ numbers(lang, told, (x2 - x1).abs() < 150) }</tspan>
            </text>
        </g>
    }
}

/// A triangle at the end of a line.
fn head(from: (i32, i32), to: (i32, i32)) -> String {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let point = |along: f64, across: f64| {
        let x = f64::from(to.0) - along * ux - across * uy;
        let y = f64::from(to.1) - along * uy + across * ux;
        // Whole pixels: printing fractions takes the page kilobytes.
        format!("{} {}", x.round() as i32, y.round() as i32)
    };
    format!(
        "M{} {}L{}L{}Z",
        to.0,
        to.1,
        point(9.0, 4.0),
        point(9.0, -4.0)
    )
}

fn numbers(lang: Lang, told: &SegmentView, brief: bool) -> String {
    let mut said = String::new();
    if told.len > 0 || told.protocol == "udp" {
        said.push_str(&octets(told.len));
    } else if !brief && told.protocol == "tcp" {
        said.push_str(&format!("seq {}", told.seq));
        if let Some(ack) = told.ack {
            said.push_str(&format!(" ack {ack}"));
        }
    }
    for (is, text) in [(told.retransmission, Text::Again), (told.lost, Text::Lost)] {
        if is {
            said.push_str(if said.is_empty() { "" } else { " · " });
            said.push_str(say(lang, text));
        }
    }
    said
}

fn title(told: &SegmentView) -> String {
    let mut said = format!("{} {} → {}", told.flags, told.from.port, told.to.port);
    if told.protocol != "tcp" {
        said.push_str(&format!("  len {}  {}", told.len, duration(told.sent)));
        return said;
    }
    said.push_str(&format!("  seq {}", told.seq));
    if let Some(ack) = told.ack {
        said.push_str(&format!(" ack {ack}"));
    }
    said.push_str(&format!(
        " len {} win {}  {}",
        told.len,
        told.window,
        duration(told.sent)
    ));
    said
}
