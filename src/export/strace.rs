//! System calls as `strace` prints them.

mod descriptors;

use crate::abi::constants as c;
use crate::abi::{Reply, SockAddr, Syscall, UserIn, UserOut};
use std::fmt::Write;
use std::net::SocketAddr;

/// Strings longer than this are cut and marked with `...`, as strace does by default.
const STRING_MAX: usize = 32;

/// A call with its arguments and what it returned.
///
/// ```
/// use sockscope::abi::{Reply, Syscall};
/// use sockscope::export::strace;
/// let call = Syscall::Socket { domain: 2, ty: 1, protocol: 0 };
/// assert_eq!(
///     strace::line(&call, Some(&Reply::ok(3))),
///     "socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3"
/// );
/// ```
pub fn line(call: &Syscall, reply: Option<&Reply>) -> String {
    let Some(reply) = reply else {
        let mut text = arguments(call, None);
        text.push_str(if matches!(call, Syscall::ExitGroup { .. }) {
            ") = ?"
        } else {
            " <unfinished ...>"
        });
        return text;
    };
    format!("{}) = {}", arguments(call, Some(reply)), result(reply))
}

/// A call as it is entered: input arguments, no result.
pub fn entered(call: &Syscall) -> String {
    arguments(call, None)
}

/// The end of a call that began on another line.
pub fn resumed(call: &Syscall, reply: &Reply) -> String {
    let mut text = format!("<... {} resumed>", call.name());
    let outputs = outputs(call, reply);
    if !outputs.is_empty() {
        let _ = write!(text, "{}", outputs.join(", "));
    }
    let _ = write!(text, ") = {}", result(reply));
    text
}

/// The value returned: `3`, or `-1 ECONNREFUSED (Connection refused)`.
pub fn result(reply: &Reply) -> String {
    match reply.result {
        Ok(value) => value.to_string(),
        Err(errno) => format!("-1 {errno}"),
    }
}

/// Name and arguments without the closing parenthesis. Output arguments are shown if the reply is
/// known; otherwise they are left out from the first one on, as strace does for a call under way.
fn arguments(call: &Syscall, reply: Option<&Reply>) -> String {
    let mut all = inputs(call);
    if let Some(reply) = reply {
        all.extend(outputs(call, reply));
    }
    format!("{}({}", call.name(), all.join(", "))
}

/// The arguments that are known when the call begins, up to the first that it fills.
fn inputs(call: &Syscall) -> Vec<String> {
    match call {
        Syscall::Read { fd, .. }
        | Syscall::Accept {
            fd, addr: Some(_), ..
        }
        | Syscall::Accept4 {
            fd, addr: Some(_), ..
        }
        | Syscall::Recvfrom { fd, .. }
        | Syscall::Getsockname { fd, .. }
        | Syscall::Getpeername { fd, .. }
        | Syscall::Close { fd } => vec![fd.to_string()],
        Syscall::Write { fd, buf, count } => {
            vec![fd.to_string(), bytes_in(buf), count.to_string()]
        }
        Syscall::Poll { fds, nfds, timeout } => {
            vec![poll_fds(fds), nfds.to_string(), timeout.to_string()]
        }
        Syscall::Nanosleep { req } => vec![timespec(req), "NULL".to_owned()],
        Syscall::Socket {
            domain,
            ty,
            protocol,
        } => {
            vec![
                c::family(*domain),
                c::socket_type(*ty),
                c::protocol(*protocol),
            ]
        }
        Syscall::Connect { fd, addr, addrlen } | Syscall::Bind { fd, addr, addrlen } => {
            vec![fd.to_string(), address_in(addr), addrlen.to_string()]
        }
        Syscall::Accept { fd, addr: None, .. } => {
            vec![fd.to_string(), "NULL".to_owned(), "NULL".to_owned()]
        }
        Syscall::Accept4 {
            fd,
            addr: None,
            flags,
            ..
        } => {
            vec![
                fd.to_string(),
                "NULL".to_owned(),
                "NULL".to_owned(),
                c::accept_flags(*flags),
            ]
        }
        Syscall::Sendto {
            fd,
            buf,
            len,
            flags,
            addr,
            addrlen,
        } => vec![
            fd.to_string(),
            bytes_in(buf),
            len.to_string(),
            c::message_flags(*flags),
            addr.as_ref().map_or("NULL".to_owned(), address_in),
            addrlen.to_string(),
        ],
        Syscall::Shutdown { fd, how } => vec![fd.to_string(), c::shutdown_how(*how)],
        Syscall::Listen { fd, backlog } => vec![fd.to_string(), backlog.to_string()],
        Syscall::Setsockopt {
            fd,
            level,
            optname,
            optval,
            optlen,
        } => vec![
            fd.to_string(),
            c::level(*level),
            c::socket_option(*level, *optname),
            int_array(optval),
            optlen.to_string(),
        ],
        Syscall::Getsockopt {
            fd, level, optname, ..
        } => {
            vec![
                fd.to_string(),
                c::level(*level),
                c::socket_option(*level, *optname),
            ]
        }
        Syscall::ExitGroup { status } => vec![status.to_string()],
        Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Recvmsg { .. }
        | Syscall::Socketpair { .. }
        | Syscall::Pipe { .. }
        | Syscall::Pipe2 { .. }
        | Syscall::Dup { .. }
        | Syscall::Dup2 { .. }
        | Syscall::Dup3 { .. }
        | Syscall::Fcntl { .. }
        | Syscall::Ioctl { .. }
        | Syscall::Select { .. }
        | Syscall::Pselect6 { .. }
        | Syscall::Ppoll { .. }
        | Syscall::EpollCreate1 { .. }
        | Syscall::EpollCtl { .. }
        | Syscall::EpollWait { .. }
        | Syscall::Fork
        | Syscall::Wait4 { .. }
        | Syscall::Kill { .. }
        | Syscall::Getpid
        | Syscall::RtSigaction { .. } => descriptors::inputs(call),
    }
}

