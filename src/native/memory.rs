//! A puppet's user memory: what the pointer arguments of one system call point at.
//!
//! Each buffer ends where a page ends, and the next page cannot be touched. So a length that is too
//! big for its buffer meets unmapped memory at the very byte at which the program's memory ends,
//! and EFAULT, short counts and half-done copies are the kernel's own.

use nix::errno::Errno as Sys;
use std::ptr::NonNull;

/// An address at which nothing is ever mapped (below `vm.mmap_min_addr`), other than NULL.
pub(super) const FAULT: usize = 8;

/// No buffer is larger: TCP's receive buffer, a pipe and a datagram are all far below, so no single
/// call reaches the end of a buffer that was cut here.
pub(super) const LARGEST: u64 = 64 << 20;

const PAGE: usize = 4096;

/// Memory of a given length with an unmapped page behind it.
pub(super) struct Region {
    mapping: NonNull<u8>,
    mapped: usize,
    offset: usize,
    len: usize,
}

impl Region {
    /// Zeroed memory of `len` bytes, at most [`LARGEST`].
    pub(super) fn zeroed(len: u64) -> nix::Result<Region> {
        let len = len.min(LARGEST) as usize;
        let usable = len.div_ceil(PAGE) * PAGE;
        let mapped = usable + PAGE;
        // SAFETY: an anonymous mapping at an address of the kernel's choice touches no memory of ours.
        let mapping = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                mapped,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if mapping == libc::MAP_FAILED {
            return Err(Sys::last());
        }
        let region = Region {
            mapping: NonNull::new(mapping.cast()).ok_or(Sys::ENOMEM)?,
            mapped,
            offset: usable - len,
            len,
        };
        // SAFETY: the last page of the mapping just made; nothing refers to it.
        let guarded = unsafe {
            libc::mprotect(
                region.mapping.as_ptr().add(usable).cast(),
                PAGE,
                libc::PROT_NONE,
            )
        };
        Sys::result(guarded)?;
        Ok(region)
    }

    /// Memory that holds these bytes.
    pub(super) fn holding(bytes: &[u8]) -> nix::Result<Region> {
        if bytes.len() as u64 > LARGEST {
            return Err(Sys::ENOMEM);
        }
        let region = Region::zeroed(bytes.len() as u64)?;
        // SAFETY: the region holds exactly so many bytes and is not part of any Rust object.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), region.start(), bytes.len());
        }
        Ok(region)
    }

    /// The address to give to the kernel.
    pub(super) fn address(&self) -> usize {
        self.start() as usize
    }

    /// The first `count` bytes as they are now, or all if there are fewer.
    pub(super) fn bytes(&self, count: u64) -> Vec<u8> {
        let count = (self.len as u64).min(count) as usize;
        // SAFETY: within the mapping, readable and initialised (by mmap, by us or by the kernel);
        // nobody writes while a puppet is outside a system call.
        unsafe { std::slice::from_raw_parts(self.start(), count) }.to_vec()
    }

    fn start(&self) -> *mut u8 {
        // SAFETY: `offset` is at most the usable length, which lies inside the mapping.
        unsafe { self.mapping.as_ptr().add(self.offset) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: exactly the mapping made in `zeroed`; no reference outlives `self`.
        unsafe { libc::munmap(self.mapping.as_ptr().cast(), self.mapped) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_ends_where_a_page_ends() {
        for len in [0u64, 1, 4, 4095, 4096, 4097] {
            let region = Region::zeroed(len).unwrap();
            assert_eq!((region.address() + len as usize) % PAGE, 0, "{len}");
            assert_eq!(region.bytes(u64::MAX).len() as u64, len);
        }
        assert_eq!(Region::holding(b"abc").unwrap().bytes(2), b"ab");
    }
}
