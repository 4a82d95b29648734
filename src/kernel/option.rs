//! The options of sockets: a table of every option that socket(7), ip(7), ipv6(7), tcp(7) and udp(7)
//! list, with default, range and what Linux does with it, and the values that a socket has.
//!
//! What a row with [`Effect::Default`] means: Linux does something with the option that is not modelled.
//! Its default can be read and set; arguments are checked; any other value is NotModelled.

use crate::abi::constants::*;
use crate::base::SortedMap;
use serde::Serialize;

use super::option_numbers::*;

/// How setsockopt(2) takes the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything but 0 is 1.
    Flag,
    /// Within these bounds of [`RANGES`], or EINVAL.
    Range(u8),
    /// Any int.
    Int,
    /// Has rules of its own: `kernel/syscall/option_rules.rs`.
    Own,
    /// Keeps no value but does something: `kernel/syscall/option_acts.rs`.
    Act,
    /// Cannot be set: ENOPROTOOPT.
    ReadOnly,
}

/// What the option does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// What it does on Linux.
    Works,
    /// Nothing that a program or a picture could see: it is kept and given back.
    Kept,
    /// Not modelled, except for the value that it has anyway.
    Default,
    /// What it does on Linux, for UDP; not modelled for others, except for the value that it has anyway.
    Datagrams,
    /// Not modelled at all.
    NotModelled,
}

/// Sockets that have the option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    All,
    Tcp,
    Udp,
}

/// The bounds of options.
const RANGES: [(i32, i32); 10] = [
    (0, i32::MAX),
    (0, 1),
    (0, 2),
    (0, 3),
    (0, 5),
    (0, 255),
    (0, 65_535),
    (1, 127),
    (1, 32_767),
    (1_000, 120_000),
];

/// Bounds by their place, which the compiler finds.
const fn range(low: i32, high: i32) -> Kind {
    let mut at = 0;
    while RANGES[at].0 != low || RANGES[at].1 != high {
        at += 1;
    }
    Kind::Range(at as u8)
}

/// One option. The table has two hundred of them, so none has more than it needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) opt: Opt,
    level: u8,
    /// No number is larger than an octet.
    name: u8,
    of: Of,
    pub(crate) kind: Kind,
    pub(crate) effect: Effect,
    pub(crate) default: i32,
}

impl Row {
    pub(crate) fn level(&self) -> i32 {
        self.level.into()
    }

    pub(crate) fn name(&self) -> i32 {
        self.name.into()
    }

    /// The least and the largest value, if there are such.
    pub(crate) fn bounds(&self) -> Option<(i32, i32)> {
        match self.kind {
            Kind::Range(at) => RANGES.get(at as usize).copied(),
            _ => None,
        }
    }
}

macro_rules! table {
    ($($opt:ident = $level:ident $name:ident, $of:ident, $kind:expr, $default:expr, $effect:ident;)*) => {
        /// An option of a socket, by its name in Linux without the prefix.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[allow(missing_docs)] // The table says the rest.
        pub enum Opt {
            $($opt,)*
        }

        const TABLE: &[Row] = &[$(Row {
            opt: Opt::$opt,
            level: $level as u8,
            name: $name as u8,
            of: Of::$of,
            kind: $kind,
            default: $default,
            effect: Effect::$effect,
        },)*];
    };
}

use Kind::{Act, Flag, Int, Own, ReadOnly};

