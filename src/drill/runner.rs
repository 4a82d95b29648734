//! Runs a script event by event.

use super::Verdict;
use super::assertion;
use super::calls::Prepared;
use super::flow::Flow;
use super::host::{Config, Variant};
use super::script::{Action, Call, Event, Micros, Script, When, Wire};
use super::stage::{MAIN, Stage, Went};
use super::tcp_info;
use crate::abi::constants::{IPPROTO_TCP, TCP_INFO};
use crate::abi::{Syscall, UserIn, UserOut};
use crate::base::Tid;

pub(super) const SECOND: Micros = 1_000_000;
/// An expected packet is waited for so much longer than the script says.
pub(super) const PATIENCE: Micros = 2 * SECOND;
/// So long another call waits for one that blocks.
pub(super) const IDLE: Micros = SECOND;
/// A packet that may come at any time is waited for so long.
pub(super) const ANY_TIME: Micros = 86_400 * SECOND;
/// The remote port of the first connection that comes in.
pub(super) const FIRST_REMOTE_PORT: u16 = 40_000;
/// The thread that makes calls which block.
pub(super) const BLOCKING: Tid = Tid(MAIN.0 + 1);

/// Why a script goes no further.
pub(super) enum Stop {
    Fail(u32, String, String),
    Unsupported(u32, String),
}

pub(super) type Done<T = ()> = Result<T, Stop>;

/// A call that has not returned yet.
pub(super) struct Pending<'a> {
    pub(super) line: u32,
    pub(super) call: &'a Call,
    pub(super) prepared: Prepared,
    pub(super) begun: Micros,
    pub(super) end: Micros,
}

pub(super) struct Runner<'a> {
    pub(super) config: Config,
    pub(super) stage: Stage,
    trace: &'a mut dyn FnMut(&str),
    pub(super) flows: Vec<Flow>,
    /// The connection that packets belong to: its place in `flows`.
    pub(super) under_test: Option<usize>,
    pub(super) fds: Vec<(i32, i32)>,
    /// Script descriptors of files, with their sizes.
    pub(super) open_files: Vec<(i32, u64)>,
    pub(super) pending: Option<Pending<'a>>,
    pub(super) connections: u16,
    /// The event before: its time, and whether it was an inbound packet.
    last: Option<(Micros, bool)>,
}

/// Runs a script from its beginning.
pub(super) fn run(script: &Script, variant: Variant, trace: &mut dyn FnMut(&str)) -> Verdict {
    let mut runner = Runner {
        config: Config::new(variant),
        stage: Stage::new(),
        trace,
        flows: Vec::new(),
        under_test: None,
        fds: Vec::new(),
        open_files: Vec::new(),
        pending: None,
        connections: 0,
        last: None,
    };
    match runner.script(script) {
        Ok(()) => Verdict::Passed,
        Err(Stop::Fail(line, expected, got)) => Verdict::Failed {
            line,
            expected,
            got,
        },
        Err(Stop::Unsupported(line, what)) => Verdict::Unsupported { line, what },
    }
}

impl<'a> Runner<'a> {
    fn script(&mut self, script: &'a Script) -> Done {
        for (line, name, value) in &script.options {
            let taken = self.config.option(name, value);
            taken.map_err(|what| Stop::Unsupported(*line, what))?;
        }
        self.config.set_up(&mut self.stage.kernel);
        self.stage.thread(BLOCKING);
        if let Some((line, command)) = &script.init {
            self.command(*line, command)?;
        }
        self.stage.ignore_sigpipe();
        for event in &script.events {
            self.event(event)?;
            self.modelled(event.line)?;
        }
        // Whoever still waits gets a last second.
        self.await_idle()?;
        match &self.pending {
            None => Ok(()),
            Some(pending) => Err(Stop::Fail(
                pending.line,
                format!("{}() to return", pending.call.name),
                "it still sleeps when the script ends".to_owned(),
            )),
        }
    }

    fn command(&mut self, line: u32, text: &str) -> Done {
        let done = self.config.command(text, &mut self.stage.kernel);
        done.map_err(|what| Stop::Unsupported(line, what))
    }

    /// Whether the kernel still answers; otherwise the script is not supported.
    pub(super) fn modelled(&self, line: u32) -> Done {
        match self.stage.not_modelled() {
            None => Ok(()),
            Some(what) => Err(Stop::Unsupported(line, what.to_string())),
        }
    }

    pub(super) fn say(&mut self, at: Micros, what: &str) {
        let (seconds, micros) = (at / SECOND, at % SECOND);
        (self.trace)(&format!("{seconds:6}.{micros:06} {what}"));
    }

