//! Stepping forward and back through the blog's programs, and changing their future.
#![allow(missing_docs)]

use sockscope::base::parts::{self, Parts};
use sockscope::explain::rule_source;
use sockscope::kernel::{EventKind, TcpState};
use sockscope::program::SourceFile;
use sockscope::program::c::Machine;
use sockscope::scenario::{ProgramSource, Scenario};
use sockscope::session::view::{Activity, View};
use sockscope::session::{Lang, Session, StepKind};

fn first_life() -> Session<Machine> {
    let scenario = Scenario::builtin("first-life").expect("it comes with Sockscope");
    Session::open(&scenario).expect("it compiles")
}

fn programs(sources: &[(&str, &str)]) -> Session<Machine> {
    let program = |(name, text): &(&str, &str)| ProgramSource {
        name: (*name).to_owned(),
        files: vec![SourceFile::new(format!("{name}.c"), *text)],
        ..ProgramSource::default()
    };
    let scenario = Scenario {
        programs: sources.iter().map(program).collect(),
        ..Scenario::default()
    };
    Session::open(&scenario).expect("they compile")
}

/// A value as JSON, made of its parts as the page makes objects of them.
#[derive(Default)]
struct Json {
    text: String,
    /// What closes what is open.
    open: Vec<&'static str>,
}

impl Json {
    fn put(&mut self, text: &str) {
        self.text += text;
        self.text += ",";
    }
}

impl Parts for Json {
    fn flag(&mut self, on: bool) {
        self.put(&on.to_string());
    }
    fn octet(&mut self, number: u8) {
        self.put(&number.to_string());
    }
    fn unsigned(&mut self, number: u64) {
        self.put(&number.to_string());
    }
    fn signed(&mut self, number: i64) {
        self.put(&number.to_string());
    }
    fn text(&mut self, text: &str) {
        self.put(&serde_json::to_string(text).unwrap());
    }
    fn optional(&mut self, there: bool) {
        if !there {
            self.put("null");
        }
    }
    fn variant(&mut self, _: u32, name: &'static str) {
        self.text(name);
    }
    fn open_variant(&mut self, _: u32, name: &'static str) {
        self.open_fields();
        self.name(name);
    }
    fn open_list(&mut self, _: Option<usize>) {
        self.text += "[";
        self.open.push("]");
    }
    fn open_fields(&mut self) {
        self.text += "{";
        self.open.push("}");
    }
    fn name(&mut self, name: &'static str) {
        self.text += &format!("{name:?}:");
    }
    fn close(&mut self) {
        self.text = self.text.trim_end_matches(',').to_owned();
        let close = self.open.pop().expect("something is open");
        self.put(close);
    }
}

#[test]
fn a_view_is_told_as_its_fields_are() {
    let mut session = first_life();
    while session.advance(100_000) {}
    for event in (0..session.log().len()).step_by(7) {
        session.seek(event);
        settle(&mut session);
        let view = session.view(Lang::En);
        let mut json = Json::default();
        parts::tell(&view, &mut json);
        let told: serde_json::Value =
            serde_json::from_str(json.text.trim_end_matches(',')).expect("it is JSON");
        assert_eq!(told, serde_json::to_value(&view).unwrap());
    }
}

/// Lets the session finish what it is doing.
fn settle(session: &mut Session<Machine>) {
    for _ in 0..10_000 {
        if !session.is_busy() {
            return;
        }
        session.advance(1_000_000);
    }
    panic!("a step never ends");
}

fn explore(session: &mut Session<Machine>) {
    for _ in 0..10_000 {
        if !session.advance(1_000_000) {
            return;
        }
    }
    panic!("the run never ends");
}

/// Every view from the beginning to the end by steps of one kind.
fn forward(session: &mut Session<Machine>, kind: StepKind) -> Vec<View> {
    let mut views = vec![session.view(Lang::En)];
    for _ in 0..10_000 {
        let before = session.view(Lang::En).cursor;
        session.step(kind, 1);
        settle(session);
        let view = session.view(Lang::En);
        if view.cursor == before {
            return views;
        }
        views.push(view);
    }
    panic!("the steps never reach the end");
}

/// What a picture shows, without what only tells how one came there.
fn picture(view: &View) -> View {
    let mut picture = view.clone();
    picture.changes.clear();
    picture.ports.search = None;
    picture.cursor.events = 0;
    for socket in &mut picture.sockets {
        socket.changed = false;
    }
    for file in &mut picture.files {
        file.changed = false;
    }
    for port in &mut picture.ports.used {
        port.changed = false;
    }
    for fd in picture.processes.iter_mut().flat_map(|p| &mut p.fds) {
        fd.changed = false;
    }
    picture
}

