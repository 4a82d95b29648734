//! Processes, tasks, and how a call goes on after it has begun: sleeping, waking, returning, ending.

use crate::abi::{Delivery, Errno, NotModelled, Reply, Syscall};
use crate::base::sorted::sort_by_key;
use crate::base::{Choices, FileId, Pid, SockId, SortedMap, Tid, Time};
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::fd::FdTable;
use crate::kernel::file::{FileKind, OpenFile, Stdio};
use crate::kernel::rule::Rule;
use crate::kernel::task::{
    Blocked, Capabilities, Ended, InCall, Process, Progress, Queue, Task, TaskState,
};
use crate::kernel::unix::Unix;
use crate::kernel::{Alarm, Kernel};
use std::rc::Rc;

/// How far a task's call is, as [`Kernel::proceed`] reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The call returned; the task computes on.
    Returned(Reply),
    /// Handlers run before the task computes on, the last of them first.
    Handlers {
        /// What the call returned; none if it is made again when they have returned.
        reply: Option<Reply>,
        /// The handlers.
        handlers: Vec<Delivery>,
    },
    /// The task sleeps until the kernel names it in [`Kernel::take_woken`].
    Asleep,
    /// The call has done more and may have sent packets: deliver them and ask again.
    Busy,
    /// The process has ended, or this task of it.
    Ended(Ended),
    /// The run is cut off.
    NotModelled(NotModelled),
}

impl Kernel {
    /// Begins a process with one task, whose descriptors 0, 1 and 2 are taken. The task has the
    /// number of the process.
    pub fn spawn(
        &mut self,
        pid: Pid,
        capabilities: Capabilities,
        stdin: &[u8],
        now: Time,
        choices: &mut Choices,
    ) -> Tid {
        let tid = self.prepare(pid, capabilities, stdin, now, choices);
        self.begin_process(tid, now, choices);
        tid
    }

    /// The first half of [`Kernel::spawn`]: the process is there, with its descriptors, and has not begun.
    pub fn prepare(
        &mut self,
        pid: Pid,
        capabilities: Capabilities,
        stdin: &[u8],
        now: Time,
        choices: &mut Choices,
    ) -> Tid {
        let tid = Tid(pid.0);
        self.enter(Some(tid), now, choices, |kernel, _| {
            let mut fds = FdTable::default();
            for stream in [Stdio::Input, Stdio::Output, Stdio::Error] {
                let mut open = OpenFile::new(FileKind::Stdio(stream), false);
                open.stdio_of = Some(pid);
                let file = kernel.files.insert(open);
                fds.install(file, false).expect("an empty table has room");
            }
            let stdin = stdin.to_vec().into();
            kernel.processes.put(
                pid,
                Process {
                    fds,
                    capabilities,
                    stdin,
                    ended: None,
                    parent: None,
                    actions: SortedMap::default(),
                    pending: SortedMap::default(),
                    timer: None,
                },
            );
            kernel.tasks.put(tid, Task::new(pid));
        });
        tid
    }

    /// The second half of it: the process begins to run.
    pub fn begin_process(&mut self, tid: Tid, now: Time, choices: &mut Choices) {
        self.enter(Some(tid), now, choices, |_, cx| {
            let pid = Pid(tid.0);
            cx.emit(EventKind::ProcessStarted { pid });
        });
    }

    /// Sets a process's RLIMIT_NOFILE; descriptors that are open stay open (setrlimit(2)).
    pub fn limit_descriptors(&mut self, pid: Pid, limit: u32) {
        if let Some(process) = self.processes.get_mut(pid) {
            process.fds.limit = i32::try_from(limit).unwrap_or(i32::MAX);
        }
    }

    /// Another task of a process (`clone(CLONE_THREAD)`): it shares the descriptors.
    pub fn spawn_thread(&mut self, pid: Pid, tid: Tid) {
        self.tasks.put(tid, Task::new(pid));
    }

