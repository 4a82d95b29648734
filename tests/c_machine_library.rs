//! The part of the library that is C itself: it comes in as a linker has it, and stays out of sight.

mod c_machine_support;

use c_machine_support::{End, files, machine, run, run_source};
use sockscope::abi::{Program, Reply, Stop};
use sockscope::program::SourceFile;
use sockscope::program::c::{self, Machine, Options};

#[test]
fn all_of_it_compiles_without_a_warning() {
    let file = SourceFile::new("a.c", "int main(void) { return 0; }");
    let mut options = Options::default();
    options.whole_library = true;
    match c::compile(&[file], &options) {
        Ok(image) => assert!(image.warnings().is_empty(), "{:?}", image.warnings()),
        Err(problems) => panic!("{problems:?}"),
    }
}

#[test]
fn what_the_program_defines_itself_wins() {
    let own = "#include <stdio.h>\n#include <stdlib.h>\n\
               void *bsearch(const void *k, const void *b, size_t n, size_t s, int (*c)(const void *, const void *))\n\
               { printf(\"own %d\\n\", (int)n); return NULL; }\n\
               int count = 5;\n\
               static void end(void) { printf(\"end %d\\n\", count); }\n\
               int main(void) { atexit(end); bsearch(0, 0, 7, 0, 0); return 4; }";
    let out = run_source(own);
    assert_eq!(
        (out.text().as_str(), out.end),
        ("own 7\nend 5\n", End::Exit(4))
    );
}

#[test]
fn what_is_internal_is_not_for_programs() {
    let source = "void __sockscope_fault(char *s); int main(void) { __sockscope_fault(0); }";
    let problems = machine(source).unwrap_err();
    assert!(
        problems.contains("`__sockscope_fault` is declared but defined nowhere"),
        "{problems}"
    );
    let source = "void __sockscope_exit(int s); int main(void) { __sockscope_exit(1); }";
    let problems = machine(source).unwrap_err();
    assert!(
        problems.contains("`__sockscope_exit` is declared but defined nowhere"),
        "{problems}"
    );
    let problems = machine("int main(void) { qsrot(0, 0, 0, 0); }").unwrap_err();
    assert!(
        problems.contains("did you mean `qsort` from <stdlib.h>?"),
        "{problems}"
    );
}

#[test]
fn undeclared_functions_of_it_are_known() {
    let m = machine("int main(void) { exit(3); }").unwrap();
    assert!(
        m.image().warnings()[0]
            .message
            .contains("`exit` is used without a declaration")
    );
    assert_eq!(run(m, "", 100_000).end, End::Exit(3));
}

const SORT: &str = "#include <stdlib.h>\n\
                    static int less(const void *a, const void *b) {\n\
                    \x20   return *(const int *)a - *(const int *)b;\n\
                    }\n\
                    int main(void) {\n\
                    \x20   int v[2] = {2, 1};\n\
                    \x20   qsort(v, 2, 4, less); v[0]++;\n\
                    \x20   return v[0];\n\
                    }\n";

