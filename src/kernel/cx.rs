//! What a kernel function is given besides the state it changes: the time, the choices, and a place
//! for its effects.

use crate::abi::constants::{POLLOUT, POLLWRBAND, POLLWRNORM};
use crate::base::{ChoiceKind, Choices, Fifo, FileId, HostId, PacketId, Pid, SockId, Tid, Time};
use crate::kernel::epoll::{self, Source};
use crate::kernel::event::{Event, EventKind, Head};
use crate::kernel::file::Stdio;
use crate::kernel::rule::Rule;
use crate::kernel::task::Ended;
use crate::packet::{Body, Packet, Segment};
use std::net::IpAddr;
use std::rc::Rc;

/// What the kernel has done and nobody has fetched yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    pub(crate) events: Vec<Event>,
    pub(crate) transmit: Fifo<Rc<Packet>>,
    pub(crate) woken: Vec<Tid>,
    pub(crate) next_packet: u32,
    pub(crate) console: Vec<ConsoleOutput>,
    /// Whom something was said of that epoll has to hear, and the key of the wake-up.
    pub(crate) news: Vec<(Source, i32)>,
    /// Whoever stands next in line may find what a call has left.
    pub(crate) next_in_line: bool,
    pub(crate) forked: Vec<(Tid, Tid)>,
    pub(crate) ended: Vec<(Tid, Ended, bool)>,
    /// References of messages that are gone, which are given back before the entry ends; the last comes first.
    pub(crate) dropped: Vec<FileId>,
    /// An AF_UNIX socket was closed: what nobody can reach any more is looked for.
    pub(crate) collect: bool,
}

/// What a process wrote to its standard output or error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleOutput {
    /// The process.
    pub pid: Pid,
    /// Which stream.
    pub stream: Stdio,
    /// The bytes of one write(2).
    pub bytes: Vec<u8>,
}

/// The context of one entry into the kernel.
pub(crate) struct Cx<'a> {
    pub(crate) now: Time,
    pub(crate) host: HostId,
    pub(crate) task: Option<Tid>,
    pub(crate) choices: &'a mut Choices,
    pub(crate) effects: Effects,
}

impl Cx<'_> {
    /// Notes that something changed.
    pub(crate) fn emit(&mut self, kind: EventKind) {
        let event = Event {
            at: self.now,
            host: self.host,
            task: self.task,
            kind,
        };
        if let Some((sock, key)) = epoll::news(&kind) {
            self.ready(Source::Socket(sock), key);
        }
        self.effects.events.push(event);
    }

    /// Something happened that those hear who watch the socket or file: `key` has the POLL* bits of the
    /// wake-up, 0 for all. Events say it by themselves (`epoll::news`).
    pub(crate) fn ready(&mut self, source: Source, key: i32) {
        self.effects.news.push((source, key));
    }

    /// `sock_def_write_space()`: memory for what the socket sends has come back, from a call that took it and could not
    /// send, or from who has read the message.
    pub(crate) fn memory_is_back(&mut self, sock: SockId) {
        self.ready(Source::Socket(sock), POLLOUT | POLLWRNORM | POLLWRBAND);
    }

    /// Takes one of `options`.
    pub(crate) fn choose(&mut self, kind: ChoiceKind, options: u32) -> u32 {
        self.choices.choose(kind, options)
    }

    /// A process wrote to a stream that is not a socket.
    pub(crate) fn console(&mut self, pid: Pid, stream: Stdio, bytes: &[u8]) {
        self.effects.console.push(ConsoleOutput {
            pid,
            stream,
            bytes: bytes.to_vec(),
        });
    }

    /// Hands a segment to IP.
    pub(crate) fn transmit(
        &mut self,
        sock: Option<SockId>,
        addresses: (IpAddr, IpAddr),
        segment: Segment,
        because: Rule,
    ) {
        self.transmit_body(sock, addresses, Body::Tcp(segment), because);
    }

    /// Hands anything to IP.
    pub(crate) fn transmit_body(
        &mut self,
        sock: Option<SockId>,
        (src, dst): (IpAddr, IpAddr),
        body: Body,
        because: Rule,
    ) {
        self.effects.next_packet += 1;
        let packet = PacketId(self.effects.next_packet);
        let head = Head::from(&body);
        self.emit(EventKind::SegmentSent {
            packet,
            sock,
            head,
            because,
        });
        self.effects.transmit.push_back(Rc::new(Packet {
            id: packet,
            src,
            dst,
            body,
        }));
    }
}
