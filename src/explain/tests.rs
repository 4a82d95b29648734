//! Every event, with every rule it could carry, in both languages.

use super::*;
use crate::abi::NotModelled;
use crate::base::{HostId, Seq, Time};
use crate::kernel::event::EventKind;
use crate::kernel::event::{Head, TcpState, TimerKind, WaitFor};
use crate::packet::Flags;
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
            "127.0.0.1:12345 ↔ 127.0.0.1:40000".to_owned()
        }
    }
    fn owner(&self, sock: SockId) -> Option<String> {
        (sock == LISTENER).then(|| "server".to_owned())
    }
    fn fd(&self, sock: SockId) -> Option<i32> {
        (sock == LISTENER).then_some(3)
    }
    fn file(&self, _: FileId) -> Option<SockId> {
        Some(LISTENER)
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

/// The names of all variants; a new one does not compile until it is here, and then needs a sample.
macro_rules! variants {
    ($($name:ident)*) => {
        const VARIANTS: &[&str] = &[$(stringify!($name),)*];
        fn variant(kind: &EventKind) -> &'static str {
            match kind { $(EventKind::$name { .. } => stringify!($name),)* }
        }
    };
}

variants! {
    ProcessStarted ProcessExited ProcessKilled SyscallEntered SyscallReturned TaskSlept TaskWoke
    ConsoleWrote ConsoleRead FileOpened FileReleased DescriptorInstalled DescriptorClosed
    SocketCreated SocketDestroyed SocketOrphaned OptionSet StateChanged ErrorNoted ErrorConsumed
    Shutdown PortBound PortReleased PortConflict PortSearch PortChosen AddressesSet BacklogSet
    RequestQueued RequestDropped AcceptQueued AcceptDequeued ListenOverflow SegmentSent
    SegmentDelivered SegmentLost SegmentIgnored DataQueued DataAcked DataArrived DataOutOfOrder
    DataRead DataDiscarded RttMeasured TimerSet TimerStopped TimerExpired NotModelled
}

fn head(flags: Flags, len: u32) -> Head {
    Head {
        flags,
        seq: Seq(1),
        ack: Seq(2),
        len,
        window: 512,
    }
}

const STATES: [TcpState; 11] = [
    TcpState::Closed,
    TcpState::Listen,
    TcpState::SynSent,
    TcpState::SynReceived,
    TcpState::Established,
    TcpState::FinWait1,
    TcpState::FinWait2,
    TcpState::CloseWait,
    TcpState::Closing,
    TcpState::LastAck,
    TcpState::TimeWait,
];
const TIMERS: [TimerKind; 4] = [
    TimerKind::Retransmit,
    TimerKind::DelayedAck,
    TimerKind::ZeroWindowProbe,
    TimerKind::TimeWait,
];
const WAITS: [WaitFor; 6] = [
    WaitFor::Connection,
    WaitFor::Handshake,
    WaitFor::Data,
    WaitFor::SendSpace,
    WaitFor::AnyOf,
    WaitFor::Time,
];
const CALLS: [&str; 20] = [
    "socket",
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "sendto",
    "recvfrom",
    "read",
    "write",
    "close",
    "shutdown",
    "poll",
    "nanosleep",
    "getsockname",
    "getpeername",
    "setsockopt",
    "getsockopt",
    "exit_group",
    "fork",
];

