//! What happened, in English: a text and a short form per event. Placeholders: `explain::slots`.

use crate::abi::constants::{SO_REUSEADDR, SOL_SOCKET};
use crate::explain::Template;
use crate::explain::en::segments::{delivered, sent, timer_expired, timer_set};
use crate::kernel::event::{EventKind, TcpState, TimerKind, WaitFor};
use crate::kernel::rule::Rule;

/// The template of an event.
pub(in crate::explain) fn template(kind: &EventKind) -> Template {
    match *kind {
        EventKind::ProcessStarted { .. } => (
            "**{process}** starts as process {pid}. Descriptors **0, 1 and 2** are taken from the beginning: standard input, output and error.",
            "{process} starts",
        ),
        EventKind::ProcessExited { .. } => (
            "**{process}** ends with exit status **{status}**. The kernel now closes whatever descriptors it left open, so no connection is forgotten.",
            "{process} ends with status {status}",
        ),
        EventKind::ProcessKilled { signal: 13, .. } => (
            "**{process}** is ended by **SIGPIPE**: it sent on a connection that takes no more data. A program that wants the error EPIPE instead uses MSG_NOSIGNAL or ignores the signal.",
            "{process} is ended by SIGPIPE",
        ),
        EventKind::ProcessKilled { .. } => (
            "**{process}** is ended by **signal {signal}**. The kernel closes its descriptors as if it had ended by itself.",
            "{process} is ended by signal {signal}",
        ),
        EventKind::SyscallEntered { .. } => (
            "**{task}** calls **{call}({arg})** and enters the kernel: {purpose}.",
            "{task} calls {call}({arg})",
        ),
        EventKind::SyscallReturned { ret, .. } => returned(ret),
        EventKind::TaskSlept { on, .. } => slept(on),
        EventKind::TaskWoke { on, because, .. } => woke(on, because),
        EventKind::ConsoleWrote { .. } => (
            "**{task}** writes **{len} bytes** to descriptor {fd}, which is no socket: they go to the terminal or a file, and the network has no part in it.",
            "{task} writes {len} bytes to fd {fd}",
        ),
        EventKind::ConsoleRead { len: 0, .. } => (
            "**{task}** reads from descriptor {fd} and gets **0 bytes**: the input is at its end.",
            "{task} reads the end of fd {fd}",
        ),
        EventKind::ConsoleRead { .. } => (
            "**{task}** reads **{len} bytes** from descriptor {fd}, which is no socket.",
            "{task} reads {len} bytes from fd {fd}",
        ),

        EventKind::FileOpened { sock: None, .. } => (
            "The kernel makes an **open file description** (file {file}). Descriptors refer to it; dup() and fork() let several share one.",
            "open file {file}",
        ),
        EventKind::FileOpened { sock: Some(_), .. } => (
            "The kernel makes an **open file description** (file {file}) for a socket. To Unix a socket is an open file: descriptor → open file → socket, and dup() and fork() share the middle one.",
            "open file {file} for a socket",
        ),
        EventKind::FileReleased { sock: Some(_), .. } => (
            "Open file {file} has lost its last reference and is **released**. Only now does the kernel close {sock}.",
            "open file {file} is released",
        ),
        EventKind::FileReleased { sock: None, .. } => (
            "Open file {file} has lost its last reference and is released. It was no socket.",
            "open file {file} is released",
        ),
        EventKind::DescriptorInstalled { fd: 3.., .. } => (
            "**{process}** gets descriptor **{fd}**: always the lowest free number (0, 1 and 2 are taken: usually standard input, output and error). It refers to open file {file}.",
            "{process} gets fd {fd}",
        ),
        EventKind::DescriptorInstalled { .. } => (
            "**{process}** gets descriptor **{fd}**: always the lowest free number, and {fd} had been closed before. It refers to open file {file}.",
            "{process} gets fd {fd}",
        ),
        EventKind::DescriptorClosed { refs_left: 0, .. } => (
            "Descriptor **{fd}** of **{process}** is free again. It was the **last reference** to open file {file}, so that goes, too.",
            "{process} closes fd {fd}, the last reference",
        ),
        EventKind::DescriptorClosed { .. } => (
            "Descriptor **{fd}** of **{process}** is free again, but open file {file} has **{refs}** more (another descriptor, or a call under way): nothing is closed yet.",
            "{process} closes fd {fd}; {refs} more",
        ),

        EventKind::NonblockingSet {
            nonblocking: true, ..
        } => (
            "Open file {file} is **non-blocking** from now on (O_NONBLOCK): a call that would have to wait answers EAGAIN instead. The flag belongs to the open file, so every descriptor that shares it is concerned.",
            "open file {file} becomes non-blocking",
        ),
        EventKind::NonblockingSet { .. } => (
            "Open file {file} is **blocking** again: a call that has to wait puts its task to sleep.",
            "open file {file} becomes blocking",
        ),
        EventKind::CloexecSet { on: true, .. } => (
            "Descriptor **{fd}** of **{process}** is to be closed by execve() (FD_CLOEXEC). This flag belongs to the descriptor, not to the open file.",
            "fd {fd} of {process}: close on exec",
        ),
        EventKind::CloexecSet { .. } => (
            "Descriptor **{fd}** of **{process}** is to stay open across execve().",
            "fd {fd} of {process}: kept on exec",
        ),
        EventKind::PipeWrote { .. } => (
            "**{len} bytes** go into the pipe behind open file {file}; **{queued}** are in it now. A pipe holds 16 pages, 64 KiB if each is full.",
            "{len} bytes into a pipe, {queued} in it",
        ),
        EventKind::PipeRead { .. } => (
            "**{len} bytes** are taken out of the pipe behind open file {file}; **{queued}** are still in it.",
            "{len} bytes out of a pipe, {queued} left",
        ),
        EventKind::EpollInterest { events: 0, .. } => (
            "Descriptor **{fd}** leaves the interest list of the epoll instance (open file {epoll}). {why}",
            "epoll forgets fd {fd}",
        ),
        EventKind::EpollInterest { .. } => (
            "The epoll instance (open file {epoll}) now watches descriptor **{fd}** for **{events}**. Errors and hang-ups are always told.",
            "epoll watches fd {fd}",
        ),
        EventKind::EpollReady { .. } => (
            "Something has happened to descriptor **{fd}**: it joins the **ready list** of the epoll instance (open file {epoll}). epoll_wait() will ask what is so now.",
            "fd {fd} joins an epoll ready list",
        ),
        EventKind::ProcessForked { .. } => (
            "**{process}** forks: process **{child}** is a copy of it. Its descriptors refer to the **same open files**, so a connection stays open until both have closed it.",
            "{process} forks process {child}",
        ),
        EventKind::ProcessReaped { .. } => (
            "**{process}** is told how its child {child} ended. Only now is the number of the child free.",
            "{process} reaps process {child}",
        ),
        EventKind::SignalSent { .. } => (
            "**{signal}** is sent to **{process}**. Unless the process ignores it or has a handler, most signals end it.",
            "{signal} for {process}",
        ),

        EventKind::SocketCreated { because, .. } => created(because),
        EventKind::SocketDestroyed { .. } => (
            "The kernel frees {sock}: no descriptor, no queue and no timer needs it any more.",
            "{sock} is freed",
        ),
        EventKind::SocketOrphaned { .. } => (
            "{Sock} is an **orphan** now: no program holds it, but TCP still delivers what is in the send queue and closes the connection properly. close() does not wait for that.",
            "{sock} becomes an orphan",
        ),
        EventKind::OptionSet {
            level: SOL_SOCKET,
            optname: SO_REUSEADDR,
            value: 1..,
            ..
        } => (
            "{Sock} sets **SO_REUSEADDR**: bind() may share the port with a TIME-WAIT or another socket that has set it, too, but never with a listener.",
            "SO_REUSEADDR = {value}",
        ),
        EventKind::OptionSet { .. } => (
            "{Sock} sets option **{option}** to {value}.",
            "{option} = {value}",
        ),
        EventKind::StateChanged {
            to: TcpState::Closed,
            ..
        } => (
            "{Sock} goes from {from} to **CLOSED**. {why}",
            "{from} → CLOSED",
        ),
        EventKind::StateChanged { .. } => (
            "{Sock} goes from {from} to **{to}**. {why} {means}",
            "{from} → {to}",
        ),
        EventKind::ErrorNoted { .. } => (
            "**{errno}** is noted at {sock}; the call that asks next, or that sleeps now, gets it. {why}",
            "{errno} is pending",
        ),
        EventKind::ErrorConsumed { .. } => (
            "The program is told the pending error **{errno}** of {sock}. An error is told once and is gone then.",
            "{errno} is told",
        ),
        EventKind::Shutdown {
            because: Rule::UnixShutdown | Rule::UnixPeerShut | Rule::UnixPeerClosed,
            receive,
            send,
            ..
        } => unix_shut(receive, send),
        EventKind::Shutdown {
            receive: true,
            send: true,
            ..
        } => (
            "{Sock} is **shut in both directions**: programs can neither send nor receive on it any more. {why}",
            "shut both ways",
        ),
        EventKind::Shutdown {
            receive: true,
            because: Rule::PeerFin,
            ..
        } => (
            "The peer sent FIN: {sock} **will receive nothing more**. When the receive queue has been read, recv() returns **0**: the end of the stream.",
            "receiving is over: FIN",
        ),
        EventKind::Shutdown { receive: true, .. } => (
            "{Sock} is **shut for receiving**: recv() does not wait any more. The peer learns nothing of it. {why}",
            "shut for receiving",
        ),
        EventKind::Shutdown { .. } => (
            "{Sock} is **shut for sending**: a FIN follows what is in the send queue; further sends fail with EPIPE. Receiving goes on. {why}",
            "shut for sending",
        ),

        EventKind::PortBound { because, .. } => bound(because),
        EventKind::PortReleased {
            because: Rule::LastClose,
            ..
        } => (
            "{Sock} gives **port {port}** back: the socket is no longer needed.",
            "port {port} given back",
        ),
        EventKind::PortReleased { .. } => (
            "{Sock} gives **port {port}** back: it is CLOSED, and its program had not bound it itself. If the connection is in TIME-WAIT, that keeps the port.",
            "port {port} given back",
        ),
        EventKind::PortConflict {
            because: Rule::TupleTaken,
            ..
        } => (
            "{Sock} cannot connect from **port {port}**: {other} has the same four addresses. {why}",
            "port {port}: connection exists",
        ),
        EventKind::PortConflict { .. } => (
            "{Sock} cannot have **port {port}**: {other} has it. {why}",
            "port {port} is taken",
        ),
        EventKind::PortSearch {
            because: Rule::ConnectEphemeral,
            ..
        } => (
            "connect() needs a local port and the program named none, so the **kernel** searches {low}–{high}: from **{port}**, a random place, the **{parity}** ports first. The {rest} ones come last; they are meant for bind() to port 0.",
            "search for a free port from {port}",
        ),
        EventKind::PortSearch { .. } => (
            "The program left the port to the **kernel**, which searches {low}–{high}: from **{port}**, a random place, the **{parity}** ports first. The {rest} ones come last; they are meant for connect().",
            "search for a free port from {port}",
        ),
        EventKind::PortChosen {
            port: 0,
            because: Rule::ConnectEphemeral,
            ..
        } => (
            "After {tried} candidates no port of the range can be used for this destination: connect() fails with **EADDRNOTAVAIL**.",
            "no free port",
        ),
        EventKind::PortChosen { port: 0, .. } => (
            "After {tried} candidates no port of the range is free: the call fails with **EADDRINUSE**.",
            "no free port",
        ),
        EventKind::PortChosen { .. } => (
            "The kernel chose **port {port}** (candidate {tried}) for {sock}. Such a short-lived, **ephemeral** port is the return address; nobody needs to know it beforehand.",
            "the kernel chooses port {port}",
        ),
        EventKind::AddressesSet {
            because: Rule::ActiveOpen,
            ..
        } => (
            "{Sock} has both addresses now: local port **{port}**, remote port **{remote}**. These two addresses with their ports name the connection; no other may have the same.",
            "addresses: {port} → {remote}",
        ),
        EventKind::AddressesSet { .. } => (
            "The request notes both addresses from the SYN: local port **{port}**, remote port **{remote}**. By them the kernel will recognise every later segment.",
            "addresses: {port} ← {remote}",
        ),

        EventKind::BacklogSet { .. } => (
            "{Sock} has a backlog of **{backlog}**: Linux lets **{fit}** finished connections wait for accept() (backlog + 1) and drops further SYNs. net.core.somaxconn (4096) is the upper limit.",
            "backlog {backlog}: {fit} may wait",
        ),
        EventKind::RequestQueued { .. } => (
            "The listener received a **SYN**. It makes no socket for the program yet: it notes a **half-open request** in its SYN queue (now {len}) and answers SYN,ACK. accept() sees nothing of it; that takes the third segment.",
            "SYN queue: {len}",
        ),
        EventKind::RequestDropped { .. } => (
            "A half-open request leaves the SYN queue of {other} and becomes no connection. {why}",
            "a request is dropped",
        ),
        EventKind::AcceptQueued { .. } => (
            "The connection stands: it joins the **accept queue** of {other} (now {len}). The kernel did that alone; data may already arrive before the program calls accept().",
            "accept queue: {len}",
        ),
        EventKind::AcceptDequeued { .. } => (
            "The oldest connection leaves the **accept queue** of {other} ({len} left): accept() gives it a descriptor of its own. If the listener was closed instead, it is reset.",
            "accept queue: {len}",
        ),
        EventKind::ListenOverflow { .. } => (
            "The listener, {sock}, is **overrun**. {why}",
            "queue full: segment dropped",
        ),

        EventKind::SegmentSent { head, because, .. } => sent(head, because),
        EventKind::SegmentDelivered {
            sock: Some(_),
            head,
            ..
        } => delivered(head),
        EventKind::SegmentDelivered { sock: None, .. } => (
            "**{flags}** from {from} reaches port {toport}, and **nobody is there**: no connection with these addresses, no listener.",
            "{flags} arrives; nobody on {toport}",
        ),
        EventKind::SegmentLost { .. } => (
            "**{flags}** from {from} to {to} is **lost on the way**. {why} Nobody is told; the sender notices only because no acknowledgement comes.",
            "{from} → {to}: {flags} lost",
        ),
        EventKind::SegmentIgnored { sock: None, .. } => (
            "A RST from {from} reaches no connection and is ignored: a RST is never answered, or two hosts could go on for ever.",
            "stray RST ignored",
        ),
        EventKind::SegmentIgnored { .. } => (
            "{Sock} takes nothing from the segment of {from}. {why}",
            "segment ignored",
        ),

        EventKind::DataQueued { .. } => (
            "The kernel copies **{len} bytes** from the program into the **send queue** of {sock} (now {queued}). They stay there until the peer acknowledges them, in case they must be sent again.",
            "send queue: +{len} = {queued} bytes",
        ),
        EventKind::DataAcked { .. } => (
            "The peer acknowledges **{len} bytes**: {sock} drops them from the send queue ({queued} left). They are in the peer's kernel; its program need not have read them.",
            "send queue: −{len} = {queued} bytes",
        ),
        EventKind::DataArrived { .. } => (
            "**{len} bytes** arrive in order and join the **receive queue** of {sock} (now {queued}). They wait there until the program reads; TCP keeps no boundaries between sends.",
            "receive queue: +{len} = {queued} bytes",
        ),
        EventKind::DataOutOfOrder { .. } => (
            "**{len} bytes** came early: something before them is missing. {Sock} keeps them aside until the gap is filled; the program never sees data out of order.",
            "{len} bytes kept, a gap before them",
        ),
        EventKind::DataRead { .. } => (
            "The program takes **{len} bytes** out of the receive queue of {sock}; **{queued}** are left.",
            "receive queue: −{len} = {queued} bytes",
        ),
        EventKind::DataDiscarded {
            because: Rule::LastClose,
            ..
        } => (
            "**{len} bytes** that were received and never read are thrown away together with {sock}.",
            "{len} unread bytes thrown away",
        ),
        EventKind::DataDiscarded { .. } => (
            "**{len} unread bytes** of {sock} are thrown away. {why}",
            "{len} unread bytes thrown away",
        ),
        EventKind::RttMeasured { .. } => (
            "A segment of {sock} was acknowledged after **{rtt}**: the round-trip time. From it follows how long to wait before sending again: **{rto}** (what was measured plus at least 200 ms, on Linux).",
            "round trip {rtt}, timeout {rto}",
        ),

        EventKind::NameBound {
            because: Rule::Autobind,
            ..
        } => (
            "The program left the name to the kernel: {sock} has an **abstract name** now. {why}",
            "the kernel chooses a name",
        ),
        EventKind::NameBound { .. } => (
            "{Sock} **has its name** now; others reach it by that with connect() or sendto(). A path appears in the file system as a node of its own kind; an abstract name, which begins with a NUL, is in no file system.",
            "{sock} has a name",
        ),
        EventKind::NameTaken { .. } => (
            "{Sock} cannot have this name: **EADDRINUSE**. {why}",
            "the name is taken",
        ),
        EventKind::NodeRemoved { .. } => (
            "The **path is gone** from the file system: nobody finds the socket by it any more, and the name is free for another bind(). A socket that was bound to it lives on, and so do its connections.",
            "the path is removed",
        ),
        EventKind::UnixListening { .. } => (
            "{Sock} **listens** with a backlog of {backlog}: **{fit}** connections may wait for accept(). Where none fits, connect() sleeps until one was accepted, or fails with EAGAIN if the socket is non-blocking.",
            "listens: {fit} may wait",
        ),
        EventKind::Paired { .. } => (
            "{Sock} has **{other}** as its peer: what it sends appears there, at once and without any network. {why}",
            "{sock} ↔ {other}",
        ),
        EventKind::Unpaired { .. } => (
            "{Sock} has **no peer** any more, or another one; what it had received and not read is lost. {why}",
            "{sock} gives up its peer",
        ),
        EventKind::MessageQueued { .. } => (
            "**{len} bytes** go straight into the **receive queue** of {sock}: {queued} bytes in {messages} pieces wait there now. Nothing is sent over a network, acknowledged or repeated. A stream's reader does not see the pieces; for SOCK_DGRAM and SOCK_SEQPACKET each is one message.",
            "receive queue: +{len} = {queued} bytes",
        ),

        EventKind::TimerSet { timer, .. } => timer_set(timer),
        EventKind::TimerStopped {
            timer: TimerKind::Retransmit,
            ..
        } => (
            "The retransmission timer of {sock} stops: what it waited for is acknowledged.",
            "retransmission timer off",
        ),
        EventKind::TimerStopped {
            timer: TimerKind::DelayedAck,
            ..
        } => (
            "The delayed-ACK timer of {sock} stops: a segment that goes out now carries the acknowledgement.",
            "delayed-ACK timer off",
        ),
        EventKind::TimerStopped { .. } => (
            "The {timer} of {sock} stops: it is no longer needed.",
            "{timer} off",
        ),
        EventKind::TimerExpired { timer, .. } => timer_expired(timer),

        EventKind::NotModelled { .. } => (
            "The run is cut off: **{what}**. Linux can do this, the simulated kernel cannot, and a guess would be a wrong lesson.",
            "not modelled: run cut off",
        ),
    }
}

