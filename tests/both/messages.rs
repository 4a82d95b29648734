//! readv(2), writev(2), sendmsg(2), recvmsg(2) on a stream.

use crate::common::calls::*;
use crate::harness::Both;

#[test]
fn a_vector_is_sent_and_received_in_one_piece() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, writev(3, &[b"Hel", b"", b"lo"]), Ok(5));
    let reply = both.gives(server, readv(4, &[2, 0, 9]), Ok(5));
    assert_eq!(reply.written(nested::IOV), Some(&b"Hello"[..]));
    both.gives(client, sendmsg(3, msg_in(b"again")), Ok(5));
    let reply = both.gives(server, recvmsg(4, msg_out(3)), Ok(3));
    assert_eq!(reply.written(nested::IOV), Some(&b"aga"[..]));
    let reply = both.gives(server, recvmsg(4, msg_out(9)), Ok(2));
    assert_eq!(reply.written(nested::MSG_FLAGS), Some(&[0; 4][..]));
    assert_eq!(reply.written(nested::MSG_CONTROLLEN), Some(&[0; 8][..]));
    both.sleeps(server, readv(4, &[4, 4]));
    both.gives(client, write(3, b"abcdef"), Ok(6));
    both.woke(server, Ok(6));
}

#[test]
fn a_vector_is_checked_before_the_socket() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, writev_raw(9, None, 1), Err(EBADF));
    both.gives(client, writev_raw(3, None, 1), Err(EFAULT));
    both.gives(client, writev_raw(3, None, 0), Ok(0));
    both.gives(client, writev_raw(3, None, -1), Err(EINVAL));
    both.gives(client, writev_raw(3, None, 1025), Err(EINVAL));
    let one = |len| Some(vec![(UserIn::Bytes(vec![1]), len)]);
    both.gives(client, writev_raw(3, one(u64::MAX), 1), Err(EINVAL));
    let two = |len| Some(vec![(UserIn::Bytes(vec![1]), 1), (UserIn::Fault, len)]);
    both.gives(client, writev_raw(3, two(u64::MAX), 2), Err(EINVAL));
    both.gives(client, writev_raw(3, two(1 << 60), 2), Err(EFAULT));
    both.gives(client, writev_raw(3, two(4), 2), Err(EFAULT));
    both.gives(client, writev_raw(3, two(0), 2), Ok(1));
    both.gives(server, readv_raw(9, None, 1), Err(EBADF));
    both.gives(server, readv_raw(4, None, 1), Err(EFAULT));
    both.gives(server, readv_raw(4, None, -1), Err(EINVAL));
    both.gives(server, readv_raw(4, None, 1025), Err(EINVAL));
    both.gives(
        server,
        readv_raw(4, Some(vec![(UserOut::Fault, 0)]), 1),
        Ok(0),
    );
    both.gives(
        server,
        readv_raw(4, Some(vec![(UserOut::Fault, 1)]), 1),
        Err(EFAULT),
    );
    both.gives(server, readv(4, &[1]), Ok(1));
    // Nothing to write is no reason to look at the socket.
    both.gives(client, shutdown(3, SHUT_WR), Ok(0));
    both.gives(client, writev(3, &[b""]), Ok(0));
    both.gives(client, sendmsg(3, msg_in(b"")), Err(EPIPE));
    both.kills(client, writev(3, &[b"x"]), SIGPIPE);
}

#[test]
fn sendmsg_checks_its_header_in_linuxs_order() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let bad = |msg: Option<MsgIn>| Syscall::Sendmsg {
        fd: 3,
        msg,
        flags: MSG_NOSIGNAL,
    };
    both.gives(client, bad(None), Err(EFAULT));
    both.gives(client, sendmsg(9, msg_in(b"x")), Err(EBADF));
    both.gives(client, sendmsg(1, msg_in(b"x")), Err(ENOTSOCK));
    let with = |change: &dyn Fn(&mut MsgIn)| {
        let mut msg = msg_in(b"x");
        change(&mut msg);
        sendmsg(3, msg)
    };
    let named = |len| {
        move |msg: &mut MsgIn| {
            msg.name = Some(address("127.0.0.1:9"));
            msg.namelen = len;
        }
    };
    both.gives(client, with(&named(-1)), Err(EINVAL));
    both.gives(client, with(&named(16)), Ok(1));
    both.gives(client, with(&named(1)), Ok(1));
    both.gives(client, with(&|msg| msg.namelen = -1), Ok(1));
    both.gives(
        client,
        with(&|msg| {
            msg.name = Some(UserIn::Fault);
            msg.namelen = 16;
        }),
        Err(EFAULT),
    );
    both.gives(
        client,
        with(&|msg| {
            msg.name = Some(UserIn::Fault);
        }),
        Ok(1),
    );
    both.gives(client, with(&|msg| msg.iov = None), Err(EFAULT));
    both.gives(
        client,
        with(&|msg| msg.iov = Some(pieces(&[&b"x"[..]; 1025]))),
        Err(EMSGSIZE),
    );
    both.gives(
        client,
        with(&|msg| msg.iov = Some(pieces(&[&b"x"[..]; 1024]))),
        Ok(1024),
    );
    both.gives(
        client,
        with(&|msg| msg.iov = Some(vec![(UserIn::Fault, 1)])),
        Err(EFAULT),
    );
    both.gives(client, with(&|msg| msg.controllen = 1 << 32), Err(ENOBUFS));
    both.gives(client, with(&|msg| msg.controllen = 20), Err(EFAULT));
}

