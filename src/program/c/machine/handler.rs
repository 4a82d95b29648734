//! Signal handlers, and another program in the place of this one.

use super::*;
use crate::program::c::machine::memory::function_at;

/// Size of `siginfo_t`.
const SIGINFO: u32 = 128;

impl Machine {
    /// Begins a handler on top of whatever the machine does; it goes on with that when the handler has returned.
    pub(super) fn run_handler(&mut self, delivery: &Delivery) {
        if let State::Faulted(_) | State::Ended = self.now.state {
            return;
        }
        let image = self.image.clone();
        let function = function_at(delivery.handler);
        let found = function.and_then(|index| Some((index, image.functions.get(index as usize)?)));
        let Some((function, Body::Code(code))) = found.map(|(index, f)| (index, &f.body)) else {
            let problem = self.problem("the handler of a signal is no function of the program");
            self.fail_with(problem);
            return;
        };
        let window = self.code_of_current().map_or(0, |code| code.regs);
        let base = self.now.calls.last().map_or(0, |call| call.base) + window;
        let info = match delivery.wants_info {
            true => self.signal_info(delivery),
            false => 0,
        };
        self.now.regs.truncate(base as usize);
        let arguments = [delivery.signal as u64, info, 0];
        self.now.regs.extend(arguments);
        let (back, state) = (
            self.now.pc,
            std::mem::replace(&mut self.now.state, State::Running),
        );
        let queued = self.now.queued.take();
        if code.params > 3 || !self.push_frame(function, code, base, back, 0) {
            let problem = self.problem("there is no room for the handler of a signal");
            self.fail_with(problem);
            return;
        }
        self.now.interrupted.push(Interrupted {
            depth: self.now.calls.len(),
            state,
            queued,
            mask: delivery.mask,
        });
        self.now.step = StepFrom::Nowhere;
    }

    /// A `siginfo_t`; 0 if there is no room for one.
    fn signal_info(&mut self, delivery: &Delivery) -> u64 {
        let Some(at) = self.memory.push_local(SIGINFO, u32::MAX, 0) else {
            return 0;
        };
        let info = delivery.info;
        let words = [
            delivery.signal,
            0,
            info.code,
            0,
            info.pid,
            info.uid as i32,
            info.status,
        ];
        let _ = self.memory.set(at, 0, SIGINFO.into());
        for (i, word) in words.iter().enumerate() {
            let _ = self.memory.store(at + 4 * i as u64, 4, *word as u64);
        }
        at
    }

    /// A handler has returned: the kernel is told by rt_sigreturn(2).
    pub(super) fn leave_handler(&mut self) -> Option<Stop> {
        let left = self.now.interrupted.last()?;
        if left.depth <= self.now.calls.len() {
            return None;
        }
        let mask = left.mask;
        self.now.state = State::Waiting(After::Handler.into());
        self.now.step = StepFrom::Nowhere;
        Some(Stop::Syscall(Syscall::RtSigreturn { mask }.into()))
    }

    /// rt_sigreturn(2) was answered: on with what was interrupted.
    pub(crate) fn handler_left(&mut self) {
        if let Some(left) = self.now.interrupted.pop() {
            self.now.state = left.state;
            self.now.queued = left.queued;
        }
    }

    /// The program that a path names.
    pub(crate) fn program_at(&self, path: &[u8]) -> Option<u32> {
        let name = path.rsplit(|b| *b == b'/').next()?;
        let mut programs = self.programs.iter();
        let found = programs.position(|(known, _)| known.as_bytes() == name)?;
        Some(found as u32)
    }

    /// execve(2) has succeeded: another program begins in the place of this one, if it is there.
    pub(crate) fn become_program(&mut self) -> Option<()> {
        let Syscall::Execve { argv, program, .. } = &**self.now.asked.as_ref()? else {
            return None;
        };
        let (_, image) = self.programs.get((*program)? as usize)?;
        let mut args = Vec::new();
        for arg in argv {
            args.push(String::from_utf8_lossy(arg).into_owned());
        }
        let config = Config {
            args,
            stdout_is_tty: self.lib.tty,
            programs: self.programs.clone(),
        };
        let (thread, made) = (self.now.thread, self.made);
        *self = Machine::new(image.clone(), &config);
        // Whoever drives it knows its only thread by that number.
        (self.now.thread, self.made) = (thread, made);
        self.now.step = StepFrom::Nowhere;
        Some(())
    }
}
