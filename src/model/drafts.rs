//! Drafts of launches, as Run Details shows them.

use serde::{Deserialize, Serialize};

use super::time::Moment;

/// The draft that a page shows, or will be once something is typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftPlace {
    pub id: String,
    /// The change that the page knows; 0: the server has none of it.
    pub revision: i64,
    /// When what the server has was typed.
    pub kept: Option<Moment>,
    /// Why what was typed is not kept.
    pub problem: Option<String>,
}

/// A draft that can be restored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftChoice {
    pub id: String,
    pub typed: Moment,
    /// What is in it: names of its first values, and how many more there are.
    pub summary: String,
}

/// What a page that keeps its draft is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftKept {
    pub place: DraftPlace,
    /// The draft as other pages are offered it; none if there was nothing to be kept.
    pub choice: Option<DraftChoice>,
}
