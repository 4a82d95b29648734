//! TCP (RFC 9293), as Linux 6.18 does it.
//!
//! [`segment_arrives`] follows the RFC section by section; [`state`] says what each state owns. The
//! functions here change one endpoint and say so by events; the tables around it (ports, demux,
//! queues of a listener) are the kernel's, which brings them in line afterwards.

pub(crate) mod ack;
pub(crate) mod burst;
pub mod chrono;
pub(crate) mod close;
pub mod congestion;
pub mod connection;
mod icmp_error;
pub(crate) mod info;
pub(crate) mod keepalive;
pub(crate) mod limit;
pub(crate) mod open;
pub(crate) mod output;
pub mod receive_buffer;
pub mod recovery;
pub(crate) mod recv;
pub mod rtt;
pub mod sack;
pub(crate) mod segment_arrives;
pub mod settings;
pub mod state;
pub(crate) mod time_wait;
pub(crate) mod timer;
pub mod urgent;
mod write_queue;

pub use state::State;
