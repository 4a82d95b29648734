//! <stdio.h>: streams with the buffering of glibc.

use super::format;
use super::{After, Flow, Invocation, Lib, Passed, Step, Then, ask, int_result};
use crate::abi::{Errno, Reply, Syscall, UserIn, UserOut};
use crate::program::c::ir::ArgKind;
use crate::program::c::machine::Machine;

/// st_blksize of a pipe or file, and of a terminal: what glibc makes its buffers of.
pub(super) const BLOCK: usize = 4096;
const TTY_BLOCK: usize = 1024;

/// When a stream's bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Buffering {
    Full,
    Line,
    None,
}

/// What is behind a `FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    fd: i32,
    pub(super) buffering: Buffering,
    pub(super) size: u32,
    out: Vec<u8>,
    input: Vec<u8>,
    /// How much of `input` has been taken.
    taken: u32,
    eof: bool,
    error: bool,
    /// The last attempt to read gave nothing: the function that wanted it must end.
    dry: bool,
}

impl Stream {
    pub(crate) fn standard(tty: bool) -> [Stream; 3] {
        let stream = |fd, buffering, size: usize| Stream {
            fd,
            buffering,
            size: size as u32,
            out: Vec::new(),
            input: Vec::new(),
            taken: 0,
            eof: false,
            error: false,
            dry: false,
        };
        let stdout = match tty {
            true => stream(1, Buffering::Line, TTY_BLOCK),
            false => stream(1, Buffering::Full, BLOCK),
        };
        [
            stream(0, Buffering::Full, BLOCK),
            stdout,
            stream(2, Buffering::None, 0),
        ]
    }

    /// Takes a piece of output; what must be written now is appended to `writes`.
    /// As _IO_new_file_xsputn() does it.
    fn take(&mut self, piece: &[u8], writes: &mut Vec<Vec<u8>>) {
        let size = self.size as usize;
        if self.buffering == Buffering::None || size == 0 {
            if !piece.is_empty() {
                writes.push(piece.to_vec());
            }
            return;
        }
        let newline = match self.buffering {
            Buffering::Line => piece.iter().rposition(|b| *b == b'\n'),
            Buffering::Full | Buffering::None => None,
        };
        let head = newline.map_or(piece.len(), |at| at + 1);
        let fits = (size - self.out.len().min(size)).min(head);
        self.out.extend_from_slice(&piece[..fits]);
        let mut rest = &piece[fits..];
        if !rest.is_empty() || newline.is_some() {
            if !self.out.is_empty() {
                writes.push(std::mem::take(&mut self.out));
            }
            // Whole blocks go out directly.
            let direct = rest.len() - rest.len() % size;
            if direct > 0 {
                writes.push(rest[..direct].to_vec());
                rest = &rest[direct..];
            }
            self.out.extend_from_slice(rest);
            if newline.is_some() && rest.contains(&b'\n') {
                writes.push(std::mem::take(&mut self.out));
            }
        }
    }
}

impl Machine {
    /// Starts writing what a stream holds; `None` if it holds nothing.
    pub(super) fn flush(&mut self, stream: usize, then: Then) -> Option<Flow> {
        let stream = &mut self.lib_state_mut().streams[stream];
        if stream.out.is_empty() {
            return None;
        }
        let (fd, bytes) = (stream.fd, std::mem::take(&mut stream.out));
        Some(write_out(fd, vec![bytes], then))
    }

    /// Prints pieces to a stream.
    pub(super) fn print(&mut self, stream: usize, pieces: &[Vec<u8>], result: u64) -> Flow {
        let total: usize = pieces.iter().map(Vec::len).sum();
        self.owe(total as u64);
        let stream = &mut self.lib_state_mut().streams[stream];
        let mut writes = Vec::new();
        match stream.buffering {
            // glibc gives an unbuffered stream a buffer for the length of one call.
            Buffering::None => stream.take(&pieces.concat(), &mut writes),
            Buffering::Full | Buffering::Line => {
                for piece in pieces {
                    stream.take(piece, &mut writes);
                }
            }
        }
        let fd = stream.fd;
        match writes.is_empty() {
            true => Ok(result),
            false => write_out(fd, writes, Then::Return(result)),
        }
    }

