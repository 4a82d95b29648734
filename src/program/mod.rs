//! Programs: what a scenario runs above the syscall boundary.
//!
//! **Architecture invariant:** nothing in here knows a kernel, a scheduler or a page. A program is a
//! value that computes until it needs the kernel ([`crate::abi::Program`]).

pub mod c;
mod inspect;
pub mod source;

pub use source::{Diagnostic, Label, Severity, SourceFile, Span};

pub use inspect::{Inspect, Place};
