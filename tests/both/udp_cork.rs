//! Datagrams that MSG_MORE and UDP_CORK hold back.

use crate::common::calls::*;
use crate::harness::{Both, Task};

const UDP_CORK: i32 = 1;

fn cork(fd: i32, on: i32) -> Syscall {
    setsockopt(fd, IPPROTO_UDP, UDP_CORK, int(on), 4)
}

fn more(data: &[u8]) -> Syscall {
    send_flags(4, data, MSG_MORE)
}

/// Socket 3 at port 7000, and socket 4 that is connected to it.
fn connected() -> (Both, Task) {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:7000"), Ok(0));
    both.gives(task, udp(), Ok(4));
    both.gives(task, connect(4, "127.0.0.1:7000"), Ok(0));
    (both, task)
}

type Call<'a> = &'a dyn Fn(&[u8], i32) -> Syscall;

#[test]
fn what_msg_more_held_back_leaves_as_one_datagram_whichever_call_sends_the_rest() {
    let sendto = |data: &[u8], flags| Syscall::Sendto {
        fd: 4,
        buf: UserIn::Bytes(data.to_vec()),
        len: data.len() as u64,
        flags,
        addr: Some(address("127.0.0.1:7000")),
        addrlen: 16,
    };
    let sendmsg = |data: &[u8], flags| Syscall::Sendmsg {
        fd: 4,
        msg: Some(msg_in(data)),
        flags,
    };
    let send = |data: &[u8], flags| send_flags(4, data, flags);
    let (mut both, task) = connected();
    let calls: [Call; 3] = [&send, &sendto, &sendmsg];
    for first in calls {
        for last in calls {
            both.gives(task, first(b"abc", MSG_MORE), Ok(3));
            both.gives(task, recv_now(3, 9), Err(EAGAIN));
            both.gives(task, last(b"de", MSG_MORE), Ok(2));
            both.gives(task, recv_now(3, 9), Err(EAGAIN));
            both.gives(task, last(b"", 0), Ok(0));
            both.gives_bytes(task, recv_now(3, 9), b"abcde");
        }
    }
}

#[test]
fn udp_cork_holds_back_until_it_is_taken_off() {
    let (mut both, task) = connected();
    both.gives(task, cork(4, 1), Ok(0));
    both.gives(task, send(4, b"abc"), Ok(3));
    both.gives(task, write(4, b"def"), Ok(3));
    both.gives(task, recv_now(3, 9), Err(EAGAIN));
    let reply = both.gives(task, getsockopt(4, IPPROTO_UDP, UDP_CORK), Ok(0));
    assert_eq!(option_in(&reply), Some(1));
    both.gives(task, cork(4, 0), Ok(0));
    both.gives_bytes(task, recv_now(3, 9), b"abcdef");
    // There is nothing to send any more.
    both.gives(task, cork(4, 0), Ok(0));
    both.gives(task, recv_now(3, 9), Err(EAGAIN));
    // Nothing is something, if it was sent.
    both.gives(task, cork(4, 1), Ok(0));
    both.gives(task, send(4, b""), Ok(0));
    both.gives(task, cork(4, 0), Ok(0));
    both.gives(task, recv_now(3, 9), Ok(0));
}

#[test]
fn the_first_call_decides_where_it_goes() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp(), Ok(3));
    both.gives(task, bind(3, "127.0.0.1:7000"), Ok(0));
    both.gives(task, udp(), Ok(4));
    both.gives(task, more(b"abc"), Err(EDESTADDRREQ));
    both.gives(task, cork(4, 1), Ok(0));
    both.gives(task, send_to(4, b"abc", "127.0.0.1:7000"), Ok(3));
    // Later names are not even looked at.
    both.gives(task, send_to(4, b"de", "127.0.0.1:9"), Ok(2));
    both.gives(task, sendto(4, b"f", UserIn::Bytes(vec![1]), 1), Ok(1));
    both.gives(task, send(4, b"g"), Ok(1));
    both.gives(task, cork(4, 0), Ok(0));
    both.gives_bytes(task, recv_now(3, 9), b"abcdefg");
    both.gives(task, send(4, b"x"), Err(EDESTADDRREQ));
}

