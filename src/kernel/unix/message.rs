//! What is sent: into the peer's receive queue, and out of it again; sendto(2) and recvfrom(2) as far as the types
//! have them in common.

use crate::abi::constants::{
    MSG_CMSG_CLOEXEC, MSG_CONFIRM, MSG_DONTROUTE, MSG_DONTWAIT, MSG_EOR, MSG_ERRQUEUE, MSG_MORE,
    MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL,
};
use crate::abi::{Errno, Reply};
use crate::base::{FileId, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::syscall::{self, Answer, Found, Stop};
use crate::kernel::task::{Blocked, Outgoing, Receive};
use crate::kernel::unix::{Kind, Message, SEND_BUFFER, State, check_flags, names};

const SEND_FLAGS: i32 =
    MSG_DONTWAIT | MSG_NOSIGNAL | MSG_OOB | MSG_EOR | MSG_MORE | MSG_CONFIRM | MSG_DONTROUTE;
const RECEIVE_FLAGS: i32 = MSG_DONTWAIT
    | MSG_NOSIGNAL
    | MSG_PEEK
    | MSG_WAITALL
    | MSG_OOB
    | MSG_TRUNC
    | MSG_ERRQUEUE
    | MSG_CMSG_CLOEXEC;

/// Size of `struct sk_buff`, of `struct skb_shared_info`, and of a page.
const SK_BUFF: u32 = 256;
const SHARED_INFO: u32 = 320;
const PAGE: u32 = 4_096;

/// The memory of a message (`SKB_TRUESIZE()`): `head` octets in one piece, which `kmalloc()` rounds up, and the rest
/// in pages.
fn truesize(head: u32, pages: u32) -> u32 {
    let head = (head.next_multiple_of(64) + SHARED_INFO).next_power_of_two();
    SK_BUFF + head.max(512) + pages.next_multiple_of(PAGE)
}

/// `unix_stream_sendmsg()`: how much of `left` octets makes the next piece, and its memory.
pub(super) fn piece(left: u64) -> (u32, u32) {
    const HEAD: u32 = PAGE - SHARED_INFO;
    let most = (SEND_BUFFER / 2 - 64).min(HEAD + 32_768);
    let size = u32::try_from(left).unwrap_or(u32::MAX).min(most);
    let pages = size.saturating_sub(HEAD).next_multiple_of(PAGE).min(size);
    (size, truesize(size - pages, pages))
}

/// `unix_dgram_sendmsg()`: the memory of a message.
pub(super) fn whole(len: u32) -> u32 {
    const HEAD: u32 = 4 * PAGE - SHARED_INFO;
    const MOST_PAGES: u32 = 17 * PAGE;
    let pages = len
        .saturating_sub(HEAD)
        .min(MOST_PAGES)
        .next_multiple_of(PAGE);
    truesize(len - pages, pages)
}

/// What a send call answers that stops early: what went, or why nothing did.
pub(super) fn sent_or(sent: u64, otherwise: impl Into<Stop>) -> Answer {
    if sent > 0 {
        return Ok(Reply::ok(sent));
    }
    Err(otherwise.into())
}

impl Kernel {
    /// Sends, by the rules of the socket's type.
    pub(crate) fn unix_send(
        &mut self,
        cx: &mut Cx,
        found: Found,
        message: syscall::Message,
    ) -> Answer {
        check_flags(message.flags, SEND_FLAGS)?;
        let kind = self.unix(found.sock).ok_or(Errno::EBADF)?.kind;
        if kind == Kind::Seqpacket {
            self.may_send_packet(cx, found.sock)?;
        }
        let pid = self.caller(cx)?;
        let rights = self.rights_in(pid, &message.control)?;
        let out = Outgoing {
            data: message.data,
            fault: message.fault,
            sent: 0,
            rights,
            // An address of no octets is none; unix_seqpacket_sendmsg() ignores any.
            to: message
                .name
                .filter(|name| !name.is_empty() && kind != Kind::Seqpacket),
            flags: message.flags,
        };
        match kind {
            Kind::Stream => self.stream_send(cx, found, out),
            Kind::Datagram | Kind::Seqpacket => self.datagram_send(cx, found, out),
        }
    }

    /// `unix_seqpacket_sendmsg()`: what it says before anything of the message is looked at.
    fn may_send_packet(&mut self, cx: &mut Cx, sock: SockId) -> Result<(), Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        match socket.unix().is_some_and(|u| u.state == State::Connected) {
            true => Ok(()),
            false => Err(Errno::ENOTCONN.into()),
        }
    }

    /// Why a send call stops: EPIPE, and SIGPIPE unless it is not wanted.
    pub(super) fn no_reader(&mut self, cx: &mut Cx, flags: i32) -> Stop {
        match self.caller(cx) {
            Ok(pid) if flags & MSG_NOSIGNAL == 0 => self.broken_pipe(cx, pid),
            Ok(_) | Err(_) => Errno::EPIPE.into(),
        }
    }

    /// Goes on with a call that slept until there was room.
    pub(crate) fn unix_send_on(
        &mut self,
        cx: &mut Cx,
        found: Found,
        on: SockId,
        out: Outgoing,
    ) -> Answer {
        let kind = self.unix(found.sock).ok_or(Errno::EBADF)?.kind;
        match kind {
            Kind::Stream => self.stream_send_rest(cx, found, out),
            Kind::Datagram | Kind::Seqpacket if on == found.sock => {
                self.datagram_allocate(cx, found, out)
            }
            Kind::Datagram | Kind::Seqpacket => {
                // Who was waited for is gone; if that was the peer, it is one no more, whatever address the message has.
                let unix = self.unix(found.sock).ok_or(Errno::EBADF)?;
                if kind == Kind::Datagram && unix.peer == Some(on) && self.unix(on).is_none() {
                    self.set_peer(cx, found.sock, None, Rule::PeerGone);
                    self.write_space(cx, found.sock);
                    return Err(Errno::ECONNREFUSED.into());
                }
                self.datagram_place(cx, found, out)
            }
        }
    }

    /// Receives, by the rules of the socket's type.
    pub(crate) fn unix_receive(
        &mut self,
        cx: &mut Cx,
        found: Found,
        want: Receive,
        got: Vec<u8>,
    ) -> Answer {
        check_flags(want.flags, RECEIVE_FLAGS)?;
        let kind = self.unix(found.sock).ok_or(Errno::EBADF)?.kind;
        match kind {
            Kind::Stream => self.stream_receive(cx, found, want, got),
            Kind::Datagram | Kind::Seqpacket => self.datagram_receive(cx, found, want),
        }
    }

    /// `sock_alloc_send_pskb()`: memory for a message, or why there is none. The errors of this place come without
    /// SIGPIPE. A buffer that is not full yet takes a message of any size.
    pub(super) fn send_memory(
        &mut self,
        cx: &mut Cx,
        found: Found,
        out: &Outgoing,
    ) -> Result<(), Stop> {
        let sock = found.sock;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        if socket.send_shutdown {
            return Err(Errno::EPIPE.into());
        }
        if socket.unix().is_none_or(|u| u.sent_memory < SEND_BUFFER) {
            return Ok(());
        }
        Err(wait_for_room(found, sock, out))
    }

    /// `skb_queue_tail()`: a message joins the receive queue of `to`.
    pub(super) fn enqueue(
        &mut self,
        cx: &mut Cx,
        (from, to): (SockId, SockId),
        data: Vec<u8>,
        truesize: u32,
        rights: Vec<FileId>,
    ) {
        let mut name = None;
        if let Some(unix) = self.unix_mut(from) {
            unix.sent_memory += truesize;
            name = unix.name.clone();
        }
        let len = data.len() as u32;
        let Some(unix) = self.unix_mut(to) else {
            return;
        };
        unix.queue.push_back(Message {
            from,
            name,
            data,
            read: 0,
            truesize,
            rights: rights.clone(),
        });
        let (queued, messages) = (unix.unread(), unix.queue.len() as u32);
        cx.emit(EventKind::MessageQueued {
            sock: to,
            len,
            queued,
            messages,
        });
        self.send_rights(cx, to, &rights);
        self.wake(cx, to, Rule::Readiness);
    }

    /// `sock_wfree()`: a message is gone, and its sender has its memory back.
    pub(super) fn free_memory(&mut self, cx: &mut Cx, message: &Message) {
        if let Some(unix) = self.unix_mut(message.from) {
            unix.sent_memory -= message.truesize;
            self.write_space(cx, message.from);
        }
    }

    /// `unix_write_space()`: also said when a call took memory for a message and then could not send it.
    pub(super) fn write_space(&mut self, cx: &mut Cx, sock: SockId) {
        if self.unix(sock).is_some_and(|unix| unix.is_writable()) {
            cx.memory_is_back(sock);
            self.wake(cx, sock, Rule::Readiness);
        }
    }

    /// `skb_queue_purge()`: nobody will read what is queued.
    pub(super) fn purge(&mut self, cx: &mut Cx, sock: SockId, because: Rule) {
        let Some(unix) = self.unix_mut(sock) else {
            return;
        };
        let len = unix.unread();
        let queue = std::mem::take(&mut unix.queue);
        if queue.is_empty() {
            return;
        }
        cx.emit(EventKind::DataDiscarded { sock, len, because });
        for message in &queue {
            Kernel::drop_rights(cx, sock, &message.rights, because);
            self.free_memory(cx, message);
        }
        self.wake(cx, sock, because);
    }

    /// A message's sender, as recvfrom(2) tells it: nothing at all if that has no name.
    pub(super) fn sender(message: &Message) -> Vec<u8> {
        match &message.name {
            Some(name) => names::encode(Some(name)),
            None => Vec::new(),
        }
    }
}

