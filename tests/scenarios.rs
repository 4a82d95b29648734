//! Every scenario of the library: complete, compiled, run, and held against real Linux; and folders that are none.
#![allow(missing_docs)]

mod library;

use sockscope::program::c::{self, Options};
use sockscope::scenario::record::hold;
use sockscope::scenario::{Outcome, Scenario, folder, simulate};

/// How a record is made.
const RECORD: &str = "`sockscope compare NAME --record FILE`, or, for one that is not live, \
     `sockscope run NAME --on native --trace none --patience SECONDS --record FILE`";

#[test]
fn every_folder_is_complete() {
    let names = library::names();
    assert!(!names.is_empty());
    let there = library::folders();
    for name in &names {
        assert!(there.contains(name), "library.txt lists {name}");
    }
    for name in names {
        let scenario = library::scenario(&name);
        let lessons = [&scenario.lesson.en, &scenario.lesson.ko];
        let [Some(en), Some(ko)] = lessons else {
            panic!("{name}: a lesson is missing");
        };
        assert!(!en.sections.is_empty(), "{name}: a lesson without parts");
        assert!(
            en.same_structure(ko),
            "{name}: the lessons differ in their parts, answers, blocks or lengths of lists"
        );
        let record = scenario.record.as_ref();
        let record = record.unwrap_or_else(|| panic!("{name}: no recorded.txt: {RECORD}"));
        assert_eq!(
            record.sources,
            Some(scenario.sources),
            "{name}: recorded.txt is of other sources: {RECORD}"
        );
        assert_eq!(
            record.is_run(),
            scenario.not_live.is_some(),
            "{name}: {RECORD}"
        );
    }
}

/// A program that stays as it was published, with the `#include` that it forgets.
const AS_PUBLISHED: (&str, &str) = ("first-life", "client");

#[test]
fn every_program_compiles_without_warnings() {
    for name in library::folders() {
        for program in library::scenario(&name).programs {
            let of = format!("{name}: {}", program.name);
            let image = c::compile(&program.files, &Options::default());
            let render = |problems: &[sockscope::program::Diagnostic]| -> String {
                problems.iter().map(|p| p.render(&program.files)).collect()
            };
            match image {
                Ok(_) if (&*name, &*program.name) == AS_PUBLISHED => {}
                Ok(image) => {
                    assert!(
                        image.warnings().is_empty(),
                        "{of}\n{}",
                        render(image.warnings())
                    )
                }
                Err(problems) => panic!("{of}\n{}", render(&problems)),
            }
        }
    }
}

