//! What several programs do to each other, and what the network shows of it.

use crate::support::*;
use sockscope::abi::Syscall;
use sockscope::abi::constants::*;
use sockscope::native::{
    Captured, CapturedOption, Error, Isolation, Settled, SocketRow, SocketState, Stage, StageConfig,
};
use std::time::{Duration, Instant};

const SYN: u8 = 2;
const ACK: u8 = 16;
const SYN_ACK: u8 = SYN | ACK;

#[test]
fn a_whole_exchange_with_accept_asleep_first() {
    let mut stage = stage();
    let (server, client) = (ordinary(&mut stage), ordinary(&mut stage));
    let at = listener(&mut stage, server, "127.0.0.1:0", 5);
    assert_eq!(grant(&mut stage, server, accept(3)), Settled::Asleep);
    ok(&mut stage, client, socket());
    ok(&mut stage, client, connect(3, at));
    let Settled::Returned(accepted) = stage.settle(server, BOUND).unwrap() else {
        panic!("connect() wakes accept()");
    };
    assert_eq!(accepted.result, Ok(4));
    let client_name = name_in(&reply(&mut stage, client, getsockname(3)));
    assert_eq!(name_in(&accepted), client_name);
    ok(&mut stage, client, send(3, b"Hello, server!"));
    let heard = reply(&mut stage, server, recv(4, 256));
    assert_eq!(heard.written(1), Some(&b"Hello, server!"[..]));
    assert_eq!(grant(&mut stage, client, recv(3, 256)), Settled::Asleep);
    ok(&mut stage, server, write(4, b"Hello, client!"));
    let answer = woken(&mut stage, client);
    assert_eq!(answer.written(1), Some(&b"Hello, client!"[..]));
    ok(&mut stage, client, close(3));
    let end = reply(&mut stage, server, recv(4, 256));
    assert_eq!(end.result, Ok(0));
    assert!(end.writes.is_empty());
}

#[test]
fn many_rounds_settle_the_same_way() {
    let mut stage = stage();
    let (server, client) = (ordinary(&mut stage), ordinary(&mut stage));
    let at = listener(&mut stage, server, "127.0.0.1:0", 5);
    for round in 0..100 {
        assert_eq!(
            grant(&mut stage, server, accept(3)),
            Settled::Asleep,
            "{round}"
        );
        assert_eq!(ok(&mut stage, client, socket()), 3);
        let connected = grant(&mut stage, client, connect(3, at));
        let Settled::Returned(connected) = connected else {
            panic!("{round}: {connected:?}");
        };
        assert_eq!(connected.result, Ok(0), "{round}");
        let accepted = stage.settle(server, BOUND).unwrap();
        assert!(
            matches!(accepted, Settled::Returned(_)),
            "{round}: {accepted:?}"
        );
        assert_eq!(
            grant(&mut stage, client, recv(3, 10)),
            Settled::Asleep,
            "{round}"
        );
        ok(&mut stage, server, send(4, b"x"));
        let heard = stage.settle(client, BOUND).unwrap();
        assert!(matches!(heard, Settled::Returned(_)), "{round}: {heard:?}");
        ok(&mut stage, client, close(3));
        ok(&mut stage, server, close(4));
    }
}

#[test]
fn a_full_send_buffer_puts_the_writer_to_sleep() {
    let mut pair = pair();
    let (stage, client, server) = (&mut pair.stage, pair.client, pair.server);
    let much = vec![1; 20 << 20];
    assert_eq!(grant(stage, client, send(3, &much)), Settled::Asleep);
    let mut got = 0;
    while got < much.len() {
        got += ok(stage, server, recv(4, 1 << 20)) as usize;
    }
    assert_eq!(woken(stage, client).result, Ok(much.len() as u64));
}

fn states(rows: &[SocketRow]) -> Vec<SocketState> {
    let mut states: Vec<_> = rows.iter().map(|row| row.state).collect();
    states.sort();
    states
}

