//! From nodes to values: aliases, keys, tags.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    MAX_ALIASED_VALUES, MAX_ALIASES, Place,
    scalar::{Note, Resolved, resolve},
    tree::{Content, Entry, Node},
};
use crate::run_configuration::{problem::Problem, value_path::ValuePath};

/// The key that brings the entries of other mappings into one; YAML 1.1 readers know it and so do users.
const MERGE_KEY: &str = "<<";

/// One pass over the nodes of a text.
#[derive(Default)]
pub struct Reader {
    /// The places of all values.
    pub positions: HashMap<ValuePath, Place>,
    /// What is wrong or may be misread, in the order of the text.
    pub problems: Vec<Problem>,
    anchors: HashMap<usize, Value>,
    aliases: usize,
    aliased_values: usize,
}

impl Reader {
    /// The value of the whole text.
    pub fn read_root(&mut self, node: &Node) -> Value {
        self.positions.insert(ValuePath::root(), node.place);
        self.value(node, &ValuePath::root())
    }

    fn value(&mut self, node: &Node, path: &ValuePath) -> Value {
        self.check_tag(node, path);
        let value = match &node.content {
            Content::Scalar { text, is_plain } => self.scalar(node, text, *is_plain, path),
            Content::Sequence { items, .. } => self.list(items, path),
            Content::Mapping { entries, .. } => self.mapping(entries, path),
            Content::Alias(anchor) => self.alias(node, *anchor, path),
        };
        if node.anchor != 0 {
            self.anchors.insert(node.anchor, value.clone());
        }
        value
    }

    fn problem(&mut self, node: &Node, problem: Problem) {
        self.problems.push(problem.at(node.place.line, node.place.column));
    }

    fn list(&mut self, items: &[Node], path: &ValuePath) -> Value {
        let values = items.iter().enumerate().map(|(position, item)| {
            let path = path.child(position.to_string());
            self.positions.insert(path.clone(), item.place);
            self.value(item, &path)
        });
        Value::Array(values.collect())
    }

    fn mapping(&mut self, entries: &[Entry], path: &ValuePath) -> Value {
        let mut map = Map::new();
        let mut merged = Map::new();
        for Entry { key, value } in entries {
            let Some(name) = self.key(key, path) else { continue };
            if name == MERGE_KEY && matches!(key.content, Content::Scalar { is_plain: true, .. }) {
                self.merge(value, path, &mut merged);
                continue;
            }
            let below = path.child(&name);
            if map.contains_key(&name) {
                let first = self.positions.get(&below).map_or(0, |place| place.line);
                let problem = Problem::error(below, format!("The key `{name}` is here twice; it is also on line {first}."));
                self.problem(key, problem.with_fix("Remove one of the two."));
                continue;
            }
            self.positions.insert(below.clone(), key.place);
            let value = self.value(value, &below);
            map.insert(name, value);
        }
        for (name, value) in merged {
            map.entry(name).or_insert(value);
        }
        Value::Object(map)
    }

    fn key(&mut self, key: &Node, path: &ValuePath) -> Option<String> {
        self.check_tag(key, path);
        let name = match &key.content {
            Content::Scalar { text, is_plain: false } => Some(text.clone()),
            Content::Scalar { text, is_plain: true } => (resolve(text).value != Value::Null && !key.span.is_empty()).then(|| text.clone()),
            Content::Alias(anchor) => self.alias(key, *anchor, path).as_str().map(str::to_owned),
            _ => None,
        };
        match &name {
            Some(name) if key.anchor != 0 => drop(self.anchors.insert(key.anchor, Value::String(name.clone()))),
            Some(_) => {}
            None => self.problem(key, Problem::error(path.clone(), "A key must be a text.").with_fix("Write it in quotes.")),
        }
        name
    }

    /// `<<: *base` or `<<: [*one, *two]`: entries of other mappings, the first one wins, own entries win over all.
    fn merge(&mut self, node: &Node, path: &ValuePath, merged: &mut Map<String, Value>) {
        let value = self.value(node, &path.child(MERGE_KEY));
        let sources = match value {
            Value::Array(items) => items,
            one => vec![one],
        };
        for source in sources {
            let Value::Object(source) = source else {
                let problem = Problem::error(path.clone(), "`<<` takes the entries of a mapping, or of a list of mappings.");
                self.problem(node, problem);
                return;
            };
            for (name, value) in source {
                self.positions.entry(path.child(&name)).or_insert(node.place);
                merged.entry(name).or_insert(value);
            }
        }
    }

    fn alias(&mut self, node: &Node, anchor: usize, path: &ValuePath) -> Value {
        self.aliases += 1;
        let Some(value) = self.anchors.get(&anchor).cloned() else {
            self.problem(node, Problem::error(path.clone(), "This refers to a value that it is itself part of."));
            return Value::Null;
        };
        self.aliased_values = self.aliased_values.saturating_add(count(&value));
        if self.aliases == MAX_ALIASES + 1 {
            self.problem(node, Problem::error(path.clone(), format!("There are more than {MAX_ALIASES} references (`*name`).")));
        }
        if self.aliases > MAX_ALIASES || self.aliased_values > MAX_ALIASED_VALUES {
            if self.aliases <= MAX_ALIASES {
                self.aliases = MAX_ALIASES + 1;
                let message = format!("The references (`*name`) stand for more than {MAX_ALIASED_VALUES} values.");
                self.problem(node, Problem::error(path.clone(), message));
            }
            return Value::Null;
        }
        value
    }

    fn scalar(&mut self, node: &Node, text: &str, is_plain: bool, path: &ValuePath) -> Value {
        match (node.tag.as_deref(), is_plain) {
            (Some("tag:yaml.org,2002:str" | "!"), _) | (None, false) => Value::String(text.to_owned()),
            (None, true) => {
                let Resolved { value, note } = resolve(text);
                match note {
                    Some(Note::Warning(message, fix)) => self.problem(node, Problem::warning(path.clone(), message).with_fix(fix)),
                    Some(Note::Error(message, fix)) => self.problem(node, Problem::error(path.clone(), message).with_fix(fix)),
                    None => {}
                }
                value
            }
            (Some(tag), _) => {
                let value = resolve(text).value;
                let fits = match tag.strip_prefix("tag:yaml.org,2002:") {
                    Some("int") => value.is_i64() || value.is_u64(),
                    Some("float") => value.is_number(),
                    Some("bool") => value.is_boolean(),
                    Some("null") => value.is_null(),
                    // Refused with the tag.
                    _ => true,
                };
                if !fits {
                    self.problem(node, Problem::error(path.clone(), "The value does not fit its tag.").with_fix("Remove the tag."));
                }
                value
            }
        }
    }

    fn check_tag(&mut self, node: &Node, path: &ValuePath) {
        let Some(tag) = &node.tag else { return };
        let allowed: &[&str] = match node.content {
            Content::Scalar { .. } => &["str", "int", "float", "bool", "null"],
            Content::Sequence { .. } => &["seq"],
            Content::Mapping { .. } => &["map"],
            Content::Alias(_) => &[],
        };
        let is_known = tag == "!" || tag.strip_prefix("tag:yaml.org,2002:").is_some_and(|name| allowed.contains(&name));
        if !is_known {
            let message = format!("The tag `{}` is not read: only plain values are.", tag.replace("tag:yaml.org,2002:", "!!"));
            self.problem(node, Problem::error(path.clone(), message).with_fix("Remove the tag."));
        }
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(count).sum::<usize>(),
        // Long texts count by their length, or a few references could stand for gigabytes.
        Value::String(text) => 1 + text.len() / 64,
        _ => 1,
    }
}
