//! Vectors and messages as they cross the boundary (`import_iovec()`, `___sys_sendmsg()`,
//! `___sys_recvmsg()`).
//!
//! Every call that sends, with one buffer or many, with a name or control data or neither, becomes a
//! [`Message`]; every call that receives becomes a [`Receive`], and what it got a [`Received`]. The
//! checks that no protocol is asked about are here; then [`Kernel::send_message`] and
//! [`Kernel::receive_message`] ask the socket's protocol.

use super::address::{bytes_to_user, from_user};
use super::data::MAX_COUNT;
use super::{Answer, Found};
use crate::abi::constants::{MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_DONTWAIT};
use crate::abi::{Errno, IovIn, IovOut, MsgIn, MsgOut, Reply, UserIn, UserOut, nested};
use crate::base::Pid;
use crate::base::sorted::sort_by_key;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::socket::Protocol;
use crate::kernel::task::{AddrOut, ControlOut, Receive};

/// UIO_MAXIOV: a vector has no more entries.
pub(super) const MAX_IOV: usize = 1_024;
/// net.core.optmem_max: control data beyond it finds no memory.
const OPTMEM_MAX: u64 = 131_072;
/// Size of `struct cmsghdr`; data behind it is aligned to 8 octets.
pub(crate) const CMSGHDR: usize = 16;

/// What a call wants to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// The address it names; `None` if it names none.
    pub(crate) name: Option<Vec<u8>>,
    /// What can be read of its data.
    pub(crate) data: Vec<u8>,
    /// The memory behind `data` cannot be read, although it belongs to the message.
    pub(crate) fault: bool,
    /// How long the message is, with what cannot be read.
    pub(crate) len: u64,
    /// `msg_control`.
    pub(crate) control: Vec<u8>,
    /// MSG_* flags, with MSG_DONTWAIT for O_NONBLOCK.
    pub(crate) flags: i32,
}

/// What a protocol gives to a call that receives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// What goes into the buffers.
    pub(crate) data: Vec<u8>,
    /// What the call returns; more than `data` has where MSG_TRUNC asks for the real length.
    pub(crate) len: u64,
    /// The sender's address; empty if the protocol tells none, which is told as the length 0.
    pub(crate) name: Vec<u8>,
    /// `msg_control`: see [`Received::put_control`].
    pub(crate) control: Vec<u8>,
    /// `msg_flags`: MSG_TRUNC, MSG_CTRUNC and others.
    pub(crate) flags: i32,
}

impl Received {
    /// Octets of a stream.
    pub(crate) fn octets(data: Vec<u8>) -> Received {
        Received {
            len: data.len() as u64,
            data,
            ..Received::default()
        }
    }

    /// `put_cmsg()`: one piece of control data, as far as there is room for it. Only recvmsg(2) has any.
    pub(crate) fn put_control(&mut self, want: &Receive, level: i32, ty: i32, data: &[u8]) {
        let Some(out) = want.control else { return };
        let room = (out.len as usize).saturating_sub(self.control.len());
        if !out.given || room < CMSGHDR {
            self.flags |= MSG_CTRUNC;
            return;
        }
        if !out.writable {
            return;
        }
        let len = (CMSGHDR + data.len()).min(room);
        if len < CMSGHDR + data.len() {
            self.flags |= MSG_CTRUNC;
        }
        let begin = self.control.len();
        self.control.extend_from_slice(&(len as u64).to_le_bytes());
        self.control.extend_from_slice(&level.to_le_bytes());
        self.control.extend_from_slice(&ty.to_le_bytes());
        self.control.extend(&data[..len - CMSGHDR]);
        let end = begin + room.min((CMSGHDR + data.len()).next_multiple_of(8));
        self.control.resize(end, 0);
    }
}

/// Level, type and data of one piece of control data.
pub(crate) type ControlPiece<'a> = (i32, i32, &'a [u8]);

