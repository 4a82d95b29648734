//! Sockets: what stands behind an open file, or in a queue, or in TIME-WAIT.

use crate::abi::constants::MSG_WAITALL;
use crate::abi::{Errno, sockaddr};
use crate::base::{Fifo, FileId, SockId};
use crate::kernel::cx::Cx;
use crate::kernel::epoll::Source;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::multicast::Membership;
use crate::kernel::option::{Opt, Options};
use crate::kernel::raw::Raw;
use crate::kernel::route::Path;
use crate::kernel::rule::Rule;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::task::Receive;
use crate::kernel::tcp;
use crate::kernel::tcp::urgent::Urgent;
use crate::kernel::udp::Udp;
use crate::kernel::unix::Unix;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Address family of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Family {
    /// AF_INET.
    Inet,
    /// AF_INET6.
    Inet6,
}

impl Family {
    /// The address that stands for every address of this family.
    pub fn unspecified(self) -> IpAddr {
        match self {
            Family::Inet => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Family::Inet6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        }
    }
}

/// How far a socket is with connect(2): Linux's `enum socket_state`, which is not the state of TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum SocketState {
    /// SS_UNCONNECTED
    Unconnected,
    /// SS_CONNECTING: connect(2) has begun and no call has told the program the end yet.
    Connecting,
    /// SS_CONNECTED
    Connected,
    /// SS_DISCONNECTING
    Disconnecting,
}

/// A socket's claim on a local port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PortClaim {
    /// The port.
    pub port: u16,
    /// The program named the port itself (SOCK_BINDPORT_LOCK): a failed connect keeps it.
    pub named: bool,
    /// connect(2) chose the port (SOCK_CONNECT_BIND): another connect(2) may choose it, too.
    pub by_connect: bool,
}

/// What a socket speaks, with what only that protocol has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Protocol {
    /// TCP; its state is [`Socket::tcp`], since most of the kernel asks for it.
    Tcp,
    /// UDP.
    Udp(Box<Udp>),
    /// IPPROTO_ICMP and others below TCP and UDP.
    Raw(Box<Raw>),
    /// AF_UNIX, of any type.
    Unix(Box<Unix>),
}

/// One endpoint. A half-open request, a connection in a queue, a connection with a descriptor, an
/// orphan and a TIME-WAIT are all sockets; what each is follows from `tcp` and `file`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Socket {
    /// AF_INET or AF_INET6; means nothing for AF_UNIX, which is a protocol here. A connection over IPv4 on a
    /// dual-stack socket stays AF_INET6, until IPV6_ADDRFORM.
    pub family: Family,
    /// The open file description, if a program holds the socket.
    pub file: Option<FileId>,
    /// How far connect(2) is.
    pub ss: SocketState,
    /// Local address and port as on the wire; unspecified and 0 until known.
    pub local: SocketAddr,
    /// The program named the local address itself (SOCK_BINDADDR_LOCK).
    pub address_named: bool,
    /// The peer, once there is one.
    pub remote: Option<SocketAddr>,
    /// The way to the peer, once there is one (`sk_dst_cache`).
    pub path: Option<Path>,
    /// The port that this socket owns in the port table.
    pub port: Option<PortClaim>,
    /// Options.
    pub options: Options,
    /// `sk_err`: an error that the next call will report and clear.
    pub error: Option<Errno>,
    /// `sk_err_soft`: an ICMP error that is told if the connection times out.
    pub soft_error: Option<Errno>,
    /// RCV_SHUTDOWN.
    pub receive_shutdown: bool,
    /// SEND_SHUTDOWN.
    pub send_shutdown: bool,
    /// SOCK_NOSPACE: a call found the send buffer full and wants to hear when there is room.
    pub no_space: bool,
    /// SOCK_DONE: the end of the stream has been reached; reads answer 0 rather than ENOTCONN.
    pub done: bool,
    /// `sk_receive_queue`: octets in order that the program has not read. It outlives the connection.
    pub receive_queue: Fifo<u8>,
    /// The urgent mark, if the peer set one that was not read past.
    pub urgent: Option<Urgent>,
    /// `ipv6_mapped` (`icsk_af_ops`): an AF_INET6 socket that has had a connection over IPv4. Only
    /// IPV6_ADDRFORM takes that back.
    pub ipv6_mapped: bool,
    /// `mc_list`: the groups of IPv4 multicast that the program has joined, at most 20 (net.ipv4.igmp_max_memberships). A
    /// connection gets none of its listener.
    pub groups: Vec<Membership>,
    /// What TCP keeps of the last connection while there is none.
    pub last: Last,
    /// What it speaks.
    pub protocol: Protocol,
    /// The state of TCP; CLOSED for every other protocol.
    pub tcp: tcp::State,
}

/// What `tcp_sock` keeps of a connection that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Last {
    /// `mss_cache`, in octets: what getsockopt(2) says of TCP_MAXSEG.
    pub mss: u32,
    /// The largest window that the peer offered, in octets.
    pub max_window: u32,
    /// `write_seq` less `snd_nxt`, in octets. tcp_disconnect() makes room for everything that could still be under way:
    /// poll(2) counts it as waiting to be sent (TCP_NOTSENT_LOWAT).
    pub not_sent: u32,
}

impl Default for Last {
    fn default() -> Last {
        Last {
            mss: tcp::open::MSS_DEFAULT,
            max_window: 0,
            not_sent: 0,
        }
    }
}

