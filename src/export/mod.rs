//! What other tools understand: a trace as `strace` prints it, values as JSON.

pub mod json;
pub mod strace;