table! {
    Debug = SOL_SOCKET SO_DEBUG, All, Own, 0, Kept;
    ReuseAddr = SOL_SOCKET SO_REUSEADDR, All, Flag, 0, Works;
    Type = SOL_SOCKET SO_TYPE, All, ReadOnly, 0, Works;
    Error = SOL_SOCKET SO_ERROR, All, ReadOnly, 0, Works;
    DontRoute = SOL_SOCKET SO_DONTROUTE, All, Flag, 0, Default;
    Broadcast = SOL_SOCKET SO_BROADCAST, All, Flag, 0, Works;
    SndBuf = SOL_SOCKET SO_SNDBUF, All, Own, 16_384, Works;
    RcvBuf = SOL_SOCKET SO_RCVBUF, All, Own, 131_072, Works;
    KeepAlive = SOL_SOCKET SO_KEEPALIVE, All, Flag, 0, Works;
    OobInline = SOL_SOCKET SO_OOBINLINE, All, Flag, 0, Works;
    NoCheck = SOL_SOCKET SO_NO_CHECK, All, Flag, 0, Default;
    Priority = SOL_SOCKET SO_PRIORITY, All, Own, 0, Kept;
    Linger = SOL_SOCKET SO_LINGER, All, Own, 0, Works;
    BsdCompat = SOL_SOCKET SO_BSDCOMPAT, All, Own, 0, Kept;
    ReusePort = SOL_SOCKET SO_REUSEPORT, All, Flag, 0, Works;
    PassCred = SOL_SOCKET SO_PASSCRED, All, Own, 0, Works;
    PeerCred = SOL_SOCKET SO_PEERCRED, All, ReadOnly, 0, Works;
    RcvLowat = SOL_SOCKET SO_RCVLOWAT, All, Own, 1, Works;
    SndLowat = SOL_SOCKET SO_SNDLOWAT, All, ReadOnly, 1, Works;
    RcvTimeo = SOL_SOCKET SO_RCVTIMEO, All, Own, 0, Works;
    SndTimeo = SOL_SOCKET SO_SNDTIMEO, All, Own, 0, Works;
    BindToDevice = SOL_SOCKET SO_BINDTODEVICE, All, Own, 0, Default;
    AttachFilter = SOL_SOCKET SO_ATTACH_FILTER, All, Int, 0, NotModelled;
    DetachFilter = SOL_SOCKET SO_DETACH_FILTER, All, Int, 0, NotModelled;
    PeerName = SOL_SOCKET SO_PEERNAME, All, ReadOnly, 0, NotModelled;
    Timestamp = SOL_SOCKET SO_TIMESTAMP, All, Flag, 0, Default;
    AcceptConn = SOL_SOCKET SO_ACCEPTCONN, All, ReadOnly, 0, Works;
    SndBufForce = SOL_SOCKET SO_SNDBUFFORCE, All, Own, 0, Works;
    RcvBufForce = SOL_SOCKET SO_RCVBUFFORCE, All, Own, 0, Works;
    PassSec = SOL_SOCKET SO_PASSSEC, All, Own, 0, Works;
    TimestampNs = SOL_SOCKET SO_TIMESTAMPNS, All, Flag, 0, Default;
    Mark = SOL_SOCKET SO_MARK, All, Own, 0, Kept;
    Timestamping = SOL_SOCKET SO_TIMESTAMPING, All, Int, 0, NotModelled;
    Protocol = SOL_SOCKET SO_PROTOCOL, All, ReadOnly, 0, Works;
    Domain = SOL_SOCKET SO_DOMAIN, All, ReadOnly, 0, Works;
    RxqOvfl = SOL_SOCKET SO_RXQ_OVFL, All, Flag, 0, Default;
    WifiStatus = SOL_SOCKET SO_WIFI_STATUS, All, Flag, 0, Default;
    PeekOff = SOL_SOCKET SO_PEEK_OFF, All, Int, -1, Default;
    NoFcs = SOL_SOCKET SO_NOFCS, All, Flag, 0, Default;
    LockFilter = SOL_SOCKET SO_LOCK_FILTER, All, Flag, 0, Default;
    SelectErrQueue = SOL_SOCKET SO_SELECT_ERR_QUEUE, All, Flag, 0, Default;
    BusyPoll = SOL_SOCKET SO_BUSY_POLL, All, range(0, i32::MAX), 0, Kept;
    MaxPacingRate = SOL_SOCKET SO_MAX_PACING_RATE, All, Int, -1, NotModelled;
    BpfExtensions = SOL_SOCKET SO_BPF_EXTENSIONS, All, ReadOnly, 64, Works;
    IncomingCpu = SOL_SOCKET SO_INCOMING_CPU, All, Int, -1, NotModelled;
    AttachBpf = SOL_SOCKET SO_ATTACH_BPF, All, Int, 0, NotModelled;
    AttachReusePortCbpf = SOL_SOCKET SO_ATTACH_REUSEPORT_CBPF, All, Int, 0, NotModelled;
    AttachReusePortEbpf = SOL_SOCKET SO_ATTACH_REUSEPORT_EBPF, All, Int, 0, NotModelled;
    CnxAdvice = SOL_SOCKET SO_CNX_ADVICE, All, Int, 0, NotModelled;
    MemInfo = SOL_SOCKET SO_MEMINFO, All, ReadOnly, 0, NotModelled;
    IncomingNapiId = SOL_SOCKET SO_INCOMING_NAPI_ID, All, ReadOnly, 0, Works;
    Cookie = SOL_SOCKET SO_COOKIE, All, ReadOnly, 0, NotModelled;
    PeerGroups = SOL_SOCKET SO_PEERGROUPS, All, ReadOnly, 0, NotModelled;
    ZeroCopy = SOL_SOCKET SO_ZEROCOPY, All, range(0, 1), 0, Default;
    TxTime = SOL_SOCKET SO_TXTIME, All, Int, 0, NotModelled;
    BindToIfindex = SOL_SOCKET SO_BINDTOIFINDEX, All, range(0, i32::MAX), 0, Default;
    TimestampNew = SOL_SOCKET SO_TIMESTAMP_NEW, All, Flag, 0, Default;
    TimestampNsNew = SOL_SOCKET SO_TIMESTAMPNS_NEW, All, Flag, 0, Default;
    TimestampingNew = SOL_SOCKET SO_TIMESTAMPING_NEW, All, Int, 0, NotModelled;
    RcvTimeoNew = SOL_SOCKET SO_RCVTIMEO_NEW, All, Own, 0, Works;
    SndTimeoNew = SOL_SOCKET SO_SNDTIMEO_NEW, All, Own, 0, Works;
    DetachReusePortBpf = SOL_SOCKET SO_DETACH_REUSEPORT_BPF, All, Int, 0, NotModelled;
    PreferBusyPoll = SOL_SOCKET SO_PREFER_BUSY_POLL, All, Own, 0, Kept;
    BusyPollBudget = SOL_SOCKET SO_BUSY_POLL_BUDGET, All, Int, 0, NotModelled;
    NetnsCookie = SOL_SOCKET SO_NETNS_COOKIE, All, ReadOnly, 0, NotModelled;
    BufLock = SOL_SOCKET SO_BUF_LOCK, All, range(0, 3), 0, NotModelled;
    ReserveMem = SOL_SOCKET SO_RESERVE_MEM, All, Int, 0, NotModelled;
    TxRehash = SOL_SOCKET SO_TXREHASH, Tcp, Int, 1, NotModelled;
    RcvMark = SOL_SOCKET SO_RCVMARK, All, Flag, 0, Default;
    PassPidFd = SOL_SOCKET SO_PASSPIDFD, All, Own, 0, Works;
    PeerPidFd = SOL_SOCKET SO_PEERPIDFD, All, ReadOnly, 0, NotModelled;
    DevmemDontneed = SOL_SOCKET SO_DEVMEM_DONTNEED, All, Int, 0, NotModelled;
    RcvPriority = SOL_SOCKET SO_RCVPRIORITY, All, Flag, 0, Default;
    PassRights = SOL_SOCKET SO_PASSRIGHTS, All, Own, 0, Works;

    Tos = IPPROTO_IP IP_TOS, All, Own, 0, Kept;
    Ttl = IPPROTO_IP IP_TTL, All, Own, 64, Kept;
    HdrIncl = IPPROTO_IP IP_HDRINCL, All, ReadOnly, 0, Works;
    IpOptions = IPPROTO_IP IP_OPTIONS, All, Own, 0, NotModelled;
    RouterAlert = IPPROTO_IP IP_ROUTER_ALERT, All, Own, 0, Works;
    RecvOpts = IPPROTO_IP IP_RECVOPTS, All, Flag, 0, Default;
    RetOpts = IPPROTO_IP IP_RETOPTS, All, Flag, 0, Default;
    PktInfo = IPPROTO_IP IP_PKTINFO, All, Flag, 0, Datagrams;
    PktOptions = IPPROTO_IP IP_PKTOPTIONS, Tcp, ReadOnly, 0, NotModelled;
    MtuDiscover = IPPROTO_IP IP_MTU_DISCOVER, All, range(0, 5), 1, Default;
    RecvErr = IPPROTO_IP IP_RECVERR, All, Flag, 0, Datagrams;
    RecvTtl = IPPROTO_IP IP_RECVTTL, All, Flag, 0, Datagrams;
    RecvTos = IPPROTO_IP IP_RECVTOS, All, Flag, 0, Default;
    Mtu = IPPROTO_IP IP_MTU, All, ReadOnly, 0, NotModelled;
    FreeBind = IPPROTO_IP IP_FREEBIND, All, Flag, 0, Works;
    IpsecPolicy = IPPROTO_IP IP_IPSEC_POLICY, All, Int, 0, NotModelled;
    XfrmPolicy = IPPROTO_IP IP_XFRM_POLICY, All, Int, 0, NotModelled;
    IpPassSec = IPPROTO_IP IP_PASSSEC, All, Flag, 0, Default;
    Transparent = IPPROTO_IP IP_TRANSPARENT, All, Own, 0, Default;
    RecvOrigDstAddr = IPPROTO_IP IP_RECVORIGDSTADDR, All, Flag, 0, Default;
    MinTtl = IPPROTO_IP IP_MINTTL, All, range(0, 255), 0, Default;
    NoDefrag = IPPROTO_IP IP_NODEFRAG, All, ReadOnly, 0, Works;
    Checksum = IPPROTO_IP IP_CHECKSUM, All, Flag, 0, Default;
    BindAddressNoPort = IPPROTO_IP IP_BIND_ADDRESS_NO_PORT, All, Flag, 0, Works;
    RecvFragSize = IPPROTO_IP IP_RECVFRAGSIZE, All, Own, 0, NotModelled;
    RecvErrRfc4884 = IPPROTO_IP IP_RECVERR_RFC4884, All, range(0, 1), 0, Default;
    MulticastIf = IPPROTO_IP IP_MULTICAST_IF, All, Int, 0, NotModelled;
    MulticastTtl = IPPROTO_IP IP_MULTICAST_TTL, All, Int, 1, NotModelled;
    MulticastLoop = IPPROTO_IP IP_MULTICAST_LOOP, All, Flag, 1, Default;
    AddMembership = IPPROTO_IP IP_ADD_MEMBERSHIP, All, Act, 0, Works;
    DropMembership = IPPROTO_IP IP_DROP_MEMBERSHIP, All, Act, 0, Works;
    UnblockSource = IPPROTO_IP IP_UNBLOCK_SOURCE, All, Int, 0, NotModelled;
    BlockSource = IPPROTO_IP IP_BLOCK_SOURCE, All, Int, 0, NotModelled;
    AddSourceMembership = IPPROTO_IP IP_ADD_SOURCE_MEMBERSHIP, All, Int, 0, NotModelled;
    DropSourceMembership = IPPROTO_IP IP_DROP_SOURCE_MEMBERSHIP, All, Int, 0, NotModelled;
    MsFilter = IPPROTO_IP IP_MSFILTER, All, Int, 0, NotModelled;
    JoinGroup = IPPROTO_IP MCAST_JOIN_GROUP, All, Act, 0, Works;
    LeaveGroup = IPPROTO_IP MCAST_LEAVE_GROUP, All, Act, 0, Works;
    MulticastAll = IPPROTO_IP IP_MULTICAST_ALL, All, range(0, 1), 1, Default;
    UnicastIf = IPPROTO_IP IP_UNICAST_IF, All, Own, 0, Default;
    IpProtocol = IPPROTO_IP IP_PROTOCOL, All, ReadOnly, 0, Works;
    LocalPortRange = IPPROTO_IP IP_LOCAL_PORT_RANGE, All, Int, 0, NotModelled;

    AddrForm = IPPROTO_IPV6 IPV6_ADDRFORM, All, Act, 0, Works;
    V6PktInfo2292 = IPPROTO_IPV6 IPV6_2292PKTINFO, All, Flag, 0, Default;
    V6HopOpts2292 = IPPROTO_IPV6 IPV6_2292HOPOPTS, All, Flag, 0, Default;
    V6DstOpts2292 = IPPROTO_IPV6 IPV6_2292DSTOPTS, All, Flag, 0, Default;
    V6RtHdr2292 = IPPROTO_IPV6 IPV6_2292RTHDR, All, Flag, 0, Default;
    V6PktOptions2292 = IPPROTO_IPV6 IPV6_2292PKTOPTIONS, All, Int, 0, NotModelled;
    V6HopLimit2292 = IPPROTO_IPV6 IPV6_2292HOPLIMIT, All, Flag, 0, Default;
    V6FlowInfo = IPPROTO_IPV6 IPV6_FLOWINFO, All, Flag, 0, Default;
    V6UnicastHops = IPPROTO_IPV6 IPV6_UNICAST_HOPS, All, Own, -1, Kept;
    V6MulticastIf = IPPROTO_IPV6 IPV6_MULTICAST_IF, All, Int, 0, NotModelled;
    V6MulticastHops = IPPROTO_IPV6 IPV6_MULTICAST_HOPS, All, Int, 1, NotModelled;
    V6MulticastLoop = IPPROTO_IPV6 IPV6_MULTICAST_LOOP, All, range(0, 1), 1, Default;
    V6AddMembership = IPPROTO_IPV6 IPV6_ADD_MEMBERSHIP, All, Int, 0, NotModelled;
    V6DropMembership = IPPROTO_IPV6 IPV6_DROP_MEMBERSHIP, All, Int, 0, NotModelled;
    V6RouterAlert = IPPROTO_IPV6 IPV6_ROUTER_ALERT, All, ReadOnly, 0, Works;
    V6MtuDiscover = IPPROTO_IPV6 IPV6_MTU_DISCOVER, All, range(0, 5), 1, Default;
    V6Mtu = IPPROTO_IPV6 IPV6_MTU, All, Int, 0, NotModelled;
    V6RecvErr = IPPROTO_IPV6 IPV6_RECVERR, All, Flag, 0, Datagrams;
    V6Only = IPPROTO_IPV6 IPV6_V6ONLY, All, Own, 0, Works;
    V6JoinAnycast = IPPROTO_IPV6 IPV6_JOIN_ANYCAST, All, Int, 0, NotModelled;
    V6LeaveAnycast = IPPROTO_IPV6 IPV6_LEAVE_ANYCAST, All, Int, 0, NotModelled;
    V6MulticastAll = IPPROTO_IPV6 IPV6_MULTICAST_ALL, All, Flag, 1, Default;
    V6RouterAlertIsolate = IPPROTO_IPV6 IPV6_ROUTER_ALERT_ISOLATE, All, Flag, 0, Default;
    V6RecvErrRfc4884 = IPPROTO_IPV6 IPV6_RECVERR_RFC4884, All, range(0, 1), 0, Default;
    V6FlowLabelMgr = IPPROTO_IPV6 IPV6_FLOWLABEL_MGR, All, Int, 0, NotModelled;
    V6FlowInfoSend = IPPROTO_IPV6 IPV6_FLOWINFO_SEND, All, Flag, 0, Default;
    V6IpsecPolicy = IPPROTO_IPV6 IPV6_IPSEC_POLICY, All, Int, 0, NotModelled;
    V6XfrmPolicy = IPPROTO_IPV6 IPV6_XFRM_POLICY, All, Int, 0, NotModelled;
    V6RecvPktInfo = IPPROTO_IPV6 IPV6_RECVPKTINFO, All, Flag, 0, Default;
    V6PktInfo = IPPROTO_IPV6 IPV6_PKTINFO, All, Int, 0, NotModelled;
    V6RecvHopLimit = IPPROTO_IPV6 IPV6_RECVHOPLIMIT, All, Flag, 0, Default;
    V6HopLimit = IPPROTO_IPV6 IPV6_HOPLIMIT, All, ReadOnly, 0, NotModelled;
    V6RecvHopOpts = IPPROTO_IPV6 IPV6_RECVHOPOPTS, All, Flag, 0, Default;
    V6HopOpts = IPPROTO_IPV6 IPV6_HOPOPTS, All, Int, 0, NotModelled;
    V6RtHdrDstOpts = IPPROTO_IPV6 IPV6_RTHDRDSTOPTS, All, Int, 0, NotModelled;
    V6RecvRtHdr = IPPROTO_IPV6 IPV6_RECVRTHDR, All, Flag, 0, Default;
    V6RtHdr = IPPROTO_IPV6 IPV6_RTHDR, All, Int, 0, NotModelled;
    V6RecvDstOpts = IPPROTO_IPV6 IPV6_RECVDSTOPTS, All, Flag, 0, Default;
    V6DstOpts = IPPROTO_IPV6 IPV6_DSTOPTS, All, Int, 0, NotModelled;
    V6RecvPathMtu = IPPROTO_IPV6 IPV6_RECVPATHMTU, All, Flag, 0, Default;
    V6PathMtu = IPPROTO_IPV6 IPV6_PATHMTU, All, ReadOnly, 0, NotModelled;
    V6DontFrag = IPPROTO_IPV6 IPV6_DONTFRAG, All, Int, 0, NotModelled;
    V6RecvTclass = IPPROTO_IPV6 IPV6_RECVTCLASS, All, Flag, 0, Default;
    V6Tclass = IPPROTO_IPV6 IPV6_TCLASS, All, Own, 0, Kept;
    V6AutoFlowLabel = IPPROTO_IPV6 IPV6_AUTOFLOWLABEL, All, Int, 1, NotModelled;
    V6AddrPreferences = IPPROTO_IPV6 IPV6_ADDR_PREFERENCES, All, Int, 0, NotModelled;
    V6MinHopCount = IPPROTO_IPV6 IPV6_MINHOPCOUNT, All, range(0, 255), 0, Default;
    V6OrigDstAddr = IPPROTO_IPV6 IPV6_ORIGDSTADDR, All, Flag, 0, Default;
    V6Transparent = IPPROTO_IPV6 IPV6_TRANSPARENT, All, Int, 0, NotModelled;
    V6UnicastIf = IPPROTO_IPV6 IPV6_UNICAST_IF, All, Int, 0, NotModelled;
    V6RecvFragSize = IPPROTO_IPV6 IPV6_RECVFRAGSIZE, All, Int, 0, NotModelled;
    V6FreeBind = IPPROTO_IPV6 IPV6_FREEBIND, All, Flag, 0, Works;

    NoDelay = IPPROTO_TCP TCP_NODELAY, Tcp, Flag, 0, Works;
    MaxSeg = IPPROTO_TCP TCP_MAXSEG, Tcp, Own, 0, Works;
    Cork = IPPROTO_TCP TCP_CORK, Tcp, Flag, 0, Works;
    KeepIdle = IPPROTO_TCP TCP_KEEPIDLE, Tcp, range(1, 32_767), 7_200, Works;
    KeepIntvl = IPPROTO_TCP TCP_KEEPINTVL, Tcp, range(1, 32_767), 75, Works;
    KeepCnt = IPPROTO_TCP TCP_KEEPCNT, Tcp, range(1, 127), 9, Works;
    SynCnt = IPPROTO_TCP TCP_SYNCNT, Tcp, range(1, 127), 6, Works;
    Linger2 = IPPROTO_TCP TCP_LINGER2, Tcp, Own, 60, Works;
    DeferAccept = IPPROTO_TCP TCP_DEFER_ACCEPT, Tcp, Own, 0, Works;
    WindowClamp = IPPROTO_TCP TCP_WINDOW_CLAMP, Tcp, Own, 0, Works;
    Info = IPPROTO_TCP TCP_INFO, Tcp, ReadOnly, 0, Works;
    QuickAck = IPPROTO_TCP TCP_QUICKACK, Tcp, Own, 1, Works;
    Congestion = IPPROTO_TCP TCP_CONGESTION, Tcp, Own, 0, Works;
    Md5Sig = IPPROTO_TCP TCP_MD5SIG, Tcp, Int, 0, NotModelled;
    ThinLinearTimeouts = IPPROTO_TCP TCP_THIN_LINEAR_TIMEOUTS, Tcp, range(0, 1), 0, Default;
    ThinDupAck = IPPROTO_TCP TCP_THIN_DUPACK, Tcp, Own, 0, Works;
    UserTimeout = IPPROTO_TCP TCP_USER_TIMEOUT, Tcp, range(0, i32::MAX), 0, Works;
    Repair = IPPROTO_TCP TCP_REPAIR, Tcp, Own, 0, Default;
    RepairQueue = IPPROTO_TCP TCP_REPAIR_QUEUE, Tcp, Int, 0, NotModelled;
    QueueSeq = IPPROTO_TCP TCP_QUEUE_SEQ, Tcp, Int, 0, NotModelled;
    RepairOptions = IPPROTO_TCP TCP_REPAIR_OPTIONS, Tcp, Int, 0, NotModelled;
    FastOpen = IPPROTO_TCP TCP_FASTOPEN, Tcp, Own, 0, Default;
    TcpTimestamp = IPPROTO_TCP TCP_TIMESTAMP, Tcp, Int, 0, NotModelled;
    NotsentLowat = IPPROTO_TCP TCP_NOTSENT_LOWAT, Tcp, Int, 0, Works;
    CcInfo = IPPROTO_TCP TCP_CC_INFO, Tcp, ReadOnly, 0, Works;
    SaveSyn = IPPROTO_TCP TCP_SAVE_SYN, Tcp, range(0, 2), 0, Default;
    SavedSyn = IPPROTO_TCP TCP_SAVED_SYN, Tcp, ReadOnly, 0, NotModelled;
    RepairWindow = IPPROTO_TCP TCP_REPAIR_WINDOW, Tcp, Int, 0, NotModelled;
    FastOpenConnect = IPPROTO_TCP TCP_FASTOPEN_CONNECT, Tcp, Own, 0, Default;
    Ulp = IPPROTO_TCP TCP_ULP, Tcp, Int, 0, NotModelled;
    Md5SigExt = IPPROTO_TCP TCP_MD5SIG_EXT, Tcp, Int, 0, NotModelled;
    FastOpenKey = IPPROTO_TCP TCP_FASTOPEN_KEY, Tcp, Int, 0, NotModelled;
    FastOpenNoCookie = IPPROTO_TCP TCP_FASTOPEN_NO_COOKIE, Tcp, Own, 0, Default;
    ZeroCopyReceive = IPPROTO_TCP TCP_ZEROCOPY_RECEIVE, Tcp, ReadOnly, 0, NotModelled;
    Inq = IPPROTO_TCP TCP_INQ, Tcp, range(0, 1), 0, Works;
    TxDelay = IPPROTO_TCP TCP_TX_DELAY, Tcp, Int, 0, NotModelled;
    IsMptcp = IPPROTO_TCP TCP_IS_MPTCP, Tcp, ReadOnly, 0, Works;
    RtoMaxMs = IPPROTO_TCP TCP_RTO_MAX_MS, Tcp, range(1_000, 120_000), 120_000, NotModelled;
    RtoMinUs = IPPROTO_TCP TCP_RTO_MIN_US, Tcp, Int, 200_000, NotModelled;
    DelackMaxUs = IPPROTO_TCP TCP_DELACK_MAX_US, Tcp, Int, 200_000, NotModelled;

    UdpCork = IPPROTO_UDP UDP_CORK, Udp, Flag, 0, Works;
    UdpLiteSendCscov = IPPROTO_UDP UDPLITE_SEND_CSCOV, Udp, ReadOnly, 0, Works;
    UdpLiteRecvCscov = IPPROTO_UDP UDPLITE_RECV_CSCOV, Udp, ReadOnly, 0, Works;
    UdpEncap = IPPROTO_UDP UDP_ENCAP, Udp, Int, 0, NotModelled;
    UdpNoCheck6Tx = IPPROTO_UDP UDP_NO_CHECK6_TX, Udp, Flag, 0, Default;
    UdpNoCheck6Rx = IPPROTO_UDP UDP_NO_CHECK6_RX, Udp, Flag, 0, Default;
    UdpSegment = IPPROTO_UDP UDP_SEGMENT, Udp, range(0, 65_535), 0, Default;
    UdpGro = IPPROTO_UDP UDP_GRO, Udp, Flag, 0, Default;

    Other = IPPROTO_IP NONE, All, Int, 0, NotModelled;
}