/// The arguments that the call fills, and those after them.
fn outputs(call: &Syscall, reply: &Reply) -> Vec<String> {
    match call {
        Syscall::Read { buf, count, .. } => vec![bytes_out(*buf, reply, 1), count.to_string()],
        Syscall::Recvfrom {
            buf,
            len,
            flags,
            addr,
            ..
        } => {
            let mut all = vec![
                bytes_out(*buf, reply, 1),
                len.to_string(),
                c::message_flags(*flags),
            ];
            match (addr, reply.written(4)) {
                (None, _) => all.extend(["NULL".to_owned(), "NULL".to_owned()]),
                (Some(_), Some(bytes)) => {
                    all.extend([address(bytes), length_out(reply, 5)]);
                }
                (Some(_), None) => all.extend(["0x...".to_owned(), "[...]".to_owned()]),
            }
            all
        }
        Syscall::Accept { addr: Some(_), .. }
        | Syscall::Getsockname { .. }
        | Syscall::Getpeername { .. } => address_out(reply),
        Syscall::Accept4 {
            addr: Some(_),
            flags,
            ..
        } => {
            let mut all = address_out(reply);
            all.push(c::accept_flags(*flags));
            all
        }
        Syscall::Getsockopt { .. } => {
            let value = reply.written(3).map_or("0x...".to_owned(), int_array_of);
            vec![value, length_out(reply, 4)]
        }
        Syscall::Write { .. }
        | Syscall::Close { .. }
        | Syscall::Poll { .. }
        | Syscall::Nanosleep { .. }
        | Syscall::Socket { .. }
        | Syscall::Connect { .. }
        | Syscall::Accept { addr: None, .. }
        | Syscall::Accept4 { addr: None, .. }
        | Syscall::Sendto { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Setsockopt { .. }
        | Syscall::ExitGroup { .. } => Vec::new(),
        Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Recvmsg { .. }
        | Syscall::Socketpair { .. }
        | Syscall::Pipe { .. }
        | Syscall::Pipe2 { .. }
        | Syscall::Dup { .. }
        | Syscall::Dup2 { .. }
        | Syscall::Dup3 { .. }
        | Syscall::Fcntl { .. }
        | Syscall::Ioctl { .. }
        | Syscall::Select { .. }
        | Syscall::Pselect6 { .. }
        | Syscall::Ppoll { .. }
        | Syscall::EpollCreate1 { .. }
        | Syscall::EpollCtl { .. }
        | Syscall::EpollWait { .. }
        | Syscall::Fork
        | Syscall::Wait4 { .. }
        | Syscall::Kill { .. }
        | Syscall::Getpid
        | Syscall::RtSigaction { .. } => descriptors::outputs(call, reply),
    }
}

fn address_out(reply: &Reply) -> Vec<String> {
    match reply.written(1) {
        Some(bytes) => vec![address(bytes), length_out(reply, 2)],
        None => vec!["0x...".to_owned(), length_out(reply, 2)],
    }
}

fn length_out(reply: &Reply, arg: u8) -> String {
    match reply.written(arg).and_then(|b| b.first_chunk::<4>()) {
        Some(bytes) => format!("[{}]", i32::from_le_bytes(*bytes)),
        None => "[...]".to_owned(),
    }
}

fn bytes_in(buf: &UserIn) -> String {
    match buf {
        UserIn::Bytes(bytes) => quoted(bytes),
        UserIn::Fault => "0x...".to_owned(),
    }
}

fn bytes_out(buf: UserOut, reply: &Reply, arg: u8) -> String {
    match (reply.written(arg), buf) {
        (Some(bytes), _) => quoted(bytes),
        (None, UserOut::Capacity(_)) if reply.result == Ok(0) => "\"\"".to_owned(),
        (None, UserOut::Capacity(_) | UserOut::Fault) => "0x...".to_owned(),
    }
}

/// A string as strace quotes it: C escapes, octal for the rest, cut after 32 bytes.
pub fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    let shown = &bytes[..bytes.len().min(STRING_MAX)];
    for (at, byte) in shown.iter().enumerate() {
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            0x20..=0x7e => text.push(char::from(*byte)),
            _ => {
                let digit_follows = shown.get(at + 1).is_some_and(u8::is_ascii_digit);
                let _ = if digit_follows {
                    write!(text, "\\{byte:03o}")
                } else {
                    write!(text, "\\{byte:o}")
                };
            }
        }
    }
    text.push('"');
    if bytes.len() > STRING_MAX {
        text.push_str("...");
    }
    text
}

