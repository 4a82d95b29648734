//! TCP segments (RFC 9293 §3.1).

use crate::base::Seq;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::BitOr;
use std::rc::Rc;

/// The control bits of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Flags = Flags(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Flags = Flags(0x02);
    /// Reset the connection.
    pub const RST: Flags = Flags(0x04);
    /// Push function.
    pub const PSH: Flags = Flags(0x08);
    /// The acknowledgement field is significant.
    pub const ACK: Flags = Flags(0x10);
    /// The urgent pointer field is significant.
    pub const URG: Flags = Flags(0x20);

    /// ECN echo (RFC 3168).
    pub const ECE: Flags = Flags(0x40);
    /// Congestion window reduced (RFC 3168).
    pub const CWR: Flags = Flags(0x80);

    const NAMES: [(Flags, &'static str); 8] = [
        (Flags::FIN, "FIN"),
        (Flags::SYN, "SYN"),
        (Flags::RST, "RST"),
        (Flags::PSH, "PSH"),
        (Flags::URG, "URG"),
        (Flags::ACK, "ACK"),
        (Flags::ECE, "ECE"),
        (Flags::CWR, "CWR"),
    ];

    /// Whether all of `bits` are set.
    pub fn has(self, bits: Flags) -> bool {
        self.0 & bits.0 == bits.0
    }
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl fmt::Display for Flags {
    /// `SYN,ACK`; `none` if no bit is set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (bit, name) in Flags::NAMES {
            if self.has(bit) {
                write!(f, "{separator}{name}")?;
                separator = ",";
            }
        }
        if separator.is_empty() {
            f.write_str("none")
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The options that a segment carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TcpOptions {
    /// Maximum segment size, octets (RFC 9293 §3.7.1); on SYN segments only.
    pub mss: Option<u16>,
    /// Shift count of the window field (RFC 7323 §2); on SYN segments only.
    pub window_scale: Option<u8>,
    /// Selective acknowledgements are welcome (RFC 2018); on SYN segments only.
    pub sack_permitted: bool,
    /// TSval and TSecr (RFC 7323 §3).
    pub timestamps: Option<(u32, u32)>,
    /// Selective acknowledgements: left and right edges of what has arrived beyond a gap (RFC 2018 §3).
    pub sack: [Option<(Seq, Seq)>; 4],
}

/// One TCP segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// SEG.SEQ.
    pub seq: Seq,
    /// SEG.ACK; significant only with [`Flags::ACK`].
    pub ack: Seq,
    /// Control bits.
    pub flags: Flags,
    /// SEG.WND as on the wire: not yet shifted by the window scale.
    pub window: u16,
    /// The urgent pointer, from SEG.SEQ on; significant only with [`Flags::URG`].
    pub urgent: u16,
    /// Options.
    pub options: TcpOptions,
    /// The data, shared with the sender's queue.
    pub payload: Rc<[u8]>,
}

impl Segment {
    /// SEG.LEN: octets of sequence space, counting SYN and FIN.
    pub fn len(&self) -> u32 {
        let control = |bit| u32::from(self.flags.has(bit));
        self.payload.len() as u32 + control(Flags::SYN) + control(Flags::FIN)
    }

    /// Whether it occupies no sequence space.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sequence number after its last octet.
    pub fn end(&self) -> Seq {
        self.seq + self.len()
    }

    /// Whether a control bit is set.
    pub fn has(&self, bits: Flags) -> bool {
        self.flags.has(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syn_and_fin_occupy_sequence_space() {
        let segment = Segment {
            src_port: 1,
            dst_port: 2,
            seq: Seq(u32::MAX),
            ack: Seq(0),
            flags: Flags::SYN | Flags::FIN,
            window: 0,
            urgent: 0,
            options: TcpOptions::default(),
            payload: Rc::from(&b"ab"[..]),
        };
        assert_eq!((segment.len(), segment.end()), (4, Seq(3)));
        assert_eq!(segment.flags.to_string(), "FIN,SYN");
    }
}
