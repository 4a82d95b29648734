//! What the page draws from, under one roof: the view model and the two words it shares with the session.

pub(crate) use crate::session::view::*;
pub(crate) use crate::session::{Lang, StepKind};
use crate::web::drive::Store;
use crate::web::store::{Model, Pick, Tab};
use std::ops::Deref;
use std::rc::Rc;

/// A view that many components share. Two are equal if they are the same one.
#[derive(Clone)]
pub(crate) struct Shared(Rc<View>);

impl From<View> for Shared {
    fn from(view: View) -> Shared {
        Shared(Rc::new(view))
    }
}

impl Deref for Shared {
    type Target = View;

    fn deref(&self) -> &View {
        &self.0
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Shared) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What the parts of the page are drawn from.
#[derive(Clone, PartialEq)]
pub(crate) struct Scene {
    pub lang: Lang,
    pub view: Shared,
    pub tab: Tab,
    pub pick: Pick,
    pub store: Store,
}

impl Scene {
    /// What is to be drawn now.
    pub(crate) fn of(store: &Store, model: &Model) -> Scene {
        Scene {
            lang: model.lang,
            view: model.view.clone(),
            tab: model.tab,
            pick: model.pick,
            store: store.clone(),
        }
    }
}

impl View {
    /// The name of a process; a dash if there is none.
    pub(crate) fn name_of(&self, process: Option<u32>) -> &str {
        process
            .and_then(|index| self.processes.get(index as usize))
            .map_or("–", |process| &process.name)
    }

    /// Whose table of descriptors a process has: threads share that of the first.
    pub(crate) fn table_of(&self, process: u32) -> u32 {
        let pid = self.processes.get(process as usize).map(|one| one.pid);
        let mut all = self.processes.iter();
        all.find(|one| one.pid != 0 && Some(one.pid) == pid)
            .map_or(process, |first| first.index)
    }

    /// Where in its source a process is.
    pub(crate) fn location_of(&self, process: u32) -> Option<&LocationView> {
        self.processes.get(process as usize)?.location.as_ref()
    }
}

impl CursorView {
    /// Nothing is to be seen after this.
    pub(crate) fn is_done(&self) -> bool {
        self.at_end
    }
}

/// The names of step kinds in `data-*` attributes and in `window.sockscope`.
pub(crate) fn kind_name(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Line => "line",
        StepKind::Syscall => "syscall",
        StepKind::Packet => "packet",
        StepKind::Event => "event",
    }
}

/// The kind of a name, if it is one.
pub(crate) fn kind_named(name: &str) -> Option<StepKind> {
    KINDS.into_iter().find(|kind| kind_name(*kind) == name)
}

/// All step kinds, from the smallest question to the smallest step.
pub(crate) const KINDS: [StepKind; 4] = [
    StepKind::Line,
    StepKind::Syscall,
    StepKind::Packet,
    StepKind::Event,
];
