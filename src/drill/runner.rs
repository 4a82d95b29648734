//! Runs a script event by event.

use super::Verdict;
use super::assertion;
use super::calls::{Check, Context, Prepared};
use super::flow::{Flow, Phase, Unmappable};
use super::host::{Config, Variant};
use super::matching;
use super::script::{Action, Call, Event, Micros, Script, Tcp, When, Wire};
use super::stage::{MAIN, Stage, Went};
use super::tcp_info;
use crate::abi::constants::{AF_INET, AF_INET6, IPPROTO_TCP, TCP_INFO};
use crate::abi::{Reply, Syscall, UserIn, UserOut, sockaddr};
use crate::base::Tid;
use crate::kernel::task::Ended;
use crate::packet::{Body, Flags, Packet};
use std::net::SocketAddr;

const SECOND: Micros = 1_000_000;
/// An expected packet is waited for so much longer than the script says.
const PATIENCE: Micros = 2 * SECOND;
/// So long another call waits for one that blocks.
const IDLE: Micros = SECOND;
/// A packet that may come at any time is waited for so long.
const ANY_TIME: Micros = 86_400 * SECOND;
/// The remote port of the first connection that comes in.
const FIRST_REMOTE_PORT: u16 = 40_000;
/// The thread that makes calls which block.
const BLOCKING: Tid = Tid(MAIN.0 + 1);

/// Why a script goes no further.
enum Stop {
    Fail(u32, String, String),
    Unsupported(u32, String),
}

type Went1<T = ()> = Result<T, Stop>;

/// A call that has not returned yet.
struct Pending<'a> {
    line: u32,
    call: &'a Call,
    prepared: Prepared,
    begun: Micros,
    end: Micros,
}

struct Runner<'a> {
    config: Config,
    stage: Stage,
    trace: &'a mut dyn FnMut(&str),
    flows: Vec<Flow>,
    /// The connection that packets belong to: its place in `flows`.
    under_test: Option<usize>,
    fds: Vec<(i32, i32)>,
    pending: Option<Pending<'a>>,
    connections: u16,
    /// The event before: its time, and whether it was an inbound packet.
    last: Option<(Micros, bool)>,
}

/// Runs a script from its beginning.
pub(super) fn run(script: &Script, variant: Variant, trace: &mut dyn FnMut(&str)) -> Verdict {
    let mut runner = Runner {
        config: Config::new(variant),
        stage: Stage::new(),
        trace,
        flows: Vec::new(),
        under_test: None,
        fds: Vec::new(),
        pending: None,
        connections: 0,
        last: None,
    };
    match runner.script(script) {
        Ok(()) => Verdict::Passed,
        Err(Stop::Fail(line, expected, got)) => Verdict::Failed {
            line,
            expected,
            got,
        },
        Err(Stop::Unsupported(line, what)) => Verdict::Unsupported { line, what },
    }
}

impl<'a> Runner<'a> {
    fn script(&mut self, script: &'a Script) -> Went1 {
        for (line, name, value) in &script.options {
            let taken = self.config.option(name, value);
            taken.map_err(|what| Stop::Unsupported(*line, what))?;
        }
        self.config.set_up(&mut self.stage.kernel);
        self.stage.thread(BLOCKING);
        if let Some((line, command)) = &script.init {
            self.command(*line, command)?;
        }
        self.stage.ignore_sigpipe();
        for event in &script.events {
            self.event(event)?;
            self.modelled(event.line)?;
        }
        // Whoever still waits gets a last second.
        self.await_idle()?;
        match &self.pending {
            None => Ok(()),
            Some(pending) => Err(Stop::Fail(
                pending.line,
                format!("{}() to return", pending.call.name),
                "it still sleeps when the script ends".to_owned(),
            )),
        }
    }

    fn command(&mut self, line: u32, text: &str) -> Went1 {
        let done = self.config.command(text, &mut self.stage.kernel);
        done.map_err(|what| Stop::Unsupported(line, what))
    }

    /// Whether the kernel still answers; otherwise the script is not supported.
    fn modelled(&self, line: u32) -> Went1 {
        match self.stage.not_modelled() {
            None => Ok(()),
            Some(what) => Err(Stop::Unsupported(line, what.to_string())),
        }
    }

    fn say(&mut self, at: Micros, what: &str) {
        let (seconds, micros) = (at / SECOND, at % SECOND);
        (self.trace)(&format!("{seconds:6}.{micros:06} {what}"));
    }

