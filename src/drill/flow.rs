//! A connection as a script sees it and as it is: sequence numbers and timestamps of the one in those of the other.

use super::script::{Tcp, TcpOption};
use crate::base::Seq;
use crate::packet::{Flags, Segment, TcpOptions};
use std::net::SocketAddr;
use std::rc::Rc;

/// How far a connection is, as far as packets can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// socket(2)
    New,
    /// listen(2): the first packet that comes in begins a connection.
    Listening,
    /// connect(2): the next SYN that goes out is its.
    Connecting,
    /// A SYN is expected or was seen.
    SynSent,
    /// The peer's SYN,ACK came in.
    SynAcked,
    /// A packet came in for a listener, or for nobody.
    Received,
    /// Our SYN,ACK went out.
    SynAckSent,
    /// The ACK for it came in.
    SynAckAcked,
}

/// One connection.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) phase: Phase,
    /// The kernel's descriptor, once there is one.
    pub(super) fd: Option<i32>,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    /// Our initial sequence number, as the script has it and as it is.
    pub(super) script_isn: u32,
    pub(super) live_isn: u32,
    /// The peer's: the script's is the real one.
    pub(super) remote_isn: u32,
    /// TSvals of ours that went out: the script's and the real one.
    timestamps: Vec<(u32, u32)>,
    first_timestamp: Option<(u32, u32)>,
}

impl Flow {
    pub(super) fn new(phase: Phase, local: SocketAddr, remote: SocketAddr) -> Flow {
        Flow {
            phase,
            fd: None,
            local,
            remote,
            script_isn: 0,
            live_isn: 0,
            remote_isn: 0,
            timestamps: Vec::new(),
            first_timestamp: None,
        }
    }

    /// A segment of ours in the script's numbers. On segments with SYN numbers stand as they are,
    /// on all others they count from the initial ones.
    pub(super) fn to_script(&self, segment: &Segment) -> Tcp {
        let syn = segment.has(Flags::SYN);
        let (ours, theirs) = if syn {
            (self.live_isn.wrapping_sub(self.script_isn), 0)
        } else {
            (self.live_isn, self.remote_isn)
        };
        Tcp {
            ports: Some((segment.src_port, segment.dst_port)),
            flags: segment.flags.0,
            seq: segment.seq.0.wrapping_sub(ours),
            len: segment.payload.len() as u32,
            ack: if segment.has(Flags::ACK) {
                segment.ack.0.wrapping_sub(theirs)
            } else {
                0
            },
            window: Some(segment.window),
            urgent: segment.urgent,
            options: Some(in_wire_order(&segment.options)),
        }
    }

    /// Notes which TSval stands for which, and puts the script's in the place of the real one as far as
    /// the first pair says it.
    pub(super) fn map_timestamp(&mut self, script: &Tcp, live: &mut Tcp) {
        let of = |tcp: &Tcp| {
            tcp.options
                .iter()
                .flatten()
                .find_map(|option| match option {
                    TcpOption::Timestamps(val, _) => Some(*val),
                    _ => None,
                })
        };
        let (Some(expected), Some(actual)) = (of(script), of(live)) else {
            return;
        };
        self.timestamps.retain(|(script, _)| *script != expected);
        self.timestamps.push((expected, actual));
        let (first_script, first_live) = *self.first_timestamp.get_or_insert((expected, actual));
        for option in live.options.iter_mut().flatten() {
            if let TcpOption::Timestamps(val, _) = option {
                *val = first_script.wrapping_add(actual.wrapping_sub(first_live));
            }
        }
    }

    /// A segment of the peer in real numbers. An error says what is not supported.
    pub(super) fn to_live(&self, tcp: &Tcp, scaled: bool) -> Result<Segment, Unmappable> {
        let syn = tcp.flags & Flags::SYN.0 != 0;
        let has_ack = tcp.flags & Flags::ACK.0 != 0;
        let (theirs, ours) = if syn {
            (0, self.live_isn.wrapping_sub(self.script_isn))
        } else {
            (self.remote_isn, self.live_isn)
        };
        let mut options = TcpOptions::default();
        for option in tcp.options.iter().flatten() {
            match option {
                TcpOption::Nop | TcpOption::Eol => {}
                TcpOption::Mss(mss) => options.mss = Some(*mss),
                TcpOption::WindowScale(shift) => options.window_scale = Some(*shift),
                TcpOption::SackPermitted => options.sack_permitted = true,
                TcpOption::Timestamps(val, ecr) => {
                    let ecr = if has_ack {
                        self.live_echo(*ecr, scaled).ok_or(Unmappable::Echo(*ecr))?
                    } else {
                        *ecr
                    };
                    options.timestamps = Some((*val, ecr));
                }
                TcpOption::Sack(blocks) => {
                    let live = |edge: u32| Seq(edge.wrapping_add(self.live_isn));
                    for (slot, (from, to)) in options.sack.iter_mut().zip(blocks) {
                        *slot = Some((live(*from), live(*to)));
                    }
                }
                TcpOption::Other(_) => return Err(Unmappable::Unsupported("a TCP option")),
            }
        }
        if !syn && tcp.flags & (Flags::ECE | Flags::CWR).0 != 0 {
            return Err(Unmappable::Unsupported("ECN"));
        }
        let (src_port, dst_port) = tcp.ports.unwrap_or((0, 0));
        let or = |written: u16, own: u16| if written == 0 { own } else { written };
        Ok(Segment {
            src_port: or(src_port, self.remote.port()),
            dst_port: or(dst_port, self.local.port()),
            seq: Seq(tcp.seq.wrapping_add(theirs)),
            ack: Seq(if has_ack {
                tcp.ack.wrapping_add(ours)
            } else {
                tcp.ack
            }),
            flags: Flags(tcp.flags),
            window: tcp.window.unwrap_or(0),
            urgent: tcp.urgent,
            options,
            payload: Rc::from(vec![0; tcp.len as usize]),
        })
    }

