//! epoll: `fs/eventpoll.c`.
//!
//! An item joins the ready list when its file *says* that something happened ([`Cx::ready`]), not when
//! it is ready: that is what makes an edge. epoll_wait(2) then asks each file of the list what is so, and
//! puts level-triggered items back at the end.

use crate::abi::constants::{
    EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLWAKEUP,
    POLLERR, POLLIN, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM,
};
use crate::base::{Fifo, FileId, SockId, Time};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::{EventKind, TcpState};
use crate::kernel::file::FileKind;
use crate::kernel::poll;
use crate::kernel::rule::Rule;
use crate::kernel::socket::Socket;
use crate::kernel::task::{Blocked, Progress, TaskState};
use crate::kernel::tcp::chrono::{self, Limit};
use serde::Serialize;

/// EP_PRIVATE_BITS: what an item is, not what it waits for.
const PRIVATE: u32 = (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE) as u32;
/// EP_MAX_NESTS: epoll instances watch each other no deeper.
const MAX_NESTS: u32 = 4;

/// Everybody is woken, whatever they wait for (`sk->sk_state_change()`).
const ANYTHING: i32 = 0;

/// What a program wants to know of one descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The file that is watched; with `fd` it names the item.
    pub file: FileId,
    /// The descriptor under which it was added.
    pub fd: i32,
    /// EPOLL* bits.
    pub events: u32,
    /// What the program gave to recognise it.
    pub data: u64,
}

impl Item {
    fn waits_for(&self) -> u32 {
        self.events & !PRIVATE
    }

    fn has(&self, bit: i32) -> bool {
        self.events & bit as u32 != 0
    }
}

/// An epoll instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Epoll {
    /// The interest list, in the order in which items were added.
    pub items: Vec<Item>,
    /// The ready list: file and descriptor of items about which something has happened.
    pub ready: Fifo<(FileId, i32)>,
}

impl Epoll {
    /// The item of a descriptor and the file behind it.
    pub fn item(&self, file: FileId, fd: i32) -> Option<&Item> {
        self.items.iter().find(|i| i.file == file && i.fd == fd)
    }

    pub(crate) fn item_mut(&mut self, file: FileId, fd: i32) -> Option<&mut Item> {
        self.items.iter_mut().find(|i| i.file == file && i.fd == fd)
    }

    /// Puts an item at the end of the ready list unless it is in it. Returns whether it is new there.
    pub(crate) fn link(&mut self, file: FileId, fd: i32) -> bool {
        let new = !self.ready.contains(&(file, fd));
        if new {
            self.ready.push_back((file, fd));
        }
        new
    }

    pub(crate) fn remove(&mut self, file: FileId, fd: i32) {
        let of = |item: &Item| item.file == file && item.fd == fd;
        if let Some(at) = self.items.iter().position(of) {
            self.items.remove(at);
        }
        self.ready.forget((file, fd));
    }
}

/// Of whom something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Socket(SockId),
    File(FileId),
}

/// What an event says to those who watch the socket: the socket and the key of its wake-up.
pub(crate) fn news(kind: &EventKind) -> Option<(SockId, i32)> {
    if let EventKind::DataArrived { sock, .. }
    | EventKind::UrgentArrived { sock, .. }
    | EventKind::MessageQueued { sock, .. }
    | EventKind::DatagramQueued { sock, .. }
    | EventKind::AcceptQueued { listener: sock, .. } = *kind
    {
        // sock_def_readable()
        return Some((sock, POLLIN | POLLPRI | POLLRDNORM | POLLRDBAND));
    }
    if let EventKind::DataAcked { sock, .. } = *kind {
        return Some((sock, POLLOUT | POLLWRNORM | POLLWRBAND));
    }
    // loopback_xmit() takes a datagram out of the send buffer at once: sock_def_write_space().
    if let EventKind::SegmentSent {
        sock: Some(sock),
        because: Rule::DatagramSent,
        ..
    } = *kind
    {
        return Some((sock, POLLOUT | POLLWRNORM | POLLWRBAND));
    }
    // recvmmsg(2) leaves an error for the next call and tells nobody.
    if let EventKind::ErrorNoted { because, .. } = *kind
        && because == Rule::KeptForLater
    {
        return None;
    }
    if let EventKind::ErrorNoted { sock, .. } | EventKind::ErrorQueued { sock, .. } = *kind {
        return Some((sock, POLLERR));
    }
    // What the program itself begins wakes nobody.
    if let EventKind::StateChanged { sock, to, .. } = *kind
        && to != TcpState::SynSent
        && to != TcpState::Listen
    {
        return Some((sock, ANYTHING));
    }
    None
}

