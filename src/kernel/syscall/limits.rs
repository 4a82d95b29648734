//! How long calls wait: SO_RCVTIMEO, SO_SNDTIMEO (`sock_rcvtimeo()`, `sock_sndtimeo()`) and SO_LINGER.

use super::Answer;
use crate::abi::{Errno, Reply};
use crate::base::{Pid, SockId, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::TcpState;
use crate::kernel::file::FileKind;
use crate::kernel::option::{JIFFY_MICROS, Opt};
use crate::kernel::rule::Rule;
use crate::kernel::task::{Blocked, Progress};
use std::time::Duration;

impl Kernel {
    /// When a call that waits gives up because of its socket's options.
    pub(crate) fn time_limit(&self, blocked: &Blocked, now: Time) -> Option<Time> {
        let (sock, opt) = match blocked.heart() {
            Blocked::Accept { sock, .. } | Blocked::Receive { sock, .. } => (sock, Opt::RcvTimeo),
            Blocked::Connect { sock, .. }
            | Blocked::Send { sock, .. }
            | Blocked::UnixSend { sock, .. }
            | Blocked::UnixConnect { sock, .. } => (sock, Opt::SndTimeo),
            Blocked::Poll { .. }
            | Blocked::Epoll { .. }
            | Blocked::PipeRead { .. }
            | Blocked::PipeWrite { .. }
            | Blocked::Child { .. }
            | Blocked::Sleep { .. }
            | Blocked::Futex { .. }
            | Blocked::Linger { .. }
            | Blocked::Signal
            | Blocked::Batch(_) => return None,
        };
        let jiffies = self.sockets.get(*sock)?.options.is_set(opt)?;
        Some(now + Duration::from_micros((jiffies * JIFFY_MICROS) as u64))
    }

    /// What a call answers whose time is up.
    pub(crate) fn timed_out(&mut self, cx: &mut Cx, blocked: &Blocked) -> Progress {
        let answer = match blocked.heart() {
            Blocked::Connect { .. } => Err(Errno::EINPROGRESS.into()),
            Blocked::Receive {
                sock, want, got, ..
            } if !got.is_empty() => self.tcp_received(*sock, got.clone(), *want),
            Blocked::Send { sent, .. } if *sent > 0 => Ok(Reply::ok(*sent)),
            Blocked::UnixSend { out, .. } if out.sent > 0 => Ok(Reply::ok(out.sent)),
            Blocked::Accept { .. }
            | Blocked::Receive { .. }
            | Blocked::Send { .. }
            | Blocked::UnixSend { .. }
            | Blocked::UnixConnect { .. }
            | Blocked::Poll { .. }
            | Blocked::Epoll { .. }
            | Blocked::PipeRead { .. }
            | Blocked::PipeWrite { .. }
            | Blocked::Child { .. }
            | Blocked::Sleep { .. }
            | Blocked::Futex { .. }
            | Blocked::Linger { .. }
            | Blocked::Signal
            | Blocked::Batch(_) => Err(Errno::EAGAIN.into()),
        };
        super::finish(if let Blocked::Batch(batch) = blocked {
            self.message_done(cx, (**batch).clone(), answer)
        } else {
            answer
        })
    }

    /// close(2). The last one of a socket with SO_LINGER waits until the peer has everything
    /// (`sk_stream_wait_close()`), even if O_NONBLOCK is set.
    pub(super) fn sys_close(&mut self, cx: &mut Cx, pid: Pid, fd: i32) -> Answer {
        let sock = match self.file(pid, fd) {
            Ok((_, open)) => match open.kind {
                FileKind::Socket(sock) => Some(sock),
                FileKind::Stdio(_) | FileKind::Pipe(..) | FileKind::Epoll | FileKind::Null(_) => {
                    None
                }
            },
            Err(_) => None,
        };
        let linger = sock.and_then(|sock| self.sockets.get(sock));
        let linger = linger.map_or(0, |socket| socket.options.get(Opt::Linger));
        if !self.close_descriptor(cx, pid, fd, Rule::LastClose) {
            return Err(Errno::EBADF.into());
        }
        if let Some(sock) = sock
            && linger & 1 == 1
            && self.is_closing(sock)
        {
            let seconds = (linger >> 1) as u64;
            let deadline = cx.now + Duration::from_secs(seconds.min(u64::from(u32::MAX)));
            return Err(Blocked::Linger { sock, deadline }.into());
        }
        Ok(Reply::ok(0))
    }

    /// Whether an orphan's data or FIN is not acknowledged yet.
    pub(super) fn is_closing(&self, sock: SockId) -> bool {
        self.sockets.get(sock).is_some_and(|socket| {
            socket.file.is_none()
                && matches!(
                    socket.state(),
                    TcpState::FinWait1 | TcpState::Closing | TcpState::LastAck
                )
        })
    }
}
