//! `sockscope list`.

use super::Refusal;
use super::arguments::{Language, ListOptions};
use super::output::to_stdout;
use crate::scenario::{Lesson, Scenario, library};

/// Names the scenarios that come with Sockscope, with their titles.
pub(super) fn list(options: &ListOptions) -> Result<u8, Refusal> {
    let mut text = String::new();
    for group in library::built_in() {
        let title = match options.lang {
            Language::En => &group.en,
            Language::Ko => &group.ko,
        };
        text.push_str(&format!("{title}\n"));
        let width = group.names.iter().map(String::len).max().unwrap_or(0);
        for name in &group.names {
            let lesson = Scenario::builtin(name).map(|scenario| scenario.lesson);
            let lesson = lesson.and_then(|lesson| match options.lang {
                Language::En => lesson.en,
                Language::Ko => lesson.ko,
            });
            let title = lesson.as_ref().map_or("", |Lesson { title, .. }| title);
            text.push_str(&format!("  {name:<width$}  {title}\n"));
        }
    }
    to_stdout(text.as_bytes());
    Ok(0)
}
