//! Hosts besides the first, and the links to them.

use super::{ETHERNET, Network, Wires, add_device};
use crate::base::{ChoiceKind, Choices, Time};
use crate::kernel::Kernel;
use crate::kernel::route::Route;
use crate::packet::{Body, Flags, Icmp, Packet};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

/// Octets of IPv4 and IPv6 headers, of TCP's without options, and of UDP's and ICMP's.
const HEADERS: (usize, usize, usize, usize) = (20, 40, 20, 8);

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

/// Links at work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    working: Vec<Working>,
    /// Next hops that are not the destination itself: host, first bits, how many, neighbour.
    gateways: Rc<Vec<(u16, Route, IpAddr)>>,
}

impl Network {
    /// How many hosts there are.
    pub(in crate::sim) fn hosts(&self) -> u16 {
        let ends = self.links.iter().flat_map(|link| link.ends);
        let last = ends
            .map(|(host, _)| host)
            .chain(self.places.iter().copied());
        last.max().unwrap_or(0) + 1
    }

    /// On which host a program runs.
    pub(in crate::sim) fn place(&self, program: usize) -> u16 {
        self.places.get(program).copied().unwrap_or(0)
    }
}

impl Links {
    /// Gives the hosts the devices, addresses and routes of their links.
    pub(super) fn set_up(network: &Network, hosts: &mut [Rc<Kernel>]) -> Links {
        let mut add = |(host, ip): (u16, IpAddr), link: &Link| {
            add_device(&mut hosts[usize::from(host)], ip, link.prefix, link.mtu)
        };
        let mut devices = Vec::with_capacity(network.links.len());
        for link in &network.links {
            devices.push(link.ends.map(|end| add(end, link)));
        }
        let mut gateways = Vec::with_capacity(network.routes.len());
        for gateway in &network.routes {
            let Some(link) = network.links.get(gateway.link) else {
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
        Links {
            working: network.links.iter().map(working).collect(),
            gateways: Rc::new(gateways),
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.working.is_empty()
    }
}

impl Wires {
    /// Takes a packet that leaves a host by one of its devices; false if it was lost at once.
    pub(super) fn send_over_link(
        &mut self,
        (host, device): (u16, u8),
        kernel: &Kernel,
        packet: &Rc<Packet>,
        now: Time,
        choices: &mut Choices,
    ) -> bool {
        let mut mine = (1_u8..).zip(self.links.working.iter().enumerate().flat_map(
            |(at, working)| {
                let ends = (0..2).filter(|end| working.link.ends[*end].0 == host);
                ends.map(move |end| (at, end))
            },
        ));
        let Some((_, (at, from))) = mine.find(|(nth, _)| *nth == device) else {
            return false;
        };
        let on_link = |route: &Route| kernel.routes.goes_by(route, packet.dst);
        let gateway = self
            .links
            .gateways
            .iter()
            .find(|(of, route, _)| *of == host && on_link(route));
        let hop = gateway.map_or(packet.dst, |(_, _, via)| *via);
        let working = &mut self.links.working[at];
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
