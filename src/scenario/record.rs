//! What a run did, written down: `recorded.txt`.

use crate::abi::{Reply, Syscall, Thread};
use crate::base::Time;
use crate::kernel::file::Stdio;
use crate::kernel::task::Ended;
use crate::scenario::{Observer, Recorded};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// Calls whose results are numbers of processes: these may be others in each run.
const PROCESSES: [&str; 7] = [
    "fork", "clone3", "vfork", "getpid", "getppid", "gettid", "wait4",
];

/// A run on real Linux, or a comparison with one.
///
/// Its form: a line `linux RELEASE`; a line `sources HASH` that tells of which files; then for each call a line
/// `PROGRAM CALL equal|different` if it was compared, `PROGRAM CALL = RESULT [ERRNO]` or `PROGRAM CALL ?` (it did not
/// return) if it was only run, in the order of each program. The output of a run follows (`PROGRAM stdout "TEXT"`), and
/// how each program ended (`PROGRAM exited STATUS`, `PROGRAM killed SIGNAL`).
///
/// ```
/// use sockscope::scenario::record::Record;
/// let text = "linux 6.18.44\nsources 0000002a\n0 connect = -1 ETIMEDOUT\n0 stderr \"late\\n\"\n0 exited 1\n";
/// let record = Record::parse(text).unwrap();
/// assert_eq!(record.to_string(), text);
/// assert_eq!(Record::parse("linux 6.18.44\n0 connect perhaps\n"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The release of the kernel, `6.18.44`.
    pub kernel: String,
    /// The hash of the files that it was made of ([`Scenario::sources`](crate::scenario::Scenario::sources)).
    pub sources: Option<u32>,
    /// What each program did.
    pub programs: Vec<Track>,
}

/// What one program did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// Its calls, in order.
    pub calls: Vec<(String, Told)>,
    /// What it wrote to standard output and error.
    pub output: [Vec<u8>; 2],
    /// How it ended.
    pub end: Option<Ended>,
}

/// What is told of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was compared, and whether both kernels did the same.
    Compared(bool),
    /// It returned this, with the name of the error.
    Returned(i64, String),
    /// It never returned.
    Never,
}

/// The first difference between a run and a record, or between two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The program, if it is about one.
    pub who: Option<usize>,
    /// What differs, in a few words: `the result of a call`.
    pub what: String,
    /// What the simulated kernel did.
    pub simulated: String,
    /// What the real kernel did.
    pub native: String,
}

impl Record {
    /// Whether it holds the results of a run, not those of a comparison.
    pub fn is_run(&self) -> bool {
        let mut calls = self.programs.iter().flat_map(|track| &track.calls);
        !calls.any(|(_, told)| matches!(told, Told::Compared(_)))
    }

    /// The outcome of a comparison, call by call; nothing for a run.
    pub fn marks(&self) -> Option<Recorded> {
        let marks = |track: &Track| {
            let calls = track.calls.iter();
            let mark = |(call, told): &(String, Told)| match told {
                Told::Compared(equal) => Some((call.clone(), *equal)),
                Told::Returned(..) | Told::Never => None,
            };
            calls.map(mark).collect::<Option<Vec<_>>>()
        };
        let calls = self.programs.iter().map(marks);
        Some(Recorded {
            kernel: self.kernel.clone(),
            calls: calls.collect::<Option<_>>()?,
        })
    }

    /// Reads what [`Record`]'s text form holds; nothing if it is not that.
    pub fn parse(text: &str) -> Option<Record> {
        let lines = text
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'));
        let mut lines = lines.peekable();
        let mut record = Record {
            kernel: lines.next()?.strip_prefix("linux ")?.to_owned(),
            ..Record::default()
        };
        if let Some(hash) = lines.peek()?.strip_prefix("sources ") {
            record.sources = Some(u32::from_str_radix(hash, 16).ok()?);
            lines.next();
        }
        for line in lines {
            let (program, rest) = line.split_once(' ')?;
            let program: usize = program.parse().ok().filter(|n| *n < 64)?;
            if record.programs.len() <= program {
                record.programs.resize(program + 1, Track::default());
            }
            record.programs[program].line(rest)?;
        }
        Some(record)
    }
}

