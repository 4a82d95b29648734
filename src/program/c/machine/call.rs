//! Calls of the program's functions and of the library's.

use super::*;
use crate::abi::Stop;
use crate::program::c::ir::{Code, Site};
use crate::program::c::libc::{Flow, Halt, Invocation};

impl Machine {
    /// Enters a function whose arguments lie from register `base` on.
    /// Nothing happens at the stack's end: the caller reports it.
    pub(super) fn push_frame(
        &mut self,
        function: u32,
        code: &Code,
        base: u32,
        back: u32,
        varargs: u64,
    ) -> bool {
        let depth = self.now.calls.last().map_or(0, |c| c.depth);
        let top = depth.saturating_add(code.frame);
        if top > STACK_LIMIT {
            return false;
        }
        let store_top = self.memory.stack_top();
        self.now
            .regs
            .truncate((base + u32::from(code.params)) as usize);
        self.now.regs.resize((base + code.regs) as usize, 0);
        self.now.calls.push(Activation {
            function,
            base,
            back,
            store_top,
            depth: top,
            varargs,
        });
        for (i, local) in code.locals.iter().enumerate() {
            if local.early {
                let Some(at) = self.memory.push_local(local.size, function, i as u32) else {
                    return false;
                };
                self.now.regs[base as usize + usize::from(local.reg)] = at;
            }
        }
        self.now.pc = code.start;
        true
    }

    /// Leaves the current function; its result is in its first register.
    /// Says how to stop if it was `main`.
    pub(super) fn pop_frame(&mut self) -> Option<Stop> {
        let image = self.image.clone();
        let call = *self.now.calls.last()?;
        let result = self.now.regs.get(call.base as usize).copied().unwrap_or(0);
        if call.back == u32::MAX {
            return self.end_of_main(result);
        }
        self.drop_locals(&image, &call);
        self.memory.set_stack_top(call.store_top);
        self.now.calls.pop();
        let caller = self.now.calls.last().map_or(0, |c| c.base);
        let width = self.code_of_current().map_or(0, |c| c.regs);
        self.now.regs.truncate(call.base as usize);
        self.now.regs.resize((caller + width) as usize, 0);
        if let Some(first) = self.now.regs.get_mut(call.base as usize) {
            *first = result;
        }
        self.now.pc = call.back;
        self.leave_handler()
    }

    /// The life of a call's variables ends.
    pub(super) fn drop_locals(&mut self, image: &Image, call: &Activation) {
        if let Body::Code(code) = &image.functions[call.function as usize].body {
            for local in code.locals.iter().rev() {
                let at = self.now.regs[call.base as usize + usize::from(local.reg)];
                if at != 0 {
                    self.memory.pop_local(at);
                }
            }
        }
        if call.varargs != 0 {
            self.memory.pop_local(call.varargs);
        }
    }

    /// Return from main is a call of exit().
    fn end_of_main(&mut self, result: u64) -> Option<Stop> {
        let image = self.image.clone();
        let base = self.now.regs.len() as u32;
        self.now.regs.push(result);
        match &image.functions.get(image.exit as usize)?.body {
            Body::Code(code) if self.push_frame(image.exit, code, base, self.now.pc + 1, 0) => None,
            _ => Some(self.overflow("exit")),
        }
    }

    /// The code of the function that runs.
    pub(super) fn code_of_current(&self) -> Option<&Code> {
        let function = self.now.calls.last()?.function;
        match &self.image.functions.get(function as usize)?.body {
            Body::Code(code) => Some(code),
            Body::Missing | Body::NotModelled(_) | Body::Lib(_) => None,
        }
    }

