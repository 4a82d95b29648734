//! Readiness (`tcp_poll()`).

use crate::abi::constants::{
    POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDHUP, POLLRDNORM, POLLWRNORM,
};
use crate::base::FileId;
use crate::kernel::Kernel;
use crate::kernel::event::TcpState;
use crate::kernel::file::{FileKind, Stdio};
use crate::kernel::option::Opt;
use crate::kernel::socket::Socket;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::tcp::connection::few_not_sent;
use crate::kernel::tcp::open::notsent_lowat;
use crate::kernel::tcp::urgent::Octet;

/// What poll(2) reports for any file, asked for or not.
const ALWAYS: i32 = POLLERR | POLLHUP | POLLNVAL;

/// Every condition that holds for a socket, as poll(2) names them.
pub fn readiness(socket: &Socket, sysctl: &Sysctl) -> i32 {
    if socket.raw().is_some() {
        return crate::kernel::raw::readiness(socket);
    }
    if socket.udp().is_some() {
        return crate::kernel::udp::readiness(socket);
    }
    if let Some(listen) = socket.tcp.listen() {
        return if listen.accept_queue.is_empty() {
            0
        } else {
            POLLIN | POLLRDNORM
        };
    }
    let state = socket.state();
    let mut mask = 0;
    if (socket.receive_shutdown && socket.send_shutdown) || state == TcpState::Closed {
        mask |= POLLHUP;
    }
    if socket.receive_shutdown {
        mask |= POLLIN | POLLRDNORM | POLLRDHUP;
    }
    if state != TcpState::SynSent && state != TcpState::SynReceived {
        // A mark that comes next does not count as something to read (tcp_poll()).
        if enough_to_read(socket, i64::from(socket.at_hole())) {
            mask |= POLLIN | POLLRDNORM;
        }
        // A socket that cannot send any more counts as writable: the call will not sleep.
        if socket.send_shutdown || writable(socket, sysctl) {
            mask |= POLLOUT | POLLWRNORM;
        }
    }
    if matches!(socket.urgent, Some(u) if matches!(u.octet, Octet::Here(_))) {
        mask |= POLLPRI;
    }
    if socket.error.is_some() {
        mask |= POLLERR;
    }
    mask
}

/// `sk_stream_is_writeable()`: at least a third of the buffer is free.
pub(crate) fn writable(socket: &Socket, sysctl: &Sysctl) -> bool {
    match socket.tcp.connection() {
        Some(c) => c.snd.writable(),
        None => few_not_sent(socket.last.not_sent, notsent_lowat(socket, sysctl)),
    }
}

/// `tcp_stream_is_readable()`: SO_RCVLOWAT octets and `more`, or fewer if the window has no room for more.
pub(crate) fn enough_to_read(socket: &Socket, more: i64) -> bool {
    let len = socket.receive_queue.len() as i64;
    let full = socket.tcp.connection();
    let full = full.is_some_and(|c| c.rcv.window() <= c.rcv.ack.rcv_mss);
    len > 0 && (len >= socket.options.get(Opt::RcvLowat) + more || full)
}

impl Kernel {
    /// Every condition that holds for an open file.
    pub(crate) fn file_readiness(&self, file: FileId) -> i32 {
        let Some(open) = self.files.get(file) else {
            return POLLNVAL;
        };
        match open.kind {
            FileKind::Socket(sock) => match self.sockets.get(sock) {
                Some(socket) => match socket.unix() {
                    Some(unix) => self.unix_readiness(sock, socket, unix),
                    None => readiness(socket, &self.sysctl),
                },
                None => 0,
            },
            FileKind::Stdio(Stdio::Input) => {
                let process = open.stdio_of.and_then(|pid| self.processes.get(pid));
                let stdin_empty = process.is_none_or(|p| p.stdin.is_empty());
                POLLIN | POLLRDNORM | if stdin_empty { POLLHUP } else { 0 }
            }
            FileKind::Stdio(Stdio::Output | Stdio::Error) => POLLOUT | POLLWRNORM,
            FileKind::Pipe(pipe, end) => self.pipes.get(pipe).map_or(0, |p| p.readiness(end)),
            FileKind::Epoll if self.epoll_has_events(file) => POLLIN | POLLRDNORM,
            FileKind::Epoll => 0,
            // DEFAULT_POLLMASK
            FileKind::Null(_) => POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM,
        }
    }
}

/// What poll(2) writes into `revents`.
pub(crate) fn revents(ready: i32, events: i16) -> i16 {
    (ready & (i32::from(events) | ALWAYS)) as i16
}
