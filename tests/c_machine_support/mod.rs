//! A kernel of a few lines for programs without sockets: it takes what they write and ends them.

#![allow(dead_code, unreachable_pub)]

use sockscope::abi::{Clocks, Errno, Program, Reply, Stop, Syscall, UserIn};
use sockscope::program::SourceFile;
use sockscope::program::c::{self, Config, Machine};
use std::time::Duration;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Exit(i32),
    Fault(String),
    /// It did not end within the instructions allowed.
    Endless,
}

/// What a program did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub end: End,
    pub used: u64,
}

impl Outcome {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// Compiles one file; the messages if it does not compile.
pub fn machine(source: &str) -> Result<Machine, String> {
    files(&[("test.c", source)], &["test"])
}

/// Compiles several files.
pub fn files(sources: &[(&str, &str)], args: &[&str]) -> Result<Machine, String> {
    let files: Vec<SourceFile> = sources
        .iter()
        .map(|(name, text)| SourceFile::new(*name, *text))
        .collect();
    let image = c::compile(&files, &c::Options::default()).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(|p| p.render(&files)).collect();
        all.concat()
    })?;
    let config = Config {
        args: args.iter().map(|a| (*a).to_owned()).collect(),
        ..Config::default()
    };
    Ok(Machine::new(image, &config))
}

/// Answers the system calls of a program that only reads standard input, writes and ends.
pub fn answer(call: &Syscall, stdin: &mut &[u8], out: &mut Outcome) -> Option<Reply> {
    Some(match call {
        Syscall::Write {
            fd,
            buf: UserIn::Bytes(bytes),
            count,
        } => {
            match fd {
                1 => out.stdout.extend_from_slice(bytes),
                2 => out.stderr.extend_from_slice(bytes),
                _ => return Some(Reply::error(Errno::EBADF)),
            }
            Reply::ok(*count)
        }
        Syscall::Read { fd: 0, count, .. } => {
            let n = stdin.len().min(*count as usize);
            let (head, tail) = stdin.split_at(n);
            let reply = Reply::ok(n as u64).with_write(1, head.to_vec());
            *stdin = tail;
            reply
        }
        Syscall::ExitGroup { status } => {
            out.end = End::Exit(status & 0xff);
            return None;
        }
        Syscall::Nanosleep { .. } | Syscall::Close { .. } => Reply::ok(0),
        // O_RDWR
        Syscall::Fcntl { cmd: 3, .. } => Reply::ok(2),
        _ => Reply::error(Errno::ENOSYS),
    })
}

/// Runs a machine to its end.
pub fn run(mut machine: Machine, stdin: &str, budget: u64) -> Outcome {
    let mut stdin = stdin.as_bytes();
    let mut out = Outcome {
        stdout: Vec::new(),
        stderr: Vec::new(),
        end: End::Endless,
        used: 0,
    };
    while out.used < budget {
        let ran = machine.run((budget - out.used).min(1_000_000), false);
        out.used += ran.used;
        match ran.stop {
            Stop::Budget | Stop::Line => {}
            Stop::Clock => machine.tell(Clocks::simulated(Duration::from_nanos(2 * out.used))),
            Stop::Fault => {
                let fault = machine.fault().expect("it stopped for one");
                out.end = End::Fault(fault.render(machine.image().files()));
                return out;
            }
            Stop::Syscall(call) => match answer(&call, &mut stdin, &mut out) {
                Some(reply) => machine.resume(&reply),
                None => return out,
            },
        }
    }
    out
}

/// Compiles and runs one file.
pub fn run_source(source: &str) -> Outcome {
    match machine(source) {
        Ok(machine) => run(machine, "", 50_000_000),
        Err(problems) => panic!("does not compile:\n{problems}\n{source}"),
    }
}
