//! Granting calls and waiting for them.
//!
//! Whenever this process waits, it also moves what the puppets' streams hold, takes replies from all
//! of them and hears from the supervisor: so nothing that one puppet does can hold another up.

use super::shared::{SLOTS, Slot};
use super::stage::{PATIENCE, Stage};
use super::streams::{Streams, Which};
use super::watch::TaskWatch;
use super::wire::{self, FromPuppet, FromSupervisor, Inbox, ToPuppet};
use super::{Chunk, End, Error, Puppet, Settled, Stream};
use crate::abi::{Delivery, Reply, Syscall, UserIn};
use nix::errno::Errno as Sys;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::socket::MsgFlags;
use nix::sys::time::TimeSpec;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long to wait for a reply before the first look at the task, and how long at most between
/// looks. A call that does not sleep is usually back before the first look.
const FIRST_LOOK: Duration = Duration::from_micros(50);
const LAST_LOOK: Duration = Duration::from_millis(2);

/// A terminal passes bytes on through a worker of the kernel: so long is waited for them.
const TERMINAL_LAG: Duration = Duration::from_millis(200);

/// One puppet as this process knows it.
pub(super) struct Actor {
    /// As this process sees it, and as the stage's PID namespace does.
    pub(super) pid: i32,
    pub(super) own_pid: i32,
    /// The number of its task, as the puppets see it.
    pub(super) own_tid: i32,
    pub(super) slot: u32,
    /// `None` once the puppet has closed its end.
    pub(super) control: Option<OwnedFd>,
    pub(super) inbox: Inbox,
    pub(super) streams: Streams,
    /// `None` once it has ended.
    pub(super) watch: Option<TaskWatch>,
    /// The number of its last call, and how often it had slept before that.
    pub(super) seq: u64,
    pub(super) switches: u64,
    pub(super) doing: Doing,
    pub(super) ended: Option<End>,
    pub(super) tty: bool,
    /// Bytes that successful calls wrote to a terminal at descriptor 1.
    pub(super) written_to_tty: usize,
    /// It is a copy of another puppet, whose child it is.
    pub(super) forked: bool,
    /// The puppet whose streams it shares, if they are another's.
    pub(super) origin: Option<Puppet>,
    /// Where the copy or thread will count that it is about to make.
    pub(super) fork_slot: Option<u32>,
    /// What it makes is a thread.
    pub(super) makes_thread: bool,
    /// The status with which it was told to end.
    pub(super) exit_status: Option<i32>,
    /// It was told to end alone (exit(2)), as the others of its process were not.
    pub(super) leaves: bool,
    /// What has ended it, if a signal has and no other trace is left of that.
    pub(super) likely_signal: i32,
}

/// What a puppet is doing.
pub(super) enum Doing {
    /// Waiting for a call.
    Idle,
    /// In a call; whether that writes to descriptor 1.
    Call { to_stdout: bool },
    /// Back from it; nobody has asked for the answer yet.
    Returned(Result<Answer, Error>),
}

/// What a call gave, and the handlers that run before its program goes on.
pub(super) struct Answer {
    /// None: it is to be made again.
    reply: Option<Reply>,
    handlers: Vec<Delivery>,
}

/// Something that was waited for and is ready.
enum Ready {
    Link,
    Capture,
    Control(Puppet),
    Stream(Puppet, Which),
}

