//! Building the view of one moment from the world at the cursor and the log.

mod names;
mod network;
mod ports;
mod process;
mod timeline;
mod unix;

use super::log::{Call, Log};
use super::view::{
    BookmarkView, ChoiceView, CursorView, EndingView, ExplainedView, FileView, RecordedView,
    StraceLine, View,
};
use super::{ProgramInfo, Session};
use crate::base::{FileId, SockId, Tid};
use crate::explain::{self, Ending};
use crate::export::strace;
use crate::kernel::file::FileKind;
use crate::kernel::{EventKind, Kernel};
use crate::program::Inspect;
use crate::scenario::{Bookmark, Recorded, task_name};
use crate::sim::{Ended, World};
use crate::words::Lang;

/// So many lines of strace are shown.
const STRACE_LINES: usize = 500;

/// All that the parts of a view are made from.
struct Source<'a, P> {
    world: &'a World<P>,
    kernel: &'a Kernel,
    log: &'a Log,
    programs: &'a [ProgramInfo],
    recorded: Option<&'a Recorded>,
    /// Events told so far.
    event: u32,
    changed: Changed,
    lang: Lang,
}

/// What the events of this step are about.
#[derive(Default)]
struct Changed {
    sockets: Vec<SockId>,
    files: Vec<FileId>,
    fds: Vec<(u32, i32)>,
    ports: Vec<u16>,
}

impl<P: Inspect> Session<P> {
    /// What there is to see at the cursor, in words of that language.
    pub fn view(&self, lang: Lang) -> View {
        let source = Source {
            world: &self.cursor.world,
            kernel: self.cursor.world.kernel(),
            log: &self.log,
            programs: &self.programs,
            recorded: self.recorded.as_ref(),
            event: self.event,
            changed: self.changed(),
            lang,
        };
        View {
            cursor: self.cursor_view(),
            processes: source.processes(),
            files: source.files(),
            sockets: source.sockets(),
            ports: source.ports(self.step_from),
            wire: source.wire(),
            ladder: source.ladder(),
            turns: source.turns(),
            timeline: source.timeline(),
            now: self.now(&source),
            changes: self.changes(&source),
            strace: source.strace(),
            choice: source.choice(),
            ending: source.ending(),
            bookmarks: source.bookmarks(&self.bookmarks),
            recorded: self.recorded.as_ref().map(|recorded| {
                let (calls, equal) = recorded.counts();
                RecordedView {
                    kernel: recorded.kernel.clone(),
                    calls,
                    equal,
                }
            }),
        }
    }

    fn cursor_view(&self) -> CursorView {
        CursorView {
            event: self.event,
            events: self.log.len(),
            complete: self.is_complete(),
            tick: self.cursor.tick,
            time: self.cursor.world.clock().nanos(),
            at_end: self.is_complete() && self.event == self.log.len(),
            at_start: self.event <= self.first(),
        }
    }

    /// The events of the step that led here: numbers and events.
    fn step_events(&self) -> impl Iterator<Item = (u32, &crate::kernel::Event)> {
        let from = self.step_from.min(self.event) as usize;
        let events = &self.log.events[from..self.event as usize];
        (from as u32 + 1..).zip(events.iter().map(|logged| &logged.event))
    }

    fn now(&self, source: &Source<P>) -> Option<ExplainedView> {
        let at = self.event.checked_sub(1)? as usize;
        let logged = self.log.events.get(at)?;
        Some(source.explained(self.event, &logged.event))
    }

    fn changes(&self, source: &Source<P>) -> Vec<ExplainedView> {
        let mut changes = Vec::new();
        for (number, event) in self.step_events() {
            if changes.len() < 64 {
                changes.push(source.explained(number, event));
            }
        }
        changes
    }

    fn changed(&self) -> Changed {
        let mut changed = Changed::default();
        for (_, event) in self.step_events() {
            changed.sockets.extend(event.kind.sock());
            match event.kind {
                EventKind::FileOpened { file, .. } | EventKind::FileReleased { file, .. } => {
                    changed.files.push(file);
                }
                EventKind::DescriptorInstalled { pid, fd, file }
                | EventKind::DescriptorClosed { pid, fd, file, .. } => {
                    changed.files.push(file);
                    changed.fds.push((pid.0, fd));
                }
                EventKind::Paired { peer, .. } | EventKind::Unpaired { peer, .. } => {
                    changed.sockets.push(peer);
                }
                EventKind::PortBound { port, .. }
                | EventKind::PortReleased { port, .. }
                | EventKind::PortConflict { port, .. } => {
                    changed.ports.push(port);
                }
                _ => {}
            }
        }
        changed
    }
}

