//! The passive side: SYN queue, accept queue, and what a listener does with segments
//! (RFC 9293 §3.10.7.2, `tcp_conn_request()`, `tcp_check_req()`).

use crate::abi::Inet;
use crate::base::SockId;
use crate::base::sorted::forget;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TimerKind};
use crate::kernel::option::Opt;
use crate::kernel::port::FourTuple;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{PortClaim, Socket, SocketState};
use crate::kernel::tcp::State;
use crate::kernel::tcp::close;
use crate::kernel::tcp::limit;
use crate::kernel::tcp::open;
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::segment_arrives::{self, ignored, no_endpoint};
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

    /// A segment for a half-open request (`tcp_check_req()`).
    pub(crate) fn request_segment(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        packet: &Packet,
        segment: &Segment,
    ) {
        let Some(request) = self.sockets.get(sock) else {
            return;
        };
        let State::SynReceived(s) = &request.tcp else {
            return;
        };
        let (s, ends) = (s.clone(), Ends::of(sock, request));
        let Some(listener) = s.listener else { return };
        // A pure retransmission of the SYN is answered again.
        let syn = segment.has(Flags::SYN);
        if syn && segment.seq == s.irs && !segment.has(Flags::ACK | Flags::RST) {
            self.syn_again(cx, sock, &ends, packet, segment);
            return;
        }
        if segment.has(Flags::ACK) && segment.ack != s.ours.iss + 1 {
            no_endpoint(cx, packet, segment, Rule::UnacceptableAck);
            return;
        }
        // tcp_in_window()
        let (from, to) = (s.irs + 1, s.irs + 1 + s.rcv_wnd.min(u16::MAX.into()));
        let (seq, end) = (segment.seq, segment.end());
        let inside =
            seq == from || (end.after(from) && seq.before(to)) || (seq == to && seq == end);
        if !inside && segment.has(Flags::RST) {
            ignored(cx, packet, &ends, Rule::OutsideWindow);
            return;
        }
        if !inside {
            self.refuse_for_request(cx, sock, &ends, (packet, segment), Rule::OutsideWindow);
            return;
        }
        // RFC 5961 §3.2: only the expected number proves that a reset is genuine.
        if segment.has(Flags::RST) && seq != from {
            self.refuse_for_request(cx, sock, &ends, (packet, segment), Rule::ChallengeAck);
            return;
        }
        // A SYN that is the request's own is cut off; any other, and a reset, ends it.
        if segment.has(Flags::RST) || (syn && seq != s.irs) {
            let mut because = Rule::PeerReset;
            if !segment.has(Flags::RST) {
                because = Rule::ChallengeAck;
                no_endpoint(cx, packet, segment, because);
            }
            self.drop_request(cx, listener, sock, because);
            return;
        }
        if !segment.has(Flags::ACK) {
            ignored(cx, packet, &ends, Rule::NothingToDo);
            return;
        }
        // TCP_DEFER_ACCEPT: "drop it and wait for DATA".
        let defer = self.sockets.get(listener);
        let defer = defer.map_or(0, |l| l.options.get(Opt::DeferAccept) as u32);
        if s.retries < defer && segment.end() == s.irs + 1 {
            ignored(cx, packet, &ends, Rule::DeferAccept);
            if let Some(State::SynReceived(s)) = self.sockets.get_mut(sock).map(|r| &mut r.tcp) {
                s.acked = true;
            }
            return;
        }
        if self.accept_queue_full(cx, listener, sock, packet, segment) {
            return;
        }
        self.complete_handshake(cx, listener, sock, &ends, packet, segment);
    }

    /// The SYN of a request comes again: so does the answer, and its timer starts again, at the interval where it was.
    fn syn_again(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        ends: &Ends,
        packet: &Packet,
        segment: &Segment,
    ) {
        let Some(State::SynReceived(s)) = self.sockets.get_mut(sock).map(|r| &mut r.tcp) else {
            return;
        };
        if limit::limits(&mut s.last_refusal, cx.now, segment, &self.sysctl) {
            ignored(cx, packet, ends, Rule::AnsweredLately);
            return;
        }
        ignored(cx, packet, ends, Rule::SynAgain);
        s.deadline = cx.now + Rtt::default().rto(s.retries);
        let s = s.clone();
        open::send_syn_ack(ends, cx, &s, Rule::SynAgain);
        segment_arrives::arm_syn_ack(cx, ends, &s);
        self.reconcile(cx, sock);
    }

    /// `tcp_check_req()`: "Out of window: send ACK and drop."
    fn refuse_for_request(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        ends: &Ends,
        (packet, segment): (&Packet, &Segment),
        because: Rule,
    ) {
        let Some(State::SynReceived(s)) = self.sockets.get_mut(sock).map(|r| &mut r.tcp) else {
            return;
        };
        if limit::limits(&mut s.last_refusal, cx.now, segment, &self.sysctl) {
            ignored(cx, packet, ends, Rule::AnsweredLately);
            return;
        }
        ignored(cx, packet, ends, because);
        open::send_request_ack(ends, cx, s, because);
    }

    /// The final ACK meets a full accept queue: it is ignored, as if it had been lost, and the
    /// SYN,ACK will be sent again (or the peer is reset, if tcp_abort_on_overflow says so).
    pub(crate) fn accept_queue_full(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        sock: SockId,
        packet: &Packet,
        segment: &Segment,
    ) -> bool {
        let full = self
            .sockets
            .get(listener)
            .and_then(|l| l.tcp.listen())
            .is_some_and(|listen| listen.accept_queue_full());
        if !full {
            return false;
        }
        self.counters.listen_overflows += 1;
        self.counters.listen_drops += 1;
        let because = Rule::AcceptQueueFull;
        cx.emit(EventKind::ListenOverflow { listener, because });
        if self.sysctl.tcp_abort_on_overflow {
            no_endpoint(cx, packet, segment, because);
            self.drop_request(cx, listener, sock, because);
            return true;
        }
        cx.emit(EventKind::SegmentIgnored {
            packet: packet.id,
            sock: Some(sock),
            because,
        });
        if let Some(State::SynReceived(s)) = self.sockets.get_mut(sock).map(|r| &mut r.tcp) {
            s.acked = true;
        }
        true
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

    /// A half-open request that will not become a connection.
    pub(crate) fn drop_request(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        request: SockId,
        because: Rule,
    ) {
        self.leave_syn_queue(listener, request);
        cx.emit(EventKind::RequestDropped {
            listener,
            request,
            because,
        });
        if let Some(socket) = self.sockets.get_mut(request) {
            socket.transition(cx, request, State::Closed, because);
        }
        self.reconcile(cx, request);
    }

    fn leave_syn_queue(&mut self, listener: SockId, request: SockId) {
        if let Some(listen) = self.listen_mut(listener) {
            forget(&mut listen.syn_queue, request);
        }
    }

    /// The listener of a request, if it does not listen any more.
    pub(crate) fn lost_listener(&self, request: &Socket) -> Option<SockId> {
        let State::SynReceived(s) = &request.tcp else {
            return None;
        };
        let listens = |l: &SockId| {
            self.sockets
                .get(*l)
                .is_some_and(|l| l.tcp.listen().is_some())
        };
        s.listener.filter(|listener| !listens(listener))
    }

    /// A request that has outlived its listener is ended by the next segment for it, or by its timer
    /// (`inet_csk_reqsk_queue_drop_and_put()`).
    pub(crate) fn request_gives_way(&mut self, cx: &mut Cx, request: SockId) -> bool {
        let socket = self.sockets.get(request);
        let Some(listener) = socket.and_then(|socket| self.lost_listener(socket)) else {
            return false;
        };
        self.drop_request(cx, listener, request, Rule::ListenerClosed);
        true
    }

    /// The requests of a listener that listens again: they have waited all the time.
    pub(crate) fn requests_of(&self, listener: SockId) -> Vec<SockId> {
        let mut requests = Vec::new();
        for (sock, socket) in self.sockets.iter() {
            if let State::SynReceived(s) = &socket.tcp
                && s.listener == Some(listener)
            {
                requests.push(sock);
            }
        }
        requests
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
