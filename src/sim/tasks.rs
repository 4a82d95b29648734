//! Tasks and the programs that they run.

use super::types::TaskPhase;
use super::world::{SimTask, World};
use crate::abi::{Program, Reply};
use crate::base::Tid;

/// Instructions after which another ready task gets its turn.
const SLICE: u64 = 20_000;
/// Instructions by which a turn is longer at a time, and at most, inside of a library function.
const LONGER: u64 = 4;
const LONGEST: u64 = 20_000;

impl<P: Program> World<P> {
    /// A task's turn begins.
    pub(super) fn begin_slice(&mut self) {
        self.slice_left = SLICE;
        self.grace = LONGEST;
    }

    /// Whether a turn that is over goes on for a little: a library function is not interrupted by another thread.
    pub(super) fn goes_on(&mut self, tid: Tid) -> bool {
        let inside = self.program(tid).is_some_and(P::is_inside) && self.grace > 0;
        if inside {
            self.slice_left = LONGER.min(self.grace);
            self.grace -= self.slice_left;
        }
        inside
    }

    /// fork(2) has made a task: its program is a copy that has got 0 as the answer. Or clone3(2) has: it runs another
    /// thread of the same program.
    pub(super) fn fork(&mut self, parent: Tid, child: Tid) {
        let Some(mut task) = self.tasks.get(parent).cloned() else {
            return;
        };
        let kernel = &self.hosts[usize::from(task.host)];
        let process = kernel.tasks().get(child).map_or(task.process, |t| t.pid);
        if process == task.process {
            if let Some(program) = self.programs.get_mut(process) {
                program.switch(task.thread);
                task.thread = program.begin();
            }
        } else if let Some(mut program) = self.programs.get(task.process).cloned() {
            program.switch(task.thread);
            program.forget_others();
            program.resume(&Reply::ok(0));
            self.programs.put(process, program);
            task.process = process;
        }
        task.phase = TaskPhase::Ready;
        self.start(child, task);
    }

    pub(super) fn start(&mut self, tid: Tid, task: SimTask) {
        self.tasks.put(tid, task);
        self.order.push(tid);
        self.ready.push_back(tid);
    }

    /// A task's program, to run that thread of it.
    pub(super) fn running(&mut self, tid: Tid) -> Option<&mut P> {
        let task = self.tasks.get(tid)?;
        let program = self.programs.get_mut(task.process)?;
        program.switch(task.thread);
        Some(program)
    }
}
