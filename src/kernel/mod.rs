//! One host's kernel, as far as sockets go.
//!
//! The face is this module: a task enters with [`Kernel::syscall`], a packet with
//! [`Kernel::deliver`], time with [`Kernel::expire`]. Nothing comes back by callback: packets to send
//! are fetched with [`Kernel::poll_transmit`], tasks to run with [`Kernel::take_woken`], what changed
//! with [`Kernel::take_events`], and the answer to a call with [`Kernel::proceed`].
//!
//! A call goes like this. `syscall` enters it; `proceed` does what can be done at once. The caller
//! then delivers the packets that the call sent (over loopback Linux does that within the call) and
//! asks `proceed` again: the call has returned, or its task sleeps, or it has done more and there are
//! packets again. A task that was woken goes on with `proceed` when it is scheduled.
//!
//! **Architecture invariants:** no program, no world, no page, no thread, no wall clock in here. The
//! name of a TCP state changes in one place ([`socket::Socket`]'s transition), which says so by an event.

pub(crate) mod cookie;
mod cx;
pub mod demux;
pub mod epoll;
pub mod event;
pub mod fd;
pub mod file;
pub(crate) mod icmp;
pub mod invariants;
mod listener;
pub mod multicast;
pub mod option;
mod option_numbers;
pub mod pipe;
#[cfg(not(target_arch = "wasm32"))]
pub mod planted;
pub mod poll;
pub mod port;
mod process;
pub mod raw;
mod reconcile;
mod request;
pub mod route;
pub mod rule;
pub mod signal;
pub mod socket;
mod syscall;
pub mod sysctl;
pub mod task;
pub mod tcp;
pub mod udp;
pub mod unix;

pub use cx::ConsoleOutput;
pub use event::{Event, EventKind, TcpState};
pub use process::Step;
pub use rule::Rule;

use crate::abi::NotModelled;
use crate::base::{Arena, Choices, FileId, HostId, Pid, PipeId, SockId, SortedMap, Tid, Time};
use crate::kernel::cx::{Cx, Effects};
use crate::kernel::demux::Demux;
use crate::kernel::epoll::Epoll;
use crate::kernel::file::OpenFile;
use crate::kernel::pipe::Pipe;
use crate::kernel::port::{FourTuple, PortTable};
use crate::kernel::route::Routes;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::task::{Ended, Process, Task};
use crate::kernel::tcp::State;
use crate::kernel::tcp::output::Ends;
use crate::kernel::tcp::segment_arrives::{self, After};
use crate::kernel::tcp::{time_wait, timer};
use crate::packet::{Body, Packet, Segment};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// What a running timer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alarm {
    Socket(SockId, event::TimerKind),
    Task(Tid),
    Timer(Pid),
}

/// What Linux counts in /proc/net/netstat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// TcpExtListenOverflows
    pub listen_overflows: u64,
    /// TcpExtListenDrops
    pub listen_drops: u64,
    /// TcpExtSyncookiesSent
    pub syncookies_sent: u64,
    /// TcpExtSyncookiesRecv
    pub syncookies_recv: u64,
    /// TcpExtSyncookiesFailed
    pub syncookies_failed: u64,
}

/// The kernel of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    host: HostId,
    /// Settings.
    pub sysctl: Sysctl,
    /// Devices, addresses and routes.
    pub routes: Routes,
    processes: Arena<Pid, Process>,
    tasks: Arena<Tid, Task>,
    files: Arena<FileId, OpenFile>,
    sockets: Arena<SockId, Socket>,
    pipes: Arena<PipeId, Pipe>,
    epolls: Arena<FileId, Epoll>,
    ports: PortTable,
    nodes: unix::names::Nodes,
    udp_ports: PortTable,
    demux: Demux,
    alarms: SortedMap<(Time, Alarm), ()>,
    counters: Counters,
    /// How many tasks have gone to sleep so far: their order in wait queues.
    sleeps: u64,
    secret: tcp::open::Secret,
    effects: Effects,
    not_modelled: Option<NotModelled>,
    #[cfg(not(target_arch = "wasm32"))]
    planted: Option<planted::Planted>,
}

