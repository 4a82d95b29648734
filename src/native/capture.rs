//! Segments as they pass the loopback interface.
//!
//! Every packet passes a packet socket twice there, when it is sent and when it is received. The
//! first is kept: its order is the order of sending. Checksums are not looked at, because loopback
//! leaves them to a network card that does not exist.

use super::Error;
use crate::base::Time;
use etherparse::{LaxNetSlice, LaxSlicedPacket, TcpOptionElement, TcpSlice, TransportSlice};
use nix::cmsg_space;
use nix::errno::Errno as Sys;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg, setsockopt, socket,
    sockopt,
};
use nix::sys::time::TimeSpec;
use std::fmt;
use std::io::IoSliceMut;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// A TCP segment as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// When, since the stage was opened.
    pub at: Time,
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// The header's flags byte: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
    pub flags: u8,
    /// Sequence number on the wire.
    pub seq: u32,
    /// Acknowledgment number on the wire; 0 without ACK.
    pub ack: u32,
    /// The window field, not scaled.
    pub window: u16,
    /// Options in the order of the wire, padding included.
    pub options: Vec<CapturedOption>,
    /// Bytes of data.
    pub payload_len: u32,
    /// Bytes of data in each of the segments that the device is to cut this one into (`gso_size`); `None` if it goes as it is.
    pub gso_size: Option<u32>,
}

impl Captured {
    /// The segments that a wire would carry: what is larger than the segment size is cut as a device
    /// cuts it (`tcp_gso_segment()`), which leaves FIN and PSH to the last.
    #[must_use]
    pub fn on_the_wire(&self) -> Vec<Captured> {
        let size = self.gso_size.unwrap_or(0);
        if size == 0 || size >= self.payload_len {
            return vec![self.clone()];
        }
        let cut = |start: u32| {
            let last = start + size >= self.payload_len;
            Captured {
                flags: if last {
                    self.flags
                } else {
                    self.flags & !(FIN | PSH)
                },
                seq: self.seq.wrapping_add(start),
                payload_len: size.min(self.payload_len - start),
                gso_size: None,
                ..self.clone()
            }
        };
        (0..self.payload_len)
            .step_by(size as usize)
            .map(cut)
            .collect()
    }
}

/// A TCP option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CapturedOption {
    /// No operation: padding.
    Nop,
    /// Maximum segment size.
    Mss(u16),
    /// Window scale: the shift.
    WindowScale(u8),
    /// SACK permitted.
    SackPermitted,
    /// Selective acknowledgments: left and right edges.
    Sack(Vec<(u32, u32)>),
    /// Timestamps: own value and echo.
    Timestamps {
        /// The sender's clock.
        value: u32,
        /// The last value of the other side.
        echo: u32,
    },
    /// Any other, or one that is cut off: not read further.
    Unknown,
}

const FIN: u8 = 1;
const PSH: u8 = 8;

/// The flags by name, in the order of the header's bits from SYN on as packet tools print them.
const FLAGS: [(u8, &str); 8] = [
    (2, "SYN"),
    (FIN, "FIN"),
    (4, "RST"),
    (PSH, "PSH"),
    (32, "URG"),
    (64, "ECE"),
    (128, "CWR"),
    (16, "ACK"),
];

impl fmt::Display for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = FLAGS
            .iter()
            .filter(|(bit, _)| self.flags & bit != 0)
            .map(|(_, name)| *name)
            .collect();
        write!(
            f,
            "{} {} > {} {} seq {} ack {} win {} len {} {:?}",
            self.at,
            self.src,
            self.dst,
            names.join("+"),
            self.seq,
            self.ack,
            self.window,
            self.payload_len,
            self.options
        )
    }
}

/// So much of each packet is kept: the longest headers of Ethernet, IP and TCP, with room.
const SNAP: u32 = 256;
/// `struct virtio_net_hdr`, which precedes each packet: flags, `gso_type`, `hdr_len`, `gso_size` and the checksum's place.
const VNET: usize = 10;
/// What the loopback interface puts before IP (`ETH_HLEN`).
const ETHERNET: usize = 14;
/// Big writes pass as 64 KiB packets, each charged in full: room for some hundreds of them.
const BUFFER: usize = 64 << 20;

/// Sets the loopback interface of the calling process's network namespace up.
pub(super) fn bring_loopback_up() -> nix::Result<()> {
    let any = socket(
        AddressFamily::Inet,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    // SAFETY: all zeros is a valid `ifreq`; the name is shorter than its field; both requests
    // read or write the `ifreq` alone.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = *from as libc::c_char;
        }
        Sys::result(libc::ioctl(
            any.as_raw_fd(),
            libc::SIOCGIFFLAGS,
            &raw mut request,
        ))?;
        request.ifr_ifru.ifru_flags |= libc::IFF_UP as libc::c_short;
        Sys::result(libc::ioctl(
            any.as_raw_fd(),
            libc::SIOCSIFFLAGS,
            &raw mut request,
        ))?;
    }
    Ok(())
}

