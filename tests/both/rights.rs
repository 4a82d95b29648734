//! Descriptors in messages (SCM_RIGHTS) over AF_UNIX.

use crate::common::calls::*;
use crate::common::host::Outcome;
use crate::common::unix::*;
use crate::harness::{Both, Task};

const KINDS: [i32; 3] = [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET];

/// One piece of control data with its padding.
pub(crate) fn piece(level: i32, ty: i32, data: &[u8]) -> Vec<u8> {
    let mut bytes = (16 + data.len() as u64).to_le_bytes().to_vec();
    bytes.extend(level.to_le_bytes());
    bytes.extend(ty.to_le_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

pub(crate) fn with_control(data: &[u8], control: &[u8]) -> MsgIn {
    MsgIn {
        control: Some(UserIn::Bytes(control.to_vec())),
        controllen: control.len() as u64,
        ..msg_in(data)
    }
}

pub(crate) fn rights(data: &[u8], fds: &[i32]) -> MsgIn {
    let fds: Vec<u8> = fds.iter().flat_map(|fd| fd.to_le_bytes()).collect();
    with_control(data, &piece(SOL_SOCKET, SCM_RIGHTS, &fds))
}

/// Room for data and control data.
pub(crate) fn room(len: u64, control: u64) -> MsgOut {
    MsgOut {
        control: Some(UserOut::Capacity(control)),
        controllen: control,
        ..msg_out(len)
    }
}

/// The descriptors that came with a message, and its flags.
pub(crate) fn came(reply: &Reply) -> (Vec<i32>, i32) {
    let int = |b: &[u8]| i32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    let control = reply.written(nested::MSG_CONTROL).unwrap_or_default();
    let len = control.first_chunk::<4>().map_or(16, |b| int(b));
    let fds = control.get(16..len as usize).unwrap_or_default();
    let flags = reply.written(nested::MSG_FLAGS).map_or(-1, int);
    (fds.chunks_exact(4).map(int).collect(), flags)
}

/// recvmsg(2) with room for eight descriptors.
#[track_caller]
fn receives(both: &mut Both, task: Task, fd: i32, data: &[u8], fds: &[i32], flags: i32) {
    let call = recvmsg_flags(fd, room(64, 48), MSG_DONTWAIT);
    let reply = both.gives(task, call, Ok(data.len() as u64));
    assert_eq!(reply.written(nested::IOV).unwrap_or_default(), data);
    assert_eq!(came(&reply), (fds.to_vec(), flags));
}

/// Two processes with one end each of a pair, at descriptor 3.
fn two(ty: i32) -> (Both, [Task; 2]) {
    let mut both = Both::new();
    let parent = both.task();
    both.gives(parent, socketpair(ty), Ok(0));
    let child = both.fork(parent);
    both.gives(parent, close(4), Ok(0));
    both.gives(child, close(3), Ok(0));
    both.gives(child, dup2(4, 3), Ok(3));
    both.gives(child, close(4), Ok(0));
    (both, [parent, child])
}

#[test]
fn the_description_is_shared_under_the_lowest_numbers_that_are_free() {
    for ty in KINDS {
        let (mut both, [parent, child]) = two(ty);
        both.gives(parent, pipe(), Ok(0));
        both.gives(child, dup(3), Ok(4));
        both.gives(child, dup(3), Ok(5));
        both.gives(child, close(4), Ok(0));
        both.gives(parent, sendmsg(3, rights(b"two", &[5, 4])), Ok(3));
        // Closing is no loss to a message.
        both.gives(parent, close(4), Ok(0));
        receives(&mut both, child, 3, b"two", &[4, 6], 0);
        both.gives(child, fcntl(4, F_GETFD, 0), Ok(0));
        both.gives(child, write(4, b"hi"), Ok(2));
        both.gives_bytes(child, read(6, 9), b"hi");
        // O_NONBLOCK is the description's.
        both.gives(child, fcntl(4, F_SETFL, O_NONBLOCK), Ok(0));
        both.gives(
            parent,
            fcntl(5, F_GETFL, 0),
            Ok((O_NONBLOCK | O_WRONLY) as u64),
        );
    }
}

#[test]
fn the_end_comes_when_the_descriptor_that_was_passed_is_closed_too() {
    for ty in KINDS {
        let (mut both, [parent, child]) = two(ty);
        both.gives(parent, pipe(), Ok(0));
        both.gives(parent, sendmsg(3, rights(b"w", &[5])), Ok(1));
        both.gives(parent, close(5), Ok(0));
        both.sleeps(parent, read(4, 9));
        receives(&mut both, child, 3, b"w", &[4], 0);
        both.still_sleeps(parent);
        both.gives(child, close(4), Ok(0));
        both.woke(parent, Ok(0));
    }
}

#[test]
fn msg_cmsg_cloexec_marks_what_is_received() {
    let (mut both, [parent, child]) = two(SOCK_STREAM);
    both.gives(parent, sendmsg(3, rights(b"x", &[3, 3])), Ok(1));
    let call = recvmsg_flags(3, room(9, 64), MSG_CMSG_CLOEXEC);
    let reply = both.gives(child, call, Ok(1));
    assert_eq!(came(&reply), (vec![4, 5], MSG_CMSG_CLOEXEC));
    both.gives(child, fcntl(4, F_GETFD, 0), Ok(1));
    both.gives(child, fcntl(5, F_GETFD, 0), Ok(1));
}

#[test]
fn a_listener_that_was_passed_is_accepted_from_by_the_other_process() {
    let (mut both, [parent, child]) = two(SOCK_STREAM);
    both.gives(parent, socket(), Ok(4));
    both.gives(parent, bind(4, "127.0.0.1:8080"), Ok(0));
    both.gives(parent, listen(4, 5), Ok(0));
    both.gives(parent, sendmsg(3, rights(b"l", &[4])), Ok(1));
    both.gives(parent, close(4), Ok(0));
    // It listens while it is in flight.
    both.gives(parent, socket(), Ok(4));
    both.gives(parent, connect(4, "127.0.0.1:8080"), Ok(0));
    receives(&mut both, child, 3, b"l", &[4], 0);
    both.gives(child, accept(4), Ok(5));
    both.gives(parent, send(4, b"Hello"), Ok(5));
    both.gives_bytes(child, recv(5, 9), b"Hello");
}

#[test]
fn a_connection_in_flight_stands_until_its_message_is_read_with_no_room() {
    for ty in KINDS {
        let (mut both, [parent, child]) = two(ty);
        both.gives(child, socket(), Ok(4));
        both.gives(child, bind(4, "127.0.0.1:8080"), Ok(0));
        both.gives(child, listen(4, 5), Ok(0));
        both.gives(parent, socket(), Ok(4));
        both.gives(parent, connect(4, "127.0.0.1:8080"), Ok(0));
        both.gives(child, accept(4), Ok(5));
        both.gives(parent, sendmsg(3, rights(b"c", &[4])), Ok(1));
        both.gives(parent, close(4), Ok(0));
        both.gives(child, recv_now(5, 9), Err(EAGAIN));
        both.gives_bytes(child, read(3, 9), b"c");
        both.gives(child, recv_now(5, 9), Ok(0));
    }
}

#[test]
fn what_waits_at_a_socket_that_is_closed_is_closed_with_it() {
    for ty in KINDS {
        let mut both = Both::new();
        let task = both.task();
        both.gives(task, socketpair(ty), Ok(0));
        both.gives(task, pipe2(O_NONBLOCK), Ok(0));
        both.gives(task, sendmsg(3, rights(b"w", &[6])), Ok(1));
        both.gives(task, close(6), Ok(0));
        both.gives(task, read(5, 9), Err(EAGAIN));
        both.gives(task, close(4), Ok(0));
        both.gives(task, read(5, 9), Ok(0));
    }
}

#[test]
fn a_socket_in_the_queue_of_another_that_is_closed_takes_its_own_queue_with_it() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, pipe2(O_NONBLOCK), Ok(0));
    // The writing end waits at the second of a pair, which waits at the second of the next, and so on.
    let mut carried = 4;
    for _ in 0..40 {
        both.gives(task, socketpair(SOCK_STREAM), Ok(0));
        let (first, second) = if carried == 4 { (5, 6) } else { (4, 5) };
        both.gives(task, sendmsg(first, rights(b"x", &[carried])), Ok(1));
        both.gives(task, close(carried), Ok(0));
        both.gives(task, close(first), Ok(0));
        // Numbers repeat: the pair is at 4 and 5, what it carries at 6.
        both.gives(task, dup2(second, 6), Ok(6));
        if second != 6 {
            both.gives(task, close(second), Ok(0));
        }
        carried = 6;
    }
    both.gives(task, read(3, 1), Err(EAGAIN));
    both.gives(task, close(carried), Ok(0));
    both.gives(task, read(3, 1), Ok(0));
}

