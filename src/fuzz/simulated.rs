//! The simulated kernel, one call at a time.

use super::coverage::{Coverage, Met};
use crate::abi::{NotModelled, Reply, Syscall};
use crate::base::{Choices, HostId, Pid, SockId, Tid, Time};
use crate::kernel::file::FileKind;
use crate::kernel::planted::Planted;
use crate::kernel::socket::{Protocol, Socket};
use crate::kernel::sysctl::Sysctl;
use crate::kernel::task::{Capabilities, Ended, Process};
use crate::kernel::{EventKind, Kernel, Step, TcpState};
use crate::packet::Packet;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Returned(Reply),
    Asleep,
    Exited(i32),
    Killed(i32),
}

/// Virtual time that a call and a packet take.
const SYSCALL: Duration = Duration::from_nanos(500);
const LOOPBACK: Duration = Duration::from_micros(5);

/// One host, driven from outside.
#[derive(Clone)]
pub(super) struct Simulated {
    pub(super) kernel: Kernel,
    now: Time,
    choices: Choices,
    wire: VecDeque<Rc<Packet>>,
    woken: VecDeque<Tid>,
    back: BTreeMap<Tid, Answer>,
    tids: Vec<Tid>,
    not_modelled: Option<NotModelled>,
    pub(super) coverage: Coverage,
}

impl Simulated {
    pub(super) fn new(seed: u64, tasks: &[bool], planted: Option<Planted>) -> Simulated {
        let mut kernel = Kernel::new(HostId(0), Sysctl::default());
        kernel.plant(planted);
        let mut host = Simulated {
            kernel,
            now: Time::ZERO,
            choices: Choices::new(seed),
            wire: VecDeque::new(),
            woken: VecDeque::new(),
            back: BTreeMap::new(),
            tids: Vec::new(),
            not_modelled: None,
            coverage: Coverage::default(),
        };
        for (at, root) in tasks.iter().enumerate() {
            let capabilities = if *root {
                Capabilities::ROOT
            } else {
                Capabilities::default()
            };
            let pid = Pid(101 + at as u32);
            let (now, choices) = (host.now, &mut host.choices);
            let tid = host.kernel.spawn(pid, capabilities, &[], now, choices);
            host.tids.push(tid);
            host.collect();
        }
        host
    }

    /// Makes a call, delivers what it sends, and lets everybody go on whom that woke.
    pub(super) fn call(&mut self, task: usize, call: &Syscall) -> Result<Answer, NotModelled> {
        let tid = self.tids[task];
        let sock = call.fd().and_then(|fd| self.socket(task, fd));
        let met = sock.and_then(|sock| self.kernel.sockets().get(sock));
        let met = met.map_or(Met::default(), Met::socket);
        self.now += SYSCALL;
        self.kernel
            .syscall(tid, call.clone().into(), self.now, &mut self.choices);
        let mut answer = self.run(tid);
        self.settle();
        if answer == Answer::Asleep {
            // What the call itself sent may have ended its sleep.
            answer = self.back.remove(&tid).unwrap_or(answer);
        }
        let reply = match &answer {
            Answer::Returned(reply) => Some(reply),
            Answer::Asleep | Answer::Exited(_) | Answer::Killed(_) => None,
        };
        self.coverage.call(call.name(), met, reply);
        match self.not_modelled {
            Some(what) => Err(what),
            None => Ok(answer),
        }
    }

    /// What came of a call that slept, if it has come back.
    pub(super) fn came_back(&mut self, task: usize) -> Option<Answer> {
        self.back.remove(&self.tids[task])
    }

    /// The process of a task.
    pub(super) fn process(&self, task: usize) -> Option<&Process> {
        let pid = self.kernel.tasks().get(self.tids[task])?.pid;
        self.kernel.processes().get(pid)
    }

    /// The socket behind a descriptor of a task.
    pub(super) fn socket(&self, task: usize, fd: i32) -> Option<SockId> {
        let file = self.process(task)?.fds.get(fd)?;
        match self.kernel.files().get(file)?.kind {
            FileKind::Socket(sock) => Some(sock),
            FileKind::Stdio(_) | FileKind::Pipe(..) | FileKind::Epoll | FileKind::Null(_) => None,
        }
    }

    /// Whether a call is about a socket of the internet that is not TCP: its ports are even or odd by chance.
    pub(super) fn datagrams(&self, task: usize, call: &Syscall) -> bool {
        let sock = call.fd().and_then(|fd| self.socket(task, fd));
        let socket = sock.and_then(|sock| self.kernel.sockets().get(sock));
        socket.is_some_and(|socket| matches!(socket.protocol, Protocol::Udp(_)))
    }

    fn run(&mut self, tid: Tid) -> Answer {
        loop {
            let step = self.kernel.proceed(tid, self.now, &mut self.choices);
            self.collect();
            self.deliver();
            match step {
                Step::Busy => {}
                Step::Returned(reply)
                | Step::Handlers {
                    reply: Some(reply), ..
                } => return Answer::Returned(reply),
                // No case has handlers that run.
                Step::Asleep | Step::Handlers { reply: None, .. } => return Answer::Asleep,
                Step::Ended(Ended::Exited(status)) => return Answer::Exited(status.into()),
                Step::Ended(Ended::Killed(signal)) => return Answer::Killed(signal.into()),
                Step::NotModelled(what) => {
                    self.not_modelled = Some(what);
                    return Answer::Asleep;
                }
            }
        }
    }

    fn settle(&mut self) {
        loop {
            self.deliver();
            let Some(tid) = self.woken.pop_front() else {
                return;
            };
            let answer = self.run(tid);
            if answer != Answer::Asleep {
                self.back.insert(tid, answer);
            }
        }
    }

    fn collect(&mut self) {
        while let Some(packet) = self.kernel.poll_transmit() {
            self.wire.push_back(packet);
        }
        self.woken.extend(self.kernel.take_woken());
        self.kernel.take_events();
        self.kernel.take_console();
        self.choices.take_log();
        self.not_modelled = self.not_modelled.or(self.kernel.not_modelled());
    }

    fn deliver(&mut self) {
        while let Some(packet) = self.wire.pop_front() {
            self.now += LOOPBACK;
            self.kernel.arrive(&packet, self.now, &mut self.choices);
            for event in self.kernel.take_events() {
                if let EventKind::SegmentDelivered { sock, head, .. } = event.kind {
                    let state = sock.and_then(|sock| self.kernel.sockets().get(sock));
                    self.coverage.segment(state.map(Socket::state), head.flags);
                }
            }
            self.kernel.take_in(&packet, self.now, &mut self.choices);
            self.collect();
        }
    }

    /// The same host after each of the timers that may have run meanwhile: those of delayed acknowledgements.
    pub(super) fn later(&self) -> Vec<Simulated> {
        const SHORT: Duration = Duration::from_millis(100);
        let mut stages = Vec::new();
        let mut later = self.clone();
        let until = later.now + SHORT;
        while let Some(at) = later.kernel.next_deadline().filter(|at| *at <= until) {
            later.now = later.now.max(at);
            later.kernel.expire(later.now, &mut later.choices);
            later.collect();
            later.settle();
            stages.push(later.clone());
        }
        stages
    }

    /// TCP sockets that Linux would list.
    pub(super) fn listed(&self) -> impl Iterator<Item = (SockId, &Socket)> {
        let sockets = self.kernel.sockets().iter();
        sockets.filter(|(_, socket)| socket.state() != TcpState::Closed)
    }
}
