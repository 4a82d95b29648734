//! Names of AF_UNIX sockets: paths, abstract names, names that the kernel chooses; unlink(2).

use crate::common::calls::*;
use crate::common::unix::*;
use crate::harness::{Both, Task};

/// The name that a call told at argument 1, and its length.
#[track_caller]
fn names(both: &mut Both, task: Task, call: Syscall, name: &[u8]) {
    let reply = both.gives(task, call, Ok(0));
    let bytes = un(name);
    assert_eq!(reply.written(1), Some(&bytes[..]));
    assert_eq!(
        reply.written(2),
        Some(&(bytes.len() as u32).to_le_bytes()[..])
    );
}

#[test]
fn a_socket_is_made_of_a_type_and_no_protocol() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket_of(AF_UNIX, SOCK_STREAM, 1), Ok(3));
    both.gives(task, unix(SOCK_RAW), Ok(4));
    both.gives(
        task,
        socket_of(AF_UNIX, SOCK_STREAM, 2),
        Err(EPROTONOSUPPORT),
    );
    both.gives(
        task,
        socket_of(AF_UNIX, SOCK_STREAM, -1),
        Err(EPROTONOSUPPORT),
    );
    both.gives(task, socket_of(AF_UNIX, 7, 5), Err(EPROTONOSUPPORT));
    both.gives(task, unix(SOCK_RDM), Err(ESOCKTNOSUPPORT));
    both.gives(task, unix(10), Err(ESOCKTNOSUPPORT));
    both.gives(task, unix(75), Err(EINVAL));
    let values = [
        (SO_TYPE, SOCK_STREAM),
        (SO_PROTOCOL, 0),
        (SO_DOMAIN, AF_UNIX),
        (SO_ACCEPTCONN, 0),
    ];
    for (option, value) in values {
        let reply = both.gives(task, getsockopt(3, SOL_SOCKET, option), Ok(0));
        assert_eq!(option_in(&reply), Some(value));
        both.gives(
            task,
            setsockopt(3, SOL_SOCKET, option, int(1), 4),
            Err(ENOPROTOOPT),
        );
    }
    both.gives(
        task,
        setsockopt(3, IPPROTO_TCP, 1, int(1), 4),
        Err(EOPNOTSUPP),
    );
    both.gives(task, getsockopt(3, IPPROTO_TCP, 1), Err(EOPNOTSUPP));
    let cred = |len| {
        let room = UserOut::Capacity(12);
        getsockopt_raw(3, (SOL_SOCKET, SO_PEERCRED), room, int(len))
    };
    let reply = both.gives(task, cred(12), Ok(0));
    let nobody = [0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
    assert_eq!(reply.written(3), Some(&nobody[..]));
    both.gives(task, cred(5), Ok(0));
}

#[test]
fn bind_makes_a_node_that_stays() {
    let mut both = Both::new();
    let [task, other] = both.tasks();
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    names(&mut both, task, getsockname(3), b"");
    both.gives(task, bind_un(3, b"x.sock"), Ok(0));
    // The NUL belongs to the name.
    names(&mut both, task, getsockname(3), b"x.sock\0");
    both.gives(task, bind_un(3, b"x.sock"), Err(EADDRINUSE));
    both.gives(task, bind_un(3, b"y.sock"), Err(EINVAL));
    both.gives(task, bind_un(3, b"\0y"), Err(EINVAL));
    both.gives(task, unlink("y.sock"), Err(ENOENT));
    both.gives(other, unix(SOCK_STREAM), Ok(3));
    both.gives(other, bind_un(3, b"x.sock\0junk"), Err(EADDRINUSE));
    both.gives(task, close(3), Ok(0));
    both.gives(other, bind_un(3, b"./x.sock"), Err(EADDRINUSE));
    both.gives(other, connect_un(3, b"x.sock"), Err(ECONNREFUSED));
    both.gives(other, unlink("x.sock"), Ok(0));
    both.gives(other, connect_un(3, b"x.sock"), Err(ENOENT));
    both.gives(other, bind_un(3, b"x.sock"), Ok(0));
}