/// The pieces of control data in `msg_control`. The last is EINVAL if a header does not fit
/// (`CMSG_OK()`).
pub(crate) fn control_pieces(
    control: &[u8],
) -> impl Iterator<Item = Result<ControlPiece<'_>, Errno>> {
    let mut rest = control;
    std::iter::from_fn(move || {
        // A header that is cut off is the end.
        let header = rest.first_chunk::<CMSGHDR>()?;
        let word = |at: usize| {
            i32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let high = word(4);
        let len = word(0) as u32 as usize;
        if high != 0 || len < CMSGHDR || len > rest.len() {
            rest = &[];
            return Some(Err(Errno::EINVAL));
        }
        let piece = (word(8), word(12), &rest[CMSGHDR..len]);
        rest = rest.get(len.next_multiple_of(8)..).unwrap_or_default();
        Some(Ok(piece))
    })
}

/// `iovec_from_user()`: the entries of a vector, or what is wrong with it. A vector of one is not
/// checked against the address space, because its length is cut first.
fn entries<T>(iov: Option<&[(T, u64)]>, count: usize) -> Result<&[(T, u64)], Errno> {
    if count == 0 {
        return Ok(&[]);
    }
    let all = iov.ok_or(Errno::EFAULT)?;
    let given = &all[..count.min(all.len())];
    if given.iter().any(|(_, len)| *len > i64::MAX as u64) {
        return Err(Errno::EINVAL);
    }
    if given.len() < count {
        return Err(Errno::EFAULT);
    }
    if count > 1 {
        for (_, len) in given {
            super::data::check_range(*len)?;
        }
    }
    Ok(given)
}

/// The number of entries that readv(2) and writev(2) take: EINVAL beyond [`MAX_IOV`].
fn vector_count(count: i32) -> Result<usize, Errno> {
    let count = usize::try_from(count).map_err(|_| Errno::EINVAL)?;
    if count > MAX_IOV {
        return Err(Errno::EINVAL);
    }
    Ok(count)
}

/// What can be read of a vector's memory, and whether something cannot.
fn gather(iov: &[IovIn]) -> (Vec<u8>, bool) {
    let mut data = Vec::new();
    for (memory, len) in iov {
        let len = (*len).min(MAX_COUNT - data.len() as u64) as usize;
        match memory {
            UserIn::Bytes(bytes) if bytes.len() >= len => data.extend(&bytes[..len]),
            UserIn::Bytes(bytes) => {
                data.extend(bytes);
                return (data, true);
            }
            UserIn::Fault if len == 0 => {}
            UserIn::Fault => return (data, true),
        }
    }
    (data, false)
}

/// How long a vector is.
pub(super) fn length(iov: &[IovIn]) -> u64 {
    let total = iov.iter().map(|(_, len)| *len);
    total.fold(0u64, u64::saturating_add).min(MAX_COUNT)
}

/// How long a vector is, and how much of it can be written before the first fault.
fn scatter(iov: &[IovOut]) -> (u64, u64) {
    let (mut total, mut room, mut fault) = (0, 0, false);
    for (memory, len) in iov {
        let len = (*len).min(MAX_COUNT - total);
        total += len;
        let here = match memory {
            UserOut::Capacity(bytes) => len.min(*bytes),
            UserOut::Fault => 0,
        };
        room += if fault { 0 } else { here };
        fault |= here < len;
    }
    (total, room)
}

impl Message {
    /// The data of write(2), send(2) and sendto(2).
    pub(super) fn of_buffer(buf: &UserIn, len: u64, flags: i32) -> Message {
        let (data, fault) = match buf {
            // import_ubuf() cuts the length to MAX_RW_COUNT before it looks at the range.
            UserIn::Bytes(bytes) => {
                let len = len.min(MAX_COUNT) as usize;
                (bytes[..len.min(bytes.len())].to_vec(), bytes.len() < len)
            }
            UserIn::Fault => (Vec::new(), len > 0),
        };
        Message {
            data,
            fault,
            len: len.min(MAX_COUNT),
            flags,
            ..Message::default()
        }
    }

    /// The data of writev(2).
    pub(super) fn of_vector(iov: Option<&[IovIn]>, count: i32) -> Result<Message, Errno> {
        let iov = entries(iov, vector_count(count)?)?;
        let (data, fault) = gather(iov);
        Ok(Message {
            data,
            fault,
            len: length(iov),
            ..Message::default()
        })
    }

