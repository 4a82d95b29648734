//! Whatever programs do and whatever is lost: no panic, the kernel's tables agree, every change says
//! why, and nothing is left when everything has ended.

use crate::common::calls::*;
use crate::common::host::{Fate, Host, Outcome};
use proptest::prelude::*;
use sockscope::base::Tid;
use sockscope::kernel::event::{EventKind, TcpState};
use sockscope::kernel::{Rule, invariants};
use std::time::Duration;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    Call(usize, Syscall),
    /// So many milliseconds pass.
    Pass(u64),
    /// From now on one packet in so many is lost, drawn from a seed; 0 loses none.
    Lose(u32, u64),
    /// From now on packets wait on the wire.
    Hold,
    /// The packet of that place on the wire arrives.
    Arrive(usize),
    Kill(usize),
}

fn fd() -> impl Strategy<Value = i32> {
    prop_oneof![8 => 3..7i32, 1 => -1..3i32, 1 => 7..10i32]
}

fn place() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        6 => Just("127.0.0.1:8080"),
        3 => Just("0.0.0.0:8080"),
        2 => Just("127.0.0.1:0"),
        2 => Just("127.0.0.1:8081"),
        1 => Just("127.0.0.2:8080"),
        1 => Just("[::1]:8080"),
        1 => Just("[::]:8080"),
        1 => Just("[::ffff:127.0.0.1]:8080"),
    ]
}

fn call() -> impl Strategy<Value = Syscall> {
    let flags = prop_oneof![4 => Just(0), 3 => Just(MSG_DONTWAIT), 1 => Just(MSG_WAITALL), 1 => Just(MSG_PEEK | MSG_DONTWAIT)];
    let size = prop_oneof![4 => 0..100usize, 1 => 0..200_000usize];
    prop_oneof![
        3 => prop_oneof![Just(socket()), Just(nonblocking()), Just(socket6())],
        3 => (fd(), place()).prop_map(|(fd, at)| bind(fd, at)),
        3 => (fd(), 0..4i32).prop_map(|(fd, backlog)| listen(fd, backlog)),
        5 => (fd(), place()).prop_map(|(fd, to)| connect(fd, to)),
        1 => fd().prop_map(disconnect),
        4 => fd().prop_map(accept_named),
        1 => fd().prop_map(|fd| accept4(fd, SOCK_NONBLOCK)),
        5 => (fd(), size.clone()).prop_map(|(fd, len)| send_flags(fd, &vec![b'x'; len], MSG_NOSIGNAL)),
        2 => (fd(), size.clone()).prop_map(|(fd, len)| send_flags(fd, &vec![b'y'; len], MSG_NOSIGNAL | MSG_DONTWAIT)),
        5 => (fd(), size, flags).prop_map(|(fd, len, flags)| recv_flags(fd, len as u64, flags)),
        3 => fd().prop_map(close),
        2 => (fd(), 0..3i32).prop_map(|(fd, how)| shutdown(fd, how)),
        1 => fd().prop_map(reuseaddr),
        1 => fd().prop_map(|fd| getsockopt(fd, SOL_SOCKET, SO_ERROR)),
        1 => fd().prop_map(getsockname),
        1 => fd().prop_map(getpeername),
        1 => (fd(), fd(), -1..50i32).prop_map(|(a, b, timeout)| poll(&[(a, POLLIN), (b, POLLOUT)], timeout)),
        1 => (0..2_000u64).prop_map(sleep),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        30 => (0..3usize, call()).prop_map(|(task, call)| Act::Call(task, call)),
        2 => (1..3_000u64).prop_map(Act::Pass),
        1 => (0..6u32, any::<u64>()).prop_map(|(one_in, seed)| Act::Lose(one_in, seed)),
        1 => Just(Act::Hold),
        3 => (0..4usize).prop_map(Act::Arrive),
        1 => (0..3usize).prop_map(Act::Kill),
    ]
}

/// Loses one packet in `one_in`, by a draw of its own.
fn lossy(one_in: u32, seed: u64) -> Box<dyn FnMut(&sockscope::packet::Packet) -> Fate> {
    let mut state = seed | 1;
    Box::new(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if one_in > 0 && state.is_multiple_of(u64::from(one_in + 1)) {
            Fate::Lost
        } else {
            Fate::Arrives
        }
    })
}

struct Run {
    host: Host,
    tasks: [Tid; 3],
    over: [bool; 3],
}

impl Run {
    fn new(seed: u64) -> Run {
        let mut host = Host::new(seed, Default::default());
        let tasks = std::array::from_fn(|_| host.task());
        Run {
            host,
            tasks,
            over: [false; 3],
        }
    }

    /// Does one thing; false if the run is cut off.
    fn act(&mut self, act: &Act) -> bool {
        match act {
            Act::Call(task, call) => return self.call(*task, call),
            Act::Pass(millis) => self.host.pass(Duration::from_millis(*millis)),
            Act::Lose(one_in, seed) => {
                self.host.fate = lossy(*one_in, *seed);
                self.host.settle();
            }
            Act::Hold => self.host.hold(),
            Act::Arrive(index) => {
                if *index < self.host.wire.len() {
                    self.host.arrive(*index);
                }
            }
            Act::Kill(task) => {
                if !self.over[*task] {
                    self.host.kill(self.tasks[*task]);
                    self.over[*task] = true;
                }
            }
        }
        self.host.kernel.not_modelled().is_none()
    }

