//! The view model: all that a picture of one moment shows, as plain values.
//!
//! The page draws from these and from nothing else, and `window.sockscope.state()` gives them to
//! embedders. A view is windows and aggregates of the world at the cursor, so that its size does not
//! grow with the length of the run. Colours, positions and wording of controls are the page's.

mod time;

pub use time::{EndView, LaneView, SegmentView, SpanView, TickView, TimelineView, TurnView};

use crate::program::SourceFile;
use serde::Serialize;
use std::rc::Rc;

/// One moment of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Where the cursor is.
    pub cursor: CursorView,
    /// One per process, in the order in which the programs were listed.
    pub processes: Vec<ProcessView>,
    /// Open file descriptions that some process refers to, ascending.
    pub files: Vec<FileView>,
    /// Sockets, ascending: what programs hold, what waits in queues, orphans, TIME-WAITs.
    pub sockets: Vec<SocketView>,
    /// The port table.
    pub ports: PortsView,
    /// Packets that were sent and have not arrived, oldest first.
    pub wire: Vec<SegmentView>,
    /// The ladder diagram: every segment of the run so far, and those still to come (`future`).
    pub ladder: Vec<SegmentView>,
    /// How the states of TCP changed meanwhile, at both ends: so far, and after the cursor.
    pub turns: Vec<TurnView>,
    /// Lanes of the timeline over the whole run.
    pub timeline: TimelineView,
    /// What the event at the cursor means; `None` before the first.
    pub now: Option<ExplainedView>,
    /// Short lines, one for each thing that changed in this step.
    pub changes: Vec<ExplainedView>,
    /// The calls so far, as strace prints them, newest last (the last 500).
    pub strace: Vec<StraceLine>,
    /// The tasks among which the scheduler chooses next, if the user may choose: at least two.
    pub choice: Option<ChoiceView>,
    /// How the run ended, at the end of it.
    pub ending: Option<EndingView>,
    /// The moments of the scenario that are worth a look, in its order.
    pub bookmarks: Vec<BookmarkView>,
    /// What is known of this very run on real Linux; `None` after a choice that made it another run.
    pub recorded: Option<RecordedView>,
}

/// A moment that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookmarkView {
    /// Number of the event; `None` while the run is not known so far, or if it never comes.
    pub event: Option<u32>,
    /// Index of the process.
    pub process: u32,
    /// What is to be seen there, in the chosen language.
    pub label: String,
}

/// A recorded comparison with real Linux.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedView {
    /// The release of the kernel: `6.18.44`.
    pub kernel: String,
    /// Calls that were compared.
    pub calls: u32,
    /// How many of them were equal.
    pub equal: u32,
}

/// Where the cursor is in the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CursorView {
    /// Events told so far: the cursor stands after event number `event`; 0 is the beginning.
    pub event: u32,
    /// Events of the whole run, as far as it is known.
    pub events: u32,
    /// Whether the whole run is known.
    pub complete: bool,
    /// Work done so far: instructions and kernel entries. Together with `event` it names the moment.
    pub tick: u64,
    /// Virtual time in nanoseconds.
    pub time: u64,
    /// Nothing can happen after this.
    pub at_end: bool,
    /// The beginning.
    pub at_start: bool,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Activity {
    /// Starts when another process has ended.
    NotStarted,
    /// Computes in user space.
    Running,
    /// Could run and waits for its turn.
    Ready,
    /// Is inside a system call.
    InCall,
    /// Sleeps inside a system call.
    Asleep,
    /// Has ended.
    Ended,
    /// The C machine stopped it: it did something undefined.
    Faulted,
}

/// One process.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessView {
    /// Process id.
    pub pid: u32,
    /// The program's name: the stem of its first file (`server`).
    pub name: String,
    /// Its place in the list, from 0: decides its colour.
    pub index: u32,
    /// The program of the scenario that it runs, by index: that of `index`, or the one that it is a copy or a thread of.
    pub program: u32,
    /// What it does.
    pub activity: Activity,
    /// What it does in words of the chosen language: `asleep in accept(3)`.
    pub activity_text: String,
    /// What it is about to do or waits for, for the line under the source:
    /// `sleeps until the accept queue of fd 3 is not empty`, `connect(3, 127.0.0.1:12345) …`.
    pub next_text: String,
    /// The kernel's call that it is in, as strace prints it, without a result.
    pub call: Option<String>,
    /// The C library function that made the call, if it has another name (`send` for `sendto`).
    pub library: Option<Rc<str>>,
    /// Where it is in its source.
    pub location: Option<LocationView>,
    /// Its source files; the text does not change during a run.
    pub files: Rc<[SourceView]>,
    /// Marks beside source lines: what `compare` found on real Linux.
    pub marks: Vec<MarkView>,
    /// Its descriptors, ascending.
    pub fds: Vec<FdView>,
    /// The lowest free descriptor number: what the next `socket()` will return.
    pub next_fd: i32,
    /// What it wrote to standard output and error so far, in order.
    pub output: Vec<OutputView>,
    /// Exit status, or 128 + signal, if it has ended.
    pub exit: Option<i32>,
    /// The error that stopped it, rendered with its line, if it faulted.
    pub fault: Option<String>,
}

