//! Renaming ports that a kernel chose, and settings of both kernels.

use crate::common::calls::*;
use crate::common::host::Outcome;
use sockscope::kernel::sysctl::Sysctl;
use std::collections::BTreeMap;

/// Ports that a kernel chose, and their names.
#[derive(Default)]
pub(super) struct Ports {
    range: (u16, u16),
    /// UDP's ports are even or odd by chance: all get even names.
    pub(super) any_parity: bool,
    names: BTreeMap<u16, u16>,
    seen: [u16; 2],
    /// AF_UNIX names that a kernel chose, and processes that SO_PEERCRED told, in the order in which they showed.
    chosen: Vec<Vec<u8>>,
    processes: Vec<Vec<u8>>,
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
        let odd = usize::from(port & 1 == 1 && !self.any_parity);
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
        if let Some([family, _, high, low]) = bytes.first_chunk_mut::<4>()
            && i32::from(*family) != AF_UNIX
        {
            [*high, *low] = with(u16::from_be_bytes([*high, *low])).to_be_bytes();
        }
    }

    /// Where something stands in a list, at the end if it is new.
    fn place(list: &mut Vec<Vec<u8>>, of: &[u8]) -> usize {
        let known = list.iter().position(|one| one == of);
        known.unwrap_or_else(|| {
            list.push(of.to_vec());
            list.len() - 1
        })
    }

    /// An AF_UNIX name of five hexadecimal digits becomes `#0000`, `#0001` …
    fn name_unix(&mut self, bytes: &mut [u8]) {
        if let [1, 0, 0, digits @ ..] = bytes
            && digits.len() == 5
            && digits.iter().all(u8::is_ascii_hexdigit)
        {
            let place = Ports::place(&mut self.chosen, digits);
            digits.copy_from_slice(format!("#{place:04}").as_bytes());
        }
    }

    fn number_unix(&self, bytes: &mut [u8]) {
        if let [1, 0, 0, b'#', digits @ ..] = &*bytes
            && let Ok(place) = String::from_utf8_lossy(digits).parse::<usize>()
        {
            bytes[3..].copy_from_slice(&self.chosen[place]);
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
            self.number_unix(bytes);
            Ports::rename(bytes, |name| self.number(name));
        }
        if let Syscall::Sendto {
            addr: Some(UserIn::Bytes(bytes)),
            ..
        } = &mut call
        {
            self.number_unix(bytes);
            Ports::rename(bytes, |name| self.number(name));
        }
        let messages = match &mut call {
            Syscall::Sendmsg { msg: Some(msg), .. } => std::slice::from_mut(msg),
            Syscall::Sendmmsg { msgvec, .. } => &mut msgvec[..],
            _ => &mut [],
        };
        for msg in messages {
            if let Some(UserIn::Bytes(bytes)) = &mut msg.name {
                self.number_unix(bytes);
                Ports::rename(bytes, |name| self.number(name));
            }
        }
        call
    }

    pub(super) fn in_reply(&mut self, call: &Syscall, outcome: Outcome) -> Outcome {
        let Outcome::Returned(mut reply) = outcome else {
            return outcome;
        };
        if let Syscall::Getsockopt {
            optname: SO_PEERCRED,
            ..
        } = call
            && let Some(cred) = reply.writes.iter_mut().find(|w| w.arg == 3)
            && let Some(pid) = cred.bytes.first_chunk_mut::<4>()
            && *pid != [0; 4]
        {
            *pid = [100 + Ports::place(&mut self.processes, pid) as u8, 0, 0, 0];
        }
        let name = match call.name() {
            "accept" | "accept4" | "getsockname" | "getpeername" => 1,
            "recvfrom" => 4,
            "recvmsg" => nested::MSG_NAME,
            "recvmmsg" => {
                // Nor here.
                reply.writes.retain(|write| write.arg != 4);
                nested::MSG_NAME
            }
            "select" => {
                // The time that is left is nobody's promise.
                reply.writes.retain(|write| write.arg != 4);
                return Outcome::Returned(reply);
            }
            _ => return Outcome::Returned(reply),
        };
        for write in reply.writes.iter_mut().filter(|w| w.arg == name) {
            self.name_unix(&mut write.bytes);
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
