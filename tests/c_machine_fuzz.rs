//! Broken programs: mutations of real ones neither panic, hang nor eat memory beyond a bound, with 1 MiB of stack as a
//! page has.
//!
//! Seeds follow one another for about ten seconds. `SOCKSCOPE_C_FUZZ=from..to` runs those seeds whatever it takes.

mod c_machine_support;

use c_machine_support::{End, Outcome, files, run};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One compilation and 100,000 instructions take no longer, on a busy machine and without optimisation.
const LONGEST: Duration = Duration::from_secs(20);
/// KiB that the whole run may have had at a time.
const MOST_MEMORY: u64 = 1_500_000;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n.max(1) as u64) as usize
    }
}

/// Pieces that are worth putting anywhere.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    "#",
    "##",
    "\n#if 1\n",
    "\n#else\n",
    "\n#endif\n",
    "\"",
    "'",
    "/*",
    "*/",
    "\\\n",
    "...",
    "0x",
    "1e999",
    "'\\400'",
    "99999999999999999999",
    "({",
    "})",
    "(int[]){",
    "[0 ... 9] =",
    ".x =",
    "struct",
    "union {",
    "enum { A,",
    "typedef",
    "static",
    "goto x;",
    "x:",
    "case 1:",
    "default:",
    "break;",
    "return",
    "sizeof",
    "_Generic(1, int: ",
    "__attribute__((packed))",
    "_Alignas(1 << 30)",
    "typeof(",
    "int a[n][n];",
    "char big[1 << 30];",
    "static char big[40000000] = {1};",
    "int z[100000000] = {[99999999] = 1};",
    "\n#define F(x) F2(x x)\n#define F2(x) F(x x)\n",
    "F(F(F(F(1))))",
    "\n#define B0 1 1 1 1 1 1 1 1\n",
    "\n#define B1 B0 B0 B0 B0 B0 B0 B0 B0\n#define B2 B1 B1 B1 B1 B1 B1 B1 B1\n#define B3 B2 B2 B2 B2 B2 B2\n",
    "B3 B3 B3",
    "\n#include \"test.c\"\n",
    "\n#include <stdio.h>\n",
    "\n#pragma pack(1)\n",
    "\n#line 5\n",
    "__LINE__",
    "_Pragma(\"once\")",
    "__VA_OPT__(",
    "\n#define V(...) __VA_OPT__(__VA_ARGS__) ## x\n",
    "V(V(1))",
    "*",
    "&",
    "->",
    "+",
    "-",
    "%",
    "<<",
    "?",
    ":",
    "=",
    "==",
    "&&",
    "||",
    "int",
    "long long",
    "double",
    "void",
    "unsigned char *",
    "alloca(1 << 28)",
    "malloc(-1)",
    "memset(0, 0, -1)",
    "printf(\"%s%n%*d%1$s\")",
    "while (1) {",
    "for (;;)",
    "int f(int n) { return f(n + 1); }",
    "1 / 0",
    "1 << 99",
    "*(int *)0",
    "((void (*)(void))7)()",
    "f(f, f, f)",
    "int v[n = n];",
    "({ int q[({ int r[3]; 3; })]; q[0]; })",
    "\u{feff}",
    "\u{201c}",
    "\0",
    "\u{c0}",
];

/// The programs to begin with.
fn programs() -> Vec<String> {
    fn collect(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|e| e == "c") {
                into.push(path);
            }
        }
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("tests/programs"), &mut paths);
    collect(&root.join("static/scenarios"), &mut paths);
    paths.sort();
    let texts = paths.iter().map(|p| std::fs::read_to_string(p).unwrap());
    texts.collect()
}

/// The text in words, spaces and signs.
fn tokens(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in text.chars() {
        let word = c.is_alphanumeric() || c == '_';
        let joins = word && (last.is_alphanumeric() || last == '_') || c == ' ' && last == ' ';
        match out.last_mut() {
            Some(token) if joins => token.push(c),
            _ => out.push(c.to_string()),
        }
        last = c;
    }
    out
}