    /// A reply to write(2) of a stream's bytes.
    pub(super) fn written(&mut self, fd: i32, mut queue: Vec<Vec<u8>>, then: Then, reply: &Reply) {
        let mut failed = None;
        match reply.result {
            Ok(n) => {
                if let Some(first) = queue.first_mut() {
                    first.drain(..(n as usize).min(first.len()));
                }
                queue.retain(|bytes| !bytes.is_empty());
                // A write of nothing would go on for ever.
                if n == 0 {
                    queue.clear();
                }
            }
            Err(Errno::EINTR) => {}
            Err(errno) => {
                failed = Some(errno);
                queue.clear();
            }
        }
        if let Some(errno) = failed {
            self.set_errno(errno.number());
            for stream in &mut self.lib_state_mut().streams {
                stream.error |= stream.fd == fd;
            }
        }
        if !queue.is_empty() {
            let (call, after) = write_call(fd, queue, then);
            self.call_again(call, after);
            return;
        }
        match then {
            Then::Return(value) => {
                let value = if failed.is_some() { u64::MAX } else { value };
                self.finish_call(value);
            }
            Then::Exit(status) => self.call_again(Syscall::ExitGroup { status }, After::Never),
            // The call is made again from the start, with what it wanted flushed.
            Then::Again => {}
        }
    }

    /// A reply to read(2) for a stream's buffer.
    pub(super) fn filled(&mut self, stream: u8, reply: &Reply) {
        let bytes = reply.written(1).unwrap_or(&[]).to_vec();
        if let Err(errno) = reply.result {
            self.set_errno(errno.number());
        }
        let stream = &mut self.lib_state_mut().streams[usize::from(stream)];
        stream.error |= reply.result.is_err();
        stream.eof |= reply.result == Ok(0);
        stream.dry = bytes.is_empty();
        stream.input = bytes;
        stream.taken = 0;
    }

    /// The stream that a `FILE *` is.
    pub(super) fn stream(&self, at: u64) -> Step<usize> {
        match self.image().streams.iter().position(|s| *s == at) {
            Some(index) => Ok(index),
            None if at == 0 => self.usage("the stream is a null pointer"),
            None => self.usage("this pointer is no stream"),
        }
    }

    /// Reads a stream's next bytes from the kernel; a line-buffered stdout is flushed before, so
    /// that a prompt is seen.
    fn fill(&mut self, stream: usize) -> Flow {
        if self.lib_state().streams[1].buffering == Buffering::Line
            && let Some(flow) = self.flush(1, Then::Again)
        {
            return flow;
        }
        let (fd, size) = (self.lib_state().streams[stream].fd, BLOCK as u64);
        ask(
            Syscall::Read {
                fd,
                buf: UserOut::Capacity(size),
                count: size,
            },
            After::Filled {
                stream: stream as u8,
            },
        )
    }

    /// The next byte of a stream; `None` at its end; a flow if the kernel is needed for it.
    fn next_byte(&mut self, stream: usize) -> Step<Option<u8>> {
        let s = &mut self.lib_state_mut().streams[stream];
        if let Some(byte) = s.input.get(s.taken as usize) {
            s.taken += 1;
            return Ok(Some(*byte));
        }
        if s.eof || std::mem::take(&mut s.dry) {
            return Ok(None);
        }
        self.fill(stream).map(|_| None)
    }

    /// The variable arguments that a `va_list` still has.
    pub(super) fn listed(&mut self, list: u64) -> Step<Vec<Passed>> {
        let cursor = match self.memory().load(list.wrapping_add(8), 8) {
            Ok(cursor) => cursor,
            Err(bad) => return self.access_fault(bad, list, 24, false),
        };
        let count = self.memory().room(cursor) / 16;
        let mut passed = Vec::new();
        for i in 0..count.min(128) {
            let at = cursor + 16 * i;
            let (Ok(value), Ok(kind)) = (self.memory().load(at, 8), self.memory().load(at + 8, 8))
            else {
                break;
            };
            passed.push(Passed {
                value,
                kind: kind_of(kind),
            });
        }
        Ok(passed)
    }

    /// The arguments for the `...` of a call that has `fixed` others.
    pub(super) fn passed(&self, call: &Invocation, fixed: usize) -> Vec<Passed> {
        let count = usize::from(call.site.args).saturating_sub(fixed);
        let skip = call.site.kinds.len().saturating_sub(count);
        let kind = |i: usize| {
            call.site
                .kinds
                .get(skip + i)
                .copied()
                .unwrap_or(ArgKind::Int)
        };
        (0..count)
            .map(|i| Passed {
                value: self.arg(call, fixed + i),
                kind: kind(i),
            })
            .collect()
    }

