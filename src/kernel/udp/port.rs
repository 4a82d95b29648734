//! UDP's ports: `udp_lib_get_port()`.

use crate::abi::Errno;
use crate::base::{ChoiceKind, SockId};
use crate::kernel::event::EventKind;
use crate::kernel::option::Opt;
use crate::kernel::port::{self, Conflict};
use crate::kernel::rule::Rule;
use crate::kernel::socket::PortClaim;
use crate::kernel::{Cx, Kernel};

/// UDP_HTABLE_SIZE: the slots of Linux's table, on a machine with 8 GiB. The search walks slot by slot.
const SLOTS: u32 = 4_096;

impl Kernel {
    /// `udp_lib_lport_inuse()`: the first owner that excludes `id` from a port.
    fn udp_conflict(&self, id: SockId, port: u16) -> Option<Conflict> {
        let socket = self.sockets.get(id)?;
        let owners = &self.udp_ports.bucket(port)?.owners;
        // New sockets come to the head of the slot.
        for owner in owners.iter().rev().filter(|owner| **owner != id) {
            let Some(other) = self.sockets.get(*owner) else {
                continue;
            };
            let both_reuse = socket.options.on(Opt::ReuseAddr) && other.options.on(Opt::ReuseAddr);
            if both_reuse || !port::addresses_overlap(socket, other) {
                continue;
            }
            if socket.options.on(Opt::ReusePort) && other.options.on(Opt::ReusePort) {
                return None;
            }
            return Some(Conflict {
                with: *owner,
                because: Rule::UdpNoReuse,
            });
        }
        None
    }

    /// Takes a port for a UDP socket whose local address is set; 0 leaves the choice to the kernel.
    ///
    /// Errors: EADDRINUSE.
    pub(crate) fn udp_get_port(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        wanted: u16,
    ) -> Result<u16, Errno> {
        let because;
        let port = if wanted == 0 {
            because = Rule::UdpEphemeral;
            self.udp_search(cx, sock).ok_or(Errno::EADDRINUSE)?
        } else if let Some(Conflict { with, because }) = self.udp_conflict(sock, wanted) {
            cx.emit(EventKind::PortConflict {
                sock,
                port: wanted,
                with,
                because,
            });
            return Err(Errno::EADDRINUSE);
        } else {
            because = Rule::AskedFor;
            wanted
        };
        let claim = PortClaim {
            port,
            named: wanted != 0,
            by_connect: false,
        };
        let shares = self
            .sockets
            .get(sock)
            .is_some_and(|s| s.options.on(Opt::ReusePort));
        if shares {
            self.secret.draw(cx);
        }
        self.own_port(cx, sock, claim, because);
        Ok(port)
    }

    /// A free port of the range, from a random place on. If that is taken, the others of its slot are tried, as many slots
    /// apart as a second random number says; then those of the next slot.
    fn udp_search(&self, cx: &mut Cx, sock: SockId) -> Option<u16> {
        let (low, high) = self.sysctl.ip_local_port_range;
        let first = low + cx.choose(ChoiceKind::UdpPortOffset, u32::from(high - low) + 1) as u16;
        let because = Rule::UdpEphemeral;
        cx.emit(EventKind::PortSearch {
            sock,
            first,
            low,
            high,
            because,
        });
        let (mut tried, mut stride) = (0, None);
        let mut found = 0;
        'search: for slot in 0..SLOTS {
            let start = first.wrapping_add(slot as u16);
            let mut port = start;
            loop {
                if (low..=high).contains(&port) {
                    tried += 1;
                    if self.udp_conflict(sock, port).is_none() {
                        found = port;
                        break 'search;
                    }
                }
                let stride = *stride.get_or_insert_with(|| {
                    let odd = 2 * cx.choose(ChoiceKind::UdpPortStride, 65_536 / SLOTS / 2) + 1;
                    (odd * SLOTS) as u16
                });
                port = port.wrapping_add(stride);
                if port == start {
                    break;
                }
            }
        }
        cx.emit(EventKind::PortChosen {
            sock,
            port: found,
            tried,
            because,
        });
        (found != 0).then_some(found)
    }

    /// `inet_autobind()`: a socket that sends or connects without bind(2) gets a port.
    ///
    /// Errors: EAGAIN if there is none.
    pub(crate) fn udp_autobind(&mut self, cx: &mut Cx, sock: SockId) -> Result<(), Errno> {
        let bound = self.sockets.get(sock).is_some_and(|s| s.port.is_some());
        if !bound {
            self.udp_get_port(cx, sock, 0).map_err(|_| Errno::EAGAIN)?;
        }
        Ok(())
    }

    /// `udp_lib_rehash()`: the local address has changed; among its equals the socket is the newest now.
    pub(crate) fn udp_rehash(&mut self, sock: SockId) {
        if let Some(claim) = self.sockets.get(sock).and_then(|s| s.port) {
            self.udp_ports.move_to_end(claim.port, sock);
        }
    }
}
