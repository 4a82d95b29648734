//! The memory of vectors and messages: structs with pointers inside.

use super::exec::{Args, LONGEST_NAME, int_of, is_tcp, report as write_down};
use super::memory::{FAULT, Region};
use crate::abi::constants::MSG_TRUNC;
use crate::abi::{IovIn, IovOut, MsgIn, MsgOut, Reply, Syscall, UserIn, UserOut, nested};
use std::os::fd::RawFd;

/// More control data than any socket gives at once.
const LONGEST_CONTROL: u64 = 1 << 20;
/// Size of `struct msghdr`, and where its parts lie that the kernel writes.
const MSGHDR: usize = 56;
const AT_NAMELEN: usize = 8;
const AT_CONTROLLEN: usize = 40;
const AT_FLAGS: usize = 48;
/// Size of `struct mmsghdr`; `msg_len` lies behind the header.
const MMSGHDR: usize = 64;
/// Size of `struct cmsghdr`.
const CMSGHDR: usize = 16;

/// What pointers inside structs lead to.
#[derive(Default)]
pub(super) struct Nested {
    name: Option<Region>,
    control: Option<Region>,
    /// With the length that the program said.
    iov: Vec<(Option<Region>, u64)>,
    /// The array of struct iovec.
    vector: Option<Region>,
}

/// A message and its `struct msghdr`.
type Header = nix::Result<(Nested, Vec<u8>)>;

/// Memory to read from and its address.
pub(super) fn piece(given: &UserIn) -> nix::Result<(Option<Region>, usize)> {
    Ok(match given {
        UserIn::Bytes(bytes) => {
            let region = Region::holding(bytes)?;
            let address = region.address();
            (Some(region), address)
        }
        UserIn::Fault => (None, FAULT),
    })
}

/// Memory to write to and its address.
fn room(given: UserOut, asked: u64) -> nix::Result<(Option<Region>, usize)> {
    Ok(match given {
        UserOut::Capacity(bytes) => {
            let region = Region::zeroed(bytes.min(asked))?;
            let address = region.address();
            (Some(region), address)
        }
        UserOut::Fault => (None, FAULT),
    })
}

type Piece = (Option<Region>, usize, u64);

pub(super) fn in_piece((memory, len): &IovIn) -> nix::Result<Piece> {
    piece(memory).map(|(region, address)| (region, address, *len))
}

pub(super) fn out_piece((memory, len): &IovOut) -> nix::Result<Piece> {
    room(*memory, *len).map(|(region, address)| (region, address, *len))
}

/// Control data in which the hidden descriptor is a closed one.
fn without_hidden(control: &UserIn, hidden: RawFd) -> UserIn {
    let UserIn::Bytes(bytes) = control else {
        return UserIn::Fault;
    };
    let mut bytes = bytes.clone();
    for word in bytes.chunks_exact_mut(4).skip(CMSGHDR / 4) {
        if int_of(word) == Some(hidden) {
            word.copy_from_slice(&i32::MAX.to_le_bytes());
        }
    }
    UserIn::Bytes(bytes)
}

impl Nested {
    /// Keeps what a struct points at.
    pub(super) fn hold(&mut self, region: Option<Region>) {
        self.name = region;
    }

    /// Lays out an array of struct iovec; gives its address.
    fn pieces<T>(
        &mut self,
        iov: Option<&[T]>,
        one: impl Fn(&T) -> nix::Result<Piece>,
    ) -> nix::Result<usize> {
        let Some(iov) = iov else { return Ok(FAULT) };
        let mut bytes = Vec::with_capacity(iov.len() * 16);
        for entry in iov {
            let (region, address, len) = one(entry)?;
            bytes.extend((address as u64).to_le_bytes());
            bytes.extend(len.to_le_bytes());
            self.iov.push((region, len));
        }
        let region = Region::holding(&bytes)?;
        let address = region.address();
        self.vector = Some(region);
        Ok(address)
    }

    pub(super) fn message_in(msg: &MsgIn, hidden: RawFd) -> Header {
        let mut nested = Nested::default();
        let iov = nested.pieces(msg.iov.as_deref(), in_piece)?;
        let iovlen = msg.iov.as_ref().map_or(1, Vec::len);
        let (name, name_at) = msg.name.as_ref().map_or(Ok((None, 0)), piece)?;
        let control = msg.control.as_ref().map(|c| without_hidden(c, hidden));
        let (control, control_at) = control.as_ref().map_or(Ok((None, 0)), piece)?;
        (nested.name, nested.control) = (name, control);
        let name = (name_at, msg.namelen);
        let control = (control_at, msg.controllen);
        Ok((nested, header(name, (iov, iovlen), control)))
    }

    pub(super) fn message_out(msg: &MsgOut) -> Header {
        let mut nested = Nested::default();
        let iov = nested.pieces(msg.iov.as_deref(), out_piece)?;
        let iovlen = msg.iov.as_ref().map_or(1, Vec::len);
        let name = msg.name.map(|name| room(name, LONGEST_NAME));
        let (name, name_at) = name.unwrap_or(Ok((None, 0)))?;
        let asked = msg.controllen.min(LONGEST_CONTROL);
        let control = msg.control.map(|control| room(control, asked));
        let (control, control_at) = control.unwrap_or(Ok((None, 0)))?;
        (nested.name, nested.control) = (name, control);
        let name = (name_at, msg.namelen);
        let control = (control_at, msg.controllen);
        Ok((nested, header(name, (iov, iovlen), control)))
    }

