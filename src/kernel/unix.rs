//! AF_UNIX: `net/unix/af_unix.c`.

use serde::Serialize;

/// An AF_UNIX socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unix {}
