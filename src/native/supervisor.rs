//! The processes between this one and the puppets.
//!
//! ```text
//! this process ── keeper ── supervisor ── puppet, puppet, … (and what they fork)
//!      └────────── link ────────┘
//! ```
//!
//! The *keeper* enters the namespaces and waits; the *supervisor* is the first process of the new PID
//! namespace, where there is one, and forks the puppets. The link is the lifeline: when this process
//! closes it or dies, the supervisor reads its end and takes everyone along. (A parent-death signal
//! would not do: it is tied to the *thread* that forked, and test threads come and go.) Killing the
//! first process of a PID namespace kills all others; without such a namespace the supervisor kills
//! its process group, which every puppet belongs to.
//!
//! # After fork, without exec
//!
//! The keeper is forked from a process that may have many threads, and a library has no program of
//! its own to exec. Only the forking thread exists in the child, so a lock that another thread held
//! stays locked for ever. glibc's allocator is made usable in the child; what is left are the locks of
//! Rust's standard library: standard streams, the environment, the panic hook. Nothing below here
//! prints, reads the environment, spawns threads or panics on purpose, and every exit is `_exit`. From
//! the supervisor on, each process is forked from a single-threaded one, where the question is moot.

use super::End;
use super::privilege::{Strategy, enter_directory, enter_namespaces, set_sysctls};
use super::puppet;
use super::shared::Counters;
use super::wire::{self, Birth, FromSupervisor, ToSupervisor, Unable};
use super::{DeviceConfig, capture, device, diag};
use nix::errno::Errno as Sys;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::MsgFlags;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, setsid};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Where the link lies in the keeper and the supervisor: right behind the standard streams.
const LINK: RawFd = 3;

/// What a stage is made with; every process below has it.
pub(super) struct Place<'a> {
    pub(super) strategy: Strategy,
    pub(super) counters: &'a Counters,
    pub(super) sysctls: &'a [(String, String)],
    pub(super) devices: &'a [DeviceConfig],
}

/// Forks the keeper; gives its pid. `link` is the supervisor's end.
pub(super) fn start(link: &OwnedFd, place: &Place<'_>) -> nix::Result<Pid> {
    // SAFETY: see "After fork, without exec" above: the child calls nothing that needs a lock which
    // another thread may hold, and leaves through `_exit`.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            keep(link.as_raw_fd(), place);
            exit(0)
        }
    }
}

/// Ends this process without running anything of the one that it was forked from.
pub(super) fn exit(status: i32) -> ! {
    // SAFETY: `_exit` never returns and runs no handlers.
    unsafe { libc::_exit(status) }
}

fn keep(link: RawFd, place: &Place<'_>) {
    // No terminal's signals, and none of the parent's descriptors.
    let _ = setsid();
    let Ok(link) = shed_descriptors(link) else {
        return;
    };
    reset_signals();
    let _ = prctl::set_name(c"sockscope-keep");
    let _ = prctl::set_child_subreaper(true);
    let started = enter_namespaces(place.strategy).and_then(|()| {
        let directory = enter_directory(place.strategy)?;
        // SAFETY: this process has one thread.
        let forked = unsafe { fork() }.map_err(Unable::when("forking the supervisor"))?;
        Ok((forked, directory))
    });
    let (supervisor, directory) = match started {
        Ok((ForkResult::Parent { child }, directory)) => (child, directory),
        Ok((ForkResult::Child, _)) => {
            supervise(&link, place);
            end_group();
        }
        Err(unable) => {
            let _ = wire::send_on_link(link.as_fd(), &FromSupervisor::Failed(unable), &[]);
            return;
        }
    };
    // The link must end when the supervisor does.
    drop(link);
    let _ = wire::retry(|| waitpid(supervisor, None));
    let _ = kill(Pid::from_raw(-supervisor.as_raw()), Signal::SIGKILL);
    // What the supervisor left behind was handed to this process, its reaper.
    while wire::retry(|| waitpid(None, None)).is_ok() {}
    if let Some(directory) = directory {
        let _ = std::fs::remove_dir_all(directory);
    }
}

/// Kills everyone in the supervisor's process group, itself included.
fn end_group() -> ! {
    // The first process of a PID namespace does not die of its own signals, but of its exit all
    // others do.
    let _ = kill(Pid::from_raw(0), Signal::SIGKILL);
    exit(0)
}

/// Leaves /dev/null at 0, 1 and 2 and the link at [`LINK`], and nothing else.
fn shed_descriptors(link: RawFd) -> nix::Result<OwnedFd> {
    // SAFETY: numbers only. The descriptors of the process that this one was forked from are not
    // used any more by any object here, and objects that own them are never dropped (`_exit`).
    unsafe {
        let null = Sys::result(libc::open(c"/dev/null".as_ptr(), libc::O_RDWR))?;
        // The link may itself lie below 3, in the way of the standard streams.
        let high = Sys::result(libc::fcntl(link, libc::F_DUPFD, LINK + 1))?;
        for stream in 0..3 {
            Sys::result(libc::dup2(null, stream))?;
        }
        Sys::result(libc::dup2(high, LINK))?;
        close_range(LINK + 1, RawFd::MAX)?;
        Ok(OwnedFd::from_raw_fd(LINK))
    }
}

