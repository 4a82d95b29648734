//! One socket: its state, its addresses, its queues. What is drawn here takes the height that
//! `kernel_layout::card_height` gives it.

use crate::web::components::kernel_layout::{Density, Form, Layout, Placed};
use crate::web::el::{El, el, plot};
use crate::web::i18n::{self, Text, half_open, say};
use crate::web::model::{ConnectionView, Lang, ListenerView, QueuedView, SocketRole, SocketView};
use crate::web::words::{duration, list_on, octets};

/// What a socket's card is drawn from.
pub(crate) struct Card<'a> {
    pub lang: Lang,
    pub socket: &'a SocketView,
    /// Octets that already wait in connections of its accept queue: socket and how many.
    pub early: Vec<(u32, u32)>,
    pub place: &'a Placed,
    pub laid: &'a Layout,
}

/// The value of `data-role`.
fn role_name(role: SocketRole) -> &'static str {
    match role {
        SocketRole::Held => "held",
        SocketRole::Request => "request",
        SocketRole::Queued => "queued",
        SocketRole::Orphan => "orphan",
        SocketRole::TimeWait => "timeWait",
    }
}

/// A socket's card.
pub(crate) fn socket_card(card: &Card) -> El {
    let Card {
        lang,
        socket,
        early,
        place,
        laid,
    } = card;
    let density_name = match laid.density {
        Density::Full => "full",
        Density::Tight => "tight",
        Density::Rows => "row",
    };
    let form_name = match laid.form {
        Form::Wide => "wide",
        Form::Mid => "mid",
        Form::Narrow => "narrow",
    };
    let head = el("div.socket-head")
        .child(el("b.state").child(socket.state))
        .child(addresses(*lang, socket))
        .child(notes(*lang, socket, laid.form));
    let drawn = el("article.socket")
        .key(socket.sock)
        .px("top", place.top)
        .px("height", place.height)
        .px("left", laid.columns.card_left)
        .px("right", laid.columns.gutter)
        .set("data-sock", socket.sock)
        .set("data-state", socket.state)
        .set("data-role", role_name(socket.role))
        .flag("data-changed", socket.changed)
        .set("data-density", density_name)
        .set("data-form", form_name)
        .set("data-local", socket.local.as_ref())
        .set("data-remote", socket.remote.as_ref())
        .set("data-error", socket.error)
        .child(head);
    match (laid.density, &socket.listener, &socket.connection) {
        (Density::Rows, Some(listener), _) => drawn.child(brief_listener(listener)),
        (Density::Rows, None, Some(connection)) => drawn.child(brief_connection(*lang, connection)),
        (Density::Full | Density::Tight, Some(listener), _) => {
            queues(drawn, *lang, listener, early)
        }
        (Density::Full, None, Some(connection)) => drawn
            .child(buffers(
                *lang,
                connection,
                [Text::SendQueue, Text::ReceiveQueue],
            ))
            .child(foot(*lang, socket)),
        // Short names leave the room to what is in the queues.
        (Density::Tight, None, Some(connection)) => drawn.child(buffers(
            *lang,
            connection,
            [Text::SendBrief, Text::ReceiveBrief],
        )),
        (Density::Full, None, None) if !socket.timers.is_empty() => {
            drawn.child(foot(*lang, socket))
        }
        (_, None, None) => drawn.child(datagrams(*lang, socket, laid.density)),
    }
}

/// `127.0.0.1:40128 → 127.0.0.1:12345`; the port in blue if the kernel chose it.
fn addresses(lang: Lang, socket: &SocketView) -> El {
    let Some(local) = &socket.local else {
        return el("span.addresses none").child((lang, Text::NoAddress));
    };
    let chosen = matches!(
        socket.port_origin,
        Some("bindEphemeral" | "connectEphemeral")
    );
    let (host, port) = match socket.local_port {
        // A name of AF_UNIX.
        0 => (local.as_str(), None),
        _ => local
            .rsplit_once(':')
            .map_or((local.as_str(), None), |(h, p)| (h, Some(p))),
    };
    let port = port.map(|port| {
        el("span")
            .flag("data-chosen", chosen)
            .set(
                "title",
                chosen.then(|| i18n::kernel_chose(lang, socket.local_port)),
            )
            .child(port)
    });
    let remote = socket.remote.as_ref().map(|remote| {
        el("span.address")
            .child(el("span.arrow").child("→ "))
            .child(remote)
    });
    el("span.addresses")
        .child(
            el("span.address")
                .child(host)
                .child(port.is_some().then_some(":"))
                .child(port),
        )
        .child(remote)
}