/// Opens a packet socket on the loopback interface of the calling process's network namespace.
pub(super) fn open() -> nix::Result<OwnedFd> {
    // Protocol 0: it receives nothing until it is bound, when its filter is in place.
    // SAFETY: a plain system call; the descriptor it returns belongs to nobody else.
    let packets = unsafe {
        let raw = Sys::result(libc::socket(
            libc::AF_PACKET,
            libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK,
            0,
        ))?;
        OwnedFd::from_raw_fd(raw)
    };
    tell_how_they_are_cut(packets.as_fd())?;
    keep_only_sent(packets.as_fd())?;
    setsockopt(&packets, sockopt::ReceiveTimestampns, &true)?;
    // Without CAP_NET_ADMIN over the whole machine the default has to do; a loss is noticed.
    if setsockopt(&packets, sockopt::RcvBufForce, &BUFFER).is_err() {
        let _ = setsockopt(&packets, sockopt::RcvBuf, &BUFFER);
    }
    // SAFETY: all zeros is a valid `sockaddr_ll`; its size is passed along.
    unsafe {
        let mut address: libc::sockaddr_ll = std::mem::zeroed();
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        let index = libc::if_nametoindex(c"lo".as_ptr());
        address.sll_ifindex = i32::try_from(index).map_err(|_| Sys::ENODEV)?;
        if index == 0 {
            return Err(Sys::last());
        }
        Sys::result(libc::bind(
            packets.as_raw_fd(),
            (&raw const address).cast(),
            size_of::<libc::sockaddr_ll>() as libc::socklen_t,
        ))?;
    }
    Ok(packets)
}

