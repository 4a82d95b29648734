//! The ladder diagram: what was on the wire, what is, and what will be.

use crate::web::components::ladder_layout::{
    self, Arrow, HEAD, Ladder as Laid, Stretch, Talk, present_talk, talk_of, talks,
};
use crate::web::components::panel::{Room, Sight};
use crate::web::drive::Store;
use crate::web::el::{El, On, el, plot};
use crate::web::i18n::{Text, say};
use crate::web::model::{EndView, Lang, Scene, SegmentView};
use crate::web::store::{Action, Pick};
use crate::web::words::{duration, list_on, octets};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlSelectElement};

/// The ladder diagram.
pub(crate) fn ladder(scene: &Scene, room: &Room) -> El {
    let Scene {
        view, pick, store, ..
    } = scene;
    let lang = scene.lang;
    let width = if room.width > 0 { room.width } else { 340 };
    let all = talks(&view.ladder);
    let shown = match *pick {
        Pick::All => None,
        Pick::One(talk) if all.contains(&talk) => Some(talk),
        Pick::Present | Pick::One(_) => present_talk(&view.ladder),
    };
    let laid = ladder_layout::ladder(view, shown, width);
    room.show(Sight {
        top: laid.now - 60,
        bottom: laid.now + 20,
        when: laid.height,
    });
    let (mut from, mut to) = (width, 0);
    for line in &laid.lifelines {
        from = from.min(line.x - 7);
        to = to.max(line.x + 7);
    }
    let heads = laid.lifelines.iter().enumerate().map(|(at, line)| {
        let mut ports = String::new();
        for port in line.ports.iter().take(3) {
            list_on(&mut ports, ", ", &port.to_string());
        }
        let name = match line.process {
            Some(_) => view.name_of(line.process),
            None => say(lang, Text::NobodyThere),
        };
        el("g")
            .key(at)
            .set("data-lifeline", name)
            .set("data-index", line.process)
            .child(rule(
                "line.lifeline",
                (line.x, HEAD),
                (line.x, laid.height - 16),
            ))
            .child(text("text.lifeline-name", line.x, 16).child(name))
            .child(text("text.lifeline-port", line.x, 32).child(ports))
    });
    let stretches = laid
        .stretches
        .iter()
        .enumerate()
        .map(|(at, stretch)| state_bar(at, stretch, &laid));
    let arrows = laid.arrows.iter().filter_map(|arrow| {
        let told = view.ladder.get(arrow.segment)?;
        Some(segment(lang, arrow, told, &laid, store))
    });
    let pauses = laid.pauses.iter().map(|pause| {
        let said = ["⋮ ", &duration(pause.nanoseconds)].concat();
        text("text.pause", width / 2, pause.y)
            .key(pause.y)
            .child(said)
    });
    let now = [say(lang, Text::Now), " · ", &duration(view.cursor.time)].concat();
    let drawn = if view.ladder.is_empty() {
        el("p.hint").child((lang, Text::NothingSent))
    } else {
        el("svg")
            .set("role", "img")
            .set("width", width)
            .set("height", laid.height)
            .set("aria-label", (lang, Text::OnTheWire))
            .list(heads)
            .list(stretches)
            .list(arrows)
            .list(pauses)
            .child(rule("line.now-line", (from, laid.now), (to, laid.now)))
            .child(text("text.now-text", width / 2, laid.now + 4).child(now))
    };
    let head = el("header.panel-head")
        .child(el("h2").child((lang, Text::OnTheWire)))
        .child(
            el("span.chip")
                .flag("hidden", all.len() > 1)
                .child("lo · 127.0.0.1"),
        )
        .child(picker(scene, all, shown));
    el("section.panel wire")
        .set("data-pane", "wire")
        .set("data-segments", view.ladder.len())
        .set("aria-label", (lang, Text::OnTheWire))
        .child(head)
        .child(
            el("div.ladder")
                .set("tabindex", "0")
                .node(room.node)
                .child(drawn),
        )
}

/// A straight line.
pub(crate) fn rule(class: &'static str, from: (i32, i32), to: (i32, i32)) -> El {
    el(class)
        .set("x1", from.0)
        .set("x2", to.0)
        .set("y1", from.1)
        .set("y2", to.1)
}

/// A text around `x`.
fn text(class: &'static str, x: i32, y: i32) -> El {
    el(class)
        .set("x", x)
        .set("y", y)
        .set("text-anchor", "middle")
}

