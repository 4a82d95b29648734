//! How much fits: send buffers, receive buffers and the window between them, to the octet.

use crate::common::calls::*;
use crate::harness::{Both, Task};

/// Both kernels take so many octets when a program sends in pieces of `chunk` until the buffers are full. On a busy
/// machine a delayed acknowledgement may come before the last call, and then Linux itself takes more: it may try again.
fn fills(open: impl Fn(&mut Both) -> Task, chunk: usize, expected: u64) {
    let data = vec![7; chunk];
    let mut last = None;
    for _ in 0..5 {
        let mut both = Both::new();
        let client = open(&mut both);
        let all = std::cell::RefCell::new(Vec::new());
        both.each(|call| {
            let (mut sent, mut piece) = (0, &data[..]);
            while let Ok(n) = call(client, &send_flags(3, piece, MSG_DONTWAIT))
                .reply()
                .result
            {
                sent += n;
                // What takes long to hand over is not tried again: another octet must not fit.
                piece = &piece[..if chunk == MUCH { 1 } else { chunk }];
            }
            all.borrow_mut().push(sent);
        });
        let all = all.into_inner();
        assert_eq!(all[0], expected);
        if all.get(1).is_none_or(|theirs| *theirs == expected) {
            return;
        }
        last = all.get(1).copied();
    }
    panic!("on Linux {last:?}, expected {expected}");
}

fn option(fd: i32, name: i32, value: i32) -> Syscall {
    setsockopt(fd, SOL_SOCKET, name, int(value), 4)
}

/// With a send buffer of the client's.
fn with_send_buffer(size: i32) -> impl Fn(&mut Both) -> Task {
    move |both| {
        let [_server, client] = both.pair();
        both.gives(client, option(3, SO_SNDBUF, size), Ok(0));
        client
    }
}

/// With a receive buffer of the server's connection, which has offered more.
fn with_receive_buffer(size: i32) -> impl Fn(&mut Both) -> Task {
    move |both| {
        let [server, client] = both.pair();
        both.gives(server, option(4, SO_RCVBUF, size), Ok(0));
        client
    }
}

/// With a receive buffer of the listener's, which its connections begin with.
fn with_listeners_buffer(size: i32) -> impl Fn(&mut Both) -> Task {
    move |both| {
        let [server, client] = both.tasks();
        both.gives(server, socket(), Ok(3));
        both.gives(server, option(3, SO_RCVBUF, size), Ok(0));
        both.gives(server, bind(3, "127.0.0.1:8080"), Ok(0));
        both.gives(server, listen(3, 5), Ok(0));
        both.gives(client, socket(), Ok(3));
        both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
        both.gives(server, accept(3), Ok(4));
        client
    }
}

fn plain(both: &mut Both) -> Task {
    both.pair()[1]
}

const MUCH: usize = 5_000_000;

#[test]
fn one_large_send_takes_what_the_buffers_hold() {
    fills(plain, MUCH, 2_633_835);
}

#[test]
fn over_ipv6_the_segments_are_shorter() {
    let open = |both: &mut Both| {
        let [server, client] = both.tasks();
        both.gives(server, socket6(), Ok(3));
        both.gives(server, bind(3, "[::1]:8080"), Ok(0));
        both.gives(server, listen(3, 5), Ok(0));
        both.gives(client, socket6(), Ok(3));
        both.gives(client, connect(3, "[::1]:8080"), Ok(0));
        both.gives(server, accept(3), Ok(4));
        client
    };
    fills(open, MUCH, 2_633_700);
}

#[test]
fn a_send_buffer_that_is_set_is_doubled_and_counts_overhead() {
    fills(with_send_buffer(1), 65_536, 80_357);
    fills(with_send_buffer(65_536), 65_536, 160_768);
    fills(with_send_buffer(65_536), 4_096, 159_744);
    fills(with_send_buffer(200_000), 65_536, 434_688);
    fills(with_send_buffer(1_000_000), MUCH, 2_014_827);
}

#[test]
fn a_receive_buffer_that_is_set_too_late_drops_what_was_offered() {
    fills(with_receive_buffer(1), MUCH, 2_619_280);
    fills(with_receive_buffer(16_384), MUCH, 2_619_280);
}

#[test]
fn a_larger_receive_buffer_lets_the_window_grow() {
    fills(with_receive_buffer(65_536), MUCH, 2_633_835);
    fills(with_receive_buffer(200_000), MUCH, 2_717_537);
}

#[test]
fn a_listeners_receive_buffer_limits_windows_and_segments() {
    fills(with_listeners_buffer(1), MUCH, 1_076_544);
    fills(with_listeners_buffer(4_096), MUCH, 1_873_920);
    fills(with_listeners_buffer(16_384), MUCH, 2_400_256);
    fills(with_listeners_buffer(65_536), MUCH, 2_624_880);
    fills(with_listeners_buffer(200_000), MUCH, 2_783_410);
}

#[test]
fn who_is_connected_to_itself_counts_what_arrives_twice_while_it_comes_in() {
    let mut both = Both::new();
    let [_, client] = both.tasks();
    both.gives(client, socket(), Ok(3));
    both.gives(client, bind(3, "127.0.0.1:8081"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8081"), Ok(0));
    both.gives(client, send(3, &[1; 2_000]), Ok(2_000));
    let reply = both.each(|call| {
        let reply = call(client, &getsockopt(3, IPPROTO_TCP, TCP_MAXSEG)).reply();
        reply.written(3).map(<[u8]>::to_vec)
    });
    assert_eq!(reply, Some(44_544_i32.to_le_bytes().to_vec()));
}