    /// A task enters the kernel. Nothing is done yet: [`Kernel::proceed`] does the work, so that the
    /// entry is a moment of its own.
    pub fn syscall(&mut self, tid: Tid, call: Rc<Syscall>, now: Time, choices: &mut Choices) {
        self.enter(Some(tid), now, choices, |kernel, cx| {
            let (name, fd) = (call.name(), call.fd().unwrap_or(-1));
            cx.emit(EventKind::SyscallEntered { call: name, fd });
            if let Some(task) = kernel.tasks.get_mut(tid) {
                let asked = Rc::clone(&call);
                let progress = Progress::Entered(call);
                task.state = TaskState::InCall(InCall {
                    call: name,
                    fd,
                    asked,
                    progress,
                    until: None,
                });
            }
        });
    }

    /// Begins the work of a call.
    fn begin_call(&mut self, cx: &mut Cx, tid: Tid, call: &Rc<Syscall>) -> Progress {
        let progress = self.dispatch(cx, tid, call);
        if let Progress::Waiting(blocked) = &progress {
            // A call that waits holds its files, so that close(2) does not pull them away.
            for file in blocked.files() {
                self.hold(file);
            }
        }
        progress
    }

    /// Goes on with the call that a task is in: after it was entered, after its packets were delivered, or after it was
    /// woken and scheduled.
    pub fn proceed(&mut self, tid: Tid, now: Time, choices: &mut Choices) -> Step {
        self.enter(Some(tid), now, choices, |kernel, cx| {
            kernel.advance(cx, tid)
        })
    }

    /// Whether a task is inside a call.
    pub fn is_in_call(&self, tid: Tid) -> bool {
        self.tasks
            .get(tid)
            .is_some_and(|task| matches!(task.state, TaskState::InCall(_)))
    }

    fn advance(&mut self, cx: &mut Cx, tid: Tid) -> Step {
        let Some(task) = self.tasks.get_mut(tid) else {
            return Step::Asleep;
        };
        let TaskState::InCall(in_call) = task.state.clone() else {
            return Step::Asleep;
        };
        let InCall {
            call,
            fd,
            asked,
            progress,
            mut until,
        } = in_call;
        let time_up = until.is_some_and(|at| at <= cx.now);
        let (next, step) = match progress {
            Progress::Done(reply) => {
                let interrupted = reply.result == Err(Errno::EINTR);
                match self.take_signals(tid, interrupted) {
                    Err(ended) => (Progress::Ending(ended), Step::Busy),
                    Ok(handlers) => {
                        let ret = reply.returned();
                        cx.emit(EventKind::SyscallReturned { call, fd, ret });
                        return self.enter_user(cx, tid, Some(reply), handlers);
                    }
                }
            }
            Progress::Leaving(status) => {
                self.end_task(cx, tid);
                return Step::Ended(Ended::Exited(status));
            }
            Progress::Ending(ended) if self.end_others(cx, tid, ended) => {
                (Progress::Ending(ended), Step::Busy)
            }
            Progress::Again => match self.take_signals(tid, true) {
                Err(ended) => (Progress::Ending(ended), Step::Busy),
                Ok(handlers) if handlers.is_empty() => {
                    (Progress::Entered(Rc::clone(&asked)), Step::Busy)
                }
                Ok(handlers) => return self.enter_user(cx, tid, None, handlers),
            },
            // Each descriptor sends what its end sends before the next is closed.
            Progress::Ending(ended) if self.close_last(cx, tid) => {
                (Progress::Ending(ended), Step::Busy)
            }
            Progress::Ending(ended) => {
                self.end_process(cx, tid, ended);
                return Step::Ended(ended);
            }
            Progress::Entered(call) => {
                let progress = self.begin_call(cx, tid, &call);
                if let Progress::Waiting(blocked) = &progress {
                    until = self.time_limit(blocked, cx.now);
                }
                (progress, Step::Busy)
            }
            Progress::NotModelled(what) => (Progress::NotModelled(what), Step::NotModelled(what)),
            Progress::Asleep(blocked) => (Progress::Asleep(blocked), Step::Asleep),
            Progress::Waiting(blocked)
                if !time_up
                    && !self.is_ready(tid, &blocked, cx.now)
                    && self.next_signal(tid).is_some() =>
            {
                let next = self.interrupted(cx, tid, &blocked, until);
                if !matches!(next, Progress::Waiting(_)) {
                    self.let_go(cx, tid, &blocked);
                }
                (next, Step::Busy)
            }
            Progress::Waiting(blocked) if !time_up && !self.is_ready(tid, &blocked, cx.now) => {
                let (on, sock) = blocked.waits_for();
                cx.emit(EventKind::TaskSlept { on, sock });
                let limits = blocked.deadline().into_iter().chain(until);
                self.set_task_alarm(tid, limits.min());
                self.sleeps += 1;
                if let Some(task) = self.tasks.get_mut(tid) {
                    task.slept = self.sleeps;
                }
                (Progress::Asleep(blocked), Step::Asleep)
            }
            Progress::Waiting(blocked) | Progress::Woken(blocked) => {
                let fresh = blocked.is_between();
                let (next, step) = match self.retry(cx, tid, &blocked) {
                    Progress::Waiting(blocked) if time_up && !blocked.is_between() => {
                        let next = self.timed_out(cx, &blocked);
                        self.pass_on(cx, tid, &blocked, &next);
                        (next, Step::Busy)
                    }
                    other => (other, Step::Busy),
                };
                // Each message has its own time.
                if let Progress::Waiting(blocked) = &next
                    && (fresh || blocked.is_between())
                {
                    until = self.time_limit(blocked, cx.now);
                }
                (next, step)
            }
        };
        if let Progress::NotModelled(what) = next {
            self.cut_off(cx, what);
        }
        if let Some(task) = self.tasks.get_mut(tid) {
            task.state = TaskState::InCall(InCall {
                call,
                fd,
                asked,
                progress: next,
                until,
            });
        }
        step
    }

