//! Sockets and segments.

use super::Source;
use crate::abi::Inet;
use crate::abi::{Errno, constants};
use crate::base::SockId;
use crate::base::time::micros;
use crate::kernel::event::Carries;
use crate::kernel::file::FileKind;
use crate::kernel::port::FourTuple;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Protocol, Socket};
use crate::kernel::tcp::congestion::CongestionControl;
use crate::kernel::tcp::connection::Connection;
use crate::kernel::{EventKind, TcpState};
use crate::packet::Flags;
use crate::program::Inspect;
use crate::session::log::{Travel, descriptor_of};
use crate::session::view::{
    ConnectionView, DatagramsView, EndView, ListenerView, QueuedView, SegmentView, SocketRole,
    SocketView, TimerView, TurnView,
};
use std::net::SocketAddr;
use std::ops::Range;

/// So many entries of a queue are shown.
const QUEUE_MAX: usize = 64;
/// So many octets of a receive queue are shown.
pub(super) const TEXT_MAX: usize = 64;

/// The options that a program has set, by name, and the groups of multicast that it has joined, by address.
fn options_view(socket: &Socket) -> Vec<String> {
    let mut options = Vec::new();
    for (level, name, value) in socket.options.iter() {
        if value != 0 {
            options.push(constants::socket_option(level, name));
        }
    }
    for membership in &socket.groups {
        options.push(["group ", &membership.group.to_string()].concat());
    }
    options
}

