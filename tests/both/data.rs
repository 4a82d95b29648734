//! The stream of octets.

use crate::common::calls::*;
use crate::harness::{Both, Task};

#[test]
fn a_stream_has_no_boundaries() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send(3, b"AB"), Ok(2));
    both.gives(client, write(3, b"CD"), Ok(2));
    both.gives_bytes(server, recv(4, 100), b"ABCD");
    both.gives(client, send(3, b"hello"), Ok(5));
    both.gives_bytes(server, read(4, 2), b"he");
    both.gives_bytes(server, recv(4, 2), b"ll");
    both.gives_bytes(server, recv(4, 2), b"o");
    both.sleeps(server, read(4, 100));
    both.gives(client, send(3, b""), Ok(0));
    both.still_sleeps(server);
    both.gives(client, send(3, b"!"), Ok(1));
    both.woke_with_bytes(server, b"!");
}

#[test]
fn data_flows_both_ways_at_once() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    for round in 0..20u8 {
        both.gives(client, send(3, &[round, 1]), Ok(2));
        both.gives(server, send(4, &[round, 2]), Ok(2));
        both.gives_bytes(server, recv(4, 9), &[round, 1]);
        both.gives_bytes(client, recv(3, 9), &[round, 2]);
    }
}

#[test]
fn peeking_leaves_the_data_where_it_is() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(server, recv_flags(4, 3, MSG_PEEK));
    both.gives(client, send(3, b"hello"), Ok(5));
    both.woke_with_bytes(server, b"hel");
    both.gives_bytes(
        server,
        recv_flags(4, 100, MSG_PEEK | MSG_DONTWAIT),
        b"hello",
    );
    both.gives_bytes(server, recv(4, 2), b"he");
    both.gives_bytes(server, recv_flags(4, 100, MSG_PEEK), b"llo");
    both.gives(client, close(3), Ok(0));
    both.gives_bytes(server, recv_flags(4, 100, MSG_PEEK), b"llo");
    both.gives_bytes(server, recv(4, 100), b"llo");
    both.gives(server, recv_flags(4, 100, MSG_PEEK), Ok(0));
}

#[test]
fn waitall_waits_for_all_or_the_end() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.sleeps(server, recv_flags(4, 6, MSG_WAITALL));
    both.gives(client, send(3, b"ab"), Ok(2));
    both.still_sleeps(server);
    both.gives(client, send(3, b"cdefgh"), Ok(6));
    both.woke_with_bytes(server, b"abcdef");
    both.sleeps(server, recv_flags(4, 6, MSG_WAITALL));
    both.gives(client, send(3, b"i"), Ok(1));
    both.still_sleeps(server);
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.woke_with_bytes(server, b"ghi");
    both.gives(server, recv_flags(4, 6, MSG_WAITALL), Ok(0));
    both.gives(server, send(4, b"xyz"), Ok(3));
    let now = MSG_WAITALL | MSG_DONTWAIT;
    both.gives_bytes(client, recv_flags(3, 6, now), b"xyz");
    both.gives(client, recv_flags(3, 6, now), Err(EAGAIN));
}

#[test]
fn waitall_with_a_reset_gives_what_there_was_and_then_the_error() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(server, send(4, b"unread"), Ok(6));
    both.sleeps(server, recv_flags(4, 6, MSG_WAITALL));
    both.gives(client, send(3, b"ab"), Ok(2));
    both.still_sleeps(server);
    both.gives(client, close(3), Ok(0));
    both.woke_with_bytes(server, b"ab");
    both.gives(server, recv(4, 6), Err(ECONNRESET));
    both.gives(server, recv(4, 6), Ok(0));
}

#[test]
fn waitall_and_peek_together() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let flags = MSG_WAITALL | MSG_PEEK;
    both.gives(client, send(3, b"abcd"), Ok(4));
    both.gives_bytes(server, recv_flags(4, 3, flags), b"abc");
    both.gives_bytes(server, recv_flags(4, 4, flags), b"abcd");
    both.gives_bytes(server, recv(4, 9), b"abcd");
}

#[test]
fn what_was_sent_before_the_end_is_read_first() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send(3, b"last words"), Ok(10));
    both.gives(client, close(3), Ok(0));
    both.gives_bytes(server, recv(4, 4), b"last");
    both.gives_bytes(server, recv(4, 40), b" words");
    both.gives(server, recv(4, 40), Ok(0));
    both.gives(server, recv_now(4, 40), Ok(0));
    both.gives(server, read(4, 40), Ok(0));
}

#[test]
fn nonblocking_sockets_do_not_wait() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, nonblocking(), Ok(3));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EINPROGRESS));
    both.gives(server, accept(3), Ok(4));
    both.gives(client, recv(3, 1), Err(EAGAIN));
    both.gives(client, read(3, 1), Err(EAGAIN));
    both.gives(client, send(3, b"x"), Ok(1));
    both.gives(server, send(4, b"y"), Ok(1));
    both.gives_bytes(client, read(3, 1), b"y");
}

/// Sends until the buffers are full. How much that takes is each kernel's own.
fn fill(both: &mut Both, task: Task, fd: i32) {
    let chunk = vec![7; 1 << 20];
    both.each(|call| {
        let mut sent = 0;
        // Again once every acknowledgement that was put off has come.
        for _ in 0..2 {
            while let Ok(n) = call(task, &send_flags(fd, &chunk, MSG_DONTWAIT))
                .reply()
                .result
            {
                sent += n;
            }
            call(task, &sleep(100));
        }
        assert!(sent > 1 << 20, "{sent}");
    });
}