    /// The real TSval that an echo in the script means.
    fn live_echo(&self, ecr: u32, scaled: bool) -> Option<u32> {
        let sent = self.timestamps.iter().find(|(script, _)| *script == ecr);
        if let Some((_, live)) = sent {
            return Some(*live);
        }
        let (script, live) = self.first_timestamp.filter(|_| scaled)?;
        Some(live.wrapping_add(ecr.wrapping_sub(script)))
    }
}

/// Why a segment of the script cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unmappable {
    Unsupported(&'static str),
    /// It echoes a timestamp that no expected packet had.
    Echo(u32),
}

/// `tcp_options_write()`: options in the order and with the padding in which Linux sends them.
fn in_wire_order(options: &TcpOptions) -> Vec<TcpOption> {
    let mut list = Vec::new();
    list.extend(options.mss.map(TcpOption::Mss));
    match (options.sack_permitted, options.timestamps) {
        (true, Some((val, ecr))) => {
            list.extend([TcpOption::SackPermitted, TcpOption::Timestamps(val, ecr)]);
        }
        (false, Some((val, ecr))) => {
            list.extend([
                TcpOption::Nop,
                TcpOption::Nop,
                TcpOption::Timestamps(val, ecr),
            ]);
        }
        (true, None) => list.extend([TcpOption::Nop, TcpOption::Nop, TcpOption::SackPermitted]),
        (false, None) => {}
    }
    if let Some(shift) = options.window_scale {
        list.extend([TcpOption::Nop, TcpOption::WindowScale(shift)]);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow() -> Flow {
        let local = "192.168.0.1:8080".parse().expect("an address");
        let remote = "192.0.2.1:5000".parse().expect("an address");
        Flow {
            live_isn: 5_000,
            remote_isn: 700,
            ..Flow::new(Phase::SynAckSent, local, remote)
        }
    }

    #[test]
    fn numbers_count_from_the_initial_ones_except_on_a_syn() {
        let flow = flow();
        let ack = Tcp {
            flags: Flags::ACK.0,
            seq: 1,
            len: 10,
            ack: 1,
            options: Some(vec![]),
            ..Tcp::default()
        };
        let live = flow.to_live(&ack, false).expect("mappable");
        assert_eq!((live.seq, live.ack), (Seq(701), Seq(5_001)));
        assert_eq!((live.src_port, live.payload.len()), (5_000, 10));
        let syn = Tcp {
            flags: Flags::SYN.0,
            seq: 700,
            ..Tcp::default()
        };
        assert_eq!(flow.to_live(&syn, false).expect("mappable").seq, Seq(700));
    }

    #[test]
    fn an_echo_finds_the_timestamp_that_went_out() {
        let mut flow = flow();
        let with = |val, ecr| Tcp {
            flags: Flags::ACK.0,
            options: Some(vec![TcpOption::Timestamps(val, ecr)]),
            ..Tcp::default()
        };
        assert_eq!(
            flow.to_live(&with(1, 100), false),
            Err(Unmappable::Echo(100))
        );
        flow.map_timestamp(&with(100, 0), &mut with(77_000, 0));
        let live = flow.to_live(&with(1, 100), false).expect("mappable");
        assert_eq!(live.options.timestamps, Some((1, 77_000)));
        let live = flow.to_live(&with(1, 110), true).expect("mappable");
        assert_eq!(live.options.timestamps, Some((1, 77_010)));
        let mut later = with(77_500, 0);
        flow.map_timestamp(&with(600, 0), &mut later);
        assert_eq!(later, with(600, 0));
    }
}
