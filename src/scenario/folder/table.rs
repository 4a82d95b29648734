//! Tables of TOML, read field by field: what is not there, not known or of another kind is said with its place.

use crate::program::source::nearest;
use crate::program::{Diagnostic, Span};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// The file that is read, and what is wrong in it.
pub(super) struct Reader<'a> {
    pub(super) file: u32,
    pub(super) problems: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn span(&self, at: Range<usize>) -> Span {
        Span::new(self.file, at.start as u32, at.end as u32)
    }

    pub(super) fn wrong(&mut self, at: Range<usize>, what: impl Into<String>) {
        self.say(at, what, None);
    }

    pub(super) fn say(&mut self, at: Range<usize>, what: impl Into<String>, help: Option<String>) {
        let mut problem = Diagnostic::error(self.span(at), what);
        problem.help = help;
        self.problems.push(problem);
    }

    /// Says that a name is not known, and which ones are.
    pub(super) fn unknown(&mut self, at: Range<usize>, what: &str, name: &str, known: &[&str]) {
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if known.is_empty() => None,
            None if known.len() <= 12 => Some(format!("known here: {}", known.join(", "))),
            None => None,
        };
        self.say(at, format!("no {what} is called `{name}`"), help);
    }

    /// Everything in the table has one of these names.
    pub(super) fn known(&mut self, table: &DeTable<'_>, names: &[&str]) {
        let mut keys: Vec<&Spanned<DeString<'_>>> = table.keys().collect();
        keys.sort_by_key(|key| key.span().start);
        for key in keys {
            let name: &str = key.get_ref();
            if !names.contains(&name) {
                self.unknown(key.span(), "setting", name, names);
            }
        }
    }

    /// A text.
    pub(super) fn text(&mut self, value: &Value<'_>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.as_ref().to_owned()),
            _ => self.kind(value, "a text in quotes"),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, value: &Value<'_>) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.kind(value, "`true` or `false`"),
        }
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, value: &Value<'_>, low: u64, high: u64) -> Option<u64> {
        let number = match value.get_ref() {
            DeValue::Integer(n) => {
                let digits = n.as_str().replace('_', "");
                u64::from_str_radix(&digits, n.radix()).ok()
            }
            _ => None,
        };
        let number = number.filter(|n| (low..=high).contains(n));
        if number.is_none() {
            let bounds = match high {
                u64::MAX => format!("a whole number from {low} on"),
                _ => format!("a whole number from {low} to {high}"),
            };
            return self.kind(value, &bounds);
        }
        number
    }

    /// A list.
    pub(super) fn list<'t, 'i>(&mut self, value: &'t Value<'i>) -> &'t [Value<'i>] {
        match value.get_ref() {
            DeValue::Array(list) => list,
            _ => {
                self.kind::<()>(value, "a list: [ … ]");
                &[]
            }
        }
    }

    /// A table.
    pub(super) fn table<'t, 'i>(&mut self, value: &'t Value<'i>) -> Option<&'t DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => self.kind(value, "a table"),
        }
    }

    /// The tables of `[[name]]`.
    pub(super) fn tables<'t, 'i>(
        &mut self,
        root: &'t DeTable<'i>,
        name: &str,
    ) -> Vec<(Range<usize>, &'t DeTable<'i>)> {
        let mut tables = Vec::new();
        let Some(value) = root.get(name) else {
            return tables;
        };
        if matches!(value.get_ref(), DeValue::Table(_)) {
            self.kind::<()>(value, &format!("several of them: [[{name}]]"));
            return tables;
        }
        for value in self.list(value) {
            let table = self.table(value);
            tables.extend(table.map(|table| (value.span(), table)));
        }
        tables
    }

    /// A field that must be there.
    pub(super) fn needed<'t, 'i>(
        &mut self,
        at: &Range<usize>,
        table: &'t DeTable<'i>,
        name: &str,
    ) -> Option<&'t Value<'i>> {
        let value = table.get(name);
        if value.is_none() {
            self.wrong(at.clone(), format!("`{name}` is missing"));
        }
        value
    }

    fn kind<T>(&mut self, value: &Value<'_>, expected: &str) -> Option<T> {
        let what = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.wrong(value.span(), format!("expected {expected}, found {what}"));
        None
    }
}
