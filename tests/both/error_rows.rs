//! The rows of the tables of errors that suites for real kernels hold these calls against, call by call: what the
//! situation is, the call, what it must answer. `errors_calls` has the first of them; what a whole test of another file
//! shows is not said again: epoll(7) in `epoll` and `processes`, select(2) in `select`, options in `arguments_data`,
//! accept4(2) in `fcntl`, credentials in `unix_stream`, urgent data in `urgent`, sendmmsg(2) and recvmmsg(2) in `mmsg`,
//! descriptors in messages in `rights`, the group that accept(2) must not copy in `groups`, the child that changes its
//! family and listens in `address_form`.
//!
//! What no row here can show: descriptors of kinds that no modelled call makes (regular files, directories, devices other
//! than /dev/null, eventfd(2), signalfd(2), timerfd(2), inotify(7), O_PATH); SCTP and UDP-Lite; packet sockets, netfilter
//! and TLS (regressions of other subsystems).

mod data;
mod names;
mod others;

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

type Row<'a> = (&'a str, Syscall, Result<u64, Errno>);

/// Makes the calls in order; what fails is named by its row.
#[track_caller]
fn rows<'a>(both: &mut Both, task: Task, rows: impl IntoIterator<Item = Row<'a>>) {
    for (what, call, expected) in rows {
        both.row(what);
        both.gives(task, call, expected);
    }
}

const BAD: i32 = 400;
const WORD: UserOut = UserOut::Capacity(64);

fn name_of(bytes: Option<UserIn>, namelen: i32) -> MsgIn {
    MsgIn {
        name: bytes,
        namelen,
        ..msg_in(b"x")
    }
}

/// A UDP socket at descriptor 3 of the task, and one that is connected to it at 4.
fn datagrams() -> (Both, Task) {
    let mut both = Both::datagrams();
    let task = both.task();
    rows(
        &mut both,
        task,
        [
            ("socket", udp(), Ok(3)),
            ("its address", bind(3, "127.0.0.1:7000"), Ok(0)),
            ("another", udp(), Ok(4)),
            ("its peer", connect(4, "127.0.0.1:7000"), Ok(0)),
        ],
    );
    (both, task)
}
