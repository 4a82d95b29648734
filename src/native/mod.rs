//! The real kernel behind the same boundary.
//!
//! A [`Stage`] is a place where *puppets* run: real child processes, one per simulated process, that
//! execute nothing but typed [`Syscall`](crate::abi::Syscall)s. Programs stay in this process; what
//! they ask of the kernel goes to a puppet, and what this machine's kernel answers comes back as a
//! [`Reply`].
//!
//! ```no_run
//! use sockscope::abi::Syscall;
//! use sockscope::native::{PuppetSpec, Settled, Stage, StageConfig};
//! use std::time::Duration;
//!
//! let mut stage = Stage::open(&StageConfig::default())?;
//! let puppet = stage.spawn(&PuppetSpec::default())?;
//! let call = Syscall::Socket { domain: 2, ty: 1, protocol: 0 };
//! stage.start(puppet, &call)?;
//! let Settled::Returned(reply) = stage.settle(puppet, Duration::from_secs(5))? else { panic!() };
//! assert_eq!(reply.result, Ok(3)); // 0, 1 and 2 are taken
//! # Ok::<(), sockscope::native::Error>(())
//! ```
//!
//! **Lockstep.** One call is granted at a time with [`Stage::start`]; [`Stage::settle`] says when it
//! has returned or its task *sleeps* in it, by the kernel's own word and not by waiting for a while.
//! A call that sleeps is woken by what another puppet does: settle it again after each grant.
//!
//! **What a program sees.** Descriptors 0, 1 and 2 are open and nothing else; the first socket is 3.
//! Descriptor 0 is a pipe with the bytes given and then end-of-file; 1 and 2 are pipes, which this
//! process empties whenever it waits, or 1 is a terminal. Programs are an ordinary user without
//! capabilities unless [`PuppetSpec::root`] says otherwise. The descriptor through which a puppet is
//! controlled looks closed. Every signal has its default effect: a write to a reset connection ends
//! the puppet by SIGPIPE.
//!
//! **Bounds.** No wait is unbounded, no queue grows without limit ([`StageConfig`]), and when a stage
//! is dropped, or this process ends in whatever way, every child is killed and reaped.
//!
//! Which bytes a reply reports is said in `exec.rs`; how processes hang together in `supervisor.rs`.
//!
//! **Architecture invariant:** nothing here knows the simulated kernel, programs or traces.

// Raw system calls, fork and descriptor passing have no safe form. This is the one place in the
// crate where `unsafe` is allowed; each block says why it is sound.
#![allow(unsafe_code)]

mod capture;
mod device;
mod diag;
mod error;
mod exec;
mod fork;
mod layout;
mod memory;
mod messages;
mod ownership;
mod privilege;
mod pump;
mod puppet;
mod shared;
mod signals;
mod stage;
mod streams;
mod supervisor;
mod thread;
mod watch;
mod wire;

pub use capture::{Captured, CapturedOption};
pub use device::DeviceConfig;
pub use diag::{SocketRow, SocketState};
pub use error::Error;
pub use stage::Stage;

use crate::abi::{Delivery, Reply};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How a stage is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageConfig {
    /// Try to get a network namespace. Without one, or where this machine does not allow one, the
    /// stage stands on the loopback interface that everyone shares.
    pub own_network: bool,
    /// A program that wants to sleep longer is refused.
    pub longest_wait: Duration,
    /// A puppet that writes more to its descriptors 1 and 2 is refused.
    pub longest_output: usize,
    /// The programs' RLIMIT_NOFILE; lower if this machine's hard limit is.
    pub descriptors: u64,
    /// Settings of the stage's network by their names under `/proc/sys`, `net/ipv4/tcp_syn_retries`
    /// for example. A network that is shared keeps its own: see [`Stage::refused_sysctls`].
    pub sysctls: Vec<(String, String)>,
    /// Devices besides the loopback device: `eth0` and so on. They need a network of the stage's own; where that is not
    /// to be had, the stage is refused.
    pub devices: Vec<DeviceConfig>,
}

impl Default for StageConfig {
    fn default() -> StageConfig {
        StageConfig {
            own_network: true,
            longest_wait: Duration::from_secs(30),
            longest_output: 16 << 20,
            descriptors: 1024,
            // The one setting that a new namespace takes over from a machine's administrator and
            // that shows in what is sent when. Reno is built into every kernel.
            sysctls: vec![(
                "net/ipv4/tcp_congestion_control".to_owned(),
                "reno".to_owned(),
            )],
            devices: Vec::new(),
        }
    }
}

/// What separates a stage from the rest of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// It has a network namespace: all ports are free, and nobody else is there.
    OwnNetworkNamespace,
    /// It shares the machine's loopback interface and its ports.
    PlainLoopback {
        /// Why there is no namespace.
        reason: String,
    },
}

/// What a puppet is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PuppetSpec {
    /// What can be read from descriptor 0 before end-of-file.
    pub stdin: Vec<u8>,
    /// Whether it has root's privileges over the stage's network.
    pub root: bool,
    /// Whether descriptor 1 is a terminal (in raw mode: bytes arrive as they were written).
    pub tty: bool,
    /// The capabilities that an ordinary user's program has: bit N is number N of linux/capability.h. Where a stage
    /// got its network through a user namespace, such a program has the user ID 0.
    pub capabilities: u64,
    /// Its RLIMIT_NOFILE, if it is not [`StageConfig::descriptors`].
    pub descriptors: Option<u64>,
}

/// A puppet of one stage. Never reused within the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Puppet(pub(in crate::native) u32);

/// How far a call has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has returned; the puppet takes the next one.
    Returned(Reply),
    /// It has returned, or is to be made again (no reply), and handlers of the program run first.
    Handlers {
        /// What it returned.
        reply: Option<Reply>,
        /// The handlers, the one that runs first last.
        handlers: Vec<Delivery>,
    },
    /// Its task sleeps in it.
    Asleep,
    /// Neither at the bound: the kernel is still working on it.
    StillRunning,
    /// The puppet has ended in it.
    Ended(End),
}

/// How a puppet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// By exit_group(2).
    Exited {
        /// The status as `wait()` reports it, 0 to 255.
        status: i32,
    },
    /// By a signal.
    Killed {
        /// Its number; 13 is SIGPIPE.
        signal: i32,
    },
}

/// One of the two streams that a program writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// What was written to the file behind descriptor 1.
    Stdout,
    /// What was written to the file behind descriptor 2.
    Stderr,
}

/// Bytes that a program wrote, as they arrived.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where to.
    pub stream: Stream,
    /// What.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {:?}",
            self.stream,
            self.bytes.escape_ascii().to_string()
        )
    }
}
