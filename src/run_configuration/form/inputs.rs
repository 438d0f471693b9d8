//! The names of a form's controls, and what a posted form says.

use std::{cell::Cell, collections::HashMap, fmt::Display};

use super::{Entry, Field, FieldKind, MOST_CARDS, Part, Parts, nested::entry_of_text};
use crate::run_configuration::value_path::ValuePath;

const VALUE_PREFIX: &str = "p.";
const NULL_PREFIX: &str = "null.";
const KEY_PREFIX: &str = "key.";
const ROW_PREFIX: &str = "value.";
const TYPE_PREFIX: &str = "type.";
const COUNT_PREFIX: &str = "cards.";
const GIVEN_PREFIX: &str = "given.";
/// Cards that one field may have, in all its lists together: more are not read.
const MOST_POSTED: usize = 1000;
/// What begins the segment of a path that leads into a branch of a union.
pub const BRANCH: char = '?';

/// What stands between rows, and between the key and the value of one: characters made for it, which no control can hold.
const BETWEEN_ROWS: char = '\u{1e}';
const IN_ROW: char = '\u{1f}';

/// The name of the control of a value: `p.steps.trainer.parameters.lr`. Also the name of a query parameter that fills it in.
pub fn input_name(path: impl Display) -> String {
    format!("{VALUE_PREFIX}{path}")
}

/// The name of the checkbox "not set (null)" beside it.
pub fn null_input_name(path: impl Display) -> String {
    format!("{NULL_PREFIX}{path}")
}

/// The name of the controls for the keys of a mapping.
pub fn key_input_name(path: impl Display) -> String {
    format!("{KEY_PREFIX}{path}")
}

/// The name of the controls for the values of a mapping, one behind each key.
pub fn row_input_name(path: impl Display) -> String {
    format!("{ROW_PREFIX}{path}")
}

/// The name of the radio buttons that choose the type of a value.
pub fn type_input_name(path: impl Display) -> String {
    format!("{TYPE_PREFIX}{path}")
}

/// The name of the control that says how many entries of a list have cards.
pub fn count_input_name(path: impl Display) -> String {
    format!("{COUNT_PREFIX}{path}")
}

/// The name of the control that says that a model has a value for a field.
pub fn given_input_name(path: impl Display) -> String {
    format!("{GIVEN_PREFIX}{path}")
}

/// The path of the controls for one type of a value.
pub fn branch_path(path: impl Display, branch: usize) -> String {
    format!("{path}.{BRANCH}{branch}")
}

/// The path of the value that controls of a path are for: all types of a value are in one place.
pub fn value_place(path: &ValuePath) -> ValuePath {
    let is_branch = |segment: &String| segment.strip_prefix(BRANCH).is_some_and(|rest| rest.parse::<usize>().is_ok());
    ValuePath::of(path.segments().iter().filter(|segment| !is_branch(segment)).cloned())
}

/// The path of the value that a control of this name holds; none for other controls.
pub fn path_of_input(name: &str) -> Option<ValuePath> {
    name.strip_prefix(VALUE_PREFIX).map(ValuePath::from)
}

/// The text of rows: keys with their values. Rows in which both are empty are left out.
pub fn join_rows(rows: &[(String, String)]) -> String {
    let rows = rows.iter().filter(|(key, value)| !key.is_empty() || !value.is_empty());
    rows.map(|(key, value)| format!("{key}{IN_ROW}{value}")).collect::<Vec<_>>().join(&BETWEEN_ROWS.to_string())
}

/// The rows of a text.
pub fn split_rows(text: &str) -> Vec<(String, String)> {
    let rows = text.split(BETWEEN_ROWS).filter(|row| !row.is_empty());
    let pair = |row: &str| {
        row.split_once(IN_ROW).map_or_else(|| (row.to_owned(), String::new()), |(key, value)| (key.to_owned(), value.to_owned()))
    };
    rows.map(pair).collect()
}

/// What a posted form says about each path: its text, and whether its checkbox for null is ticked. The controls of a value
/// with parts are one entry.
pub fn posted_entries<'a>(fields: &[Field], pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(ValuePath, Entry)> {
    let pairs: Vec<_> = pairs.collect();
    let mut entries = entries_of(pairs.iter().copied());
    let mut marks = Marks::new();
    for (name, text) in pairs {
        for prefix in [TYPE_PREFIX, COUNT_PREFIX, GIVEN_PREFIX] {
            marks.extend(name.strip_prefix(prefix).map(|path| ((prefix, ValuePath::from(path)), text)));
        }
    }
    for field in fields.iter().filter(|field| field.kind.has_parts()) {
        let (own, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(path, _)| path.starts_with(&field.path));
        entries = others;
        if !own.is_empty() || marks.contains_key(&(TYPE_PREFIX, field.path.clone())) {
            let posted = Posted { entries: own.into_iter().collect(), marks: &marks, left: Cell::new(MOST_POSTED) };
            entries.push((field.path.clone(), gathered(field, &field.path, &posted)));
        }
    }
    entries
}

/// Types, numbers of cards and which values are there, by prefix and path.
type Marks<'a> = HashMap<(&'static str, ValuePath), &'a str>;

/// What was posted below the path of a field.
struct Posted<'a> {
    entries: HashMap<ValuePath, Entry>,
    marks: &'a Marks<'a>,
    /// How many more cards it may have.
    left: Cell<usize>,
}

