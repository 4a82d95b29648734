//! The append-only log of a run: what happened, in order. It belongs to the session; a world keeps
//! no history.

use crate::abi::Inet;
use crate::abi::{Reply, Syscall};
use crate::base::{Choice, HostId, PacketId, SockId, SortedMap, Tid, Time};
use crate::kernel::event::{Carries, Head};
use crate::kernel::file::FileKind;
use crate::kernel::port::FourTuple;
use crate::kernel::rule::Rule;
use crate::kernel::task::Ended;
use crate::kernel::{ConsoleOutput, Event, EventKind, Kernel, TcpState};
use crate::packet::{Flags, Packet};
use crate::program::Inspect;
use crate::sim::{CallPhase, World};
use std::net::SocketAddr;
use std::rc::Rc;

/// An event and the tick after which it had happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Work done by then.
    pub tick: u64,
    /// What happened.
    pub event: Event,
}

/// One system call of the run. Event numbers count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whose.
    pub task: Tid,
    /// The call.
    pub syscall: Rc<Syscall>,
    /// Number of the event that entered it.
    pub entered: u32,
    /// How it ended, and the number of that event; `None` while it is under way.
    pub ended: Option<(u32, CallEnd)>,
    /// Source line at which it was made: index of the file and line.
    pub line: Option<(u32, u32)>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// It returned.
    Returned(Reply),
    /// A handler ran; then the call was made again.
    Restarts,
    /// The process ended.
    Never(Ended),
}

/// One segment of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Travel {
    /// Its id.
    pub packet: PacketId,
    /// The addresses.
    pub addresses: (SocketAddr, SocketAddr),
    /// The endpoint that sent it, and its state then.
    pub from: (Option<SockId>, TcpState),
    /// The endpoint that got it, and its state then (before it acted on it).
    pub to: (Option<SockId>, TcpState),
    /// Header.
    pub head: Head,
    /// Sequence number relative to the sender's initial one.
    pub relative_seq: u32,
    /// Acknowledgement number relative to the receiver's initial one.
    pub relative_ack: u32,
    /// When it was sent, and by which event.
    pub sent: (Time, u32),
    /// When it arrived or was lost, and by which event.
    pub arrived: Option<(Time, u32)>,
    /// It was lost.
    pub lost: bool,
    /// It repeats octets that were sent before.
    pub retransmission: bool,
}

/// A change of a TCP endpoint's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Number of the event.
    pub number: u32,
    /// When.
    pub at: Time,
    /// The endpoint.
    pub sock: SockId,
    /// Its port, and the peer's; 0 for a listener.
    pub ports: (u16, u16),
    /// The state before.
    pub from: TcpState,
    /// The state after.
    pub to: TcpState,
}

/// Everything that happened so far.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Events, in order; number n is at index n − 1.
    pub events: Vec<Logged>,
    /// Calls, in the order in which they were entered.
    pub calls: Vec<Call>,
    /// Output of programs, with the number of the event before it.
    pub console: Vec<(u32, ConsoleOutput)>,
    /// Choices, with the tick before which each was made.
    pub choices: Vec<(u64, Choice)>,
    /// Segments, in the order in which they were sent.
    pub travels: Vec<Travel>,
    /// Changes of state, in order. A socket that hands its TIME-WAIT over to another one is not closed by that.
    pub turns: Vec<Turn>,
    /// The task that made or would get each socket.
    pub owners: SortedMap<SockId, Tid>,
    /// Initial sequence numbers, by sender and receiver.
    initial: SortedMap<FourTuple, u32>,
    /// The highest octet sent so far, by sender and receiver; relative.
    highest: SortedMap<FourTuple, u32>,
    states: SortedMap<SockId, TcpState>,
}

