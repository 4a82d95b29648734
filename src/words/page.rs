//! The page's own words. What happened and why comes in words with the view.

use super::{Key, Lang, Slot, fill};

/// Texts under `[page]`: an enum whose variants are their names there.
macro_rules! texts {
    ($(#[$doc:meta])* $enum:ident: $($name:ident)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum $enum {
            $($name,)*
        }

        impl $enum {
            /// Their names in the files.
            const NAMES: &[&str] = &[$(stringify!($name),)*];
            const KEYS: [Key; $enum::NAMES.len()] = Key::of_all("page", $enum::NAMES);

            fn key(self) -> Key {
                $enum::KEYS[self as usize]
            }
        }
    };
}

texts! {
    /// A text of the page.
    Text:
    OwnPrograms Program Kernel Wire Panes UserSpace KernelSpace Descriptors OpenFiles Fd File
    Sockets SelectProcess LibraryCall KernelCall Free SynQueue AcceptQueue SendQueue ReceiveQueue SendBrief
    ReceiveBrief NoAddress NoDescriptor NoSockets Reserved ThisStep NothingChanged PortTable OnTheWire
    NothingSent NobodyThere Talk PresentTalk AllTalks Refused Lost Again Now Explain Strace Output Tell
    BeforeFirst NoCalls NoOutput Controls Reset Back Step Play Pause Stop NextTimer Speed StepBy Line
    Syscall Packet Event RunNext Timeline WireLane Language Theme Help Close Keys KeyStep KeyBack KeyFine
    KeyPlay KeyEnds KeyKinds KeyTimer KeyLanguage KeyTheme KeyHelp Reading ReadingSays Equal Different
    Library Lesson Bookmarks Edited Edit Run Original EditorKeys Folder OpenOwn OpenFolder PickFiles DropHint
    NotOpened WinsockCard Calls Errors Differs Search
}

texts! {
    /// A template of the page; the functions below fill them.
    Pattern:
    HalfOpen Waiting Datagrams DatagramsDropped References EventOf SendsAgain Acknowledges ProbesWindow ProbesPeer
    ProbesLoss
    TimeWaitLeft KernelChose Privileged Ephemeral EphemeralTaken SearchedEven SearchedOdd EqualCalls SourceOf More
}

/// A text in a language.
pub fn say(lang: Lang, text: Text) -> &'static str {
    lang.say(text.key())
}

fn filled(lang: Lang, pattern: Pattern, slots: &[Slot]) -> String {
    fill(lang.say(pattern.key()), slots)
}

fn number(name: &'static str, value: u32) -> Slot {
    (name, value.to_string())
}

fn text(name: &'static str, value: &str) -> Slot {
    (name, value.to_owned())
}

/// `1 half-open`.
pub fn half_open(lang: Lang, count: u32) -> String {
    filled(lang, Pattern::HalfOpen, &[number("count", count)])
}

/// `2 of 6`.
pub fn waiting(lang: Lang, count: u32, room: u32) -> String {
    let slots = [number("count", count), number("room", room)];
    filled(lang, Pattern::Waiting, &slots)
}

/// `2 datagrams, dropped: 1`.
pub fn datagrams(lang: Lang, waiting: u32, drops: u32) -> String {
    let pattern = match drops {
        0 => Pattern::Datagrams,
        _ => Pattern::DatagramsDropped,
    };
    let slots = [number("count", waiting), number("drops", drops)];
    filled(lang, pattern, &slots)
}

/// `refs 2`.
pub fn references(lang: Lang, count: u32) -> String {
    filled(lang, Pattern::References, &[number("count", count)])
}

/// `event 17 of 96`.
pub fn event_of(lang: Lang, event: u32, events: u32, complete: bool) -> String {
    let slots = [number("event", event), number("events", events)];
    let mut said = filled(lang, Pattern::EventOf, &slots);
    if !complete {
        said.push('+');
    }
    said
}

/// What a running timer will do, and when.
pub fn timer(lang: Lang, kind: &str, left: &str) -> String {
    let pattern = match kind {
        "retransmit" | "reordering" => Pattern::SendsAgain,
        "delayedAck" => Pattern::Acknowledges,
        "zeroWindowProbe" => Pattern::ProbesWindow,
        "keepAlive" => Pattern::ProbesPeer,
        "lossProbe" => Pattern::ProbesLoss,
        _ => Pattern::TimeWaitLeft,
    };
    filled(lang, pattern, &[text("left", left)])
}

