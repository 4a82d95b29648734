//! What only the simulation can show: timers in virtual time, loss where it is wanted, segments that
//! cross, queues inside the kernel, and what must hold whatever happens.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../common/mod.rs"]
mod common;

mod facts;
mod forks;
mod network;
mod properties;
mod recovery;
mod refusals;
mod requirements;
mod rfc9293;
mod rfc9293_segments;
mod rfc9293_windows;
mod states;
mod timers;
mod transfer;
