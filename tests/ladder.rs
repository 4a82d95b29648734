//! The ladder diagram at every cursor position: states stand in the order of the log, and their names beside one
//! another. The page's layout is a pure function, and is taken in here as it is.
#![allow(missing_docs)]

use sockscope::kernel::EventKind;
use sockscope::packet::Flags;
use sockscope::program::SourceFile;
use sockscope::program::c::Machine;
use sockscope::scenario::{ProgramSource, Scenario};
use sockscope::session::view::View;
use sockscope::session::{Lang, Session};

/// What the layout knows of the crate.
mod base {
    pub(crate) use sockscope::base::sorted;
}
mod session {
    pub(crate) use sockscope::session::view;
}
#[path = "../src/web/components/ladder_layout.rs"]
mod ladder_layout;

use ladder_layout::{HEAD, Ladder, Stretch, Talk, ladder, present_talk, talk_of, talks};

const WIDTH: i32 = 376;

fn open(scenario: &Scenario) -> Session<Machine> {
    let mut session = Session::open(scenario).expect("it compiles");
    explore(&mut session);
    session
}

fn explore(session: &mut Session<Machine>) {
    for _ in 0..10_000 {
        if !session.advance(1_000_000) {
            return;
        }
    }
    panic!("the run never ends");
}

fn first_life() -> Session<Machine> {
    open(&Scenario::builtin("first-life").expect("it comes with Sockscope"))
}

fn programs(sources: &[(&str, &str)]) -> Session<Machine> {
    let program = |(name, body): &(&str, &str)| {
        ProgramSource {
        name: (*name).to_owned(),
        files: vec![SourceFile::new(
            format!("{name}.c"),
            ["#include <unistd.h>\n#include <sys/socket.h>\n#include <arpa/inet.h>\n#include <string.h>\nint main(void) {\n\
              struct sockaddr_in a; memset(&a, 0, sizeof(a)); a.sin_family = AF_INET; a.sin_port = htons(8080);\n\
              a.sin_addr.s_addr = htonl(INADDR_LOOPBACK); char b[64];\n", body, "return 0; }\n"]
            .concat(),
        )],
        ..ProgramSource::default()
    }
    };
    open(&Scenario {
        programs: sources.iter().map(program).collect(),
        ..Scenario::default()
    })
}

/// Calls `check` with the picture of every moment of the run.
fn at_every_event(session: &mut Session<Machine>, mut check: impl FnMut(&Session<Machine>, &View)) {
    let events = session.log().len();
    for event in 0..=events {
        session.seek(event);
        while session.is_busy() {
            session.advance(1_000_000);
        }
        let view = session.view(Lang::En);
        check(session, &view);
    }
}

/// The states of one end of a talk as the log tells them: before any event, and by which events. Endpoints are told by
/// the addresses that were set, and listeners by what they queued.
fn truth(session: &Session<Machine>, (one, other): Talk, port: u16) -> Vec<(u32, &'static str)> {
    let peer = if port == one { other } else { one };
    let events = || (1..).zip(session.log().events.iter().map(|logged| &logged.event.kind));
    let mine: Vec<_> = events()
        .filter_map(|(_, kind)| match *kind {
            EventKind::AddressesSet {
                sock,
                local_port,
                remote_port,
                ..
            } if (local_port, remote_port) == (port, peer) => Some(sock),
            _ => None,
        })
        .collect();
    let listener = events().find_map(|(_, kind)| match *kind {
        EventKind::RequestQueued {
            listener, request, ..
        } if mine.contains(&request) => Some(listener),
        _ => None,
    });
    let mut states = vec![(0, "CLOSED")];
    let mut connected = false;
    for (event, kind) in events() {
        if let EventKind::StateChanged { sock, to, .. } = *kind {
            let is_mine = mine.contains(&sock);
            connected |= is_mine;
            if is_mine || (Some(sock) == listener && !connected) {
                states.push((event, to.name()));
            }
        }
    }
    states
}

/// The beginnings of states on a lifeline, from top to bottom.
fn beginnings<'a>(laid: &'a Ladder<'a>, lifeline: usize) -> Vec<&'a Stretch<'a>> {
    let mine = |stretch: &&Stretch| stretch.lifeline == lifeline && stretch.named;
    laid.stretches.iter().filter(mine).collect()
}