/// Which connection to show, where there are several.
fn picker(scene: &Scene, all: Vec<Talk>, shown: Option<Talk>) -> El {
    let Scene { view, pick, .. } = scene;
    let lang = scene.lang;
    if all.len() < 2 {
        return el("span").flag("hidden", true);
    }
    let name = |talk: &Talk| {
        let segment = view.ladder.iter().find(|segment| talk_of(segment) == *talk);
        segment.map_or_else(String::new, |segment| {
            let end =
                |end: &EndView| [view.name_of(end.process), " ", &end.port.to_string()].concat();
            [&end(&segment.from), " – ", &end(&segment.to)].concat()
        })
    };
    let mut present = say(lang, Text::PresentTalk).to_owned();
    if let Some(talk) = shown.filter(|_| *pick == Pick::Present) {
        present.push_str(": ");
        present.push_str(&name(&talk));
    }
    let option = |of: Pick, name: String| el("option").flag("selected", *pick == of).child(name);
    let options = all
        .iter()
        .map(|talk| option(Pick::One(*talk), name(talk)).key(talk.1));
    let select = el("select.talks")
        .set("data-control", "talk")
        .set("aria-label", (lang, Text::Talk))
        .child(option(Pick::Present, present))
        .child(option(Pick::All, say(lang, Text::AllTalks).to_owned()))
        .list(options);
    let store = scene.store.clone();
    let choose = Rc::new(move |event: Event| {
        let select = event.target().map(JsCast::unchecked_into);
        let chosen = select.map_or(0, |select: HtmlSelectElement| select.selected_index());
        store.act(Action::Pick(match usize::try_from(chosen) {
            Ok(0) | Err(_) => Pick::Present,
            Ok(1) => Pick::All,
            Ok(at) => all
                .get(at - 2)
                .map_or(Pick::Present, |talk| Pick::One(*talk)),
        }));
    });
    select.on(On::Change, choose)
}

fn state_bar(at: usize, stretch: &Stretch, laid: &Laid) -> El {
    let line = &laid.lifelines[stretch.lifeline];
    let last = stretch.lifeline + 1 == laid.lifelines.len();
    // Names stand outside of the picture's middle, where the arrows are.
    let (x, anchor) = if last && laid.lifelines.len() > 1 {
        (line.x + 10, "start")
    } else {
        (line.x - 10, "end")
    };
    let bar = el("rect")
        .set("width", "8")
        .set("rx", "2")
        .set("x", line.x - 4)
        .set("y", stretch.top)
        .set("height", (stretch.bottom - stretch.top).max(2));
    let name = stretch.named.then(|| {
        el("text")
            .set("y", stretch.label)
            .set("text-anchor", anchor)
            .list(state_lines(stretch.state, x))
    });
    el("g.stretch")
        .key(at)
        .set("data-state", stretch.state)
        .flag("data-future", stretch.future)
        .child(bar)
        .child(name)
}

/// A state's name, broken after its first hyphen: `SYN-` over `RECEIVED`.
fn state_lines(state: &str, x: i32) -> impl Iterator<Item = El> {
    let (first, second) = match state.find('-') {
        Some(at) => state.split_at(at + 1),
        None => (state, ""),
    };
    [(first, "0"), (second, "13")]
        .into_iter()
        .filter(|(line, _)| !line.is_empty())
        .map(move |(line, dy)| el("tspan").key(dy).set("x", x).set("dy", dy).child(line))
}

fn segment(lang: Lang, arrow: &Arrow, told: &SegmentView, laid: &Laid, store: &Store) -> El {
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
    let way = plot("M# #L# #", &[from.0, from.1, to.0, to.1]);
    let end = if told.lost {
        let cross = plot("M# #l8 8m0-8l-8 8", &[to.0 - 4, to.1 - 4]);
        el("path.segment-lost").set("d", cross)
    } else if told.in_flight {
        el("circle").set("r", "5").set("cx", to.0).set("cy", to.1)
    } else {
        el("path.segment-head").set("d", head(from, to))
    };
    let above = if told.in_flight {
        y1 - 5
    } else {
        (y1 + y2) / 2 - 10
    };
    let label = text("text", (x1 + x2) / 2, above)
        .child(el("tspan.segment-flags").child(&told.flags))
        .child(el("tspan.segment-numbers").set("dx", "6").child(numbers(
            lang,
            told,
            (x2 - x1).abs() < 150,
        )));
    el("g.segment")
        .key(told.packet)
        .set("data-segment", told.packet)
        .set("data-flags", &told.flags)
        .set("data-from", told.from.process)
        .set("data-len", told.len)
        .flag("data-lost", told.lost)
        .flag("data-future", told.future)
        .flag("data-in-flight", told.in_flight)
        .set("data-state", told.in_flight.then_some(told.from.state))
        .on_click(store, Action::Seek(told.sent_event))
        .child(el("title").child(title(told)))
        .child(el("path.segment-way").set("d", way))
        .child(end)
        .child(label)
}

/// A triangle at the end of a line.
fn head(from: (i32, i32), to: (i32, i32)) -> String {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    // Whole pixels: printing fractions takes the page kilobytes.
    let x = |along: f64, across: f64| (f64::from(to.0) - along * ux - across * uy).round() as i32;
    let y = |along: f64, across: f64| (f64::from(to.1) - along * uy + across * ux).round() as i32;
    plot(
        "M# #L# #L# #Z",
        &[
            to.0,
            to.1,
            x(9.0, 4.0),
            y(9.0, 4.0),
            x(9.0, -4.0),
            y(9.0, -4.0),
        ],
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
            list_on(&mut said, " · ", say(lang, text));
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
