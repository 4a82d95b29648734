//! House rules that the compiler does not hold: which module may know which, and what may stand where.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules each top-level module may name; itself always. Arrows point down only.
const ARROWS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("packet", &["base"]),
    ("words", &["base"]),
    ("abi", &["base"]),
    ("kernel", &["abi", "base", "packet"]),
    ("sim", &["abi", "base", "kernel", "packet"]),
    ("program", &["abi", "base"]),
    ("drill", &["abi", "base", "kernel", "packet"]),
    ("native", &["abi", "base", "packet"]),
    ("export", &["abi", "base", "packet"]),
    // Sentences about events; of the kernel it knows only what those are made of.
    ("explain", &["abi", "base", "kernel", "packet", "words"]),
    (
        "scenario",
        &[
            "abi", "base", "export", "kernel", "native", "packet", "program", "sim",
        ],
    ),
    (
        "fuzz",
        &["abi", "base", "export", "kernel", "native", "packet"],
    ),
    (
        "session",
        &[
            "abi", "base", "explain", "export", "kernel", "packet", "program", "scenario", "sim",
            "words",
        ],
    ),
    (
        "cli",
        &[
            "abi", "base", "drill", "explain", "export", "fuzz", "kernel", "native", "packet",
            "program", "scenario", "session", "sim", "words",
        ],
    ),
    (
        "web",
        &[
            "abi", "base", "explain", "export", "program", "scenario", "session", "sim", "words",
        ],
    ),
    // The roots mount what is on top.
    ("lib", &[]),
    ("main", &["cli", "web"]),
    ("compiler", &["program", "scenario"]),
];

/// Of `kernel`, `explain` may name nothing else.
const EXPLAIN_KNOWS: &[&str] = &[
    "event",
    "rule",
    "Event",
    "EventKind",
    "Rule",
    "TcpState",
    "port",
];

/// Words and the top-level modules that must not use them, with the reason.
const BANNED: &[(&[&str], &[&str], &str)] = &[
    (
        &[
            "HashMap",
            "HashSet",
            "std::hash",
            "Instant::now",
            "SystemTime",
        ],
        &[
            "base", "abi", "packet", "kernel", "sim", "program", "session", "explain",
        ],
        "the same run is the same everywhere: no hash order, no wall clock",
    ),
    (
        &["std::thread", "std::net::Tcp", "std::fs", "println!"],
        &["kernel", "sim"],
        "plain, deterministic values: no I/O, no threads",
    ),
    (
        &["Rc<RefCell", "RefCell<"],
        &["kernel", "sim", "session", "abi", "base", "packet"],
        "things are linked by ids, or time travel breaks",
    ),
    (
        &["yew", "web_sys", "wasm_bindgen", "gloo"],
        &[
            "base", "abi", "packet", "kernel", "sim", "program", "native", "export", "explain",
            "scenario", "session", "cli", "words",
        ],
        "only the page knows the browser",
    ),
];

/// No file may be longer; generated tables are data.
const LONGEST_FILE: usize = 600;

struct Source {
    path: PathBuf,
    /// The top-level module.
    module: String,
    text: String,
}

