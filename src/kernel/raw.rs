//! Raw sockets of ICMP over IPv4: `net/ipv4/raw.c`.
//!
//! A program writes an ICMP message with its header; the kernel puts the IP header in front. It gets a copy of every ICMP
//! packet that reaches the host, with its IP header.

use crate::abi::Inet;
use crate::abi::constants::{
    AF_INET, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, MSG_PEEK, MSG_TRUNC, POLLIN, POLLOUT, POLLRDNORM,
    POLLWRBAND, POLLWRNORM,
};
use crate::abi::sockaddr::SOCKADDR_IN_LEN;
use crate::abi::{Errno, NotModelled, Reply, SockAddr, sockaddr};
use crate::base::octets;
use crate::base::{Fifo, FileId, Seq, SockId};
use crate::kernel::event::EventKind;
use crate::kernel::icmp;
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Protocol, Socket};
use crate::kernel::syscall::Answer;
use crate::kernel::syscall::message::{Message, Received, received};
use crate::kernel::task::{Blocked, Receive};
use crate::kernel::udp::{route, truesize};
use crate::kernel::{Cx, Kernel};
use crate::packet::icmp::{Carried, Echo, Error, Quoted};
use crate::packet::{Body, Icmp, Packet};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

/// IPPROTO_ICMP: what getsockname(2) tells as the port.
const PROTOCOL: u8 = 1;
/// Octets of an IPv4 header without options, and of an ICMP header.
const IP_HEADER: usize = 20;
const ICMP_HEADER: usize = 8;
/// ICMP types: RFC 792.
const ECHO_REPLY: u8 = 0;
const ECHO: u8 = 8;
const TIMESTAMP: u8 = 13;

/// A raw socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Raw {
    /// Packets that the program has not taken: who sent each, and its octets from the IP header on. Bounded by SO_RCVBUF.
    pub queue: Fifo<(Ipv4Addr, Rc<[u8]>)>,
    /// Octets of memory that they take.
    pub memory: u32,
}

/// The internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(u16::from_be_bytes([
            pair[0],
            pair.get(1).copied().unwrap_or(0),
        ]));
    }
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !(sum as u16)
}

fn word(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(octets(bytes, at))
}

/// What a message that a program wrote is to the kernel that gets it (`icmp_rcv()`).
fn read(bytes: &[u8]) -> Icmp {
    if bytes.len() < ICMP_HEADER || checksum(bytes) != 0 {
        return Icmp::Other(bytes.into());
    }
    let (ty, code, data) = (bytes[0], bytes[1], &bytes[ICMP_HEADER..]);
    let echo = |reply| {
        Icmp::Echo(Echo {
            reply,
            by_program: true,
            code,
            id: word(bytes, 4),
            sequence: word(bytes, 6),
            payload: data.into(),
        })
    };
    match ty {
        ECHO => echo(false),
        ECHO_REPLY => echo(true),
        3 | 11 | 12 => match quoted(data) {
            Some(about) => Icmp::Error(Error {
                ty,
                code,
                mtu: u32::from(word(bytes, 6)),
                about,
                written: Some(bytes.into()),
            }),
            None => Icmp::Other(bytes.into()),
        },
        _ => Icmp::Other(bytes.into()),
    }
}

/// The packet that an error quotes: its IP header and at least eight octets more.
fn quoted(data: &[u8]) -> Option<Quoted> {
    let header = usize::from(data.first()? & 0xf) * 4;
    let rest = data.get(header..)?;
    if header < IP_HEADER || data[0] >> 4 != 4 || rest.len() < 8 {
        return None;
    }
    let address = |at: usize| Ipv4Addr::from(octets(data, at));
    let carried = match data[9] {
        6 => {
            let seq = u32::from_be_bytes(octets(rest, 4));
            Carried::Tcp(Seq(seq))
        }
        17 => Carried::Udp(rest[8..].into()),
        _ => return None,
    };
    Some(Quoted {
        from: SocketAddr::new(address(12).into(), word(rest, 0)),
        to: SocketAddr::new(address(16).into(), word(rest, 2)),
        carried,
    })
}

/// A message as it is on the wire; nothing for an error that this kernel made, whose octets it does not know.
fn written(icmp: &Icmp) -> Option<Vec<u8>> {
    match icmp {
        Icmp::Other(bytes) => Some(bytes.to_vec()),
        Icmp::Error(error) => error.written.as_ref().map(|bytes| bytes.to_vec()),
        Icmp::Echo(echo) => {
            let ty = if echo.reply { ECHO_REPLY } else { ECHO };
            let mut bytes = vec![ty, echo.code, 0, 0];
            bytes.extend_from_slice(&echo.id.to_be_bytes());
            bytes.extend_from_slice(&echo.sequence.to_be_bytes());
            bytes.extend_from_slice(&echo.payload);
            let sum = checksum(&bytes);
            bytes[2..4].copy_from_slice(&sum.to_be_bytes());
            Some(bytes)
        }
    }
}