fn returned(ret: i64) -> Template {
    if ret < 0 {
        (
            "**{call}()** fails in **{task}**: the kernel returns {ret}, of which the C library makes -1 and errno = **{errno}** ({msg}). {meaning}",
            "{call}() = -1 {errno}",
        )
    } else {
        (
            "**{call}()** returns **{ret}** to {task}. {result}",
            "{call}() = {ret}",
        )
    }
}

fn slept(on: WaitFor) -> Template {
    match on {
        WaitFor::Connection => (
            "**{task}** falls asleep in accept(): the accept queue of {at} is empty. It uses no CPU until a handshake is complete.",
            "{task} sleeps: accept queue empty",
        ),
        WaitFor::Handshake => (
            "**{task}** falls asleep in connect(): the SYN is out, and the call returns only when the answer is there.",
            "{task} sleeps: handshake under way",
        ),
        WaitFor::Data => (
            "**{task}** falls asleep: the receive queue of {at} is empty and the peer has not closed.",
            "{task} sleeps: nothing received yet",
        ),
        WaitFor::SendSpace => (
            "**{task}** falls asleep: the send queue of {at} is full. It goes on when the peer has acknowledged enough.",
            "{task} sleeps: send queue full",
        ),
        WaitFor::PeerRoom => (
            "**{task}** falls asleep: what was sent and not read yet is as much as AF_UNIX lets wait. It goes on when the other side has read enough.",
            "{task} sleeps: too much is unread",
        ),
        WaitFor::AcceptRoom => (
            "**{task}** falls asleep in connect(): the accept queue of {sock} is full. It goes on when a connection was accepted.",
            "{task} sleeps: accept queue full",
        ),
        WaitFor::AnyOf => (
            "**{task}** falls asleep in poll(): none of its descriptors is ready.",
            "{task} sleeps in poll()",
        ),
        WaitFor::Pipe => (
            "**{task}** falls asleep: the pipe is empty, or too full for what it writes.",
            "{task} sleeps at a pipe",
        ),
        WaitFor::Child => (
            "**{task}** falls asleep in wait(): none of its children has ended.",
            "{task} sleeps until a child ends",
        ),
        WaitFor::Time => (
            "**{task}** falls asleep for the time that it asked for.",
            "{task} sleeps for a while",
        ),
    }
}

