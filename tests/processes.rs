//! Programs that fork, wait and handle signals: gcc's binary is the oracle for both kernels.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/programs/processes")
}

/// Output and status: 128 and the signal's number if one ended it.
fn told(run: &Output) -> (String, i32) {
    use std::os::unix::process::ExitStatusExt;
    let signal = run.status.signal().map(|signal| 128 + signal);
    let status = run.status.code().or(signal).unwrap_or(-1);
    (String::from_utf8_lossy(&run.stdout).into_owned(), status)
}

fn gcc(source: &Path) -> (String, i32) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("processes");
    std::fs::create_dir_all(&dir).expect("a folder can be made");
    let exe = dir.join(source.file_stem().expect("a name"));
    let mut compiler = Command::new("gcc");
    compiler.args(["-std=gnu11", "-O0", "-w", "-o"]);
    let built = compiler.arg(&exe).arg(source).output().expect("gcc runs");
    assert!(built.status.success(), "{built:?}");
    told(&Command::new(exe).output().expect("the program runs"))
}

fn sockscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sockscope"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn as_gcc_has_it(name: &str) {
    let source = folder().join(name).with_extension("c");
    let expected = gcc(&source);
    let path = source.to_str().expect("a plain path");
    for kernel in ["sim", "native"] {
        let run = sockscope(&["run", path, "--trace", "none", "--on", kernel]);
        let error = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(told(&run), expected, "{name} on {kernel}: {error}");
    }
}

#[test]
fn children_end_and_their_parents_are_told() {
    as_gcc_has_it("exit-statuses");
}

#[test]
fn a_buffer_is_copied_by_fork() {
    as_gcc_has_it("buffers");
}

#[test]
fn handlers_masks_and_pending_signals() {
    as_gcc_has_it("handlers");
}

#[test]
fn interrupted_calls_begin_again_or_not() {
    as_gcc_has_it("interrupted");
}

#[test]
fn sigchld_reaps_children() {
    as_gcc_has_it("sigchld");
}

#[test]
fn signals_reach_who_computes_and_end_who_does_not_care() {
    as_gcc_has_it("computing");
}

/// Without SIGCHLD: how many children have ended when its handler runs is chance.
#[test]
fn both_kernels_agree_call_by_call() {
    for name in ["exit-statuses", "buffers", "handlers"] {
        let source = folder().join(name).with_extension("c");
        let run = sockscope(&["compare", source.to_str().expect("a plain path")]);
        let text = String::from_utf8_lossy(&run.stdout).into_owned();
        assert_eq!(run.status.code(), Some(0), "{name}: {text}{run:?}");
    }
}

#[test]
fn another_program_takes_the_place_of_this_one() {
    let first = folder().join("exec/first.c");
    let second = folder().join("exec/second.c");
    let paths = [&second, &first].map(|p| p.to_str().expect("a plain path"));
    for kernel in ["sim", "native"] {
        let arguments = ["run", paths[0], paths[1], "--trace", "none", "--on", kernel];
        let run = sockscope(&arguments);
        let text = told(&run);
        let mut lines: Vec<&str> = text.0.lines().collect();
        lines.sort_unstable();
        let expected = [
            "first: second 3: second a b, kept 1, closed 1, ignored 1, default 1",
            "first: second is not there: 1",
            "first: status 42",
            "second: second 1: second, kept 0, closed 1, ignored 0, default 1",
        ];
        assert_eq!(
            (lines.as_slice(), text.1),
            (&expected[..], 0),
            "{kernel}: {run:?}"
        );
    }
}