    /// `copy_msghdr_from_user()` and the checks of `____sys_sendmsg()`.
    pub(super) fn of_header(msg: Option<&MsgIn>, flags: i32) -> Result<Message, Errno> {
        let msg = msg.ok_or(Errno::EFAULT)?;
        let name = match &msg.name {
            Some(_) if msg.namelen < 0 => return Err(Errno::EINVAL),
            // A longer one is cut, not refused.
            Some(name) if msg.namelen > 0 => {
                let longest = crate::abi::sockaddr::SOCKADDR_STORAGE_LEN as i32;
                Some(from_user(name, msg.namelen.min(longest))?)
            }
            Some(_) | None => None,
        };
        let iov = message_entries(msg.iov.as_deref())?;
        let (data, fault) = gather(iov);
        if msg.controllen > OPTMEM_MAX {
            return Err(Errno::ENOBUFS);
        }
        let control = match &msg.control {
            _ if msg.controllen == 0 => Vec::new(),
            Some(UserIn::Bytes(bytes)) if bytes.len() as u64 >= msg.controllen => {
                bytes[..msg.controllen as usize].to_vec()
            }
            Some(UserIn::Bytes(_) | UserIn::Fault) | None => return Err(Errno::EFAULT),
        };
        Ok(Message {
            name,
            data,
            fault,
            len: length(iov),
            control,
            flags,
        })
    }
}

/// The vector of a message: EMSGSIZE if it has too many entries.
fn message_entries<T>(iov: Option<&[(T, u64)]>) -> Result<&[(T, u64)], Errno> {
    let count = iov.map_or(1, <[_]>::len);
    if count > MAX_IOV {
        return Err(Errno::EMSGSIZE);
    }
    entries(iov, count)
}

impl Receive {
    /// The buffer of read(2), recv(2) and recvfrom(2).
    pub(super) fn into_buffer(buf: UserOut, len: u64, flags: i32) -> Receive {
        let (len, room) = scatter(&[(buf, len)]);
        Receive {
            len,
            room,
            flags,
            arg: 1,
            from: None,
            unnamed: false,
            control: None,
        }
    }

    /// The buffers of readv(2).
    pub(super) fn into_vector(iov: Option<&[IovOut]>, count: i32) -> Result<Receive, Errno> {
        let (len, room) = scatter(entries(iov, vector_count(count)?)?);
        Ok(Receive {
            len,
            room,
            flags: 0,
            arg: nested::IOV,
            from: None,
            unnamed: false,
            control: None,
        })
    }

    pub(super) fn into_header(msg: Option<&MsgOut>, flags: i32) -> Result<Receive, Errno> {
        let msg = msg.ok_or(Errno::EFAULT)?;
        let from = match msg.name {
            Some(_) if msg.namelen < 0 => return Err(Errno::EINVAL),
            Some(name) => Some(AddrOut {
                room: name.room(),
                len: Some(msg.namelen),
                arg: nested::MSG_NAME,
            }),
            None => None,
        };
        let (len, room) = scatter(message_entries(msg.iov.as_deref())?);
        let writable = match msg.control {
            Some(UserOut::Capacity(bytes)) => bytes >= msg.controllen,
            Some(UserOut::Fault) | None => false,
        };
        Ok(Receive {
            len,
            room,
            flags,
            arg: nested::IOV,
            from,
            unnamed: false,
            control: Some(ControlOut {
                given: msg.control.is_some(),
                writable,
                len: msg.controllen,
            }),
        })
    }
}

impl Kernel {
    /// sendmsg(2).
    pub(super) fn sys_sendmsg(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        msg: Option<&MsgIn>,
        flags: i32,
    ) -> Answer {
        let found = self.lookup(pid, fd)?;
        let message = Message::of_header(msg, flags)?;
        self.send_message(cx, found, message)
    }

    /// recvmsg(2).
    pub(super) fn sys_recvmsg(
        &mut self,
        cx: &mut Cx,
        pid: Pid,
        fd: i32,
        msg: Option<&MsgOut>,
        flags: i32,
    ) -> Answer {
        let found = self.lookup(pid, fd)?;
        let want = Receive::into_header(msg, flags)?;
        self.receive_message(cx, found, want)
    }

