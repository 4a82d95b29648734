//! The system headers that come with the machine: C text, with Linux's types and layouts.
//!
//! Numbers stand in [`crate::abi::constants`] alone: `#pragma sockscope constants GROUP` defines the
//! macros of a group from there.

pub(crate) mod missing;

use crate::abi::{Errno, constants};

macro_rules! headers {
    ($($name:literal $file:literal,)*) => {
        const HEADERS: &[(&str, &str)] = &[$(($name, include_str!($file)),)*];
    };
}

headers! {
    "alloca.h" "alloca.h",
    "arpa/inet.h" "arpa_inet.h",
    "assert.h" "assert.h",
    "byteswap.h" "byteswap.h",
    "ctype.h" "ctype.h",
    "dirent.h" "dirent.h",
    "endian.h" "endian.h",
    "err.h" "err.h",
    "errno.h" "errno.h",
    "error.h" "error.h",
    "fcntl.h" "fcntl.h",
    "float.h" "float.h",
    "getopt.h" "getopt.h",
    "grp.h" "grp.h",
    "ifaddrs.h" "ifaddrs.h",
    "inttypes.h" "inttypes.h",
    "iso646.h" "iso646.h",
    "libgen.h" "libgen.h",
    "limits.h" "limits.h",
    "locale.h" "locale.h",
    "malloc.h" "malloc.h",
    "math.h" "math.h",
    "memory.h" "memory.h",
    "net/if.h" "net_if.h",
    "netdb.h" "netdb.h",
    "netinet/icmp6.h" "netinet_icmp6.h",
    "netinet/in.h" "netinet_in.h",
    "netinet/ip.h" "netinet_ip.h",
    "netinet/ip_icmp.h" "netinet_ip_icmp.h",
    "netinet/tcp.h" "netinet_tcp.h",
    "netinet/udp.h" "netinet_udp.h",
    "paths.h" "paths.h",
    "poll.h" "poll.h",
    "pthread.h" "pthread.h",
    "pwd.h" "pwd.h",
    "sched.h" "sched.h",
    "semaphore.h" "semaphore.h",
    "setjmp.h" "setjmp.h",
    "signal.h" "signal.h",
    "sockscope/file.h" "file.h",
    "sockscope/iovec.h" "iovec.h",
    "sockscope/sigset.h" "sigset.h",
    "sockscope/timespec.h" "timespec.h",
    "sockscope/types.h" "types.h",
    "sockscope/waitstatus.h" "waitstatus.h",
    "stdalign.h" "stdalign.h",
    "stdarg.h" "stdarg.h",
    "stdbool.h" "stdbool.h",
    "stddef.h" "stddef.h",
    "stdint.h" "stdint.h",
    "stdio.h" "stdio.h",
    "stdlib.h" "stdlib.h",
    "stdnoreturn.h" "stdnoreturn.h",
    "string.h" "string.h",
    "strings.h" "strings.h",
    "sys/epoll.h" "sys_epoll.h",
    "sys/errno.h" "errno.h",
    "sys/fcntl.h" "fcntl.h",
    "sys/file.h" "sys_file.h",
    "sys/ioctl.h" "sys_ioctl.h",
    "sys/mman.h" "sys_mman.h",
    "sys/param.h" "sys_param.h",
    "sys/poll.h" "poll.h",
    "sys/resource.h" "sys_resource.h",
    "sys/select.h" "sys_select.h",
    "sys/sendfile.h" "sys_sendfile.h",
    "sys/signal.h" "signal.h",
    "sys/socket.h" "sys_socket.h",
    "sys/stat.h" "sys_stat.h",
    "sys/syslog.h" "syslog.h",
    "sys/termios.h" "termios.h",
    "sys/time.h" "sys_time.h",
    "sys/times.h" "sys_times.h",
    "sys/types.h" "sys_types.h",
    "sys/uio.h" "sys_uio.h",
    "sys/un.h" "sys_un.h",
    "sys/utsname.h" "sys_utsname.h",
    "sys/wait.h" "sys_wait.h",
    "sysexits.h" "sysexits.h",
    "syslog.h" "syslog.h",
    "termios.h" "termios.h",
    "time.h" "time.h",
    "unistd.h" "unistd.h",
    "wait.h" "sys_wait.h",
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
    ("__CHAR16_TYPE__", "short unsigned int"),
    ("__CHAR32_TYPE__", "unsigned int"),
    ("__DBL_DECIMAL_DIG__", "17"),
    (
        "__DBL_DENORM_MIN__",
        "((double)4.94065645841246544176568792868221372e-324L)",
    ),
    ("__DBL_DIG__", "15"),
    (
        "__DBL_EPSILON__",
        "((double)2.22044604925031308084726333618164062e-16L)",
    ),
    ("__DBL_MANT_DIG__", "53"),
    ("__DBL_MAX_10_EXP__", "308"),
    ("__DBL_MAX_EXP__", "1024"),
    (
        "__DBL_MAX__",
        "((double)1.79769313486231570814527423731704357e+308L)",
    ),
    ("__DBL_MIN_10_EXP__", "(-307)"),
    ("__DBL_MIN_EXP__", "(-1021)"),
    (
        "__DBL_MIN__",
        "((double)2.22507385850720138309023271733240406e-308L)",
    ),
    ("__ELF__", "1"),
    ("__FLT_DECIMAL_DIG__", "9"),
    (
        "__FLT_DENORM_MIN__",
        "1.40129846432481707092372958328991613e-45F",
    ),
    ("__FLT_DIG__", "6"),
    (
        "__FLT_EPSILON__",
        "1.19209289550781250000000000000000000e-7F",
    ),
    ("__FLT_EVAL_METHOD__", "0"),
    ("__FLT_MANT_DIG__", "24"),
    ("__FLT_MAX_10_EXP__", "38"),
    ("__FLT_MAX_EXP__", "128"),
    ("__FLT_MAX__", "3.40282346638528859811704183484516925e+38F"),
    ("__FLT_MIN_10_EXP__", "(-37)"),
    ("__FLT_MIN_EXP__", "(-125)"),
    ("__FLT_MIN__", "1.17549435082228750796873653722224568e-38F"),
    ("__FLT_RADIX__", "2"),
    ("__INT16_MAX__", "0x7fff"),
    ("__INT16_TYPE__", "short int"),
    ("__INT32_MAX__", "0x7fffffff"),
    ("__INT32_TYPE__", "int"),
    ("__INT64_MAX__", "0x7fffffffffffffffL"),
    ("__INT64_TYPE__", "long int"),
    ("__INT8_MAX__", "0x7f"),
    ("__INT8_TYPE__", "signed char"),
    ("__INTMAX_MAX__", "0x7fffffffffffffffL"),
    ("__INTMAX_TYPE__", "long int"),
    ("__INTMAX_WIDTH__", "64"),
    ("__INTPTR_MAX__", "0x7fffffffffffffffL"),
    ("__INTPTR_TYPE__", "long int"),
    ("__INTPTR_WIDTH__", "64"),
    ("__INT_FAST16_MAX__", "0x7fffffffffffffffL"),
    ("__INT_FAST16_TYPE__", "long int"),
    ("__INT_FAST16_WIDTH__", "64"),
    ("__INT_FAST32_MAX__", "0x7fffffffffffffffL"),
    ("__INT_FAST32_TYPE__", "long int"),
    ("__INT_FAST32_WIDTH__", "64"),
    ("__INT_FAST64_MAX__", "0x7fffffffffffffffL"),
    ("__INT_FAST64_TYPE__", "long int"),
    ("__INT_FAST64_WIDTH__", "64"),
    ("__INT_FAST8_MAX__", "0x7f"),
    ("__INT_FAST8_TYPE__", "signed char"),
    ("__INT_FAST8_WIDTH__", "8"),
    ("__INT_LEAST16_MAX__", "0x7fff"),
    ("__INT_LEAST16_TYPE__", "short int"),
    ("__INT_LEAST16_WIDTH__", "16"),
    ("__INT_LEAST32_MAX__", "0x7fffffff"),
    ("__INT_LEAST32_TYPE__", "int"),
    ("__INT_LEAST32_WIDTH__", "32"),
    ("__INT_LEAST64_MAX__", "0x7fffffffffffffffL"),
    ("__INT_LEAST64_TYPE__", "long int"),
    ("__INT_LEAST64_WIDTH__", "64"),
    ("__INT_LEAST8_MAX__", "0x7f"),
    ("__INT_LEAST8_TYPE__", "signed char"),
    ("__INT_LEAST8_WIDTH__", "8"),
    ("__INT_WIDTH__", "32"),
    ("__LONG_LONG_MAX__", "0x7fffffffffffffffLL"),
    ("__LONG_LONG_WIDTH__", "64"),
    ("__LONG_WIDTH__", "64"),
    ("__PTRDIFF_MAX__", "0x7fffffffffffffffL"),
    ("__PTRDIFF_TYPE__", "long int"),
    ("__PTRDIFF_WIDTH__", "64"),
    ("__SCHAR_MAX__", "0x7f"),
    ("__SCHAR_WIDTH__", "8"),
    ("__SHRT_MAX__", "0x7fff"),
    ("__SHRT_WIDTH__", "16"),
    ("__SIZEOF_DOUBLE__", "8"),
    ("__SIZEOF_FLOAT128__", "16"),
    ("__SIZEOF_FLOAT80__", "16"),
    ("__SIZEOF_FLOAT__", "4"),
    ("__SIZEOF_LONG_DOUBLE__", "16"),
    ("__SIZEOF_LONG_LONG__", "8"),
    ("__SIZEOF_PTRDIFF_T__", "8"),
    ("__SIZEOF_SHORT__", "2"),
    ("__SIZEOF_SIZE_T__", "8"),
    ("__SIZEOF_WCHAR_T__", "4"),
    ("__SIZEOF_WINT_T__", "4"),
    ("__SIZE_MAX__", "0xffffffffffffffffUL"),
    ("__SIZE_TYPE__", "long unsigned int"),
    ("__SIZE_WIDTH__", "64"),
    ("__STDC_ISO_10646__", "201706L"),
    ("__STDC_UTF_16__", "1"),
    ("__STDC_UTF_32__", "1"),
    ("__UINT16_MAX__", "0xffff"),
    ("__UINT16_TYPE__", "short unsigned int"),
    ("__UINT32_MAX__", "0xffffffffU"),
    ("__UINT32_TYPE__", "unsigned int"),
    ("__UINT64_MAX__", "0xffffffffffffffffUL"),
    ("__UINT64_TYPE__", "long unsigned int"),
    ("__UINT8_MAX__", "0xff"),
    ("__UINT8_TYPE__", "unsigned char"),
    ("__UINTMAX_MAX__", "0xffffffffffffffffUL"),
    ("__UINTMAX_TYPE__", "long unsigned int"),
    ("__UINTPTR_MAX__", "0xffffffffffffffffUL"),
    ("__UINTPTR_TYPE__", "long unsigned int"),
    ("__UINT_FAST16_MAX__", "0xffffffffffffffffUL"),
    ("__UINT_FAST16_TYPE__", "long unsigned int"),
    ("__UINT_FAST32_MAX__", "0xffffffffffffffffUL"),
    ("__UINT_FAST32_TYPE__", "long unsigned int"),
    ("__UINT_FAST64_MAX__", "0xffffffffffffffffUL"),
    ("__UINT_FAST64_TYPE__", "long unsigned int"),
    ("__UINT_FAST8_MAX__", "0xff"),
    ("__UINT_FAST8_TYPE__", "unsigned char"),
    ("__UINT_LEAST16_MAX__", "0xffff"),
    ("__UINT_LEAST16_TYPE__", "short unsigned int"),
    ("__UINT_LEAST32_MAX__", "0xffffffffU"),
    ("__UINT_LEAST32_TYPE__", "unsigned int"),
    ("__UINT_LEAST64_MAX__", "0xffffffffffffffffUL"),
    ("__UINT_LEAST64_TYPE__", "long unsigned int"),
    ("__UINT_LEAST8_MAX__", "0xff"),
    ("__UINT_LEAST8_TYPE__", "unsigned char"),
    ("__VERSION__", "\"12.2.0\""),
    ("__WCHAR_MAX__", "0x7fffffff"),
    ("__WCHAR_MIN__", "(-__WCHAR_MAX__ - 1)"),
    ("__WCHAR_TYPE__", "int"),
    ("__WCHAR_WIDTH__", "32"),
    ("__WINT_MAX__", "0xffffffffU"),
    ("__WINT_MIN__", "0U"),
    ("__WINT_TYPE__", "unsigned int"),
    ("__WINT_WIDTH__", "32"),
    ("__amd64", "1"),
    ("__amd64__", "1"),
    ("__gnu_linux__", "1"),
    ("__LDBL_DIG__", "18"),
    ("__LDBL_MANT_DIG__", "64"),
    ("__GNUC_PATCHLEVEL__", "0"),
    ("__GNUC_STDC_INLINE__", "1"),
    ("__NO_INLINE__", "1"),
    ("__FINITE_MATH_ONLY__", "0"),
    ("__USER_LABEL_PREFIX__", ""),
    ("__REGISTER_PREFIX__", ""),
    ("__FLOAT_WORD_ORDER__", "__ORDER_LITTLE_ENDIAN__"),
    ("__pic__", "2"),
    ("__PIC__", "2"),
    ("__pie__", "2"),
    ("__PIE__", "2"),
    ("__DECIMAL_DIG__", "21"),
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

/// Whether a header declares it only if `_GNU_SOURCE` is defined.
pub(crate) fn is_gnu(name: &str) -> bool {
    HEADERS.iter().any(|(_, text)| {
        let mut gnu = false;
        text.lines().any(|line| {
            if line.starts_with('#') && !line.starts_with("#define") {
                gnu = line == "#ifdef _GNU_SOURCE";
            }
            gnu && declares(line, name)
        })
    })
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
        .filter(|line| line.ends_with(");") && !line.starts_with('#') && !line.contains('{'))
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
    let mut declarations =
        lines.filter(|line| line.ends_with(");") && !line.starts_with('#') && !line.contains('{'));
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
            // Why it is not modelled: said by a call of it.
            let told = missing::reason(function).is_some();
            assert!(
                known != told,
                "{function} is declared: is it there, or is it said why not?"
            );
        }
    }
}
