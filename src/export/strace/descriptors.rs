//! Vectors, messages and sets of descriptors.

use super::{address, c, maybe, memory, quoted};
use crate::abi::{IovIn, IovOut, MsgIn, MsgOut, Reply, UserIn, nested};
use crate::base::octets;

fn fault() -> String {
    "0x...".to_owned()
}

/// One of them, with its length if there was such a message.
pub(super) fn one_of_several(text: &str, reply: Option<Reply>) -> String {
    let len = match reply.map(|reply| reply.result) {
        Some(Ok(len)) => [", msg_len=", &len.to_string()].concat(),
        Some(Err(_)) | None => String::new(),
    };
    ["{msg_hdr=", text, &len, "}"].concat()
}

/// A message that is sent.
pub(super) fn message_in(msg: &MsgIn) -> String {
    let iov = gathered(msg.iov.as_deref());
    let count = msg.iov.as_ref().map_or(1, Vec::len);
    let name = maybe(msg.name.as_ref(), address);
    let control = match &msg.control {
        Some(UserIn::Bytes(bytes)) => control(bytes),
        Some(UserIn::Fault) | None => String::new(),
    };
    header(&name, msg.namelen, &iov, count, &control, msg.controllen, 0)
}

/// A message that was received.
pub(super) fn message(msg: &MsgOut, reply: &Reply) -> String {
    let bytes = |arg| reply.written(arg);
    let word = |arg, other: i64| {
        let word = bytes(arg).and_then(|b| b.first_chunk::<4>());
        word.map_or(other, |b| i64::from(i32::from_le_bytes(*b)))
    };
    let name = bytes(nested::MSG_NAME).map_or("NULL".to_owned(), address);
    header(
        &name,
        word(nested::MSG_NAMELEN, msg.namelen.into()) as i32,
        &scattered(msg.iov.as_deref(), bytes(nested::IOV)),
        msg.iov.as_ref().map_or(1, Vec::len),
        &bytes(nested::MSG_CONTROL).map_or_else(String::new, control),
        word(nested::MSG_CONTROLLEN, 0) as u64,
        word(nested::MSG_FLAGS, 0) as i32,
    )
}

pub(super) fn listed(items: &[String]) -> String {
    ["[", &items.join(", "), "]"].concat()
}

/// An array of structs of one size.
fn array(bytes: &[u8], size: usize, show: fn(&[u8]) -> String) -> String {
    let mut items = Vec::new();
    for item in bytes.chunks_exact(size) {
        items.push(show(item));
    }
    listed(&items)
}

fn piece(text: &str, len: u64) -> String {
    format!("{{iov_base={text}, iov_len={len}}}")
}

/// A vector that is read from.
pub(super) fn gathered(iov: Option<&[IovIn]>) -> String {
    let Some(iov) = iov else { return fault() };
    let mut pieces = Vec::new();
    for (buf, len) in iov {
        pieces.push(piece(&memory(buf, quoted), *len));
    }
    listed(&pieces)
}

/// A vector with what was written there, in one piece.
pub(super) fn scattered(iov: Option<&[IovOut]>, bytes: Option<&[u8]>) -> String {
    let mut rest = bytes.unwrap_or_default();
    let mut pieces = Vec::new();
    for (_, len) in iov.unwrap_or_default() {
        let (here, there) = rest.split_at(rest.len().min(*len as usize));
        rest = there;
        pieces.push(piece(&quoted(here), *len));
    }
    listed(&pieces)
}

/// Pieces of control data, if there are any.
fn control(bytes: &[u8]) -> String {
    const CMSGHDR: usize = 16;
    let word = |bytes: &[u8], at| i32::from_le_bytes(octets(bytes, at));
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    while let Some(header) = rest.first_chunk::<CMSGHDR>() {
        let len = word(header, 0) as u32 as usize;
        if len < CMSGHDR {
            break;
        }
        let data = &rest[CMSGHDR..len.clamp(CMSGHDR, rest.len())];
        let (level, ty) = (word(header, 8), word(header, 12));
        let (ty, data) = match (level, ty) {
            (c::SOL_SOCKET, c::SCM_RIGHTS) => ("SCM_RIGHTS".to_owned(), ints(data)),
            // strace knows more of them.
            _ => (ty.to_string(), quoted(data)),
        };
        let level = c::level(level);
        pieces.push(format!(
            "{{cmsg_len={len}, cmsg_level={level}, cmsg_type={ty}, cmsg_data={data}}}"
        ));
        rest = rest.get(len.next_multiple_of(8)..).unwrap_or_default();
    }
    match pieces.is_empty() {
        true => String::new(),
        false => ["msg_control=", &listed(&pieces), ", "].concat(),
    }
}

