//! What is wrong with a program is named with its place, at compile time or at its line.

mod c_machine_support;

use c_machine_support::{End, files, machine, run, run_source};

/// The fault of a `main` with that body, which must be on line 9.
fn fault(body: &str) -> String {
    let source = format!(
        "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <stdarg.h>\n\
         int zero(void) {{ return 0; }}\nint none(int x) {{ if (x) return 1; }}\n\
         int forever(int n) {{ int a[10]; a[0] = n; return forever(a[0] + 1) + 1; }}\n\
         int main(void) {{ int i = 0; char s[4] = \"abc\"; char *p = NULL; int u; (void)u;\n{body}\nreturn 0; }}\n"
    );
    match run_source(&source).end {
        End::Fault(text) => {
            let place = text.split(": error: ").next().unwrap_or("");
            let line: u32 = place
                .split(':')
                .nth(1)
                .and_then(|l| l.parse().ok())
                .unwrap_or(0);
            assert!(
                line == 9 || body.contains("forever") || body.contains("none"),
                "{text}"
            );
            text
        }
        other => panic!("{other:?}\n{body}"),
    }
}

#[test]
fn what_c_leaves_undefined_stops_at_its_line() {
    let cases = [
        ("*p = 'x';", "null pointer dereference: a write of 1 byte"),
        (
            "s[4] = 'x';",
            "out of bounds: a write of 1 byte in `s` of main() of 4 bytes, 1 byte past its end",
        ),
        ("i = s[-1];", "1 byte before its start"),
        (
            "strcpy(s, \"too long\");",
            "out of bounds: a write of 9 bytes in `s`",
        ),
        ("p = malloc(8); free(p); *p = 1;", "use after free"),
        (
            "p = malloc(8); free(p); free(p);",
            "free() of a block that has been freed already",
        ),
        ("free(&i);", "did not come from malloc()"),
        (
            "p = malloc(8); i = p[3];",
            "a block of 8 bytes from malloc() is read (byte 3) before it was given a value",
        ),
        (
            "printf(\"%d\", u);",
            "`u` is read before it was given a value",
        ),
        ("i = 1 / zero();", "division by zero"),
        ("i = 7; i %= zero();", "division by zero"),
        (
            "i = (-2147483647 - 1) / (zero() - 1);",
            "the quotient does not fit",
        ),
        ("i = 1 << (zero() + 32);", "shift by 32 bits"),
        ("i = 1 << (zero() - 1);", "shift by -1 bits"),
        (
            "p = \"literal\"; p[0] = 'L';",
            "a write of 1 byte into a string literal, which is constant",
        ),
        (
            "{ int *q; { int inner = 5; q = &inner; } i = *q; }",
            "`inner` of main(), whose life has ended",
        ),
        (
            "void (*f)(void) = NULL; f();",
            "a call through a null pointer",
        ),
        (
            "void (*f)(void) = (void (*)(void))&i; f();",
            "points to no function",
        ),
        (
            "printf(\"%s\\n\", i);",
            "`%s` wants a pointer to a string, but an int is passed",
        ),
        (
            "printf(\"%d %d\\n\", i);",
            "`%d` has no argument: only one is passed",
        ),
        ("printf(\"%f\\n\", i);", "`%f` wants a double"),
        (
            "i = forever(0);",
            "stack overflow: the call of `forever` needs more than 8 MiB",
        ),
        ("i = none(0);", "`none` ends without returning a value"),
        ("*(int *)12345678 = 1;", "where there is no object"),
        ("char *q = malloc(100); memcpy(q + 1, q, 10);", "overlap"),
    ];
    for (body, expected) in cases {
        let text = fault(body);
        assert!(text.contains(expected), "{body}\n{text}");
    }
}

#[test]
fn what_is_harmless_is_let_through() {
    let fine = [
        "int x; int *p = &x; *p = 3; return x - 3;",
        "char a[10]; char *e = a + 10; return e - a - 10;",
        "struct { int a; char b; int c; } s, t; s.a = 1; t = s; return t.a - 1;",
        "char c[8] = \"abcdefgh\"; return c[7] - 'h';",
        "int n; if (n = 1, n) return 0; return 1;",
        "int v; for (int i = 0; i < 3; i++) { if (i == 0) v = 7; } return v - 7;",
        "int v; switch (3) { case 3: v = 0; break; default: v = 1; } return v;",
        "int i = 0; again: if (i < 3) { int k; k = i; i = k + 1; goto again; } return i - 3;",
        "long a[2] = {1, 2}; char b[16]; __builtin_offsetof(struct { int x; }, x); int i; for (i = 0; i < 16; i++) b[i] = ((char *)a)[i]; return b[8] - 2;",
    ];
    for body in fine {
        let out = run_source(&format!("int main(void) {{ {body} }}"));
        assert_eq!(out.end, End::Exit(0), "{body}");
    }
}

#[test]
fn memory_that_never_ends_is_refused_with_null() {
    let source = "#include <stdlib.h>\n#include <errno.h>\nint main(void) { long n = 0; \
                  while (malloc(1 << 20)) n++; return n == 64 && errno == ENOMEM ? 0 : 1; }";
    assert_eq!(run_source(source).end, End::Exit(0));
    let small = "#include <stdlib.h>\nint main(void) { while (malloc(1)); return 0; }";
    assert_eq!(run_source(small).end, End::Exit(0));
}

