//! `window.sockscope`: the page for embedders and tests.
//!
//! Values are plain JavaScript objects: `state()` is a `View` (see `src/session/view.rs`) with its fields in
//! camelCase and its texts in the page's language. The object is there with the page's first drawing. Every call that changes something is drawn at once. What can take long gives a promise of the
//! view after it; for a short run it has been kept when the call returns.
//!
//! ```js
//! await sockscope.load("first-life")              // → View; any scenario of the library
//! await sockscope.load({                          // → View; or an Error with .diagnostics:
//!   programs: [{                                  //   [{program, file, line, column, message, rendered}],
//!     name: "client",                             //   which the page shows in the sources
//!     files: [{ name: "client.c", text: "…" }],
//!     args: ["127.0.0.1"], stdin: "",             // both may be left out
//!   }],
//!   seed: 1,                                      // may be left out
//! })
//! await sockscope.step("packet")                  // "line" | "syscall" | "packet" | "event"; → View
//! await sockscope.back("packet")                  // → View
//! await sockscope.seek(17)                        // to the moment after event 17; → View
//! await sockscope.nextTimer()                     // → View
//! await sockscope.choose("client")                // or its index; where state().choice is set; → View
//! await sockscope.reset()                         // → View
//! sockscope.state()                               // → View
//! sockscope.traceHash()                           // of the run as far as it is known
//! sockscope.select("server")                      // whose lines "line" steps follow
//! await sockscope.setLang("ko")                   // "en" | "ko"; kept when its words are fetched and shown
//! sockscope.on("change", () => …)                 // after every change, until the page is left
//! ```

use crate::web::asked;
use crate::web::drive::{Store, Task};
use crate::web::fetch::start;
use crate::web::model::{Lang, ProcessView, StepKind, kind_named};
use crate::web::run::Origin;
use crate::web::store::{Action, Model};
use js_sys::{Error, Function, Promise, Reflect};
use serde::Serialize;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The object `window.sockscope`.
#[wasm_bindgen(js_name = Sockscope)]
pub struct Api {
    store: Store,
}

/// Puts the object onto the window.
pub(crate) fn offer(store: Store) {
    let api = JsValue::from(Api { store });
    // It fails only on a frozen window.
    let _ = Reflect::set(&gloo::utils::window(), &"sockscope".into(), &api);
}

#[wasm_bindgen(js_class = Sockscope)]
impl Api {
    /// Loads a scenario, by name or by its programs, which are compiled.
    pub fn load(&self, scenario: JsValue) -> Promise {
        let store = self.store.clone();
        start(Box::pin(async move {
            store.perform(task(&scenario)?).await?;
            loaded(&store.model())
        }))
    }

    /// One step of that kind.
    pub fn step(&self, kind: Option<String>) -> Result<Promise, JsValue> {
        let kind = self.kind(kind)?;
        Ok(self.after(Action::Step(kind)))
    }

    /// One step of that kind back.
    pub fn back(&self, kind: Option<String>) -> Result<Promise, JsValue> {
        let kind = self.kind(kind)?;
        Ok(self.after(Action::Back(kind)))
    }

    /// To the moment after an event.
    pub fn seek(&self, event: u32) -> Promise {
        self.after(Action::Seek(event))
    }

    /// To the beginning.
    pub fn reset(&self) -> Promise {
        self.after(Action::Reset)
    }

    /// To the next timer that runs out.
    #[wasm_bindgen(js_name = nextTimer)]
    pub fn next_timer(&self) -> Promise {
        self.after(Action::NextTimer)
    }

    /// Lets a process run next, where that is the user's choice.
    pub fn choose(&self, process: JsValue) -> Result<Promise, JsValue> {
        let process = self.process(&process)?;
        Ok(self.after(Action::Choose(process)))
    }

    /// Decides whose lines "line" steps follow.
    pub fn select(&self, process: JsValue) -> Result<(), JsValue> {
        let process = self.process(&process)?;
        self.store.act(Action::Select(process));
        Ok(())
    }

    /// The picture of this moment, as a plain object.
    pub fn state(&self) -> Result<JsValue, JsValue> {
        plain(&*self.store.model().view)
    }

    /// A hash of everything that happened in the run so far, 16 hexadecimal digits: the same run has the
    /// same hash natively. Empty if no run is loaded.
    #[wasm_bindgen(js_name = traceHash)]
    pub fn trace_hash(&self) -> String {
        self.store.model().trace_hash()
    }

    /// Sets the language, of the page and of the texts in views.
    #[wasm_bindgen(js_name = setLang)]
    pub fn set_lang(&self, lang: &str) -> Result<Promise, JsValue> {
        let lang = match lang {
            "en" => Lang::En,
            "ko" => Lang::Ko,
            _ => return Err(error("the languages are \"en\" and \"ko\"")),
        };
        Ok(self.store.set_lang(lang))
    }

    /// Calls `listener` after every change.
    pub fn on(&self, what: &str, listener: Function) -> Result<(), JsValue> {
        if what != "change" {
            return Err(error("there is only \"change\" to listen to"));
        }
        self.store.on_change(listener);
        Ok(())
    }

    fn kind(&self, name: Option<String>) -> Result<StepKind, JsValue> {
        match name {
            None => Ok(self.store.model().kind),
            Some(name) => kind_named(&name)
                .ok_or_else(|| error("a step is \"line\", \"syscall\", \"packet\" or \"event\"")),
        }
    }

    fn process(&self, named: &JsValue) -> Result<u32, JsValue> {
        let processes = &self.store.model().view.processes;
        let found = match named.as_string() {
            Some(name) => processes.iter().find(|process| process.name == name),
            None => {
                let index = named.as_f64();
                let is = |process: &&ProcessView| index == Some(f64::from(process.index));
                processes.iter().find(is)
            }
        };
        found
            .map(|process| process.index)
            .ok_or_else(|| error("there is no such process"))
    }

    fn after(&self, action: Action) -> Promise {
        self.store.act(action);
        let store = self.store.clone();
        Promise::new(&mut |resolve, reject| {
            let store_then = store.clone();
            let then = Closure::once_into_js(move || {
                // Whoever is told has no way to fail that could be answered here.
                let _ = match plain(&*store_then.model().view) {
                    Ok(view) => resolve.call1(&JsValue::NULL, &view),
                    Err(wrong) => reject.call1(&JsValue::NULL, &wrong),
                };
            });
            store.when_done(then.unchecked_into());
        })
    }
}

/// What `load` is asked to do.
fn task(scenario: &JsValue) -> Result<Task, JsValue> {
    if let Some(name) = scenario.as_string() {
        return Ok(Task::Open(name));
    }
    let asked = asked::read(scenario).map_err(|wrong| error(&wrong))?;
    Ok(Task::Load(Origin::Scenario(Rc::new(asked))))
}

/// What came of it.
fn loaded(model: &Model) -> Result<JsValue, JsValue> {
    let Some(first) = model.wrong().first() else {
        return plain(&*model.view);
    };
    let refused = error(&first.rendered);
    Reflect::set(&refused, &"diagnostics".into(), &plain(model.wrong())?)?;
    Err(refused)
}

fn plain(value: &(impl Serialize + ?Sized)) -> Result<JsValue, JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(JsValue::from)
}

fn error(message: &str) -> JsValue {
    Error::new(message).into()
}