/// The packet with its IPv4 header (RFC 791 §3.1). What a program sends must not be fragmented (path MTU discovery); what
/// the kernel answers may be.
fn with_header(packet: &Packet, (src, dst): (Ipv4Addr, Ipv4Addr), message: &[u8]) -> Vec<u8> {
    let fragments = matches!(&packet.body, Body::Icmp(Icmp::Echo(echo)) if !echo.by_program);
    let mut bytes = vec![0x45, 0];
    bytes.extend_from_slice(&((IP_HEADER + message.len()) as u16).to_be_bytes());
    bytes.extend_from_slice(&(packet.id.0 as u16).to_be_bytes());
    let flags = if fragments { 0 } else { 0x40 };
    bytes.extend_from_slice(&[flags, 0, icmp::TTL, PROTOCOL, 0, 0]);
    bytes.extend_from_slice(&src.octets());
    bytes.extend_from_slice(&dst.octets());
    let sum = checksum(&bytes);
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
    bytes.extend_from_slice(message);
    bytes
}

/// Whether a receive call would not sleep.
pub(crate) fn can_receive(socket: &Socket) -> bool {
    socket.error.is_some()
        || socket.receive_shutdown
        || socket.raw().is_none_or(|raw| !raw.queue.is_empty())
}

/// `datagram_poll()`.
pub(crate) fn readiness(socket: &Socket) -> i32 {
    let readable = socket.raw().is_some_and(|raw| !raw.queue.is_empty());
    let readable = if readable { POLLIN | POLLRDNORM } else { 0 };
    readable | POLLOUT | POLLWRNORM | POLLWRBAND
}

impl Socket {
    /// What only a raw socket has.
    pub fn raw(&self) -> Option<&Raw> {
        match &self.protocol {
            Protocol::Raw(raw) => Some(raw),
            Protocol::Tcp | Protocol::Udp(_) | Protocol::Unix(_) => None,
        }
    }

    fn raw_mut(&mut self) -> Option<&mut Raw> {
        match &mut self.protocol {
            Protocol::Raw(raw) => Some(raw),
            Protocol::Tcp | Protocol::Udp(_) | Protocol::Unix(_) => None,
        }
    }
}