/// Small print at the right of the head: backlog, options, a pending error, that nobody holds it.
fn notes(lang: Lang, socket: &SocketView, form: Form) -> El {
    let mut notes = String::new();
    if let Some(listener) = &socket.listener {
        notes = ["backlog ", &listener.backlog.to_string()].concat();
    }
    for option in &socket.options {
        let said = match form {
            // A phone has no room for what all options have in common.
            Form::Narrow => option.strip_prefix("SO_").unwrap_or(option),
            Form::Wide | Form::Mid => option,
        };
        list_on(&mut notes, " · ", said);
    }
    let error = socket.error.map(|error| el("b.pending-error").child(error));
    let alone = matches!(socket.role, SocketRole::Orphan | SocketRole::TimeWait).then(|| {
        el("span.alone")
            .set("title", (lang, Text::NoDescriptor))
            .child("fd –")
    });
    el("span.notes").child(error).child(alone).child(notes)
}

/// A queue: its name, how much is in it.
fn queue(kind: &str, len: u32, name: &str, count: String) -> El {
    el("div.queue")
        .set("data-queue", kind)
        .set("data-len", len)
        .child(el("span.queue-name").child(name))
        .child(el("span.queue-count").child(count))
}

fn queues(card: El, lang: Lang, listener: &ListenerView, early: &[(u32, u32)]) -> El {
    let room = listener.backlog + 1;
    // A slot for each connection that fits, as long as they can be told apart.
    let slots = room.min(8).max(listener.accept_queue.len().min(8) as u32) as usize;
    let slots_of = |queued: &[QueuedView], slots: usize, tag: &'static str| {
        let slot = |at| slot(at, queued.get(at), queued.len(), early);
        el(tag).list((0..slots).map(slot))
    };
    let half_open = half_open(lang, listener.syn_queue_len);
    let half = slots_of(
        &listener.syn_queue,
        listener.syn_queue.len().min(3),
        "div.slots open-end",
    );
    let waiting = i18n::waiting(lang, listener.accept_queue_len, room);
    let accept = slots_of(&listener.accept_queue, slots, "div.slots");
    let name = |text| say(lang, text);
    card.child(
        queue(
            "syn",
            listener.syn_queue_len,
            name(Text::SynQueue),
            half_open,
        )
        .child(half),
    )
    .child(
        queue(
            "accept",
            listener.accept_queue_len,
            name(Text::AcceptQueue),
            waiting,
        )
        .child(accept),
    )
}

/// A place in a queue. Where several wait, the port tells them apart.
fn slot(at: usize, queued: Option<&QueuedView>, waiting: usize, early: &[(u32, u32)]) -> El {
    let Some(queued) = queued else {
        return el("span.slot empty").key(at);
    };
    let early = early
        .iter()
        .find(|(sock, octets)| *sock == queued.sock && *octets > 0)
        .map(|(_, octets)| *octets);
    let slot = el("span.slot")
        .key(at)
        .set("data-sock", queued.sock)
        .set("data-state", queued.state)
        .set("data-early", early)
        .set("title", [queued.peer.as_str(), " ", queued.state].concat());
    let slot = if waiting < 2 {
        slot.child(el("span.slot-peer").child(&queued.peer))
            .child(" ")
            .child(el("b").child(queued.state))
    } else {
        let port = queued.peer.rfind(':').map_or("", |at| &queued.peer[at..]);
        slot.child(el("span.slot-peer").child(port))
    };
    slot.child(early.map(|count| el("span.slot-early").child(octets(count))))
}

