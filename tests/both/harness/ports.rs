//! Renaming ports that a kernel chose, and settings of both kernels.

use crate::common::calls::*;
use crate::common::host::Outcome;
use sockscope::kernel::sysctl::Sysctl;
use std::collections::BTreeMap;

/// Ports that a kernel chose, and their names.
#[derive(Default)]
pub(super) struct Ports {
    range: (u16, u16),
    names: BTreeMap<u16, u16>,
    seen: [u16; 2],
}

impl Ports {
    pub(super) fn of(range: (u16, u16)) -> Ports {
        Ports {
            range,
            ..Ports::default()
        }
    }

    fn name(&mut self, port: u16) -> u16 {
        if port < self.range.0 || port > self.range.1 {
            return port;
        }
        let odd = usize::from(port & 1);
        let next = [40_000, 50_001][odd] + 2 * self.seen[odd];
        let seen = &mut self.seen[odd];
        *self.names.entry(port).or_insert_with(|| {
            *seen += 1;
            next
        })
    }

    fn number(&self, name: u16) -> u16 {
        let found = self.names.iter().find(|(_, n)| **n == name);
        found.map_or(name, |(port, _)| *port)
    }

    /// Renames the port in an address.
    fn rename(bytes: &mut [u8], with: impl FnOnce(u16) -> u16) {
        if let Some([_, _, high, low]) = bytes.first_chunk_mut::<4>() {
            [*high, *low] = with(u16::from_be_bytes([*high, *low])).to_be_bytes();
        }
    }

    pub(super) fn in_call(&self, call: &Syscall) -> Syscall {
        let mut call = call.clone();
        if let Syscall::Bind {
            addr: UserIn::Bytes(bytes),
            ..
        }
        | Syscall::Connect {
            addr: UserIn::Bytes(bytes),
            ..
        } = &mut call
        {
            Ports::rename(bytes, |name| self.number(name));
        }
        if let Syscall::Sendto {
            addr: Some(UserIn::Bytes(bytes)),
            ..
        } = &mut call
        {
            Ports::rename(bytes, |name| self.number(name));
        }
        if let Syscall::Sendmsg { msg: Some(msg), .. } = &mut call
            && let Some(UserIn::Bytes(bytes)) = &mut msg.name
        {
            Ports::rename(bytes, |name| self.number(name));
        }
        call
    }

    pub(super) fn in_reply(&mut self, call: &Syscall, outcome: Outcome) -> Outcome {
        let Outcome::Returned(mut reply) = outcome else {
            return outcome;
        };
        let name = match call.name() {
            "accept" | "accept4" | "getsockname" | "getpeername" => 1,
            "recvfrom" => 4,
            "recvmsg" => nested::MSG_NAME,
            _ => return Outcome::Returned(reply),
        };
        for write in reply.writes.iter_mut().filter(|w| w.arg == name) {
            Ports::rename(&mut write.bytes, |port| self.name(port));
        }
        Outcome::Returned(reply)
    }
}

/// The simulated kernel with the same settings.
pub(super) fn simulated_settings(settings: &[(&str, &str)]) -> Sysctl {
    let mut sysctl = Sysctl::default();
    for (name, value) in settings {
        let number = || value.parse::<u32>().expect("a number");
        match *name {
            "net/ipv4/ip_local_port_range" => {
                let (low, high) = value.split_once(' ').expect("two ports");
                let port = |text: &str| text.parse().expect("a port");
                sysctl.ip_local_port_range = (port(low), port(high));
            }
            "net/ipv4/ip_unprivileged_port_start" => {
                sysctl.ip_unprivileged_port_start = number() as u16;
            }
            "net/core/somaxconn" => sysctl.somaxconn = number(),
            "net/ipv4/tcp_syn_retries" => sysctl.tcp_syn_retries = number(),
            "net/ipv4/tcp_syn_linear_timeouts" => sysctl.tcp_syn_linear_timeouts = number(),
            "net/ipv4/tcp_synack_retries" => sysctl.tcp_synack_retries = number(),
            "net/ipv4/tcp_retries2" => sysctl.tcp_retries2 = number(),
            "net/ipv4/tcp_abort_on_overflow" => sysctl.tcp_abort_on_overflow = number() != 0,
            other => panic!("the simulated kernel has no setting {other}"),
        }
    }
    sysctl
}
