//! Sending and receiving on a stream: `tcp_sendmsg()`, `tcp_recvmsg()`.

use super::address::from_user;
use super::message::{Message, Received, control_pieces, received};
use super::{Answer, Found};
use crate::abi::constants::{
    IPPROTO_TCP, MSG_DONTWAIT, MSG_EOR, MSG_ERRQUEUE, MSG_FASTOPEN, MSG_MORE, MSG_NOSIGNAL,
    MSG_OOB, MSG_PEEK, MSG_TRUNC, SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET,
};
use crate::abi::{Errno, NotModelled, Reply, UserIn, UserOut};
use crate::base::{FileId, Pid, SockId};
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::option::Opt;
use crate::kernel::poll::enough_to_read;
use crate::kernel::socket::Socket;
use crate::kernel::task::{AddrOut, Blocked, Receive};
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::{recv, urgent};
use crate::kernel::{Kernel, raw, udp};

/// Flags of send(2) that mean something to TCP and are not modelled; what is not named here is
/// implemented or means nothing to it.
const SEND_FLAGS_NOT_MODELLED: i32 = MSG_FASTOPEN;
/// MAX_RW_COUNT: no call moves more.
pub(super) const MAX_COUNT: u64 = 0x7fff_f000;

/// Whether a receive call would get further now: MSG_WAITALL, too, takes what comes piece by piece,
/// so that the window opens.
pub(super) fn can_receive(socket: &Socket, want: &Receive) -> bool {
    if let Some(unix) = socket.unix() {
        return Kernel::unix_can_receive(socket, unix);
    }
    if socket.udp().is_some() {
        return udp::can_receive(socket);
    }
    if socket.raw().is_some() {
        return raw::can_receive(socket);
    }
    // tcp_data_ready(): SO_RCVLOWAT octets wake, also those who have taken some already.
    enough_to_read(socket, 0) && octets_there(socket, want) > 0
        || socket.done
        || socket.error.is_some()
        || socket.receive_shutdown
        || socket.state() == TcpState::Closed
}

/// How many octets a call finds: one that looks only passes over the urgent octet and leaves it.
fn octets_there(socket: &Socket, want: &Receive) -> usize {
    let hole = want.len > 0 && want.flags & MSG_PEEK != 0 && socket.at_hole();
    let queue = socket.receive_queue.len();
    queue.saturating_sub(usize::from(hole))
}

/// Whether a send call would get further now.
pub(super) fn can_send(socket: &Socket) -> bool {
    match socket.state() {
        TcpState::SynSent | TcpState::SynReceived => false,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::Established
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::CloseWait
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => {
            socket.error.is_some()
                || socket.send_shutdown
                || socket.tcp.connection().is_none_or(|c| c.snd.writable())
        }
    }
}

impl Kernel {
    /// sendto(2); send(2) without an address.
    pub(super) fn sys_sendto(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        (buf, len): (&UserIn, u64),
        flags: i32,
        (addr, addrlen): (Option<&UserIn>, i32),
    ) -> Answer {
        let found = self.lookup(pid, fd)?;
        let mut message = Message::of_buffer(buf, len, flags);
        message.name = match addr {
            Some(addr) => Some(from_user(addr, addrlen)?),
            None => None,
        };
        self.send_message(cx, found, message)
    }

