//! packetdrill scripts, run on one simulated kernel in virtual time.
//!
//! A script makes system calls, injects packets and says which packets go out and when. The language and
//! the tolerances are packetdrill's; what a script asks for that is not modelled makes the whole script
//! unsupported, with its line: nothing is passed by leaving it out.
//!
//! **Architecture invariant:** no shell, no file, no clock, no terminal: text in, a verdict out.

mod arguments;
mod assertion;
mod calls;
mod flow;
mod host;
mod icmp;
mod lex;
mod matching;
mod more_calls;
mod parse;
mod parse_packet;
mod run_call;
mod run_packet;
mod runner;
mod script;
mod stage;
mod symbols;
mod tcp_info;

pub use host::Variant;

/// How a script went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was as the script says.
    Passed,
    /// Something was not, at this line.
    Failed {
        /// From 1.
        line: u32,
        /// What the script says.
        expected: String,
        /// What happened.
        got: String,
    },
    /// The script needs something that is not known or not modelled.
    Unsupported {
        /// From 1.
        line: u32,
        /// What.
        what: String,
    },
}

/// Runs a script on a fresh kernel. `trace` is told each event, with its time in seconds.
pub fn run(text: &str, variant: Variant, trace: &mut dyn FnMut(&str)) -> Verdict {
    match parse::script(text) {
        Ok(script) => runner::run(&script, variant, trace),
        Err(problem) => Verdict::Unsupported {
            line: problem.line,
            what: problem.what,
        },
    }
}
