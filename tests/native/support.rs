//! Short names for calls, and a stage to make them on.

use sockscope::abi::constants::{AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET};
use sockscope::abi::sockaddr::encode;
use sockscope::abi::{Errno, Reply, SockAddr, Syscall, UserIn, UserOut};
use sockscope::native::{Puppet, PuppetSpec, Settled, Stage, StageConfig};
use std::net::SocketAddr;
use std::time::Duration;

/// Longer than anything here takes on a slow machine.
pub(crate) const BOUND: Duration = Duration::from_secs(20);

pub(crate) fn stage() -> Stage {
    Stage::open(&StageConfig::default()).unwrap()
}

pub(crate) fn plain_stage() -> Stage {
    let config = StageConfig {
        own_network: false,
        ..StageConfig::default()
    };
    Stage::open(&config).unwrap()
}

pub(crate) fn ordinary(stage: &mut Stage) -> Puppet {
    stage.spawn(&PuppetSpec::default()).unwrap()
}

pub(crate) fn root(stage: &mut Stage) -> Puppet {
    let spec = PuppetSpec {
        root: true,
        ..PuppetSpec::default()
    };
    stage.spawn(&spec).unwrap()
}

/// Executes a call that returns.
pub(crate) fn reply(stage: &mut Stage, puppet: Puppet, call: Syscall) -> Reply {
    match stage.call(puppet, &call, BOUND) {
        Ok(reply) => reply,
        Err(error) => panic!("{call:?}: {error}"),
    }
}

pub(crate) fn result(stage: &mut Stage, puppet: Puppet, call: Syscall) -> Result<u64, Errno> {
    reply(stage, puppet, call).result
}

/// Executes a call that must succeed.
#[track_caller]
pub(crate) fn ok(stage: &mut Stage, puppet: Puppet, call: Syscall) -> u64 {
    let name = call.name();
    match result(stage, puppet, call) {
        Ok(value) => value,
        Err(errno) => panic!("{name}: {errno}"),
    }
}

/// Grants a call and says how it settled.
pub(crate) fn grant(stage: &mut Stage, puppet: Puppet, call: Syscall) -> Settled {
    stage.start(puppet, &call).unwrap();
    stage.settle(puppet, BOUND).unwrap()
}

/// Waits for a call that sleeps to return.
pub(crate) fn woken(stage: &mut Stage, puppet: Puppet) -> Reply {
    match stage.wait(&[puppet], BOUND).unwrap() {
        Some((who, Settled::Returned(reply))) if who == puppet => reply,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn socket() -> Syscall {
    Syscall::Socket {
        domain: AF_INET,
        ty: SOCK_STREAM,
        protocol: 0,
    }
}

pub(crate) fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub(crate) fn bind(fd: i32, to: SocketAddr) -> Syscall {
    let bytes = encode(to);
    Syscall::Bind {
        fd,
        addrlen: bytes.len() as i32,
        addr: UserIn::Bytes(bytes),
    }
}

pub(crate) fn connect(fd: i32, to: SocketAddr) -> Syscall {
    let bytes = encode(to);
    Syscall::Connect {
        fd,
        addrlen: bytes.len() as i32,
        addr: UserIn::Bytes(bytes),
    }
}

pub(crate) fn listen(fd: i32, backlog: i32) -> Syscall {
    Syscall::Listen { fd, backlog }
}

pub(crate) fn close(fd: i32) -> Syscall {
    Syscall::Close { fd }
}

pub(crate) fn int(value: i32) -> UserIn {
    UserIn::Bytes(value.to_le_bytes().to_vec())
}

pub(crate) fn accept(fd: i32) -> Syscall {
    Syscall::Accept {
        fd,
        addr: Some(UserOut::Capacity(16)),
        addrlen: int(16),
    }
}

pub(crate) fn send(fd: i32, data: &[u8]) -> Syscall {
    Syscall::Sendto {
        fd,
        buf: UserIn::Bytes(data.to_vec()),
        len: data.len() as u64,
        flags: 0,
        addr: None,
        addrlen: 0,
    }
}

pub(crate) fn recv(fd: i32, len: u64) -> Syscall {
    Syscall::Recvfrom {
        fd,
        buf: UserOut::Capacity(len),
        len,
        flags: 0,
        addr: None,
        addrlen: UserIn::Fault,
    }
}

pub(crate) fn write(fd: i32, data: &[u8]) -> Syscall {
    Syscall::Write {
        fd,
        buf: UserIn::Bytes(data.to_vec()),
        count: data.len() as u64,
    }
}

pub(crate) fn read(fd: i32, count: u64) -> Syscall {
    Syscall::Read {
        fd,
        buf: UserOut::Capacity(count),
        count,
    }
}

pub(crate) fn getsockname(fd: i32) -> Syscall {
    Syscall::Getsockname {
        fd,
        addr: UserOut::Capacity(128),
        addrlen: int(128),
    }
}

pub(crate) fn getpeername(fd: i32) -> Syscall {
    Syscall::Getpeername {
        fd,
        addr: UserOut::Capacity(128),
        addrlen: int(128),
    }
}

pub(crate) fn reuseaddr(fd: i32) -> Syscall {
    Syscall::Setsockopt {
        fd,
        level: SOL_SOCKET,
        optname: SO_REUSEADDR,
        optval: int(1),
        optlen: 4,
    }
}

pub(crate) fn getsockopt(fd: i32, level: i32, optname: i32) -> Syscall {
    Syscall::Getsockopt {
        fd,
        level,
        optname,
        optval: UserOut::Capacity(4),
        optlen: int(4),
    }
}

/// The address that a name call wrote at argument 1.
pub(crate) fn name_in(reply: &Reply) -> SocketAddr {
    match SockAddr::decode(reply.written(1).unwrap_or_default()) {
        SockAddr::Inet(addr) => addr,
        other => panic!("{other:?} in {reply:?}"),
    }
}

/// A listening socket at descriptor 3; gives its address.
pub(crate) fn listener(stage: &mut Stage, puppet: Puppet, at: &str, backlog: i32) -> SocketAddr {
    assert_eq!(ok(stage, puppet, socket()), 3);
    ok(stage, puppet, reuseaddr(3));
    ok(stage, puppet, bind(3, addr(at)));
    ok(stage, puppet, listen(3, backlog));
    name_in(&reply(stage, puppet, getsockname(3)))
}

/// A connection: server's descriptor 4 (listener at 3) and client's descriptor 3.
pub(crate) struct Pair {
    pub(crate) stage: Stage,
    pub(crate) server: Puppet,
    pub(crate) client: Puppet,
    pub(crate) at: SocketAddr,
}

pub(crate) fn pair() -> Pair {
    pair_on(stage())
}

pub(crate) fn pair_on(mut stage: Stage) -> Pair {
    let (server, client) = (ordinary(&mut stage), ordinary(&mut stage));
    let at = listener(&mut stage, server, "127.0.0.1:0", 5);
    assert_eq!(ok(&mut stage, client, socket()), 3);
    ok(&mut stage, client, connect(3, at));
    assert_eq!(ok(&mut stage, server, accept(3)), 4);
    Pair {
        stage,
        server,
        client,
        at,
    }
}
