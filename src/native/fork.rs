//! fork(2): a puppet is copied, and the copy becomes a puppet of its own.
//!
//! The puppet makes a socket pair, forks, and hands one end to the stage with the answer; the copy takes
//! the other end as its control socket, at the same hidden number, and says hello. It is its puppet's
//! child, so that wait4(2) finds it; how it ended is read from /proc while it is a zombie.

use super::pump::{Actor, Doing};
use super::puppet;
use super::shared::Slot;
use super::signals;
use super::stage::{Stage, greet};
use super::streams::Streams;
use super::supervisor::{close_range, exit};
use super::thread;
use super::watch::TaskWatch;
use super::wire::{self, FromPuppet, Unable};
use super::{End, Error, Puppet};
use crate::abi::{Errno, Reply};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, setsockopt, socketpair, sockopt};
use nix::unistd::{ForkResult, fork};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// Which of the two processes this is.
pub(super) enum Side {
    /// The one that was there; whether the stage still listens.
    Parent(bool),
    /// The copy.
    Child,
}

/// Copies this puppet.
pub(super) fn copy(control: BorrowedFd<'_>, slot: &Slot, seq: u64) -> Side {
    // The hidden number lies above the program's limit, and the program may use all below.
    let limits = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((0, 0));
    let _ = setrlimit(Resource::RLIMIT_NOFILE, limits.1, limits.1);
    let side = copy_with(control, slot, seq);
    let _ = setrlimit(Resource::RLIMIT_NOFILE, limits.0, limits.1);
    side.unwrap_or_else(|errno| {
        let unable = Unable::when("copying a puppet")(errno);
        Side::Parent(wire::send_framed(control, &FromPuppet::Unable(unable)).is_ok())
    })
}

fn copy_with(control: BorrowedFd<'_>, slot: &Slot, seq: u64) -> nix::Result<Side> {
    let (unix, stream) = (AddressFamily::Unix, SockType::Stream);
    let (stage, own) = socketpair(unix, stream, None, SockFlag::SOCK_CLOEXEC)?;
    setsockopt(&stage, sockopt::PassCred, &true)?;
    slot.enter(seq);
    let words = thread::words();
    // SAFETY: what other threads of this process may hold is the allocator alone, which fork(3) makes usable, and
    // the words, which this one holds.
    let forked = unsafe { fork() };
    drop(words);
    if !matches!(forked, Ok(ForkResult::Child)) {
        slot.leave(seq);
    }
    match forked {
        Ok(ForkResult::Parent { child }) => {
            drop(own);
            let reply = Reply::ok(child.as_raw() as u64);
            signals::look();
            let answer = match signals::noted() {
                handlers if handlers.is_empty() => FromPuppet::Returned { seq, reply },
                handlers => FromPuppet::Signalled {
                    seq,
                    reply: Some(reply),
                    handlers,
                },
            };
            let sent = wire::send_framed_with(control, &answer, Some(stage.as_raw_fd()));
            Ok(Side::Parent(sent.is_ok()))
        }
        Ok(ForkResult::Child) => {
            // SAFETY: numbers only; the copy's old control socket is the other process's.
            let moved = unsafe { libc::dup2(own.as_raw_fd(), control.as_raw_fd()) };
            drop((own, stage));
            // Those of the other tasks, which the copy has not.
            let (first, number) = (puppet::hidden(), control.as_raw_fd());
            let closed = close_range(first, number - 1).and(close_range(number + 1, i32::MAX));
            thread::alone();
            if moved < 0
                || closed.is_err()
                || wire::send_framed(control, &FromPuppet::Hello).is_err()
            {
                exit(1);
            }
            // Nothing waits for a new process.
            signals::noted();
            Ok(Side::Child)
        }
        Err(errno) => {
            let errno = Errno::from_number(errno as i32).ok_or(errno)?;
            let reply = Reply::error(errno);
            let answer = FromPuppet::Returned { seq, reply };
            Ok(Side::Parent(wire::send_framed(control, &answer).is_ok()))
        }
    }
}

impl Stage {
    /// Puppets that fork(2) and clone3(2) have made since the last time, each behind the one that made the call. What
    /// they write to descriptors 1 and 2 is found with the original's.
    pub fn take_forked(&mut self) -> Vec<(Puppet, Puppet)> {
        std::mem::take(&mut self.forked)
    }

    /// The number of a puppet's task as the puppets see it: of the first of a process, the process's.
    pub fn pid(&self, puppet: Puppet) -> Result<i32, Error> {
        let actor = self.actors.get(&puppet).ok_or(Error::NoSuchPuppet)?;
        Ok(actor.own_tid)
    }

    /// A copy of a puppet has come with its control socket.
    pub(super) fn adopt(
        &mut self,
        parent: Puppet,
        control: OwnedFd,
        own_pid: i32,
        slot: u32,
    ) -> Result<(), Error> {
        let (pid, inbox) = greet(&control)?;
        let of = self.actors.get(&parent).ok_or(Error::NoSuchPuppet)?;
        let origin = Some(of.origin.unwrap_or(parent));
        let watch = TaskWatch::open(pid, pid).ok();
        let child = self.new_puppet(Actor {
            pid,
            own_pid,
            own_tid: own_pid,
            slot,
            control: Some(control),
            inbox,
            streams: Streams::none(),
            watch,
            seq: 0,
            switches: 0,
            doing: Doing::Idle,
            ended: None,
            tty: false,
            written_to_tty: 0,
            forked: true,
            origin,
            fork_slot: None,
            makes_thread: false,
            exit_status: None,
            leaves: false,
            likely_signal: libc::SIGKILL,
        });
        self.forked.push((parent, child));
        Ok(())
    }

    /// The control socket of a copy has ended: its process has.
    pub(super) fn note_end_of_copy(&mut self, puppet: Puppet) {
        let Some(actor) = self.actors.get_mut(&puppet) else {
            return;
        };
        if !actor.forked || actor.ended.is_some() {
            return;
        }
        let seen = end_in_proc(actor.pid);
        let status = actor.exit_status.map(|status| End::Exited {
            status: status & 0xff,
        });
        // Whoever reaps it may have been faster: then a signal leaves no other trace.
        let unknown = End::Killed {
            signal: actor.likely_signal,
        };
        let (own_pid, end) = (actor.own_pid, seen.or(status).unwrap_or(unknown));
        self.note_end(own_pid, end);
    }
}

/// How long a process may take between closing its descriptors and being a zombie, in looks of a
/// millisecond.
const LOOKS: u32 = 1_000;

/// How a process that is ending has ended: the last field of /proc/PID/stat. Waits until it is a zombie, so
/// that its parent can be asked to wait for it.
fn end_in_proc(pid: i32) -> Option<End> {
    let read = || std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    let mut stat = read()?;
    for _ in 0..LOOKS {
        // The state stands behind the name, which is in parentheses.
        let zombie = stat.rsplit(')').next()?.trim_start().starts_with('Z');
        // The first task is one as soon as it has left, even if others are still there.
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
        if zombie && tasks.map_or(0, Iterator::count) <= 1 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
        stat = read()?;
    }
    let code: i32 = stat.split_whitespace().next_back()?.parse().ok()?;
    Some(match code & 0x7f {
        0 => End::Exited {
            status: code >> 8 & 0xff,
        },
        signal => End::Killed { signal },
    })
}
