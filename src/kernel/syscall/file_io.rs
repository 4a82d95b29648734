//! read(2), write(2), readv(2), writev(2): what does not go by the kind of file is checked here.

use super::data::check_range;
use super::message::Message;
use super::{Answer, Found};
use crate::abi::constants::O_WRONLY;
use crate::abi::{Errno, IovIn, IovOut, Reply, UserIn, UserOut};
use crate::base::{FileId, Pid};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::file::{FileKind, OpenFile, PipeEnd, Stdio};
use crate::kernel::task::Receive;

impl Kernel {
    /// read(2).
    pub(super) fn sys_read(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        buf: UserOut,
        count: u64,
    ) -> Answer {
        let opened = self.opened_for(pid, fd, PipeEnd::Read)?;
        check_range(count)?;
        self.read_file(cx, pid, fd, opened, Receive::into_buffer(buf, count, 0))
    }

    /// readv(2).
    pub(super) fn sys_readv(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        iov: Option<&[IovOut]>,
        count: i32,
    ) -> Answer {
        let opened = self.opened_for(pid, fd, PipeEnd::Read)?;
        let want = Receive::into_vector(iov, count)?;
        // vfs_readv(): no file is asked for nothing.
        if want.len == 0 {
            return Ok(Reply::ok(0));
        }
        self.read_file(cx, pid, fd, opened, want)
    }

    /// write(2).
    pub(super) fn sys_write(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        buf: &UserIn,
        count: u64,
    ) -> Answer {
        let opened = self.opened_for(pid, fd, PipeEnd::Write)?;
        check_range(count)?;
        self.write_file(cx, pid, fd, opened, Message::of_buffer(buf, count, 0))
    }

    /// writev(2).
    pub(super) fn sys_writev(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        iov: Option<&[IovIn]>,
        count: i32,
    ) -> Answer {
        let opened = self.opened_for(pid, fd, PipeEnd::Write)?;
        let message = Message::of_vector(iov, count)?;
        if message.data.is_empty() && !message.fault {
            return Ok(Reply::ok(0));
        }
        self.write_file(cx, pid, fd, opened, message)
    }

    /// The open file, unless it is open for the other direction only (FMODE_READ, FMODE_WRITE).
    fn opened_for(
        &self,
        pid: Pid,
        fd: i32,
        way: PipeEnd,
    ) -> Result<(FileId, OpenFile), super::Stop> {
        let (file, open) = self.file(pid, fd)?;
        let forbidden = match way {
            PipeEnd::Read => O_WRONLY,
            PipeEnd::Write => 0,
        };
        if open.access_mode() == forbidden {
            return Err(Errno::EBADF.into());
        }
        if open.kind == FileKind::Epoll {
            return Err(Errno::EINVAL.into());
        }
        Ok((file, open))
    }

    fn read_file(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        (file, open): (FileId, OpenFile),
        want: Receive,
    ) -> Answer {
        match open.kind {
            // sock_read_iter(): "Match SYS5 behaviour".
            FileKind::Socket(_) if want.len == 0 => Ok(Reply::ok(0)),
            FileKind::Socket(sock) => {
                let found = Found {
                    file,
                    sock,
                    nonblocking: open.nonblocking,
                };
                self.receive_message(cx, found, want)
            }
            FileKind::Stdio(Stdio::Input) => {
                self.read_stdin(cx, open.stdio_of.unwrap_or(pid), fd, want)
            }
            FileKind::Pipe(pipe, PipeEnd::Read) => self.read_pipe(cx, file, pipe, want),
            FileKind::Null(_) => Ok(Reply::ok(0)),
            FileKind::Stdio(Stdio::Output | Stdio::Error) | FileKind::Pipe(_, PipeEnd::Write) => {
                Err(Errno::EBADF.into())
            }
            FileKind::Epoll => Err(Errno::EINVAL.into()),
        }
    }

    fn read_stdin(&mut self, cx: &mut Cx, pid: Pid, fd: i32, want: Receive) -> Answer {
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let len = process.stdin.len().min(want.len as usize);
        if len as u64 > want.room {
            return Err(Errno::EFAULT.into());
        }
        let bytes = process.stdin.take_front(len);
        let reply = Reply::ok(len as u64);
        let len = len as u32;
        cx.emit(EventKind::ConsoleRead { fd, len });
        Ok(if len > 0 {
            reply.with_write(want.arg, bytes)
        } else {
            reply
        })
    }

    fn write_file(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        (file, open): (FileId, OpenFile),
        message: Message,
    ) -> Answer {
        match open.kind {
            FileKind::Socket(sock) => {
                let found = Found {
                    file,
                    sock,
                    nonblocking: open.nonblocking,
                };
                self.send_message(cx, found, message)
            }
            FileKind::Stdio(stream @ (Stdio::Output | Stdio::Error)) => {
                if message.fault && message.data.is_empty() {
                    return Err(Errno::EFAULT.into());
                }
                let len = message.data.len() as u32;
                cx.emit(EventKind::ConsoleWrote { fd, len });
                cx.console(open.stdio_of.unwrap_or(pid), stream, &message.data);
                Ok(Reply::ok(len.into()))
            }
            FileKind::Pipe(pipe, PipeEnd::Write) => {
                self.write_pipe(cx, pid, (file, pipe), message, 0)
            }
            // write_null() takes all and looks at nothing.
            FileKind::Null(_) => Ok(Reply::ok(message.len)),
            FileKind::Stdio(Stdio::Input) | FileKind::Pipe(_, PipeEnd::Read) => {
                Err(Errno::EBADF.into())
            }
            FileKind::Epoll => Err(Errno::EINVAL.into()),
        }
    }
}
