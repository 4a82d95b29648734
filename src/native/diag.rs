//! The kernel's own list of sockets, through sock_diag(7).

use super::Error;
use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
use nix::errno::Errno as Sys;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};
use nix::sys::time::TimeVal;
use std::fmt;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// One TCP or UDP socket of the stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SocketRow {
    /// Its own address.
    pub local: SocketAddr,
    /// The other side's; all zeros if there is none.
    pub remote: SocketAddr,
    /// Its state.
    pub state: SocketState,
    /// Bytes received and not yet read; of a listener, connections waiting for `accept()`; of a UDP socket, the memory
    /// that its datagrams take.
    pub rqueue: u32,
    /// Bytes sent and not yet acknowledged; of a listener, the backlog.
    pub wqueue: u32,
    /// Its inode, or 0 if no descriptor refers to it.
    pub inode: u32,
}

/// A state of a TCP socket, as include/net/tcp_states.h numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // The names are those of the RFC.
pub enum SocketState {
    Established = 1,
    SynSent = 2,
    SynReceived = 3,
    FinWait1 = 4,
    FinWait2 = 5,
    TimeWait = 6,
    /// Bound to a port and neither listening nor connected, or reset and still open. Linux before
    /// 6.8 does not list the former.
    Close = 7,
    CloseWait = 8,
    LastAck = 9,
    Listen = 10,
    Closing = 11,
    /// A half-open connection of a listener, where the kernel tells it apart from `SynReceived`.
    NewSynReceived = 12,
}

impl SocketState {
    const ALL: [(SocketState, &'static str); 12] = [
        (SocketState::Established, "ESTAB"),
        (SocketState::SynSent, "SYN-SENT"),
        (SocketState::SynReceived, "SYN-RECV"),
        (SocketState::FinWait1, "FIN-WAIT-1"),
        (SocketState::FinWait2, "FIN-WAIT-2"),
        (SocketState::TimeWait, "TIME-WAIT"),
        (SocketState::Close, "UNCONN"),
        (SocketState::CloseWait, "CLOSE-WAIT"),
        (SocketState::LastAck, "LAST-ACK"),
        (SocketState::Listen, "LISTEN"),
        (SocketState::Closing, "CLOSING"),
        (SocketState::NewSynReceived, "NEW-SYN-RECV"),
    ];

    fn from_number(number: u8) -> Option<SocketState> {
        let states = SocketState::ALL.iter().map(|(state, _)| *state);
        states.into_iter().find(|state| *state as u8 == number)
    }
}

impl fmt::Display for SocketState {
    /// As ss(8) prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = SocketState::ALL[*self as usize - 1];
        f.pad(name)
    }
}

/// Opens the window into the calling process's network namespace. It stays bound to that namespace
/// wherever the descriptor goes.
pub(super) fn open() -> nix::Result<OwnedFd> {
    let window = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkSockDiag,
    )?;
    // The kernel answers at once; this bounds what must not happen.
    let bound = TimeVal::new(5, 0);
    nix::sys::socket::setsockopt(&window, nix::sys::socket::sockopt::ReceiveTimeout, &bound)?;
    Ok(window)
}

/// Every TCP socket of the namespace, in order of addresses.
pub(super) fn dump(window: BorrowedFd<'_>) -> Result<Vec<SocketRow>, Error> {
    dump_of(window, IPPROTO_TCP)
}

/// Every UDP socket of the namespace that has a port, in order of addresses. A connected one counts as established, any
/// other as closed.
pub(super) fn dump_udp(window: BorrowedFd<'_>) -> Result<Vec<SocketRow>, Error> {
    dump_of(window, IPPROTO_UDP)
}

fn dump_of(window: BorrowedFd<'_>, protocol: u8) -> Result<Vec<SocketRow>, Error> {
    let mut rows = Vec::new();
    for (family, any) in [
        (AF_INET, SocketId::new_v4()),
        (AF_INET6, SocketId::new_v6()),
    ] {
        ask(window, protocol, family, any)?;
        while !collect(window, &mut rows)? {}
    }
    rows.sort();
    Ok(rows)
}

fn ask(window: BorrowedFd<'_>, protocol: u8, family: u8, any: SocketId) -> Result<(), Error> {
    // `TCPF_BOUND_INACTIVE` has no name in the library yet; older kernels ignore it.
    const BOUND: u32 = 1 << 13;
    const NEW_SYN_RECV: u32 = 1 << SocketState::NewSynReceived as u32;
    let states = StateFlags::all().bits() | BOUND | NEW_SYN_RECV;
    let request = InetRequest {
        family,
        protocol,
        extensions: ExtensionFlags::empty(),
        states: StateFlags::from_bits_retain(states),
        socket_id: any,
    };
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    send(window.as_raw_fd(), &bytes, MsgFlags::empty())
        .map(drop)
        .map_err(Error::system("asking for the list of sockets"))
}

/// Reads one datagram of the answer; `true` when it was the last.
fn collect(window: BorrowedFd<'_>, rows: &mut Vec<SocketRow>) -> Result<bool, Error> {
    const GARBLED: Error = Error::Garbled {
        what: "the list of sockets",
    };
    let mut buffer = vec![0; 1 << 16];
    let length = super::wire::retry(|| recv(window.as_raw_fd(), &mut buffer, MsgFlags::empty()))
        .map_err(Error::system("reading the list of sockets"))?;
    let mut rest = &buffer[..length];
    while !rest.is_empty() {
        let message = NetlinkMessage::<SockDiagMessage>::deserialize(rest).map_err(|_| GARBLED)?;
        match message.payload {
            NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) => {
                let header = &response.header;
                let id = &header.socket_id;
                rows.push(SocketRow {
                    local: SocketAddr::new(id.source_address, id.source_port),
                    remote: SocketAddr::new(id.destination_address, id.destination_port),
                    state: SocketState::from_number(header.state).ok_or(GARBLED)?,
                    rqueue: header.recv_queue,
                    wqueue: header.send_queue,
                    inode: header.inode,
                });
            }
            NetlinkPayload::Done(_) => return Ok(true),
            NetlinkPayload::Error(error) => {
                let errno = error.code.map_or(0, |code| -code.get());
                return Err(Error::system("listing sockets")(Sys::from_raw(errno)));
            }
            _ => return Err(GARBLED),
        }
        // Messages are aligned to four bytes.
        let taken = (message.header.length as usize).next_multiple_of(4);
        rest = rest.get(taken.max(4)..).unwrap_or(&[]);
    }
    Ok(false)
}
