//! Reads `scenario.toml`.

use super::table::{Reader, Value};
use super::{last_part, with_included};
use crate::kernel::sysctl::{Sysctl, SysctlError};
use crate::kernel::task::Capabilities;
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::{Bookmark, InLanguages, ProgramSource, Scenario};
use crate::sim::WorldConfig;
use crate::sim::network::{Neighbours, Stub};
use std::net::Ipv4Addr;
use std::ops::Range;
use toml::de::DeTable;

/// The most descriptors that a program may be limited to.
const MOST_DESCRIPTORS: u64 = 1_024;
/// The most devices besides `lo`.
const MOST_DEVICES: usize = 3;

const TOP: &[&str] = &[
    "seed", "root", "tty", "program", "sysctl", "device", "loopback", "schedule", "bookmark",
    "compare",
];
const PROGRAM: &[&str] = &[
    "name",
    "files",
    "args",
    "stdin",
    "capabilities",
    "after",
    "start",
    "nofile",
];
const CAPABILITIES: &[&str] = &["CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW"];

/// A world as it is if nothing is said.
pub(super) fn world() -> WorldConfig {
    WorldConfig {
        seed: 1,
        ..WorldConfig::default()
    }
}

/// Reads the file of that index; the problems go to the list.
pub(super) fn read(
    index: u32,
    file: &SourceFile,
    folder: &[SourceFile],
    problems: &mut Vec<Diagnostic>,
) -> Scenario {
    let (root, errors) = DeTable::parse_recoverable(&file.text);
    let mut reader = Reader {
        file: index,
        problems,
    };
    for error in &errors {
        reader.wrong(error.span().unwrap_or(0..1), error.message());
    }
    let mut scenario = Scenario {
        world: world(),
        ..Scenario::default()
    };
    if errors.is_empty() {
        Settings {
            reader,
            folder,
            scenario: &mut scenario,
        }
        .all(root.get_ref());
    }
    scenario
}

struct Settings<'a> {
    reader: Reader<'a>,
    folder: &'a [SourceFile],
    scenario: &'a mut Scenario,
}