#[test]
fn room_decides_how_many_come_and_the_rest_are_lost() {
    for ty in KINDS {
        let mut both = Both::new();
        let task = both.task();
        both.gives(task, socketpair(ty), Ok(0));
        for (control, count) in [
            (0, 0),
            (16, 0),
            (19, 0),
            (20, 1),
            (23, 1),
            (24, 2),
            (31, 2),
            (64, 2),
        ] {
            both.gives(task, sendmsg(3, rights(b"x", &[0, 1])), Ok(1));
            let reply = both.gives(task, recvmsg(4, room(9, control)), Ok(1));
            let (fds, flags) = came(&reply);
            assert_eq!(fds, (5..5 + count).collect::<Vec<_>>(), "{control}");
            assert_eq!(flags, if count < 2 { MSG_CTRUNC } else { 0 }, "{control}");
            for fd in fds {
                both.gives(task, close(fd), Ok(0));
            }
        }
        // No pointer, and a pointer that leads nowhere.
        both.gives(task, sendmsg(3, rights(b"x", &[0])), Ok(1));
        let reply = both.gives(task, recvmsg(4, msg_out(9)), Ok(1));
        assert_eq!(came(&reply), (vec![], MSG_CTRUNC));
        both.gives(task, sendmsg(3, rights(b"x", &[0])), Ok(1));
        let nowhere = MsgOut {
            control: Some(UserOut::Fault),
            controllen: 64,
            ..msg_out(9)
        };
        let reply = both.gives(task, recvmsg(4, nowhere), Ok(1));
        assert_eq!(came(&reply), (vec![], MSG_CTRUNC));
        // read(2) has no room at all.
        both.gives(task, sendmsg(3, rights(b"x", &[0])), Ok(1));
        both.gives_bytes(task, read(4, 9), b"x");
        both.gives(task, dup(0), Ok(5));
    }
}