    /// `sock_sendmsg()`: what no protocol is asked about has been checked.
    pub(super) fn send_message(&mut self, cx: &mut Cx, found: Found, message: Message) -> Answer {
        let mut message = message;
        if found.nonblocking {
            message.flags |= MSG_DONTWAIT;
        }
        let socket = self.sockets.get(found.sock).ok_or(Errno::EBADF)?;
        match &socket.protocol {
            Protocol::Tcp => self.tcp_sendmsg(cx, found, message),
            Protocol::Unix(_) => self.unix_send(cx, found, message),
            Protocol::Udp(_) => self.udp_sendmsg(cx, found.sock, message),
            Protocol::Raw(_) => self.raw_sendmsg(cx, found.sock, message),
        }
    }

    /// `sock_recvmsg()`.
    pub(super) fn receive_message(&mut self, cx: &mut Cx, found: Found, want: Receive) -> Answer {
        let mut want = want;
        if found.nonblocking {
            want.flags |= MSG_DONTWAIT;
        }
        let socket = self.sockets.get(found.sock).ok_or(Errno::EBADF)?;
        match &socket.protocol {
            Protocol::Tcp => self.tcp_recvmsg(cx, found, want),
            Protocol::Unix(_) => self.unix_receive(cx, found, want, Vec::new()),
            Protocol::Udp(_) => self.udp_recvmsg(cx, found.file, found.sock, want),
            Protocol::Raw(_) => self.raw_recvmsg(cx, found.file, found.sock, want),
        }
    }
}

/// The reply of a call that has received something (`____sys_recvmsg()`, `__sys_recvfrom()`).
pub(crate) fn received(got: Received, want: &Receive) -> Answer {
    let mut reply = Reply::ok(got.len);
    if !got.data.is_empty() {
        reply = reply.with_write(want.arg, got.data);
    }
    if let Some(out) = want.from {
        reply = bytes_to_user(reply, &got.name, out)?;
    }
    if want.control.is_some() && reply.result.is_ok() {
        let used = got.control.len() as u64;
        if used > 0 {
            reply = reply.with_write(nested::MSG_CONTROL, got.control);
        }
        let flags = got.flags | want.flags & MSG_CMSG_CLOEXEC;
        reply = reply
            .with_write(nested::MSG_CONTROLLEN, used.to_le_bytes().to_vec())
            .with_write(nested::MSG_FLAGS, flags.to_le_bytes().to_vec());
    }
    sort_by_key(&mut reply.writes, |write| write.arg);
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_read_up_to_the_first_fault() {
        let bytes = |b: &[u8]| (UserIn::Bytes(b.to_vec()), b.len() as u64);
        assert_eq!(
            gather(&[bytes(b"ab"), bytes(b"c")]),
            (b"abc".to_vec(), false)
        );
        let fault = (UserIn::Fault, 1);
        assert_eq!(
            gather(&[bytes(b"ab"), fault, bytes(b"c")]),
            (b"ab".to_vec(), true)
        );
        assert_eq!(
            scatter(&[(UserOut::Capacity(3), 4), (UserOut::Capacity(9), 9)]),
            (13, 3)
        );
    }

    #[test]
    fn control_data_is_cut_where_the_room_ends() {
        let want = |len| {
            let mut want = Receive::into_buffer(UserOut::Capacity(0), 0, 0);
            want.control = Some(ControlOut {
                given: true,
                writable: true,
                len,
            });
            want
        };
        let mut got = Received::default();
        got.put_control(&want(40), 1, 29, &[7; 4]);
        assert_eq!((got.control.len(), got.flags), (24, 0));
        let pieces: Vec<_> = control_pieces(&got.control).collect();
        assert_eq!(pieces, [Ok((1, 29, &[7; 4][..]))]);
        got.put_control(&want(40), 1, 29, &[7; 4]);
        assert_eq!((got.control.len(), got.flags), (40, MSG_CTRUNC));
    }
}
