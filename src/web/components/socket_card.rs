//! One socket: its state, its addresses, its queues. What is drawn here takes the height that
//! `kernel_layout::card_height` gives it.

use crate::web::components::kernel_layout::{Columns, Density, Form, Placed};
use crate::web::i18n::{self, Text, half_open, say};
use crate::web::model::{
    ConnectionView, Lang, ListenerView, QueuedView, SocketRole, SocketView, flag,
};
use crate::web::words::{duration, octets};
use yew::prelude::*;

/// What a socket's card is drawn from.
pub(crate) struct Card<'a> {
    pub lang: Lang,
    pub socket: &'a SocketView,
    /// Octets that already wait in connections of its accept queue: socket and how many.
    pub early: Vec<(u32, u32)>,
    pub place: &'a Placed,
    pub columns: Columns,
    pub density: Density,
    pub form: Form,
}

/// The value of `data-role`.
pub(crate) fn role_name(role: SocketRole) -> &'static str {
    match role {
        SocketRole::Held => "held",
        SocketRole::Request => "request",
        SocketRole::Queued => "queued",
        SocketRole::Orphan => "orphan",
        SocketRole::TimeWait => "timeWait",
    }
}

/// A socket's card. A function and no component: it has no state, and a component costs kilobytes.
pub(crate) fn socket_card(card: &Card) -> Html {
    let Card {
        lang,
        socket,
        early,
        place,
        columns,
        density,
        form,
    } = card;
    let style = format!(
        "top:{}px;height:{}px;left:{}px;right:{}px",
        place.top, place.height, columns.card_left, columns.gutter
    );
    let density_name = match density {
        Density::Full => "full",
        Density::Tight => "tight",
        Density::Rows => "row",
    };
    let form_name = match form {
        Form::Wide => "wide",
        Form::Mid => "mid",
        Form::Narrow => "narrow",
    };
    let body = match (density, &socket.listener, &socket.connection) {
        (Density::Rows, Some(listener), _) => brief_listener(listener),
        (Density::Rows, None, Some(connection)) => brief_connection(*lang, connection),
        (Density::Full | Density::Tight, Some(listener), _) => queues(*lang, listener, early),
        (Density::Full | Density::Tight, None, Some(connection)) => {
            let full = *density == Density::Full;
            html! { <>{ buffers(*lang, connection) }{ if full { foot(*lang, socket) } else { Html::default() } }</> }
        }
        (Density::Full, None, None) if !socket.timers.is_empty() => foot(*lang, socket),
        (_, None, None) => datagrams(*lang, socket, *density),
    };
    html! {
        <article class="socket" key={socket.sock} {style} data-sock={socket.sock.to_string()} data-state={socket.state.clone()}
            data-role={role_name(socket.role)} data-changed={flag(socket.changed)} data-density={density_name} data-form={form_name}
            data-local={socket.local.clone()} data-remote={socket.remote.clone()} data-error={socket.error.clone()}>
            <div class="socket-head">
                <b class="state">{ &socket.state }</b>
                { addresses(*lang, socket) }
                { notes(*lang, socket, *form) }
            </div>
            { body }
        </article>
    }
}

/// `127.0.0.1:40128 → 127.0.0.1:12345`; the port in blue if the kernel chose it.
fn addresses(lang: Lang, socket: &SocketView) -> Html {
    let Some(local) = &socket.local else {
        return html! { <span class="addresses none">{ say(lang, Text::NoAddress) }</span> };
    };
    let chosen = matches!(
        socket.port_origin.as_deref(),
        Some("bindEphemeral" | "connectEphemeral")
    );
    let (host, port) = match socket.local_port {
        // A name of AF_UNIX.
        0 => (local.as_str(), None),
        _ => local
            .rsplit_once(':')
            .map_or((local.as_str(), None), |(h, p)| (h, Some(p))),
    };
    html! {
        <span class="addresses">
            <span class="address">
                { host }
                if let Some(port) = port {
                    { ":" }<span data-chosen={flag(chosen)} title={chosen.then(|| i18n::kernel_chose(lang, socket.local_port))}>{ port }</span>
                }
            </span>
            if let Some(remote) = &socket.remote {
                <span class="address"><span class="arrow">{ "→ " }</span>{ remote }</span>
            }
        </span>
    }
}

