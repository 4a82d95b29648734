//! connect(2), sendto(2) and shutdown(2) on a UDP socket: `inet_dgram_connect()`, `udp_sendmsg()`, `udpv6_sendmsg()`.

use super::{MAX_V4, MAX_V6};
use crate::abi::Inet;
use crate::abi::constants::{
    AF_INET, AF_INET6, AF_UNSPEC, MSG_CONFIRM, MSG_DONTROUTE, MSG_DONTWAIT, MSG_EOR, MSG_MORE,
    MSG_NOSIGNAL, MSG_OOB,
};
use crate::abi::sockaddr::{SOCKADDR_IN_LEN, SOCKADDR_IN6_LEN_RFC2133, from_mapped};
use crate::abi::{Errno, NotModelled, Reply, SockAddr};
use crate::base::SockId;
use crate::kernel::event::EventKind;
use crate::kernel::option::Opt;
use crate::kernel::route::Routes;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Family, Socket};
use crate::kernel::syscall::message::{Message, control_pieces};
use crate::kernel::syscall::{Answer, Stop};
use crate::kernel::{Cx, Kernel};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Flags of send(2) that are implemented, or change nothing for a datagram over loopback.
pub(crate) const SEND_FLAGS: i32 =
    MSG_DONTWAIT | MSG_NOSIGNAL | MSG_OOB | MSG_CONFIRM | MSG_DONTROUTE | MSG_EOR;

/// Where a datagram goes and from which address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// The source.
    pub source: IpAddr,
    /// The destination.
    pub to: SocketAddr,
}