impl Stage {
    /// Hands over one call. The puppet must be in none.
    ///
    /// A sleep that nothing but time can end is refused if it is longer than the stage waits.
    pub fn start(&mut self, puppet: Puppet, call: &Syscall) -> Result<(), Error> {
        if let Some(asked) = certain_sleep(call)
            && asked > self.config.longest_wait
        {
            let bound = self.config.longest_wait;
            return Err(Error::WaitTooLong { asked, bound });
        }
        let actor = self.actors.get_mut(&puppet).ok_or(Error::NoSuchPuppet)?;
        if actor.ended.is_some() {
            return Err(Error::AlreadyEnded);
        }
        match actor.doing {
            Doing::Idle => {}
            Doing::Call { .. } | Doing::Returned(_) => return Err(Error::Busy),
        }
        // Unique in the stage: a slot is used again, and must not seem to be in an old call.
        self.last_call += 1;
        actor.seq = self.last_call;
        actor.switches = actor.watch.as_ref().map_or(0, TaskWatch::switches);
        let to_stdout = matches!(call, Syscall::Write { fd: 1, .. });
        actor.doing = Doing::Call { to_stdout };
        let seq = actor.seq;
        let order = match call {
            Syscall::Fork | Syscall::Clone3 { .. } => {
                let bound = SLOTS;
                let slot = self
                    .free_slots
                    .pop()
                    .ok_or(Error::TooManyPuppets { bound })?;
                actor.fork_slot = Some(slot);
                match call {
                    Syscall::Clone3 { child_tid, .. } => ToPuppet::Thread {
                        seq,
                        slot,
                        clear_tid: *child_tid,
                    },
                    _ => ToPuppet::Fork { seq, slot },
                }
            }
            call => ToPuppet::Call {
                seq,
                call: call.clone(),
            },
        };
        if let Syscall::ExitGroup { status } | Syscall::Exit { status } = call {
            actor.exit_status = Some(*status);
            actor.leaves = matches!(call, Syscall::Exit { .. });
        }
        actor.makes_thread = matches!(call, Syscall::Clone3 { .. });
        actor.likely_signal = match call {
            Syscall::Write { .. }
            | Syscall::Writev { .. }
            | Syscall::Sendto { .. }
            | Syscall::Sendmsg { .. } => libc::SIGPIPE,
            _ => libc::SIGKILL,
        };
        if let Syscall::Kill { pid, sig } = call {
            let mut living = self.actors.values_mut();
            let target = living.find(|actor| actor.ended.is_none() && actor.own_pid == *pid);
            if let Some(target) = target {
                target.likely_signal = *sig;
            }
        }
        let actor = self.actors.get_mut(&puppet).ok_or(Error::NoSuchPuppet)?;
        let Some(control) = &actor.control else {
            return Ok(());
        };
        match wire::send_framed(control.as_fd(), &order) {
            // It has died in the meantime: how will be known when it is reaped.
            Ok(()) | Err(Sys::EPIPE | Sys::ECONNRESET) => Ok(()),
            Err(errno) => Err(Error::system("ordering a call")(errno)),
        }
    }

    /// Waits until the puppet's call has returned, or its task sleeps in it, or the puppet has ended;
    /// for `bound` at most. May be asked again for as long as the call has not returned.
    pub fn settle(&mut self, puppet: Puppet, bound: Duration) -> Result<Settled, Error> {
        let deadline = Instant::now() + bound;
        let mut pause = FIRST_LOOK;
        let mut seen_asleep = false;
        loop {
            // Moved bytes may be what the call was waiting for.
            let moved = self.pump(pause)?;
            if let Some(settled) = self.take_outcome(puppet)? {
                return Ok(settled);
            }
            let asleep = !moved && self.backlog.idle() && self.sleeps_in_call(puppet)?;
            // Twice in a row: a packet that is being received is in no queue for a moment.
            if asleep && seen_asleep {
                return Ok(Settled::Asleep);
            }
            seen_asleep = asleep;
            if Instant::now() >= deadline {
                return Ok(Settled::StillRunning);
            }
            if !asleep {
                pause = (pause * 2).min(LAST_LOOK);
            }
        }
    }

    /// Waits until the call of any of these puppets has returned, or one of them has ended; for
    /// `bound` at most. `None` at the bound. Never gives [`Settled::Asleep`]. Each must be in a call or
    /// have ended; of several that are ready, the one named first is given.
    pub fn wait(
        &mut self,
        puppets: &[Puppet],
        bound: Duration,
    ) -> Result<Option<(Puppet, Settled)>, Error> {
        let deadline = Instant::now() + bound;
        let mut left = Some(bound);
        loop {
            for puppet in puppets {
                if let Some(settled) = self.take_outcome(*puppet)? {
                    return Ok(Some((*puppet, settled)));
                }
            }
            // One look at least, even without any time to wait.
            let Some(time) = left else { return Ok(None) };
            self.pump(time)?;
            left = deadline.checked_duration_since(Instant::now());
        }
    }

    /// Executes one call that is expected to return: [`Stage::start`], then waiting, asleep or not.
    pub fn call(
        &mut self,
        puppet: Puppet,
        call: &Syscall,
        bound: Duration,
    ) -> Result<Reply, Error> {
        self.start(puppet, call)?;
        match self.wait(&[puppet], bound)? {
            Some((_, Settled::Returned(reply))) => Ok(reply),
            Some((_, Settled::Ended(_))) => Err(Error::AlreadyEnded),
            Some((_, Settled::Handlers { .. } | Settled::Asleep | Settled::StillRunning))
            | None => Err(Error::NoAnswer {
                waiting_for: "a system call's return",
            }),
        }
    }

    /// What the puppet has written to what its descriptors 1 and 2 were at first, in order as long
    /// as each call is settled before the next.
    pub fn output(&self, puppet: Puppet) -> Result<&[Chunk], Error> {
        let actor = self.actors.get(&puppet).ok_or(Error::NoSuchPuppet)?;
        Ok(actor.streams.chunks())
    }

    /// All that the puppet has written to one of its streams.
    pub fn written(&self, puppet: Puppet, stream: Stream) -> Result<Vec<u8>, Error> {
        let chunks = self.output(puppet)?.iter();
        let of_stream = chunks.filter(|chunk| chunk.stream == stream);
        Ok(of_stream.flat_map(|chunk| chunk.bytes.clone()).collect())
    }

