//! What a scanf() format wants and what is passed: gcc -Wall compares them, and so does this.

use super::*;
use crate::program::c::ast::ExprKind;
use crate::program::c::ir::ArgKind;

/// What a conversion stores.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    /// An integer of so many bytes.
    Int(u64),
    Float,
    Double,
    Pointer,
}

impl Lower<'_> {
    /// Warns of arguments of a call of the scanf family that do not fit the format, if that is a literal.
    pub(super) fn check_scan(&mut self, callee: u32, args: &[ExprId], passed: &[(ArgKind, Ty)]) {
        let at = match &*self.functions[callee as usize].name {
            "scanf" => 0,
            "fscanf" | "sscanf" => 1,
            _ => return,
        };
        let unit = self.unit;
        let Some(ExprKind::Str(format, _)) = args.get(at).map(|id| &unit.expr(*id).kind) else {
            return;
        };
        let targets = args[at + 1..].iter().zip(passed);
        for ((text, wanted), (arg, (_, ty))) in conversions(format).into_iter().zip(targets) {
            let (span, ty) = (self.span(*arg), *ty);
            let Some(to) = self.types.pointee(ty) else {
                let message = format!("`{text}` wants a pointer, this is `{}`", self.text(ty));
                let name = &self.files[span.file as usize].slice(span);
                let problem = Diagnostic::warning(span, message);
                let help = format!("write `&{name}`: scanf() changes what the pointer points to");
                self.warn(problem.help(help));
                continue;
            };
            if !self.fits(to, wanted) {
                let message = format!(
                    "`{text}` wants {}, this is `{}`",
                    wanted.text(),
                    self.text(ty)
                );
                self.warn(Diagnostic::warning(span, message));
            }
        }
    }

    fn fits(&self, to: Ty, wanted: Stored) -> bool {
        match self.types.kind(to) {
            Kind::Void => true,
            Kind::Int(int) => wanted == Stored::Int(int.size()),
            Kind::Float => wanted == Stored::Float,
            Kind::Double | Kind::LongDouble => wanted == Stored::Double,
            Kind::Pointer(_) => wanted == Stored::Pointer,
            // `&name` of an array is the same address.
            Kind::Array(of, _) | Kind::Vla(of, _) => self.fits(*of, wanted),
            Kind::Record(_) | Kind::Function(_) => false,
        }
    }
}

impl Stored {
    fn text(self) -> &'static str {
        match self {
            Stored::Int(1) => "a `char *`",
            Stored::Int(2) => "a `short *`",
            Stored::Int(4) => "an `int *`",
            Stored::Int(_) => "a `long *`",
            Stored::Float => "a `float *`",
            Stored::Double => "a `double *`",
            Stored::Pointer => "a pointer to a pointer",
        }
    }
}

/// The conversions of a format that store something; up to the first that is not known.
fn conversions(format: &[u8]) -> Vec<(String, Stored)> {
    let mut all = Vec::new();
    let at = |i: usize| format.get(i).copied().unwrap_or(0);
    let mut i = 0;
    while let Some(next) = format[i.min(format.len())..]
        .iter()
        .position(|b| *b == b'%')
    {
        let start = i + next;
        i = start + 1;
        let (mut stored, mut made, mut length) = (true, false, 0);
        loop {
            match at(i) {
                b'*' => stored = false,
                b'm' => made = true,
                b'h' => length -= 1,
                b'l' | b'z' | b'j' | b't' | b'q' => length += 1,
                b'0'..=b'9' | b'\'' => {}
                _ => break,
            }
            i += 1;
        }
        let size = match length {
            -2 => 1,
            -1 => 2,
            0 => 4,
            _ => 8,
        };
        let wanted = match at(i) {
            b'%' => {
                i += 1;
                continue;
            }
            b'd' | b'i' | b'o' | b'u' | b'x' | b'X' | b'n' => Stored::Int(size),
            b'a' | b'e' | b'f' | b'g' | b'A' | b'E' | b'F' | b'G' if length == 0 => Stored::Float,
            b'a' | b'e' | b'f' | b'g' | b'A' | b'E' | b'F' | b'G' => Stored::Double,
            b'p' => Stored::Pointer,
            b'c' | b's' | b'[' if made => Stored::Pointer,
            b'c' | b's' => Stored::Int(1),
            b'[' => {
                i += 1 + usize::from(at(i + 1) == b'^');
                i += usize::from(at(i) == b']');
                while i + 1 < format.len() && at(i) != b']' {
                    i += 1;
                }
                Stored::Int(1)
            }
            _ => return all,
        };
        i += 1;
        if stored {
            let text = &format[start..i.min(format.len())];
            all.push((String::from_utf8_lossy(text).into_owned(), wanted));
        }
    }
    all
}
