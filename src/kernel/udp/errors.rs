//! ICMP errors and the error queue: `__udp4_lib_err()`, `ip_recv_error()`.

use super::Udp;
use super::receive::put_ip_control;
use crate::abi::Inet;
use crate::abi::constants::{
    IP_RECVERR, IPPROTO_IP, IPPROTO_IPV6, IPV6_RECVERR, MSG_ERRQUEUE, MSG_TRUNC, POLLERR,
};
use crate::abi::{Errno, sockaddr};
use crate::base::{PacketId, SockId};
use crate::kernel::epoll::Source;
use crate::kernel::event::EventKind;
use crate::kernel::icmp;
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Family, Socket};
use crate::kernel::syscall::Stop;
use crate::kernel::syscall::message::Received;
use crate::kernel::task::Receive;
use crate::kernel::{Cx, Kernel};
use crate::packet::icmp::{Carried, Error};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

/// SO_EE_ORIGIN_LOCAL, SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6.
const LOCAL: u8 = 1;
const ICMP: u8 = 2;
const ICMP6: u8 = 3;

/// An entry of the error queue (`struct sock_exterr_skb`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueuedError {
    /// `ee_errno`.
    pub errno: Errno,
    /// `ee_origin`: SO_EE_ORIGIN_LOCAL (1), ICMP (2) or ICMP6 (3).
    pub origin: u8,
    /// `ee_type`.
    pub ty: u8,
    /// `ee_code`.
    pub code: u8,
    /// `ee_info`: an MTU.
    pub info: u32,
    /// Who sent the error (SO_EE_OFFENDER); none for a local one.
    pub offender: Option<IpAddr>,
    /// The address at which the ICMP message came; none for a local error.
    pub arrived_at: Option<IpAddr>,
    /// Where the datagram was to go.
    pub to: SocketAddr,
    /// What is known of its data.
    pub payload: Rc<[u8]>,
}

/// Whether errors of that version of IP go to the error queue.
fn keeps_errors(socket: &Socket, v6: bool) -> bool {
    let opt = if v6 { Opt::V6RecvErr } else { Opt::RecvErr };
    socket.options.on(opt)
}

impl Udp {
    /// `sock_queue_err_skb()`: an entry that finds no room is lost.
    fn queue_error(&mut self, cx: &mut Cx, sock: SockId, entry: QueuedError, buffer: u32) {
        let truesize = |e: &QueuedError| super::truesize(e.to.address(), e.payload.len() as u32);
        let used: u32 = self.memory + self.errors.iter().map(truesize).sum::<u32>();
        if used + truesize(&entry) >= buffer {
            return;
        }
        let errno = entry.errno;
        self.errors.push_back(entry);
        let queued = self.errors.len() as u32;
        cx.emit(EventKind::ErrorQueued {
            sock,
            errno,
            queued,
        });
    }
}

impl Kernel {
    /// `__udp4_lib_err()`, `__udp6_lib_err()`: an error about a datagram of this host. A connected socket learns of one that
    /// will not pass; any socket that asked for it (IP_RECVERR) of every one.
    pub(crate) fn udp_error(
        &mut self,
        cx: &mut Cx,
        packet: PacketId,
        offender: IpAddr,
        error: &Error,
    ) {
        let Some(sock) = self.udp_endpoint(error.about.from, error.about.to) else {
            let (sock, because) = (None, Rule::IcmpStray);
            cx.emit(EventKind::SegmentIgnored {
                packet,
                sock,
                because,
            });
            return;
        };
        let (errno, fatal) = icmp::errno_of(error);
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let buffer = socket.receive_buffer(&self.sysctl);
        let connected = socket.remote.is_some();
        let keeps = keeps_errors(socket, error.is_v6());
        let Some(udp) = socket.udp_mut() else { return };
        if keeps {
            let payload = match &error.about.carried {
                Carried::Udp(data) => data.clone(),
                Carried::Tcp(_) | Carried::Echo(_) => Rc::from([]),
            };
            let entry = QueuedError {
                errno,
                origin: if error.is_v6() { ICMP6 } else { ICMP },
                ty: error.ty,
                code: error.code,
                info: error.mtu,
                offender: Some(offender),
                arrived_at: Some(error.about.from.address()),
                to: error.about.to,
                payload,
            };
            udp.queue_error(cx, sock, entry, buffer);
        } else if !fatal || !connected {
            let (sock, because) = (Some(sock), Rule::IcmpNotTold);
            cx.emit(EventKind::SegmentIgnored {
                packet,
                sock,
                because,
            });
            return;
        }
        socket.note_error(cx, sock, errno, Rule::IcmpError);
        self.wake(cx, sock, Rule::Readiness);
    }

