//! Addresses that cross the boundary (`move_addr_to_kernel()`, `move_addr_to_user()`).

use super::Answer;
use crate::abi::sockaddr::{self, SOCKADDR_STORAGE_LEN};
use crate::abi::{Errno, Reply, UserIn, UserOut};
use crate::kernel::task::AddrOut;
use std::net::SocketAddr;

/// The bytes of an address argument: EINVAL for a length that no address has, EFAULT for memory that
/// cannot be read.
pub(super) fn from_user(addr: &UserIn, addrlen: i32) -> Result<Vec<u8>, Errno> {
    let len = usize::try_from(addrlen).map_err(|_| Errno::EINVAL)?;
    if len > SOCKADDR_STORAGE_LEN {
        return Err(Errno::EINVAL);
    }
    match addr {
        _ if len == 0 => Ok(Vec::new()),
        UserIn::Bytes(bytes) if bytes.len() >= len => Ok(bytes[..len].to_vec()),
        UserIn::Bytes(_) | UserIn::Fault => Err(Errno::EFAULT),
    }
}

/// An int behind a pointer.
pub(super) fn int_from_user(value: &UserIn) -> Option<i32> {
    match value {
        UserIn::Bytes(bytes) => bytes.first_chunk::<4>().map(|b| i32::from_le_bytes(*b)),
        UserIn::Fault => None,
    }
}

impl AddrOut {
    /// The two value-result arguments of a call, if the program wants an address at all.
    pub(super) fn new(addr: Option<UserOut>, addrlen: &UserIn, arg: u8) -> Option<AddrOut> {
        Some(AddrOut {
            room: addr?.room(),
            len: int_from_user(addrlen),
            arg,
        })
    }
}

/// Writes an address back: its real length first, then as much of it as the program has room for.
/// `None` is a call that has no address to tell: only the length is written, as 0.
pub(super) fn to_user(reply: Reply, addr: Option<SocketAddr>, out: AddrOut) -> Answer {
    bytes_to_user(reply, &addr.map(sockaddr::encode).unwrap_or_default(), out)
}

/// The same for an address of any family.
pub(crate) fn bytes_to_user(reply: Reply, bytes: &[u8], out: AddrOut) -> Answer {
    let said = out.len.ok_or(Errno::EFAULT)?;
    let room = usize::try_from(said).map_err(|_| Errno::EINVAL)?;
    let real = bytes.len() as u32;
    let length = real.to_le_bytes().to_vec();
    let copied = room.min(bytes.len());
    if copied as u64 > out.room {
        // The length was written before the address failed; a word that did not change is not told.
        let failed = Reply::error(Errno::EFAULT);
        let changed = said != real as i32;
        return Ok(if changed {
            failed.with_write(out.len_arg(), length)
        } else {
            failed
        });
    }
    let mut reply = reply;
    if copied > 0 {
        reply = reply.with_write(out.arg, bytes[..copied].to_vec());
    }
    Ok(reply.with_write(out.len_arg(), length))
}
