//! Hosts besides the first, the links between them, and what happens to packets on these.
//!
//! A link has two ends. Whoever a host looks for on a link and who is not its other end does not answer: after three
//! unanswered requests the neighbour has failed (`neigh_timer_handler()`), and the sender hears "host
//! unreachable" from its own host (`ipv4_link_failure()`, `ip6_link_failure()`).

use crate::base::{ChoiceKind, Choices, PacketId, SortedMap, Time};
use crate::kernel::Kernel;
use crate::kernel::route::{Device, Route};
use crate::packet::icmp::{Carried, DEST_UNREACH, Error, V6_DEST_UNREACH};
use crate::packet::{Body, Flags, Icmp, Packet};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

/// Octets of the largest IP packet of an Ethernet device.
const ETHERNET: u32 = 1_500;
/// mcast_solicit (3) times retrans_time_ms (1000): how long a neighbour may stay silent.
const NEIGHBOUR_FAILS: Duration = Duration::from_secs(3);
/// Octets of IPv4 and IPv6 headers, of TCP's without options, and of UDP's and ICMP's.
const HEADERS: (usize, usize, usize, usize) = (20, 40, 20, 8);

/// The network of a world. By default: one host, alone.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// On which host each program runs, in the order of the programs; those that are not named run on the first, 0.
    pub places: Vec<u16>,
    /// The links. There are as many hosts as they and the places name.
    pub links: Vec<Link>,
    /// Routes besides those that an address on a link brings.
    pub routes: Vec<Gateway>,
    /// Devices of the first host behind which nobody ever answers, after those of its links.
    pub stubs: Vec<Stub>,
}

/// A device without another host behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stub {
    /// Its address.
    pub address: Ipv4Addr,
    /// Bits that the addresses on it share.
    pub prefix: u8,
    /// Who else is there.
    pub neighbours: Neighbours,
}

/// Who is on a [`Stub`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// Nobody: requests for neighbours stay unanswered.
    None,
    /// Whoever is looked for, it seems, but what is sent to them vanishes.
    Silent,
}

/// A route by way of a neighbour.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Whose route.
    pub host: u16,
    /// Where it leads, and how many bits of that count.
    pub to: (IpAddr, u8),
    /// The link, by its place in the list.
    pub link: usize,
    /// The neighbour's address.
    pub via: IpAddr,
}

/// A link between two hosts: a device at each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The hosts, and the address of each on this link.
    pub ends: [(u16, IpAddr); 2],
    /// Bits that the addresses on the link share.
    pub prefix: u8,
    /// Octets of the largest IP packet.
    pub mtu: u32,
    /// How long a packet is under way.
    pub delay: Duration,
    /// Bits in a second in each direction; 0: without bounds. What cannot leave yet waits, however much it is.
    pub bandwidth: u64,
    /// Of 1000 packets, so many are lost.
    pub loss: u32,
    /// Of 1000 packets, so many arrive twice.
    pub duplication: u32,
    /// Of 1000 packets, so many take up to `jitter` longer, so that others overtake them.
    pub reordering: u32,
    /// How much longer these take at most.
    pub jitter: Duration,
    /// What happens to certain packets.
    pub rules: Vec<Rule>,
}

impl Link {
    /// A link of Ethernet's size between the first two hosts, on which nothing goes wrong.
    pub fn new(first: (u16, IpAddr), second: (u16, IpAddr), prefix: u8) -> Link {
        Link {
            ends: [first, second],
            prefix,
            mtu: ETHERNET,
            delay: Duration::from_millis(1),
            bandwidth: 0,
            loss: 0,
            duplication: 0,
            reordering: 0,
            jitter: Duration::from_millis(10),
            rules: Vec::new(),
        }
    }
}

/// What happens to one packet of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which end sends it: 0 or 1.
    pub from: usize,
    /// Which packets count.
    pub which: Which,
    /// The how-many-th of these, from 1.
    pub nth: u32,
    /// What happens to it.
    pub what: Action,
}

/// Which packets a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    Any,
    /// Segments with exactly these control bits and no data.
    Bare(Flags),
    /// Segments with data.
    Data,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is lost.
    Lose,
    /// It arrives twice.
    Duplicate,
    /// It takes so much longer.
    Delay(Duration),
    /// It arrives, and another packet right behind it.
    Inject(Rc<Packet>),
}

impl Which {
    fn counts(self, packet: &Packet) -> bool {
        match (self, &packet.body) {
            (Which::Any, _) => true,
            (Which::Bare(flags), Body::Tcp(s)) => s.flags == flags && s.payload.is_empty(),
            (Which::Data, Body::Tcp(s)) => !s.payload.is_empty(),
            (Which::Bare(_) | Which::Data, Body::Udp(_) | Body::Icmp(_)) => false,
        }
    }
}

/// A link at work.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Working {
    link: Rc<Link>,
    /// Until when each end is sending.
    busy: [Time; 2],
    /// How many packets each rule has counted.
    seen: Vec<u32>,
}

