//! Devices, addresses and routes: which addresses are this host's own, and by which way any other is
//! reached (`fib_lookup()`, `ip6_route_output()`; rtnetlink(7)).

use crate::abi::Errno;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

/// The loopback device: every host has it, as the first.
pub const LOOPBACK: u8 = 0;
/// Its MTU, octets.
const LOOPBACK_MTU: u32 = 65_536;
/// The most that an IPv4 header can say, and the payload of an IPv6 one.
const IP_MAX: u32 = 65_535;
/// Octets of an IPv4 and an IPv6 header, and of a TCP header, without options.
const IPV4_HEADER: u32 = 20;
const IPV6_HEADER: u32 = 40;
const TCP_HEADER: u32 = 20;
/// net.ipv4.route.min_adv_mss.
const MIN_ADVERTISED_MSS: u32 = 256;

/// A network device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Its name.
    pub name: &'static str,
    /// Octets of the largest IP packet that it carries.
    pub mtu: u32,
}

/// One route, with the metrics that ip-route(8) can set on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Where it leads: this address, or all that share its first bits.
    pub to: IpAddr,
    /// How many bits: 0 makes the default route of the family.
    pub prefix: u8,
    /// The device, by its place in the list.
    pub device: u8,
    /// The address that packets get whose socket has none.
    pub source: IpAddr,
    /// `mtu`: instead of the device's.
    pub mtu: Option<u32>,
    /// `advmss`: the MSS that our SYN says, instead of what follows from the MTU.
    pub advmss: Option<u16>,
    /// `initcwnd`: the initial congestion window, segments.
    pub initial_window: Option<u32>,
}

/// What a socket knows of the way to its peer (`struct dst_entry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Path {
    /// The device, by its place in the list.
    pub device: u8,
    /// Octets of the largest IP packet.
    pub mtu: u32,
    /// `dst_metric_advmss()`: the MSS that our SYN says.
    pub advmss: u16,
    /// Segments that may be under way at the beginning; 0: as the congestion control has it.
    pub initial_window: u32,
}

impl Path {
    /// A path of that MTU to that address, without metrics of its own.
    pub fn new(device: u8, mtu: u32, to: IpAddr) -> Path {
        // ipv4_default_advmss(), ip6_default_advmss()
        let advmss = match to.to_canonical() {
            IpAddr::V4(_) => mtu.min(IP_MAX).saturating_sub(IPV4_HEADER + TCP_HEADER),
            IpAddr::V6(_) => mtu
                .saturating_sub(IPV6_HEADER + TCP_HEADER)
                .min(IP_MAX - TCP_HEADER),
        };
        Path {
            device,
            mtu,
            advmss: advmss.max(MIN_ADVERTISED_MSS) as u16,
            initial_window: 0,
        }
    }

    /// The way within the host.
    pub fn loopback(to: IpAddr) -> Path {
        Path::new(LOOPBACK, LOOPBACK_MTU, to)
    }

    /// `tcp_mtu_to_mss()`: octets of data in the largest segment without options.
    pub fn mss(&self, to: IpAddr) -> u32 {
        let headers = match to.to_canonical() {
            IpAddr::V4(_) => IPV4_HEADER + TCP_HEADER,
            IpAddr::V6(_) => IPV6_HEADER + TCP_HEADER,
        };
        self.mtu.saturating_sub(headers)
    }
}

/// A host's devices, addresses and routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Routes(Rc<Tables>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Tables {
    devices: Vec<Device>,
    addresses: Vec<(IpAddr, u8)>,
    routes: Vec<Route>,
}

impl Default for Routes {
    /// The loopback device alone.
    fn default() -> Self {
        Routes(Rc::new(Tables {
            devices: vec![Device {
                name: "lo",
                mtu: LOOPBACK_MTU,
            }],
            addresses: Vec::new(),
            routes: Vec::new(),
        }))
    }
}

impl Routes {
    /// The devices; the first is loopback.
    pub fn devices(&self) -> &[Device] {
        &self.0.devices
    }

    /// Adds a device and says its place in the list.
    pub fn add_device(&mut self, device: Device) -> u8 {
        let tables = Rc::make_mut(&mut self.0);
        tables.devices.push(device);
        (tables.devices.len() - 1) as u8
    }

    /// Gives a device an address, which becomes the host's own, and the route to its network.
    pub fn add_address(&mut self, device: u8, ip: IpAddr, prefix: u8) {
        Rc::make_mut(&mut self.0).addresses.push((ip, device));
        self.add_route(Route {
            to: ip,
            prefix,
            device,
            source: ip,
            mtu: None,
            advmss: None,
            initial_window: None,
        });
    }

    /// Adds a route, in place of one to the same destination.
    pub fn add_route(&mut self, route: Route) {
        let routes = &mut Rc::make_mut(&mut self.0).routes;
        let same = |old: &Route| {
            old.prefix == route.prefix && covers(old, route.to) && covers(&route, old.to)
        };
        routes.retain(|old| !same(old));
        routes.push(route);
    }

    /// Whether the host itself has an address (`inet_addr_type()`): all of 127.0.0.0/8, ::1, and
    /// those of its devices.
    pub fn is_local(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        is_loopback(ip) || self.0.addresses.iter().any(|(own, _)| *own == ip)
    }

    /// The device that has an address of the host's own (`ip_dev_find()`).
    pub(crate) fn device_of(&self, ip: IpAddr) -> Option<u8> {
        if is_loopback(ip) {
            return (!self.is_shared(ip)).then_some(LOOPBACK);
        }
        let mut addresses = self.0.addresses.iter();
        addresses
            .find(|(own, _)| *own == ip)
            .map(|(_, device)| *device)
    }

