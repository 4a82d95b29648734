//! The link, and the two forms of a packet: our typed segments and smoltcp's octets.

use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use smoltcp::wire::{
    IpAddress, IpProtocol, Ipv4Packet, Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber,
    TcpTimestampRepr,
};
use sockscope::base::{PacketId, Seq};
use sockscope::packet::{Body, Flags, Packet, Segment, TcpOptions};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;

pub(crate) const MTU: usize = 1_500;

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToIt,
    ToUs,
}

/// What happens to packets, in percent of them; times in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quality {
    pub(crate) delay: u64,
    pub(crate) loss: u32,
    pub(crate) duplication: u32,
    pub(crate) reordering: u32,
}

/// Packets under way, by the time of their arrival.
pub(crate) struct Link {
    pub(crate) quality: Quality,
    pub(crate) random: fastrand::Rng,
    under_way: BTreeMap<(u64, u64), (Way, Vec<u8>)>,
    sent: u64,
}

impl Link {
    pub(crate) fn new(quality: Quality, seed: u64) -> Link {
        Link {
            quality,
            random: fastrand::Rng::with_seed(seed),
            under_way: BTreeMap::new(),
            sent: 0,
        }
    }

    fn happens(&mut self, percent: u32) -> bool {
        self.random.u32(0..100) < percent
    }

    pub(crate) fn send(&mut self, now: u64, way: Way, octets: &[u8]) {
        if self.happens(self.quality.loss) {
            return;
        }
        let copies = 1 + usize::from(self.happens(self.quality.duplication));
        for _ in 0..copies {
            let late = self.happens(self.quality.reordering);
            let late = if late { self.random.u64(0..30_000) } else { 0 };
            self.sent += 1;
            let key = (now + self.quality.delay + late, self.sent);
            self.under_way.insert(key, (way, octets.to_vec()));
        }
    }

    /// When the next packet arrives, microseconds.
    pub(crate) fn next(&self) -> Option<u64> {
        self.under_way.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn arrived(&mut self, now: u64) -> Option<(Way, Vec<u8>)> {
        let due = self.next().is_some_and(|at| at <= now);
        due.then(|| self.under_way.pop_first().expect("one is due").1)
    }
}

/// smoltcp's end of the link.
#[derive(Default)]
pub(crate) struct End {
    pub(crate) incoming: VecDeque<Vec<u8>>,
    pub(crate) outgoing: Vec<Vec<u8>>,
}

pub(crate) struct Incoming(Vec<u8>);
pub(crate) struct Outgoing<'a>(&'a mut Vec<Vec<u8>>);

impl phy::RxToken for Incoming {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl phy::TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut octets = vec![0; len];
        let result = f(&mut octets);
        self.0.push(octets);
        result
    }
}

impl Device for End {
    type RxToken<'a> = Incoming;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming, Outgoing<'_>)> {
        let octets = self.incoming.pop_front()?;
        Some((Incoming(octets), Outgoing(&mut self.outgoing)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        Some(Outgoing(&mut self.outgoing))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = MTU;
        capabilities
    }
}

fn v4(ip: IpAddr) -> std::net::Ipv4Addr {
    match ip {
        IpAddr::V4(ip) => ip,
        IpAddr::V6(ip) => panic!("{ip} on a link of IPv4"),
    }
}

/// Our packet as octets, with its checksums.
pub(crate) fn octets(packet: &Packet) -> Vec<u8> {
    let Body::Tcp(segment) = &packet.body else {
        panic!("no segment but {packet:?}");
    };
    let control = [
        (Flags::SYN, TcpControl::Syn),
        (Flags::FIN, TcpControl::Fin),
        (Flags::RST, TcpControl::Rst),
        (Flags::PSH, TcpControl::Psh),
    ];
    let control = control.iter().find(|(flag, _)| segment.has(*flag));
    let number = |seq: Seq| TcpSeqNumber(seq.0 as i32);
    let tcp = TcpRepr {
        src_port: segment.src_port,
        dst_port: segment.dst_port,
        control: control.map_or(TcpControl::None, |(_, control)| *control),
        seq_number: number(segment.seq),
        ack_number: segment.has(Flags::ACK).then(|| number(segment.ack)),
        window_len: segment.window,
        window_scale: segment.options.window_scale,
        max_seg_size: segment.options.mss,
        sack_permitted: segment.options.sack_permitted,
        sack_ranges: [None; 3],
        timestamp: segment
            .options
            .timestamps
            .map(|(value, echo)| TcpTimestampRepr::new(value, echo)),
        payload: &segment.payload,
    };
    let ip = Ipv4Repr {
        src_addr: v4(packet.src),
        dst_addr: v4(packet.dst),
        next_header: IpProtocol::Tcp,
        payload_len: tcp.buffer_len(),
        hop_limit: 64,
    };
    let mut octets = vec![0; ip.buffer_len() + tcp.buffer_len()];
    assert!(octets.len() <= MTU, "{} octets in {packet:?}", octets.len());
    let checksums = Default::default();
    ip.emit(&mut Ipv4Packet::new_unchecked(&mut octets[..]), &checksums);
    let (from, to) = (IpAddress::Ipv4(ip.src_addr), IpAddress::Ipv4(ip.dst_addr));
    let mut tcp_packet = TcpPacket::new_unchecked(&mut octets[ip.buffer_len()..]);
    tcp.emit(&mut tcp_packet, &from, &to, &checksums);
    octets
}

/// smoltcp's octets as our packet; their checksums must be right.
pub(crate) fn typed(octets: &[u8], id: u32) -> Packet {
    let ip = Ipv4Packet::new_checked(octets).expect("an IPv4 packet");
    assert!(ip.verify_checksum());
    assert_eq!(ip.next_header(), IpProtocol::Tcp);
    let tcp = TcpPacket::new_checked(ip.payload()).expect("a segment");
    let (from, to) = (
        IpAddress::Ipv4(ip.src_addr()),
        IpAddress::Ipv4(ip.dst_addr()),
    );
    assert!(tcp.verify_checksum(&from, &to));
    let read = TcpRepr::parse(&tcp, &from, &to, &Default::default()).expect("valid options");
    let flags = [
        (tcp.syn(), Flags::SYN),
        (tcp.fin(), Flags::FIN),
        (tcp.rst(), Flags::RST),
        (tcp.psh(), Flags::PSH),
        (tcp.ack(), Flags::ACK),
    ];
    let flags = flags.iter().filter(|(set, _)| *set);
    Packet {
        id: PacketId(id),
        src: ip.src_addr().into(),
        dst: ip.dst_addr().into(),
        body: Body::Tcp(Segment {
            src_port: tcp.src_port(),
            dst_port: tcp.dst_port(),
            seq: Seq(tcp.seq_number().0 as u32),
            ack: Seq(tcp.ack_number().0 as u32),
            flags: flags.fold(Flags(0), |all, (_, flag)| all | *flag),
            window: tcp.window_len(),
            urgent: 0,
            options: TcpOptions {
                mss: read.max_seg_size,
                window_scale: read.window_scale,
                sack_permitted: read.sack_permitted,
                timestamps: read.timestamp.map(|t| (t.tsval, t.tsecr)),
                ..TcpOptions::default()
            },
            payload: Rc::from(tcp.payload()),
        }),
    }
}