impl Track {
    fn line(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "stdout" => self.output[0] = unescaped(rest)?,
            "stderr" => self.output[1] = unescaped(rest)?,
            "exited" => self.end = Some(Ended::Exited(rest.parse().ok()?)),
            "killed" => self.end = Some(Ended::Killed(rest.parse().ok()?)),
            call => self.calls.push((call.to_owned(), Told::parse(rest)?)),
        }
        Some(())
    }
}

impl Told {
    fn parse(text: &str) -> Option<Told> {
        Some(match text {
            "equal" => Told::Compared(true),
            "different" => Told::Compared(false),
            "?" => Told::Never,
            result => {
                let result = result.strip_prefix("= ")?;
                let (number, errno) = result.split_once(' ').unwrap_or((result, ""));
                Told::Returned(number.parse().ok()?, errno.to_owned())
            }
        })
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Told::Compared(true) => f.write_str("equal"),
            Told::Compared(false) => f.write_str("different"),
            Told::Returned(number, errno) if errno.is_empty() => write!(f, "= {number}"),
            Told::Returned(number, errno) => write!(f, "= {number} {errno}"),
            Told::Never => f.write_char('?'),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "linux {}", self.kernel)?;
        if let Some(sources) = self.sources {
            writeln!(f, "sources {sources:08x}")?;
        }
        for (program, track) in self.programs.iter().enumerate() {
            for (call, told) in &track.calls {
                writeln!(f, "{program} {call} {told}")?;
            }
            for (name, bytes) in ["stdout", "stderr"].into_iter().zip(&track.output) {
                if !bytes.is_empty() {
                    writeln!(f, "{program} {name} \"{}\"", bytes.escape_ascii())?;
                }
            }
            match track.end {
                Some(Ended::Exited(status)) => writeln!(f, "{program} exited {status}")?,
                Some(Ended::Killed(signal)) => writeln!(f, "{program} killed {signal}")?,
                None => {}
            }
        }
        Ok(())
    }
}

/// The bytes of a text between quotes, as `escape_ascii` writes it.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut rest = text.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let mut bytes = Vec::new();
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let [escaped, behind @ ..] = rest else {
            return None;
        };
        rest = behind;
        bytes.push(match escaped {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'x' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                rest = &rest[2..];
                u8::from_str_radix(digits, 16).ok()?
            }
            other => *other,
        });
    }
    Some(bytes)
}

/// Writes down what a run does, and passes it on.
pub struct Recorder<'a> {
    tracks: Vec<Track>,
    next: Option<&'a mut dyn Observer>,
}

impl<'a> Recorder<'a> {
    /// For so many programs.
    pub fn new(programs: usize, next: Option<&'a mut dyn Observer>) -> Recorder<'a> {
        Recorder {
            tracks: vec![Track::default(); programs],
            next,
        }
    }

    /// What each program has done.
    pub fn tracks(self) -> Vec<Track> {
        self.tracks
    }

    fn track(&mut self, who: usize) -> &mut Track {
        if self.tracks.len() <= who {
            self.tracks.resize(who + 1, Track::default());
        }
        &mut self.tracks[who]
    }
}

impl Observer for Recorder<'_> {
    fn born(&mut self, listed: usize, copy: Option<u32>, thread: Thread) {
        self.tracks.push(Track::default());
        if let Some(next) = &mut self.next {
            next.born(listed, copy, thread);
        }
    }

    fn entered(&mut self, who: usize, at: Time, call: &Syscall) {
        let name = call.name().to_owned();
        self.track(who).calls.push((name, Told::Never));
        if let Some(next) = &mut self.next {
            next.entered(who, at, call);
        }
    }

    fn returned(&mut self, who: usize, at: Time, call: &Syscall, reply: &Reply) {
        let errno = reply.result.err().map_or("", |errno| errno.name());
        let returned = reply.result.map_or(-1, |value| value as i64);
        let told = Told::Returned(returned, errno.to_owned());
        if let Some(last) = self.track(who).calls.last_mut() {
            last.1 = told;
        }
        if let Some(next) = &mut self.next {
            next.returned(who, at, call, reply);
        }
    }

    fn output(&mut self, who: usize, stream: Stdio, bytes: &[u8]) {
        self.track(who).output[usize::from(stream == Stdio::Error)].extend(bytes);
        if let Some(next) = &mut self.next {
            next.output(who, stream, bytes);
        }
    }

    fn ended(&mut self, who: usize, at: Time, end: Ended) {
        self.track(who).end = Some(end);
        if let Some(next) = &mut self.next {
            next.ended(who, at, end);
        }
    }
}

