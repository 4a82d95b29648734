//! Half-open requests: what comes for one before the handshake is complete (`tcp_check_req()`), and how it ends without
//! becoming a connection.

use crate::base::SockId;
use crate::base::sorted::forget;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::tcp::State;
use crate::kernel::tcp::limit;
use crate::kernel::tcp::open;
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::rtt::Rtt;
use crate::kernel::tcp::segment_arrives::{self, ignored, no_endpoint};
use crate::packet::{Flags, Packet, Segment};

impl Kernel {
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

    pub(super) fn leave_syn_queue(&mut self, listener: SockId, request: SockId) {
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
}