/// What holds of every picture: a lifeline is coloured from its head to its foot without a gap, the past above the
/// present and the future below; no name stands on another one; every arrow and every pause is where its time is.
fn is_sound(view: &View, laid: &Ladder, at: &str) {
    for lifeline in 0..laid.lifelines.len() {
        let mine = |stretch: &&Stretch| stretch.lifeline == lifeline;
        let mut end = HEAD + 2;
        for stretch in laid.stretches.iter().filter(mine) {
            assert_eq!(stretch.top, end, "{at}: no gap before {}", stretch.state);
            assert!(stretch.top < stretch.bottom, "{at}: {}", stretch.state);
            end = stretch.bottom;
            let (above, below) = (stretch.bottom <= laid.now, stretch.top >= laid.now);
            assert!(
                if stretch.future { below } else { above },
                "{at}: {}",
                stretch.state
            );
        }
        if laid.stretches.iter().any(|stretch| mine(&stretch)) {
            assert_eq!(end, laid.height - 16, "{at}: to the foot");
        }
        let mut free = 0;
        for stretch in beginnings(laid, lifeline) {
            // 12 px letters: above the first line's ground, and what hangs below the last one's.
            let lines = 1 + i32::from(stretch.state.contains('-'));
            let top = stretch.label - 10;
            assert!(
                top >= free,
                "{at}: the name {} stands on another",
                stretch.state
            );
            free = stretch.label + 13 * (lines - 1) + 3;
            assert!(
                free <= laid.height,
                "{at}: the name {} is cut",
                stretch.state
            );
        }
    }
    for arrow in &laid.arrows {
        let told = &view.ladder[arrow.segment];
        assert!(arrow.from.1 <= arrow.to.1, "{at}: an arrow goes up");
        assert_eq!(told.future, arrow.from.1 > laid.now, "{at}: {}", told.flags);
    }
    for pause in &laid.pauses {
        assert!(
            pause.nanoseconds >= 1_000_000 && pause.y < laid.height,
            "{at}"
        );
    }
}

