//! Which endpoint a segment is for: the four addresses first, then a listener.

use crate::abi::Inet;
use crate::base::trace_hash::TraceHash;
use crate::base::{Arena, SockId, SortedMap};
use crate::kernel::option::Opt;
use crate::kernel::port::{FourTuple, PortTable};
use crate::kernel::socket::{Family, Socket};
use serde::Serialize;

/// The table of everything that has a peer (`ehash`): requests, connections and TIME-WAITs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Demux {
    connections: SortedMap<FourTuple, SockId>,
}

impl Demux {
    /// The endpoint of exactly these addresses.
    pub fn connection(&self, tuple: FourTuple) -> Option<SockId> {
        self.connections.get(&tuple).copied()
    }

    /// Every endpoint with a peer, by address.
    pub fn iter(&self) -> impl Iterator<Item = (FourTuple, SockId)> + '_ {
        self.connections.iter().map(|(tuple, sock)| (*tuple, *sock))
    }

    pub(crate) fn insert(&mut self, tuple: FourTuple, sock: SockId) {
        self.connections.insert(tuple, sock);
    }

    /// Removes the entry, if it is still that endpoint's.
    pub(crate) fn remove(&mut self, tuple: FourTuple, sock: SockId) {
        if self.connection(tuple) == Some(sock) {
            self.connections.remove(&tuple);
        }
    }
}

/// The listener for a local address (`__inet_lookup_listener()`): one that is bound to just this
/// address before one bound to all, an IPv4 socket before a dual-stack one. Of several that share the
/// port by SO_REUSEPORT, a hash of the peer's address chooses (`reuseport_select_sock()`).
pub(crate) fn listener(
    ports: &PortTable,
    sockets: &Arena<SockId, Socket>,
    FourTuple { local, remote }: FourTuple,
) -> Option<SockId> {
    let owners = &ports.bucket(local.port_number())?.owners;
    let score = |sock: &SockId| -> Option<u8> {
        let socket = sockets.get(*sock)?;
        socket.tcp.listen()?;
        let exact = socket.local.address() == local.address();
        let wildcard = socket.local.address().is_unspecified();
        match socket.family {
            Family::Inet if local.is_ipv4() && (exact || wildcard) => Some(2 + u8::from(exact) * 2),
            // A socket bound to ::ffff:0.0.0.0 takes IPv4 only.
            Family::Inet6 if socket.local.is_ipv4() && local.is_ipv6() => None,
            Family::Inet6 if local.is_ipv4() && socket.options.on(Opt::V6Only) => None,
            Family::Inet6 if exact || wildcard => Some(1 + u8::from(exact) * 2),
            Family::Inet | Family::Inet6 => None,
        }
    };
    let (mut best, mut group) = (0, Vec::new());
    for sock in owners {
        let score = score(sock).unwrap_or(0);
        if score > best {
            best = score;
            group.clear();
        }
        if score == best && best > 0 {
            group.push(*sock);
        }
    }
    if group.len() < 2 {
        return group.pop();
    }
    let mut hash = TraceHash::default();
    hash.add(&(local, remote));
    let hash = (hash.value() ^ (hash.value() >> 32)) as u32;
    let scaled = u64::from(hash) * group.len() as u64;
    Some(group[(scaled >> 32) as usize])
}