/// Events that carry no rule.
fn plain() -> Vec<EventKind> {
    let (pid, file, sock, timer) = (Pid(101), FileId(4), SOCK, TIMERS[0]);
    let mut all = vec![
        EventKind::ProcessStarted { pid },
        EventKind::ProcessExited { pid, status: 1 },
        EventKind::ConsoleWrote { fd: 1, len: 24 },
        EventKind::ConsoleRead { fd: 0, len: 3 },
        EventKind::ConsoleRead { fd: 0, len: 0 },
        EventKind::FileOpened { file, sock },
        EventKind::FileReleased { file, sock: None },
        EventKind::SocketOrphaned { sock },
        EventKind::BacklogSet { sock, backlog: 5 },
        EventKind::RequestQueued {
            listener: LISTENER,
            request: sock,
            len: 1,
        },
        EventKind::AcceptQueued {
            listener: LISTENER,
            sock,
            len: 1,
        },
        EventKind::AcceptDequeued {
            listener: LISTENER,
            sock,
            len: 0,
        },
        EventKind::DataQueued {
            sock,
            len: 14,
            queued: 14,
        },
        EventKind::DataAcked {
            sock,
            len: 14,
            queued: 0,
        },
        EventKind::DataArrived {
            sock,
            len: 14,
            queued: 14,
        },
        EventKind::DataOutOfOrder { sock, len: 14 },
        EventKind::DataRead {
            sock,
            len: 14,
            queued: 0,
        },
        EventKind::RttMeasured {
            sock,
            rtt: 31,
            rto: 201_000,
        },
        EventKind::FileReleased {
            file,
            sock: Some(sock),
        },
        EventKind::TimerExpired {
            sock,
            timer,
            attempt: 2,
        },
        EventKind::OptionSet {
            sock: LISTENER,
            level: 1,
            optname: 2,
            value: 1,
        },
        EventKind::OptionSet {
            sock: LISTENER,
            level: 6,
            optname: 1,
            value: 1,
        },
    ];
    for signal in [9, 13] {
        all.push(EventKind::ProcessKilled { pid, signal });
    }
    for fd in [0, 3] {
        all.push(EventKind::DescriptorInstalled { pid, fd, file });
        let refs_left = fd as u32;
        all.push(EventKind::DescriptorClosed {
            pid,
            fd,
            file,
            refs_left,
        });
    }
    for call in CALLS {
        for fd in [-1, 3] {
            all.push(EventKind::SyscallEntered { call, fd });
        }
        for ret in [0, 5, -111] {
            all.push(EventKind::SyscallReturned { call, fd: 3, ret });
        }
    }
    for on in WAITS {
        let with = matches!(on, WaitFor::AnyOf | WaitFor::Time);
        let sock = (!with).then_some(LISTENER);
        all.push(EventKind::TaskSlept { on, sock });
    }
    for timer in TIMERS {
        let deadline = Time(60_000_000_000);
        all.push(EventKind::TimerSet {
            sock,
            timer,
            deadline,
        });
        all.push(EventKind::TimerStopped { sock, timer });
        all.push(EventKind::TimerExpired {
            sock,
            timer,
            attempt: 1,
        });
    }
    for errno in Errno::ALL {
        all.push(EventKind::ErrorConsumed {
            sock,
            errno: *errno,
        });
    }
    for what in [
        NotModelled::Family { domain: 1 },
        NotModelled::Type {
            domain: 2,
            ty: 2,
            protocol: 0,
        },
        NotModelled::Option {
            level: 1,
            optname: 9,
        },
        NotModelled::MessageFlags { flags: 1 },
        NotModelled::CallOnFile {
            call: "read",
            fd: 0,
        },
        NotModelled::Tcp {
            what: "answering with SYN cookies",
        },
    ] {
        all.push(EventKind::NotModelled { what });
    }
    for sock in [None, Some(sock)] {
        let (packet, head) = (PacketId(3), head(Flags::SYN, 0));
        all.push(EventKind::SegmentDelivered { packet, sock, head });
    }
    all
}