impl Kernel {
    /// A host without processes.
    pub fn new(host: HostId, sysctl: Sysctl) -> Kernel {
        Kernel {
            host,
            sysctl,
            routes: Routes::default(),
            processes: Arena::default(),
            tasks: Arena::default(),
            files: Arena::default(),
            sockets: Arena::default(),
            pipes: Arena::default(),
            epolls: Arena::default(),
            ports: PortTable::default(),
            nodes: Default::default(),
            udp_ports: PortTable::default(),
            demux: Demux::default(),
            alarms: SortedMap::default(),
            counters: Counters::default(),
            sleeps: 0,
            secret: Default::default(),
            // Packets have numbers of their own on each host.
            effects: Effects {
                next_packet: u32::from(host.0) << 24,
                ..Effects::default()
            },
            not_modelled: None,
            #[cfg(not(target_arch = "wasm32"))]
            planted: None,
        }
    }

    /// A packet reaches this host, and the endpoint that it is for acts on it.
    pub fn deliver(&mut self, packet: &Packet, now: Time, choices: &mut Choices) {
        self.arrive(packet, now, choices);
        self.take_in(packet, now, choices);
    }

    /// The first half of [`Kernel::deliver`]: the packet is here, and nothing has changed yet. A moment
    /// of its own, so that a picture can show it.
    pub fn arrive(&mut self, packet: &Packet, now: Time, choices: &mut Choices) {
        let (sock, head) = (self.endpoint_of(packet), (&packet.body).into());
        let packet = packet.id;
        self.enter(None, now, choices, |_, cx| {
            cx.emit(EventKind::SegmentDelivered { packet, sock, head });
        });
    }

    /// The second half: the endpoint acts on the packet.
    pub fn take_in(&mut self, packet: &Packet, now: Time, choices: &mut Choices) {
        self.enter(None, now, choices, |kernel, cx| {
            kernel.packet_arrives(cx, packet);
        });
    }

    /// Notes that a packet of this host was lost on its way.
    pub fn lost(&mut self, packet: &Packet, now: Time, choices: &mut Choices) {
        let (packet, head) = (packet.id, (&packet.body).into());
        let because = Rule::LinkRule;
        self.enter(None, now, choices, |_, cx| {
            cx.emit(EventKind::SegmentLost {
                packet,
                head,
                because,
            });
        });
    }

    /// Runs every timer that is due, in the order of their times.
    pub fn expire(&mut self, now: Time, choices: &mut Choices) {
        self.enter(None, now, choices, |kernel, cx| {
            while let Some((at, alarm)) = kernel.first_alarm() {
                if at > now {
                    break;
                }
                kernel.alarms.remove(&(at, alarm));
                match alarm {
                    Alarm::Socket(sock, kind) => kernel.socket_timer(cx, sock, kind),
                    Alarm::Task(tid) => kernel.wake_task(cx, tid, Rule::TimeUp),
                    Alarm::Timer(pid) => kernel.timer_ran_out(cx, pid),
                }
            }
        });
    }

    /// When the next timer runs out.
    pub fn next_deadline(&self) -> Option<Time> {
        self.first_alarm().map(|(at, _)| at)
    }

    fn first_alarm(&self) -> Option<(Time, Alarm)> {
        self.alarms.iter().next().map(|(alarm, ())| *alarm)
    }

    /// The next packet to send, in the order in which they were sent.
    pub fn poll_transmit(&mut self) -> Option<Rc<Packet>> {
        self.effects.transmit.pop_front()
    }

    /// Tasks that were asleep and can run again, in the order in which they were woken.
    pub fn take_woken(&mut self) -> Vec<Tid> {
        std::mem::take(&mut self.effects.woken)
    }

    /// Tasks that fork(2) has made since the last time, each behind the task that it is a copy of. A new
    /// task is in user space; its fork(2) has returned 0.
    pub fn take_forked(&mut self) -> Vec<(Tid, Tid)> {
        std::mem::take(&mut self.effects.forked)
    }

