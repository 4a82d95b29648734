//! What the translation units leave open is found, or is a problem.

use super::*;
use crate::program::c::headers;

impl Lower<'_> {
    /// Every function that is called or named must exist; `main` is where it starts. One that is declared and that
    /// Linux's C library has, but not this one, stops the program when it is called: helper files of textbooks wrap many
    /// that nobody calls.
    pub(super) fn link(&mut self) -> Parsed<u32> {
        for index in 0..self.functions.len() {
            if let (Some(span), ir::Body::Missing) =
                (self.used_functions[index], &self.functions[index].body)
            {
                let name = self.functions[index].name.clone();
                if let Some(reason) = headers::missing::reason(&name) {
                    let why = match reason {
                        headers::missing::NO_REASON => format!("{name}() is not modelled"),
                        _ => format!("{name}() is not modelled: {reason}"),
                    };
                    self.functions[index].body = ir::Body::NotModelled(why.into());
                    continue;
                }
                self.unknown_function(span, &name, "is declared but defined nowhere");
            }
        }
        let mut used = std::mem::take(&mut self.used_outside);
        used.retain(|(name, _)| self.outside.get(*name).is_some());
        while let Some((name, span)) = (!used.is_empty()).then(|| used.remove(0)) {
            used.retain(|(other, _)| *other != name);
            // The library's own have no definition in C.
            let own = ["stdin", "stdout", "stderr", "environ"];
            if !own.contains(&self.names.name(name)) {
                self.report_name(span, "`{}` is declared extern, but defined nowhere", name);
            }
        }
        let main = self.names.sym("main");
        match self.linked_entity(main) {
            Some(Entity::Function(index))
                if matches!(self.functions[index as usize].body, ir::Body::Code(_)) =>
            {
                Ok(index)
            }
            _ => {
                if !self
                    .problems
                    .iter()
                    .any(|p| p.severity == crate::program::Severity::Error)
                {
                    self.problems.push(
                        Diagnostic::error(Span::default(), "the program has no main() function")
                            .help("a program starts in `int main(void)`"),
                    );
                }
                Err(Reported)
            }
        }
    }

    pub(super) fn unknown_function(&mut self, span: Span, name: &str, what: &str) {
        let missing = headers::missing::reason(name);
        let what = missing.map_or(what, |_| "is in Linux's C library, but not here");
        let mut problem = Diagnostic::error(span, format!("the function `{name}` {what}"));
        let own: Vec<Rc<str>> = self
            .functions
            .iter()
            .filter(|f| !matches!(f.body, ir::Body::Missing))
            .map(|f| f.name.clone())
            .collect();
        let mut names: Vec<&str> = own.iter().map(|n| n.as_ref()).collect();
        for function in libc::names().chain(crate::program::c::library::names()) {
            names.push(function);
        }
        let known = names.iter().copied().filter(|n| *n != name);
        if let Some(reason) = missing {
            problem = problem.help(reason);
        } else if let Some(near) = crate::program::source::nearest(name, known) {
            problem = problem.help(match headers::home_of(near) {
                Some(header) => format!("did you mean `{near}` from <{header}>?"),
                None => format!("did you mean `{near}`?"),
            });
        }
        self.problems.push(problem);
    }
}
