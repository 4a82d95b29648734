//! System calls as `strace` prints them.

mod arguments;
mod descriptors;
mod processes;

use crate::abi::constants as c;
use crate::abi::{Reply, SockAddr, Syscall, UserIn};
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
    let text = arguments::all(call, reply);
    match reply {
        Some(reply) => [call.name(), "(", &text, ") = ", &result(reply)].concat(),
        None if matches!(call, Syscall::ExitGroup { .. }) => {
            [call.name(), "(", &text, ") = ?"].concat()
        }
        None => [call.name(), "(", &text, " <unfinished ...>"].concat(),
    }
}

/// A call as it is entered: input arguments, no result.
pub fn entered(call: &Syscall) -> String {
    [call.name(), "(", &arguments::all(call, None)].concat()
}

/// The end of a call that began on another line.
pub fn resumed(call: &Syscall, reply: &Reply) -> String {
    let (name, rest) = (call.name(), arguments::filled(call, reply));
    ["<... ", name, " resumed>", &rest, ") = ", &result(reply)].concat()
}

/// The value returned: `3`, or `-1 ECONNREFUSED (Connection refused)`.
pub fn result(reply: &Reply) -> String {
    match reply.result {
        Ok(value) => value.to_string(),
        Err(errno) => ["-1 ", errno.name(), " (", errno.message(), ")"].concat(),
    }
}

/// What memory holds; a pointer to where there is none is not followed.
fn memory(memory: &UserIn, show: fn(&[u8]) -> String) -> String {
    match memory {
        UserIn::Bytes(bytes) => show(bytes),
        UserIn::Fault => "0x...".to_owned(),
    }
}

/// The same of a pointer that may be NULL.
fn maybe(optional: Option<&UserIn>, show: fn(&[u8]) -> String) -> String {
    match optional {
        Some(given) => memory(given, show),
        None => "NULL".to_owned(),
    }
}

/// A length that the call changes.
fn length(bytes: &[u8]) -> String {
    match bytes.first_chunk::<4>() {
        Some(bytes) => ["[", &i32::from_le_bytes(*bytes).to_string(), "]"].concat(),
        None => "[...]".to_owned(),
    }
}

/// A string that ends at its NUL.
fn c_string(bytes: &[u8]) -> String {
    quoted(bytes.split(|b| *b == 0).next().unwrap_or_default())
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
                for digit in &digits[first..] {
                    text.push(char::from(b'0' + digit));
                }
            }
        }
    }
    text.push('"');
    if bytes.len() > STRING_MAX {
        text.push_str("...");
    }
    text
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

/// The value of an option: an int, or whatever it is.
fn option(bytes: &[u8]) -> String {
    match bytes.first_chunk::<4>() {
        Some(int) => ["[", &i32::from_le_bytes(*int).to_string(), "]"].concat(),
        None => quoted(bytes),
    }
}

fn timespec(bytes: &[u8]) -> String {
    time(bytes, ", tv_nsec=")
}

fn timeval(bytes: &[u8]) -> String {
    time(bytes, ", tv_usec=")
}

/// A struct timespec, or a struct timeval, whose second member has another name.
fn time(bytes: &[u8], fraction: &str) -> String {
    let Some(bytes) = bytes.first_chunk::<16>() else {
        return "0x...".to_owned();
    };
    let (seconds, nanos) = bytes.split_at(8);
    let word = |b: &[u8]| b.first_chunk::<8>().map_or(0, |b| i64::from_le_bytes(*b));
    let (seconds, nanos) = (word(seconds).to_string(), word(nanos).to_string());
    ["{tv_sec=", &seconds, fraction, &nanos, "}"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::{Errno, UserOut, sockaddr};

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
