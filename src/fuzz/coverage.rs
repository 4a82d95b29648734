//! What the cases have reached.

use crate::abi::Reply;
use crate::kernel::TcpState;
use crate::kernel::socket::{Protocol, Socket};
use crate::kernel::unix::State;
use crate::packet::Flags;
use std::collections::BTreeSet;
use std::fmt;

/// Distinct things that happened on the simulated kernel, and what most calls were about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// A call, what it was about, and how it ended: an errno's name, or `ok`.
    pub calls: BTreeSet<(&'static str, Met, &'static str)>,
    /// The state of the endpoint that a segment reached (none: no endpoint), and its flags.
    pub segments: BTreeSet<(Option<TcpState>, u8)>,
    /// How many calls were about a socket.
    pub made: u64,
    /// How many of them were about a connection or a peer; one that is half closed or over; with a
    /// pending error; with a full queue; with something to read.
    pub depth: [u64; 5],
}

/// What a call was about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Met {
    /// Its state, or what it is.
    pub what: &'static str,
    /// As in [`Coverage::depth`].
    pub depth: [bool; 5],
}

impl Met {
    /// The socket that a call is about, before it is made.
    pub(super) fn socket(socket: &Socket) -> Met {
        let state = socket.state();
        let shut = socket.receive_shutdown || socket.send_shutdown;
        let (what, peer, unread, full) = match &socket.protocol {
            Protocol::Tcp => {
                let peer = !matches!(state, TcpState::Closed | TcpState::Listen);
                let full = (socket.tcp.listen()).is_some_and(|l| l.accept_queue_full());
                (state.name(), peer, !socket.receive_queue.is_empty(), full)
            }
            Protocol::Udp(udp) => ("UDP", socket.remote.is_some(), !udp.queue.is_empty(), false),
            Protocol::Raw(_) => ("raw", false, false, false),
            Protocol::Unix(unix) => {
                let waiting = unix.queue.len().max(unix.accept_queue.len());
                let full = unix.state != State::Connected || unix.type_number() == 2;
                let full = full && waiting > unix.backlog as usize;
                (
                    unix.state.name(),
                    unix.peer.is_some(),
                    !unix.queue.is_empty(),
                    full,
                )
            }
        };
        let depth = [peer, shut, socket.error.is_some(), full, unread];
        Met { what, depth }
    }
}

impl Coverage {
    pub(super) fn call(&mut self, call: &'static str, met: Met, reply: Option<&Reply>) {
        let ended = match reply.map(|reply| reply.result) {
            Some(Ok(_)) => "ok",
            Some(Err(errno)) => errno.name(),
            None => "sleeps",
        };
        self.calls.insert((call, met, ended));
        self.made += u64::from(met != Met::default());
        for (count, met) in self.depth.iter_mut().zip(met.depth) {
            *count += u64::from(met);
        }
    }

    pub(super) fn segment(&mut self, state: Option<TcpState>, flags: Flags) {
        self.segments.insert((state, flags.0));
    }

    pub(super) fn add(&mut self, other: &Coverage) {
        self.calls.extend(&other.calls);
        self.segments.extend(&other.segments);
        self.made += other.made;
        for (count, more) in self.depth.iter_mut().zip(other.depth) {
            *count += more;
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (calls, segments) = (self.calls.len(), self.segments.len());
        write!(
            f,
            "{calls} kinds of (call, what it met, errno), {segments} of (state, segment)"
        )?;
        let names = [
            "a peer",
            "an end shut",
            "an error pending",
            "a full queue",
            "data to read",
        ];
        write!(f, "; {} calls on sockets, of which met", self.made)?;
        for (at, (name, count)) in names.iter().zip(self.depth).enumerate() {
            let percent = 100 * count / self.made.max(1);
            write!(f, "{} {name} {percent} %", if at > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}
