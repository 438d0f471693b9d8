//! What may be written at a place of the text.

use serde_json::Value;

use super::{place::Line, place::path_of_parent, spot::Spot, spot::spot};
use crate::run_configuration::{
    document,
    emit::{inline, quoted_if_needed},
    snapshot::Snapshot,
    value_path::ValuePath,
};

/// What may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What it is listed as.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// What it takes, in words.
    pub detail: String,
    /// More about it, in a few lines.
    pub help: String,
}

/// What may be written at a place (line and column from 1), and the column where it starts: behind what is there already.
pub fn complete(snapshot: &Snapshot, text: &str, line: usize, column: usize) -> Option<(usize, Vec<Completion>)> {
    let lines: Vec<&str> = text.lines().collect();
    let number = line.checked_sub(1)?;
    let before: String = lines.get(number).copied().unwrap_or_default().chars().take(column.checked_sub(1)?).collect();
    if before.contains(['{', '[', '#', '"', '\'']) {
        return None;
    }
    let indent = before.len() - before.trim_start_matches(' ').len();
    let Some(read) = Line::read(&before) else {
        let parent = path_of_parent(&lines, number, indent);
        return Some((column, keys(snapshot, text, number, &parent, indent)?));
    };
    let from = |byte: usize| before[..byte].chars().count() + 1;
    if read.is_item() {
        let list = path_of_parent(&lines, number, read.indent + 1);
        let item = list.child("0");
        return match read.key {
            Some(key) => Some((from(read.value_start), values(&spot(snapshot, &item.child(key))?))),
            None => {
                let spot = spot(snapshot, &item)?;
                let found = if spot.options().is_empty() { keys(snapshot, text, number, &item, read.key_indent)? } else { values(&spot) };
                Some((from(read.key_indent), found))
            }
        };
    }
    let parent = path_of_parent(&lines, number, indent);
    match read.key {
        Some(key) if before.len() >= read.value_start && before.contains(": ") => {
            Some((from(read.value_start), values(&spot(snapshot, &parent.child(key))?)))
        }
        Some(_) => None,
        None => Some((from(indent), keys(snapshot, text, number, &parent, indent)?)),
    }
}

fn values(spot: &Spot) -> Vec<Completion> {
    let current = spot.current.as_ref();
    let completion = |value: Value| {
        let label = inline(&value);
        let detail = if current == Some(&value) { "snapshot".to_owned() } else { String::new() };
        Completion { insert: label.clone(), label, detail, help: String::new() }
    };
    spot.options().into_iter().map(completion).collect()
}

/// The keys of a mapping that are not in it yet.
fn keys(snapshot: &Snapshot, text: &str, line: usize, parent: &ValuePath, indent: usize) -> Option<Vec<Completion>> {
    let spot = spot(snapshot, parent)?;
    let rest: Vec<&str> = text.lines().enumerate().filter(|(number, _)| *number != line).map(|(_, line)| line).collect();
    let there = document::read(&rest.join("\n")).ok().map(|document| document.value);
    let is_there = |name: &str| {
        let configuration = there.as_ref().map(|value| value.get("run_configuration").unwrap_or(value));
        configuration.and_then(|value| parent.child(name).get(value.as_object()?)).is_some()
    };
    let completion = |entry: Spot| {
        let key = quoted_if_needed(&entry.name);
        let insert = if entry.is_mapping(snapshot) { format!("{key}:\n{}", " ".repeat(indent + 2)) } else { format!("{key}: ") };
        let help = entry.lines().split_off(1).join("\n");
        Completion { insert, detail: entry.takes, help, label: entry.name }
    };
    Some(spot.entries(snapshot).into_iter().filter(|entry| !is_there(&entry.name)).map(completion).collect())
}
