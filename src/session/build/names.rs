//! Names of things for the explanations.

use super::Source;
use crate::abi::Inet;
use crate::base::{PacketId, Pid, SockId, Tid};
use crate::explain::{Names, PacketNames};
use crate::kernel::EventKind;
use crate::program::Inspect;
use crate::session::log::descriptor_of;
use std::net::SocketAddr;

impl<P: Inspect> Names for Source<'_, P> {
    fn process(&self, pid: Pid) -> String {
        self.name(Tid(pid.0))
    }

    fn task(&self, tid: Tid) -> String {
        self.name(tid)
    }

    fn sock(&self, sock: SockId) -> String {
        match self.kernel.sockets().get(sock) {
            Some(socket) if socket.unix().is_some() => {
                let name = socket.unix().and_then(|unix| unix.name.as_deref());
                name.map_or_else(|| "AF_UNIX".to_owned(), super::unix::name)
            }
            Some(socket) => socket.as_seen(socket.local).to_string(),
            // Gone by now: the log remembers where it was.
            None => self
                .last_port(sock)
                .map_or_else(|| "—".to_owned(), |port| [":", &port.to_string()].concat()),
        }
    }

    fn owner(&self, sock: SockId) -> Option<String> {
        Source::owner(self, sock).map(|task| self.name(task))
    }

    fn fd(&self, sock: SockId) -> Option<i32> {
        descriptor_of(self.kernel, sock).map(|(_, fd)| fd)
    }

    fn packet(&self, packet: PacketId) -> PacketNames {
        let Some(travel) = self.log.travels.iter().rev().find(|t| t.packet == packet) else {
            let unknown = || "—".to_owned();
            return PacketNames {
                from: unknown(),
                to: unknown(),
                to_port: 0,
                seq: 0,
                ack: 0,
            };
        };
        let end = |sock: Option<SockId>, addr: SocketAddr| {
            let owner = sock.and_then(|sock| Source::owner(self, sock));
            let place = || match addr.port_number() {
                0 => addr.address().to_string(),
                _ => addr.to_string(),
            };
            owner.map_or_else(place, |task| self.name(task))
        };
        PacketNames {
            from: end(travel.from.0, travel.addresses.0),
            to: end(travel.to.0, travel.addresses.1),
            to_port: travel.addresses.1.port_number(),
            seq: travel.relative_seq,
            ack: travel.relative_ack,
        }
    }
}

impl<P: Inspect> Source<'_, P> {
    /// The port that a socket of the past had.
    fn last_port(&self, id: SockId) -> Option<u16> {
        self.log
            .events
            .iter()
            .rev()
            .find_map(|logged| match logged.event.kind {
                EventKind::PortBound { sock, port, .. } if sock == id => Some(port),
                _ => None,
            })
    }
}
