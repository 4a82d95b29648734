//! Values as plain JavaScript objects.

use crate::base::parts::{self, Parts};
use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// The value as JSON would have it: nothing is null, a variant is its name.
pub(crate) fn plain(value: &(impl Serialize + ?Sized)) -> JsValue {
    let mut made = Made::default();
    parts::tell(value, &mut made);
    made.whole
}

/// What was made so far.
#[derive(Default)]
struct Made {
    /// Lists and objects that are not complete, outermost first.
    open: Vec<Open>,
    /// What was completed last outside of them.
    whole: JsValue,
}

enum Open {
    List(Array),
    /// With the name of the field that is next.
    Fields(Object, JsValue),
}

impl Made {
    /// A value is complete.
    #[inline(never)]
    fn put(&mut self, value: JsValue) {
        match self.open.last() {
            Some(Open::List(list)) => {
                list.push(&value);
            }
            Some(Open::Fields(fields, name)) => {
                // It fails only for what is frozen.
                let _ = Reflect::set(fields, name, &value);
            }
            None => self.whole = value,
        }
    }
}

impl Parts for Made {
    fn flag(&mut self, on: bool) {
        self.put(on.into());
    }

    fn octet(&mut self, number: u8) {
        self.unsigned(number.into());
    }

    #[inline(never)]
    fn unsigned(&mut self, number: u64) {
        self.put((number as f64).into());
    }

    fn signed(&mut self, number: i64) {
        self.put((number as f64).into());
    }

    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.put(text.into());
    }

    fn optional(&mut self, there: bool) {
        if !there {
            self.put(JsValue::NULL);
        }
    }

    fn variant(&mut self, _: u32, name: &'static str) {
        self.text(name);
    }

    fn open_variant(&mut self, _: u32, name: &'static str) {
        self.open_fields();
        self.name(name);
    }

    fn open_list(&mut self, _: Option<usize>) {
        self.open.push(Open::List(Array::new()));
    }

    fn open_fields(&mut self) {
        let fields = Open::Fields(Object::new(), JsValue::NULL);
        self.open.push(fields);
    }

    #[inline(never)]
    fn name(&mut self, name: &'static str) {
        if let Some(Open::Fields(_, next)) = self.open.last_mut() {
            *next = name.into();
        }
    }

    #[inline(never)]
    fn close(&mut self) {
        let whole = match self.open.pop() {
            Some(Open::List(list)) => list.into(),
            Some(Open::Fields(fields, _)) => fields.into(),
            None => return,
        };
        self.put(whole);
    }
}