/// The entry of a field, or of a part of one, from all that was posted below its path.
fn gathered(field: &Field, path: &ValuePath, posted: &Posted) -> Entry {
    let Posted { entries, marks, left } = posted;
    let mark = |prefix: &'static str| marks.get(&(prefix, path.clone())).copied();
    let own = entries.get(path);
    let is_null = own.is_some_and(|entry| entry.is_null);
    let part = |field: &Field, path: &ValuePath| {
        let Entry { text, is_null } = gathered(field, path, posted);
        Part { text, is_null, is_given: false }
    };
    let parts = match &field.kind {
        FieldKind::Union { branches } => {
            if let Some(own) = own.filter(|own| !own.text.is_empty()) {
                return entry_of_text(field, &own.text, is_null);
            }
            let chosen = mark(TYPE_PREFIX).and_then(|chosen| chosen.parse().ok()).filter(|chosen| *chosen < branches.len());
            if chosen.is_none() {
                return Entry { text: String::new(), is_null };
            }
            let parts = branches.iter().enumerate().map(|(place, branch)| part(branch, &path.child(format!("{BRANCH}{place}"))));
            Parts { chosen, parts: parts.collect() }
        }
        FieldKind::Cards { item } => {
            let count = mark(COUNT_PREFIX).and_then(|count| count.parse::<usize>().ok()).unwrap_or_default();
            let count = count.min(MOST_CARDS).min(left.get());
            left.set(left.get() - count);
            let parts = (0..count).map(|place| part(item, &path.child(place.to_string())));
            Parts { chosen: None, parts: parts.collect() }
        }
        FieldKind::Model { fields } => {
            let part = |own: &Field| {
                let path = path.join(&own.path);
                Part { is_given: marks.contains_key(&(GIVEN_PREFIX, path.clone())), ..part(own, &path) }
            };
            Parts { chosen: None, parts: fields.iter().map(part).collect() }
        }
        // Radio buttons of which none is chosen are not sent.
        _ => return own.cloned().unwrap_or_else(|| field.entry(None)),
    };
    Entry { text: parts.write(), is_null }
}

/// The entries of single controls.
fn entries_of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(ValuePath, Entry)> {
    let mut entries: Vec<(ValuePath, Entry)> = Vec::new();
    let mut rows: Vec<(ValuePath, Vec<(String, String)>)> = Vec::new();
    let mut nulls = Vec::new();
    for (name, text) in pairs {
        // Browsers send line breaks as CRLF.
        let text = text.replace("\r\n", "\n");
        if let Some(path) = path_of_input(name) {
            add_text(&mut entries, path, text);
        } else if let Some(path) = name.strip_prefix(KEY_PREFIX).map(ValuePath::from) {
            match rows.iter_mut().find(|(known, _)| *known == path) {
                Some((_, rows)) => rows.push((text, String::new())),
                None => rows.push((path, vec![(text, String::new())])),
            }
        } else if let Some(path) = name.strip_prefix(ROW_PREFIX).map(ValuePath::from) {
            let row = rows.iter_mut().find(|(known, _)| *known == path).and_then(|(_, rows)| rows.last_mut());
            row.into_iter().for_each(|(_, value)| value.clone_from(&text));
        } else if let Some(path) = name.strip_prefix(NULL_PREFIX) {
            nulls.push(ValuePath::from(path));
        }
    }
    entries.extend(rows.into_iter().map(|(path, rows)| (path, Entry { text: join_rows(&rows), is_null: false })));
    for path in nulls {
        match entries.iter_mut().find(|(known, _)| *known == path) {
            Some((_, entry)) => entry.is_null = true,
            None => entries.push((path, Entry { text: String::new(), is_null: true })),
        }
    }
    entries
}

/// Checkboxes are several controls of one name, behind an empty one that is always sent.
fn add_text(entries: &mut Vec<(ValuePath, Entry)>, path: ValuePath, text: String) {
    match entries.iter_mut().find(|(known, _)| *known == path) {
        Some((_, entry)) if entry.text.is_empty() => entry.text = text,
        Some((_, entry)) => entry.text = format!("{}\n{text}", entry.text),
        None => entries.push((path, Entry { text, is_null: false })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str, is_null: bool) -> Entry {
        Entry { text: text.to_owned(), is_null }
    }

    #[test]
    fn posted_pairs_become_entries() {
        let pairs = [("p.a", "x\r\ny"), ("csrf", "t"), ("null.a", "on"), ("null.b", "on")];
        let entries = posted_entries(&[], pairs.into_iter());
        assert_eq!(entries, [(ValuePath::from("a"), entry("x\ny", true)), (ValuePath::from("b"), entry("", true))]);
    }

    #[test]
    fn checkboxes_and_rows_are_one_entry_each() {
        let pairs =
            [("p.a", ""), ("p.a", "x"), ("p.a", "y"), ("p.none", ""), ("key.m", "k"), ("value.m", "1"), ("key.m", ""), ("value.m", "")];
        let entries = posted_entries(&[], pairs.into_iter());
        let expected = [("a", "x\ny"), ("none", ""), ("m", "k\u{1f}1")];
        assert_eq!(entries, expected.map(|(path, text)| (ValuePath::from(path), entry(text, false))));
    }

    #[test]
    fn rows_go_both_ways() {
        let rows: Vec<(String, String)> =
            [("a", "1"), ("", "2"), ("b c", "")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(split_rows(&join_rows(&rows)), rows);
        assert_eq!(split_rows(""), []);
    }

    #[test]
    fn names_of_controls_go_both_ways() {
        for segments in [vec!["steps", "a.b", "parameters", "c\\d"], vec!["tags"], vec!["steps", "", "parameters", "x"]] {
            let path = ValuePath::of(segments);
            assert_eq!(path_of_input(&input_name(&path)), Some(path));
        }
        assert_eq!(input_name(ValuePath::of(["steps", "trainer", "parameters", "lr"])), "p.steps.trainer.parameters.lr");
        assert_eq!(path_of_input("csrf"), None);
    }
}
