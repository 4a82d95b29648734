//! What was measured of Linux 6.18 and needs threads, which the real kernel's puppets do not have yet.

use crate::common::calls::*;
use crate::common::host::{Host, Outcome};
use sockscope::base::{Pid, Tid};
use sockscope::kernel::TcpState::*;

#[test]
fn close_neither_wakes_a_thread_that_reads_nor_ends_the_connection_before_it_has_read() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    let thread = Tid(900);
    let pid = Pid(102);
    host.kernel.spawn_thread(pid, thread);
    assert_eq!(host.call(thread, &recv(3, 9)), Outcome::Asleep);
    host.ok(client, &close(3));
    assert_eq!(host.result(client, &send(3, b"x")), Err(EBADF));
    assert!(host.back.is_empty(), "nobody was woken");
    assert_eq!(host.states(), [Listen, Established, Established]);
    host.ok(server, &send(4, b"late"));
    let reply = host.wait(thread).reply();
    assert_eq!(reply.written(1), Some(&b"late"[..]));
    // The read was the last that held the connection.
    host.pass(std::time::Duration::from_millis(250));
    assert_eq!(host.states(), [Listen, FinWait2, CloseWait]);
}
