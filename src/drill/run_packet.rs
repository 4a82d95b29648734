//! Packets of a script: those that come in, and those that are to go out.

use super::flow::{Flow, Phase, Unmappable};
use super::icmp;
use super::matching;
use super::runner::{ANY_TIME, Done, FIRST_REMOTE_PORT, PATIENCE, Runner, Stop, seconds};
use super::script::{IcmpMessage, Micros, Tcp, UdpDatagram, When};
use super::stage::{MAIN, Went};
use crate::abi::{SockAddr, Syscall, UserIn, UserOut};
use crate::packet::{Body, Datagram, Flags, Packet};
use std::net::SocketAddr;
use std::rc::Rc;

impl Runner<'_> {
    pub(super) fn inbound(&mut self, line: u32, tcp: &Tcp) -> Done {
        let listening = self
            .under_test
            .is_none_or(|at| self.flows[at].phase == Phase::Listening);
        if listening {
            let remote = SocketAddr::new(self.config.remote, FIRST_REMOTE_PORT + self.connections);
            self.connections += 1;
            let mut local = SocketAddr::new(self.config.local, self.config.bind_port);
            if let Some(at) = self.under_test {
                self.learn_name(at);
                if self.flows[at].local.port() > 0 {
                    local.set_port(self.flows[at].local.port());
                }
            }
            let mut flow = Flow::new(Phase::Received, local, remote);
            flow.remote_isn = tcp.seq;
            self.under_test = Some(self.flows.len());
            self.flows.push(flow);
        }
        self.fast_open(line, tcp)?;
        let at = self.flow(line)?;
        let flow = &mut self.flows[at];
        let (syn, ack) = (tcp.flags & Flags::SYN.0 != 0, tcp.flags & Flags::ACK.0 != 0);
        match flow.phase {
            Phase::SynAckSent if ack => flow.phase = Phase::SynAckAcked,
            Phase::SynSent if syn && ack => {
                flow.phase = Phase::SynAcked;
                flow.remote_isn = tcp.seq;
            }
            _ => {}
        }
        let segment = flow.to_live(tcp, self.config.ts_ecr_scaled);
        let segment = segment.map_err(|why| match why {
            Unmappable::Unsupported(what) => Stop::Unsupported(line, what.to_owned()),
            Unmappable::Echo(ecr) => Stop::Fail(
                line,
                format!("an earlier outbound TS val {ecr}"),
                "none".to_owned(),
            ),
        })?;
        let (src, dst) = (flow.remote.ip(), flow.local.ip());
        self.say(
            self.stage.now(),
            &format!("< {}", matching::written(tcp, true)),
        );
        self.stage.inject(src, dst, Body::Tcp(segment));
        self.modelled(line)?;
        self.returned_calls()
    }

    /// A SYN with data and no cookie: a server that asks for none would take the data (TFO_SERVER_COOKIE_NOT_REQD,
    /// TFO_SERVER_WO_SOCKOPT1).
    fn fast_open(&self, line: u32, tcp: &Tcp) -> Done {
        const TAKES_DATA: u32 = 0x2 | 0x200 | 0x400;
        let takes = self.config.fastopen & TAKES_DATA == TAKES_DATA;
        if tcp.flags & Flags::SYN.0 != 0 && tcp.len > 0 && takes {
            let what = "TCP Fast Open without a cookie".to_owned();
            return Err(Stop::Unsupported(line, what));
        }
        Ok(())
    }

    pub(super) fn outbound(
        &mut self,
        line: u32,
        expected: &Tcp,
        when: When,
        from: Micros,
        to: Micros,
    ) -> Done {
        let at = self.flow(line)?;
        let syn = expected.flags & Flags::SYN.0 != 0;
        let ack = expected.flags & Flags::ACK.0 != 0;
        let flow = &mut self.flows[at];
        if syn && !ack && flow.phase == Phase::Connecting {
            flow.phase = Phase::SynSent;
            flow.script_isn = expected.seq;
        }
        if syn && ack && flow.phase == Phase::Received {
            flow.script_isn = expected.seq;
        }
        let limit = match when {
            When::Any => from + ANY_TIME,
            _ => to.max(from) + PATIENCE,
        };
        let wanted = format!("> {}", matching::written(expected, true));
        let mut pieces: Vec<Tcp> = Vec::new();
        let mut len = 0;
        let sent = loop {
            let Some((sent, piece)) = self.next_packet(line, at, expected, limit)? else {
                let mut got = format!("no packet by {} s", seconds(self.stage.now()));
                if let Some(last) = pieces.last() {
                    let whole = matching::joined(&pieces[0], last, len);
                    got = format!("> {} and {got}", matching::written(&whole, true));
                }
                return Err(Stop::Fail(line, wanted, got));
            };
            if let Some(last) = pieces.last()
                && !matching::continues(last, &piece, expected.len - len)
            {
                let whole = matching::joined(&pieces[0], last, len);
                let got = format!(
                    "> {} and then > {}",
                    matching::written(&whole, true),
                    matching::written(&piece, true)
                );
                return Err(Stop::Fail(line, wanted, got));
            }
            len += piece.len;
            pieces.push(piece);
            if len >= expected.len || self.config.strict_segments {
                break sent;
            }
        };
        let mut actual = matching::joined(&pieces[0], &pieces[pieces.len() - 1], len);
        let real = actual.clone();
        self.flows[at].map_timestamp(expected, &mut actual);
        if matching::differs(expected, &actual) || !self.timestamps_agree(expected, &actual, from) {
            let window = expected.window.is_some();
            let got = format!("> {}", matching::written(&actual, window));
            return Err(Stop::Fail(line, wanted, got));
        }
        self.say(sent, &format!("> {}", matching::written(&real, true)));
        self.on_time(line, wanted, when, (from, to), sent)
    }

    /// Whether a packet went out when the script says.
    fn on_time(
        &self,
        line: u32,
        wanted: String,
        when: When,
        (from, to): (Micros, Micros),
        sent: Micros,
    ) -> Done {
        let tolerance = self.tolerance(from);
        if when == When::Any || (from - tolerance..=to + tolerance).contains(&sent) {
            return Ok(());
        }
        let wanted = match when {
            When::Between(..) | When::AfterBetween(..) => {
                format!("{wanted} between {} and {} s", seconds(from), seconds(to))
            }
            When::At(_) | When::After(_) | When::Any => format!("{wanted} at {} s", seconds(from)),
        };
        let got = format!("it at {} s", seconds(sent));
        Err(Stop::Fail(line, wanted, got))
    }

    /// An error about a packet of the connection.
    pub(super) fn inbound_icmp(&mut self, line: u32, message: &IcmpMessage) -> Done {
        let at = self.flow(line)?;
        let kind = icmp::kind(message, self.config.variant, &self.config.defines);
        let kind = kind.map_err(|what| Stop::Unsupported(line, what))?;
        let flow = &self.flows[at];
        let body = Body::Icmp(icmp::to_live(message, kind, flow));
        let (src, dst) = (flow.remote.ip(), flow.local.ip());
        self.say(self.stage.now(), &format!("< icmp {}", message.ty));
        self.stage.inject(src, dst, body);
        self.modelled(line)?;
        self.returned_calls()
    }

    /// A datagram for the socket under test, from whom it is connected to or spoke with last.
    pub(super) fn inbound_udp(&mut self, line: u32, datagram: UdpDatagram) -> Done {
        let at = self.flow(line)?;
        self.learn_name(at);
        let flow = &self.flows[at];
        let (src_port, dst_port) = match datagram.ports {
            Some(ports) => ports,
            None => (flow.remote.port(), flow.local.port()),
        };
        let (src, dst) = (flow.remote.ip(), flow.local.ip());
        let payload = Rc::from(vec![0; usize::from(datagram.len)]);
        let body = Body::Udp(Datagram {
            src_port,
            ttl: 64,
            dst_port,
            payload,
        });
        self.say(self.stage.now(), &format!("< udp ({})", datagram.len));
        self.stage.inject(src, dst, body);
        self.modelled(line)?;
        self.returned_calls()
    }

    pub(super) fn outbound_udp(
        &mut self,
        line: u32,
        expected: UdpDatagram,
        when: When,
        from: Micros,
        to: Micros,
    ) -> Done {
        let at = self.flow(line)?;
        let limit = match when {
            When::Any => from + ANY_TIME,
            _ => to.max(from) + PATIENCE,
        };
        let wanted = format!("> udp ({})", expected.len);
        let (sent, packet) = loop {
            if let Some(next) = self.stage.sent.pop_front() {
                break next;
            }
            self.modelled(line)?;
            if !self.stage.has_timers() || !self.stage.tick(limit) {
                let got = format!("no packet by {} s", seconds(self.stage.now()));
                return Err(Stop::Fail(line, wanted, got));
            }
            self.returned_calls()?;
        };
        let Body::Udp(datagram) = &packet.body else {
            return Err(Stop::Fail(line, wanted, "another packet".to_owned()));
        };
        let len = datagram.payload.len();
        self.flows[at].local = packet.from();
        self.flows[at].remote = packet.to();
        if len != usize::from(expected.len) {
            return Err(Stop::Fail(line, wanted, format!("> udp ({len})")));
        }
        self.say(sent, &wanted);
        self.on_time(line, wanted, when, (from, to), sent)
    }

    /// The port of a socket that nothing was sent from: getsockname(2).
    fn learn_name(&mut self, at: usize) {
        let flow = &self.flows[at];
        let (Some(fd), 0) = (flow.fd, flow.local.port()) else {
            return;
        };
        let call = Syscall::Getsockname {
            fd,
            addr: UserOut::Capacity(128),
            addrlen: UserIn::Bytes(128_i32.to_le_bytes().to_vec()),
        };
        if let Went::Returned(reply) = self.stage.call(MAIN, &call)
            && let Some(SockAddr::Inet(name)) = reply.written(1).map(SockAddr::decode)
        {
            self.flows[at].local.set_port(name.port());
        }
    }

    /// Whether our TSval is what the clock says, if the script wants to know.
    fn timestamps_agree(&self, expected: &Tcp, actual: &Tcp, at: Micros) -> bool {
        use super::script::TcpOption::Timestamps;
        let tick = self.config.ts_tick_usecs;
        let pairs = expected.options.iter().flatten();
        let mut pairs = pairs.zip(actual.options.iter().flatten());
        tick == 0
            || pairs.all(|pair| match pair {
                (Timestamps(expected, _), Timestamps(actual, _)) => {
                    let off = i64::from(actual.wrapping_sub(*expected) as i32).abs();
                    off * tick <= self.tolerance_of(at)
                }
                _ => true,
            })
    }

    /// The next packet of a connection, in the script's numbers, with the time at which it went out. Packets of
    /// others are not looked at.
    fn next_packet(
        &mut self,
        line: u32,
        at: usize,
        expected: &Tcp,
        limit: Micros,
    ) -> Done<Option<(Micros, Tcp)>> {
        loop {
            while let Some((sent, packet)) = self.stage.sent.pop_front() {
                if let Some(tcp) = self.of_flow(at, expected, &packet) {
                    return Ok(Some((sent, tcp)));
                }
            }
            self.modelled(line)?;
            if !self.stage.has_timers() && self.stage.now() < limit {
                // Nothing will happen by itself.
                return Ok(None);
            }
            let happened = self.stage.tick(limit);
            self.returned_calls()?;
            self.modelled(line)?;
            if !happened && self.stage.sent.is_empty() {
                return Ok(None);
            }
        }
    }

    fn of_flow(&mut self, at: usize, expected: &Tcp, packet: &Packet) -> Option<Tcp> {
        let Body::Tcp(segment) = &packet.body else {
            return None;
        };
        let flow = &mut self.flows[at];
        let (syn, ack) = (segment.has(Flags::SYN), segment.has(Flags::ACK));
        if packet.to() != flow.remote {
            return None;
        }
        if flow.phase == Phase::SynSent && syn && !ack {
            flow.local = packet.from();
            flow.live_isn = segment.seq.0;
        } else if packet.from() != flow.local {
            return None;
        }
        let expects_syn_ack = (Flags::SYN | Flags::ACK).0;
        if flow.phase == Phase::Received && expected.flags & expects_syn_ack == expects_syn_ack {
            flow.phase = Phase::SynAckSent;
            flow.live_isn = segment.seq.0;
        }
        Some(flow.to_script(segment))
    }
}
