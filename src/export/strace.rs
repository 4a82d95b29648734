//! System calls as `strace` prints them.

mod descriptors;
mod processes;

use crate::abi::constants as c;
use crate::abi::{Reply, SockAddr, Syscall, UserIn, UserOut, calls_on_descriptors};
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
    [&arguments(call, Some(reply)), ") = ", &result(reply)].concat()
}

/// A call as it is entered: input arguments, no result.
pub fn entered(call: &Syscall) -> String {
    arguments(call, None)
}

/// The end of a call that began on another line.
pub fn resumed(call: &Syscall, reply: &Reply) -> String {
    let mut rest = Arguments::default();
    outputs(call, reply, &mut rest);
    let name = call.name();
    ["<... ", name, " resumed>", &rest.0, ") = ", &result(reply)].concat()
}

/// The value returned: `3`, or `-1 ECONNREFUSED (Connection refused)`.
pub fn result(reply: &Reply) -> String {
    match reply.result {
        Ok(value) => value.to_string(),
        Err(errno) => ["-1 ", errno.name(), " (", errno.message(), ")"].concat(),
    }
}

/// Arguments as they are written: separated by commas.
#[derive(Default)]
struct Arguments(String);

impl Arguments {
    fn text(&mut self, argument: &str) {
        if !self.0.is_empty() {
            self.0.push_str(", ");
        }
        self.0.push_str(argument);
    }

    /// The same, of a text that was made for it.
    #[inline(never)]
    fn add(&mut self, argument: String) {
        self.text(&argument);
    }

    fn number(&mut self, argument: i32) {
        self.add(argument.to_string());
    }

    fn size(&mut self, argument: u64) {
        self.add(argument.to_string());
    }
}

/// Name and arguments without the closing parenthesis. Output arguments are shown if the reply is
/// known; otherwise they are left out from the first one on, as strace does for a call under way.
fn arguments(call: &Syscall, reply: Option<&Reply>) -> String {
    let mut all = Arguments::default();
    inputs(call, &mut all);
    if let Some(reply) = reply {
        outputs(call, reply, &mut all);
    }
    [call.name(), "(", &all.0].concat()
}

/// The arguments that are known when the call begins, up to the first that it fills.
fn inputs(call: &Syscall, all: &mut Arguments) {
    // Where a call names a descriptor, that comes first.
    if let Some(fd) = call.fd() {
        all.number(fd);
    }
    match call {
        Syscall::Read { .. }
        | Syscall::Accept { addr: Some(_), .. }
        | Syscall::Accept4 { addr: Some(_), .. }
        | Syscall::Recvfrom { .. }
        | Syscall::Getsockname { .. }
        | Syscall::Getpeername { .. }
        | Syscall::Close { .. } => {}
        Syscall::Write { buf, count, .. } => {
            all.add(bytes_in(buf));
            all.size(*count);
        }
        Syscall::Poll { fds, nfds, timeout } => {
            all.add(poll_fds(fds));
            all.size(u64::from(*nfds));
            all.number(*timeout);
        }
        Syscall::Nanosleep { req, .. } => {
            all.add(timespec(req));
            all.text("NULL");
        }
        Syscall::Socket {
            domain,
            ty,
            protocol,
        } => {
            all.add(c::family(*domain));
            all.add(c::socket_type(*ty));
            all.add(c::protocol(*protocol));
        }
        Syscall::Connect { addr, addrlen, .. } | Syscall::Bind { addr, addrlen, .. } => {
            all.add(address_in(addr));
            all.number(*addrlen);
        }
        Syscall::Accept { addr: None, .. } => all.text("NULL, NULL"),
        Syscall::Accept4 {
            addr: None, flags, ..
        } => {
            all.text("NULL, NULL");
            all.add(c::accept_flags(*flags));
        }
        Syscall::Sendto {
            buf,
            len,
            flags,
            addr,
            addrlen,
            ..
        } => {
            all.add(bytes_in(buf));
            all.size(*len);
            all.add(c::message_flags(*flags));
            match addr {
                Some(addr) => all.add(address_in(addr)),
                None => all.text("NULL"),
            }
            all.number(*addrlen);
        }
        Syscall::Shutdown { how, .. } => all.add(c::shutdown_how(*how)),
        Syscall::Listen { backlog, .. } => all.number(*backlog),
        Syscall::Setsockopt {
            level,
            optname,
            optval,
            optlen,
            ..
        } => {
            all.add(c::level(*level));
            all.add(c::socket_option(*level, *optname));
            all.add(int_array(optval));
            all.number(*optlen);
        }
        Syscall::Getsockopt { level, optname, .. } => {
            all.add(c::level(*level));
            all.add(c::socket_option(*level, *optname));
        }
        Syscall::ExitGroup { status } => all.number(*status),
        Syscall::Unlink { pathname } => all.add(c_string(pathname)),
        Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Recvmsg { .. }
        | Syscall::Sendmmsg { .. }
        | Syscall::Recvmmsg { .. }
        | Syscall::Socketpair { .. }
        | calls_on_descriptors!() => descriptors::inputs(call, all),
    }
}

