//! setsockopt(2), getsockopt(2): `sk_setsockopt()`, `do_ip_setsockopt()`, `do_ipv6_setsockopt()`,
//! `do_tcp_setsockopt()` and the functions that read, each in its own order. Which options there are
//! says [`crate::kernel::option`].

use super::address::int_from_user;
use super::{Answer, Found, Stop, option_acts, option_rules};
use crate::abi::constants::*;
use crate::abi::{Errno, NotModelled, Reply, UserIn, UserOut};
use crate::base::{Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::multicast::{GROUP_REQ, IP_MREQ};
use crate::kernel::option::{Effect, Kind, Opt, Row};
use crate::kernel::socket::{Family, Protocol, Socket};
use crate::kernel::tcp::info;
use crate::kernel::unix::State;

/// The value that a program passed, as its level reads it.
pub(super) struct Given<'a> {
    /// What can be read, at most as much as the program says.
    pub(super) bytes: &'a [u8],
    /// The int at its beginning, or 0.
    pub(super) value: i32,
    /// How many octets there are, says the program.
    pub(super) len: usize,
}

/// The error of an option that a socket does not have; SO_TXREHASH, which is TCP's alone, has one of its own.
fn no_such(level: i32, optname: i32) -> Errno {
    const SO_TXREHASH: i32 = 74;
    match (level, optname) {
        (SOL_SOCKET, SO_TXREHASH) => Errno::EOPNOTSUPP,
        _ => Errno::ENOPROTOOPT,
    }
}

impl Kernel {
    /// setsockopt(2).
    pub(super) fn sys_setsockopt(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        (level, optname): (i32, i32),
        optval: &UserIn,
        optlen: i32,
    ) -> Answer {
        let Found { sock, .. } = self.lookup(pid, fd)?;
        let optlen = usize::try_from(optlen).map_err(|_| Errno::EINVAL)?;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let level = level_of(socket, level);
        if !has_level(socket, level) {
            let unix = matches!(socket.protocol, Protocol::Unix(_));
            let errno = [Errno::ENOPROTOOPT, Errno::EOPNOTSUPP][usize::from(unix)];
            return Err(errno.into());
        }
        let unix = socket.unix().is_some();
        let row = Opt::find(level, optname, is_tcp(socket));
        // IS_ICSK: what a stream asks for is not even read.
        if let Some(Opt::AddMembership | Opt::DropMembership) = row.map(|row| row.opt)
            && is_tcp(socket)
        {
            return Err(Errno::EPROTO.into());
        }
        let given = read_value(level, row, optval, optlen)?;
        let row = row.ok_or(no_such(level, optname))?;
        let keep = match row.kind {
            // sk_is_inet()
            Kind::Range(_) if unix && row.opt == Opt::ZeroCopy => {
                return Err(Errno::EOPNOTSUPP.into());
            }
            Kind::Flag if unix && row.opt == Opt::ReusePort && given.value != 0 => {
                return Err(Errno::EOPNOTSUPP.into());
            }
            Kind::Flag => Some(i64::from(given.value != 0)),
            Kind::Range(_)
                if row
                    .bounds()
                    .is_some_and(|(low, high)| given.value < low || given.value > high) =>
            {
                return Err(Errno::EINVAL.into());
            }
            Kind::Range(_) | Kind::Int => Some(given.value.into()),
            Kind::ReadOnly => return Err(Errno::ENOPROTOOPT.into()),
            Kind::Own => self.set_by_own_rules(cx, pid, sock, row, &given)?,
            Kind::Act => return self.act_by_option(cx, sock, row.opt, &given),
        };
        let modelled = match row.effect {
            Effect::Works | Effect::Kept => true,
            Effect::Datagrams if self.sockets.get(sock).is_some_and(|s| s.udp().is_some()) => true,
            Effect::Default | Effect::Datagrams => {
                keep.is_none_or(|value| value == i64::from(row.default))
            }
            Effect::NotModelled => false,
        };
        if !modelled {
            return Err(NotModelled::Option { level, optname }.into());
        }
        if let (Some(value), Some(socket)) = (keep, self.sockets.get_mut(sock)) {
            socket.options.set(row.opt, value);
        }
        cx.emit(EventKind::OptionSet {
            sock,
            level,
            optname,
            value: given.value,
        });
        self.option_changed(cx, sock, row.opt);
        Ok(Reply::ok(0))
    }

