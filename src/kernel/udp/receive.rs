//! Taking datagrams: `udp_recvmsg()`, `datagram_poll()`.

use crate::abi::constants::{
    IP_PKTINFO, IP_TTL, IPPROTO_IP, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, POLLERR,
    POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM,
};
use crate::abi::{Errno, sockaddr};
use crate::base::{FileId, SockId};
use crate::kernel::event::EventKind;
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::syscall::message::{Received, received};
use crate::kernel::syscall::{Answer, Stop};
use crate::kernel::task::{Blocked, Receive};
use crate::kernel::{Cx, Kernel};
use std::net::{IpAddr, Ipv4Addr};

/// The number of the loopback device.
const LOOPBACK_DEVICE: i32 = 1;

/// Whether a receive call would not sleep.
pub(crate) fn can_receive(socket: &Socket) -> bool {
    socket.error.is_some()
        || socket.receive_shutdown
        || socket.udp().is_none_or(|udp| !udp.queue.is_empty())
}

/// `udp_poll()`.
pub(crate) fn readiness(socket: &Socket) -> i32 {
    // What is sent over loopback is received before send(2) returns: there is always room.
    let mut mask = POLLOUT | POLLWRNORM | POLLWRBAND;
    let Some(udp) = socket.udp() else { return mask };
    if socket.error.is_some() || !udp.errors.is_empty() {
        mask |= POLLERR;
    }
    if socket.receive_shutdown {
        mask |= POLLRDHUP | POLLIN | POLLRDNORM;
    }
    if socket.receive_shutdown && socket.send_shutdown {
        mask |= POLLHUP;
    }
    if !udp.queue.is_empty() {
        mask |= POLLIN | POLLRDNORM;
    }
    mask
}

impl Kernel {
    /// Every call that receives: `udp_recvmsg()`.
    pub(crate) fn udp_recvmsg(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        sock: SockId,
        want: Receive,
    ) -> Answer {
        if want.flags & MSG_ERRQUEUE != 0 {
            let got = self.udp_take_error(cx, sock, want)?;
            return received(got, &want);
        }
        let waits = want.flags & MSG_DONTWAIT == 0;
        match self.udp_take(cx, sock, want)? {
            Some(got) => received(got, &want),
            None if !waits => Err(Errno::EAGAIN.into()),
            // The program shut the receiving side: nothing is waited for.
            None if self.sockets.get(sock).is_some_and(|s| s.receive_shutdown) => {
                received(Received::default(), &want)
            }
            None => {
                let blocked = Blocked::Receive {
                    file,
                    sock,
                    want,
                    got: Vec::new(),
                };
                Err(blocked.into())
            }
        }
    }

    /// `__skb_recv_udp()` and the copy: a pending error comes before any datagram. A datagram that cannot be copied is
    /// lost, unless it was only peeked at.
    fn udp_take(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        want: Receive,
    ) -> Result<Option<Received>, Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        let buffer = socket.receive_buffer(&self.sysctl);
        let peeked = want.flags & MSG_PEEK != 0;
        let udp = socket.udp_mut().ok_or(Errno::EBADF)?;
        let datagram = if peeked {
            udp.queue.front().cloned()
        } else {
            udp.take(buffer)
        };
        let Some(datagram) = datagram else {
            return Ok(None);
        };
        let len = datagram.payload.len() as u64;
        let copied = want.len.min(len);
        let queued = udp.queue.len() as u32;
        let (len32, copied32) = (len as u32, copied as u32);
        if copied > want.room {
            if !peeked {
                udp.drops += 1;
                let because = Rule::CopyFailed;
                let len = len32;
                cx.emit(EventKind::DatagramDropped { sock, len, because });
            }
            return Err(Errno::EFAULT.into());
        }
        if !peeked {
            cx.emit(EventKind::DatagramRead {
                sock,
                len: len32,
                copied: copied32,
                queued,
            });
        }
        let flags = if copied < len { MSG_TRUNC } else { 0 };
        let mut got = Received {
            data: datagram.payload[..copied as usize].to_vec(),
            len: if want.flags & MSG_TRUNC != 0 {
                len
            } else {
                copied
            },
            name: sockaddr::encode(socket.as_seen(datagram.from)),
            flags,
            ..Received::default()
        };
        if let IpAddr::V4(to) = datagram.to {
            put_ip_control(&mut got, &want, socket, [to; 2], datagram.ttl);
        }
        Ok(Some(got))
    }
}

/// `ip_cmsg_recv()`: what the socket wants to know of a packet that came over IPv4. The addresses are the one to answer
/// from and the one in the packet's header.
pub(super) fn put_ip_control(
    got: &mut Received,
    want: &Receive,
    socket: &Socket,
    [from, to]: [Ipv4Addr; 2],
    ttl: u8,
) {
    if socket.options.on(Opt::PktInfo) {
        // struct in_pktinfo
        let info = [LOOPBACK_DEVICE.to_le_bytes(), from.octets(), to.octets()];
        got.put_control(want, IPPROTO_IP, IP_PKTINFO, &info.concat());
    }
    if socket.options.on(Opt::RecvTtl) {
        let ttl = i32::from(ttl).to_le_bytes();
        got.put_control(want, IPPROTO_IP, IP_TTL, &ttl);
    }
}
