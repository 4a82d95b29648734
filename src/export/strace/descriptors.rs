//! Calls with vectors, messages and sets, and those about descriptors and processes.

use super::processes::set;
use super::{Arguments, address, address_in, bytes_in, c, poll_fds, quoted, timespec};
use crate::abi::{IovIn, IovOut, MsgIn, MsgOut, Reply, Syscall, UserIn, nested};

fn null() -> String {
    "NULL".to_owned()
}

fn fault() -> String {
    "0x...".to_owned()
}

/// The arguments that are known when the call begins, after its descriptor and up to the first that it fills.
pub(super) fn inputs(call: &Syscall, all: &mut Arguments) {
    match call {
        Syscall::Writev { iov, iovcnt, .. } => {
            all.add(gathered(iov.as_deref()));
            all.add(iovcnt.to_string());
        }
        Syscall::Sendmsg { msg, flags, .. } => {
            all.add(msg.as_ref().map_or_else(fault, message_in));
            all.add(c::message_flags(*flags));
        }
        Syscall::Socketpair {
            domain,
            ty,
            protocol,
            ..
        } => {
            all.add(c::family(*domain));
            all.add(c::socket_type(*ty));
            all.add(c::protocol(*protocol));
        }
        Syscall::Dup2 { newfd, .. } => all.number(*newfd),
        Syscall::Dup3 { newfd, flags, .. } => {
            all.number(*newfd);
            all.add(c::new_file_flags(*flags));
        }
        Syscall::Fcntl { cmd, arg, .. } => {
            for argument in c::fcntl(*cmd, *arg) {
                all.add(argument);
            }
        }
        Syscall::Ioctl { request, argp, .. } => {
            all.add(c::ioctl_request(*request));
            if *request == c::FIONBIO as u64 {
                all.add(super::int_array(argp));
            }
        }
        Syscall::Select {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
        } => {
            sets(all, *nfds, [readfds, writefds, exceptfds]);
            let timeval = |timeout| super::time(timeout, ", tv_usec=");
            all.add(timeout.as_ref().map_or_else(null, timeval));
        }
        Syscall::Pselect6 {
            nfds,
            readfds,
            writefds,
            exceptfds,
            timeout,
            sigmask,
        } => {
            sets(all, *nfds, [readfds, writefds, exceptfds]);
            all.add(timeout.as_ref().map_or_else(null, timespec));
            all.add(sigmask.as_ref().map_or_else(null, set));
        }
        Syscall::Ppoll {
            fds,
            nfds,
            timeout,
            sigmask,
        } => {
            all.add(poll_fds(fds));
            all.add(nfds.to_string());
            all.add(timeout.as_ref().map_or_else(null, timespec));
            all.add(sigmask.as_ref().map_or_else(null, set));
            all.text("8");
        }
        Syscall::EpollCreate { size } => all.number(*size),
        Syscall::EpollCreate1 { flags } => all.add(c::new_file_flags(*flags)),
        Syscall::EpollCtl { op, fd, event, .. } => {
            all.add(c::epoll_operation(*op));
            all.number(*fd);
            all.add(match event {
                Some(UserIn::Bytes(bytes)) => bytes.get(..12).map_or_else(fault, epoll_event),
                Some(UserIn::Fault) => fault(),
                None => null(),
            });
        }
        Syscall::Wait4 { pid, .. } => all.number(*pid),
        Syscall::Kill { pid, sig } => {
            all.number(*pid);
            all.add(c::signal(*sig));
        }
        Syscall::Openat {
            pathname, flags, ..
        } => {
            all.text("AT_FDCWD");
            all.add(super::c_string(pathname));
            all.add(c::open_flags(*flags));
        }
        other => super::processes::inputs(other, all),
    }
}

