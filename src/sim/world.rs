//! The world and its scheduler.

use super::types::{
    CallNote, CallPhase, Ended, Happened, ProgramSpec, Stepped, TaskPhase, WorldConfig,
};
use crate::abi::{Program, Ran, Stop, Thread};
use crate::base::{Arena, Choice, ChoiceKind, Choices, Fifo, HostId, Pid, Tid, Time};
use crate::kernel::task::Ended as ProcessEnd;
use crate::kernel::{ConsoleOutput, Event, Kernel, Step};
use crate::packet::Packet;
use crate::sim::link::LinkRules;
use crate::sim::network::Wires;
use std::rc::Rc;
use std::time::Duration;

/// Virtual time that one instruction of a program takes. Costs are fixed, so that loops which poll
/// make progress and the same run takes the same time everywhere.
const INSTRUCTION: Duration = Duration::from_nanos(2);
/// Virtual time that entering and leaving the kernel takes.
const SYSCALL: Duration = Duration::from_nanos(500);
/// Virtual time that a segment takes through the loopback device.
const LOOPBACK: Duration = Duration::from_micros(5);

/// One task: which thread of which program it runs, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SimTask {
    pub(super) host: u16,
    /// Where its program, or the one that it stems from, was listed.
    pub(super) listed: u32,
    pub(super) process: Pid,
    pub(super) thread: Thread,
    pub(super) phase: TaskPhase,
    pub(super) end: Option<ProcessEnd>,
}

/// Hosts, links, clock and tasks. `Clone` and `Eq` are time travel: a clone shares what has not
/// changed, and two worlds that are equal will do the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World<P> {
    pub(super) hosts: Vec<Rc<Kernel>>,
    pub(super) programs: Arena<Pid, P>,
    pub(super) tasks: Arena<Tid, SimTask>,
    pub(super) order: Vec<Tid>,
    pub(super) clock: Time,
    pub(super) choices: Choices,
    pub(super) ready: Fifo<Tid>,
    pub(super) current: Option<Tid>,
    pub(super) slice_left: u64,
    pub(super) grace: u64,
    /// What is on the hosts' loopback devices.
    pub(super) wire: Fifo<(u16, Rc<Packet>)>,
    pub(super) wires: Wires,
    /// A packet that has arrived and that its endpoint has not acted on yet.
    pub(super) arrived: Option<(u16, Rc<Packet>)>,
    pub(super) sent: u32,
    pub(super) link: LinkRules,
    pub(super) ended: Option<Ended>,
    pub(super) over: bool,
    pub(super) calls: Vec<CallNote>,
    /// Programs that have not started: after which one of the order each does.
    pub(super) later: Vec<(u32, Tid)>,
}

impl<P: Program> World<P> {
    /// A world in which the programs are about to start, in that order. Processes are numbered from
    /// 101.
    pub fn new(programs: Vec<ProgramSpec<P>>, config: &WorldConfig) -> World<P> {
        let mut hosts = Vec::new();
        for host in 0..config.network.hosts() {
            hosts.push(Rc::new(Kernel::new(HostId(host), config.sysctl)));
        }
        let wires = config.network.set_up(&mut hosts);
        let mut world = World {
            hosts,
            wires,
            programs: Arena::default(),
            tasks: Arena::default(),
            order: Vec::new(),
            clock: Time::ZERO,
            choices: Choices::with_decisions(config.seed, config.decisions.clone()),
            ready: Fifo::default(),
            current: None,
            slice_left: 0,
            grace: 0,
            wire: Fifo::default(),
            arrived: None,
            sent: 0,
            link: config.link.clone(),
            ended: None,
            over: false,
            calls: Vec::new(),
            later: Vec::new(),
        };
        for (at, spec) in programs.into_iter().enumerate() {
            let host = config.network.place(at);
            // The hosts' processes must not have the same numbers.
            let pid = Pid(101 + at as u32 + 100_000 * u32::from(host));
            let kernel = Rc::make_mut(&mut world.hosts[usize::from(host)]);
            let ProgramSpec {
                program,
                stdin,
                capabilities,
                after,
                nofile,
            } = spec;
            let (now, choices) = (world.clock, &mut world.choices);
            let tid = kernel.prepare(pid, capabilities, &stdin, now, choices);
            if let Some(limit) = nofile {
                kernel.limit_descriptors(pid, limit);
            }
            let phase = match after {
                Some(after) => {
                    world.later.push((after, tid));
                    TaskPhase::NotStarted
                }
                None => {
                    kernel.begin_process(tid, now, choices);
                    world.ready.push_back(tid);
                    TaskPhase::Ready
                }
            };
            world.programs.put(pid, program);
            let task = SimTask {
                host,
                listed: at as u32,
                process: pid,
                thread: 0,
                phase,
                end: None,
            };
            world.tasks.put(tid, task);
            world.order.push(tid);
        }
        world
    }

