//! English.

pub(super) mod calls;
pub(super) mod errnos;
pub(super) mod events;
pub(super) mod phrases;
pub(super) mod rules;
mod segments;
