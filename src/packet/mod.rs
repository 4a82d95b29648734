//! What travels: packets as valid, typed values.
//!
//! **Architecture invariant:** a value of these types is well-formed. Bytes, checksums and malformed
//! input exist only at the edge to real captures, in native mode.

pub mod segment;

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
}

impl Packet {
    /// Source address and port.
    pub fn from(&self) -> SocketAddr {
        let Body::Tcp(segment) = &self.body;
        SocketAddr::new(self.src, segment.src_port)
    }

    /// Destination address and port.
    pub fn to(&self) -> SocketAddr {
        let Body::Tcp(segment) = &self.body;
        SocketAddr::new(self.dst, segment.dst_port)
    }
}
