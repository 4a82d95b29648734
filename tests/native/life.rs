//! No child survives, and a stage can be had without privileges.

use crate::support::*;
use sockscope::native::{Error, Isolation, PuppetSpec, Settled, Stage};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Set for the processes that these tests start from their own executable.
const ROLE: &str = "SOCKSCOPE_TEST_ROLE";

fn is_there(pid: u32) -> bool {
    PathBuf::from(format!("/proc/{pid}")).exists()
}

fn descendants(of: u32) -> Vec<u32> {
    let mut found = vec![of];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter();
        let lists = tasks
            .flatten()
            .flatten()
            .flat_map(|task| std::fs::read_to_string(task.path().join("children")));
        let children: Vec<u32> = lists
            .flat_map(|list| {
                list.split_whitespace()
                    .flat_map(str::parse)
                    .collect::<Vec<_>>()
            })
            .collect();
        found.extend(children);
        next += 1;
    }
    found
}

/// A stage with one puppet asleep in accept() and one that waits for a call.
fn busy(mut stage: Stage) -> Stage {
    let p = ordinary(&mut stage);
    listener(&mut stage, p, "127.0.0.1:0", 5);
    assert_eq!(grant(&mut stage, p, accept(3)), Settled::Asleep);
    ordinary(&mut stage);
    stage
}

fn all_processes(stage: &Stage) -> Vec<u32> {
    let keeper = stage.processes()[0];
    let all = descendants(keeper);
    assert_eq!(all.len(), 4, "keeper, supervisor and two puppets: {all:?}");
    for pid in stage.processes() {
        assert!(all.contains(&pid), "{pid} in {all:?}");
    }
    all
}

#[test]
fn a_dropped_stage_leaves_no_process() {
    for stage in [stage(), plain_stage()] {
        let stage = busy(stage);
        let all = all_processes(&stage);
        let start = Instant::now();
        drop(stage);
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!(!all.iter().any(|pid| is_there(*pid)), "{all:?}");
    }
}

#[test]
fn a_panic_leaves_no_process() {
    let (tell, hear) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let stage = busy(stage());
        tell.send(all_processes(&stage)).unwrap();
        std::panic::resume_unwind(Box::new("as a failing assertion does"));
    });
    let all = hear.recv().unwrap();
    assert!(thread.join().is_err());
    assert!(!all.iter().any(|pid| is_there(*pid)), "{all:?}");
}

#[test]
fn a_stage_outlives_the_thread_that_opened_it() {
    let opened = std::thread::spawn(|| busy(stage()));
    let mut stage = opened.join().unwrap();
    let p = ordinary(&mut stage);
    assert_eq!(ok(&mut stage, p, socket()), 3);
    all_processes_are(&stage, 5);
}

fn all_processes_are(stage: &Stage, count: usize) {
    assert_eq!(descendants(stage.processes()[0]).len(), count);
}

