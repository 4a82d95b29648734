//! One process's descriptors.

use crate::web::components::kernel_layout::{Density, Form, Group, Layout, shown_fds};
use crate::web::el::{El, el};
use crate::web::i18n::{Text, say};
use crate::web::model::{FdView, Lang, ProcessView};

/// Draws the descriptors of `process` at the place of `group`.
pub(crate) fn fd_table(lang: Lang, group: &Group, laid: &Layout, process: &ProcessView) -> El {
    let table = el("div.fds")
        .key(process.index)
        .set("data-fds", &process.name)
        .set("data-index", process.index)
        .px("top", group.top)
        .px("left", laid.columns.fd_left)
        .px("width", laid.columns.fd_width)
        .child(el("b.fds-name").child(&process.name));
    let rows = shown_fds(&process.fds).map(|fd| row(lang, fd));
    if laid.density == Density::Rows {
        return table.list(rows);
    }
    if process.fds.is_empty() {
        return table.child(el("span.fd-small").child("–"));
    }
    let free = el("span.fd-small fd-free")
        .set("data-next-fd", process.next_fd)
        .child(process.next_fd)
        .child(" ")
        .child(el("i").child((lang, Text::Free)));
    table
        .child(terminal(&process.fds, laid.form))
        .list(rows)
        .child(free)
}

/// `0 1 2 tty`: those that are still open.
fn terminal(fds: &[FdView], form: Form) -> El {
    let open = fds
        .iter()
        .filter(|fd| fd.kind != "socket" && fd.kind != "reserved");
    let numbers = open.map(|fd| {
        el("span")
            .key(fd.fd)
            .set("data-fd", fd.fd)
            .set("data-kind", fd.kind)
            .child(fd.fd)
            .child(" ")
    });
    el("span.fd-small")
        .list(numbers)
        .child(if form == Form::Narrow { "" } else { "tty" })
}

fn row(lang: Lang, fd: &FdView) -> El {
    let reserved = fd.file.is_none();
    el("span.fd")
        .key(fd.fd)
        .set("data-fd", fd.fd)
        .set("data-kind", fd.kind)
        .set("data-to-file", fd.file)
        .flag("data-changed", fd.changed)
        .set("title", reserved.then(|| say(lang, Text::Reserved)))
        .child(fd.fd)
}
