//! Calls that carry data.

use super::Requests;
use crate::abi::constants::{
    MSG_DONTWAIT, MSG_ERRQUEUE, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL,
    MSG_WAITFORONE, SCM_RIGHTS, SOL_SOCKET,
};
use crate::abi::{MsgIn, MsgOut, Syscall, UserIn, UserOut};
use crate::kernel::socket::Family;

impl Requests<'_> {
    pub(super) fn message_flags(&mut self) -> i32 {
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
        let urgent = if self.rng.u8(..24) == 0 { MSG_OOB } else { 0 };
        wait | quiet | urgent
    }

    fn data(&mut self) -> Vec<u8> {
        let len = [0, 1, 3, 10, 100, 2_000][self.rng.usize(..6)];
        (0..len).map(|at| b'a' + (at % 26) as u8).collect()
    }

    /// Data in up to three pieces.
    fn pieces(&mut self) -> Vec<(UserIn, u64)> {
        let count = self.rng.usize(..4);
        (0..count)
            .map(|_| {
                let data = self.data();
                (data.len() as u64, UserIn::Bytes(data))
            })
            .map(|(len, bytes)| (bytes, len))
            .collect()
    }

    fn rooms(&mut self) -> Vec<(UserOut, u64)> {
        let count = self.rng.usize(..4);
        let room = |rng: &mut fastrand::Rng| [0, 1, 2, 20, 4_000][rng.usize(..5)];
        (0..count)
            .map(|_| room(self.rng))
            .map(|len| (UserOut::Capacity(len), len))
            .collect()
    }

    pub(super) fn send(&mut self, weight: u32, fd: i32) {
        if self.taste.vectors && self.rng.bool() {
            self.sendmsg(weight, fd, None);
            return;
        }
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

    pub(super) fn sendto(&mut self, weight: u32, fd: i32, family: Family, datagrams: bool) {
        let to = self.peer(family, datagrams);
        self.send_there(weight, fd, to);
    }

    pub(super) fn send_there(&mut self, weight: u32, fd: i32, (addr, addrlen): (UserIn, i32)) {
        if self.taste.vectors && self.rng.bool() {
            self.sendmsg(weight, fd, Some((addr, addrlen)));
            return;
        }
        let data = self.data();
        let flags = self.message_flags();
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

    /// sendmsg(2), or writev(2) where nothing is named.
    fn sendmsg(&mut self, weight: u32, fd: i32, to: Option<(UserIn, i32)>) {
        let iov = self.pieces();
        if to.is_none() && self.rng.u8(..3) == 0 {
            let iovcnt = iov.len() as i32;
            let iov = Some(iov);
            self.add(weight, Syscall::Writev { fd, iov, iovcnt });
            return;
        }
        let (name, namelen) = to.map_or((None, 0), |(name, len)| (Some(name), len));
        let control = match self.taste.sockets {
            // UDP has no control data.
            [_, 0 | 1, _] if self.rng.u8(..3) == 0 => Some(self.rights()),
            _ => None,
        };
        let msg = MsgIn {
            name,
            namelen,
            iov: Some(iov),
            controllen: control.as_ref().map_or(0, |control| control.len() as u64),
            control: control.map(UserIn::Bytes),
        };
        let flags = self.message_flags();
        if self.rng.u8(..4) > 0 {
            let msg = Some(msg);
            self.add(weight, Syscall::Sendmsg { fd, msg, flags });
            return;
        }
        let plain = MsgIn {
            iov: Some(self.pieces()),
            control: None,
            controllen: 0,
            ..msg.clone()
        };
        let msgvec = vec![plain, msg];
        let call = Syscall::Sendmmsg {
            fd,
            msgvec,
            vlen: self.rng.u32(..4),
            flags,
        };
        self.add(weight, call);
    }

    /// SCM_RIGHTS, perhaps with a descriptor that is closed, and perhaps shorter than it says.
    fn rights(&mut self) -> Vec<u8> {
        let mut fds = Vec::new();
        for _ in 0..self.rng.usize(..4) {
            let odd = self.rng.u8(..16) == 0 || self.passes.is_empty();
            let fd = match odd {
                true => [0, 1, 77, -1][self.rng.usize(..4)],
                false => self.passes[self.rng.usize(..self.passes.len())],
            };
            fds.extend(fd.to_le_bytes());
        }
        let mut control = (16 + fds.len() as u64).to_le_bytes().to_vec();
        control.extend(SOL_SOCKET.to_le_bytes());
        control.extend(SCM_RIGHTS.to_le_bytes());
        control.extend(fds);
        if self.rng.u8(..24) == 0 {
            control.pop();
        }
        control
    }

    pub(super) fn receive(&mut self, weight: u32, fd: i32, datagrams: bool) {
        let more = match self.rng.u8(..8) {
            0 | 1 => MSG_PEEK,
            2 => MSG_WAITALL,
            3 => MSG_TRUNC,
            _ => 0,
        };
        let flags = self.message_flags() | more;
        if self.taste.vectors && self.rng.bool() {
            self.receive_vector(weight, fd, flags);
            return;
        }
        let len = [0, 1, 2, 20, 4_000, 4_000][self.rng.usize(..6)];
        let buf = match self.rng.u8(..30) {
            0 => UserOut::Fault,
            _ => UserOut::Capacity(len),
        };
        let named = self.rng.u8(..4) == 0 || (datagrams && self.rng.bool());
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

    /// recvmsg(2) or readv(2).
    fn receive_vector(&mut self, weight: u32, fd: i32, flags: i32) {
        let iov = self.rooms();
        if self.rng.u8(..3) == 0 {
            let iovcnt = iov.len() as i32;
            let iov = Some(iov);
            self.add(weight, Syscall::Readv { fd, iov, iovcnt });
            return;
        }
        self.recvmsg(weight, fd, iov, flags);
    }

    fn recvmsg(&mut self, weight: u32, fd: i32, iov: Vec<(UserOut, u64)>, flags: i32) {
        let named = self.rng.bool();
        let room = [0, 0, 8, 64, 512][self.rng.usize(..5)];
        let msg = MsgOut {
            name: named.then_some(UserOut::Capacity(128)),
            namelen: [128, 128, 128, 2, 0][self.rng.usize(..5)],
            iov: Some(iov),
            control: (room > 0).then_some(UserOut::Capacity(room)),
            controllen: room,
        };
        if self.rng.u8(..4) > 0 {
            let msg = Some(msg);
            self.add(weight, Syscall::Recvmsg { fd, msg, flags });
            return;
        }
        let more = [0, 0, MSG_WAITFORONE][self.rng.usize(..3)];
        let second = self.rooms();
        let second = MsgOut {
            iov: Some(second),
            ..msg.clone()
        };
        let call = Syscall::Recvmmsg {
            fd,
            msgvec: vec![msg, second],
            vlen: self.rng.u32(..4),
            flags: flags | more,
            timeout: None,
        };
        self.add(weight, call);
    }

    /// What IP_RECVERR has queued.
    pub(super) fn error_queue(&mut self, weight: u32, fd: i32) {
        let iov = self.rooms();
        let flags = self.message_flags() | MSG_ERRQUEUE;
        self.recvmsg(weight, fd, iov, flags);
    }
}