#[test]
fn every_scenario_runs_to_its_end_and_reaches_its_bookmarks() {
    for name in library::folders() {
        let scenario = library::scenario(&name);
        let compiled = scenario.compile().expect("it compiles");
        let (outcome, tracks) = simulate::tracks(&scenario, &compiled);
        let ended = matches!(outcome, Outcome::Ended(_) | Outcome::Stuck { .. });
        assert!(ended, "{name}: {outcome:?}");
        for bookmark in &scenario.bookmarks {
            let calls = &tracks[bookmark.program as usize].calls;
            let mut of_name = calls.iter().filter(|(call, _)| *call == bookmark.call);
            let found = of_name.nth(bookmark.nth as usize - 1);
            let program = &scenario.programs[bookmark.program as usize].name;
            let (call, nth) = (&bookmark.call, bookmark.nth);
            assert!(
                found.is_some(),
                "{name}: {program} makes no {call}() number {nth}"
            );
        }
        if scenario.not_live.is_some()
            && let Some(record) = &scenario.record
        {
            let (_, divergence) = hold(record, &tracks);
            assert_eq!(divergence, None, "{name}, against its record");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn every_live_scenario_is_equal_on_real_linux() {
    for name in library::folders() {
        let scenario = library::scenario(&name);
        if scenario.not_live.is_none() {
            equal_on_linux(&name, &scenario);
        }
    }
}

#[cfg(target_os = "linux")]
fn equal_on_linux(name: &str, scenario: &Scenario) {
    use sockscope::native::{Isolation, Stage};
    use sockscope::scenario::{compare, native};
    let stage = match Stage::open(&native::stage_config(scenario)) {
        Ok(stage) => stage,
        Err(why) if !scenario.world.network.stubs.is_empty() => {
            return eprintln!("not compared: {name}: {why}");
        }
        Err(why) => panic!("{name}: {why}"),
    };
    if stage.isolation() != Isolation::OwnNetworkNamespace {
        return eprintln!("not compared: {name}: no network of its own");
    }
    assert!(stage.refused_sysctls().is_empty(), "{name}");
    let compiled = scenario.compile().expect("it compiles");
    let comparison = compare::compare(scenario, &compiled, stage).expect("it can be compared");
    assert_eq!(comparison.divergence, None, "{name}");
}

#[test]
fn the_program_carries_the_library_as_it_lies_there() {
    assert_eq!(sockscope::scenario::library::built_in(), library::listed());
    for name in library::names() {
        let carried = sockscope::scenario::library::files(&name).unwrap_or_default();
        let mut carried: Vec<_> = carried
            .into_iter()
            .filter(|(name, _)| folder::means_something(name))
            .collect();
        carried.sort();
        // A file that came later than the last build is not noticed by cargo.
        let stale = "touch src/scenario/library.rs and build again";
        assert!(carried == library::files(&name), "{name}: {stale}");
    }
}

/// A folder of these texts.
fn texts(files: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    let files = files.iter();
    files
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

const MAIN: &str = "int main(void) { return 0; }\n";

/// All that a folder can say of the world, on both kernels.
const WORLD: &[(&str, &str)] = &[
    (
        "scenario.toml",
        r#"
seed = 7
[[program]]
name = "privileged"
capabilities = ["CAP_NET_BIND_SERVICE"]
[[program]]
name = "never"
start = false
files = ["plain.c"]
[[program]]
name = "plain"
after = "privileged"
nofile = 5
stdin = "a"
[sysctl]
"net.ipv4.ip_local_port_range" = "40000 40003"
"net.core.somaxconn" = 5
[[device]]
address = "192.0.2.1/24"
neighbours = "none"
"#,
    ),
    (
        "privileged.c",
        r#"#include "try.h"
int main(void) {
    attempt("0.0.0.0", 80, 1);
    attempt("192.0.2.7", 80, 0);
    attempt("203.0.113.1", 80, 0);
    return 0;
}
"#,
    ),
    (
        "plain.c",
        r#"#include "try.h"
int main(void) {
    char c;
    attempt("0.0.0.0", 80, 1);
    while (socket(AF_INET, SOCK_STREAM, 0) >= 0)
        ;
    perror("socket");
    return read(0, &c, 1) == 1 ? c : 0;
}
"#,
    ),
    (
        "try.h",
        r#"#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
static void attempt(const char *ip, int port, int server) {
    struct sockaddr_in to;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&to, 0, sizeof(to));
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, ip, &to.sin_addr);
    if ((server ? bind(fd, (struct sockaddr *)&to, sizeof(to)) : connect(fd, (struct sockaddr *)&to, sizeof(to))) < 0)
        perror(ip);
    close(fd);
}
"#,
    ),
];

#[test]
fn capabilities_limits_devices_and_the_order_are_those_of_the_folder() {
    let scenario = folder::read(texts(WORLD)).unwrap_or_else(|wrong| panic!("{}", wrong.render()));
    assert_eq!(scenario.programs[2].name, "never");
    let compiled = scenario.compile().expect("it compiles");
    let (outcome, tracks) = simulate::tracks(&scenario, &compiled);
    assert_eq!(outcome.status(), Some(i32::from(b'a')), "{outcome:?}");
    let errors = |who: usize| String::from_utf8_lossy(&tracks[who].output[1]).into_owned();
    assert_eq!(
        errors(0),
        "192.0.2.7: No route to host\n203.0.113.1: Network is unreachable\n"
    );
    assert_eq!(
        errors(1),
        "0.0.0.0: Permission denied\nsocket: Too many open files\n"
    );
    #[cfg(target_os = "linux")]
    equal_on_linux("the world of a folder", &scenario);
}

#[test]
fn silent_neighbours_let_everything_vanish() {
    let toml = "[[program]]\nname = \"a\"\n[sysctl]\n\"net.ipv4.tcp_syn_retries\" = 1\n\
        \"net.ipv4.tcp_syn_linear_timeouts\" = 0\n[[device]]\naddress = \"192.0.2.1/24\"\nneighbours = \"silent\"\n";
    let main = "#include \"try.h\"\nint main(void) { attempt(\"192.0.2.9\", 1, 0); return 0; }\n";
    let files = [("scenario.toml", toml), ("a.c", main), WORLD[3]];
    let scenario = folder::read(texts(&files)).expect("a scenario");
    let compiled = scenario.compile().expect("it compiles");
    let (_, tracks) = simulate::tracks(&scenario, &compiled);
    assert_eq!(tracks[0].output[1], b"192.0.2.9: Connection timed out\n");
    #[cfg(target_os = "linux")]
    equal_on_linux("silent neighbours", &scenario);
}

#[test]
fn without_settings_each_main_is_a_program_and_those_who_wait_come_first() {
    let server = "#include \"net.h\"\nint main(void) { listen(3, 1); return helper(); }\n";
    let files = [
        ("client.c", MAIN),
        ("server.c", server),
        ("net.c", "int helper(void) { return 0; }\n"),
        ("net.h", "int helper(void);\nint listen(int, int);\n"),
        ("notes.pdf", "\u{1}"),
    ];
    let scenario = folder::read(texts(&files)).expect("a scenario");
    let names: Vec<&str> = scenario.programs.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["server", "client"]);
    let files = scenario.programs[0]
        .files
        .iter()
        .map(|file| file.name.as_str());
    assert_eq!(files.collect::<Vec<_>>(), ["server.c", "net.c", "net.h"]);
    assert!(scenario.compile().is_ok());
}

#[test]
fn what_a_file_of_a_folder_includes_is_found_beside_it_first() {
    let files = [
        (
            "a/main.c",
            "#include \"util.h\"\n#include \"../lib/net.h\"\nint main(void) { return UTIL + NET; }\n",
        ),
        ("a/util.h", "#define UTIL 1\n"),
        (
            "b/other.c",
            "#include \"util.h\"\n#include \"lib/net.h\"\nint main(void) { return UTIL + NET; }\n",
        ),
        ("b/util.h", "#define UTIL 2\n"),
        ("lib/net.h", "#define NET 10\n"),
    ];
    let scenario = folder::read(texts(&files)).expect("a scenario");
    let names = |program: usize| {
        let files = scenario.programs[program].files.iter();
        files.map(|file| file.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(0), ["a/main.c", "a/util.h", "lib/net.h"]);
    assert_eq!(names(1), ["b/other.c", "b/util.h", "lib/net.h"]);
    assert!(scenario.compile().is_ok());
}

#[test]
fn what_is_wrong_with_a_folder_is_said_with_its_place() {
    let program = "[[program]]\nname = \"a\"\n";
    let with = |more: &str| format!("{program}{more}\n");
    let cases: Vec<(String, &str)> = vec![
        ("[[program]\n".to_owned(), "scenario.toml:1:"),
        (
            "x = 1\n".to_owned(),
            "scenario.toml:1:1: error: no setting is called `x`",
        ),
        (String::new(), "no program starts"),
        (
            "[program]\nname = \"a\"\n".to_owned(),
            "scenario.toml:1:1: error: expected several of them: [[program]], found a table",
        ),
        (
            with("arg = []"),
            "scenario.toml:3:1: error: no setting is called `arg`\n    arg = []\n    ^^^\n  help: did you mean `args`?",
        ),
        (
            with("args = [1]"),
            "scenario.toml:3:9: error: expected a text in quotes, found a number",
        ),
        (
            with("files = [\"b.c\"]"),
            "scenario.toml:3:10: error: no C file of the folder is called `b.c`\n",
        ),
        (
            with("nofile = 99999"),
            "expected a whole number from 0 to 1024",
        ),
        (
            with("after = \"b\""),
            "no program that starts is called `b`",
        ),
        (
            with("after = \"a\""),
            "this program never starts: it waits for itself",
        ),
        (
            with("capabilities = [\"CAP_NET_RAWW\"]"),
            "did you mean `CAP_NET_RAW`?",
        ),
        (
            with("start = \"no\""),
            "expected `true` or `false`, found a text",
        ),
        (with(program), "a second program is called `a`"),
        (
            "[[program]]\nfiles = [\"a.c\"]\n".to_owned(),
            "scenario.toml:1:1: error: `name` is missing",
        ),
        (
            "[[program]]\nname = \"a b\"\nfiles = [\"a.c\"]\n".to_owned(),
            "a name consists of",
        ),
        (
            with("[sysctl]\n\"net.ipv4.tcp_syn_retry\" = 1"),
            "did you mean `net.ipv4.tcp_syn_retries`?",
        ),
        (
            with("[sysctl]\n\"net.ipv4.tcp_syn_retries\" = 1000"),
            "cannot be set to this (EINVAL)",
        ),
        (
            with("[sysctl]\n\"net.ipv4.tcp_rto_min_us\" = 7"),
            "than its default is not modelled",
        ),
        (
            with("[[device]]\naddress = \"192.0.2.1\"\nneighbours = \"none\""),
            "scenario.toml:4:11: error: expected an IPv4 address and its prefix",
        ),
        (
            with("[[device]]\naddress = \"192.0.2.1/24\""),
            "`neighbours` is missing",
        ),
        (
            with("[[device]]\naddress = \"192.0.2.1/24\"\nneighbours = \"silend\""),
            "did you mean `silent`?",
        ),
        (
            with("[loopback]\nlose = [0]"),
            "scenario.toml:4:9: error: expected a whole number from 1 to 4294967295",
        ),
        (
            with("[schedule]\nfirst = 1"),
            "expected the number of a choice",
        ),
        (
            with("[[bookmark]]\nprogram = \"b\"\ncall = \"x\"\nlabel = \"y\""),
            "no program that starts is called `b`",
        ),
        (
            with("[[bookmark]]\nprogram = \"a\"\ncall = \"x\"\nlabel = {}"),
            "a label without text",
        ),
        (
            with("[compare]\nlive = false"),
            "scenario.toml:3:1: error: `why` is missing",
        ),
        (
            "# 포트\n[[program]]\nname = \"a\"\n한 = 1\n".to_owned(),
            "scenario.toml:4:1",
        ),
    ];
    for (toml, expected) in cases {
        let files = [("scenario.toml", toml.as_str()), ("a.c", MAIN)];
        let wrong = folder::read(texts(&files)).expect_err(&toml).render();
        assert!(wrong.contains(expected), "{toml}\n{wrong}");
    }
    let lessons = [
        (
            "",
            "lesson.en.md:1:1: error: a lesson begins with its title",
        ),
        ("# T\n", "behind the title stands a paragraph"),
        (
            "# T\n\nS\n\n## A\n\n[x](http://y)\n",
            "lesson.en.md:7:1: error: a lesson has no links",
        ),
        ("# T\n\nS\n\n## A\n\n```\nx\n", "not closed with ```"),
        ("# T\n\nS\n\n### B\n", "an answer stands below"),
        (
            "# T\n\nS\n\nT\n",
            "before the first `## ` stands one paragraph alone",
        ),
        ("# T\n\nS\n\n# U\n", "a lesson has one title"),
        ("# T\n\nS `x\n", "is not closed in this block"),
    ];
    for (lesson, expected) in lessons {
        let files = [("a.c", MAIN), ("lesson.en.md", lesson)];
        let wrong = folder::read(texts(&files)).expect_err(lesson).render();
        assert!(wrong.contains(expected), "{lesson}\n{wrong}");
    }
    let wrong = folder::read(texts(&[("readme.txt", "")])).expect_err("nothing");
    assert!(wrong.render().contains("no program"));
    let bytes = vec![("a.c".to_owned(), vec![0xff])];
    let wrong = folder::read(bytes).expect_err("no text").render();
    assert!(
        wrong.contains("a.c: byte 0xff on line 1 is not UTF-8 text"),
        "{wrong}"
    );
    let files = [("a.c", MAIN), ("recorded.txt", "hello\n")];
    let wrong = folder::read(texts(&files)).expect_err("no record").render();
    assert!(
        wrong.contains("recorded.txt:1:1: error: not a record"),
        "{wrong}"
    );
}
