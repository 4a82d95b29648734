//! epoll_create1(2), epoll_ctl(2), epoll_wait(2): `fs/eventpoll.c`.

use super::Answer;
use crate::abi::constants::{
    EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP,
    EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLWAKEUP, O_CLOEXEC,
};
use crate::abi::{Errno, Reply, UserIn, UserOut};
use crate::base::{FileId, Pid, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::epoll::{Epoll, Item};
use crate::kernel::event::EventKind;
use crate::kernel::file::{FileKind, OpenFile};
use crate::kernel::rule::Rule;
use crate::kernel::task::Blocked;
use std::time::Duration;

/// Size of `struct epoll_event`, which is packed on x86-64.
const EVENT: usize = 12;
/// EP_MAX_EVENTS.
const MAX_EVENTS: i32 = i32::MAX / EVENT as i32;
/// EPOLLEXCLUSIVE_OK_BITS.
const EXCLUSIVE_OK: i32 =
    EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

impl Kernel {
    /// epoll_create1(2).
    pub(super) fn sys_epoll_create1(&mut self, cx: &mut Cx, pid: Pid, flags: i32) -> Answer {
        if flags & !O_CLOEXEC != 0 {
            return Err(Errno::EINVAL.into());
        }
        let process = self.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
        let fd = process.fds.reserve(flags & O_CLOEXEC != 0)?;
        let file = self.files.insert(OpenFile::new(FileKind::Epoll, false));
        process.fds.fill(fd, file);
        self.epolls.put(file, Epoll::default());
        cx.emit(EventKind::FileOpened { file, sock: None });
        cx.emit(EventKind::DescriptorInstalled { pid, fd, file });
        Ok(Reply::ok(fd as u64))
    }

    /// epoll_ctl(2): `do_epoll_ctl()`.
    pub(super) fn sys_epoll_ctl(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        (epfd, op, fd): (i32, i32, i32),
        event: Option<&UserIn>,
    ) -> Answer {
        let (events, data) = match event {
            _ if op == EPOLL_CTL_DEL => (0, 0),
            Some(UserIn::Bytes(bytes)) => event_of(bytes).ok_or(Errno::EFAULT)?,
            Some(UserIn::Fault) | None => return Err(Errno::EFAULT.into()),
        };
        let (epoll, open) = self.file(pid, epfd)?;
        let (file, target) = self.file(pid, fd)?;
        // file_can_poll()
        if let FileKind::Null(_) = target.kind {
            return Err(Errno::EPERM.into());
        }
        if epoll == file || open.kind != FileKind::Epoll {
            return Err(Errno::EINVAL.into());
        }
        let nests = target.kind == FileKind::Epoll;
        let exclusive = events & EPOLLEXCLUSIVE as u32 != 0;
        let adds = op == EPOLL_CTL_ADD;
        if exclusive
            && (op == EPOLL_CTL_MOD || adds && (nests || events & !EXCLUSIVE_OK as u32 != 0))
        {
            return Err(Errno::EINVAL.into());
        }
        if adds && nests && self.would_loop(epoll, file) {
            return Err(Errno::ELOOP.into());
        }
        let instance = self.epolls.get_mut(epoll).ok_or(Errno::EBADF)?;
        let known = instance.item(file, fd).copied();
        // Errors and hang-ups are always told.
        let item = Item {
            file,
            fd,
            events: events | (EPOLLERR | EPOLLHUP) as u32,
            data,
        };
        match (op, known) {
            (EPOLL_CTL_ADD, None) => instance.items.push(item),
            (EPOLL_CTL_ADD, Some(_)) => return Err(Errno::EEXIST.into()),
            (EPOLL_CTL_MOD, Some(old)) if old.events & EPOLLEXCLUSIVE as u32 == 0 => {
                if let Some(slot) = instance.item_mut(file, fd) {
                    *slot = item;
                }
            }
            (EPOLL_CTL_DEL, Some(_)) => instance.remove(file, fd),
            (EPOLL_CTL_DEL | EPOLL_CTL_MOD, None) => return Err(Errno::ENOENT.into()),
            _ => return Err(Errno::EINVAL.into()),
        }
        let because = Rule::AskedFor;
        let events = if op == EPOLL_CTL_DEL { 0 } else { item.events };
        cx.emit(EventKind::EpollInterest {
            epoll,
            fd,
            events,
            because,
        });
        // ep_insert(), ep_modify(): what is so already counts.
        if op != EPOLL_CTL_DEL {
            self.polled(item.file, item.events as i32);
            if self.item_revents(&item) != 0 {
                self.link_item(cx, epoll, item);
            }
        }
        Ok(Reply::ok(0))
    }

    /// epoll_wait(2).
    pub(super) fn sys_epoll_wait(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        epfd: i32,
        events: UserOut,
        (maxevents, timeout): (i32, i32),
    ) -> Answer {
        let (file, open) = self.file(pid, epfd)?;
        if !(1..=MAX_EVENTS).contains(&maxevents) || open.kind != FileKind::Epoll {
            return Err(Errno::EINVAL.into());
        }
        let room = match events {
            UserOut::Capacity(room) => room,
            UserOut::Fault => 0,
        };
        let wait = u64::try_from(timeout).ok();
        let deadline = wait.map(|ms| cx.now + Duration::from_millis(ms));
        self.epoll_now(cx, file, room, maxevents as u32, deadline)
    }

    /// `ep_poll()`: what is on the ready list, or sleep.
    pub(super) fn epoll_now(
        &mut self,
        cx: &mut Cx,
        file: FileId,
        room: u64,
        maxevents: u32,
        deadline: Option<Time>,
    ) -> Answer {
        let (bytes, faulted) = self.send_events(file, room, maxevents);
        let count = (bytes.len() / EVENT) as u64;
        if count > 0 {
            return Ok(Reply::ok(count).with_write(1, bytes));
        }
        if faulted {
            return Err(Errno::EFAULT.into());
        }
        if deadline.is_some_and(|at| at <= cx.now) {
            return Ok(Reply::ok(0));
        }
        let blocked = Blocked::Epoll {
            file,
            room,
            maxevents,
            deadline,
        };
        Err(blocked.into())
    }

    /// `ep_send_events()`: asks each file of the ready list what is so. Level-triggered items go back to
    /// the end of the list, behind what this call had no room for.
    fn send_events(&mut self, epoll: FileId, room: u64, maxevents: u32) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        let Some(instance) = self.epolls.get_mut(epoll) else {
            return (bytes, false);
        };
        let mut list = std::mem::take(&mut instance.ready);
        let (mut again, mut faulted) = (Vec::new(), false);
        while bytes.len() < maxevents as usize * EVENT
            && let Some((file, fd)) = list.pop_front()
        {
            let Some(item) = self
                .epolls
                .get(epoll)
                .and_then(|e| e.item(file, fd))
                .copied()
            else {
                continue;
            };
            self.polled(item.file, item.events as i32);
            let revents = self.item_revents(&item);
            if revents == 0 {
                continue;
            }
            if (bytes.len() + EVENT) as u64 > room {
                list.insert(0, (file, fd));
                faulted = true;
                break;
            }
            bytes.extend_from_slice(&revents.to_le_bytes());
            bytes.extend_from_slice(&item.data.to_le_bytes());
            if item.events & EPOLLONESHOT as u32 != 0 {
                if let Some(item) = self
                    .epolls
                    .get_mut(epoll)
                    .and_then(|e| e.item_mut(file, fd))
                {
                    item.events &= (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE) as u32;
                }
            } else if item.events & EPOLLET as u32 == 0 {
                again.push((file, fd));
            }
        }
        if let Some(instance) = self.epolls.get_mut(epoll) {
            list.extend(again);
            instance.ready = list;
        }
        (bytes, faulted)
    }
}

/// The two fields of a `struct epoll_event`.
fn event_of(bytes: &[u8]) -> Option<(u32, u64)> {
    let bytes: &[u8; EVENT] = bytes.first_chunk()?;
    let events = u32::from_le_bytes(*bytes.first_chunk()?);
    Some((events, u64::from_le_bytes(*bytes.last_chunk()?)))
}
