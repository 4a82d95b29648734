//! Processes.

use super::Source;
use crate::abi::Syscall;
use crate::base::Tid;
use crate::explain::{self, Doing};
use crate::export::strace;
use crate::kernel::file::{FileKind, Stdio};
use crate::kernel::task::{Ended, Process};
use crate::kernel::task::{InCall, Progress, TaskState};
use crate::program::Inspect;
use crate::session::log::Call;
use crate::session::view::{Activity, FdView, LocationView, MarkView, OutputView, ProcessView};
use crate::sim::TaskPhase;

impl<P: Inspect> Source<'_, P> {
    pub(super) fn processes(&self) -> Vec<ProcessView> {
        let mut processes = Vec::new();
        for (at, task) in (0..).zip(self.world.order()) {
            processes.extend(self.process(at, *task));
        }
        processes
    }

    fn process(&self, index: u32, task: Tid) -> Option<ProcessView> {
        let info = self.info(task)?;
        let program = self.world.thread_program(task)?;
        let (pid, _) = self.world.thread(task)?;
        let process = self.kernel.processes().get(pid)?;
        let open = self.open_call(task);
        let fault = program.fault();
        let activity = match (self.world.phase(task)?, &fault) {
            (_, Some(_)) => Activity::Faulted,
            (TaskPhase::NotStarted, None) => Activity::NotStarted,
            (TaskPhase::Running, None) => Activity::Running,
            (TaskPhase::Ready, None) => Activity::Ready,
            (TaskPhase::InCall, None) => Activity::InCall,
            (TaskPhase::Asleep, None) => Activity::Asleep,
            (TaskPhase::Ended, None) => Activity::Ended,
        };
        let call = open.map(|call| &*call.syscall);
        let library = program.library_call().filter(|_| call.is_some());
        let end = self.world.end_of(task);
        let exit = end.map(exit_status);
        Some(ProcessView {
            pid: pid.0,
            name: self.name(task),
            index,
            program: self.world.listed(task)?,
            activity,
            activity_text: self.activity_text(activity, call, library, end),
            next_text: self.next_text(task, call),
            call: call.map(|call| strace::entered(call) + ")"),
            library: library.map(Into::into),
            location: program.place().map(|place| LocationView {
                file: place.file,
                line: place.line,
                column: place.column,
                function: place.function,
            }),
            files: info.files.clone(),
            marks: self.marks(index, task),
            fds: self.fds(pid.0, process),
            next_fd: next_fd(process),
            output: self.output(task),
            exit,
            fault,
        })
    }

    /// What a process does, in words: calls by the name under which the program made them.
    fn activity_text(
        &self,
        activity: Activity,
        call: Option<&Syscall>,
        library: Option<&str>,
        end: Option<Ended>,
    ) -> String {
        let name = library.or(call.map(Syscall::name)).unwrap_or_default();
        let fd = call.and_then(Syscall::fd).unwrap_or(-1);
        let doing = match activity {
            Activity::Running => Doing::Running,
            Activity::NotStarted => Doing::NotStarted,
            Activity::Ready => Doing::Ready,
            Activity::InCall => Doing::InCall { call: name, fd },
            Activity::Asleep => Doing::Asleep { call: name, fd },
            Activity::Ended => match end {
                Some(Ended::Killed(signal)) => Doing::Killed(signal),
                Some(Ended::Exited(status)) => Doing::Exited(i32::from(status)),
                None => Doing::Exited(0),
            },
            Activity::Faulted => Doing::Faulted,
        };
        explain::activity(doing, self.lang)
    }

    /// What it waits for, or the call that it is in.
    fn next_text(&self, task: Tid, call: Option<&Syscall>) -> String {
        let state = self.kernel.tasks().get(task).map(|task| &task.state);
        if let Some(TaskState::InCall(InCall {
            fd,
            progress: Progress::Asleep(blocked),
            ..
        })) = state
        {
            return explain::waits_until(blocked.waits_for().0, *fd, self.lang);
        }
        call.map(|call| strace::entered(call) + ")")
            .unwrap_or_default()
    }

    /// The call that a task is in at the cursor.
    fn open_call(&self, task: Tid) -> Option<&Call> {
        self.kernel.is_in_call(task).then_some(())?;
        let told = |call: &&Call| call.task == task && call.entered <= self.event;
        self.log.calls.iter().rev().find(told)
    }

    fn fds(&self, pid: u32, process: &Process) -> Vec<FdView> {
        let kind = |file| match self.kernel.files().get(file).map(|f| f.kind) {
            Some(FileKind::Socket(_)) | None => "socket",
            Some(FileKind::Pipe(..)) => "pipe",
            Some(FileKind::Epoll) => "epoll",
            Some(FileKind::Null(_)) => "/dev/null",
            Some(FileKind::Stdio(Stdio::Input)) => "stdin",
            Some(FileKind::Stdio(Stdio::Output)) => "stdout",
            Some(FileKind::Stdio(Stdio::Error)) => "stderr",
        };
        let mut fds = Vec::new();
        for (fd, descriptor) in process.fds.iter() {
            fds.push(FdView {
                fd,
                file: descriptor.file.map(|file| file.0),
                kind: descriptor.file.map_or("reserved", kind),
                changed: self.changed.fds.contains(&(pid, fd)),
            });
        }
        fds
    }

    fn marks(&self, index: u32, task: Tid) -> Vec<MarkView> {
        let mut marks = Vec::new();
        let calls = self.log.calls.iter().filter(|call| call.task == task);
        for (nth, call) in calls.enumerate() {
            if let (Some((file, line)), Some(equal)) = (call.line, self.equal(index, nth)) {
                let ended = call.ended.as_ref();
                marks.push(MarkView {
                    file,
                    line,
                    call: call.syscall.name(),
                    equal,
                    passed: ended.is_some_and(|(number, _)| *number <= self.event),
                });
            }
        }
        marks
    }

    fn output(&self, task: Tid) -> Vec<OutputView> {
        let mut mine = Vec::new();
        for (number, output) in &self.log.console {
            if *number <= self.event && output.pid.0 == task.0 {
                mine.push(OutputView {
                    stream: if output.stream == Stdio::Error { 2 } else { 1 },
                    text: String::from_utf8_lossy(&output.bytes).into_owned(),
                });
            }
        }
        mine
    }
}

/// The number that the next socket() would get.
fn next_fd(process: &Process) -> i32 {
    let mut lowest = 0;
    for (fd, _) in process.fds.iter() {
        if fd != lowest {
            break;
        }
        lowest += 1;
    }
    lowest
}

/// As a shell reports it.
fn exit_status(end: Ended) -> i32 {
    match end {
        Ended::Exited(status) => i32::from(status),
        Ended::Killed(signal) => 128 + i32::from(signal),
    }
}
