//! What the page remembers from visit to visit: the language and the theme.

use crate::words::Lang;
use gloo::storage::{LocalStorage, Storage};
use gloo::utils::{document_element, window};

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    System,
    Light,
    Dark,
}

const LANG_KEY: &str = "sockscope.lang";
const THEME_KEY: &str = "sockscope.theme";
const LESSON_KEY: &str = "sockscope.lesson";
/// From this width on, in CSS pixels, a lesson has room beside the whole picture.
const WIDE: &str = "(min-width: 1400px)";

/// The language of a tag; English for all but Korean.
pub(crate) fn lang_of(tag: &str) -> Lang {
    if tag == "ko" || tag.starts_with("ko-") {
        Lang::Ko
    } else {
        Lang::En
    }
}

/// The language chosen before, or the browser's.
pub(crate) fn lang() -> Lang {
    let kept = LocalStorage::raw().get_item(LANG_KEY).ok().flatten();
    let lang = lang_of(
        &kept
            .or_else(|| window().navigator().language())
            .unwrap_or_default(),
    );
    tell_lang(lang);
    lang
}

/// Remembers a language. Where nothing can be kept, it holds until the page is closed.
pub(crate) fn keep_lang(lang: Lang) {
    let _ = LocalStorage::raw().set_item(LANG_KEY, lang.tag());
    tell_lang(lang);
}

fn tell_lang(lang: Lang) {
    let _ = document_element().set_attribute("lang", lang.tag());
}

/// Says that the words of a language are on their way.
pub(crate) fn tell_busy(busy: bool) {
    let root = document_element();
    let _ = if busy {
        root.set_attribute("aria-busy", "true")
    } else {
        root.remove_attribute("aria-busy")
    };
}

/// Says that the compiler is here: from now on programs can be edited without a network.
pub(crate) fn tell_compiler() {
    let _ = document_element().set_attribute("data-compiler", "true");
}

/// The theme chosen before, or the system's.
pub(crate) fn theme() -> Theme {
    let theme = match LocalStorage::raw()
        .get_item(THEME_KEY)
        .ok()
        .flatten()
        .as_deref()
    {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    };
    tell_theme(theme);
    theme
}

/// Remembers a theme.
pub(crate) fn keep_theme(theme: Theme) {
    let storage = LocalStorage::raw();
    let _ = match theme_name(theme) {
        Some(name) => storage.set_item(THEME_KEY, name),
        None => storage.remove_item(THEME_KEY),
    };
    tell_theme(theme);
}

fn theme_name(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    }
}

fn tell_theme(theme: Theme) {
    let root = document_element();
    let _ = match theme_name(theme) {
        Some(name) => root.set_attribute("data-theme", name),
        None => root.remove_attribute("data-theme"),
    };
}

/// The other one of what is shown now.
pub(crate) fn other_theme(theme: Theme) -> Theme {
    let dark = match theme {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => matches("(prefers-color-scheme: dark)"),
    };
    if dark { Theme::Light } else { Theme::Dark }
}

/// Whether the lesson stands beside the picture: as it was chosen before, or if there is room.
pub(crate) fn lesson() -> bool {
    match LocalStorage::raw().get_item(LESSON_KEY).ok().flatten() {
        Some(kept) => kept == "open",
        None => matches(WIDE),
    }
}

fn matches(query: &str) -> bool {
    let media = window().match_media(query).ok().flatten();
    media.is_some_and(|media| media.matches())
}

/// Remembers whether the lesson is shown.
pub(crate) fn keep_lesson(open: bool) {
    let kept = if open { "open" } else { "closed" };
    let _ = LocalStorage::raw().set_item(LESSON_KEY, kept);
}