impl Log {
    /// How many events there are.
    pub fn len(&self) -> u32 {
        self.events.len() as u32
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Takes over what a world did in a step that ended at `tick`.
    pub fn record<P: Inspect>(&mut self, world: &mut World<P>, tick: u64) {
        let before = self.len();
        let calls = world.take_calls();
        let mut returned = Vec::new();
        for note in calls {
            match note.phase {
                CallPhase::Entered(syscall) => {
                    let place = world.thread_program(note.task).and_then(|p| p.place());
                    let line = place.map(|place| (place.file, place.line));
                    let (task, entered) = (note.task, before + 1);
                    self.calls.push(Call {
                        task,
                        syscall,
                        entered,
                        ended: None,
                        line,
                    });
                }
                CallPhase::Returned(reply) => returned.push((note.task, CallEnd::Returned(reply))),
                CallPhase::Restarts => returned.push((note.task, CallEnd::Restarts)),
                CallPhase::Never(end) => returned.push((note.task, CallEnd::Never(end))),
            }
        }
        // The picture is that of the first host; others are not modelled in the page.
        let here = |event: &Event| event.host == HostId(0);
        for event in world.take_events().into_iter().filter(here) {
            self.events.push(Logged { tick, event });
            self.note(world, event);
        }
        for (task, end) in returned {
            let number = self.len();
            let open = self
                .calls
                .iter_mut()
                .rev()
                .find(|c| c.task == task && c.ended.is_none());
            if let Some(call) = open {
                call.ended = Some((number, end));
            }
        }
        let number = self.len();
        for output in world.take_console() {
            self.console.push((number, output));
        }
        for choice in world.take_choices() {
            self.choices.push((tick, choice));
        }
    }

    /// Forgets what happened after `tick`: the future is about to become another one.
    pub fn truncate(&mut self, tick: u64) {
        let keep = self.events.partition_point(|logged| logged.tick <= tick);
        self.events.truncate(keep);
        let keep = keep as u32;
        while self.calls.last().is_some_and(|call| call.entered > keep) {
            self.calls.pop();
        }
        for call in &mut self.calls {
            call.ended.take_if(|(number, _)| *number > keep);
        }
        while self.console.last().is_some_and(|last| last.0 > keep) {
            self.console.pop();
        }
        while self.choices.last().is_some_and(|last| last.0 > tick) {
            self.choices.pop();
        }
        while self.travels.last().is_some_and(|last| last.sent.1 > keep) {
            self.travels.pop();
        }
        for travel in &mut self.travels {
            travel.arrived.take_if(|(_, number)| *number > keep);
        }
        while self.turns.last().is_some_and(|turn| turn.number > keep) {
            self.turns.pop();
        }
        self.initial.clear();
        self.highest.clear();
        for travel in std::mem::take(&mut self.travels) {
            self.number(travel.addresses, travel.head);
            self.travels.push(travel);
        }
        self.states.clear();
        for logged in &self.events {
            if let EventKind::StateChanged { sock, to, .. } = logged.event.kind {
                self.states.insert(sock, to);
            }
        }
    }

    /// The number of the first event after `tick`, minus one: how many events had happened by then.
    pub fn events_by(&self, tick: u64) -> u32 {
        self.events.partition_point(|logged| logged.tick <= tick) as u32
    }

    fn note<P: Inspect>(&mut self, world: &World<P>, event: Event) {
        let number = self.len();
        match event.kind {
            EventKind::SocketCreated { sock, .. } => {
                let owner = event
                    .task
                    .or_else(|| self.owner_by_addresses(world.kernel(), sock));
                if let Some(task) = owner {
                    self.owners.insert(sock, task);
                }
                self.states.insert(sock, TcpState::Closed);
            }
            EventKind::RequestQueued {
                listener, request, ..
            }
            | EventKind::AcceptQueued {
                listener,
                sock: request,
                ..
            } => {
                if let Some(task) = self.owners.get(&listener).copied() {
                    self.owners.insert(request, task);
                }
            }
            EventKind::AcceptDequeued { sock, .. } => {
                if let Some(task) = event.task {
                    self.owners.insert(sock, task);
                }
            }
            EventKind::StateChanged {
                sock, to, because, ..
            } => {
                if to != TcpState::Closed || because != Rule::BothClosed {
                    self.turned(world.kernel(), sock, to, event.at);
                }
                self.states.insert(sock, to);
            }
            EventKind::SocketDestroyed { sock, .. }
                if self.state_of(Some(sock)) != TcpState::Closed =>
            {
                self.turned(world.kernel(), sock, TcpState::Closed, event.at);
            }
            EventKind::SegmentSent {
                packet, sock, head, ..
            } => {
                let found = world.wire().find(|p| p.id == packet);
                if let Some(carried) = found {
                    self.sent(carried, sock, head, (event.at, number));
                }
            }
            EventKind::SegmentDelivered { packet, sock, .. } => {
                let state = self.state_of(sock);
                if let Some(travel) = self.travel(packet) {
                    travel.to = (sock, state);
                    travel.arrived = Some((event.at, number));
                }
            }
            EventKind::SegmentLost { packet, .. } => {
                if let Some(travel) = self.travel(packet) {
                    travel.arrived = Some((event.at, number));
                    travel.lost = true;
                }
            }
            _ => {}
        }
    }

    fn turned(&mut self, kernel: &Kernel, sock: SockId, to: TcpState, at: Time) {
        let before = self.turns.iter().rev().find(|turn| turn.sock == sock);
        let ports = match (before, kernel.sockets().get(sock)) {
            // Its addresses may be gone already.
            (Some(before), _) if to == TcpState::Closed => before.ports,
            (_, Some(socket)) => {
                let peer = socket.remote.map_or(0, |remote| remote.port_number());
                (socket.local.port_number(), peer)
            }
            (before, None) => before.map_or((0, 0), |before| before.ports),
        };
        self.turns.push(Turn {
            number: self.len(),
            at,
            sock,
            ports,
            from: self.state_of(Some(sock)),
            to,
        });
    }

    fn travel(&mut self, packet: PacketId) -> Option<&mut Travel> {
        self.travels
            .iter_mut()
            .rev()
            .find(|travel| travel.packet == packet)
    }

    fn state_of(&self, sock: Option<SockId>) -> TcpState {
        sock.and_then(|sock| self.states.get(&sock).copied())
            .unwrap_or(TcpState::Closed)
    }

    fn sent(&mut self, packet: &Packet, sock: Option<SockId>, head: Head, sent: (Time, u32)) {
        let way = (packet.from(), packet.to());
        let (relative_seq, relative_ack, retransmission) = self.number(way, head);
        self.travels.push(Travel {
            packet: packet.id,
            addresses: way,
            from: (sock, self.state_of(sock)),
            to: (None, TcpState::Closed),
            head,
            relative_seq,
            relative_ack,
            sent,
            arrived: None,
            lost: false,
            retransmission,
        });
    }

    /// The relative numbers of a segment, and whether it repeats what was sent before. Remembers what
    /// it needs for the next one.
    fn number(&mut self, way: (SocketAddr, SocketAddr), head: Head) -> (u32, u32, bool) {
        if head.carries != Carries::Tcp {
            return (0, 0, false);
        }
        let syn = head.flags.has(Flags::SYN);
        let (way, back) = (
            FourTuple {
                local: way.0,
                remote: way.1,
            },
            FourTuple {
                local: way.1,
                remote: way.0,
            },
        );
        let again = syn && self.initial.get(&way) == Some(&head.seq.0);
        if syn && !again {
            // Another connection between the same addresses begins its own count.
            self.initial.insert(way, head.seq.0);
            self.highest.remove(&way);
        }
        let relative = |number: u32, initial: Option<&u32>| {
            initial.map_or(number, |first| number.wrapping_sub(*first))
        };
        let seq = relative(head.seq.0, self.initial.get(&way));
        let ack = relative(head.ack.0, self.initial.get(&back));
        let fin = head.flags.has(Flags::FIN);
        let end = seq.wrapping_add(head.len + u32::from(syn) + u32::from(fin));
        let highest = self.highest.get_or_insert(way, 0);
        let retransmission = end > seq && end <= *highest;
        *highest = end.max(*highest);
        (seq, ack, retransmission)
    }

    /// Whose socket a TIME-WAIT was, or whose listener a request is for.
    fn owner_by_addresses(&self, kernel: &Kernel, sock: SockId) -> Option<Tid> {
        let local = kernel.sockets().get(sock)?.local;
        kernel
            .sockets()
            .iter()
            .filter(|(other, s)| *other != sock && s.local.port_number() == local.port_number())
            .find_map(|(other, _)| self.owners.get(&other).copied())
    }
}

/// The descriptor by which a process holds a socket.
pub fn descriptor_of(kernel: &Kernel, sock: SockId) -> Option<(Tid, i32)> {
    let file = kernel.sockets().get(sock)?.file?;
    debug_assert!(matches!(kernel.files().get(file)?.kind, FileKind::Socket(s) if s == sock));
    kernel.processes().iter().find_map(|(pid, process)| {
        let (fd, _) = process.fds.iter().find(|(_, d)| d.file == Some(file))?;
        Some((Tid(pid.0), fd))
    })
}
