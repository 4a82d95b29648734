//! One conversation between the two, from the SYN to the last timer.

use crate::common::calls::*;
use crate::common::host::{Fate, Host, segment};
use crate::link::{End, Link, MTU, Quality, Way, octets, typed};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration as ItsDuration, Instant};
use smoltcp::wire::{HardwareAddress, IpCidr};
use sockscope::base::{Tid, Time};
use sockscope::kernel::route::Device;
use sockscope::kernel::sysctl::Sysctl;
use sockscope::packet::{Packet, Segment};
use std::cell::Cell;
use std::time::Duration;

/// Who sends the first SYN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    We,
    It,
    Both,
}

/// Who ends the connection, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    WeFirst,
    ItFirst,
    /// Both at the same moment, when everything has arrived.
    Both,
    WeReset,
    ItResets,
}

impl Close {
    fn is_reset(self) -> bool {
        matches!(self, Close::WeReset | Close::ItResets)
    }
}

/// A conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) open: Open,
    pub(crate) close: Close,
    /// Octets that we send, and that it sends.
    pub(crate) ours: usize,
    pub(crate) its: usize,
    /// Our SO_RCVBUF, 0 for the default, and its receive buffer.
    pub(crate) our_room: i32,
    pub(crate) its_room: usize,
    /// Milliseconds between two reads of each side; 0: at once.
    pub(crate) pause_ms: u64,
    /// It sends timestamps.
    pub(crate) timestamps: bool,
    pub(crate) quality: Quality,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            seed: 1,
            open: Open::We,
            close: Close::WeFirst,
            ours: 20_000,
            its: 20_000,
            our_room: 0,
            its_room: 65_535,
            pause_ms: 0,
            timestamps: false,
            quality: Quality {
                delay: 10_000,
                ..Quality::default()
            },
        }
    }
}

impl Plan {
    pub(crate) fn bad() -> Plan {
        let quality = Quality {
            delay: 10_000,
            loss: 5,
            duplication: 5,
            reordering: 10,
        };
        Plan {
            quality,
            ..Plan::default()
        }
    }

    pub(crate) fn random(seed: u64) -> Plan {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut any = |options: &[u64]| options[random.usize(0..options.len())];
        Plan {
            seed,
            open: [Open::We, Open::It, Open::Both][any(&[0, 1, 2]) as usize],
            close: [
                Close::WeFirst,
                Close::ItFirst,
                Close::Both,
                Close::WeReset,
                Close::ItResets,
            ][any(&[0, 1, 2, 3, 4]) as usize],
            ours: any(&[0, 1, 1_460, 5_000, 100_000]) as usize,
            its: any(&[0, 1, 1_460, 5_000, 100_000]) as usize,
            our_room: any(&[0, 1, 2_000, 9_000]) as i32,
            its_room: any(&[64, 1_000, 9_000, 65_535, 300_000]) as usize,
            pause_ms: any(&[0, 0, 20, 300]),
            timestamps: any(&[0, 1]) == 1,
            quality: Quality {
                delay: any(&[0, 50, 1_000, 40_000, 200_000]),
                loss: any(&[0, 1, 5, 20]) as u32,
                duplication: any(&[0, 5, 30]) as u32,
                reordering: any(&[0, 5, 50]) as u32,
            },
        }
    }
}

const OUR_ADDRESS: [u8; 4] = [10, 0, 0, 1];
const ITS_ADDRESS: [u8; 4] = [10, 0, 0, 2];
const OUR_PORT: u16 = 10_001;
const ITS_PORT: u16 = 10_002;
/// Steps after which a conversation has gone wrong.
const STEPS: u32 = 400_000;
/// Octets in one send or receive call.
const CHUNK: usize = 4_000;

thread_local! {
    /// The clock of its timestamps, milliseconds.
    static CLOCK: Cell<u32> = const { Cell::new(0) };
}

/// What an application has sent and received.
#[derive(Debug, Default)]
struct App {
    sent: usize,
    got: Vec<u8>,
    /// The end of the other's data was seen.
    end: bool,
    /// Ours is said.
    closed: bool,
    /// An error ended it.
    error: Option<Errno>,
    reads_again: u64,
}

struct Talk {
    plan: Plan,
    now: u64,
    host: Host,
    task: Tid,
    fd: Option<i32>,
    we: App,
    interface: Interface,
    end: End,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    it: App,
    link: Link,
    arrived: u32,
}

