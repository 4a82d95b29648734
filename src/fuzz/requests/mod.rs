//! Calls that are worth a try on a descriptor, by what stands behind it.

mod data;
mod files;
mod inet;
mod options;
mod unix;
mod wait;

use super::coverage::Met;
use super::names::Names;
use crate::abi::constants::{
    AF_INET, AF_INET6, AF_UNIX, SO_ERROR, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_SEQPACKET,
    SOCK_STREAM,
};
use crate::abi::{Syscall, UserIn, UserOut};
use crate::kernel::file::PipeEnd;
use crate::kernel::socket::{Family, Protocol, Socket};
use fastrand::Rng;
use std::net::SocketAddr;

/// What stands behind an open descriptor.
pub(super) enum Behind {
    Socket(Box<Socket>),
    Pipe(PipeEnd),
    /// With the descriptors that it watches.
    Epoll(Vec<i32>),
}

impl Behind {
    pub(super) fn is_unix(&self) -> bool {
        matches!(self, Behind::Socket(socket) if socket.unix().is_some())
    }
}

/// What the cases of one kind ask for: fewer things at once, so that they go deeper.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// Of 16 new sockets, so many are TCP, UDP and AF_UNIX.
    pub(super) sockets: [u8; 3],
    /// Options.
    options: bool,
    /// dup(2), fcntl(2), ioctl(2), pipes.
    files: bool,
    /// epoll, select(2), ppoll(2).
    pub(super) readiness: bool,
    /// Vectors and messages.
    vectors: bool,
}

impl Taste {
    pub(super) fn pick(rng: &mut Rng) -> Taste {
        let sockets = [
            [16, 0, 0],
            [14, 2, 0],
            [2, 14, 0],
            [0, 0, 16],
            [1, 0, 15],
            [6, 5, 5],
        ];
        Taste {
            sockets: sockets[rng.usize(..sockets.len())],
            options: rng.u8(..4) == 0,
            files: rng.u8(..3) == 0,
            readiness: rng.u8(..3) == 0,
            vectors: rng.u8(..3) == 0,
        }
    }
}

/// The weighted list that one call is drawn from.
pub(super) struct Requests<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) names: &'a Names,
    /// Whether a call may sleep: somebody else has to be awake.
    pub(super) may_sleep: bool,
    /// Addresses that are bound.
    near: Vec<SocketAddr>,
    /// Descriptors that may go in messages. Those of AF_UNIX sockets may not: a circle of them is collected when it
    /// suits the real kernel.
    pub(super) passes: Vec<i32>,
    taste: Taste,
    list: Vec<(u32, Syscall)>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(
        rng: &'a mut Rng,
        names: &'a Names,
        near: Vec<SocketAddr>,
        taste: Taste,
        may_sleep: bool,
    ) -> Requests<'a> {
        Requests {
            rng,
            names,
            may_sleep,
            near,
            passes: Vec::new(),
            taste,
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
        let weight = [60, 30, 18, 8, 4, 1][open.min(5)];
        let flags = [0, 0, SOCK_NONBLOCK, SOCK_CLOEXEC][self.rng.usize(..4)];
        let [tcp, udp, _] = self.taste.sockets;
        let drawn = self.rng.u8(..16);
        let inet = [AF_INET, AF_INET, AF_INET, AF_INET6][self.rng.usize(..4)];
        let odd = self.rng.u8(..24) == 0;
        let (domain, ty, protocol) = if drawn < tcp {
            (inet, SOCK_STREAM, [0, 6][self.rng.usize(..2)])
        } else if drawn < tcp + udp {
            (inet, SOCK_DGRAM, [0, 17][self.rng.usize(..2)])
        } else {
            let types = [SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET];
            let ty = types[self.rng.usize(..4)];
            self.socketpair(weight / 3, ty | flags);
            (AF_UNIX, ty, 0)
        };
        let protocol = if odd { 17 } else { protocol };
        let ty = ty | flags;
        self.add(
            weight,
            Syscall::Socket {
                domain,
                ty,
                protocol,
            },
        );
        if self.taste.files {
            self.pipe(weight / 4);
        }
        if self.taste.readiness {
            self.epoll_create(weight / 5);
        }
    }

    /// What can be asked of any descriptor, with all that are open.
    pub(super) fn file(&mut self, fd: i32, behind: &Behind, open: &[i32]) {
        let first = self.list.len();
        self.add(2, Syscall::Close { fd });
        if self.taste.files {
            self.duplicate(fd, open);
            self.control(fd);
        }
        self.poll(2, fd);
        match behind {
            Behind::Socket(socket) => self.socket(fd, socket),
            Behind::Pipe(end) => self.pipe_end(fd, *end),
            Behind::Epoll(watched) => self.epoll(fd, watched, open),
        }
        // What has come far is worth more.
        if let Behind::Socket(socket) = behind {
            let far = Met::socket(socket).depth;
            let worth = 1 + far.iter().filter(|met| **met).count() as u32;
            for (weight, _) in &mut self.list[first..] {
                *weight *= worth;
            }
        }
    }

    /// What can be asked of any socket.
    fn socket(&mut self, fd: i32, socket: &Socket) {
        let length = || UserIn::Bytes(128_i32.to_le_bytes().to_vec());
        let addr = UserOut::Capacity([128, 128, 128, 5][self.rng.usize(..4)]);
        let addrlen = length();
        self.add(2, Syscall::Getsockname { fd, addr, addrlen });
        let addrlen = length();
        self.add(1, Syscall::Getpeername { fd, addr, addrlen });
        self.common_option(2, fd);
        if self.taste.options {
            self.any_option(8, fd, socket);
        }
        if socket.error.is_some() {
            self.getsockopt(16, fd, SO_ERROR);
        }
        if socket.unix().is_none() {
            self.acts(fd, socket);
        }
        match &socket.protocol {
            Protocol::Tcp => self.tcp(fd, socket, socket.family),
            Protocol::Udp(_) => self.datagrams(fd, socket),
            Protocol::Unix(unix) => self.unix(fd, unix),
            Protocol::Raw(_) => {}
        }
    }

    /// Descriptors that are closed, or no sockets.
    pub(super) fn absurd(&mut self) {
        let fd = [-1, 0, 1, 77, i32::MAX][self.rng.usize(..5)];
        self.bind(1, fd, Family::Inet, false);
        self.listen(1, fd);
        self.accept(1, fd);
        self.connect(1, fd, Family::Inet, false);
        self.shutdown(1, fd);
        self.getsockopt(1, fd, SO_ERROR);
        if fd != 1 && fd != 0 {
            self.receive(1, fd, false);
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
