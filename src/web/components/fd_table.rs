//! One process's descriptors.

use crate::web::components::kernel_layout::{Density, Form, Group, Layout, shown_fds};
use crate::web::i18n::{Text, say};
use crate::web::model::{FdView, Lang, ProcessView, flag};
use yew::prelude::*;

/// Draws the descriptors of `process` at the place of `group`.
pub(crate) fn fd_table(lang: Lang, group: &Group, laid: &Layout, process: &ProcessView) -> Html {
    let style = format!(
        "top:{}px;left:{}px;width:{}px",
        group.top, laid.columns.fd_left, laid.columns.fd_width
    );
    let brief = laid.density == Density::Rows;
    let rows = shown_fds(&process.fds).map(|fd| row(lang, fd));
    html! {
        <div class="fds" key={process.index} data-fds={process.name.clone()} data-index={process.index.to_string()} {style}>
            <b class="fds-name">{ &process.name }</b>
            if brief {
                { for rows }
            } else if process.fds.is_empty() {
                <span class="fd-small">{ "–" }</span>
            } else {
                <span class="fd-small">{ terminal(&process.fds, laid.form) }</span>
                { for rows }
                <span class="fd-small fd-free" data-next-fd={process.next_fd.to_string()}>
                    { process.next_fd }{ " " }<i>{ say(lang, Text::Free) }</i>
                </span>
            }
        </div>
    }
}

/// `0 1 2 tty`: those that are still open.
fn terminal(fds: &[FdView], form: Form) -> Html {
    let open = fds
        .iter()
        .filter(|fd| fd.kind != "socket" && fd.kind != "reserved");
    let numbers = open.map(|fd| html! {
        <span key={fd.fd} data-fd={fd.fd.to_string()} data-kind={fd.kind.clone()}>{ fd.fd }{ " " }</span>
    });
    html! { <>{ for numbers }{ if form == Form::Narrow { "" } else { "tty" } }</> }
}

fn row(lang: Lang, fd: &FdView) -> Html {
    let reserved = fd.file.is_none();
    html! {
        <span key={fd.fd} class="fd" data-fd={fd.fd.to_string()} data-kind={fd.kind.clone()}
            data-to-file={fd.file.map(|file| file.to_string())} data-changed={flag(fd.changed)}
            title={reserved.then(|| say(lang, Text::Reserved))}>
            { fd.fd }
        </span>
    }
}
