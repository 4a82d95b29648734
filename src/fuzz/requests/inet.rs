//! Calls on sockets of the internet.

use super::Requests;
use crate::abi::constants::{
    IP_RECVERR, IPPROTO_IP, IPPROTO_IPV6, IPV6_RECVERR, SO_LINGER, SO_REUSEADDR, SOCK_CLOEXEC,
    SOCK_NONBLOCK, SOL_SOCKET,
};
use crate::abi::{Syscall, UserIn, UserOut};
use crate::fuzz::addresses;
use crate::kernel::TcpState;
use crate::kernel::socket::{Family, Socket};

impl Requests<'_> {
    pub(super) fn tcp(&mut self, fd: i32, socket: &Socket, family: Family) {
        match socket.state() {
            TcpState::Closed => {
                self.linger(1, fd);
                self.reuse(4, fd);
                self.bind(10, fd, family, false);
                let listens = if socket.port.is_some() { 12 } else { 2 };
                self.listen(listens, fd);
                self.connect(10, fd, family, false);
                self.receive(1, fd, false);
                self.send(1, fd);
                self.shutdown(1, fd);
            }
            TcpState::Listen => {
                let waiting = socket.tcp.listen().map_or(0, |l| l.accept_queue.len());
                self.accept(if waiting > 0 { 24 } else { 2 }, fd);
                self.listen(2, fd);
                self.connect(1, fd, family, false);
                self.receive(1, fd, false);
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
                self.receive(if unread { 10 } else { 5 }, fd, false);
                self.shutdown(4, fd);
                self.linger(3, fd);
                self.disconnect(1, fd);
                self.connect(2, fd, family, false);
                self.bind(1, fd, family, false);
                self.listen(1, fd);
                self.accept(1, fd);
            }
        }
    }

    pub(super) fn datagrams(&mut self, fd: i32, socket: &Socket) {
        let family = socket.family;
        let udp = socket.udp();
        let queued = udp.is_some_and(|udp| !udp.queue.is_empty());
        let errors = udp.is_some_and(|udp| !udp.errors.is_empty());
        let (named, connected) = (socket.port.is_some(), socket.remote.is_some());
        self.reuse(2, fd);
        self.bind(if named { 1 } else { 8 }, fd, family, true);
        self.connect(5, fd, family, true);
        if connected {
            self.disconnect(3, fd);
        }
        self.send(if connected { 10 } else { 2 }, fd);
        self.sendto(10, fd, family, true);
        self.receive(if queued { 16 } else { 4 }, fd, true);
        self.option(2, fd, IPPROTO_IP, IP_RECVERR);
        self.option(1, fd, IPPROTO_IPV6, IPV6_RECVERR);
        if errors {
            self.error_queue(12, fd);
        }
        self.error_queue(1, fd);
        self.shutdown(1, fd);
        self.listen(1, fd);
        self.accept(1, fd);
    }

    /// AF_UNSPEC: back to a socket without a peer.
    pub(super) fn disconnect(&mut self, weight: u32, fd: i32) {
        let (addr, addrlen) = (UserIn::Bytes(vec![0; 16]), 16);
        self.add(weight, Syscall::Connect { fd, addr, addrlen });
    }

    /// With 0 seconds close(2) sends a RST.
    fn linger(&mut self, weight: u32, fd: i32) {
        let on: i32 = self.rng.i32(0..2);
        let seconds: i32 = 0;
        let value = [on.to_le_bytes(), seconds.to_le_bytes()].concat();
        let call = Syscall::Setsockopt {
            fd,
            level: SOL_SOCKET,
            optname: SO_LINGER,
            optval: UserIn::Bytes(value),
            optlen: 8,
        };
        self.add(weight, call);
    }

    pub(super) fn reuse(&mut self, weight: u32, fd: i32) {
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

    pub(super) fn bind(&mut self, weight: u32, fd: i32, family: Family, datagrams: bool) {
        let to = addresses::pick(self.rng, self.names, (family, datagrams));
        let (addr, addrlen) = addresses::passed(self.rng, to);
        self.add(weight, Syscall::Bind { fd, addr, addrlen });
    }

    pub(super) fn connect(&mut self, weight: u32, fd: i32, family: Family, datagrams: bool) {
        let (addr, addrlen) = if self.rng.u8(..12) == 0 {
            // AF_UNSPEC: disconnect.
            (UserIn::Bytes(vec![0; 16]), 16)
        } else {
            self.peer(family, datagrams)
        };
        self.add(weight, Syscall::Connect { fd, addr, addrlen });
    }

    /// Whom to connect or send to: often somebody who is there.
    pub(super) fn peer(&mut self, family: Family, datagrams: bool) -> (UserIn, i32) {
        let to = match self.near.len() {
            1.. if self.rng.bool() => {
                addresses::to(self.near[self.rng.usize(..self.near.len())], family)
            }
            _ => addresses::pick(self.rng, self.names, (family, datagrams)),
        };
        addresses::passed(self.rng, to)
    }

    pub(super) fn listen(&mut self, weight: u32, fd: i32) {
        let backlog = [0, 1, 1, 2, 5, -1][self.rng.usize(..6)];
        self.add(weight, Syscall::Listen { fd, backlog });
    }

    pub(super) fn accept(&mut self, weight: u32, fd: i32) {
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

    pub(super) fn shutdown(&mut self, weight: u32, fd: i32) {
        let how = [0, 1, 1, 2, 3][self.rng.usize(..5)];
        self.add(weight, Syscall::Shutdown { fd, how });
    }
}
