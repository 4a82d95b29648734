//! Pipes: `fs/pipe.c`.

use crate::abi::constants::{POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM};
use crate::base::{Fifo, FileId};
use crate::kernel::file::PipeEnd;
use serde::Serialize;

/// PAGE_SIZE, which is also PIPE_BUF: so many octets are written in one piece or not at all.
pub const PAGE: usize = 4_096;
/// PIPE_DEF_BUFFERS: a pipe holds so many pages, 64 KiB if each is full.
pub const PAGES: usize = 16;

/// One page of a pipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Page {
    /// Where what was not read yet begins.
    offset: usize,
    bytes: Vec<u8>,
    /// Packet mode (O_DIRECT): nothing is appended, and one read takes at most this page.
    packet: bool,
}

/// A pipe: pages with octets that nobody has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pipe {
    pages: Fifo<Page>,
    /// The open reading end, if it is open.
    pub reader: Option<FileId>,
    /// The open writing end.
    pub writer: Option<FileId>,
}

impl Pipe {
    /// An empty pipe.
    pub fn new(reader: FileId, writer: FileId) -> Pipe {
        Pipe {
            pages: Fifo::default(),
            reader: Some(reader),
            writer: Some(writer),
        }
    }

    /// Octets that can be read.
    pub fn len(&self) -> usize {
        let left = self.pages.iter().map(|p| p.bytes.len() - p.offset);
        left.sum()
    }

    /// Whether nothing can be read.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Whether every page is taken, however full (`pipe_full()`).
    pub fn is_full(&self) -> bool {
        self.pages.len() >= PAGES
    }

    /// `pipe_write()`: takes what there is room for. A remainder of a page that still fits into the
    /// last one goes there; everything else takes fresh pages.
    pub fn write(&mut self, data: &[u8], packet: bool) -> usize {
        let mut taken = 0;
        let chars = data.len() % PAGE;
        if let Some(last) = self.pages.back_mut()
            && chars > 0
            && !last.packet
            && last.bytes.len() + chars <= PAGE
        {
            last.bytes.extend(&data[..chars]);
            taken = chars;
        }
        while taken < data.len() && !self.is_full() {
            let end = data.len().min(taken + PAGE);
            self.pages.push_back(Page {
                offset: 0,
                bytes: data[taken..end].to_vec(),
                packet,
            });
            taken = end;
        }
        taken
    }

    /// `pipe_read()`: at most `len` octets.
    pub fn read(&mut self, len: usize) -> Vec<u8> {
        let mut got = Vec::new();
        while got.len() < len {
            let Some(page) = self.pages.front_mut() else {
                break;
            };
            let end = page.bytes.len().min(page.offset + len - got.len());
            got.extend(&page.bytes[page.offset..end]);
            page.offset = end;
            let packet = page.packet;
            if packet || page.offset == page.bytes.len() {
                self.pages.pop_front();
            }
            if packet {
                break;
            }
        }
        got
    }

    /// `pipe_poll()`.
    pub fn readiness(&self, end: PipeEnd) -> i32 {
        let mut mask = 0;
        match end {
            PipeEnd::Read => {
                if !self.is_empty() {
                    mask |= POLLIN | POLLRDNORM;
                }
                if self.writer.is_none() {
                    mask |= POLLHUP;
                }
            }
            PipeEnd::Write => {
                if !self.is_full() {
                    mask |= POLLOUT | POLLWRNORM;
                }
                if self.reader.is_none() {
                    mask |= POLLERR;
                }
            }
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipe() -> Pipe {
        Pipe::new(FileId(1), FileId(2))
    }

    #[test]
    fn small_writes_share_a_page_and_a_page_that_was_begun_is_never_refilled() {
        let mut pipe = pipe();
        for _ in 0..PAGE {
            assert_eq!(pipe.write(b"x", false), 1);
        }
        assert_eq!((pipe.pages.len(), pipe.len()), (1, PAGE));
        assert_eq!(pipe.read(100).len(), 100);
        assert_eq!(pipe.write(b"y", false), 1);
        assert_eq!(pipe.pages.len(), 2);
    }

    #[test]
    fn a_pipe_is_full_at_sixteen_pages() {
        let mut pipe = pipe();
        assert_eq!(pipe.write(&[1; 70_000], false), 65_536);
        assert_eq!(pipe.write(b"x", false), 0);
        assert_eq!(pipe.read(1).len(), 1);
        assert!(pipe.is_full());
        assert_eq!(pipe.read(PAGE).len(), PAGE);
        assert!(!pipe.is_full());
    }
}
