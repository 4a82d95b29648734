//! What single programs see.

use crate::support::*;
use sockscope::abi::constants::*;
use sockscope::abi::{Errno, Syscall, UserIn, UserOut};
use sockscope::native::{End, Error, Isolation, PuppetSpec, Settled, Stage, StageConfig, Stream};
use std::time::Duration;

#[test]
fn the_kernel_is_named_by_its_version() {
    let release = stage().kernel_release();
    assert!(release.split('.').count() >= 2, "{release}");
    assert!(release.chars().all(|c| c.is_ascii_digit() || c == '.'));
}

#[test]
fn the_lowest_free_descriptor_is_taken() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    for fd in [3, 4, 5] {
        assert_eq!(ok(&mut stage, p, socket()), fd);
    }
    ok(&mut stage, p, close(4));
    assert_eq!(ok(&mut stage, p, socket()), 4);
    ok(&mut stage, p, close(0));
    assert_eq!(ok(&mut stage, p, socket()), 0);
}

#[test]
fn every_number_below_the_limit_is_free() {
    let config = StageConfig {
        descriptors: 20,
        ..StageConfig::default()
    };
    let mut stage = Stage::open(&config).unwrap();
    let p = ordinary(&mut stage);
    for fd in 3..20 {
        assert_eq!(ok(&mut stage, p, socket()), fd);
    }
    assert_eq!(result(&mut stage, p, socket()), Err(Errno::EMFILE));
}

#[test]
fn nothing_but_the_three_streams_looks_open() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    for fd in (3..1400).chain([-1, i32::MAX]) {
        assert_eq!(result(&mut stage, p, close(fd)), Err(Errno::EBADF), "{fd}");
    }
    // It can still be talked to, so it did not close its control socket.
    assert_eq!(ok(&mut stage, p, socket()), 3);
    let mut fds = Vec::new();
    for fd in 1000..1400i32 {
        fds.extend_from_slice(&fd.to_le_bytes());
        fds.extend_from_slice(&(POLLIN as u32).to_le_bytes());
    }
    let poll = Syscall::Poll {
        fds: UserIn::Bytes(fds.clone()),
        nfds: 400,
        timeout: 0,
    };
    let reply = reply(&mut stage, p, poll);
    assert_eq!(reply.result, Ok(400));
    for (fd, pollfd) in (1000..1400i32).zip(reply.written(0).unwrap().chunks(8)) {
        assert_eq!(pollfd[..4], fd.to_le_bytes());
        assert_eq!(pollfd[4..], [1, 0, POLLNVAL as u8, 0]);
    }
}

#[test]
fn a_closed_port_refuses() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    ok(&mut stage, p, socket());
    let refused = result(&mut stage, p, connect(3, addr("127.0.0.1:1")));
    assert_eq!(refused, Err(Errno::ECONNREFUSED));
}

#[test]
fn privileged_ports_need_root() {
    let mut stage = stage();
    if stage.isolation() != Isolation::OwnNetworkNamespace {
        return;
    }
    let (user, root) = (ordinary(&mut stage), root(&mut stage));
    for p in [user, root] {
        ok(&mut stage, p, socket());
    }
    let port_80 = || bind(3, addr("127.0.0.1:80"));
    assert_eq!(result(&mut stage, user, port_80()), Err(Errno::EACCES));
    assert_eq!(result(&mut stage, root, port_80()), Ok(0));
    let raw = || Syscall::Socket {
        domain: AF_INET,
        ty: SOCK_RAW,
        protocol: IPPROTO_ICMP,
    };
    assert_eq!(result(&mut stage, user, raw()), Err(Errno::EPERM));
    assert_eq!(result(&mut stage, root, raw()), Ok(4));
}

#[test]
fn names_are_reported_with_their_length() {
    let mut pair = pair();
    let (stage, client, server) = (&mut pair.stage, pair.client, pair.server);
    let own = reply(stage, client, getsockname(3));
    assert_eq!(own.result, Ok(0));
    assert_eq!(own.writes.len(), 2);
    assert_eq!(own.written(1).unwrap().len(), 16);
    assert_eq!(own.written(2), Some(&[16, 0, 0, 0][..]));
    assert_eq!(name_in(&reply(stage, client, getpeername(3))), pair.at);
    let peer = name_in(&reply(stage, server, getpeername(4)));
    assert_eq!(peer, name_in(&own));
    assert_eq!(
        result(stage, server, getpeername(3)),
        Err(Errno::ENOTCONN),
        "a listener has no peer"
    );
    // A short length cuts the name off; the length word says how long it is.
    let short = reply(
        stage,
        client,
        Syscall::Getsockname {
            fd: 3,
            addr: UserOut::Capacity(5),
            addrlen: int(5),
        },
    );
    assert_eq!(short.written(1), Some(&own.written(1).unwrap()[..5]));
    assert_eq!(short.written(2), Some(&[16, 0, 0, 0][..]));
    let none = reply(
        stage,
        client,
        Syscall::Getsockname {
            fd: 3,
            addr: UserOut::Fault,
            addrlen: int(0),
        },
    );
    assert_eq!((none.result, none.written(1)), (Ok(0), None));
}

