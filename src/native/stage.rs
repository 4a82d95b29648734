//! Opening a stage, putting puppets on it, looking at its network, ending it.

use super::capture::{self, Captured};
use super::diag::{self, SocketRow};
use super::ownership::Ownership;
use super::privilege::{ROOT, Strategy, can_have};
use super::pump::{Actor, Doing};
use super::shared::{Counters, SLOTS};
use super::streams::Streams;
use super::supervisor::{self, Place};
use super::watch::{BacklogWatch, TaskWatch};
use super::wire::{self, Birth, FromPuppet, FromSupervisor, Inbox, ToSupervisor};
use super::{End, Error, Isolation, Puppet, PuppetSpec, StageConfig};
use nix::errno::Errno as Sys;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, setsockopt, socketpair, sockopt,
};
use nix::sys::time::TimeSpec;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long helper processes may take for what they do at once unless the machine is in trouble.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// So many segments are kept; [`Error::CaptureLost`] beyond.
const MOST_SEGMENTS: usize = 1 << 20;

/// A place where puppets run.
///
/// Dropping it kills and reaps every process of it, however deep in a call they are.
pub struct Stage {
    pub(super) config: StageConfig,
    pub(super) counters: Counters,
    pub(super) link: OwnedFd,
    pub(super) actors: BTreeMap<Puppet, Actor>,
    pub(super) backlog: BacklogWatch,
    /// The number of the last call that was granted.
    pub(super) last_call: u64,
    pub(super) capture: Result<OwnedFd, String>,
    keeper: Keeper,
    strategy: Strategy,
    refusals: Vec<String>,
    refused_sysctls: Vec<String>,
    diag: OwnedFd,
    opened: TimeSpec,
    segments: Vec<Captured>,
    /// Which sockets are this stage's, where others share the interface.
    own: Ownership,
    pub(super) free_slots: Vec<u32>,
    /// Parents and copies that nobody has asked for yet.
    pub(super) forked: Vec<(Puppet, Puppet)>,
    next_puppet: u32,
}

impl Stage {
    /// Opens a stage, in a network namespace if it is asked for and this machine allows it.
    pub fn open(config: &StageConfig) -> Result<Stage, Error> {
        let own = [Strategy::Root, Strategy::UserNamespace];
        let own = own.into_iter().filter(|strategy| {
            config.own_network && (*strategy != Strategy::Root || nix::unistd::geteuid().is_root())
        });
        let mut refusals = Vec::new();
        for strategy in own {
            match Stage::open_with(config, strategy) {
                Ok(stage) => return Ok(stage),
                // Where the reason may be the devices, it is the answer.
                Err(refusal) if !config.devices.is_empty() => return Err(refusal),
                Err(refusal) => refusals.push(refusal.to_string()),
            }
        }
        if refusals.is_empty() {
            refusals.push("no namespace was asked for".to_owned());
        }
        let mut stage = Stage::open_with(config, Strategy::Plain)?;
        stage.own.strangers(&diag::dump(stage.diag.as_fd())?);
        stage.refusals = refusals;
        Ok(stage)
    }

