//! Ports that a kernel chose by itself, named in the order in which they show, so that both kernels can
//! be compared.

use crate::abi::{MsgIn, Reply, Syscall, UserIn, nested};
use std::collections::BTreeMap;

/// The default ephemeral range.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// The ports that one kernel has chosen, and their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    names: BTreeMap<u16, u16>,
    seen: [u16; 2],
}

impl Names {
    /// The name of a port; a port that a program chose is its own name.
    pub(super) fn name(&mut self, port: u16) -> u16 {
        if !EPHEMERAL.contains(&port) {
            return port;
        }
        let odd = usize::from(port & 1);
        let next = [40_000, 50_001][odd] + 2 * self.seen[odd];
        let seen = &mut self.seen[odd];
        *self.names.entry(port).or_insert_with(|| {
            *seen += 1;
            next
        })
    }

    /// Every name given so far.
    pub(super) fn all(&self) -> Vec<u16> {
        self.names.values().copied().collect()
    }

    /// The port of that name.
    fn number(&self, name: u16) -> u16 {
        let found = self.names.iter().find(|(_, n)| **n == name);
        found.map_or(name, |(port, _)| *port)
    }

    /// A call as this kernel has to get it.
    pub(super) fn in_call(&self, call: &Syscall) -> Syscall {
        let mut call = call.clone();
        if let Some(UserIn::Bytes(bytes)) = address_of(&mut call) {
            rename(bytes, |name| self.number(name));
        }
        call
    }

    /// A reply with names in place of this kernel's ports.
    pub(super) fn in_reply(&mut self, call: &Syscall, mut reply: Reply) -> Reply {
        let at = match call {
            Syscall::Accept { .. }
            | Syscall::Accept4 { .. }
            | Syscall::Getsockname { .. }
            | Syscall::Getpeername { .. } => 1,
            Syscall::Recvfrom { .. } => 4,
            Syscall::Recvmsg { .. } => nested::MSG_NAME,
            // Nothing else writes an address.
            _ => return reply,
        };
        for write in reply.writes.iter_mut().filter(|write| write.arg == at) {
            rename(&mut write.bytes, |port| self.name(port));
        }
        reply
    }
}

/// The socket address among a call's arguments.
fn address_of(call: &mut Syscall) -> Option<&mut UserIn> {
    match call {
        Syscall::Bind { addr, .. } | Syscall::Connect { addr, .. } => Some(addr),
        Syscall::Sendto { addr, .. } => addr.as_mut(),
        Syscall::Sendmsg {
            msg: Some(MsgIn { name, .. }),
            ..
        } => name.as_mut(),
        // Nothing else takes one.
        _ => None,
    }
}

/// Renames the port of a `sockaddr_in` or `sockaddr_in6`; any other family has none.
fn rename(bytes: &mut [u8], with: impl FnOnce(u16) -> u16) {
    if let Some([2 | 10, 0, high, low]) = bytes.first_chunk_mut::<4>() {
        [*high, *low] = with(u16::from_be_bytes([*high, *low])).to_be_bytes();
    }
}
