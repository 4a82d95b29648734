//! Descriptors, their flags, and pipes.

use super::Requests;
use crate::abi::constants::{
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD, F_SETFL, FIONBIO, FIONREAD, O_APPEND,
    O_CLOEXEC, O_NONBLOCK, O_RDWR, SIOCATMARK, SOCK_NONBLOCK,
};
use crate::abi::{Syscall, UserIn, UserOut};
use crate::kernel::file::PipeEnd;

impl Requests<'_> {
    /// dup(2), dup2(2), dup3(2), fcntl(2) with F_DUPFD.
    pub(super) fn duplicate(&mut self, fd: i32, open: &[i32]) {
        self.add(1, Syscall::Dup { fd });
        // Over another one, itself, or far above; 0 to 2 stay what they are.
        let newfd = match self.rng.u8(..8) {
            0 => fd,
            1 => [-1, 9, 2_000_000_000][self.rng.usize(..3)],
            _ => open[self.rng.usize(..open.len())],
        };
        if !(0..=2).contains(&newfd) {
            self.add(1, Syscall::Dup2 { fd, newfd });
            let flags = [0, O_CLOEXEC, O_NONBLOCK][self.rng.usize(..3)];
            self.add(1, Syscall::Dup3 { fd, newfd, flags });
        }
        let cmd = [F_DUPFD, F_DUPFD_CLOEXEC][self.rng.usize(..2)];
        let arg = [0, 3, 12, u64::MAX][self.rng.usize(..4)];
        self.add(1, Syscall::Fcntl { fd, cmd, arg });
    }

    /// Flags and counts.
    pub(super) fn control(&mut self, fd: i32) {
        let asked = [
            (F_GETFD, 0),
            (F_SETFD, 1),
            (F_SETFD, 0),
            (F_GETFL, 0),
            (F_SETFL, O_NONBLOCK),
            (F_SETFL, 0),
            (F_SETFL, O_APPEND | O_RDWR),
            (99, 0),
        ];
        let (cmd, arg) = asked[self.rng.usize(..asked.len())];
        let arg = arg as u64;
        self.add(3, Syscall::Fcntl { fd, cmd, arg });
        let request = [FIONREAD, FIONREAD, FIONBIO, FIONBIO, SIOCATMARK, 0x1234];
        let request = request[self.rng.usize(..request.len())] as u64;
        let argp = match self.rng.u8(..16) {
            0 => UserIn::Fault,
            _ => UserIn::Bytes([0, 1, -1_i32][self.rng.usize(..3)].to_le_bytes().to_vec()),
        };
        self.add(4, Syscall::Ioctl { fd, request, argp });
    }

    pub(super) fn pipe(&mut self, weight: u32) {
        let pipefd = match self.rng.u8(..30) {
            0 => UserOut::Fault,
            _ => UserOut::Capacity(8),
        };
        let flags = [0, SOCK_NONBLOCK, O_CLOEXEC, 1][self.rng.usize(..4)];
        let call = match self.rng.bool() {
            true => Syscall::Pipe { pipefd },
            false => Syscall::Pipe2 { pipefd, flags },
        };
        self.add(weight, call);
    }

    /// A read of a pipe sleeps unless O_NONBLOCK is set: there is no flag for one call.
    pub(super) fn pipe_end(&mut self, fd: i32, end: PipeEnd) {
        match end {
            PipeEnd::Read => {
                self.receive(6, fd, false);
                let count = [0, 1, 4_096][self.rng.usize(..3)];
                let buf = UserOut::Capacity(count);
                self.add(8, Syscall::Read { fd, buf, count });
            }
            PipeEnd::Write => {
                self.send(4, fd);
                let data = vec![b'p'; [0, 1, 4_096, 5_000][self.rng.usize(..4)]];
                let count = data.len() as u64;
                let buf = UserIn::Bytes(data);
                self.add(6, Syscall::Write { fd, buf, count });
            }
        }
    }
}
