//! Phrases around the events: what a process does, what it waits for, how a run ended.

use crate::abi::{NotModelled, constants};
use crate::kernel::event::{TcpState, WaitFor};
use crate::words::{Key, Lang, fill};
use std::time::Duration;

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing<'a> {
    /// Computes in user space.
    Running,
    /// Starts when another process has ended.
    NotStarted,
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
    let (name, slot) = match doing {
        Doing::Running => ("running", None),
        Doing::NotStarted => ("notStarted", None),
        Doing::Ready => ("ready", None),
        Doing::InCall { call, fd } => ("inCall", Some(("call", with_fd(call, fd)))),
        Doing::Asleep { call, fd } => ("asleep", Some(("call", with_fd(call, fd)))),
        Doing::Exited(status) => ("exited", Some(("n", status.to_string()))),
        Doing::Killed(signal) => ("killed", Some(("n", signal.to_string()))),
        Doing::Faulted => ("faulted", None),
    };
    fill(lang.say(Key::new("doing.").then(name)), slot.as_slice())
}

/// `accept(3)`; `poll()`.
fn with_fd(call: &str, fd: i32) -> String {
    let arg = if fd >= 0 {
        fd.to_string()
    } else {
        String::new()
    };
    [call, "(", &arg, ")"].concat()
}

/// What a sleeping process waits for: `sleeps until the accept queue of fd 3 is not empty`. `fd` is
/// the descriptor of the call, or −1 if it names none.
pub fn waits_until(on: WaitFor, fd: i32, lang: Lang) -> String {
    let template = lang.say(Key::new("waits.").then(on.name()));
    fill(template, &[("fd", fd.to_string())])
}

/// How a run ended, in one or two sentences.
pub fn ending(ending: Ending, lang: Lang) -> String {
    let (name, value) = match ending {
        Ending::AllEnded => ("allEnded", String::new()),
        Ending::Stuck(names) => ("stuck", names.join(", ")),
        Ending::Fault(name) => ("fault", name.to_owned()),
        Ending::NotModelled(what) => ("notModelled", not_modelled(what, lang)),
    };
    let template = lang.say(Key::new("ending.").then(name));
    fill(template, &[("what", value)])
}

/// What is not modelled, as a noun phrase.
pub fn not_modelled(what: NotModelled, lang: Lang) -> String {
    let (name, value) = match what {
        NotModelled::Call { call } => ("call", call.to_owned()),
        NotModelled::Family { domain } => ("family", constants::family(domain)),
        NotModelled::Type {
            domain,
            ty,
            protocol,
        } => {
            let (family, ty) = (constants::family(domain), constants::socket_type(ty));
            let value = [&family, ", ", &ty, ", ", &protocol.to_string()].concat();
            ("type", value)
        }
        NotModelled::Option { level, optname } => {
            ("option", constants::socket_option(level, optname))
        }
        NotModelled::MessageFlags { flags } => ("messageFlags", constants::message_flags(flags)),
        NotModelled::CallOnFile { call, fd } => ("callOnFile", with_fd(call, fd)),
        NotModelled::Protocol { what } => ("protocol", what.to_owned()),
    };
    let template = lang.say(Key::new("missing.").then(name));
    fill(template, &[("what", value)])
}

/// What it means for an endpoint to be in a state, in one sentence.
pub fn state_sentence(state: TcpState, lang: Lang) -> &'static str {
    lang.say(Key::new("state.").then(state.name()))
}

/// A span of time in the unit that fits: `31 µs`, `40 ms`, `1.5 s`, `60초`.
pub(super) fn duration(span: Duration, lang: Lang) -> String {
    let micros = span.as_micros() as u64;
    let (unit, name) = match micros {
        0..1_000 => (1, "micros"),
        1_000..1_000_000 => (1_000, "millis"),
        _ => (1_000_000, "seconds"),
    };
    let tenths = (micros * 10 + unit / 2) / unit;
    let mut text = (tenths / 10).to_string();
    if !tenths.is_multiple_of(10) {
        text.push('.');
        text.push_str(&(tenths % 10).to_string());
    }
    fill(lang.say(Key::new("part.").then(name)), &[("n", text)])
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