    fn open_with(config: &StageConfig, strategy: Strategy) -> Result<Stage, Error> {
        let counters = Counters::new().map_err(Error::system("sharing memory with puppets"))?;
        let (link, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )
        .map_err(Error::system("making a socket pair"))?;
        let opened =
            clock_gettime(ClockId::CLOCK_REALTIME).map_err(Error::system("reading the clock"))?;
        let place = Place {
            strategy,
            counters: &counters,
            sysctls: &config.sysctls,
            devices: &config.devices,
        };
        let keeper = supervisor::start(&theirs, &place)
            .map(Keeper)
            .map_err(Error::system("forking"))?;
        // From here on the link's other end is theirs alone, and its end tells of theirs.
        drop(theirs);
        let (message, descriptors) = hear(&link)?;
        let (capture_refused, refused_sysctls) = match message {
            FromSupervisor::Ready { capture, sysctls } => (capture.err(), sysctls),
            FromSupervisor::Failed(unable) => return Err(unable.into()),
            FromSupervisor::Spawned { .. }
            | FromSupervisor::NotSpawned(_)
            | FromSupervisor::Ended { .. } => return Err(UNEXPECTED),
        };
        let mut descriptors = descriptors.into_iter();
        let diag = descriptors.next().ok_or(UNEXPECTED)?;
        let capture = match capture_refused {
            Some(unable) => Err(Error::from(unable).to_string()),
            None => Ok(descriptors.next().ok_or(UNEXPECTED)?),
        };
        Ok(Stage {
            config: config.clone(),
            counters,
            link,
            actors: BTreeMap::new(),
            backlog: BacklogWatch::open(),
            last_call: 0,
            capture,
            keeper,
            strategy,
            refusals: Vec::new(),
            refused_sysctls,
            diag,
            opened,
            segments: Vec::new(),
            own: Ownership::default(),
            free_slots: (0..SLOTS as u32).rev().collect(),
            forked: Vec::new(),
            next_puppet: 0,
        })
    }

    /// What separates the stage from the rest of the machine.
    pub fn isolation(&self) -> Isolation {
        match self.strategy {
            Strategy::Root | Strategy::UserNamespace => Isolation::OwnNetworkNamespace,
            Strategy::Plain => Isolation::PlainLoopback {
                reason: self.refusals.join("; "),
            },
        }
    }

    /// The version of this machine's kernel, "6.18.44" for example, without what a distribution
    /// appends.
    pub fn kernel_release(&self) -> String {
        let release = nix::sys::utsname::uname()
            .map(|names| names.release().to_string_lossy().into_owned())
            .unwrap_or_default();
        let version = release.split(|c: char| !c.is_ascii_digit() && c != '.');
        version.into_iter().next().unwrap_or_default().to_owned()
    }

    /// Those of [`StageConfig::sysctls`] that could not be set, by name: all of them if the network is
    /// not the stage's own.
    pub fn refused_sysctls(&self) -> &[String] {
        &self.refused_sysctls
    }

    /// The stage's processes as this machine numbers them: the keeper, then the living puppets.
    pub fn processes(&self) -> Vec<u32> {
        let puppets = self.actors.values().filter(|actor| actor.ended.is_none());
        let pids = puppets.map(|actor| actor.pid);
        std::iter::once(self.keeper.0.as_raw())
            .chain(pids)
            .map(|pid| pid as u32)
            .collect()
    }

    /// Makes a puppet: a process that is ready for its first call.
    pub fn spawn(&mut self, spec: &PuppetSpec) -> Result<Puppet, Error> {
        let wanted = if spec.root { ROOT } else { spec.capabilities };
        if !can_have(self.strategy, wanted) {
            return Err(Error::NoRoot);
        }
        let slot = self
            .free_slots
            .pop()
            .ok_or(Error::TooManyPuppets { bound: SLOTS })?;
        let born = self.give_birth(spec, slot);
        if born.is_err() {
            self.free_slots.push(slot);
        }
        Ok(self.new_puppet(born?))
    }

    pub(super) fn new_puppet(&mut self, actor: Actor) -> Puppet {
        let puppet = Puppet(self.next_puppet);
        self.actors.insert(puppet, actor);
        self.next_puppet += 1;
        puppet
    }

