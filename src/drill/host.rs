//! The host that a script runs on: its addresses, and what the commands of a script set on it. No shell is ever run:
//! a command is either known and carried out on the simulated host, or the script is not supported.

use crate::kernel::Kernel;
use crate::kernel::route::{Device, Route};
use crate::kernel::sysctl::SysctlError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How the program under test and the packets speak IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// AF_INET sockets, IPv4 packets.
    Ipv4,
    /// AF_INET6 sockets, IPv6 packets.
    Ipv6,
    /// AF_INET6 sockets with v4-mapped addresses, IPv4 packets.
    Ipv4Mapped,
}

/// The device that packets come from and go to: the second, after loopback.
const TUN: u8 = 1;

/// What a script can say about its host and its tolerances before it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Config {
    pub(super) variant: Variant,
    pub(super) local: IpAddr,
    pub(super) remote: IpAddr,
    pub(super) gateway: IpAddr,
    pub(super) prefix: u8,
    pub(super) mtu: u32,
    /// Local port of a bind(2) and remote port of a connect(2) whose address is `...`.
    pub(super) bind_port: u16,
    pub(super) connect_port: u16,
    pub(super) tolerance_usecs: i64,
    pub(super) tolerance_percent: f64,
    /// Microseconds in a tick of the timestamps of outbound packets; 0: they are not compared.
    pub(super) ts_tick_usecs: i64,
    /// An inbound TSecr that was never sent is worked out from the first one that was.
    pub(super) ts_ecr_scaled: bool,
    pub(super) strict_segments: bool,
    /// Symbols of the script's own.
    pub(super) defines: Vec<(String, String)>,
    /// net.ipv4.tcp_fastopen, which the simulated kernel does not have.
    pub(super) fastopen: u32,
    /// Files of zeros that commands have made: path and size, octets.
    pub(super) files: Vec<(String, u64)>,
}

impl Config {
    pub(super) fn new(variant: Variant) -> Config {
        let six = variant == Variant::Ipv6;
        let address = |v4: [u8; 4], v6: [u16; 8]| -> IpAddr {
            if six {
                Ipv6Addr::from(v6).into()
            } else {
                Ipv4Addr::from(v4).into()
            }
        };
        let define = |name: &str, v4: &str, v6: &str| {
            let value = if six { v6 } else { v4 };
            (name.to_owned(), value.to_owned())
        };
        Config {
            variant,
            local: address([192, 168, 0, 1], [0xfd3d, 0xa0b, 0x17d6, 0, 0, 0, 0, 1]),
            remote: address([192, 0, 2, 1], [0xfd3d, 0xfa7b, 0xd17d, 0, 0, 0, 0, 1]),
            gateway: address([192, 168, 0, 2], [0xfd3d, 0xa0b, 0x17d6, 0, 0, 0, 0, 2]),
            prefix: if six { 48 } else { 16 },
            // So that the MSS is 1460 in every variant.
            mtu: if six { 1_520 } else { 1_500 },
            bind_port: 8_080,
            connect_port: 8_080,
            tolerance_usecs: 4_000,
            tolerance_percent: 12.5,
            ts_tick_usecs: 0,
            ts_ecr_scaled: false,
            strict_segments: false,
            defines: vec![
                define("CMSG_LEVEL_IP", "SOL_IP", "SOL_IPV6"),
                define("CMSG_TYPE_RECVERR", "IP_RECVERR", "IPV6_RECVERR"),
                define("CODE", "host_unreachable", "address_unreachable"),
            ],
            // Linux's default.
            fastopen: 1,
            files: Vec::new(),
        }
    }