    /// `tcp_sendmsg()`: takes the bytes over and sends. A name is ignored: a stream has its peer.
    pub(super) fn tcp_sendmsg(&mut self, cx: &mut Cx, found: Found, message: Message) -> Answer {
        if message.flags & SEND_FLAGS_NOT_MODELLED != 0 {
            let flags = message.flags;
            return Err(NotModelled::MessageFlags { flags }.into());
        }
        let state = self.sockets.get(found.sock).ok_or(Errno::EBADF)?.state();
        let connected = matches!(state, TcpState::Established | TcpState::CloseWait);
        if connected {
            check_control(&message.control)?;
        }
        if message.fault || (!connected && check_control(&message.control).is_err()) {
            // sk_stream_wait_connect() comes before the control data and the data are looked at.
            self.check_can_send(cx, found.sock, message.flags)?;
            if matches!(state, TcpState::SynSent | TcpState::SynReceived) {
                if message.flags & MSG_DONTWAIT != 0 {
                    return Err(Errno::EAGAIN.into());
                }
                let call = "send of what cannot be sent in a handshake";
                return Err(NotModelled::Call { call }.into());
            }
            check_control(&message.control)?;
            return Err(Errno::EFAULT.into());
        }
        self.send(cx, found.file, found.sock, message.data, 0, message.flags)
    }

    /// The states in which `tcp_sendmsg()` fails.
    fn check_can_send(&mut self, cx: &mut Cx, sock: SockId, flags: i32) -> Result<(), super::Stop> {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if may_send(socket) {
            return Ok(());
        }
        // sk_stream_error(): a pending error comes first; EPIPE comes with SIGPIPE.
        let errno = socket.take_error(cx, sock).unwrap_or(Errno::EPIPE);
        if errno == Errno::EPIPE && flags & MSG_NOSIGNAL == 0 {
            let pid = cx.task.and_then(|tid| self.tasks.get(tid)).map(|t| t.pid);
            return Err(self.broken_pipe(cx, pid.unwrap_or(Pid(0))));
        }
        Err(errno.into())
    }

    /// Puts data into the send queue, from octet `sent` on; sleeps while the queue is full.
    pub(super) fn send(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        sock: SockId,
        data: Vec<u8>,
        sent: u64,
        flags: i32,
    ) -> Answer {
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if sent > 0 && !may_send(socket) {
            // The error stays for the next call.
            return Ok(Reply::ok(sent));
        }
        self.check_can_send(cx, sock, flags)?;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let unread = socket.receive_queue.len() as u32;
        let (mut sent, mut flush) = (sent, false);
        if socket.tcp.connection().is_some() {
            let ends = Ends::of(sock, socket);
            if let Some(c) = socket.tcp.connection_mut() {
                let rest = (&data[sent as usize..], sent > 0);
                let has = |flag| flags & flag != 0;
                let kind = (has(MSG_MORE), has(MSG_EOR), has(MSG_OOB));
                let (taken, pause) = output::write(c, &ends, unread, cx, rest, kind);
                sent += u64::from(taken);
                flush = pause;
            }
            self.reconcile(cx, sock);
            if sent == data.len() as u64 {
                return Ok(Reply::ok(sent));
            }
        }
        if let Some(socket) = self.sockets.get_mut(sock) {
            socket.no_space |= !flush;
        }
        if flush || flags & MSG_DONTWAIT == 0 {
            let blocked = Blocked::Send {
                file,
                sock,
                data,
                sent,
                flush,
                flags,
            };
            return Err(blocked.into());
        }
        if sent > 0 {
            Ok(Reply::ok(sent))
        } else {
            Err(Errno::EAGAIN.into())
        }
    }

    /// recvfrom(2); recv(2) without an address. A stream never writes the address.
    pub(super) fn sys_recvfrom(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        (buf, len): (UserOut, u64),
        flags: i32,
        from: Option<AddrOut>,
    ) -> Answer {
        let found = self.lookup(pid, fd)?;
        let mut want = Receive::into_buffer(buf, len, flags);
        want.from = from;
        self.receive_message(cx, found, want)
    }

    /// `tcp_recvmsg()`.
    pub(super) fn tcp_recvmsg(&mut self, cx: &mut Cx, found: Found, want: Receive) -> Answer {
        if want.flags & MSG_ERRQUEUE != 0 {
            return Err(Errno::EAGAIN.into());
        }
        self.receive(cx, found.file, found.sock, want, Vec::new())
    }

