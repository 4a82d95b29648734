//! What events say of a packet.

use crate::base::Seq;
use crate::packet::{Body, Flags, Icmp, Segment, icmp};
use serde::Serialize;

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Carries {
    /// A TCP segment.
    Tcp,
    /// A UDP datagram.
    Udp,
    /// An ICMP echo request.
    EchoRequest,
    /// An ICMP echo reply.
    EchoReply,
    /// An ICMP error.
    Error(icmp::Reason),
    /// Another ICMP message.
    Icmp,
}

/// The header fields of a packet that a picture of it needs. Flags, numbers and window are TCP's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// What it is.
    pub carries: Carries,
    /// Control bits.
    pub flags: Flags,
    /// SEG.SEQ.
    pub seq: Seq,
    /// SEG.ACK.
    pub ack: Seq,
    /// Octets of data.
    pub len: u32,
    /// SEG.WND as on the wire.
    pub window: u16,
}

impl Head {
    /// What stands on its arrow: `SYN,ACK`, `UDP`, `ICMP port unreachable`.
    pub fn label(&self) -> String {
        match self.carries {
            Carries::Tcp => self.flags.to_string(),
            Carries::Udp => "UDP".to_owned(),
            Carries::EchoRequest => "ICMP echo request".to_owned(),
            Carries::EchoReply => "ICMP echo reply".to_owned(),
            Carries::Error(reason) => ["ICMP ", reason.name()].concat(),
            Carries::Icmp => "ICMP".to_owned(),
        }
    }
}

impl From<&Segment> for Head {
    fn from(segment: &Segment) -> Head {
        Head {
            carries: Carries::Tcp,
            flags: segment.flags,
            seq: segment.seq,
            ack: segment.ack,
            len: segment.payload.len() as u32,
            window: segment.window,
        }
    }
}

impl From<&Body> for Head {
    fn from(body: &Body) -> Head {
        let (carries, len) = match body {
            Body::Tcp(segment) => return segment.into(),
            Body::Udp(datagram) => (Carries::Udp, datagram.payload.len()),
            Body::Icmp(Icmp::Echo(echo)) if echo.reply => (Carries::EchoReply, echo.payload.len()),
            Body::Icmp(Icmp::Echo(echo)) => (Carries::EchoRequest, echo.payload.len()),
            Body::Icmp(Icmp::Error(error)) => (Carries::Error(error.reason()), 0),
            Body::Icmp(Icmp::Other(bytes)) => (Carries::Icmp, bytes.len()),
        };
        Head {
            carries,
            flags: Flags(0),
            seq: Seq(0),
            ack: Seq(0),
            len: len as u32,
            window: 0,
        }
    }
}