    /// Takes a `--name=value` line. An error says what is not supported.
    pub(super) fn option(&mut self, name: &str, value: &str) -> Result<(), String> {
        let value = value.trim_matches('"');
        let unsupported = || format!("the option --{name}={value}");
        let number = || value.parse::<i64>().map_err(|_| unsupported());
        let address = || value.parse::<IpAddr>().map_err(|_| unsupported());
        let port = || value.parse::<u16>().map_err(|_| unsupported());
        match name {
            "ip_version" => {
                *self = Config::new(match value {
                    "ipv4" => Variant::Ipv4,
                    "ipv6" => Variant::Ipv6,
                    "ipv4-mapped-ipv6" => Variant::Ipv4Mapped,
                    _ => return Err(unsupported()),
                });
            }
            "local_ip" => self.local = address()?,
            "remote_ip" => self.remote = address()?,
            "gateway_ip" => self.gateway = address()?,
            "netmask_ip" => {
                let mask: Ipv4Addr = value.parse().map_err(|_| unsupported())?;
                self.prefix = u32::from(mask).leading_ones() as u8;
            }
            "mtu" => self.mtu = u32::try_from(number()?).map_err(|_| unsupported())?,
            "bind_port" => self.bind_port = port()?,
            "connect_port" => self.connect_port = port()?,
            "tolerance_usecs" => self.tolerance_usecs = number()?,
            "tolerance_percent" => {
                self.tolerance_percent = value.parse().map_err(|_| unsupported())?;
            }
            "tcp_ts_tick_usecs" => self.ts_tick_usecs = number()?,
            "tcp_ts_ecr_scaled" => self.ts_ecr_scaled = true,
            "strict_segments" => self.strict_segments = true,
            // What they say is about the tool's own packets, sockets and threads.
            "mss" | "send_omit_free" | "verbose" | "non_fatal" | "no_cleanup" | "speed" => {}
            "define" | "D" => {
                let (symbol, value) = value.split_once('=').ok_or_else(unsupported)?;
                let entry = (symbol.to_owned(), value.trim_matches('"').to_owned());
                self.defines.insert(0, entry);
            }
            _ => return Err(unsupported()),
        }
        Ok(())
    }

    /// Gives the kernel the device, the addresses and the routes.
    pub(super) fn set_up(&self, kernel: &mut Kernel) {
        let routes = &mut kernel.routes;
        routes.add_device(Device {
            name: "tun0",
            mtu: self.mtu,
        });
        routes.add_address(TUN, self.local, self.prefix);
        let default = self.route(match self.local {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        });
        routes.add_route(default);
    }