#[test]
fn a_call_that_fails_takes_the_datagram_with_it() {
    let (mut both, task) = connected();
    let most = vec![7; 65_507];
    both.gives(task, more(b"abc"), Ok(3));
    both.gives(task, send_raw(4, UserIn::Fault, 1, MSG_MORE), Err(EFAULT));
    both.gives(task, send(4, b"x"), Ok(1));
    both.gives_bytes(task, recv_now(3, 9), b"x");
    both.gives(task, more(b"a"), Ok(1));
    both.gives(task, send(4, &most), Err(EMSGSIZE));
    both.gives(task, send(4, b"y"), Ok(1));
    both.gives_bytes(task, recv_now(3, 9), b"y");
    // These are refused before they come near it.
    both.gives(task, more(b"abc"), Ok(3));
    both.gives(task, send(4, &vec![0; 65_536]), Err(EMSGSIZE));
    both.gives(task, send_flags(4, b"x", MSG_OOB), Err(EOPNOTSUPP));
    both.gives(task, send(4, b"d"), Ok(1));
    both.gives_bytes(task, recv_now(3, 9), b"abcd");
    both.gives(task, more(&most[1..]), Ok(65_506));
    both.gives(task, send(4, b"z"), Ok(1));
    both.gives(task, recv_now(3, 65_536), Ok(65_507));
}

#[test]
fn errors_and_shutdown_are_noticed_when_the_datagram_begins() {
    let (mut both, task) = connected();
    both.gives(task, close(3), Ok(0));
    both.gives(task, send(4, b"x"), Ok(1));
    both.gives(task, more(b"a"), Err(ECONNREFUSED));
    both.gives(task, more(b"a"), Ok(1));
    both.gives(task, shutdown(4, SHUT_WR), Ok(0));
    both.gives(task, more(b"b"), Ok(1));
    both.gives(task, send(4, b"c"), Ok(1));
    both.gives(task, more(b"d"), Err(ECONNREFUSED));
    both.gives(task, send_quiet(4, b"d"), Err(EPIPE));
}

#[test]
fn over_ipv6_names_are_looked_at_for_their_family() {
    let mut both = Both::datagrams();
    let task = both.task();
    both.gives(task, udp6(), Ok(3));
    both.gives(task, bind(3, "[::]:7000"), Ok(0));
    both.gives(task, udp6(), Ok(4));
    let (six, mapped) = ("[::1]:7000", "[::ffff:127.0.0.1]:7000");
    both.gives(task, cork(4, 1), Ok(0));
    both.gives(task, send_to(4, b"abc", six), Ok(3));
    both.gives(task, send(4, b"d"), Ok(1));
    both.gives(task, send_to(4, b"e", "[::1]:0"), Ok(1));
    both.gives(task, send_to(4, b"f", mapped), Err(EINVAL));
    both.gives(task, send_to(4, b"f", "127.0.0.1:7000"), Err(EINVAL));
    both.gives(task, sendto(4, b"f", address(six), 20), Err(EINVAL));
    both.gives(
        task,
        sendto(4, b"f", with_family(six, AF_UNSPEC), 28),
        Ok(1),
    );
    both.gives(task, cork(4, 0), Ok(0));
    both.gives_bytes(task, recv_now(3, 9), b"abcdef");
    both.gives(task, cork(4, 1), Ok(0));
    both.gives(task, send_to(4, b"abc", mapped), Ok(3));
    both.gives(task, send(4, b"d"), Ok(1));
    both.gives(task, send_to(4, b"e", six), Ok(1));
    both.gives(task, send_to(4, &vec![0; 65_536], six), Err(EMSGSIZE));
    both.gives(task, cork(4, 0), Ok(0));
    both.gives_bytes(task, recv_now(3, 9), b"abcde");
    // Not held back: the port after the length over IPv4, and before it over IPv6.
    both.gives(
        task,
        send_to(4, &vec![0; 65_536], "[::ffff:127.0.0.1]:0"),
        Err(EMSGSIZE),
    );
    both.gives(task, send_to(4, &vec![0; 65_536], "[::1]:0"), Err(EINVAL));
}
