//! The passive side: SYN queue, accept queue, and what a listener does with segments
//! (RFC 9293 §3.10.7.2, `tcp_conn_request()`).

use crate::abi::Inet;
use crate::base::SockId;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::option::Opt;
use crate::kernel::port::FourTuple;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{PortClaim, Socket, SocketState};
use crate::kernel::tcp::State;
use crate::kernel::tcp::close;
use crate::kernel::tcp::open;
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::segment_arrives::{self, no_endpoint};
use crate::packet::{Flags, Packet, Segment};

impl Kernel {
    /// A segment for a listener, of a peer that it does not know.
    pub(crate) fn listener_segment(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        packet: &Packet,
        segment: &Segment,
    ) {
        let ignore = |cx: &mut Cx, because| {
            let sock = Some(listener);
            cx.emit(EventKind::SegmentIgnored {
                packet: packet.id,
                sock,
                because,
            });
        };
        // First, check for a RST; second, check for an ACK; third, check for a SYN.
        if segment.has(Flags::RST) {
            ignore(cx, Rule::NothingToDo);
        } else if segment.has(Flags::ACK) {
            if !self.cookie_returns(cx, listener, packet, segment) {
                no_endpoint(cx, packet, segment, Rule::UnacceptableAck);
            }
        } else if segment.has(Flags::SYN) {
            self.connection_request(cx, listener, packet, segment);
        } else {
            ignore(cx, Rule::NothingToDo);
        }
    }

    /// What a request begins as: a socket that nobody has seen, whose ends still name the listener. Nobody can be
    /// answered to whom no route leads (`inet_csk_route_req()`).
    pub(super) fn new_request(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        packet: &Packet,
    ) -> Option<(Socket, Ends)> {
        let parent = self.sockets.get(listener)?;
        let Ok((path, _)) = self.routes.lookup(packet.src) else {
            let (packet, sock, because) = (packet.id, Some(listener), Rule::NoRoute);
            self.counters.listen_drops += 1;
            cx.emit(EventKind::SegmentIgnored {
                packet,
                sock,
                because,
            });
            return None;
        };
        let mut request = Socket::new(parent.family);
        request.path = Some(path);
        request.options = parent.options.inherited();
        let defer = parent.options.get(Opt::DeferAccept);
        if defer > 0 {
            request.options.set(Opt::DeferAccept, defer);
        }
        request.local = packet.to();
        request.remote = Some(packet.from());
        let ends = Ends {
            sock: listener,
            local: packet.to(),
            remote: packet.from(),
            path,
        };
        Some((request, ends))
    }

    /// `tcp_conn_request()`: notes the request and answers SYN,ACK. No socket exists for a program
    /// yet.
    fn connection_request(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        packet: &Packet,
        segment: &Segment,
    ) {
        if self.refuses_request(cx, listener, packet, segment) {
            return;
        }
        let Some((request, mut ends)) = self.new_request(cx, listener, packet) else {
            return;
        };
        let sock = self.sockets.insert(request);
        cx.emit(EventKind::SocketCreated {
            sock,
            because: Rule::SynToListener,
        });
        cx.emit(EventKind::AddressesSet {
            sock,
            local_port: packet.to().port_number(),
            remote_port: packet.from().port_number(),
            because: Rule::SynToListener,
        });
        ends.sock = sock;
        let limits = match self.sockets.get(sock) {
            Some(request) => open::Limits::of(request, &self.sysctl),
            None => return,
        };
        let ours = self.secret.ours(cx, &ends, &limits, &self.sysctl);
        let state = open::syn_received(cx, segment, Some(listener), ours, &limits);
        let request = self.sockets.get_mut(sock).expect("just inserted");
        let synack = state;
        request.transition(
            cx,
            sock,
            State::SynReceived(Box::new(state)),
            Rule::SynToListener,
        );
        if let Some(listen) = self.listen_mut(listener) {
            listen.syn_queue.push(sock);
            let len = listen.syn_queue.len() as u32;
            cx.emit(EventKind::RequestQueued {
                listener,
                request: sock,
                len,
            });
        }
        segment_arrives::arm_syn_ack(cx, &ends, &synack);
        open::send_syn_ack(&ends, cx, &synack, Rule::SynToListener);
        self.reconcile(cx, sock);
    }

    /// Whether a queue is full: then a SYN is ignored, or a cookie answers it.
    fn refuses_request(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        packet: &Packet,
        segment: &Segment,
    ) -> bool {
        let Some(listen) = self.sockets.get(listener).and_then(|l| l.tcp.listen()) else {
            return true;
        };
        let requests = listen.syn_queue.len() as u64;
        // Checked first, so that a full accept queue draws not even a cookie.
        if listen.accept_queue_full() {
            self.counters.listen_overflows += 1;
            self.counters.listen_drops += 1;
            let because = Rule::AcceptQueueFull;
            cx.emit(EventKind::ListenOverflow { listener, because });
            cx.emit(EventKind::SegmentIgnored {
                packet: packet.id,
                sock: Some(listener),
                because,
            });
            return true;
        }
        // inet_csk_reqsk_queue_is_full()
        let full = requests > u64::from(listen.backlog);
        let cookies = self.sysctl.tcp_syncookies;
        if (full && cookies == 1) || cookies == 2 {
            self.send_cookie(cx, listener, packet, segment);
            return true;
        }
        // "Without syncookies last quarter of backlog is filled with destinations, proven to be alive."
        let most = u64::from(self.sysctl.tcp_max_syn_backlog);
        let crowded = cookies == 0 && most.saturating_sub(requests) < most / 4;
        if full || crowded {
            self.counters.listen_drops += 1;
            cx.emit(EventKind::SegmentIgnored {
                packet: packet.id,
                sock: Some(listener),
                because: Rule::SynQueueFull,
            });
        }
        full || crowded
    }

