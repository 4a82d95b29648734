//! The kernel picture: descriptors, open files, sockets, what joins them, packets on their way.

use crate::web::components::fd_table::fd_table;
use crate::web::components::kernel_layout::{Flying, Layout, Link, Pair, Placed, layout};
use crate::web::components::panel::{Room, Sight};
use crate::web::components::socket_card::{Card, socket_card};
use crate::web::el::{El, el, plot};
use crate::web::i18n::{Text, references};
use crate::web::model::{FileView, Lang, Scene, SegmentView, SocketView, View};
use crate::web::words::{octets, parts};

/// The kernel picture.
pub(crate) fn kernel(scene: &Scene, room: &Room) -> El {
    let (lang, view) = (scene.lang, &*scene.view);
    let laid = layout(view, room.width, room.height);
    let changed = view.sockets.iter().find(|socket| socket.changed);
    let card = changed.and_then(|socket| laid.cards.iter().find(|card| card.id == socket.sock));
    if let Some(card) = card
        && laid.height > room.height
    {
        room.show(Sight {
            top: card.top,
            bottom: card.top + card.height,
            when: 0,
        });
    }
    let tables = laid.groups.iter().filter_map(|group| {
        let process = view.processes.get(group.process? as usize)?;
        Some(fd_table(lang, group, &laid, process))
    });
    let files = laid.files.iter().filter_map(|place| {
        let file = view.files.iter().find(|file| file.file == place.id)?;
        Some(open_file(lang, file, &laid, place))
    });
    let cards = laid.cards.iter().filter_map(|place| {
        let socket = view.sockets.iter().find(|socket| socket.sock == place.id)?;
        Some(socket_card(&Card {
            lang,
            socket,
            early: early(view, socket),
            place,
            laid: &laid,
        }))
    });
    let flying = laid
        .flying
        .iter()
        .filter_map(|flying| Some(packet(view.wire.get(flying.segment)?, flying)));
    let columns = laid.columns;
    let nothing =
        view.sockets.is_empty() && view.processes.iter().any(|process| !process.fds.is_empty());
    let hint = nothing.then(|| {
        el("p.hint")
            .px("left", columns.card_left)
            .child((lang, Text::NoSockets))
    });
    // The longer names have room above wide columns.
    let heads = if columns.fd_width < 80 {
        [Text::Fd, Text::File, Text::Sockets]
    } else {
        [Text::Descriptors, Text::OpenFiles, Text::Sockets]
    };
    let mut head = el("header.kernel-head");
    for (text, left) in
        heads
            .into_iter()
            .zip([columns.fd_left, columns.file_left, columns.card_left])
    {
        head = head.child(el("h2").px("left", left).child((lang, text)));
    }
    let canvas = el("div.kernel-canvas")
        .px("height", laid.height)
        .child(links(&laid))
        .child(pairs(&laid))
        .list(tables)
        .list(files)
        .list(cards)
        .list(flying)
        .child(hint);
    el("section.panel kernel")
        .set("data-pane", "kernel")
        .set("aria-label", (lang, Text::Kernel))
        .child(head)
        .child(
            el("div.kernel-pane")
                .node(room.node)
                .set("tabindex", "0")
                .child(canvas),
        )
        .child(changes(lang, view))
}

/// What already waits to be read in the connections that wait for accept(2).
fn early(view: &View, listener: &SocketView) -> Vec<(u32, u32)> {
    let mut early = Vec::new();
    let Some(listener) = &listener.listener else {
        return early;
    };
    for queued in &listener.accept_queue {
        let mut sockets = view.sockets.iter();
        let socket = sockets.find(|socket| socket.sock == queued.sock);
        if let Some(connection) = socket.and_then(|socket| socket.connection.as_ref()) {
            early.push((queued.sock, connection.receive_queue));
        }
    }
    early
}

fn open_file(lang: Lang, file: &FileView, laid: &Layout, place: &Placed) -> El {
    let nonblocking = if file.nonblocking {
        " · O_NONBLOCK"
    } else {
        ""
    };
    el("div.file")
        .key(file.file)
        .px("top", place.top)
        .px("height", place.height)
        .px("left", laid.columns.file_left)
        .px("width", laid.columns.file_width)
        .set("data-file", file.file)
        .set("data-to-sock", file.sock)
        .set("data-refs", file.refs)
        .flag("data-changed", file.changed)
        .child(el("b").child("O_RDWR"))
        .child(
            el("span")
                .child(references(lang, file.refs))
                .child(nonblocking),
        )
}