#[test]
fn who_has_no_number_left_gets_as_many_as_there_are() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_SEQPACKET), Ok(0));
    both.gives(task, sendmsg(3, rights(b"x", &[0, 1, 2])), Ok(1));
    for fd in 5..1022 {
        both.gives(task, dup(0), Ok(fd));
    }
    let reply = both.gives(task, recvmsg(4, room(9, 64)), Ok(1));
    assert_eq!(came(&reply), (vec![1022, 1023], MSG_CTRUNC));
    both.gives(task, Syscall::EpollCreate { size: 1 }, Err(EMFILE));
    both.gives(task, epoll_create(), Err(EMFILE));
}

#[test]
fn a_stream_read_stops_behind_what_carries_descriptors() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    let fill = |both: &mut Both| {
        both.gives(task, send(3, b"aa"), Ok(2));
        both.gives(task, sendmsg(3, rights(b"bb", &[0])), Ok(2));
        both.gives(task, send(3, b"cc"), Ok(2));
    };
    fill(&mut both);
    receives(&mut both, task, 4, b"aabb", &[5], 0);
    receives(&mut both, task, 4, b"cc", &[], 0);
    fill(&mut both);
    // Even who wants all of it; and who reads in part has them with the first octet.
    let all = recvmsg_flags(4, room(6, 64), MSG_WAITALL);
    both.gives(task, all, Ok(4));
    both.gives(task, recv(4, 9), Ok(2));
    fill(&mut both);
    both.gives(task, recv(4, 2), Ok(2));
    let reply = both.gives(task, recvmsg(4, room(1, 64)), Ok(1));
    assert_eq!(came(&reply).0, [7]);
    receives(&mut both, task, 4, b"bcc", &[], 0);
    // No octets at all, too.
    both.gives(task, sendmsg(3, rights(b"bb", &[0])), Ok(2));
    let reply = both.gives(task, recvmsg(4, room(0, 64)), Ok(0));
    assert_eq!(came(&reply).0, [8]);
    receives(&mut both, task, 4, b"bb", &[], 0);
    // A stream has no message without octets.
    both.gives(task, sendmsg(3, rights(b"", &[0])), Ok(0));
    both.gives(task, recv_now(4, 9), Err(EAGAIN));
}

