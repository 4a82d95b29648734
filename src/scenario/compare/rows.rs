//! The sockets of both kernels, as `ss -tuan` lists them.

use crate::abi::Program;
use crate::base::SockId;
use crate::kernel::TcpState;
use crate::kernel::socket::Family;
use crate::kernel::task::{InCall, Progress, Task, TaskState};
use crate::native::{SocketRow, SocketState};
use crate::sim::World;
use std::net::{IpAddr, SocketAddr};

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
        // tcp_disconnect() leaves the address of a peer that is none any more.
        let remote = match row.remote.port() {
            0 => SocketAddr::new(unspecified(row.remote), 0),
            _ => row.remote,
        };
        Some(Row {
            udp: false,
            local: row.local,
            remote,
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

/// The address of nobody, in the family of this one.
fn unspecified(address: SocketAddr) -> IpAddr {
    match address {
        SocketAddr::V4(_) => Family::Inet.unspecified(),
        SocketAddr::V6(_) => Family::Inet6.unspecified(),
    }
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

/// Whether the real rows are those expected now or those expected later: decided for each pair of addresses by itself,
/// since each has a timer of its own.
pub(super) fn agree(expected: &[Vec<Row>; 2], native: &[Row]) -> bool {
    let key = |row: &Row| (row.udp, row.local, row.remote);
    let mut all: Vec<_> = expected.iter().flatten().chain(native).map(key).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().all(|one| {
        let of = |rows: &[Row]| rows.iter().filter(|row| key(row) == one).cloned().collect();
        let found: Vec<Row> = of(native);
        expected.iter().any(|rows| {
            let rows: Vec<Row> = of(rows);
            rows.len() == found.len() && rows.iter().zip(&found).all(|(a, b)| same(a, b))
        })
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(port: u16, state: TcpState) -> Row {
        Row {
            udp: false,
            local: SocketAddr::from(([127, 0, 0, 1], port)),
            remote: SocketAddr::from(([127, 0, 0, 1], 80)),
            state,
            receive_queue: None,
        }
    }

    #[test]
    fn each_connection_may_be_as_it_is_now_or_as_it_will_be() {
        use TcpState::{Established, FinWait1, FinWait2, TimeWait};
        let now = vec![row(1, FinWait1), row(2, FinWait1)];
        let later = vec![row(1, FinWait2), row(2, FinWait2), row(3, TimeWait)];
        let expected = [now, later];
        let agrees = |native: &[Row]| agree(&expected, native);
        assert!(agrees(&[row(1, FinWait1), row(2, FinWait2)]));
        assert!(agrees(&[
            row(1, FinWait2),
            row(2, FinWait1),
            row(3, TimeWait)
        ]));
        assert!(!agrees(&[row(1, FinWait1), row(2, Established)]));
        assert!(!agrees(&[row(1, FinWait1)]));
        assert!(!agrees(&[
            row(1, FinWait1),
            row(2, FinWait1),
            row(4, TimeWait)
        ]));
    }
}
