//! The files of texts.

use super::Key;
use crate::base::SortedMap;
use std::sync::OnceLock;
#[cfg(test)]
use std::{cell::RefCell, collections::BTreeSet};

/// A file of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// All that is said in English.
    En,
    /// All that is said in Korean.
    Ko,
    /// Where it can be looked up.
    Sources,
}

type Texts = SortedMap<Key, &'static str>;

/// The texts that are there. In the page they come one by one.
static TEXTS: [OnceLock<Texts>; 3] = [const { OnceLock::new() }; 3];

/// The files. In the page only the compiler reads them, for their hashes.
const FILES: [&str; 3] = [
    include_str!("../../static/words/en.txt"),
    include_str!("../../static/words/ko.txt"),
    include_str!("../../static/words/sources.txt"),
];

impl Sheet {
    /// The text of a key, if the file is there and has one.
    pub fn find(self, key: Key) -> Option<&'static str> {
        #[cfg(test)]
        ASKED.with_borrow_mut(|asked| asked.insert((self as usize, key)));
        self.texts()?.get(&key).copied()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn texts(self) -> Option<&'static Texts> {
        let texts = TEXTS[self as usize].get_or_init(|| parse(FILES[self as usize]));
        Some(texts)
    }

    #[cfg(target_arch = "wasm32")]
    fn texts(self) -> Option<&'static Texts> {
        TEXTS[self as usize].get()
    }

    /// Whether the file is there.
    pub fn is_here(self) -> bool {
        self.texts().is_some()
    }

    /// Takes the file in. It stays, so the second time changes nothing.
    pub fn bring(self, file: String) {
        TEXTS[self as usize].get_or_init(|| parse(file.leak()));
    }

    /// Where the page finds the file, relative to itself. The hash makes a browser that has kept the file of an
    /// earlier version ask for this one.
    pub fn address(self) -> String {
        const HASHES: [Key; 3] = [Key::new(FILES[0]), Key::new(FILES[1]), Key::new(FILES[2])];
        let name = match self {
            Sheet::En => "en",
            Sheet::Ko => "ko",
            Sheet::Sources => "sources",
        };
        let Key(hash) = HASHES[self as usize];
        ["words/", name, ".txt?", &hash.to_string()].concat()
    }
}

fn parse(file: &'static str) -> Texts {
    let mut texts = Texts::default();
    for (section, name, text) in entries(file) {
        texts.insert(Key::new(section).then(".").then(name), text);
    }
    texts
}

/// Sections, names and texts of a file.
fn entries(file: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut section = "";
    file.lines().filter_map(move |line| {
        if line.starts_with('#') {
            return None;
        }
        if let Some(begun) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            section = begun;
            return None;
        }
        // No name has a `=` in it.
        let (name, text) = line.split_once('=')?;
        Some((section, name.strip_suffix(' ')?, text.strip_prefix(' ')?))
    })
}

#[cfg(test)]
thread_local! {
    /// What was looked up, in this test.
    static ASKED: RefCell<BTreeSet<(usize, Key)>> = const { RefCell::new(BTreeSet::new()) };
}

#[cfg(test)]
impl Sheet {
    /// Whether the text of a key was looked up in this test.
    pub(crate) fn was_asked_for(self, key: Key) -> bool {
        ASKED.with_borrow(|asked| asked.contains(&(self as usize, key)))
    }

    /// Every sheet.
    pub(crate) const ALL: [Sheet; 3] = [Sheet::En, Sheet::Ko, Sheet::Sources];

    /// All names with their keys and texts.
    pub(crate) fn all(self) -> impl Iterator<Item = (String, Key, &'static str)> {
        entries(FILES[self as usize]).map(|(section, name, text)| {
            let name = [section, name].join(".");
            let key = Key::new(&name);
            (name, key, text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn sections_names_and_texts() {
        let file = "# about\n[a]\nx = 1 = one\n\nx.y = 2\n[b]\n# x = 3\nx = 4\n";
        let read: Vec<_> = entries(file).collect();
        assert_eq!(
            read,
            [("a", "x", "1 = one"), ("a", "x.y", "2"), ("b", "x", "4")]
        );
    }

    #[test]
    fn every_line_is_an_entry_a_section_or_a_comment() {
        for file in FILES {
            for line in file.lines() {
                let known = line.is_empty()
                    || line.starts_with('#')
                    || (line.starts_with('[') && line.ends_with(']'))
                    || line.contains(" = ");
                assert!(known && line == line.trim(), "{line}");
            }
        }
    }

    #[test]
    fn no_two_names_share_a_key() {
        for sheet in Sheet::ALL {
            let mut seen = BTreeMap::new();
            for (name, key, _) in sheet.all() {
                if let Some(other) = seen.insert(key, name.clone()) {
                    panic!("{name} and {other}");
                }
            }
        }
    }

    #[test]
    fn an_address_follows_the_text() {
        let Key(hash) = Key::new(FILES[0]);
        assert_eq!(Sheet::En.address(), format!("words/en.txt?{hash}"));
    }
}