/// Compares two pictures without printing them whole.
fn same(found: &View, expected: &View, kind: StepKind) {
    let (a, b) = (picture(found), picture(expected));
    let at = |view: &View| (view.cursor.event, view.cursor.tick);
    assert_eq!(at(&a), at(&b), "{kind:?}: another moment");
    assert!(
        a.sockets == b.sockets,
        "{kind:?}: other sockets at {:?}",
        at(&a)
    );
    assert!(
        a.processes == b.processes,
        "{kind:?}: other processes at {:?}",
        at(&a)
    );
    assert!(a == b, "{kind:?}: another picture at {:?}", at(&a));
}

#[test]
fn stepping_by_packets_passes_established_on_both_ends_and_ends_with_time_wait() {
    let mut session = first_life();
    explore(&mut session);
    let views = forward(&mut session, StepKind::Packet);
    let established = |view: &View| {
        view.sockets
            .iter()
            .filter(|s| s.state == "ESTABLISHED")
            .count()
            == 2
    };
    assert!(
        views.iter().any(established),
        "both ends are ESTABLISHED at some stop"
    );
    let data = |view: &View, from: u32| {
        view.ladder
            .iter()
            .any(|s| s.len == 14 && s.from.process == Some(from) && !s.future)
    };
    assert!(
        views.iter().any(|view| data(view, 0) && data(view, 1)),
        "data went both ways"
    );
    let time_wait = |view: &View| view.sockets.iter().any(|s| s.state == "TIME-WAIT");
    assert!(views.iter().any(time_wait));
}

#[test]
fn back_shows_the_same_pictures_for_every_kind_of_step() {
    for kind in [
        StepKind::Event,
        StepKind::Packet,
        StepKind::Syscall,
        StepKind::Line,
    ] {
        let mut session = first_life();
        explore(&mut session);
        let views = forward(&mut session, kind);
        assert!(views.len() > 10, "{kind:?}: {} stops", views.len());
        // The end is a stop by itself; from the last stop of the kind on, back is forward reversed.
        for expected in views[..views.len() - 1].iter().rev() {
            session.back(kind, 1);
            settle(&mut session);
            let view = session.view(Lang::En);
            same(&view, expected, kind);
        }
        assert!(session.view(Lang::En).cursor.at_start);
    }
}

#[test]
fn scrubbing_anywhere_shows_what_stepping_showed() {
    let mut session = first_life();
    explore(&mut session);
    let views = forward(&mut session, StepKind::Event);
    let last = session.view(Lang::En).cursor.events;
    // A stride that is coprime to the length visits every event in a scrambled order.
    let stride = (1..)
        .map(|n| 37 + n)
        .find(|n| !last.is_multiple_of(*n))
        .unwrap_or(1);
    let mut event = 0;
    for _ in 0..last {
        event = (event + stride) % last;
        session.seek(event);
        settle(&mut session);
        let view = session.view(Lang::En);
        let expected = views.iter().find(|v| v.cursor.event == view.cursor.event);
        same(
            &view,
            expected.expect("every event was passed"),
            StepKind::Event,
        );
    }
}

#[test]
fn the_server_sleeps_in_accept_until_the_third_segment_arrives() {
    let mut session = first_life();
    explore(&mut session);
    let woke = session
        .log()
        .events
        .iter()
        .position(|l| matches!(l.event.kind, EventKind::TaskWoke { .. }));
    let woke = session.log().events[woke.expect("accept() wakes")];
    let before = session
        .log()
        .events
        .iter()
        .filter(|l| l.tick < woke.tick)
        .count();
    session.seek(before as u32);
    settle(&mut session);
    let view = session.view(Lang::En);
    assert_eq!(view.processes[0].activity, Activity::Asleep);
    assert_eq!(view.processes[0].library.as_deref(), Some("accept"));
}

#[test]
fn a_lost_segment_is_sent_again_and_the_run_ends_as_before() {
    let mut session = first_life();
    explore(&mut session);
    let syn = session
        .log()
        .events
        .iter()
        .position(|l| matches!(l.event.kind, EventKind::SegmentSent { .. }));
    session.seek(syn.expect("a SYN is sent") as u32 + 1);
    settle(&mut session);
    session.lose_packet();
    explore(&mut session);
    session.seek(u32::MAX);
    settle(&mut session);
    let view = session.view(Lang::En);
    assert!(view.ladder[0].lost);
    assert!(view.ladder[1].retransmission && view.ladder[1].flags == "SYN");
    assert_eq!(view.ladder[1].sent / 1_000_000_000, 1, "after a second");
    assert_eq!(view.processes[1].exit, Some(0));
}