    /// A task goes back to user space, and runs handlers first if there are any.
    fn enter_user(
        &mut self,
        cx: &mut Cx,
        tid: Tid,
        reply: Option<Reply>,
        handlers: Vec<Delivery>,
    ) -> Step {
        if let Some(task) = self.tasks.get_mut(tid) {
            task.state = TaskState::User;
        }
        self.tell_handlers(cx, tid, &handlers);
        match reply {
            Some(reply) if handlers.is_empty() => Step::Returned(reply),
            reply => Step::Handlers { reply, handlers },
        }
    }

    /// Wakes the tasks that sleep on a socket and for which it has become ready.
    pub(crate) fn wake(&mut self, cx: &mut Cx, _: SockId, because: Rule) {
        self.wake_ready(cx, because);
    }

    /// Wakes the tasks that would get further now, in the order of Linux's wait queues: those that share
    /// first, the one that came last at the head; then those that wait exclusively, first come first
    /// served (in epoll_wait(2) the last comes first), and of these only as many as find something.
    pub(crate) fn wake_ready(&mut self, cx: &mut Cx, because: Rule) {
        let mut taken: Vec<Queue> = Vec::new();
        let (mut shared, mut exclusive) = (Vec::new(), Vec::new());
        for (tid, task) in self.tasks.iter() {
            let TaskState::InCall(in_call) = &task.state else {
                continue;
            };
            match &in_call.progress {
                Progress::Woken(blocked) => taken.extend(blocked.queue()),
                Progress::Asleep(blocked) if self.is_ready(tid, blocked, cx.now) => {
                    match blocked.queue() {
                        None => shared.push((task.slept, tid)),
                        Some(queue) => {
                            // epoll_wait(2) stands at the head of its queue
                            // (__add_wait_queue_exclusive()), everybody else at the tail.
                            let order = match queue {
                                Queue::Epoll(_) => u64::MAX - task.slept,
                                Queue::Accept(_) | Queue::Room(_) | Queue::Pipe(_) => task.slept,
                            };
                            exclusive.push((order, tid, queue));
                        }
                    }
                }
                Progress::Asleep(_)
                | Progress::Entered(_)
                | Progress::Done(_)
                | Progress::Waiting(_)
                | Progress::Again
                | Progress::Ending(_)
                | Progress::Leaving(_)
                | Progress::NotModelled(_) => {}
            }
        }
        sort_by_key(&mut shared, |waiter| *waiter);
        sort_by_key(&mut exclusive, |waiter| *waiter);
        for (_, tid) in shared.into_iter().rev() {
            self.wake_task(cx, tid, because);
        }
        for (_, tid, queue) in exclusive {
            let ahead = taken.iter().filter(|q| **q == queue).count();
            if ahead < self.in_line(queue) {
                taken.push(queue);
                self.wake_task(cx, tid, because);
            }
        }
    }

