//! Elements, built by calls.
//!
//! `html!` unrolls every attribute, child and listener of an element where it stands, which makes hundreds of bytes
//! of an element, and the page has about two hundred. Here an element is a chain of calls to functions that exist
//! once: a dozen bytes for an attribute. What is drawn is the same.
//!
//! ```ignore
//! el("g.segment")
//!     .key(told.packet)
//!     .set("data-segment", told.packet)
//!     .flag("data-lost", told.lost)
//!     .on_click(store, Action::Seek(told.sent_event))
//!     .child(el("title").child(title(told)))
//! ```

use crate::web::drive::Store;
use crate::web::i18n::{Text, say};
use crate::web::model::Lang;
use crate::web::store::Action;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Event;
use yew::virtual_dom::{
    AttrValue, AttributeOrProperty, Attributes, Key, Listener, ListenerKind, VList, VNode, VTag,
    VText,
};
use yew::{Html, NodeRef};

/// An element under construction. A pointer, so that the calls of a chain hand it on in a register.
pub(crate) struct El(Box<Parts>);

#[derive(Default)]
struct Parts {
    tag: &'static str,
    key: Option<Key>,
    node: NodeRef,
    names: Vec<&'static str>,
    /// One for each name; `None` if the attribute is not there this time.
    values: Vec<Option<AttributeOrProperty>>,
    style: String,
    listeners: Vec<Option<Rc<dyn Listener>>>,
    children: Vec<VNode>,
}

/// A new element: its tag and, after a dot, its classes, as in `span.chip linux`.
#[inline(never)]
pub(crate) fn el(tag: &'static str) -> El {
    let (tag, class) = tag.split_once('.').unwrap_or((tag, ""));
    let mut parts = Parts {
        tag,
        ..Parts::default()
    };
    if !class.is_empty() {
        parts.names.push("class");
        parts.values.push(Some(AttributeOrProperty::Static(class)));
    }
    El(Box::new(parts))
}

impl El {
    /// Sets an attribute; `None` leaves it out.
    #[inline(always)]
    pub(crate) fn set(self, name: &'static str, value: impl Value) -> El {
        value.set_on(self, name)
    }

    /// An attribute that is `true` or not there.
    #[inline(never)]
    pub(crate) fn flag(self, name: &'static str, is: bool) -> El {
        self.add(name, is.then_some(AttributeOrProperty::Static("true")))
    }

    /// An attribute that always says which.
    #[inline(never)]
    pub(crate) fn truth(self, name: &'static str, is: bool) -> El {
        let value = if is { "true" } else { "false" };
        self.add(name, Some(AttributeOrProperty::Static(value)))
    }

    /// Sets a property of the element in the document, as far as another one was set the last time.
    #[inline(never)]
    pub(crate) fn property(self, name: &'static str, value: &str) -> El {
        self.add(name, Some(AttributeOrProperty::Property(value.into())))
    }

    /// A length of its style, in CSS pixels.
    #[inline(never)]
    pub(crate) fn px(mut self, property: &str, length: i32) -> El {
        let style = &mut self.0.style;
        for part in [property, ":", &length.to_string(), "px;"] {
            style.push_str(part);
        }
        self
    }

    /// What it is among its siblings.
    #[inline(always)]
    pub(crate) fn key(self, key: impl Name) -> El {
        key.name(self)
    }

    #[inline(never)]
    fn text_key(mut self, key: &str) -> El {
        self.0.key = Some(Key::from(key));
        self
    }

    #[inline(never)]
    fn number_key(self, key: i64) -> El {
        self.text_key(&key.to_string())
    }

    /// Lets `node` find it once it is drawn.
    #[inline(never)]
    pub(crate) fn node(mut self, node: &NodeRef) -> El {
        self.0.node = node.clone();
        self
    }

    /// Does `action` when it is clicked.
    #[inline(always)]
    pub(crate) fn on_click(self, store: &Store, action: Action) -> El {
        self.does(On::Click, store, action)
    }

