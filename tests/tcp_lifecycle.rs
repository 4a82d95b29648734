//! A connection from `socket()` to the end of TIME-WAIT, in every order of closing.

mod common;

use common::{Bench, client, server};

#[test]
fn the_blogs_programs_exchange_their_message_with_the_segments_of_linux() {
    let bench = Bench::new(vec![server(), client()]).run();
    let ok: Vec<_> = bench.results(1).iter().map(|r| r.is_ok()).collect();
    assert_eq!(ok, [true; 5]);
    assert_eq!(bench.replies(1)[3].written(1), Some(&b"Hello, server!"[..]));
    // Measured on Linux 6.18 with the same calls.
    let linux = [
        "SYN",
        "SYN,ACK",
        "ACK",
        "PSH,ACK 14",
        "ACK",
        "PSH,ACK 14",
        "ACK",
        "FIN,ACK",
        "FIN,ACK",
        "ACK",
    ];
    assert_eq!(bench.segments(), linux);
}
