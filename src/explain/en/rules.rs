//! Why, in English.

use crate::kernel::rule::Rule;

/// The sentence of a rule.
pub(in crate::explain) fn sentence(rule: Rule) -> &'static str {
    match rule {
        Rule::AskedFor => "The program asked for exactly this.",
        Rule::LastClose => "Its last descriptor was closed: no program holds the socket any more.",
        Rule::ProcessEnd => "The process has ended, and the kernel closes all its descriptors.",
        Rule::ShutdownCall => "The program called shutdown().",
        Rule::ActiveOpen => "connect() opens actively, with a SYN to the peer.",
        Rule::PassiveOpen => "listen() opens passively: from now on the socket waits for SYNs.",
        Rule::SynToListener => {
            "A SYN reached a listener: the kernel notes the request and answers SYN,ACK without asking the program."
        }
        Rule::SynAckToActive => {
            "The SYN,ACK shows that the peer has heard our SYN; our ACK shows it that we have heard its own."
        }
        Rule::SimultaneousOpen => {
            "A SYN met our own SYN: both sides open at the same time, which TCP allows."
        }
        Rule::HandshakeDone => {
            "The last segment of the 3-way handshake arrived: each side now knows that the other heard it."
        }
        Rule::SynAgain => {
            "The same SYN came again, so our SYN,ACK was probably lost: it is sent once more."
        }
        Rule::AcceptCall => {
            "accept() takes a finished connection from the queue and makes it a file of the program."
        }
        Rule::ConnectionReady => "A finished connection waits in the accept queue.",
        Rule::NoSuchPort => {
            "No connection with these addresses exists and nobody listens on this port: TCP answers that with RST."
        }
        Rule::PeerReset => "The peer sent RST: for it, this connection does not exist.",
        Rule::PeerRefused => "A RST answered our SYN: nobody listens on that port.",
        Rule::ChallengeAck => {
            "A RST or SYN without exactly the expected number may be forged; a “challenge ACK” lets a true peer prove itself."
        }
        Rule::UnacceptableAck => {
            "It acknowledges something that was never sent, so it cannot belong to this connection."
        }
        Rule::InOrder => "It continues exactly where the stream had ended.",
        Rule::PeerFin => "The peer sent FIN: nothing more will come from it.",
        Rule::FinAcked => "The peer has acknowledged our FIN.",
        Rule::BothClosed => {
            "Both directions are closed. The side that closed first waits 60 s in TIME-WAIT: it can repeat a lost last ACK, and old segments die out."
        }
        Rule::TimeWaitOver => {
            "The 60 s are over (2·MSL; fixed on Linux): nothing of the old connection can be under way any more."
        }
        Rule::InTimeWait => {
            "The connection is over; all it still does is acknowledge the peer's FIN, as often as that comes."
        }
        Rule::SynInTimeWait => {
            "The new SYN has newer numbers than the old connection, so the two cannot be mixed up and it may take over early."
        }
        Rule::OrphanTimeout => {
            "No program holds the socket and the peer did not close within 60 s: Linux gives up (tcp_fin_timeout)."
        }
        Rule::DataAfterClose => {
            "Data came that no program can read any more: a RST tells the peer that it is lost."
        }
        Rule::UnreadData => {
            "The program closed with unread data in the receive queue. A FIN would pretend that all went well, so the peer gets a RST."
        }
        Rule::ListenerClosed => {
            "The listener was closed: nobody can accept what waits in its queues."
        }
        Rule::AcceptQueueFull => {
            "The accept queue is full: it holds backlog + 1 connections. Linux drops the segment without a word; the peer will try again."
        }
        Rule::SynQueueFull => "Too many half-open requests wait already.",
        Rule::WindowOpen => {
            "The peer's window and the congestion window have room, so it leaves at once."
        }
        Rule::Nagle => {
            "Nagle's algorithm: a small segment waits until an earlier small one is acknowledged."
        }
        Rule::QuickAck => {
            "Linux acknowledges at once here: early in a connection, at a gap, or after more than a full segment."
        }
        Rule::DelayedAckDue => {
            "The ACK had been put off so that data could carry it; no data came in time."
        }
        Rule::WindowUpdate => {
            "The program has read, so the ACK that was still owed goes out and offers the room that became free."
        }
        Rule::OutsideWindow => {
            "It is a duplicate or lies outside the window; an ACK says which byte is expected."
        }
        Rule::OldTimestamp => {
            "Its timestamp is older than one already seen: an old duplicate (PAWS)."
        }
        Rule::AckReceived => "An acknowledgement brought news.",
        Rule::RetransmissionTimeout => {
            "No acknowledgement came in time, so the segment counts as lost and is sent again."
        }
        Rule::FastRetransmit => {
            "Duplicate acknowledgements say that later segments arrived and this one did not: it is sent again without waiting for the timer."
        }
        Rule::TailLossProbe => {
            "Two round trips went by without an acknowledgement of the last segment: the probe makes the peer answer before the retransmission timer runs out."
        }
        Rule::RetriesExhausted => "No answer came after all retries: the kernel gives up.",
        Rule::ZeroWindow => "The peer's window is closed; the probe makes it say its window again.",
        Rule::NoRoute => "No route of this host leads to that address.",
        Rule::KeepAlive => {
            "The peer has been silent for long: a keepalive probe asks whether it is still there."
        }
        Rule::UserTimeout => {
            "Data stayed unacknowledged for as long as TCP_USER_TIMEOUT allows: the kernel gives up."
        }
        Rule::LingerZero => {
            "SO_LINGER with 0 seconds: close() does not wait, it resets the connection and throws away what was not sent."
        }
        Rule::DeferAccept => {
            "TCP_DEFER_ACCEPT: the listener wants to see data before it accepts the connection."
        }
        Rule::NothingToDo => "It carries nothing that can be used in this state.",
        Rule::BindEphemeral => {
            "The program named no port (bind() to port 0, or listen() without bind()): the kernel chooses one, odd numbers first."
        }
        Rule::ConnectEphemeral => {
            "The program called connect() without bind(): the kernel chooses the port, even numbers first."
        }
        Rule::InheritedPort => {
            "Every connection of a listener has the listener's port; the peer's address and port tell them apart."
        }
        Rule::AddressInUse => "Another socket owns this address and port.",
        Rule::ListenerInTheWay => {
            "The other socket is listening, and against a listener SO_REUSEADDR does not help."
        }
        Rule::NoReuse => {
            "Sharing would need SO_REUSEADDR on both sockets, also on one that is only in TIME-WAIT by now."
        }
        Rule::TupleTaken => {
            "A connection with the same two addresses and two ports exists already."
        }
        Rule::LinkRule => "A rule of the scenario, or your choice, lost it.",
        Rule::TimeUp => "The time it asked for is up.",
        Rule::Readiness => "The socket became readable or writable, or it failed.",
        Rule::Replaced => {
            "dup2() gives the number to another file, which closes what it referred to."
        }
        Rule::ChildEnded => "A child of the process has ended.",
        Rule::Interrupted => "A signal handler runs, and the call that it interrupts ends.",
        Rule::Disconnect => {
            "A connect() that failed, or one with AF_UNSPEC, makes the socket unconnected again."
        }
        Rule::Autobind => {
            "bind() with the family alone chooses five hexadecimal digits: the first free name from a random place on."
        }
        Rule::NodeExists => {
            "The path exists already. A node stays when its socket is closed: that is why servers call unlink() before bind()."
        }
        Rule::AbstractTaken => {
            "Another socket of the same type has this abstract name; it becomes free when that is closed."
        }
        Rule::SocketpairCall => "socketpair() joins two new sockets; no name is needed for that.",
        Rule::UnixConnect => {
            "connect() found a listener of that name and makes both ends itself: the connection stands before accept()."
        }
        Rule::UnixDatagramConnect => {
            "connect() of a datagram socket only notes whom it sends to, and that it takes messages from nobody else."
        }
        Rule::UnixShutdown => "The program called shutdown().",
        Rule::UnixPeerShut => "The peer called shutdown(), which shuts the other direction here.",
        Rule::UnixPeerClosed => "The peer was closed.",
        Rule::UnixUnread => {
            "The peer was closed although there was something in its queue that it had not read: that is lost, and this side learns it once."
        }
        Rule::NeverAccepted => "The listener was closed before it accepted this connection.",
        Rule::PeerGone => {
            "The peer of a datagram socket was closed or has turned to another one. Nobody had told this side; it notices now."
        }
        Rule::MessageTruncated => {
            "The buffer was shorter than the message, and what does not fit is lost; MSG_TRUNC tells the real length."
        }
        Rule::DatagramSocket => "The program asked for a datagram socket.",
        Rule::UdpNoReuse => "Sharing would need SO_REUSEADDR, or SO_REUSEPORT, on both sockets.",
        Rule::IcmpNotTold => {
            "A UDP socket learns of errors only if it is connected, or has asked for them by IP_RECVERR."
        }
        Rule::DatagramSent => "A datagram leaves at once; the kernel keeps no copy.",
        Rule::UdpEphemeral => "The program named no port: the kernel chooses one at random.",
        Rule::DatagramConnect => "connect() on a datagram socket only notes the peer.",
        Rule::DatagramDisconnect => "The program called connect() with AF_UNSPEC.",
        Rule::DatagramShutdown => {
            "The program called shutdown(), which sends nothing on a datagram socket."
        }
        Rule::UdpPortUnreachable => {
            "No UDP socket has this port: a host says so by ICMP “port unreachable”."
        }
        Rule::ReceiveBufferFull => {
            "The receive buffer is full (SO_RCVBUF counts the memory that datagrams take, not only their data)."
        }
        Rule::CopyFailed => {
            "It was taken from the queue, but the program gave a buffer that cannot be written."
        }
        Rule::IcmpError => "An ICMP error came back for what this socket had sent.",
        Rule::IcmpHardError => "An ICMP error says that this connection attempt cannot succeed.",
        Rule::IcmpSoftError => {
            "An ICMP error that may pass: TCP goes on trying, and remembers the reason in case it fails."
        }
        Rule::IcmpStray => "It quotes nothing that this host has under way, or needs no action.",
        Rule::EchoAnswered => "Every host answers echo requests with what they carry.",
    }
}
