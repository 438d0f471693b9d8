//! Help while a run configuration is written.
//!
//! What may stand at a place of the text, what a key means, and the commands that write out or clear values. All of it comes from the
//! snapshot and its schemas, as the checks do.

mod commands;
mod completion;
mod place;
mod spot;
#[cfg(test)]
mod tests;

pub use commands::{with_required, without_unknown};
pub use completion::{Completion, complete};
pub use place::path_at;
pub use spot::{Spot, spot};

use super::{diff::render, snapshot::Snapshot};

/// Characters of a value in a text of help.
const VALUE_LIMIT: usize = 80;

/// What there is to say about the key at a place of a text (line and column from 1): its type, what it is for, the snapshot's value.
pub fn hover(snapshot: &Snapshot, text: &str, line: usize, column: usize) -> Option<Help> {
    let path = path_at(text, line, column)?;
    let spot = spot(snapshot, &path)?;
    Some(Help { title: path.to_string(), lines: spot.lines() })
}

/// Help about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The path of the key.
    pub title: String,
    /// One sentence each.
    pub lines: Vec<String>,
}

impl Spot<'_> {
    /// Type, description and the snapshot's value, each in one line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("Takes {}", self.takes)];
        lines.extend(self.description.clone());
        lines.extend(self.current.as_ref().map(|value| format!("Snapshot: {}", render(value, VALUE_LIMIT))));
        lines.extend(self.required.then(|| "Required".to_owned()));
        lines
    }
}