impl Kernel {
    /// `raw_sendmsg()`.
    pub(crate) fn raw_sendmsg(&mut self, cx: &mut Cx, sock: SockId, message: Message) -> Answer {
        let flags = message.flags;
        if message.len > 0xffff {
            return Err(Errno::EMSGSIZE.into());
        }
        if flags & MSG_OOB != 0 {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if !message.control.is_empty() || flags & !crate::kernel::udp::SEND_FLAGS != 0 {
            return Err(NotModelled::MessageFlags { flags }.into());
        }
        let name = message.name.ok_or(Errno::EDESTADDRREQ)?;
        let Some(name) = name.first_chunk::<SOCKADDR_IN_LEN>() else {
            return Err(Errno::EINVAL.into());
        };
        // AF_UNSPEC counts as AF_INET.
        let family = i32::from(u16::from_le_bytes([name[0], name[1]]));
        if family != AF_INET && family != 0 {
            return Err(Errno::EAFNOSUPPORT.into());
        }
        let mut name = *name;
        name[..2].copy_from_slice(&(AF_INET as u16).to_le_bytes());
        let SockAddr::Inet(to) = SockAddr::decode(&name) else {
            return Err(Errno::EINVAL.into());
        };
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let way = route(&self.routes, socket, to)?;
        // raw_probe_proto_opt() looks at type and code.
        if message.data.len() < 2 {
            return Err(Errno::EFAULT.into());
        }
        if message.len > (0xffff - IP_HEADER) as u64 {
            return Err(Errno::EMSGSIZE.into());
        }
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        if socket.send_shutdown {
            return Err(Errno::EPIPE.into());
        }
        if message.fault {
            cx.memory_is_back(sock);
            return Err(Errno::EFAULT.into());
        }
        let body = Body::Icmp(read(&message.data));
        let because = Rule::DatagramSent;
        cx.transmit_body(Some(sock), (way.source, way.to.address()), body, because);
        Ok(Reply::ok(message.len))
    }

    /// `raw_recvmsg()`.
    pub(crate) fn raw_recvmsg(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        sock: SockId,
        want: Receive,
    ) -> Answer {
        if want.flags & MSG_OOB != 0 {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if want.flags & MSG_ERRQUEUE != 0 {
            return Err(Errno::EAGAIN.into());
        }
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        if let Some(errno) = socket.take_error(cx, sock) {
            return Err(errno.into());
        }
        let shut = socket.receive_shutdown;
        let raw = socket.raw_mut().ok_or(Errno::EBADF)?;
        let Some((from, packet)) = raw.queue.front().cloned() else {
            if want.flags & MSG_DONTWAIT != 0 {
                return Err(Errno::EAGAIN.into());
            }
            if shut {
                return received(Received::default(), &want);
            }
            let blocked = Blocked::Receive {
                file,
                sock,
                want,
                got: Vec::new(),
            };
            return Err(blocked.into());
        };
        let len = packet.len() as u64;
        let copied = want.len.min(len);
        if want.flags & MSG_PEEK == 0 {
            raw.queue.pop_front();
            raw.memory -= truesize(from.into(), len as u32);
            cx.emit(EventKind::DatagramRead {
                sock,
                len: len as u32,
                copied: copied as u32,
                queued: raw.queue.len() as u32,
            });
        }
        if copied > want.room {
            return Err(Errno::EFAULT.into());
        }
        let cut = copied < len;
        let whole = want.flags & MSG_TRUNC != 0;
        let got = Received {
            data: packet[..copied as usize].to_vec(),
            len: if whole { len } else { copied },
            name: sockaddr::encode(SocketAddr::new(from.into(), 0)),
            flags: if cut { MSG_TRUNC } else { 0 },
            ..Received::default()
        };
        received(got, &want)
    }

    /// `raw_local_deliver()`: every raw socket that fits gets a copy.
    pub(crate) fn raw_deliver(&mut self, cx: &mut Cx, packet: &Packet, icmp: &Icmp) {
        let (IpAddr::V4(src), IpAddr::V4(dst)) = (packet.src, packet.dst) else {
            return;
        };
        let fits = |s: &Socket| {
            let own = s.local.address();
            s.raw().is_some() && (own.is_unspecified() || own == packet.dst)
        };
        for sock in self.sockets.ids() {
            if !self.sockets.get(sock).is_some_and(fits) {
                continue;
            }
            let Some(message) = written(icmp) else {
                let what = "a copy of an ICMP error for a raw socket";
                self.cut_off(cx, NotModelled::Protocol { what });
                return;
            };
            // icmp_filter(): a header that is cut off.
            if message.len() < ICMP_HEADER {
                continue;
            }
            let Some(socket) = self.sockets.get_mut(sock) else {
                continue;
            };
            let buffer = socket.receive_buffer(&self.sysctl);
            let Some(raw) = socket.raw_mut() else {
                continue;
            };
            let bytes = with_header(packet, (src, dst), &message);
            let len = bytes.len() as u32;
            if raw.memory >= buffer {
                let because = Rule::ReceiveBufferFull;
                cx.emit(EventKind::DatagramDropped { sock, len, because });
                continue;
            }
            raw.memory += truesize(packet.dst, len);
            raw.queue.push_back((src, bytes.into()));
            let queued = raw.queue.len() as u32;
            cx.emit(EventKind::DatagramQueued { sock, len, queued });
            self.wake(cx, sock, Rule::Readiness);
        }
    }

    /// What `icmp_rcv()` would do with a message that no type of ours says.
    pub(crate) fn other_icmp(&mut self, cx: &mut Cx, bytes: &[u8]) {
        let sound = bytes.len() >= ICMP_HEADER + 4 && checksum(bytes) == 0;
        if sound && bytes[0] == TIMESTAMP {
            let what = "answering an ICMP timestamp request";
            self.cut_off(cx, NotModelled::Protocol { what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_wrote_is_read_and_written_alike() {
        let bytes = [8, 0, 0x57, 0xa3, 0xbe, 0xef, 0, 7, b'h', b'e', b'y'];
        let Icmp::Echo(echo) = read(&bytes) else {
            panic!("an echo request")
        };
        assert_eq!((echo.id, echo.sequence, echo.reply), (0xbeef, 7, false));
        assert_eq!(written(&Icmp::Echo(echo)).as_deref(), Some(&bytes[..]));
        let mut wrong = bytes;
        wrong[2] ^= 1;
        assert_eq!(read(&wrong), Icmp::Other(Rc::from(&wrong[..])));
        assert_eq!(read(&bytes[..4]), Icmp::Other(Rc::from(&bytes[..4])));
    }
}
