//! What `compare` found for a run on real Linux.

/// The outcome of a comparison, call by call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The release of the kernel that it was compared with, `6.18.44`.
    pub kernel: String,
    /// For each program the calls in order, and whether each was equal.
    pub calls: Vec<Vec<(String, bool)>>,
}

impl Recorded {
    /// How many calls were compared, and how many of them were equal.
    pub fn counts(&self) -> (u32, u32) {
        let all = self.calls.iter().flatten();
        (
            all.clone().count() as u32,
            all.filter(|(_, equal)| *equal).count() as u32,
        )
    }
}