impl Opt {
    /// The row of the table.
    pub(crate) fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The option of a level and a number, for a TCP socket or another.
    pub(crate) fn find(level: i32, name: i32, tcp: bool) -> Option<&'static Row> {
        let mut rows = TABLE.iter();
        // One bit has two names.
        let name = match (level, name) {
            (IPPROTO_IPV6, IPV6_FREEBIND) => return Some(Opt::FreeBind.row()),
            (_, name) => name,
        };
        rows.find(|row| {
            let of = match row.of {
                Of::All => true,
                Of::Tcp => tcp,
                Of::Udp => !tcp,
            };
            of && row.opt != Opt::Other && row.level() == level && row.name() == name
        })
        .or_else(|| {
            let other = |(l, names): &(i32, std::ops::RangeInclusive<i32>)| {
                *l == level && names.contains(&name)
            };
            OTHERS.iter().any(other).then(|| Opt::Other.row())
        })
    }
}

/// Sources of multicast groups (RFC 3678), groups of IPv6, netfilter and others that are none of a socket's own options.
const OTHERS: &[(i32, std::ops::RangeInclusive<i32>)] = &[
    (IPPROTO_IP, 42..=48),
    (IPPROTO_IP, 64..=67),
    (IPPROTO_IP, 80..=80),
    (IPPROTO_IP, 83..=83),
    (IPPROTO_IP, 96..=99),
    (IPPROTO_IPV6, 42..=48),
    (IPPROTO_IPV6, 64..=65),
    (IPPROTO_IPV6, 68..=69),
    (IPPROTO_IPV6, 80..=80),
    (IPPROTO_TCP, 42..=42),
];

