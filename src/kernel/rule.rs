//! The rules that decide events. `static/words/sources.txt` says where each can be looked up: an RFC section, a Linux
//! function, a manual page.

use serde::Serialize;

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// Why something happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Rule {
            $($(#[doc = $doc])* $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];
            /// The names of all rules, in the same order: `ALL[rule as usize]` is the rule itself.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];
        }
    };
}

rules! {
    /// The program asked for it.
    AskedFor,
    /// The program closed the last descriptor.
    LastClose,
    /// The process ended, which closes its descriptors.
    ProcessEnd,
    /// execve(2): the descriptor has FD_CLOEXEC.
    CloseOnExec,
    /// The program shut its sending side.
    ShutdownCall,
    /// connect(2) opens actively: a SYN goes out.
    ActiveOpen,
    /// listen(2) opens passively.
    PassiveOpen,
    /// A SYN reached a listener: the request is noted and answered, no socket exists yet.
    SynToListener,
    /// The SYN,ACK acknowledges our SYN: the connection stands on this side.
    SynAckToActive,
    /// A SYN met our own SYN: both sides opened at once.
    SimultaneousOpen,
    /// The last segment of the handshake arrived.
    HandshakeDone,
    /// A SYN came again: its answer was lost, so it is answered again.
    SynAgain,
    /// accept(2) makes the connection a file of the program.
    AcceptCall,
    /// A connection waits in the accept queue.
    ConnectionReady,
    /// No socket owns that port: the answer is a reset.
    NoSuchPort,
    /// The peer reset the connection.
    PeerReset,
    /// The peer refused the connection: a reset answered our SYN.
    PeerRefused,
    /// A reset whose sequence number is not the expected one proves nothing; it is challenged.
    ChallengeAck,
    /// A segment that deserves an answer, which another one has had just now.
    AnsweredLately,
    /// An acknowledgement of something never sent.
    UnacceptableAck,
    /// Data or a FIN arrived in order.
    InOrder,
    /// The peer has finished sending.
    PeerFin,
    /// Our FIN is acknowledged.
    FinAcked,
    /// Both sides have closed; the side that closed first waits, so that old segments die out.
    BothClosed,
    /// TIME-WAIT lasted 60 seconds.
    TimeWaitOver,
    /// A segment in TIME-WAIT is acknowledged again and the wait restarts if it was a FIN.
    InTimeWait,
    /// A new SYN with newer numbers takes over from a TIME-WAIT.
    SynInTimeWait,
    /// Nobody holds the socket and the peer does not close: Linux waits 60 seconds.
    OrphanTimeout,
    /// Data arrived for a socket that no program can read from.
    DataAfterClose,
    /// The program closed without reading everything: the peer must learn that data was lost.
    UnreadData,
    /// The listener was closed: what waited in its queues is reset.
    ListenerClosed,
    /// The accept queue holds backlog + 1 connections already.
    AcceptQueueFull,
    /// Too many half-open requests.
    SynQueueFull,
    /// The SYN queue is full: the answer itself holds what would have been kept.
    SynCookie,
    /// The acknowledgement brings a SYN cookie back.
    CookieReturned,
    /// There is room in the send window and the congestion window.
    WindowOpen,
    /// A small segment waits until what is under way is acknowledged.
    Nagle,
    /// The receiver acknowledges at once, early in a connection or because of a full segment.
    QuickAck,
    /// The acknowledgement was put off, in the hope of data to carry it, and is due now.
    DelayedAckDue,
    /// The program has read, so the window opens.
    WindowUpdate,
    /// A duplicate, or something outside the window: the answer says what is expected.
    OutsideWindow,
    /// There is no memory left for a segment that the window allowed.
    NoReceiveMemory,
    /// A timestamp from the past (PAWS).
    OldTimestamp,
    /// An acknowledgement brought news.
    AckReceived,
    /// No acknowledgement came in time.
    RetransmissionTimeout,
    /// Duplicate acknowledgements show that a segment is missing.
    FastRetransmit,
    /// The last segment under way was not acknowledged within two round trips.
    TailLossProbe,
    /// No answer came after all retries.
    RetriesExhausted,
    /// The peer's window is closed; a probe asks again.
    ZeroWindow,
    /// The peer has been silent for so long that it is asked whether it is there.
    KeepAlive,
    /// Data stayed unacknowledged for as long as the program allows.
    UserTimeout,
    /// The program wants the connection reset when it closes.
    LingerZero,
    /// The listener wants to see data before the connection is accepted.
    DeferAccept,
    /// The segment has no ACK where one must be, or is otherwise of no use.
    NothingToDo,
    /// No route leads to the address.
    NoRoute,
    /// A free port of the range, odd ones first.
    BindEphemeral,
    /// A free port of the range, even ones first.
    ConnectEphemeral,
    /// The connection has the port of its listener.
    InheritedPort,
    /// Another socket owns address and port.
    AddressInUse,
    /// The other owner listens: SO_REUSEADDR does not help against a listener.
    ListenerInTheWay,
    /// Another socket owns it, and at least one of the two lacks SO_REUSEADDR.
    NoReuse,
    /// Every combination of addresses and port that this port allows is taken.
    TupleTaken,
    /// The rule that a scenario set for a packet.
    LinkRule,
    /// The time was up.
    TimeUp,
    /// The socket became readable, writable or failed.
    Readiness,
    /// dup2(2) puts another file behind the number.
    Replaced,
    /// A child of the process has ended.
    ChildEnded,
    /// FUTEX_WAKE of another thread.
    FutexWake,
    /// The thread that was waited for has ended (CLONE_CHILD_CLEARTID).
    ThreadEnd,
    /// A signal handler runs: the call it interrupts ends.
    Interrupted,
    /// connect(2) with AF_UNSPEC dissolves the association.
    Disconnect,
    /// The kernel chose a free abstract name.
    Autobind,
    /// The path exists.
    NodeExists,
    /// Another socket of the type has the abstract name.
    AbstractTaken,
    /// socketpair(2) makes two sockets that are each other's peer.
    SocketpairCall,
    /// connect(2) of AF_UNIX makes the listener's end at once.
    UnixConnect,
    /// connect(2) of a datagram socket fixes whom it sends to.
    UnixDatagramConnect,
    /// The program shut a direction.
    UnixShutdown,
    /// The peer shut the other direction.
    UnixPeerShut,
    /// The peer was closed.
    UnixPeerClosed,
    /// The peer was closed with data that it had not read.
    UnixUnread,
    /// The listener was closed before accept(2).
    NeverAccepted,
    /// recvmmsg(2) keeps the error of a message that came after others for the next call.
    KeptForLater,
    /// The peer of a datagram socket is gone, or has another peer.
    PeerGone,
    /// There is no room for the number of a descriptor: in the control data, or in the process's table.
    ControlTruncated,
    /// Sockets that are only in messages to each other can be reached by nobody.
    Unreachable,
    /// The buffer was shorter than the message.
    MessageTruncated,
    /// The program asked for a datagram socket.
    DatagramSocket,
    /// Another UDP socket owns it, and the two do not both share.
    UdpNoReuse,
    /// An ICMP error for a UDP socket that is neither connected nor has asked for errors.
    IcmpNotTold,
    /// A datagram leaves at once; nothing is kept of it.
    DatagramSent,
    /// A free port for UDP, from a random place.
    UdpEphemeral,
    /// connect(2) on a datagram socket: only a name for the peer.
    DatagramConnect,
    /// connect(2) with AF_UNSPEC on a datagram socket.
    DatagramDisconnect,
    /// shutdown(2) on a datagram socket, which sends nothing.
    DatagramShutdown,
    /// No UDP socket owns that port: the answer is an ICMP error.
    UdpPortUnreachable,
    /// The receive buffer has no room for the datagram.
    ReceiveBufferFull,
    /// The program's buffer could not be written; the datagram is gone.
    CopyFailed,
    /// An ICMP error is about a packet of this socket.
    IcmpError,
    /// An ICMP error that a connection cannot survive.
    IcmpHardError,
    /// An ICMP error that may pass: it is remembered, and told if the connection times out.
    IcmpSoftError,
    /// An ICMP error that quotes nothing this host has under way.
    IcmpStray,
    /// It was sent to or from an address that is no single host's.
    NotUnicast,
    /// A host answers echo requests.
    EchoAnswered,
}
