//! One simulated kernel in lock-step: one call at a time, packets and timers in between as the test
//! wants them.
#![allow(dead_code, missing_docs, unreachable_pub)]

use sockscope::abi::{Errno, NotModelled, Reply, Syscall};
use sockscope::base::{Choices, HostId, Pid, SockId, Tid, Time};
use sockscope::kernel::event::TcpState;
use sockscope::kernel::socket::Socket;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::kernel::task::{Capabilities, Ended};
use sockscope::kernel::{Event, EventKind, Kernel, Step};
use sockscope::packet::{Body, Packet};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// How far a task's call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Returned(Reply),
    Asleep,
    Exited(i32),
    Killed(i32),
    NotModelled(NotModelled),
}

impl Outcome {
    #[track_caller]
    pub fn reply(self) -> Reply {
        match self {
            Outcome::Returned(reply) => reply,
            Outcome::Asleep | Outcome::Exited(_) | Outcome::Killed(_) | Outcome::NotModelled(_) => {
                panic!("no reply but {self:?}")
            }
        }
    }
}

const SYSCALL: Duration = Duration::from_nanos(500);
const LOOPBACK: Duration = Duration::from_micros(5);

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    Lost,
    /// It stays on the wire, and so does everything behind it.
    Waits,
}

type Fates = Box<dyn FnMut(&Packet) -> Fate>;

pub struct Host {
    pub kernel: Kernel,
    pub now: Time,
    pub choices: Choices,
    pub wire: VecDeque<Packet>,
    pub events: Vec<Event>,
    /// Decides what becomes of each packet.
    pub fate: Fates,
    /// Outcomes of calls that slept and came back, until somebody asks.
    pub back: BTreeMap<Tid, Outcome>,
    woken: VecDeque<Tid>,
    /// Parents and the children that fork(2) has made.
    pub forked: Vec<(Tid, Tid)>,
    next_pid: u32,
}

impl Default for Host {
    fn default() -> Host {
        Host::new(0, Sysctl::default())
    }
}

impl Host {
    pub fn new(seed: u64, sysctl: Sysctl) -> Host {
        Host {
            kernel: Kernel::new(HostId(0), sysctl),
            now: Time::ZERO,
            choices: Choices::new(seed),
            wire: VecDeque::new(),
            events: Vec::new(),
            fate: Box::new(|_| Fate::Arrives),
            back: BTreeMap::new(),
            woken: VecDeque::new(),
            forked: Vec::new(),
            next_pid: 101,
        }
    }

    pub fn task(&mut self) -> Tid {
        self.task_with(Capabilities::default())
    }

    pub fn task_with(&mut self, capabilities: Capabilities) -> Tid {
        let pid = Pid(self.next_pid);
        self.next_pid += 1;
        let (now, choices) = (self.now, &mut self.choices);
        let tid = self.kernel.spawn(pid, capabilities, &[], now, choices);
        self.collect();
        tid
    }

    /// A listener at 127.0.0.1:8080 on descriptor 3 of the first task.
    pub fn listener(&mut self, backlog: i32) -> Tid {
        use super::calls::{bind, listen, socket};
        let server = self.task();
        assert_eq!(self.ok(server, &socket()), 3);
        self.ok(server, &bind(3, "127.0.0.1:8080"));
        self.ok(server, &listen(3, backlog));
        server
    }

    /// A connection: descriptor 4 of the server, whose listener is 3, and 3 of the client.
    pub fn pair(&mut self) -> (Tid, Tid) {
        use super::calls::{accept, connect, socket};
        let server = self.listener(5);
        let client = self.task();
        self.ok(client, &socket());
        self.ok(client, &connect(3, "127.0.0.1:8080"));
        assert_eq!(self.ok(server, &accept(3)), 4);
        self.events.clear();
        (server, client)
    }

    /// Makes a call, delivers what it sends, and lets everybody go on whom that woke.
    pub fn call(&mut self, task: Tid, call: &Syscall) -> Outcome {
        assert!(!self.kernel.is_in_call(task), "{task:?} is in a call");
        self.now += SYSCALL;
        self.kernel
            .syscall(task, call.clone().into(), self.now, &mut self.choices);
        let outcome = self.run(task);
        self.settle();
        if outcome != Outcome::Asleep {
            return outcome;
        }
        // What the call itself sent may have ended its sleep.
        self.back.remove(&task).unwrap_or(outcome)
    }

    #[track_caller]
    pub fn reply(&mut self, task: Tid, call: &Syscall) -> Reply {
        self.call(task, call).reply()
    }

    #[track_caller]
    pub fn result(&mut self, task: Tid, call: &Syscall) -> Result<u64, Errno> {
        self.reply(task, call).result
    }

    #[track_caller]
    pub fn ok(&mut self, task: Tid, call: &Syscall) -> u64 {
        match self.result(task, call) {
            Ok(value) => value,
            Err(errno) => panic!("{call:?}: {errno}"),
        }
    }

    /// Goes on with a task's call until it returns or sleeps.
    fn run(&mut self, task: Tid) -> Outcome {
        loop {
            let step = self.kernel.proceed(task, self.now, &mut self.choices);
            self.collect();
            self.deliver();
            match step {
                Step::Busy => {}
                Step::Returned(reply)
                | Step::Handlers {
                    reply: Some(reply), ..
                } => return Outcome::Returned(reply),
                Step::Asleep | Step::Handlers { reply: None, .. } => return Outcome::Asleep,
                Step::Ended(Ended::Exited(status)) => return Outcome::Exited(status.into()),
                Step::Ended(Ended::Killed(signal)) => return Outcome::Killed(signal.into()),
                Step::NotModelled(what) => return Outcome::NotModelled(what),
            }
        }
    }

