//! The syscall boundary: what a program hands to a kernel and what it gets back.
//!
//! Everything here is a plain value that owns its bytes. The same [`Syscall`] goes to the simulated
//! kernel and, through a puppet, to the real one; the same [`Reply`] comes back.
//!
//! **Architecture invariant:** nothing below this boundary ever sees a C pointer, and nothing above
//! it ever sees a kernel's data.

pub mod constants;
pub mod errno;
mod names;
pub mod program;
pub mod reply;
pub mod sockaddr;
pub mod syscall;

pub use errno::Errno;
pub use program::{Clocks, Program, Ran, Stop, Thread};
pub use reply::{NotModelled, Reply, UserWrite};
pub(crate) use sockaddr::Inet;
pub use sockaddr::SockAddr;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use syscall::calls_on_descriptors;
pub use syscall::{
    Delivery, Id, IovIn, IovOut, MsgIn, MsgOut, SigAction, SigInfo, Syscall, UserIn, UserOut,
    nested,
};
