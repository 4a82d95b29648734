//! Taking datagrams: `udp_recvmsg()`, `datagram_poll()`.

use super::receive_buffer;
use crate::abi::constants::{
    MSG_DONTWAIT, MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP,
    POLLRDNORM, POLLWRBAND, POLLWRNORM,
};
use crate::abi::{Errno, Reply};
use crate::base::{FileId, SockId};
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::syscall::address::to_user;
use crate::kernel::syscall::{Answer, Stop};
use crate::kernel::task::{Blocked, Progress, Receive};
use crate::kernel::{Cx, Kernel};
use std::net::SocketAddr;

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

/// What a receive call brings: a datagram, as much of it as fits, and who sent it.
pub(crate) struct Taken {
    /// What fits into the program's buffer.
    pub(crate) bytes: Vec<u8>,
    /// Octets of the whole datagram.
    pub(crate) len: u64,
    /// Its sender, or of an error queue's entry: where the datagram was to go.
    pub(crate) name: Option<SocketAddr>,
}

impl Kernel {
    /// recvfrom(2) and its like on a UDP socket.
    pub(crate) fn udp_recvfrom(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        sock: SockId,
        want: Receive,
    ) -> Answer {
        let taken = if want.flags & MSG_ERRQUEUE != 0 {
            self.udp_take_error(cx, sock, want)?.0
        } else {
            match self.udp_take(cx, sock, want)? {
                Some(taken) => taken,
                None if want.flags & MSG_DONTWAIT != 0 => return Err(Errno::EAGAIN.into()),
                // The program shut the receiving side: the end of what will be waited for.
                None if self.sockets.get(sock).is_some_and(|s| s.receive_shutdown) => Taken {
                    bytes: Vec::new(),
                    len: 0,
                    name: None,
                },
                None => {
                    let blocked = Blocked::Receive {
                        file,
                        sock,
                        want,
                        got: Vec::new(),
                    };
                    return Err(Progress::Waiting(blocked).into());
                }
            }
        };
        let told = if want.flags & MSG_TRUNC != 0 {
            taken.len
        } else {
            taken.bytes.len() as u64
        };
        let mut reply = Reply::ok(told);
        if !taken.bytes.is_empty() {
            reply = reply.with_write(want.arg, taken.bytes);
        }
        match want.from {
            Some(out) => to_user(reply, taken.name, out),
            None => Ok(reply),
        }
    }

    /// `__skb_recv_udp()` and the copy: a pending error comes before any datagram. A datagram that cannot be copied is
    /// lost, unless it was only peeked at.
    pub(crate) fn udp_take(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        want: Receive,
    ) -> Result<Option<Taken>, Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        let buffer = receive_buffer(socket);
        let peeked = want.flags & MSG_PEEK != 0;
        let udp = socket.udp_mut().ok_or(Errno::EBADF)?;
        let received = if peeked {
            udp.queue.front().cloned()
        } else {
            udp.take(buffer)
        };
        let Some(received) = received else {
            return Ok(None);
        };
        let len = received.payload.len() as u64;
        let copied = want.len.min(len);
        let queued = udp.queue.len() as u32;
        let (len32, copied32) = (len as u32, copied as u32);
        if copied > 0 && !want.writable {
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
        Ok(Some(Taken {
            bytes: received.payload[..copied as usize].to_vec(),
            len,
            name: Some(socket.as_seen(received.from)),
        }))
    }
}