/// Holds a simulated run against the record of a real one: call by call whether it did the same, and the first
/// difference.
pub fn hold(record: &Record, simulated: &[Track]) -> (Recorded, Option<Divergence>) {
    let mut held = Held::default();
    let mut calls = Vec::new();
    let none = Track::default();
    for who in 0..record.programs.len().max(simulated.len()) {
        let real = record.programs.get(who).unwrap_or(&none);
        let ours = simulated.get(who).unwrap_or(&none);
        calls.push(held.track(who, real, ours));
    }
    let recorded = Recorded {
        kernel: record.kernel.clone(),
        calls,
    };
    (recorded, held.first)
}

#[derive(Default)]
struct Held {
    first: Option<Divergence>,
    /// The real kernel's numbers of processes, and ours.
    processes: BTreeMap<i64, i64>,
}

impl Held {
    fn differ(&mut self, who: usize, what: &str, simulated: String, native: String) {
        self.first.get_or_insert(Divergence {
            who: Some(who),
            what: what.to_owned(),
            simulated,
            native,
        });
    }

    fn track(&mut self, who: usize, real: &Track, ours: &Track) -> Vec<(String, bool)> {
        let mut marks = Vec::new();
        let nothing = "(nothing)".to_owned();
        for at in 0..real.calls.len().max(ours.calls.len()) {
            let (theirs, mine) = (real.calls.get(at), ours.calls.get(at));
            let same = match (theirs, mine) {
                (Some(theirs), Some(mine)) => self.same(theirs, mine),
                (_, _) => false,
            };
            if let Some((call, _)) = mine {
                marks.push((call.clone(), same));
            }
            if !same {
                let text = |call: Option<&(String, Told)>| {
                    call.map_or(nothing.clone(), |(call, told)| format!("{call}() {told}"))
                };
                let what = format!("call {} of it", at + 1);
                self.differ(who, &what, text(mine), text(theirs));
            }
        }
        let names = ["standard output", "standard error"];
        for ((name, theirs), mine) in names.iter().zip(&real.output).zip(&ours.output) {
            if theirs != mine {
                let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
                self.differ(who, name, text(mine), text(theirs));
            }
        }
        // Who waits for ever is killed in the end, by the simulation or with the stage.
        let by_itself = |end: Option<Ended>| end.filter(|end| *end != Ended::Killed(9));
        if by_itself(real.end) != by_itself(ours.end) {
            let text = |end: Option<Ended>| end.map_or(nothing.clone(), |end| format!("{end:?}"));
            self.differ(who, "the end", text(ours.end), text(real.end));
        }
        marks
    }

    fn same(&mut self, theirs: &(String, Told), mine: &(String, Told)) -> bool {
        match (theirs, mine) {
            ((call, Told::Returned(real, _)), (other, Told::Returned(ours, _)))
                if call == other && *real > 0 && PROCESSES.contains(&call.as_str()) =>
            {
                *self.processes.entry(*real).or_insert(*ours) == *ours
            }
            (theirs, mine) => theirs == mine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "linux 6.18.44\n0 fork = 7\n0 connect = -1 ETIMEDOUT\n0 wait4 = 7\n0 pause ?\n0 stdout \"\\xea\\\"\\n\"\n0 killed 15\n";

    #[test]
    fn a_run_is_held_against_a_record_up_to_the_numbers_of_processes() {
        let record = Record::parse(RUN).expect("a record");
        assert!(record.is_run() && record.to_string() == RUN);
        let mut simulated = record.programs.clone();
        for at in [0, 2] {
            simulated[0].calls[at].1 = Told::Returned(102, String::new());
        }
        let (recorded, divergence) = hold(&record, &simulated);
        assert_eq!((recorded.counts(), divergence), ((4, 4), None));
        simulated[0].calls[2].1 = Told::Returned(103, String::new());
        simulated[0].end = None;
        let (recorded, divergence) = hold(&record, &simulated);
        assert_eq!(recorded.counts(), (4, 3));
        let divergence = divergence.expect("another process");
        assert_eq!(divergence.native, "wait4() = 7");
    }

    #[test]
    fn nothing_else_is_a_record() {
        for text in [
            "",
            "linux 6",
            "linux 6\n99 a = 1",
            "linux 6\n0 a = b",
            "linux 6\n0 stdout x",
        ] {
            assert_eq!(Record::parse(text), None, "{text}");
        }
    }
}