fn buffers(lang: Lang, connection: &ConnectionView, names: [Text; 2]) -> El {
    let [sends, receives] = names.map(|name| say(lang, name));
    let send = connection.send_queue;
    let receive = connection.receive_queue;
    el("div.buffers")
        .child(queue("send", send, sends, octets(send)).child(bar(
            send,
            connection.send_buffer,
            "",
        )))
        .child(
            queue("receive", receive, receives, octets(receive)).child(bar(
                receive,
                connection.receive_buffer,
                &connection.receive_text,
            )),
        )
}

/// The receive queue of a datagram socket, if it is one: how many wait, and the memory that they take.
fn datagrams(lang: Lang, socket: &SocketView, density: Density) -> Option<El> {
    let datagrams = socket.datagrams.as_ref()?;
    let count = i18n::datagrams(lang, datagrams.waiting, datagrams.drops);
    let queue = |name| queue("receive", datagrams.waiting, say(lang, name), count);
    Some(match density {
        Density::Rows => el("div.brief").child(queue(Text::ReceiveBrief)),
        Density::Full | Density::Tight => {
            el("div.buffers").child(queue(Text::ReceiveQueue).child(bar(
                datagrams.memory,
                datagrams.buffer,
                &datagrams.text,
            )))
        }
    })
}

/// How full a queue is; never an invisible sliver if there is something in it.
fn bar(held: u32, room: u32, text: &str) -> El {
    let share = u64::from(held) * 100 / u64::from(room.max(1));
    let share = if held == 0 { 0 } else { share.clamp(3, 100) };
    let text = (held > 0 && !text.is_empty()).then(|| el("code").child(text));
    el("div.bar")
        .set("title", [&octets(held), " / ", &octets(room)].concat())
        .child(el("i").set("style", plot("width:#%", &[share as i32])))
        .child(text)
}

/// Sequence numbers, relative; the absolute ones on demand. And the timer that runs out first.
fn foot(lang: Lang, socket: &SocketView) -> El {
    // Where nothing is numbered there is no segment size either.
    let numbered = socket.connection.as_ref().filter(|c| c.mss > 0);
    let numbers = match numbered {
        Some(connection) => el("span.numbers")
            .set(
                "title",
                format!("ISS {} · IRS {}", connection.iss, connection.irs),
            )
            .child("una ")
            .child(el("b").child(connection.snd_una))
            .child(" nxt ")
            .child(el("b").child(connection.snd_nxt))
            .child(" rcv ")
            .child(el("b").child(connection.rcv_nxt)),
        None => el("span"),
    };
    let timer = socket.timers.iter().min_by_key(|timer| timer.left);
    let timer = timer.map(|timer| {
        el("span.timer")
            .set("data-timer", timer.kind)
            .set("data-left", timer.left.to_string())
            .child(i18n::timer(lang, timer.kind, &duration(timer.left)))
    });
    el("div.socket-foot").child(numbers).child(timer)
}

/// A queue on a line with others.
fn brief(kind: &str, len: u32, name: &str, count: String) -> El {
    el("span")
        .set("data-queue", kind)
        .set("data-len", len)
        .child(name)
        .child(" ")
        .child(el("b").child(count))
}

fn brief_listener(listener: &ListenerView) -> El {
    let (half, full) = (listener.syn_queue_len, listener.accept_queue_len);
    let room = listener.backlog + 1;
    el("span.brief")
        .child(brief("syn", half, "SYN", half.to_string()))
        .child(brief("accept", full, "accept", format!("{full}/{room}")))
}

fn brief_connection(lang: Lang, connection: &ConnectionView) -> El {
    let (send, receive) = (connection.send_queue, connection.receive_queue);
    el("span.brief")
        .child(brief(
            "send",
            send,
            say(lang, Text::SendBrief),
            octets(send),
        ))
        .child(brief(
            "receive",
            receive,
            say(lang, Text::ReceiveBrief),
            octets(receive),
        ))
}