    /// The first bytes of all pieces together.
    pub(super) fn gathered(&self, count: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (region, len) in &self.iov {
            let left = count.saturating_sub(bytes.len() as u64);
            if let Some(region) = region {
                bytes.extend(region.bytes(left.min(*len)));
            }
        }
        bytes
    }
}

/// A `struct msghdr`.
fn header(
    (name, namelen): (usize, i32),
    (iov, iovlen): (usize, usize),
    (control, controllen): (usize, u64),
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MSGHDR);
    bytes.extend((name as u64).to_le_bytes());
    bytes.extend(u64::from(namelen as u32).to_le_bytes());
    for word in [iov as u64, iovlen as u64, control as u64, controllen, 0] {
        bytes.extend(word.to_le_bytes());
    }
    bytes
}

impl Args {
    pub(super) fn vector<T>(
        mut self,
        arg: usize,
        iov: Option<&[T]>,
        one: impl Fn(&T) -> nix::Result<Piece>,
    ) -> nix::Result<Args> {
        self.raw[arg] = self.nested.pieces(iov, one)? as i64;
        Ok(self)
    }

    /// `struct msghdr` at argument 1.
    pub(super) fn message(mut self, header: Option<Header>) -> nix::Result<Args> {
        let Some(header) = header else {
            return self.input(1, &UserIn::Fault);
        };
        let (nested, bytes) = header?;
        self.nested = nested;
        self.input(1, &UserIn::Bytes(bytes))
    }

    /// Structs mmsghdr at argument 1; behind them nothing can be read.
    pub(super) fn messages(mut self, headers: impl Iterator<Item = Header>) -> nix::Result<Args> {
        let mut all = Vec::new();
        for header in headers {
            let (nested, bytes) = header?;
            self.messages.push(nested);
            all.extend(bytes);
            all.extend([0; MMSGHDR - MSGHDR]);
        }
        self.input(1, &UserIn::Bytes(all))
    }
}

/// What recvmsg(2), sendmmsg(2) and recvmmsg(2) wrote.
pub(super) fn report(call: &Syscall, args: &Args, returned: u64, reply: &mut Reply) {
    let (fd, flags) = match call {
        Syscall::Recvmsg { fd, flags, .. } | Syscall::Recvmmsg { fd, flags, .. } => (*fd, *flags),
        _ => (-1, 0),
    };
    let copied = flags & MSG_TRUNC == 0 || !is_tcp(fd);
    if let Syscall::Recvmsg { msg: Some(msg), .. } = call {
        let header = args.bytes(1, MSGHDR as u64);
        report_message(&header, &args.nested, msg, reply);
        if copied {
            write_down(reply, nested::IOV, args.nested.gathered(returned));
        }
        return;
    }
    let headers = args.bytes(1, returned * MMSGHDR as u64);
    for (place, header) in headers.chunks_exact(MMSGHDR).enumerate() {
        let len = &header[MSGHDR..MSGHDR + 4];
        write_down(reply, nested::MSG_LEN, len.to_vec());
        if let Syscall::Recvmmsg { msgvec, .. } = call {
            let nested = &args.messages[place];
            report_message(header, nested, &msgvec[place], reply);
            if copied {
                let len = int_of(len).unwrap_or(0) as u32;
                write_down(reply, nested::IOV, nested.gathered(len.into()));
            }
        }
    }
    if returned > 0 {
        write_down(reply, 4, args.bytes(4, 16));
    }
}

/// `struct msghdr` as it is now, and what it leads to.
fn report_message(header: &[u8], memory: &Nested, msg: &MsgOut, reply: &mut Reply) {
    if header.len() < MSGHDR {
        return;
    }
    let part = |at: usize, len: usize| header[at..at + len].to_vec();
    if msg.name.is_some() {
        let full = int_of(&part(AT_NAMELEN, 4)).unwrap_or(0);
        let written = full.min(msg.namelen).max(0) as u64;
        write_down(reply, nested::MSG_NAMELEN, part(AT_NAMELEN, 4));
        if let Some(name) = &memory.name {
            write_down(reply, nested::MSG_NAME, name.bytes(written));
        }
    }
    if let Some(control) = &memory.control {
        let length = int_of(&part(AT_CONTROLLEN, 4)).unwrap_or(0).max(0);
        write_down(reply, nested::MSG_CONTROL, control.bytes(length as u64));
    }
    write_down(reply, nested::MSG_CONTROLLEN, part(AT_CONTROLLEN, 8));
    write_down(reply, nested::MSG_FLAGS, part(AT_FLAGS, 4));
}

/// The length of the name is written before the name.
pub(super) fn report_error(call: &Syscall, args: &Args, reply: &mut Reply) {
    if let Syscall::Recvmsg { msg: Some(msg), .. } = call {
        let header = args.bytes(1, MSGHDR as u64);
        let now = header.get(AT_NAMELEN..AT_NAMELEN + 4).unwrap_or_default();
        if !now.is_empty() && now != msg.namelen.to_le_bytes() {
            write_down(reply, nested::MSG_NAMELEN, now.to_vec());
        }
    }
}
