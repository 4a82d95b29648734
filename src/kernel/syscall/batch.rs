//! sendmmsg(2), recvmmsg(2): `__sys_sendmmsg()`, `do_recvmmsg()`.
//!
//! The messages are sent or received one by one, as sendmsg(2) and recvmsg(2) would. Between two of them the call
//! returns to its caller, so that what the first has sent is delivered before the second is looked at.

use super::message::MAX_IOV;
use super::{Answer, Found, Message, Stop, finish};
use crate::abi::constants::{MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, MSG_WAITFORONE};
use crate::abi::{Errno, NotModelled, Reply, Syscall, UserWrite, nested};
use crate::base::{Pid, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::rule::Rule;
use crate::kernel::task::{Batch, Blocked, Progress, Receive};
use std::rc::Rc;

impl Batch {
    fn receives(&self) -> bool {
        matches!(*self.call, Syscall::Recvmmsg { .. })
    }

    /// What the call answers: how many messages there were, and for recvmmsg(2) the time that is left.
    fn reply(self, now: Time) -> Reply {
        let mut reply = Reply::ok(self.done.into());
        reply.writes = self.writes;
        match self.until {
            Some(until) if self.done > 0 => {
                let left = until.max(now).since(now);
                let mut bytes = left.as_secs().to_le_bytes().to_vec();
                bytes.extend_from_slice(&u64::from(left.subsec_nanos()).to_le_bytes());
                reply.with_write(4, bytes)
            }
            Some(_) | None => reply,
        }
    }
}

impl Kernel {
    /// sendmmsg(2), recvmmsg(2); `until` is what recvmmsg(2) was given as a timeout.
    pub(super) fn sys_mmsg(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        call: &Rc<Syscall>,
        (vlen, flags): (u32, i32),
        until: Option<Time>,
    ) -> Answer {
        let Found { file, sock, .. } = self.lookup(pid, fd)?;
        let mut batch = Batch {
            call: Rc::clone(call),
            vlen,
            flags,
            file,
            sock,
            done: 0,
            writes: Vec::new(),
            until,
            inner: None,
        };
        if !batch.receives() {
            batch.vlen = vlen.min(MAX_IOV as u32);
        } else if flags & MSG_ERRQUEUE == 0
            && let Some(socket) = self.sockets.get_mut(sock)
            && let Some(errno) = socket.take_error(cx, sock)
        {
            return Err(errno.into());
        }
        self.next_message(cx, batch)
    }

    /// Tries the next message, if there is one.
    pub(super) fn next_message(&mut self, cx: &mut Cx, batch: Batch) -> Answer {
        if batch.done >= batch.vlen {
            return Ok(batch.reply(cx.now));
        }
        let open = self.files.get(batch.file).ok_or(Errno::EBADF)?;
        let found = Found {
            file: batch.file,
            sock: batch.sock,
            nonblocking: open.nonblocking,
        };
        let place = batch.done as usize;
        let answer = match &*batch.call {
            Syscall::Recvmmsg { msgvec, .. } => {
                let mut flags = batch.flags;
                if flags & MSG_WAITFORONE != 0 {
                    flags ^= MSG_WAITFORONE;
                    flags |= if batch.done > 0 { MSG_DONTWAIT } else { 0 };
                }
                match Receive::into_header(msgvec.get(place), flags) {
                    Ok(want) => self.receive_message(cx, found, want),
                    Err(errno) => Err(errno.into()),
                }
            }
            Syscall::Sendmmsg { msgvec, .. } => {
                match Message::of_header(msgvec.get(place), batch.flags) {
                    Ok(message) => self.send_message(cx, found, message),
                    Err(errno) => Err(errno.into()),
                }
            }
            // No other call has messages.
            other => return Err(NotModelled::Call { call: other.name() }.into()),
        };
        self.message_done(cx, batch, answer)
    }

    /// What one message was answered: the next comes, or the call is over.
    pub(super) fn message_done(&mut self, cx: &mut Cx, batch: Batch, answer: Answer) -> Answer {
        let mut batch = batch;
        let reply = match answer {
            Ok(reply) => reply,
            Err(Stop::Errno(errno)) => Reply::error(errno),
            Err(Stop::Progress(progress)) => match *progress {
                Progress::Done(reply) => reply,
                Progress::Waiting(inner) => {
                    batch.inner = Some(inner);
                    return Err(Blocked::Batch(Box::new(batch)).into());
                }
                other => return Err(other.into()),
            },
        };
        let len = match reply.result {
            Ok(len) => len,
            Err(errno) if batch.done == 0 => return Err(errno.into()),
            Err(errno) => {
                if batch.receives() && errno != Errno::EAGAIN {
                    self.keep_for_later(cx, &batch, errno)?;
                }
                return Ok(batch.reply(cx.now));
            }
        };
        let urgent = |write: &UserWrite| {
            let flags = write.bytes.first_chunk::<4>();
            write.arg == nested::MSG_FLAGS
                && flags.is_some_and(|b| i32::from_le_bytes(*b) & MSG_OOB != 0)
        };
        let over = if let Syscall::Sendmmsg { msgvec, .. } = &*batch.call {
            // msg_data_left()
            let iov = msgvec.get(batch.done as usize).and_then(|m| m.iov.as_ref());
            iov.is_some_and(|iov| super::message::length(iov) > len)
        } else {
            batch.until.is_some_and(|until| until <= cx.now) || reply.writes.iter().any(urgent)
        };
        batch.writes.push(UserWrite {
            arg: nested::MSG_LEN,
            bytes: (len as u32).to_le_bytes().to_vec(),
        });
        batch.writes.extend(reply.writes);
        batch.done += 1;
        batch.inner = None;
        if over || batch.done >= batch.vlen {
            return Ok(batch.reply(cx.now));
        }
        Err(Blocked::Batch(Box::new(batch)).into())
    }

    /// "we record the error to return on the next call": nobody is told, so that who sleeps goes on sleeping.
    fn keep_for_later(&mut self, cx: &mut Cx, batch: &Batch, errno: Errno) -> Result<(), Stop> {
        let mut waits = self.waits_at(batch.file);
        if waits.any(|(call, _)| !Rc::ptr_eq(&call.asked, &batch.call)) {
            let call = "recvmmsg that fails while others wait";
            return Err(NotModelled::Call { call }.into());
        }
        drop(waits);
        if let Some(socket) = self.sockets.get_mut(batch.sock) {
            socket.note_error(cx, batch.sock, errno, Rule::KeptForLater);
        }
        Ok(())
    }

    /// What the call answers that a handler interrupts while a message waits, which has `partial` so far. Nothing if
    /// it has done nothing.
    pub(crate) fn interrupted_batch(
        &mut self,
        cx: &mut Cx,
        batch: &Batch,
        partial: Option<Reply>,
    ) -> Option<Progress> {
        if batch.done == 0 && partial.is_none() {
            return None;
        }
        if batch.receives() {
            // What stays for the next call is ERESTARTSYS, an error of the kernel's own.
            let call = "recvmmsg after a handler";
            return Some(Progress::NotModelled(NotModelled::Call { call }));
        }
        let batch = batch.clone();
        Some(match partial {
            Some(reply) => finish(self.message_done(cx, batch, Ok(reply))),
            None => Progress::Done(batch.reply(cx.now)),
        })
    }
}
