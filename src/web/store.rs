//! What the page knows, and the one place where it changes.

use crate::scenario::{Compiled, InLanguages, Lesson, Packed, Refused, Scenario};
use crate::session::Session;
use crate::web::components::ladder_layout::Talk;
use crate::web::i18n::{Text, say};
use crate::web::model::{Lang, Shared, StepKind};
use crate::web::run::{self, Draft, Origin, Ready, Run, Wrong};
use crate::web::settings::{self, Theme};
use std::rc::Rc;

/// A tab of the telling half of the footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What just happened.
    Explain,
    /// The calls so far.
    Strace,
    /// What the programs wrote.
    Output,
}

/// Whose segments the ladder diagram shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// Those of the connection that the present is about.
    Present,
    /// Those of one connection.
    One(Talk),
    /// All.
    All,
}

/// What a phone shows, where there is room for one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    /// The sources.
    Program,
    /// Descriptors, sockets, ports.
    Kernel,
    /// The ladder diagram.
    Wire,
    /// What the scenario teaches.
    Lesson,
}

/// What stands before the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// Keys, and how to read the picture.
    Help,
    /// The list of situations.
    Library,
    /// What calls and errors are called on Windows.
    Winsock,
}

/// Everything that can be done to the page, but for opening something else.
#[derive(Clone)]
pub(crate) enum Action {
    /// A step of that kind.
    Step(StepKind),
    /// A step of that kind back.
    Back(StepKind),
    /// To the moment after an event.
    Seek(u32),
    /// To the beginning.
    Reset,
    /// As far as the run is known.
    End,
    /// To the next timer that runs out.
    NextTimer,
    /// Gives up a long step or seek.
    Stop,
    /// Lets that process run next.
    Choose(u32),
    /// Plays or pauses.
    TogglePlay,
    /// The next speed; after the last the first.
    Faster,
    /// One beat of playing.
    Beat,
    /// Some work on what is under way, at most so much.
    Advance(u64),
    /// What a step is from now on.
    Kind(StepKind),
    /// Whose lines count.
    Select(u32),
    /// Shows a file of a process, until the process goes on.
    LookAt(u32, u32),
    Lang(Lang),
    /// Light instead of dark or the other way round.
    OtherTheme,
    Tab(Tab),
    Pick(Pick),
    Pane(Pane),
    /// Opens a dialog, or closes the one that is open.
    Dialog(Option<Dialog>),
    /// What is searched for in a dialog.
    Search(Rc<str>),
    /// Shows or hides the lesson, where there is room for it beside the picture.
    Lesson(bool),
    /// Lets a program be edited, or shows its run again.
    Edit(u32, bool),
    /// The text of a program's file is another one.
    Type(u32, u32, Rc<str>),
    /// Compiles the programs as they were edited, and begins anew.
    Run,
    /// Forgets what was edited, and begins anew.
    Original,
    /// What could not be done was read.
    Understood,
}

/// What the page knows.
pub(crate) struct Model {
    /// The run; none while programs do not compile.
    run: Option<Run>,
    /// The programs that do not compile.
    refused: (Vec<Refused>, Vec<Wrong>),
    /// What the compiler said of those that run.
    pub warnings: Vec<Wrong>,
    /// What edited programs are compiled from.
    origin: Origin,
    /// The scenario's name in the library; empty if it is not from there.
    pub name: Rc<str>,
    /// What runs, or ran until it was edited.
    scenario: Option<Rc<Scenario>>,
    /// Texts that were edited.
    drafts: Vec<Draft>,
    /// They are what runs.
    pub edited: bool,
    /// The programs that are edited now.
    editing: Vec<u32>,
    /// Where a program is wrong: to be brought in sight once, by [`Model::take_focus`].
    focus: Option<(u32, u32)>,
    /// The list of situations and the Winsock card, when they have come.
    pub index: Option<Rc<str>>,
    pub card: Option<Rc<str>>,
    pub search: Rc<str>,
    /// The lesson stands beside the picture, where there is room.
    pub lesson_open: bool,
    /// What could not be done.
    pub notice: Option<String>,
    /// The picture of the moment.
    pub view: Shared,
    pub lang: Lang,
    pub theme: Theme,
    pub kind: StepKind,
    pub selected: u32,
    pub playing: bool,
    /// Beats per second are twice this.
    pub speed: u32,
    pub tab: Tab,
    pub pick: Pick,
    /// The files that are looked at instead of those that the processes are in: process and file.
    looked_at: Vec<(u32, u32)>,
    pub pane: Pane,
    pub dialog: Option<Dialog>,
    /// A step or seek is under way.
    pub busy: bool,
    /// There is work to do: call [`Action::Advance`].
    pub more: bool,
}

