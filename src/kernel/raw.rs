//! Raw sockets: `net/ipv4/raw.c`.

use serde::Serialize;

/// A raw socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Raw {}