fn address_in(addr: &UserIn) -> String {
    match addr {
        UserIn::Bytes(bytes) => address(bytes),
        UserIn::Fault => "0x...".to_owned(),
    }
}

/// A socket address as strace shows it.
pub fn address(bytes: &[u8]) -> String {
    match SockAddr::decode(bytes) {
        SockAddr::Inet(SocketAddr::V4(a)) => format!(
            "{{sa_family=AF_INET, sin_port=htons({}), sin_addr=inet_addr(\"{}\")}}",
            a.port(),
            a.ip()
        ),
        SockAddr::Inet(SocketAddr::V6(a)) => format!(
            "{{sa_family=AF_INET6, sin6_port=htons({}), sin6_flowinfo=htonl({}), \
             inet_pton(AF_INET6, \"{}\", &sin6_addr), sin6_scope_id={}}}",
            a.port(),
            a.flowinfo(),
            a.ip(),
            a.scope_id()
        ),
        SockAddr::Unspec => "{sa_family=AF_UNSPEC}".to_owned(),
        SockAddr::TooShort { family } | SockAddr::Other { family } => {
            format!("{{sa_family={}}}", c::family(i32::from(family)))
        }
    }
}

fn int_array(optval: &UserIn) -> String {
    match optval {
        UserIn::Bytes(bytes) => int_array_of(bytes),
        UserIn::Fault => "0x...".to_owned(),
    }
}

fn int_array_of(bytes: &[u8]) -> String {
    match bytes.first_chunk::<4>() {
        Some(int) => format!("[{}]", i32::from_le_bytes(*int)),
        None => quoted(bytes),
    }
}

fn timespec(req: &UserIn) -> String {
    let UserIn::Bytes(bytes) = req else {
        return "0x...".to_owned();
    };
    let Some(bytes) = bytes.first_chunk::<16>() else {
        return "0x...".to_owned();
    };
    let (seconds, nanos) = bytes.split_at(8);
    let word = |b: &[u8]| b.first_chunk::<8>().map_or(0, |b| i64::from_le_bytes(*b));
    format!("{{tv_sec={}, tv_nsec={}}}", word(seconds), word(nanos))
}

fn poll_fds(fds: &UserIn) -> String {
    let UserIn::Bytes(bytes) = fds else {
        return "0x...".to_owned();
    };
    let entries: Vec<String> = bytes
        .chunks_exact(8)
        .map(|b| {
            let fd = i32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            let events = c::poll_events(i16::from_le_bytes([b[4], b[5]]));
            format!("{{fd={fd}, events={events}}}")
        })
        .collect();
    format!("[{}]", entries.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::{Errno, sockaddr};

    fn localhost() -> UserIn {
        UserIn::Bytes(sockaddr::encode("127.0.0.1:80".parse().unwrap()))
    }

    #[test]
    fn calls_look_as_strace_prints_them() {
        let connect = Syscall::Connect {
            fd: 3,
            addr: localhost(),
            addrlen: 16,
        };
        assert_eq!(
            line(&connect, Some(&Reply::error(Errno::ECONNREFUSED))),
            "connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16) \
             = -1 ECONNREFUSED (Connection refused)"
        );
        let accept = Syscall::Accept {
            fd: 3,
            addr: None,
            addrlen: UserIn::Fault,
        };
        assert_eq!(line(&accept, None), "accept(3, NULL, NULL <unfinished ...>");
        assert_eq!(resumed(&accept, &Reply::ok(4)), "<... accept resumed>) = 4");
    }

    #[test]
    fn received_bytes_are_quoted() {
        let (buf, len) = (UserOut::Capacity(8), 8);
        let addrlen = UserIn::Fault;
        let recv = Syscall::Recvfrom {
            fd: 4,
            buf,
            len,
            flags: 0,
            addr: None,
            addrlen,
        };
        let reply = Reply::ok(5).with_write(1, b"a\"\n\x011".to_vec());
        assert_eq!(
            line(&recv, Some(&reply)),
            "recvfrom(4, \"a\\\"\\n\\0011\", 8, 0, NULL, NULL) = 5"
        );
    }
}
