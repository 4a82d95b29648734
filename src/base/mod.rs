//! What every layer stands on: virtual time, wrapping sequence numbers, ids, arenas and choices.
//!
//! **Architecture invariant:** nothing in here knows sockets, packets or programs, reads a clock,
//! or iterates in hash order.

pub mod arena;
pub mod choice;
pub mod fifo;
pub mod ids;
mod octets;
pub mod parts;
pub mod seq;
pub mod sorted;
pub mod time;
pub mod trace_hash;

pub use arena::Arena;
pub use choice::{Choice, ChoiceKind, Choices};
pub use fifo::Fifo;
pub use ids::{FileId, HostId, PacketId, Pid, PipeId, SockId, Tid};
pub(crate) use octets::octets;
pub use seq::Seq;
pub use sorted::SortedMap;
pub use time::Time;
