//! Signals, timers and the end of processes.

use super::{c, timeval};
use crate::abi::SigAction;
use crate::base::octets;

/// What pthread_create(3) asks for.
pub(super) const CLONE_PTHREAD: &str = "{flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|\
                                        CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID, child_tid=";

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(octets(bytes, at))
}

/// A set of signals.
pub(super) fn set(bytes: &[u8]) -> String {
    c::signal_set(word(bytes, 0))
}

/// Which timer.
pub(super) fn timer_name(which: i32) -> String {
    match which {
        0 => "ITIMER_REAL".to_owned(),
        1 => "ITIMER_VIRTUAL".to_owned(),
        2 => "ITIMER_PROF".to_owned(),
        _ => which.to_string(),
    }
}

/// A struct itimerval.
pub(super) fn timer(bytes: &[u8]) -> String {
    let (interval, value) = bytes.split_at(bytes.len().min(16));
    let (interval, value) = (timeval(interval), timeval(value));
    ["{it_interval=", &interval, ", it_value=", &value, "}"].concat()
}

/// A struct sigaction.
pub(super) fn handler(action: &SigAction) -> String {
    let handler = match action.handler {
        0 => "SIG_DFL".to_owned(),
        1 => "SIG_IGN".to_owned(),
        address => format!("{address:#x}"),
    };
    let (mask, flags) = (c::signal_set(action.mask), c::sigaction_flags(action.flags));
    let parts = ["{sa_handler=", &handler, ", sa_mask=", &mask];
    [&parts.concat(), ", sa_flags=", &flags, "}"].concat()
}

/// The same as the kernel lays it out.
pub(super) fn old_handler(bytes: &[u8]) -> String {
    handler(&SigAction {
        handler: word(bytes, 0),
        flags: word(bytes, 8) as i32,
        mask: word(bytes, 24),
    })
}

/// What wait4(2) tells of a child.
pub(super) fn wait_status(bytes: &[u8]) -> String {
    let status = bytes.first_chunk().map_or(0, |b| i32::from_le_bytes(*b));
    match status & 0x7f {
        0 => format!(
            "[{{WIFEXITED(s) && WEXITSTATUS(s) == {}}}]",
            status >> 8 & 0xff
        ),
        signal => format!(
            "[{{WIFSIGNALED(s) && WTERMSIG(s) == {}}}]",
            c::signal(signal)
        ),
    }
}