/// The call sleeps until there is room at `on`, or answers EAGAIN.
pub(super) fn wait_for_room(found: Found, on: SockId, out: &Outgoing) -> Stop {
    if out.flags & MSG_DONTWAIT != 0 {
        return Errno::EAGAIN.into();
    }
    let out = Box::new(out.clone());
    let Found { file, sock, .. } = found;
    Blocked::UnixSend {
        file,
        sock,
        on,
        out,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What SIOCOUTQ said on Linux 6.18, x86-64.
    #[test]
    fn memory_is_counted_as_linux_does() {
        let datagrams = [
            (0, 768),
            (192, 768),
            (193, 1_280),
            (704, 1_280),
            (705, 2_304),
            (3_776, 4_352),
            (3_777, 8_448),
            (16_064, 16_640),
            (16_065, 20_736),
            (24_257, 28_928),
            (40_000, 41_216),
            (106_432, 135_424),
            (150_000, 200_960),
            (212_960, 332_032),
        ];
        for (len, memory) in datagrams {
            assert_eq!(whole(len), memory, "{len}");
        }
        let pieces = [
            (1, 768),
            (3_776, 4_352),
            (3_777, 4_864),
            (5_000, 6_400),
            (8_000, 8_960),
            (10_000, 12_544),
            (12_000, 13_056),
            (32_768, 33_536),
            (36_544, 37_120),
        ];
        for (len, memory) in pieces {
            assert_eq!(piece(len), (len as u32, memory));
        }
        assert_eq!(piece(40_000), (36_544, 37_120));
    }
}
