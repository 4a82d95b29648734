//! What the page shows of a machine: where it is, its frames, its variables.

use super::*;
use crate::program::c::decimal::Decimal;
use crate::program::c::ir::{Statement, Variable, What, Word};
use crate::program::c::types::{Int, Kind, Ty};
use serde::{Deserialize, Serialize};

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Index of the file in [`Image::files`].
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// First column and one past the last, in characters from 1, on that line.
    pub columns: (u32, u32),
    /// The function's name.
    pub function: String,
}

/// One call in progress, innermost last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Where it is: for all but the innermost, at the call.
    pub location: Location,
}

/// A variable in scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    /// Its name.
    pub name: String,
    /// Its type as C writes it.
    pub ty: String,
    /// Its address; `None` while it lives in a register because nothing takes its address.
    pub address: Option<u64>,
    /// Its bytes as they lie in memory, at most 4096.
    pub bytes: Vec<u8>,
    /// For each byte whether it was ever written.
    pub written: Vec<bool>,
    /// Its value, shortened.
    pub value: String,
}

const MAX_BYTES: u64 = 4096;
const MAX_VALUE: usize = 200;

impl Machine {
    /// The line about to execute, or of the call that it is in. `None` after the end.
    pub fn location(&self) -> Option<Location> {
        let (pc, at) = self.own_place()?;
        Some(self.locate(pc, self.now.calls[at].function))
    }

    /// Every call in progress, outermost first.
    ///
    /// Of the library's functions that call each other there is one: that which the program called, where it
    /// called it.
    pub fn frames(&self) -> Vec<Frame> {
        let mut frames: Vec<Frame> = Vec::new();
        for at in self.shown_calls() {
            let function = self.now.calls[at].function;
            let location = match (self.is_library(at), frames.last()) {
                (true, Some(caller)) => Location {
                    function: self.name_of(function).to_owned(),
                    ..caller.location.clone()
                },
                _ => self.locate(self.pc_of(at), function),
            };
            frames.push(Frame { location });
        }
        frames
    }

    /// The calls that are shown: the program's own, and those of the library's functions.
    fn shown_calls(&self) -> impl Iterator<Item = usize> {
        (0..self.now.calls.len())
            .filter(|at| *at == 0 || !self.is_library(*at) || !self.is_library(*at - 1))
    }

    /// Whether a call is of one of the library's own C functions.
    fn is_library(&self, at: usize) -> bool {
        let function = self.now.calls[at].function as usize;
        self.image
            .functions
            .get(function)
            .is_some_and(|f| f.library)
    }

    /// Where a call in progress stands.
    fn pc_of(&self, at: usize) -> u32 {
        match self.now.calls.get(at + 1) {
            Some(inner) => inner.back.saturating_sub(1),
            None => self.now.pc,
        }
    }

    /// The innermost call of one of the program's own functions, and where it stands.
    pub(crate) fn own_place(&self) -> Option<(u32, usize)> {
        let at = (0..self.now.calls.len()).rfind(|at| !self.is_library(*at))?;
        Some((self.pc_of(at), at))
    }

    /// How many calls there are down to the innermost of the program's own functions.
    pub(super) fn own_depth(&self) -> usize {
        self.own_place().map_or(0, |(_, at)| at + 1)
    }

    /// The library's own C function that the program is in: the outermost since its own code.
    pub(super) fn inside(&self) -> Option<&str> {
        let call = self.now.calls.get(self.own_depth())?;
        Some(self.name_of(call.function))
    }

    /// A function's name, as the program knows it.
    fn name_of(&self, function: u32) -> &str {
        let known = self.image.functions.get(function as usize);
        let name = known.map_or("", |f| f.name.as_ref());
        name.strip_prefix("__sockscope_").unwrap_or(name)
    }

    /// The function of the C library through which the current system call is made.
    pub fn library_call(&self) -> Option<&str> {
        let pc = self.now.pc as usize;
        if !matches!(self.now.state, State::Waiting(_) | State::Ended) {
            return None;
        }
        if let Some(name) = self.inside() {
            return Some(name);
        }
        let word = self.image.code.get(pc)?;
        let function = match word.what {
            What::Call => Word::wide(word.a, word.b),
            What::CallPtr => memory::function_at(self.reg(word.a))?,
            _ => return None,
        };
        match &self.image.functions.get(function as usize)?.body {
            Body::Lib(lib) => Some(lib.name()),
            Body::Code(_) | Body::Missing | Body::NotModelled(_) => None,
        }
    }

