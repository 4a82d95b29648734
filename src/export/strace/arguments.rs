//! The arguments of each call, in their order.

use super::descriptors::{self, epoll_event, epoll_events, fd_set, gathered, ints, polled};
use super::processes::{self, old_handler, set, timer};
use super::{address, c, c_string, length, maybe, memory, option, quoted, timespec, timeval};
use crate::abi::{Reply, Syscall, UserIn, UserOut, nested};

/// All arguments. Without a reply those alone that are known when the call begins, up to the first that it fills: so
/// strace shows a call under way.
pub(super) fn all(call: &Syscall, reply: Option<&Reply>) -> String {
    written(call, reply, true)
}

/// The arguments from the first on that the call fills.
pub(super) fn filled(call: &Syscall, reply: &Reply) -> String {
    written(call, Some(reply), false)
}

/// Arguments as they are written: separated by commas.
struct Arguments<'a> {
    text: String,
    reply: Option<&'a Reply>,
    /// Whether the arguments that are added now are written.
    shown: bool,
}

impl<'a> Arguments<'a> {
    #[inline(never)]
    fn text(&mut self, argument: &str) {
        if self.shown {
            if !self.text.is_empty() {
                self.text.push_str(", ");
            }
            self.text.push_str(argument);
        }
    }

    /// The same, of a text that was made for it.
    #[inline(never)]
    fn add(&mut self, argument: String) {
        self.text(&argument);
    }

    #[inline(never)]
    fn number(&mut self, argument: i32) {
        self.add(argument.to_string());
    }

    #[inline(never)]
    fn size(&mut self, argument: u64) {
        self.add(argument.to_string());
    }

    /// A number that has a name.
    #[inline(never)]
    fn named(&mut self, argument: i32, name: fn(i32) -> String) {
        self.add(name(argument));
    }

    /// What the call reads.
    #[inline(never)]
    fn read(&mut self, argument: &UserIn, show: fn(&[u8]) -> String) {
        self.add(memory(argument, show));
    }

    /// The same by a pointer that may be NULL.
    #[inline(never)]
    fn maybe(&mut self, argument: &Option<UserIn>, show: fn(&[u8]) -> String) {
        self.add(maybe(argument.as_ref(), show));
    }

    /// From here on arguments are known with the reply alone.
    fn reply(&mut self) -> Option<&'a Reply> {
        self.shown = self.reply.is_some();
        self.reply
    }

    /// What the call has written; `nothing` if it has not.
    #[inline(never)]
    fn filled(&mut self, arg: u8, nothing: &str, show: fn(&[u8]) -> String) {
        let Some(reply) = self.reply() else { return };
        match reply.written(arg) {
            Some(bytes) => self.add(show(bytes)),
            None => self.text(nothing),
        }
    }

    /// Bytes that were received.
    #[inline(never)]
    fn received(&mut self, buf: UserOut) {
        let end = self.reply.is_some_and(|reply| reply.result == Ok(0));
        let empty = end && matches!(buf, UserOut::Capacity(_));
        self.filled(1, if empty { "\"\"" } else { "0x..." }, quoted);
    }

    /// An address that the call tells, and its length in the argument behind.
    #[inline(never)]
    fn peer(&mut self, arg: u8, wanted: bool) {
        if !wanted {
            self.text("NULL, NULL");
            return;
        }
        self.filled(arg, "0x...", address);
        self.filled(arg + 1, "[...]", length);
    }

    /// How far sets of descriptors go, and their members.
    #[inline(never)]
    fn sets(&mut self, nfds: i32, sets: [&Option<UserIn>; 3]) {
        self.number(nfds);
        for set in sets {
            match set {
                None => self.text("NULL"),
                Some(UserIn::Fault) => self.text("0x..."),
                Some(UserIn::Bytes(bytes)) => self.add(fd_set(bytes, nfds)),
            }
        }
    }

    /// A set of signals that may be missing, and what size the kernel's has.
    #[inline(never)]
    fn mask(&mut self, mask: &Option<UserIn>) {
        self.maybe(mask, set);
        self.text("8");
    }

    /// The messages of sendmmsg(2) and recvmmsg(2), and how many there may be.
    #[inline(never)]
    fn several(&mut self, texts: &[String], vlen: u32, flags: i32) {
        self.add(descriptors::listed(texts));
        self.size(vlen.into());
        self.named(flags, c::message_flags);
    }
}

