//! Octets of a stream: `unix_stream_sendmsg()`, `unix_stream_read_generic()`.

use crate::abi::constants::{MSG_DONTWAIT, MSG_OOB, MSG_PEEK};
use crate::abi::{Errno, NotModelled, Reply};
use crate::base::{FileId, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::syscall::{Answer, Found, Received, Stop, received};
use crate::kernel::task::{Blocked, Outgoing, Receive};
use crate::kernel::unix::message::{piece, sent_or};
use crate::kernel::unix::{State, names};

impl Kernel {
    /// Begins to send.
    pub(super) fn stream_send(&mut self, cx: &mut Cx, found: Found, out: Outgoing) -> Answer {
        if out.flags & MSG_OOB != 0 {
            // CONFIG_AF_UNIX_OOB: the last octet would be urgent.
            return Err(match out.data.len() {
                0 if !out.fault => Errno::EOPNOTSUPP.into(),
                _ => NotModelled::MessageFlags { flags: MSG_OOB }.into(),
            });
        }
        let socket = self.sockets.get(found.sock).ok_or(Errno::EBADF)?;
        let unix = socket.unix().ok_or(Errno::EBADF)?;
        if out.to.is_some() {
            return Err(match unix.state {
                State::Connected => Errno::EISCONN.into(),
                State::Unconnected | State::Listening => Errno::EOPNOTSUPP.into(),
            });
        }
        if unix.peer.is_none() {
            return Err(Errno::ENOTCONN.into());
        }
        if socket.send_shutdown {
            return Err(self.no_reader(cx, out.flags));
        }
        self.stream_send_rest(cx, found, out)
    }

    /// Sends piece by piece, and sleeps while what it sent before takes all its memory.
    pub(super) fn stream_send_rest(
        &mut self,
        cx: &mut Cx,
        found: Found,
        mut out: Outgoing,
    ) -> Answer {
        let sock = found.sock;
        // What cannot be read fails as a whole.
        let len = out.data.len() as u64 + u64::from(out.fault);
        while out.sent < len {
            match self.send_memory(cx, found, &out) {
                Ok(()) => {}
                Err(Stop::Errno(errno)) => return sent_or(out.sent, errno),
                Err(stop) => return Err(stop),
            }
            self.check_in_flight(&out.rights)?;
            if out.fault {
                self.write_space(cx, sock);
                return Err(Errno::EFAULT.into());
            }
            let (size, truesize) = piece(len - out.sent);
            let data = out.data[out.sent as usize..][..size as usize].to_vec();
            let peer = self.unix(sock).and_then(|u| u.peer);
            let takes = |s: &SockId| self.sockets.get(*s).is_some_and(|s| !s.receive_shutdown);
            let Some(peer) = peer.filter(takes) else {
                self.write_space(cx, sock);
                if out.sent > 0 {
                    return Ok(Reply::ok(out.sent));
                }
                return Err(self.no_reader(cx, out.flags));
            };
            // They go with the first piece.
            let rights = std::mem::take(&mut out.rights);
            self.enqueue(cx, (sock, peer), data, truesize, rights);
            out.sent += u64::from(size);
        }
        Ok(Reply::ok(out.sent))
    }

    /// Receives: what is there, across the pieces in which it was sent, or the reason why nothing is, or sleep.
    pub(super) fn stream_receive(
        &mut self,
        cx: &mut Cx,
        found: Found,
        want: Receive,
        mut got: Vec<u8>,
    ) -> Answer {
        let Found { file, sock, .. } = found;
        let unix = self.unix(sock).ok_or(Errno::EBADF)?;
        // MSG_OOB: nobody has sent urgent data, since sending it is not modelled.
        if unix.state != State::Connected || want.flags & MSG_OOB != 0 {
            return Err(Errno::EINVAL.into());
        }
        let had_data = !unix.queue.is_empty();
        let end = want.len.min(got.len() as u64 + u64::from(unix.unread()));
        if had_data && end > want.room {
            return Err(Errno::EFAULT.into());
        }
        let rights = self.stream_take(cx, sock, want, &mut got);
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let target = socket.receive_target(&want);
        // At least one octet. But what was found and not wanted, or only looked at, is enough.
        let only_looked = want.flags & MSG_PEEK != 0 || want.len == 0;
        let mut stop =
            got.len() as u64 >= target.max(1) || (had_data && only_looked) || !rights.is_empty();
        if !stop && let Some(errno) = socket.take_error(cx, sock) {
            if got.is_empty() {
                return Err(errno.into());
            }
            stop = true;
        }
        let shut = socket.receive_shutdown;
        // unix_copy_addr(), with each piece: all that can be read was sent by the peer.
        let told = had_data || !got.is_empty();
        let from = match self.unix(sock) {
            Some(unix) if had_data || (told && !want.unnamed) => self
                .unix_name(unix, true)
                .ok()
                .filter(|n| *n != names::encode(None)),
            Some(_) | None => None,
        };
        if !stop && !shut {
            if want.flags & MSG_DONTWAIT == 0 {
                let unnamed = told && from.is_none();
                let blocked = Blocked::Receive {
                    file,
                    sock,
                    want: Receive { unnamed, ..want },
                    got,
                };
                return Err(blocked.into());
            }
            if got.is_empty() {
                return Err(Errno::EAGAIN.into());
            }
        }
        let name = from.unwrap_or_default();
        let mut got = Received {
            name,
            ..Received::octets(got)
        };
        self.take_rights(cx, sock, rights, &want, &mut got);
        received(got, &want)
    }

    /// Moves octets to the program, and gives the files that came with them: no call goes on beyond a piece that has
    /// some. A piece's memory is given back when all of it has been read.
    fn stream_take(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        want: Receive,
        got: &mut Vec<u8>,
    ) -> Vec<FileId> {
        let before = got.len();
        let (mut read, mut rights) = (Vec::new(), Vec::new());
        let Some(unix) = self.unix_mut(sock) else {
            return rights;
        };
        let room = |got: &Vec<u8>| {
            let left = want.len.saturating_sub(got.len() as u64);
            usize::try_from(left).unwrap_or(usize::MAX)
        };
        if want.flags & MSG_PEEK != 0 {
            // Who looks goes on to the first piece that has some, even if that is beyond what is wanted.
            for message in &unix.queue {
                let rest = &message.data[message.read as usize..];
                got.extend_from_slice(&rest[..rest.len().min(room(got))]);
                if !message.rights.is_empty() {
                    return message.rights.clone();
                }
            }
            return rights;
        }
        // Once even if nothing is wanted.
        while let Some(message) = unix.queue.front_mut() {
            let rest = &message.data[message.read as usize..];
            let len = rest.len().min(room(got));
            got.extend_from_slice(&rest[..len]);
            message.read += len as u32;
            rights = std::mem::take(&mut message.rights);
            if (message.read as usize) < message.data.len() {
                break;
            }
            read.extend(unix.queue.pop_front());
            if room(got) == 0 || !rights.is_empty() {
                break;
            }
        }
        let (len, queued) = ((got.len() - before) as u32, unix.unread());
        if len > 0 {
            cx.emit(EventKind::DataRead { sock, len, queued });
        }
        for message in &read {
            self.free_memory(cx, message);
        }
        rights
    }
}
