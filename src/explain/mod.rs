//! Words for everything that happens: one or two sentences per event.
//!
//! The texts themselves stand in `static/words` (see [`words`](crate::words)); here is what chooses and fills them.
//! One `match` over [`EventKind`](crate::kernel::event::EventKind) without `_ =>` gives an event its key, for all
//! languages, so a new event does not compile before it has one; and the tests fail until every language says
//! what it means, why it happens and where to look it up.
//!
//! What stands for a placeholder is worked out in `slots`, in the same way for all languages.
//!
//! **Architecture invariant:** this module knows events and rules, no session and no page. Names of
//! things come through [`Names`].

mod keys;
mod phrases;
mod slots;
mod source;
#[cfg(test)]
mod tests;

pub use phrases::{Doing, Ending, activity, ending, not_modelled, state_sentence, waits_until};

use crate::abi::Errno;
use crate::base::{PacketId, Pid, SockId, Tid};
use crate::kernel::event::Event;
use crate::kernel::rule::Rule;
use crate::words::{Key, Lang, Sheet, fill};

/// Names of things for a sentence; the session implements it. Nothing here depends on the language:
/// answers are names, addresses and numbers. An event may name a thing that is gone by now, so every
/// answer must be possible for ids of the past.
pub trait Names {
    /// The program's name: `server`.
    fn process(&self, pid: Pid) -> String;
    /// The name of the task's program: `server`.
    fn task(&self, tid: Tid) -> String;
    /// The socket's label, used where it has no descriptor: `127.0.0.1:12345`; short, since it stands
    /// inside sentences.
    fn sock(&self, sock: SockId) -> String;
    /// The name of the process that holds the socket, made it or would accept it.
    fn owner(&self, sock: SockId) -> Option<String>;
    /// The lowest descriptor of that process that refers to the socket.
    fn fd(&self, sock: SockId) -> Option<i32>;
    /// The two ends of a packet and its numbers.
    fn packet(&self, packet: PacketId) -> PacketNames;
}

/// What a sentence about a segment needs beyond its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketNames {
    /// The sender: its process (`client`), or `127.0.0.1:40000` if no process stands behind it.
    pub from: String,
    /// The receiver, in the same way.
    pub to: String,
    /// Destination port.
    pub to_port: u16,
    /// SEG.SEQ relative to the sender's initial number: the SYN is 0, the first byte of data 1.
    pub seq: u32,
    /// SEG.ACK relative to the receiver's initial number; 0 without ACK.
    pub ack: u32,
}

/// An event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What happened and why: one to three sentences. `**…**` marks what is strong; there is no
    /// other markup.
    pub text: String,
    /// The short form, for the line "what changed in this step"; no markup.
    pub short: String,
    /// Where to look it up: RFC section, Linux function, manual page; separated by ` · `.
    pub source: &'static str,
}

/// Says what an event means.
pub fn explain(event: &Event, lang: Lang, names: &dyn Names) -> Explained {
    let slots = slots::of(event, lang, names);
    let key = keys::event(&event.kind);
    let mut text = fill(lang.say(key), &slots);
    // The last placeholder may have had nothing to say.
    text.truncate(text.trim_end().len());
    Explained {
        text,
        short: fill(lang.say(keys::short(key)), &slots),
        source: source::of(&event.kind),
    }
}

/// Why something happened: one sentence that can follow the one that says what happened.
pub fn rule_sentence(rule: Rule, lang: Lang) -> &'static str {
    lang.say(keys::rule(rule))
}

/// Where a rule can be looked up: RFC section, Linux function, manual page; separated by ` · `.
pub fn rule_source(rule: Rule) -> &'static str {
    Sheet::Sources.find(keys::rule(rule)).unwrap_or_default()
}

/// What an error means and what usually causes it, for the errors that socket programs meet.
pub fn errno_sentence(errno: Errno, lang: Lang) -> Option<&'static str> {
    lang.sheet().find(Key::new("errno.").then(errno.name()))
}

/// What a system call is for, by the kernel's name of it: a clause such as `it wants the peer's
/// address`.
pub fn call_purpose(call: &str, lang: Lang) -> &'static str {
    let purpose = lang.sheet().find(Key::new("purpose.").then(call));
    purpose.unwrap_or_else(|| lang.say(Key::new("purpose.other")))
}

/// What a call that succeeded with `ret` has given to the program; empty where there is nothing to
/// say.
fn call_result(call: &str, ret: i64, lang: Lang) -> &'static str {
    let key = Key::new("result.").then(call);
    let nothing = (ret == 0).then(|| lang.sheet().find(key.then(".zero")));
    nothing.flatten().unwrap_or_else(|| lang.say(key))
}

/// The error in the return register, if it holds one.
fn failure(ret: i64) -> Option<Errno> {
    Errno::from_number(i32::try_from(ret.checked_neg()?).ok()?)
}
