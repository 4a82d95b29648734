//! bind(2), listen(2): taking a port.

use super::address::from_user;
use super::{Answer, Found, Stop};
use crate::abi::Inet;
use crate::abi::{Errno, NotModelled, Reply, SockAddr, UserIn};
use crate::base::{Fifo, Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::option::Opt;
use crate::kernel::port;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Family, PortClaim, Socket, SocketState};
use crate::kernel::tcp::State;
use crate::kernel::tcp::state::Listen;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};

/// The number of the loopback device.
const LOOPBACK_DEVICE: u32 = 1;

impl Kernel {
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
        if self.is_unix(sock) {
            return self.unix_bind(cx, pid, sock, &bytes);
        }
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let (local, wanted) = self.check_bind_address(pid, socket, &bytes)?;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let before = (socket.local.port_number(), socket.address_named);
        socket.local = SocketAddr::new(local, wanted);
        // ::ffff:0.0.0.0 is an address, too, for SOCK_BINDADDR_LOCK.
        let mapped = socket.family == Family::Inet6 && local.is_ipv4();
        socket.address_named = mapped || !local.is_unspecified();
        let v6_only = socket.options.is_set(Opt::V6Only);
        // "Binding to v4-mapped address on a v6-only socket makes no sense", nor the other way round.
        if socket.family == Family::Inet6 && local.is_ipv6() && !local.is_unspecified() {
            socket.options.set(Opt::V6Only, 1);
        }
        // With IP_BIND_ADDRESS_NO_PORT connect(2) chooses, when the four addresses are known.
        if wanted == 0 && socket.raw().is_none() && socket.options.on(Opt::BindAddressNoPort) {
            let (port, because) = (0, Rule::AskedFor);
            cx.emit(EventKind::PortBound {
                sock,
                port,
                because,
            });
            return Ok(Reply::ok(0));
        }
        if let Err(errno) = self.get_port(cx, sock, wanted) {
            if let Some(socket) = self.sockets.get_mut(sock) {
                // inet_reset_saddr(): an address that a failed connect(2) left is forgotten, too.
                socket.local = SocketAddr::new(socket.family.unspecified(), before.0);
                socket.address_named = before.1;
                match v6_only {
                    Some(value) => socket.options.set(Opt::V6Only, value),
                    None => socket.options.unset(Opt::V6Only),
                }
            }
            return Err(errno.into());
        }
        // A peer that a failed connect(2) left is forgotten, and with it that the port could end with it.
        if let Some(socket) = self.sockets.get_mut(sock) {
            socket.remote = None;
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
        let connected = !socket.is_tcp() && socket.remote.is_some();
        let fresh = socket.state() == TcpState::Closed && socket.port.is_none() && !connected;
        // IP_FREEBIND: an address that nobody has here will do, too (inet_can_nonlocal_bind()).
        let how = (fresh, socket.options.on(Opt::FreeBind));
        match (socket.family, decoded) {
            (Family::Inet, SockAddr::Inet(SocketAddr::V4(a))) => {
                self.check_bind_inet(pid, *a.ip(), a.port(), how)
            }
            // AF_UNSPEC counts as AF_INET for old programs, if the address is 0.0.0.0.
            (Family::Inet, SockAddr::Unspec) if bytes[4..8] == [0; 4] => {
                let port = u16::from_be_bytes([bytes[2], bytes[3]]);
                self.check_bind_inet(pid, Ipv4Addr::UNSPECIFIED, port, how)
            }
            (Family::Inet6, SockAddr::Inet(SocketAddr::V6(a))) => {
                let v6_only = socket.options.on(Opt::V6Only);
                if v6_only && a.ip().to_ipv4_mapped().is_some() && fresh {
                    return Err(self
                        .check_bind_inet6(pid, a, how)
                        .err()
                        .filter(|e| *e == Errno::EACCES)
                        .unwrap_or(Errno::EINVAL));
                }
                self.check_bind_inet6(pid, a, how)
            }
            (
                Family::Inet | Family::Inet6,
                SockAddr::Inet(_)
                | SockAddr::Unspec
                | SockAddr::TooShort { .. }
                | SockAddr::Other { .. },
            ) => Err(Errno::EAFNOSUPPORT),
        }
    }

