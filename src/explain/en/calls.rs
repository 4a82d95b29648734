//! What system calls are for and what they give back, in English.

/// What a call asks for, and what success means; both follow the call's name.
pub(in crate::explain) fn entered(call: &str) -> (&'static str, &'static str) {
    match call {
        "socket" => (
            "a new socket, and a descriptor for it",
            "A descriptor: the number by which the program names the socket from now on.",
        ),
        "bind" => (
            "an address and a port of its own for the socket",
            "The socket has its address and port.",
        ),
        "listen" => (
            "the socket becomes a listener, and the kernel completes handshakes by itself",
            "From now on the kernel answers SYNs for this port.",
        ),
        "accept" | "accept4" => (
            "the oldest finished connection of the accept queue, as a new descriptor",
            "A new descriptor for this one connection; the listener stays as it is.",
        ),
        "connect" => (
            "a connection to that address: the kernel does the 3-way handshake",
            "The SYN,ACK has come: the connection stands, whether or not the server has called accept().",
        ),
        "sendto" => (
            "bytes for the peer (send() of the C library ends here, too)",
            "So many bytes are in the kernel's hands. It is no proof that the peer has read them.",
        ),
        "recvfrom" => (
            "bytes that have arrived (recv() of the C library ends here, too)",
            "So many bytes were there; fewer than asked for is normal. 0 is the end: the peer sent FIN.",
        ),
        "read" => (
            "bytes from the descriptor",
            "So many bytes were there; 0 is the end.",
        ),
        "write" => (
            "bytes for the descriptor",
            "So many bytes are in the kernel's hands.",
        ),
        "close" => (
            "the descriptor goes; with the last one TCP says FIN",
            "The number is free again. TCP may still be busy closing.",
        ),
        "shutdown" => (
            "one or both directions end while the descriptor stays",
            "The direction is shut for every process that shares the socket.",
        ),
        "poll" => (
            "which of several descriptors is ready, to wait for all of them at once",
            "So many descriptors are ready; 0: the time was up.",
        ),
        "nanosleep" => ("sleep for a while", "The time is over."),
        "getsockname" => (
            "the socket's own address",
            "The address is in the program's buffer.",
        ),
        "getpeername" => (
            "the peer's address",
            "The address is in the program's buffer.",
        ),
        "setsockopt" => ("a setting of the socket", "The option is set."),
        "getsockopt" => (
            "the value of a setting",
            "The value is in the program's buffer.",
        ),
        "exit_group" => ("the end of the whole process", ""),
        _ => ("something from the kernel", ""),
    }
}