    /// The variables in scope in a frame (0 is the outermost), in order of declaration.
    pub fn locals(&self, frame: u32) -> Vec<Local> {
        let Some(at) = self.shown_calls().nth(frame as usize) else {
            return Vec::new();
        };
        let (call, pc) = (&self.now.calls[at], self.pc_of(at));
        let Some(Body::Code(code)) = self
            .image
            .functions
            .get(call.function as usize)
            .map(|f| &f.body)
        else {
            return Vec::new();
        };
        let shown = code.variables.iter().filter(|v| v.from <= pc && pc < v.to);
        shown.map(|v| self.local(call.base as usize, v)).collect()
    }

    fn local(&self, base: usize, var: &Variable) -> Local {
        let bits = self
            .now
            .regs
            .get(base + usize::from(var.reg))
            .copied()
            .unwrap_or(0);
        let name = var.name.to_string();
        if var.in_memory {
            return self.in_memory(name, var.ty, bits);
        }
        let set = match var.note {
            Some(note) => self
                .now
                .regs
                .get(base + usize::from(note))
                .is_some_and(|n| *n != 0),
            None => true,
        };
        let types = &self.image.types;
        let size = types.size(var.ty).unwrap_or(8).min(8) as usize;
        let raw = match types.kind(var.ty) {
            Kind::Float => u64::from((f64::from_bits(bits) as f32).to_bits()),
            _ => bits,
        };
        Local {
            name,
            ty: types.text(var.ty),
            address: None,
            bytes: raw.to_le_bytes()[..size].to_vec(),
            written: vec![set; size],
            value: if set {
                self.shown(var.ty, &raw.to_le_bytes()[..size], &[])
            } else {
                "?".to_owned()
            },
        }
    }

    fn in_memory(&self, name: String, ty: Ty, at: u64) -> Local {
        let types = &self.image.types;
        // A variable-length array is as long as its object.
        let size = types.size(ty).unwrap_or_else(|| self.memory.room(at));
        let size = size.min(MAX_BYTES);
        let bytes = self.memory.read(at, size, false).unwrap_or_default();
        let written = self.memory.written(at, size);
        let value = self.shown(ty, &bytes, &written);
        Local {
            name,
            ty: types.text(ty),
            address: Some(at),
            bytes,
            written,
            value,
        }
    }

    /// A value as C would write it.
    fn shown(&self, ty: Ty, bytes: &[u8], written: &[bool]) -> String {
        let mut out = String::new();
        self.show(ty, bytes, written, &mut out);
        if out.chars().count() > MAX_VALUE {
            out = out.chars().take(MAX_VALUE).collect();
            out.push('…');
        }
        out
    }

