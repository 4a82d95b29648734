//! Options that are calls of their own: setsockopt(2) keeps no value but joins a group of multicast, leaves one, or makes
//! an AF_INET6 socket an AF_INET one.

use super::options::{Given, is_tcp};
use super::{Answer, Stop};
use crate::abi::constants::{AF_INET, AF_INET6, IPPROTO_IPV6};
use crate::abi::{Errno, Inet, NotModelled, Reply};
use crate::base::SockId;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::multicast::{self, Asked, IP_MREQN};
use crate::kernel::option::Opt;
use crate::kernel::socket::{Family, Protocol, Socket};
use crate::kernel::task::Blocked;

impl Kernel {
    /// What setsockopt(2) does for an option of [`Kind::Act`](crate::kernel::option::Kind::Act).
    pub(super) fn act_by_option(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        opt: Opt,
        given: &Given,
    ) -> Answer {
        match opt {
            Opt::AddrForm => self.change_family(cx, sock, given.value)?,
            Opt::JoinGroup | Opt::LeaveGroup => {
                let asked = Asked::from_group_req(given.bytes).ok_or(Errno::EINVAL)?;
                self.change_groups(cx, sock, opt, asked)?;
            }
            _ => {
                // What a program says to be a struct ip_mreqn is read as one.
                if given.len >= IP_MREQN && given.bytes.len() < IP_MREQN {
                    return Err(Errno::EFAULT.into());
                }
                let asked = Asked::from_mreq(given.bytes).ok_or(Errno::EFAULT)?;
                self.change_groups(cx, sock, opt, asked)?;
            }
        }
        Ok(Reply::ok(0))
    }

    /// IP_ADD_MEMBERSHIP and MCAST_JOIN_GROUP, IP_DROP_MEMBERSHIP and MCAST_LEAVE_GROUP.
    fn change_groups(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        opt: Opt,
        asked: Asked,
    ) -> Result<(), Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let group = asked.group;
        let joins = matches!(opt, Opt::AddMembership | Opt::JoinGroup);
        cx.emit(if joins {
            multicast::join(&mut socket.groups, asked, &self.routes, opt.row().name())?;
            EventKind::GroupJoined { sock, group }
        } else {
            multicast::leave(&mut socket.groups, asked, &self.routes)?;
            EventKind::GroupLeft { sock, group }
        });
        Ok(())
    }

    /// IPV6_ADDRFORM: an AF_INET6 socket whose peer is an IPv4 one becomes an AF_INET socket. There is no way back.
    ///
    /// Errors: EINVAL: another family is asked for; ENOPROTOOPT: a raw socket; EBUSY: data for an IPv6 address is held
    /// back; ENOTCONN: no peer; EADDRNOTAVAIL: an IPv6 peer, or IPV6_V6ONLY.
    fn change_family(&mut self, cx: &mut Cx, sock: SockId, family: i32) -> Result<(), Stop> {
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if family != AF_INET {
            return Err(Errno::EINVAL.into());
        }
        let held = match &socket.protocol {
            Protocol::Raw(_) | Protocol::Unix(_) => return Err(Errno::ENOPROTOOPT.into()),
            Protocol::Udp(udp) => udp.held.as_ref(),
            Protocol::Tcp => None,
        };
        if held.is_some_and(|held| held.way.to.is_ipv6()) {
            return Err(Errno::EBUSY.into());
        }
        if !is_established(socket) {
            return Err(Errno::ENOTCONN.into());
        }
        let v4 = socket.remote.is_some_and(|remote| remote.is_ipv4());
        if !v4 || socket.options.on(Opt::V6Only) {
            return Err(Errno::EADDRNOTAVAIL.into());
        }
        if self.still_needs_ipv6(socket) {
            let what = "making a UDP socket AF_INET that reads, has or shares what came over IPv6";
            return Err(NotModelled::Protocol { what }.into());
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        // IP_MULTICAST_ALL begins differently in each family; what it is stays.
        let all = socket.options.is_set(Opt::MulticastAll).unwrap_or(0);
        socket.options.set(Opt::MulticastAll, all);
        socket.options.unset_level(IPPROTO_IPV6);
        socket.family = Family::Inet;
        socket.ipv6_mapped = false;
        if let Some(udp) = socket.udp_mut() {
            udp.v6_daddr = None;
        }
        cx.emit(EventKind::FamilyChanged { sock });
        Ok(())
    }

    /// Whether a UDP socket has anything on which Linux leaves its mark of IPv6: a call that waits for a datagram, what
    /// came over IPv6 before it had a peer, a group of SO_REUSEPORT.
    fn still_needs_ipv6(&self, socket: &Socket) -> bool {
        let Some(udp) = socket.udp() else {
            return false;
        };
        let mut waits = socket.file.into_iter().flat_map(|file| self.waits_at(file));
        let read = waits.any(|(_, blocked)| matches!(blocked, Blocked::Receive { .. }));
        let owners = self.udp_ports.bucket(socket.local.port_number());
        let shared = owners.is_some_and(|bucket| bucket.owners.len() > 1);
        read || udp.queue.iter().any(|d| d.from.is_ipv6())
            || udp.errors.iter().any(|e| e.to.is_ipv6())
            || (shared && socket.options.on(Opt::ReusePort))
    }
}

/// What getsockopt(2) says of IPV6_ADDRFORM.
///
/// Errors: ENOPROTOOPT: a raw socket; ENOTCONN: no peer.
pub(super) fn address_form(socket: &Socket) -> Result<i32, Errno> {
    match socket.protocol {
        Protocol::Tcp | Protocol::Udp(_) if is_established(socket) => Ok(AF_INET6),
        Protocol::Tcp | Protocol::Udp(_) => Err(Errno::ENOTCONN),
        Protocol::Raw(_) | Protocol::Unix(_) => Err(Errno::ENOPROTOOPT),
    }
}

/// `sk_state == TCP_ESTABLISHED`, which for UDP says that there is a peer.
fn is_established(socket: &Socket) -> bool {
    if is_tcp(socket) {
        socket.state() == TcpState::Established
    } else {
        socket.remote.is_some()
    }
}