/// Tells each packet when it is sent, if PEER_TRACE is set: for looking into one plan.
fn trace(now: u64, way: &str, packet: &Packet) {
    if std::env::var_os("PEER_TRACE").is_some() {
        let segment = segment(packet);
        let (len, wnd) = (segment.payload.len(), segment.window);
        let Segment {
            seq, ack, flags, ..
        } = segment;
        eprintln!(
            "{now} {way} {flags} seq {} ack {} len {len} win {wnd}",
            seq.0, ack.0
        );
    }
}

/// What a side sends: octets that do not repeat within a window.
fn data(len: usize, salt: usize) -> Vec<u8> {
    let octet = |at: usize| (at.wrapping_mul(2_654_435_761).wrapping_add(salt) >> 11) as u8;
    (0..len).map(octet).collect()
}

/// Carries out a plan.
pub(crate) fn talk(plan: Plan) {
    let whole = std::panic::catch_unwind(|| Talk::new(plan).run());
    if let Err(panic) = whole {
        eprintln!("the plan was {plan:?}");
        std::panic::resume_unwind(panic);
    }
}

impl Talk {
    fn new(plan: Plan) -> Talk {
        let mut host = Host::new(plan.seed, Sysctl::default());
        host.fate = Box::new(|_| Fate::Waits);
        let mtu = MTU as u32;
        let device = host.kernel.routes.add_device(Device { name: "eth0", mtu });
        host.kernel
            .routes
            .add_address(device, OUR_ADDRESS.into(), 24);
        let task = host.task();

        let mut end = End::default();
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = plan.seed;
        let mut interface = Interface::new(config, &mut end, Instant::ZERO);
        interface.update_ip_addrs(|ips| {
            let [a, b, c, d] = ITS_ADDRESS;
            let ip = smoltcp::wire::IpAddress::v4(a, b, c, d);
            ips.push(IpCidr::new(ip, 24)).expect("room for one");
        });
        let buffer = |octets| tcp::SocketBuffer::new(vec![0; octets]);
        let mut socket = tcp::Socket::new(buffer(plan.its_room), buffer(65_535));
        if plan.timestamps {
            socket.set_tsval_generator(Some(|| CLOCK.get()));
        }
        // smoltcp takes the window of whichever segment comes last (it has no SND.WL1 and SND.WL2) and then
        // probes nothing; and whoever sleeps through a RST finds out.
        socket.set_keep_alive(Some(ItsDuration::from_secs(1)));
        let mut sockets = SocketSet::new(vec![]);
        let handle = sockets.add(socket);
        Talk {
            plan,
            now: 0,
            host,
            task,
            fd: None,
            we: App::default(),
            interface,
            end,
            sockets,
            handle,
            it: App::default(),
            link: Link::new(plan.quality, plan.seed),
            arrived: 0,
        }
    }

    fn ok(&mut self, call: &Syscall) -> u64 {
        self.host.ok(self.task, call)
    }

    fn result(&mut self, call: &Syscall) -> Result<Reply, Errno> {
        let reply = self.host.reply(self.task, call);
        reply.result.map(|_| reply)
    }

    fn open(&mut self) {
        let ours = format!("10.0.0.1:{OUR_PORT}");
        let its = format!("10.0.0.2:{ITS_PORT}");
        assert_eq!(self.ok(&nonblocking()), 3);
        if self.plan.our_room > 0 {
            let room = int(self.plan.our_room);
            self.ok(&setsockopt(3, SOL_SOCKET, SO_RCVBUF, room, 4));
        }
        if self.plan.close.is_reset() {
            self.ok(&setsockopt(3, SOL_SOCKET, SO_KEEPALIVE, int(1), 4));
            self.ok(&setsockopt(3, IPPROTO_TCP, TCP_KEEPIDLE, int(1), 4));
            self.ok(&setsockopt(3, IPPROTO_TCP, TCP_KEEPINTVL, int(1), 4));
        }
        self.ok(&bind(3, &ours));
        if self.plan.open == Open::It {
            self.ok(&listen(3, 5));
        } else {
            assert_eq!(self.result(&connect(3, &its)).err(), Some(EINPROGRESS));
            self.fd = Some(3);
        }
        let socket = self.sockets.get_mut::<tcp::Socket>(self.handle);
        if self.plan.open == Open::We {
            socket.listen(ITS_PORT).expect("a free port");
        } else {
            let to = (
                smoltcp::wire::IpAddress::from(std::net::Ipv4Addr::from(OUR_ADDRESS)),
                OUR_PORT,
            );
            let context = self.interface.context();
            socket.connect(context, to, ITS_PORT).expect("a free port");
        }
    }

