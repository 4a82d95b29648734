//! The settings under /proc/sys/net that decide something here, with Linux 6.18's defaults.

use serde::Serialize;
use std::time::Duration;

/// Why a setting cannot be had or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SysctlError {
    /// No setting of that name decides anything here: it is not modelled.
    Unknown,
    /// The value cannot be read, or Linux refuses it (EINVAL).
    Invalid,
}

/// A setting, to read or to change, with the bounds that Linux holds it to.
enum Slot<'a> {
    Number(&'a mut u32, u32, u32),
    Flag(&'a mut bool),
    Port(&'a mut u16),
    Range(&'a mut (u16, u16)),
    Three(&'a mut (u32, u32, u32)),
    Seconds(&'a mut Duration),
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $field:ident: $type:ty = $default:expr, $name:literal, $slot:ident $(($low:expr, $high:expr))?;)*) => {
        /// A host's settings; each field carries its Linux name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub struct Sysctl {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl Default for Sysctl {
            fn default() -> Self {
                Sysctl { $($field: $default,)* }
            }
        }

        impl Sysctl {
            /// The name of every setting, as sysctl(8) spells it.
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            /// The settings, in the order of their names.
            fn slots(&mut self) -> [Slot<'_>; Sysctl::NAMES.len()] {
                [$(Slot::$slot(&mut self.$field $(, $low, $high)?),)*]
            }
        }
    };
}

settings! {
    /// net.core.rmem_default: what a socket that is not TCP's begins with, octets.
    rmem_default: u32 = 212_992, "net.core.rmem_default", Number(2_304, i32::MAX as u32);
    /// net.core.rmem_max: the most that SO_RCVBUF takes, before it is doubled.
    rmem_max: u32 = 4_194_304, "net.core.rmem_max", Number(2_304, i32::MAX as u32);
    /// net.core.wmem_default.
    wmem_default: u32 = 212_992, "net.core.wmem_default", Number(4_608, i32::MAX as u32);
    /// net.core.wmem_max: the most that SO_SNDBUF takes, before it is doubled.
    wmem_max: u32 = 4_194_304, "net.core.wmem_max", Number(4_608, i32::MAX as u32);
    /// net.core.somaxconn: the upper limit of a backlog.
    somaxconn: u32 = 4_096, "net.core.somaxconn", Number(0, i32::MAX as u32);
    /// net.ipv4.ip_default_ttl.
    ip_default_ttl: u32 = 64, "net.ipv4.ip_default_ttl", Number(1, 255);
    /// net.ipv4.ip_local_port_range: the first and last port the kernel chooses by itself.
    ip_local_port_range: (u16, u16) = (32_768, 60_999), "net.ipv4.ip_local_port_range", Range;
    /// net.ipv4.ip_unprivileged_port_start: below it, bind(2) needs CAP_NET_BIND_SERVICE.
    ip_unprivileged_port_start: u16 = 1_024, "net.ipv4.ip_unprivileged_port_start", Port;
    /// net.ipv4.tcp_abort_on_overflow: reset instead of ignoring when the accept queue is full.
    tcp_abort_on_overflow: bool = false, "net.ipv4.tcp_abort_on_overflow", Flag;
    /// net.ipv4.tcp_challenge_ack_limit: challenge ACKs of a host in a second; the default is no limit.
    tcp_challenge_ack_limit: u32 = i32::MAX as u32, "net.ipv4.tcp_challenge_ack_limit", Number(0, i32::MAX as u32);
    /// net.ipv4.tcp_ecn: whether a listener accepts ECN that a SYN offers (2), or nobody (0). Offering it is not modelled.
    tcp_ecn: u32 = 2, "net.ipv4.tcp_ecn", Number(0, 2);
    /// net.ipv4.tcp_fin_timeout: how long an orphan stays in FIN-WAIT-2.
    tcp_fin_timeout: Duration = Duration::from_secs(60), "net.ipv4.tcp_fin_timeout", Seconds;
    /// net.ipv4.tcp_invalid_ratelimit: milliseconds between two answers to segments that are out of
    /// window.
    tcp_invalid_ratelimit: u32 = 500, "net.ipv4.tcp_invalid_ratelimit", Number(0, i32::MAX as u32);
    /// net.ipv4.tcp_keepalive_intvl: seconds between two keepalive probes.
    tcp_keepalive_intvl: u32 = 75, "net.ipv4.tcp_keepalive_intvl", Number(1, 32_767);
    /// net.ipv4.tcp_keepalive_probes: so many go unanswered before the connection is given up.
    tcp_keepalive_probes: u32 = 9, "net.ipv4.tcp_keepalive_probes", Number(1, 255);
    /// net.ipv4.tcp_keepalive_time: seconds of silence before the first keepalive probe.
    tcp_keepalive_time: u32 = 7_200, "net.ipv4.tcp_keepalive_time", Number(1, 32_767);
    /// net.ipv4.tcp_max_syn_backlog.
    tcp_max_syn_backlog: u32 = 2_048, "net.ipv4.tcp_max_syn_backlog", Number(0, i32::MAX as u32);
    /// net.ipv4.tcp_min_snd_mss: no peer makes segments smaller than this.
    tcp_min_snd_mss: u32 = 48, "net.ipv4.tcp_min_snd_mss", Number(48, 65_535);
    /// net.ipv4.tcp_moderate_rcvbuf: the receive buffer grows with what a program reads.
    tcp_moderate_rcvbuf: bool = true, "net.ipv4.tcp_moderate_rcvbuf", Flag;
    /// net.ipv4.tcp_min_tso_segs: segments that leave together at least, if there are so many.
    tcp_min_tso_segs: u32 = 2, "net.ipv4.tcp_min_tso_segs", Number(1, 65_535);
    /// net.ipv4.tcp_notsent_lowat: with so many octets not sent yet, a send buffer counts as full.
    tcp_notsent_lowat: u32 = u32::MAX, "net.ipv4.tcp_notsent_lowat", Number(0, u32::MAX);
    /// net.ipv4.tcp_orphan_retries: tcp_retries2 where no program holds the connection; 0 stands for 8.
    tcp_orphan_retries: u32 = 0, "net.ipv4.tcp_orphan_retries", Number(0, 255);
    /// net.ipv4.tcp_pingpong_thresh: so many answers within the delay of an acknowledgement make a
    /// conversation.
    tcp_pingpong_thresh: u32 = 1, "net.ipv4.tcp_pingpong_thresh", Number(1, 255);
    /// net.ipv4.tcp_early_retrans: 3 is a tail loss probe after two round trips, 0 is none.
    tcp_early_retrans: u32 = 3, "net.ipv4.tcp_early_retrans", Number(0, 4);
    /// net.ipv4.tcp_reordering: so many duplicate acknowledgements mean a loss.
    tcp_reordering: u32 = 3, "net.ipv4.tcp_reordering", Number(1, 300);
    /// net.ipv4.tcp_retries1: after so many timeouts the route is doubted.
    tcp_retries1: u32 = 3, "net.ipv4.tcp_retries1", Number(0, 255);
    /// net.ipv4.tcp_retries2: how long data is retransmitted, as a number of doublings.
    tcp_retries2: u32 = 15, "net.ipv4.tcp_retries2", Number(0, 255);
    /// net.ipv4.tcp_rfc1337: whether TIME-WAIT ignores resets.
    tcp_rfc1337: bool = false, "net.ipv4.tcp_rfc1337", Flag;
    /// net.ipv4.tcp_rmem: octets of receive buffer: the least, what a connection begins with, and the
    /// most, which sets the window scale.
    tcp_rmem: (u32, u32, u32) = (4_096, 131_072, 33_554_432), "net.ipv4.tcp_rmem", Three;
    /// net.ipv4.tcp_rto_max_ms.
    tcp_rto_max_ms: u32 = 120_000, "net.ipv4.tcp_rto_max_ms", Number(1_000, 120_000);
    /// net.ipv4.tcp_rto_min_us.
    tcp_rto_min_us: u32 = 200_000, "net.ipv4.tcp_rto_min_us", Number(1, i32::MAX as u32);
    /// net.ipv4.tcp_sack: whether a SYN offers selective acknowledgements.
    tcp_sack: bool = true, "net.ipv4.tcp_sack", Flag;
    /// net.ipv4.tcp_slow_start_after_idle.
    tcp_slow_start_after_idle: bool = true, "net.ipv4.tcp_slow_start_after_idle", Flag;
    /// net.ipv4.tcp_stdurg: whether the urgent pointer points to the last urgent octet, as RFC 1122
    /// says, or behind it, as everybody does.
    tcp_stdurg: bool = false, "net.ipv4.tcp_stdurg", Flag;
    /// net.ipv4.tcp_syn_linear_timeouts: so many SYNs go out before the interval doubles.
    tcp_syn_linear_timeouts: u32 = 4, "net.ipv4.tcp_syn_linear_timeouts", Number(0, 127);
    /// net.ipv4.tcp_syn_retries.
    tcp_syn_retries: u32 = 6, "net.ipv4.tcp_syn_retries", Number(1, 127);
    /// net.ipv4.tcp_synack_retries.
    tcp_synack_retries: u32 = 5, "net.ipv4.tcp_synack_retries", Number(0, 255);
    /// net.ipv4.tcp_syncookies: 1 where the SYN queue is full.
    tcp_syncookies: u32 = 1, "net.ipv4.tcp_syncookies", Number(0, 2);
    /// net.ipv4.tcp_timestamps: whether a SYN offers timestamps (RFC 7323). 2 is without random offsets.
    tcp_timestamps: u32 = 1, "net.ipv4.tcp_timestamps", Number(0, 2);
    /// net.ipv4.tcp_tw_reuse: whether connect(2) may end a TIME-WAIT; 2 is over loopback only.
    tcp_tw_reuse: u32 = 2, "net.ipv4.tcp_tw_reuse", Number(0, 2);
    /// net.ipv4.tcp_tw_reuse_delay: milliseconds before it may.
    tcp_tw_reuse_delay: u32 = 1_000, "net.ipv4.tcp_tw_reuse_delay", Number(1, 60_000);
    /// net.ipv4.tcp_window_scaling: whether a SYN offers window scaling (RFC 7323).
    tcp_window_scaling: bool = true, "net.ipv4.tcp_window_scaling", Flag;
    /// net.ipv4.tcp_wmem: octets of send buffer: the least, what a socket begins with, and the most it
    /// grows to.
    tcp_wmem: (u32, u32, u32) = (4_096, 16_384, 4_194_304), "net.ipv4.tcp_wmem", Three;
}

/// Settings that nothing reads yet: only the default is true, and another value is refused.
const UNREAD: [&str; 7] = [
    "net.ipv4.tcp_challenge_ack_limit",
    "net.ipv4.tcp_min_snd_mss",
    "net.ipv4.tcp_pingpong_thresh",
    "net.ipv4.tcp_rto_max_ms",
    "net.ipv4.tcp_rto_min_us",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.tcp_tw_reuse_delay",
];

/// A setting that is not as by default: its place among the names, and the numbers of its value.
pub type Change = (u32, (u32, (u32, u32)));

impl Slot<'_> {
    /// The value; seconds for times.
    fn numbers(&self) -> (u32, (u32, u32)) {
        match self {
            Slot::Number(n, ..) => (**n, (0, 0)),
            Slot::Flag(on) => (u32::from(**on), (0, 0)),
            Slot::Port(port) => (u32::from(**port), (0, 0)),
            Slot::Range(range) => (u32::from(range.0), (u32::from(range.1), 0)),
            Slot::Three(three) => (three.0, (three.1, three.2)),
            Slot::Seconds(time) => (time.as_secs() as u32, (0, 0)),
        }
    }
}

impl Sysctl {
    fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
        let at = Sysctl::NAMES.iter().position(|other| *other == name)?;
        self.slots().into_iter().nth(at)
    }

    /// What is not as by default.
    pub fn changes(mut self) -> Vec<Change> {
        let mut default = Sysctl::default();
        let mut changes = Vec::new();
        for (at, (now, before)) in (0..).zip(self.slots().iter().zip(&default.slots())) {
            if now.numbers() != before.numbers() {
                changes.push((at, now.numbers()));
            }
        }
        changes
    }

    /// Makes one of these [`changes`](Sysctl::changes).
    pub fn change(&mut self, (setting, (a, (b, c))): Change) {
        match self.slots().get_mut(setting as usize) {
            Some(Slot::Number(slot, ..)) => **slot = a,
            Some(Slot::Flag(slot)) => **slot = a != 0,
            Some(Slot::Port(slot)) => **slot = a as u16,
            Some(Slot::Range(slot)) => **slot = (a as u16, b as u16),
            Some(Slot::Three(slot)) => **slot = (a, b, c),
            Some(Slot::Seconds(slot)) => **slot = Duration::from_secs(a.into()),
            None => {}
        }
    }

    /// Sets what sysctl(8) calls `name`; `/` may stand for `.`. Several numbers are separated by white
    /// space.
    ///
    /// ```
    /// use sockscope::kernel::sysctl::{Sysctl, SysctlError};
    /// let mut sysctl = Sysctl::default();
    /// sysctl.set("net.ipv4.tcp_syn_retries", "5").unwrap();
    /// assert_eq!(sysctl.tcp_syn_retries, 5);
    /// assert_eq!(sysctl.set("net.ipv4.tcp_syn_retries", "300"), Err(SysctlError::Invalid));
    /// assert_eq!(sysctl.set("net.ipv4.tcp_plb_enabled", "1"), Err(SysctlError::Unknown));
    /// assert_eq!(sysctl.get("net.ipv4.ip_local_port_range").as_deref(), Ok("32768\t60999"));
    /// ```
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SysctlError> {
        let name = name.replace('/', ".");
        let before = UNREAD.contains(&name.as_str()).then_some(*self);
        let slot = self.slot(&name).ok_or(SysctlError::Unknown)?;
        let mut numbers = [0; 3];
        let mut count = 0;
        for word in value.split_ascii_whitespace() {
            let number = word.parse().map_err(|_| SysctlError::Invalid)?;
            *numbers.get_mut(count).ok_or(SysctlError::Invalid)? = number;
            count += 1;
        }
        let [a, b, c]: [u32; 3] = numbers;
        let port = |n: u32| u16::try_from(n).map_err(|_| SysctlError::Invalid);
        match (slot, count) {
            (Slot::Number(slot, low, high), 1) if (low..=high).contains(&a) => *slot = a,
            (Slot::Flag(slot), 1) if a < 256 => *slot = a != 0,
            (Slot::Seconds(slot), 1) => *slot = Duration::from_secs(a.into()),
            (Slot::Port(slot), 1) => *slot = port(a)?,
            (Slot::Range(slot), 2) if a > 0 && a <= b => *slot = (port(a)?, port(b)?),
            (Slot::Three(slot), 3) => *slot = (a, b, c),
            _ => return Err(SysctlError::Invalid),
        }
        if let Some(before) = before.filter(|before| before != self) {
            *self = before;
            return Err(SysctlError::Unknown);
        }
        Ok(())
    }

    /// The value of a setting, as /proc/sys shows it.
    pub fn get(&self, name: &str) -> Result<String, SysctlError> {
        let name = name.replace('/', ".");
        let mut copy = *self;
        let slot = copy.slot(&name).ok_or(SysctlError::Unknown)?;
        Ok(match slot {
            Slot::Number(n, ..) => n.to_string(),
            Slot::Flag(on) => u8::from(*on).to_string(),
            Slot::Seconds(time) => time.as_secs().to_string(),
            Slot::Port(port) => port.to_string(),
            Slot::Range((low, high)) => [low.to_string(), high.to_string()].join("\t"),
            Slot::Three((a, b, c)) => [a.to_string(), b.to_string(), c.to_string()].join("\t"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_can_be_set_to_what_it_is() {
        let mut sysctl = Sysctl::default();
        for name in Sysctl::NAMES {
            let value = sysctl.get(name).expect(name);
            sysctl.set(name, &value).expect(name);
        }
        assert_eq!(sysctl, Sysctl::default());
        assert!(sysctl.changes().is_empty());
    }

    #[test]
    fn changes_make_the_same_of_the_defaults() {
        let mut sysctl = Sysctl::default();
        for (name, value) in [
            ("net.ipv4.ip_local_port_range", "40000 40003"),
            ("net.ipv4.tcp_wmem", "4096 8192 8192"),
            ("net.ipv4.tcp_fin_timeout", "5"),
            ("net.ipv4.tcp_sack", "0"),
            ("net.core.somaxconn", "2"),
            ("net.ipv4.ip_unprivileged_port_start", "80"),
        ] {
            sysctl.set(name, value).expect(name);
        }
        let mut again = Sysctl::default();
        for change in sysctl.changes() {
            again.change(change);
        }
        assert_eq!((again, again.changes().len()), (sysctl, 6));
    }
}
