//! The system headers that come with the machine: C text, with Linux's types and layouts.
//!
//! Numbers stand in [`crate::abi::constants`] alone: `#pragma sockscope constants GROUP` defines the
//! macros of a group from there.

use crate::abi::{Errno, constants};

macro_rules! headers {
    ($($name:literal $file:literal,)*) => {
        const HEADERS: &[(&str, &str)] = &[$(($name, include_str!($file)),)*];
    };
}

headers! {
    "arpa/inet.h" "arpa_inet.h",
    "assert.h" "assert.h",
    "ctype.h" "ctype.h",
    "errno.h" "errno.h",
    "fcntl.h" "fcntl.h",
    "inttypes.h" "inttypes.h",
    "limits.h" "limits.h",
    "net/if.h" "net_if.h",
    "netinet/icmp6.h" "netinet_icmp6.h",
    "netinet/in.h" "netinet_in.h",
    "netinet/ip.h" "netinet_ip.h",
    "netinet/ip_icmp.h" "netinet_ip_icmp.h",
    "netinet/tcp.h" "netinet_tcp.h",
    "netinet/udp.h" "netinet_udp.h",
    "poll.h" "poll.h",
    "signal.h" "signal.h",
    "sockscope/iovec.h" "iovec.h",
    "sockscope/sigset.h" "sigset.h",
    "pthread.h" "pthread.h",
    "sched.h" "sched.h",
    "semaphore.h" "semaphore.h",
    "sockscope/timespec.h" "timespec.h",
    "sockscope/types.h" "types.h",
    "stdarg.h" "stdarg.h",
    "stdbool.h" "stdbool.h",
    "stddef.h" "stddef.h",
    "stdint.h" "stdint.h",
    "stdio.h" "stdio.h",
    "stdlib.h" "stdlib.h",
    "string.h" "string.h",
    "strings.h" "strings.h",
    "sys/epoll.h" "sys_epoll.h",
    "sys/fcntl.h" "fcntl.h",
    "sys/ioctl.h" "sys_ioctl.h",
    "sys/param.h" "sys_param.h",
    "sys/poll.h" "poll.h",
    "sys/select.h" "sys_select.h",
    "sys/signal.h" "signal.h",
    "sys/socket.h" "sys_socket.h",
    "sys/time.h" "sys_time.h",
    "sys/types.h" "sys_types.h",
    "sys/uio.h" "sys_uio.h",
    "sys/un.h" "sys_un.h",
    "sys/wait.h" "sys_wait.h",
    "time.h" "time.h",
    "unistd.h" "unistd.h",
}

/// Macros that stand before the first line, as gcc on Linux x86-64 has them.
pub(crate) const PREDEFINED: &[(&str, &str)] = &[
    ("__STDC__", "1"),
    ("__STDC_VERSION__", "201112L"),
    ("__STDC_HOSTED__", "1"),
    ("__linux__", "1"),
    ("__linux", "1"),
    ("linux", "1"),
    ("__unix__", "1"),
    ("__unix", "1"),
    ("unix", "1"),
    ("__x86_64__", "1"),
    ("__x86_64", "1"),
    ("__LP64__", "1"),
    ("_LP64", "1"),
    ("__GNUC__", "12"),
    ("__GNUC_MINOR__", "2"),
    ("__CHAR_BIT__", "8"),
    ("__INT_MAX__", "0x7fffffff"),
    ("__LONG_MAX__", "0x7fffffffffffffffL"),
    ("__SIZEOF_INT__", "4"),
    ("__SIZEOF_LONG__", "8"),
    ("__SIZEOF_POINTER__", "8"),
    ("__ORDER_LITTLE_ENDIAN__", "1234"),
    ("__ORDER_BIG_ENDIAN__", "4321"),
    ("__BYTE_ORDER__", "1234"),
    ("__sockscope__", "1"),
];

/// The text of a header.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    HEADERS.iter().find(|(n, _)| *n == name).map(|(_, t)| *t)
}

/// The names of all headers that a program may include.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    HEADERS
        .iter()
        .map(|(n, _)| *n)
        .filter(|n| !n.starts_with("sockscope/"))
}

/// Groups of macros.
const GROUPS: &[(&str, &[(&str, i32)])] = &[
    ("FAMILIES", constants::FAMILIES),
    ("SOCKET_TYPES", constants::SOCKET_TYPES),
    ("SOCKET_FLAGS", constants::SOCKET_FLAGS),
    ("PROTOCOLS", constants::PROTOCOLS),
    ("LEVELS", constants::LEVELS),
    ("SOCKET_OPTIONS", constants::SOCKET_OPTIONS),
    ("TCP_OPTIONS", constants::TCP_OPTIONS),
    ("IP_OPTIONS", constants::INET_OPTIONS),
    ("IPV6_OPTIONS", constants::IPV6_OPTIONS),
    ("MESSAGE_FLAGS", constants::MESSAGE_FLAGS),
    ("SHUTDOWN_HOW", constants::SHUTDOWN_HOW),
    ("POLL_EVENTS", constants::POLL_EVENTS),
    ("LIMITS", constants::LIMITS),
    ("FCNTL_COMMANDS", constants::FCNTL_COMMANDS),
    ("FD_FLAGS", constants::FD_FLAGS),
    ("FILE_FLAGS", constants::FILE_FLAGS),
    ("OPEN_FLAGS", constants::OPEN_FLAGS),
    ("IOCTL_REQUESTS", constants::IOCTL_REQUESTS),
    ("EPOLL_OPERATIONS", constants::EPOLL_OPERATIONS),
    ("EPOLL_EVENTS", constants::EPOLL_EVENTS),
    ("WAIT_OPTIONS", constants::WAIT_OPTIONS),
    ("SIGNALS", constants::SIGNALS),
    ("SIGACTION_FLAGS", constants::SIGACTION_FLAGS),
    ("SIGMASK_HOW", constants::SIGMASK_HOW),
    ("SIGNAL_CODES", constants::SIGNAL_CODES),
    ("TIMERS", constants::TIMERS),
];

