//! clone3(2): a puppet's task makes another one, which becomes a puppet of its own in the same process.
//!
//! Each task has its own control socket and executes the calls that it is given; descriptors are shared as among
//! threads of any program, so all control sockets lie above the program's limit, where every number looks closed.
//!
//! The memory that futex(2) is about is the machine's. Here each address has a word of its own, which is given the
//! value that the program's has when a call waits: so the kernel compares it itself. Calls are granted one at a time,
//! and the next only when the one before sleeps: no wake-up falls in between.

use super::exec::execute;
use super::pump::{Actor, Doing};
use super::puppet;
use super::shared::{Counters, Slot};
use super::stage::{Stage, greet};
use super::streams::Streams;
use super::watch::TaskWatch;
use super::wire::{self, FromPuppet, Unable};
use super::{End, Error, Puppet};
use crate::abi::constants::FUTEX_WAKE_PRIVATE;
use crate::abi::{Errno, Reply, Syscall, UserIn};
use nix::errno::Errno as Sys;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, setsockopt, socketpair, sockopt};
use nix::unistd::gettid;
use std::collections::BTreeMap;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

/// As many tasks as the simulated kernel lets a process have.
const MOST_TASKS: usize = 512;
/// What a thread needs that only executes calls.
const STACK: usize = 256 << 10;

/// Tasks of this process.
static TASKS: AtomicUsize = AtomicUsize::new(1);
/// The words of futex(2), by the program's addresses. They stay.
static WORDS: Mutex<BTreeMap<u64, &'static AtomicU32>> = Mutex::new(BTreeMap::new());

/// The words, held still; for fork(2), which must not copy a lock that another task holds.
pub(super) fn words() -> MutexGuard<'static, BTreeMap<u64, &'static AtomicU32>> {
    WORDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The copy of a process has one task.
pub(super) fn alone() {
    TASKS.store(1, Ordering::SeqCst);
}

/// The address of the word that stands for the program's, as far out of line; `now`: its value.
pub(super) fn word(uaddr: u64, now: Option<&[u8]>) -> usize {
    let mut words = words();
    let word = words
        .entry(uaddr & !3)
        .or_insert_with(|| Box::leak(Box::default()));
    if let Some(now) = now.and_then(|now| now.first_chunk()) {
        word.store(u32::from_ne_bytes(*now), Ordering::SeqCst);
    }
    std::ptr::from_ref::<AtomicU32>(word) as usize + (uaddr & 3) as usize
}

/// Makes a thread that executes calls; `false` if nobody listens any more. `clear_tid`: who waits there is woken when
/// the thread leaves.
pub(super) fn begin(
    control: BorrowedFd<'_>,
    (counters, slot): (&Counters, &Slot),
    (seq, of_new, clear_tid): (u64, u32, u64),
) -> bool {
    let limits = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((0, 0));
    // The hidden numbers lie above the program's limit.
    let _ = setrlimit(Resource::RLIMIT_NOFILE, limits.1, limits.1);
    let begun = begin_with(counters, of_new, clear_tid);
    let _ = setrlimit(Resource::RLIMIT_NOFILE, limits.0, limits.1);
    slot.enter(seq);
    slot.leave(seq);
    let (reply, stage) = match begun {
        Ok((tid, stage)) => (Reply::ok(tid as u64), Some(stage)),
        Err(Sys::EAGAIN) => (Reply::error(Errno::EAGAIN), None),
        Err(errno) => {
            let unable = Unable::when("making a thread")(errno);
            return wire::send_framed(control, &FromPuppet::Unable(unable)).is_ok();
        }
    };
    let answer = FromPuppet::Returned { seq, reply };
    let end = stage.as_ref().map(AsRawFd::as_raw_fd);
    wire::send_framed_with(control, &answer, end).is_ok()
}

fn begin_with(counters: &Counters, slot: u32, clear_tid: u64) -> nix::Result<(i32, OwnedFd)> {
    if TASKS.load(Ordering::SeqCst) >= MOST_TASKS {
        return Err(Sys::EAGAIN);
    }
    let (unix, stream) = (AddressFamily::Unix, SockType::Stream);
    let (stage, theirs) = socketpair(unix, stream, None, SockFlag::SOCK_CLOEXEC)?;
    setsockopt(&stage, sockopt::PassCred, &true)?;
    let first = puppet::hidden();
    // SAFETY: numbers only; both ends get numbers that no object has.
    let (own, end) = unsafe {
        let above = |fd: &OwnedFd| Sys::result(libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD, first));
        (above(&theirs)?, OwnedFd::from_raw_fd(above(&stage)?))
    };
    drop((stage, theirs));
    let (tell, told) = mpsc::channel();
    // SAFETY: a puppet never drops its counters: it leaves through `_exit`.
    let counters = unsafe { counters.shared() };
    let thread = std::thread::Builder::new().stack_size(STACK);
    TASKS.fetch_add(1, Ordering::SeqCst);
    let spawned = thread.spawn(move || {
        let _ = tell.send(gettid().as_raw());
        puppet::serve(own, &counters, slot, clear_tid);
    });
    if spawned.is_err() {
        TASKS.fetch_sub(1, Ordering::SeqCst);
        let _ = nix::unistd::close(own);
        return Err(Sys::EAGAIN);
    }
    let tid = told.recv().map_err(|_| Sys::EAGAIN)?;
    Ok((tid, end))
}

