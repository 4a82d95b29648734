//! Events of every kind, with every rule.

use super::{LISTENER, SOCK};
use crate::abi::{Errno, NotModelled};
use crate::base::{FileId, PacketId, Pid, Seq, Tid, Time};
use crate::kernel::event::{Carries, EventKind, Head, TcpState, TimerKind, WaitFor};
use crate::kernel::rule::Rule;
use crate::packet::{Flags, icmp::Reason};
use std::net::Ipv4Addr;

/// The names of all variants; a new one does not compile until it is here, and then needs a sample.
macro_rules! variants {
    ($($name:ident)*) => {
        pub(super) const VARIANTS: &[&str] = &[$(stringify!($name),)*];
        pub(super) fn variant(kind: &EventKind) -> &'static str {
            match kind { $(EventKind::$name { .. } => stringify!($name),)* }
        }
    };
}

variants! {
    ProcessStarted ProcessExited ProcessKilled SyscallEntered SyscallReturned TaskSlept TaskWoke
    ConsoleWrote ConsoleRead FileOpened FileReleased NonblockingSet CloexecSet
    PipeWrote PipeRead EpollInterest EpollReady ProcessForked ProcessReaped ThreadStarted ThreadEnded SignalSent SignalWaits HandlerRuns ProgramReplaced DescriptorInstalled DescriptorClosed
    SocketCreated SocketDestroyed SocketOrphaned OptionSet GroupJoined GroupLeft FamilyChanged StateChanged ErrorNoted ErrorConsumed
    Shutdown PortBound PortReleased PortConflict PortSearch PortChosen AddressesSet BacklogSet
    RequestQueued RequestDropped AcceptQueued AcceptDequeued ListenOverflow SegmentSent
    SegmentDelivered SegmentLost SegmentIgnored DataQueued DataAcked DataArrived DataOutOfOrder
    DataRead UrgentNoted UrgentArrived UrgentRead DataDiscarded DatagramQueued DatagramRead DatagramHeld DatagramDropped ErrorQueued PeerForgotten
    RttMeasured NameBound NameTaken NodeRemoved UnixListening Paired Unpaired
    MessageQueued DescriptorsSent DescriptorsDropped TimerSet TimerStopped TimerExpired NotModelled
}

fn head(flags: Flags, len: u32) -> Head {
    Head {
        carries: Carries::Tcp,
        flags,
        seq: Seq(1),
        ack: Seq(2),
        len,
        window: 512,
    }
}

const DATAGRAMS: [Carries; 5] = [
    Carries::Udp,
    Carries::EchoRequest,
    Carries::EchoReply,
    Carries::Error(Reason::PortUnreachable),
    Carries::Icmp,
];

fn datagram(carries: Carries) -> Head {
    Head {
        carries,
        ..head(Flags(0), 14)
    }
}

pub(super) const STATES: [TcpState; 11] = [
    TcpState::Closed,
    TcpState::Listen,
    TcpState::SynSent,
    TcpState::SynReceived,
    TcpState::Established,
    TcpState::FinWait1,
    TcpState::FinWait2,
    TcpState::CloseWait,
    TcpState::Closing,
    TcpState::LastAck,
    TcpState::TimeWait,
];
const TIMERS: [TimerKind; 7] = [
    TimerKind::Retransmit,
    TimerKind::LossProbe,
    TimerKind::Reordering,
    TimerKind::DelayedAck,
    TimerKind::ZeroWindowProbe,
    TimerKind::KeepAlive,
    TimerKind::TimeWait,
];
pub(super) const WAITS: [WaitFor; 13] = [
    WaitFor::PeerRoom,
    WaitFor::AcceptRoom,
    WaitFor::Pipe,
    WaitFor::Child,
    WaitFor::Futex,
    WaitFor::Signal,
    WaitFor::Connection,
    WaitFor::Handshake,
    WaitFor::Data,
    WaitFor::SendSpace,
    WaitFor::AnyOf,
    WaitFor::Time,
    WaitFor::Closing,
];
pub(super) const CALLS: [&str; 63] = [
    "socket",
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "sendto",
    "recvfrom",
    "read",
    "write",
    "close",
    "shutdown",
    "poll",
    "nanosleep",
    "getsockname",
    "getpeername",
    "setsockopt",
    "getsockopt",
    "exit_group",
    "fork",
    "socketpair",
    "unlink",
    "readv",
    "writev",
    "sendmsg",
    "recvmsg",
    "sendmmsg",
    "recvmmsg",
    "dup",
    "dup2",
    "dup3",
    "fcntl",
    "ioctl",
    "select",
    "pselect6",
    "ppoll",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "pipe",
    "pipe2",
    "wait4",
    "kill",
    "getpid",
    "rt_sigaction",
    "clone3",
    "exit",
    "gettid",
    "futex",
    "rt_sigprocmask",
    "rt_sigpending",
    "rt_sigsuspend",
    "rt_sigreturn",
    "pause",
    "alarm",
    "setitimer",
    "execve",
    "openat",
    "getppid",
    "getuid",
    "mmap",
];

