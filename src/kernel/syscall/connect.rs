//! connect(2): `__inet_stream_connect()`, `tcp_v4_connect()`, `tcp_v6_connect()`.

use super::address::from_user;
use super::{Answer, Found, Stop};
use crate::abi::Inet;
use crate::abi::constants::POLLERR;
use crate::abi::sockaddr::{SOCKADDR_IN_LEN, SOCKADDR_IN6_LEN_RFC2133};
use crate::abi::{Errno, NotModelled, Reply, SockAddr, UserIn};
use crate::base::{FileId, Pid, SockId, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::epoll::Source;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::option::Opt;
use crate::kernel::port::{self, FourTuple};
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Family, PortClaim, Socket, SocketState};
use crate::kernel::task::Blocked;
use crate::kernel::tcp::{State, close, open};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// net.ipv4.tcp_tw_reuse_delay.
const TW_REUSE_DELAY: Duration = Duration::from_secs(1);

/// Whether the handshake that a connect(2) waits for has come to an end.
pub(super) fn is_decided(socket: &Socket) -> bool {
    !matches!(socket.state(), TcpState::SynSent | TcpState::SynReceived)
}

impl Kernel {
    /// connect(2).
    pub(super) fn sys_connect(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        addr: &UserIn,
        addrlen: i32,
    ) -> Answer {
        // __sys_connect(): the address is read before the file turns out to be no socket.
        self.file(pid, fd)?;
        let bytes = from_user(addr, addrlen)?;
        let Found {
            file,
            sock,
            nonblocking,
        } = self.lookup(pid, fd)?;
        if self.is_unix(sock) {
            let found = Found {
                file,
                sock,
                nonblocking,
            };
            return self.unix_connect(cx, pid, found, bytes);
        }
        // An address too short for a family field.
        if bytes.len() < 2 {
            return Err(Errno::EINVAL.into());
        }
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if socket.raw().is_some() {
            let call = "connect of a raw socket";
            return Err(NotModelled::Call { call }.into());
        }
        if socket.udp().is_some() {
            return self.udp_connect(cx, sock, &bytes);
        }
        if SockAddr::decode(&bytes) == SockAddr::Unspec {
            self.disconnect(cx, sock, Rule::Disconnect);
            return Ok(Reply::ok(0));
        }
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        match socket.ss {
            SocketState::Connected => return Err(Errno::EISCONN.into()),
            SocketState::Disconnecting => return Err(Errno::EINVAL.into()),
            SocketState::Connecting => {
                if !is_decided(socket) {
                    // EALREADY even for a blocking socket, unless it waits.
                    return self.wait_for_handshake(file, sock, nonblocking, Errno::EALREADY);
                }
                return self.connect_result(cx, file, sock, nonblocking);
            }
            SocketState::Unconnected => {
                if socket.state() != TcpState::Closed {
                    return Err(Errno::EISCONN.into());
                }
            }
        }
        let remote = check_peer(socket, &bytes)?;
        self.begin_connect(cx, sock, remote)?;
        self.wait_for_handshake(file, sock, nonblocking, Errno::EINPROGRESS)
    }

    /// A non-blocking connect answers that it has begun; a blocking one sleeps.
    fn wait_for_handshake(
        &self,
        file: FileId,
        sock: SockId,
        nonblocking: bool,
        begun: Errno,
    ) -> Answer {
        if nonblocking {
            return Err(begun.into());
        }
        Err(Blocked::Connect { file, sock }.into())
    }