#[test]
fn accept_reports_the_client_or_nothing() {
    let mut stage = stage();
    let (server, client) = (ordinary(&mut stage), ordinary(&mut stage));
    let at = listener(&mut stage, server, "127.0.0.1:0", 5);
    for fd in [3, 4] {
        assert_eq!(ok(&mut stage, client, socket()), fd);
        ok(&mut stage, client, connect(fd as i32, at));
    }
    let named = reply(&mut stage, server, accept(3));
    let client_name = name_in(&reply(&mut stage, client, getsockname(3)));
    assert_eq!(name_in(&named), client_name);
    let anonymous = Syscall::Accept4 {
        fd: 3,
        addr: None,
        addrlen: UserIn::Fault,
        flags: SOCK_NONBLOCK,
    };
    let anonymous = reply(&mut stage, server, anonymous);
    assert_eq!(anonymous.result, Ok(5));
    assert!(anonymous.writes.is_empty());
    // The flag took effect.
    let empty = result(&mut stage, server, recv(5, 1));
    assert_eq!(empty, Err(Errno::EAGAIN));
}

#[test]
fn options_are_reported_with_their_length() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    ok(&mut stage, p, socket());
    let ty = reply(&mut stage, p, getsockopt(3, SOL_SOCKET, SO_TYPE));
    assert_eq!(ty.written(3), Some(&[1, 0, 0, 0][..]));
    assert_eq!(ty.written(4), Some(&[4, 0, 0, 0][..]));
    let unknown = reply(&mut stage, p, getsockopt(3, SOL_SOCKET, 9999));
    assert_eq!(unknown.result, Err(Errno::ENOPROTOOPT));
    assert!(unknown.writes.is_empty());
}

#[test]
fn poll_reports_every_struct() {
    let mut pair = pair();
    let (stage, client) = (&mut pair.stage, pair.client);
    ok(stage, pair.server, send(4, b"x"));
    let mut fds = Vec::new();
    for (fd, events) in [(3i32, POLLIN | POLLOUT), (-1, POLLIN), (9, POLLIN)] {
        fds.extend_from_slice(&fd.to_le_bytes());
        fds.extend_from_slice(&(events as u32).to_le_bytes());
    }
    let poll = Syscall::Poll {
        fds: UserIn::Bytes(fds),
        nfds: 3,
        timeout: -1,
    };
    let reply = reply(stage, client, poll);
    assert_eq!(reply.result, Ok(2));
    let revents: Vec<u8> = reply.written(0).unwrap().chunks(8).map(|c| c[6]).collect();
    assert_eq!(revents, [5, 0, POLLNVAL as u8]);
}

#[test]
fn standard_input_is_read_and_ends() {
    let mut stage = stage();
    let long: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
    let spec = PuppetSpec {
        stdin: long.clone(),
        ..PuppetSpec::default()
    };
    let p = stage.spawn(&spec).unwrap();
    let mut got = Vec::new();
    loop {
        let reply = reply(&mut stage, p, read(0, 10_000));
        match reply.result.unwrap() {
            0 => {
                assert!(reply.writes.is_empty());
                break;
            }
            n => assert_eq!(reply.written(1).unwrap().len() as u64, n),
        }
        got.extend_from_slice(reply.written(1).unwrap());
    }
    assert!(got == long);
}

#[test]
fn output_is_collected_in_order_on_two_streams() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    for (fd, text) in [(1, "one"), (2, "two"), (1, "three")] {
        assert_eq!(
            grant(&mut stage, p, write(fd, text.as_bytes())),
            returned(text.len())
        );
    }
    let chunks = stage.output(p).unwrap();
    let seen: Vec<_> = chunks
        .iter()
        .map(|c| (c.stream, str::from_utf8(&c.bytes).unwrap()))
        .collect();
    assert_eq!(
        seen,
        [
            (Stream::Stdout, "one"),
            (Stream::Stderr, "two"),
            (Stream::Stdout, "three")
        ]
    );
    assert_eq!(stage.written(p, Stream::Stdout).unwrap(), b"onethree");
}

fn returned(value: usize) -> Settled {
    Settled::Returned(sockscope::abi::Reply::ok(value as u64))
}