#[test]
fn a_path_is_followed_from_directory_to_directory() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    both.gives(task, unix(SOCK_STREAM), Ok(4));
    both.gives(task, bind_un(3, b"x.sock"), Ok(0));
    let paths: [(&[u8], Errno, Errno); 12] = [
        (b"no/such", ENOENT, ENOENT),
        (b"x.sock/s", ENOTDIR, ENOTDIR),
        (b"x.sock/.", ENOTDIR, ENOTDIR),
        (b"x.sock/", EADDRINUSE, ENOTDIR),
        (b".", EADDRINUSE, ECONNREFUSED),
        (b"..", EADDRINUSE, ECONNREFUSED),
        (b"/", EADDRINUSE, EACCES),
        (b"/tmp", EADDRINUSE, ECONNREFUSED),
        (b"/tmp/../tmp/.", EADDRINUSE, ECONNREFUSED),
        (b"new/", ENOENT, ENOENT),
        (b".//./x.sock", EADDRINUSE, ECONNREFUSED),
        (b"/tmp/none/x", ENOENT, ENOENT),
    ];
    for (path, bind, connect) in paths {
        both.gives(task, bind_un(4, path), Err(bind));
        both.gives(task, connect_un(4, path), Err(connect));
    }
    both.gives(task, bind_un(4, b"/tmp/x.sock"), Ok(0));
    names(&mut both, task, getsockname(4), b"/tmp/x.sock\0");
    both.gives(task, listen(4, 1), Ok(0));
    both.gives(task, connect_un(3, b"//tmp/../tmp/./x.sock"), Ok(0));
    // Told as it was bound.
    names(&mut both, task, getpeername(3), b"/tmp/x.sock\0");
}

#[test]
fn unlink_takes_the_path_away_and_nothing_else() {
    let mut both = Both::new();
    let [server, client] = both.tasks();
    both.gives(server, unix(SOCK_STREAM), Ok(3));
    both.gives(server, bind_un(3, b"s.sock"), Ok(0));
    both.gives(server, listen(3, 3), Ok(0));
    both.gives(client, unix(SOCK_STREAM), Ok(3));
    both.gives(client, connect_un(3, b"s.sock"), Ok(0));
    both.gives(client, unlink("s.sock"), Ok(0));
    both.gives(client, unlink("s.sock"), Err(ENOENT));
    names(&mut both, server, getsockname(3), b"s.sock\0");
    both.gives(server, accept(3), Ok(4));
    both.gives(client, send(3, b"works"), Ok(5));
    both.gives_bytes(server, recv(4, 9), b"works");
    both.gives(client, unix(SOCK_STREAM), Ok(4));
    both.gives(client, connect_un(4, b"s.sock"), Err(ENOENT));
    both.gives(client, bind_un(4, b"s.sock"), Ok(0));
    both.gives(client, unlink("./s.sock/"), Err(ENOTDIR));
    both.gives(client, unlink("s.sock/a"), Err(ENOTDIR));
    both.gives(client, unlink("none/"), Err(ENOENT));
    both.gives(client, unlink("."), Err(EISDIR));
    both.gives(client, unlink(".."), Err(EISDIR));
    both.gives(client, unlink("/"), Err(EISDIR));
    both.gives(client, unlink("/tmp/"), Err(EISDIR));
    both.gives(client, unlink(""), Err(ENOENT));
    both.gives(client, unlink(&"q".repeat(256)), Err(ENAMETOOLONG));
    both.gives(client, unlink(&"q/".repeat(2_048)), Err(ENAMETOOLONG));
    let pathname = UserIn::Fault;
    both.gives(client, Syscall::Unlink { pathname }, Err(EFAULT));
}

#[test]
fn the_longest_path_has_no_nul() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    let path = [b'q'; 109];
    both.gives(task, bind_un(3, &path), Err(EINVAL));
    both.gives(task, bind_un(3, &path[..108]), Ok(0));
    let reply = both.gives(task, getsockname(3), Ok(0));
    assert_eq!(reply.written(2), Some(&[111, 0, 0, 0][..]));
    let short = getsockname_raw(3, UserOut::Capacity(4), int(4));
    let reply = both.gives(task, short, Ok(0));
    assert_eq!(reply.written(1), Some(&[1, 0, b'q', b'q'][..]));
}

#[test]
fn an_abstract_name_is_bytes_and_belongs_to_a_type() {
    let mut both = Both::new();
    let task = both.task();
    for (ty, fd) in [
        (SOCK_STREAM, 3),
        (SOCK_STREAM, 4),
        (SOCK_DGRAM, 5),
        (SOCK_SEQPACKET, 6),
    ] {
        both.gives(task, unix(ty), Ok(fd));
    }
    both.gives(task, bind_un(3, b"\0ab"), Ok(0));
    names(&mut both, task, getsockname(3), b"\0ab");
    both.gives(task, bind_un(4, b"\0ab"), Err(EADDRINUSE));
    both.gives(task, connect_un(6, b"\0ab"), Err(ECONNREFUSED));
    both.gives(task, bind_un(5, b"\0ab"), Ok(0));
    both.gives(task, bind_un(4, b"\0ab\0"), Ok(0));
    names(&mut both, task, getsockname(4), b"\0ab\0");
    both.gives(task, bind_un(3, b"\0cd"), Err(EINVAL));
    both.gives(task, bind_un(6, b"\0"), Ok(0));
    names(&mut both, task, getsockname(6), b"\0");
    // With its socket the name is gone.
    both.gives(task, close(3), Ok(0));
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    both.gives(task, connect_un(3, b"\0ab"), Err(ECONNREFUSED));
    both.gives(task, bind_un(3, b"\0ab"), Ok(0));
}

