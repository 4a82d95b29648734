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
    /// Reads the form that `sockscope compare --record` writes: a line `linux RELEASE`, then a line
    /// `PROGRAM CALL equal|different` for each call, in the order of each program. Anything else
    /// is not a record.
    ///
    /// ```
    /// use sockscope::scenario::Recorded;
    /// let recorded = Recorded::parse("linux 6.18.44\n0 socket equal\n1 socket different\n").unwrap();
    /// assert_eq!(recorded.kernel, "6.18.44");
    /// assert_eq!(recorded.calls[1], [("socket".to_owned(), false)]);
    /// ```
    pub fn parse(text: &str) -> Option<Recorded> {
        let mut lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let kernel = lines.next()?.strip_prefix("linux ")?.to_owned();
        let mut calls: Vec<Vec<(String, bool)>> = Vec::new();
        for line in lines {
            let mut fields = line.split(' ');
            let program: usize = fields.next()?.parse().ok().filter(|n| *n < 64)?;
            let call = fields.next()?.to_owned();
            let equal = match fields.next()? {
                "equal" => true,
                "different" => false,
                _ => return None,
            };
            if calls.len() <= program {
                calls.resize(program + 1, Vec::new());
            }
            calls[program].push((call, equal));
        }
        Some(Recorded { kernel, calls })
    }

    /// How many calls were compared, and how many of them were equal.
    pub fn counts(&self) -> (u32, u32) {
        let all = self.calls.iter().flatten();
        (
            all.clone().count() as u32,
            all.filter(|(_, equal)| *equal).count() as u32,
        )
    }
}