    /// A call instruction. `None`: go on.
    pub(super) fn call(&mut self, function: u32, base: u16, site: u32) -> Option<Stop> {
        let image = self.image.clone();
        let window = self.now.calls.last().map_or(0, |c| c.base);
        let base = window + u32::from(base);
        let Some(callee) = image.functions.get(function as usize) else {
            return Some(self.stop_fault(self.problem("a call of a function that does not exist")));
        };
        let site = &image.sites[site as usize];
        match &callee.body {
            Body::NotModelled(why) => Some(self.stop_fault(self.problem(why))),
            Body::Missing => {
                let problem = self.problem(&["`", &callee.name, "` is defined nowhere"].concat());
                Some(self.stop_fault(problem))
            }
            Body::Lib(lib) => {
                let invocation = Invocation {
                    lib: *lib,
                    base: base as usize,
                    site,
                };
                let flow = self.invoke(&invocation);
                self.follow(base, flow)
            }
            Body::Code(code) => {
                if u32::from(site.args) < u32::from(code.params) {
                    let (takes, passed) = (code.params.to_string(), site.args.to_string());
                    let what = [
                        "`",
                        &callee.name,
                        "` takes ",
                        &takes,
                        " arguments, ",
                        &passed,
                        " were passed",
                    ];
                    return Some(self.stop_fault(self.problem(&what.concat())));
                }
                let varargs = match code.variadic {
                    true => match self.pack(base, code, site) {
                        Some(at) => at,
                        None => return Some(self.overflow(&callee.name)),
                    },
                    false => 0,
                };
                let back = self.now.pc + 1;
                if !self.push_frame(function, code, base, back, varargs) {
                    return Some(self.overflow(&callee.name));
                }
                None
            }
        }
    }

    /// An object of `size` bytes that lives as long as the function, or until the stack is cut back;
    /// `local` is which of the function's objects it is.
    pub(crate) fn grow_stack(&mut self, size: u64, local: u32) -> Option<u64> {
        let (function, depth) = self.now.calls.last().map(|c| (c.function, c.depth))?;
        let before = u64::from(depth) + self.memory.dynamic_bytes();
        if before + size > u64::from(STACK_LIMIT) {
            return None;
        }
        self.memory.push_dynamic(size as u32, function, local)
    }

    fn overflow(&mut self, name: &str) -> Stop {
        let what = [
            "stack overflow: the call of `",
            name,
            "` needs more than 8 MiB of stack",
        ];
        let mut problem = self.problem(&what.concat());
        let deep = self.now.calls.len();
        if deep > 100 {
            problem =
                problem.help(deep.to_string() + " calls are open: does a recursion never end?");
        }
        self.stop_fault(problem)
    }

    /// The variable arguments as an object: 16 bytes each, value and kind.
    fn pack(&mut self, base: u32, code: &Code, site: &Site) -> Option<u64> {
        let fixed = u32::from(code.params);
        let count = u32::from(site.args).saturating_sub(fixed);
        // The kinds are those of the arguments behind the prototype's.
        let skip = site.kinds.len().saturating_sub(count as usize);
        let at = self.memory.push_local((count * 16).max(1), u32::MAX, 0)?;
        for i in 0..count {
            let value = self
                .now
                .regs
                .get((base + fixed + i) as usize)
                .copied()
                .unwrap_or(0);
            let kind = site.kinds.get(skip + i as usize).map_or(0, |k| *k as u64);
            let place = at + u64::from(i) * 16;
            let _ = self.memory.store(place, 8, value);
            let _ = self.memory.store(place + 8, 8, kind);
        }
        Some(at)
    }

    /// What a library call came to. `None`: go on.
    pub(super) fn follow(&mut self, base: u32, flow: Flow) -> Option<Stop> {
        match flow.map_err(|halt| *halt) {
            Ok(value) => {
                if let Some(first) = self.now.regs.get_mut(base as usize) {
                    *first = value;
                }
                self.now.pc += 1;
                None
            }
            Err(Halt::Syscall(call, after)) => {
                self.now.state = State::Waiting(after.into());
                Some(Stop::Syscall(call))
            }
            Err(Halt::Clock(clock)) => {
                self.now.state = State::Waiting(After::Clock(clock).into());
                Some(Stop::Clock)
            }
            Err(Halt::Fault(problem)) => Some(self.stop_fault(problem)),
        }
    }
}