#[test]
fn letting_the_client_run_first_has_its_connection_refused() {
    let mut session = first_life();
    assert!(session.view(Lang::En).choice.is_some());
    session.choose(1);
    explore(&mut session);
    session.seek(u32::MAX);
    settle(&mut session);
    let view = session.view(Lang::En);
    assert_eq!(view.processes[1].exit, Some(1));
    let lines = |needle: &str| view.strace.iter().any(|line| line.text.contains(needle));
    assert!(lines("ECONNREFUSED"));
}

#[test]
fn a_program_that_never_ends_can_be_stepped_and_left() {
    let mut session = programs(&[("loop", "int main(void) { for (;;) ; }")]);
    for _ in 0..20 {
        session.advance(100_000);
    }
    for _ in 0..5 {
        session.step(StepKind::Line, 0);
        session.advance(100_000);
    }
    session.reset();
    settle(&mut session);
    assert!(session.view(Lang::En).cursor.at_start);
}

#[test]
fn every_state_of_the_client_is_logged_with_the_rule_that_decided_it() {
    let mut session = first_life();
    explore(&mut session);
    let to: Vec<TcpState> = session
        .log()
        .events
        .iter()
        .filter_map(|l| match l.event.kind {
            EventKind::StateChanged { to, because, .. } => {
                assert!(!rule_source(because).is_empty());
                Some(to)
            }
            _ => None,
        })
        .collect();
    for state in [
        TcpState::SynSent,
        TcpState::SynReceived,
        TcpState::FinWait1,
        TcpState::CloseWait,
    ] {
        assert!(to.contains(&state), "{state:?}");
    }
}

#[test]
fn udp_sockets_show_their_protocol_and_whole_datagrams_and_no_state() {
    let mut session = programs(&[
        ("server", include_str!("programs/sockets/udp_server.c")),
        ("client", include_str!("programs/sockets/udp_client.c")),
    ]);
    explore(&mut session);
    let views = forward(&mut session, StepKind::Event);
    let last = views.last().expect("a run has a last picture");
    assert_eq!(last.ending.as_ref().map(|e| e.kind), Some("allEnded"));
    let flags: Vec<&str> = last.ladder.iter().map(|s| s.flags.as_str()).collect();
    assert_eq!(flags, ["UDP"; 6]);
    for segment in &last.ladder {
        assert_eq!(segment.protocol, "udp");
        assert!(segment.from.state.is_empty() && segment.to.state.is_empty());
        assert!(!segment.retransmission && segment.to.sock.is_some());
    }
    let sockets = || views.iter().flat_map(|view| &view.sockets);
    assert!(sockets().all(|socket| socket.state == "UDP" && socket.connection.is_none()));
    let waited = sockets()
        .filter_map(|s| s.datagrams.as_ref())
        .find(|d| d.waiting == 1);
    let waited = waited.expect("a datagram was seen in its queue");
    assert_eq!(
        (waited.octets, waited.memory, waited.text.as_str()),
        (14, 832, "Hello, server!")
    );
    let ports = views.iter().flat_map(|view| &view.ports.used);
    assert!(
        ports
            .clone()
            .any(|port| port.udp && port.label == "server UDP fd 3")
    );
    assert!(ports.clone().all(|port| port.udp));
    for view in &views {
        let told = view.now.iter().map(|now| now.text.as_str());
        for text in told {
            assert!(
                !text.contains("CLOSED") && !text.contains("handshake under way"),
                "{text}"
            );
        }
    }
}

#[test]
fn bookmarks_are_found_as_far_as_the_run_is_known() {
    let mut session = first_life();
    let marks = session.view(Lang::En).bookmarks;
    assert!(marks.len() > 1 && marks.iter().all(|mark| mark.event.is_none()));
    explore(&mut session);
    let marks = session.view(Lang::Ko).bookmarks;
    for mark in marks {
        assert!(!mark.label.is_ascii(), "in Korean: {}", mark.label);
        session.seek(mark.event.expect("the run is known"));
        settle(&mut session);
        let now = session.view(Lang::En).now.expect("something happened");
        let kinds = ["SyscallEntered", "SyscallReturned"];
        assert!(kinds.contains(&now.kind), "{}: {}", mark.label, now.kind);
        assert_eq!(now.process, Some(mark.process));
    }
}

#[test]
fn a_thread_or_copy_knows_its_program() {
    let source = "#include <unistd.h>\nint main(void) {\n    fork();\n    return 0;\n}\n";
    let mut session = programs(&[("one", "int main(void) { return 0; }"), ("two", source)]);
    explore(&mut session);
    session.seek(u32::MAX);
    settle(&mut session);
    let processes = session.view(Lang::En).processes;
    let programs: Vec<u32> = processes.iter().map(|process| process.program).collect();
    assert_eq!(programs, [0, 1, 1]);
}
