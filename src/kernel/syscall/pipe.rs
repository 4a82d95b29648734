//! pipe(2), and reading and writing one: `pipe_read()`, `pipe_write()`.

use super::Answer;
use super::message::{Message, Received, received};
use crate::abi::constants::{
    O_CLOEXEC, O_DIRECT, O_NONBLOCK, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM, SIGPIPE,
};
use crate::abi::{Errno, Reply, SigInfo, UserOut};
use crate::base::{FileId, Pid, PipeId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::epoll::Source;
use crate::kernel::event::EventKind;
use crate::kernel::file::{FileKind, OpenFile, PipeEnd};
use crate::kernel::pipe::Pipe;
use crate::kernel::rule::Rule;
use crate::kernel::task::{Blocked, Process, Progress, Receive};

/// O_NOTIFICATION_PIPE, which is O_EXCL.
const NOTIFICATION: i32 = 0o200;

impl Kernel {
    /// pipe(2), pipe2(2): `do_pipe2()`.
    pub(super) fn sys_pipe2(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        pipefd: UserOut,
        flags: i32,
    ) -> Answer {
        if flags & !(O_CLOEXEC | O_NONBLOCK | O_DIRECT | NOTIFICATION) != 0 {
            return Err(Errno::EINVAL.into());
        }
        if flags & NOTIFICATION != 0 {
            let call = "pipe2(O_NOTIFICATION_PIPE)";
            return Err(crate::abi::NotModelled::Call { call }.into());
        }
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let close_on_exec = flags & O_CLOEXEC != 0;
        let fds = [
            process.fds.reserve(close_on_exec)?,
            process.fds.reserve(close_on_exec).unwrap_or(-1),
        ];
        let refused = if fds[1] < 0 {
            Some(Errno::EMFILE)
        } else if !matches!(pipefd, UserOut::Capacity(room) if room >= 8) {
            Some(Errno::EFAULT)
        } else {
            None
        };
        if let Some(errno) = refused {
            fds.into_iter().for_each(|fd| process.fds.cancel(fd));
            return Err(errno.into());
        }
        let nonblocking = flags & O_NONBLOCK != 0;
        let nobody = FileId(0);
        let pipe = self.pipes.insert(Pipe::new(nobody, nobody));
        let ends = [(fds[0], PipeEnd::Read), (fds[1], PipeEnd::Write)];
        for (fd, end) in ends {
            let mut open = OpenFile::new(FileKind::Pipe(pipe, end), nonblocking);
            if end == PipeEnd::Write {
                open.other_flags = flags & O_DIRECT;
            }
            let file = self.files.insert(open);
            if let Some(pipe) = self.pipes.get_mut(pipe) {
                match end {
                    PipeEnd::Read => pipe.reader = Some(file),
                    PipeEnd::Write => pipe.writer = Some(file),
                }
            }
            cx.emit(EventKind::FileOpened { file, sock: None });
            if let Some(process) = self.processes.get_mut(pid) {
                process.fds.fill(fd, file);
            }
            cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
        }
        let bytes = fds.map(i32::to_le_bytes).concat();
        Ok(Reply::ok(0).with_write(0, bytes))
    }

    /// `pipe_read()`.
    pub(super) fn read_pipe(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        pipe: PipeId,
        want: Receive,
    ) -> Answer {
        if want.len == 0 {
            return Ok(Reply::ok(0));
        }
        let open = self.pipes.get_mut(pipe).ok_or(Errno::EBADF)?;
        if open.is_empty() {
            if open.writer.is_none() {
                return Ok(Reply::ok(0));
            }
            if self.is_nonblocking(file) {
                return Err(Errno::EAGAIN.into());
            }
            return Err(Blocked::PipeRead { file, pipe, want }.into());
        }
        let was_full = open.is_full();
        // What cannot be written stays in the pipe, from the page of the fault on.
        let mut len = want.len;
        if want.room < len.min(open.len() as u64) {
            len = want.room;
            if len == 0 {
                return Err(Errno::EFAULT.into());
            }
        }
        let got = open.read(len as usize);
        let (now_full, writer) = (open.is_full(), open.writer);
        let (len, queued) = (got.len() as u32, open.len() as u32);
        cx.emit(EventKind::PipeRead { file, len, queued });
        if let Some(writer) = writer.filter(|_| was_full && !now_full) {
            cx.ready(Source::File(writer), POLLOUT | POLLWRNORM);
        }
        received(Received::octets(got), &want)
    }

    /// `pipe_write()`, from octet `sent` on.
    pub(super) fn write_pipe(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        (file, pipe): (FileId, PipeId),
        message: Message,
        sent: u64,
    ) -> Answer {
        let (data, fault) = (message.data, message.fault);
        if data.is_empty() && !fault {
            return Ok(Reply::ok(0));
        }
        let packet = self
            .files
            .get(file)
            .is_some_and(|f| f.other_flags & O_DIRECT != 0);
        let open = self.pipes.get_mut(pipe).ok_or(Errno::EBADF)?;
        let Some(reader) = open.reader else {
            if sent > 0 {
                return Ok(Reply::ok(sent));
            }
            return Err(self.broken_pipe(cx, pid));
        };
        let taken = open.write(&data[sent as usize..], packet);
        let queued = open.len() as u32;
        if taken > 0 {
            let len = taken as u32;
            cx.emit(EventKind::PipeWrote { file, len, queued });
            // Everybody who polls a pipe hears of every write (`poll_usage`).
            cx.ready(Source::File(reader), POLLIN | POLLRDNORM);
        }
        let sent = sent + taken as u64;
        if sent == data.len() as u64 {
            return match (fault, sent) {
                (true, 0) => Err(Errno::EFAULT.into()),
                (_, sent) => Ok(Reply::ok(sent)),
            };
        }
        if !self.is_nonblocking(file) {
            let blocked = Blocked::PipeWrite {
                file,
                pipe,
                data,
                fault,
                sent,
            };
            return Err(blocked.into());
        }
        if sent > 0 {
            Ok(Reply::ok(sent))
        } else {
            Err(Errno::EAGAIN.into())
        }
    }

    /// EPIPE, and SIGPIPE unless the process does without it.
    pub(crate) fn broken_pipe(&mut self, cx: &mut Cx, pid: Pid) -> super::Stop {
        let sender = self.processes.get(pid);
        let info = SigInfo {
            pid: pid.0 as i32,
            uid: sender.map_or(0, Process::uid),
            ..SigInfo::default()
        };
        match self.raise(cx, pid, SIGPIPE, info) {
            Some(ended) => Progress::Ending(ended).into(),
            None => Errno::EPIPE.into(),
        }
    }

    fn is_nonblocking(&self, file: FileId) -> bool {
        self.files.get(file).is_some_and(|open| open.nonblocking)
    }

    /// `pipe_release()`: the last reference to one end is gone.
    pub(crate) fn close_pipe(&mut self, cx: &mut Cx, pipe: PipeId, end: PipeEnd) {
        let Some(open) = self.pipes.get_mut(pipe) else {
            return;
        };
        match end {
            PipeEnd::Read => open.reader = None,
            PipeEnd::Write => open.writer = None,
        }
        match open.reader.or(open.writer) {
            // The other end hears of it, whatever it waits for.
            Some(other) => cx.ready(Source::File(other), 0),
            None => {
                self.pipes.remove(pipe);
            }
        }
        self.wake_ready(cx, Rule::LastClose);
    }
}
