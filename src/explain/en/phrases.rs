//! What processes do, what states and timers mean, and how runs end, in English.

use crate::abi::NotModelled;
use crate::explain::phrases::{Doing, Ending};
use crate::kernel::event::{TcpState, TimerKind, WaitFor};

/// What a process does.
pub(in crate::explain) fn doing(doing: Doing) -> &'static str {
    match doing {
        Doing::Running => "running",
        Doing::Ready => "ready, waits for its turn",
        Doing::InCall { .. } => "in {call}",
        Doing::Asleep { .. } => "asleep in {call}",
        Doing::Exited(_) => "ended with status {n}",
        Doing::Killed(_) => "ended by signal {n}",
        Doing::Faulted => "stopped by an error",
    }
}

/// What a sleeping process waits for.
pub(in crate::explain) fn waits(on: WaitFor) -> &'static str {
    match on {
        WaitFor::Connection => "sleeps until the accept queue of fd {fd} is not empty",
        WaitFor::Handshake => "sleeps until the handshake of fd {fd} succeeds or fails",
        WaitFor::Data => "sleeps until the receive queue of fd {fd} has data or the end",
        WaitFor::SendSpace => "sleeps until the send queue of fd {fd} has room",
        WaitFor::PeerRoom => "sleeps until enough of what was sent on fd {fd} has been read",
        WaitFor::AcceptRoom => "sleeps until the listener has room for fd {fd}",
        WaitFor::AnyOf => "sleeps until one of its descriptors is ready or time is up",
        WaitFor::Pipe => "sleeps until the pipe behind fd {fd} has data or room",
        WaitFor::Child => "sleeps until a child has ended",
        WaitFor::Time => "sleeps until its time is up",
        WaitFor::Closing => {
            "sleeps until the peer has acknowledged everything, or SO_LINGER's time is up"
        }
    }
}

/// How a run ended.
pub(in crate::explain) fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::AllEnded => "Every program has ended and nothing is left to happen.",
        Ending::Stuck(_) => {
            "**{what}**: asleep, with no segment under way and no timer running that could wake anyone. Sockscope ended the run here, as SIGKILL would."
        }
        Ending::Fault(_) => {
            "**{what}** did something that C leaves undefined, or went beyond a limit of this machine. The error stands at its line."
        }
        Ending::NotModelled(_) => {
            "The run is cut off here: {what}. Linux can do this, the simulated kernel cannot, and a guess would be a wrong lesson."
        }
    }
}

/// What is not modelled.
pub(in crate::explain) fn not_modelled(what: NotModelled) -> &'static str {
    match what {
        NotModelled::Call { .. } => "{what}() is not modelled",
        NotModelled::Family { .. } => "address family {what} is not modelled",
        NotModelled::Type { .. } => "socket({what}) is not modelled",
        NotModelled::Option { .. } => "socket option {what} is not modelled",
        NotModelled::MessageFlags { .. } => "message flags {what} are not modelled",
        NotModelled::CallOnFile { .. } => "{what} on something that is no socket is not modelled",
        NotModelled::Unix { .. } | NotModelled::Tcp { .. } => "{what} is not modelled",
    }
}

/// What it means to be in a state.
pub(in crate::explain) fn state(state: TcpState) -> &'static str {
    match state {
        TcpState::Closed => "There is no connection.",
        TcpState::Listen => "It carries no data itself: each connection gets a socket of its own.",
        TcpState::SynSent => "It waits for the answer to its SYN.",
        TcpState::SynReceived => "The last ACK of the handshake is still missing.",
        TcpState::Established => "The connection stands: data can flow both ways.",
        TcpState::FinWait1 => "Its FIN follows the last data and is not acknowledged yet.",
        TcpState::FinWait2 => "Its own direction is closed; it waits for the peer's FIN.",
        TcpState::CloseWait => {
            "It stays here until **this program** closes its side; a forgotten close() leaves it here for good."
        }
        TcpState::Closing => "Both FINs crossed on the way; the ACK for its own is missing.",
        TcpState::LastAck => {
            "The peer had closed first; only the ACK of this side's FIN is missing."
        }
        TcpState::TimeWait => "Its addresses and its port stay taken until then.",
    }
}

/// What a timer is called.
pub(in crate::explain) fn timer(timer: TimerKind) -> &'static str {
    match timer {
        TimerKind::Retransmit => "retransmission timer",
        TimerKind::LossProbe => "tail loss probe timer",
        TimerKind::DelayedAck => "delayed-ACK timer",
        TimerKind::ZeroWindowProbe => "zero-window probe timer",
        TimerKind::KeepAlive => "keepalive timer",
        TimerKind::TimeWait => "TIME-WAIT timer",
    }
}