/// Packets that are told in different ways.
fn heads() -> impl Iterator<Item = Head> {
    let ack = Flags::ACK;
    let segments = [
        (Flags::SYN, 0),
        (Flags::SYN | ack, 0),
        (ack, 0),
        (Flags::PSH | ack, 14),
        (Flags::FIN | ack, 0),
        (Flags::FIN | ack, 14),
        (Flags::RST | ack, 0),
        (Flags(0), 0),
    ];
    let segments = segments.map(|(flags, len)| head(flags, len));
    segments.into_iter().chain(DATAGRAMS.map(datagram))
}

/// Events that carry no rule.
pub(super) fn plain() -> Vec<EventKind> {
    let (pid, file, sock, timer) = (Pid(101), FileId(4), SOCK, TIMERS[0]);
    let mut all = vec![
        EventKind::ProcessStarted { pid },
        EventKind::ProcessExited { pid, status: 1 },
        EventKind::ConsoleWrote { fd: 1, len: 24 },
        EventKind::ConsoleRead { fd: 0, len: 3 },
        EventKind::ConsoleRead { fd: 0, len: 0 },
        EventKind::FileOpened { file, sock: None },
        EventKind::FileOpened {
            file,
            sock: Some(sock),
        },
        EventKind::ProcessForked {
            parent: pid,
            child: Pid(103),
        },
        EventKind::ProcessReaped {
            pid,
            child: Pid(103),
        },
        EventKind::ThreadStarted { pid, tid: Tid(104) },
        EventKind::ThreadEnded { pid, tid: Tid(104) },
        EventKind::SignalSent { pid, signal: 15 },
        EventKind::SignalWaits { pid, signal: 10 },
        EventKind::HandlerRuns { pid, signal: 14 },
        EventKind::ProgramReplaced { pid, program: 1 },
        EventKind::PipeWrote {
            file,
            len: 5,
            queued: 9,
        },
        EventKind::PipeRead {
            file,
            len: 5,
            queued: 4,
        },
        EventKind::FileReleased { file, sock: None },
        EventKind::SocketOrphaned { sock },
        EventKind::BacklogSet { sock, backlog: 5 },
        EventKind::RequestQueued {
            listener: LISTENER,
            request: sock,
            len: 1,
        },
        EventKind::AcceptQueued {
            listener: LISTENER,
            sock,
            len: 1,
        },
        EventKind::AcceptDequeued {
            listener: LISTENER,
            sock,
            len: 0,
        },
        EventKind::DataQueued {
            sock,
            len: 14,
            queued: 14,
        },
        EventKind::DataAcked {
            sock,
            len: 14,
            queued: 0,
        },
        EventKind::DataArrived {
            sock,
            len: 14,
            queued: 14,
        },
        EventKind::DataOutOfOrder { sock, len: 14 },
        EventKind::UrgentNoted { sock, len: 3 },
        EventKind::UrgentArrived { sock, len: 3 },
        EventKind::UrgentRead { sock },
        EventKind::DataRead {
            sock,
            len: 14,
            queued: 0,
        },
        EventKind::NodeRemoved { sock },
        EventKind::UnixListening { sock, backlog: 5 },
        EventKind::MessageQueued {
            sock,
            len: 3,
            queued: 5,
            messages: 2,
        },
        EventKind::DescriptorsSent { sock, count: 2 },
        EventKind::DescriptorsDropped {
            sock,
            count: 1,
            because: Rule::ControlTruncated,
        },
        EventKind::DatagramQueued {
            sock,
            len: 14,
            queued: 1,
        },
        EventKind::DatagramHeld {
            sock,
            len: 3,
            queued: 7,
        },
        EventKind::DatagramHeld {
            sock,
            len: 7,
            queued: 0,
        },
        EventKind::DatagramRead {
            sock,
            len: 14,
            copied: 14,
            queued: 0,
        },
        EventKind::DatagramRead {
            sock,
            len: 14,
            copied: 4,
            queued: 0,
        },
        EventKind::ErrorQueued {
            sock,
            errno: Errno::ECONNREFUSED,
            queued: 1,
        },
        EventKind::RttMeasured {
            sock,
            rtt: 31,
            rto: 201_000,
        },
        EventKind::FileReleased {
            file,
            sock: Some(sock),
        },
        EventKind::TimerExpired {
            sock,
            timer,
            attempt: 2,
        },
        EventKind::OptionSet {
            sock: LISTENER,
            level: 1,
            optname: 2,
            value: 1,
        },
        EventKind::OptionSet {
            sock: LISTENER,
            level: 6,
            optname: 1,
            value: 1,
        },
        EventKind::GroupJoined {
            sock: SOCK,
            group: Ipv4Addr::new(224, 0, 0, 251),
        },
        EventKind::GroupLeft {
            sock: SOCK,
            group: Ipv4Addr::new(224, 0, 0, 251),
        },
        EventKind::FamilyChanged { sock: SOCK },
    ];
    for signal in [9, 13] {
        all.push(EventKind::ProcessKilled { pid, signal });
    }
    for fd in [0, 3] {
        all.push(EventKind::DescriptorInstalled { pid, fd, file });
        let refs_left = fd as u32;
        all.push(EventKind::DescriptorClosed {
            pid,
            fd,
            file,
            refs_left,
        });
    }
    for on in [true, false] {
        let nonblocking = on;
        all.push(EventKind::NonblockingSet { file, nonblocking });
        all.push(EventKind::CloexecSet { pid, fd: 3, on });
    }
    for events in [0, 0x8000_2001] {
        all.push(EventKind::EpollInterest {
            epoll: file,
            fd: 3,
            events,
            because: Rule::LastClose,
        });
    }
    all.push(EventKind::EpollReady {
        epoll: file,
        fd: 3,
        because: Rule::Readiness,
    });
    for call in CALLS {
        for fd in [-1, 3] {
            all.push(EventKind::SyscallEntered { call, fd });
        }
        for ret in [0, 5, -111] {
            all.push(EventKind::SyscallReturned { call, fd: 3, ret });
        }
    }
    for on in WAITS {
        let with = matches!(
            on,
            WaitFor::AnyOf
                | WaitFor::Time
                | WaitFor::Pipe
                | WaitFor::Child
                | WaitFor::Signal
                | WaitFor::Futex
        );
        let sock = (!with).then_some(LISTENER);
        all.push(EventKind::TaskSlept { on, sock });
    }
    for timer in TIMERS {
        let deadline = Time(60_000_000_000);
        all.push(EventKind::TimerSet {
            sock,
            timer,
            deadline,
        });
        all.push(EventKind::TimerStopped { sock, timer });
        all.push(EventKind::TimerExpired {
            sock,
            timer,
            attempt: 1,
        });
    }
    for errno in Errno::ALL {
        all.push(EventKind::ErrorConsumed {
            sock,
            errno: *errno,
        });
    }
    for what in [
        NotModelled::Call { call: "fork" },
        NotModelled::Family { domain: 1 },
        NotModelled::Type {
            domain: 2,
            ty: 2,
            protocol: 0,
        },
        NotModelled::Option {
            level: 1,
            optname: 9,
        },
        NotModelled::MessageFlags { flags: 1 },
        NotModelled::CallOnFile {
            call: "read",
            fd: 0,
        },
        NotModelled::Protocol {
            what: "control data (SCM_RIGHTS)",
        },
        NotModelled::Protocol {
            what: "answering with SYN cookies",
        },
    ] {
        all.push(EventKind::NotModelled { what });
    }
    for head in heads() {
        for sock in [None, Some(sock)] {
            let packet = PacketId(3);
            all.push(EventKind::SegmentDelivered { packet, sock, head });
        }
    }
    all
}