impl<P: Inspect> Source<'_, P> {
    pub(super) fn sockets(&self) -> Vec<SocketView> {
        let mut sockets = Vec::new();
        for (id, socket) in self.kernel.sockets().iter() {
            sockets.push(self.socket(id, socket));
        }
        sockets
    }

    #[inline(never)]
    fn socket(&self, id: SockId, socket: &Socket) -> SocketView {
        let named = socket.port.is_some() || socket.local.port_number() != 0;
        let connection = socket.tcp.connection();
        let left_over = !socket.receive_queue.is_empty();
        let view = SocketView {
            sock: id.0,
            role: self.role(id, socket),
            process: self.owner(id).and_then(|task| self.index(task)),
            fd: descriptor_of(self.kernel, id).map(|(_, fd)| fd),
            file: socket.file.map(|file| file.0),
            state: state_name(socket),
            local: named.then(|| socket.as_seen(socket.local).to_string()),
            local_port: socket.local.port_number(),
            remote: socket
                .remote
                .map(|remote| socket.as_seen(remote).to_string()),
            port_origin: self.port_origin(id),
            options: options_view(socket),
            listener: socket.tcp.listen().map(|listen| ListenerView {
                backlog: listen.backlog,
                syn_queue: self.queue(&listen.syn_queue),
                syn_queue_len: listen.syn_queue.len() as u32,
                accept_queue: self.queue(&listen.accept_queue),
                accept_queue_len: listen.accept_queue.len() as u32,
            }),
            connection: (connection.is_some() || left_over)
                .then(|| connection_view(socket, connection)),
            datagrams: socket.udp().map(|udp| DatagramsView {
                waiting: udp.queue.len() as u32,
                octets: udp.octets(),
                memory: udp.memory,
                buffer: socket.receive_buffer(&self.kernel.sysctl),
                drops: udp.drops,
                errors: udp.errors.len() as u32,
                text: udp
                    .queue
                    .front()
                    .map_or_else(String::new, |next| beginning_of(&next.payload)),
            }),
            error: socket.error.map(Errno::name),
            timers: self.timers(socket),
            peer: self.peer(socket).map(|peer| peer.0),
            changed: self.changed.sockets.contains(&id),
        };
        match socket.unix() {
            Some(unix) => self.unix(unix, view),
            None => view,
        }
    }

    fn role(&self, id: SockId, socket: &Socket) -> SocketRole {
        let state = socket.state();
        if socket.file.is_some_and(|file| {
            self.kernel
                .files()
                .get(file)
                .is_some_and(|f| f.kind == FileKind::Socket(id))
        }) {
            SocketRole::Held
        } else if state == TcpState::TimeWait {
            SocketRole::TimeWait
        } else if state == TcpState::SynReceived && self.kernel.lost_listener(socket).is_none() {
            SocketRole::Request
        } else {
            let mut sockets = self.kernel.sockets().iter();
            let queued = sockets.any(|(_, s)| match (s.unix(), s.tcp.listen()) {
                (Some(unix), _) => unix.accept_queue.contains(&id),
                (None, listen) => listen.is_some_and(|l| l.accept_queue.contains(&id)),
            });
            if queued {
                SocketRole::Queued
            } else {
                SocketRole::Orphan
            }
        }
    }

    /// The first sockets of a queue.
    pub(super) fn queue(&self, socks: &[SockId]) -> Vec<QueuedView> {
        let mut entries = Vec::new();
        for sock in socks.iter().take(QUEUE_MAX) {
            let Some(socket) = self.kernel.sockets().get(*sock) else {
                continue;
            };
            let (peer, state) = match (socket.unix(), socket.remote) {
                (Some(unix), _) => self.queued(unix),
                (None, Some(peer)) => (socket.as_seen(peer).to_string(), socket.state().name()),
                (None, None) => (String::new(), socket.state().name()),
            };
            let sock = sock.0;
            entries.push(QueuedView { sock, peer, state });
        }
        entries
    }

    /// How the socket came to its port, from the event that said so last.
    fn port_origin(&self, id: SockId) -> Option<&'static str> {
        let told = &self.log.events[..self.event as usize];
        told.iter()
            .rev()
            .find_map(|logged| match logged.event.kind {
                EventKind::PortBound { sock, because, .. } if sock == id => match because {
                    Rule::AskedFor => Some("bind"),
                    Rule::BindEphemeral | Rule::UdpEphemeral => Some("bindEphemeral"),
                    Rule::ConnectEphemeral => Some("connectEphemeral"),
                    _ => Some("inherited"),
                },
                _ => None,
            })
    }

    fn timers(&self, socket: &Socket) -> Vec<TimerView> {
        let now = self.world.clock();
        let mut timers = Vec::new();
        for (kind, at) in socket.tcp.timers() {
            timers.push(TimerView {
                kind: kind.name(),
                left: at.nanos().saturating_sub(now.nanos()),
            });
        }
        timers
    }

    /// The other end, if it is a socket of this host.
    fn peer(&self, socket: &Socket) -> Option<SockId> {
        let (local, remote) = (socket.remote?, socket.local);
        if socket.udp().is_some() {
            return self.kernel.udp_endpoint(local, remote);
        }
        self.kernel.demux().connection(FourTuple { local, remote })
    }

    /// Packets under way at the cursor.
    pub(super) fn wire(&self) -> Vec<SegmentView> {
        let mut wire = Vec::new();
        for travel in &self.log.travels {
            if self.world.wire().any(|flying| flying.id == travel.packet) {
                wire.push(self.segment(travel));
            }
        }
        wire
    }

    /// The segments around the cursor: what came before matters more than what comes.
    fn window(&self) -> Range<usize> {
        let travels = &self.log.travels;
        let told = travels.partition_point(|t| t.sent.1 <= self.event);
        told.saturating_sub(200)..(told + 100).min(travels.len())
    }

    /// Every segment that is known, past and future.
    pub(super) fn ladder(&self) -> Vec<SegmentView> {
        let mut ladder = Vec::new();
        for travel in &self.log.travels[self.window()] {
            ladder.push(self.segment(travel));
        }
        ladder
    }

    /// What the endpoints of these segments went through meanwhile.
    pub(super) fn turns(&self) -> Vec<TurnView> {
        let travels = &self.log.travels;
        let Range { start, end } = self.window();
        let sent = |travel: &Travel| travel.sent.1;
        // What came before the first segment of all belongs to it, as what comes after the last one does.
        let from = start.checked_sub(1).map_or(0, |_| sent(&travels[start]));
        let to = travels.get(end).map_or(u32::MAX, sent);
        let mut turns = Vec::new();
        for turn in &self.log.turns {
            if (from..to).contains(&turn.number) {
                turns.push(TurnView {
                    event: turn.number,
                    time: turn.at.nanos(),
                    sock: turn.sock.0,
                    port: turn.ports.0,
                    peer: turn.ports.1,
                    before: turn.from.name(),
                    state: turn.to.name(),
                });
            }
        }
        turns
    }

    fn segment(&self, travel: &Travel) -> SegmentView {
        let arrived = travel.arrived.filter(|(_, number)| *number <= self.event);
        let sent = travel.sent.1 <= self.event;
        let tcp = travel.head.carries == Carries::Tcp;
        SegmentView {
            packet: travel.packet.0,
            from: self.end(travel.from, travel.addresses.0, tcp),
            to: self.end(travel.to, travel.addresses.1, tcp),
            flags: travel.head.label(),
            protocol: match travel.head.carries {
                Carries::Tcp => "tcp",
                Carries::Udp => "udp",
                Carries::EchoRequest | Carries::EchoReply | Carries::Error(_) | Carries::Icmp => {
                    "icmp"
                }
            }
            .to_owned(),
            seq: travel.relative_seq,
            ack: travel
                .head
                .flags
                .has(Flags::ACK)
                .then_some(travel.relative_ack),
            len: travel.head.len,
            window: travel.head.window,
            sent: travel.sent.0.nanos(),
            delivered: travel
                .arrived
                .filter(|_| !travel.lost)
                .map(|(at, _)| at.nanos()),
            sent_event: travel.sent.1,
            arrived_event: travel.arrived.map(|(_, number)| number),
            lost: travel.lost,
            retransmission: travel.retransmission,
            in_flight: sent && arrived.is_none(),
            future: !sent,
        }
    }

    fn end(
        &self,
        (sock, state): (Option<SockId>, TcpState),
        addr: SocketAddr,
        tcp: bool,
    ) -> EndView {
        EndView {
            process: sock
                .and_then(|sock| self.owner(sock))
                .and_then(|task| self.index(task)),
            sock: sock.map(|sock| sock.0),
            port: addr.port_number(),
            state: if tcp { state.name() } else { "" },
        }
    }
}