/// Small print at the right of the head: backlog, options, a pending error, that nobody holds it.
fn notes(lang: Lang, socket: &SocketView, form: Form) -> Html {
    let mut notes = Vec::new();
    if let Some(listener) = &socket.listener {
        notes.push(format!("backlog {}", listener.backlog));
    }
    notes.extend(socket.options.iter().map(|option| match form {
        // A phone has no room for what all options have in common.
        Form::Narrow => option.trim_start_matches("SO_").to_owned(),
        Form::Wide | Form::Mid => option.clone(),
    }));
    let alone = matches!(socket.role, SocketRole::Orphan | SocketRole::TimeWait);
    html! {
        <span class="notes">
            if let Some(error) = &socket.error {
                <b class="pending-error">{ error }</b>
            }
            if alone {
                <span class="alone" title={say(lang, Text::NoDescriptor)}>{ "fd –" }</span>
            }
            { notes.join(" · ") }
        </span>
    }
}

fn queues(lang: Lang, listener: &ListenerView, early: &[(u32, u32)]) -> Html {
    let room = listener.backlog + 1;
    // A slot for each connection that fits, as long as they can be told apart.
    let slots = room.min(8).max(listener.accept_queue.len().min(8) as u32) as usize;
    let queued = &listener.accept_queue;
    let accept = (0..slots).map(|at| slot(at, queued.get(at), queued.len(), early));
    let half = listener
        .syn_queue
        .iter()
        .take(3)
        .enumerate()
        .map(|(at, queued)| slot(at, Some(queued), listener.syn_queue.len(), early));
    html! {
        <>
            <div class="queue" data-queue="syn" data-len={listener.syn_queue_len.to_string()}>
                <span class="queue-name">{ say(lang, Text::SynQueue) }</span>
                <span class="queue-count">{ half_open(lang, listener.syn_queue_len) }</span>
                <div class="slots open-end">{ for half }</div>
            </div>
            <div class="queue" data-queue="accept" data-len={listener.accept_queue_len.to_string()}>
                <span class="queue-name">{ say(lang, Text::AcceptQueue) }</span>
                <span class="queue-count">{ i18n::waiting(lang, listener.accept_queue_len, room) }</span>
                <div class="slots">{ for accept }</div>
            </div>
        </>
    }
}

/// A place in a queue. Where several wait, the port tells them apart.
fn slot(at: usize, queued: Option<&QueuedView>, waiting: usize, early: &[(u32, u32)]) -> Html {
    let Some(queued) = queued else {
        return html! { <span key={at} class="slot empty"></span> };
    };
    let port = queued.peer.rfind(':').map_or("", |at| &queued.peer[at..]);
    let early = early
        .iter()
        .find(|(sock, octets)| *sock == queued.sock && *octets > 0);
    html! {
        <span key={at} class="slot" data-sock={queued.sock.to_string()} data-state={queued.state.clone()}
            data-early={early.map(|(_, octets)| octets.to_string())} title={format!("{} {}", queued.peer, queued.state)}>
            if waiting < 2 {
                <span class="slot-peer">{ &queued.peer }</span>{ " " }<b>{ &queued.state }</b>
            } else {
                <span class="slot-peer">{ port }</span>
            }
            if let Some((_, count)) = early { <span class="slot-early">{ octets(*count) }</span> }
        </span>
    }
}

