//! ICMP errors about TCP segments: `tcp_v4_err()`, `tcp_v6_err()`.

use crate::abi::NotModelled;
use crate::base::{PacketId, Seq, SockId};
use crate::kernel::event::EventKind;
use crate::kernel::icmp::errno_of;
use crate::kernel::port::FourTuple;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::tcp::{State, close};
use crate::kernel::{Cx, Kernel};
use crate::packet::icmp::{Error, Reason};

/// SND.UNA and SND.NXT: an error that quotes a number outside of them is a forgery, or late (RFC 5927 §4.1).
fn outstanding(socket: &Socket) -> Option<(Seq, Seq)> {
    match &socket.tcp {
        State::SynSent(s) => Some((s.ours.iss, s.ours.iss + 1)),
        State::SynReceived(s) => Some((s.ours.iss, s.ours.iss + 1)),
        State::Established(c)
        | State::FinWait1(c)
        | State::FinWait2(c)
        | State::CloseWait(c)
        | State::Closing(c)
        | State::LastAck(c) => Some((c.snd.una, c.snd.nxt)),
        State::Closed | State::Listen(_) | State::TimeWait(_) => None,
    }
}

/// Whether a half-open request is given up: the net or the host is unreachable, or worse (`tcp_req_err()`).
fn drops_request(error: &Error) -> bool {
    match error.reason() {
        _ if error.is_v6() => errno_of(error).1,
        Reason::NetUnreachable | Reason::HostUnreachable => error.code <= 1,
        Reason::TimeExceeded | Reason::ParameterProblem => true,
        Reason::ProtocolUnreachable
        | Reason::PortUnreachable
        | Reason::FragmentationNeeded
        | Reason::SourceRouteFailed
        | Reason::NetUnknown
        | Reason::HostUnknown
        | Reason::HostIsolated
        | Reason::Prohibited
        | Reason::Unknown => false,
    }
}

impl Kernel {
    /// An error about a segment with that sequence number. It ends a connection that is being opened; one that stands
    /// only remembers it, and tells it if it times out (RFC 1122 §4.2.3.9, RFC 5461).
    pub(crate) fn tcp_error(&mut self, cx: &mut Cx, packet: PacketId, error: &Error, seq: Seq) {
        let (local, remote) = (error.about.from, error.about.to);
        let found = self.demux.connection(FourTuple { local, remote });
        let valid = |sock: &SockId| {
            let socket = self.sockets.get(*sock)?;
            let (una, nxt) = outstanding(socket)?;
            let request = matches!(&socket.tcp, State::SynReceived(s) if s.listener.is_some());
            let last = if request { una } else { nxt };
            (!seq.before(una) && !last.before(seq)).then_some(*sock)
        };
        let Some(sock) = found.as_ref().and_then(valid) else {
            let (sock, because) = (found, Rule::IcmpStray);
            cx.emit(EventKind::SegmentIgnored {
                packet,
                sock,
                because,
            });
            return;
        };
        if error.reason() == Reason::FragmentationNeeded {
            let what = "path MTU discovery";
            self.cut_off(cx, NotModelled::Protocol { what });
            return;
        }
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let (errno, _) = errno_of(error);
        let opening = match &socket.tcp {
            State::SynReceived(s) => Some(s.listener),
            State::SynSent(_) => Some(None),
            State::Closed
            | State::Listen(_)
            | State::Established(_)
            | State::FinWait1(_)
            | State::FinWait2(_)
            | State::CloseWait(_)
            | State::Closing(_)
            | State::LastAck(_)
            | State::TimeWait(_) => None,
        };
        let because = match opening {
            Some(Some(listener)) if drops_request(error) => {
                self.drop_request(cx, listener, sock, Rule::IcmpHardError);
                return;
            }
            Some(Some(_)) => Rule::IcmpStray,
            Some(None) => {
                let because = Rule::IcmpHardError;
                socket.note_error(cx, sock, errno, because);
                close::done(socket, sock, cx, because);
                self.reconcile(cx, sock);
                self.wake(cx, sock, because);
                return;
            }
            None => {
                socket.soft_error = Some(errno);
                Rule::IcmpSoftError
            }
        };
        cx.emit(EventKind::SegmentIgnored {
            packet,
            sock: Some(sock),
            because,
        });
    }
}
