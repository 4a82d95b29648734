//! Whose sockets are whose, where a stage shares the machine's loopback interface.
//!
//! A socket that a puppet's descriptor refers to is told by its inode. One without an inode (not yet
//! accepted, or closed and lingering) belongs to the stage if it is an end of a connection of which an
//! end was seen to be the stage's, or lies on a port on which the stage listens.

use super::diag::SocketRow;
use crate::abi::sockaddr::from_mapped;
use std::collections::BTreeSet;
use std::net::SocketAddr;

#[derive(Default)]
pub(super) struct Ownership {
    /// Connections, as one of their ends names them.
    connections: BTreeSet<(SocketAddr, SocketAddr)>,
    /// Ports on which the stage is bound without a peer.
    ports: BTreeSet<u16>,
    /// Connections that were there before the stage.
    before: BTreeSet<(SocketAddr, SocketAddr)>,
}

fn ends(row: &SocketRow) -> (SocketAddr, SocketAddr) {
    (from_mapped(row.local), from_mapped(row.remote))
}

impl Ownership {
    /// These rows are none of the stage's.
    pub(super) fn strangers(&mut self, rows: &[SocketRow]) {
        self.before = rows.iter().map(ends).collect();
    }

    /// Learns from a list of sockets, given the inodes that the puppets hold.
    pub(super) fn learn(&mut self, rows: &[SocketRow], inodes: &BTreeSet<u32>) {
        for row in rows.iter().filter(|row| inodes.contains(&row.inode)) {
            if row.remote.port() == 0 {
                self.ports.insert(row.local.port());
            } else {
                self.connections.insert(ends(row));
            }
        }
    }

    /// Whether a socket is the stage's.
    pub(super) fn has(&self, row: &SocketRow, inodes: &BTreeSet<u32>) -> bool {
        let (local, remote) = ends(row);
        inodes.contains(&row.inode)
            || row.inode == 0
                && (self.knows(local, remote)
                    || self.ports.contains(&local.port())
                        && !self.before.contains(&(local, remote)))
    }

    /// Whether a segment between these two belongs to the stage.
    pub(super) fn connects(&self, src: SocketAddr, dst: SocketAddr) -> bool {
        let (src, dst) = (from_mapped(src), from_mapped(dst));
        self.knows(src, dst) || self.ports.contains(&src.port()) || self.ports.contains(&dst.port())
    }

    fn knows(&self, a: SocketAddr, b: SocketAddr) -> bool {
        self.connections.contains(&(a, b)) || self.connections.contains(&(b, a))
    }
}