/// The scenario that the page begins with.
pub(crate) const FIRST: &str = "first-life";

/// The list of situations, and the Winsock card.
const INDEX: &str = "scenarios/index";
const CARD: &str = "words/winsock.txt";

const SPEEDS: [u32; 4] = [1, 2, 4, 8];

impl Model {
    /// The page as it begins, with its first scenario, if that is of this version.
    pub(crate) fn new(name: &str, packed: &[u8]) -> Option<Model> {
        let mut model = Model {
            run: None,
            refused: (Vec::new(), Vec::new()),
            warnings: Vec::new(),
            origin: Origin::Folder(Rc::default()),
            name: name.into(),
            scenario: None,
            drafts: Vec::new(),
            edited: false,
            editing: Vec::new(),
            focus: None,
            index: None,
            card: None,
            search: "".into(),
            lesson_open: settings::lesson(),
            notice: None,
            view: run::refusal(&[], &[], Lang::En).into(),
            lang: settings::lang(),
            theme: settings::theme(),
            kind: StepKind::Syscall,
            selected: 0,
            playing: false,
            speed: 1,
            tab: Tab::Explain,
            pick: Pick::Present,
            looked_at: Vec::new(),
            pane: Pane::Program,
            dialog: None,
            busy: false,
            more: false,
        };
        model.open(name, packed).then_some(model)
    }

    /// The hash of the run's trace, as far as the run is known.
    pub(crate) fn trace_hash(&self) -> String {
        self.run
            .as_ref()
            .map_or_else(String::new, |run| format!("{:016x}", run.trace_hash()))
    }

    /// The file of a process that is looked at, if it is not the one that the process is in.
    pub(crate) fn looked_at(&self, process: u32) -> Option<u32> {
        let found = self.looked_at.iter().find(|(of, _)| *of == process);
        found.map(|(_, file)| *file)
    }

    /// What is wrong with the programs, if they do not compile.
    pub(crate) fn wrong(&self) -> &[Wrong] {
        &self.refused.1
    }

    /// The lesson, in the page's language if there is one.
    pub(crate) fn lesson(&self) -> Option<&Lesson> {
        let InLanguages { en, ko } = &self.scenario.as_ref()?.lesson;
        match self.lang {
            Lang::En => en.as_ref().or(ko.as_ref()),
            Lang::Ko => ko.as_ref().or(en.as_ref()),
        }
    }

    /// What the scenario is called.
    pub(crate) fn title(&self) -> &str {
        match self.lesson() {
            Some(lesson) => &lesson.title,
            None => say(self.lang, Text::OwnPrograms),
        }
    }

