//! Typed ids. An id is never reused within a run, so that an event can name a thing that is gone.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl From<u32> for $name {
            fn from(n: u32) -> Self {
                Self(n as $inner)
            }
        }
    };
}

id!(
    /// A host: one simulated kernel. Counted from 0 in the order of the scenario.
    HostId, u16, "host"
);
id!(
    /// A process, as `getpid()` numbers it.
    Pid, u32, "pid"
);
id!(
    /// A task (thread), the thing that enters system calls and sleeps. The first task of a process
    /// has the number of its process, as on Linux.
    Tid, u32, "tid"
);
id!(
    /// An open file description: what a descriptor refers to and `dup()` shares.
    FileId, u32, "file"
);
id!(
    /// A pipe, with its two ends.
    PipeId, u32, "pipe"
);
id!(
    /// One endpoint's entry in the kernel, from half-open request to the end of TIME-WAIT.
    SockId, u32, "sock"
);
id!(
    /// One packet on its way, numbered by the host that sends it; a retransmission is a new packet.
    PacketId, u32, "packet"
);
