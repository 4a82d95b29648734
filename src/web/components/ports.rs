//! The port table: a strip of all 65536 ports.
//!
//! The privileged ports are drawn wider than they are, or none of them could be told from another; the numbers
//! under the strip say so.

use crate::web::components::panel::Room;
use crate::web::el::{El, el, plot};
use crate::web::i18n::{self, Text};
use crate::web::model::{Lang, PortView, PortsView, Scene};
use crate::web::words::{grouped, list_on};

/// Least share of the strip, in thousandths, that the privileged ports take.
const PRIVILEGED_SHARE: i32 = 120;
/// Width of a character of a port's label, and of what surrounds it.
const LABEL_CHAR: i32 = 8;
/// The strip's place in the drawing: labels above, in two rows.
const LABEL_ROW: i32 = 17;
const LABEL_ROWS: usize = 2;

/// Where on a strip of `width` pixels a port is.
fn place(ports: &PortsView, port: u16, width: i32) -> i32 {
    let split = i32::from(ports.unprivileged_start);
    let port = i32::from(port);
    let rest = 65_536 - split;
    let share = if split == 0 {
        0
    } else {
        PRIVILEGED_SHARE.max(split * 1000 / 65_536)
    };
    let thousandths = if port < split {
        // In millionths, for the division.
        i64::from(port) * i64::from(share) * 1000 / i64::from(split)
    } else {
        i64::from(share) * 1000
            + i64::from(port - split) * i64::from(1000 - share) * 1000 / i64::from(rest)
    };
    (thousandths * i64::from(width) / 1_000_000) as i32
}

/// A label of a used port: which one, from where, in which row.
struct Label {
    at: usize,
    left: i32,
    tick: i32,
    row: usize,
}

/// Puts labels above their ticks so that none covers another; gives those that found room, and how many did not.
fn place_labels(ports: &PortsView, width: i32) -> (Vec<Label>, usize) {
    let mut ends = [0; LABEL_ROWS];
    let mut labels = Vec::new();
    let mut left_out = 0;
    // What changed and what listens finds its room first; then the rest, from the left.
    for (at, port) in ports.used.iter().enumerate() {
        let tick = place(ports, port.port, width);
        let own = text_of(port).chars().count() as i32 * LABEL_CHAR + 8;
        let wish = (tick - own / 2).min(width - own).max(0);
        let row = (0..LABEL_ROWS).rev().find(|row| ends[*row] <= wish);
        let nearest = || {
            (0..LABEL_ROWS)
                .min_by_key(|row| ends[*row])
                .filter(|row| ends[*row] < wish + 90 && ends[*row] + own <= width)
        };
        match row.or_else(nearest) {
            Some(row) => {
                let left = wish.max(ends[row]);
                ends[row] = left + own + 6;
                labels.push(Label {
                    at,
                    left,
                    tick,
                    row,
                });
            }
            None => left_out += 1,
        }
    }
    (labels, left_out)
}

fn text_of(port: &PortView) -> String {
    let service = port.service.unwrap_or_default();
    let gap = if service.is_empty() { "" } else { " " };
    [&port.port.to_string(), " ", service, gap, &port.label].concat()
}

/// TCP and UDP may have the same port.
fn key_of(port: &PortView) -> u32 {
    u32::from(port.port) << 1 | u32::from(port.udp)
}