    fn event(&mut self, event: &'a Event) -> Done {
        let inbound = matches!(event.action, Action::Inbound(_));
        // Inbound packets one after the other count from each other's times, all else from now.
        let base = match self.last {
            Some((at, true)) if inbound => at,
            _ => self.stage.now(),
        };
        let (from, to) = match event.when {
            When::At(at) => (at, at),
            When::After(gap) => (base + gap, base + gap),
            When::Any => (base, base),
            When::Between(from, to) => (from, to),
            When::AfterBetween(from, to) => (base + from, base + to),
        };
        if self.last.is_none() && from != 0 {
            let what = "a first event that is not at time 0".to_owned();
            return Err(Stop::Unsupported(event.line, what));
        }
        let line = event.line;
        match &event.action {
            Action::Outbound(wire) => match wire {
                Wire::Tcp(expected) => self.outbound(line, expected, event.when, from, to)?,
                Wire::Udp(expected) => self.outbound_udp(line, *expected, event.when, from, to)?,
                Wire::Icmp(_) => {
                    let what = "an ICMP message that goes out".to_owned();
                    return Err(Stop::Unsupported(line, what));
                }
                Wire::Other(what) => return Err(Stop::Unsupported(line, what.clone())),
            },
            Action::Inbound(wire) => {
                if let Wire::Other(what) = wire {
                    return Err(Stop::Unsupported(line, what.clone()));
                }
                self.wait_until(line, from)?;
                match wire {
                    Wire::Tcp(packet) => self.inbound(line, packet)?,
                    Wire::Udp(packet) => self.inbound_udp(line, *packet)?,
                    Wire::Icmp(message) => self.inbound_icmp(line, message)?,
                    Wire::Other(_) => {}
                }
            }
            Action::Call(call) => {
                if self.pending.is_some() {
                    self.await_idle()?;
                }
                self.wait_until(line, from)?;
                let relative = matches!(event.when, When::After(_));
                let end = call.end.map(|end| if relative { base + end } else { end });
                self.call(line, call, from, end)?;
            }
            Action::Command(command) => {
                self.wait_until(line, from)?;
                self.command(line, command)?;
            }
            Action::Code(code) => {
                self.wait_until(line, from)?;
                self.code(line, code)?;
            }
        }
        self.last = Some((from, inbound));
        Ok(())
    }

    /// Lets timers run until a time; whoever is later than that is out of the script's time.
    fn wait_until(&mut self, line: u32, at: Micros) -> Done {
        while self.stage.tick(at) {
            self.returned_calls()?;
        }
        self.modelled(line)?;
        let now = self.stage.now();
        if self.last.is_some() && now > at + self.tolerance(at) {
            let (at, now) = (seconds(at), seconds(now));
            return Err(Stop::Fail(
                line,
                format!("this at {at} s"),
                format!("the event before it at {now} s"),
            ));
        }
        Ok(())
    }

    /// max(tolerance_usecs, tolerance_percent of the gap between this event and the one before).
    pub(super) fn tolerance(&self, at: Micros) -> Micros {
        self.tolerance_of(at - self.last.map_or(at, |(last, _)| last))
    }

    pub(super) fn tolerance_of(&self, gap: Micros) -> Micros {
        let share = (self.config.tolerance_percent / 100.0 * gap as f64) as Micros;
        share.max(self.config.tolerance_usecs)
    }

    pub(super) fn flow(&self, line: u32) -> Done<usize> {
        let none = || Stop::Unsupported(line, "a packet of no connection".to_owned());
        self.under_test.ok_or_else(none)
    }

    fn code(&mut self, line: u32, code: &str) -> Done {
        let at = self.flow(line)?;
        let Some(fd) = self.flows[at].fd else {
            let what = "code about a connection without a descriptor".to_owned();
            return Err(Stop::Unsupported(line, what));
        };
        let call = Syscall::Getsockopt {
            fd,
            level: IPPROTO_TCP,
            optname: TCP_INFO,
            optval: UserOut::Capacity(u64::from(tcp_info::LEN)),
            optlen: UserIn::Bytes(tcp_info::LEN.to_le_bytes().to_vec()),
        };
        let went = self.stage.call(MAIN, &call);
        self.modelled(line)?;
        let Went::Returned(reply) = went else {
            let what = "getsockopt(TCP_INFO) that does not return".to_owned();
            return Err(Stop::Unsupported(line, what));
        };
        let info = reply.written(3).unwrap_or_default();
        let names = |name: &str| tcp_info::value(info, name);
        assertion::run(code, line, &names).map_err(|(line, ended)| match ended {
            assertion::Ended::False { expected, got } => Stop::Fail(line, expected, got),
            assertion::Ended::Unknown(what) => Stop::Unsupported(line, what),
        })
    }
}

pub(super) fn seconds(at: Micros) -> String {
    let (sign, at) = if at < 0 { ("-", -at) } else { ("", at) };
    format!("{sign}{}.{:06}", at / SECOND, at % SECOND)
}
