//! Raw sockets of ICMP, and what the messages do that they send.

use crate::common::calls::*;
use crate::common::host::Outcome;
use crate::harness::{Both, Task};
use std::cell::Cell;

fn raw() -> Syscall {
    socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP)
}

/// The internet checksum (RFC 1071), put into a message.
fn with_checksum(mut message: Vec<u8>) -> Vec<u8> {
    let mut sum = 0u32;
    for pair in message.chunks(2) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    }
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    message[2..4].copy_from_slice(&(!(sum as u16)).to_be_bytes());
    message
}

fn echo(ty: u8, code: u8) -> Vec<u8> {
    with_checksum(vec![ty, code, 0, 0, 0xbe, 0xef, 0, 7, b'h', b'e', b'y'])
}

/// An error that quotes a TCP segment from 127.0.0.1:9090 to 127.0.0.1:8080.
fn error(ty: u8, code: u8, seq: u32) -> Vec<u8> {
    let mut message = vec![ty, code, 0, 0, 0, 0, 0, 0];
    message.extend([
        0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1,
    ]);
    message.extend(9090u16.to_be_bytes());
    message.extend(8080u16.to_be_bytes());
    message.extend(seq.to_be_bytes());
    with_checksum(message)
}

#[test]
fn a_raw_socket_needs_a_capability_and_a_ping_socket_a_group() {
    let mut both = Both::datagrams();
    let [user, root] = [both.task(), both.root()];
    both.gives(user, raw(), Err(EPERM));
    both.gives(user, socket_of(AF_INET, SOCK_RAW, IPPROTO_RAW), Err(EPERM));
    both.gives(
        user,
        socket_of(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6),
        Err(EPERM),
    );
    both.gives(root, raw(), Ok(3));
    both.names(root, getsockname(3), "0.0.0.0:1");
    for task in [user, root] {
        both.gives(task, socket_of(AF_INET, SOCK_RAW, 0), Err(EPROTONOSUPPORT));
        both.gives(
            task,
            socket_of(AF_INET, SOCK_DGRAM, IPPROTO_ICMP),
            Err(EACCES),
        );
        both.gives(
            task,
            socket_of(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6),
            Err(EACCES),
        );
        both.gives(
            task,
            socket_of(AF_INET, SOCK_DGRAM, IPPROTO_ICMPV6),
            Err(EPROTONOSUPPORT),
        );
        both.gives(
            task,
            socket_of(AF_INET6, SOCK_DGRAM, IPPROTO_ICMP),
            Err(EPROTONOSUPPORT),
        );
    }
}

/// What waits on descriptor 3, without identification and checksum of the IP headers.
fn received(both: &mut Both, task: Task) -> Vec<Vec<u8>> {
    both.each(|call| {
        let mut all = Vec::new();
        while let Outcome::Returned(reply) = call(task, &recv_now(3, 200)) {
            let Some(bytes) = reply.written(1) else { break };
            let mut bytes = bytes.to_vec();
            for at in [4, 5, 10, 11] {
                bytes[at] = 0;
            }
            all.push(bytes);
        }
        all
    })
}

#[test]
fn an_echo_request_comes_back_and_its_reply_with_it() {
    let mut both = Both::datagrams();
    let root = both.root();
    both.gives(root, raw(), Ok(3));
    both.gives(root, send_to(3, &echo(8, 0), "127.0.0.1:0"), Ok(11));
    both.polls(root, &[(3, POLLIN | POLLOUT)], 0, &[POLLIN | POLLOUT]);
    let all = received(&mut both, root);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0][20..], echo(8, 0));
    assert_eq!(all[1][20..], echo(0, 0));
    assert_eq!(all[0][..10], [0x45, 0, 0, 31, 0, 0, 0x40, 0, 64, 1]);
    // The code comes back, too; a wrong checksum, a reply and an unknown type are not answered.
    let mut wrong = echo(8, 0);
    wrong[2] ^= 1;
    for (message, copies) in [
        (echo(8, 1), 2),
        (wrong, 1),
        (echo(0, 0), 1),
        (echo(99, 0), 1),
    ] {
        both.gives(root, send_to(3, &message, "127.0.0.1:0"), Ok(11));
        assert_eq!(received(&mut both, root).len(), copies);
    }
    both.gives(root, send_to(3, &[8, 0, 0, 0], "127.0.0.1:0"), Ok(4));
    assert_eq!(received(&mut both, root).len(), 0);
}

#[test]
fn a_bound_raw_socket_gets_what_is_for_its_address() {
    let mut both = Both::datagrams();
    let root = both.root();
    both.gives(root, raw(), Ok(3));
    both.gives(root, bind(3, "127.0.0.5:77"), Ok(0));
    both.names(root, getsockname(3), "127.0.0.5:1");
    both.gives(root, bind(3, "127.0.0.6:0"), Ok(0));
    both.gives(root, bind(3, "10.0.0.6:0"), Err(EADDRNOTAVAIL));
    both.gives(root, send_to(3, &echo(8, 0), "127.0.0.1:0"), Ok(11));
    let all = received(&mut both, root);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0][12..20], [127, 0, 0, 1, 127, 0, 0, 6]);
    assert_eq!(all[0][20], 0);
}

