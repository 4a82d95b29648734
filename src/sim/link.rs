//! What can happen to a packet on its way.

use serde::{Deserialize, Serialize};

/// The rules of a host's loopback device. Without rules every packet arrives, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRules {
    /// The how-many-th packets to lose, counted from 1 in the order in which they are sent.
    pub lose: Vec<u32>,
}

impl LinkRules {
    /// Whether the `nth` packet is lost.
    pub fn loses(&self, nth: u32) -> bool {
        self.lose.contains(&nth)
    }
}
