//! The values that the templates put in, by placeholder:
//!
//! - `task`, `process`: names. `call`, `fd`: of a system call. `purpose`: what it is for; `result`: what
//!   it gave.
//! - `sock`: the event's socket as a phrase; `at`: the same without its owner; `other`: a second one
//!   (listener, conflicting owner).
//! - `why`: the rule's sentence. `errno`, `msg`, `meaning`: of an error.
//! - `from`, `to`, `toport`, `flags`, `seq`, `last`, `fin`, `ack`: of a segment.
//! - everything else is the field of the event with that name.

use crate::abi::{Errno, constants};
use crate::base::SockId;
use crate::explain::phrases::{duration, not_modelled, state_sentence};
use crate::explain::{Names, call_purpose, call_result, errno_sentence, failure, rule_sentence};
use crate::kernel::event::{Event, EventKind, Head, TimerKind};
use crate::kernel::rule::Rule;
use crate::packet::Flags;
use crate::words::{Key, Lang, Slot, fill};
use std::time::Duration;

/// Collects the values.
struct Values<'a> {
    slots: Vec<Slot>,
    lang: Lang,
    names: &'a dyn Names,
}

impl Values<'_> {
    fn text(&mut self, key: &'static str, value: impl Into<String>) {
        self.slots.push((key, value.into()));
    }

    fn number(&mut self, key: &'static str, value: impl Into<i64>) {
        self.slots.push((key, value.into().to_string()));
    }

    /// `socket fd 3 of server`, `server의 소켓(fd 3)`.
    fn sock_as(&mut self, key: &'static str, sock: SockId) {
        let owner = self.names.owner(sock);
        let label = match (&owner, self.names.fd(sock)) {
            (Some(_), Some(fd)) => ["fd ", &fd.to_string()].concat(),
            _ => self.names.sock(sock),
        };
        if key == "sock" {
            self.text("at", label.as_str());
        }
        let mut slots = vec![("label", label)];
        let part = match owner {
            Some(owner) => {
                slots.push(("owner", owner));
                "part.socketOf"
            }
            None => "part.socket",
        };
        let phrase = fill(self.lang.say(Key::new(part)), &slots);
        self.text(key, phrase);
    }

    fn sock(&mut self, sock: SockId) {
        self.sock_as("sock", sock);
    }

    /// A listener and what is in its queue.
    fn queue(&mut self, listener: SockId, member: SockId) {
        self.sock_as("other", listener);
        self.sock(member);
    }

    fn why(&mut self, because: Rule) {
        self.text("why", rule_sentence(because, self.lang));
    }

    fn errno(&mut self, errno: Errno) {
        self.text("errno", errno.name());
        self.text("msg", errno.message());
        self.text("meaning", errno_sentence(errno, self.lang).unwrap_or(""));
    }

    fn span(&mut self, key: &'static str, span: Duration) {
        let text = duration(span, self.lang);
        self.text(key, text);
    }

    fn port(&mut self, sock: SockId, port: u16) {
        self.sock(sock);
        self.number("port", port);
    }

    fn data(&mut self, sock: SockId, len: u32, queued: u32) {
        self.sock(sock);
        self.number("len", len);
        self.number("queued", queued);
    }

    fn timer(&mut self, sock: SockId, timer: TimerKind) {
        self.sock(sock);
        let name = self.lang.say(Key::new("timer.").then(timer.name()));
        self.text("timer", name);
    }

    fn call(&mut self, call: &'static str, fd: i32) {
        self.text("call", call);
        self.number("fd", fd);
        self.text("purpose", call_purpose(call, self.lang));
        let fd = if fd >= 0 {
            fd.to_string()
        } else {
            String::new()
        };
        self.text("arg", fd);
    }

    fn packet(&mut self, packet: crate::base::PacketId) {
        let p = self.names.packet(packet);
        self.text("from", p.from);
        self.text("to", p.to);
        self.number("toport", p.to_port);
        self.number("seq", p.seq);
        self.number("ack", p.ack);
    }

    fn segment(&mut self, packet: crate::base::PacketId, head: &Head) {
        self.packet(packet);
        let seq = self.names.packet(packet).seq;
        self.number("last", seq.wrapping_add(head.len.saturating_sub(1)));
        self.number("fin", seq.wrapping_add(head.len));
        self.number("len", head.len);
        let mut flags = head.label();
        if head.len > 0 && !head.flags.has(Flags::FIN) {
            let slots = [("flags", flags), ("len", head.len.to_string())];
            flags = fill(self.lang.say(Key::new("part.bytes")), &slots);
        }
        self.text("flags", flags);
    }
}

