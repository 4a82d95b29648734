//! Where to look an event up, if no rule says it: kernel functions and manual pages.

use crate::kernel::event::{Carries, EventKind, TimerKind, WaitFor};

/// The source of an event: its rule's, or that of the mechanism.
pub(super) fn of(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::TaskWoke { because, .. }
        | EventKind::SocketCreated { because, .. }
        | EventKind::StateChanged { because, .. }
        | EventKind::ErrorNoted { because, .. }
        | EventKind::Shutdown { because, .. }
        | EventKind::PortConflict { because, .. }
        | EventKind::PortSearch { because, .. }
        | EventKind::PortChosen { because, .. }
        | EventKind::AddressesSet { because, .. }
        | EventKind::RequestDropped { because, .. }
        | EventKind::ListenOverflow { because, .. }
        | EventKind::SegmentSent { because, .. }
        | EventKind::SegmentLost { because, .. }
        | EventKind::SegmentIgnored { because, .. }
        | EventKind::NameTaken { because, .. }
        | EventKind::Paired { because, .. }
        | EventKind::Unpaired { because, .. }
        | EventKind::DatagramDropped { because, .. }
        | EventKind::PeerForgotten { because, .. }
        | EventKind::DataDiscarded { because, .. } => because.source(),
        EventKind::NameBound { .. } => "bind(2) · unix(7) · unix_bind()",
        EventKind::NodeRemoved { .. } => "unlink(2) · unix(7)",
        EventKind::UnixListening { .. } => "listen(2) · unix_listen()",
        EventKind::MessageQueued { .. } => "unix(7) · unix_stream_sendmsg() · unix_dgram_sendmsg()",
        EventKind::PortBound { because, .. } => match because {
            crate::kernel::rule::Rule::AskedFor => "bind(2) · inet_csk_get_port()",
            other => other.source(),
        },
        EventKind::PortReleased { .. } => "inet_put_port()",
        EventKind::SocketDestroyed { .. } => "sk_free() · inet_sock_destruct()",
        EventKind::ProcessStarted { .. } => "execve(2) · stdin(3)",
        EventKind::ProcessExited { .. } => "exit_group(2) · do_exit()",
        EventKind::ProcessKilled { .. } => "signal(7) · do_group_exit()",
        EventKind::SyscallEntered { call, .. } => page(call),
        EventKind::SyscallReturned { call, ret, .. } if *ret >= 0 => page(call),
        EventKind::SyscallReturned { .. } => "errno(3) · syscall(2)",
        EventKind::TaskSlept { on, .. } => match on {
            WaitFor::Connection => "accept(2) · inet_csk_wait_for_connect()",
            WaitFor::Handshake => "connect(2) · inet_wait_for_connect()",
            WaitFor::Data => "recv(2) · sk_wait_data()",
            WaitFor::SendSpace => "send(2) · sk_stream_wait_memory()",
            WaitFor::PeerRoom => "send(2) · sock_alloc_send_pskb() · unix_wait_for_peer()",
            WaitFor::AcceptRoom => "connect(2) · unix_wait_for_peer()",
            WaitFor::AnyOf => "poll(2) · poll_schedule_timeout()",
            WaitFor::Time => "nanosleep(2)",
            WaitFor::Pipe => "pipe(7) · pipe_read() · pipe_write()",
            WaitFor::Child => "wait(2) · do_wait()",
            WaitFor::Closing => "close(2) · sk_stream_wait_close()",
        },
        EventKind::ConsoleWrote { .. } => "write(2) · stdout(3)",
        EventKind::ConsoleRead { .. } => "read(2) · stdin(3)",
        EventKind::FileOpened { .. } => "open(2) · sock_alloc_file()",
        EventKind::NonblockingSet { .. } => "fcntl(2) F_SETFL · setfl()",
        EventKind::CloexecSet { .. } => "fcntl(2) F_SETFD",
        EventKind::PipeWrote { .. } => "pipe(7) · pipe_write()",
        EventKind::PipeRead { .. } => "pipe(7) · pipe_read()",
        EventKind::EpollInterest { .. } => "epoll_ctl(2) · do_epoll_ctl()",
        EventKind::EpollReady { .. } => "epoll(7) · ep_poll_callback()",
        EventKind::ProcessForked { .. } => "fork(2) · copy_process()",
        EventKind::ProcessReaped { .. } => "wait(2) · wait_task_zombie()",
        EventKind::SignalSent { .. } => "kill(2) · signal(7)",
        EventKind::FileReleased { .. } => "close(2) · __fput()",
        EventKind::DescriptorInstalled { .. } => "open(2) · alloc_fd() · fd_install()",
        EventKind::DescriptorClosed { .. } => "close(2) · file_close_fd()",
        EventKind::SocketOrphaned { .. } => "tcp_close() · sock_orphan()",
        EventKind::OptionSet { .. } => "setsockopt(2) · socket(7)",
        EventKind::ErrorConsumed { .. } => "socket(7) SO_ERROR · sock_error()",
        EventKind::BacklogSet { .. } => "listen(2) · __inet_listen_sk()",
        EventKind::RequestQueued { .. } => "RFC 9293 §3.10.7.2 · tcp_conn_request() · listen(2)",
        EventKind::AcceptQueued { .. } => "listen(2) · inet_csk_reqsk_queue_add()",
        EventKind::AcceptDequeued { .. } => "accept(2) · reqsk_queue_remove()",
        EventKind::DatagramQueued { .. } => "RFC 768 · udp_queue_rcv_skb()",
        EventKind::DatagramRead { .. } => "recv(2) · udp_recvmsg()",
        EventKind::ErrorQueued { .. } => "ip(7) IP_RECVERR · ip_icmp_error()",
        EventKind::SegmentDelivered { head, .. } if head.carries == Carries::Udp => {
            "__udp4_lib_rcv() · __udp4_lib_lookup()"
        }
        EventKind::SegmentDelivered { head, .. } if head.carries != Carries::Tcp => {
            "RFC 792 · icmp_rcv()"
        }
        EventKind::SegmentDelivered { .. } => "tcp_v4_rcv() · __inet_lookup_skb()",
        EventKind::DataQueued { .. } => "send(2) · tcp_sendmsg()",
        EventKind::DataAcked { .. } => "RFC 9293 §3.10.7.4 · tcp_clean_rtx_queue()",
        EventKind::DataArrived { .. } => "RFC 9293 §3.10.7.4 · tcp_data_queue()",
        EventKind::DataOutOfOrder { .. } => "RFC 9293 §3.10.7.4 · tcp_data_queue_ofo()",
        EventKind::DataRead { .. } => "recv(2) · tcp_recvmsg()",
        EventKind::RttMeasured { .. } => "RFC 6298 §2 · tcp_rtt_estimator()",
        EventKind::TimerSet { timer, .. }
        | EventKind::TimerStopped { timer, .. }
        | EventKind::TimerExpired { timer, .. } => match timer {
            TimerKind::Retransmit => "RFC 6298 §5 · tcp_retransmit_timer()",
            TimerKind::LossProbe => "RFC 8985 §7 · tcp_send_loss_probe()",
            TimerKind::DelayedAck => "RFC 9293 §3.8.6.3 · tcp_send_delayed_ack()",
            TimerKind::ZeroWindowProbe => "RFC 9293 §3.8.6.1 · tcp_probe_timer()",
            TimerKind::KeepAlive => "RFC 9293 §3.8.4 · tcp_keepalive_timer()",
            TimerKind::TimeWait => "RFC 9293 §3.6.1 · inet_twsk_schedule() · tcp(7)",
        },
        EventKind::NotModelled { .. } => "ARCHITECTURE.md",
    }
}

