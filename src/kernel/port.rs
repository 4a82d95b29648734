//! The port table: who owns which local port, when two owners exclude each other, and which port the
//! kernel chooses by itself.

use crate::abi::Inet;
use crate::base::sorted::forget;
use crate::base::{Arena, ChoiceKind, SockId, SortedMap};
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{PortClaim, Socket};
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// The bind buckets of one protocol, by port (`struct inet_bind_bucket`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PortTable {
    buckets: Rc<SortedMap<u16, Bucket>>,
}

/// One port's owners.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// The sockets that own the port, in the order in which they came.
    pub owners: Vec<SockId>,
    /// Only connections for which connect(2) chose the port are here: another connect(2) may choose
    /// it, too (`fastreuse` is −1 in Linux).
    pub by_connect: bool,
}

/// Why a port cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The owner in the way.
    pub with: SockId,
    /// What forbids sharing.
    pub because: Rule,
}

impl PortTable {
    /// The owners of a port.
    pub fn bucket(&self, port: u16) -> Option<&Bucket> {
        self.buckets.get(&port)
    }

    /// Every port in use, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Bucket)> {
        self.buckets.iter().map(|(port, bucket)| (*port, bucket))
    }

    /// Adds an owner that is not asked how it shares: a connection of a listener, a TIME-WAIT.
    pub(crate) fn add(&mut self, port: u16, sock: SockId) {
        let bucket = Rc::make_mut(&mut self.buckets).get_or_insert(port, Bucket::default());
        bucket.owners.push(sock);
    }

    /// Adds an owner that asked for the port (`inet_csk_update_fastreuse()`).
    pub(crate) fn claim(&mut self, claim: PortClaim, sock: SockId) {
        let bucket = Rc::make_mut(&mut self.buckets).get_or_insert(claim.port, Bucket::default());
        bucket.by_connect = claim.by_connect && (bucket.owners.is_empty() || bucket.by_connect);
        if !bucket.owners.contains(&sock) {
            bucket.owners.push(sock);
        }
    }

    /// The owner has come anew.
    pub(crate) fn move_to_end(&mut self, port: u16, sock: SockId) {
        if let Some(bucket) = Rc::make_mut(&mut self.buckets).get_mut(&port) {
            forget(&mut bucket.owners, sock);
            bucket.owners.push(sock);
        }
    }

    /// Removes an owner; a bucket without owners is gone. `is_connection` says of each other owner
    /// whether connect(2) chose its port: if all are so, others may join again.
    pub(crate) fn remove(
        &mut self,
        port: u16,
        sock: SockId,
        is_connection: impl Fn(SockId) -> bool,
    ) {
        let buckets = Rc::make_mut(&mut self.buckets);
        if let Some(bucket) = buckets.get_mut(&port) {
            forget(&mut bucket.owners, sock);
            bucket.by_connect |= bucket.owners.iter().all(|owner| is_connection(*owner));
            if bucket.owners.is_empty() {
                buckets.remove(&port);
            }
        }
    }

    /// `inet_csk_get_port()` with a port: the first owner that excludes `socket` from it.
    pub(crate) fn conflict(
        &self,
        sockets: &Arena<SockId, Socket>,
        id: SockId,
        socket: &Socket,
        port: u16,
    ) -> Option<Conflict> {
        self.bucket(port)?.bind_conflict(sockets, id, socket, true)
    }
}

