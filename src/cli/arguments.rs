//! What can be asked for.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Runs C socket programs on a simulated kernel and on this machine's Linux.
#[derive(Debug, Parser)]
#[command(
    name = "sockscope",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run programs; what they write goes to standard output and error, the trace to standard error.
    Run(RunOptions),
    /// Run programs on both kernels in lockstep and show the first difference.
    #[cfg(target_os = "linux")]
    Compare(CompareOptions),
    /// Name the scenarios that come with Sockscope.
    List(ListOptions),
    /// Run packetdrill scripts on the simulated kernel, in virtual time.
    Drill(DrillOptions),
    /// Run random sequences of system calls on both kernels in lockstep and show where they differ.
    #[cfg(target_os = "linux")]
    Fuzz(FuzzOptions),
}

/// What `run` and `compare` have in common.
#[derive(Debug, Args)]
pub(super) struct Programs {
    /// A scenario: its folder, or its name in the library (`sockscope list`). Or a C file, or several
    /// that make one program joined by commas (a.c,util.c): its NAME is the first file's stem. What they
    /// include in quotes is found beside them.
    /// Programs are started in the order given; the exit status is that of the last one.
    #[arg(value_name = "PROGRAM", required = true)]
    pub(super) programs: Vec<String>,
    /// Look there, too, for files that are included in quotes.
    #[arg(short = 'I', value_name = "FOLDER")]
    pub(super) include: Vec<PathBuf>,
    /// Decides everything that is random: initial sequence numbers, ephemeral ports. The scenario's
    /// own if it is not given; 1 without one.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Arguments of a program, separated as a shell separates words.
    #[arg(long, value_name = "NAME='…'")]
    pub(super) args: Vec<String>,
    /// A file that a program reads from standard input; without it, input is empty.
    #[arg(long, value_name = "NAME=FILE")]
    pub(super) stdin: Vec<String>,
    /// Run the programs with the capabilities of root instead of as an ordinary user.
    #[arg(long)]
    pub(super) root: bool,
    /// Make the programs' standard output a terminal.
    #[arg(long)]
    pub(super) tty: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "EXIT STATUS:\n  that of the program listed last, at most 100; 128 + N if signal N ended it;\n  2 if Sockscope refuses or cuts off the run, with the reason on standard error"
)]
pub(super) struct RunOptions {
    #[command(flatten)]
    pub(super) programs: Programs,
    /// Which kernel answers the system calls.
    #[arg(long, value_enum, default_value_t = On::Sim)]
    pub(super) on: On,
    /// How system calls are shown on standard error.
    #[arg(long, value_enum, default_value_t = Trace::Strace)]
    pub(super) trace: Trace,
    /// Write to a file what each call returned, what the programs wrote and how they ended: the record
    /// of a scenario that takes too long for a live comparison.
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// On the real kernel: cut the run off when every program has slept for so long.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(super) patience: u64,
}

#[derive(Debug, Args)]
#[command(
    after_help = "EXIT STATUS:\n  0 if both kernels did the same, 1 if they differ, 2 if they could not be compared"
)]
pub(super) struct CompareOptions {
    #[command(flatten)]
    pub(super) programs: Programs,
    /// Compare with the real kernel even if the scenario takes too long for that, in place of holding
    /// the simulated run against what was recorded.
    #[arg(long)]
    pub(super) live: bool,
    /// Write the outcome of each call to a file, for the marks that the page shows.
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListOptions {
    /// In which language.
    #[arg(long, value_enum, default_value_t = Language::En)]
    pub(super) lang: Language,
}

/// A language of titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// English.
    En,
    /// Korean.
    Ko,
}

#[derive(Debug, Args)]
#[command(
    after_help = "EXIT STATUS:\n  0 if every script passed, 1 if one failed, 3 if none failed and one is not supported;\n  2 if a path cannot be read"
)]
pub(super) struct DrillOptions {
    /// Scripts, and folders that are searched for *.pkt.
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// How sockets and packets speak IP.
    #[arg(long, value_enum, default_value_t = Ip::Ipv4)]
    pub(super) variant: Ip,
    /// Write each event to standard error.
    #[arg(long)]
    pub(super) trace: bool,
}

/// A way to speak IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Ip {
    /// AF_INET sockets, IPv4 packets.
    Ipv4,
    /// AF_INET6 sockets, IPv6 packets.
    Ipv6,
    /// AF_INET6 sockets with v4-mapped addresses, IPv4 packets.
    Ipv4Mapped,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The last line on standard output is `N agreed, N diverged`.\n\nNOT ASKED FOR, because two kernels need not agree on it or a case would have to wait:\n  buffers filled with data, their sizes, TCP_INFO and what else follows timing\n  waiting with a limit of time, SO_LINGER with seconds, TCP_CORK\n  processes: fork(2), SO_PEERCRED; descriptors 0 to 2\n  whatever the simulated kernel does not model\n\nEXIT STATUS:\n  0 if all agreed, 1 if some diverged, 2 if the real kernel could not be asked"
)]
pub(super) struct FuzzOptions {
    /// Decides which cases are generated; a fresh one if it is not given. It is printed.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// So many cases.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(super) cases: u64,
    /// At most so many calls in each case.
    #[arg(long, value_name = "N", default_value_t = 24)]
    pub(super) steps: usize,
    /// Begin no case after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(super) time: Option<u64>,
    /// Write each divergence there: NAME.txt to read, NAME.json for --replay.
    #[arg(long, value_name = "DIR")]
    pub(super) keep: Option<PathBuf>,
    /// Run one sequence that was kept, instead of generating any.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "keep"])]
    pub(super) replay: Option<PathBuf>,
}

/// A kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum On {
    /// The simulated kernel, in virtual time.
    Sim,
    /// This machine's Linux, in a network namespace of its own where that is allowed.
    Native,
}

/// A form of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Trace {
    /// As strace prints it, after the compiler's warnings.
    Strace,
    /// One JSON object a line.
    Json,
    /// None.
    None,
}
