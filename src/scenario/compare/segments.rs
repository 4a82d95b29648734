//! The segments of both kernels, connection by connection.

use super::ports::Renaming;
use crate::abi::Program;
use crate::base::PacketId;
use crate::kernel::port::FourTuple;
use crate::native::{Captured, CapturedOption};
use crate::packet::{Body, Flags, TcpOptions};
use crate::sim::World;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// A segment of the simulation.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    packet: PacketId,
    from: SocketAddr,
    to: SocketAddr,
    flags: Flags,
    seq: u32,
    ack: u32,
    len: u32,
    options: TcpOptions,
}

/// What is compared of a segment: its flags, its relative numbers, its length, its options.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparable {
    flags: u8,
    seq: u32,
    ack: u32,
    len: u32,
    mss: Option<u16>,
    window_scale: Option<u8>,
    sack_permitted: bool,
    timestamps: bool,
}

/// The packets under way; each is seen at least once before it arrives.
pub(super) fn new_on_wire<P: Program>(world: &World<P>) -> Vec<Seen> {
    let seen = |packet: &crate::packet::Packet| {
        let Body::Tcp(segment) = &packet.body else {
            return None;
        };
        Some(Seen {
            packet: packet.id,
            from: packet.from(),
            to: packet.to(),
            flags: segment.flags,
            seq: segment.seq.0,
            ack: segment.ack.0,
            len: segment.payload.len() as u32,
            options: segment.options,
        })
    };
    world.wire().filter_map(seen).collect()
}

type Ways = BTreeMap<FourTuple, Vec<Comparable>>;

/// Compares everything but pure acknowledgements, in each direction of each connection. Returns how
/// many segments were compared, or the first two lists that differ.
pub(super) fn compare(
    simulated: &[Seen],
    native: &[Captured],
    renaming: &mut Renaming,
) -> Result<usize, (String, String)> {
    learn(simulated, native, renaming);
    let (simulated, native) = (by_way(simulated, renaming), by_way_native(native));
    let mut count = 0;
    for (way, expected) in &simulated {
        let found = native.get(way).map_or(&[][..], Vec::as_slice);
        if *expected != fin_once(found, expected) {
            return Err((text(way, expected), text(way, found)));
        }
        count += expected.len();
    }
    match native.iter().find(|(way, _)| !simulated.contains_key(way)) {
        Some((way, found)) => Err((text(way, &[]), text(way, found))),
        None => Ok(count),
    }
}

/// Without the copies of a FIN that the simulation sent once: the real kernel repeats it when 200 ms have passed, and
/// its clock does not wait while the program that would answer is not let run.
fn fin_once(found: &[Comparable], expected: &[Comparable]) -> Vec<Comparable> {
    let is_fin = |segment: &&Comparable| Flags(segment.flags).has(Flags::FIN);
    let once = expected.iter().filter(is_fin).count() == 1;
    let mut kept: Vec<Comparable> = Vec::with_capacity(found.len());
    for segment in found {
        if !(once && is_fin(&segment) && kept.contains(segment)) {
            kept.push(segment.clone());
        }
    }
    kept
}

/// A connection that was refused leaves no socket to learn its port from; but both runs are granted
/// the same calls, so their SYNs come in the same order.
fn learn(simulated: &[Seen], native: &[Captured], renaming: &mut Renaming) {
    let mut seen: Vec<(PacketId, SocketAddr)> = Vec::new();
    for s in simulated.iter().filter(|s| s.flags == Flags::SYN) {
        if !seen
            .iter()
            .any(|(packet, from)| *packet == s.packet || *from == s.from)
        {
            seen.push((s.packet, s.from));
        }
    }
    let mut real: Vec<SocketAddr> = Vec::new();
    for captured in native.iter().filter(|c| c.flags == Flags::SYN.0) {
        if !real.contains(&captured.src) {
            real.push(captured.src);
        }
    }
    for ((_, simulated), native) in seen.iter().zip(&real) {
        renaming.same_port(simulated.port(), native.port());
    }
}