fn woke(on: WaitFor, because: Rule) -> Template {
    if because == Rule::Interrupted {
        return ("**{task}** wakes up. {why}", "{task} wakes: a signal");
    }
    if because == Rule::TimeUp {
        return ("**{task}** wakes up. {why}", "{task} wakes: time is up");
    }
    match on {
        WaitFor::Connection => (
            "**{task}** wakes up in accept(). {why} It runs on when the scheduler gives it its turn.",
            "{task} wakes in accept()",
        ),
        WaitFor::Handshake => (
            "**{task}** wakes up in connect(): the handshake is decided, one way or the other.",
            "{task} wakes in connect()",
        ),
        WaitFor::Data => (
            "**{task}** wakes up: {at} has data, the end of the stream or an error for it.",
            "{task} wakes: something to receive",
        ),
        WaitFor::SendSpace => (
            "**{task}** wakes up: {at} has room in its send queue again, or has failed.",
            "{task} wakes: it can send",
        ),
        WaitFor::PeerRoom => (
            "**{task}** wakes up: enough has been read, or the other side is gone.",
            "{task} wakes: it can send",
        ),
        WaitFor::AcceptRoom => (
            "**{task}** wakes up in connect(): the accept queue has room again, or the listener is gone.",
            "{task} wakes in connect()",
        ),
        WaitFor::Pipe => (
            "**{task}** wakes up: the pipe has data or room for it, or its other end was closed.",
            "{task} wakes at a pipe",
        ),
        WaitFor::Child => (
            "**{task}** wakes up in wait(): a child has ended.",
            "{task} wakes: a child has ended",
        ),
        WaitFor::AnyOf | WaitFor::Time => (
            "**{task}** wakes up: one of the descriptors it waits for is ready.",
            "{task} wakes: a descriptor is ready",
        ),
    }
}

