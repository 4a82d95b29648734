//! Options.

use super::Requests;
use crate::abi::constants::{
    AF_INET, AF_INET6, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IPPROTO_IP, IPPROTO_IPV6,
    IPPROTO_TCP, IPPROTO_UDP, IPV6_ADDRFORM, MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP, SO_ACCEPTCONN,
    SO_DOMAIN, SO_ERROR, SO_PEERCRED, SO_PROTOCOL, SO_RCVBUF, SO_RCVBUFFORCE, SO_RCVTIMEO,
    SO_REUSEADDR, SO_SNDBUF, SO_SNDBUFFORCE, SO_SNDTIMEO, SO_TYPE, SOL_SOCKET, TCP_INFO,
};
use crate::abi::{Syscall, UserIn, UserOut};
use crate::kernel::option::{Modelled, modelled};
use crate::kernel::socket::{Family, Protocol, Socket};

/// Options that every socket has.
const COMMON: [i32; 6] = [
    SO_ERROR,
    SO_REUSEADDR,
    SO_TYPE,
    SO_DOMAIN,
    SO_PROTOCOL,
    SO_ACCEPTCONN,
];

/// What a socket has counted, sizes of buffers that grow by themselves, processes, and limits of time: no two
/// kernels agree on them, or a case would have to wait.
const NOT_ASKED: [(i32, i32); 16] = [
    (SOL_SOCKET, SO_RCVBUF),
    (SOL_SOCKET, SO_SNDBUF),
    (SOL_SOCKET, SO_RCVBUFFORCE),
    (SOL_SOCKET, SO_SNDBUFFORCE),
    (SOL_SOCKET, SO_PEERCRED),
    // With seconds, close(2) waits for a delayed acknowledgement; without, `linger` asks for it.
    (SOL_SOCKET, 13),
    (SOL_SOCKET, SO_RCVTIMEO),
    (SOL_SOCKET, SO_SNDTIMEO),
    // SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW, SO_INCOMING_NAPI_ID
    (SOL_SOCKET, 66),
    (SOL_SOCKET, 67),
    (SOL_SOCKET, 56),
    (IPPROTO_TCP, TCP_INFO),
    // TCP_WINDOW_CLAMP, TCP_QUICKACK, TCP_CC_INFO: follow the connection's timing.
    (IPPROTO_TCP, 10),
    (IPPROTO_TCP, 12),
    (IPPROTO_TCP, 26),
    // TCP_CORK holds data back for 200 ms.
    (IPPROTO_TCP, 3),
];