    /// Does `action` when something happens to it.
    #[inline(never)]
    pub(crate) fn does(self, when: On, store: &Store, action: Action) -> El {
        let store = store.clone();
        self.on(when, Rc::new(move |_| store.act(action.clone())))
    }

    /// Calls `then` when something happens to it.
    #[inline(never)]
    pub(crate) fn on(mut self, what: On, then: Then) -> El {
        self.0.listeners.push(Some(Rc::new(Heard { what, then })));
        self
    }

    /// Adds a child: an element, a text, one of the page's texts in a language, a number; `None` is nothing.
    #[inline(always)]
    pub(crate) fn child(self, child: impl Child) -> El {
        child.add_to(self)
    }

    /// Adds children that have keys among themselves.
    pub(crate) fn list(self, children: impl IntoIterator<Item = El>) -> El {
        let mut list = Vec::new();
        for child in children {
            push(&mut list, child);
        }
        self.add_list(list)
    }

    #[inline(never)]
    fn add_list(self, list: Vec<VNode>) -> El {
        self.add_child(VList::from(list).into())
    }

    #[inline(never)]
    fn add_child(mut self, child: VNode) -> El {
        self.0.children.push(child);
        self
    }

    #[inline(never)]
    fn add(mut self, name: &'static str, value: Option<AttributeOrProperty>) -> El {
        self.0.names.push(name);
        self.0.values.push(value);
        self
    }

    #[inline(never)]
    fn add_text(self, name: &'static str, value: &str) -> El {
        let value = AttrValue::Rc(value.into());
        self.add(name, Some(AttributeOrProperty::Attribute(value)))
    }

    #[inline(never)]
    fn add_number(self, name: &'static str, value: i64) -> El {
        self.add_text(name, &value.to_string())
    }

    #[inline(never)]
    fn text(self, text: &str) -> El {
        self.add_child(VText::new(AttrValue::Rc(text.into())).into())
    }

    #[inline(never)]
    fn number(self, number: i64) -> El {
        self.text(&number.to_string())
    }
}

#[inline(never)]
fn push(list: &mut Vec<VNode>, child: El) {
    list.push(child.into());
}

impl From<El> for Html {
    #[inline(never)]
    fn from(El(parts): El) -> Html {
        let mut parts = *parts;
        if !parts.style.is_empty() {
            let style = AttrValue::from(parts.style);
            parts.names.push("style");
            parts
                .values
                .push(Some(AttributeOrProperty::Attribute(style)));
        }
        let mut tag = VTag::new(parts.tag);
        tag.key = parts.key;
        tag.node_ref = parts.node;
        tag.attributes = Attributes::Dynamic {
            keys: kept(&parts.names),
            values: parts.values.into(),
        };
        if !parts.listeners.is_empty() {
            tag.set_listeners(parts.listeners.into());
        }
        if let Some(children) = tag.children_mut() {
            *children = VList::from(parts.children).into();
        }
        tag.into()
    }
}

/// A list of names that lives as long as the page. Elements of the same place in the source have the very same
/// list, which Yew wants for comparing attributes one by one; there are as many lists as such places.
fn kept(names: &[&'static str]) -> &'static [&'static str] {
    thread_local! {
        static LISTS: RefCell<Vec<&'static [&'static str]>> = const { RefCell::new(Vec::new()) };
    }
    LISTS.with_borrow_mut(|lists| match lists.iter().find(|list| **list == names) {
        Some(list) => list,
        None => {
            let list: &'static [&'static str] = Box::leak(names.into());
            lists.push(list);
            list
        }
    })
}

/// What can happen to an element.
#[derive(Clone, Copy)]
pub(crate) enum On {
    Click,
    Change,
    Close,
    Input,
    KeyDown,
    PointerDown,
    PointerMove,
}

/// What is done when something happens.
pub(crate) type Then = Rc<dyn Fn(Event)>;

struct Heard {
    what: On,
    then: Then,
}

