//! getsockname(2), getpeername(2).

use super::address::{bytes_to_user, int_from_user, to_user};
use super::{Answer, Found};
use crate::abi::Inet;
use crate::abi::{Errno, Reply, UserIn, UserOut};
use crate::base::Pid;
use crate::kernel::Kernel;
use crate::kernel::event::TcpState;
use crate::kernel::task::AddrOut;

impl Kernel {
    /// getsockname(2): before bind(2) it is the unspecified address and port 0.
    pub(super) fn sys_getsockname(
        &mut self,
        pid: Pid,
        fd: i32,
        addr: UserOut,
        addrlen: &UserIn,
    ) -> Answer {
        let Found { sock, .. } = self.lookup(pid, fd)?;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if let Some(unix) = socket.unix() {
            let name = self.unix_name(unix, false)?;
            return bytes_to_user(Reply::ok(0), &name, out(addr, addrlen));
        }
        let local = socket.as_seen(socket.local);
        to_user(Reply::ok(0), Some(local), out(addr, addrlen))
    }

    /// getpeername(2): ENOTCONN unless connected, also after the connection has ended.
    pub(super) fn sys_getpeername(
        &mut self,
        pid: Pid,
        fd: i32,
        addr: UserOut,
        addrlen: &UserIn,
    ) -> Answer {
        let Found { sock, .. } = self.lookup(pid, fd)?;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if let Some(unix) = socket.unix() {
            let name = self.unix_name(unix, true)?;
            return bytes_to_user(Reply::ok(0), &name, out(addr, addrlen));
        }
        let unconnected =
            socket.is_tcp() && matches!(socket.state(), TcpState::Closed | TcpState::SynSent);
        let remote = socket
            .remote
            .filter(|remote| !unconnected && remote.port_number() != 0)
            .ok_or(Errno::ENOTCONN)?;
        to_user(
            Reply::ok(0),
            Some(socket.as_seen(remote)),
            out(addr, addrlen),
        )
    }
}

/// Both calls have the address as argument 1 and its length as argument 2, and need both.
fn out(addr: UserOut, addrlen: &UserIn) -> AddrOut {
    AddrOut {
        room: addr.room(),
        len: int_from_user(addrlen),
        arg: 1,
    }
}
