//! The command line.

mod arguments;
#[cfg(target_os = "linux")]
mod compare;
mod drill;
#[cfg(target_os = "linux")]
mod fuzz;
mod includes;
mod list;
mod load;
mod output;
mod run;
mod trace;

use clap::Parser;
use std::fmt;
use std::process::ExitCode;

/// The exit status when Sockscope refuses or cuts off a run.
const REFUSED: u8 = 2;

/// Why a command ends without a result: said on standard error after `sockscope: `.
#[derive(Debug)]
pub(crate) struct Refusal(String);

impl Refusal {
    fn new(why: impl Into<String>) -> Refusal {
        Refusal(why.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the arguments of the process and does what they say.
pub fn main() -> ExitCode {
    // Writing to `head` and the like must end quietly instead of panicking.
    let arguments = match arguments::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            let code = if error.use_stderr() { REFUSED } else { 0 };
            return ExitCode::from(code);
        }
    };
    let done = match arguments.command {
        arguments::Command::Run(options) => run::run(&options),
        arguments::Command::List(options) => list::list(&options),
        arguments::Command::Drill(options) => drill::drill(&options),
        #[cfg(target_os = "linux")]
        arguments::Command::Compare(options) => compare::compare(&options),
        #[cfg(target_os = "linux")]
        arguments::Command::Fuzz(options) => fuzz::fuzz(&options),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(refusal) => {
            let mut text = refusal.to_string();
            if !text.ends_with('\n') {
                text.push('\n');
            }
            output::to_stderr(format!("sockscope: {text}").as_bytes());
            ExitCode::from(REFUSED)
        }
    }
}
