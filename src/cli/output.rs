//! What goes to standard output and error.

use crate::kernel::file::Stdio;
use std::io::Write;

/// Writes all of it, or nothing more if nobody reads any longer.
pub(super) fn to_stdout(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// The same for standard error.
pub(super) fn to_stderr(bytes: &[u8]) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(bytes).and_then(|()| err.flush());
}

/// Passes on what programs write: unchanged if there is one, with its name before each line if there
/// are several.
pub(super) struct Console {
    names: Vec<String>,
    /// The line that has begun, for each program and stream.
    pending: Vec<[Vec<u8>; 2]>,
}

impl Console {
    pub(super) fn new(names: Vec<String>) -> Console {
        let pending = names.iter().map(|_| [Vec::new(), Vec::new()]).collect();
        Console { names, pending }
    }

    /// A program wrote something.
    pub(super) fn write(&mut self, who: usize, stream: Stdio, bytes: &[u8]) {
        if self.names.len() == 1 {
            emit(stream, bytes);
            return;
        }
        let line = &mut self.pending[who][index(stream)];
        line.extend(bytes);
        while let Some(end) = line.iter().position(|b| *b == b'\n') {
            let rest = line.split_off(end + 1);
            let whole = std::mem::replace(line, rest);
            emit(stream, &prefixed(&self.names[who], &whole));
        }
    }

    /// Everything has ended: lines that were begun are finished.
    pub(super) fn finish(&mut self) {
        for (who, pending) in self.pending.iter_mut().enumerate() {
            for (stream, line) in [Stdio::Output, Stdio::Error].into_iter().zip(pending) {
                if !line.is_empty() {
                    let mut whole = prefixed(&self.names[who], line);
                    whole.push(b'\n');
                    emit(stream, &whole);
                    line.clear();
                }
            }
        }
    }
}

fn index(stream: Stdio) -> usize {
    usize::from(stream == Stdio::Error)
}

fn prefixed(name: &str, line: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b": ", line].concat()
}

fn emit(stream: Stdio, bytes: &[u8]) {
    match stream {
        Stdio::Error => to_stderr(bytes),
        Stdio::Input | Stdio::Output => to_stdout(bytes),
    }
}
