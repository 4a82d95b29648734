//! Which socket a datagram is for: `__udp4_lib_lookup()`, `__udp6_lib_lookup()`.

use crate::base::SockId;
use crate::kernel::Kernel;
use crate::kernel::option::Opt;
use crate::kernel::port::FourTuple;
use crate::kernel::socket::{Family, Socket};
use std::net::SocketAddr;

/// `compute_score()`: how well a socket fits a datagram from `remote` to `local`, if it does. A socket that is bound to
/// just this address comes before any wildcard, one that is connected to the sender before both, and an IPv4 socket
/// before a dual-stack one.
fn score(socket: &Socket, local: SocketAddr, remote: SocketAddr) -> Option<u8> {
    socket.udp()?;
    let mine = socket.local.ip();
    let exact = mine == local.ip();
    let any = match (socket.family, mine.is_ipv4()) {
        (Family::Inet, _) => local.is_ipv4(),
        // A socket bound to ::ffff:0.0.0.0 takes IPv4 only.
        (Family::Inet6, true) => local.is_ipv4(),
        (Family::Inet6, false) => local.is_ipv6() || !socket.options.on(Opt::V6Only),
    };
    let wildcard = mine.is_unspecified() && any;
    if !exact && !wildcard {
        return None;
    }
    let connected = match socket.remote {
        None => 0,
        // connect(2) takes port 0, and whoever is at that address is then heard.
        Some(peer) if peer.port() == 0 && peer.ip() == remote.ip() => 1,
        Some(peer) if peer == remote => 2,
        Some(_) => return None,
    };
    let family = socket.family == Family::Inet;
    Some(u8::from(family) + 2 * u8::from(exact) + 4 * connected)
}

impl Kernel {
    /// The socket that a datagram from `remote` to `local` is for. Where several fit equally well (SO_REUSEADDR), it is
    /// the one that was bound last; of sockets that share by SO_REUSEPORT a hash of the four addresses picks one, so that a
    /// conversation stays with one socket.
    pub fn udp_endpoint(&self, local: SocketAddr, remote: SocketAddr) -> Option<SockId> {
        let owners = &self.udp_ports.bucket(local.port())?.owners;
        let scored = owners.iter().enumerate().filter_map(|(at, sock)| {
            let socket = self.sockets.get(*sock)?;
            Some((score(socket, local, remote)?, at, *sock, socket))
        });
        let (_, _, best, socket) = scored.max_by_key(|(score, at, _, _)| (*score, *at))?;
        if !socket.options.on(Opt::ReusePort) || socket.remote.is_some() {
            return Some(best);
        }
        let group: Vec<(SockId, &Socket)> = owners
            .iter()
            .filter_map(|sock| Some((*sock, self.sockets.get(*sock)?)))
            .filter(|(_, s)| {
                s.options.on(Opt::ReusePort)
                    && s.family == socket.family
                    && s.local.ip() == socket.local.ip()
            })
            .collect();
        // reuseport_has_conns(): with a connected member the scores decide alone.
        if group.iter().any(|(_, s)| s.remote.is_some()) {
            return Some(best);
        }
        let at = self
            .secret
            .spread(FourTuple { local, remote }, group.len() as u32);
        group.get(at as usize).map(|(sock, _)| *sock)
    }
}
