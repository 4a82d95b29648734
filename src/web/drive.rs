//! The store that the whole page shares, and the loop that works on a run without ever freezing the page.

use crate::web::compiler::{self, OTHER_VERSION};
use crate::web::fetch::{self, Work, start};
use crate::web::files::Found;
use crate::web::run::Origin;
use crate::web::store::{Action, Dialog, FIRST, Model};
use crate::web::{address, language, settings};
use crate::words::Lang;
use gloo::timers::callback::{Interval, Timeout};
use gloo::utils::window;
use js_sys::{Error, Function, Promise};
use std::cell::{Cell, OnceCell, Ref, RefCell, RefMut};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use yew::Callback;

/// What a slice of work may take, in milliseconds: half of a frame, so that drawing has the other half.
const SLICE: f64 = 8.0;
/// Milliseconds after the page's first drawing until what will be needed is fetched.
const IDLE: u32 = 1500;
/// Milliseconds between two steps of playing at single speed.
const BEAT: u32 = 1000;
/// Bounds of the work per slice, in ticks.
const PACE: (u64, u64) = (2_000, 4_000_000);

/// The page's only state. Clones are the same store.
#[derive(Clone)]
pub(crate) struct Store(Rc<Inner>);

struct Inner {
    model: RefCell<Model>,
    /// Draws the page.
    draw: OnceCell<Callback<()>>,
    /// Ticks that fit into a slice, as measured.
    pace: Cell<u64>,
    /// The next frame will call.
    called: Cell<bool>,
    frame: OnceCell<Closure<dyn FnMut()>>,
    /// Beats while a run plays: at which speed.
    beats: Cell<Option<(u32, Interval)>>,
    /// Called after every change.
    listeners: Cell<Vec<Function>>,
    /// Called once, when nothing is under way.
    waiting: Cell<Vec<Function>>,
    /// The language that was asked for last; its words may still be on their way.
    wanted: Cell<Option<Lang>>,
    /// How often something was loaded.
    turn: Cell<u32>,
    /// Scenarios that were fetched, by name: each is fetched once.
    fetched: Cell<Vec<(String, Rc<[u8]>)>>,
}

/// What takes its time, and may fail.
pub(crate) enum Task {
    /// Opens a scenario of the library.
    Open(String),
    /// Compiles something new, and shows it.
    Load(Origin),
    /// Compiles what is open, as it was edited.
    Run,
    /// Opens what was dropped or picked.
    Files(Found),
    /// Opens a dialog when its content has come.
    Dialog(Dialog),
}

