//! Calls on AF_UNIX sockets.

use super::Requests;
use crate::abi::constants::AF_UNIX;
use crate::abi::{Syscall, UserIn, UserOut};
use crate::fuzz::addresses;
use crate::kernel::unix::{Kind, State, Unix};

impl Requests<'_> {
    pub(super) fn socketpair(&mut self, weight: u32, ty: i32) {
        let sv = match self.rng.u8(..30) {
            0 => UserOut::Fault,
            _ => UserOut::Capacity(8),
        };
        let call = Syscall::Socketpair {
            domain: AF_UNIX,
            ty,
            protocol: 0,
            sv,
        };
        self.add(weight, call);
    }

    pub(super) fn unix(&mut self, fd: i32, unix: &Unix) {
        let queued = !unix.queue.is_empty();
        let named = unix.name.is_some();
        let stream = unix.kind != Kind::Datagram;
        match unix.state {
            State::Unconnected if stream => {
                self.bind_unix(if named { 1 } else { 10 }, fd);
                self.listen(if named { 16 } else { 1 }, fd);
                self.connect_unix(12, fd);
                self.send(1, fd);
                self.receive(2, fd, false);
                self.accept(1, fd);
            }
            State::Listening => {
                let waiting = unix.accept_queue.len();
                self.accept(if waiting > 0 { 20 } else { 3 }, fd);
                self.listen(2, fd);
                self.connect_unix(1, fd);
                self.receive(1, fd, false);
            }
            State::Unconnected | State::Connected => {
                self.bind_unix(if stream || named { 1 } else { 10 }, fd);
                self.connect_unix(if stream { 1 } else { 6 }, fd);
                self.disconnect(1, fd);
                self.send(10, fd);
                let to = addresses::unix(self.rng);
                self.send_there(if stream { 1 } else { 8 }, fd, to);
                self.receive(if queued { 14 } else { 5 }, fd, !stream);
                self.listen(1, fd);
                self.accept(1, fd);
            }
        }
        self.shutdown(2, fd);
        self.unlink(1);
    }

    fn bind_unix(&mut self, weight: u32, fd: i32) {
        let (addr, addrlen) = addresses::unix(self.rng);
        self.add(weight, Syscall::Bind { fd, addr, addrlen });
    }

    fn connect_unix(&mut self, weight: u32, fd: i32) {
        let (addr, addrlen) = addresses::unix(self.rng);
        self.add(weight, Syscall::Connect { fd, addr, addrlen });
    }

    fn unlink(&mut self, weight: u32) {
        let paths: [&[u8]; 5] = [b"a\0", b"b\0", b"/tmp/a\0", b"c\0", b"\0"];
        let pathname = UserIn::Bytes(paths[self.rng.usize(..paths.len())].to_vec());
        self.add(weight, Syscall::Unlink { pathname });
    }
}
