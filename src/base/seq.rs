//! 32-bit sequence numbers that wrap (RFC 9293 §3.4).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A TCP sequence number. Ordering is by [`Seq::before`], never by value: the space is a circle.
///
/// ```
/// use sockscope::base::Seq;
/// let last = Seq(u32::MAX);
/// assert!(last.before(last + 1));
/// assert_eq!((last + 2) - last, 2);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u32);

impl Seq {
    /// `self < other` on the circle: `other` is at most 2³¹ − 1 octets ahead.
    pub fn before(self, other: Seq) -> bool {
        (self.0.wrapping_sub(other.0) as i32) < 0
    }

    /// `self > other` on the circle.
    pub fn after(self, other: Seq) -> bool {
        other.before(self)
    }

    /// `low <= self <= high` on the circle.
    pub fn between(self, low: Seq, high: Seq) -> bool {
        high - low >= self - low
    }

    /// The later of the two.
    pub fn max(self, other: Seq) -> Seq {
        if self.before(other) { other } else { self }
    }
}

impl Add<u32> for Seq {
    type Output = Seq;
    fn add(self, n: u32) -> Seq {
        Seq(self.0.wrapping_add(n))
    }
}

impl AddAssign<u32> for Seq {
    fn add_assign(&mut self, n: u32) {
        *self = *self + n;
    }
}

impl Sub<u32> for Seq {
    type Output = Seq;
    fn sub(self, n: u32) -> Seq {
        Seq(self.0.wrapping_sub(n))
    }
}

impl Sub for Seq {
    type Output = u32;
    /// Octets from `other` forward to `self`.
    fn sub(self, other: Seq) -> u32 {
        self.0.wrapping_sub(other.0)
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        let near_end = Seq(0xffff_fff0);
        assert!(near_end.before(Seq(5)));
        assert!(Seq(5).after(near_end));
        assert!(!near_end.before(near_end));
        assert_eq!(near_end.max(Seq(5)), Seq(5));
    }

    #[test]
    fn between_includes_both_ends_across_the_wrap() {
        let (low, high) = (Seq(u32::MAX - 1), Seq(3));
        for inside in [low, Seq(u32::MAX), Seq(0), high] {
            assert!(inside.between(low, high), "{inside:?}");
        }
        assert!(!Seq(4).between(low, high));
        assert!(!(low - 1).between(low, high));
    }
}
