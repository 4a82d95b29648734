//! The simulated world: hosts, what travels between them, a virtual clock, and tasks that take turns.
//!
//! [`World::step`] does the smallest thing that can be told apart: some instructions of one program,
//! the delivery of one packet, one entry into a kernel, one jump of the clock. Everything that the
//! world could have done otherwise is a choice of [`crate::base::Choices`], so that a world is a
//! function of its programs, its seed and the user's decisions.
//!
//! **Architecture invariant:** a world knows no C and no page; it drives anything that is a
//! [`Program`]. It keeps no history: what happened is fetched and belongs to whoever wants it.

pub mod link;
mod look;
pub mod network;
mod tasks;
mod types;
mod world;

pub use types::{
    CallNote, CallPhase, Ended, Happened, ProgramSpec, Stepped, TaskPhase, WorldConfig,
};
pub use world::World;
