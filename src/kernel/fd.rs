//! A process's descriptor table.

use crate::abi::Errno;
use crate::base::{FileId, SortedMap};
use serde::Serialize;

/// RLIMIT_NOFILE's usual soft limit: descriptors are below it.
pub const LIMIT: i32 = 1_024;

/// One entry of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    /// What it refers to; `None` while a call that is still under way holds the number
    /// (accept(2) takes it before it sleeps).
    pub file: Option<FileId>,
    /// FD_CLOEXEC.
    pub close_on_exec: bool,
}

/// Descriptor numbers and what they refer to. A new descriptor is always the lowest free number
/// (open(2); `alloc_fd()`).
///
/// ```
/// use sockscope::base::FileId;
/// use sockscope::kernel::fd::FdTable;
/// let mut table = FdTable::default();
/// for n in 0..3 {
///     assert_eq!(table.install(FileId(n), false), Ok(n as i32));
/// }
/// table.remove(1);
/// assert_eq!(table.install(FileId(9), false), Ok(1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FdTable {
    entries: SortedMap<i32, Descriptor>,
    /// The process's RLIMIT_NOFILE: new descriptors are below it.
    pub limit: i32,
}

impl Default for FdTable {
    fn default() -> FdTable {
        FdTable {
            entries: SortedMap::default(),
            limit: LIMIT,
        }
    }
}

impl FdTable {
    /// Takes the lowest free number for a file.
    pub fn install(&mut self, file: FileId, close_on_exec: bool) -> Result<i32, Errno> {
        let fd = self.reserve(close_on_exec)?;
        self.fill(fd, file);
        Ok(fd)
    }

    /// Takes the lowest free number without a file (`get_unused_fd_flags()`).
    pub fn reserve(&mut self, close_on_exec: bool) -> Result<i32, Errno> {
        self.reserve_from(0, close_on_exec)
    }

    /// The lowest free number that is not below `from` (`alloc_fd()`).
    pub fn reserve_from(&mut self, from: i32, close_on_exec: bool) -> Result<i32, Errno> {
        let mut lowest = from;
        for used in self.entries.iter().map(|(fd, _)| *fd) {
            if used > lowest {
                break;
            }
            if used == lowest {
                lowest += 1;
            }
        }
        if lowest >= self.limit {
            return Err(Errno::EMFILE);
        }
        self.entries.insert(
            lowest,
            Descriptor {
                file: None,
                close_on_exec,
            },
        );
        Ok(lowest)
    }

    /// Gives a reserved number its file (`fd_install()`).
    pub fn fill(&mut self, fd: i32, file: FileId) {
        if let Some(descriptor) = self.entries.get_mut(&fd) {
            descriptor.file = Some(file);
        }
    }

    /// The file behind a number (`fdget()`).
    pub fn get(&self, fd: i32) -> Option<FileId> {
        self.entries.get(&fd)?.file
    }

    /// The whole entry of a number.
    pub fn descriptor(&self, fd: i32) -> Option<Descriptor> {
        self.entries.get(&fd).copied()
    }

    /// Makes a number, used or not, refer to a file (`do_dup2()`).
    pub fn put(&mut self, fd: i32, file: FileId, close_on_exec: bool) {
        let file = Some(file);
        let descriptor = Descriptor {
            file,
            close_on_exec,
        };
        self.entries.insert(fd, descriptor);
    }

    /// Forgets numbers that are only reserved: a copy of the table has no use for them (`dup_fd()`).
    pub fn forget_reserved(&mut self) {
        self.entries.retain(|_, d| d.file.is_some());
    }

    /// Frees a number and says what it referred to. A reserved number is not the program's to
    /// close.
    pub fn remove(&mut self, fd: i32) -> Option<FileId> {
        let file = self.entries.get(&fd)?.file?;
        self.entries.remove(&fd);
        Some(file)
    }

    /// Gives a reserved number back (`put_unused_fd()`).
    pub fn cancel(&mut self, fd: i32) {
        if self.entries.get(&fd).is_some_and(|d| d.file.is_none()) {
            self.entries.remove(&fd);
        }
    }

    /// Every number in use, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (i32, Descriptor)> + '_ {
        self.entries
            .iter()
            .map(|(fd, descriptor)| (*fd, *descriptor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_number_is_neither_readable_nor_closable_nor_free() {
        let mut table = FdTable::default();
        assert_eq!(table.reserve(false), Ok(0));
        assert_eq!((table.get(0), table.remove(0)), (None, None));
        assert_eq!(table.reserve(false), Ok(1));
        table.cancel(0);
        assert_eq!(table.reserve(false), Ok(0));
    }

    #[test]
    fn the_limit_answers_emfile() {
        let mut table = FdTable::default();
        for n in 0..LIMIT {
            assert_eq!(table.install(FileId(n as u32), false), Ok(n));
        }
        assert_eq!(table.install(FileId(0), false), Err(Errno::EMFILE));
    }
}
