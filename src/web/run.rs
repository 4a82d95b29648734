//! From what is opened to a session, or to a picture of why there is none.

use crate::program::c::Machine;
use crate::program::{Diagnostic, SourceFile};
use crate::scenario::{Built, Compiled, Opened, Packed, Question, Refused, Scenario, read};
use crate::session::view::*;
use crate::session::{Lang, Session};
use crate::web::i18n::{Text, say};
use crate::web::words::list_on;
use serde::Serialize;
use std::rc::Rc;

/// The session of the page.
pub(crate) type Run = Session<Machine>;

/// The files of a folder by their paths in it.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// What programs are compiled from, when they were edited, or were not compiled yet.
#[derive(Clone)]
pub(crate) enum Origin {
    /// A scenario that was opened already.
    Scenario(Rc<Scenario>),
    /// A folder, which the compiler makes a scenario of.
    Folder(Rc<Files>),
}

/// The text of a file that is edited.
pub(crate) struct Draft {
    /// The program's index.
    pub program: u32,
    /// The file's name.
    pub name: String,
    /// The text.
    pub text: Rc<str>,
}

/// What can run, or each program with what is wrong with it.
pub(crate) type Ready = Result<(Rc<Scenario>, Compiled), Vec<Refused>>;

impl Origin {
    /// The same with edited texts. What was recorded on real Linux is not about them.
    pub(crate) fn with(&self, drafts: &[Draft]) -> Origin {
        let mut edited = self.clone();
        for draft in drafts {
            match &mut edited {
                Origin::Scenario(scenario) => {
                    let scenario = Rc::make_mut(scenario);
                    scenario.recorded = None;
                    let program = scenario.programs.get_mut(draft.program as usize);
                    let files = program.into_iter().flat_map(|program| &mut program.files);
                    for file in files.filter(|file| file.name == draft.name) {
                        file.text = draft.text.clone();
                    }
                }
                Origin::Folder(files) => {
                    let files = Rc::make_mut(files);
                    files.retain(|(name, _)| name != "recorded.txt");
                    for (_, text) in files.iter_mut().filter(|(name, _)| *name == draft.name) {
                        *text = draft.text.as_bytes().to_vec();
                    }
                }
            }
        }
        edited
    }

    /// What the compiler is asked.
    pub(crate) fn question(&self) -> Question {
        match self {
            Origin::Scenario(scenario) => {
                let mut programs = Vec::new();
                for program in &scenario.programs {
                    programs.push(program.files.clone());
                }
                Question::Programs(programs)
            }
            Origin::Folder(files) => Question::Folder(files.to_vec()),
        }
    }

    /// What its answer means; none if it is of another version.
    pub(crate) fn answered(&self, answer: &[u8]) -> Option<Ready> {
        let scenario = match self {
            Origin::Scenario(scenario) => scenario,
            Origin::Folder(_) => return Some(read::<Opened>(answer)?.map(opened)),
        };
        let mut images = Vec::new();
        let mut refused = Vec::new();
        let built = read::<Built>(answer)?;
        for (program, built) in scenario.programs.iter().zip(built) {
            let (image, problems) = match built {
                Ok(image) => (Some(image), Vec::new()),
                Err(problems) => (None, problems),
            };
            images.extend(image);
            refused.push(Refused {
                name: program.name.clone(),
                files: program.files.clone(),
                problems,
            });
        }
        Some(if images.len() == refused.len() {
            Ok((scenario.clone(), Compiled::from(images)))
        } else {
            Err(refused)
        })
    }
}

/// A packed scenario, to be run.
pub(crate) fn opened(packed: Packed) -> (Rc<Scenario>, Compiled) {
    let (scenario, compiled) = packed.open();
    (Rc::new(scenario), compiled)
}

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

/// All that is wrong.
pub(crate) fn wrong(refused: &[Refused]) -> Vec<Wrong> {
    let mut all = Vec::new();
    for (program, of) in refused.iter().enumerate() {
        for problem in &of.problems {
            all.push(wrong_with(program, &of.files, problem));
        }
    }
    all
}

/// What the compiler said of programs that run.
pub(crate) fn warnings(compiled: &Compiled) -> Vec<Wrong> {
    let mut all = Vec::new();
    for (program, files, warning) in compiled.warnings() {
        all.push(wrong_with(program, files, warning));
    }
    all
}

fn wrong_with(program: usize, files: &[SourceFile], problem: &Diagnostic) -> Wrong {
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
pub(crate) fn refusal(refused: &[Refused], wrong: &[Wrong], lang: Lang) -> View {
    let mut processes = Vec::new();
    for (index, program) in (0..).zip(refused) {
        let mut first = None;
        let mut rendered = String::new();
        for one in wrong.iter().filter(|one| one.program == index) {
            first = first.or(Some(one));
            list_on(&mut rendered, "\n\n", one.rendered.trim_end());
        }
        let location = first.map(|first| LocationView {
            file: program
                .files
                .iter()
                .position(|file| file.name == first.file)
                .unwrap_or(0) as u32,
            line: first.line,
            column: first.column,
            function: String::new(),
        });
        processes.push(ProcessView {
            pid: 0,
            name: match program.name.as_str() {
                "" => say(lang, Text::Folder).to_owned(),
                name => name.to_owned(),
            },
            index,
            program: index,
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
            files: SourceView::of(&program.files),
            marks: Vec::new(),
            fds: Vec::new(),
            next_fd: 0,
            output: Vec::new(),
            exit: None,
            fault: (!rendered.is_empty()).then_some(rendered),
        });
    }
    View {
        processes,
        now: wrong.first().map(|first| told(first, lang)),
        ..nothing()
    }
}

fn told(first: &Wrong, lang: Lang) -> ExplainedView {
    let place = match first.file.as_str() {
        "" => String::new(),
        file => ["**", file, ":", &first.line.to_string(), "** "].concat(),
    };
    ExplainedView {
        event: 0,
        kind: "Refused",
        text: [&place, &first.message, ". ", say(lang, Text::Refused)].concat(),
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
        bookmarks: Vec::new(),
        recorded: None,
    }
}
