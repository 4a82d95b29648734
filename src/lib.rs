//! Sockscope shows what the kernel does when a C program calls `socket()`, `bind()`, `listen()`,
//! `connect()`, `accept()`, `send()`, `recv()`, `close()`.

pub mod abi;
pub mod base;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod explain;
pub mod export;
pub mod kernel;
#[cfg(target_os = "linux")]
pub mod native;
pub mod packet;
pub mod program;
pub mod scenario;
pub mod session;
pub mod sim;
#[cfg(target_arch = "wasm32")]
pub mod web;