/// Reads so many octets.
fn drain(both: &mut Both, task: Task, fd: i32, len: usize) -> Vec<u8> {
    both.each(|call| {
        let mut got = Vec::new();
        while got.len() < len {
            let reply = call(task, &recv(fd, 100_000)).reply();
            assert!(reply.result.is_ok_and(|n| n > 0), "{reply:?}");
            got.extend_from_slice(reply.written(1).unwrap());
        }
        got.truncate(len);
        got
    })
}

#[test]
fn a_full_buffer_refuses_or_sleeps() {
    let mut both = Both::new();
    let [_server, client] = both.pair();
    fill(&mut both, client, 3);
    both.gives(client, send_flags(3, b"x", MSG_DONTWAIT), Err(EAGAIN));
    both.polls(client, &[(3, POLLIN | POLLOUT)], 0, &[0]);
    both.sleeps(client, send(3, b"x"));
}

#[test]
fn a_sleeping_writer_goes_on_when_there_is_room() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let much: Vec<u8> = (0..8u32 << 20).map(|n| (n / 251) as u8).collect();
    both.sleeps(client, send(3, &much));
    let got = drain(&mut both, server, 4, much.len());
    assert!(got == much);
    both.woke(client, Ok(much.len() as u64));
}

#[test]
fn a_socket_is_writable_again_when_a_third_of_its_buffer_is_free() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    fill(&mut both, client, 3);
    both.sleeps(client, poll(&[(3, POLLOUT)], 10_000));
    drain(&mut both, server, 4, 2 << 20);
    both.woke(client, Ok(1));
    both.gives(client, send_flags(3, b"x", MSG_DONTWAIT), Ok(1));
}

#[test]
fn a_reset_ends_a_sleeping_writer() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    fill(&mut both, client, 3);
    both.sleeps(client, send_quiet(3, b"xyz"));
    both.gives(server, close(4), Ok(0));
    both.woke(client, Err(ECONNRESET));
    both.gives(client, send_quiet(3, b"xyz"), Err(EPIPE));
}

#[test]
fn a_large_send_may_be_larger_than_every_buffer_and_the_reader_slow() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let much: Vec<u8> = (0..3u32 << 20).map(|n| (n / 17) as u8).collect();
    both.sleeps(server, recv_flags(4, 3 << 20, MSG_WAITALL));
    // Whether the writer sleeps for a moment depends on how fast the reader is.
    let sent = both.each(|call| call(client, &send(3, &much)).reply().result);
    assert_eq!(sent, Ok(3 << 20));
    both.woke_with_bytes(server, &much);
}

/// The segments that both kernels sent must be these, once there are as many.
fn segments(script: impl Fn(&mut Both), expected: &[&str]) {
    // On a busy machine an acknowledgement may be due before the next call: then Linux itself sends
    // another list.
    let mut last = None;
    for _ in 0..5 {
        let mut both = Both::new();
        script(&mut both);
        both.host.pass(std::time::Duration::from_millis(250));
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
        let (ours, theirs) = loop {
            let (ours, theirs) = both.segments();
            let few = theirs.as_ref().is_some_and(|t| t.len() < expected.len());
            if !few || std::time::Instant::now() > deadline {
                break (ours, theirs);
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        assert_eq!(ours, expected);
        if theirs.as_ref().is_none_or(|theirs| theirs == expected) {
            return;
        }
        last = theirs;
    }
    panic!("on Linux {last:?}, expected {expected:?}");
}

#[test]
fn segments_of_a_refused_connection() {
    segments(
        |both| {
            let task = both.task();
            both.gives(task, socket(), Ok(3));
            both.gives(task, connect(3, "127.0.0.1:1"), Err(ECONNREFUSED));
        },
        &["SYN", "RST,ACK"],
    );
}

#[test]
fn segments_of_the_hello_exchange() {
    segments(
        |both| {
            let [server, client] = both.pair();
            both.gives(client, send(3, b"Hello, server!"), Ok(14));
            both.gives_bytes(server, recv(4, 256), b"Hello, server!");
            both.gives(server, send(4, b"Hello, server!"), Ok(14));
            both.gives_bytes(client, recv(3, 256), b"Hello, server!");
            both.gives(client, close(3), Ok(0));
            both.gives(server, recv(4, 256), Ok(0));
            both.gives(server, close(4), Ok(0));
        },
        &[
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
        ],
    );
}

#[test]
fn segments_of_two_sends_one_read_and_a_delayed_acknowledgement_of_the_end() {
    segments(
        |both| {
            let [server, client] = both.pair();
            both.gives(client, send(3, b"AB"), Ok(2));
            both.gives(client, send(3, b"CD"), Ok(2));
            both.gives_bytes(server, recv(4, 256), b"ABCD");
            both.gives(client, close(3), Ok(0));
        },
        &[
            "SYN",
            "SYN,ACK",
            "ACK",
            "PSH,ACK 2",
            "ACK",
            "PSH,ACK 2",
            "ACK",
            "FIN,ACK",
            "ACK",
        ],
    );
}

#[test]
fn segments_of_unread_data_and_a_reset() {
    segments(
        |both| {
            let [server, client] = both.pair();
            both.gives(client, send(3, b"unread"), Ok(6));
            both.gives(server, close(4), Ok(0));
        },
        &["SYN", "SYN,ACK", "ACK", "PSH,ACK 6", "ACK", "RST,ACK"],
    );
}

#[test]
fn segments_of_a_send_to_a_closed_peer() {
    segments(
        |both| {
            let [server, client] = both.pair();
            both.gives(server, close(4), Ok(0));
            both.gives(client, send(3, b"x"), Ok(1));
        },
        &["SYN", "SYN,ACK", "ACK", "FIN,ACK", "PSH,ACK 1", "RST"],
    );
}
