//! Open file descriptions: what descriptors refer to, and `dup()` and `fork()` share.

use crate::abi::constants::{O_RDWR, O_WRONLY};
use crate::base::{Pid, PipeId, SockId};
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
    /// Other flags that F_GETFL tells and that change nothing here: O_APPEND, O_NOATIME.
    pub other_flags: i32,
    /// Of descriptors 0, 1 and 2: the process that began with them. What it forks shares them.
    pub stdio_of: Option<Pid>,
}

impl OpenFile {
    /// A fresh description with one reference.
    pub fn new(kind: FileKind, nonblocking: bool) -> OpenFile {
        OpenFile {
            kind,
            refs: 1,
            nonblocking,
            other_flags: 0,
            stdio_of: None,
        }
    }

    /// O_RDONLY (0), O_WRONLY or O_RDWR.
    pub fn access_mode(&self) -> i32 {
        match self.kind {
            FileKind::Socket(_) | FileKind::Epoll => O_RDWR,
            FileKind::Null(mode) => mode,
            FileKind::Stdio(Stdio::Input) | FileKind::Pipe(_, PipeEnd::Read) => 0,
            FileKind::Stdio(Stdio::Output | Stdio::Error) | FileKind::Pipe(_, PipeEnd::Write) => {
                O_WRONLY
            }
        }
    }
}

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum FileKind {
    /// A socket.
    Socket(SockId),
    /// One of the three streams that a process begins with; not a socket.
    Stdio(Stdio),
    /// One end of a pipe.
    Pipe(PipeId, PipeEnd),
    /// An epoll instance; its interest list lies under the number of the file.
    Epoll,
    /// /dev/null (null(4)), open for reading, writing or both.
    Null(i32),
}

/// Which end of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PipeEnd {
    /// `pipefd[0]`.
    Read,
    /// `pipefd[1]`.
    Write,
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
