//! Hosts besides the first, the links between them, and what happens to packets on these.
//!
//! A link has two ends. Whoever a host looks for on a link and who is not its other end does not answer: after three
//! unanswered requests the neighbour has failed (`neigh_timer_handler()`), and the sender hears "host
//! unreachable" from its own host (`ipv4_link_failure()`, `ip6_link_failure()`).

#[cfg(not(target_arch = "wasm32"))]
mod links;
// The page has one host: what others and links need is not in its file.
#[cfg(target_arch = "wasm32")]
#[path = "network/one_host.rs"]
mod links;

use crate::base::{Choices, PacketId, SortedMap, Time};
use crate::kernel::Kernel;
use crate::kernel::route::Device;
use crate::packet::icmp::{Carried, DEST_UNREACH, Error, V6_DEST_UNREACH};
use crate::packet::{Body, Icmp, Packet};
use links::Links;
#[cfg(not(target_arch = "wasm32"))]
pub use links::{Action, Gateway, Link, Rule, Which};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

/// Octets of the largest IP packet of an Ethernet device.
const ETHERNET: u32 = 1_500;
/// mcast_solicit (3) times retrans_time_ms (1000): how long a neighbour may stay silent.
const NEIGHBOUR_FAILS: Duration = Duration::from_secs(3);

/// The network of a world. By default: one host, alone.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// On which host each program runs, in the order of the programs; those that are not named run on the first, 0.
    #[cfg(not(target_arch = "wasm32"))]
    pub places: Vec<u16>,
    /// The links. There are as many hosts as they and the places name.
    #[cfg(not(target_arch = "wasm32"))]
    pub links: Vec<Link>,
    /// Routes besides those that an address on a link brings.
    #[cfg(not(target_arch = "wasm32"))]
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

/// Links at work, and the packets on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wires {
    links: Links,
    /// By the time of arrival, then in the order in which they were sent: the host that gets them.
    under_way: SortedMap<(Time, u32), (u16, Rc<Packet>)>,
    /// Neighbours that were asked for: host, address, when it will have failed.
    asked: Vec<(u16, IpAddr, Time)>,
    /// Devices of the first host with nobody behind them.
    stubs: Rc<Vec<(u8, Stub)>>,
    sent: u32,
}

/// Gives a host a device with an address; its place in the list of the host's devices.
fn add_device(kernel: &mut Rc<Kernel>, ip: IpAddr, prefix: u8, mtu: u32) -> u8 {
    const NAMES: [&str; 4] = ["eth0", "eth1", "eth2", "eth3"];
    let routes = &mut Rc::make_mut(kernel).routes;
    let name = NAMES.get(routes.devices().len() - 1).unwrap_or(&"eth");
    let device = routes.add_device(Device { name, mtu });
    routes.add_address(device, ip, prefix);
    device
}

impl Network {
    /// Gives the hosts their devices, addresses and routes.
    pub(super) fn set_up(&self, hosts: &mut [Rc<Kernel>]) -> Wires {
        let links = Links::set_up(self, hosts);
        let mut stubs = Vec::with_capacity(self.stubs.len());
        for stub in &self.stubs {
            let ip = stub.address.into();
            let device = add_device(&mut hosts[0], ip, stub.prefix, ETHERNET);
            stubs.push((device, *stub));
        }
        Wires {
            links,
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
        self.send_over_link((host, path.device), kernel, packet, now, choices)
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