    fn call(&mut self, task: usize, call: &Syscall) -> bool {
        let tid = self.tasks[task];
        self.host.back.clear();
        if self.over[task] || self.host.kernel.is_in_call(tid) {
            return true;
        }
        match self.host.call(tid, call) {
            Outcome::Returned(_) | Outcome::Asleep => {}
            Outcome::Exited(_) | Outcome::Killed(_) => self.over[task] = true,
            Outcome::NotModelled(_) => return false,
        }
        self.host.kernel.not_modelled().is_none()
    }

    /// Everything ends and every timer runs out: nothing may be left.
    fn end(mut self) -> Result<(), TestCaseError> {
        for task in 0..3 {
            if !self.over[task] {
                self.host.kill(self.tasks[task]);
            }
        }
        self.host.fate = Box::new(|_| Fate::Arrives);
        self.host.settle();
        self.host.run_out();
        let kernel = &self.host.kernel;
        let left: Vec<_> = kernel
            .sockets()
            .iter()
            .map(|(id, s)| (id, s.state()))
            .collect();
        prop_assert!(left.is_empty(), "sockets are left: {left:?}");
        prop_assert!(kernel.files().is_empty(), "files are left");
        prop_assert_eq!(kernel.ports().iter().count(), 0, "ports are left");
        prop_assert_eq!(kernel.demux().iter().count(), 0, "tuples are left");
        prop_assert_eq!(kernel.next_deadline(), None, "alarms are left");
        explained(&self.host)
    }
}

/// Every socket that came went again, every state follows from the one before, every wait has an end.
fn explained(host: &Host) -> Result<(), TestCaseError> {
    let mut states = std::collections::BTreeMap::new();
    for event in &host.events {
        match event.kind {
            EventKind::SocketCreated { sock, .. } => {
                prop_assert!(states.insert(sock, TcpState::Closed).is_none());
            }
            EventKind::StateChanged {
                sock,
                from,
                to,
                because,
            } => {
                let before = states.insert(sock, to);
                prop_assert_eq!(before, Some(from), "{:?} because {:?}", sock, because);
                prop_assert!(Rule::ALL.contains(&because));
            }
            EventKind::SocketDestroyed { sock, .. } => {
                prop_assert_eq!(states.remove(&sock), Some(TcpState::Closed), "{:?}", sock);
            }
            _ => {}
        }
    }
    prop_assert!(states.is_empty(), "never destroyed: {states:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_breaks_and_nothing_is_left(seed in any::<u64>(), acts in prop::collection::vec(act(), 1..80)) {
        let mut run = Run::new(seed);
        for act in &acts {
            if !run.act(act) {
                return Ok(());
            }
            if let Err(problem) = invariants::check(&run.host.kernel) {
                return Err(TestCaseError::fail(problem));
            }
        }
        run.end()?;
    }

    /// Two tasks, one connection, a stream each way through loss: what arrives is what was sent. (With
    /// half of all packets lost a connection is given up now and then, and rightly.)
    #[test]
    fn a_stream_is_what_was_sent(
        seed in any::<u64>(),
        one_in in prop_oneof![Just(0), 5..12u32],
        pieces in prop::collection::vec((any::<bool>(), 1..70_000usize), 1..30),
    ) {
        let mut host = Host::new(seed, Default::default());
        let (server, client) = host.pair();
        host.fate = lossy(one_in, seed);
        let mut sent = [Vec::new(), Vec::new()];
        let mut got = [Vec::new(), Vec::new()];
        for (nth, (from_client, len)) in pieces.iter().enumerate() {
            let side = usize::from(*from_client);
            let data: Vec<u8> = (0..*len).map(|at| (at * 7 + nth) as u8).collect();
            let ends = [(server, 4), (client, 3)];
            let (task, fd) = ends[side];
            if let Ok(n) = host.result(task, &send_flags(fd, &data, MSG_DONTWAIT)) {
                sent[side].extend_from_slice(&data[..n as usize]);
            }
            let (reader, fd) = ends[1 - side];
            let reply = host.reply(reader, &recv_flags(fd, *len as u64 / 2 + 1, MSG_DONTWAIT));
            got[side].extend_from_slice(reply.written(1).unwrap_or_default());
        }
        host.ok(client, &shutdown(3, SHUT_WR));
        host.ok(server, &shutdown(4, SHUT_WR));
        for (side, reader, fd) in [(1, server, 4), (0, client, 3)] {
            loop {
                let outcome = match host.call(reader, &recv(fd, 100_000)) {
                    Outcome::Asleep => host.wait(reader),
                    outcome => outcome,
                };
                match outcome.reply() {
                    Reply { result: Ok(0), .. } => break,
                    reply => got[side].extend_from_slice(reply.written(1).unwrap_or_default()),
                }
            }
        }
        prop_assert!(got == sent, "{} of {}, {} of {}", got[0].len(), sent[0].len(), got[1].len(), sent[1].len());
    }
}
