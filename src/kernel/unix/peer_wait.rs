//! Waiting for room in another socket's queue of datagrams (`peer_wait`): calls that sleep, and senders that were told by
//! poll(2) or by EAGAIN that it is full. A full queue holds back strangers alone.

use crate::abi::constants::{POLLOUT, POLLWRBAND, POLLWRNORM};
use crate::base::{FileId, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::epoll::Source;
use crate::kernel::file::FileKind;
use crate::kernel::rule::Rule;
use crate::kernel::task::{Blocked, Progress, TaskState};
use crate::kernel::unix::Kind;
use std::cmp::Reverse;

impl Kernel {
    /// Whether a datagram socket's peer takes nothing more: its queue is full, and it is not connected back.
    pub(super) fn peer_is_full(&self, sock: SockId, to: SockId) -> bool {
        let other = self.unix(to);
        to != sock && other.is_some_and(|u| u.peer != Some(sock) && u.is_full())
    }

    /// `unix_dgram_poll()`: a look for room that finds none because of the peer asks to be told.
    pub(crate) fn polled(&mut self, file: FileId, events: i32) {
        if events & (POLLOUT | POLLWRNORM | POLLWRBAND) == 0 {
            return;
        }
        if let Some(FileKind::Socket(sock)) = self.files.get(file).map(|open| open.kind)
            && self.unix(sock).is_some_and(|unix| unix.is_writable())
        {
            self.peer_wake_me(sock);
        }
    }

    /// `unix_dgram_peer_wake_me()`: if the peer's queue is full, the next read there is told.
    pub(super) fn peer_wake_me(&mut self, sock: SockId) {
        let Some(unix) = self.unix(sock) else { return };
        let full = unix.kind != Kind::Stream
            && unix.peer_wake.is_none()
            && unix.peer.is_some_and(|peer| self.peer_is_full(sock, peer));
        if full {
            self.sleeps += 1;
            let asked = Some(self.sleeps);
            if let Some(unix) = self.unix_mut(sock) {
                unix.peer_wake = asked;
            }
        }
    }

    /// `wake_up(peer_wait)`, as a read and the close of `sock` do: senders that asked to be told hear that there may be room,
    /// who asked last first; they have to ask anew.
    pub(super) fn tell_senders(&mut self, cx: &mut Cx, sock: SockId) {
        let mut asked = Vec::new();
        for sender in self.sockets.ids() {
            if let Some(unix) = self.unix_mut(sender)
                && unix.peer == Some(sock)
                && let Some(when) = unix.peer_wake.take()
            {
                asked.push((Reverse(when), sender));
            }
        }
        asked.sort_unstable();
        for (_, sender) in asked {
            let key = POLLOUT | POLLWRNORM | POLLWRBAND;
            cx.ready(Source::Socket(sender), key);
        }
    }

    /// The same of a read, for calls that sleep, while the queue stays full: the first in line gets further, or is told why
    /// it cannot, if the reader has made someone its peer meanwhile. Otherwise it goes to the end of the line.
    pub(super) fn wake_first_in_line(&mut self, cx: &mut Cx, reader: SockId) {
        if !self.unix(reader).is_some_and(|unix| unix.is_full()) {
            return;
        }
        let mut first = None;
        for (tid, task) in self.tasks.iter() {
            if let TaskState::InCall(in_call) = &task.state
                && let Progress::Asleep(blocked) = &in_call.progress
                && matches!(&**blocked, Blocked::UnixSend { on, .. } if *on == reader)
                && first.is_none_or(|(slept, _)| task.slept < slept)
            {
                first = Some((task.slept, tid));
            }
        }
        if let Some((_, tid)) = first {
            self.wake_task(cx, tid, Rule::Readiness);
        }
    }
}
