//! One kernel in virtual time: calls go in, packets come out with the time at which they were sent.

use super::script::Micros;
use crate::abi::constants::MSG_NOSIGNAL;
use crate::abi::{NotModelled, Reply, SigAction, Syscall};
use crate::base::{Choices, HostId, PacketId, Pid, Tid, Time};
use crate::kernel::sysctl::Sysctl;
use crate::kernel::task::{Capabilities, Ended};
use crate::kernel::{Kernel, Step};
use crate::packet::{Body, Packet};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;

/// When a script begins: late enough that nothing is at time zero, and in the middle of a tick.
const START: Time = Time(10_002_000_000);
/// Each run is the same run.
const SEED: u64 = 1;
/// The process under test, and the task that makes calls which do not block.
const PROCESS: Pid = Pid(101);
pub(super) const MAIN: Tid = Tid(PROCESS.0);

/// How a call of a task is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Went {
    Returned(Reply),
    Asleep,
    Ended(Ended),
}

/// The kernel under test.
pub(super) struct Stage {
    pub(super) kernel: Kernel,
    choices: Choices,
    now: Time,
    /// What has gone out and was not looked at yet.
    pub(super) sent: VecDeque<(Micros, Packet)>,
    /// Calls that have gone on after they slept, in the order in which they did.
    pub(super) finished: VecDeque<(Tid, Micros, Went)>,
    next_packet: u32,
    /// write(2) must not bring SIGPIPE.
    without_signal: bool,
}

impl Stage {
    pub(super) fn new() -> Stage {
        let mut kernel = Kernel::new(HostId(0), Sysctl::default());
        let mut choices = Choices::new(SEED);
        kernel.spawn(PROCESS, Capabilities::ROOT, &[], START, &mut choices);
        Stage {
            kernel,
            choices,
            now: START,
            sent: VecDeque::new(),
            finished: VecDeque::new(),
            next_packet: 0,
            without_signal: false,
        }
    }

    /// Since the script began.
    pub(super) fn now(&self) -> Micros {
        self.now.since(START).as_micros() as Micros
    }

    /// What cut the run off, if something did.
    pub(super) fn not_modelled(&self) -> Option<NotModelled> {
        self.kernel.not_modelled()
    }

    /// Another thread of the process.
    pub(super) fn thread(&mut self, tid: Tid) {
        self.kernel.spawn_thread(PROCESS, tid);
    }

    /// As in packetdrill, EPIPE comes without a signal: by sigaction(2), or call by call where that is not modelled.
    pub(super) fn ignore_sigpipe(&mut self) {
        const SIG_IGN: u64 = 1;
        let action = SigAction {
            handler: SIG_IGN,
            ..SigAction::default()
        };
        let call = Syscall::RtSigaction {
            sig: i32::from(Ended::SIGPIPE),
            action: Some(action),
            oldact: None,
        };
        let before = self.kernel.clone();
        self.call(MAIN, &call);
        if self.not_modelled().is_some() {
            self.kernel = before;
            self.without_signal = true;
        }
    }

    /// A task makes a call, as far as it goes without waiting.
    pub(super) fn call(&mut self, tid: Tid, call: &Syscall) -> Went {
        let quiet = match call {
            Syscall::Write { fd, buf, count } if self.without_signal => Some(Syscall::Sendto {
                fd: *fd,
                buf: buf.clone(),
                len: *count,
                flags: MSG_NOSIGNAL,
                addr: None,
                addrlen: 0,
            }),
            _ => None,
        };
        let call = quiet.as_ref().unwrap_or(call);
        self.kernel
            .syscall(tid, call.clone().into(), self.now, &mut self.choices);
        let went = self.go_on(tid);
        self.settle();
        went
    }

    fn go_on(&mut self, tid: Tid) -> Went {
        loop {
            match self.kernel.proceed(tid, self.now, &mut self.choices) {
                Step::Busy => self.collect(),
                Step::Returned(reply)
                | Step::Handlers {
                    reply: Some(reply), ..
                } => return Went::Returned(reply),
                // A run that is cut off is found out by whoever asks for it.
                Step::Asleep | Step::NotModelled(_) | Step::Handlers { reply: None, .. } => {
                    return Went::Asleep;
                }
                Step::Ended(ended) => return Went::Ended(ended),
            }
        }
    }

    /// Packets that were sent: to the host itself over loopback, all others onto the wire.
    fn collect(&mut self) {
        while let Some(packet) = self.kernel.poll_transmit() {
            if self.kernel.routes.is_local(packet.dst) {
                self.kernel.deliver(&packet, self.now, &mut self.choices);
            } else {
                self.sent
                    .push_back((self.now(), Rc::unwrap_or_clone(packet)));
            }
        }
        self.kernel.take_events();
        self.kernel.take_console();
    }

    /// Packets, and tasks that were woken, until nothing happens any more at this time.
    fn settle(&mut self) {
        loop {
            self.collect();
            let woken = self.kernel.take_woken();
            if woken.is_empty() || self.not_modelled().is_some() {
                return;
            }
            for tid in woken {
                let went = self.go_on(tid);
                if went != Went::Asleep {
                    self.finished.push_back((tid, self.now(), went));
                }
            }
        }
    }

    /// A packet comes in.
    pub(super) fn inject(&mut self, src: IpAddr, dst: IpAddr, body: Body) {
        self.next_packet += 1;
        let packet = Packet {
            id: PacketId(self.next_packet),
            src,
            dst,
            body,
        };
        self.kernel.deliver(&packet, self.now, &mut self.choices);
        self.settle();
    }

    /// Goes to the next timer that runs out until `limit`, and lets it. Without one the time is `limit`,
    /// and the answer is false.
    pub(super) fn tick(&mut self, limit: Micros) -> bool {
        let limit = Time(START.0 + limit.max(0) as u64 * 1_000);
        let due = self.kernel.next_deadline().filter(|at| *at <= limit);
        if self.not_modelled().is_some() {
            return false;
        }
        let Some(due) = due else {
            self.now = self.now.max(limit);
            return false;
        };
        self.now = self.now.max(due);
        self.kernel.expire(self.now, &mut self.choices);
        self.settle();
        true
    }

    /// Whether anything can happen by itself.
    pub(super) fn has_timers(&self) -> bool {
        self.kernel.next_deadline().is_some()
    }
}
