//! What the library's functions may do with the machine.

use super::*;

impl Machine {
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    pub(crate) fn lib_state(&self) -> &LibState {
        &self.lib
    }

    /// A register of all, counted from the outermost frame's first.
    pub(crate) fn register(&self, index: usize) -> u64 {
        self.now.regs.get(index).copied().unwrap_or(0)
    }

    /// So many bytes were moved: each 64 cost an instruction.
    pub(crate) fn owe(&mut self, bytes: u64) {
        self.now.debt = self.now.debt.saturating_add(bytes / 64);
    }

    /// The program's current instruction, as a block remembers where it came from.
    pub(crate) fn instruction(&self) -> u32 {
        self.own_place().map_or(self.now.pc, |(pc, _)| pc)
    }

    pub(crate) fn errno_address(&self) -> u64 {
        self.now.errno
    }

    pub(crate) fn set_errno(&mut self, number: i32) {
        let _ = self.memory.store(self.now.errno, 4, number as u64);
    }

    /// Where the current function's variable arguments lie; 0 if it has none.
    pub(crate) fn varargs(&self) -> u64 {
        self.now.calls.last().map_or(0, |c| c.varargs)
    }

    /// The library function that is being called gives that back.
    pub(crate) fn finish_call(&mut self, value: u64) {
        let call = self.image.code.get(self.now.pc as usize).copied();
        if let Some(call) = call
            && call.is_call()
        {
            self.set_reg(call.d, value);
            self.now.pc += 1;
        }
    }

    /// The program ends by what a reply brought.
    pub(crate) fn fail_with(&mut self, problem: Diagnostic) {
        self.now.state = State::Faulted(problem.into());
    }

    /// What the current thread's function was given.
    pub(crate) fn this(&self) -> u64 {
        self.now.this
    }

    /// exit_group(2) was answered, which it never is.
    pub(crate) fn end(&mut self) {
        self.now.state = State::Ended;
    }
}
