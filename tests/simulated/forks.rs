//! fork(2) in a world: the program is copied with its process.

use crate::common::*;
use sockscope::abi::Syscall;
use sockscope::kernel::EventKind;
use sockscope::kernel::event::TcpState;

#[test]
fn both_go_on_behind_fork_with_their_own_answers() {
    let bench = Bench::new(vec![vec![Syscall::Getpid, Syscall::Fork, Syscall::Getpid]]).run();
    assert_eq!(bench.results(0), [Ok(101), Ok(102), Ok(101)]);
    assert_eq!(bench.results(1), [Ok(101), Ok(0), Ok(102)]);
    let forked = |e: &&sockscope::kernel::Event| matches!(e.kind, EventKind::ProcessForked { .. });
    assert_eq!(bench.events.iter().filter(forked).count(), 1);
}

#[test]
fn a_forked_listener_lives_until_the_last_process_has_ended() {
    let calls = vec![
        socket(),
        bind(3, "127.0.0.1:8080"),
        listen(3, 1),
        Syscall::Fork,
        sleep(10),
        wait4(-1, 0),
    ];
    let bench = Bench::new(vec![calls]).until(|b| b.world.order().len() == 2);
    assert_eq!(bench.states(), [TcpState::Listen]);
    let bench = bench.run();
    assert_eq!(bench.states(), []);
    assert_eq!(bench.results(0)[5], Ok(102));
    assert_eq!(bench.results(1)[5], Err(ECHILD));
}

#[test]
fn a_process_ended_by_another_runs_no_further() {
    let calls = vec![Syscall::Fork, kill(102, SIGKILL), wait4(-1, 0), sleep(10)];
    let bench = Bench::new(vec![calls]).run();
    // The child comes first to kill(2) only if it was scheduled first: it kills itself or is killed.
    assert_eq!(bench.results(1), [Ok(0)]);
    assert_eq!(bench.results(0)[2..], [Ok(102), Ok(0)]);
}
