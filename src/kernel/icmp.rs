//! ICMP (RFC 792) and ICMPv6 (RFC 4443): errors about packets, and echo.

use crate::abi::Errno;
use crate::base::SockId;
use crate::kernel::event::EventKind;
use crate::kernel::port::FourTuple;
use crate::kernel::rule::Rule;
use crate::kernel::{Cx, Kernel};
use crate::packet::icmp::{
    Carried, DEST_UNREACH, Echo, Error, PORT_UNREACH, V6_DEST_UNREACH, V6_PORT_UNREACH,
};
use crate::packet::{Body, Datagram, Icmp, Packet};
use std::rc::Rc;

/// The time to live of every ICMP packet: the default of a host, whatever its net.ipv4.ip_default_ttl.
pub(crate) const TTL: u8 = 64;

/// The most data of a datagram that an error quotes: the error is to fit into 576 octets over IPv4 (RFC 1812 §4.3.2.3),
/// into 1280 over IPv6 (RFC 4443 §2.4).
const QUOTED_V4: usize = 576 - 20 - 8 - 20 - 8;
const QUOTED_V6: usize = 1_280 - 40 - 8 - 40 - 8;

/// `icmp_err_convert[]`, `icmpv6_err_convert()`: the error that a program is told, and whether it will not pass by itself.
pub(crate) fn errno_of(error: &Error) -> (Errno, bool) {
    const V4: [(Errno, bool); 16] = [
        (Errno::ENETUNREACH, false),
        (Errno::EHOSTUNREACH, false),
        (Errno::ENOPROTOOPT, true),
        (Errno::ECONNREFUSED, true),
        (Errno::EMSGSIZE, false),
        (Errno::EOPNOTSUPP, false),
        (Errno::ENETUNREACH, true),
        (Errno::EHOSTDOWN, true),
        (Errno::ENONET, true),
        (Errno::ENETUNREACH, true),
        (Errno::EHOSTUNREACH, true),
        (Errno::ENETUNREACH, false),
        (Errno::EHOSTUNREACH, false),
        (Errno::EHOSTUNREACH, true),
        (Errno::EHOSTUNREACH, true),
        (Errno::EHOSTUNREACH, true),
    ];
    const V6: [(Errno, bool); 7] = [
        (Errno::ENETUNREACH, false),
        (Errno::EACCES, true),
        (Errno::EHOSTUNREACH, false),
        (Errno::EHOSTUNREACH, false),
        (Errno::ECONNREFUSED, true),
        (Errno::EACCES, true),
        (Errno::EACCES, true),
    ];
    let code = usize::from(error.code);
    match (error.is_v6(), error.ty) {
        (false, DEST_UNREACH) => V4
            .get(code)
            .copied()
            .unwrap_or((Errno::EHOSTUNREACH, false)),
        (true, V6_DEST_UNREACH) => V6.get(code).copied().unwrap_or((Errno::EPROTO, true)),
        (true, 2) => (Errno::EMSGSIZE, false),
        (false, 12) | (true, 4) => (Errno::EPROTO, true),
        (_, _) => (Errno::EHOSTUNREACH, false),
    }
}

impl Kernel {
    /// The socket that a message is about, if it is an error and there is one.
    pub(crate) fn icmp_endpoint(&self, icmp: &Icmp) -> Option<SockId> {
        let Icmp::Error(Error { about, .. }) = icmp else {
            return None;
        };
        match about.carried {
            Carried::Udp(_) => self.udp_endpoint(about.from, about.to),
            Carried::Tcp(_) => self.demux.connection(FourTuple {
                local: about.from,
                remote: about.to,
            }),
            Carried::Echo(_) => None,
        }
    }

    /// `icmp_send()`, `icmpv6_send()`: no UDP socket owns the port that a datagram is for.
    pub(crate) fn port_unreachable(&mut self, cx: &mut Cx, packet: &Packet, datagram: &Datagram) {
        let v6 = packet.dst.is_ipv6();
        let (what, room) = if v6 {
            ((V6_DEST_UNREACH, V6_PORT_UNREACH), QUOTED_V6)
        } else {
            ((DEST_UNREACH, PORT_UNREACH), QUOTED_V4)
        };
        let quoted = datagram.payload.len().min(room);
        let carried = Carried::Udp(Rc::from(&datagram.payload[..quoted]));
        let body = Body::Icmp(Icmp::Error(Error::about(packet, what, carried)));
        let because = Rule::UdpPortUnreachable;
        cx.transmit_body(None, (packet.dst, packet.src), body, because);
    }

    /// `icmp_rcv()`, `icmpv6_rcv()`.
    pub(crate) fn icmp_arrives(&mut self, cx: &mut Cx, packet: &Packet, icmp: &Icmp) {
        self.raw_deliver(cx, packet, icmp);
        match icmp {
            Icmp::Echo(echo) if !echo.reply => {
                let reply = Echo {
                    reply: true,
                    by_program: false,
                    ..echo.clone()
                };
                let body = Body::Icmp(Icmp::Echo(reply));
                let because = Rule::EchoAnswered;
                cx.transmit_body(None, (packet.dst, packet.src), body, because);
            }
            // ICMP_SOURCE_QUENCH: "just silently ignore these" (RFC 6633).
            Icmp::Error(error) if !error.is_v6() && error.ty == 4 => self.icmp_ignored(cx, packet),
            Icmp::Error(error) => match &error.about.carried {
                Carried::Udp(_) => self.udp_error(cx, packet.id, packet.src, error),
                Carried::Tcp(seq) => self.tcp_error(cx, packet.id, error, *seq),
                Carried::Echo(_) => self.icmp_ignored(cx, packet),
            },
            Icmp::Other(bytes) => self.other_icmp(cx, bytes),
            // A reply is for whoever asked: raw sockets have got it.
            Icmp::Echo(_) => {}
        }
    }

    fn icmp_ignored(&mut self, cx: &mut Cx, packet: &Packet) {
        let (packet, sock, because) = (packet.id, None, Rule::IcmpStray);
        cx.emit(EventKind::SegmentIgnored {
            packet,
            sock,
            because,
        });
    }
}