    fn show(&self, ty: Ty, bytes: &[u8], written: &[bool], out: &mut String) {
        let types = &self.image.types;
        if out.len() > 4 * MAX_VALUE {
            return;
        }
        let size = types.size(ty).unwrap_or(bytes.len() as u64) as usize;
        let Some(own) = bytes.get(..size.min(bytes.len())) else {
            return;
        };
        let set = written.iter().take(size).all(|w| *w);
        let mut word = [0; 8];
        let n = own.len().min(8);
        word[..n].copy_from_slice(&own[..n]);
        let bits = u64::from_le_bytes(word);
        match types.kind(ty) {
            Kind::Array(of, _) | Kind::Vla(of, _) => self.show_array(*of, own, written, out),
            Kind::Record(_) => {
                out.push('{');
                let members = types.record(ty).map_or(&[][..], |r| &r.members);
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    if let Some(name) = &member.name {
                        out.push_str(&format!("{name}="));
                    }
                    let from = (member.offset as usize).min(own.len());
                    let flags = written.get(from..).unwrap_or(&[]);
                    let Some((shift, width)) = member.bits else {
                        self.show(member.ty, &own[from..], flags, out);
                        continue;
                    };
                    let unit = &own[from..own.len().min(from + 8)];
                    let bits = unit.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b));
                    let up = 64 - u32::from(width);
                    let cut = (bits >> shift) << up;
                    let signed = types.as_int(member.ty).is_some_and(Int::signed);
                    let value = match signed {
                        true => ((cut as i64) >> up) as u64,
                        false => cut >> up,
                    };
                    self.show(member.ty, &value.to_le_bytes(), flags, out);
                }
                out.push('}');
            }
            _ if !set => out.push('?'),
            Kind::Int(int) => {
                let value = int.fit(bits);
                match (int.signed(), *int) {
                    (_, Int::Char) if (0x20..0x7f).contains(&value) => {
                        out.push_str(&format!("{} '{}'", value, value as u8 as char));
                    }
                    (true, _) => out.push_str(&(value as i64).to_string()),
                    (false, _) => out.push_str(&value.to_string()),
                }
            }
            Kind::Float => {
                out.push_str(&Decimal::shortest(f32::from_bits(bits as u32).into(), true))
            }
            Kind::Double | Kind::LongDouble => {
                out.push_str(&Decimal::shortest(f64::from_bits(bits), false))
            }
            Kind::Pointer(_) if bits == 0 => out.push_str("NULL"),
            Kind::Pointer(to) => {
                out.push_str(&format!("{bits:#x}"));
                if matches!(types.kind(*to), Kind::Int(Int::Char))
                    && let Ok(text) = self.memory.string_within(bits, 40)
                {
                    out.push_str(&format!(" {:?}", String::from_utf8_lossy(&text)));
                }
            }
            Kind::Void | Kind::Function(_) => {}
        }
    }

    fn show_array(&self, of: Ty, bytes: &[u8], written: &[bool], out: &mut String) {
        let types = &self.image.types;
        if matches!(types.kind(of), Kind::Int(Int::Char))
            && written.first().copied().unwrap_or(true)
        {
            let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
            out.push_str(&format!("{:?}", String::from_utf8_lossy(&bytes[..end])));
            return;
        }
        let mut of = of;
        while let Kind::Vla(inner, _) = types.kind(of) {
            of = *inner;
        }
        let size = types.size(of).unwrap_or(1).max(1) as usize;
        out.push('{');
        for (i, element) in bytes.chunks(size).enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            if i >= 16 {
                out.push('…');
                break;
            }
            let flags = written.get(i * size..).unwrap_or(&[]);
            self.show(of, element, flags, out);
        }
        out.push('}');
    }

    /// The statement that begins at the current instruction or encloses it.
    pub(super) fn statement(&self) -> Option<Statement> {
        let (pc, at) = self.own_place()?;
        self.statement_at(pc, self.now.calls[at].function)
    }

    fn statement_at(&self, pc: u32, function: u32) -> Option<Statement> {
        let start = match &self.image.functions.get(function as usize)?.body {
            Body::Code(code) => code.start,
            Body::Lib(_) | Body::Missing | Body::NotModelled(_) => return None,
        };
        let starts = self.image.starts.get(start as usize..=pc as usize)?;
        let found = starts.iter().rev().find(|s| **s != 0)?;
        self.image.statements.get(*found as usize - 1).copied()
    }

    fn locate(&self, pc: u32, function: u32) -> Location {
        let name = self.name_of(function);
        let own = self
            .image
            .spans
            .get(pc as usize)
            .copied()
            .unwrap_or_default();
        let begins = self.image.starts.get(pc as usize).is_some_and(|s| *s != 0);
        // In a call made by a statement, the call itself is what is shown.
        let span = match self.statement_at(pc, function) {
            Some(statement) if begins || own.file != statement.span.file => statement.span,
            _ => own,
        };
        let Some(file) = self.image.files.get(span.file as usize) else {
            return Location {
                file: span.file,
                line: 0,
                columns: (0, 0),
                function: name.to_owned(),
            };
        };
        let from = file.position(span.start);
        let to = file.position(span.end);
        let end = match to.line == from.line {
            true => to.column,
            false => file.line(from.line).chars().count() as u32 + 1,
        };
        Location {
            file: span.file,
            line: from.line,
            columns: (from.column, end),
            function: name.to_owned(),
        }
    }
}
