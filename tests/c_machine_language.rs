//! What C has that is refused, what is suspicious, and what goes wrong with objects whose size is computed. What
//! works is held against gcc in `c_oracle.rs`.

mod c_machine_support;

use c_machine_support::{End, files, machine, run_source};

/// The messages of a `main` with that body, with what it is warned of.
fn said(body: &str) -> String {
    let source = format!(
        "#include <stdio.h>\n#include <stdlib.h>\n#include <netinet/in.h>\n#include <arpa/inet.h>\n\
         int main(int argc, char **argv) {{ (void)argc; (void)argv;\n{body}\nreturn 0; }}\n"
    );
    match machine(&source) {
        Err(text) => text,
        Ok(m) => {
            let warnings = m.image().warnings().iter();
            warnings.map(|w| w.render(m.image().files())).collect()
        }
    }
}

#[test]
fn what_is_refused_says_so_with_a_way_out() {
    let cases = [
        (
            "void *p = &&out; out: ;",
            "the address of a label is not known here",
            "switch",
        ),
        ("goto *argv;", "a computed goto is not known here", "switch"),
        (
            "int f(int x) { return x; }",
            "a function cannot be defined inside another",
            "move it out",
        ),
        ("_Complex double z;", "`_Complex` is not known here", ""),
        ("_Atomic int n;", "`_Atomic` is not known here", ""),
        ("__int128 n;", "`__int128` is not known here", ""),
        ("__asm__(\"nop\");", "assembly is not known here", ""),
        ("double d = 1.0i;", "complex numbers are not known here", ""),
        (
            "int x __attribute__((cleanup(free)));",
            "the attribute `cleanup` is not known here",
            "",
        ),
        (
            "int n = 2, a[n] = { 1 };",
            "variable length cannot have initial values",
            "memset",
        ),
        (
            "extern int nowhere; return nowhere;",
            "declared extern, but defined nowhere",
            "",
        ),
        ("static int a[argc];", "incomplete", ""),
        (
            "return _Generic(argv, int: 1);",
            "_Generic has no choice for `char **`",
            "",
        ),
        (
            "struct { int a; union { int a; }; } x;",
            "two members are called `a`",
            "",
        ),
        ("int a[3] = { [5] = 1 };", "there is no element 5", ""),
        ("int a[3] = { [2 ... 1] = 1 };", "this range is empty", ""),
        (
            "struct f { int n; char d[]; } f = { 1, { 2 } };",
            "flexible array member",
            "malloc",
        ),
        (
            "_Static_assert(sizeof(long) == 4, \"ILP32\");",
            "static assertion failed: ILP32",
            "",
        ),
        (
            "char s[] = \"a\" L\"b\" u\"c\";",
            "strings of different kinds",
            "",
        ),
    ];
    for (body, message, help) in cases {
        let text = said(body);
        assert!(
            text.contains(message) && text.contains(help),
            "{body}\n{text}"
        );
        assert!(text.contains("test.c:6:"), "{body}\n{text}");
    }
}

#[test]
fn a_port_without_htons_is_hinted_at_and_nothing_else_is() {
    let hints = [
        (
            "struct sockaddr_in a; a.sin_port = 8080;",
            "that is port 36895",
            "htons(8080)",
        ),
        // 14640 does not look as if somebody had swapped its octets by hand.
        (
            "struct sockaddr_in a; a.sin_port = 12345;",
            "that is port 14640",
            "htons(12345)",
        ),
        (
            "struct sockaddr_in6 a; a.sin6_port = 80;",
            "that is port 20480",
            "htons(80)",
        ),
        (
            "int port = atoi(argv[1]); struct sockaddr_in a; a.sin_port = port;",
            "`port`",
            "htons(port)",
        ),
        (
            "struct sockaddr_in a = { .sin_port = 7777 };",
            "without htons()",
            "",
        ),
        (
            "static struct sockaddr_in a = { AF_INET, 7777 };",
            "without htons()",
            "",
        ),
        (
            "struct sockaddr_in a; a.sin_addr.s_addr = INADDR_LOOPBACK;",
            "without htonl()",
            "",
        ),
    ];
    for (body, message, help) in hints {
        let text = said(body);
        assert!(
            text.contains("warning: ") && text.contains(message) && text.contains(help),
            "{body}\n{text}"
        );
    }
    let fine = [
        "struct sockaddr_in a; a.sin_port = 0x901f; a.sin_port = 0x5000;",
        "struct sockaddr_in a; a.sin_port = htons(8080); a.sin_port = 0; a.sin_addr.s_addr = INADDR_ANY;",
        "int port = htons(80); struct sockaddr_in a; a.sin_port = port;",
        "int port; port = htons(80); struct sockaddr_in a; a.sin_port = (in_port_t)port;",
        "in_port_t p = htons(9); struct sockaddr_in a = { .sin_port = p }, b; b.sin_port = a.sin_port;",
        "struct sockaddr_in a; a.sin_addr.s_addr = htonl(INADDR_LOOPBACK); a.sin_addr.s_addr = INADDR_BROADCAST;",
        "struct sockaddr_in a; a.sin_port = htons(atoi(argv[1])); int shown = a.sin_port; (void)shown;",
    ];
    for body in fine {
        assert_eq!(said(body), "", "{body}");
    }
}

