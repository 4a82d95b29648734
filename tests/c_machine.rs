//! The C machine against gcc: the same program gives the same output and exit status.

mod c_machine_support;

use c_machine_support::{End, run_source};
use std::path::PathBuf;
use std::process::Command;

/// What gcc's binary prints and how it exits.
fn gcc(source: &str, name: &str) -> (Vec<u8>, i32) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("c_machine");
    std::fs::create_dir_all(&dir).unwrap();
    let (c, exe) = (dir.join(format!("{name}.c")), dir.join(name));
    std::fs::write(&c, source).unwrap();
    let built = Command::new("gcc")
        .args(["-std=gnu11", "-O0", "-w", "-o"])
        .args([&exe, &c])
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "gcc: {}\n{source}",
        String::from_utf8_lossy(&built.stderr)
    );
    let ran = Command::new(&exe).output().unwrap();
    (ran.stdout, ran.status.code().unwrap_or(-1))
}

fn same_as_gcc(source: &str, name: &str) {
    let (stdout, status) = gcc(source, name);
    let ours = run_source(source);
    assert_eq!(
        (ours.text(), &ours.end),
        (
            String::from_utf8_lossy(&stdout).into_owned(),
            &End::Exit(status)
        ),
        "{name}"
    );
}

#[test]
fn programs_without_sockets_do_what_gcc_makes_of_them() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "c"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let source = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        same_as_gcc(&source, &name);
    }
}
