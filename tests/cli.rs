//! The command line, as a user types it, on both kernels.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const SERVER: &str = "static/scenarios/first-life/server.c";
const CLIENT: &str = "static/scenarios/first-life/client.c";

fn sockscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sockscope"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A C file of that content; removed when it goes out of scope.
struct Source(PathBuf);

impl Source {
    fn new(name: &str, content: &[u8]) -> Source {
        let folder = std::env::temp_dir().join(format!("sockscope-cli-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let path = folder.join(name);
        let mut file = std::fs::File::create(&path).expect("a temporary file can be made");
        file.write_all(content).expect("it can be written");
        Source(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a plain path")
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn the_blogs_programs_print_what_they_exchange_on_both_kernels() {
    for kernel in ["sim", "native"] {
        let run = sockscope(&["run", SERVER, CLIENT, "--on", kernel, "--trace", "none"]);
        assert_eq!(
            text(&run.stdout).lines().collect::<Vec<_>>().len(),
            2,
            "{kernel}"
        );
        assert!(
            text(&run.stdout).contains("client: Received: Hello, server!\n"),
            "{kernel}"
        );
        assert!(
            text(&run.stdout).contains("server: Received: Hello, server!\n"),
            "{kernel}"
        );
        assert_eq!(
            (text(&run.stderr).as_str(), run.status.code()),
            ("", Some(0)),
            "{kernel}"
        );
    }
}

#[test]
fn what_a_file_includes_in_quotes_is_found_beside_it_and_in_folders_that_are_named() {
    let folder = std::env::temp_dir().join(format!("sockscope-include-{}", std::process::id()));
    for (name, content) in [
        (
            "book/src/main.c",
            "#include \"../lib/book.h\"\n#include \"common.h\"\n#include \"part.c\"\nint main(void) { return ONE + TWO + three() + four(); }\n",
        ),
        ("book/src/part.c", "int three(void) { return 3; }\n"),
        (
            "book/lib/book.h",
            "#include \"../config.h\"\nint four(void);\n",
        ),
        (
            "book/lib/four.c",
            "#include \"book.h\"\nint four(void) { return 4; }\n",
        ),
        ("book/config.h", "#define ONE 1\n"),
        ("common/common.h", "#pragma once\n# include \"two.h\"\n"),
        ("common/two.h", "#define TWO 2\n"),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, content).expect("it can be written");
    }
    let place = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let program = format!("{},{}", place("book/src/main.c"), place("book/lib/four.c"));
    let run = |more: &[&str]| sockscope(&[&["run", &program, "--trace", "none"], more].concat());
    let found = run(&["-I", &place("common")]);
    let missing = run(&[]);
    let _ = std::fs::remove_dir_all(&folder);
    assert_eq!(
        (text(&found.stderr).as_str(), found.status.code()),
        ("", Some(10))
    );
    assert!(
        text(&missing.stderr).contains("main.c:2:10: error: there is no file \"common.h\""),
        "{}",
        text(&missing.stderr)
    );
}

#[test]
fn the_client_alone_is_refused_on_both_kernels() {
    for kernel in ["sim", "native"] {
        let run = sockscope(&["run", CLIENT, "--on", kernel, "--trace", "none"]);
        assert_eq!(
            text(&run.stderr),
            "서버 연결 실패: Connection refused\n",
            "{kernel}"
        );
        assert_eq!(run.status.code(), Some(1), "{kernel}");
        let traced = sockscope(&["run", CLIENT, "--on", kernel]);
        assert!(text(&traced.stderr).contains("= -1 ECONNREFUSED (Connection refused)"));
        assert!(text(&traced.stderr).contains("+++ exited with 1 +++"));
    }
}

#[test]
fn both_kernels_agree_again_and_again() {
    for round in 0..10 {
        let run = sockscope(&["compare", SERVER, CLIENT, "--seed", &round.to_string()]);
        assert_eq!(
            run.status.code(),
            Some(0),
            "{}{}",
            text(&run.stdout),
            text(&run.stderr)
        );
        assert!(text(&run.stdout).starts_with("equal on Linux "));
    }
    let alone = sockscope(&["compare", CLIENT]);
    assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stdout));
}

#[test]
fn compare_finds_udp_programs_equal_on_both_kernels() {
    let programs = [
        "tests/programs/sockets/udp_server.c",
        "tests/programs/sockets/udp_client.c",
    ];
    let run = sockscope(&["compare", programs[0], programs[1]]);
    let said = format!("{}{}", text(&run.stdout), text(&run.stderr));
    assert_eq!(run.status.code(), Some(0), "{said}");
}

#[test]
fn compare_finds_sockets_equal_that_listen_after_a_connection() {
    for program in ["child.c", "client_listens.c"] {
        let path = format!("tests/programs/sockets/{program}");
        let run = sockscope(&["compare", &path]);
        let said = format!("{}{}", text(&run.stdout), text(&run.stderr));
        assert_eq!(run.status.code(), Some(0), "{said}");
    }
}

#[test]
fn a_program_that_does_not_compile_is_refused_with_its_place() {
    let cases: [(&str, &[u8], &str); 5] = [
        (
            "syntax.c",
            b"int main(void) {\n    int x = ;\n}\n",
            "syntax.c:2:13",
        ),
        (
            "unknown.c",
            b"int main(void) {\n    sokcet(2, 1, 0);\n}\n",
            "unknown.c:2:5",
        ),
        ("noise.c", b"\xff\xfe\x00\x12 int", "noise.c"),
        (
            "header.c",
            b"#include <sys/sockets.h>\nint main(void) { return 0; }\n",
            "header.c:1",
        ),
        ("open.c", b"int main(void) { return (1;", "open.c:1"),
    ];
    for (name, content, place) in cases {
        let source = Source::new(name, content);
        for command in ["run", "compare"] {
            let run = sockscope(&[command, source.path()]);
            let error = text(&run.stderr);
            assert_eq!(run.status.code(), Some(2), "{name}: {error}");
            assert!(
                error.starts_with("sockscope: ") && error.contains(place),
                "{name}: {error}"
            );
            assert!(!error.contains("panicked"), "{name}: {error}");
        }
    }
}

#[test]
fn twenty_thousand_parentheses_and_a_missing_file_are_refused() {
    let mut nested = b"int main(void) { return ".to_vec();
    nested.extend([b'('; 20_000]);
    nested.push(b'1');
    nested.extend([b')'; 20_000]);
    nested.extend(b"; }\n");
    let source = Source::new("nested.c", &nested);
    let run = sockscope(&["run", source.path()]);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("nested.c:1:"));
    let missing = sockscope(&["run", "no/such/file.c"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("no/such/file.c"));
}

#[test]
fn a_program_that_goes_wrong_is_stopped_at_its_line() {
    let cases: [(&str, &str, &str); 5] = [
        (
            "null.c",
            "int main(void) {\n    int *p = 0;\n    *p = 1;\n    return 0;\n}\n",
            "null.c:3",
        ),
        (
            "bounds.c",
            "int main(void) {\n    char a[4];\n    a[4] = 1;\n    return 0;\n}\n",
            "bounds.c:3",
        ),
        (
            "deep.c",
            "int f(int n) {\n    return f(n + 1) + 1;\n}\nint main(void) {\n    return f(0);\n}\n",
            "deep.c:",
        ),
        (
            "greedy.c",
            "#include <stdlib.h>\n#include <string.h>\nint main(void) {\n    for (;;) {\n        char *p = malloc(1 << 20);\n        memset(p, 1, 1 << 20);\n    }\n}\n",
            "greedy.c:6",
        ),
        (
            "endless.c",
            "int main(void) {\n    for (;;)\n        ;\n}\n",
            "endless.c:",
        ),
    ];
    for (name, content, place) in cases {
        let source = Source::new(name, content.as_bytes());
        let run = sockscope(&["run", source.path(), "--trace", "none"]);
        let error = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{name}: {error}");
        assert!(
            error.starts_with("sockscope: ") && error.contains(place),
            "{name}: {error}"
        );
    }
}

#[test]
fn arguments_and_input_reach_the_program_that_they_name() {
    let echo = "#include <stdio.h>\nint main(int argc, char **argv) {\n    char line[64];\n    while (fgets(line, sizeof line, stdin))\n        printf(\"%s: %s\", argv[argc - 1], line);\n    return argc;\n}\n";
    let source = Source::new("echo.c", echo.as_bytes());
    let input = Source::new("input.txt", b"one\ntwo\n");
    for kernel in ["sim", "native"] {
        let stdin = format!("echo={}", input.path());
        let mut arguments = vec!["run", source.path(), "--on", kernel, "--trace", "none"];
        arguments.extend(["--args", "echo='a b' last", "--stdin", &stdin]);
        let run = sockscope(&arguments);
        assert_eq!(
            text(&run.stdout),
            "last: one\nlast: two\n",
            "{kernel}: {}",
            text(&run.stderr)
        );
        assert_eq!(run.status.code(), Some(3), "{kernel}");
    }
}

#[test]
fn a_status_above_a_hundred_is_clamped_and_the_trace_tells_it() {
    let source = Source::new("status.c", b"int main(void) { return 200; }\n");
    let run = sockscope(&["run", source.path()]);
    assert_eq!(run.status.code(), Some(100));
    assert!(text(&run.stderr).contains("+++ exited with 200 +++"));
}

#[test]
fn what_is_not_modelled_is_said_at_the_call_that_asked() {
    let mptcp = "#include <netinet/in.h>\nint main(void) {\n    socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);\n    return 0;\n}\n";
    let source = Source::new("mptcp.c", mptcp.as_bytes());
    let run = sockscope(&["run", source.path(), "--trace", "none"]);
    assert_eq!(run.status.code(), Some(2));
    let error = text(&run.stderr);
    assert!(
        error.contains("not modelled") && error.contains("mptcp.c:3"),
        "{error}"
    );
}

#[test]
fn json_is_one_object_a_line() {
    let run = sockscope(&["run", CLIENT, "--trace", "json"]);
    let error = text(&run.stderr);
    let objects = error.lines().filter(|line| line.starts_with('{'));
    let mut calls = Vec::new();
    for line in objects {
        let value: serde_json::Value = serde_json::from_str(line).expect("valid JSON");
        if value["event"] == "returned" {
            calls.push(value["call"].as_str().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(calls[..2], ["socket", "connect"]);
}
