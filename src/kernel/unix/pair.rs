//! socketpair(2): `__sys_socketpair()`, `unix_socketpair()`.

use crate::abi::constants::{SOCK_CLOEXEC, SOCK_NONBLOCK};
use crate::abi::{Errno, Reply, UserOut};
use crate::base::Pid;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Socket, SocketState};
use crate::kernel::syscall::{Answer, Stop};
use crate::kernel::unix::{State, paired};

/// The number of the argument that takes the descriptors.
const SV: u8 = 3;
/// SOCK_TYPE_MASK.
const TYPE_MASK: i32 = 0xf;

impl Kernel {
    /// socketpair(2). The numbers are taken and written before anything is made; they are given back, but stay
    /// written, when that fails.
    pub(crate) fn sys_socketpair(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        (domain, ty, protocol): (i32, i32, i32),
        sv: UserOut,
    ) -> Answer {
        if ty & !(TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let close_on_exec = ty & SOCK_CLOEXEC != 0;
        let fds = &mut self.processes.get_mut(pid).ok_or(Errno::ESRCH)?.fds;
        let first = fds.reserve(close_on_exec)?;
        let second = match fds.reserve(close_on_exec) {
            Ok(second) => second,
            Err(errno) => {
                fds.cancel(first);
                return Err(errno.into());
            }
        };
        let room = sv.room();
        let mut written = Vec::new();
        if room >= 4 {
            written.extend_from_slice(&first.to_le_bytes());
        }
        let made = if room >= 8 {
            written.extend_from_slice(&second.to_le_bytes());
            let process = self.processes.get(pid);
            let net_raw = process.is_some_and(|p| p.capabilities.net_raw);
            make_two(domain, ty & TYPE_MASK, protocol, net_raw)
        } else {
            Err(Errno::EFAULT.into())
        };
        let write = |reply: Reply| match written.is_empty() {
            true => reply,
            false => reply.with_write(SV, written),
        };
        let two = match made {
            Ok(two) => two,
            Err(stop) => {
                if let Some(process) = self.processes.get_mut(pid) {
                    process.fds.cancel(second);
                    process.fds.cancel(first);
                }
                return match stop {
                    Stop::Errno(errno) => Ok(write(Reply::error(errno))),
                    Stop::Progress(_) => Err(stop),
                };
            }
        };
        let cred = self.cred_of(pid);
        let because = Rule::SocketpairCall;
        let socks = two.map(|socket| self.sockets.insert(socket));
        for (sock, peer) in [(socks[0], socks[1]), (socks[1], socks[0])] {
            cx.emit(EventKind::SocketCreated { sock, because });
            if let Some(socket) = self.sockets.get_mut(sock) {
                socket.ss = SocketState::Connected;
            }
            if let Some(unix) = self.unix_mut(sock) {
                unix.peer = Some(peer);
                unix.peer_cred = Some(cred);
                unix.state = State::Connected;
            }
        }
        cx.emit(paired(socks[0], socks[1], because));
        self.install_socket(cx, pid, first, socks[0], ty);
        self.install_socket(cx, pid, second, socks[1], ty);
        Ok(write(Reply::ok(0)))
    }
}

/// Two sockets, if the family can pair them: AF_UNIX alone can.
fn make_two(domain: i32, ty: i32, protocol: i32, net_raw: bool) -> Result<[Socket; 2], Stop> {
    let socket = crate::kernel::syscall::new_socket(domain, ty, protocol, net_raw)?;
    if socket.unix().is_none() {
        return Err(Errno::EOPNOTSUPP.into());
    }
    Ok([socket.clone(), socket])
}
