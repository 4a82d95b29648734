//! Connections: `unix_listen()`, `unix_stream_connect()`, `unix_accept()`, `unix_shutdown()`.

use crate::abi::{Errno, Reply};
use crate::base::{FileId, Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Socket, SocketState};
use crate::kernel::syscall::{Answer, Found, bytes_to_user};
use crate::kernel::task::{AddrOut, Blocked};
use crate::kernel::unix::names::path_of;
use crate::kernel::unix::{Kind, State, paired};

impl Kernel {
    /// listen(2); `backlog` after the limit of somaxconn.
    pub(crate) fn unix_listen(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        sock: SockId,
        backlog: u32,
    ) -> Answer {
        let cred = self.cred_of(pid);
        let unix = self.unix_mut(sock).ok_or(Errno::EBADF)?;
        if !unix.is_connection_based() {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if unix.name.is_none() || unix.state == State::Connected {
            return Err(Errno::EINVAL.into());
        }
        unix.state = State::Listening;
        unix.backlog = backlog;
        unix.peer_cred = Some(cred);
        cx.emit(EventKind::UnixListening { sock, backlog });
        self.wake(cx, sock, Rule::Readiness);
        Ok(Reply::ok(0))
    }

    /// connect(2).
    pub(crate) fn unix_connect(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        found: Found,
        addr: Vec<u8>,
    ) -> Answer {
        let kind = self.unix(found.sock).ok_or(Errno::EBADF)?.kind;
        match kind {
            Kind::Datagram => self.datagram_connect(cx, pid, found.sock, &addr),
            Kind::Stream | Kind::Seqpacket => self.connect_to_listener(cx, pid, found, addr),
        }
    }

    /// Makes the listener's end of the connection, which waits for accept(2); the connection stands already.
    pub(crate) fn connect_to_listener(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        found: Found,
        addr: Vec<u8>,
    ) -> Answer {
        let Found {
            file,
            sock,
            nonblocking,
        } = found;
        let unix = self.unix(sock).ok_or(Errno::EBADF)?;
        let (kind, state) = (unix.kind, unix.state);
        let listener = self.find_unix(pid, kind, path_of(&addr)?)?;
        let other = self.sockets.get(listener).ok_or(Errno::ECONNREFUSED)?;
        let other_unix = other.unix().ok_or(Errno::ECONNREFUSED)?;
        if other_unix.state != State::Listening || other.receive_shutdown {
            return Err(Errno::ECONNREFUSED.into());
        }
        if other_unix.is_full() {
            if nonblocking {
                return Err(Errno::EAGAIN.into());
            }
            let blocked = Blocked::UnixConnect {
                file,
                sock,
                on: listener,
                addr,
            };
            return Err(blocked.into());
        }
        match state {
            State::Unconnected => {}
            State::Connected => return Err(Errno::EISCONN.into()),
            State::Listening => return Err(Errno::EINVAL.into()),
        }
        let (name, listener_cred) = (other_unix.name.clone(), other_unix.peer_cred);
        let because = Rule::UnixConnect;
        let mut child = Socket::new_unix(kind);
        let cred = self.cred_of(pid);
        if let Some(unix) = child.unix_mut() {
            unix.state = State::Connected;
            unix.accepted = true;
            unix.name = name;
            unix.peer = Some(sock);
            unix.peer_cred = Some(cred);
        }
        child.ss = SocketState::Connected;
        let child = self.sockets.insert(child);
        cx.emit(EventKind::SocketCreated {
            sock: child,
            because,
        });
        if let Some(socket) = self.sockets.get_mut(sock) {
            socket.ss = SocketState::Connected;
            if let Some(unix) = socket.unix_mut() {
                unix.state = State::Connected;
                unix.peer = Some(child);
                unix.peer_cred = listener_cred;
            }
        }
        cx.emit(paired(sock, child, because));
        if let Some(unix) = self.unix_mut(listener) {
            unix.accept_queue.push_back(child);
            let len = unix.accept_queue.len() as u32;
            cx.emit(EventKind::AcceptQueued {
                listener,
                sock: child,
                len,
            });
        }
        self.wake(cx, listener, Rule::ConnectionReady);
        Ok(Reply::ok(0))
    }

    /// accept(2), with the descriptor reserved.
    pub(crate) fn unix_accept(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        (file, sock): (FileId, SockId),
        reserved: i32,
        wants_peer: Option<AddrOut>,
        flags: i32,
    ) -> Answer {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let shut = socket.receive_shutdown;
        let unix = socket.unix_mut().ok_or(Errno::EBADF)?;
        if !unix.is_connection_based() {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if unix.state != State::Listening {
            return Err(Errno::EINVAL.into());
        }
        let Some(child) = unix.accept_queue.pop_front() else {
            // A non-blocking call answers EAGAIN even then.
            if shut && !self.files.get(file).is_some_and(|open| open.nonblocking) {
                return Err(Errno::EINVAL.into());
            }
            let blocked = Blocked::Accept {
                file,
                sock,
                reserved,
                wants_peer,
                flags,
            };
            return Err(blocked.into());
        };
        let len = unix.accept_queue.len() as u32;
        cx.emit(EventKind::AcceptDequeued {
            listener: sock,
            sock: child,
            len,
        });
        self.wake(cx, sock, Rule::Readiness);
        let reply = Reply::ok(reserved as u64);
        let answer = match (wants_peer, self.unix(child)) {
            (Some(out), Some(unix)) => bytes_to_user(reply, &self.unix_name(unix, true)?, out),
            (None, _) | (_, None) => Ok(reply),
        };
        if matches!(&answer, Ok(reply) if reply.result.is_ok()) {
            self.install_socket(cx, pid, reserved, child, flags);
        } else {
            // fput(newfile)
            self.unix_release(cx, child, Rule::LastClose, false);
        }
        answer
    }

    /// shutdown(2): never fails, and the peer of a connection is shut the other way round.
    pub(crate) fn unix_shutdown(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        receive: bool,
        send: bool,
    ) -> Answer {
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        socket.shut(cx, sock, receive, send, Rule::UnixShutdown);
        let unix = socket.unix().ok_or(Errno::EBADF)?;
        let peer = unix.peer.filter(|_| unix.is_connection_based());
        self.wake(cx, sock, Rule::UnixShutdown);
        if let Some(peer) = peer
            && let Some(other) = self.sockets.get_mut(peer)
        {
            other.shut(cx, peer, send, receive, Rule::UnixPeerShut);
            self.wake(cx, peer, Rule::UnixPeerShut);
        }
        Ok(Reply::ok(0))
    }
}