    fn give_birth(&mut self, spec: &PuppetSpec, slot: u32) -> Result<Actor, Error> {
        let (control, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::Stream,
            None,
            SockFlag::SOCK_CLOEXEC,
        )
        .map_err(Error::system("making a socket pair"))?;
        // The kernel attaches the puppet's pid, translated to this process's PID namespace.
        setsockopt(&control, sockopt::PassCred, &true)
            .map_err(Error::system("asking for credentials"))?;
        let (streams, [stdin, stdout, stderr]) = Streams::make(spec, self.config.longest_output)?;
        let order = ToSupervisor::Spawn(Birth {
            slot,
            root: spec.root,
            capabilities: spec.capabilities,
            descriptors: spec.descriptors.unwrap_or(self.config.descriptors),
        });
        let descriptors = [&theirs, &stdin, &stdout, &stderr].map(AsRawFd::as_raw_fd);
        wire::send_on_link(self.link.as_fd(), &order, &descriptors)
            .map_err(|_| Error::StageGone)?;
        let own_pid = loop {
            match hear(&self.link)?.0 {
                FromSupervisor::Spawned { pid } => break pid,
                FromSupervisor::NotSpawned(unable) => return Err(unable.into()),
                FromSupervisor::Ended { pid, end } => self.note_end(pid, end),
                FromSupervisor::Ready { .. } | FromSupervisor::Failed(_) => return Err(UNEXPECTED),
            }
        };
        drop((theirs, stdin, stdout, stderr));
        let (pid, inbox) = greet(&control)?;
        let watch = TaskWatch::open(pid, pid).map_err(|error| Error::System {
            doing: "watching a puppet's state".to_owned(),
            errno: error.raw_os_error().unwrap_or(libc::EIO),
        })?;
        Ok(Actor {
            pid,
            own_pid,
            own_tid: own_pid,
            slot,
            control: Some(control),
            inbox,
            streams,
            watch: Some(watch),
            seq: 0,
            switches: 0,
            doing: Doing::Idle,
            ended: None,
            tty: spec.tty,
            written_to_tty: 0,
            forked: false,
            origin: None,
            fork_slot: None,
            makes_thread: false,
            exit_status: None,
            leaves: false,
            likely_signal: libc::SIGKILL,
        })
    }

    /// A process was reaped: remembers how it ended, for all its tasks.
    pub(super) fn note_end(&mut self, own_pid: i32, end: End) {
        let of_process = |(puppet, actor): (&Puppet, &Actor)| {
            (actor.ended.is_none() && actor.own_pid == own_pid).then_some(*puppet)
        };
        let living: Vec<Puppet> = self.actors.iter().filter_map(of_process).collect();
        for puppet in living {
            self.note_end_of(puppet, end);
        }
    }

    /// The same for one task.
    pub(super) fn note_end_of(&mut self, puppet: Puppet, end: End) {
        if let Some(actor) = self.actors.get_mut(&puppet) {
            actor.ended = Some(end);
            actor.watch = None;
            self.free_slots.push(actor.slot);
        }
    }

    /// The stage's TCP sockets, in order of their addresses.
    pub fn sockets(&mut self) -> Result<Vec<SocketRow>, Error> {
        let rows = diag::dump(self.diag.as_fd())?;
        if self.strategy != Strategy::Plain {
            return Ok(rows);
        }
        let inodes = self.socket_inodes();
        self.own.learn(&rows, &inodes);
        Ok(rows
            .into_iter()
            .filter(|row| self.own.has(row, &inodes))
            .collect())
    }

    /// The stage's UDP sockets that have a port, in order of their addresses.
    pub fn udp_sockets(&mut self) -> Result<Vec<SocketRow>, Error> {
        let mut rows = diag::dump_udp(self.diag.as_fd())?;
        if self.strategy == Strategy::Plain {
            let inodes = self.socket_inodes();
            rows.retain(|row| inodes.contains(&row.inode));
        }
        Ok(rows)
    }

    /// Inodes of the sockets that the living puppets hold.
    fn socket_inodes(&self) -> BTreeSet<u32> {
        let mut inodes = BTreeSet::new();
        for actor in self.actors.values().filter(|actor| actor.ended.is_none()) {
            let Ok(entries) = std::fs::read_dir(format!("/proc/{}/fd", actor.pid)) else {
                continue;
            };
            for target in entries.flatten().flat_map(|e| std::fs::read_link(e.path())) {
                let target = target.to_string_lossy();
                let inode = target
                    .strip_prefix("socket:[")
                    .and_then(|t| t.strip_suffix(']'));
                inodes.extend(inode.and_then(|inode| inode.parse::<u32>().ok()));
            }
        }
        inodes
    }