fn written(call: &Syscall, reply: Option<&Reply>, shown: bool) -> String {
    let text = String::new();
    let mut all = Arguments { text, reply, shown };
    // Where a call names a descriptor, that comes first.
    if let Some(fd) = call.fd() {
        all.number(fd);
    }
    match call {
        Syscall::Read { buf, count, .. } => {
            all.received(*buf);
            all.size(*count);
        }
        Syscall::Write { buf, count, .. } => {
            all.read(buf, quoted);
            all.size(*count);
        }
        Syscall::Poll { fds, nfds, timeout } => {
            all.read(fds, polled);
            all.size(u64::from(*nfds));
            all.number(*timeout);
        }
        Syscall::Nanosleep { req, .. } => {
            all.read(req, timespec);
            all.text("NULL");
        }
        Syscall::Socket {
            domain,
            ty,
            protocol,
        } => {
            all.named(*domain, c::family);
            all.named(*ty, c::socket_type);
            all.named(*protocol, c::protocol);
        }
        Syscall::Socketpair {
            domain,
            ty,
            protocol,
            ..
        } => {
            all.named(*domain, c::family);
            all.named(*ty, c::socket_type);
            all.named(*protocol, c::protocol);
            all.filled(3, "0x...", ints);
        }
        Syscall::Connect { addr, addrlen, .. } | Syscall::Bind { addr, addrlen, .. } => {
            all.read(addr, address);
            all.number(*addrlen);
        }
        Syscall::Accept { addr, .. } => all.peer(1, addr.is_some()),
        Syscall::Accept4 { addr, flags, .. } => {
            all.peer(1, addr.is_some());
            all.named(*flags, c::accept_flags);
        }
        Syscall::Getsockname { .. } | Syscall::Getpeername { .. } => all.peer(1, true),
        Syscall::Sendto {
            buf,
            len,
            flags,
            addr,
            addrlen,
            ..
        } => {
            all.read(buf, quoted);
            all.size(*len);
            all.named(*flags, c::message_flags);
            all.maybe(addr, address);
            all.number(*addrlen);
        }
        Syscall::Recvfrom {
            buf,
            len,
            flags,
            addr,
            ..
        } => {
            all.received(*buf);
            all.size(*len);
            all.named(*flags, c::message_flags);
            all.peer(4, addr.is_some());
        }
        Syscall::Shutdown { how, .. } => all.named(*how, c::shutdown_how),
        Syscall::Listen { backlog, .. } => all.number(*backlog),
        Syscall::Setsockopt {
            level,
            optname,
            optval,
            optlen,
            ..
        } => {
            all.named(*level, c::level);
            all.add(c::socket_option(*level, *optname));
            all.read(optval, option);
            all.number(*optlen);
        }
        Syscall::Getsockopt { level, optname, .. } => {
            all.named(*level, c::level);
            all.add(c::socket_option(*level, *optname));
            all.filled(3, "0x...", option);
            all.filled(4, "[...]", length);
        }
        Syscall::ExitGroup { status } | Syscall::Exit { status } => all.number(*status),
        Syscall::Readv { iov, iovcnt, .. } => {
            if let Some(reply) = all.reply() {
                let bytes = reply.written(nested::IOV);
                all.add(descriptors::scattered(iov.as_deref(), bytes));
            }
            all.number(*iovcnt);
        }
        Syscall::Writev { iov, iovcnt, .. } => {
            all.add(gathered(iov.as_deref()));
            all.number(*iovcnt);
        }
        Syscall::Sendmsg { msg, flags, .. } => {
            match msg {
                Some(msg) => all.add(descriptors::message_in(msg)),
                None => all.text("0x..."),
            }
            all.named(*flags, c::message_flags);
        }
        Syscall::Recvmsg { msg, flags, .. } => {
            if let Some(reply) = all.reply() {
                match msg.as_ref().filter(|_| reply.result.is_ok()) {
                    Some(msg) => all.add(descriptors::message(msg, reply)),
                    None => all.text("0x..."),
                }
            }
            all.named(*flags, c::message_flags);
        }
        Syscall::Sendmmsg {
            msgvec,
            vlen,
            flags,
            ..
        } => {
            let mut texts = Vec::new();
            if let Some(reply) = all.reply() {
                for (at, msg) in msgvec.iter().enumerate() {
                    let text = descriptors::message_in(msg);
                    texts.push(descriptors::one_of_several(&text, reply.message(at)));
                }
            }
            all.several(&texts, *vlen, *flags);
        }
        Syscall::Recvmmsg {
            msgvec,
            vlen,
            flags,
            timeout,
            ..
        } => {
            let mut texts = Vec::new();
            if let Some(reply) = all.reply() {
                for (at, msg) in msgvec.iter().enumerate() {
                    let Some(reply) = reply.message(at) else {
                        break;
                    };
                    let text = descriptors::message(msg, &reply);
                    texts.push(descriptors::one_of_several(&text, Some(reply)));
                }
            }
            all.several(&texts, *vlen, *flags);
            // strace also tells, behind the result, what is left of it.
            all.maybe(timeout, timespec);
        }
        Syscall::Pipe { .. } => all.filled(0, "0x...", ints),
        Syscall::Pipe2 { flags, .. } => {
            all.filled(0, "0x...", ints);
            all.named(*flags, c::new_file_flags);
        }
        Syscall::Dup2 { newfd, .. } => all.number(*newfd),
        Syscall::Dup3 { newfd, flags, .. } => {
            all.number(*newfd);
            all.named(*flags, c::new_file_flags);
        }
        Syscall::Fcntl { cmd, arg, .. } => {
            for argument in c::fcntl(*cmd, *arg) {
                all.add(argument);
            }
        }
        Syscall::Ioctl { request, argp, .. } => {
            all.add(c::ioctl_request(*request));
            match *request == c::FIONBIO as u64 {
                true => all.read(argp, option),
                false => all.filled(2, "0x...", option),
            }
        }
        Syscall::Select {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
        } => {
            all.sets(*nfds, [readfds, writefds, exceptfds]);
            all.maybe(timeout, timeval);
        }
        Syscall::Pselect6 {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
            sigmask,
        } => {
            all.sets(*nfds, [readfds, writefds, exceptfds]);
            all.maybe(timeout, timespec);
            all.maybe(sigmask, set);
        }
        Syscall::Ppoll {
            fds,
            nfds,
            timeout,
            sigmask,
        } => {
            all.read(fds, polled);
            all.size(u64::from(*nfds));
            all.maybe(timeout, timespec);
            all.mask(sigmask);
        }
        Syscall::EpollCreate { size } => all.number(*size),
        Syscall::EpollCreate1 { flags } => all.named(*flags, c::new_file_flags),
        Syscall::EpollCtl { op, fd, event, .. } => {
            all.named(*op, c::epoll_operation);
            all.number(*fd);
            all.maybe(event, epoll_event);
        }
        Syscall::EpollWait {
            maxevents, timeout, ..
        }
        | Syscall::EpollPwait {
            maxevents, timeout, ..
        } => {
            all.filled(1, "[]", epoll_events);
            all.number(*maxevents);
            all.number(*timeout);
            if let Syscall::EpollPwait { sigmask, .. } = call {
                all.mask(sigmask);
            }
        }
        Syscall::Wait4 {
            pid,
            status,
            options,
        } => {
            all.number(*pid);
            let nothing = if status.is_some() { "0x..." } else { "NULL" };
            all.filled(1, nothing, processes::wait_status);
            all.named(*options, c::wait_options);
            all.text("NULL");
        }
        Syscall::Kill { pid, sig } => {
            all.number(*pid);
            all.named(*sig, c::signal);
        }
        Syscall::RtSigaction { sig, action, .. } => {
            all.named(*sig, c::signal);
            match action {
                Some(action) => all.add(processes::handler(action)),
                None => all.text("NULL"),
            }
            all.filled(2, "NULL", old_handler);
            all.text("8");
        }
        Syscall::RtSigprocmask {
            how, set: given, ..
        } => {
            all.named(*how, c::sigmask_how);
            all.maybe(given, set);
            all.filled(2, "NULL", set);
            all.text("8");
        }
        Syscall::RtSigpending { .. } => {
            all.filled(0, "NULL", set);
            all.text("8");
        }
        Syscall::RtSigsuspend { mask } => {
            all.read(mask, set);
            all.text("8");
        }
        Syscall::RtSigreturn { mask } => {
            all.add(["{mask=", &c::signal_set(*mask), "}"].concat());
        }
        Syscall::Alarm { seconds } => all.size((*seconds).into()),
        Syscall::Setitimer { which, new, .. } => {
            all.named(*which, processes::timer_name);
            all.maybe(new, timer);
            all.filled(2, "NULL", timer);
        }
        Syscall::Clone3 { child_tid, .. } => {
            let child_tid = format!("{child_tid:#x}");
            all.add([processes::CLONE_PTHREAD, &child_tid, ", ...}, 88"].concat());
        }
        Syscall::Futex {
            uaddr,
            op,
            val,
            timeout,
            ..
        } => {
            all.add(format!("{uaddr:#x}"));
            all.named(*op, c::futex_operation);
            all.number(*val as i32);
            if op & 1 == 0 {
                all.maybe(timeout, timespec);
            }
        }
        Syscall::Unlink { pathname } => all.read(pathname, c_string),
        Syscall::Openat {
            pathname, flags, ..
        } => {
            all.text("AT_FDCWD");
            all.read(pathname, c_string);
            all.named(*flags, c::open_flags);
        }
        Syscall::Execve { pathname, argv, .. } => {
            all.read(pathname, c_string);
            let mut texts = Vec::new();
            for arg in argv {
                texts.push(quoted(arg));
            }
            all.add(descriptors::listed(&texts));
            all.text("NULL");
        }
        Syscall::Close { .. }
        | Syscall::Dup { .. }
        | Syscall::Fork
        | Syscall::Getpid
        | Syscall::Gettid
        | Syscall::Identity { .. }
        | Syscall::Pause => {}
    }
    all.text
}
