//! The one log of everything that could have gone otherwise.

use crate::base::SortedMap;
use serde::{Deserialize, Serialize};

/// What was open at a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ChoiceKind {
    /// Which of the ready tasks runs next; option 0 is the head of the FIFO queue.
    Task,
    /// The random part of an initial sequence number (RFC 6528).
    InitialSequence,
    /// Where in the ephemeral range `connect()` begins its search.
    ConnectPortOffset,
    /// Where in the ephemeral range `bind()` to port 0 begins its search.
    BindPortOffset,
    /// After which of the 2^20 names the search for an AF_UNIX socket's name begins.
    UnixName,
    /// Where in the ephemeral range the search for a UDP port begins.
    UdpPortOffset,
    /// How far the steps of that search are apart, where the first port is taken.
    UdpPortStride,
    /// What happens to a packet: option 0 delivers it, option 1 loses it.
    PacketFate,
    /// One throw of a die of 1000 sides for a packet on a link between hosts.
    LinkFate,
}

/// One point of the run at which something else could have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The how-many-th choice of the run, from 0.
    pub index: u32,
    /// What was open.
    pub kind: ChoiceKind,
    /// How many options there were, at least 1.
    pub options: u32,
    /// The option taken, below `options`.
    pub taken: u32,
}

/// Decides every choice of a run from its seed, unless the user has decided it otherwise.
///
/// Two runs with the same programs, the same seed and the same decisions are the same run: replay,
/// permalinks, forks, comparison and exploration need nothing else.
///
/// ```
/// use sockscope::base::{ChoiceKind, Choices};
/// let mut choices = Choices::new(7);
/// let first = choices.choose(ChoiceKind::ConnectPortOffset, 14_116);
/// let mut again = Choices::new(7);
/// assert_eq!(again.choose(ChoiceKind::ConnectPortOffset, 14_116), first);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choices {
    seed: u64,
    next: u32,
    decided: SortedMap<u32, u32>,
    log: Vec<Choice>,
}

impl Choices {
    /// Choices that follow from `seed` alone.
    pub fn new(seed: u64) -> Self {
        Choices::with_decisions(seed, SortedMap::default())
    }

    /// Choices that follow from `seed`, except those in `decided`: index to option. An option that
    /// does not exist when its choice comes up counts as the last that does.
    pub fn with_decisions(seed: u64, decided: SortedMap<u32, u32>) -> Self {
        Choices {
            seed,
            next: 0,
            decided,
            log: Vec::new(),
        }
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The index that the next choice will have.
    pub fn next_index(&self) -> u32 {
        self.next
    }

    /// Decides a choice that has not come up yet; decisions after it are forgotten, since they were
    /// about another future.
    pub fn decide(&mut self, index: u32, option: u32) {
        self.decided.retain(|earlier, _| *earlier < index);
        self.decided.insert(index, option);
    }

    /// The choices made since the last time this was asked.
    pub fn take_log(&mut self) -> Vec<Choice> {
        std::mem::take(&mut self.log)
    }

    /// Takes one of `options` (at least 1; 0 counts as 1). Which task runs and what becomes of a
    /// packet is option 0 unless decided; everything else is drawn from the seed.
    pub fn choose(&mut self, kind: ChoiceKind, options: u32) -> u32 {
        let options = options.max(1);
        let taken = match self.decided.get(&self.next) {
            Some(decided) => (*decided).min(options - 1),
            None => match kind {
                ChoiceKind::Task | ChoiceKind::PacketFate => 0,
                ChoiceKind::InitialSequence
                | ChoiceKind::ConnectPortOffset
                | ChoiceKind::BindPortOffset
                | ChoiceKind::UnixName
                | ChoiceKind::UdpPortOffset
                | ChoiceKind::UdpPortStride
                | ChoiceKind::LinkFate => {
                    let drawn = mix(self.seed ^ mix(u64::from(self.next) << 8 | kind as u64));
                    ((u128::from(drawn) * u128::from(options)) >> 64) as u32
                }
            },
        };
        self.log.push(Choice {
            index: self.next,
            kind,
            options,
            taken,
        });
        self.next += 1;
        taken
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_overrides_the_seed_and_leaves_the_other_choices_alone() {
        let draw = |mut c: Choices| -> Vec<u32> {
            (0..8)
                .map(|_| c.choose(ChoiceKind::InitialSequence, u32::MAX))
                .collect()
        };
        let plain = draw(Choices::new(3));
        let decided = draw(Choices::with_decisions(3, SortedMap::from_iter([(4, 42)])));
        assert_eq!(decided[4], 42);
        for i in [0, 1, 2, 3, 5, 6, 7] {
            assert_eq!(plain[i], decided[i]);
        }
    }

    #[test]
    fn a_decision_beyond_the_options_takes_the_last() {
        let mut c = Choices::with_decisions(0, SortedMap::from_iter([(0, 9)]));
        assert_eq!(c.choose(ChoiceKind::Task, 2), 1);
    }

    #[test]
    fn draws_spread_over_the_range() {
        let mut c = Choices::new(1);
        let mut seen = [0u32; 16];
        for _ in 0..16_000 {
            seen[c.choose(ChoiceKind::BindPortOffset, 16) as usize] += 1;
        }
        assert!(seen.iter().all(|n| (800..1200).contains(n)), "{seen:?}");
    }
}