#[test]
fn without_a_path_the_kernel_chooses_a_name_once() {
    let mut both = Both::new();
    let [task, other] = both.tasks();
    both.gives(task, unix(SOCK_DGRAM), Ok(3));
    both.gives(task, bind_un(3, b""), Ok(0));
    names(&mut both, task, getsockname(3), b"\0#0000");
    both.gives(task, bind_un(3, b""), Ok(0));
    names(&mut both, task, getsockname(3), b"\0#0000");
    both.gives(task, bind_un(3, b"\0other"), Err(EINVAL));
    both.gives(other, unix(SOCK_DGRAM), Ok(3));
    both.gives(other, sendto_un(3, b"found", b"\0#0000"), Ok(5));
    both.gives_bytes(task, recv(3, 9), b"found");
}

#[test]
fn an_address_is_checked_before_anything_else() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    let inet = || address("127.0.0.1:80");
    let long = || UserIn::Bytes([1, 0, b'f'].into_iter().chain([0; 126]).collect());
    for (addr, len, errno) in [
        (inet(), 16, EINVAL),
        (inet(), 1, EINVAL),
        (inet(), 0, EINVAL),
        (UserIn::Fault, 2, EFAULT),
        (long(), 111, EINVAL),
        (long(), 128, EINVAL),
        (long(), 129, EINVAL),
        (long(), -1, EINVAL),
    ] {
        both.gives(task, bind_raw(3, addr.clone(), len), Err(errno));
        both.gives(task, connect_raw(3, addr, len), Err(errno));
    }
    both.gives(task, connect_un(3, b""), Err(EINVAL));
    both.gives(task, disconnect(3), Err(EINVAL));
    both.gives(task, bind_raw(3, long(), 110), Ok(0));
    names(&mut both, task, getsockname(3), b"f\0");
}

#[test]
fn a_path_leads_to_the_type_that_was_bound() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    both.gives(task, bind_un(3, b"t.sock"), Ok(0));
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(task, unix(SOCK_DGRAM), Ok(4));
    both.gives(task, unix(SOCK_SEQPACKET), Ok(5));
    both.gives(task, connect_un(4, b"t.sock"), Err(EPROTOTYPE));
    both.gives(task, sendto_un(4, b"x", b"t.sock"), Err(EPROTOTYPE));
    both.gives(task, connect_un(5, b"t.sock"), Err(EPROTOTYPE));
    both.gives(task, bind_un(4, b"d.sock"), Ok(0));
    both.gives(task, unix(SOCK_STREAM), Ok(6));
    both.gives(task, connect_un(6, b"d.sock"), Err(EPROTOTYPE));
}

#[test]
fn roots_sockets_are_not_for_everyone() {
    let mut both = Both::new();
    let (root, task) = (both.root(), both.task());
    both.gives(root, unix(SOCK_STREAM), Ok(3));
    both.gives(root, bind_un(3, b"root.sock"), Ok(0));
    both.gives(root, listen(3, 1), Ok(0));
    both.gives(task, unix(SOCK_STREAM), Ok(3));
    both.gives(task, connect_un(3, b"root.sock"), Err(EACCES));
    both.gives(task, bind_un(3, b"root.sock"), Err(EADDRINUSE));
    both.gives(task, unlink("root.sock"), Err(EPERM));
    both.gives(task, unix(SOCK_DGRAM), Ok(4));
    both.gives(task, connect_un(4, b"root.sock"), Err(EACCES));
    both.gives(task, bind_un(3, b"/tmp/mine.sock"), Ok(0));
    both.gives(task, listen(3, 1), Ok(0));
    both.gives(root, unix(SOCK_STREAM), Ok(4));
    both.gives(root, connect_un(4, b"/tmp/mine.sock"), Ok(0));
    both.gives(root, unlink("/tmp/mine.sock"), Ok(0));
    both.gives(root, unlink("root.sock"), Ok(0));
}
