//! Variable arguments: 16 bytes each, the value and its [`ArgKind`]. A `va_list` holds where the next one
//! lies (its second word) and where all of them do (its third).

use super::{Flow, Invocation, Step};
use crate::program::c::ir::ArgKind;
use crate::program::c::machine::Machine;

/// An argument.
#[derive(Clone, Copy)]
struct Passed {
    value: u64,
    kind: ArgKind,
}

/// The arguments of a list that have not been taken yet.
struct Arguments {
    list: u64,
    next: u64,
}

/// The kind of that number.
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

fn kind_text(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Int => "an int",
        ArgKind::UInt => "an unsigned int",
        ArgKind::Long => "a long",
        ArgKind::ULong => "an unsigned long",
        ArgKind::Double => "a double",
        ArgKind::Pointer => "a pointer",
    }
}

impl Arguments {
    fn of(m: &Machine, list: u64) -> Step<Arguments> {
        match m.memory().load(list.wrapping_add(8), 8) {
            Ok(next) => Ok(Arguments { list, next }),
            Err(bad) => m.access_fault(bad, list, 24, false),
        }
    }

    /// Takes the next one, if there is one.
    fn take(&mut self, m: &Machine) -> Option<Passed> {
        let value = m.memory().load(self.next, 8).ok()?;
        let kind = kind_of(m.memory().load(self.next + 8, 8).ok()?);
        self.next += 16;
        Some(Passed { value, kind })
    }

    /// What has been taken is taken from the list, too.
    fn done(&self, m: &mut Machine) -> Step<()> {
        m.put(self.list + 8, &self.next.to_le_bytes())
    }
}

impl Machine {
    /// `va_arg`: the next argument of a list, if it is of that kind.
    pub(crate) fn next_argument(&mut self, list: u64, kind: ArgKind) -> Step<u64> {
        let mut arguments = Arguments::of(self, list)?;
        let Some(first) = arguments.take(self) else {
            return self.usage("va_arg() beyond the last argument that was passed");
        };
        // An integer of the other size is what a register holds of it: gcc leaves the upper half of an int's zero.
        let real = |kind| kind == ArgKind::Double;
        let small = |kind| matches!(kind, ArgKind::Int | ArgKind::UInt);
        let null = kind != ArgKind::Pointer || first.value as u32 == 0;
        if real(first.kind) != real(kind) || (small(first.kind) && !null) {
            let (takes, passed) = (kind_text(kind), kind_text(first.kind));
            return self
                .usage(&["va_arg() takes ", takes, ", but ", passed, " was passed"].concat());
        }
        arguments.done(self)?;
        // The register's form is that of the type asked for.
        Ok(match kind {
            ArgKind::Int => first.value as i32 as u64,
            ArgKind::UInt => u64::from(first.value as u32),
            _ if small(first.kind) => u64::from(first.value as u32),
            _ => first.value,
        })
    }
}

/// Fills a `va_list` with where the variable arguments lie.
pub(super) fn va_start(m: &mut Machine, call: &Invocation) -> Flow {
    let list = m.arg(call, 0);
    let area = m.varargs();
    if area == 0 {
        return m.usage("va_start() in a function whose parameters do not end in `...`");
    }
    let mut bytes = vec![0; 8];
    bytes.extend_from_slice(&area.to_le_bytes());
    bytes.extend_from_slice(&area.to_le_bytes());
    m.put(list, &bytes)?;
    Ok(0)
}
