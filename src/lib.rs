//! Sockscope shows what the kernel does when a C program calls `socket()`, `bind()`, `listen()`,
//! `connect()`, `accept()`, `send()`, `recv()`, `close()`.
//!
//! **One C program, one syscall boundary, two kernels.** A program runs in a small C machine
//! ([`program::c`]). Each time it needs the kernel it hands over one value, an [`abi::Syscall`], and
//! waits for one value, an [`abi::Reply`]. Below stands either the simulated kernel ([`kernel`], driven
//! by a [`sim::World`]) or this machine's Linux (`native`). The same program, the same steps: so the two
//! can be held side by side (`scenario::compare`), and every claim of the page can be checked.
//!
//! Arrows point down only; `tests/tidy.rs` holds them:
//!
//! ```text
//! web · cli  →  session  →  explain · scenario  →  program · sim · native  →  kernel  →  abi · packet  →  base
//!                           explain  →  words
//! ```
//!
//! What holds everywhere:
//!
//! - A [`sim::World`] is a function of its programs, its seed and the user's decisions: everything that
//!   could have gone otherwise is a [`base::Choice`]. The same run gives the same trace on every target.
//! - It is `Clone + Eq` and cheap to clone. That, and running on from a clone, is time travel
//!   ([`session`]).
//! - Every observable change is a [`kernel::Event`] that names the [`kernel::Rule`] behind it.
//! - What is not modelled says so ([`abi::NotModelled`]); nothing is guessed.
//!
//! `ARCHITECTURE.md` tells the layers, where a new thing goes, and what differs from Linux.

pub mod abi;
pub mod base;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
#[cfg(not(target_arch = "wasm32"))]
pub mod drill;
pub mod explain;
pub mod export;
#[cfg(target_os = "linux")]
pub mod fuzz;
pub mod kernel;
#[cfg(target_os = "linux")]
pub mod native;
pub mod packet;
pub mod program;
pub mod scenario;
pub mod session;
pub mod sim;
#[cfg(all(target_arch = "wasm32", feature = "page"))]
pub mod web;
pub mod words;