    /// Does the smallest thing that can be told apart, and at most `budget` (at least 1)
    /// instructions of it. With `line_of`, it also stops where that task reaches another line.
    pub fn step(&mut self, budget: u64, line_of: Option<Tid>) -> Stepped {
        if self.over {
            return Stepped {
                ticks: 0,
                happened: Happened::Nothing,
            };
        }
        if self.packet_step() {
        } else if let Some(tid) = self.current {
            return self.run_current(tid, budget.max(1), line_of == Some(tid));
        } else if !self.ready.is_empty() {
            self.choose_task();
        } else {
            self.idle();
        }
        Stepped {
            ticks: 1,
            happened: Happened::Kernel,
        }
    }

    /// Goes on with whatever packet is here now; false if none is.
    fn packet_step(&mut self) -> bool {
        if let Some((host, packet)) = self.arrived.take() {
            self.enter(host, |kernel, now, choices| {
                kernel.take_in(&packet, now, choices)
            });
        } else if let Some((host, packet)) = self.wire.pop_front() {
            self.carry(host, packet);
        } else if let Some((host, packet)) = self.wires.arrived(self.clock) {
            // A host that is no router drops what is for others (net.ipv4.ip_forward).
            let lost = !self.hosts[usize::from(host)].routes.is_local(packet.dst);
            self.arrive(host, packet, lost);
        } else {
            return false;
        }
        true
    }

    /// Runs every timer that is due within `span`, and delivers what they send, while the tasks stand
    /// still: what the kernels would do if nobody called them for so long.
    pub fn let_time_pass(&mut self, span: Duration) {
        let until = self.clock + span;
        loop {
            if self.packet_step() {
                continue;
            }
            let Some(due) = self.next_moment().filter(|at| *at <= until) else {
                break;
            };
            self.go_to(due);
        }
        self.clock = self.clock.max(until);
    }

    /// Decides a choice that is still to come; decisions after it are forgotten.
    pub fn decide(&mut self, index: u32, option: u32) {
        self.choices.decide(index, option);
    }