/// The macros of a group.
pub(crate) fn constants(group: &str) -> Vec<(&'static str, i32)> {
    if group == "ERRNO" {
        return Errno::ALL.iter().map(|e| (e.name(), e.number())).collect();
    }
    let found = GROUPS.iter().find(|(name, _)| *name == group);
    found.map_or(Vec::new(), |(_, macros)| macros.to_vec())
}

/// The header in which a function, variable or macro is declared, for "add #include <…>".
pub(crate) fn home_of(name: &str) -> Option<&'static str> {
    let grouped = |text: &str| {
        text.lines()
            .filter_map(|line| line.strip_prefix("#pragma sockscope constants "))
            .flat_map(str::split_whitespace)
            .any(|group| constants(group).iter().any(|(n, _)| *n == name))
    };
    let found = HEADERS
        .iter()
        .find(|(_, t)| t.lines().any(|line| declares(line, name)) || grouped(t));
    found.map(|(header, _)| public(header))
}

/// Whether a line declares a function or variable of that name, or defines the macro.
fn declares(line: &str, name: &str) -> bool {
    let (line, name) = (line.as_bytes(), name.as_bytes());
    if let Some(rest) = line.strip_prefix(b"#define ") {
        let after = rest.strip_prefix(name);
        return matches!(after, Some([b' ' | b'(', ..]));
    }
    let found = |at: usize| {
        let after = line[at..].strip_prefix(name);
        match line[at - 1] {
            b' ' => matches!(after, Some([b'(', ..])),
            b'*' => matches!(after, Some([b'(' | b';', ..])),
            _ => false,
        }
    };
    (1..line.len()).any(found)
}

/// The header in which a type is declared.
pub(crate) fn home_of_type(name: &str) -> Option<&'static str> {
    let named = |line: &str, before: &str, after: &str| {
        let rest = line.strip_prefix(before).and_then(|l| l.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with(after))
    };
    let aliased = |line: &str| {
        let rest = line.strip_suffix(';').and_then(|l| l.strip_suffix(name));
        line.starts_with("typedef") && rest.is_some_and(|rest| rest.ends_with(' '))
    };
    let declares =
        |line: &str| aliased(line) || named(line, "struct ", " {") || named(line, "#define ", " ");
    let found = HEADERS.iter().find(|(_, t)| t.lines().any(declares));
    found.map(|(header, _)| public(header))
}

/// Every function that some header declares.
#[cfg(test)]
pub(crate) fn functions() -> impl Iterator<Item = &'static str> {
    HEADERS
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter(|line| line.ends_with(");") && !line.starts_with('#'))
        .filter_map(|line| {
            let head = &line[..line.find('(')?];
            let start = head.rfind([' ', '*'])? + 1;
            (start < head.len()).then(|| &head[start..])
        })
        // A pointer to a function, in a struct or by typedef.
        .filter(|name| !name.is_empty())
}

/// What the line that declares a function says before its name.
pub(crate) fn result_of(name: &str) -> Option<&'static str> {
    let lines = HEADERS.iter().flat_map(|(_, text)| text.lines());
    let mut declarations = lines.filter(|line| line.ends_with(");") && !line.starts_with('#'));
    declarations.find_map(|line| {
        let before = line[..line.find('(')?].strip_suffix(name)?;
        before.ends_with([' ', '*']).then(|| before.trim_end())
    })
}

fn public(header: &'static str) -> &'static str {
    match header {
        "sockscope/types.h" => "sys/types.h",
        "sockscope/timespec.h" => "time.h",
        "sockscope/sigset.h" => "signal.h",
        "sockscope/iovec.h" => "sys/uio.h",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_found() {
        assert_eq!(home_of("close"), Some("unistd.h"));
        assert_eq!(home_of("inet_pton"), Some("arpa/inet.h"));
        assert_eq!(home_of("AF_INET"), Some("sys/socket.h"));
        assert_eq!(home_of("ECONNREFUSED"), Some("errno.h"));
        assert_eq!(home_of_type("sockaddr_in"), Some("netinet/in.h"));
        assert_eq!(home_of_type("uint16_t"), Some("sys/types.h"));
        assert_eq!(home_of("frobnicate"), None);
        assert!(functions().any(|f| f == "htons"));
        for function in functions() {
            use crate::program::c::{libc, library};
            let known = libc::find(function).is_some() || library::home(function).is_some();
            assert!(known, "{function} is declared, but the library lacks it");
        }
    }
}
