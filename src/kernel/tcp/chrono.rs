//! How long a connection had something to send, and what held it back (`tcp_chrono_start()`): the busy and limited
//! times of TCP_INFO. Linux counts in jiffies, this counts exactly.

use crate::base::Time;
use crate::kernel::tcp::connection::Sender;
use serde::Serialize;
use std::time::Duration;

/// What the clock runs for, in Linux's order: a later one takes over from an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Limit {
    /// Nothing is to be sent (TCP_CHRONO_UNSPEC).
    #[default]
    Idle,
    /// Something is queued or under way.
    Busy,
    /// The peer's window holds it back.
    ReceiveWindow,
    /// The send buffer is too small to keep the peer busy.
    SendBuffer,
}

/// The three times, and the one that is running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Chrono {
    kind: Limit,
    since: Time,
    spent: [Duration; 4],
}

impl Chrono {
    fn set(&mut self, kind: Limit, now: Time) {
        self.spent[self.kind as usize] += now.since(self.since);
        self.kind = kind;
        self.since = now;
    }

    /// `tcp_chrono_start()`.
    pub(crate) fn start(&mut self, kind: Limit, now: Time) {
        if kind > self.kind {
            self.set(kind, now);
        }
    }

    /// `tcpi_busy_time`, `tcpi_rwnd_limited` and `tcpi_sndbuf_limited`.
    pub(crate) fn times(&self, now: Time) -> [Duration; 3] {
        let mut copy = *self;
        copy.set(self.kind, now);
        let [_, busy, window, buffer] = copy.spent;
        [busy + window + buffer, window, buffer]
    }
}

/// `tcp_chrono_stop()`: `kind` holds nothing back any more.
pub(crate) fn stop(snd: &mut Sender, kind: Limit, now: Time) {
    if snd.in_flight.is_empty() && snd.unsent.is_empty() {
        snd.chrono.set(Limit::Idle, now);
    } else if snd.chrono.kind == kind {
        snd.chrono.set(Limit::Busy, now);
    }
}
