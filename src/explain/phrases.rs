//! Phrases around the events: what a process does, what it waits for, how a run ended.

use crate::abi::{NotModelled, constants};
use crate::explain::{Lang, en, fill, ko};
use crate::kernel::event::{TcpState, TimerKind, WaitFor};
use std::time::Duration;

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing<'a> {
    /// Computes in user space.
    Running,
    /// Could run and waits for its turn.
    Ready,
    /// Is inside a system call.
    InCall {
        /// The call by the name shown to the reader.
        call: &'a str,
        /// The descriptor it names, or −1.
        fd: i32,
    },
    /// Sleeps inside a system call.
    Asleep {
        /// The call by the name shown to the reader.
        call: &'a str,
        /// The descriptor it names, or −1.
        fd: i32,
    },
    /// Has ended by itself, with that status.
    Exited(i32),
    /// Was ended by a signal.
    Killed(u8),
    /// The C machine stopped it.
    Faulted,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending<'a> {
    /// Every process has ended.
    AllEnded,
    /// These wait for something that will never come.
    Stuck(&'a [String]),
    /// This program did something that the machine does not let pass.
    Fault(&'a str),
    /// Linux would do something here that is not modelled.
    NotModelled(NotModelled),
}

/// What a process does, for its chip: `asleep in accept(3)`.
pub fn activity(doing: Doing, lang: Lang) -> String {
    let template = match lang {
        Lang::En => en::phrases::doing(doing),
        Lang::Ko => ko::phrases::doing(doing),
    };
    let mut slots = Vec::new();
    match doing {
        Doing::Running | Doing::Ready | Doing::Faulted => {}
        Doing::InCall { call, fd } | Doing::Asleep { call, fd } => {
            let arg = if fd >= 0 {
                fd.to_string()
            } else {
                String::new()
            };
            slots.push(("call", [call, "(", &arg, ")"].concat()));
        }
        Doing::Exited(status) => slots.push(("n", status.to_string())),
        Doing::Killed(signal) => slots.push(("n", signal.to_string())),
    }
    fill::fill(template, &slots)
}

/// What a sleeping process waits for: `sleeps until the accept queue of fd 3 is not empty`. `fd` is
/// the descriptor of the call, or −1 if it names none.
pub fn waits_until(on: WaitFor, fd: i32, lang: Lang) -> String {
    let template = match lang {
        Lang::En => en::phrases::waits(on),
        Lang::Ko => ko::phrases::waits(on),
    };
    fill::fill(template, &vec![("fd", fd.to_string())])
}

/// How a run ended, in one or two sentences.
pub fn ending(ending: Ending, lang: Lang) -> String {
    let template = match lang {
        Lang::En => en::phrases::ending(ending),
        Lang::Ko => ko::phrases::ending(ending),
    };
    let value = match ending {
        Ending::AllEnded => String::new(),
        Ending::Stuck(names) => names.join(", "),
        Ending::Fault(name) => name.to_owned(),
        Ending::NotModelled(what) => not_modelled(what, lang),
    };
    fill::fill(template, &vec![("what", value)])
}

/// What is not modelled, as a noun phrase.
pub fn not_modelled(what: NotModelled, lang: Lang) -> String {
    let template = match lang {
        Lang::En => en::phrases::not_modelled(what),
        Lang::Ko => ko::phrases::not_modelled(what),
    };
    let value = match what {
        NotModelled::Call { call } => call.to_owned(),
        NotModelled::Family { domain } => constants::family(domain),
        NotModelled::Type {
            domain,
            ty,
            protocol,
        } => {
            let (family, ty) = (constants::family(domain), constants::socket_type(ty));
            [&family, ", ", &ty, ", ", &protocol.to_string()].concat()
        }
        NotModelled::Option { level, optname } => constants::socket_option(level, optname),
        NotModelled::MessageFlags { flags } => constants::message_flags(flags),
        NotModelled::CallOnFile { call, fd } => [call, "(", &fd.to_string(), ")"].concat(),
        NotModelled::Unix { what } | NotModelled::Tcp { what } => what.to_owned(),
    };
    fill::fill(template, &vec![("what", value)])
}

/// What it means for an endpoint to be in a state, in one sentence.
pub fn state_sentence(state: TcpState, lang: Lang) -> &'static str {
    match lang {
        Lang::En => en::phrases::state(state),
        Lang::Ko => ko::phrases::state(state),
    }
}

/// What a timer is called.
pub(super) fn timer_name(timer: TimerKind, lang: Lang) -> &'static str {
    match lang {
        Lang::En => en::phrases::timer(timer),
        Lang::Ko => ko::phrases::timer(timer),
    }
}

/// A span of time in the unit that fits: `31 µs`, `40 ms`, `1.5 s`, `60초`.
pub(super) fn duration(span: Duration, lang: Lang) -> String {
    let micros = span.as_micros();
    let (unit, en, ko) = match micros {
        0..1_000 => (1, " µs", "마이크로초"),
        1_000..1_000_000 => (1_000, " ms", "밀리초"),
        _ => (1_000_000, " s", "초"),
    };
    let tenths = (micros * 10 + unit / 2) / unit;
    let mut text = (tenths / 10).to_string();
    if !tenths.is_multiple_of(10) {
        text.push('.');
        text.push_str(&(tenths % 10).to_string());
    }
    text.push_str(match lang {
        Lang::En => en,
        Lang::Ko => ko,
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        let tell = |micros| duration(Duration::from_micros(micros), Lang::En);
        assert_eq!(tell(31), "31 µs");
        assert_eq!(tell(40_000), "40 ms");
        assert_eq!(tell(201_240), "201.2 ms");
        assert_eq!(tell(60_000_000), "60 s");
        assert_eq!(duration(Duration::from_secs(60), Lang::Ko), "60초");
    }
}
