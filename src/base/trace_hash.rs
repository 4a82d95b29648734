//! A hash of canonical bytes, the same on every target.

use postcard::ser_flavors::Flavor;
use serde::Serialize;

/// Folds values into 64 bits by their canonical serialisation (postcard: little-endian varints, no
/// padding, no hash order). Native and wasm give the same number for the same run.
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
    pub fn add<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.0 =
            postcard::serialize_with_flavor(value, Fold(self.0)).expect("plain values serialise");
    }

    /// The hash of all that was added.
    pub fn value(self) -> u64 {
        self.0
    }
}

/// Takes the bytes of a serialisation one by one, by FNV-1a: enough to tell two runs apart; nobody attacks a trace.
struct Fold(u64);

impl Flavor for Fold {
    type Output = u64;

    #[inline(never)]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<u64> {
        Ok(self.0)
    }
}
