//! socketpair(2).

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

/// What a socketpair(2) that must give this error has written.
#[track_caller]
fn fails(both: &mut Both, task: Task, of: (i32, i32, i32), errno: Errno) -> Reply {
    let (domain, ty, protocol) = of;
    let call = socketpair_of(domain, ty, protocol, UserOut::Capacity(8));
    both.gives(task, call, Err(errno))
}

#[test]
fn both_numbers_are_the_lowest_free_ones() {
    let mut both = Both::new();
    let task = both.task();
    for (ty, first) in [(SOCK_STREAM, 3), (SOCK_DGRAM, 5), (SOCK_SEQPACKET, 7)] {
        let reply = both.gives(task, socketpair(ty), Ok(0));
        assert_eq!(
            reply.written(3),
            Some(&[first, 0, 0, 0, first + 1, 0, 0, 0][..])
        );
        let (a, b) = (i32::from(first), i32::from(first) + 1);
        both.gives(task, send(a, b"there"), Ok(5));
        both.gives_bytes(task, recv(b, 9), b"there");
        both.gives(task, write(b, b"and back"), Ok(8));
        both.gives_bytes(task, read(a, 99), b"and back");
    }
    both.gives(task, close(4), Ok(0));
    let reply = both.gives(task, socketpair(SOCK_RAW), Ok(0));
    assert_eq!(reply.written(3), Some(&[4, 0, 0, 0, 9, 0, 0, 0][..]));
    let reply = both.gives(task, getsockopt(4, SOL_SOCKET, SO_TYPE), Ok(0));
    assert_eq!(option_in(&reply), Some(SOCK_DGRAM));
}

#[test]
fn the_memory_is_looked_at_before_the_family() {
    let mut both = Both::new();
    let task = both.task();
    let fault = |domain, ty| socketpair_of(domain, ty, 0, UserOut::Fault);
    both.gives(task, fault(AF_UNIX, SOCK_STREAM | 0x40_0000), Err(EINVAL));
    both.gives(task, fault(AF_UNIX, 75), Err(EINVAL));
    both.gives(task, fault(99, SOCK_STREAM), Err(EFAULT));
    both.gives(task, fault(AF_UNIX, SOCK_STREAM), Err(EFAULT));
    let half = socketpair_of(AF_UNIX, SOCK_STREAM, 0, UserOut::Capacity(4));
    let reply = both.gives(task, half, Err(EFAULT));
    assert_eq!(reply.written(3), Some(&[3, 0, 0, 0][..]));
    // Nothing has leaked.
    both.gives(task, unix(SOCK_STREAM), Ok(3));
}

#[test]
fn other_families_cannot_pair() {
    let mut both = Both::new();
    let task = both.task();
    for domain in [AF_INET, AF_INET6] {
        let reply = fails(&mut both, task, (domain, SOCK_STREAM, 0), EOPNOTSUPP);
        // The numbers were written before that showed.
        assert_eq!(reply.written(3), Some(&[3, 0, 0, 0, 4, 0, 0, 0][..]));
    }
    fails(&mut both, task, (0, SOCK_STREAM, 0), EAFNOSUPPORT);
    fails(&mut both, task, (99, SOCK_STREAM, 0), EAFNOSUPPORT);
    fails(&mut both, task, (AF_INET, 75, 0), EINVAL);
    fails(&mut both, task, (AF_INET, SOCK_STREAM, 17), EPROTONOSUPPORT);
    fails(&mut both, task, (AF_INET, SOCK_RAW, 0), EPROTONOSUPPORT);
    fails(&mut both, task, (AF_UNIX, SOCK_STREAM, 6), EPROTONOSUPPORT);
    fails(&mut both, task, (AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
    both.gives(task, unix(SOCK_STREAM), Ok(3));
}

#[test]
fn the_flags_are_for_both_ends() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(
        task,
        socketpair(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC),
        Ok(0),
    );
    both.gives(task, recv(3, 1), Err(EAGAIN));
    both.gives(task, recv(4, 1), Err(EAGAIN));
}

#[test]
fn the_number_limit_leaves_nothing_behind() {
    let mut both = Both::new();
    let task = both.task();
    for fd in 3..1023 {
        both.gives(task, unix(SOCK_DGRAM), Ok(fd));
    }
    both.gives(task, socketpair(SOCK_STREAM), Err(EMFILE));
    both.gives(task, unix(SOCK_DGRAM), Ok(1023));
    both.gives(task, socketpair(SOCK_STREAM), Err(EMFILE));
    both.gives(task, close(900), Ok(0));
    both.gives(task, close(1000), Ok(0));
    let reply = both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    assert_eq!(reply.written(3), Some(&[0x84, 3, 0, 0, 0xe8, 3, 0, 0][..]));
}

#[test]
fn a_pair_has_no_names_and_knows_its_maker() {
    let mut both = Both::new();
    let (task, root) = (both.task(), both.root());
    for task in [task, root] {
        both.gives(task, socketpair(SOCK_STREAM), Ok(0));
        for call in [getsockname(3), getpeername(4)] {
            let reply = both.gives(task, call, Ok(0));
            assert_eq!(reply.written(1), Some(&[1, 0][..]));
            assert_eq!(reply.written(2), Some(&[2, 0, 0, 0][..]));
        }
        let cred = getsockopt_raw(3, (SOL_SOCKET, SO_PEERCRED), UserOut::Capacity(12), int(99));
        let reply = both.gives(task, cred, Ok(0));
        assert_eq!(reply.written(4), Some(&[12, 0, 0, 0][..]));
        both.polls(task, &[(3, ANY)], 0, &[WRITABLE]);
        both.gives(task, connect_un(3, b"\0nobody"), Err(ECONNREFUSED));
    }
}