    /// getsockopt(2). Reading SO_ERROR clears it.
    pub(super) fn sys_getsockopt(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        (level, optname): (i32, i32),
        optval: UserOut,
        optlen: &UserIn,
    ) -> Answer {
        let Found { sock, .. } = self.lookup(pid, fd)?;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let level = level_of(socket, level);
        if !has_level(socket, level) {
            // ipv6_getsockopt() has an error of its own.
            let six = socket.family == Family::Inet6 && socket.unix().is_none();
            let errno = [Errno::EOPNOTSUPP, Errno::ENOPROTOOPT][usize::from(six)];
            return Err(errno.into());
        }
        let room = int_from_user(optlen).ok_or(Errno::EFAULT)?;
        // do_ipv6_getsockopt() takes a negative length for a large one.
        let room = match usize::try_from(room) {
            Ok(room) => room,
            Err(_) if level == IPPROTO_IPV6 => usize::MAX,
            Err(_) => return Err(Errno::EINVAL.into()),
        };
        let row = Opt::find(level, optname, is_tcp(socket)).ok_or(no_such(level, optname))?;
        if row.effect == Effect::NotModelled {
            return Err(NotModelled::Option { level, optname }.into());
        }
        let mut bytes = self.option_value(cx, sock, row)?;
        // do_ip_getsockopt(): a small value fits into a small variable.
        if level == IPPROTO_IP && (1..4).contains(&room) && bytes.get(1..) == Some(&[0; 3]) {
            bytes.truncate(1);
        }
        bytes.truncate(room);
        let len = (bytes.len() as u32).to_le_bytes().to_vec();
        let fault = bytes.len() as u64 > optval.room();
        // Only sk_getsockopt() copies the value before its length, which shows where it is another one.
        if fault && (level == SOL_SOCKET || bytes.len() == room) {
            return Err(Errno::EFAULT.into());
        }
        if fault {
            return Ok(Reply::error(Errno::EFAULT).with_write(4, len));
        }
        let mut reply = Reply::ok(0);
        if !bytes.is_empty() {
            reply = reply.with_write(3, bytes);
        }
        Ok(reply.with_write(4, len))
    }

    /// The bytes of a value, before they are cut to the room that the program has.
    fn option_value(&mut self, cx: &mut Cx, sock: SockId, row: &Row) -> Result<Vec<u8>, Stop> {
        if row.opt == Opt::Error {
            let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
            // Only here an ICMP error is told that a connection has survived.
            let errno = socket.take_error(cx, sock).or(socket.soft_error.take());
            let errno = errno.map_or(0, Errno::number);
            return Ok(errno.to_le_bytes().to_vec());
        }
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let (domain, ty, protocol) = kind_of(socket).ok_or(NotModelled::Option {
            level: row.level(),
            optname: row.name(),
        })?;
        let value = match row.opt {
            Opt::Type => ty,
            Opt::Protocol => protocol,
            Opt::Domain => domain,
            Opt::AcceptConn => i32::from(match socket.unix() {
                Some(unix) => unix.state == State::Listening,
                None => socket.state() == TcpState::Listen,
            }),
            // Only AF_UNIX knows its peer; of any other: no process, nobody, nobody's group.
            Opt::PeerCred => {
                return Ok(match socket.unix() {
                    Some(unix) => unix.ucred(),
                    None => [[0; 4], [0xff; 4], [0xff; 4]].concat(),
                });
            }
            Opt::PassCred | Opt::PassSec | Opt::PassPidFd | Opt::PassRights => {
                if socket.unix().is_some() {
                    return Ok(i32::from(row.opt == Opt::PassRights).to_le_bytes().to_vec());
                }
                return Err(Errno::EOPNOTSUPP.into());
            }
            Opt::BindToDevice | Opt::CcInfo => return Ok(Vec::new()),
            Opt::SndBufForce
            | Opt::RcvBufForce
            | Opt::AddMembership
            | Opt::DropMembership
            | Opt::JoinGroup
            | Opt::LeaveGroup => return Err(Errno::ENOPROTOOPT.into()),
            Opt::AddrForm => option_acts::address_form(socket)?,
            Opt::Linger => {
                let linger = socket.options.get(row.opt);
                let (on, seconds) = ((linger & 1) as i32, (linger >> 1) as i32);
                return Ok([on.to_le_bytes(), seconds.to_le_bytes()].concat());
            }
            Opt::RcvTimeo | Opt::RcvTimeoNew => {
                return Ok(option_rules::timeval(socket, Opt::RcvTimeo));
            }
            Opt::SndTimeo | Opt::SndTimeoNew => {
                return Ok(option_rules::timeval(socket, Opt::SndTimeo));
            }
            Opt::Congestion => {
                let mut name = b"reno".to_vec();
                name.resize(16, 0);
                return Ok(name);
            }
            Opt::Info => return Ok(info::info(socket, cx.now)),
            other => self.option_int(socket, other),
        };
        Ok(value.to_le_bytes().to_vec())
    }
}