#[test]
fn control_data_on_a_stream_is_looked_at_and_means_nothing() {
    let mut both = Both::new();
    let [_, client] = both.pair();
    let piece = |len: u64, level: i32, ty: i32| {
        let mut bytes = len.to_le_bytes().to_vec();
        bytes.extend(level.to_le_bytes());
        bytes.extend(ty.to_le_bytes());
        bytes.extend([0; 8]);
        bytes
    };
    let mut with = |control: Vec<u8>, expected| {
        let mut msg = msg_in(b"x");
        msg.controllen = control.len() as u64;
        msg.control = Some(UserIn::Bytes(control));
        both.gives(client, sendmsg(3, msg), expected);
    };
    with(piece(20, SOL_SOCKET, 1), Ok(1));
    with(piece(20, SOL_SOCKET, 99), Err(EINVAL));
    with(piece(20, IPPROTO_IP, 99), Ok(1));
    with(piece(15, IPPROTO_IP, 99), Err(EINVAL));
    with(piece(25, IPPROTO_IP, 99), Err(EINVAL));
    with(vec![1; 15], Ok(1));
}

#[test]
fn recvmsg_checks_its_header_and_tells_lengths() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    both.gives(client, send(3, b"abcdefgh"), Ok(8));
    let bad = |msg: Option<MsgOut>| Syscall::Recvmsg {
        fd: 4,
        msg,
        flags: 0,
    };
    both.gives(server, bad(None), Err(EFAULT));
    both.gives(server, recvmsg(9, msg_out(1)), Err(EBADF));
    both.gives(server, recvmsg(1, msg_out(1)), Err(ENOTSOCK));
    let with = |change: &dyn Fn(&mut MsgOut)| {
        let mut msg = msg_out(1);
        change(&mut msg);
        recvmsg(4, msg)
    };
    let named = |name, len| {
        move |msg: &mut MsgOut| {
            msg.name = Some(name);
            msg.namelen = len;
        }
    };
    let room = UserOut::Capacity(28);
    both.gives(server, with(&named(room, -1)), Err(EINVAL));
    let reply = both.gives(server, with(&named(room, 28)), Ok(1));
    assert_eq!(reply.written(nested::MSG_NAMELEN), Some(&[0; 4][..]));
    both.gives(server, with(&named(UserOut::Fault, 28)), Ok(1));
    both.gives(server, with(&|msg| msg.namelen = -1), Ok(1));
    both.gives(server, with(&|msg| msg.iov = None), Err(EFAULT));
    both.gives(
        server,
        with(&|msg| msg.iov = Some(rooms(&[1; 1025]))),
        Err(EMSGSIZE),
    );
    both.gives(
        server,
        with(&|msg| msg.iov = Some(vec![(UserOut::Fault, 1)])),
        Err(EFAULT),
    );
    let control = |msg: &mut MsgOut| {
        msg.control = Some(UserOut::Capacity(64));
        msg.controllen = 64;
    };
    both.gives(server, with(&control), Ok(1));
    let reply = both.gives(
        server,
        recvmsg_flags(4, msg_out(2), MSG_CMSG_CLOEXEC | MSG_PEEK),
        Ok(2),
    );
    assert_eq!(reply.written(nested::IOV), Some(&b"ef"[..]));
    both.gives(server, recvmsg_flags(4, msg_out(2), MSG_TRUNC), Ok(2));
    both.gives(server, recvmsg_flags(4, msg_out(9), MSG_OOB), Err(EINVAL));
    both.gives(
        server,
        recvmsg_flags(4, msg_out(9), MSG_ERRQUEUE),
        Err(EAGAIN),
    );
    let reply = both.gives(server, recvmsg_flags(4, msg_out(9), MSG_DONTWAIT), Ok(2));
    assert_eq!(reply.written(nested::IOV), Some(&b"gh"[..]));
    both.gives(
        server,
        recvmsg_flags(4, msg_out(9), MSG_DONTWAIT),
        Err(EAGAIN),
    );
    both.gives(client, close(3), Ok(0));
    both.gives(server, recvmsg(4, msg_out(9)), Ok(0));
    both.gives(server, recvmsg(3, msg_out(9)), Err(ENOTCONN));
}

#[test]
fn flags_that_mean_nothing_to_a_stream_change_nothing() {
    let mut both = Both::new();
    let [server, client] = both.pair();
    let flags = MSG_DONTROUTE | MSG_CONFIRM | MSG_TRUNC | MSG_CTRUNC | MSG_PEEK | MSG_WAITALL;
    both.gives(
        client,
        send_flags(3, b"abc", flags | MSG_ERRQUEUE | MSG_ZEROCOPY),
        Ok(3),
    );
    let flags = MSG_DONTROUTE | MSG_CONFIRM | MSG_CTRUNC | MSG_EOR | MSG_MORE | MSG_WAITFORONE;
    both.gives_bytes(server, recv_flags(4, 1, flags), b"a");
    let reply = both.gives(server, recv_flags(4, 1, MSG_TRUNC), Ok(1));
    assert_eq!(reply.written(1), None);
    both.gives_bytes(server, recv(4, 9), b"c");
}