/// Closes every descriptor from `first` to `last`, if there are any.
pub(super) fn close_range(first: RawFd, last: RawFd) -> nix::Result<()> {
    if first > last {
        return Ok(());
    }
    // SAFETY: called only in freshly forked children, for descriptors that no object of theirs uses.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    Sys::result(closed).map(drop)
}

/// Default dispositions and an empty mask: Rust's runtime ignores SIGPIPE, callers may ignore more.
pub(super) fn reset_signals() {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in Signal::iterator() {
        // SAFETY: the default disposition runs no code of ours. SIGKILL and SIGSTOP are refused.
        let _ = unsafe { sigaction(signal, &default) };
    }
    let _ = SigSet::empty().thread_set_mask();
}

/// The supervisor's whole life; returns when the link ends.
fn supervise(link: &OwnedFd, place: &Place<'_>) {
    let _ = prctl::set_pdeathsig(Signal::SIGKILL);
    let _ = prctl::set_name(c"sockscope-super");
    // The programs' processes have the numbers that the simulation gives them. Without a PID namespace they have others.
    if place.strategy != Strategy::Plain {
        let _ = std::fs::write("/proc/sys/kernel/ns_last_pid", "100");
    }
    // Its own process group, which puppets inherit.
    let _ = setsid();
    let mut child_ended = SigSet::empty();
    child_ended.add(Signal::SIGCHLD);
    let signals = child_ended
        .thread_block()
        .and_then(|()| SignalFd::with_flags(&child_ended, SfdFlags::SFD_NONBLOCK));
    let ready = signals
        .map_err(Unable::when("waiting for children"))
        .and_then(|signals| open_windows(link.as_fd(), place).map(|()| signals));
    let signals = match ready {
        Ok(signals) => signals,
        Err(unable) => {
            let _ = wire::send_on_link(link.as_fd(), &FromSupervisor::Failed(unable), &[]);
            return;
        }
    };
    loop {
        let mut fds = [
            PollFd::new(link.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(Sys::EINTR) => {}
            Err(_) => return,
        }
        let [order, ended] = fds.map(|fd| fd.any().unwrap_or(true));
        if order && !obey(link.as_fd(), place) {
            return;
        }
        if ended {
            while matches!(signals.read_signal(), Ok(Some(_))) {}
            if !reap(link.as_fd()) {
                return;
            }
        }
    }
}

/// Brings the network up and hands out the sockets through which it can be watched.
fn open_windows(link: BorrowedFd<'_>, place: &Place<'_>) -> Result<(), Unable> {
    let sysctls = set_sysctls(place.strategy, place.sysctls);
    if place.strategy != Strategy::Plain {
        capture::bring_loopback_up().map_err(Unable::when("bringing the loopback interface up"))?;
        device::make(place.devices)?;
    } else if !place.devices.is_empty() {
        // Not on a network that everyone shares.
        return Err(Sys::EPERM).map_err(Unable::when("making a network device"));
    }
    let diag = diag::open().map_err(Unable::when("opening the socket diagnosis"))?;
    let capture = capture::open().map_err(Unable::when("opening the capture socket"));
    let mut descriptors = vec![diag.as_raw_fd()];
    descriptors.extend(capture.as_ref().ok().map(AsRawFd::as_raw_fd));
    let ready = FromSupervisor::Ready {
        capture: capture.as_ref().map(drop).map_err(Clone::clone),
        sysctls,
    };
    wire::send_on_link(link, &ready, &descriptors).map_err(Unable::when("reporting"))
}

/// Executes one order; `false` when the link has ended.
fn obey(link: BorrowedFd<'_>, place: &Place<'_>) -> bool {
    let order = wire::receive_on_link(link, MsgFlags::empty());
    let Ok(Some((ToSupervisor::Spawn(birth), descriptors))) = order else {
        return false;
    };
    let answer = match spawn(birth, descriptors, place) {
        Ok(pid) => FromSupervisor::Spawned { pid },
        Err(unable) => FromSupervisor::NotSpawned(unable),
    };
    wire::send_on_link(link, &answer, &[]).is_ok()
}

fn spawn(birth: Birth, descriptors: Vec<OwnedFd>, place: &Place<'_>) -> Result<i32, Unable> {
    let descriptors = <[OwnedFd; 4]>::try_from(descriptors).map_err(|_| Unable {
        doing: "taking a puppet's descriptors".to_owned(),
        errno: libc::EBADMSG,
    })?;
    // SAFETY: this process has one thread.
    match unsafe { fork() }.map_err(Unable::when("forking a puppet"))? {
        ForkResult::Parent { child } => Ok(child.as_raw()),
        ForkResult::Child => puppet::live(&birth, &descriptors, place),
    }
}

/// Reaps whoever has ended and reports it; `false` when the link has ended.
fn reap(link: BorrowedFd<'_>) -> bool {
    loop {
        let (pid, end) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, status)) => (pid, End::Exited { status }),
            Ok(WaitStatus::Signaled(pid, signal, _)) => (
                pid,
                End::Killed {
                    signal: signal as i32,
                },
            ),
            Ok(WaitStatus::StillAlive) | Err(_) => return true,
            // Stopped, continued, traced: nobody has ended.
            Ok(_) => continue,
        };
        let ended = FromSupervisor::Ended {
            pid: pid.as_raw(),
            end,
        };
        if wire::send_on_link(link, &ended, &[]).is_err() {
            return false;
        }
    }
}