    /// Delivers packets and lets woken tasks go on until nothing is left to do at this moment.
    pub fn settle(&mut self) {
        loop {
            self.deliver();
            let Some(task) = self.woken.pop_front() else {
                return;
            };
            let outcome = self.run(task);
            if outcome != Outcome::Asleep {
                self.back.insert(task, outcome);
            }
        }
    }

    fn collect(&mut self) {
        while let Some(packet) = self.kernel.poll_transmit() {
            self.wire.push_back(Rc::unwrap_or_clone(packet));
        }
        self.woken.extend(self.kernel.take_woken());
        self.forked.extend(self.kernel.take_forked());
        for (task, end, _) in self.kernel.take_ended() {
            self.woken.retain(|woken| *woken != task);
            let outcome = match end {
                Ended::Exited(status) => Outcome::Exited(status.into()),
                Ended::Killed(signal) => Outcome::Killed(signal.into()),
            };
            self.back.insert(task, outcome);
        }
        self.events.extend(self.kernel.take_events());
        self.kernel.take_console();
        self.choices.take_log();
    }

    fn deliver(&mut self) {
        while let Some(packet) = self.wire.front() {
            let fate = (self.fate)(packet);
            if fate == Fate::Waits {
                return;
            }
            let packet = self.wire.pop_front().expect("it was looked at");
            self.carry(&packet, fate == Fate::Lost);
        }
    }

    /// One packet arrives, or does not.
    pub fn carry(&mut self, packet: &Packet, lost: bool) {
        self.now += LOOPBACK;
        if lost {
            self.kernel.lost(packet, self.now, &mut self.choices);
        } else {
            self.kernel.deliver(packet, self.now, &mut self.choices);
        }
        self.collect();
    }

    /// Everything sent from now on arrives.
    pub fn heal(&mut self) {
        self.fate = Box::new(|_| Fate::Arrives);
        self.settle();
    }

    /// Everything sent from now on waits on the wire.
    pub fn hold(&mut self) {
        self.fate = Box::new(|_| Fate::Waits);
    }

    /// Everything sent from now on is lost.
    pub fn cut(&mut self) {
        self.fate = Box::new(|_| Fate::Lost);
    }

    /// The packet of that index on the wire arrives now.
    pub fn arrive(&mut self, index: usize) {
        let packet = self.wire.remove(index).expect("so many are on the wire");
        self.carry(&packet, false);
        self.settle();
    }

    /// Time goes on to the next timer; false if none is running.
    pub fn next_timer(&mut self) -> bool {
        let Some(deadline) = self.kernel.next_deadline() else {
            return false;
        };
        self.now = self.now.max(deadline);
        self.kernel.expire(self.now, &mut self.choices);
        self.collect();
        self.settle();
        true
    }

    /// Time goes on.
    pub fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.kernel.next_deadline().is_some_and(|at| at <= until) {
            self.next_timer();
        }
        self.now = self.now.max(until);
    }

    /// Time goes on until the task's call comes back.
    pub fn wait(&mut self, task: Tid) -> Outcome {
        for _ in 0..100_000 {
            if let Some(outcome) = self.back.remove(&task) {
                return outcome;
            }
            if !self.next_timer() {
                return Outcome::Asleep;
            }
        }
        panic!("{task:?} never comes back");
    }

    /// Every timer runs out.
    pub fn run_out(&mut self) {
        for _ in 0..100_000 {
            if !self.next_timer() {
                return;
            }
        }
        panic!("the timers never end");
    }

    /// Ends a process from outside.
    pub fn kill(&mut self, task: Tid) {
        self.kernel.kill(task, 9, self.now, &mut self.choices);
        self.collect();
        self.settle();
    }

    /// The sockets that ss(8) would list, by state.
    pub fn states(&self) -> Vec<TcpState> {
        let mut states: Vec<_> = self.listed().map(|(_, s)| s.state()).collect();
        states.sort();
        states
    }

    fn listed(&self) -> impl Iterator<Item = (SockId, &Socket)> {
        let listed = |s: &Socket| s.state() != TcpState::Closed || s.port.is_some();
        self.kernel.sockets().iter().filter(move |(_, s)| listed(s))
    }

    /// Every segment sent, as packet tools would print it.
    pub fn sent(&self) -> Vec<String> {
        self.sent_at().into_iter().map(|(_, text)| text).collect()
    }

    /// The same with the time.
    pub fn sent_at(&self) -> Vec<(Time, String)> {
        let segment = |event: &Event| match event.kind {
            EventKind::SegmentSent { head, .. } if head.len > 0 => {
                Some((event.at, format!("{} {}", head.flags, head.len)))
            }
            EventKind::SegmentSent { head, .. } => Some((event.at, head.label())),
            _ => None,
        };
        self.events.iter().filter_map(segment).collect()
    }
}

/// The segment in a packet.
pub fn segment(packet: &Packet) -> &sockscope::packet::Segment {
    match &packet.body {
        Body::Tcp(segment) => segment,
        other => panic!("no segment but {other:?}"),
    }
}
