//! What one sees of a host from outside its programs: queues of sockets, counters, settings, devices.

use super::{BOUND, Both, Task, outcome, state};
use crate::common::calls::*;
use crate::common::host::Outcome;
use sockscope::kernel::TcpState;
use sockscope::kernel::tcp::State;
use std::process::Command;
use std::time::{Duration, Instant};

/// A socket as ss(8) lists it: state, Recv-Q, Send-Q.
pub(crate) type Queues = (TcpState, u32, u32);

impl Both {
    /// Both kernels list these sockets with these queues. A peer's end counts as one octet, as long as it is not read:
    /// it must not be, in these tests.
    #[track_caller]
    pub(crate) fn queues(&mut self, expected: &[Queues]) {
        let mut expected = expected.to_vec();
        expected.sort();
        let sockets = self.host.kernel.sockets().iter();
        let listed = sockets.filter(|(_, s)| s.state() != TcpState::Closed || s.port.is_some());
        let mut ours: Vec<Queues> = listed
            .map(|(_, s)| {
                let (received, sent) = match &s.tcp {
                    State::Listen(listen) => (listen.accept_queue.len() as u32, listen.backlog),
                    tcp => {
                        let end = u32::from(s.state() == TcpState::CloseWait);
                        // A SYN is an octet that is not acknowledged.
                        let syn = u32::from(s.state() == TcpState::SynSent);
                        let sent = tcp
                            .connection()
                            .map_or(syn, |c| c.snd.write_seq - c.snd.una);
                        (s.receive_queue.len() as u32 + end, sent)
                    }
                };
                (s.state(), received, sent)
            })
            .collect();
        ours.sort();
        if ours != expected {
            self.problem(format!("queues are {ours:?}, expected {expected:?}"));
        }
        let Some(stage) = &mut self.stage else { return };
        let deadline = Instant::now() + BOUND / 10;
        loop {
            let rows = stage.sockets().expect("sockets are listed");
            let queues = rows.iter().map(|r| (state(r.state), r.rqueue, r.wqueue));
            let mut theirs: Vec<Queues> = queues.collect();
            theirs.sort();
            if theirs == expected {
                return;
            }
            // Acknowledgements and ends of connections may be delayed.
            if Instant::now() > deadline {
                return self.problem(format!("on Linux {theirs:?}, expected {expected:?}"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// ListenOverflows and ListenDrops, as both kernels count them.
    pub(crate) fn listen_counters(&self) -> ([u64; 2], Option<[u64; 2]>) {
        let ours = self.host.kernel.counters();
        let ours = [ours.listen_overflows, ours.listen_drops];
        let theirs = self.stage.as_ref().map(|stage| {
            let pid = stage.processes().pop().expect("a puppet");
            let text = std::fs::read_to_string(format!("/proc/{pid}/net/netstat"));
            let text = text.expect("counters can be read");
            let mut lines = text.lines().filter(|line| line.starts_with("TcpExt:"));
            let mut words = || lines.next().unwrap_or_default().split(' ');
            let (names, values) = (words(), words());
            let all: Vec<_> = names.zip(values).collect();
            ["ListenOverflows", "ListenDrops"].map(|name| {
                let found = all.iter().find(|(n, _)| *n == name);
                found.and_then(|(_, v)| v.parse().ok()).expect("a counter")
            })
        });
        (ours, theirs)
    }

    /// Runs a command in the network of the real kernel's processes; what it printed. Nothing where there is no such
    /// network, or no such command.
    pub(crate) fn in_network(&self, command: &str) -> Option<String> {
        let pid = self.stage.as_ref()?.processes().pop()?;
        let net = format!("--net=/proc/{pid}/ns/net");
        let words = command.split_ascii_whitespace();
        let done = Command::new("nsenter").arg(net).args(words).output();
        let done = done
            .inspect_err(|e| eprintln!("not compared: nsenter: {e}"))
            .ok()?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            eprintln!("not compared: {command}: {said}");
            return None;
        }
        Some(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// Makes a call on the real kernel alone; its answer, and how long it took.
    pub(crate) fn on_linux(&mut self, task: Task, call: &Syscall) -> Option<(Reply, Duration)> {
        let stage = self.stage.as_mut()?;
        let puppet = self.puppets[task.0];
        let began = Instant::now();
        stage.start(puppet, call).expect("the call begins");
        let (_, settled) = stage.wait(&[puppet], BOUND).expect("it waits")?;
        match outcome(settled) {
            Outcome::Returned(reply) => Some((reply, began.elapsed())),
            other => panic!("{call:?} gave {other:?}"),
        }
    }
}
