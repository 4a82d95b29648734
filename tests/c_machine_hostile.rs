//! Nothing that a user can write makes the machine panic, hang or eat the stack: everything here runs
//! with 1 MiB of stack, as a page has.

mod c_machine_support;

use c_machine_support::{End, machine, run};
use proptest::prelude::*;
use sockscope::abi::{Program, Reply, Stop};
use sockscope::program::c::{self, Machine};
use sockscope::program::{SourceFile, Span};

fn small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(work)
        .unwrap();
    thread.join().expect("no panic")
}

/// Compiles and, if that works, runs for a while; the error's text if it does not compile.
fn survive(source: String) -> String {
    small_stack(move || match machine(&source) {
        Ok(m) => match run(m, "", 200_000).end {
            End::Fault(text) => text,
            other => format!("{other:?}"),
        },
        Err(text) => text,
    })
}

const N: usize = 20_000;

#[test]
fn twenty_thousand_of_anything_is_one_clear_problem() {
    let body = |inner: String| format!("int x, *p; int main(void) {{ {inner} }}");
    let cases = [
        (
            body(format!("x = {}1{};", "(".repeat(N), ")".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("{}{}", "{".repeat(N), "}".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("x = {}1;", "-~!".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("x = {}p;", "*".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("x = {}1;", "1+".repeat(N))),
            "more than 400 operators",
        ),
        (
            body(format!("x = {}1;", "x=".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("x = {}1;", "1?1:".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("{};", "x,".repeat(N) + "x")),
            "more than 400 operators",
        ),
        (
            body(format!("x = {}", "p[".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("x = p{};", "[0]".repeat(N))),
            "more than 400 operators",
        ),
        (
            body(format!("{}x;", "if (x) ".repeat(N))),
            "nested more than 200 deep",
        ),
        (
            body(format!("{}x;", "while (x) ".repeat(N))),
            "nested more than 200 deep",
        ),
        (body(format!("{}x;", "a: ".repeat(2))), "there twice"),
        (
            format!(
                "int {}x{}; int main(void) {{}}",
                "(".repeat(N),
                ")".repeat(N)
            ),
            "nested more than 200 deep",
        ),
        (
            format!("int {}x; int main(void) {{}}", "*".repeat(N)),
            "nested more than 200 deep",
        ),
        (
            format!("int x{}; int main(void) {{}}", "[1]".repeat(N)),
            "nested more than 200 deep",
        ),
        (
            format!("int f{}; int main(void) {{}}", "(int (*".repeat(N)),
            "nested more than 200 deep",
        ),
        (
            format!("{} x; int main(void) {{}}", "struct {".repeat(N)),
            "nested more than 200 deep",
        ),
        (
            format!("int x = {}1{};", "{".repeat(N), "}".repeat(N)),
            "nested more than 200 deep",
        ),
        (
            format!(
                "#if {}1{}\n#endif\nint main(void) {{}}",
                "(".repeat(N),
                ")".repeat(N)
            ),
            "nested more than 64 deep",
        ),
        (
            format!(
                "#define F(x) x\nint main(void) {{ return {}1{}; }}",
                "F(".repeat(N),
                ")".repeat(N)
            ),
            "more than 64 deep in their arguments",
        ),
        (
            format!(
                "int main(void) {{ return sizeof {}1; }}",
                "sizeof ".repeat(N)
            ),
            "nested more than 200 deep",
        ),
    ];
    for (source, expected) in cases {
        let head: String = source.chars().take(80).collect();
        let text = survive(source);
        assert!(
            text.contains(expected),
            "{head}\n{}",
            text.chars().take(2000).collect::<String>()
        );
        assert_eq!(text.matches(": error: ").count(), 1, "{head}");
    }
}

#[test]
fn what_is_deep_but_allowed_runs_in_a_small_stack() {
    let n = 190;
    let sources = [
        format!(
            "int main(void) {{ return {}1{}; }}",
            "(".repeat(n),
            ")".repeat(n)
        ),
        format!("int main(void) {{ return {}1; }}", "0 + ".repeat(390)),
        format!(
            "int main(void) {{ int x = 0; {}x++;{} return x; }}",
            "{".repeat(90),
            "}".repeat(90)
        ),
        format!(
            "int main(void) {{ int x = 1; {}; return 1; }}",
            "if (x) ".repeat(90)
        ),
        format!(
            "int main(void) {{ int x = 1; {} ; return 1; }}",
            "if (x == 2) ; else ".repeat(5000)
        ),
        format!(
            "int main(void) {{ int x = 1; switch (x) {{ {} return 1; }} return 2; }}",
            (0..3000).map(|i| format!("case {i}: ")).collect::<String>()
        ),
        format!(
            "int main(void) {{ int x = 1; return {}1; }}",
            "x ? 1 : ".repeat(150)
        ),
        format!(
            "int main(void) {{ int x = 1; return {}1{}; }}",
            "(x || 0 && 1 | 2 ^ 3 & 4 == 5 < 6 << 7 + 8 * ".repeat(30),
            ")".repeat(30)
        ),
        format!(
            "int main(void) {{ int x = 1; return {}x{} != 7; }}",
            "(x ? x : ".repeat(60),
            ")".repeat(60)
        ),
        format!(
            "{}int x; {} s; int main(void) {{ return sizeof s == 4; }}",
            "struct { ".repeat(90),
            "} s; ".repeat(89) + "}"
        ),
    ];
    for source in sources {
        let head: String = source.chars().take(80).collect();
        assert_eq!(survive(source), "Exit(1)", "{head}");
    }
}

#[test]
fn bombs_and_cycles_end() {
    let mut bomb = String::from("#define a0 x x x x x x x x x x\n");
    for i in 1..12 {
        bomb.push_str(&format!(
            "#define a{i} a{0} a{0} a{0} a{0} a{0} a{0} a{0} a{0} a{0} a{0}\n",
            i - 1
        ));
    }
    bomb.push_str("int main(void) { a11 }");
    let mut nested = String::from("#define f0(x) x x x x x x x x\n");
    for i in 1..12 {
        nested.push_str(&format!("#define f{i}(x) f{0}(f{0}(x))\n", i - 1));
    }
    nested.push_str("int main(void) { f11(1) }");
    let paste = "#define P(a) Q(a##a)\n#define Q(a) a\n#define W(a) P(a)\nint main(void) { return W(W(W(W(W(W(1)))))); }";
    for (source, expected) in [
        (bomb, "more than a million tokens"),
        (nested, "more than a million tokens"),
        (paste.to_owned(), "too large"),
        (
            "#include \"test.c\"\nint main(void) {}".to_owned(),
            "include each other more than 64 deep",
        ),
        (
            "#define S(x) #x\nint main(void) { S(\n".to_owned(),
            "has no closing )",
        ),
        (
            "char a[1L << 62]; int main(void) {}".to_owned(),
            "larger than 48 MiB",
        ),
        (
            "char a[1 << 24], b[1 << 24], c[1 << 24]; int main(void) {}".to_owned(),
            "more than 32 MiB",
        ),
        (
            "int main(void) { char a[1 << 24]; }".to_owned(),
            "does not fit the stack",
        ),
        (
            "int a[] = { [0x7fffffffffffffff] = 1 }; int main(void) {}".to_owned(),
            "there is no element",
        ),
        (
            "int a[] = { [40000000] = 1 }; int main(void) {}".to_owned(),
            "there is no element",
        ),
        (
            "struct s { struct s x; }; int main(void) {}".to_owned(),
            "incomplete type",
        ),
        (
            "typedef struct { char x[40000000]; } big; big b[2]; int main(void) {}".to_owned(),
            "larger than 48 MiB",
        ),
        (
            "#if 1/0\n#endif\nint main(void) {}".to_owned(),
            "division by zero",
        ),
    ] {
        let text = survive(source.clone());
        assert!(
            text.contains(expected),
            "{}\n{}",
            &source[..source.len().min(80)],
            text.chars().take(2000).collect::<String>()
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let error = SourceFile::from_bytes("a.c", 0, vec![b'i', 0xff, 0xfe]).unwrap_err();
    assert_eq!(error.span, Span::new(0, 1, 2));
}

/// Words that make up C programs, good and bad.
fn soup() -> impl Strategy<Value = String> {
    let words = [
        "int",
        "char",
        "*",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        ";",
        ",",
        "=",
        "x",
        "y",
        "main",
        "if",
        "else",
        "for",
        "while",
        "return",
        "1",
        "0x7f",
        "'a'",
        "\"s\"",
        "struct",
        "union",
        "enum",
        "typedef",
        "static",
        "+",
        "-",
        "/",
        "%",
        "<<",
        "?",
        ":",
        ".",
        "->",
        "&",
        "&&",
        "sizeof",
        "switch",
        "case",
        "default",
        "break",
        "continue",
        "goto",
        "do",
        "#",
        "\n#define",
        "\n#if",
        "\n#endif",
        "\n#include <stdio.h>\n",
        "##",
        "...",
        "printf",
        "const",
        "void",
        "double",
        "1.5",
        "++",
        "!",
        "\\\n",
        "\n",
        "__VA_ARGS__",
        "va_list",
        "extern",
        "unsigned",
        "T",
        "포트",
        "\u{201c}",
        "main(void) {",
        "int main(void) {",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..120)
        .prop_map(|w| w.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_soup_of_words_is_survived(source in soup()) {
        let _ = machine(&source).map(|m| run(m, "", 20_000));
    }

    #[test]
    fn any_text_is_survived(source in "\\PC{0,200}") {
        let _ = machine(&source).map(|m| run(m, "", 20_000));
    }

    #[test]
    fn a_damaged_program_is_survived(at in 0usize..4000, cut in 0usize..40, word in "[ -~]{0,6}") {
        let mut source = include_str!("programs/basics.c").to_owned();
        let clamp = |mut i: usize, s: &str| { i = i.min(s.len()); while !s.is_char_boundary(i) { i -= 1 } i };
        let from = clamp(at, &source);
        let to = clamp(from + cut, &source);
        source.replace_range(from..to, &word);
        let _ = machine(&source).map(|m| run(m, "", 50_000));
    }

    /// However a program is driven, it goes through the same states and makes the same calls.
    #[test]
    fn budgets_and_line_stops_change_nothing(steps in proptest::collection::vec((1u64..60, any::<bool>()), 1..40)) {
        let start = machine(include_str!("programs/basics.c")).unwrap();
        let mut one = start.clone();
        let mut total = 0;
        let mut other = start;
        let mut calls = Vec::new();
        for (budget, line) in steps {
            let ran = other.run(budget, line);
            prop_assert!(ran.used <= budget);
            prop_assert!(ran.stop != Stop::Budget || ran.used == budget);
            total += ran.used;
            if let Stop::Syscall(call) = ran.stop {
                calls.push(call);
                other.resume(&Reply::ok(1));
            }
        }
        let mut seen = Vec::new();
        let mut used = 0;
        while used < total || seen.len() < calls.len() {
            let ran = one.run(total - used, false);
            used += ran.used;
            match ran.stop {
                Stop::Syscall(call) => { seen.push(call); one.resume(&Reply::ok(1)); }
                _ => break,
            }
        }
        prop_assert_eq!(used, total);
        prop_assert_eq!(seen, calls);
        prop_assert!(one == other);
    }
}

/// The same lines are stopped at whatever the budgets between.
#[test]
fn line_stops_do_not_depend_on_budgets() {
    let source = "int f(int n) {\n  if (n > 0)\n    return f(n - 1) + 1;\n  return 0;\n}\nint main(void) {\n  int s = 0;\n  for (int i = 0; i < 3; i++) s += f(i);\n  for (int i = 0; i < 3; i++)\n    s += i;\n  return s;\n}\n";
    let lines = |budget: u64| {
        let mut m: Machine = machine(source).unwrap();
        let mut lines = Vec::new();
        loop {
            match m.run(budget, true).stop {
                Stop::Line => lines.push(m.location().unwrap().line),
                Stop::Budget => {}
                Stop::Syscall(_) => return lines,
                Stop::Fault | Stop::Clock => panic!(),
            }
        }
    };
    let whole = lines(1_000_000);
    for budget in [1, 2, 3, 7] {
        assert_eq!(lines(budget), whole);
    }
    let c: Vec<String> = whole.iter().map(u32::to_string).collect();
    assert_eq!(
        c.join(" "),
        "8 2 4 8 2 3 2 4 8 2 3 2 3 2 4 8 9 10 9 10 9 10 9 11"
    );
    let _ = c::Options::default();
}