fn buffers(lang: Lang, connection: &ConnectionView) -> Html {
    let send = connection.send_queue;
    let receive = connection.receive_queue;
    html! {
        <div class="buffers">
            <div class="queue" data-queue="send" data-len={send.to_string()}>
                <span class="queue-name">{ say(lang, Text::SendQueue) }</span>
                <span class="queue-count">{ octets(send) }</span>
                { bar(send, connection.send_buffer, "") }
            </div>
            <div class="queue" data-queue="receive" data-len={receive.to_string()}>
                <span class="queue-name">{ say(lang, Text::ReceiveQueue) }</span>
                <span class="queue-count">{ octets(receive) }</span>
                { bar(receive, connection.receive_buffer, &connection.receive_text) }
            </div>
        </div>
    }
}

/// The receive queue of a datagram socket, if it is one: how many wait, and the memory that they take.
fn datagrams(lang: Lang, socket: &SocketView, density: Density) -> Html {
    let Some(datagrams) = &socket.datagrams else {
        return Html::default();
    };
    let count = i18n::datagrams(lang, datagrams.waiting, datagrams.drops);
    let brief = density == Density::Rows;
    html! {
        <div class={if brief { "brief" } else { "buffers" }}>
            <div class="queue" data-queue="receive" data-len={datagrams.waiting.to_string()}>
                <span class="queue-name">{ say(lang, if brief { Text::ReceiveBrief } else { Text::ReceiveQueue }) }</span>
                <span class="queue-count">{ count }</span>
                if !brief { { bar(datagrams.memory, datagrams.buffer, &datagrams.text) } }
            </div>
        </div>
    }
}

/// How full a queue is; never an invisible sliver if there is something in it.
fn bar(held: u32, room: u32, text: &str) -> Html {
    let share = u64::from(held) * 100 / u64::from(room.max(1));
    let share = if held == 0 { 0 } else { share.clamp(3, 100) };
    html! {
        <div class="bar" title={format!("{} / {}", octets(held), octets(room))}>
            <i style={format!("width:{share}%")}></i>
            if held > 0 && !text.is_empty() { <code>{ text }</code> }
        </div>
    }
}

/// Sequence numbers, relative; the absolute ones on demand. And the timer that runs out first.
fn foot(lang: Lang, socket: &SocketView) -> Html {
    // Where nothing is numbered there is no segment size either.
    let numbered = socket.connection.as_ref().filter(|c| c.mss > 0);
    let numbers = numbered.map(|connection| {
        let absolute = format!("ISS {} · IRS {}", connection.iss, connection.irs);
        html! {
            <span class="numbers" title={absolute}>
                { "una " }<b>{ connection.snd_una }</b>{ " nxt " }<b>{ connection.snd_nxt }</b>{ " rcv " }<b>{ connection.rcv_nxt }</b>
            </span>
        }
    });
    let timer = socket.timers.iter().min_by_key(|timer| timer.left);
    html! {
        <div class="socket-foot">
            { numbers.unwrap_or_else(|| html! { <span></span> }) }
            if let Some(timer) = timer {
                <span class="timer" data-timer={timer.kind.clone()} data-left={timer.left.to_string()}>
                    { i18n::timer(lang, &timer.kind, &duration(timer.left)) }
                </span>
            }
        </div>
    }
}

fn brief_listener(listener: &ListenerView) -> Html {
    html! {
        <span class="brief">
            <span data-queue="syn" data-len={listener.syn_queue_len.to_string()}>
                { "SYN " }<b>{ listener.syn_queue_len }</b>
            </span>
            <span data-queue="accept" data-len={listener.accept_queue_len.to_string()}>
                { "accept " }<b>{ format!("{}/{}", listener.accept_queue_len, listener.backlog + 1) }</b>
            </span>
        </span>
    }
}

fn brief_connection(lang: Lang, connection: &ConnectionView) -> Html {
    html! {
        <span class="brief">
            <span data-queue="send" data-len={connection.send_queue.to_string()}>
                { say(lang, Text::SendBrief) }{ " " }<b>{ octets(connection.send_queue) }</b>
            </span>
            <span data-queue="receive" data-len={connection.receive_queue.to_string()}>
                { say(lang, Text::ReceiveBrief) }{ " " }<b>{ octets(connection.receive_queue) }</b>
            </span>
        </span>
    }
}
