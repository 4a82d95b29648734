//! From what is asked for to a session, or to a picture of why there is none.

use crate::program::c::Machine;
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::{Built, Compiled, Packed, Scenario};
use crate::session::view::*;
use crate::session::{Lang, Session};
use crate::web::asked::Asked;
use crate::web::i18n::{Text, say};
use serde::Serialize;

/// The session of the page.
pub(crate) type Run = Session<Machine>;

/// Something that is wrong with a program: one entry of `error.diagnostics`.
#[derive(Serialize)]
pub(crate) struct Wrong {
    /// Index of the program.
    pub program: u32,
    /// The file's name.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// The same with its line, as a compiler prints it.
    pub rendered: String,
}

/// A session for a scenario that comes with Sockscope; none if it was packed by another version.
pub(crate) fn packed(bytes: &[u8]) -> Option<Run> {
    let (scenario, compiled) = Packed::from_bytes(bytes)?.open();
    Some(Session::of(&scenario, &compiled))
}

/// A session for a scenario of which this was built, or what is wrong with its programs.
pub(crate) fn open(scenario: &Scenario, built: Built) -> Result<Run, Vec<Wrong>> {
    let mut images = Vec::new();
    let mut wrongs = Vec::new();
    for (at, (program, built)) in scenario.programs.iter().zip(built).enumerate() {
        match built {
            Ok(image) => images.push(image),
            Err(problems) => {
                wrongs.extend(problems.iter().map(|one| wrong(at, &program.files, one)))
            }
        }
    }
    if wrongs.is_empty() {
        Ok(Session::of(scenario, &Compiled::from(images)))
    } else {
        Err(wrongs)
    }
}

fn wrong(program: usize, files: &[SourceFile], problem: &Diagnostic) -> Wrong {
    let file = files.get(problem.span.file as usize);
    let at = file.map(|file| file.position(problem.span.start));
    Wrong {
        program: program as u32,
        file: file.map_or_else(String::new, |file| file.name.clone()),
        line: at.map_or(1, |at| at.line),
        column: at.map_or(1, |at| at.column),
        message: problem.message.clone(),
        rendered: problem.render(files),
    }
}

/// The picture of programs that do not compile: their sources, and what is wrong in them.
pub(crate) fn refusal(asked: &Asked, wrong: &[Wrong], lang: Lang) -> View {
    let processes = asked.programs.iter().enumerate().map(|(at, program)| {
        let index = at as u32;
        let of_it = || wrong.iter().filter(|one| one.program == index);
        let location = of_it().next().map(|first| LocationView {
            file: program
                .files
                .iter()
                .position(|file| file.name == first.file)
                .unwrap_or(0) as u32,
            line: first.line,
            column: first.column,
            function: String::new(),
        });
        let rendered = of_it()
            .map(|one| one.rendered.trim_end())
            .collect::<Vec<_>>()
            .join("\n\n");
        let files = program.files.iter();
        ProcessView {
            pid: 0,
            name: program.name.clone(),
            index,
            activity: if location.is_some() {
                Activity::Faulted
            } else {
                Activity::Ready
            },
            activity_text: String::new(),
            next_text: String::new(),
            call: None,
            library: None,
            location,
            files: files
                .map(|file| SourceView {
                    name: file.name.clone(),
                    text: file.text.clone(),
                })
                .collect(),
            marks: Vec::new(),
            fds: Vec::new(),
            next_fd: 0,
            output: Vec::new(),
            exit: None,
            fault: (!rendered.is_empty()).then_some(rendered),
        }
    });
    View {
        processes: processes.collect(),
        now: wrong.first().map(|first| refused(first, lang)),
        ..nothing()
    }
}

fn refused(first: &Wrong, lang: Lang) -> ExplainedView {
    ExplainedView {
        event: 0,
        kind: "Refused",
        text: [
            "**",
            &first.file,
            ":",
            &first.line.to_string(),
            "** ",
            &first.message,
            ". ",
            say(lang, Text::Refused),
        ]
        .concat(),
        short: String::new(),
        source: "",
        sock: None,
        process: Some(first.program),
    }
}

/// The view of no run at all.
fn nothing() -> View {
    View {
        cursor: CursorView {
            event: 0,
            events: 0,
            complete: true,
            tick: 0,
            time: 0,
            at_end: true,
            at_start: true,
        },
        processes: Vec::new(),
        files: Vec::new(),
        sockets: Vec::new(),
        ports: PortsView {
            used: Vec::new(),
            used_len: 0,
            ephemeral_low: 32768,
            ephemeral_high: 60999,
            ephemeral_used: 0,
            unprivileged_start: 1024,
            services: Vec::new(),
            search: None,
        },
        wire: Vec::new(),
        ladder: Vec::new(),
        turns: Vec::new(),
        timeline: TimelineView {
            event: 0,
            events: 0,
            lanes: Vec::new(),
            segments: Vec::new(),
        },
        now: None,
        changes: Vec::new(),
        strace: Vec::new(),
        choice: None,
        ending: None,
        recorded: None,
    }
}