/// A place in a program's source; lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationView {
    /// Index into [`ProcessView::files`].
    pub file: u32,
    /// Line.
    pub line: u32,
    /// First column of the expression or statement.
    pub column: u32,
    /// The function it is in.
    pub function: String,
}

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceView {
    /// `client.c`.
    pub name: String,
    /// The text.
    pub text: String,
}

impl SourceView {
    /// A program's files.
    pub(crate) fn of(files: &[SourceFile]) -> Rc<[SourceView]> {
        let mut views = Vec::new();
        for file in files {
            views.push(SourceView {
                name: file.name.clone(),
                text: file.text.to_string(),
            });
        }
        views.into()
    }
}

/// A mark beside a source line: whether the call made there was equal on real Linux.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkView {
    /// Index into [`ProcessView::files`].
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// The call.
    pub call: &'static str,
    /// Equal on real Linux.
    pub equal: bool,
    /// The cursor has passed the call.
    pub passed: bool,
}

/// One descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FdView {
    /// The number.
    pub fd: i32,
    /// The open file description; `None` for a number that accept(2) holds while it sleeps.
    pub file: Option<u32>,
    /// `socket`, `stdin`, `stdout`, `stderr` or `reserved`.
    pub kind: &'static str,
    /// It changed in this step.
    pub changed: bool,
}

/// One open file description of a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileView {
    /// Its id.
    pub file: u32,
    /// The socket behind it.
    pub sock: u32,
    /// Descriptors that refer to it.
    pub refs: u32,
    /// O_NONBLOCK.
    pub nonblocking: bool,
    /// It changed in this step.
    pub changed: bool,
}

/// One socket.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketView {
    /// Its id, never used again.
    pub sock: u32,
    /// What it is.
    pub role: SocketRole,
    /// Index of the process that holds it, made it or would accept it.
    pub process: Option<u32>,
    /// The descriptor of that process, if it has one.
    pub fd: Option<i32>,
    /// The open file description, if any.
    pub file: Option<u32>,
    /// The TCP state as RFC 9293 spells it: `LISTEN`, `SYN-RECEIVED`, `ESTABLISHED` …; of AF_UNIX as ss(8) does: `UNCONN`,
    /// `LISTEN`, `ESTAB`; `UDP` for a UDP socket, which has no state.
    pub state: &'static str,
    /// Local address and port: `0.0.0.0:12345`; an AF_UNIX name: `x.sock`, `@abstract`; `None` while it has neither.
    pub local: Option<String>,
    /// Local port; 0 while it has none.
    pub local_port: u16,
    /// Peer, once there is one.
    pub remote: Option<String>,
    /// How it came to its port: `bind`, `bindEphemeral`, `connectEphemeral` or `inherited`.
    pub port_origin: Option<&'static str>,
    /// Options that are set, by name; before them the type of an AF_UNIX socket.
    pub options: Vec<String>,
    /// The queues of a listener.
    pub listener: Option<ListenerView>,
    /// Numbers and queues of a connection; also what is left to read after one.
    pub connection: Option<ConnectionView>,
    /// The receive queue of a UDP socket.
    pub datagrams: Option<DatagramsView>,
    /// The pending error, by name.
    pub error: Option<&'static str>,
    /// Running timers.
    pub timers: Vec<TimerView>,
    /// The peer's socket on this host, if it is there.
    pub peer: Option<u32>,
    /// It changed in this step.
    pub changed: bool,
}

/// What a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SocketRole {
    /// A program holds it by a descriptor.
    Held,
    /// A half-open request in a listener's SYN queue.
    Request,
    /// A connection in a listener's accept queue.
    Queued,
    /// No program holds it any more; TCP is not done with it.
    Orphan,
    /// TIME-WAIT.
    TimeWait,
}

/// The queues of a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerView {
    /// The backlog; `backlog + 1` connections fit.
    pub backlog: u32,
    /// Half-open requests, oldest first: socket id and the peer's address (at most 64 of them).
    pub syn_queue: Vec<QueuedView>,
    /// How many half-open requests there are.
    pub syn_queue_len: u32,
    /// Connections that wait for accept(2), oldest first (at most 64 of them).
    pub accept_queue: Vec<QueuedView>,
    /// How many connections wait.
    pub accept_queue_len: u32,
}

/// Something in a listener's queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueuedView {
    /// Its socket id.
    pub sock: u32,
    /// The peer's address and port.
    pub peer: String,
    /// Its TCP state.
    pub state: &'static str,
}

/// The receive queue of a datagram socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatagramsView {
    /// Datagrams that wait to be taken.
    pub waiting: u32,
    /// Octets of data in them.
    pub octets: u32,
    /// Octets of memory that they take; and how many there may be (SO_RCVBUF).
    pub memory: u32,
    /// See `memory`.
    pub buffer: u32,
    /// Datagrams that found no room.
    pub drops: u32,
    /// Entries of the error queue.
    pub errors: u32,
    /// The beginning of the oldest as text, at most 64 octets, others than ASCII as `.`.
    pub text: String,
}