#[test]
fn who_only_looks_gets_descriptors_of_its_own() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    both.gives(task, send(3, b"aa"), Ok(2));
    both.gives(task, sendmsg(3, rights(b"bb", &[0])), Ok(2));
    both.gives(task, send(3, b"cc"), Ok(2));
    let peek = |len| recvmsg_flags(4, room(len, 64), MSG_PEEK);
    // Even those that come behind what it asks for.
    let reply = both.gives(task, peek(1), Ok(1));
    assert_eq!(came(&reply), (vec![5], 0));
    let reply = both.gives(task, peek(9), Ok(4));
    assert_eq!(came(&reply), (vec![6], 0));
    receives(&mut both, task, 4, b"aabb", &[7], 0);
    both.gives(task, socketpair(SOCK_DGRAM), Ok(0));
    both.gives(task, sendmsg(8, rights(b"", &[0])), Ok(0));
    let look = recvmsg_flags(9, room(9, 64), MSG_PEEK);
    let reply = both.gives(task, look, Ok(0));
    assert_eq!(came(&reply), (vec![10], 0));
    receives(&mut both, task, 9, b"", &[11], 0);
}

#[test]
fn a_message_that_cannot_be_written_takes_its_descriptors_with_it() {
    for ty in KINDS {
        let mut both = Both::new();
        let task = both.task();
        both.gives(task, socketpair(ty), Ok(0));
        both.gives(task, sendmsg(3, rights(b"x", &[0])), Ok(1));
        let fault = MsgOut {
            iov: Some(vec![(UserOut::Fault, 9)]),
            ..room(9, 64)
        };
        both.gives(task, recvmsg(4, fault), Err(EFAULT));
        // On a stream it stays.
        if ty == SOCK_STREAM {
            receives(&mut both, task, 4, b"x", &[5], 0);
        } else {
            both.gives(task, recv_now(4, 9), Err(EAGAIN));
        }
        both.gives(task, sendmsg(3, with_fault()), Err(EFAULT));
        both.gives(task, recv_now(4, 9), Err(EAGAIN));
    }
}

fn with_fault() -> MsgIn {
    MsgIn {
        iov: Some(vec![(UserIn::Fault, 1)]),
        ..rights(b"", &[0])
    }
}

#[test]
fn who_sleeps_until_there_is_room_holds_what_it_sends() {
    let (mut both, [parent, child]) = two(SOCK_SEQPACKET);
    both.gives(parent, pipe2(O_NONBLOCK), Ok(0));
    let large = vec![0; 150_000];
    both.gives(parent, send(3, &large), Ok(150_000));
    both.gives(parent, send(3, &large), Ok(150_000));
    let waiting = both.fork(parent);
    both.sleeps(waiting, sendmsg(3, rights(b"x", &[5])));
    both.gives(parent, close(5), Ok(0));
    both.gives(child, recv(3, 9), Ok(9));
    both.gives(child, recv(3, 9), Ok(9));
    both.woke(waiting, Ok(1));
    receives(&mut both, child, 3, b"x", &[4], 0);
    both.gives(child, write(4, b"y"), Ok(1));
    both.gives_bytes(parent, read(4, 9), b"y");
}

#[test]
fn sockets_that_are_only_in_each_others_queues_are_collected() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, pipe(), Ok(0));
    both.gives(task, socketpair(SOCK_STREAM), Ok(0));
    both.gives(task, sendmsg(5, rights(b"x", &[6, 4])), Ok(1));
    both.gives(task, close(4), Ok(0));
    both.gives(task, close(6), Ok(0));
    // The other end can still be written to.
    both.gives(task, send(5, b"x"), Ok(1));
    // Closing an end begins the collection, which the real kernel does at its leisure.
    both.gives(task, close(5), Ok(0));
    let end = both.each(|call| call(task, &read(3, 1)));
    assert_eq!(end, Outcome::Returned(Reply::ok(0)));
}

#[test]
fn one_message_of_several_carries_descriptors() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socketpair(SOCK_DGRAM), Ok(0));
    both.gives(
        task,
        sendmmsg(3, &[msg_in(b"a"), rights(b"b", &[0])]),
        Ok(2),
    );
    both.gives(
        task,
        sendmmsg(3, &[rights(b"c", &[0]), rights(b"d", &[99])]),
        Ok(1),
    );
    let call = recvmmsg(4, &[room(9, 64), room(9, 64), room(9, 64)], MSG_DONTWAIT);
    let reply = both.gives(task, call, Ok(3));
    let fds: Vec<_> = (0..3)
        .map(|at| came(&reply.message(at).unwrap()).0)
        .collect();
    assert_eq!(fds, [vec![], vec![5], vec![6]]);
}