impl Source {
    /// Lines with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines
            .map(|(at, line)| (at + 1, line.split("//").next().unwrap_or_default()))
            .filter(|(_, line)| !line.trim().is_empty())
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("src is readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(&root).expect("below src");
                let first = inside.iter().next().expect("a name").to_string_lossy();
                found.push(Source {
                    module: first.trim_end_matches(".rs").to_owned(),
                    text: fs::read_to_string(&path).expect("source is text"),
                    path: inside.to_owned(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 50, "the scan finds the sources");
    found
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// What follows `crate::` in a line: one name, or several in braces.
fn named(line: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for after in line.split("crate::").skip(1) {
        let word = |text: &str| -> String {
            let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
            text[..end.unwrap_or(text.len())].to_owned()
        };
        match after.strip_prefix('{') {
            Some(list) => names.extend(list.split(',').map(|item| word(item.trim()))),
            None => drop(names.insert(word(after))),
        }
    }
    names.remove("");
    names
}

#[test]
fn arrows_point_down_only() {
    let modules: BTreeSet<&str> = ARROWS.iter().map(|(module, _)| *module).collect();
    let mut problems = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = ARROWS.iter().find(|(module, _)| *module == source.module) else {
            problems.push(format!(
                "{}: a module without arrows",
                source.path.display()
            ));
            continue;
        };
        for (at, line) in source.code() {
            for name in named(line).iter().filter(|n| modules.contains(n.as_str())) {
                if *name != source.module && !allowed.contains(&name.as_str()) {
                    let (path, module) = (source.path.display(), &source.module);
                    problems.push(format!("{path}:{at}: {module} must not know {name}"));
                }
            }
        }
    }
    report(&problems);
}

#[test]
fn arrows_have_no_circle() {
    fn reaches(from: &str, to: &str) -> bool {
        let (_, below) = ARROWS.iter().find(|(m, _)| *m == from).expect("listed");
        below.iter().any(|next| *next == to || reaches(next, to))
    }
    for (module, below) in ARROWS {
        for next in *below {
            assert!(!reaches(next, module), "{module} and {next}");
        }
    }
}

#[test]
fn explanations_know_events_and_rules_only() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|s| s.module == "explain") {
        for (at, line) in source.code() {
            for after in line.split("crate::kernel::").skip(1) {
                let words = after.split(|c: char| !c.is_alphanumeric() && c != '_');
                let first = words.into_iter().find(|word| !word.is_empty());
                if !first.is_some_and(|word| EXPLAIN_KNOWS.contains(&word)) {
                    problems.push(format!("{}:{at}: {first:?}", source.path.display()));
                }
            }
        }
    }
    report(&problems);
}

#[test]
fn words_stay_where_they_may_stand() {
    let mut problems = Vec::new();
    for source in sources() {
        for (words, modules, reason) in BANNED {
            if !modules.contains(&source.module.as_str()) {
                continue;
            }
            for (at, line) in source.code() {
                for word in words.iter().filter(|word| uses(line, word)) {
                    problems.push(format!("{}:{at}: {word}: {reason}", source.path.display()));
                }
            }
        }
    }
    report(&problems);
}

/// Whether a line uses a word, and not a longer one.
fn uses(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let starts = word.starts_with(|c: char| c.is_alphanumeric());
        let ends = word.ends_with(|c: char| c.is_alphanumeric());
        !(starts && joins(before) || ends && joins(after))
    })
}

#[test]
fn unsafe_stands_under_native_only() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|s| s.module != "native") {
        for (at, line) in source.code() {
            if uses(line, "unsafe")
                || (line.contains("allow(unsafe_code)") && source.module != "web")
            {
                problems.push(format!("{}:{at}", source.path.display()));
            }
        }
    }
    report(&problems);
}

#[test]
fn nothing_is_left_to_do() {
    let mut problems = Vec::new();
    for source in sources() {
        for (at, line) in source.code() {
            for word in ["todo!", "unimplemented!", "dbg!", "TODO", "FIXME", "XXX"] {
                if uses(line, word) {
                    problems.push(format!("{}:{at}: {word}", source.path.display()));
                }
            }
        }
        for (at, line) in source.text.lines().enumerate() {
            if ["TODO", "FIXME", "XXX"].iter().any(|word| uses(line, word)) {
                problems.push(format!("{}:{}", source.path.display(), at + 1));
            }
        }
    }
    report(&problems);
}

#[test]
fn no_file_is_long() {
    let long = sources()
        .into_iter()
        .map(|s| (s.path, s.text.lines().count()));
    let problems: Vec<_> = long
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    report(&problems);
}

/// State, errno, event and syscall enums are matched in full: a new variant must be thought about
/// everywhere. What stays are numbers, options and tuples.
#[test]
fn the_kernel_has_no_wildcard_arm_on_its_enums() {
    let enums = [
        "State::",
        "TcpState::",
        "Errno::",
        "EventKind::",
        "Syscall::",
        "Progress::",
        "Blocked::",
        "SocketState::",
        "TimerKind::",
        "ChoiceKind::",
    ];
    let mut problems = Vec::new();
    for source in sources().iter().filter(|s| s.module == "kernel") {
        let lines: Vec<(usize, &str)> = source.code().collect();
        for (index, (at, line)) in lines.iter().enumerate() {
            if !line.trim_start().starts_with("_ =>") {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            // The other arms of this match stand above, just as far in.
            let arms = lines[..index]
                .iter()
                .rev()
                .take_while(|(_, l)| l.len() - l.trim_start().len() >= indent);
            let of_enum = arms
                .filter(|(_, l)| l.len() - l.trim_start().len() == indent)
                .find(|(_, l)| enums.iter().any(|name| l.trim_start().starts_with(name)));
            if let Some((_, arm)) = of_enum {
                problems.push(format!(
                    "{}:{at}: beside {}",
                    source.path.display(),
                    arm.trim()
                ));
            }
        }
    }
    report(&problems);
}