/// `copy_from_sockptr()`, by the rules of each level: all but IPPROTO_IP want an int.
fn read_value<'a>(
    level: i32,
    row: Option<&Row>,
    optval: &'a UserIn,
    optlen: usize,
) -> Result<Given<'a>, Errno> {
    let bytes = match optval {
        UserIn::Bytes(bytes) => Some(&bytes[..bytes.len().min(optlen)]),
        UserIn::Fault => None,
    };
    let least = match (level, row.map(|row| row.opt)) {
        (SOL_SOCKET, Some(Opt::BindToDevice)) => 0,
        (IPPROTO_TCP, Some(Opt::Congestion | Opt::Ulp | Opt::FastOpenKey)) => 1,
        (SOL_SOCKET | IPPROTO_TCP | IPPROTO_UDP, _) => 4,
        // An option that is none, or that nobody can set, is not read for; otherwise one octet is enough.
        (IPPROTO_IP, None | Some(Opt::IpProtocol | Opt::Mtu)) => {
            return Ok(Given {
                bytes: &[],
                value: 0,
                len: optlen,
            });
        }
        (
            IPPROTO_IP,
            Some(
                Opt::Ttl
                | Opt::FreeBind
                | Opt::Transparent
                | Opt::MinTtl
                | Opt::MulticastLoop
                | Opt::MulticastAll,
            ),
        ) => 1,
        (IPPROTO_IP, Some(Opt::AddMembership | Opt::DropMembership)) => IP_MREQ,
        (IPPROTO_IP, Some(Opt::JoinGroup | Opt::LeaveGroup)) => GROUP_REQ,
        (IPPROTO_IP, Some(_)) => 0,
        (_, None) if optlen < 4 => {
            return Ok(Given {
                bytes: &[],
                value: 0,
                len: optlen,
            });
        }
        (_, _) => 4,
    };
    if optlen < least {
        return Err(Errno::EINVAL);
    }
    let bytes = match bytes {
        Some(bytes) => bytes,
        None if optlen == 0 => &[],
        None => return Err(Errno::EFAULT),
    };
    let value = match (bytes.first_chunk::<4>(), bytes.first()) {
        (Some(int), _) => i32::from_le_bytes(*int),
        (None, Some(octet)) => i32::from(*octet),
        (None, None) => 0,
    };
    if bytes.len() < optlen.min(least) {
        return Err(Errno::EFAULT);
    }
    Ok(Given {
        bytes,
        value,
        len: optlen,
    })
}

pub(super) fn is_tcp(socket: &Socket) -> bool {
    socket.is_tcp()
}

/// Domain, type and protocol, as socket(2) was told.
fn kind_of(socket: &Socket) -> Option<(i32, i32, i32)> {
    let domain = match socket.family {
        Family::Inet => AF_INET,
        Family::Inet6 => AF_INET6,
    };
    match &socket.protocol {
        Protocol::Tcp => Some((domain, SOCK_STREAM, IPPROTO_TCP)),
        Protocol::Udp(_) => Some((domain, SOCK_DGRAM, IPPROTO_UDP)),
        Protocol::Unix(unix) => Some((AF_UNIX, unix.type_number(), 0)),
        Protocol::Raw(_) => None,
    }
}

/// The level as this socket takes it: UDP answers to UDP-Lite's, too (`udp_setsockopt()`).
fn level_of(socket: &Socket, level: i32) -> i32 {
    match level {
        IPPROTO_UDPLITE if socket.udp().is_some() => IPPROTO_UDP,
        level => level,
    }
}

/// Whether a socket knows the level.
fn has_level(socket: &Socket, level: i32) -> bool {
    let unix = matches!(socket.protocol, Protocol::Unix(_));
    match level {
        SOL_SOCKET => true,
        IPPROTO_IP => !unix,
        IPPROTO_IPV6 => !unix && socket.family == Family::Inet6,
        IPPROTO_TCP => is_tcp(socket),
        IPPROTO_UDP => matches!(socket.protocol, Protocol::Udp(_)),
        _ => false,
    }
}
