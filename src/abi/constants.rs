//! Linux's constants on x86-64, with their names: each number stands once and serves the kernel, the
//! C machine's headers and the traces.

macro_rules! groups {
    ($($(#[$doc:meta])* $group:ident { $($name:ident = $value:literal,)* })*) => {
        $(
            $(#[$doc])*
            pub const $group: &[(&str, i32)] = &[$((stringify!($name), $value),)*];
            $(
                #[allow(missing_docs)]
                pub const $name: i32 = $value;
            )*
        )*

        /// Every group, for whoever looks a name up.
        pub const ALL: &[&[(&str, i32)]] = &[$($group,)*];
    };
}

groups! {
    /// Address families: socket(2).
    FAMILIES {
        AF_UNSPEC = 0,
        AF_UNIX = 1,
        AF_INET = 2,
        AF_INET6 = 10,
        AF_NETLINK = 16,
        AF_PACKET = 17,
    }
    /// Socket types: socket(2).
    SOCKET_TYPES {
        SOCK_STREAM = 1,
        SOCK_DGRAM = 2,
        SOCK_RAW = 3,
        SOCK_RDM = 4,
        SOCK_SEQPACKET = 5,
        SOCK_DCCP = 6,
        SOCK_PACKET = 10,
    }
    /// Flags in the type argument of socket(2) and the flags of accept4(2).
    SOCKET_FLAGS {
        SOCK_NONBLOCK = 2048,
        SOCK_CLOEXEC = 524288,
    }
    /// IP protocols, and the option levels of the same numbers.
    PROTOCOLS {
        IPPROTO_IP = 0,
        IPPROTO_ICMP = 1,
        IPPROTO_TCP = 6,
        IPPROTO_UDP = 17,
        IPPROTO_IPV6 = 41,
        IPPROTO_ICMPV6 = 58,
        IPPROTO_SCTP = 132,
        IPPROTO_UDPLITE = 136,
        IPPROTO_MPTCP = 262,
        IPPROTO_RAW = 255,
    }
    /// The option level of the socket itself.
    LEVELS {
        SOL_SOCKET = 1,
    }
    /// Options at SOL_SOCKET: socket(7).
    SOCKET_OPTIONS {
        SO_DEBUG = 1,
        SO_REUSEADDR = 2,
        SO_TYPE = 3,
        SO_ERROR = 4,
        SO_DONTROUTE = 5,
        SO_BROADCAST = 6,
        SO_SNDBUF = 7,
        SO_RCVBUF = 8,
        SO_KEEPALIVE = 9,
        SO_OOBINLINE = 10,
        SO_PRIORITY = 12,
        SO_LINGER = 13,
        SO_REUSEPORT = 15,
        SO_PASSCRED = 16,
        SO_PEERCRED = 17,
        SO_RCVLOWAT = 18,
        SO_SNDLOWAT = 19,
        SO_RCVTIMEO = 20,
        SO_SNDTIMEO = 21,
        SO_BINDTODEVICE = 25,
        SO_TIMESTAMP = 29,
        SO_ACCEPTCONN = 30,
        SO_PROTOCOL = 38,
        SO_DOMAIN = 39,
        SO_MARK = 36,
        SO_BUSY_POLL = 46,
        SO_INCOMING_CPU = 49,
        SO_ZEROCOPY = 60,
    }
    /// Options at IPPROTO_TCP: tcp(7).
    TCP_OPTIONS {
        TCP_NODELAY = 1,
        TCP_MAXSEG = 2,
        TCP_CORK = 3,
        TCP_KEEPIDLE = 4,
        TCP_KEEPINTVL = 5,
        TCP_KEEPCNT = 6,
        TCP_SYNCNT = 7,
        TCP_LINGER2 = 8,
        TCP_DEFER_ACCEPT = 9,
        TCP_WINDOW_CLAMP = 10,
        TCP_INFO = 11,
        TCP_QUICKACK = 12,
        TCP_CONGESTION = 13,
        TCP_USER_TIMEOUT = 18,
        TCP_FASTOPEN = 23,
    }
    /// Options at IPPROTO_IP: ip(7).
    IP_OPTIONS {
        IP_TOS = 1,
        IP_TTL = 2,
        IP_RECVERR = 11,
        IP_PKTINFO = 8,
        IP_BIND_ADDRESS_NO_PORT = 24,
    }
    /// Options at IPPROTO_IPV6: ipv6(7).
    IPV6_OPTIONS {
        IPV6_V6ONLY = 26,
        IPV6_RECVERR = 25,
    }
    /// Flags of send(2) and recv(2).
    MESSAGE_FLAGS {
        MSG_OOB = 1,
        MSG_PEEK = 2,
        MSG_DONTROUTE = 4,
        MSG_CTRUNC = 8,
        MSG_TRUNC = 32,
        MSG_DONTWAIT = 64,
        MSG_EOR = 128,
        MSG_WAITALL = 256,
        MSG_CONFIRM = 2048,
        MSG_ERRQUEUE = 8192,
        MSG_NOSIGNAL = 16384,
        MSG_MORE = 32768,
        MSG_WAITFORONE = 65536,
        MSG_FASTOPEN = 536870912,
        MSG_CMSG_CLOEXEC = 1073741824,
        MSG_ZEROCOPY = 67108864,
    }
    /// The second argument of shutdown(2).
    SHUTDOWN_HOW {
        SHUT_RD = 0,
        SHUT_WR = 1,
        SHUT_RDWR = 2,
    }
    /// Events of poll(2).
    POLL_EVENTS {
        POLLIN = 1,
        POLLPRI = 2,
        POLLOUT = 4,
        POLLERR = 8,
        POLLHUP = 16,
        POLLNVAL = 32,
        POLLRDNORM = 64,
        POLLRDBAND = 128,
        POLLWRNORM = 256,
        POLLWRBAND = 512,
        POLLRDHUP = 8192,
    }
    /// Limits that programs name.
    LIMITS {
        SOMAXCONN = 4096,
    }
}

/// The value of a constant by its name.
///
/// ```
/// use sockscope::abi::constants::value;
/// assert_eq!(value("AF_INET6"), Some(10));
/// ```
pub fn value(name: &str) -> Option<i32> {
    ALL.iter()
        .flat_map(|group| group.iter())
        .find(|(n, _)| *n == name)
        .map(|(_, v)| *v)
}

/// The name of a value in one group, or the number.
fn name_in(group: &[(&str, i32)], value: i32) -> String {
    match group.iter().find(|(_, v)| *v == value) {
        Some((name, _)) => (*name).to_owned(),
        None => value.to_string(),
    }
}

/// The names of the bits set, joined by `|`; what has no name comes last, in hexadecimal.
fn flags_in(group: &[(&str, i32)], value: i32) -> String {
    let mut parts = Vec::new();
    let mut rest = value;
    for (name, bit) in group {
        if *bit != 0 && rest & bit == *bit {
            parts.push((*name).to_owned());
            rest &= !bit;
        }
    }
    if rest != 0 {
        parts.push(format!("{rest:#x}"));
    }
    if parts.is_empty() {
        "0".to_owned()
    } else {
        parts.join("|")
    }
}

/// An address family by name.
pub fn family(domain: i32) -> String {
    name_in(FAMILIES, domain)
}

/// The type argument of socket(2): a type and flags.
pub fn socket_type(ty: i32) -> String {
    const TYPE_MASK: i32 = 0xf;
    let name = name_in(SOCKET_TYPES, ty & TYPE_MASK);
    match ty & !TYPE_MASK {
        0 => name,
        flags => [&name, "|", &flags_in(SOCKET_FLAGS, flags)].concat(),
    }
}

/// A protocol number by name.
pub fn protocol(number: i32) -> String {
    name_in(PROTOCOLS, number)
}

/// An option level by name.
pub fn level(level: i32) -> String {
    if level == SOL_SOCKET {
        "SOL_SOCKET".to_owned()
    } else {
        let protocol = name_in(PROTOCOLS, level);
        let name = protocol.strip_prefix("IPPROTO_").unwrap_or(&protocol);
        ["SOL_", name].concat()
    }
}

/// An option by the names of its level and itself.
pub fn socket_option(level: i32, optname: i32) -> String {
    match level {
        SOL_SOCKET => name_in(SOCKET_OPTIONS, optname),
        IPPROTO_TCP => name_in(TCP_OPTIONS, optname),
        IPPROTO_IP => name_in(IP_OPTIONS, optname),
        IPPROTO_IPV6 => name_in(IPV6_OPTIONS, optname),
        _ => optname.to_string(),
    }
}

/// The flags of send(2) and recv(2).
pub fn message_flags(flags: i32) -> String {
    flags_in(MESSAGE_FLAGS, flags)
}

/// The flags of accept4(2).
pub fn accept_flags(flags: i32) -> String {
    flags_in(SOCKET_FLAGS, flags)
}

/// The second argument of shutdown(2).
pub fn shutdown_how(how: i32) -> String {
    name_in(SHUTDOWN_HOW, how)
}

/// The events of poll(2).
pub fn poll_events(events: i16) -> String {
    flags_in(POLL_EVENTS, i32::from(events))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_named_and_the_rest_is_shown() {
        assert_eq!(
            message_flags(MSG_PEEK | MSG_DONTWAIT),
            "MSG_PEEK|MSG_DONTWAIT"
        );
        assert_eq!(
            message_flags(MSG_PEEK | 0x4000_0000 | 0x1000),
            "MSG_PEEK|MSG_CMSG_CLOEXEC|0x1000"
        );
        assert_eq!(message_flags(0), "0");
    }

    #[test]
    fn a_type_with_flags_is_named_as_strace_does() {
        assert_eq!(
            socket_type(SOCK_STREAM | SOCK_NONBLOCK),
            "SOCK_STREAM|SOCK_NONBLOCK"
        );
        assert_eq!(socket_type(15), "15");
    }
}