impl Settings<'_> {
    fn all(&mut self, root: &DeTable<'_>) {
        let reader = &mut self.reader;
        reader.known(root, TOP);
        if let Some(seed) = root.get("seed") {
            self.scenario.world.seed = reader.number(seed, 0, u64::MAX).unwrap_or(1);
        }
        for (name, flag) in [
            ("root", &mut self.scenario.root),
            ("tty", &mut self.scenario.tty),
        ] {
            if let Some(value) = root.get(name) {
                *flag = reader.flag(value).unwrap_or_default();
            }
        }
        self.programs(root);
        self.sysctls(root);
        self.devices(root);
        self.loopback(root);
        self.schedule(root);
        self.bookmarks(root);
        self.compare(root);
    }

    fn programs(&mut self, root: &DeTable<'_>) {
        let mut programs = Vec::new();
        for (at, table) in self.reader.tables(root, "program") {
            let (program, after) = self.program(&at, table);
            if programs
                .iter()
                .any(|(_, other, _): &(_, ProgramSource, _)| other.name == program.name)
            {
                let what = format!("a second program is called `{}`", program.name);
                self.reader.wrong(at.clone(), what);
            }
            programs.push((at, program, after));
        }
        if !programs.iter().any(|(_, program, _)| !program.held) {
            let what = "no program starts: there is no [[program]]";
            self.reader.wrong(0..1, what);
        }
        programs.sort_by_key(|(_, program, _)| program.held);
        let names: Vec<String> = programs.iter().map(|(_, p, _)| p.name.clone()).collect();
        let starting = programs.iter().filter(|(_, p, _)| !p.held).count();
        let mut afters = vec![None; starting];
        for (index, (_, program, after)) in programs.iter_mut().enumerate() {
            let Some((at, name)) = after.take() else {
                continue;
            };
            let of = names[..starting].iter().position(|other| *other == name);
            match of {
                None => {
                    let known: Vec<&str> = names[..starting].iter().map(String::as_str).collect();
                    self.reader
                        .unknown(at, "program that starts", &name, &known);
                }
                Some(_) if program.held => {
                    self.reader
                        .wrong(at, "a program that does not start has no `after`");
                }
                Some(of) => {
                    afters[index] = Some((of, at));
                    program.after = Some(of as u32);
                }
            }
        }
        self.no_circle(&afters);
        let programs = programs.into_iter().map(|(_, program, _)| program);
        self.scenario.programs = programs.collect();
    }

    /// Each program that waits for another must come to its turn.
    fn no_circle(&mut self, afters: &[Option<(usize, Range<usize>)>]) {
        for (start, first) in afters.iter().enumerate() {
            let mut at = start;
            // A way without a circle is not longer than there are programs.
            for _ in 0..afters.len() {
                match &afters[at] {
                    Some((next, _)) => at = *next,
                    None => break,
                }
            }
            if let (Some(_), Some((_, place))) = (&afters[at], first) {
                let what = "this program never starts: it waits for itself";
                self.reader.wrong(place.clone(), what);
            }
        }
    }

    /// A program, and after which it starts.
    fn program(
        &mut self,
        at: &Range<usize>,
        table: &DeTable<'_>,
    ) -> (ProgramSource, Option<(Range<usize>, String)>) {
        let reader = &mut self.reader;
        reader.known(table, PROGRAM);
        let mut program = ProgramSource::default();
        if let Some(value) = reader.needed(at, table, "name") {
            program.name = reader.text(value).unwrap_or_default();
            let name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
            if program.name.is_empty() || !program.name.chars().all(name) {
                let what = "a name consists of letters, digits, `_`, `-` and `.`";
                reader.wrong(value.span(), what);
            }
        }
        if let Some(value) = table.get("args") {
            let args = reader.list(value).iter();
            program.args = args.filter_map(|arg| reader.text(arg)).collect();
        }
        if let Some(value) = table.get("stdin") {
            program.stdin = reader.text(value).unwrap_or_default().into_bytes();
        }
        if let Some(value) = table.get("start") {
            program.held = reader.flag(value) == Some(false);
        }
        if let Some(value) = table.get("nofile") {
            program.nofile = reader.number(value, 0, MOST_DESCRIPTORS).map(|n| n as u32);
        }
        if let Some(value) = table.get("capabilities") {
            program.capabilities = capabilities(reader, value);
        }
        let after = table.get("after");
        let after = after.and_then(|value| Some((value.span(), reader.text(value)?)));
        program.files = self.files(at, table, &program.name);
        (program, after)
    }

    fn files(&mut self, at: &Range<usize>, table: &DeTable<'_>, name: &str) -> Vec<SourceFile> {
        let mut wanted = Vec::new();
        match table.get("files") {
            Some(value) => {
                for file in self.reader.list(value) {
                    let name = self.reader.text(file);
                    wanted.extend(name.map(|name| (file.span(), name)));
                }
                if wanted.is_empty() {
                    self.reader.wrong(value.span(), "no file");
                }
            }
            None if name.is_empty() => {}
            None => wanted.push((at.clone(), format!("{name}.c"))),
        }
        let mut files = Vec::new();
        for (at, name) in wanted {
            match self.folder.iter().find(|file| file.name == name) {
                Some(file) => files.push(file.clone()),
                None => {
                    let names = self.folder.iter().map(|file| file.name.as_str());
                    let sources = |name: &&str| last_part(name).ends_with(['c', 'h']);
                    let names: Vec<&str> = names.filter(sources).collect();
                    self.reader
                        .unknown(at, "C file of the folder", &name, &names);
                }
            }
        }
        // C files first: what is shown first is what runs.
        files.sort_by_key(|file| !file.name.ends_with(".c"));
        with_included(files, self.folder)
    }

    fn sysctls(&mut self, root: &DeTable<'_>) {
        let Some(value) = root.get("sysctl") else {
            return;
        };
        let Some(table) = self.reader.table(value) else {
            return;
        };
        for (key, value) in table {
            let name: &str = key.get_ref();
            let text = match value.get_ref() {
                toml::de::DeValue::Integer(number) => Some(number.to_string()),
                _ => self.reader.text(value),
            };
            let Some(text) = text else { continue };
            match self.scenario.world.sysctl.set(name, &text) {
                Ok(()) => {}
                Err(SysctlError::Invalid) => {
                    let what = format!("`{name}` cannot be set to this (EINVAL)");
                    self.reader.wrong(value.span(), what);
                }
                Err(SysctlError::Unknown) if Sysctl::NAMES.contains(&name) => {
                    let what =
                        format!("another value of `{name}` than its default is not modelled");
                    self.reader.wrong(value.span(), what);
                }
                Err(SysctlError::Unknown) => {
                    self.reader
                        .unknown(key.span(), "sysctl that is modelled", name, Sysctl::NAMES);
                }
            }
        }
    }

    fn devices(&mut self, root: &DeTable<'_>) {
        let devices = self.reader.tables(root, "device");
        for (count, (at, table)) in devices.into_iter().enumerate() {
            let reader = &mut self.reader;
            reader.known(table, &["address", "neighbours"]);
            if count == MOST_DEVICES {
                reader.wrong(at.clone(), format!("more than {MOST_DEVICES} devices"));
            }
            let address = reader.needed(&at, table, "address");
            let address = address.and_then(|value| {
                let address = on_link(&reader.text(value)?);
                if address.is_none() {
                    let what = "expected an IPv4 address and its prefix, like \"192.0.2.1/24\"";
                    reader.wrong(value.span(), what);
                }
                address
            });
            let neighbours = reader.needed(&at, table, "neighbours");
            let neighbours = neighbours.and_then(|value| {
                let known = [("none", Neighbours::None), ("silent", Neighbours::Silent)];
                let text = reader.text(value)?;
                let found = known.iter().find(|(name, _)| *name == text);
                if found.is_none() {
                    let names = known.map(|(name, _)| name);
                    reader.unknown(value.span(), "kind of neighbours", &text, &names);
                }
                found.map(|(_, what)| *what)
            });
            if let (Some((address, prefix)), Some(neighbours)) = (address, neighbours) {
                self.scenario.world.network.stubs.push(Stub {
                    address,
                    prefix,
                    neighbours,
                });
            }
        }
    }

    fn loopback(&mut self, root: &DeTable<'_>) {
        let table = root.get("loopback");
        let Some(table) = table.and_then(|value| self.reader.table(value)) else {
            return;
        };
        self.reader.known(table, &["lose"]);
        if let Some(value) = table.get("lose") {
            for nth in self.reader.list(value) {
                let nth = self.reader.number(nth, 1, u64::from(u32::MAX));
                self.scenario.world.link.lose.extend(nth.map(|n| n as u32));
            }
        }
    }

    fn schedule(&mut self, root: &DeTable<'_>) {
        let table = root.get("schedule");
        let Some(table) = table.and_then(|value| self.reader.table(value)) else {
            return;
        };
        for (key, value) in table {
            let Ok(choice) = key.get_ref().parse::<u32>() else {
                self.reader
                    .wrong(key.span(), "expected the number of a choice, from 0");
                continue;
            };
            if let Some(option) = self.reader.number(value, 0, u64::from(u32::MAX)) {
                self.scenario.world.decisions.insert(choice, option as u32);
            }
        }
    }

    fn bookmarks(&mut self, root: &DeTable<'_>) {
        for (at, table) in self.reader.tables(root, "bookmark") {
            let known = ["program", "call", "nth", "at", "label"];
            self.reader.known(table, &known);
            let mut bookmark = Bookmark {
                nth: 1,
                at_return: true,
                ..Bookmark::default()
            };
            if let Some(value) = self.reader.needed(&at, table, "program")
                && let Some(name) = self.reader.text(value)
            {
                let names: Vec<&str> = self.scenario.cast().map(|p| p.name.as_str()).collect();
                match names.iter().position(|other| *other == name) {
                    Some(program) => bookmark.program = program as u32,
                    None => {
                        self.reader
                            .unknown(value.span(), "program that starts", &name, &names);
                    }
                }
            }
            if let Some(value) = self.reader.needed(&at, table, "call") {
                bookmark.call = self.reader.text(value).unwrap_or_default();
            }
            if let Some(value) = table.get("nth") {
                let nth = self.reader.number(value, 1, u64::from(u32::MAX));
                bookmark.nth = nth.unwrap_or(1) as u32;
            }
            if let Some(value) = table.get("at") {
                match self.reader.text(value).as_deref() {
                    Some("return") | None => {}
                    Some("enter") => bookmark.at_return = false,
                    Some(other) => {
                        let known = ["enter", "return"];
                        self.reader
                            .unknown(value.span(), "moment of a call", other, &known);
                    }
                }
            }
            if let Some(value) = self.reader.needed(&at, table, "label") {
                bookmark.label = self.label(value);
            }
            self.scenario.bookmarks.push(bookmark);
        }
    }

    /// A text for all languages, or one for each.
    fn label(&mut self, value: &Value<'_>) -> InLanguages<String> {
        let toml::de::DeValue::Table(table) = value.get_ref() else {
            let text = self.reader.text(value).unwrap_or_default();
            return InLanguages {
                en: text.clone(),
                ko: text,
            };
        };
        self.reader.known(table, &["en", "ko"]);
        let mut text = |name| {
            let value = table.get(name)?;
            self.reader.text(value)
        };
        let (en, ko) = (text("en"), text("ko"));
        if en.is_none() && ko.is_none() {
            self.reader.wrong(value.span(), "a label without text");
        }
        InLanguages {
            en: en.clone().or(ko.clone()).unwrap_or_default(),
            ko: ko.or(en).unwrap_or_default(),
        }
    }

    fn compare(&mut self, root: &DeTable<'_>) {
        let value = root.get("compare");
        let Some((at, table)) =
            value.and_then(|value| Some((value.span(), self.reader.table(value)?)))
        else {
            return;
        };
        self.reader.known(table, &["live", "why"]);
        let live = table.get("live").and_then(|value| self.reader.flag(value));
        if live == Some(false) {
            let why = self.reader.needed(&at, table, "why");
            let why = why.and_then(|value| self.reader.text(value));
            self.scenario.not_live = Some(why.unwrap_or_default());
        }
    }
}

fn capabilities(reader: &mut Reader<'_>, value: &Value<'_>) -> Capabilities {
    let mut capabilities = Capabilities::default();
    for value in reader.list(value) {
        let Some(name) = reader.text(value) else {
            continue;
        };
        match name.as_str() {
            "CAP_NET_ADMIN" => capabilities.net_admin = true,
            "CAP_NET_BIND_SERVICE" => capabilities.net_bind_service = true,
            "CAP_NET_RAW" => capabilities.net_raw = true,
            _ => {
                let what = "capability that is modelled";
                reader.unknown(value.span(), what, &name, CAPABILITIES);
            }
        }
    }
    capabilities
}

/// `192.0.2.1/24`: an address that a device of Ethernet's kind can have.
fn on_link(text: &str) -> Option<(Ipv4Addr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let (address, prefix): (Ipv4Addr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
    let fits = (1..=30).contains(&prefix)
        && !address.is_loopback()
        && !address.is_multicast()
        && !address.is_unspecified()
        && !address.is_broadcast();
    fits.then_some((address, prefix))
}
