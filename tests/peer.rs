//! Our TCP talks to another's: smoltcp's, over a link that delays, loses, duplicates and reorders, in virtual
//! time. Whatever the link does, each side gets what the other sent and both come to their end.
//! A failure prints its plan, seed included.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/mod.rs"]
mod common;
#[path = "peer/link.rs"]
mod link;
#[path = "peer/talk.rs"]
mod talk;

use talk::{Close, Open, Plan, talk};

const MIB: usize = 1 << 20;

const OPENS: [Open; 3] = [Open::We, Open::It, Open::Both];
const CLOSES: [Close; 5] = [
    Close::WeFirst,
    Close::ItFirst,
    Close::Both,
    Close::WeReset,
    Close::ItResets,
];

#[test]
fn every_order_of_opening_and_closing_on_a_good_link() {
    for open in OPENS {
        for close in CLOSES {
            talk(Plan {
                open,
                close,
                ..Plan::default()
            });
        }
    }
}

#[test]
fn every_order_of_opening_and_closing_on_a_bad_link() {
    for open in OPENS {
        for close in CLOSES {
            for seed in 0..10 {
                talk(Plan {
                    seed,
                    open,
                    close,
                    ..Plan::bad()
                });
            }
        }
    }
}

#[test]
fn megabytes_arrive_whole_in_both_directions() {
    for open in [Open::We, Open::It] {
        talk(Plan {
            open,
            ours: 4 * MIB,
            its: 4 * MIB,
            ..Plan::default()
        });
    }
}

#[test]
fn megabytes_arrive_whole_over_a_bad_link() {
    for (seed, open) in [(1, Open::We), (2, Open::It)] {
        talk(Plan {
            seed,
            open,
            ours: MIB,
            its: MIB,
            ..Plan::bad()
        });
    }
    talk(Plan {
        seed: 3,
        ours: MIB,
        its: 0,
        ..Plan::bad()
    });
    talk(Plan {
        seed: 4,
        ours: 0,
        its: MIB,
        ..Plan::bad()
    });
}

#[test]
fn small_windows_fill_close_and_open_again() {
    for (seed, room) in [(1, 100), (2, 1_000), (3, 1_460), (4, 3_000)] {
        for bad in [Plan::default(), Plan::bad()] {
            // Its window is small, ours is, and both.
            let (ours, its) = (40_000, 40_000);
            talk(Plan {
                seed,
                its_room: room,
                ours,
                its: 0,
                ..bad
            });
            talk(Plan {
                seed,
                our_room: room as i32,
                ours: 0,
                its,
                ..bad
            });
            talk(Plan {
                seed,
                its_room: room,
                our_room: room as i32,
                ours,
                its,
                ..bad
            });
        }
    }
}

#[test]
fn a_slow_reader_stops_the_sender_with_a_zero_window() {
    for seed in 1..5 {
        for plan in [Plan::default(), Plan::bad()] {
            let sizes = Plan {
                seed,
                ours: 60_000,
                its: 60_000,
                its_room: 4_000,
                our_room: 4_000,
                ..plan
            };
            talk(Plan {
                pause_ms: 700,
                ..sizes
            });
        }
    }
}

#[test]
fn anything_goes() {
    for seed in 1_000..1_030 {
        talk(Plan::random(seed));
    }
}

/// A seed of the day, so that every run of the tests looks at something new.
#[test]
fn anything_goes_with_a_fresh_seed() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    for seed in (0..10).map(|at| seed.wrapping_add(at)) {
        talk(Plan::random(seed));
    }
}
