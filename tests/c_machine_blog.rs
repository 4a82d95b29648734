//! The blog's client and its server, against a scripted kernel.

use sockscope::abi::{Errno, Program, Reply, Stop, Syscall, UserIn, UserOut};
use sockscope::program::SourceFile;
use sockscope::program::c::{self, Config, Machine};

const CLIENT: &str = include_str!("../static/scenarios/first-life/client.c");
const SERVER: &str = include_str!("../static/scenarios/first-life/server.c");

fn machine(name: &str, text: &str) -> Machine {
    let files = [SourceFile::new(name, text)];
    let image = c::compile(&files, &c::Options::default()).unwrap_or_else(|problems| {
        panic!(
            "{}",
            problems
                .iter()
                .map(|p| p.render(&files))
                .collect::<String>()
        )
    });
    Machine::new(image, &Config::default())
}

/// Runs to the next system call: its name, the library function, the line, and the call.
fn next(m: &mut Machine) -> (&'static str, String, u32, Syscall) {
    let ran = m.run(1_000_000, false);
    let Stop::Syscall(call) = ran.stop else {
        panic!("{:?} {:?}", ran.stop, m.fault());
    };
    let (library, line) = (
        m.library_call().unwrap().to_owned(),
        m.location().unwrap().line,
    );
    (call.name(), library, line, Syscall::clone(&call))
}

fn address(port: u16) -> Vec<u8> {
    let mut bytes = vec![2, 0];
    bytes.extend(port.to_be_bytes());
    bytes.extend([127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

#[test]
fn the_blogs_client_runs_verbatim() {
    let mut m = machine("client.c", CLIENT);
    let warnings = m.image().warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0]
            .message
            .contains("`close` is used without a declaration")
    );
    assert_eq!(warnings[0].help.as_deref(), Some("add #include <unistd.h>"));

    let (name, library, line, call) = next(&mut m);
    assert_eq!((name, &*library, line), ("socket", "socket", 16));
    assert_eq!(
        call,
        Syscall::Socket {
            domain: 2,
            ty: 1,
            protocol: 0
        }
    );
    m.resume(&Reply::ok(3));

    let (name, _, _, call) = next(&mut m);
    assert_eq!(name, "connect");
    let Syscall::Connect {
        fd: 3,
        addr: UserIn::Bytes(bytes),
        addrlen: 16,
    } = call
    else {
        panic!("{call:?}");
    };
    // htons has turned the port round; sin_zero was never written and reads as it lies.
    assert_eq!(bytes, address(12345));
    m.resume(&Reply::ok(0));

    let (name, library, _, call) = next(&mut m);
    assert_eq!((name, &*library), ("sendto", "send"));
    let Syscall::Sendto {
        fd: 3,
        buf: UserIn::Bytes(bytes),
        len: 14,
        addr: None,
        ..
    } = call
    else {
        panic!("{call:?}");
    };
    assert_eq!(bytes, b"Hello, server!");
    m.resume(&Reply::ok(14));

    let (name, library, _, call) = next(&mut m);
    assert_eq!((name, &*library), ("recvfrom", "recv"));
    assert!(matches!(
        call,
        Syscall::Recvfrom {
            buf: UserOut::Capacity(256),
            len: 256,
            ..
        }
    ));
    m.resume(&Reply::ok(5).with_write(1, b"Hello".to_vec()));

    // stdout is no terminal: printf's line waits in its buffer until exit.
    assert_eq!(next(&mut m).3, Syscall::Close { fd: 3 });
    m.resume(&Reply::ok(0));
    let (name, library, line, call) = next(&mut m);
    assert_eq!((name, &*library, line), ("write", "exit", 55));
    let text = b"Received: Hello\n".to_vec();
    assert_eq!(
        call,
        Syscall::Write {
            fd: 1,
            count: 16,
            buf: UserIn::Bytes(text)
        }
    );
    m.resume(&Reply::ok(16));
    assert_eq!(next(&mut m).3, Syscall::ExitGroup { status: 0 });
}

#[test]
fn the_client_alone_reports_in_korean_and_exits_with_1() {
    let mut m = machine("client.c", CLIENT);
    next(&mut m);
    m.resume(&Reply::ok(3));
    next(&mut m);
    m.resume(&Reply::error(Errno::ECONNREFUSED));
    let (name, library, _, call) = next(&mut m);
    assert_eq!((name, &*library), ("write", "perror"));
    let Syscall::Write {
        fd: 2,
        buf: UserIn::Bytes(bytes),
        ..
    } = call
    else {
        panic!("{call:?}");
    };
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "서버 연결 실패: Connection refused\n"
    );
    m.resume(&Reply::ok(41));
    assert_eq!(next(&mut m).3, Syscall::ExitGroup { status: 1 });
}