/// Links at work, and the packets on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wires {
    links: Vec<Working>,
    /// Next hops that are not the destination itself: host, first bits, how many, neighbour.
    gateways: Rc<Vec<(u16, Route, IpAddr)>>,
    /// By the time of arrival, then in the order in which they were sent: the host that gets them.
    under_way: SortedMap<(Time, u32), (u16, Rc<Packet>)>,
    /// Neighbours that were asked for: host, address, when it will have failed.
    asked: Vec<(u16, IpAddr, Time)>,
    /// Devices of the first host with nobody behind them.
    stubs: Rc<Vec<(u8, Stub)>>,
    sent: u32,
}

impl Network {
    /// How many hosts there are.
    pub(super) fn hosts(&self) -> u16 {
        let ends = self.links.iter().flat_map(|link| link.ends);
        let last = ends
            .map(|(host, _)| host)
            .chain(self.places.iter().copied());
        last.max().unwrap_or(0) + 1
    }

    /// Gives the hosts their devices, addresses and routes.
    pub(super) fn set_up(&self, hosts: &mut [Rc<Kernel>]) -> Wires {
        const NAMES: [&str; 4] = ["eth0", "eth1", "eth2", "eth3"];
        let mut add = |(host, ip): (u16, IpAddr), prefix, mtu| {
            let routes = &mut Rc::make_mut(&mut hosts[usize::from(host)]).routes;
            let name = NAMES.get(routes.devices().len() - 1).unwrap_or(&"eth");
            let device = routes.add_device(Device { name, mtu });
            routes.add_address(device, ip, prefix);
            device
        };
        let mut devices = Vec::with_capacity(self.links.len());
        for link in &self.links {
            devices.push(link.ends.map(|end| add(end, link.prefix, link.mtu)));
        }
        let mut stub = |stub: &Stub| {
            let end = (0, stub.address.into());
            (add(end, stub.prefix, ETHERNET), *stub)
        };
        let stubs = self.stubs.iter().map(&mut stub).collect();
        let mut gateways = Vec::with_capacity(self.routes.len());
        for gateway in &self.routes {
            let Some(link) = self.links.get(gateway.link) else {
                continue;
            };
            let Some(end) = link.ends.iter().position(|(host, _)| *host == gateway.host) else {
                continue;
            };
            let route = Route {
                to: gateway.to.0,
                prefix: gateway.to.1,
                device: devices[gateway.link][end],
                source: link.ends[end].1,
                mtu: None,
                advmss: None,
                initial_window: None,
            };
            let routes = &mut Rc::make_mut(&mut hosts[usize::from(gateway.host)]).routes;
            routes.add_route(route.clone());
            gateways.push((gateway.host, route, gateway.via));
        }
        let working = |link: &Link| Working {
            seen: vec![0; link.rules.len()],
            link: Rc::new(link.clone()),
            busy: [Time::ZERO; 2],
        };
        Wires {
            links: self.links.iter().map(working).collect(),
            gateways: Rc::new(gateways),
            stubs: Rc::new(stubs),
            ..Wires::default()
        }
    }
}

impl Wires {
    /// Takes a packet of a host that is for another one; false if it was lost at once.
    pub(super) fn send(
        &mut self,
        host: u16,
        kernel: &Kernel,
        packet: &Rc<Packet>,
        now: Time,
        choices: &mut Choices,
    ) -> bool {
        // Which device, and which neighbour behind it.
        let Ok((path, _)) = kernel.routes.lookup(packet.dst) else {
            return false;
        };
        let stub = self.stubs.iter().find(|(at, _)| *at == path.device);
        if let Some((_, stub)) = stub.copied().filter(|_| host == 0) {
            let waits = stub.neighbours == Neighbours::None;
            if waits {
                self.unanswered(host, stub.address.into(), packet.dst, packet, now);
            }
            return waits;
        }
        let mut mine = (1_u8..).zip(self.links.iter().enumerate().flat_map(|(at, working)| {
            let ends = (0..2).filter(|end| working.link.ends[*end].0 == host);
            ends.map(move |end| (at, end))
        }));
        let Some((_, (at, from))) = mine.find(|(device, _)| *device == path.device) else {
            return false;
        };
        let on_link = |route: &Route| kernel.routes.goes_by(route, packet.dst);
        let gateway = self
            .gateways
            .iter()
            .find(|(of, route, _)| *of == host && on_link(route));
        let hop = gateway.map_or(packet.dst, |(_, _, via)| *via);
        let working = &mut self.links[at];
        let link = working.link.clone();
        let (to, address) = link.ends[1 - from];
        if hop != address {
            self.unanswered(host, link.ends[from].1, hop, packet, now);
            return true;
        }
        let (mut lost, mut copies, mut later) = (false, 1, Duration::ZERO);
        let mut behind = None;
        for (rule, seen) in link.rules.iter().zip(&mut working.seen) {
            if rule.from != from || !rule.which.counts(packet) {
                continue;
            }
            *seen += 1;
            if *seen != rule.nth {
                continue;
            }
            match &rule.what {
                Action::Lose => lost = true,
                Action::Duplicate => copies += 1,
                Action::Delay(more) => later += *more,
                Action::Inject(other) => behind = Some(other),
            }
        }
        let start = working.busy[from].max(now);
        let bits = u64::from(octets(packet)) * 8;
        // 0 stands for a link that takes any amount at once.
        let nanos = (bits * 1_000_000_000).checked_div(link.bandwidth);
        working.busy[from] = start + Duration::from_nanos(nanos.unwrap_or(0));
        let mut happens =
            |of_1000: u32| of_1000 > 0 && choices.choose(ChoiceKind::LinkFate, 1_000) < of_1000;
        lost |= happens(link.loss);
        copies += u32::from(happens(link.duplication));
        if happens(link.reordering) {
            later += link.jitter * (choices.choose(ChoiceKind::LinkFate, 1_000) + 1) / 1_000;
        }
        let arrives = working.busy[from] + link.delay;
        if !lost {
            for _ in 0..copies {
                self.put(arrives + later, to, Rc::clone(packet));
            }
        }
        if let Some(other) = behind {
            self.put(arrives, to, Rc::clone(other));
        }
        !lost
    }

