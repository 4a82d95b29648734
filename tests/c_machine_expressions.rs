//! Generated expressions: the machine computes what gcc's binary computes.
//!
//! The seed is fixed, so that a run says the same everywhere; `C_MACHINE_SEED` tries another. It is
//! printed with a failure.

mod c_machine_support;

use c_machine_support::{End, run_source};
use std::path::PathBuf;
use std::process::Command;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ (n >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

const TYPES: [&str; 11] = [
    "char",
    "signed char",
    "unsigned char",
    "short",
    "unsigned short",
    "int",
    "unsigned",
    "long",
    "unsigned long",
    "long long",
    "_Bool",
];

fn constant(r: &mut Random) -> String {
    let special = [
        "0",
        "1",
        "-1",
        "127",
        "128",
        "255",
        "256",
        "32767",
        "32768",
        "65535",
        "2147483647",
        "(-2147483647-1)",
        "2147483648",
        "4294967295u",
        "4294967296",
        "9223372036854775807",
        "18446744073709551615u",
        "0x80000000",
        "'a'",
        "'\\377'",
        "1ul",
        "100ll",
        "0x7fffffffffffffff",
    ];
    match r.below(3) {
        0 => r.below(1000).to_string(),
        _ => r.pick(&special).to_owned(),
    }
}

/// An expression of integers without undefined behaviour under -fwrapv.
fn expression(r: &mut Random, depth: u32) -> String {
    if depth == 0 || r.below(8) == 0 {
        return match r.below(3) {
            0 => constant(r),
            1 => format!("g{}", r.below(11)),
            _ => format!("v{}", r.below(11)),
        };
    }
    let a = expression(r, depth - 1);
    let b = expression(r, depth - 1);
    match r.below(16) {
        0..=4 => format!("({a} {} {b})", r.pick(&["+", "-", "*", "&", "|", "^"])),
        // A divisor from 1 to 8: neither zero nor −1.
        5 => format!("({a} {} ((({b}) & 7) + 1))", r.pick(&["/", "%"])),
        6 => format!("({a} {} (({b}) & 31))", r.pick(&["<<", ">>"])),
        7..=8 => format!("({a} {} {b})", r.pick(&["<", "<=", ">", ">=", "==", "!="])),
        9 => format!("({a} {} {b})", r.pick(&["&&", "||"])),
        10 => format!("({a} ? {b} : {})", expression(r, depth - 1)),
        11 => format!("({}({a}))", r.pick(&["-", "~", "!", "+"])),
        12..=13 => format!("(({})({a}))", r.pick(&TYPES)),
        14 => format!("({a}, {b})"),
        _ => format!("({a} + (long)sizeof({b}))"),
    }
}

fn program(r: &mut Random) -> String {
    let mut text = String::from("#include <stdio.h>\n");
    for (i, ty) in TYPES.iter().enumerate() {
        text.push_str(&format!("{ty} g{i} = {};\n", constant(r)));
    }
    text.push_str("int main(void) {\n");
    for (i, ty) in TYPES.iter().enumerate() {
        text.push_str(&format!("{ty} v{i} = {};\n", constant(r)));
    }
    // Half of the variables live in memory.
    text.push_str("void *keep[] = { &v0, &v2, &v4, &v6, &v8 }; (void)keep;\n");
    for n in 0..60 {
        let target = format!("{}{}", r.pick(&["g", "v"]), r.below(11));
        let value = expression(r, 4);
        match r.below(6) {
            0 => text.push_str(&format!(
                "{target} {}= {value};\n",
                r.pick(&["+", "-", "*", "&", "|", "^"])
            )),
            1 => text.push_str(&format!(
                "{target} = {value}; {target}{};\n",
                r.pick(&["++", "--"])
            )),
            2 => text.push_str(&format!("if ({value}) {target} = {};\n", expression(r, 2))),
            3 => text.push_str(&format!(
                "printf(\"%d\\n\", {target} == 0 ? {target}++ + 5 : --{target} > 3);\n"
            )),
            _ => text.push_str(&format!("{target} = {value};\n")),
        }
        text.push_str(&format!(
            "printf(\"{n} %lld\\n\", (long long)({target}));\n"
        ));
        text.push_str(&format!(
            "printf(\"%d %lld\\n\", (int)sizeof({value}), (long long)({}));\n",
            expression(r, 3)
        ));
    }
    text.push_str("return v0 & 127; }\n");
    text
}

#[test]
fn generated_expressions_have_gccs_values() {
    let seed = std::env::var("C_MACHINE_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(1);
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("c_machine_expressions");
    std::fs::create_dir_all(&dir).unwrap();
    for round in 0..12 {
        let source = program(&mut Random(seed + round));
        let (c, exe) = (dir.join(format!("{round}.c")), dir.join(round.to_string()));
        std::fs::write(&c, &source).unwrap();
        let built = Command::new("gcc")
            .args(["-std=gnu11", "-O0", "-w", "-fwrapv", "-o"])
            .args([&exe, &c])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&built.stderr);
        // gcc 12 stumbles over some of what is generated (sizeof of a comma in a division).
        if said.contains("internal compiler error") {
            continue;
        }
        assert!(built.status.success(), "{said}");
        let theirs = Command::new(&exe).output().unwrap();
        let ours = run_source(&source);
        let (text, expected) = (
            ours.text(),
            String::from_utf8_lossy(&theirs.stdout).into_owned(),
        );
        let differ = text.lines().zip(expected.lines()).find(|(a, b)| a != b);
        assert_eq!(
            differ,
            None,
            "seed {} (C_MACHINE_SEED), {}",
            seed + round,
            c.display()
        );
        assert_eq!(
            ours.end,
            End::Exit(theirs.status.code().unwrap()),
            "seed {}",
            seed + round
        );
        assert_eq!(text, expected);
    }
}
