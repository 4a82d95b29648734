//! System calls of a script: those that return at once, and the one that blocks.

use super::arguments::Context;
use super::calls::{Check, Prepared};
use super::flow::{Flow, Phase};
use super::host::Variant;
use super::runner::{ANY_TIME, BLOCKING, Done, IDLE, Pending, Runner, Stop, seconds};
use super::script::{Call, Micros};
use super::stage::{MAIN, Went};
use crate::abi::constants::{AF_INET, AF_INET6};
use crate::abi::{Reply, Syscall, sockaddr};
use crate::kernel::task::Ended;
use std::net::SocketAddr;

impl<'a> Runner<'a> {
    pub(super) fn context(&self) -> Context<'_> {
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
            files: &self.config.files,
            open_files: &self.open_files,
        }
    }

    pub(super) fn call(
        &mut self,
        line: u32,
        call: &'a Call,
        begun: Micros,
        end: Option<Micros>,
    ) -> Done {
        if call.name == "splice" {
            return self.splice(line, call);
        }
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
    fn sleep_in(&mut self, pending: Pending) -> Done {
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
    pub(super) fn await_idle(&mut self) -> Done {
        let limit = self.stage.now() + IDLE;
        self.returned_calls()?;
        while self.pending.is_some() && self.stage.has_timers() && self.stage.tick(limit) {
            self.returned_calls()?;
        }
        Ok(())
    }

    /// Looks at the call that blocked, if it has returned.
    pub(super) fn returned_calls(&mut self) -> Done {
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
        // Whom the program names is the peer, whatever stands in the script for it.
        if let Syscall::Connect { addr, .. } = &prepared.syscall
            && let crate::abi::UserIn::Bytes(bytes) = addr
            && let crate::abi::SockAddr::Inet(peer) = crate::abi::SockAddr::decode(bytes)
        {
            flow.remote = sockaddr::from_mapped(peer);
        }
        let disconnects =
            matches!(call.args.get(1), Some(super::script::Expr::Word(w)) if w == "AF_UNSPEC");
        if disconnects && call.name == "connect" {
            flow.phase = Phase::New;
        } else if flow.phase == Phase::New {
            flow.phase = Phase::Connecting;
        }
    }

    fn returned(&mut self, pending: &Pending, at: Micros, went: Went) -> Done {
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
                    if let ("open", Some(super::script::Expr::Text(path))) =
                        (call.name.as_str(), call.args.first())
                    {
                        let size = self.context().file(path).unwrap_or(0);
                        self.open_files.push((script as i32, size));
                    }
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
            Check::Value | Check::Written(_) | Check::Messages(..) => {}
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
            Syscall::Accept { .. } | Syscall::Accept4 { .. } => {
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
        self.open_files.retain(|(s, _)| *s != script);
        self.fds.push((script, live));
    }
}
