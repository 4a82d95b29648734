//! dup(2), fcntl(2), ioctl(2): descriptors and the open file descriptions behind them.

use super::Answer;
use super::address::int_from_user;
use crate::abi::constants::{
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD, F_SETFL, FD_CLOEXEC, FIONBIO, FIONREAD,
    O_APPEND, O_ASYNC, O_CLOEXEC, O_CREAT, O_DIRECT, O_DIRECTORY, O_EXCL, O_NOATIME, O_NOCTTY,
    O_NONBLOCK, O_TRUNC, SIOCATMARK, SIOCOUTQNSD, TIOCOUTQ,
};
use crate::abi::{Errno, NotModelled, Reply, UserIn};
use crate::base::{FileId, Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::file::{FileKind, OpenFile, Stdio};
use crate::kernel::rule::Rule;
use crate::kernel::socket::Protocol;

/// What open(2) sets of itself on x86-64.
const O_LARGEFILE: i32 = 0x8000;

impl Kernel {
    /// openat(2): of all paths there is /dev/null.
    pub(super) fn sys_openat(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        pathname: &UserIn,
        flags: i32,
    ) -> Answer {
        const IGNORED: i32 = O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC | O_NONBLOCK;
        let UserIn::Bytes(path) = pathname else {
            return Err(Errno::EFAULT.into());
        };
        let (mode, rest) = (flags & 3, flags & !3 & !(O_APPEND | O_EXCL | O_DIRECTORY));
        if path != b"/dev/null\0" || mode == 3 || rest & !IGNORED != 0 {
            return Err(NotModelled::Call { call: "openat" }.into());
        }
        if flags & O_CREAT != 0 && flags & O_EXCL != 0 {
            return Err(Errno::EEXIST.into());
        }
        if flags & O_DIRECTORY != 0 {
            return Err(Errno::ENOTDIR.into());
        }
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let fd = process.fds.reserve(flags & O_CLOEXEC != 0)?;
        let mut open = OpenFile::new(FileKind::Null(mode), flags & O_NONBLOCK != 0);
        open.other_flags = O_LARGEFILE | flags & O_APPEND;
        let file = self.files.insert(open);
        process.fds.fill(fd, file);
        cx.emit(EventKind::FileOpened { file, sock: None });
        cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
        Ok(Reply::ok(fd as u64))
    }

    /// dup(2).
    pub(super) fn sys_dup(&mut self, cx: &mut Cx, pid: Pid, fd: i32) -> Answer {
        let (file, _) = self.file(pid, fd)?;
        self.duplicate(cx, pid, file, 0, false)
    }

    /// Another descriptor for a file: the lowest that is free and not below `from`.
    fn duplicate(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        file: FileId,
        from: i32,
        close_on_exec: bool,
    ) -> Answer {
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let fd = process.fds.reserve_from(from, close_on_exec)?;
        process.fds.fill(fd, file);
        self.hold(file);
        cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
        Ok(Reply::ok(fd as u64))
    }

    /// dup2(2): on one number it only checks that it is open.
    pub(super) fn sys_dup2(&mut self, cx: &mut Cx, pid: Pid, fd: i32, newfd: i32) -> Answer {
        if fd == newfd {
            self.file(pid, fd)?;
            return Ok(Reply::ok(fd as u64));
        }
        self.sys_dup3(cx, pid, fd, newfd, 0)
    }

    /// dup3(2): `ksys_dup3()`, `do_dup2()`.
    pub(super) fn sys_dup3(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        newfd: i32,
        flags: i32,
    ) -> Answer {
        if flags & !O_CLOEXEC != 0 || fd == newfd {
            return Err(Errno::EINVAL.into());
        }
        if !(0..self.descriptor_limit(pid)).contains(&newfd) {
            return Err(Errno::EBADF.into());
        }
        let (file, _) = self.file(pid, fd)?;
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        // A number that a call under way holds is neither open nor free.
        if process
            .fds
            .descriptor(newfd)
            .is_some_and(|d| d.file.is_none())
        {
            return Err(Errno::EBUSY.into());
        }
        self.hold(file);
        self.close_descriptor(cx, pid, newfd, Rule::Replaced);
        if let Some(process) = self.processes.get_mut(pid) {
            process.fds.put(newfd, file, flags & O_CLOEXEC != 0);
        }
        let fd = newfd;
        cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
        Ok(Reply::ok(newfd as u64))
    }

    /// RLIMIT_NOFILE.
    pub(super) fn descriptor_limit(&self, pid: Pid) -> i32 {
        self.processes.get(pid).map_or(0, |p| p.fds.limit)
    }

    /// fcntl(2): `do_fcntl()`.
    pub(super) fn sys_fcntl(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        cmd: i32,
        arg: u64,
    ) -> Answer {
        let (file, open) = self.file(pid, fd)?;
        let int = arg as i32;
        match cmd {
            F_DUPFD | F_DUPFD_CLOEXEC => {
                if !(0..self.descriptor_limit(pid)).contains(&int) {
                    return Err(Errno::EINVAL.into());
                }
                self.duplicate(cx, pid, file, int, cmd == F_DUPFD_CLOEXEC)
            }
            F_GETFD => {
                let process = self.processes.get(pid).ok_or(Errno::ESRCH)?;
                let set = process.fds.descriptor(fd).is_some_and(|d| d.close_on_exec);
                Ok(Reply::ok(u64::from(set)))
            }
            F_SETFD => {
                let on = int & FD_CLOEXEC != 0;
                if let Some(process) = self.processes.get_mut(pid) {
                    process.fds.put(fd, file, on);
                }
                cx.emit(EventKind::CloexecSet { pid, fd, on });
                Ok(Reply::ok(0))
            }
            F_GETFL => {
                let nonblocking = if open.nonblocking { O_NONBLOCK } else { 0 };
                Ok(Reply::ok(
                    (open.access_mode() | open.other_flags | nonblocking) as u64,
                ))
            }
            F_SETFL => {
                let pipe = match open.kind {
                    FileKind::Pipe(..) | FileKind::Stdio(_) => true,
                    FileKind::Socket(_) | FileKind::Epoll | FileKind::Null(_) => false,
                };
                if int & O_DIRECT != 0 && !pipe {
                    return Err(Errno::EINVAL.into());
                }
                if int & O_ASYNC != 0 {
                    return Err(NotModelled::CallOnFile { call: "fcntl", fd }.into());
                }
                if let Some(open) = self.files.get_mut(file) {
                    let kept = open.other_flags & O_LARGEFILE;
                    open.other_flags = int & (O_APPEND | O_NOATIME | O_DIRECT) | kept;
                }
                self.set_nonblocking(cx, file, int & O_NONBLOCK != 0);
                Ok(Reply::ok(0))
            }
            // Locks, owners, leases, seals, sizes of pipes.
            5..=16 | 36..=38 | 1024..=1040 => {
                Err(NotModelled::CallOnFile { call: "fcntl", fd }.into())
            }
            _ => Err(Errno::EINVAL.into()),
        }
    }

    fn set_nonblocking(&mut self, cx: &mut Cx, file: FileId, on: bool) {
        let Some(open) = self.files.get_mut(file) else {
            return;
        };
        if open.nonblocking != on {
            open.nonblocking = on;
            let nonblocking = on;
            cx.emit(EventKind::NonblockingSet { file, nonblocking });
        }
    }

    /// ioctl(2): `do_vfs_ioctl()`, `sock_ioctl()`, `tcp_ioctl()`, `pipe_ioctl()`.
    pub(super) fn sys_ioctl(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        request: u64,
        argp: &UserIn,
    ) -> Answer {
        /// FIONCLEX, FIOCLEX, FIOASYNC, FIOQSIZE and others of every file; requests of sockets.
        const KNOWN: [std::ops::RangeInclusive<i32>; 2] = [0x5450..=0x5460, 0x8900..=0x89ff];
        /// Size of `struct ifreq`.
        const IFREQ: usize = 40;
        let (file, open) = self.file(pid, fd)?;
        // The request is an unsigned int.
        let request = request as u32 as i32;
        if request == FIONBIO {
            let on = int_from_user(argp).ok_or(Errno::EFAULT)?;
            self.set_nonblocking(cx, file, on != 0);
            return Ok(Reply::ok(0));
        }
        let value = match (open.kind, request) {
            (FileKind::Socket(sock), FIONREAD | TIOCOUTQ | SIOCOUTQNSD | SIOCATMARK) => {
                match self.socket_count(sock, request)? {
                    Some(count) => count,
                    // sock_do_ioctl(): it could be about a device, and then there is a struct ifreq.
                    None if matches!(argp, UserIn::Bytes(b) if b.len() >= IFREQ) => {
                        return Err(Errno::ENOTTY.into());
                    }
                    None => return Err(Errno::EFAULT.into()),
                }
            }
            // SIOCGIFCONF and what else is about a device takes a struct.
            (FileKind::Socket(_), 0x8910..=0x8938) if *argp == UserIn::Fault => {
                return Err(Errno::EFAULT.into());
            }
            (FileKind::Pipe(pipe, _), FIONREAD) => {
                self.pipes.get(pipe).map_or(0, |p| p.len()) as i32
            }
            (FileKind::Stdio(Stdio::Input), FIONREAD) => {
                let process = open.stdio_of.and_then(|pid| self.processes.get(pid));
                process.map_or(0, |p| p.stdin.len()) as i32
            }
            (FileKind::Stdio(Stdio::Output | Stdio::Error), FIONREAD) => 0,
            (FileKind::Epoll, _) => return Err(Errno::EINVAL.into()),
            (
                FileKind::Socket(_) | FileKind::Pipe(..) | FileKind::Stdio(_) | FileKind::Null(_),
                _,
            ) => {
                let known = KNOWN.iter().any(|range| range.contains(&request));
                let socket = matches!(open.kind, FileKind::Socket(_));
                return if known && (socket || request < 0x8900) {
                    Err(NotModelled::CallOnFile { call: "ioctl", fd }.into())
                } else {
                    Err(Errno::ENOTTY.into())
                };
            }
        };
        // put_user(); a word that does not change is not told.
        let given = int_from_user(argp).ok_or(Errno::EFAULT)?;
        let reply = Reply::ok(0);
        Ok(if given == value {
            reply
        } else {
            reply.with_write(2, value.to_le_bytes().to_vec())
        })
    }

    /// The counts of a socket: octets to read, octets not acknowledged, octets not sent, the urgent mark. Nothing
    /// if the protocol does not count that.
    fn socket_count(&self, sock: SockId, request: i32) -> Result<Option<i32>, super::Stop> {
        let socket = self.sockets.get(sock).ok_or(Errno::EBADF)?;
        let next = match &socket.protocol {
            Protocol::Tcp => None,
            // udp_ioctl(), raw_ioctl(): the next datagram; what was sent has left.
            Protocol::Udp(udp) if request != TIOCOUTQ || udp.held.is_none() => {
                Some(udp.next_len() as i32)
            }
            Protocol::Udp(_) => return Err(NotModelled::Call { call: "ioctl" }.into()),
            Protocol::Raw(raw) => {
                Some(raw.queue.front().map_or(0, |(_, bytes)| bytes.len()) as i32)
            }
            Protocol::Unix(_) if request == SIOCOUTQNSD => return Ok(None),
            Protocol::Unix(unix) => return Ok(Some(unix.count(request)?)),
        };
        if let Some(next) = next {
            return Ok(match request {
                FIONREAD => Some(next),
                TIOCOUTQ => Some(0),
                _ => None,
            });
        }
        if request == SIOCATMARK {
            return Ok(Some(socket.at_mark().into()));
        }
        match socket.state() {
            TcpState::Listen => return Err(Errno::EINVAL.into()),
            TcpState::SynSent | TcpState::SynReceived => return Ok(Some(0)),
            TcpState::Closed
            | TcpState::Established
            | TcpState::FinWait1
            | TcpState::FinWait2
            | TcpState::CloseWait
            | TcpState::Closing
            | TcpState::LastAck
            | TcpState::TimeWait => {}
        }
        let sent = socket.tcp.connection();
        Ok(Some(match request {
            FIONREAD => socket.readable() as i32,
            TIOCOUTQ => sent.map_or(0, |c| (c.snd.write_seq - c.snd.una) as i32),
            _ => sent.map_or(0, |c| (c.snd.write_seq - c.snd.nxt) as i32),
        }))
    }
}
