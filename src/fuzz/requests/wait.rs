//! Calls that ask what is ready.

use super::Requests;
use crate::abi::constants::{
    EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLIN, EPOLLONESHOT, EPOLLOUT,
    EPOLLRDHUP, O_CLOEXEC, POLLIN, POLLOUT, POLLPRI, POLLRDHUP,
};
use crate::abi::{Syscall, UserIn, UserOut};

impl Requests<'_> {
    /// Not at all, or until something happens.
    fn timeout(&mut self) -> i32 {
        if self.may_sleep && self.rng.u8(..6) == 0 {
            -1
        } else {
            0
        }
    }

    fn pollfd(&mut self, fd: i32) -> Vec<u8> {
        let asked = [POLLIN, POLLOUT, POLLIN | POLLOUT | POLLRDHUP, 0, POLLPRI];
        let events = asked[self.rng.usize(..asked.len())];
        let mut bytes = fd.to_le_bytes().to_vec();
        bytes.extend((events as i16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }

    pub(super) fn poll(&mut self, weight: u32, fd: i32) {
        let fds = UserIn::Bytes(self.pollfd(fd));
        let timeout = self.timeout();
        if !self.taste.readiness {
            let nfds = 1;
            self.add(weight, Syscall::Poll { fds, nfds, timeout });
            return;
        }
        let mut bytes = self.pollfd(fd);
        // What lies behind 0 to 2 is not the same on both kernels.
        let near = if self.rng.u8(..8) == 0 {
            -1
        } else {
            fd + self.rng.i32(0..3)
        };
        bytes.extend(self.pollfd(near));
        let fds = UserIn::Bytes(bytes);
        let nfds = 2;
        let call = if self.rng.bool() {
            Syscall::Poll { fds, nfds, timeout }
        } else {
            Syscall::Ppoll {
                fds,
                nfds,
                timeout: (timeout == 0).then(|| UserIn::Bytes(vec![0; 16])),
                sigmask: None,
            }
        };
        self.add(weight, call);
        self.select(weight, fd);
    }

    fn select(&mut self, weight: u32, fd: i32) {
        if !(0..60).contains(&fd) {
            return;
        }
        let mut set = || match self.rng.u8(..3) {
            0 => None,
            _ => Some(UserIn::Bytes((1_u64 << fd).to_le_bytes().to_vec())),
        };
        let (readfds, writefds, exceptfds) = (set(), set(), set());
        let nfds = fd + 1 - i32::from(self.rng.u8(..16) == 0);
        let timeout = (self.timeout() == 0).then(|| UserIn::Bytes(vec![0; 16]));
        let call = if self.rng.bool() {
            Syscall::Select {
                nfds,
                readfds,
                writefds,
                exceptfds,
                timeout,
            }
        } else {
            Syscall::Pselect6 {
                nfds,
                readfds,
                writefds,
                exceptfds,
                timeout,
                sigmask: None,
            }
        };
        self.add(weight, call);
    }

    pub(super) fn epoll_create(&mut self, weight: u32) {
        let flags = [0, O_CLOEXEC, 1][self.rng.usize(..3)];
        self.add(weight, Syscall::EpollCreate1 { flags });
    }

    pub(super) fn epoll(&mut self, epfd: i32, watched: &[i32], open: &[i32]) {
        let fd = open[self.rng.usize(..open.len())];
        self.epoll_ctl(12, epfd, EPOLL_CTL_ADD, fd);
        if !watched.is_empty() {
            let fd = watched[self.rng.usize(..watched.len())];
            self.epoll_ctl(5, epfd, EPOLL_CTL_MOD, fd);
            self.epoll_ctl(2, epfd, EPOLL_CTL_DEL, fd);
        }
        let odd = [-1, epfd, 77, open[self.rng.usize(..open.len())]][self.rng.usize(..4)];
        let op = [EPOLL_CTL_MOD, EPOLL_CTL_DEL, 0, 4][self.rng.usize(..4)];
        self.epoll_ctl(1, epfd, op, odd);
        let maxevents = [1, 2, 8, 8, 0][self.rng.usize(..5)];
        let timeout = self.timeout();
        let call = Syscall::EpollWait {
            epfd,
            events: UserOut::Capacity(12 * maxevents.max(1) as u64),
            maxevents,
            timeout,
        };
        self.add(if watched.is_empty() { 2 } else { 24 }, call);
    }

    fn epoll_ctl(&mut self, weight: u32, epfd: i32, op: i32, fd: i32) {
        let asked = [
            EPOLLIN,
            EPOLLOUT,
            EPOLLIN | EPOLLOUT,
            EPOLLIN | EPOLLRDHUP,
            0,
        ];
        let how = [0, 0, EPOLLET, EPOLLONESHOT, EPOLLET | EPOLLONESHOT];
        let events = asked[self.rng.usize(..5)] | how[self.rng.usize(..5)];
        let mut bytes = (events as u32).to_le_bytes().to_vec();
        bytes.extend((fd as u64).to_le_bytes());
        let event = match self.rng.u8(..30) {
            0 => None,
            _ => Some(UserIn::Bytes(bytes)),
        };
        self.add(
            weight,
            Syscall::EpollCtl {
                epfd,
                op,
                fd,
                event,
            },
        );
    }
}