/// The port table.
pub(crate) fn ports(scene: &Scene, room: &Room) -> El {
    let (lang, ports) = (scene.lang, &scene.view.ports);
    let width = room.width.max(200);
    let (labels, left_out) = place_labels(ports, width);
    let privileged = place(ports, ports.unprivileged_start, width);
    let low = place(ports, ports.ephemeral_low, width);
    let high = place(ports, ports.ephemeral_high.saturating_add(1), width).max(low + 2);
    let services = ports.services.iter().map(|service| {
        el("i.service")
            .key(service.port)
            .px("left", place(ports, service.port, width))
            .set(
                "title",
                [&service.port.to_string(), " ", service.name].concat(),
            )
    });
    let ticks = ports.used.iter().map(|port| {
        el("i.port")
            .key(key_of(port))
            .px("left", place(ports, port.port, width))
            .set("data-port", port.port)
            .set("data-state", port.state)
            .set("data-owners", port.owners.len())
            .flag("data-changed", port.changed)
            .set("title", text_of(port))
    });
    let leaders = labels.iter().map(|label| leader(label, ports, width));
    let names = labels.iter().map(|label| {
        let port = &ports.used[label.at];
        let name = el("span.port-label")
            .key(key_of(port))
            .px("left", label.left)
            .px("top", LABEL_ROW * label.row as i32)
            .set("data-state", port.state)
            .flag("data-changed", port.changed)
            .child(el("b").child(port.port))
            .child(" ");
        let name = match port.service {
            Some(service) => name.child(service).child(" "),
            None => name,
        };
        name.child(&port.label)
    });
    let span =
        |tag: &'static str, from: i32, to: i32| el(tag).px("left", from).px("width", to - from);
    let more = (left_out > 0).then(|| el("span.chip").child(i18n::more(lang, left_out)));
    let head = el("header.panel-head")
        .child(el("h2").child((lang, Text::PortTable)))
        .child(el("span.chip").child("TCP"))
        .child(more)
        .child(searched(lang, ports));
    // From where to where the kernel searched.
    let search = ports.search.as_ref().map(|search| {
        let first = place(ports, search.first, width);
        let found = place(ports, search.port, width);
        let from = first.min(found);
        span("i.search", from, from + (first - found).abs().max(2))
    });
    let band = el("div.band")
        .child(span("i.zone privileged", 0, privileged))
        .child(span("i.zone ephemeral", low, high))
        .list(services)
        .child(search)
        .list(ticks);
    let strip = el("div.strip")
        .node(room.node)
        .child(
            el("svg.leaders")
                .flag("aria-hidden", true)
                .set("width", width)
                .set("height", "40")
                .list(leaders),
        )
        .list(names)
        .child(band)
        .child(legend(lang, ports));
    el("section.panel ports")
        .set("data-ports", ports.used_len)
        .set("aria-label", (lang, Text::PortTable))
        .child(head)
        .child(strip)
}

/// The line from a label to its tick.
fn leader(label: &Label, ports: &PortsView, width: i32) -> El {
    let port = &ports.used[label.at];
    let half = text_of(port).chars().count() as i32 * LABEL_CHAR / 2 + 4;
    let right = label.left + 2 * half;
    // Straight down where the label stands above its tick.
    let from = if (label.left..right).contains(&label.tick) {
        label.tick
    } else {
        (label.left + half)
            .clamp(label.left + 4, right)
            .min(width - 2)
    };
    let top = LABEL_ROW * (label.row as i32 + 1);
    let bottom = LABEL_ROW * LABEL_ROWS as i32 + 4;
    el("path")
        .key(key_of(port))
        .set("d", plot("M# #L# #", &[from, top, label.tick, bottom]))
        .set("data-state", port.state)
}

fn legend(lang: Lang, ports: &PortsView) -> El {
    let mut names = String::new();
    for service in &ports.services {
        let name = [&service.port.to_string(), " ", service.name].concat();
        list_on(&mut names, " · ", &name);
    }
    let listed = (!names.is_empty()).then(|| el("span.names").child(": ").child(&names));
    el("div.strip-legend")
        .child(
            el("span.legend-privileged")
                .set("title", &names)
                .child(i18n::privileged(
                    lang,
                    ports.unprivileged_start.saturating_sub(1),
                ))
                .child(listed),
        )
        .child(el("span.legend-ephemeral").child(i18n::ephemeral(
            lang,
            ports.ephemeral_low,
            ports.ephemeral_high,
        )))
}

/// How the kernel came to a port in this step; else how many it has given away.
fn searched(lang: Lang, ports: &PortsView) -> El {
    match &ports.search {
        Some(search) => el("span.searched")
            .set("data-search", search.port)
            .set("data-tried", search.tried)
            .set("data-ephemeral-used", ports.ephemeral_used)
            .child(i18n::search(
                lang,
                search.first,
                &grouped(search.tried),
                search.parity,
                search.port,
            )),
        None => {
            let all = u32::from(ports.ephemeral_high.saturating_sub(ports.ephemeral_low)) + 1;
            el("span.taken")
                .set("data-ephemeral-used", ports.ephemeral_used)
                .child(i18n::ephemeral_taken(
                    lang,
                    &grouped(ports.ephemeral_used),
                    &grouped(all),
                ))
        }
    }
}
