//! Urgent data as Linux does it: a mark in the stream, and the one octet at it, which is taken out of the stream unless
//! SO_OOBINLINE leaves it in (`tcp_urg()`, `tcp_recv_urg()`).

use crate::abi::Errno;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::option::Opt;
use crate::kernel::socket::Socket;
use crate::kernel::tcp::connection::Connection;
use crate::kernel::tcp::output::Ends;
use crate::packet::{Flags, Segment};
use serde::Serialize;

/// The mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Urgent {
    /// Octets of the stream between what the program reads next and the mark (`urg_seq - copied_seq`).
    pub ahead: u32,
    /// `urg_data`.
    pub octet: Octet,
}

/// What has become of the urgent octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Octet {
    /// TCP_URG_NOTYET: announced.
    Announced,
    /// TCP_URG_VALID: here.
    Here(u8),
    /// TCP_URG_READ: the program has it.
    Taken,
}

/// `tcp_urg()`. The pointer counts from SEG.SEQ on; Linux takes it to point behind the urgent octet, as everybody did
/// before RFC 1122, unless `last` (net.ipv4.tcp_stdurg).
pub(crate) fn arrives(
    socket: &mut Socket,
    ends: &Ends,
    cx: &mut Cx,
    segment: &Segment,
    last: bool,
) {
    let urg = segment.has(Flags::URG);
    let waits = matches!(socket.urgent, Some(u) if u.octet == Octet::Announced);
    let inline = socket.options.on(Opt::OobInline);
    let Some(c) = socket.tcp.connection() else {
        return;
    };
    if !urg && !waits {
        return;
    }
    let (sock, nxt) = (ends.sock, c.rcv.nxt);
    let mut copied = nxt - socket.receive_queue.len() as u32 - u32::from(socket.done);
    // tcp_check_urg()
    let pointer = u32::from(segment.urgent);
    let at = segment.seq + pointer.saturating_sub(u32::from(!last));
    let known = socket.urgent.map(|u| copied + u.ahead);
    let old = at.before(nxt) || known.is_some_and(|known| !at.after(known));
    if urg && !old {
        // The last octet read was urgent, too: it is out of the stream.
        if known == Some(copied) && !inline && socket.receive_queue.pop_front().is_some() {
            copied += 1;
        }
        let ahead = at - copied;
        let octet = Octet::Announced;
        socket.urgent = Some(Urgent { ahead, octet });
        let len = ahead;
        cx.emit(EventKind::UrgentNoted { sock, len });
    }
    if let Some(u) = &mut socket.urgent
        && u.octet == Octet::Announced
        && let Some(octet) = segment
            .payload
            .get((copied + u.ahead - segment.seq) as usize)
    {
        u.octet = Octet::Here(*octet);
        let len = u.ahead;
        cx.emit(EventKind::UrgentArrived { sock, len });
    }
}

/// `tcp_recv_urg()`: the octet, where there is one. It stays in the stream, to be left out when the mark is reached.
pub(crate) fn take(
    socket: &mut Socket,
    sock: crate::base::SockId,
    cx: &mut Cx,
    peek: bool,
) -> Result<Option<u8>, Errno> {
    let inline = socket.options.on(Opt::OobInline);
    let closed = socket.state() == TcpState::Closed;
    let Some(u) = &mut socket.urgent else {
        return Err(Errno::EINVAL);
    };
    if inline {
        return Err(Errno::EINVAL);
    }
    match u.octet {
        Octet::Taken => Err(Errno::EINVAL),
        Octet::Announced | Octet::Here(_) if closed && !socket.done => Err(Errno::ENOTCONN),
        Octet::Here(octet) => {
            if !peek {
                u.octet = Octet::Taken;
                cx.emit(EventKind::UrgentRead { sock });
            }
            Ok(Some(octet))
        }
        Octet::Announced if closed || socket.receive_shutdown => Ok(None),
        Octet::Announced => Err(Errno::EAGAIN),
    }
}

impl Socket {
    /// The program has read so many octets of the stream: perhaps beyond the mark.
    pub(crate) fn read_past(&mut self, len: u32) {
        self.urgent = self.urgent.filter(|u| u.ahead >= len);
        if let Some(u) = &mut self.urgent {
            u.ahead -= len;
        }
    }

    /// Whether the next octet of the stream is the urgent one (SIOCATMARK).
    pub(crate) fn at_mark(&self) -> bool {
        self.urgent.is_some_and(|u| u.ahead == 0)
    }

    /// Whether it is, and is not for those who read the stream.
    pub(crate) fn at_hole(&self) -> bool {
        self.at_mark() && !self.options.on(Opt::OobInline)
    }

    /// `tcp_inq()`: octets to read, up to the mark if it is there.
    pub(crate) fn readable(&self) -> u32 {
        let all = self.receive_queue.len() as u32;
        let mark = self.urgent.filter(|_| !self.options.on(Opt::OobInline));
        mark.map_or(all, |u| u.ahead.min(all))
    }
}

/// `tcp_transmit_skb()`: as long as something up to the urgent octet is not acknowledged, segments say so.
pub(crate) fn point(c: &Connection, segment: &mut Segment) {
    let up = c.snd.up;
    if up == c.snd.una || !segment.seq.before(up) {
        return;
    }
    let far = up - segment.seq;
    if far <= 0xffff || (segment.seq + 0xffff).after(c.snd.nxt) {
        segment.urgent = far.min(0xffff) as u16;
        segment.flags = segment.flags | Flags::URG;
    }
}