impl Kernel {
    /// Tells the epoll instances what the files of this entry have said, and wakes whoever waits.
    pub(crate) fn spread_news(&mut self, cx: &mut Cx) {
        let next_in_line = std::mem::take(&mut cx.effects.next_in_line);
        if cx.effects.news.is_empty() && !next_in_line {
            return;
        }
        while !cx.effects.news.is_empty() {
            let (source, key) = cx.effects.news.remove(0);
            let file = match source {
                Source::File(file) => Some(file),
                Source::Socket(sock) => self.socket_says(sock, key, cx.now),
            };
            if let (Source::Socket(sock), Some(_)) = (source, file)
                && key & POLLIN == 0
            {
                self.wake_receivers_of_nothing(cx, sock);
            }
            if let Some(file) = file {
                self.file_says(cx, file, key);
            }
        }
        self.wake_ready(cx, Rule::Readiness);
    }

    /// `tcp_recvmsg_locked()` for no octets sleeps once: whatever wakes the socket's sleepers ends it.
    fn wake_receivers_of_nothing(&mut self, cx: &mut Cx, sock: SockId) {
        if !self.sockets.get(sock).is_some_and(Socket::is_tcp) {
            return;
        }
        let mut tids = Vec::new();
        for (tid, task) in self.tasks.iter() {
            if let TaskState::InCall(in_call) = &task.state
                && let Progress::Asleep(blocked) = &in_call.progress
                && let Blocked::Receive { sock: on, want, .. } = blocked.heart()
                && (*on, want.len) == (sock, 0)
            {
                tids.push(tid);
            }
        }
        for tid in tids {
            self.wake_task(cx, tid, Rule::Readiness);
        }
    }

    /// The file of a socket, unless its news are none: room in the send buffer of TCP is told only to those
    /// who found it full (SOCK_NOSPACE; `sk_stream_write_space()`).
    fn socket_says(&mut self, sock: SockId, key: i32, now: Time) -> Option<FileId> {
        let socket = self.sockets.get_mut(sock)?;
        if key & POLLOUT != 0 && key & POLLIN == 0 && socket.is_tcp() {
            if !socket.no_space || !poll::writable(socket, &self.sysctl) {
                return None;
            }
            socket.no_space = false;
            if let Some(c) = socket.tcp.connection_mut() {
                c.snd.no_space = false;
                chrono::stop(&mut c.snd, Limit::SendBuffer, now);
            }
        }
        socket.file
    }

    /// `ep_poll_callback()` for each item that watches the file: those that share first, the one that
    /// was added last at the head; of those with EPOLLEXCLUSIVE the first that is woken is enough.
    fn file_says(&mut self, cx: &mut Cx, file: FileId, key: i32) {
        let (mut exclusive, mut shared) = (Vec::new(), Vec::new());
        for (epoll, instance) in self.epolls.iter() {
            for item in instance.items.iter().filter(|item| item.file == file) {
                let list = match item.has(EPOLLEXCLUSIVE) {
                    true => &mut exclusive,
                    false => &mut shared,
                };
                list.push((epoll, *item));
            }
        }
        while let Some((epoll, item)) = shared.pop() {
            self.item_says(cx, epoll, item, key);
        }
        for (epoll, item) in exclusive {
            let told = self.item_says(cx, epoll, item, key);
            let matters = match key & (POLLIN | POLLOUT) {
                POLLIN => item.has(EPOLLIN),
                POLLOUT => item.has(EPOLLOUT),
                both => both == 0,
            };
            let waited_for = told && self.has_waiter(epoll);
            if waited_for && matters && key != ANYTHING {
                break;
            }
        }
    }

