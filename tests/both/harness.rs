//! The same calls on the simulated kernel and on this machine's, one at a time.
//!
//! A test makes calls through [`Both`] and says what each must answer. Both kernels must answer that,
//! and must answer the same in everything else: lengths, bytes, who sleeps and who is woken. Ports
//! that the kernel chose are renamed in the order in which they show: `40000`, `40002` … for even
//! ones, `50001`, `50003` … for odd ones. Calls may use these names.
//!
//! Differences are collected and reported together when the test ends.

mod outside;
mod pids;
mod ports;

use self::ports::{Ports, simulated_settings};
use crate::common::calls::*;
use crate::common::host::{Host, Outcome};
use sockscope::kernel::event::TcpState;
use sockscope::kernel::task::Capabilities;
use sockscope::native::{
    End, Isolation, Puppet, PuppetSpec, Settled, SocketState, Stage, StageConfig,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a slow machine.
const BOUND: Duration = Duration::from_secs(20);

/// A task on both kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Task(usize);

pub(crate) struct Both {
    pub(crate) host: Host,
    stage: Option<Stage>,
    puppets: Vec<Puppet>,
    tids: Vec<sockscope::base::Tid>,
    simulated: Ports,
    native: Ports,
    asleep: BTreeMap<Task, Syscall>,
    back: BTreeMap<Task, Outcome>,
    history: Vec<String>,
    problems: Vec<String>,
}

impl Both {
    pub(crate) fn new() -> Both {
        Both::with(&[])
    }

    /// Plays a script that Linux's timers disturb after so long: on fresh kernels again, if the machine was too slow for it.
    pub(crate) fn within(bound: Duration, script: impl Fn(&mut Both)) {
        for _ in 0..20 {
            let mut both = Both::new();
            let begun = Instant::now();
            script(&mut both);
            if begun.elapsed() < bound {
                return;
            }
            both.problems.clear();
        }
        panic!("20 times the machine took longer than {bound:?}");
    }

    /// With settings by their names under /proc/sys.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Both {
        let mut config = StageConfig::default();
        let own = settings.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        config.sysctls.extend(own);
        let stage = Stage::open(&config).expect("a stage");
        // The tests bind to numbers of their own, which a shared network may have in use.
        let stage = match stage.isolation() {
            Isolation::OwnNetworkNamespace => Some(stage),
            Isolation::PlainLoopback { reason } => {
                eprintln!("not compared with the real kernel: {reason}");
                None
            }
        };
        let sysctl = simulated_settings(settings);
        let ports = || Ports::of(sysctl.ip_local_port_range);
        Both {
            simulated: ports(),
            native: ports(),
            host: Host::new(7, sysctl),
            stage,
            puppets: Vec::new(),
            tids: Vec::new(),
            asleep: BTreeMap::new(),
            back: BTreeMap::new(),
            history: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// For UDP, whose ports are even or odd by chance: chosen ones are named `40000`, `40002` … alone.
    pub(crate) fn datagrams() -> Both {
        Both::datagrams_with(&[])
    }

    pub(crate) fn datagrams_with(settings: &[(&str, &str)]) -> Both {
        let mut both = Both::with(settings);
        both.simulated.any_parity = true;
        both.native.any_parity = true;
        both
    }

    /// A process of an ordinary user.
    pub(crate) fn task(&mut self) -> Task {
        self.spawn(false)
    }

    pub(crate) fn root(&mut self) -> Task {
        self.spawn(true)
    }

    pub(crate) fn tasks<const N: usize>(&mut self) -> [Task; N] {
        std::array::from_fn(|_| self.task())
    }

    fn spawn(&mut self, root: bool) -> Task {
        let capabilities = if root {
            Capabilities::ROOT
        } else {
            Capabilities::default()
        };
        self.tids.push(self.host.task_with(capabilities));
        if let Some(stage) = &mut self.stage {
            let spec = PuppetSpec {
                root,
                ..PuppetSpec::default()
            };
            self.puppets.push(stage.spawn(&spec).expect("a puppet"));
        }
        Task(self.tids.len() - 1)
    }

    /// Makes a call on both kernels; the answer that both gave.
    #[track_caller]
    pub(crate) fn call(&mut self, task: Task, call: &Syscall) -> Outcome {
        let (tid, ours) = (self.tids[task.0], self.simulated.in_call(call));
        let ours = self.host.call(tid, &ours);
        let ours = self.simulated.in_reply(call, ours);
        let native = self.native_pids(self.native.in_call(call));
        let theirs = self.stage.as_mut().map(|stage| {
            let puppet = self.puppets[task.0];
            stage.start(puppet, &native).expect("the call begins");
            let settled = stage.settle(puppet, BOUND).expect("the call settles");
            self.native.in_reply(call, outcome(settled))
        });
        let theirs = theirs.map(|theirs| self.simulated_pids(call, theirs));
        let brief = brief(call);
        self.compare(task, &brief, &ours, theirs.as_ref());
        let theirs = theirs.unwrap_or_else(|| ours.clone());
        self.collect_woken();
        // Where they differ the real kernel is right.
        if theirs == Outcome::Asleep {
            self.asleep.insert(task, call.clone());
        }
        theirs
    }

    #[track_caller]
    fn compare(&mut self, task: Task, what: &str, ours: &Outcome, theirs: Option<&Outcome>) {
        let line = format!("task {} {what} = {ours:?}", task.0);
        if let Some(theirs) = theirs.filter(|theirs| *theirs != ours) {
            let native = format!("         on Linux = {theirs:?}");
            self.problem(format!("{line}\n{native}"));
        }
        self.history.push(line);
    }

    #[track_caller]
    fn problem(&mut self, text: String) {
        let at = std::panic::Location::caller();
        let before = self.history.iter().rev().take(6).rev();
        let before: Vec<&str> = before.map(String::as_str).collect();
        let text = format!("{at}:\n    {}\n  ✗ {text}", before.join("\n    "));
        self.problems.push(text);
        assert!(self.problems.len() < 20, "too many differences");
    }

    /// Who slept and has come back, on both kernels.
    #[track_caller]
    fn collect_woken(&mut self) {
        for (task, call) in self.asleep.clone() {
            let ours = self.host.back.remove(&self.tids[task.0]);
            let ours = ours.unwrap_or(Outcome::Asleep);
            let ours = self.simulated.in_reply(&call, ours);
            let theirs = self.stage.as_mut().map(|stage| {
                let settled = stage.settle(self.puppets[task.0], BOUND);
                self.native
                    .in_reply(&call, outcome(settled.expect("it settles")))
            });
            let theirs = theirs.map(|theirs| self.simulated_pids(&call, theirs));
            self.note_back(task, &call, ours, theirs);
        }
    }

    #[track_caller]
    fn note_back(&mut self, task: Task, call: &Syscall, ours: Outcome, theirs: Option<Outcome>) {
        if ours == Outcome::Asleep && theirs.as_ref().is_none_or(|t| *t == ours) {
            return;
        }
        let what = format!("(woken) {}", brief(call));
        self.compare(task, &what, &ours, theirs.as_ref());
        let theirs = theirs.unwrap_or(ours);
        if theirs != Outcome::Asleep {
            self.asleep.remove(&task);
            self.back.insert(task, theirs);
        }
    }

    /// The call must return this, at once.
    #[track_caller]
    pub(crate) fn gives(
        &mut self,
        task: Task,
        call: Syscall,
        expected: Result<u64, Errno>,
    ) -> Reply {
        let outcome = self.call(task, &call);
        self.expect(&call, outcome, expected)
    }

    #[track_caller]
    fn expect(&mut self, call: &Syscall, outcome: Outcome, expected: Result<u64, Errno>) -> Reply {
        match outcome {
            Outcome::Returned(reply) if reply.result == expected => reply,
            other => {
                let what = brief(call);
                self.problem(format!("{what} gave {other:?}, expected {expected:?}"));
                match other {
                    Outcome::Returned(reply) => reply,
                    Outcome::Asleep
                    | Outcome::Exited(_)
                    | Outcome::Killed(_)
                    | Outcome::NotModelled(_) => Reply::error(ENOSYS),
                }
            }
        }
    }

    /// Each of the calls must return this, at once.
    #[track_caller]
    pub(crate) fn all<const N: usize>(
        &mut self,
        task: Task,
        calls: [(Syscall, Result<u64, Errno>); N],
    ) {
        for (call, expected) in calls {
            self.gives(task, call, expected);
        }
    }

    /// The call must return this value, and write these bytes at argument 1.
    #[track_caller]
    pub(crate) fn gives_bytes(&mut self, task: Task, call: Syscall, bytes: &[u8]) {
        let reply = self.gives(task, call, Ok(bytes.len() as u64));
        self.expect_bytes(&reply, bytes);
    }

    #[track_caller]
    fn expect_bytes(&mut self, reply: &Reply, bytes: &[u8]) {
        let written = reply.written(1).unwrap_or_default();
        if written != bytes {
            let text = |b: &[u8]| b[..b.len().min(40)].escape_ascii().to_string();
            self.problem(format!("wrote {}, not {}", text(written), text(bytes)));
        }
    }

    /// Names what the next calls show, for the report.
    pub(crate) fn row(&mut self, what: &str) {
        self.history.push(format!("row: {what}"));
    }

    /// The call must sleep.
    #[track_caller]
    pub(crate) fn sleeps(&mut self, task: Task, call: Syscall) {
        let outcome = self.call(task, &call);
        if outcome != Outcome::Asleep {
            let what = brief(&call);
            self.problem(format!("{what} gave {outcome:?}, expected to sleep"));
        }
    }

    /// The process must end in the call by this signal.
    #[track_caller]
    pub(crate) fn kills(&mut self, task: Task, call: Syscall, signal: i32) {
        let outcome = self.call(task, &call);
        if outcome != Outcome::Killed(signal) {
            self.problem(format!("gave {outcome:?}, expected signal {signal}"));
        }
    }

    /// The task's sleeping call must have come back with this, because of what another task did.
    #[track_caller]
    pub(crate) fn woke(&mut self, task: Task, expected: Result<u64, Errno>) -> Reply {
        let outcome = self.back.remove(&task).unwrap_or(Outcome::Asleep);
        self.expect(&exit(), outcome, expected)
    }

    #[track_caller]
    pub(crate) fn woke_with_bytes(&mut self, task: Task, bytes: &[u8]) {
        let reply = self.woke(task, Ok(bytes.len() as u64));
        self.expect_bytes(&reply, bytes);
    }

    /// The task must still sleep.
    #[track_caller]
    pub(crate) fn still_sleeps(&mut self, task: Task) {
        if !self.asleep.contains_key(&task) {
            let back = self.back.get(&task).cloned();
            self.problem(format!("{task:?} should sleep: {back:?}"));
        }
    }

    /// Time goes on until the task's call comes back, which must be with this.
    #[track_caller]
    pub(crate) fn comes_back(&mut self, task: Task, expected: Result<u64, Errno>) -> Reply {
        if let Some(call) = self.asleep.get(&task).cloned() {
            let ours = self.host.wait(self.tids[task.0]);
            let ours = self.simulated.in_reply(&call, ours);
            let theirs = self.stage.as_mut().map(|stage| {
                let waited = stage.wait(&[self.puppets[task.0]], BOUND);
                let settled = waited
                    .expect("it waits")
                    .map_or(Settled::Asleep, |(_, s)| s);
                self.native.in_reply(&call, outcome(settled))
            });
            self.note_back(task, &call, ours, theirs);
        }
        self.woke(task, expected)
    }

    /// The address that a call told.
    #[track_caller]
    pub(crate) fn names(&mut self, task: Task, call: Syscall, expected: &str) {
        let outcome = self.call(task, &call);
        let Outcome::Returned(reply) = outcome else {
            return self.problem(format!("{outcome:?}"));
        };
        self.expect_name(&reply, expected);
    }

    #[track_caller]
    pub(crate) fn expect_name(&mut self, reply: &Reply, expected: &str) {
        let expected: SocketAddr = expected.parse().expect("an address");
        if reply.written(1).is_none() || name_in(reply) != expected {
            self.problem(format!("{reply:?}, expected the name {expected}"));
        }
    }

    /// poll(2) must find these events.
    #[track_caller]
    pub(crate) fn polls(&mut self, task: Task, fds: &[(i32, i32)], timeout: i32, found: &[i32]) {
        let ready = found.iter().filter(|events| **events != 0).count() as u64;
        let reply = self.gives(task, poll(fds, timeout), Ok(ready));
        if revents(&reply) != found {
            let named = |events: &[i32]| -> Vec<String> {
                let name = |e: &i32| poll_events(*e as i16);
                events.iter().map(name).collect()
            };
            let (got, found) = (named(&revents(&reply)), named(found));
            self.problem(format!("poll found {got:?}, expected {found:?}"));
        }
    }

    /// Does the same on each kernel by itself: calls whose number and sizes differ, because buffers do.
    pub(crate) fn each<T: PartialEq + std::fmt::Debug>(
        &mut self,
        script: impl Fn(&mut dyn FnMut(Task, &Syscall) -> Outcome) -> T,
    ) -> T {
        let (host, tids) = (&mut self.host, &self.tids);
        let ours = script(&mut |task, call| match host.call(tids[task.0], call) {
            Outcome::Asleep => host.wait(tids[task.0]),
            outcome => outcome,
        });
        let Some(stage) = &mut self.stage else {
            return ours;
        };
        let puppets = &self.puppets;
        let theirs = script(&mut |task, call| {
            stage.start(puppets[task.0], call).expect("the call begins");
            let waited = stage.wait(&[puppets[task.0]], BOUND).expect("it waits");
            waited.map_or(Outcome::Asleep, |(_, settled)| outcome(settled))
        });
        assert_eq!(ours, theirs);
        self.collect_woken();
        ours
    }

    /// Both kernels come to these states of sockets, as soon as delayed acknowledgements are sent.
    #[track_caller]
    pub(crate) fn states(&mut self, expected: &[TcpState]) {
        let mut expected = expected.to_vec();
        expected.sort();
        let until = self.host.now + Duration::from_millis(250);
        while self.host.states() != expected
            && self
                .host
                .kernel
                .next_deadline()
                .is_some_and(|at| at < until)
        {
            self.host.next_timer();
        }
        if self.host.states() != expected {
            let ours = self.host.states();
            self.problem(format!("sockets are {ours:?}, expected {expected:?}"));
        }
        let deadline = Instant::now() + BOUND / 10;
        while let Some(theirs) = self.native_states().filter(|theirs| *theirs != expected) {
            if Instant::now() > deadline {
                return self.problem(format!("on Linux {theirs:?}, expected {expected:?}"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn native_states(&mut self) -> Option<Vec<TcpState>> {
        let rows = self.stage.as_mut()?.sockets().expect("sockets are listed");
        let mut states: Vec<_> = rows.iter().map(|row| state(row.state)).collect();
        states.sort();
        Some(states)
    }

    /// The number of the last SYN that was sent, on each kernel.
    pub(crate) fn last_syn(&mut self) -> (u32, Option<u32>) {
        const SYN: sockscope::packet::Flags = sockscope::packet::Flags::SYN;
        let ours = self
            .host
            .events
            .iter()
            .rev()
            .find_map(|event| match event.kind {
                sockscope::kernel::EventKind::SegmentSent { head, .. } if head.flags == SYN => {
                    Some(head.seq.0)
                }
                _ => None,
            });
        let theirs = self.stage.as_mut().and_then(|stage| {
            let segments = stage.segments().expect("segments are captured");
            let syn = segments.iter().rev().find(|s| s.flags == SYN.0);
            syn.map(|syn| syn.seq)
        });
        (ours.expect("a SYN was sent"), theirs)
    }

    /// What the loopback interface of both kernels has carried: flags and octets of data.
    pub(crate) fn segments(&mut self) -> (Vec<String>, Option<Vec<String>>) {
        let theirs = self.stage.as_mut().map(|stage| {
            let segments = stage.segments().expect("segments are captured");
            segments.iter().map(captured).collect()
        });
        (self.host.sent(), theirs)
    }
}

/// A listener at `at` on descriptor 3 of the server and, for each fd of the client from 3 on, a
/// connection that is not accepted yet.
impl Both {
    #[track_caller]
    pub(crate) fn listens(&mut self, task: Task, at: &str, backlog: i32) {
        self.gives(task, socket(), Ok(3));
        self.gives(task, bind(3, at), Ok(0));
        self.gives(task, listen(3, backlog), Ok(0));
    }

    /// A connection: descriptor 4 of the server, whose listener is 3, and 3 of the client.
    #[track_caller]
    pub(crate) fn pair(&mut self) -> [Task; 2] {
        let [server, client] = self.tasks();
        self.listens(server, "127.0.0.1:8080", 5);
        self.gives(client, socket(), Ok(3));
        self.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
        self.gives(server, accept(3), Ok(4));
        [server, client]
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        if self.problems.is_empty() {
            return;
        }
        let report = self.problems.join("\n");
        if std::thread::panicking() {
            eprintln!("{report}");
        } else {
            panic!("the kernels or the test differ:\n{report}");
        }
    }
}

/// A segment as [`Host::sent`] writes it.
fn captured(segment: &sockscope::native::Captured) -> String {
    let flags = sockscope::packet::Flags(segment.flags);
    match segment.payload_len {
        0 => flags.to_string(),
        len => format!("{flags} {len}"),
    }
}

fn outcome(settled: Settled) -> Outcome {
    match settled {
        Settled::Returned(reply)
        | Settled::Handlers {
            reply: Some(reply), ..
        } => Outcome::Returned(reply),
        Settled::Asleep | Settled::Handlers { reply: None, .. } => Outcome::Asleep,
        Settled::StillRunning => panic!("a call neither returns nor sleeps"),
        Settled::Ended(End::Exited { status }) => Outcome::Exited(status),
        Settled::Ended(End::Killed { signal }) => Outcome::Killed(signal),
    }
}

fn state(state: SocketState) -> TcpState {
    match state {
        SocketState::Established => TcpState::Established,
        SocketState::SynSent => TcpState::SynSent,
        SocketState::SynReceived | SocketState::NewSynReceived => TcpState::SynReceived,
        SocketState::FinWait1 => TcpState::FinWait1,
        SocketState::FinWait2 => TcpState::FinWait2,
        SocketState::TimeWait => TcpState::TimeWait,
        SocketState::Close => TcpState::Closed,
        SocketState::CloseWait => TcpState::CloseWait,
        SocketState::LastAck => TcpState::LastAck,
        SocketState::Listen => TcpState::Listen,
        SocketState::Closing => TcpState::Closing,
    }
}

/// A call without the bulk of its data.
fn brief(call: &Syscall) -> String {
    let text = format!("{call:?}");
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