    /// The segments that were sent on the stage's loopback interface so far, in order.
    ///
    /// Where others share the interface, those are left out that belong to no socket which
    /// [`Stage::sockets`] has shown.
    pub fn segments(&mut self) -> Result<Vec<Captured>, Error> {
        if self.strategy == Strategy::Plain {
            self.sockets()?;
        }
        self.collect_segments()?;
        if let Err(reason) = &self.capture {
            let reason = reason.clone();
            return Err(Error::NoCapture { reason });
        }
        let segments = self.segments.iter();
        Ok(match self.strategy {
            Strategy::Root | Strategy::UserNamespace => segments.cloned().collect(),
            Strategy::Plain => segments
                .filter(|segment| self.own.connects(segment.src, segment.dst))
                .cloned()
                .collect(),
        })
    }

    /// Takes over what the capture socket holds.
    pub(super) fn collect_segments(&mut self) -> Result<(), Error> {
        let Ok(capture) = &self.capture else {
            return Ok(());
        };
        while let Some(segment) = capture::next(capture.as_fd(), self.opened)? {
            if self.segments.len() >= MOST_SEGMENTS {
                return Err(Error::CaptureLost { segments: 1 });
            }
            self.segments.push(segment);
        }
        match capture::lost(capture.as_fd())? {
            0 => Ok(()),
            segments => Err(Error::CaptureLost { segments }),
        }
    }

    /// Kills and reaps every process of the stage, as dropping it does.
    pub fn end(self) {
        drop(self);
    }
}

const UNEXPECTED: Error = Error::Garbled {
    what: "the supervisor's answer",
};

/// Waits for the supervisor's next message.
fn hear(link: &OwnedFd) -> Result<(FromSupervisor, Vec<OwnedFd>), Error> {
    await_readable(link, "the supervisor")?;
    wire::receive_on_link(link.as_fd(), MsgFlags::empty())
        .map_err(Error::system("hearing from the supervisor"))?
        .ok_or(Error::StageGone)
}

/// Waits for a new puppet's first word; gives its pid as this process sees it.
pub(super) fn greet(control: &OwnedFd) -> Result<(i32, Inbox), Error> {
    let mut inbox = Inbox::default();
    let mut pid = None;
    loop {
        await_readable(control, "a new puppet")?;
        let arrival = inbox
            .take_from(control.as_fd())
            .map_err(Error::system("hearing from a puppet"))?;
        pid = pid.or(arrival.sender);
        let message = inbox
            .next()
            .map_err(Error::system("hearing from a puppet"))?;
        match (message, pid) {
            (Some(FromPuppet::Hello), Some(pid)) => return Ok((pid, inbox)),
            (Some(FromPuppet::Unable(unable)), _) => return Err(unable.into()),
            (Some(_), _) => {
                return Err(Error::Garbled {
                    what: "a puppet's first word",
                });
            }
            (None, _) if arrival.got.is_none() => return Err(Error::StageGone),
            (None, _) => {}
        }
    }
}

fn await_readable(fd: &OwnedFd, waiting_for: &'static str) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let mut fds = [PollFd::new(fd.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, timeout) {
            Ok(0) => return Err(Error::NoAnswer { waiting_for }),
            Ok(_) => return Ok(()),
            Err(Sys::EINTR) => {}
            Err(errno) => return Err(Error::system("waiting")(errno)),
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The end of the link is the order to end; the keeper is waited for when it is dropped,
        // which is after the link, because a field of this struct cannot be moved out of here.
        let _ = nix::sys::socket::shutdown(self.link.as_raw_fd(), nix::sys::socket::Shutdown::Both);
    }
}

/// The keeper, a child of this process. It ends last of all the stage's processes.
struct Keeper(Pid);

impl Drop for Keeper {
    fn drop(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_micros(100);
        while matches!(
            waitpid(self.0, Some(WaitPidFlag::WNOHANG)),
            Ok(WaitStatus::StillAlive) | Err(Sys::EINTR)
        ) {
            if Instant::now() > deadline {
                // The supervisor dies with the keeper, and everyone else with the supervisor.
                let _ = kill(self.0, Signal::SIGKILL);
                let _ = wire::retry(|| waitpid(self.0, None));
                return;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(5));
        }
    }
}
