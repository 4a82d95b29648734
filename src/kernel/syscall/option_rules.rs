//! Options with rules of their own: what is checked, what is kept, and what changes at once.

use super::Stop;
use super::options::{Given, is_tcp};
use crate::abi::Inet;
use crate::abi::constants::IPPROTO_TCP;
use crate::abi::{Errno, NotModelled};
use crate::base::{Pid, SockId};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::TcpState;
use crate::kernel::option::{JIFFY_MICROS, Opt, Row};
use crate::kernel::rule::Rule;
use crate::kernel::socket::{Family, Socket};
use crate::kernel::tcp::open::notsent_lowat;
use crate::kernel::tcp::output::{self, Ends};
use crate::kernel::tcp::settings::Settings;
use crate::kernel::tcp::{State, keepalive};

/// SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF: no buffer is smaller, octets.
const MIN_RCVBUF: i64 = 2_304;
const MIN_SNDBUF: i64 = 4_608;
/// TCP_FIN_TIMEOUT_MAX, seconds.
const FIN_TIMEOUT_MAX: i32 = 120;
/// TCP_MIN_MSS, MAX_TCP_WINDOW: the bounds of TCP_MAXSEG.
const MAXSEG: std::ops::RangeInclusive<i32> = 88..=32_767;
/// MAX_SCHEDULE_TIMEOUT / HZ: the longest time of SO_LINGER, seconds.
const LINGER_MAX: i64 = i64::MAX / 250;
/// TCP_RTO_MAX, seconds.
const RTO_MAX: i32 = 120;
/// Congestion controls that Linux commonly has and this kernel has not.
const CONGESTION_NOT_MODELLED: [&[u8]; 3] = [b"cubic", b"bbr", b"dctcp"];

