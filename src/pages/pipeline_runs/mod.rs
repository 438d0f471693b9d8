//! Runs: the list, the page of one run with its tabs, and what can be done with a run.

mod answer;
pub mod compare;
pub mod delete;
pub mod detail;
pub mod graph;
pub mod list;
mod logs;
mod tabs;

use crate::model::list::encode;

/// Where a run's page and its tabs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPath {
    /// Path of the project.
    pub base: String,
    pub run: String,
}

impl RunPath {
    /// The paths of a run in a project.
    pub fn new(project: &str, run: &str) -> Self {
        Self { base: format!("/projects/{}", encode(project)), run: encode(run) }
    }

    /// The run's page.
    pub fn page(&self) -> String {
        format!("{}/runs/{}", self.base, self.run)
    }

    /// A page or form below the run's page.
    pub fn below(&self, name: &str) -> String {
        format!("{}/{name}", self.page())
    }

    /// A tab of the run's page.
    pub fn tab(&self, tab: &str) -> String {
        format!("{}?tab={tab}", self.page())
    }

    /// A step on a tab of the run's page.
    pub fn step(&self, tab: &str, step: &str) -> String {
        format!("{}?tab={tab}&step={}", self.page(), encode(step))
    }

    /// A log of the run.
    pub fn log(&self, key: &str) -> String {
        format!("{}?tab=logs&log={}", self.page(), encode(key))
    }
}
