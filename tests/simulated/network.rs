//! Several hosts, and links between them on which something goes wrong.

use crate::common::*;
use sockscope::abi::{Errno, Syscall};
use sockscope::base::{PacketId, Seq};
use sockscope::kernel::task::Capabilities;
use sockscope::kernel::{EventKind, TcpState};
use sockscope::packet::{Body, Flags, Packet, Segment, TcpOptions};
use sockscope::sim::network::{Action, Gateway, Link, Network, Rule, Which};
use sockscope::sim::{Ended, WorldConfig};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

fn link() -> Link {
    Link::new((0, NEAR), (1, FAR), 24)
}

/// The first program runs on the second host, the second on the first.
fn world(link: Link) -> WorldConfig {
    WorldConfig {
        network: Network {
            places: vec![1, 0],
            links: vec![link],
            ..Network::default()
        },
        ..WorldConfig::default()
    }
}

fn rule(from: usize, which: Which, nth: u32, what: Action) -> WorldConfig {
    let rule = Rule {
        from,
        which,
        nth,
        what,
    };
    world(Link {
        rules: vec![rule],
        ..link()
    })
}

fn far_client() -> Vec<Syscall> {
    let mut calls = client();
    calls[1] = connect(3, "10.0.0.2:12345");
    calls
}

fn start(scripts: Vec<Vec<Syscall>>, config: &WorldConfig) -> Bench {
    Bench::with(scripts, config, Capabilities::default())
}

/// Runs the blog's exchange between the hosts until nothing can happen any more.
fn hello(config: &WorldConfig) -> Bench {
    let bench = start(vec![server(), far_client()], config).run_out();
    assert_eq!(bench.world.ended(), Some(&Ended::AllEnded));
    for kernel in bench.world.hosts() {
        assert_eq!(kernel.sockets().iter().count(), 0);
        assert_eq!(kernel.ports().iter().count(), 0);
        assert_eq!(kernel.next_deadline(), None);
        assert!(kernel.files().is_empty());
    }
    bench
}

fn assert_greeted(bench: &Bench) {
    let hello = Some(&b"Hello, server!"[..]);
    assert_eq!(bench.replies(0)[5].written(1), hello);
    assert_eq!(bench.replies(1)[3].written(1), hello);
}

/// What connect(2) to that address gives from the first host, and after which time.
fn connecting(to: &str, config: &WorldConfig) -> (Result<u64, Errno>, Duration) {
    let config = WorldConfig {
        network: Network {
            places: vec![0],
            ..config.network.clone()
        },
        ..config.clone()
    };
    let bench =
        start(vec![vec![socket(), connect(3, to)]], &config).until(|b| b.replies(0).len() == 2);
    (
        bench.results(0)[1],
        bench.now() - sockscope::base::Time::ZERO,
    )
}

fn established(bench: &Bench, host: u16) -> Duration {
    let found = bench.events.iter().find_map(|event| match event.kind {
        EventKind::StateChanged {
            to: TcpState::Established,
            ..
        } if event.host.0 == host => Some(event.at),
        _ => None,
    });
    found.expect("it was established") - sockscope::base::Time::ZERO
}

#[test]
fn a_handshake_takes_as_long_as_the_link() {
    let delay = Duration::from_millis(30);
    let bench = hello(&world(Link { delay, ..link() }));
    assert_greeted(&bench);
    let (near, far) = (established(&bench, 0), established(&bench, 1));
    let about = |time: Duration, delays| {
        time >= delay * delays && time < delay * delays + Duration::from_millis(1)
    };
    assert!(about(near, 2), "{near:?}");
    assert!(about(far, 3), "{far:?}");
}

