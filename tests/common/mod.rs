//! Fixtures: programs that are lists of system calls, a bench that runs them, and a host that makes
//! calls in lock-step.
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod calls;
pub mod host;
pub mod unix;

pub use calls::*;

use sockscope::abi::{Errno, Program, Ran, Reply, Stop, Syscall};
use sockscope::base::{Tid, Time};
use sockscope::kernel::task::Capabilities;
use sockscope::kernel::{Event, EventKind, TcpState};
use sockscope::sim::{ProgramSpec, World, WorldConfig};

/// A program that makes these calls, one after the other, and ends with status 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    calls: Vec<Syscall>,
    next: usize,
    pub replies: Vec<Reply>,
}

impl Script {
    pub fn new(calls: Vec<Syscall>) -> Script {
        Script {
            calls,
            next: 0,
            replies: Vec::new(),
        }
    }
}

impl Program for Script {
    fn run(&mut self, budget: u64, _: bool) -> Ran {
        if budget == 0 {
            return Ran {
                used: 0,
                stop: Stop::Budget,
            };
        }
        let end = Syscall::ExitGroup { status: 0 };
        let call = self.calls.get(self.next).cloned().unwrap_or(end);
        self.next += 1;
        Ran {
            used: 1,
            stop: Stop::Syscall(call.into()),
        }
    }

    fn resume(&mut self, reply: &Reply) {
        self.replies.push(reply.clone());
    }
}

/// A run of scripts, with everything that happened.
pub struct Bench {
    pub world: World<Script>,
    pub events: Vec<Event>,
}

impl Bench {
    pub fn new(scripts: Vec<Vec<Syscall>>) -> Bench {
        Bench::with(scripts, &WorldConfig::default(), Capabilities::default())
    }

    pub fn with(
        scripts: Vec<Vec<Syscall>>,
        config: &WorldConfig,
        capabilities: Capabilities,
    ) -> Bench {
        let spec = |calls| ProgramSpec {
            program: Script::new(calls),
            stdin: Vec::new(),
            capabilities,
            after: None,
            nofile: None,
        };
        let world = World::new(scripts.into_iter().map(spec).collect(), config);
        Bench {
            world,
            events: Vec::new(),
        }
    }

    /// One smallest step; false when there is none.
    pub fn step(&mut self) -> bool {
        let ticks = self.world.step(u64::MAX, None).ticks;
        self.events.extend(self.world.take_events());
        ticks > 0
    }

    /// Until every task has ended.
    pub fn run(mut self) -> Bench {
        for _ in 0..1_000_000 {
            if self.world.ended().is_some() || !self.step() {
                return self;
            }
        }
        panic!("the run does not end");
    }

    /// Until nothing can happen any more: every timer has run out.
    pub fn run_out(mut self) -> Bench {
        for _ in 0..1_000_000 {
            if !self.step() {
                return self;
            }
        }
        panic!("the run does not end");
    }

    /// Until a condition holds.
    pub fn until(mut self, holds: impl Fn(&Bench) -> bool) -> Bench {
        for _ in 0..1_000_000 {
            if holds(&self) {
                return self;
            }
            assert!(self.step(), "the run ended before the condition held");
        }
        panic!("the condition never holds");
    }

    /// What the calls of the nth program returned: values or errors.
    pub fn results(&self, nth: usize) -> Vec<Result<u64, Errno>> {
        self.replies(nth).iter().map(|reply| reply.result).collect()
    }

    pub fn replies(&self, nth: usize) -> &[Reply] {
        let tid = self.world.order()[nth];
        &self.world.program(tid).expect("it was spawned").replies
    }

    pub fn tid(&self, nth: usize) -> Tid {
        self.world.order()[nth]
    }

    pub fn now(&self) -> Time {
        self.world.clock()
    }

    /// The states that sockets passed through: local port, from, to.
    pub fn transitions(&self) -> Vec<(TcpState, TcpState)> {
        let transition = |event: &Event| match event.kind {
            EventKind::StateChanged { from, to, .. } => Some((from, to)),
            _ => None,
        };
        self.events.iter().filter_map(transition).collect()
    }

    /// Flags of every segment sent, with its octets of data, as `tcpdump` would show them.
    pub fn segments(&self) -> Vec<String> {
        let segment = |event: &Event| match event.kind {
            EventKind::SegmentSent { head, .. } if head.len > 0 => {
                Some(format!("{} {}", head.flags, head.len))
            }
            EventKind::SegmentSent { head, .. } => Some(head.flags.to_string()),
            _ => None,
        };
        self.events.iter().filter_map(segment).collect()
    }

    /// The states of all sockets, ascending by id.
    pub fn states(&self) -> Vec<TcpState> {
        self.world
            .kernel()
            .sockets()
            .iter()
            .map(|(_, s)| s.state())
            .collect()
    }
}

/// The blog's server as calls: it answers once and closes.
pub fn server() -> Vec<Syscall> {
    let mut calls = vec![
        socket(),
        reuseaddr(3),
        bind(3, "0.0.0.0:12345"),
        listen(3, 5),
        accept(3),
    ];
    calls.extend([recv(4, 256), send(4, b"Hello, server!"), close(4), close(3)]);
    calls
}

/// The blog's client as calls.
pub fn client() -> Vec<Syscall> {
    let mut calls = vec![
        socket(),
        connect(3, "127.0.0.1:12345"),
        send(3, b"Hello, server!"),
    ];
    calls.extend([recv(3, 256), close(3)]);
    calls
}
