//! The sockets of both kernels, as `ss -tuan` lists them.

use crate::abi::Program;
use crate::base::SockId;
use crate::kernel::TcpState;
use crate::kernel::task::{InCall, Progress, Task, TaskState};
use crate::native::{SocketRow, SocketState};
use crate::sim::World;
use std::net::SocketAddr;

/// One socket, as far as both kernels can be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// A UDP socket; connected if it has a remote address.
    pub(super) udp: bool,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) state: TcpState,
    /// Octets that wait to be read (of UDP, of the memory that they take), or connections that wait to be accepted; `None` where the FIN
    /// may or may not be counted.
    pub(super) receive_queue: Option<u32>,
}

/// Timers up to this far ahead are those of delayed acknowledgements.
const SHORT: std::time::Duration = std::time::Duration::from_millis(100);

/// The sockets of a simulated world that Linux would list.
pub(super) fn simulated<P: Program>(world: &World<P>) -> Vec<Row> {
    let waking = waking(world);
    let listed =
        world.kernel().sockets().iter().filter(|(_, s)| {
            s.state() != TcpState::Closed || (s.udp().is_some() && s.port.is_some())
        });
    listed
        .map(|(id, socket)| {
            let unspecified = SocketAddr::new(socket.family.unspecified(), 0);
            let listening = socket.tcp.listen().map(|l| l.accept_queue.len() as u32);
            let datagrams = socket.udp().map(|udp| udp.queued_memory());
            let queued = listening
                .or(datagrams)
                .unwrap_or(socket.receive_queue.len() as u32);
            let shut = socket.receive_shutdown && datagrams.is_none();
            Row {
                udp: datagrams.is_some(),
                local: socket.as_seen(socket.local),
                remote: socket
                    .remote
                    .map_or(unspecified, |remote| socket.as_seen(remote)),
                state: socket.state(),
                receive_queue: (!shut && !waking.contains(&id)).then_some(queued),
            }
        })
        .collect()
}

/// Sockets whose queue a task is about to take something from: it was woken and has not run. The real
/// kernel does not wait for its turn, so there it may have taken it already.
fn waking<P: Program>(world: &World<P>) -> Vec<SockId> {
    let in_call = |task: &Task| match &task.state {
        TaskState::InCall(InCall {
            progress: Progress::Woken(blocked),
            ..
        }) => blocked.waits_for().1,
        TaskState::InCall(_) | TaskState::User | TaskState::Ended => None,
    };
    world
        .kernel()
        .tasks()
        .iter()
        .filter_map(|(_, task)| in_call(task))
        .collect()
}

/// The same world after the timers of delayed acknowledgements have run.
pub(super) fn later<P: Program>(world: &World<P>) -> World<P> {
    let mut later = world.clone();
    later.let_time_pass(SHORT);
    later
}

/// The sockets that the real kernel lists.
pub(super) fn native(tcp: &[SocketRow], udp: &[SocketRow]) -> Vec<Row> {
    let row = |row: &SocketRow| {
        let state = state(row.state)?;
        let open = matches!(state, TcpState::Established | TcpState::Listen);
        Some(Row {
            udp: false,
            local: row.local,
            remote: row.remote,
            state,
            receive_queue: open.then_some(row.rqueue),
        })
    };
    let datagrams = |row: &SocketRow| Row {
        udp: true,
        local: row.local,
        remote: row.remote,
        state: TcpState::Closed,
        receive_queue: Some(row.rqueue),
    };
    let mut rows: Vec<Row> = tcp.iter().filter_map(row).collect();
    rows.extend(udp.iter().map(datagrams));
    rows.sort();
    rows
}

/// `None` for a socket that is merely bound, or reset: not every kernel lists those.
fn state(state: SocketState) -> Option<TcpState> {
    Some(match state {
        SocketState::Established => TcpState::Established,
        SocketState::SynSent => TcpState::SynSent,
        SocketState::SynReceived | SocketState::NewSynReceived => TcpState::SynReceived,
        SocketState::FinWait1 => TcpState::FinWait1,
        SocketState::FinWait2 => TcpState::FinWait2,
        SocketState::TimeWait => TcpState::TimeWait,
        SocketState::CloseWait => TcpState::CloseWait,
        SocketState::LastAck => TcpState::LastAck,
        SocketState::Listen => TcpState::Listen,
        SocketState::Closing => TcpState::Closing,
        SocketState::Close => return None,
    })
}

/// Whether the real rows are one of those expected.
pub(super) fn agree(expected: &[Vec<Row>; 2], native: &[Row]) -> bool {
    expected
        .iter()
        .any(|rows| rows.len() == native.len() && rows.iter().zip(native).all(|(a, b)| same(a, b)))
}

fn same(a: &Row, b: &Row) -> bool {
    let queues = match (a.receive_queue, b.receive_queue) {
        (Some(a), Some(b)) => a == b,
        (None, _) | (_, None) => true,
    };
    (a.udp, a.local, a.remote, a.state) == (b.udp, b.local, b.remote, b.state) && queues
}

/// For people.
pub(super) fn text(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let queue = row.receive_queue.map_or("-".to_owned(), |n| n.to_string());
        format!(
            "{:<12} {queue:>4} {:<22} {}",
            if row.udp { "UDP" } else { row.state.name() },
            row.local,
            row.remote
        )
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
