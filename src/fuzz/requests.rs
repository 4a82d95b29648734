//! Calls that are worth a try on a descriptor, by what stands behind it.

use super::addresses;
use super::names::Names;
use crate::abi::constants::{
    AF_INET, AF_INET6, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_WAITALL, POLLIN, POLLOUT,
    POLLRDHUP, SO_ACCEPTCONN, SO_DOMAIN, SO_ERROR, SO_PROTOCOL, SO_REUSEADDR, SO_TYPE,
    SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET,
};
use crate::abi::{Syscall, UserIn, UserOut};
use crate::kernel::TcpState;
use crate::kernel::socket::{Family, Protocol, Socket};
use fastrand::Rng;

/// Options that every socket has.
const OPTIONS: [i32; 6] = [
    SO_ERROR,
    SO_REUSEADDR,
    SO_TYPE,
    SO_DOMAIN,
    SO_PROTOCOL,
    SO_ACCEPTCONN,
];

/// The weighted list that one call is drawn from.
pub(super) struct Requests<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) names: &'a Names,
    /// Whether a call may sleep: somebody else has to be awake.
    pub(super) may_sleep: bool,
    list: Vec<(u32, Syscall)>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(rng: &'a mut Rng, names: &'a Names, may_sleep: bool) -> Requests<'a> {
        Requests {
            rng,
            names,
            may_sleep,
            list: Vec::new(),
        }
    }

    fn add(&mut self, weight: u32, call: Syscall) {
        self.list.push((weight, call));
    }

    /// Draws one.
    pub(super) fn draw(self) -> Option<Syscall> {
        let total: u32 = self.list.iter().map(|(weight, _)| weight).sum();
        let mut at = self.rng.u32(..total.max(1));
        for (weight, call) in self.list {
            if at < weight {
                return Some(call);
            }
            at -= weight;
        }
        None
    }

    /// New descriptors, the more the fewer there are.
    pub(super) fn create(&mut self, open: usize) {
        let weight = [60, 24, 12, 6, 3, 1][open.min(5)];
        let domain = [AF_INET, AF_INET, AF_INET, AF_INET6][self.rng.usize(..4)];
        let ty = [SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM][self.rng.usize(..3)];
        let flags = [0, 0, SOCK_NONBLOCK, SOCK_CLOEXEC][self.rng.usize(..4)];
        let protocol = [0, 0, 0, 0, 0, 0, 6, 17][self.rng.usize(..8)];
        self.add(
            weight,
            Syscall::Socket {
                domain,
                ty: ty | flags,
                protocol,
            },
        );
    }

    /// What can be asked of any socket.
    pub(super) fn socket(&mut self, fd: i32, socket: &Socket) {
        self.add(3, Syscall::Close { fd });
        let length = || UserIn::Bytes(128_i32.to_le_bytes().to_vec());
        let addr = UserOut::Capacity(128);
        let addrlen = length();
        self.add(2, Syscall::Getsockname { fd, addr, addrlen });
        let addrlen = length();
        self.add(1, Syscall::Getpeername { fd, addr, addrlen });
        let optname = OPTIONS[self.rng.usize(..OPTIONS.len())];
        self.getsockopt(2, fd, optname);
        if socket.error.is_some() {
            self.getsockopt(8, fd, SO_ERROR);
            self.getsockopt(8, fd, SO_ERROR);
        }
        self.poll(2, fd);
        let family = socket.family;
        match &socket.protocol {
            Protocol::Tcp => self.tcp(fd, socket, family),
            Protocol::Udp(_) => self.datagrams(fd, family),
            Protocol::Raw(_) | Protocol::Unix(_) => {}
        }
    }

    fn tcp(&mut self, fd: i32, socket: &Socket, family: Family) {
        match socket.state() {
            TcpState::Closed => {
                self.reuse(4, fd);
                self.bind(10, fd, family);
                let listens = if socket.port.is_some() { 12 } else { 2 };
                self.listen(listens, fd);
                self.connect(10, fd, family);
                self.receive(1, fd);
                self.send(1, fd);
                self.shutdown(1, fd);
            }
            TcpState::Listen => {
                let waiting = socket.tcp.listen().map_or(0, |l| l.accept_queue.len());
                self.accept(if waiting > 0 { 24 } else { 2 }, fd);
                self.listen(2, fd);
                self.connect(1, fd, family);
                self.receive(1, fd);
                self.send(1, fd);
                self.shutdown(1, fd);
                self.reuse(1, fd);
            }
            TcpState::SynSent
            | TcpState::SynReceived
            | TcpState::Established
            | TcpState::FinWait1
            | TcpState::FinWait2
            | TcpState::CloseWait
            | TcpState::Closing
            | TcpState::LastAck
            | TcpState::TimeWait => {
                let unread = !socket.receive_queue.is_empty();
                self.send(10, fd);
                self.receive(if unread { 10 } else { 5 }, fd);
                self.shutdown(4, fd);
                self.connect(2, fd, family);
                self.bind(1, fd, family);
                self.listen(1, fd);
                self.accept(1, fd);
            }
        }
    }

    fn datagrams(&mut self, fd: i32, family: Family) {
        self.reuse(2, fd);
        self.bind(8, fd, family);
        self.connect(6, fd, family);
        self.send(6, fd);
        self.sendto(10, fd, family);
        self.receive(8, fd);
        self.shutdown(1, fd);
        self.listen(1, fd);
        self.accept(1, fd);
    }

    fn getsockopt(&mut self, weight: u32, fd: i32, optname: i32) {
        let room = [0, 1, 4, 4, 4, 4, 8][self.rng.usize(..7)];
        let call = Syscall::Getsockopt {
            fd,
            level: SOL_SOCKET,
            optname,
            optval: UserOut::Capacity(room),
            optlen: UserIn::Bytes((room as i32).to_le_bytes().to_vec()),
        };
        self.add(weight, call);
    }

    fn reuse(&mut self, weight: u32, fd: i32) {
        let value: i32 = [1, 1, 1, 0][self.rng.usize(..4)];
        let call = Syscall::Setsockopt {
            fd,
            level: SOL_SOCKET,
            optname: SO_REUSEADDR,
            optval: UserIn::Bytes(value.to_le_bytes().to_vec()),
            optlen: 4,
        };
        self.add(weight, call);
    }

    fn bind(&mut self, weight: u32, fd: i32, family: Family) {
        let to = addresses::pick(self.rng, self.names, family);
        let (addr, addrlen) = addresses::passed(self.rng, to);
        self.add(weight, Syscall::Bind { fd, addr, addrlen });
    }

    fn connect(&mut self, weight: u32, fd: i32, family: Family) {
        let (addr, addrlen) = if self.rng.u8(..12) == 0 {
            // AF_UNSPEC: disconnect.
            (UserIn::Bytes(vec![0; 16]), 16)
        } else {
            let to = addresses::pick(self.rng, self.names, family);
            addresses::passed(self.rng, to)
        };
        self.add(weight, Syscall::Connect { fd, addr, addrlen });
    }

    fn listen(&mut self, weight: u32, fd: i32) {
        let backlog = [0, 1, 1, 2, 5, -1][self.rng.usize(..6)];
        self.add(weight, Syscall::Listen { fd, backlog });
    }

    fn accept(&mut self, weight: u32, fd: i32) {
        let named = self.rng.bool();
        let addr = named.then_some(UserOut::Capacity(128));
        let addrlen = if named {
            UserIn::Bytes(128_i32.to_le_bytes().to_vec())
        } else {
            UserIn::Fault
        };
        let flags = [0, 0, SOCK_NONBLOCK, SOCK_CLOEXEC][self.rng.usize(..4)];
        let call = if self.rng.bool() {
            Syscall::Accept { fd, addr, addrlen }
        } else {
            Syscall::Accept4 {
                fd,
                addr,
                addrlen,
                flags,
            }
        };
        self.add(weight, call);
    }

    fn message_flags(&mut self) -> i32 {
        let wait = if self.may_sleep && self.rng.u8(..3) > 0 {
            0
        } else {
            MSG_DONTWAIT
        };
        let quiet = if self.rng.u8(..8) == 0 {
            0
        } else {
            MSG_NOSIGNAL
        };
        wait | quiet
    }

    fn data(&mut self) -> Vec<u8> {
        let len = [0, 1, 3, 10, 100, 2_000][self.rng.usize(..6)];
        (0..len).map(|at| b'a' + (at % 26) as u8).collect()
    }

    fn send(&mut self, weight: u32, fd: i32) {
        let data = self.data();
        let flags = self.message_flags();
        let (len, buf) = match self.rng.u8(..30) {
            0 => (data.len() as u64, UserIn::Fault),
            _ => (data.len() as u64, UserIn::Bytes(data)),
        };
        let call = if self.rng.u8(..6) == 0 {
            Syscall::Write {
                fd,
                buf,
                count: len,
            }
        } else {
            Syscall::Sendto {
                fd,
                buf,
                len,
                flags,
                addr: None,
                addrlen: 0,
            }
        };
        self.add(weight, call);
    }

    fn sendto(&mut self, weight: u32, fd: i32, family: Family) {
        let data = self.data();
        let flags = self.message_flags();
        let to = addresses::pick(self.rng, self.names, family);
        let (addr, addrlen) = addresses::passed(self.rng, to);
        let call = Syscall::Sendto {
            fd,
            len: data.len() as u64,
            buf: UserIn::Bytes(data),
            flags,
            addr: Some(addr),
            addrlen,
        };
        self.add(weight, call);
    }

    fn receive(&mut self, weight: u32, fd: i32) {
        let len = [0, 1, 2, 20, 4_000, 4_000][self.rng.usize(..6)];
        let buf = match self.rng.u8(..30) {
            0 => UserOut::Fault,
            _ => UserOut::Capacity(len),
        };
        let more = [0, 0, 0, MSG_PEEK, MSG_WAITALL][self.rng.usize(..5)];
        let flags = self.message_flags() | more;
        let named = self.rng.u8(..4) == 0;
        let call = if self.rng.u8(..6) == 0 {
            Syscall::Read {
                fd,
                buf,
                count: len,
            }
        } else {
            Syscall::Recvfrom {
                fd,
                buf,
                len,
                flags,
                addr: named.then_some(UserOut::Capacity(128)),
                addrlen: if named {
                    UserIn::Bytes(128_i32.to_le_bytes().to_vec())
                } else {
                    UserIn::Fault
                },
            }
        };
        self.add(weight, call);
    }

    fn shutdown(&mut self, weight: u32, fd: i32) {
        let how = [0, 1, 1, 2, 3][self.rng.usize(..5)];
        self.add(weight, Syscall::Shutdown { fd, how });
    }

    fn poll(&mut self, weight: u32, fd: i32) {
        let events = [POLLIN, POLLOUT, POLLIN | POLLOUT | POLLRDHUP, 0][self.rng.usize(..4)];
        let mut bytes = fd.to_le_bytes().to_vec();
        bytes.extend((events as i16).to_le_bytes());
        bytes.extend([0, 0]);
        let timeout = if self.may_sleep && self.rng.u8(..6) == 0 {
            -1
        } else {
            0
        };
        let call = Syscall::Poll {
            fds: UserIn::Bytes(bytes),
            nfds: 1,
            timeout,
        };
        self.add(weight, call);
    }

    /// Descriptors that are closed, or no sockets.
    pub(super) fn absurd(&mut self) {
        let fd = [-1, 0, 1, 77, i32::MAX][self.rng.usize(..5)];
        self.bind(1, fd, Family::Inet);
        self.listen(1, fd);
        self.accept(1, fd);
        self.connect(1, fd, Family::Inet);
        self.shutdown(1, fd);
        self.getsockopt(1, fd, SO_ERROR);
        if fd != 1 && fd != 0 {
            self.receive(1, fd);
            self.send(1, fd);
        }
        if !(0..=2).contains(&fd) {
            self.add(1, Syscall::Close { fd });
        }
        let domain = [0, 3, 46, -1, AF_INET][self.rng.usize(..5)];
        let ty = [0, 3, 9, 11, 0x4000_0000, SOCK_STREAM][self.rng.usize(..6)];
        let protocol = [-1, 255, 300, 17][self.rng.usize(..4)];
        self.add(
            2,
            Syscall::Socket {
                domain,
                ty,
                protocol,
            },
        );
    }
}