/// exit(2): this task ends. Whoever waits for that is woken; its control socket is closed, unless it is the last: then
/// the process ends, and with it all that is open.
pub(super) fn leave(status: i32, clear_tid: u64, control: RawFd, slot: &Slot, seq: u64) -> ! {
    if clear_tid != 0 {
        let wake = Syscall::Futex {
            uaddr: clear_tid,
            word: UserIn::Bytes(vec![0; 4]),
            op: FUTEX_WAKE_PRIVATE,
            val: 1,
            timeout: None,
        };
        let _ = execute(&wake, control, slot, 0);
    }
    slot.enter(seq);
    if TASKS.fetch_sub(1, Ordering::SeqCst) > 1 {
        let _ = nix::unistd::close(control);
    }
    loop {
        // SAFETY: exit(2) does not return, and touches no memory but what libc has it clear for the thread.
        unsafe { libc::syscall(libc::SYS_exit, status) };
    }
}

impl Stage {
    /// A new task of a puppet's process has come with its control socket.
    pub(super) fn adopt_thread(
        &mut self,
        parent: Puppet,
        control: OwnedFd,
        own_tid: i32,
        slot: u32,
    ) -> Result<(), Error> {
        let (pid, inbox) = greet(&control)?;
        let of = self.actors.get(&parent).ok_or(Error::NoSuchPuppet)?;
        let (own_pid, forked, origin) = (of.own_pid, of.forked, of.origin.unwrap_or(parent));
        let child = self.new_puppet(Actor {
            pid,
            own_pid,
            own_tid,
            slot,
            control: Some(control),
            inbox,
            streams: Streams::none(),
            watch: outer_tid(pid, own_tid).and_then(|tid| TaskWatch::open(pid, tid).ok()),
            seq: 0,
            switches: 0,
            doing: Doing::Idle,
            ended: None,
            tty: false,
            written_to_tty: 0,
            forked,
            origin: Some(origin),
            fork_slot: None,
            makes_thread: false,
            exit_status: None,
            leaves: false,
            likely_signal: libc::SIGKILL,
        });
        self.forked.push((parent, child));
        Ok(())
    }

    /// The control socket of a task has ended. If it left and others of its process are there, it is that task alone.
    pub(super) fn has_left(&mut self, puppet: Puppet) -> bool {
        let Some(actor) = self.actors.get(&puppet) else {
            return false;
        };
        let (own_pid, status) = (actor.own_pid, actor.exit_status.unwrap_or(0));
        let others = self
            .actors
            .iter()
            .any(|(other, a)| *other != puppet && a.own_pid == own_pid && a.ended.is_none());
        let left = actor.leaves && actor.ended.is_none() && others;
        if left {
            let status = status & 0xff;
            self.note_end_of(puppet, End::Exited { status });
        }
        left
    }
}

/// The number that this process sees of a task that has another in its own namespace.
fn outer_tid(pid: i32, own_tid: i32) -> Option<i32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    for task in tasks.flatten() {
        let status = std::fs::read_to_string(task.path().join("status")).ok()?;
        let numbers = status
            .lines()
            .find_map(|line| line.strip_prefix("NSpid:"))?;
        let innermost = numbers.split_whitespace().next_back()?;
        if innermost.parse() == Ok(own_tid) {
            return task.file_name().to_str()?.parse().ok();
        }
    }
    None
}