/// The arguments that the call fills, and those after them.
fn outputs(call: &Syscall, reply: &Reply, all: &mut Arguments) {
    match call {
        Syscall::Read { buf, count, .. } => {
            all.add(bytes_out(*buf, reply, 1));
            all.size(*count);
        }
        Syscall::Recvfrom {
            buf,
            len,
            flags,
            addr,
            ..
        } => {
            all.add(bytes_out(*buf, reply, 1));
            all.size(*len);
            all.add(c::message_flags(*flags));
            match (addr, reply.written(4)) {
                (None, _) => all.text("NULL, NULL"),
                (Some(_), Some(bytes)) => {
                    all.add(address(bytes));
                    all.add(length_out(reply, 5));
                }
                (Some(_), None) => all.text("0x..., [...]"),
            }
        }
        Syscall::Accept { addr: Some(_), .. }
        | Syscall::Getsockname { .. }
        | Syscall::Getpeername { .. } => address_out(reply, all),
        Syscall::Accept4 {
            addr: Some(_),
            flags,
            ..
        } => {
            address_out(reply, all);
            all.add(c::accept_flags(*flags));
        }
        Syscall::Getsockopt { .. } => {
            match reply.written(3) {
                Some(value) => all.add(int_array_of(value)),
                None => all.text("0x..."),
            }
            all.add(length_out(reply, 4));
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
        | Syscall::ExitGroup { .. } => {}
        Syscall::Readv { .. }
        | Syscall::Writev { .. }
        | Syscall::Sendmsg { .. }
        | Syscall::Recvmsg { .. }
        | Syscall::Sendmmsg { .. }
        | Syscall::Recvmmsg { .. }
        | Syscall::Socketpair { .. }
        | Syscall::Unlink { .. }
        | calls_on_descriptors!() => descriptors::outputs(call, reply, all),
    }
}

fn address_out(reply: &Reply, all: &mut Arguments) {
    match reply.written(1) {
        Some(bytes) => all.add(address(bytes)),
        None => all.text("0x..."),
    }
    all.add(length_out(reply, 2));
}

fn length_out(reply: &Reply, arg: u8) -> String {
    match reply.written(arg).and_then(|b| b.first_chunk::<4>()) {
        Some(bytes) => ["[", &i32::from_le_bytes(*bytes).to_string(), "]"].concat(),
        None => "[...]".to_owned(),
    }
}

/// A string that ends at its NUL.
fn c_string(text: &UserIn) -> String {
    match text {
        UserIn::Bytes(bytes) => quoted(bytes.split(|b| *b == 0).next().unwrap_or_default()),
        UserIn::Fault => "0x...".to_owned(),
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
                // Octal; all three digits if one that is not its own follows.
                let digits = [byte >> 6, byte >> 3 & 7, byte & 7];
                let digit_follows = shown.get(at + 1).is_some_and(u8::is_ascii_digit);
                let zeros = digits[..2].iter().take_while(|digit| **digit == 0);
                let first = if digit_follows { 0 } else { zeros.count() };
                text.push('\\');
                text.extend(digits[first..].iter().map(|digit| char::from(b'0' + digit)));
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
        SockAddr::Other { family } if i32::from(family) == c::AF_UNIX && bytes.len() > 2 => {
            // strace shows an abstract name behind an @, and a path up to its NUL.
            let (at, name) = match &bytes[2..] {
                [0, name @ ..] => ("@", name),
                path => ("", path.split(|b| *b == 0).next().unwrap_or_default()),
            };
            ["{sa_family=AF_UNIX, sun_path=", at, &quoted(name), "}"].concat()
        }
        SockAddr::TooShort { family } | SockAddr::Other { family } => {
            ["{sa_family=", &c::family(i32::from(family)), "}"].concat()
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
        Some(int) => ["[", &i32::from_le_bytes(*int).to_string(), "]"].concat(),
        None => quoted(bytes),
    }
}

fn timespec(req: &UserIn) -> String {
    time(req, ", tv_nsec=")
}

/// A struct timespec, or a struct timeval, whose second member has another name.
fn time(req: &UserIn, fraction: &str) -> String {
    let UserIn::Bytes(bytes) = req else {
        return "0x...".to_owned();
    };
    let Some(bytes) = bytes.first_chunk::<16>() else {
        return "0x...".to_owned();
    };
    let (seconds, nanos) = bytes.split_at(8);
    let word = |b: &[u8]| b.first_chunk::<8>().map_or(0, |b| i64::from_le_bytes(*b));
    let (seconds, nanos) = (word(seconds).to_string(), word(nanos).to_string());
    ["{tv_sec=", &seconds, fraction, &nanos, "}"].concat()
}

fn poll_fds(fds: &UserIn) -> String {
    let UserIn::Bytes(bytes) = fds else {
        return "0x...".to_owned();
    };
    descriptors::array(bytes, 8, |b| {
        let fd = i32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        let events = c::poll_events(i16::from_le_bytes([b[4], b[5]]));
        ["{fd=", &fd.to_string(), ", events=", &events, "}"].concat()
    })
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
