//! What can go wrong between this process and its puppets.
//!
//! What a *program* can observe is no error here: it is an [`Errno`](crate::abi::Errno) inside a
//! [`Reply`](crate::abi::Reply).

use nix::errno::Errno as Sys;
use std::fmt;
use std::time::Duration;

/// Why the native kernel could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// This machine's kernel refused something that a stage is made of.
    System {
        /// What was being done, as a verb phrase: "opening the capture socket".
        doing: String,
        /// The error number.
        errno: i32,
    },
    /// The call would sleep longer than the run may last, and nothing could wake it sooner.
    WaitTooLong {
        /// How long the program wants to sleep.
        asked: Duration,
        /// The bound of [`StageConfig::longest_wait`](super::StageConfig::longest_wait).
        bound: Duration,
    },
    /// A helper process did not answer in time.
    NoAnswer {
        /// What was being waited for.
        waiting_for: &'static str,
    },
    /// No such puppet in this stage.
    NoSuchPuppet,
    /// The puppet is still in a call: it takes one at a time.
    Busy,
    /// The puppet is in no call: there is nothing to wait for.
    Idle,
    /// The puppet has ended and takes no more calls.
    AlreadyEnded,
    /// The stage has as many living puppets as it can hold.
    TooManyPuppets {
        /// How many that is.
        bound: usize,
    },
    /// A program was to run as root, and this stage cannot do that.
    NoRoot,
    /// Segments cannot be seen here.
    NoCapture {
        /// Why.
        reason: String,
    },
    /// The capture socket's buffer ran over, so the list of segments would have holes.
    CaptureLost {
        /// How many segments are missing.
        segments: u32,
    },
    /// A puppet wrote more than the stage keeps.
    TooMuchOutput {
        /// The bound of [`StageConfig::longest_output`](super::StageConfig::longest_output).
        bound: usize,
    },
    /// The process that holds the stage is gone, and every puppet with it.
    StageGone,
    /// A call answered with an error number that Linux does not document for programs.
    StrangeErrno(i32),
    /// What came from a helper process or from the kernel made no sense.
    Garbled {
        /// What was being read.
        what: &'static str,
    },
}

impl Error {
    /// For `map_err`: names what was being done.
    pub(super) fn system(doing: &'static str) -> impl FnOnce(Sys) -> Error {
        move |errno| Error::System {
            doing: doing.to_owned(),
            errno: errno as i32,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::System { doing, errno } => {
                write!(f, "{doing}: {}", Sys::from_raw(*errno).desc())
            }
            Error::WaitTooLong { asked, bound } => write!(
                f,
                "the program wants to sleep for {asked:?}, and a native run waits for {bound:?} at most"
            ),
            Error::NoAnswer { waiting_for } => write!(f, "no answer while waiting for {waiting_for}"),
            Error::NoSuchPuppet => f.write_str("no such puppet"),
            Error::Busy => f.write_str("the puppet is still in a system call"),
            Error::Idle => f.write_str("the puppet is in no system call"),
            Error::AlreadyEnded => f.write_str("the puppet has ended"),
            Error::TooManyPuppets { bound } => write!(f, "more than {bound} processes at a time"),
            Error::NoRoot => f.write_str(
                "a program cannot run as root here: no network namespace of its own, and not started as root",
            ),
            Error::NoCapture { reason } => write!(f, "segments cannot be captured: {reason}"),
            Error::CaptureLost { segments } => {
                write!(f, "{segments} segments were lost: the capture buffer ran over")
            }
            Error::TooMuchOutput { bound } => {
                write!(f, "a program wrote more than {bound} bytes of output")
            }
            Error::StageGone => f.write_str("the process that holds the stage is gone"),
            Error::StrangeErrno(errno) => write!(f, "the kernel answered with error {errno}"),
            Error::Garbled { what } => write!(f, "{what} made no sense"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> std::io::Error {
        match error {
            Error::System { errno, .. } => std::io::Error::from_raw_os_error(errno),
            other => std::io::Error::other(other),
        }
    }
}
