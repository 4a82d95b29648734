//! C programs with several threads on both kernels. What they must print was printed by gcc's programs on Linux.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

use std::path::Path;
use std::process::{Command, Output};

fn sockscope(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockscope"));
    command.args(arguments).output().expect("the binary runs")
}

/// Runs a program of tests/programs/threads on both kernels.
fn prints_what_linux_prints(name: &str) {
    let program = format!("tests/programs/threads/{name}.c");
    let expected = std::fs::read_to_string(Path::new(&program).with_extension("expected"));
    let expected = expected.expect("it was recorded");
    for kernel in ["sim", "native"] {
        let ran = sockscope(&["run", "--on", kernel, "--trace", "none", &program]);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(
            String::from_utf8_lossy(&ran.stdout),
            expected,
            "{kernel}: {said}"
        );
        assert_eq!(ran.status.code(), Some(0), "{kernel}: {said}");
    }
}

/// Runs a program on the simulated kernel; its standard output and error.
fn ran(name: &str, text: &str) -> (String, String) {
    let folder = std::env::temp_dir().join(format!("sockscope-threads-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let path = folder.join(format!("{name}.c"));
    std::fs::write(&path, text).expect("it can be written");
    let ran = sockscope(&[
        "run",
        "--trace",
        "none",
        path.to_str().expect("a plain path"),
    ]);
    let _ = std::fs::remove_file(path);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(ran.stdout), text(ran.stderr))
}

/// A program whose first thread does this while `other` does that.
fn misuse(name: &str, other: &str, main: &str) -> String {
    let text = format!(
        "#include <pthread.h>\n#include <stdio.h>\n#include <unistd.h>\n\
         static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;\n\
         static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;\n\
         static void *other(void *arg) {{\n{other}\nreturn NULL;\n}}\n\
         int main(void) {{\npthread_t t;\npthread_create(&t, NULL, other, NULL);\n{main}\nreturn 0;\n}}\n"
    );
    ran(name, &text).1
}

#[test]
fn a_mutex_keeps_a_counter_exact() {
    prints_what_linux_prints("counter");
}

#[test]
fn conditions_make_a_bounded_queue() {
    prints_what_linux_prints("queue");
}

#[test]
fn a_thread_for_each_client() {
    prints_what_linux_prints("server");
}

#[test]
fn a_sleeping_call_holds_the_descriptor_that_another_thread_closes() {
    prints_what_linux_prints("blocked");
}

#[test]
fn each_thread_has_its_own_errno_and_values() {
    prints_what_linux_prints("others");
}

#[test]
fn lines_that_threads_print_stay_whole() {
    for kernel in ["sim", "native"] {
        let program = "tests/programs/threads/print.c";
        let ran = sockscope(&["run", "--on", kernel, "--trace", "none", program]);
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        for thread in 0..4 {
            let start = format!("thread {thread} line ");
            let of_thread = said.lines().filter(|line| line.starts_with(&start));
            let expected = (0..300).map(|i| {
                format!("thread {thread} line {i:03} of 300, and a text that is long enough")
            });
            assert!(of_thread.eq(expected), "{kernel}: {said}");
        }
        assert_eq!(said.lines().count(), 1200, "{kernel}");
    }
}

#[test]
fn both_kernels_are_asked_for_the_same_in_the_same_order() {
    for name in ["counter", "queue"] {
        let program = format!("tests/programs/threads/{name}.c");
        let compared = sockscope(&["compare", &program]);
        let said = String::from_utf8_lossy(&compared.stdout).into_owned();
        assert!(said.contains("equal on Linux"), "{name}: {said}");
    }
}

#[test]
fn undefined_use_is_named_at_the_programs_line() {
    let cases = [
        (
            "twice",
            "",
            "pthread_join(t, NULL);\npthread_join(t, NULL);",
            "pthread_join(): the thread was joined before",
        ),
        (
            "none",
            "",
            "t = 0;\npthread_join(t, NULL);",
            "pthread_join(): there is no such thread",
        ),
        (
            "unlocked",
            "",
            "pthread_mutex_unlock(&lock);",
            "pthread_mutex_unlock(): the mutex is not locked",
        ),
        (
            "foreign",
            "pthread_mutex_lock(&lock);",
            "pthread_join(t, NULL);\npthread_mutex_unlock(&lock);",
            "pthread_mutex_unlock(): another thread has locked the mutex",
        ),
        (
            "destroyed",
            "",
            "pthread_mutex_lock(&lock);\npthread_mutex_destroy(&lock);",
            "pthread_mutex_destroy(): the mutex is locked",
        ),
        (
            "gone",
            "",
            "pthread_mutex_destroy(&lock);\npthread_mutex_lock(&lock);",
            "pthread_mutex_lock(): the mutex was destroyed",
        ),
        (
            "wait",
            "",
            "pthread_cond_wait(&cond, &lock);",
            "pthread_cond_wait(): this thread has not locked the mutex",
        ),
        (
            "unset",
            "",
            "pthread_mutex_t m;\npthread_mutex_lock(&m);",
            "pthread_mutex_lock(): `m` of main() is read",
        ),
    ];
    for (name, other, main, message) in cases {
        let said = misuse(name, other, main);
        assert!(said.contains(message), "{name}: {said}");
        assert!(said.contains(&format!("{name}.c:")), "{name}: {said}");
    }
}

#[test]
fn what_a_threads_function_had_is_gone_with_it() {
    let said = misuse(
        "local",
        "int here = 3;\nreturn &here;",
        "void *p;\npthread_join(t, &p);\nprintf(\"%d\\n\", *(int *)p);",
    );
    assert!(
        said.contains("`here` of other(), whose life has ended"),
        "{said}"
    );
}

#[test]
fn threads_that_wait_for_each_other_are_told() {
    let said = misuse(
        "deadlock",
        "pthread_mutex_lock(&lock);\nsleep(1);\npthread_cond_wait(&cond, &lock);",
        "pthread_join(t, NULL);",
    );
    let main = "deadlock was ended: it waits for ever at deadlock.c:";
    assert!(said.contains(main), "{said}");
    let other = "deadlock (thread 2) was ended: it waits for ever at deadlock.c:";
    assert!(said.contains(other), "{said}");
}

#[test]
fn a_thread_that_computes_gives_way_to_others() {
    let (said, problem) = ran(
        "spin",
        "#include <pthread.h>\n#include <stdio.h>\nstatic volatile int set;\n\
         static void *sets(void *arg) { set = 1; return arg; }\n\
         int main(void) { pthread_t t; pthread_create(&t, NULL, sets, NULL); while (!set) ; \
         pthread_join(t, NULL); printf(\"set\\n\"); return 0; }",
    );
    assert_eq!(said, "set\n", "{problem}");
}

#[test]
fn exit_ends_all_threads_and_the_status_is_the_callers() {
    let text = "#include <pthread.h>\n#include <stdlib.h>\n#include <unistd.h>\n\
        static void *ends(void *arg) { exit(7); return arg; }\n\
        int main(void) { pthread_t t; pthread_create(&t, NULL, ends, NULL); sleep(100); return 0; }";
    let folder =
        std::env::temp_dir().join(format!("sockscope-threads-exit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let path = folder.join("exit.c");
    std::fs::write(&path, text).expect("it can be written");
    for kernel in ["sim", "native"] {
        // The longest sleep on the real kernel is bounded.
        let text = text.replace("100", "20");
        std::fs::write(&path, text).expect("it can be written");
        let path = path.to_str().expect("a plain path");
        let ran = sockscope(&["run", "--on", kernel, "--trace", "none", path]);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(7), "{kernel}: {said}");
    }
}
