//! What went wrong, in words a learner can use.

use super::*;
use crate::program::Span;
use crate::program::c::arith::Undefined;
use memory::{BadAccess, Object};

impl Machine {
    /// Stops for good.
    pub(super) fn stop_fault(&mut self, problem: Diagnostic) -> Stop {
        self.now.state = State::Faulted(problem.into());
        Stop::Fault
    }

    /// A problem at the current instruction.
    pub(crate) fn problem(&self, message: &str) -> Diagnostic {
        let message = match self.inside() {
            Some(function) => [function, "(): ", message].concat(),
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
            Undefined::Shift(count) => {
                let count = count.to_string();
                self.problem(&["shift by ", &count, " bits, which the type does not have"].concat())
            }
        }
    }

    /// An access of `size` bytes at `at` that is not allowed.
    pub(crate) fn bad_access(&self, bad: BadAccess, at: u64, size: u64, write: bool) -> Diagnostic {
        let size = match bad {
            BadAccess::Outside { size, .. } => size,
            _ => size,
        };
        let verb = if write { "a write of " } else { "a read of " };
        let mut access = verb.to_owned() + &bytes(size);
        let (slot, mut name, made) = self.described(bad);
        let object = slot.and_then(|slot| self.memory.in_slot(slot));
        let has = object.map_or(0, |object| u64::from(object.size));
        let mut after = String::new();
        let mut help = None;
        // What stands before the access, and between it and the object.
        let (before, between) = match bad {
            BadAccess::Null => {
                name = format!("{at:#x}");
                help = Some("the pointer was NULL; on Linux the program is ended by SIGSEGV here");
                ("null pointer dereference: ", " at address ")
            }
            BadAccess::Wild => {
                name = format!("{at:#x}");
                after += ", where there is no object";
                ("", " at ")
            }
            BadAccess::Code => ("", " in a function's code"),
            BadAccess::Gone => ("", " in an object that no longer exists"),
            BadAccess::Dead(_) => match object.is_some_and(|object| object.life == Life::Freed) {
                true => ("use after free: ", " in "),
                false => {
                    after += ", whose life has ended";
                    ("", " in ")
                }
            },
            BadAccess::Outside { offset, .. } => {
                let far = offset.unsigned_abs();
                // A block's name tells its size.
                if !name.starts_with('a') {
                    after = " of ".to_owned() + &bytes(has);
                }
                after += ", ";
                if offset < 0 {
                    after += &bytes(far);
                    after += " before its start";
                } else {
                    if far < has {
                        after += "from byte ";
                        after += &far.to_string();
                        after += " on, ";
                    }
                    after += &bytes(far.saturating_add(size).saturating_sub(has));
                    after += " past its end";
                }
                ("out of bounds: ", " in ")
            }
            BadAccess::ReadOnly(_) => {
                after += ", which is constant";
                ("", " into ")
            }
            BadAccess::Unwritten { offset, .. } => {
                access.clear();
                after += " is read";
                if has > size {
                    after += " (byte ";
                    after += &offset.to_string();
                    after += ")";
                }
                after += " before it was given a value";
                help = Some("initialise it first");
                ("", "")
            }
        };
        let what = [before, &access, between, &name, &after].concat();
        let mut problem = self.problem(&what);
        if let Some(span) = made.filter(|span| self.image.files.get(span.file as usize).is_some()) {
            problem = problem.label(span, "the object is made here");
        }
        match help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    /// The slot of the object that an access is about, the object's name and where it was made.
    fn described(&self, bad: BadAccess) -> (Option<u32>, String, Option<Span>) {
        let (BadAccess::Dead(slot)
        | BadAccess::Outside { slot, .. }
        | BadAccess::ReadOnly(slot)
        | BadAccess::Unwritten { slot, .. }) = bad
        else {
            return (None, String::new(), None);
        };
        let (name, made) = self.describe(slot);
        (Some(slot), name, made)
    }

    /// An object's name for a message and where it was made.
    fn describe(&self, slot: u32) -> (String, Option<Span>) {
        let Some(object) = self.memory.in_slot(slot) else {
            return ("an object".to_owned(), None);
        };
        match object.life {
            Life::Static | Life::ReadOnly => match self.image.statics.get(object.tag as usize) {
                Some(known) => match &known.name {
                    Some(name) => (["`", name, "`"].concat(), Some(known.at)),
                    None => ("a string literal".to_owned(), Some(known.at)),
                },
                None => ("the program's arguments".to_owned(), None),
            },
            Life::Local | Life::DeadLocal => self.describe_local(object),
            Life::Heap | Life::Freed => {
                let at = self.image.spans.get(object.tag as usize).copied();
                let size = object.size.to_string();
                (["a block of ", &size, " bytes from malloc()"].concat(), at)
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
                ["`", &var.name, "` of ", &function.name, "()"].concat(),
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
                .problem(&["`", &var.name, "` is read before it was given a value"].concat())
                .label(var.at, "declared here without a value")
                .help("initialise it first"),
            None => self.problem("a variable is read before it was given a value"),
        }
    }

    /// A function that ends without a value although its caller uses one.
    pub(super) fn nothing_returned(&self, image: &Image) -> Option<Diagnostic> {
        let call = self.now.calls.last()?;
        if call.back == u32::MAX {
            return None;
        }
        let at = call.back.checked_sub(1)? as usize;
        let word = image.code.get(at)?;
        if !word.is_call() || !image.sites.get(word.v as usize)?.used {
            return None;
        }
        let name = &image.functions[call.function as usize].name;
        let what = "` ends without returning a value, and the value is used";
        let problem = self.problem(&["`", name, what].concat());
        let problem = problem.help("add a return statement");
        // The library's calls have no places.
        Some(match image.spans.get(at) {
            Some(span) => problem.label(*span, "used here"),
            None => problem,
        })
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

/// So many bytes, in words.
fn bytes(n: u64) -> String {
    n.to_string() + if n == 1 { " byte" } else { " bytes" }
}