impl Listener for Heard {
    fn kind(&self) -> ListenerKind {
        match self.what {
            On::Click => ListenerKind::onclick,
            On::Change => ListenerKind::onchange,
            On::Close => ListenerKind::onclose,
            On::Input => ListenerKind::oninput,
            On::KeyDown => ListenerKind::onkeydown,
            On::PointerDown => ListenerKind::onpointerdown,
            On::PointerMove => ListenerKind::onpointermove,
        }
    }

    fn handle(&self, event: Event) {
        (self.then)(event);
    }

    fn passive(&self) -> bool {
        false
    }
}

/// What an attribute can be set to.
pub(crate) trait Value {
    fn set_on(self, el: El, name: &'static str) -> El;
}

/// What an element can be told from its siblings by.
pub(crate) trait Name {
    fn name(self, el: El) -> El;
}

/// What an element can have in it.
pub(crate) trait Child {
    fn add_to(self, el: El) -> El;
}

impl Value for &str {
    #[inline(always)]
    fn set_on(self, el: El, name: &'static str) -> El {
        el.add_text(name, self)
    }
}

impl Name for &str {
    #[inline(always)]
    fn name(self, el: El) -> El {
        el.text_key(self)
    }
}

impl Value for &String {
    #[inline(always)]
    fn set_on(self, el: El, name: &'static str) -> El {
        el.add_text(name, self)
    }
}

impl Value for String {
    #[inline(never)]
    fn set_on(self, el: El, name: &'static str) -> El {
        el.add_text(name, &self)
    }
}

impl<V: Value> Value for Option<V> {
    #[inline(never)]
    fn set_on(self, el: El, name: &'static str) -> El {
        match self {
            Some(value) => value.set_on(el, name),
            None => el.flag(name, false),
        }
    }
}

impl Child for El {
    #[inline(never)]
    fn add_to(self, el: El) -> El {
        el.add_child(self.into())
    }
}

impl Child for Html {
    #[inline(always)]
    fn add_to(self, el: El) -> El {
        el.add_child(self)
    }
}

impl Child for &str {
    #[inline(always)]
    fn add_to(self, el: El) -> El {
        el.text(self)
    }
}

impl Child for &String {
    #[inline(always)]
    fn add_to(self, el: El) -> El {
        el.text(self)
    }
}

impl Child for String {
    #[inline(never)]
    fn add_to(self, el: El) -> El {
        el.text(&self)
    }
}

impl Value for (Lang, Text) {
    #[inline(never)]
    fn set_on(self, el: El, name: &'static str) -> El {
        let (lang, text) = self;
        el.add_text(name, say(lang, text))
    }
}

impl Child for (Lang, Text) {
    #[inline(never)]
    fn add_to(self, el: El) -> El {
        let (lang, text) = self;
        el.text(say(lang, text))
    }
}

impl<C: Child> Child for Option<C> {
    #[inline(never)]
    fn add_to(self, el: El) -> El {
        match self {
            Some(child) => child.add_to(el),
            // Holds the place of what is not there.
            None => el.add_child(Html::default()),
        }
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(
            impl Value for $number {
                #[inline(always)]
                fn set_on(self, el: El, name: &'static str) -> El {
                    el.add_number(name, self as i64)
                }
            }

            impl Name for $number {
                #[inline(always)]
                fn name(self, el: El) -> El {
                    el.number_key(self as i64)
                }
            }

            impl Child for $number {
                #[inline(always)]
                fn add_to(self, el: El) -> El {
                    el.number(self as i64)
                }
            }
        )*
    };
}

numbers!(u8 u16 u32 i32 usize);

/// A pattern with each `#` replaced by a number: the way of an SVG path.
#[inline(never)]
pub(crate) fn plot(pattern: &str, numbers: &[i32]) -> String {
    let mut numbers = numbers.iter();
    let mut drawn = String::with_capacity(2 * pattern.len());
    for letter in pattern.chars() {
        match letter {
            '#' => drawn.push_str(&numbers.next().map_or_else(String::new, i32::to_string)),
            letter => drawn.push(letter),
        }
    }
    drawn
}