fn fault(body: &str) -> String {
    let source = format!("#include <stdlib.h>\n#include <string.h>\n{body}\n");
    match run_source(&source).end {
        End::Fault(text) => text,
        other => panic!("{other:?}\n{body}"),
    }
}

#[test]
fn objects_of_computed_size_have_bounds_and_an_end() {
    let cases = [
        (
            "int main(void) { int n = 4; int a[n]; a[n] = 1; return 0; }",
            "a write of 4 bytes in `a` of main() of 16 bytes, 4 bytes past its end",
        ),
        (
            "int main(void) { int n = 4; int a[n][n]; a[0][0] = 0; return a[3][3]; }",
            "before it was given a value",
        ),
        (
            "int main(void) { int n = -1; int a[n]; a[0] = 1; return 0; }",
            "the length of this array is negative",
        ),
        (
            "int main(void) { long n = 1 << 24; char a[n]; a[0] = 1; return 0; }",
            "stack overflow: 16777216 bytes more",
        ),
        (
            "char *f(int n) { char a[n]; a[0] = 1; char *p = a; return p; }\nint main(void) { return *f(3); }",
            "`a` of f(), whose life has ended",
        ),
        (
            "char *f(void) { return alloca(8); }\nint main(void) { char *p = f(); p[0] = 1; return 0; }",
            "whose life has ended",
        ),
        (
            "int main(void) { char *p; for (int i = 1; i < 3; i++) { char a[i]; a[0] = 1; p = a; } return *p; }",
            "whose life has ended",
        ),
        (
            "int main(void) { for (;;) alloca(1000); }",
            "stack overflow",
        ),
    ];
    for (body, message) in cases {
        let text = fault(body);
        assert!(text.contains(message), "{body}\n{text}");
    }
}

#[test]
fn calls_before_any_declaration_are_warned_of_across_files_too() {
    let main = "#include <stdio.h>\nint main(void) { printf(\"%d\\n\", twice(4)); later(); return 0; }\nvoid later(void) { puts(\"later\"); }\n";
    let other = "int twice(int x) { return 2 * x; }\n";
    let m = files(&[("main.c", main), ("other.c", other)], &["main"]).unwrap();
    let warnings: String = m
        .image()
        .warnings()
        .iter()
        .map(|w| w.render(m.image().files()))
        .collect();
    assert!(
        warnings.contains("`twice` is used before it is declared"),
        "{warnings}"
    );
    assert_eq!(c_machine_support::run(m, "", 100_000).text(), "8\nlater\n");
}

#[test]
fn a_variable_may_have_the_name_of_a_function_that_only_another_files_header_knows() {
    let knows = "#include <sys/mman.h>\nint helper(void) { return 1; }\n";
    let main = "int helper(void);\nint mlock = 3;\nint main(void) { return mlock + helper(); }\n";
    for both in [
        [("knows.c", knows), ("main.c", main)],
        [("main.c", main), ("knows.c", knows)],
    ] {
        let m = files(&both, &["main"]).unwrap();
        assert_eq!(c_machine_support::run(m, "", 100_000).end, End::Exit(4));
    }
}

#[test]
fn a_header_that_says_pragma_once_is_read_once() {
    let main = "#include \"a.h\"\n#include \"a.h\"\n#include \"b.h\"\nint main(void) { return A + sizeof(struct s); }\n";
    let a = "#pragma once\nenum { A = 1 };\n#pragma pack(push, 1)\nstruct s { char c; int i; };\n#pragma pack(pop)\n";
    let b = "#include \"a.h\"\n";
    let m = files(&[("main.c", main), ("a.h", a), ("b.h", b)], &["main"]).unwrap();
    assert_eq!(c_machine_support::run(m, "", 100_000).end, End::Exit(6));
}
