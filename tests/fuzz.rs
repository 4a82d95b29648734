//! The fuzzer finds what is planted, and nothing else.
#![cfg(target_os = "linux")]

use sockscope::fuzz::{Bounds, Fuzzer, Kept, replay};
use sockscope::kernel::planted::Planted;
use sockscope::native::{Isolation, Stage, StageConfig};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Cases bind to ports of their own choice, which a shared network may have in use.
fn has_own_network() -> bool {
    let stage = Stage::open(&StageConfig::default()).expect("a stage");
    match stage.isolation() {
        Isolation::OwnNetworkNamespace => true,
        Isolation::PlainLoopback { reason } => {
            eprintln!("not fuzzed: {reason}");
            false
        }
    }
}

/// The first divergence, if there is one.
fn first(mut fuzzer: Fuzzer) -> Option<Kept> {
    while let Some(verdict) = fuzzer.next_case().expect("the real kernel answers") {
        if verdict.divergence.is_some() {
            return verdict.divergence;
        }
    }
    None
}

fn agree(seed: u64, cases: u64) {
    let bounds = Bounds {
        cases,
        ..Bounds::default()
    };
    if has_own_network()
        && let Some(found) = first(Fuzzer::new(seed, bounds))
    {
        panic!("seed {seed}: the kernels differ\n{found}");
    }
}

#[test]
fn both_kernels_agree_on_the_cases_of_a_known_seed() {
    agree(1, 200);
}

#[test]
fn both_kernels_agree_on_the_cases_of_a_fresh_seed() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = now.expect("after 1970").as_secs();
    eprintln!("seed {seed}");
    agree(seed, 60);
}

#[test]
fn every_planted_bug_is_found() {
    if !has_own_network() {
        return;
    }
    for some in Planted::ALL.chunks(4) {
        thread::scope(|scope| {
            for bug in some {
                scope.spawn(|| find(*bug));
            }
        });
    }
}

fn find(bug: Planted) {
    let bounds = Bounds {
        cases: 3_000,
        time: Some(Duration::from_secs(300)),
        ..Bounds::default()
    };
    let found = first(Fuzzer::new(5, bounds).with_planted(bug));
    let found = found.unwrap_or_else(|| panic!("{bug:?} was not found"));
    eprintln!("{bug:?}:\n{found}\n");
    let without = replay(&found.case).expect("the real kernel answers");
    assert_eq!(without, None, "{bug:?} is not what was found");
    assert!(
        found.case.ops.len() <= 12,
        "{bug:?} was not shrunk:\n{found}"
    );
}
