//! gcc is the oracle of random programs: what its binary prints, and how it exits, is what the C machine does. Those
//! in `tests/programs` are for `c_machine.rs`.
//!
//! Seeds follow one another for about twenty seconds. `SOCKSCOPE_C_SEEDS=from..to` runs those
//! seeds whatever it takes.

mod c_machine_support;
#[path = "c_oracle/generator.rs"]
mod generator;

use c_machine_support::{End, machine, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What gcc's binary prints and how it exits, or what gcc says.
fn gcc(source: &Path) -> Result<(Vec<u8>, i32), String> {
    let exe = source.with_extension("exe");
    let built = Command::new("gcc")
        .args(["-std=gnu11", "-O0", "-fwrapv", "-w", "-o"])
        .args([&exe, source])
        .arg("-lm")
        .output()
        .expect("gcc is the oracle");
    if !built.status.success() {
        return Err(String::from_utf8_lossy(&built.stderr).into_owned());
    }
    let ran = Command::new(&exe).output().unwrap();
    Ok((ran.stdout, ran.status.code().unwrap_or(-1)))
}

/// How the machine differs from gcc, if it does.
fn differs(source: &str, name: &str) -> Option<String> {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("c_oracle");
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join(format!("{name}.c"));
    std::fs::write(&path, source).unwrap();
    let (stdout, status) = match gcc(&path) {
        Ok(ran) => ran,
        // gcc 12 stumbles over a constant in a comma expression that becomes a _Bool.
        Err(said) if said.contains("internal compiler error") => return None,
        Err(said) => return Some(said),
    };
    let ours = match machine(source) {
        Ok(machine) => run(machine, "", 200_000_000),
        Err(problems) => return Some(format!("{}: {problems}", path.display())),
    };
    if ours.stdout == stdout && ours.end == End::Exit(status) {
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_file(path.with_extension("exe"));
        return None;
    }
    let (theirs, own) = (String::from_utf8_lossy(&stdout), ours.text());
    let at = theirs
        .lines()
        .zip(own.lines())
        .position(|(a, b)| a != b)
        .unwrap_or(theirs.lines().count().min(own.lines().count()));
    Some(format!(
        "{}: from line {} on gcc prints\n{:?}\nand the machine\n{:?}\ngcc ends with {status}, the machine with {:?}",
        path.display(),
        at + 1,
        theirs.lines().skip(at).take(3).collect::<Vec<_>>(),
        own.lines().skip(at).take(3).collect::<Vec<_>>(),
        ours.end
    ))
}

#[test]
fn random_programs_do_what_gcc_makes_of_them() {
    let asked = std::env::var("SOCKSCOPE_C_SEEDS").ok();
    let (from, to) = match &asked {
        Some(range) => {
            let (from, to) = range.split_once("..").expect("from..to");
            (from.parse().unwrap(), to.parse().unwrap())
        }
        None => (0u64, 120),
    };
    let begin = Instant::now();
    let mut wrong = Vec::new();
    for seed in from..to {
        if asked.is_none() && begin.elapsed() > Duration::from_secs(20) {
            break;
        }
        let source = generator::program(seed);
        if let Some(how) = differs(&source, &format!("seed{seed}")) {
            eprintln!("seed {seed}: {how}");
            wrong.push(seed);
        }
    }
    assert!(wrong.is_empty(), "seeds {wrong:?}");
}