/// Events that carry that rule.
pub(super) fn ruled(because: Rule) -> Vec<EventKind> {
    let (sock, port, packet) = (SOCK, 12_345, PacketId(3));
    let mut all = vec![
        EventKind::SocketCreated { sock, because },
        EventKind::DatagramDropped {
            sock,
            len: 14,
            because,
        },
        EventKind::PeerForgotten { sock, because },
        EventKind::SocketDestroyed { sock, because },
        EventKind::ErrorNoted {
            sock,
            errno: Errno::ECONNREFUSED,
            because,
        },
        EventKind::PortBound {
            sock,
            port,
            because,
        },
        EventKind::PortBound {
            sock,
            port: 0,
            because,
        },
        EventKind::PortReleased {
            sock,
            port,
            because,
        },
        EventKind::PortConflict {
            sock,
            port,
            with: LISTENER,
            because,
        },
        EventKind::PortSearch {
            sock,
            first: 40_000,
            low: 32_768,
            high: 60_999,
            because,
        },
        EventKind::PortSearch {
            sock,
            first: 40_001,
            low: 32_768,
            high: 60_999,
            because,
        },
        EventKind::PortChosen {
            sock,
            port,
            tried: 2,
            because,
        },
        EventKind::PortChosen {
            sock,
            port: 0,
            tried: 28_232,
            because,
        },
        EventKind::AddressesSet {
            sock,
            local_port: port,
            remote_port: 40_000,
            because,
        },
        EventKind::RequestDropped {
            listener: LISTENER,
            request: sock,
            because,
        },
        EventKind::ListenOverflow {
            listener: LISTENER,
            because,
        },
        EventKind::SegmentIgnored {
            packet,
            sock: Some(sock),
            because,
        },
        EventKind::SegmentIgnored {
            packet,
            sock: None,
            because,
        },
        EventKind::DataDiscarded {
            sock,
            len: 3,
            because,
        },
        EventKind::NameBound { sock, because },
        EventKind::NameTaken {
            sock,
            with: None,
            because,
        },
        EventKind::Paired {
            sock,
            peer: LISTENER,
            because,
        },
        EventKind::Unpaired {
            sock,
            peer: LISTENER,
            because,
        },
    ];
    for (receive, send) in [(true, false), (false, true), (true, true)] {
        all.push(EventKind::Shutdown {
            sock,
            receive,
            send,
            because,
        });
    }
    for on in WAITS {
        let sock = Some(LISTENER);
        all.push(EventKind::TaskWoke { on, sock, because });
    }
    for (from, to) in STATES.into_iter().zip(STATES.into_iter().cycle().skip(1)) {
        all.push(EventKind::StateChanged {
            sock,
            from,
            to,
            because,
        });
    }
    for head in heads() {
        all.push(EventKind::SegmentSent {
            packet,
            sock: Some(sock),
            head,
            because,
        });
        all.push(EventKind::SegmentLost {
            packet,
            head,
            because,
        });
    }
    all
}

pub(super) fn samples() -> impl Iterator<Item = EventKind> {
    let ruled = Rule::ALL.iter().flat_map(|rule| ruled(*rule));
    plain().into_iter().chain(ruled)
}