/// How far an option is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modelled {
    /// It can be read and set, or cannot be set on Linux either.
    Fully,
    /// It can be read; any value but this is NotModelled.
    OnlyDefault(i32),
    /// Reading and setting it is NotModelled.
    Not,
}

/// How far the option of a level and a number is modelled, for a TCP socket or another; nothing if no
/// such option exists (ENOPROTOOPT).
pub fn modelled(level: i32, name: i32, tcp: bool) -> Option<Modelled> {
    let row = Opt::find(level, name, tcp)?;
    Some(match row.effect {
        Effect::Works | Effect::Kept => Modelled::Fully,
        Effect::Datagrams if !tcp => Modelled::Fully,
        Effect::Default | Effect::Datagrams => Modelled::OnlyDefault(row.default),
        Effect::NotModelled => Modelled::Not,
    })
}

/// A jiffy, with CONFIG_HZ=250, microseconds.
pub(crate) const JIFFY_MICROS: i64 = 4_000;

/// What was set on a socket, by option. What was not set has the default, of the table or of a sysctl.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Options {
    set: SortedMap<Opt, i64>,
}

impl Options {
    /// The value, or the table's default.
    pub fn get(&self, opt: Opt) -> i64 {
        self.is_set(opt).unwrap_or(i64::from(opt.row().default))
    }

