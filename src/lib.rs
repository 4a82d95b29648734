//! Sockscope shows what the kernel does when a C program calls `socket()`, `bind()`, `listen()`,
//! `connect()`, `accept()`, `send()`, `recv()`, `close()`.

pub mod abi;
pub mod base;
pub mod explain;
pub mod kernel;
pub mod packet;
pub mod sim;
#[cfg(target_arch = "wasm32")]
pub mod web;