/// Has a `virtio_net_hdr` put before each packet, which tells into what a large one is to be cut.
fn tell_how_they_are_cut(packets: BorrowedFd<'_>) -> nix::Result<()> {
    let yes: libc::c_int = 1;
    // SAFETY: `yes` outlives the call; its size is passed along.
    let set = unsafe {
        libc::setsockopt(
            packets.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_VNET_HDR,
            (&raw const yes).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    Sys::result(set).map(drop)
}

/// Attaches a filter that keeps the first bytes of packets on their way out.
fn keep_only_sent(packets: BorrowedFd<'_>) -> nix::Result<()> {
    const PACKET_TYPE: u32 = (libc::SKF_AD_OFF + libc::SKF_AD_PKTTYPE) as u32;
    let op = |code: u32, jt, jf, k| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    let mut program = [
        op(
            libc::BPF_LD | libc::BPF_B | libc::BPF_ABS,
            0,
            0,
            PACKET_TYPE,
        ),
        op(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            0,
            1,
            u32::from(libc::PACKET_OUTGOING),
        ),
        op(libc::BPF_RET | libc::BPF_K, 0, 0, SNAP),
        op(libc::BPF_RET | libc::BPF_K, 0, 0, 0),
    ];
    let filter = libc::sock_fprog {
        len: program.len() as u16,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: `filter` points at `program`, which outlives the call; its size is passed along.
    let attached = unsafe {
        libc::setsockopt(
            packets.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const filter).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    };
    Sys::result(attached).map(drop)
}

/// Takes the next segment that was captured, without waiting; `None` when there is no more.
/// `opened` is when the stage was opened, on the kernel's real-time clock.
pub(super) fn next(packets: BorrowedFd<'_>, opened: TimeSpec) -> Result<Option<Captured>, Error> {
    loop {
        let mut bytes = [0; VNET + SNAP as usize];
        let mut space = cmsg_space!(TimeSpec);
        let mut iov = [IoSliceMut::new(&mut bytes)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let received = match recvmsg::<()>(packets.as_raw_fd(), &mut iov, Some(&mut space), flags) {
            Ok(received) => received,
            Err(Sys::EAGAIN) => return Ok(None),
            Err(Sys::EINTR) => continue,
            Err(errno) => return Err(Error::system("reading captured packets")(errno)),
        };
        let mut at = Time::ZERO;
        for message in received
            .cmsgs()
            .map_err(Error::system("reading a timestamp"))?
        {
            if let ControlMessageOwned::ScmTimestampns(stamp) = message {
                at = since(stamp, opened);
            }
        }
        let length = received.bytes;
        if let Some(segment) = parse(&bytes[..length], at) {
            return Ok(Some(segment));
        }
    }
}

fn since(stamp: TimeSpec, opened: TimeSpec) -> Time {
    let nanos = |t: TimeSpec| t.tv_sec() as i128 * 1_000_000_000 + t.tv_nsec() as i128;
    let since = nanos(stamp) - nanos(opened);
    Time(u64::try_from(since.max(0)).unwrap_or(u64::MAX))
}

/// How many packets did not fit into the socket's buffer since this was last asked.
pub(super) fn lost(packets: BorrowedFd<'_>) -> Result<u32, Error> {
    let mut statistics = libc::tpacket_stats {
        tp_packets: 0,
        tp_drops: 0,
    };
    let mut length = size_of::<libc::tpacket_stats>() as libc::socklen_t;
    // SAFETY: both pointers are valid for writing and `length` is the size of `statistics`.
    let asked = unsafe {
        libc::getsockopt(
            packets.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            (&raw mut statistics).cast(),
            &raw mut length,
        )
    };
    Sys::result(asked).map_err(Error::system("reading the capture's statistics"))?;
    Ok(statistics.tp_drops)
}

/// Reads a packet, beginning with its `virtio_net_hdr` and possibly cut off; `None` if it is not TCP.
fn parse(packet: &[u8], at: Time) -> Option<Captured> {
    let (vnet, packet) = packet.split_at_checked(VNET)?;
    let gso_type = *vnet.get(1)?;
    let gso_size = u16::from_ne_bytes(*vnet.get(4..)?.first_chunk()?);
    let sliced = LaxSlicedPacket::from_ip(packet.get(ETHERNET..)?).ok()?;
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else {
        return None;
    };
    let (src, dst, ip_payload): (IpAddr, IpAddr, u32) = match sliced.net.as_ref()? {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
                header.payload_len().ok()?.into(),
            )
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
                header.payload_length().into(),
            )
        }
        LaxNetSlice::Arp(_) => return None,
    };
    let header = u32::from(tcp.data_offset()) * 4;
    Some(Captured {
        at,
        src: SocketAddr::new(src, tcp.source_port()),
        dst: SocketAddr::new(dst, tcp.destination_port()),
        flags: *packet_flags(tcp)?,
        seq: tcp.sequence_number(),
        ack: tcp.acknowledgment_number(),
        window: tcp.window_size(),
        options: tcp.options_iterator().map(option).collect(),
        payload_len: ip_payload.checked_sub(header)?,
        gso_size: (gso_type != 0).then_some(gso_size.into()),
    })
}

/// The flags byte, at offset 13 of the header (RFC 9293 §3.1).
fn packet_flags<'a>(tcp: &'a TcpSlice<'_>) -> Option<&'a u8> {
    tcp.header_slice().get(13)
}

fn option<E>(element: Result<TcpOptionElement, E>) -> CapturedOption {
    match element {
        Ok(TcpOptionElement::Noop) => CapturedOption::Nop,
        Ok(TcpOptionElement::MaximumSegmentSize(mss)) => CapturedOption::Mss(mss),
        Ok(TcpOptionElement::WindowScale(shift)) => CapturedOption::WindowScale(shift),
        Ok(TcpOptionElement::SelectiveAcknowledgementPermitted) => CapturedOption::SackPermitted,
        Ok(TcpOptionElement::SelectiveAcknowledgement(first, rest)) => {
            let rest = rest.into_iter().flatten();
            CapturedOption::Sack(std::iter::once(first).chain(rest).collect())
        }
        Ok(TcpOptionElement::Timestamp(value, echo)) => CapturedOption::Timestamps { value, echo },
        Err(_) => CapturedOption::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_segment_is_cut_and_its_last_piece_keeps_fin_and_psh() {
        let large = Captured {
            at: Time::ZERO,
            src: "127.0.0.1:1".parse().unwrap(),
            dst: "127.0.0.1:2".parse().unwrap(),
            flags: 16 | PSH | FIN,
            seq: u32::MAX,
            ack: 7,
            window: 8,
            options: Vec::new(),
            payload_len: 5000,
            gso_size: Some(2048),
        };
        let cut: Vec<_> = large
            .on_the_wire()
            .iter()
            .map(|s| (s.flags, s.seq, s.payload_len))
            .collect();
        assert_eq!(
            cut,
            [
                (16, u32::MAX, 2048),
                (16, 2047, 2048),
                (16 | PSH | FIN, 4095, 904)
            ]
        );
        let whole = Captured {
            gso_size: None,
            ..large
        };
        assert_eq!(whole.on_the_wire(), std::slice::from_ref(&whole));
    }
}
