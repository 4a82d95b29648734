//! A puppet: a process that does nothing but execute the system calls it is told.

use super::exec::{self, Done, Odd};
use super::fork::{self, Side};
use super::privilege::{Strategy, become_ordinary};
use super::shared::{Counters, Slot};
use super::signals;
use super::supervisor::{Place, close_range, exit, reset_signals};
use super::thread;
use super::wire::{self, Birth, FromPuppet, ToPuppet, Unable};
use crate::abi::Syscall;
use nix::errno::Errno as Sys;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// Control descriptors lie so far above the program's limit, if this machine's hard limit allows.
pub(super) const HEADROOM: u64 = 256;

/// A puppet's whole life. `descriptors`: control, and the program's 0, 1 and 2.
pub(super) fn live(birth: &Birth, descriptors: &[OwnedFd; 4], place: &Place<'_>) -> ! {
    let _ = prctl::set_name(c"sockscope-pupp");
    reset_signals();
    let control = match arrange_descriptors(descriptors, birth.descriptors) {
        Ok(control) => control,
        Err(_) => exit(1),
    };
    if let Err(unable) = prepare(birth, place.strategy) {
        // SAFETY: `arrange_descriptors` has just made it, and nothing closes it before the process ends.
        let control = unsafe { BorrowedFd::borrow_raw(control) };
        let _ = wire::send_framed(control, &FromPuppet::Unable(unable));
        exit(1);
    }
    serve(control, place.counters, birth.slot, 0)
}

/// The life of one task of a puppet: it says hello, then executes what it is told. `clear_tid`: who waits there hears
/// of its end.
pub(super) fn serve(control: RawFd, counters: &Counters, slot: u32, clear_tid: u64) -> ! {
    // SAFETY: nothing closes it before this task ends.
    let control_fd = unsafe { BorrowedFd::borrow_raw(control) };
    let mut slot = counters.slot(slot as usize);
    let mut heard = wire::send_framed(control_fd, &FromPuppet::Hello).is_ok();
    while heard && let Ok(Some(order)) = wire::receive_framed(control_fd) {
        heard = match order {
            ToPuppet::Call {
                seq,
                call: Syscall::Exit { status },
            } => thread::leave(status, clear_tid, control, slot, seq),
            ToPuppet::Call { seq, call } => obey(seq, &call, control_fd, slot),
            ToPuppet::Thread {
                seq,
                slot: of_new,
                clear_tid,
            } => thread::begin(control_fd, (counters, slot), (seq, of_new, clear_tid)),
            ToPuppet::Fork { seq, slot: copys } => match fork::copy(control_fd, slot, seq) {
                Side::Parent(heard) => heard,
                Side::Child => {
                    slot = counters.slot(copys as usize);
                    true
                }
            },
        };
    }
    exit(1)
}

/// The first of the numbers above the program's limit, where control sockets lie.
static HIDDEN: AtomicI32 = AtomicI32::new(RawFd::MAX);

pub(super) fn hidden() -> RawFd {
    HIDDEN.load(Ordering::SeqCst)
}

/// Executes one call; `false` if nobody listens any more.
fn obey(seq: u64, call: &Syscall, control: BorrowedFd<'_>, slot: &Slot) -> bool {
    let answer = match exec::execute(call, hidden(), slot, seq) {
        Ok(Done::Again) => FromPuppet::Signalled {
            seq,
            reply: None,
            handlers: signals::noted(),
        },
        Ok(Done::Reply(reply)) => match signals::noted() {
            handlers if handlers.is_empty() => FromPuppet::Returned { seq, reply },
            handlers => FromPuppet::Signalled {
                seq,
                reply: Some(reply),
                handlers,
            },
        },
        Err(Odd::Memory(errno)) => {
            FromPuppet::Unable(Unable::when("laying out a call's memory")(errno))
        }
        Err(Odd::Errno(errno)) => FromPuppet::Strange { seq, errno },
    };
    wire::send_framed(control, &answer).is_ok()
}

/// Puts the program's streams at 0, 1 and 2, hides the control socket and closes everything else.
/// Gives the control socket's number.
///
/// The number lies *above* the program's RLIMIT_NOFILE where possible: a descriptor that is open
/// stays open when the limit sinks below it, and so the program finds every number below its limit
/// free.
fn arrange_descriptors(descriptors: &[OwnedFd; 4], limit: u64) -> nix::Result<RawFd> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = limit + HEADROOM;
    let (ceiling, limit) = if hard > wanted {
        (wanted, limit)
    } else {
        (hard, limit.min(hard))
    };
    setrlimit(Resource::RLIMIT_NOFILE, ceiling, hard)?;
    let high = RawFd::try_from(limit.min(ceiling - 2)).map_err(|_| Sys::EMFILE)?;
    HIDDEN.store(high, Ordering::SeqCst);
    let [control, streams @ ..] = descriptors;
    // SAFETY: numbers only; the descriptors that are replaced or closed belong to no object that is
    // used or dropped later (`_exit`). First everything goes where no target lies, because the
    // streams that were received may themselves have the numbers 0, 1 and 2.
    let control = unsafe {
        let mut parked = [0; 3];
        for (parked, stream) in parked.iter_mut().zip(streams) {
            *parked = Sys::result(libc::fcntl(stream.as_raw_fd(), libc::F_DUPFD, 3))?;
        }
        let control = Sys::result(libc::fcntl(control.as_raw_fd(), libc::F_DUPFD, high))?;
        for (number, parked) in (0..).zip(parked) {
            Sys::result(libc::dup2(parked, number))?;
        }
        control
    };
    close_range(3, control - 1)?;
    close_range(control + 1, RawFd::MAX)?;
    setrlimit(Resource::RLIMIT_NOFILE, limit, hard)?;
    Ok(control)
}

fn prepare(birth: &Birth, strategy: Strategy) -> Result<(), Unable> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(Unable::when("forbidding core dumps"))?;
    if !birth.root {
        become_ordinary(strategy, birth.capabilities)?;
    }
    // After the change of user, which would clear it.
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(Unable::when("tying a puppet to its stage"))
}
