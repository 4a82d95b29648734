//! MUSTs of RFC 9293 about single segments: who may send them, what they carry, what ICMP says of them.

use crate::common::calls::*;
use crate::common::host::{Host, Outcome, segment};
use sockscope::base::{Seq, Tid};
use sockscope::kernel::TcpState::*;
use sockscope::kernel::event::EventKind;
use sockscope::packet::icmp::{Carried, Error, Quoted};
use sockscope::packet::{Body, Flags, Icmp, Packet, Segment};
use std::net::IpAddr;
use std::time::Duration;

/// A packet like another, with another segment.
fn like(packet: &Packet, change: impl FnOnce(&mut Segment)) -> Packet {
    let mut packet = packet.clone();
    let Body::Tcp(segment) = &mut packet.body else {
        panic!("no segment");
    };
    change(segment);
    packet
}

/// A reset from the sender of that packet.
fn reset(of: &Packet, seq: Seq) -> Packet {
    like(of, |segment| {
        segment.flags = Flags::RST;
        segment.seq = seq;
        segment.options = Default::default();
        segment.payload = [].into();
    })
}

/// A client whose SYN is on the wire, and a listener at every address.
fn opening(client_calls: &[Syscall], to: &str) -> (Host, Tid, Tid) {
    let mut host = Host::default();
    let [server, client] = [host.task(), host.task()];
    host.ok(server, &socket6());
    host.ok(server, &bind(3, "[::]:8080"));
    host.ok(server, &listen(3, 5));
    for call in client_calls {
        host.ok(client, call);
    }
    host.hold();
    assert_eq!(host.call(client, &connect(3, to)), Outcome::Asleep);
    (host, server, client)
}

fn syns(host: &Host) -> Vec<(u64, u32)> {
    let syn = |event: &sockscope::kernel::Event| match event.kind {
        EventKind::SegmentSent { head, .. } if head.flags == Flags::SYN => {
            Some((event.at.nanos(), head.seq.0))
        }
        _ => None,
    };
    host.events.iter().filter_map(syn).collect()
}

#[test]
fn must_8_initial_numbers_follow_a_clock() {
    let mut host = Host::default();
    let client = host.task();
    for _ in 0..2 {
        host.ok(client, &socket());
        host.ok(client, &bind(3, "127.0.0.1:5001"));
        let refused = host.result(client, &connect(3, "127.0.0.1:8080"));
        assert_eq!(refused, Err(ECONNREFUSED));
        host.ok(client, &close(3));
        host.pass(Duration::from_secs(1));
    }
    let [(first, isn), (second, later)] = syns(&host)[..] else {
        panic!("two SYNs");
    };
    // Linux's clock counts in 64 ns: secure_tcp_seq().
    assert_eq!(
        later.wrapping_sub(isn),
        ((second >> 6) - (first >> 6)) as u32
    );
}

#[test]
fn must_11_a_reset_in_syn_received_goes_back_to_listening_after_a_passive_open() {
    let (mut host, server, _) = opening(&[socket()], "127.0.0.1:8080");
    let syn = host.wire[0].clone();
    host.arrive(0);
    assert_eq!(host.states(), [Listen, SynSent, SynReceived]);
    host.carry(&reset(&syn, segment(&syn).seq + 1), false);
    assert_eq!(host.states(), [Listen, SynSent]);
    assert_eq!(host.call(server, &accept(3)), Outcome::Asleep);
}

#[test]
fn must_11_a_reset_in_syn_received_ends_an_active_open() {
    let mut host = Host::default();
    let [a, b] = [host.task(), host.task()];
    for (task, at) in [(a, "127.0.0.1:5001"), (b, "127.0.0.1:5002")] {
        host.ok(task, &socket());
        host.ok(task, &bind(3, at));
    }
    host.hold();
    assert_eq!(host.call(a, &connect(3, "127.0.0.1:5002")), Outcome::Asleep);
    assert_eq!(host.call(b, &connect(3, "127.0.0.1:5001")), Outcome::Asleep);
    let syn = host.wire[0].clone();
    host.arrive(0);
    assert_eq!(host.states(), [SynSent, SynReceived]);
    host.carry(&reset(&syn, segment(&syn).seq + 1), false);
    host.settle();
    // The RFC says "connection refused"; tcp_reset() of Linux knows that for SYN-SENT alone.
    assert_eq!(host.wait(b).reply().result, Err(ECONNRESET));
    assert_eq!(host.states(), [Closed, SynSent]);
}

/// The longest segment that the server sends to a client whose SYN offered nothing.
fn without_mss(client: Syscall, to: &str) -> u32 {
    let (mut host, server, client) = opening(&[client], to);
    let syn = host.wire.pop_front().expect("a SYN");
    host.heal();
    host.carry(&like(&syn, |segment| segment.options.mss = None), false);
    host.settle();
    assert_eq!(host.wait(client).reply().result, Ok(0));
    host.ok(server, &accept(3));
    host.ok(server, &send(4, &[7; 5_000]));
    let sent = host.events.iter().filter_map(|event| match event.kind {
        EventKind::SegmentSent { head, .. } => Some(head.len),
        _ => None,
    });
    sent.max().expect("segments were sent")
}

#[test]
fn must_15_and_16_without_an_mss_option_segments_hold_536_octets_over_ipv4_and_1220_over_ipv6() {
    // Timestamps take 12 of them.
    assert_eq!(without_mss(socket(), "127.0.0.1:8080"), 536 - 12);
    assert_eq!(without_mss(socket6(), "[::1]:8080"), 1_220 - 12);
}

