//! What the scenario teaches: beside the picture, or a pane of its own.

use crate::scenario::lesson::{BlockKind, Section};
use crate::web::drive::Store;
use crate::web::el::{El, el};
use crate::web::i18n::Text;
use crate::web::store::{Action, Model};
use crate::web::words::rich;

/// The lesson, if there is one.
pub(crate) fn lesson(model: &Model, store: &Store) -> Option<El> {
    let lang = model.lang;
    let lesson = model.lesson()?;
    let sections = lesson.sections.iter().enumerate();
    let body = el("div.lesson-body")
        // Answers that were asked for belong to one lesson.
        .key(lesson.title.as_str())
        .set("tabindex", "0")
        .child(rich("h2", &lesson.title))
        .child(rich("p", &lesson.summary))
        .child(bookmarks(model, store))
        .list(sections.map(|(at, section)| parts(section).key(at)));
    Some(
        el("aside.panel lesson")
            .set("data-lesson-of", &*model.name)
            .set("aria-label", (lang, Text::Lesson))
            .child(
                el("header.panel-head")
                    .child(el("h2").child((lang, Text::Lesson)))
                    .child(el("span.spring"))
                    .child(
                        el("button.icon")
                            .set("data-control", "close-lesson")
                            .set("aria-label", (lang, Text::Close))
                            .set("title", (lang, Text::Close))
                            .on_click(store, Action::Lesson(false))
                            .child("✕"),
                    ),
            )
            .child(body),
    )
}

fn parts(section: &Section) -> El {
    let blocks = section.blocks.iter().enumerate().map(|(at, block)| {
        let items = || block.texts.iter().enumerate();
        let block = match block.kind {
            BlockKind::Paragraph => {
                el("div").list(items().map(|(at, text)| rich("p", text).key(at)))
            }
            BlockKind::List => el("ul").list(items().map(|(at, text)| rich("li", text).key(at))),
            BlockKind::Code => {
                el("pre").list(items().map(|(at, text)| el("code").key(at).child(text)))
            }
        };
        block.key(at)
    });
    if section.hidden {
        el("details")
            .child(rich("summary", &section.title))
            .list(blocks)
    } else {
        el("section").child(rich("h3", &section.title)).list(blocks)
    }
}

/// The moments worth a look. Numbers are those on the timeline.
fn bookmarks(model: &Model, store: &Store) -> Option<El> {
    let view = &model.view;
    let list = view.bookmarks.iter().enumerate().map(|(at, bookmark)| {
        let event = bookmark.event;
        el("li").key(at).child(
            el("button.bookmark")
                .set("data-bookmark", at as u32 + 1)
                .set("data-event", event)
                .set("data-index", bookmark.process)
                .flag("disabled", event.is_none())
                .flag("aria-current", event == Some(view.cursor.event))
                .on_click(store, Action::Seek(event.unwrap_or_default()))
                .child(el("b").child(at as u32 + 1))
                .child(rich("span", &bookmark.label)),
        )
    });
    let some = !view.bookmarks.is_empty();
    some.then(|| {
        el("nav")
            .set("aria-label", (model.lang, Text::Bookmarks))
            .child(el("h3").child((model.lang, Text::Bookmarks)))
            .child(el("ol").list(list))
    })
}
