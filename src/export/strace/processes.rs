//! Calls about signals, timers and programs.

use super::{Arguments, bytes_in, c, c_string, quoted};
use crate::abi::{Reply, SigAction, Syscall, UserIn};

/// What pthread_create(3) asks for.
const CLONE_PTHREAD: &str = "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|\
                             CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID";

fn null() -> String {
    "NULL".to_owned()
}

/// A set of signals.
pub(super) fn set(set: &UserIn) -> String {
    match set {
        UserIn::Bytes(bytes) => set_of(bytes),
        UserIn::Fault => "0x...".to_owned(),
    }
}

fn set_of(bytes: &[u8]) -> String {
    let word = bytes
        .first_chunk::<8>()
        .map_or(0, |b| u64::from_le_bytes(*b));
    c::signal_set(word)
}

fn word(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..at + 8).and_then(|b| b.first_chunk());
    word.map_or(0, |b| u64::from_le_bytes(*b))
}

/// A struct itimerval.
fn timer(bytes: &[u8]) -> String {
    let time = |at: usize| {
        let time = UserIn::Bytes(bytes.get(at..at + 16).unwrap_or_default().to_vec());
        super::time(&time, ", tv_usec=")
    };
    ["{it_interval=", &time(0), ", it_value=", &time(16), "}"].concat()
}

fn handler(action: &SigAction) -> String {
    let handler = match action.handler {
        0 => "SIG_DFL".to_owned(),
        1 => "SIG_IGN".to_owned(),
        address => format!("{address:#x}"),
    };
    let (mask, flags) = (c::signal_set(action.mask), c::sigaction_flags(action.flags));
    let parts = ["{sa_handler=", &handler, ", sa_mask=", &mask];
    [&parts.concat(), ", sa_flags=", &flags, "}"].concat()
}

/// As `descriptors::inputs()`.
pub(super) fn inputs(call: &Syscall, all: &mut Arguments) {
    match call {
        Syscall::RtSigaction { sig, action, .. } => {
            all.add(c::signal(*sig));
            all.add(action.as_ref().map_or_else(null, handler));
        }
        Syscall::RtSigprocmask {
            how, set: given, ..
        } => {
            all.add(c::sigmask_how(*how));
            all.add(given.as_ref().map_or_else(null, set));
        }
        Syscall::RtSigsuspend { mask } => {
            all.add(set(mask));
            all.text("8");
        }
        Syscall::RtSigreturn { mask } => {
            all.add(["{mask=", &c::signal_set(*mask), "}"].concat());
        }
        Syscall::Alarm { seconds } => all.size((*seconds).into()),
        Syscall::Setitimer { which, new, .. } => {
            const TIMERS: [&str; 3] = ["ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF"];
            let name = usize::try_from(*which).ok().and_then(|n| TIMERS.get(n));
            all.add(name.map_or(which.to_string(), |name| (*name).to_owned()));
            all.add(match new {
                Some(UserIn::Bytes(bytes)) => timer(bytes),
                Some(UserIn::Fault) => bytes_in(&UserIn::Fault),
                None => null(),
            });
        }
        Syscall::Clone3 { child_tid, .. } => {
            all.add(format!(
                "{{flags={CLONE_PTHREAD}, child_tid={child_tid:#x}, ...}}, 88"
            ));
        }
        Syscall::Exit { status } => all.number(*status),
        Syscall::Futex {
            uaddr,
            op,
            val,
            timeout,
            ..
        } => {
            all.add(format!("{uaddr:#x}"));
            all.add(c::futex_operation(*op));
            all.number(*val as i32);
            if op & 1 == 0 {
                all.add(timeout.as_ref().map_or_else(null, super::timespec));
            }
        }
        Syscall::Execve { pathname, argv, .. } => {
            all.add(c_string(pathname));
            let argv: Vec<String> = argv.iter().map(|arg| quoted(arg)).collect();
            all.add(["[", &argv.join(", "), "]"].concat());
            all.text("NULL");
        }
        _ => {}
    }
}

/// As `descriptors::outputs()`.
pub(super) fn outputs(call: &Syscall, reply: &Reply, all: &mut Arguments) {
    let written = |arg| reply.written(arg);
    match call {
        Syscall::RtSigaction { .. } => {
            all.add(written(2).map_or_else(null, |bytes| {
                handler(&SigAction {
                    handler: word(bytes, 0),
                    flags: word(bytes, 8) as i32,
                    mask: word(bytes, 24),
                })
            }));
            all.text("8");
        }
        Syscall::RtSigprocmask { .. } => {
            all.add(written(2).map_or_else(null, set_of));
            all.text("8");
        }
        Syscall::RtSigpending { .. } => {
            all.add(written(0).map_or_else(null, set_of));
            all.text("8");
        }
        Syscall::Setitimer { .. } => all.add(written(2).map_or_else(null, timer)),
        _ => {}
    }
}
