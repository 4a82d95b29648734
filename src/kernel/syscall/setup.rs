//! socket(2), bind(2), listen(2), accept(2), shutdown(2).

use super::address::{from_user, to_user};
use super::{Answer, Found};
use crate::abi::constants::{
    AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_TCP, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_RAW,
    SOCK_STREAM,
};
use crate::abi::{Errno, NotModelled, Reply, SockAddr, UserIn};
use crate::base::{FileId, Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::file::{FileKind, OpenFile};
use crate::kernel::port;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Family, PortClaim, Socket, SocketState};
use crate::kernel::task::{AddrOut, Blocked, Progress};
use crate::kernel::tcp::state::Listen;
use crate::kernel::tcp::{State, close};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// SOCK_TYPE_MASK: the type argument without flags.
const TYPE_MASK: i32 = 0xf;
/// One more than the last socket type (SOCK_MAX).
const TYPE_MAX: i32 = 11;
/// One more than the last protocol number (IPPROTO_MAX).
const PROTOCOL_MAX: i32 = 263;
/// Address families that Linux commonly has and this kernel has not.
const FAMILIES_NOT_MODELLED: [i32; 6] = [1, 16, 17, 38, 40, 44];

impl Kernel {
    /// socket(2): `__sys_socket()`, `__sock_create()`, `inet_create()`.
    pub(super) fn sys_socket(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        domain: i32,
        ty: i32,
        protocol: i32,
    ) -> Answer {
        if ty & !(TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let family = check_kind(domain, ty & TYPE_MASK, protocol)?;
        let sock = self.sockets.insert(Socket::new(family));
        cx.emit(EventKind::SocketCreated {
            sock,
            because: Rule::AskedFor,
        });
        match self.open_socket(cx, pid, sock, ty) {
            Ok(fd) => Ok(Reply::ok(fd as u64)),
            Err(errno) => {
                self.reconcile(cx, sock);
                Err(errno.into())
            }
        }
    }

    /// `sock_map_fd()`: an open file description and a descriptor for a socket.
    fn open_socket(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        sock: SockId,
        flags: i32,
    ) -> Result<i32, Errno> {
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let fd = process.fds.reserve(flags & SOCK_CLOEXEC != 0)?;
        self.install_socket(cx, pid, fd, sock, flags);
        Ok(fd)
    }

    /// Gives a reserved descriptor number its file.
    fn install_socket(&mut self, cx: &mut Cx, pid: Pid, fd: i32, sock: SockId, flags: i32) {
        let nonblocking = flags & SOCK_NONBLOCK != 0;
        let open = OpenFile {
            kind: FileKind::Socket(sock),
            refs: 1,
            nonblocking,
        };
        let file = self.files.insert(open);
        cx.emit(EventKind::FileOpened { file, sock });
        if let Some(socket) = self.sockets.get_mut(sock) {
            socket.file = Some(file);
        }
        if let Some(process) = self.processes.get_mut(pid) {
            process.fds.fill(fd, file);
        }
        cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
    }

    /// bind(2): `inet_bind()`, `inet6_bind()`.
    pub(super) fn sys_bind(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        addr: &UserIn,
        addrlen: i32,
    ) -> Answer {
        let Found { sock, .. } = self.lookup(pid, fd)?;
        let bytes = from_user(addr, addrlen)?;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let (local, wanted) = self.check_bind_address(pid, socket, &bytes)?;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if socket.state() != TcpState::Closed || socket.port.is_some() {
            return Err(Errno::EINVAL.into());
        }
        let before = (socket.local, socket.address_named);
        socket.local = SocketAddr::new(local, wanted);
        socket.address_named = !local.is_unspecified();
        if let Err(errno) = self.get_port(cx, sock, wanted) {
            if let Some(socket) = self.sockets.get_mut(sock) {
                (socket.local, socket.address_named) = before;
            }
            return Err(errno.into());
        }
        Ok(Reply::ok(0))
    }

    /// The checks of bind(2), in the order of each family.
    fn check_bind_address(
        &self,
        pid: Pid,
        socket: &Socket,
        bytes: &[u8],
    ) -> Result<(IpAddr, u16), Errno> {
        let decoded = SockAddr::decode(bytes);
        let min = match socket.family {
            Family::Inet => crate::abi::sockaddr::SOCKADDR_IN_LEN,
            Family::Inet6 => crate::abi::sockaddr::SOCKADDR_IN6_LEN_RFC2133,
        };
        if bytes.len() < min {
            return Err(Errno::EINVAL);
        }
        let addr = match (socket.family, decoded) {
            (Family::Inet, SockAddr::Inet(a @ SocketAddr::V4(_))) => a,
            // AF_UNSPEC counts as AF_INET for old programs, if the address is 0.0.0.0.
            (Family::Inet, SockAddr::Unspec) if bytes[4..8] == [0; 4] => SocketAddr::new(
                socket.family.unspecified(),
                u16::from_be_bytes([bytes[2], bytes[3]]),
            ),
            (Family::Inet6, SockAddr::Inet(a @ SocketAddr::V6(_))) => a,
            (Family::Inet | Family::Inet6, _) => return Err(Errno::EAFNOSUPPORT),
        };
        let (ip, wanted) = (addr.ip().to_canonical(), addr.port());
        let local = ip.is_unspecified() || port::is_local(ip);
        let allowed = self.may_bind(pid, wanted);
        match socket.family {
            Family::Inet if !local => Err(Errno::EADDRNOTAVAIL),
            Family::Inet6 if ip.is_multicast() => Err(Errno::EINVAL),
            Family::Inet | Family::Inet6 if !allowed => Err(Errno::EACCES),
            Family::Inet6 if !local => Err(Errno::EADDRNOTAVAIL),
            Family::Inet | Family::Inet6 => Ok((ip, wanted)),
        }
    }

    /// `inet_port_requires_bind_service()`.
    fn may_bind(&self, pid: Pid, port: u16) -> bool {
        port == 0
            || port >= self.sysctl.ip_unprivileged_port_start
            || self
                .processes
                .get(pid)
                .is_some_and(|p| p.capabilities.net_bind_service)
    }

    /// `inet_csk_get_port()`: takes the port, or chooses one if it is 0. The socket's local address
    /// is set already; its port is set here.
    pub(super) fn get_port(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        wanted: u16,
    ) -> Result<u16, Errno> {
        let range = self.sysctl.ip_local_port_range;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let port = if wanted == 0 {
            port::for_bind(&self.ports, &self.sockets, sock, socket, range, cx)
                .ok_or(Errno::EADDRINUSE)?
        } else if let Some(conflict) = self.ports.conflict(&self.sockets, sock, socket, wanted) {
            let (with, because) = (conflict.with, conflict.because);
            cx.emit(EventKind::PortConflict {
                sock,
                port: wanted,
                with,
                because,
            });
            return Err(Errno::EADDRINUSE);
        } else {
            wanted
        };
        let because = if wanted == 0 {
            Rule::BindEphemeral
        } else {
            Rule::AskedFor
        };
        self.own_port(
            cx,
            sock,
            PortClaim {
                port,
                named: wanted != 0,
            },
            false,
            because,
        );
        Ok(port)
    }

    /// Enters a socket into the port table.
    pub(super) fn own_port(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        claim: PortClaim,
        by_connect: bool,
        because: Rule,
    ) {
        self.ports.add(claim.port, sock, by_connect);
        if let Some(socket) = self.sockets.get_mut(sock) {
            socket.local.set_port(claim.port);
            socket.port = Some(claim);
        }
        cx.emit(EventKind::PortBound {
            sock,
            port: claim.port,
            because,
        });
    }

    /// listen(2): `inet_listen()`. Without bind(2) before, the kernel chooses a port.
    pub(super) fn sys_listen(&mut self, cx: &mut Cx, pid: Pid, fd: i32, backlog: i32) -> Answer {
        let Found { sock, .. } = self.lookup(pid, fd)?;
        // A negative backlog is a huge one.
        let backlog = (backlog as u32).min(self.sysctl.somaxconn);
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if socket.ss != SocketState::Unconnected {
            return Err(Errno::EINVAL.into());
        }
        match &mut socket.tcp {
            State::Listen(listen) => listen.backlog = backlog,
            State::Closed => self.start_listening(cx, sock, backlog)?,
            State::SynSent(_)
            | State::SynReceived(_)
            | State::Established(_)
            | State::FinWait1(_)
            | State::FinWait2(_)
            | State::CloseWait(_)
            | State::Closing(_)
            | State::LastAck(_)
            | State::TimeWait(_) => return Err(Errno::EINVAL.into()),
        }
        cx.emit(EventKind::BacklogSet { sock, backlog });
        Ok(Reply::ok(0))
    }

    /// `inet_csk_listen_start()`: the port is checked again, because it may have been shared with
    /// another socket that listens by now.
    fn start_listening(&mut self, cx: &mut Cx, sock: SockId, backlog: u32) -> Result<(), Errno> {
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        match socket.port {
            None => {
                self.get_port(cx, sock, 0)?;
            }
            Some(claim) => {
                if let Some(c) = self.ports.conflict(&self.sockets, sock, socket, claim.port) {
                    let (with, because) = (c.with, c.because);
                    cx.emit(EventKind::PortConflict {
                        sock,
                        port: claim.port,
                        with,
                        because,
                    });
                    return Err(Errno::EADDRINUSE);
                }
            }
        }
        let listen = Listen {
            backlog,
            syn_queue: Vec::new(),
            accept_queue: VecDeque::new(),
        };
        if let Some(socket) = self.sockets.get_mut(sock) {
            socket.transition(cx, sock, State::Listen(listen), Rule::PassiveOpen);
        }
        Ok(())
    }

    /// accept(2), accept4(2): `__sys_accept4()`, `do_accept()`, `inet_csk_accept()`.
    pub(super) fn sys_accept(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        wants_peer: Option<AddrOut>,
        flags: i32,
    ) -> Answer {
        let (file, open) = self.file(pid, fd)?;
        if flags & !(SOCK_CLOEXEC | SOCK_NONBLOCK) != 0 {
            return Err(Errno::EINVAL.into());
        }
        // The number is taken before anything else, and held while the call sleeps.
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let reserved = process.fds.reserve(flags & SOCK_CLOEXEC != 0)?;
        let answer = match open.kind {
            FileKind::Stdio(_) => Err(Errno::ENOTSOCK.into()),
            FileKind::Socket(sock) => {
                let answer = self.accept_now(cx, pid, (file, sock), reserved, wants_peer, flags);
                match answer {
                    Err(super::Stop::Progress(_)) if open.nonblocking => Err(Errno::EAGAIN.into()),
                    Err(super::Stop::Progress(p)) => return Err(super::Stop::Progress(p)),
                    other => other,
                }
            }
        };
        if let Some(process) = self.processes.get_mut(pid) {
            process.fds.cancel(reserved);
        }
        answer
    }

    /// Takes the oldest connection of the accept queue, or waits for one.
    pub(super) fn accept_now(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        (file, sock): (FileId, SockId),
        reserved: i32,
        wants_peer: Option<AddrOut>,
        flags: i32,
    ) -> Answer {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let listen = socket.tcp.listen_mut().ok_or(Errno::EINVAL)?;
        let Some(child) = listen.accept_queue.pop_front() else {
            let blocked = Blocked::Accept {
                file,
                sock,
                reserved,
                wants_peer,
                flags,
            };
            return Err(Progress::Waiting(blocked).into());
        };
        let len = listen.accept_queue.len() as u32;
        cx.emit(EventKind::AcceptDequeued {
            listener: sock,
            sock: child,
            len,
        });
        let peer = self
            .sockets
            .get(child)
            .and_then(|c| Some(c.as_seen(c.remote?)));
        let reply = Reply::ok(reserved as u64);
        let answer = match wants_peer {
            Some(out) => to_user(reply, peer, out),
            None => Ok(reply),
        };
        if !matches!(&answer, Ok(reply) if reply.result.is_ok()) {
            // The connection is lost with its file: fput(newfile).
            self.abort(cx, child, Rule::LastClose);
            return answer;
        }
        self.install_socket(cx, pid, reserved, child, flags);
        answer
    }

    /// shutdown(2): `inet_shutdown()`, `tcp_shutdown()`.
    pub(super) fn sys_shutdown(&mut self, cx: &mut Cx, pid: Pid, fd: i32, how: i32) -> Answer {
        let Found { sock, .. } = self.lookup(pid, fd)?;
        let (receive, send) = match how {
            0 => (true, false),
            1 => (false, true),
            2 => (true, true),
            _ => return Err(Errno::EINVAL.into()),
        };
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        match socket.state() {
            TcpState::Listen if !receive => return Ok(Reply::ok(0)),
            TcpState::Listen | TcpState::SynSent => {
                self.disconnect(cx, sock, Rule::ShutdownCall);
                return Ok(Reply::ok(0));
            }
            TcpState::Closed
            | TcpState::SynReceived
            | TcpState::Established
            | TcpState::FinWait1
            | TcpState::FinWait2
            | TcpState::CloseWait
            | TcpState::Closing
            | TcpState::LastAck
            | TcpState::TimeWait => {}
        }
        let closed = socket.state() == TcpState::Closed;
        // Even on a socket that is not connected the direction is shut, although the call fails.
        socket.shut(cx, sock, receive, send, Rule::ShutdownCall);
        if send && !closed {
            let ends = crate::kernel::tcp::output::Ends::of(sock, socket);
            close::send_fin(socket, &ends, cx, Rule::ShutdownCall);
        }
        self.reconcile(cx, sock);
        self.wake(cx, sock, Rule::ShutdownCall);
        if closed {
            Err(Errno::ENOTCONN.into())
        } else {
            Ok(Reply::ok(0))
        }
    }
}

/// What `__sock_create()` and `inet_create()` say of a domain, type and protocol.
fn check_kind(domain: i32, ty: i32, protocol: i32) -> Result<Family, super::Stop> {
    if FAMILIES_NOT_MODELLED.contains(&domain) && ty < TYPE_MAX {
        return Err(NotModelled::Family { domain }.into());
    }
    // Families beyond NPROTO come before a bad type, unknown ones below it after.
    if (0..46).contains(&domain) && ty >= TYPE_MAX {
        return Err(Errno::EINVAL.into());
    }
    let family = match domain {
        AF_INET => Family::Inet,
        AF_INET6 => Family::Inet6,
        _ => return Err(Errno::EAFNOSUPPORT.into()),
    };
    if !(0..PROTOCOL_MAX).contains(&protocol) {
        return Err(Errno::EINVAL.into());
    }
    const IPPROTO_UDP: i32 = crate::abi::constants::IPPROTO_UDP;
    const IPPROTO_MPTCP: i32 = crate::abi::constants::IPPROTO_MPTCP;
    let not_modelled = NotModelled::Type {
        domain,
        ty,
        protocol,
    };
    match (ty, protocol) {
        (SOCK_STREAM, IPPROTO_IP | IPPROTO_TCP) => Ok(family),
        (SOCK_STREAM, IPPROTO_MPTCP) => Err(not_modelled.into()),
        (SOCK_STREAM, _) => Err(Errno::EPROTONOSUPPORT.into()),
        (SOCK_DGRAM, IPPROTO_IP | IPPROTO_UDP | 1 | 58 | 136) => Err(not_modelled.into()),
        (SOCK_DGRAM, _) => Err(Errno::EPROTONOSUPPORT.into()),
        (SOCK_RAW, IPPROTO_IP) => Err(Errno::EPROTONOSUPPORT.into()),
        (SOCK_RAW, _) => Err(not_modelled.into()),
        _ => Err(Errno::ESOCKTNOSUPPORT.into()),
    }
}
