//! socket(2), accept(2), shutdown(2).

use super::address::to_user;
use super::{Answer, Found};
use crate::abi::constants::{
    AF_INET, AF_INET6, AF_UNIX, IPPROTO_IP, IPPROTO_TCP, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK,
    SOCK_RAW, SOCK_STREAM,
};
use crate::abi::{Errno, NotModelled, Reply};
use crate::base::{FileId, Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::epoll::Source;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::file::{FileKind, OpenFile};
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Family, Protocol, Socket, SocketState};
use crate::kernel::task::{AddrOut, Blocked};
use crate::kernel::tcp::close;
use crate::kernel::unix;

/// SOCK_TYPE_MASK: the type argument without flags.
const TYPE_MASK: i32 = 0xf;
/// One more than the last socket type (SOCK_MAX).
const TYPE_MAX: i32 = 11;
/// One more than the last protocol number (IPPROTO_MAX).
const PROTOCOL_MAX: i32 = 263;
/// Address families that Linux commonly has and this kernel has not.
const FAMILIES_NOT_MODELLED: [i32; 5] = [16, 17, 38, 40, 44];

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
        let net_raw = self
            .processes
            .get(pid)
            .is_some_and(|p| p.capabilities.net_raw);
        let socket = new_socket(domain, ty & TYPE_MASK, protocol, net_raw)?;
        let created = match socket.protocol {
            Protocol::Tcp | Protocol::Unix(_) => Rule::AskedFor,
            Protocol::Udp(_) | Protocol::Raw(_) => Rule::DatagramSocket,
        };
        let sock = self.sockets.insert(socket);
        cx.emit(EventKind::SocketCreated {
            sock,
            because: created,
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
    pub(crate) fn install_socket(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        sock: SockId,
        flags: i32,
    ) {
        let nonblocking = flags & SOCK_NONBLOCK != 0;
        let open = OpenFile::new(FileKind::Socket(sock), nonblocking);
        let file = self.files.insert(open);
        let sock_opened = Some(sock);
        cx.emit(EventKind::FileOpened {
            file,
            sock: sock_opened,
        });
        if let Some(socket) = self.sockets.get_mut(sock) {
            socket.file = Some(file);
        }
        if let Some(process) = self.processes.get_mut(pid) {
            process.fds.fill(fd, file);
        }
        cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
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
            FileKind::Stdio(_) | FileKind::Pipe(..) | FileKind::Epoll | FileKind::Null(_) => {
                Err(Errno::ENOTSOCK.into())
            }
            FileKind::Socket(sock) => {
                let answer = self.accept_now(cx, pid, (file, sock), reserved, wants_peer, flags);
                match answer {
                    Err(stop) if stop.waits() && open.nonblocking => Err(Errno::EAGAIN.into()),
                    Err(stop) if stop.waits() => return Err(stop),
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
        if self.is_unix(sock) {
            return self.unix_accept(cx, pid, (file, sock), reserved, wants_peer, flags);
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if !socket.is_tcp() {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let listen = socket.tcp.listen_mut().ok_or(Errno::EINVAL)?;
        let Some(child) = listen.accept_queue.pop_front() else {
            let blocked = Blocked::Accept {
                file,
                sock,
                reserved,
                wants_peer,
                flags,
            };
            return Err(blocked.into());
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
            // The connection is closed with its file: fput(newfile).
            self.close_socket(cx, child, Rule::LastClose);
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
        if self.is_unix(sock) {
            return self.unix_shutdown(cx, sock, receive, send);
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if !socket.is_tcp() {
            return self.udp_shutdown(cx, sock, receive, send);
        }
        if socket.ss == SocketState::Connecting {
            // A connect(2) whose end no call has told yet.
            socket.ss = match socket.state() {
                TcpState::SynSent | TcpState::SynReceived | TcpState::Closed => {
                    SocketState::Disconnecting
                }
                TcpState::Listen
                | TcpState::Established
                | TcpState::FinWait1
                | TcpState::FinWait2
                | TcpState::CloseWait
                | TcpState::Closing
                | TcpState::LastAck
                | TcpState::TimeWait => SocketState::Connected,
            };
        }
        match socket.state() {
            TcpState::Listen if !receive => {
                cx.ready(Source::Socket(sock), 0);
                return Ok(Reply::ok(0));
            }
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

/// A socket that nothing refers to yet (`sock_create()`).
pub(crate) fn new_socket(
    domain: i32,
    ty: i32,
    protocol: i32,
    net_raw: bool,
) -> Result<Socket, super::Stop> {
    if domain == AF_UNIX && ty < TYPE_MAX {
        return Ok(Socket::new_unix(unix::kind_of(ty, protocol)?));
    }
    let (family, protocol) = check_kind(domain, ty, protocol, net_raw)?;
    let mut socket = Socket::new(family);
    if matches!(protocol, Protocol::Raw(_)) {
        socket
            .local
            .set_port(crate::abi::constants::IPPROTO_ICMP as u16);
    }
    socket.protocol = protocol;
    Ok(socket)
}

/// What `__sock_create()` and `inet_create()` say of a domain, type and protocol.
fn check_kind(
    domain: i32,
    ty: i32,
    protocol: i32,
    net_raw: bool,
) -> Result<(Family, Protocol), super::Stop> {
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
        (SOCK_STREAM, IPPROTO_IP | IPPROTO_TCP) => Ok((family, Protocol::Tcp)),
        (SOCK_STREAM, IPPROTO_MPTCP) => Err(not_modelled.into()),
        (SOCK_STREAM, _) => Err(Errno::EPROTONOSUPPORT.into()),
        (SOCK_DGRAM, IPPROTO_IP | IPPROTO_UDP) => Ok((family, Protocol::Udp(Box::default()))),
        // ping_init_sock(): net.ipv4.ping_group_range holds no group by default.
        (SOCK_DGRAM, 1) if family == Family::Inet => Err(Errno::EACCES.into()),
        (SOCK_DGRAM, 58) if family == Family::Inet6 => Err(Errno::EACCES.into()),
        (SOCK_DGRAM, 136) => Err(not_modelled.into()),
        (SOCK_DGRAM, _) => Err(Errno::EPROTONOSUPPORT.into()),
        (SOCK_RAW, IPPROTO_IP) => Err(Errno::EPROTONOSUPPORT.into()),
        (SOCK_RAW, _) if !net_raw => Err(Errno::EPERM.into()),
        (SOCK_RAW, 1) if family == Family::Inet => Ok((family, Protocol::Raw(Box::default()))),
        (SOCK_RAW, _) => Err(not_modelled.into()),
        _ => Err(Errno::ESOCKTNOSUPPORT.into()),
    }
}
