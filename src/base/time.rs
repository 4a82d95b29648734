//! Virtual time. The kernel is told what time it is; it never asks.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// Nanoseconds since the run began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The instant at which every run begins.
    pub const ZERO: Time = Time(0);

    /// Nanoseconds since the run began.
    pub fn nanos(self) -> u64 {
        self.0
    }

    /// Whole microseconds since the run began: the unit of Linux's RTT estimator.
    pub fn micros(self) -> u64 {
        self.0 / 1_000
    }

    /// Whole milliseconds since the run began: the unit of TCP timestamps on Linux.
    pub fn millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[inline(never)]
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Nanoseconds of a span; as many as can be represented, if it has more.
fn nanos(span: Duration) -> u64 {
    let seconds = span.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(span.subsec_nanos().into())
}

/// Whole microseconds of a span, Linux's unit of round-trip times; as many as fit.
#[inline(never)]
pub fn micros(span: Duration) -> u32 {
    u32::try_from(nanos(span) / 1_000).unwrap_or(u32::MAX)
}

impl Add<Duration> for Time {
    type Output = Time;
    /// Saturates: a deadline that cannot be represented is never reached.
    #[inline(never)]
    fn add(self, d: Duration) -> Time {
        Time(self.0.saturating_add(nanos(d)))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, d: Duration) {
        *self = *self + d;
    }
}

impl Sub for Time {
    type Output = Duration;
    fn sub(self, earlier: Time) -> Duration {
        self.since(earlier)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self)
    }
}

impl fmt::Display for Time {
    /// Seconds with six decimals, as `strace -r` and tcpdump print them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:06}",
            self.0 / 1_000_000_000,
            self.0 / 1_000 % 1_000_000
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_beyond_representation_saturates() {
        assert_eq!(Time(5) + Duration::MAX, Time(u64::MAX));
    }

    #[test]
    fn prints_as_packet_tools_do() {
        assert_eq!(Time(1_000_021_999).to_string(), "1.000021");
    }
}
