//! What the page knows, and the one place where it changes.

use crate::scenario::Built;
use crate::web::asked::Asked;
use crate::web::components::ladder_layout::Talk;
use crate::web::i18n::Text;
use crate::web::model::{Lang, Shared, StepKind};
use crate::web::run::{self, Run, Wrong};
use crate::web::settings::{self, Theme};

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
}

/// Everything that can be done to the page, but for loading other programs.
#[derive(Clone, Copy)]
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
    Help(bool),
    /// Loads the scenario that the page begins with.
    First,
}

/// What the page knows.
pub(crate) struct Model {
    /// The scenario that the page begins with, as it was fetched.
    first: Vec<u8>,
    /// The run; none while programs do not compile.
    run: Option<Run>,
    /// The programs that do not compile.
    refused: Option<(Asked, Vec<Wrong>)>,
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
    pub help: bool,
    /// A step or seek is under way.
    pub busy: bool,
    /// There is work to do: call [`Action::Advance`].
    pub more: bool,
    /// What the scenario is called.
    pub title: Text,
}

/// The scenario that the page begins with.
pub(crate) const FIRST: &str = "first-life";

/// Where it lies.
pub(crate) const FIRST_PACKED: &str = "scenarios/first-life/packed";

const SPEEDS: [u32; 4] = [1, 2, 4, 8];

impl Model {
    /// The page as it begins, with its first scenario.
    pub(crate) fn new(first: Vec<u8>) -> Model {
        let mut model = Model {
            first,
            run: None,
            refused: None,
            view: run::refusal(&Asked::default(), &[], Lang::En).into(),
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
            help: false,
            busy: false,
            more: false,
            title: Text::FirstLife,
        };
        model.reduce(Action::First);
        model
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
        self.refused.as_ref().map_or(&[], |(_, wrong)| wrong)
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
            Action::Help(open) => self.help = open,
            Action::First => {
                if let Some(run) = run::packed(&self.first) {
                    self.title = Text::FirstLife;
                    self.begin(Some(run), None);
                }
            }
        }
    }

    /// Loads programs of which this was built; those that do not compile are shown with what is wrong in them.
    pub(crate) fn load(&mut self, asked: Asked, built: Built) {
        self.title = Text::OwnPrograms;
        match run::open(&asked.scenario(), built) {
            Ok(run) => self.begin(Some(run), None),
            Err(wrong) => self.begin(None, Some((asked, wrong))),
        }
    }

    fn begin(&mut self, run: Option<Run>, refused: Option<(Asked, Vec<Wrong>)>) {
        self.run = run;
        self.refused = refused;
        self.looked_at.clear();
        self.selected = 0;
        self.playing = false;
        self.busy = false;
        self.more = self.run.is_some();
        // The program listed last is the one that the scenario is about: the client.
        self.look();
        self.selected = self.view.processes.len().saturating_sub(1) as u32;
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
        let view: Shared = match (&self.run, &self.refused) {
            (Some(run), _) => run.view(self.lang),
            (None, Some((asked, wrong))) => run::refusal(asked, wrong, self.lang),
            (None, None) => return,
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