impl Bucket {
    /// `inet_csk_bind_conflict()`. Only a program that names the port may share it (`relax`): the
    /// kernel does not choose one that somebody has.
    fn bind_conflict(
        &self,
        sockets: &Arena<SockId, Socket>,
        id: SockId,
        socket: &Socket,
        relax: bool,
    ) -> Option<Conflict> {
        self.owners
            .iter()
            .filter(|owner| **owner != id)
            .find_map(|owner| {
                let other = sockets.get(*owner)?;
                if !addresses_overlap(socket, other) {
                    return None;
                }
                let both = |opt| socket.options.on(opt) && other.options.on(opt);
                // SO_REUSEADDR must be set on both, and the other must not listen; SO_REUSEPORT on both
                // shares even with a listener.
                let because = if !relax {
                    Rule::AddressInUse
                } else if both(Opt::ReusePort) {
                    return None;
                } else if !both(Opt::ReuseAddr) {
                    Rule::NoReuse
                } else if other.state() == TcpState::Listen {
                    Rule::ListenerInTheWay
                } else {
                    return None;
                };
                Some(Conflict {
                    with: *owner,
                    because,
                })
            })
    }
}

/// `inet_rcv_saddr_equal()`: whether some packet could be meant for either. A wildcard overlaps with
/// everything of its family; an IPv6 wildcard also with IPv4, unless IPV6_V6ONLY is set. `a` asks for the port: if
/// it is an IPv4 wildcard, Linux finds a conflict with an IPv6 socket of any address, if that could have been
/// reached over IPv4 before it had the address.
pub(crate) fn addresses_overlap(a: &Socket, b: &Socket) -> bool {
    match (a.local.address(), b.local.address()) {
        (IpAddr::V4(x), IpAddr::V4(y)) => x == y || x.is_unspecified() || y.is_unspecified(),
        (IpAddr::V6(x), IpAddr::V6(y)) => x == y || x.is_unspecified() || y.is_unspecified(),
        (IpAddr::V6(x), IpAddr::V4(_)) => x.is_unspecified() && !a.options.on(Opt::V6Only),
        (IpAddr::V4(x), IpAddr::V6(y)) => {
            (x.is_unspecified() || y.is_unspecified()) && !b.options.on(Opt::V6Only)
        }
    }
}

/// How the kernel walks through the ephemeral range: from a random place, every second port, first
/// those of one parity, then those of the other.
struct Walk {
    low: u32,
    remaining: u32,
    offset: u32,
}

impl Walk {
    /// The candidates in order.
    fn candidates(&self) -> impl Iterator<Item = u16> {
        let (low, high) = (self.low, self.low + self.remaining);
        let (first, remaining) = (self.offset, self.remaining);
        let parity = first & 1;
        let pass = move |offset: u32| {
            (0..remaining.div_ceil(2)).map(move |step| {
                let port = low + offset + 2 * step;
                let port = if port >= high { port - remaining } else { port };
                port as u16
            })
        };
        let second = if parity == 0 { first + 1 } else { first - 1 };
        pass(first)
            .chain(pass(second))
            .filter(move |port| u32::from(*port) < high)
    }
}

/// `inet_csk_find_open_port()`: a port for bind(2) to port 0. Odd ports come first, so that the even
/// ones stay for connect(2); a socket with SO_REUSEADDR looks in the lower half of the range first.
pub(crate) fn for_bind(
    table: &PortTable,
    sockets: &Arena<SockId, Socket>,
    id: SockId,
    socket: &Socket,
    (low, high): (u16, u16),
    cx: &mut Cx,
) -> Option<u16> {
    let (low, end) = (u32::from(low), u32::from(high) + 1);
    let half = low + (((end - low) >> 2) << 1);
    let halves = if socket.options.on(Opt::ReuseAddr) && end - low >= 4 {
        vec![(low, half), (half, end)]
    } else {
        vec![(low, end)]
    };
    let mut tried = 0;
    for (low, end) in halves {
        let remaining = if end - low > 1 {
            (end - low) & !1
        } else {
            end - low
        };
        let offset = cx.choose(ChoiceKind::BindPortOffset, remaining) | 1;
        let because = Rule::BindEphemeral;
        search_event(cx, id, (low, end), low + offset % remaining.max(1), because);
        for port in (Walk {
            low,
            remaining,
            offset,
        })
        .candidates()
        {
            tried += 1;
            let bucket = table.bucket(port);
            if bucket.is_none_or(|b| b.bind_conflict(sockets, id, socket, false).is_none()) {
                cx.emit(EventKind::PortChosen {
                    sock: id,
                    port,
                    tried,
                    because,
                });
                return Some(port);
            }
        }
    }
    cx.emit(EventKind::PortChosen {
        sock: id,
        port: 0,
        tried,
        because: Rule::BindEphemeral,
    });
    None
}