#[test]
fn sockets_are_listed_in_every_state() {
    use SocketState::{CloseWait, Established, FinWait2, Listen, TimeWait};
    let mut pair = pair();
    let (stage, client, server) = (&mut pair.stage, pair.client, pair.server);
    ok(stage, client, send(3, b"12345"));
    let rows = stage.sockets().unwrap();
    assert_eq!(states(&rows), [Established, Established, Listen]);
    let accepted = rows
        .iter()
        .find(|row| row.local == pair.at && row.state == Established)
        .unwrap();
    assert_eq!(accepted.rqueue, 5);
    let listening = rows.iter().find(|row| row.state == Listen).unwrap();
    assert_eq!((listening.rqueue, listening.wqueue), (0, 5));
    assert_eq!(listening.remote, addr("0.0.0.0:0"));
    ok(stage, server, recv(4, 10));
    ok(stage, server, close(4));
    // The ACK of a FIN is delayed (40 ms): FIN-WAIT-1 at first.
    await_states(stage, &[FinWait2, CloseWait, Listen]);
    ok(stage, client, close(3));
    let rows = await_states(stage, &[TimeWait, Listen]);
    let waiting = rows.iter().find(|row| row.state == TimeWait).unwrap();
    assert_eq!(waiting.local, pair.at, "whoever closes first");
}