/// `ip_route_output_flow()`, with a source that the socket has already: the only routes are those of the loopback device.
/// "Any address" means this host.
pub(crate) fn route(routes: &Routes, socket: &Socket, to: SocketAddr) -> Result<Way, Stop> {
    let source = socket.local.address();
    let ip = match to.address() {
        IpAddr::V4(v4) if v4.is_unspecified() => match source {
            IpAddr::V4(own) if !own.is_unspecified() && socket.family == Family::Inet => own.into(),
            IpAddr::V4(_) | IpAddr::V6(_) => Ipv4Addr::LOCALHOST.into(),
        },
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    let default = match ip {
        // Where no route leads to everybody, the source says by which device to go.
        IpAddr::V4(all) if all.is_multicast() || all.is_broadcast() => {
            match source.is_ipv4() && routes.device_of(source).is_some() {
                true => source,
                false => routes.lookup(ip)?.1,
            }
        }
        IpAddr::V4(_) | IpAddr::V6(_) => routes.lookup(ip)?.1,
    };
    if ip.is_ipv4() && routes.is_shared(ip) {
        if !ip.is_multicast() && !socket.options.on(Opt::Broadcast) {
            return Err(Errno::EACCES.into());
        }
        let what = "sending to a group or to everybody";
        return Err(NotModelled::Protocol { what }.into());
    }
    let source = match (source, ip) {
        // A v4-mapped source cannot reach an IPv6 address.
        (IpAddr::V4(own), IpAddr::V6(_)) if !own.is_unspecified() || socket.address_named => {
            return Err(Errno::EAFNOSUPPORT.into());
        }
        (IpAddr::V6(own), IpAddr::V4(_)) if !own.is_unspecified() && socket.address_named => {
            return Err(Errno::ENETUNREACH.into());
        }
        (own, _) if own.is_unspecified() || own.is_ipv4() != ip.is_ipv4() => default,
        (own, _) => own,
    };
    let to = SocketAddr::new(ip, to.port_number());
    Ok(Way { source, to })
}

/// The family field of an address that has at least that.
fn family_of(bytes: &[u8]) -> i32 {
    i32::from(u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// An address of a family that was looked at already.
fn decoded(bytes: &[u8]) -> Result<SocketAddr, Errno> {
    match SockAddr::decode(bytes) {
        SockAddr::Inet(addr) => Ok(from_mapped(addr)),
        SockAddr::Unspec | SockAddr::TooShort { .. } | SockAddr::Other { .. } => Err(Errno::EINVAL),
    }
}

/// The destination that sendto(2) on an AF_INET socket names; AF_UNSPEC counts as AF_INET.
fn name_inet(bytes: &[u8]) -> Result<SocketAddr, Errno> {
    let Some(bytes) = bytes.first_chunk::<SOCKADDR_IN_LEN>() else {
        return Err(Errno::EINVAL);
    };
    if ![AF_INET, AF_UNSPEC].contains(&family_of(bytes)) {
        return Err(Errno::EAFNOSUPPORT);
    }
    let mut bytes = *bytes;
    bytes[..2].copy_from_slice(&(AF_INET as u16).to_le_bytes());
    let to = decoded(&bytes)?;
    if to.port_number() == 0 {
        return Err(Errno::EINVAL);
    }
    Ok(to)
}

/// The same on an AF_INET6 socket, which also takes an IPv4 address; AF_UNSPEC names nobody. Over IPv6 the
/// port is looked at later.
fn name_inet6(
    socket: &Socket,
    bytes: &[u8],
    (len, flags): (u64, i32),
) -> Result<Option<SocketAddr>, Errno> {
    if bytes.len() < 2 {
        return Err(Errno::EINVAL);
    }
    match family_of(bytes) {
        AF_INET6 if bytes.len() < SOCKADDR_IN6_LEN_RFC2133 => Err(Errno::EINVAL),
        AF_INET6 => {
            let mut to = decoded(bytes)?;
            if to.address() == Family::Inet6.unspecified() && socket.local.is_ipv4() {
                to.set_ip(Ipv4Addr::LOCALHOST.into());
            }
            if to.is_ipv4() && socket.options.on(Opt::V6Only) {
                return Err(Errno::ENETUNREACH);
            }
            Ok(Some(to))
        }
        AF_INET if socket.options.on(Opt::V6Only) => Err(Errno::ENETUNREACH),
        AF_INET => {
            check_inet(len, flags)?;
            name_inet(bytes).map(Some)
        }
        AF_UNSPEC => Ok(None),
        _ => Err(Errno::EINVAL),
    }
}

impl Kernel {
    /// connect(2): the peer gets a name, which sends nothing. `addr` has at least a family.
    pub(crate) fn udp_connect(&mut self, cx: &mut Cx, sock: SockId, addr: &[u8]) -> Answer {
        if family_of(addr) == AF_UNSPEC {
            self.udp_disconnect(cx, sock);
            return Ok(Reply::ok(0));
        }
        self.udp_autobind(cx, sock)?;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let peer = check_peer(socket, addr)?;
        let way = route(&self.routes, socket, peer)?;
        if socket.remote.is_some() && socket.local.is_ipv6() && way.to.is_ipv4() {
            let what = "connecting a UDP socket again, from IPv6 to IPv4";
            return Err(NotModelled::Protocol { what }.into());
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let moved = socket.local.address() != way.source;
        socket.local.set_ip(way.source);
        socket.remote = Some(way.to);
        if let (Family::Inet6, Some(udp)) = (socket.family, socket.udp_mut()) {
            udp.v6_daddr = Some(way.to.address());
        }
        cx.emit(EventKind::AddressesSet {
            sock,
            local_port: socket.local.port_number(),
            remote_port: way.to.port_number(),
            because: Rule::DatagramConnect,
        });
        if moved {
            self.udp_rehash(sock);
        }
        Ok(Reply::ok(0))
    }

    /// `__udp_disconnect()`: no peer any more; what connect(2) and the kernel had chosen is forgotten.
    fn udp_disconnect(&mut self, cx: &mut Cx, sock: SockId) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let because = Rule::DatagramDisconnect;
        if socket.remote.take().is_some() {
            cx.emit(EventKind::PeerForgotten { sock, because });
        }
        let any = socket.family.unspecified();
        let moved = !socket.address_named && socket.local.address() != any;
        if moved {
            socket.local.set_ip(any);
        }
        if socket.port.is_some_and(|claim| !claim.named) {
            socket.local.set_port(0);
            self.release_port(cx, sock, because);
        } else if moved {
            self.udp_rehash(sock);
        }
    }

    /// Every call that sends: `udp_sendmsg()`, `udpv6_sendmsg()`.
    pub(crate) fn udp_sendmsg(&mut self, cx: &mut Cx, sock: SockId, message: Message) -> Answer {
        let (len, flags) = (message.len, message.flags);
        let name = message.name.as_deref();
        if flags & !(SEND_FLAGS | MSG_MORE) != 0 {
            return Err(NotModelled::MessageFlags { flags }.into());
        }
        self.udp_autobind(cx, sock)?;
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let more = flags & MSG_MORE != 0 || socket.options.on(Opt::UdpCork);
        if let Some(held) = socket.udp().and_then(|udp| udp.held.as_deref()) {
            check_joins(socket, held.way.to.is_ipv4(), name, len, flags)?;
            return self.udp_append(cx, sock, message, more);
        }
        let to = match (socket.family, name) {
            (Family::Inet, _) => {
                check_inet(len, flags)?;
                name.map(name_inet).transpose()?
            }
            (Family::Inet6, Some(bytes)) => {
                let to = name_inet6(socket, bytes, (len, flags))?;
                // AF_UNSPEC: the peer is not looked at again, so a mapped one is looked for among IPv6's routes.
                if to.is_none() && socket.remote.is_some_and(|peer| peer.is_ipv4()) {
                    return Err(Errno::ENETUNREACH.into());
                }
                to
            }
            (Family::Inet6, None) => None,
        };
        let named = to.is_some();
        let to = to.or(socket.remote).ok_or(Errno::EDESTADDRREQ)?;
        if to.is_ipv4() {
            check_inet(len, flags)?;
            // udpv6_sendmsg() names the peer to udp_sendmsg(), which wants a port; connect(2) did not.
            if socket.family == Family::Inet6 && to.port_number() == 0 {
                return Err(Errno::EINVAL.into());
            }
        } else if named && to.port_number() == 0 {
            return Err(Errno::EINVAL.into());
        }
        if let Some(piece) = control_pieces(&message.control).next() {
            let (level, optname, _) = piece?;
            return Err(NotModelled::Option { level, optname }.into());
        }
        let way = route(&self.routes, socket, to)?;
        if len > longest(to) {
            self.udp_too_long(cx, sock, way.to);
            return Err(Errno::EMSGSIZE.into());
        }
        // sock_alloc_send_skb(): a pending error comes before the datagram.
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        if socket.send_shutdown {
            return Err(Errno::EPIPE.into());
        }
        if message.fault {
            cx.memory_is_back(sock);
            return Err(Errno::EFAULT.into());
        }
        if more {
            self.udp_hold(cx, sock, way, message.data);
        } else {
            self.udp_transmit(cx, sock, way, message.data);
        }
        Ok(Reply::ok(len))
    }

    /// shutdown(2): `inet_shutdown()`. Without a peer the call fails, but the directions are shut.
    pub(crate) fn udp_shutdown(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        receive: bool,
        send: bool,
    ) -> Answer {
        let because = Rule::DatagramShutdown;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        socket.shut(cx, sock, receive, send, because);
        let connected = socket.remote.is_some();
        self.wake(cx, sock, because);
        if connected {
            Ok(Reply::ok(0))
        } else {
            Err(Errno::ENOTCONN.into())
        }
    }
}

/// The most data in one datagram to that address.
pub(super) fn longest(to: SocketAddr) -> u64 {
    if to.is_ipv4() { MAX_V4 } else { MAX_V6 }
}

/// Whether a message may join a datagram that is held back: its name is looked at only over IPv6, and for its family
/// alone.
fn check_joins(
    socket: &Socket,
    inet: bool,
    name: Option<&[u8]>,
    len: u64,
    flags: i32,
) -> Result<(), Errno> {
    let other = match name {
        Some(bytes) if socket.family == Family::Inet6 => {
            name_inet6(socket, bytes, (len, flags))?.is_some_and(|to| to.is_ipv4()) && !inet
        }
        Some(_) | None => false,
    };
    if inet || other {
        check_inet(len, flags)?;
    }
    if other { Err(Errno::EINVAL) } else { Ok(()) }
}

/// What `udp_sendmsg()` says of any message over IPv4, before its destination.
fn check_inet(len: u64, flags: i32) -> Result<(), Errno> {
    if len > 0xffff {
        Err(Errno::EMSGSIZE)
    } else if flags & MSG_OOB != 0 {
        Err(Errno::EOPNOTSUPP)
    } else {
        Ok(())
    }
}

/// The peer that connect(2) names: `__ip4_datagram_connect()`, `__ip6_datagram_connect()`.
fn check_peer(socket: &Socket, bytes: &[u8]) -> Result<SocketAddr, Errno> {
    let family = family_of(bytes);
    let inet = |bytes: &[u8]| {
        if bytes.len() < SOCKADDR_IN_LEN {
            Err(Errno::EINVAL)
        } else if family != AF_INET {
            Err(Errno::EAFNOSUPPORT)
        } else {
            decoded(bytes)
        }
    };
    match socket.family {
        Family::Inet => inet(bytes),
        Family::Inet6 if family == AF_INET && socket.options.on(Opt::V6Only) => {
            Err(Errno::EAFNOSUPPORT)
        }
        Family::Inet6 if family == AF_INET => inet(bytes),
        Family::Inet6 if bytes.len() < SOCKADDR_IN6_LEN_RFC2133 => Err(Errno::EINVAL),
        Family::Inet6 if family != AF_INET6 => Err(Errno::EAFNOSUPPORT),
        Family::Inet6 => {
            let mut peer = decoded(bytes)?;
            match peer.address() {
                IpAddr::V4(_) if socket.options.on(Opt::V6Only) => return Err(Errno::ENETUNREACH),
                // They need the number of a device.
                IpAddr::V6(v6) if v6.is_multicast() || v6.is_unicast_link_local() => {
                    return Err(Errno::EINVAL);
                }
                IpAddr::V6(v6) if v6.is_unspecified() && socket.local.is_ipv4() => {
                    peer.set_ip(Ipv4Addr::LOCALHOST.into());
                }
                IpAddr::V4(_) | IpAddr::V6(_) => {}
            }
            Ok(peer)
        }
    }
}