impl Kernel {
    /// Checks a value and says what to keep under the option's name; nothing if that is done already.
    pub(super) fn set_by_own_rules(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        sock: SockId,
        row: &Row,
        given: &Given,
    ) -> Result<Option<i64>, Stop> {
        let value = given.value;
        let admin = self.has_net_admin(pid);
        let rights = self.processes.get(pid).map(|p| p.capabilities);
        let raw = rights.is_some_and(|c| c.net_raw);
        let (rmem, wmem) = (self.sysctl.rmem_max, self.sysctl.wmem_max);
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let kept = match row.opt {
            Opt::Debug if value != 0 && !admin => return Err(Errno::EACCES.into()),
            Opt::Debug => i64::from(value != 0),
            Opt::Priority if !(0..=6).contains(&value) && !admin && !raw => {
                return Err(Errno::EPERM.into());
            }
            Opt::Mark if !admin && !raw => return Err(Errno::EPERM.into()),
            Opt::PreferBusyPoll if value != 0 && !admin => return Err(Errno::EPERM.into()),
            Opt::PreferBusyPoll => i64::from(value != 0),
            Opt::SndBufForce | Opt::RcvBufForce if !admin => return Err(Errno::EPERM.into()),
            // A negative size is a large one, and "force" takes it for 0.
            Opt::SndBuf => return Ok(Some(doubled(value as u32, wmem, MIN_SNDBUF))),
            Opt::RcvBuf => return Ok(Some(doubled(value as u32, rmem, MIN_RCVBUF))),
            Opt::SndBufForce | Opt::RcvBufForce => {
                let (opt, least) = match row.opt {
                    Opt::SndBufForce => (Opt::SndBuf, MIN_SNDBUF),
                    _ => (Opt::RcvBuf, MIN_RCVBUF),
                };
                let size = doubled(value.max(0) as u32, i32::MAX as u32 / 2, least);
                socket.options.set(opt, size);
                self.option_changed(cx, sock, opt);
                return Ok(None);
            }
            Opt::PassCred | Opt::PassSec | Opt::PassPidFd | Opt::PassRights
                if socket.unix().is_some() =>
            {
                // What a message carries beside its data is not modelled.
                if (value != 0) != (row.opt == Opt::PassRights) {
                    let (level, optname) = (row.level(), row.name());
                    return Err(NotModelled::Option { level, optname }.into());
                }
                return Ok(None);
            }
            Opt::PassCred | Opt::PassSec | Opt::PassPidFd | Opt::PassRights => {
                return Err(Errno::EOPNOTSUPP.into());
            }
            Opt::BsdCompat => return Ok(None),
            Opt::BindToDevice => i64::from(given.bytes.first().is_some_and(|b| *b != 0)),
            Opt::Linger => linger(socket, given.bytes)?,
            Opt::RcvLowat => receive_low_water(socket, value, self.sysctl.tcp_rmem.2),
            Opt::RcvTimeo | Opt::RcvTimeoNew => {
                return set_timeout(socket, Opt::RcvTimeo, given.bytes);
            }
            Opt::SndTimeo | Opt::SndTimeoNew => {
                return set_timeout(socket, Opt::SndTimeo, given.bytes);
            }
            Opt::Tos => set_type_of_service(socket, value),
            Opt::Ttl if value == -1 => {
                socket.options.unset(Opt::Ttl);
                return Ok(None);
            }
            Opt::Ttl if !(1..=255).contains(&value) => return Err(Errno::EINVAL.into()),
            Opt::RouterAlert => return Err(Errno::EINVAL.into()),
            Opt::Transparent if value != 0 && !admin && !raw => return Err(Errno::EPERM.into()),
            Opt::Transparent => i64::from(value != 0),
            Opt::UnicastIf if given.bytes.len() != 4 => return Err(Errno::EINVAL.into()),
            Opt::V6UnicastHops if !(-1..=255).contains(&value) => return Err(Errno::EINVAL.into()),
            Opt::V6Tclass if !(-1..=255).contains(&value) => return Err(Errno::EINVAL.into()),
            Opt::V6Tclass if value == -1 => 0,
            Opt::V6Tclass if is_tcp(socket) => i64::from(value & !3),
            // "!sk->sk_num": the answer to bind(2) depends on it.
            Opt::V6Only if socket.port.is_some() => return Err(Errno::EINVAL.into()),
            Opt::V6Only => i64::from(value != 0),
            _ if row.level() == IPPROTO_TCP => {
                return self.set_tcp_option(cx, sock, row.opt, given, admin);
            }
            _ => value.into(),
        };
        Ok(Some(kept))
    }

    /// `do_tcp_setsockopt()`.
    fn set_tcp_option(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        opt: Opt,
        given: &Given,
        admin: bool,
    ) -> Result<Option<i64>, Stop> {
        let value = given.value;
        let socket = self.sockets.get_mut(sock).ok_or(Errno::EBADF)?;
        let state = socket.state();
        let unused = matches!(state, TcpState::Closed | TcpState::Listen);
        let bad = match opt {
            Opt::MaxSeg => value != 0 && !MAXSEG.contains(&value),
            Opt::WindowClamp => value == 0 && state != TcpState::Closed,
            Opt::ThinDupAck => !(0..=1).contains(&value),
            Opt::FastOpen => value < 0 || !unused,
            Opt::FastOpenConnect => !(0..=1).contains(&value) || state != TcpState::Closed,
            Opt::FastOpenNoCookie => !(0..=1).contains(&value) || !unused,
            _ => false,
        };
        if bad {
            return Err(Errno::EINVAL.into());
        }
        Ok(Some(match opt {
            Opt::MaxSeg if value == 0 => {
                socket.options.unset(opt);
                return Ok(None);
            }
            // secs_to_retrans() and retrans_to_secs(): what is kept is a number of SYN,ACKs.
            Opt::DeferAccept => i64::from(defer_accept(value).0),
            Opt::Linger2 if value < 0 => -1,
            Opt::Linger2 if value == 0 => {
                socket.options.unset(opt);
                return Ok(None);
            }
            Opt::Linger2 => i64::from(value.min(FIN_TIMEOUT_MAX)),
            // SOCK_MIN_RCVBUF / 2
            Opt::WindowClamp if value != 0 => i64::from(value).max(MIN_RCVBUF / 2),
            Opt::QuickAck => {
                self.set_quickack(cx, sock, value);
                return Ok(None);
            }
            Opt::Congestion => {
                let name = given.bytes.split(|b| *b == 0).next().unwrap_or_default();
                let name = &name[..name.len().min(15)];
                if CONGESTION_NOT_MODELLED.contains(&name) {
                    let (level, optname) = (opt.row().level(), opt.row().name());
                    return Err(NotModelled::Option { level, optname }.into());
                }
                if name != b"reno" {
                    return Err(Errno::ENOENT.into());
                }
                return Ok(None);
            }
            // TCP_REPAIR_OFF, TCP_REPAIR_OFF_NO_WP
            Opt::Repair => match value {
                _ if !admin || state == TcpState::Listen => return Err(Errno::EPERM.into()),
                -1..=0 => 0,
                1 => 1,
                _ => return Err(Errno::EINVAL.into()),
            },
            Opt::ThinDupAck => return Ok(None),
            _ => value.into(),
        }))
    }