    /// `__inet_bind()`: the address, the right to the port, and only then the socket's state.
    fn check_bind_inet(
        &self,
        pid: Pid,
        ip: Ipv4Addr,
        wanted: u16,
        (fresh, free): (bool, bool),
    ) -> Result<(IpAddr, u16), Errno> {
        if !free && !self.bindable(ip.into()) {
            Err(Errno::EADDRNOTAVAIL)
        } else if !self.may_bind(pid, wanted) {
            Err(Errno::EACCES)
        } else if !fresh {
            Err(Errno::EINVAL)
        } else {
            Ok((ip.into(), wanted))
        }
    }

    /// `__inet6_bind()`: here the state comes before the address.
    fn check_bind_inet6(
        &self,
        pid: Pid,
        addr: SocketAddrV6,
        (fresh, free): (bool, bool),
    ) -> Result<(IpAddr, u16), Errno> {
        let (ip, wanted) = (addr.ip(), addr.port());
        if ip.is_multicast() {
            return Err(Errno::EINVAL);
        }
        if !self.may_bind(pid, wanted) {
            return Err(Errno::EACCES);
        }
        if !fresh {
            return Err(Errno::EINVAL);
        }
        let local = match IpAddr::V6(*ip).to_canonical() {
            _ if free => true,
            mapped @ IpAddr::V4(_) => self.bindable(mapped),
            // A link-local address needs its device; 1 is the loopback device.
            IpAddr::V6(v6) if v6.is_unicast_link_local() => match addr.scope_id() {
                0 => return Err(Errno::EINVAL),
                LOOPBACK_DEVICE => false,
                _ => return Err(Errno::ENODEV),
            },
            own @ IpAddr::V6(_) => self.bindable(own),
        };
        if local {
            Ok((IpAddr::V6(*ip).to_canonical(), wanted))
        } else {
            Err(Errno::EADDRNOTAVAIL)
        }
    }

    /// `inet_addr_valid_or_nonlocal()`: one's own address, or one of which nobody is the owner.
    fn bindable(&self, ip: IpAddr) -> bool {
        let nobodys = match ip {
            IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
            IpAddr::V6(_) => false,
        };
        nobodys || ip.is_unspecified() || self.routes.is_local(ip)
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
        if socket.udp().is_some() {
            return self.udp_get_port(cx, sock, wanted);
        }
        if socket.raw().is_some() {
            // It has no ports; its protocol's number stands there.
            let protocol = crate::abi::constants::IPPROTO_ICMP as u16;
            if let Some(socket) = self.sockets.get_mut(sock) {
                socket.local.set_port(protocol);
            }
            return Ok(protocol);
        }
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
                by_connect: false,
            },
            because,
        );
        Ok(port)
    }

    /// Enters a socket into the port table.
    pub(crate) fn own_port(&mut self, cx: &mut Cx, sock: SockId, claim: PortClaim, because: Rule) {
        if let Some(socket) = self.sockets.get_mut(sock) {
            let ports = if socket.is_tcp() {
                &mut self.ports
            } else {
                &mut self.udp_ports
            };
            ports.claim(claim, sock);
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
        if self.is_unix(sock) {
            return self.unix_listen(cx, pid, sock, backlog);
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if !socket.is_tcp() {
            return Err(Errno::EOPNOTSUPP.into());
        }
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
    fn start_listening(&mut self, cx: &mut Cx, sock: SockId, backlog: u32) -> Result<(), Stop> {
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
                    return Err(Errno::EADDRINUSE.into());
                }
            }
        }
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if socket.ipv6_mapped && socket.local.is_ipv6() {
            // Linux gives IPv4's operations to whoever connects over IPv6.
            let what = "listening on a TCP socket that had a connection over IPv4";
            return Err(NotModelled::Protocol { what }.into());
        }
        let listen = Listen {
            backlog,
            syn_queue: self.requests_of(sock),
            accept_queue: Fifo::default(),
            cookies_until: None,
        };
        if let Some(socket) = self.sockets.get_mut(sock) {
            // inet_csk_delack_init()
            socket.options.unset(Opt::QuickAck);
            socket.transition(cx, sock, State::Listen(listen), Rule::PassiveOpen);
        }
        Ok(())
    }
}