    /// `tcp_v4_connect()`: route, source address, port, SYN.
    fn begin_connect(&mut self, cx: &mut Cx, sock: SockId, remote: SocketAddr) -> Result<(), Stop> {
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let remote = SocketAddr::new(destination(socket, remote.address()), remote.port_number());
        if socket.family == Family::Inet6 && socket.local.is_ipv4() && remote.is_ipv6() {
            return Err(Errno::EAFNOSUPPORT.into());
        }
        let (path, preferred) = self.routes.lookup(remote.address())?;
        // RTCF_MULTICAST, RTCF_BROADCAST (RFC 9293 MUST-46)
        if self.routes.is_shared(remote.address()) {
            return Err(Errno::ENETUNREACH.into());
        }
        let source = if socket.local.address().is_unspecified() {
            preferred
        } else {
            socket.local.address()
        };
        let claim = match socket.port {
            Some(claim) => claim,
            None => self.choose_port(cx, sock, source, remote)?,
        };
        let local = SocketAddr::new(source, claim.port);
        self.take_tuple(cx, sock, FourTuple { local, remote })?;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if socket.ipv6_mapped && remote.is_ipv6() {
            // Linux goes on with IPv4's operations, and the SYN gets lost.
            let what = "connecting a TCP socket again, from IPv4 to IPv6";
            return Err(NotModelled::Protocol { what }.into());
        }
        socket.local = local;
        socket.remote = Some(remote);
        socket.path = Some(path);
        socket.ss = SocketState::Connecting;
        socket.done = false;
        // tcp_connect_init()
        socket.error = None;
        cx.emit(EventKind::AddressesSet {
            sock,
            local_port: local.port_number(),
            remote_port: remote.port_number(),
            because: Rule::ActiveOpen,
        });
        open::active_open(socket, sock, cx, &mut self.secret, &self.sysctl);
        self.reconcile(cx, sock);
        Ok(())
    }

    /// The kernel's choice of a port for a socket that has none.
    fn choose_port(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        source: IpAddr,
        remote: SocketAddr,
    ) -> Result<PortClaim, Errno> {
        let range = self.sysctl.ip_local_port_range;
        let now = cx.now;
        let free = |port| {
            let local = SocketAddr::new(source, port);
            let owner = self.demux.connection(FourTuple { local, remote });
            owner.is_none_or(|owner| self.may_reuse(owner, now, false))
        };
        let port =
            port::for_connect(&self.ports, free, sock, range, cx).ok_or(Errno::EADDRNOTAVAIL)?;
        let claim = PortClaim {
            port,
            named: false,
            by_connect: true,
        };
        self.own_port(cx, sock, claim, Rule::ConnectEphemeral);
        Ok(claim)
    }

    /// `__inet_check_established()`: the four addresses must be new, or those of a TIME-WAIT that gives
    /// way.
    fn take_tuple(&mut self, cx: &mut Cx, sock: SockId, tuple: FourTuple) -> Result<(), Errno> {
        let Some(with) = self.demux.connection(tuple) else {
            return Ok(());
        };
        if !self.may_reuse(with, cx.now, true) {
            cx.emit(EventKind::PortConflict {
                sock,
                port: tuple.local.port_number(),
                with,
                because: Rule::TupleTaken,
            });
            return Err(Errno::EADDRNOTAVAIL);
        }
        if let Some(wait) = self.sockets.get_mut(with) {
            wait.transition(cx, with, State::Closed, Rule::SynInTimeWait);
        }
        self.reconcile(cx, with);
        Ok(())
    }

    /// `tcp_twsk_unique()`, with tcp_tw_reuse as it is by default: over loopback timestamps make a
    /// TIME-WAIT safe to end, at once for a program that named its port, after a second
    /// (tcp_tw_reuse_delay) where the kernel chooses it.
    fn may_reuse(&self, owner: SockId, now: Time, chosen: bool) -> bool {
        let Some(State::TimeWait(wait)) = self.sockets.get(owner).map(|s| &s.tcp) else {
            return false;
        };
        let waited = now + close::TIME_WAIT >= wait.deadline + TW_REUSE_DELAY;
        wait.timestamps.is_some() && (chosen || (waited && !wait.fin_wait_2))
    }

    /// The end of a handshake, as connect(2) reports it.
    pub(super) fn connect_result(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        sock: SockId,
        nonblocking: bool,
    ) -> Answer {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if !is_decided(socket) {
            let begun = if nonblocking {
                Some(Errno::EALREADY)
            } else {
                None
            };
            return match begun {
                Some(errno) => Err(errno.into()),
                None => Err(Blocked::Connect { file, sock }.into()),
            };
        }
        if socket.state() != TcpState::Closed {
            socket.ss = SocketState::Connected;
            return Ok(Reply::ok(0));
        }
        let errno = socket.take_error(cx, sock).unwrap_or(Errno::ECONNABORTED);
        self.disconnect(cx, sock, Rule::Disconnect);
        Err(errno.into())
    }