    /// The value that was set, if one was.
    pub fn is_set(&self, opt: Opt) -> Option<i64> {
        self.set.get(&opt).copied()
    }

    /// Whether a flag is on.
    pub fn on(&self, opt: Opt) -> bool {
        self.get(opt) != 0
    }

    /// Sets a value.
    pub(crate) fn set(&mut self, opt: Opt, value: i64) {
        self.set.insert(opt, value);
    }

    /// Goes back to the default.
    pub(crate) fn unset(&mut self, opt: Opt) {
        self.set.remove(&opt);
    }

    /// Goes back to the defaults of a level.
    pub(crate) fn unset_level(&mut self, level: i32) {
        self.set.retain(|opt, _| opt.row().level() != level);
    }

    /// Everything that was set, with its level and number.
    pub fn iter(&self) -> impl Iterator<Item = (i32, i32, i64)> + '_ {
        self.set
            .iter()
            .map(|(opt, value)| (opt.row().level(), opt.row().name(), *value))
    }

    /// What a connection gets of its listener (`inet_csk_clone_lock()`, `sk_clone()`): everything but a
    /// few.
    pub(crate) fn inherited(&self) -> Options {
        let mut options = self.clone();
        for opt in [
            Opt::Priority,
            Opt::DeferAccept,
            Opt::QuickAck,
            Opt::FastOpen,
        ] {
            options.unset(opt);
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_row_of_its_own() {
        for (at, row) in TABLE.iter().enumerate() {
            assert_eq!(row.opt as usize, at);
            if matches!(row.opt, Opt::Other | Opt::V6FreeBind) {
                continue;
            }
            let found = Opt::find(row.level(), row.name(), row.of != Of::Udp).expect("found again");
            assert_eq!(found.opt, row.opt);
        }
    }

    #[test]
    fn what_was_not_set_has_its_default() {
        let mut options = Options::default();
        assert_eq!(options.get(Opt::KeepIdle), 7_200);
        options.set(Opt::KeepIdle, 5);
        assert_eq!(options.inherited().get(Opt::KeepIdle), 5);
        options.set(Opt::DeferAccept, 3);
        assert_eq!(options.inherited().get(Opt::DeferAccept), 0);
    }
}
