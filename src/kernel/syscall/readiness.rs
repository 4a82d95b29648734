//! poll(2), nanosleep(2).

use super::Answer;
use crate::abi::{Errno, Reply, UserIn};
use crate::base::{FileId, Pid};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::poll::revents;
use crate::kernel::task::{Blocked, PollFd, Progress};
use std::time::Duration;

/// RLIMIT_NOFILE's soft limit: poll(2) takes no more entries.
const MAX_FDS: u32 = 1_024;
/// Size of `struct pollfd`.
const POLLFD: usize = 8;

impl Kernel {
    /// poll(2): `do_sys_poll()`. A negative timeout waits for ever.
    pub(super) fn sys_poll(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fds: &UserIn,
        nfds: u32,
        timeout: i32,
    ) -> Answer {
        if nfds > MAX_FDS {
            return Err(Errno::EINVAL.into());
        }
        let fds = match fds {
            _ if nfds == 0 => Vec::new(),
            UserIn::Bytes(bytes) if bytes.len() >= nfds as usize * POLLFD => bytes
                .chunks_exact(POLLFD)
                .take(nfds as usize)
                .map(PollFd::decode)
                .collect(),
            UserIn::Bytes(_) | UserIn::Fault => return Err(Errno::EFAULT.into()),
        };
        let files = self.poll_files(pid, &fds);
        let deadline = u64::try_from(timeout)
            .ok()
            .map(|ms| cx.now + Duration::from_millis(ms));
        self.poll_now(cx, pid, fds, files, deadline)
    }

    /// The files that the call holds while it waits.
    fn poll_files(&self, pid: Pid, fds: &[PollFd]) -> Vec<FileId> {
        fds.iter()
            .filter_map(|p| self.file(pid, p.fd).ok().map(|(file, _)| file))
            .collect()
    }

    /// Answers if a descriptor is ready or the time is up; waits otherwise.
    pub(super) fn poll_now(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        mut fds: Vec<PollFd>,
        files: Vec<FileId>,
        deadline: Option<crate::base::Time>,
    ) -> Answer {
        for entry in &mut fds {
            entry.revents = self.revents_of(pid, *entry);
        }
        let ready = fds.iter().filter(|p| p.revents != 0).count() as u64;
        if ready == 0 && deadline.is_none_or(|at| at > cx.now) {
            return Err(Progress::Waiting(Blocked::Poll {
                fds,
                files,
                deadline,
            })
            .into());
        }
        let bytes: Vec<u8> = fds.iter().flat_map(PollFd::encode).collect();
        let reply = Reply::ok(ready);
        Ok(if bytes.is_empty() {
            reply
        } else {
            reply.with_write(0, bytes)
        })
    }

    /// What poll(2) reports for one entry; negative descriptors are skipped.
    fn revents_of(&self, pid: Pid, entry: PollFd) -> i16 {
        if entry.fd < 0 {
            return 0;
        }
        let stdin_empty = self.processes.get(pid).is_none_or(|p| p.stdin.is_empty());
        match self.file(pid, entry.fd) {
            Ok((file, _)) => revents(self.file_readiness(file, stdin_empty), entry.events),
            Err(_) => crate::abi::constants::POLLNVAL as i16,
        }
    }

    /// Whether poll(2) would find something.
    pub(super) fn any_ready(&self, pid: Pid, fds: &[PollFd]) -> bool {
        fds.iter().any(|entry| self.revents_of(pid, *entry) != 0)
    }

    /// nanosleep(2).
    pub(super) fn sys_nanosleep(&mut self, cx: &mut Cx, req: &UserIn) -> Answer {
        let UserIn::Bytes(bytes) = req else {
            return Err(Errno::EFAULT.into());
        };
        let Some(bytes) = bytes.first_chunk::<16>() else {
            return Err(Errno::EFAULT.into());
        };
        let word = |from: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[from..from + 8]);
            i64::from_le_bytes(eight)
        };
        let (Ok(seconds), Ok(nanos)) = (u64::try_from(word(0)), u32::try_from(word(8))) else {
            return Err(Errno::EINVAL.into());
        };
        if nanos > 999_999_999 {
            return Err(Errno::EINVAL.into());
        }
        let deadline = cx.now + Duration::new(seconds, nanos);
        Err(Progress::Waiting(Blocked::Sleep { deadline }).into())
    }
}

impl PollFd {
    fn decode(bytes: &[u8]) -> PollFd {
        let short = |at: usize| i16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let fd = i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        PollFd {
            fd,
            events: short(4),
            revents: short(6),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.fd.to_le_bytes().to_vec();
        bytes.extend(self.events.to_le_bytes());
        bytes.extend(self.revents.to_le_bytes());
        bytes
    }
}
