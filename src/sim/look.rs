//! What can be seen of a world.

use super::types::{Ended, TaskPhase};
use super::world::World;
use crate::abi::{Clocks, Program, Thread};
use crate::base::{Pid, Tid, Time};
use crate::kernel::Kernel;
use crate::kernel::task::Ended as ProcessEnd;
use crate::packet::Packet;
use std::borrow::Cow;
use std::rc::Rc;

impl<P: Program> World<P> {
    /// Virtual time.
    pub fn clock(&self) -> Time {
        self.clock
    }

    /// What a program that looks at a clock now is told.
    pub fn clocks(&self) -> Clocks {
        Clocks::simulated(self.clock.since(Time::ZERO))
    }

    /// The kernel of the first host.
    pub fn kernel(&self) -> &Kernel {
        &self.hosts[0]
    }

    /// The kernel of each host.
    pub fn hosts(&self) -> &[Rc<Kernel>] {
        &self.hosts
    }

    /// The tasks in the order in which their programs were listed; then those that came to be in the run.
    pub fn order(&self) -> &[Tid] {
        &self.order
    }

    /// A task's program, whatever thread of it ran last.
    pub fn program(&self, task: Tid) -> Option<&P> {
        self.programs.get(self.tasks.get(task)?.process)
    }

    /// A task's program with the thread of the task as its current one, to look at.
    pub fn thread_program(&self, task: Tid) -> Option<Cow<'_, P>> {
        let (program, thread) = (self.program(task)?, self.tasks.get(task)?.thread);
        if program.current() == thread {
            return Some(Cow::Borrowed(program));
        }
        let mut program = program.clone();
        program.switch(thread);
        Some(Cow::Owned(program))
    }

    /// Where a task's program was listed, or the one that it stems from by fork(2) and clone3(2).
    pub fn listed(&self, task: Tid) -> Option<u32> {
        self.tasks.get(task).map(|t| t.listed)
    }

    /// Which process a task belongs to, and which thread of its program it runs.
    pub fn thread(&self, task: Tid) -> Option<(Pid, Thread)> {
        self.tasks.get(task).map(|t| (t.process, t.thread))
    }

    /// The task that has the processor.
    pub fn current(&self) -> Option<Tid> {
        self.current
    }

    /// Where a task is.
    pub fn phase(&self, task: Tid) -> Option<TaskPhase> {
        self.tasks.get(task).map(|t| t.phase)
    }

    /// How a task ended, if it has: with its process or by itself.
    pub fn end_of(&self, task: Tid) -> Option<ProcessEnd> {
        self.tasks.get(task).and_then(|t| t.end)
    }

    /// How the run of the programs ended, if it has. Timers of what they left behind may still run.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Whether nothing will ever happen again.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The packets on loopback devices that were sent and have not arrived, in order.
    pub fn wire(&self) -> impl Iterator<Item = &Packet> {
        self.wire.iter().map(|(_, packet)| &**packet)
    }

    /// The tasks among which the next step will choose, if it will: at least two.
    pub fn open_choice(&self) -> Option<(u32, Vec<Tid>)> {
        let quiet = self.wire.is_empty() && self.arrived.is_none();
        let open = quiet && self.current.is_none() && self.ready.len() > 1;
        open.then(|| {
            (
                self.choices.next_index(),
                self.ready.iter().copied().collect(),
            )
        })
    }

    /// The index of the choice that decides the fate of the next packet to arrive, if one is under
    /// way.
    pub fn packet_choice(&self) -> Option<u32> {
        (self.arrived.is_none() && !self.wire.is_empty()).then(|| self.choices.next_index())
    }
}