impl<P: Inspect> Source<'_, P> {
    /// The place of a task in the order of the world.
    fn index(&self, task: Tid) -> Option<u32> {
        self.world
            .order()
            .iter()
            .position(|tid| *tid == task)
            .map(|at| at as u32)
    }

    /// The task's name: its program's, if it is the first of it.
    fn name(&self, task: Tid) -> String {
        match (self.info(task), self.world.thread(task)) {
            (Some(info), Some((process, thread))) => {
                let copy = self.index(Tid(process.0)) >= Some(self.programs.len() as u32);
                task_name(&info.name, copy.then_some(process.0), thread)
            }
            _ => ["pid ", &task.0.to_string()].concat(),
        }
    }

    /// What is known of a task's program.
    fn info(&self, task: Tid) -> Option<&ProgramInfo> {
        self.programs.get(self.world.listed(task)? as usize)
    }

    /// The process that holds a socket, made it or would get it.
    fn owner(&self, sock: SockId) -> Option<Tid> {
        super::log::descriptor_of(self.kernel, sock)
            .map(|(task, _)| task)
            .or_else(|| self.log.owners.get(&sock).copied())
    }

    fn explained(&self, number: u32, event: &crate::kernel::Event) -> ExplainedView {
        let explained = explain::explain(event, self.lang, self);
        let sock = event.kind.sock();
        let process = event
            .task
            .or_else(|| sock.and_then(|sock| self.owner(sock)))
            .and_then(|task| self.index(task));
        ExplainedView {
            event: number,
            kind: event.kind.name(),
            text: explained.text,
            short: explained.short,
            source: explained.source,
            sock: sock.map(|sock| sock.0),
            process,
        }
    }

    fn files(&self) -> Vec<FileView> {
        let mut files = Vec::new();
        for (id, open) in self.kernel.files().iter() {
            if let FileKind::Socket(sock) = open.kind {
                files.push(FileView {
                    file: id.0,
                    sock: sock.0,
                    refs: self.descriptors(id),
                    nonblocking: open.nonblocking,
                    changed: self.changed.files.contains(&id),
                });
            }
        }
        files
    }

    /// How many descriptors refer to a file. A call that sleeps in it holds it, too, but that is no
    /// descriptor.
    fn descriptors(&self, file: FileId) -> u32 {
        let fds = self
            .kernel
            .processes()
            .iter()
            .flat_map(|(_, process)| process.fds.iter());
        fds.filter(|(_, descriptor)| descriptor.file == Some(file))
            .count() as u32
    }

    fn strace(&self) -> Vec<StraceLine> {
        let mut nth = vec![0usize; self.world.order().len()];
        let mut lines = Vec::new();
        for call in self
            .log
            .calls
            .iter()
            .take_while(|call| call.entered <= self.event)
        {
            let Some(index) = self.index(call.task) else {
                continue;
            };
            let at = nth[index as usize];
            nth[index as usize] += 1;
            let ended = call
                .ended
                .as_ref()
                .filter(|(number, _)| *number <= self.event);
            let reply = match ended {
                Some((_, super::log::CallEnd::Returned(reply))) => Some(reply),
                Some((_, super::log::CallEnd::Never(_) | super::log::CallEnd::Restarts)) | None => {
                    None
                }
            };
            let equal = self.equal(index, at).filter(|_| ended.is_some());
            let failed = reply.is_some_and(|reply| reply.result.is_err());
            let text = strace::line(&call.syscall, reply);
            lines.push(StraceLine {
                process: index,
                text,
                failed,
                equal,
                event: call.entered,
            });
        }
        let cut = lines.len().saturating_sub(STRACE_LINES);
        lines.split_off(cut)
    }

    /// What is recorded for a program's nth call.
    fn equal(&self, index: u32, nth: usize) -> Option<bool> {
        let calls = self.recorded?.calls.get(index as usize)?;
        calls.get(nth).map(|(_, equal)| *equal)
    }

    /// Where in the log the bookmarks are: a program's calls are those of its first task.
    fn bookmarks(&self, bookmarks: &[Bookmark]) -> Vec<BookmarkView> {
        let found = |bookmark: &Bookmark| {
            let task = *self.world.order().get(bookmark.program as usize)?;
            let is = |call: &&Call| call.task == task && call.syscall.name() == bookmark.call;
            let nth = bookmark.nth.checked_sub(1)? as usize;
            let call = self.log.calls.iter().filter(is).nth(nth)?;
            match &call.ended {
                Some((number, _)) if bookmark.at_return => Some(*number),
                None if bookmark.at_return => None,
                _ => Some(call.entered),
            }
        };
        let mut views = Vec::new();
        for bookmark in bookmarks {
            let label = match self.lang {
                Lang::En => &bookmark.label.en,
                Lang::Ko => &bookmark.label.ko,
            };
            views.push(BookmarkView {
                event: found(bookmark),
                process: bookmark.program,
                label: label.clone(),
            });
        }
        views
    }

    fn choice(&self) -> Option<ChoiceView> {
        let (index, tasks) = self.world.open_choice()?;
        let mut processes = Vec::new();
        for task in tasks {
            processes.extend(self.index(task));
        }
        Some(ChoiceView { index, processes })
    }

    fn ending(&self) -> Option<EndingView> {
        let ended = self.world.ended()?;
        let kind = match ended {
            Ended::AllEnded => "allEnded",
            Ended::Stuck { .. } => "stuck",
            Ended::Fault { .. } => "fault",
            Ended::NotModelled { .. } => "notModelled",
        };
        let mut names = Vec::new();
        let name: String;
        let ending = match ended {
            Ended::AllEnded => Ending::AllEnded,
            Ended::Stuck { tasks } => {
                for task in tasks {
                    names.push(self.name(*task));
                }
                Ending::Stuck(&names)
            }
            Ended::Fault { task } => {
                name = self.name(*task);
                Ending::Fault(&name)
            }
            Ended::NotModelled { what, .. } => Ending::NotModelled(*what),
        };
        let text = explain::ending(ending, self.lang);
        Some(EndingView { kind, text })
    }
}
