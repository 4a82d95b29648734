//! The port table: a strip of all 65536 ports.
//!
//! The privileged ports are drawn wider than they are, or none of them could be told from another; the numbers
//! under the strip say so.

use crate::web::hooks::use_size;
use crate::web::i18n::{self, Text, say};
use crate::web::model::{Lang, PortView, PortsView, flag};
use crate::web::words::grouped;
use yew::prelude::*;

/// What [`Ports`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct PortsProps {
    pub lang: Lang,
    pub ports: PortsView,
}

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
    match &port.service {
        Some(service) => format!("{} {service} {}", port.port, port.label),
        None => format!("{} {}", port.port, port.label),
    }
}

/// TCP and UDP may have the same port.
fn key_of(port: &PortView) -> u32 {
    u32::from(port.port) << 1 | u32::from(port.udp)
}

/// The port table.
#[function_component]
pub(crate) fn Ports(props: &PortsProps) -> Html {
    let PortsProps { lang, ports } = props;
    let node = use_node_ref();
    let (measured, _) = use_size(node.clone());
    let width = measured.max(200);
    let (labels, left_out) = place_labels(ports, width);
    let privileged = place(ports, ports.unprivileged_start, width);
    let low = place(ports, ports.ephemeral_low, width);
    let high = place(ports, ports.ephemeral_high.saturating_add(1), width).max(low + 2);
    let services = ports.services.iter().map(|service| {
        let style = format!("left:{}px", place(ports, service.port, width));
        html! { <i key={service.port} class="service" {style} title={format!("{} {}", service.port, service.name)}></i> }
    });
    let ticks = ports.used.iter().map(|port| {
        let style = format!("left:{}px", place(ports, port.port, width));
        html! {
            <i key={key_of(port)} class="port" {style} data-port={port.port.to_string()} data-state={port.state.clone()}
                data-owners={port.owners.len().to_string()} data-changed={flag(port.changed)} title={text_of(port)}></i>
        }
    });
    let leaders = labels.iter().map(|label| {
        let half = text_of(&ports.used[label.at]).chars().count() as i32 * LABEL_CHAR / 2 + 4;
        let from = (label.left + half).clamp(label.left + 4, label.left + 2 * half).min(width - 2);
        // Straight down where the label stands above its tick.
        let from = if (label.left..label.left + 2 * half).contains(&label.tick) { label.tick } else { from };
        let top = LABEL_ROW * (label.row as i32 + 1);
        let d = format!("M{from} {top}L{} {}", label.tick, LABEL_ROW * LABEL_ROWS as i32 + 4);
        html! { <path key={key_of(&ports.used[label.at])} {d} data-state={ports.used[label.at].state.clone()} /> }
    });
    let names = labels.iter().map(|label| {
        let port = &ports.used[label.at];
        let style = format!("left:{}px;top:{}px", label.left, LABEL_ROW * label.row as i32);
        html! {
            <span key={key_of(port)} class="port-label" {style} data-state={port.state.clone()} data-changed={flag(port.changed)}>
                <b>{ port.port }</b>
                { " " }
                if let Some(service) = &port.service { { service }{ " " } }
                { &port.label }
            </span>
        }
    });
    let span = |from: i32, to: i32| format!("left:{from}px;width:{}px", to - from);
    html! {
        <section class="panel ports" data-ports={ports.used_len.to_string()} aria-label={say(*lang, Text::PortTable)}>
            <header class="panel-head">
                <h2>{ say(*lang, Text::PortTable) }</h2>
                <span class="chip">{ "TCP" }</span>
                if left_out > 0 { <span class="chip">{ i18n::more(*lang, left_out) }</span> }
                { searched(*lang, ports) }
            </header>
            <div class="strip" ref={node}>
                <svg class="leaders" aria-hidden="true" width={width.to_string()} height="40">{ for leaders }</svg>
                { for names }
                <div class="band">
                    <i class="zone privileged" style={span(0, privileged)}></i>
                    <i class="zone ephemeral" style={span(low, high)}></i>
                    { for services }
                    { search_marks(ports, width) }
                    { for ticks }
                </div>
                { legend(*lang, ports) }
            </div>
        </section>
    }
}

fn legend(lang: Lang, ports: &PortsView) -> Html {
    let names = ports
        .services
        .iter()
        .map(|service| format!("{} {}", service.port, service.name))
        .collect::<Vec<_>>()
        .join(" · ");
    html! {
        <div class="strip-legend">
            <span class="legend-privileged" title={names.clone()}>
                { i18n::privileged(lang, ports.unprivileged_start.saturating_sub(1)) }
                if !names.is_empty() { <span class="names">{ ": " }{ names }</span> }
            </span>
            <span class="legend-ephemeral">
                { i18n::ephemeral(lang, ports.ephemeral_low, ports.ephemeral_high) }
            </span>
        </div>
    }
}

/// How the kernel came to a port in this step; else how many it has given away.
fn searched(lang: Lang, ports: &PortsView) -> Html {
    let taken = ports.ephemeral_used.to_string();
    match &ports.search {
        Some(search) => html! {
            <span class="searched" data-search={search.port.to_string()} data-tried={search.tried.to_string()} data-ephemeral-used={taken}>
                { i18n::search(lang, search.first, &grouped(search.tried), &search.parity, search.port) }
            </span>
        },
        None => {
            let all = u32::from(ports.ephemeral_high.saturating_sub(ports.ephemeral_low)) + 1;
            html! {
                <span class="taken" data-ephemeral-used={taken}>
                    { i18n::ephemeral_taken(lang, &grouped(ports.ephemeral_used), &grouped(all)) }
                </span>
            }
        }
    }
}

/// From where to where the kernel searched.
fn search_marks(ports: &PortsView, width: i32) -> Html {
    let Some(search) = &ports.search else {
        return Html::default();
    };
    let first = place(ports, search.first, width);
    let found = place(ports, search.port, width);
    let style = format!(
        "left:{}px;width:{}px",
        first.min(found),
        (first - found).abs().max(2)
    );
    html! { <i class="search" {style}></i> }
}