/// A word in the place of another, a number in that of a number, a sign in that of a sign: what still parses.
fn exchange(dice: &mut Dice, text: &mut [String]) {
    let class = |token: &str| match token.chars().next() {
        Some(c) if c.is_ascii_digit() => 0,
        Some(c) if c.is_alphabetic() || c == '_' => 1,
        Some(c) if "+-*/%&|^<>=!~?:.,".contains(c) => 2,
        _ => 3,
    };
    for _ in 0..50 {
        let (at, with) = (dice.below(text.len()), dice.below(text.len()));
        let kind = class(&text[at]);
        if kind != class(&text[with]) || kind == 3 || text[at] == text[with] {
            continue;
        }
        text[at] = match kind {
            0 if dice.below(2) == 0 => {
                let edges = [
                    "0",
                    "1",
                    "255",
                    "2147483648",
                    "18446744073709551615",
                    "1e308",
                    "0x7fffffff",
                    "65536",
                ];
                edges[dice.below(edges.len())].to_owned()
            }
            _ => text[with].clone(),
        };
        return;
    }
}

fn mutated(seed: u64, programs: &[Vec<String>]) -> String {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut text = programs[dice.below(programs.len())].clone();
    for _ in 0..1 + dice.below(6) {
        let n = text.len();
        let most = if dice.below(4) == 0 { 200 } else { 3 };
        let (at, length) = (dice.below(n), 1 + dice.below(most));
        let end = (at + length).min(n);
        if dice.below(3) > 0 {
            exchange(&mut dice, &mut text);
            continue;
        }
        match dice.below(9) {
            0 | 1 => drop(text.drain(at..end)),
            2 => {
                let part = text[at..end].to_vec();
                let times = 1 + dice.below(if length < 4 { 300 } else { 3 });
                for _ in 0..times {
                    text.splice(at..at, part.iter().cloned());
                }
            }
            3 => {
                let other = &programs[dice.below(programs.len())];
                let from = dice.below(other.len());
                let to = (from + 1 + dice.below(60)).min(other.len());
                text.splice(at..end, other[from..to].iter().cloned());
            }
            4 => {
                let with = dice.below(n);
                text.swap(at, with);
            }
            5 => text.truncate(at.max(1)),
            6 => {
                let deep = 1 + dice.below(300);
                let (open, close) = [
                    ("(", ")"),
                    ("{", "}"),
                    ("({", ";})"),
                    ("a[", "]"),
                    ("f(", ")"),
                    ("(char)", ""),
                ][dice.below(6)];
                text.insert(end, close.repeat(deep));
                text.insert(at, open.repeat(deep));
            }
            _ => text.insert(at, PIECES[dice.below(PIECES.len())].to_owned()),
        }
        if text.is_empty() {
            text.push(" ".to_owned());
        }
    }
    text.concat()
}

/// Compiles and, if that works, runs for a while.
fn survive(source: String) -> std::thread::Result<Option<Outcome>> {
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || {
            let machine = files(&[("test.c", &source)], &["test"]).ok()?;
            Some(run(machine, "some\ninput\n", 100_000))
        });
    thread.unwrap().join()
}

#[test]
fn mutations_of_real_programs_are_survived() {
    let asked = std::env::var("SOCKSCOPE_C_FUZZ").ok();
    let (from, to) = match &asked {
        Some(range) => {
            let (from, to) = range.split_once("..").expect("from..to");
            (from.parse().unwrap(), to.parse().unwrap())
        }
        None => (0u64, 100_000),
    };
    let programs: Vec<Vec<String>> = programs().iter().map(|text| tokens(text)).collect();
    let begin = Instant::now();
    let (mut ran, mut wrong) = ([0; 4], Vec::new());
    for seed in from..to {
        if asked.is_none() && begin.elapsed() > Duration::from_secs(10) {
            break;
        }
        let source = mutated(seed, &programs);
        let start = Instant::now();
        let kind = match survive(source) {
            Ok(None) => 0,
            Ok(Some(Outcome {
                end: End::Fault(_), ..
            })) => 1,
            Ok(Some(_)) => 2,
            Err(_) => {
                wrong.push((seed, "panics"));
                3
            }
        };
        ran[kind] += 1;
        if start.elapsed() > LONGEST {
            wrong.push((seed, "takes too long"));
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak
        .and_then(|p| p.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0u64);
    eprintln!(
        "refused, faulted, ran, panicked: {ran:?}; {peak} KiB at most; {:?}",
        begin.elapsed()
    );
    assert!(wrong.is_empty(), "seeds {wrong:?}");
    assert!(peak < MOST_MEMORY, "{peak} KiB");
    assert!(asked.is_some() || ran[0] + ran[1] + ran[2] > 50);
}
