//! A puppet's descriptors 0, 1 and 2, seen from outside.

use super::{Chunk, Error, PuppetSpec, Stream};
use nix::errno::Errno as Sys;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{pipe2, read, write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};

/// The outer ends, what is still to be fed and what has been written.
pub(super) struct Streams {
    feed: Option<Feed>,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    chunks: Vec<Chunk>,
    total: usize,
    stdout_total: usize,
    bound: usize,
    /// Where bytes arrive; kept, because output is looked for after every call.
    scratch: Vec<u8>,
}

/// What is left of standard input.
struct Feed {
    pipe: OwnedFd,
    /// Held open so that a program which closes its input never makes this process's write fail,
    /// which would be a SIGPIPE here.
    _reader: OwnedFd,
    rest: Vec<u8>,
}

/// Which of a puppet's streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Stdin,
    Output(Stream),
}

impl Streams {
    /// Makes the streams; the second value is what the puppet gets as 0, 1 and 2.
    pub(super) fn make(spec: &PuppetSpec, bound: usize) -> Result<(Streams, [OwnedFd; 3]), Error> {
        let piped = || pipe2(OFlag::O_CLOEXEC).map_err(Error::system("making a pipe"));
        let (stdin, feed) = piped()?;
        let reader = stdin.try_clone().map_err(|_| Error::Garbled {
            what: "a pipe's descriptor",
        })?;
        let (stdout, inner_stdout) = if spec.tty {
            make_terminal().map_err(Error::system("making a terminal"))?
        } else {
            piped()?
        };
        let (stderr, inner_stderr) = piped()?;
        for outer in [&feed, &stdout, &stderr] {
            fcntl(outer, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
                .map_err(Error::system("making a pipe's end non-blocking"))?;
        }
        let mut streams = Streams {
            feed: Some(Feed {
                pipe: feed,
                _reader: reader,
                rest: spec.stdin.clone(),
            }),
            stdout: Some(stdout),
            stderr: Some(stderr),
            chunks: Vec::new(),
            total: 0,
            stdout_total: 0,
            bound,
            scratch: vec![0; 1 << 16],
        };
        streams.advance(Which::Stdin)?;
        Ok((streams, [stdin, inner_stdout, inner_stderr]))
    }

    /// Those of a puppet that shares another's.
    pub(super) fn none() -> Streams {
        Streams {
            feed: None,
            stdout: None,
            stderr: None,
            chunks: Vec::new(),
            total: 0,
            stdout_total: 0,
            bound: 0,
            scratch: Vec::new(),
        }
    }

    /// The descriptors that something can be done with once they are ready.
    pub(super) fn open_ends(&self) -> impl Iterator<Item = (Which, BorrowedFd<'_>)> {
        let feed = self.feed.as_ref().map(|f| (Which::Stdin, f.pipe.as_fd()));
        let stdout = self.stdout.as_ref().map(|f| (Stream::Stdout, f.as_fd()));
        let stderr = self.stderr.as_ref().map(|f| (Stream::Stderr, f.as_fd()));
        let outputs = stdout.into_iter().chain(stderr);
        feed.into_iter()
            .chain(outputs.map(|(stream, fd)| (Which::Output(stream), fd)))
    }

    /// Feeds or drains one stream as far as it goes without waiting; `true` if bytes moved.
    pub(super) fn advance(&mut self, which: Which) -> Result<bool, Error> {
        match which {
            Which::Stdin => self.feed(),
            Which::Output(stream) => self.drain(stream),
        }
    }

    /// Everything written so far.
    pub(super) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// How many bytes came out of standard output.
    pub(super) fn stdout_total(&self) -> usize {
        self.stdout_total
    }

    fn feed(&mut self) -> Result<bool, Error> {
        let Some(feed) = &mut self.feed else {
            return Ok(false);
        };
        let mut moved = false;
        while !feed.rest.is_empty() {
            match write(&feed.pipe, &feed.rest) {
                Ok(written) => {
                    feed.rest.drain(..written);
                    moved = true;
                }
                Err(Sys::EINTR) => {}
                Err(Sys::EAGAIN) => return Ok(moved),
                Err(errno) => return Err(Error::system("feeding standard input")(errno)),
            }
        }
        // Closing the last writer is what makes end-of-file.
        self.feed = None;
        Ok(true)
    }

    fn drain(&mut self, stream: Stream) -> Result<bool, Error> {
        let slot = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let mut moved = false;
        while let Some(fd) = slot {
            match read(&*fd, &mut self.scratch) {
                // A terminal whose last user is gone answers EIO.
                Ok(0) | Err(Sys::EIO) => *slot = None,
                Ok(got) => {
                    moved = true;
                    self.total += got;
                    if stream == Stream::Stdout {
                        self.stdout_total += got;
                    }
                    let bytes = self.scratch[..got].to_vec();
                    self.chunks.push(Chunk { stream, bytes });
                    if self.total > self.bound {
                        return Err(Error::TooMuchOutput { bound: self.bound });
                    }
                }
                Err(Sys::EINTR) => {}
                Err(Sys::EAGAIN) => return Ok(moved),
                Err(errno) => return Err(Error::system("reading a program's output")(errno)),
            }
        }
        Ok(moved)
    }
}

/// A terminal in raw mode: what comes out is what was written. (outer, inner)
fn make_terminal() -> nix::Result<(OwnedFd, OwnedFd)> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let outer = posix_openpt(flags)?;
    grantpt(&outer)?;
    unlockpt(&outer)?;
    let inner = open(ptsname_r(&outer)?.as_str(), flags, Mode::empty())?;
    let mut settings = tcgetattr(&inner)?;
    cfmakeraw(&mut settings);
    tcsetattr(&inner, SetArg::TCSANOW, &settings)?;
    // SAFETY: `into_raw_fd` gives the ownership up, and nobody else has it.
    let outer = unsafe { OwnedFd::from_raw_fd(outer.into_raw_fd()) };
    Ok((outer, inner))
}