/// The arguments that the call fills, and those after them.
pub(super) fn outputs(call: &Syscall, reply: &Reply, all: &mut Arguments) {
    let bytes = |arg| reply.written(arg);
    match call {
        Syscall::Readv { iov, iovcnt, .. } => {
            all.add(scattered(iov.as_deref(), bytes(nested::IOV)));
            all.add(iovcnt.to_string());
        }
        Syscall::Recvmsg { msg, flags, .. } => {
            match msg.as_ref().filter(|_| reply.result.is_ok()) {
                Some(msg) => all.add(message(msg, reply)),
                None => all.add(fault()),
            }
            all.add(c::message_flags(*flags));
        }
        Syscall::Sendmmsg {
            msgvec,
            vlen,
            flags,
            ..
        } => {
            let mut texts = Vec::new();
            for (at, msg) in msgvec.iter().enumerate() {
                texts.push(one_of_several(&message_in(msg), reply.message(at)));
            }
            several(all, &texts, (*vlen, *flags));
        }
        Syscall::Recvmmsg {
            msgvec,
            vlen,
            flags,
            timeout,
            ..
        } => {
            let mut texts = Vec::new();
            for (at, msg) in msgvec.iter().enumerate() {
                let Some(reply) = reply.message(at) else {
                    break;
                };
                texts.push(one_of_several(&message(msg, &reply), Some(reply)));
            }
            several(all, &texts, (*vlen, *flags));
            // strace also tells, behind the result, what is left of it.
            all.add(timeout.as_ref().map_or_else(null, timespec));
        }
        Syscall::Ioctl { request, .. } if *request != c::FIONBIO as u64 => {
            all.add(bytes(2).map_or_else(fault, super::int_array_of));
        }
        Syscall::Pipe { .. } => all.add(ints(bytes(0))),
        Syscall::Pipe2 { flags, .. } => {
            all.add(ints(bytes(0)));
            all.add(c::new_file_flags(*flags));
        }
        Syscall::Socketpair { .. } => all.add(ints(bytes(3))),
        Syscall::EpollWait {
            maxevents, timeout, ..
        }
        | Syscall::EpollPwait {
            maxevents, timeout, ..
        } => {
            let events = bytes(1).unwrap_or_default();
            all.add(array(events, 12, epoll_event));
            all.number(*maxevents);
            all.number(*timeout);
            if let Syscall::EpollPwait { sigmask, .. } = call {
                all.add(sigmask.as_ref().map_or_else(null, set));
                all.text("8");
            }
        }
        Syscall::Wait4 {
            status, options, ..
        } => {
            all.add(
                match (status, bytes(1).and_then(|b| b.first_chunk::<4>())) {
                    (None, _) => null(),
                    (Some(_), Some(word)) => wait_status(i32::from_le_bytes(*word)),
                    (Some(_), None) => fault(),
                },
            );
            all.add(c::wait_options(*options));
            all.text("NULL");
        }
        other => super::processes::outputs(other, reply, all),
    }
}

/// The messages of sendmmsg(2) and recvmmsg(2), and how many there may be.
fn several(all: &mut Arguments, texts: &[String], (vlen, flags): (u32, i32)) {
    all.add(listed(texts));
    all.size(vlen.into());
    all.add(c::message_flags(flags));
}

/// One of them, with its length if there was such a message.
fn one_of_several(text: &str, reply: Option<Reply>) -> String {
    let len = match reply.map(|reply| reply.result) {
        Some(Ok(len)) => [", msg_len=", &len.to_string()].concat(),
        Some(Err(_)) | None => String::new(),
    };
    ["{msg_hdr=", text, &len, "}"].concat()
}

/// A message that is sent.
fn message_in(msg: &MsgIn) -> String {
    let iov = gathered(msg.iov.as_deref());
    let count = msg.iov.as_ref().map_or(1, Vec::len);
    let name = msg.name.as_ref().map_or_else(null, address_in);
    let control = match &msg.control {
        Some(UserIn::Bytes(bytes)) => control(bytes),
        Some(UserIn::Fault) | None => String::new(),
    };
    header(&name, msg.namelen, &iov, count, &control, msg.controllen, 0)
}