    /// One item hears of it; returns whether it is one of those it waits for.
    fn item_says(&mut self, cx: &mut Cx, epoll: FileId, item: Item, key: i32) -> bool {
        let wanted = item.waits_for();
        if wanted == 0 || (key != ANYTHING && key as u32 & wanted == 0) {
            return false;
        }
        self.link_item(cx, epoll, item);
        true
    }

    /// The item joins the ready list; an instance that watches this one hears of it.
    pub(crate) fn link_item(&mut self, cx: &mut Cx, epoll: FileId, item: Item) {
        let Some(instance) = self.epolls.get_mut(epoll) else {
            return;
        };
        if instance.link(item.file, item.fd) {
            cx.emit(EventKind::EpollReady {
                epoll,
                fd: item.fd,
                because: Rule::Readiness,
            });
        }
        cx.ready(Source::File(epoll), POLLIN | POLLRDNORM);
    }

    /// `ep_item_poll()`: what is so of what an item waits for.
    pub(crate) fn item_revents(&self, item: &Item) -> u32 {
        let always = (EPOLLERR | EPOLLHUP) as u32;
        let ready = self.file_readiness(item.file) as u32;
        // A one-shot item that has fired waits for nothing, not even for errors.
        match item.waits_for() {
            0 => 0,
            wanted => ready & (wanted | always),
        }
    }

    /// `ep_eventpoll_poll()`: whether epoll_wait(2) would give anything.
    pub(crate) fn epoll_has_events(&self, epoll: FileId) -> bool {
        self.epolls.get(epoll).is_some_and(|e| {
            let mut ready = e.ready.iter();
            ready.any(|(file, fd)| {
                e.item(*file, *fd)
                    .is_some_and(|item| self.item_revents(item) != 0)
            })
        })
    }

    /// `ep_loop_check()`: whether watching `target` from `epoll` closes a circle or is too deep.
    pub(crate) fn would_loop(&self, epoll: FileId, target: FileId) -> bool {
        let below = self.depth_below(target, epoll, 0);
        below.is_none_or(|below| self.depth_above(epoll, 0) + 1 + below > MAX_NESTS)
    }

    /// How many instances lie below one another from here; `None` if `looked_for` is among them.
    fn depth_below(&self, epoll: FileId, looked_for: FileId, depth: u32) -> Option<u32> {
        if epoll == looked_for || depth > MAX_NESTS {
            return None;
        }
        let mut deepest = 0;
        for item in self.epolls.get(epoll).iter().flat_map(|e| &e.items) {
            if self.is_epoll(item.file) {
                let below = self.depth_below(item.file, looked_for, depth + 1)?;
                deepest = deepest.max(below + 1);
            }
        }
        Some(deepest)
    }

    fn depth_above(&self, epoll: FileId, depth: u32) -> u32 {
        if depth > MAX_NESTS {
            return depth;
        }
        let watch = |e: &Epoll| e.items.iter().any(|item| item.file == epoll);
        let above = self.epolls.iter().filter(|(_, e)| watch(e));
        above
            .map(|(file, _)| self.depth_above(file, depth + 1) + 1)
            .max()
            .unwrap_or(0)
    }

    /// Whether the file is an epoll instance.
    pub(crate) fn is_epoll(&self, file: FileId) -> bool {
        self.files
            .get(file)
            .is_some_and(|f| f.kind == FileKind::Epoll)
    }

    /// `eventpoll_release_file()`: a file that is gone is in no interest list.
    pub(crate) fn forget_watched(&mut self, cx: &mut Cx, file: FileId) {
        for epoll in self.epolls.ids() {
            let Some(instance) = self.epolls.get_mut(epoll) else {
                continue;
            };
            while let Some(item) = instance.items.iter().find(|item| item.file == file) {
                let fd = item.fd;
                instance.remove(file, fd);
                cx.emit(EventKind::EpollInterest {
                    epoll,
                    fd,
                    events: 0,
                    because: Rule::LastClose,
                });
            }
        }
    }
}
