//! The groups of IPv4 multicast that a socket belongs to (RFC 1112, ip(7)): `ip_mc_join_group()`, `ip_mc_leave_group()`.
//!
//! Who belongs to what is all there is: sending to a group is NotModelled, and so is joining one on another device than
//! the loopback device, where the routers would be told (IGMP).

use crate::abi::constants::IPPROTO_IP;
use crate::abi::{Errno, NotModelled, SockAddr};
use crate::kernel::route::{LOOPBACK, Routes};
use crate::kernel::syscall::Stop;
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};

/// net.ipv4.igmp_max_memberships: a socket belongs to no more groups.
const MEMBERSHIPS_MAX: usize = 20;
/// Octets of `struct ip_mreq`, of `struct ip_mreqn`, and of `struct group_req` (RFC 3678).
pub(crate) const IP_MREQ: usize = 8;
pub(crate) const IP_MREQN: usize = 12;
pub(crate) const GROUP_REQ: usize = 136;

/// One group that a socket belongs to (`struct ip_mc_socklist`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// The group's address.
    pub group: Ipv4Addr,
    /// The device on which it is heard, by its place in the host's list.
    pub device: u8,
    /// `imr_address`, as the program said it when it joined.
    pub interface: Ipv4Addr,
}

/// What a program says of a group (`struct ip_mreqn`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) group: Ipv4Addr,
    /// An address of the device; 0.0.0.0: any.
    pub(crate) interface: Ipv4Addr,
    /// The device's number, which counts from 1; 0: any.
    pub(crate) ifindex: u32,
}

impl Asked {
    /// Reads `struct ip_mreqn`, or `struct ip_mreq` if `bytes` has no more.
    pub(crate) fn from_mreq(bytes: &[u8]) -> Option<Asked> {
        let (group, rest) = bytes.split_first_chunk::<4>()?;
        let (interface, rest) = rest.split_first_chunk::<4>()?;
        let ifindex = rest.first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
        Some(Asked {
            group: (*group).into(),
            interface: (*interface).into(),
            ifindex,
        })
    }

    /// Reads `struct group_req`: the device's number, padding, an address. Nothing if that is not AF_INET.
    pub(crate) fn from_group_req(bytes: &[u8]) -> Option<Asked> {
        let (ifindex, rest) = bytes.split_first_chunk()?;
        let SockAddr::Inet(SocketAddr::V4(group)) = SockAddr::decode(rest.get(4..)?) else {
            return None;
        };
        Some(Asked {
            group: *group.ip(),
            interface: Ipv4Addr::UNSPECIFIED,
            ifindex: u32::from_le_bytes(*ifindex),
        })
    }

    /// `ip_mc_find_dev()`: by its number, by an address that it has, or as a packet to the group would go.
    fn device(&self, routes: &Routes) -> Option<u8> {
        if let Some(place) = self.ifindex.checked_sub(1) {
            let place = u8::try_from(place).ok()?;
            return (usize::from(place) < routes.devices().len()).then_some(place);
        }
        if !self.interface.is_unspecified() {
            return routes.device_of(self.interface.into());
        }
        // 0.0.0.0 is this host.
        if self.group.is_unspecified() {
            return Some(LOOPBACK);
        }
        Some(routes.lookup(self.group.into()).ok()?.0.device)
    }
}

/// Joins a group; `optname` says how, for who does not model that.
///
/// Errors: EINVAL: not a group's address; ENODEV: no such device; EADDRINUSE: the socket belongs to it already; ENOBUFS:
/// to too many.
pub(crate) fn join(
    groups: &mut Vec<Membership>,
    asked: Asked,
    routes: &Routes,
    optname: i32,
) -> Result<(), Stop> {
    if !asked.group.is_multicast() {
        return Err(Errno::EINVAL.into());
    }
    let device = asked.device(routes).ok_or(Errno::ENODEV)?;
    if device != LOOPBACK {
        let level = IPPROTO_IP;
        return Err(NotModelled::Option { level, optname }.into());
    }
    let same = |m: &Membership| (m.group, m.device) == (asked.group, device);
    if groups.iter().any(same) {
        return Err(Errno::EADDRINUSE.into());
    }
    if groups.len() >= MEMBERSHIPS_MAX {
        return Err(Errno::ENOBUFS.into());
    }
    groups.push(Membership {
        group: asked.group,
        device,
        interface: asked.interface,
    });
    Ok(())
}

/// Leaves a group.
///
/// Errors: ENODEV: nothing says on which device, and no route leads to the group; EADDRNOTAVAIL: the socket does not
/// belong to it.
pub(crate) fn leave(
    groups: &mut Vec<Membership>,
    asked: Asked,
    routes: &Routes,
) -> Result<(), Errno> {
    let device = asked.device(routes);
    let unsaid = asked.ifindex == 0 && asked.interface.is_unspecified();
    if unsaid && device.is_none() {
        return Err(Errno::ENODEV);
    }
    let place = groups.iter().rposition(|m| {
        let there = match device {
            Some(device) => m.device == device,
            // An address that no device has may still be the one that was said when joining.
            None => asked.ifindex == 0 && m.interface == asked.interface,
        };
        m.group == asked.group && there
    });
    groups.remove(place.ok_or(Errno::EADDRNOTAVAIL)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::route::Device;

    fn asked(group: [u8; 4], interface: [u8; 4], ifindex: u32) -> Asked {
        Asked {
            group: group.into(),
            interface: interface.into(),
            ifindex,
        }
    }

    #[test]
    fn a_device_is_found_by_number_by_address_and_by_route() {
        let mut routes = Routes::default();
        let device = routes.add_device(Device {
            name: "eth0",
            mtu: 1_500,
        });
        let own = Ipv4Addr::new(192, 168, 0, 1);
        routes.add_address(device, own.into(), 16);
        let group = [224, 0, 0, 251];
        for (interface, ifindex, found) in [
            ([0; 4], 1, Some(LOOPBACK)),
            ([192, 168, 0, 1], 1, Some(LOOPBACK)),
            ([0; 4], 2, Some(device)),
            ([0; 4], 3, None),
            ([0; 4], 257, None),
            ([127, 3, 3, 3], 0, Some(LOOPBACK)),
            ([127, 255, 255, 255], 0, None),
            ([192, 168, 0, 1], 0, Some(device)),
            ([192, 168, 0, 2], 0, None),
            ([0; 4], 0, None),
        ] {
            let asked = asked(group, interface, ifindex);
            assert_eq!(asked.device(&routes), found, "{asked:?}");
        }
    }

    #[test]
    fn another_device_than_loopback_is_not_modelled() {
        let mut routes = Routes::default();
        routes.add_device(Device {
            name: "eth0",
            mtu: 1_500,
        });
        let group = asked([239, 1, 1, 1], [0; 4], 2);
        let stop = join(&mut Vec::new(), group, &routes, 42);
        assert!(matches!(stop, Err(Stop::Progress(_))), "{stop:?}");
    }

    #[test]
    fn an_address_of_no_device_leaves_what_was_joined_with_it() {
        let routes = Routes::default();
        let mut groups = Vec::new();
        let group = [239, 1, 1, 2];
        join(&mut groups, asked(group, [10, 1, 1, 1], 1), &routes, 35).expect("by number");
        let other = leave(&mut groups, asked(group, [10, 1, 1, 2], 0), &routes);
        assert_eq!(other, Err(Errno::EADDRNOTAVAIL));
        leave(&mut groups, asked(group, [10, 1, 1, 1], 0), &routes).expect("as it was said");
        assert!(groups.is_empty());
    }
}
