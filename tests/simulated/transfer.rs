//! Whole runs on a link that loses packets.

use crate::common::*;
use sockscope::abi::Syscall;
use sockscope::base::SortedMap;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::kernel::task::Capabilities;
use sockscope::sim::link::LinkRules;
use sockscope::sim::{Ended, WorldConfig};

fn losing(lose: &[u32]) -> WorldConfig {
    WorldConfig {
        link: LinkRules {
            lose: lose.to_vec(),
        },
        ..WorldConfig::default()
    }
}

/// The blog's exchange, which must end well, and leave nothing once every timer has run out.
fn hello(config: &WorldConfig, what: &dyn std::fmt::Debug) {
    let bench = Bench::with(vec![server(), client()], config, Capabilities::default()).run_out();
    assert_eq!(bench.world.ended(), Some(&Ended::AllEnded), "{what:?}");
    for nth in [0, 1] {
        let results = bench.results(nth);
        assert!(results.iter().all(Result::is_ok), "{what:?}: {results:?}");
    }
    let hello = Some(&b"Hello, server!"[..]);
    assert_eq!(bench.replies(0)[5].written(1), hello, "{what:?}");
    assert_eq!(bench.replies(1)[3].written(1), hello, "{what:?}");
    assert_clean(&bench);
}

/// Nothing is left of sockets, files, ports and timers.
fn assert_clean(bench: &Bench) {
    let kernel = bench.world.kernel();
    assert_eq!(bench.states(), []);
    assert!(kernel.files().is_empty());
    assert_eq!(kernel.ports().iter().count(), 0);
    assert_eq!(kernel.demux().iter().count(), 0);
    assert_eq!(kernel.next_deadline(), None);
}

#[test]
fn the_exchange_survives_the_loss_of_any_segment() {
    for nth in 1..=14 {
        hello(&losing(&[nth]), &nth);
    }
}

#[test]
fn the_exchange_survives_the_loss_of_any_two_segments() {
    for first in 1..=13 {
        for second in first + 1..=14 {
            hello(&losing(&[first, second]), &(first, second));
        }
    }
}

#[test]
fn the_exchange_survives_the_loss_of_three_in_a_row() {
    for first in 1..=12 {
        hello(&losing(&[first, first + 1, first + 2]), &first);
    }
}

/// A client that sends `len` octets in pieces and a server that reads them all.
fn upload(len: usize, piece: usize) -> Vec<Vec<Syscall>> {
    let data: Vec<u8> = (0..len).map(octet).collect();
    let mut sender = vec![socket(), connect(3, "127.0.0.1:12345")];
    sender.extend(data.chunks(piece).map(|chunk| send(3, chunk)));
    sender.push(close(3));
    let mut receiver = vec![socket(), bind(3, "0.0.0.0:12345"), listen(3, 5), accept(3)];
    receiver.push(recv_flags(4, len as u64, MSG_WAITALL));
    receiver.extend([recv(4, 10), close(4), close(3)]);
    vec![receiver, sender]
}

fn octet(at: usize) -> u8 {
    (at * 31 / 7 % 251) as u8
}

fn uploads(config: &WorldConfig, len: usize, piece: usize) -> Bench {
    let bench = Bench::with(upload(len, piece), config, Capabilities::default()).run_out();
    let received = &bench.replies(0)[4];
    assert_eq!(received.result, Ok(len as u64));
    let bytes = received.written(1).unwrap();
    assert!(bytes.iter().enumerate().all(|(at, b)| *b == octet(at)));
    assert_eq!(bench.replies(0)[5].result, Ok(0));
    assert_clean(&bench);
    bench
}

#[test]
fn megabytes_arrive_whole() {
    uploads(&WorldConfig::default(), 5 << 20, 5 << 20);
    uploads(&WorldConfig::default(), 1 << 20, 4_000);
    uploads(&WorldConfig::default(), 300_000, 65_483);
    uploads(&WorldConfig::default(), 3_000, 1);
}

#[test]
fn megabytes_arrive_whole_when_every_nth_packet_is_lost() {
    for nth in [3, 7, 20] {
        let lose: Vec<u32> = (1..2_000).filter(|n| n % nth == 0).collect();
        uploads(&losing(&lose), 1 << 20, 1 << 20);
        uploads(&losing(&lose), 100_000, 1_000);
    }
}

/// Packets lost by a seeded draw, through the same door as a user's decisions.
#[test]
fn data_arrives_whole_whatever_is_lost_at_random() {
    for seed in 0..40u64 {
        let mut state = seed;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        // The first choice is which program begins, and must be the one that listens.
        let decisions: SortedMap<u32, u32> = (1..3_000)
            .filter(|_| draw() % 8 == 0)
            .map(|index| (index, 1))
            .collect();
        let config = WorldConfig {
            seed,
            decisions,
            ..WorldConfig::default()
        };
        uploads(&config, 200_000, 10_000);
    }
}

#[test]
fn a_receiver_with_a_small_buffer_still_gets_everything() {
    let sysctl = Sysctl {
        tcp_rmem: (4_096, 4_096, 1 << 20),
        ..Sysctl::default()
    };
    let config = WorldConfig {
        sysctl,
        ..WorldConfig::default()
    };
    uploads(&config, 100_000, 100_000);
}

#[test]
fn the_same_seed_gives_the_same_events() {
    let run = |seed| {
        let config = WorldConfig {
            seed,
            ..losing(&[4, 9, 11])
        };
        uploads(&config, 300_000, 30_000).events
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}