impl Socket {
    /// A fresh socket: CLOSED, no address, no port, no file.
    pub fn new(family: Family) -> Socket {
        Socket {
            family,
            file: None,
            ss: SocketState::Unconnected,
            local: SocketAddr::new(family.unspecified(), 0),
            address_named: false,
            remote: None,
            path: None,
            port: None,
            options: Options::default(),
            error: None,
            soft_error: None,
            receive_shutdown: false,
            send_shutdown: false,
            no_space: false,
            done: false,
            receive_queue: Fifo::default(),
            urgent: None,
            ipv6_mapped: false,
            groups: Vec::new(),
            last: Last::default(),
            protocol: Protocol::Tcp,
            tcp: tcp::State::Closed,
        }
    }

    /// Whether a program held the connection and has closed it (SOCK_DEAD); one that waits for accept(2) is none.
    pub(crate) fn is_orphan(&self) -> bool {
        self.file.is_none() && self.ss == SocketState::Disconnecting
    }

    /// Whether it speaks TCP.
    pub fn is_tcp(&self) -> bool {
        matches!(self.protocol, Protocol::Tcp)
    }

    /// The name of the TCP state.
    pub fn state(&self) -> TcpState {
        self.tcp.name()
    }

    /// How many connections wait for accept(2), where that waits for them: a listener that was not shut.
    pub(crate) fn waiting(&self) -> Option<usize> {
        match (self.unix(), self.tcp.listen()) {
            (Some(_), _) if self.receive_shutdown => None,
            (Some(unix), _) => Some(unix.accept_queue.len()),
            (None, listen) => listen.map(|listen| listen.accept_queue.len()),
        }
    }

    /// An address as a program of this socket's family sees it (v4-mapped on AF_INET6).
    pub fn as_seen(&self, addr: SocketAddr) -> SocketAddr {
        match self.family {
            Family::Inet => addr,
            Family::Inet6 => sockaddr::to_mapped(addr),
        }
    }

    /// `sk_rcvbuf`, octets: what SO_RCVBUF made it, or where the protocol begins.
    pub fn receive_buffer(&self, sysctl: &Sysctl) -> u32 {
        let default = match self.protocol {
            Protocol::Tcp => sysctl.tcp_rmem.1,
            Protocol::Udp(_) | Protocol::Raw(_) | Protocol::Unix(_) => sysctl.rmem_default,
        };
        let set = self.options.is_set(Opt::RcvBuf);
        set.map_or(default, |size| size as u32)
    }

    /// `sk_sndbuf`, octets, before a connection has made it larger.
    pub fn send_buffer(&self, sysctl: &Sysctl) -> u32 {
        let default = match self.protocol {
            Protocol::Tcp => sysctl.tcp_wmem.1,
            Protocol::Udp(_) | Protocol::Raw(_) | Protocol::Unix(_) => sysctl.wmem_default,
        };
        let set = self.options.is_set(Opt::SndBuf);
        set.map_or(default, |size| size as u32)
    }

    /// `tcp_full_space()`: the largest window that the receive buffer allows, half of it, octets.
    pub(crate) fn receive_space(&self, sysctl: &Sysctl) -> u32 {
        let space = self.receive_buffer(sysctl) / 2;
        let clamp = self.options.get(Opt::WindowClamp) as u32;
        if clamp > 0 { space.min(clamp) } else { space }
    }

    /// `sock_rcvlowat()`: with so many octets, or the end, a receive call is content.
    pub(crate) fn receive_target(&self, want: &Receive) -> u64 {
        if want.flags & MSG_WAITALL != 0 {
            want.len
        } else {
            want.len.min(self.options.get(Opt::RcvLowat) as u64)
        }
    }

    /// Moves TCP to another state and says so; the only place where a state changes.
    pub(crate) fn transition(&mut self, cx: &mut Cx, sock: SockId, to: tcp::State, because: Rule) {
        let from = self.tcp.name();
        if let Some(c) = self.tcp.connection() {
            self.last = Last {
                mss: c.mss,
                max_window: c.snd.max_window,
                not_sent: c.snd.not_sent(),
            };
        }
        self.tcp = to;
        self.ipv6_mapped |=
            self.tcp.has_tuple() && self.family == Family::Inet6 && self.local.is_ipv4();
        let to = self.tcp.name();
        if from != to {
            cx.emit(EventKind::StateChanged {
                sock,
                from,
                to,
                because,
            });
        }
    }

    /// Notes an error for the next call that asks.
    pub(crate) fn note_error(&mut self, cx: &mut Cx, sock: SockId, errno: Errno, because: Rule) {
        self.error = Some(errno);
        cx.emit(EventKind::ErrorNoted {
            sock,
            errno,
            because,
        });
    }

    /// `sock_error()`: takes the pending error, which is then no longer pending.
    pub(crate) fn take_error(&mut self, cx: &mut Cx, sock: SockId) -> Option<Errno> {
        let errno = self.error.take()?;
        cx.emit(EventKind::ErrorConsumed { sock, errno });
        Some(errno)
    }

    /// Shuts directions. Those who watch hear of it even if they were shut before (`sk_state_change()`).
    pub(crate) fn shut(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        receive: bool,
        send: bool,
        because: Rule,
    ) {
        let news = (receive && !self.receive_shutdown) || (send && !self.send_shutdown);
        self.receive_shutdown |= receive;
        self.send_shutdown |= send;
        cx.ready(Source::Socket(sock), 0);
        if news {
            cx.emit(EventKind::Shutdown {
                sock,
                receive,
                send,
                because,
            });
        }
    }
}