    /// A route without metrics: to one address, or by default.
    fn route(&self, to: IpAddr) -> Route {
        let prefix = match to {
            to if to.is_unspecified() => 0,
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        Route {
            to,
            prefix,
            device: TUN,
            source: self.local,
            mtu: None,
            advmss: None,
            initial_window: None,
        }
    }

    /// Carries out a command. An error says what is not supported.
    pub(super) fn command(&mut self, text: &str, kernel: &mut Kernel) -> Result<(), String> {
        let text = text.replace("\\\n", " ");
        for line in text.split(['\n', ';']) {
            for command in line.split("&&") {
                let words = words(command);
                if !words.is_empty() {
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    self.one(&words, kernel)?;
                }
            }
        }
        Ok(())
    }

    fn one(&mut self, words: &[&str], kernel: &mut Kernel) -> Result<(), String> {
        let unsupported = || Err(format!("the command {}", words.join(" ")));
        let program = words[0].rsplit('/').next().unwrap_or_default();
        match (program, &words[1..]) {
            ("defaults.sh", []) => {
                for (name, value) in DEFAULTS {
                    self.sysctl(name, value, kernel)?;
                }
                Ok(())
            }
            ("set_sysctls.py", settings) => {
                for setting in settings {
                    let Some((name, value)) = setting.split_once('=') else {
                        return unsupported();
                    };
                    let Some(name) = name.strip_prefix("/proc/sys/") else {
                        return unsupported();
                    };
                    self.sysctl(&name.replace('/', "."), value, kernel)?;
                }
                Ok(())
            }
            ("sysctl", settings) => {
                for setting in settings {
                    match setting.split_once('=') {
                        Some((name, value)) => self.sysctl(name, value, kernel)?,
                        None if matches!(*setting, "-q" | "-w" | "-e" | "-qw" | "-wq") => {}
                        None => return unsupported(),
                    }
                }
                Ok(())
            }
            // This host is forgotten when the script ends.
            (name, []) if name.starts_with("sysctl_restore_") => Ok(()),
            // There is no cache of metrics.
            ("ip", ["tcp_metrics", "flush", ..]) => Ok(()),
            ("ip", ["-4" | "-6", "route", rest @ ..] | ["route", rest @ ..]) => {
                match self.ip_route(rest, kernel) {
                    Some(()) => Ok(()),
                    None => unsupported(),
                }
            }
            // Packets leave at once, as with a FIFO whose device is never busy.
            ("tc", ["qdisc", "add" | "replace", "dev", "tun0", "root", "pfifo"]) => Ok(()),
            // Segments are always as the device sends them: no larger than the MSS.
            ("ethtool", ["-K", "tun0", features @ ..])
                if features
                    .iter()
                    .all(|f| matches!(*f, "tso" | "gso" | "gro" | "on" | "off")) =>
            {
                Ok(())
            }
            ("rm", ["-f", paths @ ..]) => {
                self.files
                    .retain(|(path, _)| !paths.contains(&path.as_str()));
                Ok(())
            }
            ("dd", operands) => match zeros_of(operands) {
                Some(file) => {
                    self.files.retain(|(path, _)| *path != file.0);
                    self.files.push(file);
                    Ok(())
                }
                None => unsupported(),
            },
            ("truncate", ["-s", size, path]) => match size.parse() {
                Ok(size) => {
                    self.files.push(((*path).to_owned(), size));
                    Ok(())
                }
                Err(_) => unsupported(),
            },
            ("sleep" | "true" | ":", _) => Ok(()),
            _ => unsupported(),
        }
    }

    /// ip-route(8): `change|add|replace DESTINATION …`.
    fn ip_route(&self, words: &[&str], kernel: &mut Kernel) -> Option<()> {
        let (["change" | "add" | "replace", to], metrics) = words.split_at_checked(2)? else {
            return None;
        };
        let mut route = match *to {
            "default" => self.route(match self.local {
                IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            }),
            to => {
                let (address, prefix) = match to.split_once('/') {
                    Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
                    None => (to, None),
                };
                let mut route = self.route(address.parse().ok()?);
                route.prefix = prefix.unwrap_or(route.prefix);
                route
            }
        };
        let mut words = metrics.iter().copied().filter(|word| *word != "lock");
        while let Some(word) = words.next() {
            let value = words.next()?;
            match word {
                "via" => {}
                "dev" if value == "tun0" => {}
                "src" => route.source = value.parse().ok()?,
                "mtu" => route.mtu = Some(value.parse().ok()?),
                "advmss" => route.advmss = Some(value.parse().ok()?),
                "initcwnd" => route.initial_window = Some(value.parse().ok()?),
                _ => return None,
            }
        }
        kernel.routes.add_route(route);
        Some(())
    }

    /// A setting: the kernel's, or one that changes nothing of what is modelled as long as it has one of
    /// the values listed.
    fn sysctl(&mut self, name: &str, value: &str, kernel: &mut Kernel) -> Result<(), String> {
        let value = value.trim();
        if name == "net.ipv4.tcp_fastopen" {
            let parsed = match value.strip_prefix("0x") {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => value.parse().ok(),
            };
            self.fastopen = parsed.ok_or_else(|| format!("sysctl {name}={value}"))?;
            return Ok(());
        }
        if name == "net.ipv4.tcp_ecn" && value == "1" {
            return Err("offering ECN".to_owned());
        }
        match kernel.sysctl.set(name, value) {
            Ok(()) => Ok(()),
            Err(SysctlError::Invalid) => Err(format!("sysctl {name}={value}")),
            Err(SysctlError::Unknown) => {
                let known = WITHOUT_EFFECT.iter().find(|(n, _)| *n == name);
                match known {
                    Some((_, values)) if values.is_empty() || values.contains(&value) => Ok(()),
                    Some(_) | None => Err(format!("sysctl {name}={value}")),
                }
            }
        }
    }
}

/// What defaults.sh of packetdrill's suite sets.
const DEFAULTS: &[(&str, &str)] = &[
    ("net.ipv4.tcp_rmem", "4096 540000 15728640"),
    ("net.ipv4.tcp_wmem", "4096 262144 4194304"),
    ("net.ipv4.tcp_timestamps", "1"),
    ("net.ipv4.tcp_syn_retries", "5"),
    ("net.ipv4.tcp_synack_retries", "5"),
    ("net.ipv4.tcp_sack", "1"),
    ("net.ipv4.tcp_reordering", "3"),
    ("net.ipv4.tcp_slow_start_after_idle", "0"),
    ("net.ipv4.tcp_early_retrans", "4"),
    ("net.ipv4.tcp_ecn", "0"),
    ("net.ipv4.tcp_notsent_lowat", "4294967295"),
    ("net.ipv4.tcp_fastopen", "0x70403"),
    ("net.ipv4.tcp_syncookies", "1"),
];

/// Settings that the kernel does not have, with the values at which that makes no difference; none listed: any.
const WITHOUT_EFFECT: &[(&str, &[&str])] = &[
    ("net.ipv4.tcp_base_mss", &[]),
    ("net.ipv4.tcp_congestion_control", &["cubic", "reno"]),
    ("net.ipv4.tcp_dsack", &["0", "1"]),
    ("net.ipv4.tcp_ecn_option", &[]),
    ("net.ipv4.tcp_fack", &["0"]),
    ("net.ipv4.tcp_fastopen_blackhole_timeout_sec", &[]),
    ("net.ipv4.tcp_fastopen_key", &[]),
    ("net.ipv4.tcp_frto", &["0", "2"]),
    ("net.ipv4.tcp_limit_output_bytes", &[]),
    ("net.ipv4.tcp_mtu_probing", &["0"]),
    ("net.ipv4.tcp_no_metrics_save", &[]),
    ("net.ipv4.tcp_pacing_ca_ratio", &[]),
    ("net.ipv4.tcp_pacing_ss_ratio", &[]),
    ("net.ipv4.tcp_recovery", &["1"]),
    ("net.ipv4.tcp_shrink_window", &["0"]),
    ("net.ipv4.tcp_tso_win_divisor", &["3"]),
];

/// dd(1) that writes zeros: the file, and its size.
fn zeros_of(operands: &[&str]) -> Option<(String, u64)> {
    let (mut path, mut size, mut count, mut zeros) = (None, 512_u64, None, false);
    for operand in operands {
        let (name, value) = operand.split_once('=')?;
        match name {
            "if" => zeros = value == "/dev/zero",
            "of" => path = Some(value.to_owned()),
            "bs" => size = with_unit(value)?,
            "count" => count = Some(with_unit(value)?),
            "status" => {}
            _ => return None,
        }
    }
    Some((path.filter(|_| zeros)?, size.checked_mul(count?)?))
}

/// `5`, `4k`, `1M`
fn with_unit(text: &str) -> Option<u64> {
    let units = [('k', 1 << 10), ('K', 1 << 10), ('M', 1 << 20)];
    let unit = units.iter().find(|(unit, _)| text.ends_with(*unit));
    let number: u64 = text.trim_end_matches(['k', 'K', 'M']).parse().ok()?;
    number.checked_mul(unit.map_or(1, |(_, factor)| *factor))
}

/// A command's words: quotes taken off, comments and redirections left out.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut quoted, mut escaped) = (None, false, false);
    for c in command.chars().chain([' ']) {
        if escaped {
            escaped = false;
            if c != '\n' {
                word.push(c);
            }
        } else if c == '\\' {
            escaped = true;
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '"' | '\'') {
            (quote, quoted) = (Some(c), true);
        } else if quote.is_none() && c == '#' && word.is_empty() {
            break;
        } else if quote.is_none() && c.is_whitespace() {
            if quoted || !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            quoted = false;
        } else {
            word.push(c);
        }
    }
    let mut kept: Vec<String> = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.trim_start_matches(['1', '2', '&']) {
            ">" | ">>" => {
                words.next();
            }
            redirection if redirection.starts_with('>') => {}
            _ => kept.push(word),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::HostId;
    use crate::kernel::sysctl::Sysctl;

    fn host() -> (Config, Kernel) {
        let config = Config::new(Variant::Ipv4);
        let mut kernel = Kernel::new(HostId(0), Sysctl::default());
        config.set_up(&mut kernel);
        (config, kernel)
    }

    #[test]
    fn words_lose_quotes_comments_and_redirections() {
        assert_eq!(
            words("sysctl -q a=\"1 2 3\" > /dev/null 2>&1 # x"),
            ["sysctl", "-q", "a=1 2 3"]
        );
    }

    #[test]
    fn settings_and_routes_reach_the_kernel() {
        let (mut config, mut kernel) = host();
        let text = "../common/defaults.sh\n../common/set_sysctls.py \\\n /proc/sys/net/ipv4/tcp_syn_retries=3\n\
            ip route replace 192.0.2.1 dev tun0 mtu 1400 initcwnd 3";
        config.command(text, &mut kernel).expect("all known");
        assert_eq!(kernel.sysctl.tcp_syn_retries, 3);
        assert_eq!(kernel.sysctl.tcp_rmem, (4_096, 540_000, 15_728_640));
        let (path, _) = kernel.routes.lookup(config.remote).expect("a route");
        assert_eq!(
            (path.mtu, path.advmss, path.initial_window),
            (1_400, 1_360, 3)
        );
    }

    #[test]
    fn what_is_not_known_is_not_run() {
        let (mut config, mut kernel) = host();
        for text in [
            "rm -rf /",
            "sysctl -q net.ipv4.tcp_ecn=1",
            "ip route add 192.0.2.1 rto_min 5",
        ] {
            assert!(config.command(text, &mut kernel).is_err(), "{text}");
        }
    }

    #[test]
    fn each_variant_has_an_mss_of_1460() {
        for variant in [Variant::Ipv4, Variant::Ipv6, Variant::Ipv4Mapped] {
            let config = Config::new(variant);
            let mut kernel = Kernel::new(HostId(0), Sysctl::default());
            config.set_up(&mut kernel);
            let (path, source) = kernel.routes.lookup(config.remote).expect("a route");
            assert_eq!((path.advmss, source), (1_460, config.local));
        }
    }
}
