//! Messages with boundaries: SOCK_DGRAM and SOCK_SEQPACKET. `unix_dgram_sendmsg()`, `__unix_dgram_recvmsg()`,
//! `unix_dgram_connect()`.

use crate::abi::constants::{
    AF_UNSPEC, MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, POLLOUT, POLLWRBAND, POLLWRNORM,
};
use crate::abi::{Errno, Reply};
use crate::base::{Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::epoll::Source;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::syscall::{Answer, Found, Received, Stop, received};
use crate::kernel::task::{Blocked, Outgoing, Receive};
use crate::kernel::unix::message::{wait_for_room, whole};
use crate::kernel::unix::names::path_of;
use crate::kernel::unix::{Kind, SEND_BUFFER, State, paired};

impl Kernel {
    /// Begins to send: what can be said before memory is taken.
    pub(super) fn datagram_send(&mut self, cx: &mut Cx, found: Found, out: Outgoing) -> Answer {
        if out.flags & MSG_OOB != 0 {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if let Some(addr) = &out.to {
            path_of(addr)?;
        }
        if out.data.len() as u64 > u64::from(SEND_BUFFER) - 32 {
            return Err(Errno::EMSGSIZE.into());
        }
        self.datagram_allocate(cx, found, out)
    }

    /// Takes memory for the message.
    pub(super) fn datagram_allocate(&mut self, cx: &mut Cx, found: Found, out: Outgoing) -> Answer {
        self.send_memory(cx, found, &out)?;
        self.check_in_flight(&out.rights)?;
        if out.fault {
            self.write_space(cx, found.sock);
            return Err(Errno::EFAULT.into());
        }
        self.datagram_place(cx, found, out)
    }

    /// Sends what has its memory.
    pub(super) fn datagram_place(&mut self, cx: &mut Cx, found: Found, out: Outgoing) -> Answer {
        let sock = found.sock;
        let answer = self.datagram_deliver(cx, found, out);
        if let Err(Stop::Errno(_)) = answer {
            self.write_space(cx, sock);
        }
        answer
    }

    /// Finds out whom it is for, and puts it into that one's queue, if it takes it.
    fn datagram_deliver(&mut self, cx: &mut Cx, found: Found, out: Outgoing) -> Answer {
        let sock = found.sock;
        let unix = self.unix(sock).ok_or(Errno::EBADF)?;
        let (kind, pid) = (unix.kind, self.caller(cx)?);
        let to = match &out.to {
            Some(addr) => self.find_unix(pid, kind, path_of(addr)?)?,
            None => unix.peer.ok_or(Errno::ENOTCONN)?,
        };
        let Some((other, other_unix)) = self.sockets.get(to).and_then(|s| Some((s, s.unix()?)))
        else {
            // The peer has been closed. A datagram socket learns it here, and here alone.
            if kind == Kind::Seqpacket {
                return Err(Errno::EPIPE.into());
            }
            self.set_peer(cx, sock, None, Rule::PeerGone);
            return Err(Errno::ECONNREFUSED.into());
        };
        // unix_may_send()
        if other_unix.peer.is_some_and(|peer| peer != sock) {
            return Err(Errno::EPERM.into());
        }
        if other.receive_shutdown {
            return Err(Errno::EPIPE.into());
        }
        if self.peer_is_full(sock, to) {
            if out.flags & MSG_DONTWAIT != 0 && unix.peer == Some(to) {
                self.peer_wake_me(sock);
            }
            return Err(wait_for_room(found, to, &out));
        }
        let len = out.data.len() as u32;
        self.enqueue(cx, (sock, to), out.data, whole(len), out.rights);
        Ok(Reply::ok(len.into()))
    }

    /// Receives one message; what does not fit is lost.
    pub(super) fn datagram_receive(&mut self, cx: &mut Cx, found: Found, want: Receive) -> Answer {
        let Found { file, sock, .. } = found;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let unix = socket.unix().ok_or(Errno::EBADF)?;
        let seqpacket = unix.kind == Kind::Seqpacket;
        if seqpacket && unix.state != State::Connected {
            return Err(Errno::ENOTCONN.into());
        }
        if want.flags & MSG_OOB != 0 {
            return Err(Errno::EOPNOTSUPP.into());
        }
        // A pending error comes before what is queued.
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        let shut = socket.receive_shutdown;
        let peek = want.flags & MSG_PEEK != 0;
        let Some(unix) = self.unix_mut(sock) else {
            return Err(Errno::EBADF.into());
        };
        let message = match peek {
            true => unix.queue.front().cloned(),
            false => unix.queue.pop_front(),
        };
        let Some(message) = message else {
            return match want.flags & MSG_DONTWAIT != 0 {
                // A datagram socket that is shut tells it only to who would wait.
                true if !(shut && seqpacket) => Err(Errno::EAGAIN.into()),
                false if !shut => {
                    let got = Vec::new();
                    let blocked = Blocked::Receive {
                        file,
                        sock,
                        want,
                        got,
                    };
                    Err(blocked.into())
                }
                true | false => received(Received::default(), &want),
            };
        };
        let len = message.data.len() as u32;
        let copied = usize::try_from(want.len).map_or(len as usize, |room| room.min(len as usize));
        if !peek {
            let queued = unix.unread();
            cx.emit(EventKind::DataRead { sock, len, queued });
            let lost = len - copied as u32;
            if lost > 0 {
                cx.emit(EventKind::DataDiscarded {
                    sock,
                    len: lost,
                    because: Rule::MessageTruncated,
                });
            }
            self.free_memory(cx, &message);
            // Who waits for room in this queue: wake_up(peer_wait).
            self.wake(cx, sock, Rule::Readiness);
        }
        self.wake_first_in_line(cx, sock);
        self.tell_senders(cx, sock);
        if copied as u64 > want.room {
            // The message is lost all the same.
            if !peek {
                Kernel::drop_rights(cx, sock, &message.rights, Rule::CopyFailed);
            }
            return Err(Errno::EFAULT.into());
        }
        let name = Kernel::sender(&message);
        let returned = match want.flags & MSG_TRUNC != 0 {
            true => u64::from(len),
            false => copied as u64,
        };
        let mut got = message.data;
        got.truncate(copied);
        let flags = if copied < len as usize { MSG_TRUNC } else { 0 };
        let mut got = Received {
            data: got,
            len: returned,
            name,
            flags,
            ..Received::default()
        };
        self.take_rights(cx, sock, message.rights, &want, &mut got);
        received(got, &want)
    }

    /// connect(2) of a datagram socket: whom it sends to, and from whom alone it takes.
    pub(super) fn datagram_connect(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        sock: SockId,
        addr: &[u8],
    ) -> Answer {
        if addr.first_chunk() == Some(&(AF_UNSPEC as u16).to_le_bytes()) {
            self.set_peer(cx, sock, None, Rule::Disconnect);
            return Ok(Reply::ok(0));
        }
        let path = path_of(addr)?;
        let to = self.find_unix(pid, Kind::Datagram, path)?;
        let other = self.unix_mut(to).ok_or(Errno::ECONNREFUSED)?;
        if other.peer.is_some_and(|peer| peer != sock) {
            return Err(Errno::EPERM.into());
        }
        other.state = State::Connected;
        self.set_peer(cx, sock, Some(to), Rule::UnixDatagramConnect);
        Ok(Reply::ok(0))
    }

    /// Gives a datagram socket another peer. What it had received so far was the old one's and is thrown away
    /// (`unix_dgram_disconnected()`).
    pub(super) fn set_peer(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        to: Option<SockId>,
        because: Rule,
    ) {
        let Some(unix) = self.unix_mut(sock) else {
            return;
        };
        let old = std::mem::replace(&mut unix.peer, to);
        unix.peer_name = None;
        unix.peer_wake = None;
        unix.state = match to {
            Some(_) => State::Connected,
            None if old.is_some() => State::Unconnected,
            None => unix.state,
        };
        if let Some(to) = to {
            cx.emit(paired(sock, to, because));
        }
        if old.is_some() {
            // unix_dgram_peer_wake_disconnect_wakeup(): who could not write to the old peer looks again.
            let key = POLLOUT | POLLWRNORM | POLLWRBAND;
            cx.ready(Source::Socket(sock), key);
        }
        let Some(old) = old.filter(|old| to != Some(*old)) else {
            return;
        };
        let had_messages = self.unix(sock).is_some_and(|u| !u.queue.is_empty());
        cx.emit(EventKind::Unpaired {
            sock,
            peer: old,
            because,
        });
        self.purge(cx, sock, because);
        if let Some(other) = self.sockets.get_mut(old) {
            let mutual = other.unix().is_some_and(|u| u.peer == Some(sock));
            if mutual && had_messages {
                other.note_error(cx, old, Errno::ECONNRESET, Rule::PeerGone);
            }
            if let Some(unix) = other.unix_mut()
                && unix.peer.is_none()
            {
                unix.state = State::Unconnected;
            }
        }
        self.wake(cx, old, because);
        self.wake(cx, sock, because);
    }
}
