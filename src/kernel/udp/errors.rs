//! ICMP errors and the error queue: `__udp4_lib_err()`, `ip_recv_error()`.

use super::receive::Taken;
use super::{Udp, receive_buffer};
use crate::abi::Errno;
use crate::base::{PacketId, SockId};
use crate::kernel::event::EventKind;
use crate::kernel::icmp;
use crate::kernel::rule::Rule;
use crate::kernel::syscall::Stop;
use crate::kernel::task::Receive;
use crate::kernel::{Cx, Kernel};
use crate::packet::icmp::{Carried, Error};
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

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
    /// Where the datagram was to go.
    pub to: SocketAddr,
    /// What is known of its data.
    pub payload: Rc<[u8]>,
}

impl Udp {
    /// Whether errors of that version of IP go to the error queue.
    fn keeps_errors(&self, v6: bool) -> bool {
        if v6 { self.recverr6 } else { self.recverr }
    }

    /// `sock_queue_err_skb()`: an entry that finds no room is lost.
    fn queue_error(&mut self, cx: &mut Cx, sock: SockId, entry: QueuedError, buffer: u32) {
        let truesize = |e: &QueuedError| super::truesize(e.to.ip(), e.payload.len() as u32);
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
        let buffer = receive_buffer(socket);
        let connected = socket.remote.is_some();
        let Some(udp) = socket.udp_mut() else { return };
        if udp.keeps_errors(error.is_v6()) {
            let payload = match &error.about.carried {
                Carried::Udp(data) => data.clone(),
                Carried::Tcp(_) | Carried::Echo(_) => Rc::from([]),
            };
            let entry = QueuedError {
                errno,
                origin: if error.is_v6() { 3 } else { 2 },
                ty: error.ty,
                code: error.code,
                info: error.mtu,
                offender: Some(offender),
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
        let buffer = receive_buffer(socket);
        let Some(udp) = socket.udp_mut() else { return };
        if !udp.keeps_errors(to.is_ipv6()) {
            return;
        }
        let entry = QueuedError {
            errno: Errno::EMSGSIZE,
            origin: 1,
            ty: 0,
            code: 0,
            info: 65_536,
            offender: None,
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
    ) -> Result<(Taken, QueuedError), Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let udp = socket.udp_mut().ok_or(Errno::EBADF)?;
        let entry = udp.errors.pop_front().ok_or(Errno::EAGAIN)?;
        let of_icmp = |e: &QueuedError| e.origin != 1;
        let next = udp.errors.front().filter(|e| of_icmp(e)).map(|e| e.errno);
        if next.is_some() {
            socket.error = next;
        } else if of_icmp(&entry) {
            socket.take_error(cx, sock);
        }
        let copied = want.len.min(entry.payload.len() as u64);
        if copied > 0 && !want.writable {
            return Err(Errno::EFAULT.into());
        }
        let taken = Taken {
            bytes: entry.payload[..copied as usize].to_vec(),
            len: copied,
            name: Some(socket.as_seen(entry.to)),
        };
        Ok((taken, entry))
    }
}