/// `__inet_hash_connect()`: a port for connect(2) on a socket that has none. Ports of the parity of
/// the range's low end (even by default) come first. A port that another connection chose in the same
/// way is fine as long as the four addresses together are new; a port that a bind(2) owns is not.
pub(crate) fn for_connect(
    table: &PortTable,
    tuple_free: impl Fn(u16) -> bool,
    id: SockId,
    (low, high): (u16, u16),
    cx: &mut Cx,
) -> Option<u16> {
    let (low, end) = (u32::from(low), u32::from(high) + 1);
    let remaining = if end - low > 1 {
        (end - low) & !1
    } else {
        end - low
    };
    let offset = cx.choose(ChoiceKind::ConnectPortOffset, remaining) & !1;
    let because = Rule::ConnectEphemeral;
    search_event(cx, id, (low, end), low + offset, because);
    for (tried, port) in (1..).zip(
        (Walk {
            low,
            remaining,
            offset,
        })
        .candidates(),
    ) {
        let free = match table.bucket(port) {
            None => true,
            Some(bucket) => bucket.by_connect && tuple_free(port),
        };
        if free {
            cx.emit(EventKind::PortChosen {
                sock: id,
                port,
                tried,
                because,
            });
            return Some(port);
        }
    }
    cx.emit(EventKind::PortChosen {
        sock: id,
        port: 0,
        tried: remaining,
        because,
    });
    None
}

fn search_event(cx: &mut Cx, sock: SockId, (low, end): (u32, u32), first: u32, because: Rule) {
    let (low, high, first) = (low as u16, (end - 1) as u16, first as u16);
    cx.emit(EventKind::PortSearch {
        sock,
        first,
        low,
        high,
        because,
    });
}

/// The well-known service of a port (services(5)), as far as introductions to sockets name them.
pub fn service_name(port: u16) -> Option<&'static str> {
    Some(match port {
        7 => "echo",
        13 => "daytime",
        20 => "ftp-data",
        21 => "ftp",
        22 => "ssh",
        23 => "telnet",
        25 => "smtp",
        53 => "domain",
        67 => "bootps",
        69 => "tftp",
        79 => "finger",
        80 => "http",
        110 => "pop3",
        123 => "ntp",
        143 => "imap2",
        443 => "https",
        465 => "submissions",
        587 => "submission",
        993 => "imaps",
        995 => "pop3s",
        3306 => "mysql",
        5432 => "postgresql",
        6379 => "redis",
        8080 => "http-alt",
        _ => return None,
    })
}

/// The four addresses that tell one connection from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FourTuple {
    /// This side.
    pub local: SocketAddr,
    /// The other side.
    pub remote: SocketAddr,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(low: u32, remaining: u32, offset: u32) -> Vec<u16> {
        Walk {
            low,
            remaining,
            offset,
        }
        .candidates()
        .collect()
    }

    #[test]
    fn a_walk_visits_one_parity_and_then_the_other_and_every_port_once() {
        let ports = all(40_000, 4, 0);
        assert_eq!(ports, [40_000, 40_002, 40_001, 40_003]);
        let ports = all(40_000, 6, 3);
        assert_eq!(ports, [40_003, 40_005, 40_001, 40_002, 40_004, 40_000]);
        let mut every = all(32_768, 28_232, 17_777);
        every.sort_unstable();
        every.dedup();
        assert_eq!(every.len(), 28_232);
    }

    #[test]
    fn well_known_ports_have_names() {
        assert_eq!(service_name(80), Some("http"));
        assert_eq!(service_name(12345), None);
    }
}
