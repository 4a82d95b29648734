//! Linux's constants on x86-64, with their names: each number stands once and serves the kernel, the
//! C machine's headers and the traces.

mod shown;

pub use shown::*;

/// The names of a group in one text, each with a space behind it, and their values: half as heavy as pairs, each of
/// which has a place and a length.
struct Named {
    names: &'static str,
    values: &'static [i32],
}

impl Named {
    fn iter(&self) -> impl Iterator<Item = (&'static str, i32)> {
        self.names.split(' ').zip(self.values.iter().copied())
    }
}

macro_rules! groups {
    ($($(#[$doc:meta])* $group:ident { $($name:ident = $value:literal,)* })*) => {
        /// The same groups, for traces.
        mod named {
            use super::Named;
            $(
                #[allow(dead_code)]
                pub(super) const $group: &Named = &Named {
                    names: concat!($(stringify!($name), " "),*),
                    values: &[$($value),*],
                };
            )*
        }

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
        SO_ATTACH_FILTER = 26,
        SO_DETACH_FILTER = 27,
        SO_SNDBUFFORCE = 32,
        SO_RCVBUFFORCE = 33,
        SO_PASSSEC = 34,
        SO_TIMESTAMPNS = 35,
        SO_RXQ_OVFL = 40,
        SO_PEEK_OFF = 42,
        SO_LOCK_FILTER = 44,
        SO_SELECT_ERR_QUEUE = 45,
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
        TCP_NOTSENT_LOWAT = 25,
        TCP_SAVE_SYN = 27,
        TCP_FASTOPEN_CONNECT = 30,
        TCP_ULP = 31,
        TCP_INQ = 36,
        TCP_MD5SIG = 14,
        TCP_SAVED_SYN = 28,
    }
    /// Options at IPPROTO_IP: ip(7).
    INET_OPTIONS {
        IP_TOS = 1,
        IP_TTL = 2,
        IP_RECVERR = 11,
        IP_PKTINFO = 8,
        IP_BIND_ADDRESS_NO_PORT = 24,
        IP_HDRINCL = 3,
        IP_OPTIONS = 4,
        IP_ROUTER_ALERT = 5,
        IP_RECVOPTS = 6,
        IP_RETOPTS = 7,
        IP_MTU_DISCOVER = 10,
        IP_RECVTTL = 12,
        IP_RECVTOS = 13,
        IP_MTU = 14,
        IP_FREEBIND = 15,
        IP_PASSSEC = 18,
        IP_TRANSPARENT = 19,
        IP_RECVORIGDSTADDR = 20,
        IP_NODEFRAG = 22,
        IP_MULTICAST_IF = 32,
        IP_MULTICAST_TTL = 33,
        IP_MULTICAST_LOOP = 34,
        IP_ADD_MEMBERSHIP = 35,
        IP_DROP_MEMBERSHIP = 36,
        MCAST_JOIN_GROUP = 42,
        MCAST_LEAVE_GROUP = 45,
        IP_MULTICAST_ALL = 49,
        IP_LOCAL_PORT_RANGE = 51,
    }
    /// Options at IPPROTO_IPV6: ipv6(7).
    IPV6_OPTIONS {
        IPV6_V6ONLY = 26,
        IPV6_RECVERR = 25,
        IPV6_ADDRFORM = 1,
        IPV6_FLOWINFO = 11,
        IPV6_UNICAST_HOPS = 16,
        IPV6_MULTICAST_IF = 17,
        IPV6_MULTICAST_HOPS = 18,
        IPV6_MULTICAST_LOOP = 19,
        IPV6_ADD_MEMBERSHIP = 20,
        IPV6_DROP_MEMBERSHIP = 21,
        IPV6_ROUTER_ALERT = 22,
        IPV6_MTU_DISCOVER = 23,
        IPV6_MTU = 24,
        IPV6_RECVPKTINFO = 49,
        IPV6_PKTINFO = 50,
        IPV6_RECVHOPLIMIT = 51,
        IPV6_HOPLIMIT = 52,
        IPV6_HOPOPTS = 54,
        IPV6_RTHDR = 57,
        IPV6_DSTOPTS = 59,
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
    /// Types of control data at SOL_SOCKET: unix(7).
    CONTROL_TYPES {
        SCM_RIGHTS = 1,
        SCM_CREDENTIALS = 2,
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
    /// Commands of fcntl(2).
    FCNTL_COMMANDS {
        F_DUPFD = 0,
        F_GETFD = 1,
        F_SETFD = 2,
        F_GETFL = 3,
        F_SETFL = 4,
        F_DUPFD_CLOEXEC = 1030,
    }
    /// F_GETFD and F_SETFD.
    FD_FLAGS {
        FD_CLOEXEC = 1,
    }
    /// F_GETFL and F_SETFL; pipe2(2), dup3(2), epoll_create1(2).
    FILE_FLAGS {
        O_WRONLY = 1,
        O_RDWR = 2,
        O_APPEND = 1024,
        O_NONBLOCK = 2048,
        O_DIRECT = 16384,
        O_ASYNC = 8192,
        O_NOATIME = 262144,
        O_CLOEXEC = 524288,
    }
    /// Further flags of open(2).
    OPEN_FLAGS {
        O_CREAT = 64,
        O_EXCL = 128,
        O_NOCTTY = 256,
        O_TRUNC = 512,
        O_DSYNC = 4096,
        O_DIRECTORY = 65536,
        O_NOFOLLOW = 131072,
        O_SYNC = 1052672,
        O_PATH = 2097152,
    }
    /// Requests of ioctl(2).
    IOCTL_REQUESTS {
        FIONREAD = 21531,
        TIOCOUTQ = 21521,
        FIONBIO = 21537,
        SIOCATMARK = 35077,
        SIOCOUTQNSD = 35147,
    }
    /// Operations of epoll_ctl(2).
    EPOLL_OPERATIONS {
        EPOLL_CTL_ADD = 1,
        EPOLL_CTL_DEL = 2,
        EPOLL_CTL_MOD = 3,
    }
    /// Events of epoll_ctl(2) beyond those of poll(2).
    EPOLL_EVENTS {
        EPOLLIN = 1,
        EPOLLPRI = 2,
        EPOLLOUT = 4,
        EPOLLERR = 8,
        EPOLLHUP = 16,
        EPOLLRDNORM = 64,
        EPOLLRDBAND = 128,
        EPOLLWRNORM = 256,
        EPOLLWRBAND = 512,
        EPOLLRDHUP = 8192,
        EPOLLEXCLUSIVE = 268435456,
        EPOLLWAKEUP = 536870912,
        EPOLLONESHOT = 1073741824,
        EPOLLET = -2147483648,
    }
    /// signal(7).
    SIGNALS {
        SIGHUP = 1,
        SIGINT = 2,
        SIGQUIT = 3,
        SIGILL = 4,
        SIGTRAP = 5,
        SIGABRT = 6,
        SIGBUS = 7,
        SIGFPE = 8,
        SIGKILL = 9,
        SIGUSR1 = 10,
        SIGSEGV = 11,
        SIGUSR2 = 12,
        SIGPIPE = 13,
        SIGALRM = 14,
        SIGTERM = 15,
        SIGSTKFLT = 16,
        SIGCHLD = 17,
        SIGCONT = 18,
        SIGSTOP = 19,
        SIGTSTP = 20,
        SIGTTIN = 21,
        SIGTTOU = 22,
        SIGURG = 23,
        SIGXCPU = 24,
        SIGXFSZ = 25,
        SIGVTALRM = 26,
        SIGPROF = 27,
        SIGWINCH = 28,
        SIGIO = 29,
        SIGPWR = 30,
        SIGSYS = 31,
    }
    /// sigaction(2).
    SIGACTION_FLAGS {
        SA_RESTART = 268435456,
        SA_NOCLDWAIT = 2,
        SA_NOCLDSTOP = 1,
        SA_SIGINFO = 4,
        SA_RESTORER = 67108864,
        SA_ONSTACK = 134217728,
        SA_NODEFER = 1073741824,
        SA_RESETHAND = -2147483648,
    }
    /// The first argument of rt_sigprocmask(2).
    SIGMASK_HOW {
        SIG_BLOCK = 0,
        SIG_UNBLOCK = 1,
        SIG_SETMASK = 2,
    }
    /// The first argument of setitimer(2).
    TIMERS {
        ITIMER_REAL = 0,
        ITIMER_VIRTUAL = 1,
        ITIMER_PROF = 2,
    }
    /// `si_code` of signals that the kernel or another process sends.
    SIGNAL_CODES {
        SI_USER = 0,
        SI_KERNEL = 128,
        CLD_EXITED = 1,
        CLD_KILLED = 2,
        CLD_DUMPED = 3,
    }
    /// The operations of futex(2) that are modelled.
    FUTEX_OPERATIONS {
        FUTEX_WAIT = 0,
        FUTEX_WAKE = 1,
        FUTEX_WAIT_PRIVATE = 128,
        FUTEX_WAKE_PRIVATE = 129,
    }
    /// A flag of the operation.
    FUTEX_FLAGS {
        FUTEX_PRIVATE_FLAG = 128,
    }
    /// wait4(2).
    WAIT_OPTIONS {
        WNOHANG = 1,
        WUNTRACED = 2,
        WCONTINUED = 8,
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