    /// What our program does now.
    fn our_turn(&mut self) {
        if self.fd.is_none() {
            match self.result(&accept4(3, SOCK_NONBLOCK)) {
                Ok(reply) => {
                    self.fd = reply.result.ok().map(|fd| fd as i32);
                    self.ok(&close(3));
                }
                Err(EAGAIN) => return,
                // Reset before it was accepted.
                Err(errno) => return self.we.error = Some(errno),
            }
        }
        let Some(fd) = self.fd else { return };
        if self.we.error.is_some() || (self.we.closed && self.we.end) {
            return;
        }
        let all = data(self.plan.ours, 1);
        while self.we.sent < all.len() && !self.we.closed {
            let upto = all.len().min(self.we.sent + CHUNK);
            match self.result(&send_quiet(fd, &all[self.we.sent..upto])) {
                Ok(reply) => self.we.sent += reply.result.unwrap_or(0) as usize,
                Err(EAGAIN) => break,
                Err(errno) => return self.we_fail(fd, errno),
            }
        }
        while !self.we.end && self.now >= self.we.reads_again {
            match self.result(&recv(fd, CHUNK as u64)) {
                Ok(reply) => {
                    let octets = reply.written(1).unwrap_or_default();
                    self.we.end = octets.is_empty();
                    self.we.got.extend(octets);
                    self.we.reads_again = self.now + self.plan.pause_ms * 1_000;
                }
                Err(EAGAIN) => break,
                Err(errno) => return self.we_fail(fd, errno),
            }
        }
        let everything = self.we.got.len() == self.plan.its && self.it.got.len() == all.len();
        let half = self.we.got.len() >= self.plan.its / 2 && self.it.got.len() >= all.len() / 2;
        let connected = self.result(&getpeername(fd)).is_ok();
        let now = match self.plan.close {
            Close::WeFirst => self.we.sent == all.len(),
            Close::ItFirst | Close::ItResets => self.we.sent == all.len() && self.we.end,
            Close::Both => everything,
            Close::WeReset => half && connected,
        };
        if self.plan.close == Close::WeReset && now {
            let mut linger = 1_i32.to_le_bytes().to_vec();
            linger.extend(0_i32.to_le_bytes());
            self.ok(&setsockopt(
                fd,
                SOL_SOCKET,
                SO_LINGER,
                UserIn::Bytes(linger),
                8,
            ));
            self.ok(&close(fd));
            (self.we.closed, self.we.end) = (true, true);
        } else if now && connected && !self.we.closed {
            self.we.closed = true;
            match self.result(&shutdown(fd, SHUT_WR)) {
                Ok(_) => {}
                Err(errno) => return self.we_fail(fd, errno),
            }
        }
        if self.we.closed && self.we.end && self.plan.close != Close::WeReset {
            self.ok(&close(fd));
        }
    }

    fn we_fail(&mut self, fd: i32, errno: Errno) {
        self.we.error = Some(errno);
        self.ok(&close(fd));
    }

    /// What its program does now.
    fn its_turn(&mut self) {
        let all = data(self.plan.its, 2);
        let socket = self.sockets.get_mut::<tcp::Socket>(self.handle);
        while self.it.sent < all.len() && socket.can_send() {
            let upto = all.len().min(self.it.sent + CHUNK);
            self.it.sent += socket
                .send_slice(&all[self.it.sent..upto])
                .expect("it may send");
        }
        while self.now >= self.it.reads_again {
            let mut octets = [0; CHUNK];
            match socket.recv_slice(&mut octets) {
                Ok(0) => break,
                Ok(count) => {
                    self.it.got.extend(&octets[..count]);
                    self.it.reads_again = self.now + self.plan.pause_ms * 1_000;
                }
                Err(tcp::RecvError::Finished) => {
                    self.it.end = true;
                    break;
                }
                Err(tcp::RecvError::InvalidState) => break,
            }
        }
        let everything = self.we.got.len() == all.len() && self.it.got.len() == self.plan.ours;
        let half = self.we.got.len() >= all.len() / 2 && self.it.got.len() >= self.plan.ours / 2;
        let open = matches!(
            socket.state(),
            tcp::State::Established | tcp::State::CloseWait
        );
        let now = match self.plan.close {
            Close::ItFirst => self.it.sent == all.len(),
            Close::WeFirst | Close::WeReset => self.it.sent == all.len() && self.it.end,
            Close::Both => everything,
            Close::ItResets => half,
        };
        if now && open && !self.it.closed {
            self.it.closed = true;
            if self.plan.close == Close::ItResets {
                socket.abort();
            } else {
                socket.close();
            }
        }
    }