/// The numbers of a connection. Sequence numbers are relative to the initial ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Octets in the send queue: sent and not acknowledged, or not sent yet.
    pub send_queue: u32,
    /// Of those, octets that were sent.
    pub in_flight: u32,
    /// Octets that the send queue may hold.
    pub send_buffer: u32,
    /// Octets in the receive queue.
    pub receive_queue: u32,
    /// Octets that the receive window can grow to.
    pub receive_buffer: u32,
    /// The beginning of the receive queue as text, at most 64 octets, others than ASCII as `.`.
    pub receive_text: String,
    /// SND.UNA, SND.NXT, RCV.NXT, relative; and the initial sequence numbers, absolute.
    pub snd_una: u32,
    /// See `snd_una`.
    pub snd_nxt: u32,
    /// See `snd_una`.
    pub rcv_nxt: u32,
    /// Our initial sequence number.
    pub iss: u32,
    /// The peer's.
    pub irs: u32,
    /// SND.WND, octets.
    pub snd_wnd: u32,
    /// RCV.WND, octets.
    pub rcv_wnd: u32,
    /// `snd_cwnd`, segments.
    pub cwnd: u32,
    /// Octets of data in a full segment.
    pub mss: u32,
    /// Smoothed round-trip time, microseconds, if measured.
    pub srtt: Option<u32>,
    /// Retransmission timeout, microseconds.
    pub rto: u32,
}

/// A running timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimerView {
    /// `retransmit`, `delayedAck`, `zeroWindowProbe` or `timeWait`.
    pub kind: &'static str,
    /// Nanoseconds until it runs out.
    pub left: u64,
}

/// The port tables of TCP and UDP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PortsView {
    /// Ports with owners, ascending (at most 256 of them).
    pub used: Vec<PortView>,
    /// How many ports have owners.
    pub used_len: u32,
    /// First port of the ephemeral range.
    pub ephemeral_low: u16,
    /// Last port of the ephemeral range.
    pub ephemeral_high: u16,
    /// How many ports of the ephemeral range have owners.
    pub ephemeral_used: u32,
    /// Ports below this need CAP_NET_BIND_SERVICE.
    pub unprivileged_start: u16,
    /// Well-known ports worth a label: number and service name.
    pub services: Vec<ServiceView>,
    /// Where the kernel's search began and ended in this step, if it searched.
    pub search: Option<SearchView>,
}

/// A port with owners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortView {
    /// The port.
    pub port: u16,
    /// Its service name, if it is a well-known one.
    pub service: Option<&'static str>,
    /// It is a port of UDP.
    pub udp: bool,
    /// The sockets that own it.
    pub owners: Vec<u32>,
    /// Index of the process it belongs to, if one does.
    pub process: Option<u32>,
    /// `server fd 3`, `server fd 3, 4`, `TIME-WAIT`.
    pub label: String,
    /// The TCP state of the first owner; `UDP`.
    pub state: &'static str,
    /// It changed in this step.
    pub changed: bool,
}

/// A well-known port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceView {
    /// The port.
    pub port: u16,
    /// Its name.
    pub name: &'static str,
}

/// A search for a free port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchView {
    /// The first candidate.
    pub first: u16,
    /// The port found, or 0.
    pub port: u16,
    /// How many were tried.
    pub tried: u32,
    /// `even` or `odd`: the parity that is tried first.
    pub parity: &'static str,
}

/// An event in words of the chosen language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedView {
    /// Number of the event, from 1.
    pub event: u32,
    /// What kind of event it is, by its name in the kernel (`StateChanged`).
    pub kind: &'static str,
    /// What happened and why, one or two sentences. `**…**` marks what is strong.
    pub text: String,
    /// A short form for the list of changes.
    pub short: String,
    /// Where to look it up: RFC section, Linux function, manual page; separated by ` · `.
    pub source: &'static str,
    /// The socket it is about, if any.
    pub sock: Option<u32>,
    /// Index of the process it is about, if any.
    pub process: Option<u32>,
}

/// One line of strace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StraceLine {
    /// Index of the process.
    pub process: u32,
    /// `socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3`; a call that has not returned ends in
    /// `<unfinished ...>`.
    pub text: String,
    /// The call failed.
    pub failed: bool,
    /// `Some(true)`: equal on real Linux; `None`: nothing recorded for it.
    pub equal: Option<bool>,
    /// Number of the event that entered it.
    pub event: u32,
}

/// A choice that is the user's to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChoiceView {
    /// Its index in the log of choices.
    pub index: u32,
    /// The processes that could run next, by index; the first is the scheduler's own choice.
    pub processes: Vec<u32>,
}

/// What a process wrote by one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputView {
    /// 1 for standard output, 2 for standard error.
    pub stream: u8,
    /// The text, invalid UTF-8 replaced.
    pub text: String,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndingView {
    /// `allEnded`, `stuck`, `fault` or `notModelled`.
    pub kind: &'static str,
    /// The same in words of the chosen language.
    pub text: String,
}
