//! Every event, with every rule it could carry, in both languages; and that the files of words have nothing else.

mod samples;

use super::*;
use crate::abi::NotModelled;
use crate::base::trace_hash::TraceHash;
use crate::base::{HostId, Time};
use crate::kernel::event::{EventKind, TcpState, WaitFor};
use samples::{CALLS, STATES, VARIANTS, WAITS, samples, variant};
use std::collections::BTreeSet;

const LANGS: [Lang; 2] = [Lang::En, Lang::Ko];
const SOCK: SockId = SockId(7);
const LISTENER: SockId = SockId(1);

/// A world with a server, a client, a listener (fd 3) and its connection.
struct Fixture;

impl Names for Fixture {
    fn process(&self, pid: Pid) -> String {
        if pid.0 == 101 { "server" } else { "client" }.to_owned()
    }
    fn task(&self, tid: Tid) -> String {
        self.process(Pid(tid.0))
    }
    fn sock(&self, sock: SockId) -> String {
        if sock == LISTENER {
            "0.0.0.0:12345".to_owned()
        } else {
            "127.0.0.1:40000".to_owned()
        }
    }
    fn owner(&self, sock: SockId) -> Option<String> {
        (sock == LISTENER).then(|| "server".to_owned())
    }
    fn fd(&self, sock: SockId) -> Option<i32> {
        (sock == LISTENER).then_some(3)
    }
    fn packet(&self, _: PacketId) -> PacketNames {
        PacketNames {
            from: "client".to_owned(),
            to: "127.0.0.1:12345".to_owned(),
            to_port: 12_345,
            seq: 1,
            ack: 15,
        }
    }
}

fn say(kind: EventKind, lang: Lang) -> Explained {
    // Nobody's call is the kernel's own doing.
    let task = (!matches!(kind, EventKind::SocketCreated { .. })).then_some(Tid(102));
    let event = Event {
        at: Time::ZERO,
        host: HostId(0),
        task,
        kind,
    };
    explain(&event, lang, &Fixture)
}

