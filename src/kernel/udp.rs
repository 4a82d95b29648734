//! UDP (RFC 768): `net/ipv4/udp.c`.

use serde::Serialize;

/// A UDP socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Udp {}