#[test]
fn a_narrow_link_takes_its_time_for_each_octet() {
    let bits = Link {
        bandwidth: 8_000,
        delay: Duration::ZERO,
        ..link()
    };
    // A SYN and its answer have 60 octets each on the wire: 60 milliseconds at 1000 octets a second.
    let near = established(&hello(&world(bits)), 0);
    assert!(
        near.as_millis() == 120 || near.as_millis() == 112,
        "{near:?}"
    );
}

#[test]
fn the_mss_follows_from_the_links_mtu() {
    let bench = hello(&world(Link { mtu: 600, ..link() }));
    assert_greeted(&bench);
    let mut calls = server();
    calls[5] = recv_flags(4, 2_000, MSG_WAITALL);
    let mut client = far_client();
    client[2] = send(3, &[7; 2_000]);
    let bench = start(vec![calls, client], &world(Link { mtu: 600, ..link() })).run();
    let longest = bench.events.iter().filter_map(|event| match event.kind {
        EventKind::SegmentSent { head, .. } => Some(head.len),
        _ => None,
    });
    // 600 - 20 - 20 - 12 of timestamps
    assert_eq!(longest.max(), Some(548));
}

#[test]
fn without_a_route_the_network_is_unreachable() {
    let (result, _) = connecting("192.0.2.1:80", &world(link()));
    assert_eq!(result, Err(ENETUNREACH));
}

#[test]
fn a_neighbour_that_does_not_answer_is_unreachable_after_three_seconds() {
    // Linux 6.18: EHOSTUNREACH after 3.1 s.
    let (result, time) = connecting("10.0.0.9:80", &world(link()));
    assert_eq!(result, Err(EHOSTUNREACH));
    assert!((3_000..3_100).contains(&time.as_millis()), "{time:?}");
}

#[test]
fn a_gateway_that_does_not_answer_makes_hosts_behind_it_unreachable() {
    let mut config = world(link());
    let via = "10.0.0.9".parse().expect("an address");
    let to = ("0.0.0.0".parse().expect("an address"), 0);
    config.network.routes.push(Gateway {
        host: 0,
        to,
        link: 0,
        via,
    });
    assert_eq!(connecting("192.0.2.1:80", &config).0, Err(EHOSTUNREACH));
    // The neighbour itself needs no gateway.
    assert_eq!(connecting("10.0.0.2:80", &config).0, Err(ECONNREFUSED));
}

#[test]
fn a_host_that_is_no_router_drops_what_is_for_others() {
    let mut config = world(link());
    let to = ("0.0.0.0".parse().expect("an address"), 0);
    config.network.routes.push(Gateway {
        host: 0,
        to,
        link: 0,
        via: FAR,
    });
    assert_eq!(connecting("192.0.2.1:80", &config).0, Err(ETIMEDOUT));
}

#[test]
fn a_refusal_crosses_the_link() {
    let (result, time) = connecting("10.0.0.2:80", &world(link()));
    assert_eq!(result, Err(ECONNREFUSED));
    assert!(time >= Duration::from_millis(2));
    let udp_client = vec![udp(), connect(3, "10.0.0.2:80"), send(3, b"?"), recv(3, 10)];
    let bench = start(vec![vec![], udp_client], &world(link())).run();
    assert_eq!(bench.results(1)[3], Err(ECONNREFUSED));
}

#[test]
fn ones_own_address_stays_on_loopback() {
    let mut calls = client();
    calls[1] = connect(3, "10.0.0.1:12345");
    let mut config = world(Link {
        loss: 1_000,
        ..link()
    });
    config.network.places = vec![0, 0];
    let bench = start(vec![server(), calls], &config).run();
    assert_greeted(&bench);
}

#[test]
fn the_third_segment_of_the_handshake_is_lost() {
    let bench = hello(&rule(0, Which::Bare(Flags::ACK), 1, Action::Lose));
    // The data behind it says the same.
    assert_greeted(&bench);
}

#[test]
fn a_lost_syn_comes_again_after_a_second() {
    let bench = hello(&rule(0, Which::Bare(Flags::SYN), 1, Action::Lose));
    assert_greeted(&bench);
    assert!(established(&bench, 0) >= Duration::from_secs(1));
}