/// `kernel chose port 40128`.
pub fn kernel_chose(lang: Lang, port: u16) -> String {
    filled(lang, Pattern::KernelChose, &[number("port", port.into())])
}

/// `0–1023 privileged`.
pub fn privileged(lang: Lang, last: u16) -> String {
    filled(lang, Pattern::Privileged, &[number("last", last.into())])
}

/// `32768–60999 ephemeral`.
pub fn ephemeral(lang: Lang, low: u16, high: u16) -> String {
    let slots = [number("low", low.into()), number("high", high.into())];
    filled(lang, Pattern::Ephemeral, &slots)
}

/// `1 of 28,232 ephemeral ports taken`.
pub fn ephemeral_taken(lang: Lang, taken: &str, all: &str) -> String {
    let slots = [text("taken", taken), text("all", all)];
    filled(lang, Pattern::EphemeralTaken, &slots)
}

/// How the kernel came to the port that it chose.
pub fn search(lang: Lang, first: u16, tried: &str, parity: &str, found: u16) -> String {
    let pattern = match parity {
        "odd" => Pattern::SearchedOdd,
        _ => Pattern::SearchedEven,
    };
    let slots = [
        number("first", first.into()),
        text("tried", tried),
        number("found", found.into()),
    ];
    filled(lang, pattern, &slots)
}

/// `✓ 9 of 9 calls equal on Linux 6.18.44`, without the mark.
pub fn equal_calls(lang: Lang, equal: u32, all: u32, kernel: &str) -> String {
    let slots = [
        number("equal", equal),
        number("all", all),
        text("kernel", kernel),
    ];
    filled(lang, Pattern::EqualCalls, &slots)
}

/// What a source is called, for those who hear the page.
pub fn source_of(lang: Lang, name: &str) -> String {
    filled(lang, Pattern::SourceOf, &[text("name", name)])
}

/// `+3 more`.
pub fn more(lang: Lang, count: usize) -> String {
    filled(lang, Pattern::More, &[number("count", count as u32)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const LANGS: [Lang; 2] = [Lang::En, Lang::Ko];

    #[test]
    fn the_files_have_exactly_the_names_of_the_page() {
        let wanted: BTreeSet<_> = [Text::NAMES, Pattern::NAMES].concat().into_iter().collect();
        for lang in LANGS {
            let names: Vec<_> = lang.sheet().all().map(|(name, ..)| name).collect();
            let listed = names.iter().filter_map(|name| name.strip_prefix("page."));
            assert_eq!(listed.collect::<BTreeSet<_>>(), wanted, "{lang:?}");
        }
    }

    #[test]
    fn texts_have_no_placeholders() {
        for lang in LANGS {
            for key in Text::KEYS {
                let text = lang.say(key);
                assert!(!text.contains(['{', '}']), "{lang:?}: {text}");
            }
        }
    }

    #[test]
    fn patterns_are_filled() {
        for lang in LANGS {
            let kinds = [
                "retransmit",
                "delayedAck",
                "zeroWindowProbe",
                "keepAlive",
                "lossProbe",
                "timeWait",
            ];
            let mut said: Vec<_> = kinds.iter().map(|kind| timer(lang, kind, "1 s")).collect();
            said.extend(["odd", "even"].map(|parity| search(lang, 1, "2", parity, 3)));
            said.extend([
                half_open(lang, 1),
                waiting(lang, 1, 2),
                datagrams(lang, 1, 0),
                datagrams(lang, 1, 2),
                references(lang, 1),
                event_of(lang, 1, 2, true),
                kernel_chose(lang, 1),
                privileged(lang, 1),
                ephemeral(lang, 1, 2),
                ephemeral_taken(lang, "1", "2"),
                equal_calls(lang, 1, 2, "6.18"),
                source_of(lang, "a.c"),
                more(lang, 1),
            ]);
            assert_eq!(said.len(), Pattern::KEYS.len());
            for text in said {
                assert!(!text.contains(['{', '}']), "{lang:?}: {text}");
            }
        }
        assert_eq!(event_of(Lang::En, 17, 96, false), "event 17 of 96+");
        let odd = search(Lang::En, 40_001, "2", "odd", 40_003);
        assert_eq!(
            odd,
            "kernel searched odd ports from 40001: took 40003 (try 2)"
        );
        assert_eq!(
            equal_calls(Lang::Ko, 9, 9, "6.18.44"),
            "시스템 콜 9개 중 9개가 Linux 6.18.44와 같음"
        );
    }
}
