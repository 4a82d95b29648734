//! What other tools understand: a trace as `strace` prints it.

pub mod strace;
