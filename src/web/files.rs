//! A folder or files of the user's own: dropped onto the page, or picked in a dialog of the browser.

use crate::web::drive::{Store, Task};
use crate::web::run::Files;
use gloo::utils::{document, document_element};
use js_sys::{Array, Error, JsString, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DataTransferItem, DragEvent, Event, File, FileList, FileSystemDirectoryEntry, FileSystemEntry,
    FileSystemFileEntry, HtmlInputElement,
};

/// So many files and folders are looked at.
const MAX_ENTRIES: usize = 3000;
/// No source is longer, in bytes.
const MAX_SIZE: f64 = 4e6;

/// Takes what is dropped, and what is picked in an `<input type="file">`, from now on.
pub(crate) fn listen(store: Store) {
    let listener =
        Closure::<dyn FnMut(Event)>::new(move |event: Event| match event.type_().as_str() {
            "change" => picked(&store, &event),
            kind => dragged(&store, event.unchecked_ref(), kind),
        });
    for kind in ["dragenter", "dragover", "dragleave", "drop", "change"] {
        // It fails for no kind of event.
        let _ =
            document().add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref());
    }
    listener.forget();
}

fn dragged(store: &Store, drag: &DragEvent, kind: &str) {
    let Some(data) = drag.data_transfer() else {
        return;
    };
    // Text that is dragged into the editor is none of ours.
    if !data.types().includes(&JsString::from("Files"), 0) {
        return;
    }
    drag.prevent_default();
    let root = document_element();
    if kind == "drop" || (kind == "dragleave" && drag.related_target().is_none()) {
        let _ = root.remove_attribute("data-dragging");
    } else {
        let _ = root.set_attribute("data-dragging", "");
    }
    if kind == "drop" {
        let items = Array::from(&data.items()).to_vec().into_iter();
        let items = items.map(JsCast::unchecked_into::<DataTransferItem>);
        // What is dropped is gone when the event is over.
        let entries = items.filter_map(|item| item.webkit_get_as_entry().ok()?);
        let entries: Vec<_> = entries.collect();
        // Files that are on no disk are no entries.
        let files = data.files().filter(|_| entries.is_empty());
        let files = files.map_or_else(Vec::new, |files| with_paths(&files));
        store.attempt(Task::Files(Found { entries, files }));
    }
}

fn picked(store: &Store, event: &Event) {
    let target = event.target();
    let Some(input) = target.map(JsCast::unchecked_into::<HtmlInputElement>) else {
        return;
    };
    // Nothing else that changes has files.
    let Some(list) = input.files() else {
        return;
    };
    let files = with_paths(&list);
    // The same may be picked again.
    input.set_value("");
    store.attempt(Task::Files(Found {
        entries: Vec::new(),
        files,
    }));
}

fn with_paths(list: &FileList) -> Vec<(String, File)> {
    let with_path = |file: JsValue| {
        let file: File = file.unchecked_into();
        let path = js_sys::Reflect::get(&file, &"webkitRelativePath".into());
        let path = path.ok().and_then(|path| path.as_string());
        let path = path.filter(|path| !path.is_empty());
        (path.unwrap_or_else(|| file.name()), file)
    };
    let files = Array::from(list).to_vec().into_iter();
    files.map(with_path).collect()
}

/// What was dropped or picked.
pub(crate) struct Found {
    /// Files and folders whose contents are to be found.
    entries: Vec<FileSystemEntry>,
    /// Files by their paths.
    files: Vec<(String, File)>,
}

impl Found {
    /// The contents of the files that a scenario can be made of.
    pub(crate) async fn read(self) -> Result<Files, JsValue> {
        let Found {
            mut entries,
            files: mut found,
        } = self;
        let mut seen = 0;
        while let Some(entry) = entries.pop() {
            let name = entry.name();
            seen += 1;
            if name.starts_with('.') || name == "node_modules" || name == "target" {
                continue;
            }
            if seen > MAX_ENTRIES {
                return Err(Error::new("too many files").into());
            }
            if entry.is_directory() {
                let folder: FileSystemDirectoryEntry = entry.unchecked_into();
                let reader = folder.create_reader();
                // They come in portions.
                loop {
                    let portion: Array = Promise::new(&mut |resolve, reject| {
                        // It tells by the latter.
                        let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
                    })
                    .await?
                    .unchecked_into();
                    if portion.length() == 0 {
                        break;
                    }
                    let portion = portion.iter();
                    entries.extend(portion.map(JsCast::unchecked_into::<FileSystemEntry>));
                }
            } else if is_wanted(&name) {
                let path = entry.full_path();
                let entry: FileSystemFileEntry = entry.unchecked_into();
                let file = Promise::new(&mut |resolve, reject| {
                    entry.file_with_callback_and_callback(&resolve, &reject);
                });
                found.push((path, file.await?.unchecked_into()));
            }
        }
        let mut files = Files::new();
        for (path, file) in found {
            if is_wanted(&path) {
                if file.size() > MAX_SIZE {
                    return Err(Error::new(&[&path, " is too long"].concat()).into());
                }
                let bytes = file.array_buffer().await?;
                let path = path.trim_start_matches('/').to_owned();
                files.push((path, js_sys::Uint8Array::new(&bytes).to_vec()));
            }
        }
        without_folder(&mut files);
        Ok(files)
    }
}

/// Of one folder, the paths are those in it.
fn without_folder(files: &mut Files) {
    let first = files.first().map_or("", |(path, _)| path);
    let Some((folder, _)) = first.split_once('/') else {
        return;
    };
    let folder = [folder, "/"].concat();
    if files.iter().all(|(path, _)| path.starts_with(&folder)) {
        for (path, _) in files {
            path.drain(..folder.len());
        }
    }
}

/// Whether a scenario can be made of such files. The others are not read.
fn is_wanted(name: &str) -> bool {
    let end = name.rsplit('.').next();
    matches!(end, Some("c" | "h" | "md" | "toml" | "txt"))
}
