//! What went wrong, in words a learner can use.

use super::*;
use crate::program::Span;
use crate::program::c::arith::Undefined;
use crate::program::c::ir::Ins;
use memory::{BadAccess, Object};

impl Machine {
    /// Stops for good.
    pub(super) fn stop_fault(&mut self, problem: Diagnostic) -> Stop {
        self.state = State::Faulted(Box::new(problem));
        Stop::Fault
    }

    /// A problem at the current instruction.
    pub(crate) fn problem(&self, message: &str) -> Diagnostic {
        let message = match self.inside() {
            Some(function) => format!("{function}(): {message}"),
            None => message.to_owned(),
        };
        Diagnostic::error(self.span(), message)
    }

    /// Where the program's current instruction comes from.
    pub(crate) fn span(&self) -> Span {
        self.image
            .spans
            .get(self.instruction() as usize)
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn arithmetic(&self, undefined: Undefined) -> Diagnostic {
        match undefined {
            Undefined::DivisionByZero => self
                .problem("division by zero")
                .help("on Linux the program is ended by SIGFPE here"),
            Undefined::DivisionOverflow => {
                self.problem("the quotient does not fit: the least integer divided by −1")
            }
            Undefined::Shift(count) => self.problem(&format!(
                "shift by {count} bits, which the type does not have"
            )),
        }
    }

    /// An access of `size` bytes at `at` that is not allowed.
    pub(crate) fn bad_access(&self, bad: BadAccess, at: u64, size: u64, write: bool) -> Diagnostic {
        let verb = if write { "write" } else { "read" };
        let bytes = |n: u64| format!("{n} byte{}", if n == 1 { "" } else { "s" });
        match bad {
            BadAccess::Null => self
                .problem(&format!(
                    "null pointer dereference: a {verb} of {} at address {at:#x}",
                    bytes(size)
                ))
                .help("the pointer was NULL; on Linux the program is ended by SIGSEGV here"),
            BadAccess::Wild => self.problem(&format!(
                "a {verb} of {} at {at:#x}, where there is no object",
                bytes(size)
            )),
            BadAccess::Code => {
                self.problem(&format!("a {verb} of {} in a function's code", bytes(size)))
            }
            BadAccess::Gone => self.problem(&format!(
                "a {verb} of {} in an object that no longer exists",
                bytes(size)
            )),
            BadAccess::Dead(slot) => {
                let (name, span) = self.describe(slot);
                let freed = self
                    .memory
                    .in_slot(slot)
                    .is_some_and(|o| o.life == Life::Freed);
                let what = match freed {
                    true => format!("use after free: a {verb} of {} in {name}", bytes(size)),
                    false => format!(
                        "a {verb} of {} in {name}, whose life has ended",
                        bytes(size)
                    ),
                };
                self.labelled(self.problem(&what), span)
            }
            BadAccess::Outside { slot, offset, size } => {
                let (name, span) = self.describe(slot);
                let has = u64::from(self.memory.in_slot(slot).map_or(0, |o| o.size));
                let place = match offset {
                    o if o < 0 => format!("{} before its start", bytes(o.unsigned_abs())),
                    o if o as u64 >= has => {
                        format!(
                            "{} past its end",
                            bytes((o as u64 - has).saturating_add(size))
                        )
                    }
                    o => format!(
                        "from byte {o} on, {} past its end",
                        bytes((o as u64).saturating_add(size) - has)
                    ),
                };
                // A block's name tells its size.
                let of = match name.starts_with('a') {
                    true => String::new(),
                    false => [" of ", &bytes(has)].concat(),
                };
                let what = format!(
                    "out of bounds: a {verb} of {} in {name}{of}, {place}",
                    bytes(size)
                );
                self.labelled(self.problem(&what), span)
            }
            BadAccess::ReadOnly(slot) => {
                let (name, span) = self.describe(slot);
                let problem = self.problem(&format!(
                    "a write of {} into {name}, which is constant",
                    bytes(size)
                ));
                self.labelled(problem, span)
            }
            BadAccess::Unwritten { slot, offset } => {
                let (name, span) = self.describe(slot);
                let part = match self.memory.in_slot(slot) {
                    Some(object) if u64::from(object.size) > size => format!(" (byte {offset})"),
                    _ => String::new(),
                };
                let problem = self
                    .problem(&format!("{name} is read{part} before it was given a value"))
                    .help("initialise it first");
                self.labelled(problem, span)
            }
        }
    }

    fn labelled(&self, problem: Diagnostic, span: Option<Span>) -> Diagnostic {
        match span {
            Some(span) if self.image.files.get(span.file as usize).is_some() => {
                problem.label(span, "the object is made here")
            }
            _ => problem,
        }
    }

    /// An object's name for a message and where it was made.
    fn describe(&self, slot: u32) -> (String, Option<Span>) {
        let Some(object) = self.memory.in_slot(slot) else {
            return ("an object".to_owned(), None);
        };
        match object.life {
            Life::Static | Life::ReadOnly => match self.image.statics.get(object.tag as usize) {
                Some(known) => match &known.name {
                    Some(name) => (format!("`{name}`"), Some(known.at)),
                    None => ("a string literal".to_owned(), Some(known.at)),
                },
                None => ("the program's arguments".to_owned(), None),
            },
            Life::Local | Life::DeadLocal => self.describe_local(object),
            Life::Heap | Life::Freed => {
                let at = self.image.spans.get(object.tag as usize).copied();
                (
                    format!("a block of {} bytes from malloc()", object.size),
                    at,
                )
            }
            Life::Code | Life::Empty => ("an object".to_owned(), None),
        }
    }

    fn describe_local(&self, object: &Object) -> (String, Option<Span>) {
        if object.tag == u32::MAX {
            return ("the variable arguments".to_owned(), None);
        }
        let Some(function) = self.image.functions.get(object.tag as usize) else {
            return ("a local variable".to_owned(), None);
        };
        if let Body::Code(code) = &function.body
            && let Some(local) = code.locals.get(object.tag2 as usize)
            && let Some(var) = local.var.and_then(|v| code.variables.get(usize::from(v)))
        {
            return (
                format!("`{}` of {}()", var.name, function.name),
                Some(var.at),
            );
        }
        ("a temporary object".to_owned(), None)
    }

    /// A variable in a register that was read before it had a value.
    pub(super) fn unset(&self, var: u16) -> Diagnostic {
        let var = self
            .code_of_current()
            .and_then(|c| c.variables.get(usize::from(var)));
        match var {
            Some(var) => self
                .problem(&format!(
                    "`{}` is read before it was given a value",
                    var.name
                ))
                .label(var.at, "declared here without a value")
                .help("initialise it first"),
            None => self.problem("a variable is read before it was given a value"),
        }
    }

    /// A function that ends without a value although its caller uses one.
    pub(super) fn nothing_returned(&self, image: &Image) -> Option<Diagnostic> {
        let call = self.calls.last()?;
        if call.back == u32::MAX {
            return None;
        }
        let at = call.back.checked_sub(1)? as usize;
        let (Ins::Call { site, .. } | Ins::CallPtr { site, .. }) = *image.code.get(at)? else {
            return None;
        };
        if !image.sites.get(site as usize)?.used {
            return None;
        }
        let name = &image.functions[call.function as usize].name;
        let span = image.spans.get(at).copied().unwrap_or_default();
        Some(
            self.problem(&format!(
                "`{name}` ends without returning a value, and the value is used"
            ))
            .label(span, "used here")
            .help("add a return statement"),
        )
    }

    /// The function that a pointer points to.
    pub(super) fn callee(&self, at: u64, site: u32) -> Result<u32, Box<Diagnostic>> {
        let known = memory::function_at(at).filter(|f| (*f as usize) < self.image.functions.len());
        let Some(function) = known else {
            let what = match at {
                0 => "a call through a null pointer".to_owned(),
                _ => format!("a call through a pointer ({at:#x}) that points to no function"),
            };
            return Err(Box::new(self.problem(&what)));
        };
        let callee = &self.image.functions[function as usize];
        let site = &self.image.sites[site as usize];
        if let Some(ty) = site.signature
            && let (Some(wanted), Some(has)) = (
                self.image.types.signature(ty),
                self.image.types.signature(callee.ty),
            )
            && !wanted.unspecified
            && !has.unspecified
            && wanted.params.len() != has.params.len()
        {
            return Err(Box::new(self.problem(&format!(
                "`{}` takes {} parameters, but is called through a pointer to a function of {}",
                callee.name,
                has.params.len(),
                wanted.params.len()
            ))));
        }
        Ok(function)
    }
}