    /// The handshake is complete: the request becomes a connection and joins the accept queue, and
    /// whatever else the segment carries is the connection's.
    pub(crate) fn complete_handshake(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        sock: SockId,
        ends: &Ends,
        packet: &Packet,
        segment: &Segment,
    ) {
        // What a cookie brought back had no timer.
        let listen = self.sockets.get(listener).and_then(|l| l.tcp.listen());
        if listen.is_some_and(|listen| listen.syn_queue.contains(&sock)) {
            cx.emit(EventKind::TimerStopped {
                sock,
                timer: TimerKind::Retransmit,
            });
        }
        let sysctl = self.sysctl;
        let Some(request) = self.sockets.get_mut(sock) else {
            return;
        };
        let State::SynReceived(s) = request.tcp.clone() else {
            return;
        };
        let limits = open::Limits::of(request, &sysctl);
        let c = segment_arrives::complete(&s, ends, cx, segment, &limits, &sysctl);
        request.ss = SocketState::Connected;
        request.options.unset(Opt::DeferAccept);
        request.transition(
            cx,
            sock,
            State::Established(Box::new(c)),
            Rule::HandshakeDone,
        );
        self.leave_syn_queue(listener, sock);
        if let Some(listen) = self.listen_mut(listener) {
            listen.accept_queue.push_back(sock);
            let len = listen.accept_queue.len() as u32;
            cx.emit(EventKind::AcceptQueued {
                listener,
                sock,
                len,
            });
        }
        self.inherit_port(cx, listener, sock);
        self.inherit_shutdown(cx, listener, sock);
        self.wake(cx, listener, Rule::ConnectionReady);
        if segment.is_empty() {
            let child = self.sockets.get_mut(sock);
            if let Some(c) = child.and_then(|child| child.tcp.connection_mut()) {
                c.counts.segs_in += 1;
            }
        } else {
            let Some(child) = self.sockets.get_mut(sock) else {
                return;
            };
            let _ = segment_arrives::synchronised(child, ends, cx, packet, segment, &sysctl);
        }
        self.reconcile(cx, sock);
    }

    /// What shutdown(2) shut before listen(2) is shut in every connection, too (`sk_clone_lock()`).
    fn inherit_shutdown(&mut self, cx: &mut Cx, listener: SockId, sock: SockId) {
        let shut = |l: &Socket| (l.receive_shutdown, l.send_shutdown);
        let Some((receive, send)) = self.sockets.get(listener).map(shut) else {
            return;
        };
        let Some(child) = self.sockets.get_mut(sock) else {
            return;
        };
        child.shut(cx, sock, receive, send, Rule::ShutdownCall);
        if send {
            let ends = Ends::of(sock, child);
            close::send_fin(child, &ends, cx, Rule::ShutdownCall);
        }
    }

    /// `__inet_inherit_port()`: the connection owns the listener's port, too.
    fn inherit_port(&mut self, cx: &mut Cx, listener: SockId, sock: SockId) {
        let Some(owner) = self.sockets.get(listener) else {
            return;
        };
        let (Some(port), named) = (owner.port, owner.address_named) else {
            return;
        };
        let Some(child) = self.sockets.get_mut(sock) else {
            return;
        };
        // sk_clone_lock() drops SOCK_BINDPORT_LOCK.
        child.port = Some(PortClaim {
            port: port.port,
            named: false,
            by_connect: false,
        });
        child.address_named = named;
        self.ports.add(port.port, sock);
        let because = Rule::InheritedPort;
        cx.emit(EventKind::PortBound {
            sock,
            port: port.port,
            because,
        });
    }

    /// `inet_csk_listen_stop()`: connections that wait are reset. Requests stay until a segment or their timer finds that
    /// nobody listens any more.
    pub(crate) fn stop_listening(&mut self, cx: &mut Cx, listener: SockId, because: Rule) {
        let Some(socket) = self.sockets.get_mut(listener) else {
            return;
        };
        let State::Listen(listen) = socket.tcp.clone() else {
            return;
        };
        socket.transition(cx, listener, State::Closed, because);
        for (left, sock) in (0..listen.accept_queue.len() as u32)
            .rev()
            .zip(listen.accept_queue)
        {
            cx.emit(EventKind::AcceptDequeued {
                listener,
                sock,
                len: left,
            });
            self.abort(cx, sock, Rule::ListenerClosed);
        }
    }

    pub(crate) fn listen_mut(
        &mut self,
        listener: SockId,
    ) -> Option<&mut crate::kernel::tcp::state::Listen> {
        self.sockets.get_mut(listener)?.tcp.listen_mut()
    }

    /// The addresses of an endpoint with a peer.
    pub(crate) fn tuple(socket: &Socket) -> Option<FourTuple> {
        Some(FourTuple {
            local: socket.local,
            remote: socket.remote?,
        })
    }
}