impl PartialEq for Store {
    fn eq(&self, other: &Store) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Store {
    /// The store of a new page with its first scenario, if that is of this version. It works from the next frame on.
    pub(crate) fn new(name: &str, packed: Vec<u8>) -> Option<Store> {
        let store = Store(Rc::new(Inner {
            model: RefCell::new(Model::new(name, &packed)?),
            draw: OnceCell::new(),
            pace: Cell::new(50_000),
            called: Cell::new(false),
            frame: OnceCell::new(),
            beats: Cell::new(None),
            listeners: Cell::default(),
            waiting: Cell::default(),
            wanted: Cell::new(None),
            turn: Cell::new(0),
            fetched: Cell::new(vec![(name.to_owned(), packed.into())]),
        }));
        let weak = Rc::downgrade(&store.0);
        let frame = Closure::new(move || {
            if let Some(inner) = weak.upgrade() {
                Store(inner).work();
            }
        });
        let _ = store.0.frame.set(frame);
        store.call_frame();
        let idle = store.clone();
        Timeout::new(IDLE, move || idle.prepare()).forget();
        Some(store)
    }

    /// Fetches what is needed for opening other scenarios and for editing.
    fn prepare(&self) {
        if window().navigator().on_line() {
            let index = self.content(Dialog::Library);
            // What cannot be fetched now is fetched when it is needed, and told then.
            let _ = start(Box::pin(async {
                index.await?;
                compiler::start().await?;
                settings::tell_compiler();
                Ok(JsValue::UNDEFINED)
            }));
        }
    }

    /// Does what may fail, and tells on the page if it does.
    pub(crate) fn attempt(&self, what: Task) {
        let store = self.clone();
        let _ = start(Box::pin(async move {
            if let Err(error) = store.perform(what).await {
                let message = error.unchecked_into::<Error>().message();
                store.change().notice = Some(message.into());
                store.changed();
            }
            Ok(JsValue::UNDEFINED)
        }));
    }

    /// Opens what the address names.
    pub(crate) fn follow(&self, name: &str) {
        if *name != *self.model().name {
            let name = if name.is_empty() { FIRST } else { name };
            self.attempt(Task::Open(name.to_owned()));
        }
    }

    /// Does what may fail.
    pub(crate) fn perform(&self, task: Task) -> Work {
        let store = self.clone();
        Box::pin(async move {
            let new = match task {
                Task::Open(name) => return store.open(&name).await,
                Task::Dialog(dialog) => {
                    store.content(dialog).await?;
                    store.reduce(Action::Dialog(Some(dialog)));
                    return Ok(JsValue::UNDEFINED);
                }
                Task::Files(found) => Some(Origin::Folder(Rc::new(found.read().await?))),
                Task::Load(origin) => Some(origin),
                Task::Run => None,
            };
            store.load(new).await
        })
    }

    /// Opens a scenario of the library; but not if something else was opened meanwhile.
    async fn open(&self, name: &str) -> Result<JsValue, JsValue> {
        let turn = self.next_turn();
        let found = self.fetched(name);
        let packed = match found {
            Some(packed) => packed,
            None => self.fetch(name).await?,
        };
        if self.0.turn.get() == turn {
            if !self.change().open(name, &packed) {
                return Err(Error::new(OTHER_VERSION).into());
            }
            address::tell(name);
            self.changed();
        }
        Ok(JsValue::UNDEFINED)
    }

    fn fetched(&self, name: &str) -> Option<Rc<[u8]>> {
        let fetched = self.0.fetched.take();
        let found = fetched.iter().find(|(of, _)| of == name);
        let found = found.map(|(_, packed)| packed.clone());
        self.0.fetched.set(fetched);
        found
    }

    async fn fetch(&self, name: &str) -> Result<Rc<[u8]>, JsValue> {
        self.content(Dialog::Library).await?;
        if !self.model().has_situation(name) {
            return Err(Error::new("there is no scenario of that name").into());
        }
        settings::tell_busy(true);
        let packed = fetch::packed(name).await;
        settings::tell_busy(false);
        let packed: Rc<[u8]> = fetch::bytes(&packed?).into();
        let kept = (name.to_owned(), packed.clone());
        let mut fetched = self.0.fetched.take();
        fetched.push(kept);
        self.0.fetched.set(fetched);
        Ok(packed)
    }

    /// Fetches the content of a dialog, if it is not here.
    fn content(&self, of: Dialog) -> Work {
        let store = self.clone();
        Box::pin(async move {
            let missing = store.model().missing(of);
            if let Some(address) = missing {
                let text = fetch::text(address).await?.as_string();
                store.change().bring(of, &text.unwrap_or_default());
                store.changed();
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// The place that is to be brought in sight, once.
    pub(crate) fn take_focus(&self) -> Option<(u32, u32)> {
        self.change().take_focus()
    }

    /// What the page knows. Must not be held across [`Store::act`].
    #[inline(never)]
    pub(crate) fn model(&self) -> Ref<'_, Model> {
        self.0.model.borrow()
    }

    /// What the page knows, to change it.
    #[inline(never)]
    fn change(&self) -> RefMut<'_, Model> {
        self.0.model.borrow_mut()
    }

    /// Does an action and draws what came of it. Another language is shown when its words are there.
    pub(crate) fn act(&self, action: Action) {
        match action {
            // What cannot be fetched is told on the console; the page goes on in the language that it has.
            Action::Lang(lang) => drop(self.set_lang(lang)),
            Action::Run => self.attempt(Task::Run),
            Action::Original => self.original(),
            Action::Dialog(Some(dialog)) => self.attempt(Task::Dialog(dialog)),
            _ => self.reduce(action),
        }
    }

    /// Back to what was opened, before it was edited.
    fn original(&self) {
        self.change().forget_drafts();
        let name = self.model().name.to_string();
        self.attempt(if name.is_empty() {
            Task::Run
        } else {
            Task::Open(name)
        });
    }

    /// Shows another language: at once if its words are there. The promise is kept when it is shown, or another
    /// one was asked for since.
    pub(crate) fn set_lang(&self, lang: Lang) -> Promise {
        self.0.wanted.set(Some(lang));
        if language::is_here(lang) {
            self.reduce(Action::Lang(lang));
            return Promise::resolve(&JsValue::UNDEFINED);
        }
        let store = self.clone();
        start(Box::pin(async move {
            settings::tell_busy(true);
            let fetched = language::fetch(lang).await;
            settings::tell_busy(false);
            fetched?;
            if store.0.wanted.get() == Some(lang) {
                store.reduce(Action::Lang(lang));
            }
            Ok(JsValue::UNDEFINED)
        }))
    }

    fn reduce(&self, action: Action) {
        self.change().reduce(action);
        self.changed();
    }

    /// Has programs compiled and shows them: something new, or what is open as it was edited. But not if something else
    /// was opened meanwhile.
    async fn load(&self, new: Option<Origin>) -> Result<JsValue, JsValue> {
        let turn = self.next_turn();
        let sources = match &new {
            Some(new) => new.clone(),
            None => self.model().sources(),
        };
        settings::tell_busy(true);
        let answer = compiler::ask(&sources.question()).await;
        settings::tell_busy(false);
        if self.0.turn.get() == turn {
            let ready = sources.answered(&answer?);
            let ready = ready.ok_or_else(|| Error::new(OTHER_VERSION))?;
            if new.is_some() {
                address::tell("");
            }
            self.change().load(new, ready);
            self.changed();
        }
        Ok(JsValue::UNDEFINED)
    }

    /// What is loaded from now on is newer than what is being compiled.
    fn next_turn(&self) -> u32 {
        let turn = self.0.turn.get() + 1;
        self.0.turn.set(turn);
        turn
    }

    /// How the page is drawn.
    pub(crate) fn on_draw(&self, draw: Callback<()>) {
        let _ = self.0.draw.set(draw);
    }

    /// Calls `listener` after every change from now on.
    pub(crate) fn on_change(&self, listener: Function) {
        push(&self.0.listeners, listener);
    }

    /// Calls `then` as soon as no step or seek is under way, which may be at once.
    pub(crate) fn when_done(&self, then: Function) {
        push(&self.0.waiting, then);
        self.tell_done();
    }

    fn changed(&self) {
        if let Some(draw) = self.0.draw.get() {
            draw.emit(());
        }
        let listeners = self.0.listeners.take();
        self.0.listeners.set(listeners.clone());
        for listener in listeners {
            call(&listener);
        }
        self.tell_done();
        self.call_frame();
        self.keep_time();
    }

    /// Beats as fast as the run plays, or not at all.
    fn keep_time(&self) {
        let model = self.model();
        let speed = model.playing.then_some(model.speed);
        let mut beats = self.0.beats.take();
        if beats.as_ref().map(|(speed, _)| *speed) != speed {
            beats = speed.map(|speed| {
                let store = self.clone();
                let beat = move || store.act(Action::Beat);
                (speed, Interval::new(BEAT / speed.max(1), beat))
            });
        }
        self.0.beats.set(beats);
    }

    fn tell_done(&self) {
        if !self.model().busy {
            let waiting = self.0.waiting.take();
            for then in waiting {
                call(&then);
            }
        }
    }

    /// Asks for a frame if there is work and none is asked for yet.
    fn call_frame(&self) {
        if !self.model().more || self.0.called.get() {
            return;
        }
        if let Some(frame) = self.0.frame.get() {
            let asked = window().request_animation_frame(frame.as_ref().unchecked_ref());
            self.0.called.set(asked.is_ok());
        }
    }

    /// One slice of work, as much as took about [`SLICE`] the last time.
    fn work(&self) {
        self.0.called.set(false);
        let before = {
            let model = self.model();
            (model.view.clone(), model.busy)
        };
        let pace = self.0.pace.get();
        let began = now();
        self.change().reduce(Action::Advance(pace));
        let took = now() - began;
        let next = if took > SLICE {
            pace / 2
        } else if took < SLICE / 2.0 {
            pace * 2
        } else {
            pace
        };
        self.0.pace.set(next.clamp(PACE.0, PACE.1));
        let drawn = {
            let model = self.model();
            before == (model.view.clone(), model.busy)
        };
        if drawn {
            self.call_frame();
        } else {
            self.changed();
        }
    }
}

fn push(functions: &Cell<Vec<Function>>, function: Function) {
    let mut all = functions.take();
    all.push(function);
    functions.set(all);
}

fn call(function: &Function) {
    // A listener that throws must not stop the page.
    if let Err(error) = function.call0(&JsValue::NULL) {
        web_sys::console::error_1(&error);
    }
}

fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}
