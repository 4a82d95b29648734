//! Options that a connection asks for at every segment, in a form that is quick to read.

use crate::kernel::option::{Opt, Options};
use crate::kernel::sysctl::Sysctl;
use serde::Serialize;
use std::time::Duration;

/// What a program has set on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// TCP_NODELAY: no segment waits for a small one's acknowledgement.
    pub nodelay: bool,
    /// TCP_CORK: a small segment waits until more comes, or 200 ms.
    pub cork: bool,
    /// SO_KEEPALIVE with TCP_KEEPIDLE, if it is on: the silence after which the peer is asked.
    pub keepalive: Option<Duration>,
    /// TCP_KEEPINTVL.
    pub keepalive_interval: Duration,
    /// TCP_KEEPCNT.
    pub keepalive_probes: u32,
    /// TCP_USER_TIMEOUT: how long data may stay unacknowledged, if that is limited.
    pub user_timeout: Option<Duration>,
    /// net.ipv4.tcp_early_retrans: tail loss probes are sent.
    pub loss_probes: bool,
    /// SO_RCVBUF was set: the receive buffer stays as it is.
    pub buffer_locked: bool,
    /// net.ipv4.tcp_rmem\[2\]: how large it can become otherwise.
    pub buffer_most: u32,
    /// net.ipv4.tcp_moderate_rcvbuf: it grows as the program reads.
    pub moderate: bool,
    /// net.ipv4.tcp_slow_start_after_idle.
    pub slow_start_after_idle: bool,
    /// TCP_LINGER2: how long an orphan stays in FIN-WAIT-2; nothing if it does not stay at all.
    pub fin_timeout: Option<Duration>,
}

impl Settings {
    /// Of a socket's options.
    pub(crate) fn of(options: &Options, sysctl: &Sysctl) -> Settings {
        let seconds = |opt, default: u32| {
            let set = options.is_set(opt);
            Duration::from_secs(set.map_or(default.into(), |value| value as u64))
        };
        let idle = seconds(Opt::KeepIdle, sysctl.tcp_keepalive_time);
        let probes = options.is_set(Opt::KeepCnt);
        let millis = options.get(Opt::UserTimeout) as u64;
        let stay = options.is_set(Opt::Linger2);
        Settings {
            nodelay: options.on(Opt::NoDelay),
            cork: options.on(Opt::Cork),
            keepalive: options.on(Opt::KeepAlive).then_some(idle),
            keepalive_interval: seconds(Opt::KeepIntvl, sysctl.tcp_keepalive_intvl),
            keepalive_probes: probes.map_or(sysctl.tcp_keepalive_probes, |n| n as u32),
            user_timeout: (millis > 0).then(|| Duration::from_millis(millis)),
            loss_probes: matches!(sysctl.tcp_early_retrans, 3 | 4),
            buffer_locked: options.is_set(Opt::RcvBuf).is_some(),
            buffer_most: sysctl.tcp_rmem.2,
            moderate: sysctl.tcp_moderate_rcvbuf,
            slow_start_after_idle: sysctl.tcp_slow_start_after_idle,
            fin_timeout: match stay {
                None => Some(sysctl.tcp_fin_timeout),
                Some(seconds) => u64::try_from(seconds).ok().map(Duration::from_secs),
            },
        }
    }
}