    /// Whether an address is everybody's on a network (RTN_BROADCAST and RTN_MULTICAST of `inet_addr_type()`).
    pub fn is_shared(&self, ip: IpAddr) -> bool {
        let v4 = match ip.to_canonical() {
            IpAddr::V6(v6) => return v6.is_multicast(),
            IpAddr::V4(v4) => v4,
        };
        let last_of = |route: &Route| {
            let ones = u32::from(v4).trailing_ones();
            route.to == route.source && route.prefix < 31 && ones + u32::from(route.prefix) >= 32
        };
        let mut routes = self.0.routes.iter();
        v4.is_multicast()
            || v4.is_broadcast()
            || v4 == Ipv4Addr::new(127, 255, 255, 255)
            || routes.any(|route| covers(route, v4.into()) && last_of(route))
    }

    /// Whether the way to another host's address goes by that route.
    pub fn goes_by(&self, route: &Route, to: IpAddr) -> bool {
        let to = to.to_canonical();
        let longer = |r: &Route| r.prefix > route.prefix && covers(r, to);
        covers(route, to) && !self.0.routes.iter().any(longer)
    }

    /// The way to an address, and the source address for it (`ip_route_output_key()`).
    ///
    /// ENETUNREACH: no route.
    pub fn lookup(&self, to: IpAddr) -> Result<(Path, IpAddr), Errno> {
        let to = to.to_canonical();
        if self.is_local(to) {
            let source = match to {
                IpAddr::V4(v4) if v4.is_loopback() => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(v6) if v6.is_loopback() => Ipv6Addr::LOCALHOST.into(),
                own => own,
            };
            return Ok((Path::loopback(to), source));
        }
        let covering = self.0.routes.iter().filter(|route| covers(route, to));
        let route = covering
            .max_by_key(|route| route.prefix)
            .ok_or(Errno::ENETUNREACH)?;
        let device = &self.0.devices[usize::from(route.device)];
        let mut path = Path::new(route.device, route.mtu.unwrap_or(device.mtu), to);
        path.advmss = route.advmss.unwrap_or(path.advmss);
        path.initial_window = route.initial_window.unwrap_or(0);
        Ok((path, route.source))
    }
}

fn is_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback(),
    }
}

/// Whether an address shares a route's first bits.
fn covers(route: &Route, ip: IpAddr) -> bool {
    let differ = match (route.to, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            u128::from(u32::from(a) ^ u32::from(b)) << (u128::BITS - u32::BITS)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => u128::from(a) ^ u128::from(b),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    differ.leading_zeros() >= u32::from(route.prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn host() -> Routes {
        let mut routes = Routes::default();
        let device = routes.add_device(Device {
            name: "eth0",
            mtu: 1_500,
        });
        routes.add_address(device, ip("192.168.0.1"), 16);
        routes
    }

    #[test]
    fn loopback_alone_reaches_itself_and_nothing_else() {
        let routes = Routes::default();
        let (path, source) = routes.lookup(ip("127.9.9.9")).expect("loopback");
        assert_eq!((path.advmss, source), (65_495, ip("127.0.0.1")));
        let (path, source) = routes.lookup(ip("::1")).expect("loopback");
        assert_eq!((path.advmss, source), (65_476, ip("::1")));
        assert_eq!(routes.lookup(ip("192.0.2.1")), Err(Errno::ENETUNREACH));
    }

    #[test]
    fn an_address_brings_its_network_and_no_more() {
        let routes = host();
        let (path, source) = routes.lookup(ip("192.168.7.7")).expect("on link");
        assert_eq!((path.mtu, path.advmss), (1_500, 1_460));
        assert_eq!(source, ip("192.168.0.1"));
        assert_eq!(routes.lookup(ip("192.169.0.1")), Err(Errno::ENETUNREACH));
    }

    #[test]
    fn a_networks_last_address_is_everybodys() {
        for (text, shared) in [
            ("192.168.255.255", true),
            ("192.168.7.255", false),
            ("127.255.255.255", true),
            ("224.0.0.1", true),
            ("255.255.255.255", true),
            ("::ffff:224.0.0.1", true),
            ("ff02::1", true),
            ("192.168.0.1", false),
            ("::1", false),
        ] {
            assert_eq!(host().is_shared(ip(text)), shared, "{text}");
        }
    }

    #[test]
    fn ones_own_address_is_reached_over_loopback() {
        let (path, source) = host().lookup(ip("192.168.0.1")).expect("own");
        assert_eq!((path.device, path.advmss), (LOOPBACK, 65_495));
        assert_eq!(source, ip("192.168.0.1"));
    }

    #[test]
    fn the_longest_prefix_wins_and_metrics_override_the_device() {
        let mut routes = host();
        let route = Route {
            to: ip("0.0.0.0"),
            prefix: 0,
            device: 1,
            source: ip("192.168.0.1"),
            mtu: None,
            advmss: None,
            initial_window: None,
        };
        routes.add_route(route.clone());
        let narrow = Route {
            to: ip("192.0.2.0"),
            prefix: 24,
            mtu: Some(1_400),
            advmss: Some(600),
            ..route
        };
        routes.add_route(narrow);
        let (path, _) = routes.lookup(ip("192.0.2.1")).expect("by the /24");
        assert_eq!((path.mtu, path.advmss), (1_400, 600));
        let (path, _) = routes.lookup(ip("8.8.8.8")).expect("by default");
        assert_eq!(path.mtu, 1_500);
        assert!(routes.lookup(ip("2001:db8::1")).is_err(), "IPv4 only");
    }
}
