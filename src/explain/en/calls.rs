//! What system calls are for and what they give back, in English.

/// What a call asks for, as a clause.
pub(in crate::explain) fn purpose(call: &str) -> &'static str {
    match call {
        "socket" => "it wants a new socket, and a descriptor for it",
        "bind" => "the socket is to get an address and a port of its own",
        "listen" => {
            "the socket is to become a listener, and the kernel to complete handshakes by itself"
        }
        "accept" | "accept4" => {
            "it wants the oldest finished connection of the accept queue, as a new descriptor"
        }
        "connect" => {
            "it wants a connection to an address; the 3-way handshake is the kernel's work"
        }
        "sendto" => "it has bytes for the peer (send() of the C library is this call, too)",
        "recvfrom" => {
            "it wants bytes that have arrived (recv() of the C library is this call, too)"
        }
        "read" => "it wants bytes from the descriptor",
        "write" => "it has bytes for the descriptor",
        "close" => "the descriptor is to go; with the last one the connection is closed, too",
        "shutdown" => "one or both directions are to end while the descriptor stays",
        "poll" => "it waits for several descriptors at once and wants to know which is ready",
        "nanosleep" => "it wants to sleep for a while",
        "getsockname" => "it wants the socket's own address",
        "getpeername" => "it wants the peer's address",
        "setsockopt" => "it changes a setting of the socket",
        "getsockopt" => "it wants the value of a setting",
        "socketpair" => "it wants two new sockets that are each other's peer",
        "unlink" => "a path is to go from the file system",
        "exit_group" => "it wants to end, with all its threads",
        "readv" => "it wants bytes from the descriptor, into several buffers at once",
        "writev" => "it has bytes for the descriptor, in several buffers",
        "sendmsg" => "it has a message for the peer: buffers, perhaps an address and control data",
        "recvmsg" => "it wants a message that has arrived, with its sender and control data",
        "dup" => "it wants a second descriptor for the same open file",
        "dup2" | "dup3" => "a number of its choice is to refer to the same open file",
        "fcntl" => "it asks for or changes flags of a descriptor or of the open file behind it",
        "ioctl" => "it asks the file for something, or changes a mode of it",
        "select" | "pselect6" | "ppoll" => {
            "it waits for several descriptors at once and wants to know which is ready"
        }
        "epoll_create1" => "it wants an epoll instance, which watches descriptors for it",
        "epoll_ctl" => "it changes which descriptors the epoll instance watches, and for what",
        "epoll_wait" => "it waits for events of the descriptors that the epoll instance watches",
        "pipe" | "pipe2" => "it wants a pipe: one descriptor to read from and one to write to",
        "fork" => "it wants a copy of itself as a new process",
        "wait4" => "it waits for a child to end and wants to know how",
        "kill" => "it sends a signal to a process",
        "getpid" => "it wants the number of its own process",
        "rt_sigaction" => "it says what is to happen when a signal comes",
        _ => "it wants something from the kernel",
    }
}

/// What a call that returned `ret` has given.
pub(in crate::explain) fn result(call: &str, ret: i64) -> &'static str {
    match call {
        "recvfrom" | "read" if ret == 0 => {
            "Nothing is left to read and nothing more will come: the end."
        }
        "recvfrom" | "read" => {
            "So many bytes were there. Fewer than asked for is normal: a stream has no messages."
        }
        "poll" if ret == 0 => "The time was up and no descriptor was ready.",
        "poll" => "So many of the descriptors are ready.",
        "socket" => "A descriptor: the number by which the program names the socket from now on.",
        "bind" => "The socket has its address and port.",
        "listen" => "From now on the kernel answers SYNs for this port.",
        "accept" | "accept4" => {
            "A new descriptor for this one connection; the listener stays as it is."
        }
        "connect" => {
            "The SYN,ACK has come: the connection stands, whether or not the server has called accept()."
        }
        "sendto" => {
            "So many bytes are in the kernel's hands. It is no proof that the peer has read them."
        }
        "write" => "So many bytes are in the kernel's hands.",
        "close" => "The number is free again. TCP may still be busy closing.",
        "shutdown" => "The direction is shut for every process that shares the socket.",
        "nanosleep" => "The time is over.",
        "socketpair" => "Both descriptors are in the program's array.",
        "unlink" => "The path is gone; a socket that was bound to it lives on.",
        "getsockname" => "The address is in the program's buffer.",
        "getpeername" => "The address is in the program's buffer.",
        "setsockopt" => "The option is set.",
        "getsockopt" => "The value is in the program's buffer.",
        _ => "",
    }
}