    /// `ip_local_error()`: the datagram is too long for any packet; who asked for it finds that in the error queue.
    pub(crate) fn udp_too_long(&mut self, cx: &mut Cx, sock: SockId, to: SocketAddr) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let buffer = socket.receive_buffer(&self.sysctl);
        if !keeps_errors(socket, to.is_ipv6()) {
            return;
        }
        let (mut to, mut mtu) = (to, 65_536);
        if to.is_ipv4() {
            // Over IPv4 the port is the peer's, whatever the call named.
            to.set_port(socket.remote.map_or(0, |peer| peer.port_number()));
            mtu = 65_535;
        }
        let Some(udp) = socket.udp_mut() else { return };
        let entry = QueuedError {
            errno: Errno::EMSGSIZE,
            origin: LOCAL,
            ty: 0,
            code: 0,
            info: mtu,
            offender: None,
            arrived_at: None,
            to,
            payload: Rc::from([]),
        };
        udp.queue_error(cx, sock, entry, buffer);
        self.wake(cx, sock, Rule::Readiness);
    }

    /// `ip_recv_error()`: the oldest entry of the error queue. The pending error is then that of the next entry, or none.
    ///
    /// Errors: EAGAIN if the queue is empty; it never waits.
    pub(crate) fn udp_take_error(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        want: Receive,
    ) -> Result<Received, Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let udp = socket.udp_mut().ok_or(Errno::EBADF)?;
        let entry = udp.errors.pop_front().ok_or(Errno::EAGAIN)?;
        let of_icmp = |e: &QueuedError| e.origin != LOCAL;
        let next = udp.errors.front().filter(|e| of_icmp(e)).map(|e| e.errno);
        if next.is_some() {
            socket.error = next;
            // sk_error_report()
            cx.ready(Source::Socket(sock), POLLERR);
        } else if of_icmp(&entry) {
            socket.take_error(cx, sock);
        }
        let len = entry.payload.len() as u64;
        let copied = want.len.min(len);
        if copied > want.room {
            return Err(Errno::EFAULT.into());
        }
        let cut = if copied < len { MSG_TRUNC } else { 0 };
        let mut got = Received {
            data: entry.payload[..copied as usize].to_vec(),
            len: copied,
            name: sockaddr::encode(socket.as_seen(entry.to)),
            flags: MSG_ERRQUEUE | cut,
            ..Received::default()
        };
        if let Some(IpAddr::V4(to)) = entry.arrived_at {
            put_ip_control(
                &mut got,
                &want,
                socket,
                [Ipv4Addr::UNSPECIFIED, to],
                icmp::TTL,
            );
        }
        let (level, ty) = match socket.family {
            Family::Inet => (IPPROTO_IP, IP_RECVERR),
            Family::Inet6 => (IPPROTO_IPV6, IPV6_RECVERR),
        };
        got.put_control(&want, level, ty, &entry.encode(socket));
        Ok(got)
    }
}

impl QueuedError {
    /// `struct sock_extended_err` and the address of who sent the error.
    fn encode(&self, socket: &Socket) -> Vec<u8> {
        let mut bytes = (self.errno.number() as u32).to_le_bytes().to_vec();
        bytes.extend_from_slice(&[self.origin, self.ty, self.code, 0]);
        bytes.extend_from_slice(&self.info.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        match self.offender {
            Some(ip) => bytes.extend(sockaddr::encode(socket.as_seen(SocketAddr::new(ip, 0)))),
            None => bytes.resize(bytes.len() + offender_len(socket), 0),
        }
        bytes
    }
}

fn offender_len(socket: &Socket) -> usize {
    match socket.family {
        Family::Inet => sockaddr::SOCKADDR_IN_LEN,
        Family::Inet6 => sockaddr::SOCKADDR_IN6_LEN,
    }
}
