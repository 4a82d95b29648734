//! UDP (RFC 768): `net/ipv4/udp.c`, `net/ipv6/udp.c`.
//!
//! A UDP socket has no state machine: it owns a port, perhaps names a peer, and keeps whole datagrams until the
//! program takes them.

mod calls;
mod cork;
mod errors;
pub(crate) mod lookup;
mod port;
mod receive;

use crate::base::Fifo;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Protocol, Socket};
use crate::kernel::{Cx, Kernel};
use crate::packet::{Datagram, Packet};
pub use calls::Way;
pub(crate) use calls::{SEND_FLAGS, route};
pub use errors::QueuedError;
pub(crate) use receive::{can_receive, readiness};
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// The most data that fits into an IPv4 packet with a UDP header.
pub(crate) const MAX_V4: u64 = 65_507;
/// The same over IPv6, whose header is not counted.
pub(crate) const MAX_V6: u64 = 65_527;

/// A UDP socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Udp {
    /// `sk_receive_queue`: datagrams that the program has not taken, oldest first. Bounded by SO_RCVBUF.
    pub queue: Fifo<Received>,
    /// `sk_rmem_alloc`: octets of memory that count against SO_RCVBUF.
    pub memory: u32,
    /// `forward_deficit`: memory of datagrams that were taken and is not given back yet.
    deficit: u32,
    /// `reader_queue`: so many of the oldest datagrams were moved to where readers take them.
    readable: u32,
    /// `sk_drops`: datagrams that found no room.
    pub drops: u32,
    /// `sk_error_queue`, oldest first.
    pub errors: Fifo<QueuedError>,
    /// `sk_v6_daddr` of an AF_INET6 socket: the address of its last peer. Disconnecting does not forget it, and what comes
    /// over IPv6 is heard from there alone.
    pub v6_daddr: Option<IpAddr>,
    /// `pending`: what MSG_MORE or UDP_CORK holds back. Bounded by the largest datagram.
    pub held: Option<Box<Held>>,
}

/// A datagram that is not complete yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Where the first call sent it.
    pub way: Way,
    /// Its data so far.
    pub data: Vec<u8>,
}

/// A datagram in a receive queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Received {
    /// Who sent it.
    pub from: SocketAddr,
    /// The local address that it was sent to.
    pub to: IpAddr,
    /// The time to live that was left.
    pub ttl: u8,
    /// Its data.
    pub payload: Rc<[u8]>,
    /// Octets of memory that it takes.
    pub truesize: u32,
}

/// `skb->truesize` of a datagram over the loopback device of a 64-bit Linux 6.18: the data with its headers in the next
/// larger bucket of the allocator, and what describes it. Measured.
pub(crate) fn truesize(to: IpAddr, len: u32) -> u32 {
    const DESCRIPTION: u32 = 256;
    const SMALL: u32 = 576;
    let filled = len + if to.is_ipv4() { 379 } else { 392 };
    if filled <= SMALL {
        DESCRIPTION + SMALL
    } else if filled < 16_384 {
        DESCRIPTION + filled.next_power_of_two()
    } else if to.is_ipv6() && len > 65_488 {
        // Two fragments.
        len + 1_655
    } else {
        // Beyond four pages the data lies in pages of its own.
        DESCRIPTION + SMALL + len
    }
}

impl Socket {
    /// What only UDP has.
    pub fn udp(&self) -> Option<&Udp> {
        match &self.protocol {
            Protocol::Udp(udp) => Some(udp),
            Protocol::Tcp | Protocol::Raw(_) | Protocol::Unix(_) => None,
        }
    }

    pub(crate) fn udp_mut(&mut self) -> Option<&mut Udp> {
        match &mut self.protocol {
            Protocol::Udp(udp) => Some(udp),
            Protocol::Tcp | Protocol::Raw(_) | Protocol::Unix(_) => None,
        }
    }
}

impl Udp {
    /// FIONREAD: the octets of the next datagram, not of all.
    pub fn next_len(&self) -> u32 {
        self.queue
            .front()
            .map_or(0, |next| next.payload.len() as u32)
    }

