//! The help dialog: keys, and how to read the picture.

use crate::web::el::{El, el};
use crate::web::i18n::{Text, say};
use crate::web::model::Lang;

const KEYS: [(&[&str], Text); 10] = [
    (&["→"], Text::KeyStep),
    (&["←"], Text::KeyBack),
    (&["Shift + →", "Shift + ←"], Text::KeyFine),
    (&["Space"], Text::KeyPlay),
    (&["Home", "End"], Text::KeyEnds),
    (&["1", "2", "3", "4"], Text::KeyKinds),
    (&["N"], Text::KeyTimer),
    (&["L"], Text::KeyLanguage),
    (&["T"], Text::KeyTheme),
    (&["?"], Text::KeyHelp),
];

/// What the dialog says.
pub(crate) fn help(lang: Lang) -> El {
    let keys = KEYS.iter().map(|(keys, text)| {
        let keys = keys.iter().map(|key| el("kbd").key(*key).child(*key));
        el("div.key-row")
            .key(say(lang, *text))
            .child(el("dt").list(keys))
            .child(el("dd").child((lang, *text)))
    });
    el("div.help")
        .child(el("p").child((lang, Text::ReadingSays)))
        .child(el("h3").child((lang, Text::Keys)))
        .child(el("dl").list(keys))
}