#[test]
fn the_server_accepts_echoes_and_closes_both() {
    let mut m = machine("server.c", SERVER);
    assert_eq!(m.image().warnings(), []);
    let mut names = Vec::new();
    loop {
        let (name, _, _, call) = next(&mut m);
        names.push(name);
        let reply = match call {
            Syscall::Socket { .. } => Reply::ok(3),
            Syscall::Setsockopt {
                level: 1,
                optname: 2,
                optval: UserIn::Bytes(v),
                optlen: 4,
                ..
            } => {
                assert_eq!(v, [1, 0, 0, 0]);
                Reply::ok(0)
            }
            Syscall::Bind {
                addr: UserIn::Bytes(bytes),
                ..
            } => {
                assert_eq!(&bytes[..8], [2, 0, 0x30, 0x39, 0, 0, 0, 0]);
                Reply::ok(0)
            }
            Syscall::Accept {
                addr: Some(UserOut::Capacity(16)),
                addrlen: UserIn::Bytes(n),
                ..
            } => {
                assert_eq!(n, [16, 0, 0, 0]);
                Reply::ok(4)
                    .with_write(1, address(40000))
                    .with_write(2, vec![16, 0, 0, 0])
            }
            Syscall::Recvfrom { .. } => Reply::ok(14).with_write(1, b"Hello, server!".to_vec()),
            Syscall::Sendto {
                fd: 4,
                buf: UserIn::Bytes(bytes),
                ..
            } => {
                assert_eq!(bytes, b"Hello, server!");
                Reply::ok(14)
            }
            Syscall::ExitGroup { status } => {
                assert_eq!(status, 0);
                break;
            }
            Syscall::Write { count, .. } => Reply::ok(count),
            _ => Reply::ok(0),
        };
        m.resume(&reply);
    }
    let expected = [
        "socket",
        "setsockopt",
        "bind",
        "listen",
        "accept",
        "recvfrom",
        "sendto",
        "close",
        "close",
        "write",
        "exit_group",
    ];
    assert_eq!(names, expected);
}

#[test]
fn line_steps_visit_the_lines_in_order_and_locals_show_values() {
    let mut m = machine("client.c", CLIENT);
    // It stands before the first statement.
    assert_eq!(m.location().unwrap().line, 16);
    let mut lines = Vec::new();
    loop {
        let ran = m.run(1_000_000, true);
        match ran.stop {
            Stop::Line => {
                let line = m.location().unwrap().line;
                lines.push(line);
                if line == 29 {
                    let locals = m.locals(0);
                    let address = locals.iter().find(|l| l.name == "server_address").unwrap();
                    assert_eq!(address.ty, "struct sockaddr_in");
                    assert_eq!(address.bytes[..4], [2, 0, 0x30, 0x39]);
                    assert!(address.written[..8].iter().all(|w| *w));
                    assert!(address.written[8..].iter().all(|w| !*w));
                    assert_eq!(locals[0].value, "3");
                }
            }
            Stop::Syscall(call) => match *call {
                Syscall::ExitGroup { .. } => break,
                Syscall::Write { count, .. } => m.resume(&Reply::ok(count)),
                _ => m.resume(&Reply::ok(3)),
            },
            Stop::Budget | Stop::Fault | Stop::Clock => panic!("{:?}", m.fault()),
        }
    }
    assert_eq!(lines[..4], [17, 23, 24, 25]);
    assert!(lines.windows(2).all(|w| w[0] < w[1]), "{lines:?}");
}
