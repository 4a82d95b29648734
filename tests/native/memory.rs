//! Bad addresses and lengths: the kernel meets real unmapped memory.

use crate::support::*;
use sockscope::abi::constants::*;
use sockscope::abi::{Errno, Syscall, UserIn, UserOut};

#[test]
fn unreadable_arguments_are_faults() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    ok(&mut stage, p, socket());
    let bind = |addr, addrlen| Syscall::Bind {
        fd: 3,
        addr,
        addrlen,
    };
    let fault = Err(Errno::EFAULT);
    assert_eq!(result(&mut stage, p, bind(UserIn::Fault, 16)), fault);
    // Eight bytes that say they are sixteen: the ninth is unmapped.
    let short = UserIn::Bytes(vec![2, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(result(&mut stage, p, bind(short.clone(), 16)), fault);
    assert_eq!(
        result(&mut stage, p, bind(short, 8)),
        Err(Errno::EINVAL),
        "all that was promised is there: only now the length is looked at"
    );
    let poll = Syscall::Poll {
        fds: UserIn::Fault,
        nfds: 1,
        timeout: 0,
    };
    assert_eq!(result(&mut stage, p, poll), fault);
    let sleep = Syscall::Nanosleep {
        req: UserIn::Fault,
        rem: None,
    };
    assert_eq!(result(&mut stage, p, sleep), fault);
    let option = Syscall::Setsockopt {
        fd: 3,
        level: SOL_SOCKET,
        optname: SO_REUSEADDR,
        optval: UserIn::Bytes(vec![1]),
        optlen: 4,
    };
    assert_eq!(result(&mut stage, p, option), fault);
}

#[test]
fn unwritable_arguments_are_faults() {
    let mut pair = pair();
    let (stage, client) = (&mut pair.stage, pair.client);
    let name = |addr, addrlen| Syscall::Getsockname {
        fd: 3,
        addr,
        addrlen,
    };
    let fault = Err(Errno::EFAULT);
    let no_name = reply(stage, client, name(UserOut::Fault, int(16)));
    assert_eq!(no_name.result, fault);
    let no_length = reply(stage, client, name(UserOut::Capacity(16), UserIn::Fault));
    assert_eq!(no_length.result, fault);
    assert!(no_length.writes.is_empty());
    let half = reply(stage, client, name(UserOut::Capacity(8), int(16)));
    assert_eq!((half.result, half.written(1)), (fault, None));
    let option = Syscall::Getsockopt {
        fd: 3,
        level: SOL_SOCKET,
        optname: SO_TYPE,
        optval: UserOut::Fault,
        optlen: int(4),
    };
    assert_eq!(result(stage, client, option), fault);
    let negative = name(UserOut::Capacity(16), int(-1));
    assert_eq!(result(stage, client, negative), Err(Errno::EINVAL));
}

#[test]
fn a_descriptor_is_looked_at_before_memory() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    let bad = Syscall::Bind {
        fd: 77,
        addr: UserIn::Fault,
        addrlen: 16,
    };
    assert_eq!(result(&mut stage, p, bad), Err(Errno::EBADF));
}

#[test]
fn a_count_beyond_the_buffer_is_harmless_until_bytes_get_there() {
    let mut pair = pair();
    let (stage, client, server) = (&mut pair.stage, pair.client, pair.server);
    let recv = |len| Syscall::Recvfrom {
        fd: 3,
        buf: UserOut::Capacity(4),
        len,
        flags: 0,
        addr: None,
        addrlen: UserIn::Fault,
    };
    ok(stage, server, send(4, b"abc"));
    let fits = reply(stage, client, recv(1 << 40));
    assert_eq!(fits.result, Ok(3));
    assert_eq!(fits.written(1), Some(&b"abc"[..]));
    ok(stage, server, send(4, b"defghi"));
    let beyond = reply(stage, client, recv(100));
    assert_eq!(beyond.result, Err(Errno::EFAULT));
    assert!(beyond.writes.is_empty());
    // What did not fit is still there.
    let rest = reply(stage, client, self::recv(100));
    assert_eq!(rest.written(1), Some(&b"defghi"[..]));
    let out = Syscall::Sendto {
        fd: 3,
        buf: UserIn::Bytes(b"1234".to_vec()),
        len: 5000,
        flags: 0,
        addr: None,
        addrlen: 0,
    };
    assert_eq!(result(stage, client, out), Err(Errno::EFAULT));
    let read_whole = Syscall::Read {
        fd: 0,
        buf: UserOut::Capacity(4),
        count: u64::MAX,
    };
    // `vfs_read()` asks `access_ok()` before it looks at the sign of the count.
    assert_eq!(result(stage, client, read_whole), Err(Errno::EFAULT));
}

fn recv(len: u64) -> Syscall {
    crate::support::recv(3, len)
}

#[test]
fn discarded_data_is_not_reported() {
    let mut pair = pair();
    let (stage, client, server) = (&mut pair.stage, pair.client, pair.server);
    ok(stage, server, send(4, b"gone"));
    let discard = Syscall::Recvfrom {
        fd: 3,
        buf: UserOut::Capacity(8),
        len: 8,
        flags: MSG_TRUNC,
        addr: None,
        addrlen: UserIn::Fault,
    };
    let discarded = reply(stage, client, discard);
    assert_eq!(discarded.result, Ok(4));
    assert!(discarded.writes.is_empty());
}

#[test]
fn tcp_gives_recvfrom_an_empty_name() {
    let mut pair = pair();
    let (stage, client, server) = (&mut pair.stage, pair.client, pair.server);
    ok(stage, server, send(4, b"x"));
    let named = Syscall::Recvfrom {
        fd: 3,
        buf: UserOut::Capacity(8),
        len: 8,
        flags: 0,
        addr: Some(UserOut::Capacity(16)),
        addrlen: int(16),
    };
    let named = reply(stage, client, named);
    assert_eq!(named.written(4), None);
    assert_eq!(named.written(5), Some(&[0, 0, 0, 0][..]));
}

#[test]
fn a_datagram_comes_with_its_sender() {
    let mut stage = stage();
    let (a, b) = (ordinary(&mut stage), ordinary(&mut stage));
    let datagram = || Syscall::Socket {
        domain: AF_INET,
        ty: SOCK_DGRAM,
        protocol: 0,
    };
    for p in [a, b] {
        ok(&mut stage, p, datagram());
        ok(&mut stage, p, bind(3, addr("127.0.0.1:0")));
    }
    let at = name_in(&reply(&mut stage, a, getsockname(3)));
    ok(&mut stage, b, connect(3, at));
    ok(&mut stage, b, send(3, b"longer than eight"));
    let receive = Syscall::Recvfrom {
        fd: 3,
        buf: UserOut::Capacity(8),
        len: 8,
        flags: MSG_TRUNC,
        addr: Some(UserOut::Capacity(16)),
        addrlen: int(16),
    };
    let got = reply(&mut stage, a, receive);
    assert_eq!(got.result, Ok(17), "MSG_TRUNC tells the whole length");
    assert_eq!(got.written(1), Some(&b"longer t"[..]));
    assert_eq!(got.written(4).map(<[u8]>::len), Some(16));
    assert_eq!(got.written(5), Some(&[16, 0, 0, 0][..]));
}