#[test]
fn raw_sockets_refuse() {
    let mut both = Both::datagrams();
    let root = both.root();
    both.gives(root, raw(), Ok(3));
    let to = "127.0.0.1:0";
    for (call, result) in [
        (send(3, &echo(8, 0)), Err(EDESTADDRREQ)),
        (send_to(3, b"", to), Err(EFAULT)),
        (send_to(3, &echo(8, 0), "10.0.0.1:0"), Err(ENETUNREACH)),
        (sendto(3, b"xx", address(to), 15), Err(EINVAL)),
        (
            sendto(3, b"xx", with_family(to, AF_INET6), 16),
            Err(EAFNOSUPPORT),
        ),
        (send_to(3, &[0; 65_536], to), Err(EMSGSIZE)),
        (send_to(3, &[0; 65_516], to), Err(EMSGSIZE)),
        (send_flags(3, b"xx", MSG_OOB), Err(EOPNOTSUPP)),
        (recv_flags(3, 1, MSG_OOB), Err(EOPNOTSUPP)),
        (recv_now(3, 1), Err(EAGAIN)),
        (listen(3, 1), Err(EOPNOTSUPP)),
        (accept(3), Err(EOPNOTSUPP)),
        (shutdown(3, SHUT_RDWR), Err(ENOTCONN)),
        (recv(3, 1), Ok(0)),
    ] {
        both.gives(root, call, result);
    }
}

/// A connection from 127.0.0.1:9090 that waits for an answer to its SYN: the listener's queue is full.
fn connecting() -> (Both, Task, Task) {
    let mut both = Both::new();
    let [server, first, client] = both.tasks();
    let root = both.root();
    both.listens(server, "127.0.0.1:8080", 0);
    both.gives(first, socket(), Ok(3));
    both.gives(first, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(client, nonblocking(), Ok(3));
    both.gives(client, bind(3, "127.0.0.1:9090"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EINPROGRESS));
    both.gives(root, raw(), Ok(3));
    (both, client, root)
}

/// Sends an error about the SYN of the last connection, or a number further on.
fn send_error(both: &mut Both, root: Task, (ty, code): (u8, u8), beyond: u32) {
    let (ours, theirs) = both.last_syn();
    let turn = Cell::new(0);
    both.each(|call| {
        let seq = if turn.replace(1) == 0 {
            Some(ours)
        } else {
            theirs
        };
        let seq = seq.expect("a SYN was sent").wrapping_add(beyond);
        let sent = call(root, &send_to(3, &error(ty, code, seq), "127.0.0.1:0"));
        matches!(sent, Outcome::Returned(reply) if reply.result.is_ok())
    });
}

#[track_caller]
fn pending(both: &mut Both, task: Task, errno: i32) {
    let reply = both.gives(task, getsockopt(3, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(option_in(&reply), Some(errno));
}

#[test]
fn in_syn_sent_an_icmp_error_ends_the_attempt() {
    for (kind, errno) in [
        ((3, 0), 101),
        ((3, 1), 113),
        ((3, 2), 92),
        ((3, 3), 111),
        ((3, 5), 95),
        ((3, 6), 101),
        ((3, 7), 112),
        ((3, 8), 64),
        ((3, 13), 113),
        ((11, 0), 113),
        ((12, 0), 71),
    ] {
        let (mut both, client, root) = connecting();
        send_error(&mut both, root, kind, 0);
        let failed = POLLOUT | POLLERR | POLLHUP;
        both.polls(client, &[(3, POLLOUT)], 0, &[failed]);
        pending(&mut both, client, errno);
        both.gives(client, connect(3, "127.0.0.1:8080"), Err(ECONNABORTED));
    }
}

#[test]
fn in_syn_sent_an_icmp_error_about_another_number_is_ignored() {
    let (mut both, client, root) = connecting();
    send_error(&mut both, root, (3, 1), 2);
    pending(&mut both, client, 0);
    both.gives(client, connect(3, "127.0.0.1:8080"), Err(EALREADY));
}

#[test]
fn a_connection_that_stands_survives_an_icmp_error() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    let root = both.root();
    both.listens(server, "127.0.0.1:8080", 5);
    both.gives(client, socket(), Ok(3));
    both.gives(client, bind(3, "127.0.0.1:9090"), Ok(0));
    both.gives(client, connect(3, "127.0.0.1:8080"), Ok(0));
    both.gives(server, accept(3), Ok(4));
    both.gives(root, raw(), Ok(3));
    // Source quench is not even remembered.
    let kinds = [((3, 1), 113), ((3, 3), 111), ((11, 0), 113), ((4, 0), 0)];
    for (number, (kind, errno)) in (1..).zip(kinds) {
        // Once about something that is acknowledged already, once about what comes next.
        send_error(&mut both, root, kind, number - 1);
        pending(&mut both, client, 0);
        send_error(&mut both, root, kind, number);
        // Only SO_ERROR tells it, and forgets it by that.
        both.polls(client, &[(3, POLLIN | POLLOUT)], 0, &[POLLOUT]);
        pending(&mut both, client, errno);
        pending(&mut both, client, 0);
        both.gives(client, send(3, b"x"), Ok(1));
        both.gives_bytes(server, recv(4, 1), b"x");
    }
}