/// What a socket's card says first: the state of TCP, or the protocol that has none.
pub(super) fn state_name(socket: &Socket) -> &'static str {
    match socket.protocol {
        Protocol::Tcp => socket.state().name(),
        Protocol::Udp(_) => "UDP",
        Protocol::Raw(_) => "RAW",
        Protocol::Unix(_) => "UNIX",
    }
}

fn connection_view(socket: &Socket, connection: Option<&Connection>) -> ConnectionView {
    let mut view = ConnectionView {
        receive_queue: socket.receive_queue.len() as u32,
        receive_text: beginning_of(&socket.receive_queue),
        ..ConnectionView::default()
    };
    if let Some(c) = connection {
        view.send_queue = c.snd.queued();
        view.in_flight = c
            .snd
            .in_flight
            .iter()
            .map(|chunk| chunk.data.len() as u32)
            .sum();
        view.send_buffer = c.snd.buffer;
        view.receive_buffer = c.rcv.full_space();
        view.snd_una = c.snd.una - c.snd.iss;
        view.snd_nxt = c.snd.nxt - c.snd.iss;
        view.rcv_nxt = c.rcv.nxt - c.rcv.irs;
        view.iss = c.snd.iss.0;
        view.irs = c.rcv.irs.0;
        view.snd_wnd = c.snd.wnd;
        view.rcv_wnd = c.rcv.window();
        view.cwnd = c.congestion.window();
        view.mss = c.mss;
        view.srtt = c.rtt.smoothed().map(micros);
        view.rto = micros(c.rtt.rto(c.snd.timeouts));
    }
    view
}

/// Octets as text, with a dot for what does not print.
pub(super) fn text_of(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for octet in octets {
        let prints = (0x20..0x7f).contains(octet);
        text.push(if prints { char::from(*octet) } else { '.' });
    }
    text
}

/// The first octets of many, as text.
pub(super) fn beginning_of(octets: &[u8]) -> String {
    text_of(&octets[..octets.len().min(TEXT_MAX)])
}