/// A message that was received.
fn message(msg: &MsgOut, reply: &Reply) -> String {
    let bytes = |arg| reply.written(arg);
    let word = |arg, other: i64| {
        let word = bytes(arg).and_then(|b| b.first_chunk::<4>());
        word.map_or(other, |b| i64::from(i32::from_le_bytes(*b)))
    };
    let name = bytes(nested::MSG_NAME).map_or_else(null, address);
    header(
        &name,
        word(nested::MSG_NAMELEN, msg.namelen.into()) as i32,
        &scattered(msg.iov.as_deref(), bytes(nested::IOV)),
        msg.iov.as_ref().map_or(1, Vec::len),
        &bytes(nested::MSG_CONTROL).map_or_else(String::new, control),
        word(nested::MSG_CONTROLLEN, 0) as u64,
        word(nested::MSG_FLAGS, 0) as i32,
    )
}

fn listed(items: &[String]) -> String {
    ["[", &items.join(", "), "]"].concat()
}

/// An array of structs of one size.
pub(super) fn array(bytes: &[u8], size: usize, show: fn(&[u8]) -> String) -> String {
    let mut items = Vec::new();
    for item in bytes.chunks_exact(size) {
        items.push(show(item));
    }
    listed(&items)
}

fn piece(text: &str, len: u64) -> String {
    format!("{{iov_base={text}, iov_len={len}}}")
}

/// A vector that is read from.
fn gathered(iov: Option<&[IovIn]>) -> String {
    let Some(iov) = iov else { return fault() };
    let mut pieces = Vec::new();
    for (buf, len) in iov {
        pieces.push(piece(&bytes_in(buf), *len));
    }
    listed(&pieces)
}

/// A vector with what was written there, in one piece.
fn scattered(iov: Option<&[IovOut]>, bytes: Option<&[u8]>) -> String {
    let mut rest = bytes.unwrap_or_default();
    let mut pieces = Vec::new();
    for (_, len) in iov.unwrap_or_default() {
        let (here, there) = rest.split_at(rest.len().min(*len as usize));
        rest = there;
        pieces.push(piece(&quoted(here), *len));
    }
    listed(&pieces)
}

/// Pieces of control data, if there are any.
fn control(bytes: &[u8]) -> String {
    const CMSGHDR: usize = 16;
    let word = |bytes: &[u8]| i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    while let Some(header) = rest.first_chunk::<CMSGHDR>() {
        let len = word(header) as u32 as usize;
        if len < CMSGHDR {
            break;
        }
        let data = &rest[CMSGHDR..len.clamp(CMSGHDR, rest.len())];
        let (level, ty) = (word(&header[8..]), word(&header[12..]));
        let (ty, data) = match (level, ty) {
            (c::SOL_SOCKET, c::SCM_RIGHTS) => ("SCM_RIGHTS".to_owned(), ints(Some(data))),
            // strace knows more of them.
            _ => (ty.to_string(), quoted(data)),
        };
        let level = c::level(level);
        pieces.push(format!(
            "{{cmsg_len={len}, cmsg_level={level}, cmsg_type={ty}, cmsg_data={data}}}"
        ));
        rest = rest.get(len.next_multiple_of(8)..).unwrap_or_default();
    }
    match pieces.is_empty() {
        true => String::new(),
        false => ["msg_control=", &listed(&pieces), ", "].concat(),
    }
}

fn header(
    name: &str,
    namelen: i32,
    iov: &str,
    iovlen: usize,
    control: &str,
    controllen: u64,
    flags: i32,
) -> String {
    let flags = c::message_flags(flags);
    format!(
        "{{msg_name={name}, msg_namelen={namelen}, msg_iov={iov}, msg_iovlen={iovlen}, \
         {control}msg_controllen={controllen}, msg_flags={flags}}}"
    )
}

/// How far the sets of descriptors go, and their members.
fn sets(all: &mut Arguments, nfds: i32, sets: [&Option<UserIn>; 3]) {
    all.number(nfds);
    for set in sets {
        all.add(fd_set(nfds, set.as_ref()));
    }
}