    /// How many exclusive waiters would find something.
    fn in_line(&self, queue: Queue) -> usize {
        match queue {
            Queue::Accept(sock) => self
                .sockets
                .get(sock)
                .and_then(|s| s.waiting())
                .unwrap_or(usize::MAX),
            Queue::Room(sock) => self.unix(sock).map_or(usize::MAX, Unix::room),
            Queue::Epoll(_) | Queue::Pipe(_) => 1,
        }
    }

    /// Whether a task sleeps in epoll_wait(2) on the instance.
    pub(crate) fn has_waiter(&self, epoll: FileId) -> bool {
        self.tasks.iter().any(|(_, task)| {
            let TaskState::InCall(in_call) = &task.state else {
                return false;
            };
            let Progress::Asleep(blocked) = &in_call.progress else {
                return false;
            };
            matches!(&**blocked, Blocked::Epoll { file, .. } if *file == epoll)
        })
    }

    /// Calls that wait and hold a file, each with what it waits for.
    pub(crate) fn waits_at(&self, file: FileId) -> impl Iterator<Item = (&InCall, &Blocked)> {
        self.tasks.iter().filter_map(move |(_, task)| {
            let TaskState::InCall(call) = &task.state else {
                return None;
            };
            let (Progress::Waiting(b) | Progress::Asleep(b) | Progress::Woken(b)) = &call.progress
            else {
                return None;
            };
            b.files().contains(&file).then(|| (call, b.heart()))
        })
    }

    /// Wakes one task.
    pub(crate) fn wake_task(&mut self, cx: &mut Cx, tid: Tid, because: Rule) {
        self.set_task_alarm(tid, None);
        let Some(task) = self.tasks.get_mut(tid) else {
            return;
        };
        let TaskState::InCall(in_call) = &mut task.state else {
            return;
        };
        let Progress::Asleep(blocked) = &in_call.progress else {
            return;
        };
        let (on, sock) = blocked.waits_for();
        in_call.progress = Progress::Woken(blocked.clone());
        cx.effects.woken.push(tid);
        let entered_for = cx.task.replace(tid);
        cx.emit(EventKind::TaskWoke { on, sock, because });
        cx.task = entered_for;
    }

    fn set_task_alarm(&mut self, tid: Tid, at: Option<Time>) {
        let alarms = &mut self.alarms;
        alarms.retain(|(_, alarm), ()| *alarm != Alarm::Task(tid));
        if let Some(at) = at {
            alarms.insert((at, Alarm::Task(tid)), ());
        }
    }

    /// `do_exit()`: the descriptors are closed, the process stays as one that has ended.
    pub(crate) fn end_process(&mut self, cx: &mut Cx, tid: Tid, ended: Ended) {
        let Some(pid) = self.tasks.get(tid).map(|t| t.pid) else {
            return;
        };
        if self.processes.get(pid).is_none_or(|p| p.ended.is_some()) {
            return;
        }
        cx.emit(match ended {
            Ended::Exited(status) => EventKind::ProcessExited {
                pid,
                status: i32::from(status),
            },
            Ended::Killed(signal) => EventKind::ProcessKilled { pid, signal },
        });
        self.end_tasks(cx, pid);
        let Some(process) = self.processes.get_mut(pid) else {
            return;
        };
        process.ended = Some(ended);
        process.pending = SortedMap::default();
        self.set_timer(pid, None);
        while self.close_last(cx, tid) {}
        self.tell_family(cx, pid);
    }