#[test]
fn must_67_the_mss_option_is_what_the_device_can_receive() {
    for (socket, to, mss) in [
        (socket(), "127.0.0.1:8080", 65_495),
        (socket6(), "[::1]:8080", 65_476),
    ] {
        let (host, ..) = opening(&[socket], to);
        assert_eq!(segment(&host.wire[0]).options.mss, Some(mss));
    }
}

#[test]
fn must_5_options_are_taken_in_any_segment() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    let mss = getsockopt(4, IPPROTO_TCP, TCP_MAXSEG);
    let before = option_in(&host.reply(server, &mss));
    host.hold();
    host.ok(client, &send(3, b"abc"));
    let data = host.wire.pop_front().expect("data");
    assert!(segment(&data).options.timestamps.is_some());
    // Options that mean something in a SYN only change nothing.
    let odd = like(&data, |segment| {
        segment.options.mss = Some(100);
        segment.options.window_scale = Some(1);
        segment.options.sack_permitted = true;
    });
    host.carry(&odd, false);
    host.heal();
    let reply = host.reply(server, &recv(4, 9));
    assert_eq!(reply.written(1), Some(&b"abc"[..]));
    assert_eq!(option_in(&host.reply(server, &mss)), before);
}

/// What becomes of a SYN from and to other addresses: nothing at all.
fn is_dropped(src: Option<&str>, dst: Option<&str>) {
    let (mut host, ..) = opening(&[socket()], "127.0.0.1:8080");
    let mut syn = host.wire.pop_front().expect("a SYN");
    let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
    syn.src = src.map_or(syn.src, ip);
    syn.dst = dst.map_or(syn.dst, ip);
    host.events.clear();
    host.carry(&syn, false);
    assert_eq!(host.states(), [Listen, SynSent], "{src:?} {dst:?}");
    assert_eq!(host.sent(), [""; 0], "{src:?} {dst:?}");
    assert!(host.wire.is_empty(), "{src:?} {dst:?}");
}

#[test]
fn must_57_a_syn_to_a_broadcast_or_multicast_address_is_discarded() {
    for dst in ["224.0.0.1", "127.255.255.255", "255.255.255.255"] {
        is_dropped(None, Some(dst));
    }
}

#[test]
fn must_63_a_syn_from_a_broadcast_or_multicast_address_is_discarded() {
    for src in ["224.0.0.1", "255.255.255.255", "0.0.0.0"] {
        is_dropped(Some(src), None);
    }
}

#[test]
fn must_66_a_reset_is_processed_with_a_closed_window() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    let len = 8 << 20;
    assert_eq!(host.call(client, &send(3, &vec![1; len])), Outcome::Asleep);
    host.pass(Duration::from_millis(100));
    // The next number that the server expects is what its last acknowledgement says.
    host.hold();
    host.pass(Duration::from_millis(900));
    let probe = host.wire.pop_front().expect("a probe");
    host.carry(&probe, false);
    let answer = segment(host.wire.back().expect("its answer")).clone();
    assert_eq!(answer.window, 0);
    host.carry(&reset(&probe, answer.ack), false);
    host.settle();
    assert_eq!(host.states(), [Listen, Established]);
    let got = host.result(server, &recv(4, 100_000_000));
    assert!(got.is_ok_and(|n| n > 0), "{got:?}");
    assert_eq!(host.result(server, &recv(4, 1)), Err(ECONNRESET));
}

/// An ICMP error about what the client has under way.
fn icmp(host: &mut Host, (ty, code): (u8, u8)) {
    let data = host.wire.front().expect("something is under way").clone();
    let about = Quoted {
        from: data.from(),
        to: data.to(),
        carried: Carried::Tcp(segment(&data).seq),
    };
    let error = Error {
        ty,
        code,
        mtu: 0,
        about,
        written: None,
    };
    let packet = Packet {
        src: data.dst,
        dst: data.src,
        body: Body::Icmp(Icmp::Error(error)),
        ..data
    };
    host.carry(&packet, false);
    host.settle();
}

#[test]
fn must_54_and_56_icmp_errors_are_heard_and_abort_no_connection() {
    // Unreachable network and host, failed source route; time exceeded; parameter problem.
    for (kind, errno) in [
        ((3, 0), ENETUNREACH),
        ((3, 1), EHOSTUNREACH),
        ((3, 5), EOPNOTSUPP),
        ((11, 0), EHOSTUNREACH),
        ((11, 1), EHOSTUNREACH),
        ((12, 0), EPROTO),
    ] {
        let mut host = Host::default();
        let (server, client) = host.pair();
        host.hold();
        host.ok(client, &send(3, b"abc"));
        icmp(&mut host, kind);
        assert_eq!(host.states(), [Listen, Established, Established]);
        let told = host.reply(client, &getsockopt(3, SOL_SOCKET, SO_ERROR));
        assert_eq!(option_in(&told), Some(errno.number()), "{kind:?}");
        host.heal();
        assert_eq!(host.ok(server, &recv(4, 9)), 3);
    }
}

#[test]
fn must_55_source_quench_is_discarded() {
    let mut host = Host::default();
    let (server, client) = host.pair();
    host.hold();
    host.ok(client, &send(3, b"abc"));
    icmp(&mut host, (4, 0));
    let told = host.reply(client, &getsockopt(3, SOL_SOCKET, SO_ERROR));
    assert_eq!(option_in(&told), Some(0));
    host.heal();
    assert_eq!(host.ok(server, &recv(4, 9)), 3);
}
