//! The same run gives the same trace, wherever it runs. The browser tests compare the page's hash with
//! the one that this test leaves under `target/`.
#![allow(missing_docs)]

use sockscope::program::c::Machine;
use sockscope::scenario::Scenario;
use sockscope::session::{Session, StepKind};

fn explored() -> Session<Machine> {
    let scenario = Scenario::builtin("first-life").expect("it comes with Sockscope");
    let mut session = Session::open(&scenario).expect("it compiles");
    while session.advance(1_000) {}
    session
}

#[test]
fn a_run_has_one_hash_however_it_is_looked_at() {
    let plain = explored().trace_hash();
    let mut wandered = explored();
    for event in [90, 3, 120, 40] {
        wandered.seek(event);
        wandered.step(StepKind::Line, 0);
        wandered.back(StepKind::Packet, 1);
    }
    assert_eq!(wandered.trace_hash(), plain);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/trace-hash");
    std::fs::create_dir_all(folder).expect("the target folder can be written");
    let path = format!("{folder}/first-life");
    std::fs::write(path, format!("{plain:016x}\n")).expect("the target folder can be written");
}

#[test]
fn another_seed_is_another_run() {
    let mut scenario = Scenario::builtin("first-life").expect("it comes with Sockscope");
    scenario.world.seed = 99;
    let mut other = Session::open(&scenario).expect("it compiles");
    while other.advance(1_000) {}
    assert_ne!(other.trace_hash(), explored().trace_hash());
}
