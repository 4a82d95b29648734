//! The Winsock card: whatever a program can call or get, the card has a row for it, or is not to have one.
#![allow(missing_docs)]

use sockscope::abi::Errno;
use sockscope::words::winsock::{Row, tables};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const CARD: &str = include_str!("../static/words/winsock.txt");

/// Calls that are not about sockets, or that programs know by another name only.
const NO_CALLS: &[&str] = &[
    "alarm",
    "clone3",
    "epoll_create",
    "epoll_pwait",
    "execve",
    "exit",
    "exit_group",
    "futex",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getppid",
    "gettid",
    "getuid",
    "kill",
    "nanosleep",
    "openat",
    "other",
    "pause",
    "pipe",
    "pipe2",
    "recvmmsg",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigsuspend",
    "sendmmsg",
    "setitimer",
    "unlink",
    "wait4",
];

/// Errors of files, processes and devices, which have nothing to do with Winsock.
const NO_ERRORS: &[&str] = &[
    "EBUSY",
    "ECHILD",
    "EDOM",
    "EEXIST",
    "EISDIR",
    "ELOOP",
    "ENAMETOOLONG",
    "ENODEV",
    "ENOENT",
    "ENONET",
    "ENOSPC",
    "ENOTDIR",
    "ENOTTY",
    "EPERM",
    "EPROTO",
    "ESRCH",
];

/// The names of all calls: each has a purpose.
fn calls() -> impl Iterator<Item = &'static str> {
    let words = include_str!("../static/words/en.txt");
    let (_, purposes) = words.split_once("[purpose]\n").expect("a section");
    let purposes = purposes.lines().take_while(|line| !line.starts_with('['));
    purposes.filter_map(|line| Some(line.split_once(" = ")?.0))
}

fn rows() -> Vec<Row<'static>> {
    tables(CARD).concat()
}

#[test]
fn every_row_is_whole() {
    let lines = CARD
        .lines()
        .filter(|line| !line.starts_with(['#', '[']) || line.contains('\t'));
    let mut count = 0;
    for line in lines {
        assert_eq!(line.split('\t').count(), 4, "{line}");
        count += 1;
    }
    assert_eq!(rows().len(), count);
    for row in rows() {
        assert_eq!(row.en.is_empty(), row.ko.is_empty(), "{row:?}");
        assert!(!row.linux.is_empty() && !row.winsock.is_empty(), "{row:?}");
    }
}

#[test]
fn every_call_has_a_row_or_needs_none() {
    assert!(calls().count() > 40);
    let mut missing = Vec::new();
    for call in calls() {
        // With every constant that there is.
        let line = [call, "(", CARD, ")"].concat();
        let found = rows().iter().any(|row| row.is_about(&line));
        if found == NO_CALLS.contains(&call) {
            missing.push(call);
        }
    }
    assert!(missing.is_empty(), "neither or both: {missing:?}");
}

/// The errors that the simulated kernel names.
fn errors() -> BTreeSet<&'static str> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kernel")];
    let mut texts = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src is readable").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => texts.push_str(&fs::read_to_string(path).expect("source is text")),
            }
        }
    }
    let named = texts.split("Errno::").skip(1).filter_map(|after| {
        let name = after.split(|c: char| !c.is_ascii_alphanumeric()).next();
        Errno::ALL
            .iter()
            .map(|errno| errno.name())
            .find(|known| Some(*known) == name)
    });
    named.collect()
}

#[test]
fn every_error_has_a_row_or_needs_none() {
    assert!(errors().len() > 30);
    let mut wrong = Vec::new();
    for errno in errors() {
        let line = ["f() = -1 ", errno, " (text)"].concat();
        let found = rows().iter().any(|row| row.is_about(&line));
        if found == NO_ERRORS.contains(&errno) {
            wrong.push(errno);
        }
    }
    assert!(wrong.is_empty(), "neither or both: {wrong:?}");
}