    /// `va_arg`: the next argument of a list, if it is of that kind.
    pub(crate) fn next_argument(&mut self, list: u64, kind: ArgKind) -> Step<u64> {
        let passed = self.listed(list)?;
        let Some(first) = passed.first().copied() else {
            return self.usage("va_arg() beyond the last argument that was passed");
        };
        let class = |kind| match kind {
            ArgKind::Int | ArgKind::UInt => 0,
            ArgKind::Long | ArgKind::ULong | ArgKind::Pointer => 1,
            ArgKind::Double => 2,
        };
        if class(first.kind) != class(kind) {
            return self.usage(&format!(
                "va_arg() takes a {}, but a {} was passed",
                format::kind_text(kind),
                format::kind_text(first.kind)
            ));
        }
        let at = list.wrapping_add(8);
        let cursor = self.memory().load(at, 8).unwrap_or(0);
        if let Err(bad) = self.memory_mut().store(at, 8, cursor + 16) {
            return self.access_fault(bad, at, 8, true);
        }
        // The register's form is that of the type asked for.
        Ok(match kind {
            ArgKind::Int => first.value as i32 as u64,
            ArgKind::UInt => u64::from(first.value as u32),
            _ => first.value,
        })
    }

    /// Another system call right after the one before.
    fn call_again(&mut self, call: Syscall, after: After) {
        self.queue(call, after);
    }
}

pub(crate) fn kind_of(number: u64) -> ArgKind {
    match number {
        0 => ArgKind::Int,
        1 => ArgKind::UInt,
        2 => ArgKind::Long,
        3 => ArgKind::ULong,
        4 => ArgKind::Double,
        _ => ArgKind::Pointer,
    }
}

pub(super) fn write_out(fd: i32, queue: Vec<Vec<u8>>, then: Then) -> Flow {
    let (call, after) = write_call(fd, queue, then);
    ask(call, after)
}

/// The call that writes the first of some pieces, and what follows it.
fn write_call(fd: i32, queue: Vec<Vec<u8>>, then: Then) -> (Syscall, After) {
    let first = queue.first().cloned().unwrap_or_default();
    let count = first.len() as u64;
    (
        Syscall::Write {
            fd,
            buf: UserIn::Bytes(first),
            count,
        },
        After::Written {
            fd,
            rest: queue,
            then,
        },
    )
}

pub(super) fn fgets(m: &mut Machine, call: &Invocation) -> Flow {
    let (to, size) = (m.arg(call, 0), m.int(call, 1));
    let stream = m.stream(m.arg(call, 2))?;
    if size <= 0 {
        return Ok(0);
    }
    let mut line = std::mem::take(&mut m.lib_state_mut().own.partial);
    while line.len() + 1 < size as usize {
        match m.next_byte(stream) {
            Ok(Some(byte)) => {
                line.push(byte);
                if byte == b'\n' {
                    break;
                }
            }
            Ok(None) => break,
            Err(halt) => {
                m.lib_state_mut().own.partial = line;
                return Err(halt);
            }
        }
    }
    if line.is_empty() && size > 1 {
        return Ok(0);
    }
    line.push(0);
    m.put(to, &line)?;
    Ok(to)
}

pub(super) fn getc(m: &mut Machine, call: &Invocation) -> Flow {
    let stream = match call.lib {
        Lib::Getchar => 0,
        _ => m.stream(m.arg(call, 0))?,
    };
    match m.next_byte(stream)? {
        Some(byte) => int_result(i32::from(byte)),
        None => int_result(-1),
    }
}

pub(super) fn ungetc(m: &mut Machine, call: &Invocation) -> Flow {
    let c = m.int(call, 0);
    let stream = m.stream(m.arg(call, 1))?;
    let Ok(byte) = u8::try_from(c) else {
        return int_result(-1);
    };
    let stream = &mut m.lib_state_mut().streams[stream];
    stream.input.drain(..stream.taken as usize);
    stream.taken = 0;
    stream.input.insert(0, byte);
    stream.eof = false;
    int_result(c)
}

/// feof(), ferror(), clearerr() and fileno().
pub(super) fn status(m: &mut Machine, call: &Invocation) -> Flow {
    let stream = m.stream(m.arg(call, 0))?;
    let stream = &mut m.lib_state_mut().streams[stream];
    int_result(match call.lib {
        Lib::Feof => i32::from(stream.eof),
        Lib::Ferror => i32::from(stream.error),
        Lib::Fileno => stream.fd,
        _ => {
            stream.eof = false;
            stream.error = false;
            0
        }
    })
}
