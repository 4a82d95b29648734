//! The settings under /proc/sys/net that decide something here, with Linux 6.18's defaults.

use serde::Serialize;
use std::time::Duration;

/// A host's settings; each field carries its Linux name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sysctl {
    /// net.ipv4.ip_local_port_range: the first and last port the kernel chooses by itself.
    pub ip_local_port_range: (u16, u16),
    /// net.ipv4.ip_unprivileged_port_start: below it, bind(2) needs CAP_NET_BIND_SERVICE.
    pub ip_unprivileged_port_start: u16,
    /// net.core.somaxconn: the upper limit of a backlog.
    pub somaxconn: u32,
    /// net.ipv4.tcp_syn_retries.
    pub tcp_syn_retries: u32,
    /// net.ipv4.tcp_syn_linear_timeouts: so many SYNs go out before the interval doubles.
    pub tcp_syn_linear_timeouts: u32,
    /// net.ipv4.tcp_synack_retries.
    pub tcp_synack_retries: u32,
    /// net.ipv4.tcp_retries2: how long data is retransmitted, as a number of doublings.
    pub tcp_retries2: u32,
    /// net.ipv4.tcp_fin_timeout: how long an orphan stays in FIN-WAIT-2.
    pub tcp_fin_timeout: Duration,
    /// net.ipv4.tcp_abort_on_overflow: reset instead of ignoring when the accept queue is full.
    pub tcp_abort_on_overflow: bool,
    /// net.ipv4.tcp_orphan_retries: the same where no program holds the connection; 0 stands for 8.
    pub tcp_orphan_retries: u32,
    /// net.ipv4.tcp_rmem: octets of receive buffer: the least, what a connection begins with, and the
    /// most, which sets the window scale.
    pub tcp_rmem: (u32, u32, u32),
    /// net.ipv4.tcp_wmem: octets of send buffer a socket begins with, and the most it grows to.
    pub tcp_wmem: (u32, u32),
}

impl Default for Sysctl {
    fn default() -> Self {
        Sysctl {
            ip_local_port_range: (32_768, 60_999),
            ip_unprivileged_port_start: 1_024,
            somaxconn: 4_096,
            tcp_syn_retries: 6,
            tcp_syn_linear_timeouts: 4,
            tcp_synack_retries: 5,
            tcp_retries2: 15,
            tcp_fin_timeout: Duration::from_secs(60),
            tcp_abort_on_overflow: false,
            tcp_orphan_retries: 0,
            tcp_rmem: (4_096, 131_072, 33_554_432),
            tcp_wmem: (16_384, 4_194_304),
        }
    }
}