fn created(because: Rule) -> Template {
    if because == Rule::SynToListener {
        (
            "The kernel notes a **request** for a new connection. No program can reach it yet: it has no descriptor, only addresses and numbers.",
            "a request comes into being",
        )
    } else if because == Rule::UnixConnect {
        (
            "connect() makes the **listener's end** of the connection at once, with the listener's name. There is no handshake, and nobody has to answer: only accept() will give it a descriptor.",
            "the other end of the connection",
        )
    } else if because == Rule::SocketpairCall {
        (
            "The kernel makes a **socket** for {task}, one of two that are each other's peer from the beginning.",
            "one socket of a pair",
        )
    } else if because == Rule::BothClosed {
        (
            "A program still holds the closed socket, so a small entry of its own takes over the **TIME-WAIT** of the connection. {why}",
            "an entry for TIME-WAIT",
        )
    } else {
        (
            "The kernel makes a **socket** for {task}: CLOSED, without address, port or peer. The program cannot use it yet; for that it needs a descriptor.",
            "a new socket, CLOSED",
        )
    }
}

fn bound(because: Rule) -> Template {
    if because == Rule::InheritedPort {
        (
            "The new connection has **port {port}**, too, like its listener. {why} accept() takes no new port.",
            "port {port}, as its listener",
        )
    } else if because == Rule::BothClosed {
        (
            "TIME-WAIT keeps **port {port}** taken. {why}",
            "TIME-WAIT keeps port {port}",
        )
    } else {
        (
            "**Port {port}** belongs to {sock} now: the kernel's port table says so. {why}",
            "port {port} is taken",
        )
    }
}

/// A direction of an AF_UNIX socket is shut: no segment tells the peer, the kernel does.
fn unix_shut(receive: bool, send: bool) -> Template {
    match (receive, send) {
        (true, true) => (
            "{Sock} is **shut in both directions**: what it has received can still be read, then comes the end. {why}",
            "shut both ways",
        ),
        (true, false) => (
            "{Sock} **will receive nothing more**: when its queue has been read, recv() returns **0**. {why}",
            "shut for receiving",
        ),
        (false, _) => (
            "{Sock} is **shut for sending**: send() fails with EPIPE. {why}",
            "shut for sending",
        ),
    }
}