    /// An int that getsockopt(2) gives back.
    pub(super) fn option_int(&self, socket: &Socket, opt: Opt) -> i32 {
        let sysctl = &self.sysctl;
        let connection = socket.tcp.connection();
        let set = socket.options.is_set(opt);
        let value = match (opt, set) {
            (Opt::SndBuf, _) => connection.map_or_else(
                || socket.send_buffer(sysctl).into(),
                |c| i64::from(c.snd.buffer),
            ),
            (Opt::RcvBuf, _) => connection.map_or_else(
                || socket.receive_buffer(sysctl).into(),
                |c| i64::from(c.rcv.buffer),
            ),
            (Opt::QuickAck, _) => match connection {
                Some(c) => i64::from(!c.rcv.ack.pingpong),
                None => socket.options.get(opt),
            },
            (Opt::MaxSeg, set) => match (connection, set) {
                (Some(c), _) => c.mss.into(),
                (None, Some(user)) if matches!(socket.tcp, State::Closed | State::Listen(_)) => {
                    user
                }
                (None, _) => socket.last.mss.into(),
            },
            (Opt::DeferAccept, Some(count)) => {
                let seconds = (0..).map(|shift: u32| (1_i64 << shift.min(7)).min(RTO_MAX.into()));
                seconds.take(count as usize).sum()
            }
            (_, Some(value)) => value,
            // "inet_num"
            (Opt::IpProtocol, None) => match (socket.port, socket.raw()) {
                (Some(claim), _) => claim.port.into(),
                (None, Some(_)) => socket.local.port_number().into(),
                // The address still shows a port that was given back.
                (None, None) => 0,
            },
            (Opt::WindowClamp, set) => connection.map_or(set.unwrap_or(0), |c| c.rcv.clamp.into()),
            (Opt::KeepIdle, None) => sysctl.tcp_keepalive_time.into(),
            (Opt::KeepIntvl, None) => sysctl.tcp_keepalive_intvl.into(),
            (Opt::KeepCnt, None) => sysctl.tcp_keepalive_probes.into(),
            (Opt::SynCnt, None) => sysctl.tcp_syn_retries.into(),
            (Opt::Linger2, None) => sysctl.tcp_fin_timeout.as_secs() as i64,
            (Opt::MulticastAll, None) => i64::from(socket.family == Family::Inet),
            (Opt::Ttl, None) => sysctl.ip_default_ttl.into(),
            (_, None) => opt.row().default.into(),
        };
        // ipv6_get_hoplimit()
        if opt == Opt::V6UnicastHops && value < 0 {
            return 64;
        }
        value as i32
    }