#[test]
fn a_late_and_a_doubled_segment_change_nothing() {
    for which in [Which::Any, Which::Data] {
        for (from, nth) in [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2)] {
            assert_greeted(&hello(&rule(from, which, nth, Action::Duplicate)));
            let late = Action::Delay(Duration::from_millis(50));
            assert_greeted(&hello(&rule(from, which, nth, late)));
        }
    }
}

#[test]
fn an_injected_reset_refuses_the_connection() {
    let named = || {
        vec![
            socket(),
            bind(3, "10.0.0.1:5555"),
            connect(3, "10.0.0.2:12345"),
        ]
    };
    // Behind the SYN, in the name of the client: the request is there, and its RCV.NXT is known.
    let syn = start(vec![server(), named()], &world(link()));
    let mut bench = syn;
    let head = loop {
        assert!(bench.step());
        let found = bench.events.iter().find_map(|event| match event.kind {
            EventKind::SegmentSent { head, .. } if head.flags == Flags::SYN => Some(head),
            _ => None,
        });
        if let Some(head) = found {
            break head;
        }
    };
    let reset = Segment {
        src_port: 12_345,
        dst_port: 5_555,
        seq: Seq(0),
        ack: head.seq + 1,
        flags: Flags::RST | Flags::ACK,
        window: 0,
        urgent: 0,
        options: TcpOptions::default(),
        payload: Rc::from([]),
    };
    let packet = Packet {
        id: PacketId(u32::MAX),
        src: FAR,
        dst: NEAR,
        body: Body::Tcp(reset),
    };
    // The same seed: the same port and number. The second host's answer brings the forgery with it, and is late itself.
    let inject = Rule {
        from: 1,
        which: Which::Any,
        nth: 1,
        what: Action::Inject(packet.into()),
    };
    let late = Rule {
        what: Action::Delay(Duration::from_millis(5)),
        ..inject.clone()
    };
    let config = world(Link {
        rules: vec![inject, late],
        ..link()
    });
    let bench = start(vec![server(), named()], &config).until(|b| b.replies(1).len() == 3);
    assert_eq!(bench.results(1)[2], Err(ECONNREFUSED));
}

fn bad(seed: u64) -> WorldConfig {
    let link = Link {
        loss: 100,
        duplication: 100,
        reordering: 200,
        ..link()
    };
    WorldConfig {
        seed,
        ..world(link)
    }
}

#[test]
fn the_exchange_survives_a_bad_link() {
    for seed in 0..100 {
        let bench = start(vec![server(), far_client()], &bad(seed)).run();
        assert_eq!(bench.world.ended(), Some(&Ended::AllEnded), "seed {seed}");
        for nth in [0, 1] {
            let results = bench.results(nth);
            assert!(
                results.iter().all(Result::is_ok),
                "seed {seed}: {results:?}"
            );
        }
        assert_greeted(&bench);
    }
}

#[test]
fn the_same_seed_is_the_same_run_and_another_is_another() {
    let events = |seed| {
        start(vec![server(), far_client()], &bad(seed))
            .run_out()
            .events
    };
    let first = events(1);
    assert_eq!(first, events(1));
    assert!((2..10).any(|seed| events(seed).len() != first.len()));
}

#[test]
fn a_copy_of_a_world_goes_on_as_the_world_does() {
    let mut bench = start(vec![server(), far_client()], &bad(3));
    for _ in 0..60 {
        bench.step();
    }
    let copy = Bench {
        world: bench.world.clone(),
        events: Vec::new(),
    };
    assert_eq!(copy.world, bench.world);
    bench.events.clear();
    let (bench, copy) = (bench.run_out(), copy.run_out());
    assert_eq!(copy.events, bench.events);
    assert_eq!(copy.world, bench.world);
}