fn by_way(simulated: &[Seen], renaming: &Renaming) -> Ways {
    let mut initial: BTreeMap<FourTuple, u32> = BTreeMap::new();
    let mut ways = Ways::new();
    let mut last = PacketId(0);
    for seen in simulated {
        if seen.packet <= last {
            continue;
        }
        last = seen.packet;
        let (local, remote) = (renaming.address(seen.from), renaming.address(seen.to));
        let way = FourTuple { local, remote };
        let o = seen.options;
        let comparable = Comparable {
            flags: seen.flags.0,
            seq: 0,
            ack: 0,
            len: seen.len,
            mss: o.mss,
            window_scale: o.window_scale,
            sack_permitted: o.sack_permitted,
            timestamps: o.timestamps.is_some(),
        };
        add(
            &mut ways,
            &mut initial,
            way,
            (seen.seq, seen.ack),
            comparable,
        );
    }
    ways
}

fn by_way_native(native: &[Captured]) -> Ways {
    let mut initial: BTreeMap<FourTuple, u32> = BTreeMap::new();
    let mut ways = Ways::new();
    for captured in native.iter().flat_map(Captured::on_the_wire) {
        let way = FourTuple {
            local: captured.src,
            remote: captured.dst,
        };
        let mut comparable = Comparable {
            flags: captured.flags & 0x3f,
            seq: 0,
            ack: 0,
            len: captured.payload_len,
            mss: None,
            window_scale: None,
            sack_permitted: false,
            timestamps: false,
        };
        for option in &captured.options {
            match option {
                CapturedOption::Mss(mss) => comparable.mss = Some(*mss),
                CapturedOption::WindowScale(shift) => comparable.window_scale = Some(*shift),
                CapturedOption::SackPermitted => comparable.sack_permitted = true,
                CapturedOption::Timestamps { .. } => comparable.timestamps = true,
                CapturedOption::Nop | CapturedOption::Sack(_) | CapturedOption::Unknown => {}
            }
        }
        add(
            &mut ways,
            &mut initial,
            way,
            (captured.seq, captured.ack),
            comparable,
        );
    }
    ways
}

/// Makes the numbers relative to the SYNs and keeps what is more than an acknowledgement.
fn add(
    ways: &mut Ways,
    initial: &mut BTreeMap<FourTuple, u32>,
    way: FourTuple,
    (seq, ack): (u32, u32),
    mut comparable: Comparable,
) {
    let flags = Flags(comparable.flags);
    if flags.has(Flags::SYN) {
        initial.insert(way, seq);
    }
    let back = FourTuple {
        local: way.remote,
        remote: way.local,
    };
    let relative = |n: u32, way| initial.get(way).map_or(n, |first| n.wrapping_sub(*first));
    comparable.seq = relative(seq, &way);
    comparable.ack = if flags.has(Flags::ACK) {
        relative(ack, &back)
    } else {
        0
    };
    let pure = flags == Flags::ACK && comparable.len == 0;
    if !pure {
        ways.entry(way).or_default().push(comparable);
    }
}

/// For people.
fn text(way: &FourTuple, segments: &[Comparable]) -> String {
    let line = |s: &Comparable| {
        format!(
            "  {} seq {} ack {} length {}",
            Flags(s.flags),
            s.seq,
            s.ack,
            s.len
        )
    };
    let mut lines = vec![format!("{} > {}:", way.local, way.remote)];
    lines.extend(segments.iter().map(line));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(flags: Flags, len: u32) -> Comparable {
        Comparable {
            flags: flags.0,
            seq: 1,
            ack: 1,
            len,
            mss: None,
            window_scale: None,
            sack_permitted: false,
            timestamps: true,
        }
    }

    #[test]
    fn a_fin_that_the_simulation_sent_once_counts_once() {
        let data = segment(Flags::PSH | Flags::ACK, 5);
        let fin = segment(Flags::FIN | Flags::ACK, 0);
        let once = [data.clone(), fin.clone()];
        let twice = [data.clone(), fin.clone(), fin.clone()];
        assert_eq!(fin_once(&twice, &once), once);
        assert_eq!(fin_once(&twice, &twice), twice, "so did the simulation");
        let again = [data.clone(), data, fin];
        assert_eq!(fin_once(&again, &once), again, "data counts");
    }
}
