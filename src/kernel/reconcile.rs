//! Bringing the tables in line with an endpoint after it has changed.
//!
//! Endpoints change themselves; whether one is in the demux, owns its port, has alarms or exists at
//! all follows from its state. Deriving that in one place is what keeps the tables consistent.

use crate::base::{FileId, SockId};
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::file::FileKind;
use crate::kernel::multicast::Membership;
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Socket, SocketState};
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::state::TimeWait;
use crate::kernel::tcp::{State, close};
use crate::kernel::{Alarm, Kernel};

impl Kernel {
    /// Brings demux, ports and alarms in line with the endpoint, and removes it when nothing holds it.
    pub(crate) fn reconcile(&mut self, cx: &mut Cx, sock: SockId) {
        let Some(socket) = self.sockets.get(sock) else {
            return;
        };
        let (hashed, tuple) = (socket.tcp.has_tuple(), Kernel::tuple(socket));
        let mut alarms = Vec::new();
        for (kind, at) in socket.tcp.timers() {
            alarms.push((at, Alarm::Socket(sock, kind)));
        }
        if let Some(tuple) = tuple {
            if hashed && self.demux.connection(tuple).is_none() {
                self.demux.insert(tuple, sock);
            } else if !hashed {
                self.demux.remove(tuple, sock);
            }
        }
        self.set_alarms(sock, alarms);
        let Some(socket) = self.sockets.get(sock) else {
            return;
        };
        if socket.state() != TcpState::Closed {
            return;
        }
        if !self.is_held(sock) {
            self.destroy(cx, sock);
        } else if socket.is_tcp()
            && socket.port.is_some_and(|claim| !claim.named)
            && socket.remote.is_some()
        {
            // tcp_set_state(TCP_CLOSE): a port that the kernel chose is given back.
            self.release_port(cx, sock, Rule::BothClosed);
        }
    }

    /// Whether a file, a queue or a call under way refers to the socket.
    fn is_held(&self, sock: SockId) -> bool {
        let Some(socket) = self.sockets.get(sock) else {
            return false;
        };
        socket.file.is_some()
            || self
                .sockets
                .iter()
                .filter_map(|(_, s)| s.tcp.listen())
                .any(|listen| listen.accept_queue.contains(&sock))
    }

    /// The alarms of a socket are these.
    fn set_alarms(&mut self, sock: SockId, wanted: Vec<(crate::base::Time, Alarm)>) {
        let alarms = &mut self.alarms;
        alarms.retain(|(_, alarm), ()| !matches!(alarm, Alarm::Socket(s, _) if *s == sock));
        for alarm in wanted {
            alarms.insert(alarm, ());
        }
    }

    /// The endpoint is gone.
    fn destroy(&mut self, cx: &mut Cx, sock: SockId) {
        self.release_port(cx, sock, Rule::LastClose);
        let Some(socket) = self.sockets.remove(sock) else {
            return;
        };
        let datagrams = socket.udp().map_or(0, |udp| udp.octets());
        let len = socket.receive_queue.len() as u32 + datagrams;
        if len > 0 {
            cx.emit(EventKind::DataDiscarded {
                sock,
                len,
                because: Rule::LastClose,
            });
        }
        cx.emit(EventKind::SocketDestroyed {
            sock,
            because: Rule::LastClose,
        });
    }