#[test]
fn stepping_stops_in_the_program_alone() {
    let mut m = machine(SORT).unwrap();
    let mut lines = Vec::new();
    loop {
        let ran = m.run(100_000, true);
        match ran.stop {
            Stop::Line => lines.push(m.location().unwrap().line),
            Stop::Syscall(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(lines, [7, 3, 7, 8].as_slice());
    assert_eq!(
        (m.library_call(), m.location().unwrap().line),
        (Some("exit"), 8)
    );
}

#[test]
fn its_functions_are_frames_without_variables() {
    let mut m = machine(SORT).unwrap();
    while m.location().unwrap().function != "less" {
        m.run(1, false);
    }
    let frames = m.frames();
    let all: Vec<_> = frames
        .iter()
        .map(|f| (f.location.function.as_str(), f.location.line))
        .collect();
    assert_eq!(all, [("main", 7), ("qsort", 7), ("less", 3)]);
    assert_eq!(m.locals(0).len(), 1);
    assert!(m.locals(1).is_empty());
    assert_eq!(m.locals(2).len(), 2);
}

#[test]
fn a_fault_inside_it_is_the_calls() {
    let source = "#include <stdlib.h>\nstatic int f(const void *a, const void *b) { return 1; }\n\
                  int main(void) {\n    int v[3] = {3, 2, 1};\n    qsort(v, 4, sizeof v[0], f);\n    return 0;\n}\n";
    match run_source(source).end {
        End::Fault(text) => {
            assert!(text.starts_with("test.c:5:"), "{text}");
            assert!(
                text.contains(
                    "qsort(): out of bounds: a read of 4 bytes in `v` of main() of 12 bytes"
                ),
                "{text}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn its_files_are_not_the_programs() {
    let m: Machine = files(&[("a.c", SORT), ("b.c", "int b;")], &["a"]).unwrap();
    let names: Vec<&str> = m.image().files().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names[..2], ["a.c", "b.c"]);
    assert!(!names.iter().any(|n| n.contains("sort.c")), "{names:?}");
}

#[test]
fn handlers_run_in_reverse_and_see_what_exit_was_given() {
    let source = "#include <stdio.h>\n#include <stdlib.h>\n\
        static void a(void) { printf(\"a\\n\"); }\nstatic void b(void) { printf(\"b\\n\"); atexit(a); }\n\
        static void c(int s, void *p) { printf(\"c %d %s\\n\", s, (char *)p); exit(9); }\n\
        int main(void) { atexit(a); on_exit(c, \"arg\"); atexit(b); printf(\"main\\n\"); exit(3); }";
    let out = run_source(source);
    assert_eq!(
        (out.text().as_str(), out.end),
        ("main\nb\na\nc 3 arg\na\n", End::Exit(9))
    );
}

#[test]
fn a_call_that_waits_inside_it_is_that_functions() {
    let mut m = machine("#include <stdio.h>\nint main(void) {\n    printf(\"x\\n\");\n    fflush(stdout);\n    return 0;\n}").unwrap();
    let ran = m.run(100_000, false);
    assert!(matches!(ran.stop, Stop::Syscall(_)), "{:?}", ran.stop);
    assert_eq!(
        (m.library_call(), m.location().unwrap().line),
        (Some("fflush"), 4)
    );
    m.resume(&Reply::ok(2));
}

#[test]
fn scanfs_arguments_are_looked_at() {
    let main = |call: &str| {
        format!(
            "#include <stdio.h>\nint main(void) {{ int i = 0; char c = 0; long l = 0; double d = 0; float f = 0; char s[9]; {call}; }}"
        )
    };
    let cases = [
        (
            "sscanf(\"1\", \"%d\", i)",
            "`%d` wants a pointer, this is `int`",
        ),
        (
            "sscanf(\"1\", \"%d\", &l)",
            "`%d` wants an `int *`, this is `long *`",
        ),
        (
            "sscanf(\"1\", \"%*d %ld\", &i)",
            "`%ld` wants a `long *`, this is `int *`",
        ),
        (
            "sscanf(\"1\", \"%f\", &d)",
            "`%f` wants a `float *`, this is `double *`",
        ),
        (
            "sscanf(\"1\", \"%lf\", &f)",
            "`%lf` wants a `double *`, this is `float *`",
        ),
        (
            "sscanf(\"1\", \"%[^]x]%hhd\", s, &i)",
            "`%hhd` wants a `char *`, this is `int *`",
        ),
    ];
    for (call, expected) in cases {
        let m = machine(&main(call)).unwrap();
        let warnings = m.image().warnings();
        assert!(
            warnings.iter().any(|w| w.message == expected),
            "{call}: {warnings:?}"
        );
    }
    let fine = machine(&main(
        "sscanf(\"1\", \"%d%% %c%8s%[a-z]%lf%p\", &i, &c, s, &s, &d, (void **)s)",
    ));
    assert!(fine.unwrap().image().warnings().is_empty());
    let faults = [
        (
            "sscanf(\"1\", \"%d\", i)",
            "sscanf(): `%d` wants a pointer, but an int is passed",
        ),
        (
            "sscanf(\"1\", \"%ld\", &i)",
            "sscanf(): out of bounds: a write of 8 bytes in `i` of main() of 4 bytes",
        ),
        (
            "sscanf(\"1 2\", \"%d %d\", &i)",
            "sscanf(): `%d` has no argument: only one is passed after the format",
        ),
        (
            "sscanf(\"0123456789\", \"%s\", s)",
            "sscanf(): out of bounds: a write of 1 byte in `s`",
        ),
        (
            "fgets(s, 20, NULL)",
            "fgets(): the stream is a null pointer",
        ),
        ("fopen(\"x\", \"r\")", "fopen(): files are not modelled"),
        ("printf(\"%1$d\", 1)", "printf(): `%1$` is not known here"),
        (
            "printf(\"%n\", 5)",
            "printf(): `%n` wants a pointer, but an int is passed",
        ),
    ];
    for (call, expected) in faults {
        match run_source(&main(call)).end {
            End::Fault(text) => assert!(text.contains(expected), "{call}: {text}"),
            other => panic!("{call}: {other:?}"),
        }
    }
}

#[test]
fn bytes_beyond_counting_are_out_of_bounds() {
    let source = "#include <string.h>\nint main(void) { char a[4] = {0}, b[4] = {0}; size_t n = -1; memcpy(a, b, n - 100); }";
    match run_source(source).end {
        End::Fault(text) => assert!(
            text.contains("out of bounds") || text.contains("overlap"),
            "{text}"
        ),
        other => panic!("{other:?}"),
    }
}
