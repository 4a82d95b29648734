//! UDP datagrams (RFC 768).

use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// One UDP datagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datagram {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Time to live, of the IP header, as it left.
    pub ttl: u8,
    /// The data, whole: a datagram is never cut or joined.
    pub payload: Rc<[u8]>,
}
