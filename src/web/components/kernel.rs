//! The kernel picture: descriptors, open files, sockets, what joins them, packets on their way.

use crate::web::components::fd_table::fd_table;
use crate::web::components::kernel_layout::{Flying, Form, Layout, Link, Pair, layout};
use crate::web::components::socket_card::{Card, socket_card};
use crate::web::hooks::{keep_in_sight, use_size};
use crate::web::i18n::{Text, references, say};
use crate::web::model::{FileView, Lang, SegmentView, Shared, SocketView, flag};
use web_sys::HtmlElement;
use yew::prelude::*;

/// What [`Kernel`] draws.
#[derive(PartialEq, Properties)]
pub(crate) struct KernelProps {
    pub lang: Lang,
    pub view: Shared,
}

/// The kernel picture.
#[function_component]
pub(crate) fn Kernel(props: &KernelProps) -> Html {
    let KernelProps { lang, view } = props;
    let pane = use_node_ref();
    let (width, height) = use_size(pane.clone());
    let laid = layout(view, width, height);
    let changed = view
        .sockets
        .iter()
        .find(|socket| socket.changed)
        .map(|socket| socket.sock);
    let sight = laid
        .cards
        .iter()
        .find(|card| Some(card.id) == changed)
        .map(|card| (card.top, card.top + card.height));
    {
        let pane = pane.clone();
        use_effect_with((sight, laid.height > height), move |(sight, scrolls)| {
            if let (Some((top, bottom)), true, Some(pane)) =
                (*sight, *scrolls, pane.cast::<HtmlElement>())
            {
                keep_in_sight(&pane, top, bottom);
            }
        });
    }
    let tables = laid.groups.iter().filter_map(|group| {
        let process = view.processes.get(group.process? as usize)?;
        Some(fd_table(*lang, group, &laid, process))
    });
    let files = laid.files.iter().filter_map(|place| {
        let file = view.files.iter().find(|file| file.file == place.id)?;
        let style = format!(
            "top:{}px;height:{}px;left:{}px;width:{}px",
            place.top, place.height, laid.columns.file_left, laid.columns.file_width
        );
        Some(open_file(*lang, file, style))
    });
    let cards = laid.cards.iter().filter_map(|place| {
        let socket = view.sockets.iter().find(|socket| socket.sock == place.id)?;
        Some(socket_card(&Card {
            lang: *lang,
            socket,
            early: early(view, socket),
            place,
            columns: laid.columns,
            density: laid.density,
            form: laid.form,
        }))
    });
    let flying = laid
        .flying
        .iter()
        .filter_map(|flying| Some(packet(view.wire.get(flying.segment)?, flying)));
    let columns = laid.columns;
    let brief = laid.form == Form::Narrow;
    let left = |x: i32| format!("left:{x}px");
    html! {
        <section class="panel kernel" data-pane="kernel" aria-label={say(*lang, Text::Kernel)}>
            <header class="kernel-head">
                <h2 style={left(columns.fd_left)}>{ say(*lang, if brief { Text::Fd } else { Text::Descriptors }) }</h2>
                <h2 style={left(columns.file_left)}>{ say(*lang, if brief { Text::File } else { Text::OpenFiles }) }</h2>
                <h2 style={left(columns.card_left)}>{ say(*lang, Text::Sockets) }</h2>
            </header>
            <div class="kernel-pane" ref={pane} tabindex="0">
                <div class="kernel-canvas" style={format!("height:{}px", laid.height)}>
                    { links(&laid) }
                    { pairs(&laid) }
                    { for tables }
                    { for files }
                    { for cards }
                    { for flying }
                    if view.sockets.is_empty() && view.processes.iter().any(|process| !process.fds.is_empty()) {
                        <p class="hint" style={left(columns.card_left)}>{ say(*lang, Text::NoSockets) }</p>
                    }
                </div>
            </div>
            { changes(*lang, view) }
        </section>
    }
}