/// The values of an event.
pub(super) fn of(event: &Event, lang: Lang, names: &dyn Names) -> Vec<Slot> {
    let mut v = Values {
        slots: Vec::with_capacity(12),
        lang,
        names,
    };
    match event.task {
        Some(task) => v.text("task", names.task(task)),
        None => v.text("task", lang.say(Key::new("part.kernel"))),
    }
    of_kind(event, &mut v);
    v.slots
}

fn of_kind(event: &Event, v: &mut Values) {
    match event.kind {
        EventKind::ProcessStarted { pid } => {
            v.text("process", v.names.process(pid));
            v.number("pid", pid.0);
        }
        EventKind::ProcessExited { pid, status } => {
            v.text("process", v.names.process(pid));
            v.number("status", status);
        }
        EventKind::ProcessKilled { pid, signal } => {
            v.text("process", v.names.process(pid));
            v.number("signal", signal);
        }
        EventKind::SyscallEntered { call, fd } => v.call(call, fd),
        EventKind::SyscallReturned { call, fd, ret } => {
            v.call(call, fd);
            v.number("ret", ret);
            v.text("result", call_result(call, ret, v.lang));
            match failure(ret) {
                Some(errno) => v.errno(errno),
                // No call returns a number that is not in errno(3).
                None => ["errno", "msg", "meaning"]
                    .into_iter()
                    .for_each(|key| v.text(key, "")),
            }
        }
        EventKind::TaskSlept { sock, .. } => {
            if let Some(sock) = sock {
                v.sock(sock);
            }
        }
        EventKind::TaskWoke { sock, because, .. } => {
            if let Some(sock) = sock {
                v.sock(sock);
            }
            v.why(because);
        }
        EventKind::ConsoleWrote { fd, len } | EventKind::ConsoleRead { fd, len } => {
            v.number("fd", fd);
            v.number("len", len);
        }
        EventKind::NonblockingSet { file, .. } => v.number("file", file.0),
        EventKind::CloexecSet { pid, fd, .. } => {
            v.text("process", v.names.process(pid));
            v.number("fd", fd);
        }
        EventKind::PipeWrote { file, len, queued } | EventKind::PipeRead { file, len, queued } => {
            v.number("file", file.0);
            v.number("len", len);
            v.number("queued", queued);
        }
        EventKind::EpollInterest {
            epoll,
            fd,
            events,
            because,
        } => {
            v.number("epoll", epoll.0);
            v.number("fd", fd);
            v.text("events", constants::epoll_events(events));
            v.why(because);
        }
        EventKind::EpollReady { epoll, fd, .. } => {
            v.number("epoll", epoll.0);
            v.number("fd", fd);
        }
        EventKind::ProcessForked { parent: pid, child }
        | EventKind::ProcessReaped { pid, child } => {
            v.text("process", v.names.process(pid));
            v.number("child", child.0);
        }
        EventKind::ThreadStarted { pid, tid } | EventKind::ThreadEnded { pid, tid } => {
            v.text("process", v.names.process(pid));
            v.number("thread", tid.0);
        }
        EventKind::ProgramReplaced { pid, .. } => {
            v.text("process", v.names.process(pid));
        }
        EventKind::SignalSent { pid, signal }
        | EventKind::SignalWaits { pid, signal }
        | EventKind::HandlerRuns { pid, signal } => {
            v.text("process", v.names.process(pid));
            v.text("signal", constants::signal(signal.into()));
        }
        EventKind::FileOpened { file, sock } | EventKind::FileReleased { file, sock } => {
            v.number("file", file.0);
            if let Some(sock) = sock {
                v.sock(sock);
            }
        }
        EventKind::DescriptorInstalled { pid, fd, file } => {
            v.text("process", v.names.process(pid));
            v.number("fd", fd);
            v.number("file", file.0);
        }
        EventKind::DescriptorClosed {
            pid,
            fd,
            file,
            refs_left,
        } => {
            v.text("process", v.names.process(pid));
            v.number("fd", fd);
            v.number("file", file.0);
            v.number("refs", refs_left);
        }
        EventKind::SocketOrphaned { sock } => v.sock(sock),
        EventKind::SocketCreated { sock, because }
        | EventKind::SocketDestroyed { sock, because } => {
            v.sock(sock);
            v.why(because);
        }
        EventKind::OptionSet {
            sock,
            level,
            optname,
            value,
        } => {
            v.sock(sock);
            v.text("option", constants::socket_option(level, optname));
            v.number("value", value);
        }
        EventKind::GroupJoined { sock, group } | EventKind::GroupLeft { sock, group } => {
            v.sock(sock);
            v.text("group", group.to_string());
        }
        EventKind::FamilyChanged { sock } => v.sock(sock),
        EventKind::StateChanged {
            sock,
            from,
            to,
            because,
        } => {
            v.sock(sock);
            v.text("from", from.name());
            v.text("to", to.name());
            v.text("means", state_sentence(to, v.lang));
            v.why(because);
        }
        EventKind::ErrorNoted {
            sock,
            errno,
            because,
        } => {
            v.sock(sock);
            v.errno(errno);
            v.why(because);
        }
        EventKind::ErrorConsumed { sock, errno } => {
            v.sock(sock);
            v.errno(errno);
        }
        EventKind::Shutdown { sock, because, .. } => {
            v.sock(sock);
            v.why(because);
        }
        EventKind::PortBound {
            sock,
            port,
            because,
        }
        | EventKind::PortReleased {
            sock,
            port,
            because,
        } => {
            v.port(sock, port);
            v.why(because);
        }
        EventKind::PortConflict {
            sock,
            port,
            with,
            because,
        } => {
            v.port(sock, port);
            v.sock_as("other", with);
            v.why(because);
        }
        EventKind::PortSearch {
            sock,
            first,
            low,
            high,
            ..
        } => {
            v.port(sock, first);
            v.number("low", low);
            v.number("high", high);
            let (even, odd) = ("part.even", "part.odd");
            let (parity, rest) = if first % 2 == 0 {
                (even, odd)
            } else {
                (odd, even)
            };
            let word = |part| v.lang.say(Key::new(part));
            let (parity, rest) = (word(parity), word(rest));
            v.text("parity", parity);
            v.text("rest", rest);
        }
        EventKind::PortChosen {
            sock, port, tried, ..
        } => {
            v.port(sock, port);
            v.number("tried", tried);
        }
        EventKind::AddressesSet {
            sock,
            local_port,
            remote_port,
            because,
        } => {
            v.port(sock, local_port);
            v.number("remote", remote_port);
            v.why(because);
        }
        EventKind::BacklogSet { sock, backlog } => {
            v.sock(sock);
            v.number("backlog", backlog);
            v.number("fit", i64::from(backlog) + 1);
        }
        EventKind::RequestQueued {
            listener,
            request,
            len,
        } => {
            v.queue(listener, request);
            v.number("len", len);
        }
        EventKind::RequestDropped {
            listener,
            request,
            because,
        } => {
            v.queue(listener, request);
            v.why(because);
        }
        EventKind::AcceptQueued {
            listener,
            sock,
            len,
        }
        | EventKind::AcceptDequeued {
            listener,
            sock,
            len,
        } => {
            v.queue(listener, sock);
            v.number("len", len);
        }
        EventKind::ListenOverflow { listener, because } => {
            v.sock(listener);
            v.why(because);
        }
        EventKind::SegmentSent {
            packet,
            head,
            because,
            ..
        }
        | EventKind::SegmentLost {
            packet,
            head,
            because,
        } => {
            v.segment(packet, &head);
            v.why(because);
        }
        EventKind::SegmentDelivered { packet, sock, head } => {
            v.segment(packet, &head);
            if let Some(sock) = sock {
                v.sock(sock);
            }
        }
        EventKind::SegmentIgnored {
            packet,
            sock,
            because,
        } => {
            v.packet(packet);
            if let Some(sock) = sock {
                v.sock(sock);
            }
            v.why(because);
        }
        EventKind::DataQueued { sock, len, queued }
        | EventKind::DataAcked { sock, len, queued }
        | EventKind::DataArrived { sock, len, queued }
        | EventKind::DataRead { sock, len, queued } => v.data(sock, len, queued),
        EventKind::DatagramQueued { sock, len, queued }
        | EventKind::DatagramHeld { sock, len, queued } => v.data(sock, len, queued),
        EventKind::DatagramRead {
            sock,
            len,
            copied,
            queued,
        } => {
            v.data(sock, len, queued);
            v.number("copied", copied);
        }
        EventKind::DatagramDropped { sock, len, because } => {
            v.data(sock, len, 0);
            v.why(because);
        }
        EventKind::ErrorQueued {
            sock,
            errno,
            queued,
        } => {
            v.data(sock, 0, queued);
            v.errno(errno);
        }
        EventKind::PeerForgotten { sock, because } => {
            v.sock(sock);
            v.why(because);
        }
        EventKind::DataOutOfOrder { sock, len }
        | EventKind::UrgentNoted { sock, len }
        | EventKind::UrgentArrived { sock, len } => v.data(sock, len, 0),
        EventKind::DataDiscarded { sock, len, because } => {
            v.data(sock, len, 0);
            v.why(because);
        }
        EventKind::RttMeasured { sock, rtt, rto } => {
            v.sock(sock);
            v.span("rtt", Duration::from_micros(rtt.into()));
            v.span("rto", Duration::from_micros(rto.into()));
        }
        EventKind::NameBound { sock, because } | EventKind::NameTaken { sock, because, .. } => {
            v.sock(sock);
            v.why(because);
        }
        EventKind::NodeRemoved { sock } | EventKind::UrgentRead { sock } => v.sock(sock),
        EventKind::UnixListening { sock, backlog } => {
            v.sock(sock);
            v.number("backlog", backlog);
            v.number("fit", i64::from(backlog) + 1);
        }
        EventKind::Paired {
            sock,
            peer,
            because,
        }
        | EventKind::Unpaired {
            sock,
            peer,
            because,
        } => {
            v.sock(sock);
            v.sock_as("other", peer);
            v.why(because);
        }
        EventKind::MessageQueued {
            sock,
            len,
            queued,
            messages,
        } => {
            v.data(sock, len, queued);
            v.number("messages", messages);
        }
        EventKind::DescriptorsSent { sock, count } => {
            v.sock(sock);
            v.number("count", count);
        }
        EventKind::DescriptorsDropped {
            sock,
            count,
            because,
        } => {
            v.sock(sock);
            v.number("count", count);
            v.why(because);
        }
        EventKind::TimerSet {
            sock,
            timer,
            deadline,
        } => {
            v.timer(sock, timer);
            v.span("span", deadline.since(event.at));
        }
        EventKind::TimerStopped { sock, timer } => v.timer(sock, timer),
        EventKind::TimerExpired {
            sock,
            timer,
            attempt,
        } => {
            v.timer(sock, timer);
            v.number("attempt", attempt);
        }
        EventKind::NotModelled { what } => {
            let text = not_modelled(what, v.lang);
            v.text("what", text);
        }
    }
}
