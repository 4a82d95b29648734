//! The port table.

use super::Source;
use super::network::state_name;
use crate::base::SockId;
use crate::kernel::{EventKind, TcpState, port};
use crate::program::Inspect;
use crate::session::log::descriptor_of;
use crate::session::view::{PortView, PortsView, SearchView, ServiceView};

/// So many ports are listed.
const PORTS_MAX: usize = 256;
/// Well-known ports that get a label even while nobody owns them.
const LABELLED: [u16; 4] = [21, 25, 80, 443];

impl<P: Inspect> Source<'_, P> {
    pub(super) fn ports(&self, step_from: u32) -> PortsView {
        let (low, high) = self.kernel.sysctl.ip_local_port_range;
        let mut used = Vec::new();
        let (mut used_len, mut ephemeral_used) = (0, 0);
        for table in [self.kernel.ports(), self.kernel.udp_ports()] {
            for (port, bucket) in table.iter() {
                used_len += 1;
                ephemeral_used += u32::from((low..=high).contains(&port));
                if used.len() < PORTS_MAX {
                    used.push(self.port(port, &bucket.owners));
                }
            }
        }
        let mut services = Vec::new();
        for port in LABELLED {
            if let Some(name) = port::service_name(port) {
                services.push(ServiceView { port, name });
            }
        }
        PortsView {
            used,
            used_len,
            ephemeral_low: low,
            ephemeral_high: high,
            ephemeral_used,
            unprivileged_start: self.kernel.sysctl.ip_unprivileged_port_start,
            services,
            search: self.search(step_from),
        }
    }

    fn port(&self, port: u16, owners: &[SockId]) -> PortView {
        let first = owners
            .first()
            .and_then(|sock| self.kernel.sockets().get(*sock));
        let owner = owners.iter().find_map(|sock| self.owner(*sock));
        let udp = first.is_some_and(|socket| socket.udp().is_some());
        let state = first.map_or(TcpState::Closed.name(), state_name);
        let mut fds = String::new();
        let mut numbers = Vec::new();
        for sock in owners {
            numbers.push(sock.0);
            if let Some((_, fd)) = descriptor_of(self.kernel, *sock) {
                fds += if fds.is_empty() { "" } else { ", " };
                fds += &fd.to_string();
            }
        }
        let name = owner.map(|task| self.name(task)).unwrap_or_default();
        let what = match (fds.is_empty(), udp) {
            (true, _) => state,
            (false, true) => "UDP fd ",
            (false, false) => "fd ",
        };
        let label = [&name, " ", what, &fds].concat();
        PortView {
            port,
            service: port::service_name(port),
            owners: numbers,
            process: owner.and_then(|task| self.index(task)),
            label: label.trim().to_owned(),
            state,
            udp,
            changed: self.changed.ports.contains(&port),
        }
    }

    /// The search for a free port in this step.
    fn search(&self, step_from: u32) -> Option<SearchView> {
        let from = step_from.min(self.event) as usize;
        let mut found: Option<SearchView> = None;
        for logged in &self.log.events[from..self.event as usize] {
            match logged.event.kind {
                EventKind::PortSearch { first, .. } => {
                    let parity = if first % 2 == 0 { "even" } else { "odd" };
                    found = Some(SearchView {
                        first,
                        port: 0,
                        tried: 0,
                        parity,
                    });
                }
                EventKind::PortChosen { port, tried, .. } => {
                    if let Some(search) = &mut found {
                        (search.port, search.tried) = (port, tried);
                    }
                }
                _ => {}
            }
        }
        found
    }
}