#[test]
fn an_endless_loop_ends_with_the_budget() {
    let m = machine("int main(void) { for (;;) ; }").unwrap();
    assert_eq!(run(m, "", 3_000_000).end, End::Endless);
    let m = machine("#include <string.h>\nstatic char a[1 << 24]; int main(void) { for (;;) memset(a, 1, sizeof a); }").unwrap();
    let out = run(m, "", 3_000_000);
    assert_eq!((out.end, out.used), (End::Endless, 3_000_000));
}

#[test]
fn compile_errors_say_where_what_and_what_to_do() {
    let cases = [
        (
            "int main(void) { int x = 1\n return x; }",
            "1:26: error: expected `;` after the declaration",
            "add `;` here",
        ),
        (
            "int main(void) { conect(1); }",
            "1:18: error: the function `conect` is not known",
            "did you mean `connect` from <sys/socket.h>?",
        ),
        (
            "#include <sys/sockets.h>\nint main(void) {}",
            "1:10: error: the header <sys/sockets.h> is not known here",
            "did you mean <sys/socket.h>?",
        ),
        (
            "#include \"missing.h\"\nint main(void) {}",
            "there is no file \"missing.h\"",
            "",
        ),
        (
            "int main(void) { return AF_INET; }",
            "`AF_INET` is not declared",
            "add #include <sys/socket.h>",
        ),
        (
            "int main(void) { struct sockaddr_in a; }",
            "incomplete type `struct sockaddr_in`",
            "",
        ),
        (
            "int main(void) { uint16_t x; }",
            "unknown type `uint16_t`",
            "add #include",
        ),
        (
            "int main(void) { int cout; coutt = 1; }",
            "`coutt` is not declared",
            "did you mean `cout`?",
        ),
        (
            "int f(int a); int main(void) { return f(1, 2); }",
            "`f` takes 1 argument, 2 given",
            "",
        ),
        (
            "int f(int a); int main(void) { return f(1); }",
            "the function `f` is declared but defined nowhere",
            "",
        ),
        (
            "struct s { int len; }; int main(void) { struct s v; v.length = 1; }",
            "`struct s` has no member `length`",
            "its members are len",
        ),
        (
            "struct s { int len; }; int main(void) { struct s v, *p = &v; p.len = 1; }",
            "has no members",
            "use `->`",
        ),
        (
            "int main(void) { const int x = 1; x = 2; }",
            "`x` is const",
            "",
        ),
        (
            "int main(void) { char a[4]; a = \"abc\"; }",
            "an array cannot be assigned to",
            "strcpy",
        ),
        ("int main(void) { break; }", "`break` outside", ""),
        (
            "int main(void) { goto nowhere; }",
            "there is no label `nowhere`",
            "",
        ),
        (
            "int main(void) { return 1 +; }",
            "expected an expression before `;`",
            "",
        ),
        (
            "int main(void) { \"abc }",
            "this string does not end on its line",
            "",
        ),
        ("/* never", "this comment never ends", ""),
        ("int x;", "the program has no main() function", ""),
        ("#if 1\nint main(void) {}", "this #if has no #endif", ""),
        (
            "#error no such system\nint main(void) {}",
            "1:2: error: #error no such system",
            "",
        ),
        ("int main(void) { return 08; }", "octal", ""),
        (
            "int main(void) { int a[-1]; }",
            "the length -1 is negative",
            "",
        ),
        (
            "int n = 3; int a[n]; int main(void) { return 0; }",
            "must be a constant",
            "#define",
        ),
        (
            "int main(void) { switch (1) { case 1: case 1: ; } }",
            "this case, 1, is there twice",
            "",
        ),
        (
            "#define A B\n#define B A\nint main(void) { return A; }",
            "`A` is not declared",
            "",
        ),
        (
            "int main(void) { char *s = inet_ntoa(1); }",
            "cuts a pointer in half",
            "add #include <arpa/inet.h>",
        ),
    ];
    for (source, expected, help) in cases {
        let text = machine(source)
            .err()
            .unwrap_or_else(|| panic!("compiles: {source}"));
        assert!(
            text.contains(expected) && text.contains(help),
            "{source}\n{text}"
        );
    }
}

#[test]
fn every_problem_is_reported_once() {
    let source = "int main(void) {\n  int a = ;\n  foo();\n  int b = 1 2;\n  if (a { }\n  return 0;\n}\nint f(void) { x = 1; }\n";
    let text = machine(source).err().unwrap();
    // Syntax problems come alone: what names mean is looked at only in a program that parses.
    assert_eq!(text.matches(": error: ").count(), 3, "{text}");
    let source = "int main(void) {\n  foo();\n  a = 1;\n  return b + c;\n}\n";
    let text = machine(source).err().unwrap();
    assert_eq!(text.matches(": error: ").count(), 3, "{text}");
}

#[test]
fn several_files_make_one_program() {
    let main = "#include \"util.h\"\n#include <stdio.h>\nint main(void) { printf(\"%d %d\\n\", twice(LIMIT), shared); return 0; }\n";
    let util = "#include \"util.h\"\nint shared = 7;\nstatic int helper(int x) { return x * 2; }\nint twice(int x) { return helper(x); }\n";
    let header = "#ifndef UTIL_H\n#define UTIL_H\n#define LIMIT 21\nint twice(int x);\nextern int shared;\n#endif\n";
    let m = files(
        &[("main.c", main), ("util.c", util), ("util.h", header)],
        &["main"],
    )
    .unwrap();
    assert_eq!(run(m, "", 100_000).text(), "42 7\n");
}
