//! Cases, generated against the simulated kernel.

use super::coverage::Coverage;
use super::lockstep::CHOSEN;
use super::names::Names;
use super::openings;
use super::requests::{Behind, Requests, Taste};
use super::simulated::{Answer, Simulated};
use super::{Case, Op};
use crate::abi::constants::{EPOLL_CTL_ADD, EPOLLET, EPOLLIN, EPOLLOUT};
use crate::abi::{Syscall, UserIn};
use crate::kernel::file::FileKind;
use crate::kernel::planted::Planted;
use fastrand::Rng;
use std::net::SocketAddr;

/// Calls that are taken back, for each that is kept.
const TRIES: usize = 4;

/// The case of that number.
pub(super) fn case(
    seed: u64,
    number: u64,
    steps: usize,
    planted: Option<Planted>,
    coverage: &mut Coverage,
) -> Case {
    // Any two cases of any two seeds draw differently.
    let mut rng = Rng::with_seed(seed.rotate_left(32) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let root = rng.u8(..8) == 0;
    let tasks = vec![root; 2 + rng.usize(..2)];
    let own = rng.u64(..);
    let taste = Taste::pick(&mut rng);
    let mut generator = Generator {
        simulated: Simulated::new(own, &tasks, planted),
        names: Names::default(),
        awake: vec![true; tasks.len()],
        asleep: vec![None; tasks.len()],
        taste,
        rng,
    };
    let mut ops = Vec::with_capacity(steps);
    for (task, call) in openings::pick(&mut generator.rng, taste.sockets) {
        if generator.awake[task] {
            ops.extend(generator.make(task, call));
        }
    }
    if taste.readiness && generator.rng.bool() {
        for task in 0..tasks.len() {
            ops.extend(generator.watch(task));
        }
    }
    let steps = ops.len() / 2 + steps;
    for _ in 0..steps * TRIES {
        if ops.len() == steps {
            break;
        }
        ops.extend(generator.next());
    }
    coverage.add(&generator.simulated.coverage);
    Case {
        seed: own,
        tasks,
        ops,
    }
}

struct Generator {
    rng: Rng,
    taste: Taste,
    simulated: Simulated,
    names: Names,
    awake: Vec<bool>,
    asleep: Vec<Option<Syscall>>,
}

impl Generator {
    /// One more call, unless it turns out to be none.
    fn next(&mut self) -> Option<Op> {
        let awake: Vec<usize> = (0..self.awake.len()).filter(|t| self.awake[*t]).collect();
        let task = *self.rng.choice(&awake)?;
        let call = self.request(task, awake.len() > 1)?;
        self.make(task, call)
    }

    /// An epoll instance for what a process has open, mostly edge-triggered.
    fn watch(&mut self, task: usize) -> Vec<Op> {
        let before = open(&self.simulated, task);
        if !self.awake[task] || before.is_empty() {
            return Vec::new();
        }
        let mut ops = Vec::from_iter(self.make(task, Syscall::EpollCreate1 { flags: 0 }));
        let new = open(&self.simulated, task).into_iter().map(|(fd, _)| fd);
        let mut new = new.filter(|fd| before.iter().all(|(other, _)| other != fd));
        let Some(epfd) = new.next() else {
            return ops;
        };
        for (fd, _) in before {
            let how = [EPOLLET, EPOLLET, 0][self.rng.usize(..3)];
            let events = [EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT][self.rng.usize(..3)] | how;
            let mut event = (events as u32).to_le_bytes().to_vec();
            event.extend((fd as u64).to_le_bytes());
            let (op, event) = (EPOLL_CTL_ADD, Some(UserIn::Bytes(event)));
            ops.extend(self.make(
                task,
                Syscall::EpollCtl {
                    epfd,
                    op,
                    fd,
                    event,
                },
            ));
        }
        ops
    }

    /// Makes a call of a process that is awake, unless it must not be made.
    fn make(&mut self, task: usize, call: Syscall) -> Option<Op> {
        let awake = self.awake.iter().filter(|awake| **awake).count();
        let before = (self.simulated.clone(), self.names.clone());
        let given = self.names.in_call(&call);
        // A call that is not modelled is taken back, and so is one after which nobody could go on.
        let Ok(answer) = self.simulated.call(task, &given) else {
            (self.simulated, self.names) = before;
            return None;
        };
        if awake == 1 && !matches!(answer, Answer::Returned(_)) {
            (self.simulated, self.names) = before;
            return None;
        }
        self.settled(task, &call, answer);
        for other in 0..self.asleep.len() {
            let Some(call) = self.asleep[other].clone() else {
                continue;
            };
            if let Some(answer) = self.simulated.came_back(other) {
                self.settled(other, &call, answer);
            }
        }
        Some(Op { task, call })
    }

    fn settled(&mut self, task: usize, call: &Syscall, answer: Answer) {
        self.awake[task] = matches!(answer, Answer::Returned(_));
        self.asleep[task] = (answer == Answer::Asleep).then(|| call.clone());
        if let Answer::Returned(reply) = answer {
            // For the names.
            let datagrams = self.simulated.datagrams(task, call);
            self.names.in_reply(call, reply, datagrams);
        }
    }

    fn request(&mut self, task: usize, may_sleep: bool) -> Option<Syscall> {
        let open = open(&self.simulated, task);
        let near = near(&self.simulated);
        let mut requests = Requests::new(&mut self.rng, &self.names, near, self.taste, may_sleep);
        if requests.rng.u8(..24) == 0 {
            requests.absurd();
            return requests.draw();
        }
        requests.create(open.len());
        let numbers: Vec<i32> = open.iter().map(|(fd, _)| *fd).collect();
        requests.passes = open
            .iter()
            .filter(|(_, behind)| !behind.is_unix())
            .map(|(fd, _)| *fd)
            .collect();
        for (fd, behind) in &open {
            requests.file(*fd, behind, &numbers);
        }
        requests.draw()
    }
}

/// Addresses with ports that programs chose.
fn near(simulated: &Simulated) -> Vec<SocketAddr> {
    let sockets = simulated.kernel.sockets().iter();
    let locals = sockets.map(|(_, socket)| socket.local);
    locals
        .filter(|at| (1..CHOSEN).contains(&at.port()))
        .collect()
}

/// What a process has open beside what it began with.
fn open(simulated: &Simulated, task: usize) -> Vec<(i32, Behind)> {
    let kernel = &simulated.kernel;
    let Some(process) = simulated.process(task) else {
        return Vec::new();
    };
    let behind = |fd: i32, file| {
        let behind = match kernel.files().get(file)?.kind {
            FileKind::Socket(sock) => Behind::Socket(Box::new(kernel.sockets().get(sock)?.clone())),
            FileKind::Pipe(_, end) => Behind::Pipe(end),
            FileKind::Epoll => {
                let items = kernel.epolls().get(file)?.items.iter();
                Behind::Epoll(items.map(|item| item.fd).collect())
            }
            FileKind::Stdio(_) | FileKind::Null(_) => return None,
        };
        Some((fd, behind))
    };
    let entries = process.fds.iter();
    entries
        .filter_map(|(fd, descriptor)| behind(fd, descriptor.file?))
        .collect()
}