    /// What changes at once because an option has changed.
    pub(super) fn option_changed(&mut self, cx: &mut Cx, sock: SockId, opt: Opt) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        match opt {
            Opt::SndBuf => {
                let size = socket.send_buffer(&self.sysctl);
                if let Some(c) = socket.tcp.connection_mut() {
                    c.snd.buffer = size;
                }
                self.wake(cx, sock, Rule::Readiness);
            }
            Opt::RcvBuf => {
                let size = socket.receive_buffer(&self.sysctl);
                if let Some(c) = socket.tcp.connection_mut() {
                    c.rcv.buffer = size;
                    c.settings.buffer_locked = true;
                }
            }
            Opt::WindowClamp => {
                let clamp = socket.options.get(opt) as u32;
                if let Some(c) = socket.tcp.connection_mut() {
                    c.rcv.set_clamp(clamp);
                }
            }
            // Who wants no errors any more loses those that wait.
            Opt::RecvErr | Opt::V6RecvErr if !socket.options.on(opt) => {
                if let Some(udp) = socket.udp_mut() {
                    udp.errors.clear();
                }
            }
            Opt::UdpCork if !socket.options.on(opt) => self.udp_push(cx, sock),
            Opt::NotsentLowat => {
                let lowat = notsent_lowat(socket, &self.sysctl);
                if let Some(c) = socket.tcp.connection_mut() {
                    c.snd.notsent_lowat = lowat;
                }
                self.wake(cx, sock, Rule::Readiness);
            }
            Opt::RcvLowat => self.wake(cx, sock, Rule::Readiness),
            Opt::NoDelay
            | Opt::Cork
            | Opt::KeepAlive
            | Opt::KeepIdle
            | Opt::KeepIntvl
            | Opt::KeepCnt
            | Opt::UserTimeout
            | Opt::Linger2 => self.settings_changed(cx, sock, opt),
            _ => {}
        }
    }

    fn settings_changed(&mut self, cx: &mut Cx, sock: SockId, opt: Opt) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let settings = Settings::of(&socket.options, &self.sysctl);
        let unread = socket.receive_queue.len() as u32;
        if socket.tcp.connection().is_none() {
            return;
        }
        let ends = Ends::of(sock, socket);
        if let Some(c) = socket.tcp.connection_mut() {
            c.settings = settings;
            match opt {
                // __tcp_sock_set_nodelay(), __tcp_sock_set_cork(): what waited goes out, corked or not.
                Opt::NoDelay if settings.nodelay => {
                    output::push_pending(c, &ends, unread, cx, output::Nagle::Push);
                }
                Opt::Cork if !settings.cork => {
                    let nagle = match settings.nodelay {
                        true => output::Nagle::Push,
                        false => output::Nagle::Apply,
                    };
                    output::push_pending(c, &ends, unread, cx, nagle);
                }
                Opt::KeepAlive | Opt::KeepIdle => keepalive::update(c, &ends, cx),
                _ => {}
            }
        }
        self.reconcile(cx, sock);
    }

    /// TCP_QUICKACK: 0 begins a ping-pong, anything else ends it and sends an acknowledgement that is
    /// owed; an even number begins it again after that (`__tcp_sock_set_quickack()`).
    fn set_quickack(&mut self, cx: &mut Cx, sock: SockId, value: i32) {
        let Some(socket) = self.sockets.get_mut(sock) else {
            return;
        };
        let unread = socket.receive_queue.len() as u32;
        let Some(c) = socket.tcp.connection_mut() else {
            let on = i64::from(value != 0);
            socket.options.set(Opt::QuickAck, on);
            return;
        };
        c.rcv.ack.pingpong = value == 0;
        if value != 0 && c.rcv.ack.scheduled {
            let ends = Ends::of(sock, socket);
            if let Some(c) = socket.tcp.connection_mut() {
                crate::kernel::tcp::recv::push_ack(c, &ends, unread, cx);
                c.rcv.ack.pingpong = value & 1 == 0;
            }
        }
        self.reconcile(cx, sock);
    }

    fn has_net_admin(&self, pid: Pid) -> bool {
        let process = self.processes.get(pid);
        process.is_some_and(|p| p.capabilities.net_admin)
    }
}

/// Twice what was asked for, so that overhead has room, within the bounds.
fn doubled(asked: u32, most: u32, least: i64) -> i64 {
    (i64::from(asked.min(most)) * 2).max(least)
}