impl Requests<'_> {
    pub(super) fn common_option(&mut self, weight: u32, fd: i32) {
        let optname = COMMON[self.rng.usize(..COMMON.len())];
        self.getsockopt(weight, fd, optname);
    }

    pub(super) fn getsockopt(&mut self, weight: u32, fd: i32, optname: i32) {
        self.get(weight, fd, SOL_SOCKET, optname);
    }

    fn get(&mut self, weight: u32, fd: i32, level: i32, optname: i32) {
        let room = [0, 1, 4, 4, 4, 4, 8][self.rng.usize(..7)];
        let said = match self.rng.u8(..24) {
            0 => -1,
            _ => room as i32,
        };
        let call = Syscall::Getsockopt {
            fd,
            level,
            optname,
            optval: UserOut::Capacity(room),
            optlen: UserIn::Bytes(said.to_le_bytes().to_vec()),
        };
        self.add(weight, call);
    }

    /// Sets an int, mostly a flag.
    pub(super) fn option(&mut self, weight: u32, fd: i32, level: i32, optname: i32) {
        let odd = [0, 1, 2, 3, 8, 64, 127, 255, 256, 1_000, 65_535, i32::MAX];
        let value = match self.rng.u8(..8) {
            0..=3 => 1,
            4 => 0,
            5 => -1,
            6 => odd[self.rng.usize(..odd.len())],
            _ => self.rng.i32(-2..300),
        };
        let bytes = match (level, optname) {
            (IPPROTO_IP, IP_ADD_MEMBERSHIP | IP_DROP_MEMBERSHIP) => self.membership(),
            (IPPROTO_IP, MCAST_JOIN_GROUP | MCAST_LEAVE_GROUP) => self.group_request(),
            (IPPROTO_IPV6, IPV6_ADDRFORM) if value == 1 => AF_INET.to_le_bytes().to_vec(),
            _ => value.to_le_bytes().to_vec(),
        };
        let len = bytes.len() as i32;
        let (optval, optlen) = match self.rng.u8(..20) {
            0 => (UserIn::Fault, len),
            1 => (
                UserIn::Bytes(bytes),
                [-1, 0, 1, len - 1][self.rng.usize(..4)],
            ),
            2 => (UserIn::Bytes([bytes.clone(), bytes].concat()), 2 * len),
            _ => (UserIn::Bytes(bytes), len),
        };
        let call = Syscall::Setsockopt {
            fd,
            level,
            optname,
            optval,
            optlen,
        };
        self.add(weight, call);
    }

    /// Options that do something instead of keeping a value.
    pub(super) fn acts(&mut self, fd: i32, socket: &Socket) {
        let group = [
            IP_ADD_MEMBERSHIP,
            IP_DROP_MEMBERSHIP,
            MCAST_JOIN_GROUP,
            MCAST_LEAVE_GROUP,
        ][self.rng.usize(..4)];
        let listens = socket.tcp.listen().is_some();
        let weight = if listens || !socket.groups.is_empty() {
            4
        } else {
            1
        };
        self.option(weight, fd, IPPROTO_IP, group);
        let mapped = socket.remote.is_some_and(|remote| remote.is_ipv4());
        if socket.family == Family::Inet6 {
            self.option(if mapped { 8 } else { 1 }, fd, IPPROTO_IPV6, IPV6_ADDRFORM);
        }
    }

    /// The address of a group, or of none.
    fn group(&mut self) -> [u8; 4] {
        [
            [224, 0, 0, 1],
            [239, 1, 1, 1],
            [239, 1, 1, 2],
            [127, 0, 0, 1],
        ][self.rng.usize(..4)]
    }

    /// The number of a device: of the loopback device, of any, or of none.
    fn ifindex(&mut self) -> [u8; 4] {
        [1, 1, 0, 7_u32][self.rng.usize(..4)].to_le_bytes()
    }

    /// `struct ip_mreqn`, or `struct ip_mreq`.
    fn membership(&mut self) -> Vec<u8> {
        let interface = [[0; 4], [127, 0, 0, 1], [10, 1, 1, 1]][self.rng.usize(..3)];
        let mut bytes = [self.group(), interface, self.ifindex()].concat();
        if self.rng.u8(..4) == 0 {
            bytes.truncate(8);
        }
        bytes
    }

    /// `struct group_req`.
    fn group_request(&mut self) -> Vec<u8> {
        let family = if self.rng.u8(..8) == 0 {
            AF_INET6
        } else {
            AF_INET
        };
        let family_and_port = (family as u32).to_le_bytes();
        let mut bytes = [self.ifindex(), [0; 4], family_and_port, self.group()].concat();
        bytes.resize(136, 0);
        bytes
    }

    /// Any option that is modelled at least in part.
    pub(super) fn any_option(&mut self, weight: u32, fd: i32, socket: &Socket) {
        let levels = match socket.protocol {
            Protocol::Tcp => [
                SOL_SOCKET,
                SOL_SOCKET,
                IPPROTO_IP,
                IPPROTO_IPV6,
                IPPROTO_TCP,
                IPPROTO_TCP,
            ],
            Protocol::Udp(_) | Protocol::Raw(_) => [
                SOL_SOCKET,
                SOL_SOCKET,
                IPPROTO_IP,
                IPPROTO_IPV6,
                IPPROTO_UDP,
                IPPROTO_IP,
            ],
            Protocol::Unix(_) => [SOL_SOCKET; 6],
        };
        let level = levels[self.rng.usize(..levels.len())];
        for _ in 0..8 {
            let optname = match level {
                IPPROTO_UDP => [1, 10, 11, 100, 101, 102, 103, 104][self.rng.usize(..8)],
                _ => self.rng.i32(0..84),
            };
            let known = match modelled(level, optname, socket.is_tcp()) {
                Some(Modelled::Fully | Modelled::OnlyDefault(_)) => true,
                Some(Modelled::Not) => false,
                None => self.rng.u8(..8) == 0,
            };
            if known && !NOT_ASKED.contains(&(level, optname)) {
                self.get(weight, fd, level, optname);
                self.option(weight, fd, level, optname);
                return;
            }
        }
    }
}