    /// Where the content of a dialog is fetched from, if it is not here.
    pub(crate) fn missing(&self, of: Dialog) -> Option<&'static str> {
        let (text, address) = match of {
            Dialog::Help => return None,
            Dialog::Library => (&self.index, INDEX),
            Dialog::Winsock => (&self.card, CARD),
        };
        text.is_none().then_some(address)
    }

    /// The content of a dialog has come.
    pub(crate) fn bring(&mut self, of: Dialog, text: &str) {
        match of {
            Dialog::Help => {}
            Dialog::Library => self.index = Some(text.into()),
            Dialog::Winsock => self.card = Some(text.into()),
        }
    }

    /// Whether the list of situations has one of that name.
    pub(crate) fn has_situation(&self, name: &str) -> bool {
        let mut lines = self.index.iter().flat_map(|index| index.lines());
        // A line without a name is the head of those after it.
        lines.any(|line| line.split('\t').count() > 2 && line.split('\t').next() == Some(name))
    }

    /// Whether a program is edited now.
    pub(crate) fn is_edited(&self, program: u32) -> bool {
        self.editing.contains(&program)
    }

    /// The edited text of a program's file.
    pub(crate) fn draft(&self, program: u32, name: &str) -> Option<&str> {
        let is = |draft: &&Draft| draft.program == program && draft.name == name;
        self.drafts.iter().find(is).map(|draft| &*draft.text)
    }

    /// Whether something was edited.
    pub(crate) fn has_drafts(&self) -> bool {
        !self.drafts.is_empty()
    }

    /// From now on nothing was edited.
    pub(crate) fn forget_drafts(&mut self) {
        self.drafts.clear();
        self.editing.clear();
    }

    /// What is to be compiled: as it was edited.
    pub(crate) fn sources(&self) -> Origin {
        self.origin.with(&self.drafts)
    }

    /// The program and the line that are to be brought in sight, once.
    pub(crate) fn take_focus(&mut self) -> Option<(u32, u32)> {
        self.focus.take()
    }

    /// Does an action. Afterwards the model is consistent; what is drawn follows from it.
    pub(crate) fn reduce(&mut self, action: Action) {
        match action {
            Action::Step(_)
            | Action::Back(_)
            | Action::Seek(_)
            | Action::End
            | Action::NextTimer
            | Action::Choose(_) => self.drive(action),
            Action::Reset | Action::Stop => {
                self.playing = false;
                self.drive(action);
            }
            Action::TogglePlay => self.playing = !self.playing && !self.view.cursor.is_done(),
            Action::Faster => {
                let next = SPEEDS
                    .iter()
                    .position(|speed| *speed == self.speed)
                    .map_or(0, |at| at + 1);
                self.speed = SPEEDS[next % SPEEDS.len()];
            }
            Action::Beat => self.beat(),
            Action::Advance(budget) => self.advance(budget),
            Action::Kind(kind) => self.kind = kind,
            Action::Select(process) => {
                if (process as usize) < self.view.processes.len() {
                    self.selected = process;
                }
            }
            Action::Lang(lang) => {
                self.lang = lang;
                settings::keep_lang(lang);
                self.look();
            }
            Action::LookAt(process, file) => {
                self.looked_at.retain(|(other, _)| *other != process);
                self.looked_at.push((process, file));
            }
            Action::OtherTheme => {
                self.theme = settings::other_theme(self.theme);
                settings::keep_theme(self.theme);
            }
            Action::Tab(tab) => self.tab = tab,
            Action::Pick(pick) => self.pick = pick,
            Action::Pane(pane) => self.pane = pane,
            Action::Dialog(dialog) => {
                self.dialog = dialog;
                self.search = "".into();
            }
            Action::Search(text) => self.search = text,
            Action::Lesson(open) => {
                self.lesson_open = open;
                settings::keep_lesson(open);
            }
            Action::Edit(program, edit) => {
                self.editing.retain(|other| *other != program);
                if edit {
                    self.editing.push(program);
                    self.selected = program;
                    self.focus = Some((program, 0));
                }
            }
            Action::Type(program, file, text) => self.draft_is(program, file, text),
            Action::Understood => self.notice = None,
            // The store's to do.
            Action::Run | Action::Original => {}
        }
    }

    fn draft_is(&mut self, program: u32, file: u32, text: Rc<str>) {
        let process = self.view.processes.get(program as usize);
        let Some(source) = process.and_then(|process| process.files.get(file as usize)) else {
            return;
        };
        let is = |draft: &&mut Draft| draft.program == program && draft.name == source.name;
        match self.drafts.iter_mut().find(is) {
            Some(draft) => draft.text = text,
            None => self.drafts.push(Draft {
                program,
                name: source.name.clone(),
                text,
            }),
        }
    }

    /// Opens a scenario of the library; not if it was packed by another version.
    pub(crate) fn open(&mut self, name: &str, packed: &[u8]) -> bool {
        let Some(packed) = Packed::from_bytes(packed) else {
            return false;
        };
        let (scenario, compiled) = run::opened(packed);
        self.forget();
        self.name = name.into();
        self.origin = Origin::Scenario(scenario.clone());
        self.run(scenario, &compiled);
        true
    }

    /// Shows what was compiled, or what is wrong with it: something new, or what is open already as it was edited.
    pub(crate) fn load(&mut self, origin: Option<Origin>, ready: Ready) {
        match origin {
            Some(origin) => {
                self.forget();
                self.origin = origin;
            }
            None => self.edited = self.has_drafts(),
        }
        match ready {
            Ok((scenario, compiled)) => self.run(scenario, &compiled),
            Err(refused) => self.begin(None, refused),
        }
    }

    /// Nothing of what was open before stays.
    fn forget(&mut self) {
        self.name = "".into();
        self.scenario = None;
        self.drafts.clear();
        self.editing.clear();
        self.edited = false;
        self.dialog = None;
        self.notice = None;
        if self.pane == Pane::Lesson {
            self.pane = Pane::Program;
        }
    }

    fn run(&mut self, scenario: Rc<Scenario>, compiled: &Compiled) {
        self.editing.clear();
        let run = Session::of(&scenario, compiled);
        self.scenario = Some(scenario);
        self.begin(Some(run), Vec::new());
        self.warnings = run::warnings(compiled);
    }

    fn begin(&mut self, run: Option<Run>, refused: Vec<Refused>) {
        let wrong = run::wrong(&refused);
        self.warnings.clear();
        self.run = run;
        self.focus = wrong.first().map(|first| (first.program, first.line));
        self.refused = (refused, wrong);
        self.looked_at.clear();
        self.selected = 0;
        self.playing = false;
        self.busy = false;
        self.more = self.run.is_some();
        // The program listed last is the one that the scenario is about: the client.
        self.look();
        self.selected = self.view.processes.len().saturating_sub(1) as u32;
        if let Some((program, _)) = self.focus {
            self.selected = program;
        }
        // Enough for most scenarios to be known whole at first sight.
        self.advance(FIRST_SLICE);
    }

    /// The actions that move the cursor of the run.
    fn drive(&mut self, action: Action) {
        let Some(run) = &mut self.run else { return };
        match action {
            Action::Step(kind) => run.step(kind, self.selected),
            Action::Back(kind) => run.back(kind, self.selected),
            Action::Seek(event) => run.seek(event),
            Action::Reset => run.reset(),
            Action::End => run.seek(u32::MAX),
            Action::NextTimer => run.next_timer(),
            Action::Stop => run.seek(run.event()),
            Action::Choose(process) => run.choose(process),
            _ => return,
        }
        self.busy = run.is_busy();
        self.more = true;
        self.look();
    }

    fn beat(&mut self) {
        if self.playing && !self.busy {
            let kind = self.kind;
            self.reduce(Action::Step(kind));
            if self.view.cursor.is_done() {
                self.playing = false;
            }
        }
    }

    fn advance(&mut self, budget: u64) {
        let Some(run) = &mut self.run else {
            self.more = false;
            return;
        };
        let (was_busy, known, complete) = (self.busy, run.log().len(), run.is_complete());
        self.more = run.advance(budget);
        self.busy = run.is_busy();
        // A new picture only where there is something new to see.
        if was_busy != self.busy || known != run.log().len() || complete != run.is_complete() {
            self.look();
        }
    }

    fn look(&mut self) {
        let (refused, wrong) = &self.refused;
        let view: Shared = match &self.run {
            Some(run) => run.view(self.lang),
            None => run::refusal(refused, wrong, self.lang),
        }
        .into();
        // A program that has gone on is looked at where it is.
        let before = std::mem::replace(&mut self.view, view);
        let stayed = |process: u32| before.location_of(process) == self.view.location_of(process);
        self.looked_at.retain(|(process, _)| stayed(*process));
    }
}

/// Ticks that a scenario is explored by at once when it is loaded.
const FIRST_SLICE: u64 = 100_000;