    /// `tcp_disconnect()`: back to a socket that is not connected.
    pub(super) fn disconnect(&mut self, cx: &mut Cx, sock: SockId, because: Rule) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let before = socket.state();
        if socket.tcp.listen().is_some() {
            self.stop_listening(cx, sock, because);
        } else if close::needs_reset(socket) {
            close::send_reset(socket, sock, cx, because);
            socket.note_error(cx, sock, Errno::ECONNRESET, because);
        } else if before == TcpState::SynSent {
            socket.note_error(cx, sock, Errno::ECONNRESET, because);
        }
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        if socket.state() != TcpState::Closed {
            close::done(socket, sock, cx, because);
        }
        let chosen = socket.port.is_some_and(|claim| !claim.named);
        if before != TcpState::Closed && chosen {
            // tcp_set_state(TCP_CLOSE): a port that the kernel chose is given back.
            self.release_port(cx, sock, because);
        }
        self.reconcile(cx, sock);
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let unread = socket.receive_queue.len() as u32;
        socket.urgent = None;
        if unread > 0 {
            socket.receive_queue.clear();
            cx.emit(EventKind::DataDiscarded {
                sock,
                len: unread,
                because,
            });
        }
        socket.remote = None;
        if !socket.address_named {
            // inet_reset_saddr(): the address is forgotten, the port's number stays visible.
            let port = socket.local.port_number();
            socket.local = SocketAddr::new(socket.family.unspecified(), port);
        }
        // What tcp_disconnect() forgets of the options.
        for opt in [Opt::MaxSeg, Opt::WindowClamp, Opt::QuickAck] {
            socket.options.unset(opt);
        }
        let gap = socket.last.max_window.wrapping_add(2);
        socket.last.not_sent = socket.last.not_sent.wrapping_add(gap);
        socket.ss = SocketState::Unconnected;
        socket.receive_shutdown = false;
        socket.send_shutdown = false;
        socket.done = false;
        // sk_error_report(), whether there is an error or not.
        cx.ready(Source::Socket(sock), POLLERR);
        self.wake(cx, sock, because);
    }
}

/// The checks of the peer's address, by family. The address is as on the wire: a v4-mapped one is
/// IPv4.
fn check_peer(socket: &Socket, bytes: &[u8]) -> Result<SocketAddr, Errno> {
    let min = match socket.family {
        Family::Inet => SOCKADDR_IN_LEN,
        Family::Inet6 => SOCKADDR_IN6_LEN_RFC2133,
    };
    if bytes.len() < min {
        return Err(Errno::EINVAL);
    }
    match (socket.family, SockAddr::decode(bytes)) {
        (Family::Inet, SockAddr::Inet(a @ SocketAddr::V4(_))) => Ok(a),
        (Family::Inet6, SockAddr::Inet(a @ SocketAddr::V6(_))) => {
            let mapped = crate::abi::sockaddr::from_mapped(a).is_ipv4();
            // tcp_v6_connect()
            if mapped && socket.options.on(Opt::V6Only) {
                return Err(Errno::ENETUNREACH);
            }
            Ok(crate::abi::sockaddr::from_mapped(a))
        }
        (Family::Inet | Family::Inet6, _) => Err(Errno::EAFNOSUPPORT),
    }
}

/// Connecting to "any address" means this host: over IPv4 the address that the socket is bound to
/// (`ip_route_output_key_hash_rcu()`), otherwise the loopback address.
fn destination(socket: &Socket, ip: IpAddr) -> IpAddr {
    let bound = socket.local.address();
    match (ip, bound) {
        (IpAddr::V4(to), IpAddr::V4(bound)) if to.is_unspecified() && !bound.is_unspecified() => {
            bound.into()
        }
        (IpAddr::V4(to), _) if to.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        (IpAddr::V6(to), IpAddr::V4(_)) if to.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        (IpAddr::V6(to), IpAddr::V6(_)) if to.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        (other, _) => other,
    }
}
