//! Reading a run configuration from text: YAML 1.2 (core schema) or JSON, with the place of every value.
//!
//! The text comes from a user, so what can go wrong is bounded and explained: the size, the nesting, what aliases expand to; keys that are
//! there twice; tags; and values that older YAML readers (ZenML's own among them) take for something else.

mod scalar;
#[cfg(test)]
mod tests;
pub(super) mod tree;
mod values;

use std::collections::HashMap;

use serde_json::Value;

use super::{
    problem::{Problem, has_errors},
    value_path::ValuePath,
};

pub(super) use scalar::is_plain_text;

/// The largest text that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting of lists and mappings.
pub const MAX_DEPTH: usize = 64;
/// The most aliases (`*name`) in a text.
pub const MAX_ALIASES: usize = 100;
/// The most values that all aliases together may stand for.
const MAX_ALIASED_VALUES: usize = 100_000;

/// A text that could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it says; null for an empty text.
    pub value: Value,
    /// Where each value is.
    pub positions: Positions,
    /// Values that other readers take for something else.
    pub warnings: Vec<Problem>,
}

/// A place in a text, counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The places of the values of a document: of the key for entries of mappings, of the value for items of lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Positions(HashMap<ValuePath, Place>);

impl Positions {
    /// The place of the value at `path`, or of the nearest value around it.
    pub fn find(&self, path: &ValuePath) -> Option<Place> {
        let mut path = Some(path.clone());
        while let Some(at) = path {
            if let Some(place) = self.0.get(&at) {
                return Some(*place);
            }
            path = at.parent();
        }
        None
    }

    /// The path of the value whose place is the last one in a line up to a column.
    pub fn at(&self, line: usize, column: usize) -> Option<ValuePath> {
        let before = self.0.iter().filter(|(_, place)| place.line == line && place.column <= column);
        before.max_by_key(|(path, place)| (place.column, path.segments().len())).map(|(path, _)| path.clone())
    }

    /// Adds lines and columns to problems whose paths start at `root` in this document.
    pub fn locate(&self, problems: Vec<Problem>, root: &ValuePath) -> Vec<Problem> {
        let locate = |problem: Problem| match self.find(&root.join(&problem.path)).filter(|_| problem.line.is_none()) {
            Some(place) => problem.at(place.line, place.column),
            None => problem,
        };
        problems.into_iter().map(locate).collect()
    }
}

/// Reads one YAML or JSON document.
///
/// # Errors
/// Everything that is wrong with the text, each with line and column; warnings come along.
pub fn read(text: &str) -> Result<Document, Vec<Problem>> {
    let root = match tree::parse(text) {
        Ok(root) => root,
        // JSON is nearly a subset of YAML; what is not (surrogate pairs, very long keys) is read without places.
        Err(problem) => {
            let json = serde_json::from_str(text).ok().filter(|value| text.len() <= MAX_BYTES && depth(value) <= MAX_DEPTH);
            let document = json.map(|value| Document { value, positions: Positions::default(), warnings: Vec::new() });
            return document.ok_or_else(|| vec![problem]);
        }
    };
    let Some(root) = root else {
        return Ok(Document { value: Value::Null, positions: Positions::default(), warnings: Vec::new() });
    };
    let mut reader = values::Reader::default();
    let value = reader.read_root(&root);
    if has_errors(&reader.problems) {
        return Err(reader.problems);
    }
    Ok(Document { value, positions: Positions(reader.positions), warnings: reader.problems })
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
