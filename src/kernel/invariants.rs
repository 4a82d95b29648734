//! What must hold between any two entries into the kernel; checked in debug builds and by property
//! tests.

use crate::base::{FileId, SockId};
use crate::kernel::Kernel;
use crate::kernel::event::TcpState;
use crate::kernel::file::FileKind;
use crate::kernel::task::{InCall, Progress, TaskState};
use std::collections::BTreeMap;

/// Checks that the tables agree with each other.
pub fn check(kernel: &Kernel) -> Result<(), String> {
    references(kernel)?;
    sockets(kernel)?;
    watched(kernel)?;
    for (_, sock) in kernel.demux().iter() {
        require(kernel.sockets().contains(sock), || {
            format!("demux names {sock:?}, which is gone")
        })?;
    }
    for (port, bucket) in kernel.ports().iter().chain(kernel.udp_ports().iter()) {
        require(!bucket.owners.is_empty(), || {
            format!("port {port} has no owner")
        })?;
        for owner in &bucket.owners {
            let claims = kernel
                .sockets()
                .get(*owner)
                .and_then(|s| s.port)
                .map(|c| c.port);
            require(claims == Some(port), || {
                format!("{owner:?} does not claim port {port}")
            })?;
        }
    }
    Ok(())
}

/// Every reference count is the number of descriptors, calls and messages that refer to the file.
fn references(kernel: &Kernel) -> Result<(), String> {
    let mut counted: BTreeMap<FileId, u32> = BTreeMap::new();
    for (_, process) in kernel.processes().iter() {
        for file in process.fds.iter().filter_map(|(_, d)| d.file) {
            *counted.entry(file).or_default() += 1;
        }
    }
    for (_, task) in kernel.tasks().iter() {
        if let TaskState::InCall(InCall {
            progress: Progress::Waiting(b) | Progress::Asleep(b) | Progress::Woken(b),
            ..
        }) = &task.state
        {
            for file in b.files() {
                *counted.entry(file).or_default() += 1;
            }
        }
    }
    let queues = kernel.sockets().iter().filter_map(|(_, s)| s.unix());
    for file in queues.flat_map(|u| &u.queue).flat_map(|m| &m.rights) {
        *counted.entry(*file).or_default() += 1;
    }
    for (id, file) in kernel.files().iter() {
        let found = counted.remove(&id).unwrap_or(0);
        require(file.refs == found, || {
            format!("{id:?} says {} references, has {found}", file.refs)
        })?;
    }
    require(counted.is_empty(), || {
        format!("descriptors of files that are gone: {counted:?}")
    })
}

/// Pipes have the ends that they name, and epoll instances watch files that exist.
fn watched(kernel: &Kernel) -> Result<(), String> {
    for (id, pipe) in kernel.pipes().iter() {
        for end in pipe.reader.iter().chain(&pipe.writer) {
            let open = kernel.files().get(*end).map(|f| f.kind);
            let is_end = matches!(open, Some(FileKind::Pipe(of, _)) if of == id);
            require(is_end, || {
                format!("{id:?} has {end:?}, which is no end of it")
            })?;
        }
    }
    for (id, epoll) in kernel.epolls().iter() {
        require(kernel.is_epoll(id), || format!("{id:?} is no epoll file"))?;
        for item in &epoll.items {
            require(kernel.files().contains(item.file), || {
                format!("{id:?} watches {:?}, which is gone", item.file)
            })?;
        }
        for (file, fd) in &epoll.ready {
            require(epoll.item(*file, *fd).is_some(), || {
                format!("{id:?} has fd {fd} ready and does not watch it")
            })?;
        }
    }
    Ok(())
}

/// Each socket is held by something, and where it says it is.
fn sockets(kernel: &Kernel) -> Result<(), String> {
    let mut queued: Vec<SockId> = Vec::new();
    for (id, socket) in kernel.sockets().iter() {
        if let Some(listen) = socket.tcp.listen() {
            queued.extend(listen.syn_queue.iter().chain(&listen.accept_queue));
        }
        if let Some(unix) = socket.unix() {
            kernel.check_unix(id, unix)?;
        }
        let has_tuple = socket.tcp.has_tuple();
        let found = Kernel::tuple(socket).and_then(|tuple| kernel.demux().connection(tuple));
        require(!has_tuple || found.is_some(), || {
            format!("{id:?} is not in the demux")
        })?;
        if let Some(claim) = socket.port {
            let table = if socket.is_tcp() {
                kernel.ports()
            } else {
                kernel.udp_ports()
            };
            let owns = table
                .bucket(claim.port)
                .is_some_and(|b| b.owners.contains(&id));
            require(owns, || {
                format!("{id:?} claims port {} and does not own it", claim.port)
            })?;
        }
        if let Some(c) = socket.tcp.connection() {
            let ordered = !c.snd.nxt.before(c.snd.una) && !c.snd.write_seq.before(c.snd.nxt);
            require(ordered, || {
                format!("{id:?}: SND.UNA ≤ SND.NXT ≤ write_seq does not hold")
            })?;
        }
    }
    for sock in queued {
        require(kernel.sockets().contains(sock), || {
            format!("{sock:?} is queued and gone")
        })?;
    }
    for (id, socket) in kernel.sockets().iter() {
        let Some(file) = socket.file else { continue };
        let back = kernel.files().get(file).map(|f| f.kind);
        require(back == Some(FileKind::Socket(id)), || {
            format!("{id:?} and {file:?} disagree")
        })?;
        require(socket.state() != TcpState::TimeWait, || {
            format!("{id:?} is held in TIME-WAIT")
        })?;
    }
    Ok(())
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
