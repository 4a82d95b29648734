//! The rules that decide events, each with the place where it can be looked up.

use serde::Serialize;

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $name:ident => $source:literal;)*) => {
        /// Why something happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Rule {
            $($(#[doc = $doc])* $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// The RFC section, Linux function or manual page that says so; several are separated
            /// by ` · `.
            pub fn source(self) -> &'static str {
                match self {
                    $(Rule::$name => $source,)*
                }
            }
        }
    };
}

rules! {
    /// The program asked for it.
    AskedFor => "the program's own call";
    /// The program closed the last descriptor.
    LastClose => "close(2) · tcp_close()";
    /// The process ended, which closes its descriptors.
    ProcessEnd => "exit(2) · do_exit()";
    /// The program shut its sending side.
    ShutdownCall => "shutdown(2) · tcp_shutdown()";
    /// connect(2) opens actively: a SYN goes out.
    ActiveOpen => "RFC 9293 §3.10.1 · tcp_v4_connect() · connect(2)";
    /// listen(2) opens passively.
    PassiveOpen => "RFC 9293 §3.10.1 · inet_csk_listen_start() · listen(2)";
    /// A SYN reached a listener: the request is noted and answered, no socket exists yet.
    SynToListener => "RFC 9293 §3.10.7.2 · tcp_conn_request() · listen(2)";
    /// The SYN,ACK acknowledges our SYN: the connection stands on this side.
    SynAckToActive => "RFC 9293 §3.10.7.3 · tcp_rcv_synsent_state_process()";
    /// A SYN met our own SYN: both sides opened at once.
    SimultaneousOpen => "RFC 9293 §3.5, figure 8 · tcp_rcv_synsent_state_process()";
    /// The last segment of the handshake arrived.
    HandshakeDone => "RFC 9293 §3.10.7.4 · tcp_check_req()";
    /// A SYN came again: its answer was lost, so it is answered again.
    SynAgain => "RFC 9293 §3.10.7.4 · tcp_check_req()";
    /// accept(2) makes the connection a file of the program.
    AcceptCall => "accept(2) · inet_csk_accept()";
    /// A connection waits in the accept queue.
    ConnectionReady => "inet_csk_reqsk_queue_add() · sock_def_readable()";
    /// No socket owns that port: the answer is a reset.
    NoSuchPort => "RFC 9293 §3.10.7.1 · tcp_v4_send_reset()";
    /// The peer reset the connection.
    PeerReset => "RFC 9293 §3.10.7.4 · tcp_reset()";
    /// The peer refused the connection: a reset answered our SYN.
    PeerRefused => "RFC 9293 §3.10.7.3 · tcp_reset() · connect(2)";
    /// A reset whose sequence number is not the expected one proves nothing; it is challenged.
    ChallengeAck => "RFC 5961 §3.2 · tcp_send_challenge_ack()";
    /// An acknowledgement of something never sent.
    UnacceptableAck => "RFC 9293 §3.10.7.3 · tcp_rcv_synsent_state_process()";
    /// Data or a FIN arrived in order.
    InOrder => "RFC 9293 §3.10.7.4 · tcp_data_queue()";
    /// The peer has finished sending.
    PeerFin => "RFC 9293 §3.10.7.4 · tcp_fin()";
    /// Our FIN is acknowledged.
    FinAcked => "RFC 9293 §3.10.7.4 · tcp_rcv_state_process()";
    /// Both sides have closed; the side that closed first waits, so that old segments die out.
    BothClosed => "RFC 9293 §3.6 · tcp_time_wait()";
    /// TIME-WAIT lasted 60 seconds.
    TimeWaitOver => "RFC 9293 §3.6.1 · TCP_TIMEWAIT_LEN";
    /// A segment in TIME-WAIT is acknowledged again and the wait restarts if it was a FIN.
    InTimeWait => "RFC 9293 §3.10.7.4 · tcp_timewait_state_process()";
    /// A new SYN with newer numbers takes over from a TIME-WAIT.
    SynInTimeWait => "RFC 9293 §3.6.1 · tcp_timewait_state_process()";
    /// Nobody holds the socket and the peer does not close: Linux waits 60 seconds.
    OrphanTimeout => "tcp(7) tcp_fin_timeout · tcp_close()";
    /// Data arrived for a socket that no program can read from.
    DataAfterClose => "RFC 9293 §3.6.1 · tcp_rcv_state_process()";
    /// The program closed without reading everything: the peer must learn that data was lost.
    UnreadData => "RFC 2525 §2.17 · tcp_close()";
    /// The listener was closed: what waited in its queues is reset.
    ListenerClosed => "close(2) · inet_csk_listen_stop()";
    /// The accept queue holds backlog + 1 connections already.
    AcceptQueueFull => "listen(2) · sk_acceptq_is_full()";
    /// Too many half-open requests.
    SynQueueFull => "tcp(7) tcp_max_syn_backlog · inet_csk_reqsk_queue_is_full()";
    /// There is room in the send window and the congestion window.
    WindowOpen => "RFC 9293 §3.8 · tcp_write_xmit()";
    /// A small segment waits until what is under way is acknowledged.
    Nagle => "RFC 9293 §3.7.4 · tcp_nagle_check()";
    /// The receiver acknowledges at once, early in a connection or because of a full segment.
    QuickAck => "RFC 9293 §3.8.6.3 · tcp_enter_quickack_mode()";
    /// The acknowledgement was put off, in the hope of data to carry it, and is due now.
    DelayedAckDue => "RFC 9293 §3.8.6.3 · tcp_delack_timer()";
    /// The program has read, so the window opens.
    WindowUpdate => "RFC 9293 §3.8.6.2 · tcp_cleanup_rbuf()";
    /// A duplicate, or something outside the window: the answer says what is expected.
    OutsideWindow => "RFC 9293 §3.10.7.4 · tcp_validate_incoming()";
    /// A timestamp from the past (PAWS).
    OldTimestamp => "RFC 7323 §5 · tcp_paws_discard()";
    /// An acknowledgement brought news.
    AckReceived => "RFC 9293 §3.10.7.4 · tcp_ack()";
    /// No acknowledgement came in time.
    RetransmissionTimeout => "RFC 6298 §5 · tcp_retransmit_timer()";
    /// Duplicate acknowledgements show that a segment is missing.
    FastRetransmit => "RFC 5681 §3.2 · RFC 6582 · tcp_fastretrans_alert()";
    /// The last segment under way was not acknowledged within two round trips.
    TailLossProbe => "RFC 8985 §7 · tcp_send_loss_probe()";
    /// No answer came after all retries.
    RetriesExhausted => "tcp(7) tcp_syn_retries, tcp_retries2 · tcp_write_timeout()";
    /// The peer's window is closed; a probe asks again.
    ZeroWindow => "RFC 9293 §3.8.6.1 · tcp_probe_timer()";
    /// The peer has been silent for so long that it is asked whether it is there.
    KeepAlive => "RFC 9293 §3.8.4 · tcp(7) tcp_keepalive_time · tcp_keepalive_timer()";
    /// Data stayed unacknowledged for as long as the program allows.
    UserTimeout => "RFC 5482 · tcp(7) TCP_USER_TIMEOUT · tcp_write_timeout()";
    /// The program wants the connection reset when it closes.
    LingerZero => "socket(7) SO_LINGER · tcp_disconnect()";
    /// The listener wants to see data before the connection is accepted.
    DeferAccept => "tcp(7) TCP_DEFER_ACCEPT · tcp_check_req()";
    /// The segment has no ACK where one must be, or is otherwise of no use.
    NothingToDo => "RFC 9293 §3.10.7.4 · tcp_rcv_state_process()";
    /// No route leads to the address.
    NoRoute => "ip-route(8) · ip_route_output_key() · fib_lookup()";
    /// A free port of the range, odd ones first.
    BindEphemeral => "ip(7) ip_local_port_range · inet_csk_find_open_port()";
    /// A free port of the range, even ones first.
    ConnectEphemeral => "ip(7) ip_local_port_range · __inet_hash_connect()";
    /// The connection has the port of its listener.
    InheritedPort => "__inet_inherit_port()";
    /// Another socket owns address and port.
    AddressInUse => "bind(2) · inet_csk_bind_conflict()";
    /// The other owner listens: SO_REUSEADDR does not help against a listener.
    ListenerInTheWay => "socket(7) SO_REUSEADDR · inet_bind_conflict()";
    /// Another socket owns it, and at least one of the two lacks SO_REUSEADDR.
    NoReuse => "socket(7) SO_REUSEADDR · inet_bind_conflict()";
    /// Every combination of addresses and port that this port allows is taken.
    TupleTaken => "__inet_check_established()";
    /// The rule that a scenario set for a packet.
    LinkRule => "the scenario's own rule";
    /// The time was up.
    TimeUp => "poll(2), nanosleep(2)";
    /// The socket became readable, writable or failed.
    Readiness => "poll(2) · tcp_poll()";
    /// dup2(2) puts another file behind the number.
    Replaced => "dup(2) · do_dup2()";
    /// A child of the process has ended.
    ChildEnded => "wait(2) · exit_notify()";
    /// A signal handler runs: the call it interrupts ends.
    Interrupted => "signal(7) · EINTR";
    /// connect(2) with AF_UNSPEC dissolves the association.
    Disconnect => "connect(2) · tcp_disconnect()";
    /// The kernel chose a free abstract name.
    Autobind => "unix(7) autobind · unix_autobind()";
    /// The path exists.
    NodeExists => "unix(7) · unix_bind_bsd()";
    /// Another socket of the type has the abstract name.
    AbstractTaken => "unix(7) · unix_bind_abstract()";
    /// socketpair(2) makes two sockets that are each other's peer.
    SocketpairCall => "socketpair(2) · unix_socketpair()";
    /// connect(2) of AF_UNIX makes the listener's end at once.
    UnixConnect => "unix(7) · unix_stream_connect()";
    /// connect(2) of a datagram socket fixes whom it sends to.
    UnixDatagramConnect => "connect(2) · unix_dgram_connect()";
    /// The program shut a direction.
    UnixShutdown => "shutdown(2) · unix_shutdown()";
    /// The peer shut the other direction.
    UnixPeerShut => "unix_shutdown()";
    /// The peer was closed.
    UnixPeerClosed => "close(2) · unix_release_sock()";
    /// The peer was closed with data that it had not read.
    UnixUnread => "unix_release_sock()";
    /// The listener was closed before accept(2).
    NeverAccepted => "close(2) · unix_release_sock()";
    /// The peer of a datagram socket is gone, or has another peer.
    PeerGone => "unix_dgram_disconnected()";
    /// The buffer was shorter than the message.
    MessageTruncated => "unix(7), recv(2) MSG_TRUNC · __unix_dgram_recvmsg()";
    /// The program asked for a datagram socket.
    DatagramSocket => "socket(2) · udp(7)";
    /// Another UDP socket owns it, and the two do not both share.
    UdpNoReuse => "socket(7) SO_REUSEADDR, SO_REUSEPORT · udp_lib_lport_inuse()";
    /// An ICMP error for a UDP socket that is neither connected nor has asked for errors.
    IcmpNotTold => "udp(7) · __udp4_lib_err()";
    /// A datagram leaves at once; nothing is kept of it.
    DatagramSent => "RFC 768 · udp(7) · udp_send_skb()";
    /// A free port for UDP, from a random place.
    UdpEphemeral => "ip(7) ip_local_port_range · udp_lib_get_port()";
    /// connect(2) on a datagram socket: only a name for the peer.
    DatagramConnect => "udp(7) · connect(2) · __ip4_datagram_connect()";
    /// connect(2) with AF_UNSPEC on a datagram socket.
    DatagramDisconnect => "connect(2) · __udp_disconnect()";
    /// shutdown(2) on a datagram socket, which sends nothing.
    DatagramShutdown => "shutdown(2) · inet_shutdown()";
    /// No UDP socket owns that port: the answer is an ICMP error.
    UdpPortUnreachable => "RFC 1122 §4.1.3.1 · __udp4_lib_rcv() · icmp_send()";
    /// The receive buffer has no room for the datagram.
    ReceiveBufferFull => "socket(7) SO_RCVBUF · __udp_enqueue_schedule_skb()";
    /// The program's buffer could not be written; the datagram is gone.
    CopyFailed => "recv(2) EFAULT · udp_recvmsg()";
    /// An ICMP error is about a packet of this socket.
    IcmpError => "RFC 1122 §4.1.3.3 · udp(7) · __udp4_lib_err()";
    /// An ICMP error that a connection cannot survive.
    IcmpHardError => "RFC 1122 §4.2.3.9 · tcp_v4_err()";
    /// An ICMP error that may pass: it is remembered, and told if the connection times out.
    IcmpSoftError => "RFC 1122 §4.2.3.9 · tcp_v4_err()";
    /// An ICMP error that quotes nothing this host has under way.
    IcmpStray => "RFC 5927 §4.1 · tcp_v4_err()";
    /// A host answers echo requests.
    EchoAnswered => "RFC 1122 §3.2.2.6 · icmp_echo()";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_names_a_source() {
        for rule in Rule::ALL {
            assert!(!rule.source().is_empty(), "{rule:?}");
        }
    }
}
