//! The parts of the C library that need little of the machine: faults inside of them, clocks, messages, and what is
//! not there.

mod c_machine_support;

use c_machine_support::{End, files, machine, run, run_source};
use sockscope::scenario::{Scenario, folder, simulate};

/// How a program that does this in main faults.
fn fault(body: &str) -> String {
    let head = "#define _GNU_SOURCE\n#include <ctype.h>\n#include <stdlib.h>\n#include <string.h>\n#include <time.h>\n#include <arpa/inet.h>\n";
    match run_source(&format!(
        "{head}int main(void) {{\n    {body}\n    return 0;\n}}\n"
    ))
    .end
    {
        End::Fault(text) => text,
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn a_fault_inside_of_it_is_at_the_programs_line_and_names_the_function() {
    let cases = [
        (
            "char s[3] = \"abc\"; strchr(s, 'x');",
            "strchr(): out of bounds: a read of 1 byte in `s`",
        ),
        (
            "char s[4] = \"ab\"; strcat(s, \"cd\");",
            "strcat(): out of bounds: a write of 3 bytes in `s` of main() of 4 bytes, from byte 2 on, 1 byte past its end",
        ),
        (
            "char s[4]; strtok(s, \",\");",
            "strtok(): `s` of main() is read (byte 0) before it was given a value",
        ),
        (
            "char *p = strdup(\"a\"); free(p); strspn(p, \"a\");",
            "strspn(): use after free",
        ),
        (
            "char *s = \"constant\"; strtok(s, \"t\");",
            "strtok(): a write of 1 byte into a string literal, which is constant",
        ),
        (
            "strcasecmp(NULL, \"a\");",
            "strcasecmp(): null pointer dereference: a read of 1 byte",
        ),
        ("isalpha(300);", "isalpha(): it takes a character or EOF"),
        (
            "strtol(NULL, NULL, 10);",
            "strtol(): null pointer dereference",
        ),
        (
            "struct tm tm; mktime(&tm);",
            "mktime(): `tm` of main() is read (byte 20) before it was given a value",
        ),
        (
            "char s[4]; inet_ntop(AF_INET, \"\\1\\2\\3\\4\", s, 16);",
            "inet_ntop(): out of bounds: a write of 8 bytes in `s`",
        ),
    ];
    for (body, expected) in cases {
        let text = fault(body);
        assert!(text.starts_with("test.c:8:"), "{body}: {text}");
        assert!(text.contains(expected), "{body}: {text}");
    }
}

#[test]
fn messages_name_the_program() {
    let source = "#define _GNU_SOURCE\n#include <err.h>\n#include <errno.h>\n#include <error.h>\n#include <unistd.h>\n\
        int main(int argc, char **argv) {\n\
        errno = ENOENT; warn(\"file %d\", 1); warnx(\"only %s\", \"this\"); warn(NULL); warnx(NULL);\n\
        error(0, EINVAL, \"plain %d\", 2); error_at_line(0, 0, \"f.c\", 3, \"there\");\n\
        getopt(argc, argv, \"a:\"); getopt(argc, argv, \"a:\");\n\
        errno = EACCES; err(5, \"%s %s\", program_invocation_name, program_invocation_short_name); }";
    let m = files(&[("a.c", source)], &["dir/prog", "-x", "-a"]).unwrap();
    let out = run(m, "", 1_000_000);
    assert_eq!(
        String::from_utf8_lossy(&out.stderr),
        "prog: file 1: No such file or directory\nprog: only this\nprog: No such file or directory\nprog: \n\
         dir/prog: plain 2: Invalid argument\ndir/prog:f.c:3: there\n\
         dir/prog: invalid option -- 'x'\ndir/prog: option requires an argument -- 'a'\n\
         prog: dir/prog prog: Permission denied\n"
    );
    assert_eq!(out.end, End::Exit(5));
}

#[test]
fn names_are_those_of_a_usual_hosts_file() {
    let source = "#include <stdio.h>\n#include <netdb.h>\n#include <arpa/inet.h>\n\
        static void ask(const char *name, int family) {\n\
        struct addrinfo hints = { 0 }, *all, *one; char text[64]; int error;\n\
        hints.ai_family = family; hints.ai_socktype = SOCK_STREAM; hints.ai_flags = AI_CANONNAME;\n\
        error = getaddrinfo(name, \"http\", &hints, &all);\n\
        printf(\"%s: %s\", name, error ? gai_strerror(error) : all->ai_canonname);\n\
        for (one = error ? NULL : all; one; one = one->ai_next) {\n\
        getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST); printf(\" %s\", text); }\n\
        printf(\"\\n\"); if (!error) freeaddrinfo(all); }\n\
        int main(void) { struct hostent *h;\n\
        ask(\"localhost\", AF_UNSPEC); ask(\"LocalHost\", AF_INET); ask(\"localhost\", AF_INET6);\n\
        ask(\"ip6-localhost\", AF_UNSPEC); ask(\"ip6-localhost\", AF_INET); ask(\"no.such.host\", AF_UNSPEC);\n\
        h = gethostbyname(\"localhost\"); printf(\"%s %d\\n\", h->h_name, h->h_length);\n\
        h = gethostbyname(\"no.such.host\"); printf(\"%d %s\\n\", h == NULL, hstrerror(h_errno)); return 0; }";
    assert_eq!(
        run_source(source).text(),
        "localhost: localhost ::1 127.0.0.1\nLocalHost: localhost 127.0.0.1\nlocalhost: localhost ::1\n\
         ip6-localhost: localhost ::1\nip6-localhost: Address family for hostname not supported\n\
         no.such.host: Name or service not known\nlocalhost 4\n1 Unknown host\n"
    );
}

#[test]
fn what_it_lacks_is_said() {
    let cases = [
        (
            "#include <regex.h>\nint main(void) { return 0; }",
            "the header <regex.h> is on Linux, but not here",
            "",
        ),
        (
            "#include <strng.h>\nint main(void) { return 0; }",
            "the header <strng.h> is not known here",
            "did you mean <string.h>?",
        ),
        (
            "int main(void) { return regcomp(0, 0, 0); }",
            "the function `regcomp` is in Linux's C library, but not here",
            "regular expressions",
        ),
        (
            "#include <string.h>\nint main(void) { return basename(\"a\") != 0; }",
            "the function `basename` is used without a declaration",
            "add `#define _GNU_SOURCE` before the first #include",
        ),
        (
            "int main(void) { return strsepp(0, 0); }",
            "the function `strsepp` is not known",
            "did you mean `strsep` from <string.h>?",
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
fn main_gets_an_empty_environment_behind_its_arguments() {
    let source = "#include <stdio.h>\nint main(int argc, char **argv, char **envp) { printf(\"%d %d %d\\n\", argc, argv[argc] == NULL, envp[0] == NULL); return 0; }";
    assert_eq!(run_source(source).text(), "1 1 1\n");
}

#[test]
fn what_is_declared_and_not_modelled_stops_the_program_when_it_is_called() {
    let source = |body| {
        format!(
            "#include <math.h>\n#include <sys/stat.h>\n#include <sys/resource.h>\n#include <stdio.h>\nint main(int argc, char **argv) {{ struct stat st; \
             puts(\"so far\"); if (argc > 1) stat(argv[1], &st); {body} return 0; }}\n"
        )
    };
    assert_eq!(run_source(&source("")).text(), "so far\n");
    for (body, expected) in [
        (
            "stat(\".\", &st);",
            "stat() is not modelled: there are no files here",
        ),
        (
            "argc = sin(1);",
            "sin() is not modelled: of functions whose result is rounded",
        ),
        (
            "argc = getpriority(PRIO_PROCESS, 0);",
            "getpriority() is not modelled\n",
        ),
    ] {
        match run_source(&source(body)).end {
            End::Fault(text) => assert!(text.contains(expected), "{body}\n{text}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

/// It looks at clocks between sleeps, and what it does then depends on them.
const CLOCKS: &str = "#include <stdio.h>\n#include <stdlib.h>\n#include <time.h>\n#include <unistd.h>\n#include <sys/time.h>\n\
    static double since(struct timespec a) { struct timespec b; clock_gettime(CLOCK_MONOTONIC, &b);\n\
    return (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6; }\n\
    int main(void) { struct timespec begin, end; struct timeval tv; char text[64]; time_t now = time(NULL); int i;\n\
    clock_gettime(CLOCK_MONOTONIC, &begin); gettimeofday(&tv, NULL); srand(now);\n\
    strftime(text, sizeof text, \"%F %T\", gmtime(&now)); printf(\"%s %d %ld\\n\", text, rand(), (long)tv.tv_usec);\n\
    usleep(200000); printf(\"%.6f ms\\n\", since(begin));\n\
    for (i = 0; i < 3; i++) while (since(begin) < 200 + 140 * i) if (i == 1) usleep(130000);\n\
    end = begin; end.tv_sec += 1; printf(\"%d %.6f %ld\\n\", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL), since(begin), (long)clock());\n\
    return time(NULL) - now; }";

fn clocks() -> Scenario {
    let files = [
        ("scenario.toml", "[[program]]\nname = \"a\"\n"),
        ("a.c", CLOCKS),
    ];
    let texts = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    folder::read(texts.to_vec()).unwrap_or_else(|wrong| panic!("{}", wrong.render()))
}

#[test]
fn a_simulated_run_begins_with_2026_and_virtual_time_passes() {
    let scenario = clocks();
    let compiled = scenario.compile().expect("it compiles");
    let (outcome, tracks) = simulate::tracks(&scenario, &compiled);
    let output = String::from_utf8_lossy(&tracks[0].output[0]).into_owned();
    assert_eq!(outcome.status(), Some(1), "{output}");
    assert!(output.starts_with("2026-01-01 00:00:00 "), "{output}");
    assert!(
        output.contains("\n200.0") && output.contains("\n0 480.0"),
        "{output}"
    );
    assert_eq!(
        tracks[0].output,
        simulate::tracks(&scenario, &compiled).1[0].output
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_comparison_shows_the_same_clocks_on_both_kernels() {
    use sockscope::native::{Isolation, Stage};
    use sockscope::scenario::{compare, native};
    let scenario = clocks();
    let stage = Stage::open(&native::stage_config(&scenario)).expect("a stage");
    if stage.isolation() != Isolation::OwnNetworkNamespace {
        return eprintln!("not compared: no network of its own");
    }
    let compiled = scenario.compile().expect("it compiles");
    let comparison = compare::compare(&scenario, &compiled, stage).expect("it can be compared");
    assert_eq!(comparison.divergence, None);
}
