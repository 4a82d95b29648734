//! One program: its source, what it does, and the call by which it crosses into the kernel.

use crate::web::components::editor::editor;
use crate::web::components::panel::{Part, panel};
use crate::web::drive::Store;
use crate::web::el::{El, el};
use crate::web::i18n::Text;
use crate::web::model::{Activity, Lang, ProcessView, Scene};
use crate::web::store::{Action, Model};
use crate::web::words::list_on;

/// The value of `data-activity`.
fn activity_name(activity: Activity) -> &'static str {
    match activity {
        Activity::Running => "running",
        Activity::NotStarted => "notStarted",
        Activity::Ready => "ready",
        Activity::InCall => "inCall",
        Activity::Asleep => "asleep",
        Activity::Ended => "ended",
        Activity::Faulted => "faulted",
    }
}

/// A program's card.
pub(crate) fn process(model: &Model, scene: &Scene, process: &ProcessView) -> El {
    let store = &scene.store;
    let (lang, index) = (model.lang, process.index);
    // "Line" steps follow it.
    let selected = index == model.selected;
    let here = process.location.as_ref();
    let looked_at = model.looked_at(index);
    let file = looked_at.or(here.map(|at| at.file)).unwrap_or(0);
    let tabs = process.files.iter().enumerate().map(|(at, source)| {
        let at = at as u32;
        el("button.file-tab")
            .key(at)
            .truth("aria-pressed", at == file)
            .on_click(store, Action::LookAt(index, at))
            .child(&source.name)
    });
    let program = process.program;
    // Copies and threads are edited where their program began.
    let may_edit = program == index && !process.files.is_empty();
    let edited = may_edit && model.is_edited(program);
    let head = el("header.panel-head")
        .child(
            el("button.who")
                .truth("aria-pressed", selected)
                .set("title", (lang, Text::SelectProcess))
                .on_click(store, Action::Select(index))
                .child(&process.name),
        )
        .child(
            el("span.chip")
                .flag("hidden", process.pid == 0)
                .child(["pid ", &process.pid.to_string()].concat()),
        )
        .child(
            el("span.chip activity")
                .flag("hidden", process.activity_text.is_empty())
                .set("title", &process.activity_text)
                .child(&process.activity_text),
        )
        .list(tabs.filter(|_| process.files.len() > 1))
        .child(el("span.spring"))
        .child(may_edit.then(|| {
            el("button.edit")
                .set("data-control", "edit")
                .truth("aria-pressed", edited)
                .on_click(store, Action::Edit(program, !edited))
                .child((lang, Text::Edit))
        }));
    let source = match process.files.get(file as usize) {
        Some(_) if edited => editor(model, process, file, store).into(),
        Some(_) => panel(Part::Source(index, file), scene),
        None => el("div.source").into(),
    };
    let fault = process.fault.as_ref().map(|fault| {
        el("pre.fault")
            .set("role", "alert")
            .flag("data-fault", true)
            .set("tabindex", "-1")
            .child(fault)
    });
    let warnings = fault.is_none().then(|| warnings(model, program)).flatten();
    el("section.panel process")
        .key(index)
        .set("data-process", &process.name)
        .set("data-index", index)
        .set("data-activity", activity_name(process.activity))
        .flag("data-selected", selected)
        .set("data-exit", process.exit)
        .child(head)
        .child(source)
        .child(fault)
        .child(warnings)
        .child(if edited {
            editing(model, store)
        } else {
            crossing(lang, process)
        })
}

/// What can be done with a source that is edited.
fn editing(model: &Model, store: &Store) -> El {
    let lang = model.lang;
    let nothing = !(model.edited || model.has_drafts());
    el("footer.crossing editing")
        .child(
            el("button.main")
                .set("data-control", "run")
                .set("title", "Ctrl + Enter")
                .on_click(store, Action::Run)
                .child((lang, Text::Run)),
        )
        .child(
            el("button")
                .set("data-control", "original")
                .flag("disabled", nothing)
                .on_click(store, Action::Original)
                .child((lang, Text::Original)),
        )
        .child(el("p.next").child((lang, Text::EditorKeys)))
}

/// What the compiler said of a program that runs: the first line of it, the rest when that is opened.
fn warnings(model: &Model, program: u32) -> Option<El> {
    let (mut all, mut count) = (String::new(), 0);
    for warning in model.warnings.iter().filter(|w| w.program == program) {
        list_on(&mut all, "\n\n", warning.rendered.trim_end());
        count += 1;
    }
    let (first, rest) = all.split_once('\n')?;
    Some(
        el("details.warnings")
            .set("data-warnings", count)
            .child(el("summary").child(first))
            .child(el("pre").child(rest)),
    )
}

/// The line under the source: the library's function and the kernel's call apart, and what comes next.
fn crossing(lang: Lang, process: &ProcessView) -> El {
    let library = process.library.as_deref().map(|library| {
        el("span.side library")
            .child(el("b").child((lang, Text::LibraryCall)))
            .child(el("code").child(library).child("()"))
            .child(el("i").flag("aria-hidden", true).child("→"))
    });
    let call = process.call.as_ref().map(|call| {
        let kernel = el("span.side")
            .set("title", call)
            .child(el("b").child((lang, Text::KernelCall)))
            .child(el("code").child(call));
        el("p.call")
            .set("data-call", call)
            .set("data-library", process.library.as_deref())
            .child(library)
            .child(kernel)
    });
    // Inside a call, what comes next is the call itself.
    let inside = process.call.as_ref() == Some(&process.next_text);
    el("footer.crossing")
        .child(
            el("p.next")
                .flag("data-next", true)
                .flag("hidden", inside)
                .child(&process.next_text),
        )
        .child(call)
}
