//! poll(2), ppoll(2), select(2), pselect6(2), nanosleep(2).

use super::Answer;
use crate::abi::constants::{
    POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND,
    POLLWRNORM,
};
use crate::abi::{Errno, Reply, UserIn, UserOut};
use crate::base::{FileId, Pid, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::fd::LIMIT;
use crate::kernel::poll::revents;
use crate::kernel::task::{Blocked, PollAnswer, PollFd};
use std::time::Duration;

/// RLIMIT_NOFILE's soft limit: poll(2) takes no more entries.
const MAX_FDS: u32 = 1_024;
/// Size of `struct pollfd`.
const POLLFD: usize = 8;
/// What each set of select(2) asks for: POLLIN_SET, POLLOUT_SET, POLLEX_SET.
const SET_EVENTS: [i32; 3] = [
    POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
    POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR,
    POLLPRI,
];
const NANOS: i64 = 1_000_000_000;

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
        let wait = u64::try_from(timeout).ok();
        let deadline = wait.map(|ms| cx.now + Duration::from_millis(ms));
        self.poll_until(cx, pid, fds, nfds, deadline)
    }

    /// ppoll(2): the timeout is looked at before the entries.
    pub(super) fn sys_ppoll(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        (fds, nfds): (&UserIn, u32),
        timeout: Option<&UserIn>,
        sigmask: Option<&UserIn>,
    ) -> Answer {
        let deadline = deadline_of(cx, timeout, 1)?;
        self.bring_mask(cx, sigmask)?;
        self.poll_until(cx, pid, fds, nfds, deadline)
    }

    fn poll_until(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fds: &UserIn,
        nfds: u32,
        deadline: Option<Time>,
    ) -> Answer {
        if nfds > MAX_FDS {
            return Err(Errno::EINVAL.into());
        }
        let mut entries = Vec::new();
        match fds {
            _ if nfds == 0 => {}
            UserIn::Bytes(bytes) if bytes.len() >= nfds as usize * POLLFD => {
                for bytes in bytes.chunks_exact(POLLFD).take(nfds as usize) {
                    entries.push(PollFd::decode(bytes));
                }
            }
            UserIn::Bytes(_) | UserIn::Fault => return Err(Errno::EFAULT.into()),
        }
        let files = self.poll_files(pid, &entries);
        self.poll_now(cx, pid, entries, files, deadline, PollAnswer::Array)
    }

    /// select(2): `kern_select()`; the timeout is a struct timeval, and the time that is left is written
    /// back.
    pub(super) fn sys_select(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        nfds: i32,
        sets: [Option<&UserIn>; 3],
        timeout: Option<&UserIn>,
    ) -> Answer {
        let deadline = deadline_of(cx, timeout, 1_000)?;
        self.select_until(cx, pid, nfds, sets, deadline, timeout.is_some())
    }

    /// pselect6(2): the timeout is a struct timespec.
    pub(super) fn sys_pselect6(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        nfds: i32,
        sets: [Option<&UserIn>; 3],
        (timeout, sigmask): (Option<&UserIn>, Option<&UserIn>),
    ) -> Answer {
        let deadline = deadline_of(cx, timeout, 1)?;
        self.bring_mask(cx, sigmask)?;
        self.select_until(cx, pid, nfds, sets, deadline, false)
    }

    /// `core_sys_select()`.
    fn select_until(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        nfds: i32,
        sets: [Option<&UserIn>; 3],
        deadline: Option<Time>,
        timeout: bool,
    ) -> Answer {
        if nfds < 0 {
            return Err(Errno::EINVAL.into());
        }
        // Whole words of 64 bits; beyond the limit no descriptor is open, and no bit is looked at.
        let nfds = nfds.min(LIMIT);
        let len = (nfds as usize).div_ceil(64) * 8;
        let mut given: [Option<Vec<u8>>; 3] = [None, None, None];
        for (given, set) in given.iter_mut().zip(sets) {
            *given = match set {
                None => None,
                Some(_) if len == 0 => None,
                Some(UserIn::Bytes(bytes)) if bytes.len() >= len => Some(bytes[..len].to_vec()),
                Some(UserIn::Bytes(_) | UserIn::Fault) => return Err(Errno::EFAULT.into()),
            };
        }
        let mut fds = Vec::new();
        for fd in 0..nfds {
            let mut events = 0;
            for (set, of_set) in given.iter().zip(SET_EVENTS) {
                let is_set = set.as_ref().is_some_and(|set| bit(set, fd));
                events |= if is_set { of_set } else { 0 };
            }
            if events != 0 {
                // max_select_fd(): one that is closed spoils the call.
                self.file(pid, fd)?;
                fds.push(PollFd {
                    fd,
                    events: events as i16,
                    revents: 0,
                });
            }
        }
        let files = self.poll_files(pid, &fds);
        let answer = PollAnswer::Sets {
            sets: given,
            timeout,
        };
        self.poll_now(cx, pid, fds, files, deadline, answer)
    }

    /// The files that the call holds while it waits.
    fn poll_files(&self, pid: Pid, fds: &[PollFd]) -> Vec<FileId> {
        let mut files = Vec::new();
        for entry in fds {
            if let Ok((file, _)) = self.file(pid, entry.fd) {
                files.push(file);
            }
        }
        files
    }

    /// Answers if a descriptor is ready or the time is up; waits otherwise.
    pub(super) fn poll_now(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        mut fds: Vec<PollFd>,
        files: Vec<FileId>,
        deadline: Option<Time>,
        answer: PollAnswer,
    ) -> Answer {
        for entry in &mut fds {
            if let Ok((file, _)) = self.file(pid, entry.fd) {
                self.polled(file, entry.events.into());
            }
            entry.revents = self.revents_of(pid, *entry, &answer);
        }
        let ready = fds.iter().filter(|p| p.revents != 0).count() as u64;
        if ready == 0 && deadline.is_none_or(|at| at > cx.now) {
            return Err(Blocked::Poll {
                fds,
                files,
                deadline,
                answer,
            }
            .into());
        }
        let (sets, timeout) = match answer {
            PollAnswer::Array => {
                let mut bytes = Vec::new();
                for entry in &fds {
                    bytes.extend_from_slice(&entry.encode());
                }
                let reply = Reply::ok(ready);
                return Ok(if bytes.is_empty() {
                    reply
                } else {
                    reply.with_write(0, bytes)
                });
            }
            PollAnswer::Sets { sets, timeout } => (sets, timeout),
        };
        let mut reply = Reply::ok(0);
        let mut found = 0;
        for (arg, (set, of_set)) in (1..).zip(sets.into_iter().zip(SET_EVENTS)) {
            let Some(given) = set else { continue };
            let mut out = vec![0; given.len()];
            for entry in &fds {
                if bit(&given, entry.fd) && i32::from(entry.revents) & of_set != 0 {
                    out[entry.fd as usize / 8] |= 1 << (entry.fd % 8);
                    found += 1;
                }
            }
            reply = reply.with_write(arg, out);
        }
        reply.result = Ok(found);
        if let Some(at) = deadline.filter(|_| timeout) {
            let left = at.since(cx.now);
            let mut bytes = (left.as_secs()).to_le_bytes().to_vec();
            bytes.extend_from_slice(&u64::from(left.subsec_micros()).to_le_bytes());
            reply = reply.with_write(4, bytes);
        }
        Ok(reply)
    }

    /// What the call finds for one entry; poll(2) skips negative descriptors and tells errors and hang-ups
    /// unasked.
    fn revents_of(&self, pid: Pid, entry: PollFd, answer: &PollAnswer) -> i16 {
        if entry.fd < 0 {
            return 0;
        }
        let ready = match self.file(pid, entry.fd) {
            Ok((file, _)) => self.file_readiness(file),
            Err(_) => POLLNVAL,
        };
        match answer {
            PollAnswer::Array => revents(ready, entry.events),
            // Since 5.18 a descriptor that another thread has closed counts as ready.
            PollAnswer::Sets { .. } if ready == POLLNVAL => entry.events,
            PollAnswer::Sets { .. } => ready as i16 & entry.events,
        }
    }

    /// Whether poll(2) would find something.
    pub(super) fn any_ready(&self, pid: Pid, fds: &[PollFd], answer: &PollAnswer) -> bool {
        fds.iter()
            .any(|entry| self.revents_of(pid, *entry, answer) != 0)
    }

    /// nanosleep(2).
    pub(super) fn sys_nanosleep(
        &mut self,
        cx: &mut Cx,
        req: &UserIn,
        rem: Option<UserOut>,
    ) -> Answer {
        let rem = rem.is_some_and(|out| out.room() >= 16);
        match deadline_of(cx, Some(req), 1)? {
            Some(deadline) => Err(Blocked::Sleep { deadline, rem }.into()),
            None => Err(Errno::EFAULT.into()),
        }
    }
}

