//! Stacks and their components as pages show them.

use serde::{Deserialize, Serialize};

use super::{list::Reference, time::Moment};

/// A stack with what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StackListRow {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub components: Vec<ComponentLink>,
    pub created: Moment,
    pub user: Option<String>,
    /// Launches on it from the browser are asked about.
    pub protected: bool,
}

/// A component of a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentLink {
    pub id: String,
    pub name: String,
    /// `orchestrator`, `artifact_store`, …
    pub kind: String,
    pub flavor: String,
}

/// A component's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentDetail {
    pub component: ComponentLink,
    /// Keys and values on one line; sensitive values are masked on the server.
    pub configuration: Vec<(String, String)>,
    pub stacks: Vec<Reference>,
    pub created: Moment,
    pub user: Option<String>,
}

/// A kind in words: `artifact_store` is "Artifact store".
pub fn kind_in_words(kind: &str) -> String {
    let text = kind.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
