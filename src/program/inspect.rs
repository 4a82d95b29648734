//! What a view asks of a program besides running it.

use crate::abi::Program;

/// A program that can be looked into. The C machine is one.
pub trait Inspect: Program {
    /// Where it is in its source.
    fn place(&self) -> Option<Place>;

    /// The C library function through which it made the call that it is in, if there is one.
    fn library_call(&self) -> Option<&str>;

    /// The error that stopped it, rendered with its line.
    fn fault(&self) -> Option<String>;
}

/// A place in a program's source; lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the file.
    pub file: u32,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
    /// The function.
    pub function: String,
}
