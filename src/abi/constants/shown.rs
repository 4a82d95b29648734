//! Constants and sets of flags as traces show them.

use super::*;

/// The name of a value in one group, or the number.
fn name_in(group: &Named, value: i32) -> String {
    match group.iter().find(|(_, v)| *v == value) {
        Some((name, _)) => name.to_owned(),
        None => value.to_string(),
    }
}

/// The names of the bits set, joined by `|`; what has no name comes last, in hexadecimal.
fn flags_in(group: &Named, value: i32) -> String {
    let mut names = String::new();
    let mut rest = value;
    for (name, bit) in group.iter() {
        if bit != 0 && rest & bit == bit {
            names += name;
            names += "|";
            rest &= !bit;
        }
    }
    if rest != 0 || names.is_empty() {
        return match rest {
            0 => "0".to_owned(),
            rest => names + &hexadecimal(u64::from(rest as u32)),
        };
    }
    names.pop();
    names
}

fn hexadecimal(number: u64) -> String {
    format!("{number:#x}")
}

/// An address family by name.
pub fn family(domain: i32) -> String {
    name_in(named::FAMILIES, domain)
}

/// The type argument of socket(2): a type and flags.
pub fn socket_type(ty: i32) -> String {
    const TYPE_MASK: i32 = 0xf;
    let name = name_in(named::SOCKET_TYPES, ty & TYPE_MASK);
    match ty & !TYPE_MASK {
        0 => name,
        flags => [&name, "|", &flags_in(named::SOCKET_FLAGS, flags)].concat(),
    }
}

/// A protocol number by name.
pub fn protocol(number: i32) -> String {
    name_in(named::PROTOCOLS, number)
}

/// An option level by name.
pub fn level(level: i32) -> String {
    if level == SOL_SOCKET {
        "SOL_SOCKET".to_owned()
    } else {
        let protocol = name_in(named::PROTOCOLS, level);
        let name = protocol.strip_prefix("IPPROTO_").unwrap_or(&protocol);
        ["SOL_", name].concat()
    }
}

/// An option by the names of its level and itself.
pub fn socket_option(level: i32, optname: i32) -> String {
    match level {
        SOL_SOCKET => name_in(named::SOCKET_OPTIONS, optname),
        IPPROTO_TCP => name_in(named::TCP_OPTIONS, optname),
        IPPROTO_IP => name_in(named::INET_OPTIONS, optname),
        IPPROTO_IPV6 => name_in(named::IPV6_OPTIONS, optname),
        _ => optname.to_string(),
    }
}

/// The flags of send(2) and recv(2).
pub fn message_flags(flags: i32) -> String {
    flags_in(named::MESSAGE_FLAGS, flags)
}

/// The flags of accept4(2).
pub fn accept_flags(flags: i32) -> String {
    flags_in(named::SOCKET_FLAGS, flags)
}

/// The second argument of shutdown(2).
pub fn shutdown_how(how: i32) -> String {
    name_in(named::SHUTDOWN_HOW, how)
}

/// A signal by name.
pub fn signal(number: i32) -> String {
    name_in(named::SIGNALS, number)
}

/// The request of ioctl(2).
pub fn ioctl_request(request: u64) -> String {
    match i32::try_from(request) {
        Ok(request) => name_in(named::IOCTL_REQUESTS, request),
        Err(_) => hexadecimal(request),
    }
}

/// A command of fcntl(2), and its argument where it has one.
pub fn fcntl(cmd: i32, arg: u64) -> Vec<String> {
    let name = name_in(named::FCNTL_COMMANDS, cmd);
    match cmd {
        F_GETFD | F_GETFL => vec![name],
        F_SETFD => vec![name, flags_in(named::FD_FLAGS, arg as i32)],
        F_SETFL => vec![name, file_flags(arg as i32)],
        _ => vec![name, arg.to_string()],
    }
}

/// O_* flags with the access mode, which strace always names.
pub fn file_flags(flags: i32) -> String {
    match flags & 3 {
        0 if flags == 0 => "O_RDONLY".to_owned(),
        0 => ["O_RDONLY|", &flags_in(named::FILE_FLAGS, flags)].concat(),
        _ => flags_in(named::FILE_FLAGS, flags),
    }
}

/// The flags of open(2).
pub fn open_flags(flags: i32) -> String {
    let others = flags_in(named::OPEN_FLAGS, 0x0029_03c0 & flags);
    match (file_flags(flags & !0x0029_03c0), others) {
        (flags, others) if others == "0" => flags,
        (flags, others) => [&flags, "|", &others].concat(),
    }
}

/// Flags of pipe2(2), dup3(2) and epoll_create1(2).
pub fn new_file_flags(flags: i32) -> String {
    flags_in(named::FILE_FLAGS, flags)
}

/// An operation of epoll_ctl(2).
pub fn epoll_operation(op: i32) -> String {
    name_in(named::EPOLL_OPERATIONS, op)
}

/// The events of epoll.
pub fn epoll_events(events: u32) -> String {
    flags_in(named::EPOLL_EVENTS, events as i32)
}

/// Options of wait4(2).
pub fn wait_options(options: i32) -> String {
    flags_in(named::WAIT_OPTIONS, options)
}

/// The first argument of rt_sigprocmask(2).
pub fn sigmask_how(how: i32) -> String {
    name_in(named::SIGMASK_HOW, how)
}

/// A set of signals as strace shows it.
pub fn signal_set(set: u64) -> String {
    let mut names = String::new();
    for number in 1..=64 {
        if set >> (number - 1) & 1 == 1 {
            let name = signal(number);
            names += if names.is_empty() { "[" } else { " " };
            names += name.strip_prefix("SIG").unwrap_or(&name);
        }
    }
    if names.is_empty() {
        names += "[";
    }
    names + "]"
}

/// Flags of sigaction(2).
pub fn sigaction_flags(flags: i32) -> String {
    flags_in(named::SIGACTION_FLAGS, flags)
}

/// The operation of futex(2).
pub fn futex_operation(op: i32) -> String {
    name_in(named::FUTEX_OPERATIONS, op)
}

/// The events of poll(2).
pub fn poll_events(events: i16) -> String {
    flags_in(named::POLL_EVENTS, i32::from(events))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_named_and_the_rest_is_shown() {
        assert_eq!(
            message_flags(MSG_PEEK | MSG_DONTWAIT),
            "MSG_PEEK|MSG_DONTWAIT"
        );
        assert_eq!(
            message_flags(MSG_PEEK | 0x4000_0000 | 0x1000),
            "MSG_PEEK|MSG_CMSG_CLOEXEC|0x1000"
        );
        assert_eq!(message_flags(0), "0");
    }

    #[test]
    fn a_type_with_flags_is_named_as_strace_does() {
        assert_eq!(
            socket_type(SOCK_STREAM | SOCK_NONBLOCK),
            "SOCK_STREAM|SOCK_NONBLOCK"
        );
        assert_eq!(socket_type(15), "15");
    }
}
