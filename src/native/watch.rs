//! What the kernel says about its tasks and its network, read from /proc.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// A task's state, asked for again and again.
pub(super) struct TaskWatch {
    stat: File,
    status: File,
}

impl TaskWatch {
    /// Watches a task of a process, by the numbers that this process sees.
    pub(super) fn open(pid: i32, tid: i32) -> std::io::Result<TaskWatch> {
        Ok(TaskWatch {
            stat: File::open(format!("/proc/{pid}/task/{tid}/stat"))?,
            status: File::open(format!("/proc/{pid}/task/{tid}/status"))?,
        })
    }

    /// How often the task has given the processor away of its own accord. A task that looks whether it has to sleep
    /// already counts as asleep (`do_wait()` while it reaps a child); if it really went to sleep, this has grown.
    pub(super) fn switches(&self) -> u64 {
        let mut text = [0; 4096];
        let length = self.status.read_at(&mut text, 0).unwrap_or(0);
        switches_in(&text[..length]).unwrap_or(u64::MAX)
    }

    /// Whether the task is in interruptible sleep. A task that has ended is not.
    pub(super) fn sleeps(&self) -> bool {
        let mut line = [0; 512];
        let length = self.stat.read_at(&mut line, 0).unwrap_or(0);
        state_of(&line[..length]) == Some(b'S')
    }
}

/// The last line but one of a status file, which is long.
fn switches_in(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    let count = text.rsplit_once("\nvoluntary_ctxt_switches:")?.1;
    count.split_whitespace().next()?.parse().ok()
}

/// The state letter: the field behind the name, which is in parentheses and may hold any character.
fn state_of(line: &[u8]) -> Option<u8> {
    let name_ends = line.iter().rposition(|byte| *byte == b')')?;
    line.get(name_ends + 2).copied()
}

/// Whether packets wait inside the kernel.
pub(super) struct BacklogWatch {
    stat: Option<File>,
}

impl BacklogWatch {
    /// Where the file cannot be read, the network always looks idle.
    pub(super) fn open() -> BacklogWatch {
        BacklogWatch {
            stat: File::open("/proc/net/softnet_stat").ok(),
        }
    }

    /// Whether no loopback packet waits on any CPU to be received. Usually a packet is received
    /// within the call that sends it, but after much work at once the kernel leaves the rest to a
    /// thread (ksoftirqd), and then a task can be about to be woken while it still sleeps.
    pub(super) fn idle(&self) -> bool {
        let Some(stat) = &self.stat else { return true };
        let mut text = [0; 1 << 14];
        let length = stat.read_at(&mut text, 0).unwrap_or(0);
        text[..length]
            .split(|byte| *byte == b'\n')
            .all(|line| backlog_of(line).unwrap_or(0) == 0)
    }
}

/// The length of one CPU's backlog: the twelfth column of softnet_stat, hexadecimal.
fn backlog_of(line: &[u8]) -> Option<u32> {
    let column = line.split(|byte| *byte == b' ').nth(11)?;
    u32::from_str_radix(str::from_utf8(column).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_stands_behind_a_name_with_parentheses() {
        assert_eq!(state_of(b"7 (a) R (b) S 1 7 7"), Some(b'S'));
        assert_eq!(state_of(b""), None);
    }

    #[test]
    fn switches_stand_near_the_end() {
        let text = b"Name:\ta\nvoluntary_ctxt_switches:\t71\nnonvoluntary_ctxt_switches:\t2\n";
        assert_eq!(switches_in(text), Some(71));
        assert_eq!(switches_in(b""), None);
    }

    #[test]
    fn the_backlog_is_the_twelfth_column() {
        let line = b"000157c1 00000000 00000001 00000000 00000000 00000000 00000000 00000000 \
            00000000 00000000 00000000 0000001f 00000000 00000000 0000001f";
        assert_eq!(backlog_of(line), Some(31));
        assert_eq!(backlog_of(b""), None);
    }

    #[test]
    fn this_thread_runs_while_it_looks_at_itself() {
        let pid = nix::unistd::getpid().as_raw();
        let tid = nix::unistd::gettid().as_raw();
        assert!(!TaskWatch::open(pid, tid).unwrap().sleeps());
    }
}
