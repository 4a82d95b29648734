//! Ports that a kernel chose by itself, named in the order in which they show, so that both kernels can
//! be compared.

use crate::abi::constants::IPPROTO_IP;
use crate::abi::{MsgIn, Reply, Syscall, UserIn, nested};
use std::collections::BTreeMap;

/// An option of <linux/in.h>.
const IP_PROTOCOL: i32 = 52;

/// The default ephemeral range.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// The ports and AF_UNIX names that one kernel has chosen, and what they are called.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// By whether they are ports of datagrams, whose parity is chance, and the number.
    names: BTreeMap<(bool, u16), u16>,
    seen: [u16; 3],
    /// AF_UNIX names of five hexadecimal digits, in the order in which they showed.
    unix: Vec<[u8; 5]>,
}

impl Names {
    /// The name of a port; a port that a program chose is its own name.
    fn name(&mut self, datagrams: bool, port: u16) -> u16 {
        if !EPHEMERAL.contains(&port) {
            return port;
        }
        let kind = if datagrams { 2 } else { usize::from(port & 1) };
        let next = [40_000, 50_001, 45_000][kind] + 2 * self.seen[kind];
        let seen = &mut self.seen[kind];
        *self.names.entry((datagrams, port)).or_insert_with(|| {
            *seen += 1;
            next
        })
    }

    /// Every name given so far to ports of one kind.
    pub(super) fn all(&self, datagrams: bool) -> Vec<u16> {
        let of_kind = self.names.iter().filter(|((d, _), _)| *d == datagrams);
        of_kind.map(|(_, name)| *name).collect()
    }

    /// The port of that name.
    fn number(&self, name: u16) -> u16 {
        let found = self.names.iter().find(|(_, n)| **n == name);
        found.map_or(name, |((_, port), _)| *port)
    }

    /// A call as this kernel has to get it.
    pub(super) fn in_call(&self, call: &Syscall) -> Syscall {
        let mut call = call.clone();
        for address in addresses_of(&mut call) {
            let UserIn::Bytes(bytes) = address else {
                continue;
            };
            rename(bytes, |name| self.number(name));
            if let Some(digits) = chosen_unix(bytes)
                && let [b'#', place @ ..] = *digits
                && let Ok(place) = String::from_utf8_lossy(&place).parse::<usize>()
                && let Some(real) = self.unix.get(place)
            {
                *digits = *real;
            }
        }
        call
    }

    /// A reply with names in place of this kernel's choices; whether the call was about datagrams of the internet.
    pub(super) fn in_reply(&mut self, call: &Syscall, mut reply: Reply, datagrams: bool) -> Reply {
        if let Syscall::Getsockopt {
            level: IPPROTO_IP,
            optname: IP_PROTOCOL,
            ..
        } = call
        {
            // inet_num, of which one octet tells nothing.
            for write in reply.writes.iter_mut().filter(|write| write.arg == 3) {
                match &mut write.bytes[..] {
                    [low, high, ..] => {
                        let port = u16::from_le_bytes([*low, *high]);
                        [*low, *high] = self.name(datagrams, port).to_le_bytes();
                    }
                    short => short.fill(0),
                }
            }
            return reply;
        }
        let at = match call {
            Syscall::Accept { .. }
            | Syscall::Accept4 { .. }
            | Syscall::Getsockname { .. }
            | Syscall::Getpeername { .. } => 1,
            Syscall::Recvfrom { .. } => 4,
            Syscall::Recvmsg { .. } => nested::MSG_NAME,
            Syscall::Recvmmsg { .. } => {
                // The time that is left is nobody's promise.
                reply.writes.retain(|write| write.arg != 4);
                nested::MSG_NAME
            }
            // Nothing else writes an address.
            _ => return reply,
        };
        for write in reply.writes.iter_mut().filter(|write| write.arg == at) {
            rename(&mut write.bytes, |port| self.name(datagrams, port));
            if let Some(digits) = chosen_unix(&mut write.bytes) {
                let known = self.unix.iter().position(|one| one == digits);
                let place = known.unwrap_or(self.unix.len());
                if known.is_none() {
                    self.unix.push(*digits);
                }
                if let Ok(name) = format!("#{place:04}").into_bytes().try_into() {
                    *digits = name;
                }
            }
        }
        reply
    }
}

/// The five digits of an abstract name that a kernel may have chosen.
fn chosen_unix(bytes: &mut [u8]) -> Option<&mut [u8; 5]> {
    match bytes {
        [1, 0, 0, digits @ ..] => digits.try_into().ok(),
        _ => None,
    }
}

/// The socket addresses among a call's arguments.
fn addresses_of(call: &mut Syscall) -> Vec<&mut UserIn> {
    fn name(msg: &mut MsgIn) -> Option<&mut UserIn> {
        msg.name.as_mut()
    }
    match call {
        Syscall::Bind { addr, .. } | Syscall::Connect { addr, .. } => vec![addr],
        Syscall::Sendto { addr, .. } => addr.iter_mut().collect(),
        Syscall::Sendmsg { msg, .. } => msg.iter_mut().filter_map(name).collect(),
        Syscall::Sendmmsg { msgvec, .. } => msgvec.iter_mut().filter_map(name).collect(),
        // Nothing else takes one.
        _ => Vec::new(),
    }
}

/// Renames the port of a `sockaddr_in` or `sockaddr_in6`; any other family has none.
fn rename(bytes: &mut [u8], with: impl FnOnce(u16) -> u16) {
    if let Some([2 | 10, 0, high, low]) = bytes.first_chunk_mut::<4>() {
        [*high, *low] = with(u16::from_be_bytes([*high, *low])).to_be_bytes();
    }
}
