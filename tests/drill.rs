//! packetdrill scripts of our own, in tests/drill/: one behaviour each, in every variant. They were run with Google's
//! packetdrill on Linux 6.18, too.

use sockscope::drill::{self, Variant, Verdict};
use std::fs;
use std::path::{Path, PathBuf};

const VARIANTS: [Variant; 3] = [Variant::Ipv4, Variant::Ipv6, Variant::Ipv4Mapped];

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drill");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    assert!(paths.len() > 20, "the scripts are found");
    paths
}

#[test]
fn every_script_passes_in_every_variant() {
    let mut problems = Vec::new();
    for path in scripts() {
        let text = fs::read_to_string(&path).expect("a script is text");
        for variant in VARIANTS {
            let verdict = drill::run(&text, variant, &mut |_| {});
            if verdict != Verdict::Passed {
                let name = path.file_name().unwrap_or_default();
                problems.push(format!("{name:?} {variant:?}: {verdict:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn the_same_script_is_the_same_run() {
    let path = &scripts()[0];
    let text = fs::read_to_string(path).expect("a script is text");
    let run = || {
        let mut trace = Vec::new();
        drill::run(&text, Variant::Ipv4, &mut |event| {
            trace.push(event.to_owned())
        });
        trace
    };
    let first = run();
    assert!(!first.is_empty());
    assert_eq!(run(), first);
}

fn verdict(text: &str) -> Verdict {
    drill::run(text, Variant::Ipv4, &mut |_| {})
}

#[test]
fn a_false_expectation_fails_at_its_line() {
    let text = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 listen(3, 1) = -1 EBADF\n";
    let Verdict::Failed { line: 2, .. } = verdict(text) else {
        panic!("{:?}", verdict(text));
    };
}

#[test]
fn what_is_not_known_is_unsupported_at_its_line() {
    for (text, at) in [
        ("`reboot`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", 1),
        (
            "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 frobnicate(3) = 0",
            2,
        ),
        (
            "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n\n+0 > S 0:0(",
            3,
        ),
        ("0 < udp (10)", 1),
    ] {
        match verdict(text) {
            Verdict::Unsupported { line, .. } => assert_eq!(line, at, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_packet_that_comes_too_late_fails() {
    let text = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n\
        +0...9 connect(3, ..., ...) = -1 ETIMEDOUT\n\
        +0 > S 0:0(0) <...>\n\
        +.5 > S 0:0(0) <...>";
    let Verdict::Failed { line: 4, got, .. } = verdict(text) else {
        panic!("{:?}", verdict(text));
    };
    assert!(got.contains("1.000000"), "{got}");
}
