//! What joins the parts of the kernel picture: open files between descriptors and sockets, lines, packets.

use crate::base::sorted::sort_by_key;
use crate::web::components::kernel_layout::{
    FD_ROW, Flying, Group, Layout, Link, Pair, Placed, first_fd, shown_fds,
};
use crate::web::model::{SegmentView, View};

const FILE_HEIGHT: i32 = 36;

/// Adds to a picture whose groups and cards stand.
pub(crate) fn join(view: &View, laid: &mut Layout) {
    place_files(view, laid);
    link_fds(view, laid);
    join_peers(view, laid);
    place_packets(view, laid);
}

/// Where links reach a card: the middle of its first line.
fn card_anchor(laid: &Layout, sock: u32) -> Option<i32> {
    laid.cards
        .iter()
        .find(|card| card.id == sock)
        .map(|card| card.top + 18)
}

fn place_files(view: &View, laid: &mut Layout) {
    let mut free_from = 0;
    let mut order = Vec::new();
    for file in &view.files {
        if let Some(anchor) = card_anchor(laid, file.sock) {
            order.push((file, anchor));
        }
    }
    sort_by_key(&mut order, |(_, anchor)| *anchor);
    for (file, anchor) in order {
        let top = (anchor - FILE_HEIGHT / 2).max(free_from);
        free_from = top + FILE_HEIGHT + 4;
        laid.files.push(Placed {
            id: file.file,
            top,
            height: FILE_HEIGHT,
        });
        laid.links.push(Link {
            from: (
                laid.columns.file_left + laid.columns.file_width,
                top + FILE_HEIGHT / 2,
            ),
            to: (laid.columns.card_left, anchor),
            changed: file.changed,
        });
    }
}

fn link_fds(view: &View, laid: &mut Layout) {
    for group in &laid.groups {
        let Some(process) = group
            .process
            .and_then(|index| view.processes.get(index as usize))
        else {
            continue;
        };
        let first = group.top + first_fd(laid.density) + FD_ROW / 2;
        for (at, fd) in shown_fds(&process.fds).enumerate() {
            let file = laid.files.iter().find(|file| Some(file.id) == fd.file);
            if let Some(file) = file {
                laid.links.push(Link {
                    from: (
                        laid.columns.fd_left + laid.columns.fd_width,
                        first + FD_ROW * at as i32,
                    ),
                    to: (laid.columns.file_left, file.top + FILE_HEIGHT / 2),
                    changed: fd.changed,
                });
            }
        }
    }
}

/// The card that shows a socket: its own, or its listener's.
fn shown_by(view: &View, laid: &Layout, sock: u32) -> Option<Placed> {
    let own = laid.cards.iter().find(|card| card.id == sock);
    own.or_else(|| {
        let listener = view.sockets.iter().find(|socket| {
            socket.listener.as_ref().is_some_and(|listener| {
                listener
                    .syn_queue
                    .iter()
                    .chain(&listener.accept_queue)
                    .any(|queued| queued.sock == sock)
            })
        })?;
        laid.cards.iter().find(|card| card.id == listener.sock)
    })
    .cloned()
}

fn join_peers(view: &View, laid: &mut Layout) {
    let mut pairs = Vec::new();
    for socket in &view.sockets {
        // Each pair once, from its younger end; also where only one end knows the other.
        let Some(peer) = socket.peer else { continue };
        let back = view.sockets.iter().find(|other| other.sock == peer);
        if back.is_some_and(|back| back.peer == Some(socket.sock)) && peer > socket.sock {
            continue;
        }
        let (Some(a), Some(b)) = (
            shown_by(view, laid, socket.sock),
            shown_by(view, laid, peer),
        ) else {
            continue;
        };
        if a.id == b.id {
            continue;
        }
        let open =
            socket.state == "ESTABLISHED" && back.is_some_and(|back| back.state == "ESTABLISHED");
        let (upper, lower) = if a.top < b.top { (a, b) } else { (b, a) };
        pairs.push(Pair {
            top: upper.top + upper.height / 2,
            bottom: lower.top + lower.height / 2,
            open,
            lane: 0,
        });
    }
    sort_by_key(&mut pairs, |pair| pair.bottom - pair.top);
    for at in 0..pairs.len() {
        let (before, rest) = pairs.split_at_mut(at);
        let this = &mut rest[0];
        let hidden = before
            .iter()
            .filter(|other| other.top < this.bottom && this.top < other.bottom);
        this.lane = hidden.count().min(4) as i32;
    }
    laid.pairs = pairs;
}

/// The middles of the rooms between the groups.
fn rooms(groups: &[Group]) -> Vec<i32> {
    let mut rooms = Vec::new();
    for pair in groups.windows(2) {
        rooms.push((pair[0].top + pair[0].height + pair[1].top) / 2);
    }
    rooms
}

fn place_packets(view: &View, laid: &mut Layout) {
    let rooms = rooms(&laid.groups);
    for (at, segment) in view.wire.iter().enumerate() {
        if !segment.in_flight {
            continue;
        }
        let (from, to) = ends(view, laid, segment);
        let aim = (from + to) / 2;
        let between = rooms.iter().copied().min_by_key(|room| (room - aim).abs());
        let middle = between.unwrap_or(aim);
        let slot = laid
            .flying
            .iter()
            .filter(|other| other.middle == middle)
            .count() as i32;
        laid.flying.push(Flying {
            segment: at,
            middle,
            slot,
            down: from <= to,
        });
    }
}

/// Heights of both ends of a segment's way; an end without a socket is at its process's group.
fn ends(view: &View, laid: &Layout, segment: &SegmentView) -> (i32, i32) {
    let height = |sock: Option<u32>, process: Option<u32>| {
        let card = sock.and_then(|sock| shown_by(view, laid, sock));
        let group = || {
            laid.groups
                .iter()
                .find(|group| process.is_some() && group.process == process)
        };
        card.map(|card| card.top + card.height / 2)
            .or_else(|| group().map(|group| group.top + group.height / 2))
    };
    let from = height(segment.from.sock, segment.from.process);
    let to = height(segment.to.sock, segment.to.process);
    (from.or(to).unwrap_or(0), to.or(from).unwrap_or(0))
}