/// SO_LINGER: seconds, and the lowest bit for "on".
fn linger(socket: &Socket, bytes: &[u8]) -> Result<i64, Errno> {
    let Some(bytes) = bytes.first_chunk::<8>() else {
        return Err(Errno::EINVAL);
    };
    // l_onoff and l_linger, in this order.
    let both = u64::from_le_bytes(*bytes);
    let (on, seconds) = (both as i32, (both >> 32) as i32);
    if on == 0 {
        return Ok(socket.options.get(Opt::Linger) & !1);
    }
    let seconds = u64::try_from(seconds).map_or(LINGER_MAX, |s| s as i64);
    Ok((seconds << 1) | 1)
}

/// `__ip_sock_set_tos()`: a new value decides the priority, too (`rt_tos2priority()`).
fn set_type_of_service(socket: &mut Socket, value: i32) -> i64 {
    // INET_ECN_MASK: a stream's ECN bits are not the program's.
    let value = if is_tcp(socket) { value & !3 } else { value };
    if i64::from(value) != socket.options.get(Opt::Tos) {
        // The classes of ip_tos2prio: best effort, bulk, interactive, interactive bulk.
        let priority = [0, 2, 6, 4][(value as usize >> 3) & 3];
        socket.options.set(Opt::Priority, priority);
    }
    i64::from(value as u8)
}

/// `tcp_set_rcvlowat()`: at most half the buffer.
fn receive_low_water(socket: &Socket, value: i32, rmem_max: u32) -> i64 {
    let value = if value < 0 { i32::MAX } else { value.max(1) };
    let locked = socket.options.is_set(Opt::RcvBuf);
    let most = locked.unwrap_or(rmem_max.into()) >> 1;
    if is_tcp(socket) {
        i64::from(value).min(most).max(1)
    } else {
        value.into()
    }
}

/// `sock_set_timeout()`: kept in jiffies; 0 for no time at all, nothing for no limit.
fn set_timeout(socket: &mut Socket, opt: Opt, bytes: &[u8]) -> Result<Option<i64>, Stop> {
    let Some(bytes) = bytes.first_chunk::<16>() else {
        return Err(Errno::EINVAL.into());
    };
    // tv_sec and tv_usec, in this order.
    let both = u128::from_le_bytes(*bytes);
    let (seconds, micros) = (both as i64, (both >> 64) as i64);
    if !(0..1_000_000).contains(&micros) {
        return Err(Errno::EDOM.into());
    }
    if seconds < 0 {
        socket.options.set(opt, 0);
    } else if (seconds == 0 && micros == 0) || seconds >= LINGER_MAX - 1 {
        socket.options.unset(opt);
    } else {
        let jiffies =
            seconds * (1_000_000 / JIFFY_MICROS) + (micros + JIFFY_MICROS - 1) / JIFFY_MICROS;
        socket.options.set(opt, jiffies);
    }
    Ok(None)
}

/// A timeout as `struct timeval`.
pub(super) fn timeval(socket: &Socket, opt: Opt) -> Vec<u8> {
    let jiffies = socket.options.is_set(opt).unwrap_or(0);
    let hz = 1_000_000 / JIFFY_MICROS;
    let (seconds, micros) = (jiffies / hz, jiffies % hz * JIFFY_MICROS);
    [seconds.to_le_bytes(), micros.to_le_bytes()].concat()
}

/// How many SYN,ACKs it takes, one second before the first and then doubling, to wait not less than
/// `seconds`; and how many seconds that are.
fn defer_accept(seconds: i32) -> (i32, i32) {
    let (mut period, mut interval, mut sent) = (0, 1, 0);
    while sent < 255 && seconds > period {
        period += interval;
        interval = (interval * 2).min(RTO_MAX);
        sent += 1;
    }
    (sent, period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defer_accept_is_rounded_up_to_whole_intervals() {
        let rounded = [-1, 0, 1, 2, 7, 87, 255, 32_767].map(|seconds| defer_accept(seconds).1);
        assert_eq!(rounded, [0, 0, 1, 3, 7, 127, 367, 29_887]);
    }
}
