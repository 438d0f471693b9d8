//! Pages that only show: the server makes them whole, and the browser needs no code for them.

use serde::{Deserialize, Serialize};

/// A page, or what stands in place of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HtmlPage {
    pub title: String,
    /// The pages on the way from Home to here: names and addresses.
    pub crumbs: Vec<(String, String)>,
    /// Short facts below the heading, as HTML; empty if there are none.
    pub facts: String,
    /// Everything below the heading.
    pub html: String,
}