    /// `exit_files()`, `task_work_run()`: closes the highest descriptor of a process that ends. The files are let go
    /// as task work, of which the last comes first. Returns whether there was one.
    fn close_last(&mut self, cx: &mut Cx, tid: Tid) -> bool {
        let pid = self.tasks.get(tid).map(|task| task.pid);
        let process = pid.and_then(|pid| self.processes.get(pid));
        let last = process.and_then(|process| process.fds.iter().map(|(fd, _)| fd).last());
        let (Some(pid), Some(fd)) = (pid, last) else {
            return false;
        };
        self.close_descriptor(cx, pid, fd, Rule::ProcessEnd)
    }

    /// Every task of a process ends where it is; files that a call held are let go.
    fn end_tasks(&mut self, cx: &mut Cx, pid: Pid) {
        for tid in self.living(pid) {
            self.stop_task(cx, tid);
        }
    }

    /// A task ends where it is.
    pub(crate) fn stop_task(&mut self, cx: &mut Cx, tid: Tid) {
        let Some(task) = self.tasks.get_mut(tid) else {
            return;
        };
        let state = std::mem::replace(&mut task.state, TaskState::Ended);
        self.set_task_alarm(tid, None);
        if let TaskState::InCall(InCall {
            progress: Progress::Waiting(b) | Progress::Asleep(b) | Progress::Woken(b),
            ..
        }) = state
        {
            self.let_go(cx, tid, &b);
        }
    }

    /// Ends a process from outside, as SIGKILL would; for a run that is over.
    pub fn kill(&mut self, tid: Tid, signal: u8, now: Time, choices: &mut Choices) {
        self.enter(Some(tid), now, choices, |kernel, cx| {
            kernel.end_process(cx, tid, Ended::Killed(signal));
        });
    }

    /// Frees a descriptor number and lets its file go. Returns whether it was in use.
    pub(crate) fn close_descriptor(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        because: Rule,
    ) -> bool {
        let Some(process) = self.processes.get_mut(pid) else {
            return false;
        };
        let Some(file) = process.fds.remove(fd) else {
            process.fds.cancel(fd);
            return false;
        };
        let refs_left = self.files.get(file).map_or(0, |open| open.refs - 1);
        cx.emit(EventKind::DescriptorClosed {
            pid,
            fd,
            file,
            refs_left,
        });
        self.release_file(cx, file, because);
        true
    }

    /// Takes a reference to a file for the length of a call (`fdget()`).
    pub(crate) fn hold(&mut self, file: FileId) {
        if let Some(open) = self.files.get_mut(file) {
            open.refs += 1;
        }
    }

    /// A call that goes on waiting keeps what it holds, or what it holds now; any other lets go.
    pub(crate) fn pass_on(&mut self, cx: &mut Cx, tid: Tid, old: &Blocked, next: &Progress) {
        if let Progress::Waiting(new) = next {
            let files = new.files();
            if files == old.files() {
                return;
            }
            for file in files {
                self.hold(file);
            }
        }
        self.let_go(cx, tid, old);
    }

    /// Gives back what a call held: its files, and a descriptor number that it had reserved.
    pub(crate) fn let_go(&mut self, cx: &mut Cx, tid: Tid, blocked: &Blocked) {
        if let (Blocked::Accept { reserved, .. }, Some(pid)) =
            (blocked, self.tasks.get(tid).map(|t| t.pid))
            && let Some(process) = self.processes.get_mut(pid)
        {
            process.fds.cancel(*reserved);
        }
        for file in blocked.files() {
            self.release_file(cx, file, Rule::LastClose);
        }
    }
}