    fn event(&mut self, event: &'a Event) -> Went1 {
        let inbound = matches!(event.action, Action::Inbound(_));
        // Inbound packets one after the other count from each other's times, all else from now.
        let base = match self.last {
            Some((at, true)) if inbound => at,
            _ => self.stage.now(),
        };
        let (from, to) = match event.when {
            When::At(at) => (at, at),
            When::After(gap) => (base + gap, base + gap),
            When::Any => (base, base),
            When::Between(from, to) => (from, to),
            When::AfterBetween(from, to) => (base + from, base + to),
        };
        if self.last.is_none() && from != 0 {
            let what = "a first event that is not at time 0".to_owned();
            return Err(Stop::Unsupported(event.line, what));
        }
        let line = event.line;
        match &event.action {
            Action::Outbound(wire) => {
                let expected = tcp(line, wire)?;
                self.outbound(line, expected, event.when, from, to)?;
            }
            Action::Inbound(wire) => {
                let packet = tcp(line, wire)?;
                self.wait_until(line, from)?;
                self.inbound(line, packet)?;
            }
            Action::Call(call) => {
                if self.pending.is_some() {
                    self.await_idle()?;
                }
                self.wait_until(line, from)?;
                let relative = matches!(event.when, When::After(_));
                let end = call.end.map(|end| if relative { base + end } else { end });
                self.call(line, call, from, end)?;
            }
            Action::Command(command) => {
                self.wait_until(line, from)?;
                self.command(line, command)?;
            }
            Action::Code(code) => {
                self.wait_until(line, from)?;
                self.code(line, code)?;
            }
        }
        self.last = Some((from, inbound));
        Ok(())
    }

    /// Lets timers run until a time; whoever is later than that is out of the script's time.
    fn wait_until(&mut self, line: u32, at: Micros) -> Went1 {
        while self.stage.tick(at) {
            self.returned_calls()?;
        }
        self.modelled(line)?;
        let now = self.stage.now();
        if self.last.is_some() && now > at + self.tolerance(at) {
            let (at, now) = (seconds(at), seconds(now));
            return Err(Stop::Fail(
                line,
                format!("this at {at} s"),
                format!("the event before it at {now} s"),
            ));
        }
        Ok(())
    }

    /// max(tolerance_usecs, tolerance_percent of the gap between this event and the one before).
    fn tolerance(&self, at: Micros) -> Micros {
        self.tolerance_of(at - self.last.map_or(at, |(last, _)| last))
    }

    fn tolerance_of(&self, gap: Micros) -> Micros {
        let share = (self.config.tolerance_percent / 100.0 * gap as f64) as Micros;
        share.max(self.config.tolerance_usecs)
    }

    fn flow(&self, line: u32) -> Went1<usize> {
        let none = || Stop::Unsupported(line, "a packet of no connection".to_owned());
        self.under_test.ok_or_else(none)
    }

    // Packets.