/// Events that carry that rule.
fn ruled(because: Rule) -> Vec<EventKind> {
    let (sock, port, packet) = (SOCK, 12_345, PacketId(3));
    let mut all = vec![
        EventKind::SocketCreated { sock, because },
        EventKind::SocketDestroyed { sock, because },
        EventKind::ErrorNoted {
            sock,
            errno: Errno::ECONNREFUSED,
            because,
        },
        EventKind::PortBound {
            sock,
            port,
            because,
        },
        EventKind::PortReleased {
            sock,
            port,
            because,
        },
        EventKind::PortConflict {
            sock,
            port,
            with: LISTENER,
            because,
        },
        EventKind::PortSearch {
            sock,
            first: 40_000,
            low: 32_768,
            high: 60_999,
            because,
        },
        EventKind::PortSearch {
            sock,
            first: 40_001,
            low: 32_768,
            high: 60_999,
            because,
        },
        EventKind::PortChosen {
            sock,
            port,
            tried: 2,
            because,
        },
        EventKind::PortChosen {
            sock,
            port: 0,
            tried: 28_232,
            because,
        },
        EventKind::AddressesSet {
            sock,
            local_port: port,
            remote_port: 40_000,
            because,
        },
        EventKind::RequestDropped {
            listener: LISTENER,
            request: sock,
            because,
        },
        EventKind::ListenOverflow {
            listener: LISTENER,
            because,
        },
        EventKind::SegmentIgnored {
            packet,
            sock: Some(sock),
            because,
        },
        EventKind::SegmentIgnored {
            packet,
            sock: None,
            because,
        },
        EventKind::DataDiscarded {
            sock,
            len: 3,
            because,
        },
    ];
    for (receive, send) in [(true, false), (false, true), (true, true)] {
        all.push(EventKind::Shutdown {
            sock,
            receive,
            send,
            because,
        });
    }
    for on in WAITS {
        let sock = Some(LISTENER);
        all.push(EventKind::TaskWoke { on, sock, because });
    }
    for (from, to) in STATES.into_iter().zip(STATES.into_iter().cycle().skip(1)) {
        all.push(EventKind::StateChanged {
            sock,
            from,
            to,
            because,
        });
    }
    let ack = Flags::ACK;
    for (flags, len) in [
        (Flags::SYN, 0),
        (Flags::SYN | ack, 0),
        (ack, 0),
        (Flags::PSH | ack, 14),
        (Flags::FIN | ack, 0),
        (Flags::FIN | ack, 14),
        (Flags::RST | ack, 0),
        (Flags(0), 0),
    ] {
        let head = head(flags, len);
        all.push(EventKind::SegmentSent {
            packet,
            sock: Some(sock),
            head,
            because,
        });
        all.push(EventKind::SegmentLost {
            packet,
            head,
            because,
        });
    }
    all
}

fn samples() -> impl Iterator<Item = EventKind> {
    let ruled = Rule::ALL.iter().flat_map(|rule| ruled(*rule));
    plain().into_iter().chain(ruled)
}

fn say(kind: EventKind, lang: Lang) -> Explained {
    let task = Some(Tid(102));
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
fn every_rule_and_state_has_its_sentence() {
    for lang in LANGS {
        for rule in Rule::ALL {
            let sentence = rule_sentence(*rule, lang);
            check_text(sentence, lang, rule);
            assert!(sentence.ends_with('.'), "{sentence}");
            assert_eq!(is_korean(sentence), lang == Lang::Ko, "{sentence}");
        }
        for state in STATES {
            check_text(state_sentence(state, lang), lang, &state);
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
        let unknown = call_purpose("fork", lang).0;
        for call in CALLS.iter().filter(|call| **call != "fork") {
            assert_ne!(call_purpose(call, lang).0, unknown, "{call}");
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
    assert_eq!(told.short, "connect() = −1 ECONNREFUSED");
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
        for on in WAITS {
            check_text(&waits_until(on, 3, lang), lang, &on);
        }
        let (call, fd) = ("accept", 3);
        for doing in [
            Doing::Running,
            Doing::Ready,
            Doing::InCall { call, fd },
            Doing::Asleep { call, fd },
            Doing::Asleep {
                call: "poll",
                fd: -1,
            },
            Doing::Exited(0),
            Doing::Killed(13),
            Doing::Faulted,
        ] {
            check_text(&activity(doing, lang), lang, &doing);
        }
        let names = ["server".to_owned(), "client".to_owned()];
        let family = NotModelled::Family { domain: 1 };
        for end in [
            Ending::AllEnded,
            Ending::Stuck(&names),
            Ending::Fault("client"),
            Ending::NotModelled(family),
        ] {
            check_text(&ending(end, lang), lang, &end);
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