    /// Forgets a puppet that has ended, and what it wrote.
    pub fn forget(&mut self, puppet: Puppet) -> Result<(), Error> {
        let actor = self.actors.get(&puppet).ok_or(Error::NoSuchPuppet)?;
        if actor.ended.is_none() {
            return Err(Error::Busy);
        }
        self.actors.remove(&puppet);
        Ok(())
    }

    /// The outcome of the puppet's call, if it has one, its output included.
    fn take_outcome(&mut self, puppet: Puppet) -> Result<Option<Settled>, Error> {
        let actor = self.actors.get_mut(&puppet).ok_or(Error::NoSuchPuppet)?;
        match std::mem::replace(&mut actor.doing, Doing::Idle) {
            Doing::Returned(answer) => {
                let Answer { reply, handlers } = answer?;
                self.drain_output(puppet)?;
                Ok(Some(match reply {
                    Some(reply) if handlers.is_empty() => Settled::Returned(reply),
                    reply => Settled::Handlers { reply, handlers },
                }))
            }
            Doing::Idle => match actor.ended {
                Some(end) => Ok(Some(Settled::Ended(end))),
                None => Err(Error::Idle),
            },
            Doing::Call { to_stdout } => {
                if let Some(end) = actor.ended {
                    self.drain_output(puppet)?;
                    return Ok(Some(Settled::Ended(end)));
                }
                actor.doing = Doing::Call { to_stdout };
                Ok(None)
            }
        }
    }

    /// Takes over what the calls so far have written.
    pub(crate) fn drain_output(&mut self, puppet: Puppet) -> Result<(), Error> {
        let actor = self.actors.get(&puppet).ok_or(Error::NoSuchPuppet)?;
        let puppet = actor.origin.unwrap_or(puppet);
        let deadline = Instant::now() + TERMINAL_LAG;
        loop {
            let actor = self.actors.get_mut(&puppet).ok_or(Error::NoSuchPuppet)?;
            actor.streams.advance(Which::Output(Stream::Stdout))?;
            actor.streams.advance(Which::Output(Stream::Stderr))?;
            let lags = actor.tty && actor.streams.stdout_total() < actor.written_to_tty;
            if !lags {
                return Ok(());
            }
            if Instant::now() >= deadline {
                // Descriptor 1 is not the terminal any more: there is nothing to wait for.
                actor.tty = false;
                return Ok(());
            }
            self.pump(FIRST_LOOK)?;
        }
    }

    /// Whether the kernel says that the puppet's task sleeps in the call that it was given.
    fn sleeps_in_call(&self, puppet: Puppet) -> Result<bool, Error> {
        let actor = self.actors.get(&puppet).ok_or(Error::NoSuchPuppet)?;
        let writer = actor.origin.and_then(|origin| self.actors.get(&origin));
        if writer.unwrap_or(actor).tty && matches!(actor.doing, Doing::Call { to_stdout: true }) {
            // It waits for the terminal's worker, which this process cannot see.
            return Ok(false);
        }
        let slot: &Slot = self.counters.slot(actor.slot as usize);
        // In this order: see `shared.rs`.
        Ok(slot.has_entered(actor.seq)
            && actor.watch.as_ref().is_some_and(|watch| {
                // Where the count cannot be read, it is the same all the time.
                let switches = watch.switches();
                watch.sleeps() && (switches > actor.switches || switches == u64::MAX)
            })
            && !slot.has_left(actor.seq))
    }

    /// Waits until anything happens, for `timeout` at most, and deals with all of it. Says whether
    /// bytes moved to or from a puppet's streams.
    pub(super) fn pump(&mut self, timeout: Duration) -> Result<bool, Error> {
        let mut moved = false;
        for ready in self.poll(timeout)? {
            match ready {
                Ready::Link => self.hear_supervisor()?,
                Ready::Capture => self.collect_segments()?,
                Ready::Control(puppet) => self.hear_puppet(puppet)?,
                Ready::Stream(puppet, which) => {
                    let actor = self.actors.get_mut(&puppet).ok_or(Error::NoSuchPuppet)?;
                    moved |= actor.streams.advance(which)?;
                }
            }
        }
        Ok(moved)
    }

