//! Programs without sockets do what gcc makes of them: the same output, the same status. What `NAME.in` beside a
//! program holds is its standard input.

mod c_machine_support;

use c_machine_support::{End, answer, files};
use sockscope::abi::{Program, Stop, Syscall};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program's output, and its status.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    stdout: String,
    stderr: String,
    status: i32,
}

fn by_gcc(path: &Path, input: &[u8]) -> Done {
    let name = path.file_stem().expect("a file").to_string_lossy();
    let to = std::env::temp_dir().join(format!("sockscope-{}-{name}", std::process::id()));
    let gcc = Command::new("gcc")
        .args(["-std=gnu11", "-w", "-o"])
        .args([&to, path])
        .arg("-lm")
        .status();
    assert!(
        gcc.expect("gcc is there").success(),
        "gcc refuses {}",
        path.display()
    );
    let piped = Stdio::piped;
    let mut command = Command::new(&to);
    command.stdin(piped()).stdout(piped()).stderr(piped());
    let mut child = command.spawn().expect("just compiled");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    // A program may end before it has read everything.
    let _ = stdin.write_all(input);
    drop(stdin);
    let out = child.wait_with_output().expect("it runs");
    let _ = std::fs::remove_file(&to);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Done {
        stdout: text(out.stdout),
        stderr: text(out.stderr),
        status: out.status.code().unwrap_or(-1),
    }
}

fn by_the_machine(path: &Path, input: &[u8]) -> Done {
    let text = std::fs::read_to_string(path).expect("it is in the checkout");
    let name = path.file_name().expect("a file").to_string_lossy();
    let m = files(&[(&*name, &*text)], &[&*name]).unwrap_or_else(|problems| panic!("{problems}"));
    let text = String::from_utf8_lossy(input);
    let out = c_machine_support::run(m, &text, 200_000_000);
    let status = match out.end {
        End::Exit(status) => status,
        other => panic!(
            "{name}: {other:?}\n{}",
            String::from_utf8_lossy(&out.stdout)
        ),
    };
    Done {
        stdout: String::from_utf8_lossy(&out.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
        status,
    }
}

#[test]
fn programs_print_what_gccs_print() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut programs: Vec<_> = std::fs::read_dir(folder)
        .expect("it is in the checkout")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "c"))
        .collect();
    programs.sort();
    for path in programs {
        let input = std::fs::read(path.with_extension("in")).unwrap_or_default();
        let ours = by_the_machine(&path, &input);
        let theirs = by_gcc(&path, &input);
        let lines = ours.stdout.lines().zip(theirs.stdout.lines());
        for (line, (own, other)) in lines.enumerate() {
            assert_eq!(own, other, "{}: line {}", path.display(), line + 1);
        }
        assert_eq!(ours, theirs, "{}", path.display());
    }
}

/// The sizes of write(2) as strace shows them for gcc's program with glibc 2.36.
#[test]
fn streams_write_as_often_and_as_much_as_glibcs() {
    let expected = "1 4096;1 4096;1 4096;1 1718;1 4096;1 4096;1 4096;1 802;1 4096;1 4096;1 4096;1 4096;1 4096;\
        1 8192;1 1328;1 3;1 3;1 2;1 6;1 5;1 14;1 2;1 4096;1 904;1 4096;1 904;1 3;1 13;1 2;1 1;1 1;1 6;1 2;1 8192;1 809;\
        1 16;2 10;2 2;2 1;2 1;2 4;2 1;2 8;1 8;1 3;";
    let mut m = files(
        &[("chunks.c", include_str!("programs/chunks.c"))],
        &["chunks"],
    )
    .unwrap();
    let mut out = c_machine_support::Outcome {
        stdout: Vec::new(),
        stderr: Vec::new(),
        end: End::Endless,
        used: 0,
    };
    let (mut sizes, mut stdin) = (String::new(), &b""[..]);
    loop {
        let call = match m.run(1_000_000, false).stop {
            Stop::Syscall(call) => call,
            Stop::Budget | Stop::Line | Stop::Clock => continue,
            Stop::Fault => panic!("{:?}", m.fault()),
        };
        if let Syscall::Write { fd, count, .. } = &*call {
            sizes.push_str(&format!("{fd} {count};"));
        }
        match answer(&call, &mut stdin, &mut out) {
            Some(reply) => m.resume(&reply),
            None => break,
        }
    }
    assert_eq!(sizes, expected);
}