    /// `inet_put_port()`.
    pub(crate) fn release_port(&mut self, cx: &mut Cx, sock: SockId, because: Rule) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let Some(claim) = socket.port.take() else {
            return;
        };
        let tcp = socket.is_tcp();
        // Linux leaves the number visible in a failed connect's socket; only the claim is gone.
        let sockets = &self.sockets;
        let ports = if tcp {
            &mut self.ports
        } else {
            &mut self.udp_ports
        };
        ports.remove(claim.port, sock, |owner| {
            let claim = sockets.get(owner).and_then(|s| s.port);
            claim.is_some_and(|claim| claim.by_connect)
        });
        cx.emit(EventKind::PortReleased {
            sock,
            port: claim.port,
            because,
        });
    }

    /// `tcp_time_wait()` while a program still holds the socket: the connection goes to an endpoint
    /// of its own, which keeps addresses and port.
    pub(crate) fn split_time_wait(&mut self, cx: &mut Cx, sock: SockId, wait: TimeWait) {
        let Some(socket) = self.sockets.get(sock) else {
            return;
        };
        let mut small = Socket::new(socket.family);
        small.local = socket.local;
        small.remote = socket.remote;
        small.path = socket.path;
        small.port = socket.port;
        small.options = socket.options.clone();
        small.receive_shutdown = true;
        small.send_shutdown = true;
        let deadline = wait.deadline;
        let (port, tuple) = (socket.port, Kernel::tuple(socket));
        let id = self.sockets.insert(small);
        cx.emit(EventKind::SocketCreated {
            sock: id,
            because: Rule::BothClosed,
        });
        if let Some(claim) = port {
            self.ports.add(claim.port, id);
            let because = Rule::BothClosed;
            cx.emit(EventKind::PortBound {
                sock: id,
                port: claim.port,
                because,
            });
        }
        if let Some(tuple) = tuple {
            self.demux.remove(tuple, sock);
        }
        if let Some(small) = self.sockets.get_mut(id) {
            small.transition(cx, id, State::TimeWait(wait), Rule::BothClosed);
        }
        close::arm(cx, id, deadline);
        self.reconcile(cx, id);
    }

    /// The last reference to an open file description is gone.
    pub(crate) fn release_file(&mut self, cx: &mut Cx, file: FileId, because: Rule) {
        let Some(open) = self.files.get_mut(file) else {
            return;
        };
        open.refs -= 1;
        if open.refs > 0 {
            return;
        }
        let kind = open.kind;
        self.files.remove(file);
        self.forget_watched(cx, file);
        match kind {
            FileKind::Stdio(_) | FileKind::Null(_) => {
                cx.emit(EventKind::FileReleased { file, sock: None })
            }
            FileKind::Pipe(pipe, end) => {
                cx.emit(EventKind::FileReleased { file, sock: None });
                self.close_pipe(cx, pipe, end);
            }
            FileKind::Epoll => {
                cx.emit(EventKind::FileReleased { file, sock: None });
                self.epolls.remove(file);
            }
            FileKind::Socket(sock) => {
                cx.emit(EventKind::FileReleased {
                    file,
                    sock: Some(sock),
                });
                self.close_socket(cx, sock, because);
            }
        }
    }

    /// `tcp_close()`: no program holds the socket any more.
    pub(crate) fn close_socket(&mut self, cx: &mut Cx, sock: SockId, because: Rule) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        socket.file = None;
        if self.is_unix(sock) {
            return self.unix_release(cx, sock, because, false);
        }
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        // ip_mc_drop_socket()
        for Membership { group, .. } in std::mem::take(&mut socket.groups) {
            cx.emit(EventKind::GroupLeft { sock, group });
        }
        match &socket.tcp {
            State::Listen(_) => self.stop_listening(cx, sock, because),
            State::Closed => {}
            State::SynSent(_) | State::SynReceived(_) | State::TimeWait(_) => {
                close::done(socket, sock, cx, because);
            }
            State::Established(_)
            | State::FinWait1(_)
            | State::FinWait2(_)
            | State::CloseWait(_)
            | State::Closing(_)
            | State::LastAck(_) => self.close_connection(cx, sock, because),
        }
        self.reconcile(cx, sock);
    }

    /// Closing a connection: a reset if something was not read, a FIN otherwise.
    fn close_connection(&mut self, cx: &mut Cx, sock: SockId, because: Rule) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let ends = Ends::of(sock, socket);
        let unread = socket.receive_queue.len() as u32;
        socket.ss = SocketState::Disconnecting;
        socket.shut(cx, sock, true, true, because);
        if unread > 0 {
            socket.receive_queue.clear();
            socket.urgent = None;
            let because = Rule::UnreadData;
            cx.emit(EventKind::DataDiscarded {
                sock,
                len: unread,
                because,
            });
            self.abort(cx, sock, because);
            return;
        }
        // SO_LINGER with no time: tcp_disconnect().
        if socket.options.get(Opt::Linger) == 1 {
            self.abort(cx, sock, Rule::LingerZero);
            return;
        }
        let leaves = socket.options.is_set(Opt::Linger2) == Some(-1);
        if leaves && matches!(socket.tcp, State::FinWait2(_)) {
            self.abort(cx, sock, Rule::OrphanTimeout);
            return;
        }
        close::send_fin(socket, &ends, cx, because);
        cx.emit(EventKind::SocketOrphaned { sock });
        if let Some(socket) = self.sockets.get_mut(sock) {
            close::orphan_in_fin_wait_2(socket, &ends, cx, &self.sysctl);
        }
    }

    /// Resets a connection that no program holds.
    pub(crate) fn abort(&mut self, cx: &mut Cx, sock: SockId, because: Rule) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        if close::needs_reset(socket) {
            close::send_reset(socket, sock, cx, because);
        }
        if socket.state() != TcpState::Closed {
            close::done(socket, sock, cx, because);
        }
        self.reconcile(cx, sock);
    }
}
