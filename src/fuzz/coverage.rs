//! What the cases have reached.

use crate::abi::Reply;
use crate::kernel::TcpState;
use crate::packet::Flags;
use std::collections::BTreeSet;

/// Distinct things that happened on the simulated kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// A call and how it ended: an errno's name, or `ok`.
    pub calls: BTreeSet<(&'static str, &'static str)>,
    /// The state of the endpoint that a segment reached (none: no endpoint), and its flags.
    pub segments: BTreeSet<(Option<TcpState>, u8)>,
}

impl Coverage {
    pub(super) fn call(&mut self, call: &'static str, reply: &Reply) {
        let ended = reply.result.map_or_else(|errno| errno.name(), |_| "ok");
        self.calls.insert((call, ended));
    }

    pub(super) fn segment(&mut self, state: Option<TcpState>, flags: Flags) {
        self.segments.insert((state, flags.0));
    }

    pub(super) fn add(&mut self, other: &Coverage) {
        self.calls.extend(&other.calls);
        self.segments.extend(&other.segments);
    }
}