/// Lines from descriptors to open files to sockets.
fn links(laid: &Layout) -> El {
    let lines = laid.links.iter().enumerate().map(|(at, link)| {
        el("path.link")
            .key(at)
            .set("d", curve(link))
            .flag("data-changed", link.changed)
            .set("marker-end", "url(#link-end)")
    });
    let end = el("marker")
        .set("id", "link-end")
        .set("viewBox", "0 0 8 8")
        .set("refX", "7")
        .set("refY", "4")
        .set("markerWidth", "7")
        .set("markerHeight", "7")
        .set("orient", "auto")
        .child(el("path").set("d", "M0 0 8 4 0 8z"));
    el("svg.links")
        .flag("aria-hidden", true)
        .set("width", laid.columns.card_left)
        .set("height", laid.height)
        .child(el("defs").child(end))
        .list(lines)
}

fn curve(link: &Link) -> String {
    let ((x1, y1), (x2, y2)) = (link.from, link.to);
    let bend = (x2 - x1) / 2;
    plot(
        "M# #C# # # # # #",
        &[x1, y1, x1 + bend, y1, x2 - bend, y2, x2 - 1, y2],
    )
}

/// Lines that join peers, at the right of the cards.
fn pairs(laid: &Layout) -> El {
    let lines = laid.pairs.iter().enumerate().map(|(at, pair)| {
        let Pair { top, bottom, .. } = *pair;
        let x = 12 + 4 * pair.lane;
        let way = plot(
            "M1 #H#Q# # # #V#Q# # # #H1",
            &[
                top,
                x - 6,
                x,
                top,
                x,
                top + 6,
                bottom - 6,
                x,
                bottom,
                x - 6,
                bottom,
            ],
        );
        el("path.pair")
            .key(at)
            .set("d", way)
            .flag("data-open", pair.open)
    });
    el("svg.pairs")
        .flag("aria-hidden", true)
        .set("width", laid.columns.gutter)
        .set("height", laid.height)
        .list(lines)
}

fn packet(segment: &SegmentView, flying: &Flying) -> El {
    // Three beside one another; the rest is on the ladder.
    if flying.slot > 2 {
        return el("i")
            .key(segment.packet)
            .set("data-packet", segment.packet)
            .flag("hidden", true);
    }
    let (direction, sign) = if flying.down {
        ("down", "↓")
    } else {
        ("up", "↑")
    };
    let carries = (segment.len > 0).then(|| el("span").child(octets(segment.len)));
    el("div.packet")
        .key(segment.packet)
        .px("top", flying.middle - 13)
        .px("right", 4 + flying.slot * 128)
        .set("data-packet", segment.packet)
        .set("data-flags", &segment.flags)
        .set("data-state", segment.from.state)
        .set("data-direction", direction)
        .child(el("b").child(&segment.flags))
        .child(carries)
        .child(el("span").flag("aria-hidden", true).child(sign))
}

/// What changed in this step: as much as has room, and the whole list to be opened.
fn changes(lang: Lang, view: &View) -> El {
    let said = || {
        view.changes
            .iter()
            .filter(|change| !change.short.is_empty())
    };
    let list = said().enumerate().map(|(at, change)| {
        el("li")
            .key(at)
            .set("data-change", change.kind)
            .set("title", plain(&change.text))
            .child(&change.short)
    });
    let count = said().count();
    let told = if count == 0 {
        el("span.none").child((lang, Text::NothingChanged))
    } else {
        el("ul").set("tabindex", "0").list(list)
    };
    let whole = el("details").flag("hidden", count < 2).child(
        el("summary")
            .set("aria-label", (lang, Text::ThisStep))
            .child(count.to_string()),
    );
    el("footer.changes")
        .set("data-changes", view.changes.len())
        .child(el("b").child((lang, Text::ThisStep)))
        .child(told)
        .child(whole)
}

/// A text without its marks.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for (_, part) in parts(text) {
        plain += part;
    }
    plain
}
