//! SYN cookies (RFC 4987 §3.6, `net/ipv4/syncookies.c`): with a full SYN queue a listener keeps nothing of a request.
//! What it would have kept is in the numbers of its SYN,ACK, and comes back with the ACK.
//!
//! The hash is this kernel's own; what a cookie holds, for how long it counts and what is lost are Linux's.

use crate::abi::Inet;
use crate::base::{Seq, SockId, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::tcp::State;
use crate::kernel::tcp::open;
use crate::kernel::tcp::output::Ends;
use crate::packet::{Packet, Segment, TcpOptions};
use std::time::Duration;

/// `msstab[]`: what is left of the peer's MSS, over IPv4 and IPv6.
const MSS: [[u16; 4]; 2] = [[536, 1_300, 1_440, 1_460], [1_220, 1_420, 1_440, 8_940]];
/// The clock in a cookie ticks once a minute (`tcp_cookie_time()`).
const MINUTE: u64 = 60;
/// TCP_SYNCOOKIE_VALID: so long after the last cookie acknowledgements are looked at.
const VALID: Duration = Duration::from_secs(120);
/// Bits of TSval that hold the other options: a shift count, or 15 for none; SACK.
const TIMESTAMP_BITS: u32 = 6;
const NO_SCALE: u32 = 0xf;
const SACK: u32 = 1 << 4;

impl Kernel {
    /// The hash in a cookie: all but its two lowest bits, which are the index of the MSS.
    fn cookie(&self, ends: &Ends, irs: Seq, minute: u64, mss: u32) -> Seq {
        let of = (ends.local, ends.remote, irs.0, minute, mss);
        Seq(self.secret.hash(&|h| h.add(&of)) & !3 | mss)
    }

    /// Answers a SYN and forgets it (`tcp_conn_request()` with `want_cookie`).
    pub(crate) fn send_cookie(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        packet: &Packet,
        syn: &Segment,
    ) {
        let Some((request, ends)) = self.new_request(cx, listener, packet) else {
            return;
        };
        let limits = open::Limits::of(&request, &self.sysctl);
        let mut ours = self.secret.ours(cx, &ends, &limits, &self.sysctl);
        let table = MSS[usize::from(packet.dst.is_ipv6())];
        let theirs = syn.options.mss.unwrap_or(open::MSS_DEFAULT as u16);
        let index = table.iter().rposition(|mss| *mss <= theirs).unwrap_or(0);
        ours.iss = self.cookie(
            &ends,
            syn.seq,
            cx.now.nanos() / 1_000_000_000 / MINUTE,
            index as u32,
        );
        let mut syn = syn.clone();
        // Without timestamps nothing holds the other options (tcp_clear_options()).
        if !ours.timestamps || syn.options.timestamps.is_none() {
            syn.options = TcpOptions {
                mss: syn.options.mss,
                ..TcpOptions::default()
            };
        }
        let mut state = open::syn_received(cx, &syn, Some(listener), ours, &limits);
        state.ecn &= syn.options.timestamps.is_some();
        let options = (syn.options.window_scale.map_or(NO_SCALE, u32::from))
            | if syn.options.sack_permitted { SACK } else { 0 };
        open::send_cookie_syn_ack(&ends, cx, &state, options, TIMESTAMP_BITS);
        self.counters.syncookies_sent += 1;
        if let Some(listen) = self.listen_mut(listener) {
            listen.cookies_until = Some(cx.now + VALID);
        }
    }

    /// `cookie_v4_check()`: an ACK that a cookie may have drawn makes the connection that was not remembered. Says whether
    /// it did.
    pub(crate) fn cookie_returns(
        &mut self,
        cx: &mut Cx,
        listener: SockId,
        packet: &Packet,
        segment: &Segment,
    ) -> bool {
        let recent = |until: &Time| self.sysctl.tcp_syncookies != 0 && *until > cx.now;
        let listen = self.sockets.get(listener).and_then(|l| l.tcp.listen());
        if listen
            .and_then(|l| l.cookies_until)
            .filter(recent)
            .is_none()
        {
            return false;
        }
        let Some((request, mut ends)) = self.new_request(cx, listener, packet) else {
            return true;
        };
        let (cookie, irs) = (segment.ack - 1, segment.seq - 1);
        let (minute, index) = (cx.now.nanos() / 1_000_000_000 / MINUTE, cookie.0 & 3);
        let known = (0..2).any(|age| {
            let minute = minute.saturating_sub(age);
            self.cookie(&ends, irs, minute, index) == cookie
        });
        if !known {
            self.counters.syncookies_failed += 1;
            return false;
        }
        self.counters.syncookies_recv += 1;
        let limits = open::Limits::of(&request, &self.sysctl);
        let mut ours = self.secret.ours(cx, &ends, &limits, &self.sysctl);
        ours.iss = cookie;
        let table = MSS[usize::from(packet.dst.is_ipv6())];
        let mut syn = segment.clone();
        syn.seq = irs;
        syn.options = TcpOptions {
            mss: Some(table[index as usize]),
            timestamps: segment.options.timestamps,
            ..TcpOptions::default()
        };
        // cookie_timestamp_decode()
        if let Some((_, echo)) = segment.options.timestamps {
            let kept = echo.wrapping_sub(ours.timestamp_offset);
            let scale = kept & NO_SCALE;
            syn.options.sack_permitted = kept & SACK != 0;
            syn.options.window_scale = (scale != NO_SCALE).then_some(scale as u8);
        }
        let mut state = open::syn_received(cx, &syn, Some(listener), ours, &limits);
        // The round trip is not known.
        state.retries = 1;
        let because = Rule::CookieReturned;
        let sock = self.sockets.insert(request);
        ends.sock = sock;
        cx.emit(EventKind::SocketCreated { sock, because });
        cx.emit(EventKind::AddressesSet {
            sock,
            local_port: packet.to().port_number(),
            remote_port: packet.from().port_number(),
            because,
        });
        let request = self.sockets.get_mut(sock).expect("just inserted");
        request.transition(cx, sock, State::SynReceived(Box::new(state)), because);
        if self.accept_queue_full(cx, listener, sock, packet, segment) {
            if self.sockets.get(sock).is_some() {
                self.drop_request(cx, listener, sock, Rule::AcceptQueueFull);
            }
        } else {
            self.complete_handshake(cx, listener, sock, &ends, packet, segment);
        }
        true
    }
}