fn await_states(stage: &mut Stage, wanted: &[SocketState]) -> Vec<SocketRow> {
    let deadline = Instant::now() + BOUND;
    loop {
        let rows = stage.sockets().unwrap();
        if states(&rows) == wanted {
            return rows;
        }
        assert!(Instant::now() < deadline, "{rows:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_bound_socket_is_listed_with_its_port() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    ok(&mut stage, p, socket());
    assert_eq!(stage.sockets().unwrap(), [], "an unbound one is not");
    ok(&mut stage, p, bind(3, addr("127.0.0.1:0")));
    let at = name_in(&reply(&mut stage, p, getsockname(3)));
    let rows = stage.sockets().unwrap();
    assert_eq!((rows[0].local, rows[0].state), (at, SocketState::Close));
}

#[test]
fn settings_are_made_in_an_own_network_only() {
    let name = "net/ipv4/ip_unprivileged_port_start".to_owned();
    let mut config = StageConfig {
        sysctls: vec![(name.clone(), "80".to_owned())],
        ..StageConfig::default()
    };
    let mut stage = Stage::open(&config).unwrap();
    if stage.isolation() == Isolation::OwnNetworkNamespace {
        assert!(stage.refused_sysctls().is_empty());
        let p = ordinary(&mut stage);
        ok(&mut stage, p, socket());
        ok(&mut stage, p, bind(3, addr("127.0.0.1:80")));
    }
    config.own_network = false;
    assert_eq!(Stage::open(&config).unwrap().refused_sysctls(), [name]);
}

#[test]
fn sockets_of_both_families_are_listed() {
    let mut stage = stage();
    let p = ordinary(&mut stage);
    let v6 = Syscall::Socket {
        domain: AF_INET6,
        ty: SOCK_STREAM,
        protocol: 0,
    };
    ok(&mut stage, p, v6);
    ok(&mut stage, p, bind(3, addr("[::1]:0")));
    let at = name_in(&reply(&mut stage, p, getsockname(3)));
    ok(&mut stage, p, listen(3, 7));
    let rows = stage.sockets().unwrap();
    let row = rows.iter().find(|row| row.local == at).unwrap();
    assert_eq!((row.state, row.wqueue), (SocketState::Listen, 7));
}

#[test]
fn a_half_open_connection_is_listed() {
    // The accept queue of a listener with backlog 0 takes one; the next final ACK is ignored.
    let mut stage = stage();
    let (server, client) = (ordinary(&mut stage), ordinary(&mut stage));
    let at = listener(&mut stage, server, "127.0.0.1:0", 0);
    ok(&mut stage, client, socket());
    ok(&mut stage, client, connect(3, at));
    ok(&mut stage, client, socket());
    assert_eq!(grant(&mut stage, client, connect(4, at)), Settled::Asleep);
    let rows = stage.sockets().unwrap();
    assert!(
        rows.iter().any(|row| row.state == SocketState::SynSent),
        "{rows:?}"
    );
}

/// Segments, or `None` where this machine does not let them be seen.
fn segments(stage: &mut Stage) -> Option<Vec<Captured>> {
    match stage.segments() {
        Ok(segments) => Some(segments),
        Err(Error::NoCapture { .. }) if stage.isolation() != Isolation::OwnNetworkNamespace => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_handshake_is_captured_as_it_was_sent() {
    let mut pair = pair();
    let Some(seen) = segments(&mut pair.stage) else {
        return;
    };
    let flags: Vec<u8> = seen.iter().map(|s| s.flags).collect();
    assert_eq!(flags, [SYN, SYN_ACK, ACK]);
    let [syn, syn_ack, ack] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!((syn.dst, syn_ack.src, ack.dst), (pair.at, pair.at, pair.at));
    assert_eq!(syn_ack.ack, syn.seq.wrapping_add(1));
    assert_eq!(ack.ack, syn_ack.seq.wrapping_add(1));
    for segment in [syn, syn_ack] {
        let [
            CapturedOption::Mss(65495),
            CapturedOption::SackPermitted,
            CapturedOption::Timestamps { value, .. },
            CapturedOption::Nop,
            CapturedOption::WindowScale(_),
        ] = segment.options[..]
        else {
            panic!("{segment}");
        };
        assert_ne!(value, 0);
    }
    assert!(matches!(
        ack.options[..],
        [
            CapturedOption::Nop,
            CapturedOption::Nop,
            CapturedOption::Timestamps { .. }
        ]
    ));
    assert!(seen.iter().all(|s| s.payload_len == 0));
    assert!(seen.is_sorted_by_key(|s| s.at));
}

#[test]
fn data_is_captured_with_its_length() {
    let mut pair = pair();
    ok(&mut pair.stage, pair.client, send(3, &[0; 1000]));
    let Some(seen) = segments(&mut pair.stage) else {
        return;
    };
    let lengths: Vec<u32> = seen.iter().map(|s| s.payload_len).collect();
    assert_eq!(lengths[..4], [0, 0, 0, 1000]);
}

#[test]
fn plain_loopback_shows_this_stage_only() {
    let mut other = pair_on(plain_stage());
    let mut pair = pair_on(plain_stage());
    assert!(matches!(
        pair.stage.isolation(),
        Isolation::PlainLoopback { .. }
    ));
    let rows = pair.stage.sockets().unwrap();
    let ours = |row: &SocketRow| row.local == pair.at || row.remote == pair.at;
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(
        rows.iter()
            .all(|row| ours(row) || row.state == SocketState::Listen)
    );
    ok(&mut pair.stage, pair.server, close(4));
    ok(&mut pair.stage, pair.client, close(3));
    let rows = pair.stage.sockets().unwrap();
    assert!(
        rows.iter().any(|row| row.state == SocketState::TimeWait),
        "{rows:?}"
    );
    if let Some(seen) = segments(&mut pair.stage) {
        assert!(seen.len() >= 6, "{seen:?}");
        assert!(seen.iter().all(|s| s.src == pair.at || s.dst == pair.at));
    }
    ok(&mut other.stage, other.client, close(3));
}

#[test]
fn waiting_for_several_gives_the_one_that_returns() {
    let mut stage = stage();
    let (a, b) = (ordinary(&mut stage), ordinary(&mut stage));
    let at = listener(&mut stage, a, "127.0.0.1:0", 1);
    assert_eq!(ok(&mut stage, b, socket()), 3);
    ok(&mut stage, b, bind(3, addr("127.0.0.2:0")));
    ok(&mut stage, b, listen(3, 1));
    for p in [a, b] {
        assert_eq!(grant(&mut stage, p, accept(3)), Settled::Asleep);
    }
    assert_eq!(stage.wait(&[a, b], Duration::from_millis(20)), Ok(None));
    let client = ordinary(&mut stage);
    ok(&mut stage, client, socket());
    ok(&mut stage, client, connect(3, at));
    let (who, _) = stage.wait(&[a, b], BOUND).unwrap().unwrap();
    assert_eq!(who, a);
}