    fn poll(&self, timeout: Duration) -> Result<Vec<Ready>, Error> {
        let mut fds = vec![PollFd::new(self.link.as_fd(), PollFlags::POLLIN)];
        let mut meanings = vec![Ready::Link];
        if let Ok(capture) = &self.capture {
            fds.push(PollFd::new(capture.as_fd(), PollFlags::POLLIN));
            meanings.push(Ready::Capture);
        }
        for (puppet, actor) in &self.actors {
            if let Some(control) = &actor.control {
                fds.push(PollFd::new(control.as_fd(), PollFlags::POLLIN));
                meanings.push(Ready::Control(*puppet));
            }
            for (which, fd) in actor.streams.open_ends() {
                let events = match which {
                    Which::Stdin => PollFlags::POLLOUT,
                    Which::Output(_) => PollFlags::POLLIN,
                };
                fds.push(PollFd::new(fd, events));
                meanings.push(Ready::Stream(*puppet, which));
            }
        }
        let timeout = TimeSpec::from_duration(timeout.min(PATIENCE));
        match ppoll(&mut fds, Some(timeout), None) {
            Ok(_) => {}
            Err(Sys::EINTR) => return Ok(Vec::new()),
            Err(errno) => return Err(Error::system("waiting for puppets")(errno)),
        }
        let ready = fds.iter().map(|fd| fd.any().unwrap_or(true));
        let pairs = meanings.into_iter().zip(ready);
        Ok(pairs.filter(|(_, ready)| *ready).map(|(m, _)| m).collect())
    }

    fn hear_supervisor(&mut self) -> Result<(), Error> {
        let message = wire::receive_on_link(self.link.as_fd(), MsgFlags::MSG_DONTWAIT);
        match message {
            Ok(Some((FromSupervisor::Ended { pid, end }, _))) => {
                self.note_end(pid, end);
                Ok(())
            }
            Ok(Some(_)) => Err(Error::Garbled {
                what: "the supervisor's report",
            }),
            Ok(None) => Err(Error::StageGone),
            Err(Sys::EAGAIN) => Ok(()),
            Err(errno) => Err(Error::system("hearing from the supervisor")(errno)),
        }
    }

    fn hear_puppet(&mut self, puppet: Puppet) -> Result<(), Error> {
        let actor = self.actors.get_mut(&puppet).ok_or(Error::NoSuchPuppet)?;
        let garbled = Error::system("hearing from a puppet");
        let Some(control) = &actor.control else {
            return Ok(());
        };
        match actor.inbox.take_from(control.as_fd()) {
            Ok(arrival) if arrival.got.is_none() => {
                actor.control = None;
                if !self.has_left(puppet) {
                    self.note_end_of_copy(puppet);
                }
                return Ok(());
            }
            Ok(_) | Err(Sys::EAGAIN | Sys::EINTR) => {}
            Err(errno) => return Err(garbled(errno)),
        }
        let message = actor.inbox.next::<FromPuppet>().map_err(garbled)?;
        let answer = match message {
            None => return Ok(()),
            Some(FromPuppet::Returned { reply, .. }) => Ok(Answer {
                reply: Some(reply),
                handlers: Vec::new(),
            }),
            Some(FromPuppet::Signalled {
                reply, handlers, ..
            }) => Ok(Answer { reply, handlers }),
            Some(FromPuppet::Strange { errno, .. }) => Err(Error::StrangeErrno(errno)),
            Some(FromPuppet::Unable(unable)) => Err(unable.into()),
            Some(FromPuppet::Hello) => Err(Error::Garbled {
                what: "a puppet's answer",
            }),
        };
        let value = answer
            .as_ref()
            .ok()
            .and_then(|answer| answer.reply.as_ref());
        let value = value.map(|reply| reply.result.unwrap_or(0));
        let written = match (&actor.doing, value) {
            (Doing::Call { to_stdout: true }, Some(count)) => count as usize,
            _ => 0,
        };
        let origin = actor.origin;
        let copy = match (value, actor.inbox.rights.pop(), actor.fork_slot.take()) {
            (Some(pid), Some(control), Some(slot)) => Some((control, pid as i32, slot)),
            (_, _, slot) => {
                self.free_slots.extend(slot);
                None
            }
        };
        actor.doing = Doing::Returned(answer);
        let makes_thread = actor.makes_thread;
        if let Some(writer) = self.actors.get_mut(&origin.unwrap_or(puppet)) {
            writer.written_to_tty += written;
        }
        match copy {
            Some((control, tid, slot)) if makes_thread => {
                self.adopt_thread(puppet, control, tid, slot)
            }
            Some((control, own_pid, slot)) => self.adopt(puppet, control, own_pid, slot),
            None => Ok(()),
        }
    }
}

/// How long the call sleeps if nothing but time can end it.
fn certain_sleep(call: &Syscall) -> Option<Duration> {
    let Syscall::Nanosleep {
        req: UserIn::Bytes(bytes),
        ..
    } = call
    else {
        return None;
    };
    let seconds = i64::from_le_bytes(*bytes.first_chunk()?);
    let nanos = i64::from_le_bytes(*bytes.get(8..)?.first_chunk()?);
    // What is out of range does not sleep: EINVAL.
    let nanos = u32::try_from(nanos).ok().filter(|n| *n < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(seconds).ok()?, nanos))
}