    /// `tcp_recvmsg_locked()`: what is there, or the reason why nothing is, or sleep.
    pub(super) fn receive(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        sock: SockId,
        want: Receive,
        mut got: Vec<u8>,
    ) -> Answer {
        if self.is_unix(sock) {
            return self.unix_receive(cx, Found::waiting(file, sock), want, got);
        }
        let first = got.is_empty();
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        if socket.udp().is_some() {
            return self.udp_recvmsg(cx, file, sock, want);
        }
        if socket.raw().is_some() {
            return self.raw_recvmsg(cx, file, sock, want);
        }
        if socket.tcp.listen().is_some() {
            return Err(Errno::ENOTCONN.into());
        }
        if want.flags & MSG_OOB != 0 {
            return self.receive_urgent(cx, sock, want);
        }
        // "Are we at urgent data? Stop if we have read anything."
        if socket.at_mark() && !first {
            return self.tcp_received(sock, got, want);
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if socket.at_hole() && want.len > 0 && want.flags & MSG_PEEK == 0 {
            let skipped = socket.receive_queue.pop_front();
            socket.read_past(u32::from(skipped.is_some()));
        }
        let there = octets_there(socket, &want);
        let had_data = there > 0;
        if had_data {
            let end = want.len.min((got.len() + there) as u64);
            if end > want.room && want.flags & MSG_TRUNC == 0 {
                return if first {
                    Err(Errno::EFAULT.into())
                } else {
                    self.tcp_received(sock, got, want)
                };
            }
            self.take_received(cx, sock, want, &mut got);
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let target = socket.receive_target(&want);
        if got.len() as u64 >= target.max(u64::from(!had_data && first)) {
            return self.tcp_received(sock, got, want);
        }
        if socket.at_mark() && !got.is_empty() {
            return self.tcp_received(sock, got, want);
        }
        let over = socket.done
            || socket.error.is_some()
            || socket.receive_shutdown
            || socket.state() == TcpState::Closed
            || want.flags & MSG_DONTWAIT != 0;
        if !over {
            let blocked = Blocked::Receive {
                file,
                sock,
                want,
                got,
            };
            return Err(blocked.into());
        }
        if !got.is_empty() || had_data {
            return self.tcp_received(sock, got, want);
        }
        self.nothing_received(cx, sock, want)
    }

    /// Why a receive call that found nothing does not sleep.
    fn nothing_received(&mut self, cx: &mut Cx, sock: SockId, want: Receive) -> Answer {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if socket.done {
            return self.tcp_received(sock, Vec::new(), want);
        }
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        if socket.receive_shutdown {
            return self.tcp_received(sock, Vec::new(), want);
        }
        if socket.state() == TcpState::Closed {
            return Err(Errno::ENOTCONN.into());
        }
        Err(Errno::EAGAIN.into())
    }

    /// The end of `tcp_recvmsg()`: with TCP_INQ, recvmsg(2) also tells what is left; the end of the stream counts as
    /// one octet (`tcp_inq_hint()`).
    pub(super) fn tcp_received(&self, sock: SockId, got: Vec<u8>, want: Receive) -> Answer {
        const TCP_CM_INQ: i32 = 36;
        let mut got = stream_octets(got, want);
        if let Some(socket) = self.sockets.get(sock).filter(|s| s.options.on(Opt::Inq)) {
            let left = socket.receive_queue.len() as i32 + i32::from(socket.done);
            got.put_control(&want, IPPROTO_TCP, TCP_CM_INQ, &left.to_le_bytes());
        }
        received(got, &want)
    }

    /// MSG_OOB: the urgent octet.
    fn receive_urgent(&mut self, cx: &mut Cx, sock: SockId, want: Receive) -> Answer {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let Some(octet) = urgent::take(socket, sock, cx, want.flags & MSG_PEEK != 0)? else {
            return Ok(Reply::ok(0));
        };
        if want.len > 0 && want.room == 0 && want.flags & MSG_TRUNC == 0 {
            return Err(Errno::EFAULT.into());
        }
        let one = usize::from(want.len > 0);
        let mut got = stream_octets(vec![octet; one], want);
        got.flags = MSG_OOB | if one == 0 { MSG_TRUNC } else { 0 };
        received(got, &want)
    }

    /// Moves octets from the receive queue to the program, and opens the window.
    fn take_received(&mut self, cx: &mut Cx, sock: SockId, want: Receive, got: &mut Vec<u8>) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let room = want.len.saturating_sub(got.len() as u64);
        let len = socket
            .receive_queue
            .len()
            .min(usize::try_from(room).unwrap_or(usize::MAX));
        // No call reads across the mark.
        let mark = socket.urgent.filter(|u| u.ahead > 0);
        let len = mark.map_or(len, |u| len.min(u.ahead as usize));
        if want.flags & MSG_PEEK != 0 {
            let hole = usize::from(socket.at_hole());
            let queued = socket.receive_queue.get(hole..).unwrap_or_default();
            got.extend_from_slice(&queued[..len.min(queued.len())]);
            return;
        }
        got.extend(socket.receive_queue.take_front(len));
        socket.read_past(len as u32);
        let (len, queued) = (len as u32, socket.receive_queue.len() as u32);
        if len == 0 {
            return;
        }
        cx.emit(EventKind::DataRead { sock, len, queued });
        if socket.tcp.connection().is_some() {
            let ends = Ends::of(sock, socket);
            if let Some(c) = socket.tcp.connection_mut() {
                recv::cleanup_rbuf(c, &ends, queued, cx, len);
            }
            self.reconcile(cx, sock);
        }
    }
}

/// Whether `tcp_sendmsg()` goes on: it also waits for a handshake.
fn may_send(socket: &Socket) -> bool {
    match socket.state() {
        TcpState::Established | TcpState::CloseWait => {
            socket.error.is_none() && !socket.send_shutdown
        }
        TcpState::SynSent | TcpState::SynReceived => true,
        TcpState::Closed
        | TcpState::Listen
        | TcpState::FinWait1
        | TcpState::FinWait2
        | TcpState::Closing
        | TcpState::LastAck
        | TcpState::TimeWait => false,
    }
}

/// The reply of a receive call. With MSG_TRUNC octets of a stream are counted and thrown away.
fn stream_octets(got: Vec<u8>, want: Receive) -> Received {
    let mut got = Received::octets(got);
    if want.flags & MSG_TRUNC != 0 {
        got.data.clear();
    }
    got
}

/// `sock_cmsg_send()`: what a stream takes as control data.
fn check_control(control: &[u8]) -> Result<(), super::Stop> {
    for piece in control_pieces(control) {
        let (level, ty, _) = piece?;
        match (level, ty) {
            (SOL_SOCKET, SCM_RIGHTS | SCM_CREDENTIALS) => {}
            // SO_PRIORITY, SO_MARK, SO_TIMESTAMPING, SCM_TXTIME, SCM_TS_OPT_ID, SCM_DEVMEM_*.
            (SOL_SOCKET, 12 | 36 | 37 | 61 | 65 | 78..=81) => {
                let (level, optname) = (level, ty);
                return Err(NotModelled::Option { level, optname }.into());
            }
            (SOL_SOCKET, _) => return Err(Errno::EINVAL.into()),
            // Another level is for another protocol.
            _ => {}
        }
    }
    Ok(())
}

/// `access_ok()` in `vfs_read()` and `vfs_write()`: no buffer reaches beyond the half of the address space that is the program's.
pub(super) fn check_range(len: u64) -> Result<(), Errno> {
    const TASK_SIZE: u64 = 0x7fff_ffff_f000;
    if len > TASK_SIZE {
        Err(Errno::EFAULT)
    } else {
        Ok(())
    }
}
