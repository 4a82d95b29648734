//! ICMP messages (RFC 792, RFC 4443): errors that quote the packet they are about, and echo.

use crate::base::Seq;
use crate::packet::Packet;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::rc::Rc;

/// One ICMP message; of ICMPv6 if the packet's addresses are IPv6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Icmp {
    /// An echo request, or the reply to one (RFC 792, RFC 4443 §4).
    Echo(Echo),
    /// A packet could not be delivered, or not as it was.
    Error(Error),
    /// Another message, as a raw socket sent it; the kernel makes nothing of it.
    Other(Rc<[u8]>),
}

/// An echo request or reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    /// It is a reply.
    pub reply: bool,
    /// A program wrote it by a raw socket; otherwise the kernel did, and routers may fragment it.
    pub by_program: bool,
    /// Code; 0, unless a program says otherwise.
    pub code: u8,
    /// Tells one asker's echoes from another's.
    pub id: u16,
    /// Tells one asker's echoes apart.
    pub sequence: u16,
    /// Comes back as it was sent.
    pub payload: Rc<[u8]>,
}

/// An error message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// Type.
    pub ty: u8,
    /// Code.
    pub code: u8,
    /// The next hop's MTU in "fragmentation needed" and "packet too big", octets; 0 otherwise.
    pub mtu: u32,
    /// The packet that it is about.
    pub about: Quoted,
    /// Its octets, if a program wrote it by a raw socket.
    pub written: Option<Rc<[u8]>>,
}

/// What an error quotes of a packet: its first octets, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// Source of the packet: to whom the error is sent.
    pub from: SocketAddr,
    /// Where the packet was to go.
    pub to: SocketAddr,
    /// What it carried.
    pub carried: Carried,
}

/// The protocol of a quoted packet, with what a kernel reads of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carried {
    /// A TCP segment with that sequence number.
    Tcp(Seq),
    /// A UDP datagram; as much of its data as the error has room for.
    Udp(Rc<[u8]>),
    /// An echo request with that identifier.
    Echo(u16),
}

/// What an error says, in either version of ICMP.
#[derive(Clone, Copy, Debug, PartialEq, Hash, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // The names are those of the RFCs.
pub enum Reason {
    NetUnreachable,
    HostUnreachable,
    ProtocolUnreachable,
    PortUnreachable,
    FragmentationNeeded,
    SourceRouteFailed,
    NetUnknown,
    HostUnknown,
    HostIsolated,
    Prohibited,
    TimeExceeded,
    ParameterProblem,
    Unknown,
}

impl Reason {
    /// As packet tools name it: `port unreachable`.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NetUnreachable => "net unreachable",
            Reason::HostUnreachable => "host unreachable",
            Reason::ProtocolUnreachable => "protocol unreachable",
            Reason::PortUnreachable => "port unreachable",
            Reason::FragmentationNeeded => "fragmentation needed",
            Reason::SourceRouteFailed => "source route failed",
            Reason::NetUnknown => "net unknown",
            Reason::HostUnknown => "host unknown",
            Reason::HostIsolated => "host isolated",
            Reason::Prohibited => "prohibited",
            Reason::TimeExceeded => "time exceeded",
            Reason::ParameterProblem => "parameter problem",
            Reason::Unknown => "unknown",
        }
    }
}

/// ICMP_DEST_UNREACH.
pub const DEST_UNREACH: u8 = 3;
/// ICMP_PORT_UNREACH.
pub const PORT_UNREACH: u8 = 3;
/// ICMPV6_DEST_UNREACH.
pub const V6_DEST_UNREACH: u8 = 1;
/// ICMPV6_PORT_UNREACH.
pub const V6_PORT_UNREACH: u8 = 4;

impl Error {
    /// That type and code about a packet, which carried that.
    pub fn about(packet: &Packet, (ty, code): (u8, u8), carried: Carried) -> Error {
        Error {
            ty,
            code,
            mtu: 0,
            about: Quoted {
                from: packet.from(),
                to: packet.to(),
                carried,
            },
            written: None,
        }
    }

    /// Whether it is of ICMPv6.
    pub fn is_v6(&self) -> bool {
        self.about.from.is_ipv6()
    }

    /// What it says (RFC 792, RFC 1812 §5.2.7, RFC 4443 §3).
    pub fn reason(&self) -> Reason {
        const V4: [Reason; 16] = [
            Reason::NetUnreachable,
            Reason::HostUnreachable,
            Reason::ProtocolUnreachable,
            Reason::PortUnreachable,
            Reason::FragmentationNeeded,
            Reason::SourceRouteFailed,
            Reason::NetUnknown,
            Reason::HostUnknown,
            Reason::HostIsolated,
            Reason::Prohibited,
            Reason::Prohibited,
            Reason::NetUnreachable,
            Reason::HostUnreachable,
            Reason::Prohibited,
            Reason::Prohibited,
            Reason::Prohibited,
        ];
        match (self.is_v6(), self.ty, self.code) {
            (false, DEST_UNREACH, code) => V4
                .get(usize::from(code))
                .copied()
                .unwrap_or(Reason::Unknown),
            (false, 11, _) | (true, 3, _) => Reason::TimeExceeded,
            (false, 12, _) | (true, 4, _) => Reason::ParameterProblem,
            (true, V6_DEST_UNREACH, 0) => Reason::NetUnreachable,
            (true, V6_DEST_UNREACH, 1 | 5 | 6) => Reason::Prohibited,
            (true, V6_DEST_UNREACH, 2 | 3) => Reason::HostUnreachable,
            (true, V6_DEST_UNREACH, V6_PORT_UNREACH) => Reason::PortUnreachable,
            (true, 2, _) => Reason::FragmentationNeeded,
            (_, _, _) => Reason::Unknown,
        }
    }
}