#[test]
fn a_write_larger_than_a_pipe_returns() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    let big = vec![7; 1 << 20];
    assert_eq!(grant(&mut stage, p, write(1, &big)), returned(big.len()));
    assert!(stage.written(p, Stream::Stdout).unwrap() == big);
}

#[test]
fn endless_output_is_refused() {
    let config = StageConfig {
        longest_output: 1000,
        ..StageConfig::default()
    };
    let mut stage = Stage::open(&config).unwrap();
    let p = ordinary(&mut stage);
    let refused = stage.call(p, &write(1, &[0; 2000]), BOUND);
    assert_eq!(refused, Err(Error::TooMuchOutput { bound: 1000 }));
}

#[test]
fn a_terminal_is_one_and_changes_no_byte() {
    let mut stage = stage();
    // TCGETS would be the test of isatty(); of the calls there are, poll() tells a hung-up pipe from
    // a terminal, and the bytes must come out whole.
    let spec = PuppetSpec {
        tty: true,
        ..PuppetSpec::default()
    };
    let p = stage.spawn(&spec).unwrap();
    for text in [&b"a line\n"[..], b"\t\x04\x03\r\n", "한\n".as_bytes()] {
        assert_eq!(grant(&mut stage, p, write(1, text)), returned(text.len()));
    }
    assert_eq!(
        stage.written(p, Stream::Stdout).unwrap(),
        "a line\n\t\x04\x03\r\n한\n".as_bytes()
    );
    let big = vec![b'x'; 100_000];
    let mut sent = 0;
    while sent < big.len() {
        sent += ok(&mut stage, p, write(1, &big[sent..])) as usize;
    }
    let end = Syscall::ExitGroup { status: 0 };
    assert_eq!(
        grant(&mut stage, p, end),
        Settled::Ended(End::Exited { status: 0 })
    );
    assert_eq!(stage.written(p, Stream::Stdout).unwrap().len(), 100_016);
    let target = |stage: &mut Stage, tty| {
        let spec = PuppetSpec {
            tty,
            ..PuppetSpec::default()
        };
        stage.spawn(&spec).unwrap();
        let pid = *stage.processes().last().unwrap();
        std::fs::read_link(format!("/proc/{pid}/fd/1")).unwrap()
    };
    assert!(target(&mut stage, true).starts_with("/dev/pts"));
    assert!(!target(&mut stage, false).starts_with("/dev/pts"));
}

#[test]
fn a_program_ends_as_it_says() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    ok(&mut stage, p, write(1, b"bye"));
    let end = grant(&mut stage, p, Syscall::ExitGroup { status: 300 });
    assert_eq!(end, Settled::Ended(End::Exited { status: 300 & 255 }));
    assert_eq!(stage.written(p, Stream::Stdout).unwrap(), b"bye");
    assert_eq!(stage.start(p, &socket()), Err(Error::AlreadyEnded));
    stage.forget(p).unwrap();
    assert_eq!(stage.start(p, &socket()), Err(Error::NoSuchPuppet));
}

#[test]
fn a_write_to_a_reset_connection_kills() {
    let mut pair = pair();
    let stage = &mut pair.stage;
    ok(stage, pair.server, close(4));
    ok(stage, pair.client, send(3, b"into the void"));
    let end = grant(stage, pair.client, send(3, b"again"));
    assert_eq!(end, Settled::Ended(End::Killed { signal: 13 }));
}

#[test]
fn an_endless_sleep_is_refused_and_a_short_one_sleeps() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    let sleep = |seconds: i64, nanos: i64| Syscall::Nanosleep {
        req: UserIn::Bytes([seconds.to_le_bytes(), nanos.to_le_bytes()].concat()),
        rem: None,
    };
    let refused = stage.start(p, &sleep(3600, 0));
    let expected = Error::WaitTooLong {
        asked: Duration::from_secs(3600),
        bound: Duration::from_secs(30),
    };
    assert_eq!(refused, Err(expected));
    assert_eq!(grant(&mut stage, p, sleep(0, 300_000_000)), Settled::Asleep);
    assert_eq!(woken(&mut stage, p).result, Ok(0));
    let invalid = result(&mut stage, p, sleep(3600, 2_000_000_000));
    assert_eq!(invalid, Err(Errno::EINVAL));
}

#[test]
fn one_call_at_a_time() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    assert_eq!(stage.settle(p, BOUND), Err(Error::Idle));
    listener(&mut stage, p, "127.0.0.1:0", 1);
    assert_eq!(grant(&mut stage, p, accept(3)), Settled::Asleep);
    assert_eq!(stage.start(p, &socket()), Err(Error::Busy));
    assert_eq!(stage.settle(p, BOUND), Ok(Settled::Asleep));
    assert_eq!(stage.wait(&[p], Duration::from_millis(1)), Ok(None));
}