    /// `udp_rqueue_get()`: octets of memory that the receive queue takes, as ss(8) shows them.
    pub fn queued_memory(&self) -> u32 {
        self.memory - self.deficit
    }

    /// Octets of data in the receive queue.
    pub fn octets(&self) -> u32 {
        self.queue.iter().map(|r| r.payload.len() as u32).sum()
    }

    /// `__udp_enqueue_schedule_skb()`: whether there is room. An empty queue takes any datagram.
    fn has_room(&self, truesize: u32, buffer: u32) -> bool {
        self.memory == 0 || self.memory + truesize <= buffer
    }

    /// `udp_rmem_release()`: memory of taken datagrams is given back in large pieces, or when nothing is left to read.
    fn release(&mut self, truesize: u32, buffer: u32) {
        self.deficit += truesize;
        if self.deficit < buffer / 4 && self.readable > 0 {
            return;
        }
        self.memory -= self.deficit;
        self.deficit = 0;
    }

    /// `__skb_recv_udp()`: the oldest datagram.
    fn take(&mut self, buffer: u32) -> Option<Received> {
        if self.readable == 0 {
            self.readable = self.queue.len() as u32;
        }
        let received = self.queue.pop_front()?;
        self.readable -= 1;
        self.release(received.truesize, buffer);
        Some(received)
    }
}

impl Kernel {
    /// `__udp4_lib_rcv()`: a datagram for a port of this host.
    pub(crate) fn datagram_arrives(&mut self, cx: &mut Cx, packet: &Packet, datagram: &Datagram) {
        let Some(sock) = self.udp_endpoint(packet.to(), packet.from()) else {
            self.port_unreachable(cx, packet, datagram);
            return;
        };
        let len = datagram.payload.len() as u32;
        let truesize = truesize(packet.dst, len);
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let buffer = socket.receive_buffer(&self.sysctl);
        let Some(udp) = socket.udp_mut() else { return };
        if !udp.has_room(truesize, buffer) {
            udp.drops += 1;
            let because = Rule::ReceiveBufferFull;
            cx.emit(EventKind::DatagramDropped { sock, len, because });
            return;
        }
        udp.memory += truesize;
        udp.queue.push_back(Received {
            from: packet.from(),
            to: packet.dst,
            ttl: datagram.ttl,
            payload: datagram.payload.clone(),
            truesize,
        });
        let queued = udp.queue.len() as u32;
        cx.emit(EventKind::DatagramQueued { sock, len, queued });
        self.wake(cx, sock, Rule::Readiness);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn truesize_is_what_linux_counts() {
        let v4 = |len| truesize(Ipv4Addr::LOCALHOST.into(), len);
        let v6 = |len| truesize(Ipv6Addr::LOCALHOST.into(), len);
        let measured = [
            (0, 832),
            (197, 832),
            (198, 1_280),
            (646, 2_304),
            (1_669, 2_304),
        ];
        let larger = [
            (3_717, 4_352),
            (7_814, 16_640),
            (16_004, 16_640),
            (16_005, 16_837),
        ];
        for (len, size) in measured.into_iter().chain(larger) {
            assert_eq!(v4(len), size, "{len}");
        }
        for (len, size) in [(184, 832), (185, 1_280), (15_992, 16_824), (65_489, 67_144)] {
            assert_eq!(v6(len), size, "{len}");
        }
    }

    #[test]
    fn memory_is_given_back_by_quarters_of_the_buffer() {
        let (mut udp, buffer) = (Udp::default(), 212_992);
        let received = Received {
            from: SocketAddr::from(([127, 0, 0, 1], 9)),
            to: Ipv4Addr::LOCALHOST.into(),
            ttl: 64,
            payload: Rc::from(&b"x"[..]),
            truesize: 832,
        };
        while udp.has_room(832, buffer) {
            udp.queue.push_back(received.clone());
            udp.memory += 832;
        }
        assert_eq!(udp.queue.len(), 256);
        let mut seen = vec![udp.memory];
        while udp.take(buffer).is_some() {
            if seen.last() != Some(&udp.memory) {
                seen.push(udp.memory);
            }
        }
        assert_eq!(seen, [212_992, 159_744, 106_496, 53_248, 0]);
    }
}