/// The picture of a talk is sound, and its lifelines tell these states, by these events.
fn tells(view: &View, talk: Talk, states: impl Fn(u16) -> Vec<(u32, &'static str)>) {
    let laid = ladder(view, Some(talk), WIDTH);
    let at = format!("event {}, {talk:?}", view.cursor.event);
    is_sound(view, &laid, &at);
    let mut moments: Vec<(u32, i32)> = Vec::new();
    for arrow in &laid.arrows {
        let told = &view.ladder[arrow.segment];
        moments.push((told.sent_event, arrow.from.1));
        moments.extend(told.arrived_event.map(|event| (event, arrow.to.1)));
    }
    for (lifeline, line) in laid.lifelines.iter().enumerate() {
        let expected = states(line.ports[0]);
        let found = beginnings(&laid, lifeline);
        let names =
            |states: &[(u32, &'static str)]| states.iter().map(|(_, s)| *s).collect::<Vec<_>>();
        let told: Vec<&str> = found.iter().map(|stretch| stretch.state).collect();
        assert_eq!(told, names(&expected), "{at}: port {}", line.ports[0]);
        for (stretch, (event, state)) in found.iter().zip(expected) {
            let future = event > view.cursor.event;
            assert_eq!(
                stretch.future, future,
                "{at}: {state} is told by event {event}"
            );
            moments.push((event, stretch.top));
        }
    }
    moments.sort_unstable();
    assert!(moments.is_sorted_by_key(|(_, y)| *y), "{at}: {moments:?}");
}

fn names(session: &Session<Machine>, talk: Talk, port: u16) -> Vec<&'static str> {
    let states = truth(session, talk, port);
    states.into_iter().map(|(_, state)| state).collect()
}

#[test]
fn the_states_of_the_first_life_are_those_of_the_log_at_every_event() {
    let mut session = first_life();
    let view = session.view(Lang::En);
    let talk = present_talk(&view.ladder).expect("they talk");
    assert_eq!(
        names(&session, talk, 12345),
        [
            "CLOSED",
            "LISTEN",
            "SYN-RECEIVED",
            "ESTABLISHED",
            "FIN-WAIT-1",
            "FIN-WAIT-2",
            "TIME-WAIT",
            "CLOSED"
        ]
    );
    let port = if talk.0 == 12345 { talk.1 } else { talk.0 };
    assert_eq!(
        names(&session, talk, port),
        [
            "CLOSED",
            "SYN-SENT",
            "ESTABLISHED",
            "CLOSE-WAIT",
            "LAST-ACK",
            "CLOSED"
        ]
    );
    at_every_event(&mut session, |session, view| {
        assert_eq!(talks(&view.ladder), [talk]);
        tells(view, talk, |port| truth(session, talk, port));
        is_sound(view, &ladder(view, None, WIDTH), "all talks");
    });
}

#[test]
fn both_ends_in_one_process_have_a_lifeline_each() {
    let mut session = programs(&[(
        "alone",
        "int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);\n\
         bind(l, (struct sockaddr *)&a, sizeof(a)); listen(l, 1);\n\
         connect(c, (struct sockaddr *)&a, sizeof(a)); int s = accept(l, NULL, NULL);\n\
         send(s, \"x\", 1, 0); recv(c, b, sizeof(b), 0); close(c); close(s); close(l);\n",
    )]);
    at_every_event(&mut session, |session, view| {
        let talk = present_talk(&view.ladder).expect("it talks to itself");
        assert_eq!(ladder(view, Some(talk), WIDTH).lifelines.len(), 2);
        tells(view, talk, |port| truth(session, talk, port));
    });
}

#[test]
fn of_several_connections_each_has_its_own_states() {
    let mut session = programs(&[
        (
            "server",
            "int l = socket(AF_INET, SOCK_STREAM, 0); bind(l, (struct sockaddr *)&a, sizeof(a)); listen(l, 5);\n\
             for (int i = 0; i < 3; i++) { int s = accept(l, NULL, NULL); send(s, \"x\", 1, 0); close(s); }\n",
        ),
        (
            "client",
            "for (int i = 0; i < 3; i++) { int c = socket(AF_INET, SOCK_STREAM, 0);\n\
             connect(c, (struct sockaddr *)&a, sizeof(a)); recv(c, b, sizeof(b), 0); close(c); }\n",
        ),
    ]);
    at_every_event(&mut session, |session, view| {
        for talk in talks(&view.ladder) {
            tells(view, talk, |port| truth(session, talk, port));
        }
        is_sound(view, &ladder(view, None, WIDTH), "all talks");
    });
}

#[test]
fn a_refused_client_returns_to_closed_and_the_other_end_never_left_it() {
    let mut session = programs(&[(
        "client",
        "int c = socket(AF_INET, SOCK_STREAM, 0); connect(c, (struct sockaddr *)&a, sizeof(a));\n",
    )]);
    at_every_event(&mut session, |session, view| {
        let talk = present_talk(&view.ladder).expect("a SYN and its refusal");
        tells(view, talk, |port| truth(session, talk, port));
    });
}

#[test]
fn a_lost_segment_leads_to_the_same_lifeline_as_the_others() {
    let mut session = first_life();
    while session.view(Lang::En).wire.is_empty() {
        session.seek(session.event() + 1);
    }
    session.lose_packet();
    explore(&mut session);
    assert!(session.log().travels[0].lost);
    at_every_event(&mut session, |session, view| {
        let talk = talk_of(&view.ladder[0]);
        let lines = ladder(view, Some(talk), WIDTH).lifelines;
        let processes: Vec<_> = lines.iter().map(|line| line.process).collect();
        assert_eq!(processes, [Some(1), Some(0)]);
        tells(view, talk, |port| truth(session, talk, port));
    });
}

#[test]
fn a_time_wait_behind_an_open_descriptor_follows_the_connections_states() {
    // shutdown(2) closes both directions and keeps the descriptor: TIME-WAIT is a socket of its own.
    let mut session = programs(&[
        (
            "server",
            "int l = socket(AF_INET, SOCK_STREAM, 0); bind(l, (struct sockaddr *)&a, sizeof(a)); listen(l, 5);\n\
             int s = accept(l, NULL, NULL); recv(s, b, sizeof(b), 0); close(s);\n",
        ),
        (
            "client",
            "int c = socket(AF_INET, SOCK_STREAM, 0); connect(c, (struct sockaddr *)&a, sizeof(a));\n\
             shutdown(c, SHUT_RDWR); sleep(1); close(c);\n",
        ),
    ]);
    at_every_event(&mut session, |_, view| {
        let talk = present_talk(&view.ladder).expect("they talk");
        let laid = ladder(view, Some(talk), WIDTH);
        is_sound(view, &laid, "a held TIME-WAIT");
        let states: Vec<&str> = beginnings(&laid, 0)
            .iter()
            .map(|stretch| stretch.state)
            .collect();
        assert_eq!(
            states,
            [
                "CLOSED",
                "SYN-SENT",
                "ESTABLISHED",
                "FIN-WAIT-1",
                "FIN-WAIT-2",
                "TIME-WAIT",
                "CLOSED"
            ]
        );
    });
}

#[test]
fn of_a_simultaneous_close_both_ends_are_told() {
    let mut session = programs(&[
        (
            "server",
            "int l = socket(AF_INET, SOCK_STREAM, 0); bind(l, (struct sockaddr *)&a, sizeof(a)); listen(l, 5);\n\
             int s = accept(l, NULL, NULL); recv(s, b, sizeof(b), 0); close(s);\n",
        ),
        (
            "client",
            "int c = socket(AF_INET, SOCK_STREAM, 0); connect(c, (struct sockaddr *)&a, sizeof(a));\n\
             send(c, \"x\", 1, 0); usleep(20000); close(c);\n",
        ),
    ]);
    // The server's FIN is lost, and the client closes before it comes again.
    let fin = session
        .log()
        .travels
        .iter()
        .find(|travel| travel.head.flags.has(Flags::FIN));
    let sent = fin.expect("the server closes").sent.1;
    session.seek(sent);
    session.lose_packet();
    explore(&mut session);
    let mut passed = Vec::new();
    at_every_event(&mut session, |session, view| {
        let talk = present_talk(&view.ladder).expect("they talk");
        tells(view, talk, |port| truth(session, talk, port));
        passed = names(session, talk, 8080);
    });
    assert_eq!(
        passed[4..],
        ["FIN-WAIT-1", "CLOSING", "TIME-WAIT", "CLOSED"]
    );
}
