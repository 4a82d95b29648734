//! The machine that executes an [`Image`].
//!
//! Bounds: the stack takes [`STACK_LIMIT`] bytes as on Linux (a frame counts as gcc -O0 would lay
//! it), the heap what [`memory`] allows. A call that moves many bytes costs one instruction for every
//! 64 of them, so that a budget bounds work, too.

mod bridge;
mod call;
mod exec;
mod fault;
mod handler;
mod inspect;
pub(crate) mod memory;
mod thread;

pub use inspect::{Frame, Local, Location};

use super::ir::{Body, Image};
use super::libc::{After, Clock, LibState};
use crate::abi::{Clocks, Delivery, Program, Ran, Reply, Stop, Syscall, Thread};
use crate::program::Diagnostic;
use memory::{Life, Memory};
use std::rc::Rc;
use thread::Context;

/// The size of the stack, as `ulimit -s` has it.
pub(crate) const STACK_LIMIT: u32 = 8 << 20;
/// CPU time of an instruction in nanoseconds: what a simulated world takes for it, too.
const INSTRUCTION: u64 = 2;
/// The most bytes that the arguments of a program take.
const MAX_ARGS: usize = 128 << 10;

/// Programs by name, for execve(2).
pub type Programs = Rc<Vec<(String, Rc<Image>)>>;

/// What a handler has interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interrupted {
    /// Calls in progress while the handler's own is the innermost.
    pub(super) depth: usize,
    pub(super) state: State,
    pub(super) queued: Option<Rc<Syscall>>,
    /// The signal mask that holds again afterwards.
    pub(super) mask: u64,
}

/// What a program is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// `argv`, the program's name first. Cut off at 128 KiB.
    pub args: Vec<String>,
    /// Whether descriptor 1 is a terminal: then stdout is line-buffered.
    pub stdout_is_tty: bool,
    /// The programs that it can execute, by name.
    pub programs: Programs,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            args: vec!["program".to_owned()],
            stdout_is_tty: false,
            programs: Programs::default(),
        }
    }
}

/// One call in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Activation {
    pub(super) function: u32,
    /// First register of its window.
    pub(super) base: u32,
    /// Where the caller goes on; its call is the instruction before.
    pub(super) back: u32,
    /// The stack's tops before it, in the store and as counted.
    pub(super) store_top: u32,
    pub(super) depth: u32,
    /// Its variable arguments.
    pub(super) varargs: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    /// In a system call; what to do with the reply.
    Waiting(Rc<After>),
    Faulted(Rc<Diagnostic>),
    /// exit_group(2) has been called.
    Ended,
}

/// Where line stepping comes from: what does not count as another line.
#[derive(Clone, Copy, Debug)]
pub(super) enum StepFrom {
    /// Wherever it stands.
    Here,
    /// That line of that file.
    Line(u32, u32),
    /// A frame began or ended: any line is another.
    Nowhere,
}

/// A running C program. Cloning is cheap: memory pages are shared until one of the two writes.
#[derive(Clone, Debug)]
pub struct Machine {
    pub(super) image: Rc<Image>,
    pub(super) memory: Memory,
    /// Where the current thread stands.
    now: Context,
    pub(super) lib: LibState,
    /// Instructions that the process has executed.
    executed: u64,
    /// How many threads there have been besides the first; where the others stand.
    made: u32,
    others: Vec<Context>,
    /// The programs that execve(2) can find, by name.
    pub(super) programs: Programs,
}

impl PartialEq for Machine {
    fn eq(&self, other: &Machine) -> bool {
        Rc::ptr_eq(&self.image, &other.image)
            && self.executed == other.executed
            && self.now == other.now
            && self.lib == other.lib
            && self.made == other.made
            && self.others == other.others
            && self.memory == other.memory
    }
}

impl Eq for Machine {}

impl Machine {
    /// A machine before the first instruction of `main`.
    pub fn new(image: Rc<Image>, config: &Config) -> Machine {
        let mut machine = Machine {
            memory: image.memory.clone(),
            now: Context::blank(0),
            lib: LibState::new(config),
            executed: 0,
            made: 0,
            others: Vec::new(),
            programs: config.programs.clone(),
            image,
        };
        machine.now.errno = machine.image.errno;
        machine.now.state = State::Running;
        machine.now.regs = machine.arguments(config).to_vec();
        machine.enter_main();
        machine
    }

    /// What the program did wrong, once it has stopped with [`Stop::Fault`].
    pub fn fault(&self) -> Option<&Diagnostic> {
        match &self.now.state {
            State::Faulted(fault) => Some(fault),
            State::Running | State::Waiting(_) | State::Ended => None,
        }
    }

    /// The program that it runs.
    pub fn image(&self) -> &Rc<Image> {
        &self.image
    }

    /// Puts `argv` and, behind it, an empty environment into memory; gives what main() is passed: `argc`, `argv`, `envp`.
    fn arguments(&mut self, config: &Config) -> [u64; 3] {
        let mut pointers = Vec::new();
        let mut total = 0;
        for arg in &config.args {
            total += arg.len() + 1;
            if total > MAX_ARGS {
                break;
            }
            let Some(at) = self
                .memory
                .add_static(arg.len() as u64 + 1, Life::Static, u32::MAX)
            else {
                break;
            };
            let _ = self.memory.initialise(at, arg.as_bytes());
            if pointers.is_empty() {
                self.lib.name = at;
            }
            pointers.extend_from_slice(&at.to_le_bytes());
        }
        let argc = pointers.len() as u64 / 8;
        let size = pointers.len() as u64 + 16;
        let argv = self
            .memory
            .add_static(size, Life::Static, u32::MAX)
            .unwrap_or(0);
        let _ = self.memory.initialise(argv, &pointers);
        [argc, argv, argv + 8 * (argc + 1)]
    }

