//! A hash of canonical bytes, the same on every target.

use crate::base::parts::{self, Parts};
use serde::Serialize;

/// Folds values into 64 bits by their canonical serialisation (that of postcard: little-endian varints, no
/// padding, no names, no hash order). Native and wasm give the same number for the same run.
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
        parts::tell(value, self);
    }

    /// The hash of all that was added.
    pub fn value(self) -> u64 {
        self.0
    }
}

/// Takes the bytes of a serialisation one by one, by FNV-1a: enough to tell two runs apart; nobody attacks a trace.
impl Parts for TraceHash {
    fn flag(&mut self, on: bool) {
        self.octet(on.into());
    }

    #[inline(never)]
    fn octet(&mut self, octet: u8) {
        self.0 = (self.0 ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
    }

    #[inline(never)]
    fn unsigned(&mut self, mut number: u64) {
        while number > 0x7f {
            self.octet(number as u8 | 0x80);
            number >>= 7;
        }
        self.octet(number as u8);
    }

    /// Small numbers of either sign have short forms.
    #[inline(never)]
    fn signed(&mut self, number: i64) {
        self.unsigned(((number << 1) ^ (number >> 63)) as u64);
    }

    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        for octet in text.bytes() {
            self.octet(octet);
        }
    }

    fn optional(&mut self, there: bool) {
        self.flag(there);
    }

    fn variant(&mut self, number: u32, _: &'static str) {
        self.unsigned(number.into());
    }

    fn open_variant(&mut self, number: u32, _: &'static str) {
        self.unsigned(number.into());
    }

    fn open_list(&mut self, length: Option<usize>) {
        if let Some(length) = length {
            self.unsigned(length as u64);
        }
    }

    fn open_fields(&mut self) {}

    fn name(&mut self, _: &'static str) {}

    fn close(&mut self) {}
}

#[cfg(test)]
impl TraceHash {
    /// The hash of what postcard writes.
    pub(crate) fn of_postcard(value: &impl Serialize) -> TraceHash {
        let mut hash = TraceHash::default();
        for octet in postcard::to_allocvec(value).unwrap() {
            hash.octet(octet);
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    #[derive(Serialize)]
    enum Kind {
        Plain,
        One(u16),
        Two(i32, bool),
        Fields { text: &'static str, list: Vec<i16> },
    }

    /// Hashes of runs are written down, and were made so at first.
    #[test]
    fn it_is_the_hash_of_what_postcard_writes() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let value = (
            [Kind::Plain, Kind::One(300), Kind::Two(-70_000, true)],
            Kind::Fields {
                text: "α",
                list: vec![0, -1, i16::MIN],
            },
            (Some(u64::MAX), None::<u8>, i64::MIN, 200u8),
            (address("127.0.0.1:80"), address("[fe80::1]:65535")),
        );
        let mut hash = TraceHash::default();
        hash.add(&value);
        assert_eq!(hash, TraceHash::of_postcard(&value));
    }
}