/// The manual page of a call, with the kernel's entry.
fn page(call: &str) -> &'static str {
    match call {
        "socket" => "socket(2) · tcp(7) · udp(7) · __sys_socket()",
        "bind" => "bind(2) · ip(7) · __inet_bind()",
        "listen" => "listen(2) · inet_listen()",
        "accept" | "accept4" => "accept(2) · inet_csk_accept()",
        "connect" => "connect(2) · tcp_v4_connect() · __ip4_datagram_connect()",
        "sendto" => "send(2) · tcp_sendmsg() · udp_sendmsg()",
        "recvfrom" => "recv(2) · tcp_recvmsg() · udp_recvmsg()",
        "read" => "read(2)",
        "write" => "write(2)",
        "close" => "close(2) · file_close_fd()",
        "shutdown" => "shutdown(2) · inet_shutdown()",
        "poll" => "poll(2) · do_sys_poll()",
        "nanosleep" => "nanosleep(2)",
        "getsockname" => "getsockname(2)",
        "getpeername" => "getpeername(2)",
        "setsockopt" => "setsockopt(2) · socket(7)",
        "getsockopt" => "getsockopt(2) · socket(7)",
        "socketpair" => "socketpair(2) · unix_socketpair()",
        "unlink" => "unlink(2) · do_unlinkat()",
        "exit_group" => "exit_group(2) · do_exit()",
        "readv" => "readv(2)",
        "writev" => "readv(2)",
        "sendmsg" => "send(2) · ___sys_sendmsg()",
        "recvmsg" => "recv(2) · ___sys_recvmsg()",
        "dup" => "dup(2)",
        "dup2" | "dup3" => "dup(2) · do_dup2()",
        "fcntl" => "fcntl(2) · do_fcntl()",
        "ioctl" => "ioctl(2) · tcp(7) · tcp_ioctl()",
        "select" | "pselect6" => "select(2) · do_select()",
        "ppoll" => "poll(2) · do_sys_poll()",
        "epoll_create1" => "epoll_create(2) · epoll(7)",
        "epoll_ctl" => "epoll_ctl(2) · do_epoll_ctl()",
        "epoll_wait" => "epoll_wait(2) · ep_poll()",
        "pipe" | "pipe2" => "pipe(2) · pipe(7)",
        "fork" => "fork(2) · copy_process()",
        "wait4" => "wait(2) · do_wait()",
        "kill" => "kill(2) · signal(7)",
        "getpid" => "getpid(2)",
        "rt_sigaction" => "sigaction(2) · signal(7)",
        _ => "syscalls(2)",
    }
}
