//! What errors mean and what usually causes them, in English.

use crate::abi::Errno;

/// One sentence for each error that socket programs meet.
pub(in crate::explain) const SENTENCES: &[(Errno, &str)] = &[
    (
        Errno::EPERM,
        "The process lacks the right, for example CAP_NET_RAW for a raw socket.",
    ),
    (
        Errno::ENOENT,
        "There is no such path; with AF_UNIX, nobody has bound that name.",
    ),
    (
        Errno::EINTR,
        "A signal interrupted the call before it did anything; call it again.",
    ),
    (Errno::EIO, "The device failed while reading or writing."),
    (
        Errno::EBADF,
        "The number is no open descriptor: never opened, already closed, or -1 from a call that had failed.",
    ),
    (
        Errno::EAGAIN,
        "Nothing can be done right now and the call was told not to wait (O_NONBLOCK, MSG_DONTWAIT or a timeout); try again later.",
    ),
    (Errno::ENOMEM, "The kernel has no memory left for this."),
    (
        Errno::EACCES,
        "Not allowed: most often bind() to a port below 1024 without CAP_NET_BIND_SERVICE.",
    ),
    (
        Errno::EFAULT,
        "A pointer argument does not point to memory of the program.",
    ),
    (Errno::EBUSY, "Something else is using it right now."),
    (
        Errno::EEXIST,
        "It exists already, for example a descriptor that epoll watches already.",
    ),
    (Errno::ENODEV, "There is no such network device."),
    (
        Errno::EINVAL,
        "An argument makes no sense here: an address of the wrong length, bind() on a socket that has a port, accept() on one that does not listen.",
    ),
    (
        Errno::ENFILE,
        "The whole system has no open file left to give.",
    ),
    (
        Errno::EMFILE,
        "The process has used up its descriptors (usually 1024): often sockets that were never closed.",
    ),
    (
        Errno::ENOTTY,
        "This ioctl() request does not fit this kind of file.",
    ),
    (Errno::ENOSPC, "There is no room left."),
    (
        Errno::ESPIPE,
        "A socket has no position: lseek() makes no sense on it.",
    ),
    (
        Errno::EPIPE,
        "Sending is over: this side has shut it, the connection is gone, or it never existed. SIGPIPE comes with it unless MSG_NOSIGNAL is set.",
    ),
    (
        Errno::EDOM,
        "A number is outside the range that the function allows.",
    ),
    (
        Errno::ENAMETOOLONG,
        "The path or name is longer than its field allows.",
    ),
    (Errno::ENOSYS, "This kernel does not have that system call."),
    (
        Errno::EOVERFLOW,
        "The value does not fit into the type that should hold it.",
    ),
    (Errno::EPROTO, "The protocol was violated."),
    (
        Errno::ENOTSOCK,
        "The descriptor is open but refers to something else: a file, a pipe or the terminal.",
    ),
    (
        Errno::EDESTADDRREQ,
        "A datagram needs a destination: give one with sendto() or connect() first.",
    ),
    (
        Errno::EMSGSIZE,
        "The datagram is too large; UDP over IPv4 carries at most 65507 bytes.",
    ),
    (
        Errno::EPROTOTYPE,
        "The other socket is of another type (stream against datagram).",
    ),
    (
        Errno::ENOPROTOOPT,
        "This protocol does not know that option or level.",
    ),
    (
        Errno::EPROTONOSUPPORT,
        "This type of socket has no such protocol, for example SOCK_STREAM with UDP.",
    ),
    (
        Errno::ESOCKTNOSUPPORT,
        "The address family has no sockets of this type.",
    ),
    (
        Errno::EOPNOTSUPP,
        "This kind of socket cannot do that, for example listen() on a UDP socket.",
    ),
    (
        Errno::EAFNOSUPPORT,
        "The address family is unknown or is not the socket's; often sin_family was not set.",
    ),
    (
        Errno::EADDRINUSE,
        "Another socket has the port: a server that still runs, or a TIME-WAIT of an earlier run (SO_REUSEADDR before bind() helps against the latter, if both runs set it).",
    ),
    (
        Errno::EADDRNOTAVAIL,
        "The address is not one of this machine, or connect() found no free local port.",
    ),
    (Errno::ENETDOWN, "The network device is switched off."),
    (Errno::ENETUNREACH, "No route leads to that network."),
    (
        Errno::ENETRESET,
        "The connection was dropped because keep-alive probes found it broken.",
    ),
    (
        Errno::ECONNABORTED,
        "The connection was gone before the program got it.",
    ),
    (
        Errno::ECONNRESET,
        "The peer sent RST: it crashed, closed with unread data, or knows nothing of this connection.",
    ),
    (Errno::ENOBUFS, "The kernel has no buffer space left."),
    (
        Errno::EISCONN,
        "The socket is connected already, or it listens; make a new one for another connection.",
    ),
    (
        Errno::ENOTCONN,
        "There is no peer: connect() has not succeeded, or the connection is gone, or it is the listener.",
    ),
    (
        Errno::ESHUTDOWN,
        "This direction has been shut down already.",
    ),
    (
        Errno::ETIMEDOUT,
        "The peer never answered, not even with a refusal: a firewall drops the packets, or the host is gone. connect() takes about two minutes to find out.",
    ),
    (
        Errno::ECONNREFUSED,
        "The host is there but nobody listens on that port: the server is not running, or address or port are wrong (htons() forgotten?).",
    ),
    (Errno::EHOSTDOWN, "The host does not answer at link level."),
    (
        Errno::EHOSTUNREACH,
        "The host cannot be reached: a router said so, or nobody answered ARP.",
    ),
    (
        Errno::EALREADY,
        "An earlier non-blocking connect() is still under way.",
    ),
    (
        Errno::EINPROGRESS,
        "Not a failure: the non-blocking connect() has begun. Wait with poll() until the socket is writable, then read SO_ERROR.",
    ),
];