    /// Tasks whose process was ended by what another did (kill(2)), since the last time; and whether they were in a call.
    pub fn take_ended(&mut self) -> Vec<(Tid, Ended, bool)> {
        std::mem::take(&mut self.effects.ended)
    }

    /// What has changed since the last time this was asked.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.effects.events)
    }

    /// What processes wrote to their terminals, or wherever 1 and 2 lead, since the last time.
    pub fn take_console(&mut self) -> Vec<ConsoleOutput> {
        std::mem::take(&mut self.effects.console)
    }

    /// What cut the run off, if something did.
    pub fn not_modelled(&self) -> Option<NotModelled> {
        self.not_modelled
    }

    /// Processes, also those that have ended.
    pub fn processes(&self) -> &Arena<Pid, Process> {
        &self.processes
    }

    /// Tasks, also those that have ended.
    pub fn tasks(&self) -> &Arena<Tid, Task> {
        &self.tasks
    }

    /// Open file descriptions.
    pub fn files(&self) -> &Arena<FileId, OpenFile> {
        &self.files
    }

    /// Sockets: requests, connections, listeners, orphans and TIME-WAITs.
    pub fn sockets(&self) -> &Arena<SockId, Socket> {
        &self.sockets
    }

    /// Pipes.
    pub fn pipes(&self) -> &Arena<PipeId, Pipe> {
        &self.pipes
    }

    /// Epoll instances, by the file that each is.
    pub fn epolls(&self) -> &Arena<FileId, Epoll> {
        &self.epolls
    }

    /// The port table.
    /// The port table of UDP.
    pub fn udp_ports(&self) -> &PortTable {
        &self.udp_ports
    }

    /// The port table of TCP.
    pub fn ports(&self) -> &PortTable {
        &self.ports
    }

    /// The table of connections.
    pub fn demux(&self) -> &Demux {
        &self.demux
    }

    /// Counters.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Runs one entry into the kernel with a context, and keeps its effects.
    fn enter<R>(
        &mut self,
        task: Option<Tid>,
        now: Time,
        choices: &mut Choices,
        body: impl FnOnce(&mut Kernel, &mut Cx) -> R,
    ) -> R {
        let effects = std::mem::take(&mut self.effects);
        let mut cx = Cx {
            now,
            host: self.host,
            task,
            choices,
            effects,
        };
        let result = body(self, &mut cx);
        self.settle_rights(&mut cx);
        self.spread_news(&mut cx);
        self.effects = cx.effects;
        #[cfg(debug_assertions)]
        invariants::check(self).expect("the kernel's tables agree");
        result
    }

    /// The run cannot go on truthfully.
    fn cut_off(&mut self, cx: &mut Cx, what: NotModelled) {
        cx.emit(EventKind::NotModelled { what });
        self.not_modelled.get_or_insert(what);
    }

    /// `__inet_lookup_skb()`: the endpoint that a packet is for.
    fn endpoint_of(&self, packet: &Packet) -> Option<SockId> {
        let (local, remote) = (packet.to(), packet.from());
        match &packet.body {
            Body::Tcp(_) => {}
            Body::Udp(_) => return self.udp_endpoint(local, remote),
            Body::Icmp(icmp) => return self.icmp_endpoint(icmp),
        }
        let connection = self.demux.connection(FourTuple { local, remote });
        let tuple = FourTuple { local, remote };
        connection.or_else(|| demux::listener(&self.ports, &self.sockets, tuple))
    }

    /// `ip_local_deliver_finish()`: a packet goes to its protocol.
    fn packet_arrives(&mut self, cx: &mut Cx, packet: &Packet) {
        match &packet.body {
            Body::Tcp(segment) => self.segment_arrives(cx, packet, segment),
            Body::Udp(datagram) => self.datagram_arrives(cx, packet, datagram),
            Body::Icmp(icmp) => self.icmp_arrives(cx, packet, icmp),
        }
    }

    /// `tcp_v4_rcv()`: finds the endpoint and hands it the segment.
    fn segment_arrives(&mut self, cx: &mut Cx, packet: &Packet, segment: &Segment) {
        if self.routes.is_shared(packet.dst) || is_nobodys(packet.src) {
            let (packet, sock, because) = (packet.id, None, Rule::NotUnicast);
            cx.emit(EventKind::SegmentIgnored {
                packet,
                sock,
                because,
            });
            return;
        }
        let mut found = self.endpoint_of(packet);
        if let Some(sock) = found
            && (self.time_wait_gives_way(cx, sock, segment) || self.request_gives_way(cx, sock))
        {
            found = self.endpoint_of(packet);
        }
        let Some(sock) = found else {
            segment_arrives::no_endpoint(cx, packet, segment, Rule::NoSuchPort);
            return;
        };
        let peer = FourTuple {
            local: SocketAddr::new(packet.src, segment.src_port),
            remote: SocketAddr::new(packet.dst, segment.dst_port),
        };
        let peer = self.demux.connection(peer);
        let peer = peer.and_then(|peer| self.sockets.get(peer)?.tcp.connection());
        let shared_from = peer.map(|peer| peer.snd.una);
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        if let Some(c) = socket.tcp.connection_mut() {
            c.rcv.shared_from = shared_from;
        }
        match &socket.tcp {
            State::Listen(_) => self.listener_segment(cx, sock, packet, segment),
            State::SynReceived(s) if s.listener.is_some() => {
                self.request_segment(cx, sock, packet, segment);
            }
            State::Closed
            | State::SynSent(_)
            | State::SynReceived(_)
            | State::Established(_)
            | State::FinWait1(_)
            | State::FinWait2(_)
            | State::CloseWait(_)
            | State::Closing(_)
            | State::LastAck(_)
            | State::TimeWait(_) => {
                let ends = Ends::of(sock, socket);
                let after = segment_arrives::segment_arrives(
                    socket,
                    &ends,
                    cx,
                    packet,
                    segment,
                    &self.sysctl,
                );
                self.after_segment(cx, sock, after);
            }
        }
    }

    /// What a segment left to do outside its endpoint.
    fn after_segment(&mut self, cx: &mut Cx, sock: SockId, after: After) {
        match after {
            After::Nothing => {}
            After::Split(wait) => self.split_time_wait(cx, sock, wait),
        }
        self.reconcile(cx, sock);
        self.wake(cx, sock, Rule::Readiness);
    }

    /// A SYN that may begin a new connection ends a TIME-WAIT, if a listener is there for it.
    fn time_wait_gives_way(&mut self, cx: &mut Cx, sock: SockId, segment: &Segment) -> bool {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return false;
        };
        let State::TimeWait(wait) = &socket.tcp else {
            return false;
        };
        if !time_wait::takes_over(wait, segment) {
            return false;
        }
        let Some(tuple) = Kernel::tuple(socket) else {
            return false;
        };
        if demux::listener(&self.ports, &self.sockets, tuple).is_none() {
            return false;
        }
        let Some(socket) = self.sockets.get_mut(sock) else {
            return false;
        };
        socket.transition(cx, sock, State::Closed, Rule::SynInTimeWait);
        self.reconcile(cx, sock);
        true
    }

    /// One timer of one socket.
    fn socket_timer(&mut self, cx: &mut Cx, sock: SockId, kind: event::TimerKind) {
        if self.request_gives_way(cx, sock) {
            return;
        }
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let ends = Ends::of(sock, socket);
        let listener = if let State::SynReceived(s) = &socket.tcp {
            s.listener
        } else {
            None
        };
        timer::expire(socket, &ends, cx, kind, &self.sysctl);
        let gone = socket.state() == TcpState::Closed;
        match listener {
            Some(listener) if gone => self.drop_request(cx, listener, sock, Rule::RetriesExhausted),
            _ => {
                self.reconcile(cx, sock);
                self.wake(cx, sock, Rule::Readiness);
            }
        }
    }
}

/// `ip_route_input_slow()`, `ip6_rcv()`: an address that no host can have sent from.
fn is_nobodys(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast() || v4.octets()[0] == 0,
        IpAddr::V6(v6) => v6.is_multicast(),
    }
}
