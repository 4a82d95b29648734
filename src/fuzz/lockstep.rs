//! A case on both kernels, compared after each call.

use super::Case;
use super::names::Names;
use super::real::Real;
use super::simulated::{Answer, Simulated};
use crate::abi::Syscall;
use crate::export::strace;
use crate::kernel::planted::Planted;
use crate::native::{Error, SocketState};
use std::collections::BTreeMap;
use std::fmt;

/// Where the kernels part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The index of the call after which they differ.
    pub step: usize,
    /// What differs: `the reply`, `a task that slept`, `the sockets`.
    pub what: &'static str,
    /// What the simulated kernel says.
    pub simulated: String,
    /// What the real kernel says.
    pub native: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "after call {}, {} differs", self.step, self.what)?;
        writeln!(f, "  simulated: {}", self.simulated)?;
        write!(f, "  Linux:     {}", self.native)
    }
}

/// One process of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Process {
    Awake,
    Asleep(Syscall),
    Ended,
}

/// Runs a case on fresh kernels until its end or the first difference.
pub(super) fn run(case: &Case, planted: Option<Planted>) -> Result<Option<Divergence>, Error> {
    let mut pair = Pair {
        simulated: Simulated::new(case.seed, &case.tasks, planted),
        real: Real::open(&case.tasks)?,
        names: Default::default(),
        processes: vec![Process::Awake; case.tasks.len()],
        step: 0,
    };
    for (step, op) in case.ops.iter().enumerate() {
        if pair.processes.get(op.task) != Some(&Process::Awake) {
            continue;
        }
        pair.step = step;
        match pair.grant(op.task, &op.call) {
            Ok(()) => {}
            Err(Parted::Here(divergence)) => return Ok(Some(*divergence)),
            Err(Parted::NotModelled) => return Ok(None),
            Err(Parted::Native(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Why a case goes no further.
enum Parted {
    Here(Box<Divergence>),
    /// A shortened case may ask for what its original did not.
    NotModelled,
    Native(Error),
}

impl From<Error> for Parted {
    fn from(error: Error) -> Parted {
        Parted::Native(error)
    }
}

struct Pair {
    simulated: Simulated,
    real: Real,
    /// The ports of the simulated kernel and of the real one.
    names: [Names; 2],
    processes: Vec<Process>,
    step: usize,
}

impl Pair {
    fn grant(&mut self, task: usize, call: &Syscall) -> Result<(), Parted> {
        let ours = self.names[0].in_call(call);
        let theirs = self.names[1].in_call(call);
        let before = self.simulated.clone();
        let given = ours;
        let Ok(mut ours) = self.simulated.call(task, &given) else {
            return Err(Parted::NotModelled);
        };
        let theirs = self.real.call(task, &theirs)?;
        if !self.same(task, call, &ours, &theirs) {
            // The timers of delayed acknowledgements may have run before the call.
            for mut later in before.later() {
                if let Ok(again) = later.call(task, &given)
                    && self.same(task, call, &again, &theirs)
                {
                    (self.simulated, ours) = (later, again);
                    break;
                }
            }
        }
        self.settled(task, call, "the reply", ours, theirs)?;
        for other in 0..self.processes.len() {
            let Process::Asleep(call) = self.processes[other].clone() else {
                continue;
            };
            let ours = self.simulated.came_back(other).unwrap_or(Answer::Asleep);
            let theirs = self.real.settle(other)?;
            self.settled(other, &call, "a task that slept", ours, theirs)?;
        }
        self.compare_sockets()
    }

    /// Whether both answers are the same, under the names that they would get.
    fn same(&self, task: usize, call: &Syscall, ours: &Answer, theirs: &Answer) -> bool {
        let datagrams = self.simulated.datagrams(task, call);
        let mut names = self.names.clone();
        let ours = in_names(&mut names[0], call, ours.clone(), datagrams);
        let theirs = in_names(&mut names[1], call, theirs.clone(), datagrams);
        ours == theirs
    }

    /// Compares what came of a call, and notes where its process is.
    fn settled(
        &mut self,
        task: usize,
        call: &Syscall,
        what: &'static str,
        ours: Answer,
        theirs: Answer,
    ) -> Result<(), Parted> {
        let datagrams = self.simulated.datagrams(task, call);
        let ours = in_names(&mut self.names[0], call, ours, datagrams);
        let theirs = in_names(&mut self.names[1], call, theirs, datagrams);
        if ours != theirs {
            let (simulated, native) = (text(call, &ours), text(call, &theirs));
            return Err(self.parted(what, simulated, native));
        }
        self.processes[task] = match ours {
            Answer::Returned(_) => Process::Awake,
            Answer::Asleep => Process::Asleep(call.clone()),
            Answer::Exited(_) | Answer::Killed(_) => Process::Ended,
        };
        Ok(())
    }

    fn parted(&self, what: &'static str, simulated: String, native: String) -> Parted {
        Parted::Here(Box::new(Divergence {
            step: self.step,
            what,
            simulated,
            native,
        }))
    }

    /// Compares how many TCP sockets are in which state, with the ports that programs chose.
    fn compare_sockets(&mut self) -> Result<(), Parted> {
        let ours = rows(&self.simulated);
        let mut theirs = Rows::new();
        for _ in 0..LISTINGS {
            theirs = native_rows(&mut self.real)?;
            if ours == theirs
                || self
                    .simulated
                    .later()
                    .iter()
                    .any(|later| rows(later) == theirs)
            {
                return Ok(());
            }
        }
        Err(self.parted("the list of sockets", listing(&ours), listing(&theirs)))
    }
}

/// State, local and remote port (0 if a kernel chose it), and how many there are.
type Rows = BTreeMap<(&'static str, u16, u16), usize>;

/// A socket that becomes a TIME-WAIT while Linux lists them may be missing: the list is asked for so often.
const LISTINGS: usize = 4;

/// Above are ports that a kernel chose.
pub(super) const CHOSEN: u16 = 32_768;

fn named(port: u16) -> u16 {
    if port < CHOSEN { port } else { 0 }
}

fn rows(simulated: &Simulated) -> Rows {
    let mut rows = Rows::new();
    for (_, socket) in simulated.listed() {
        let remote = socket.remote.map_or(0, |remote| remote.port());
        let key = (
            socket.state().name(),
            named(socket.local.port()),
            named(remote),
        );
        *rows.entry(key).or_default() += 1;
    }
    rows
}

fn native_rows(real: &mut Real) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    for row in real.sockets()? {
        let state = match row.state {
            SocketState::Established => "ESTABLISHED",
            SocketState::SynSent => "SYN-SENT",
            SocketState::SynReceived | SocketState::NewSynReceived => "SYN-RECEIVED",
            SocketState::FinWait1 => "FIN-WAIT-1",
            SocketState::FinWait2 => "FIN-WAIT-2",
            SocketState::TimeWait => "TIME-WAIT",
            SocketState::CloseWait => "CLOSE-WAIT",
            SocketState::LastAck => "LAST-ACK",
            SocketState::Listen => "LISTEN",
            SocketState::Closing => "CLOSING",
            SocketState::Close => continue,
        };
        let key = (state, named(row.local.port()), named(row.remote.port()));
        *rows.entry(key).or_default() += 1;
    }
    Ok(rows)
}

fn listing(rows: &Rows) -> String {
    let line = |((state, local, remote), count): (&(&str, u16, u16), &usize)| {
        format!("{count}×{state}({local}→{remote})")
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    lines.join(" ")
}

fn in_names(names: &mut Names, call: &Syscall, answer: Answer, datagrams: bool) -> Answer {
    match answer {
        Answer::Returned(reply) => Answer::Returned(names.in_reply(call, reply, datagrams)),
        other @ (Answer::Asleep | Answer::Exited(_) | Answer::Killed(_)) => other,
    }
}

/// What came of a call, as strace would print it.
fn text(call: &Syscall, answer: &Answer) -> String {
    match answer {
        Answer::Returned(reply) => {
            let mut text = strace::line(call, Some(reply));
            for write in &reply.writes {
                text.push_str(&format!(" [{}: {}]", write.arg, write.bytes.escape_ascii()));
            }
            text
        }
        Answer::Asleep => format!("{} sleeps", strace::entered(call)),
        Answer::Exited(status) => format!("{} exited with {status}", strace::entered(call)),
        Answer::Killed(signal) => format!("{} killed by {signal}", strace::entered(call)),
    }
}