fn header(
    name: &str,
    namelen: i32,
    iov: &str,
    iovlen: usize,
    control: &str,
    controllen: u64,
    flags: i32,
) -> String {
    let flags = c::message_flags(flags);
    format!(
        "{{msg_name={name}, msg_namelen={namelen}, msg_iov={iov}, msg_iovlen={iovlen}, \
         {control}msg_controllen={controllen}, msg_flags={flags}}}"
    )
}

/// The members of a set of descriptors.
pub(super) fn fd_set(bytes: &[u8], nfds: i32) -> String {
    let mut members = Vec::new();
    for fd in 0..nfds {
        let byte = bytes.get(fd as usize / 8);
        if byte.is_some_and(|byte| byte >> (fd % 8) & 1 == 1) {
            members.push(fd.to_string());
        }
    }
    ["[", &members.join(" "), "]"].concat()
}

/// The descriptors of poll(2).
pub(super) fn polled(bytes: &[u8]) -> String {
    array(bytes, 8, |b| {
        let fd = i32::from_le_bytes(octets(b, 0));
        let events = c::poll_events(i16::from_le_bytes(octets(b, 4)));
        ["{fd=", &fd.to_string(), ", events=", &events, "}"].concat()
    })
}

/// What epoll_wait(2) tells.
pub(super) fn epoll_events(bytes: &[u8]) -> String {
    array(bytes, 12, epoll_event)
}

pub(super) fn epoll_event(bytes: &[u8]) -> String {
    let Some(bytes) = bytes.first_chunk::<12>() else {
        return fault();
    };
    let (events, data) = bytes.split_at(4);
    let events = events.first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
    let data = data.first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
    format!("{{events={}, data={data:#x}}}", c::epoll_events(events))
}

pub(super) fn ints(bytes: &[u8]) -> String {
    array(bytes, 4, |b| i32::from_le_bytes(octets(b, 0)).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;
    use crate::abi::{Syscall, UserOut};

    #[test]
    fn several_messages_and_their_descriptors_look_as_strace_prints_them() {
        let mut control = 24_u64.to_le_bytes().to_vec();
        control.extend_from_slice(&[1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        let msg = MsgIn {
            name: None,
            namelen: 0,
            iov: Some(vec![(UserIn::Bytes(b"x".to_vec()), 1)]),
            controllen: 24,
            control: Some(UserIn::Bytes(control)),
        };
        let call = Syscall::Sendmmsg {
            fd: 3,
            msgvec: vec![msg],
            vlen: 1,
            flags: 0,
        };
        let reply = Reply::ok(1).with_write(nested::MSG_LEN, vec![1, 0, 0, 0]);
        assert_eq!(
            line(&call, Some(&reply)),
            "sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"x\", \
             iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, \
             cmsg_type=SCM_RIGHTS, cmsg_data=[0, 1]}], msg_controllen=24, msg_flags=0}, \
             msg_len=1}], 1, 0) = 1"
        );
    }

    #[test]
    fn messages_and_sets_look_as_strace_prints_them() {
        let msg = MsgOut {
            name: None,
            namelen: 0,
            iov: Some(vec![(UserOut::Capacity(2), 2), (UserOut::Capacity(9), 9)]),
            control: None,
            controllen: 0,
        };
        let call = Syscall::Recvmsg {
            fd: 3,
            msg: Some(msg),
            flags: 0,
        };
        let reply = Reply::ok(3).with_write(nested::IOV, b"abc".to_vec());
        assert_eq!(
            line(&call, Some(&reply)),
            "recvmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"ab\", iov_len=2}, \
             {iov_base=\"c\", iov_len=9}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 3"
        );
        let call = Syscall::Select {
            nfds: 9,
            readfds: Some(UserIn::Bytes(vec![8, 1, 0, 0, 0, 0, 0, 0])),
            writefds: None,
            exceptfds: None,
            timeout: None,
        };
        assert_eq!(
            line(&call, Some(&Reply::ok(0))),
            "select(9, [3 8], NULL, NULL, NULL) = 0"
        );
        let fcntl = Syscall::Fcntl {
            fd: 3,
            cmd: c::F_SETFL,
            arg: 2050,
        };
        assert_eq!(
            line(&fcntl, Some(&Reply::ok(0))),
            "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0"
        );
    }
}
