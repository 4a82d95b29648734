//! One host, without links.

use super::{Network, Wires};
use crate::base::{Choices, Time};
use crate::kernel::Kernel;
use crate::packet::Packet;
use std::rc::Rc;

/// None.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links;

impl Network {
    /// How many hosts there are.
    pub(in crate::sim) fn hosts(&self) -> u16 {
        1
    }

    /// On which host a program runs.
    pub(in crate::sim) fn place(&self, _: usize) -> u16 {
        0
    }
}

impl Links {
    /// Nothing has to be done for none.
    pub(super) fn set_up(_: &Network, _: &mut [Rc<Kernel>]) -> Links {
        Links
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        true
    }
}

impl Wires {
    /// A packet that leaves by none is lost.
    pub(super) fn send_over_link(
        &mut self,
        _: (u16, u8),
        _: &Kernel,
        _: &Rc<Packet>,
        _: Time,
        _: &mut Choices,
    ) -> bool {
        false
    }
}
