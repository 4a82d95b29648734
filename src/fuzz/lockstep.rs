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
        possible: vec![Possible {
            simulated: Simulated::new(case.seed, &case.tasks, planted),
            names: Default::default(),
        }],
        real: Real::open(&case.tasks)?,
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
    /// Where the simulated kernel may be, after all that both have said so far: at each call, the timers of
    /// delayed acknowledgements may or may not have run. In the first they run as late as they can.
    possible: Vec<Possible>,
    real: Real,
    processes: Vec<Process>,
    step: usize,
}

/// The simulated kernel, with the names of its ports and of the real kernel's.
#[derive(Clone)]
struct Possible {
    simulated: Simulated,
    names: [Names; 2],
}

/// At most so many are followed.
const POSSIBLE: usize = 24;

/// What the real kernel says after a call.
struct Theirs {
    answer: Answer,
    /// Of each process that sleeps: its call, and what has become of that.
    slept: Vec<(usize, Syscall, Answer)>,
}

/// What differs, in the simulation's words and in Linux's.
type Difference = (&'static str, String, String);

impl Pair {
    fn grant(&mut self, task: usize, call: &Syscall) -> Result<(), Parted> {
        let named = self.possible.first().map(|p| p.names[1].in_call(call));
        let mut asked = Vec::new();
        for (at, before) in std::mem::take(&mut self.possible).into_iter().enumerate() {
            let later = before.later();
            for (stage, mut possible) in [before].into_iter().chain(later).enumerate() {
                let call = possible.names[0].in_call(call);
                match possible.simulated.call(task, &call) {
                    Ok(answer) => asked.push((possible, answer)),
                    Err(_) if (at, stage) == (0, 0) => return Err(Parted::NotModelled),
                    Err(_) => {}
                }
            }
        }
        let theirs = self.real_call(task, named.as_ref().unwrap_or(call))?;
        let mut first = None;
        let mut agree = Vec::new();
        for (possible, ours) in asked {
            let later = possible.later();
            for mut possible in [possible].into_iter().chain(later) {
                let difference = possible.compare(task, call, ours.clone(), &theirs);
                if difference.is_none() {
                    agree.push(possible);
                    break;
                }
                first = first.or(difference);
            }
        }
        if !agree.is_empty() {
            first = self.compare_sockets(agree)?;
        }
        if let (true, Some((what, simulated, native))) = (self.possible.is_empty(), first) {
            return Err(Parted::Here(Box::new(Divergence {
                step: self.step,
                what,
                simulated,
                native,
            })));
        }
        self.processes[task] = process(call, &theirs.answer);
        for (other, call, answer) in &theirs.slept {
            self.processes[*other] = process(call, answer);
        }
        Ok(())
    }

    /// Lets the real kernel make a call, and looks at everybody who sleeps then.
    fn real_call(&mut self, task: usize, call: &Syscall) -> Result<Theirs, Error> {
        let answer = self.real.call(task, call)?;
        let mut slept = Vec::new();
        for (other, before) in self.processes.iter().enumerate() {
            let sleeping = match before {
                _ if other == task && answer == Answer::Asleep => call,
                Process::Asleep(call) => call,
                Process::Awake | Process::Ended => continue,
            };
            slept.push((other, sleeping.clone(), self.real.settle(other)?));
        }
        Ok(Theirs { answer, slept })
    }

    /// Compares how many TCP sockets are in which state, with the ports that programs chose; keeps those that agree.
    fn compare_sockets(&mut self, agree: Vec<Possible>) -> Result<Option<Difference>, Error> {
        let mut theirs = Rows::new();
        for _ in 0..LISTINGS {
            theirs = native_rows(&mut self.real)?;
            let listed = |possible: &Possible| rows(&possible.simulated) == theirs;
            for possible in &agree {
                if listed(possible) {
                    self.possible.push(possible.clone());
                } else {
                    self.possible
                        .extend(possible.later().into_iter().filter(listed));
                }
            }
            self.possible.truncate(POSSIBLE);
            if !self.possible.is_empty() {
                return Ok(None);
            }
        }
        let ours = agree.first().map(|first| listing(&rows(&first.simulated)));
        let what = "the list of sockets";
        Ok(Some((what, ours.unwrap_or_default(), listing(&theirs))))
    }
}

impl Possible {
    /// The same after each of the timers that may have run meanwhile.
    fn later(&self) -> Vec<Possible> {
        let with = |simulated| Possible {
            simulated,
            names: self.names.clone(),
        };
        self.simulated.later().into_iter().map(with).collect()
    }

    /// The first difference to what the real kernel says after a call, if there is one.
    fn compare(
        &mut self,
        task: usize,
        call: &Syscall,
        ours: Answer,
        theirs: &Theirs,
    ) -> Option<Difference> {
        let back = match ours == Answer::Asleep && theirs.answer != Answer::Asleep {
            true => self.simulated.came_back(task),
            false => None,
        };
        let ours = back.unwrap_or(ours);
        let mut found = self.differs("the reply", task, call, ours, &theirs.answer);
        for (other, call, theirs) in &theirs.slept {
            let ours = self.simulated.came_back(*other).unwrap_or(Answer::Asleep);
            let what = "a task that slept";
            found = found.or_else(|| self.differs(what, *other, call, ours, theirs));
        }
        found
    }

    /// Compares what came of a call.
    fn differs(
        &mut self,
        what: &'static str,
        task: usize,
        call: &Syscall,
        ours: Answer,
        theirs: &Answer,
    ) -> Option<Difference> {
        let datagrams = self.simulated.datagrams(task, call);
        let ours = in_names(&mut self.names[0], call, ours, datagrams);
        let theirs = in_names(&mut self.names[1], call, theirs.clone(), datagrams);
        (ours != theirs).then(|| (what, text(call, &ours), text(call, &theirs)))
    }
}

/// Where a process is after a call.
fn process(call: &Syscall, answer: &Answer) -> Process {
    match answer {
        Answer::Returned(_) => Process::Awake,
        Answer::Asleep => Process::Asleep(call.clone()),
        Answer::Exited(_) | Answer::Killed(_) => Process::Ended,
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
