//! The native kernel on this machine's real sockets. Every wait is bounded.
#![cfg(target_os = "linux")]

mod calls;
mod life;
mod memory;
mod network;
mod support;