#[test]
fn stages_do_not_hold_each_other_up() {
    let threads: Vec<_> = (0..6)
        .map(|_| {
            std::thread::spawn(|| {
                for _ in 0..5 {
                    drop(busy(stage()));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Starts this very executable in another role, and gives it and its first line of output.
fn start_role(role: &str, test: &str, prepare: impl FnOnce(&mut Command)) -> (Child, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--ignored"])
        .env(ROLE, role)
        .stdout(Stdio::piped());
    prepare(&mut command);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| line.split_once("role: ").map(|(_, said)| said.to_owned()));
    let line = line.expect("the role says what it has to say");
    // Whatever else it says is not waited for; the pipe stays open as long as it lives.
    std::thread::spawn(move || lines.count());
    (child, line)
}

#[test]
fn a_killed_process_leaves_no_process() {
    for role in ["own", "plain"] {
        let (mut child, line) = start_role(role, "life::role_that_holds_a_stage", |_| {});
        let all: Vec<u32> = line.split(' ').map(|pid| pid.parse().unwrap()).collect();
        assert!(all.iter().all(|pid| is_there(*pid)));
        child.kill().unwrap();
        child.wait().unwrap();
        let deadline = Instant::now() + BOUND;
        while all.iter().any(|pid| is_running(*pid)) {
            assert!(Instant::now() < deadline, "{all:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// There, and not merely unreaped by whoever inherited it.
fn is_running(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").starts_with(" Z"))
}

#[test]
#[ignore = "a role that another test starts"]
fn role_that_holds_a_stage() {
    let stage = match std::env::var(ROLE).as_deref() {
        Ok("own") => stage(),
        Ok("plain") => plain_stage(),
        _ => return,
    };
    let stage = busy(stage);
    let all: Vec<String> = all_processes(&stage).iter().map(u32::to_string).collect();
    println!("role: {}", all.join(" "));
    std::thread::sleep(BOUND);
}

/// A file that goes even when an assertion fails.
struct RemovedAtEnd(PathBuf);

impl Drop for RemovedAtEnd {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn an_ordinary_user_gets_a_stage() {
    // Only who may become someone else can start this; an ordinary user's other tests say the same.
    if Command::new("true").uid(65534).status().is_err() {
        return;
    }
    // The user may have no way to where this executable lies.
    let copy =
        RemovedAtEnd(std::env::temp_dir().join(format!("sockscope-test-{}", std::process::id())));
    // Copied by another process: a file that this one has open for writing may be executed by
    // nobody, and a keeper that is forked at this moment has it open, too, for an instant.
    let mut cp = Command::new("cp");
    let copied = cp
        .arg(std::env::current_exe().unwrap())
        .arg(&copy.0)
        .status();
    assert!(copied.unwrap().success());
    for role in ["user", "user-plain"] {
        let (mut child, line) = start_role(role, "life::role_of_an_ordinary_user", |command| {
            let mut other = Command::new(&copy.0);
            other.args(command.get_args()).env(ROLE, role);
            other.stdout(Stdio::piped()).uid(65534).gid(65534);
            *command = other;
        });
        assert!(child.wait().unwrap().success(), "{role}");
        assert!(line.starts_with("done"), "{role}: {line}");
    }
}

#[test]
#[ignore = "a role that another test starts"]
fn role_of_an_ordinary_user() {
    let stage = match std::env::var(ROLE).as_deref() {
        Ok("user") => stage(),
        Ok("user-plain") => plain_stage(),
        _ => return,
    };
    assert!(!nix::unistd::geteuid().is_root());
    let mut pair = pair_on(stage);
    let own = pair.stage.isolation() == Isolation::OwnNetworkNamespace;
    let spec = PuppetSpec {
        root: true,
        ..PuppetSpec::default()
    };
    let port_80 = || bind(3, addr("127.0.0.1:80"));
    let p = ordinary(&mut pair.stage);
    ok(&mut pair.stage, p, socket());
    let refused = result(&mut pair.stage, p, port_80());
    if own {
        // Elsewhere the administrator may have opened such ports to everyone.
        assert_eq!(refused, Err(sockscope::abi::Errno::EACCES));
        let root = pair.stage.spawn(&spec).unwrap();
        ok(&mut pair.stage, root, socket());
        assert_eq!(result(&mut pair.stage, root, port_80()), Ok(0));
        assert_eq!(pair.stage.segments().unwrap().len(), 3);
    } else {
        assert_eq!(pair.stage.spawn(&spec), Err(Error::NoRoot));
        let refused = pair.stage.segments();
        assert!(
            matches!(refused, Err(Error::NoCapture { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(
        grant(&mut pair.stage, pair.server, accept(3)),
        Settled::Asleep
    );
    let connections = pair.stage.sockets().unwrap();
    let connections = connections.iter().filter(|row| row.remote.port() != 0);
    assert_eq!(connections.count(), 2);
    let keeper = pair.stage.processes()[0];
    drop(pair);
    assert!(!is_there(keeper));
    println!("role: done, {}", if own { "own" } else { "plain" });
}
