//! Threads: where each stands.

use super::*;
use crate::abi::Thread;
use crate::program::c::libc::After;
use memory::Stack;

/// Where a thread stands.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) thread: Thread,
    pub(super) regs: Vec<u64>,
    pub(super) calls: Vec<Activation>,
    /// The next instruction; while it waits, that of the call.
    pub(super) pc: u32,
    pub(super) state: State,
    /// A system call that is made again.
    pub(super) queued: Option<Rc<Syscall>>,
    /// The system call that it stopped at last.
    pub(super) asked: Option<Rc<Syscall>>,
    /// What handlers that run have interrupted, the innermost last.
    pub(super) interrupted: Vec<Interrupted>,
    /// Instructions that a large library call still costs.
    pub(super) debt: u64,
    /// How it was driven last: no part of what the machine is.
    pub(super) step: StepFrom,
    /// While the memory has another thread's.
    stack: Stack,
    /// Where its `errno` is, and what its function was given.
    pub(super) errno: u64,
    pub(super) this: u64,
}

impl PartialEq for Context {
    /// Without how it was driven.
    fn eq(&self, other: &Context) -> bool {
        self.thread == other.thread
            && self.pc == other.pc
            && self.debt == other.debt
            && self.state == other.state
            && self.queued == other.queued
            && self.asked == other.asked
            && self.interrupted == other.interrupted
            && self.regs == other.regs
            && self.calls == other.calls
            && self.stack == other.stack
            && self.errno == other.errno
            && self.this == other.this
    }
}

impl Context {
    /// One that has ended, or has not begun.
    pub(super) fn blank(thread: Thread) -> Context {
        Context {
            thread,
            regs: Vec::new(),
            calls: Vec::new(),
            pc: 0,
            state: State::Ended,
            queued: None,
            asked: None,
            interrupted: Vec::new(),
            debt: 0,
            step: StepFrom::Here,
            stack: Stack::default(),
            errno: 0,
            this: 0,
        }
    }
}

impl Machine {
    /// The current thread's place goes there, and what is there becomes the current one.
    fn exchange(&mut self, other: &mut Context) {
        use std::mem::swap;
        swap(&mut self.now, other);
        swap(self.memory.stack(), &mut other.stack);
        swap(&mut self.now.stack, &mut other.stack);
    }

    pub(super) fn switch_to(&mut self, thread: Thread) {
        if thread == self.now.thread {
            return;
        }
        let at = self.others.iter().position(|other| other.thread == thread);
        let mut other = match at {
            Some(at) => self.others.remove(at),
            None => Context::blank(thread),
        };
        self.exchange(&mut other);
        if !matches!(other.state, State::Ended) {
            let at = self.others.partition_point(|o| o.thread < other.thread);
            self.others.insert(at, other);
        }
    }

    /// The thread that the current one has asked for, ready at the first instruction of its function.
    pub(super) fn begin_thread(&mut self) -> Thread {
        let parent = self.now.thread;
        let State::Waiting(after) = &self.now.state else {
            return parent;
        };
        let After::Thread { start, this } = **after else {
            return parent;
        };
        self.made += 1;
        let new = self.made;
        self.switch_to(new);
        self.now.this = this;
        if self.enter_thread(start).is_none() {
            let problem = self.problem("there is no room for the stack of another thread");
            self.fail_with(problem);
        }
        self.switch_to(parent);
        new
    }

    fn enter_thread(&mut self, start: u64) -> Option<()> {
        *self.memory.stack() = self.memory.new_stack()?;
        self.now.errno = self.memory.push_local(4, u32::MAX, 0)?;
        self.set_errno(0);
        let image = self.image.clone();
        let function = memory::function_at(start)?;
        let Body::Code(code) = &image.functions.get(function as usize)?.body else {
            return None;
        };
        self.now.regs = vec![self.now.this];
        self.now.state = State::Running;
        let entered = self.push_frame(function, code, 0, u32::MAX, 0);
        entered.then_some(())
    }

    /// The current thread has ended: its variables are gone. Those of the first one stay, since nothing takes their place on
    /// Linux, and programs count on it.
    pub(super) fn end_thread(&mut self) {
        let image = self.image.clone();
        let calls = std::mem::take(&mut self.now.calls);
        if self.now.thread != 0 {
            for call in calls.iter().rev() {
                self.drop_locals(&image, call);
            }
            self.memory.pop_local(self.now.errno);
            self.memory.drop_stack();
        }
        self.now.regs.clear();
        self.now.state = State::Ended;
    }

    /// The copy of a process has the thread alone that called fork().
    pub(super) fn drop_others(&mut self) {
        self.others.clear();
    }
}
