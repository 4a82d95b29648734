//! Open file descriptions: what descriptors refer to, and `dup()` and `fork()` share.

use crate::base::SockId;
use serde::Serialize;

/// An open file description (`struct file`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OpenFile {
    /// What is open.
    pub kind: FileKind,
    /// Descriptors that refer to it, plus system calls under way in it.
    pub refs: u32,
    /// O_NONBLOCK, which belongs to the description, not to a descriptor.
    pub nonblocking: bool,
}

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum FileKind {
    /// A socket.
    Socket(SockId),
    /// One of the three streams that a process begins with; not a socket.
    Stdio(Stdio),
}

/// Descriptor 0, 1 or 2 as a process begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Stdio {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}