    /// A packet waits for a neighbour who does not answer: when it has failed, the sender hears of it.
    fn unanswered(&mut self, host: u16, own: IpAddr, hop: IpAddr, packet: &Packet, now: Time) {
        self.asked.retain(|(_, _, fails)| *fails > now);
        let asked = self
            .asked
            .iter()
            .find(|(of, who, _)| (*of, *who) == (host, hop));
        let fails = asked.map_or(now + NEIGHBOUR_FAILS, |(_, _, fails)| *fails);
        if asked.is_none() {
            self.asked.push((host, hop, fails));
        }
        if let Some(error) = unreachable(own, packet) {
            self.put(fails, host, Rc::new(error));
        }
    }

    fn put(&mut self, at: Time, to: u16, packet: Rc<Packet>) {
        self.sent += 1;
        self.under_way.insert((at, self.sent), (to, packet));
    }

    /// Whether no device leads anywhere.
    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty() && self.stubs.is_empty()
    }

    /// When the next packet arrives.
    pub(super) fn next(&self) -> Option<Time> {
        self.under_way.iter().next().map(|((at, _), _)| *at)
    }

    /// The next packet that has arrived by now, with its host.
    pub(super) fn arrived(&mut self, now: Time) -> Option<(u16, Rc<Packet>)> {
        let first = self.under_way.iter().next().map(|(key, _)| *key);
        let key = first.filter(|(at, _)| *at <= now)?;
        self.under_way.remove(&key)
    }
}

/// "Host unreachable" (RFC 1122 §3.2.2.1), "address unreachable" (RFC 4443 §3.1), from a host to itself.
fn unreachable(own: IpAddr, packet: &Packet) -> Option<Packet> {
    let carried = match &packet.body {
        Body::Tcp(segment) => Carried::Tcp(segment.seq),
        Body::Udp(datagram) => Carried::Udp(datagram.payload.clone()),
        Body::Icmp(Icmp::Echo(echo)) => Carried::Echo(echo.id),
        Body::Icmp(Icmp::Error(_) | Icmp::Other(_)) => return None,
    };
    let what = match packet.dst {
        IpAddr::V4(_) => (DEST_UNREACH, 1),
        IpAddr::V6(_) => (V6_DEST_UNREACH, 3),
    };
    Some(Packet {
        id: PacketId(packet.id.0),
        src: own,
        dst: packet.src,
        body: Body::Icmp(Icmp::Error(Error::about(packet, what, carried))),
    })
}

/// Octets of an IP packet.
fn octets(packet: &Packet) -> u32 {
    let (v4, v6, tcp, other) = HEADERS;
    let ip = if packet.dst.is_ipv4() { v4 } else { v6 };
    let body = match &packet.body {
        Body::Tcp(segment) => {
            let o = &segment.options;
            let options = 4 * usize::from(o.mss.is_some())
                + 4 * usize::from(o.window_scale.is_some())
                + 12 * usize::from(o.timestamps.is_some())
                + 4 * usize::from(o.sack_permitted && o.timestamps.is_none());
            tcp + options + segment.payload.len()
        }
        Body::Udp(datagram) => other + datagram.payload.len(),
        Body::Icmp(Icmp::Echo(echo)) => other + echo.payload.len(),
        // An error quotes the headers at least.
        Body::Icmp(Icmp::Error(_)) => other + ip + other,
        Body::Icmp(Icmp::Other(bytes)) => bytes.len(),
    };
    (ip + body) as u32
}
