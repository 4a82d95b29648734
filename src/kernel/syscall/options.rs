//! setsockopt(2), getsockopt(2): `sk_setsockopt()`, `sk_getsockopt()`.

use super::address::int_from_user;
use super::{Answer, Found};
use crate::abi::constants::{
    AF_INET, AF_INET6, AF_UNIX, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SO_ACCEPTCONN, SO_DOMAIN,
    SO_ERROR, SO_PEERCRED, SO_PROTOCOL, SO_REUSEADDR, SO_TYPE, SOCK_STREAM, SOL_SOCKET,
};
use crate::abi::{Errno, NotModelled, Reply, UserIn, UserOut};
use crate::base::{Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::socket::Family;
use crate::kernel::unix::State;

/// Options of SOL_SOCKET that cannot be set.
const READ_ONLY: [i32; 6] = [
    SO_PEERCRED,
    SO_TYPE,
    SO_PROTOCOL,
    SO_DOMAIN,
    SO_ERROR,
    SO_ACCEPTCONN,
];

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
        if optlen < 0 {
            return Err(Errno::EINVAL.into());
        }
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if socket.unix().is_some() && level != SOL_SOCKET {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if !has_level(socket.family, level) {
            return Err(Errno::ENOPROTOOPT.into());
        }
        // sk_setsockopt() and do_tcp_setsockopt() read the value before they look at the option.
        if level == SOL_SOCKET || level == IPPROTO_TCP {
            if optlen < 4 {
                return Err(Errno::EINVAL.into());
            }
            int_from_user(optval).ok_or(Errno::EFAULT)?;
        }
        if !exists(optname) || (level == SOL_SOCKET && READ_ONLY.contains(&optname)) {
            return Err(Errno::ENOPROTOOPT.into());
        }
        if (level, optname) != (SOL_SOCKET, SO_REUSEADDR) {
            return Err(NotModelled::Option { level, optname }.into());
        }
        let value = int_from_user(optval).ok_or(Errno::EFAULT)?;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        socket.options.reuseaddr = value != 0;
        cx.emit(EventKind::OptionSet {
            sock,
            level,
            optname,
            value: i32::from(value != 0),
        });
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
        let unix = socket.unix();
        if !has_level(socket.family, level) || (unix.is_some() && level != SOL_SOCKET) {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let room = int_from_user(optlen).ok_or(Errno::EFAULT)?;
        let room = usize::try_from(room).map_err(|_| Errno::EINVAL)?;
        if !exists(optname) {
            return Err(Errno::ENOPROTOOPT.into());
        }
        let value = match (unix, optname) {
            (Some(unix), SO_PEERCRED) if level == SOL_SOCKET => unix.ucred(),
            _ => self
                .option_value(cx, sock, level, optname)?
                .to_le_bytes()
                .to_vec(),
        };
        let copied = room.min(value.len());
        if copied > 0 && optval == UserOut::Fault {
            return Err(Errno::EFAULT.into());
        }
        let mut reply = Reply::ok(0);
        if copied > 0 {
            reply = reply.with_write(3, value[..copied].to_vec());
        }
        Ok(reply.with_write(4, (copied as u32).to_le_bytes().to_vec()))
    }

    fn option_value(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        level: i32,
        optname: i32,
    ) -> Result<i32, super::Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if level != SOL_SOCKET {
            return Err(NotModelled::Option { level, optname }.into());
        }
        if let Some(unix) = socket.unix() {
            match optname {
                SO_TYPE => return Ok(unix.type_number()),
                SO_PROTOCOL => return Ok(0),
                SO_ACCEPTCONN => return Ok(i32::from(unix.state == State::Listening)),
                SO_DOMAIN => return Ok(AF_UNIX),
                _ => {}
            }
        }
        Ok(match optname {
            SO_REUSEADDR => i32::from(socket.options.reuseaddr),
            SO_ERROR => socket.take_error(cx, sock).map_or(0, Errno::number),
            SO_TYPE => SOCK_STREAM,
            SO_PROTOCOL => IPPROTO_TCP,
            SO_ACCEPTCONN => i32::from(socket.state() == TcpState::Listen),
            SO_DOMAIN => match socket.family {
                Family::Inet => AF_INET,
                Family::Inet6 => AF_INET6,
            },
            _ => return Err(NotModelled::Option { level, optname }.into()),
        })
    }
}

/// Whether a TCP socket of that family knows the level.
fn has_level(family: Family, level: i32) -> bool {
    match level {
        SOL_SOCKET | IPPROTO_IP | IPPROTO_TCP => true,
        IPPROTO_IPV6 => family == Family::Inet6,
        _ => false,
    }
}

/// Numbers that are no option of any level. Every other may be one, on some Linux.
fn exists(optname: i32) -> bool {
    (0..=255).contains(&optname)
}