fn is_korean(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

#[track_caller]
fn check_text(text: &str, lang: Lang, about: &dyn std::fmt::Debug) {
    assert!(!text.is_empty(), "{about:?}");
    let leftover = ["{", "}", "  ", "( )", "None", "Some("];
    for part in leftover {
        assert!(!text.contains(part), "{about:?}: {part:?} in {text}");
    }
    assert_eq!(text.matches("**").count() % 2, 0, "{about:?}: {text}");
    assert_eq!(text, text.trim(), "{about:?}");
    if lang == Lang::En {
        assert!(!is_korean(text), "{about:?}: {text}");
    }
}

/// Every phrase that is no event's, with what it is about.
fn phrases(lang: Lang) -> Vec<(String, String)> {
    let (call, fd) = ("accept", 3);
    let poll = Doing::Asleep {
        call: "poll",
        fd: -1,
    };
    let doings = [
        Doing::Running,
        Doing::NotStarted,
        Doing::Ready,
        Doing::InCall { call, fd },
        Doing::Asleep { call, fd },
        poll,
        Doing::Exited(0),
        Doing::Killed(13),
        Doing::Faulted,
    ];
    let names = ["server".to_owned(), "client".to_owned()];
    let endings = [
        Ending::AllEnded,
        Ending::Stuck(&names),
        Ending::Fault("client"),
        Ending::NotModelled(NotModelled::Family { domain: 1 }),
    ];
    let mut all = Vec::new();
    all.extend(WAITS.map(|on| (format!("{on:?}"), waits_until(on, 3, lang))));
    all.extend(doings.map(|doing| (format!("{doing:?}"), activity(doing, lang))));
    all.extend(endings.map(|end| (format!("{end:?}"), ending(end, lang))));
    all.extend(STATES.map(|state| (format!("{state:?}"), state_sentence(state, lang).to_owned())));
    all
}

#[test]
fn the_files_have_no_text_that_nobody_asks_for() {
    for lang in LANGS {
        for kind in samples() {
            say(kind, lang);
        }
        phrases(lang);
    }
    for sheet in Sheet::ALL {
        // The page's own words are looked after where they are.
        let ours = sheet.all().filter(|(name, ..)| !name.starts_with("page."));
        let unused = ours.filter(|(_, key, _)| !sheet.was_asked_for(*key));
        let unused: Vec<_> = unused.map(|(name, ..)| name).collect();
        assert!(unused.is_empty(), "{sheet:?}: {unused:?}");
    }
}

#[test]
fn every_event_has_the_hash_of_what_postcard_writes() {
    for kind in samples() {
        let mut hash = TraceHash::default();
        hash.add(&kind);
        assert_eq!(hash, TraceHash::of_postcard(&kind), "{kind:?}");
    }
}

#[test]
fn there_is_a_sample_of_every_event() {
    let sampled: BTreeSet<_> = samples().map(|kind| variant(&kind)).collect();
    assert_eq!(sampled, VARIANTS.iter().copied().collect());
}

#[test]
fn every_event_is_told_in_both_languages() {
    for kind in samples() {
        for lang in LANGS {
            let told = say(kind, lang);
            let about = (kind, lang);
            check_text(&told.text, lang, &about);
            check_text(&told.short, lang, &about);
            assert!(told.short.chars().count() <= 80, "{}", told.short);
            assert!(!told.short.contains("**"), "{}", told.short);
            assert!(!told.source.is_empty(), "{about:?}");
            assert_eq!(is_korean(&told.text), lang == Lang::Ko, "{}", told.text);
        }
    }
}

#[test]
fn a_text_is_a_few_sentences_and_not_a_page() {
    for kind in samples() {
        let (en, ko) = (say(kind, Lang::En).text, say(kind, Lang::Ko).text);
        assert!(en.chars().count() <= 420, "{}: {en}", en.chars().count());
        assert!(ko.chars().count() <= 280, "{}: {ko}", ko.chars().count());
        let capital = en.trim_start_matches(['*', '“']).chars().next();
        let name = en.starts_with("**") || en.starts_with("connect()");
        assert!(name || capital.is_some_and(|c| !c.is_lowercase()), "{en}");
    }
}

#[test]
fn every_rule_has_its_sentence_and_its_source() {
    for lang in LANGS {
        for rule in Rule::ALL {
            assert!(!rule_source(*rule).is_empty(), "{rule:?}");
            let sentence = rule_sentence(*rule, lang);
            check_text(sentence, lang, rule);
            assert!(sentence.ends_with('.'), "{sentence}");
            assert_eq!(is_korean(sentence), lang == Lang::Ko, "{sentence}");
        }
    }
}

#[test]
fn both_languages_explain_the_same_errors() {
    let explained = |lang| -> Vec<Errno> {
        let all = Errno::ALL.iter().copied();
        all.filter(|e| errno_sentence(*e, lang).is_some()).collect()
    };
    let (en, ko) = (explained(Lang::En), explained(Lang::Ko));
    assert_eq!(en, ko);
    assert!(en.len() >= 45, "{}", en.len());
    for errno in en {
        for lang in LANGS {
            let sentence = errno_sentence(errno, lang).expect("just seen");
            check_text(sentence, lang, &errno);
            assert_eq!(is_korean(sentence), lang == Lang::Ko, "{sentence}");
        }
    }
}

#[test]
fn every_call_has_a_purpose_of_its_own() {
    for lang in LANGS {
        let unknown = call_purpose("mmap", lang);
        for call in CALLS.iter().filter(|call| **call != "mmap") {
            assert_ne!(call_purpose(call, lang), unknown, "{call}");
        }
    }
}

#[test]
fn a_failed_call_names_its_error_and_what_it_means() {
    let kind = EventKind::SyscallReturned {
        call: "connect",
        fd: 3,
        ret: -111,
    };
    let told = say(kind, Lang::En);
    assert!(
        told.text
            .contains("**ECONNREFUSED** (Connection refused). The host is there")
    );
    assert_eq!(told.short, "connect() = -1 ECONNREFUSED");
    let told = say(kind, Lang::Ko).text;
    assert!(
        told.starts_with("**client**의 **connect()**가 실패합니다. 커널은 -111을"),
        "{told}"
    );
}

#[test]
fn particles_follow_what_was_put_in() {
    let to = |to| {
        let (sock, from, because) = (LISTENER, TcpState::Closed, Rule::PassiveOpen);
        say(
            EventKind::StateChanged {
                sock,
                from,
                to,
                because,
            },
            Lang::Ko,
        )
        .text
    };
    assert!(to(TcpState::Listen).starts_with("server의 소켓(fd 3)이 CLOSED에서 **LISTEN**으로 "));
    assert!(to(TcpState::SynSent).contains("**SYN-SENT**로 "));
    assert!(to(TcpState::FinWait1).contains("**FIN-WAIT-1**로 "));
}

#[test]
fn phrases_are_complete_in_both_languages() {
    for lang in LANGS {
        for (about, phrase) in phrases(lang) {
            check_text(&phrase, lang, &about);
        }
    }
    let asleep = Doing::Asleep {
        call: "accept",
        fd: 3,
    };
    assert_eq!(activity(asleep, Lang::En), "asleep in accept(3)");
    assert_eq!(
        waits_until(WaitFor::Connection, 3, Lang::En),
        "sleeps until the accept queue of fd 3 is not empty"
    );
}