/// What already waits to be read in the connections that wait for accept(2).
fn early(view: &Shared, listener: &SocketView) -> Vec<(u32, u32)> {
    let queue = listener
        .listener
        .iter()
        .flat_map(|listener| &listener.accept_queue);
    queue
        .filter_map(|queued| {
            let socket = view
                .sockets
                .iter()
                .find(|socket| socket.sock == queued.sock)?;
            Some((queued.sock, socket.connection.as_ref()?.receive_queue))
        })
        .collect()
}

fn open_file(lang: Lang, file: &FileView, style: String) -> Html {
    html! {
        <div class="file" key={file.file} {style} data-file={file.file.to_string()} data-to-sock={file.sock.to_string()}
            data-refs={file.refs.to_string()} data-changed={flag(file.changed)}>
            <b>{ "O_RDWR" }</b>
            <span>{ references(lang, file.refs) }{ if file.nonblocking { " · O_NONBLOCK" } else { "" } }</span>
        </div>
    }
}

/// Lines from descriptors to open files to sockets.
fn links(laid: &Layout) -> Html {
    let lines = laid.links.iter().enumerate().map(|(at, link)| {
        html! { <path key={at} class="link" d={curve(link)} data-changed={flag(link.changed)} marker-end="url(#link-end)" /> }
    });
    html! {
        <svg class="links" aria-hidden="true" width={laid.columns.card_left.to_string()} height={laid.height.to_string()}>
            <defs>
                <marker id="link-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                    <path d="M0 0 8 4 0 8z" />
                </marker>
            </defs>
            { for lines }
        </svg>
    }
}

fn curve(link: &Link) -> String {
    let ((x1, y1), (x2, y2)) = (link.from, link.to);
    let bend = (x2 - x1) / 2;
    format!(
        "M{x1} {y1}C{} {y1} {} {y2} {} {y2}",
        x1 + bend,
        x2 - bend,
        x2 - 1
    )
}

/// Lines that join peers, at the right of the cards.
fn pairs(laid: &Layout) -> Html {
    let width = laid.columns.gutter;
    let lines = laid.pairs.iter().enumerate().map(
        |(
            at,
            Pair {
                top,
                bottom,
                open,
                lane,
            },
        )| {
            let x = 12 + 4 * lane;
            let d = format!(
                "M1 {top}H{}Q{x} {top} {x} {}V{}Q{x} {bottom} {} {bottom}H1",
                x - 6,
                top + 6,
                bottom - 6,
                x - 6
            );
            html! { <path key={at} class="pair" {d} data-open={flag(*open)} /> }
        },
    );
    html! {
        <svg class="pairs" aria-hidden="true" width={width.to_string()} height={laid.height.to_string()}>{ for lines }</svg>
    }
}

fn packet(segment: &SegmentView, flying: &Flying) -> Html {
    // Three beside one another; the rest is on the ladder.
    if flying.slot > 2 {
        return html! { <i key={segment.packet} data-packet={segment.packet.to_string()} hidden=true></i> };
    }
    let style = format!(
        "top:{}px;right:{}px",
        flying.middle - 13,
        4 + flying.slot * 128
    );
    html! {
        <div class="packet" key={segment.packet} {style} data-packet={segment.packet.to_string()} data-flags={segment.flags.clone()}
            data-state={segment.from.state.clone()} data-direction={if flying.down { "down" } else { "up" }}>
            <b>{ &segment.flags }</b>
            if segment.len > 0 { <span>{ crate::web::words::octets(segment.len) }</span> }
            <span aria-hidden="true">{ if flying.down { "↓" } else { "↑" } }</span>
        </div>
    }
}

/// What changed in this step, in one line.
fn changes(lang: Lang, view: &Shared) -> Html {
    let said = view
        .changes
        .iter()
        .filter(|change| !change.short.is_empty());
    let list = said.enumerate().map(|(at, change)| {
        html! { <li key={at} data-change={change.kind.clone()} title={change.text.replace("**", "")}>{ &change.short }</li> }
    });
    let none = view.changes.iter().all(|change| change.short.is_empty());
    html! {
        <footer class="changes" data-changes={view.changes.len().to_string()}>
            <b>{ say(lang, Text::ThisStep) }</b>
            if none { <span class="none">{ say(lang, Text::NothingChanged) }</span> } else { <ul tabindex="0">{ for list }</ul> }
        </footer>
    }
}
