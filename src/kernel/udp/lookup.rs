//! Which socket a datagram is for: `__udp4_lib_lookup()`, `__udp6_lib_lookup()`.

use crate::abi::Inet;
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
    let udp = socket.udp()?;
    let mine = socket.local.address();
    let exact = mine == local.address();
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
        // __udp_disconnect() leaves sk_v6_daddr as it is.
        None => match udp.v6_daddr {
            Some(last) if remote.is_ipv6() && last != remote.address() => return None,
            Some(_) if remote.is_ipv6() => 1,
            Some(_) | None => 0,
        },
        // connect(2) takes port 0, and whoever is at that address is then heard.
        Some(peer) if peer.port_number() == 0 && peer.address() == remote.address() => 1,
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
        let owners = &self.udp_ports.bucket(local.port_number())?.owners;
        let mut found: Option<(u8, SockId, &Socket)> = None;
        for sock in owners {
            if let Some(socket) = self.sockets.get(*sock)
                && let Some(score) = score(socket, local, remote)
                && found.is_none_or(|(best, ..)| score >= best)
            {
                found = Some((score, *sock, socket));
            }
        }
        let (_, best, socket) = found?;
        if !socket.options.on(Opt::ReusePort) || socket.remote.is_some() {
            return Some(best);
        }
        let mut group = Vec::new();
        for sock in owners {
            if let Some(s) = self.sockets.get(*sock)
                && s.options.on(Opt::ReusePort)
                && s.family == socket.family
                && s.local.address() == socket.local.address()
            {
                // reuseport_has_conns(): with a connected member the scores decide alone.
                if s.remote.is_some() {
                    return Some(best);
                }
                group.push(*sock);
            }
        }
        let at = self
            .secret
            .spread(FourTuple { local, remote }, group.len() as u32);
        group.get(at as usize).copied()
    }
}
