//! What the page draws from, under one roof: the view model and the two words it shares with the session.

pub(crate) use crate::session::view::*;
pub(crate) use crate::session::{Lang, StepKind};
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

impl View {
    /// The name of a process; a dash if there is none.
    pub(crate) fn name_of(&self, process: Option<u32>) -> &str {
        process
            .and_then(|index| self.processes.get(index as usize))
            .map_or("–", |process| &process.name)
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

/// The value of a `data-*` attribute that is there or not.
pub(crate) fn flag(is: bool) -> Option<yew::AttrValue> {
    is.then_some(yew::AttrValue::Static("true"))
}

/// The value of an ARIA attribute that always says which.
pub(crate) fn truth(is: bool) -> yew::AttrValue {
    yew::AttrValue::Static(if is { "true" } else { "false" })
}