/// The members of a set of descriptors.
fn fd_set(nfds: i32, set: Option<&UserIn>) -> String {
    match set {
        None => null(),
        Some(UserIn::Fault) => fault(),
        Some(UserIn::Bytes(bytes)) => {
            let mut members = Vec::new();
            for fd in 0..nfds {
                let byte = bytes.get(fd as usize / 8);
                if byte.is_some_and(|byte| byte >> (fd % 8) & 1 == 1) {
                    members.push(fd.to_string());
                }
            }
            ["[", &members.join(" "), "]"].concat()
        }
    }
}

fn epoll_event(bytes: &[u8]) -> String {
    let events = bytes
        .first_chunk::<4>()
        .map_or(0, |b| u32::from_le_bytes(*b));
    let data = bytes
        .last_chunk::<8>()
        .map_or(0, |b| u64::from_le_bytes(*b));
    format!("{{events={}, data={data:#x}}}", c::epoll_events(events))
}

fn ints(bytes: Option<&[u8]>) -> String {
    let int = |b: &[u8]| i32::from_le_bytes([b[0], b[1], b[2], b[3]]).to_string();
    bytes.map_or_else(fault, |bytes| array(bytes, 4, int))
}

fn wait_status(status: i32) -> String {
    match status & 0x7f {
        0 => format!(
            "[{{WIFEXITED(s) && WEXITSTATUS(s) == {}}}]",
            status >> 8 & 0xff
        ),
        signal => format!(
            "[{{WIFSIGNALED(s) && WTERMSIG(s) == {}}}]",
            c::signal(signal)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;
    use crate::abi::UserOut;

    #[test]
    fn several_messages_and_their_descriptors_look_as_strace_prints_them() {
        let mut control = 24_u64.to_le_bytes().to_vec();
        control.extend([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        let msg = MsgIn {
            name: None,
            namelen: 0,
            iov: Some(vec![(UserIn::Bytes(b"x".to_vec()), 1)]),
            controllen: 24,
            control: Some(UserIn::Bytes(control)),
        };
        let call = Syscall::Sendmmsg {
            fd: 3,
            msgvec: vec![msg],
            vlen: 1,
            flags: 0,
        };
        let reply = Reply::ok(1).with_write(nested::MSG_LEN, vec![1, 0, 0, 0]);
        assert_eq!(
            line(&call, Some(&reply)),
            "sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"x\", \
             iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, \
             cmsg_type=SCM_RIGHTS, cmsg_data=[0, 1]}], msg_controllen=24, msg_flags=0}, \
             msg_len=1}], 1, 0) = 1"
        );
    }

    #[test]
    fn messages_and_sets_look_as_strace_prints_them() {
        let msg = MsgOut {
            name: None,
            namelen: 0,
            iov: Some(vec![(UserOut::Capacity(2), 2), (UserOut::Capacity(9), 9)]),
            control: None,
            controllen: 0,
        };
        let call = Syscall::Recvmsg {
            fd: 3,
            msg: Some(msg),
            flags: 0,
        };
        let reply = Reply::ok(3).with_write(nested::IOV, b"abc".to_vec());
        assert_eq!(
            line(&call, Some(&reply)),
            "recvmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"ab\", iov_len=2}, \
             {iov_base=\"c\", iov_len=9}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 3"
        );
        let call = Syscall::Select {
            nfds: 9,
            readfds: Some(UserIn::Bytes(vec![8, 1, 0, 0, 0, 0, 0, 0])),
            writefds: None,
            exceptfds: None,
            timeout: None,
        };
        assert_eq!(
            line(&call, Some(&Reply::ok(0))),
            "select(9, [3 8], NULL, NULL, NULL) = 0"
        );
        let fcntl = Syscall::Fcntl {
            fd: 3,
            cmd: c::F_SETFL,
            arg: 2050,
        };
        assert_eq!(
            line(&fcntl, Some(&Reply::ok(0))),
            "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0"
        );
    }
}
