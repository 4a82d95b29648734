//! What travels: packets as valid, typed values.
//!
//! **Architecture invariant:** a value of these types is well-formed. Bytes, checksums and malformed
//! input exist only at the edge to real captures, in native mode.

pub mod datagram;
pub mod icmp;
pub mod segment;

pub use datagram::Datagram;
pub use icmp::Icmp;
pub use segment::{Flags, Segment, TcpOptions};

use crate::base::PacketId;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// One IP packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// Unique per sending host; a retransmission is another packet.
    pub id: PacketId,
    /// Source address.
    pub src: IpAddr,
    /// Destination address.
    pub dst: IpAddr,
    /// What it carries.
    pub body: Body,
}

/// What an IP packet carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A TCP segment.
    Tcp(Segment),
    /// A UDP datagram.
    Udp(Datagram),
    /// An ICMP message.
    Icmp(Icmp),
}

impl Packet {
    /// Source and destination port; ICMP has none.
    fn ports(&self) -> (u16, u16) {
        match &self.body {
            Body::Tcp(segment) => (segment.src_port, segment.dst_port),
            Body::Udp(datagram) => (datagram.src_port, datagram.dst_port),
            Body::Icmp(_) => (0, 0),
        }
    }

    /// Source address and port; port 0 where there are none.
    pub fn from(&self) -> SocketAddr {
        SocketAddr::new(self.src, self.ports().0)
    }

    /// Destination address and port.
    pub fn to(&self) -> SocketAddr {
        SocketAddr::new(self.dst, self.ports().1)
    }
}
