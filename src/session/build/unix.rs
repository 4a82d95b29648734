//! AF_UNIX sockets.

use super::Source;
use super::network::{TEXT_MAX, beginning_of, text_of};
use crate::kernel::socket::Socket;
use crate::kernel::unix::{Kind, State, Unix};
use crate::program::Inspect;
use crate::session::view::{ConnectionView, ListenerView, SocketView};

impl<P: Inspect> Source<'_, P> {
    /// What AF_UNIX has otherwise than the internet has it.
    pub(super) fn unix(&self, unix: &Unix, view: SocketView) -> SocketView {
        let kind = match unix.kind {
            Kind::Stream => "SOCK_STREAM",
            Kind::Datagram => "SOCK_DGRAM",
            Kind::Seqpacket => "SOCK_SEQPACKET",
        };
        let peer = unix.peer.and_then(|peer| self.kernel.sockets().get(peer));
        let peer_name = match peer.and_then(Socket::unix) {
            Some(peer) => peer.name.as_deref(),
            None => unix.peer_name.as_deref(),
        };
        let listening = unix.state == State::Listening;
        let mut options = view.options;
        options.insert(0, kind.into());
        SocketView {
            state: unix.state.name(),
            local: unix.name.as_deref().map(name),
            local_port: 0,
            remote: peer_name.map(name),
            options,
            listener: listening.then(|| ListenerView {
                backlog: unix.backlog,
                syn_queue: Vec::new(),
                syn_queue_len: 0,
                accept_queue: self.queue(&unix.accept_queue),
                accept_queue_len: unix.accept_queue.len() as u32,
            }),
            connection: (unix.state == State::Connected || !unix.queue.is_empty())
                .then(|| received(unix)),
            peer: peer.and(unix.peer).map(|peer| peer.0),
            ..view
        }
    }

    /// The name of the peer, and the state, of one that waits in a queue.
    pub(super) fn queued(&self, unix: &Unix) -> (String, &'static str) {
        let peer = unix.peer.and_then(|peer| self.kernel.sockets().get(peer));
        let peer = peer.and_then(Socket::unix).and_then(|u| u.name.as_deref());
        (peer.map(name).unwrap_or_default(), unix.state.name())
    }
}

/// A name as ss(8) prints it: `@` stands for the NUL of an abstract one.
pub(super) fn name(name: &[u8]) -> String {
    match name {
        [0, rest @ ..] => ["@", &text_of(rest)].concat(),
        path => text_of(path.split(|octet| *octet == 0).next().unwrap_or_default()),
    }
}

/// The receive queue; there is no other, and there are no sequence numbers.
fn received(unix: &Unix) -> ConnectionView {
    let mut octets = Vec::new();
    for message in &unix.queue {
        if octets.len() < TEXT_MAX {
            octets.extend_from_slice(&message.data[message.read as usize..]);
        }
    }
    ConnectionView {
        receive_queue: unix.unread(),
        receive_text: beginning_of(&octets),
        ..ConnectionView::default()
    }
}