    /// Both act until neither has more to do at this moment.
    fn settle(&mut self) {
        for _ in 0..4 {
            self.host.now = self
                .host
                .now
                .max(Time::ZERO + Duration::from_micros(self.now));
            while self
                .host
                .kernel
                .next_deadline()
                .is_some_and(|at| at <= self.host.now)
            {
                self.host.next_timer();
            }
            self.our_turn();
            self.its_turn();
            CLOCK.set((self.now / 1_000) as u32);
            let now = Instant::from_micros(self.now as i64);
            self.interface.poll(now, &mut self.end, &mut self.sockets);
            while let Some(packet) = self.host.wire.pop_front() {
                trace(self.now, "->", &packet);
                self.link.send(self.now, Way::ToIt, &octets(&packet));
            }
            for octets in std::mem::take(&mut self.end.outgoing) {
                trace(self.now, "<-", &typed(&octets, 0));
                self.link.send(self.now, Way::ToUs, &octets);
            }
        }
    }

    /// Time goes on to whatever comes next; false if nothing does.
    fn go_on(&mut self) -> bool {
        let ours = self
            .host
            .kernel
            .next_deadline()
            .map(|at| at.nanos().div_ceil(1_000));
        let now = Instant::from_micros(self.now as i64);
        let its = self.interface.poll_at(now, &self.sockets);
        let its = its.map(|at| at.total_micros().max(0) as u64);
        let reads = [self.we.reads_again, self.it.reads_again];
        let reads = reads.into_iter().filter(|at| *at > self.now);
        let next = [self.link.next(), ours, its]
            .into_iter()
            .flatten()
            .chain(reads)
            .min();
        let Some(next) = next else { return false };
        self.now = next.max(self.now);
        while let Some((way, octets)) = self.link.arrived(self.now) {
            self.arrived += 1;
            match way {
                Way::ToIt => self.end.incoming.push_back(octets),
                Way::ToUs => {
                    self.host.now = self
                        .host
                        .now
                        .max(Time::ZERO + Duration::from_micros(self.now));
                    self.host.carry(&typed(&octets, self.arrived), false);
                    self.host.settle();
                }
            }
        }
        true
    }

    fn run(mut self) {
        self.open();
        for _ in 0..STEPS {
            self.settle();
            let socket = self.sockets.get::<tcp::Socket>(self.handle);
            let over = self.host.kernel.sockets().is_empty()
                && !socket.can_recv()
                && self.link.next().is_none()
                && socket.state() == tcp::State::Closed;
            if over || !self.go_on() {
                return self.judge();
            }
        }
        panic!("no end after {STEPS} steps, {:?}", self.told());
    }

    fn told(&self) -> String {
        let socket = self.sockets.get::<tcp::Socket>(self.handle);
        let side = |app: &App| {
            format!(
                "sent {} got {} end {} closed {} error {:?}",
                app.sent,
                app.got.len(),
                app.end,
                app.closed,
                app.error
            )
        };
        let (we, it) = (side(&self.we), side(&self.it));
        format!(
            "{} us: we {:?}: {we}; it {}: {it}",
            self.now,
            self.host.states(),
            socket.state()
        )
    }

    fn judge(&self) {
        let told = self.told();
        let socket = self.sockets.get::<tcp::Socket>(self.handle);
        assert_eq!(self.host.states(), [], "{told}");
        assert_eq!(socket.state(), tcp::State::Closed, "{told}");
        let (ours, its) = (data(self.plan.ours, 1), data(self.plan.its, 2));
        if self.plan.close.is_reset() {
            assert!(ours.starts_with(&self.it.got), "{told}");
            assert!(its.starts_with(&self.we.got), "{told}");
            if self.plan.close == Close::ItResets {
                let reset = [Some(ECONNRESET), Some(EPIPE)];
                assert!(reset.contains(&self.we.error), "{told}");
            }
            return;
        }
        assert_eq!(self.we.error, None, "{told}");
        assert!(self.it.got == ours && self.we.got == its, "{told}");
        // Its TIME-WAIT may end by our RST to a late copy before its slow reader sees the end of the data.
        let told_it = self.it.end || self.plan.close != Close::WeFirst;
        assert!(self.we.end && told_it, "{told}");
        assert!(self.host.kernel.files().iter().count() == 3, "{told}");
    }
}