    /// Events since the last time this was asked: host by host.
    pub fn take_events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for host in &mut self.hosts {
            events.append(&mut Rc::make_mut(host).take_events());
        }
        events
    }

    /// Beginnings and ends of calls since the last time.
    pub fn take_calls(&mut self) -> Vec<CallNote> {
        std::mem::take(&mut self.calls)
    }

    /// Output of programs since the last time.
    pub fn take_console(&mut self) -> Vec<ConsoleOutput> {
        let mut console = Vec::new();
        for host in &mut self.hosts {
            console.append(&mut Rc::make_mut(host).take_console());
        }
        console
    }

    /// Choices made since the last time.
    pub fn take_choices(&mut self) -> Vec<Choice> {
        self.choices.take_log()
    }

    /// Enters the kernel, then collects what it wants sent and whom it woke.
    fn enter<R>(
        &mut self,
        host: u16,
        body: impl FnOnce(&mut Kernel, Time, &mut Choices) -> R,
    ) -> R {
        let kernel = Rc::make_mut(&mut self.hosts[usize::from(host)]);
        let result = body(kernel, self.clock, &mut self.choices);
        self.collect(host);
        result
    }

    /// Collects what the kernel wants sent and whom it woke; not a part of [`World::enter`], so that it exists once
    /// and not for every entry.
    fn collect(&mut self, host: u16) {
        let kernel = Rc::make_mut(&mut self.hosts[usize::from(host)]);
        while let Some(packet) = kernel.poll_transmit() {
            let here = self.wires.is_empty() || kernel.routes.is_local(packet.dst);
            let (now, choices) = (self.clock, &mut self.choices);
            if here {
                self.wire.push_back((host, packet));
            } else if !self.wires.send(host, kernel, &packet, now, choices) {
                kernel.lost(&packet, now, choices);
            }
        }
        for tid in kernel.take_woken() {
            if let Some(task) = self.tasks.get_mut(tid) {
                task.phase = TaskPhase::Ready;
                self.ready.push_back(tid);
            }
        }
        for (parent, child) in kernel.take_forked() {
            self.fork(parent, child);
        }
        for (tid, end, in_call) in Rc::make_mut(&mut self.hosts[usize::from(host)]).take_ended() {
            self.ended_by_another(tid, end, in_call);
        }
        if let Some(what) = self.hosts[usize::from(host)].not_modelled() {
            self.end(Ended::NotModelled {
                task: self.current,
                what,
            });
            self.over = true;
        }
    }

    /// A process was ended by a signal from another one.
    fn ended_by_another(&mut self, tid: Tid, end: ProcessEnd, in_call: bool) {
        if let Some(task) = self.tasks.get_mut(tid) {
            task.phase = TaskPhase::Ended;
            task.end = Some(end);
        }
        self.ready.forget(tid);
        self.current = self.current.filter(|current| *current != tid);
        self.start_after();
        if in_call {
            let (at, phase) = (self.clock, CallPhase::Never(end));
            self.calls.push(CallNote {
                task: tid,
                at,
                phase,
            });
        }
    }

    /// A task has ended: the programs start that have waited for its process to end.
    #[inline(never)]
    fn start_after(&mut self) {
        let mut starting = Vec::new();
        for (after, tid) in &self.later {
            let process = self.order.get(*after as usize).map(|first| Pid(first.0));
            let mut hosts = self.hosts.iter();
            let process = process.and_then(|pid| hosts.find_map(|h| h.processes().get(pid)));
            if process.is_some_and(|process| process.ended.is_some()) {
                starting.push(*tid);
            }
        }
        for tid in starting {
            if let Some(at) = self.later.iter().position(|later| later.1 == tid) {
                self.later.remove(at);
            }
            self.enter(self.host_of(tid), |kernel, now, choices| {
                kernel.begin_process(tid, now, choices)
            });
            self.set_phase(tid, TaskPhase::Ready);
            self.ready.push_back(tid);
        }
    }

    /// One packet through a loopback device: it arrives, unless a rule or a choice loses it.
    fn carry(&mut self, host: u16, packet: Rc<Packet>) {
        self.sent += 1;
        let lost =
            self.choices.choose(ChoiceKind::PacketFate, 2) == 1 || self.link.loses(self.sent);
        self.clock += LOOPBACK;
        self.arrive(host, packet, lost);
    }

    /// A packet has come to its host, or is lost.
    fn arrive(&mut self, host: u16, packet: Rc<Packet>, lost: bool) {
        if lost {
            self.enter(host, |kernel, now, choices| {
                kernel.lost(&packet, now, choices)
            });
        } else {
            self.enter(host, |kernel, now, choices| {
                kernel.arrive(&packet, now, choices)
            });
            self.arrived = Some((host, packet));
        }
    }

    /// The host of a task.
    fn host_of(&self, tid: Tid) -> u16 {
        self.tasks.get(tid).map_or(0, |task| task.host)
    }

    /// When the next timer runs out or the next packet arrives.
    fn next_moment(&self) -> Option<Time> {
        let timers = self.hosts.iter().filter_map(|host| host.next_deadline());
        timers.chain(self.wires.next()).min()
    }

    /// The clock goes on to that moment, and timers that are due by then run out.
    fn go_to(&mut self, moment: Time) {
        self.clock = self.clock.max(moment);
        for host in 0..self.hosts.len() {
            let due = self.hosts[host].next_deadline();
            if due.is_some_and(|at| at <= self.clock) {
                self.enter(host as u16, |kernel, now, choices| {
                    kernel.expire(now, choices)
                });
            }
        }
    }

    /// The scheduler takes the head of the FIFO queue, unless it was decided otherwise.
    fn choose_task(&mut self) {
        let options = self.ready.len() as u32;
        let taken = if options > 1 {
            self.choices.choose(ChoiceKind::Task, options)
        } else {
            0
        };
        let Some(tid) = self.ready.remove(taken as usize) else {
            return;
        };
        let in_call = self.hosts[usize::from(self.host_of(tid))].is_in_call(tid);
        self.set_phase(
            tid,
            if in_call {
                TaskPhase::InCall
            } else {
                TaskPhase::Running
            },
        );
        self.current = Some(tid);
        self.begin_slice();
        self.take_signals(tid);
    }

    /// A task that computes runs the handlers of the signals that have come.
    fn take_signals(&mut self, tid: Tid) {
        let host = self.host_of(tid);
        let host = &mut self.hosts[usize::from(host)];
        if host.next_signal(tid).is_none() {
            return;
        }
        let handlers = Rc::make_mut(host).handlers_to_run(tid, self.clock, &mut self.choices);
        if let Some(program) = self.running(tid)
            && !handlers.is_empty()
        {
            program.handle(&handlers, false);
        }
    }

    fn set_phase(&mut self, tid: Tid, phase: TaskPhase) {
        if let Some(task) = self.tasks.get_mut(tid) {
            task.phase = phase;
        }
    }

    /// The task that has the processor goes on.
    fn run_current(&mut self, tid: Tid, budget: u64, stop_at_line: bool) -> Stepped {
        if self.phase(tid) == Some(TaskPhase::InCall) {
            self.proceed(tid);
            return Stepped {
                ticks: 1,
                happened: Happened::Kernel,
            };
        }
        let budget = budget.min(self.slice_left);
        let Some(program) = self.running(tid) else {
            self.current = None;
            return Stepped {
                ticks: 1,
                happened: Happened::Kernel,
            };
        };
        let ran: Ran = program.run(budget, stop_at_line);
        self.slice_left -= ran.used;
        self.clock += INSTRUCTION * u32::try_from(ran.used).unwrap_or(u32::MAX);
        let happened = match ran.stop {
            Stop::Budget => Happened::Computed,
            Stop::Line => Happened::Line,
            Stop::Clock => {
                let clocks = self.clocks();
                if let Some(program) = self.running(tid) {
                    program.tell(clocks);
                }
                Happened::Clock
            }
            Stop::Syscall(call) => {
                self.clock += SYSCALL;
                self.enter(self.host_of(tid), |kernel, now, choices| {
                    kernel.syscall(tid, Rc::clone(&call), now, choices)
                });
                self.set_phase(tid, TaskPhase::InCall);
                let phase = CallPhase::Entered(call);
                self.calls.push(CallNote {
                    task: tid,
                    at: self.clock,
                    phase,
                });
                return Stepped {
                    ticks: ran.used + 1,
                    happened: Happened::Kernel,
                };
            }
            Stop::Fault => {
                self.end(Ended::Fault { task: tid });
                self.over = true;
                return Stepped {
                    ticks: ran.used + 1,
                    happened: Happened::Kernel,
                };
            }
        };
        let mut happened = happened;
        if self.slice_left == 0 && self.next_moment().is_some_and(|at| at <= self.clock) {
            // The timer's interrupt: what is due while somebody computes.
            self.go_to(self.clock);
            happened = Happened::Kernel;
        }
        if self.current != Some(tid) {
        } else if self.slice_left == 0 && !self.ready.is_empty() {
            if self.goes_on(tid) {
                return Stepped {
                    ticks: ran.used,
                    happened,
                };
            }
            self.set_phase(tid, TaskPhase::Ready);
            self.ready.push_back(tid);
            self.current = None;
        } else if self.slice_left == 0 {
            self.begin_slice();
            self.take_signals(tid);
        }
        Stepped {
            ticks: ran.used,
            happened,
        }
    }

    /// The call of the task that has the processor goes on.
    fn proceed(&mut self, tid: Tid) {
        let step = self.enter(self.host_of(tid), |kernel, now, choices| {
            kernel.proceed(tid, now, choices)
        });
        let mut note = |phase| {
            self.calls.push(CallNote {
                task: tid,
                at: self.clock,
                phase,
            })
        };
        match step {
            Step::Busy | Step::NotModelled(_) => {}
            Step::Returned(reply) => {
                note(CallPhase::Returned(reply.clone()));
                if let Some(program) = self.running(tid) {
                    program.resume(&reply);
                }
                self.set_phase(tid, TaskPhase::Running);
            }
            Step::Handlers { reply, handlers } => {
                note(match &reply {
                    Some(reply) => CallPhase::Returned(reply.clone()),
                    None => CallPhase::Restarts,
                });
                if let Some(program) = self.running(tid) {
                    if let Some(reply) = &reply {
                        program.resume(reply);
                    }
                    program.handle(&handlers, reply.is_none());
                }
                self.set_phase(tid, TaskPhase::Running);
            }
            Step::Asleep => {
                self.set_phase(tid, TaskPhase::Asleep);
                self.current = None;
            }
            Step::Ended(end) => {
                note(CallPhase::Never(end));
                if let Some(task) = self.tasks.get_mut(tid) {
                    task.phase = TaskPhase::Ended;
                    task.end = Some(end);
                }
                if let Some(program) = self.running(tid) {
                    program.end();
                }
                self.current = None;
                self.start_after();
            }
        }
    }

    /// Nobody is ready: the clock jumps to the next timer, or the run is at its end.
    fn idle(&mut self) {
        let mut alive = Vec::new();
        for tid in &self.order {
            if self.end_of(*tid).is_none() {
                alive.push(*tid);
            }
        }
        if alive.is_empty() {
            self.end(Ended::AllEnded);
        }
        match self.next_moment() {
            Some(moment) => self.go_to(moment),
            None if alive.is_empty() => self.over = true,
            None => {
                // SIGKILL, as an operator would.
                for tid in &alive {
                    self.enter(self.host_of(*tid), |kernel, now, choices| {
                        kernel.kill(*tid, 9, now, choices)
                    });
                    self.set_phase(*tid, TaskPhase::Ended);
                }
                self.end(Ended::Stuck {
                    tasks: alive.clone(),
                });
                for tid in alive {
                    if let Some(task) = self.tasks.get_mut(tid) {
                        task.end = Some(ProcessEnd::Killed(9));
                    }
                }
            }
        }
    }

    fn end(&mut self, how: Ended) {
        self.ended.get_or_insert(how);
    }
}
