//! What Sockscope says, by key: the texts stand in `static/words`, a file for each language and one for the
//! sources, which are the same in every language.
//!
//! A file is made for translators: `NAME = TEXT` lines under `[section]` lines, comments after `#`; its head says
//! the rest. The page fetches the language that it shows, so the texts may grow without making it heavier;
//! natively they are part of the program. What is looked up are [`Key`]s, and a test of `explain` holds files and
//! keys together: none is missing, none is unused, no text has a placeholder that nothing fills.
//!
//! A text may be a template such as `{Sock} goes to **{to}**. {why}`, see [`fill`]. Korean templates also ask for
//! a particle (`{sock:은}`), which `josa` picks by the last sound of what was inserted.
//!
//! **Architecture invariant:** this module knows no event, no session and no browser; texts never change once they
//! are there.

mod fill;
mod josa;
pub mod page;
mod sheet;
pub mod winsock;

pub use fill::{Slot, fill};
pub use sheet::Sheet;

/// A language of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// Its name: a BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        }
    }

    /// Its file.
    pub fn sheet(self) -> Sheet {
        match self {
            Lang::En => Sheet::En,
            Lang::Ko => Sheet::Ko,
        }
    }

    /// The text of a key; empty if there is none.
    pub fn say(self, key: Key) -> &'static str {
        self.sheet().find(key).unwrap_or_default()
    }
}

/// What a text is found by: its section and name, `event.TaskSlept.data`.
///
/// It is the hash of the name (FNV-1a), so that the page carries four bytes for a name that it only looks up.
/// A test holds that no two names share one.
///
/// ```
/// use sockscope::words::{Key, Lang};
/// const TIME_WAIT: Key = Key::new("state.TIME-WAIT");
/// assert_eq!(Key::new("state.").then("TIME-WAIT"), TIME_WAIT);
/// assert_eq!(
///     Lang::En.say(TIME_WAIT),
///     "Its addresses and its port stay taken until then."
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(u32);

impl Key {
    /// The key of a name.
    pub const fn new(name: &str) -> Key {
        Key(0x811c_9dc5).then(name)
    }

    /// The key of the name that is continued by `more`.
    #[must_use]
    pub const fn then(self, more: &str) -> Key {
        let Key(mut hash) = self;
        let bytes = more.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        Key(hash)
    }

    /// The keys of a section's names. In a constant it is worked out by the compiler, and the page carries no names.
    ///
    /// # Panics
    ///
    /// If there are fewer than N names.
    pub const fn of_all<const N: usize>(section: &str, names: &[&str]) -> [Key; N] {
        let mut keys = [Key::new(section).then("."); N];
        let mut at = 0;
        while at < N {
            keys[at] = keys[at].then(names[at]);
            at += 1;
        }
        keys
    }
}