fn bit(set: &[u8], fd: i32) -> bool {
    let byte = set.get(fd as usize / 8);
    byte.is_some_and(|byte| byte >> (fd % 8) & 1 == 1)
}

/// When a struct timespec (`unit` 1) or timeval (1000) is over, counted from now: EFAULT, or EINVAL for what
/// is no time (`poll_select_set_timeout()`). A timeval may have more than a second of microseconds.
pub(super) fn deadline_of(
    cx: &Cx,
    time: Option<&UserIn>,
    unit: i64,
) -> Result<Option<Time>, Errno> {
    let Some(time) = time else { return Ok(None) };
    let UserIn::Bytes(bytes) = time else {
        return Err(Errno::EFAULT);
    };
    let bytes = bytes.first_chunk::<16>().ok_or(Errno::EFAULT)?;
    let word = |from: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[from..from + 8]);
        i64::from_le_bytes(eight)
    };
    let (mut seconds, mut nanos) = (word(0), word(8));
    if unit > 1 {
        let per_second = NANOS / unit;
        seconds = seconds.wrapping_add(nanos / per_second);
        nanos = nanos % per_second * unit;
    }
    if seconds < 0 || !(0..NANOS).contains(&nanos) {
        return Err(Errno::EINVAL);
    }
    // Longer than any run lasts is for ever.
    let seconds = u64::try_from(seconds).unwrap_or(0).min(1 << 32);
    Ok(Some(cx.now + Duration::new(seconds, nanos as u32)))
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

    fn encode(&self) -> [u8; POLLFD] {
        let [a, b, c, d] = self.fd.to_le_bytes();
        let [e, f] = self.events.to_le_bytes();
        let [g, h] = self.revents.to_le_bytes();
        [a, b, c, d, e, f, g, h]
    }
}
