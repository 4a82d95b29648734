//! A hash of what happened, the same on every target.

use std::hash::{Hash, Hasher};

/// Folds values into 64 bits by what their `Hash` feeds in. Native and wasm give the same number for the same run:
/// both have little-endian numbers, and those whose size differs (lengths, the numbers of variants) go in as 32 bits.
///
/// ```
/// use sockscope::base::trace_hash::TraceHash;
/// let mut a = TraceHash::default();
/// a.add(&("SYN", 1u32));
/// let mut b = TraceHash::default();
/// b.add(&("SYN", 2u32));
/// assert_ne!(a.value(), b.value());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceHash(u64);

impl Default for TraceHash {
    fn default() -> Self {
        TraceHash(0xcbf2_9ce4_8422_2325)
    }
}

impl TraceHash {
    /// Adds one value.
    pub fn add<T: Hash + ?Sized>(&mut self, value: &T) {
        value.hash(self);
    }

    /// The hash of all that was added.
    pub fn value(self) -> u64 {
        self.0
    }
}

impl Hasher for TraceHash {
    // FNV-1a: enough to tell two runs apart; nobody attacks a trace.
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u32(number as u32);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u32(number as u32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_is_as_long_on_every_target() {
        let mut plain = TraceHash::default();
        plain.write(&[1, 0, 0, 0, 7, 0, 2, 0, 0, 0, 8, 9]);
        let mut typed = TraceHash::default();
        typed.add(&Some(7u16));
        typed.add(&[8u8, 9][..]);
        assert_eq!(typed.value(), plain.value());
    }
}