    fn enter_main(&mut self) {
        let image = self.image.clone();
        if let Body::Code(code) = &image.functions[image.main as usize].body {
            self.now.regs.truncate(code.params.into());
            self.push_frame(image.main, code, 0, u32::MAX, 0);
        }
    }

    fn run_lines(&mut self, budget: u64) -> Ran {
        if let StepFrom::Here = self.now.step {
            self.now.step = self.standing();
        }
        let (mut used, mut own) = (0, self.own_depth());
        loop {
            if let Some((file, line)) = self.line_begins() {
                let same = matches!(self.now.step, StepFrom::Line(f, l) if (f, l) == (file, line));
                if !same {
                    self.now.step = StepFrom::Line(file, line);
                    return Ran {
                        used,
                        stop: Stop::Line,
                    };
                }
            }
            if used >= budget {
                return Ran {
                    used,
                    stop: Stop::Budget,
                };
            }
            let depth = self.now.calls.len();
            let (one, stop) = self.execute(1);
            used += one;
            // What happens inside of the library is part of the line that calls it.
            if self.now.calls.len() != depth && self.own_depth() != own {
                own = self.own_depth();
                self.now.step = StepFrom::Nowhere;
            }
            if let Some(stop) = stop {
                return Ran { used, stop };
            }
        }
    }

    /// The line of the statement that begins at the next instruction.
    fn line_begins(&self) -> Option<(u32, u32)> {
        if self.now.debt > 0 || !matches!(self.now.state, State::Running) {
            return None;
        }
        let start = self
            .image
            .starts
            .get(self.now.pc as usize)?
            .checked_sub(1)?;
        let statement = self.image.statements.get(start as usize)?;
        Some((statement.span.file, statement.line))
    }

    /// A call is part of its line; what follows it may be another.
    fn stay_on_line(&mut self) {
        if let StepFrom::Here = self.now.step {
            self.now.step = self.standing();
        }
    }

    /// The line in the middle (or at the start) of which the machine stands.
    fn standing(&self) -> StepFrom {
        match self.statement() {
            Some(statement) => StepFrom::Line(statement.span.file, statement.line),
            None => StepFrom::Nowhere,
        }
    }
}

impl Program for Machine {
    fn run(&mut self, budget: u64, stop_at_line: bool) -> Ran {
        let ran = self.run_on(budget, stop_at_line);
        self.executed += ran.used;
        if let Stop::Syscall(call) = &ran.stop {
            self.now.asked = Some(Rc::clone(call));
        }
        ran
    }

    fn resume(&mut self, reply: &Reply) {
        self.stay_on_line();
        if let State::Waiting(after) = std::mem::replace(&mut self.now.state, State::Running) {
            self.returned(&after, reply);
        }
    }

    fn handle(&mut self, handlers: &[Delivery], again: bool) {
        if again {
            self.now.queued = self.now.asked.clone();
        }
        for delivery in handlers {
            self.run_handler(delivery);
        }
    }

    fn tell(&mut self, clocks: Clocks) {
        self.stay_on_line();
        if let State::Waiting(after) = &self.now.state
            && let After::Clock(clock) = **after
        {
            self.now.state = State::Running;
            self.finish_call(match clock {
                Clock::Realtime => clocks.realtime,
                Clock::Monotonic => clocks.monotonic,
                Clock::Cpu => self.executed * INSTRUCTION,
            });
        }
    }

    fn switch(&mut self, thread: Thread) {
        self.switch_to(thread);
    }

    fn current(&self) -> Thread {
        self.now.thread
    }

    fn begin(&mut self) -> Thread {
        self.begin_thread()
    }

    fn is_inside(&self) -> bool {
        let function = self.now.calls.last().map(|call| call.function as usize);
        let function = function.and_then(|index| self.image.functions.get(index));
        !self.others.is_empty() && function.is_some_and(|f| f.library)
    }

    fn end(&mut self) {
        self.end_thread();
    }

    fn forget_others(&mut self) {
        self.executed = 0;
        self.drop_others();
    }
}

impl Machine {
    fn run_on(&mut self, budget: u64, stop_at_line: bool) -> Ran {
        match self.now.state {
            State::Running => {}
            State::Faulted(_) => {
                return Ran {
                    used: 0,
                    stop: Stop::Fault,
                };
            }
            State::Waiting(_) if self.now.queued.is_some() => {
                return match self.now.queued.take() {
                    Some(call) => Ran {
                        used: 0,
                        stop: Stop::Syscall(call),
                    },
                    None => Ran {
                        used: 0,
                        stop: Stop::Budget,
                    },
                };
            }
            // Against the contract: nothing happens.
            State::Waiting(_) | State::Ended => {
                return Ran {
                    used: 0,
                    stop: Stop::Budget,
                };
            }
        }
        if stop_at_line {
            return self.run_lines(budget);
        }
        if budget > 0 {
            self.now.step = StepFrom::Here;
        }
        let (used, stop) = self.execute(budget);
        Ran {
            used,
            stop: stop.unwrap_or(Stop::Budget),
        }
    }
}
