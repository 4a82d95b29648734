//! The trace of a run on standard error, and the programs' own output.

use super::arguments::Trace;
use super::output::{Console, to_stderr};
use crate::abi::{Reply, Syscall, Thread};
use crate::base::Time;
use crate::export::strace;
use crate::kernel::file::Stdio;
use crate::kernel::task::Ended;
use crate::scenario::{Observer, task_name};
use serde_json::json;

/// Prints what happens, as it happens.
pub(super) struct Tracer {
    form: Trace,
    pub(super) names: Vec<String>,
    pub(super) console: Console,
    /// The call that was entered and is not printed yet.
    held: Option<(usize, Syscall)>,
}

impl Tracer {
    pub(super) fn new(form: Trace, names: Vec<String>) -> Tracer {
        Tracer {
            form,
            console: Console::new(names.clone()),
            names,
            held: None,
        }
    }

    fn line(&self, who: usize, text: &str) {
        let name = &self.names[who];
        let line = if self.names.len() == 1 {
            format!("{text}\n")
        } else {
            format!("[{name}] {text}\n")
        };
        to_stderr(line.as_bytes());
    }

    /// A call that somebody else's news interrupts is printed as unfinished.
    fn release(&mut self) {
        if let Some((who, call)) = self.held.take() {
            self.line(who, &strace::line(&call, None));
        }
    }

    fn json(&self, who: usize, at: Time, mut value: serde_json::Value) {
        value["program"] = json!(self.names[who]);
        value["time"] = json!(at.nanos());
        to_stderr(format!("{value}\n").as_bytes());
    }
}

impl Observer for Tracer {
    fn born(&mut self, listed: usize, copy: Option<u32>, thread: Thread) {
        let name = task_name(&self.names[listed], copy, thread);
        self.names.push(name);
    }

    fn entered(&mut self, who: usize, at: Time, call: &Syscall) {
        match self.form {
            Trace::None => {}
            Trace::Strace => {
                self.release();
                self.held = Some((who, call.clone()));
            }
            Trace::Json => {
                let text = strace::entered(call) + ")";
                self.json(who, at, json!({"event": "entered", "call": call.name(), "text": text, "arguments": call}));
            }
        }
    }

    fn returned(&mut self, who: usize, at: Time, call: &Syscall, reply: &Reply) {
        match self.form {
            Trace::None => {}
            Trace::Strace => {
                if self.held.take_if(|(held, _)| *held == who).is_some() {
                    self.line(who, &strace::line(call, Some(reply)));
                } else {
                    self.release();
                    self.line(who, &strace::resumed(call, reply));
                }
            }
            Trace::Json => {
                let errno = reply.result.err().map(|errno| errno.name());
                let text = strace::line(call, Some(reply));
                let returned = reply.returned();
                self.json(who, at, json!({"event": "returned", "call": call.name(), "text": text, "returned": returned, "errno": errno}));
            }
        }
    }

    fn restarts(&mut self, who: usize, at: Time, call: &Syscall) {
        match self.form {
            Trace::None => {}
            Trace::Strace => {
                const INTERRUPTED: &str = "? ERESTARTSYS (To be restarted if SA_RESTART is set)";
                let text = if self.held.take_if(|(held, _)| *held == who).is_some() {
                    strace::entered(call) + ")"
                } else {
                    self.release();
                    format!("<... {} resumed>)", call.name())
                };
                self.line(who, &format!("{text} = {INTERRUPTED}"));
            }
            Trace::Json => {
                self.json(who, at, json!({"event": "restarts", "call": call.name()}));
            }
        }
    }

    fn output(&mut self, who: usize, stream: Stdio, bytes: &[u8]) {
        self.console.write(who, stream, bytes);
    }

    fn ended(&mut self, who: usize, at: Time, end: Ended) {
        match self.form {
            Trace::None => {}
            Trace::Strace => {
                self.release();
                let text = match end {
                    Ended::Exited(status) => format!("+++ exited with {status} +++"),
                    Ended::Killed(signal) => format!("+++ killed by {} +++", signal_name(signal)),
                };
                self.line(who, &text);
            }
            Trace::Json => {
                let (status, signal) = match end {
                    Ended::Exited(status) => (Some(status), None),
                    Ended::Killed(signal) => (None, Some(signal_name(signal))),
                };
                self.json(
                    who,
                    at,
                    json!({"event": "ended", "status": status, "signal": signal}),
                );
            }
        }
    }
}

fn signal_name(signal: u8) -> String {
    crate::abi::constants::signal(signal.into())
}