    fn inbound(&mut self, line: u32, tcp: &Tcp) -> Went1 {
        let listening = self
            .under_test
            .is_none_or(|at| self.flows[at].phase == Phase::Listening);
        if listening {
            let remote = SocketAddr::new(self.config.remote, FIRST_REMOTE_PORT + self.connections);
            self.connections += 1;
            let local = SocketAddr::new(self.config.local, self.config.bind_port);
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
        self.stage.inject(src, dst, segment);
        self.modelled(line)?;
        self.returned_calls()
    }

    /// A SYN with data and no cookie: a server that asks for none would take the data (TFO_SERVER_COOKIE_NOT_REQD,
    /// TFO_SERVER_WO_SOCKOPT1).
    fn fast_open(&self, line: u32, tcp: &Tcp) -> Went1 {
        const TAKES_DATA: u32 = 0x2 | 0x200 | 0x400;
        let takes = self.config.fastopen & TAKES_DATA == TAKES_DATA;
        if tcp.flags & Flags::SYN.0 != 0 && tcp.len > 0 && takes {
            let what = "TCP Fast Open without a cookie".to_owned();
            return Err(Stop::Unsupported(line, what));
        }
        Ok(())
    }

    fn outbound(
        &mut self,
        line: u32,
        expected: &Tcp,
        when: When,
        from: Micros,
        to: Micros,
    ) -> Went1 {
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
        let tolerance = self.tolerance(from);
        if when != When::Any && !(from - tolerance..=to + tolerance).contains(&sent) {
            let wanted = match when {
                When::Between(..) | When::AfterBetween(..) => {
                    format!("{wanted} between {} and {} s", seconds(from), seconds(to))
                }
                When::At(_) | When::After(_) | When::Any => {
                    format!("{wanted} at {} s", seconds(from))
                }
            };
            let got = format!("it at {} s", seconds(sent));
            return Err(Stop::Fail(line, wanted, got));
        }
        Ok(())
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
    ) -> Went1<Option<(Micros, Tcp)>> {
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

    // System calls.

    fn context(&self) -> Context<'_> {
        let seen = |ip, port| {
            let address = SocketAddr::new(ip, port);
            match self.config.variant {
                Variant::Ipv4Mapped => sockaddr::to_mapped(address),
                Variant::Ipv4 | Variant::Ipv6 => address,
            }
        };
        Context {
            fds: &self.fds,
            family: match self.config.variant {
                Variant::Ipv4 => AF_INET,
                Variant::Ipv6 | Variant::Ipv4Mapped => AF_INET6,
            },
            bind_to: seen(self.config.local, self.config.bind_port),
            connect_to: seen(self.config.remote, self.config.connect_port),
            defines: &self.config.defines,
        }
    }

    fn call(&mut self, line: u32, call: &'a Call, begun: Micros, end: Option<Micros>) -> Went1 {
        let prepared = self.context().prepare(call);
        let prepared = prepared.map_err(|what| Stop::Unsupported(line, what))?;
        self.before(call, &prepared);
        let tid = match end {
            None => MAIN,
            Some(_) if self.pending.is_some() => {
                let what = "a second call that blocks while the first one does".to_owned();
                return Err(Stop::Unsupported(line, what));
            }
            Some(_) => BLOCKING,
        };
        self.say(self.stage.now(), &format!("{}()", call.name));
        let went = self.stage.call(tid, &prepared.syscall);
        self.modelled(line)?;
        self.returned_calls()?;
        let pending = Pending {
            line,
            call,
            prepared,
            begun,
            end: end.unwrap_or(0),
        };
        match (went, end) {
            (Went::Asleep, Some(_)) => {
                self.pending = Some(pending);
                Ok(())
            }
            (Went::Asleep, None) => self.sleep_in(pending),
            (went, _) => self.returned(&pending, self.stage.now(), went),
        }
    }

    /// A call that the script does not expect to block does: the script stands still meanwhile.
    fn sleep_in(&mut self, pending: Pending) -> Went1 {
        let limit = self.stage.now() + ANY_TIME;
        loop {
            let back = self
                .stage
                .finished
                .iter()
                .position(|(tid, ..)| *tid == MAIN);
            if let Some((_, at, went)) = back.and_then(|at| self.stage.finished.remove(at)) {
                return self.returned(&pending, at, went);
            }
            if !self.stage.has_timers() || !self.stage.tick(limit) {
                self.modelled(pending.line)?;
                return Err(Stop::Fail(
                    pending.line,
                    format!("{}() to return", pending.call.name),
                    "it sleeps for ever".to_owned(),
                ));
            }
            self.modelled(pending.line)?;
        }
    }

    /// Gives the call that blocks the time to return.
    fn await_idle(&mut self) -> Went1 {
        let limit = self.stage.now() + IDLE;
        self.returned_calls()?;
        while self.pending.is_some() && self.stage.has_timers() && self.stage.tick(limit) {
            self.returned_calls()?;
        }
        Ok(())
    }

    /// Looks at the call that blocked, if it has returned.
    fn returned_calls(&mut self) -> Went1 {
        let back = self
            .stage
            .finished
            .iter()
            .position(|(tid, ..)| *tid == BLOCKING);
        let Some((_, at, went)) = back.and_then(|at| self.stage.finished.remove(at)) else {
            return Ok(());
        };
        match self.pending.take() {
            Some(pending) => self.returned(&pending, at, went),
            None => Ok(()),
        }
    }

    /// What a call means for the connection that packets belong to.
    fn before(&mut self, call: &Call, prepared: &Prepared) {
        let begins = match &prepared.syscall {
            Syscall::Connect { .. } => true,
            Syscall::Sendto { addr, .. } => addr.is_some(),
            _ => false,
        };
        let flow = self.flows.iter_mut().rev().find(|f| f.fd == prepared.fd);
        let Some(flow) = flow.filter(|_| begins) else {
            return;
        };
        let disconnects =
            matches!(call.args.get(1), Some(super::script::Expr::Word(w)) if w == "AF_UNSPEC");
        if disconnects && call.name == "connect" {
            flow.phase = Phase::New;
        } else if flow.phase == Phase::New {
            flow.phase = Phase::Connecting;
        }
    }

    fn returned(&mut self, pending: &Pending, at: Micros, went: Went) -> Went1 {
        let Pending { line, call, .. } = *pending;
        let reply = match went {
            Went::Returned(reply) => reply,
            Went::Ended(ended) => {
                let how = match ended {
                    Ended::Exited(status) => format!("the process exited with {status}"),
                    Ended::Killed(signal) => format!("signal {signal} killed the process"),
                };
                let wanted = format!("{}() to return", call.name);
                return Err(Stop::Fail(line, wanted, how));
            }
            Went::Asleep => return Ok(()),
        };
        let compared = self
            .context()
            .compare(call, &pending.prepared.check, &reply);
        let compared = compared.map_err(|what| Stop::Unsupported(line, what))?;
        if let Some((expected, got)) = compared {
            let name = &call.name;
            return Err(Stop::Fail(line, format!("{name}() = {expected}"), got));
        }
        self.say(at, &format!("{}() = {}", call.name, reply.returned()));
        if call.end.is_some() {
            let tolerance = self.tolerance_of(pending.end - pending.begun);
            if (at - pending.end).abs() > tolerance {
                return Err(Stop::Fail(
                    line,
                    format!("{}() to return at {} s", call.name, seconds(pending.end)),
                    format!("it returned at {} s", seconds(at)),
                ));
            }
        }
        self.after(call, &pending.prepared, &reply);
        Ok(())
    }

    /// What a call that has returned changes in what the script's names mean.
    fn after(&mut self, call: &Call, prepared: &Prepared, reply: &Reply) {
        let Ok(value) = reply.result else { return };
        let fd = value as i32;
        match &prepared.check {
            Check::NewFd => {
                if let super::script::Expr::Int(script) = call.result {
                    self.name_fd(script as i32, fd);
                }
            }
            Check::Pair(from, to) => {
                let bytes = reply.written(0).unwrap_or_default().to_vec();
                let live = bytes.chunks_exact(4).map(|b| {
                    let b = <[u8; 4]>::try_from(b).expect("four octets");
                    i32::from_le_bytes(b)
                });
                for (script, live) in [*from, *to].into_iter().zip(live) {
                    self.name_fd(script, live);
                }
            }
            Check::Value | Check::Written(_) => {}
        }
        match &prepared.syscall {
            Syscall::Socket { .. } => {
                let local = SocketAddr::new(self.config.local, 0);
                let remote = SocketAddr::new(self.config.remote, self.config.connect_port);
                let mut flow = Flow::new(Phase::New, local, remote);
                flow.fd = Some(fd);
                self.under_test = Some(self.flows.len());
                self.flows.push(flow);
            }
            Syscall::Listen { fd, .. } => {
                if let Some(flow) = self.flows.iter_mut().rev().find(|f| f.fd == Some(*fd)) {
                    flow.phase = Phase::Listening;
                }
            }
            Syscall::Accept { .. } => {
                let peer = reply.written(1).map(crate::abi::SockAddr::decode);
                let Some(crate::abi::SockAddr::Inet(peer)) = peer else {
                    return;
                };
                let peer = sockaddr::from_mapped(peer);
                if let Some(flow) = self.flows.iter_mut().rev().find(|f| f.remote == peer) {
                    flow.fd = Some(fd);
                }
            }
            Syscall::Close { fd } => {
                self.fds.retain(|(_, live)| live != fd);
                for flow in &mut self.flows {
                    flow.fd = flow.fd.filter(|own| own != fd);
                }
            }
            _ => {}
        }
    }

    fn name_fd(&mut self, script: i32, live: i32) {
        self.fds.retain(|(s, _)| *s != script);
        self.fds.push((script, live));
    }

    // Code.

    fn code(&mut self, line: u32, code: &str) -> Went1 {
        let at = self.flow(line)?;
        let Some(fd) = self.flows[at].fd else {
            let what = "code about a connection without a descriptor".to_owned();
            return Err(Stop::Unsupported(line, what));
        };
        let call = Syscall::Getsockopt {
            fd,
            level: IPPROTO_TCP,
            optname: TCP_INFO,
            optval: UserOut::Capacity(u64::from(tcp_info::LEN)),
            optlen: UserIn::Bytes(tcp_info::LEN.to_le_bytes().to_vec()),
        };
        let went = self.stage.call(MAIN, &call);
        self.modelled(line)?;
        let Went::Returned(reply) = went else {
            let what = "getsockopt(TCP_INFO) that does not return".to_owned();
            return Err(Stop::Unsupported(line, what));
        };
        let info = reply.written(3).unwrap_or_default();
        let names = |name: &str| tcp_info::value(info, name);
        assertion::run(code, line, &names).map_err(|(line, ended)| match ended {
            assertion::Ended::False { expected, got } => Stop::Fail(line, expected, got),
            assertion::Ended::Unknown(what) => Stop::Unsupported(line, what),
        })
    }
}

fn tcp(line: u32, wire: &Wire) -> Went1<&Tcp> {
    match wire {
        Wire::Tcp(tcp) => Ok(tcp),
        Wire::Other(what) => Err(Stop::Unsupported(line, what.clone())),
    }
}

fn seconds(at: Micros) -> String {
    let (sign, at) = if at < 0 { ("-", -at) } else { ("", at) };
    format!("{sign}{}.{:06}", at / SECOND, at % SECOND)
}
