//! Losses that are found before the retransmission timer runs out, and windows that are not used.

use crate::common::calls::*;
use crate::common::host::{Fate, Host, segment};
use sockscope::base::Tid;
use sockscope::kernel::sysctl::Sysctl;
use std::time::Duration;

/// A connection whose client loses the segments with data that are `lost`, counted from 1; TCP_NODELAY is set.
fn losing(sysctl: Sysctl, lost: &'static [u32]) -> (Host, Tid, Tid) {
    let mut host = Host::new(1, sysctl);
    let (server, client) = host.pair();
    host.ok(client, &setsockopt(3, 6, 1, int(1), 4));
    let mut count = 0;
    host.fate = Box::new(move |packet| {
        count += u32::from(!segment(packet).payload.is_empty());
        if !segment(packet).payload.is_empty() && lost.contains(&count) {
            Fate::Lost
        } else {
            Fate::Arrives
        }
    });
    (host, server, client)
}

/// The fields of TCP_INFO: `tcpi_ca_state`, `tcpi_snd_ssthresh`, `tcpi_snd_cwnd`.
fn info(host: &mut Host, client: Tid) -> (u8, u32, u32) {
    let reply = host.call(
        client,
        &getsockopt_raw(3, (6, 11), UserOut::Capacity(280), int(280)),
    );
    let reply = reply.reply();
    let bytes = reply.written(3).expect("TCP_INFO").to_vec();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    (bytes[1], word(76), word(80))
}

fn data_segments(host: &Host) -> usize {
    let sent = host.sent_at();
    sent.iter().filter(|(_, text)| text.ends_with(" 5")).count()
}

#[test]
fn the_third_duplicate_sends_the_missing_segment_again_at_once() {
    let (mut host, server, client) = losing(Sysctl::default(), &[2]);
    for _ in 0..4 {
        host.ok(client, &send(3, b"12345"));
    }
    assert_eq!(data_segments(&host), 4);
    // Two duplicates may be reordering: Disorder.
    assert_eq!(info(&mut host, client).0, 1);
    host.ok(client, &send(3, b"12345"));
    // The fifth segment brings the third duplicate; the second goes again, no timer has run out.
    assert_eq!(data_segments(&host), 6);
    let got = host.call(server, &recv(4, 100)).reply();
    assert_eq!(got.written(1).map(<[u8]>::len), Some(25));
    // SACK was agreed on, so what was under way when the loss was found ends the recovery.
    let (state, threshold, window) = info(&mut host, client);
    assert_eq!((state, threshold), (0, 5));
    assert_eq!(window, threshold);
}

#[test]
fn without_sack_recovery_lasts_until_something_beyond_it_is_acknowledged() {
    let sysctl = Sysctl {
        tcp_sack: false,
        ..Sysctl::default()
    };
    let (mut host, _, client) = losing(sysctl, &[2]);
    for _ in 0..5 {
        host.ok(client, &send(3, b"12345"));
    }
    assert_eq!(data_segments(&host), 6);
    assert_eq!(info(&mut host, client).0, 3);
    host.ok(client, &send(3, b"12345"));
    let (state, threshold, window) = info(&mut host, client);
    assert_eq!((state, threshold, window), (0, 5, 5));
}

#[test]
fn a_lost_tail_is_probed_for_once_and_then_the_timer_counts() {
    // A single segment may wait for a delayed acknowledgement: the probe comes when the timer would (as measured).
    let (mut host, server, client) = losing(Sysctl::default(), &[1]);
    host.ok(client, &send(3, b"12345"));
    host.pass(Duration::from_millis(190));
    assert_eq!(data_segments(&host), 1);
    host.pass(Duration::from_millis(20));
    assert_eq!(data_segments(&host), 2);
    let got = host.call(server, &recv(4, 100)).reply();
    assert_eq!(got.written(1).map(<[u8]>::len), Some(5));
    // The probe was answered by the acknowledgement of everything: the window stays.
    assert_eq!(info(&mut host, client).2, 10);
}

#[test]
fn without_sack_or_with_tcp_early_retrans_0_nothing_is_probed_for() {
    for sysctl in [
        Sysctl {
            tcp_sack: false,
            ..Sysctl::default()
        },
        Sysctl {
            tcp_early_retrans: 0,
            ..Sysctl::default()
        },
    ] {
        let (mut host, _, client) = losing(sysctl, &[1]);
        host.ok(client, &send(3, b"12345"));
        host.pass(Duration::from_millis(250));
        assert_eq!(data_segments(&host), 2);
        // The timer took it for lost.
        assert!(info(&mut host, client).2 <= 2);
    }
}

#[test]
fn a_window_that_was_not_used_for_long_is_taken_back() {
    for restart in [true, false] {
        let sysctl = Sysctl {
            tcp_slow_start_after_idle: restart,
            ..Sysctl::default()
        };
        let mut host = Host::new(1, sysctl);
        let server = host.listener(5);
        let client = host.task();
        host.ok(client, &socket());
        host.ok(client, &setsockopt(3, 6, 2, int(1_000), 4));
        host.ok(client, &connect(3, "127.0.0.1:8080"));
        host.ok(server, &accept(3));
        for _ in 0..4 {
            host.ok(client, &send(3, &[0; 30_000]));
            host.ok(server, &recv_flags(4, 30_000, MSG_WAITALL));
        }
        let grown = info(&mut host, client).2;
        assert!(grown >= 20, "{grown}");
        host.pass(Duration::from_secs(10));
        host.ok(client, &send(3, b"12345"));
        let window = info(&mut host, client).2;
        assert_eq!(window, if restart { 10 } else { grown });
    }
}
